"""The measures measure what they say, and the benchmark commands run on tiny files and tiny models."""

import gzip
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from benchmarks import passages
from benchmarks import stance as benchmark
from benchmarks.lexicon import lexicon_scores, lexicon_stance
from benchmarks.measures import (
    accuracy,
    calibration_error,
    class_f1,
    coverage_curve,
    direction_table,
    interval,
    macro,
    neutrality_table,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix, f1_score

from korea_nlp import read_article
from korea_nlp.models.cache import OFF
from korea_nlp.models.weights import load_profile
from korea_nlp.paths import ASSETS
from korea_nlp.training.evaluation import DIRECTED, Answers, answer_directed

MEASURED = Path(__file__).parent.parent / "data" / "benchmarks" / "stance.csv"
NAMES = ["favor", "against", "none"]
ROWS = {
    "directed_valid": [
        {"text": "[Russia] praised [Japan] and talks.", "p": "Russia", "q": "Japan", "label": "p favors q"},
        {"text": "[Japan] was criticized by [Russia].", "p": "Japan", "q": "Russia", "label": "q opposes p"},
        {"text": "[Japan] and [Korea] move.", "p": "Japan", "q": "Korea", "label": "neutral"},
    ],
    "claims_valid": [
        {"text": "talks praised", "target": "the talks", "label": "favor"},
        {"text": "talks criticized", "target": "the move", "label": "against"},
    ],
    "reported_opinion_valid": [
        {
            "premise": "When asked about the move, Russia said, 'praised'.",
            "hypothesis": "Russia liked the move .",
            "label": "not_entailment",
        },
        {"premise": "Something else.", "hypothesis": "It rained .", "label": "entailment"},
        {"premise": "Japan praised it.", "hypothesis": "Japan liked the talks .", "label": "entailment"},
    ],
    "nli_valid": [
        {"premise": "the north", "hypothesis": "the south", "label": label}
        for label in ("entailment", "neutral", "contradiction")
    ],
}  # fmt: skip


def drawn(seed: int, count: int = 40) -> Answers:
    rng = np.random.default_rng(seed)
    return Answers(NAMES, rng.integers(3, size=count), rng.dirichlet([0.5] * 3, size=count))


@pytest.fixture(autouse=True)
def without_kept_results(monkeypatch):
    """The command switches them off; this takes it back after each test."""
    monkeypatch.setenv(OFF, "1")


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    for name, rows in ROWS.items():
        with gzip.open(folder / f"{name}.jsonl.gz", "wt", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)
    return folder


@given(st.integers(0, 2**32 - 1))
def test_f1_is_that_of_scikit_learn(seed):
    answers = drawn(seed)
    table = confusion_matrix(answers.truth, answers.guess, labels=range(3))
    theirs = f1_score(answers.truth, answers.guess, labels=range(3), average=None, zero_division=0)
    np.testing.assert_allclose(class_f1(table), theirs)
    assert macro(table) == pytest.approx(theirs.mean())
    assert accuracy(table) == pytest.approx((answers.truth == answers.guess).mean())


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_an_interval_holds_its_share_and_comes_out_the_same_again(seed):
    answers = drawn(seed, 200)
    table = confusion_matrix(answers.truth, answers.guess, labels=range(3))
    value, low, high = interval(table, accuracy)
    assert low <= value <= high
    assert interval(table, accuracy) == (value, low, high)


def test_an_interval_is_that_of_a_binomial_share_and_narrows_with_more_rows():
    value, low, high = interval(np.array([[60, 40], [0, 0]]), accuracy)
    assert value == 0.6
    assert (low, high) == pytest.approx((0.6 - 1.96 * 0.049, 0.6 + 1.96 * 0.049), abs=0.02)
    _, fewer_low, fewer_high = interval(np.array([[6, 4], [0, 0]]), accuracy)
    assert fewer_high - fewer_low > 2 * (high - low)
    assert np.isnan(interval(np.zeros((2, 2), dtype=int), accuracy)).all()


def test_calibration_error_of_the_sure_and_wrong_and_of_the_honest():
    wrong = Answers(NAMES, np.array([0, 0]), np.array([[0.0, 1.0, 0.0]] * 2))
    right = wrong._replace(truth=np.array([1, 1]))
    half = wrong._replace(truth=np.array([0, 1]), probabilities=np.array([[0.0, 0.5, 0.5]] * 2))
    for adaptive in (False, True):
        assert calibration_error(wrong, adaptive=adaptive) == 1
        assert calibration_error(right, adaptive=adaptive) == 0
    assert calibration_error(half) == 0


@given(st.integers(0, 2**32 - 1), st.booleans())
def test_calibration_error_is_a_share_and_a_finer_look_never_finds_less(seed, adaptive):
    answers = drawn(seed)
    error = calibration_error(answers, adaptive=adaptive)
    assert 0 <= calibration_error(answers, bins=1) <= error + 1e-12 <= 1 + 1e-12


def test_abstaining_on_the_unsure_gains_where_they_are_wrong():
    sure, unsure = [[0.9, 0.1, 0.0]] * 5, [[0.5, 0.3, 0.2]] * 5
    answers = Answers(NAMES, np.array([0] * 5 + [1] * 5), np.array(sure + unsure))
    curve = coverage_curve(answers).set_index("coverage")
    assert curve.loc[1.0, ["accuracy", "rows"]].tolist() == [0.5, 10]
    assert curve.loc[0.5, ["accuracy", "rows"]].tolist() == [1.0, 5]


def test_direction_is_judged_apart_from_neutrality():
    """A neutral answer still says who is likelier to hold the stance; neutral rows hold none."""
    p_to_q, q_to_p = [0.6, 0.3, 0.0, 0.1, 0.0], [0.6, 0.0, 0.3, 0.0, 0.1]
    truth = [DIRECTED.index(name) for name in ("p favors q", "q opposes p", "q favors p", "neutral")]
    answers = Answers(DIRECTED, np.array(truth), np.array([p_to_q, q_to_p, p_to_q, p_to_q]))
    assert direction_table(answers).tolist() == [[1, 0], [1, 1]]
    assert neutrality_table(answers, 0).tolist() == [[1, 0], [3, 0]]


def test_five_classes_from_both_directions_are_probabilities():
    rng = np.random.default_rng(1)
    answers = answer_directed(ROWS["directed_valid"], rng.dirichlet([1, 1, 1], size=6))
    np.testing.assert_allclose(answers.probabilities.sum(axis=1), 1)
    assert [DIRECTED[n] for n in answers.truth] == ["p favors q", "q opposes p", "neutral"]


def test_opinions_are_those_of_the_quoted_person():
    found = benchmark.opinion_pairs(ROWS["reported_opinion_valid"])
    assert found[["holder", "target", "stance"]].to_numpy().tolist() == [
        ["Russia", "the move", "against"], ["Japan", "the talks", "favor"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "holder", "target", "stance"),
    [
        ("Japan praised Russia.", "Japan", "Russia", "favor"),
        ("Japan praised Russia.", "Russia", "Japan", "none"),
        ("Japan was condemned by Russia.", "Russia", "Japan", "against"),
        ("Japan was condemned by Russia.", "Japan", "Russia", "none"),
        ("Japan did not praise Russia.", "Japan", "Russia", "against"),
        ("Japan met Russia.", "Japan", "Russia", "none"),
        ("A great disgrace and a failure.", "author", "the failure", "against"),
        ("Japan praised the talks.", "China", "the talks", "none"),
    ],
)
def test_the_lexicon_reads_the_words_between_two_names(text, holder, target, stance):
    assert lexicon_stance(text, holder, target) == stance
    pairs = pd.DataFrame({"text": [text], "holder": [holder], "target": [target]})
    assert lexicon_scores(pairs).tolist() == [[float(name == stance) for name in NAMES]]


def test_a_pair_is_right_when_both_members_are():
    pairs = pd.DataFrame({"pair": ["x", "x", "y", "y"], "phenomenon": ["who", "who", "verb", "verb"]})
    sides = np.eye(3)
    answers = Answers(NAMES, np.array([0, 1, 0, 1]), sides[[0, 1, 0, 0]])
    table = benchmark.contrast_measures(pairs, answers, {}).set_index("measure")["value"]
    assert table["members right: all"] == 0.75
    assert table["pairs right: all"] == 0.5
    assert (table["pairs right: who"], table["pairs right: verb"], table["members right: verb"]) == (
        1,
        0,
        0.5,
    )


def test_the_command_measures_every_file_and_writes_one_table(data_dir, tiny_models_profile, tmp_path, capsys):
    out = tmp_path / "new" / "stance.csv"
    assert benchmark.main([str(data_dir), "--profile", str(tiny_models_profile), "--out", str(out)]) == 0
    table = pd.read_csv(out)
    assert [*table.columns] == benchmark.COLUMNS
    assert set(table["profile"]) == {"tiny"}
    assert list(table["data"].unique()) == [
        "directed_valid",
        "directed_valid, each direction",
        "claims_valid",
        "reported_opinion_valid",
        "nli_valid",
    ]
    printed = capsys.readouterr().out
    assert all(name in printed for name in ("direction: accuracy", "calibration error", "macro-F1"))
    found = table.set_index(["data", "measure"])
    assert found.loc[("directed_valid", "direction: accuracy"), "rows"] == 2
    assert found.loc[("directed_valid", "direction: accuracy"), "lexicon"] == 1
    assert found.loc[("directed_valid", "macro-F1"), "commonest"] == pytest.approx(0.1)
    assert found.loc[("directed_valid", "micro-F1"), "lexicon"] == 1
    assert found.loc[("reported_opinion_valid", "micro-F1"), "rows"] == 2
    assert np.isnan(found.loc[("nli_valid", "macro-F1"), "lexicon"])
    unanswered = (table["measure"] == "accuracy where answered") & table["value"].isna()
    assert "pairs a second" in printed
    assert "pairs a second" not in set(table["measure"])
    shares = table[~unanswered]
    assert shares["value"].between(0, 1).all()
    assert (shares["low"].isna() | (shares["low"] <= shares["high"])).all()


def test_the_command_asks_the_minimal_pairs(tiny_models_profile, monkeypatch, tmp_path, capsys):
    file = tmp_path / "pairs.csv"
    pd.read_csv(benchmark.CONTRAST).head(8).to_csv(file, index=False)
    monkeypatch.setattr(benchmark, "CONTRAST", file)
    assert benchmark.main(["--contrast", "--profile", str(tiny_models_profile)]) == 0
    assert "pairs right: who" in capsys.readouterr().out


@pytest.mark.parametrize("given", [[], ["no_such_folder"]])
def test_nothing_to_measure_is_said(given, tiny_models_profile, capsys):
    with pytest.raises(SystemExit) as ended:
        benchmark.main([*given, "--profile", str(tiny_models_profile)])
    assert ended.value.code == 2
    assert "error" in capsys.readouterr().err


def test_the_speed_of_both_is_measured_on_the_same_pairs(tiny_models_profile, tmp_path, capsys):
    from benchmarks import stance_speed

    article = tmp_path / "article.txt"
    article.write_text("Russia praised Japan for the talks. South Korea opposes the talks with Russia. " * 4)
    assert stance_speed.main([str(article), "--profile", str(tiny_models_profile), "--runs", "1"]) == 0
    assert "zero-shot pipeline" in capsys.readouterr().out
    table = stance_speed.compare(read_article(article, tiny_models_profile), runs=1)
    assert table["who"].tolist()[0] == "detect_stance"
    assert table["pairs"].nunique() == 1
    assert table["times_ours"].iloc[0] == 1
    assert (table["seconds"] > 0).all()


@pytest.mark.parametrize("profile", ["bundled", "bundled-fast"])
def test_the_committed_table_is_of_the_checkpoint_that_is_shipped(profile):
    """Its figures are those that the adapter states of itself; measure again after training."""
    table = pd.read_csv(MEASURED)
    assert [*table.columns] == benchmark.COLUMNS
    found = table[table["profile"] == profile].set_index(["data", "measure"])["value"]
    adapter = ASSETS / load_profile(profile).entailment.adapter
    stated = json.loads((adapter / "reader.json").read_text(encoding="utf-8"))["validation"]
    for name, task in stated.items():
        assert found[(name, "macro-F1")] == pytest.approx(task["macro_f1"], abs=0.002)


@pytest.mark.weights
def test_the_bundled_checkpoint_beats_the_baselines_on_minimal_pairs():
    pairs = pd.read_csv(benchmark.CONTRAST, keep_default_na=False)
    table = benchmark.measure_pairs(pairs, "bundled", contrast=True).set_index("measure")
    for measure in ("members right: all", "pairs right: all", "macro-F1"):
        row = table.loc[measure]
        assert row["low"] > max(row["commonest"], row["lexicon"])
    committed = pd.read_csv(MEASURED).query("profile == 'bundled' and data == 'contrast'").set_index("measure")
    right = [name for name in committed.index if " right: " in name]
    assert len(right) == 20
    np.testing.assert_allclose(table.loc[right, "value"], committed.loc[right, "value"], atol=0.02)


@pytest.mark.weights
def test_sides_in_passages_are_found_as_is_kept():
    some = ["quotations", "speech that goes on", "arms", passages.STATEMENTS]  # all of them take minutes
    kept = pd.read_csv(MEASURED.parent / "passages.csv").query("profile == 'bundled'").set_index("kind")
    found = passages.measured("bundled", some).set_index("kind")
    assert {kind.split(",")[0] for kind in found.index} == {*some}
    kept = kept.loc[found.index]
    assert found["wanted"].tolist() == kept["wanted"].tolist()
    for count in ("right", "found"):
        assert (found[count] - kept[count]).abs().max() <= 1
