"""What a sentence makes its matter a matter of: security, diplomacy, power at home, money, suffering, blame.

Two models have a say: the embedding model compares the sentence with descriptions of each frame, the
entailment model is asked plain hypotheses about it. How much each counts was fitted on one half of sentences
labelled for the purpose; ``python -m korea_nlp.frames data/frames_dev.csv`` fits it again, and shows on the
other half what it is worth, beside what each model is worth alone.
"""

from __future__ import annotations

import sys
import tomllib
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from korea_nlp.article import Article
from korea_nlp.models import embed, entail
from korea_nlp.weights import Profile

NONE = "none"
COLUMNS = ["sentence", "frame", "probability", "start", "end", "text"]
THRESHOLD = 0.5
EVIDENCE = ("similarity", "contrast", "entailment")
_ASSET = Path(__file__).parent / "assets" / "frames.toml"
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
    sentences = article.sentences
    scores = score_frames(list(sentences["text"]), article.profile)
    rows = []
    for row, found in zip(sentences.itertuples(), scores.itertuples(index=False), strict=True):
        fits = [(name, p) for name, p in zip(scores.columns, found, strict=True) if p >= THRESHOLD]
        fits.sort(key=lambda pair: -pair[1])
        for name, p in fits or [(NONE, 1 - max(found))]:
            rows.append((row.sentence, name, float(p), row.start, row.end, row.text))
    return pd.DataFrame(rows, columns=COLUMNS)


def score_frames(texts: list[str], profile: str | Profile = "bundled") -> pd.DataFrame:
    """The probability of each frame (columns) for each text (rows); a text can have several, or none."""
    names = frame_names()
    if not texts:
        return pd.DataFrame(columns=names, dtype=float)
    decision = _settings()["decision"]
    evidence = _evidence(texts, profile, np.array(decision["usual"]))
    logits = decision["bias"] + evidence @ np.array([decision[name] for name in EVIDENCE])
    return pd.DataFrame(1 / (1 + np.exp(-logits)), columns=names)


def frame_names() -> list[str]:
    """The frames that are looked for."""
    return list(_settings()["frames"])


@lru_cache(maxsize=1)
def _settings() -> dict:
    return tomllib.loads(_ASSET.read_text(encoding="utf-8"))


def _evidence(texts: list[str], profile: str | Profile, usual: np.ndarray) -> np.ndarray:
    """The three numbers of each text and frame, shape (texts, frames, 3)."""
    similar, entailed = _similarity(texts, profile), _log_odds(texts, profile) - usual
    columns = similar, similar - similar.mean(axis=1, keepdims=True), entailed
    return np.stack([*columns[:2], entailed - entailed.mean(axis=1, keepdims=True)], axis=-1)


def _similarity(texts: list[str], profile: str | Profile) -> np.ndarray:
    """Mean cosine of each text to the nearest descriptions of each frame."""
    vectors = embed(texts, profile)
    cosines = [vectors @ embed(frame["descriptions"], profile).T for frame in _settings()["frames"].values()]
    nearest = [np.sort(cosine, axis=1)[:, -_NEAREST:].mean(axis=1) for cosine in cosines]
    return np.stack(nearest, axis=1).astype(float)


def _log_odds(texts: list[str], profile: str | Profile) -> np.ndarray:
    """Log-odds that each text entails the best hypothesis of each frame."""
    columns = []
    for frame in _settings()["frames"].values():
        asked = frame["hypotheses"]
        found = entail([text for text in texts for _ in asked], asked * len(texts), profile)[:, 0]
        best = found.reshape(len(texts), len(asked)).max(axis=1).clip(1e-4, 1 - 1e-4)
        columns.append(np.log(best / (1 - best)))
    return np.stack(columns, axis=1)


def fit_frames(labelled: pd.DataFrame, profile: str | Profile = "bundled") -> tuple[dict, pd.DataFrame]:
    """Fit how the evidence is weighed, and measure it on sentences that it was not fitted on.

    Parameters
    ----------
    labelled
        Columns `text`, `frame` (or ``none``), `half` (``choose``: to fit on, ``report``: to measure on).

    Returns
    -------
    dict, DataFrame
        What belongs under ``[decision]`` in ``assets/frames.toml``; and for each kind of evidence and for all
        together the share of right answers (`accuracy`: the likeliest frame, or ``none`` below 0.5) and the
        macro-F1 (`macro_f1`, over frames and ``none``) on the sentences of the half `report` (`sentences`).
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import accuracy_score, f1_score

    names = list(_settings()["frames"])
    texts, gold = list(labelled["text"]), labelled["frame"].to_numpy()
    choose = (labelled["half"] == "choose").to_numpy()
    usual = _log_odds(texts, profile)[choose].mean(axis=0)
    evidence = _evidence(texts, profile, usual)
    wanted = np.stack([gold == name for name in names], axis=1)
    kinds = {"embedding": [0, 1], "entailment": [2], "both": [0, 1, 2]}
    rows, decision = [], {}
    for kind, used in kinds.items():
        spread = evidence[choose].reshape(-1, len(EVIDENCE)).std(axis=0)[used]
        features = evidence[..., used] / spread
        model = LogisticRegression().fit(features[choose].reshape(-1, len(used)), wanted[choose].ravel())
        p = model.predict_proba(features.reshape(-1, len(used)))[:, 1].reshape(wanted.shape)
        answers = np.where(p.max(axis=1) >= THRESHOLD, np.array(names)[p.argmax(axis=1)], NONE)[~choose]
        right = accuracy_score(gold[~choose], answers)
        macro = f1_score(gold[~choose], answers, labels=[*names, NONE], average="macro", zero_division=0)
        rows.append((kind, len(answers), right, macro))
        decision = {"bias": float(model.intercept_[0])}
        decision |= {
            EVIDENCE[i]: float(weight / s) for i, weight, s in zip(used, model.coef_[0], spread, strict=True)
        }
    decision["usual"] = [float(value) for value in usual]
    return decision, pd.DataFrame(rows, columns=["evidence", "sentences", "accuracy", "macro_f1"])


if __name__ == "__main__":
    fitted, measured = fit_frames(pd.read_csv(sys.argv[1], keep_default_na=False))
    for key, value in fitted.items():
        print(key, "=", [round(v, 3) for v in value] if isinstance(value, list) else round(value, 3))
    print(measured.round(2).to_string(index=False))
