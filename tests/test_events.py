"""Who did what to whom: plain sentences, one behaviour each, and the running example."""

import time
import tomllib
from pathlib import Path

import plain
import pytest
from hypothesis import HealthCheck, given, settings

from korea_nlp import ArticleError, find_actors, find_voices, parse_article, read_article
from korea_nlp.events import COLUMNS, find_events
from korea_nlp.events.deeds import word_lists

SEED = Path(__file__).parent.parent / "seeds" / "000_1217f8f2cf5bd169.txt"
CATEGORIES = {
    "verbal cooperation": {"AGREE", "CONSULT", "SUPPORT", "CONCEDE"},
    "material cooperation": {"COOPERATE", "AID", "RETREAT"},
    "verbal conflict": {"REQUEST", "ACCUSE", "REJECT", "THREATEN"},
    "material conflict": {"PROTEST", "SANCTION", "MOBILIZE", "COERCE", "ASSAULT"},
}


def events(text):
    return find_events(parse_article(text))


def told(text):
    found = events(text)
    return list(found[["actor", "category", "target"]].itertuples(index=False, name=None))


@pytest.mark.weights
@pytest.mark.parametrize(("text", "expected"), [
    # active, passive, passive without an agent
    ("North Korea attacked Japan.", [("North Korea", "ASSAULT", "Japan")]),
    ("Japan was attacked by North Korea.", [("North Korea", "ASSAULT", "Japan")]),
    ("The US attacked Japan.", [("United States", "ASSAULT", "Japan")]),
    ("Japan was attacked on Monday.", [("", "ASSAULT", "Japan")]),
    ("Pyongyang announced that the hotline would be cut off.", [("North Korea", "SANCTION", "")]),
    # gerunds share the subject; of a deed and its means only the means counts
    ("North Korea bolstered its defenses by planting mines, building booby traps and removing rails.",
     [("North Korea", "MOBILIZE", ""), ("North Korea", "MOBILIZE", ""), ("North Korea", "SANCTION", "")]),
    ("Japan criticized Russia for bombing Kyiv.",
     [("Japan", "ACCUSE", "Russia"), ("Russia", "ASSAULT", "Ukraine")]),
    # conjunction and relative clauses
    ("Seoul condemned the North and expelled a Russian diplomat.",
     [("South Korea", "ACCUSE", "North Korea"), ("South Korea", "SANCTION", "Russia")]),
    ("North Korea, which fired two missiles in May, rejected the offer of Japan.",
     [("North Korea", "MOBILIZE", ""), ("North Korea", "REJECT", "Japan")]),
    ("China criticized Japan and Russia.", [("China", "ACCUSE", "Japan"), ("China", "ACCUSE", "Russia")]),
    # nouns that tell a deed
    ("Military exercises by the South angered everybody.", [("South Korea", "MOBILIZE", "")]),
    ("Visits by US warships were frequent.", [("United States", "MOBILIZE", "")]),
    ("Criticism of Japan from Seoul was harsh.", [("South Korea", "ACCUSE", "Japan")]),
    ("Talks between China and Japan began on Monday.",
     [("China", "CONSULT", "Japan"), ("Japan", "CONSULT", "China")]),
    # light verbs
    ("The United States issued a warning to North Korea.", [("United States", "THREATEN", "North Korea")]),
    ("South Korea held drills with the United States.",
     [("South Korea", "MOBILIZE", ""), ("United States", "MOBILIZE", "")]),
    ("Seoul and Tokyo held talks.",
     [("South Korea", "CONSULT", "Japan"), ("Japan", "CONSULT", "South Korea")]),
    # not done
    ("North Korea did not attack the South.", []),
    ("North Korea could attack the South at any time.", []),
    ("If Japan attacked North Korea, Russia would bomb Tokyo.", []),
    ("South Korea made so-called incursions.", []),
    ("The risk of an attack by North Korea is small.", []),
    ("Seoul should stop the broadcasts.", []),
    ("Seoul considered lifting sanctions.", []),
    ("Let Seoul attack Japan.", []),
    ("We condemn North Korea.", []),
    # refused, forgone, announced, threatened, promised, demanded, alleged
    ("Pyongyang refused to meet the envoy of Japan.", [("North Korea", "REJECT", "Japan")]),
    ("Kim Yo Jong will never talk to Japan.", [("Kim Yo Jong", "REJECT", "Japan")]),
    ("Seoul said that it would not resume the loudspeaker broadcasts.", [("South Korea", "CONCEDE", "")]),
    ("North Korea will attack Japan.", [("North Korea", "THREATEN", "Japan")]),
    ("Russia will send grain to North Korea.", [("Russia", "AID", "North Korea")]),
    ("Kim Jong Un vowed to annihilate Japan.", [("Kim Jong Un", "THREATEN", "Japan")]),
    ("Moscow pledged to provide aid to Pyongyang.", [("Russia", "AGREE", "North Korea")]),
    ("China urged North Korea to halt its missile tests.", [("China", "REQUEST", "North Korea")]),
    ("China told Japan to wait.", [("China", "REQUEST", "Japan")]),
    ("Japan accused Russia of planting mines.", [("Japan", "ACCUSE", "Russia")]),
    # the object decides
    ("North Korea cut ties with Japan.", [("North Korea", "SANCTION", "Japan")]),
    ("North Korea cut the roads to Japan.", [("North Korea", "SANCTION", "Japan")]),
    ("China cut tariffs on Japanese goods.", [("China", "CONCEDE", "Japan")]),
    ("Seoul opened talks with Russia.",
     [("South Korea", "CONSULT", "Russia"), ("Russia", "CONSULT", "South Korea")]),
    ("The navy of Japan opened fire on a Russian ship.", [("Japan", "ASSAULT", "Russia")]),
    ("North Korea planted mines.", [("North Korea", "MOBILIZE", "")]),
    ("North Korea planted trees.", []),
    # who does it decides
    ("Activists sent leaflets to North Korea.", [("activists", "PROTEST", "North Korea")]),
    ("South Korea sent leaflets to North Korea.", [("South Korea", "MOBILIZE", "North Korea")]),
    # what two do together
    ("Russian soldiers repaired the dam together with engineers from Japan.",
     [("Russia", "COOPERATE", "Japan"), ("Japan", "COOPERATE", "Russia")]),
    # whose fate is told is the target, of whoever tells it
    ('"Seoul will pay a high price," Kim Yo Jong said.', [("Kim Yo Jong", "THREATEN", "South Korea")]),
    # a place is no target; pronouns stand for whom they mean
    ("North Korea planted mines along the border with South Korea.", [("North Korea", "MOBILIZE", "")]),
    ("North Korea rejected the offer. It then fired a missile.",
     [("North Korea", "REJECT", ""), ("North Korea", "MOBILIZE", "")]),
    ('"We condemn North Korea," the Japanese government said.', [("Japan", "ACCUSE", "North Korea")]),
    # what "the move" stands for
    ("North Korea blew up a bridge on Monday. Tokyo called the move illegal.",
     [("North Korea", "SANCTION", ""), ("Japan", "ACCUSE", "North Korea")]),
    # what is sent; who is across; whose side the article is on
    ("Balloons from North Korea landed in Japan.", [("North Korea", "MOBILIZE", "Japan")]),
    ("North Korea sent balloons full of trash.", [("North Korea", "MOBILIZE", "South Korea")]),
    ("North Korea criticized the South. The unification ministry rejected the criticism.",
     [("North Korea", "ACCUSE", "South Korea"), ("South Korea", "REJECT", "North Korea")]),
    # a condition does not undo a threat of one's own
    ("Seoul said that it would punish the North if a shell fell.",
     [("South Korea", "THREATEN", "North Korea")]),
    # somebody who is no actor; nobody; a rumor; what was right
    ("My neighbor accused Japan of greed.", []),
    ("No soldier of Japan attacked Russia.", []),
    ("Japan spread the lie that Russia attacked a ship.", [("Japan", "ACCUSE", "Russia")]),
    ("Japan was right to ask Russia for help.", [("Japan", "REQUEST", "Russia")]),
    ("The weather was fine.", []),
])  # fmt: skip
def test_who_did_what_to_whom(text, expected):
    assert sorted(told(text)) == sorted(expected)


@pytest.mark.weights
def test_row_holds_evidence_date_verb_and_voice():
    text = "Tokyo said that Russia had attacked a ship of Ukraine on Monday. On Tuesday, China praised Japan."
    attack, praise = events(text).itertuples()
    assert attack.text == text[attack.start : attack.end] == "attacked a ship of Ukraine on Monday"
    assert (attack.verb, attack.date, attack.voice, attack.speaker) == (
        "attack",
        "Monday",
        "reported",
        "Japan",
    )
    assert (praise.sentence, praise.date, praise.voice, praise.speaker) == (2, "Tuesday", "author", "author")
    assert attack.intensity < 0 < praise.intensity
    assert (attack.quad, praise.quad) == ("material conflict", "verbal cooperation")


@pytest.mark.weights
def test_length_of_time_is_no_date():
    (row,) = events("North Korea has isolated Japan for decades.").itertuples()
    assert row.date == ""


@pytest.mark.weights
def test_same_deed_told_twice_is_one():
    assert len(events("Japan was attacked by Russia, and Russia attacked Japan.")) <= 2
    assert len(events("South Korea's drills were drills by South Korea.")) <= 2
    assert told("Russia launched an attack on Japan.") == [("Russia", "ASSAULT", "Japan")]


@pytest.fixture(scope="module")
def seed():
    article = read_article(SEED)
    mentions = find_actors(article)
    return article, mentions, find_voices(article, mentions)


@pytest.mark.weights
def test_seed(seed):
    found = find_events(*seed)
    rows = set(found[["sentence", "actor", "category", "target"]].itertuples(index=False, name=None))
    assert {
        (0, "North Korea", "SANCTION", "South Korea"),
        (3, "Kim Jong Un", "ACCUSE", "South Korea"),
        (5, "South Korea", "MOBILIZE", ""),
        (5, "United States", "MOBILIZE", ""),
        (6, "North Korea", "MOBILIZE", ""),
        (6, "North Korea", "SUPPORT", "Russia"),
        (7, "South Korea", "ACCUSE", "North Korea"),
        (7, "South Korea", "THREATEN", "North Korea"),
    } <= rows
    by_words = {row.text: row for row in found.itertuples()}
    for words, category in [
        ("planting landmines", "MOBILIZE"), ("building anti-armor booby traps", "MOBILIZE"),
        ("removing rail infrastructure along the border", "SANCTION"),
    ]:  # fmt: skip
        row = by_words[words]
        assert (row.actor, row.category) == ("North Korea", category)
        assert row.date == "the beginning of the year"
    (cut,) = found[found["verb"] == "cut off"].itertuples()
    assert (cut.sentence, cut.category, cut.voice) == (5, "SANCTION", "reported")


@pytest.mark.weights
def test_rows_are_consistent_and_fast(seed):
    article = seed[0]
    begin = time.process_time()
    found = find_events(*seed)
    assert time.process_time() - begin < 1
    assert list(found.columns) == COLUMNS
    assert found["start"].is_monotonic_increasing
    for row in found.itertuples():
        assert article.text[row.start : row.end] == row.text != ""
        assert article.sentences["start"][row.sentence] <= row.start
        assert row.end <= article.sentences["end"][row.sentence]
        assert row.category in CATEGORIES[row.quad]
        assert -10 <= row.intensity <= 10
        assert row.actor or row.target
        assert row.actor != row.target


@pytest.mark.weights
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plain.TEXTS)
def test_any_text_can_be_read(text):
    try:
        article = parse_article("North Korea attacked Japan. " + text)
    except ArticleError:
        return
    found = find_events(article)
    assert [article.text[r.start : r.end] for r in found.itertuples()] == list(found["text"])


def test_without_a_parse_there_are_no_events(tmp_path):
    found = find_events(
        parse_article("North Korea attacked Japan. Japan replied.", profile=plain.profile(tmp_path))
    )
    assert list(found.columns) == COLUMNS
    assert found.empty


def test_word_lists_name_what_exists():
    lists = word_lists()
    assert set(lists["quads"]) == set.union(*CATEGORIES.values())
    known = {"category", "intensity", "cameo", "verbs", "nouns", "acts"}
    known |= {"kinds", "clause", "mutual", "directed", "reversed"}
    verbs = set()
    for deed in lists["deeds"]:
        assert set(deed) <= known
        assert deed["category"] in lists["quads"]
        for act in deed.get("acts", []):
            assert set(act) in ({"verbs", "objects"}, {"verbs", "subjects"})
            nouns = [*act.get("objects", ()), *act.get("subjects", ())]
            assert all(word[1:] in lists["words"] for word in nouns if word.startswith("@"))
        verbs.update(deed.get("verbs", []), *(act["verbs"] for act in deed.get("acts", [])))
    assert len(verbs) > 150
    shipped = Path(__file__).parent.parent / "korea_nlp" / "assets" / "events.toml"
    assert tomllib.loads(shipped.read_text(encoding="utf-8")) == lists
