"""What hands the word to somebody: quotation marks, and the verbs, nouns and prepositions of ``assets/voices.toml``."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spacy.tokens import Token

VOICES = tomllib.loads((Path(__file__).parent / "assets" / "voices.toml").read_text(encoding="utf-8"))
SUBJECTS = ("nsubj", "nsubjpass")
_QUOTATION = re.compile(
    r"“[^“”\n]*”|„[^“”\n]*[“”]|«[^»\n]*»|\"(?=\S)[^\"\n]*(?<=\S)\"(?!\w)|\" [^\"\n]* \""
    r"|(?<!\w)‘(?=\w)[^‘\n]*?(?<=\S)’(?!\w)"
    r"|(?<!\w)'(?=\w)(?:[^'\n]|(?<=\w)'(?=\w))*(?<=[\w,.!?…])'(?!\w)"
    r"|“[^“”\n]*\n(?=“)"  # a quotation that goes on in the next paragraph
)
_INCHES = re.compile(r"(?<![\w.,-])\d{1,3}(?:[.,/]\d+)?[\"”](?=[ -][a-z])")


def quotations(text: str) -> list[tuple[int, int]]:
    """Start and end of all that stands in quotation marks, with the marks."""
    return [match.span() for match in _QUOTATION.finditer(_INCHES.sub(_inches, text))]


def _inches(found: re.Match) -> str:
    """The mark after "5" in 5" shells, unless it can close a short quotation: "Room 39"."""
    before = found.string[max(found.start() - 100, 0) : found.start()]
    said = re.search(r"(?:^|[\s(\[—–-])[“\"]([^“”\"\n]*)$", before)
    return found[0] if said and len(said[1].split()) < VOICES["scare_quote_words"] else found[0][:-1] + "″"


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


def first_of_list(token: Token) -> Token:
    """The word that a word is joined to by "and", or itself."""
    while token.dep_ == "conj":
        token = token.head
    return token


def is_subject(token: Token) -> bool:
    """Whether a word is a subject, an agent or a source, alone or joined to one by "and"."""
    token = first_of_list(token)
    before = f"{token.head.head.lower_} {token.head.lower_}"
    by = token.dep_ == "pobj" and (token.head.dep_ == "agent" or before in VOICES["prepositions"])
    return by or token.dep_ in SUBJECTS
