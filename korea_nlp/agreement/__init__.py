"""How far two readings agree: of two readers, or of a reader and the machine.

A reading is a dict of tables as `load_gold` and `from_annotations` return it. `one` is the reference where
precision and recall are asked for; the other measures do not tell the two apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from korea_nlp.agreement.matching import (
    PAIR,
    column,
    compare_events,
    compare_spans,
    pair_frames,
    pair_rows,
    pair_words,
    share,
    stance_candidates,
)

SCORES = ["accuracy", "kappa", "alpha", "precision", "recall", "f1"]
LABELS = ["label", "items", "one", "other", "both", *SCORES, "dropped", "why"]
READINGS = ["layer", "unit", "items", *SCORES, "dropped", "why"]


def compare_labels(items: pd.DataFrame, drop: Iterable[str] = ()) -> pd.DataFrame:
    """Agreement on the labels of items, over all and label by label.

    Parameters
    ----------
    items
        What `pair_words` or `pair_rows` returned: columns `one` (the reference) and `other`.
    drop
        Labels that are no answer, such as ``"unclear"`` where the model abstains.

    Returns
    -------
    DataFrame
        `label` (``"all"``, then each label against the rest), `items` (compared), `one`, `other` (how often
        either gives the label), `both`, `accuracy` (share of items on which they agree), `kappa` (Cohen
        1960), `alpha` (Krippendorff, nominal), `precision`, `recall`, `f1` (of ``"all"``: the means over the
        labels that `one` gives), `dropped` (items that could not be compared) and `why`. Kappa and alpha
        are missing where only one label occurs: agreement by chance is then certain.
    """
    sides = {"one": items["one"], "the other": items["other"]}
    lost = {f"not labelled once by {name}": given.isna() for name, given in sides.items()}
    lost |= {f"labelled {name}": (items["one"] == name) | (items["other"] == name) for name in drop}
    kept = items[~pd.DataFrame(lost).any(axis=1)]
    why = ", ".join(f"{int(gone.sum())} {reason}" for reason, gone in lost.items() if gone.any())
    one, other = kept["one"].astype(str), kept["other"].astype(str)
    rows = []
    for label in sorted({*one, *other}):
        a, b = one == label, other == label
        both = int((a & b).sum())
        shares = share(both, b.sum()), share(both, a.sum()), share(2 * both, a.sum() + b.sum())
        rows.append((label, len(kept), a.sum(), b.sum(), both, *_beyond_chance(a, b), *shares))
    parts = pd.DataFrame(rows, columns=LABELS[:-2])
    means = [parts.loc[parts["one"] > 0, name].fillna(0).mean() for name in SCORES[3:]]
    same = int((one == other).sum())
    whole = ("all", len(kept), len(kept), len(kept), same, *_beyond_chance(one, other), *means)
    found = pd.DataFrame([whole, *rows], columns=LABELS[:-2])
    return found.assign(dropped=len(items) - len(kept), why=why)


def _beyond_chance(one: pd.Series, other: pd.Series) -> tuple[float, float, float]:
    """Accuracy, Cohen's kappa, Krippendorff's alpha."""
    import krippendorff
    from sklearn.metrics import cohen_kappa_score

    accuracy = share(int((one == other).sum()), len(one))
    codes, labels = pd.factorize(np.concatenate([one, other]))
    if len(labels) < 2:
        return accuracy, np.nan, np.nan
    first, second = np.split(codes, 2)
    alpha = krippendorff.alpha(reliability_data=np.stack([first, second]), level_of_measurement="nominal")
    return accuracy, float(cohen_kappa_score(first, second)), float(alpha)


def confusion(one: pd.Series, other: pd.Series) -> pd.DataFrame:
    """How often each label of `one` (rows) meets each of `other` (columns): a square table of counts."""
    both = pd.DataFrame({"one": [*one], "other": [*other]}).dropna()
    labels = sorted({*both["one"], *both["other"]})
    counts = Counter(both.itertuples(index=False, name=None))
    table = [[counts[a, b] for b in labels] for a in labels]
    return pd.DataFrame(table, pd.Index(labels, name="one"), pd.Index(labels, name="other"), dtype="int64")


def compare_readings(one: dict[str, pd.DataFrame], other: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Agreement of two readings on all that both hold.

    Parameters
    ----------
    one, other
        Tables by name: `mentions` and `voices`, and any of `stance`, `stance_article`, `events`, `frames`.
        Of several articles (column `article`), those that only one reading has voices of are dropped.

    Returns
    -------
    DataFrame
        `layer`, `unit` (what is counted), `items` (how many; of spans and events, those that either reading
        has), then `accuracy`, `kappa`, `alpha`, `precision`, `recall`, `f1` where they make sense, `dropped`
        (items that could not be compared) and `why`.
    """
    both = {*column(one["voices"], "article")} & {*column(other["voices"], "article")}
    kept = [
        {name: table[pd.Index(column(table, "article")).isin(both)] for name, table in reading.items()}
        for reading in (one, other)
    ]
    rows = []
    for layer, table, unit, found in _comparisons(*kept):
        lost = len(one[table]) + len(other[table]) - sum(len(reading[table]) for reading in kept)
        why = [found.get("why", "")]
        why += [f"{lost} listed in articles that only one has read"] * bool(lost)
        about = {"layer": layer, "unit": unit, "dropped": found.get("dropped", 0) + lost}
        rows.append({**found, **about, "why": "; ".join(filter(None, why))})
    return pd.DataFrame(rows, columns=READINGS)


def _comparisons(one: dict, other: dict) -> Iterator[tuple[str, str, str, dict]]:
    """Layer, name of its table, unit, and the row of scores, of whatever both readings hold."""
    both = {name: (table, other[name]) for name, table in one.items() if name in other}
    candidates = stance_candidates(*both["mentions"])
    for row in _overall(compare_spans(*both["mentions"], by="actor")):
        yield "mentions", "mentions", f"spans and actors ({row['match']})", row
    quotes = [table[table["voice"] == "quote"] for table in both["voices"]]
    for row in _overall(compare_spans(*quotes)):
        yield "quotations", "voices", f"spans ({row['match']})", row
    for layer, label in (("voices", "voice"), ("speakers", "speaker")):
        yield layer, "voices", "words", _overall(compare_labels(pair_words(*both["voices"], label)))[0]
    for name, keys, unit in (
        ("stance", PAIR, "pairs of actors in a sentence"),
        ("stance_article", [PAIR[0], *PAIR[2:]], "pairs of actors in an article"),
    ):
        if name in both:
            items = pair_rows(*both[name], keys, "stance", candidates)
            yield name, name, unit, _overall(compare_labels(items))[0]
    if "events" in both:
        yield "events", "events", "events", _overall(compare_events(*both["events"]))[0]
    if "frames" in both:
        items = pair_frames(*both["frames"], pd.concat(both["voices"]))
        rows = compare_labels(items).to_dict("records")
        seen = next((row for row in rows if row["label"] == "yes"), rows[0])
        yield "frames", "frames", "frames in a sentence", seen


def _overall(compared: pd.DataFrame) -> list[dict]:
    rows = compared[compared["label"] == "all"].to_dict("records")
    return [{"items": row["one"] + row["other"] - row["both"], **row} for row in rows]
