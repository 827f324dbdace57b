"""Who acts and who is acted upon, and how a text is framed: counts of events and frames, in words."""

from __future__ import annotations

import pandas as pd

from korea_nlp.prose.markup import counted, escaped, listed, numbered, percent

SIDES = ("cooperation", "conflict")
NOBODY = "(not said)"


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


def describe_events(events: pd.DataFrame) -> str:
    """How many events there are, of which kind, by whom they are told, and where conflict is worst."""
    told = events.drop_duplicates(["sentence", "start", "end", "category"])
    if told.empty:
        return "No event was found: the article tells no deed of an actor that the word lists know."
    kinds = told["quad"].value_counts()
    said = [f"{kinds[kind]} of {kind}" for kind in sorted(kinds.index, key=lambda kind: (-kinds[kind], kind))]
    worst = told.loc[told["intensity"].idxmin()]
    text = (
        f"**{counted(len(told), 'event')}** in {counted(told['sentence'].nunique(), 'sentence')}: "
        f"{listed(said)}. The mean conflict-cooperation score is {_score(told['intensity'].mean())}, on a "
        f"scale from −10 to 10; lowest is “{escaped(worst['text'])}” in sentence {int(worst['sentence'])} "
        f"({escaped(worst['category'])}, {_score(worst['intensity'])})."
    )
    others = int((told["voice"] != "author").sum())
    if not others:
        return f"{text} The writer vouches for all of them."
    rest = f"{others} {'is' if others == 1 else 'are'} told by somebody else"
    return f"{text} The writer vouches for {len(told) - others} of them; {rest}."


def describe_actions(counts: pd.DataFrame) -> str:
    """Who acts most, upon whom most is done, who only acts and who is only acted upon."""
    named = counts[counts["actor"] != NOBODY].set_index("actor")
    if named.empty:
        return "No event has a doer or a target."
    does = named["does_cooperation"] + named["does_conflict"]
    meets = named["meets_cooperation"] + named["meets_conflict"]
    lines = []
    for numbers, verbs, column in (
        (does, ("acts", "act"), "does_conflict"),
        (meets, ("is acted upon", "are acted upon"), "meets_conflict"),
    ):
        if numbers.max():
            top = sorted(numbers.index[numbers == numbers.max()])
            share = named.loc[top, column].sum() / numbers[top].sum()
            many = counted(int(numbers.max()), "event") + " each" * (len(top) > 1)
            most = f"Most often **{listed(top)}** {verbs[len(top) > 1]}"
            lines.append(f"{most}: {many}, {percent(share)} of them conflict.")
    for who, text in (
        (sorted(named.index[(does > 0) & (meets == 0)]), "Only acting"),
        (sorted(named.index[(does == 0) & (meets > 0)]), "Only acted upon"),
    ):
        if who:
            lines.append(f"{text}: {listed(who)}.")
    return " ".join(lines)


def describe_frames(frames: pd.DataFrame, sentences: int) -> str:
    """Which frames were found, in which sentences, and where the model abstains."""
    found = frames[frames["frame"] != "none"]
    none = sentences - found["sentence"].nunique()
    if found.empty:
        return f"In none of the {sentences} sentences does a frame fit well enough."
    groups = sorted(found.groupby("frame"), key=lambda item: (-item[1]["sentence"].nunique(), item[0]))
    lines = [
        f"- **{escaped(name)}**: {numbered(rows['sentence'])} "
        f"(mean probability {rows['probability'].mean():.2f})."
        for name, rows in groups
    ]
    silent = f"In {none} of {sentences} sentences no frame fits, and the model abstains." if none else ""
    return "\n".join([*lines, "", silent]).strip()


def _score(value: float) -> str:
    return f"{value:.1f}".replace("-", "−").replace("−0.0", "0.0")
