"""How far two readings agree: of two annotators, or of an annotator and the machine.

A reading is a dict of tables as `load_gold` and `from_annotations` return it. `one` is the reference where
precision and recall are asked for; the other measures do not tell the two apart. A table may hold several
articles if it has a column `article`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import numpy as np
import pandas as pd

from korea_nlp.stance import AUTHOR

READINGS = ["layer", "unit", "items", "accuracy", "kappa", "alpha", "precision", "recall", "f1", "dropped", "why"]
PAIR = ["article", "sentence", "holder", "target"]

_WORD = re.compile(r"\w+(?:[’'-]\w+)*")


def compare_labels(items: pd.DataFrame, wanted: str | None = None) -> dict[str, object]:
    """Agreement on the labels of items.

    Parameters
    ----------
    items
        One row per item that was labelled twice: columns `one` (the reference) and `other`. Missing where
        there is no label, or more than one.
    wanted
        The label that precision, recall and F1 are of; if left out, they are means over the labels that `one` gives.

    Returns
    -------
    dict
        `items` (how many were compared), `accuracy` (share of them with the same label), `kappa` (Cohen 1960),
        `alpha` (Krippendorff, nominal), `precision`, `recall`, `f1`, `dropped` (items that could not be compared)
        and `why`. There is no kappa or alpha where only one label occurs: agreement by chance is then certain.
    """
    import krippendorff
    from sklearn.metrics import cohen_kappa_score, precision_recall_fscore_support

    lacking = items[["one", "other"]].isna()
    kept = items[~lacking.any(axis=1)]
    one, other = kept["one"].astype(str).to_numpy(), kept["other"].astype(str).to_numpy()
    lost = {"one": lacking["one"].sum(), "the other": lacking["other"].sum()}
    scores = {
        "items": len(kept),
        "dropped": len(items) - len(kept),
        "why": ", ".join(f"{count} not labelled once by {who}" for who, count in lost.items() if count),
    }
    if len(kept):
        labels, nothing = ([wanted], np.nan) if wanted else (sorted({*one}), 0)
        shares = precision_recall_fscore_support(one, other, labels=labels, average="macro", zero_division=nothing)
        scores |= dict(zip(["precision", "recall", "f1"], shares[:3], strict=True), accuracy=(one == other).mean())
    codes, labels = pd.factorize(np.concatenate([one, other]))
    if len(labels) > 1:
        both = np.split(codes, 2)
        scores["kappa"] = cohen_kappa_score(*both)
        scores["alpha"] = krippendorff.alpha(both, level_of_measurement="nominal")
    return scores


def confusion(items: pd.DataFrame) -> pd.DataFrame:
    """How often each label of `one` (rows) meets each of `other` (columns): a square table of counts."""
    table = pd.crosstab(items["one"].astype(object), items["other"].astype(object))
    labels = table.index.union(table.columns)
    return table.reindex(index=labels, columns=labels, fill_value=0).rename_axis(index="one", columns="other")


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
    whole = [{name: _with_article(table) for name, table in reading.items()} for reading in (one, other)]
    read = {*whole[0]["voices"]["article"]} & {*whole[1]["voices"]["article"]}
    kept = [{name: table[table["article"].isin(read)] for name, table in reading.items()} for reading in whole]
    rows = []
    for layer, name, unit, scores in _comparisons(*kept):
        lost = sum(len(reading[name]) for reading in whole) - sum(len(reading[name]) for reading in kept)
        why = [scores.get("why"), f"{lost} listed in articles that only one has read" if lost else ""]
        about = {"layer": layer, "unit": unit, "dropped": scores.get("dropped", 0) + lost}
        rows.append({**scores, **about, "why": "; ".join(filter(None, why))})
    return pd.DataFrame(rows, columns=READINGS)


def _comparisons(one: dict, other: dict) -> Iterator[tuple[str, str, str, dict]]:
    """Layer, name of its table, unit, and scores, of whatever both readings hold."""
    both = {name: (one[name], other[name]) for name in one.keys() & other.keys()}
    quotations = [table[table["voice"] == "quote"] for table in both["voices"]]
    for match, scores in compare_spans(*both["mentions"], "actor").items():
        yield "mentions", "mentions", f"mentions with their actor ({match})", scores
    for match, scores in compare_spans(*quotations, "voice").items():
        yield "quotations", "voices", f"quotations ({match})", scores
    for layer, label in (("voices", "voice"), ("speakers", "speaker")):
        yield layer, "voices", "words", compare_labels(pair_words(*both["voices"], label))
    if "stance" in both:
        items = pair_labels(*both["stance"], stance_candidates(*both["mentions"]))
        yield "stance", "stance", "pairs in a sentence", compare_labels(items)
    if "stance_article" in both:
        items = pair_article_stances(one, other)
        yield "stance_article", "stance_article", "pairs in the article", compare_labels(items)
    if "events" in both:
        keys = ["article", "sentence", "actor", "target", "category"]
        yield "events", "events", "events", _listed(*both["events"], _shared(*both["events"], keys))
    if "frames" in both:
        items = pair_frames(*both["frames"], pd.concat(both["voices"]))
        yield "frames", "frames", "each frame in each sentence", compare_labels(items, "yes")


def compare_spans(one: pd.DataFrame, other: pd.DataFrame, by: str) -> dict[str, dict[str, float]]:
    """How many mentions or quotations two readings share; the column `by`, such as `actor`, must agree as well.

    White space at the ends of a span does not count.

    Returns
    -------
    dict
        For ``"exact"`` (the same start and end) and for ``"overlap"`` (a character in common, each span matched at
        most once): `items` (spans that either has), `precision`, `recall`, `f1` (missing where none has any).
    """
    one, other = _trimmed(one), _trimmed(other)
    both = {"exact": _shared(one, other, ["article", "start", "end", by]), "overlap": _overlapping(one, other, by)}
    return {match: _listed(one, other, number) for match, number in both.items()}


def _with_article(table: pd.DataFrame) -> pd.DataFrame:
    """A table of one article gets the column `article`, too."""
    return table if "article" in table else table.assign(article="")


def _trimmed(spans: pd.DataFrame) -> pd.DataFrame:
    """Spans without the white space at their ends."""
    text = spans["text"].astype("str")
    start = spans["start"].astype("int64") + text.str.len() - text.str.lstrip().str.len()
    return _with_article(spans).assign(start=start, end=start + text.str.strip().str.len()).reset_index(drop=True)


def _listed(one: pd.DataFrame, other: pd.DataFrame, both: int) -> dict[str, float]:
    """The scores of two lists, of which `both` rows are in both."""
    total = len(one) + len(other)
    shares = pd.Series({"precision": both, "recall": both, "f1": 2 * both}) / [len(other), len(one), total]
    return {"items": total - both, **shares}


def _shared(one: pd.DataFrame, other: pd.DataFrame, keys: list[str]) -> int:
    """How many rows both tables have."""
    rows = [Counter(table[keys].itertuples(index=False, name=None)) for table in (one, other)]
    return (rows[0] & rows[1]).total()


def _overlapping(one: pd.DataFrame, other: pd.DataFrame, by: str) -> int:
    """How many spans of one can be matched to spans of the other with a character in common, each at most once.

    Of all ways to match them, one with the most matches is counted (Hopcroft and Karp 1973).
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_bipartite_matching

    pairs = one.reset_index().merge(other.reset_index(), on=["article", by])
    pairs = pairs[(pairs["start_x"] < pairs["end_y"]) & (pairs["start_y"] < pairs["end_x"])]
    touching = csr_array((np.ones(len(pairs)), (pairs["index_x"], pairs["index_y"])), shape=(len(one), len(other)))
    return int((maximum_bipartite_matching(touching, perm_type="column") >= 0).sum())


def pair_words(one: pd.DataFrame, other: pd.DataFrame, label: str = "voice") -> pd.DataFrame:
    """Each word of the text with the label (`voice` or `speaker`) that either table of voices gives it.

    Returns
    -------
    DataFrame
        `article`, `start`, `text` (the word), `one`, `other` (missing where a reading lacks the sentence).
    """
    keys = ["article", "start", "text"]
    words = _words(one, label, "one").merge(_words(other, label, "other"), how="outer", on=keys)
    return words.sort_values(keys, ignore_index=True)


def _words(voices: pd.DataFrame, label: str, side: str) -> pd.DataFrame:
    """The words of all sentences, each with the label of the part that it begins in."""
    parts = _with_article(voices).sort_values(["article", "sentence", "start"])
    rows = []
    for (article, _), sentence in parts.groupby(["article", "sentence"]):
        first = int(sentence["start"].iloc[0])
        labels = sentence[label].repeat(sentence["text"].str.len()).tolist()
        for word in _WORD.finditer("".join(sentence["text"])):
            rows.append((article, first + word.start(), word[0], labels[word.start()]))
    return pd.DataFrame(rows, columns=["article", "start", "text", side]).astype({side: object})


def pair_labels(
    one: pd.DataFrame, other: pd.DataFrame, asked: pd.DataFrame, label: str = "stance", otherwise: str = "none"
) -> pd.DataFrame:
    """Each item with the label that either reading lists, `otherwise` where it lists none.

    Parameters
    ----------
    one, other
        Tables with the columns of `asked` (`article` may lack) and `label`.
    asked
        The items that both have judged even if neither lists them, such as what `stance_candidates` returned.
        What one reading lists is always among the rows.

    Returns
    -------
    DataFrame
        The columns of `asked`, `one`, `other`; missing where a reading gives an item two labels.
    """
    keys = [*asked.columns]
    sides = {"one": _with_article(one), "other": _with_article(other)}
    items = pd.concat([table[keys] for table in (asked, *sides.values())]).drop_duplicates()
    items = items.sort_values(keys, ignore_index=True)
    index = pd.MultiIndex.from_frame(items)
    for side, table in sides.items():
        given = table.groupby(keys)[label].unique().map(lambda labels: labels[0] if len(labels) == 1 else None)
        items[side] = given.astype(object).reindex(index, fill_value=otherwise).to_numpy()
    return items


def pair_article_stances(one: dict[str, pd.DataFrame], other: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Each pair of actors that a sentence names, with its stance over the article in either reading."""
    candidates = stance_candidates(one["mentions"], other["mentions"]).drop(columns="sentence")
    return pair_labels(one["stance_article"], other["stance_article"], candidates)


def stance_candidates(*mentions: pd.DataFrame) -> pd.DataFrame:
    """The pairs that an annotator of stances judges: in each sentence every two actors that are named, both
    ways, and the author toward each of them. Columns: `article`, `sentence`, `holder`, `target`.
    """
    place = ["article", "sentence"]
    named = pd.concat([_with_article(table)[[*place, "actor"]] for table in mentions]).drop_duplicates()
    holders = pd.concat([named, named.assign(actor=AUTHOR)]).drop_duplicates().rename(columns={"actor": "holder"})
    pairs = holders.merge(named.rename(columns={"actor": "target"}), on=place)
    return pairs.query("holder != target and target != @AUTHOR")[PAIR].sort_values(PAIR, ignore_index=True)


def pair_frames(one: pd.DataFrame, other: pd.DataFrame, sentences: pd.DataFrame) -> pd.DataFrame:
    """Each frame that either reading uses, in each of the `sentences`: whether it is seen there.

    Returns
    -------
    DataFrame
        `article`, `sentence`, `frame`, `one`, `other` (``"yes"`` or ``"no"``).
    """
    seen = [_with_article(table).query("frame != 'none'").assign(seen="yes") for table in (one, other)]
    frames = pd.concat(seen)[["frame"]].drop_duplicates()
    asked = _with_article(sentences)[["article", "sentence"]].drop_duplicates().merge(frames, how="cross")
    return pair_labels(*seen, asked, "seen", "no")
