"""A language model that only splits sentences, texts of all kinds, and what must hold for every article."""

import spacy
from hypothesis import strategies as st

PIECES = [
    "North Korea", "the South", "Kim", "Kim Yo Jong", "said", "U.S.", "’s", "“", "”", '"', "'", "‘", "’",
    "«", "»", ".", "?!", ",", ":", ";", " ", "  ", "\n", "\n\n", "\r\n", "\t", "\u200b", "\u00a0", "\u2028",
    "한국", "e\u0301", "🇰🇷", "(", ")", "the North and", "according to", "-", "experts", "who warned that",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=40).map("".join)


def profile(folder):
    """The path of a profile with that language model."""
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    nlp.to_disk(folder / "blank")
    path = folder / "blank.toml"
    path.write_text(f"language = '{folder / 'blank'}'\nentailment = 'none/none'\n", encoding="utf-8")
    return str(path)


def check_sentences(article):
    assert article.doc.text == article.text
    last = 0
    for row in article.sentences.itertuples():
        assert article.text[row.start : row.end] == row.text == row.text.strip() != ""
        assert row.start >= last
        last = row.end
        paragraph = article.paragraphs.iloc[row.paragraph - 1]
        assert paragraph.start <= row.start <= row.end <= paragraph.end
    assert list(article.sentences["sentence"]) == list(range(1, len(article.sentences) + 1))


def check_mentions(article, mentions):
    last = 0
    for row in mentions.itertuples():
        assert article.text[row.start : row.end] == row.text == row.text.strip() != ""
        assert row.start >= last
        last = row.end
        sentence = article.sentences.iloc[row.sentence - 1]
        assert sentence.start <= row.start < sentence.end
        assert sentence.paragraph == row.paragraph
        assert row.actor
        assert row.kind in ("state", "person", "organisation", "collective")
        assert row.found_by in ("alias", "entity")


def check_voices(article, voices):
    assert set(voices["sentence"]) == set(article.sentences["sentence"])
    for sentence, parts in voices.groupby("sentence"):
        assert "".join(parts["text"]) == article.sentences["text"].iloc[sentence - 1]
    for row in voices.itertuples():
        assert article.text[row.start : row.end] == row.text
        assert row.voice in ("quote", "reported", "author")
        assert (row.voice == "author") == (row.speaker == "author")
