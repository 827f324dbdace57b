"""Learn where reported speech goes on: ``python -m korea_nlp.training.speech --help``."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Annotated

import torch
import typer
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits
from typer import Argument, Option

from korea_nlp.actors import find_actors
from korea_nlp.actors.references import words_of_article
from korea_nlp.quotes import find_voices
from korea_nlp.reader import LINKS, Reader, load_reader
from korea_nlp.reader.linker import states_of
from korea_nlp.reader.words import windows
from korea_nlp.stance import AUTHOR
from korea_nlp.training.loop import SEED, learn_head, write_head
from korea_nlp.training.news import NewsArticle, article_of, read_news

ARTICLES = 400
"""How many articles of `data/news` are learnt from, in which reported speech is taken never to go on."""
BATCH = 256
STEPS = 400


def examples_of(annotated: NewsArticle, reader: Reader, profile: str) -> tuple[list[torch.Tensor], list[bool]]:
    """Of the sentences that seem to be the writer's and follow reported speech in their paragraph: the mean of the
    states of their words, and whether the speech goes on.
    """
    article, starts = article_of(annotated, profile)
    goes_on = dict(zip(starts, (sentence.goes_on for sentence in annotated.sentences), strict=True))
    mentions = find_actors(article)
    voices = find_voices(article, mentions)
    seems = (voices["voice"] == AUTHOR) | ((voices["voice"] == "reported") & (voices["cue"] == ""))
    seems = seems.groupby(voices["sentence"]).all()
    words = words_of_article(article, mentions[["start", "end", "actor", "kind"]].itertuples(index=False, name=None))
    with torch.inference_mode():
        network = reader.network.linking
        _, both, places = states_of(network, reader.tokenizer, words, windows(words, reader.tokenizer))
    states, labels, paragraph, spoken = [], [], 0, False
    for sentence in article.sentences.itertuples():
        spoken = spoken and sentence.paragraph == paragraph
        paragraph = sentence.paragraph
        span = article.doc.char_span(sentence.start, sentence.end, alignment_mode="expand")
        read = [places[token.i] for token in span if places[token.i] >= 0]
        if seems[sentence.sentence] and spoken and read:
            states.append(both[read].mean(0))
            labels.append(goes_on.get(sentence.start, False))
        spoken = spoken or not seems[sentence.sentence]
    return states, labels


def learn(head: nn.Module, states: torch.Tensor, labels: torch.Tensor) -> None:
    """Learn from the states of sentences, shape (sentences, size), in which of them reported speech goes on."""

    def loss() -> torch.Tensor:
        drawn = torch.randint(len(states), (BATCH,))
        return binary_cross_entropy_with_logits(head(states[drawn])[:, 0], labels[drawn].float())

    learn_head(head, loss, STEPS)


def main(
    base: Annotated[Path, Argument(help="folder of the base encoder")],
    reader: Annotated[Path, Argument(help="folder of the reader, with its linker")],
    articles: Annotated[Path, Option(help="folder of annotated news")] = Path("data/news"),
    profile: Annotated[str, Option(help="whose language model parses")] = "bundled",
) -> None:
    """Learn in which sentences reported speech goes on without a verb of saying.

    The layers stay as they are: only the head for speech is learnt, and written beside the others into the linker.
    """
    torch.manual_seed(SEED)
    whole = load_reader(base, reader)
    marked = [each for each in read_news(articles / "pairs") if any(s.goes_on for s in each.sentences)]
    others = [each for each in read_news(articles) if each.part == "train"]
    found = [
        examples_of(each, whole, profile)
        for each in marked + random.Random(SEED).sample(others, min(ARTICLES, len(others)))
    ]
    states, labels = ([one for part in parts for one in part] for parts in zip(*found, strict=True))
    print(f"{len(labels)} sentences, speech goes on in {sum(labels)}")
    learn(whole.network.linking.speech, torch.stack(states), torch.tensor(labels))
    write_head("speech", whole.network.linking, reader / LINKS)


if __name__ == "__main__":
    typer.run(main)
