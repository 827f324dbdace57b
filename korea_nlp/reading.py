"""Everything that was found in an article, or in several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from korea_nlp.actors import find_actors
from korea_nlp.annotation import find_voices
from korea_nlp.events import find_events
from korea_nlp.stance import aggregate_stance, detect_stances
from korea_nlp.summary import METHODS, Summary, summarize

if TYPE_CHECKING:
    from korea_nlp.article import Article


@dataclass(frozen=True)
class Reading:
    """What was found in an article.

    Attributes
    ----------
    article
        The article.
    mentions
        What `find_actors` found.
    voices
        What `find_voices` found.
    events
        What `find_events` found.
    summaries
        A `Summary` by method: lead, extractive, abstractive.
    stance
        What `detect_stance` found: one row per sentence, holder and target.
    stance_article
        What `aggregate_stance` made of it: one row per holder and target.
    """

    article: Article
    mentions: pd.DataFrame
    voices: pd.DataFrame
    events: pd.DataFrame
    summaries: dict[str, Summary]
    stance: pd.DataFrame
    stance_article: pd.DataFrame

    @property
    def strongest(self) -> pd.DataFrame:
        """The pairs in favor or against, the surest first."""
        return self.stance_article[self.stance_article["stance"].isin(["favor", "against"])]

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables by name: sentences, actors, voices, events, stance, stance_article."""
        return {
            "sentences": self.article.sentences,
            "actors": self.mentions,
            "voices": self.voices,
            "events": self.events,
            "stance": self.stance,
            "stance_article": self.stance_article,
        }


def analyse(article: Article, summary_sentences: int = 5, methods: Sequence[str] = METHODS) -> Reading:
    """Read an article: actors, voices, events, stances, and summaries of ``summary_sentences`` sentences."""
    return analyse_all([article], summary_sentences, methods)[0]


def analyse_all(
    articles: list[Article], summary_sentences: int = 5, methods: Sequence[str] = METHODS
) -> list[Reading]:
    """`analyse` several articles of one profile, whose stances the model is asked about together."""
    mentions = [find_actors(article) for article in articles]
    stances = detect_stances(articles, mentions=mentions)
    return [
        _reading(article, named, stance, summary_sentences, methods)
        for article, named, stance in zip(articles, mentions, stances, strict=True)
    ]


def _reading(
    article: Article, mentions: pd.DataFrame, stance: pd.DataFrame, sentences: int, methods: Sequence[str]
) -> Reading:
    voices = find_voices(article, mentions)
    return Reading(
        article=article,
        mentions=mentions,
        voices=voices,
        events=find_events(article, mentions, voices),
        summaries={method: summarize(article, sentences, method) for method in methods},
        stance=stance,
        stance_article=aggregate_stance(stance),
    )


def gather(readings: list[Reading]) -> dict[str, pd.DataFrame]:
    """The tables of several readings, one below the other.

    Returns
    -------
    dict
        The tables of `Reading.tables`, each with a first column `article` (the article's name), and
        ``articles``: `article`, `title`, `date`, `outlet`, `author`, `words`.
    """
    rows = [
        (each.article.name, each.article.title, each.article.date, each.article.outlet, each.article.author,
         len(each.article.text.split()))
        for each in readings
    ]  # fmt: skip
    columns = ["article", "title", "date", "outlet", "author", "words"]
    names = [each.article.name for each in readings]
    return {"articles": pd.DataFrame(rows, columns=columns)} | {
        name: pd.concat(
            [each.tables[name].assign(article=of) for of, each in zip(names, readings, strict=True)]
        )[["article", *readings[0].tables[name].columns]].reset_index(drop=True)
        for name in readings[0].tables
    }
