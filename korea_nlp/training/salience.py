"""Fit which sentences readers choose for a summary: ``python -m korea_nlp.training.salience``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import typer
from sklearn.linear_model import LogisticRegression

from korea_nlp.article import Article
from korea_nlp.summary.salience import WEIGHTS, choose, features
from korea_nlp.training.news import article_of, read_news

CHOSEN, MEASURED, NEWS = Path("data/news/summaries.csv"), Path("data/benchmarks/salience.csv"), Path("data/news")


def read_chosen(profile: str) -> pd.DataFrame:
    """What readers chose: `part`, `reader`, `article` (as read), `places` (from 0, the most important first).

    Articles whose sentences the parser cuts otherwise than their writer are left out.
    """
    annotated = {article.id: article for article in read_news(NEWS)}
    rows = []
    for row in pd.read_csv(CHOSEN).itertuples():
        article, starts = article_of(annotated[row.article], profile)
        if len(article.sentences) == len(starts):
            places = [int(number) - 1 for number in row.sentences.split()]
            rows.append((annotated[row.article].part, row.reader, article, places))
    return pd.DataFrame(rows, columns=["part", "reader", "article", "places"])


def fit_salience(chosen: pd.DataFrame) -> dict[str, float]:
    """The weights of a logistic regression, by the names of its features, and the intercept."""
    tables = [features(article) for article in chosen["article"]]
    taken = [np.isin(range(len(table)), places) for table, places in zip(tables, chosen["places"], strict=True)]
    fitted = LogisticRegression(C=np.inf).fit(pd.concat(tables), np.concatenate(taken))
    weights = dict(zip(fitted.feature_names_in_, fitted.coef_[0], strict=True)) | {"intercept": fitted.intercept_[0]}
    return {name: round(float(weight), 3) for name, weight in weights.items()}


def measure(held: pd.DataFrame) -> pd.DataFrame:
    """How many of a reader's sentences others choose who choose as many: `method`, `agreement` (0 to 1), `articles`.

    The mean over the articles and over both readers; of readers, how many of the one's the other has.
    """
    methods: dict[str, Callable[[Article, int], list[int]]] = {
        "machine": choose,
        "first sentences": lambda _, count: list(range(count)),
        "longest sentences": lambda article, count: list(article.sentences["text"].str.len().nlargest(count).index),
    }
    agreed = {
        name: held.apply(lambda row, by=by: _shared(row.places, by(row.article, len(row.places))), axis=1).mean()
        for name, by in methods.items()
    }
    named = held.assign(id=[article.title for article in held["article"]])
    both = named.pivot(index="id", columns="reader", values="places")
    agreed["second reader"] = both.apply(lambda row: _shared(row["first"], row["second"]), axis=1).mean()
    return pd.DataFrame(agreed.items(), columns=["method", "agreement"]).round(3).assign(articles=len(both))


def _shared(these: list[int], those: list[int]) -> float:
    return len({*these} & {*those}) / len(these)


def main(profile: str = "bundled") -> None:
    """Fit to the articles that are not held out, measure on those that are, and write both."""
    chosen = read_chosen(profile)
    held = chosen["part"] == "held out"
    WEIGHTS.write_text(json.dumps(fit_salience(chosen[~held]), indent=1) + "\n", encoding="utf-8")
    measured = measure(chosen[held])
    measured.to_csv(MEASURED, index=False)
    print(measured.to_string(index=False))


if __name__ == "__main__":
    typer.run(main)
