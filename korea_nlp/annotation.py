"""Whose words are these? Every sentence, cut into quotation, reported speech and the writer's own words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

import pandas as pd

from korea_nlp.actors import find_actors
from korea_nlp.article import Article
from korea_nlp.speakers import SUBJECTS, VOICES, Speakers

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

COLUMNS = ["sentence", "start", "end", "text", "voice", "speaker", "cue"]
_AUTHOR = ("author", "author", "")
_NOT_SPOKEN = (*SUBJECTS, "csubj", "agent", "advcl")  # what hangs on a verb of saying without being said
_QUOTES = re.compile(
    r"“[^“”\n]*”|„[^“”\n]*[“”]|«[^»\n]*»|\"[^\"\n]*\""
    r"|(?<!\w)‘(?=\w)[^‘\n]*?(?<=\S)’(?!\w)"
    r"|(?<!\w)'(?=\w)(?:[^'\n]|(?<=\w)'(?=\w))*(?<=[\w,.!?…])'(?!\w)"
    r"|“[^“”\n]*\n(?=“)"  # a quotation that goes on in the next paragraph
)

Label = tuple[str, str, str]  # voice, speaker, cue


def find_voices(article: Article, mentions: pd.DataFrame | None = None) -> pd.DataFrame:
    """Cut every sentence into quotation, reported speech, and the writer's own words.

    What stands in quotation marks is a quotation; a clause that depends on a verb of saying, or goes with
    "according to", is reported speech; the rest is the author's. The speaker is the actor that the
    subject of that verb names, or the agent of a passive. One to three words in quotation marks that
    depend on no verb of saying ("scare quotes") are the author's.

    Parameters
    ----------
    mentions
        What `find_actors` returned; found anew if left out.

    Returns
    -------
    DataFrame
        One row per part, in order: `sentence`, `start`, `end`, `text`, `voice` (quote, reported, author),
        `speaker` (an actor, ``"author"``, or ``""`` where none was found), `cue` (base form of the verb,
        the noun or the preposition, or ``""``). The parts of a sentence cover it without a gap: a space
        between two parts belongs to the first.
    """
    speakers = Speakers(article.doc, find_actors(article) if mentions is None else mentions)
    labels: list[Label] = [_AUTHOR] * len(article.text)
    cues = {token.i: cue for token in article.doc if (cue := _cue(token))}
    for start, end, label in _reported(article.doc, cues, speakers):
        labels[start:end] = [label] * (end - start)
    _mark_quotes(article, cues, speakers, labels)
    rows = [
        (sentence.sentence, start, end, article.text[start:end], *label)
        for sentence in article.sentences.itertuples()
        for start, end, label in _parts(article.text, sentence.start, sentence.end, labels)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _parts(text: str, start: int, end: int, labels: list[Label]) -> list[tuple[int, int, Label]]:
    """Runs of one label; a run without a word joins the one before it, or else the one after."""
    parts: list[tuple[int, int, Label]] = []
    for label, run in groupby(range(start, end), key=labels.__getitem__):
        at = [*run]
        first, last = (text[parts[-1][0] : parts[-1][1]], parts[-1]) if parts else ("", None)
        if last and (last[2] == label or not _has_words(text[at[0] : at[-1] + 1])):
            parts[-1] = (last[0], at[-1] + 1, last[2])
        elif last and not _has_words(first):
            parts[-1] = (last[0], at[-1] + 1, label)
        else:
            parts.append((at[0], at[-1] + 1, label))
    return parts


def _has_words(text: str) -> bool:
    return any(letter.isalnum() for letter in text)


def _cue(token: Token) -> str:
    """The form under which a word is in the list of cues, or ``""``."""
    if token.pos_ == "NOUN":
        return token.lemma_ if token.lemma_ in VOICES["nouns"] else ""
    if token.pos_ != "VERB" or token.dep_ == "amod":  # "the so-called ..."
        return ""
    particles = [f"{token.lemma_} {child.lower_}" for child in token.children if child.dep_ == "prt"]
    return next((form for form in (*particles, token.lemma_) if form in VOICES["verbs"]), "")


def _reported(doc: Doc, cues: dict[int, str], speakers: Speakers) -> list[tuple[int, int, Label]]:
    """Stretches of reported speech, the widest clause first: speech within speech has the last word."""
    clauses = []
    for token in doc:
        cue = cues.get(token.i, "")
        for words in _contents(token, cue) if cue else ():
            clauses.append((words, ("reported", speakers.of(token), cue)))
        following = doc[token.i + 1].lower_ if token.i + 1 < len(doc) else ""
        if (cue := f"{token.lower_} {following}") in VOICES["prepositions"]:
            verb = next(
                (above for above in token.ancestors if above.pos_ in ("VERB", "AUX")), token.sent.root
            )
            source = next((word for word in token.subtree if word.dep_ == "pobj"), token)
            clauses.append((_without(verb, token), ("reported", speakers.named(source), cue)))
    clauses.sort(key=lambda clause: -len(clause[0]))
    return [(start, end, label) for words, label in clauses for start, end in _stretches(words)]


def _contents(cue: Token, form: str) -> Iterator[list[Token]]:
    """The words of each clause that a cue introduces."""
    for clause in cue.children:
        that = any(child.dep_ == "mark" and child.lower_ == "that" for child in clause.children)
        if cue.pos_ == "NOUN":
            spoken = clause.dep_ in ("acl", "ccomp") and that
        else:
            spoken = clause.dep_ == "ccomp" or (clause.dep_ == "xcomp" and form in VOICES["infinitive"])
        apart = clause.i < cue.i and ";" in cue.doc[clause.i : cue.i].text  # "A came; B denied that ..."
        if spoken and not apart:
            yield [*clause.subtree]
    if cue.dep_ == "parataxis":
        yield _without(cue.head, cue)


def _without(clause: Token, part: Token) -> list[Token]:
    left_out = {token.i for token in part.subtree}
    return [token for token in clause.subtree if token.i not in left_out]


def _stretches(words: list[Token]) -> Iterator[tuple[int, int]]:
    """Start and end of each run of neighbouring words, in characters."""
    for _, run in groupby(enumerate(words), key=lambda pair: pair[1].i - pair[0]):
        tokens = [token for _, token in run]
        yield tokens[0].idx, tokens[-1].idx + len(tokens[-1])


def _mark_quotes(article: Article, cues: dict[int, str], speakers: Speakers, labels: list[Label]) -> None:
    """Write the quotations into ``labels``."""
    text = article.text
    quotes = [match.span() for match in _QUOTES.finditer(text)]
    quoted = {i for start, end in quotes for i in range(start, end)}
    outside = {i: cue for i, cue in cues.items() if article.doc[i].idx not in quoted}
    starts, ends = set(article.sentences["start"]), set(article.sentences["end"])
    goes_on = False
    for start, end in quotes:
        words = len(text[start:end].split())
        whole = start in starts and end in ends
        scare = words <= VOICES["scare_quote_words"] and not whole
        label = next(_quote_labels(article.doc, start, end, outside, speakers, scare), None)
        if label is None and labels[start] != _AUTHOR:
            label = ("quote", *labels[start][1:])  # within reported speech
        if label is None and not scare:
            label = ("quote", _speaker_before(text, start - goes_on, labels), "")
        if label is not None:
            labels[start:end] = [label] * (end - start)
        goes_on = text[end - 1] == "\n"


def _speaker_before(text: str, start: int, labels: list[Label]) -> str:
    """Who was last given the word in the same paragraph."""
    paragraph = text.rfind("\n", 0, start) + 1
    return next((labels[i][1] for i in reversed(range(paragraph, start)) if labels[i] != _AUTHOR), "")


def _quote_labels(
    doc: Doc, start: int, end: int, cues: dict[int, str], speakers: Speakers, scare: bool
) -> Iterator[Label]:
    """Labels for a quotation, the best founded first: by dependency, then by the nearest cue."""
    span = doc.char_span(start, end, alignment_mode="expand")
    for token in span:
        while token.head.i != token.i:
            said = token.dep_ not in _NOT_SPOKEN and (token.head.pos_ == "VERB" or token.dep_ == "acl")
            if said and token.head.i in cues:
                yield "quote", speakers.of(token.head), cues[token.head.i]
            token = token.head
    around = range(span.sent.start, doc[span.end - 1].sent.end)
    near = [doc[i] for i in around if i in cues and doc[i].pos_ == "VERB"]
    for cue in sorted(near, key=lambda cue: min(abs(cue.idx - start), abs(cue.idx - end))):
        if not scare or cue.head in span:
            yield "quote", speakers.of(cue), cues[cue.i]
