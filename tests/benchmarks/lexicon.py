"""A baseline: stance from the words of praise and blame that stand between two names."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd

from korea_nlp.stance import AUTHOR, LABELS, SENTENCE, unbracketed

WORDS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
ENDINGS = r"(?:e?[sd]|ing|e?rs?|ment|al|ful)?"


def _form(words: list[str], endings: str = "") -> re.Pattern:
    stems = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{stems}){endings}(?!\w)", re.IGNORECASE)


FAVOR, AGAINST = (_form(WORDS[side], ENDINGS) for side in LABELS[:2])
DENY = re.compile(rf"{_form(WORDS['deny']).pattern}\W+(?:\w+\W+){{0,2}}$", re.IGNORECASE)
PASSIVE = re.compile(r"\b(?:is|are|was|were|be|been|being)\b.*\bby\b|^\W*\w+ed by\b", re.IGNORECASE)


def words_stance(text: str) -> str:
    """The side that has more words in the text; a word that is denied counts for the other side."""
    balance = 0
    for sign, form in ((1, FAVOR), (-1, AGAINST)):
        for word in form.finditer(text):
            balance += -sign if DENY.search(text[: word.start()]) else sign
    return LABELS[0] if balance > 0 else LABELS[1] if balance < 0 else LABELS[2]


def lexicon_stance(text: str, holder: str, target: str) -> str:
    """Stance of a holder toward a target by the words between them; who is named first is the holder.

    "X was criticized by Y" turns the direction round. The author is given the words of the whole text.
    """
    if holder in (AUTHOR, SENTENCE):
        return words_stance(text)
    text, (ours, theirs) = unbracketed(text, [holder, target])
    if not (ours and theirs):
        return "none"
    one, other = ours[0], theirs[0]
    between = text[min(one[1], other[1]) : max(one[0], other[0])]
    forward = one[0] < other[0]
    return words_stance(between) if forward != bool(PASSIVE.search(between)) else "none"


def lexicon_scores(pairs: pd.DataFrame) -> np.ndarray:
    """All probability on the stance that `lexicon_stance` finds, shape (n, 3) in the order of `LABELS`."""
    said = [lexicon_stance(*row) for row in pairs[["text", "holder", "target"]].itertuples(index=False)]
    return np.eye(len(LABELS))[[LABELS.index(stance) for stance in said]]
