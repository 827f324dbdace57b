"""Several readings of one article, people's and the machine's: who has read it, and where they differ."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import pandas as pd

from korea_nlp.agreement import READINGS, compare_readings, confusion
from korea_nlp.agreement.gold import load_gold
from korea_nlp.agreement.matching import pair_rows, pair_words, stance_candidates
from korea_nlp.article import Article
from korea_nlp.errors import KoreaNLPError
from korea_nlp.frames import find_frames
from korea_nlp.prose.interpretation import from_root
from korea_nlp.prose.markup import counted, escaped, listed
from korea_nlp.reading import Reading

Tables = dict[str, pd.DataFrame]
MODEL = "model"


def readings_of(article: Article, folder: str | Path = "data/gold") -> dict[str, Tables]:
    """What people have annotated in an article, by reader: empty where nobody has read this very text."""
    found = {}
    readers = Path(from_root(str(folder)))
    for place in sorted(readers.iterdir()) if readers.is_dir() else []:
        if place.is_dir():
            try:
                found[place.name] = load_gold(place.name, readers, article)
            except KoreaNLPError:
                continue  # another article, or another text under its name
    return found


def tables_of(reading: Reading, frames: pd.DataFrame | None = None) -> Tables:
    """The machine's reading in the form of a person's, who lists only what they see."""
    sided = reading.stance[reading.stance["stance"].isin(["favor", "against"])]
    pairs = reading.stance_article
    found = {
        "mentions": reading.mentions,
        "voices": reading.voices,
        "stance": sided,
        "stance_article": pairs[pairs["stance"] != "none"],
        "events": reading.events,
    }
    return found if frames is None else found | {"frames": frames}


def compare_all(readings: dict[str, Tables]) -> pd.DataFrame:
    """`compare_readings` of every two readings; of each two, the first is the reference.

    Returns
    -------
    DataFrame
        `one`, `other` (names of the readings), then the columns of `compare_readings`.
    """
    rows = [
        compare_readings(readings[one], readings[other]).assign(one=one, other=other)
        for one, other in combinations(readings, 2)
    ]
    columns = ["one", "other", *READINGS]
    return pd.concat(rows, ignore_index=True)[columns] if rows else pd.DataFrame(columns=columns)


def confusions(one: Tables, other: Tables) -> Tables:
    """Which label of one reading meets which of another, as counts: voices, and stances over the article."""
    words = pair_words(one["voices"], other["voices"])
    keys = ["article", "holder", "target"]
    pairs = stance_candidates(one["mentions"], other["mentions"])[keys].drop_duplicates()
    stances = pair_rows(one["stance_article"], other["stance_article"], keys, "stance", pairs)
    return {
        "voice of each word": confusion(words["one"], words["other"]),
        "stance over the article of each pair": confusion(stances["one"], stances["other"]),
    }


def differences(one: Tables, other: Tables) -> pd.DataFrame:
    """The pairs on whose stance over the article two readings differ: `holder`, `target`, `one`, `other`."""
    keys = ["article", "holder", "target"]
    pairs = stance_candidates(one["mentions"], other["mentions"])[keys].drop_duplicates()
    rows = pair_rows(one["stance_article"], other["stance_article"], keys, "stance", pairs)
    rows = rows[rows["one"] != rows["other"]].drop(columns="article" if (rows["article"] == "").all() else [])
    return rows.reset_index(drop=True)


def describe_readers(readings: dict[str, Tables]) -> str:
    """Who has annotated the article."""
    if not readings:
        return (
            "**Nobody has annotated this article yet.** What the machine finds has not been compared with "
            "anybody’s reading: annotate it yourself, by the guidelines in `data/gold/GUIDELINES.md`."
        )
    rows = [
        f"{escaped(name)} ({counted(len(each['mentions']), 'mention')}, "
        f"{counted(len(each['events']), 'event')}, "
        f"{counted(len(each['stance_article']), 'stance')} over the article)"
        for name, each in readings.items()
    ]
    who = "One reader has" if len(readings) == 1 else f"{len(readings)} readers have"
    return f"{who} annotated this article: {'; '.join(rows)}."


def describe_differences(found: pd.DataFrame, one: str, other: str) -> str:
    """On how many pairs two readings differ, and in which way."""
    who = f"{escaped(one[0].upper() + one[1:])} and {escaped(other)}"
    if found.empty:
        return f"{who} agree on every pair."
    sides = found[["one", "other"]].isin(["favor", "against"])
    unclear = (found[["one", "other"]] == "unclear").any(axis=1)
    text = f"{who} differ on {counted(len(found), 'pair')}."
    for rows, said in (
        (found[sides["one"] & ~sides["other"] & ~unclear], f"Only {escaped(one)} sees a stance in {{}}"),
        (found[sides["other"] & ~sides["one"] & ~unclear], f"Only {escaped(other)} sees a stance in {{}}"),
        (found[sides.all(axis=1)], "Both take a side, but opposite ones, in {}"),
        (found[sides.any(axis=1) & unclear], "In {} one takes a side where the other answers `unclear`"),
        (found[~sides.any(axis=1)], "In {} one answers `unclear` where the other sees no stance"),
    ):
        if len(rows):
            pairs = listed([f"{row.holder} → {row.target}" for row in rows.itertuples()], most=6)
            text += f" {said.format(len(rows))} ({pairs})."
    return text


def gather_readings(articles: list[Article], readings: list[Reading]) -> dict[str, Tables]:
    """What people and machine say of several articles, by reader, each table with a column `article`.

    Articles that a person has not annotated are missing from their tables only.
    """
    found: dict[str, list[Tables]] = {}
    for article, reading in zip(articles, readings, strict=True):
        frames = find_frames(article)
        for name, tables in (readings_of(article) | {MODEL: tables_of(reading, frames)}).items():
            named = {table: rows.assign(article=article.name) for table, rows in tables.items()}
            found.setdefault(name, []).append(named)
    model = found.pop(MODEL, [])
    everyone = found | ({MODEL: model} if model else {})
    return {
        name: {table: pd.concat([each[table] for each in parts], ignore_index=True) for table in parts[0]}
        for name, parts in everyone.items()
    }


def held_out(folder: str | Path = "data/gold") -> Callable[[str], bool]:
    """Tells of an article's name whether the package's rules and lists were written without it at hand."""
    lines = (Path(from_root(str(folder))) / "development.txt").read_text(encoding="utf-8").split("\n")
    used = {line.strip() for line in lines if line.strip() and not line.startswith("#")}
    return lambda name: name not in used


def only(tables: Tables, wanted: Callable[[str], bool]) -> Tables:
    """The rows of those articles whose name is wanted."""
    return {name: table[table["article"].map(wanted).astype(bool)] for name, table in tables.items()}


def describe_readers_and_model(compared: pd.DataFrame) -> str:
    """How far the model agrees with the first reader, beside the second: a line for each layer."""
    people = compared[(compared["one"] == "first") & (compared["other"] != MODEL)]
    machine = compared[(compared["one"] == "first") & (compared["other"] == MODEL)]
    if machine.empty:
        return "No annotated article is here to compare with."
    lines = []
    for row in machine.to_dict("records"):
        same = (people["layer"] == row["layer"]) & (people["unit"] == row["unit"])
        other = people[same].to_dict("records")
        measure, name = ("f1", "F1") if pd.isna(row["accuracy"]) else ("accuracy", "accuracy")
        line = f"- **{escaped(row['layer'].replace('stance_article', 'stance over the article'))}** "
        line += f"({counted(int(row['items']), 'item')}: {escaped(row['unit'])}): {name} {row[measure]:.2f}"
        if name == "accuracy" and pd.notna(row["kappa"]):
            line += f", kappa {row['kappa']:.2f}"
        if other:
            line += f"; the second reader reaches {other[0][measure]:.2f}"
            if name == "accuracy" and pd.notna(other[0]["kappa"]):
                line += f" and {other[0]['kappa']:.2f}"
        lines.append(f"{line}.")
    return "\n".join(lines)
