"""Train whom words stand for and what is done to whom: ``python -m korea_nlp.training.linker --help``."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from safetensors.torch import load_file, save_file
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy
from torch.nn.utils.rnn import pad_sequence
from typer import Argument, Option

from korea_nlp.actors import find_actors
from korea_nlp.actors.references import words_of_article
from korea_nlp.reader.linker import CATEGORIES, SIZES
from korea_nlp.reader.network import SLOTS, Linking, logsumexp
from korea_nlp.reader.words import Features, Words, batch_of, earlier, places_of, slots_of, unnamed, windows
from korea_nlp.training.loop import DROPOUT, SEED, batches, halved, learn, lower_states, on_top_of
from korea_nlp.training.news import NewsArticle, article_of, read_news

BATCH, PASSAGES = 4, 8
"""How many articles a step has, and how many passages in which no events are marked."""
NOT_MEANT = 0.15
"""How much a word that stands for nobody counts among those that are linked."""
OFTEN = ("NN", "PR", "W")  # how the tags of nouns and pronouns begin


class Example:
    """An article with the answers.

    Attributes
    ----------
    words, windows, places
        As the linker takes them; actors have the names of the annotation.
    meant
        The actors for whom a word stands that is in no name.
    triggers
        (category, doers, targets) of each word that tells an event.
    issues
        The issues for which a word stands.
    events
        Whether events are marked in it at all.
    lower
        The states of each window's tokens after the layers in which nothing is learnt.
    """

    lower: list[torch.Tensor]

    def __init__(
        self, words: Words, tokenizer, meant: dict[int, set[str]],
        triggers: dict[int, tuple[str, set[str], set[str]]], issues: dict[int, set[str]], events: bool = True,
    ):  # fmt: skip
        self.words, self.windows, self.meant, self.issues = words, windows(words, tokenizer), meant, issues
        self.events = events
        self.places = places_of(words, self.windows)
        self.triggers = {word: told for word, told in triggers.items() if self.places[word] >= 0}
        names = {head: {actor} for *_, head, actor, _ in words.names if self.places[head] >= 0}
        actors = names | {head: whom for head, whom in meant.items() if self.places[head] >= 0}
        heads, features = sorted(actors), Features(words)
        self.unnamed = [word for word in unnamed(words) if self.places[word] >= 0]
        asked = [word for word in self.unnamed if word in meant or words.tag[word].startswith(OFTEN)]
        pairs = [(word, other) for word in asked for other in earlier(words, word, heads, names)]
        self.links = Questions(self.places, features, pairs, actors)
        self.linked = [actor in meant.get(word, ()) for word, actor in self.links.groups]
        sentence = words.sentence
        pairs = [(word, head) for word in self.triggers for head in heads if sentence[head] == sentence[word]]
        self.arguments = Questions(self.places, features, pairs, actors)
        self.sides = [[actor in side for side in self.triggers[word][1:]] for word, actor in self.arguments.groups]


class Questions:
    """Pairs of words and their features, and by (word, actor) which pairs speak of the two."""

    def __init__(self, places: np.ndarray, features: Features, pairs: list, actors: dict[int, set[str]]):
        self.features = torch.as_tensor(features.of(pairs))
        self.one, self.other = places[np.array(pairs, dtype=int).reshape(-1, 2)].T
        groups: dict[tuple[int, str], int] = {}
        found = [(n, groups.setdefault((word, actor), len(groups))) for n, (word, head) in enumerate(pairs)
                 for actor in sorted(actors[head])]  # fmt: skip
        self.pair, self.group = torch.tensor(found, dtype=torch.long).reshape(-1, 2).T
        self.groups = list(groups)

    def logits(self, head, states) -> torch.Tensor:
        """Of each (word, actor), the logsumexp of its pairs, shape (groups, out)."""
        scores = head(states, self.one, self.other, self.features)
        return logsumexp(scores[self.pair], self.group, len(self.groups))


def example_of(annotated: NewsArticle, tokenizer, profile: str, events: bool = True) -> Example:
    """An annotated article, its names found as in use; each actor that they name gets the annotation's name."""
    article, starts = article_of(annotated, profile)
    named = find_actors(article)[["start", "end", "actor", "kind"]]
    words = words_of_article(article, named.itertuples(index=False, name=None))
    marks = []
    issues: dict[int, set[str]] = {}
    triggers: dict[int, tuple[str, set[str], set[str]]] = {}
    for start, sentence in zip(starts, annotated.sentences, strict=True):
        for first, last, actor in sentence.mentions:
            span = article.doc.char_span(start + first, start + last, alignment_mode="expand")
            if actor.startswith("#"):
                issues.setdefault(span.root.i, set()).add(actor[1:])
            else:
                marks.append((span, actor))
        for category, doer, target, told in sentence.events:
            at = start + sentence.text.find(told)
            if at >= start:
                word = article.doc.char_span(at, at + len(told), alignment_mode="expand").root.i
                _, doers, targets = triggers.setdefault(word, (category, set(), set()))
                doers.add(doer)
                targets.add(target)
    votes: dict[str, Counter] = {}
    for first, last, _, actor, _ in words.names:
        over = (whom for span, whom in marks if first < span.end and span.start < last)
        votes.setdefault(actor, Counter()).update(over)
    called = {actor: max(count, key=count.__getitem__, default=f"?{actor}") for actor, count in votes.items()}
    names = tuple((*place, called[actor], kind) for *place, actor, kind in words.names)
    in_names = {word for first, last, *_ in names for word in range(first, last)}
    meant: dict[int, set[str]] = {}
    for span, actor in marks:
        if in_names.isdisjoint(range(span.start, span.end)):
            meant.setdefault(span.root.i, set()).add(actor)
    return Example(replace(words, names=names), tokenizer, meant, triggers, issues, events)


def read_examples(articles: Path, tokenizer, profile: str) -> tuple[list[Example], list[Example]]:
    """Examples to learn from and to tune on."""
    parts: dict[str, list[Example]] = {"train": [], "tune": []}
    for article in [*read_news(articles), *read_news(articles / "short")]:
        if article.part in parts:
            parts[article.part].append(example_of(article, tokenizer, profile))
    passages = read_news(articles / "pairs")
    parts["train"] += [example_of(passage, tokenizer, profile, events=False) for passage in passages]
    return parts["train"], parts["tune"]


def read(network: Linking, examples: Sequence[Example], rng: random.Random) -> tuple[torch.Tensor, ...]:
    """The states of each article's words; its actors get slots by chance, and some none."""
    parts = []
    for example in examples:
        actors = slots_of(example.words, SLOTS)
        drawn = rng.sample(range(1, SLOTS + 1), len(actors))
        slots = {actor: slot for actor, slot in zip(actors, drawn, strict=True) if rng.random() > 0.05}
        parts += [(window, example.words, slots) for window in example.windows]
    batch = batch_of(parts, 0)
    del batch["ids"]
    lower = pad_sequence([state for example in examples for state in example.lower], batch_first=True)
    with torch.autocast("cpu", torch.bfloat16):
        states = network(lower.float(), **batch)
    return states.float().split([int((example.places >= 0).sum()) for example in examples])


def loss(network: Linking, examples: Sequence[Example], rng: random.Random) -> torch.Tensor:
    """Of the four heads, each by what there is to find."""
    states = read(network, examples, rng)
    losses = [losses_of(network, example, of) for example, of in zip(examples, states, strict=True)]
    mention, link, trigger, argument = (sum(column) for column in zip(*losses, strict=True))
    meant = 1 + sum(len(example.meant) for example in examples)
    told = 1 + sum(len(example.triggers) for example in examples if example.events)
    return (mention + link) / meant + 0.5 * (trigger + argument) / told


def losses_of(network: Linking, example: Example, states: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Of the four heads on one article, from the states of its words."""
    with torch.autocast("cpu", torch.bfloat16):
        mentions = network.mention(states[example.places[example.unnamed]]).float()[:, 0]
        triggers = network.trigger(states).float()
        links = example.links.logits(network.link, states)
        arguments = example.arguments.logits(network.argument, states)
    stands = torch.tensor([float(word in example.meant) for word in example.unnamed])
    tells = torch.zeros(len(states), dtype=torch.long)
    for word, (category, *_) in example.triggers.items():
        tells[example.places[word]] = CATEGORIES.index(category)
    sides = torch.tensor(example.sides, dtype=torch.float).reshape(-1, 2)
    return (
        binary_cross_entropy_with_logits(mentions, stands, reduction="sum"),
        link_loss(links[:, 0], example),
        example.events * cross_entropy(triggers, tells, reduction="sum"),
        example.events * binary_cross_entropy_with_logits(arguments, sides, reduction="sum"),
    )


def link_loss(logits: torch.Tensor, example: Example) -> torch.Tensor:
    """That the right actors, or nobody, are likelier than the others; and that each right one is likely by itself."""
    if not len(logits):
        return torch.zeros(())
    words, of = np.unique([word for word, _ in example.links.groups], return_inverse=True)
    of, labels = torch.tensor(of), torch.tensor(example.linked, dtype=torch.float)
    weight = torch.tensor([1.0 if word in example.meant else NOT_MEANT for word in words])
    some = torch.zeros(len(words)).scatter_add(0, of, labels) > 0
    every, nobody = torch.cat([of, torch.arange(len(words))]), torch.zeros(len(words))
    right = torch.cat([logits.where(labels > 0, -30.0), nobody.where(~some, -30.0)])
    total, found = (logsumexp(each[:, None], every, len(words))[:, 0] for each in (torch.cat([logits, nobody]), right))
    single = binary_cross_entropy_with_logits(logits, labels, reduction="none")
    return ((total - found) * weight).sum() + 0.5 * (single * weight[of]).sum()


def train(
    base: Annotated[Path, Argument(help="folder of the base encoder")],
    reader: Annotated[Path, Argument(help="folder of the reader")],
    out: Annotated[Path, Option(help="file for the weights")],
    articles: Annotated[Path, Option(help="folder of annotated news")] = Path("data/news"),
    layers: Annotated[int, Option(help="how many upper layers of the encoder are its own")] = 6,
    rank: Annotated[int, Option(help="of the low-rank additions; to go on, as it was")] = 16,
    rate: float = 8e-4,
    minutes: float = 60.0,
    steps: Annotated[float, Option(help="at most")] = math.inf,
    start: Annotated[Path | None, Option(help="weights of an earlier run to begin with")] = None,
    profile: Annotated[str, Option(help="whose language model parses")] = "bundled",
) -> None:
    """Learn for so many minutes, or steps, from the annotated articles whose number does not end in 0 or 5."""
    torch.manual_seed(SEED)
    rng = random.Random(SEED)
    begun = load_file(start) if start else {}
    tokenizer, network = on_top_of(base, reader, Linking, rank, layers, begun, sizes=SIZES, dropout=2 * DROPOUT)
    learnt, tuned = read_examples(articles, tokenizer, profile)
    examples = learnt + tuned
    ids = [window.ids for example in examples for window in example.windows]
    states = iter(lower_states(network, ids, tokenizer.pad_token_id, 8))
    for example in examples:
        example.lower = list(islice(states, len(example.windows)))
    whole, passages = ([example for example in learnt if example.events is marked] for marked in (True, False))
    print(f"{len(whole)} articles, {len(passages)} passages", flush=True)
    chosen = zip(batches(whole, BATCH, rng), batches(passages, min(PASSAGES, len(passages)), rng), strict=True)

    def losses() -> list[torch.Tensor]:
        articles, short = next(chosen)
        return [loss(network, [*articles, *short], rng)]

    def check(step: int) -> None:
        parts = [tuned[first : first + BATCH] for first in range(0, len(tuned), BATCH)]
        with torch.inference_mode():
            found = [float(loss(network, part, random.Random(SEED))) for part in parts]
        print(f"on articles to tune on {sum(found) / max(len(found), 1):.3f}", flush=True)
        save_file(halved(network), out)

    learn(network, losses, check, 500, rate, minutes=minutes, steps=steps)


if __name__ == "__main__":
    typer.run(train)
