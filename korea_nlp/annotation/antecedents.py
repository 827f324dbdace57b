"""Who is meant by "he", "its foreign ministry", "the official", "the move": pronouns and definite nouns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from korea_nlp.annotation.references import OWNERS, References

if TYPE_CHECKING:
    from spacy.tokens import Token

    from korea_nlp.article import Article

COLUMNS = ["sentence", "start", "end", "text", "actor"]


def antecedents(article: Article, mentions: pd.DataFrame, joint: bool = False) -> pd.DataFrame:
    """Find out for which actors pronouns and definite nouns stand.

    Pronouns of the third person stand for a subject before them; offices and their members ("the foreign
    ministry", "a spokesman") for the state or organisation they speak for; deeds ("the move") for who is
    behind them; and a few descriptions ("its southern neighbor") for what the word lists say. What is
    unclear is left out, and so are pronouns in quotations.

    Parameters
    ----------
    mentions
        What `find_actors` returned.
    joint
        Whether phrases that stand for several together ("both sides") are among them, a row for each.

    Returns
    -------
    DataFrame
        One row per phrase, in order and, unless joint, without overlap: `sentence`, `start`, `end`,
        `text`, `actor`. A phrase runs from its article or possessive to its noun.
    """
    found = References(article.doc, mentions)
    meant = {i: [actor] for i, actor in found.actor.items()} | (found.several if joint else {})
    spans: list[tuple[int, int, list[str]]] = []
    for i, actors in sorted(meant.items()):
        noun = article.doc[i]
        first = article.doc[_beginning(noun)]
        if any(token.i in found.named for token in article.doc[first.i : i + 1]) and noun.pos_ == "PROPN":
            continue
        while spans and spans[-1][1] > first.idx:
            spans.pop()
        spans.append((first.idx, noun.idx + len(noun), actors))
    rows = []
    for start, end, actors in spans:
        rows += [(article.sentence_at(start), start, end, article.text[start:end], actor) for actor in actors]
    return pd.DataFrame(rows, columns=COLUMNS)


def _beginning(noun: Token) -> int:
    """The first word of a noun phrase, up to its head."""
    parts = [child for child in noun.lefts if child.dep_ in (*OWNERS, "det", "nummod")]
    return min((child.left_edge.i for child in parts), default=noun.i)
