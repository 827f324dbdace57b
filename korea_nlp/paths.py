"""Where the files of the project are."""

from __future__ import annotations

from pathlib import Path

ASSETS = Path(__file__).parent / "assets"


def from_root(source: str | Path) -> str:
    """A path as it is given, or from the project's root if nothing is there; anything else as it is."""
    rooted = Path(__file__).parents[1] / source
    return str(rooted) if not Path(source).exists() and rooted.exists() else str(source)
