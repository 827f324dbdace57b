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
from pathlib import Path

import numpy as np

from korea_nlp import evaluation
from korea_nlp.calibration import finish
from korea_nlp.evaluation import DIRECTED, NLI, both_directions, five_way
from korea_nlp.examples import (
    CONTRADICTION,
    ENTAILMENT,
    NEUTRAL,
    NLI_LABELS,
    UNKNOWN,
    Example,
    batches,
    epoch_examples,
    read_data,
)
from korea_nlp.models import load_classifier
from korea_nlp.stance.pairs import hypothesis, mark
from korea_nlp.weights import Profile, load_profile, locate

MAX_TOKENS = 160
OWN_SAY = 0.3
SMOOTHING = 0.02
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
    dropout: float = 0.0,
    seed: int = 13,
    save_every: int = 200,
    check_every: int = 1000,
    minutes: float | None = None,
    start: Path | None = None,
    shares: dict[str, float] | None = None,
    teacher: str | Profile | None = None,
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
    dropout
        Share of each layer's output that is left out at random.
    minutes
        Stop after so many minutes of this call; the next call goes on.
    start
        Adapter of an earlier run to begin with, for a last phase on some of the sources.
    shares
        Share of each source that is used: directed, target, claims, opinion, templates, sentences, nli,
        unlabelled.
    teacher
        Profile whose entailment checkpoint has most of the say in what is right (distillation, Hinton et
        al. 2015): the labels count for `OWN_SAY`, and all that is unlabelled is the teacher's.
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
        hidden_dropout_prob=dropout,
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
    half = torch.cpu._is_avx512_bf16_supported()  # slower than single precision where it has to be imitated
    for weight in model.parameters():
        if half and not weight.requires_grad and weight.dim() == 2:  # spares a conversion at every step
            weight.data = weight.data.bfloat16()
    optimizer = torch.optim.AdamW(weights, lr=learning_rate, weight_decay=0.01, fused=True)
    if (last / "state.pt").exists():
        state = torch.load(last / "state.pt", weights_only=True)
        optimizer.load_state_dict(state["optimizer"])
        step = state["step"]
    print(f"{sum(p.numel() for p in weights):,} trained parameters, from step {step}", flush=True)

    def encode(premises: Iterable[str], hypotheses: Iterable[str], tokenizer=tokenizer):
        return tokenizer(
            list(premises),
            list(hypotheses),
            truncation="only_first",
            max_length=MAX_TOKENS,
            padding=True,
            return_tensors="pt",
        )

    known = load_classifier(load_profile(teacher).entailment) if teacher else None
    if known and half:
        known[1].bfloat16()

    def wanted(batch: list[Example]) -> torch.Tensor:
        """What is right: the label, and what the teacher says."""
        labels = torch.tensor([max(e.label, 0) for e in batch])
        right = torch.nn.functional.one_hot(labels, len(NLI_LABELS)) * (1 - SMOOTHING) + SMOOTHING / 3
        if known is None:
            return right
        with torch.inference_mode():
            said = known[1](
                **encode((e.premise for e in batch), (e.hypothesis for e in batch), known[0])
            ).logits
        own = torch.tensor([[OWN_SAY if e.label != UNKNOWN else 0.0] for e in batch])
        return own * right + (1 - own) * torch.softmax(said.float(), -1)

    def probabilities(pairs: list[tuple[str, str]]) -> np.ndarray:
        model.eval()
        order = sorted(range(len(pairs)), key=lambda i: len(pairs[i][0]))
        scores = np.zeros((len(pairs), 3))
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=half):
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

    def cut_epoch(epoch: int) -> list[list[Example]]:
        examples = epoch_examples(data, epoch, epochs, seed, shares)
        return batches(examples, batch_size, random.Random(f"{seed}-{epoch}"))

    per_epoch = min(len(cut_epoch(epoch)) for epoch in range(epochs))  # shares are drawn anew in each
    total = int(per_epoch * epochs * 0.99)
    losses: list[float] = []
    model.train()
    while step < total:
        epoch, done = divmod(step, per_epoch)
        for batch in cut_epoch(epoch)[done:per_epoch]:
            warm = min(1.0, (step + 1) / (0.03 * total))
            for group in optimizer.param_groups:
                group["lr"] = learning_rate * warm * max(0.0, 1 - step / total)
            with torch.autocast("cpu", torch.bfloat16, enabled=half):
                logits = model(**encode((e.premise for e in batch), (e.hypothesis for e in batch))).logits
            loss = torch.nn.functional.cross_entropy(logits.float(), wanted(batch))
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


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m korea_nlp.training", description=__doc__)
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("--out", type=Path, required=True, help="folder of the run: state, log, adapter")
    parser.add_argument("--base", type=Path, help="folder of the base model (default: the bundled MiniLM)")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--seed", type=int, default=13, help="of the order, and of what is drawn")
    parser.add_argument("--minutes", type=float, help="stop after so many minutes; call again to go on")
    parser.add_argument("--learning-rate", type=float, default=6e-4)
    parser.add_argument("--rank", type=int, default=64, help="of the low-rank additions")
    parser.add_argument("--frozen", type=int, default=0, help="so many first layers are left as they are")
    parser.add_argument("--dropout", type=float, default=0.0)
    parser.add_argument(
        "--start", type=Path, metavar="FOLDER", help="adapter of an earlier run to begin with"
    )
    parser.add_argument(
        "--shares", type=json.loads, metavar="JSON", help="use only so much: '{\"nli\": 0.1}'"
    )
    parser.add_argument(
        "--teacher", metavar="PROFILE", help="whose checkpoint has most of the say in what is right"
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
            for name in (
                "epochs",
                "learning_rate",
                "rank",
                "frozen",
                "dropout",
                "seed",
                "minutes",
                "start",
                "shares",
                "teacher",
            )
        }
        train(given.data_dir, base, given.out, **rest)


if __name__ == "__main__":
    main()
