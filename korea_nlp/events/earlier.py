"""At whom a deed is aimed, by what was told before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korea_nlp.events.deeds import noun_deed, word_lists
from korea_nlp.events.phrases import unique

if TYPE_CHECKING:
    from spacy.tokens import Token


def told_beside(word: Token, quad: str, rows: list[tuple], doers: list[str]) -> list[str]:
    """At whom the deed is aimed that this one is joined to: "condemned Tokyo and vowed countermeasures"."""
    first = word.head
    if word.dep_ != "conj":
        return []
    return unique(row[7] for row in rows if row[1] == first.idx and row[4] in doers and row[6] == quad)


def known_for(word: Token, nouns: list[Token], rows: list[tuple], mine: set[str]) -> list[str]:
    """Who did what "the move" or "the complaint" stands for: the last told before that did such a thing."""
    lists, target = word_lists()["roles"]["deeds"], word_lists()["roles"]["target"]
    leading = [child for noun in nouns for child in noun.children if child.lower_ in target]
    for noun in [
        *(noun for noun in nouns if noun.i != word.i),
        *(child for preposition in leading for child in preposition.children),
    ]:
        before, deed = {child.lower_ for child in noun.children}, noun_deed(noun)
        same = [row for row in rows if noun.lemma_.lower() in row[8].split()]
        known = deed is not None or same or noun.lemma_.lower() in lists
        if not (before & {"this", "these", "such"} or (known and "the" in before)):
            continue
        told_before = [row for row in reversed(same or rows) if row[4] and row[4] not in mine]
        fitting = [
            row for row in told_before
            if same or (row[5] == deed.category if deed else row[6].startswith("material"))
        ]  # fmt: skip
        if fitting:
            return [row[4] for row in reversed(fitting) if row[1:3] == fitting[0][1:3]]
    return []
