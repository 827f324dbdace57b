"""Measure the check on summaries: ``python -m tests.benchmarks.claims [--profile NAME ...] [--out FILE]``.

On the claims of ``data/claims/held_out.txt``, half of them true: how many of each kind the check is right about.
"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

import pandas as pd

from korea_nlp import support
from korea_nlp.training.claims import read_claims
from korea_nlp.training.news import article_of, read_news

from .annotation import NEWS, write_table

CLAIMS = Path(__file__).parents[2] / "data" / "claims" / "held_out.txt"


def measure(claims: pd.DataFrame, profile: str = "bundled") -> pd.DataFrame:
    """How often the check is right: `true`, `kind`, `claims`, `right`."""
    articles = {article.id: article for article in read_news(NEWS)}
    found = []
    for name, rows in claims.groupby("article", sort=False):
        article, _ = article_of(articles[name], profile)
        checked = support(list(rows["claim"]), article)["supported"].to_numpy(bool)
        found.append(rows.assign(right=checked == rows["true"].to_numpy(bool)))
    table = pd.concat(found).groupby(["true", "kind"], as_index=False)["right"].agg(claims="size", right="sum")
    return table.sort_values(["true", "kind"], ascending=[False, True], ignore_index=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.claims", description=__doc__)
    claims = pd.DataFrame(list(read_claims(CLAIMS)))
    write_table(parser, partial(measure, claims))


if __name__ == "__main__":
    main()
