"""Corrections by hand: kept in a table of their own, and applied on top of what was found."""

from __future__ import annotations

import datetime
from pathlib import Path

import pandas as pd

from korea_nlp.errors import KoreaNLPError
from korea_nlp.exchange.files import parse_csv, read_text

ABOUT = ["field", "predicted", "corrected", "who", "when", "note"]
_NEEDED = ABOUT[:4]


def correct(
    found: pd.DataFrame, where: dict, field: str, corrected: object, who: str, note: str = "", when: str | None = None
) -> pd.DataFrame:
    """One correction, as a table of one row.

    Parameters
    ----------
    found
        The table of results that is wrong in one place; it stays as it is.
    where
        Which row is meant, such as ``{"sentence": 3, "start": 120}``.
    field, corrected
        The column, and what should stand there.
    who, note, when
        Who says so, why, and the date (today's if left out).

    Returns
    -------
    DataFrame
        The columns of `where`, then `field`, `predicted`, `corrected`, `who`, `when`, `note`: what
        `apply_corrections` takes and `save_corrections` keeps.

    Raises
    ------
    ValueError
        No row or more than one is meant, or there is no such column.
    """
    if missing := [name for name in (*where, field) if name not in found.columns]:
        raise ValueError(f"no column {', '.join(missing)} in {list(found.columns)}")
    at = _fits(found, where)
    if at.sum() != 1:
        raise ValueError(f"{int(at.sum())} rows fit {where}; name the columns that tell one row from the others")
    about = {"field": field, "predicted": found.loc[at, field].iloc[0], "corrected": corrected, "who": who}
    return pd.DataFrame([where | about | {"when": when or datetime.date.today().isoformat(), "note": note}])


def save_corrections(path: str | Path, corrections: pd.DataFrame) -> int:
    """Append corrections to a CSV file; what others wrote there stays as it is, byte for byte.

    Returns
    -------
    int
        How many rows were written: those that the file did not hold yet.

    Raises
    ------
    KoreaNLPError
        The file cannot be read or written, or is for a table with other columns.
    """
    path = Path(path)
    _check_columns(corrections, path)
    text = read_text(path) if path.exists() else ""
    kept = parse_csv(text, path) if text else corrections.head(0)
    if {*kept.columns} != {*corrections.columns}:
        raise KoreaNLPError(
            f"{path} has the columns {', '.join(kept.columns)}, these corrections {', '.join(corrections.columns)}; "
            "keep the corrections of each table in a file of its own"
        )
    new = corrections[kept.columns].astype(str)
    known = {*kept.itertuples(index=False, name=None)}
    new = new[[row not in known for row in new.itertuples(index=False, name=None)]]
    written = new.to_csv(index=False, header=not text, lineterminator="\n")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8", newline="") as file:
            file.write("\n" * bool(text and not text.endswith("\n")) + written)
    except OSError as problem:
        raise KoreaNLPError(f"cannot write {path}: {problem.strerror or problem}") from problem
    return len(new)


def load_corrections(path: str | Path) -> pd.DataFrame:
    """Read corrections from a CSV file; rows that change nothing are passed over.

    Returns
    -------
    DataFrame
        What `apply_corrections` takes; all columns are text.

    Raises
    ------
    KoreaNLPError
        The file cannot be read, is not such a table, or a row does not say who corrects.
    """
    table = parse_csv(read_text(path), path)
    _check_columns(table, path)
    table = table[table["corrected"] != table["predicted"]]
    nameless = table.index[table["who"].str.strip() == ""]
    if len(nameless):
        raise KoreaNLPError(f"{path}: row {nameless[0] + 2} does not say who corrects; fill in the column who")
    return table.reset_index(drop=True)


def apply_corrections(found: pd.DataFrame, corrections: pd.DataFrame) -> pd.DataFrame:
    """A corrected copy of a table; the table itself stays as it is.

    Parameters
    ----------
    found
        Any table of results, such as that of `find_voices` or `detect_stance`.
    corrections
        One row per correction: columns that say which row is meant (such as `sentence` and `start`, or
        `sentence`, `holder` and `target`), and `field` (the column to correct), `predicted` (what stands
        there), `corrected`, `who`, and if you like `when` and `note`. Of two corrections of the same value,
        the later in the table counts.

    Returns
    -------
    DataFrame
        `found` with the corrections applied, and `corrected_by`: who corrected the row, or ``""``.

    Raises
    ------
    ValueError
        A correction fits no row, or the value that it corrects is no longer there.
    """
    keys = [column for column in corrections.columns if column not in ABOUT]
    missing = [name for name in _NEEDED if name not in corrections.columns]
    if missing := missing + [key for key in keys if key not in found.columns]:
        raise ValueError(f"corrections do not fit the table: no column {', '.join(missing)}")
    changed = found.copy().assign(corrected_by="")
    for number, row in enumerate(corrections.to_dict("records")):
        at = _fits(found, {key: row[key] for key in keys})
        if not keys or not at.any():
            raise ValueError(f"correction {number} fits no row: {[(key, row[key]) for key in keys]}")
        if row["field"] not in found.columns:
            raise ValueError(f"correction {number}: no column {row['field']!r} in {list(found.columns)}")
        before = found.loc[at, row["field"]].astype(str)
        if not (before == str(row["predicted"])).all():
            raise ValueError(
                f"correction {number} corrects {row['predicted']!r}, but {before.iloc[0]!r} is there now; "
                "look at the row again"
            )
        changed.loc[at, row["field"]] = _like(found[row["field"]], row["corrected"], number)
        changed.loc[at, "corrected_by"] = row["who"]
    return changed


def _fits(found: pd.DataFrame, where: dict) -> pd.Series:
    """Which rows have these values, as they would be written in a file."""
    wanted = pd.Series({key: str(value) for key, value in where.items()}, dtype=object)
    return (found[list(where)].astype(str) == wanted).all(axis=1)


def _like(column: pd.Series, value: object, number: int) -> object:
    """The value as a number where the column holds numbers."""
    try:
        return column.dtype.type(value) if pd.api.types.is_numeric_dtype(column) else value
    except ValueError as problem:
        raise ValueError(f"correction {number}: {value!r} is no number, as in {column.name!r}") from problem


def _check_columns(table: pd.DataFrame, where: str | Path) -> None:
    """Refuse a table that lacks what every correction needs."""
    if missing := [name for name in _NEEDED if name not in table.columns]:
        raise KoreaNLPError(f"{where}: no column {', '.join(missing)}; corrections need {', '.join(_NEEDED)}")
