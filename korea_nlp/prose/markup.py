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
from typing import TYPE_CHECKING

import pandas as pd
from pandas.api.types import is_bool, is_bool_dtype, is_float, is_numeric_dtype

from korea_nlp.weights import ASSETS

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
_PAGE = "color: #111111; background-color: #ffffff; padding: 0.3em 0.8em"
_VOICES = {
    "quote": "background-color: #d6e9f8; border-bottom: 2px solid #0072B2",
    "reported": "background-color: #fdf0cf; border-bottom: 2px dashed #B8860B",
}
_ACTOR = "font-weight: bold; text-decoration: underline"
_SMALL = "color: #595959; font-size: 75%"
_SPEAKER = "color: #404040; font-size: 88%"


def render(template: str, **values: object) -> str:
    """What a template of ``assets/`` makes of some values, which are escaped in HTML; all it names must be there."""
    return _templates().get_template(template).render(**values)


@lru_cache(maxsize=1)
def _templates() -> Environment:
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(ASSETS),
        autoescape=lambda name: name.endswith(".html.j2"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


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


def be(names: str | Sequence[str], one: str = "is", many: str = "are") -> str:
    """The form of a verb that goes with a name or several: the United States is, experts are, the two are."""
    first, *more = [names] if isinstance(names, str) else names
    return many if more or (_PLURAL.match(first) and first != "author") else one


def stands(holder: object, stance: str, target: object) -> str:
    """ "experts are against Kim Jong Un", "the writer is for dialogue"."""
    said = {"none": f"{be(holder, 'takes', 'take')} no side on", "unclear": f"{be(holder)} unclear on"}
    return f"{the(holder)} {said.get(stance, f'{be(holder)} {STANCES[stance]}')} {the(target)}"


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
    from IPython.display import HTML

    if len(frame.columns) > MOST_COLUMNS:
        raise ValueError(f"a table has at most {MOST_COLUMNS} columns, not {len(frame.columns)}: {list(frame.columns)}")
    if frame.empty:
        return HTML(f"<p><em>{escaped_html(empty)}</em></p>")
    spoken = frame.columns.intersection(LISTS["columns_of_values"])
    frame = frame.assign(**{name: frame[name].map(_in_words).astype(object) for name in spoken})
    sides = ["right" if is_numeric_dtype(kind) and not is_bool_dtype(kind) else "left" for kind in frame.dtypes]
    names = [titles.get(name, LISTS["columns"].get(name, name)) for name in frame.columns]
    head = "".join(
        f'<th scope="col" style="text-align: {side}; vertical-align: bottom">'
        f"{escaped_html(name).replace('_', ' ')}</th>"
        for name, side in zip(names, sides, strict=True)
    )
    rows = [
        "".join(
            f'<td style="text-align: {side}; vertical-align: top">{escaped_html(_cell(value))}</td>'
            for value, side in zip(row, sides, strict=True)
        )
        for row in frame.itertuples(index=False)
    ]
    body = "\n".join(f"<tr>{row}</tr>" for row in rows)
    return HTML(
        f'<div style="overflow-x: auto"><table style="table-layout: auto">\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>"
    )


def _in_words(value: object) -> object:
    """What a value is called, if it is a word that has a name."""
    return WORDS.get(value, value) if isinstance(value, str) else value


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
    from IPython.display import HTML

    legend = " &nbsp; ".join([
        f'<span style="{_VOICES["quote"]}">quoted</span>: a speaker’s own words',
        f'<span style="{_VOICES["reported"]}">reported</span>: a speaker in the writer’s words',
        "unmarked: the writer",
        f'<span style="{_ACTOR}">actor</span>',
        f'<span style="{_SPEAKER}">[speaker]</span> stands before each quoted or reported part',
    ])  # fmt: skip
    paragraphs = []
    for _, numbers in article.sentences.groupby("paragraph")["sentence"]:
        sentences = [
            f'<sup style="{_SMALL}">{number}</sup> '
            + _voiced(article.text, voices[voices["sentence"] == number], mentions[mentions["sentence"] == number])
            for number in numbers
        ]
        paragraphs.append(f"<p>{' '.join(sentences)}</p>")
    body = "\n".join(paragraphs)
    return HTML(f'<div style="{_PAGE}">\n<p style="font-size: 85%">{legend}</p>\n{body}\n</div>')


def _voiced(text: str, voices: pd.DataFrame, mentions: pd.DataFrame) -> str:
    """The voices of a sentence in HTML, with its mentions marked."""
    named = list(mentions.itertuples())
    written = ""
    for voice in voices.itertuples():
        words = ""
        for start, end, within in cut(voice.start, voice.end, [(mention.start, mention.end) for mention in named]):
            piece = escaped_html(text[start:end])
            if within:
                who = escaped_html(f"{named[within[0]].actor} ({named[within[0]].kind})")
                piece = f'<b style="{_ACTOR}" title="{who}">{piece}</b>'
            words += piece
        if voice.voice in _VOICES:
            label = escaped_html(f"[{voice.speaker or 'speaker not found'}] ")
            words = f'<span style="{_SPEAKER}">{label}</span><span style="{_VOICES[voice.voice]}">{words}</span>'
        written += words
    return written
