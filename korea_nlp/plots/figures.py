"""What all figures share: colours, a titled page as wide as a notebook, and display with alt text.

Figures are matplotlib ``Figure`` objects that pyplot does not know of, so that nothing is drawn twice.
"""

from __future__ import annotations

import base64
import io
import textwrap

import matplotlib as mpl
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

# Okabe and Ito's colours, told apart by colour-blind readers; each also has a mark of its own for print.
FAVOR, AGAINST, QUIET = "#0072B2", "#D55E00", "#767676"
KINDS = {
    "state": ("#0072B2", "o"),
    "person": ("#B8860B", "s"),
    "organisation": ("#009E73", "D"),
    "collective": ("#CC79A7", "^"),
}
QUADS = {
    "material cooperation": ("#0072B2", "o"),
    "verbal cooperation": ("#56B4E9", "^"),
    "verbal conflict": ("#E69F00", "v"),
    "material conflict": ("#D55E00", "s"),
}
"""Colour and mark of each kind of event."""
MOST = 40  # actors, or pairs, in a figure: of more, the foremost are drawn


def new_figure(title: str, height: float, panels: int = 1) -> tuple[Figure, Axes]:
    """A figure as wide as a notebook, titled, that says of itself that it is empty until it is filled.

    Of several ``panels`` beside each other, which share their rows, the axes are an array.
    """
    with sns.axes_style("whitegrid"), mpl.rc_context({"font.size": 9}):
        figure = Figure(figsize=(9, height), layout="constrained")
        figure.suptitle(wrapped(title, 92), x=0.01, ha="left", fontsize=11.5, weight="bold")
        figure.set_label(f"{title}: nothing was found.")
        return figure, figure.subplots(1, panels, sharey=True)


def wrapped(text: str, width: int) -> str:
    """Lines of about ``width`` characters, words left whole; a dollar sign stays a dollar sign."""
    lines = textwrap.wrap(str(text), width, break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines).replace("$", r"\$")


def lean(stance_article: pd.DataFrame) -> pd.Series:
    """The probability of each pair's stance, less than zero where it is against; zero without a side."""
    sign = stance_article["stance"].map({"favor": 1.0, "against": -1.0}).fillna(0.0)
    return sign * stance_article["probability"]


def signed(value: float) -> str:
    """Two digits with a sign; zero has none."""
    return f"{value:+.2f}".replace("-", "−") if abs(value) >= 0.005 else "0.00"


def listed(names: list[str]) -> str:
    """Names joined by commas and a last “and”."""
    return ", ".join(names[:-1]) + f" and {names[-1]}" if len(names) > 1 else "".join(names)


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """ "1 event", "2 events"."""
    return f"{number} {noun if number == 1 else plural or f'{noun}s'}"


def named(name: str) -> str:
    """A name in a figure: `author` is the writer."""
    return "the writer" if name == "author" else str(name)


def along_sentences(ax: Axes, count: int) -> None:
    """Let x be the sentence number."""
    ax.set_xlim(0.3, count + 0.7)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=20, integer=True, min_n_ticks=1))
    ax.set_xlabel("sentence")


def say_empty(ax: Axes, message: str) -> None:
    """A message instead of a plot."""
    ax.text(0.5, 0.5, message, ha="center", va="center", transform=ax.transAxes, color=QUIET)
    ax.set(xticks=[], yticks=[])


def add_key(figure: Figure, handles: list, note: str | None = None) -> None:
    """The key below the plot, and a note above it."""
    figure.legend(handles=handles, loc="outside lower center", ncols=4, frameon=False, fontsize=8,
                  title=note, title_fontsize=7.5)  # fmt: skip


def png(figure: Figure) -> bytes:
    """The figure as a PNG image, sharp enough to print."""
    with io.BytesIO() as image:
        figure.savefig(image, format="png", dpi=144, metadata={"Software": None})
        return image.getvalue()


def show(figure: Figure, alt: str | None = None) -> None:
    """Display a figure in a notebook with alt text (by default the figure's own label), then close it."""
    from IPython.display import display
    from matplotlib import pyplot

    alt = alt or figure.get_label()
    image = {"image/png": base64.b64encode(png(figure)).decode(), "text/plain": alt}
    width = round(figure.get_figwidth() * 96)
    display(image, metadata={"image/png": {"alt": alt, "width": width}}, raw=True)
    pyplot.close(figure)
