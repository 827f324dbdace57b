"""Draw what `corpus_speed.py` measured: ``python tests/benchmarks/corpus_plot.py CSV PNG``."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from korea_nlp.plots.figures import new_figure, png

NAMES = {"korea_nlp": "this package", "pipelines": "plain pipelines"}


def draw(rows: pd.DataFrame):
    """Processor time against the number of articles, both on logarithmic scales."""
    figure, ax = new_figure("Processor time for reading many articles", 3.2)
    for (system, colour), marker in zip({"korea_nlp": "#0072B2", "pipelines": "#D55E00"}.items(), "os", strict=True):
        found = rows[(rows["system"] == system) & (rows["workers"] == 1)].sort_values("articles")
        ax.plot(found["articles"], found["cpu_seconds"], color=colour, marker=marker, label=NAMES[system])
    ax.set(xscale="log", yscale="log", xlabel="articles", ylabel="seconds of one core")
    ax.legend(frameon=False)
    return figure


if __name__ == "__main__":
    table, image = map(Path, sys.argv[1:3])
    image.write_bytes(png(draw(pd.read_csv(table, comment="#"))))
