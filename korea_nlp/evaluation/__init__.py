"""How well `score_stance` does on labelled data; ``tests/benchmarks`` has the commands."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from korea_nlp.models import entail
from korea_nlp.reader import SETTINGS
from korea_nlp.stance import LABELS, SENTENCE, score_stance
from korea_nlp.weights import ASSETS, Profile, load_profile

DIRECTED = ["neutral", "p favors q", "q favors p", "p opposes q", "q opposes p"]
NLI = ["entailment", "neutral", "contradiction"]


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
    return pd.DataFrame(
        [(r["text"], SENTENCE, r["target"], r["label"]) for r in rows],
        columns=["text", "holder", "target", "stance"],
    )


def answer_stances(labelled: pd.DataFrame, profile: str | Profile = "bundled") -> Answers:
    """What a profile says about pairs (`text`, `holder`, `target`) whose `stance` is known.

    Where no row is labelled `none`, the choice is between favor and against.
    """
    names = LABELS if (labelled["stance"] == "none").any() else LABELS[:2]
    scores = score_stance(labelled[["text", "holder", "target"]], profile)[names].to_numpy()
    truth = labelled["stance"].map(names.index).to_numpy(int)
    return Answers(names, truth, scores / scores.sum(axis=1, keepdims=True))


def answer_directed(rows: list[dict], scores: np.ndarray) -> Answers:
    """The five classes from the scores of `both_directions`, shape (2 * rows, 3)."""
    truth = np.array([DIRECTED.index(r["label"]) for r in rows], dtype=int)
    return Answers(DIRECTED, truth, five_way_probabilities(scores[::2], scores[1::2]))


def answer_entailment(rows: list[dict], profile: str | Profile = "bundled") -> Answers:
    """What a profile says about premises and hypotheses."""
    scores = entail([r["premise"] for r in rows], [r["hypothesis"] for r in rows], profile)
    return Answers(NLI, np.array([NLI.index(r["label"]) for r in rows], dtype=int), scores)


def five_way(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """The likeliest of `DIRECTED`: the class that `five_way_probabilities` favors most."""
    return five_way_probabilities(first, second).argmax(axis=1)


def five_way_probabilities(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Probabilities of `DIRECTED` from the stances of p toward q and of q toward p, taken as independent.

    Parameters
    ----------
    first, second
        Arrays of shape (n, 3): probabilities of favor, against, none.

    Returns
    -------
    numpy.ndarray
        Shape (n, 5), rows sum to 1. That both hold a stance is no class, and left out.
    """
    (f1, a1, n1), (f2, a2, n2) = first.T, second.T
    odds = np.stack([n1 * n2, f1 * n2, n1 * f2, a1 * n2, n1 * a2], axis=1).clip(1e-12)
    return odds / odds.sum(axis=1, keepdims=True)


def macro_f1(truth: Sequence[int] | np.ndarray, guess: np.ndarray, names: list[str]) -> pd.DataFrame:
    """F1 of each class and their mean, beside always guessing the commonest class.

    Returns
    -------
    pandas.DataFrame
        `class`, `f1`, `baseline_f1` (each in [0, 1]), `count`; the last row is `macro`.
    """
    from sklearn.metrics import f1_score

    labels = range(len(names))
    common = np.full(len(truth), np.bincount(truth).argmax())
    ours, baseline = (
        f1_score(truth, g, labels=labels, average=None, zero_division=0) for g in (guess, common)
    )
    counts = np.bincount(truth, minlength=len(names))
    return pd.DataFrame({
        "class": [*names, "macro"],
        "f1": [*ours, ours.mean()],
        "baseline_f1": [*baseline, baseline.mean()],
        "count": [*counts, counts.sum()],
    })  # fmt: skip


def evaluate_directed(rows: list[dict], profile: str | Profile = "bundled") -> pd.DataFrame:
    """`macro_f1` on who is for or against whom (five classes, Park et al. 2021)."""
    answers = answer_directed(rows, score_stance(both_directions(rows), profile)[LABELS].to_numpy())
    return macro_f1(answers.truth, answers.guess, DIRECTED)


def evaluate_author(rows: list[dict], profile: str | Profile = "bundled") -> pd.DataFrame:
    """`macro_f1` on the text's own stance toward a target or a proposition."""
    answers = answer_stances(author_pairs(rows), profile)
    return macro_f1(answers.truth, answers.guess, answers.names)


def evaluate_entailment(rows: list[dict], profile: str | Profile = "bundled") -> pd.DataFrame:
    """`macro_f1` on three-way natural language inference."""
    answers = answer_entailment(rows, profile)
    return macro_f1(answers.truth, answers.guess, NLI)


TASKS = {
    "directed_valid": evaluate_directed,
    "claims_valid": evaluate_author,
    "nli_valid": evaluate_entailment,
}


def published_quality(profile: str | Profile = "bundled") -> pd.DataFrame:
    """The validation figures that come with a profile's entailment checkpoint.

    Returns
    -------
    pandas.DataFrame
        `task` (what was asked), `class` (its last row is `macro`: the mean), `f1`, `baseline_f1` (always the
        commonest class; only for `macro`), `rows`. Empty if the checkpoint states none.
    """
    tasks = {
        "directed_valid": "Who is for or against whom in a news sentence",
        "claims_valid": "Whether a text is for or against a claim",
        "nli_valid": "Whether one sentence follows from another",
    }
    adapter = load_profile(profile).entailment.adapter
    settings = ASSETS / (adapter or "") / SETTINGS
    stated = json.loads(settings.read_text(encoding="utf-8")) if adapter and settings.is_file() else {}
    rows = []
    for file, found in stated.get("validation", {}).items():
        task = tasks.get(file, file)
        rows += [(task, name, f1, float("nan"), found["rows"]) for name, f1 in found["f1"].items()]
        rows.append((task, "macro", found["macro_f1"], found["baseline_macro_f1"], found["rows"]))
    return pd.DataFrame(rows, columns=["task", "class", "f1", "baseline_f1", "rows"])
