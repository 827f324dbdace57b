"""What notebook 7 shows: kept figures of the benchmark, minimal pairs, and the sentences on them."""

import re

import pandas as pd
import pytest
from test_plots import drawn
from test_prose import without_markup

from korea_nlp import plots
from korea_nlp.paths import from_root
from korea_nlp.prose import quality


@pytest.fixture
def answers():
    rows = [("v1", "a", "voice", True, 0.9), ("v1", "b", "voice", True, 0.8),
            ("t1", "a", "third", True, 0.7), ("t1", "b", "third", False, 0.9),
            ("t2", "a", "third", False, 0.6), ("t2", "b", "third", True, 0.9)]  # fmt: skip
    table = pd.DataFrame(rows, columns=["pair", "member", "phenomenon", "right", "probability"])
    return table.assign(text="Seoul spoke.", holder="Seoul", target="Tokyo", label="none", answer="favor")


def test_a_pair_is_right_when_both_members_are(answers):
    table = quality.contrast_by_phenomenon(answers)
    assert table["phenomenon"].tolist() == ["voice", "third", "all"]
    assert table["pairs_right"].tolist() == [1.0, 0.0, pytest.approx(1 / 3)]
    assert table["members_right"].tolist() == [1.0, 0.5, pytest.approx(2 / 3)]
    said = without_markup(quality.describe_contrast(table))
    assert re.match(r"Of 3 minimal pairs, both [^.;]*\*\*33%\*\*; [^.]*single [^.]*67%", said)
    assert re.search(r"at least 75%[^.]*: “active or passive”\.", said)
    assert re.search(r"less than half[^.]*: “told only by way of a third actor”\.$", said)
    figure = plots.contrast_dots(table)
    assert drawn(figure).endswith("by what changes: active or passive 100%; told only by way of a third actor 0%.")
    assert "from 0% (told only by way of a third actor) to 100% (active or passive)" in figure.get_suptitle()
    labels = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert labels == ["active or passive (1)", "told only by way of a third actor (2)"]
    poor = table[table["phenomenon"] != "voice"]
    said = without_markup(quality.describe_contrast(poor))
    assert re.search(r"at least 75%[^.]*: none\.", said)
    assert "active or passive" not in said
    good = table[table["phenomenon"] != "third"]
    assert "less than half" not in quality.describe_contrast(good)


def test_the_surest_wrong_answer_comes_first(answers):
    wrong = quality.wrong_examples(answers)
    assert wrong["changed"].tolist() == ["told only by way of a third actor"]
    assert wrong.columns.tolist() == ["changed", "asked", "label", "answer", "probability", "text"]
    assert wrong["asked"].tolist() == ["Seoul → Tokyo"]
    assert quality.wrong_examples(answers.assign(holder="author"))["asked"].tolist() == ["the writer → Tokyo"]


def test_every_phenomenon_has_a_name_for_people():
    assert set(quality.CHANGES) == set(pd.read_csv(from_root("data/contrast/pairs.csv"))["phenomenon"])


def test_which_way_the_errors_go_adds_up():
    rows = [("favor", "none", False), ("none", "favor", False), ("none", "against", False),
            ("favor", "against", False), ("none", "none", True)]  # fmt: skip
    table = pd.DataFrame(rows, columns=["label", "answer", "right"])
    assert quality.describe_wrong(table) == (
        "Of 4 wrong answers, **1** misses a side, **2** see a side where there is none, and **1** takes one side for "
        "the other."
    )
    assert quality.describe_wrong(table.tail(1)) == "Every answer is right."


def test_how_right_the_figures_look_is_told_beside_always_the_same_answer():
    found = quality.load_benchmark()
    row = found[(found["data"] == "seesaw_dev") & (found["measure"] == "micro-F1")].iloc[0]
    ours, always = quality.describe_accuracy(found).split("“no stance”")
    assert f"{row['value']:.0%} are right" in ours
    assert f"{row['commonest']:.0%}" in always
    assert "not measured" in quality.describe_accuracy(found.head(0))
    macro = (found["data"] == "directed_valid") & (found["measure"] == "macro-F1")
    low, high = (found.loc[macro, end].iloc[0] for end in ("low", "high"))
    assert f"({low:.2f} to {high:.2f})" in quality.describe_published(found)
    for low, high, where in ((0.5, 0.9, "within"), (0.7, 0.9, "outside"), (0.4, 0.6, "outside")):
        said = quality.describe_published(found.assign(low=low, high=high))
        assert [word for word in ("within", "outside") if word in said] == [where]
    assert "not compared" in quality.describe_published(found[~macro])


def test_what_doubt_misses_in_an_article_is_counted():
    unsure = pd.DataFrame([("N", "S"), ("S", "N")], columns=["holder", "target"])
    disputed = pd.DataFrame(
        [("N", "S", "against", "none", "favor"), ("R", "S", "against", "none", "none"),
         ("S", "N", "against", "against", "none")],
        columns=["holder", "target", "model", "first", "second"],
    )  # fmt: skip
    who, seen, listed = quality.describe_unsure(unsure, disputed).split(". ")
    assert who.startswith("Both readers")
    assert "**2 pairs**" in seen
    assert "**1** of these" in listed
    assert quality.describe_unsure(unsure.head(0), disputed).endswith("**0** of these, so it gave no warning.")
    assert "**no pairs**" in quality.describe_unsure(unsure, disputed.tail(1))
    nobody = disputed.head(0)[["holder", "target", "model"]]
    assert "Nobody has annotated this article" in quality.describe_unsure(unsure, nobody)


def test_kept_figures_are_of_the_profile_that_is_asked_for():
    found = quality.load_benchmark()
    assert {"directed_valid", "contrast"} <= set(found["data"])
    assert quality.load_benchmark("hub").empty
    assert quality.main_figures(quality.load_benchmark("hub")).empty
    assert "was not measured" in quality.describe_reliability("hub")
    main = quality.main_figures(found)
    assert main.columns.tolist() == ["task", "same_source", "rows", "model", "commonest", "words"]
    assert (main["model"].str[:4].astype(float) > main["commonest"]).all()
    assert (~main["same_source"]).sum() == len(quality.NEW_SOURCES)
    assert main["words"].map(lambda words: words == "not measured" or 0 < words < 1).all()


def test_profiles_stand_beside_each_other_with_their_own_figures():
    table = quality.figures_by_profile().set_index("task")
    for profile in ("bundled", "bundled-fast"):
        own = quality.main_figures(quality.load_benchmark(profile)).set_index("task")["model"]
        assert table[profile].map("{:.2f}".format).to_dict() == own.str[:4].to_dict()
    assert (table["bundled"] > table["bundled-fast"]).all()


def test_coverage_is_read_from_the_kept_figures():
    curve = quality.coverage(quality.load_benchmark())
    assert curve["coverage"].between(0.4, 1).all()
    assert curve["accuracy"].between(0, 1).all()
    figure = plots.coverage_dots(curve)
    assert "accuracy of all answers, then of the surer 50%" in drawn(figure)
    sets = curve["data"].nunique()
    assert figure.get_suptitle().endswith(f"more often right in {sets} of {sets} sets of texts")
    assert "nothing was found" in drawn(plots.coverage_dots(curve.head(0)))
    assert "of the surer half; always the same answer:" in quality.describe_coverage(curve)
    assert "not known" in quality.describe_coverage(curve.head(0))


def test_minimal_pairs_are_asked(tiny_models_profile):
    found = quality.answer_contrast(tiny_models_profile)
    assert found["probability"].between(1 / 3, 1).all()
    assert set(found["answer"]) <= {"favor", "against", "none"}
    assert (found["right"] == (found["answer"] == found["label"])).all()


def test_how_good_the_check_is_comes_from_what_was_measured(tmp_path):
    table = tmp_path / "claims.csv"
    table.write_text("profile,true,kind,claims,right\n"
                     "bundled,True,fusion,4,3\nbundled,False,who,2,2\nbundled,False,wish,2,1\n")  # fmt: skip
    said = without_markup(quality.describe_check("bundled", table))
    assert said.startswith("The check was tested on **4 true claims** and **4 false claims** about articles")
    assert "finds support for **75%** of the true ones, and it catches **75%** of the false ones" in said
    assert "75% of its 8 answers" in said
    assert re.search(r": a wish told as done \(50%[^)]*\) and a deed given to the wrong doer \(100%[^)]*\)\.$", said)
    assert "was not measured" in quality.describe_check("bundled-fast", table)


def test_f1_from_the_text_alone_is_that_of_its_counts():
    table = quality.from_the_text_alone()
    assert len(table)
    assert table["f1"].tolist() == pytest.approx((2 * table["right"] / (table["found"] + table["wanted"])).tolist())
