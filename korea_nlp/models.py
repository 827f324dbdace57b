"""The four models of a profile: language, embedding, generator and entailment.

Each is loaded when it is first asked for, and once. Everything runs on the CPU in single
precision with fixed batch sizes, so that the same article gives the same numbers again.
"""

from __future__ import annotations

import contextlib
import json
import os
import warnings
from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from korea_nlp.cache import remember
from korea_nlp.errors import WeightsError
from korea_nlp.reader import BATCH, MAX_TOKENS, SETTINGS, STEP, Passage, Reader, scaled
from korea_nlp.weights import ASSETS, Checkpoint, Profile, load_profile, locate

if TYPE_CHECKING:
    from spacy.language import Language

CONTEXT, THREADS = 2048, 2  # of the generator; other numbers give other roundings, and other words
os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # idle threads of one library leave the cores to another
PLANS = 32  # that kernels keep: more than the layers of a batch need


@contextlib.contextmanager
def _loading(what: str, where: str):
    """Quiet loading; whatever a library raises becomes one line."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what libraries tell each other
            import transformers

            transformers.utils.logging.disable_progress_bar()
            transformers.utils.logging.set_verbosity_error()
            yield
    except WeightsError:
        raise
    except Exception as problem:  # the libraries raise anything from OSError to KeyError
        first = str(problem).strip().split("\n")[0][:200]
        raise WeightsError(
            f"the {what} checkpoint {where!r} cannot be loaded ({type(problem).__name__}: {first}); "
            "name a folder or hub id that holds one, or run 'korea-nlp weights'"
        ) from problem


def language(profile: str | Profile = "bundled") -> Language:
    """The spaCy pipeline that splits sentences, tags, parses and finds names."""
    return _language(load_profile(profile).language)


@lru_cache(maxsize=4)
def _language(checkpoint: Checkpoint) -> Language:
    import spacy

    where = locate(checkpoint)
    with _loading("language", where):
        return spacy.load(where)


def embed(texts: list[str], profile: str | Profile = "bundled") -> np.ndarray:
    """Sentence embeddings.

    Returns
    -------
    numpy.ndarray
        Shape (len(texts), dimensions), rows of length 1: their dot product is the cosine.
    """
    model = _embedding(load_profile(profile).embedding)
    if not texts:
        return np.zeros((0, model.get_embedding_dimension()), dtype=np.float32)
    return model.encode(list(texts), batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False)


@lru_cache(maxsize=4)
def _embedding(checkpoint: Checkpoint):
    where = locate(checkpoint)
    with _loading("embedding", where):
        from sentence_transformers import SentenceTransformer

        return _packed(SentenceTransformer(where, device="cpu", trust_remote_code=False))


def _packed(model):
    """The model with its weights laid out, once, as the kernels of oneDNN read them.

    The same numbers but for rounding, in half of the time on an AMD processor with AVX-512, and no faster
    without it. The kernels keep a plan for each shape of a batch that they have met, 1,024 of them unless
    told otherwise: some hundred megabytes, which grow with the number of articles.
    """
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", str(PLANS))
    import torch
    from torch.utils.mkldnn import to_mkldnn

    fit = torch.backends.mkldnn.is_available() and torch.backends.cpu.get_cpu_capability() == "AVX512"
    return to_mkldnn(model.eval()) if fit else model.eval()


def has_generator(profile: str | Profile = "bundled") -> bool:
    """Whether a profile names a generator, and the machine can run it; where it cannot, a warning says so once."""
    checkpoint = load_profile(profile).generator
    return checkpoint is not None and (not _is_chat(checkpoint) or _has_llama())


def follows_grammar(profile: str | Profile = "bundled") -> bool:
    """Whether the generator can be held to a grammar: a chat model in GGUF, and no sequence-to-sequence model."""
    checkpoint = load_profile(profile).generator
    return checkpoint is not None and _is_chat(checkpoint)


def _is_chat(checkpoint: Checkpoint) -> bool:
    return next(Path(locate(checkpoint)).glob("*.gguf"), None) is not None


@lru_cache(maxsize=1)
def _has_llama() -> bool:
    if not find_spec("xllamacpp"):
        warnings.warn(
            "xllamacpp is not installed, which has no wheel for some machines: nothing is written, and the article's "
            "own sentences stand in the summary",
            stacklevel=2,
        )
    return bool(find_spec("xllamacpp"))


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
    system, examples
        What a chat model is told first, and pairs of a prompt and the answer to it.
    grammar
        In GBNF: what it may write.

    A sequence-to-sequence model gets the prompt alone.

    Raises
    ------
    WeightsError
        The profile has no generator, or it cannot be loaded.
    """
    profile = load_profile(profile)
    if profile.generator is None:
        raise WeightsError(f"the profile {profile.name!r} has no generator")
    question = (prompt, system, tuple(map(tuple, examples)), grammar, max_new_tokens)
    return remember(
        "texts", profile.generator, [question], lambda asked: [_write(profile.generator, *asked[0])]
    )[0]


def _write(
    checkpoint: Checkpoint, prompt: str, system: str, examples: Sequence[Sequence[str]], grammar: str, most: int
) -> str:
    if _is_chat(checkpoint):
        shown = [turn for pair in examples for turn in zip(("user", "assistant"), pair, strict=True)]
        turns = [("system", system), *shown]
        asked = {
            "messages": [{"role": role, "content": text} for role, text in [*turns, ("user", prompt)]],
            "temperature": 0, "seed": 0, "max_tokens": most, "grammar": grammar,
        }  # fmt: skip
        answer = _chat(checkpoint).handle_chat_completions(asked)
        if "choices" not in answer:
            raise WeightsError(f"the generator gave no answer: {answer.get('error', answer)}")
        return answer["choices"][0]["message"]["content"]
    import torch

    tokenizer, model = _sequence_to_sequence(checkpoint)
    inputs = tokenizer(prompt, return_tensors="pt", truncation=True)
    inputs.pop("token_type_ids", None)
    with torch.inference_mode():
        out = model.generate(**inputs, max_new_tokens=most, do_sample=False, pad_token_id=tokenizer.pad_token_id)
    return tokenizer.decode(out[0], skip_special_tokens=True).strip()


@lru_cache(maxsize=1)
def _chat(checkpoint: Checkpoint):
    """A chat model, served within this process by llama.cpp with fixed threads and batches."""
    where = locate(checkpoint)
    with _loading("generator", where):
        import xllamacpp

        settings = xllamacpp.CommonParams()
        settings.model.path = str(next(iter(sorted(Path(where).glob("*.gguf")))))
        settings.n_ctx, settings.n_batch, settings.n_ubatch = CONTEXT, CONTEXT // 4, CONTEXT // 4
        settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = THREADS
        settings.n_parallel, settings.warmup, settings.verbosity = 1, False, 0
        return xllamacpp.Server(settings)


@lru_cache(maxsize=2)
def _sequence_to_sequence(checkpoint: Checkpoint):
    where = locate(checkpoint)
    with _loading("generator", where):
        from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

        model = AutoModelForSeq2SeqLM.from_pretrained(where, use_safetensors=True, dtype="float32").eval()
        return AutoTokenizer.from_pretrained(where), model


def has_reader(profile: str | Profile = "bundled") -> bool:
    """Whether a profile's entailment checkpoint is a trained reader, and no plain classifier."""
    return load_profile(profile).entailment.adapter is not None


@lru_cache(maxsize=4)
def _reader(checkpoint: Checkpoint) -> Reader:
    from korea_nlp.reader import load_reader

    where = locate(checkpoint)
    with _loading("entailment", checkpoint.adapter or where):
        model = load_reader(Path(where), ASSETS / (checkpoint.adapter or ""))
        model.network = _packed(model.network)
        return model


def read(passages: Sequence[Passage], profile: str | Profile = "bundled") -> list[np.ndarray]:
    """The reader's logits of favor, against, none of each passage's pairs, shape (pairs, 3) each."""
    checkpoint = load_profile(profile).entailment

    def ask(asked: list[tuple]) -> list:
        return [table.tolist() for table in _reader(checkpoint).stances([Passage(*one) for one in asked])]

    questions = [(p.context, p.text, tuple(p.mentions), tuple(p.pairs)) for p in passages]
    return [np.array(rows).reshape(-1, 3) for rows in remember("stances", checkpoint, questions, ask)]


def read_pairs(
    premises: Sequence[str], hypotheses: Sequence[str], profile: str | Profile = "bundled"
) -> np.ndarray:
    """Logits of pairs of texts, shape (pairs, 6): `korea_nlp.network.Network.sentence_pair`."""
    checkpoint = load_profile(profile).entailment
    return _remembered(
        "pairs", checkpoint, premises, hypotheses,
        lambda pairs: _reader(checkpoint).sentence_pairs(*zip(*pairs, strict=True)).tolist(),
    )  # fmt: skip


def _remembered(task: str, checkpoint: Checkpoint, premises, hypotheses, ask) -> np.ndarray:
    """Answers to pairs of texts, each asked once."""
    asked = list(zip(premises, hypotheses, strict=True))
    pairs = sorted(set(asked))
    answers = dict(zip(pairs, remember(task, checkpoint, pairs, ask), strict=True))
    return np.array([answers[pair] for pair in asked], dtype=float).reshape(len(asked), -1)


def entail(
    premises: Sequence[str], hypotheses: Sequence[str], profile: str | Profile = "bundled"
) -> np.ndarray:
    """How far each premise entails, leaves open, or contradicts its hypothesis.

    Returns
    -------
    numpy.ndarray
        Shape (len(premises), 3): probabilities of entailment, neutral, contradiction; rows sum to 1. A
        two-way checkpoint puts all that is not entailment under neutral.
    """
    if not len(premises):
        return np.zeros((0, 3))
    if has_reader(profile):
        logits = read_pairs(premises, hypotheses, profile)[:, :3]
        return calibrate(logits, ["entailment"] * len(logits), profile)
    checkpoint = load_profile(profile).entailment
    return _remembered(
        "entailment", checkpoint, premises, hypotheses, lambda pairs: _classify(checkpoint, pairs)
    )


def check_claims(
    texts: Sequence[str], claims: Sequence[str], profile: str | Profile = "bundled"
) -> np.ndarray:
    """How surely each text supports its claim, shape (len(texts),), 0 to 1.

    By what the profile's reader has learnt of claims; else as entailment.
    """
    if not len(texts):
        return np.zeros(0)
    checkpoint = load_profile(profile).entailment
    if not has_reader(profile) or "support" not in settings_of(checkpoint).get("calibration", {}):
        return entail(texts, claims, profile)[:, 0]
    logits = _remembered(
        "claims", checkpoint, texts, claims,
        lambda pairs: _reader(checkpoint).claims(*zip(*pairs, strict=True)).tolist(),
    )  # fmt: skip
    return calibrate(logits, ["support"] * len(logits), profile)[:, 0]


def calibrate(logits: np.ndarray, kinds: Sequence[str], profile: str | Profile = "bundled") -> np.ndarray:
    """Probabilities from the reader's logits, each kind of question by its own settings."""
    checkpoint = load_profile(profile).entailment
    return scaled(logits, kinds, settings_of(checkpoint)["calibration"])


@lru_cache(maxsize=8)
def settings_of(checkpoint: Checkpoint) -> dict:
    """What came with a reader's adapter: calibration and validation figures."""
    with _loading("entailment", checkpoint.adapter or checkpoint.location):
        return json.loads((ASSETS / (checkpoint.adapter or "") / SETTINGS).read_text(encoding="utf-8"))


def _classify(checkpoint: Checkpoint, pairs: list[tuple[str, str]]) -> list[list[float]]:
    """What a plain classifier says of (premise, hypothesis) pairs, in batches of like length."""
    import torch

    tokenizer, model, entailed, contradicted = _classifier(checkpoint)
    most = min(MAX_TOKENS, tokenizer.model_max_length)
    encoded = tokenizer(*zip(*pairs, strict=True), truncation="longest_first", max_length=most)
    order = sorted(range(len(pairs)), key=lambda place: len(encoded["input_ids"][place]))
    scores = np.zeros((len(pairs), 3))
    for i in range(0, len(pairs), BATCH):
        chosen = order[i : i + BATCH]
        batch = {name: [values[place] for place in chosen] for name, values in encoded.items()}
        with torch.inference_mode():
            logits = model(**tokenizer.pad(batch, pad_to_multiple_of=STEP, return_tensors="pt")).logits
        table = torch.softmax(logits.double(), -1).numpy()
        yes = table[:, entailed]
        no = table[:, contradicted] if contradicted is not None else np.zeros(len(chosen))
        scores[chosen] = np.stack([yes, 1 - yes - no, no], axis=1)
    return scores.tolist()


@lru_cache(maxsize=2)
def _classifier(checkpoint: Checkpoint):
    """Tokenizer and model of a plain classifier, and where it has entailment and contradiction."""
    where = locate(checkpoint)
    with _loading("entailment", where):
        from transformers import AutoModelForSequenceClassification, AutoTokenizer

        model = AutoModelForSequenceClassification.from_pretrained(where, use_safetensors=True)
        names = {str(name).lower(): place for place, name in model.config.id2label.items()}
        if "entailment" not in names:
            raise WeightsError(
                f"the entailment checkpoint has the labels {sorted(names)}, not 'entailment'; "
                "name a natural language inference model"
            )
        tokenizer = AutoTokenizer.from_pretrained(where)
        return tokenizer, _packed(model), names["entailment"], names.get("contradiction")
