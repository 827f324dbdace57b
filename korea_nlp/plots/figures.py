"""What all figures share: colours, a titled page as wide as a notebook, and display with alt text.

Figures are matplotlib ``Figure`` objects that pyplot does not know of, so that nothing is drawn twice.
"""

from __future__ import annotations

import base64
import io
import textwrap
import tomllib
from collections.abc import Iterable
from functools import partial

import matplotlib as mpl
import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from korea_nlp.paths import ASSETS
from korea_nlp.prose import markup

LOOK = tomllib.loads((ASSETS / "look.toml").read_text(encoding="utf-8"))["figures"]
FAVOR, AGAINST = (LOOK["stances"][side][0] for side in ("favor", "against"))
QUIET = "#767676"
BARS = {"favor": {"color": FAVOR, "hatch": ""}, "against": {"color": AGAINST, "hatch": "///"}}
MOST = 40  # actors, or pairs, in a figure: of more, the foremost are drawn
UNFOUND = "speaker not found"
listed = partial(markup.listed, most=1000, write=str)


def new_figure(title: str, height: float, columns: int = 1) -> tuple[Figure, Axes]:
    """A figure as wide as a notebook, that says of itself that it is empty until it is filled, and its axes.

    Several ``columns`` share their rows.
    """
    with sns.axes_style("whitegrid"), mpl.rc_context({"font.size": 9}):
        figure = Figure(figsize=(9, height), layout="constrained")
        figure.suptitle(wrapped(title, 92), x=0.01, ha="left", fontsize=11.5, weight="bold")
        figure.set_label(f"{title}: nothing was found.")
        return figure, figure.subplots(1, columns, sharey=True)


def empty_figure(title: str, height: float, *messages: str) -> Figure:
    """A figure of nothing, with a message in the place of each plot."""
    figure, axes = new_figure(title, height, len(messages))
    for ax, message in zip(np.atleast_1d(axes), messages, strict=True):
        ax.text(0.5, 0.5, message, ha="center", va="center", transform=ax.transAxes, color=QUIET)
        ax.set(xticks=[], yticks=[])
    return figure


def wrapped(text: str, width: int) -> str:
    """Lines of about ``width`` characters, words left whole; a dollar sign stays a dollar sign."""
    lines = textwrap.wrap(str(text), width, break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines).replace("$", r"\$")


def named(name: str) -> str:
    """A name in a figure: `author` is the writer."""
    return "the writer" if name == "author" else name


def along_sentences(ax: Axes, count: int) -> None:
    """Let x be the sentence number."""
    ax.set(xlim=(0.3, count + 0.7), xlabel="sentence")
    ax.xaxis.set_major_locator(MaxNLocator(nbins=20, integer=True, min_n_ticks=1))


def add_rows(ax: Axes, names: list[str], room: float = 0.5, **style: object) -> None:
    """Name the rows, the first at the top, with some room above it."""
    ax.set_yticks(range(len(names)), names, **style)
    ax.set_ylim(len(names) - 1 + room, -room)


def marks(styles: dict[str, dict], shown: Iterable[str]) -> list[Line2D]:
    """For the key, the marks of a table of ``look.toml`` that are shown."""
    return [Line2D([], [], ls="", label=label, **style) for label, style in styles.items() if label in set(shown)]


def add_key(figure: Figure, handles: list | None = None, note: str | None = None) -> None:
    """The key below the plot, of all that has a label if no handles are given, and a note above it."""
    figure.legend(handles=handles, loc="outside lower center", ncols=4, frameon=False, fontsize=8,
                  title=note, title_fontsize=7.5)  # fmt: skip


def add_note(figure: Figure, note: str) -> None:
    """Small print below the plot."""
    figure.supxlabel(note, fontsize=7.5, color="#444444")


def png(figure: Figure) -> bytes:
    """The figure as a PNG image, sharp enough to print."""
    with io.BytesIO() as image:
        figure.savefig(image, format="png", dpi=144, metadata={"Software": None})
        return image.getvalue()


def show(figure: Figure) -> None:
    """Display a figure in a notebook with its label as alt text."""
    from IPython.display import display

    alt = figure.get_label()
    image = {"image/png": base64.b64encode(png(figure)).decode(), "text/plain": alt}
    width = round(figure.get_figwidth() * 96)
    display(image, metadata={"image/png": {"alt": alt, "width": width}}, raw=True)
