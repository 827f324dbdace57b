"""Summaries on stand-ins of the models, and on the bundled checkpoints where those are asked for."""

import json
import re
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from korea_nlp import parse_article, read_article, summary
from korea_nlp.models import language
from korea_nlp.summary import METHODS, claims, salience, score_salience, summarize, support
from korea_nlp.summary.compression import grammar, omissible
from korea_nlp.summary.context import broken, can_be_joined, leaning, with_names

SEED = Path(__file__).parent.parent / "seeds" / "000_1217f8f2cf5bd169.txt"
INVENTED = "Japan bombed Pyongyang on 3 May."
TEXT = """North Korea said on Monday that it would cut the last roads to South Korea.
South Korea called the step "desperate" and did not answer it. Soldiers planted 200 mines near the road.
Experts see an attempt to hide failures of the economy. In conclusion, peace needs dialogue."""
SENTENCES = [
    "North Korea cut the roads.", "South Korea praised the talks.", "Russia sent 12 trains to Rason.",
    "Experts did not agree.", "The border was quiet on Monday.", "Japan protested.",
    '"We wait," said residents.',
]  # fmt: skip


def words(text):
    return re.findall(r"\w+", text.lower())


def bag_of_words(texts, profile=None):
    vectors = np.zeros((len(texts), 64))
    for row, text in zip(vectors, texts, strict=True):
        for word in words(text):
            row[zlib.crc32(word.encode()) % 64] += 1
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


def shared_words(premises, hypotheses, profile=None):
    share = np.array([
        len(set(words(h)) & set(words(p))) / max(len(set(words(h))), 1)
        for p, h in zip(premises, hypotheses, strict=True)
    ])  # fmt: skip
    return share


def without_the_last_word(prompt, profile=None, **more):
    return " ".join(prompt.rstrip(".").split()[:-1]) + "."


@pytest.fixture
def stand_ins(monkeypatch):
    for module in (claims, salience):
        monkeypatch.setattr(module, "embed", bag_of_words)
    for module in (claims, summary):
        monkeypatch.setattr(module, "check_claims", shared_words)
    monkeypatch.setattr(summary, "generate", without_the_last_word)


@pytest.fixture
def article(stand_ins, tiny_models_profile):
    return parse_article(TEXT, profile=tiny_models_profile)


def check(made, article, count):
    table, texts = made.sentences, list(article.sentences["text"])
    assert len(table) == min(count, len(texts))
    assert list(table["position"]) == list(range(1, len(table) + 1))
    assert table["text"].str.strip().str.len().gt(0).all()
    assert table["support"].between(0, 1).all()
    assert (table["supported"] == (table["support"] >= claims.THRESHOLD)).all()
    for row in table.itertuples():
        assert row.evidence
        assert set(row.evidence) <= set(range(1, len(texts) + 1))
        assert texts[row.evidence[0] - 1] in row.evidence_text
        assert row.origin in ("extracted", "written")
        if row.origin == "extracted":
            assert (row.text, row.support) == (texts[row.evidence[0] - 1], 1.0)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("count", [1, 3, 50])
def test_exactly_the_sentences_asked_for(article, method, count):
    check(summarize(article, count, method), article, count)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=9), st.integers(1, 10), st.sampled_from(METHODS))
def test_any_article_can_be_summarized(stand_ins, tiny_models_profile, parts, count, method):
    article = parse_article("\n".join(parts), profile=tiny_models_profile)
    check(summarize(article, count, method), article, count)


@pytest.mark.parametrize("method", ["lead", "extractive"])
def test_extracts_are_verbatim_and_in_order(article, method):
    table = summarize(article, 3, method).sentences
    places = [evidence[0] for evidence in table["evidence"]]
    assert places == sorted(set(places))
    assert list(table["text"]) == list(article.sentences["text"].iloc[[place - 1 for place in places]])


def test_lead_is_the_beginning(article):
    assert [e[0] for e in summarize(article, 2, "lead").sentences["evidence"]] == [1, 2]


def test_same_sentence_twice_is_not_chosen_twice(stand_ins, tiny_models_profile):
    text = "North Korea cut the roads.\nNorth Korea cut the roads.\nExperts in South Korea doubt it."
    chosen = summarize(parse_article(text, profile=tiny_models_profile), 2).sentences["text"]
    assert chosen.is_unique


def test_what_is_written_is_shorter_and_says_where_it_comes_from(article):
    made = summarize(article, 2, "abstractive")
    written = made.sentences[made.sentences["origin"] == "written"]
    assert len(written)
    for row in written.itertuples():
        assert len(row.text.split()) < len(row.evidence_text.split())
        assert set(words(row.text)) <= set(words(row.evidence_text)) | {"and"}


@pytest.mark.weights
@pytest.mark.parametrize(("actor", "made"), [
    ("North Korea", "Korea, and North"), ("Japan", "Korea; Japan"), ("The step", "Korea; the step"),
])  # fmt: skip
def test_neighbours_are_made_one_by_and_where_one_actor_does_both(stand_ins, actor, made):
    text = f"North Korea mined 3 roads in South Korea.\n{actor} mined 200 fields near South Korea.\nIt rained."
    table = summarize(parse_article(text), 2, "abstractive").sentences
    assert [1, 2] in list(table["evidence"])
    assert made in table["text"].iloc[0]


def test_nothing_sound_leaves_the_sentence_itself(article, monkeypatch):
    monkeypatch.setattr(summary, "generate", lambda *a, **k: INVENTED)
    made = summarize(article, 3, "abstractive")
    assert INVENTED not in made.text
    for row in made.sentences.itertuples():
        assert set(words(row.text)) <= set(words(row.evidence_text)) | {"and"}


def test_without_a_generator_it_is_the_extractive_summary(article, monkeypatch):
    monkeypatch.setattr(summary, "has_generator", lambda profile: False)
    assert summarize(article, 3, "abstractive").text == summarize(article, 3).text
    assert summary.headline(article) is None


@pytest.mark.parametrize(("count", "method", "message"), [
    (0, "lead", "at least 1"), (-2, "extractive", "at least 1"),
    (3, "abstract", "lead, extractive, abstractive"),
])  # fmt: skip
def test_wrong_calls_say_what_is_right(article, count, method, message):
    with pytest.raises(ValueError, match=message):
        summarize(article, count, method)


def test_plain_values_for_json(article):
    made = summarize(article, 2, "abstractive")
    plain = json.loads(json.dumps(made.to_dict()))
    assert plain["text"] == made.text
    assert len(plain["sentences"]) == 2


def test_salience_is_a_probability_of_each_sentence(article):
    salient = score_salience(article)
    assert list(salient["sentence"]) == list(article.sentences["sentence"])
    assert salient["salience"].between(0, 1, inclusive="neither").all()
    assert salient["salience"].idxmax() == 0


def test_a_sentence_of_the_article_is_supported_by_itself(article):
    table = support(list(article.sentences["text"].str.replace('"', "”")), article)
    assert (table["support"] == 1).all()
    assert list(table["evidence"]) == [[number] for number in article.sentences["sentence"]]


def test_two_sentences_together_support_what_neither_does(article):
    row = support(["Experts see failures of the economy and soldiers planted 200 mines."], article).iloc[0]
    assert set(row["evidence"][:2]) == {3, 4}


def test_no_claims_and_empty_claims(article):
    assert support([], article).empty
    with pytest.raises(ValueError, match="empty"):
        support([" "], article)


@pytest.fixture(scope="module")
def seed():
    return read_article(SEED)


@pytest.mark.weights
def test_seed_facts_are_in_the_extract(seed):
    said = summarize(seed, 5).text
    for fact in ("cut ties", "landmines", "rail", "main enemy"):
        assert fact in said
    assert "In conclusion" not in said


FACTS = {
    "who cuts what": ("announc", "cut ties"), "landmines and rails": ("landmines", "rail"),
    "main enemy": ("main enemy",),
    "Seoul": ("desperate", "warned"), "the experts' reading": ("xperts point out", "could be"),
    "exercises and warships": ("exercises", "warships"), "production and Russia": ("nuclear production", "Russia"),
    "call for dialogue": ("dialogue",),
}  # fmt: skip


@pytest.mark.weights
def test_seed_facts_are_in_the_abstract(seed):
    made = summarize(seed, 5, "abstractive")
    check(made, seed, 5)
    assert made.sentences["supported"].all()
    assert sum(all(word in made.text for word in about) for about in FACTS.values()) >= 5
    assert len(made.text.split()) < 0.6 * len(seed.text.split())
    assert made.text == summarize(seed, 5, "abstractive").text


@pytest.mark.weights
@pytest.mark.parametrize(("text", "joined"), [
    ("Seoul fired. Tokyo protested.", True), ("Seoul fired. But Tokyo waited.", False),
    ("Seoul fired. “We saw it. Nobody was hurt,” Tokyo said.", False),
    ("“It was a test. Nobody was hurt,” Seoul said. Tokyo protested.", False),
])  # fmt: skip
def test_only_whole_sentences_are_joined_by_and(text, joined):
    assert can_be_joined(parse_article(text), 0) == joined


@pytest.mark.weights
def test_a_headline_is_short_and_supported():
    article = parse_article("North Korea fired two missiles into the sea, Seoul said on Monday. No ship was hit.")
    line = summary.headline(article)
    assert 3 <= len(line.split()) <= 12
    assert "North Korea" in line
    assert "missile" in line
    assert summary.headline(parse_article("It rained.", profile="bundled-fast")) is None


@pytest.mark.weights
@pytest.mark.parametrize(("text", "parts"), [
    ("Kim said on Monday that the accord, which expires in May, could be suspended.",
     {"on Monday", ", which expires in May,"}),
    ("The ministry said that it would act if the ships returned.", set()),
    ("No train has run since December.", set()),
    ('Seoul called it "a threat, which nobody asked for, to peace" and waited.', {"and waited"}),
    ("The North fired two missiles, breaking a promise.", {", breaking a promise"}),
    ("The envoy left and told reporters that nothing was agreed.", set()),
    ("Talks ended, with Japan blaming China.", set()),
    ("The North fired two missiles, as officials said.", set()),
    ("The base, which analysts believe holds missiles, was closed.", set()),
])  # fmt: skip
def test_only_what_changes_nothing_can_be_left_out(text, parts):
    span = next(language()(text).sents)
    assert {span.doc[start:end].text for start, end in omissible(span)} == parts


@pytest.mark.weights
def test_a_grammar_admits_the_sentence_and_its_core():
    span = next(language()("Kim, who is 40, said “no” and left.").sents)
    rules = grammar(span)
    assert json.loads(f'"{rules.split(chr(34))[1]}"') == "Kim"
    assert rules.startswith('root ::= "Kim" (", who is 40,")? ')


@pytest.mark.weights
def test_seed_claims(seed):
    table = support([
        INVENTED,
        "South Korea did not criticize the announcement.",
        "South Korea has bolstered its border defenses by planting landmines.",
    ], seed)  # fmt: skip
    assert not table["supported"].any()
    assert support(["North Korea has planted landmines along the border."], seed)["supported"].all()


@pytest.mark.weights
def test_a_sentence_that_leans_on_others_is_chosen_last():
    text = (
        "North Korea shut the park in May. It also cut the line. Seoul called the move “a mistake. "
        "We regret it,” the ministry said. But nobody answered. South Korea's minister said he was sorry."
    )
    article = parse_article(text)
    assert (leaning(article), broken(article)) == ({1, 3, 4}, {2, 3})
    assert list(summarize(article, 2).sentences["text"]) == list(article.sentences["text"].iloc[[0, 5]])


@pytest.mark.weights
@pytest.mark.parametrize(("text", "made", "whole"), [
    ("Kim Yo Jong, sister of Kim Jong Un, spoke.", "Kim spoke", "Kim Yo Jong spoke"),
    ("Kim Yo Jong spoke.", "Kim Jong Un and Kim Yo Jong spoke", "Kim Jong Un and Kim Yo Jong spoke"),
    ("Experts doubt it.", "Experts doubt it.", "Experts doubt it."),
])  # fmt: skip
def test_whoever_was_named_before_gets_the_whole_name(text, made, whole):
    assert with_names(parse_article(text), 0, made) == whole


@pytest.mark.weights
def test_a_short_name_of_an_earlier_sentence_is_written_in_full():
    article = parse_article("The Joint Chiefs of Staff (JCS) saw a launch. Rain fell. The JCS condemned it.")
    assert with_names(article, 2, "The JCS condemned it.") == "The Joint Chiefs of Staff condemned it."
