import pytest
from hypothesis import given, settings
from invariants import TEXTS, check_mentions, check_sentences, check_voices

from korea_nlp.actors import find_actors
from korea_nlp.article import parse_article
from korea_nlp.errors import ArticleError
from korea_nlp.quotes import find_voices
from korea_nlp.references import antecedents, references


@pytest.mark.weights
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("North Korea has mined its border. The move, taken by the North Korean military, worries Seoul.",
         {"its": "North Korea", "The move": "North Korea", "the North Korean military": "North Korea"}),
        ("Pyongyang closed the road. The decision surprised its southern neighbor.",
         {"The decision": "North Korea", "its southern neighbor": "South Korea"}),
        ("Tokyo and Kim Jong Un met. His diplomats praised the country.", {"His diplomats": "North Korea"}),
        ("A veto by Russia followed, and Japan condemned it. The move pleased nobody.",
         {"A veto": "Russia", "it": "Russia", "The move": "Russia"}),
        ("A text was vetoed by Russia, and the veto was condemned by Japan.", {"the veto": "Russia"}),
        ("Russia watched the launch.", {}),
        ("Balloons from the North came down. Rain fell. Farmers slept. Seoul has condemned every balloon.",
         {"Balloons": "North Korea", "every balloon": "North Korea"}),
        ("Tokyo deplored the test by the North and a test by Russia. Seoul condemned every test.",
         {"the test": "North Korea", "a test": "Russia"}),
        ("It is naive to hope. Russia and Japan talked, and the country was silent.", {}),
        ("Kim declared the South to be its enemy.", {}),
        ("“It has found a customer,” Han Se-rin said.", {}),
    ],
)  # fmt: skip
def test_antecedents(text, expected):
    article = parse_article(text)
    found = antecedents(article, find_actors(article))
    assert dict(zip(found["text"], found["actor"], strict=True)) == expected
    check_spans(article, found)


def check_spans(article, found):
    assert list(found.columns) == ["sentence", "start", "end", "text", "actor"]
    last = 0
    for row in found.itertuples():
        assert article.text[row.start : row.end] == row.text
        assert last <= row.start < row.end
        sentence = article.sentences.iloc[row.sentence - 1]
        assert sentence["sentence"] == row.sentence
        assert sentence["start"] <= row.start < sentence["end"]
        last = row.end


@pytest.mark.weights
def test_the_references_of_the_same_mentions_are_read_once():
    article = parse_article("Seoul waited. It was calm.")
    mentions = find_actors(article)
    found = references(article.doc, mentions)
    assert references(article.doc, mentions.copy()) is found
    fewer = references(article.doc, mentions.iloc[:0])
    assert fewer is not found
    assert not fewer.actor


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
    check_spans(article, antecedents(article, mentions))
