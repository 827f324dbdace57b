"""Make trained weights fit to ship: calibrated, with figures of what was kept out of the training."""

from __future__ import annotations

import argparse
import json
import random
from dataclasses import replace
from pathlib import Path

import numpy as np

from korea_nlp.reader import AUTHOR, BATCH, SETTINGS, WEIGHTS, load_reader, scaled
from korea_nlp.training.examples import LABELS, read_data, read_rows

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


def calibration(reader, held: dict[str, list]) -> dict[str, dict]:
    """`fit_calibration` of each kind of question, on rows kept out of the training files and on tuning articles."""
    found, asked = {}, {"actor": [], "author": [], "sentence": []}
    for source, kind in (("directed", "actor"), ("news", "actor"), ("target", "sentence")):
        items = [item for item in held[source] if item.passage.pairs]
        if not items:
            continue
        logits = np.concatenate(reader.stances([item.passage for item in items]))
        truth = np.concatenate([item.labels for item in items]).astype(int)
        writer = np.array([h == AUTHOR for item in items for h, _ in item.passage.pairs])
        asked[kind].append((logits[~writer], truth[~writer]))
        if writer.any():
            asked["author"].append((logits[writer], truth[writer]))
    for kind, parts in asked.items():
        if parts:
            found[kind] = fit_calibration(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
    rng = random.Random(0)
    claims = [(one, claim, label) for one, claim, label in held["claims"]]
    claims += [(one, rng.choice(claims)[1], LABELS.index("none")) for one, *_ in claims[::5]]
    for kind, rows, columns in (
        ("proposition", claims, slice(3, 6)),
        ("entailment", held["nli"], slice(0, 3)),
    ):
        one, other, truth = zip(*rows, strict=True)
        found[kind] = fit_calibration(reader.sentence_pairs(one, other)[:, columns], np.array(truth))
    return found


def finish(data: Path, articles: Path, base: Path, run: Path, out: Path, device: str = "cpu") -> None:
    """Write the weights of a run and their settings to a folder that a profile can name as `adapter`."""
    from safetensors.torch import load_file, save_file

    out.mkdir(parents=True, exist_ok=True)
    weights = load_file(run / WEIGHTS)
    save_file({name: values.half().contiguous() for name, values in weights.items()}, out / WEIGHTS)
    reader = load_reader(base, out, device, BATCH if device == "cpu" else 8 * BATCH)
    held = read_data(data, articles)[1]
    settings = {"calibration": calibration(reader, held)}
    (out / SETTINGS).write_text(json.dumps(settings, indent=1) + "\n")
    print(json.dumps(settings, indent=1))


def validate(data: Path, base: Path, out: Path) -> None:
    """Add the macro-F1 and the F1 of each class on the validation files to the settings of a folder."""
    from korea_nlp.evaluation import TASKS
    from korea_nlp.weights import Checkpoint, load_profile

    profile = replace(load_profile("bundled"), name="finished", entailment=Checkpoint(str(base), str(out.resolve())))
    figures = {}
    for file, task in TASKS.items():
        table = task(read_rows(data / f"{file}.jsonl.gz"), profile).set_index("class")
        ours, commonest = table["f1"].round(4), table["baseline_f1"].round(4)
        figures[file] = {
            "macro_f1": float(ours.pop("macro")),
            "baseline_macro_f1": float(commonest["macro"]),
            "rows": int(table.loc["macro", "count"]),
            "f1": {name: float(value) for name, value in ours.items()},
        }
    settings = json.loads((out / SETTINGS).read_text()) | {"validation": figures}
    (out / SETTINGS).write_text(json.dumps(settings, indent=1) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m korea_nlp.training.finish", description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--articles", type=Path, default=Path("data/news"))
    for name in ("base", "run", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True, help="a folder")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--quick", action="store_true", help="leave the figures out")
    given = parser.parse_args()
    finish(given.data, given.articles, given.base, given.run, given.out, given.device)
    if not given.quick:
        validate(given.data, given.base, given.out)


if __name__ == "__main__":
    main()
