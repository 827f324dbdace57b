"""The four models of a profile: language, embedding, generator and entailment.

Each is loaded when it is first asked for, and once. Everything runs on the CPU in single
precision with fixed batch sizes, so that the same article gives the same numbers again.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import tempfile
import warnings
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from korea_nlp.cache import remember
from korea_nlp.errors import WeightsError
from korea_nlp.reader import BATCH, MAX_TOKENS, SETTINGS, STEP, Passage, Reader, scaled
from korea_nlp.weights import ASSETS, Checkpoint, Profile, cache_dir, load_profile, locate

if TYPE_CHECKING:
    from spacy.language import Language

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


def generate(
    prompt: str,
    profile: str | Profile = "bundled",
    candidates: int = 1,
    max_new_tokens: int = 80,
    system: str | None = None,
    seed: int = 0,
) -> list[str]:
    """Texts that the generator writes for a prompt.

    The first is greedy; the others are sampled (temperature 0.7, nucleus 0.9) with a fixed seed.
    A sequence-to-sequence generator gets the prompt as it is and ignores `system`.

    Returns
    -------
    list of str
        At most `candidates` texts, without duplicates.
    """
    checkpoint = load_profile(profile).generator
    question = (prompt, candidates, max_new_tokens, system, seed)
    return remember("texts", checkpoint, [question], lambda asked: [_write(checkpoint, *asked[0])])[0]


def _write(
    checkpoint: Checkpoint, prompt: str, candidates: int, max_new_tokens: int, system: str | None, seed: int
) -> list[str]:
    import torch

    tokenizer, model, is_chat = _generator(checkpoint)
    if is_chat and tokenizer.chat_template:
        turns = [{"role": "system", "content": system}] if system else []
        turns.append({"role": "user", "content": prompt})
        inputs = tokenizer.apply_chat_template(
            turns, add_generation_prompt=True, return_tensors="pt", return_dict=True
        )
    else:
        inputs = tokenizer(prompt, return_tensors="pt", truncation=True, max_length=1024)
    inputs = {k: v for k, v in inputs.items() if k in ("input_ids", "attention_mask")}
    skip = inputs["input_ids"].shape[1] if is_chat else 0
    options = {
        "max_new_tokens": max_new_tokens,
        "pad_token_id": tokenizer.pad_token_id or tokenizer.eos_token_id,
    }
    with torch.inference_mode():
        written = list(model.generate(**inputs, do_sample=False, num_beams=1, **options))
        if candidates > 1:
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(seed)
                written += model.generate(
                    **inputs, do_sample=True, temperature=0.7, top_p=0.9, num_beams=1,
                    num_return_sequences=candidates - 1, **options,
                )  # fmt: skip
    texts = [tokenizer.decode(tokens[skip:], skip_special_tokens=True).strip() for tokens in written]
    return list(dict.fromkeys(text for text in texts if text))


@lru_cache(maxsize=2)
def _generator(checkpoint: Checkpoint):
    where = locate(checkpoint)
    with _loading("generator", where):
        from transformers import (
            AutoConfig,
            AutoModelForCausalLM,
            AutoModelForSeq2SeqLM,
            AutoTokenizer,
        )

        if list(Path(where).glob("*.gguf")) if Path(where).is_dir() else False:
            where = str(_converted(Path(where)))
        is_chat = not AutoConfig.from_pretrained(where).is_encoder_decoder
        kind = AutoModelForCausalLM if is_chat else AutoModelForSeq2SeqLM
        model = kind.from_pretrained(where, use_safetensors=True, dtype="float32").eval()
        model.generation_config.temperature = None
        model.generation_config.top_p = None
        model.generation_config.top_k = None
        return AutoTokenizer.from_pretrained(where), model, is_chat


def _converted(folder: Path) -> Path:
    """A safetensors copy (half precision) of a GGUF checkpoint, made once in the cache."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    gguf = next(iter(sorted(folder.glob("*.gguf"))))
    ready = cache_dir() / "converted" / f"{gguf.stem}-{gguf.stat().st_size}"
    if (ready / "model.safetensors").exists():
        return ready
    ready.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ready.parent) as part:
        half = Path(part) / "half"
        with contextlib.redirect_stderr(io.StringIO()):  # a progress bar that has no switch
            tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=gguf.name)
            model = AutoModelForCausalLM.from_pretrained(folder, gguf_file=gguf.name, dtype="float16")
        model.hf_quantizer = None  # the weights are not quantized any more, and may be saved
        model.config.__dict__.pop("quantization_config", None)
        model.save_pretrained(half)
        tokenizer.save_pretrained(half)
        with contextlib.suppress(OSError):  # another process was faster
            os.replace(half, ready)
    return ready


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
