"""Whatever is passed, the command line says what is wrong in one line, and leaves nothing behind."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import made_up_reading
import malformed
import pytest
from test_cli import blank_figures, pipeline  # noqa: F401
from typer.testing import CliRunner

from korea_nlp import article, reading
from korea_nlp.cli import app
from korea_nlp.errors import KoreaNLPError
from korea_nlp.output import whole_folder
from korea_nlp.pages import notebooks, report
from korea_nlp.sources import documents, web

ROOT = Path(__file__).parent.parent
SEED = str(made_up_reading.SEED)


@pytest.fixture(scope="module")
def server():
    server = malformed.serve()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An empty current folder, beside which inputs are made."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def run(*arguments, stdin=None):
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin)


def refused(done, says, place, status=2):
    """One line that holds one of the words; nothing on standard output; nothing written."""
    assert done.exit_code == status, (done.stderr, done.exception)
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("korea-nlp: ")
    assert any(words in done.stderr for words in says.split("|")), done.stderr
    assert done.stderr.strip().isprintable()
    assert len(done.stderr) < 800
    assert list(place.iterdir()) == []


@pytest.mark.parametrize("name", malformed.FILES)
def test_files(request, tmp_path, place, blank_profile, name):
    if name not in ("bomb.pdf", "nested.html"):  # which need the bounds of a process of their own
        request.getfixturevalue("documents_here")
    content, says = malformed.FILES[name]
    path = tmp_path / name
    path.write_bytes(content)
    started = time.monotonic()
    done = run("read", path, "--out", "out", "--no-notebooks", "--profile", blank_profile)
    refused(done, says, place)
    assert name in done.stderr
    assert time.monotonic() - started < 35


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/404", "404"),
        ("/500", "500"),
        ("/empty", "is empty"),
        ("/round", "without end"),
        ("/to-file", "not allowed"),
        ("/to-ftp", "no web page"),
        ("/to-script", "not allowed"),
        ("/image", "image/png, not an article"),
        ("/film", "video/mp4, not an article"),
        ("/hidden-image", "an image"),
        ("/json", "JSON"),
        ("/feed", "XML"),
        ("/bomb", "larger than 10 MB"),
        ("/no-gzip", "cannot be read"),
        ("/cut", "breaks off"),
        ("/large", "larger than 10 MB"),
        ("/german", "(German?)"),
        ("/nonsense", "cannot be read"),
        ("/a b\n\x1b[31m", "is empty|cannot be read"),
    ],
)
@pytest.mark.usefixtures("documents_here")
def test_servers(server, place, blank_profile, path, says):
    done = run("read", server + path, "--out", "out", "--no-notebooks", "--profile", blank_profile)
    refused(done, says, place)


@pytest.mark.parametrize(
    ("path", "limit", "seconds", "says"),
    [
        ("/silent", "TIMEOUT", 0.2, "timed out"),
        ("/drip", "DEADLINE", 0.5, "not complete after 0.5 seconds"),
        ("/drip-head", "DEADLINE", 0.5, "not complete after 0.5 seconds"),
    ],
)
def test_slow_servers(server, place, blank_profile, monkeypatch, path, limit, seconds, says):
    monkeypatch.setattr(web, limit, seconds)
    started = time.monotonic()
    done = run("read", server + path, "--out", "out", "--no-notebooks", "--profile", blank_profile)
    assert time.monotonic() - started < 5
    refused(done, says, place)


@pytest.mark.usefixtures("documents_here")
def test_a_public_page_cannot_lead_inward(server, place, blank_profile, monkeypatch):
    monkeypatch.setattr(web, "is_local", lambda host: host == "127.0.0.1")
    address = server.replace("127.0.0.1", "localhost")
    done = run("read", f"{address}/inward", "--out", "out", "--no-notebooks", "--profile", blank_profile)
    refused(done, "which is not public", place)
    assert article.read_article(f"{server}/inward", blank_profile).text == malformed.BODY


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("localhost", True),
        ("[::1]", True),
        ("::ffff:127.0.0.1", True),
        ("2130706433", True),
        ("0.0.0.0", True),
        ("10.1.2.3", True),
        ("192.168.0.1", True),
        ("169.254.169.254", True),
        ("8.8.8.8", False),
        ("2606:4700::1111", False),
        ("a" * 300, False),
    ],
)
def test_local_addresses_are_known(host, local):
    assert web.is_local(host) is local


@pytest.mark.parametrize("path", ["/page", "/packed", "/as-text", "/octets"])
@pytest.mark.usefixtures("documents_here")
def test_answers_of_all_kinds_are_read(server, blank_profile, path):
    found = article.read_article(server + path, blank_profile)
    assert malformed.BODY in found.text
    assert found.name == path[1:]


def fifo(folder):
    os.mkfifo(folder / "fifo")
    return folder / "fifo"


def loop(folder):
    (folder / "loop").symlink_to(folder / "loop")
    return folder / "loop"


def dangling(folder):
    (folder / "dangling").symlink_to(folder / "nothing")
    return folder / "dangling"


def inside_a_file(folder):
    (folder / "file").write_text("x")
    return folder / "file" / "article.txt"


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("missing.txt", "no such file"),
        ("", "is a folder"),
        (".", "is a folder"),
        ("/", "is a folder"),
        ("a\nb.txt", "'a\\nb.txt': no such file"),
        ("a\x1b[31mb.txt", "no such file"),
        ("\u202etxt.a", "no such file"),
        ("기사.txt", "기사.txt: no such file"),
        ("a\0b.txt", "cannot be read"),
        ("x" * 5000, "cannot be read"),
        ("~nobody-of-this-name/a.txt", "cannot be read|no such file"),
        (fifo, "a device or a pipe"),
        (loop, "cannot be read"),
        (dangling, "no such file"),
        (inside_a_file, "cannot be read"),
        ("/dev/zero", "a device or a pipe"),
        ("/dev/null", "a device or a pipe"),
        ("file:///etc/hostname", "only http and https"),
        ("ftp://127.0.0.1/a.txt", "only http and https"),
        ("data:text/blank_profile,the", "no such file"),
        ("http://127.0.0.1:9/a", "cannot be reached"),
        ("http://127.0.0.1:99999/a", "cannot be re"),
        ("http://[bad/a", "cannot be read"),
        ("http://", "cannot be re"),
        ("https:///a", "cannot be re"),
    ],
)
def test_sources(tmp_path, place, blank_profile, source, says):
    source = source(tmp_path) if callable(source) else source
    done = run("read", "--out", "out", "--no-notebooks", "--profile", blank_profile, "--", source)
    refused(done, says, place)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="permissions do not bind this user")
def test_a_file_without_permission(tmp_path, place, blank_profile):
    path = tmp_path / "secret.txt"
    path.write_text(malformed.ENGLISH, encoding="utf-8")
    path.chmod(0)
    refused(run("read", path, "--out", "out", "--profile", blank_profile), "permission denied", place)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (b"", "standard input: is empty"),
        (b" \n\t", "standard input: is empty"),
        (malformed.png(), "standard input: is an image"),
        (bytes(1000), "standard input: is binary"),
        (malformed.GERMAN.encode(), "standard input: does not look like English"),
        (b"The North said no.", "standard input: too short"),
        (b"a" * 11_000_000, "standard input: larger"),
    ],
)
def test_standard_input(place, blank_profile, given, says):
    refused(run("read", "-", "--out", "out", "--no-notebooks", "--profile", blank_profile, stdin=given), says, place)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"language = ", "cannot read the profile"),
        (b"\xff\xfe\x00", "cannot read the profile"),
        (b"[language]\nname = 'x'", "'language' in the profile"),
        (b"language = 3", "'language' in the profile"),
        (b"language = ''", "'language' in the profile"),
        (b"langauge = 'x'", "unknown key 'langauge'"),
        (b"language = '/nowhere/at/all'", "does not exist"),
        (b"language = '.'", "cannot be loaded"),
        (b"language = 'nobody/nothing'", "cannot be loaded"),
        (b"entailment = { base = 'x' }", "adapter"),
        (b"= 'x'\n" * 1000, "cannot read the profile"),
        ("unknown", "no profile 'unknown'"),
        ("", "no profile ''"),
        (".", "no profile '.'"),
        ("a\nb", "no profile 'a\\nb'"),
    ],
)
def test_profiles(tmp_path, place, content, says):
    name = content
    if isinstance(content, bytes):
        name = tmp_path / "mine.toml"
        name.write_bytes(content)
    refused(run("read", SEED, "--out", "out", "--no-notebooks", "--profile", name), says, place)


def taken(folder):
    (folder / "out").mkdir()
    (folder / "out" / "thesis.docx").write_text("mine")
    return folder / "out"


def a_file(folder):
    (folder / "out").write_text("mine")
    return folder / "out"


@pytest.mark.parametrize(
    ("out", "says"),
    [
        (a_file, "is a file, not a folder"),
        (inside_a_file, "cannot write"),
        (taken, "thesis.docx"),
        (loop, "cannot write"),
        (".", "is the current folder"),
        ("", "is the current folder"),
        ("..", "is the current folder or holds it"),
        ("/", "is the current folder or holds it"),
        ("x" * 5000, "cannot write"),
        ("/dev/null/out", "cannot write"),
    ],
)
def test_places_to_write_to(tmp_path, place, pipeline, out, says):  # noqa: F811
    out = out(tmp_path) if callable(out) else out
    before = sorted(tmp_path.rglob("*"))
    refused(run("read", SEED, "--out", out, "--no-notebooks"), says, place)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("method", "number"),
    [("mkdir", errno.EROFS), ("write_text", errno.EDQUOT), ("write_bytes", errno.ENOSPC)],
)
def test_a_full_disk(place, pipeline, monkeypatch, method, number):  # noqa: F811
    def full(*_, **__):
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(Path, method, full)
        done = run("read", SEED, "--out", "out", "--no-notebooks")
    refused(done, os.strerror(number), place)


@pytest.mark.parametrize(
    ("module", "stage"),
    [
        (article, "read_article"),
        (reading, "analyse"),
        (notebooks, "run_notebooks"),
        (report, "draw"),
        (report, "report_page"),
    ],
)
@pytest.mark.parametrize("before", [False, True])
def test_ctrl_c_at_each_stage(place, pipeline, monkeypatch, module, stage, before):  # noqa: F811
    if before:
        Path("out").mkdir()
        for name in ("article.json", "report.html"):
            Path("out", name).write_text("of an earlier run")
    whole = {path: path.read_bytes() for path in place.rglob("*") if path.is_file()}

    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(module, stage, stop)
    done = run("read", SEED, "--out", "out")
    assert (done.exit_code, done.stdout) == (130, "")
    assert done.stderr == "korea-nlp: stopped; nothing was written\n"
    assert {path: path.read_bytes() for path in place.rglob("*") if path.is_file()} == whole


def test_two_runs_into_one_folder(tmp_path):
    from threading import Barrier, Thread

    out, problems = tmp_path / "out", []

    def write(number, together):
        try:
            with whole_folder(out) as folder:
                for name in ("article.json", "report.html"):
                    (folder / name).write_text(str(number))
                together.wait(10)
        except KoreaNLPError as problem:
            problems.append(str(problem))

    for _ in range(20):
        together = Barrier(2)
        threads = [Thread(target=write, args=(number, together)) for number in (1, 2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert list(tmp_path.iterdir()) == [out]
        found = {path.name: path.read_text() for path in out.iterdir()}
        assert set(found) == {"article.json", "report.html"}
        assert len(set(found.values())) == 1
    assert all("\n" not in problem for problem in problems)


@pytest.mark.parametrize("arguments", [["read", "-x.txt", "--out", "out"], ["read", SEED, "--ouf", "x"]])
def test_usage(place, arguments):
    done = run(*arguments)
    assert done.exit_code == 2
    assert "No such option" in done.stderr
    assert list(place.iterdir()) == []


def test_documents_may_not_take_all_time(tmp_path, place, blank_profile, monkeypatch):
    monkeypatch.setattr(documents, "SECONDS", 0.05)
    path = tmp_path / "slow.pdf"
    path.write_bytes(malformed.pdf(malformed.ENGLISH.splitlines()))
    done = run("read", path, "--out", "out", "--no-notebooks", "--profile", blank_profile)
    refused(done, "takes over 0.05 seconds", place)


GOOD = [
    (b"a\nb \xe2\x80\xae\x1b[31m.txt", malformed.ENGLISH.encode()),
    (b"\xff\xfe.txt", malformed.ENGLISH.encode("utf-16")),
    ("기사 $1 & <b>.html".encode(), malformed.page(malformed.SCRIPTED)),
    (b"-x.md", f"---\ntitle: <script>alert(1)</script> \u202e$x^{{\n---\n{malformed.ENGLISH}".encode()),
]


@pytest.mark.parametrize(("name", "content"), GOOD, ids=["newline", "no UTF-8", "scripts", "dash"])
@pytest.mark.usefixtures("documents_here")
def test_unusual_articles_are_read(place, tiny_models_profile, monkeypatch, name, content):
    source = os.fsdecode(name)
    if name != b"-x.md":  # in the others the models find the same
        monkeypatch.setattr(report, "draw", blank_figures)
    Path(source).write_bytes(content)
    done = run("read", "--out", "out", "--no-notebooks", "--profile", tiny_models_profile, "--", source)
    assert done.exit_code == 0, (done.stderr, done.exception)
    assert done.stderr == ""
    page = Path("out", "report.html").read_text(encoding="utf-8")
    assert "“provocation” of the North." in page
    assert "<script" not in page
    assert "alert(1)" not in page.replace("&lt;script&gt;alert(1)&lt;/script&gt;", "")
    stored = json.loads(Path("out", "article.json").read_text(encoding="utf-8"))
    assert "Experts said that the talks had failed" in stored["text"]
    assert all(stored["text"][row["start"] : row["end"]] == row["text"] for row in stored["sentences"])
    assert {path.name for path in place.iterdir()} == {source, "out"}


def command(*arguments):
    return [sys.executable, "-c", "from korea_nlp.cli import app; app()", *map(str, arguments)]


ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}


@pytest.mark.parametrize(
    ("source", "says", "more"),
    [
        ("-", "standard input: is closed", {"preexec_fn": lambda: os.close(0)}),
        (b"\xff\xfe.txt", "no such file", {}),
    ],
)
def test_real_processes(place, source, says, more):
    done = subprocess.run(
        [*command("read", "--out", "out", "--"), source],
        capture_output=True, env=ENVIRONMENT, cwd=place, timeout=60, check=False, **more,
    )  # fmt: skip
    said = done.stderr.decode()
    assert done.returncode == 2, said
    assert done.stdout == b""
    assert said.count("\n") == 1
    assert says in said
    assert list(place.iterdir()) == []


def test_ctrl_c_while_a_server_drips(server, place):
    code = (
        "import signal, sys\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from korea_nlp.sources import web\nfetch = web._fetch\n"
        "def tell(url):\n    print('waiting', flush=True)\n    return fetch(url)\n"
        "web._fetch = tell\nfrom korea_nlp.cli import app; app()\n"
    )
    running = subprocess.Popen(
        [sys.executable, "-c", code, "read", f"{server}/drip", "--out", "out"],
        cwd=place, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert running.stdout.readline() == "waiting\n"
    time.sleep(0.2)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=20)
    assert running.returncode == 130
    assert said == "korea-nlp: stopped; nothing was written\n"
    assert list(place.iterdir()) == []
