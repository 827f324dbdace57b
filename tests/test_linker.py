"""Articles word by word: windows, features of two words, and what is made of the network's scores."""

from dataclasses import replace

import numpy as np
import pytest
import tiny_models
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from korea_nlp.reader import load_reader
from korea_nlp.reader.linker import ISSUES, SPOKEN_OF, chosen
from korea_nlp.reader.words import (
    FEATURES,
    KINDS,
    NEW_TOKENS,
    Features,
    Words,
    described,
    earlier,
    slots_of,
    unnamed,
    windows,
)

TAGS = ("NNP", "VBD", "DT", "NN", ".")


def words_like(sentences, names=()):
    """Words of sentences of so many words each, every one hanging on the first of its sentence."""
    sentence = [n for n, size in enumerate(sentences) for _ in range(size)]
    first = {n: sentence.index(n) for n in set(sentence)}
    count = len(sentence)
    return Words(
        text=tuple(("north", "was", "the", "move", ".")[i % 5] for i in range(count)),
        tag=tuple(TAGS[i % 5] for i in range(count)),
        relation=("nsubj",) * count,
        lemma=tuple(f"w{i % 3}" for i in range(count)),
        head=tuple(first[n] for n in sentence),
        sentence=tuple(sentence),
        quoted=(False,) * count,
        names=tuple(names),
    )


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    folder = tmp_path_factory.mktemp("linker")
    base = tiny_models.encoder(folder / "base")
    adapter = tiny_models.reader(folder / "adapter", base)
    tiny_models.linking(adapter, base)
    return load_reader(base, adapter)


@settings(deadline=None)
@given(st.lists(st.integers(1, 90), min_size=1, max_size=12))
def test_each_word_is_read_in_one_window(sentences):
    words = words_like(sentences)
    parts = windows(words, tiny_models.words_tokenizer())
    read = [word for window in parts for word, *_ in window.read]
    assert read == list(range(sum(sentences)))
    for window in parts:
        assert len(window.ids) <= 512
        assert sum(last - first for _, first, last in window.read) <= max(NEW_TOKENS, *sentences)
        assert window.words[-len(window.read) :] == window.read


@settings(deadline=None)
@given(st.lists(st.integers(1, 30), min_size=1, max_size=5), st.data())
def test_features_are_in_their_ranges(sentences, data):
    words = words_like(sentences, [(0, 1, 0, "North Korea", "state")])
    place = st.integers(0, sum(sentences) - 1)
    pairs = data.draw(st.lists(st.tuples(place, place), min_size=1, max_size=20))
    found = Features(words).of(pairs)
    assert found.shape == (len(pairs), len(FEATURES))
    assert (found >= 0).all()
    assert (found < np.array(FEATURES)).all()


def test_a_word_goes_on_from_what_comes_before_it_and_from_later_names_of_its_sentence():
    words = words_like([5, 5, 5])
    heads = [0, 3, 8, 9, 13]
    assert earlier(words, 7, heads, named=[9, 13]) == [0, 3, 9]


def test_names_are_not_read_again():
    words = words_like([5], [(0, 2, 0, "North Korea", "state")])
    assert unnamed(words) == [2, 3]
    assert Features(words).kind.tolist() == [KINDS.index("state"), 0, 0, 0, 0]
    assert slots_of(words, 24) == {"North Korea": 1}


def test_who_is_meant_is_likelier_than_nobody():
    actors = {0: ["Japan"], 4: ["Russia"], 9: ["Japan"]}
    assert list(chosen([(0, 3.0), (4, -3.0)], actors)) == ["Japan"]
    assert list(chosen([(0, -0.5), (4, -3.0), (9, 0.4)], actors)) == ["Japan"]  # two that say the same
    assert chosen([(0, -3.0), (4, -3.0)], actors) == {}
    assert list(chosen([(0, 4.0), (4, 4.0)], actors, several=True)) == ["Japan", "Russia"]
    assert chosen([(0, 4.0), (4, 4.0)], actors) == {}  # it could be either
    [probability] = chosen([(0, 4.0), (4, 2.0)], actors).values()
    assert 0.8 < probability < 0.9
    assert chosen([], actors) == {}


def test_somebody_new_is_called_by_the_words():
    words = replace(
        words_like([4]), text=("the", "Coal", "-", "miners"), tag=("DT", "NN", "HYPH", "NNS"),
    )  # fmt: skip
    assert described(words, 3) == "coal-miners"
    court = words_like([5])
    for text, name in (
        (("the", "Court", "of", "Justice", "sat"), "Court of Justice"),
        (("We", "saw", "the", "Court", "of"), "Court"),
    ):
        tag = tuple("NNP" if word[0] in "CJ" else "IN" if word == "of" else "VBD" for word in text)
        assert described(replace(court, text=text, tag=tag), text.index("Court")) == name
    owners = replace(court, text=("the", "Owners", "’", "Union", "sat"), tag=("DT", "NNS", "POS", "NNP", "VBD"))
    assert described(owners, 3) == "Owners’ Union"


def test_links_are_of_the_article(reader):
    words = words_like([5, 5, 5], [(0, 1, 0, "North Korea", "state"), (5, 6, 5, "Japan", "state")])
    mention = reader.network.linking.mention[-1]
    nn.init.zeros_(mention.weight)
    nn.init.constant_(mention.bias, 6.0)  # each word stands for somebody
    links = reader.links(words)
    assert links == reader.links(words)
    assert links.meant
    assert links.events
    known = {"North Korea", "Japan", *(described(words, word) for word in unnamed(words))}
    for word, actors in links.meant.items():
        assert word in unnamed(words)
        assert actors
        assert set(actors) <= known
        assert all(0.25 <= probability <= 1 for probability in actors.values())
    for word, category, probability, doers, targets in links.events:
        assert 0 <= word < 15
        assert category.isupper()
        assert 0.5 < probability <= 1
        assert {*doers, *targets} <= known
    for word, issue, probability in links.issues:
        assert 0 <= word < 15
        assert issue in ISSUES
        assert SPOKEN_OF <= probability <= 1
    assert reader.links(words_like([])).meant == {}
