"""Measure which sides are found, by the way they are told: ``python -m tests.benchmarks.passages [--out FILE]``.

The passages are those of ``data/passages``; nothing is learnt from them. A side counts where holder and target have
the very names of the label.
"""

from __future__ import annotations

import argparse
from collections.abc import Container
from pathlib import Path

import pandas as pd

from korea_nlp import parse_article
from korea_nlp.stance import SIDES, detect_stances

from .annotation import write_table

PASSAGES = Path(__file__).parents[2] / "data" / "passages" / "passages.jsonl"
AT_ONCE = 8


def measured(profile: str, kinds: Container[str] = ()) -> pd.DataFrame:
    """By `kind`, of all or some: how many sides are `wanted`, how many of them `right`, how many were `found` in the
    sentence asked about (missing where the whole passage is)."""
    passages = pd.read_json(PASSAGES, lines=True).fillna({"sentence": ""})
    passages = [row for row in passages.itertuples() if not kinds or row.kind in kinds]
    articles = [parse_article(passage.text, profile=profile) for passage in passages]
    tables = [table for n in range(0, len(articles), AT_ONCE) for table in detect_stances(articles[n : n + AT_ONCE])]
    rows = []
    for passage, article, table in zip(passages, articles, tables, strict=True):
        if passage.sentence:
            start = article.text.index(passage.sentence)
            table = table[(table["start"] < start + len(passage.sentence)) & (table["end"] > start)]
        sides = table.loc[table["stance"].isin(SIDES), ["holder", "stance", "target"]]
        found, wanted = set(sides.itertuples(index=False, name=None)), set(map(tuple, passage.stances))
        rows.append((passage.kind, len(wanted), len(found & wanted), len(found) if passage.sentence else pd.NA))
    table = pd.DataFrame(rows, columns=["kind", "wanted", "right", "found"]).astype({"found": "Int64"})
    return table.groupby("kind", sort=False, as_index=False).sum(min_count=1)


if __name__ == "__main__":
    write_table(argparse.ArgumentParser(prog="python -m tests.benchmarks.passages", description=__doc__), measured)
