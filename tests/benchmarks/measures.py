"""How good answers are, and how sure one can be of that: F1, intervals, calibration, abstention.

The interval of a measure that only needs to know how often each class was answered with each class is
bootstrapped from that table: drawing n rows with replacement is drawing a table from a multinomial.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from sklearn.metrics import confusion_matrix

from korea_nlp.training.evaluation import Answers

DRAWS = 2000
BINS = 15
COVERAGES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)


def class_f1(table: np.ndarray) -> np.ndarray:
    """F1 of each class from tables of shape (..., k, k); 0 for a class that is neither there nor answered."""
    right = np.diagonal(table, axis1=-2, axis2=-1)
    seen = table.sum(axis=-1) + table.sum(axis=-2)
    return 2 * right / np.maximum(seen, 1)


def macro(table: np.ndarray) -> np.ndarray:
    """Mean F1 of the classes."""
    return class_f1(table).mean(axis=-1)


def accuracy(table: np.ndarray) -> np.ndarray:
    """Share of right answers: the micro-F1 of a task with one answer a row."""
    return np.trace(table, axis1=-2, axis2=-1) / np.maximum(table.sum(axis=(-2, -1)), 1)


def interval(table: np.ndarray, measure: Callable) -> tuple[float, float, float]:
    """A measure of a confusion table with its 95% bootstrap interval.

    Parameters
    ----------
    table
        Counts, shape (k, k).
    measure
        `macro`, `accuracy`, or another function of tables of shape (..., k, k).

    Returns
    -------
    tuple of float
        The value, the lower and the upper end; not a number where the table is empty.
    """
    count = int(table.sum())
    if not count:
        return float("nan"), float("nan"), float("nan")
    rng = np.random.default_rng(0)
    drawn = rng.multinomial(count, table.ravel() / count, size=DRAWS).reshape(DRAWS, *table.shape)
    low, high = np.quantile(measure(drawn), [0.025, 0.975])
    return float(measure(table)), float(low), float(high)


def calibration_error(answers: Answers, bins: int = BINS, adaptive: bool = False) -> float:
    """Expected calibration error: how far the probability of the answers is from the share that is right.

    Guo et al., *On Calibration of Modern Neural Networks*, 2017. The bins are equally wide, or, if
    `adaptive`, hold equally many rows (Nixon et al., *Measuring Calibration in Deep Learning*, 2019).

    Returns
    -------
    float
        In [0, 1]; 0 is perfect.
    """
    sure = answers.probabilities.max(axis=1)
    right = answers.guess == answers.truth
    order = np.argsort(sure, kind="stable")
    if adaptive:
        groups = np.array_split(order, bins)
    else:
        place = np.minimum((sure * bins).astype(int), bins - 1)
        groups = [np.flatnonzero(place == n) for n in range(bins)]
    gaps = [len(g) * abs(sure[g].mean() - right[g].mean()) for g in groups if len(g)]
    return float(sum(gaps) / len(sure))


def coverage_curve(answers: Answers) -> pd.DataFrame:
    """Accuracy of the surest answers: what abstaining on the others gains.

    Returns
    -------
    pandas.DataFrame
        `coverage` (share of rows that is answered), `accuracy`, `rows`. El-Yaniv and Wiener, *On the Foundations of
        Noise-free Selective Classification*, 2010, draw it as risk (1 - accuracy) against coverage.
    """
    order = np.argsort(-answers.probabilities.max(axis=1), kind="stable")
    right = (answers.guess == answers.truth)[order]
    kept = [max(1, round(len(order) * share)) for share in COVERAGES]
    return pd.DataFrame({"coverage": COVERAGES, "accuracy": [right[:n].mean() for n in kept], "rows": kept})


def direction_table(answers: Answers) -> np.ndarray:
    """Who of two holds the stance: p or q (rows) against which of them is likelier to (columns).

    Of answers in the five classes of `korea_nlp.training.evaluation.DIRECTED`, on rows that hold a stance, whether or
    not the answer is neutral. Where both are equally likely, p, who is named first, counts.
    """
    held = answers.truth > 0
    p = answers.probabilities[held]
    q_holds = p[:, [2, 4]].sum(axis=1) > p[:, [1, 3]].sum(axis=1)
    return confusion_matrix(np.isin(answers.truth[held], [2, 4]), q_holds, labels=[False, True])


def neutrality_table(answers: Answers, neutral: int) -> np.ndarray:
    """Whether there is a stance: neutral or not (rows) against what was answered (columns)."""
    return confusion_matrix(answers.truth != neutral, answers.guess != neutral, labels=[False, True])
