"""What an article has told up to a word: its subjects, and which of them a pronoun stands for."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import TYPE_CHECKING

from korea_nlp.actors.aliases import pronouns, states_of_actors
from korea_nlp.actors.names import is_opposed
from korea_nlp.cues import SUBJECTS, VOICES, cue_of, quotations

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

WINDOW = 3  # sentences that a subject is looked for in
EVENT_NOUNS = frozenset(VOICES["definite"]["deeds"])


class Discourse:
    """Who is named and who is meant, by token, and what has been told of them so far.

    Attributes
    ----------
    named
        The actor whom a word names, by token.
    meant, actor
        The actors for whom a word stands that names nobody, and the actor if it is one.
    heads
        The words that stand for a whole mention.
    kinds
        The kind of each actor.
    subjects
        Word, actor and kind of each subject; the kind of unnamed persons is "member" or "members".
    owned
        The words of an office or an event noun whose actor is known, the actor, and the noun.
    pronouns, states
        "he" or "she", and the state, of persons where that is known.
    home
        The state whose side the writer takes, or ``""``.
    """

    def __init__(self, doc: Doc, mentions: Iterable[tuple[str, str, int, int]]) -> None:
        self.named: dict[int, str] = {}
        self.actor: dict[int, str] = {}
        self.meant: dict[int, list[str]] = {}
        self.heads: set[int] = set()
        self.kinds = {actor: kind for actor, kind, _, _ in mentions}
        self.subjects: list[tuple[Token, str, str]] = []
        self.owned: list[tuple[frozenset[str], str, Token]] = []
        self.pronouns, self.states = pronouns(), states_of_actors()
        self.quotations = quotations(doc.text)
        self.quoted = {i for start, end in self.quotations for i in range(start, end)}
        self._starts = [sentence.start for sentence in doc.sents]
        for actor, _, start, end in mentions:
            span = doc.char_span(start, end, alignment_mode="expand")
            part = len(span) == 1 and span.end_char - end > 2  # "U.S." in "U.S.-led"
            if not part and not is_opposed(doc.text, start):
                self.named |= {token.i: actor for token in span}
                self.heads.add(span.root.i)
        self.home = self._home(doc)

    def _home(self, doc: Doc) -> str:
        """By "the puppets" and "our Republic" of the North, by "our" of who calls it "the North" of the South."""
        words = [token for token in doc if token.idx not in self.quoted]
        text = f" {' '.join(token.lower_ for token in words)} "
        if any(f" {phrase} " in text for phrase in VOICES["home"]["North Korea"]):
            return "North Korea"
        north = any(self.named.get(token.i) == "North Korea" and token.text == "North" for token in words)
        return "South Korea" if north and any(token.lower_ in ("our", "ours") for token in words) else ""

    def actor_of(self, token: Token) -> str:
        """The actor whom a word names or stands for, or ``""``."""
        return self.named.get(token.i) or self.actor.get(token.i, "")

    def is_person(self, token: Token) -> bool:
        """Whether a word names a person."""
        return self.kinds.get(self.named.get(token.i, "")) == "person"

    def first(self, token: Token, sentences: int) -> int:
        """The first token of the last `sentences` sentences, that of the token included."""
        return self._starts[max(bisect_right(self._starts, token.i) - sentences, 0)]

    def before(self, token: Token) -> list[tuple[Token, str, str]]:
        """The subjects before a word: the nearest of its sentence, then those of main clauses before others.

        Those of what the word's verb tells are left out: "Pyongyang, it said, had not answered".
        """
        first, here, verb = self.first(token, WINDOW), self.first(token, 1), token.head
        says = token.dep_ in SUBJECTS and cue_of(verb)

        def is_told(subject: Token) -> bool:
            inserted = verb.dep_ == "parataxis" and subject.head.i == verb.head.i
            return bool(says) and (inserted or verb.left_edge.i <= subject.i <= verb.right_edge.i)

        def distance(subject: Token) -> tuple[int, bool, int]:
            clause = subject.head
            while clause.dep_ == "conj":
                clause = clause.head
            beside = subject.i < here and clause.dep_ != "ROOT"
            return -bisect_right(self._starts, subject.i), beside, -subject.i

        near = [entry for entry in self.subjects if first <= entry[0].i < token.i and not is_told(entry[0])]
        return sorted(near, key=lambda entry: distance(entry[0]))

    def pronoun(self, token: Token) -> str:
        """The nearest subject before a pronoun, in its sentence or the two before, that it can stand for."""
        word = VOICES["forms"].get(token.lower_, token.lower_)
        if word not in VOICES["pronouns"] or _stands_for_nothing(token):
            return ""
        for kinds in VOICES["pronouns"][word]:
            for subject, actor, kind in self.before(token):
                fits = kind in kinds and self.pronouns.get(actor, word) == word
                if fits and not _is_bound(token, subject) and not _is_one(subject, token, word):
                    if nearer := self._nearer(token, subject, word, kinds):
                        return nearer
                    far = token.lower_ == "it" and token.dep_ not in SUBJECTS and subject.i < token.sent.start
                    return "" if far or self._is_unclear(subject, token, actor, kinds) else actor
        if word in ("he", "she"):
            return self._nearer(token, None, word, ["person"])
        return self._only_state(token) if token.lower_ == "its" else ""

    def _nearer(self, token: Token, subject: Token | None, word: str, kinds: list[str]) -> str:
        """Who is named nearer without being a subject: a person for "she", people in general for "they"."""
        here = self.first(token, 1)
        if word == "it" or (word == "they" and "state" not in kinds) or (subject is not None and subject.i >= here):
            return ""
        first, wanted = (self.first(token, 2), "collective") if word == "they" else (here, "person")
        for i in reversed(range(first, token.i)):
            actor, other = self.named.get(i, ""), token.doc[i]
            fits = actor and self.kinds[actor] == wanted and self.pronouns.get(actor, word) == word
            shares = token.dep_ != "poss" and token.head.i in (other.head.i, other.head.head.i)
            if fits and not shares:  # not "they blamed activists"
                return actor
        return ""

    def _only_state(self, token: Token) -> str:
        """The state that alone is named in the sentence before: "This angered Seoul. Its minister ..."."""
        before = range(self.first(token, 2), self.first(token, 1))
        states = {self.named[i] for i in before if self.kinds.get(self.named.get(i, "")) == "state"}
        return states.pop() if len(states) == 1 else ""

    def _is_unclear(self, subject: Token, token: Token, actor: str, kinds: list[str]) -> bool:
        """Whether "its" could as well be another's, named after the subject, or "it" be the move."""
        if token.tag_ != "PRP$" and token.dep_ in SUBJECTS:
            between = token.doc[max(subject.i, token.sent.start) : token.i]
            done = any(w.tag_ == "NN" and w.lemma_ in EVENT_NOUNS and w.dep_ != "pobj" for w in between)
            return token.lower_ == "it" and done and not cue_of(token.head)
        own = [child.i for child in token.head.children if child.dep_ in SUBJECTS and token.dep_ == "dobj"]
        others = (self.named.get(i, actor) for i in range(subject.i + 1, token.i) if i not in own)
        return any(other != actor and self.kinds[other] in kinds for other in others)

    def last_institution(self, token: Token) -> str:
        """Who spoke last as a state or an organisation, in this sentence or the one before."""
        first = self.first(token, 2)
        for subject, actor, kind in reversed(self.subjects):
            spoke = first <= subject.i < token.i and actor and cue_of(subject.head)
            if spoke and kind in ("state", "organisation", "member", "members"):
                return "" if self.kinds.get(actor) in ("person", "collective") else actor
        return ""

    def in_quotation(self, token: Token) -> str:
        """The one state or organisation that is a subject in a quotation and the one before it, close by."""
        if token.lower_ != "it" or token.dep_ not in SUBJECTS:
            return ""
        mine = next(at for at, (start, end) in enumerate(self.quotations) if start <= token.idx < end)
        first, last = self.quotations[max(mine - 1, 0)]
        if "\n" in token.doc.text[last : token.idx].strip():
            first = self.quotations[mine][0]
        words = token.doc.char_span(first, token.idx, alignment_mode="expand")
        told = {self.named.get(word.i, "") for word in words if word.dep_ in SUBJECTS}
        fitting = [actor for actor in told if self.kinds.get(actor) in ("state", "organisation")]
        return fitting[0] if len(fitting) == 1 else ""


def _is_bound(token: Token, subject: Token) -> bool:
    """Whether it would stand for the subject of its own verb: "X sees it", "X is its friend"."""
    if token.dep_ in SUBJECTS or (token.dep_ == "poss" and token.head.dep_ != "attr"):
        return False
    own = any(child.lower_ == "own" for child in token.head.children)
    verb = next((above for above in token.ancestors if above.pos_ in ("VERB", "AUX")), None)
    return verb is not None and verb.i == subject.head.i and not own


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
