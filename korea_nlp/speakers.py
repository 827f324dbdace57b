"""Who says it: the actor that the subject of a verb of saying stands for."""

from __future__ import annotations

import tomllib
from bisect import bisect_left, bisect_right
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from korea_nlp.actors import pronouns

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

VOICES = tomllib.loads((Path(__file__).parent / "assets" / "voices.toml").read_text(encoding="utf-8"))
SUBJECTS = ("nsubj", "nsubjpass")
_SUBJECTS_BACK = 20  # how many subjects before a pronoun are looked at
_CLAUSES = ("relcl", "acl", "advcl", "ccomp", "parataxis")


class Speakers:
    """Who is the subject of a verb of saying, by the parse and the mentions of actors."""

    def __init__(self, doc: Doc, mentions: pd.DataFrame) -> None:
        self.actor: dict[int, str] = {}  # by token
        self.subjects = []  # (token, mention) in order
        self.starts = [sentence.start for sentence in doc.sents]
        self.pronouns = pronouns()
        for mention in mentions.itertuples():
            span = doc.char_span(mention.start, mention.end, alignment_mode="expand")
            self.actor |= {token.i: mention.actor for token in span}
            if _is_subject(span.root):
                self.subjects.append((span.root, mention))

    def of(self, cue: Token) -> str:
        """The actor who says what ``cue`` (a verb, or a noun like "claim") introduces, or ``""``."""
        if cue.pos_ == "NOUN":
            given = cue.head.lemma_ in VOICES["giving"]  # "issued a warning that ..."
            return self.named(cue) or (self._shared(cue) if given else "")
        subject = _subject(cue)
        if subject is None:
            return self._shared(cue)
        return self._agent(cue) if subject.dep_ == "nsubjpass" else self.named(subject)

    def named(self, phrase: Token) -> str:
        """The actor that a noun phrase names: its head, else the mention closest to the head."""
        if phrase.tag_ in ("WP", "WDT"):
            clause = next((token for token in phrase.ancestors if token.dep_ == "relcl"), None)
            return self.named(clause.head) if clause is not None else ""
        if phrase.pos_ == "PRON":
            return self._antecedent(phrase)
        queue = deque([phrase])
        while queue:
            token = queue.popleft()
            if token.i in self.actor:
                return self.actor[token.i]
            queue.extend(child for child in token.children if child.dep_ not in (*_CLAUSES, "conj"))
        return ""

    def _agent(self, verb: Token) -> str:
        agents = [token for by in verb.children if by.dep_ == "agent" for token in by.children]
        return self.named(agents[0]) if agents else ""

    def _shared(self, cue: Token) -> str:
        """The subject that a cue without one shares with what it depends on."""
        while cue.head.i != cue.i:
            head, subject = cue.head, _subject(cue.head)
            actor = ""
            if cue.dep_ in ("acl", "relcl") and head.pos_ in ("NOUN", "PROPN", "PRON"):
                actor = self.named(head)
            elif subject is not None:
                # not the subject in "the test was criticized by Seoul, which called it a threat, and warned"
                passive = subject.dep_ == "nsubjpass" and cue.dep_ in ("conj", "advcl")
                by_agent = passive and subject.i not in self.actor
                return (self._agent(head) if by_agent else "") or self.named(subject)
            if actor:
                return actor
            cue = head
        return ""

    def _antecedent(self, pronoun: Token) -> str:
        """The nearest subject before a pronoun, in its sentence or the two before, that it can stand for."""
        word = pronoun.lower_
        first = self.starts[max(bisect_right(self.starts, pronoun.i) - 3, 0)]
        before = bisect_left(self.subjects, pronoun.i, key=lambda subject: subject[0].i)
        for kinds in VOICES["pronouns"].get(word, []):
            for token, mention in reversed(self.subjects[max(before - _SUBJECTS_BACK, 0) : before]):
                fits = mention.kind in kinds and self.pronouns.get(mention.actor, word) == word
                if fits and first <= token.i:
                    return mention.actor
        return ""


def _subject(verb: Token) -> Token | None:
    return next((child for child in verb.children if child.dep_ in SUBJECTS), None)


def _is_subject(token: Token) -> bool:
    """Whether a word is a subject, an agent or a source, alone or joined to one by "and"."""
    while token.dep_ == "conj":
        token = token.head
    before = f"{token.head.head.lower_} {token.head.lower_}"
    by = token.dep_ == "pobj" and (token.head.dep_ == "agent" or before in VOICES["prepositions"])
    return by or token.dep_ in SUBJECTS
