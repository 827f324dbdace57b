"""Reported speech: the clauses that verbs, nouns and prepositions of saying introduce."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from korea_nlp.annotation.quotations import AUTHOR
from korea_nlp.cues import SUBJECTS, VOICES, cue_of, subject_of, told_beside

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

    from korea_nlp.annotation.quotations import Label
    from korea_nlp.annotation.speakers import Speakers

_EDGE = {",", "-", "–", "—", "--", ";"}


def reported_speech(doc: Doc, cues: dict[int, str], speakers: Speakers) -> list[tuple[int, int, Label]]:
    """Stretches of reported speech, the widest clause first: speech within speech has the last word."""
    clauses = []
    for token in doc:
        cue = cues.get(token.i, "")
        for words in _contents(token, cue) if cue else ():
            clauses.append((words, ("reported", speakers.of(token), cue)))
        if source := _source(token):
            cue, noun = source
            verb = next((word for word in token.ancestors if word.pos_ in ("VERB", "AUX")), token.sent.root)
            if _passes_on(verb, token, cues):
                clauses.append(([*token.subtree], AUTHOR))
                continue
            words = _beside(verb, token)
            clauses.append((words, ("reported", speakers.named(noun), cue)))
    clauses.sort(key=lambda clause: -len(clause[0]))
    return [(start, end, label) for words, label in clauses for start, end in _stretches(words)]


def _passes_on(verb: Token, source: Token, cues: dict[int, str]) -> bool:
    """Whether a source only passes on what somebody says: "“...,” Kim added, according to KCNA"."""
    ends = source.nbor(-1).text == "," if source.i > source.sent.start else False
    while ends and verb.dep_ in ("ccomp", "xcomp", "conj") and verb.i not in cues and verb.head.i < source.i:
        verb = verb.head
    said = verb.i in cues and verb.i < source.i
    return said and (any(_contents(verb, cues[verb.i])) or any(word.is_quote for word in verb.subtree))


def _source(token: Token) -> tuple[str, Token] | None:
    """Form and source of "according to analysts", "in the view of analysts", "in Seoul's words"."""
    following = token.doc[token.i + 1].lower_ if token.i + 1 < len(token.doc) else ""
    if (form := f"{token.lower_} {following}") in VOICES["prepositions"]:
        return form, next((word for word in token.subtree if word.dep_ == "pobj"), token)
    if token.lower_ != "in":
        return None
    for noun in token.children:
        if noun.dep_ == "pobj" and noun.lemma_ in VOICES["views"]:
            of = [word for link in noun.children if link.lower_ == "of" for word in link.children]
            owners = [child for child in noun.children if child.dep_ == "poss"] + of
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
    to = any(child.lower_ == "to" and child.dep_ == "aux" for child in clause.children)
    return clause.tag_ == "VB" and to


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
        if child.dep_ in SUBJECTS and clause.i == part.i:
            left_out |= {token.i for token in child.subtree}
    return [token for token in clause.subtree if token.i not in left_out]


def _stretches(words: list[Token]) -> Iterator[tuple[int, int]]:
    """Start and end of each run of neighbouring words, in characters, without commas at its edges."""
    for _, run in groupby(enumerate(words), key=lambda pair: pair[1].i - pair[0]):
        tokens = [token for _, token in run]
        while tokens and (tokens[-1].text in _EDGE or tokens[-1].is_space):
            tokens.pop()
        while tokens and (tokens[0].text in _EDGE or tokens[0].is_space):
            del tokens[0]
        if tokens:
            yield tokens[0].idx, tokens[-1].idx + len(tokens[-1])
