"""Figures: who appears where, who stands where toward whom, and what a summary rests on.

Each figure's title says the one thing to see in it, and its label (``figure.get_label()``) describes it, both in
words computed from the data. Sentences bear the numbers that they have in the tables.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from korea_nlp.plots.figures import (
    AGAINST,
    FAVOR,
    KINDS,
    MOST,
    QUIET,
    add_key,
    along_sentences,
    counted,
    listed,
    named,
    new_figure,
    png,
    say_empty,
    show,
    wrapped,
)
from korea_nlp.plots.stances import actor_network, article_arc, stance_heatmap, stance_mirror
from korea_nlp.prose.markup import articled

if TYPE_CHECKING:
    from korea_nlp.article import Article
    from korea_nlp.summary import Summary

VOICES = {
    "author": ("#BBBBBB", "", "the writer"),
    "reported": ("#E69F00", "///", "reported"),
    "quote": ("#0072B2", "", "quoted"),
}
"""Colour, hatch and name of each voice."""

__all__ = ["actor_network", "actor_timeline", "article_arc", "centrality_bars", "png", "show",
           "stance_heatmap", "stance_mirror", "summary_alignment", "voice_strip"]  # fmt: skip


def actor_timeline(mentions: pd.DataFrame, article: Article) -> Figure:
    """Where each actor appears along the article: a mark per sentence, larger for more mentions.

    Actors stand in the order of their first mention; colour and shape tell their kind. Of more than 40
    actors, those mentioned most are drawn.
    """
    totals = mentions["actor"].value_counts()
    hidden = max(len(totals) - MOST, 0)
    mentions = mentions[mentions["actor"].isin(totals.head(MOST).index)]
    actors = list(mentions.sort_values("start")["actor"].unique())
    counts = mentions.groupby(["actor", "kind", "sentence"], as_index=False).size()
    title = "Nobody appears"
    if actors:
        reach = mentions.groupby("actor")["sentence"].nunique()
        top = sorted(reach.index[reach == reach.max()])
        who = listed([articled(name) for name in top[:3]])
        title = f"Named most: {who}, in {reach.max()} of {counted(len(article.sentences), 'sentence')}"
    figure, ax = new_figure(title, 1.6 + 0.36 * max(len(actors), 2))
    if not actors:
        say_empty(ax, "no actor was found")
        return figure
    for kind, rows in counts.groupby("kind"):
        colour, marker = KINDS.get(kind, (QUIET, "o"))
        ax.scatter(
            rows["sentence"],
            rows["actor"].map(actors.index),
            s=45 * rows["size"],
            color=colour,
            marker=marker,
            zorder=3,
            edgecolor="white",
        )
    for row in counts[counts["size"] > 1].itertuples():
        ax.annotate(
            f"×{row.size}",
            (row.sentence, actors.index(row.actor)),
            xytext=(8, 4),
            textcoords="offset points",
            fontsize=7,
        )
    ax.set_yticks(range(len(actors)), [wrapped(f"{name} ({totals[name]})", 34) for name in actors])
    ax.set_ylim(len(actors) - 0.4, -0.6)
    ax.set_ylabel("actor (number of mentions)" + (f"; {hidden} more are not drawn" if hidden else ""))
    along_sentences(ax, len(article.sentences))
    shown = [kind for kind in KINDS if kind in set(counts["kind"])]
    add_key(figure, [Line2D([], [], color=KINDS[k][0], marker=KINDS[k][1], ls="", label=k) for k in shown])
    most = [f"{name} ({totals[name]})" for name in sorted(actors, key=lambda a: (-totals[a], a))[:3]]
    figure.set_label(
        f"Timeline of {len(actors)} actors over {len(article.sentences)} sentences"
        f"{f' ({hidden} more are not drawn)' if hidden else ''}. "
        f"Mentioned most: {listed(most)}."
    )
    return figure


def voice_strip(voices: pd.DataFrame, article: Article, most: int = 12) -> Figure:
    """Who speaks along the text: the writer, and below, in order of appearance, those quoted and reported."""
    spoken = voices.assign(name=voices["speaker"].replace("", "speaker not found"))
    spoken["words"] = spoken["text"].str.split().map(len)
    who = [name for name in dict.fromkeys(["author", *spoken["name"]]) if (spoken["name"] == name).any()]
    words = spoken.groupby("name")["words"].sum()
    kept = [name for name in who if name in set(words.nlargest(most).index)]
    title = "There are no words"
    if kept:
        title = f"{words.get('author', 0) / max(words.sum(), 1):.0%} of the words are the writer’s own"
        others = words.drop(["author", "speaker not found"], errors="ignore")
        if len(others):
            title += f"; of the others, {articled(others.sort_index().idxmax())} got most"
    figure, ax = new_figure(title, 1.7 + 0.34 * max(len(kept), 2))
    if not kept:
        say_empty(ax, "there are no words")
        return figure
    for voice, (colour, hatch, _) in VOICES.items():
        rows = spoken[(spoken["voice"] == voice) & spoken["name"].isin(kept)]
        ax.barh(rows["name"].map(kept.index), rows["end"] - rows["start"], left=rows["start"], height=0.7, color=colour,
                hatch=hatch, edgecolor="white", linewidth=0.6, zorder=2)  # fmt: skip
    step = max(1, len(article.sentences) // 20)
    starts = article.sentences.iloc[::step]
    ax.set_xticks(starts["start"], [str(number) for number in starts["sentence"]])
    ax.set_xlim(0, len(article.text))
    ax.set_xlabel("sentence, where it begins in the text")
    ax.set_yticks(range(len(kept)), [wrapped(named(name), 30) for name in kept])
    ax.set_ylim(len(kept) - 0.4, -0.6)
    ax.grid(visible=False, axis="y")
    add_key(figure, [Patch(facecolor=colour, hatch=hatch, edgecolor="white", label=label)
                     for colour, hatch, label in VOICES.values()])  # fmt: skip
    said = [f"{named(name)} {words[name]} words" for name in kept]
    figure.set_label(f"{title}. {listed(said)}.")
    return figure


def summary_alignment(summary: Summary, article: Article) -> Figure:
    """Each summary sentence against the article sentences that it rests on.

    A filled mark is the best evidence, darker for more support (printed at the right, 0 to 1); hollow marks
    are further evidence. A sentence that the article does not support has a cross and a shaded row.
    """
    rows = summary.sentences.sort_values("position").reset_index(drop=True)
    labels = [textwrap.fill(str(text), 56) for text in rows["text"]]
    lines = sum(label.count("\n") + 1 for label in labels)
    used = {int(number) for numbers in rows["evidence"] for number in numbers}
    title = f"The summary rests on {len(used)} of {counted(len(article.sentences), 'sentence')} of the article"
    figure, ax = new_figure(title, 1.8 + 0.15 * lines + 0.12 * len(rows))
    shade = mpl.colormaps["Blues"]
    for row in rows.itertuples():
        evidence = [int(number) for number in row.evidence]
        if not row.supported:
            ax.axhspan(
                row.Index - 0.45, row.Index + 0.45, facecolor="#fbe3d6", hatch="...", edgecolor="white"
            )
        if evidence:
            ax.plot([0.3, evidence[0]], [row.Index] * 2, color=FAVOR if row.supported else AGAINST, lw=0.8)
            ax.scatter(
                evidence[1:],
                [row.Index] * len(evidence[1:]),
                s=35,
                facecolor="white",
                edgecolor=QUIET,
                zorder=3,
            )
            colour, mark = (shade(0.25 + 0.75 * row.support), "o") if row.supported else (AGAINST, "X")
            ax.scatter(evidence[:1], [row.Index], s=85, zorder=4, color=colour, marker=mark)
        verdict = f"{row.support:.2f}" if row.supported else f"{row.support:.2f} unsupported"
        text = ax.text(1.01, row.Index, verdict, transform=ax.get_yaxis_transform(), va="center", fontsize=8)
        if not row.supported:
            text.set(color=AGAINST, weight="bold")
    along_sentences(ax, len(article.sentences))
    ax.set_xlabel("sentence of the article")
    ax.set_yticks(range(len(rows)), [label.replace("$", r"\$") for label in labels], fontsize=7.5)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_ylabel("summary sentence")
    ax.text(1.01, 1.01, "support", transform=ax.transAxes, fontsize=8, va="bottom")
    add_key(
        figure,
        [
            Line2D([], [], marker="o", ls="", color=shade(0.9), label="best evidence (darker: more support)"),
            Line2D([], [], marker="o", ls="", markerfacecolor="white", color=QUIET, label="further evidence"),
            Line2D([], [], marker="X", ls="", color=AGAINST, label="closest, but no support"),
        ],
    )
    figure.set_label(
        f"The {summary.method} summary has {len(rows)} sentences; the article supports "
        f"{int(rows['supported'].sum())} of them."
    )
    return figure


def centrality_bars(central: pd.DataFrame) -> Figure:
    """How central each sentence is to the article.

    ``central`` has the columns `sentence` and `centrality`; the three most central are dark.
    """
    central = central.sort_values("sentence")
    top = set(central.sort_values(["centrality", "sentence"], ascending=[False, True])["sentence"].head(3))
    title = f"Most central: {'sentence' if len(top) == 1 else 'sentences'} {listed([str(s) for s in sorted(top)])}"
    figure, ax = new_figure(title, 3.2)
    colours = [FAVOR if sentence in top else "#A6CBE3" for sentence in central["sentence"]]
    ax.bar(central["sentence"], central["centrality"], color=colours, zorder=2)
    along_sentences(ax, central["sentence"].max())
    ax.grid(visible=False, axis="x")
    ax.set_ylabel("centrality")
    figure.set_label(
        f"Bars of the centrality of {len(central)} sentences. Most central: sentences "
        f"{listed([str(s) for s in sorted(top)])}."
    )
    return figure
