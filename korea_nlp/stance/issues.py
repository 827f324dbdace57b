"""Issues as targets of stances: where an article speaks of them, and which ones it could be about."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from korea_nlp.actors import find_actors
from korea_nlp.actors.references import expression, references
from korea_nlp.article import Article
from korea_nlp.models import embed
from korea_nlp.paths import ASSETS
from korea_nlp.reader.linker import ISSUES

if TYPE_CHECKING:
    from spacy.tokens import Span

ABOUT = 0.4  # cosine from which a sentence is about an issue that it does not name
SAME = 0.75  # cosine from which two phrases are taken for one issue
VARIETY = 0.5  # how much of the best score an issue loses that equals one chosen before it
NAMES = {"PERSON", "NORP", "ORG", "GPE", "LOC", "FAC", "DATE", "TIME", "MONEY", "PERCENT", "QUANTITY"}
HYPHENS = {"-", "\u2010", "\u2011"}
COLUMNS = ["issue", "sentences", "score", "sentence", "start", "end", "text"]

_WORDS = tomllib.loads((ASSETS / "proposals.toml").read_text(encoding="utf-8"))


def find_issues(
    article: Article, issues: list[str] | None = None, mentions: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Where the article speaks of issues: dialogue, sanctions, and the like.

    The profile's reader has learnt from annotated news which words stand for one of `korea_nlp.reader.linker.ISSUES`:
    names, descriptions ("the offer"), verbs ("to talk"), pronouns. A profile without such a reader finds none of these.

    Parameters
    ----------
    issues
        Names of issues. One that the reader does not know, or finds nowhere, is found by its own words; one that it
        does not know and that is nowhere named, by sentences about it (cosine of embeddings of at least 0.4), whose
        mention is then the whole sentence. Without this, whatever the reader finds.
    mentions
        What `find_actors` found, perhaps corrected by hand.

    Returns
    -------
    pandas.DataFrame
        One row per expression, in order: `actor` (the issue), `sentence`, `start`, `end`, `text`, `probability` (0
        to 1; of an issue's own words 1).

    Examples
    --------
    >>> from korea_nlp import find_issues, parse_article
    >>> article = parse_article("Seoul wants dialogue. Tokyo wants more sanctions.")
    >>> find_issues(article)[["sentence", "text", "actor"]]
       sentence            text      actor
    0         1        dialogue   dialogue
    1         2  more sanctions  sanctions
    """
    mentions = find_actors(article) if mentions is None else mentions
    read = references(article, mentions)
    others = {*read.named, *(token.i for token in article.doc if token.dep_ in ("poss", "case"))}
    rows = [
        (issue, *expression(article, head, others), sure)
        for head, issue, sure in read.issues if issues is None or issue in issues
    ]  # fmt: skip
    for issue in sorted({*(issues or ())} - {issue for issue, *_ in rows}):
        form = re.compile(rf"(?<![\w-]){re.escape(issue)}(?![\w-])", re.IGNORECASE)
        spans = [match.span() for match in form.finditer(article.text)]
        if not spans and issue not in ISSUES:
            vectors = embed([issue, *article.sentences["text"]], article.profile)
            about = article.sentences[vectors[1:] @ vectors[0] >= ABOUT]
            spans = [*about[["start", "end"]].itertuples(index=False, name=None)]
        rows += [(issue, article.sentence_at(start), start, end, article.text[start:end], 1) for start, end in spans]
    found = pd.DataFrame(rows, columns=["actor", "sentence", "start", "end", "text", "probability"])
    return found.sort_values(["start", "end"], kind="stable", ignore_index=True)


def propose_issues(article: Article, n: int = 8, mentions: pd.DataFrame | None = None) -> pd.DataFrame:
    """Propose what stances in an article could be about, besides its actors.

    The candidates are its noun phrases without names, actors, determiners, and what ``assets/proposals.toml`` calls
    light. Those that nearly mean the same are one. They are ranked by how close they are to the article's sentences
    and, by half, to its title (cosines of embeddings, as KeyBERT has it: Grootendorst 2020), times one plus the
    logarithm of the number of sentences that have them; each loses by its likeness to those chosen before it (maximal
    marginal relevance: Carbonell and Goldstein 1998).

    It proposes words, not positions: it does not see an issue that no noun names ("should the two sides talk?"), nor
    who disputes what, nor two senses of a word, and leaves out issues that are known by a place ("the Northern Limit
    Line"). Where most issues occur in one sentence, their order rests on the embeddings alone. Read the list, choose,
    and pass what you chose to ``detect_stance(article, targets=...)``.

    Parameters
    ----------
    n
        At most so many issues.
    mentions
        What `find_actors` found, perhaps corrected by hand.

    Returns
    -------
    pandas.DataFrame
        `issue` (as the article says it, in lower case), `sentences` (how many name it, or what was taken for the
        same), `score` (closeness times frequency), and `sentence`, `start`, `end`, `text`: the first sentence that
        names it. In the order in which they were chosen.

    Raises
    ------
    ValueError
        If `n` is less than 1.

    Examples
    --------
    >>> from korea_nlp import parse_article, propose_issues
    >>> article = parse_article("Fishermen resent the quotas. Seoul defended the quotas on Monday.")
    >>> propose_issues(article, n=1)[["issue", "sentences", "text"]]
        issue  sentences                          text
    0  quotas          2  Fishermen resent the quotas.
    """
    if n < 1:
        raise ValueError(f"n is {n}; give the number of issues, 1 or more")
    mentions = find_actors(article) if mentions is None else mentions
    found = pd.DataFrame(
        [(span.text.lower(), span.lemma_.lower(), span.start_char) for span in _phrases(article, mentions)],
        columns=["issue", "lemma", "start"],
    )
    if found.empty:
        return pd.DataFrame(columns=COLUMNS)
    found["sentence"] = found["start"].map(article.sentence_at)
    words = found.groupby("lemma", sort=False).agg(
        issue=("issue", lambda written: written.mode().iloc[0]), sentences=("sentence", "nunique")
    )
    words["length"] = words.index.str.count(" ")
    words = words.sort_values(["sentences", "length"], ascending=False, kind="stable")
    vectors = embed(list(words["issue"]), article.profile)
    leaders = words.index[_leaders(list(words.index), vectors)]
    found["leader"] = found["lemma"].map(dict(zip(words.index, leaders, strict=True)))
    groups = found.groupby("leader").agg(sentences=("sentence", "nunique"), sentence=("sentence", "min"))
    places = words.index.get_indexer(groups.index)
    groups["issue"] = words["issue"].to_numpy()[places]
    groups["score"] = _centrality(article, vectors[places]) * (1 + np.log(groups["sentences"]))
    chosen = groups.iloc[_varied(groups["score"].to_numpy(), vectors[places], n)]
    return chosen.merge(article.sentences, on="sentence", how="left")[COLUMNS]


def _centrality(article: Article, vectors: np.ndarray) -> np.ndarray:
    """Mean cosine to the sentences; where there is a title, half of it to the title."""
    cosines = vectors @ embed(list(article.sentences["text"]), article.profile).mean(axis=0)
    if not article.title:
        return cosines
    return (cosines + vectors @ embed([article.title], article.profile)[0]) / 2


def _phrases(article: Article, mentions: pd.DataFrame) -> Iterator[Span]:
    """The part of each noun phrase that could name an issue."""
    doc = article.doc
    if not doc.has_annotation("DEP"):
        return
    spans = (doc.char_span(row.start, row.end, alignment_mode="expand") for row in mentions.itertuples())
    taken = {token.i for span in spans for token in span}
    for chunk in doc.noun_chunks:
        last = chunk.root.i
        while last >= chunk.start and doc[last].lemma_.lower() in _WORDS["light"]:
            last -= 1
        first = last + 1
        while first > chunk.start and _names_an_issue(doc[first - 1], first > last, taken):
            first -= 1
        while 1 < first <= last and doc[first - 1].text in HYPHENS and not doc[first - 2].whitespace_:
            first -= 2
        phrase = doc[first : last + 1]
        if len(phrase) and phrase[-1].lemma_.lower() not in _WORDS["people"]:
            yield phrase


def _names_an_issue(token, is_head: bool, taken: set[int]) -> bool:
    if token.i in taken or token.ent_type_ in NAMES or not token.is_alpha or len(token) < 3:
        return False
    return token.pos_ == "NOUN" or (not is_head and token.lemma_.lower() in _WORDS["kinds"])


def _leaders(lemmas: list[str], vectors: np.ndarray) -> list[int]:
    """For each phrase the place of the one that it goes with: itself, or one before it.

    That is one that it ends in or that ends in it ("border", "armed border"), or that nearly means the same.
    """
    places: list[int] = []
    for here, lemma in enumerate(lemmas):
        near = [
            place
            for place in dict.fromkeys(places)
            if f" {lemma}".endswith(f" {lemmas[place]}")
            or f" {lemmas[place]}".endswith(f" {lemma}")
            or vectors[place] @ vectors[here] >= SAME
        ]
        places.append(max(near, key=lambda place: vectors[place] @ vectors[here], default=here))
    return places


def _varied(scores: np.ndarray, vectors: np.ndarray, n: int) -> list[int]:
    """Places of the best, each time less what is like something chosen before."""
    chosen: list[int] = []
    likeness = np.zeros(len(scores))
    while len(chosen) < min(n, len(scores)):
        worth = np.round(scores - VARIETY * scores.max() * likeness, 6)
        worth[chosen] = -np.inf
        chosen.append(int(worth.argmax()))
        likeness = np.maximum(likeness, vectors @ vectors[chosen[-1]])
    return chosen
