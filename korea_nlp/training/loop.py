"""What trainings share: the loop, the layers below what is learnt, and the form in which it is saved."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence

from korea_nlp.reader import load_reader
from korea_nlp.reader.network import load_encoder

DROPOUT = 0.1
SEED = 13
TOLD = 50
"""Steps after which the loss is printed."""


def learnt(network: nn.Module) -> dict[str, nn.Parameter]:
    """The parameters that training changes, by name."""
    return {name: p for name, p in network.named_parameters() if p.requires_grad}


def halve_the_rest(network: nn.Module) -> None:
    """Keep the matrices that are not learnt in half precision, which spares a conversion at every step."""
    for parameter in network.parameters():
        if not parameter.requires_grad and parameter.dim() == 2:
            parameter.data = parameter.data.bfloat16()


def set_dropout(network: nn.Module, share: float) -> None:
    """Switch dropout on in layers that were loaded without it."""
    for module in network.modules():
        if isinstance(module, nn.Dropout):
            module.p = share


def halved(network: nn.Module) -> dict[str, torch.Tensor]:
    """The learnt parameters as they are saved: in half precision."""
    return {name: p.detach().half().cpu().contiguous() for name, p in learnt(network).items()}


def take_up(network: nn.Module, weights: Mapping[str, torch.Tensor]) -> None:
    """Begin with weights of an earlier run, as `halved` has them."""
    network.load_state_dict({name: values.float() for name, values in weights.items()}, strict=False)


def on_top_of(
    base: Path, reader: Path, kind: type, rank: int, layers: int, begun: Mapping, device: str = "cpu", **more
) -> tuple:
    """The tokenizer of a reader, and a `Checker` or `Linking` on its lower layers that begins with some weights."""
    whole = load_reader(base, reader, device)
    network = kind(whole.network.encoder, load_encoder(base)[1].encoder.layer, rank, layers, **more).to(device)
    take_up(network, begun)
    set_dropout(network.above, DROPOUT)
    halve_the_rest(network)
    return whole.tokenizer, network


def lower_states(network: nn.Module, encoded: Sequence[list[int]], pad: int, size: int) -> list[torch.Tensor]:
    """Texts as lower layers, in which nothing is learnt, leave them: read once, shape (length, width) each."""
    found = [torch.empty(0)] * len(encoded)
    order = sorted(range(len(encoded)), key=lambda n: len(encoded[n]))
    device = network.below.device
    with torch.inference_mode(), torch.autocast(device.type, torch.bfloat16):
        for start in range(0, len(order), size):
            chosen = order[start : start + size]
            ids = [torch.tensor(encoded[n]) for n in chosen]
            mask = pad_sequence([torch.ones_like(each) for each in ids], batch_first=True)
            padded = pad_sequence(ids, batch_first=True, padding_value=pad)
            states = network.lower(padded.to(device), mask.to(device)).to(torch.bfloat16)
            for n, state in zip(chosen, states, strict=True):
                found[n] = state[: len(encoded[n])].clone().cpu()
    return found


def batches(items: Sequence, size: int, rng: random.Random) -> Iterator[list]:
    """So many of the items, without end, each time in another order; what is left over at the end of one is dropped."""
    order: list = []
    while True:
        order = order if len(order) >= size else rng.sample(items, len(items))
        yield [order.pop() for _ in range(size)]


def learn(
    network: nn.Module,
    losses: Callable[[], Iterable[torch.Tensor]],
    check: Callable[[int], None],
    every: int,
    rate: float,
    warm_up: int = 60,
    minutes: float = math.inf,
    steps: float = math.inf,
    state: Path | None = None,
) -> None:
    """Learn until so many minutes or steps are over.

    Parameters
    ----------
    losses
        Makes the losses of a step, whose sum is learnt from; each is let go before the next is made.
    check
        Gets the number of steps, after every so many and at the end.
    rate
        Of AdamW: it rises over the first `warm_up` steps, and falls to a fiftieth while the training goes on.
    state
        File to go on from, if it is there, and to keep where the training is.
    """
    parameters, began = learnt(network), time.monotonic()
    adam = torch.optim.AdamW(parameters.values(), lr=rate, weight_decay=0.01)
    step, last = 0, []
    if state and state.exists():
        kept = torch.load(state, weights_only=True)
        network.load_state_dict(kept["weights"], strict=False)
        adam.load_state_dict(kept["optimizer"])
        step = kept["step"]
    print(f"{sum(p.numel() for p in parameters.values()):,} parameters, from step {step}", flush=True)
    network.train()
    done = step / steps
    while done < 1:
        for group in adam.param_groups:
            group["lr"] = rate * min(1.0, (step + 1) / warm_up) * max(0.02, 1 - done)
        last.append(0.0)
        for loss in losses():
            loss.backward()
            last[-1] = last[-1] + loss.detach()
        nn.utils.clip_grad_norm_(parameters.values(), 1.0)
        adam.step()
        adam.zero_grad()
        step += 1
        spent = (time.monotonic() - began) / 60
        done = max(step / steps, spent / minutes) if minutes else 1.0
        if step % TOLD == 0:
            print(f"step {step} loss {torch.stack(last[-TOLD:]).mean():.4f} {spent:.1f} min", flush=True)
        if step % every == 0 or done >= 1:
            if state:
                weights = {name: p.detach().cpu() for name, p in parameters.items()}
                torch.save({"weights": weights, "optimizer": adam.state_dict(), "step": step}, state)
            network.eval()
            check(step)
            network.train()
