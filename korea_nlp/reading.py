"""Everything that was found in an article, or in several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from korea_nlp.actors import find_actors
from korea_nlp.events import find_events
from korea_nlp.quotes import find_voices
from korea_nlp.stance import detect_stances
from korea_nlp.stance.overall import aggregate_stance
from korea_nlp.summary import METHODS, Summary, summarize

if TYPE_CHECKING:
    from korea_nlp.article import Article


@dataclass(frozen=True)
class Reading:
    """What was found in an article.

    `mentions`, `voices` and `events` are what `find_actors`, `find_voices` and `find_events` found, `stance` is what
    `detect_stance` found (a row per sentence, holder and target), and `stance_article` what `aggregate_stance` made of
    it (a row per holder and target). `summaries` holds a `Summary` by method: lead, extractive, abstractive.
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
    """Read an article: actors, voices, events, stances, and summaries of ``summary_sentences`` sentences.

    Examples
    --------
    >>> from korea_nlp import analyse, parse_article
    >>> reading = analyse(parse_article("Tokyo condemned Pyongyang. The weather was fine."), methods=["lead"])
    >>> reading.strongest[["holder", "target", "stance"]]
      holder       target   stance
    0  Japan  North Korea  against
    """
    return analyse_all([article], summary_sentences, methods)[0]


def analyse_all(articles: list[Article], summary_sentences: int = 5, methods: Sequence[str] = METHODS) -> list[Reading]:
    """`analyse` several articles of one profile, whose stances the model is asked about together.

    Examples
    --------
    >>> from korea_nlp import analyse_all, parse_article
    >>> articles = [parse_article("Tokyo condemned Pyongyang."), parse_article("Seoul praised Tokyo.")]
    >>> [len(reading.strongest) for reading in analyse_all(articles, methods=["lead"])]
    [1, 1]
    """
    mentions = [find_actors(article) for article in articles]
    stances = detect_stances(articles, mentions=mentions)
    readings = []
    for article, named, stance in zip(articles, mentions, stances, strict=True):
        voices = find_voices(article, named)
        readings.append(Reading(
            article=article,
            mentions=named,
            voices=voices,
            events=find_events(article, named, voices),
            summaries={method: summarize(article, summary_sentences, method) for method in methods},
            stance=stance,
            stance_article=aggregate_stance(stance),
        ))  # fmt: skip
    return readings


def gather(readings: list[Reading]) -> dict[str, pd.DataFrame]:
    """The tables of several readings, one below the other.

    Returns
    -------
    dict
        The tables of `Reading.tables`, each with a first column `article` (the article's name), and
        ``articles``: `article`, `title`, `date`, `outlet`, `author`, `words`.

    Examples
    --------
    >>> from korea_nlp import analyse_all, gather, parse_article
    >>> articles = [parse_article("Tokyo condemned Pyongyang."), parse_article("Seoul praised Tokyo.")]
    >>> sorted(gather(analyse_all(articles, methods=["lead"])))
    ['actors', 'articles', 'events', 'sentences', 'stance', 'stance_article', 'voices']
    """
    articles = [reading.article for reading in readings]
    rows = [(each.name, each.title, each.date, each.outlet, each.author, len(each.text.split())) for each in articles]
    tables = {"articles": pd.DataFrame(rows, columns=["article", "title", "date", "outlet", "author", "words"])}
    for name, first in readings[0].tables.items():
        named = [reading.tables[name].assign(article=reading.article.name) for reading in readings]
        tables[name] = pd.concat(named, ignore_index=True)[["article", *first.columns]]
    return tables
