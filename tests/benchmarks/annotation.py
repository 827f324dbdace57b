"""Measure what is found from the text alone: ``python -m tests.benchmarks.annotation [--out FILE]``.

References, events, issues and stances, on the articles of ``data/news`` that are held out: nothing is learnt from them.
An actor counts under the annotator's name alone, and, in the layers "by any name", under whatever name it was found.
"""

from __future__ import annotations

import argparse
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from scipy.optimize import linear_sum_assignment

from korea_nlp import antecedents, detect_stance, find_actors, find_events, find_issues
from korea_nlp.article import Article
from korea_nlp.cues import quotations
from korea_nlp.linker import ISSUES
from korea_nlp.stance import AUTHOR, SIDES
from korea_nlp.training.news import NewsArticle, article_of, read_news

NEWS = Path(__file__).parents[2] / "data" / "news"
PRONOUNS = ("PRP", "PRP$", "WP", "WP$", "WDT", "DT")
ANY_NAME = ("references: all", "events: whole", "stances")
Counts = tuple[str, Counter, Counter]


def references(annotated: NewsArticle, article: Article, starts: list[int], mentions: pd.DataFrame) -> Iterator[Counts]:
    """What words that name nobody stand for, found and marked: (head of the phrase, actor), of each kind."""
    doc = article.doc
    named = {token.i for m in mentions.itertuples() for token in doc.char_span(m.start, m.end, alignment_mode="expand")}
    marked = {
        (doc.char_span(start + s, start + e, alignment_mode="expand"), actor)
        for start, sentence in zip(starts, annotated.sentences, strict=True)
        for s, e, actor in sentence.mentions
        if not actor.startswith("#")
    }
    theirs = Counter((span.root.i, actor) for span, actor in marked if named.isdisjoint(token.i for token in span))
    found = antecedents(article, mentions)
    spans = [doc.char_span(start, end) for start, end in zip(found["start"], found["end"], strict=True)]
    ours = Counter((span.root.i, actor) for span, actor in zip(spans, found["actor"], strict=True))
    quoted = {i for start, end in quotations(article.text) for i in range(start, end)}
    kinds = {
        "all": lambda word: True,
        "pronoun": lambda word: doc[word].tag_ in PRONOUNS,
        "noun": lambda word: doc[word].tag_ not in PRONOUNS,
        "in quotations": lambda word: doc[word].idx in quoted,
    }
    for kind, fits in kinds.items():
        yield (
            f"references: {kind}",
            *(Counter({k: n for k, n in each.items() if fits(k[0])}) for each in (ours, theirs)),
        )


def events(annotated: NewsArticle, article: Article, starts: list[int], mentions: pd.DataFrame) -> Iterator[Counts]:
    """Events, found and marked: (sentence, category, doer, target), and sentence and category alone."""
    theirs = Counter(
        (place, category, doer.strip("-"), target.strip("-"))
        for place, sentence in enumerate(annotated.sentences)
        for category, doer, target, _ in sentence.events
    )
    rows = find_events(article, mentions)[["start", "category", "actor", "target"]].itertuples(index=False, name=None)
    ours = Counter((bisect_right(starts, start) - 1, *rest) for start, *rest in rows)
    yield "events: whole", ours, theirs
    yield "events: category", *(Counter({key[:2]: 1 for key in each}) for each in (ours, theirs))


def sides(annotated: NewsArticle, article: Article, starts: list[int], mentions: pd.DataFrame) -> Iterator[Counts]:
    """Who is for or against whom, found and marked, from the text alone: (sentence, holder, target, side)."""
    theirs = Counter(
        (place, holder, target.removeprefix("#"), side)
        for place, sentence in enumerate(annotated.sentences)
        for (holder, target), side in sentence.stances.items()
    )
    table = detect_stance(article, mentions=mentions)
    table = table[table["stance"].isin(SIDES)][["start", "holder", "target", "stance"]]
    ours = Counter((bisect_right(starts, start) - 1, *rest) for start, *rest in table.itertuples(index=False))
    yield "stances", ours, theirs
    kinds = {"the author's": lambda key: key[1] == AUTHOR, "toward issues": lambda key: key[2] in ISSUES}
    for kind, fits in kinds.items():
        yield f"stances: {kind}", *(Counter({k: n for k, n in each.items() if fits(k)}) for each in (ours, theirs))


def issues(annotated: NewsArticle, article: Article, starts: list[int], mentions: pd.DataFrame) -> Iterator[Counts]:
    """What is spoken of besides actors, found and marked: (sentence, issue)."""
    marked = ((place, actor[1:]) for place, sentence in enumerate(annotated.sentences) for actor in sentence.actors)
    found = find_issues(article, mentions=mentions)[["start", "actor"]].itertuples(index=False, name=None)
    yield (
        "issues",
        Counter({(bisect_right(starts, start) - 1, issue) for start, issue in found}),
        Counter({(place, issue) for place, issue in marked if issue in ISSUES}),
    )


def names_of_the_annotator(
    annotated: NewsArticle, article: Article, starts: list[int], mentions: pd.DataFrame
) -> dict[str, str]:
    """What the annotator calls each actor that is found: one to one, by most heads of expressions in common.

    So entities are aligned for CEAF (Luo 2005). Whoever is aligned with nobody keeps the name; where the annotator
    calls somebody else so, it gets a mark.
    """
    columns = ["start", "end", "actor"]
    found = pd.concat([mentions[columns], antecedents(article, mentions)[columns]]).itertuples(index=False, name=None)
    marked = (
        (start + first, start + last, actor)
        for start, sentence in zip(starts, annotated.sentences, strict=True)
        for first, last, actor in sentence.mentions
    )
    ours, theirs = (
        pd.DataFrame(((article.doc.char_span(start, end, alignment_mode="expand").root.i, actor)
                      for start, end, actor in each), columns=["head", "actor"])
        for each in (found, marked)
    )  # fmt: skip
    both = ours.merge(theirs, on="head", suffixes=("", "_marked"))
    common = pd.crosstab(both["actor"], both["actor_marked"])
    pairs = zip(*linear_sum_assignment(common, maximize=True), strict=True)
    called = {common.index[i]: common.columns[j] for i, j in pairs if common.iloc[i, j]}
    return {actor: f"? {actor}" for actor in set(theirs["actor"])} | called


def measure(articles: list[NewsArticle], profile: str = "bundled") -> pd.DataFrame:
    """Counts and F1 of each layer: `layer`, `found`, `right`, `wanted`, `precision`, `recall`, `f1`."""
    found, right, wanted = Counter(), Counter(), Counter()
    for annotated in articles:
        article, starts = article_of(annotated, profile)
        about = (annotated, article, starts, find_actors(article))
        called = names_of_the_annotator(*about)
        for layer, ours, theirs in [*references(*about), *events(*about), *issues(*about), *sides(*about)]:
            layers = [(layer, ours)]
            if layer in ANY_NAME:
                renamed = Counter(tuple(called.get(part, part) for part in key) for key in ours.elements())
                layers.append((f"{layer}, by any name", renamed))
            for name, counts in layers:
                found[name] += counts.total()
                right[name] += (counts & theirs).total()
                wanted[name] += theirs.total()
    table = pd.DataFrame({"found": found, "right": right, "wanted": wanted}).rename_axis("layer").reset_index()
    return table.assign(
        precision=(table["right"] / table["found"]).round(3),
        recall=(table["right"] / table["wanted"]).round(3),
        f1=(2 * table["right"] / (table["found"] + table["wanted"])).round(3),
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.annotation", description=__doc__)
    parser.add_argument("--profile", nargs="+", default=["bundled", "bundled-fast"])
    parser.add_argument("--part", default="held out", help="or: tune")
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    held = [article for article in read_news(NEWS) if article.part == asked.part]
    table = pd.concat([measure(held, name).assign(profile=name) for name in asked.profile])
    table = table[["profile", *table.columns.drop("profile")]]
    print(table.to_string(index=False))
    if asked.out:
        table.to_csv(asked.out, index=False)


if __name__ == "__main__":
    main()
