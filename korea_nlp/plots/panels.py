"""Figures that set things side by side: two readers, events along an article, several articles.

As in `korea_nlp.plots`, each figure's label describes it in words computed from the data.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter

from korea_nlp.plots.figures import (
    AGAINST,
    FAVOR,
    QUIET,
    add_key,
    counted,
    listed,
    named,
    new_figure,
    say_empty,
    signed,
    wrapped,
)
from korea_nlp.prose.markup import WORDS

CHANGES = {
    "who": "who holds the view", "whom": "whom it is about", "verb": "the verb", "voice": "active or passive",
    "negation": "a negation", "quotation": "the quoted words", "attribution": "who says it",
    "third": "told through a third party", "neutral": "judging or neutral",
}  # fmt: skip
"""What the phenomena of the minimal pairs are called where people read them."""

_SPOKEN = WORDS | {"quote": "quoted"}
_STANCES = {
    "favor": (FAVOR, "+"),
    "against": (AGAINST, "−"),
    "unclear": ("#A0A0A0", "?"),
    "none": ("#DDDDDD", "none"),
}
_SAME, _DIFFERENT = "#A6CBE3", "#F5C9A9"
_DRAWS = 2000
_MOST_PAIRS = 12
_FEW = 5  # events: of fewer, no interval is drawn
_UNFOUND = "speaker not found"
_COLOURED = 7  # speakers with a colour of their own
_HATCHES = ["", "//", "\\\\", "..", "xx", "++", "--"]


def confusion_heatmaps(confusions: dict[str, pd.DataFrame], one: str, other: str) -> Figure:
    """Which label of one reader meets which of another: a square of counts for each annotation.

    The title counts what `one` marks: not the words that are the writer's, nor the pairs without a stance.

    Parameters
    ----------
    confusions
        By title, what `confusion` returned: `one` in rows, `other` in columns.
    one, other
        Who they are.
    """
    shown = {title: table for title, table in confusions.items() if len(table)}
    marked = []
    for title, table in shown.items():
        seen = table.drop(index=["author", "none"], errors="ignore")
        same = sum(int(seen.loc[label, label]) for label in seen.index)
        marked.append(f"{same} of {int(seen.to_numpy().sum())} ({title})")
    title = f"Of what {one} marks, {other} marks the same: {listed(marked)}" if marked else "Nobody can be compared"
    figure, ax = new_figure(title, 3.8)
    if not shown:
        say_empty(ax, "nothing was labelled by both")
        return figure
    ax.remove()
    axes = figure.subplots(1, len(shown), squeeze=False, width_ratios=[len(t) + 1 for t in shown.values()])[0]
    said = []
    for ax, (title, counts) in zip(axes, shown.items(), strict=True):
        table = counts.rename(index=_SPOKEN, columns=_SPOKEN)
        same, total = int(np.trace(table.to_numpy())), int(table.to_numpy().sum())
        fill = np.where(table > 0, np.where(np.eye(len(table), dtype=bool), 2, 1), 0)
        sns.heatmap(fill, annot=table, fmt="d", cmap=["#F2F2F2", _DIFFERENT, _SAME], vmin=0, vmax=2, cbar=False,
                    square=True, linewidths=1, linecolor="white", ax=ax, xticklabels=table.columns,
                    yticklabels=table.index, annot_kws={"fontsize": 9, "color": "#111111"})  # fmt: skip
        ax.set_title(f"{title}: {total - same} of {total} differ", fontsize=9.5)
        ax.set(xlabel=other, ylabel=one)
        ax.tick_params(labelsize=8)
        ax.set_xticklabels(ax.get_xticklabels(), rotation=45, ha="right", rotation_mode="anchor")
        ax.set_yticklabels(ax.get_yticklabels(), rotation=0)
        said.append(f"{title}: {same} of {total} the same")
    add_key(figure, [Patch(color=_SAME, label="the same"), Patch(color=_DIFFERENT, label="different")])
    figure.set_label(f"Confusion of {one} (rows) and {other} (columns). {'; '.join(said)}.")
    return figure


def stances_side_by_side(pairs: pd.DataFrame, names: dict[str, str]) -> Figure:
    """Who stands where toward whom, one column per article, with the sentence that a side rests on.

    Pairs with a side in an article, those first that have one in most, then those that were asked about in most;
    at most 12. The title does not count the writer, who is another one in each article.

    Parameters
    ----------
    pairs
        Rows of `aggregate_stance` for several articles, with a column `article`.
    names
        What to call each article, in order.
    """
    sided = pairs[pairs["stance"].isin(["favor", "against"])]
    groups = sided.groupby(["holder", "target"])
    counts, surest = groups["article"].nunique(), groups["probability"].max()
    asked = pairs.groupby(["holder", "target"])["article"].nunique()
    order = sorted(counts.index, key=lambda pair: (-counts[pair], -asked[pair], -surest[pair], pair))[:_MOST_PAIRS]
    shared = [pair for pair in counts.index if counts[pair] > 1 and pair[0] != "author"]
    same = sum(groups["stance"].nunique()[pair] == 1 for pair in shared)
    silent = [name for article, name in names.items() if article not in set(sided["article"])]
    if silent:
        where = listed(silent) if len(silent) < 3 else f"{len(silent)} of {len(names)} articles"
        title = f"The machine finds no side in {where}"
    else:
        number = counted(len(shared), "pair") if shared else "no pair"
        title = f"Writers aside, {number} {'have' if len(shared) > 1 else 'has'} a side in more than one article"
        if shared:
            title += f", the same side for {f'{same} of them' if 0 < same < len(shared) else 'all' if same else 'none'}"
    figure, ax = new_figure(title, 1.9 + 0.34 * max(len(order), 2))
    if not order:
        say_empty(ax, "no stance was found")
        return figure
    found = {(row.article, row.holder, row.target): row for row in pairs.itertuples()}
    for y, pair in enumerate(order):
        for x, article in enumerate(names):
            row = found.get((article, *pair))
            if row is None:
                continue
            colour, sign = _STANCES[row.stance]
            ax.barh(y, 0.94, left=x - 0.47, height=0.88, color=colour, zorder=2)
            dark = row.stance in ("favor", "against")
            text = f"{sign} {row.probability:.2f} ({row.evidence})" if dark else sign
            ink = "white" if dark else "#333333"
            ax.text(x, y, text, ha="center", va="center", fontsize=8, color=ink, zorder=3)
    ax.set_xlim(-0.5, len(names) - 0.5)
    ax.set_ylim(len(order) - 0.5, -0.5)
    width = 16 if len(names) < 7 else 10
    ax.set_xticks(range(len(names)), [wrapped(name, width) for name in names.values()], fontsize=8)
    ax.xaxis.tick_top()
    ax.set_yticks(range(len(order)), [f"{named(one)} → {named(other)}" for one, other in order], fontsize=8)
    ax.grid(visible=False)
    labels = {
        "favor": "+ for: probability (sentence)",
        "against": "− against: probability (sentence)",
        "unclear": "? unclear",
        "none": "no side found",
    }
    hidden = len(counts) - len(order)
    note = "White: the machine was not asked, for no sentence names both (for the writer: names the other)."
    if hidden:
        note += f"\nDrawn: {len(order)} of {len(counts)} pairs with a side, those first that are in most articles."
    add_key(figure, [Patch(facecolor=_STANCES[k][0], label=label) for k, label in labels.items()], note)
    several = sum(count > 1 for count in counts)
    figure.set_label(
        f"Stances of {counted(len(order), 'pair')} in {counted(len(names), 'article')}. A side in several articles: "
        f"{several} of {len(counts)}." + (f" {hidden} more pairs are not drawn." if hidden else "")
        + (f" No side in: {listed(silent)}." if silent else "")
    )  # fmt: skip
    return figure


def speaker_colours(shares: pd.DataFrame) -> dict[str, tuple[str, str]]:
    """Colour and hatch of the speakers who are heard in most articles, then those with most words; at most seven.

    Figures that get the same dict show the same speaker in the same colour.
    """
    heard = shares[~shares["speaker"].isin(["author", ""])]
    groups = heard.groupby("speaker")
    articles, words = groups["article"].nunique(), groups["share"].sum()
    order = sorted(articles.index, key=lambda name: (-articles[name], -words[name], name))[:_COLOURED]
    palette = sns.color_palette("colorblind").as_hex()
    return dict(zip(order, zip(palette, _HATCHES, strict=False), strict=False))


def voices_side_by_side(
    shares: pd.DataFrame, names: dict[str, str], colours: dict[str, tuple[str, str]] | None = None
) -> Figure:
    """Who gets how much of each article's words: the author, and those who are quoted or reported.

    Parameters
    ----------
    shares
        Rows of `voice_shares` for several articles, with a column `article`.
    names
        What to call each article, in order.
    colours
        What `speaker_colours` returned; by default, of these shares. All others share a colour, and stand apart.
    """
    own = shares[shares["speaker"] == "author"].groupby("article")["share"].sum().reindex(list(names), fill_value=0)
    title = "Nobody speaks"
    if len(shares):
        least, most = (f"{own[at]:.0%} ({names[at]})" for at in (own.idxmin(), own.idxmax()))
        title = f"The writer’s own words: {most}"
        title = f"The writers’ own words: from {least} to {most}" if len(names) > 1 else title
    figure, ax = new_figure(title, 1.8 + 0.55 * max(len(names), 2))
    if shares.empty:
        say_empty(ax, "there are no words")
        return figure
    colours = speaker_colours(shares) if colours is None else colours
    styles = {"author": ("#DDDDDD", "")} | colours
    key: dict[str, Patch] = {}
    for y, article in enumerate(names):
        totals = shares[shares["article"] == article].groupby("speaker")["share"].sum()
        rest = sorted(set(totals.index) - set(styles) - {""}, key=lambda name: (-totals[name], name))
        left = 0.0
        for name in [*styles, *rest, ""]:
            if not (share := totals.get(name, 0.0)):
                continue
            colour, hatch = styles.get(name, ("#8C8C8C", "oo") if name == "" else ("#F3E3B3", ""))
            label = named(name) if name in styles else "other speakers" if name else _UNFOUND
            ax.barh(y, share, left=left, color=colour, hatch=hatch, edgecolor="white", zorder=2)
            key.setdefault(label, Patch(facecolor=colour, hatch=hatch, edgecolor="white", label=label))
            text = wrapped(named(name), max(int(share * 125), 1))
            if name not in ("author", "") and max(map(len, text.split("\n"))) <= share * 125 and text.count("\n") < 3:
                box = {"facecolor": "white", "alpha": 0.85, "edgecolor": "none", "pad": 0.8}
                ax.text(left + share / 2, y, text, ha="center", va="center", fontsize=6.5, bbox=box, zorder=4)
            left += share
    ax.set_yticks(range(len(names)), [wrapped(name, 24) for name in names.values()], fontsize=8)
    ax.invert_yaxis()
    ax.grid(visible=False, axis="y")
    ax.set_xlim(0, 1)
    ax.xaxis.set_major_formatter(PercentFormatter(1))
    ax.set_xlabel("share of the words of the article")
    order = [named(name) for name in styles] + ["other speakers", _UNFOUND]
    add_key(figure, sorted(key.values(), key=lambda patch: order.index(patch.get_label())))
    said = [f"{name} {own[article]:.0%}" for article, name in names.items()]
    figure.set_label(f"Bars of the share of words by speaker. The writer's own: {', '.join(said)}.")
    return figure


def conflict_over_time(events: pd.DataFrame, articles: pd.DataFrame, seed: int = 0) -> Figure:
    """The mean of the conflict-cooperation score of each article's events, the earliest article first.

    The bars are 90% intervals from a bootstrap over an article's events: few events, wide bars, and under five
    none. Articles without a date stand last; those without an event are counted below the figure, not drawn.

    Parameters
    ----------
    events
        Rows of `find_events` for several articles, with a column `article`.
    articles
        `article`, `name`, `date` (ISO, or missing).
    """
    days = pd.to_datetime(articles["date"], errors="coerce", format="mixed", utc=True)
    rng = np.random.default_rng(seed)
    rows = []
    for row in articles.assign(day=days).sort_values("day", kind="stable").itertuples():
        scores = events.loc[events["article"] == row.article, "intensity"].to_numpy(float)
        if len(scores):
            means = rng.choice(scores, (_DRAWS, len(scores))).mean(axis=1)
            low, high = np.quantile(means, [0.05, 0.95]) if len(scores) >= _FEW else (np.nan, np.nan)
            day = "no date" if pd.isna(row.day) else wrapped(row.date, 20)
            about = f"{wrapped(row.name, 34)}\n{day}, {counted(len(scores), 'event')}"
            rows.append((about, row.name, scores.mean(), low, high))
    table = pd.DataFrame(rows, columns=["about", "name", "mean", "low", "high"])
    conflict, peace = int((table["high"] < 0).sum()), int((table["low"] > 0).sum())
    title = "No article tells an event"
    if rows:
        title = f"The bar lies wholly in conflict for {conflict} of {counted(len(rows), 'article')}, "
        title += f"wholly in cooperation for {peace}"
    figure, ax = new_figure(title, 1.5 + 0.42 * max(len(rows), 2))
    if not rows:
        say_empty(ax, "no article tells an event")
        return figure
    few = table["low"].isna()
    wide = table[~few]
    errors = [wide["mean"] - wide["low"], wide["high"] - wide["mean"]]
    ax.errorbar(wide["mean"], wide.index, xerr=errors, fmt="o", color="#333333", lw=1, capsize=4, zorder=3)
    ax.scatter(table[few]["mean"], table[few].index, facecolor="white", edgecolor="#333333", zorder=3)
    ax.axvline(0, color="black", lw=0.8)
    ax.set_yticks(table.index, table["about"], fontsize=8)
    ax.set_ylim(len(table) - 0.5, -0.5)
    ax.set_xlim(-10.5, 10.5)
    ax.set_xlabel("mean of the events: conflict (−10) to cooperation (+10)")
    note = f" Hollow: under {_FEW} events, too few for a bar." if few.any() else ""
    without = len(articles) - len(table)
    note += f" Not drawn: {counted(without, 'article')} without an event." if without else ""
    figure.supxlabel(f"Bars: 90% intervals.{note}", fontsize=7.5, color="#444444")
    said = [f"{row.name} {signed(row.mean)}" for row in table.itertuples()]
    drawn = counted(len(table), "article")
    figure.set_label(f"Mean conflict-cooperation score of {drawn} by date: {'; '.join(said)}.{note}")
    return figure


def contrast_dots(table: pd.DataFrame) -> Figure:
    """Minimal pairs that are right, by what is changed: both sentences of a pair, and each for itself."""
    parts = table[table["phenomenon"] != "all"].replace({"phenomenon": CHANGES}).iloc[::-1].reset_index(drop=True)
    title = "No pair was asked"
    if len(parts):
        best, worst = parts.iloc[-1], parts.iloc[0]
        title = f"Both sentences right: from {worst['pairs_right']:.0%} ({worst['phenomenon']})"
        title += f" to {best['pairs_right']:.0%} ({best['phenomenon']})"
    figure, ax = new_figure(title, 1.4 + 0.34 * max(len(parts), 2))
    if parts.empty:
        say_empty(ax, "no pair was asked")
        return figure
    ax.hlines(parts.index, parts["pairs_right"], parts["members_right"], color="#BBBBBB", zorder=2)
    ax.scatter(parts["pairs_right"], parts.index, s=50, color=FAVOR, zorder=3, label="both sentences of a pair")
    ax.scatter(parts["members_right"], parts.index, s=50, facecolor="white", edgecolor=FAVOR, marker="D", zorder=3,
               label="single sentences")  # fmt: skip
    ax.set_yticks(parts.index, [f"{row.phenomenon} ({row.pairs})" for row in parts.itertuples()], fontsize=9)
    ax.set_xlim(0, 1.02)
    ax.xaxis.set_major_formatter(PercentFormatter(1))
    ax.set_xlabel("share that is right")
    ax.set_ylabel("what changes (pairs)")
    add_key(figure, ax.get_legend_handles_labels()[0])
    said = [f"{row.phenomenon} {row.pairs_right:.0%}" for row in parts.iloc[::-1].itertuples()]
    figure.set_label(f"Dots: minimal pairs of which both sentences are right, by what changes: {'; '.join(said)}.")
    return figure


def coverage_dots(curve: pd.DataFrame) -> Figure:
    """Share of right answers by data set: of all, of the surer half, and of a machine with one answer for everything.

    Parameters
    ----------
    curve
        What `evaluation.quality.coverage` returned.
    """
    half = curve["coverage"].min()
    table = curve.pivot(index="data", columns="coverage", values="accuracy").loc[curve["data"].unique()[::-1]]
    title = "This profile was not measured"
    if len(table):
        better = int((table[half] > table[1.0]).sum())
        title = f"The surer {half:.0%} of the answers are more often right in {better} of {len(table)} sets of texts"
    figure, ax = new_figure(title, 1.6 + 0.34 * max(len(table), 2))
    if curve.empty:
        say_empty(ax, "this profile was not measured")
        return figure
    places = range(len(table))
    ax.hlines(places, table[1.0], table[half], color="#BBBBBB", zorder=2)
    common = curve.groupby("data")["commonest"].first()[table.index]
    ax.scatter(common, places, s=60, color=QUIET, marker="|", linewidths=2, zorder=3, label="always the same answer")
    ax.scatter(table[1.0], places, s=50, facecolor="white", edgecolor=FAVOR, zorder=3, label="all answers")
    ax.scatter(table[half], places, s=50, color=FAVOR, marker="D", zorder=3, label=f"the surer {half:.0%}")
    ax.set_yticks(places, table.index, fontsize=8)
    ax.set_xlim(0, 1.02)
    ax.xaxis.set_major_formatter(PercentFormatter(1))
    ax.set_xlabel("answers that are right (accuracy)")
    add_key(figure, ax.get_legend_handles_labels()[0])
    said = [f"{name} {row[1.0]:.2f}, then {row[half]:.2f}" for name, row in table.iloc[::-1].iterrows()]
    figure.set_label(f"Dots: accuracy of all answers, then of the surer {half:.0%}: {'; '.join(said)}.")
    return figure
