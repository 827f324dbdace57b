"""Who acts and who is acted upon, and how a text is framed: counts of events and frames, in words."""

from __future__ import annotations

import pandas as pd

from korea_nlp.prose.markup import counted, escaped, listed, numbered, percent, quoted, the, upper, verb

SIDES = ("cooperation", "conflict")
NOBODY = "(not said)"
PLACE = ["sentence", "start", "end", "category"]


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
        events); those with most events first. An event without a doer counts for ``"(not said)"``.
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
    order = table.assign(total=-table[columns].sum(axis=1)).sort_values(["total", "actor"])
    return order.drop(columns="total").reset_index(drop=True)


def told_again(events: pd.DataFrame) -> list[tuple[str, str, list[int]]]:
    """Deeds of one kind upon one target, told more than once, which may be one deed: category, target, sentences."""
    groups = events[events["target"] != ""].drop_duplicates(PLACE).groupby(["category", "target"], sort=False)
    again = [(*key, sorted({int(number) for number in rows["sentence"]})) for key, rows in groups if len(rows) > 1]
    return sorted(again, key=lambda row: row[2])


def describe_events(events: pd.DataFrame) -> str:
    """How many events there are, of which kind, which are the harshest, and which may be one deed told again."""
    told = events.drop_duplicates(PLACE)
    if told.empty:
        return "No event was found: the article tells no deed of an actor that the package knows."
    kinds = told["quad"].value_counts()
    said = [f"{kinds[kind]} of {kind}" for kind in sorted(kinds.index, key=lambda kind: (-kinds[kind], kind))]
    lowest = told[told["intensity"] == told["intensity"].min()].sort_values("start")
    where = [f"{quoted(row.text)} (sentence {int(row.sentence)})" for row in lowest.itertuples()]
    text = (
        f"The machine finds **{counted(len(told), 'event')}** in {counted(told['sentence'].nunique(), 'sentence')}: "
        f"{listed(said)}. The lowest score is {_score(told['intensity'].min())}: {listed(where, most=4, write=str)}."
    )
    if again := told_again(told):
        deeds = [f"{escaped(category)} upon {the(target)} ({numbered(found)})" for category, target, found in again]
        text += f" Count with care, for this may be one deed told again: {listed(deeds, write=str)}."
    return text


def describe_actions(counts: pd.DataFrame) -> str:
    """Who acts most, upon whom most is done, who only acts and who is only acted upon."""
    named = counts[counts["actor"] != NOBODY].set_index("actor")
    if named.empty:
        return "No event has a doer or a target."
    does, meets = (named[f"{word}_cooperation"] + named[f"{word}_conflict"] for word in ("does", "meets"))
    lines = []
    for numbers, one, many, column in (
        (does, "acts", "act", "does_conflict"),
        (meets, "is acted upon", "are acted upon", "meets_conflict"),
    ):
        if numbers.max():
            top = sorted(numbers.index[numbers == numbers.max()])
            share = named.loc[top, column].sum() / numbers[top].sum()
            who = f"{upper(listed(top, write=the))} {verb(top, one, many)} most"
            how = {0: "all of it cooperation", 1: "all of it conflict"}.get(share, f"{percent(share)} of it conflict")
            lines.append(f"{who}: {counted(int(numbers.max()), 'time')}{' each' * (len(top) > 1)}, {how}.")
    for who, one, many in (
        (sorted(named.index[(does > 0) & (meets == 0)]), "only acts", "only act"),
        (sorted(named.index[(does == 0) & (meets > 0)]), "is only acted upon", "are only acted upon"),
    ):
        if who:
            lines.append(f"{upper(listed(who, write=the))} {verb(who, one, many)}.")
    return " ".join(lines)


def describe_frames(frames: pd.DataFrame, sentences: int) -> str:
    """Which frames were found, and in which sentences."""
    found = frames[frames["frame"] != "none"]
    none = sentences - found["sentence"].nunique()
    if found.empty:
        return "No frame fits any sentence well enough."
    groups = sorted(found.groupby("frame"), key=lambda item: (-item[1]["sentence"].nunique(), item[0]))
    lines = [f"- **{escaped(name)}**: {numbered(rows['sentence'])}" for name, rows in groups]
    fit = "fits" if none == 1 else "fit"
    return "\n".join([*lines, *(["", f"{upper(counted(none, 'sentence'))} {fit} no frame."] if none else [])])


def _score(value: float) -> str:
    return f"{value:.1f}".replace("-", "−").replace("−0.0", "0.0")
