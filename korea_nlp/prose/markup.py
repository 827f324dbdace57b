"""What notebooks and pages display: Markdown, tables without cut-off text, the article with its annotation.

All text of an article is escaped: nothing in it can act as Markdown, HTML or a formula.
"""

from __future__ import annotations

import html
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from numbers import Integral
from typing import TYPE_CHECKING

import pandas as pd
from markupsafe import Markup
from pandas.api.types import is_bool, is_float

from korea_nlp.paths import ASSETS

if TYPE_CHECKING:
    from IPython.display import HTML
    from jinja2 import Environment

    from korea_nlp.article import Article

LISTS = tomllib.loads((ASSETS / "prose.toml").read_text(encoding="utf-8"))
STANCES = LISTS["stances"]
WORDS = STANCES | LISTS["values"]
"""What a value is called where people read it."""
MOST_COLUMNS = 6
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~<>=^:@/&\"'])")
_DOLLAR = "<span>&#36;</span>"  # an element around it keeps two of them from becoming a formula
_THE = re.compile(
    r"(United |Western |European |Red |World )|.*(Staff|Nations|States|Union|House|Council|Army|Navy|Party|Ministry|"
    r"Agency|Assembly|Cross|Crescent|world|community|government|public|opposition)$"
)
_PLURAL = re.compile(r"[a-z].*(s|people|men)$")


def render(template: str, **values: object) -> str:
    """What a template of ``assets/`` makes of some values, which are escaped in HTML; all it names must be there."""
    return _templates().get_template(template).render(**values)


def show_html(template: str, **values: object) -> HTML:
    """What `render` makes of a template and some values, for display in a notebook."""
    from IPython.display import HTML

    return HTML(render(template, **values))


@lru_cache(maxsize=1)
def _templates() -> Environment:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ASSETS),
        autoescape=lambda name: name.endswith(".html.j2"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["text"] = lambda text: Markup(escaped_html(text))
    return environment


def cut(start: int, end: int, spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int, list[int]]]:
    """Cut a stretch of text wherever a span begins or ends: start and end of each piece, and the positions of the spans
    that it lies in."""
    ends = {at for span in spans for at in span if start < at < end}
    for left, right in pairwise(sorted({start, end, *ends})):
        yield left, right, [i for i, span in enumerate(spans) if span[0] <= left and right <= span[1]]


def escaped(text: object) -> str:
    """Text for Markdown in which every character stands for itself; line breaks become spaces."""
    entities = _MARKDOWN.sub(lambda match: f"&#{ord(match[0])};", " ".join(str(text).split()))
    return entities.replace("$", _DOLLAR)


def escaped_html(text: object) -> str:
    """Text for HTML; a dollar sign never starts a formula."""
    return html.escape(str(text)).replace("$", _DOLLAR)


def quoted(text: object) -> str:
    """A quotation of the article for Markdown, escaped, between quotation marks."""
    return f"“{escaped(text)}”"


def listed(items: Iterable[object], most: int = 8, last: str = "and", write: Callable[[object], str] = escaped) -> str:
    """Items, escaped, with commas and a last "and"; after ``most`` of them only how many more there are."""
    names = [write(item) for item in items]
    if len(names) > most + 1:
        names = [*names[:most], f"{len(names) - most} more"]
    return ", ".join(names[:-1]) + f" {last} {names[-1]}" if len(names) > 1 else "".join(names)


def counted(number: int, noun: str) -> str:
    """ "no sentences", "1 sentence", "2 sentences"."""
    word = noun if number == 1 else f"{noun}s"
    return f"{number:,} {word}" if number else f"no {word}"


def times(number: int) -> str:
    """ "once", "twice", "3 times"."""
    return {1: "once", 2: "twice"}.get(number, f"{number:,} times")


def numbered(sentences: Iterable[int]) -> str:
    """ "sentence 3", "sentences 3, 5 and 7", or "no sentence"."""
    numbers = sorted({int(number) for number in sentences})
    return f"sentence{'s' * (len(numbers) > 1)} {listed(numbers, most=20)}" if numbers else "no sentence"


def percent(share: float) -> str:
    """A share in whole per cent; what is not nothing is never "0%", and what is not all never "100%"."""
    if 0 < share < 0.01:
        return "under 1%"
    return "over 99%" if 0.99 < share < 1 else f"{share:.0%}"


def articled(name: object) -> str:
    """A name as it stands in a sentence, with its article: the United States; `author` is the writer."""
    text = "writer" if name == "author" else str(name)
    return f"the {text}" if name == "author" or _THE.match(text) else text


def the(name: object) -> str:
    """`articled`, escaped."""
    return escaped(articled(name))


def be(names: str | Sequence[str] | int, one: str = "is", many: str = "are") -> str:
    """The form of a verb that goes with a name, names or a number: the United States is, experts are, 2 are."""
    if isinstance(names, Integral):
        return one if names == 1 else many
    first, *more = [names] if isinstance(names, str) else names
    return many if more or (_PLURAL.match(first) and first != "author") else one


def stands(holder: object, stance: str, target: object) -> str:
    """ "experts are against Kim Jong Un", "the writer is for dialogue"."""
    said = {"none": f"{be(holder, 'takes', 'take')} no side on", "unclear": f"{be(holder)} unclear on"}
    return f"{the(holder)} {said.get(stance, f'{be(holder)} {STANCES[stance]}')} {the(target)}"


def paragraph(*sentences: object) -> str:
    """The sentences that there are, one after the other."""
    return " ".join(sentence for sentence in sentences if sentence)


def upper(text: str) -> str:
    """The text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def say(markdown: str) -> None:
    """Display Markdown in a notebook."""
    from IPython.display import Markdown, display

    display(Markdown(markdown))


def table(frame: pd.DataFrame, empty: str = "Nothing was found.", **titles: str) -> HTML:
    """A table for reading: whole text, two digits, no row numbers, titles and values in words.

    Parameters
    ----------
    frame
        At most six columns; lists are shown with commas, truth values as yes and no.
    empty
        What is said of a table without rows.
    titles
        What to call a column that ``assets/prose.toml`` does not name well.

    Raises
    ------
    ValueError
        There are more columns than one can read.
    """
    if len(frame.columns) > MOST_COLUMNS:
        raise ValueError(f"a table has at most {MOST_COLUMNS} columns, not {len(frame.columns)}: {list(frame.columns)}")
    spoken = frame.columns.intersection(LISTS["columns_of_values"])
    in_words = frame[spoken].map(lambda value: WORDS.get(value, value) if isinstance(value, str) else value)
    numbers = frame.select_dtypes("number").columns
    frame = frame.assign(**in_words.astype(object))
    titles = LISTS["columns"] | titles
    return show_html(
        "table.html.j2",
        empty=empty,
        columns=[(titles.get(name, name).replace("_", " "), "right" if name in numbers else "left") for name in frame],
        rows=[[_cell(value) for value in row] for row in frame.itertuples(index=False)],
    )


def _cell(value: object) -> str:
    """A value as it is read: rounded, without negative zero."""
    if isinstance(value, list | tuple | set):
        return ", ".join(_cell(item) for item in value)
    if is_bool(value):
        return "yes" if value else "no"
    if pd.isna(value):
        return ""
    if is_float(value):
        return f"{round(float(value), 2) + 0.0:.2f}".replace("-", "−")
    return str(value)


def annotated(article: Article, voices: pd.DataFrame, mentions: pd.DataFrame) -> HTML:
    """The article with sentence numbers and a legend: voices that are not the author's are shaded, with the speaker in
    brackets; mentions are bold and underlined, and the actor's name shows under the pointer."""
    named = mentions.to_dict("records")
    spans = [(row["start"], row["end"]) for row in named]
    parts = voices.to_dict("records")
    for part in parts:
        cuts = cut(part["start"], part["end"], spans)
        part["pieces"] = [
            (article.text[left:right], named[within[0]] if within else None) for left, right, within in cuts
        ]
    paragraphs = article.sentences.groupby("paragraph")["sentence"].agg(list)
    return show_html("annotated.html.j2", paragraphs=paragraphs, voices=parts)
