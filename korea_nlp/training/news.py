"""Annotated news: articles with mentions, stances and events in plain text (`data/news/README.md`)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from korea_nlp.article import Article, parse_article
from korea_nlp.cues import quotations
from korea_nlp.paths import ASSETS
from korea_nlp.stance import AUTHOR, FIRST_PERSON

MARK = re.compile(r"\[([^\[\]|]+)\|([^\[\]|]+)\]")
STANCE = re.compile(r"- (.+?) (favor|against) (.+)")
EVENT = re.compile(r"\* ([A-Z]+) (.+?) > (.+?) \| (.+)")
GOES_ON = "~"
"""A line that follows a sentence in which reported speech goes on."""
PARTS = {"5": "held out", "0": "tune"}
"""By the last digit of an article's number: nothing is learnt from the ones, training is tuned on the others."""
CONTEXT = 3  # sentences
WORDS = tomllib.loads((ASSETS / "training.toml").read_text(encoding="utf-8"))


@dataclass
class Sentence:
    """A sentence and what is marked in it.

    `mentions` are (start, end, actor); `stances` are {(holder, target): side}; `events` are
    (category, doer, target, words), doer and target a name or ``"-"``. `spoken`: whether all of it is quoted;
    `goes_on`: whether it is reported speech that goes on without a verb of saying.
    """

    text: str
    paragraph: int
    mentions: list[tuple[int, int, str]] = field(default_factory=list)
    stances: dict[tuple[str, str], str] = field(default_factory=dict)
    events: list[tuple[str, ...]] = field(default_factory=list)
    spoken: bool = False
    goes_on: bool = False

    @property
    def actors(self) -> list[str]:
        """Canonical names in order of mention; issues begin with ``#``."""
        return list(dict.fromkeys(actor for *_, actor in self.mentions))


@dataclass
class NewsArticle:
    """An annotated article."""

    id: str
    sentences: list[Sentence] = field(default_factory=list)

    @property
    def part(self) -> str:
        """``train``, ``tune`` or ``held out``: by the last digit of its number."""
        return PARTS.get(self.id[-1], "train")

    @property
    def texts(self) -> list[str]:
        """The text of each sentence."""
        return [sentence.text for sentence in self.sentences]

    def passage(self, places: Iterable[int]) -> str:
        """Some of its sentences, by their places from 0, as one text."""
        return " ".join(self.sentences[place].text for place in places)


def is_named(words: str) -> bool:
    """Whether an expression names somebody: a capital that is not a function word's."""
    return any(word[:1].isupper() and word.lower() not in WORDS["function"] for word in re.findall(r"[\w.]+", words))


def read_news(folder: Path) -> list[NewsArticle]:
    """All articles of a folder's ``*.txt`` files, in the order of the files' names."""
    articles: list[NewsArticle] = []
    paragraph = 0
    files = [file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.txt"))]
    for line in "\n".join(files).splitlines():
        if line.startswith("# "):
            articles.append(NewsArticle(line[2:].strip()))
            paragraph = 0
        elif not line.strip():
            paragraph += 1
        elif line.startswith("@"):
            continue  # what kind of article it is, and of when
        elif line == GOES_ON:
            articles[-1].sentences[-1].goes_on = True
        elif found := STANCE.fullmatch(line):
            holder, side, target = found.groups()
            articles[-1].sentences[-1].stances[holder, target] = side
        elif found := EVENT.fullmatch(line):
            articles[-1].sentences[-1].events.append(found.groups())
        else:
            articles[-1].sentences.append(_sentence(line, paragraph))
    for article in articles:
        text, starts = text_of(article)
        quoted = quotations(text)
        for start, sentence in zip(starts, article.sentences, strict=True):
            end = start + len(sentence.text)
            sentence.spoken = any(first <= start and end <= last for first, last in quoted)
    return articles


def _sentence(line: str, paragraph: int) -> Sentence:
    text, mentions, last = "", [], 0
    for mark in MARK.finditer(line):
        text += line[last : mark.start()]
        mentions += [(len(text), len(text) + len(mark[1]), name.strip()) for name in mark[2].split(" + ")]
        text += mark[1]
        last = mark.end()
    return Sentence(text + line[last:], paragraph, mentions)


def labelled_pairs(sentence: Sentence) -> list[tuple[str, str, str]]:
    """Every ordered pair (holder, target, label) of a sentence: actors, whose words it is, and issues as targets.

    Whose words it is, is called `AUTHOR`: the writer, or the speaker where all is quoted. What "we" and "I" stand for
    there speaks; and so does a holder who is not marked in the sentence, whose reported speech goes on.
    """
    actors = sentence.actors
    holders = [actor for actor in actors if not actor.startswith("#")]
    speaking = {AUTHOR, *(holder for holder, _ in sentence.stances)} - {*holders}
    if sentence.spoken:
        words = [(sentence.text[start:end], actor) for start, end, actor in sentence.mentions]
        speaking |= {actor for word, actor in words if FIRST_PERSON.fullmatch(word)}
    said = {target: side for (holder, target), side in sentence.stances.items() if holder in speaking}
    return [(AUTHOR, target, said.get(target, "none")) for target in actors] + [
        (holder, target, sentence.stances.get((holder, target), "none"))
        for holder in holders for target in actors if holder != target
    ]  # fmt: skip


def in_view(sentences: list[Sentence], place: int) -> tuple[str, str, list[tuple[int, int, str]]]:
    """Context and text of a sentence, and the mentions of both as `korea_nlp.reader.Passage` counts them."""
    before = sentences[max(place - CONTEXT, 0) : place]
    context = "".join(f"{sentence.text} " for sentence in before)
    mentions, at = [], -len(context)
    for sentence in before:
        mentions += [(start + at, end + at, actor) for start, end, actor in sentence.mentions]
        at += len(sentence.text) + 1
    return context, sentences[place].text, mentions + sentences[place].mentions


def text_of(annotated: NewsArticle) -> tuple[str, list[int]]:
    """The text of an annotated article, and where each of its sentences begins."""
    text, starts = "", []
    for place, sentence in enumerate(annotated.sentences):
        if place:
            text += "\n" if sentence.paragraph != annotated.sentences[place - 1].paragraph else " "
        starts.append(len(text))
        text += sentence.text
    return text, starts


def article_of(annotated: NewsArticle, profile: str) -> tuple[Article, list[int]]:
    """An annotated article as the library reads one, and where each of its sentences begins."""
    text, starts = text_of(annotated)
    return parse_article(text, title=annotated.id, profile=profile), starts
