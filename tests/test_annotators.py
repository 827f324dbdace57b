"""Annotators: their tables fit the text they were made of, or are refused; where they and the model differ."""

import re
from pathlib import Path

import made_up_reading
import pandas as pd
import pytest
from test_report import reading

from korea_nlp.agreement import annotators, compare_readings
from korea_nlp.agreement.annotators import COLUMNS, load_gold
from korea_nlp.article import read_article
from korea_nlp.errors import KoreaNLPError

ROOT = Path(__file__).parent.parent
ARTICLES = [*sorted(ROOT.glob("seeds/*.txt")), *sorted(ROOT.glob("data/articles/0*.md"))]


@pytest.fixture(scope="module")
def article():
    return made_up_reading.article("Kim, he “won’t go”.\nSeoul laughed at Kim.", name="seed")


@pytest.fixture
def gold(article):
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


@pytest.fixture
def model():
    return annotators.tables_of(reading(name="seed"))


def write(folder, tables, articles=("seed",)):
    """The CSV files of an annotator, from rows or from tables."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, columns in COLUMNS.items():
        rows = pd.DataFrame(tables.get(name, []), columns=columns[1:])
        whole = pd.concat([rows.assign(article=article) for article in articles])
        whole[columns].to_csv(folder / f"{name}.csv", index=False)


def test_a_reading_is_read_whole_or_for_one_article(article, gold, tmp_path):
    for name in ("first", "second"):
        write(tmp_path / name, gold, ("seed", "another"))
    whole = load_gold(folder=tmp_path)
    assert {name: list(table.columns) for name, table in whole.items()} == COLUMNS
    assert set(whole["mentions"]["article"]) == {"seed", "another"}
    mine, other = (load_gold(name, tmp_path, article) for name in ("first", "second"))
    for name, table in mine.items():
        assert len(table) == len(gold[name])
        assert list(table.columns) == COLUMNS[name][1:]
    for row in mine["voices"].itertuples():
        assert article.text[row.start : row.end] == row.text
    assert (compare_readings(mine, other)["f1"].dropna() == 1).all()


def test_a_reading_may_find_nothing(article, gold, tmp_path):
    write(tmp_path / "first", {"voices": gold["voices"]})
    found = load_gold("first", tmp_path, article)
    assert found["stance"].empty
    assert list(found["stance"].columns) == COLUMNS["stance"][1:]
    assert compare_readings(found, found)["f1"].dropna().eq(1).all()


@pytest.mark.parametrize(
    ("name", "row", "said"),
    [
        ("mentions", (1, 1, 4, "Kim", "Kim"), r"row 2 quotes 'Kim', but from 1 to 4 the article reads 'im,'"),
        ("mentions", (2, 0, 3, "Kim", "Kim"), r"row 2 starts at 0, which is not in sentence 2"),
        ("mentions", (8, 0, 3, "Kim", "Kim"), r"row 2 is of sentence 8; there are 2"),
        ("mentions", ("x", 0, 3, "Kim", "Kim"), r"row 2 has the sentence 'x'; it must be a whole number"),
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
def test_what_does_not_fit_is_refused(article, gold, tmp_path, name, row, said):
    write(tmp_path / "first", {**gold, name: [row, *gold[name]]})
    with pytest.raises(KoreaNLPError, match=said) as problem:
        load_gold("first", tmp_path, article)
    assert "\n" not in str(problem.value)
    assert f"{name}.csv" in str(problem.value)


def test_row_numbers_are_those_of_the_file(article, gold, tmp_path):
    write(tmp_path / "first", gold, ("another", "seed"))
    file = tmp_path / "first" / "mentions.csv"
    file.write_text(file.read_text("utf-8").replace("seed,2,20,25", "seed,2,21,26"), encoding="utf-8")
    with pytest.raises(KoreaNLPError, match="row 5 quotes 'Seoul'"):
        load_gold("first", tmp_path, article)


def test_missing_annotators_articles_files_and_columns(article, gold, tmp_path):
    with pytest.raises(KoreaNLPError, match="there are: none"):
        load_gold("first", tmp_path)
    write(tmp_path / "first", gold, ("another",))
    with pytest.raises(KoreaNLPError, match=r"no reader 'third' in .*; there are: first"):
        load_gold("third", tmp_path)
    with pytest.raises(KoreaNLPError, match="holds no reading of seed; it has: another"):
        load_gold("first", tmp_path, article)
    file = tmp_path / "first" / "frames.csv"
    for written, said in (("article,frame\n", "frames.csv: no column sentence"), ("", "not a table in CSV")):
        file.write_text(written, encoding="utf-8")
        with pytest.raises(KoreaNLPError, match=said):
            load_gold("first", tmp_path)
    file.unlink()
    with pytest.raises(KoreaNLPError, match="cannot read"):
        load_gold("first", tmp_path)


def test_nobody_has_read_it(article, tmp_path):
    assert annotators.readings_of(article, tmp_path / "nowhere") == {}
    assert "Nobody has annotated this article yet" in annotators.describe_readers({}, {})
    assert annotators.compare_all({}).empty


def test_those_who_read_this_very_text_are_found(model, tmp_path):
    write(tmp_path / "first", model)
    write(tmp_path / "other", model, ["another"])
    moved = model | {"mentions": model["mentions"].assign(start=model["mentions"]["start"] + 1)}
    write(tmp_path / "stale", moved)
    found = annotators.readings_of(made_up_reading.article(name="seed"), tmp_path)
    assert list(found) == ["first"]
    said = annotators.describe_readers(found, model)
    assert said.startswith("One reader has annotated this article. ")
    for who in ("first reader", "machine"):
        assert f"The {who} saw 3 events and 8 stances, and left 1 pair unclear." in said


def test_every_two_readings_are_compared(model):
    fewer = model | {"events": model["events"].head(1)}
    compared = annotators.compare_all({"first": model, "second": fewer, "model": model})
    assert list(dict.fromkeys(zip(compared["one"], compared["other"], strict=True))) == [
        ("first", "second"), ("first", "model"), ("second", "model"),
    ]  # fmt: skip
    events = compared[compared["layer"] == "events"].set_index(["one", "other"])
    assert events.loc[("first", "model"), "f1"] == 1
    assert events.loc[("first", "second"), "recall"] == pytest.approx(1 / 3)
    table = annotators.agreement_table(compared)
    assert table.set_index("layer").loc["events"].tolist() == [3, "F1", 0.5, 1.0]
    assert "stance over the article" in set(table["layer"])
    said = annotators.describe_agreement_held_out(table)
    stances = table.set_index("layer").loc["stance over the article"]
    numbers = rf"\*\*{stances['model']:.2f}\*\*, between the two readers {stances['readers']:.2f}\."
    assert re.search(rf"who is for or against whom\*\*[^.]* kappa [^.]*\. [^.]*{numbers}", said)
    assert re.search(r"who did what to whom\*\*[^.]* F1 [^.]*\. [^.]*\*\*1\.00\*\*, between [^.]* 0\.50\.", said)
    unmeasured = annotators.agreement_table(compared.head(0))
    assert "not measured" in annotators.describe_agreement_held_out(unmeasured)


def test_where_annotators_and_the_model_differ(model):
    pairs = model["stance_article"]
    turned = pairs["stance"].where(pairs["holder"] != "author", "against")
    person = model | {"stance_article": pairs[pairs["holder"] != "experts"].assign(stance=turned)}
    disputed = annotators.disputes({"first": person, "second": model}, model)
    assert disputed.to_dict("records") == [
        {"holder": "author", "target": "dialogue", "model": "favor", "first": "against", "second": "favor"},
        {"holder": "experts", "target": "Kim Jong Un", "model": "against", "first": "none", "second": "against"},
    ]
    assert annotators.disputes({}, model).empty
    counts = annotators.confusions(person, model)["pairs (stance over the article)"]
    assert counts.loc["against", "favor"] == 1
    assert counts.loc["none", "against"] == 1


def test_the_model_lists_only_what_an_annotator_would(model):
    assert set(model["stance"]["stance"]) == {"favor", "against"}
    assert "none" not in set(model["stance_article"]["stance"])


def test_agreement_is_kept_by_profile():
    kept = annotators.load_agreement()
    assert kept["model"].between(0, 1).all()
    assert {"events", "stance over the article"} <= set(kept["layer"])
    assert annotators.load_agreement("hub").empty


@pytest.mark.weights
@pytest.mark.parametrize("path", ARTICLES, ids=lambda path: path.stem)
def test_the_gold_of_the_package_fits_its_articles(path):
    article = read_article(path)
    readers = sorted(folder.name for folder in (ROOT / "data/gold").glob("*/"))
    assert len(readers) >= 2
    for reader in readers:
        voices = load_gold(reader, article=article)["voices"]
        for sentence, parts in voices.groupby("sentence"):
            assert "".join(parts["text"]) == article.sentences["text"].iloc[sentence - 1]
        assert set(voices["sentence"]) == set(article.sentences["sentence"])
