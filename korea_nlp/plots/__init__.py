"""Figures of what was found in an article, in several, and in the checks of the models.

Each figure's title says the one thing to see in it, and its label (``figure.get_label()``) describes it, both in
words computed from the data. Sentences bear the numbers that they have in the tables.
"""

from korea_nlp.plots.article import actor_timeline, article_arc, salience_bars, summary_alignment, voice_strip
from korea_nlp.plots.comparison import conflict_over_time, speaker_colours, stances_side_by_side, voices_side_by_side
from korea_nlp.plots.figures import png, show
from korea_nlp.plots.quality import confusion_heatmaps, contrast_dots, coverage_dots
from korea_nlp.plots.stance import actor_network, stance_heatmap, stance_mirror

__all__ = [
    "actor_network", "actor_timeline", "article_arc", "conflict_over_time", "confusion_heatmaps",
    "contrast_dots", "coverage_dots", "png", "salience_bars", "show", "speaker_colours", "stance_heatmap",
    "stance_mirror", "stances_side_by_side", "summary_alignment", "voice_strip", "voices_side_by_side",
]  # fmt: skip
