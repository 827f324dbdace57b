"""Learn the linker's heads for issues and for speech, each alone: ``python -m korea_nlp.training.heads --help``."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits
from typer import Argument, Option

from korea_nlp.actors import find_actors
from korea_nlp.actors.references import words_of_article
from korea_nlp.quotes import find_voices
from korea_nlp.reader import LINKS, Reader, load_reader
from korea_nlp.reader.linker import ISSUES, sentence_means, states_of
from korea_nlp.reader.words import Words, windows
from korea_nlp.stance import AUTHOR
from korea_nlp.training.linker import example_of
from korea_nlp.training.loop import SEED, set_dropout
from korea_nlp.training.news import NewsArticle, article_of, read_news

DROPOUT = 0.3
RATE = 1e-3
WORDS, MARKED, EPOCHS = 2048, 64, 8
"""Of a step for issues: words, and further ones that stand for an issue, as of all words one in two hundred does."""
WORDINGS = 6
"""How many times the passages count in which issues have many names."""
SENTENCES, STEPS = 256, 400
"""Of a step for speech, and how many steps there are."""
ARTICLES = 400
"""How many articles of `data/news` speech is learnt from beside the passages in which it goes on: there, never."""
Rows = Iterator[tuple[torch.Tensor, torch.Tensor]]


def of_issues(articles: Path, reader: Reader, profile: str) -> Rows:
    """States of the words of each article, and which of `ISSUES` each stands for, shape (words, issues)."""
    read = [(article, 1) for article in read_news(articles) if article.part == "train"]
    for article, times in read + [(passage, WORDINGS) for passage in read_news(articles / "wordings")]:
        example = example_of(article, reader.tokenizer, profile)
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
            _, both, _ = states_of(reader.network.linking, reader.tokenizer, example.words, example.windows)
        of_words = [example.issues.get(word, ()) for word in np.flatnonzero(example.places >= 0)]
        yield from times * [(both.half(), torch.tensor([[issue in found for issue in ISSUES] for found in of_words]))]


def of_speech(articles: Path, reader: Reader, profile: str) -> Rows:
    """Of each article, the sentences that seem to be the writer's and follow reported speech in their paragraph: means
    of the states of their words, and whether the speech goes on, shape (sentences, 1).
    """
    marked = [each for each in read_news(articles / "pairs") if any(s.goes_on for s in each.sentences)]
    others = [each for each in read_news(articles) if each.part == "train"]
    for annotated in marked + random.Random(SEED).sample(others, min(ARTICLES, len(others))):
        words, asked = after_speech(annotated, profile)
        parts = windows(words, reader.tokenizer)
        with torch.inference_mode():
            _, both, places = states_of(reader.network.linking, reader.tokenizer, words, parts)
            means, numbers = sentence_means(words, both, places)
        rows = {number: row for row, number in enumerate(numbers)}
        read = {rows[number]: label for word, label in asked if (number := words.sentence[word]) in rows}
        yield means[list(read)], torch.tensor([*read.values()]).reshape(-1, 1)


def after_speech(annotated: NewsArticle, profile: str) -> tuple[Words, list[tuple[int, bool]]]:
    """An article, and the first word of each sentence that `of_speech` asks about, and if speech goes on there."""
    article, starts = article_of(annotated, profile)
    goes_on = dict(zip(starts, (sentence.goes_on for sentence in annotated.sentences), strict=True))
    mentions = find_actors(article)
    voices = find_voices(article, mentions)
    seems = (voices["voice"] == AUTHOR) | ((voices["voice"] == "reported") & (voices["cue"] == ""))
    seems = seems.groupby(voices["sentence"]).all()
    found, paragraph, spoken = [], 0, False
    for sentence in article.sentences.itertuples():
        spoken = spoken and sentence.paragraph == paragraph
        paragraph = sentence.paragraph
        if seems[sentence.sentence] and spoken:
            first = article.doc.char_span(sentence.start, sentence.start + 1, alignment_mode="expand")[0].i
            found.append((first, goes_on.get(sentence.start, False)))
        spoken = spoken or not seems[sentence.sentence]
    named = mentions[["start", "end", "actor", "kind"]].itertuples(index=False, name=None)
    return words_of_article(article, named), found


def learn(head: nn.Module, states: torch.Tensor, labels: torch.Tensor) -> None:
    """Learn labels, shape (rows, out), from states, shape (rows, size): one label is speech, several are issues."""
    set_dropout(head, DROPOUT)
    head.train()
    issues, marked = labels.shape[1] > 1, labels.any(1).nonzero()[:, 0]
    size, warm_up = (WORDS, 50) if issues else (SENTENCES, 30)
    steps = int(EPOCHS * len(states) / WORDS) + 1 if issues else STEPS
    adam = torch.optim.AdamW(head.parameters(), lr=RATE, weight_decay=0.05)
    for step in range(steps):
        adam.param_groups[0]["lr"] = RATE * min(1, (step + 1) / warm_up) * (1 - step / steps)
        drawn = torch.randint(len(states), (size,))
        if issues:
            drawn = torch.cat([drawn, marked[torch.randint(len(marked), (MARKED,))]])
        loss = binary_cross_entropy_with_logits(head(states[drawn].float()), labels[drawn].float(), reduction="sum")
        adam.zero_grad()
        (loss / (MARKED if issues else size)).backward()
        adam.step()
    head.eval()


def main(
    head: Annotated[str, Argument(help="issue or speech")],
    base: Annotated[Path, Argument(help="folder of the base encoder")],
    reader: Annotated[Path, Argument(help="folder of the reader, with its linker")],
    articles: Annotated[Path, Option(help="folder of annotated news")] = Path("data/news"),
    profile: Annotated[str, Option(help="whose language model parses")] = "bundled",
) -> None:
    """Learn which words stand for an issue, or in which sentences reported speech goes on without a verb of saying.

    Articles whose number ends in 0 or 5 are left out. The layers stay as they are: only the head is learnt, and written
    beside the others into the linker.
    """
    torch.manual_seed(SEED)
    whole = load_reader(base, reader)
    make = {"issue": of_issues, "speech": of_speech}[head]
    states, labels = (torch.cat(part) for part in zip(*make(articles, whole, profile), strict=True))
    print(f"{len(labels)} rows, {int(labels.any(1).sum())} of them marked")
    network = getattr(whole.network.linking, head)
    learn(network, states, labels)
    learnt = {f"{head}.{name}": values.detach().half().contiguous() for name, values in network.state_dict().items()}
    save_file(load_file(reader / LINKS) | learnt, reader / LINKS)


if __name__ == "__main__":
    typer.run(main)
