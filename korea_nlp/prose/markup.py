"""What notebooks and pages display: Markdown, tables without cut-off text, the article with its annotation.

All text of an article is escaped: nothing in it can act as Markdown, HTML or a formula.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from IPython.display import HTML
    from jinja2 import Environment

    from korea_nlp.article import Article

ASSETS = Path(__file__).parents[1] / "assets"
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~<>=^:@/&\"'])")
_DOLLAR = "<span>&#36;</span>"  # an element around it keeps two of them from becoming a formula
_PAGE = "color: #111111; background-color: #ffffff; padding: 0.3em 0.8em"
_VOICES = {
    "quote": "background-color: #d6e9f8; border-bottom: 2px solid #0072B2",
    "reported": "background-color: #fdf0cf; border-bottom: 2px dashed #B8860B",
}
MOST_COLUMNS = 6
_ACTOR = "font-weight: bold; text-decoration: underline"
_SMALL = "color: #595959; font-size: 75%"
_SPEAKER = "color: #404040; font-size: 88%"
_THE = re.compile(
    r"(United |Western |European |Red |World )|.*(Staff|Nations|States|Union|House|Council|Army|Navy|Party|Ministry|"
    r"Agency|Assembly|Cross|Crescent|world|community|government|public|opposition)$"
)
_PLURAL = re.compile(r"[a-z].*(s|people|men)$")
TITLES = {
    "holder": "who", "target": "toward whom or what", "actor": "who", "stance": "stands", "favor": "for",
    "none": "no stance", "text": "in the words of the article", "cue": "word that shows it", "taken_for": "taken for",
    "text_of_summary": "the summary says", "evidence_text": "the article says", "evidence": "sentence",
    "between": "torn between", "name": "who", "carried_by": "rests on sentences", "others_words": "words of others",
    "found_by": "found by", "changed": "what changes", "label": "right answer", "answer": "the machine’s answer",
}  # fmt: skip
"""What a column is called where people read it; other names lose their underscores."""
STANCES = {"favor": "for", "against": "against", "none": "no stance", "unclear": "unclear"}
WORDS = STANCES | {"author": "the writer", "": "not said"}
"""What a value is called there, in the columns of `SPOKEN`."""
SPOKEN = ("holder", "target", "actor", "stance", "speaker", "label", "answer", "one", "other", "model",
          "first", "second", "voice")  # fmt: skip


def render(template: str, **values: object) -> str:
    """What a template of ``assets/`` makes of some values, which are escaped in HTML.

    Raises
    ------
    jinja2.UndefinedError
        The template names a value that is missing.
    """
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
    """Cut a stretch of text wherever a span begins or ends.

    Yields
    ------
    Start and end of each piece, and which of the spans (by their position) it lies in.
    """
    ends = {at for span in spans for at in span if start < at < end}
    for left, right in pairwise(sorted({start, end, *ends})):
        yield left, right, [i for i, span in enumerate(spans) if span[0] <= left and right <= span[1]]


def escaped(text: object) -> str:
    """Text for Markdown in which every character stands for itself; line breaks become spaces."""
    entities = _MARKDOWN.sub(lambda match: f"&#{ord(match[0])};", " ".join(str(text).split()))
    return entities.replace("$", _DOLLAR)


def quoted(text: object) -> str:
    """A quotation of the article for Markdown, escaped, between quotation marks."""
    return f"“{escaped(text)}”"


def listed(
    items: Iterable[object], most: int = 8, last: str = "and", write: Callable[[object], str] = escaped
) -> str:
    """Items, escaped, with commas and a last "and"; after ``most`` of them only how many more there are."""
    names = [write(item) for item in items]
    if len(names) > most + 1:
        names = [*names[:most], f"{len(names) - most} more"]
    return ", ".join(names[:-1]) + f" {last} {names[-1]}" if len(names) > 1 else "".join(names)


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """ "no sentences", "1 sentence", "2 sentences"."""
    word = noun if number == 1 else plural or f"{noun}s"
    return f"{number:,} {word}" if number else f"no {word}"


def numbered(sentences: Iterable[int]) -> str:
    """ "sentence 3", "sentences 3, 5 and 7", or "no sentence"."""
    numbers = sorted({int(number) for number in sentences})
    if not numbers:
        return "no sentence"
    return f"sentence{'s' * (len(numbers) > 1)} {listed(numbers, most=20)}"


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


def be(name: object, singular: str = "is", plural: str = "are") -> str:
    """The form of a verb that goes with a name: experts are, the United States is."""
    return plural if _PLURAL.match(str(name)) and name != "author" else singular


def verb(names: Sequence[object], one: str, many: str) -> str:
    """The form of a verb that goes with some names: North Korea acts, experts act, the two act."""
    return many if len(names) != 1 else be(names[0], one, many)


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
        What to call a column that `TITLES` does not name well.

    Raises
    ------
    ValueError
        There are more columns than one can read.
    """
    from IPython.display import HTML

    if len(frame.columns) > MOST_COLUMNS:
        raise ValueError(f"a table has at most {MOST_COLUMNS} columns, not {len(frame.columns)}: {list(frame.columns)}")
    if frame.empty:
        return HTML(f"<p><em>{_plain(empty)}</em></p>")
    frame = frame.copy()
    for column in frame.columns.intersection(SPOKEN):
        spoken = [WORDS.get(value, value) if isinstance(value, str) else value for value in frame[column]]
        frame[column] = pd.Series(spoken, index=frame.index, dtype=object)
    frame.columns = [titles.get(name, TITLES.get(name, name)) for name in frame.columns]
    numeric = [
        pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind) for kind in frame.dtypes
    ]
    sides = ["text-align: right" if number else "text-align: left" for number in numeric]
    head = "".join(
        f'<th scope="col" style="{side}; vertical-align: bottom">{_header(name)}</th>'
        for name, side in zip(frame.columns, sides, strict=True)
    )
    rows = [
        "<tr>" + "".join(
            f'<td style="{side}; vertical-align: top">{_plain(_cell(value))}</td>'
            for value, side in zip(row, sides, strict=True)
        ) + "</tr>"
        for row in frame.itertuples(index=False)
    ]  # fmt: skip
    body = "\n".join(rows)
    return HTML(
        f'<div style="overflow-x: auto"><table style="table-layout: auto">\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>"
    )


def annotated(article: Article, voices: pd.DataFrame, mentions: pd.DataFrame) -> HTML:
    """The article with sentence numbers, voices and actors marked, and a legend.

    Parameters
    ----------
    voices
        What `find_voices` found: shaded where it is not the author's, with the speaker in brackets.
    mentions
        What `find_actors` found: bold and underlined; the canonical name shows under the pointer.
    """
    from IPython.display import HTML

    legend = " &nbsp; ".join([
        f'<span style="{_VOICES["quote"]}">quoted</span>: a speaker’s own words',
        f'<span style="{_VOICES["reported"]}">reported</span>: a speaker in the writer’s words',
        "unmarked: the writer",
        f'<span style="{_ACTOR}">actor</span>',
        f'<span style="{_SPEAKER}">[speaker]</span> stands before each marked part',
    ])  # fmt: skip
    pages = [
        "<p>" + " ".join(_sentence(article, row, voices, mentions) for row in group.itertuples()) + "</p>"
        for _, group in article.sentences.groupby("paragraph")
    ]
    body = "\n".join(pages)
    return HTML(f'<div style="{_PAGE}">\n<p style="font-size: 85%">{legend}</p>\n{body}\n</div>')


def _sentence(article: Article, sentence, voices: pd.DataFrame, mentions: pd.DataFrame) -> str:
    """One sentence in HTML, cut wherever a voice or a mention begins or ends."""
    said = [row for row in voices.itertuples() if row.sentence == sentence.sentence]
    named = [row for row in mentions.itertuples() if row.sentence == sentence.sentence]
    written = f'<sup style="{_SMALL}">{sentence.sentence}</sup> '
    for part in said:
        pieces = cut(part.start, part.end, [(row.start, row.end) for row in named])
        inner = "".join(
            _stretch(article.text[start:end], named[within[0]] if within else None)
            for start, end, within in pieces
        )
        if part.voice in _VOICES:
            label = f"[{part.speaker or 'speaker not found'}] "
            inner = (
                f'<span style="{_SPEAKER}">{_plain(label)}</span>'
                f'<span style="{_VOICES[part.voice]}">{inner}</span>'
            )
        written += inner
    return written


def _stretch(words: str, mention) -> str:
    text = _plain(words)
    if mention is None:
        return text
    return f'<b style="{_ACTOR}" title="{_plain(f"{mention.actor} ({mention.kind})")}">{text}</b>'


def _plain(text: object) -> str:
    """Text for HTML; a dollar sign never starts a formula."""
    return html.escape(str(text)).replace("$", _DOLLAR)


def _header(name: object) -> str:
    """A column's name, with blanks for underscores."""
    return _plain(name).replace("_", " ")


def _cell(value: object) -> str:
    """A value as it is read: rounded, without negative zero."""
    if isinstance(value, list | tuple | set):
        return ", ".join(_cell(item) for item in value)
    if pd.api.types.is_bool(value):
        return "yes" if value else "no"
    if value is None or value is pd.NA or (isinstance(value, float) and value != value):
        return ""
    if pd.api.types.is_float(value):
        return f"{round(float(value), 2) + 0.0:.2f}".replace("-", "−")
    return str(value)
