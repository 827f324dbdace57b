"""Make trained weights fit to ship: calibrated, with figures of what was kept out of the training."""

from __future__ import annotations

import json
import random
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from typer import Argument, Option

from korea_nlp.evaluation import VALIDATION, evaluate
from korea_nlp.reader import SETTINGS, WEIGHTS, Reader, kind_of, load_reader, scaled
from korea_nlp.stance import LABELS
from korea_nlp.training.examples import read_data, read_rows
from korea_nlp.weights import Checkpoint, load_profile

PRIOR = 2.0
"""How much leaving the logits as they are counts, in rows: a few rows cannot move them far."""


def fit_calibration(logits: np.ndarray, truth: np.ndarray) -> dict:
    """Temperature and biases of `korea_nlp.reader.scaled` that make the true labels likeliest."""
    from scipy.optimize import minimize

    def loss(values: np.ndarray) -> float:
        settings = {"temperature": np.exp(values[0]), "bias": [*values[1:], 0.0]}
        p = scaled(logits, ["one"] * len(logits), {"one": settings})
        likely = -np.log(p[np.arange(len(truth)), truth].clip(1e-9)).sum()
        return (likely + PRIOR * (values**2).sum()) / len(truth)

    best = minimize(loss, np.zeros(logits.shape[1]), method="Nelder-Mead").x
    return {
        "temperature": round(float(np.exp(best[0])), 4),
        "bias": [round(float(b), 4) for b in best[1:]] + [0.0],
    }


def calibration(reader: Reader, held: dict[str, list]) -> dict[str, dict]:
    """`fit_calibration` of each kind of question, on rows kept out of the training files and on tuning articles."""
    kinds, logits, truth = [], [], []
    for source in ("directed", "news", "target"):
        items = [item for item in held[source] if item.passage.pairs]
        kinds += [kind_of(holder) for item in items for holder, _ in item.passage.pairs]
        logits += reader.stances([item.passage for item in items])
        truth += [label for item in items for label in item.labels]
    kinds, logits, truth = np.array(kinds), np.concatenate(logits), np.array(truth)
    found = {
        kind: fit_calibration(logits[kinds == kind], truth[kinds == kind])
        for kind in ("actor", "author", "sentence") if (kinds == kind).any()
    }  # fmt: skip
    rng, claims = random.Random(0), list(held["claims"])
    claims += [(text, rng.choice(claims)[1], LABELS.index("none")) for text, *_ in claims[::5]]
    for kind, rows, columns in (("proposition", claims, slice(3, 6)), ("entailment", held["nli"], slice(0, 3))):
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


def finish(
    data: Annotated[Path, Argument(help="folder of the public sets")],
    base: Annotated[Path, Option(help="folder of the base encoder")],
    run: Annotated[Path, Option(help="folder of the training")],
    out: Annotated[Path, Option(help="the folder that a profile can name as adapter")],
    articles: Annotated[Path, Option(help="folder of annotated news")] = Path("data/news"),
    device: str = "cpu",
    quick: Annotated[bool, Option("--quick", help="leave the validation figures out")] = False,
) -> None:
    """Write the weights of a run with their calibration and their figures on the validation files."""
    out.mkdir(parents=True, exist_ok=True)
    shutil.copy(run / WEIGHTS, out / WEIGHTS)
    _, held = read_data(data, articles)
    settings = {"calibration": calibration(load_reader(base, out, device), held)}
    _write(settings, out)
    if not quick:
        _write(settings | {"validation": validation(data, base, out)}, out)


def _write(settings: dict, out: Path) -> None:
    (out / SETTINGS).write_text(json.dumps(settings, indent=1) + "\n")


if __name__ == "__main__":
    typer.run(finish)
