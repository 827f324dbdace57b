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
import zipfile
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from korea_nlp import __version__
from korea_nlp.corpus.batches import TABLES, Settings, batch_fingerprint, fingerprint, schema
from korea_nlp.corpus.collection import Collection
from korea_nlp.corpus.workers import Batches, read_elsewhere, read_here
from korea_nlp.errors import KoreaNLPError
from korea_nlp.output import check_folder

if TYPE_CHECKING:
    import filelock
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
    collection: Collection, out: str | Path, settings: Settings, workers: int = 1, scheduler: str | None = None
) -> Outcome:
    """Read all articles of a collection into the Parquet tables of a folder.

    The folder gets ``articles.parquet``, ``sentences.parquet``, ``actors.parquet``, ``voices.parquet``,
    ``events.parquet``, ``stance.parquet``, ``stance_article.parquet``, ``summaries.parquet`` and
    ``errors.parquet``: the tables of one article's reading with a first column `article`, and for each
    article that could not be read what was wrong with it. ``corpus.json``, written last, says how they were
    made. Rows are in the order of the collection, and do not depend on how many workers there are. A terminal
    shows how far it is.

    Parameters
    ----------
    out
        The folder; called again with it, only what is missing in ``parts/`` is read.
    workers
        Processes to read with; with 1, this one.
    scheduler
        Address of a Dask scheduler, whose workers read instead. They need neither the collection nor `out`:
        articles are sent to them, and what they find is sent back.

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
    with _lock(out), tqdm(total=len(collection), unit=" articles", disable=None, smoothing=0.1) as bar:
        parts: list[Path] = []
        lost: list[str] = []
        unread = _unread(collection, settings, out / "parts", parts, bar)
        if scheduler is None and workers == 1:
            results = read_here(unread, settings)
        else:
            results = read_elsewhere(unread, settings, workers, scheduler, lost)
        with closing(results):
            for name, items, tables in results:
                _write_part(out / "parts" / name, tables)
                bar.update(len(items))
        counts = {name: _write_table(out / f"{name}.parquet.new", name, parts) for name in TABLES}
        outcome = Outcome(counts["articles"], counts["errors"], len(lost))
        _finish(out, parts, settings, outcome)
    if not outcome.articles:
        first = pd.read_parquet(out / "errors.parquet").iloc[0]
        why = f"the first: {first['article']}: {first['message']}"
        raise KoreaNLPError(f"none of the {outcome.errors:,} articles could be read; {why}")
    return outcome


def _lock(out: Path) -> filelock.AcquireReturnProxy:
    import filelock

    try:
        return filelock.FileLock(out / "corpus.lock").acquire(timeout=0)
    except filelock.Timeout:
        raise KoreaNLPError(
            f"another run is writing to {out}; wait until it is done, or name another folder with --out"
        ) from None


def _unread(collection: Collection, settings: Settings, folder: Path, parts: list[Path], bar: tqdm) -> Batches:
    """The batches whose part is missing or not whole; all parts, as they come, go to `parts`."""
    items = iter(collection)
    while batch := list(islice(items, BATCH)):
        part = folder / f"{len(parts):07}-{batch_fingerprint(batch, settings)}.zip"
        parts.append(part)
        if _is_whole(part):
            bar.update(len(batch))
        else:
            yield part.name, batch


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


def _write_table(path: Path, name: str, parts: list[Path]) -> int:
    """Write one table of all parts, a few of them in memory at a time, and count its rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    held, size = [], 0
    with pq.ParquetWriter(path, schema(name), compression="zstd") as writer:
        for part in parts:
            with zipfile.ZipFile(part) as packed:
                held.append(pq.read_table(packed.open(name)))
            size += held[-1].nbytes
            if size >= BUFFER or part is parts[-1]:
                writer.write_table(pa.concat_tables(held))
                held, size = [], 0
    return pq.read_metadata(path).num_rows


def _finish(out: Path, parts: list[Path], settings: Settings, outcome: Outcome) -> None:
    """Put the new tables in place, then say how they were made, and throw away parts of no use."""
    about = out / "corpus.json"
    about.unlink(missing_ok=True)
    for name in TABLES:
        os.replace(out / f"{name}.parquet.new", out / f"{name}.parquet")
    made = {
        "korea_nlp": __version__, "profile": settings.profile.name, "fingerprint": fingerprint(settings),
        "summary_sentences": settings.sentences, "abstractive": settings.abstractive,
        "articles": outcome.articles, "errors": outcome.errors,
    }  # fmt: skip
    about.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    for path in {*(out / "parts").iterdir()} - {*parts}:
        path.unlink()
