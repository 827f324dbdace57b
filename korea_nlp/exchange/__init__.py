"""Annotations to and from files: CSV, JSON Lines, W3C Web Annotation, Label Studio and brat."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from korea_nlp.article import Article
from korea_nlp.errors import KoreaNLPError
from korea_nlp.exchange.brat import from_brat, to_brat
from korea_nlp.exchange.files import parse_csv, read_text
from korea_nlp.exchange.label_studio import from_label_studio, to_label_studio
from korea_nlp.exchange.layers import COLUMNS, checked
from korea_nlp.exchange.web_annotation import from_web_annotation, to_web_annotation


class Format(NamedTuple):
    """How annotations become the texts of files, by suffix, and come back from the text of one of them."""

    suffix: str
    write: Callable[[pd.DataFrame, Article], dict[str, str]]
    read: Callable[[str, Article, str], pd.DataFrame]


def export_annotations(
    annotations: pd.DataFrame, article: Article, path: str | Path, format: str = "csv"
) -> list[Path]:
    """Write annotations for another tool.

    Parameters
    ----------
    annotations
        What `to_annotations` returned.
    article
        The article that they belong to.
    path
        Where to write; the suffix of the format takes the place of its own.
    format
        ``"csv"``, ``"jsonl"`` (one JSON object per line), ``"web-annotation"`` (W3C JSON-LD),
        ``"label-studio"`` (a task with predictions, and the labeling configuration beside it) or ``"brat"``
        (the text, the annotations, and a configuration to be saved as `annotation.conf`).

    Returns
    -------
    list of Path
        The files that were written.

    Raises
    ------
    KoreaNLPError
        There is no such format, an annotation does not fit the article, or a file cannot be written.
    """
    chosen = _format(format)
    written = chosen.write(checked(annotations, article, "annotations"), article)
    stem = Path(path).with_suffix("") if Path(path).suffix == chosen.suffix else Path(path)
    files = [stem.with_name(stem.name + suffix) for suffix in written]
    try:
        for file, text in zip(files, written.values(), strict=True):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="")
    except OSError as problem:
        raise KoreaNLPError(f"cannot write {file}: {problem.strerror or problem}") from problem
    return files


def import_annotations(path: str | Path, article: Article, format: str = "csv") -> pd.DataFrame:
    """Read annotations of an article that were made, or changed, with another tool.

    Parameters
    ----------
    path
        The file: `.csv`, `.jsonl`, `.jsonld`, `.json` (Label Studio's export) or `.ann` (brat's).
    article
        The article that they belong to.
    format
        As in `export_annotations`.

    Returns
    -------
    DataFrame
        As `to_annotations` returns it; `from_annotations` makes the usual tables of it.

    Raises
    ------
    KoreaNLPError
        There is no such format, the file cannot be read or is not of this format, or an annotation does not
        fit the article. The message is one line.
    """
    rows = _format(format).read(read_text(path), article, str(path))
    return checked(rows if len(rows) else pd.DataFrame(columns=COLUMNS), article, str(path))


def _format(name: str) -> Format:
    if name not in FORMATS:
        raise KoreaNLPError(f"no format {name!r}; there are: {', '.join(FORMATS)}")
    return FORMATS[name]


def _to_csv(annotations: pd.DataFrame, article: Article) -> dict[str, str]:
    return {".csv": annotations.to_csv(index=False, lineterminator="\n")}


def _to_jsonl(annotations: pd.DataFrame, article: Article) -> dict[str, str]:
    rows = annotations.to_dict("records")
    return {".jsonl": "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)}


def _from_jsonl(written: str, article: Article, where: str) -> pd.DataFrame:
    rows = []
    for number, line in enumerate(written.split("\n"), 1):
        if line.strip():
            try:
                rows.append({**json.loads(line)})
            except (ValueError, TypeError) as problem:
                raise KoreaNLPError(f"{where}: line {number} is not a JSON object") from problem
    return pd.DataFrame(rows)


FORMATS = {
    "csv": Format(".csv", _to_csv, lambda written, _, where: parse_csv(written, where)),
    "jsonl": Format(".jsonl", _to_jsonl, _from_jsonl),
    "web-annotation": Format(".jsonld", to_web_annotation, from_web_annotation),
    "label-studio": Format(".json", to_label_studio, from_label_studio),
    "brat": Format(".ann", to_brat, from_brat),
}
