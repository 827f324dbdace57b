"""Whose words are these? Every sentence, cut into quotation, reported speech and the writer's own words."""

from __future__ import annotations

from itertools import groupby

import pandas as pd

from korea_nlp.actors import find_actors
from korea_nlp.actors.places import datelines
from korea_nlp.annotation.quotations import AUTHOR, Label, mark_quotations, mark_turns, quotations
from korea_nlp.annotation.reporting import reported_speech
from korea_nlp.annotation.speakers import Speakers
from korea_nlp.article import Article
from korea_nlp.cues import cue_of

COLUMNS = ["sentence", "start", "end", "text", "voice", "speaker", "cue"]


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
    labels: list[Label] = [AUTHOR] * len(article.text)
    quotes = quotations(article.text)
    quoted = {i for start, end in quotes for i in range(start, end)}
    cues = {
        token.i: cue
        for token in article.doc
        if token.idx not in quoted and (cue := cue_of(token)) and not speakers.is_silent(token)
    }
    for start, end, label in reported_speech(article.doc, cues, speakers):
        labels[start:end] = [label] * (end - start)
    for start, end in datelines(article.text):
        labels[start:end] = [AUTHOR] * (end - start)
    mark_quotations(article, quotes, cues, speakers, labels)
    mark_turns(article, speakers, labels)
    rows = [
        (sentence.sentence, start, end, article.text[start:end], *label)
        for sentence in article.sentences.itertuples()
        for start, end, label in _parts(article.text, sentence.start, sentence.end, labels)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _parts(text: str, start: int, end: int, labels: list[Label]) -> list[tuple[int, int, Label]]:
    """Runs of one label; a run without a word joins the one before it, or else the one after."""
    parts: list[tuple[int, int, Label]] = []
    own = labels[start:end]
    for i in range(1, end - start):
        if text[start + i].isspace():
            own[i] = own[i - 1]
    for label, run in groupby(range(start, end), key=lambda i: own[i - start]):
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
