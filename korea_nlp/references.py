"""Whom pronouns, descriptions and deeds stand for: the reader scores every actor in view."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from korea_nlp.models import has_reader, read
from korea_nlp.reader import Passage

if TYPE_CHECKING:
    from spacy.tokens import Doc

    from korea_nlp.article import Article

COLUMNS = ["sentence", "start", "end", "text", "actor"]
CONTEXT = 3
PRONOUNS = {"PRP$", "WP", "WP$"}
THRESHOLD = 0.0
"""Logit from which a phrase stands for an actor."""


def phrases_of(doc: Doc, start: int, end: int) -> list[tuple[int, int]]:
    """Where pronouns and noun phrases stand between two offsets of a text."""
    words = doc.char_span(start, end, alignment_mode="expand")
    spans = {(t.idx, t.idx + len(t)) for t in words if t.pos_ == "PRON" or t.tag_ in PRONOUNS}
    spans |= {(chunk.start_char, chunk.end_char) for chunk in words.noun_chunks}
    return sorted(spans)


def resolve_references(article: Article, mentions: pd.DataFrame) -> pd.DataFrame:
    """Find out for which actors pronouns, descriptions and deeds stand.

    Parameters
    ----------
    article
        The article.
    mentions
        What `find_actors` returned.

    Returns
    -------
    pandas.DataFrame
        One row per phrase and actor that it stands for: `sentence`, `start`, `end`, `text`, `actor`. Several
        actors of one phrase ("both sides") have a row each. Phrases that hold a name are left out, and so are
        those that stand for nobody in the sentence itself or the three before it.
    """
    if not has_reader(article.profile) or mentions.empty:
        return pd.DataFrame(columns=COLUMNS)
    starts = article.sentences["start"].to_numpy()
    asked = []
    for sentence in article.sentences.itertuples():
        first = max(sentence.sentence - CONTEXT, 0)
        near = mentions[(mentions["sentence"] >= first) & (mentions["sentence"] <= sentence.sentence)]
        names = list(dict.fromkeys(near["actor"]))
        named = [(row.start, row.end) for row in near.itertuples() if row.sentence == sentence.sentence]
        phrases = [
            (s, e)
            for s, e in phrases_of(article.doc, sentence.start, sentence.end)
            if sentence.start <= s and e <= sentence.end and not any(s < end and start < e for start, end in named)
        ]
        if not phrases or not names:
            continue
        at = sentence.start
        spans = [(row.start - at, row.end - at, names.index(row.actor)) for row in near.itertuples()]
        passage = Passage(
            article.text[int(starts[first]) : at], sentence.text, spans, phrases=[(s - at, e - at) for s, e in phrases]
        )
        asked.append((sentence.sentence, phrases, names, passage))
    answers = read("references", [passage for *_, passage in asked], article.profile)
    rows = [
        (sentence, start, end, article.text[start:end], names[k])
        for (sentence, phrases, names, _), table in zip(asked, answers, strict=True)
        for (start, end), scores in zip(phrases, table, strict=True)
        for k in (scores > THRESHOLD).nonzero()[0]
    ]
    return pd.DataFrame(rows, columns=COLUMNS)
