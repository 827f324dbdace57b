"""The sentences on events and frames, from made-up tables."""

import re
from dataclasses import replace

import pandas as pd
from test_prose import without_markup
from test_report import reading

from korea_nlp.agreement import annotators
from korea_nlp.prose.events import (
    action_counts,
    describe_actions,
    describe_events,
    describe_frames,
    describe_parts,
    repeated_events,
)

CATEGORIES = {
    "MOBILIZE": ("material conflict", -7.6), "ACCUSE": ("verbal conflict", -2.2),
    "COOPERATE": ("material cooperation", 6.5), "CONSULT": ("verbal cooperation", 1.5),
}  # fmt: skip


def events(*rows):
    """(sentence, actor, category, target) as `find_events` returns them, with made-up offsets."""
    table = [
        (s, 10 * n, 10 * n + 5, f"did <{n}>", actor, category, CATEGORIES[category][0], target, "do",
         CATEGORIES[category][1], "", "author" if n else "quote", "author" if n else "Seoul")
        for n, (s, actor, category, target) in enumerate(rows)
    ]  # fmt: skip
    return pd.DataFrame(table, columns=[
        "sentence", "start", "end", "text", "actor", "category", "quad", "target", "verb", "intensity",
        "date", "voice", "speaker",
    ])  # fmt: skip


SOME = events(
    (0, "North Korea", "MOBILIZE", "South Korea"), (0, "North Korea", "COOPERATE", "Russia"),
    (2, "South Korea", "ACCUSE", "North Korea"), (2, "", "MOBILIZE", "North Korea"),
)  # fmt: skip


def most_often(said, role):
    """Whom sentences tell most often in a role, and what they say of it."""
    return re.findall(rf"most often found as {role}(?::| are) (.+?) \((.+?)\)", said, re.IGNORECASE)


def test_who_acts_and_who_is_acted_upon():
    counts = action_counts(SOME).set_index("actor")
    assert counts.loc["North Korea"].tolist() == [1, 1, 0, 2, 2, 2]
    assert counts.loc["(not found)"].tolist() == [0, 1, 0, 0, 1, 0]
    said = without_markup(describe_actions(counts.reset_index()))
    assert most_often(said, "doer") == [("North Korea", "twice, 1 of 2 in hostile deeds")]
    assert most_often(said, "target") == [("North Korea", "twice, always in a hostile deed")]
    assert "only as target: Russia." in said
    assert "only as doer" not in said
    assert "only once" not in said
    assert "(not found)" not in said


def test_who_is_acted_upon_most_is_told_with_deeds_counted_once():
    again = events(
        (0, "North Korea", "MOBILIZE", "South Korea"), (1, "General Staff", "MOBILIZE", "South Korea"),
        (2, "North Korea", "MOBILIZE", "South Korea"), (3, "experts", "ACCUSE", "North Korea"),
        (4, "South Korea", "MOBILIZE", "North Korea"),
    )  # fmt: skip
    said = without_markup(describe_actions(action_counts(again)))
    before, once, after = said.partition("count only once")
    assert once
    assert most_often(before, "target") == [("South Korea", "3 times, always in a hostile deed")]
    assert most_often(before, "doer") == [("North Korea", "twice, always in a hostile deed")]
    assert "the most frequent target is: North Korea (twice)" in after
    everybody = "the General Staff, North Korea, South Korea and experts"
    assert f"the most frequent doer is: {everybody} (once each)" in after


def test_nothing_happens():
    assert action_counts(SOME.head(0)).empty
    assert "No event" in describe_events(SOME.head(0))
    assert "No event" in describe_actions(action_counts(SOME.head(0)))


def test_events_in_words():
    said = without_markup(describe_events(SOME))
    assert "**4 events** in 2 sentences: 2 of material conflict, 1 of material cooperation and 1 of" in said
    assert "more than once" not in said
    assert "<" not in describe_events(SOME)


def test_one_deed_told_twice_is_a_reason_to_count_with_care():
    twice = events((0, "North Korea", "MOBILIZE", "South Korea"), (2, "General Staff", "MOBILIZE", "South Korea"))
    assert repeated_events(twice) == [("MOBILIZE", "South Korea", [0, 2])]
    said = without_markup(describe_events(twice))
    assert re.search(r"told more than once\*\*: MOBILIZE \w+ South Korea \(sentences 0 and 2\)\.$", said)


def test_a_deed_of_two_is_one_event_wherever_events_are_counted():
    one = events((1, "North Korea", "MOBILIZE", "Japan"), (2, "North Korea", "ACCUSE", "Japan"))
    both = pd.concat([one, one.head(1).assign(actor="Russia")], ignore_index=True)
    said = without_markup(describe_events(both))
    assert "**2 events** in 2 sentences" in said
    assert "has several rows" in said
    assert "has several rows" not in describe_events(one)
    found = replace(reading(), events=both)
    tables = annotators.tables_of(found)
    assert "The machine saw 2 events" in annotators.describe_readers({"first": tables}, tables)
    assert "2 hostile and no friendly deeds" in describe_parts(found)


def test_frames_in_words():
    frames = pd.DataFrame(
        [(0, "diplomacy", 0.9), (2, "diplomacy", 0.4), (2, "economy", 0.8), (1, "none", 0.8)],
        columns=["sentence", "frame", "probability"],
    )
    said = without_markup(describe_frames(frames, 3)).split("\n")
    assert said[0] == "- **diplomacy**, 2 of 3: sentences 0 and 2 (unsure)"
    assert said[1] == "- **economy**, 1 of 3: sentence 2"
    assert "Not found: security threat, domestic legitimacy, humanitarian and responsibility." in said
    assert said[-1] == "1 sentence fits no frame."
    assert "No frame fits any sentence" in describe_frames(frames.tail(1), 2)
