"""What a sentence is made a matter of: on a stand-in for the embedding model, and on the bundled one."""

import tomllib
from pathlib import Path

import invariants
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from sklearn.metrics import cohen_kappa_score

from korea_nlp import ArticleError, frames, parse_article
from korea_nlp.frames import COLUMNS, NONE, find_frames, frame_names, score_frames
from korea_nlp.training import frames as training
from korea_nlp.training.frames import fit_frames, measure, read_frames

ROOT = Path(__file__).parent.parent
NAMES = {"security threat", "diplomacy", "domestic legitimacy", "economy", "humanitarian", "responsibility"}
TEXT = "The price of rice has gone up again. Families lost their homes in the flood. He was born in a town."


@pytest.fixture
def labelled(monkeypatch):
    monkeypatch.chdir(ROOT)
    return read_frames()


@pytest.fixture
def named_axes(monkeypatch):
    """Sentences lie on the axis of each frame that they name; one that names none lies on an axis of its own."""

    def axes(texts, profile=None):
        found = [[name in text for name in frame_names()] for text in texts]
        return np.array([[*of, not any(of)] for of in found], dtype=np.float32).reshape(len(texts), len(NAMES) + 1)

    for module in (frames, training):
        monkeypatch.setattr(module, "embed", axes)
    weights = 6 * np.eye(len(NAMES), len(NAMES) + 1, dtype=np.float32)
    monkeypatch.setattr(frames, "_fitted", lambda: (weights, np.full(len(NAMES), -3, dtype=np.float32)))


def test_every_frame_has_a_source():
    table = tomllib.loads((ROOT / "korea_nlp" / "assets" / "frames.toml").read_text(encoding="utf-8"))
    assert set(table) == NAMES
    assert all(frame["source"] for frame in table.values())


def test_frames_of_sentences(named_axes, tiny_models_profile):
    text = "A matter of economy. This is economy and diplomacy at once. The weather was fine all day."
    found = find_frames(parse_article(text, profile=tiny_models_profile))
    assert list(found.columns) == COLUMNS
    by_sentence = found.groupby("sentence")["frame"].agg(set).tolist()
    assert by_sentence == [{"economy"}, {"economy", "diplomacy"}, {NONE}]


def test_another_embedding_model_finds_none_and_says_so(tiny_models_profile):
    article = parse_article("A matter of economy. The weather was fine.", profile=tiny_models_profile)
    with pytest.warns(UserWarning, match="another embedding model"):
        found = find_frames(article)
    assert found.empty
    assert list(found.columns) == COLUMNS


def test_fitting_learns_what_is_labelled(named_axes, monkeypatch):
    rows = [(f"{n}", f"Sentence of {name}.", *(name == other for other in frame_names()))
            for n in range(12) for name in [*NAMES, NONE]]  # fmt: skip
    labelled = pd.DataFrame(rows, columns=["article", "text", *frame_names()])
    fitted = fit_frames(labelled)
    assert fitted[0].shape == (len(NAMES), len(NAMES) + 1)
    monkeypatch.setattr(frames, "_fitted", lambda: fitted)
    assert (measure(labelled) == 1).all()


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(invariants.TEXTS)
def test_every_sentence_has_a_row(named_axes, tiny_models_profile, text):
    try:
        article = parse_article("A matter of economy. " + text, profile=tiny_models_profile)
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


def test_no_texts(named_axes):
    assert score_frames([]).empty


def test_labels_are_of_sentences_that_there_are(labelled):
    given = pd.read_csv(ROOT / "data" / "frames" / "labels.csv", keep_default_na=False)
    assert set(given["frame"]) == NAMES | {NONE}
    assert not given.duplicated().any()
    alone = given[given.duplicated(["article", "sentence"], keep=False)]
    assert NONE not in set(alone["frame"])
    assert (labelled["part"] == "held out").sum() > 300
    assert labelled["text"].str.len().gt(0).all()


@pytest.mark.weights
def test_held_out_sentences(labelled):
    scores = measure(labelled[labelled["part"] == "held out"])
    assert (scores > 0.3).all()
    assert f"<!-- f1 -->{scores['macro']:.2f}<!-- -->" in (ROOT / "data" / "frames" / "README.md").read_text(
        encoding="utf-8"
    )


def test_two_labellers_agree_as_the_readme_says():
    first, second = (
        pd.read_csv(ROOT / "data" / "frames" / name, keep_default_na=False) for name in ("labels.csv", "second.csv")
    )
    keys = ["article", "sentence"]
    marks = [pd.crosstab([table[key] for key in keys], table["frame"])[sorted(NAMES)] for table in (first, second)]
    kappa = cohen_kappa_score(marks[0].loc[marks[1].index].to_numpy().ravel(), marks[1].to_numpy().ravel())
    assert f"<!-- kappa -->{kappa:.2f}<!-- -->" in (ROOT / "data" / "frames" / "README.md").read_text(encoding="utf-8")


@pytest.mark.weights
def test_sentences_of_an_article():
    assert find_frames(parse_article(TEXT))["frame"].tolist() == ["economy", "humanitarian", NONE]
