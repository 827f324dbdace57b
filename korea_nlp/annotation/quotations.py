"""Quotations: where they are, and who says them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from korea_nlp.cues import SUBJECTS, VOICES, subject_of
from korea_nlp.sources.layout import signatures, turns

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

    from korea_nlp.annotation.speakers import Speakers
    from korea_nlp.article import Article

Label = tuple[str, str, str]  # voice, speaker, cue
AUTHOR: Label = ("author", "author", "")
_NOT_SPOKEN = (*SUBJECTS, "csubj", "agent", "advcl")  # what hangs on a verb of saying without being said
_QUOTES = re.compile(
    r"“[^“”\n]*”|„[^“”\n]*[“”]|«[^»\n]*»|\"(?=\S)[^\"\n]*(?<=\S)\"(?!\w)|\" [^\"\n]* \""
    r"|(?<!\w)‘(?=\w)[^‘\n]*?(?<=\S)’(?!\w)"
    r"|(?<!\w)'(?=\w)(?:[^'\n]|(?<=\w)'(?=\w))*(?<=[\w,.!?…])'(?!\w)"
    r"|“[^“”\n]*\n(?=“)"  # a quotation that goes on in the next paragraph
)
_INCHES = re.compile(r"(?<![\w.,-])\d{1,3}(?:[.,/]\d+)?[\"”](?=[ -][a-z])")


def quotations(text: str) -> list[tuple[int, int]]:
    """Start and end of all that stands in quotation marks, with the marks."""
    return [match.span() for match in _QUOTES.finditer(_INCHES.sub(_inches, text))]


def _inches(found: re.Match) -> str:
    """The mark after "5" in 5" shells, unless it can close a short quotation: "Room 39"."""
    before = found.string[max(found.start() - 100, 0) : found.start()]
    said = re.search(r"(?:^|[\s(\[—–-])[“\"]([^“”\"\n]*)$", before)
    return found[0] if said and len(said[1].split()) < VOICES["scare_quote_words"] else found[0][:-1] + "″"


def mark_quotations(
    article: Article,
    quotes: list[tuple[int, int]],
    cues: dict[int, str],
    speakers: Speakers,
    labels: list[Label],
) -> None:
    """Write the quotations into ``labels``; ``cues`` are those outside of quotations."""
    text = article.text
    starts, ends = set(article.sentences["start"]), set(article.sentences["end"])
    signed = {start: speakers.within(start, end) for start, end in signatures(text)}
    goes_on = False
    for start, end in quotes:
        words = text[start:end].split()
        whole = start in starts and end in ends
        scare = len(words) <= VOICES["scare_quote_words"] and not whole
        found = _labels(article.doc, start, end, cues, speakers, scare)
        signer = signed.get(end, signed.get(end + 1))
        label = next(found, None) if signer is None else ("quote", signer, "")
        if label is None and labels[start] != AUTHOR:
            label = ("quote", *labels[start][1:])  # within reported speech
        if label is None and not scare:
            label = ("quote", _speaker_before(article, start - goes_on, labels, speakers), "")
        if label is not None and not (scare and _is_title(words)):
            labels[start:end] = [label] * (end - start)
        goes_on = text[end - 1] == "\n"


def mark_turns(article: Article, speakers: Speakers, labels: list[Label]) -> None:
    """Write the turns of a transcript into ``labels``: all that is said there is a quotation."""
    for start, said, end in turns(article.text):
        labels[start:said] = [AUTHOR] * (said - start)
        labels[said:end] = [("quote", speakers.within(start, said), "")] * (end - said)


def _is_title(words: list[str]) -> bool:
    """Whether it is the name of something: “Freedom Shield”."""
    plain = [word.strip("“”\"'‘’«»„.,") for word in words]
    return len(plain) > 1 and all(word[:1].isupper() for word in plain)


def _speaker_before(article: Article, start: int, labels: list[Label], speakers: Speakers) -> str:
    """Who was last given the word in the same paragraph, or is the subject of the sentence before."""
    paragraph = article.text.rfind("\n", 0, start) + 1
    if said := next((labels[i][1] for i in reversed(range(paragraph, start)) if labels[i] != AUTHOR), ""):
        return said
    before = article.doc.char_span(paragraph, start, alignment_mode="contract")
    if not before:
        return ""
    subject = subject_of(before[-1].sent.root)
    return speakers.named(subject) if subject is not None and subject.i < before.end else ""


def _labels(
    doc: Doc, start: int, end: int, cues: dict[int, str], speakers: Speakers, scare: bool
) -> Iterator[Label]:
    """Labels for a quotation, the best founded first: by dependency, by a colon, then by the nearest cue."""
    span = doc.char_span(start, end, alignment_mode="expand")
    for token in sorted(span, key=lambda token: token.is_punct):
        while token.head.i != token.i:
            said = token.dep_ not in _NOT_SPOKEN and (token.head.pos_ == "VERB" or token.dep_ == "acl")
            if said and token.head.i in cues:
                speaker = speakers.of(token.head)
                if speaker or not scare or _has_source(token.head):
                    yield "quote", speaker, cues[token.head.i]
            token = token.head
    if user := _user(doc, span.end, speakers):
        yield "quote", user, ""
    before = doc.text[:start].rstrip()
    around = range(span.sent.start, doc[span.end - 1].sent.end)
    near = [doc[i] for i in around if i in cues and doc[i].pos_ == "VERB"]
    announced = _announced(doc, span.start, near, speakers) if before.endswith(":") else None
    if announced or (announced is not None and not scare):
        yield "quote", announced, ""
    for cue in sorted(near, key=lambda cue: min(abs(cue.idx - start), abs(cue.idx - end))):
        if not scare or cue.head in span:
            yield "quote", speakers.of(cue), cues[cue.i]


def _has_source(cue: Token) -> bool:
    """Whether it is said who says it, if only as "lawmakers"; not so in "a drill dubbed “Shield”"."""
    subject = subject_of(cue)
    active = subject is not None and subject.dep_ == "nsubj"
    return active or any(child.dep_ == "agent" for child in cue.children)


def _user(doc: Doc, end: int, speakers: Speakers) -> str:
    """Who uses a word: “unconditionally”, a word that its diplomats use."""
    for noun in doc[end : end + 4]:
        if noun.lemma_ in VOICES["words"]:
            for clause in noun.children:
                if clause.dep_ == "relcl" and clause.lemma_ in VOICES["using"]:
                    subject = subject_of(clause)
                    return speakers.named(subject) if subject is not None else ""
    return ""


def _announced(doc: Doc, start: int, near: list[Token], speakers: Speakers) -> str | None:
    """Who speaks after a colon: "Kim:", "his answer:", "the minister was blunt:"; None if a cue says it."""
    colon = next((i for i in reversed(range(start)) if doc[i].text == ":"), start)
    if any(cue.i < colon for cue in near):
        return None
    first = doc[colon].sent.start
    if first == colon and colon:
        first = doc[colon - 1].sent.start
    words = [token for token in doc[first:colon] if not token.is_space]
    for word in words:
        if word.lemma_.lower() in (*VOICES["words"], *VOICES["nouns"]) and (owner := speakers.owner(word)):
            return owner
    heads = [word for word in words if word.dep_ in SUBJECTS] or words[-1:]
    return next((actor for head in reversed(heads) if (actor := speakers.named(head))), "")
