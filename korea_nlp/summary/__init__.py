"""Summaries of an article whose every sentence shows the evidence that it rests on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from korea_nlp.actors.names import datelines
from korea_nlp.article import Article, parse_article
from korea_nlp.models import check_claims
from korea_nlp.models.generator import follows_grammar, generate, has_generator, has_writer, write_headline
from korea_nlp.summary.claims import THRESHOLD, normalised, support
from korea_nlp.summary.compression import SETTINGS, grammar, lowered, omissible
from korea_nlp.summary.context import can_be_joined, leaning, subject, with_names
from korea_nlp.summary.salience import choose, score_salience

if TYPE_CHECKING:
    from spacy.tokens import Span

__all__ = ["METHODS", "Summary", "headline", "score_salience", "summarize", "support"]

METHODS = ("lead", "extractive", "abstractive")
COLUMNS = ["position", "text", "support", "supported", "origin", "evidence", "evidence_text"]
LONGEST = 150  # words; a longer passage is not rewritten
MOST_WORDS = 52  # of two sentences that are made one
HEADLINE = 12  # words
OPENING = 4  # sentences that a headline is written of


@dataclass(frozen=True)
class Summary:
    """A summary.

    Attributes
    ----------
    method
        ``lead``, ``extractive`` or ``abstractive``.
    sentences
        One row per sentence, in the order of the article: `position` (from 1), `text`, `origin` (``extracted``: word
        for word from the article, ``written``: by the generator), and `support`, `supported`, `evidence`,
        `evidence_text` (see `korea_nlp.support`).
    """

    method: str
    sentences: pd.DataFrame = field(repr=False, compare=False)

    @property
    def text(self) -> str:
        """The summary as one paragraph."""
        return " ".join(self.sentences["text"])

    def to_dict(self) -> dict:
        """The summary as plain values, ready for JSON."""
        return {"method": self.method, "text": self.text, "sentences": self.sentences.to_dict("records")}


def summarize(article: Article, sentences: int = 3, method: str = "extractive") -> Summary:
    """Summarize an article in a number of sentences.

    Parameters
    ----------
    sentences
        How many sentences; an article that has fewer is given whole.
    method
        ``lead``: the first sentences, a baseline that is hard to beat on news. ``extractive``: salient
        sentences (`score_salience`) that can be understood without others. ``abstractive``: up to twice as
        many such sentences, of which neighbours are made one. The generator makes each shorter: it may leave out what
        the parse says can be left out (`korea_nlp.summary.compression`) and change nothing; a sequence-to-sequence
        model writes freely. What is not supported by the sentence that it shortens gives way to that sentence. A name
        that the article shortens ("Kim") is written in full. Without a generator this is the extractive summary.

    Raises
    ------
    ValueError
        If `sentences` is less than 1, or there is no such method.

    Examples
    --------
    >>> from korea_nlp import parse_article, summarize
    >>> article = parse_article("Seoul and Pyongyang cut ties. Both cut roads, too. He likes tea.")
    >>> summarize(article, 1, "lead").text
    'Seoul and Pyongyang cut ties.'
    """
    if method not in METHODS:
        raise ValueError(f"no summary method {method!r}: valid methods are {', '.join(METHODS)}")
    if sentences < 1:
        raise ValueError(f"a summary has at least 1 sentence, not {sentences}")
    count = min(int(sentences), len(article.sentences))
    if method == "abstractive" and has_generator(article.profile):
        rows = _shortened(article, count)
    else:
        chosen = range(count) if method == "lead" else sorted(choose(article, count))
        rows = [_extracted(article, i) for i in chosen]
    return Summary(method, pd.DataFrame([(n, *row) for n, row in enumerate(rows, 1)], columns=COLUMNS))


def _extracted(article: Article, i: int) -> tuple:
    text = article.sentences["text"].iloc[i]
    return text, 1.0, True, "extracted", [i + 1], text


def _shortened(article: Article, count: int) -> list[tuple]:
    """Salient sentences, shortened where that is supported, and neighbours made one, `count` in all."""
    texts = list(article.sentences["text"])
    order = choose(article, len(texts))
    made = {i: _draft(article, i) for i in order[: 2 * count]}
    drafts = {i: text for i, text in made.items() if text and normalised(text) != normalised(texts[i])}
    found = check_claims([texts[i] for i in drafts], list(drafts.values()), article.profile)
    scores = {i: score for i, score in zip(drafts, map(float, found), strict=True) if score >= THRESHOLD}
    parts = {i: with_names(article, i, drafts[i] if i in scores else texts[i]) for i in order}
    rows = []
    for places in _grouped(article, order, parts, count):
        text, *second = (parts[i] for i in places)
        if not second and text == texts[places[0]]:
            rows.append(_extracted(article, places[0]))
            continue
        if second:
            one, other = (subject(article, i) for i in places)
            link = ", and" if one and one == other else ";"
            text = f"{text.rstrip('.')}{link} {lowered(_words_of(article, places[1]), second[0])}"
        score = min(scores.get(i, 1.0) for i in places)
        rows.append((text, score, True, "written", [i + 1 for i in places], " ".join(texts[i] for i in places)))
    return rows


def _grouped(article: Article, order: list[int], parts: dict[int, str], count: int) -> list[list[int]]:
    """Sentences in `count` groups: two together where they are neighbours, salient, and short enough.

    What needs the sentence before it comes only with that, unless there is too little else.
    """
    groups: list[list[int]] = []
    spare = len(order) - count
    placed: set[int] = set()
    for rank, i in enumerate(order):
        if i in leaning(article) and i - 1 not in placed:
            continue
        beside = [group for group in groups if len(group) == 1 and abs(group[0] - i) == 1]
        fitting = [
            group for group in beside
            if can_be_joined(article, min(i, *group))
            and len(f"{parts[group[0]]} {parts[i]}".split()) <= MOST_WORDS
        ]  # fmt: skip
        if fitting and spare and rank < 2 * count:
            fitting[0][:] = sorted([*fitting[0], i])
            spare -= 1
        elif len(groups) < count:
            groups.append([i])
        placed = {place for group in groups for place in group}
    rest = [[i] for i in order if i not in placed]
    return sorted([*groups, *rest[: count - len(groups)]])


def _words_of(article: Article, i: int) -> Span:
    """The words of a sentence, without a dateline."""
    row = article.sentences.iloc[i]
    start = dict(datelines(article.text)).get(row["start"], row["start"])
    return article.doc.char_span(start, row["end"], alignment_mode="expand")


def _draft(article: Article, i: int) -> str:
    """A sentence as the generator shortens it; nothing if it is too long to be read."""
    text = article.sentences["text"].iloc[i]
    if len(text.split()) > LONGEST:
        return ""
    if not follows_grammar(article.profile):
        made = generate(text, article.profile)
        return parse_article(made, profile=article.profile).sentences["text"].iloc[0] if made.strip() else ""
    words = _words_of(article, i)
    made = words.text
    if omissible(words):
        asked = SETTINGS["shorten"] | {"grammar": grammar(words), "max_new_tokens": 400}
        made = generate(text, article.profile, **asked).strip()
    return made[:1].upper() + made[1:]


def headline(article: Article) -> str | None:
    """A headline of three to twelve words for an article that has none, of its first four sentences.

    None where what the generator writes is longer or not supported, and where the profile has no generator that has
    learnt to write headlines.
    """
    if not has_writer(article.profile):
        return None
    text = write_headline(list(article.sentences["text"].iloc[:OPENING]), article.profile).rstrip(" .")
    if not 3 <= len(text.split()) <= HEADLINE:
        return None
    return text if support([f"{text}."], article)["supported"].all() else None
