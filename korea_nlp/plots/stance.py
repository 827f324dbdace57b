"""Figures of stances: who is for or against whom, as a table, in both directions, and as a network."""

from __future__ import annotations

import textwrap

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from korea_nlp.plots import figures
from korea_nlp.plots.figures import AGAINST, BARS, FAVOR, MOST, empty_figure, named, new_figure, wrapped
from korea_nlp.prose.doubts import corrected
from korea_nlp.prose.markup import STANCES, counted, numbered
from korea_nlp.reader.linker import ISSUES
from korea_nlp.stance import AUTHOR, SIDES

SHADES = mpl.colors.LinearSegmentedColormap.from_list("sides", [AGAINST, "white", FAVOR])
LINES = {"favor": {"color": FAVOR, "ls": "solid"}, "against": {"color": AGAINST, "ls": "dashed"}}
MOST_PAIRS = 12  # in a mirror
ARROWS = 24  # in a network: more cannot be told apart
BELOW = 3  # names along the lower edge of a network


def camps(stance_article: pd.DataFrame) -> pd.Series:
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
    matrix = sided.assign(signed=signed_probability(sided)).pivot_table("signed", "holder", "target", "sum")
    matrix = matrix.reindex(index=names, columns=names).fillna(0.0).to_numpy()
    first = np.linalg.eigh(matrix + matrix.T)[1][:, -1].round(6)
    first = first * (-1 if first[np.abs(first).argmax()] > 0 else 1)
    return pd.Series(first / max(np.abs(first).max(), 1e-9), index=names).sort_values(kind="stable").round(4) + 0.0


def signed_probability(stance_article: pd.DataFrame) -> pd.Series:
    """The probability of each pair's stance, less than zero where it is against; zero without a side."""
    return stance_article["probability"] * stance_article["stance"].map({"favor": 1.0, "against": -1.0}).fillna(0.0)


def tally(stance_article: pd.DataFrame) -> str:
    """How many stances there are, in words."""
    counts = stance_article["stance"].value_counts().reindex(["against", "favor", "unclear"]).dropna()
    said = [f"{number:.0f} {STANCES[kind]}" for kind, number in counts.items()]
    return f"Stances that the machine reads: {', '.join(said) or 'none'}"


def _verdict(row) -> str:
    """The stance of a pair, with its probability where it takes a side."""
    return STANCES[row.stance] + (f" {row.probability:.2f}" if row.stance in SIDES else "")


def stance_heatmap(
    stance_article: pd.DataFrame, stance: pd.DataFrame | None = None, disputed: pd.DataFrame | None = None
) -> Figure:
    """Holder by target: who is against (orange-red) and for (blue), the surer the darker.

    Rows and columns are sorted by camp, the writer last. Each cell says the stance, its probability, and the sentences
    that it rests on (all that are not `none` in ``stance``; without it, the strongest alone), and, where all readers
    say something else, what they say (``disputed`` is what `agreement.annotators.disputes` found). Names for whom every
    pair is `none` are left out and counted; of more than 40 holders or targets, 40 are drawn.
    """
    found = stance_article[stance_article["stance"] != "none"]
    if found.empty:
        return empty_figure(tally(found), 2.94, "no stance was found")
    rank = {name: place for place, name in enumerate(camps(stance_article).index)}
    holders, targets = (
        sorted(found[role].unique()[:MOST], key=lambda name: (name == AUTHOR, rank.get(name, len(rank))))
        for role in ("holder", "target")
    )
    shown = stance_article[stance_article["holder"].isin(holders) & stance_article["target"].isin(targets)]
    scores = shown.assign(signed=signed_probability(shown)).pivot(index="holder", columns="target", values="signed")
    scores = scores.reindex(holders, columns=targets)
    figure, ax = new_figure(tally(found), 1.7 + 0.62 * max(len(holders), 2))
    sns.heatmap(scores, cmap=SHADES, vmin=-1, vmax=1, ax=ax, cbar=False, xticklabels=True, yticklabels=True,
                linewidths=1, linecolor="white")  # fmt: skip
    readers, rests = corrected(disputed), {}
    if stance is not None:
        rests = stance[stance["stance"] != "none"].groupby(["holder", "target"])["sentence"].agg(list).to_dict()
    for row in shown.itertuples():
        x, y = targets.index(row.target), holders.index(row.holder)
        lines = [_verdict(row)]
        if row.stance != "none":
            lines.append(textwrap.fill(numbered(rests.get((row.holder, row.target), [row.evidence])), 18))
        if theirs := readers.get((row.holder, row.target)):
            lines.append(f"readers: {STANCES[theirs]}")
        if row.stance not in SIDES:
            hatch = ".." if row.stance == "unclear" else ""
            ax.add_patch(Rectangle((x, y), 1, 1, facecolor="#eeeeee", edgecolor="white", hatch=hatch))
        ink = "white" if scores.iloc[y, x] > 0.85 else "#111111"
        ax.text(x + 0.5, y + 0.5, "\n".join(lines), ha="center", va="center", color=ink, zorder=5,
                fontsize=7.5 if len(targets) < 11 else 6)  # fmt: skip
    ax.grid(visible=False)
    width, turn = 12, {"rotation": 0, "ha": "center"}
    if len(targets) > 7:
        width, turn = 26, {"rotation": 45, "ha": "right", "rotation_mode": "anchor"}
    ax.set_xticklabels([wrapped(named(name), width) for name in targets], fontsize=8, **turn)
    ax.set_yticklabels([wrapped(named(name), 20) for name in holders], rotation=0, fontsize=8)
    ax.set(xlabel="toward whom or what", ylabel="whose stance")
    note = "Orange: against. Blue: for. Each number is a probability; below it stand the sentences. Blank: not asked."
    if not readers.keys().isdisjoint(zip(shown["holder"], shown["target"], strict=True)):
        note += "\nWhere a square says “readers”, all who annotated the article give this answer instead."
    hidden = stance_article.drop(shown.index)
    left = hidden["stance"] == "none"
    if left.any():
        seen = sum(readers.get((row.holder, row.target)) in SIDES for row in hidden[left].itertuples())
        note += f"\nNot drawn: {left.sum()} more pairs in which the machine found no side"
        note += f"; in {seen} of them, all readers see a side." if seen else "."
    if not left.all():
        note += f"\nNot drawn for want of room: {(~left).sum()} more pairs with a stance."
    figures.add_note(figure, note)
    surest = found[found["stance"] != "unclear"].head(3)
    said = [f"{row.holder} {STANCES[row.stance]} {row.target} ({row.probability:.2f})" for row in surest.itertuples()]
    what = f"Heat map of stances, {len(holders)} holders by {len(targets)} targets, as the machine reads them."
    figure.set_label(f"{what} Surest: {'; '.join(said)}." if said else f"{what} Every stance found is unclear.")
    return figure


def stance_mirror(stance_article: pd.DataFrame, disputed: pd.DataFrame | None = None) -> Figure:
    """Two actors, the one's stance toward the other, and below it the other's toward the one.

    Twelve pairs at most that take a side in one direction at least, the surest first; bars are as long as the
    probability. Where all readers of ``disputed`` say something else, it says what they say, as in `stance_heatmap`.
    """
    found = {(row.holder, row.target): row for row in stance_article.itertuples()}
    sided = {pair for pair, row in found.items() if row.stance in SIDES}
    pairs = [
        (one, other) for one, other in found
        if (one, other) in sided and (other, one) in found and ((other, one) not in sided or one < other)
    ]  # fmt: skip
    if not pairs:
        title = "The machine reads no stance between two actors"
        return empty_figure(title, 2.54, "no stance between two actors was found")
    returned = sum(pair[::-1] in sided for pair in pairs)
    alone = len(pairs) - returned
    title = f"Two actors, asked both ways: in {counted(alone, 'case')} only one takes a side, in {returned} both do"
    pairs = pairs[:MOST_PAIRS]
    figure, ax = new_figure(title, 1.3 + 0.62 * max(len(pairs), 2))
    readers = corrected(disputed)
    places, names = [], []
    for place, pair in enumerate(pairs):
        for below, row in ((0.0, found[pair]), (0.38, found[pair[::-1]])):
            places.append(place + below)
            names.append(wrapped(f"{named(row.holder)} on {named(row.target)}", 60))
            length = 0
            if row.stance in SIDES:
                length = row.probability
                ax.barh(places[-1], length, height=0.34, edgecolor="white", **BARS[row.stance])
            said = _verdict(row)
            if theirs := readers.get((row.holder, row.target)):
                said += f" (readers: {STANCES[theirs]})"
            ax.text(length + 0.01, places[-1], said, va="center", fontsize=8)
    ax.set(xlim=(0, 1.5), ylim=(len(pairs) - 0.3, -0.4))
    ax.set(xticks=[0, 0.25, 0.5, 0.75, 1], xlabel="probability of the side")
    ax.set_yticks(places, names)
    ax.grid(visible=False, axis="y")
    stances = {pair: STANCES[row.stance] for pair, row in found.items()}
    said = [f"{one} on {other}: {stances[one, other]}, back: {stances[other, one]}" for one, other in pairs]
    figure.set_label(f"{title}. {'; '.join(said)}.")
    return figure


def actor_network(stance_article: pd.DataFrame, disputed: pd.DataFrame | None = None) -> Figure:
    """Arrows from holder to target: blue and solid for, orange-red and dashed against.

    All stand on an ellipse, so that no arrow runs through a third: the two `camps` left and right, some of no camp and
    issues (of `ISSUES`, as squares) below. An arrow is wider the more sentences take the side, and
    pale where all readers of ``disputed`` say something else, as in `stance_heatmap`; the 24 surest are drawn.
    """
    sided = stance_article[stance_article["stance"].isin(SIDES)].head(ARROWS)
    if sided.empty:
        figure = empty_figure(tally(sided), 2.6, "no stance was found")
        figure.axes[0].set_axis_off()
        return figure
    camp = camps(sided)
    issues = [name for name in camp.index if name in ISSUES]
    pairs = set(zip(sided["holder"], sided["target"], strict=True))
    doubted = pairs & {*corrected(disputed)}
    left, right, below = _around(camp, issues, pairs)
    figure, ax = new_figure(tally(sided), 2.6 + 0.55 * max(len(left), len(right)))
    ax.set_axis_off()
    ax.set(xlim=(-2.2, 2.2), ylim=(-1.3, 1))
    places = _on_an_ellipse(left, right, below)
    for row in sided.itertuples():
        pair = row.holder, row.target
        both = pair[::-1] in pairs and row.holder < row.target
        _arrow(ax, places[row.holder], places[row.target], both, {
            **LINES[row.stance], "lw": 0.8 + 0.9 * min(row.count, 4), "alpha": 0.35 if pair in doubted else 1,
        })  # fmt: skip
    for name, (x, y) in places.items():
        ax.scatter([x], [y], s=110, marker="s" if name in issues else "o", facecolor="white", edgecolor="#333333",
                   zorder=3)  # fmt: skip
        if name in below:
            width, offset, sides = 16, (0, -9), {"ha": "center", "va": "top"}
        else:
            width, offset, sides = 24, (9 if x > 0 else -9, 0), {"ha": "left" if x > 0 else "right", "va": "center"}
        ax.annotate(wrapped(named(name), width), (x, y), offset, textcoords="offset points", fontsize=9, zorder=5,
                    **sides)  # fmt: skip
    notes = ["Thicker: found in more sentences."] * (sided["count"].nunique() > 1)
    notes += ["Pale: the readers give another answer."] * bool(doubted)
    notes += ["Squares: issues."] * bool(issues)
    keys = [Line2D([], [], lw=2, label=STANCES[side], **line)
            for side, line in LINES.items() if side in set(sided["stance"])]  # fmt: skip
    figures.add_key(figure, keys, " ".join(notes))
    said = [f"{row.holder} {STANCES[row.stance]} {row.target}" for row in sided.itertuples()]
    who = counted(len(camp) - len(issues), "actor") + (f" and {counted(len(issues), 'issue')}" if issues else "")
    figure.set_label(f"Network of {who} with {counted(len(said), 'stance')}: {'; '.join(said)}.")
    return figure


def _around(camp: pd.Series, issues: list[str], pairs: set) -> tuple[list[str], list[str], list[str]]:
    """Who stands left and right, a camp on each side, and who stands below; of many below, the others move up."""
    actor = ~camp.index.isin(issues)
    left, right = (list(camp.index[actor & side]) for side in (camp < -0.05, camp > 0.05))
    below = [name for name in camp.index if name not in {*left, *right}]
    for name in below[BELOW:]:
        min(left, right, key=len).append(name)

    def height(name: str) -> float:
        """Near those on the left with whom it has an arrow."""
        near = [place for place, other in enumerate(left) if {(name, other), (other, name)} & pairs]
        return np.mean(near or [len(left)])

    return left, sorted(right, key=height), below[:BELOW]


def _arrow(ax: Axes, start: tuple, end: tuple, both: bool, style: dict) -> None:
    """An arrow that bends to the middle, where nobody stands; one of two between the same names bends more."""
    (x, y), (to_x, to_y) = start, end
    bend = 0.25 * (x * to_x > 0) + 0.12 * both
    bend *= 1 if (to_x - x) * y > (to_y - y) * x else -1
    ax.annotate("", end, start, arrowprops=style | {
        "arrowstyle": "-|>", "mutation_scale": 14, "shrinkA": 8, "shrinkB": 8, "connectionstyle": f"arc3,rad={bend}",
    })  # fmt: skip


def _on_an_ellipse(left: list[str], right: list[str], below: list[str]) -> dict[str, tuple[float, float]]:
    """A place for each name: left and right from top to bottom, the others along the lower edge."""
    places = {}
    for sign, names in ((-1, left), (1, right)):
        heights = zip(names, _spread(0.9, -0.7, len(names)), strict=True)
        places |= {name: (sign * np.sqrt(1 - y * y), y) for name, y in heights}
    widths = zip(below, _spread(-0.85, 0.85, len(below)), strict=True)
    return places | {name: (x, -np.sqrt(1 - x * x)) for name, x in widths}


def _spread(first: float, last: float, number: int) -> np.ndarray:
    """The middles of equal parts of a stretch."""
    return first + (last - first) * (np.arange(number) + 0.5) / max(number, 1)
