"""Pairs: who is asked about toward whom where an actor is described and not named."""

import pytest

from korea_nlp import detect_stance, find_actors, parse_article, stance
from korea_nlp.annotation.antecedents import antecedents
from korea_nlp.stance import ask_pairs

pytestmark = pytest.mark.weights


def asked_of(text):
    article = parse_article(text)
    pairs = ask_pairs(article, None, find_actors(article))
    return set(pairs[["sentence", "holder", "target"]].itertuples(index=False, name=None))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("North Korea shut the liaison office in June. Tokyo's minister called the closure shameful.",
         {(1, "Japan", "North Korea")}),
        ("Seoul offered rice last week. Pyongyang spurned the offer on Monday.",
         {(1, "North Korea", "South Korea")}),
        ("The White House announced new sanctions on Tuesday. Russia deplored the decision, and China "
         "called it unhelpful.", {(1, "Russia", "United States"), (1, "China", "United States")}),
        ("Washington and Seoul signed a new pact. The two allies said that the North was a threat to peace.",
         {(1, "South Korea", "North Korea"), (1, "United States", "North Korea")}),
        ("North and South Korea reopened a road. The European Union praised both sides for their courage.",
         {(1, "European Union", "North Korea"), (1, "European Union", "South Korea")}),
        ("Activists launched balloons at night. A farmer said that they were reckless.",
         {(1, "farmers", "activists")}),
        ("Seoul will send rice. One lawmaker called the shipment a gift and blamed the government.",
         {(1, "lawmakers", "South Korea")}),
        ("The opposition says that talks are treason. That is nonsense.", {(1, "author", "opposition")}),
        ("The U.S. imperialists and the south Korean puppets staged a war rehearsal. The warmongers will pay "
         "dearly for their reckless act.", {(1, "author", "United States"), (1, "author", "South Korea")}),
        ("Yoon Suk Yeol met reporters. The president said that Kim Jong Un could not be trusted.",
         {(1, "Yoon Suk Yeol", "Kim Jong Un")}),
        ("“Russia has found a supplier,” says Paul Reed. “It will not drop Pyongyang soon,” he adds.",
         {(1, "Russia", "North Korea")}),
    ],
)  # fmt: skip
def test_who_is_only_described_is_asked_about(text, expected):
    assert expected <= asked_of(text)


def test_what_makes_no_sense_is_not_asked():
    text = (
        "North Korea fired a missile. Japan condemned the launch. Experts say that Kim Jong Un fears Japan."
    )
    asked = asked_of(text)
    assert (1, "North Korea", "Japan") not in asked
    assert not any(target == "experts" for _, _, target in asked)
    assert not any({holder, target} == {"North Korea", "Kim Jong Un"} for _, holder, target in asked)


@pytest.mark.parametrize(
    ("text", "phrase", "actor"),
    [
        ("Seoul asked the activists to stop. They rejected the plea.", "They", "activists"),
        ("Some aides left. A launch hands Kim Yo Jong what she calls a reason.", "she", "Kim Yo Jong"),
        ("Russia and Japan argued. China spoke of the closure.", "the closure", None),
        ("China, Russia and Japan met. Seoul praised both sides.", "both sides", None),
        ("Seoul protested. Its guards saw the line, and no soldier crossed it.", "it", None),
    ],
)  # fmt: skip
def test_a_wrong_antecedent_is_worse_than_none(text, phrase, actor):
    article = parse_article(text)
    found = antecedents(article, find_actors(article), joint=True)
    assert dict(zip(found["text"], found["actor"], strict=True)).get(phrase) == actor


def test_a_ruler_who_is_named_stands_before_a_state_that_is_only_meant():
    closed = "North Korea closed the border. "
    asked = asked_of(f"{closed}Experts say that Kim Jong Un wants to hide the country’s failures.")
    assert (1, "experts", "Kim Jong Un") in asked
    assert (1, "experts", "North Korea") not in asked
    assert (1, "Japan", "North Korea") in asked_of(f"{closed}Tokyo condemned the move, KCNA said.")


def test_between_whom_there_is_something_takes_no_part():
    text = "Tensions between North and South Korea worry China. Dealings between Moscow and Pyongyang go on."
    assert not asked_of(text)
    asked = asked_of("Amid tensions between Tokyo and Seoul, South Korea praised its northern neighbor.")
    assert asked == {(0, "South Korea", "North Korea"), (0, "North Korea", "South Korea")}


def test_with_whom_something_is_done_holds_nothing():
    asked = asked_of("Tokyo has not cancelled its exercise with the United States and blames Pyongyang.")
    assert (0, "Japan", "North Korea") in asked
    assert not any(holder == "United States" for _, holder, _ in asked)


def test_whom_only_a_phrase_of_others_names_takes_no_part():
    text = "North and South Korea met in June. The leaders of both countries must finally seek dialogue."
    assert not {("author", "South Korea"), ("South Korea", "dialogue")} & {
        (holder, target) for sentence, holder, target in asked_of(text) if sentence == 1
    }


def test_a_writer_who_speaks_of_us_is_asked_about_all_that_they_name():
    told = "Seoul counted nine balloons. The wind came from the north. Two fell on {a} school. "
    told += "{who} saw them over the river. Pyongyang said that it had sent none. {who} slept late."
    opinion, report = (told.format(a=a, who=who) for a, who in (("our", "We"), ("a", "Farmers")))
    assert (0, "author", "South Korea") in asked_of(opinion)
    assert (0, "author", "South Korea") not in asked_of(report)


def test_who_asks_both_sides_for_restraint_or_carries_a_dispatch_takes_no_side():
    text = "North and South Korea reopened a road. China urged both sides to show restraint. "
    text += "In a dispatch carried by the news agency KCNA, the North accused Japan of lying."
    asked = asked_of(text)
    assert not {(1, "China", "North Korea"), (1, "China", "South Korea")} & asked
    assert (2, "North Korea", "Japan") in asked
    assert (2, "KCNA", "Japan") not in asked


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("China called both sides reckless.", {("China", "North Korea"), ("China", "South Korea")}),
        (
            "The European Union told reporters that both sides were reckless.",
            {("European Union", "South Korea")},
        ),
        ("A statement released by Pyongyang condemned Japan.", {("North Korea", "Japan")}),
    ],
)  # fmt: skip
def test_who_blames_both_sides_or_issues_a_statement_takes_a_side(words, expected):
    asked = asked_of(f"North and South Korea closed a road. {words}")
    assert expected <= {(holder, target) for sentence, holder, target in asked if sentence == 1}


@pytest.mark.parametrize(
    ("text", "asked", "not_asked"),
    [
        ("China urged all parties to wait, while Japan said that the North was reckless.",
         ("Japan", "North Korea"), ("China", "North Korea")),
        ("Activists in Busan gathered, and Moscow said that Tokyo was to blame.",
         ("Russia", "Japan"), ("activists", "Japan")),
        ("Seoul scorned what Moscow calls a gift to Pyongyang, and Russia said that Japan hates China.",
         ("Japan", "China"), ("Japan", "South Korea")),
    ],
)  # fmt: skip
def test_what_a_third_one_says_is_no_stance_of_a_bystander(text, asked, not_asked):
    found = {(holder, target) for _, holder, target in asked_of(text)}
    assert asked in found
    assert not {not_asked, not_asked[::-1]} & found


def test_the_deed_that_is_judged_stands_for_who_did_it():
    article = parse_article("A text on the North was vetoed by Russia, and the veto was condemned by Japan.")
    pairs = ask_pairs(article, None, find_actors(article)).set_index(["holder", "target"])
    assert "[Russia] was condemned by [Japan]" in pairs.loc[("Japan", "Russia"), "bracketed"]
    assert "vetoed by Russia" in pairs.loc[("Japan", "North Korea"), "bracketed"]


@pytest.mark.parametrize(
    ("text", "holder", "target", "said"),
    [
        ("Beijing, Marta Lindqvist argued, distrusts Russia.", "Marta Lindqvist", "Russia",
         "Beijing distrusts [Russia]."),
        ("“The North lies,” Paul Reed said, “and Russia knows it.”", "Paul Reed", "Russia",
         "The North lies, and [Russia] knows it."),
        ("Tokyo said that Russia was “a danger to all”.", "Japan", "Russia",
         "that [Russia] was a danger to all."),
        ("Tokyo called Russia “unwise” and warned that the North was watching.", "Japan", "North Korea",
         "that the [North] was watching."),
    ],
)  # fmt: skip
def test_what_somebody_says_is_asked_about_as_a_whole(text, holder, target, said):
    article = parse_article(text)
    pairs = ask_pairs(article, None, find_actors(article)).set_index(["holder", "target"])
    assert pairs.loc[(holder, target), "reported"] == said


def test_words_are_asked_about_by_the_name_that_they_use(monkeypatch):
    asked, score = [], stance.score_stance
    monkeypatch.setattr(stance, "score_stance", lambda rows, *args: asked.append(rows) or score(rows, *args))
    text = "“It [sic] is no puppet, Pyongyang,” says Paul Reed, who studies the North’s economy."
    detect_stance(parse_article(text))
    said = asked[0][asked[0]["holder"] == "author"]
    words = "It [sic] is no puppet, [Pyongyang],"
    assert (words, "Pyongyang") in set(zip(said["text"], said["target"], strict=True))
