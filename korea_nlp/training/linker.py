"""Train whom words stand for and what is done to whom: ``python -m korea_nlp.training.linker --help``."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
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
from korea_nlp.linker import CATEGORIES, SIZES
from korea_nlp.network import SLOTS, Linking, load_encoder
from korea_nlp.reader import load_reader
from korea_nlp.references import words_of_article
from korea_nlp.training.news import NewsArticle, article_of, read_news
from korea_nlp.training.optimiser import Optimiser, halve_the_rest, halved, lower_states, set_dropout
from korea_nlp.words import Features, Window, Words, batch_of, earlier, places_of, slots_of, unnamed, windows

BATCH = 4  # articles
DROPOUT = 0.1
SEED = 13
WARM_UP = 60
NOT_MEANT = 0.15
"""How much a word that stands for nobody counts among those that are linked."""
_OFTEN = ("NN", "PR", "W")  # how the tags of nouns and pronouns begin


@dataclass
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
    """

    part: str
    words: Words
    windows: list[Window]
    places: np.ndarray
    meant: dict[int, set[str]]
    triggers: dict[int, tuple[str, set[str], set[str]]]
    issues: dict[int, set[str]]

    def __post_init__(self):
        actors = {head: {actor} for *_, head, actor, _ in self.words.names if self.places[head] >= 0}
        names = set(actors)
        actors |= {head: whom for head, whom in self.meant.items() if self.places[head] >= 0}
        heads, features = sorted(actors), Features(self.words)
        self.unnamed = [word for word in unnamed(self.words) if self.places[word] >= 0]
        asked = [word for word in self.unnamed if word in self.meant or self.words.tag[word].startswith(_OFTEN)]
        pairs = [(word, other) for word in asked for other in earlier(self.words, word, heads, names)]
        self.links = Questions(self, features, pairs, actors)
        self.links.labels = [[actor in self.meant.get(word, ())] for word, actor in self.links.groups]
        sentence = self.words.sentence
        pairs = [(word, head) for word in self.triggers for head in heads if sentence[head] == sentence[word]]
        self.arguments = Questions(self, features, pairs, actors)
        asked = ((actor, *self.triggers[word][1:]) for word, actor in self.arguments.groups)
        self.arguments.labels = [[actor in doers, actor in targets] for actor, doers, targets in asked]


class Questions:
    """Pairs of words and their features, and by (word, actor) which pairs speak of the two."""

    labels: list[list[bool]]

    def __init__(self, example: Example, features: Features, pairs: list, actors: dict[int, set[str]]):
        self.features = torch.as_tensor(features.of(pairs))
        self.one, self.other = example.places[np.array(pairs, dtype=int).reshape(-1, 2)].T
        groups: dict[tuple[int, str], int] = {}
        found = [(n, groups.setdefault((word, actor), len(groups))) for n, (word, head) in enumerate(pairs)
                 for actor in sorted(actors[head])]  # fmt: skip
        self.pair, self.group = torch.tensor(found, dtype=torch.long).reshape(-1, 2).T
        self.groups = list(groups)

    def logits(self, head, states) -> torch.Tensor:
        """Of each (word, actor), the logsumexp of its pairs, shape (groups, out)."""
        scores = head(states, self.one, self.other, self.features)
        return logsumexp(scores[self.pair], self.group, len(self.groups))


def logsumexp(values: torch.Tensor, group: torch.Tensor, count: int) -> torch.Tensor:
    """Of the rows of each group, shape (count, columns)."""
    index = group[:, None].expand_as(values)
    top = torch.full((count, values.shape[1]), -30.0).scatter_reduce(0, index, values, "amax").detach()
    total = torch.zeros_like(top).scatter_add(0, index, torch.exp(values - top[group]))
    return top + torch.log(total.clamp_min(1e-9))


def example_of(annotated: NewsArticle, tokenizer, profile: str) -> Example:
    """An annotated article, its names found as in use; each actor that they name gets the annotation's name."""
    article, starts = article_of(annotated, profile)
    doc, named = article.doc, find_actors(article)[["start", "end", "actor", "kind"]]
    words = words_of_article(article, named.itertuples(index=False, name=None))
    marks = []
    issues: dict[int, set[str]] = {}
    for start, sentence in zip(starts, annotated.sentences, strict=True):
        for first, last, actor in sentence.mentions:
            span = doc.char_span(start + first, start + last, alignment_mode="expand")
            if actor.startswith("#"):
                issues.setdefault(span.root.i, set()).add(actor[1:])
            else:
                marks.append((span, actor))
    votes: dict[str, Counter] = {}
    for first, last, _, actor, _ in words.names:
        over = (whom for span, whom in marks if first < span.end and span.start < last)
        votes.setdefault(actor, Counter()).update(over)
    called = {actor: max(count, key=count.__getitem__, default=f"?{actor}") for actor, count in votes.items()}
    names = tuple((*place, called[actor], kind) for *place, actor, kind in words.names)
    named = {word for first, last, *_ in names for word in range(first, last)}
    meant: dict[int, set[str]] = {}
    for span, actor in marks:
        if named.isdisjoint(range(span.start, span.end)):
            meant.setdefault(span.root.i, set()).add(actor)
    triggers: dict[int, tuple[str, set[str], set[str]]] = {}
    for start, sentence in zip(starts, annotated.sentences, strict=True):
        for category, doer, target, told in sentence.events:
            at = start + sentence.text.find(told)
            if at >= start:
                word = doc.char_span(at, at + len(told), alignment_mode="expand").root.i
                _, doers, targets = triggers.setdefault(word, (category, set(), set()))
                doers.add(doer)
                targets.add(target)
    parts = windows(words, tokenizer)
    places = places_of(words, parts)
    triggers = {word: told for word, told in triggers.items() if places[word] >= 0}
    return Example(annotated.part, replace(words, names=names), parts, places, meant, triggers, issues)


class Training:
    """The network, and the states that it learns from."""

    def __init__(self, network: Linking, tokenizer, examples: Sequence[Example], device: str):
        self.network, self.pad, self.device = network, tokenizer.pad_token_id, device
        parts = [window for example in examples for window in example.windows]
        states = lower_states(network, [window.ids for window in parts], self.pad, device, 8)
        self.lower = {id(window): state for window, state in zip(parts, states, strict=True)}

    def read(self, examples: Sequence[Example], rng: random.Random | None = None) -> Iterator[torch.Tensor]:
        """The states of each article's words; with `rng` its actors get slots by chance, and some none."""
        parts = []
        for example in examples:
            slots = slots_of(example.words, SLOTS)
            if rng:
                drawn = rng.sample(range(1, SLOTS + 1), len(slots))
                slots = {actor: slot for actor, slot in zip(slots, drawn, strict=True) if rng.random() > 0.05}
            parts += [(window, example.words, slots) for window in example.windows]
        batch = {name: values.to(self.device) for name, values in batch_of(parts, self.pad).items()}
        del batch["ids"]
        lower = pad_sequence([self.lower[id(window)] for window, *_ in parts], batch_first=True)
        with torch.autocast(self.device, torch.bfloat16):
            states = self.network(lower.float().to(self.device), **batch)
        yield from states.float().split([int((example.places >= 0).sum()) for example in examples])

    def loss(self, examples: Sequence[Example], rng: random.Random) -> torch.Tensor:
        """Of the four heads, each by what there is to find."""
        mention, link, trigger, argument, meant, told = *torch.zeros(4), 1, 1
        for example, states in zip(examples, self.read(examples, rng), strict=True):
            with torch.autocast(self.device, torch.bfloat16):
                mentions = self.network.mention(states[example.places[example.unnamed]]).float()[:, 0]
                triggers = self.network.trigger(states).float()
                links = example.links.logits(self.network.link, states)
                arguments = example.arguments.logits(self.network.argument, states)
            stands = torch.tensor([float(word in example.meant) for word in example.unnamed])
            mention = mention + binary_cross_entropy_with_logits(mentions, stands, reduction="sum")
            tells = torch.zeros(len(states), dtype=torch.long)
            for word, (category, *_) in example.triggers.items():
                tells[example.places[word]] = CATEGORIES.index(category)
            trigger = trigger + cross_entropy(triggers, tells, reduction="sum")
            link = link + link_loss(links[:, 0], example)
            labels = torch.tensor(example.arguments.labels, dtype=torch.float).reshape(-1, 2)
            argument = argument + binary_cross_entropy_with_logits(arguments, labels, reduction="sum")
            meant, told = meant + len(example.meant), told + len(example.triggers)
        return (mention + link) / meant + 0.5 * (trigger + argument) / told


def link_loss(logits: torch.Tensor, example: Example) -> torch.Tensor:
    """That the right actors, or nobody, are likelier than the others; and that each right one is likely by itself."""
    if not len(logits):
        return torch.zeros(())
    words, of = np.unique([word for word, _ in example.links.groups], return_inverse=True)
    of, labels = torch.tensor(of), torch.tensor(example.links.labels, dtype=torch.float)[:, 0]
    weight = torch.tensor([1.0 if word in example.meant else NOT_MEANT for word in words])
    some = torch.zeros(len(words)).scatter_add(0, of, labels) > 0
    every, nobody = torch.cat([of, torch.arange(len(words))]), torch.zeros(len(words))
    right = torch.cat([logits.where(labels > 0, -30.0), nobody.where(~some, -30.0)])
    total, found = (logsumexp(each[:, None], every, len(words))[:, 0] for each in (torch.cat([logits, nobody]), right))
    single = binary_cross_entropy_with_logits(logits, labels, reduction="none")
    return ((total - found) * weight).sum() + 0.5 * (single * weight[of]).sum()


def loss_on(training: Training, examples: Sequence[Example]) -> float:
    """The mean loss of articles that nothing is learnt from."""
    training.network.eval()
    parts = [examples[start : start + BATCH] for start in range(0, len(examples), BATCH)]
    with torch.inference_mode():
        losses = [float(training.loss(part, random.Random(SEED))) for part in parts]
    training.network.train()
    return sum(losses) / max(len(losses), 1)


def train(
    base: Annotated[Path, Argument(help="folder of the base encoder")],
    reader: Annotated[Path, Argument(help="folder of the reader")],
    out: Annotated[Path, Option(help="file for the weights")],
    articles: Annotated[Path, Option(help="folder of annotated news")] = Path("data/news"),
    layers: Annotated[int, Option(help="how many upper layers of the encoder are its own")] = 6,
    rank: Annotated[int, Option(help="of the low-rank additions; to go on, as it was")] = 16,
    rate: float = 8e-4,
    minutes: float = 60.0,
    start: Annotated[Path | None, Option(help="weights of an earlier run to begin with")] = None,
    profile: Annotated[str, Option(help="whose language model parses")] = "bundled",
    device: str = "cpu",
) -> None:
    """Learn for so many minutes from the annotated articles whose number does not end in 0 or 5."""
    torch.manual_seed(SEED)
    rng = random.Random(SEED)
    whole = load_reader(base, reader, device)
    plain = load_encoder(base)[1].encoder.layer
    network = Linking(whole.network.encoder, plain, rank, layers, SIZES, 2 * DROPOUT).to(device)
    set_dropout(network.above, DROPOUT)
    if start:
        network.load_state_dict({name: values.float() for name, values in load_file(start).items()}, strict=False)
    halve_the_rest(network)
    news = [a for folder in (articles, articles / "short") for a in read_news(folder) if a.part != "held out"]
    examples = [example_of(article, whole.tokenizer, profile) for article in news]
    learnt, tuned = ([e for e in examples if e.part == part] for part in ("train", "tune"))
    training = Training(network, whole.tokenizer, examples, device)
    optimiser, began, order = Optimiser(network, rate, WARM_UP), time.monotonic(), []
    print(f"{len(learnt)} articles, {sum(p.numel() for p in optimiser.learnt.values()):,} parameters", flush=True)
    network.train()
    while (done := (time.monotonic() - began) / 60 / minutes) < 1:
        order = order if len(order) >= BATCH else rng.sample(learnt, len(learnt))
        optimiser.step([training.loss([order.pop() for _ in range(BATCH)], rng)], done)
        if optimiser.steps % 50 == 0:
            pace = 60 * minutes * done / optimiser.steps
            print(f"step {optimiser.steps} loss {optimiser.mean_loss(50):.3f} {pace:.2f} s a step", flush=True)
        if optimiser.steps % 500 == 0:
            print(f"on articles to tune on {loss_on(training, tuned):.3f}", flush=True)
            save_file(halved(network), out)
    save_file(halved(network), out)
    print(f"on articles to tune on {loss_on(training, tuned):.3f}", flush=True)


if __name__ == "__main__":
    typer.run(train)
