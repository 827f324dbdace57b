"""Figures that set several articles side by side: their stances, their voices, and how hostile their deeds are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter

from korea_nlp.plots import figures
from korea_nlp.plots.figures import empty_figure, listed, named, new_figure, wrapped
from korea_nlp.prose.comparison import tell_shared
from korea_nlp.prose.events import PLACE
from korea_nlp.prose.markup import counted
from korea_nlp.stance import SIDES

STANCES = figures.LOOK["stances"]
MOST_PAIRS = 12
HATCHES = ["", "//", "\\\\", "..", "xx", "++", "--"]
"""Those of the speakers with a colour of their own."""
OTHERS = "other speakers"
DRAWS = 2000  # of a bootstrap
FEW = 5  # events: of fewer, no interval is drawn


def stances_side_by_side(pairs: pd.DataFrame, names: dict[str, str]) -> Figure:
    """Who stands where toward whom, one column per article, with the sentence that a side rests on.

    ``pairs`` are rows of `aggregate_stance` with a column `article`; ``names`` says what to call each article, in
    order. Drawn are pairs with a side in an article, those first that have one in most, then those that were asked
    about in most; at most 12. The title does not count the writer, who is another one in each article.
    """
    sided = pairs[pairs["stance"].isin(SIDES)]
    silent = [name for article, name in names.items() if article not in set(sided["article"])]
    found = sided.groupby(["holder", "target"]).agg(articles=("article", "nunique"), surest=("probability", "max"))
    where = listed(silent) if len(silent) < 3 else f"{len(silent)} of {len(names)} articles"
    title = f"The machine finds no side in {where}" if silent else tell_shared(pairs)
    if found.empty:
        return empty_figure(title, 2.58, "no stance was found")
    found["asked"] = pairs.groupby(["holder", "target"])["article"].nunique()
    order = list(found.sort_values(["articles", "asked", "surest"], ascending=False, kind="stable").index[:MOST_PAIRS])
    figure, ax = new_figure(title, 1.9 + 0.34 * max(len(order), 2))
    columns = list(names)
    for row in pairs.itertuples():
        pair = row.holder, row.target
        if pair in order and row.article in names:
            x, y = columns.index(row.article), order.index(pair)
            colour, text, _ = STANCES[row.stance]
            ax.barh(y, 0.94, left=x - 0.47, height=0.88, color=colour, zorder=2)
            ink = "#333333"
            if row.stance in SIDES:
                text, ink = f"{text} {row.probability:.2f} ({row.evidence})", "white"
            ax.text(x, y, text, ha="center", va="center", fontsize=8, color=ink, zorder=3)
    width = 16 if len(names) < 7 else 10
    ax.set_xlim(-0.5, len(names) - 0.5)
    ax.set_xticks(range(len(names)), [wrapped(name, width) for name in names.values()], fontsize=8)
    ax.xaxis.tick_top()
    figures.add_rows(ax, [f"{named(one)} → {named(other)}" for one, other in order], fontsize=8)
    ax.grid(visible=False)
    hidden = len(found) - len(order)
    note = "White: not asked; the machine found no sentence that mentions both."
    if hidden:
        note += f"\nThe machine finds {len(found)} pairs in which one is for or against the other. "
        note += f"Those found in the largest number of articles come first; {hidden} are not shown."
    figures.add_key(figure, [Patch(facecolor=colour, label=label) for colour, _, label in STANCES.values()], note)
    label = f"Stances of {counted(len(order), 'pair')} in {counted(len(names), 'article')}. "
    label += f"{tell_shared(pairs)}." + f" {hidden} more pairs are not drawn." * bool(hidden)
    figure.set_label(label + (f" No side in: {listed(silent)}." if silent else ""))
    return figure


def speaker_colours(shares: pd.DataFrame) -> dict[str, tuple[str, str]]:
    """Colour and hatch of the speakers who are heard in most articles, then those with most words; at most seven.

    Figures that get the same dict show the same speaker in the same colour.
    """
    heard = shares[~shares["speaker"].isin(["author", ""])].groupby("speaker")
    heard = heard.agg(articles=("article", "nunique"), words=("share", "sum"))
    order = heard.sort_values(["articles", "words"], ascending=False, kind="stable").index
    palette = sns.color_palette("colorblind").as_hex()
    return dict(zip(order, zip(palette, HATCHES, strict=False), strict=False))


def voices_side_by_side(shares: pd.DataFrame, names: dict[str, str], colours: dict[str, tuple[str, str]]) -> Figure:
    """Who gets how much of each article's words: the author, and those who are quoted or reported.

    ``shares`` are rows of `voice_shares` with a column `article`; ``names`` says what to call each article, in order.
    Speakers who are not in ``colours`` (see `speaker_colours`) share a colour, and stand apart.
    """
    if shares.empty:
        return empty_figure("Nobody speaks", 1.8 + 0.55 * max(len(names), 2), "there are no words")
    own = shares[shares["speaker"] == "author"].groupby("article")["share"].sum().reindex(list(names), fill_value=0)
    least, most = (f"{own[at]:.0%} ({names[at]})" for at in (own.idxmin(), own.idxmax()))
    title = f"The writers’ own words: from {least} to {most}" if len(names) > 1 else f"The writer’s own words: {most}"
    figure, ax = new_figure(title, 1.8 + 0.55 * max(len(names), 2))
    known = ["author", *colours]
    styles = {"the writer": ("#DDDDDD", ""), **colours, OTHERS: ("#F3E3B3", ""), figures.UNFOUND: ("#8C8C8C", "oo")}
    shown = set()
    for y, article in enumerate(names):
        totals = shares[shares["article"] == article].groupby("speaker")["share"].sum()
        totals = totals[totals > 0].sort_values(ascending=False, kind="stable")
        rest = totals.index.difference([*known, ""], sort=False)
        left = 0.0
        for name, share in totals.reindex([*known, *rest, ""]).dropna().items():
            label = named(name) if name in known else OTHERS if name else figures.UNFOUND
            shown.add(label)
            colour, hatch = styles[label]
            ax.barh(y, share, left=left, color=colour, hatch=hatch, edgecolor="white", zorder=2)
            text = wrapped(named(name), max(int(share * 125), 1))
            lines = text.split("\n")
            if name not in ("author", "") and max(map(len, lines)) <= share * 125 and len(lines) < 4:
                box = {"facecolor": "white", "alpha": 0.85, "edgecolor": "none", "pad": 0.8}
                ax.text(left + share / 2, y, text, ha="center", va="center", fontsize=6.5, bbox=box, zorder=4)
            left += share
    ax.set_yticks(range(len(names)), [wrapped(name, 24) for name in names.values()], fontsize=8)
    ax.invert_yaxis()
    ax.grid(visible=False, axis="y")
    ax.set(xlim=(0, 1), xlabel="share of the words of the article")
    ax.xaxis.set_major_formatter(PercentFormatter(1))
    figures.add_key(figure, [Patch(facecolor=colour, hatch=hatch, edgecolor="white", label=label)
                             for label, (colour, hatch) in styles.items() if label in shown])  # fmt: skip
    said = [f"{name} {own[article]:.0%}" for article, name in names.items()]
    figure.set_label(f"Bars of the share of words by speaker. The writer's own: {', '.join(said)}.")
    return figure


def conflict_over_time(events: pd.DataFrame, articles: pd.DataFrame) -> Figure:
    """The mean of the conflict-cooperation score of each article's events, the earliest article first.

    ``events`` are rows of `find_events` with a column `article`; ``articles`` has the columns `article`, `name` and
    `date` (ISO, or missing). An event with several doers or targets counts once. The bars are 90% intervals from a
    bootstrap over an article's events: few events, wide bars, and under five none. Articles without a date stand last;
    those without an event are counted, not drawn.
    """
    days = pd.to_datetime(articles["date"], errors="coerce", format="mixed", utc=True)
    draw = np.random.default_rng(0)
    rows = []
    for row in articles.assign(day=days).sort_values("day", kind="stable").itertuples():
        told = events[events["article"] == row.article].drop_duplicates(PLACE)
        scores = told["intensity"].to_numpy(float)
        if len(scores):
            means = draw.choice(scores, (DRAWS, len(scores))).mean(axis=1)
            low, high = np.quantile(means, [0.05, 0.95]) if len(scores) >= FEW else (np.nan, np.nan)
            day = "no date" if pd.isna(row.day) else wrapped(row.date, 20)
            about = f"{wrapped(row.name, 34)}\n{day}, {counted(len(scores), 'deed')}"
            mean = f"{scores.mean():+.2f}".replace("-", "−") if abs(scores.mean()) >= 0.005 else "0.00"
            rows.append((about, f"{row.name}{' (no date)' * pd.isna(row.day)} {mean}", scores.mean(), low, high))
    if not rows:
        return empty_figure("No article tells an event", 2.34, "no article tells an event")
    table = pd.DataFrame(rows, columns=["about", "said", "mean", "low", "high"])
    drawn, bars = counted(len(table), "article"), counted(int(table["low"].notna().sum()), "bar")
    below, above = ((table[end] * sign > 0).sum() or "none" for end, sign in (("high", -1), ("low", 1)))
    title = f"Of {bars}, {below} {'lies' if below == 1 else 'lie'} wholly in conflict and {above} wholly in cooperation"
    title = title if table["low"].notna().any() else f"In {drawn}, too few events to tell conflict from cooperation"
    figure, ax = new_figure(title, 1.5 + 0.42 * max(len(table), 2))
    few = table[table["low"].isna()]
    wide = table.drop(few.index)
    errors = [wide["mean"] - wide["low"], wide["high"] - wide["mean"]]
    ax.errorbar(wide["mean"], wide.index, xerr=errors, fmt="o", color="#333333", lw=1, capsize=4, zorder=3)
    ax.scatter(few["mean"], few.index, facecolor="white", edgecolor="#333333", zorder=3)
    ax.axvline(0, color="black", lw=0.8)
    figures.add_rows(ax, table["about"], fontsize=8)
    ax.set(xlim=(-10.5, 10.5), xlabel="mean score of the deeds: conflict (−10) to cooperation (+10)")
    note = f" A hollow dot has no bar: its article has fewer than {FEW} deeds." if len(few) else ""
    if without := len(articles) - len(table):
        note += f" Not drawn: {counted(without, 'article')} without a deed."
    figures.add_note(figure, f"Bars: 90% intervals.{note}")
    figure.set_label(f"Mean conflict-cooperation score of {drawn} by date: {'; '.join(table['said'])}.{note}")
    return figure
