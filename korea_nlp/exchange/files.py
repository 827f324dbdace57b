"""Text and tables from files, or one line that says why not."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd

from korea_nlp.errors import KoreaNLPError, reason


def read_text(path: str | Path) -> str:
    """The text of a UTF-8 file, its line breaks as they are."""
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            return file.read()
    except UnicodeDecodeError as problem:
        raise KoreaNLPError(f"{path} is not UTF-8 text; save it as UTF-8") from problem
    except OSError as problem:
        raise KoreaNLPError(f"cannot read {path}: {problem.strerror or problem}") from problem


def parse_csv(text: str, path: str | Path) -> pd.DataFrame:
    """A table of text, with ``""`` where a cell is empty; `path` is named if it is none."""
    try:
        return pd.read_csv(io.StringIO(text, newline=""), dtype=str, keep_default_na=False)
    except ValueError as problem:
        raise KoreaNLPError(f"{path} is not a table in CSV: {reason(problem)}") from problem
