"""Many articles in one place: a folder of files, or a CSV, JSONL or Parquet file with a column of text."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from korea_nlp.errors import KoreaNLPError
from korea_nlp.sources import SUFFIXES, names_article

if TYPE_CHECKING:
    import pyarrow.parquet as pq

TABLES = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet")
TEXT_COLUMNS = ("text", "body", "content")
ABOUT = ("title", "date", "author", "outlet")
MAX_BYTES = 10_000_000  # of one article
_LOOK = 1000  # lines of JSONL from which the names of columns are taken
_ROWS = 100  # of Parquet at a time


@dataclass(frozen=True)
class Item:
    """One article of a collection, not yet read, with what its row says of it."""

    article: str  # unique in the collection: path below the folder, value of the id column, or row number
    data: bytes | str = ""  # of a file, or text
    kind: str = ""  # the file's suffix
    about: dict[str, str] = field(default_factory=dict)  # those of `ABOUT` that are known
    problem: str | None = None  # why there is no text


@dataclass(frozen=True)
class Collection:
    """Articles that are read one after the other, in the same order each time."""

    source: Path  # a folder or a table
    size: int
    text_column: str | None = None  # of a table
    id_column: str | None = None  # of a table; None if its rows are named by their number

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[Item]:
        if self.source.is_dir():
            return (_from_file(path, path.relative_to(self.source)) for path in _files(self.source))
        return (_from_row(row, number, self) for number, row in enumerate(_rows(self.source)))


def open_collection(source: str | Path, text_column: str | None = None, id_column: str | None = None) -> Collection:
    """Look through a folder or table once: how many articles there are, and whether their ids are unique.

    A folder gives its text, Markdown, HTML and PDF files, also those of folders in it, sorted by path; what
    begins with a dot, or is called README, is left out. A table gives its rows; columns `title`, `date`,
    `author` and `outlet` are kept. CSV is read as UTF-8, with a comma, semicolon or tab between columns.

    Parameters
    ----------
    source
        A folder, or a file that ends in .csv, .tsv, .jsonl, .ndjson or .parquet.
    text_column
        Where the text of a table is; by default `text`, `body` or `content`, the first that there is.
    id_column
        What names an article of a table; by default `id`, or else the number of the row, from 0.

    Raises
    ------
    KoreaNLPError
        There is no such source or column, it holds no article, or an id occurs twice.
    """
    source = Path(source).expanduser()
    if source.is_dir():
        if not (size := sum(1 for _ in _files(source))):
            raise KoreaNLPError(f"{source}: holds no article; articles end in {', '.join(SUFFIXES)}")
        return Collection(source, size)
    if not source.exists():
        raise KoreaNLPError(f"{source}: no such folder or file; check the path")
    if source.suffix.lower() not in TABLES:
        raise KoreaNLPError(
            f"{source}: is neither a folder nor a table ({', '.join(TABLES)}); for one article, use 'korea-nlp read'"
        )
    if not (names := _columns(source)):
        raise KoreaNLPError(f"{source}: holds no rows; pass a table of articles")
    text = _column(source, "text", [text_column] if text_column else TEXT_COLUMNS, names)
    name = _column(source, "id", [id_column], names) if id_column else "id" if "id" in names else None
    seen = set()
    for number, row in enumerate(_rows(source, [name or text])):
        mine = _name(row, number, name)
        if mine in seen:
            raise KoreaNLPError(
                f"{source}: the id {mine[:80]!r} occurs twice; name a column of unique ids with --id-column"
            )
        seen.add(mine)
    if not seen:
        raise KoreaNLPError(f"{source}: holds no rows; pass a table of articles")
    return Collection(source, len(seen), text, name)


def _column(source: Path, what: str, wanted: Sequence[str], names: list[str]) -> str:
    """The first column of those wanted that there is."""
    for name in wanted:
        if name in names:
            return name
    missing, given = ", ".join(map(repr, wanted)), ", ".join(names[:8])
    raise KoreaNLPError(f"{source}: has no column {missing}; name one of these with --{what}-column: {given}")


def _files(folder: Path) -> Iterator[Path]:
    """Articles of a folder and those below it, sorted, one folder's names in memory at a time."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _files(path)
        elif names_article(path) and path.is_file():
            yield path


def _from_file(path: Path, below: Path) -> Item:
    name = _text(below.as_posix())
    try:
        with path.open("rb") as file:
            return Item(name, file.read(MAX_BYTES + 1), path.suffix.lower())
    except OSError as error:
        return Item(name, problem=f"cannot be read ({error.strerror}); make the file readable")


def _from_row(row: dict | str, number: int, collection: Collection) -> Item:
    name = _name(row, number, collection.id_column)
    if isinstance(row, str):
        return Item(name, problem=row)
    text = row.get(collection.text_column)
    if not isinstance(text, str) or not text.strip():
        return Item(name, problem=f"has no text in the column {collection.text_column!r}")
    return Item(name, text, about={key: value for key in ABOUT if (value := _text(row.get(key)))})


def _name(row: dict | str, number: int, column: str | None) -> str:
    return (_text(row.get(column)) if isinstance(row, dict) and column else None) or str(number)


def _text(value: object) -> str | None:
    """A value as text, without halves of characters, which cannot be written."""
    if value is None:
        return None
    return str(value).strip().removesuffix(" 00:00:00").encode("utf-8", "replace").decode("utf-8") or None


def _columns(source: Path) -> list[str]:
    if source.suffix.lower() == ".parquet":
        return _parquet(source).schema_arrow.names
    rows = (row for row in islice(_rows(source), _LOOK) if isinstance(row, dict))
    return list(dict.fromkeys(name for row in rows for name in row if name))


def _rows(source: Path, columns: list[str] | None = None) -> Iterator[dict | str]:
    """The rows of a table; a text in place of a row says what is wrong with it."""
    if source.suffix.lower() == ".parquet":
        for batch in _parquet(source).iter_batches(batch_size=_ROWS, columns=columns):
            yield from batch.to_pylist()
        return
    csv.field_size_limit(MAX_BYTES)
    try:
        with source.open(encoding="utf-8-sig", newline="") as file:
            if source.suffix.lower() in (".csv", ".tsv"):
                head = file.readline()
                file.seek(0)
                yield from csv.DictReader(file, delimiter=max("\t;,", key=head.count))
            else:
                yield from map(_json_row, filter(str.strip, file))
    except UnicodeDecodeError as error:
        raise KoreaNLPError(f"{source}: is not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    except csv.Error as error:
        raise KoreaNLPError(f"{source}: is not well-formed CSV ({error}); check its quotation marks") from None


def _json_row(line: str) -> dict | str:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return "is not JSON"
    return row if isinstance(row, dict) else "is not a JSON object"


def _parquet(source: Path) -> pq.ParquetFile:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.ParquetFile(source)
    except pa.ArrowInvalid as error:
        why = str(error).splitlines()[0]
        raise KoreaNLPError(f"{source}: is not a Parquet file ({why}); write it again") from None
