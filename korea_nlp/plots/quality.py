"""Figures of checks of the machine: beside a reader, on minimal pairs, and on its surest answers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter

from korea_nlp.plots.figures import FAVOR, QUIET, add_key, empty_figure, listed, new_figure
from korea_nlp.prose.markup import WORDS, upper
from korea_nlp.prose.quality import CHANGES

SAME, DIFFERENT = "#A6CBE3", "#F5C9A9"


def confusion_heatmaps(confusions: dict[str, pd.DataFrame], one: str, other: str) -> Figure:
    """Which label of one reader meets which of another: a square of counts for each annotation.

    ``confusions`` holds, by title, what `confusion` returned: the reader called ``one`` in rows, ``other`` in columns.
    The figure's title counts what ``one`` marks: not the words that are the writer's, nor the pairs without a stance.
    """
    shown = {title: table for title, table in confusions.items() if len(table)}
    if not shown:
        return empty_figure("Nobody can be compared", 3.8, "nothing was labelled by both")
    marked, said = [], []
    for title, table in shown.items():
        same, every = pd.Series(np.diag(table), index=table.index), table.sum(axis=1)
        views = table.index.difference(["author", "none"])
        marked.append(f"{same[views].sum()} of {every[views].sum()} {title}")
        said.append(f"{same.sum()} of {every.sum()} {title}")
    heading = upper(f"{other} agrees with {one} on {listed(marked)}")
    figure, ax = new_figure(heading, 3.8)
    ax.remove()
    axes = figure.subplots(1, len(shown), squeeze=False, width_ratios=[len(table) + 1 for table in shown.values()])[0]
    for ax, (title, counts) in zip(axes, shown.items(), strict=True):
        table = counts.rename(index=WORDS, columns=WORDS)
        differ = int(table.to_numpy().sum() - np.trace(table))
        fill = (table > 0).astype(int) + ((table > 0) & np.eye(len(table), dtype=bool))
        sns.heatmap(fill, annot=table, fmt="d", cmap=["#F2F2F2", DIFFERENT, SAME], vmin=0, vmax=2, cbar=False,
                    square=True, linewidths=1, linecolor="white", ax=ax, xticklabels=True, yticklabels=True,
                    annot_kws={"fontsize": 9, "color": "#111111"})  # fmt: skip
        ax.set_title(f"{title}: {differ} of {table.to_numpy().sum()} differ", fontsize=9.5)
        ax.set(xlabel=other, ylabel=one)
        ax.tick_params(labelsize=8)
        ax.set_xticklabels(ax.get_xticklabels(), rotation=45, ha="right", rotation_mode="anchor")
        ax.set_yticklabels(ax.get_yticklabels(), rotation=0)
    add_key(figure, [Patch(color=SAME, label="the same"), Patch(color=DIFFERENT, label="different")])
    whole = f"Counting what {one} leaves unmarked, too: {listed(said)}."
    figure.set_label(f"Answers of {one} (rows) beside those of {other} (columns). {heading}. {whole}")
    return figure


def contrast_dots(table: pd.DataFrame) -> Figure:
    """Minimal pairs that are right, by what is changed: both answers of a pair, and each for itself.

    ``table`` is what `prose.quality.contrast_by_phenomenon` returned.
    """
    parts = table[table["phenomenon"] != "all"].replace({"phenomenon": CHANGES})
    if parts.empty:
        return empty_figure("No pair was asked", 2.08, "no pair was asked")
    best, worst = (f"{row['pairs_right']:.0%} ({row['phenomenon']})" for _, row in parts.iloc[[0, -1]].iterrows())
    figure, ax = new_figure(f"Both answers right: from {worst} to {best}", 1.4 + 0.34 * max(len(parts), 2))
    places = range(len(parts))[::-1]
    ax.hlines(places, parts["pairs_right"], parts["members_right"], color="#BBBBBB", zorder=2)
    ax.scatter(parts["pairs_right"], places, s=50, color=FAVOR, zorder=3, label="both answers of a pair")
    ax.scatter(parts["members_right"], places, s=50, facecolor="white", edgecolor=FAVOR, marker="D", zorder=3,
               label="single answers")  # fmt: skip
    ax.set_yticks(places, [f"{row.phenomenon} ({row.pairs})" for row in parts.itertuples()], fontsize=9)
    ax.set_ylabel("what changes (pairs)")
    _as_shares(figure, ax, "share that is right")
    said = [f"{row.phenomenon} {row.pairs_right:.0%}" for row in parts.itertuples()]
    figure.set_label(f"Dots: minimal pairs of which both answers are right, by what changes: {'; '.join(said)}.")
    return figure


def coverage_dots(curve: pd.DataFrame) -> Figure:
    """Share of right answers by data set: of all, of the surer half, and of a machine with one answer for everything.

    ``curve`` is what `prose.quality.coverage` returned.
    """
    if curve.empty:
        return empty_figure("This profile was not measured", 2.28, "this profile was not measured")
    share = curve["coverage"].min()
    table = curve.pivot(index="data", columns="coverage", values="accuracy").loc[curve["data"].unique()]
    every, surest = table[1.0], table[share]
    better = f"{(surest > every).sum()} of {len(table)} sets of texts"
    title = f"The surer {share:.0%} of the answers are more often right in {better}"
    figure, ax = new_figure(title, 1.6 + 0.34 * max(len(table), 2))
    places = range(len(table))[::-1]
    ax.hlines(places, every, surest, color="#BBBBBB", zorder=2)
    common = curve.groupby("data")["commonest"].first()[table.index]
    ax.scatter(common, places, s=60, color=QUIET, marker="|", linewidths=2, zorder=3, label="always the same answer")
    ax.scatter(every, places, s=50, facecolor="white", edgecolor=FAVOR, zorder=3, label="all answers")
    ax.scatter(surest, places, s=50, color=FAVOR, marker="D", zorder=3, label=f"the surer {share:.0%}")
    ax.set_yticks(places, table.index, fontsize=8)
    _as_shares(figure, ax, "answers that are right (accuracy)")
    said = [f"{name} {every[name]:.2f}, then {surest[name]:.2f}" for name in table.index]
    figure.set_label(f"Dots: accuracy of all answers, then of the surer {share:.0%}: {'; '.join(said)}.")
    return figure


def _as_shares(figure: Figure, ax: Axes, what: str) -> None:
    """Let x be a share in per cent, and explain the marks below."""
    ax.set_xlim(0, 1.02)
    ax.xaxis.set_major_formatter(PercentFormatter(1))
    ax.set_xlabel(what)
    add_key(figure)
