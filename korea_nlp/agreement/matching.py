"""What two readings share, and what of them has to be compared: spans, events, words, pairs, frames."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Hashable
from itertools import permutations, product

import numpy as np
import pandas as pd

from korea_nlp.stance import AUTHOR

SPANS = ["match", "label", "one", "other", "both", "precision", "recall", "f1"]
PAIR = ["article", "sentence", "holder", "target"]

_WORD = re.compile(r"\w+(?:[’'-]\w+)*")


def column(table: pd.DataFrame, name: str) -> list:
    """A column as a list; of a table of one article without a column `article`, the empty name."""
    return list(table[name]) if name in table else [""] * len(table)


def compare_spans(one: pd.DataFrame, other: pd.DataFrame, by: str | None = None) -> pd.DataFrame:
    """How many spans two readings share: mentions, or quotations.

    Parameters
    ----------
    one, other
        Tables with `start`, `end` and `text`, and with `article` if they hold several; white space at the
        ends of a span does not count. `one` is the reference.
    by
        The column that must agree as well, such as `actor`.

    Returns
    -------
    DataFrame
        `match` (exact: the same start and end; overlap: a character in common, each span matched at most
        once), `label` (``"all"``, then each value of `by`), `one`, `other` (numbers of spans), `both`
        (matched), `precision`, `recall`, `f1` (0 to 1; missing where there is nothing to divide by).
    """
    one, other = _trimmed(one), _trimmed(other)
    exact = _shares("exact", one, other, by, _same(one, other, ["start", "end"], by))
    overlap = _shares("overlap", one, other, by, _overlapping(one, other, by))
    return pd.DataFrame([*exact, *overlap], columns=SPANS)


def compare_events(one: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """How many events two readings share: of the same sentence, actor, category and target.

    Returns
    -------
    DataFrame
        As that of `compare_spans`, with `match` ``"exact"`` and the categories as labels.
    """
    shared = _same(one, other, ["sentence", "actor", "target"], "category")
    return pd.DataFrame(_shares("exact", one, other, "category", shared), columns=SPANS)


def _trimmed(spans: pd.DataFrame) -> pd.DataFrame:
    text = spans["text"].astype("str")
    start = spans["start"].astype("int64") + text.str.len() - text.str.lstrip().str.len()
    return spans.assign(start=start, end=start + text.str.strip().str.len())


def _shares(
    match: str, one: pd.DataFrame, other: pd.DataFrame, by: str | None, shared: Counter
) -> list[tuple]:
    counts = [Counter(column(table, by) if by else [""] * len(table)) for table in (one, other)]
    labels = sorted({*counts[0], *counts[1]}) if by else []
    numbers = [("all", *(count.total() for count in (*counts, shared)))]
    numbers += [(label, *(count[label] for count in (*counts, shared))) for label in labels]
    return [
        (match, label, a, b, both, share(both, b), share(both, a), share(2 * both, a + b))
        for label, a, b, both in numbers
    ]


def share(part: float, whole: float) -> float:
    """A share of a whole, or missing where there is none."""
    return part / whole if whole else np.nan


def _same(one: pd.DataFrame, other: pd.DataFrame, keys: list[str], label: str | None) -> Counter:
    """How many rows with equal `keys` there are in both, by `label`."""
    keys = ["article", *keys]
    counts = []
    for table in (one, other):
        labels = column(table, label) if label else [""] * len(table)
        counts.append(Counter(zip(labels, *(column(table, key) for key in keys), strict=True)))
    shared: Counter = Counter()
    for (name, *_), count in (counts[0] & counts[1]).items():
        shared[name] += count
    return shared


def _overlapping(one: pd.DataFrame, other: pd.DataFrame, label: str | None) -> Counter:
    """How many spans of one can be matched to spans of the other that share a character, by `label`.

    Each is matched at most once; of all ways to do so, one with the most matches is counted (maximum
    bipartite matching: Hopcroft and Karp 1973).
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_bipartite_matching

    groups: list[dict[tuple[Hashable, str], list]] = [defaultdict(list), defaultdict(list)]
    for table, group in zip((one, other), groups, strict=True):
        labels = column(table, label) if label else [""] * len(table)
        for name, article, start, end in zip(
            labels, column(table, "article"), table["start"], table["end"], strict=True
        ):
            group[name, article].append((start, end))
    shared: Counter = Counter()
    for key in groups[0].keys() & groups[1].keys():
        (start, end), (begin, stop) = (np.array(group[key]).T for group in groups)
        touching = (start[:, None] < stop) & (begin < end[:, None])
        matched = maximum_bipartite_matching(csr_array(touching.astype("int8")), perm_type="column")
        shared[key[0]] += int((matched >= 0).sum())
    return shared


def pair_words(one: pd.DataFrame, other: pd.DataFrame, label: str = "voice") -> pd.DataFrame:
    """Each word of the text with the label that either reading gives it.

    Parameters
    ----------
    one, other
        Tables of voices, whose parts cover each sentence.
    label
        `voice` or `speaker`.

    Returns
    -------
    DataFrame
        `article`, `start`, `text` (the word), `one`, `other` (missing where a reading lacks the sentence).
    """
    keys = ["article", "start", "text"]
    sides = [_words(table, label).rename(columns={"label": side}) for table, side in
             ((one, "one"), (other, "other"))]  # fmt: skip
    return sides[0].merge(sides[1], how="outer", on=keys).sort_values(keys, ignore_index=True)


def _words(voices: pd.DataFrame, label: str) -> pd.DataFrame:
    parts = voices.assign(article=column(voices, "article")).sort_values(["article", "sentence", "start"])
    rows = []
    for (article, _), sentence in parts.groupby(["article", "sentence"], sort=False):
        first = int(sentence["start"].iloc[0])
        labels = [name for text, name in zip(sentence["text"], sentence[label], strict=True) for _ in text]
        for word in _WORD.finditer("".join(sentence["text"])):
            rows.append((article, first + word.start(), word[0], labels[word.start()]))
    return pd.DataFrame(rows, columns=["article", "start", "text", "label"]).astype({"label": object})


def pair_rows(
    one: pd.DataFrame,
    other: pd.DataFrame,
    keys: list[str],
    label: str,
    candidates: pd.DataFrame | None = None,
    missing: str = "none",
) -> pd.DataFrame:
    """Each row that there might be, with the label that either reading gives it.

    Parameters
    ----------
    one, other
        Tables that list only what was found, such as stances.
    keys
        The columns that say which row is meant.
    label
        The column to compare.
    candidates
        Rows (columns `keys`) that both readings have judged even if neither lists them, such as those of
        `stance_candidates`. What one reading lists is always among the rows.
    missing
        The label of what a reading does not list.

    Returns
    -------
    DataFrame
        `keys`, `one`, `other`; missing where a reading gives one row two different labels.
    """
    given: list[dict[tuple, set]] = [defaultdict(set), defaultdict(set)]
    for table, labels in zip((one, other), given, strict=True):
        for *key, name in zip(*(column(table, key) for key in (*keys, label)), strict=True):
            labels[tuple(key)].add(name)
    listed = set() if candidates is None else {*zip(*(column(candidates, key) for key in keys), strict=True)}
    rows = sorted(listed.union(*given))
    table = pd.DataFrame(rows, columns=keys)
    for side, labels in zip(("one", "other"), given, strict=True):
        found = [labels.get(row, {missing}) for row in rows]
        table[side] = pd.Series([min(names) if len(names) == 1 else None for names in found], dtype=object)
    return table


def stance_candidates(*mentions: pd.DataFrame) -> pd.DataFrame:
    """The pairs that a reader of stances judges: in each sentence every two actors that are named, both ways,
    and the author toward each of them.

    Returns
    -------
    DataFrame
        `article`, `sentence`, `holder`, `target`.
    """
    named: dict[tuple, set] = defaultdict(lambda: {AUTHOR})
    for table in mentions:
        named_in = [column(table, key) for key in ("article", "sentence", "actor")]
        for *place, actor in zip(*named_in, strict=True):
            named[tuple(place)].add(actor)
    rows = [
        (*place, holder, target)
        for place, names in sorted(named.items())
        for holder, target in permutations(sorted(names), 2)
        if target != AUTHOR
    ]
    return pd.DataFrame(rows, columns=PAIR)


def pair_frames(one: pd.DataFrame, other: pd.DataFrame, sentences: pd.DataFrame) -> pd.DataFrame:
    """Each frame that either reading uses, in each of the `sentences`: whether it is seen there.

    Returns
    -------
    DataFrame
        `article`, `sentence`, `frame`, `one`, `other` (``"yes"`` or ``"no"``).
    """
    keys = ["article", "sentence", "frame"]
    seen = [table[table["frame"] != "none"].assign(seen="yes") for table in (one, other)]
    frames = sorted({*seen[0]["frame"], *seen[1]["frame"]})
    places = {*zip(column(sentences, "article"), sentences["sentence"], strict=True)}
    asked = pd.DataFrame([(*place, frame) for place, frame in product(places, frames)], columns=keys)
    return pair_rows(*seen, keys, "seen", asked, missing="no")
