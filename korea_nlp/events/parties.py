"""Who does a deed and to whom it is done: the actors that the words around it name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import pandas as pd

from korea_nlp.annotation.speakers import Speakers
from korea_nlp.events.deeds import word_lists
from korea_nlp.events.phrases import (
    after_place,
    agents,
    all_conjoined,
    belonging,
    closest,
    controller,
    first_person,
    joined_to,
    leading_to_target,
    linked,
    unique,
)
from korea_nlp.events.standpoints import home, ours

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token


class Parties:
    """The doers and targets of deeds, by the parse and the mentions of actors."""

    def __init__(self, doc: Doc, mentions: pd.DataFrame, voices: pd.DataFrame) -> None:
        self.parts = voices[["start", "speaker"]]
        self.speakers = Speakers(doc, mentions)
        self.kinds = dict(zip(mentions["actor"], mentions["kind"], strict=True))
        named = mentions.loc[mentions["kind"] == "state", "actor"].value_counts()
        self.two = list(named.index[:2]) if len(named) > 1 and named.iloc[1] > 1 else []
        self.home = home(doc)
        listed = set(mentions.loc[mentions["found_by"] == "alias", "actor"])
        self.unlisted = {name for name, kind in self.kinds.items() if kind == "state"} - listed
        forms = mentions[["actor", "text"]].drop_duplicates()
        pairs = list(forms.itertuples(index=False, name=None))
        self._own: dict[str, set[str]] = {}
        for actor, name in pairs:
            self._own.setdefault(actor, {actor}).update(other for other, text in pairs if text in name)

    def kind(self, actor: str) -> str:
        """The kind of an actor, or ``""``."""
        return self.kinds.get(actor, "")

    def voice(self, word: Token) -> str:
        """Who says a word, or ``""`` if it is the author or nobody knows."""
        part = int(self.parts["start"].searchsorted(word.idx, side="right")) - 1
        speaker = self.parts["speaker"].iloc[part] if part >= 0 else ""
        return "" if speaker == "author" else speaker

    def by_author(self, verb: Token) -> bool:
        """Whether "we" do it, and are nobody who is quoted: the author is no actor."""
        return any(first_person(word) and not self.voice(word) for word in agents(verb))

    def own(self, actor: str) -> set[str]:
        """An actor, and those whom its own name names: the North Korean General Staff is North Korea's."""
        return self._own.get(actor, {actor})

    def of_verb(self, verb: Token) -> list[str]:
        """Who does what a verb says; empty if it is not said."""
        if verb.dep_ == "compound":  # a gerund taken for a noun: "by planting mines"
            above = next((token for token in verb.ancestors if token.pos_ == "VERB"), None)
            return self.of_verb(above) if above is not None else []
        heads = all_conjoined(agents(verb)[-1:])  # the first of two can be a dateline
        named = [name for head in heads for name in self._names(head) or self._owner(head)]
        if forced := self._all_names(controller(verb)):
            return forced
        own = {child.dep_ for child in verb.children}
        if own & {"nsubj", "agent"}:
            return unique(named) or self._speaking_of_itself(verb)
        if "nsubjpass" in own or (verb.dep_ == "acl" and verb.tag_ == "VBN"):
            return self._announcer(verb)
        shared = self.speakers.of(verb)
        return unique(named) if shared in named else [shared] if shared else unique(named)

    def _speaking_of_itself(self, verb: Token) -> list[str]:
        """Who says what "it" will do: "Russia said it was ready to talk"."""
        said = verb.dep_ == "ccomp" and verb.head.lemma_ in word_lists()["telling"]["announcing"]
        itself = any(child.dep_ == "nsubj" and child.lower_ == "it" for child in verb.lefts)
        return self.of_verb(verb.head) if said and itself else []

    def _announcer(self, verb: Token) -> list[str]:
        """Who says that something will be done, without saying by whom."""
        lists = word_lists()["telling"]
        ahead = any(child.lower_ in lists["announced"] for child in verb.children)
        if verb.dep_ == "ccomp" and ahead and verb.head.lemma_ in lists["announcing"]:
            return self.of_verb(verb.head)
        return []

    def of_noun(self, noun: Token) -> list[str]:
        """Who does what a noun says: "the South's", "North Korean", "by", "from", "between ... and ..."."""
        roles = word_lists()["roles"]
        found = []
        for child in noun.lefts:
            if child.dep_ in ("amod", "compound", "nmod"):  # "US-South Korean drills"
                found += [self.speakers.actor.get(word.i, "") for word in child.subtree]
            elif child.dep_ == "poss":
                found += self._all_names([child])
        by = any(child.lower_ == "by" for child in noun.children)
        for child in noun.children:
            of = not by and child.lower_ == "of" and noun.lemma_.lower() in roles["doer_of"]
            if child.dep_ in ("prep", "agent") and (child.lower_ in roles["doer"] or of):
                found += self._all_names(child.children)
        return unique(found) or self._owner(noun)

    def _owner(self, noun: Token) -> list[str]:
        """Whose it is by a pronoun: "its foreign ministry"."""
        owners = [word for word in noun.children if word.tag_ == "PRP$"]
        found = [self.speakers.antecedent(word) for word in owners]
        found = [name for name in found if name]
        return found or [name for word in owners for name in self._told_of(word)]

    def _told_of(self, pronoun: Token) -> list[str]:
        """Who acts in the sentence before, for "they", "their" and "its" that stand for nobody named."""
        first = pronoun.sent.start
        if pronoun.lower_ not in ("they", "their", "its") or not first:
            return []
        root = pronoun.doc[first - 1].sent.root
        return [name for word in root.children if word.dep_ == "nsubj" for name in self._names(word)
                if word.pos_ != "PRON"]  # fmt: skip

    def partners(self, word: Token, nouns: list[Token]) -> list[str]:
        """Those named after "with"."""
        beside = [child for head in (word, *nouns) for child in head.children]
        withs = [child for child in beside if child.lower_ == "with" and not after_place(child)]
        return self._all_names(noun for child in withs for noun in child.children)

    def targets(
        self, word: Token, verb: Token | None, nouns: list[Token], doers: list[str], objects: bool
    ) -> list[str]:
        """To whom the deed is done, the doers and their own aside: its objects, else after a preposition.

        With `objects` the nouns are words of the deed and lead on: "sanctions on Russia".
        """
        mine = frozenset(own for doer in doers for own in self.own(doer))
        roles = word_lists()["roles"]
        through = roles["target"] if objects else roles["within"]
        for group in self._candidates(word, verb, nouns):
            found = (name for head in group for name in self._names(head, through, mine) if name not in mine)
            names = unique(found)
            if names or any(head.dep_ == "dobj" and head.tag_ == "PRP" for head in group):
                return names
        return [name for noun in nouns for name in self._its(noun) if name not in mine]

    def _its(self, noun: Token) -> list[str]:
        """Whose "its shells" are: of the last named in the sentence before."""
        if not any(child.tag_ == "PRP$" for child in noun.children):
            return []
        roles = ("nsubj", "nsubjpass", "dobj")
        named = self.speakers.actor
        before = [word for word in noun.sent if word.i < noun.i and word.dep_ in roles and word.i in named]
        return [named[before[-1].i]] if before else []

    def only_other(self, word: Token, doers: list[str]) -> list[str]:
        """The state or person that alone besides the doers is named in the sentence."""
        mine = {own for doer in doers for own in self.own(doer)}
        named = {self.speakers.actor[token.i] for token in word.sent if token.i in self.speakers.actor}
        named -= mine | self.unlisted
        named = {name for name in named if self.kind(name) in ("state", "person")}
        return list(named) if len(named) == 1 else []

    def below(self, word: Token) -> list[str]:
        """Where it comes down: "landed in Japan", "flew over Japan"."""
        places = (child for child in word.children if child.lower_ in word_lists()["roles"]["below"])
        return self._all_names(noun for place in places for noun in place.children)

    def two_states(self, word: Token) -> list[str]:
        """The two states that a sentence names, if there are two."""
        named = unique(self.speakers.actor[token.i] for token in word.sent if token.i in self.speakers.actor)
        states = [name for name in named if self.kind(name) == "state"]
        return states if len(states) == 2 else []

    def _candidates(self, word: Token, verb: Token | None, nouns: list[Token]) -> Iterator[list[Token]]:
        """Groups of words that may name the target, the likeliest first."""
        if verb is not None:
            yield all_conjoined(
                noun for noun in nouns if noun.dep_ not in ("pobj", "pcomp") or noun.head.head.pos_ == "NOUN"
            )
        for preposition in leading_to_target(word):
            yield all_conjoined(preposition.children)
        if verb is None or verb.dep_ == "compound":
            return
        told = (child for noun in nouns for child in noun.children if child.dep_ == "acl")  # "the lie that"
        for clause in (*verb.children, *told):
            if clause.dep_ in ("ccomp", "xcomp", "acl"):
                for dep in ("dobj", "nsubjpass", "nsubj"):
                    inner = [child for child in clause.children if child.dep_ == dep]
                    yield all_conjoined(inner)
                    leading = [each for noun in inner for each in leading_to_target(noun)]
                    yield all_conjoined(child for each in leading for child in each.children)
                for preposition in leading_to_target(clause):
                    yield all_conjoined(preposition.children)

    def _all_names(self, words: Iterable[Token]) -> list[str]:
        return unique(name for word in all_conjoined(words) for name in self._names(word))

    def _names(
        self, phrase: Token, through: list[str] | None = None, but: frozenset[str] = frozenset()
    ) -> list[str]:
        """The actors that a noun phrase stands for: its head, else the mention closest to the head.

        `through` are the prepositions that lead to a target; without it, all but `aside` do. Those in `but`
        are passed over.
        """
        roles, named, meant = word_lists()["roles"], self.speakers.actor, self.speakers.meant.actor

        def actor(words: dict[int, str], token: Token) -> str:
            return "" if words.get(token.i) in but else words.get(token.i, "")

        if name := actor(named, phrase):
            return [name]
        if name := actor(meant, phrase):
            return [name, *joined_to(phrase, name, named, but)]
        if first_person(phrase):
            return [name] if (name := self.voice(phrase)) else []
        if phrase.pos_ == "PRON" or phrase.tag_ in ("WP", "WDT"):
            return (
                [name]
                if (name := self.speakers.named(phrase) or ours(phrase, self))
                else self._told_of(phrase)
            )
        if through is not None:
            between = linked(phrase, named)
            if between or phrase.lemma_.lower() in roles["places"]:
                return between or self._all_names(
                    c for c in phrase.lefts if c.dep_ in ("amod", "poss", "compound", "nmod")
                )
        near = list(closest(phrase, through))
        for token in near:
            if name := actor(named, token):
                return [name, *joined_to(phrase, name, named, but)]
            if token.text in roles["both"]:
                return roles["both"][token.text]
            words = {child.lower_ for child in token.children}
            if token.lemma_.lower() in roles["two"] and words & set(roles["two_words"]):
                return self.two
        found = [name for token in near if (name := actor(meant, token))][:1] or [
            name for token in near if (name := ours(token, self)) and name not in but
        ][:1]
        return found or self._all_names(belonging(phrase))
