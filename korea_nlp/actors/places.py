"""Where, and not who: datelines, and capitals that are only a place."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spacy.tokens import Span, Token

NAMES = tomllib.loads((Path(__file__).parents[1] / "assets" / "names.toml").read_text(encoding="utf-8"))
_CAPITALS = r"[A-Z][A-Z.’']*[A-Z]"
_DATE = r"(?:[,/][^\n()—–]{1,40}?)?"
_AGENCY = r" ?\([^()\n]{1,40}\)"
_DATELINE = re.compile(
    rf"^(?:{_CAPITALS}(?: {_CAPITALS}){{0,3}}{_DATE}(?:{_AGENCY})?|[A-Z][\w’' ]{{2,20}}{_DATE}{_AGENCY})"
    r"(?:(?: +|(?<=\)))(?:--|-) +| *[—–] *)(?=[\w“\"‘'])",
    re.MULTILINE,
)


def datelines(text: str) -> list[tuple[int, int]]:
    """Start and end of "SEOUL (Agency) - " at the head of a paragraph."""
    return [match.span() for match in _DATELINE.finditer(text)]


def is_place(name: Span, organisations: set[int] = frozenset()) -> bool:
    """Whether a capital is only where something is: "a summit in Beijing", but not "the cabinet in Tokyo".

    `organisations` are the tokens of organisations that are actors, whose seat the capital can say.
    """
    first = _first_of_list(name.root)
    if first.dep_ != "pobj":
        return False
    preposition = first.head
    while preposition.dep_ in ("prep", "conj") and preposition.head.dep_ == "prep":
        preposition = preposition.head
    near = {preposition.head, preposition.doc[max(preposition.i - 1, 0)]}
    if preposition.lower_ in NAMES["locative"]:
        return not any(_is_seated(word) or word.i in organisations for word in near)
    return any(word.lemma_.lower() in NAMES["travel"] for word in near)


def _is_seated(word: Token) -> bool:
    return word.lemma_.lower() in NAMES["seated"] or (word.pos_ == "PROPN" and word.text in NAMES["offices"])


def _first_of_list(word: Token) -> Token:
    while word.dep_ == "conj":
        word = word.head
    return word
