"""An article word by word, as a network takes it: windows of tokens, expressions, and what is told of two words."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from spacy.tokens import Doc

KINDS = ("unnamed", "state", "person", "organisation", "collective")
NEW_TOKENS, OLD_TOKENS, MOST_TOKENS = 320, 120, 509
"""Tokens of a window that are read in it, those before them that it sees, and how many the encoder takes."""
SPAN = 50
"""How many expressions back a word can go on from."""
HEADS = ("NN", "PR", "WP", "WDT", "DT", "CD", "JJ")
"""How the parts of speech begin of words that can be the head of an expression."""


def _numbered(names: str) -> dict[str, int]:
    return {name: number for number, name in enumerate(names.split(), 1)}


TAGS = _numbered(
    "ADD AFX CC CD DT EX FW HYPH IN JJ JJR JJS LS MD NFP NN NNP NNPS NNS PDT POS PRP PRP$ RB RBR RBS RP SYM TO UH VB "
    "VBD VBG VBN VBP VBZ WDT WP WP$ WRB XX"
)
RELATIONS = _numbered(
    "ROOT acl acomp advcl advmod agent amod appos attr aux auxpass case cc ccomp compound conj csubj csubjpass dative "
    "dep det dobj expl intj mark meta neg nmod npadvmod nsubj nsubjpass nummod oprd parataxis pcomp pobj poss preconj "
    "predet prep prt punct quantmod relcl xcomp"
)
FEATURES = (12, 10, len(KINDS), 17, len(RELATIONS) + 2, 4, 4)
"""How many values each feature of two words has: see `Features`."""


@dataclass(frozen=True)
class Words:
    """An article as the linker takes it, word by word, in plain values."""

    text: tuple[str, ...]  # as written
    tag: tuple[str, ...]  # part of speech (Penn)
    relation: tuple[str, ...]  # to its head
    lemma: tuple[str, ...]  # in lower case
    head: tuple[int, ...]  # the word that it depends on
    sentence: tuple[int, ...]  # its number, from 0
    quoted: tuple[bool, ...]  # whether it stands in quotation marks
    names: tuple[tuple[int, int, int, str, str], ...]  # (first word, last + 1, head, actor, kind) of whom is known


def words_of(doc: Doc, quoted: set[int], names: Sequence[tuple[int, int, str, str]]) -> Words:
    """An analysed article as `Words`; `quoted` are characters in quotation marks, `names` (start, end, actor, kind)."""
    spans = [(doc.char_span(start, end, alignment_mode="expand"), *who) for start, end, *who in names]
    return Words(
        tuple("" if token.is_space else token.text for token in doc),
        tuple(token.tag_ for token in doc),
        tuple(token.dep_ for token in doc),
        tuple(token.lemma_.lower() for token in doc),
        tuple(token.head.i for token in doc),
        tuple(number for number, sentence in enumerate(doc.sents) for _ in sentence),
        tuple(token.idx in quoted for token in doc),
        tuple((span.start, span.end, span.root.i, actor, kind) for span, actor, kind in spans),
    )


@dataclass
class Window:
    """A stretch of an article that the encoder reads at once: its sentences, and what it sees before them.

    `words` are (word, first token, last + 1) of all its words, `read` those that are read in it.
    """

    ids: list[int]
    words: list[tuple[int, int, int]]
    read: list[tuple[int, int, int]]


def windows(words: Words, tokenizer) -> list[Window]:
    """The windows of an article, one after another; each word is read in one."""
    if not words.text:
        return []
    tokens = tokenizer(list(words.text), add_special_tokens=False)["input_ids"]
    lengths = np.array([len(each) for each in tokens])
    total = np.concatenate([[0], np.cumsum(lengths)])
    starts = [n for n in range(len(tokens)) if not n or words.sentence[n] != words.sentence[n - 1]]
    found, first = [], 0
    while first < len(tokens):
        ends = [end for end in [*starts, len(tokens)] if end > first]
        last = max((end for end in ends if total[end] - total[first] <= NEW_TOKENS), default=ends[0])
        before = np.cumsum(lengths[:first][::-1]) <= OLD_TOKENS
        ids, placed = [tokenizer.cls_token_id], []
        for word in range(first - int(before.sum()), last):
            if tokens[word] and len(ids) + len(tokens[word]) <= MOST_TOKENS:
                placed.append((word, len(ids), len(ids) + len(tokens[word])))
                ids += tokens[word]
        read = [span for span in placed if span[0] >= first]
        if read:
            found.append(Window([*ids, tokenizer.sep_token_id], placed, read))
        first = last
    return found


def unnamed(words: Words) -> list[int]:
    """The words that could be the head of an expression that names nobody known."""
    named = {word for first, last, *_ in words.names for word in range(first, last)}
    return [n for n, tag in enumerate(words.tag) if words.text[n] and n not in named and tag.startswith(HEADS)]


def earlier(words: Words, word: int, heads: Sequence[int], named: Container[int]) -> list[int]:
    """Of the heads of expressions, in order, those that a word can go on from: before it, and names of its sentence."""
    place = bisect_left(heads, word)
    after = takewhile(lambda other: words.sentence[other] == words.sentence[word], heads[place:])
    return [*heads[max(place - SPAN, 0) : place], *(other for other in after if other != word and other in named)]


class Features:
    """What is told of two words of an article beside their states, in whole numbers: see `FEATURES` for how many."""

    def __init__(self, words: Words):
        self.sentence, self.quoted = np.array(words.sentence), np.array(words.quoted, dtype=int)
        self.lemma, self.tag = np.array(words.lemma), np.array(words.tag)
        self.relation = [RELATIONS.get(name, 0) for name in words.relation]
        self.kind = np.zeros(len(words.text), dtype=int)  # of the actor whose name has its head there
        for *_, head, _, kind in words.names:
            self.kind[head] = KINDS.index(kind)
        self.above: list[list[int]] = []
        for word in range(len(words.text)):
            path = [word]
            while words.head[path[-1]] != path[-1] and len(path) < 12:
                path.append(words.head[path[-1]])
            self.above.append(path)

    def of(self, pairs: Sequence[tuple[int, int]]) -> np.ndarray:
        """Shape (pairs, len(FEATURES)).

        Sentences between the two and which comes first; expressions of all pairs between them; what the other names;
        where they stand in the parse (two features); whether base form and part of speech are the same; whether they
        are quoted.
        """
        if not pairs:
            return np.zeros((0, len(FEATURES)), dtype=int)
        i, j = np.array(pairs).T
        rank = np.zeros(len(self.sentence), dtype=int)
        rank[np.concatenate([i, j])] = 1
        apart = np.abs(np.diff(np.cumsum(rank)[np.stack([i, j])], axis=0)[0])
        far = np.where(apart < 5, apart, np.clip(np.log2(np.maximum(apart, 1)).astype(int) + 3, 5, 9))
        near = self.sentence[i] == self.sentence[j]
        parse = np.array([self._between(*pair) if same else (0, 0) for *pair, same in zip(i, j, near, strict=True)])
        return np.stack([
            np.minimum(np.abs(self.sentence[i] - self.sentence[j]), 5) + 6 * (j > i), far, self.kind[j], *parse.T,
            2 * (self.lemma[i] == self.lemma[j]) + (self.tag[i] == self.tag[j]), 2 * self.quoted[i] + self.quoted[j],
        ], axis=1)  # fmt: skip

    def _between(self, one: int, other: int) -> tuple[int, int]:
        """Steps from both up to the first word above both (0 to 3 each, as one number from 1), and by which
        relation, plus 1, the other's branch hangs on it; zeros where nothing is above both.
        """
        steps = {word: n for n, word in enumerate(self.above[one])}
        for n, word in enumerate(self.above[other]):
            if word in steps:
                branch = self.above[other][n - 1] if n else other
                return min(steps[word], 3) * 4 + min(n, 3) + 1, self.relation[branch] + 1
        return 0, 0


def slots_of(words: Words, most: int) -> dict[str, int]:
    """A slot for each named actor, the most often named first; what is beyond `most` has none."""
    counts = Counter(actor for *_, actor, _ in words.names)
    return {actor: number for number, (actor, _) in enumerate(counts.most_common(most), 1)}


def batch_of(parts: Sequence[tuple[Window, Words, Mapping[str, int]]], pad: int) -> dict:
    """Tensors of windows: `ids`, and what `Linking.forward` takes beside the lower states.

    Each part is a window, the words of its article, and the slots of its actors. The words that are read in the
    windows come in their order.
    """
    import torch

    length = max(len(window.ids) for window, *_ in parts)
    ids, mask, slots = np.full((len(parts), length), pad), *np.zeros((2, len(parts), length), dtype=int)
    spans, tags, relations = [], [], []
    for row, (window, words, numbers) in enumerate(parts):
        ids[row, : len(window.ids)] = window.ids
        mask[row, : len(window.ids)] = 1
        named = {w: numbers.get(actor, 0) for first, last, _, actor, _ in words.names for w in range(first, last)}
        for word, first, last in window.words:
            slots[row, first:last] = named.get(word, 0)
        for word, first, last in window.read:
            spans.append((row, first, last))
            tags.append(TAGS.get(words.tag[word], 0))
            relations.append(RELATIONS.get(words.relation[word], 0))
    arrays = {"ids": ids, "mask": mask, "slots": slots, "words": np.reshape(spans, (-1, 3)), "tags": tags,
              "relations": relations}  # fmt: skip
    return {name: torch.as_tensor(np.asarray(values, dtype=np.int64)) for name, values in arrays.items()}


def places_of(words: Words, parts: Sequence[Window]) -> np.ndarray:
    """For each word of an article the place of its state among those of `batch_of`, -1 if it has none."""
    found = np.full(len(words.text), -1)
    read = [word for window in parts for word, *_ in window.read]
    found[read] = np.arange(len(read))
    return found


def described(words: Words, head: int) -> str:
    """What to call somebody who was not named before: a name as it stands, else the noun with nouns before it."""
    named = words.tag[head].startswith("NNP")
    parts = ("NNP", "HYPH") if named else ("NN", "HYPH")
    first, last = head, head + 1
    while first and words.sentence[first - 1] == words.sentence[head]:
        owner = named and first > 1 and words.tag[first - 1] == "POS" and words.text[first - 1] in ("'", "’")
        if not owner and not words.tag[first - 1].startswith(parts):
            break
        first -= 1 + owner  # "Owners' Union"
    tags = [*words.tag, ""]
    while named and words.text[last : last + 1] == ("of",) and tags[last + 1].startswith("NNP"):
        last += 2
        while tags[last].startswith("NNP"):
            last += 1
    text = re.sub(r" (['’-])", r"\1", " ".join(words.text[first:last])).replace("- ", "-")
    return text if named else text.lower()
