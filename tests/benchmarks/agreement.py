"""Measure how far each profile agrees with a reader on articles that no rule or list was written with.

    python tests/benchmarks/agreement.py [PROFILE ...]

writes ``data/benchmarks/agreement.csv``, which the notebooks show before they show any finding.
"""

import sys
from pathlib import Path

import pandas as pd

from korea_nlp.agreement.annotators import held_out_agreement

KEPT = Path(__file__).parents[2] / "data" / "benchmarks" / "agreement.csv"


def main(profiles: list[str]) -> None:
    """Measure some profiles; those measured before are kept."""
    tables = [held_out_agreement(name).assign(profile=name) for name in profiles]
    if KEPT.exists():
        kept = pd.read_csv(KEPT)
        tables.insert(0, kept[~kept["profile"].isin(profiles)])
    table = pd.concat(tables, ignore_index=True)
    table[["profile", *table.columns.drop("profile")]].round(4).to_csv(KEPT, index=False)


if __name__ == "__main__":
    main(sys.argv[1:] or ["bundled", "bundled-fast"])
