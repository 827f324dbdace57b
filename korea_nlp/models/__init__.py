"""The models of a profile that read: language, embedding and entailment; `generator` has the one that writes.

Each is loaded when it is first asked for, and once. Everything runs on the CPU in single
precision with fixed batch sizes, so that the same article gives the same numbers again.
"""

from __future__ import annotations

import contextlib
import json
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from korea_nlp.errors import WeightsError
from korea_nlp.models.cache import remember
from korea_nlp.models.weights import Checkpoint, Profile, load_profile, locate
from korea_nlp.paths import ASSETS
from korea_nlp.reader import BATCH, MAX_TOKENS, SETTINGS, Passage, Reader, in_batches, kind_of, load_reader, scaled
from korea_nlp.reader.linker import Links
from korea_nlp.reader.words import Words

if TYPE_CHECKING:
    from spacy.language import Language

os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # idle threads of one library leave the cores to another
PLANS = 32  # that kernels keep: more than the layers of a batch need


@contextlib.contextmanager
def loading(role: str, checkpoint: Checkpoint) -> Iterator[str]:
    """Load a checkpoint quietly from where it is; whatever a library raises becomes a `WeightsError` of one line."""
    where = locate(checkpoint)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what libraries tell each other
            import transformers

            transformers.utils.logging.disable_progress_bar()
            transformers.utils.logging.set_verbosity_error()
            yield where
    except WeightsError:
        raise
    except Exception as problem:  # the libraries raise anything from OSError to KeyError
        first = str(problem).strip().split("\n")[0][:200]
        raise WeightsError(
            f"the {role} checkpoint {checkpoint.adapter or where!r} cannot be loaded "
            f"({type(problem).__name__}: {first}); "
            "name a folder or hub id that holds one, or run 'korea-nlp weights'"
        ) from problem


def language(profile: str | Profile = "bundled") -> Language:
    """The spaCy pipeline that splits sentences, tags, parses and finds names."""
    return _language(load_profile(profile).language)


@lru_cache(maxsize=4)
def _language(checkpoint: Checkpoint) -> Language:
    import spacy

    with loading("language", checkpoint) as where:
        return spacy.load(where)


def embed(texts: list[str], profile: str | Profile = "bundled") -> np.ndarray:
    """Sentence embeddings.

    Returns
    -------
    numpy.ndarray
        Shape (len(texts), dimensions), rows of length 1: their dot product is the cosine.
    """
    checkpoint = load_profile(profile).embedding
    if not texts:
        return np.zeros((0, _embedding(checkpoint).get_embedding_dimension()), dtype=np.float32)

    def ask(asked: list[str]) -> list[list[float]]:
        encoded = _embedding(checkpoint).encode
        return encoded(asked, batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False).tolist()

    return np.array(remember("vectors", checkpoint, list(texts), ask), dtype=np.float32)


@lru_cache(maxsize=4)
def _embedding(checkpoint: Checkpoint):
    with loading("embedding", checkpoint) as where:
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


def has_reader(profile: str | Profile = "bundled") -> bool:
    """Whether a profile's entailment checkpoint is a trained reader, and no plain classifier."""
    return load_profile(profile).entailment.adapter is not None


@lru_cache(maxsize=4)
def _reader(checkpoint: Checkpoint) -> Reader:
    with loading("entailment", checkpoint) as where:
        reader = load_reader(Path(where), ASSETS / checkpoint.adapter)
        reader.network = _packed(reader.network)
        return reader


@lru_cache(maxsize=8)
def _calibration(checkpoint: Checkpoint) -> dict[str, dict]:
    """How a reader's answers to each kind of question are calibrated: see `korea_nlp.reader.scaled`.

    Kinds are ``actor``, ``author``, ``sentence`` (whose stance it is), ``proposition`` (the author's toward
    one), ``entailment`` and ``support``.
    """
    with loading("entailment", checkpoint):
        return json.loads((ASSETS / checkpoint.adapter / SETTINGS).read_text(encoding="utf-8"))["calibration"]


def read_passages(passages: Sequence[Passage], profile: str | Profile = "bundled") -> np.ndarray:
    """What a profile's reader says of all pairs of passages: favor, against, none, shape (pairs, 3)."""
    checkpoint = load_profile(profile).entailment

    def ask(asked: list[tuple]) -> list:
        return [table.tolist() for table in _reader(checkpoint).stances([Passage(*one) for one in asked])]

    questions = [(p.context, p.text, tuple(p.mentions), tuple(p.pairs)) for p in passages]
    logits = [row for rows in remember("stances", checkpoint, questions, ask) for row in rows]
    kinds = [kind_of(holder, passage.spoken) for passage in passages for holder, _ in passage.pairs]
    return scaled(logits, kinds, _calibration(checkpoint))


def read_pairs(
    texts: Sequence[str], others: Sequence[str], kind: str, profile: str | Profile = "bundled"
) -> np.ndarray:
    """What a profile's reader says of pairs of texts, shape (pairs, 3).

    Of the kind ``entailment``, whether the first entails, leaves open, or contradicts the other; of the kind
    ``proposition``, whether its writer is for or against the other, or neither.
    """
    checkpoint = load_profile(profile).entailment
    logits = _ask_once("pairs", checkpoint, texts, others, lambda pairs: _reader(checkpoint).sentence_pairs(pairs))
    logits = logits[:, :3] if kind == "entailment" else logits[:, 3:]
    return scaled(logits, [kind] * len(logits), _calibration(checkpoint))


def read_links(words: Words, profile: str | Profile = "bundled") -> Links:
    """Whom the words of an article stand for, its events and issues, as the profile's reader reads them."""
    checkpoint = load_profile(profile).entailment
    if checkpoint.adapter is None:
        return Links()

    def ask(asked: list[tuple]) -> list:
        found = [_reader(checkpoint).links(Words(*one)) for one in asked]
        return [([*links.meant.items()], links.events, links.issues, [*links.goes_on.items()]) for links in found]

    [(meant, events, issues, goes_on)] = remember("links", checkpoint, [tuple(vars(words).values())], ask)
    return Links({word: dict(whom) for word, whom in meant}, events, issues, dict(goes_on))


def entail(premises: Sequence[str], hypotheses: Sequence[str], profile: str | Profile = "bundled") -> np.ndarray:
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
        return read_pairs(premises, hypotheses, "entailment", profile)
    checkpoint = load_profile(profile).entailment
    return _ask_once("entailment", checkpoint, premises, hypotheses, lambda p: _classify(checkpoint, p))


def check_claims(texts: Sequence[str], claims: Sequence[str], profile: str | Profile = "bundled") -> np.ndarray:
    """How surely each text supports its claim, shape (len(texts),), 0 to 1.

    By what the profile's reader has learnt of claims; else as entailment.
    """
    if not len(texts):
        return np.zeros(0)
    checkpoint = load_profile(profile).entailment
    if not has_reader(profile) or "support" not in _calibration(checkpoint):
        return entail(texts, claims, profile)[:, 0]
    logits = _ask_once("claims", checkpoint, texts, claims, lambda p: _reader(checkpoint).claims(p))
    return scaled(logits, ["support"] * len(logits), _calibration(checkpoint))[:, 0]


def _ask_once(
    task: str, checkpoint: Checkpoint, premises: Sequence[str], hypotheses: Sequence[str],
    ask: Callable[[list[tuple[str, str]]], np.ndarray],
) -> np.ndarray:  # fmt: skip
    """Answers to pairs of texts, each different pair asked once."""
    asked = list(zip(premises, hypotheses, strict=True))
    pairs = sorted(set(asked))
    answers = dict(zip(pairs, remember(task, checkpoint, pairs, lambda p: ask(p).tolist()), strict=True))
    return np.array([answers[pair] for pair in asked], dtype=float).reshape(len(asked), -1)


def _classify(checkpoint: Checkpoint, pairs: list[tuple[str, str]]) -> np.ndarray:
    """Probabilities of entailment, neutral, contradiction by a plain classifier."""
    import torch

    tokenizer, model, entailed, contradicted = _classifier(checkpoint)
    scores = in_batches(
        tokenizer, lambda **batch: torch.softmax(model(**batch).logits.double(), -1), pairs,
        most=min(MAX_TOKENS, tokenizer.model_max_length),
    )  # fmt: skip
    yes = scores[:, entailed]
    no = scores[:, contradicted] if contradicted is not None else np.zeros(len(pairs))
    return np.stack([yes, 1 - yes - no, no], axis=1)


@lru_cache(maxsize=2)
def _classifier(checkpoint: Checkpoint):
    """Tokenizer and model of a plain classifier, and where it has entailment and contradiction."""
    with loading("entailment", checkpoint) as where:
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
