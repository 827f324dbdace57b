"""The article as one page to read: voices in its margin, actors in its text, stances and events beside it."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from itertools import count, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from korea_nlp.pages.page import build_page, plain
from korea_nlp.paths import ASSETS
from korea_nlp.prose.doubts import count_doubts
from korea_nlp.prose.markup import cut
from korea_nlp.stance import AUTHOR

if TYPE_CHECKING:
    from korea_nlp.article import Article
    from korea_nlp.summary import Summary

LOOK = tomllib.loads((ASSETS / "look.toml").read_text(encoding="utf-8"))


def write_view(path: str | Path, article: Article, *found: object, **more: object) -> None:
    """Write the page of `reading_view` to a file; all arguments but the first are those of `reading_view`.

    Raises
    ------
    OSError
        The file cannot be written.

    Examples
    --------
    >>> from korea_nlp import detect_stance, find_actors, find_voices, parse_article, write_view
    >>> article = parse_article("Tokyo condemned Pyongyang.")
    >>> import tempfile, pathlib
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "reading.html"
    >>> write_view(file, article, find_actors(article), find_voices(article), detect_stance(article))
    >>> file.exists()
    True
    """
    Path(path).write_text(reading_view(article, *found, **more), encoding="utf-8")


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
    All that comes from outside is escaped, and control characters are shown instead of obeyed.

    Parameters
    ----------
    mentions
        What `find_actors` found. All actors get a code of letters, and those mentioned most a colour.
    voices
        What `find_voices` found.
    stance
        What `detect_stance` found; ``none`` is not shown.
    events
        What `find_events` found.
    frames
        What `find_frames` found; ``none`` is not shown.
    summary
        What `summarize` made: shown at the top, and marked beside the sentences that it rests on.

    Examples
    --------
    >>> from korea_nlp import detect_stance, find_actors, find_voices, parse_article, reading_view
    >>> article = parse_article("Tokyo condemned Pyongyang.")
    >>> page = reading_view(article, find_actors(article), find_voices(article), detect_stance(article))
    >>> "<html" in page
    True
    """
    mentions, voices, stance, events, frames = map(_clean, (mentions, voices, stance, events, frames))
    named, said = (
        table.sort_values(["start", "end"], ascending=[True, False]).to_dict("records") for table in (mentions, voices)
    )
    actors = _actors(named)
    stances = [row for row in stance.to_dict("records") if row["stance"] != "none"]
    stances.sort(key=lambda row: (row["stance"] == "unclear", -max(row["favor"], row["against"])))
    told = [] if events is None else events.sort_values("start", kind="stable").to_dict("records")
    tags = [] if frames is None else frames[frames["frame"] != "none"].to_dict("records")
    tags.sort(key=lambda row: -row["probability"])
    brief = [] if summary is None else _clean(summary.sentences).to_dict("records")
    sentences = article.sentences
    firsts = ~sentences["paragraph"].duplicated()
    # what stands between two sentences belongs to the first
    places = pairwise([0, *sentences["start"].iloc[1:], len(article.text)])
    rows = []
    for number, first, (start, end) in zip(sentences["sentence"], firsts, places, strict=True):
        here, voiced = ([row for row in found if row["start"] < end and row["end"] > start] for found in (named, said))
        cards = [row for row in [*stances, *told] if row["sentence"] == number]
        size = sum(row["end"] - row["start"] for row in voiced)
        rows.append({
            "sentence": number,
            "first": first,
            "voices": [row | {"weight": max(1, round(12 * (row["end"] - row["start"]) / size))} for row in voiced],
            "pieces": _pieces(article.text, (start, end), here, voiced, cards, actors),
            "cards": cards,
            "frames": [row for row in tags if row["sentence"] == number],
            "flags": [n for n, row in enumerate(brief, 1) if row["supported"] and number in row["evidence"]],
        })  # fmt: skip
    return build_page(
        "view",
        article,
        LOOK | {"most_cards": max(len(row["cards"]) for row in rows), "named": len(actors)},
        cautions=count_doubts(voices, stance, events, summary),
        summary=summary and {"method": summary.method, "rows": brief},
        actors=actors,
        events=events is not None,
        frames=frames is not None,
        rows=rows,
    )


def _clean(table: pd.DataFrame | None) -> pd.DataFrame | None:
    """The table with plain text in its cells, and ``""`` where a cell is empty."""
    if table is None:
        return None
    filled = table.astype(object).where(table.notna(), "")
    return filled.map(lambda value: plain(value) if isinstance(value, str) else value)


def _actors(mentions: list[dict]) -> dict[str, dict]:
    """The actors, most mentioned first, each with a code of letters that no other has and with its classes."""
    actors, codes = {}, set()
    kinds = {row["actor"]: row["kind"] for row in mentions}
    counts = Counter(row["actor"] for row in mentions)
    for place, actor in enumerate(sorted(counts, key=lambda actor: (-counts[actor], actor))):
        words = re.findall(r"[^\W_]+", actor) or ["?"]
        short = words[0][: 4 if words[0].isupper() else 2]
        if len(words) > 1:
            short = "".join(word[0] for word in words)[:4]
        code = next(code for n in count(1) if (code := short if n == 1 else f"{short}{n}") not in codes)
        codes.add(code)
        classes = f"a{place} c{place}" if place < len(LOOK["actors"]) else f"a{place}"
        actors[actor] = {"kind": kinds[actor], "mentions": counts[actor], "code": code, "classes": classes}
    return actors


def _pieces(
    text: str, place: tuple[int, int], named: list[dict], said: list[dict], cards: list[dict], actors: dict[str, dict]
) -> list[dict]:
    """A stretch of text, cut wherever a mention, a voice or an evidence begins or ends."""
    marks: list[tuple[int, int, str, object]] = [(row["start"], row["end"], "mention", row) for row in named]
    for row in said:
        if row["voice"] != AUTHOR:  # without the spaces around it
            words = text[row["start"] : row["end"]]
            start, end = row["end"] - len(words.lstrip()), row["start"] + len(words.rstrip())
            marks.append((start, end, "voice", row["voice"]))
    marks += [(card["start"], card["end"], "evidence", number) for number, card in enumerate(cards)]
    marks += [(at, at + 1, "control", text[at]) for at in range(*place) if text[at] != "\n" and not plain(text[at])]
    between = [(card.get("holder", card.get("actor")), card["target"]) for card in cards]
    pieces = []
    for left, right, within in cut(*place, [mark[:2] for mark in marks]):
        actor, title, code, names = None, None, None, []
        for start, end, what, value in (marks[number] for number in within):
            if what == "mention" and actor is None:
                actor, title = value["actor"], f"{value['actor']} ({value['kind']})"
                names.append(actors[actor]["classes"])
                if right == end:
                    names, code = [*names, "code"], actors[actor]["code"]
            elif what == "voice":
                names += [value, "said", *["opens"] * (left == start), *["closes"] * (right == end)]
            elif what == "evidence":
                names.append(f"e{value}")
            elif what == "control":
                names, code = [*names, "control"], f"U+{ord(value):04X}"
        names += [f"r{number}" for number, about in enumerate(between) if actor in about]
        pieces.append({"text": text[left:right], "actor": title, "classes": " ".join(names), "code": code})
    return pieces
