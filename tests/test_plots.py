import fabricated
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb, to_rgba

from korea_nlp import plots
from korea_nlp.plots import figures

ARTICLE = fabricated.article()
MENTIONS = fabricated.mentions(ARTICLE)
STANCE = fabricated.stance(ARTICLE)
EVENTS = fabricated.events(ARTICLE)
PAIRS = fabricated.stance_article(STANCE)
CENTRAL = pd.DataFrame({"sentence": range(1, 14), "centrality": np.linspace(0.9, 0.1, 13)})
FIGURES = {
    "timeline": lambda: plots.actor_timeline(MENTIONS, ARTICLE),
    "heatmap": lambda: plots.stance_heatmap(PAIRS, STANCE),
    "alignment": lambda: plots.summary_alignment(fabricated.summary(ARTICLE), ARTICLE),
    "arc": lambda: plots.article_arc(STANCE, EVENTS, ARTICLE),
    "mirror": lambda: plots.stance_mirror(PAIRS),
    "voices": lambda: plots.voice_strip(fabricated.voices(ARTICLE), ARTICLE),
    "network": lambda: plots.actor_network(PAIRS),
    "centrality": lambda: plots.centrality_bars(CENTRAL, fabricated.summary(ARTICLE)),
}


def texts(figure):
    figure.draw_without_rendering()
    words = [
        t.get_text() for ax in figure.axes for t in [*ax.texts, *ax.get_xticklabels(), *ax.get_yticklabels()]
    ]
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
        lambda: plots.voice_strip(fabricated.voices(ARTICLE).iloc[:0], ARTICLE),
        lambda: plots.actor_network(PAIRS[PAIRS["stance"] == "unclear"]),
    ],
)
def test_an_article_without_actors_or_stances_says_so(make):
    figure = make()
    assert plots.png(figure)
    assert "nothing was found" in figure.get_label()


def test_heatmap_says_stance_probability_and_every_sentence_it_rests_on():
    words = texts(plots.stance_heatmap(PAIRS, STANCE))
    assert "against 1.00 in 1, 5, 6" in words  # North Korea toward South Korea; sentence 8 is none
    assert "for 0.88 in 7" in words
    assert any(word.startswith("unclear") and word.endswith("in 1") for word in words)
    assert words.count("no stance") == 2
    assert "General Staff" not in words  # its only pair is none
    figure = plots.stance_heatmap(PAIRS, STANCE)
    assert "Blank: no sentence speaks of both." in figure.get_supxlabel()
    assert figure.get_suptitle() == "Stances that the machine reads: 6 against, 2 for, 1 unclear"


DISPUTED = pd.DataFrame(
    [("experts", "Kim Jong Un", "against", "none", "none"), ("North Korea", "Russia", "favor", "none", "favor")],
    columns=["holder", "target", "model", "first", "second"],
)


def test_figures_say_where_all_readers_disagree():
    assert "against 0.77 in 9 readers: no stance" in texts(plots.stance_heatmap(PAIRS, STANCE, DISPUTED))
    assert "for 0.88 in 7" in texts(plots.stance_heatmap(PAIRS, STANCE, DISPUTED))  # one reader agrees
    assert "against 0.96 (all readers: none)" not in texts(plots.stance_mirror(PAIRS, DISPUTED))
    both = DISPUTED.assign(holder=["Kim Jong Un", "North Korea"], target=["South Korea", "Russia"])
    assert "against 0.96 (all readers: no stance)" in texts(plots.stance_mirror(PAIRS, both))
    pale = [arrow.get_alpha() for arrow in arrows_of(plots.actor_network(PAIRS, disputed=DISPUTED))]
    assert sorted(pale) == [0.35, *[1] * (len(pale) - 1)]


def test_against_has_one_colour_in_all_figures():
    strong = np.array(plots.stances.COLOURS(0.0)), np.array(plots.stances.COLOURS(1.0))
    assert np.allclose(strong, [to_rgba(colour) for colour in (figures.AGAINST, figures.FAVOR)])


def test_heatmap_without_the_sentences_names_the_strongest():
    assert "against 1.00 in 1" in texts(plots.stance_heatmap(PAIRS))


def test_many_long_names_are_wrapped_and_never_shortened():
    names = [f"Organisation Number {n} for Peace and Co-operation on the Peninsula" for n in range(12)]
    rows = [(h, t, "against", 0.9, 1, 0, 1, 1, 0, 1, 0, 3) for h in names for t in names if h != t]
    pairs = pd.DataFrame(rows, columns=PAIRS.columns)
    words = texts(plots.stance_heatmap(pairs))
    assert all(words.count(name) == 2 for name in names)
    assert all(name in texts(plots.actor_network(pairs)) for name in names)


def test_timeline_counts_mentions_and_orders_by_first():
    words = texts(plots.actor_timeline(MENTIONS, ARTICLE))
    assert words.index("South Korea (5)") < words.index("North Korea (10)") < words.index("experts (1)")
    assert "×2" in words  # North Korea twice in sentence 7


def test_unsupported_summary_sentences_are_marked():
    words = texts(plots.summary_alignment(fabricated.summary(ARTICLE), ARTICLE))
    assert "0.04 unsupported" in words
    assert {"0.91", "0.97"} <= set(words)
    assert any(word.startswith("3 The United States has signed a peace treaty") for word in words)


def test_a_key_explains_what_is_drawn_and_nothing_else():
    key = [text.get_text() for text in FIGURES["alignment"]().legends[0].get_texts()]
    assert key == ["rests on this sentence", "further evidence", "closest, but no support"]
    made = fabricated.summary(ARTICLE)
    joined = made.sentences.assign(evidence=[[1, 2]] * 3, evidence_text=" ".join(ARTICLE.sentences["text"][:2]))
    figure = plots.summary_alignment(fabricated.MadeUpSummary("abstractive", joined.head(2)), ARTICLE)
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["rests on this sentence"]


def test_chosen_sentences_are_told_from_central_ones():
    figure = FIGURES["centrality"]()  # chosen: 1, 2, 5, 6, 8 and 10
    assert figure.get_suptitle() == "Of the 6 most central sentences, 4 are chosen"
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
    left, right = figure.axes
    assert min(patch.get_width() for patch in left.patches) == -2  # two stances against in sentence 6
    assert sum(len(dots.get_offsets()) for dots in right.collections) == len(EVENTS)
    assert {"2", "1", "0"} <= {label.get_text() for label in left.get_xticklabels()}
    assert right.get_xlim() == (-10.5, 10.5)


def test_no_deed_hides_another_in_its_sentence():
    told = pd.concat([EVENTS.head(1)] * 6, ignore_index=True).assign(start=range(6))
    right = plots.article_arc(STANCE, told, ARTICLE).axes[1]
    heights = sorted(y for dots in right.collections for _, y in dots.get_offsets())
    assert len(set(heights)) == 6
    assert max(heights) - min(heights) < 1  # within the row of the sentence


def test_camps_stand_together():
    camps = plots.stances.bloc_order(PAIRS)
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
    assert figure.get_suptitle() == "In 1 of 2 pairs of actors, the machine reads that each is for or against the other"
    assert "B on A" in texts(figure)
    assert figure.get_label().endswith("A on B: against, back: no stance; A on C: for, back: for.")
    assert {"no stance", "against 0.90", "for 0.70"} <= set(texts(figure))


def test_voices_stand_along_the_text():
    figure = plots.voice_strip(fabricated.voices(ARTICLE), ARTICLE)
    assert figure.get_suptitle().endswith("of the words are the writer’s own; of the others, experts got most")
    assert {"the writer", "experts"} <= set(texts(figure))


def arrows_of(figure):
    return [note.arrow_patch for note in figure.axes[0].texts if note.arrow_patch is not None]


@pytest.mark.parametrize("number", [3, 12, 30])
def test_no_arrow_runs_through_a_third(number):
    names = [f"actor {n}" for n in range(number)]
    pairs = [(names[n], names[(n * 5 + 2) % number], n % 3) for n in range(number)]
    pairs += [(target, holder, kind) for holder, target, kind in pairs]
    rows = [(h, t, "favor" if kind else "against", 0.9, 1, 0, 1, 1, 0, 1, 0, 3) for h, t, kind in pairs if h != t]
    made = pd.DataFrame(rows, columns=PAIRS.columns).drop_duplicates(["holder", "target"])
    figure = plots.actor_network(made, ["actor 1"])
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


@pytest.mark.parametrize(
    ("issues", "who", "note"),
    [
        (None, "8 actors and 1 issue with 8 stances", " Squares: issues."),
        (["Russia", "dialogue"], "7 actors and 2 issues with 8 stances", " Squares: issues."),
        ([], "9 actors with 8 stances", ""),
    ],
)
def test_network_draws_issues_as_squares_and_counts_them_apart(issues, who, note):
    figure = plots.actor_network(PAIRS, issues)
    assert f"Network of {who}: North Korea against" in figure.get_label()
    assert figure.legends[0].get_title().get_text() == f"Thicker: found in more sentences.{note}"
    corners = [len(c.get_paths()[0].vertices) for c in figure.axes[0].collections if len(c.get_offsets())]
    assert corners.count(5) == (1 if issues is None else len(issues))  # a square has four corners, and closes


@pytest.mark.parametrize(
    ("value", "said"), [(-0.001, "0.00"), (0.0, "0.00"), (-0.65, "−0.65"), (0.5, "+0.50")]
)
def test_scores_have_a_sign_and_no_negative_zero(value, said):
    assert figures.signed(value) == said


def test_dollar_signs_in_names_are_not_mathematics():
    mentions = MENTIONS.assign(actor=MENTIONS["actor"].replace("Russia", r"Fund of $5 and $\alpha 6"))
    assert plots.png(plots.actor_timeline(mentions, ARTICLE))


def test_show_publishes_the_alt_text_twice_and_closes(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda data, **more: shown.append((data, more)))
    figure = plots.actor_network(PAIRS)
    plots.show(figure)
    plots.show(figure, "other words")
    (first, more), (second, _) = shown
    assert first["text/plain"] == figure.get_label() == more["metadata"]["image/png"]["alt"]
    assert more["raw"] is True
    assert first["image/png"].startswith("iVBOR")
    assert second["text/plain"] == "other words"
