"""Figures: who appears where, who stands where toward whom, and what a summary rests on.

Each figure's title says the one thing to see in it, and its label (``figure.get_label()``) describes it, both in
words computed from the data. Sentences bear the numbers that they have in the tables.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

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

    Actors stand in the order of their first mention; colour and shape tell their kind. Sentences in which no actor
    was found are grey. Of more than 40 actors, those mentioned most are drawn.
    """
    totals, named_in = mentions["actor"].value_counts(), set(mentions["sentence"])
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
    key: list = [Line2D([], [], color=KINDS[k][0], marker=KINDS[k][1], ls="", label=k) for k in shown]
    if silent := sorted(set(article.sentences["sentence"]) - named_in):
        ax.bar(silent, 1, width=1, transform=ax.get_xaxis_transform(), color="#EEEEEE", zorder=0)
        key.append(Patch(facecolor="#EEEEEE", label="no actor was found"))
    add_key(figure, key)
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
        width = (rows["end"] - rows["start"]).clip(lower=len(article.text) / 130 if voice != "author" else 0)
        ax.barh(rows["name"].map(kept.index), width, left=rows["end"] - width, height=0.7, color=colour,
                hatch=hatch, edgecolor="white", linewidth=0.6, zorder=3 if voice == "quote" else 2)  # fmt: skip
    step = max(1, len(article.sentences) // 20)
    shown = article.sentences.iloc[::step]
    ax.set_xticks((shown["start"] + shown["end"]) / 2, [str(number) for number in shown["sentence"]])
    ax.set_xticks(article.sentences["start"], minor=True)
    ax.grid(visible=False, axis="x")
    ax.grid(visible=True, axis="x", which="minor")
    ax.set_xlim(0, len(article.text))
    ax.set_xlabel("sentence (lines stand between two)")
    ax.set_yticks(range(len(kept)), [wrapped(named(name), 30) for name in kept])
    ax.set_ylim(len(kept) - 0.4, -0.6)
    ax.grid(visible=False, axis="y")
    add_key(figure, [Patch(facecolor=colour, hatch=hatch, edgecolor="white", label=label)
                     for colour, hatch, label in VOICES.values()])  # fmt: skip
    said = [f"{named(name)} {words[name]} words" for name in kept]
    figure.set_label(f"{title}. {listed(said)}.")
    return figure


def summary_alignment(summary: Summary, article: Article) -> Figure:
    """Each summary sentence, by its first words, against the article sentences that it rests on.

    Its support is printed at the right, 0 to 1. Filled marks are the sentences that the support was measured on,
    hollow ones further evidence. A sentence that the article does not support has a cross and a shaded row.
    """
    rows = summary.sentences.sort_values("position").reset_index(drop=True)
    labels = [textwrap.shorten(str(text), 58, placeholder=" …") for text in rows["text"]]
    texts = article.sentences.set_index("sentence")["text"]
    used = {int(number) for numbers in rows["evidence"] for number in numbers}
    title = f"The summary rests on {len(used)} of {counted(len(article.sentences), 'sentence')} of the article"
    figure, ax = new_figure(title, 1.6 + 0.36 * max(len(rows), 2))
    marks: dict[str, dict] = {
        "rests on this sentence": {"marker": "o", "color": FAVOR, "markersize": 9},
        "further evidence": {"marker": "o", "color": QUIET, "markerfacecolor": "white", "markersize": 7},
        "closest, but no support": {"marker": "X", "color": AGAINST, "markersize": 9},
    }
    shown = set()
    for row in rows.itertuples():
        evidence = [int(number) for number in row.evidence]
        if not row.supported:
            ax.axhspan(row.Index - 0.45, row.Index + 0.45, facecolor="#fbe3d6", hatch="...", edgecolor="white")
        if evidence:
            ax.plot([min(evidence), max(evidence)], [row.Index] * 2, color=QUIET, lw=1, zorder=2)
        for rank, number in enumerate(evidence):
            rests = rank == 0 or texts[number] in row.evidence_text
            kind = list(marks)[(0 if row.supported else 2) if rests else 1]
            ax.plot(number, row.Index, ls="", zorder=3, **marks[kind])
            shown.add(kind)
        verdict = f"{row.support:.2f}" if row.supported else f"{row.support:.2f} unsupported"
        text = ax.text(1.01, row.Index, verdict, transform=ax.get_yaxis_transform(), va="center", fontsize=8)
        if not row.supported:
            text.set(color=AGAINST, weight="bold")
    along_sentences(ax, len(article.sentences))
    ax.set_xlabel("sentence of the article")
    said = [f"{n} {label}".replace("$", r"\$") for n, label in enumerate(labels, 1)]
    ax.set_yticks(range(len(rows)), said, fontsize=8)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_ylabel("summary sentence")
    ax.text(1.01, 1.01, "support", transform=ax.transAxes, fontsize=8, va="bottom")
    add_key(figure, [Line2D([], [], ls="", label=kind, **mark) for kind, mark in marks.items() if kind in shown])
    figure.set_label(
        f"The {summary.method} summary has {len(rows)} sentences; the article supports "
        f"{int(rows['supported'].sum())} of them."
    )
    return figure


def centrality_bars(central: pd.DataFrame, summary: Summary) -> Figure:
    """How central each sentence is to the article, and which of them a summary has chosen.

    ``central`` has the columns `sentence` and `centrality`; the sentences of the summary are dark.
    """
    central = central.sort_values("sentence")
    chosen = {int(number) for numbers in summary.sentences["evidence"] for number in numbers}
    order = central.sort_values(["centrality", "sentence"], ascending=[False, True])["sentence"]
    top = sorted(chosen & set(order.head(len(chosen))))
    title = f"Of the {counted(len(chosen), 'most central sentence')}, {len(top) or 'none'} "
    title += f"{'is' if len(top) < 2 else 'are'} chosen"
    figure, ax = new_figure(title, 3.2)
    for label, colour, hatch, rows in (
        ("chosen for the summary", FAVOR, "", central[central["sentence"].isin(chosen)]),
        ("not chosen", "#A6CBE3", "///", central[~central["sentence"].isin(chosen)]),
    ):
        if len(rows):
            ax.bar(rows["sentence"], rows["centrality"], color=colour, hatch=hatch, edgecolor="white", label=label,
                   zorder=2)  # fmt: skip
    along_sentences(ax, central["sentence"].max())
    ax.grid(visible=False, axis="x")
    ax.set_ylabel("closeness in meaning to the\nother sentences, on average")
    add_key(figure, ax.get_legend_handles_labels()[0])
    said = listed([str(number) for number in sorted(chosen)])
    figure.set_label(f"Bars of the centrality of {len(central)} sentences. Chosen: {said}. {title}.")
    return figure
