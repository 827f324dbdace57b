"""Some articles of a collection read together: the same tables for each, an error for those that fail."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from korea_nlp import __version__, actors, annotation, events, stance, summary
from korea_nlp.article import Article, article_from
from korea_nlp.cache import OFF
from korea_nlp.corpus.collection import ABOUT, Item
from korea_nlp.errors import ArticleError, KoreaNLPError, WeightsError
from korea_nlp.reading import Reading, analyse_all
from korea_nlp.sources import Source, interpret
from korea_nlp.weights import ASSETS, Profile, wheel_hash

if TYPE_CHECKING:
    import pyarrow as pa

TABLES = {
    "articles": ["title", "date", "author", "outlet", "words", "text"],
    "sentences": ["sentence", "paragraph", "start", "end", "text"],
    "actors": actors.COLUMNS,
    "voices": annotation.COLUMNS,
    "events": events.COLUMNS,
    "stance": stance.PAIRS,
    "stance_article": stance.OVERALL,
    "summaries": ["method", *summary.COLUMNS],
    "errors": ["error", "message"],
}
"""The columns of each table, after `article`."""

_UNUSED = ("profiles", "view", "doubts")  # assets that change nothing that is found
_NUMBERS = {
    "int64": ["sentence", "paragraph", "start", "end", "words", "position", "sentences", "favor_sentences",
              "against_sentences", "unclear_sentences", "evidence", "count", "low", "high"],
    "float64": ["favor", "against", "none", "probability", "support", "intensity"],
    "bool": ["supported"],
}  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """How articles are read.

    Attributes
    ----------
    profile
        With which models.
    sentences
        How long summaries are.
    abstractive
        Whether one is written by the generator, which takes longer than all the rest.
    cache
        Whether the answers of the models are looked up and kept on disk one by one, too.
    """

    profile: Profile
    sentences: int = 5
    abstractive: bool = False
    cache: bool = False

    @property
    def fingerprint(self) -> str:
        """The same where the same article is read in the same way, on this machine or another."""
        return _fingerprint(self)


def schema(table: str) -> pa.Schema:
    """The Parquet columns of a table."""
    import pyarrow as pa

    kinds = {name: pa.type_for_alias(kind) for kind, names in _NUMBERS.items() for name in names}
    if table == "summaries":
        kinds["evidence"] = pa.list_(pa.int64())
    return pa.schema([(name, kinds.get(name, pa.string())) for name in ("article", *TABLES[table])])


def read_batch(items: list[Item], settings: Settings, fingerprint: str) -> dict[str, pa.Table]:
    """Read articles; the results are those that each gets alone.

    Returns
    -------
    dict
        The tables of `TABLES`. An article that cannot be read has a row in ``errors`` and none elsewhere.

    Raises
    ------
    WeightsError
        A checkpoint cannot be loaded.
    KoreaNLPError
        This machine would read in another way than the one whose settings have this ``fingerprint``.
    """
    if settings.fingerprint != fingerprint:
        raise KoreaNLPError(
            f"a worker has another korea-nlp than {__version__} here, or other checkpoints or word lists; "
            "install the same everywhere"
        )
    with _alike(settings.cache):
        read, errors = [], []
        for item in items:
            try:
                read.append((item.article, _read(item, settings.profile)))
            except WeightsError:
                raise
            except Exception as problem:  # whatever is wrong with one article is no reason to stop
                errors.append(_error(item.article, problem))
        tables = _analyse(read, settings)
        tables["errors"].append(pd.DataFrame(errors, columns=["article", *TABLES["errors"]]))
        return {name: _table(name, frames) for name, frames in tables.items()}


@contextmanager
def _alike(cache: bool) -> Iterator[None]:
    """The same sums everywhere: in one thread, and in the batches of here, not those of an earlier answer."""
    import torch

    threads, off = torch.get_num_threads(), os.environ.get(OFF)
    torch.set_num_threads(1)
    if not cache:
        os.environ[OFF] = "1"
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        if off is None:
            os.environ.pop(OFF, None)


def lost(item: Item, message: str) -> dict[str, pa.Table]:
    """The tables of one article that could not be read at all."""
    row = pd.DataFrame([(item.article, "WorkerLost", message)], columns=["article", *TABLES["errors"]])
    return {name: _table(name, [row] if name == "errors" else []) for name in TABLES}


def _read(item: Item, profile: Profile) -> Article:
    if item.problem:
        raise ArticleError(f"{item.article}: {item.problem}")
    found = (
        interpret(item.data, item.article, item.kind) if isinstance(item.data, bytes) else Source(item.data)
    )
    about = {key: value for key in ABOUT if (value := getattr(item, key))}
    return article_from(replace(found, **about), item.article, profile)


def _analyse(read: list[tuple[str, Article]], settings: Settings) -> dict[str, list[pd.DataFrame]]:
    """The tables of articles, whose stances are asked about together; if that fails, article by article."""
    tables: dict[str, list[pd.DataFrame]] = {name: [] for name in TABLES}
    methods = summary.METHODS if settings.abstractive else ("lead", "extractive")
    try:
        readings = analyse_all([article for _, article in read], settings.sentences, methods)
        for (name, _), reading in zip(read, readings, strict=True):
            for table, frame in _tables(reading).items():
                tables[table].append(frame.assign(article=name))
    except WeightsError:
        raise
    except Exception as problem:
        if len(read) > 1:
            alone = [_analyse([one], settings) for one in read]
            return {name: [frame for each in alone for frame in each[name]] for name in TABLES}
        row = pd.DataFrame([_error(read[0][0], problem)], columns=["article", *TABLES["errors"]])
        return {name: [row] if name == "errors" else [] for name in TABLES}
    return tables


def _tables(reading: Reading) -> dict[str, pd.DataFrame]:
    article = reading.article
    about = {key: getattr(article, key) for key in ABOUT}
    return {
        "articles": pd.DataFrame([about | {"words": len(article.text.split()), "text": article.text}]),
        **reading.tables,
        "summaries": pd.concat([
            each.sentences.assign(method=method) for method, each in reading.summaries.items()
        ]),
    }  # fmt: skip


def _error(name: str, problem: Exception) -> tuple[str, str, str]:
    message = " ".join(str(problem).split()) or type(problem).__name__
    return name, type(problem).__name__, message.removeprefix(f"{name}: ")


def _table(name: str, frames: list[pd.DataFrame]) -> pa.Table:
    import pyarrow as pa

    columns = schema(name)
    tables = [pa.Table.from_pandas(frame, columns, preserve_index=False) for frame in frames if len(frame)]
    return pa.concat_tables(tables) if tables else columns.empty_table()


@cache
def _fingerprint(settings: Settings) -> str:
    profile = settings.profile
    used = [profile.language, profile.embedding, profile.entailment]
    used += [profile.generator] if settings.abstractive and profile.generator else []
    parts: list[object] = [__version__, settings.sentences, settings.abstractive]
    parts += [wheel_hash(each.location) or _content(Path(each.location)) for each in used]
    parts += [_content(ASSETS / each.adapter) for each in used if each.adapter]
    parts += [_sha256(path) for path in sorted(ASSETS.glob("*.toml")) if path.stem not in _UNUSED]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _content(folder: Path) -> list[list[str]] | str:
    """The files of a folder, or the id of a checkpoint on a hub."""
    if not folder.is_dir():
        return str(folder)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [[path.relative_to(folder).as_posix(), _sha256(path)] for path in files]


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def fingerprint_of(items: list[Item], settings: Settings) -> str:
    """The same where the same articles are read in the same way."""
    digest = hashlib.sha256(settings.fingerprint.encode())
    for item in items:
        data = item.data if isinstance(item.data, bytes) else item.data.encode(errors="surrogatepass")
        about = asdict(replace(item, data=hashlib.sha256(data).hexdigest()))
        digest.update(json.dumps(about, sort_keys=True).encode())
    return digest.hexdigest()[:16]
