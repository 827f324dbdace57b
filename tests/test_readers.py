"""Who has annotated an article, and where readings differ: on a made-up article and made-up readings."""

import fabricated
import pandas as pd
import pytest
from test_prose import plain
from test_report import reading

from korea_nlp.agreement import readers
from korea_nlp.agreement.gold import COLUMNS


@pytest.fixture
def article():
    return fabricated.article(name="seed")


@pytest.fixture
def model():
    return readers.tables_of(reading(name="seed"))


def write(folder, article, tables):
    folder.mkdir(parents=True)
    for name, columns in COLUMNS.items():
        table = tables.get(name, pd.DataFrame(columns=columns)).assign(article=article.name)
        table.reindex(columns=columns).to_csv(folder / f"{name}.csv", index=False)


def test_nobody_has_read_it(article, tmp_path):
    assert readers.readings_of(article, tmp_path / "nowhere") == {}
    assert "Nobody has annotated this article yet" in readers.describe_readers({})
    assert readers.compare_all({}).empty


def test_those_who_read_this_very_text_are_found(article, model, tmp_path):
    write(tmp_path / "first", article, model)
    write(tmp_path / "other", fabricated.article(name="another"), model)
    moved = model | {"mentions": model["mentions"].assign(start=model["mentions"]["start"] + 1)}
    write(tmp_path / "stale", article, moved)
    found = readers.readings_of(article, tmp_path)
    assert list(found) == ["first"]
    said = plain(readers.describe_readers(found))
    assert said.startswith("One reader has annotated this article: first (24 mentions, 3 events, ")


def test_every_two_readings_are_compared(model):
    fewer = model | {"events": model["events"].head(1)}
    compared = readers.compare_all({"first": model, "second": fewer, "model": model})
    assert list(dict.fromkeys(zip(compared["one"], compared["other"], strict=True))) == [
        ("first", "second"), ("first", "model"), ("second", "model"),
    ]  # fmt: skip
    events = compared[compared["layer"] == "events"].set_index(["one", "other"])
    assert events.loc[("first", "model"), "f1"] == 1
    assert events.loc[("first", "second"), "recall"] == pytest.approx(1 / 3)


def test_where_readings_differ(model):
    pairs = model["stance_article"]
    turned = pairs["stance"].where(pairs["holder"] != "author", "against")
    person = model | {"stance_article": pairs[pairs["holder"] != "experts"].assign(stance=turned)}
    found = readers.differences(person, model)
    assert found.to_dict("records") == [
        {"holder": "author", "target": "dialogue", "one": "against", "other": "favor"},
        {"holder": "experts", "target": "Kim Jong Un", "one": "none", "other": "against"},
    ]
    said = plain(readers.describe_differences(found, "first", "model"))
    assert said == (
        "First and model differ on 2 pairs. Only model sees a stance in 1 (experts → Kim Jong Un). "
        "Both take a side, but opposite ones, in 1 (author → dialogue)."
    )
    assert "agree on every pair" in readers.describe_differences(found.head(0), "first", "model")
    counts = readers.confusions(person, model)["stance over the article of each pair"]
    assert counts.loc["against", "favor"] == 1
    assert counts.loc["none", "against"] == 1


def test_who_answers_unclear_takes_no_side():
    rows = [
        ("N", "S", "favor", "none"), ("S", "N", "unclear", "favor"), ("N", "R", "against", "unclear"),
        ("R", "N", "unclear", "none"), ("R", "S", "none", "unclear"), ("S", "R", "none", "unclear"),
    ]  # fmt: skip
    found = pd.DataFrame(rows, columns=["holder", "target", "one", "other"])
    assert plain(readers.describe_differences(found, "the first reader", "the model")) == (
        "The first reader and the model differ on 6 pairs. Only the first reader sees a stance in 1 (N → S). "
        "In 2 one takes a side where the other answers `unclear` (S → N and N → R). "
        "In 3 one answers `unclear` where the other sees no stance (R → N, R → S and S → R)."
    )


def test_what_is_unclear_in_a_sentence_is_not_listed(model):
    assert set(model["stance"]["stance"]) == {"favor", "against"}
    assert "none" not in set(model["stance_article"]["stance"])


def test_several_articles_are_put_together_and_some_held_out(model, tmp_path):
    both = {name: pd.concat([t.assign(article="a"), t.assign(article="b")]) for name, t in model.items()}
    (tmp_path / "development.txt").write_text("# at hand\na\n")
    unseen = readers.only(both, readers.held_out(tmp_path))
    assert all(set(table["article"]) == {"b"} for table in unseen.values())
    compared = readers.compare_all({"first": both, "second": both, "model": unseen})
    said = plain(readers.describe_readers_and_model(compared)).split("\n")
    events = next(line for line in said if "**events**" in line)
    assert events == "- **events** (3 items: events): F1 1.00; the second reader reaches 1.00."
    assert "No annotated article" in readers.describe_readers_and_model(compared.head(0))
