"""The generator of a profile: a chat model in GGUF, or a sequence-to-sequence model. A profile can do without."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from korea_nlp.errors import WeightsError
from korea_nlp.models import loading
from korea_nlp.models.cache import remember
from korea_nlp.models.weights import Checkpoint, Profile, load_profile, locate
from korea_nlp.paths import ASSETS

ADDITION = "writer.gguf"
HEADLINE = "Headline:"
BREAK = 198
"""Qwen's token of a line break. It stands between a passage and what is asked: so each is cut into tokens by itself."""
CONTEXT, THREADS = 2048, 2  # other numbers give other roundings, and other words


def has_generator(profile: str | Profile = "bundled") -> bool:
    """Whether a profile names a generator, and the machine can run it; where it cannot, a warning says so once."""
    checkpoint = load_profile(profile).generator
    return checkpoint is not None and (_chat_file(checkpoint) is None or _has_llama())


def follows_grammar(profile: str | Profile = "bundled") -> bool:
    """Whether the generator can be held to a grammar: a chat model in GGUF, and no sequence-to-sequence model."""
    checkpoint = load_profile(profile).generator
    return checkpoint is not None and _chat_file(checkpoint) is not None


def _chat_file(checkpoint: Checkpoint) -> Path | None:
    return min(Path(locate(checkpoint)).glob("*.gguf"), default=None)


@lru_cache(maxsize=1)
def _has_llama() -> bool:
    if found := find_spec("xllamacpp"):
        return bool(found)
    warnings.warn(
        "xllamacpp is not installed, which has no wheel for some machines: nothing is written, and the article's "
        "own sentences stand in the summary",
        stacklevel=2,
    )
    return False


def generate(
    prompt: str,
    profile: str | Profile = "bundled",
    system: str = "",
    examples: Sequence[Sequence[str]] = (),
    grammar: str = "",
    max_new_tokens: int = 96,
) -> str:
    """What the generator writes for a prompt: greedy, so that it writes the same again.

    Parameters
    ----------
    prompt
        All that a sequence-to-sequence model gets.
    system, examples
        What a chat model is told first, and pairs of a prompt and the answer to it.
    grammar
        In GBNF: what a chat model may write.
    max_new_tokens
        Where it is cut off.

    Raises
    ------
    WeightsError
        The profile has no generator, or it cannot be loaded.
    """
    profile = load_profile(profile)
    checkpoint = profile.generator
    if checkpoint is None:
        raise WeightsError(f"the profile {profile.name!r} has no generator")

    question = (prompt, system, tuple(map(tuple, examples)), grammar, max_new_tokens)

    def write(_: list) -> list[str]:
        if follows_grammar(profile):
            return [_answer(checkpoint, *question)]
        return [_write(checkpoint, prompt, max_new_tokens)]

    return remember("texts", checkpoint, [question], write)[0]


def has_writer(profile: str | Profile = "bundled") -> bool:
    """Whether the generator has learnt to write headlines (`korea_nlp.training.writer`), and the machine can run it."""
    checkpoint = load_profile(profile).generator
    return checkpoint is not None and checkpoint.adapter is not None and _has_llama()


def write_headline(passage: Sequence[str], profile: str | Profile = "bundled") -> str:
    """A headline, the likeliest words, for the first sentences of an article; ``""`` if they or it are too long.

    Only for a profile that has a writer (`has_writer`).
    """
    checkpoint = load_profile(profile).generator

    def ask(asked: list[str]) -> list[str]:
        return [_continue(checkpoint, [one, BREAK, HEADLINE]) for one in asked]

    return remember("headlines", checkpoint, [numbered(passage)], ask)[0]


def numbered(passage: Sequence[str]) -> str:
    """A passage as a writer reads it: a numbered sentence a line, and nothing in it is a control word of the model."""
    plain = (" ".join(text.replace("<|", "< |").split()) for text in passage)
    return "".join(f"{n}. {text}\n" for n, text in enumerate(plain, 1))


def _continue(checkpoint: Checkpoint, prompt: list[str | int]) -> str:
    """The line that a writer goes on with, or ``""`` if it does not end."""
    given = _chat(checkpoint).handle_completions({
        "prompt": prompt, "temperature": 0, "seed": 0, "n_predict": 32, "stop": ["\n"], "cache_prompt": False,
        "lora": [{"id": 0, "scale": 1.0}],
    })  # fmt: skip
    if "exceed_context_size" in str(given.get("error")):
        return ""
    if "choices" not in given:
        raise WeightsError(f"the generator gave no answer: {given.get('error', given)}")
    found = given["choices"][0]
    return found["text"].strip() if found["finish_reason"] == "stop" else ""


def _answer(checkpoint: Checkpoint, prompt: str, system: str, examples: tuple, grammar: str, most: int) -> str:
    """What a chat model answers to the last of several turns."""
    turns = [("system", system)]
    for question, answer in examples:
        turns += [("user", question), ("assistant", answer)]
    turns.append(("user", prompt))
    given = _chat(checkpoint).handle_chat_completions({
        "messages": [{"role": role, "content": text} for role, text in turns],
        "temperature": 0, "seed": 0, "max_tokens": most, "grammar": grammar,
        **({} if checkpoint.adapter is None else {"lora": [{"id": 0, "scale": 0.0}]}),
    })  # fmt: skip
    if "choices" not in given:
        raise WeightsError(f"the generator gave no answer: {given.get('error', given)}")
    return given["choices"][0]["message"]["content"]


@lru_cache(maxsize=1)
def _chat(checkpoint: Checkpoint):
    """A chat model, and what it has learnt, served within this process by llama.cpp with fixed threads and batches."""
    with loading("generator", checkpoint):
        import xllamacpp

        settings = xllamacpp.CommonParams()
        settings.model.path = str(_chat_file(checkpoint))
        if checkpoint.adapter is not None:
            addition = xllamacpp.CommonAdapterLoraInfo()
            addition.path, addition.scale = str(ASSETS / checkpoint.adapter / ADDITION), 0.0
            settings.lora_adapters = [addition]
        settings.n_ctx, settings.n_batch, settings.n_ubatch = CONTEXT, CONTEXT // 4, CONTEXT // 4
        settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = THREADS
        settings.n_parallel, settings.warmup, settings.verbosity = 1, False, 0
        return xllamacpp.Server(settings)


def _write(checkpoint: Checkpoint, prompt: str, most: int) -> str:
    """What a sequence-to-sequence model makes of a text."""
    import torch

    tokenizer, model = _sequence_to_sequence(checkpoint)
    inputs = tokenizer(prompt, return_tensors="pt", truncation=True)
    inputs.pop("token_type_ids", None)
    with torch.inference_mode():
        out = model.generate(**inputs, max_new_tokens=most, do_sample=False, pad_token_id=tokenizer.pad_token_id)
    return tokenizer.decode(out[0], skip_special_tokens=True).strip()


@lru_cache(maxsize=2)
def _sequence_to_sequence(checkpoint: Checkpoint):
    with loading("generator", checkpoint) as where:
        from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

        model = AutoModelForSeq2SeqLM.from_pretrained(where, use_safetensors=True, dtype="float32").eval()
        return AutoTokenizer.from_pretrained(where), model
