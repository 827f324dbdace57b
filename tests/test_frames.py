"""What a sentence is made a matter of: on stand-ins of the models, and on the bundled checkpoints."""

import tomllib
from pathlib import Path

import invariants
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings

from korea_nlp import ArticleError, frames, parse_article
from korea_nlp.frames import COLUMNS, NONE, find_frames, score_frames
from korea_nlp.training.frames import fit_frames

ROOT = Path(__file__).parent.parent
NAMES = {"security threat", "diplomacy", "domestic legitimacy", "economy", "humanitarian", "responsibility"}
TEXT = "The price of rice has gone up again. Families lost their homes in the flood. He was born in a town."


@pytest.fixture
def labelled():
    return pd.read_csv(ROOT / "data" / "frames_dev.csv", keep_default_na=False)


@pytest.fixture
def stand_ins(monkeypatch):
    """Each frame's texts lie on an axis of their own; so do sentences with its name in them."""
    listed = tomllib.loads((ROOT / "korea_nlp" / "assets" / "frames.toml").read_text(encoding="utf-8"))["frames"]

    def axis(text):
        of = [text in frame["hypotheses"] + frame["descriptions"] or name in text for name, frame in listed.items()]
        return np.array([*of, not any(of)], dtype=float)

    def cosines(texts, profile=None):
        vectors = np.stack([axis(text) for text in texts])
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def entails(premises, hypotheses, profile):
        share = np.array([axis(p) @ axis(h) for p, h in zip(premises, hypotheses, strict=True)]) * 0.9 + 0.05
        return np.stack([share, 1 - share, np.zeros(len(share))], axis=1)

    monkeypatch.setattr(frames, "embed", cosines)
    monkeypatch.setattr(frames, "entail", entails)


def test_every_frame_has_a_source_hypotheses_and_descriptions():
    table = tomllib.loads((ROOT / "korea_nlp" / "assets" / "frames.toml").read_text(encoding="utf-8"))
    assert set(table["frames"]) == NAMES
    assert len(table["decision"]["usual"]) == len(NAMES)
    for frame in table["frames"].values():
        assert frame["source"]
        assert len(frame["hypotheses"]) > 1
        assert len(frame["descriptions"]) > 1
        assert all(text.endswith(".") for text in frame["hypotheses"] + frame["descriptions"])


def test_frames_of_sentences(stand_ins, tiny_profile):
    text = "A matter of economy. This is economy and diplomacy at once. The weather was fine all day."
    found = find_frames(parse_article(text, profile=tiny_profile))
    assert list(found.columns) == COLUMNS
    by_sentence = found.groupby("sentence")["frame"].agg(set).tolist()
    assert by_sentence == [{"economy"}, {"economy", "diplomacy"}, {NONE}]


def test_fitting_learns_from_one_half_and_measures_on_the_other(stand_ins):
    names = [*sorted(NAMES), NONE]
    rows = [
        (f"Sentence {n} of {name}.", name, half)
        for name in names
        for n, half in enumerate(["choose"] * 9 + ["report"] * 2)
    ]
    decision, measured = fit_frames(pd.DataFrame(rows, columns=["text", "frame", "half"]))
    assert set(measured["sentences"]) == {2 * len(names)}
    assert measured.set_index("evidence").loc["both", "accuracy"] == 1
    assert decision["contrast"] > 0
    assert decision["entailment"] > 0


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(invariants.TEXTS)
def test_every_sentence_has_a_row(stand_ins, tiny_profile, text):
    try:
        article = parse_article("A matter of economy. " + text, profile=tiny_profile)
    except ArticleError:
        return
    found = find_frames(article)
    assert set(found["sentence"]) == set(article.sentences["sentence"])
    assert found["probability"].between(0, 1).all()
    for row in found.itertuples():
        assert article.text[row.start : row.end] == row.text
        assert row.frame in NAMES | {NONE}
    alone = found[found["sentence"].duplicated(keep=False)]
    assert NONE not in set(alone["frame"])


def test_no_texts():
    assert score_frames([]).empty


def test_labelled_sentences_are_ten_a_frame_in_two_halves(labelled):
    counts = labelled.groupby("frame")["half"].value_counts().unstack()
    assert set(counts.index) == NAMES | {NONE}
    assert (counts["choose"] == counts["report"]).all()
    assert (counts.sum(axis=1) >= 10).all()
    assert labelled["text"].is_unique


@pytest.mark.weights
def test_labelled_sentences_that_nothing_was_fitted_on(labelled):
    rows = labelled[labelled["half"] == "report"]
    scores = score_frames(list(rows["text"]))
    answers = scores.idxmax(axis=1).where(scores.max(axis=1) >= frames.THRESHOLD, NONE).to_numpy()
    wanted = rows["frame"].to_numpy()
    assert (answers == wanted).mean() > 0.7
    assert (answers == wanted)[wanted == NONE].mean() > 0.8


@pytest.mark.weights
def test_sentences_of_an_article():
    assert find_frames(parse_article(TEXT))["frame"].tolist() == ["economy", "humanitarian", NONE]
