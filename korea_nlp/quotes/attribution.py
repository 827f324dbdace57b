"""Who is said to say what: the speakers of verbs and nouns of saying, and the clauses that these introduce."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from korea_nlp.actors.names import NAMES
from korea_nlp.actors.references import references
from korea_nlp.cues import VOICES, cue_of, subject_of, told_beside

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

    from korea_nlp.article import Article

_OFFICES = VOICES["offices"]
_KNOWN = {*_OFFICES["members"], *_OFFICES["private"], *_OFFICES["texts"]}
_CLAUSES = ("relcl", "acl", "advcl", "ccomp", "parataxis", "conj")
_BESIDE = ("to", "on", "with", "against", "about")  # "an envoy to Japan" is not Japan's
_EDGE = {",", "-", "–", "—", "--", ";"}


class Label(NamedTuple):
    """Whose words they are, and the cue that says so."""

    voice: str  # quote, reported, author
    speaker: str
    cue: str


AUTHOR = Label("author", "author", "")


class Speakers:
    """Who says what, by the parse and by whom words name or stand for."""

    def __init__(self, article: Article, mentions: pd.DataFrame) -> None:
        self._doc = article.doc
        self._whom = references(article, mentions)

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
        if actor := self._whom.actor_of(phrase):
            return actor
        named, kinds = self._whom.named, self._whom.kinds
        for child in phrase.children:  # "his Japanese counterpart, Keiko Tanaka,"
            if child.dep_ == "appos" and kinds.get(named.get(child.i)) == "person":
                return named[child.i]
        if phrase.pos_ == "PRON":
            return ""
        lemma = phrase.lemma_.lower()
        office = any(word.text in NAMES["offices"] for word in phrase.subtree)
        if phrase.pos_ == "PROPN" and not office:
            return ""
        queue = deque([phrase])
        while queue:
            token = queue.popleft()
            if actor := named.get(token.i):
                private = lemma in _OFFICES["private"] and kinds[actor] != "organisation"
                return "" if private else actor
            queue.extend(
                child for child in token.children if child.dep_ not in _CLAUSES and child.lower_ not in _BESIDE
            )
        return ""

    def goes_on(self, start: int) -> bool:
        """Whether the sentence that begins here goes on with what was reported before, without a verb of saying."""
        word = self._doc.char_span(start, start + 1, alignment_mode="expand")[0]
        return self._whom.goes_on.get(word.sent.start, 0.0) >= 0.5

    def within(self, start: int, end: int) -> str:
        """The first person, or else the first actor, between two characters that are no sentence: a label."""
        words = self._doc.char_span(start, end, alignment_mode="expand")
        actors = [actor for token in words if (actor := self._whom.actor_of(token))]
        return min(actors, key=lambda actor: self._whom.kinds[actor] != "person", default="")

    def is_silent(self, verb: Token) -> bool:
        """Whether a verb of saying says nothing: its subject is an event, a thing, or "we"."""
        while (subject := subject_of(verb)) is None and verb.dep_ == "conj":
            verb = verb.head
        helped = [child.lower_ for child in verb.children if child.dep_ == "aux"]
        bare = subject is None and verb.dep_ == "ROOT" and not helped
        if verb.tag_ == "VB" and (bare or verb.head.lemma_ == "let"):
            return True  # "Note that ...", "Let them explain"
        if subject is None:
            return verb.tag_ == "VB" and helped == ["to"] and self._is_nobodys(verb)
        lemma = subject.lemma_.lower()
        if subject.dep_ == "nsubjpass" or subject.i in self._whom.named or subject.pos_ not in ("NOUN", "PRON"):
            return False
        if lemma in ("i", "we", "you"):
            return True
        if lemma in VOICES["deeds"] and lemma not in _OFFICES["texts"]:
            return True
        return verb.lemma_ in VOICES["showing"] and lemma not in _KNOWN and not self.named(subject)

    def _is_nobodys(self, verb: Token) -> bool:
        """Whether an infinitive has no subject in sight: "it is naive to think that"."""
        above = next((subject for token in verb.ancestors if (subject := subject_of(token)) is not None), None)
        thing = above is not None and above.lower_ in ("it", "that", "this", "which", "there")
        return above is None or (thing and not self.named(above))

    def _agent(self, verb: Token) -> str:
        agents = (self.named(token) for by in verb.children if by.dep_ == "agent" for token in by.children)
        return next(agents, "")

    def _shared(self, cue: Token) -> str:
        """The subject that a cue without one shares with what it depends on."""
        while cue.head.i != cue.i:
            head, subject, actor = cue.head, subject_of(cue.head), ""
            if (outer := told_beside(cue)) is not None:
                return self.of(outer)
            if cue.tag_ == "VBN" and cue.dep_ in ("advcl", "acl"):  # "asked whether ..., he said"
                return self._agent(cue)
            if cue.dep_ in ("acl", "relcl") and head.pos_ in ("NOUN", "PROPN", "PRON"):
                actor = self.named(head)
            elif cue.lower_ == "as" and head.lemma_ in VOICES["quoting"]:
                quoted = (self.named(child) for child in head.children if child.dep_ in ("dobj", "nsubjpass"))
                actor = next(quoted, "")
            elif subject is not None:
                # not the subject in "the test was criticized by Seoul, which called it a threat, and warned"
                passive = subject.dep_ == "nsubjpass" and cue.dep_ in ("conj", "advcl")
                by_agent = passive and subject.i not in self._whom.named
                return (self._agent(head) if by_agent else "") or self.named(subject)
            if actor:
                return actor
            cue = head
        return ""


def reported_speech(doc: Doc, cues: dict[int, str], speakers: Speakers) -> list[tuple[int, int, Label]]:
    """Stretches of reported speech, the widest clause first: speech within speech has the last word."""
    clauses: list[tuple[list[Token], Label]] = []
    for token in doc:
        cue = cues.get(token.i, "")
        for words in _contents(token, cue) if cue else ():
            clauses.append((words, Label("reported", speakers.of(token), cue)))
        if source := _source(token):
            cue, noun = source
            verb = next((word for word in token.ancestors if word.pos_ in ("VERB", "AUX")), token.sent.root)
            if _passes_on(verb, token, cues):
                clauses.append(([*token.subtree], AUTHOR))
            else:
                clauses.append((_beside(verb, token), Label("reported", speakers.named(noun), cue)))
    clauses.sort(key=lambda clause: -len(clause[0]))
    return [(start, end, label) for words, label in clauses for start, end in _stretches(words)]


def _passes_on(verb: Token, source: Token, cues: dict[int, str]) -> bool:
    """Whether a source only passes on what somebody says: "“...,” Kim added, according to KCNA"."""
    ends = source.i > source.sent.start and source.nbor(-1).text == ","
    while ends and verb.dep_ in ("ccomp", "xcomp", "conj") and verb.i not in cues and verb.head.i < source.i:
        verb = verb.head
    said = verb.i in cues and verb.i < source.i
    return said and (any(_contents(verb, cues[verb.i])) or any(word.is_quote for word in verb.subtree))


def _source(token: Token) -> tuple[str, Token] | None:
    """Form and source of "according to analysts", "in the view of analysts", "in Seoul's words"."""
    following = token.doc[token.i + 1].lower_ if token.i + 1 < len(token.doc) else ""
    if (form := f"{token.lower_} {following}") in VOICES["prepositions"]:
        return form, next((word for word in token.subtree if word.dep_ == "pobj"), token)
    for noun in token.children if token.lower_ == "in" else ():
        if noun.dep_ == "pobj" and noun.lemma_ in VOICES["views"]:
            owners = [child for child in noun.children if child.dep_ == "poss"]
            owners += [word for link in noun.children if link.lower_ == "of" for word in link.children]
            if owners and owners[0].lower_ not in ("my", "our", "your"):
                return f"in {noun.lemma_}", owners[0]
    return None


def _contents(cue: Token, form: str) -> Iterator[list[Token]]:
    """The words of each clause that a cue introduces."""
    for clause in cue.children:
        if cue.pos_ == "NOUN":
            if clause.dep_ in ("acl", "ccomp") and _has_that(clause):
                yield [*clause.subtree]
        elif _is_infinitive(clause):
            if clause.dep_ in ("xcomp", "ccomp") and _is_asked(cue, form):
                yield _from_to(clause)
        elif clause.dep_ == "ccomp" and _is_clause(clause) and not _is_attribution(clause):
            beside = (token for token in clause.subtree if told_beside(token) == cue)
            aside = {word.i for token in beside for word in token.subtree}
            yield _between_semicolons((word for word in clause.subtree if word.i not in aside), cue)
        elif clause.dep_ == "conj" and _has_that(clause):
            yield _between_semicolons(clause.subtree, cue)  # "said that ..., and that ..."
        elif clause.dep_ in ("dobj", "prep") and _is_asked(cue, form):  # "called on both to return"
            for noun in clause.children if clause.dep_ == "prep" else [clause]:
                for inner in noun.children:
                    if inner.dep_ in ("acl", "relcl") and _is_infinitive(inner):
                        yield _from_to(inner)
    if cue.dep_ == "parataxis" and cue.pos_ == "VERB" and not _is_attribution(cue.head):
        yield _between_semicolons(_beside(cue.head, cue), cue)


def _is_attribution(clause: Token) -> bool:
    """Whether it only says who says a quotation: either part of "“...,” Kim said, KCNA reported"."""
    subject = subject_of(clause)
    if subject is None or not cue_of(clause) or _has_that(clause):
        return False
    filled = any(child.dep_ in ("ccomp", "xcomp", "dobj") for child in clause.children)
    quoted = any(word.is_quote for word in clause.doc[clause.sent.start : subject.left_edge.i])
    return quoted and (not filled or any(word.is_quote for word in clause.subtree))


def _has_that(clause: Token) -> bool:
    return any(child.dep_ == "mark" and child.lower_ == "that" for child in clause.children)


def _is_infinitive(clause: Token) -> bool:
    return clause.tag_ == "VB" and any(child.lower_ == "to" and child.dep_ == "aux" for child in clause.children)


def _is_clause(clause: Token) -> bool:
    """Whether it has a finite verb, as "denied that" has and "saw it go" has not."""
    finite = clause.tag_ in ("VBD", "VBZ", "VBP", "MD") or clause.pos_ not in ("VERB", "AUX")
    helped = any(child.dep_ in ("aux", "auxpass", "mark") for child in clause.children)
    return finite or helped or subject_of(clause) is not None


def _is_asked(cue: Token, form: str) -> bool:
    """Whether an infinitive after the cue is a demand, a promise or a threat."""
    if form not in VOICES["infinitive"]:
        return False
    finite = cue.tag_ in ("VBD", "VBZ", "VBP") or any(c.dep_ in ("aux", "auxpass") for c in cue.children)
    shared = cue.dep_ == "conj" and cue.tag_ in ("VBN", "VB")
    told = any(child.dep_ in ("dobj", "dative", "nsubjpass") for child in cue.children)
    told = told or any(_is_infinitive(c) and subject_of(c) is not None for c in cue.children)
    return (finite or shared) and (told or form not in VOICES["addressed"])


def _from_to(clause: Token) -> list[Token]:
    """The words of an infinitive clause, without whom it is asked of."""
    to = next(child for child in clause.children if child.lower_ == "to" and child.dep_ == "aux")
    before = next((child for child in clause.lefts if child.dep_ == "neg"), to)
    return [token for token in clause.subtree if token.i >= min(to.i, before.i)]


def _between_semicolons(words: Iterable[Token], cue: Token) -> list[Token]:
    """The words with no semicolon between them and the cue ("A came; B denied that"), nor a colon before."""
    first = max((t.i for t in cue.sent if t.text in ";:" and t.i < cue.i), default=-1)
    last = min((t.i for t in cue.sent if t.text == ";" and t.i > cue.i), default=len(cue.doc))
    return [word for word in words if first < word.i < last]


def _beside(clause: Token, part: Token) -> list[Token]:
    """The words of the clause around an attribution, without it and without what is joined on after it."""
    left_out = {token.i for token in part.subtree}
    for child in clause.children:
        if child.dep_ == "conj" and clause.i < part.i < child.left_edge.i and subject_of(child) is not None:
            left_out |= {token.i for token in child.subtree}
    return [token for token in clause.subtree if token.i not in left_out]


def _stretches(words: list[Token]) -> Iterator[tuple[int, int]]:
    """Start and end of each run of neighbouring words, in characters, without commas at its edges."""
    for _, run in groupby(enumerate(words), key=lambda pair: pair[1].i - pair[0]):
        tokens = [token for _, token in run]
        inner = [token for token in tokens if token.text not in _EDGE and not token.is_space]
        if inner:
            yield inner[0].idx, inner[-1].idx + len(inner[-1])
