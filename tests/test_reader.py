"""The reader: tokens of passages, batches, and answers that do not depend on their company."""

import numpy as np
import pytest
import tiny_models
from hypothesis import given
from hypothesis import strategies as st

from korea_nlp.models.weights import load_profile
from korea_nlp.paths import ASSETS
from korea_nlp.reader import AUTHOR, SENTENCE, Passage, collate, encode, load_reader

PLAIN = Passage("the north . ", "Japan praised Russia and experts .", [(-12, -3, 2), (0, 5, 0), (14, 20, 1)],
                [(0, 1), (1, 0), (AUTHOR, 0), (SENTENCE, 1)])  # fmt: skip


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reader")
    return load_reader(tiny_models.encoder(folder / "base"), tiny_models.reader(folder / "adapter", folder / "base"))


def test_mentions_are_the_tokens_of_their_words(reader):
    (found,) = encode(reader.tokenizer, [PLAIN])
    tokens = reader.tokenizer.convert_ids_to_tokens(found.ids)
    assert [tokens[first:last] for first, last, _ in found.mentions] == [["the", "north"], ["japan"], ["russia"]]
    assert tokens[found.offset] == "japan"


@given(st.lists(st.sampled_from(["the", "north", "praised", "Japan", ".", "and"]), min_size=1, max_size=30), st.data())
def test_any_span_of_words_is_found_again(words, data):
    tokenizer = test_any_span_of_words_is_found_again.tokenizer
    text = " ".join(words)
    first = data.draw(st.integers(0, len(words) - 1))
    last = data.draw(st.integers(first, len(words) - 1))
    start = len(" ".join(words[:first])) + bool(first)
    end = len(" ".join(words[: last + 1]))
    (found,) = encode(tokenizer, [Passage("", text, [(start, end, 0)])])
    ((one, other, _),) = found.mentions
    tokens = tokenizer.convert_ids_to_tokens(found.ids[one:other])
    assert tokens == [word.lower() for word in words[first : last + 1]]


@pytest.fixture(autouse=True, scope="module")
def _tokenizer(reader):
    test_any_span_of_words_is_found_again.tokenizer = reader.tokenizer


def test_a_long_context_keeps_its_end_and_a_long_sentence_its_beginning(reader):
    long = Passage("the " * 300 + "north ", "Japan " * 300 + "Russia", [(0, 5, 0), (1800, 1806, 1)], [(0, 1)])
    (found,) = encode(reader.tokenizer, [long], 40)
    assert len(found.ids) <= 40
    assert [actor for *_, actor in found.mentions] == [0]
    (short,) = encode(reader.tokenizer, [Passage("the " * 300 + "north ", "Japan left", [])])
    assert reader.tokenizer.convert_ids_to_tokens(short.ids)[short.offset - 2] == "north"


def test_what_is_hidden_is_masked(reader):
    hidden = Passage("", "Japan praised Russia", [(0, 5, 0), (14, 20, 1)], hidden=frozenset({1}))
    (found,) = encode(reader.tokenizer, [hidden])
    assert found.ids.count(reader.tokenizer.mask_token_id) == 1


def test_an_actor_is_read_in_the_sentence_and_else_in_the_context(reader):
    batch, _ = collate(encode(reader.tokenizer, [PLAIN]), 0)
    assert len(batch["mentions"]) == 3
    twice = Passage("Russia left . ", "Japan praised Russia", [(-14, -8, 1), (0, 5, 0), (14, 20, 1)])
    assert len(collate(encode(reader.tokenizer, [twice]), 0)[0]["mentions"]) == 2


def test_answers_do_not_depend_on_their_company(reader):
    other = Passage("", "experts criticized the talks", [(0, 7, 0), (19, 28, 1)], [(0, 1)])
    alone, (together, _) = reader.stances([PLAIN])[0], reader.stances([PLAIN, other])
    assert alone.shape == (4, 3)
    np.testing.assert_allclose(alone, together, atol=1e-4)
    assert not np.allclose(alone[0], alone[1])


def test_who_is_out_of_sight_holds_nothing(reader):
    far = Passage("", "Japan " * 300 + "Russia", [(0, 5, 0), (1800, 1806, 1)], [(0, 1), (AUTHOR, 0)])
    none, seen = reader.stances([far])[0]
    assert none.argmax() == 2
    assert none[2] == 9.0
    assert seen[2] != 9.0


@pytest.mark.weights
@pytest.mark.parametrize("profile", ["bundled", "bundled-fast"])
def test_what_is_shipped_is_small(profile):
    adapter = ASSETS / load_profile(profile).entailment.adapter
    assert sum(file.stat().st_size for file in adapter.iterdir()) < 25_000_000
