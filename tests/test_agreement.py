"""Agreement: numbers that can be checked by hand, or against another formula, and what is said of them."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from korea_nlp.agreement import (
    PAIR,
    compare_labels,
    compare_readings,
    compare_spans,
    confusion,
    pair_frames,
    pair_labels,
    pair_words,
    stance_candidates,
)

TEXT = "Kim said he won’t go. Seoul laughed."


def spans(*rows):
    table = pd.DataFrame(rows, columns=["start", "end", "actor"])
    return table.assign(text=["x" * (end - start) for start, end, _ in rows], kind="state")


def labelled(one, other):
    return pd.DataFrame({"one": [*one], "other": [*other]}, dtype=object)


def voices(*parts, article=None):
    """Parts of TEXT, given by where they end, their voice and speaker."""
    rows, start = [], 0
    for end, voice, speaker in parts:
        rows.append((0 if end <= 21 else 1, start, end, TEXT[start:end], voice, speaker))
        start = 22 if end == 21 else end
    table = pd.DataFrame(rows, columns=["sentence", "start", "end", "text", "voice", "speaker"])
    return table if article is None else table.assign(article=article)


def matched(one, other):
    """How many spans match exactly, and how many overlap."""
    found = compare_spans(one, other, by="kind").values()
    return [len(one) + len(other) - scores["items"] for scores in found]


def test_spans_exact_and_overlapping():
    one = spans((0, 5, "A"), (10, 15, "A"), (20, 30, "B"))
    other = spans((0, 5, "A"), (11, 15, "A"), (20, 30, "C"), (40, 41, "B"))
    found = compare_spans(one, other, by="actor")
    assert found["exact"] == {"items": 6, "precision": 1 / 4, "recall": 1 / 3, "f1": 2 / 7}
    assert found["overlap"] == {"items": 5, "precision": 2 / 4, "recall": 2 / 3, "f1": 4 / 7}
    nothing = compare_spans(one.head(0), other, by="actor")["exact"]
    assert math.isnan(nothing["recall"])
    assert nothing["precision"] == 0
    assert matched(one.head(0), other.head(0)) == [0, 0]
    assert matched(one, other) == [2, 3]


def test_each_span_is_matched_at_most_once_and_as_many_as_can_be():
    one = spans((0, 10, "A"), (8, 20, "A"))
    other = spans((9, 11, "A"), (0, 3, "A"))  # greedy matching of 9-11 to 0-10 would leave 8-20 alone
    assert matched(one, other) == [0, 2]
    assert matched(spans((0, 100, "A")), other) == [0, 1]
    other = spans((0, 4, "A")).assign(text="“Go”")
    assert matched(other.assign(text="“Go” ", end=5), other) == [1, 1]  # white space at the ends does not count
    assert matched(other.assign(article="x"), other.assign(article="y")) == [0, 0]


SPANS = st.lists(
    st.tuples(st.integers(0, 12), st.integers(1, 6), st.sampled_from("AB")).map(
        lambda span: (span[0], span[0] + span[1], span[2])
    ),
    max_size=5,
)


@settings(max_examples=60, deadline=None)
@given(one=SPANS, other=SPANS)
def test_spans_match_as_a_search_through_all_ways_would(one, other):
    tables = spans(*one), spans(*other)
    found, swapped = compare_spans(*tables, by="actor"), compare_spans(*tables[::-1], by="actor")
    fewer, more = sorted((one, other), key=len)
    best = max(
        sum(a[0] < b[1] and b[0] < a[1] and a[2] == b[2] for a, b in zip(fewer, chosen, strict=True))
        for chosen in itertools.permutations(more, len(fewer))
    )
    exact, overlap = (len(one) + len(other) - scores["items"] for scores in found.values())
    assert overlap == best >= exact
    for match, scores in found.items():
        assert scores["items"] == swapped[match]["items"] >= len(more)
        assert scores["precision"] == pytest.approx(swapped[match]["recall"], nan_ok=True)


def test_words_are_compared_one_by_one():
    one = voices((9, "author", "author"), (21, "reported", "Kim"), (36, "author", "author"))
    other = voices((12, "author", "author"), (21, "reported", "Kim"), (36, "author", "author"))
    items = pair_words(one, other)
    assert items["text"].tolist() == ["Kim", "said", "he", "won’t", "go", "Seoul", "laughed"]
    assert items["one"].tolist() == ["author"] * 2 + ["reported"] * 3 + ["author"] * 2
    assert compare_labels(items)["accuracy"] == pytest.approx(6 / 7)
    missing = compare_labels(pair_words(one, other[other["sentence"] == 0]))
    assert (missing["items"], missing["dropped"]) == (5, 2)
    assert missing["why"] == "2 not labelled once by the other"
    assert pair_words(one, other, "speaker")["other"].tolist()[3] == "Kim"


def test_labels_by_hand():
    # a b c d of a 2 x 2 table: 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no (kappa: 0.4, alpha: 0.394...)
    items = labelled("y" * 25 + "n" * 25, "y" * 20 + "n" * 5 + "y" * 10 + "n" * 15)
    row = compare_labels(items)
    assert row["accuracy"] == pytest.approx(0.7)
    assert row["kappa"] == pytest.approx(0.4)
    disagreement = 2 * 15 / 100
    by_chance = 2 * 55 * 45 / (100 * 99)
    assert row["alpha"] == pytest.approx(1 - disagreement / by_chance)
    assert row["f1"] == pytest.approx((2 * 20 / 55 + 2 * 15 / 45) / 2)
    yes = compare_labels(items, "y")
    assert yes == {**row, "precision": 20 / 30, "recall": 20 / 25, "f1": 2 * 20 / 55}
    assert math.isnan(compare_labels(items, "z")["recall"])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), max_size=20))
def test_labels_keep_their_bounds(pairs):
    items = labelled([a for a, _ in pairs], [b for _, b in pairs])
    row = compare_labels(items)
    assert row["items"] == len(pairs)
    labels = {label for pair in pairs for label in pair}
    assert ("kappa" in row) == ("alpha" in row) == (len(labels) > 1)
    if pairs:
        assert np.trace(confusion(items)) == pytest.approx(row["accuracy"] * len(pairs))
    if len(labels) > 1:
        assert -1 <= row["kappa"] <= 1
        assert -1 <= row["alpha"] <= 1
        assert (row["kappa"] == pytest.approx(1)) == (row["accuracy"] == 1)


def test_one_label_alone_is_undefined_and_nothing_too():
    row = compare_labels(labelled("aaa", "aaa"))
    assert row["accuracy"] == 1
    assert not {"kappa", "alpha"} & {*row}
    assert compare_labels(labelled("", "")) == {"items": 0, "dropped": 0, "why": ""}
    assert compare_labels(labelled("aaa", "aab"))["kappa"] == pytest.approx(0)


def test_what_is_dropped_is_said_and_the_mean_is_over_the_labels_of_the_reference():
    row = compare_labels(labelled(["favor", "none", None, "none"], ["favor", "unclear", "none", "none"]))
    assert (row["items"], row["dropped"], row["why"]) == (3, 1, "1 not labelled once by one")
    assert row["recall"] == pytest.approx((1 + 1 / 2) / 2)
    assert row["f1"] == pytest.approx((1 + 2 / 3) / 2)


def test_confusion_counts_every_pair():
    found = confusion(labelled(["a", "a", "b", None], "acbb"))
    assert found.loc["a"].to_dict() == {"a": 1, "b": 0, "c": 1}
    assert found.to_numpy().sum() == 3
    assert (found.index.name, found.columns.name) == ("one", "other")
    assert confusion(labelled("", "")).empty


def test_stance_is_compared_over_all_that_was_judged():
    named = pd.DataFrame({"sentence": [0, 0, 1], "actor": ["A", "B", "A"]})
    candidates = stance_candidates(named, named.assign(actor="C", sentence=1))
    pairs = {tuple(row) for row in candidates[["sentence", "holder", "target"]].to_numpy()}
    assert pairs == {
        (0, "A", "B"), (0, "B", "A"), (0, "author", "A"), (0, "author", "B"),
        (1, "A", "C"), (1, "C", "A"), (1, "author", "A"), (1, "author", "C"),
    }  # fmt: skip
    columns = ["sentence", "holder", "target", "stance"]
    one = pd.DataFrame([(0, "A", "B", "against"), (1, "A", "dialogue", "favor")], columns=columns)
    other = pd.DataFrame([(0, "A", "B", "against"), (0, "B", "A", "against")], columns=columns)
    items = pair_labels(one, other, candidates)
    assert len(items) == len(pairs) + 1  # the issue that only one reading lists
    assert (items[["one", "other"]] == "none").all(axis=1).sum() == 6
    assert compare_labels(items)["accuracy"] == pytest.approx(7 / 9)
    twice = pd.concat([other, other.assign(stance="favor")])
    assert compare_labels(pair_labels(one, twice, candidates))["dropped"] == 2


def test_frames_are_asked_of_every_sentence():
    sentences = pd.DataFrame({"sentence": [0, 1, 2, 2]})
    one = pd.DataFrame({"sentence": [0, 1], "frame": ["economy", "diplomacy"]})
    other = pd.DataFrame({"sentence": [0, 1, 2], "frame": ["economy", "economy", "none"]})
    items = pair_frames(one, other, sentences)
    assert len(items) == 3 * 2
    assert (items["one"] == "yes").sum() == (items["other"] == "yes").sum() == 2
    assert compare_labels(items)["accuracy"] == pytest.approx(4 / 6)


@pytest.fixture
def reading():
    parts = [(9, "author", "author"), (21, "quote", "Kim"), (36, "author", "author")]
    return {
        "mentions": pd.DataFrame(
            [(0, 0, 3, "Kim", "Kim"), (1, 22, 27, "Seoul", "South Korea")],
            columns=["sentence", "start", "end", "text", "actor"],
        ),
        "voices": voices(*parts),
        "stance": pd.DataFrame([(0, "author", "Kim", "against")], columns=[*PAIR[1:], "stance"]),
        "stance_article": pd.DataFrame([("author", "Kim", "against")], columns=[*PAIR[2:], "stance"]),
        "events": pd.DataFrame([(0, "Kim", "REJECT", "")], columns=["sentence", "actor", "category", "target"]),
        "frames": pd.DataFrame({"sentence": [0], "frame": ["diplomacy"]}),
    }


def test_a_reading_agrees_with_itself(reading):
    found = compare_readings(reading, reading)
    assert found["layer"].tolist() == [
        "mentions", "mentions", "quotations", "quotations", "voices", "speakers", "stance", "stance_article",
        "events", "frames",
    ]  # fmt: skip
    assert (found["f1"] == 1).all()
    assert found["kappa"].dropna().eq(1).all()
    assert found["kappa"].notna().sum() == 5
    assert (found["dropped"] == 0).all()
    assert found["items"].tolist() == [2, 2, 1, 1, 7, 7, 2, 2, 1, 2]


def test_events_need_sentence_actor_category_and_target(reading):
    columns = ["sentence", "start", "actor", "category", "target"]
    one = pd.DataFrame([(0, 1, "A", "AID", "B"), (1, 9, "A", "ACCUSE", "B")], columns=columns)
    other = pd.DataFrame(
        [(0, 5, "A", "AID", "B"), (1, 9, "B", "ACCUSE", "A"), (1, 9, "A", "REJECT", "B")], columns=columns
    )

    def events(one, other):
        found = compare_readings({**reading, "events": one}, {**reading, "events": other}).set_index("layer")
        return found.loc["events", ["items", "precision", "recall", "f1"]].tolist()

    assert events(one, other) == [4, 1 / 3, 1 / 2, 2 / 5]
    assert events(one.tail(1), other)[3] == 0
    assert events(one.head(0), other) == [3, 0, pytest.approx(math.nan, nan_ok=True), 0]


def test_articles_that_only_one_has_read_are_dropped_and_said(reading):
    named = {name: table.assign(article="a") for name, table in reading.items()}
    more = {name: pd.concat([table, table.assign(article="b")]) for name, table in named.items()}
    found = compare_readings(named, more).set_index(["layer", "unit"])
    assert (found["f1"] == 1).all()
    row = found.loc[("voices", "words")]
    assert (row["items"], row["dropped"]) == (7, 3)
    assert row["why"] == "3 listed in articles that only one has read"


def test_predictions_can_be_compared_to_gold(reading):
    wrong = reading["voices"].assign(voice="author", speaker="author")
    found = compare_readings(reading, {**reading, "voices": wrong}).set_index(["layer", "unit"])
    assert found.loc[("quotations", "quotations (exact)"), "recall"] == 0
    assert found.loc[("voices", "words"), "accuracy"] == pytest.approx(4 / 7)
    assert found.loc[("voices", "words"), "kappa"] == pytest.approx(0)
