import subprocess
import sys
from pathlib import Path

import made_up_reading
import pytest
from matplotlib.figure import Figure
from test_report import FIGURES, reading
from typer.testing import CliRunner

from korea_nlp import __version__, article
from korea_nlp.cli import app
from korea_nlp.errors import ArticleError, WeightsError
from korea_nlp.models import weights
from korea_nlp.pages import notebooks, report

ROOT = Path(__file__).parent.parent
SEED = str(made_up_reading.SEED)


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def blank_figures(reading):
    return {name: Figure((1, 1)) for name in FIGURES}


@pytest.fixture
def pipeline(monkeypatch):
    """The pipeline without its models, which finds what `made_up_reading` says, and with figures left blank."""
    calls = []

    def analyse(source, sentences):
        calls.append(("analyse", sentences))
        return reading(source=source.source)

    def run_notebooks(source, folder, profile, summary_sentences=5, home=None, progress=None, meanwhile=lambda: None):
        meanwhile()
        calls.append(("notebooks", profile, summary_sentences, home))
        (folder / "01_reading.html").write_text("<p>")
        return [folder / "01_reading.ipynb"]

    monkeypatch.setattr(article, "read_article", lambda source, profile: made_up_reading.article(source=source))
    monkeypatch.setattr("korea_nlp.reading.analyse", analyse)
    monkeypatch.setattr(notebooks, "run_notebooks", run_notebooks)
    monkeypatch.setattr(report, "draw", blank_figures)
    return calls


def test_read_writes_the_report_and_says_the_main_result(pipeline, tmp_path):
    out = tmp_path / "out"
    done = run("read", SEED, "--out", out, "--sentences", 4, "--profile", "hub")
    assert done.exit_code == 0, done.output
    assert done.stderr == ""
    assert pipeline == [("analyse", 4), ("notebooks", "hub", 4, out / "notebooks")]
    assert done.stdout.splitlines() == [
        f"The report is {out / 'report.html'}",
        "  North Korea is against South Korea (1.00, sentences 1, 5, 6)",
        "  South Korea is against North Korea (0.97, sentence 8)",
        "  Kim Jong Un is against South Korea (0.96, sentence 4)",
    ]
    assert 'href="notebooks/01_reading.html"' in (out / "report.html").read_text()


def test_read_without_notebooks(pipeline, tmp_path):
    done = run("read", SEED, "--out", tmp_path / "out", "--no-notebooks")
    assert done.exit_code == 0
    assert pipeline == [("analyse", 5)]
    assert not (tmp_path / "out" / "notebooks").exists()


def test_notebooks_alone_leave_the_rest_of_an_earlier_result(pipeline, tmp_path):
    out = tmp_path / "out"
    run("read", SEED, "--out", out)
    before = (out / "report.html").read_text()
    (out / "mine.txt").write_text("mine")
    done = run("notebooks", SEED, "--out", out)
    assert done.exit_code == 0, done.output
    assert done.stdout == f"1 notebooks are in {out / 'notebooks'}\n"
    assert (out / "report.html").read_text() == before
    assert (out / "mine.txt").exists()


def test_weights_are_fetched_for_the_profile_named(monkeypatch):
    fetched = []
    monkeypatch.setattr(weights, "fetch", fetched.append)
    done = run("weights", "--profile", "hub")
    assert done.exit_code == 0
    assert [profile.name for profile in fetched] == ["hub"]
    assert done.stdout.startswith("The models of the profile hub are ready")


@pytest.mark.parametrize(
    ("problem", "status", "said"),
    [
        (ArticleError("x.txt: is empty;\npass some text"), 2, "korea-nlp: x.txt: is empty; pass some text\n"),
        (WeightsError("no network"), 2, "korea-nlp: no network\n"),
        (OSError(28, "No space left on device"), 2, None),
        (KeyboardInterrupt(), 130, "korea-nlp: stopped; nothing was written\n"),
    ],
)
def test_what_goes_wrong_is_one_line_and_leaves_nothing(monkeypatch, tmp_path, problem, status, said):
    def fail(source, profile):
        raise problem

    monkeypatch.setattr(article, "read_article", fail)
    done = run("read", SEED, "--out", tmp_path / "out")
    assert done.exit_code == status
    assert done.stdout == ""
    assert done.stderr.startswith("korea-nlp: ")
    assert done.stderr.count("\n") == 1
    assert said in (None, done.stderr)
    assert list(tmp_path.iterdir()) == []


def test_a_failure_while_writing_leaves_the_earlier_result(pipeline, monkeypatch, tmp_path):
    out = tmp_path / "out"
    run("read", SEED, "--out", out)
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("korea_nlp.pages.report.report_page", full)
    done = run("read", SEED, "--out", out)
    assert done.exit_code == 2
    assert "No space left on device" in done.stderr
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize(
    "arguments", [["read", SEED], ["read", SEED, "--out", "x", "--sentences", "0"], ["read"], ["reed"]]
)
def test_wrong_usage_has_status_2(arguments, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert run(*arguments).exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_version():
    assert run("--version").stdout == f"korea-nlp {__version__}\n"


def test_help_does_not_load_the_models():
    heavy = "{'torch', 'spacy', 'pandas', 'seaborn'}"
    code = f"import sys; from korea_nlp import cli; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "set()\n"


def test_a_terminated_process_cleans_up(tmp_path):
    code = (
        "import time\n"
        "from korea_nlp import article\n"
        "def wait(*_):\n    print('waiting', flush=True); time.sleep(60)\n"
        "article.read_article = wait\n"
        "from korea_nlp.cli import app\n"
        f"app(['read', 'x.txt', '--out', {str(tmp_path / 'out')!r}])\n"
    )
    running = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert running.stdout.readline() == "waiting\n"
    running.terminate()
    _, said = running.communicate(timeout=30)
    assert running.returncode == 130
    assert said == "korea-nlp: stopped; nothing was written\n"
    assert list(tmp_path.iterdir()) == []
