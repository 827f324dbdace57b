"""Many articles read into one set of tables, by a run that may be stopped at any time and then goes on.

Articles are read in batches of a fixed size. The tables of a batch are one file in ``parts/`` that appears
whole or not at all; its name holds a hash of the articles, models and settings, so that what changed is
read again, and nothing else.
"""

from __future__ import annotations

import io
import json
import os
import re
import sys
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from korea_nlp import __version__
from korea_nlp.corpus.batches import TABLES, Settings, fingerprint_of, schema
from korea_nlp.corpus.collection import Collection
from korea_nlp.corpus.workers import Batch, read_elsewhere, read_here
from korea_nlp.errors import KoreaNLPError
from korea_nlp.folders import check_folder

if TYPE_CHECKING:
    import pyarrow as pa
    from tqdm import tqdm

BATCH = 8  # articles: what a killed run loses, and enough to fill the model's own batches
BUFFER = 16_000_000  # bytes of a table that are kept until they are written
_OURS = re.compile(
    rf"corpus\.(json|lock)|({'|'.join(TABLES)})\.parquet(\.new)?"
    r"|parts/\d{7,}-[0-9a-f]{16}\.zip(\.new)?|(.*/)?\.DS_Store"
)


@dataclass(frozen=True)
class Outcome:
    """How many articles the tables hold, how many could not be read, and how many workers were lost."""

    articles: int
    errors: int
    lost_workers: int = 0


def read_corpus(
    collection: Collection,
    out: str | Path,
    settings: Settings,
    workers: int = 1,
    scheduler: str | None = None,
    progress: bool | None = None,
) -> Outcome:
    """Read all articles of a collection into the Parquet tables of a folder.

    The folder gets ``articles.parquet``, ``sentences.parquet``, ``actors.parquet``, ``voices.parquet``,
    ``events.parquet``, ``stance.parquet``, ``stance_article.parquet``, ``summaries.parquet`` and
    ``errors.parquet``: the tables of one article's reading with a first column `article`, and for each
    article that could not be read what was wrong with it. ``corpus.json``, written last, says how they were
    made. Rows are in the order of the collection, and do not depend on how many workers there are.

    Parameters
    ----------
    out
        The folder; called again with it, only what is missing in ``parts/`` is read.
    workers
        Processes to read with; with 1, this one.
    scheduler
        Address of a Dask scheduler, whose workers read instead. They need neither the collection nor `out`:
        articles are sent to them, and what they find is sent back.
    progress
        Show a progress bar on standard error; by default only if that is a terminal.

    Raises
    ------
    KoreaNLPError
        The folder holds other files or is written to by another run, none of the articles could be read,
        or the cluster cannot be reached.
    OSError
        The folder cannot be written.
    """
    from tqdm import tqdm

    out = Path(out).resolve()
    check_folder(out, _OURS)
    (out / "parts").mkdir(parents=True, exist_ok=True)
    quiet = not (sys.stderr.isatty() if progress is None else progress)
    with _alone(out), tqdm(total=len(collection), unit=" articles", disable=quiet, smoothing=0.1) as bar:
        parts: list[str] = []
        lost: list[str] = []
        unread = _unread(collection, settings, out / "parts", parts, bar)
        if scheduler is None and workers == 1:
            results = read_here(unread, settings)
        else:
            results = read_elsewhere(unread, settings, workers, scheduler, lost)
        with closing(results):
            for batch, tables in results:
                _write_part(out / "parts" / batch.name, tables)
                bar.update(len(batch.items))
        counts = _gather(out, parts)
        outcome = Outcome(counts["articles"], counts["errors"], len(lost))
        _finish(out, parts, settings, outcome)
    if not outcome.articles:
        raise KoreaNLPError(f"none of the {outcome.errors:,} articles could be read; {_first_error(out)}")
    return outcome


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    import filelock

    lock = filelock.FileLock(out / "corpus.lock")
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        raise KoreaNLPError(
            f"another run is writing to {out}; wait until it is done, or name another folder with --out"
        ) from None
    try:
        yield
    finally:
        lock.release()


def _unread(
    collection: Collection, settings: Settings, folder: Path, parts: list[str], bar: tqdm
) -> Iterator[Batch]:
    """The batches whose part is missing or not whole; the names of all parts, as they come, go to `parts`."""
    items = iter(collection)
    while batch := list(islice(items, BATCH)):
        name = f"{len(parts):07}-{fingerprint_of(batch, settings)}.zip"
        parts.append(name)
        if not _is_whole(folder / name):
            yield Batch(name, batch)
        elif not bar.disable:
            bar.initial += len(batch)
            bar.n += len(batch)


def _is_whole(part: Path) -> bool:
    try:
        with zipfile.ZipFile(part) as packed:
            return packed.testzip() is None and set(packed.namelist()) == set(TABLES)
    except (OSError, EOFError, ValueError, zipfile.BadZipFile, zipfile.LargeZipFile):
        return False


def _write_part(part: Path, tables: dict[str, pa.Table]) -> None:
    import pyarrow.parquet as pq

    new = part.with_name(f"{part.name}.new")
    with new.open("wb") as file:
        with zipfile.ZipFile(file, "w") as packed:
            for name, table in tables.items():
                buffer = io.BytesIO()
                pq.write_table(table, buffer, compression="zstd")
                packed.writestr(name, buffer.getvalue())
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, part)


def _gather(out: Path, parts: list[str]) -> dict[str, int]:
    """Write the tables of all parts, a few of them in memory at a time, and count their rows."""
    import pyarrow.parquet as pq

    counts = dict.fromkeys(TABLES, 0)
    tables = {name: _Table(out / f"{name}.parquet.new", schema(name)) for name in TABLES}
    for part in parts:
        with zipfile.ZipFile(out / "parts" / part) as packed:
            for name, table in tables.items():
                rows = pq.read_table(io.BytesIO(packed.read(name)))
                counts[name] += len(rows)
                table.add(rows)
    for table in tables.values():
        table.close()
    return counts


class _Table:
    """A Parquet file that grows in large pieces."""

    def __init__(self, path: Path, columns: pa.Schema):
        import pyarrow.parquet as pq

        self.columns, self.held = columns, []
        self.writer = pq.ParquetWriter(path, columns, compression="zstd")

    def add(self, rows: pa.Table) -> None:
        self.held.append(rows)
        if sum(piece.nbytes for piece in self.held) >= BUFFER:
            self.write()

    def write(self) -> None:
        import pyarrow as pa

        self.writer.write_table(pa.concat_tables([self.columns.empty_table(), *self.held]))
        self.held = []

    def close(self) -> None:
        self.write()
        self.writer.close()


def _finish(out: Path, parts: list[str], settings: Settings, outcome: Outcome) -> None:
    """Put the new tables in place, then say how they were made, and throw away parts of no use."""
    about = out / "corpus.json"
    about.unlink(missing_ok=True)
    for name in TABLES:
        os.replace(out / f"{name}.parquet.new", out / f"{name}.parquet")
    made = {
        "korea_nlp": __version__, "profile": settings.profile.name, "fingerprint": settings.fingerprint,
        "summary_sentences": settings.sentences, "abstractive": settings.abstractive,
        "articles": outcome.articles, "errors": outcome.errors,
    }  # fmt: skip
    about.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    kept = set(parts)
    for path in (out / "parts").iterdir():
        if path.name not in kept:
            path.unlink()


def _first_error(out: Path) -> str:
    import pyarrow.parquet as pq

    row = pq.read_table(out / "errors.parquet").slice(0, 1).to_pylist()[0]
    return f"the first: {row['article']}: {row['message']}"
