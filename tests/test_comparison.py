"""Several articles side by side: what is read, what is passed over, and what is said of them."""

import re
from types import SimpleNamespace

import pandas as pd
import pytest
from test_prose import without_markup

from korea_nlp.errors import ArticleError, KoreaNLPError
from korea_nlp.prose import comparison

TEXT = (
    "---\ntitle: {title}\noutlet: {outlet}\n---\n"
    "The talks ended on Monday in the capital without any result. "
    "Nobody wanted to say when the next round of talks would be held, or where.\n"
)
NAMES = {"a": "Paper A", "b": "Paper <B>"}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "one.md").write_text(TEXT.format(title="Talks end", outlet="The Sheet"))
    (tmp_path / "two.md").write_text(TEXT.format(title="Talks fail", outlet="The Sheet"))
    (tmp_path / "broken.txt").write_text("Nothing.")
    (tmp_path / "README.md").write_text("# What is here\n")
    (tmp_path / "table.csv").write_text("a,b\n")
    return tmp_path


def test_a_folder_is_read_and_what_is_no_article_is_named(folder, tiny_models_profile):
    articles, refused = comparison.read_folder(folder, profile=tiny_models_profile)
    assert [article.title for article in articles] == ["Talks end", "Talks fail"]
    assert list(refused) == ["broken.txt"]
    assert "too short" in refused["broken.txt"]
    assert list(comparison.names_of(articles).values()) == ["The Sheet", "The Sheet (two)"]


def test_an_article_beside_the_folder_comes_first_and_only_once(folder, tiny_models_profile):
    articles, _ = comparison.read_folder(folder, folder / "two.md", tiny_models_profile)
    assert [article.name for article in articles] == ["two", "one"]
    with pytest.raises(ArticleError):
        comparison.read_folder(folder, folder / "nowhere.md", tiny_models_profile)


def test_a_folder_without_articles_is_refused_in_a_line(tmp_path, tiny_models_profile):
    for place in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(KoreaNLPError, match=r"folder|holds no article"):
            comparison.read_folder(place, profile=tiny_models_profile)


def test_outlets_in_words():
    articles = pd.DataFrame(
        [("a", "2025-02-03", "Paper A", 100), ("b", None, None, 200)],
        columns=["article", "date", "outlet", "words"],
    )
    said = without_markup(comparison.describe_outlets(articles, {"x.txt": "is <empty>"}))
    assert said.startswith("**2 articles** with 300 words from 1 outlet; 1 article names no outlet. ")
    assert said.endswith("1 article is dated 2025-02-03. Passed over: x.txt (is <empty>).")
    assert "<empty>" not in comparison.describe_outlets(articles, {"x.txt": "is <empty>"})


def test_articles_without_a_date_are_not_counted_as_dated():
    articles = pd.DataFrame({"date": ["2025-02-03", None, "2025-01-01"], "outlet": None, "words": 9})
    said = without_markup(comparison.describe_outlets(articles, {}))
    assert said.endswith(" 2 articles are dated from 2025-01-01 to 2025-02-03.")
    assert " 1 article is dated 2025-02-03." in without_markup(comparison.describe_outlets(articles.head(2), {}))
    assert "They are dated 2025-02-03." in without_markup(comparison.describe_outlets(articles.head(1), {}))


def test_sentences_bear_their_numbers(folder, tiny_models_profile):
    articles, _ = comparison.read_folder(folder, profile=tiny_models_profile)
    written = comparison.with_numbers(articles, {"one": "A <b>", "two": "B"})
    assert without_markup(written).split("\n\n")[0].startswith("**A <b>**: <sup>1</sup> The talks ended on Monday")
    assert "<b>" not in written
    sentences = pd.DataFrame({"text": ["Nobody came.", "It ended."], "evidence": [[4], [7]]})
    article = SimpleNamespace(name="a", title="End")
    reading = SimpleNamespace(article=article, summaries={"extractive": SimpleNamespace(sentences=sentences)})
    (row,) = comparison.summaries_of([reading], NAMES).to_numpy().tolist()
    assert row == ["Paper A", "End", "(4) Nobody came. (7) It ended."]


def test_a_deed_of_two_or_upon_two_is_one_row():
    events = pd.DataFrame(
        [(1, "S", "fired", "N", -10.0), (5, "U", "met both", "S", 3.0), (5, "U", "met both", "N", 3.0),
         (5, "S", "met both", "N", 3.0), (5, "S", "met both", "", 3.0)],
        columns=["sentence", "actor", "text", "target", "intensity"],
    ).assign(start=lambda rows: rows["sentence"] * 10, end=99, category="MEET")  # fmt: skip
    reading = SimpleNamespace(article=SimpleNamespace(name="a"), events=events)
    deeds = comparison.events_of([reading], NAMES)
    assert deeds[["actor", "target"]].to_numpy().tolist() == [["S", "N"], ["U, S", "S, N"]]
    reading.events = events.head(0)
    assert comparison.events_of([reading], NAMES).empty


def test_which_pairs_keep_their_side():
    rows = [
        ("a", "N", "S", "against"), ("b", "N", "S", "against"), ("a", "S", "N", "favor"),
        ("b", "S", "N", "against"), ("a", "R", "N", "favor"), ("b", "R", "N", "unclear"),
    ]  # fmt: skip
    pairs = pd.DataFrame(rows, columns=["article", "holder", "target", "stance"])
    written = comparison.describe_shared(pairs, NAMES)
    assert "<B>" not in written
    assert without_markup(written) == (
        "The machine finds **3 pairs** in which one is for or against the other. "
        "1 stance is found in more than one article; 1 pair takes different sides. "
        "The same side in several articles: N is against S (2 articles).\n\n"
        "Different sides in different articles:\n\n- S on N: against in Paper <B>; for in Paper A."
    )
    assert "No article" in comparison.describe_shared(pairs.head(0), NAMES)


def test_pairs_that_change_are_a_list_and_writers_never_count_as_one():
    from markdown_it import MarkdownIt

    rows = [(a, h, t, side) for h, t in (("S", "N"), ("author", "N"), ("author", "S"))
            for a, side in (("a", "favor"), ("b", "against"))]  # fmt: skip
    pairs = pd.DataFrame(rows, columns=["article", "holder", "target", "stance"])
    written = comparison.describe_shared(pairs, NAMES)
    assert without_markup(written).split("\n")[2:] == [
        "Different sides in different articles:",
        "",
        "- S on N: against in Paper <B>; for in Paper A.",
        "",
        "As the machine reads them, the writers of the articles differ on:",
        "",
        "- N: against in Paper <B>; for in Paper A.",
        "- S: against in Paper <B>; for in Paper A.",
    ]
    page = MarkdownIt("commonmark").render(written)
    assert page.count("<li>") == 3
    same = comparison.describe_shared(pairs.assign(stance="favor").iloc[2:4], NAMES)
    last = without_markup(same).rpartition("\n\n")[2]
    assert last == "As the machine reads them, in 2 articles the writer is for N."
    assert "The same side" not in same
    assert "writer" not in comparison.describe_shared(pairs.head(2), NAMES)
    once = comparison.describe_shared(pairs.iloc[[0, 1, 2]], NAMES)
    assert "writer" not in once  # one author alone is compared with nobody
    many = pd.concat([pairs.iloc[:2].assign(holder=f"H{n}") for n in range(15)])
    assert comparison.describe_shared(many, NAMES).endswith("\n- 3 more.")


def test_who_gets_space():
    shares = pd.DataFrame(
        [("a", "author", "author", 0.5), ("a", "N", "quote", 0.5), ("b", "author", "author", 1.0)],
        columns=["article", "speaker", "voice", "share"],
    )
    mentions = pd.DataFrame([("a", "N"), ("b", "N"), ("a", "S"), ("b", "S"), ("b", "R")], columns=["article", "actor"])
    written = comparison.describe_space(shares, mentions, NAMES)
    assert "<B>" not in written
    own, silent = without_markup(written).split(". ")
    assert re.search(r"writer’s own words [^%]*largest [^%]*Paper <B> \(100%\) and smallest [^%]*Paper A \(50%\)$", own)
    tied = shares.query("voice == 'author'").assign(share=0.5)
    assert "Paper A and Paper <B> (50%). " in without_markup(comparison.describe_space(tied, mentions, NAMES))
    assert re.search(r"never found speaking: S \(2 articles\)\.$", silent)
