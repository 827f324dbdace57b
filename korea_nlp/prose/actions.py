"""Who acts and who is acted upon, and how a text is framed: counts of events and frames, in words."""

from __future__ import annotations

import pandas as pd

from korea_nlp.frames import frame_names
from korea_nlp.prose.markup import counted, escaped, listed, numbered, quoted, the, upper

SIDES = ("cooperation", "conflict")
NOBODY = "(not said)"
PLACE = ["sentence", "start", "end", "category"]
PLAIN = 0.75
"""A frame of a lower probability is worth a doubt."""


def action_counts(events: pd.DataFrame) -> pd.DataFrame:
    """How often each actor does something to others, and how often something is done to them.

    Parameters
    ----------
    events
        What `find_events` returned.

    Returns
    -------
    DataFrame
        `actor`, `does_cooperation`, `does_conflict`, `meets_cooperation`, `meets_conflict` (numbers of
        events), `does_once`, `meets_once` (the same if deeds of one category upon one target are one deed told
        again); those with most events first. An event without a doer counts for ``"(not said)"``.
    """
    side = events["quad"].astype("str").str.split().str[-1]
    rows: dict[str, dict[str, int]] = {}
    for role, word in (("actor", "does"), ("target", "meets")):
        for name, which in zip(events[role], side, strict=True):
            if name or role == "actor":
                counts = rows.setdefault(name or NOBODY, {})
                counts[f"{word}_{which}"] = counts.get(f"{word}_{which}", 0) + 1
    columns = [f"{word}_{which}" for word in ("does", "meets") for which in SIDES]
    table = pd.DataFrame(
        [(name, *(counts.get(column, 0) for column in columns)) for name, counts in rows.items()],
        columns=["actor", *columns],
    )
    again = events.duplicated(["category", "target"]) & (events["target"] != "")
    doubled = events.duplicated(["actor", "category", "target"]) & (events["target"] != "")
    done, met = events.loc[~doubled, "actor"].replace("", NOBODY), events.loc[~again, "target"]
    table["does_once"] = [int((done == name).sum()) for name in table["actor"]]
    table["meets_once"] = [int((met == name).sum()) for name in table["actor"]]
    order = table.assign(total=-table[columns].sum(axis=1)).sort_values(["total", "actor"])
    return order.drop(columns="total").reset_index(drop=True)


def told_again(events: pd.DataFrame) -> list[tuple[str, str, list[int]]]:
    """Deeds of one kind upon one target, told more than once, which may be one deed: category, target, sentences."""
    groups = events[events["target"] != ""].drop_duplicates(PLACE).groupby(["category", "target"], sort=False)
    again = [(*key, sorted({int(number) for number in rows["sentence"]})) for key, rows in groups if len(rows) > 1]
    return sorted(again, key=lambda row: row[2])


def describe_events(events: pd.DataFrame) -> str:
    """How many events there are, of which kind, which may be one deed told again, and which may be no threat."""
    told = events.drop_duplicates(PLACE)
    if told.empty:
        return "No event was found: the article tells no deed of an actor that the package knows."
    kinds = told["quad"].value_counts()
    said = [f"{kinds[kind]} of {kind}" for kind in sorted(kinds.index, key=lambda kind: (-kinds[kind], kind))]
    text = (
        f"The machine finds **{counted(len(told), 'event')}** in {counted(told['sentence'].nunique(), 'sentence')}: "
        f"{listed(said)}."
    )
    if again := told_again(told):
        deeds = [f"{escaped(category)} upon {the(target)} ({numbered(found)})" for category, target, found in again]
        text += f"\n- **Perhaps one deed, told more than once**: {listed(deeds, write=str)}."
    if threats := [f"{quoted(row.text)} (sentence {row.sentence})" for row in told.itertuples() if row.verb == "warn"]:
        text += f"\n- **A threat, or only a prediction?** {listed(threats, write=str)}."
    return text


def describe_actions(counts: pd.DataFrame) -> str:
    """Who is told most often as doer and as target, if each deed is told once too, and who is only ever one of them."""
    named = counts[counts["actor"] != NOBODY].set_index("actor")
    if named.empty:
        return "No event has a doer or a target."
    does, meets = (named[f"{word}_cooperation"] + named[f"{word}_conflict"] for word in ("does", "meets"))
    lines = []
    for numbers, role, column in ((does, "doer", "does_conflict"), (meets, "target", "meets_conflict")):
        if numbers.max():
            top = _most(numbers)
            conflict, told = int(named.loc[top, column].sum()), int(numbers[top].sum())
            share = {0: "no conflict", told: "all conflict"}.get(conflict, f"{conflict} of {told} conflict")
            lines.append(f"Told most often as {role}: {listed(top, write=the)} ({_times(numbers, top)}, {share}).")
    once = [(named[f"{word}_once"], role) for word, role in (("does", "doer"), ("meets", "target"))]
    if (named["does_once"] < does).any() or (named["meets_once"] < meets).any():
        said = [f"most often as {role}: {listed(_most(n), write=the)} ({_times(n, _most(n))})" for n, role in once
                if n.max()]  # fmt: skip
        lines.append(f"With deeds of one kind upon one target counted once, {'; '.join(said)}.")
    for who, role in (
        (sorted(named.index[(does > 0) & (meets == 0)]), "doer"),
        (sorted(named.index[(does == 0) & (meets > 0)]), "target"),
    ):
        if who:
            lines.append(f"Only ever {role}: {listed(who, write=the)}.")
    return " ".join(lines)


def _most(numbers: pd.Series) -> list[str]:
    """Those with the highest number, by name."""
    return sorted(numbers.index[numbers == numbers.max()])


def _times(numbers: pd.Series, top: list[str]) -> str:
    return f"{counted(int(numbers.max()), 'time')}{' each' * (len(top) > 1)}"


def describe_frames(frames: pd.DataFrame, sentences: int) -> str:
    """Which frames were found in how many sentences, where they are doubtful, and which were not found."""
    found = frames[frames["frame"] != "none"]
    none = sentences - found["sentence"].nunique()
    if found.empty:
        return "No frame fits any sentence well enough."
    lines = []
    for name, rows in sorted(found.groupby("frame"), key=lambda item: (-item[1]["sentence"].nunique(), item[0])):
        places = [f"{int(row.sentence)}{'?' * (row.probability < PLAIN)}" for row in rows.itertuples()]
        where = f"{'sentence' if len(places) == 1 else 'sentences'} {listed(places, most=20)}"
        lines.append(f"- **{escaped(name)}**, {len(places)} of {sentences}: {where}")
    if absent := [name for name in frame_names() if name not in set(found["frame"])]:
        lines += ["", f"Not found: {listed(absent)}."]
    fit = "fits" if none == 1 else "fit"
    return "\n".join([*lines, *(["", f"{upper(counted(none, 'sentence'))} {fit} no frame."] if none else [])])
