"""The article as one page to read: voices in its margin, actors in its text, stances and events beside it."""

from __future__ import annotations

import base64
import hashlib
import re
import tomllib
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from itertools import count, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from markupsafe import Markup

from korea_nlp.evaluation import published_quality
from korea_nlp.prose.caution import count_doubts
from korea_nlp.prose.markup import ASSETS, cut, render
from korea_nlp.stance import AUTHOR, SIDES
from korea_nlp.summary import headline

if TYPE_CHECKING:
    from korea_nlp.article import Article
    from korea_nlp.summary import Summary

LOOK = tomllib.loads((ASSETS / "view.toml").read_text(encoding="utf-8"))
_INCIPIT = 9  # words of a text without a title that stand for it


def write_view(
    path: str | Path,
    article: Article,
    mentions: pd.DataFrame,
    voices: pd.DataFrame,
    stance: pd.DataFrame,
    events: pd.DataFrame | None = None,
    frames: pd.DataFrame | None = None,
    summary: Summary | None = None,
) -> None:
    """Write the page of `reading_view` to a file.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    page = reading_view(article, mentions, voices, stance, events, frames, summary)
    Path(path).write_text(page, encoding="utf-8")


def reading_view(
    article: Article,
    mentions: pd.DataFrame,
    voices: pd.DataFrame,
    stance: pd.DataFrame,
    events: pd.DataFrame | None = None,
    frames: pd.DataFrame | None = None,
    summary: Summary | None = None,
) -> str:
    """The article as one HTML page that needs nothing else and runs no script.

    The text stands in the middle, one sentence under the other, unchanged: joined, the elements of the
    class ``text`` are ``article.text``. In the left margin stands who speaks, at the right what the model
    reads in the sentence; pointing at a note, or opening it, lights up the words that it rests on.

    Parameters
    ----------
    mentions
        What `find_actors` found. The most mentioned actors get the colours of ``assets/view.toml``; all
        get a code of letters.
    voices
        What `find_voices` found.
    stance
        What `detect_stance` found; ``none`` is counted, not shown.
    events
        What `find_events` found.
    frames
        What `find_frames` found; ``none`` is not shown.
    summary
        What `summarize` made: shown at the top, and marked beside the sentences that it rests on.

    Returns
    -------
    str
        The page. All that comes from outside is escaped, control characters that turn the direction of
        writing are shown instead of obeyed, and the page's policy lets no script run.
    """
    voices, stance = _clean(voices), _clean(stance)
    events = None if events is None else _clean(events)
    names, said = (_by_place(table) for table in (_clean(mentions), voices))
    notes = _by_sentence(
        stance[stance["stance"].isin([*SIDES, "unclear"])],
        key=lambda row: (row["stance"] == "unclear", -max(row["favor"], row["against"])),
    )
    deeds = _by_sentence(events, key=lambda row: row["start"])
    tags = _by_sentence(frames, key=lambda row: -row["probability"])
    actors = _actors(names)
    codes = {row["actor"]: row["code"] for row in actors}
    colours = len(LOOK["actors"])
    classes = {
        row["actor"]: f"a{place} c{place}" if place < colours else f"a{place}"
        for place, row in enumerate(actors)
    }
    rows = []
    for sentence, start, end, first in _rows(article):
        cards = notes[sentence] + deeds[sentence]
        voiced = [row for row in said if row["start"] < end and row["end"] > start]
        named = [row for row in names if row["start"] < end and row["end"] > start]
        rows.append({
            "sentence": sentence,
            "first": first,
            "voices": _margin(voiced),
            "pieces": _pieces(article.text, start, end, named, voiced, cards, classes, codes),
            "cards": cards,
            "frames": [tag for tag in tags[sentence] if tag["frame"] != "none"],
            "flags": _flags(summary, sentence),
        })  # fmt: skip
    style = render(
        "view.css.j2",
        page=LOOK["page"],
        tint=LOOK["tint"],
        palette=[*LOOK["actors"], LOOK["rest"]],
        cards=max(len(row["cards"]) for row in rows),
        actors=len(actors),
    )
    measured = published_quality(article.profile)
    link = article.source if re.match(r"https?://", article.source) else None
    source = "standard input" if article.source == "-" else link or Path(article.source).name
    return render(
        "view.html.j2",
        style=Markup(style),
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        title=_plain(title_of(article)),
        about=[_plain(part) for part in (article.author, article.outlet, article.date) if part],
        source=_plain(source),
        link=link,
        words=len(article.text.split()),
        cautions=count_doubts(voices, stance, events, summary),
        summary=summary and {"method": summary.method, "rows": _clean(summary.sentences).to_dict("records")},
        actors=actors,
        classes=classes,
        events=events,
        frames=frames is not None,
        rows=rows,
        measured=measured[measured["class"] == "macro"].to_dict("records"),
    )


def _plain(value: object) -> str:
    """Text without control characters, which may be invisible or turn the direction of writing."""
    return "".join(letter for letter in str(value or "") if unicodedata.category(letter) not in ("Cc", "Cf"))


def _clean(table: pd.DataFrame) -> pd.DataFrame:
    """The table with plain text in its cells, and ``""`` where a cell is empty."""
    return table.astype(object).where(table.notna(), "").map(
        lambda value: _plain(value) if isinstance(value, str) else value
    )  # fmt: skip


def title_of(article: Article) -> str:
    """What a page on an article is called: its title, else a headline that the machine wrote, else its first words."""
    if article.title:
        return article.title
    made = headline(article)
    return f"{made} (the machine’s headline)" if made else incipit(article.text)


def incipit(text: str) -> str:
    """The first words of a text, which stand for it where it has no title."""
    words = _plain(text[:200].replace("\n", " ")).split(" ")
    return f"“{' '.join(words[:_INCIPIT])}{' …' if len(words) > _INCIPIT else ''}”"


def _by_place(table: pd.DataFrame) -> list[dict]:
    return sorted(table.to_dict("records"), key=lambda row: (row["start"], -row["end"]))


def _by_sentence(table: pd.DataFrame | None, key: Callable[[dict], object]) -> dict[int, list[dict]]:
    """The rows of each sentence, sorted."""
    rows = defaultdict(list)
    if table is not None:
        for row in sorted(_clean(table).to_dict("records"), key=key):
            rows[row["sentence"]].append(row)
    return rows


def _actors(mentions: list[dict]) -> list[dict]:
    """One row per actor, most mentioned first, with a code of letters that no other actor has."""
    rows, taken = [], set()
    kinds = {row["actor"]: row["kind"] for row in mentions}
    counts = Counter(row["actor"] for row in mentions)
    for actor in sorted(counts, key=lambda actor: (-counts[actor], actor)):
        words = re.findall(r"[^\W_]+", actor) or ["?"]
        short = (
            "".join(word[0] for word in words)[:4]
            if len(words) > 1
            else words[0][: 4 if words[0].isupper() else 2]
        )
        code = next(code for n in count(1) if (code := short if n == 1 else f"{short}{n}") not in taken)
        taken.add(code)
        rows.append({"actor": actor, "kind": kinds[actor], "mentions": counts[actor], "code": code})
    return rows


def _rows(article: Article) -> Iterator[tuple[int, int, int, bool]]:
    """Number, start and end of each sentence, and whether a paragraph begins; what stands between belongs to
    the sentence before it."""
    sentences = list(article.sentences.itertuples())
    starts = [0, *(row.start for row in sentences[1:]), len(article.text)]
    paragraph = None
    for row, (start, end) in zip(sentences, pairwise(starts), strict=True):
        yield int(row.sentence), start, end, row.paragraph != paragraph
        paragraph = row.paragraph


def _margin(voices: list[dict]) -> list[dict]:
    """The voices of a sentence for the margin, each with its share of the height in twelfths."""
    sizes = [row["end"] - row["start"] for row in voices]
    return [
        row | {"weight": max(1, round(12 * size / sum(sizes)))}
        for row, size in zip(voices, sizes, strict=True)
    ]


def _pieces(
    text: str, start: int, end: int, named: list, said: list, cards: list, classes: dict, codes: dict
) -> list[dict]:
    """The text from start to end, cut wherever a mention, a voice or an evidence begins or ends."""
    controls = [at for at in range(start, end) if text[at] != "\n" and not _plain(text[at])]
    marks: list[tuple[int, int, str, object]] = [(row["start"], row["end"], "mention", row) for row in named]
    marks += [(*_trimmed(text, row), "voice", row["voice"]) for row in said if row["voice"] != AUTHOR]
    marks += [(card["start"], card["end"], "evidence", number) for number, card in enumerate(cards)]
    marks += [(at, at + 1, "control", f"U+{ord(text[at]):04X}") for at in controls]
    pieces = []
    for left, right, within in cut(start, end, [mark[:2] for mark in marks]):
        actor, title, code, names = None, None, None, []
        for first, last, what, value in (marks[place] for place in within):
            if what == "mention" and actor is None:
                actor, title = value["actor"], f"{value['actor']} ({value['kind']})"
                code = codes[actor] if right == last else None
                names += [classes[actor], "code" * (right == last)]
            elif what == "voice":
                names += [value, "said", "opens" * (left == first), "closes" * (right == last)]
            elif what == "evidence":
                names.append(f"e{value}")
            elif what == "control":
                names, code = [*names, "control"], value
        if actor is not None:
            names += [f"r{number}" for number, card in enumerate(cards) if actor in _parties(card)]
        pieces.append(
            {"text": text[left:right], "actor": title, "classes": " ".join(filter(None, names)), "code": code}
        )
    return pieces


def _parties(card: dict) -> tuple[str, str]:
    return card["holder"] if "holder" in card else card["actor"], card["target"]


def _trimmed(text: str, row: dict) -> tuple[int, int]:
    """Start and end of a voice without the spaces around it."""
    words = text[row["start"] : row["end"]]
    return row["start"] + len(words) - len(words.lstrip()), row["end"] - len(words) + len(words.rstrip())


def _flags(summary: Summary | None, sentence: int) -> list[int]:
    """Which sentences of the summary, counted from 1, rest on a sentence."""
    if summary is None:
        return []
    rows = zip(summary.sentences["evidence"], summary.sentences["supported"], strict=True)
    return [number for number, (evidence, held) in enumerate(rows, start=1) if held and sentence in evidence]
