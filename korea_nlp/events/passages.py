"""Which words of the text tell a deed, in which sentence and voice, and with which date."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

import pandas as pd

from korea_nlp.article import Article

if TYPE_CHECKING:
    from spacy.tokens import Span, Token

_PHRASE = ("dobj", "dative", "nsubjpass", "agent", "prt", "oprd", "attr", "acomp", "prep")
_LENGTHS = ("for", "over", "within")
_ASIDE = ("relcl", "advcl", "parataxis", "appos")


def extent(word: Token, by_noun: bool, text: str) -> tuple[int, int]:
    """Start and end of the verb with its object, or of the noun with its doer."""
    tokens = [word]
    if word.dep_ == "compound":  # a gerund taken for a noun
        tokens.append(word.head)
    for child in word.children:
        before = not by_noun and child.i < word.i
        if (child.dep_ in _PHRASE or (by_noun and child.dep_ in ("poss", "amod", "compound"))) and not before:
            tokens.extend(token for token in child.subtree if not _is_aside(token, child))
        elif child.dep_ in ("xcomp", "ccomp") and child.i > word.i:
            tokens.extend(child.subtree)
    if by_noun:
        tokens.extend(child for child in word.lefts if child.dep_ in ("poss", "amod", "compound", "nmod"))
        tokens.extend(t for child in word.lefts if child.dep_ in ("poss", "nmod") for t in child.subtree)
    sentence = word.sent
    tokens = [token for token in tokens if token.sent == sentence and not token.is_space]
    first, last = min(tokens, key=lambda t: t.i), max(tokens, key=lambda t: t.i)
    while last.is_punct and last.text not in '”"' and last.i > word.i:
        last = last.nbor(-1)
    end = last.idx + len(last)
    quotes = text[first.idx : end]
    after = text[end : end + 2]
    if quotes.count("“") > quotes.count("”") or quotes.count('"') % 2:
        end += after.find("”") + 1 or after.find('"') + 1
    return first.idx, end


def _is_aside(token: Token, top: Token) -> bool:
    while token.i != top.i:
        if token.dep_ in _ASIDE:
            return True
        token = token.head
    return False


class Places:
    """Whose words a place of the text is, and which date goes with a word."""

    def __init__(self, article: Article, voices: pd.DataFrame) -> None:
        self.parts = list(voices[["start", "voice", "speaker"]].itertuples(index=False, name=None))
        self.part_starts = [start for start, _, _ in self.parts]
        self.dates = [span for span in article.doc.ents if span.label_ in ("DATE", "TIME") and _is_date(span)]

    def voice(self, at: int) -> tuple[str, str]:
        """Whose words a character belongs to: voice and speaker."""
        _, voice, speaker = self.parts[max(bisect_right(self.part_starts, at) - 1, 0)]
        return voice, speaker

    def date(self, word: Token, others: set[int]) -> str:
        """The date that depends on the word; else on a verb above it that tells no other deed."""
        for date in self.dates:
            if date.sent != word.sent:
                continue
            above = [date.root, *date.root.ancestors]
            nearest = next((token for token in above if token.i in others), None)
            if nearest is None or nearest.i == word.i or nearest.is_ancestor(word):
                return date.text
        return ""


def _is_date(span: Span) -> bool:
    """Not a length of time ("for decades") nor a frequency ("annual")."""
    root = span.root
    return root.dep_ not in ("amod", "compound", "poss", "advmod") and root.head.lower_ not in _LENGTHS
