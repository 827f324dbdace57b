"""Who acts and who is acted upon, and how a text is framed: counts of events and frames, in words."""

from __future__ import annotations

import numpy as np
import pandas as pd

from korea_nlp.frames import frame_names
from korea_nlp.prose.actors import words_in
from korea_nlp.prose.markup import be, counted, escaped, listed, numbered, paragraph, percent, the, times, upper
from korea_nlp.reading import Reading
from korea_nlp.stance import AUTHOR

NOBODY = "(not found)"
UNSURE = 0.5
"""A frame of a lower probability is worth a doubt."""
PLACE = ["sentence", "start", "end", "category"]
"""Rows that agree in these tell one deed, of several doers or upon several."""


def action_counts(events: pd.DataFrame) -> pd.DataFrame:
    """How often each actor does something to others, and how often something is done to them; most events first.

    Columns: `actor`, `does_cooperation`, `does_conflict`, `meets_cooperation`, `meets_conflict` (numbers of events),
    `does_once`, `meets_once` (the same if deeds of one category toward one target are one deed told again). An event
    without a doer counts for ``"(not found)"``.
    """
    events = events.assign(side=events["quad"].astype("str").str.split().str[-1])
    done, met = events.assign(actor=events["actor"].replace("", NOBODY)), events[events["target"] != ""]
    columns = {}
    for word, rows, role in (("does", done, "actor"), ("meets", met, "target")):
        for side in ("cooperation", "conflict"):
            columns[f"{word}_{side}"] = rows.loc[rows["side"] == side, role].value_counts()
    again = done.duplicated(["actor", "category", "target"]) & (done["target"] != "")
    table = pd.DataFrame({
        **columns,
        "does_once": done.loc[~again, "actor"].value_counts(),
        "meets_once": met.drop_duplicates(["category", "target"])["target"].value_counts(),
    })  # fmt: skip
    table = table.fillna(0).astype(int).rename_axis("actor").reset_index()
    order = table.assign(total=-table[list(columns)].sum(axis=1)).sort_values(["total", "actor"])
    return order.drop(columns="total").reset_index(drop=True)


def describe_actions(counts: pd.DataFrame) -> str:
    """Who is told most often as doer and as target, if each deed is told once too, and who is only ever one of them."""
    named = counts[counts["actor"] != NOBODY].set_index("actor")
    if named.empty:
        return "No event has a doer or a target."
    does, meets = (named[f"{word}_cooperation"] + named[f"{word}_conflict"] for word in ("does", "meets"))
    first, once, only = [], [], []
    for role, word, told, other in (("doer", "does", does, meets), ("target", "meets", meets, does)):
        top = told == told.max()
        hostile, deeds = named.loc[top, f"{word}_conflict"].sum(), told[top].sum()
        share = {0: "never in a hostile deed", deeds: "always in a hostile deed"}
        share = share.get(hostile, f"{hostile} of {deeds} in hostile deeds")
        if deeds:
            first.append("Most often found as {}: {} ({}, {}).".format(role, *_most(told), share))
        if (most := _most(named[f"{word}_once"])) != _most(told):
            once.append("the most frequent {} is: {} ({})".format(role, *most))
        if who := sorted(named.index[(told > 0) & (other == 0)]):
            only.append(f"Found only as {role}: {listed(who, write=the)}.")
    again = "A deed may be told more than once. If repeats (same category, same target) count only once, "
    again += f"{listed(once, write=str)}."
    return paragraph(*first, *only, once and again)


def _most(numbers: pd.Series) -> tuple[str, str]:
    """Those with the highest number, by name, and this number."""
    top = sorted(numbers.index[numbers == numbers.max()])
    return listed(top, write=the), f"{times(numbers.max())}{' each' * (len(top) > 1)}"


def repeated_events(events: pd.DataFrame) -> list[tuple[str, str, list[int]]]:
    """Deeds of one kind toward one target, told more than once, which may be one deed: category, target, sentences."""
    groups = events[events["target"] != ""].drop_duplicates(PLACE).groupby(["category", "target"], sort=False)
    again = [(*key, sorted({int(number) for number in rows["sentence"]})) for key, rows in groups if len(rows) > 1]
    return sorted(again, key=lambda row: row[2])


def describe_events(events: pd.DataFrame) -> str:
    """How many events there are, of which kind, and which may be one deed told again."""
    told = events.drop_duplicates(PLACE)
    if told.empty:
        return "No event was found: the article tells no deed of an actor that the package knows."
    kinds = told["quad"].value_counts()
    said = [f"{kinds[kind]} of {kind}" for kind in sorted(kinds.index, key=lambda kind: (-kinds[kind], kind))]
    text = f"The machine finds **{counted(len(told), 'event')}** in "
    text += f"{counted(told['sentence'].nunique(), 'sentence')}: {listed(said)}."
    text += " (An event with several doers or targets has several rows.)" * (len(told) < len(events))
    deeds = [
        f"{escaped(deed)} toward {the(target)} ({'more than once in ' * (len(at) == 1)}{numbered(at)})"
        for deed, target, at in repeated_events(told)
    ]
    return text + (f"\n- **Perhaps told more than once**: {'; '.join(deeds)}." if deeds else "")


def describe_frames(frames: pd.DataFrame, sentences: int) -> str:
    """Which frames were found in how many sentences, where they are doubtful, and which were not found."""
    found = frames[frames["frame"] != "none"]
    if found.empty:
        return "No frame fits any sentence well enough."
    lines = []
    for name, rows in sorted(found.groupby("frame"), key=lambda item: (-item[1]["sentence"].nunique(), item[0])):
        places = [f"{int(row.sentence)}{' (unsure)' * (row.probability < UNSURE)}" for row in rows.itertuples()]
        where = f"{be(len(places), 'sentence', 'sentences')} {listed(places, most=20)}"
        lines.append(f"- **{escaped(name)}**, {len(places)} of {sentences}: {where}")
    if absent := [name for name in frame_names() if name not in set(found["frame"])]:
        lines += ["", f"Not found: {listed(absent)}."]
    if none := sentences - found["sentence"].nunique():
        lines += ["", f"{upper(counted(none, 'sentence'))} {be(none, 'fits', 'fit')} no frame."]
    return "\n".join(lines)


def describe_parts(reading: Reading) -> str:
    """How the opening, middle and closing third of an article differ in stances, deeds, voices and actors."""
    thirds = np.array_split(reading.article.sentences["sentence"].to_numpy(), 3)
    if not len(thirds[2]):
        return "The article is too short to compare its opening, middle and closing."
    lines, named = [], []
    tables = (reading.mentions, reading.voices, reading.stance, reading.events.drop_duplicates(PLACE))
    for part, third in zip(("Opening", "Middle", "Closing"), thirds, strict=True):
        mentions, voices, stance, events = (table[table["sentence"].isin(third)] for table in tables)
        named.append(set(mentions["actor"]))
        words = voices["text"].map(words_in).astype(int)
        others = words[voices["voice"] != AUTHOR].sum() / max(words.sum(), 1)
        where = f"sentence {third[0]}" if len(third) == 1 else f"sentences {third[0]} to {third[-1]}"
        kinds = events["quad"].astype("str").str.split().str[-1]
        hostile, friendly = ((kinds == kind).sum() or "no" for kind in ("conflict", "cooperation"))
        lines.append(
            f"- **{part}** ({where}): {counted(int((stance['stance'] == 'against').sum()), 'stance')} against and "
            f"{(stance['stance'] == 'favor').sum() or 'none'} for, {hostile} hostile and {friendly} friendly deeds, "
            f"{percent(others)} of the words quoted or reported."
        )
    last = sorted((named[0] | named[1]) - named[2])
    return "\n".join(lines) + (f"\n\nThe closing no longer names {listed(last, write=the, last='or')}." if last else "")
