"""Who did what to whom in sentences as newspapers write them, about many parts of the world."""

import pytest

from korea_nlp import parse_article
from korea_nlp.events import find_events

NK, SK, US, JP, CN, RU = "North Korea", "South Korea", "United States", "Japan", "China", "Russia"


def told(text):
    found = find_events(parse_article(text))
    return sorted(found[["actor", "category", "target"]].itertuples(index=False, name=None))


def each_other(one, category, other):
    return [(one, category, other), (other, category, one)]


@pytest.mark.weights
@pytest.mark.parametrize(("text", "expected"), [
    # several in one phrase
    ("South Korean and Chinese officials sat down for talks in Beijing.", each_other(SK, "CONSULT", CN)),
    ("The leaders of Japan and South Korea spoke by telephone.", each_other(JP, "CONSULT", SK)),
    ("Russia and Ukraine accused each other of shelling the plant.", each_other(RU, "ACCUSE", "Ukraine")),
    ("In a phone call, President Yoon Suk Yeol and Prime Minister Fumio Kishida pledged to deepen trilateral "
     "cooperation with Washington.", [("Fumio Kishida", "AGREE", US), ("Yoon Suk Yeol", "AGREE", US)]),
    ("North Korean soldiers have joined Russian assaults.", [(NK, "ASSAULT", ""), (RU, "ASSAULT", "")]),
    # deeds told as nouns, with whose they are and who does them
    ("Pyongyang's launch of a spy satellite drew condemnation from Washington and Tokyo.",
     [(NK, "MOBILIZE", ""), (JP, "ACCUSE", NK), (US, "ACCUSE", NK)]),
    ("The release of the two Canadians by China ended a dispute.", [(CN, "RETREAT", "Canada")]),
    # who is made to act, and who is said to
    ("Chinese warplanes appeared near the island, prompting Taipei to scramble fighter jets.",
     [(CN, "MOBILIZE", ""), ("Taiwan", "MOBILIZE", "")]),
    ("Russia said it was ready to mediate between the two Koreas.", [(RU, "AGREE", "")]),
    # to whom it is done: another who is named, joined deeds, the deed told before, whom it is over
    ("The South Korean military fired warning shots after a North Korean patrol boat crossed the line.",
     [(SK, "ASSAULT", NK), (NK, "MOBILIZE", "")]),
    ("North Korea tested a missile on Sunday. Japan and the United States condemned the test.",
     [(NK, "MOBILIZE", ""), (JP, "ACCUSE", NK), (US, "ACCUSE", NK)]),
    ("Beijing condemned the sale by the U.S. to Taiwan and vowed countermeasures.",
     [(CN, "ACCUSE", US), (CN, "THREATEN", US)]),
    ("Russia sent American bombers to Japan.", [(RU, "MOBILIZE", JP)]),
    ("North Korea floated hundreds of balloons carrying trash into the South overnight.",
     [(NK, "MOBILIZE", SK)]),
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
])  # fmt: skip
def test_deeds_of_the_news(text, expected):
    assert told(text) == sorted(expected)


@pytest.mark.weights
@pytest.mark.parametrize("text", [
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
])  # fmt: skip
def test_what_was_not_done_is_no_deed(text):
    assert told(text) == []
