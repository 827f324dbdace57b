"""Words that hand the word to somebody: verbs, nouns and prepositions of ``assets/voices.toml``."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spacy.tokens import Token

VOICES = tomllib.loads((Path(__file__).parent / "assets" / "voices.toml").read_text(encoding="utf-8"))
SUBJECTS = ("nsubj", "nsubjpass")


def cue_of(token: Token) -> str:
    """The form under which a word is in the list of cues, or ``""``."""
    lemma = token.lemma_.lower()
    if token.pos_ == "NOUN":
        return lemma if lemma in VOICES["nouns"] else ""
    if token.pos_ != "VERB" or token.dep_ == "amod":  # "the so-called ..."
        return ""
    beside = [child for child in token.children if child.dep_ in ("prt", "prep") or child.lower_ == "it"]
    particles = [f"{lemma} {child.lower_}" for child in beside]  # "point out", "call on", "put it"
    return next((form for form in (*particles, lemma) if form in VOICES["verbs"]), "")


def subject_of(verb: Token) -> Token | None:
    """The subject of a verb; of two, the nearest ("SEOUL - Kim said", where the first is a dateline)."""
    return next((child for child in reversed([*verb.children]) if child.dep_ in SUBJECTS), None)


def told_beside(cue: Token) -> Token | None:
    """The verb of saying whose speaker goes on: "said that it was ready, stressing that ..."."""
    beside = cue.i and cue.tag_ == "VBG" and cue.dep_ == "advcl" and cue.nbor(-1).text == ","
    joined = cue.tag_ in ("VBD", "VBZ") and cue.dep_ == "conj" and subject_of(cue) is None
    if not beside and not (joined and not cue_of(cue.head)):
        return None
    clause = cue.head
    while clause.dep_ in ("conj", "advcl", "xcomp"):
        clause = clause.head
    return clause.head if clause.dep_ == "ccomp" and cue_of(clause.head) and cue_of(cue) else None


def is_subject(token: Token) -> bool:
    """Whether a word is a subject, an agent or a source, alone or joined to one by "and"."""
    while token.dep_ == "conj":
        token = token.head
    before = f"{token.head.head.lower_} {token.head.lower_}"
    by = token.dep_ == "pobj" and (token.head.dep_ == "agent" or before in VOICES["prepositions"])
    return by or token.dep_ in SUBJECTS
