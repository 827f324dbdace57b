"""Learn which words stand for an issue: ``python -m korea_nlp.training.issues --help``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits
from typer import Argument, Option

from korea_nlp.reader import LINKS, load_reader
from korea_nlp.reader.linker import ISSUES, states_of
from korea_nlp.reader.network import Linking
from korea_nlp.training.linker import Example, example_of
from korea_nlp.training.loop import SEED, learn_head, write_head
from korea_nlp.training.news import read_news

BATCH = 2048  # words
MARKED = 64
"""Further words of a step that stand for an issue: of all words one in two hundred does."""
WORDINGS = 6
"""How many times the passages count in which issues have many names."""
EPOCHS = 8


def labels_of(example: Example) -> np.ndarray:
    """Which of `ISSUES` each word of an article stands for, shape (words, issues)."""
    of_words = [example.issues.get(word, ()) for word in np.flatnonzero(example.places >= 0)]
    return np.array([[issue in issues for issue in ISSUES] for issues in of_words])


def learn(head: nn.Module, states: torch.Tensor, labels: torch.Tensor) -> None:
    """Learn from the states of words, shape (words, size), which issues they stand for."""
    marked = labels.any(1).nonzero()[:, 0]

    def loss() -> torch.Tensor:
        of_all, of_marked = torch.randint(len(states), (BATCH,)), marked[torch.randint(len(marked), (MARKED,))]
        drawn = torch.cat([of_all, of_marked])
        found = binary_cross_entropy_with_logits(head(states[drawn].float()), labels[drawn].float(), reduction="sum")
        return found / MARKED

    learn_head(head, loss, int(EPOCHS * len(states) / BATCH) + 1, warm_up=50)


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
    read = [(article, 1) for article in read_news(articles) if article.part == "train"]
    states, labels = [], []
    for article, times in read + [(passage, WORDINGS) for passage in read_news(articles / "wordings")]:
        example = example_of(article, whole.tokenizer, profile)
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
            _, both, _ = states_of(network, whole.tokenizer, example.words, example.windows)
        states += times * [both.half()]
        labels += times * [labels_of(example)]
    learn(network.issue, torch.cat(states), torch.tensor(np.concatenate(labels)))
    write_head("issue", network, reader / LINKS)


if __name__ == "__main__":
    typer.run(main)
