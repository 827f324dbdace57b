import made_up_reading
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb, to_rgba

from korea_nlp import plots
from korea_nlp.plots import figures, stance
from korea_nlp.prose.actors import voice_shares

ARTICLE = made_up_reading.article()
MENTIONS = made_up_reading.mentions(ARTICLE)
STANCE = made_up_reading.stance(ARTICLE)
EVENTS = made_up_reading.events(ARTICLE)
PAIRS = made_up_reading.stance_article(STANCE)
SALIENCE = pd.DataFrame({"sentence": range(1, 14), "salience": np.linspace(0.9, 0.1, 13)})
FIGURES = {
    "timeline": lambda: plots.actor_timeline(MENTIONS, ARTICLE),
    "heatmap": lambda: plots.stance_heatmap(PAIRS, STANCE),
    "alignment": lambda: plots.summary_alignment(made_up_reading.summary(ARTICLE), ARTICLE),
    "arc": lambda: plots.article_arc(STANCE, EVENTS, ARTICLE),
    "mirror": lambda: plots.stance_mirror(PAIRS),
    "voices": lambda: plots.voice_strip(made_up_reading.voices(ARTICLE), ARTICLE),
    "network": lambda: plots.actor_network(PAIRS),
    "salience": lambda: plots.salience_bars(SALIENCE, made_up_reading.summary(ARTICLE)),
}


def noted(figure):
    """The note above a figure's key."""
    return figure.legends[0].get_title().get_text()


def drawn(figure):
    """The label of a figure that can be drawn."""
    assert plots.png(figure).startswith(b"\x89PNG")
    return figure.get_label()


def texts(figure):
    figure.draw_without_rendering()
    words = [t.get_text() for ax in figure.axes for t in [*ax.texts, *ax.get_xticklabels(), *ax.get_yticklabels()]]
    return [" ".join(word.split()) for word in words]


@pytest.mark.parametrize("name", FIGURES)
def test_figures_are_deterministic_titled_and_described_and_leave_pyplot_alone(name):
    figure, again = FIGURES[name](), FIGURES[name]()
    assert plots.png(figure) == plots.png(again)
    assert figure.get_suptitle()
    assert figure.get_label().endswith(".")
    assert plt.get_fignums() == []


@pytest.mark.parametrize(
    "make",
    [
        lambda: plots.actor_timeline(MENTIONS.iloc[:0], ARTICLE),
        lambda: plots.stance_heatmap(PAIRS.iloc[:0], STANCE.iloc[:0]),
        lambda: plots.stance_heatmap(pd.DataFrame(columns=PAIRS.columns)),
        lambda: plots.stance_heatmap(PAIRS[PAIRS["stance"] == "none"]),
        lambda: plots.article_arc(STANCE[STANCE["stance"] == "none"], EVENTS.iloc[:0], ARTICLE),
        lambda: plots.article_arc(pd.DataFrame(columns=STANCE.columns), EVENTS.iloc[:0], ARTICLE),
        lambda: plots.stance_mirror(PAIRS.iloc[:0]),
        lambda: plots.voice_strip(made_up_reading.voices(ARTICLE).iloc[:0], ARTICLE),
        lambda: plots.actor_network(PAIRS[PAIRS["stance"] == "unclear"]),
    ],
)
def test_an_article_without_actors_or_stances_says_so(make):
    figure = make()
    assert plots.png(figure)
    assert "nothing was found" in figure.get_label()


def test_heatmap_says_stance_probability_and_every_sentence_it_rests_on():
    figure = plots.stance_heatmap(PAIRS, STANCE)
    words = texts(figure)
    assert "against 1.00 sentences 1, 5 and 6" in words  # North Korea toward South Korea; sentence 8 is none
    assert "for 0.88 sentence 7" in words
    assert any(word.startswith("unclear") and word.endswith("sentence 1") for word in words)
    assert words.count("no stance") == 2
    assert "General Staff" not in words  # its only pair is none
    assert "Blank: not asked." in figure.get_supxlabel()
    assert figure.get_suptitle() == "Stances that the machine reads: 6 against, 2 for, 1 unclear"


DISPUTED = pd.DataFrame(
    [("experts", "Kim Jong Un", "against", "none", "none"), ("North Korea", "Russia", "favor", "none", "favor")],
    columns=["holder", "target", "model", "first", "second"],
)


def test_figures_say_where_all_readers_disagree():
    words = texts(plots.stance_heatmap(PAIRS, STANCE, DISPUTED))
    assert "against 0.77 sentence 9 readers: no stance" in words
    assert "for 0.88 sentence 7" in words  # one reader agrees
    assert "against 0.96 (all readers: none)" not in texts(plots.stance_mirror(PAIRS, DISPUTED))
    both = DISPUTED.assign(holder=["Kim Jong Un", "North Korea"], target=["South Korea", "Russia"])
    assert "against 0.96 (readers: no stance)" in texts(plots.stance_mirror(PAIRS, both))
    pale = [arrow.get_alpha() for arrow in arrows_of(plots.actor_network(PAIRS, disputed=DISPUTED))]
    assert sorted(pale) == [0.35, *[1] * (len(pale) - 1)]


def test_against_has_one_colour_in_all_figures():
    strong = np.array(stance.SHADES(0.0)), np.array(stance.SHADES(1.0))
    assert np.allclose(strong, [to_rgba(colour) for colour in (figures.AGAINST, figures.FAVOR)])


def test_heatmap_says_how_many_sides_of_readers_it_does_not_draw():
    hidden = PAIRS[PAIRS["holder"] == "General Staff"].iloc[0]
    seen = pd.DataFrame([{**hidden[["holder", "target"]], "model": "none", "first": "against", "second": "against"}])
    note = " ".join(plots.stance_heatmap(PAIRS, STANCE, seen).get_supxlabel().split())
    assert "in which the machine found no side; in 1 of them, all readers see a side." in note
    assert "readers" not in plots.stance_heatmap(PAIRS, STANCE).get_supxlabel()


def test_heatmap_without_the_sentences_names_the_strongest():
    assert "against 1.00 sentence 1" in texts(plots.stance_heatmap(PAIRS))


def test_many_long_names_are_wrapped_and_never_shortened():
    names = [f"Organisation Number {n} for Peace and Co-operation on the Peninsula" for n in range(12)]
    rows = [(h, t, "against", 0.9, 1, 0, 1, 1, 0, 1, 0, 3) for h in names for t in names if h != t]
    pairs = pd.DataFrame(rows, columns=PAIRS.columns)
    words = texts(plots.stance_heatmap(pairs))
    assert all(words.count(name) == 2 for name in names)
    assert set(names) <= set(texts(plots.actor_network(pairs)))


def test_timeline_counts_mentions_and_orders_by_first():
    words = texts(plots.actor_timeline(MENTIONS, ARTICLE))
    assert words.index("South Korea (5)") < words.index("North Korea (10)") < words.index("experts (1)")
    assert "×2" in words  # North Korea twice in sentence 7
    tied = MENTIONS.drop_duplicates("actor").head(4)
    assert plots.actor_timeline(tied, ARTICLE).get_label().count("(1)") == 4


def test_unsupported_summary_sentences_are_marked():
    words = texts(plots.summary_alignment(made_up_reading.summary(ARTICLE), ARTICLE))
    assert "0.04 unsupported" in words
    assert {"0.91", "0.97"} <= set(words)
    assert any(word.startswith("3 The United States has signed a peace treaty") for word in words)


def test_a_key_explains_what_is_drawn_and_nothing_else():
    key = [text.get_text() for text in FIGURES["alignment"]().legends[0].get_texts()]
    assert key == ["rests on this sentence", "further evidence", "closest, but no support"]
    made = made_up_reading.summary(ARTICLE)
    joined = made.sentences.assign(evidence=[[1, 2]] * 3, evidence_text=" ".join(ARTICLE.sentences["text"][:2]))
    figure = plots.summary_alignment(made_up_reading.MadeUpSummary("abstractive", joined.head(2)), ARTICLE)
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["rests on this sentence"]


def test_chosen_sentences_are_told_from_salient_ones():
    figure = FIGURES["salience"]()  # chosen: 1, 2, 5, 6, 8 and 10
    assert figure.get_suptitle() == "4 of the 6 chosen sentences are among the 6 with the highest salience"
    assert "Chosen: 1, 2, 5, 6, 8 and 10." in figure.get_label()


def test_sentences_without_an_actor_are_seen_to_be_a_finding():
    figure = FIGURES["timeline"]()
    assert "no actor was found" in [text.get_text() for text in figure.legends[0].get_texts()]
    assert len(figure.axes[0].patches) == 3
    everywhere = MENTIONS.head(1).loc[[0] * 13].assign(sentence=range(1, 14))
    assert not plots.actor_timeline(everywhere, ARTICLE).axes[0].patches


def test_arc_holds_stances_and_deeds_beside_their_opening_words():
    figure = plots.article_arc(STANCE, EVENTS, ARTICLE)
    assert "8 stances against and 2 for, 3 deeds" in figure.get_label()
    assert any(word.startswith("8 North Korea’s announcement was") for word in texts(figure))
    bars, marks = figure.axes
    assert min(patch.get_width() for patch in bars.patches) == -2  # two stances against in sentence 6
    assert sum(len(dots.get_offsets()) for dots in marks.collections) == len(EVENTS)
    assert {"2", "1", "0"} <= {label.get_text() for label in bars.get_xticklabels()}
    assert marks.get_xlim() == (-10.5, 10.5)


def test_no_deed_hides_another_in_its_sentence():
    told = pd.concat([EVENTS.head(1)] * 6, ignore_index=True).assign(start=range(6))
    marks = plots.article_arc(STANCE, told, ARTICLE).axes[1]
    heights = sorted(y for dots in marks.collections for _, y in dots.get_offsets())
    assert len(set(heights)) == 6
    assert max(heights) - min(heights) < 1  # within the row of the sentence


def test_camps_stand_together():
    camps = stance.camps(PAIRS)
    assert camps["North Korea"] * camps["South Korea"] < 0
    assert camps["North Korea"] * camps["Kim Jong Un"] > 0
    assert abs(camps["dialogue"]) < 0.05
    holders = [word for word in texts(plots.stance_heatmap(PAIRS)) if word in set(PAIRS["holder"])]
    rank = list(camps.index)
    rows = [name for name in holders[len(holders) // 2 :] if name in rank]
    assert rows == sorted(rows, key=rank.index)


def test_the_mirror_shows_both_directions():
    both = [("A", "B", "against", 0.9), ("B", "A", "none", 0.0), ("A", "C", "favor", 0.8), ("C", "A", "favor", 0.7)]
    pairs = pd.DataFrame(both, columns=["holder", "target", "stance", "probability"])
    figure = plots.stance_mirror(pairs)
    assert "in 1 case only one takes a side, in 1 both do" in " ".join(figure.get_suptitle().split())
    alone = " ".join(plots.stance_mirror(pairs.head(2)).get_suptitle().split())
    assert alone == "Two actors, asked both ways: in 1 case only one takes a side, in 0 both do"
    assert "B on A" in texts(figure)
    assert figure.get_label().endswith("A on B: against, back: no stance; A on C: for, back: for.")
    assert {"no stance", "against 0.90", "for 0.70"} <= set(texts(figure))


def test_voices_stand_along_the_text():
    figure = plots.voice_strip(made_up_reading.voices(ARTICLE), ARTICLE)
    own, other = figure.get_suptitle().split("; ")
    share = voice_shares(made_up_reading.voices(ARTICLE)).set_index("speaker").loc["author", "share"]
    assert own.startswith(f"{share:.0%} of the words ")
    assert "the writer’s own" in own
    assert other.endswith("experts have the most")
    assert {"the writer", "experts"} <= set(texts(figure))


def arrows_of(figure):
    return [note.arrow_patch for note in figure.axes[0].texts if note.arrow_patch is not None]


@pytest.mark.parametrize("number", [3, 12, 30])
def test_no_arrow_runs_through_a_third(number):
    names = ["dialogue", *(f"actor {n}" for n in range(1, number))]
    pairs = [(names[n], names[(n * 5 + 2) % number], n % 3) for n in range(number)]
    pairs += [(target, holder, kind) for holder, target, kind in pairs]
    rows = [(h, t, "favor" if kind else "against", 0.9, 1, 0, 1, 1, 0, 1, 0, 3) for h, t, kind in pairs if h != t]
    made = pd.DataFrame(rows, columns=PAIRS.columns).drop_duplicates(["holder", "target"])
    figure = plots.actor_network(made)
    figure.draw_without_rendering()
    (ax,) = figure.axes
    nodes = ax.transData.transform([dots.get_offsets()[0] for dots in ax.collections])
    for arrow in arrows_of(figure):
        path = arrow.get_path().transformed(arrow.get_transform()).interpolated(20).vertices
        near = np.linalg.norm(nodes[:, None] - path[None], axis=2).min(axis=1)
        assert (near < 6).sum() == 0, "no line touches a mark: it ends before it"


def test_network_tells_sides_apart_without_colour():
    arrows = arrows_of(plots.actor_network(PAIRS))
    assert {(a.get_edgecolor()[:3], a.get_linestyle()) for a in arrows} == {
        (to_rgb(figures.FAVOR), "solid"),
        (to_rgb(figures.AGAINST), "dashed"),
    }
    assert len(arrows) == PAIRS["stance"].isin(["favor", "against"]).sum()


def test_network_draws_issues_as_squares_and_counts_them_apart():
    for pairs, who, squares in ((PAIRS, "8 actors and 1 issue with 8 stances", 1),
                                (PAIRS[PAIRS["target"] != "dialogue"], "7 actors with 7 stances", 0)):  # fmt: skip
        figure = plots.actor_network(pairs)
        assert f"Network of {who}: North Korea against" in figure.get_label()
        assert noted(figure) == "Thicker: found in more sentences." + " Squares: issues." * squares
        corners = [len(c.get_paths()[0].vertices) for c in figure.axes[0].collections if len(c.get_offsets())]
        assert corners.count(5) == squares  # a square has four corners, and closes


def test_dollar_signs_in_names_are_not_mathematics():
    mentions = MENTIONS.assign(actor=MENTIONS["actor"].replace("Russia", r"Fund of $5 and $\alpha 6"))
    assert plots.png(plots.actor_timeline(mentions, ARTICLE))


def test_show_publishes_the_alt_text_twice(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda data, **more: shown.append((data, more)))
    figure = plots.actor_network(PAIRS)
    plots.show(figure)
    ((first, more),) = shown
    assert first["text/plain"] == figure.get_label() == more["metadata"]["image/png"]["alt"]
    assert more["raw"] is True
    assert first["image/png"].startswith("iVBOR")


# Several articles, and checks of the machine

SOME_EVENTS = pd.DataFrame({
    "sentence": [0, 0, 2, 2], "start": [0, 10, 40, 60], "end": [9, 20, 50, 70],
    "category": ["MOBILIZE", "COOPERATE", "ACCUSE", "MOBILIZE"], "intensity": [-7.6, 6.5, -2.2, -7.6],
})  # fmt: skip


def test_where_two_readers_differ():
    table = pd.DataFrame([[3, 1], [0, 2]], index=["against", "none"], columns=["against", "none"])
    figure = plots.confusion_heatmaps({"stances": table, "frames": table.iloc[:0, :0]}, "first", "model")
    label = drawn(figure)
    assert figure.get_suptitle() == "Model agrees with first on 3 of 4 stances"  # "none" marks nothing
    assert figure.axes[0].get_title() == "stances: 1 of 6 differ"
    assert label.endswith("too: 5 of 6 stances.")
    assert drawn(plots.confusion_heatmaps({}, "first", "model")) == "Nobody can be compared: nothing was found."


def test_articles_side_by_side():
    pairs = pd.DataFrame(
        [("a", "North Korea", "Russia", "favor", 0.8, 4), ("b", "North Korea", "Russia", "none", 0.0, 5),
         ("b", "author", "Russia", "against", 0.6, 6), ("a", "author", "Russia", "against", 0.9, 7)],
        columns=["article", "holder", "target", "stance", "probability", "evidence"],
    )  # fmt: skip
    names = {"a": "Paper A", "b": "Paper $B$"}
    figure = plots.stances_side_by_side(pairs, names)
    # the writers of two articles are two people, who share no side
    assert figure.get_suptitle() == "Apart from the writers’ own, no stance is found in more than one article"
    assert drawn(figure) == f"Stances of 2 pairs in 2 articles. {figure.get_suptitle()}."
    assert {"+ 0.80 (4)", "none", "− 0.60 (6)"} <= {text.get_text() for text in figure.axes[0].texts}
    assert "nothing was found" in drawn(plots.stances_side_by_side(pairs.head(0), names))
    assert noted(figure).startswith("White: not asked")


@pytest.mark.parametrize(
    ("sides", "title"),
    [(["favor", "favor", "against", "favor"], "1 stance is found in more than one article; 1 pair takes"),
     (["favor", "favor", "against", "against"], "2 stances are found in more than one article"),
     (["favor", "against", "none", "favor"], "No stance is found in more than one article; 1 pair takes"),
     (["favor", "none", "favor", "none"], "The machine finds no side in B")],
)  # fmt: skip
def test_what_articles_share_and_which_have_no_side_is_the_title(sides, title):
    keys = [("a", "N", "S"), ("b", "N", "S"), ("a", "S", "N"), ("b", "S", "N")]
    rows = [(*key, side, 0.9, 1) for key, side in zip(keys, sides, strict=True)]
    pairs = pd.DataFrame(rows, columns=["article", "holder", "target", "stance", "probability", "evidence"])
    assert title in plots.stances_side_by_side(pairs, {"a": "A", "b": "B"}).get_suptitle()


def test_pairs_that_are_not_drawn_are_counted_in_the_figure():
    rows = [("a", f"N{n}", "S", "favor", 0.5, 1) for n in range(30)]
    pairs = pd.DataFrame(rows, columns=["article", "holder", "target", "stance", "probability", "evidence"])
    said = noted(plots.stances_side_by_side(pairs, {"a": "Paper A"}))
    assert said == (
        "White: not asked; the machine found no sentence that mentions both.\n"
        "The machine finds 30 pairs in which one is for or against the other. "
        "Those found in the largest number of articles come first; 18 are not shown."
    )


def test_words_side_by_side():
    shares = pd.DataFrame(
        [("a", "author", "author", 0.6), ("a", "Seoul", "quote", 0.4), ("b", "", "reported", 1.0)],
        columns=["article", "speaker", "voice", "share"],
    )
    assert "The writer's own: Paper A 60%, B 0%" in drawn(
        plots.voices_side_by_side(shares, {"a": "Paper A", "b": "B"}, plots.speaker_colours(shares))
    )


def test_a_speaker_keeps_one_colour_in_all_figures():
    one = pd.DataFrame([("a", "Tokyo", "quote", 0.7), ("a", "Seoul", "quote", 0.3)],
                       columns=["article", "speaker", "voice", "share"])  # fmt: skip
    two = pd.DataFrame([("b", "author", "author", 0.2), ("b", "Seoul", "quote", 0.6), ("b", "", "quote", 0.2)],
                       columns=["article", "speaker", "voice", "share"])  # fmt: skip
    colours = plots.speaker_colours(pd.concat([one, two]))
    assert list(colours) == ["Seoul", "Tokyo"]  # heard in most articles first; neither the writer nor nobody
    drawn_as = []
    for shares, names in ((one, {"a": "A"}), (two, {"b": "B"})):
        key = plots.voices_side_by_side(shares, names, colours).legends[0]
        patches = zip(key.get_texts(), key.get_patches(), strict=True)
        drawn_as.append({text.get_text(): patch.get_facecolor() for text, patch in patches})
    assert drawn_as[0]["Seoul"] == drawn_as[1]["Seoul"] != drawn_as[0]["Tokyo"]
    assert list(drawn_as[1]) == ["the writer", "Seoul", "speaker not found"]
    many = pd.DataFrame({"article": "a", "speaker": [f"S{n}" for n in range(20)], "voice": "quote", "share": 0.05})
    figure = plots.voices_side_by_side(many, {"a": "A"}, plots.speaker_colours(many))
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
    found = pd.concat([SOME_EVENTS.assign(article=name) for name in ("late", "never")])
    found = pd.concat([found, SOME_EVENTS.head(1).assign(article="early")])
    figure = plots.conflict_over_time(found, dates)
    note = "A hollow dot has no bar: its article has fewer than 5 deeds. Not drawn: 2 articles without a deed."
    label = drawn(figure)
    assert label == (
        f"Mean conflict-cooperation score of 3 articles by date: Early −7.60; Late $5 −2.72; N (no date) −2.72. {note}"
    )
    assert figure.get_supxlabel() == f"Bars: 90% intervals. {note}"
    assert figure.get_suptitle() == "In 3 articles, too few events to tell conflict from cooperation"
    twice = pd.concat([found, found.assign(target="another")])
    assert drawn(plots.conflict_over_time(twice, dates)) == label  # a deed toward two counts once
    ax = figure.axes[0]
    assert [text.get_text() for text in ax.get_yticklabels()] == [
        "Early\n2024-12, 1 deed", "Late \\$5\n2025-01-02T10:00:00+09:00, 4 deeds", "N\nno date, 4 deeds",
    ]  # fmt: skip
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # the earliest at the top
    more = pd.concat([found, found.assign(sentence=found["sentence"] + 5)])
    whole = plots.conflict_over_time(more.query("article == 'late'"), dates.head(1))
    assert whole.get_supxlabel() == "Bars: 90% intervals."
    assert whole.get_suptitle() == "Of 1 bar, none lie wholly in conflict and none wholly in cooperation"
    dots = whole.axes[0].lines[0]
    assert dots.get_linestyle() == "None"  # outlets are no series
    assert list(dots.get_xdata()) == pytest.approx([-2.725])
    assert "nothing was found" in drawn(plots.conflict_over_time(SOME_EVENTS.assign(article="none"), dates))


def test_a_few_events_never_settle_how_an_article_is_told():
    dates = pd.DataFrame([("a", "A", None), ("b", "B", None)], columns=["article", "name", "date"])
    harsh = pd.DataFrame({
        "article": ["a"] * 4 + ["b"] * 6, "sentence": range(10), "start": range(10), "end": range(1, 11),
        "category": "ASSAULT", "intensity": -8.0,
    })  # fmt: skip
    title = plots.conflict_over_time(harsh, dates).get_suptitle()
    assert title == "Of 1 bar, 1 lies wholly in conflict and none wholly in cooperation"
    for score, said in ((-0.001, "0.00"), (-0.65, "−0.65"), (0.5, "+0.50")):
        assert f"A (no date) {said};" in plots.conflict_over_time(harsh.assign(intensity=score), dates).get_label()
    mild = harsh.assign(intensity=5.0)
    title = plots.conflict_over_time(mild, dates).get_suptitle()
    assert title == "Of 1 bar, none lie wholly in conflict and 1 wholly in cooperation"


def test_arc_of_an_article_in_which_nobody_takes_a_side():
    figure = plots.article_arc(STANCE.assign(stance="none"), EVENTS, ARTICLE)
    assert plots.png(figure)
