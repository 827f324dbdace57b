"""What the notebooks say and show is right English, escaped, and there for empty tables too."""

import html
import re
from types import SimpleNamespace

import fabricated
import pandas as pd
import pytest

from korea_nlp import prose
from korea_nlp.agreement.corrections import apply_corrections
from korea_nlp.prose import caution, interpretation, markup
from korea_nlp.stance import PAIRS, aggregate_stance

NASTY = '<script>alert("1")</script> *bold* [link](http://x) $5 and $6 `code` # | ~ _ \\ &amp;'


@pytest.fixture
def article():
    return fabricated.article()


@pytest.fixture
def nothing(article):
    """The tables of an article in which nobody is named."""
    mentions = fabricated.mentions(article).head(0)
    stance = pd.DataFrame(columns=PAIRS)
    voices = fabricated.voices(article).assign(voice="author", speaker="author", cue="")
    return SimpleNamespace(mentions=mentions, stance=stance, pairs=aggregate_stance(stance), voices=voices)


def summary(article, method="abstractive"):
    made = fabricated.summary(article, method)
    made.sentences["origin"] = ["written", "written", "extracted"]
    return made


def plain(markdown):
    return html.unescape(re.sub(r"</?span>", "", markdown))


def test_escaped_text_reads_the_same_and_does_nothing():
    written = markup.escaped(NASTY)
    assert plain(written).replace("&", "&amp;", 0) == NASTY
    assert not re.search(r"[<>*\[\]`|~_\\#]", re.sub(r"</?span>|&#\d+;", "", written))
    assert "$" not in written
    assert markup.quoted("a\n b") == "“a b”"


def test_markdown_of_an_escaped_text_has_no_elements():
    from markdown_it import MarkdownIt

    page = MarkdownIt("commonmark").render(f"- {markup.quoted(NASTY)}")
    assert set(re.findall(r"<(\w+)", page)) == {"ul", "li", "span"}
    assert html.unescape(re.sub("<[^>]+>", "", page)).strip() == f"“{NASTY}”"


def test_tables_escape_round_and_do_not_cut():
    frame = pd.DataFrame({
        "a_b": [NASTY, "x" * 500], "number": [-0.001, 0.126], "list": [[1, 2], []], "yes": [True, False],
        "none": [None, float("nan")],
    })  # fmt: skip
    page = markup.table(frame).data
    assert "<script" not in page
    assert "$" not in page
    assert "x" * 500 in page
    assert ">0.00<" in page
    assert ">0.13<" in page
    assert ">1, 2<" in page
    assert ">yes<" in page
    assert "nan" not in page
    assert "a_<wbr>b" in page
    assert "max-height" not in page  # a long table is as long as its page
    assert page == markup.table(frame).data


def test_an_empty_table_says_so():
    assert "No actor &amp; none" in markup.table(pd.DataFrame(columns=["a"]), "No actor & none").data


def test_the_annotated_article_holds_its_text_once(article):
    page = markup.annotated(article, fabricated.voices(article), fabricated.mentions(article)).data
    body = re.sub(r"<sup.*?</sup>|<span style=\"color[^>]*>\[.*?</span>", "", page.split("</p>", 1)[1])
    read = " ".join(html.unescape(re.sub("<[^>]+>", "", body)).split())
    assert read == " ".join(article.text.split())
    assert 'title="Kim Jong Un (person)"' in page
    assert "[reported: experts]" in page


def test_the_annotated_article_escapes_its_text():
    article = fabricated.article("Say <script>alert(1)</script> for $5 or $6 now. And more.")
    nobody = fabricated.mentions(article).head(0)
    page = markup.annotated(article, fabricated.voices(article), nobody).data
    assert "<script" not in page
    assert "$" not in page


@pytest.mark.parametrize(
    ("items", "said"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b"], "a and b"),
        ("abc", "a, b and c"),
        (range(20), "0, 1, 2 and 17 more"),
    ],
)
def test_lists(items, said):
    assert markup.listed(items, most=3) == said


def test_counts_and_shares():
    assert [markup.counted(n, "pair") for n in (0, 1, 2, 1200)] == [
        "no pairs",
        "1 pair",
        "2 pairs",
        "1,200 pairs",
    ]
    assert [markup.numbered(n) for n in ([], [3], [5, 3, 3])] == [
        "no sentence",
        "sentence 3",
        "sentences 3 and 5",
    ]
    assert [markup.percent(x) for x in (0, 0.001, 0.5, 0.999, 1)] == [
        "0%",
        "under 1%",
        "50%",
        "over 99%",
        "100%",
    ]


def test_describing_an_article():
    text = fabricated.SEED.read_text(encoding="utf-8")
    article = fabricated.article(text, title="A *title*")
    paragraphs = SimpleNamespace(**vars(article), paragraphs=pd.DataFrame({"text": text.split("\n")}))
    said = plain(prose.describe_article(paragraphs))
    assert f"{len(text.split())} words in 13 sentences and 6 paragraphs" in said
    assert "The median sentence has 28 words; the longest, sentence 4, has 38." in said
    assert "The source gives the title “A *title*”." in said
    assert "No author, outlet or date was found" in said


def test_describing_actors(article):
    mentions = fabricated.mentions(article)
    said = plain(prose.describe_actors(mentions, article))
    assert "**9 actors** are named in 24 mentions" in said
    assert "No listed name stands in sentences 10, 11 and 12." in said
    one = mentions[mentions["actor"] == "Russia"]
    assert "**1 actor** is named in 1 mention. Most often: Russia, 1 mention, in 1 of" in plain(
        prose.describe_actors(one, article)
    )
    assert "Every actor goes by a single name." in prose.describe_names(one)
    assert "found by the model: Russia" in prose.describe_names(one.assign(found_by="entity"))


def test_describing_summaries(article):
    made = [summary(article), summary(article, "lead")]
    compared = interpretation.compare_summaries(made, article)
    assert list(compared["shared_with_lead"]) == [1, 1]
    assert "100% of their words in common" in plain(prose.describe_comparison(compared))
    said = plain(prose.describe_support(made[0]))
    assert "supports 2 of 3 sentences" in said
    assert "The model wrote 2; 1 sentence of the article stands" in said
    assert "**Not supported** (support 0.04): “The United States has signed" in said


def test_describing_voices(article):
    shares = interpretation.voice_shares(fabricated.voices(article))
    assert shares["share"].sum() == pytest.approx(1)
    said = plain(prose.describe_voices(shares, fabricated.mentions(article)))
    assert "Given the word: experts (30 words)." in said
    assert "Named, but never given the word: " in said


def test_words_are_what_stands_between_white_space_and_marks_alone_are_none():
    parts = ["“Anti-armor talks,", "”", " it said – twice."]
    voices = pd.DataFrame(
        {"speaker": ["N", "", "author"], "voice": ["quote", "quote", "author"], "text": parts}
    )
    assert [interpretation.count_words(part) for part in parts] == [2, 1, 4]
    shares = interpretation.voice_shares(voices).set_index("speaker")["words"]
    assert shares.to_dict() == {"author": 3, "N": 2, "": 0}


def test_describing_stances(article):
    stance = fabricated.stance(article)
    pairs = aggregate_stance(stance)
    assert "It reads a side in **8** (2 in favor, 6 against), abstains in 1" in prose.describe_sides(pairs)
    said = plain(prose.describe_evidence(pairs, stance, most=2)).split("\n")
    assert len(said) == 2
    assert said[0].startswith("- **North Korea → South Korea: against**, in 3 (1 to 4) of 4 sentences; ")
    assert said[1].startswith("- **South Korea → North Korea: against**, in 1 (1 to 1) of 1 sentence; ")
    assert "Sentence 7 (against, probability 0.97): “North Korea’s announcement" in said[1]
    counts = interpretation.side_counts(pairs)
    assert counts.loc[counts["name"] == "North Korea", "holds_against"].iloc[0] == 2
    assert "most sides are taken by **North Korea**" in prose.describe_roles(
        counts, ["North Korea", "Russia"]
    )
    assert "Actors without a side: Russia." in prose.describe_roles(counts, ["North Korea", "Russia"])


def test_leaving_a_sentence_out(article):
    stance = fabricated.stance(article)
    left_out = caution.leave_one_out(stance, aggregate_stance(stance)).set_index(["holder", "target"])
    assert left_out.loc[("South Korea", "North Korea"), "changes"] == ["7: gone"]
    assert left_out.loc[("North Korea", "South Korea"), "carried_by"] == [0, 4, 5]
    assert left_out.loc[("North Korea", "South Korea"), "changes"] == []
    said = caution.describe_stability(left_out.reset_index())
    assert "Of 8 pairs with a side, **7** rest on one sentence only." in said
    assert "1 keeps its side whichever sentence is left out: North Korea against South Korea." in said


def test_the_unclear_names_what_it_wavers_between(article):
    unclear = caution.unclear_sentences(fabricated.stance(article))
    assert list(unclear["between"]) == ["against or none"]
    assert "1 pair stays unclear" in caution.describe_unclear(
        unclear, aggregate_stance(fabricated.stance(article))
    )


def test_the_author_is_warned_of_where_others_speak(article):
    stance = fabricated.stance(article)
    own = stance[stance["holder"] == "author"].assign(sentence=8)
    said = caution.describe_author(own, fabricated.voices(article))
    assert "**1** of these readings is of sentence 8, which also holds what others say" in said
    assert "None of these sentences holds" in caution.describe_author(stance, fabricated.voices(article))


def test_invented_sentences_are_wrong_in_the_way_they_say(article):
    made = caution.invent(article, fabricated.mentions(article)).set_index("kind")["text"]
    assert made["as it stands"] in set(article.sentences["text"])
    assert made["denied"].startswith("It is not true that ")
    swapped = made["actors exchanged"]
    assert swapped != made["as it stands"]
    assert sorted(re.findall(r"\w+", swapped)) == sorted(re.findall(r"\w+", made["as it stands"]))
    checked = pd.DataFrame({"kind": ["denied"], "true": [False], "supported": [True], "support": [0.9]})
    assert "right about 0 of 1 sentences. It lets pass what is invented (denied, support 0.90)" in plain(
        caution.describe_caught(checked)
    )


def test_doubts_are_counted(article):
    stance, mentions = fabricated.stance(article), fabricated.mentions(article)
    left_out = caution.leave_one_out(stance, aggregate_stance(stance))
    said = plain(
        caution.list_doubts(article, mentions, fabricated.voices(article), left_out, summary(article))
    )
    assert "rest on one sentence: **7** of 8" in said
    assert "does not support: **1** of 3 (“The United States has signed" in said
    assert "without a speaker: **0** of 1." in said


def test_quality_is_stated_with_its_baseline():
    rows = [
        ("A task", "neutral", 0.8, None, 9),
        ("A task", "for", 0.4, None, 9),
        ("A task", "macro", 0.6, 0.2, 9),
    ]
    quality = pd.DataFrame(rows, columns=["task", "class", "f1", "baseline_f1", "rows"])
    said = plain(caution.describe_quality(quality))
    assert "**A task** (9 held-out rows): macro-F1 **0.60**" in said
    assert "reaches 0.20. Weakest class: for (0.40); strongest: neutral (0.80)." in said
    assert "No quality has been published" in caution.describe_quality(quality.head(0))


def test_nothing_found_is_said(article, nothing):
    left_out = caution.leave_one_out(nothing.stance, nothing.pairs)
    shares = interpretation.voice_shares(nothing.voices)
    counts = interpretation.side_counts(nothing.pairs)
    parts = interpretation.compare_parts(article, nothing.mentions, nothing.voices, nothing.stance)
    unclear = caution.unclear_sentences(nothing.stance)
    assert "No actor was found" in prose.describe_actors(nothing.mentions, article)
    assert "no names" in prose.describe_names(nothing.mentions)
    assert "Nobody but the writer" in prose.describe_voices(shares, nothing.mentions)
    assert "no pair to ask about" in prose.describe_sides(nothing.pairs)
    assert prose.describe_evidence(nothing.pairs, nothing.stance) == "No side was found."
    assert "author takes" in prose.describe_evidence(nothing.pairs, nothing.stance, holder="author")
    assert "Nobody" in prose.describe_roles(counts, [])
    assert "0, 0 and 0 against" in prose.describe_parts(parts)
    assert "abstains nowhere" in caution.describe_unclear(unclear, nothing.pairs)
    assert "no side" in caution.describe_stability(left_out)
    assert "no stance of the author" in caution.describe_author(nothing.stance, nothing.voices)
    assert "actors exchanged" not in set(caution.invent(article, nothing.mentions)["kind"])
    assert "**0** of 0" in caution.list_doubts(
        article, nothing.mentions, nothing.voices, left_out, summary(article)
    )


def test_short_articles_have_no_middle():
    article = fabricated.article("One sentence here. Another one there.")
    voices = fabricated.voices(article)
    nobody, none = fabricated.mentions(article).head(0), pd.DataFrame(columns=PAIRS)
    assert "too short" in prose.describe_parts(interpretation.compare_parts(article, nobody, voices, none))


def test_corrections_lie_on_top(article):
    voices = fabricated.voices(article)
    before = voices.copy()
    row = voices.iloc[3]
    fix = {"sentence": row.sentence, "start": row.start, "field": "speaker", "predicted": "author"}
    corrections = pd.DataFrame([fix | {"corrected": "experts", "who": "me", "note": ""}])
    corrected = apply_corrections(voices, corrections)
    pd.testing.assert_frame_equal(voices, before)
    assert corrected.loc[3, ["speaker", "corrected_by"]].tolist() == ["experts", "me"]
    assert (corrected["corrected_by"] != "").sum() == 1
    for change, problem in [
        ({"start": 9999}, "fits no row"),
        ({"field": "mood"}, "no column 'mood'"),
        ({"predicted": "KCNA"}, "'KCNA'"),
    ]:
        with pytest.raises(ValueError, match=problem):
            apply_corrections(voices, corrections.assign(**change))
    with pytest.raises(ValueError, match="no column who"):
        apply_corrections(voices, corrections.drop(columns="who"))


def test_paths_are_found_from_anywhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert interpretation.from_root("seeds/000_1217f8f2cf5bd169.txt") == str(fabricated.SEED)
    assert interpretation.from_root("https://example.org/a") == "https://example.org/a"
    (tmp_path / "mine.txt").write_text("x")
    assert interpretation.from_root("mine.txt") == "mine.txt"
