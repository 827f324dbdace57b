"""For whom words stand that name nobody: "he", "its foreign ministry", "the official", "the move"."""

from __future__ import annotations

from collections.abc import Container, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

import pandas as pd

from korea_nlp.actors.names import is_opposed
from korea_nlp.cues import quotations
from korea_nlp.models import read_links
from korea_nlp.reader.linker import Links
from korea_nlp.reader.words import Words, words_of

if TYPE_CHECKING:
    from spacy.tokens import Token

    from korea_nlp.article import Article

COLUMNS = ["sentence", "start", "end", "text", "actor", "probability"]
_WITH_NOUN = ("poss", "compound", "amod", "nmod", "det", "nummod")


def antecedents(article: Article, mentions: pd.DataFrame) -> pd.DataFrame:
    """Find out for which actors pronouns, descriptions and deeds stand.

    The profile's reader has learnt it from annotated news: of each word whether it is the head of an expression that
    stands for an actor, and which expression before it that goes on from. Somebody who was not named before gets the
    words themselves for a name ("dockworkers"). A profile without such a reader finds nobody.

    Parameters
    ----------
    mentions
        What `find_actors` returned.

    Returns
    -------
    DataFrame
        One row per phrase and actor, since "both sides" stands for two: `sentence`, `start`, `end`, `text`,
        `actor`, `probability` (0 to 1). A phrase runs from its article or possessive to its noun, and may hold another.

    Examples
    --------
    >>> from korea_nlp import antecedents, find_actors, parse_article
    >>> article = parse_article("Kim Jong Un spoke on Monday. He praised Moscow.")
    >>> antecedents(article, find_actors(article))[["sentence", "text", "actor"]]
       sentence text        actor
    0         2   He  Kim Jong Un
    """
    rows = []
    for i, actors in references(article, mentions).meant.items():
        place = expression(article, i)
        rows += [(*place, actor, probability) for actor, probability in actors.items()]
    return pd.DataFrame(rows, columns=COLUMNS)


def expression(article: Article, head: int, others: Container[int] = ()) -> tuple[int, int, int, str]:
    """Sentence, start, end and text of the expression whose head a word is, from behind words that mean others."""
    noun = article.doc[head]
    first = min((child.left_edge.i for child in noun.lefts if child.dep_ in _WITH_NOUN), default=head)
    first = max((i + 1 for i in range(first, head) if i in others), default=first)
    start, end = article.doc[first].idx, noun.idx + len(noun)
    return article.sentence_at(start), start, end, article.text[start:end]


class References:
    """Who is named and who is meant in an article.

    By token, `named` is the actor whom a word names, and `actor` whoever is meant alone by a word and named
    elsewhere. `kinds` has the kind of each named actor; `meant`, `events`, `issues` and `goes_on` are as in `Links`.
    """

    def __init__(self, words: Words, links: Links):
        self.named = {token: actor for first, last, _, actor, _ in words.names for token in range(first, last)}
        self.kinds = {actor: kind for *_, actor, kind in words.names}
        self.meant, self.events, self.issues, self.goes_on = links.meant, links.events, links.issues, links.goes_on
        alone = ((i, *whom) for i, whom in self.meant.items() if len(whom) == 1)
        self.actor = {i: actor for i, actor in alone if actor in self.kinds}

    def actor_of(self, token: Token) -> str:
        """The actor whom a word names or stands for, or ``""``."""
        return self.named.get(token.i) or self.actor.get(token.i, "")


def references(article: Article, mentions: pd.DataFrame) -> References:
    """What the words of an article stand for: read once for the same mentions, and not to be changed."""
    return _read(article, tuple(mentions[["start", "end", "actor", "kind"]].itertuples(index=False, name=None)))


@lru_cache(maxsize=8)  # articles whose stances are asked about together: see `korea_nlp.corpus`
def _read(article: Article, mentions: tuple[tuple[int, int, str, str], ...]) -> References:
    words = words_of_article(article, mentions)
    return References(words, read_links(words, article.profile))


def words_of_article(article: Article, mentions: Iterable[tuple[int, int, str, str]]) -> Words:
    """An article as the linker takes it; mentions are (start, end, actor, kind)."""
    quoted = {i for start, end in quotations(article.text) for i in range(start, end)}
    return words_of(article.doc, quoted, [mention for mention in mentions if _names_whole(article, *mention[:2])])


def _names_whole(article: Article, start: int, end: int) -> bool:
    """Whether a mention is no part of a word ("U.S." in "U.S.-led"), and nobody's opponents' ("anti-North")."""
    span = article.doc.char_span(start, end, alignment_mode="expand")
    return not (len(span) == 1 and span.end_char - end > 2) and not is_opposed(article.text, start)
