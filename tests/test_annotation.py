from pathlib import Path

import pytest
from hypothesis import given, settings
from plain import TEXTS, check_mentions, check_sentences, check_voices, profile

from korea_nlp.actors import find_actors
from korea_nlp.annotation import find_voices
from korea_nlp.article import parse_article
from korea_nlp.errors import ArticleError

SEED = Path(__file__).parent.parent / "seeds" / "000_1217f8f2cf5bd169.txt"


@pytest.fixture(scope="session")
def plain(tmp_path_factory):
    return profile(tmp_path_factory.mktemp("language"))


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
        ("reported", "Kim Jong Un", "the South to"),
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
        ("According to analysts, the Kremlin is pleased. They warned that tests would go on.",
         [("reported", "experts", ", the Kremlin is pleased."),
          ("reported", "experts", "that tests would go on.")]),
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
        ("Seoul's claim that drones crossed the border is old.",
         [("reported", "South Korea", "that drones crossed the border")]),
    ],
)  # fmt: skip
def test_speech(text, expected):
    found = spoken(text)
    assert [(voice, speaker) for voice, speaker, _ in found] == [
        (voice, speaker) for voice, speaker, _ in expected
    ]
    for (_, _, text), (_, _, part) in zip(found, expected, strict=True):
        assert text.startswith(part)


def test_without_a_parser_long_quotations_are_found(plain):
    text = "He wrote: “We will never come back again.” The “peace village” is empty."
    assert spoken(text, plain) == [("quote", "", "“We will never come back again.”")]


@settings(max_examples=150, deadline=None)
@given(text=TEXTS)
def test_parts_cover_any_text(plain, text):
    try:
        article = parse_article(text, profile=plain)
    except ArticleError:
        return
    check_voices(article, find_voices(article))


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
