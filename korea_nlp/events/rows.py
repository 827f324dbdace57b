"""Which rows a deed has: one for each doer and target, none twice."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from korea_nlp.events.deeds import Deed, word_lists


def pairs(deed: Deed, doers: list[str], targets: list[str]) -> Iterator[tuple[str, str]]:
    """Doer and target of each row."""
    if deed.directed and not targets and len(doers) < 2:
        return
    mutual = deed.mutual or deed.category in word_lists()["roles"]["mutual"]
    mutual = mutual or (deed.category == "SUPPORT" and bool(deed.objects))
    if not targets and len(doers) > 1 and mutual:
        yield from ((one, other) for one in doers for other in doers if one != other)
        return
    for doer in doers or [""]:
        for target in targets or [""]:
            if doer or target:
                yield doer, target
            if doer and target and deed.mutual:
                yield target, doer


def without_repeats(events: pd.DataFrame) -> pd.DataFrame:
    """One row for a deed that a sentence tells twice: with the same words, or in words within each other.

    Of "bolstered its defenses by planting mines" the narrower is kept.
    """
    rows = list(events.itertuples())
    kept: list = []
    for row in sorted(rows, key=lambda row: (row.end - row.start, row.start)):
        same = [k for k in kept if (k.sentence, k.actor, k.category, k.target)
                == (row.sentence, row.actor, row.category, row.target)]  # fmt: skip
        if not any(row.start < k.end and k.start < row.end for k in same):
            kept.append(row)
    chosen = sorted((row.start, row.Index) for row in kept)
    return events.iloc[[index for _, index in chosen]].reset_index(drop=True)
