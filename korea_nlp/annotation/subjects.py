"""Which subject a pronoun stands for."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import TYPE_CHECKING

from korea_nlp.actors.aliases import pronouns
from korea_nlp.cues import SUBJECTS, VOICES, cue_of

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

_WINDOW = 3  # sentences that a subject is looked for in


class Subjects:
    """The subjects read so far, with the actors whom they name or stand for, and their kinds."""

    def __init__(self, doc: Doc, named: dict[int, str], kinds: dict[str, str]) -> None:
        self._named, self._kinds = named, kinds  # actors by token, kinds by actor
        self._all: list[tuple[Token, str, str]] = []
        self._starts = [sentence.start for sentence in doc.sents]
        self._pronouns = pronouns()

    def add(self, token: Token, actor: str, kind: str) -> None:
        """A subject; its kind is ``"member"`` if it is one unnamed person."""
        self._all.append((token, actor, kind))

    def learn(self, actor: str, pronoun: str) -> None:
        """That a person is "he" or "she", if that is not known."""
        self._pronouns.setdefault(actor, pronoun)

    def first(self, token: Token, sentences: int) -> int:
        """The first token of the last `sentences` sentences, that of the token included."""
        return self._starts[max(bisect_right(self._starts, token.i) - sentences, 0)]

    def between(self, first: int, last: int) -> set[str]:
        """The actors of the subjects between two tokens."""
        return {actor for subject, actor, _ in self._all if first <= subject.i < last}

    def pronoun(self, token: Token) -> str:
        """The nearest subject before a pronoun, in its sentence or the two before, that it can stand for."""
        word = VOICES["forms"].get(token.lower_, token.lower_)
        if word not in VOICES["pronouns"] or _stands_for_nothing(token):
            return ""
        for kinds in VOICES["pronouns"][word]:
            for subject, actor, kind in self.before(token):
                fits = kind in kinds and self._pronouns.get(actor, word) == word
                if fits and not self._bound(token, subject) and not _is_one(subject, token, word):
                    if nearer := self._nearer(token, subject, word, kinds):
                        return nearer
                    far = token.lower_ == "it" and token.dep_ not in SUBJECTS and subject.i < token.sent.start
                    return "" if far or self._between(subject, token, actor, kinds) else actor
        if word in ("he", "she"):
            return self._nearer(token, None, word, ["person"])
        return self._only_one(token) if word == "it" and token.tag_ == "PRP$" else ""

    def _nearer(self, token: Token, subject: Token | None, word: str, kinds: list[str]) -> str:
        """Who is named nearer without being a subject: a person for "she", people in general for "they"."""
        here = self.first(token, 1)
        if word == "they":
            first, wanted = self.first(token, 2), "collective"
            if "state" not in kinds:
                return ""
        else:
            first, wanted = here, "person"
        if (subject is not None and subject.i >= here) or word not in ("he", "she", "they"):
            return ""
        for i in reversed(range(first, token.i)):
            actor = self._named.get(i, "")
            fits = actor and self._kinds[actor] == wanted and self._pronouns.get(actor, word) == word
            if fits and not self._shares(token, token.doc[i]):
                return actor
        return ""

    def _shares(self, token: Token, other: Token) -> bool:
        """Whether both are governed by one verb: "they blamed activists"."""
        return token.dep_ != "poss" and token.head.i in (other.head.i, other.head.head.i)

    def _only_one(self, token: Token) -> str:
        """The state that alone is named in the sentence before: "This angered Seoul. Its minister ..."."""
        last = self.first(token, 1)
        near = {self._named[i] for i in range(self.first(token, 2), last) if i in self._named}
        states = {actor for actor in near if self._kinds[actor] == "state"}
        return states.pop() if len(states) == 1 else ""

    def before(self, token: Token) -> Iterator[tuple[Token, str, str]]:
        """The subjects before a word: the nearest of its sentence, then those of main clauses before others.

        Those of what the word's verb tells are left out: "Pyongyang, it said, had not answered".
        """
        first, verb = self.first(token, _WINDOW), token.head
        says = token.dep_ in SUBJECTS and cue_of(verb)
        near = []
        for subject, actor, kind in reversed(self._all):
            if subject.i < first:
                break
            inserted = says and verb.dep_ == "parataxis" and subject.head.i == verb.head.i
            said = says and verb.left_edge.i <= subject.i <= verb.right_edge.i
            if subject.i < token.i and not inserted and not said:
                near.append((subject, actor, kind))
        here = self.first(token, 1)
        yield from sorted(near, key=lambda entry: self._distance(entry[0], token, here))

    def _distance(self, subject: Token, token: Token, here: int) -> tuple[int, bool, int]:
        if subject.i >= here:
            return 0, False, -subject.i
        sentences = bisect_right(self._starts, token.i) - bisect_right(self._starts, subject.i)
        verb = subject.head
        while verb.dep_ == "conj":
            verb = verb.head
        return sentences, verb.dep_ != "ROOT", -subject.i

    def _bound(self, token: Token, subject: Token) -> bool:
        """Whether it would stand for the subject of its own verb: "X sees it", "X is its friend"."""
        if token.dep_ in SUBJECTS or (token.dep_ == "poss" and token.head.dep_ != "attr"):
            return False
        own = any(child.lower_ == "own" for child in token.head.children)
        verb = next((above for above in token.ancestors if above.pos_ in ("VERB", "AUX")), None)
        return verb is not None and verb.i == subject.head.i and not own

    def _between(self, subject: Token, token: Token, actor: str, kinds: list[str]) -> bool:
        """Whether "its" could as well be another's, named after the subject, or "it" be the move."""
        if token.tag_ != "PRP$" and token.dep_ in SUBJECTS:
            deeds = VOICES["definite"]["deeds"]
            between = token.doc[max(subject.i, token.sent.start) : token.i]
            deed = any(word.tag_ == "NN" and word.lemma_ in deeds and word.dep_ != "pobj" for word in between)
            return token.lower_ == "it" and deed and not cue_of(token.head)
        own = [child.i for child in token.head.children if child.dep_ in SUBJECTS and token.dep_ == "dobj"]
        others = (self._named.get(i, actor) for i in range(subject.i + 1, token.i) if i not in own)
        return any(other != actor and self._kinds[other] in kinds for other in others)

    def last_institution(self, token: Token) -> str:
        """Who spoke last as a state or an organisation, in this sentence or the one before."""
        first = self.first(token, 2)
        for subject, actor, kind in reversed(self._all):
            if subject.i < first or subject.i >= token.i:
                continue
            if actor and cue_of(subject.head) and kind in ("state", "organisation", "member", "members"):
                return "" if self._kinds.get(actor) in ("person", "collective") else actor
        return ""


def _is_one(subject: Token, token: Token, word: str) -> bool:
    """Whether "they" in what one person says stands for others: "a farmer said that they were reckless"."""
    return word == "they" and subject.tag_ in ("NN", "NNP") and subject.head in token.ancestors


def _stands_for_nothing(pronoun: Token) -> bool:
    """Whether "it" stands for nothing: "it is naive to expect", "it was announced that"."""
    verb = pronoun.head
    if pronoun.lower_ != "it" or pronoun.dep_ not in SUBJECTS:
        return False
    clause = any(child.dep_ in ("xcomp", "ccomp", "csubj", "advcl", "acl") for child in verb.children)
    adjectives = [child for child in verb.children if child.dep_ in ("acomp", "attr")]
    if any(inner.dep_ in ("xcomp", "ccomp") for adjective in adjectives for inner in adjective.children):
        return True
    linking = verb.lemma_ in ("be", "seem", "appear") and adjectives
    return bool(clause and (pronoun.dep_ == "nsubjpass" or linking))
