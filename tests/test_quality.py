"""What notebook 7 shows: kept figures of the benchmark, minimal pairs, and the sentences on them."""

import pandas as pd
import pytest
from test_panels import drawn
from test_prose import plain

from korea_nlp.evaluation import quality
from korea_nlp.plots import panels


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
    said = plain(quality.describe_contrast(table))
    assert said == (
        "Of 3 minimal pairs, both members are right in **33%**; of single members, 67%. "
        "Answered well (in three pairs of four or more): active/passive. "
        "Missed in more than half of the pairs: third."
    )
    figure = panels.contrast_bars(table)
    assert "Most pairs right: active/passive (100%); fewest: third (0%)" in drawn(figure)
    assert [t.get_text() for t in figure.axes[0].get_yticklabels()] == ["third (2)", "active/passive (1)"]
    poor = table[table["phenomenon"] != "voice"]
    assert "No kind of change is answered well in three pairs of four." in quality.describe_contrast(poor)


def test_the_surest_wrong_answer_comes_first(answers):
    wrong = quality.wrong_examples(answers)
    assert wrong["changed"].tolist() == ["third"]
    assert wrong.columns.tolist() == ["changed", "holder", "target", "label", "answer", "text"]


def test_kept_figures_are_of_the_profile_that_is_asked_for():
    found = quality.load_benchmark()
    assert {"directed_valid", "contrast"} <= set(found["data"])
    assert quality.load_benchmark("hub").empty
    assert "was not measured" in quality.describe_reliability(quality.load_benchmark("hub"))
    main = quality.main_figures(found)
    assert main.columns.tolist() == ["task", "rows", "model", "interval", "commonest", "words"]
    assert (main["model"] > main["commonest"]).all()


def test_profiles_stand_beside_each_other_with_their_own_figures():
    table = quality.figures_by_profile().set_index("task")
    for profile in ("bundled", "bundled-fast"):
        own = quality.main_figures(quality.load_benchmark(profile)).set_index("task")["model"]
        assert table[profile].to_dict() == own.to_dict()
    assert (table["bundled"] > table["bundled-fast"]).all()


def test_coverage_is_read_from_the_kept_figures():
    curve = quality.coverage(quality.load_benchmark())
    assert curve["coverage"].between(0.4, 1).all()
    assert curve["accuracy"].between(0, 1).all()
    assert "At 50% coverage" in drawn(panels.coverage_lines(curve))
    assert "of the surer half" in quality.describe_coverage(curve)
    assert "not known" in quality.describe_coverage(curve.head(0))


def test_minimal_pairs_are_asked(tiny_profile):
    found = quality.answer_contrast(tiny_profile)
    assert found["probability"].between(1 / 3, 1).all()
    assert set(found["answer"]) <= {"favor", "against", "none"}
    assert (found["right"] == (found["answer"] == found["label"])).all()


def test_how_good_the_check_is_comes_from_what_was_measured(tmp_path):
    table = tmp_path / "claims.csv"
    table.write_text("profile,true,kind,claims,right\n"
                     "bundled,True,fusion,4,3\nbundled,False,who,2,2\nbundled,False,wish,2,1\n")  # fmt: skip
    said = plain(quality.describe_check("bundled", table))
    assert said.startswith("On **8 claims** about articles that nothing was learnt from")
    assert "finds support for **75%** of the true ones and lets **25%** of the false ones pass" in said
    assert said.endswith("It catches least: a wish told as done (50%) and another doer (100%).")
    assert "was not measured" in quality.describe_check("bundled-fast", table)
