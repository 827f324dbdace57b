"""Who has annotated an article, what each annotator sees in it, and how far the machine agrees with them."""

from __future__ import annotations

from contextlib import suppress
from itertools import combinations
from pathlib import Path

import pandas as pd

from korea_nlp.agreement import READINGS, compare_readings, confusion, pair_article_stances, pair_labels, pair_words
from korea_nlp.article import Article, read_article
from korea_nlp.errors import KoreaNLPError
from korea_nlp.exchange.files import parse_csv, read_text
from korea_nlp.exchange.layers import LABELS, misquoted
from korea_nlp.frames import find_frames
from korea_nlp.models.weights import Profile
from korea_nlp.paths import from_root
from korea_nlp.prose.markup import counted, escaped
from korea_nlp.prose.quality import load_measured
from korea_nlp.reading import Reading, analyse_all
from korea_nlp.stance import AUTHOR

Tables = dict[str, pd.DataFrame]
MODEL = "model"
COLUMNS = {
    "mentions": ["article", "sentence", "start", "end", "text", "actor"],
    "voices": ["article", "sentence", "start", "end", "text", "voice", "speaker"],
    "stance": ["article", "sentence", "holder", "target", "stance", "text"],
    "stance_article": ["article", "holder", "target", "stance"],
    "events": ["article", "sentence", "start", "end", "text", "actor", "category", "target"],
    "frames": ["article", "sentence", "frame"],
}
"""The tables of an annotator, and their columns."""

_VALUES = {
    "voices": ("voice", [*LABELS["voice"], AUTHOR]),
    "stance": ("stance", ["favor", "against"]),
    "stance_article": ("stance", ["favor", "against", "unclear"]),
    "events": ("category", LABELS["event"]),
    "frames": ("frame", LABELS["frame"]),
}


def load_gold(reader: str = "first", folder: str | Path = "data/gold", article: Article | None = None) -> Tables:
    """Read what one reader annotated; `compare_readings` compares two such readings.

    Parameters
    ----------
    reader
        The name of a folder in `folder`: ``"first"``, ``"second"``, or your own.
    folder
        Where the readings are; ``data/gold/GUIDELINES.md`` says how they were made.
    article
        Only the annotations of this article, checked against its text and without the column `article`.

    Returns
    -------
    dict
        The tables of `COLUMNS`. Where `stance`, `stance_article` and `frames` list nothing, the reader saw nothing.

    Raises
    ------
    KoreaNLPError
        There is no such reader, the reader has not read the article, a file is missing or is not as it
        should be, or an annotation does not fit the text. The message names file and row.
    """
    readers = Path(from_root(folder))
    place = readers / reader
    if not place.is_dir():
        known = ", ".join(sorted(path.name for path in readers.glob("*/"))) or "none"
        raise KoreaNLPError(f"no reader {reader!r} in {readers}; there are: {known}")
    files = {name: place / f"{name}.csv" for name in COLUMNS}
    whole = {name: _load_table(file, name) for name, file in files.items()}
    if article is None:
        return whole
    read = sorted(set(whole["voices"]["article"]))
    if article.name not in read:
        raise KoreaNLPError(f"{place} holds no reading of {article.name}; it has: {', '.join(read) or 'none'}")
    tables = {name: table[table["article"] == article.name] for name, table in whole.items()}
    for name, table in tables.items():
        for number, row in zip(table.index, table.to_dict("records"), strict=True):
            if problem := _misplaced(row, article):
                raise KoreaNLPError(f"{files[name]}: row {number + 2} {problem}")
    return {name: table.drop(columns="article").reset_index(drop=True) for name, table in tables.items()}


def _load_table(file: Path, name: str) -> pd.DataFrame:
    """A table of an annotator, if its columns and values are as they should be."""
    table = parse_csv(read_text(file), file)
    columns = COLUMNS[name]
    if missing := [column for column in columns if column not in table]:
        raise KoreaNLPError(f"{file}: no column {', '.join(missing)}; there must be {', '.join(columns)}")
    numbers = [column for column in ("sentence", "start", "end") if column in columns]
    right = {column: (table[column].str.fullmatch("[0-9]+"), "it must be a whole number") for column in numbers}
    if name in _VALUES:
        column, allowed = _VALUES[name]
        right[column] = table[column].isin(allowed), f"there are: {', '.join(allowed)}"
    for column, (fits, why) in right.items():
        if not fits.all():
            row = fits.idxmin()
            raise KoreaNLPError(f"{file}: row {row + 2} has the {column} {table.loc[row, column]!r}; {why}")
    return table[columns].astype(dict.fromkeys(numbers, "int64"))


def _misplaced(row: dict, article: Article) -> str:
    """Why a row does not lie in its sentence of the article, or quotes something else; ``""`` if it fits."""
    number = row.get("sentence", 1)
    if not 1 <= number <= len(article.sentences):
        return f"is of sentence {number}; there are {len(article.sentences)}"
    sentence = article.sentences.iloc[number - 1]
    start, end = row.get("start", sentence["start"]), row.get("end", sentence["end"])
    if not sentence["start"] <= start < sentence["end"]:
        return f"starts at {start}, which is not in sentence {number}"
    return misquoted(start, end, row["text"], article.text) if "text" in row else ""


def readings_of(article: Article, folder: str | Path = "data/gold") -> dict[str, Tables]:
    """What people have annotated in an article, by annotator: empty where nobody has read this very text."""
    found = {}
    for place in sorted(Path(from_root(folder)).glob("*/")):
        with suppress(KoreaNLPError):  # another article, or another text under its name
            found[place.name] = load_gold(place.name, place.parent, article)
    return found


def tables_of(reading: Reading, frames: pd.DataFrame | None = None) -> Tables:
    """The machine's reading in the form of an annotator's, who lists only what they see."""
    pairs = reading.stance_article
    found = {
        "mentions": reading.mentions,
        "voices": reading.voices,
        "stance": reading.stance[reading.stance["stance"].isin(["favor", "against"])],
        "stance_article": pairs[pairs["stance"] != "none"],
        "events": reading.events,
    }
    return found if frames is None else found | {"frames": frames}


def compare_all(readings: dict[str, Tables]) -> pd.DataFrame:
    """`compare_readings` of every two readings, named in `one` (the reference, which comes first) and `other`."""
    columns = ["one", "other", *READINGS]
    parts = [
        compare_readings(readings[one], readings[other]).assign(one=one, other=other)
        for one, other in combinations(readings, 2)
    ]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def confusions(one: Tables, other: Tables) -> Tables:
    """Which label of one reading meets which of another, as counts: voices, and stances over the article."""
    words, pairs = pair_words(one["voices"], other["voices"]), pair_article_stances(one, other)
    return {
        "words (voice)": confusion(words),
        "pairs (stance over the article)": confusion(pairs),
    }


def disputes(readings: dict[str, Tables], model: Tables) -> pd.DataFrame:
    """The pairs (`holder`, `target`) whose stance over the article an annotator sees otherwise than the `model`:
    what the model says, and each annotator.
    """
    tables = {name: each["stance_article"] for name, each in {MODEL: model, **readings}.items()}
    pair = ["holder", "target"]
    asked = pd.concat(tables.values())[pair]
    said = {name: pair_labels(tables[MODEL], table, asked).set_index(pair)["other"] for name, table in tables.items()}
    found = pd.DataFrame(said)
    return found[found.ne(found[MODEL], axis=0).any(axis=1)].reset_index()


def describe_readers(readings: dict[str, Tables], model: Tables) -> str:
    """Who has annotated the article, and how much they saw, beside the machine."""
    if not readings:
        return (
            "**Nobody has annotated this article yet.** What the machine finds has not been compared with "
            "anybody’s reading: annotate it yourself, by the guidelines in `data/gold/GUIDELINES.md`."
        )
    saw = []
    for name, each in {**{f"{name} reader": theirs for name, theirs in readings.items()}, "machine": model}.items():
        stances = each["stance_article"]["stance"]
        unclear = int((stances == "unclear").sum())
        left = f", and left {counted(unclear, 'pair')} unclear" if unclear else ""
        told = each["events"].drop_duplicates(["sentence", "start", "end", "category"])
        events, sides = counted(len(told), "event"), counted(len(stances) - unclear, "stance")
        saw.append(f"{escaped(name)} saw {events} and {sides}{left}")
    who = {1: "One reader has", 2: "Two readers have"}.get(len(readings), f"{len(readings)} readers have")
    *people, machine = saw
    return f"{who} annotated this article. The {'; the '.join(people)}. The {machine}."


def held_out_agreement(profile: str | Profile = "bundled") -> pd.DataFrame:
    """`agreement_table` on the annotated articles with which no rule or list was written, read anew."""
    used = read_text(from_root("data/gold/development.txt")).split()
    files = sorted(Path(from_root("data/articles")).glob("[0-9]*.md"))
    articles = [read_article(file, profile) for file in files if file.stem not in used]
    parts: dict[str, dict[str, list]] = {}
    for article, reading in zip(articles, analyse_all(articles, methods=["lead"]), strict=True):
        everyone = readings_of(article) | {MODEL: tables_of(reading, find_frames(article))}
        for name, tables in everyone.items():
            for table, rows in tables.items():
                parts.setdefault(name, {}).setdefault(table, []).append(rows.assign(article=article.name))
    readings = {
        name: {table: pd.concat(rows, ignore_index=True) for table, rows in parts[name].items()}
        for name in sorted(parts, key=lambda name: name == MODEL)  # last: readers are the reference
    }
    return agreement_table(compare_all(readings))


def agreement_table(compared: pd.DataFrame) -> pd.DataFrame:
    """How far the model agrees with the first reader, beside the second: of what `compare_all` returned.

    Returns
    -------
    DataFrame
        `layer`, `items`, `measure` (kappa, or F1 where there is none), `readers`
        (the second reader with the first), `model` (with the first). Of two ways to compare spans, the exact one.
    """
    first = compared[(compared["one"] == "first") & ~compared["unit"].str.contains("overlap")]
    model, second = (first[of].set_index("layer") for of in (first["other"] == MODEL, first["other"] != MODEL))
    second = second[~second.index.duplicated()].reindex(model.index)
    without = model["kappa"].isna()
    layers = {"stance": "stance by sentence", "stance_article": "stance over the article"}
    table = pd.DataFrame({
        "items": model["items"].astype("int64"),
        "measure": without.map({True: "F1", False: "kappa"}),
        "readers": second["kappa"].mask(without, second["f1"]),
        MODEL: model["kappa"].mask(without, model["f1"]),
    })  # fmt: skip
    return table.rename(index=layers).reset_index()


def load_agreement(profile: str | Profile = "bundled") -> pd.DataFrame:
    """What `held_out_agreement` found, as it is kept in ``data/benchmarks``; empty if it was not measured."""
    return load_measured("data/benchmarks/agreement.csv", profile)


def describe_agreement_held_out(table: pd.DataFrame) -> str:
    """What must be said before any finding: how far the machine agrees with a reader where it learnt nothing."""
    rows = table.set_index("layer")
    said = [
        f"**On {what}**, agreement is measured by {measure}. Between the machine and the "
        f"first reader it is **{rows.loc[layer, 'model']:.2f}**, between the two readers "
        f"{rows.loc[layer, 'readers']:.2f}."
        for layer, what, measure in (
            (
                "stance over the article",
                "who is for or against whom",
                "kappa (1: always the same answer; 0: no more often than by luck)",
            ),
            ("events", "who did what to whom", "F1 (1: each finds exactly what the other finds)"),
        )
        if layer in rows.index
    ]
    if not said:
        return "**How far this profile agrees with readers was not measured.**"
    return (
        "Two language models, called readers here, annotated invented articles about Korea; neither saw the other’s "
        "answers. The machine did not learn from these articles. But its makers tried several versions of the machine "
        "on them and kept the best one: it may look a little better here than it is. "
        f"{' '.join(said)} Kappa and F1 are different measures: do not compare the one with the other."
    )
