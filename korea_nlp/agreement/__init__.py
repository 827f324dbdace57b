"""How far two readings agree: of two annotators, or of an annotator and the machine.

A reading is a dict of tables as `load_gold` and `from_annotations` return it. `one` is the reference where
precision and recall are asked for; the other measures do not tell the two apart. A table may hold several
articles if it has a column `article`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from korea_nlp.stance import AUTHOR

SHARES = ["precision", "recall", "f1"]
SCORES = ["accuracy", "kappa", "alpha", *SHARES]
LABELS = ["label", "items", "one", "other", "both", *SCORES, "dropped", "why"]
READINGS = ["layer", "unit", "items", *SCORES, "dropped", "why"]
PAIR = ["article", "sentence", "holder", "target"]

_WORD = re.compile(r"\w+(?:[’'-]\w+)*")


def compare_labels(items: pd.DataFrame, drop: Iterable[str] = ()) -> pd.DataFrame:
    """Agreement on the labels of items, over all and label by label.

    Parameters
    ----------
    items
        One row per item that was labelled twice: columns `one` (the reference) and `other`. Missing where
        there is no label, or more than one.
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
    both = int((one == other).sum())
    rows = [{"label": "all", "one": len(kept), "other": len(kept), "both": both, **_beyond_chance(one, other)}]
    for label in sorted({*one, *other}):
        a, b = one == label, other == label
        counts = {"one": a.sum(), "other": b.sum(), "both": (a & b).sum()}
        rows.append({"label": label, **counts, **_beyond_chance(a, b)})
    found = _with_shares(pd.DataFrame(rows))
    parts = found[1:]
    found.loc[0, SHARES] = parts.loc[parts["one"] > 0, SHARES].fillna(0).mean()
    return found.assign(items=len(kept), dropped=len(items) - len(kept), why=why)[LABELS]


def _beyond_chance(one: pd.Series, other: pd.Series) -> dict[str, float]:
    """Accuracy, Cohen's kappa, Krippendorff's alpha."""
    import krippendorff
    from sklearn.metrics import cohen_kappa_score

    codes, labels = pd.factorize(np.concatenate([one, other]))
    kappa = alpha = np.nan
    if len(labels) > 1:
        first, second = np.split(codes, 2)
        kappa = float(cohen_kappa_score(first, second))
        alpha = krippendorff.alpha(reliability_data=np.stack([first, second]), level_of_measurement="nominal")
    return {"accuracy": (one == other).mean(), "kappa": kappa, "alpha": float(alpha)}


def _with_shares(counts: pd.DataFrame) -> pd.DataFrame:
    """Precision, recall and F1 beside how much `one`, `other` and `both` have; missing where neither has any."""
    one, other, both = counts["one"], counts["other"], counts["both"]
    return counts.assign(precision=both / other, recall=both / one, f1=2 * both / (one + other))


def confusion(one: pd.Series, other: pd.Series) -> pd.DataFrame:
    """How often each label of `one` (rows) meets each of `other` (columns): a square table of counts."""
    table = pd.crosstab(np.array(one, dtype=object), np.array(other, dtype=object))
    labels = table.index.union(table.columns)
    table = table.reindex(index=labels, columns=labels, fill_value=0)
    return table.rename_axis(index="one", columns="other")


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
        why = [scores.get("why", ""), f"{lost} listed in articles that only one has read" if lost else ""]
        about = {"layer": layer, "unit": unit, "dropped": scores.get("dropped", 0) + lost}
        rows.append({**scores, **about, "why": "; ".join(filter(None, why))})
    return pd.DataFrame(rows, columns=READINGS)


def _comparisons(one: dict, other: dict) -> Iterator[tuple[str, str, str, pd.Series]]:
    """Layer, name of its table, unit, and scores, of whatever both readings hold."""
    both = {name: (one[name], other[name]) for name in one.keys() & other.keys()}
    quotations = [table[table["voice"] == "quote"] for table in both["voices"]]
    for _, row in compare_spans(*both["mentions"], "actor").drop_duplicates("match").iterrows():
        yield "mentions", "mentions", f"spans with their actor ({row['match']})", row
    for _, row in compare_spans(*quotations, "voice").drop_duplicates("match").iterrows():
        yield "quotations", "voices", f"spans ({row['match']})", row
    for layer, label in (("voices", "voice"), ("speakers", "speaker")):
        yield layer, "voices", "words", compare_labels(pair_words(*both["voices"], label)).loc[0]
    if "stance" in both:
        items = pair_stances(*both["stance"], stance_candidates(*both["mentions"]))
        yield "stance", "stance", "pairs, sentence by sentence", compare_labels(items).loc[0]
    if "stance_article" in both:
        items = pair_article_stances(one, other)
        yield "stance_article", "stance_article", "pairs over the article", compare_labels(items).loc[0]
    if "events" in both:
        yield "events", "events", "events", compare_events(*both["events"]).loc[0]
    if "frames" in both:
        scores = compare_labels(pair_frames(*both["frames"], pd.concat(both["voices"])))
        seen = scores[scores["label"] == "yes"]
        yield "frames", "frames", "frames, sentence by sentence", (seen if len(seen) else scores).iloc[0]


def compare_spans(one: pd.DataFrame, other: pd.DataFrame, by: str) -> pd.DataFrame:
    """How many mentions or quotations two readings share; the column `by`, such as `actor`, must agree as well.

    White space at the ends of a span does not count.

    Returns
    -------
    DataFrame
        `match` (exact: the same start and end; overlap: a character in common, each span matched at most
        once), `label` (``"all"``, then each value of `by`), `items` (spans that either has), `one`, `other`
        (numbers of spans), `both` (matched), `precision`, `recall`, `f1` (missing where none has any).
    """
    one, other = _trimmed(one), _trimmed(other)
    shared = {"exact": _shared(one, other, ["article", "start", "end", by]), "overlap": _overlapping(one, other, by)}
    parts = [_counted(one[by], other[by], both).assign(match=match) for match, both in shared.items()]
    return pd.concat(parts, ignore_index=True)


def compare_events(one: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """How many events of the same sentence, actor, category and target two readings share.

    Returns
    -------
    DataFrame
        As that of `compare_spans`, without `match` and with the categories as labels.
    """
    one, other = _with_article(one), _with_article(other)
    shared = _shared(one, other, ["article", "sentence", "actor", "target", "category"])
    return _counted(one["category"], other["category"], shared)


def _with_article(table: pd.DataFrame) -> pd.DataFrame:
    """A table of one article gets the column `article`, too."""
    return table if "article" in table else table.assign(article="")


def _trimmed(spans: pd.DataFrame) -> pd.DataFrame:
    """Spans without the white space at their ends."""
    text = spans["text"].astype("str")
    start = spans["start"].astype("int64") + text.str.len() - text.str.lstrip().str.len()
    return _with_article(spans).assign(start=start, end=start + text.str.strip().str.len())


def _counted(one: pd.Series, other: pd.Series, both: pd.Series) -> pd.DataFrame:
    """The scores of what is listed, over all and by label, from the labels in either reading and in both."""
    counts = {"one": one.value_counts(), "other": other.value_counts(), "both": both.value_counts()}
    table = pd.DataFrame(counts).sort_index().fillna(0).astype("int64")
    table = pd.concat([table.sum().to_frame("all").T, table]).rename_axis("label").reset_index()
    return _with_shares(table.assign(items=table["one"] + table["other"] - table["both"]))


def _shared(one: pd.DataFrame, other: pd.DataFrame, keys: list[str]) -> pd.Series:
    """The labels (the last of the `keys`) of the rows that both tables have."""
    rows = [Counter(table[keys].itertuples(index=False, name=None)) for table in (one, other)]
    return pd.Series([row[-1] for row in (rows[0] & rows[1]).elements()], dtype=object)


def _overlapping(one: pd.DataFrame, other: pd.DataFrame, by: str) -> pd.Series:
    """The labels of the spans of one that can be matched to spans of the other with a character in common.

    Each is matched at most once; of all ways to do so, one with the most matches is counted (maximum
    bipartite matching: Hopcroft and Karp 1973).
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_bipartite_matching

    groups = dict([*other.groupby([by, "article"])])
    labels = []
    for key, spans in one.groupby([by, "article"]):
        if key in groups:
            start, end = spans[["start", "end"]].to_numpy().T
            begin, stop = groups[key][["start", "end"]].to_numpy().T
            touching = (start[:, None] < stop) & (begin < end[:, None])
            matched = maximum_bipartite_matching(csr_array(touching.astype("int8")), perm_type="column")
            labels += [key[0]] * int((matched >= 0).sum())
    return pd.Series(labels, dtype=object)


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
    for (article, _), sentence in parts.groupby(["article", "sentence"], sort=False):
        first = int(sentence["start"].iloc[0])
        labels = sentence[label].repeat(sentence["text"].str.len()).tolist()
        for word in _WORD.finditer("".join(sentence["text"])):
            rows.append((article, first + word.start(), word[0], labels[word.start()]))
    return pd.DataFrame(rows, columns=["article", "start", "text", side]).astype({side: object})


def pair_stances(one: pd.DataFrame, other: pd.DataFrame, candidates: pd.DataFrame) -> pd.DataFrame:
    """Each pair of actors with the stance that either reading lists, ``"none"`` where it lists none.

    Parameters
    ----------
    one, other
        Tables of stances, of sentences or over the article.
    candidates
        The pairs that both have judged even if neither lists them: what `stance_candidates` returned, with the
        column `sentence` or without. What one reading lists is always among the rows.

    Returns
    -------
    DataFrame
        The columns of `candidates`, `one`, `other`; missing where a reading gives a pair two stances.
    """
    keys = [*candidates.columns]
    sides = {"one": _with_article(one), "other": _with_article(other)}
    listed = pd.concat([table[keys] for table in (candidates, *sides.values())])
    pairs = listed.drop_duplicates().sort_values(keys, ignore_index=True)
    index = pd.MultiIndex.from_frame(pairs)
    for side, table in sides.items():
        given = table[[*keys, "stance"]].drop_duplicates().set_index(keys)["stance"].astype(object)
        given = given.where(~given.index.duplicated(keep=False))
        pairs[side] = given[~given.index.duplicated()].reindex(index, fill_value="none").to_numpy()
    return pairs


def pair_article_stances(one: dict[str, pd.DataFrame], other: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Each pair of actors that a sentence names, with its stance over the article in either reading."""
    candidates = stance_candidates(one["mentions"], other["mentions"]).drop(columns="sentence")
    return pair_stances(one["stance_article"], other["stance_article"], candidates)


def stance_candidates(*mentions: pd.DataFrame) -> pd.DataFrame:
    """The pairs that an annotator of stances judges: in each sentence every two actors that are named, both
    ways, and the author toward each of them. Columns: `article`, `sentence`, `holder`, `target`.
    """
    place = ["article", "sentence"]
    named = pd.concat([_with_article(table)[[*place, "actor"]] for table in mentions])
    holders = pd.concat([named, named.assign(actor=AUTHOR)]).drop_duplicates().rename(columns={"actor": "holder"})
    targets = named.drop_duplicates().rename(columns={"actor": "target"})
    pairs = holders.merge(targets, on=place).query("holder != target and target != @AUTHOR")
    return pairs[PAIR].sort_values(PAIR, ignore_index=True)


def pair_frames(one: pd.DataFrame, other: pd.DataFrame, sentences: pd.DataFrame) -> pd.DataFrame:
    """Each frame that either reading uses, in each of the `sentences`: whether it is seen there.

    Returns
    -------
    DataFrame
        `article`, `sentence`, `frame`, `one`, `other` (``"yes"`` or ``"no"``).
    """
    keys = ["article", "sentence", "frame"]
    seen = [_with_article(table).query("frame != 'none'")[keys] for table in (one, other)]
    frames = pd.concat(seen)[["frame"]].drop_duplicates()
    asked = _with_article(sentences)[keys[:2]].drop_duplicates().merge(frames, how="cross")
    index = pd.MultiIndex.from_frame(asked)
    answers = [np.where(index.isin(pd.MultiIndex.from_frame(table)), "yes", "no") for table in seen]
    return asked.assign(one=answers[0], other=answers[1]).sort_values(keys, ignore_index=True)
