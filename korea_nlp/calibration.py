"""What makes a trained adapter fit to ship: calibrated probabilities, its screen, its validation figures."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from korea_nlp import evaluation
from korea_nlp.evaluation import DIRECTED, both_directions, five_way, read_rows
from korea_nlp.examples import directed_stance, read_data
from korea_nlp.models import SETTINGS, entailment
from korea_nlp.stance import LABELS, calibrate, pair_logits, score_stance
from korea_nlp.stance.pairs import AUTHOR
from korea_nlp.weights import ASSETS, Checkpoint, Profile, load_profile, locate


def fit_calibration(logits: np.ndarray, truth: list[int]) -> dict:
    """Temperature and biases of `calibrate` that make the true labels likeliest."""
    from scipy.optimize import minimize

    def loss(values: np.ndarray) -> float:
        settings = {"temperature": np.exp(values[0]), "bias": [values[1], values[2], 0.0]}
        return -np.log(calibrate(logits, settings)[np.arange(len(truth)), truth].clip(1e-9)).mean()

    best = minimize(loss, np.zeros(3), method="Nelder-Mead").x
    return {
        "temperature": round(float(np.exp(best[0])), 4),
        "bias": [round(float(b), 4) for b in best[1:]] + [0.0],
    }


def fit_screen(first: np.ndarray, second: np.ndarray, truth: list[int], give: float = 0.003) -> float:
    """How sure of none a cheaper model has to be for its answer to stand.

    Parameters
    ----------
    first, second
        Probabilities of the cheaper and of the dearer model, shape (2 * rows, 3), of `both_directions`.
    truth
        The class of each row, as an index into `DIRECTED`.
    give
        How much macro-F1 may be lost.
    """
    alone = evaluation.macro_f1(truth, five_way(second[::2], second[1::2]), DIRECTED)["f1"].iloc[-1]
    chosen = 1.0
    for sure in (0.995, 0.99, 0.98, 0.97, 0.95, 0.925, 0.9, 0.85, 0.8):
        asked = first[:, LABELS.index("none")] < sure
        both = np.where(asked[:, None], second, first)
        f1 = evaluation.macro_f1(truth, five_way(both[::2], both[1::2]), DIRECTED)["f1"].iloc[-1]
        print(f"screen at {sure}: {asked.mean():.3f} asked again, macro-F1 {f1:.4f} ({alone:.4f} alone)")
        if f1 < alone - give:
            break
        chosen = sure
    return chosen


def finish(data_dir: Path, base: Path, run: Path, adapter: Path, screen: Checkpoint | None = None) -> None:
    """Make the adapter of a run fit to ship: half precision, calibrated, with its validation figures.

    The calibration, and how sure `screen` has to be, are fitted on rows that were held out of the
    training files; the validation files are only read for the figures.
    """
    from safetensors.torch import load_file, save_file

    adapter.mkdir(parents=True, exist_ok=True)
    tensors = load_file(run / "last" / "adapter_model.safetensors")
    save_file({k: v.half() for k, v in tensors.items()}, adapter / "adapter_model.safetensors")
    config = json.loads((run / "last" / "adapter_config.json").read_text())
    config["base_model_name_or_path"] = base.name
    (adapter / "adapter_config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
    settings: dict = {"marks": True, "hypotheses": ["pro"], "calibration": {}}
    (adapter / SETTINGS).write_text(json.dumps(settings))
    model = entailment(_finished(base, adapter))

    held_out = read_data(data_dir)[1]
    rows = held_out["directed"]
    pairs = both_directions(rows)
    logits = pair_logits(pairs, model)
    truth = [LABELS.index(directed_stance(r["label"], side)) for r in rows for side in "pq"]
    settings["calibration"]["actor"] = fit_calibration(logits, truth)
    if screen:
        answers = calibrate(logits, settings["calibration"]["actor"])
        first = score_stance(pairs, _finished(Path(locate(screen)), Path(screen.adapter)))[LABELS].to_numpy()
        settings["screen"] = fit_screen(first, answers, [DIRECTED.index(r["label"]) for r in rows])
    rows = held_out["target"] + held_out["claims"]
    pairs = pd.DataFrame(
        [(r["text"], AUTHOR, r["target"]) for r in rows], columns=["text", "holder", "target"]
    )
    truth = [LABELS.index(r["label"]) for r in rows]
    settings["calibration"][AUTHOR] = fit_calibration(pair_logits(pairs, model), truth)
    model.settings |= settings
    profile = _finished(base, adapter, screen)
    entailment(profile).settings |= settings
    settings["validation"] = {
        file: {
            "macro_f1": round(float(table["f1"].iloc[-1]), 4),
            "baseline_macro_f1": round(float(table["baseline_f1"].iloc[-1]), 4),
            "rows": int(table["count"].iloc[-1]),
            "f1": {
                name: round(float(f1), 4) for name, f1 in zip(table["class"][:-1], table["f1"], strict=False)
            },
        }
        for file, task in evaluation.TASKS.items()
        for table in [task(read_rows(data_dir / f"{file}.jsonl.gz"), profile)]
    }
    (adapter / SETTINGS).write_text(json.dumps(settings, indent=2) + "\n")
    print(json.dumps(settings, indent=2))


def _finished(base: Path, adapter: Path, screen: Checkpoint | None = None) -> Profile:
    """The bundled profile with another entailment checkpoint."""
    where = adapter if (ASSETS / adapter).is_dir() else adapter.resolve()
    return replace(
        load_profile("bundled"), name="finished", entailment=Checkpoint(str(base), str(where), screen)
    )
