"""Measure the check on summaries: ``python -m tests.benchmarks.claims [--profile NAME ...] [--out FILE]``.

On the claims of ``data/claims/held_out.txt``, half of them true: how many of each kind the check is right about.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

from korea_nlp import support
from korea_nlp.training.claims import read_claims
from korea_nlp.training.news import article_of, read_news

from .annotation import NEWS

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
    parser.add_argument("--profile", nargs="+", default=["bundled", "bundled-fast"])
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    claims = pd.DataFrame(list(read_claims(CLAIMS)))
    table = pd.concat([measure(claims, name).assign(profile=name) for name in asked.profile], ignore_index=True)
    table = table[["profile", *table.columns.drop("profile")]]
    print(table.to_string(index=False))
    if asked.out:
        table.to_csv(asked.out, index=False)


if __name__ == "__main__":
    main()
