"""An article: its text, its paragraphs and sentences, and what the language model says about each word."""

from __future__ import annotations

import re
import urllib.parse
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from korea_nlp.errors import ArticleError, ArticleWarning, shown
from korea_nlp.sources import Source, read_source
from korea_nlp.sources.languages import foreign_language
from korea_nlp.sources.layout import one_line, signatures, title_and_text, turns
from korea_nlp.sources.truecase import letter_case, truecased

if TYPE_CHECKING:
    from spacy.tokens import Doc

    from korea_nlp.models.weights import Profile

MIN_WORDS = 20
MIN_SENTENCES = 2
_CLOSING = re.compile(r"(?<=\S)[\"'”’»)\]]+(?!\w)")
_JOINT = re.compile(r"((?:[A-Z]\.)+)(-)([A-Z]\S*)")  # "U.S.-South", which the tokenizer leaves whole


@dataclass(frozen=True)
class Article:
    """An article that has been read.

    Attributes
    ----------
    text
        The text that all offsets point into: paragraphs separated by one newline, without the title. One in
        capitals or without any gets capitals where sentences and names begin, and an `ArticleWarning`.
    title, date, author, outlet
        What the source says about itself, or None.
    source
        Path, URL, ``"-"``, or ``"text"``.
    sentences
        One row per sentence: `sentence` and `paragraph` (numbers from 1), `start` and `end` (characters of
        `text`), `text`.
    doc
        The spaCy analysis; ``doc.text == text``.
    profile
        The checkpoints it was analysed with.

    Examples
    --------
    >>> from korea_nlp import parse_article
    >>> article = parse_article("Seoul criticized the launch. Tokyo said nothing.")
    >>> article.sentence_at(article.text.index("Tokyo"))
    2
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
        rows = [(i, *match.span(), match[0]) for i, match in enumerate(re.finditer(".+", self.text), 1)]
        return pd.DataFrame(rows, columns=["paragraph", "start", "end", "text"])

    def sentence_at(self, offset: int) -> int:
        """Number of the sentence that a character of the text lies in; between two sentences, the one before."""
        return max(int(self.sentences["start"].searchsorted(offset, side="right")), 1)

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

    Examples
    --------
    >>> from korea_nlp import read_article
    >>> article = read_article("seeds/000_1217f8f2cf5bd169.txt")
    >>> len(article.sentences)
    13
    """
    source = str(source)
    found = read_source(source)
    return article_from(found, source.encode("utf-8", "backslashreplace").decode(), profile)


def article_from(found: Source, source: str, profile: str | Profile = "bundled") -> Article:
    """Make an article of a source that has been read; raises what `read_article` raises."""
    name = "standard input" if source == "-" else shown(source)
    title, text = title_and_text(found, name)
    words = len(re.findall(r"\w+", text))
    if not re.search(r"[^\W\d_]", text):
        raise ArticleError(f"{name}: holds no words; pass an article in English")
    if (words >= MIN_WORDS or not text.isascii()) and (language := foreign_language(text)):
        raise ArticleError(
            f"{name}: does not look like English ({language}?); pass an article in English, or a translation"
        )
    article = _parsed(text, title, source, profile, found)
    if words < MIN_WORDS or len(article.sentences) < MIN_SENTENCES:
        size = f"words: {words}, sentences: {len(article.sentences)}"
        least = f"{MIN_SENTENCES} sentences and {MIN_WORDS} words"
        raise ArticleError(f"{name}: too short to read ({size}); pass an article of {least} or more")
    return article


def parse_article(
    text: str, title: str | None = None, source: str = "text", profile: str | Profile = "bundled"
) -> Article:
    """Make an article of a string, however short; a first line that looks like a title becomes the title.

    Raises
    ------
    ArticleError
        The text is empty, longer than 200,000 characters, or holds control characters.

    Examples
    --------
    >>> from korea_nlp import parse_article
    >>> article = parse_article("Seoul criticized the launch. Tokyo said nothing.")
    >>> article.sentences["text"].tolist()
    ['Seoul criticized the launch.', 'Tokyo said nothing.']
    """
    found = Source(text, title)
    title, text = title_and_text(found, source)
    return _parsed(text, title, source, profile, found)


def _parsed(text: str, title: str | None, source: str, profile: str | Profile, found: Source) -> Article:
    from korea_nlp.models import language
    from korea_nlp.models.weights import load_profile

    profile = load_profile(profile)
    nlp = language(profile)
    if case := letter_case(text):
        name = "standard input" if source == "-" else shown(source)
        told = f"{name}: is in {case}, by which names cannot be told; those that no list has may be missing"
        warnings.warn(told, ArticleWarning, stacklevel=3)
        text, title = truecased(text, nlp), title and truecased(title, nlp)
    doc = nlp.make_doc(text)
    if nlp.has_pipe("parser"):  # which gives the parts their heads: without, whoever walks the tree would crash
        _split_joints(doc)
    _fix_breaks(doc)
    inner = [token.i for token in doc if token.is_sent_start is False and not token.is_space]
    doc = nlp(doc)
    # a sentence that is only an opening mark is one with the next of its paragraph
    marks = [sentence for sentence in doc.sents if not any(letter.isalnum() for letter in sentence.text)]
    after_marks = [mark.end for mark in marks if "\n" not in mark.text and mark.end < len(doc)]
    for i in [i for i in inner if doc[i].is_sent_start] + after_marks:
        _join(doc, i)
    about = (one_line(value) for value in (found.date, found.author, found.outlet))
    return Article(text, one_line(title), source, _sentences(doc), doc, profile, *about)


def _split_joints(doc: Doc) -> None:
    """Make three words of "U.S.-South"."""
    with doc.retokenize() as retokenizer:
        for token in doc:
            if joint := _JOINT.fullmatch(token.text):
                retokenizer.split(token, [*joint.groups()], [(token, 0)] * 3)


def _fix_breaks(doc: Doc) -> None:
    """Tell the parser that sentences start with paragraphs, and never with a closing quote or bracket.

    Nor do they end with the label of a turn, or between a quotation and its signature.
    """
    text = doc.text
    inner = [match.span() for match in _CLOSING.finditer(text)]
    inner += [(start + 1, end + 1) for start, end, _ in turns(text)]
    within = {i for span in [*inner, *signatures(text)] for i in range(*span)}
    for token in doc[1:]:
        if token.nbor(-1).text == "\n":
            token.is_sent_start = True
        elif token.is_space or token.idx in within:
            token.is_sent_start = False


def _join(doc: Doc, i: int) -> None:
    """Make one sentence of two that the parser parts before a token, though it was told not to."""
    if not doc.has_annotation("DEP"):
        doc[i].is_sent_start = False
        return
    first, second = doc[i - 1].sent.root, doc[i].sent.root
    lower, upper = (second, first) if first.pos_ in ("VERB", "AUX") else (first, second)
    lower.head, lower.dep_ = upper, "dep"


def _sentences(doc: Doc) -> pd.DataFrame:
    rows, whole = [], doc.text
    for sentence in doc.sents:
        if text := sentence.text.strip():
            start = sentence.start_char + sentence.text.index(text)
            rows.append((len(rows) + 1, whole.count("\n", 0, start) + 1, start, start + len(text), text))
    return pd.DataFrame(rows, columns=["sentence", "paragraph", "start", "end", "text"])
