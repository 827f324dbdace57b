"""How well a reader does on what it has not learnt from, while it is trained."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from scipy.special import softmax
from sklearn.metrics import f1_score, precision_recall_fscore_support

from korea_nlp.evaluation import NLI, answer_directed
from korea_nlp.reader import AUTHOR, Reader
from korea_nlp.stance import LABELS
from korea_nlp.training.examples import Labelled, directed, read_rows, seesaw


def _macro_f1(truth: Iterable[int], guess: np.ndarray, classes: Iterable[int]) -> float:
    return round(float(f1_score(truth, guess, labels=list(classes), average="macro", zero_division=0)), 4)


def sides(truth: np.ndarray, guess: np.ndarray) -> dict[str, float]:
    """Precision `p`, recall `r` and `f1` of favor and against together: a side counts where it is the same."""
    p, r, f1, _ = precision_recall_fscore_support(truth, guess, labels=[0, 1], average="micro", zero_division=0)
    return {"p": round(float(p), 3), "r": round(float(r), 3), "f1": round(float(f1), 4)}


def _answers(reader: Reader, items: list[Labelled]) -> tuple[np.ndarray, np.ndarray]:
    """Labels and logits of all pairs of passages."""
    logits = np.concatenate(reader.stances([item.passage for item in items]))
    return np.array([label for item in items for label in item.labels], dtype=int), logits


def measure(reader: Reader, held: dict[str, list], data: Path) -> dict[str, float | dict]:
    """Figures of all tasks: macro-F1, and `sides` of news.

    Parameters
    ----------
    held
        What `read_data` has kept out.
    data
        Folder of the validation files.
    """
    figures: dict = {}
    rows = read_rows(data / "directed_valid.jsonl.gz")
    _, logits = _answers(reader, [directed(row) for row in rows])
    five = answer_directed(rows, softmax(logits, axis=1))
    figures["directed"] = _macro_f1(five.truth, five.guess, range(5))
    for source in ("target", "opinion"):
        truth, logits = _answers(reader, held[source])
        figures[source] = _macro_f1(truth, logits.argmax(1), set(truth))
    items = [item for item in held["news"] if item.passage.pairs]
    if items:
        truth, logits = _answers(reader, items)
        guess = logits.argmax(1)
        author = np.array([holder == AUTHOR for item in items for holder, _ in item.passage.pairs])
        figures["news"] = _macro_f1(truth[~author], guess[~author], range(3))
        figures["news_sides"] = sides(truth[~author], guess[~author])
        figures["news_author"] = sides(truth[author], guess[author])
    if (data / "seesaw_dev.jsonl.gz").exists():
        items = [item for row in read_rows(data / "seesaw_dev.jsonl.gz") if (item := seesaw(row))]
        truth, logits = _answers(reader, items)
        figures["seesaw"] = sides(truth, logits.argmax(1))
    rows = read_rows(data / "claims_valid.jsonl.gz")
    logits = reader.sentence_pairs([(row["text"], row["target"]) for row in rows])[:, 3:5]
    figures["claims"] = _macro_f1([LABELS.index(row["label"]) for row in rows], logits.argmax(1), range(2))
    rows = read_rows(data / "nli_valid.jsonl.gz")[:2000]
    logits = reader.sentence_pairs([(row["premise"], row["hypothesis"]) for row in rows])[:, :3]
    figures["nli"] = _macro_f1([NLI.index(row["label"]) for row in rows], logits.argmax(1), range(3))
    return figures
