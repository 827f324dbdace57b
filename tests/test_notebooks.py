"""The notebooks are fit to be committed, and hold for an article that is not the seed."""

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from statistics import median

import nbformat
import pytest

from korea_nlp import read_article
from korea_nlp.pages.notebooks import run_notebooks

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
MAY_BE_IGNORED: set[tuple[str, str]] = set()  # (notebook, cell id) of cells whose output nbval does not compare
SEED_WORDS = [
    "Kim Jong Un",
    "North Korea",
    "South Korea",
    "Pyongyang",
    "Russia",
    "General Staff",
    "landmines",
]
OTHER = """Brannock Valley Growers Meet

The Brannock Valley Growers met on Tuesday to discuss a shortage of water in the valley.
Odalys Ferrante owns the largest farm, and the members elected their new chair in the afternoon.
The wells have been low since the spring.

Odalys Ferrante opposes the new dam because it would flood two orchards. The group supports
the dam, which would store water for dry years. Nobody knows yet when the work will begin.

The valley has grown apples for a century. Rain is expected in the autumn.
"""
NOBODY = """The rain came late and the fields stayed dry until autumn. Nothing grew on the slopes.

When the rain came at last, it washed away the path. The path was mended in the winter, stone by stone.
"""


def code_cells(path):
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def outputs(path):
    return [output for cell in code_cells(path) for output in cell.outputs]


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request):
    return request.param


def test_there_are_five_at_least():
    assert {path.stem for path in NOTEBOOKS} >= {
        "01_reading", "02_summarising", "03_annotating", "04_stance", "05_interpreting"
    }  # fmt: skip


def test_is_valid_and_has_a_plain_kernel(notebook):
    read = nbformat.read(notebook, as_version=4)
    nbformat.validate(read)
    assert read.metadata["kernelspec"]["name"] == "python3"
    assert "papermill" not in json.dumps([read.metadata, *(cell.metadata for cell in read.cells)])


def test_has_one_cell_of_parameters(notebook):
    (cell,) = [cell for cell in code_cells(notebook) if "parameters" in cell.metadata.get("tags", [])]
    values = {}
    for line, node in zip(cell.source.split("\n"), ast.parse(cell.source).body, strict=True):
        assert line.count("=") == 1, "a second '=' breaks papermill's help"
        assert "#" in line
        values[node.targets[0].id] = ast.literal_eval(node.value)
    assert values["ARTICLE"] == "seeds/000_1217f8f2cf5bd169.txt"
    assert values["PROFILE"] == "bundled"


def test_was_run_once_from_top_to_bottom(notebook):
    counts = [cell.execution_count for cell in code_cells(notebook)]
    assert counts == list(range(1, len(counts) + 1))


def test_outputs_are_clean(notebook):
    for output in outputs(notebook):
        assert output.output_type != "error"
        assert output.get("name") != "stderr"
        for kind, data in output.get("data", {}).items():
            if not kind.startswith("image/"):
                assert not re.search(r"(?<![\w.:/<])/(?:home|work|tmp|root|Users|usr)/|[A-Z]:\\\\", str(data))
                assert not re.search(r"0x[0-9a-f]{6,}", str(data))


def test_images_have_alt_text(notebook):
    for output in outputs(notebook):
        if "image/png" in output.get("data", {}):
            assert len(output.metadata["image/png"]["alt"]) > 20


def test_no_cell_is_exempt_from_comparison(notebook):
    for cell in nbformat.read(notebook, as_version=4).cells:
        tags = {tag.lower() for tag in cell.metadata.get("tags", [])}
        first = cell.source.split("\n")[0].lower()
        exempt = any("nbval" in text for text in (*tags, first)) or tags & {"raises-exception"}
        assert not exempt or (notebook.stem, cell["id"]) in MAY_BE_IGNORED


def test_cells_are_short(notebook):
    lengths = [len(cell.source.split("\n")) for cell in code_cells(notebook)]
    assert max(lengths) <= 12
    assert median(lengths) <= 3


def prose(path):
    return [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "markdown"]


def test_prose_stands_around_every_result(notebook):
    cells = nbformat.read(notebook, as_version=4).cells
    assert cells[0].cell_type == cells[-1].cell_type == "markdown"
    text = "\n".join(prose(notebook))
    for part in ("**Afterwards you can**", "**Time**", "## Discuss", "## Exercises", "## Read on", "doi:", "**Next:**"):
        assert part in text
    assert re.search(r"^## (What this means|What you may conclude|A reading)", text, re.MULTILINE)
    (questions,) = re.findall(r"## Discuss\n\n((?:\d\. .+\n)+)", text)
    assert questions.count("\n") == 3


def test_limits_are_named_in_one_sentence_once_a_section(notebook):
    for section in re.split(r"^## ", "\n\n".join(prose(notebook)), flags=re.MULTILINE)[1:]:
        limits = re.findall(r"\*This cannot show\* (.+)", section)
        assert len(limits) <= 1
        for limit in limits:
            assert len(re.findall(r"[.?!](?: |$)", limit)) == 1, limit


def test_all_of_them_are_short():
    assert sum(len(text.split()) for path in NOTEBOOKS for text in prose(path)) < 9000


def test_exercises_have_folded_solutions(notebook):
    folded = [cell for cell in code_cells(notebook) if "solution" in cell.metadata.get("tags", [])]
    assert len(folded) == 2
    assert all(cell.metadata["jupyter"]["source_hidden"] for cell in folded)


def test_tables_are_narrow_and_have_titles_in_words(notebook):
    for output in outputs(notebook):
        for table in re.findall(r"<thead>.*?</thead>", str(output.get("data", {}).get("text/html", ""))):
            titles = re.findall(r"<th[^>]*>(.*?)</th>", table)
            assert len(titles) <= 6
            assert not any("_" in title for title in titles)


def test_how_far_to_trust_it_is_said_before_any_stance():
    for path in NOTEBOOKS[2:6]:
        text = " ".join("".join(cell.source) for cell in nbformat.read(path, as_version=4).cells)
        first = text.index("describe_agreement_held_out(")
        for later in ("detect_stance(article, m", "describe_sides(p", "agreement_table(c", "describe_shared("):
            assert later not in text or first < text.index(later)


def test_words_of_the_glossary_are_those_explained():
    terms = [line.split("|")[1].strip() for line in (ROOT / "notebooks" / "glossary.md").read_text().split("\n")[6:]
             if line.startswith("|")]  # fmt: skip
    for term in terms:
        word, number = re.fullmatch(r"(.+) \((\d)\)", term).groups()
        text = " ".join(prose(NOTEBOOKS[int(number) - 1])).lower()
        assert word.lower().split(" of ")[0].split(" summary")[0] in text, term


@pytest.mark.parametrize("notebook", NOTEBOOKS[:5], ids=lambda path: path.stem)
def test_static_prose_says_nothing_of_the_seed(notebook):
    for cell in nbformat.read(notebook, as_version=4).cells:
        if "parameters" not in cell.metadata.get("tags", []):
            assert [word for word in SEED_WORDS if word in cell.source] == []


SAMPLE = (ROOT / "data" / "articles" / "004_commentary_war_drill.md").read_text(encoding="utf-8")


@pytest.mark.long
@pytest.mark.weights
@pytest.mark.parametrize(("name", "text"), [("other.txt", OTHER), ("nobody.txt", NOBODY), ("sample.md", SAMPLE)])
def test_hold_for_another_article(tmp_path, monkeypatch, name, text):
    monkeypatch.delenv("KOREA_NLP_NO_CACHE")  # as for a user: what one notebook has asked, the next knows
    article = tmp_path / name
    article.write_text(text, encoding="utf-8")
    for path in run_notebooks(read_article(article), tmp_path, summary_sentences=3):
        said = json.dumps([output.get("data", output) for output in outputs(path)])
        assert text is SAMPLE or [word for word in SEED_WORDS if word in said] == []
        test_outputs_are_clean(path)
        test_images_have_alt_text(path)


@pytest.mark.long
@pytest.mark.weights
def test_articles_of_a_folder_are_compared_whatever_they_are(tmp_path, monkeypatch):
    monkeypatch.delenv("KOREA_NLP_NO_CACHE")
    for name, text in [("other.txt", OTHER), ("nobody.txt", NOBODY), ("broken.txt", "No.")]:
        (tmp_path / name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "papermill", NOTEBOOKS[5], tmp_path / "06.ipynb", "--kernel", "python3",
         "--cwd", tmp_path, "--no-progress-bar",
         "-r", "ARTICLE", tmp_path / "other.txt", "-r", "FOLDER", tmp_path, "-r", "PAIR", tmp_path],
        env=os.environ | {"OMP_NUM_THREADS": "1"}, capture_output=True, text=True, timeout=900, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    said = json.dumps([output.get("data", output) for output in outputs(tmp_path / "06.ipynb")])
    assert "**2 articles**" in said
    assert "broken" in said
    assert [word for word in SEED_WORDS if word in said] == []
