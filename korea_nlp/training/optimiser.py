"""What trainings share: AdamW on the parameters that are learnt, with a rate that falls, and the layers below them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence


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


def lower_states(
    network: nn.Module, encoded: Sequence[list[int]], pad: int, device: str, size: int
) -> list[torch.Tensor]:
    """Texts as lower layers, in which nothing is learnt, leave them: read once, shape (length, width) each."""
    found = [torch.empty(0)] * len(encoded)
    order = sorted(range(len(encoded)), key=lambda n: len(encoded[n]))
    with torch.inference_mode(), torch.autocast(device, torch.bfloat16):
        for start in range(0, len(order), size):
            chosen = order[start : start + size]
            ids = [torch.tensor(encoded[n]) for n in chosen]
            mask = pad_sequence([torch.ones_like(each) for each in ids], batch_first=True)
            padded = pad_sequence(ids, batch_first=True, padding_value=pad)
            states = network.lower(padded.to(device), mask.to(device)).to(torch.bfloat16)
            for n, state in zip(chosen, states, strict=True):
                found[n] = state[: len(encoded[n])].clone().cpu()
    return found


class Optimiser:
    """AdamW, whose rate rises over the first `warm_up` steps and falls to a fiftieth while the training goes on.

    Attributes
    ----------
    learnt
        The parameters, by name.
    steps
        How many were taken.
    losses
        The loss of each step of this run.
    """

    def __init__(self, network: nn.Module, rate: float, warm_up: int):
        self.learnt, self.rate, self.warm_up = learnt(network), rate, warm_up
        self.adam = torch.optim.AdamW(self.learnt.values(), lr=rate, weight_decay=0.01)
        self.steps = 0
        self.losses: list[torch.Tensor] = []

    def step(self, losses: Iterable[torch.Tensor], done: float) -> None:
        """Learn from the sum of losses, each let go before the next is made; `done` is 0 to 1 of the training."""
        for group in self.adam.param_groups:
            group["lr"] = self.rate * min(1.0, (self.steps + 1) / self.warm_up) * max(0.02, 1 - done)
        total = 0.0
        for loss in losses:
            loss.backward()
            total = total + loss.detach()
        nn.utils.clip_grad_norm_(list(self.learnt.values()), 1.0)
        self.adam.step()
        self.adam.zero_grad()
        self.losses.append(total)
        self.steps += 1

    def mean_loss(self, last: int) -> float:
        """Mean loss of the last steps."""
        return float(torch.stack(self.losses[-last:]).mean())
