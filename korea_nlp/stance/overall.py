"""The stances of a whole article, from those of its sentences."""

from __future__ import annotations

import numpy as np
import pandas as pd

from korea_nlp.stance import LABELS, SIDES

OVERALL = ["holder", "target", "stance", "probability", "count", "low", "high", "sentences",
           "favor_sentences", "against_sentences", "unclear_sentences", "evidence"]  # fmt: skip


def aggregate_stance(stance: pd.DataFrame) -> pd.DataFrame:
    """The article's stances from those of its sentences.

    Parameters
    ----------
    stance
        What `detect_stance` returns.

    Returns
    -------
    pandas.DataFrame
        One row per holder and target: `holder`, `target`; `stance` (the side that more sentences take; `none`
        where no sentence takes one; `unclear` where sentences are unsure, or stand against each other about
        equally often); `probability` (that at least one sentence takes this side, 0 to 1; for `none`, that
        none takes any); `count` (sentences that take it) with `low` and `high` (90% interval of how many
        do, by the probabilities of all sentences: Poisson-binomial); `sentences` (that bring the two
        together); `favor_sentences`, `against_sentences`, `unclear_sentences`; `evidence` (the sentence with
        the strongest stance). Sides first, the surest first.

    Examples
    --------
    >>> from korea_nlp import aggregate_stance, detect_stance, parse_article
    >>> article = parse_article("Tokyo condemned Pyongyang. Tokyo also accused Pyongyang of lies.")
    >>> overall = aggregate_stance(detect_stance(article))
    >>> overall.loc[overall["stance"] != "none", ["holder", "target", "stance", "count", "sentences"]]
      holder       target   stance  count  sentences
    0  Japan  North Korea  against      2          2
    """
    rows = []
    probabilities, labels = stance[LABELS].to_numpy(float), stance["stance"].to_numpy(object)
    sentences = stance["sentence"].to_numpy()
    for (holder, target), here in stance.groupby(["holder", "target"]).indices.items():
        favor, against, unclear = counts = [int((labels[here] == name).sum()) for name in (*SIDES, "unclear")]
        p = probabilities[here]
        one_sided = bool(favor) != bool(against)
        side = int(against > 0) if one_sided else int(p[:, 1].sum() > p[:, 0].sum())
        label = SIDES[side] if favor or against else "unclear" if unclear else "none"
        if max(favor, against) < 2 * min(favor, against):
            label = "unclear"
        probability = p[:, 2].prod() if label == "none" else 1 - (1 - p[:, side]).prod()
        low, high = count_interval(p[:, side])
        taken = counts[side]
        strongest = sentences[here[p[:, side].argmax()]]
        rows.append((holder, target, label, probability, taken, min(low, taken), max(high, taken), len(here),
                     *counts, int(strongest)))  # fmt: skip
    table = pd.DataFrame(rows, columns=OVERALL)
    rank = table["stance"].map({"favor": 0, "against": 0, "unclear": 1, "none": 2})
    ranked = table.assign(rank=rank, sure=-table["probability"].round(6))
    return ranked.sort_values(["rank", "sure", "holder", "target"], ignore_index=True)[OVERALL]


def count_interval(probabilities: np.ndarray) -> tuple[int, int]:
    """How many of independent events happen: the central 90% of the Poisson-binomial distribution."""
    chances = np.ones(1)
    for p in probabilities:
        chances = np.convolve(chances, [1 - p, p])
    low, high = np.searchsorted(np.cumsum(chances), [0.05, 0.95])
    return int(low), int(high)
