"""The training loop."""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import torch
import typer
from safetensors.torch import load_file, save_file
from torch.nn.functional import cross_entropy
from typer import Argument, Option

from korea_nlp.network import SLOTS, Network, build, load_encoder
from korea_nlp.reader import WEIGHTS, Reader, collate, encode, readable_pairs
from korea_nlp.training.examples import Labelled, read_data, steps_of
from korea_nlp.training.measures import measure
from korea_nlp.training.optimiser import Optimiser, halve_the_rest, halved, set_dropout

MAX_TOKENS = 192
SMOOTHING = 0.02
WARM_UP = 60
PART = 14
"""Passages, of like length, that are read at once."""
SEED = 13
STATE = "last.pt"


def stance_loss(network: Network, tokenizer, items: list[Labelled], rng: random.Random, device: str) -> torch.Tensor:
    """Loss of the pairs of passages; each source has its say, however many pairs its sentences have."""
    encoded = encode(tokenizer, [item.passage for item in items], MAX_TOKENS)
    slots = []
    for item in items:
        actors = {actor for *_, actor in item.passage.mentions}
        drawn = rng.sample(range(1, SLOTS + 1), min(len(actors), SLOTS))
        slots.append({actor: drawn[n % SLOTS] for n, actor in enumerate(sorted(actors))})
    batch, place = collate(encoded, tokenizer.pad_token_id, slots)
    asked = readable_pairs([item.passage for item in items], place)
    batch["pairs"] = torch.tensor([(row, holder, target) for row, _, holder, target in asked])
    logits = network(**{name: values.to(device) for name, values in batch.items()})
    labels = torch.tensor([items[row].labels[n] for row, n, *_ in asked], device=device)
    losses = cross_entropy(logits, labels, reduction="none", label_smoothing=SMOOTHING)
    total = torch.zeros((), device=device)
    for source in sorted({item.source for item in items}):
        here = [place for place, (row, *_) in enumerate(asked) if items[row].source == source]
        share = sum(item.source == source for item in items) / len(items)
        if here:
            total = total + share * losses[here].mean()
    return total


def pair_loss(network: Network, tokenizer, pairs: list[tuple[str, str, int, int]], device: str) -> torch.Tensor:
    """Loss of pairs of texts: (one, other, label, 0 for entailment or 1 for what one thinks of the other)."""
    one, other, labels, tasks = zip(*pairs, strict=True)
    encoded = tokenizer(list(one), list(other), truncation="longest_first", max_length=MAX_TOKENS, padding=True,
                        return_tensors="pt").to(device)  # fmt: skip
    logits = network.sentence_pair(encoded["input_ids"], encoded["attention_mask"]).view(len(pairs), 2, 3)
    chosen = logits[torch.arange(len(pairs), device=device), torch.tensor(tasks, device=device)]
    return cross_entropy(chosen, torch.tensor(labels, device=device), label_smoothing=SMOOTHING)


def freeze(network: Network, layers: int) -> None:
    """Learn nothing in so many lower layers, nor in what goes into them; without dropout, they are as in use."""
    for layer in [network.encoder.embeddings, *network.encoder.encoder.layer[:layers]]:
        set_dropout(layer, 0.0)
    for name, p in network.named_parameters():
        layer = re.search(r"layer\.(\d+)\.", name)
        if name.startswith("slot") or (layer and int(layer[1]) < layers):
            p.requires_grad_(False)


def save(optimiser: Optimiser, network: Network, out: Path, rest: dict) -> None:
    """Keep the weights, with the rest of what they began with, and the state to go on from."""
    save_file(rest | halved(network), out / WEIGHTS)
    weights = {name: p.detach().cpu() for name, p in optimiser.learnt.items()}
    state = {"weights": weights, "optimizer": optimiser.adam.state_dict(), "step": optimiser.steps}
    torch.save(state, out / STATE)


def go_on(optimiser: Optimiser, network: Network, out: Path) -> None:
    """Take up the state of an earlier run, if there is one."""
    if (out / STATE).exists():
        state = torch.load(out / STATE, weights_only=True)
        network.load_state_dict(state["weights"], strict=False)
        optimiser.adam.load_state_dict(state["optimizer"])
        optimiser.steps = state["step"]


def train(
    data: Annotated[Path, Argument(help="folder of the public sets")],
    base: Annotated[Path, Option(help="folder of the base encoder")],
    out: Annotated[Path, Option(help="folder of the run; if it has a state, the training goes on from there")],
    articles: Annotated[Path, Option(help="folder of annotated news")] = Path("data/news"),
    steps: int = 2500,
    rate: float = 4e-4,
    rank: Annotated[int, Option(help="of the low-rank additions")] = 32,
    dropout: float = 0.1,
    minutes: Annotated[float | None, Option(help="stop after so many, with the rate fallen by then")] = None,
    check_every: int = 500,
    size: Annotated[int, Option(help="how many times the usual number of examples a step has")] = 1,
    start: Annotated[Path | None, Option(help="weights of an earlier run to begin with")] = None,
    frozen: Annotated[int, Option(help="how many lower layers stay as they are; linker and check stand on six")] = 0,
    device: str = "cpu",
) -> None:
    """Train the reader; write its weights, the figures of each check (log.jsonl), and a state to go on from."""
    began = time.monotonic()
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(SEED)
    rng = random.Random(SEED)
    kept, held = read_data(data, articles)
    tokenizer, encoder = load_encoder(base, dropout)
    network = build(encoder, rank)
    rest = load_file(start) if start else {}
    network.load_state_dict({name: values.float() for name, values in rest.items()}, strict=False)
    if frozen:
        freeze(network, frozen)
    network.to(device)
    half_precision = device != "cpu" or torch.cpu._is_avx512_bf16_supported()
    if half_precision:
        halve_the_rest(network)
    optimiser = Optimiser(network, rate, WARM_UP)
    go_on(optimiser, network, out)
    print(f"{sum(p.numel() for p in optimiser.learnt.values()):,} trained parameters, from step {optimiser.steps}; "
          f"{ {name: len(examples) for name, examples in kept.items()} }", flush=True)  # fmt: skip

    def precision():
        return torch.autocast(device, torch.bfloat16) if half_precision else nullcontext()

    def losses(passages: list[Labelled], pairs: list[tuple]) -> Iterator[torch.Tensor]:
        passages = sorted(passages, key=lambda item: len(item.passage.context) + len(item.passage.text))
        for first in range(0, len(passages), PART):
            part = passages[first : first + PART]
            with precision():
                loss = len(part) / len(passages) * stance_loss(network, tokenizer, part, rng, device)
            yield loss
        with precision():
            loss = 0.5 * pair_loss(network, tokenizer, pairs, device)
        yield loss

    def minutes_spent() -> float:
        return (time.monotonic() - began) / 60

    examples, over = steps_of(kept, rng, size), False
    network.train()
    while optimiser.steps < steps and not over:
        done = max(optimiser.steps / steps, minutes_spent() / minutes if minutes else 0.0)
        optimiser.step(losses(*next(examples)), done)
        over = minutes is not None and minutes_spent() > minutes
        if optimiser.steps % 50 == 0:
            mean = optimiser.mean_loss(100)
            print(f"step {optimiser.steps}/{steps} loss {mean:.4f} {minutes_spent():.1f} min", flush=True)
        if optimiser.steps % check_every == 0 or optimiser.steps >= steps or over:
            save(optimiser, network, out, rest)
            network.eval()
            with precision():
                figures = {"step": optimiser.steps, **measure(Reader(tokenizer, network, device), held, data)}
            network.train()
            with (out / "log.jsonl").open("a") as log:
                log.write(json.dumps(figures) + "\n")
            print(figures, flush=True)


if __name__ == "__main__":
    typer.run(train)
