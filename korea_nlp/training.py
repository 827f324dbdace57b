"""Train the bundled stance checkpoint: ``python -m korea_nlp.training DATA_DIR --out FOLDER``.

The data are public sets in one JSON object per line (the model card names them). Only low-rank
additions to the base model are trained and saved (LoRA, Hu et al. 2021). A run that was stopped
goes on from its last checkpoint.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from korea_nlp import evaluation
from korea_nlp.evaluation import DIRECTED, NLI, both_directions, five_way, read_rows
from korea_nlp.examples import (
    CONTRADICTION,
    ENTAILMENT,
    NEUTRAL,
    NLI_LABELS,
    batches,
    directed_stance,
    epoch_examples,
    read_data,
)
from korea_nlp.models import SETTINGS, entailment
from korea_nlp.stance import LABELS, calibrate, pair_logits, score_stance
from korea_nlp.stance.pairs import AUTHOR, hypothesis, mark
from korea_nlp.weights import ASSETS, Checkpoint, Profile, load_profile, locate

MAX_TOKENS = 160
LINEAR = r".*\.(layer\.({layers})|pooler)\..*(query|key|value|dense|\.[qkvo])"  # of BERT and of MPNet


def train(
    data_dir: Path,
    base: Path,
    out: Path,
    epochs: int = 5,
    batch_size: int = 48,
    learning_rate: float = 6e-4,
    rank: int = 64,
    frozen: int = 0,
    seed: int = 13,
    save_every: int = 200,
    check_every: int = 1000,
    minutes: float | None = None,
    start: Path | None = None,
    shares: dict[str, float] | None = None,
) -> None:
    """Train, log the curve to ``out/log.csv``, and keep ``out/last`` fit to go on from.

    Parameters
    ----------
    data_dir
        Folder with the ``*.jsonl.gz`` files.
    base
        Folder of the base checkpoint.
    out
        Folder for the adapter, the log and the state of the run.
    rank, frozen
        Rank of the additions; so many of the first layers get none, which makes a step cheaper.
    minutes
        Stop after so many minutes of this call; the next call goes on.
    start
        Adapter of an earlier run to begin with, for a last phase on some of the sources.
    shares
        Share of each source that is used: directed, target, claims, opinion, templates, nli.
    """
    import torch
    from peft import LoraConfig, PeftModel, get_peft_model
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    began = time.monotonic()
    out.mkdir(parents=True, exist_ok=True)
    data, held_out = read_data(data_dir)
    torch.manual_seed(seed)
    tokenizer = AutoTokenizer.from_pretrained(base)
    model = AutoModelForSequenceClassification.from_pretrained(
        base,
        num_labels=3,
        id2label={v: k for k, v in NLI_LABELS.items()},
        label2id=NLI_LABELS,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    last = out / "last"
    step = 0
    begin = last if (last / "state.pt").exists() else start
    if begin:
        model = PeftModel.from_pretrained(model, begin, is_trainable=True)
    else:
        model = get_peft_model(
            model,
            LoraConfig(
                task_type="SEQ_CLS",
                r=rank,
                lora_alpha=rank,
                lora_dropout=0.0,
                target_modules=LINEAR.format(
                    layers="|".join(map(str, range(frozen, model.config.num_hidden_layers)))
                ),
            ),
        )
    weights = [p for p in model.parameters() if p.requires_grad]
    for weight in model.parameters():  # spares a conversion at every step
        if not weight.requires_grad and weight.dim() == 2:
            weight.data = weight.data.bfloat16()
    optimizer = torch.optim.AdamW(weights, lr=learning_rate, weight_decay=0.01, fused=True)
    if (last / "state.pt").exists():
        state = torch.load(last / "state.pt", weights_only=True)
        optimizer.load_state_dict(state["optimizer"])
        step = state["step"]
    print(f"{sum(p.numel() for p in weights):,} trained parameters, from step {step}", flush=True)

    def encode(premises: Iterable[str], hypotheses: Iterable[str]):
        return tokenizer(
            list(premises),
            list(hypotheses),
            truncation="only_first",
            max_length=MAX_TOKENS,
            padding=True,
            return_tensors="pt",
        )

    def probabilities(pairs: list[tuple[str, str]]) -> np.ndarray:
        model.eval()
        order = sorted(range(len(pairs)), key=lambda i: len(pairs[i][0]))
        scores = np.zeros((len(pairs), 3))
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
            for i in range(0, len(order), 64):
                chosen = order[i : i + 64]
                logits = model(**encode((pairs[j][0] for j in chosen), (pairs[j][1] for j in chosen))).logits
                scores[chosen] = torch.softmax(logits.float(), -1).numpy()
        model.train()
        return scores

    def check() -> dict[str, float]:
        rows = held_out["directed"]
        pairs = both_directions(rows).itertuples(index=False, name=None)
        nli = probabilities([(mark(*pair), hypothesis("pro", *pair[1:])) for pair in pairs])
        stances = nli[:, [ENTAILMENT, CONTRADICTION, NEUTRAL]]
        guess = five_way(stances[::2], stances[1::2])
        table = evaluation.macro_f1([DIRECTED.index(r["label"]) for r in rows], guess, DIRECTED)
        rows = held_out["nli"][:500]
        nli = probabilities([(r["premise"], r["hypothesis"]) for r in rows]).argmax(1)
        accuracy = float(np.mean(nli == [NLI.index(r["label"]) for r in rows]))
        return {**table.set_index("class")["f1"], "nli_accuracy": accuracy}

    def save() -> None:
        model.save_pretrained(last)
        torch.save({"optimizer": optimizer.state_dict(), "step": step}, last / "state.pt")

    per_epoch = len(batches(epoch_examples(data, 0, epochs, seed, shares), batch_size, random.Random(0)))
    total = int(per_epoch * epochs * 0.99)
    losses: list[float] = []
    model.train()
    while step < total:
        epoch, done = divmod(step, per_epoch)
        cut = batches(
            epoch_examples(data, epoch, epochs, seed, shares), batch_size, random.Random(f"{seed}-{epoch}")
        )
        for batch in cut[done:per_epoch]:
            warm = min(1.0, (step + 1) / (0.03 * total))
            for group in optimizer.param_groups:
                group["lr"] = learning_rate * warm * max(0.0, 1 - step / total)
            with torch.autocast("cpu", torch.bfloat16):
                logits = model(**encode((e.premise for e in batch), (e.hypothesis for e in batch))).logits
            loss = torch.nn.functional.cross_entropy(
                logits.float(), torch.tensor([e.label for e in batch]), label_smoothing=0.02
            )
            loss.backward()
            torch.nn.utils.clip_grad_norm_(weights, 1.0)
            optimizer.step()
            optimizer.zero_grad()
            losses.append(loss.item())
            step += 1
            if step % 50 == 0:
                spent = time.monotonic() - began
                print(
                    f"step {step}/{total} loss {np.mean(losses[-200:]):.4f} {spent / 60:.1f} min", flush=True
                )
            over = minutes is not None and time.monotonic() - began > 60 * minutes
            if step % save_every == 0 or step >= total or over:
                save()
            if step % check_every == 0 or step >= total or over:
                row = {"step": step, "loss": np.mean(losses[-check_every:]), **check()}
                log = out / "log.csv"
                if not log.exists():
                    log.write_text(",".join(row) + "\n")
                with log.open("a") as f:
                    f.write(
                        ",".join(f"{v:.4f}" if isinstance(v, float) else str(v) for v in row.values()) + "\n"
                    )
                print(row, flush=True)
            if step >= total or over:
                break
        if over:
            break


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


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m korea_nlp.training", description=__doc__)
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("--out", type=Path, required=True, help="folder of the run: state, log, adapter")
    parser.add_argument("--base", type=Path, help="folder of the base model (default: the bundled MiniLM)")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--minutes", type=float, help="stop after so many minutes; call again to go on")
    parser.add_argument("--learning-rate", type=float, default=6e-4)
    parser.add_argument("--rank", type=int, default=64, help="of the low-rank additions")
    parser.add_argument("--frozen", type=int, default=0, help="so many first layers are left as they are")
    parser.add_argument(
        "--start", type=Path, metavar="FOLDER", help="adapter of an earlier run to begin with"
    )
    parser.add_argument(
        "--shares", type=json.loads, metavar="JSON", help="use only so much: '{\"nli\": 0.1}'"
    )
    parser.add_argument(
        "--finish", type=Path, metavar="FOLDER", help="do not train: calibrate and write the adapter"
    )
    parser.add_argument("--screen", metavar="PROFILE", help="with --finish: whose checkpoint is asked first")
    given = parser.parse_args()
    base = given.base or Path(locate(load_profile("bundled").embedding))
    if given.finish:
        screen = load_profile(given.screen).entailment if given.screen else None
        finish(given.data_dir, base, given.out, given.finish, screen)
    else:
        rest = {
            name: getattr(given, name)
            for name in ("epochs", "learning_rate", "rank", "frozen", "minutes", "start", "shares")
        }
        train(given.data_dir, base, given.out, **rest)


if __name__ == "__main__":
    main()
