"""What tells one office from another: the words of "foreign ministry", and of titles before a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korea_nlp.cues import VOICES

if TYPE_CHECKING:
    from spacy.tokens import Token

OFFICES = VOICES["offices"]
BODIES = {word: group[0] for group in OFFICES["bodies"] for word in group}


def office_words(noun: Token) -> frozenset[str]:
    """What tells an office from another: "foreign" and "ministry", also of the foreign minister."""
    words = {noun.lemma_.lower()}
    for child in noun.children:
        if child.dep_ in ("compound", "amod", "nmod") and child.ent_type_ not in ("GPE", "NORP", "PERSON"):
            words |= {word.lemma_.lower() for word in child.subtree}
    words = {word.replace("defense", "defence") for word in words} - set(OFFICES["indistinct"])
    return frozenset(BODIES.get(word, word) for word in words if word.isalpha() or "-" in word)


def title_words(first: Token) -> frozenset[str]:
    """The words of what is written before a name: "Vice-Minister of Foreign Affairs"."""
    words, i = set(), first.i
    while i and _in_title(first.doc[i - 1]):
        i -= 1
        words.add(first.doc[i].lower_)
    return frozenset(BODIES.get(word, word) for word in words)


def _in_title(token: Token) -> bool:
    name = token.tag_ in ("NNP", "NNPS") and token.ent_type_ != "GPE"
    return name or token.text in ("-", "of", "for")
