"""Tables that an interpretation rests on: names left out, shares of words, sides taken, parts compared."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from korea_nlp.article import Article
from korea_nlp.stance import AUTHOR

if TYPE_CHECKING:
    from korea_nlp.summary import Summary

SIDES = ["favor", "against"]
_NAMES = {
    "PERSON": "person", "ORG": "organisation", "GPE": "country or city", "NORP": "nationality or group",
    "LOC": "place", "FAC": "building or site", "EVENT": "event", "LAW": "law or treaty",
    "PRODUCT": "product", "WORK_OF_ART": "title of a work", "": "name of some kind",
}  # fmt: skip


def from_root(source: str) -> str:
    """A path as it is given, or from the project's root if nothing is there; anything else as it is."""
    rooted = Path(__file__).parents[2] / source
    return str(rooted) if not Path(source).exists() and rooted.exists() else source


def count_words(text: str) -> int:
    """Words of a text: what stands between white space, so that "anti-armor" is one."""
    return len(text.split())


def _words_of(part: str) -> int:
    """Words of a part of a sentence; a mark that is left alone where a sentence is cut is none."""
    return count_words(part) - sum(not re.search(r"\w", word) for word in part.split())


def other_names(article: Article, mentions: pd.DataFrame) -> pd.DataFrame:
    """Names in the article that were not taken for actors.

    Returns
    -------
    DataFrame
        `text`, `taken_for` (what the language model makes of it: place, event, ... or a name of some kind),
        `times`, `sentences` (list), in order of first appearance.
    """
    actors = {at for row in mentions.itertuples() for at in range(row.start, row.end)}
    names = {(e.start_char, e.end_char): e.label_ for e in article.doc.ents if e.label_ in _NAMES}
    covered = {at for e in article.doc.ents for at in range(e.start_char, e.end_char)}
    for run in re.finditer(r"\b(?:[\w-]*[A-Z]\w+)(?:[ ](?:[\w-]*[A-Z]\w+))*", article.text):
        tokens = article.doc.char_span(*run.span(), alignment_mode="expand")
        if not covered & {*range(*run.span())} and any(token.pos_ == "PROPN" for token in tokens):
            names[run.span()] = ""
    starts, rows = article.sentences["start"].to_numpy(), []
    for (start, end), label in sorted(names.items()):
        if not actors & {*range(start, end)}:
            sentence = max(int(starts.searchsorted(start, "right")) - 1, 0)
            rows.append((article.text[start:end], _NAMES[label], sentence))
    found = pd.DataFrame(rows, columns=["text", "taken_for", "sentence"])
    grouped = found.groupby(["text", "taken_for"], sort=False)["sentence"]
    return grouped.agg(times="size", sentences=lambda s: sorted(set(s))).reset_index()


def compare_summaries(summaries: list[Summary], article: Article) -> pd.DataFrame:
    """Length, support, and shared words of summaries.

    Returns
    -------
    DataFrame
        `method`, `sentences`, `words`, `share_of_article` (words of the summary by words of the article),
        `supported` (number of sentences), `copied` (number of sentences that stand so in the article), and
        one column per method: `shared_with_METHOD`, the Jaccard index of the sets of words, 0 to 1.
    """
    words = {s.method: set(re.findall(r"\w+", s.text.lower())) for s in summaries}
    rows = []
    for summary in summaries:
        texts, size = summary.sentences["text"], count_words(summary.text)
        row = {
            "method": summary.method,
            "sentences": len(texts),
            "words": size,
            "share_of_article": size / max(count_words(article.text), 1),
            "supported": int(summary.sentences["supported"].sum()),
            "copied": int(texts.isin(set(article.sentences["text"])).sum()),
        }
        mine = words[summary.method]
        for other, theirs in words.items():
            row[f"shared_with_{other}"] = len(mine & theirs) / max(len(mine | theirs), 1)
        rows.append(row)
    return pd.DataFrame(rows)


def voice_shares(voices: pd.DataFrame) -> pd.DataFrame:
    """How many words each speaker gets, and in which voice.

    Returns
    -------
    DataFrame
        `speaker` (``""`` where none was found), `voice`, `parts`, `words`, `share` (of all words, 0 to 1);
        most words first.
    """
    counted = voices.assign(words=voices["text"].map(_words_of))
    groups = counted.groupby(["speaker", "voice"], as_index=False)
    shares = groups.agg(parts=("text", "size"), words=("words", "sum"))
    shares["share"] = shares["words"] / max(int(shares["words"].sum()), 1)
    shares = shares.sort_values(["words", "speaker", "voice"], ascending=[False, True, True])
    return shares.reset_index(drop=True)


def side_counts(stance_article: pd.DataFrame) -> pd.DataFrame:
    """How often each actor or issue takes a side, and how often sides are taken on it.

    Returns
    -------
    DataFrame
        `name`, `holds_favor`, `holds_against`, `meets_favor`, `meets_against`: numbers of pairs.
    """
    sided = stance_article[stance_article["stance"].isin(SIDES)]
    counts = {
        f"{word}_{side}": Counter(sided.loc[sided["stance"] == side, role])
        for word, role in (("holds", "holder"), ("meets", "target"))
        for side in SIDES
    }
    names = sorted({*sided["holder"], *sided["target"]})
    found = pd.DataFrame({"name": names} | {key: [c[name] for name in names] for key, c in counts.items()})
    found["total"] = -found.drop(columns="name").sum(axis=1)
    return found.sort_values(["total", "name"]).drop(columns="total").reset_index(drop=True)


def compare_parts(
    article: Article, mentions: pd.DataFrame, voices: pd.DataFrame, stance: pd.DataFrame
) -> pd.DataFrame:
    """Opening, middle and closing third of an article (of its sentences) beside each other.

    Returns
    -------
    DataFrame
        `part`, `sentences` ("0 to 3"), `words`, `actors` (list of those named), `others_words` (share of the
        words that are quoted or reported, 0 to 1), `favor`, `against` (pairs of sentence, holder and target).
    """
    rows = []
    thirds = np.array_split(article.sentences["sentence"].to_numpy(), 3)
    for part, third in zip(("opening", "middle", "closing"), thirds, strict=True):
        if not len(third):
            continue
        here = {name: table[table["sentence"].isin(third)] for name, table in
                (("mentions", mentions), ("voices", voices), ("stance", stance))}  # fmt: skip
        words = here["voices"]["text"].map(_words_of).astype(int)
        others = int(words[here["voices"]["voice"] != AUTHOR].sum())
        counts = here["stance"]["stance"].value_counts()
        actors = list(dict.fromkeys(here["mentions"]["actor"]))
        rows.append((
            part, " to ".join(dict.fromkeys([str(third[0]), str(third[-1])])), int(words.sum()), actors,
            others / max(int(words.sum()), 1), int(counts.get("favor", 0)), int(counts.get("against", 0)),
        ))  # fmt: skip
    return pd.DataFrame(rows, columns=["part", "sentences", "words", "actors", "others_words", *SIDES])
