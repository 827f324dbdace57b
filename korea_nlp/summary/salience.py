"""Which sentences belong into a summary, as readers chose them."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
from scipy.special import expit

from korea_nlp.actors import find_actors
from korea_nlp.article import Article
from korea_nlp.models import embed
from korea_nlp.paths import ASSETS
from korea_nlp.summary.context import broken, leaning

WEIGHTS = ASSETS / "salience.json"
REPEATING = 2.0
"""How much the log odds of a sentence fall by its likeness (cosine) to one that is chosen: on the articles to learn
from, this costs no agreement with readers."""
SAME = 0.95  # likeness of what says the same again


def features(article: Article) -> pd.DataFrame:
    """What salience is told by, a row per sentence.

    Columns: `words` (the logarithm of their number, less its mean in the article), `place` (0 for the first sentence,
    1 for the last), `first` (0 or 1), `actors` (how often the article's sentences name those whom this one names, of
    all that they name, 0 to 1).
    """
    number, words = len(article.sentences), np.log(article.sentences["text"].str.split().map(len))
    named = find_actors(article)[["sentence", "actor"]].drop_duplicates()
    share = named["actor"].map(named["actor"].value_counts(normalize=True)).groupby(named["sentence"]).sum()
    return pd.DataFrame({
        "words": words - words.mean(),
        "place": np.arange(number) / max(number - 1, 1),
        "first": (np.arange(number) == 0).astype(float),
        "actors": article.sentences["sentence"].map(share).fillna(0.0).astype(float),
    })  # fmt: skip


def _log_odds(article: Article) -> pd.Series:
    weights = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    return sum(weights[name] * column for name, column in features(article).items()) + weights["intercept"]


def score_salience(article: Article) -> pd.DataFrame:
    """How probable it is that a reader takes a sentence into a summary of four or five, of 8 to 16.

    A logistic regression (`korea_nlp.training.salience`) on how long a sentence is, where it stands, and how much of
    the article its actors take up.

    Returns
    -------
    DataFrame
        One row per sentence: `sentence`, `salience` (0 to 1), `text`.

    Examples
    --------
    >>> from korea_nlp import parse_article, score_salience
    >>> article = parse_article("Seoul and Pyongyang cut ties on Monday. He likes tea.")
    >>> score_salience(article).sort_values("salience", ascending=False)["sentence"].tolist()
    [1, 2]
    """
    return article.sentences[["sentence"]].assign(salience=expit(_log_odds(article)), text=article.sentences["text"])


def choose(article: Article, count: int) -> list[int]:
    """The places from 0 of sentences for a summary, the most salient first, each unlike those before it.

    Last come broken quotations and what needs a sentence before it that is not chosen; and after these what says the
    same again.
    """
    odds = _log_odds(article).to_numpy()
    vectors = embed(list(article.sentences["text"]), article.profile).astype(float)
    similarities = vectors @ vectors.T
    chosen: list[int] = []
    while len(chosen) < count:
        left = [i for i in range(len(odds)) if i not in chosen]
        likeness = similarities[:, chosen].max(axis=1) if chosen else np.zeros(len(odds))
        gain = odds - REPEATING * likeness
        last = [(i in broken(article)) + (i in leaning(article) and i - 1 not in chosen) for i in range(len(odds))]
        chosen.append(max(left, key=lambda i: (likeness[i] < SAME, -last[i], round(float(gain[i]), 6), -i)))
    return chosen
