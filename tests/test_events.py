"""Who did what to whom: plain sentences, one behaviour each, and the running example."""

import time
from pathlib import Path

import invariants
import pytest
from hypothesis import HealthCheck, given, settings

from korea_nlp import ArticleError, find_actors, find_voices, parse_article, read_article
from korea_nlp.events import CATEGORIES as SHIPPED
from korea_nlp.events import COLUMNS, find_events
from korea_nlp.reader.linker import CATEGORIES as LEARNT

NK, SK, US, JP, CN, RU = "North Korea", "South Korea", "United States", "Japan", "China", "Russia"
SEED = Path(__file__).parent.parent / "seeds" / "000_1217f8f2cf5bd169.txt"
CATEGORIES = {
    "verbal cooperation": {"AGREE", "CONSULT", "SUPPORT", "CONCEDE"},
    "material cooperation": {"COOPERATE", "AID", "RETREAT"},
    "verbal conflict": {"REQUEST", "ACCUSE", "REJECT", "THREATEN"},
    "material conflict": {"PROTEST", "SANCTION", "MOBILIZE", "COERCE", "ASSAULT"},
}


def each_other(one, category, other):
    return [(one, category, other), (other, category, one)]


def events(text):
    return find_events(parse_article(text))


def found_in(text):
    found = events(text)
    return list(found[["actor", "category", "target"]].itertuples(index=False, name=None))


TOLD = [
    # active, passive, passive without an agent
    ("North Korea attacked Japan.", [(NK, "ASSAULT", JP)]),
    ("Japan was attacked by North Korea.", [(NK, "ASSAULT", JP)]),
    ("The US attacked Japan.", [(US, "ASSAULT", JP)]),
    ("Japan was attacked on Monday.", [("", "ASSAULT", JP)]),
    ("Pyongyang announced that the hotline would be cut off.", [(NK, "SANCTION", "")]),
    # gerunds share the subject; of an event and its means only the means counts
    ("North Korea bolstered its defenses by planting mines, building booby traps and removing rails.",
     [(NK, "MOBILIZE", ""), (NK, "MOBILIZE", ""), (NK, "SANCTION", "")]),
    ("Japan criticized Russia for bombing Kyiv.", [(JP, "ACCUSE", RU), (RU, "ASSAULT", "Ukraine")]),
    # conjunction and relative clauses
    ("Seoul condemned the North and expelled a Russian diplomat.", [(SK, "ACCUSE", NK), (SK, "SANCTION", RU)]),
    ("North Korea, which fired two missiles in May, rejected the offer of Japan.",
     [(NK, "MOBILIZE", ""), (NK, "REJECT", JP)]),
    ("China criticized Japan and Russia.", [(CN, "ACCUSE", JP), (CN, "ACCUSE", RU)]),
    # nouns that tell an event
    ("Military exercises by the South angered everybody.", [(SK, "MOBILIZE", "")]),
    ("Visits by US warships were frequent.", [(US, "MOBILIZE", "")]),
    ("Criticism of Japan from Seoul was harsh.", [(SK, "ACCUSE", JP)]),
    ("Talks between China and Japan began on Monday.", each_other(CN, "CONSULT", JP)),
    # light verbs
    ("The United States issued a warning to North Korea.", [(US, "THREATEN", NK)]),
    ("South Korea held drills with the United States.", [(SK, "MOBILIZE", ""), (US, "MOBILIZE", "")]),
    ("Seoul and Tokyo held talks.", each_other(SK, "CONSULT", JP)),
    # refused, forgone, announced, threatened, promised, demanded, alleged
    ("Pyongyang refused to meet the envoy of Japan.", [(NK, "REJECT", JP)]),
    ("Kim Yo Jong will never talk to Japan.", [("Kim Yo Jong", "REJECT", JP)]),
    ("Seoul said that it would not resume the loudspeaker broadcasts.", [(SK, "CONCEDE", "")]),
    ("North Korea will attack Japan.", [(NK, "THREATEN", JP)]),
    ("Russia will send grain to North Korea.", [(RU, "AID", NK)]),
    ("Kim Jong Un vowed to annihilate Japan.", [("Kim Jong Un", "THREATEN", JP)]),
    ("Moscow pledged to provide aid to Pyongyang.", [(RU, "AGREE", NK)]),
    ("China urged North Korea to halt its missile tests.", [(CN, "REQUEST", NK)]),
    ("China told Japan to wait.", [(CN, "REQUEST", JP)]),
    ("Japan accused Russia of planting mines.", [(JP, "ACCUSE", RU)]),
    # the object decides
    ("North Korea cut ties with Japan.", [(NK, "SANCTION", JP)]),
    ("North Korea cut the roads to Japan.", [(NK, "SANCTION", JP)]),
    ("China cut tariffs on Japanese goods.", [(CN, "CONCEDE", JP)]),
    ("Seoul opened talks with Russia.", each_other(SK, "CONSULT", RU)),
    ("The navy of Japan opened fire on a Russian ship.", [(JP, "ASSAULT", RU)]),
    ("North Korea planted mines.", [(NK, "MOBILIZE", "")]),
    # who does it decides
    ("Activists sent leaflets to North Korea.", [("activists", "PROTEST", NK)]),
    ("South Korea sent leaflets to North Korea.", [(SK, "MOBILIZE", NK)]),
    # what two do together
    ("Russian soldiers repaired the dam together with engineers from Japan.", each_other(RU, "COOPERATE", JP)),
    # whose fate is told is the target, of whoever tells it
    ('"Seoul will pay a high price," Kim Yo Jong said.', [("Kim Yo Jong", "THREATEN", SK)]),
    # a place is no target; pronouns stand for whom they mean
    ("North Korea planted mines along the border with South Korea.", [(NK, "MOBILIZE", "")]),
    ("North Korea rejected the offer. It then fired a missile.", [(NK, "REJECT", ""), (NK, "MOBILIZE", "")]),
    ('"We condemn North Korea," the Japanese government said.', [(JP, "ACCUSE", NK)]),
    # what "the move" stands for
    ("North Korea blew up a bridge on Monday. Tokyo called the move illegal.",
     [(NK, "SANCTION", ""), (JP, "ACCUSE", NK)]),
    # what is sent; who is across; whose side the article is on
    ("Balloons from North Korea landed in Japan.", [(NK, "MOBILIZE", JP)]),
    ("North Korea sent balloons full of trash.", [(NK, "MOBILIZE", SK)]),
    ("North Korea criticized the South. The unification ministry rejected the criticism.",
     [(NK, "ACCUSE", SK), (SK, "REJECT", NK)]),
    # a condition does not undo a threat of one's own
    ("Seoul said that it would punish the North if a shell fell.", [(SK, "THREATEN", NK)]),
    # a rumor; what was right
    ("Japan spread the lie that Russia attacked a ship.", [(JP, "ACCUSE", RU)]),
    ("Japan was right to ask Russia for help.", [(JP, "REQUEST", RU)]),
    # several in one phrase
    ("South Korean and Chinese officials sat down for talks in Beijing.", each_other(SK, "CONSULT", CN)),
    ("The leaders of Japan and South Korea spoke by telephone.", each_other(JP, "CONSULT", SK)),
    ("Russia and Ukraine accused each other of shelling the plant.", each_other(RU, "ACCUSE", "Ukraine")),
    ("In a phone call, President Yoon Suk Yeol and Prime Minister Fumio Kishida pledged to deepen trilateral "
     "cooperation with Washington.", [("Fumio Kishida", "AGREE", US), ("Yoon Suk Yeol", "AGREE", US)]),
    ("North Korean soldiers have joined Russian assaults.", [(NK, "ASSAULT", ""), (RU, "ASSAULT", "")]),
    # nouns, with whose they are and who does them
    ("Pyongyang's launch of a spy satellite drew condemnation from Washington and Tokyo.",
     [(NK, "MOBILIZE", ""), (JP, "ACCUSE", NK), (US, "ACCUSE", NK)]),
    ("The release of the two Canadians by China ended a dispute.", [(CN, "RETREAT", "Canada")]),
    # who is made to act, and who is said to
    ("Chinese warplanes appeared near the island, prompting Taipei to scramble fighter jets.",
     [(CN, "MOBILIZE", ""), ("Taiwan", "MOBILIZE", "")]),
    ("Russia said it was ready to mediate between the two Koreas.", [(RU, "AGREE", "")]),
    # to whom it is done: another who is named, joined verbs, the event told before, whom it is over
    ("The South Korean military fired warning shots after a North Korean patrol boat crossed the line.",
     [(SK, "ASSAULT", NK), (NK, "MOBILIZE", "")]),
    ("North Korea tested a missile on Sunday. Japan and the United States condemned the test.",
     [(NK, "MOBILIZE", ""), (JP, "ACCUSE", NK), (US, "ACCUSE", NK)]),
    ("Beijing condemned the sale by the U.S. to Taiwan and vowed countermeasures.",
     [(CN, "ACCUSE", US), (CN, "THREATEN", US)]),
    ("Russia sent American bombers to Japan.", [(RU, "MOBILIZE", JP)]),
    ("North Korea floated hundreds of balloons carrying trash into the South overnight.", [(NK, "MOBILIZE", SK)]),
    # verbs of several words; amounts; words that the language model misreads
    ("Russia pulled out of a treaty with the United States.", [(RU, "SANCTION", US)]),
    ("Japan removed South Korea from its white list.", [(JP, "SANCTION", SK)]),
    ("South Korea provided $10 million in humanitarian aid to North Korea.", [(SK, "AID", NK)]),
    ("Seoul and Tokyo share real-time missile data.", each_other(SK, "COOPERATE", JP)),
    ("The United States armed Ukraine.", [(US, "AID", "Ukraine")]),
    ("Students staged a sit-in at the Chinese embassy.", [("students", "PROTEST", CN)]),
    # ordinary deeds
    ("Tokyo has slapped new sanctions on five Russian banks.", [(JP, "SANCTION", RU)]),
    ("Beijing summoned the Japanese ambassador to protest against the visit.", [(CN, "ACCUSE", JP)]),
    ("China has barred imports of Japanese seafood.", [(CN, "SANCTION", JP)]),
    ("Moscow called the report groundless.", [(RU, "REJECT", "")]),
    ("China vowed to take countermeasures against Japan.", [(CN, "THREATEN", JP)]),
    ("A Chinese coast guard vessel rammed a Philippine boat.", [(CN, "ASSAULT", "Philippines")]),
    ("The North fired some 200 artillery rounds into the sea.", [(NK, "MOBILIZE", "")]),
    ("Iranian-backed militias attacked a U.S. base in Iraq.", [("", "ASSAULT", US)]),
]  # fmt: skip
NOT_DONE = [
    "North Korea did not attack the South.",
    "North Korea could attack the South at any time.",
    "If Japan attacked North Korea, Russia would bomb Tokyo.",
    "South Korea made so-called incursions.",
    "The risk of an attack by North Korea is small.",
    "Seoul should stop the broadcasts.",
    "Seoul considered lifting sanctions.",
    "Let Seoul attack Japan.",
    "We condemn North Korea.",
    "North Korea planted trees.",
    "My neighbor accused Japan of greed.",
    "No soldier of Japan attacked Russia.",
    "The weather was fine.",
    "South Korea hopes to hold talks with the North before the end of the year.",
    "Analysts doubt that North Korea would ever use its nuclear weapons against South Korea.",
    "If Beijing were to invade Taiwan, Tokyo could be drawn in.",
    "Russia has not supplied North Korea with fighter jets so far.",
    "It is unclear whether China will send an envoy to Pyongyang.",
    "A strike on North Korean missile sites would be a grave risk for South Korea.",
    "The prospect of new sanctions against Russia weighed on markets.",
    "North Korea may be preparing to test a nuclear weapon, Seoul's spy agency said.",
    "Sending arms to Ukraine would be a mistake of Seoul.",
    "It would be foolish for Seoul to send balloons back.",
    "Talks between Seoul and Tokyo did not take place.",
    "The Japanese team beat South Korea in the final.",
    "Critics want the government to stop arms shipments to Israel.",
    '"The situation on the peninsula is serious," the South Korean minister said.',
    "Beijing's visit was met with fury in March.",
]  # fmt: skip


@pytest.mark.weights
def test_who_did_what_to_whom():
    right = [sorted(found_in(text)) == sorted(expected) for text, expected in TOLD]
    assert sum(right) >= 0.5 * len(right), [text for (text, _), each in zip(TOLD, right, strict=True) if not each]


@pytest.mark.weights
def test_what_was_not_done_is_not_always_an_event():
    """Sentences that stand alone, each with another way to say that nothing was done: more than half mislead it."""
    wrong = [text for text in NOT_DONE if found_in(text)]
    assert len(wrong) <= 0.6 * len(NOT_DONE), wrong


@pytest.mark.weights
def test_row_holds_evidence_date_verb_and_voice():
    text = "Tokyo said that Russia had attacked a ship of Ukraine on Monday. On Tuesday, China praised Japan."
    found = events(text).set_index("verb", drop=False)
    attack, praise = next(found.loc[["attack"]].itertuples()), next(found.loc[["praise"]].itertuples())
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
def test_same_event_told_twice_is_one():
    assert len(events("Russia launched an attack on Japan.")) == 1


@pytest.fixture(scope="module")
def seed():
    article = read_article(SEED)
    mentions = find_actors(article)
    return article, mentions, find_voices(article, mentions)


@pytest.mark.weights
def test_the_running_example_has_its_clearest_events(seed):
    found = find_events(*seed)
    told = set(found[["sentence", "category"]].itertuples(index=False, name=None))
    assert {(1, "SANCTION"), (4, "ACCUSE"), (5, "SANCTION"), (7, "SUPPORT"), (8, "ACCUSE")} <= told
    rows = set(found[["actor", "category", "target"]].itertuples(index=False, name=None))
    assert ("South Korea", "ACCUSE", "North Korea") in rows
    assert not {("North Korea", "ACCUSE", "North Korea"), ("South Korea", "SANCTION", "North Korea")} & rows


@pytest.mark.weights
def test_rows_are_consistent_and_fast(seed):
    article = seed[0]
    begin = time.process_time()
    found = find_events(*seed)
    assert time.process_time() - begin < 1
    assert list(found.columns) == COLUMNS
    assert found["start"].is_monotonic_increasing
    sentences = article.sentences.set_index("sentence")
    for row in found.itertuples():
        assert article.text[row.start : row.end] == row.text != ""
        assert sentences["start"][row.sentence] <= row.start
        assert row.end <= sentences["end"][row.sentence]
        assert row.category in CATEGORIES[row.quad]
        assert -10 <= row.intensity <= 10
        assert row.actor or row.target
        assert row.actor != row.target


@pytest.mark.weights
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(invariants.TEXTS)
def test_any_text_can_be_read(text):
    try:
        article = parse_article("North Korea attacked Japan. " + text)
    except ArticleError:
        return
    found = find_events(article)
    assert [article.text[r.start : r.end] for r in found.itertuples()] == list(found["text"])


def test_without_a_parse_there_are_no_events(tmp_path):
    found = find_events(
        parse_article("North Korea attacked Japan. Japan replied.", profile=invariants.profile(tmp_path))
    )
    assert list(found.columns) == COLUMNS
    assert found.empty


def test_each_category_has_its_class_and_its_value():
    assert ("none", *SHIPPED) == LEARNT
    assert {name: row["quad"] for name, row in SHIPPED.items()} == {
        name: quad for quad, names in CATEGORIES.items() for name in names
    }
    for row in SHIPPED.values():
        assert ("cooperation" in row["quad"]) == (row["intensity"] > 0)
        assert -10 <= row["intensity"] <= 10
