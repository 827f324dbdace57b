"""What makes a trained adapter fit to ship: calibrated probabilities, its screen, its validation figures."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np

from korea_nlp import evaluation
from korea_nlp.evaluation import DIRECTED, author_pairs, both_directions, five_way, read_rows
from korea_nlp.examples import directed_stance, read_data
from korea_nlp.models import SETTINGS, Entailment, forget
from korea_nlp.stance.answers import LABELS, PROPOSITION, calibrate, is_sure, pair_logits, second_opinion
from korea_nlp.stance.pairs import AUTHOR
from korea_nlp.weights import Checkpoint, load_profile

SHARES = (0.0, 1 / 6, 1 / 3, 1 / 2)
"""What the smaller model may have to say in an answer of both."""
NEVER = 2.0
SURE = (NEVER, 0.99, 0.98, 0.97, 0.96, 0.94, 0.92, 0.9, 0.87, 0.84, 0.8, 0.75)
GIVE = 0.05
"""By which share a screen may raise the log-loss."""
SHARES_OF_BIAS = (1.0, 0.75, 0.5, 0.25, 0.0)


def fit_calibration(logits: np.ndarray, truth: Sequence[int] | np.ndarray) -> dict:
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


def favour_rare(logits: np.ndarray, settings: dict, truth: list[int]) -> dict:
    """Calibration with as much of its biases as macro-F1 bears: whole, they drown the rare classes.

    Parameters
    ----------
    logits
        Of `both_directions`, shape (2 * rows, 3).
    settings
        What `fit_calibration` found.
    truth
        The class of each row, as an index into `DIRECTED`.
    """
    tried = [settings | {"bias": [round(share * b, 4) for b in settings["bias"]]} for share in SHARES_OF_BIAS]
    return max(tried, key=lambda each: _directed_f1(calibrate(logits, each), truth))


def fit_screen(
    first: np.ndarray, second: np.ndarray, loss: Callable[[np.ndarray], float], give: float = GIVE
) -> dict:
    """How sure a cheaper model has to be for its answer to stand, so that the fewest are asked again.

    Parameters
    ----------
    first, second
        Probabilities of the cheaper model, and of both together, shape (n, 3).
    loss
        What is to stay small: a figure of probabilities of that shape.
    give
        By which share it may grow.

    Returns
    -------
    dict
        `none` and `side`: for `is_sure`; above 1, no such answer stands.
    """
    alone, chosen, fewest = loss(second), {"none": NEVER, "side": NEVER}, 1.0
    for none, side in product(SURE, SURE):
        again = ~is_sure(first, {"none": none, "side": side})
        mixed = loss(np.where(again[:, None], second, first))
        if mixed <= alone * (1 + give) and again.mean() < fewest:
            chosen, fewest = {"none": none, "side": side}, again.mean()
    print(f"screen {chosen}: {fewest:.2f} asked again; {alone:.4f} if all are")
    return chosen


def _directed_f1(probabilities: np.ndarray, truth: list[int]) -> float:
    guess = five_way(probabilities[::2], probabilities[1::2])
    return evaluation.macro_f1(truth, guess, DIRECTED)["f1"].iloc[-1]


def _log_loss(probabilities: np.ndarray, truth: list[int]) -> float:
    """Mean log-loss: unlike macro-F1, no rare row moves it much."""
    return float(-np.log(probabilities[np.arange(len(truth)), truth].clip(1e-9)).mean())


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
    settings |= fit(data_dir, Checkpoint(str(base), _folder(adapter), screen))
    (adapter / SETTINGS).write_text(json.dumps(settings))
    settings["validation"] = validate(data_dir, Checkpoint(str(base), _folder(adapter), screen))
    (adapter / SETTINGS).write_text(json.dumps(settings, indent=2) + "\n")
    print(json.dumps(settings, indent=2))


def fit(data_dir: Path, checkpoint: Checkpoint) -> dict:
    """`calibration`, and `screen` if there is one before it, from rows held out of the training files."""
    model, held_out = Entailment(checkpoint), read_data(data_dir)[1]
    directed, writers = held_out["directed"], {AUTHOR: held_out["target"], PROPOSITION: held_out["claims"]}
    classes = [DIRECTED.index(row["label"]) for row in directed]
    asked = {"actor": both_directions(directed)} | {kind: author_pairs(of) for kind, of in writers.items()}
    truth = {
        "actor": [LABELS.index(directed_stance(row["label"], side)) for row in directed for side in "pq"]
    }
    truth |= {kind: [LABELS.index(row["label"]) for row in of] for kind, of in writers.items()}
    own = {kind: pair_logits(pairs, model) for kind, pairs in asked.items()}
    first = {
        kind: pair_logits(pairs, model.screen) if model.screen else own[kind] for kind, pairs in asked.items()
    }

    def both(kind: str, share: float) -> tuple[np.ndarray, dict]:
        logits = second_opinion(own[kind], first[kind], share)
        fitted = fit_calibration(logits, truth[kind])
        fitted = favour_rare(logits, fitted, classes) if kind == "actor" else fitted
        return calibrate(logits, fitted), fitted

    settings: dict = {"calibration": {}}
    if model.screen:
        settings["screen"] = {}
    for kind in asked:
        loss = partial(_log_loss, truth=truth[kind])
        tried = {share: both(kind, share) for share in (SHARES if model.screen else SHARES[:1])}
        share = min(tried, key=lambda share: loss(tried[share][0]))
        answers, settings["calibration"][kind] = tried[share]
        if model.screen:
            alone = calibrate(first[kind], model.screen.settings["calibration"][kind])
            settings["screen"][kind] = {"share": round(share, 4)} | fit_screen(alone, answers, loss)
    return settings


def validate(data_dir: Path, checkpoint: Checkpoint) -> dict:
    """Macro-F1 and F1 of each class on the validation files."""
    profile = replace(load_profile("bundled"), name="finished", entailment=checkpoint)
    forget()
    return {
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


def _folder(adapter: Path) -> str:
    """An adapter as a checkpoint names it."""
    return str(adapter.resolve())
