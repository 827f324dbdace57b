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
from matplotlib.ticker import MaxNLocator

from korea_nlp.plots.figures import (
    AGAINST,
    FAVOR,
    MOST,
    QUADS,
    add_key,
    counted,
    lean,
    named,
    new_figure,
    say_empty,
    wrapped,
)
from korea_nlp.prose.caution import corrected
from korea_nlp.prose.markup import STANCES
from korea_nlp.stance import AUTHOR, SIDES
from korea_nlp.weights import ASSETS

if TYPE_CHECKING:
    from korea_nlp.article import Article

COLOURS = mpl.colors.LinearSegmentedColormap.from_list("sides", [AGAINST, "white", FAVOR])
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


def _tally(stance_article: pd.DataFrame) -> str:
    """How many stances there are, in words."""
    counts = stance_article["stance"].value_counts()
    kinds = [kind for kind in ("against", "favor", "unclear") if kind in counts]
    return f"Stances that the machine reads: {', '.join(f'{counts[kind]} {STANCES[kind]}' for kind in kinds) or 'none'}"


def stance_heatmap(
    stance_article: pd.DataFrame, stance: pd.DataFrame | None = None, disputed: pd.DataFrame | None = None
) -> Figure:
    """Holder by target: who is against (orange-red) and for (blue), the surer the darker.

    Rows and columns are sorted by camp, the writer last. Each cell says the stance, its probability, and the sentences
    that it rests on (all that are not `none` in ``stance``; without it, the strongest alone), and, where all readers of
    ``disputed`` (`agreement.readers.disputes`) say something else, what they say. Names for whom every pair is `none`
    are left out and counted; of more than 40 holders or targets, 40 are drawn.
    """
    sided = stance_article[stance_article["stance"] != "none"]
    readers = {} if disputed is None else corrected(disputed)
    rank = {name: place for place, name in enumerate(bloc_order(stance_article).index)}
    holders, targets = (
        sorted(list(sided[role].drop_duplicates())[:MOST], key=lambda name: (name == AUTHOR, rank.get(name, len(rank))))
        for role in ("holder", "target")
    )
    figure, ax = new_figure(_tally(sided), 1.7 + 0.62 * max(len(holders), 2))
    if sided.empty:
        say_empty(ax, "no stance was found")
        return figure
    shown = stance_article[stance_article["holder"].isin(holders) & stance_article["target"].isin(targets)]
    shown = shown.assign(lean=lean(shown))
    scores = shown.pivot(index="holder", columns="target", values="lean").reindex(holders, columns=targets)
    words = pd.DataFrame("", index=holders, columns=targets, dtype=object)
    for row in shown.itertuples():
        lines = [STANCES[row.stance] + (f" {row.probability:.2f}" if row.stance in SIDES else "")]
        if row.stance != "none":
            numbers = _evidence((row.holder, row.target), row.evidence, stance)
            lines.append(textwrap.fill(f"in {numbers}", 14))
        if theirs := readers.get((row.holder, row.target)):
            lines.append(f"readers: {STANCES[theirs]}")
        words.loc[row.holder, row.target] = "\n".join(lines)
    sns.heatmap(
        scores.clip(-1, 1).astype(float), annot=words, fmt="", cmap=COLOURS, vmin=-1, vmax=1, ax=ax, cbar=False,
        linewidths=1, linecolor="white", annot_kws={"fontsize": 7.5 if len(targets) < 11 else 6},
    )  # fmt: skip
    for row in shown[shown["stance"].isin(["none", "unclear"])].itertuples():
        place = targets.index(row.target), holders.index(row.holder)
        hatch = ".." if row.stance == "unclear" else ""
        ax.add_patch(mpl.patches.Rectangle(place, 1, 1, facecolor="#eeeeee", edgecolor="white", hatch=hatch))
    for text in ax.texts:
        column, row = (int(place) for place in text.get_position())
        text.set(color="white" if scores.iloc[row, column] > 0.85 else "#111111", zorder=5)
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
    note = "Orange: against. Blue: for. Beside the word its probability, below it the sentences that it rests on."
    note += " Blank: no sentence speaks of both."
    if any((row.holder, row.target) in readers for row in shown.itertuples()):
        note += "\n“readers”: what all readers of the article say instead."
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


def stance_mirror(stance_article: pd.DataFrame, disputed: pd.DataFrame | None = None, most: int = 12) -> Figure:
    """Two actors, the one's stance toward the other, and below it the other's toward the one.

    Pairs that take a side in one direction at least, the surest first; bars are as long as the probability. Where all
    readers of ``disputed`` say something else, it says what they say.
    """
    found = {(row.holder, row.target): row for row in stance_article.itertuples()}
    readers = {} if disputed is None else corrected(disputed)
    sided = stance_article[stance_article["stance"].isin(SIDES)]
    both = [
        (row.holder, row.target) for row in sided.itertuples()
        if (row.target, row.holder) in found
        and (found[row.target, row.holder].stance not in SIDES or row.holder < row.target)
    ]  # fmt: skip
    returned = sum(found[target, holder].stance in SIDES for holder, target in both)
    of = f"{returned or 'none'} of {counted(len(both), 'pair')}"
    title = f"In {of} of actors, the machine reads that each is for or against the other"
    title = title if both else "The machine reads no stance between two actors"
    figure, ax = new_figure(title, 1.3 + 0.62 * max(len(both[:most]), 2))
    if not both:
        say_empty(ax, "no stance between two actors was found")
        return figure
    places, names = [], []
    for place, (one, other) in enumerate(both[:most]):
        for below, row in ((0.0, found[one, other]), (0.38, found[other, one])):
            places.append(place + below)
            names.append(wrapped(f"{named(row.holder)} on {named(row.target)}", 60))
            if row.stance in SIDES:
                colour, hatch = (FAVOR, "") if row.stance == "favor" else (AGAINST, "///")
                ax.barh(places[-1], row.probability, color=colour, hatch=hatch, edgecolor="white", height=0.34)
            said = STANCES[row.stance] + (f" {row.probability:.2f}" if row.stance in SIDES else "")
            if theirs := readers.get((row.holder, row.target)):
                said += f" (all readers: {STANCES[theirs]})"
            end = row.probability if row.stance in SIDES else 0
            ax.text(end + 0.01, places[-1], said, va="center", fontsize=8)
    ax.set_xlim(0, 1.5)
    ax.set_ylim(len(both[:most]) - 0.3, -0.4)
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1])
    ax.set_xlabel("probability")
    ax.set_yticks(places, names)
    ax.grid(visible=False, axis="y")
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

    The left panel counts the stances of each sentence, those against to the left of the line, those for to the right.
    The right panel has a mark for each deed, at its score (-10 to 10).
    """
    sided = stance[stance["stance"].isin(SIDES)]
    told = events.drop_duplicates(["sentence", "start", "end", "category"])
    sentences = article.sentences
    places = pd.Series(range(len(sentences)), index=sentences["sentence"])
    counts = sided["stance"].value_counts()
    which = told["quad"].astype("str").str.split().str[-1].value_counts()
    title = (
        f"The machine reads stances, {counts.get('against', 0)} against and {counts.get('favor', 0)} for, "
        f"and deeds, {which.get('conflict', 0)} hostile and {which.get('cooperation', 0)} friendly"
    )
    title = "The machine reads no stance and no deed" if sided.empty and told.empty else title
    figure, (left, right) = new_figure(title, min(1.6 + 0.38 * max(len(sentences), 3), 18), 2)
    if sided.empty and told.empty:
        say_empty(left, "no stance was found")
        say_empty(right, "no event was found")
        return figure
    reach = 1
    for side, sign, colour, hatch in (("favor", 1, FAVOR, ""), ("against", -1, AGAINST, "///")):
        bars = sided.loc[sided["stance"] == side, "sentence"].value_counts()
        reach = max(reach, *bars)
        left.barh(places[bars.index], sign * bars, height=0.6, color=colour, hatch=hatch, edgecolor="white", zorder=2)
    left.set_xlim(-reach - 0.4, reach + 0.4)
    left.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True))
    left.xaxis.set_major_formatter(lambda value, _: f"{abs(value):.0f}")
    left.set_xlabel("stances against  |  stances for")
    size = told.groupby("sentence")["start"].transform("size")
    beside = (told.groupby("sentence").cumcount() - (size - 1) / 2) * (0.7 / (size - 1).clip(lower=2.5))
    for quad, (colour, marker) in QUADS.items():
        rows = told[told["quad"] == quad]
        height = places[rows["sentence"]].to_numpy() + beside[rows.index]
        right.scatter(rows["intensity"], height, color=colour, marker=marker, s=42, edgecolor="white", zorder=3)
    right.set_xlim(-10.5, 10.5)
    right.set_xticks([-10, -5, 0, 5, 10], ["−10", "−5", "0", "5", "10"])
    right.set_xlabel("score of each deed:  conflict  |  cooperation")
    for ax in (left, right):
        ax.axvline(0, color="black", lw=0.8, zorder=4)
    left.set_ylim(len(sentences) - 0.4, -0.6)
    if len(sentences) <= ROWS:
        opening = [f"{row.sentence}  {' '.join(row.text.split()[:5])} …" for row in sentences.itertuples()]
        left.set_yticks(places, [wrapped(words, 60) for words in opening], fontsize=7.5)
    quads = [quad for quad in QUADS if quad in set(told["quad"])]
    add_key(figure, [Line2D([], [], color=QUADS[q][0], marker=QUADS[q][1], ls="", label=q) for q in quads])
    figure.set_label(
        f"Stances and deeds along {len(sentences)} sentences: {counts.get('against', 0)} stances against and "
        f"{counts.get('favor', 0)} for, {counted(len(told), 'deed')}."
    )
    return figure


def actor_network(
    stance_article: pd.DataFrame, issues: Iterable[str] | None = None, disputed: pd.DataFrame | None = None
) -> Figure:
    """Arrows from holder to target: blue and solid for, orange-red and dashed against.

    All stand on an ellipse, so that no arrow runs through a third: the two camps of `bloc_order` left and right, some
    of no camp and issues below. An arrow is wider the more sentences take the side; the 24 surest are drawn.

    Parameters
    ----------
    stance_article
        What `aggregate_stance` returned.
    issues
        Targets that are no actors; without this, those of ``assets/issues.toml``.
    disputed
        What `agreement.readers.disputes` found: an arrow is pale where all readers say something else.
    """
    sided = stance_article[stance_article["stance"].isin(SIDES)].head(ARROWS)
    pairs = {(row.holder, row.target) for row in sided.itertuples()}
    doubted = set() if disputed is None else pairs & {*corrected(disputed)}
    camps = bloc_order(sided)
    known = tomllib.loads((ASSETS / "issues.toml").read_text(encoding="utf-8")) if issues is None else issues
    issues = [name for name in camps.index if name in set(known)]
    sides = [[n for n in camps.index if n not in issues and abs(camps[n]) > 0.05 and (camps[n] < 0) == left]
             for left in (True, False)]  # fmt: skip
    below = [name for name in camps.index if name not in [*sides[0], *sides[1]]]
    for name in below[3:]:
        min(sides, key=len).append(name)
    below = below[:3]
    figure, ax = new_figure(_tally(sided), 2.6 + 0.55 * max(map(len, sides)))
    ax.set_axis_off()
    if sided.empty:
        say_empty(ax, "no stance was found")
        return figure
    near = {}
    for name in sides[1]:  # near those with whom it has an arrow
        near[name] = [place for place, other in enumerate(sides[0]) if {(name, other), (other, name)} & pairs]
    sides[1].sort(key=lambda name: np.mean(near[name] or [len(sides[0])]))
    places = _on_an_ellipse(*sides, below)
    ax.set(xlim=(-2.2, 2.2), ylim=(-1.3, 1))
    for row in sided.itertuples():
        colour, line = (FAVOR, "solid") if row.stance == "favor" else (AGAINST, "dashed")
        (x, y), (to_x, to_y) = start, end = places[row.holder], places[row.target]
        twice = (row.target, row.holder) in pairs and row.holder < row.target
        bend = 0.25 * (x * to_x > 0) + 0.12 * twice  # to the middle, where nobody stands
        bend *= 1 if (to_x - x) * y > (to_y - y) * x else -1
        ax.annotate("", end, start, arrowprops={
            "arrowstyle": "-|>", "mutation_scale": 14, "lw": 0.8 + 0.9 * min(row.count, 4), "color": colour, "ls": line,
            "alpha": 0.35 if (row.holder, row.target) in doubted else 1, "shrinkA": 8, "shrinkB": 8,
            "connectionstyle": f"arc3,rad={bend}",
        })  # fmt: skip
    for name, (x, y) in places.items():
        ax.scatter([x], [y], s=110, marker="s" if name in issues else "o", facecolor="white", edgecolor="#333333",
                   zorder=3)  # fmt: skip
        under = name in below
        ax.annotate(wrapped(named(name), 16 if under else 24), (x, y), (0, -9) if under else (9 if x > 0 else -9, 0),
                    textcoords="offset points", ha="center" if under else "left" if x > 0 else "right",
                    va="top" if under else "center", fontsize=9, zorder=5)  # fmt: skip
    keys = [Line2D([], [], color=FAVOR if side == "favor" else AGAINST, lw=2, ls="-" if side == "favor" else "--",
                   label=STANCES[side]) for side in ("favor", "against") if side in set(sided["stance"])]  # fmt: skip
    notes = ["Thicker: found in more sentences."] * (sided["count"].nunique() > 1)
    notes += ["Pale: all readers of the article say something else."] * bool(doubted)
    notes += ["Squares: issues."] * bool(issues)
    add_key(figure, keys, " ".join(notes))
    said = [f"{row.holder} {STANCES[row.stance]} {row.target}" for row in sided.itertuples()]
    who = counted(len(camps) - len(issues), "actor") + (f" and {counted(len(issues), 'issue')}" if issues else "")
    figure.set_label(f"Network of {who} with {counted(len(said), 'stance')}: {'; '.join(said)}.")
    return figure


def _on_an_ellipse(left: list[str], right: list[str], below: list[str]) -> dict[str, tuple[float, float]]:
    """A place for each name: left and right from top to bottom, the others along the lower edge."""
    places = {}
    for sign, names in ((-1, left), (1, right)):
        for y, name in zip(_spread(0.9, -0.7, len(names)), names, strict=True):
            places[name] = (sign * float(np.sqrt(1 - y * y)), float(y))
    for x, name in zip(_spread(-0.85, 0.85, len(below)), below, strict=True):
        places[name] = (float(x), -float(np.sqrt(1 - x * x)))
    return places


def _spread(first: float, last: float, number: int) -> np.ndarray:
    """The middles of equal parts of a stretch."""
    return first + (last - first) * (np.arange(number) + 0.5) / max(number, 1)
