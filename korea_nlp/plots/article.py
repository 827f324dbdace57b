"""Figures along an article, sentence by sentence: actors, voices, stances and deeds, and what a summary rests on."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from korea_nlp.plots import figures
from korea_nlp.plots.figures import AGAINST, FAVOR, QUIET, UNFOUND, empty_figure, listed, named, new_figure, wrapped
from korea_nlp.prose.events import PLACE
from korea_nlp.prose.markup import articled, be, counted
from korea_nlp.stance import SIDES

if TYPE_CHECKING:
    from korea_nlp.article import Article
    from korea_nlp.summary import Summary

KINDS, QUADS, VOICES, EVIDENCE = (figures.LOOK[name] for name in ("actors", "events", "voices", "evidence"))
MOST_SPEAKERS = 12
MOST_SENTENCES = 60  # whose opening words are written beside a figure


def actor_timeline(mentions: pd.DataFrame, article: Article) -> Figure:
    """Where each actor appears along the article: a mark per sentence, larger for more mentions.

    Actors stand in the order of their first mention; colour and shape tell their kind. Sentences in which no actor
    was found are grey. Of more than 40 actors, those mentioned most are drawn.
    """
    if mentions.empty:
        return empty_figure("Nobody appears", 2.32, "no actor was found")
    number, totals = len(article.sentences), mentions["actor"].value_counts()
    drawn = mentions[mentions["actor"].isin(totals.index[: figures.MOST])].sort_values("start")
    actors = list(drawn["actor"].unique())
    reach = drawn.groupby("actor")["sentence"].nunique()
    top = listed([articled(name) for name in reach.index[reach == reach.max()][:3]])
    title = f"Named most: {top}, in {reach.max()} of {counted(number, 'sentence')}"
    figure, ax = new_figure(title, 1.6 + 0.36 * max(len(actors), 2))
    counts = drawn.groupby(["actor", "kind", "sentence"], as_index=False).size()
    counts["place"] = counts["actor"].map(actors.index)
    for kind, rows in counts.groupby("kind"):
        style = KINDS.get(kind, {"color": QUIET})
        ax.scatter(rows["sentence"], rows["place"], s=45 * rows["size"], edgecolor="white", zorder=3, **style)
    for row in counts[counts["size"] > 1].itertuples():
        ax.annotate(f"×{row.size}", (row.sentence, row.place), (8, 4), textcoords="offset points", fontsize=7)
    figures.add_rows(ax, [wrapped(f"{name} ({totals[name]})", 34) for name in actors], 0.6)
    undrawn = f"{len(totals) - len(actors)} more are not drawn" if len(totals) > len(actors) else ""
    ax.set_ylabel("actor (number of mentions)" + f"; {undrawn}" * bool(undrawn))
    figures.along_sentences(ax, number)
    key = figures.marks(KINDS, counts["kind"])
    if silent := sorted(set(article.sentences["sentence"]) - set(mentions["sentence"])):
        ax.bar(silent, 1, width=1, transform=ax.get_xaxis_transform(), color="#EEEEEE", zorder=0)
        key.append(Patch(facecolor="#EEEEEE", label="no actor was found"))
    figures.add_key(figure, key)
    foremost = sorted(totals.index[totals >= totals.iloc[:3].min()], key=lambda name: (-totals[name], name))
    most = listed([f"{name} ({totals[name]})" for name in foremost], most=8)
    extent = f"{len(actors)} actors over {number} sentences" + f" ({undrawn})" * bool(undrawn)
    figure.set_label(f"Timeline of {extent}. Mentioned most: {most}.")
    return figure


def voice_strip(voices: pd.DataFrame, article: Article) -> Figure:
    """Who speaks along the text: the writer, and below, in order of appearance, those quoted and reported.

    Of more than 12, those with most words are drawn.
    """
    if voices.empty:
        return empty_figure("There are no words", 2.38, "there are no words")
    spoken = voices.assign(name=voices["speaker"].replace("", UNFOUND), words=voices["text"].str.split().map(len))
    words = spoken.groupby("name")["words"].sum()
    kept = [name for name in spoken["name"].unique() if name in words.nlargest(MOST_SPEAKERS).index]
    kept.sort(key=lambda name: name != "author")
    title = f"{words.get('author', 0) / max(words.sum(), 1):.0%} of the words stand in the writer’s own voice"
    others = words.drop(["author", UNFOUND], errors="ignore")
    if len(others):
        title += f"; of the others, {articled(others.idxmax())} {be(others.idxmax(), 'has', 'have')} the most"
    figure, ax = new_figure(title, 1.7 + 0.34 * max(len(kept), 2))
    for voice, (colour, hatch, _) in VOICES.items():
        rows = spoken[(spoken["voice"] == voice) & spoken["name"].isin(kept)]
        width = (rows["end"] - rows["start"]).clip(lower=len(article.text) / 130 if voice != "author" else 0)
        ax.barh(rows["name"].map(kept.index), width, left=rows["end"] - width, height=0.7, color=colour,
                hatch=hatch, edgecolor="white", linewidth=0.6, zorder=3 if voice == "quote" else 2)  # fmt: skip
    shown = article.sentences.iloc[:: max(1, len(article.sentences) // 20)]
    ax.set_xticks((shown["start"] + shown["end"]) / 2, shown["sentence"].astype(str))
    ax.set_xticks(article.sentences["start"], minor=True)
    ax.grid(visible=False)
    ax.grid(visible=True, axis="x", which="minor")
    ax.set(xlim=(0, len(article.text)), xlabel="sentence number (a line marks where one ends)")
    figures.add_rows(ax, [wrapped(named(name), 30) for name in kept], 0.6)
    figures.add_key(figure, [Patch(facecolor=colour, hatch=hatch, edgecolor="white", label=label)
                             for colour, hatch, label in VOICES.values()])  # fmt: skip
    figure.set_label(f"{title}. {listed([f'{named(name)} {words[name]} words' for name in kept])}.")
    return figure


def article_arc(stance: pd.DataFrame, events: pd.DataFrame, article: Article) -> Figure:
    """Stances and deeds sentence by sentence, the opening words beside them.

    Bars count the stances of each sentence, those against to the left of the line, those for to the right. A mark
    stands for each deed, at its score (-10 to 10, the scale at the top).
    """
    sided = stance[stance["stance"].isin(SIDES)]
    told = events.drop_duplicates(PLACE)
    sentences = article.sentences
    height = min(1.6 + 0.38 * max(len(sentences), 3), 18)
    if sided.empty and told.empty:
        title = "The machine reads no stance and no deed"
        return empty_figure(title, height, "no stance was found", "no event was found")
    against, favor = ((sided["stance"] == side).sum() for side in ("against", "favor"))
    hostile, friendly = (told["quad"].astype("str").str.endswith(kind).sum() for kind in ("conflict", "cooperation"))
    title = f"The machine finds {counted(against + favor, 'stance')} ({against} against, {favor} for) "
    title += f"and {counted(hostile + friendly, 'deed')} ({hostile} hostile, {friendly} friendly)"
    figure, bars = new_figure(title, height)
    marks = bars.twiny()
    places = pd.Series(range(len(sentences)), index=sentences["sentence"])
    reach = 1
    for side, sign in (("favor", 1), ("against", -1)):
        counts = sided.loc[sided["stance"] == side, "sentence"].value_counts()
        reach = max([reach, *counts])
        bars.barh(places[counts.index], sign * counts, height=0.7, alpha=0.5, edgecolor="white", zorder=2,
                  **figures.BARS[side])  # fmt: skip
    bars.set(
        xlim=(-reach - 0.4, reach + 0.4), xlabel="bars use this scale: number of stances against (left), for (right)"
    )
    bars.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True))
    bars.xaxis.set_major_formatter(lambda value, _: f"{abs(value):.0f}")
    size = told.groupby("sentence")["start"].transform("size")
    beside = (told.groupby("sentence").cumcount() - (size - 1) / 2) * (0.7 / (size - 1).clip(lower=2.5))
    for quad, style in QUADS.items():
        rows = told[told["quad"] == quad]
        heights = places[rows["sentence"]].to_numpy() + beside[rows.index]
        marks.scatter(rows["intensity"], heights, s=52, edgecolor="white", zorder=3, **style)
    marks.set(
        xlim=(-10.5, 10.5), xlabel="squares and triangles use this scale: deeds from hostile (−10) to friendly (10)"
    )
    marks.set_xticks([-10, -5, 0, 5, 10], ["−10", "−5", "0", "5", "10"])
    marks.grid(visible=False)
    bars.axvline(0, color="black", lw=0.8, zorder=4)
    bars.set_ylim(len(sentences) - 0.4, -0.6)
    if len(sentences) <= MOST_SENTENCES:
        opening = [f"{row.sentence}  {' '.join(row.text.split()[:5])} …" for row in sentences.itertuples()]
        bars.set_yticks(places, [wrapped(words, 60) for words in opening], fontsize=7.5)
    figures.add_key(figure, figures.marks(QUADS, told["quad"]))
    found = f"{against} stances against and {favor} for, {len(told)} deed{'s' * (len(told) != 1)}"
    figure.set_label(f"Stances and deeds along {len(sentences)} sentences: {found}.")
    return figure


def summary_alignment(summary: Summary, article: Article) -> Figure:
    """Each summary sentence, by its first words, against the article sentences that it rests on.

    Its support is printed at the right, 0 to 1. Filled marks are the sentences that the support was measured on,
    hollow ones further evidence. A sentence that the article does not support has a cross and a shaded row.
    """
    rows = summary.sentences.sort_values("position").reset_index(drop=True)
    texts = article.sentences.set_index("sentence")["text"]
    used = rows["evidence"].explode().nunique()
    title = f"The summary rests on {used} of {counted(len(texts), 'sentence')} of the article"
    figure, ax = new_figure(title, 1.6 + 0.36 * max(len(rows), 2))
    shown = set()
    for row in rows.itertuples():
        if not row.supported:
            ax.axhspan(row.Index - 0.45, row.Index + 0.45, facecolor="#fbe3d6", hatch="...", edgecolor="white")
        if row.evidence:
            ax.plot([min(row.evidence), max(row.evidence)], [row.Index] * 2, color=QUIET, lw=1, zorder=2)
        for number in row.evidence:
            kind = "rests on this sentence" if row.supported else "closest, but no support"
            if number != row.evidence[0] and texts[number] not in row.evidence_text:
                kind = "further evidence"
            ax.plot(number, row.Index, ls="", zorder=3, **EVIDENCE[kind])
            shown.add(kind)
        verdict, style = f"{row.support:.2f}", {}
        if not row.supported:
            verdict, style = f"{verdict} unsupported", {"color": AGAINST, "weight": "bold"}
        ax.text(1.01, row.Index, verdict, transform=ax.get_yaxis_transform(), va="center", fontsize=8, **style)
    figures.along_sentences(ax, len(texts))
    ax.set(xlabel="sentence of the article", ylabel="summary sentence")
    begins = [textwrap.shorten(text, 58, placeholder=" …").replace("$", r"\$") for text in rows["text"]]
    figures.add_rows(ax, [f"{number} {words}" for number, words in enumerate(begins, 1)], fontsize=8)
    ax.text(1.01, 1.01, "support", transform=ax.transAxes, fontsize=8, va="bottom")
    figures.add_key(figure, figures.marks(EVIDENCE, shown))
    held = f"{len(rows)} sentences; the check finds support for {int(rows['supported'].sum())} of them"
    figure.set_label(f"The {summary.method} summary has {held}.")
    return figure


def salience_bars(salience: pd.DataFrame, summary: Summary) -> Figure:
    """How salient each sentence is, and which of them a summary has chosen.

    ``salience`` has the columns `sentence` and `salience`; the sentences of the summary are dark.
    """
    chosen = sorted(summary.sentences["evidence"].explode().unique())
    order = salience.sort_values(["salience", "sentence"], ascending=[False, True])["sentence"]
    top = order.head(len(chosen)).isin(chosen).sum()
    title = f"{top or 'None'} of the {counted(len(chosen), 'chosen sentence')} "
    title += f"{'is' if top < 2 else 'are'} among the {len(chosen)} with the highest salience"
    figure, ax = new_figure(title, 3.2)
    dark = salience["sentence"].isin(chosen)
    for label, colour, hatch, rows in (
        ("chosen for the summary", FAVOR, "", salience[dark]), ("not chosen", "#A6CBE3", "///", salience[~dark]),
    ):  # fmt: skip
        if len(rows):
            ax.bar(rows["sentence"], rows["salience"], color=colour, hatch=hatch, edgecolor="white", label=label,
                   zorder=2)  # fmt: skip
    figures.along_sentences(ax, salience["sentence"].max())
    ax.grid(visible=False, axis="x")
    ax.set_ylabel("salience: how probable it is\nthat a reader chooses it")
    figures.add_key(figure)
    figure.set_label(f"Bars of the salience of {len(salience)} sentences. Chosen: {listed(chosen)}. {title}.")
    return figure
