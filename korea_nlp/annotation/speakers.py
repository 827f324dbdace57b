"""Who says it: the actor that the subject of a verb of saying stands for."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import pandas as pd

from korea_nlp.actors.places import NAMES
from korea_nlp.annotation.references import References
from korea_nlp.cues import VOICES, subject_of, told_beside

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

_CLAUSES = ("relcl", "acl", "advcl", "ccomp", "parataxis")
_OFFICES = VOICES["offices"]


class Speakers:
    """Who is the subject of a verb of saying, by the parse and the mentions of actors."""

    def __init__(self, doc: Doc, mentions: pd.DataFrame) -> None:
        self._doc = doc
        self.meant = References(doc, mentions)
        self.actor = self.meant.named  # by token

    def of(self, cue: Token) -> str:
        """The actor who says what ``cue`` (a verb, or a noun like "claim") introduces, or ``""``."""
        if cue.pos_ == "NOUN":
            given = cue.head.lemma_ in VOICES["giving"]  # "issued a warning that ..."
            return self.named(cue) or (self._shared(cue) if given else "")
        subject = subject_of(cue)
        if subject is None:
            return self._shared(cue)
        return self._agent(cue) if subject.dep_ == "nsubjpass" else self.named(subject)

    def named(self, phrase: Token) -> str:
        """The actor that a noun phrase stands for: its head, else the mention closest to the head."""
        if phrase.tag_ in ("WP", "WDT"):
            clause = next((token for token in phrase.ancestors if token.dep_ == "relcl"), None)
            return self.named(clause.head) if clause is not None else ""
        if actor := self.actor.get(phrase.i) or self.meant.actor.get(phrase.i):
            return actor
        for child in phrase.children:  # "his Japanese counterpart, Keiko Tanaka,"
            if child.dep_ == "appos" and self.meant.kinds.get(self.actor.get(child.i, "")) == "person":
                return self.actor[child.i]
        if phrase.lower_ in VOICES["pronouns"]:
            return self.antecedent(phrase)
        lemma = phrase.lemma_.lower()
        if lemma in _OFFICES["members"] or (phrase.pos_ == "PROPN" and not self._is_office(phrase)):
            return ""
        queue = deque([phrase])
        while queue:
            token = queue.popleft()
            if token.i in self.actor:
                actor = self.actor[token.i]
                private = lemma in _OFFICES["private"] and self.meant.kinds[actor] != "organisation"
                return "" if private else actor
            queue.extend(child for child in token.children if child.dep_ not in (*_CLAUSES, "conj"))
        return ""

    def within(self, start: int, end: int) -> str:
        """The first person, or else the first actor, between two characters that are no sentence: a label."""
        words = self._doc.char_span(start, end, alignment_mode="expand") or ()
        actors = [actor for token in words if (actor := self.actor.get(token.i) or self.meant.actor.get(token.i))]
        return min(actors, key=lambda actor: self.meant.kinds[actor] != "person", default="")

    def _is_office(self, noun: Token) -> bool:
        return any(word.text in NAMES["offices"] for word in noun.subtree)

    def antecedent(self, pronoun: Token) -> str:
        """The nearest subject before a pronoun, in its sentence or the two before, that it can stand for."""
        return self.meant.subjects.pronoun(pronoun)

    def owner(self, noun: Token) -> str:
        """The actor whose it is: "Dr Han's advice", "its answer"; ``""`` if that is not said."""
        return self.meant.owner(noun)

    def is_silent(self, verb: Token) -> bool:
        """Whether a verb of saying says nothing: its subject is a deed, a thing, or "we"."""
        while (subject := subject_of(verb)) is None and verb.dep_ == "conj":
            verb = verb.head
        if verb.pos_ == "NOUN":
            return False
        helped = [child.lower_ for child in verb.children if child.dep_ == "aux"]
        bare = subject is None and verb.dep_ == "ROOT" and not helped
        if verb.tag_ == "VB" and (bare or verb.head.lemma_ == "let"):
            return True  # "Note that ...", "Let them explain"
        if subject is None:
            return verb.tag_ == "VB" and helped == ["to"] and self._is_nobodys(verb)
        lemma = subject.lemma_.lower()
        if subject.dep_ == "nsubjpass" or subject.i in self.actor or subject.pos_ not in ("NOUN", "PRON"):
            return False
        if lemma in ("i", "we", "you"):
            return True
        if lemma in VOICES["definite"]["deeds"] and lemma not in _OFFICES["texts"]:
            return True
        known = {*_OFFICES["members"], *_OFFICES["private"], *_OFFICES["texts"]}
        return verb.lemma_ in VOICES["showing"] and lemma not in known and not self.named(subject)

    def _is_nobodys(self, verb: Token) -> bool:
        """Whether an infinitive has no subject in sight: "it is naive to think that"."""
        subjects = (subject_of(token) for token in verb.ancestors)
        above = next((subject for subject in subjects if subject is not None), None)
        thing = above is not None and above.lower_ in ("it", "that", "this", "which", "there")
        return above is None or (thing and not self.named(above))

    def _agent(self, verb: Token) -> str:
        agents = [token for by in verb.children if by.dep_ == "agent" for token in by.children]
        return self.named(agents[0]) if agents else ""

    def _shared(self, cue: Token) -> str:
        """The subject that a cue without one shares with what it depends on."""
        while cue.head.i != cue.i:
            head, subject = cue.head, subject_of(cue.head)
            actor = ""
            if (outer := told_beside(cue)) is not None:
                return self.of(outer)
            if cue.tag_ == "VBN" and cue.dep_ in ("advcl", "acl"):  # "asked whether ..., he said"
                return self._agent(cue)
            if cue.dep_ in ("acl", "relcl") and head.pos_ in ("NOUN", "PROPN", "PRON"):
                actor = self.named(head)
            elif cue.lower_ == "as" and head.lemma_ in VOICES["quoting"]:
                quoted = [child for child in head.children if child.dep_ in ("dobj", "nsubjpass")]
                actor = self.named(quoted[0]) if quoted else ""
            elif subject is not None:
                # not the subject in "the test was criticized by Seoul, which called it a threat, and warned"
                passive = subject.dep_ == "nsubjpass" and cue.dep_ in ("conj", "advcl")
                by_agent = passive and subject.i not in self.actor
                return (self._agent(head) if by_agent else "") or self.named(subject)
            if actor:
                return actor
            cue = head
        return ""
