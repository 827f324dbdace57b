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
    assert "Nobody has annotated this article yet" in readers.describe_readers({}, {})
    assert readers.compare_all({}).empty


def test_those_who_read_this_very_text_are_found(article, model, tmp_path):
    write(tmp_path / "first", article, model)
    write(tmp_path / "other", fabricated.article(name="another"), model)
    moved = model | {"mentions": model["mentions"].assign(start=model["mentions"]["start"] + 1)}
    write(tmp_path / "stale", article, moved)
    found = readers.readings_of(article, tmp_path)
    assert list(found) == ["first"]
    said = plain(readers.describe_readers(found, model))
    assert said.startswith("One reader has annotated this article: the first reader saw 3 events and 8 sides")
    assert ", and left 1 pair unclear; the machine saw 3 events and 8 sides" in said


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
    disputed = readers.disputes({"first": person, "second": model}, model)
    assert disputed.to_dict("records") == [
        {"holder": "author", "target": "dialogue", "model": "favor", "first": "against", "second": "favor"},
        {"holder": "experts", "target": "Kim Jong Un", "model": "against", "first": "none", "second": "against"},
    ]
    assert readers.disputes({}, model).empty
    counts = readers.confusions(person, model)["stance over the article of each pair"]
    assert counts.loc["against", "favor"] == 1
    assert counts.loc["none", "against"] == 1


def test_what_is_unclear_in_a_sentence_is_not_listed(model):
    assert set(model["stance"]["stance"]) == {"favor", "against"}
    assert "none" not in set(model["stance_article"]["stance"])


def test_several_articles_are_put_together_and_some_held_out(model, tmp_path):
    both = {name: pd.concat([t.assign(article="a"), t.assign(article="b")]) for name, t in model.items()}
    (tmp_path / "development.txt").write_text("# at hand\na\n")
    unseen = readers.only(both, readers.held_out(tmp_path))
    assert all(set(table["article"]) == {"b"} for table in unseen.values())
    compared = readers.compare_all({"first": both, "second": both, "model": unseen})
    table = readers.agreement_table(compared).set_index("layer")
    assert table.loc["events"].tolist() == ["events", 3, "F1", 1.0, 1.0]
    assert "stance over the article" in table.index
    said = readers.describe_agreement_held_out(readers.agreement_table(compared))
    assert "the machine agrees with a reader on who is for or against whom with a kappa of **" in said
    assert said.endswith(", and on events with an F1 of **1.00** (two readers: 1.00; 1 is perfect).")
    assert "not measured" in readers.describe_agreement_held_out(readers.agreement_table(compared.head(0)))


def test_what_is_kept_is_of_the_profile_that_is_asked_for():
    kept = readers.load_agreement()
    assert kept["model"].between(0, 1).all()
    assert {"events", "stance over the article"} <= set(kept["layer"])
    assert readers.load_agreement("hub").empty
