"""How well `score_stance` does on labelled data; ``tests/benchmarks`` has the commands."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from korea_nlp.models import entail
from korea_nlp.models.weights import Profile
from korea_nlp.stance import LABELS, SENTENCE, score_stance

DIRECTED = ["neutral", "p favors q", "q favors p", "p opposes q", "q opposes p"]
"""Who is for or against whom (Park et al. 2021)."""
NLI = ["entailment", "neutral", "contradiction"]
VALIDATION = ["directed_valid", "claims_valid", "nli_valid"]
"""The validation files."""


class Answers(NamedTuple):
    """What a model said about labelled rows.

    `names` are the classes, `truth` the right one of each row (index into `names`), `probabilities` what
    the model gave them, shape (rows, classes).
    """

    names: list[str]
    truth: np.ndarray
    probabilities: np.ndarray

    @property
    def guess(self) -> np.ndarray:
        """The likeliest class of each row."""
        return self.probabilities.argmax(axis=1)


def both_directions(rows: list[dict]) -> pd.DataFrame:
    """Pairs for `score_stance` of rows with `text`, `p` and `q`: p toward q, then q toward p."""
    return pd.DataFrame(
        [(r["text"], r[holder], r[target]) for r in rows for holder, target in ("pq", "qp")],
        columns=["text", "holder", "target"],
    )


def author_pairs(rows: list[dict]) -> pd.DataFrame:
    """Pairs with their `stance` of rows with `text`, `target`, `label`: what the text itself says."""
    pairs = pd.DataFrame(rows, columns=["text", "target", "label"]).rename(columns={"label": "stance"})
    return pairs.assign(holder=SENTENCE)


def answer_stances(labelled: pd.DataFrame, profile: str | Profile = "bundled") -> Answers:
    """What a profile says about pairs (`text`, `holder`, `target`) whose `stance` is known.

    Where no row is labelled `none`, the choice is between favor and against.
    """
    names = LABELS if (labelled["stance"] == "none").any() else LABELS[:2]
    scores = score_stance(labelled[["text", "holder", "target"]], profile)[names].to_numpy()
    truth = labelled["stance"].map(names.index).to_numpy(int)
    return Answers(names, truth, scores / scores.sum(axis=1, keepdims=True))


def answer_directed(rows: list[dict], scores: np.ndarray) -> Answers:
    """The classes of `DIRECTED` from the stances of p toward q and of q toward p, taken as independent.

    ``scores`` are the probabilities of favor, against and none for the pairs of `both_directions`, shape (2 * rows, 3).
    That both hold a stance is no class, and left out.
    """
    (f1, a1, n1), (f2, a2, n2) = scores[::2].T, scores[1::2].T
    odds = np.stack([n1 * n2, f1 * n2, n1 * f2, a1 * n2, n1 * a2], axis=1).clip(1e-12)
    truth = np.array([DIRECTED.index(r["label"]) for r in rows], dtype=int)
    return Answers(DIRECTED, truth, odds / odds.sum(axis=1, keepdims=True))


def answer_entailment(rows: list[dict], profile: str | Profile = "bundled") -> Answers:
    """What a profile says about rows with `premise`, `hypothesis` and `label`."""
    scores = entail([r["premise"] for r in rows], [r["hypothesis"] for r in rows], profile)
    return Answers(NLI, np.array([NLI.index(r["label"]) for r in rows], dtype=int), scores)


def macro_f1(answers: Answers) -> pd.DataFrame:
    """F1 of each class and their mean, beside always guessing the commonest class: `class` (the last row is `macro`),
    `f1`, `baseline_f1` (each in [0, 1]), `count`."""
    from sklearn.metrics import f1_score

    counts = np.bincount(answers.truth, minlength=len(answers.names))
    common = np.full(len(answers.truth), counts.argmax())
    ours, baseline = (
        f1_score(answers.truth, guess, labels=range(len(answers.names)), average=None, zero_division=0)
        for guess in (answers.guess, common)
    )
    return pd.DataFrame({
        "class": [*answers.names, "macro"],
        "f1": [*ours, ours.mean()],
        "baseline_f1": [*baseline, baseline.mean()],
        "count": [*counts, counts.sum()],
    })  # fmt: skip


def evaluate(name: str, rows: list[dict], profile: str | Profile = "bundled") -> pd.DataFrame:
    """`macro_f1` of a profile on rows of a file of `VALIDATION`."""
    if name == "directed_valid":
        return macro_f1(answer_directed(rows, score_stance(both_directions(rows), profile)[LABELS].to_numpy()))
    if name == "claims_valid":
        return macro_f1(answer_stances(author_pairs(rows), profile))
    return macro_f1(answer_entailment(rows, profile))
