"""Fit how sentences are told apart by their frames: ``python -m korea_nlp.training.frames``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import typer
from safetensors.numpy import save_file
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

from korea_nlp.frames import THRESHOLD, WEIGHTS, frame_names, score_frames
from korea_nlp.models import embed
from korea_nlp.training.news import read_news

FRAMES, NEWS = Path("data/frames/labels.csv"), Path("data/news")
STRENGTH = 3.0  # of 1, 3 and 10 it has the best log-loss in five folds that share no article


def read_frames() -> pd.DataFrame:
    """The labelled sentences: `article`, `part`, `text`, and a column of 0 and 1 for each frame."""
    labels = pd.read_csv(FRAMES, keep_default_na=False)
    table = pd.crosstab([labels["article"], labels["sentence"]], labels["frame"])[frame_names()].reset_index()
    rows = [(a.id, n, a.part, text) for a in read_news(NEWS) for n, text in enumerate(a.texts, 1)]
    sentences = pd.DataFrame(rows, columns=["article", "sentence", "part", "text"])
    return table.merge(sentences, validate="1:1")


def fit_frames(labelled: pd.DataFrame, profile: str = "bundled") -> tuple[np.ndarray, np.ndarray]:
    """One logistic regression for each frame: weights, shape (frames, dimensions), and biases, shape (frames,)."""
    vectors = embed(list(labelled["text"]), profile)
    fitted = [LogisticRegression(C=STRENGTH, max_iter=2000).fit(vectors, labelled[name]) for name in frame_names()]
    weights, biases = (np.concatenate([getattr(one, name) for one in fitted]) for name in ("coef_", "intercept_"))
    return weights.astype(np.float32), biases.astype(np.float32)


def measure(labelled: pd.DataFrame, profile: str = "bundled") -> pd.Series:
    """F1 of each frame, and their mean (`macro`), on labelled sentences."""
    found = score_frames(list(labelled["text"]), profile) >= THRESHOLD
    scores = f1_score(labelled[frame_names()], found, average=None, zero_division=0)
    return pd.Series([*scores, scores.mean()], index=[*frame_names(), "macro"])


def main(profile: str = "bundled") -> None:
    """Fit the frames to all labelled sentences that are not held out, and print F1 on those that are."""
    labelled = read_frames()
    held = labelled["part"] == "held out"
    weights, biases = fit_frames(labelled[~held], profile)
    save_file({"weights": weights, "biases": biases}, WEIGHTS)
    print(measure(labelled[held], profile).round(2).to_string())


if __name__ == "__main__":
    typer.run(main)
