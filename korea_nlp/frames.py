"""What a sentence makes its matter a matter of."""

from __future__ import annotations

import tomllib
import warnings
from functools import lru_cache

import numpy as np
import pandas as pd

from korea_nlp.article import Article
from korea_nlp.models import embed
from korea_nlp.models.weights import Profile
from korea_nlp.paths import ASSETS

NONE = "none"
COLUMNS = ["sentence", "frame", "probability", "start", "end", "text"]
THRESHOLD = 0.3  # gives the best macro-F1 in five folds of the sentences that it is fitted to
WEIGHTS = ASSETS / "frames.safetensors"


def find_frames(article: Article) -> pd.DataFrame:
    """Find the frames of each sentence.

    After Entman (1993), Neuman, Just and Crigler (1992), Semetko and Valkenburg (2000); each frame of
    ``assets/frames.toml`` names its source. A frame's probability comes from a logistic regression on the sentence's
    embedding, fitted to labelled sentences (``data/frames``).

    Returns
    -------
    DataFrame
        One row per sentence and frame of a `probability` of 0.3 or more, or one row with the frame ``none``
        and the probability of the likeliest one, taken from 1, where none has that: `sentence`, `frame`,
        `probability` (0 to 1), `start`, `end`, `text` (the sentence). No rows, and a warning, if the profile's
        embedding model is not the one that the frames were fitted with.

    Examples
    --------
    >>> from korea_nlp import find_frames, parse_article
    >>> article = parse_article("Rice prices doubled in May. The army fired two missiles.")
    >>> find_frames(article)[["sentence", "frame"]]
       sentence            frame
    0         1          economy
    1         2  security threat
    """
    scores = score_frames(list(article.sentences["text"]), article.profile)
    rows = []
    for sentence, found in zip(article.sentences.itertuples(), scores.to_dict("records"), strict=False):
        fits = {name: p for name, p in found.items() if p >= THRESHOLD}
        for name in sorted(fits, key=fits.get, reverse=True) or [NONE]:
            probability = fits.get(name, 1 - max(found.values()))
            rows.append((sentence.sentence, name, probability, sentence.start, sentence.end, sentence.text))
    return pd.DataFrame(rows, columns=COLUMNS)


def score_frames(texts: list[str], profile: str | Profile = "bundled") -> pd.DataFrame:
    """The probability of each frame (columns) for each text (rows); a text can have several, or none."""
    names, (weights, biases) = frame_names(), _fitted()
    vectors = embed(texts, profile)
    if vectors.shape[1] != weights.shape[1]:
        warnings.warn(
            "the frames were fitted with another embedding model, so none are looked for; "
            "korea_nlp.training.frames fits them anew",
            stacklevel=2,
        )
        return pd.DataFrame(columns=names, dtype=float)
    return pd.DataFrame(1 / (1 + np.exp(-(vectors @ weights.T + biases).astype(float))), columns=names)


@lru_cache(maxsize=1)
def frame_names() -> list[str]:
    """The frames that are looked for."""
    return list(tomllib.loads((ASSETS / "frames.toml").read_text(encoding="utf-8")))


@lru_cache(maxsize=1)
def _fitted() -> tuple[np.ndarray, np.ndarray]:
    """Weights, shape (frames, dimensions), and biases, shape (frames,)."""
    from safetensors.numpy import load_file

    kept = load_file(WEIGHTS)
    return kept["weights"], kept["biases"]
