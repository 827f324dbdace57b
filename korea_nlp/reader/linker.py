"""Which words of an article stand for whom or what, and what is done to whom: read at once over the whole article.

Each word gets a state from its window of the article; small heads say whether it is the head of an expression that
stands for an actor, which earlier expression it goes on from, and whether it tells an event or stands for an issue. The
form follows mention-ranking coreference (Wiseman et al. 2015; Dobrovolskii 2021: heads of expressions, not spans).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.special import softmax

from korea_nlp.reader.words import (
    FEATURES,
    RELATIONS,
    TAGS,
    Features,
    Window,
    Words,
    batch_of,
    described,
    earlier,
    places_of,
    slots_of,
    unnamed,
    windows,
)

CATEGORIES = (
    "none", "AGREE", "CONSULT", "SUPPORT", "CONCEDE", "COOPERATE", "AID", "RETREAT", "REQUEST", "ACCUSE", "REJECT",
    "THREATEN", "PROTEST", "SANCTION", "MOBILIZE", "COERCE", "ASSAULT",
)  # fmt: skip
ISSUES = (
    "dialogue", "sanctions", "nuclear weapons", "missile tests", "military exercises", "border closure",
    "reunification", "missile defense", "leaflets", "loudspeakers", "abductions", "human rights", "denuclearization",
    "peace treaty", "troop deployment", "summit", "family reunions", "humanitarian aid", "trade", "freedom of speech",
)  # fmt: skip
"""What stances can be about besides actors: marked in annotated news, and found by what was learnt from it."""
SPOKEN_OF = 0.5
"""Probability from which a word stands for an issue: of .3, .4 and .5 the best F1 on the articles to tune on."""
CALLED = ("NNP", "NNS")
"""How the tags begin of words by which somebody new is called: names, and groups ("dockworkers")."""
SEVERAL = {"NNS", "NNPS", "CD", "DT", "both", "each", "other", "they", "we", "our", "their"}
"""Tags and base forms of words that can stand for more than one."""
SURE = 1.0  # logit from which one more actor is meant beside the likeliest
SIZES = {"tags": len(TAGS), "relations": len(RELATIONS), "categories": len(CATEGORIES), "issues": len(ISSUES),
         "features": FEATURES}  # fmt: skip
CHUNK = 20_000  # pairs that are scored at once


@dataclass
class Links:
    """What was read.

    `meant` are, by the word, the actors for whom it stands if it names nobody known, and how probable that is (0 to 1);
    a name that was not known, or a group, stands for itself. `events` are (word, category, probability, doers, targets)
    of each word that tells an event, `issues` (word, issue, probability) of each that is the head of an expression for
    an issue. `goes_on` has, by the first word of a sentence, how probable it is that all of it is reported speech that
    goes on from a sentence before.
    """

    meant: dict[int, dict[str, float]] = field(default_factory=dict)
    events: list[tuple[int, str, float, list[str], list[str]]] = field(default_factory=list)
    issues: list[tuple[int, str, float]] = field(default_factory=list)
    goes_on: dict[int, float] = field(default_factory=dict)


class WholeArticle:
    """An article that a network has read: the states of its words, and what the heads say of them."""

    def __init__(self, network, words: Words, states, both, places: np.ndarray):
        self.network, self.words, self.states, self.both, self.places = network, words, states, both, places
        self.features = Features(words)
        self.names = {head: [actor] for *_, head, actor, _ in words.names if places[head] >= 0}

    def links(self) -> Links:
        """Whom the words stand for, in order, each by those before it; the events and the issues."""
        meant = self._meant()
        actors = dict(sorted((self.names | meant).items()))
        return Links(meant, [*self._events(actors)], [*self._issues()], self._goes_on())

    def _meant(self) -> dict[int, dict[str, float]]:
        asked = [word for word in unnamed(self.words) if self.places[word] >= 0]
        sure = dict(zip(asked, probability(self._ask(self.network.mention, asked)[:, 0]), strict=True))
        asked = [word for word in asked if sure[word] >= 0.5]
        heads = sorted([*self.names, *asked])
        pairs = [(word, other) for word in asked for other in earlier(self.words, word, heads, self.names)]
        scores: dict[int, list[tuple[int, float]]] = {}
        for (word, other), score in zip(pairs, self._pairs(self.network.link, pairs)[:, 0], strict=True):
            scores.setdefault(word, []).append((other, score))
        actors: dict[int, Iterable[str]] = dict(self.names)
        names: dict[str, str] = {}  # of whom the article calls "a fisherman": the name that comes later, or ""
        found: dict[int, dict[str, float]] = {}
        for word in asked:
            called, tag = described(self.words, word), self.words.tag[word]
            several = tag in SEVERAL or self.words.lemma[word] in SEVERAL
            whom = chosen(scores.get(word, ()), actors, several)
            if not whom:
                whom = {called: 1.0}
                if not tag.startswith(CALLED):
                    names[called] = ""
            elif tag == "NNP" and called[0].isupper() and len(whom) == 1:
                names |= {actor: called for actor in whom if names.get(actor) == ""}
            actors[word], found[word] = whom, {actor: float(sure[word] * p) for actor, p in whom.items()}
        known = {w: {names.get(actor, actor): p for actor, p in whom.items()} for w, whom in found.items()}
        return {w: left for w, whom in known.items() if (left := {actor: p for actor, p in whom.items() if actor})}

    def _events(self, actors: Mapping[int, Iterable[str]]) -> Iterator[tuple[int, str, float, list[str], list[str]]]:
        words = [word for word, place in enumerate(self.places) if place >= 0]
        told = softmax(self._ask(self.network.trigger, words), axis=1)
        for word, row in zip(words, told, strict=True):
            if row[0] < 0.5:
                sides = self._sides(word, actors)
                yield word, CATEGORIES[1 + row[1:].argmax()], float(1 - row[0]), *sides

    def _issues(self) -> Iterator[tuple[int, str, float]]:
        sure = probability(self.network.issue(self.both).cpu().numpy())
        for word, place in enumerate(self.places):
            if place >= 0:
                yield from ((word, ISSUES[n], float(sure[place, n])) for n in np.flatnonzero(sure[place] >= SPOKEN_OF))

    def _goes_on(self) -> dict[int, float]:
        means, sentences = sentence_means(self.words, self.both, self.places)
        sure = probability(self.network.speech(means)[:, 0].cpu().numpy())
        return {self.words.sentence.index(n): float(p) for n, p in zip(sentences, sure, strict=True)}

    def _sides(self, word: int, actors: Mapping[int, Iterable[str]]) -> tuple[list[str], list[str]]:
        """Doers and targets of an event, among the actors of its sentence."""
        sentence = self.words.sentence
        here = [head for head in actors if sentence[head] == sentence[word] and self.places[head] >= 0]
        scores = zip(here, self._pairs(self.network.argument, [(word, head) for head in here]), strict=True)
        both = by_actor(scores, actors)
        return tuple([actor for actor, logits in both.items() if logits[side] > 0] for side in (0, 1))

    def _ask(self, head, words: Sequence[int]) -> np.ndarray:
        return head(self.states[self.places[list(words)]]).float().cpu().numpy()

    def _pairs(self, head, pairs: Sequence[tuple[int, int]]) -> np.ndarray:
        import torch

        features = torch.as_tensor(self.features.of(pairs)).to(self.states.device)
        rows = []
        for start in range(0, len(pairs), CHUNK):
            one, other = self.places[np.array(pairs[start : start + CHUNK])].T
            rows.append(head(self.states, one, other, features[start : start + CHUNK]))
        return torch.cat(rows).cpu().numpy() if rows else np.zeros((0, 2))


def by_actor(scores: Iterable[tuple[int, float]], actors: Mapping[int, Iterable[str]]) -> dict[str, float]:
    """The logit of each actor, or an array of several, from those of its expressions."""
    rows: dict[str, list[float]] = {}
    for head, score in scores:
        for actor in actors[head]:
            rows.setdefault(actor, []).append(score)
    return {actor: np.logaddexp.reduce(each) for actor, each in rows.items()}


def chosen(
    scores: Iterable[tuple[int, float]], actors: Mapping[int, Iterable[str]], several: bool = False
) -> dict[str, float]:
    """The actor that an expression goes on from, if one is likelier than all others and nobody; of `several`, all
    that are sure. With the probability of each.
    """
    totals = {actor: float(total) for actor, total in by_actor(scores, actors).items()}
    found = {actor: probability(total) for actor, total in totals.items() if several and total > SURE}
    if len(found) > 1:
        return found
    whole = np.logaddexp.reduce([0.0, *totals.values()])
    return {actor: p for actor, total in totals.items() if (p := float(np.exp(total - whole))) >= 0.5}


def probability(logits):
    """Of yes, from its logit."""
    return 1 / (1 + np.exp(-logits))


def read_links(network, tokenizer, words: Words, device: str = "cpu") -> Links:
    """Whom the words of an article stand for, its events and issues, as a `network.Linking` reads them."""
    import torch

    parts = windows(words, tokenizer)
    if not parts:
        return Links()
    with torch.inference_mode():
        return WholeArticle(network, words, *states_of(network, tokenizer, words, parts, device)).links()


def sentence_means(words: Words, both, places: np.ndarray):
    """Means of the states of the words of each sentence that was read, shape (sentences, size), and their numbers."""
    import torch

    read = np.flatnonzero(places >= 0)
    numbers, of = np.unique(np.array(words.sentence)[read], return_inverse=True)
    of, states = torch.as_tensor(of).to(both.device), both[places[read]].float()
    sums = torch.zeros(len(numbers), states.shape[1], device=both.device).index_add_(0, of, states)
    return sums / torch.bincount(of)[:, None], numbers.tolist()


def states_of(network, tokenizer, words: Words, parts: Sequence[Window], device: str = "cpu"):
    """States of the words of an article, what issues are read from, and the places of the words among these."""
    import torch

    slots = slots_of(words, network.slot.num_embeddings - 1)
    states, both = [], []
    for window in parts:
        batch = batch_of([(window, words, slots)], tokenizer.pad_token_id)
        batch = {name: values.to(device) for name, values in batch.items()}
        lower = network.lower(batch.pop("ids"), batch["mask"])
        states.append(network(lower, **batch))
        both.append(network.both(lower, batch["words"], states[-1]))
    return torch.cat(states), torch.cat(both), places_of(words, parts)
