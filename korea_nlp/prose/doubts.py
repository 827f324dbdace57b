"""What to check by eye: where annotators disagree with the machine, worry, deeds told again, thin support."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import NamedTuple

import pandas as pd

from korea_nlp.prose.actors import guessed_actors
from korea_nlp.prose.events import repeated_events
from korea_nlp.prose.markup import LISTS, STANCES, counted, escaped, listed, numbered, quoted, stands, the, upper
from korea_nlp.reading import Reading
from korea_nlp.stance import AUTHOR, SIDES
from korea_nlp.summary import Summary

UNSURE = 0.75
"""A side of a lower probability is worth a doubt."""


def corrected(disputed: pd.DataFrame | None) -> dict[tuple[str, str], str]:
    """What all readers see in a pair, holder and target, where the machine sees something else.

    ``disputed`` is, here and below, what `disputes` found: `holder`, `target`, `model`, and a column for each reader.
    """
    if disputed is None:
        return {}
    readers = disputed.set_index(["holder", "target"]).drop(columns="model").itertuples(name=None)
    return {pair: said[0] for pair, *said in readers if len({*said}) == 1 and said[0] in STANCES}


def name_readers(disputed: pd.DataFrame) -> str:
    """ "the reader", "both readers", "all 3 readers"; nothing where nobody has read the article."""
    count = len(disputed.columns.drop(["holder", "target", "model"]))
    return {0: "", 1: "the reader", 2: "both readers"}.get(count, f"all {count} readers")


def all_readers(disputed: pd.DataFrame, one: str, many: str) -> str:
    """ "the reader of this article says", "both readers of this article say"; nothing where nobody has read it."""
    who = name_readers(disputed)
    return who and f"{who} of this article {one if who == 'the reader' else many}"


def describe_disputes(disputed: pd.DataFrame) -> str:
    """On which pairs all readers disagree with the machine: sides that it misses, and sides that it alone sees."""
    many = "give the same answer, and the machine gives another"
    who, said = all_readers(disputed, "gives another answer than the machine", many), corrected(disputed)
    if not who:
        return "Nobody has annotated this article: no reader corrects the machine here."
    if not said:
        return f"There is no stance here on which {who}."
    left = {"unclear": "The machine leaves it open, but the readers say", "none": "Only the readers say"}
    groups = defaultdict(list)
    for row in disputed.itertuples():
        theirs = said.get((row.holder, row.target))
        if theirs in SIDES:
            what = left.get(row.model, "The machine reads the other way round, and the readers say")
            groups[what].append(f"that {stands(row.holder, theirs, row.target)}")
        elif theirs and row.model in SIDES:
            groups["Only the machine says"].append(f"that {stands(row.holder, row.model, row.target)}")
        elif theirs:
            groups["Unclear to the machine or to the readers:"].append(f"{the(row.holder)} on {the(row.target)}")
    lines = [f"- **{what}** {listed(pairs, most=20, write=str)}." for what, pairs in groups.items()]
    whose = " of the writer" if (disputed["holder"] == AUTHOR).all() else ""
    return "\n".join([f"On **{counted(len(said), 'stance')}**{whose}, {who}.\n", *lines])


def _concern(text: str) -> str:
    """The words of worry in a text, listed."""
    words = [word for word in re.findall(r"[\w-]+", text) if word.lower().startswith(tuple(LISTS["concern"]))]
    return listed(f"“{word}”" for word in words)


def describe_doubt(pair: NamedTuple, text: str, disputed: pd.DataFrame | None) -> str:
    """What speaks against a row of `aggregate_stance` that rests on a text: worry, what all readers say; or nothing."""
    said = []
    if pair.stance == "against" and (words := _concern(text)):
        said.append(f"it speaks of worry ({words}), which is not yet opposition")
    theirs = corrected(disputed).get((pair.holder, pair.target), pair.stance)
    if theirs != pair.stance:
        said.append(f"{all_readers(disputed, 'says', 'say')} “{STANCES[theirs]}”")
    return f"**Look twice**: {'; '.join(said)}." if said else ""


def find_doubts(reading: Reading, disputed: pd.DataFrame) -> list[str]:
    """What a careful reader should check by eye, in Markdown; where people have annotated, what they dispute first."""
    doubts = []
    who, said = all_readers(disputed, "disagrees", "disagree"), corrected(disputed)
    apart = [pair for pair in zip(disputed["holder"], disputed["target"], strict=True) if pair not in said]
    disagree = {f"{upper(who)} with the machine": [*said], "The readers disagree with each other": apart}
    for what, pairs in disagree.items():
        if pairs:
            which = "; ".join(f"{the(holder)} on {the(target)}" for holder, target in pairs)
            doubts.append(f"**{what}** on {counted(len(pairs), 'stance')}: {which}.")
    texts = reading.article.sentences.set_index("sentence")["text"]
    worried = defaultdict(list)
    for row in reading.strongest.itertuples():
        side = stands(row.holder, row.stance, row.target)
        if row.stance == "against" and _concern(texts[row.evidence]):
            worried[row.evidence].append(f"that {side}")
        elif row.probability < UNSURE and not who:
            doubts.append(f"**Hardly sure**: {side} (probability {row.probability:.2f}, sentence {row.evidence}).")
    for number, sides in sorted(worried.items()):
        where = f"sentence {number}, where the machine reads {listed(sides, write=str)}"
        doubts.append(f"**Worry is not yet opposition**: {_concern(texts[number])} in {where}.")
    for category, target, found in repeated_events(reading.events):
        deed = f"**{escaped(category)} toward {the(target)}**"
        doubts.append(f"The machine finds {deed} more than once ({numbered(found)}): is it one deed or several?")
    if summary := reading.summaries.get("abstractive"):
        weak = summary.sentences.loc[~summary.sentences["supported"].astype(bool), "text"]
        doubts += [f"**In the summary**: {quoted(text)} is not supported." for text in weak]
    lost = reading.voices.loc[reading.voices["speaker"] == "", "sentence"]
    if len(lost):
        doubts.append(f"**Voices without a speaker** are left in {numbered(lost)}.")
    if guessed := guessed_actors(reading.mentions):
        doubts.append(f"**Known to the language model alone**: {listed(guessed, write=the)}.")
    return doubts


def list_doubts(reading: Reading, disputed: pd.DataFrame) -> str:
    """`find_doubts` as a list."""
    return "\n".join(f"- {doubt}" for doubt in find_doubts(reading, disputed)) or (
        "No check raised a doubt. That is no proof."
    )


def count_doubts(
    voices: pd.DataFrame, stance: pd.DataFrame, events: pd.DataFrame | None, summary: Summary | None
) -> list[str]:
    """What to doubt in a reading, one plain line for each doubt that there is, with how many of how many."""
    spoken = stance[stance["stance"] != "none"]
    if spoken.empty:
        return ["The machine took a side in no sentence."]
    pairs = spoken.assign(sided=spoken["stance"].isin(SIDES)).groupby(["holder", "target"])
    others = voices[voices["voice"] != AUTHOR]
    own = pd.Series(spoken.loc[spoken["holder"] == AUTHOR, "sentence"].unique())
    doubts = [
        ("Stances that rest on one sentence", pairs["sentence"].nunique()[pairs["sided"].any()] == 1),
        ("Stances in a sentence that stay unclear", spoken["stance"] == "unclear"),
        ("Sentences in which the writer takes a side, and somebody else speaks too: the side may be theirs",
         own.isin(others["sentence"])),
        ("Quoted or reported parts without a speaker", others["speaker"] == ""),
    ]  # fmt: skip
    if events is not None:
        lacking = (events["actor"] == "") | (events["target"] == "")
        doubts.append(("Events without an actor or without a target", lacking))
    if summary is not None:
        unsupported = ~summary.sentences["supported"].astype(bool)
        doubts.append(("Sentences of the summary that the article does not support", unsupported))
    return [f"{what}: {int(which.sum())} of {len(which)}." for what, which in doubts if which.any()]
