"""An article: its text, its paragraphs and sentences, and what the language model says about each word."""

from __future__ import annotations

import re
import unicodedata
import urllib.parse
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from korea_nlp.errors import ArticleError
from korea_nlp.sources import Source, read_source

if TYPE_CHECKING:
    from spacy.tokens import Doc

    from korea_nlp.weights import Profile

MAX_CHARACTERS = 200_000
MIN_WORDS = 20
MIN_SENTENCES = 2
MAX_TITLE_WORDS = 15
_WRAP_WIDTH = 120  # no line of a hard-wrapped text is longer
_ENGLISH_SHARE = 0.2  # of the words are stop words in English prose: about 0.4; in German, Dutch: below 0.15
_LATIN_SHARE = 0.85  # of the letters
_CORE_WORDS = {"the", "of", "and", "to", "that"}  # hardly a sentence of English is without one
_LONGEST_WORD = 1000  # characters

_BREAKS = re.compile("\r\n?|[\v\f\x1c\x1d\x1e\x85\u2028\u2029]")
_INVISIBLE = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
_ENDS = re.compile(r"[.!?…][\"'”’»)\]]*$")
_CLOSING = re.compile(r"(?<=\S)[\"'”’»)\]]+(?!\w)")


@dataclass(frozen=True)
class Article:
    """An article that has been read.

    Attributes
    ----------
    text
        The text that all offsets point into: paragraphs separated by one newline, without the title.
    title, date, author, outlet
        What the source says about itself, or None.
    source
        Path, URL, ``"-"``, or ``"text"``.
    sentences
        One row per sentence: `sentence` and `paragraph` (0-based), `start` and `end` (characters of
        `text`), `text`.
    doc
        The spaCy analysis; ``doc.text == text``.
    profile
        The checkpoints it was analysed with.
    """

    text: str
    title: str | None
    source: str
    sentences: pd.DataFrame = field(repr=False, compare=False)
    doc: Doc = field(repr=False, compare=False)
    profile: Profile = field(repr=False)
    date: str | None = None
    author: str | None = None
    outlet: str | None = None

    @property
    def paragraphs(self) -> pd.DataFrame:
        """One row per paragraph: `paragraph`, `start`, `end`, `text`."""
        found = enumerate(re.finditer(".+", self.text))
        rows = [(i, match.start(), match.end(), match[0]) for i, match in found]
        return pd.DataFrame(rows, columns=["paragraph", "start", "end", "text"])

    @property
    def name(self) -> str:
        """A short name that is safe in a file system."""
        if self.source == "-":
            return "stdin"
        address = urllib.parse.urlsplit(self.source) if "://" in self.source else None
        stem = Path(address.path).stem or address.netloc if address else Path(self.source).stem
        return re.sub(r"[^\w-]+", "_", stem)[:60].strip("_") or "article"

    def to_dict(self) -> dict:
        """The article as plain values, ready for JSON."""
        about = {key: getattr(self, key) for key in ("source", "title", "date", "author", "outlet", "text")}
        return about | {
            "paragraphs": self.paragraphs.to_dict("records"),
            "sentences": self.sentences.to_dict("records"),
        }


def read_article(source: str | Path, profile: str | Profile = "bundled") -> Article:
    """Read an English article from a text, Markdown, HTML or PDF file, a URL, or standard input (``"-"``).

    Raises
    ------
    ArticleError
        It is missing, empty, not text, not English, shorter than 2 sentences or 20 words, longer than
        200,000 characters, or a page without an article. The message is one line.
    """
    return article_from(read_source(str(source)), str(source), profile)


def article_from(found: Source, source: str, profile: str | Profile = "bundled") -> Article:
    """Make an article of a source that has been read; raises what `read_article` raises."""
    title, text = _clean(found, source)
    words = len(re.findall(r"\w+", text))
    if words >= MIN_WORDS or not text.isascii():
        _check_language(text, source)
    article = _analyse(text, title, source, profile, found)
    if words < MIN_WORDS or len(article.sentences) < MIN_SENTENCES:
        size = f"{words} words in {len(article.sentences)} sentences"
        least = f"{MIN_SENTENCES} sentences and {MIN_WORDS} words"
        raise ArticleError(f"{source}: too short to read ({size}); pass an article of {least} or more")
    return article


def parse_article(
    text: str, title: str | None = None, source: str = "text", profile: str | Profile = "bundled"
) -> Article:
    """Make an article of a string, however short; a first line that looks like a title becomes the title.

    Raises
    ------
    ArticleError
        The text is empty, longer than 200,000 characters, or holds control characters.
    """
    found = Source(text, title)
    title, text = _clean(found, source)
    return _analyse(text, title, source, profile, found)


def _clean(found: Source, name: str) -> tuple[str | None, str]:
    """Title, and paragraphs separated by one newline."""
    if len(found.text) > MAX_CHARACTERS:
        size = f"{len(found.text):,} characters; the limit is {MAX_CHARACTERS:,}"
        raise ArticleError(f"{name}: too long ({size}); pass one article, not a collection")
    text = _INVISIBLE.sub("", unicodedata.normalize("NFC", _BREAKS.sub("\n", found.text)))
    if _CONTROL.search(text):
        raise ArticleError(f"{name}: is binary, not text; save it as UTF-8 text, Markdown, HTML or PDF")
    lines = [" ".join(line.split()) for line in text.split("\n")]
    if found.layout == "pages":
        lines = [line for line in lines if line]
    blocks = [block.split("\n") for block in re.split("\n{2,}", "\n".join(lines).strip("\n"))]
    title = found.title
    if title is None and _is_title(blocks):
        title = blocks[0].pop(0)
        blocks = [block for block in blocks if block]
    if len(blocks) > 1:
        paragraphs = [" ".join(block) for block in blocks]
    elif found.layout == "pages" or _is_wrapped(blocks[0]):
        paragraphs = _unwrap(blocks[0])
    else:
        paragraphs = blocks[0]
    text = "\n".join(paragraphs)
    if max(map(len, text.split()), default=0) > _LONGEST_WORD:
        raise ArticleError(
            f"{name}: holds a word of over {_LONGEST_WORD:,} characters; pass an article in English"
        )
    if not text.strip():
        raise ArticleError(f"{name}: is empty; pass an article with some text")
    return title, text


def _breaks_early(line: str, following: str, width: int) -> bool:
    """Whether the next word would have fitted on the line: its end was meant."""
    return len(line) + 1 + len(following.split(" ")[0]) <= 0.8 * width


def _is_title(blocks: list[list[str]]) -> bool:
    first = blocks[0][0]
    if not first or _ENDS.search(first) or len(first.split()) > MAX_TITLE_WORDS:
        return False
    if len(blocks[0]) == 1:
        return len(blocks) > 1
    return _breaks_early(first, blocks[0][1], max(map(len, blocks[0])))


def _is_wrapped(lines: list[str]) -> bool:
    """Whether the lines of a text without blank lines were broken at the edge of a page or window."""
    inner = [line for line in lines[:-1] if not _ENDS.search(line)]
    return len(lines) > 1 and max(map(len, lines)) <= _WRAP_WIDTH and len(inner) * 2 >= len(lines) - 1


def _unwrap(lines: list[str]) -> list[str]:
    """Join lines; a paragraph ends with a line that is complete and shorter than it need be."""
    width = max(map(len, lines))
    paragraphs = [lines[0]]
    for before, line in pairwise(lines):
        if _ENDS.search(before) and _breaks_early(before, line, width):
            paragraphs.append(line)
        elif re.search(r"[a-z]-$", before) and re.match("[a-z]", line):
            paragraphs[-1] = paragraphs[-1][:-1] + line
        else:
            paragraphs[-1] += " " + line
    return paragraphs


def _check_language(text: str, name: str) -> None:
    from spacy.lang.en.stop_words import STOP_WORDS

    letters = [letter for letter in text if letter.isalpha()]
    latin = sum(letter.isascii() for letter in letters) / max(len(letters), 1)
    words = re.findall(r"[^\W\d_]+", text.lower())
    common = sum(word in STOP_WORDS for word in words) / max(len(words), 1)
    if not words:
        raise ArticleError(f"{name}: holds no words; pass an article in English")
    if latin < _LATIN_SHARE or common < _ENGLISH_SHARE or _CORE_WORDS.isdisjoint(words):
        raise ArticleError(
            f"{name}: does not look like English; pass an article in English, or a translation"
        )


def _analyse(text: str, title: str | None, source: str, profile: str | Profile, found: Source) -> Article:
    from korea_nlp.models import language
    from korea_nlp.weights import load_profile

    profile = load_profile(profile)
    nlp = language(profile)
    doc = nlp(_with_fixed_breaks(nlp.make_doc(text)))
    return Article(text, title, source, _sentences(doc), doc, profile, found.date, found.author, found.outlet)


def _with_fixed_breaks(doc: Doc) -> Doc:
    """Tell the parser that sentences start with paragraphs, and never with a closing quote or bracket."""
    closing = {i for match in _CLOSING.finditer(doc.text) for i in range(*match.span())}
    after_break = False
    for token in doc:
        if token.i and after_break and not token.is_space:
            token.is_sent_start = True
            after_break = False
        elif token.i and (token.is_space or token.idx in closing):
            token.is_sent_start = False
        after_break = after_break or "\n" in token.text
    return doc


def _sentences(doc: Doc) -> pd.DataFrame:
    rows, paragraph, last, whole = [], 0, 0, doc.text
    for sentence in doc.sents:
        text = sentence.text.strip()
        if not text:
            continue
        start = sentence.start_char + sentence.text.index(text)
        paragraph += whole.count("\n", last, start)
        last = start
        rows.append((len(rows), paragraph, start, start + len(text), text))
    return pd.DataFrame(rows, columns=["sentence", "paragraph", "start", "end", "text"])
