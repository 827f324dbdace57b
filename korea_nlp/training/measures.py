"""How well a reader does on what it has not learnt from, while it is trained."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from korea_nlp.reader import AUTHOR, Passage, Reader
from korea_nlp.training.examples import LABELS, NLI, Labelled, directed, read_rows

DIRECTED = ("neutral", "p favors q", "q favors p", "p opposes q", "q opposes p")


def softmax(logits: np.ndarray) -> np.ndarray:
    odds = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return odds / odds.sum(axis=-1, keepdims=True)


def f1(truth, guess, classes) -> float:
    from sklearn.metrics import f1_score

    return round(float(f1_score(truth, guess, labels=list(classes), average="macro", zero_division=0)), 4)


def sides(truth: np.ndarray, guess: np.ndarray) -> dict[str, float]:
    """Precision, recall and F1 of favor and against together: a side counts where it is the same."""
    right = int(((truth == guess) & (truth < 2)).sum())
    precision, recall = right / max((guess < 2).sum(), 1), right / max((truth < 2).sum(), 1)
    return {"p": round(precision, 3), "r": round(recall, 3),
            "f1": round(2 * precision * recall / max(precision + recall, 1e-9), 4)}  # fmt: skip


def five_way(probabilities: np.ndarray) -> np.ndarray:
    """The likeliest of `DIRECTED` from the stances both ways, shape (rows, 2, 3), taken as independent."""
    (f1, a1, n1), (f2, a2, n2) = probabilities[:, 0].T, probabilities[:, 1].T
    return np.stack([n1 * n2, f1 * n2, n1 * f2, a1 * n2, n1 * a2], axis=1).argmax(axis=1)


def seesaw(rows: list[dict]) -> list[Labelled]:
    """Rows of the SEESAW set: pairs of actors both named in the sentence."""
    found = []
    for row in rows:
        context = row["context"] + " " if row["context"] and not row["context"].endswith(" ") else row["context"]
        mentions = [(s, e, n) for n, spans in enumerate(row["actors"]) for s, e in spans]
        here = {n for s, _, n in mentions if s >= 0}
        pairs = [(h, t, label) for h, t, label in row["pairs"] if h in here and t in here]
        if pairs:
            passage = Passage(context, row["text"], mentions, [(h, t) for h, t, _ in pairs])
            found.append(Labelled(passage, "seesaw", [LABELS.index(label) for *_, label in pairs]))
    return found


def answers(reader: Reader, items: list[Labelled]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels, probabilities, and holders of all pairs of passages."""
    logits = reader.stances([item.passage for item in items])
    truth = np.concatenate([item.labels for item in items]).astype(int)
    holders = np.array([h for item in items for h, _ in item.passage.pairs])
    return truth, softmax(np.concatenate(logits)), holders


def measure(reader: Reader, held: dict[str, list], data: Path) -> dict[str, float | dict]:
    """Figures of all tasks."""
    row: dict = {}
    rows = [directed(r) for r in read_rows(data / "directed_valid.jsonl.gz")]
    truth, p, _ = answers(reader, rows)
    pairs = truth.reshape(-1, 2)
    five = np.select([pairs[:, 0] == 0, pairs[:, 1] == 0, pairs[:, 0] == 1, pairs[:, 1] == 1], [1, 2, 3, 4], 0)
    row["directed"] = f1(five, five_way(p.reshape(-1, 2, 3)), range(5))
    for source in ("target", "opinion"):
        truth, p, _ = answers(reader, held[source])
        row[source] = f1(truth, p.argmax(1), sorted(set(truth)))
    if held["news"]:
        truth, p, holders = answers(reader, [item for item in held["news"] if item.passage.pairs])
        guess = p.argmax(1)
        actors = holders != AUTHOR
        row["news"] = f1(truth[actors], guess[actors], range(3))
        row["news_sides"] = sides(truth[actors], guess[actors])
        row["news_author"] = sides(truth[~actors], guess[~actors])
    if (data / "seesaw_dev.jsonl.gz").exists():
        truth, p, _ = answers(reader, seesaw(read_rows(data / "seesaw_dev.jsonl.gz")))
        row["seesaw"] = sides(truth, p.argmax(1))
    rows = read_rows(data / "claims_valid.jsonl.gz")
    logits = reader.sentence_pairs([r["text"] for r in rows], [r["target"] for r in rows])[:, 3:5]
    row["claims"] = f1([LABELS.index(r["label"]) for r in rows], logits.argmax(1), range(2))
    rows = read_rows(data / "nli_valid.jsonl.gz")[:2000]
    logits = reader.sentence_pairs([r["premise"] for r in rows], [r["hypothesis"] for r in rows])[:, :3]
    row["nli"] = f1([NLI.index(r["label"]) for r in rows], logits.argmax(1), range(3))
    return row
