"""Measure what is found from the text alone: ``python -m tests.benchmarks.annotation [--out FILE]``.

References, events, issues and stances, on the articles of ``data/news`` that are held out: nothing is learnt from them.
An actor counts under the annotator's name alone, and, in the layers "by any name", under whatever name it was found.
"""

from __future__ import annotations

import argparse
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
from scipy.optimize import linear_sum_assignment

from korea_nlp import antecedents, detect_stance, find_actors, find_events, find_issues
from korea_nlp.cues import quotations
from korea_nlp.reader.linker import ISSUES
from korea_nlp.stance import AUTHOR, SIDES
from korea_nlp.training.news import NewsArticle, article_of, read_news

NEWS = Path(__file__).parents[2] / "data" / "news"
PRONOUNS = ("PRP", "PRP$", "WP", "WP$", "WDT", "DT")
ANY_NAME = ("references: all", "events: whole", "stances")
Counts = tuple[str, Counter, Counter]


class Case:
    """An annotated article, and as the library reads it; `marked` are (span, actor) as the annotator marked them."""

    def __init__(self, annotated: NewsArticle, profile: str):
        self.sentences = annotated.sentences
        self.article, self.starts = article_of(annotated, profile)
        self.mentions = find_actors(self.article)
        self.marked = [
            (self.span(start + first, start + last), actor)
            for start, sentence in zip(self.starts, self.sentences, strict=True)
            for first, last, actor in sentence.mentions
        ]

    def span(self, start: int, end: int):
        """The words at some characters."""
        return self.article.doc.char_span(start, end, alignment_mode="expand")

    def by_sentence(self, table: pd.DataFrame, *columns: str) -> Counter:
        """Rows of a table: the place of the sentence from 0, and some columns."""
        rows = table[["start", *columns]].itertuples(index=False, name=None)
        return Counter((bisect_right(self.starts, start) - 1, *rest) for start, *rest in rows)

    def heads(self, table: pd.DataFrame) -> list[tuple[int, str]]:
        """Expressions of a table: the word that is the head, and the actor."""
        rows = table[["start", "end", "actor"]].itertuples(index=False, name=None)
        return [(self.span(start, end).root.i, actor) for start, end, actor in rows]


def those(fits: Callable[[tuple], bool], *counted: Counter) -> list[Counter]:
    return [Counter({key: n for key, n in counts.items() if fits(key)}) for counts in counted]


def references(case: Case) -> Iterator[Counts]:
    """What words that name nobody stand for, found and marked: (head of the phrase, actor), of each kind."""
    doc = case.article.doc
    named = {word.i for mention in case.mentions.itertuples() for word in case.span(mention.start, mention.end)}
    marked = {(span, actor) for span, actor in case.marked if not actor.startswith("#")}
    theirs = Counter((span.root.i, actor) for span, actor in marked if named.isdisjoint(word.i for word in span))
    ours = Counter(case.heads(antecedents(case.article, case.mentions)))
    quoted = {i for start, end in quotations(case.article.text) for i in range(start, end)}
    yield "references: all", ours, theirs
    yield "references: pronoun", *those(lambda key: doc[key[0]].tag_ in PRONOUNS, ours, theirs)
    yield "references: noun", *those(lambda key: doc[key[0]].tag_ not in PRONOUNS, ours, theirs)
    yield "references: in quotations", *those(lambda key: doc[key[0]].idx in quoted, ours, theirs)


def events(case: Case) -> Iterator[Counts]:
    """Events, found and marked: (sentence, category, doer, target), and sentence and category alone."""
    theirs = Counter(
        (place, category, doer.strip("-"), target.strip("-"))
        for place, sentence in enumerate(case.sentences)
        for category, doer, target, _ in sentence.events
    )
    ours = case.by_sentence(find_events(case.article, case.mentions), "category", "actor", "target")
    yield "events: whole", ours, theirs
    yield "events: category", *(Counter({key[:2] for key in each}) for each in (ours, theirs))


def sides(case: Case) -> Iterator[Counts]:
    """Who is for or against whom, found and marked, from the text alone: (sentence, holder, target, side)."""
    theirs = Counter(
        (place, holder, target.removeprefix("#"), side)
        for place, sentence in enumerate(case.sentences)
        for (holder, target), side in sentence.stances.items()
    )
    table = detect_stance(case.article, mentions=case.mentions)
    ours = case.by_sentence(table[table["stance"].isin(SIDES)], "holder", "target", "stance")
    yield "stances", ours, theirs
    yield "stances: the author's", *those(lambda key: key[1] == AUTHOR, ours, theirs)
    yield "stances: toward issues", *those(lambda key: key[2] in ISSUES, ours, theirs)


def issues(case: Case) -> Iterator[Counts]:
    """What is spoken of besides actors, found and marked: (sentence, issue)."""
    marked = {(place, actor[1:]) for place, sentence in enumerate(case.sentences) for actor in sentence.actors}
    found = case.by_sentence(find_issues(case.article, mentions=case.mentions), "actor")
    yield "issues", Counter(set(found)), Counter(key for key in marked if key[1] in ISSUES)


def names_of_the_annotator(case: Case) -> dict[str, str]:
    """What the annotator calls each actor that is found: one to one, by most heads of expressions in common.

    So entities are aligned for CEAF (Luo 2005). Whoever is aligned with nobody keeps the name; where the annotator
    calls somebody else so, it gets a mark.
    """
    found = pd.concat([case.mentions, antecedents(case.article, case.mentions)])
    ours = pd.DataFrame(case.heads(found), columns=["head", "actor"])
    theirs = pd.DataFrame([(span.root.i, actor) for span, actor in case.marked], columns=["head", "actor"])
    both = ours.merge(theirs, on="head", suffixes=("", "_marked"))
    common = pd.crosstab(both["actor"], both["actor_marked"])
    pairs = zip(*linear_sum_assignment(common, maximize=True), strict=True)
    called = {common.index[i]: common.columns[j] for i, j in pairs if common.iloc[i, j]}
    return {actor: f"? {actor}" for actor in set(theirs["actor"])} | called


def measure(articles: list[NewsArticle], profile: str = "bundled") -> pd.DataFrame:
    """Counts and F1 of each layer: `layer`, `found`, `right`, `wanted`, `precision`, `recall`, `f1`."""
    rows = []
    for annotated in articles:
        case = Case(annotated, profile)
        called = names_of_the_annotator(case)
        for layer, ours, theirs in [*references(case), *events(case), *issues(case), *sides(case)]:
            layers = {layer: ours}
            if layer in ANY_NAME:
                renamed = Counter(tuple(called.get(part, part) for part in key) for key in ours.elements())
                layers[f"{layer}, by any name"] = renamed
            for name, counts in layers.items():
                rows.append((name, counts.total(), (counts & theirs).total(), theirs.total()))
    table = pd.DataFrame(rows, columns=["layer", "found", "right", "wanted"])
    table = table.groupby("layer", sort=False, as_index=False).sum()
    return table.assign(
        precision=(table["right"] / table["found"]).round(3),
        recall=(table["right"] / table["wanted"]).round(3),
        f1=(2 * table["right"] / (table["found"] + table["wanted"])).round(3),
    )


def write_table(parser: argparse.ArgumentParser, measured: Callable[[argparse.Namespace, str], pd.DataFrame]) -> None:
    """Measure each profile that is asked for; the table is printed, and kept in a file."""
    parser.add_argument("--profile", nargs="+", default=["bundled", "bundled-fast"])
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    table = pd.concat({name: measured(asked, name) for name in asked.profile}, names=["profile"]).reset_index("profile")
    print(table.to_string(index=False))
    if asked.out:
        table.to_csv(asked.out, index=False)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.annotation", description=__doc__)
    parser.add_argument("--part", default="held out", help="or: tune")
    write_table(parser, lambda asked, name: measure([a for a in read_news(NEWS) if a.part == asked.part], name))


if __name__ == "__main__":
    main()
