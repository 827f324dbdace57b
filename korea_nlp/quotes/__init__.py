"""Whose words are these? Every sentence, cut into quotation, reported speech and the writer's own words."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

import pandas as pd

from korea_nlp.actors import find_actors
from korea_nlp.actors.names import datelines
from korea_nlp.article import Article
from korea_nlp.cues import SUBJECTS, VOICES, cue_of, quotations, subject_of
from korea_nlp.quotes.attribution import AUTHOR, Label, Speakers, reported_speech
from korea_nlp.sources.layout import signatures, turns

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

COLUMNS = ["sentence", "start", "end", "text", "voice", "speaker", "cue"]
_NOT_SPOKEN = (*SUBJECTS, "csubj", "agent", "advcl")  # what hangs on a verb of saying without being said


def find_voices(article: Article, mentions: pd.DataFrame | None = None) -> pd.DataFrame:
    """Cut every sentence into quotation, reported speech, and the writer's own words.

    What stands in quotation marks is a quotation; a clause that depends on a verb or noun of saying or
    thinking, goes with "according to" or stands beside "X said" is reported speech, and so is an
    infinitive that says what is demanded, promised or threatened; the rest is the author's. The speaker is
    the actor that the subject of that verb names or stands for, or the agent of a passive: pronouns,
    officials and spokesmen are resolved as `antecedents` does. One to three words in quotation marks that
    nobody is said to use ("scare quotes") are the author's, and so is what "we" say. Who is named after a dash
    on the line of a quotation says it; in a transcript all that stands between two labels ("MR. PARK:") is a
    quotation. An agency that passes on what somebody says ("..., he said, according to KCNA") says nothing.
    Whether reported speech goes on in a later sentence of the paragraph that has no verb of saying ("The ministry said
    the ship carried grain. The search was plain piracy.") the profile's reader has learnt from annotated news.

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

    Examples
    --------
    >>> from korea_nlp import find_voices, parse_article
    >>> article = parse_article("“We will not wait,” said Kim Jong Un. Tokyo kept silent.")
    >>> find_voices(article)[["sentence", "voice", "speaker"]]
       sentence   voice      speaker
    0         1   quote  Kim Jong Un
    1         1  author       author
    2         2  author       author
    """
    text = article.text
    speakers = Speakers(article, find_actors(article) if mentions is None else mentions)
    quoted = {i for start, end in quotations(text) for i in range(start, end)}
    cues = {
        token.i: cue
        for token in article.doc
        if token.idx not in quoted and (cue := cue_of(token)) and not speakers.is_silent(token)
    }
    labels = [AUTHOR] * len(text)
    for start, end, label in reported_speech(article.doc, cues, speakers):
        labels[start:end] = [label] * (end - start)
    for start, end in datelines(text):
        labels[start:end] = [AUTHOR] * (end - start)
    _mark_quotations(article, cues, speakers, labels)
    for start, said, end in turns(text):
        labels[start:said] = [AUTHOR] * (said - start)
        labels[said:end] = [Label("quote", speakers.within(start, said), "")] * (end - said)
    _go_on(article, speakers, labels)
    rows = [
        (sentence.sentence, start, end, text[start:end], *label)
        for sentence in article.sentences.itertuples()
        for start, end, label in _parts(text, sentence.start, sentence.end, labels)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _go_on(article: Article, speakers: Speakers, labels: list[Label]) -> None:
    """Write into ``labels`` where reported speech goes on in the paragraph without a verb of saying."""
    paragraph, last = 0, AUTHOR
    for sentence in article.sentences.itertuples():
        last = last if sentence.paragraph == paragraph else AUTHOR
        paragraph = sentence.paragraph
        said = [label for label in labels[sentence.start : sentence.end] if label != AUTHOR]
        if last != AUTHOR and not said and speakers.goes_on(sentence.start):
            said = [Label("reported", last.speaker, "")]
            labels[sentence.start : sentence.end] = said * (sentence.end - sentence.start)
        last = said[-1] if said else last


def _parts(text: str, start: int, end: int, labels: list[Label]) -> list[tuple[int, int, Label]]:
    """Runs of one label; a run without a word joins the one before it, or else the one after."""
    parts: list[tuple[int, int, Label]] = []
    own = labels[start:end]
    for i in range(1, end - start):
        if text[start + i].isspace():
            own[i] = own[i - 1]
    last = start
    for label, run in groupby(own):
        first, last = last, last + len([*run])
        begun, until, before = parts[-1] if parts else (first, first, label)
        if label == before or not _has_words(text[first:last]):
            parts[-1:] = [(begun, last, before)]
        elif not _has_words(text[begun:until]):
            parts[-1:] = [(begun, last, label)]
        else:
            parts.append((first, last, label))
    return parts


def _has_words(text: str) -> bool:
    return any(letter.isalnum() for letter in text)


def _mark_quotations(article: Article, cues: dict[int, str], speakers: Speakers, labels: list[Label]) -> None:
    """Write the quotations into ``labels``; ``cues`` are those outside of quotations."""
    text = article.text
    starts, ends = set(article.sentences["start"]), set(article.sentences["end"])
    signed = {start: speakers.within(start, end) for start, end in signatures(text)}
    goes_on = False
    for start, end in quotations(text):
        words = text[start:end].split()
        scare = len(words) <= VOICES["scare_quote_words"] and not (start in starts and end in ends)
        signer = signed.get(end, signed.get(end + 1))
        if signer is not None:
            label = Label("quote", signer, "")
        else:
            label = next(_labels(article.doc, start, end, cues, speakers, scare), None)
        if label is None and labels[start] != AUTHOR:
            label = labels[start]._replace(voice="quote")  # within reported speech
        if label is None and not scare:
            label = Label("quote", _speaker_before(article, start - goes_on, labels, speakers), "")
        if label is not None and not (scare and _is_title(words)):
            labels[start:end] = [label] * (end - start)
        goes_on = text[end - 1] == "\n"


def _is_title(words: list[str]) -> bool:
    """Whether it is the name of something: “Freedom Shield”."""
    return len(words) > 1 and all(word.strip("“”\"'‘’«»„.,")[:1].isupper() for word in words)


def _speaker_before(article: Article, start: int, labels: list[Label], speakers: Speakers) -> str:
    """Who was last given the word in the same paragraph, or is the subject of the sentence before."""
    paragraph = article.text.rfind("\n", 0, start) + 1
    given = (label.speaker for label in reversed(labels[paragraph:start]) if label != AUTHOR)
    if speaker := next(given, ""):
        return speaker
    before = article.doc.char_span(paragraph, start, alignment_mode="contract")
    subject = subject_of(before[-1].sent.root) if before else None
    return speakers.named(subject) if subject is not None and subject.i < before.end else ""


def _labels(doc: Doc, start: int, end: int, cues: dict[int, str], speakers: Speakers, scare: bool) -> Iterator[Label]:
    """Labels for a quotation, the best founded first: by dependency, by a colon, then by the nearest cue."""
    span = doc.char_span(start, end, alignment_mode="expand")
    for token in sorted(span, key=lambda token: token.is_punct):
        for part, verb in pairwise([token, *token.ancestors]):
            said = part.dep_ not in _NOT_SPOKEN and (verb.pos_ == "VERB" or part.dep_ == "acl")
            if said and verb.i in cues:
                speaker = speakers.of(verb)
                if speaker or not scare or _has_source(verb):
                    yield Label("quote", speaker, cues[verb.i])
    if user := _user(doc, span.end, speakers):
        yield Label("quote", user, "")
    around = range(span.sent.start, doc[span.end - 1].sent.end)
    near = [doc[i] for i in around if i in cues and doc[i].pos_ == "VERB"]
    if doc.text[:start].rstrip().endswith(":"):
        speaker = _announced(doc, span.start, near, speakers)
        if speaker or (speaker is not None and not scare):
            yield Label("quote", speaker, "")
    for cue in sorted(near, key=lambda cue: min(abs(cue.idx - start), abs(cue.idx - end))):
        if not scare or cue.head in span:
            yield Label("quote", speakers.of(cue), cues[cue.i])


def _has_source(cue: Token) -> bool:
    """Whether it is said who says it, if only as "lawmakers"; not so in "a drill dubbed “Shield”"."""
    subject = subject_of(cue)
    active = subject is not None and subject.dep_ == "nsubj"
    return active or any(child.dep_ == "agent" for child in cue.children)


def _user(doc: Doc, end: int, speakers: Speakers) -> str:
    """Who uses a word: “unconditionally”, a word that its diplomats use."""
    for noun in doc[end : end + 4]:
        for clause in noun.children if noun.lemma_ in VOICES["words"] else ():
            if clause.dep_ == "relcl" and clause.lemma_ in VOICES["using"]:
                subject = subject_of(clause)
                return speakers.named(subject) if subject is not None else ""
    return ""


def _announced(doc: Doc, start: int, near: list[Token], speakers: Speakers) -> str | None:
    """Who speaks after a colon: "Kim:", "his answer:", "the minister was blunt:"; None if a cue says it."""
    colon = next((i for i in reversed(range(start)) if doc[i].text == ":"), start)
    if any(cue.i < colon for cue in near):
        return None
    words = [token for token in doc[doc[colon].sent.start : colon] if not token.is_space]
    heads = [word for word in words if word.dep_ in SUBJECTS] or words[-1:]
    return next((speaker for head in reversed(heads) if (speaker := speakers.named(head))), "")
