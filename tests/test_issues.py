"""Issues are proposed from an article's own nouns, without its actors, and can be asked about."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from korea_nlp import detect_stance, score_stance
from korea_nlp.actors import find_actors
from korea_nlp.article import parse_article, read_article
from korea_nlp.reader.linker import ISSUES
from korea_nlp.stance import SIDES
from korea_nlp.stance.issues import COLUMNS, _leaders, _varied, find_issues, propose_issues

SEED = Path(__file__).parent.parent / "seeds" / "000_1217f8f2cf5bd169.txt"


@pytest.fixture(scope="module")
def seed():
    return read_article(SEED)


@pytest.mark.weights
@pytest.mark.parametrize(
    ("text", "issue"),
    [
        ("Beijing opposes the deployment of THAAD.", "missile defense"),
        ("A missile shield was sold.", "missile defense"),
        ("Balloons carried leaflets.", "leaflets"), ("The broadcasts by loudspeaker began.", "loudspeakers"),
        ("Japan asked about the kidnappings.", "abductions"), ("They defended human rights.", "human rights"),
        ("It must denuclearize first.", "denuclearization"), ("An end-of-war declaration is near.", "peace treaty"),
        ("They sent troops to Kursk.", "troop deployment"), ("The summit failed.", "summit"),
        ("The family reunions were put off.", "family reunions"), ("Food aid arrived.", "humanitarian aid"),
        ("A trade pact was signed.", "trade"), ("Seoul curbed press freedom.", "freedom of speech"),
        ("Beijing opposes Patriot missiles in Poland.", "missile defense"),
    ],
)  # fmt: skip
def test_issues_are_found_by_what_was_learnt(text, issue):
    found = find_issues(parse_article(text))
    assert issue in set(found["actor"])
    assert all(text[row.start : row.end] == row.text for row in found.itertuples())


@pytest.mark.weights
def test_an_issue_can_be_meant_without_being_named():
    text = "North Korea proposed military talks on Friday. Seoul should respond positively to the offer."
    assert {1, 2} <= set(find_issues(parse_article(text), ["dialogue"])["sentence"])


@pytest.mark.weights
def test_an_issue_is_asked_about_as_the_sentence_names_it():
    article = parse_article("Dialogue would be good for the region.")
    found = detect_stance(article, targets=["dialogue"])
    asked = article.text.replace("Dialogue", "[Dialogue]")
    named = score_stance(pd.DataFrame({"text": [asked], "holder": "author", "target": "Dialogue"}))
    assert found[["holder", "target"]].values.tolist() == [["author", "dialogue"]]
    sure = find_issues(article, ["dialogue"])["probability"].max()
    np.testing.assert_allclose(found[list(SIDES)].astype(float), named[list(SIDES)] * sure, rtol=1e-5)


@pytest.mark.weights
def test_the_running_example_is_about_the_border_and_talks(seed):
    found = propose_issues(seed, 16)
    expected = {"border", "dialogue", "nuclear production", "threats", "military exercises", "de-escalation"}
    assert expected <= set(found["issue"])
    assert {"border", "diplomacy"} <= set(propose_issues(seed)["issue"])
    assert len(propose_issues(seed)) == 8


@pytest.mark.weights
def test_neither_actors_nor_places_nor_light_nouns_are_proposed(seed):
    issues = " ".join(propose_issues(seed, 100)["issue"])
    names = {word.lower() for text in find_actors(seed)["text"] for word in text.split()}
    unwanted = names | {
        "korea",
        "peninsula",
        "region",
        "move",
        "steps",
        "efforts",
        "leaders",
        "countries",
        "year",
    }
    assert not unwanted & set(issues.split()) - {"the", "of", "international", "world", "community"}


@pytest.mark.weights
def test_proposals_are_found_again_and_tell_where_they_are_named(seed):
    found = propose_issues(seed, 100)
    assert [*found.columns] == COLUMNS
    assert found["issue"].is_unique
    assert (found["sentences"] >= 1).all()
    assert all(seed.text[row.start : row.end] == row.text for row in found.itertuples())
    named = find_issues(seed, list(found["issue"]))
    assert set(named["actor"]) == set(found["issue"])
    own = named[~named["actor"].isin(ISSUES)]  # these have other words, too
    assert (own["text"].str.lower() == own["actor"]).all()
    firsts = own.groupby("actor")["sentence"].min()
    first = found.set_index("issue")["sentence"]
    assert (first[firsts.index] <= firsts).all()


@pytest.mark.weights
def test_one_issue_in_other_words_is_proposed_once():
    text = (
        "Japan rejects the sanctions. A sanction helps nobody, Japan said. Russia wants economic sanctions "
        "to end. The ferry sails on Sunday, whatever happens to the sanctions."
    )
    found = propose_issues(parse_article(text))
    assert found["issue"].str.contains("sanction").sum() == 1
    assert found["sentences"].iloc[0] == 4


@pytest.mark.weights
def test_the_title_counts():
    text = "Nobody in the village sleeps. The loudspeakers play all night, and the cows give no milk. " * 2
    with_title = propose_issues(parse_article(text, title="Turn off the loudspeakers")).set_index("issue")
    without = propose_issues(parse_article(text)).set_index("issue")
    assert with_title.index[0] == "loudspeakers"
    assert with_title.loc["loudspeakers", "score"] > without.loc["loudspeakers", "score"]


def test_a_language_model_without_a_parser_proposes_nothing(tiny_models_profile):
    article = parse_article("Russia praised the talks. Japan left the talks early.", profile=tiny_models_profile)
    found = propose_issues(article)
    assert found.empty
    assert [*found.columns] == COLUMNS


def test_no_issue_is_too_few(tiny_models_profile):
    article = parse_article("Russia praised the talks. Japan left the talks early.", profile=tiny_models_profile)
    with pytest.raises(ValueError, match="n is 0"):
        propose_issues(article, 0)


def test_phrases_with_one_head_go_together_and_others_by_their_meaning():
    across = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.1, 0.99]])
    assert _leaders(["border", "armed border", "order", "command"], across) == [0, 0, 2, 2]


@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.integers(1, 15))
def test_variety_chooses_each_once_and_begins_with_the_best(seed, count, n):
    rng = np.random.default_rng(seed)
    scores, vectors = rng.random(count), rng.normal(size=(count, 4))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    chosen = _varied(scores, vectors, n)
    assert len(chosen) == len(set(chosen)) == min(n, count)
    assert chosen[0] == scores.round(6).argmax()


def test_what_is_like_the_best_waits():
    vectors = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    assert _varied(np.array([1.0, 0.9, 0.6]), vectors, 3) == [0, 2, 1]
