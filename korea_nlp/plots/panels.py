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

CHANGES = {"voice": "active/passive"}
"""What a phenomenon of the minimal pairs is called where its name would mean something else."""

_SPOKEN = WORDS | {"quote": "quoted"}
_STANCES = {
    "favor": (FAVOR, "+"),
    "against": (AGAINST, "−"),
    "unclear": ("#BBBBBB", "?"),
    "none": ("#F2F2F2", "·"),
}
_DRAWS = 2000
_MOST_PAIRS = 24


def confusion_heatmaps(confusions: dict[str, pd.DataFrame], one: str, other: str) -> Figure:
    """Which label of one reader meets which of another: a square of counts for each annotation.

    Parameters
    ----------
    confusions
        By title, what `confusion` returned: `one` in rows, `other` in columns.
    one, other
        Who they are.
    """
    shown = {title: table for title, table in confusions.items() if len(table)}
    tables = [table.to_numpy() for table in shown.values()]
    apart = sum(int(table.sum() - np.trace(table)) for table in tables)
    total = sum(int(table.sum()) for table in tables)
    figure, ax = new_figure(f"{one[:1].upper()}{one[1:]} and {other} differ on {apart} of {total}", 3.6)
    if not shown:
        say_empty(ax, "nothing was labelled by both")
        return figure
    ax.remove()
    axes = figure.subplots(1, len(shown), squeeze=False, width_ratios=[len(t) + 1 for t in shown.values()])[0]
    said = []
    for ax, (title, counts) in zip(axes, shown.items(), strict=True):
        table = counts.rename(index=_SPOKEN, columns=_SPOKEN)
        shares = table.div(table.sum(axis=1).clip(lower=1), axis=0)
        sns.heatmap(shares, annot=table, fmt="d", cmap="Blues", vmin=0, vmax=1.4, cbar=False, square=True,
                    linewidths=1, linecolor="white", ax=ax, annot_kws={"fontsize": 9})  # fmt: skip
        for cell in ax.texts:
            cell.set_color("#111111")
        ax.set_title(title, fontsize=9.5)
        ax.set(xlabel=other, ylabel=one)
        ax.tick_params(labelsize=8)
        ax.set_xticklabels(ax.get_xticklabels(), rotation=45, ha="right", rotation_mode="anchor")
        ax.set_yticklabels(ax.get_yticklabels(), rotation=0)
        same, total = int(np.trace(table.to_numpy())), int(table.to_numpy().sum())
        said.append(f"{title}: {same} of {total} the same")
    figure.set_label(f"Confusion of {one} (rows) and {other} (columns). {'; '.join(said)}.")
    return figure


def stances_side_by_side(pairs: pd.DataFrame, names: dict[str, str]) -> Figure:
    """Who stands where toward whom, one column per article.

    Pairs with a side in an article, those first that are found in most; at most 24.

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
    order = sorted(counts.index, key=lambda pair: (-counts[pair], -surest[pair], pair))[:_MOST_PAIRS]
    several = int((counts > 1).sum())
    changed = int((groups["stance"].nunique() > 1).sum())
    title = "No pair has a side in more than one article"
    if several:
        title = f"{counted(several, 'pair')} {'has' if several == 1 else 'have'} a side in more than one article; "
        title += f"{changed or 'none'} of them {'changes' if changed == 1 else 'change'} it"
    figure, ax = new_figure(title, 1.8 + 0.3 * max(len(order), 2))
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
            text = f"{sign} {row.probability:.2f}" if dark else sign
            ax.text(
                x,
                y,
                text,
                ha="center",
                va="center",
                fontsize=8,
                color="white" if dark else "#333333",
                zorder=3,
            )
    ax.set_xlim(-0.5, len(names) - 0.5)
    ax.set_ylim(len(order) - 0.5, -0.5)
    width = 16 if len(names) < 7 else 10
    ax.set_xticks(range(len(names)), [wrapped(name, width) for name in names.values()], fontsize=8)
    ax.xaxis.tick_top()
    ax.set_yticks(range(len(order)), [f"{named(one)} → {named(other)}" for one, other in order], fontsize=8)
    ax.grid(visible=False)
    labels = {
        "favor": "+ for (probability)",
        "against": "− against (probability)",
        "unclear": "? unclear",
        "none": "· no stance",
    }
    hidden = len(counts) - len(order)
    note = "Blank: no sentence brings the two together."
    if hidden:
        note += f" Drawn: {len(order)} of {len(counts)} pairs with a side, those in most articles, then the surest."
    add_key(figure, [Patch(facecolor=_STANCES[k][0], label=label) for k, label in labels.items()], note)
    shared = sum(count > 1 for count in counts)
    figure.set_label(
        f"Stances of {len(order)} pairs in {len(names)} articles; {shared} of them have a side in several."
        + (f" {hidden} more pairs are not drawn." if hidden else "")
    )
    return figure


def voices_side_by_side(shares: pd.DataFrame, names: dict[str, str]) -> Figure:
    """Who gets how much of each article's words: the author, and those who are quoted or reported.

    Parameters
    ----------
    shares
        Rows of `voice_shares` for several articles, with a column `article`.
    names
        What to call each article, in order.
    """
    own = shares[shares["speaker"] == "author"].groupby("article")["share"].sum().reindex(list(names), fill_value=0)
    title = "Nobody speaks"
    if len(shares):
        title = f"From {own.min():.0%} to {own.max():.0%} of an article are its writer’s own words"
    figure, ax = new_figure(title, 1.8 + 0.55 * max(len(names), 2))
    if shares.empty:
        say_empty(ax, "there are no words")
        return figure
    totals = shares.assign(speaker=shares["speaker"].replace("", "speaker not found"))
    totals = totals.groupby(["article", "speaker"])["share"].sum().unstack(fill_value=0.0)
    ranked = (
        totals.drop(columns=["author", "speaker not found"], errors="ignore")
        .sum()
        .sort_values(ascending=False)
    )
    most = list(ranked.index[:6])
    parts = {"the writer": totals.get("author", 0.0)} | {name: totals[name] for name in most}
    if rest := [name for name in ranked.index if name not in most]:
        parts["other speakers"] = totals[rest].sum(axis=1)
    if "speaker not found" in totals:
        parts["speaker not found"] = totals["speaker not found"]
    table = pd.DataFrame(parts).reindex(list(names), fill_value=0.0)
    colours = ["#DDDDDD", *sns.color_palette("colorblind", len(parts) - 1).as_hex()]
    hatches = ["", "", "//", "\\\\", "..", "xx", "++", "--", "oo"]
    left = np.zeros(len(table))
    for (name, values), colour, hatch in zip(table.items(), colours, hatches, strict=False):
        ax.barh(
            range(len(table)),
            values,
            left=left,
            color=colour,
            hatch=hatch,
            edgecolor="white",
            label=name,
            zorder=2,
        )
        left += values.to_numpy()
    ax.set_yticks(range(len(table)), [wrapped(names[article], 24) for article in table.index], fontsize=8)
    ax.invert_yaxis()
    ax.set_xlim(0, 1)
    ax.set_xlabel("share of the words of the article")
    add_key(figure, ax.get_legend_handles_labels()[0])
    said = [f"{names[article]} {row['the writer']:.0%}" for article, row in table.iterrows()]
    figure.set_label(f"Bars of the share of words by speaker. The writer's own: {', '.join(said)}.")
    return figure


def conflict_over_time(events: pd.DataFrame, articles: pd.DataFrame, seed: int = 0) -> Figure:
    """The mean of the conflict-cooperation score of each article's events, the earliest article first.

    The bars are 90% intervals from a bootstrap over an article's events: few events, wide bars. Articles
    without a date or an event are counted below the figure, not drawn.

    Parameters
    ----------
    events
        Rows of `find_events` for several articles, with a column `article`.
    articles
        `article`, `name`, `date` (ISO, or missing).
    """
    days = pd.to_datetime(articles["date"], errors="coerce", format="mixed", utc=True)
    dated = articles.assign(day=days).dropna(subset=["day"]).sort_values("day", kind="stable")
    rng = np.random.default_rng(seed)
    rows = []
    for row in dated.itertuples():
        scores = events.loc[events["article"] == row.article, "intensity"].to_numpy(float)
        if len(scores):
            means = rng.choice(scores, (_DRAWS, len(scores))).mean(axis=1)
            about = f"{wrapped(row.name, 34)}\n{wrapped(row.date, 20)}, {counted(len(scores), 'event')}"
            rows.append((about, row.name, scores.mean(), *np.quantile(means, [0.05, 0.95])))
    title = "No article has both a date and an event"
    if rows:
        conflict = sum(row[4] < 0 for row in rows)
        title = f"{conflict} of {counted(len(rows), 'article')} clearly told in deeds of conflict"
    figure, ax = new_figure(title, 1.5 + 0.42 * max(len(rows), 2))
    if not rows:
        say_empty(ax, "no article has both a date and an event")
        return figure
    table = pd.DataFrame(rows, columns=["about", "name", "mean", "low", "high"])
    errors = [table["mean"] - table["low"], table["high"] - table["mean"]]
    ax.errorbar(table["mean"], table.index, xerr=errors, fmt="o", color="#333333", lw=1, capsize=4, zorder=3)
    ax.axvline(0, color="black", lw=0.8)
    ax.set_yticks(table.index, table["about"], fontsize=8)
    ax.set_ylim(len(table) - 0.5, -0.5)
    ax.set_xlim(-10.5, 10.5)
    ax.set_xlabel("mean of the events: conflict (−10) to cooperation (+10)")
    missing = {"a date": len(articles) - len(dated), "an event": len(dated) - len(table)}
    left_out = [f"{counted(number, 'article')} without {what}" for what, number in missing.items() if number]
    note = f" Not drawn: {listed(left_out)}." if left_out else ""
    figure.supxlabel(f"Bars: 90% intervals.{note}", fontsize=7.5, color="#444444")
    said = [f"{row.name} {signed(row.mean)}" for row in table.itertuples()]
    drawn = counted(len(table), "article")
    figure.set_label(f"Mean conflict-cooperation score of {drawn} by date: {'; '.join(said)}.{note}")
    return figure


def contrast_bars(table: pd.DataFrame) -> Figure:
    """Minimal pairs that are right, by what is changed: both members (dark), single members (light)."""
    parts = table[table["phenomenon"] != "all"].replace({"phenomenon": CHANGES}).iloc[::-1]
    title = "No pair was asked"
    if len(parts):
        title = f"Easiest: {parts.iloc[-1]['phenomenon']}. Hardest: {parts.iloc[0]['phenomenon']}"
    figure, ax = new_figure(title, 1.4 + 0.34 * max(len(parts), 2))
    if parts.empty:
        say_empty(ax, "no pair was asked")
        return figure
    places = range(len(parts))
    ax.barh(places, parts["members_right"], color="#A6CBE3", zorder=2, label="single members right")
    ax.barh(places, parts["pairs_right"], color=FAVOR, height=0.45, zorder=3, label="both members right")
    ax.set_yticks(places, [f"{row.phenomenon} ({row.pairs})" for row in parts.itertuples()], fontsize=9)
    ax.set_xlim(0, 1)
    ax.set_xlabel("share that is right")
    ax.set_ylabel("what is changed (pairs)")
    add_key(figure, ax.get_legend_handles_labels()[0])
    best, worst = parts.iloc[-1], parts.iloc[0]
    figure.set_label(
        f"Bars of minimal pairs by {len(parts)} kinds of change. Most pairs right: {best['phenomenon']} "
        f"({best['pairs_right']:.0%}); fewest: {worst['phenomenon']} ({worst['pairs_right']:.0%})."
    )
    return figure


def coverage_lines(curve: pd.DataFrame) -> Figure:
    """Accuracy of the answers that are kept when the unsure ones are dropped, by data set."""
    whole = curve[curve["coverage"] == 1]["accuracy"]
    half = curve[curve["coverage"] == curve["coverage"].min()]["accuracy"]
    title = "This profile was not measured"
    if len(curve):
        title = f"Right: {whole.min():.0%} or more of all answers, {half.min():.0%} or more of the surer half"
    figure, ax = new_figure(title, 3.8)
    if curve.empty:
        say_empty(ax, "this profile was not measured")
        return figure
    colours = sns.color_palette("colorblind").as_hex()
    for (name, rows), colour, marker in zip(
        curve.groupby("data", sort=False), colours, "osD^vPX*", strict=False
    ):
        rows = rows.sort_values("coverage")
        ax.plot(rows["coverage"], rows["accuracy"], color=colour, marker=marker, label=name, zorder=3)
    ax.set_xlim(1.03, curve["coverage"].min() - 0.03)
    ax.set_ylim(0.5, 1.005)
    ax.xaxis.set_major_formatter(PercentFormatter(1))
    ax.set_xlabel("answers that are kept, the surest first")
    ax.set_ylabel("accuracy")
    add_key(figure, ax.get_legend_handles_labels()[0])
    least = curve.sort_values("coverage").groupby("data", sort=False)["accuracy"].first()
    said = [f"{name} {value:.2f}" for name, value in least.items()]
    figure.set_label(
        f"Accuracy against coverage. At {curve['coverage'].min():.0%} coverage: {', '.join(said)}."
    )
    return figure
