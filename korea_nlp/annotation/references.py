"""Whom words refer to that name nobody: one reading of the article, from its first word to its last.

A noun phrase that says itself whom it belongs to ("South Korea's
unification ministry") is remembered, and explains later ones that do not ("the unification minister").
Where two answers are possible, none is given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from korea_nlp.actors.aliases import states_of_actors
from korea_nlp.actors.names import is_opposed
from korea_nlp.actors.places import NAMES
from korea_nlp.annotation.deeds import behind_it, doers
from korea_nlp.annotation.groups import home_state, members, seat_beside
from korea_nlp.annotation.offices import BODIES, OFFICES, office_words, title_words
from korea_nlp.annotation.pronouns import deed_before, in_quotation
from korea_nlp.annotation.quotations import quotations
from korea_nlp.annotation.subjects import Subjects
from korea_nlp.cues import SUBJECTS, VOICES, cue_of, is_subject, subject_of

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

_PERSONS = {*OFFICES["private"], *OFFICES["members"]}
_ALWAYS = {*OFFICES["always"].values()}
OWNERS = ("poss", "compound", "amod", "nmod")
_LINKS = ("of", "for", "from", "in", "at", "by", "with", "inside", "within")


class References:
    """What stands for whom, by token: `named` where an actor is named, `actor` where one is only meant."""

    def __init__(self, doc: Doc, mentions: pd.DataFrame) -> None:
        self.named: dict[int, str] = {}
        self.actor: dict[int, str] = {}
        self.several: dict[int, list[str]] = {}  # those that one word means together
        self.kinds: dict[str, str] = dict(zip(mentions["actor"], mentions["kind"], strict=True))
        self.subjects = Subjects(doc, self.named, self.kinds)
        self._states = states_of_actors()
        self.known: list[tuple[frozenset[str], str, Token]] = []  # offices and deeds whose owner is known
        self._quotations = quotations(doc.text)
        self._quoted = {i for start, end in self._quotations for i in range(start, end)}
        roots = self._mark(doc, mentions)
        self.home = home_state(doc, self._quoted, self.named)
        for token in doc:
            if token.i in roots:
                self._remember_name(token)
            elif token.i not in self.named and (actor := self._meant(token)):
                self.actor[token.i] = actor
                self._remember(token, actor)
            elif token.lemma_.lower() in _PERSONS and is_subject(token):
                self.subjects.add(token, "", "member")  # "a woman", whom "she" then stands for

    def _mark(self, doc: Doc, mentions: pd.DataFrame) -> set[int]:
        roots, text = set(), doc.text
        for mention in mentions.itertuples():
            span = doc.char_span(mention.start, mention.end, alignment_mode="expand")
            part = span[-1].idx + len(span[-1]) - mention.end > 2 and len(span) == 1
            if part or is_opposed(text, mention.start):
                continue  # "U.S." in "U.S.-led", "Japan" in "anti-Japan"
            self.named |= {token.i: mention.actor for token in span}
            roots.add(span.root.i)
        return roots

    def _meant(self, token: Token) -> str:
        if token.pos_ == "PRON" or token.tag_ == "PRP$":
            return self._pronoun(token)
        if token.lower_ == "old" and token.dep_ in SUBJECTS:  # "the 34-year-old"
            persons = (who for _, who, kind in self.subjects.before(token) if kind in ("person", "member"))
            return next(persons, "")
        if token.pos_ not in ("NOUN", "PROPN") or token.dep_ == "compound":
            return ""
        one = self._described(token) or self._office(token)
        return one or self._one(token, doers(self, token) or members(self, token)) or self._country(token)

    def _one(self, token: Token, actors: list[str]) -> str:
        """The actor, if it is one; several are kept apart."""
        if len(actors) > 1:
            self.several[token.i] = actors
        return actors[0] if len(actors) == 1 else ""

    def _pronoun(self, token: Token) -> str:
        if token.idx in self._quoted:
            return in_quotation(self, token, self._quotations)
        if token.lower_ in ("our", "ours", "us") and self.home == "North Korea":
            return self.home
        if token.lower_ in ("this", "that"):
            return self._one(token, behind_it(self, token))
        if token.lower_ == "it" and token.tag_ == "PRP" and token.dep_ not in SUBJECTS:
            deed = deed_before(self, token)
            if deed is not None:
                return self._one(token, self.several.get(deed.i, [])) or self.actor.get(deed.i, "")
        return self.subjects.pronoun(token)

    def _remember_name(self, token: Token) -> None:
        """A subject that pronouns can stand for, and what a person is said to be ("Kim, a spokesman")."""
        actor = self.named[token.i]
        kind = self.kinds[actor]
        if kind == "organisation":
            words = (word.lower_ for word in token.subtree if word.i in self.named)
            self.known.append((frozenset(BODIES.get(word, word) for word in words), actor, token))
        if is_subject(token.head if token.dep_ == "appos" and kind == "person" else token):
            one = kind == "collective" and token.tag_ == "NN"  # "one fisherman"
            self.subjects.add(token, actor, "member" if one else kind)
        if kind == "person":
            beside = [child for child in token.children if child.dep_ in ("appos", "compound", "nmod")]
            if token.dep_ == "appos":
                beside.append(token.head)
            words = [word for word in beside if word.i not in self.named and word.pos_ in ("NOUN", "PROPN")]
            self.known += [(office_words(word), actor, token) for word in words]
            i = token.i
            while i and self.named.get(i - 1) == actor:
                i -= 1
            title = token.doc[i - 1].text.rstrip(".") if i else ""
            if title in VOICES["titles"]:
                self.subjects.learn(actor, VOICES["titles"][title])
            self.known.append((title_words(token.doc[i]), actor, token))

    def _remember(self, token: Token, actor: str) -> None:
        if token.pos_ == "PRON" or token.tag_ == "PRP$":
            return
        self.known.append((office_words(token), actor, token))
        if is_subject(token):
            member = token.lemma_.lower() in OFFICES["members"]
            plural = token.tag_ in ("NNS", "NNPS")
            kind = ("members" if plural else "member") if member else self.kinds.get(actor, "")
            self.subjects.add(token, actor, kind)

    # Offices

    def _office(self, token: Token) -> str:
        """Whom a ministry, a spokesman or a statement belongs to."""
        lemma = token.lemma_.lower()
        if lemma in OFFICES["heads"] and [child.lower_ for child in token.children] == ["the"]:
            return self._known_office(token, False, True) or self._ruler(token)
        named = token.pos_ == "PROPN" and token.text in NAMES["offices"]  # "National Intelligence Service"
        body, member = named or lemma in BODIES, lemma in OFFICES["members"]
        if not (body or member or lemma in OFFICES["texts"]):
            return ""
        for child in token.children:  # "a spokesman, Koo Byoung-sam,"
            if child.dep_ == "appos" and self._is_person(child):
                return self.named[child.i]
        if token.dep_ == "appos" and self._is_person(token.head):
            return ""
        children = {child.lower_ for child in token.children}
        if "former" in children:
            return ""
        if owner := self.owner(token):
            leads = lemma == "leader" and token.tag_ == "NN"
            return (VOICES["leaders"].get(owner) if leads else None) or self._state_of(owner)
        if lemma in OFFICES["texts"] and token.head.lower_ == "in" and cue_of(token.head.head):
            subject = subject_of(token.head.head)  # "said in a statement"
            return (self.named.get(subject.i) or self.actor.get(subject.i, "")) if subject is not None else ""
        if children & {"another", "other", "any", "every", "both", "two", "no", "'s", "’s"}:
            return ""
        charged = token.head.lemma_ in ("accuse", "suspect") and token.dep_ == "dobj"  # "of spying"
        if "of" in children and not charged:
            return ""
        return self._known_office(token, body, member)

    def _ruler(self, token: Token) -> str:
        """The president or leader who was the subject before."""
        return next(
            (who for _, who, kind in self.subjects.before(token) if kind == "person" and who in self._states),
            "",
        )

    def _is_person(self, token: Token) -> bool:
        return self.kinds.get(self.named.get(token.i, "")) == "person"

    def owner(self, noun: Token) -> str:
        """Whom a noun phrase says it belongs to: "South Korea's", "its", "U.S.", "of", "for", "in"."""
        near = [child for child in noun.children if child.dep_ in OWNERS]
        for child in sorted(near, key=lambda child: child.dep_ != "poss"):
            if actor := self.named.get(child.i) or self.actor.get(child.i) or self.owner(child):
                return actor
        for link in noun.children:
            if link.dep_ in ("prep", "agent") and link.lower_ in _LINKS:
                for child in link.children:
                    if child.dep_ == "pobj" and (actor := self.named.get(child.i) or self._through(child)):
                        return actor
            taken = link.dep_ == "acl" and link.tag_ == "VBN"  # "the move, taken by the military"
            if taken and (actor := self.owner(link)):
                return actor
        return ""

    def _through(self, noun: Token) -> str:
        """As `owner`, of an office that comes later in the text: "a spokesman for the North's ministry"."""
        if noun.lemma_.lower() in (*BODIES, *OFFICES["members"]):
            return self.owner(noun) or self._known_office(noun, True, False)
        return self.owner(noun) if noun.pos_ == "PROPN" else ""  # "Ministry of Defence of the DPRK"

    def _state_of(self, actor: str) -> str:
        """The state for a person's ministers and armies; nobody if it is not known."""
        return self._states.get(actor, "") if self.kinds.get(actor) == "person" else actor

    def _known_office(self, token: Token, body: bool, member: bool) -> str:
        """The last office of that name; for an unnamed spokesman the last institution that spoke."""
        asked, lemma = office_words(token), token.lemma_.lower()
        for word, actor in OFFICES["always"].items():
            if word in asked and (actor in self.kinds or _ALWAYS & self.kinds.keys()):
                return actor
        role = {BODIES.get(lemma, lemma)}
        details = asked - role if member else asked
        definite = any(child.lower_ in ("the", "this", "that") for child in token.children)
        if details or definite:
            for words, actor, _ in reversed(self.known):
                person = self.kinds.get(actor) == "person"
                if (details or role) <= words and (member or not person):
                    return actor
        speaks = lemma in OFFICES["spokesmen"] or (definite and body and not member)
        known_by_another_name = details and (member or len(details) > 1)
        speaks = speaks and not known_by_another_name and cue_of(token.head) and token.dep_ in SUBJECTS
        spoke = self.subjects.last_institution(token) if speaks else ""
        return spoke or (self._default(token) if definite and not asked - role else "")

    def _default(self, token: Token) -> str:
        """Whose "the government" is that no name comes before: of the capital beside it, or the writer's."""
        if BODIES.get(token.lemma_.lower()) != "government":
            return ""
        return seat_beside(token) or self.home

    # Countries, descriptions

    def _country(self, token: Token) -> str:
        """The state that "the country" is: the only one named before it, here or a sentence earlier."""
        children = [child.lower_ for child in token.children if child.dep_ in ("det", "amod", "nummod")]
        if token.tag_ != "NN" or token.lemma_ not in VOICES["definite"]["countries"]:
            return ""
        owners = (self.actor.get(child.i, "") for child in token.children if child.dep_ == "poss")
        if owner := next(owners, ""):
            return self._state_of(owner)  # "his country"
        if children != ["the"]:
            return ""
        here = self.subjects.first(token, 1)
        for first, last in ((here, token.i), (self.subjects.first(token, 2), here)):
            near = {self._state_of(self.named[i]) for i in range(first, last) if i in self.named}
            states = {who for who in near if self.kinds.get(who) == "state" or who in self._states.values()}
            if states:
                return states.pop() if len(states) == 1 else ""
        return ""

    def _described(self, token: Token) -> str:
        for child in token.children:
            actor = VOICES["descriptions"].get(f"{child.lower_} {token.lemma_}", "")
            if actor and child.dep_ == "amod" and self.owner(token) != actor:
                return actor
        return ""
