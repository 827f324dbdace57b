"""The seed article with the bundled checkpoints: what a careful reader finds in it must be found."""

from pathlib import Path

import pytest

from korea_nlp import aggregate_stance, detect_stance, find_actors, read_article
from korea_nlp.training.evaluation import evaluate
from korea_nlp.training.examples import read_rows

pytestmark = pytest.mark.weights
ROOT = Path(__file__).parent.parent
DATA = ROOT.parent / "shared" / "stance-data"


@pytest.fixture(scope="module")
def seed():
    return read_article(ROOT / "seeds" / "000_1217f8f2cf5bd169.txt")


@pytest.fixture(scope="module")
def stances(seed):
    return aggregate_stance(detect_stance(seed)).set_index(["holder", "target"])


def test_sentences_and_actors(seed):
    assert len(seed.sentences) == 13
    actors = set(find_actors(seed)["actor"])
    assert actors >= {
        "North Korea", "South Korea", "Kim Jong Un", "Russia", "United States", "experts",
        "international community", "Western world", "General Staff",
    }  # fmt: skip
    assert not {"Korea", "Koreas", "Korean Peninsula", "the Korean Peninsula"} & actors


STATED = {
    ("North Korea", "South Korea"): "against",
    ("Kim Jong Un", "South Korea"): "against",
    ("South Korea", "North Korea"): "against",
    ("experts", "Kim Jong Un"): "against",
    ("Western world", "North Korea"): "against",
    ("North Korea", "Russia"): "favor",
    ("author", "dialogue"): "favor",
}


def test_most_stances_that_the_article_states_are_found_and_none_is_reversed(stances):
    found = {pair: stances.loc[pair, "stance"] for pair in STATED if pair in stances.index}
    assert sum(found.get(pair) == stance for pair, stance in STATED.items()) >= 4
    assert all(found.get(pair) in (stance, "none", "unclear", None) for pair, stance in STATED.items())


@pytest.mark.parametrize(
    ("one", "other"), [("Russia", "South Korea"), ("United States", "Russia"), ("experts", "South Korea")]
)
def test_no_stance_where_the_article_states_none(stances, one, other):
    for pair in [(one, other), (other, one)]:
        assert pair not in stances.index or stances.loc[pair, "stance"] == "none"


@pytest.mark.skipif(not DATA.is_dir(), reason="the labelled data are not part of a user's checkout")
def test_direction_and_neutrality_on_labelled_news_sentences():
    table = evaluate("directed_valid", read_rows(DATA / "directed_valid.jsonl.gz")[::5]).set_index("class")
    print(table.round(3))
    assert table.loc["macro", "baseline_f1"] < 0.2
    assert table.loc["macro", "f1"] >= 0.60
