"""What a sentence leaves to those before it: who "he" is, which Kim, whose words it goes on with."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

import pandas as pd

from korea_nlp.actors import find_actors
from korea_nlp.actors.names import NAMES
from korea_nlp.actors.references import References, references
from korea_nlp.article import Article
from korea_nlp.cues import SUBJECTS, quotations, subject_of
from korea_nlp.summary.compression import DATED, sentence_span

if TYPE_CHECKING:
    from spacy.tokens import Token

_POINTING = {"this", "that", "these", "those", "such"}
_HE = {"he", "she", "him", "her", "his"}
_IT = {"it", "they", "them", "its", "their"}


@lru_cache(maxsize=2)
def _read(article: Article) -> tuple[pd.DataFrame, References]:
    mentions = find_actors(article)
    return mentions, references(article, mentions)


@lru_cache(maxsize=2)
def broken(article: Article) -> frozenset[int]:
    """The sentences, by their places from 0, whose quotation begins or ends in another, or is all that they have."""
    quoted = quotations(article.text)
    return frozenset(
        i for i, (first, last) in enumerate(zip(article.sentences["start"], article.sentences["end"], strict=True))
        if any(start < first < end or start < last < end or (start <= first and last <= end) for start, end in quoted)
    )  # fmt: skip


@lru_cache(maxsize=2)
def leaning(article: Article) -> frozenset[int]:
    """The sentences, by their places from 0, that need the one before them.

    They open with "but", say "this move", or "he" and "the ministry" of whom they do not name.
    """
    mentions, whom = _read(article)
    persons, found = set(mentions["sentence"][mentions["kind"] == "person"]), set()
    for i in range(1, len(article.sentences)):
        sentence, before = sentence_span(article, i), []
        for token in sentence:
            if (token == sentence[0] and token.pos_ == "CCONJ") or _points_back(token, before, i + 1 in persons, whom):
                found.add(i)
            if token.ent_type_ not in DATED:
                before.append(token)
    return frozenset(found)


def _points_back(token: Token, before: list[Token], person: bool, whom: References) -> bool:
    """Whether a word stands for somebody whom its sentence does not name, or for what was told before it.

    `before` are the words of the sentence before it, `person` is whether the sentence names a person.
    """
    word = token.lower_
    if word in _POINTING and token.tag_ in ("DT", "PDT", "JJ"):
        return token.head.ent_type_ not in DATED and (token.dep_ in ("amod", "det", "predet") or token.dep_ in SUBJECTS)
    if word in _HE:
        return not person and not any(other.dep_ in SUBJECTS and other.pos_ in ("NOUN", "PROPN") for other in before)
    if word in _IT:
        return token.dep_ != "expl" and not any(other.pos_ in ("NOUN", "PROPN") for other in before)
    if token != subject_of(token.head) or token.head.dep_ != "ROOT" or token.left_edge.lower_ != "the":
        return False
    described = any(other.i in whom.named for other in token.doc[token.left_edge.i : token.i])
    return not described and not whom.kinds.keys().isdisjoint(whom.meant.get(token.i, ()))


def can_be_joined(article: Article, i: int) -> bool:
    """Whether a sentence and the next can be made one: no quotation runs on, and the second begins with no "but"."""
    first, second = (sentence_span(article, place) for place in (i, i + 1))
    return broken(article).isdisjoint({i, i + 1}) and first.text.endswith(".") and second[0].pos_ != "CCONJ"


def subject(article: Article, i: int) -> str:
    """Who does what a sentence tells, by name or pronoun (a noun may stand for a deed), or ``""``."""
    found = subject_of(sentence_span(article, i).root)
    return _read(article)[1].actor_of(found) if found is not None and found.pos_ in ("PROPN", "PRON") else ""


def with_names(article: Article, i: int, text: str) -> str:
    """What was made of a sentence, with whole names.

    The article says "Kim" or "JCS" of somebody whose name it gave before, or the text of somebody whom the sentence
    names in full.
    """
    mentions = _read(article)[0]
    known = mentions[(mentions["sentence"] <= i + 1) & mentions["kind"].isin(["person", "organisation"])]
    for actor in known["actor"][known["sentence"] == i + 1].unique():
        rows = known[known["actor"] == actor]
        pairs = ((row, short) for row in rows.itertuples() for short in _short_names(row, set(rows["text"])))
        for whole, short in pairs:
            lone = rf"(?<!\w)(?:(?:Mr|Mrs|Ms)\.? )?{re.escape(short)}(?!\w| [A-Z]| (?:{'|'.join(NAMES['kin'])})\b)"
            if whole.text not in text and re.search(lone, text):
                text = re.sub(lone, lambda _, whole=whole: whole.text, text, count=1)
    return text


def _short_names(mention, others: set[str]) -> set[str]:
    """How else somebody is called whom a mention names in full: "Kim"; of others, "JCS"."""
    words = mention.text.split()
    if len(words) < 2:
        return set()
    if mention.kind == "person":
        return {words[0], words[-1]}
    initials = "".join(word[0] for word in words if word[0].isupper())
    return {name for name in others if name in words or name.replace(".", "") == initials}
