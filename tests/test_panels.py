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
    assert counts.loc["North Korea"].tolist() == [1, 1, 0, 2, 2, 2]
    assert counts.loc["(not said)"].tolist() == [0, 1, 0, 0, 1, 0]
    said = plain(actions.describe_actions(counts.reset_index()))
    assert "Told most often as doer: North Korea (2 times, 1 of 2 conflict)." in said
    assert "Told most often as target: North Korea (2 times, all conflict)." in said
    assert "Only ever target: Russia." in said
    assert "counted once" not in said
    assert "(not said)" not in said


def test_who_is_acted_upon_most_is_told_with_deeds_counted_once():
    again = events(
        (0, "North Korea", "MOBILIZE", "South Korea"), (1, "General Staff", "MOBILIZE", "South Korea"),
        (2, "North Korea", "MOBILIZE", "South Korea"), (3, "experts", "ACCUSE", "North Korea"),
        (4, "South Korea", "MOBILIZE", "North Korea"),
    )  # fmt: skip
    said = plain(actions.describe_actions(actions.action_counts(again)))
    assert "Told most often as target: South Korea (3 times, all conflict)." in said
    assert "counted once, most often as doer: General Staff" not in said
    assert "most often as target: North Korea (2 times)." in said


def test_nothing_happens():
    assert actions.action_counts(SOME.head(0)).empty
    assert "No event" in actions.describe_events(SOME.head(0))
    assert "No event" in actions.describe_actions(actions.action_counts(SOME.head(0)))


def test_events_in_words():
    said = plain(actions.describe_events(SOME))
    assert "**4 events** in 2 sentences: 2 of material conflict, 1 of material cooperation and 1 of" in said
    assert "more than once" not in said
    assert "<" not in actions.describe_events(SOME)


def test_one_deed_told_twice_is_a_reason_to_count_with_care():
    twice = events((0, "North Korea", "MOBILIZE", "South Korea"), (2, "General Staff", "MOBILIZE", "South Korea"))
    assert actions.told_again(twice) == [("MOBILIZE", "South Korea", [0, 2])]
    said = plain(actions.describe_events(twice))
    assert said.endswith("told more than once**: MOBILIZE upon South Korea (sentences 0 and 2).")


def test_a_warning_may_be_a_prediction():
    said = plain(actions.describe_events(SOME.assign(verb=["do", "warn", "do", "do"])))
    assert said.endswith("- **A threat, or only a prediction?** “did <1>” (sentence 0).")


def test_frames_in_words():
    frames = pd.DataFrame(
        [(0, "diplomacy", 0.9), (2, "diplomacy", 0.7), (2, "economy", 0.8), (1, "none", 0.8)],
        columns=["sentence", "frame", "probability"],
    )
    said = plain(actions.describe_frames(frames, 3)).split("\n")
    assert said[0] == "- **diplomacy**, 2 of 3: sentences 0 and 2?"  # the second is not sure
    assert said[1] == "- **economy**, 1 of 3: sentence 2"
    assert "Not found: security threat, domestic legitimacy, humanitarian and responsibility." in said
    assert said[-1] == "1 sentence fits no frame."
    assert "No frame fits any sentence" in actions.describe_frames(frames.tail(1), 2)


def test_where_two_readers_differ():
    table = pd.DataFrame([[3, 1], [0, 2]], index=["against", "none"], columns=["against", "none"])
    figure = panels.confusion_heatmaps({"stance": table, "frames": table.iloc[:0, :0]}, "first", "model")
    label = drawn(figure)
    assert figure.get_suptitle() == "Of what first marks, model marks the same: 3 of 4 (stance)"  # "none" marks nothing
    assert figure.axes[0].get_title() == "stance: 1 of 6 differ"
    assert label == "Confusion of first (rows) and model (columns). stance: 5 of 6 the same."
    assert drawn(panels.confusion_heatmaps({}, "first", "model")) == "Nobody can be compared: nothing was found."


def test_articles_side_by_side():
    pairs = pd.DataFrame(
        [("a", "North Korea", "Russia", "favor", 0.8, 4), ("b", "North Korea", "Russia", "none", 0.0, 5),
         ("b", "author", "Russia", "against", 0.6, 6), ("a", "author", "Russia", "against", 0.9, 7)],
        columns=["article", "holder", "target", "stance", "probability", "evidence"],
    )  # fmt: skip
    names = {"a": "Paper A", "b": "Paper $B$"}
    figure = panels.stances_side_by_side(pairs, names)
    assert drawn(figure) == "Stances of 2 pairs in 2 articles. A side in several articles: 1 of 2."
    # the writers of two articles are two people, who share no side
    assert figure.get_suptitle() == "Writers aside, no pair has a side in more than one article"
    assert {"+ 0.80 (4)", "none", "− 0.60 (6)"} <= {text.get_text() for text in figure.axes[0].texts}
    assert "nothing was found" in drawn(panels.stances_side_by_side(pairs.head(0), names))
    assert noted(figure).startswith("White: the machine was not asked, for no sentence names both")


@pytest.mark.parametrize(
    ("sides", "title"),
    [(["favor", "favor", "against", "favor"], "2 pairs have a side in more than one article, the same side for 1 of"),
     (["favor", "favor", "against", "against"], "2 pairs have a side in more than one article, the same side for all"),
     (["favor", "against", "none", "favor"], "1 pair has a side in more than one article, the same side for none"),
     (["favor", "none", "favor", "none"], "The machine finds no side in B")],
)  # fmt: skip
def test_what_articles_share_and_which_have_no_side_is_the_title(sides, title):
    keys = [("a", "N", "S"), ("b", "N", "S"), ("a", "S", "N"), ("b", "S", "N")]
    rows = [(*key, side, 0.9, 1) for key, side in zip(keys, sides, strict=True)]
    pairs = pd.DataFrame(rows, columns=["article", "holder", "target", "stance", "probability", "evidence"])
    assert title in panels.stances_side_by_side(pairs, {"a": "A", "b": "B"}).get_suptitle()


def test_pairs_that_are_not_drawn_are_counted_in_the_figure():
    rows = [("a", f"N{n}", "S", "favor", 0.5, 1) for n in range(30)]
    pairs = pd.DataFrame(rows, columns=["article", "holder", "target", "stance", "probability", "evidence"])
    said = noted(panels.stances_side_by_side(pairs, {"a": "Paper A"}))
    assert said == (
        "White: the machine was not asked, for no sentence names both (for the writer: names the other).\n"
        "Drawn: 12 of 30 pairs with a side, those first that are in most articles."
    )


def test_words_side_by_side():
    shares = pd.DataFrame(
        [("a", "author", "author", 0.6), ("a", "Seoul", "quote", 0.4), ("b", "", "reported", 1.0)],
        columns=["article", "speaker", "voice", "share"],
    )
    assert "The writer's own: Paper A 60%, B 0%" in drawn(
        panels.voices_side_by_side(shares, {"a": "Paper A", "b": "B"})
    )


def test_a_speaker_keeps_one_colour_in_all_figures():
    one = pd.DataFrame([("a", "Tokyo", "quote", 0.7), ("a", "Seoul", "quote", 0.3)],
                       columns=["article", "speaker", "voice", "share"])  # fmt: skip
    two = pd.DataFrame([("b", "author", "author", 0.2), ("b", "Seoul", "quote", 0.6), ("b", "", "quote", 0.2)],
                       columns=["article", "speaker", "voice", "share"])  # fmt: skip
    colours = panels.speaker_colours(pd.concat([one, two]))
    assert list(colours) == ["Seoul", "Tokyo"]  # heard in most articles first; neither the writer nor nobody
    drawn_as = []
    for shares, names in ((one, {"a": "A"}), (two, {"b": "B"})):
        key = panels.voices_side_by_side(shares, names, colours).legends[0]
        patches = zip(key.get_texts(), key.get_patches(), strict=True)
        drawn_as.append({text.get_text(): patch.get_facecolor() for text, patch in patches})
    assert drawn_as[0]["Seoul"] == drawn_as[1]["Seoul"] != drawn_as[0]["Tokyo"]
    assert list(drawn_as[1]) == ["the writer", "Seoul", "speaker not found"]
    many = pd.DataFrame({"article": "a", "speaker": [f"S{n}" for n in range(20)], "voice": "quote", "share": 0.05})
    figure = panels.voices_side_by_side(many, {"a": "A"})
    assert "other speakers" in [text.get_text() for text in figure.legends[0].get_texts()]
    assert figure.get_suptitle() == "The writer’s own words: 0% (A)"


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
    note = "Hollow: under 5 events, too few for a bar. Not drawn: 2 articles without an event."
    label = drawn(figure)
    assert label == (
        f"Mean conflict-cooperation score of 3 articles by date: Early −7.60; Late $5 −2.72; N −2.72. {note}"
    )
    assert figure.get_supxlabel() == f"Bars: 90% intervals. {note}"
    assert figure.get_suptitle() == "The bar lies wholly in conflict for 0 of 3 articles, wholly in cooperation for 0"
    ax = figure.axes[0]
    assert [text.get_text() for text in ax.get_yticklabels()] == [
        "Early\n2024-12, 1 event", "Late \\$5\n2025-01-02T10:00:00+09:00, 4 events", "N\nno date, 4 events",
    ]  # fmt: skip
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # the earliest at the top
    whole = panels.conflict_over_time(pd.concat([found, found]).query("article == 'late'"), dates.head(1))
    assert whole.get_supxlabel() == "Bars: 90% intervals."
    dots = whole.axes[0].lines[0]
    assert dots.get_linestyle() == "None"  # outlets are no series
    assert list(dots.get_xdata()) == pytest.approx([-2.725])
    assert "nothing was found" in drawn(panels.conflict_over_time(SOME.assign(article="none"), dates))


def test_a_few_events_never_settle_how_an_article_is_told():
    dates = pd.DataFrame([("a", "A", None), ("b", "B", None)], columns=["article", "name", "date"])
    harsh = pd.DataFrame({"article": ["a"] * 4 + ["b"] * 6, "intensity": -8.0})
    assert "wholly in conflict for 1 of 2 articles" in panels.conflict_over_time(harsh, dates).get_suptitle()
    mild = harsh.assign(intensity=5.0)
    assert panels.conflict_over_time(mild, dates).get_suptitle().endswith("wholly in cooperation for 1")
