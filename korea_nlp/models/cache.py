"""Results of models, kept on disk so that no text is put to the same checkpoint twice.

An entry is found by what was asked and by the checkpoint's content: a changed checkpoint or hypothesis
is asked anew. Entries are JSON, never pickle. A cache that is damaged, locked, full or not writable costs
time and nothing else.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sqlite3
import zlib
from collections.abc import Callable, Hashable, Sequence
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import diskcache

from korea_nlp.models.weights import Checkpoint, cache_dir, wheel_hash
from korea_nlp.paths import ASSETS

LIMIT = 500_000_000  # bytes; what was kept first goes first
OFF = "KOREA_NLP_NO_CACHE"
_DAMAGE = (OSError, ValueError, TypeError, KeyError, zlib.error, sqlite3.Error, diskcache.Timeout)
_FORMAT = 3


def remember(task: str, checkpoint: Checkpoint, questions: Sequence[Hashable], ask: Callable[[list], list]) -> list:
    """The answer to each question: from the disk, or from ``ask``, and then kept.

    Parameters
    ----------
    task
        What is asked for; the same question has another answer in another task.
    checkpoint
        Which weights answer.
    questions
        Strings, or tuples of plain values.
    ask
        Called once with those questions whose answers are not kept; returns one answer (of plain values)
        for each.

    Returns
    -------
    list
        One answer per question, in order. With the environment variable ``KOREA_NLP_NO_CACHE`` set,
        nothing is read or kept.
    """
    store = None if os.environ.get(OFF) else _open(str(cache_dir() / "results"))
    if store is None:
        return ask(list(questions)) if questions else []
    about = [_FORMAT, task, _fingerprint(checkpoint)]
    keys = [_digest([*about, question]) for question in questions]
    known: dict[str, Any] = {}
    with contextlib.suppress(*_DAMAGE):
        for key in keys:
            if (answer := store.get(key)) is not None:
                known[key] = answer
    missing = {key: question for key, question in zip(keys, questions, strict=True) if key not in known}
    if missing:
        answers = dict(zip(missing, ask(list(missing.values())), strict=True))
        with contextlib.suppress(*_DAMAGE), store.transact():
            for key, answer in answers.items():
                store.set(key, answer)
        known |= answers
    return [known[key] for key in keys]


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=True).encode()).hexdigest()


def _fingerprint(checkpoint: Checkpoint) -> str:
    """What makes a checkpoint answer as it does: its weights, and the libraries that run them."""
    libraries = [version(name) for name in ("torch", "transformers")]
    parts = [wheel_hash(checkpoint.location) or _content(checkpoint.location)]
    if checkpoint.adapter is not None:
        folder = str(ASSETS / checkpoint.adapter)  # what is said there of the weights may change
        parts += [_content(folder, names) for names in ("*.safetensors", "*.gguf")]
    return _digest([*parts, *libraries])


def _content(location: str, names: str = "*") -> str:
    """Names, sizes and times of a folder's files; of a hub id, the snapshot that is there."""
    if Path(location).is_dir():
        files = sorted(path for path in Path(location).rglob(names) if path.is_file())
        stats = [(str(path.relative_to(location)), path.stat()) for path in files]
        return _digest([(name, stat.st_size, stat.st_mtime_ns) for name, stat in stats])
    from huggingface_hub import try_to_load_from_cache

    return f"{location} {try_to_load_from_cache(location, 'config.json')}"


@lru_cache(maxsize=4)
def _open(folder: str) -> diskcache.Cache | None:
    try:
        return diskcache.Cache(folder, disk=diskcache.JSONDisk, size_limit=LIMIT, timeout=5)
    except _DAMAGE:
        return None
