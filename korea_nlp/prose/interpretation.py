"""Tables that an interpretation rests on: names left out, shares of words, sides taken, parts compared."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from korea_nlp.article import Article
from korea_nlp.stance import AUTHOR, SIDES

if TYPE_CHECKING:
    from korea_nlp.summary import Summary

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


def actor_table(mentions: pd.DataFrame) -> pd.DataFrame:
    """The actors, those named most first.

    Returns
    -------
    DataFrame
        `actor`, `kind`, `mentions`, `sentences` (list), `named_as` (list of the words for it), `found_by`.
    """
    found = mentions.groupby("actor", sort=False).agg(
        kind=("kind", "first"), mentions=("text", "size"), sentences=("sentence", lambda s: sorted(set(map(int, s)))),
        named_as=("text", lambda words: list(dict.fromkeys(words))), found_by=("found_by", "first"),
    )  # fmt: skip
    return found.reset_index().sort_values(["mentions", "actor"], ascending=[False, True]).reset_index(drop=True)


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
    rows = []
    for (start, end), label in sorted(names.items()):
        if not actors & {*range(start, end)}:
            rows.append((article.text[start:end], _NAMES[label], article.sentence_at(start)))
    found = pd.DataFrame(rows, columns=["text", "taken_for", "sentence"])
    grouped = found.groupby(["text", "taken_for"], sort=False)["sentence"]
    return grouped.agg(times="size", sentences=lambda s: sorted(set(s))).reset_index()


def compare_summaries(
    summaries: list[Summary], article: Article, mentions: pd.DataFrame, voices: pd.DataFrame
) -> pd.DataFrame:
    """How long summaries are, and what of the article they keep.

    Returns
    -------
    DataFrame
        `method`, `words`, `share_of_article` (words of the summary by words of the article), `used` (numbers of the
        sentences that it is made of), `unnamed` (actors of the article that it does not name), `unheard` (who speaks
        in the article, and in none of these sentences).
    """
    rows, others = [], voices[~voices["speaker"].isin([AUTHOR, ""])]
    for summary in summaries:
        made = summary.sentences
        used = sorted({int(number) for numbers in made["evidence"] for number in numbers})
        kept = {
            mention.actor
            for row in made.itertuples()
            for mention in mentions[mentions["sentence"].isin(row.evidence)].itertuples()
            if names_any(row.text, [mention.text])
        }
        heard = set(others.loc[others["sentence"].isin(used), "speaker"])
        size = count_words(summary.text)
        rows.append((
            summary.method, size, size / max(count_words(article.text), 1), used,
            [name for name in dict.fromkeys(mentions["actor"]) if name not in kept],
            [name for name in dict.fromkeys(others["speaker"]) if name not in heard],
        ))  # fmt: skip
    return pd.DataFrame(rows, columns=["method", "words", "share_of_article", "used", "unnamed", "unheard"])


def names_any(text: str, words: Iterable[str]) -> bool:
    """Whether one of these words stands in a text, as a whole word."""
    return any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) for word in words)


def summary_changes(summary: Summary) -> pd.DataFrame:
    """What a summary left out of the sentences that it is made of, and what it put in; capitals do not count.

    Returns
    -------
    DataFrame
        One row per sentence of the summary: `evidence`, `text`, `left_out`, `put_in` (lists of stretches of words),
        `support`.
    """
    rows = []
    for row in summary.sentences.itertuples():
        both = row.evidence_text.split(), row.text.split()
        bare = [[re.sub(r"^\W+|\W+$", "", word).lower() for word in words] for words in both]
        changed: tuple[list[str], list[str]] = [], []
        for what, *places in SequenceMatcher(None, *bare, autojunk=False).get_opcodes():
            for side, words, start, end in zip(changed, both, places[::2], places[1::2], strict=True):
                if what != "equal" and start < end:
                    side.append(" ".join(words[start:end]).strip(",;"))
        rows.append((row.evidence, row.text, *changed, row.support))
    return pd.DataFrame(rows, columns=["evidence", "text", "left_out", "put_in", "support"])


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


def both_ways(article: Article, mentions: pd.DataFrame, words: str = "") -> pd.DataFrame:
    """A sentence that names two actors, with the question of one's stance toward the other, in both directions.

    Parameters
    ----------
    words
        Words of the sentence to take; if no sentence with two actors has them, it is the first that names just two,
        or else the first that names more.

    Returns
    -------
    DataFrame
        `text`, `holder`, `target`: two rows, or none where no sentence names two.
    """
    named = mentions.drop_duplicates(["sentence", "actor"]).groupby("sentence", sort=True)["actor"].agg(list)
    named = named[named.map(len) > 1]
    texts = article.sentences.set_index("sentence")["text"]
    order = sorted(named.index, key=lambda number: (words not in texts[number], len(named[number]) > 2, number))
    if not order:
        return pd.DataFrame(columns=["text", "holder", "target"], dtype=object)
    one, other = named[order[0]][:2]
    text = texts[order[0]]
    return pd.DataFrame([(text, other, one), (text, one, other)], columns=["text", "holder", "target"])


def sided_sentences(stance: pd.DataFrame) -> pd.DataFrame:
    """The answers that take a side, in the order of the text: `sentence`, `holder`, `stance`, `target`, `probability`,
    `text` (once for each sentence)."""
    sided = stance[stance["stance"].isin(SIDES)].sort_values("sentence", kind="stable")
    first = ~sided["sentence"].duplicated()
    sided = sided.assign(probability=sided[list(SIDES)].max(axis=1), text=sided["text"].where(first, "as above"))
    return sided[["sentence", "holder", "stance", "target", "probability", "text"]]


def over_the_article(stance_article: pd.DataFrame, article: Article) -> pd.DataFrame:
    """The pairs with a stance for reading: `holder`, `stance`, `target`, `probability` (of a side; unclear pairs have
    none), `found in` ("2 of 7"), `text` (once for each sentence)."""
    found = stance_article[stance_article["stance"] != "none"]
    texts = article.sentences.set_index("sentence")["text"]
    shown = found["evidence"].map(texts).where(~found["evidence"].duplicated(), "as above")
    count = found["count"].where(found["stance"] != "unclear", found["unclear_sentences"])
    return pd.DataFrame({
        "holder": found["holder"], "stance": found["stance"], "target": found["target"],
        "probability": found["probability"].where(found["stance"] != "unclear"),
        "found in": [f"{n} of {of}" for n, of in zip(count, found["sentences"], strict=True)],
        "text": [f"{number}: {text}" for number, text in zip(found["evidence"], shown, strict=True)],
    })  # fmt: skip


def compare_parts(
    article: Article, mentions: pd.DataFrame, voices: pd.DataFrame, stance: pd.DataFrame, events: pd.DataFrame
) -> pd.DataFrame:
    """Opening, middle and closing third of an article (of its sentences) beside each other.

    Returns
    -------
    DataFrame
        `part`, `sentences` ("0 to 3"), `actors` (list of those named), `others_words` (share of the words
        that are quoted or reported, 0 to 1), `favor`, `against` (pairs of sentence, holder and target), `conflict`
        (events of conflict).
    """
    rows = []
    thirds = np.array_split(article.sentences["sentence"].to_numpy(), 3)
    for part, third in zip(("opening", "middle", "closing"), thirds, strict=True):
        if not len(third):
            continue
        here = {name: table[table["sentence"].isin(third)] for name, table in
                (("mentions", mentions), ("voices", voices), ("stance", stance), ("events", events))}  # fmt: skip
        words = here["voices"]["text"].map(_words_of).astype(int)
        others = int(words[here["voices"]["voice"] != AUTHOR].sum())
        counts = here["stance"]["stance"].value_counts()
        actors = list(dict.fromkeys(here["mentions"]["actor"]))
        rows.append((
            part, " to ".join(dict.fromkeys([str(third[0]), str(third[-1])])), actors,
            others / max(int(words.sum()), 1), int(counts.get("favor", 0)), int(counts.get("against", 0)),
            int(here["events"]["quad"].astype("str").str.endswith("conflict").sum()),
        ))  # fmt: skip
    return pd.DataFrame(rows, columns=["part", "sentences", "actors", "others_words", *SIDES, "conflict"])
