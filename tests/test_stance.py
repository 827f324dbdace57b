"""Stance: which pairs are asked about, how names are found, how sentences add up."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from korea_nlp import (
    aggregate_stance,
    detect_stance,
    find_issues,
    parse_article,
    score_stance,
)
from korea_nlp.actors.references import antecedents
from korea_nlp.quotes import find_voices
from korea_nlp.reader import scaled
from korea_nlp.stance import LABELS, decide, detect_stances, unbracketed
from korea_nlp.stance.overall import count_interval
from korea_nlp.training.evaluation import DIRECTED, Answers, answer_directed, both_directions, macro_f1

TEXT = (
    "North Korea was criticized by Japan after the launch last week. "
    "Russia called for new talks with everybody. "
    "The weather on the coast was cold and the sea was calm for days."
)


@pytest.fixture(scope="module")
def article(tiny_models_profile):
    return parse_article(TEXT, profile=tiny_models_profile)


def stances(*rows):
    return pd.DataFrame(rows, columns=["sentence", "holder", "target", "favor", "against", "none"]).assign(
        stance=lambda t: decide(t[LABELS].to_numpy())
    )


def test_brackets_choose_the_mention_and_go_away():
    text, (holder, target) = unbracketed("Japan said [Japan] would not meet [Russia].", ["Japan", "Russia"])
    assert text == "Japan said Japan would not meet Russia."
    assert holder == [(11, 16)]
    assert text[slice(*target[0])] == "Russia"


def test_names_are_found_as_whole_words_wherever_they_stand():
    text, (russia, nobody) = unbracketed("Prussia and Russia met; Russia left.", ["Russia", "nobody"])
    assert [text[start:end] for start, end in russia] == ["Russia", "Russia"]
    assert russia[0][0] == 12
    assert nobody == []


@given(st.lists(st.sampled_from(["Japan", "[Japan]", "Russia", "[Russia]", "said", "of"]), max_size=8))
def test_spans_hold_the_names_in_any_text(words):
    text, spans = unbracketed(" ".join(words), ["Japan", "Russia"])
    for name, places in zip(["Japan", "Russia"], spans, strict=True):
        assert all(text[start:end] == name for start, end in places)


@given(st.integers(0, 2**32 - 1), st.floats(0.3, 4))
def test_calibration_gives_probabilities_and_temperature_keeps_their_order(seed, temperature):
    logits = np.random.default_rng(seed).normal(size=(6, 3)) * 5
    found = scaled(logits, ["actor"] * 6, {"actor": {"temperature": temperature, "bias": [0, 0, 0]}})
    np.testing.assert_allclose(found.sum(axis=1), 1)
    assert (found.argmax(axis=1) == logits.argmax(axis=1)).all()
    np.testing.assert_allclose(scaled(logits, ["other"] * 6, {}).sum(axis=1), 1)


def test_without_a_majority_the_answer_is_unclear():
    assert decide(np.array([[0.4, 0.3, 0.3], [0.6, 0.2, 0.2], [0.0, 0.5, 0.5]])).tolist() == [
        "unclear", "favor", "against",
    ]  # fmt: skip


def test_score_stance_keeps_rows_index_and_other_columns(tiny_models_profile):
    pairs = pd.DataFrame(
        {"text": ["Korea praised Russia.", "Experts criticized the move."], "holder": ["Korea", "author"],
         "target": ["Russia", "the move"], "note": ["a", "b"]}, index=[7, 3],
    )  # fmt: skip
    scored = score_stance(pairs, tiny_models_profile)
    assert scored.index.tolist() == [7, 3]
    assert scored["note"].tolist() == ["a", "b"]
    np.testing.assert_allclose(scored[LABELS].sum(axis=1), 1)
    assert set(scored["stance"]) <= {*LABELS, "unclear"}
    assert "favor" not in pairs.columns


def test_score_stance_of_nothing_and_of_the_wrong_columns(tiny_models_profile):
    empty = score_stance(pd.DataFrame({"text": [], "holder": [], "target": []}), tiny_models_profile)
    assert [*empty.columns] == ["text", "holder", "target", *LABELS, "stance"]
    assert empty.empty
    with pytest.raises(ValueError, match="holder"):
        score_stance(pd.DataFrame({"text": ["x"], "target": ["y"]}), tiny_models_profile)


def test_only_pairs_named_together_are_asked_about(article):
    found = detect_stance(article, targets=["North Korea", "Japan", "Russia", "talks"])
    asked = set(found[["sentence", "holder", "target"]].itertuples(index=False, name=None))
    assert {(1, "North Korea", "Japan"), (1, "Japan", "North Korea"), (2, "Russia", "talks")} <= asked
    assert (1, "author", "Japan") in asked
    assert not any({h, t} == {"Russia", "Japan"} for _, h, t in asked)
    assert not any(sentence == 3 for sentence, _, _ in asked)
    assert not any(h == t or h == "talks" or t == "author" for _, h, t in asked)


@pytest.mark.weights
def test_what_is_quoted_is_the_speakers_stance():
    text = "Kim Jong Un spoke to officers on Monday. “The South is our main enemy and must be destroyed.”"
    found = detect_stance(parse_article(text + " He said so twice."))
    assert not ((found["holder"] == "author") & (found["sentence"] == 2) & (found["stance"] != "none")).any()


@pytest.mark.weights
def test_reported_speech_that_goes_on_is_not_the_writers():
    text = (
        "Russia's Foreign Ministry said that the freighter had carried nothing but fertilizer. "
        "The search was plain piracy, and Seoul owed the captain an apology."
    )
    article = parse_article(text)
    voices = find_voices(article)
    assert voices.loc[voices["sentence"] == 2, ["voice", "speaker"]].to_numpy().tolist() == [["reported", "Russia"]]
    found = detect_stance(article).query("sentence == 2")
    assert found["holder"].tolist() == ["Russia"]
    assert found["against"].iloc[0] > found["favor"].iloc[0]


@pytest.mark.weights
def test_words_of_nobody_known_are_nobodys_stance():
    said = (
        "Two notes lay on the table in Geneva. “North Korea lies to Japan. It has lied for years.” Rain fell all day."
    )
    found = detect_stance(parse_article(said))
    assert set(found.loc[found["sentence"] == 2, "holder"]) == {"North Korea", "Japan"}


def test_evidence_is_the_sentence_itself(article):
    found = detect_stance(article)
    assert all(article.text[r.start : r.end] == r.text for r in found.itertuples())


def test_targets_narrow_the_question(article):
    assert set(detect_stance(article, targets=["Japan"])["target"]) == {"Japan"}
    assert set(detect_stance(article, targets=["talks"])["target"]) == {"talks"}
    assert detect_stance(article, targets=["sanctions"]).empty


def test_issues_of_ones_own_are_found_by_their_words_with_exact_offsets(article):
    own = find_issues(article, ["the weather"])
    assert own["sentence"].tolist() == [3]
    assert article.text[own["start"][0] : own["end"][0]] == "The weather"


def test_an_article_without_names_has_no_stance(tiny_models_profile):
    text = "It rained on the coast for many days and nobody went out. " * 3
    quiet = parse_article(text, profile=tiny_models_profile)
    found = detect_stance(quiet)
    assert found.empty
    assert aggregate_stance(found).empty


def test_one_sure_sentence_beats_many_silent_ones():
    quiet = [(i, "A", "B", 0.01, 0.02, 0.97) for i in range(1, 6)]
    row = aggregate_stance(stances((0, "A", "B", 0.02, 0.95, 0.03), *quiet)).iloc[0]
    assert row["stance"] == "against"
    assert row["sentences"] == 6
    assert (row["against_sentences"], row["favor_sentences"], row["evidence"]) == (1, 0, 0)
    assert (row["count"], row["low"], row["high"]) == (1, 1, 2)
    assert row["probability"] == pytest.approx(1 - 0.05 * 0.98**5)


def test_sentences_against_each_other_are_unclear():
    row = aggregate_stance(stances((0, "A", "B", 0.9, 0.05, 0.05), (1, "A", "B", 0.05, 0.9, 0.05))).iloc[0]
    assert row["stance"] == "unclear"
    assert (row["favor_sentences"], row["against_sentences"], row["count"]) == (1, 1, 1)


def test_silence_is_none():
    assert aggregate_stance(stances((0, "A", "B", 0.1, 0.1, 0.8)))["stance"].tolist() == ["none"]


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 30))
def test_counts_lie_in_their_interval_and_come_out_the_same_again(seed, count):
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(rng.dirichlet([0.4, 0.4, 0.4], size=count), columns=LABELS).assign(
        sentence=range(count), holder=rng.choice(["A", "B"], count), target="C"
    )
    table["stance"] = decide(table[LABELS].to_numpy())
    found = aggregate_stance(table)
    assert found["probability"].between(0, 1).all()
    assert ((found["low"] >= 0) & (found["low"] <= found["count"])).all()
    assert ((found["count"] <= found["high"]) & (found["high"] <= found["sentences"])).all()
    assert found["sentences"].sum() == count
    pd.testing.assert_frame_equal(found, aggregate_stance(table))


def test_five_classes_are_read_from_both_directions():
    scores = np.array([[0.1, 0.1, 0.8], [0.1, 0.1, 0.8], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8], [0.1, 0.1, 0.8],
                       [0.8, 0.1, 0.1]])  # fmt: skip
    labels = ["neutral", "p opposes q", "q favors p"]
    answers = answer_directed([{"label": label} for label in labels], scores)
    assert [DIRECTED[i] for i in answers.guess] == labels
    pairs = both_directions([{"text": "[x] met [y]", "p": "x", "q": "y"}])
    assert pairs["holder"].tolist() == ["x", "y"]


def test_macro_f1_stands_beside_the_commonest_class():
    answers = Answers(["none", "favor"], np.array([0, 0, 0, 1]), np.eye(2)[[0, 0, 1, 1]])
    table = macro_f1(answers).set_index("class")
    assert table.loc["none", "baseline_f1"] == pytest.approx(6 / 7)
    assert table.loc["favor", "baseline_f1"] == 0
    assert table.loc["macro", "f1"] == pytest.approx((0.8 + 2 / 3) / 2)
    assert table.loc["macro", "count"] == 4


def test_articles_asked_about_together_get_the_answers_they_get_alone(tiny_models_profile):
    texts = [
        TEXT,
        "It rained on the coast. Nobody went out for days.",
        "Experts warned Japan. Japan praised Russia.",
    ]
    articles = [parse_article(text, profile=tiny_models_profile) for text in texts]
    for article, together in zip(articles, detect_stances(articles), strict=True):
        alone = detect_stance(article)
        assert together.columns.tolist() == alone.columns.tolist()
        pd.testing.assert_frame_equal(together, alone, check_dtype=False, rtol=0, atol=1e-6)
    assert detect_stances([]) == []


def test_how_many_of_some_sentences_is_counted_with_an_interval():
    assert count_interval(np.array([1.0, 1.0, 0.0])) == (2, 2)
    assert count_interval(np.array([0.5] * 10)) == (2, 8)
    assert count_interval(np.zeros(0)) == (0, 0)


def test_what_a_text_does_not_name_is_a_proposition(reader_profile):
    rows = [("Japan must talk.", "Russia", "Japan"), ("Japan must talk.", "author", "Talks would help everybody."),
            ("Japan must talk.", "sentence", "Japan"), ("Japan praised [Russia].", "Japan", "Russia")]  # fmt: skip
    scored = score_stance(pd.DataFrame(rows, columns=["text", "holder", "target"]), reader_profile)
    np.testing.assert_allclose(scored[LABELS].sum(axis=1), 1)
    assert scored[LABELS].round(6).drop_duplicates().shape[0] == 4
    whose = [("Japan must talk.", holder, "Talks would help.") for holder in ("author", "Japan", "Russia")]
    scored = score_stance(pd.DataFrame(whose, columns=["text", "holder", "target"]), reader_profile)
    assert scored[LABELS].round(6).drop_duplicates().shape[0] == 3


def test_a_trained_reader_reads_an_article(reader_profile):
    found = detect_stance(parse_article(TEXT, profile=reader_profile))
    plain = set(found[["sentence", "holder", "target"]].itertuples(index=False, name=None))
    assert {(1, "North Korea", "Japan"), (1, "Japan", "North Korea"), (1, "author", "Japan")} <= plain
    np.testing.assert_allclose(found[LABELS].sum(axis=1), 1)


@pytest.mark.weights
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“The North must answer for the launch.” — Foreign Minister Cho Tae-min",
         {("Cho Tae-min", "against", "North Korea")}),
        ('A summit failed.\n"Pyongyang deceived the world, and we condemn it."\n-- Mike Pompeo',
         {("Mike Pompeo", "against", "North Korea")}),
        ("North Korea fired a missile.\nQ: Will you respond?\nMR. PARK: Japan stands with us. We condemn the launch.",
         {("Park", "against", "North Korea")}),
        ("QUESTION: And Beijing?\nSECRETARY RUBIO: Look, China has helped us, and we are grateful to China.",
         {("Marco Rubio", "favor", "China")}),
        ("Mr. Kim said the U.S. was hostile.", {("Kim Jong Un", "against", "United States")}),
        ("Mr. Putin said the West was treacherous.", {("Vladimir Putin", "against", "Western world")}),
        ("North Korea fired a missile over Japan. Japan’s defence minister called the launch \"reckless, and said that "
         "the 5\" shells were old.", {("Japan", "against", "North Korea")}),
        ('Geng, the spokesman, told reporters: "We are firmly opposed to the deployment of THAAD in the Republic of '
         'Korea by the US and the ROK."',
         {("Geng", "against", "missile defense"), ("Geng", "against", "United States"),
          ("Geng", "against", "South Korea")}),
        ("Japan’s foreign minister, Kato Haruo, answered questions in parliament. “Our embassy has sent three letters. "
         "They were received. Until now, we have been able to stay calm, but Pyongyang is testing our patience. The "
         "house will be told of any answer.”",
         {("Kato Haruo", "against", "North Korea")}),
        ('Japan\'s defense minister appeared before the cameras twenty minutes after the alert was lifted in Aomori. '
         '"The object was first picked up at 7:22 and was tracked for nineteen minutes," the minister said. "It came '
         'down about 350 kilometers from the coast. North Korea is playing with fire. Two aircraft have been sent to '
         'the area, and shipping firms have been told of the coordinates. The next briefing is at noon."',
         {("Japan", "against", "North Korea")}),
        ("China’s envoy, Fu Cong, told the council: “We object to the sale of missile shields by the United States.”",
         {("Fu Cong", "against", "missile defense"), ("Fu Cong", "against", "United States")}),
        ("China’s envoy, Fu Cong, told the council: “We object to the sale of Patriot missiles by the United States.”",
         {("Fu Cong", "against", "missile defense"), ("Fu Cong", "against", "United States")}),
    ],
)  # fmt: skip
def test_whose_stance_it_is(text, expected):
    found = detect_stance(parse_article(text))
    found = found[found["stance"].isin(["favor", "against"])]
    assert expected <= set(found[["holder", "stance", "target"]].itertuples(index=False, name=None))
    assert "author" not in set(found["holder"])


@pytest.mark.weights
def test_a_side_is_no_surer_than_that_its_holder_is_meant(monkeypatch):
    article = parse_article("Japan protested on Monday. It condemned North Korea for the launch.")
    sure = detect_stance(article).set_index(["sentence", "holder", "target"]).loc[(2, "Japan", "North Korea")]
    assert sure["stance"] == "against"

    def with_probability(value):
        changed = lambda *args: antecedents(*args).assign(probability=value)  # noqa: E731
        monkeypatch.setattr("korea_nlp.stance.antecedents", changed)
        return detect_stance(article).set_index(["sentence", "holder", "target"])

    unsure = with_probability(0.5).loc[(2, "Japan", "North Korea")]
    assert unsure["against"] <= 0.5 < sure["against"]
    assert unsure["stance"] != "against"
    assert (2, "Japan", "North Korea") not in with_probability(0.4).index


@pytest.mark.weights
def test_who_is_only_opposed_holds_nothing():
    found = detect_stance(parse_article("The anti-China coalition criticized Japan, and China was silent.", title="x"))
    assert "China" in set(found["holder"])
    found = detect_stance(parse_article("The anti-China coalition criticized Japan."))
    assert "China" not in set(found["holder"])
    assert ("activists", "China") in set(found[["holder", "target"]].itertuples(index=False, name=None))
