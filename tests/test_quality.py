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
    assert wrong["phenomenon"].tolist() == ["third"]
    assert wrong["probability"].tolist() == [0.9]


def test_kept_figures_are_of_the_profile_that_is_asked_for():
    found = quality.load_benchmark()
    assert {"directed_valid", "contrast"} <= set(found["data"])
    assert quality.load_benchmark("hub").empty
    assert "has not been measured" in quality.describe_figures(quality.load_benchmark("hub"))
    main = quality.main_figures(found)
    assert (main["low"] <= main["value"]).all()
    said = plain(quality.describe_figures(main))
    assert len(said.split("\n")) == len(main)
    assert "the commonest class alone reaches" in said


def test_which_is_harder_is_computed_where_both_were_measured():
    stance, direction = "stance or none: macro-F1", "direction: macro-F1"
    rows = [("a_1", stance, 0.61), ("a_1", direction, 0.9), ("b", stance, 0.8), ("b", direction, 0.7),
            ("c", stance, 0.801), ("c", direction, 0.8094), ("d", stance, 0.5)]  # fmt: skip
    benchmark = pd.DataFrame(rows, columns=["data", "measure", "value"])
    whether, whither = (
        "whether there is a stance at all (`stance or none`",
        "which way it points (`direction`",
    )
    assert plain(quality.describe_direction(benchmark)).split("\n") == [
        f"- **a_1**: {whether}, macro-F1 0.61) is harder than {whither}, macro-F1 0.90).",
        f"- **b**: {whither}, macro-F1 0.70) is harder than {whether}, macro-F1 0.80).",
        f"- **c**: {whether}, macro-F1 0.80) and {whither}, macro-F1 0.81) are about equally hard.",
    ]
    assert "directed_valid" in plain(quality.describe_direction(quality.load_benchmark()))
    assert "was not measured" in quality.describe_direction(quality.load_benchmark("hub"))


def test_profiles_stand_beside_each_other_with_their_own_figures():
    table = quality.figures_by_profile().set_index("data")
    for profile in ("bundled", "bundled-fast"):
        own = quality.main_figures(quality.load_benchmark(profile)).set_index("data")["value"]
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
