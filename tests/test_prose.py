"""What the notebooks say and show is right English, escaped, and there for empty tables too."""

import html
import re
from dataclasses import replace
from types import SimpleNamespace

import made_up_reading
import pandas as pd
import pytest
from test_report import reading

from korea_nlp.paths import from_root
from korea_nlp.prose import markup
from korea_nlp.prose.actors import (
    actor_table,
    describe_actors,
    describe_article,
    describe_names,
    describe_voices,
    voice_shares,
    words_in,
)
from korea_nlp.prose.commentary import load_commentary, show_commentary
from korea_nlp.prose.doubts import describe_disputes, list_doubts
from korea_nlp.prose.events import describe_parts
from korea_nlp.prose.stance import (
    both_ways,
    describe_author,
    describe_both_ways,
    describe_evidence,
    describe_roles,
    describe_sides,
    describe_stability,
    leave_one_out,
    over_the_article,
    sided_sentences,
    unclear_sentences,
)
from korea_nlp.prose.summary import (
    describe_caught,
    describe_comparison,
    describe_losses,
    describe_support,
    invented_claims,
    summary_changes,
)
from korea_nlp.stance import PAIRS
from korea_nlp.stance.overall import aggregate_stance

NASTY = '<script>alert("1")</script> *bold* [link](http://x) $5 and $6 `code` # | ~ _ \\ &amp;'


@pytest.fixture
def article():
    return made_up_reading.article()


@pytest.fixture
def nothing(article):
    """The tables of an article in which nobody is named."""
    mentions = made_up_reading.mentions(article).head(0)
    stance = pd.DataFrame(columns=PAIRS)
    voices = made_up_reading.voices(article).assign(voice="author", speaker="author", cue="")
    return SimpleNamespace(mentions=mentions, stance=stance, pairs=aggregate_stance(stance), voices=voices)


def summary(article, method="abstractive"):
    made = made_up_reading.summary(article, method)
    made.sentences["origin"] = ["written", "written", "extracted"]
    return made


def without_markup(markdown):
    return html.unescape(re.sub(r"</?span>", "", markdown))


def test_escaped_text_reads_the_same_and_does_nothing():
    written = markup.escaped(NASTY)
    assert without_markup(written).replace("&", "&amp;", 0) == NASTY
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
    assert ">a b<" in page
    assert "max-height" not in page  # a long table is as long as its page
    assert "No actor &amp; none" in markup.table(pd.DataFrame(columns=["a"]), "No actor & none").data


def test_the_annotated_article_holds_its_text_once(article):
    page = markup.annotated(article, made_up_reading.voices(article), made_up_reading.mentions(article)).data
    body = re.sub(r"<sup.*?</sup>|<span style=\"color[^>]*>\[.*?</span>", "", page.split("</p>", 1)[1])
    read = " ".join(html.unescape(re.sub("<[^>]+>", "", body)).split())
    assert read == " ".join(article.text.split())
    assert 'title="Kim Jong Un (person)"' in page
    assert "[experts]" in page


def test_the_annotated_article_escapes_its_text():
    article = made_up_reading.article("Say <script>alert(1)</script> for $5 or $6 now. And more.")
    nobody = made_up_reading.mentions(article).head(0)
    page = markup.annotated(article, made_up_reading.voices(article), nobody).data
    assert "<script" not in page
    assert "$" not in page


def test_lists():
    said = [markup.listed(items, most=3) for items in ([], ["a"], ["a", "b"], "abc", range(20))]
    assert said == ["", "a", "a and b", "a, b and c", "0, 1, 2 and 17 more"]


def test_counts_and_shares():
    assert [markup.counted(n, "pair") for n in (0, 1, 1200)] == ["no pairs", "1 pair", "1,200 pairs"]
    assert [markup.times(n) for n in (1, 2, 3, 1200)] == ["once", "twice", "3 times", "1,200 times"]
    assert [markup.numbered(n) for n in ([], [3], [5, 3, 3])] == ["no sentence", "sentence 3", "sentences 3 and 5"]
    assert [markup.percent(x) for x in (0, 0.001, 0.5, 0.999, 1)] == ["0%", "under 1%", "50%", "over 99%", "100%"]


def test_describing_an_article():
    text = made_up_reading.SEED.read_text(encoding="utf-8")
    article = made_up_reading.article(text, title="A *title*")
    paragraphs = SimpleNamespace(**vars(article), paragraphs=pd.DataFrame({"text": text.split("\n")}))
    said = without_markup(describe_article(paragraphs))
    assert f"{len(text.split())} words in 13 sentences and 6 paragraphs" in said
    assert re.search(r"first sentence [^.]*\b1\b[^.]* last [^.]*\b13\b", said)
    assert "The file gives the title “A *title*”." in said
    assert "It does not say its author, outlet or date" in said


def test_describing_actors(article):
    mentions = made_up_reading.mentions(article)
    said = without_markup(describe_actors(mentions, article))
    assert "**9 actors**, named 24 times in all." in said
    assert "the General Staff, Russia, the United States" in said
    assert said.endswith("In sentences 11, 12 and 13, the machine found no actor.")  # which is not "nobody is named"
    one = mentions[mentions["actor"] == "Russia"]
    assert "**1 actor**, named 1 time in all. Russia is named most often: 1 time, in 1 of 13" in without_markup(
        describe_actors(one, article)
    )
    assert "Every actor goes by one name." in describe_names(one)
    many = actor_table(mentions)
    assert many["mentions"].is_monotonic_decreasing
    assert many.loc[0, "actor"] == "North Korea"
    assert "Known to the language model alone: Russia" in describe_names(one.assign(found_by="entity"))


def test_the_names_of_an_actor_are_counted_so_that_adjectives_are_seen(article):
    said = without_markup(describe_names(made_up_reading.mentions(article)))
    assert said.startswith("North Korea ")
    assert re.findall(r"“(.+?)” \((.+?)\)", said) == [
        ("North Korea", "5 times"), ("North Korean", "4 times"), ("Pyongyang", "once"),
    ]  # fmt: skip


def made_of(article, *rows, method="abstractive"):
    """A summary of sentences: (text, numbers of article sentences)."""
    texts = article.sentences.set_index("sentence")["text"]
    table = [
        (n, text, 0.9, True, "extracted" if text == texts[at[0]] else "written", at, " ".join(texts[i] for i in at))
        for n, (text, at) in enumerate(rows, 1)
    ]
    columns = ["position", "text", "support", "supported", "origin", "evidence", "evidence_text"]
    return made_up_reading.MadeUpSummary(method, pd.DataFrame(table, columns=columns))


def test_describing_summaries(article):
    said = without_markup(describe_support(summary(article)))
    assert said.startswith("The summary has **3 sentences**, made of **6** of the article. Of ")
    assert "2 are joined and shortened and 1 is only shortened." in said
    assert "The check finds support for 2 of them." in said
    assert "Close to" not in said
    assert "**Not supported**: “The United States has signed" in said
    texts = article.sentences["text"]
    made = made_of(article, (texts[0], [1]), (f"{texts[1]} {texts[2]}", [2, 3]), (texts[3], [4]))
    said = without_markup(describe_support(made))
    assert "made of **4** of the article. Of its sentences, 1 is only joined and 2 are copied unchanged." in said
    assert said.endswith("finds support for all of them.")
    made.sentences["support"] = [0.9, 0.55, 0.3]
    assert re.search(r"Close to [^.]*0\.5: sentence 2 of the summary\.$", without_markup(describe_support(made)))


def test_what_a_summary_leaves_out_and_puts_in_is_shown():
    article = made_up_reading.article("Seoul, the capital, spoke on Monday. It was a long speech. Nobody replied.")
    made = made_of(article, ("Seoul spoke, and it was a speech.", [1, 2]), ("Nobody replied.", [3]))
    changes = summary_changes(made)
    assert changes["left_out"].tolist() == [["the capital", "on Monday", "long"], []]
    assert changes["put_in"].tolist() == [["and"], []]


def test_what_each_summary_loses_is_stated_by_comparison(article):
    mentions, voices = made_up_reading.mentions(article), made_up_reading.voices(article)
    texts = article.sentences["text"]
    lead = made_of(article, *[(texts[i], [i + 1]) for i in range(3)], method="lead")
    shorter = made_of(article, ("The move is aimed at bolstering defenses.", [2]), (texts[8], [9]))
    said = without_markup(describe_comparison([lead, shorter], article, mentions, voices))
    first, second, _, common = said.split("\n")
    assert "made of sentences 1, 2 and 3. No longer named: " in first
    assert re.search(r"No longer heard: .*experts", first)
    assert re.search(r"made of sentences 2 and 9. No longer named: .*North Korea", second)  # it was left out
    assert "experts" not in second.partition("heard")[2]
    assert common == ("All of them use sentence 2. None uses sentences 4, 5, 6, 7, 8, 10, 11, 12 and 13.")
    whole = made_of(article, *[(text, [n]) for n, text in enumerate(texts, 1)], method="lead")
    said = without_markup(describe_comparison([whole], article, mentions, voices))
    assert "No longer" not in said
    assert "still named" in said
    assert "still heard" in said


def test_a_lost_doer_and_two_voices_in_one_sentence_are_pointed_to():
    article = made_up_reading.article(
        "The raid, led by Russia, failed. Russia said it would return. It is weak. It is old."
    )
    mentions = made_up_reading.mentions(article)
    said, own = article.sentences["text"][1].index("it"), article.sentences["start"]
    parts = [(1, 0, "author", "author"), (2, 0, "author", "author"), (2, said, "reported", "Russia"),
             (3, 0, "author", "author"), (4, 0, "author", "author")]  # fmt: skip
    voices = pd.DataFrame([
        (number, own[number - 1] + start, article.sentences["text"][number - 1][start:], voice, who)
        for number, start, voice, who in parts
    ], columns=["sentence", "start", "text", "voice", "speaker"])  # fmt: skip
    made = made_of(article, ("The raid failed.", [1]), ("Russia said it would return, and it is weak.", [2, 3]))
    said = without_markup(describe_losses(made, mentions, voices)).split("\n")
    assert said[0].startswith("- Sentence 1 of the summary leaves out “led by Russia”")
    assert said[0].endswith("no longer names Russia.")
    assert said[1].startswith("- Sentence 2 of the summary joins sentences 2 and 3 of the article: ")
    assert re.search(r"what Russia says, the second is the writer’s own\. [^.]*words of Russia\b", said[1])
    assert len(said) == 2
    moved = without_markup(describe_losses(made_of(article, ("Russia’s raid failed.", [1])), mentions, voices))
    assert re.search(r"leaves out “[^”]*led by Russia”", moved)
    assert "no longer names" not in moved
    harmless = made_of(article, ("It is weak, and it is old.", [3, 4]))
    assert describe_losses(harmless, mentions, voices).startswith("No words that name an actor were left out")


def test_describing_voices(article):
    shares = voice_shares(made_up_reading.voices(article))
    assert shares["share"].sum() == pytest.approx(1)
    said = without_markup(describe_voices(shares, made_up_reading.mentions(article)))
    assert "Those who speak: experts (30 words)." in said
    assert "Named, but not found to speak: " in said


def test_words_are_what_stands_between_white_space_and_marks_alone_are_none():
    parts = ["“Anti-armor talks,", "”", " it said – twice."]
    voices = pd.DataFrame({"speaker": ["N", "", "author"], "voice": ["quote", "quote", "author"], "text": parts})
    assert [words_in(part) for part in parts] == [2, 0, 3]
    shares = voice_shares(voices).set_index("speaker")["words"]
    assert shares.to_dict() == {"author": 3, "N": 2, "": 0}


def test_describing_stances(article):
    stance = made_up_reading.stance(article)
    pairs = aggregate_stance(stance)
    assert "the machine reads **6** as against and **2** as for; 1 pair stays unclear." in describe_sides(pairs)
    said = without_markup(describe_evidence(pairs, stance, most=2)).split("\n")
    assert len(said) == 2
    assert said[0].startswith("- The machine reads that North Korea is against South Korea (probability 1.00; found in")
    assert "found in sentences 1, 5 and 6). Sentence 1: “" in said[0]
    assert "(probability 0.97; found in sentence 8). Sentence 8: “North Korea’s announcement" in said[1]
    assert "the writer is for dialogue" in describe_evidence(pairs, stance, holder="author")


DISPUTED = pd.DataFrame(
    [
        ("North Korea", "Russia", "none", "favor", "favor"),
        ("South Korea", "North Korea", "against", "none", "none"),
        ("experts", "Russia", "none", "none", "against"),
        ("author", "Russia", "favor", "against", "against"),
        ("author", "experts", "none", "unclear", "unclear"),
    ],
    columns=["holder", "target", "model", "first", "second"],
)


def test_what_readers_see_otherwise_stands_where_the_stance_stands(article):
    stance = made_up_reading.stance(article)
    said = without_markup(describe_evidence(aggregate_stance(stance), stance, most=9, disputed=DISPUTED)).split("\n")
    (line,) = [line for line in said if "South Korea is against North Korea" in line]
    assert line.endswith("**Look twice**: both readers of this article say “no stance”.")
    assert said[0].endswith("**Look twice**: it speaks of worry (“worry”), which is not yet opposition.")
    assert not any("Look twice" in line for line in said if "for Russia" in line)
    (worried,) = [line for line in said if "Western world is against" in line]
    assert worried.endswith("**Look twice**: it speaks of worry (“concern”), which is not yet opposition.")
    alone = describe_evidence(aggregate_stance(stance), stance, disputed=DISPUTED.drop(columns="second"))
    assert "the reader of this article says “no stance”" in alone


def test_disputes_say_which_error_it_is():
    unsure = pd.DataFrame([("South Korea", "Russia", "unclear", "favor", "favor")], columns=DISPUTED.columns)
    first, empty, *lines = without_markup(describe_disputes(pd.concat([DISPUTED, unsure]))).split("\n")
    assert re.match(r"On \*\*5 stances\*\*, both readers .* the machine gives another\.$", first)
    assert empty == ""
    groups = [re.fullmatch(r"- \*\*(.+?)\*\*:? (.+)\.", line).groups() for line in lines]
    expected = [
        ("Only the readers", "that North Korea is for Russia"),
        ("Only the machine", "that South Korea is against North Korea"),
        ("other way round", "that the writer is against Russia"),
        ("Unclear to", "the writer on experts"),
        ("The machine leaves it open", "that South Korea is for Russia"),
    ]
    assert [pairs for _, pairs in groups] == [pairs for _, pairs in expected]
    assert [words in title for (title, _), (words, _) in zip(groups, expected, strict=True)] == [True] * 5
    assert "no reader corrects" in describe_disputes(DISPUTED[["holder", "target", "model"]].head(0))
    assert describe_disputes(DISPUTED.iloc[2:3]) == (
        "There is no stance here on which both readers of this article give the same answer, and the machine "
        "gives another."
    )


def test_who_acts_without_a_side_is_pointed_to(article):
    pairs = aggregate_stance(made_up_reading.stance(article))
    mentions, voices = made_up_reading.mentions(article), made_up_reading.voices(article)
    events = pd.DataFrame({"actor": ["General Staff"], "sentence": [5]})
    said = without_markup(describe_roles(pairs, mentions, events, voices))
    silent, _, rest = said.partition(". ")
    assert "no side" in silent
    assert silent.endswith("the international community, the General Staff, the United States and Russia take no side")
    assert "North Korea" not in silent
    assert "the General Staff acting or speaking in sentence 5: is a side missed" in rest


def test_a_sentence_is_asked_both_ways(article):
    pairs = both_ways(article, made_up_reading.mentions(article), "sharply criticized")
    assert pairs[["holder", "target"]].to_numpy().tolist() == [
        ["South Korea", "North Korea"], ["North Korea", "South Korea"],
    ]  # fmt: skip
    assert pairs["text"].str.contains("sharply criticized").all()
    said = without_markup(describe_both_ways(pairs.assign(stance=["against", "none"])))
    answers = said.rpartition("\n")[2]
    assert answers.endswith("is against North Korea, and that North Korea takes no stance toward South Korea.")
    assert "same answer both ways" not in said
    assert "same answer both ways" in describe_both_ways(pairs.assign(stance="against"))
    elsewhere = both_ways(article, made_up_reading.mentions(article), "words that it lacks")
    assert len(elsewhere) == 2
    assert both_ways(article, made_up_reading.mentions(article).head(0)).empty


def test_stances_over_the_article_show_their_sentence(article):
    pairs = aggregate_stance(made_up_reading.stance(article))
    pairs.loc[pairs["stance"] == "unclear", "count"] = 1
    found = over_the_article(pairs, article)
    assert found.columns.tolist() == ["holder", "stance", "target", "probability", "found in", "text"]
    assert found.iloc[0].tolist()[:3] == ["North Korea", "against", "South Korea"]
    assert found.loc[0, "found in"] == "3 of 4"
    assert "none" not in set(found["stance"])
    unclear = found["stance"] == "unclear"
    assert unclear.sum() == 1
    assert found.loc[unclear, "probability"].isna().all()  # it has no side that could be sure
    assert (found["found in"] == "").equals(unclear)


def test_a_sentence_is_repeated_unless_it_stands_directly_above(article):
    texts = article.sentences.set_index("sentence")["text"]
    pairs = aggregate_stance(made_up_reading.stance(article)).head(1)
    rows = pd.concat([pairs.assign(evidence=number) for number in (1, 1, 1, 8, 1)], ignore_index=True)
    assert over_the_article(rows, article)["text"].tolist() == [
        f"1: {texts[1]}", "1: as above", "1: as above", f"8: {texts[8]}", f"1: {texts[1]}",
    ]  # fmt: skip


def test_sides_stand_in_the_order_of_the_text_and_repeat_no_sentence(article):
    found = sided_sentences(made_up_reading.stance(article))
    assert found["sentence"].is_monotonic_increasing
    assert set(found["stance"]) == {"favor", "against"}
    assert found.loc[found["sentence"] == 6, "text"].tolist()[1:] == ["as above"]
    assert sided_sentences(pd.DataFrame(columns=PAIRS)).empty


def test_leaving_a_sentence_out(article):
    stance = made_up_reading.stance(article)
    left_out = leave_one_out(stance, aggregate_stance(stance)).set_index(["holder", "target"])
    assert left_out.loc[("South Korea", "North Korea"), "changes"] == [8]
    assert left_out.loc[("North Korea", "South Korea"), "carried_by"] == [1, 5, 6]
    assert left_out.loc[("North Korea", "South Korea"), "changes"] == []
    assert "readers" not in left_out
    said = leave_one_out(stance, aggregate_stance(stance), DISPUTED).set_index(["holder", "target"])["readers"]
    assert said[said != ""].to_dict() == {("South Korea", "North Korea"): "no stance", ("North Korea", "Russia"): "for"}
    said = describe_stability(left_out.reset_index())
    single, firm, end = said.split(".")
    assert single.startswith("Of 8 stances, **7** rest on one sentence only")
    assert firm.endswith("sentence is left out, North Korea is against South Korea")
    assert firm.count(" is against ") + firm.count(" is for ") == 1
    assert end == ""


def test_the_author_is_warned_of_where_others_speak(article):
    stance = made_up_reading.stance(article)
    own = stance[stance["holder"] == "author"].assign(sentence=9)
    said = describe_author(own, made_up_reading.voices(article))
    assert said.endswith("In sentence 9 somebody else speaks too: the side may be theirs.")
    assert describe_author(stance, made_up_reading.voices(article)).endswith("in sentence 11.")


def test_invented_sentences_are_wrong_in_the_way_they_say(article):
    made = invented_claims(article, made_up_reading.mentions(article)).set_index("kind")["text"]
    assert made["as it stands"] in set(article.sentences["text"])
    assert made["denied"].startswith("It is not true that ")
    swapped = made["names exchanged"]
    assert swapped != made["as it stands"]
    assert sorted(re.findall(r"\w+", swapped)) == sorted(re.findall(r"\w+", made["as it stands"]))
    checked = pd.DataFrame({"claim": [made["denied"]], "true": [False], "supported": [True], "support": [0.9]})
    said = without_markup(describe_caught(checked.assign(kind="denied")))
    assert "0 of 1 sentence" in said
    assert re.search(r"accepts a false [^.]*“denied”[^.]* 0\.90\)\.$", said)
    assert "Close to" not in said
    close = checked.assign(kind="denied", supported=False, support=0.49)
    assert re.search(r"Close to [^.]*0\.5: “denied”\.", without_markup(describe_caught(close)))
    right = checked.assign(kind="denied", supported=False, support=0.1)
    assert "1 of 1 sentence" in describe_caught(right)
    assert "denied" not in describe_caught(right)


def test_doubts_are_what_readers_dispute_what_is_told_again_and_worry(article):
    found = reading()
    rows = [("North Korea", "Russia", "none", "favor", "favor"), ("author", "Russia", "none", "none", "against")]
    disputed = pd.DataFrame(rows, columns=["holder", "target", "model", "first", "second"])
    said = without_markup(list_doubts(found, disputed))
    assert re.search(r"- \*\*Both readers [^*]*disagree with the machine\*\*[^.\n]*: North Korea on Russia\.\n", said)
    assert re.search(r"- \*\*The readers disagree with each other\*\*[^.\n]*: the writer on Russia\.", said)
    assert "“The United States has signed" in said
    assert "Hardly sure" not in said  # where people have read it, their doubts count
    alone = without_markup(list_doubts(found, disputed.iloc[:0, :3]))
    assert "disagree" not in alone
    worried = found.stance_article.iloc[[0]].assign(holder="families", target="North Korea", evidence=10)
    said = without_markup(list_doubts(replace(found, stance_article=worried), disputed))
    assert "- **Worry is not yet opposition**: “alert” and “concerns” in sentence 10, where" in said
    twice = pd.concat([worried, worried.assign(target="Russia")])
    both = "that families are against North Korea and that families are against Russia."
    assert both in without_markup(list_doubts(replace(found, stance_article=twice), disputed))
    assert "**Families" not in said  # who skims must not take the error for the finding


def test_a_commentary_is_tied_to_its_sentences(article, tmp_path):
    pairs = aggregate_stance(made_up_reading.stance(article))
    (tmp_path / f"{article.name}.md").write_text(
        "By: Ann & Bob\n**A <b>step</b>.** It has “drastic\nsteps”? No: “main enemy”.\n\n"
        "- North Korea > South Korea: against. Same as the machine.\n"
        "- North Korea > Russia: against. Read “ties with Russia”.\n"
    )
    page = show_commentary(article, pairs, {}, tmp_path).data
    assert page.startswith("<p><strong>Written by Ann &amp; Bob.</strong></p>")
    assert "<strong>A &lt;b&gt;step&lt;/b&gt;.</strong>" in page
    assert '“drastic steps” <a href="#s1">[1]</a>' in page
    assert '“main enemy” <a href="#s4">[4]</a>' in page
    assert "Same as the machine" not in page
    assert "North Korea is against Russia" in page
    assert "The machine: for. <strong>Only this reading gives this answer.</strong>" in page
    assert 'id="s13"' in page
    (tmp_path / f"{article.name}.md").write_text("He said “words that are not there”.")
    with pytest.raises(ValueError, match="does not stand in the article"):
        load_commentary(article, tmp_path)
    (tmp_path / f"{article.name}.md").write_text("- A > B: angry. Because.")
    with pytest.raises(ValueError, match="'angry' is no stance"):
        load_commentary(article, tmp_path)
    assert "Nobody has written a reading" in show_commentary(article, pairs, {}, tmp_path / "nowhere").data


def test_a_commentary_says_where_it_contradicts_the_readers_too(article, tmp_path):
    pairs = pd.DataFrame({"holder": ["A", "A"], "target": ["B", "C"], "stance": ["against", "against"]})
    readers = {name: {"stance_article": pairs.assign(stance=["favor", "against"])} for name in ("first", "second")}
    (tmp_path / f"{article.name}.md").write_text("- A > B: against. So.\n- A > C: none. So.\n- B > A: none. So.")
    page = show_commentary(article, pairs, readers, tmp_path).data
    assert page.startswith("<p><strong>Written by somebody who is not named.</strong></p>")
    assert "A is against B. So. The machine: against; the first reader: for; the second reader: for.</li>" in page
    assert "A is neither for nor against C. So. The machine: against; the first reader: against; " in page
    assert page.count("Only this reading gives this answer") == 1
    assert "B is neither" not in page


def test_the_commentary_that_is_shipped_quotes_its_article():
    text = "\n".join(load_commentary(made_up_reading.article(name=made_up_reading.SEED.stem)))
    assert 300 < len(text.split()) < 600
    assert text.count("“") > 20
    assert text.startswith("By: a language-model assistant")


@pytest.mark.parametrize(
    ("holder", "stance", "target", "said"),
    [
        ("experts", "against", "Kim Jong Un", "experts are against Kim Jong Un"),
        ("author", "favor", "dialogue", "the writer is for dialogue"),
        ("United States", "none", "General Staff", "the United States takes no side on the General Staff"),
        ("Russia", "unclear", "international community", "Russia is unclear on the international community"),
    ],
)
def test_names_have_their_articles_and_verbs_their_number(holder, stance, target, said):
    assert without_markup(markup.stands(holder, stance, target)) == said


def test_a_table_is_never_too_wide_and_speaks_in_words():
    frame = pd.DataFrame({"holder": ["author"], "stance": ["favor"], "label": ["none"]})
    page = markup.table(frame, label="right").data
    assert [*re.findall(r">([^<>\n]+)</t[hd]>", page)] == ["who", "stance", "right", "the writer", "for", "no stance"]
    assert "right" in markup.table(pd.DataFrame({"model": [0.5]})).data  # numbers stay numbers, whatever the column
    with pytest.raises(ValueError, match="at most 6 columns, not 7"):
        markup.table(pd.DataFrame({name: [1] for name in "abcdefg"}))


def test_nothing_found_is_said(article, nothing):
    left_out = leave_one_out(nothing.stance, nothing.pairs)
    shares = voice_shares(nothing.voices)
    events = made_up_reading.events(article).head(0)
    assert "No actor was found" in describe_actors(nothing.mentions, article)
    assert "no names" in describe_names(nothing.mentions)
    assert "Nobody but the writer" in describe_voices(shares, nothing.mentions)
    assert "nobody to be for or against" in describe_sides(nothing.pairs)
    assert describe_evidence(nothing.pairs, nothing.stance).endswith("finds no side.")
    assert "the writer takes" in describe_evidence(nothing.pairs, nothing.stance, holder="author")
    assert "no actor" in describe_roles(nothing.pairs, nothing.mentions, events, nothing.voices)
    assert "no stances against and none for, no hostile and no friendly deeds" in describe_parts(
        replace(reading(), mentions=nothing.mentions, voices=nothing.voices, stance=nothing.stance, events=events)
    )
    assert unclear_sentences(nothing.stance).empty
    assert "no side" in describe_stability(left_out)
    assert "In no sentence" in describe_author(nothing.stance, nothing.voices)
    assert "names exchanged" not in set(invented_claims(article, nothing.mentions)["kind"])


def test_short_articles_have_no_middle():
    article = made_up_reading.article("One sentence here. Another one there.")
    assert "too short" in describe_parts(replace(reading(), article=article))


def test_paths_are_found_from_anywhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert from_root("seeds/000_1217f8f2cf5bd169.txt") == str(made_up_reading.SEED)
    assert from_root("https://example.org/a") == "https://example.org/a"
    (tmp_path / "mine.txt").write_text("x")
    assert from_root("mine.txt") == "mine.txt"
