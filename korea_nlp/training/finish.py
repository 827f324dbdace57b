"""Make trained weights fit to ship: calibrated, with figures of what was kept out of the training."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from scipy.optimize import minimize
from scipy.special import softmax
from sklearn.metrics import f1_score, precision_recall_fscore_support
from typer import Argument, Option

from korea_nlp.models.weights import Checkpoint, load_profile
from korea_nlp.reader import SETTINGS, WEIGHTS, Reader, kind_of, load_reader, scaled
from korea_nlp.stance import LABELS
from korea_nlp.training.evaluation import NLI, VALIDATION, answer_directed, evaluate
from korea_nlp.training.examples import Labelled, directed, read_data, read_rows, seesaw

PRIOR = 2.0
"""How much leaving the logits as they are counts, in rows: a few rows cannot move them far."""


def answers(reader: Reader, items: list[Labelled]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Label, logits and `kind_of` question of each pair of some passages."""
    items = [item for item in items if item.passage.pairs]
    logits = np.concatenate([np.zeros((0, 3)), *reader.stances([item.passage for item in items])])
    truth = np.array([label for item in items for label in item.labels], dtype=int)
    kinds = [kind_of(holder, item.passage.spoken) for item in items for holder, _ in item.passage.pairs]
    return truth, logits, np.array(kinds)


def measure(reader: Reader, held: dict[str, list], data: Path) -> dict[str, float | dict]:
    """Figures of all tasks while a reader is trained, not calibrated: macro-F1, and `sides` of news.

    Parameters
    ----------
    held
        What `read_data` has kept out.
    data
        Folder of the validation files.
    """
    rows = read_rows(data / "directed_valid.jsonl.gz")
    _, logits, _ = answers(reader, [directed(row) for row in rows])
    five = answer_directed(rows, softmax(logits, axis=1))
    figures: dict = {"directed": macro_f1(five.truth, five.guess, range(5))}
    for source in ("target", "opinion"):
        truth, logits, _ = answers(reader, held[source])
        figures[source] = macro_f1(truth, logits.argmax(1), set(truth))
    truth, logits, kinds = answers(reader, held["news"])
    if len(truth):
        guess, author = logits.argmax(1), kinds == "author"
        figures["news"] = macro_f1(truth[~author], guess[~author], range(3))
        figures["news_sides"] = sides(truth[~author], guess[~author])
        figures["news_author"] = sides(truth[author], guess[author])
    if (data / "seesaw_dev.jsonl.gz").exists():
        items = [item for row in read_rows(data / "seesaw_dev.jsonl.gz") if (item := seesaw(row))]
        truth, logits, _ = answers(reader, items)
        figures["seesaw"] = sides(truth, logits.argmax(1))
    rows = read_rows(data / "claims_valid.jsonl.gz")
    logits = reader.sentence_pairs([(row["text"], row["target"]) for row in rows])[:, 3:5]
    figures["claims"] = macro_f1([LABELS.index(row["label"]) for row in rows], logits.argmax(1), range(2))
    rows = read_rows(data / "nli_valid.jsonl.gz")[:2000]
    logits = reader.sentence_pairs([(row["premise"], row["hypothesis"]) for row in rows])[:, :3]
    figures["nli"] = macro_f1([NLI.index(row["label"]) for row in rows], logits.argmax(1), range(3))
    return figures


def macro_f1(truth: Iterable[int], guess: np.ndarray, classes: Iterable[int]) -> float:
    return round(float(f1_score(truth, guess, labels=list(classes), average="macro", zero_division=0)), 4)


def sides(truth: np.ndarray, guess: np.ndarray) -> dict[str, float]:
    """Precision `p`, recall `r` and `f1` of favor and against together: a side counts where it is the same."""
    p, r, f1, _ = precision_recall_fscore_support(truth, guess, labels=[0, 1], average="micro", zero_division=0)
    return {"p": round(float(p), 3), "r": round(float(r), 3), "f1": round(float(f1), 4)}


def fit_calibration(logits: np.ndarray, truth: np.ndarray) -> dict:
    """Temperature and biases of `korea_nlp.reader.scaled` that make the true labels likeliest."""

    def loss(values: np.ndarray) -> float:
        settings = {"temperature": np.exp(values[0]), "bias": [*values[1:], 0.0]}
        p = scaled(logits, ["one"] * len(logits), {"one": settings})
        likely = -np.log(p[np.arange(len(truth)), truth].clip(1e-9)).sum()
        return (likely + PRIOR * (values**2).sum()) / len(truth)

    best = minimize(loss, np.zeros(logits.shape[1]), method="Nelder-Mead").x
    return {"temperature": round(float(np.exp(best[0])), 4), "bias": [*(round(float(b), 4) for b in best[1:]), 0.0]}


def calibration(reader: Reader, held: dict[str, list]) -> dict[str, dict]:
    """`fit_calibration` of each kind of question, on rows kept out of the training files and on tuning articles."""
    parts = [answers(reader, held[source]) for source in ("directed", "news", "target")]
    truth, logits, kinds = (np.concatenate(column) for column in zip(*parts, strict=True))
    found = {str(kind): fit_calibration(logits[kinds == kind], truth[kinds == kind]) for kind in np.unique(kinds)}
    said = held["propositions"] or held["claims"]
    for kind, rows, columns in (("proposition", said, slice(3, 6)), ("entailment", held["nli"], slice(0, 3))):
        asked = reader.sentence_pairs([(one, other) for one, other, _ in rows])
        found[kind] = fit_calibration(asked[:, columns], np.array([label for *_, label in rows]))
    return found


def validation(data: Path, base: Path, reader: Path) -> dict[str, dict]:
    """The macro-F1 and the F1 of each class of a finished reader on the validation files."""
    entailment = Checkpoint(str(base), str(reader.resolve()))
    profile = replace(load_profile("bundled"), name="finished", entailment=entailment)
    figures = {}
    for file in VALIDATION:
        table = evaluate(file, read_rows(data / f"{file}.jsonl.gz"), profile).set_index("class").round(4)
        whole = table.loc["macro"]
        figures[file] = {
            "macro_f1": float(whole["f1"]),
            "baseline_macro_f1": float(whole["baseline_f1"]),
            "rows": int(whole["count"]),
            "f1": table["f1"].drop("macro").to_dict(),
        }
    return figures


def write_settings(settings: dict, reader: Path) -> None:
    """Write what belongs to a reader beside its weights."""
    (reader / SETTINGS).write_text(json.dumps(settings, indent=1) + "\n")


def finish(
    data: Annotated[Path, Argument(help="folder of the public sets")],
    base: Annotated[Path, Option(help="folder of the base encoder")],
    run: Annotated[Path, Option(help="folder of the training")],
    out: Annotated[Path, Option(help="the folder that a profile can name as adapter")],
    articles: Annotated[Path, Option(help="folder of annotated news")] = Path("data/news"),
    device: str = "cpu",
) -> None:
    """Write the weights of a run with their calibration and their figures on the validation files."""
    out.mkdir(parents=True, exist_ok=True)
    shutil.copy(run / WEIGHTS, out / WEIGHTS)
    _, held = read_data(data, articles)
    settings: dict = {"calibration": calibration(load_reader(base, out, device), held)}
    write_settings(settings, out)
    settings["validation"] = validation(data, base, out)
    write_settings(settings, out)


if __name__ == "__main__":
    typer.run(finish)
