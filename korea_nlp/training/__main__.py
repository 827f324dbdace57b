"""Train the reader: ``python -m korea_nlp.training --help``."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from safetensors.torch import load_file, save_file
from torch.nn.functional import cross_entropy
from typer import Argument, Option

from korea_nlp.reader import WEIGHTS, Reader, collate, encode, readable_pairs
from korea_nlp.reader.network import SLOTS, Network, build, load_encoder
from korea_nlp.training.examples import Labelled, read_data, steps_of
from korea_nlp.training.finish import measure
from korea_nlp.training.loop import SEED, halve_the_rest, halved, learn, set_dropout, take_up

MAX_TOKENS = 192
SMOOTHING = 0.02
PART = 14
"""Passages, of like length, that are read at once."""


def stance_loss(network: Network, tokenizer, items: list[Labelled], rng: random.Random, device: str) -> torch.Tensor:
    """Loss of the pairs of passages; each source has its say, however many pairs its sentences have."""
    passages = [item.passage for item in items]
    slots = []
    for passage in passages:
        actors = sorted({actor for *_, actor in passage.mentions})
        drawn = rng.sample(range(1, SLOTS + 1), min(len(actors), SLOTS))
        slots.append({actor: drawn[n % SLOTS] for n, actor in enumerate(actors)})
    batch, place = collate(encode(tokenizer, passages, MAX_TOKENS), tokenizer.pad_token_id, slots)
    asked = readable_pairs(passages, place)
    batch["pairs"] = torch.tensor([(row, holder, target) for row, _, holder, target in asked])
    logits = network(**{name: values.to(device) for name, values in batch.items()})
    labels = torch.tensor([items[row].labels[n] for row, n, *_ in asked], device=device)
    losses = cross_entropy(logits, labels, reduction="none", label_smoothing=SMOOTHING)
    sources = np.array([item.source for item in items])
    of_pairs = sources[[row for row, *_ in asked]]
    return sum(losses[of_pairs == source].mean() * float((sources == source).mean()) for source in np.unique(of_pairs))


def pair_loss(network: Network, tokenizer, pairs: list[tuple[str, str, int, int]], device: str) -> torch.Tensor:
    """Loss of pairs of texts: (one, other, label, 0 for entailment or 1 for what one thinks of the other)."""
    one, other, labels, tasks = zip(*pairs, strict=True)
    encoded = tokenizer(list(one), list(other), truncation="longest_first", max_length=MAX_TOKENS, padding=True,
                        return_tensors="pt").to(device)  # fmt: skip
    logits = network.sentence_pair(encoded["input_ids"], encoded["attention_mask"]).view(len(pairs), 2, 3)
    chosen = logits[torch.arange(len(pairs)), torch.tensor(tasks)]
    return cross_entropy(chosen, torch.tensor(labels, device=device), label_smoothing=SMOOTHING)


def freeze(network: Network, layers: int) -> None:
    """Learn nothing in so many lower layers, nor in what goes into them; without dropout, they are as in use."""
    for part in [network.slot, network.encoder.embeddings, *network.encoder.encoder.layer[:layers]]:
        set_dropout(part, 0.0)
        part.requires_grad_(False)


def train(
    data: Annotated[Path, Argument(help="folder of the public sets")],
    base: Annotated[Path, Option(help="folder of the base encoder")],
    out: Annotated[Path, Option(help="folder of the run; if it has a state, the training goes on from there")],
    articles: Annotated[Path, Option(help="folder of annotated news")] = Path("data/news"),
    steps: int = 2500,
    rate: float = 4e-4,
    rank: Annotated[int, Option(help="of the low-rank additions")] = 32,
    dropout: float = 0.1,
    minutes: Annotated[float, Option(help="stop after so many, with the rate fallen by then")] = math.inf,
    check_every: int = 500,
    size: Annotated[int, Option(help="how many times the usual number of examples a step has")] = 1,
    start: Annotated[Path | None, Option(help="weights of an earlier run to begin with")] = None,
    frozen: Annotated[int, Option(help="how many lower layers stay as they are; linker and check stand on six")] = 0,
    device: str = "cpu",
) -> None:
    """Train the reader; write its weights, the figures of each check (log.jsonl), and a state to go on from."""
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(SEED)
    rng = random.Random(SEED)
    kept, held = read_data(data, articles)
    print({name: len(examples) for name, examples in kept.items()}, flush=True)
    tokenizer, encoder = load_encoder(base, dropout)
    network = build(encoder, rank)
    begun = load_file(start) if start else {}
    take_up(network, begun)
    if frozen:
        freeze(network, frozen)
    network.to(device)
    half = device != "cpu" or torch.cpu._is_avx512_bf16_supported()
    precision = partial(torch.autocast, device, torch.bfloat16, enabled=half)
    if half:
        halve_the_rest(network)
    examples = steps_of(kept, rng, size)

    def losses() -> Iterator[torch.Tensor]:
        passages, pairs = next(examples)
        passages.sort(key=lambda item: len(item.passage.context) + len(item.passage.text))
        for first in range(0, len(passages), PART):
            part = passages[first : first + PART]
            with precision():
                loss = len(part) / len(passages) * stance_loss(network, tokenizer, part, rng, device)
            yield loss
        with precision():
            loss = 0.5 * pair_loss(network, tokenizer, pairs, device)
        yield loss

    def check(step: int) -> None:
        save_file(begun | halved(network), out / WEIGHTS)
        with precision():
            figures = {"step": step, **measure(Reader(tokenizer, network, device), held, data)}
        with (out / "log.jsonl").open("a") as log:
            log.write(json.dumps(figures) + "\n")
        print(figures, flush=True)

    learn(network, losses, check, check_every, rate, minutes=minutes, steps=steps, state=out / "last.pt")


if __name__ == "__main__":
    typer.run(train)
