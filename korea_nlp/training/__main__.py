"""The training loop."""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import numpy as np

from korea_nlp.reader import BATCH, WEIGHTS, Reader, collate, encode
from korea_nlp.training.examples import Labelled, endless, read_data, varied
from korea_nlp.training.measures import measure

MAX_TOKENS = 192
SMOOTHING = 0.02
PASSAGES = {"news": 20, "directed": 16, "target": 8, "opinion": 2}
PAIRS = {"nli": 32, "claims": 12}
"""How many of each source are in a step, times `size`."""


def stance_loss(network, tokenizer, items: list[Labelled], rng: random.Random, device: str, weight: float):
    """Loss of the pairs of passages."""
    import torch
    from torch.nn.functional import cross_entropy

    from korea_nlp.network import SLOTS

    encoded = encode(tokenizer, [item.passage for item in items], MAX_TOKENS)
    slots = []
    for item in items:
        actors = {actor for *_, actor in item.passage.mentions}
        drawn = rng.sample(range(1, SLOTS + 1), min(len(actors), SLOTS))
        slots.append({actor: drawn[n % SLOTS] for n, actor in enumerate(sorted(actors))})
    batch = collate(encoded, tokenizer.pad_token_id, slots)
    place = batch.pop("place")
    batch = {name: values.to(device) for name, values in batch.items()}
    states = network.states(batch["ids"], batch["mask"], batch["slots"])
    actors = network.actors(network.pooled(states, batch["mentions"]), batch["of"], len(place))
    asked = [
        (h if h < 0 else place[row, h], place[row, t], row, label, item.source)
        for row, item in enumerate(items)
        for (h, t), label in zip(item.passage.pairs, item.labels, strict=True)
        if (h < 0 or (row, h) in place) and (row, t) in place
    ]
    holder, target, row, label = torch.tensor([values[:4] for values in asked], device=device).T
    logits = network.stances(states, batch["mask"], actors, holder, target, row)
    losses = cross_entropy(logits, label, reduction="none", label_smoothing=SMOOTHING)
    weights = torch.where(label == 2, 1.0, weight)
    sources = np.array([values[4] for values in asked])
    total = 0.0
    for source in set(sources):  # each source has its say, however many pairs its sentences have
        here = torch.as_tensor(np.flatnonzero(sources == source), device=device)
        share = sum(item.source == source for item in items) / len(items)
        total = total + share * (losses[here] * weights[here]).sum() / weights[here].sum()
    return total


def pair_loss(network, tokenizer, rows: list[tuple[str, str, int, int]], device: str):
    """Loss of sentence pairs: (one, other, label, 0 for entailment or 1 for what one thinks of the other)."""
    import torch
    from torch.nn.functional import cross_entropy

    one, other, label, task = zip(*rows, strict=True)
    encoded = tokenizer(list(one), list(other), truncation="longest_first", max_length=MAX_TOKENS, padding=True,
                        return_tensors="pt").to(device)  # fmt: skip
    logits = network.sentence_pair(encoded["input_ids"], encoded["attention_mask"]).view(len(rows), 2, 3)
    task = torch.tensor(task, device=device)
    chosen = logits[torch.arange(len(rows), device=device), task]
    return cross_entropy(chosen, torch.tensor(label, device=device), label_smoothing=SMOOTHING)


def train(
    data: Path, articles: Path, base: Path, out: Path, steps: int = 2500, rate: float = 4e-4, rank: int = 32,
    dropout: float = 0.1, weight: float = 1.0, seed: int = 13, minutes: float | None = None,
    check_every: int = 500, device: str = "cpu", share: float = 1.0, size: int = 1,
    start: Path | None = None,
) -> None:  # fmt: skip
    """Train, log the curve to ``out/log.csv``, and keep ``out/last`` fit to go on from.

    Parameters
    ----------
    data, articles
        As `korea_nlp.training.examples.read_data`.
    rank
        Of the low-rank additions.
    weight
        How much a pair with a side counts beside one without.
    minutes
        Stop after so many minutes of this call, with the rate fallen by then; the next call goes on.
    size
        How many times the usual number of examples a step has.
    start
        Weights of an earlier run to begin with.
    share
        Of the annotated articles, in the order of their numbers: for a curve.
    """
    import torch
    from safetensors.torch import load_file, save_file

    from korea_nlp.network import build, learnt

    began = time.monotonic()
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    rng = random.Random(seed)
    kept, held = read_data(data, articles)
    if share < 1:
        kept["news"] = kept["news"][:: max(round(1 / share), 1)]
    half_precision = device != "cpu" or torch.cpu._is_avx512_bf16_supported()
    tokenizer, network = build(base, rank, dropout)
    if start:
        begin = {name: values.float() for name, values in load_file(start).items()}
        network.load_state_dict(begin, strict=False)
    network.to(device)
    trained = learnt(network)
    for parameter in network.parameters():
        if half_precision and not parameter.requires_grad and parameter.dim() == 2:
            parameter.data = parameter.data.bfloat16()  # spares a conversion at every step
    optimizer = torch.optim.AdamW(trained.values(), lr=rate, weight_decay=0.01)
    last, step = out / "last.pt", 0
    if last.exists():
        state = torch.load(last, weights_only=True)
        network.load_state_dict(state["weights"], strict=False)
        optimizer.load_state_dict(state["optimizer"])
        step = state["step"]
    print(f"{sum(p.numel() for p in trained.values()):,} trained parameters, from step {step}; "
          f"{ {name: len(rows) for name, rows in kept.items()} }", flush=True)  # fmt: skip
    half: Callable = (lambda: torch.autocast(device, torch.bfloat16)) if half_precision else nullcontext
    names = sorted({item.passage.text[s:e] for item in kept["directed"] for s, e, _ in item.passage.mentions})
    streams = {source: endless(rows, rng) for source, rows in kept.items() if rows}
    losses: list[float] = []
    network.train()
    while step < steps:
        passages = [
            varied(next(streams[source]), rng, names)
            for source, count in PASSAGES.items() if source in streams for _ in range(count * size)
        ]  # fmt: skip
        pairs = [(*next(streams["nli"]), 0) for _ in range(PAIRS["nli"] * size)]
        for _ in range(PAIRS["claims"] * size):
            one, claim, label = next(streams["claims"])
            if rng.random() < 0.2:
                claim, label = rng.choice(kept["claims"])[1], 2
            pairs.append((one, claim, label, 1))
        done = max(step / steps, (time.monotonic() - began) / 60 / minutes if minutes else 0.0)
        factor = min(1.0, (step + 1) / 60) * max(0.02, 1 - done)
        for group in optimizer.param_groups:
            group["lr"] = rate * factor
        total = 0.0
        for part in ("passages", "pairs"):
            with half():
                if part == "passages":
                    loss = stance_loss(network, tokenizer, passages, rng, device, weight)
                else:
                    loss = 0.5 * pair_loss(network, tokenizer, pairs, device)
            loss.backward()
            total += loss.detach()
        torch.nn.utils.clip_grad_norm_(list(trained.values()), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        losses.append(total)
        step += 1
        spent = (time.monotonic() - began) / 60
        over = minutes is not None and spent > minutes
        if step % 50 == 0:
            mean = float(torch.stack([torch.as_tensor(x) for x in losses[-100:]]).mean())
            print(f"step {step}/{steps} loss {mean:.4f} {spent:.1f} min", flush=True)
        if step % check_every == 0 or step >= steps or over:
            weights = {name: p.detach().cpu() for name, p in trained.items()}
            save_file({name: p.half() for name, p in weights.items()}, out / WEIGHTS)
            torch.save({"weights": weights, "optimizer": optimizer.state_dict(), "step": step}, last)
            network.eval()
            with half():
                row = {
                    "step": step,
                    **measure(
                        Reader(tokenizer, network, device, BATCH if device == "cpu" else 8 * BATCH),
                        held,
                        data,
                    ),
                }
            network.train()
            with (out / "log.jsonl").open("a") as log:
                log.write(json.dumps(row) + "\n")
            print(row, flush=True)
        if over:
            break


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m korea_nlp.training", description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--articles", type=Path, default=Path("data/news"))
    parser.add_argument("--base", type=Path, required=True, help="folder of the base encoder")
    parser.add_argument("--out", type=Path, required=True, help="folder of the run: state and log")
    parser.add_argument("--steps", type=int, default=2500)
    parser.add_argument("--rate", type=float, default=4e-4)
    parser.add_argument("--rank", type=int, default=32)
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--weight", type=float, default=1.0)
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--size", type=int, default=1)
    parser.add_argument("--start", type=Path, metavar="FILE", help="weights of an earlier run to begin with")
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--check-every", type=int, default=500)
    parser.add_argument("--device", default="cpu")
    train(**vars(parser.parse_args()))


if __name__ == "__main__":
    main()
