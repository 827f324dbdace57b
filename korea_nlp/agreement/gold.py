"""Annotations by hand that come with the package, or with your own reading in the same form."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from korea_nlp.article import Article
from korea_nlp.errors import KoreaNLPError
from korea_nlp.exchange.layers import LABELS
from korea_nlp.prose.interpretation import from_root
from korea_nlp.stance import AUTHOR

COLUMNS = {
    "mentions": ["article", "sentence", "start", "end", "text", "actor"],
    "voices": ["article", "sentence", "start", "end", "text", "voice", "speaker"],
    "stance": ["article", "sentence", "holder", "target", "stance", "text"],
    "stance_article": ["article", "holder", "target", "stance"],
    "events": ["article", "sentence", "start", "end", "text", "actor", "category", "target"],
    "frames": ["article", "sentence", "frame"],
}
"""The tables of a reading, and their columns."""

_NUMBERS = ["sentence", "start", "end"]
_VALUES = {
    ("voices", "voice"): ["quote", "reported", AUTHOR],
    ("stance", "stance"): ["favor", "against"],
    ("stance_article", "stance"): ["favor", "against", "unclear"],
    ("events", "category"): LABELS["event"],
    ("frames", "frame"): LABELS["frame"],
}


def load_gold(
    reader: str = "first", folder: str | Path = "data/gold", article: Article | None = None
) -> dict[str, pd.DataFrame]:
    """Read what one reader annotated; `compare_readings` compares two such readings.

    Parameters
    ----------
    reader
        The name of a folder in `folder`: ``"first"``, ``"second"``, or your own.
    folder
        Where the readings are; ``data/gold/GUIDELINES.md`` says how they were made.
    article
        Only the annotations of this article, without the column `article`, as the models' tables are. They
        are checked against its text.

    Returns
    -------
    dict
        The tables `mentions`, `voices`, `stance`, `stance_article`, `events`, `frames`, with the columns of
        `COLUMNS`. What `stance`, `stance_article` and `frames` do not list, the reader saw no stance or frame
        in.

    Raises
    ------
    KoreaNLPError
        There is no such reader, the reader has not read the article, a file is missing or is not as it
        should be, or an annotation does not fit the text. The message is one line and names file and line.
    """
    readers = Path(from_root(str(folder)))
    place = readers / reader
    if not place.is_dir():
        known = sorted(path.name for path in readers.iterdir() if path.is_dir()) if readers.is_dir() else []
        raise KoreaNLPError(f"no reader {reader!r} in {readers}; there are: {', '.join(known) or 'none'}")
    tables = {name: _read(place / f"{name}.csv", name) for name in COLUMNS}
    if article is None:
        return tables
    if article.name not in set(tables["voices"]["article"]):
        read = ", ".join(sorted(set(tables["voices"]["article"])))
        raise KoreaNLPError(f"{place} holds no reading of {article.name}; it has: {read or 'none'}")
    tables = {name: table[table["article"] == article.name] for name, table in tables.items()}
    for name, table in tables.items():
        _check_text(place / f"{name}.csv", table, article)
    return {name: table.drop(columns="article").reset_index(drop=True) for name, table in tables.items()}


def _read(file: Path, name: str) -> pd.DataFrame:
    try:
        table = pd.read_csv(file, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except OSError as problem:
        raise KoreaNLPError(f"cannot read {file}: {problem.strerror or problem}") from problem
    except ValueError as problem:
        raise KoreaNLPError(f"{file} is not a table in CSV: {' '.join(str(problem).split())}") from problem
    if missing := [column for column in COLUMNS[name] if column not in table]:
        raise KoreaNLPError(
            f"{file}: no column {', '.join(missing)}; there must be {', '.join(COLUMNS[name])}"
        )
    for column in [column for column in _NUMBERS if column in table]:
        for line, value in enumerate(table[column], 2):
            if not (value.isascii() and value.isdecimal()):
                raise KoreaNLPError(
                    f"{file}: row {line} has the {column} {value!r}, which is no whole number"
                )
        table[column] = table[column].astype("int64")
    for (table_name, column), allowed in _VALUES.items():
        for line, value in enumerate(table[column], 2) if table_name == name else []:
            if value not in allowed:
                listed = ", ".join(allowed)
                raise KoreaNLPError(f"{file}: row {line} has the {column} {value!r}; there are: {listed}")
    return table[COLUMNS[name]]


def _check_text(file: Path, table: pd.DataFrame, article: Article) -> None:
    """Every row lies in a sentence of the article and quotes what stands there."""
    for row in table.to_dict("index").items():
        line, cells = row[0] + 2, row[1]
        if not 1 <= cells.get("sentence", 1) <= len(article.sentences):
            count = len(article.sentences)
            raise KoreaNLPError(f"{file}: row {line} is of sentence {cells['sentence']}; there are {count}")
        if "text" not in cells:
            continue
        sentence = article.sentences.iloc[cells["sentence"] - 1]
        start, end = cells.get("start", sentence["start"]), cells.get("end", sentence["end"])
        found = article.text[start:end]
        if found != cells["text"]:
            quoted = f"quotes {cells['text'][:40]!r}, but {article.name} reads {found[:40]!r}"
            raise KoreaNLPError(f"{file}: row {line} {quoted} from {start} to {end}")
        if not sentence["start"] <= start < sentence["end"]:
            number = cells["sentence"]
            raise KoreaNLPError(f"{file}: row {line} starts at {start}, which is not in sentence {number}")
