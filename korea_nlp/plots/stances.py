"""Figures of stances: who stands where toward whom, along the article and between actors."""

from __future__ import annotations

import textwrap
import tomllib
from collections.abc import Iterable
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from korea_nlp.plots.figures import (
    AGAINST,
    FAVOR,
    MOST,
    add_key,
    along_sentences,
    counted,
    lean,
    new_figure,
    say_empty,
    wrapped,
)
from korea_nlp.weights import ASSETS

if TYPE_CHECKING:
    from korea_nlp.article import Article


def _evidence(pair: tuple[str, str], evidence: int, stance: pd.DataFrame | None) -> str:
    """The sentences that a pair's stance rests on: all that are not plainly `none`, or the strongest alone."""
    found = [evidence]
    if stance is not None:
        here = (stance["holder"] == pair[0]) & (stance["target"] == pair[1]) & (stance["stance"] != "none")
        found = sorted(set(stance.loc[here, "sentence"])) or found
    return ", ".join(str(int(number)) for number in found)


def stance_heatmap(stance_article: pd.DataFrame, stance: pd.DataFrame | None = None) -> Figure:
    """Holder by target: who is against (orange-red) and in favor (blue), the surer the darker.

    Each cell says the stance, its probability, and the numbers of the sentences that it rests on (all that
    are not `none` in ``stance``; without it, the strongest alone). Pairs that were not asked are blank.
    Holders and targets for whom every pair is `none` are left out and counted below the figure; of more than
    40 holders or targets, the first 40 of the table are drawn.
    """
    sided = stance_article[stance_article["stance"] != "none"]
    holders = [h for h in stance_article["holder"].unique() if h in set(sided["holder"])][:MOST]
    targets = [t for t in stance_article["target"].unique() if t in set(sided["target"])][:MOST]
    figure, ax = new_figure("Who stands where toward whom", 1.7 + 0.62 * max(len(holders), 2))
    if sided.empty:
        say_empty(ax, "no stance was found")
        return figure
    shown = stance_article[stance_article["holder"].isin(holders) & stance_article["target"].isin(targets)]
    shown = shown.assign(lean=lean(shown))
    scores = shown.pivot(index="holder", columns="target", values="lean").reindex(holders, columns=targets)
    words = pd.DataFrame("", index=holders, columns=targets, dtype=object)
    for row in shown.itertuples():
        lines = [row.stance]
        if row.stance != "none":
            numbers = _evidence((row.holder, row.target), row.evidence, stance)
            lines += [f"{row.probability:.2f}", textwrap.fill(f"in {numbers}", 14)]
        words.loc[row.holder, row.target] = "\n".join(lines)
    sns.heatmap(
        scores.clip(-1, 1).astype(float),
        annot=words,
        fmt="",
        cmap="vlag_r",
        vmin=-1,
        vmax=1,
        ax=ax,
        linewidths=1,
        linecolor="white",
        annot_kws={"fontsize": 7.5 if len(targets) < 11 else 6},
        cbar_kws={"label": "probability: against (−) or in favor (+)", "shrink": 0.8},
    )
    for row in shown[shown["stance"].isin(["none", "unclear"])].itertuples():
        place = targets.index(row.target), holders.index(row.holder)
        hatch = "////" if row.stance == "unclear" else ""
        ax.add_patch(mpl.patches.Rectangle(place, 1, 1, facecolor="#eeeeee", edgecolor="white", hatch=hatch))
    for text in ax.texts:
        column, row = (int(place) for place in text.get_position())
        strong = abs(scores.iloc[row, column]) > 0.8 and text.get_text()[0] in "fa"
        text.set(color="white" if strong else "#111111", zorder=5)
    ax.grid(visible=False)
    ax.collections[0].colorbar.ax.tick_params(labelsize=8)
    crowded = len(targets) > 7
    ax.set_xticks(
        np.arange(len(targets)) + 0.5,
        [wrapped(t, 26 if crowded else 12) for t in targets],
        fontsize=8,
        rotation=45 if crowded else 0,
        ha="right" if crowded else "center",
        rotation_mode="anchor" if crowded else None,
    )
    ax.set_yticks(np.arange(len(holders)) + 0.5, [wrapped(h, 20) for h in holders], rotation=0, fontsize=8)
    ax.set(xlabel="target: toward whom or what", ylabel="holder: whose stance")
    note = "“in 3, 5”: the stance rests on sentences 3 and 5 (0 is the first)."
    note += " Blank: not asked. Grey: asked, and none."
    left = stance_article.drop(shown.index)
    if hidden := int((left["stance"] == "none").sum()):
        note += f"\nNot drawn: {hidden} more, all none, of holders or targets for whom every pair is none."
    if hidden := int((left["stance"] != "none").sum()):
        note += f"\nNot drawn for want of room: {hidden} more that are not none."
    figure.supxlabel(note, fontsize=7.5, color="#444444")
    surest = sided[sided["stance"] != "unclear"].head(3)
    said = [f"{r.holder} {r.stance} {r.target} ({r.probability:.2f})" for r in surest.itertuples()]
    figure.set_label(
        f"Heat map of stances, {len(holders)} holders by {len(targets)} targets. "
        + (f"Surest: {'; '.join(said)}." if said else "Every stance found is unclear.")
    )
    return figure


def article_arc(stance: pd.DataFrame, article: Article) -> Figure:
    """Favor and against along the article.

    For each sentence the probabilities (favor minus against) of its pairs in favor are stacked upward and
    of those against downward; the line is the sum over the sentence, averaged with its neighbours. Numbers
    at the upper and lower edge, where the line cannot reach, count the pairs of a side. `none` and `unclear`
    are not counted.
    """
    sided = stance[stance["stance"].isin(["favor", "against"])]
    figure, ax = new_figure("Favor and against along the article", 3.6)
    if sided.empty:
        say_empty(ax, "no stance was found")
        return figure
    score = (sided["favor"] - sided["against"]).groupby([sided["sentence"], sided["stance"]])
    order = range(len(article.sentences))
    heights, counts = (
        table.unstack(fill_value=0).reindex(index=order, columns=["favor", "against"], fill_value=0)
        for table in (score.sum(), score.size())
    )
    room = 0.08 * (heights["favor"].max() - heights["against"].min())
    edges = {"favor": heights["favor"].max() + room, "against": heights["against"].min() - room}
    for side, colour, hatch in (("favor", FAVOR, ""), ("against", AGAINST, "///")):
        ax.bar(order, heights[side], color=colour, hatch=hatch, edgecolor="white", label=side, zorder=2)
        for sentence, number in counts.loc[counts[side] > 0, side].items():
            ax.text(sentence, edges[side], str(number), ha="center", va="center", fontsize=8, color=colour)
    net = heights.sum(axis=1).rolling(3, center=True, min_periods=1).mean()
    ax.plot(net, color="black", lw=1.2, marker=".", zorder=3, label="net, mean of three sentences")
    ax.axhline(0, color="black", lw=0.8)
    ax.set_ylim(edges["against"] - room, edges["favor"] + room)
    along_sentences(ax, len(article.sentences))
    ax.set_ylabel("sum of probabilities\n(favor above, against below)")
    note = "Numbers: how many stances of a sentence are in favor (upper edge) and against (lower edge)."
    add_key(figure, ax.get_legend_handles_labels()[0], note)
    total, favor, against = heights.sum(axis=1), counts["favor"].sum(), counts["against"].sum()
    figure.set_label(
        f"Arc of stances over {len(total)} sentences: {favor} in favor, {against} against; the sum is lowest "
        f"in sentence {total.idxmin()} and highest in sentence {total.idxmax()}."
    )
    return figure


def actor_network(stance_article: pd.DataFrame, issues: Iterable[str] | None = None) -> Figure:
    """Arrows from holder to target: blue and solid in favor, orange-red and dashed against.

    An arrow is wider the more sentences take the side. `none` and `unclear` are not drawn, nor more
    than 200 arrows. Names stand on a circle, in the order of the table: actors as circles, issues as squares.

    Parameters
    ----------
    stance_article
        What `aggregate_stance` returned.
    issues
        Targets that are no actors; without this, those of ``assets/issues.toml``.
    """
    import networkx as nx

    sided = stance_article[stance_article["stance"].isin(["favor", "against"])].head(5 * MOST)
    graph = nx.from_pandas_edgelist(sided, "holder", "target", ["count", "stance"], create_using=nx.DiGraph)
    known = tomllib.loads((ASSETS / "issues.toml").read_text(encoding="utf-8")) if issues is None else issues
    shapes = {name: "s" if name in set(known) else "o" for name in graph}
    figure, ax = new_figure("Who is for and against whom", 6.2)
    ax.set_axis_off()
    if sided.empty:
        say_empty(ax, "no stance was found")
        return figure
    places = nx.circular_layout(graph)
    for shape in "os":
        names = [name for name in graph if shapes[name] == shape]
        nx.draw_networkx_nodes(graph, places, names, node_size=260, node_color="white", node_shape=shape,
                               edgecolors="#333333", ax=ax)  # fmt: skip
    for row in sided.itertuples():
        (x, y), (to_x, to_y) = places[row.holder], places[row.target]
        inward = 1 if x * to_y - y * to_x < 0 else -1
        back = graph.has_edge(row.target, row.holder) and row.holder > row.target
        colour, line = (FAVOR, "solid") if row.stance == "favor" else (AGAINST, "dashed")
        nx.draw_networkx_edges(
            graph,
            places,
            [(row.holder, row.target)],
            width=0.8 + 0.9 * min(row.count, 4),
            edge_color=colour,
            style=line,
            node_size=260,
            node_shape=shapes[row.target],
            arrowsize=14,
            ax=ax,
            connectionstyle=f"arc3,rad={inward * (0.25 if back else 0.05)}",
        )
    for name, (x, y) in places.items():
        side = "center" if abs(x) < 0.05 else "left" if x > 0 else "right"
        rise = "center" if abs(y) < 0.2 else "bottom" if y > 0 else "top"
        ax.text(1.1 * x, 1.1 * y, wrapped(name, 22), ha=side, va=rise, fontsize=9)
    ax.set(xlim=(-1.9, 1.9), ylim=(-1.3, 1.3))
    ax.set_aspect("equal")
    topics = sum(shape == "s" for shape in shapes.values())
    add_key(
        figure,
        [
            Line2D([], [], color=FAVOR, lw=2, label="favor (from holder to target)"),
            Line2D([], [], color=AGAINST, lw=2, ls="--", label="against"),
        ],
        "Thicker arrow: more sentences." + (" Squares: issues." if topics else ""),
    )
    said = [f"{row.holder} {row.stance} {row.target}" for row in sided.itertuples()]
    who = counted(len(graph) - topics, "actor") + (f" and {counted(topics, 'issue')}" if topics else "")
    figure.set_label(f"Network of {who} with {counted(len(said), 'stance')}: {'; '.join(said)}.")
    return figure
