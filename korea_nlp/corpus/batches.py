"""Some articles of a collection read together: the same tables for each, an error for those that fail."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from korea_nlp import __version__, actors, events, quotes, stance, summary
from korea_nlp.article import Article, article_from
from korea_nlp.corpus.collection import ABOUT, Item
from korea_nlp.errors import ArticleError, KoreaNLPError, WeightsError, reason
from korea_nlp.models.cache import OFF
from korea_nlp.models.weights import Profile, wheel_hash
from korea_nlp.paths import ASSETS
from korea_nlp.reading import Reading, analyse_all
from korea_nlp.sources import Source, interpret
from korea_nlp.stance.overall import OVERALL

if TYPE_CHECKING:
    import pyarrow as pa

TABLES = {
    "articles": ["title", "date", "author", "outlet", "words", "text"],
    "sentences": ["sentence", "paragraph", "start", "end", "text"],
    "actors": actors.COLUMNS,
    "voices": quotes.COLUMNS,
    "events": events.COLUMNS,
    "stance": stance.PAIRS,
    "stance_article": OVERALL,
    "summaries": ["method", *summary.COLUMNS],
    "errors": ["error", "message"],
}
"""The columns of each table, after `article`."""

DECIDING = (
    "actors.toml", "events.toml", "hypotheses.toml", "layout.toml", "names.toml", "salience.json", "states.toml",
    "summary.toml", "voices.toml",
)  # fmt: skip
"""The files in ``assets/`` that decide what is found in an article."""

_NUMBERS = {
    "int64": ["sentence", "paragraph", "start", "end", "words", "position", "sentences", "favor_sentences",
              "against_sentences", "unclear_sentences", "evidence", "count", "low", "high"],
    "float64": ["favor", "against", "none", "probability", "support", "intensity"],
    "bool": ["supported"],
}  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """How articles are read."""

    profile: Profile
    sentences: int = 5  # of a summary
    abstractive: bool = False  # whether the generator writes a summary, which takes longer than all the rest
    cache: bool = False  # whether the answers of the models are looked up and kept on disk one by one, too


def schema(table: str) -> pa.Schema:
    """The Parquet columns of a table."""
    import pyarrow as pa

    kinds = {name: pa.type_for_alias(kind) for kind, names in _NUMBERS.items() for name in names}
    if table == "summaries":
        kinds["evidence"] = pa.list_(pa.int64())
    return pa.schema([(name, kinds.get(name, pa.string())) for name in ("article", *TABLES[table])])


@cache
def fingerprint(settings: Settings) -> str:
    """The same where the same article is read in the same way, on this machine or another."""
    profile = settings.profile
    used = [profile.language, profile.embedding, profile.entailment]
    used += [profile.generator] if settings.abstractive and profile.generator else []
    parts: list[object] = [__version__, settings.sentences, settings.abstractive]
    parts += [wheel_hash(each.location) or _content(Path(each.location)) for each in used]
    parts += [_content(ASSETS / each.adapter) for each in used if each.adapter]
    parts += [_sha256(ASSETS / name) for name in DECIDING]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _content(folder: Path) -> list[list[str]] | str:
    """The files of a folder, but for what is said about them; or the id of a checkpoint on a hub."""
    if not folder.is_dir():
        return str(folder)
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".md")
    return [[path.relative_to(folder).as_posix(), _sha256(path)] for path in files]


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def batch_fingerprint(items: list[Item], settings: Settings) -> str:
    """The same where the same articles are read in the same way."""
    digest = hashlib.sha256(fingerprint(settings).encode())
    for item in items:
        digest.update(repr(item).encode())
    return digest.hexdigest()[:16]


def read_batch(items: list[Item], settings: Settings, expected: str) -> dict[str, pa.Table]:
    """Read articles into the tables of `TABLES`; the results are those that each gets alone.

    An article that cannot be read has a row in ``errors`` and none elsewhere. Raises `WeightsError` if a checkpoint
    cannot be loaded, and `KoreaNLPError` if the `fingerprint` of the settings is not as ``expected``: this machine
    would read in another way than the one that asks it to.
    """
    if fingerprint(settings) != expected:
        raise KoreaNLPError(
            f"a worker has another korea-nlp than {__version__} here, or other checkpoints or word lists; "
            "install the same everywhere"
        )
    articles, errors = {}, []
    with _reproducible(settings.cache):
        for item in items:
            try:
                articles[item.article] = _parsed(item, settings.profile)
            except WeightsError:
                raise
            except Exception as problem:  # whatever is wrong with one article is no reason to stop
                errors.append(_error(item.article, problem))
        return tables_of(_readings(articles, settings, errors), errors)


@contextmanager
def _reproducible(cache: bool) -> Iterator[None]:
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


def _parsed(item: Item, profile: Profile) -> Article:
    if item.problem:
        raise ArticleError(item.problem)
    data = item.data
    found = interpret(data, item.article, item.kind) if isinstance(data, bytes) else Source(data)
    return article_from(replace(found, **item.about), item.article, profile)


def _readings(articles: dict[str, Article], settings: Settings, errors: list[tuple]) -> dict[str, Reading]:
    """What is found in articles, whose stances are asked about together; if that fails, article by article."""
    methods = summary.METHODS if settings.abstractive else ("lead", "extractive")
    try:
        readings = analyse_all(list(articles.values()), settings.sentences, methods)
        return dict(zip(articles, readings, strict=True))
    except WeightsError:
        raise
    except Exception as problem:
        if len(articles) == 1:
            errors.append(_error(*articles, problem))
            return {}
    found = {}
    for name, article in articles.items():
        found |= _readings({name: article}, settings, errors)
    return found


def _error(name: str, problem: Exception) -> tuple[str, str, str]:
    return name, type(problem).__name__, reason(problem).removeprefix(f"{name}: ")


def tables_of(readings: dict[str, Reading], errors: list[tuple[str, str, str]]) -> dict[str, pa.Table]:
    """The tables of `TABLES`, of readings by the names of their articles, and of rows of ``errors``."""
    import pyarrow as pa

    schemas = {name: schema(name) for name in TABLES}
    frames = {name: [pd.DataFrame(columns=columns.names)] for name, columns in schemas.items()}
    frames["errors"].append(pd.DataFrame(errors, columns=schemas["errors"].names))
    for name, reading in readings.items():
        article = reading.article
        about = {key: getattr(article, key) for key in ABOUT}
        summaries = [each.sentences.assign(method=method) for method, each in reading.summaries.items()]
        found = reading.tables | {
            "articles": pd.DataFrame([about | {"words": len(article.text.split()), "text": article.text}]),
            "summaries": pd.concat(summaries),
        }
        for table, frame in found.items():
            frames[table].append(frame.assign(article=name))
    return {
        name: pa.Table.from_pandas(pd.concat(frames[name]), columns, preserve_index=False)
        for name, columns in schemas.items()
    }
