"""Stance: which pairs are asked about, how marks and hypotheses are made, how sentences add up."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from korea_nlp import (
    aggregate_stance,
    detect_stance,
    find_actors,
    find_issues,
    find_voices,
    parse_article,
    score_stance,
)
from korea_nlp.evaluation import DIRECTED, both_directions, five_way, macro_f1
from korea_nlp.stance import detect_stances
from korea_nlp.stance.answers import LABELS, calibrate, decide, is_sure, kinds_of, stance_logits
from korea_nlp.stance.pairs import hypothesis, mark, pairs_of

TEXT = (
    "North Korea was criticized by Japan after the launch last week. "
    "Russia called for new talks with everybody. "
    "The weather on the coast was cold and the sea was calm for days."
)


@pytest.fixture(scope="module")
def article(tiny_profile):
    return parse_article(TEXT, profile=tiny_profile)


def stances(*rows):
    return pd.DataFrame(rows, columns=["sentence", "holder", "target", "favor", "against", "none"]).assign(
        stance=lambda t: decide(t[LABELS].to_numpy())
    )


def test_marks_tell_holder_from_target():
    text = "Japan was criticized by Russia."
    assert mark(text, "Russia", "Japan") == "# Japan # was criticized by * Russia *."
    assert mark(text, "Japan", "Russia") == "* Japan * was criticized by # Russia #."
    assert mark(text, "author", "Japan") == "# Japan # was criticized by Russia."


def test_brackets_choose_the_mention_and_go_away():
    text = "Japan said [Japan] would not meet [Russia]."
    assert mark(text, "Japan", "Russia") == "Japan said * Japan * would not meet # Russia #."
    assert mark(text, "Japan", "Russia", marks=False) == "Japan said Japan would not meet Russia."


def test_names_are_found_as_whole_words():
    assert mark("Prussia and Russia met.", "Russia", "nobody") == "Prussia and * Russia * met."
    assert mark("The author of the note left.", "author", "note") == "The author of the # note # left."


def test_overlapping_mentions_are_marked_once():
    assert mark("[Kim Jong Un] left.", "Kim Jong Un", "Kim").count("*") == 2


def test_hypotheses_are_plain_sentences():
    assert hypothesis("pro", "Japan", "Russia") == "Japan supports Russia."
    assert hypothesis("con", "author", "sanctions.") == "The author opposes sanctions."


@given(st.integers(0, 2**32 - 1))
def test_swapping_the_hypotheses_swaps_favor_and_against(seed):
    pro, con = np.random.default_rng(seed).dirichlet([1, 1, 1], size=(2, 5))
    one, other = stance_logits(pro, con), stance_logits(con, pro)
    np.testing.assert_allclose(one, other[:, [1, 0, 2]])


def test_two_way_scores_need_one_hypothesis_only():
    sure = np.array([[0.9, 0.1, 0.0]])
    not_at_all = np.array([[0.05, 0.95, 0.0]])
    for pro, con, label in [(sure, not_at_all, 0), (not_at_all, sure, 1), (not_at_all, not_at_all, 2)]:
        assert stance_logits(pro, con)[0].argmax() == label


@given(st.integers(0, 2**32 - 1), st.floats(0.3, 4))
def test_calibration_gives_probabilities_and_temperature_keeps_their_order(seed, temperature):
    logits = np.random.default_rng(seed).normal(size=(6, 3)) * 5
    scaled = calibrate(logits, {"temperature": temperature, "bias": [0, 0, 0]})
    np.testing.assert_allclose(scaled.sum(axis=1), 1)
    assert (scaled.argmax(axis=1) == logits.argmax(axis=1)).all()


def test_without_a_majority_the_answer_is_unclear():
    assert decide(np.array([[0.4, 0.3, 0.3], [0.6, 0.2, 0.2], [0.0, 0.5, 0.5]])).tolist() == [
        "unclear", "favor", "against",
    ]  # fmt: skip


def test_score_stance_keeps_rows_index_and_other_columns(tiny_profile):
    pairs = pd.DataFrame(
        {"text": ["Korea praised Russia.", "Experts criticized the move."], "holder": ["Korea", "author"],
         "target": ["Russia", "the move"], "note": ["a", "b"]}, index=[7, 3],
    )  # fmt: skip
    scored = score_stance(pairs, tiny_profile)
    assert scored.index.tolist() == [7, 3]
    assert scored["note"].tolist() == ["a", "b"]
    np.testing.assert_allclose(scored[LABELS].sum(axis=1), 1)
    assert set(scored["stance"]) <= {*LABELS, "unclear"}
    assert "favor" not in pairs.columns


def test_score_stance_of_nothing_and_of_the_wrong_columns(tiny_profile):
    empty = score_stance(pd.DataFrame({"text": [], "holder": [], "target": []}), tiny_profile)
    assert [*empty.columns] == ["text", "holder", "target", *LABELS, "stance"]
    assert empty.empty
    with pytest.raises(ValueError, match="holder"):
        score_stance(pd.DataFrame({"text": ["x"], "target": ["y"]}), tiny_profile)


def test_only_pairs_named_together_are_asked_about(article):
    found = detect_stance(article)
    asked = set(found[["sentence", "holder", "target"]].itertuples(index=False, name=None))
    assert {(0, "North Korea", "Japan"), (0, "Japan", "North Korea"), (1, "Russia", "dialogue")} <= asked
    assert "author" not in set(found["holder"])  # nothing is judged
    assert not any({h, t} == {"Russia", "Japan"} for _, h, t in asked)
    assert not any(sentence == 2 for sentence, _, _ in asked)
    assert not any(h == t or h == "dialogue" or t == "author" for _, h, t in asked)


def test_the_author_is_not_charged_with_what_others_say():
    from korea_nlp.stance import _without_attributed

    found = pd.DataFrame(
        [(0, "A", "B", 0.0, 0.9, 0.1), (0, "author", "B", 0.1, 0.8, 0.1), (1, "author", "B", 0.1, 0.8, 0.1)],
        columns=["sentence", "holder", "target", *LABELS],
    ).assign(stance="against")
    left = _without_attributed(found)
    assert left["stance"].tolist() == ["against", "none", "against"]
    np.testing.assert_allclose(left[LABELS].sum(axis=1), 1)
    assert left.loc[1, "against"] == pytest.approx(0.08)


def asked_of(article):
    return pairs_of(article, find_actors(article), find_issues(article, []), find_voices(article))


@pytest.mark.weights
def test_the_author_is_asked_only_about_what_they_judge_in_their_own_words():
    text = (
        "Russian planes bombed a port in Japan. Japan said that Russia is a reckless aggressor. "
        "Russia’s reckless attack must end."
    )
    asked = asked_of(parse_article(text))
    own = asked[asked["holder"] == "author"]
    assert list(zip(own["sentence"], own["target"], strict=True)) == [(2, "Russia")]


@pytest.mark.weights
def test_what_is_quoted_is_the_speakers_stance_even_where_only_a_pronoun_names_them():
    text = "Kim Jong Un spoke to officers on Monday. “The South is our main enemy,” he said."
    article = parse_article(text)
    asked = asked_of(article).set_index(["holder", "target"])
    assert asked.loc[("Kim Jong Un", "South Korea"), "reported"] == "The [South] is our main enemy,"
    assert ("author", "South Korea") not in asked.index
    found = detect_stance(article).set_index(["holder", "target"])
    assert found.loc[("Kim Jong Un", "South Korea"), "stance"] == "against"


@pytest.mark.weights
def test_asides_are_cut_and_reports_are_asked_by_themselves():
    text = (
        "Japan has improved its ties with Russia, which has caused growing concern in China. "
        "Experts say that Japan is exaggerating the threat."
    )
    article = parse_article(text)
    pairs = asked_of(article).set_index(["holder", "target"])
    assert pairs.loc[("Japan", "Russia"), "bracketed"] == "[Japan] has improved its ties with [Russia]."
    assert "concern in [China]" in pairs.loc[("China", "Japan"), "bracketed"]
    assert pairs.loc[("experts", "Japan"), "reported"] == "that [Japan] is exaggerating the threat."
    assert ("Japan", "experts") not in pairs.index


def test_evidence_is_the_sentence_itself(article):
    found = detect_stance(article)
    assert all(article.text[r.start : r.end] == r.text for r in found.itertuples())


def test_targets_narrow_the_question(article):
    assert set(detect_stance(article, targets=["Japan"])["target"]) == {"Japan"}
    assert set(detect_stance(article, targets=["dialogue"])["target"]) == {"dialogue"}
    assert detect_stance(article, targets=["sanctions"]).empty


def test_issues_are_found_by_their_words_with_exact_offsets(article):
    found = find_issues(article)
    assert found["actor"].tolist() == ["dialogue"]
    assert found["text"].tolist() == ["talks"]
    own = find_issues(article, ["the weather"])
    assert own["sentence"].tolist() == [2]
    assert article.text[own["start"][0] : own["end"][0]] == "The weather"


def test_an_article_without_names_has_no_stance(tiny_profile):
    text = "It rained on the coast for many days and nobody went out. " * 3
    quiet = parse_article(text, profile=tiny_profile)
    found = detect_stance(quiet)
    assert found.empty
    assert aggregate_stance(found).empty


def test_one_sure_sentence_beats_many_silent_ones():
    quiet = [(i, "A", "B", 0.01, 0.02, 0.97) for i in range(1, 6)]
    row = aggregate_stance(stances((0, "A", "B", 0.02, 0.95, 0.03), *quiet)).iloc[0]
    assert row["stance"] == "against"
    assert row["sentences"] == 6
    assert (row["against_sentences"], row["favor_sentences"], row["evidence"]) == (1, 0, 0)
    assert row["score"] == pytest.approx(-0.93)


def test_sentences_against_each_other_are_unclear():
    row = aggregate_stance(stances((0, "A", "B", 0.9, 0.05, 0.05), (1, "A", "B", 0.05, 0.9, 0.05))).iloc[0]
    assert row["stance"] == "unclear"
    assert row["low"] < 0 < row["high"]


def test_silence_is_none():
    assert aggregate_stance(stances((0, "A", "B", 0.1, 0.1, 0.8)))["stance"].tolist() == ["none"]


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 30))
def test_article_scores_lie_in_their_interval_and_come_out_the_same_again(seed, count):
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(rng.dirichlet([0.4, 0.4, 0.4], size=count), columns=LABELS).assign(
        sentence=range(count), holder=rng.choice(["A", "B"], count), target="C"
    )
    table["stance"] = decide(table[LABELS].to_numpy())
    found = aggregate_stance(table)
    assert ((found["low"] >= -1) & (found["low"] <= found["score"])).all()
    assert ((found["score"] <= found["high"]) & (found["high"] <= 1)).all()
    assert found["sentences"].sum() == count
    pd.testing.assert_frame_equal(found, aggregate_stance(table))


def test_five_way_reads_both_directions():
    first = np.array([[0.1, 0.1, 0.8], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8]])
    second = np.array([[0.1, 0.1, 0.8], [0.1, 0.1, 0.8], [0.8, 0.1, 0.1]])
    assert [DIRECTED[i] for i in five_way(first, second)] == ["neutral", "p opposes q", "q favors p"]
    pairs = both_directions([{"text": "[x] met [y]", "p": "x", "q": "y"}])
    assert pairs["holder"].tolist() == ["x", "y"]


def test_macro_f1_stands_beside_the_commonest_class():
    table = macro_f1([0, 0, 0, 1], np.array([0, 0, 1, 1]), ["none", "favor"]).set_index("class")
    assert table.loc["none", "baseline_f1"] == pytest.approx(6 / 7)
    assert table.loc["favor", "baseline_f1"] == 0
    assert table.loc["macro", "f1"] == pytest.approx((0.8 + 2 / 3) / 2)
    assert table.loc["macro", "count"] == 4


def test_articles_asked_about_together_get_the_answers_they_get_alone(tiny_profile):
    texts = [
        TEXT,
        "It rained on the coast. Nobody went out for days.",
        "Experts warned Japan. Japan praised Russia.",
    ]
    articles = [parse_article(text, profile=tiny_profile) for text in texts]
    for article, together in zip(articles, detect_stances(articles), strict=True):
        alone = detect_stance(article)
        assert together.columns.tolist() == alone.columns.tolist()
        pd.testing.assert_frame_equal(together, alone, check_dtype=False, rtol=0, atol=1e-6)
    assert detect_stances([]) == []


def test_a_screen_may_ask_more_of_a_side_than_of_none():
    probabilities = np.array([[0.9, 0.05, 0.05], [0.05, 0.9, 0.05], [0.05, 0.05, 0.9]])
    assert is_sure(probabilities, {"none": 0.9, "side": 0.95}).tolist() == [False, False, True]
    assert is_sure(probabilities, {"none": 2.0, "side": 0.9}).tolist() == [True, True, False]


def test_what_a_text_names_is_told_from_what_it_does_not():
    rows = [("Japan must talk.", "Japan", "Japan"), ("Japan must talk.", "author", "Japan"),
            ("Japan must talk.", "author", "Talks would help everybody.")]  # fmt: skip
    kinds = kinds_of(pd.DataFrame(rows, columns=["text", "holder", "target"]))
    assert kinds.tolist() == ["actor", "author", "proposition"]
