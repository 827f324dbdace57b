"""Gold: a reading fits the text it was made of, or is refused in one line that names file and row."""

from pathlib import Path

import fabricated
import pandas as pd
import pytest

from korea_nlp.agreement import compare_readings
from korea_nlp.agreement.gold import COLUMNS, load_gold
from korea_nlp.article import read_article
from korea_nlp.errors import KoreaNLPError

ROOT = Path(__file__).parent.parent
ARTICLES = [*sorted(ROOT.glob("seeds/*.txt")), *sorted(ROOT.glob("data/articles/0*.md"))]


@pytest.fixture(scope="module")
def article():
    return fabricated.article("Kim, he “won’t go”.\nSeoul laughed at Kim.", name="seed")


@pytest.fixture
def reading(article):
    voices = [
        (1, 0, 8, "author", "author"), (1, 8, 18, "quote", "Kim"), (1, 18, 19, "author", "author"),
        (2, 20, 41, "author", "author"),
    ]  # fmt: skip
    return {
        "mentions": [(1, 0, 3, "Kim", "Kim"), (2, 20, 25, "Seoul", "South Korea")],
        "voices": [(s, a, b, article.text[a:b], voice, who) for s, a, b, voice, who in voices],
        "stance": [(2, "South Korea", "Kim", "against", article.sentences["text"][1])],
        "stance_article": [("South Korea", "Kim", "unclear")],
        "events": [(2, 26, 40, article.text[26:40], "South Korea", "ACCUSE", "Kim")],
        "frames": [(1, "diplomacy"), (1, "security threat")],
    }


def write(folder, reading, articles=("seed",)):
    folder.mkdir(parents=True, exist_ok=True)
    for name, columns in COLUMNS.items():
        rows = [(article, *row) for article in articles for row in reading[name]]
        pd.DataFrame(rows, columns=columns).to_csv(folder / f"{name}.csv", index=False)


def test_a_reading_is_read_whole_or_for_one_article(article, reading, tmp_path):
    write(tmp_path / "first", reading, ("seed", "another"))
    whole = load_gold(folder=tmp_path)
    assert {name: list(table.columns) for name, table in whole.items()} == COLUMNS
    assert set(whole["mentions"]["article"]) == {"seed", "another"}
    mine = load_gold("first", tmp_path, article)
    for name, table in mine.items():
        assert len(table) == len(reading[name])
        assert list(table.columns) == COLUMNS[name][1:]
    for row in mine["voices"].itertuples():
        assert article.text[row.start : row.end] == row.text


def test_a_reading_can_be_compared(article, reading, tmp_path):
    write(tmp_path / "first", reading)
    write(tmp_path / "second", reading)
    one, other = (load_gold(reader, tmp_path, article) for reader in ("first", "second"))
    assert (compare_readings(one, other)["f1"].dropna() == 1).all()


def test_a_reading_may_find_nothing(article, reading, tmp_path):
    write(tmp_path / "first", {name: rows if name == "voices" else [] for name, rows in reading.items()})
    found = load_gold("first", tmp_path, article)
    assert found["stance"].empty
    assert list(found["stance"].columns) == COLUMNS["stance"][1:]


@pytest.mark.parametrize(
    ("name", "row", "said"),
    [
        ("mentions", (1, 1, 4, "Kim", "Kim"), r"row 2 quotes 'Kim', but seed reads 'im,' from 1"),
        ("mentions", (2, 0, 3, "Kim", "Kim"), r"row 2 starts at 0, which is not in sentence 2"),
        ("mentions", (8, 0, 3, "Kim", "Kim"), r"row 2 is of sentence 8; there are 2"),
        ("mentions", ("x", 0, 3, "Kim", "Kim"), r"row 2 has the sentence 'x', which is no whole number"),
        ("mentions", (1, "0.0", 3, "Kim", "Kim"), r"row 2 has the start '0.0'"),
        ("stance", (2, "A", "B", "against", "other"), r"stance.csv: row 2 quotes 'other'"),
        ("stance", (2, "A", "B", "none", ""), r"row 2 has the stance 'none'; there are: favor, against"),
        ("stance_article", ("A", "B", "for"), r"the stance 'for'; there are: favor, against, unclear"),
        ("voices", (1, 0, 3, "Kim", "indirect", "Kim"), r"the voice 'indirect'; there are: quote, reported"),
        ("events", (1, 0, 3, "Kim", "A", "FIGHT", "B"), r"the category 'FIGHT'; there are: AGREE, CONSULT"),
        ("frames", (1, "war"), r"the frame 'war'; there are: security threat, diplomacy"),
        ("frames", (3, "economy"), r"row 2 is of sentence 3; there are 2"),
    ],
)
def test_what_does_not_fit_is_refused(article, reading, tmp_path, name, row, said):
    write(tmp_path / "first", {**reading, name: [row, *reading[name]]})
    with pytest.raises(KoreaNLPError, match=said) as problem:
        load_gold("first", tmp_path, article)
    assert "\n" not in str(problem.value)
    assert f"{name}.csv" in str(problem.value)


def test_row_numbers_are_those_of_the_file(article, reading, tmp_path):
    write(tmp_path / "first", reading, ("another", "seed"))
    file = tmp_path / "first" / "mentions.csv"
    file.write_text(file.read_text("utf-8").replace("seed,2,20,25", "seed,2,21,26"), encoding="utf-8")
    with pytest.raises(KoreaNLPError, match="row 5 quotes 'Seoul'"):
        load_gold("first", tmp_path, article)


def test_missing_readers_articles_files_and_columns(article, reading, tmp_path):
    with pytest.raises(KoreaNLPError, match="there are: none"):
        load_gold("first", tmp_path)
    write(tmp_path / "first", reading, ("another",))
    with pytest.raises(KoreaNLPError, match=r"no reader 'third' in .*; there are: first"):
        load_gold("third", tmp_path)
    with pytest.raises(KoreaNLPError, match="holds no reading of seed; it has: another"):
        load_gold("first", tmp_path, article)
    file = tmp_path / "first" / "frames.csv"
    file.write_text("article,frame\n", encoding="utf-8")
    with pytest.raises(KoreaNLPError, match=r"frames.csv: no column sentence"):
        load_gold("first", tmp_path)
    file.write_text("", encoding="utf-8")
    with pytest.raises(KoreaNLPError, match="not a table in CSV"):
        load_gold("first", tmp_path)
    file.unlink()
    with pytest.raises(KoreaNLPError, match="cannot read"):
        load_gold("first", tmp_path)


@pytest.mark.weights
@pytest.mark.parametrize("path", ARTICLES, ids=lambda path: path.stem)
def test_the_readings_of_the_package_fit_its_articles(path):
    article = read_article(path)
    readings = [load_gold(reader.name, article=article) for reader in sorted((ROOT / "data/gold").glob("*/"))]
    assert len(readings) >= 2
    for reading in readings:
        for sentence, parts in reading["voices"].groupby("sentence"):
            assert "".join(parts["text"]) == article.sentences["text"][sentence]
        assert set(reading["voices"]["sentence"]) == set(article.sentences["sentence"])
