"""Corrections by hand: kept in a table of their own, and applied on top of what was found."""

from __future__ import annotations

import pandas as pd

ABOUT = ["field", "predicted", "corrected", "who", "note"]


def apply_corrections(found: pd.DataFrame, corrections: pd.DataFrame) -> pd.DataFrame:
    """A corrected copy of a table; the table itself stays as it is.

    Parameters
    ----------
    found
        Any table of results, such as that of `find_voices` or `detect_stance`.
    corrections
        One row per correction: columns that say which row is meant (such as `sentence` and `start`, or
        `sentence`, `holder` and `target`), and `field` (the column to correct), `predicted` (what stands
        there), `corrected`, `who`, `note`.

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
    missing = [name for name in ABOUT[:4] if name not in corrections.columns]
    if missing := missing + [key for key in keys if key not in found.columns]:
        raise ValueError(f"corrections do not fit the table: no column {', '.join(missing)}")
    changed = found.copy().assign(corrected_by="")
    for number, row in enumerate(corrections.to_dict("records")):
        at = (changed[keys].astype(str) == pd.Series({key: str(row[key]) for key in keys})).all(axis=1)
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
        changed.loc[at, row["field"]] = row["corrected"]
        changed.loc[at, "corrected_by"] = row["who"]
    return changed
