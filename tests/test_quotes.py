from pathlib import Path

import pytest
from hypothesis import given, settings
from invariants import TEXTS, check_voices

from korea_nlp.article import parse_article
from korea_nlp.errors import ArticleError
from korea_nlp.quotes import find_voices

SEED = Path(__file__).parent.parent / "seeds" / "000_1217f8f2cf5bd169.txt"


def spoken(text, language="bundled"):
    """The parts that are not the author's: voice, speaker, text."""
    article = parse_article(text, profile=language)
    voices = find_voices(article)
    check_voices(article, voices)
    voices = voices[voices["voice"] != "author"]
    return [(row.voice, row.speaker, row.text.strip()) for row in voices.itertuples()]


@pytest.mark.weights
def test_seed():
    found = spoken(SEED.read_text(encoding="utf-8"))
    assert [(voice, speaker, text[:12]) for voice, speaker, text in found] == [
        ("reported", "North Korea", "that it is t"),
        ("quote", "Kim Jong Un", "“main enemy."),
        ("reported", "General Staff", "that the rem"),
        ("quote", "South Korea", "“desperate”"),
        ("reported", "South Korea", "that it woul"),
        ("reported", "experts", "that the mov"),
    ]


@pytest.mark.weights
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“We reject it. It is a relic,” said Moon Chung-in, a professor.",
         [("quote", "Moon Chung-in", "“We reject it."), ("quote", "Moon Chung-in", "It is a relic,”")]),
        ("According to analysts, the Kremlin is pleased.", [("reported", "experts", "the Kremlin is pleased.")]),
        ("Kim Yo Jong called Yoon a “fool.” She said he was lost.",
         [("quote", "Kim Yo Jong", "“fool.”"), ("reported", "Kim Yo Jong", "he was lost.")]),
        ("The launch was condemned by Japan as \"absolutely unacceptable\".",
         [("quote", "Japan", '"absolutely unacceptable".')]),
        ("The so-called “peace village” is empty.", []),
        ("Lee Jae-myung told parliament to wait. “Dialogue is strength.”",
         [("reported", "Lee Jae-myung", "to wait."), ("quote", "Lee Jae-myung", "“Dialogue is strength.”")]),
        ("‘We will not stop,’ said Kim Yo Jong, who called the South’s drills ‘a rehearsal for war’.",
         [("quote", "Kim Yo Jong", "‘We will not stop,’"),
          ("quote", "Kim Yo Jong", "‘a rehearsal for war’.")]),
        ("It was announced that talks begin in May.", [("reported", "", "that talks begin in May.")]),
        ("Putin told us: “This is a quotation that goes on.\n“And it ends here, at last.”",
         [("quote", "Vladimir Putin", "“This is a quotation that goes on."),
          ("quote", "Vladimir Putin", "“And it ends here, at last.”")]),
        ("“The North must answer for the launch.” — Foreign Minister Cho Tae-min",
         [("quote", "Cho Tae-min", "“The North must answer for the launch.”")]),
        ("It met.\n\n«Nobody trusts Tokyo.»\n- Marco Rubio, in a speech on Monday",
         [("quote", "Marco Rubio", "«Nobody trusts Tokyo.»")]),
        ("“We don’t fear them,” Mr. Kim added, according to KCNA.",
         [("quote", "Kim Jong Un", "“We don’t fear them,”")]),
        ("Sergei Lavrov said that Washington was to blame, according to TASS. “It is late,” he warned, the Interfax "
         "agency reported.",
         [("reported", "Sergei Lavrov", "that Washington was to blame"), ("quote", "Sergei Lavrov", "“It is late,”")]),
        ("“The puppets will pay,” Kim Jong Un told officers, state news agency KCNA reported.",
         [("quote", "Kim Jong Un", "“The puppets will pay,”")]),
        ("'We shall never kneel.'\n—Gen. Kang Sun-nam, North Korea's defence minister",
         [("quote", "Kang Sun-nam", "'We shall never kneel.'")]),
        ("The pro-Pyongyang group said that it was late.", [("reported", "activists", "that it was late.")]),
        ("The North fired a missile, according to Yonhap.", [("reported", "Yonhap", "The North fired a missile")]),
        ("U.S.-South Korean exercises end on Friday, the anti-North Korea group said.",
         [("reported", "activists", "U.S.-South Korean exercises end on Friday")]),
        ("An anti-Japan crowd said that Tokyo had lied.", [("reported", "", "that Tokyo had lied.")]),
        ('Japan’s defence minister called the launch "reckless, and said that the 5" shells were old.',
         [("reported", "Japan", "that the 5")]),
        ('Seoul’s army chief said that the 12" gun was "useless" and the men of "Unit 731" were brave.',
         [("reported", "South Korea", "that the 12"), ("quote", "South Korea", '"useless"'),
          ("reported", "South Korea", "and the men"), ("quote", "South Korea", '"Unit 731"'),
          ("reported", "South Korea", "were brave.")]),
        ("Seoul's claim that drones crossed the border is old.",
         [("reported", "South Korea", "that drones crossed the border")]),
    ],
)  # fmt: skip
def test_speech(text, expected):
    found = spoken(text)
    assert [(voice, speaker) for voice, speaker, _ in found] == [(voice, speaker) for voice, speaker, _ in expected]
    for (_, _, text), (_, _, part) in zip(found, expected, strict=True):
        assert text.startswith(part)


@pytest.mark.weights
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Joint Chiefs of Staff said it was late. “It is over,” a spokesman said.",
         [("reported", "Joint Chiefs of Staff"), ("quote", "Joint Chiefs of Staff")]),
        ("South Korea's unification ministry protested. “We wait,” a ministry official said. The official, "
         "who asked not to be named, hinted that more would come. The unification minister told parliament "
         "to be calm, adding that the door was open.",
         [("quote", "South Korea"), ("reported", "South Korea"), ("reported", "South Korea"),
          ("reported", "South Korea")]),
        ("Han Se-rin studies money. Dr Han's own advice is odd: “Offer the North something.”",
         [("quote", "Han Se-rin")]),
        ("Choi Young-jin: “We have no money at all.” The mayor: “We will find some of it.”",
         [("quote", "Choi Young-jin"), ("quote", "")]),
        ("Kim Jong Un was quoted by KCNA as saying that it was late. KCNA quoted him as saying that he knew.",
         [("reported", "Kim Jong Un"), ("reported", "Kim Jong Un")]),
        ("A senior U.S. official said that Tokyo knew. He added that Seoul did not.",
         [("reported", "United States"), ("reported", "United States")]),
        ("Paul Mercer left. A woman said she had walked. “I ate grass,” she said.",
         [("reported", ""), ("quote", "")]),
        ("The spokesman for the Ministry of Defence of the DPRK said in a statement that it was war. Tokyo laughed.",
         [("reported", "North Korea")]),
        ("The United Nations Command asked both sides to wait, and Washington urged the North to return.",
         [("reported", "United Nations Command"), ("reported", "United States")]),
        ("The launch signalled that talks were over. We believe that it was wrong. Note that it is late. It "
         "would be naive to think that Kim will answer. The drill was dubbed “Freedom Shield”.", []),
        ("North Korea has denied that it sells arms; Ukraine has said that it does.",
         [("reported", "North Korea"), ("reported", "Ukraine")]),
        ("SEOUL (Agency) - The North has closed a road, the government in Seoul said on Thursday.",
         [("reported", "South Korea")]),
        ("Japan, a sworn enemy of the Korean people, did not fail to join in the chorus: its ruling quarters "
         "welcomed the drill and babbled.", []),
    ],
)  # fmt: skip
def test_speakers_who_are_not_named(text, expected):
    assert [(voice, speaker) for voice, speaker, _ in spoken(text)] == expected


@pytest.mark.weights
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Q: Will you respond to the launch?\nMR. PARK: Japan stands with us. We condemn the launch.\n"
         "MS. CHOI: Let me add that we are sad.",
         [("Q: ", "author"), ("Will you respond to the launch?", ""), ("MR. PARK: ", "author"),
          ("Japan stands with us. ", "Park"), ("We condemn the launch.", "Park"), ("MS. CHOI: ", "author"),
          ("Let me add that we are sad.", "Choi")]),
        ("Kim Min-ho spoke.\n\nREPORTER:\nWhy?\n\nDr. Kim (smiling): It is “late”.\n\nNobody knows.",
         [("Kim Min-ho spoke.", "author"), ("REPORTER: ", "author"), ("Why?", ""), ("Dr. Kim (smiling): ", "author"),
          ("It is “late”.", "Kim Min-ho"), ("Nobody knows.", "Kim Min-ho")]),
        ("Weekly: Why now?\nThae Min-ho: I fled.\nWeekly: Alone?\nThae Min-ho: With her.",
         [("Weekly: ", "author"), ("Why now?", "Weekly"), ("Thae Min-ho: ", "author"), ("I fled.", "Thae Min-ho"),
          ("Weekly: ", "author"), ("Alone?", "Weekly"), ("Thae Min-ho: ", "author"), ("With her.", "Thae Min-ho")]),
        ("It began.\nQ Karine, why?\nMS. JEAN-PIERRE: We are sad.\nQ And Seoul?\nMS. JEAN-PIERRE: So is Seoul.",
         [("It began.", "author"), ("Q", "author"), ("Karine, why?", ""), ("MS. JEAN-PIERRE:", "author"),
          ("We are sad.", "Jean-Pierre"), ("Q", "author"), ("And Seoul?", ""), ("MS. JEAN-PIERRE:", "author"),
          ("So is Seoul.", "Jean-Pierre")]),
        ("Background: The two sides met.\nOutlook: Nobody knows.",
         [("Background:", "author"), ("The two sides met.", "author"), ("Outlook:", "author"),
          ("Nobody knows.", "author")]),
    ],
)  # fmt: skip
def test_turns_of_a_transcript(text, expected):
    article = parse_article(text)
    voices = find_voices(article)
    check_voices(article, voices)
    assert [(text.rstrip(), who) for text, who in zip(voices["text"], voices["speaker"], strict=True)] == [
        (text.rstrip(), who) for text, who in expected
    ]
    assert set(voices.loc[voices["speaker"] != "author", "voice"]) <= {"quote"}


@pytest.mark.weights
def test_parts_meet_after_the_space_and_before_the_comma():
    article = parse_article("SEOUL (Agency) - Tokyo knew, Kim Jong Un said. “We wait,” he added.")
    assert list(find_voices(article)["text"]) == [
        "SEOUL (Agency) - ", "Tokyo knew", ", Kim Jong Un said.", "“We wait,” ", "he added.",
    ]  # fmt: skip


def test_without_a_parser_long_quotations_are_found(blank_profile):
    text = "He wrote: “We will never come back again.” The “peace village” is empty."
    assert spoken(text, blank_profile) == [("quote", "", "“We will never come back again.”")]


def test_joined_names_do_no_harm_where_nothing_is_parsed(blank_profile):
    text = "The U.S.-South Korean drill angered Kim Jong Un. U.S.-Japan talks went on."
    article = parse_article(text, profile=blank_profile)
    check_voices(article, find_voices(article))
    assert not any([*token.children] for token in article.doc)


@settings(max_examples=150, deadline=None)
@given(text=TEXTS)
def test_parts_cover_any_text(blank_profile, text):
    try:
        article = parse_article(text, profile=blank_profile)
    except ArticleError:
        return
    check_voices(article, find_voices(article))
