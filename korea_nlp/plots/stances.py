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
from matplotlib.patches import Patch

from korea_nlp.plots.figures import (
    AGAINST,
    FAVOR,
    MOST,
    QUADS,
    add_key,
    counted,
    lean,
    listed,
    named,
    new_figure,
    say_empty,
    wrapped,
)
from korea_nlp.prose.markup import STANCES, articled
from korea_nlp.stance import SIDES
from korea_nlp.weights import ASSETS

if TYPE_CHECKING:
    from korea_nlp.article import Article

ARROWS = 24  # in a network: more cannot be told apart
ROWS = 60  # sentences whose opening words are written beside a figure


def bloc_order(stance_article: pd.DataFrame) -> pd.Series:
    """Names by the camp that they are in: who is for each other has one sign, who is against each other two.

    Returns
    -------
    Series
        A number for each holder and target, from -1 to 1, near 0 where a name belongs to no camp, ascending:
        the first eigenvector of the matrix of who is for (1) and against (-1) whom.
    """
    sided = stance_article[stance_article["stance"].isin(SIDES)]
    names = list(dict.fromkeys([*sided["holder"], *sided["target"]]))
    if not names:
        return pd.Series(dtype=float)
    matrix = pd.DataFrame(0.0, index=names, columns=names)
    for row in sided.itertuples():
        value = row.probability if row.stance == "favor" else -row.probability
        matrix.loc[row.holder, row.target] += value
        matrix.loc[row.target, row.holder] += value
    first = np.linalg.eigh(matrix.to_numpy())[1][:, -1].round(6)
    first = first * (-1 if first[np.abs(first).argmax()] > 0 else 1)
    return pd.Series(first / max(np.abs(first).max(), 1e-9), index=names).sort_values(kind="stable").round(4) + 0.0


def _evidence(pair: tuple[str, str], evidence: int, stance: pd.DataFrame | None) -> str:
    """The sentences that a pair's stance rests on: all that are not plainly `none`, or the strongest alone."""
    found = [evidence]
    if stance is not None:
        here = (stance["holder"] == pair[0]) & (stance["target"] == pair[1]) & (stance["stance"] != "none")
        found = sorted(set(stance.loc[here, "sentence"])) or found
    return ", ".join(str(int(number)) for number in found)


def _most_met(sided: pd.DataFrame) -> str:
    """Against whom, or else for whom, the most stances are, in words."""
    for side in ("against", "favor"):
        counts = sided.loc[sided["stance"] == side, "target"].value_counts()
        if len(counts):
            top = sorted(counts.index[counts == counts.max()])
            who = listed([articled(name) for name in top[:3]])
            number = counted(int(counts.max()), "stance") + " each" * (len(top) > 1)
            return f"{'Most opposed' if side == 'against' else 'Most supported'}: {who} ({number})"
    return "Nobody takes a clear side"


def stance_heatmap(stance_article: pd.DataFrame, stance: pd.DataFrame | None = None) -> Figure:
    """Holder by target: who is against (orange-red) and for (blue), the surer the darker.

    Rows and columns are sorted by camp. Each cell says the stance, its probability, and the sentences that it
    rests on (all that are not `none` in ``stance``; without it, the strongest alone). Names for whom every
    pair is `none` are left out and counted; of more than 40 holders or targets, 40 are drawn.
    """
    sided = stance_article[stance_article["stance"] != "none"]
    camps = bloc_order(stance_article)
    rank = {name: place for place, name in enumerate(camps.index)}
    holders, targets = (
        sorted(list(sided[role].drop_duplicates())[:MOST], key=lambda name: rank.get(name, len(rank)))
        for role in ("holder", "target")
    )
    figure, ax = new_figure(_most_met(sided), 1.7 + 0.62 * max(len(holders), 2))
    if sided.empty:
        say_empty(ax, "no stance was found")
        return figure
    shown = stance_article[stance_article["holder"].isin(holders) & stance_article["target"].isin(targets)]
    shown = shown.assign(lean=lean(shown))
    scores = shown.pivot(index="holder", columns="target", values="lean").reindex(holders, columns=targets)
    words = pd.DataFrame("", index=holders, columns=targets, dtype=object)
    for row in shown.itertuples():
        lines = [STANCES[row.stance]]
        if row.stance != "none":
            numbers = _evidence((row.holder, row.target), row.evidence, stance)
            lines += [f"{row.probability:.2f}", textwrap.fill(f"in {numbers}", 14)]
        words.loc[row.holder, row.target] = "\n".join(lines)
    sns.heatmap(
        scores.clip(-1, 1).astype(float), annot=words, fmt="", cmap="vlag_r", vmin=-1, vmax=1, ax=ax, cbar=False,
        linewidths=1, linecolor="white", annot_kws={"fontsize": 7.5 if len(targets) < 11 else 6},
    )  # fmt: skip
    for row in shown[shown["stance"].isin(["none", "unclear"])].itertuples():
        place = targets.index(row.target), holders.index(row.holder)
        hatch = "////" if row.stance == "unclear" else ""
        ax.add_patch(mpl.patches.Rectangle(place, 1, 1, facecolor="#eeeeee", edgecolor="white", hatch=hatch))
    for text in ax.texts:
        column, row = (int(place) for place in text.get_position())
        strong = abs(scores.iloc[row, column]) > 0.8 and text.get_text()[:3] in ("for", "aga")
        text.set(color="white" if strong else "#111111", zorder=5)
    ax.grid(visible=False)
    crowded = len(targets) > 7
    ax.set_xticks(
        np.arange(len(targets)) + 0.5,
        [wrapped(named(t), 26 if crowded else 12) for t in targets],
        fontsize=8,
        rotation=45 if crowded else 0,
        ha="right" if crowded else "center",
        rotation_mode="anchor" if crowded else None,
    )
    ax.set_yticks(
        np.arange(len(holders)) + 0.5, [wrapped(named(h), 20) for h in holders], rotation=0, fontsize=8
    )
    ax.set(xlabel="toward whom or what", ylabel="whose stance")
    note = "Red: against. Blue: for. Below the word: its probability, and the sentences that it rests on."
    note += " Blank: no sentence brings the two together."
    left = stance_article.drop(shown.index)
    if hidden := int((left["stance"] == "none").sum()):
        note += f"\nNot drawn: {hidden} more pairs without a stance."
    if hidden := int((left["stance"] != "none").sum()):
        note += f"\nNot drawn for want of room: {hidden} more pairs with a stance."
    figure.supxlabel(note, fontsize=7.5, color="#444444")
    surest = sided[sided["stance"] != "unclear"].head(3)
    said = [f"{r.holder} {STANCES[r.stance]} {r.target} ({r.probability:.2f})" for r in surest.itertuples()]
    figure.set_label(
        f"Heat map of stances, {len(holders)} holders by {len(targets)} targets. "
        + (f"Surest: {'; '.join(said)}." if said else "Every stance found is unclear.")
    )
    return figure


def stance_mirror(stance_article: pd.DataFrame, most: int = 12) -> Figure:
    """Two actors, the one's stance toward the other to the left and the other's to the right.

    Pairs that take a side in one direction at least, the surest first; bars are as long as the probability.
    """
    found = {(row.holder, row.target): row for row in stance_article.itertuples()}
    sided = stance_article[stance_article["stance"].isin(SIDES)]
    both = [
        (row.holder, row.target) for row in sided.itertuples()
        if (row.target, row.holder) in found
        and (found[row.target, row.holder].stance not in SIDES or row.holder < row.target)
    ]  # fmt: skip
    returned = sum(found[target, holder].stance in SIDES for holder, target in both)
    title = f"{returned or 'None'} of {len(both)} stances between actors {'are' if returned > 1 else 'is'} returned"
    figure, ax = new_figure(title, 1.5 + 0.42 * max(len(both[:most]), 2))
    if not both:
        say_empty(ax, "no stance between two actors was found")
        return figure
    for place, (one, other) in enumerate(both[:most]):
        for sign, row in ((-1, found[one, other]), (1, found[other, one])):
            if row.stance in SIDES:
                colour, hatch = (FAVOR, "") if row.stance == "favor" else (AGAINST, "///")
                ax.barh(place, sign * row.probability, color=colour, hatch=hatch, edgecolor="white", height=0.6)
            words = STANCES[row.stance] + (f" {row.probability:.2f}" if row.stance in SIDES else "")
            box = {"facecolor": "white", "edgecolor": "none", "pad": 1.5, "alpha": 0.85}
            ax.text(sign * 0.03, place, words, ha="left" if sign > 0 else "right", va="center", fontsize=8, bbox=box)
    ax.axvline(0, color="black", lw=0.8)
    ax.set_xlim(-1, 1)
    ax.set_ylim(len(both[:most]) - 0.5, -0.5)
    ax.set_xticks([-1, -0.5, 0, 0.5, 1], ["1", "0.5", "0", "0.5", "1"])
    ax.set_xlabel("probability:   the left one on the right one  |  the right one on the left one")
    ax.set_yticks(range(len(both[:most])), [wrapped(named(one), 24) for one, _ in both[:most]])
    ax.grid(visible=False, axis="y")
    right = ax.secondary_yaxis("right")
    right.set_yticks(range(len(both[:most])), [wrapped(named(other), 24) for _, other in both[:most]])
    figure.set_label(
        f"{title}. "
        + "; ".join(
            f"{one} on {other}: {STANCES[found[one, other].stance]}, back: {STANCES[found[other, one].stance]}"
            for one, other in both[:most]
        )
        + "."
    )
    return figure


def article_arc(stance: pd.DataFrame, events: pd.DataFrame, article: Article) -> Figure:
    """Stances and deeds sentence by sentence, the opening words beside them.

    To the left of the line are stances against and deeds of conflict, to the right stances for and deeds of
    cooperation. Bars count the stances of a sentence; marks are deeds, placed by their score (-10 to 10).
    """
    sided = stance[stance["stance"].isin(SIDES)]
    told = events.drop_duplicates(["sentence", "start", "end", "category"])
    sentences = article.sentences
    places = pd.Series(range(len(sentences)), index=sentences["sentence"])
    loads = sided["sentence"].value_counts().add(told["sentence"].value_counts(), fill_value=0)
    top = sorted(int(s) for s in loads.index[loads == loads.max()])
    title = "Nothing happens, and nobody takes a side"
    if len(loads):
        title = f"Most happens in {'sentence' if len(top) == 1 else 'sentences'} {listed([str(s) for s in top[:3]])}"
        title += f": {counted(int(loads.max()), 'stance or deed', 'stances and deeds')}{' each' * (len(top) > 1)}"
    figure, ax = new_figure(title, min(1.6 + 0.33 * max(len(sentences), 3), 18))
    if loads.empty:
        say_empty(ax, "no stance and no event was found")
        return figure
    for side, sign, colour, hatch in (("favor", 1, FAVOR, ""), ("against", -1, AGAINST, "///")):
        counts = sided.loc[sided["stance"] == side, "sentence"].value_counts()
        ax.barh(places[counts.index], 2 * sign * counts, height=0.8, color=colour, hatch=hatch, edgecolor="white",
                alpha=0.55, zorder=2)  # fmt: skip
    beside = told.groupby("sentence").cumcount() - (told.groupby("sentence")["start"].transform("size") - 1) / 2
    for quad, (colour, marker) in QUADS.items():
        rows = told[told["quad"] == quad]
        height = places[rows["sentence"]].to_numpy() + 0.2 * beside[rows.index].clip(-2, 2)
        ax.scatter(rows["intensity"], height, color=colour, marker=marker, s=42, edgecolor="white", zorder=3)
    ax.axvline(0, color="black", lw=0.8, zorder=4)
    reach = max(10.5, 2 * sided.groupby(["sentence", "stance"]).size().max() + 0.5 if len(sided) else 0)
    ax.set_xlim(-reach, reach)
    ax.set_xlabel("← against, conflict                                      for, cooperation →")
    ax.xaxis.set_ticks([])
    ax.set_ylim(len(sentences) - 0.4, -0.6)
    if len(sentences) <= ROWS:
        opening = [" ".join(str(text).split()[:7]) for text in sentences["text"]]
        ax.set_yticks(places, [wrapped(f"{n}  {words} …", 60) for n, words in zip(places.index, opening, strict=True)],
                      fontsize=7.5)  # fmt: skip
    quads = [quad for quad in QUADS if quad in set(told["quad"])]
    keys = [Patch(facecolor=AGAINST, hatch="///", alpha=0.55, label="a stance against"),
            Patch(facecolor=FAVOR, alpha=0.55, label="a stance for")]  # fmt: skip
    keys += [Line2D([], [], color=QUADS[q][0], marker=QUADS[q][1], ls="", label=q) for q in quads]
    add_key(figure, keys, "Bars count stances; marks are deeds, the further out the fiercer or the friendlier.")
    counts = sided["stance"].value_counts()
    figure.set_label(
        f"Stances and deeds along {len(sentences)} sentences: {counts.get('against', 0)} stances against and "
        f"{counts.get('favor', 0)} for, {counted(len(told), 'deed')}. {title}."
    )
    return figure


def actor_network(stance_article: pd.DataFrame, issues: Iterable[str] | None = None) -> Figure:
    """Arrows from holder to target: blue and solid for, orange-red and dashed against.

    The two camps of `bloc_order` stand left and right, those of no camp and issues between them. An arrow is
    wider the more sentences take the side; the 24 surest are drawn.

    Parameters
    ----------
    stance_article
        What `aggregate_stance` returned.
    issues
        Targets that are no actors; without this, those of ``assets/issues.toml``.
    """
    import networkx as nx

    sided = stance_article[stance_article["stance"].isin(SIDES)].head(ARROWS)
    camps = bloc_order(sided)
    known = tomllib.loads((ASSETS / "issues.toml").read_text(encoding="utf-8")) if issues is None else issues
    issues = [name for name in camps.index if name in set(known)]
    sides = [[n for n in camps.index if n not in issues and abs(camps[n]) > 0.05 and (camps[n] < 0) == left]
             for left in (True, False)]  # fmt: skip
    between = [name for name in camps.index if name not in [*sides[0], *sides[1]]]
    title = "Nobody takes a side"
    if len(sided):
        against = int((sided["stance"] == "against").sum())
        arrows = counted(len(sided), "arrow")
        title = f"{against} of {arrows} {'is' if against == 1 else 'are'} against. {_most_met(sided)}"
    figure, ax = new_figure(title, 2.2 + 0.62 * max(map(len, (*sides, between)), default=1))
    ax.set_axis_off()
    if sided.empty:
        say_empty(ax, "no stance was found")
        return figure
    places = {}
    near = {name: {*sided.loc[sided["target"] == name, "holder"], *sided.loc[sided["holder"] == name, "target"]}
            for name in camps.index}  # fmt: skip
    for x, column in ((-1, sides[0]), (1, sides[1]), (0, between)):
        heights = {name: [places[n][1] for n in near[name] if n in places] for name in column}
        column = sorted(column, key=lambda name: (-np.mean(heights[name] or [0]), abs(camps[name]), name))
        places |= {name: (x, (len(column) - 1) / 2 - place) for place, name in enumerate(column)}
    for row in sided.itertuples():
        colour, line = (FAVOR, "solid") if row.stance == "favor" else (AGAINST, "dashed")
        (x, _), (to, _) = places[row.holder], places[row.target]
        bend = 0.35 if x == to else 0.12
        nx.draw_networkx_edges(
            nx.DiGraph([(row.holder, row.target)]), places, width=0.8 + 0.9 * min(row.count, 4), edge_color=colour,
            style=line, node_size=200, arrowsize=14, ax=ax, connectionstyle=f"arc3,rad={bend}",
        )  # fmt: skip
    for name, (x, y) in places.items():
        ax.scatter([x], [y], s=150, marker="s" if name in issues else "o", facecolor="white", edgecolor="#333333",
                   zorder=3)  # fmt: skip
        side = {-1: "right", 0: "center", 1: "left"}[x]
        ax.text(x + 0.07 * x, y + (0 if x else 0.22), wrapped(named(name), 24), ha=side,
                va="center" if x else "bottom", fontsize=9, zorder=5)  # fmt: skip
    tall = max(abs(y) for _, y in places.values())
    ax.set(xlim=(-1.9, 1.9), ylim=(-tall - 0.5, tall + 0.7))
    note = "Thicker arrow: more sentences." + (" Squares: issues." if issues else "")
    add_key(
        figure,
        [
            Line2D([], [], color=FAVOR, lw=2, label="for"),
            Line2D([], [], color=AGAINST, lw=2, ls="--", label="against"),
        ],
        note,
    )
    said = [f"{row.holder} {STANCES[row.stance]} {row.target}" for row in sided.itertuples()]
    who = counted(len(camps) - len(issues), "actor") + (f" and {counted(len(issues), 'issue')}" if issues else "")
    figure.set_label(f"{title}. Network of {who} with {counted(len(said), 'stance')}: {'; '.join(said)}.")
    return figure
