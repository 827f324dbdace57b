"""Figures that set things side by side, and the sentences on events and frames, from made-up tables."""

import pandas as pd
import pytest
from matplotlib.figure import Figure
from test_prose import plain

from korea_nlp import parse_article
from korea_nlp.plots import panels
from korea_nlp.plots.figures import png
from korea_nlp.prose import actions

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


@pytest.fixture
def article(tiny_profile):
    return parse_article("One did it. Two did not. Three went home.", profile=tiny_profile)


def noted(figure):
    """The note above a figure's key."""
    return figure.legends[0].get_title().get_text()


def drawn(figure):
    assert isinstance(figure, Figure)
    assert png(figure).startswith(b"\x89PNG")
    return figure.get_label()


def test_who_acts_and_who_is_acted_upon():
    counts = actions.action_counts(SOME).set_index("actor")
    assert counts.loc["North Korea"].tolist() == [1, 1, 0, 2]
    assert counts.loc["(not said)"].tolist() == [0, 1, 0, 0]
    said = plain(actions.describe_actions(counts.reset_index()))
    assert "North Korea acts most: 2 times, 50% of it conflict." in said
    assert "North Korea is acted upon most: 2 times, all of it conflict." in said
    assert "Russia is only acted upon." in said
    one = actions.action_counts(SOME.assign(actor="experts"))
    assert "Experts act most: 4 times" in plain(actions.describe_actions(one))
    assert "(not said)" not in said


def test_nothing_happens():
    assert actions.action_counts(SOME.head(0)).empty
    assert "No event" in actions.describe_events(SOME.head(0))
    assert "No event" in actions.describe_actions(actions.action_counts(SOME.head(0)))


def test_events_in_words():
    said = plain(actions.describe_events(SOME))
    assert "**4 events** in 2 sentences: 2 of material conflict, 1 of material cooperation and 1 of" in said
    assert "The lowest score is −7.6: “did <0>” (sentence 0) and “did <3>” (sentence 2)." in said  # a tie is told
    assert "told again" not in said
    assert "<" not in actions.describe_events(SOME)


def test_one_deed_told_twice_is_a_reason_to_count_with_care():
    twice = events((0, "North Korea", "MOBILIZE", "South Korea"), (2, "General Staff", "MOBILIZE", "South Korea"))
    assert actions.told_again(twice) == [("MOBILIZE", "South Korea", [0, 2])]
    said = plain(actions.describe_events(twice))
    assert said.endswith("this may be one deed told again: MOBILIZE upon South Korea (sentences 0 and 2).")


def test_frames_in_words():
    frames = pd.DataFrame(
        [(0, "diplomacy", 0.9), (2, "diplomacy", 0.7), (2, "economy", 0.6), (1, "none", 0.8)],
        columns=["sentence", "frame", "probability"],
    )
    said = plain(actions.describe_frames(frames, 3)).split("\n")
    assert said[0] == "- **diplomacy**: sentences 0 and 2"
    assert said[-1] == "1 sentence fits no frame."
    assert "No frame fits any sentence" in actions.describe_frames(frames.tail(1), 2)


def test_where_two_readers_differ():
    table = pd.DataFrame([[3, 1], [0, 2]], index=["against", "none"], columns=["against", "none"])
    label = drawn(
        panels.confusion_heatmaps({"stance": table, "frames": table.iloc[:0, :0]}, "first", "model")
    )
    assert label == "Confusion of first (rows) and model (columns). stance: 5 of 6 the same."
    assert "nothing was found" in drawn(panels.confusion_heatmaps({}, "first", "model"))


def test_articles_side_by_side():
    pairs = pd.DataFrame(
        [("a", "North Korea", "Russia", "favor", 0.8), ("b", "North Korea", "Russia", "none", 0.0),
         ("b", "author", "Russia", "against", -0.6), ("a", "author", "Russia", "against", -0.9)],
        columns=["article", "holder", "target", "stance", "probability"],
    )  # fmt: skip
    names = {"a": "Paper A", "b": "Paper $B$"}
    label = drawn(panels.stances_side_by_side(pairs, names))
    assert label == "Stances of 2 pairs in 2 articles; 1 of them have a side in several."
    assert "nothing was found" in drawn(panels.stances_side_by_side(pairs.head(0), names))
    assert noted(panels.stances_side_by_side(pairs, names)) == "Blank: no sentence brings the two together."


def test_pairs_that_are_not_drawn_are_counted_in_the_figure():
    rows = [("a", f"N{n}", "S", "favor", 0.5) for n in range(30)]
    pairs = pd.DataFrame(rows, columns=["article", "holder", "target", "stance", "probability"])
    said = noted(panels.stances_side_by_side(pairs, {"a": "Paper A"}))
    assert said == (
        "Blank: no sentence brings the two together. "
        "Drawn: 24 of 30 pairs with a side, those in most articles, then the surest."
    )


def test_words_side_by_side():
    shares = pd.DataFrame(
        [("a", "author", "author", 0.6), ("a", "Seoul", "quote", 0.4), ("b", "", "reported", 1.0)],
        columns=["article", "speaker", "voice", "share"],
    )
    assert "The writer's own: Paper A 60%, B 0%" in drawn(
        panels.voices_side_by_side(shares, {"a": "Paper A", "b": "B"})
    )


def test_conflict_by_date():
    rows = [
        ("late", "Late $5", "2025-01-02T10:00:00+09:00"),
        ("early", "Early", "2024-12"),
        ("never", "N", None),
    ]
    rows += [("idle", "Idle", "2025-03-01"), ("idle too", "Idle too", "2025-03-02")]
    dates = pd.DataFrame(rows, columns=["article", "name", "date"])
    found = pd.concat([
        SOME.assign(article="late"), SOME.head(1).assign(article="early"), SOME.assign(article="never"),
    ])  # fmt: skip
    figure = panels.conflict_over_time(found, dates)
    note = "Not drawn: 1 article without a date and 2 articles without an event."
    label = drawn(figure)
    assert (
        label == f"Mean conflict-cooperation score of 2 articles by date: Early −7.60; Late $5 −2.72. {note}"
    )
    assert figure.get_supxlabel() == f"Bars: 90% intervals. {note}"
    assert figure.get_suptitle() == "1 of 2 articles clearly told in deeds of conflict"
    ax = figure.axes[0]
    assert [text.get_text() for text in ax.get_yticklabels()] == [
        "Early\n2024-12, 1 event", "Late \\$5\n2025-01-02T10:00:00+09:00, 4 events",
    ]  # fmt: skip
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # the earliest at the top
    dots = ax.lines[0]
    assert dots.get_linestyle() == "None"  # outlets are no series
    assert list(dots.get_xdata()) == pytest.approx([-7.6, -2.725])
    whole = panels.conflict_over_time(found, dates.head(2))
    assert whole.get_supxlabel() == "Bars: 90% intervals."
    assert "nothing was found" in drawn(panels.conflict_over_time(SOME.assign(article="never"), dates))
