"""How words hang together in a noun phrase: what is joined to it, and where its prepositions lead."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from korea_nlp.events.deeds import word_lists

if TYPE_CHECKING:
    from spacy.tokens import Token


def first_person(word: Token) -> bool:
    return word.pos_ == "PRON" and word.lower_ in word_lists()["roles"]["first_person"]


def leads_on(word: Token, through: list[str] | None) -> bool:
    if word.dep_ != "prep":
        return True
    return word.lower_ not in word_lists()["roles"]["aside"] if through is None else word.lower_ in through


def conjoined(word: Token) -> list[Token]:
    """A word and those joined to it after it with "and"."""
    return [word, *(other for other in word.conjuncts if other.i > word.i)]


def all_conjoined(words: Iterable[Token]) -> list[Token]:
    return [other for word in words for other in conjoined(word)]


def leading_to_target(word: Token) -> list[Token]:
    """The prepositions of a word that lead to a target, in the order of the list."""
    order = word_lists()["roles"]["target"]
    found = [child for child in word.children if child.dep_ in ("prep", "dative") and child.lower_ in order]
    found = [child for child in found if not after_place(child)]
    return sorted(found, key=lambda child: order.index(child.lower_))


def after_place(preposition: Token) -> bool:
    """Whether it goes on from a place: "along the border with the South"."""
    before = preposition.nbor(-1) if preposition.i else preposition
    return before.lemma_.lower() in word_lists()["roles"]["places"]


def unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(name for name in names if name))
