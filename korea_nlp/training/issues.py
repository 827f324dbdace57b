"""Learn which words stand for an issue: ``python -m korea_nlp.training.issues --help``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits
from typer import Argument, Option

from korea_nlp.linker import ISSUES, SPOKEN_OF, probability, states_of
from korea_nlp.network import Linking
from korea_nlp.reader import LINKS, load_reader
from korea_nlp.training.linker import SEED, Example, example_of
from korea_nlp.training.news import read_news
from korea_nlp.training.optimiser import set_dropout

BATCH = 2048  # words
MARKED = 64
"""Further words of a step that stand for an issue: of all words one in two hundred does."""
WORDINGS = 6
"""How many times the passages count in which issues have many names."""
DROPOUT = 0.3


def labels_of(example: Example) -> np.ndarray:
    """Which of `ISSUES` each word of an article stands for, shape (words, issues)."""
    found = np.zeros((len(example.words.text), len(ISSUES)), dtype=bool)
    for word, issues in example.issues.items():
        found[word] = [issue in issues for issue in ISSUES]
    return found[example.places >= 0]


def learn(head: nn.Module, states: torch.Tensor, labels: torch.Tensor, epochs: float = 8, rate: float = 1e-3) -> None:
    """Learn from the states of words, shape (words, size), which issues they stand for."""
    set_dropout(head, DROPOUT)
    head.train()
    marked = labels.any(1).nonzero()[:, 0]
    steps = int(epochs * len(states) / BATCH) + 1
    adam = torch.optim.AdamW(head.parameters(), lr=rate, weight_decay=0.05)
    for step in range(steps):
        adam.param_groups[0]["lr"] = rate * min(1, (step + 1) / 50) * (1 - step / steps)
        of_all, of_marked = torch.randint(len(states), (BATCH,)), marked[torch.randint(len(marked), (MARKED,))]
        drawn = torch.cat([of_all, of_marked])
        loss = binary_cross_entropy_with_logits(head(states[drawn].float()), labels[drawn].float(), reduction="sum")
        adam.zero_grad()
        (loss / MARKED).backward()
        adam.step()
    head.eval()


def measure(head: nn.Module, read: Sequence[tuple[Example, torch.Tensor]]) -> tuple[float, float, float]:
    """Precision, recall and F1 of the issues of each sentence."""
    found, wanted = set(), set()
    for n, (example, states) in enumerate(read):
        sentence = np.array(example.words.sentence)[example.places >= 0]
        with torch.inference_mode():
            sure = probability(head(states.float()).numpy())
        for rows, into in ((sure >= SPOKEN_OF, found), (labels_of(example), wanted)):
            word, issue = np.nonzero(rows)
            into.update(zip([n] * len(word), sentence[word].tolist(), issue.tolist(), strict=True))
    right = len(found & wanted)
    precision, recall = right / max(len(found), 1), right / max(len(wanted), 1)
    return precision, recall, 2 * right / max(len(found) + len(wanted), 1)


def main(
    base: Annotated[Path, Argument(help="folder of the base encoder")],
    reader: Annotated[Path, Argument(help="folder of the reader, with its linker")],
    articles: Annotated[Path, Option(help="folder of annotated news")] = Path("data/news"),
    profile: Annotated[str, Option(help="whose language model parses")] = "bundled",
) -> None:
    """Learn from the annotated articles whose number does not end in 0 or 5 which words stand for an issue.

    The layers stay as they are: only the head for issues is learnt, and written beside the others into the linker.
    """
    torch.manual_seed(SEED)
    whole = load_reader(base, reader)
    network: Linking = whole.network.linking
    parts: dict[str, list[tuple[Example, torch.Tensor]]] = {"train": [], "tune": [], "held out": []}
    for article in [*read_news(articles), *WORDINGS * read_news(articles / "wordings")]:
        example = example_of(article, whole.tokenizer, profile)
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
            _, both, _ = states_of(network, whole.tokenizer, example.words, example.windows)
        parts[example.part].append((example, both.half()))
    learnt = parts["train"]
    labels = torch.tensor(np.concatenate([labels_of(example) for example, _ in learnt]))
    learn(network.issue, torch.cat([states for _, states in learnt]), labels)
    weights = load_file(reader / LINKS) | {
        f"issue.{name}": values.detach().half().contiguous() for name, values in network.issue.state_dict().items()
    }
    save_file(weights, reader / LINKS)
    for part in ("tune", "held out"):
        print(part, *(f"{figure:.3f}" for figure in measure(network.issue, parts[part])))


if __name__ == "__main__":
    typer.run(main)
