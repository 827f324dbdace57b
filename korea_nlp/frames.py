"""What a sentence makes its matter a matter of: security, diplomacy, power at home, money, suffering, blame.

Two models have a say: the embedding model compares the sentence with descriptions of each frame, the
entailment model is asked plain hypotheses about it. How much each counts was fitted on labelled sentences
(`korea_nlp.training.frames`).
"""

from __future__ import annotations

import tomllib
from functools import lru_cache

import numpy as np
import pandas as pd

from korea_nlp.article import Article
from korea_nlp.models import embed, entail
from korea_nlp.weights import ASSETS, Profile

NONE = "none"
COLUMNS = ["sentence", "frame", "probability", "start", "end", "text"]
THRESHOLD = 0.5
EVIDENCE = ("similarity", "contrast", "entailment")
_NEAREST = 2  # how many descriptions of a frame a sentence is compared with


def find_frames(article: Article) -> pd.DataFrame:
    """Find the frames of each sentence.

    After Entman (1993), Neuman, Just and Crigler (1992), Semetko and Valkenburg (2000); each frame of
    ``assets/frames.toml`` names its source. A frame's probability comes from a logistic regression on three
    numbers: how like the sentence is to the two nearest descriptions of the frame (cosine); the same, less
    its mean over all frames; and how far the sentence entails the best of the frame's hypotheses (log-odds,
    less what the model answers to them on average, a calibration after Zhao et al. 2021, "Calibrate Before
    Use"), less its mean over all frames.

    Returns
    -------
    DataFrame
        One row per sentence and frame of a `probability` of 0.5 or more, or one row with the frame ``none``
        and the probability that no frame fits, where none has that: `sentence`, `frame`, `probability` (0 to
        1), `start`, `end`, `text` (the sentence).
    """
    scores = score_frames(list(article.sentences["text"]), article.profile)
    rows = []
    for sentence, found in zip(article.sentences.itertuples(), scores.to_dict("records"), strict=True):
        fits = {name: p for name, p in found.items() if p >= THRESHOLD}
        for name in sorted(fits, key=fits.get, reverse=True) or [NONE]:
            probability = fits.get(name, 1 - max(found.values()))
            rows.append((sentence.sentence, name, probability, sentence.start, sentence.end, sentence.text))
    return pd.DataFrame(rows, columns=COLUMNS)


def score_frames(texts: list[str], profile: str | Profile = "bundled") -> pd.DataFrame:
    """The probability of each frame (columns) for each text (rows); a text can have several, or none."""
    names = frame_names()
    if not texts:
        return pd.DataFrame(columns=names, dtype=float)
    decision = _settings()["decision"]
    features = evidence(texts, np.array(decision["usual"]), profile)
    logits = decision["bias"] + features @ np.array([decision[name] for name in EVIDENCE])
    return pd.DataFrame(1 / (1 + np.exp(-logits)), columns=names)


def frame_names() -> list[str]:
    """The frames that are looked for."""
    return list(_settings()["frames"])


@lru_cache(maxsize=1)
def _settings() -> dict:
    return tomllib.loads((ASSETS / "frames.toml").read_text(encoding="utf-8"))


def evidence(texts: list[str], usual: np.ndarray, profile: str | Profile = "bundled") -> np.ndarray:
    """The three numbers of `EVIDENCE` for each text and frame, shape (texts, frames, 3).

    `usual` are the mean `log_odds` of each frame, shape (frames,).
    """
    similar, entailed = _similarity(texts, profile), log_odds(texts, profile) - usual
    contrast, entailed = (scores - scores.mean(axis=1, keepdims=True) for scores in (similar, entailed))
    return np.stack([similar, contrast, entailed], axis=-1)


def _similarity(texts: list[str], profile: str | Profile) -> np.ndarray:
    """Mean cosine of each text to the nearest descriptions of each frame."""
    vectors = embed(texts, profile)
    cosines = [vectors @ embed(frame["descriptions"], profile).T for frame in _settings()["frames"].values()]
    nearest = [np.sort(cosine, axis=1)[:, -_NEAREST:].mean(axis=1) for cosine in cosines]
    return np.stack(nearest, axis=1).astype(float)


def log_odds(texts: list[str], profile: str | Profile = "bundled") -> np.ndarray:
    """Log-odds that each text entails the best hypothesis of each frame, shape (texts, frames)."""
    columns = []
    for frame in _settings()["frames"].values():
        asked = frame["hypotheses"]
        found = entail([text for text in texts for _ in asked], asked * len(texts), profile)[:, 0]
        best = found.reshape(len(texts), len(asked)).max(axis=1).clip(1e-4, 1 - 1e-4)
        columns.append(np.log(best / (1 - best)))
    return np.stack(columns, axis=1)
