from pathlib import Path

import pandas as pd
import pytest
from benchmarks import annotation
from hypothesis import given, settings
from invariants import TEXTS, check_mentions, check_sentences, check_voices

from korea_nlp.actors import find_actors
from korea_nlp.actors.references import COLUMNS, antecedents, references
from korea_nlp.article import parse_article
from korea_nlp.errors import ArticleError
from korea_nlp.quotes import find_voices

NEWS = Path(__file__).parents[1] / "data" / "news"


@pytest.mark.weights
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Kim Jong Un spoke on Friday. He said that his army was ready.", {"He": "Kim Jong Un"}),
        ("Japan protested on Monday. It said that North Korea had fired a missile.", {"It": "Japan"}),
        ("The telephone company Norvia spoke of new fees. One can see the crowd outside its offices in Lyon.",
         {"Norvia": "Norvia", "its": "Norvia"}),
        ("It rained in the village. It was clear that nothing would grow.", {}),
    ],
)  # fmt: skip
def test_whom_words_stand_for(text, expected):
    article = parse_article(text)
    found = antecedents(article, find_actors(article))
    assert expected.items() <= dict(zip(found["text"], found["actor"], strict=True)).items()
    assert bool(expected) or found.empty
    check_spans(article, found)


@pytest.mark.weights
def test_references_and_events_on_articles_that_nothing_was_learnt_from():
    kept = pd.read_csv(NEWS.parent / "benchmarks" / "annotation.csv").query("profile == 'bundled'")
    found = annotation.measured("bundled")
    assert found["layer"].tolist() == kept["layer"].tolist()
    assert found["wanted"].tolist() == kept["wanted"].tolist()
    # an answer or two differ between processors
    assert found["f1"].tolist() == pytest.approx(kept["f1"].tolist(), abs=0.05)


@pytest.mark.weights
def test_a_second_reader_agrees_as_is_kept():
    kept = pd.read_csv(NEWS.parent / "benchmarks" / "annotation.csv").query("profile == @annotation.SECOND")
    found = annotation.measured(annotation.SECOND)
    pd.testing.assert_frame_equal(found, kept.drop(columns="profile").reset_index(drop=True))


def test_without_a_reader_nobody_is_meant(blank_profile):
    article = parse_article("Japan protested. It called the launch reckless.", profile=blank_profile)
    assert antecedents(article, find_actors(article)).empty


def check_spans(article, found):
    assert list(found.columns) == COLUMNS
    assert not found.duplicated(["start", "end", "actor"]).any()
    for row in found.itertuples():
        assert article.text[row.start : row.end] == row.text
        assert row.start < row.end
        sentence = article.sentences.iloc[row.sentence - 1]
        assert sentence["sentence"] == row.sentence
        assert sentence["start"] <= row.start < sentence["end"]


@pytest.mark.weights
def test_the_references_of_the_same_mentions_are_read_once():
    article = parse_article("Seoul waited. It was calm.")
    mentions = find_actors(article)
    found = references(article, mentions)
    assert references(article, mentions.copy()) is found
    fewer = references(article, mentions.iloc[:0])
    assert fewer is not found
    assert not fewer.actor


@pytest.mark.weights
@settings(max_examples=60, deadline=None)
@given(text=TEXTS)
def test_everything_holds_with_the_parser(text):
    try:
        article = parse_article(text)
    except ArticleError:
        return
    mentions = find_actors(article)
    check_sentences(article)
    check_mentions(article, mentions)
    check_voices(article, find_voices(article, mentions))
    check_spans(article, antecedents(article, mentions))
