"""Several readings of one article, people's and the machine's: who has read it, and where they differ."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import pandas as pd

from korea_nlp.agreement import READINGS, compare_readings, confusion
from korea_nlp.agreement.gold import load_gold
from korea_nlp.agreement.matching import pair_rows, pair_words, stance_candidates
from korea_nlp.article import Article, read_article
from korea_nlp.errors import KoreaNLPError
from korea_nlp.frames import find_frames
from korea_nlp.prose.interpretation import from_root
from korea_nlp.prose.markup import counted, escaped
from korea_nlp.reading import Reading, analyse_all
from korea_nlp.weights import Profile, load_profile

Tables = dict[str, pd.DataFrame]
MODEL = "model"
LAYERS = {"stance": "stance by sentence", "stance_article": "stance over the article"}


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


def describe_readers(readings: dict[str, Tables], model: Tables) -> str:
    """Who has annotated the article, and how much they saw, beside the machine."""
    if not readings:
        return (
            "**Nobody has annotated this article yet.** What the machine finds has not been compared with "
            "anybody’s reading: annotate it yourself, by the guidelines in `data/gold/GUIDELINES.md`."
        )
    rows = []
    for name, each in {**{f"{name} reader": theirs for name, theirs in readings.items()}, "machine": model}.items():
        unclear = int((each["stance_article"]["stance"] == "unclear").sum())
        sides = counted(len(each["stance_article"]) - unclear, "side")
        open_ = f", and left {counted(unclear, 'pair')} unclear" if unclear else ""
        rows.append(f"the {escaped(name)} saw {counted(len(each['events']), 'event')} and {sides}{open_}")
    who = {1: "One reader has", 2: "Two readers have"}.get(len(readings), f"{len(readings)} readers have")
    return f"{who} annotated this article: {'; '.join(rows)}."


def disputes(readings: dict[str, Tables], model: Tables) -> pd.DataFrame:
    """The pairs whose stance over the article a reader sees otherwise than the model.

    Returns
    -------
    DataFrame
        `holder`, `target`, `model`, and a column for each reader.
    """
    found: dict[tuple[str, str], dict[str, str]] = {}
    for name, theirs in readings.items():
        for row in differences(theirs, model).itertuples():
            found.setdefault((row.holder, row.target), {MODEL: row.other})[name] = row.one
    rows = [
        {"holder": holder, "target": target} | dict.fromkeys(readings, said[MODEL]) | said
        for (holder, target), said in sorted(found.items())
    ]
    return pd.DataFrame(rows, columns=["holder", "target", MODEL, *readings])


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


def agreement_table(compared: pd.DataFrame) -> pd.DataFrame:
    """How far the model agrees with the first reader, beside the second: one row per layer.

    Returns
    -------
    DataFrame
        `layer`, `compared` (what is counted), `items`, `measure` (kappa, or F1 where there is none), `readers`
        (the second reader with the first), `model` (with the first). Of two ways to compare spans, the exact one.
    """
    first = compared[(compared["one"] == "first") & ~compared["unit"].str.contains("overlap")]
    rows = []
    for row in first[first["other"] == MODEL].to_dict("records"):
        measure = "f1" if pd.isna(row["kappa"]) else "kappa"
        other = first[(first["other"] != MODEL) & (first["layer"] == row["layer"])][measure]
        layer = LAYERS.get(row["layer"], row["layer"])
        among = float(other.iloc[0]) if len(other) else float("nan")
        measured = measure.replace("f1", "F1")
        rows.append((layer, row["unit"].split(" (")[0], int(row["items"]), measured, among, row[measure]))
    return pd.DataFrame(rows, columns=["layer", "compared", "items", "measure", "readers", MODEL])


def held_out_agreement(profile: str | Profile = "bundled") -> pd.DataFrame:
    """`agreement_table` on the annotated articles that the package was developed without, read anew."""
    wanted, folder = held_out(), Path(from_root("data/articles"))
    articles = [read_article(path, profile) for path in sorted(folder.glob("[0-9]*.md")) if wanted(path.stem)]
    return agreement_table(compare_all(gather_readings(articles, analyse_all(articles, methods=["lead"]))))


def load_agreement(profile: str | Profile = "bundled") -> pd.DataFrame:
    """What `held_out_agreement` found, as it is kept in ``data/benchmarks``; empty if it was not measured."""
    kept = pd.read_csv(from_root("data/benchmarks/agreement.csv"))
    return kept[kept["profile"] == load_profile(profile).name].drop(columns="profile").reset_index(drop=True)


def describe_agreement_held_out(table: pd.DataFrame) -> str:
    """What must be said before any finding: how far the machine agrees with a reader on articles new to it."""
    rows = table.set_index("layer")
    said = [
        f"on {what} with {measure} of **{rows.loc[layer, 'model']:.2f}** (two readers: "
        f"{rows.loc[layer, 'readers']:.2f}; 1 is perfect{chance})"
        for layer, what, measure, chance in (
            ("stance over the article", "who is for or against whom", "a kappa", ", 0 is chance"),
            ("events", "events", "an F1", ""),
        )
        if layer in rows.index
    ]
    if not said:
        return "**How far this profile agrees with readers was not measured.**"
    where = "On invented articles about Korea that the package was developed without"
    return f"{where}, the machine agrees with a reader {', and '.join(said)}."
