"""Measure which sides are found, by the way they are told: ``python -m tests.benchmarks.passages [--out FILE]``.

The texts are those of ``data/passages``; nothing is learnt from them. A side counts where holder and target have
the very names of the label.
"""

from __future__ import annotations

import argparse
from collections.abc import Container, Iterable, Iterator
from pathlib import Path

import pandas as pd

from korea_nlp import Article, parse_article, score_stance
from korea_nlp.stance import AUTHOR, SIDES, detect_stances

from .annotation import write_table

FOLDER = Path(__file__).parents[2] / "data" / "passages"
ARTICLES, STATEMENTS = "whole articles", "statements"
AT_ONCE = 8
Row = tuple[str, int, int, object]
"""Kind, and how many sides are wanted, right, and found (missing where not all that a text shows is labelled)."""


def measured(profile: str, kinds: Container[str] = ()) -> pd.DataFrame:
    """By `kind`, of all or some: how many sides are `wanted`, how many of them `right`, how many were `found`."""
    rows = [*of_passages(profile, kinds)]
    rows += of_articles(profile) if not kinds or ARTICLES in kinds else []
    rows += of_statements(profile) if not kinds or STATEMENTS in kinds else []
    table = pd.DataFrame(rows, columns=["kind", "wanted", "right", "found"]).astype({"found": "Int64"})
    return table.groupby("kind", sort=False, as_index=False).sum(min_count=1)


def of_passages(profile: str, kinds: Container[str]) -> Iterator[Row]:
    """Sides in the sentence that is asked about, or in all of a passage."""
    passages = pd.read_json(FOLDER / "passages.jsonl", lines=True).fillna({"sentence": ""})
    passages = [row for row in passages.itertuples() if not kinds or row.kind in kinds]
    articles = [parse_article(passage.text, profile=profile) for passage in passages]
    for passage, article, table in zip(passages, articles, _stances(articles), strict=True):
        found, wanted = _sides(article, table, passage.sentence), set(map(tuple, passage.stances))
        yield passage.kind, len(wanted), len(found & wanted), len(found) if passage.sentence else pd.NA


def of_articles(profile: str) -> Iterator[Row]:
    """Sides in each sentence of the whole articles."""
    rows = [*pd.read_json(FOLDER / "articles.jsonl", lines=True).itertuples()]
    articles = [parse_article(row.text, title=row.title, profile=profile) for row in rows]
    for row, article, table in zip(rows, articles, _stances(articles), strict=True):
        for each in row.sentences:
            found, wanted = _sides(article, table, each["sentence"]), set(map(tuple, each["stances"]))
            yield ARTICLES, len(wanted), len(found & wanted), len(found)


def of_statements(profile: str) -> Iterator[Row]:
    """Who is for or against a statement that the text does not contain."""
    rows = pd.read_json(FOLDER / "statements.jsonl", lines=True)
    said = score_stance(rows.rename(columns={"proposition": "target", "stance": "wanted"}), profile)
    for row in said.itertuples():
        wanted, found = row.wanted in SIDES, row.stance in SIDES
        whose = "the writer" if row.holder == AUTHOR else "others"
        yield f"{STATEMENTS}, {whose}", wanted, found and row.stance == row.wanted, found


def _stances(articles: list[Article]) -> Iterable[pd.DataFrame]:
    for n in range(0, len(articles), AT_ONCE):
        yield from detect_stances(articles[n : n + AT_ONCE])


def _sides(article: Article, table: pd.DataFrame, sentence: str) -> set[tuple[str, str, str]]:
    """The sides that were found in a sentence of an article, or in all of it."""
    if sentence:
        start = article.text.index(sentence)
        table = table[(table["start"] < start + len(sentence)) & (table["end"] > start)]
    sides = table.loc[table["stance"].isin(SIDES), ["holder", "stance", "target"]]
    return set(sides.itertuples(index=False, name=None))


if __name__ == "__main__":
    write_table(argparse.ArgumentParser(prog="python -m tests.benchmarks.passages", description=__doc__), measured)
