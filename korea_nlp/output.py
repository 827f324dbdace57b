"""The folder that results are written to: wholly or not at all, and never over what others wrote."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from korea_nlp.errors import KoreaNLPError, shown

_OURS = re.compile(
    r"(article|summary)\.json|(sentences|actors|voices|events|stance|stance_article)\.csv|(reading|report)\.html"
    r"|figures/\w+\.png|(notebooks/)?(\d\d_\w+\.(ipynb|html)|article\.txt|\.ipynb_checkpoints/.*)"
    r"|(.*/)?\.DS_Store"
)
_OURS_WITHOUT_REPORT = re.compile(rf"(?!article\.json$)(?:{_OURS.pattern})")  # without one, it may be anybody's


def check_folder(folder: Path, ours: re.Pattern[str]) -> None:
    """Refuse a folder that holds files whose names are not ours."""
    if folder.exists() and not folder.is_dir():
        raise KoreaNLPError(f"{folder} is a file, not a folder; name another folder with --out")
    files = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())
    if strange := sorted(islice((name for name in files if not ours.fullmatch(name)), 4)):
        raise KoreaNLPError(
            f"{folder} holds files that korea-nlp did not write ({', '.join(strange[:3])}"
            f"{', ...' if len(strange) > 3 else ''}); name another folder with --out"
        )


@contextmanager
def whole_folder(folder: str | Path) -> Iterator[Path]:
    """A new empty folder to write to, which takes the place of ``folder`` once all went well.

    If the block fails or is interrupted, what it wrote is removed, and an earlier ``folder`` stays.

    Raises
    ------
    KoreaNLPError
        ``folder`` is a file, holds what this package did not write, or cannot be written.
    """
    try:
        final = Path(folder).resolve()
        if final.is_dir() and Path.cwd().resolve().is_relative_to(final):
            raise KoreaNLPError(f"{final} is the current folder or holds it; name another folder with --out")
        check_folder(final, _OURS if (final / "report.html").exists() else _OURS_WITHOUT_REPORT)
        beside = next(parent for parent in final.parents if parent.exists())
        with tempfile.TemporaryDirectory(prefix=".korea-nlp-", dir=beside, ignore_cleanup_errors=True) as work:
            fresh, old = Path(work) / "new", Path(work) / "old"
            fresh.mkdir()
            yield fresh
            final.parent.mkdir(parents=True, exist_ok=True)
            try:
                if final.exists():
                    os.replace(final, old)
                os.replace(fresh, final)
            except BaseException:
                if old.exists() and not final.exists():
                    os.replace(old, final)
                raise
    except (OSError, RuntimeError) as problem:  # RuntimeError: a loop of links
        why = getattr(problem, "strerror", None) or "its links lead in a circle"
        advice = "make room, or name another folder"
        raise KoreaNLPError(f"cannot write {shown(str(folder))}: {why}; {advice}") from problem
