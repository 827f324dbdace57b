"""Measure what is found from the text alone: ``python -m tests.benchmarks.annotation [--out FILE]``.

References, events, issues and stances, on the articles of ``data/news`` that are held out: nothing is learnt from them.
What profiles find is compared with the marks that were settled after two readings (``data/news/settled``); beside it
stands what the second reader found, who saw the text alone (``data/news/alone``), compared with the first. An actor
counts under the annotator's name alone, and, in the layers "by any name", under whatever name it was found.
"""

from __future__ import annotations

import argparse
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

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
SECOND = "second reader"
Counts = tuple[str, Counter, Counter]


class Case:
    """An annotated article, as the library reads its text."""

    def __init__(self, annotated: NewsArticle, profile: str):
        self.article, self.starts = article_of(annotated, profile)
        self.mentions = find_actors(self.article)

    def expressions(self, annotated: NewsArticle) -> pd.DataFrame:
        """What is marked in an annotation of the article: `start`, `end`, `actor`."""
        rows = [
            (start + first, start + last, actor)
            for start, sentence in zip(self.starts, annotated.sentences, strict=True)
            for first, last, actor in sentence.mentions
        ]
        return pd.DataFrame(rows, columns=["start", "end", "actor"]).drop_duplicates()

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

    def unnamed(self, marked: pd.DataFrame) -> pd.DataFrame:
        """The expressions that stand for actors and have no name in them that the library finds."""
        named = {word.i for mention in self.mentions.itertuples() for word in self.span(mention.start, mention.end)}
        return marked[[
            row.actor[0] != "#" and named.isdisjoint(word.i for word in self.span(row.start, row.end))
            for row in marked.itertuples()
        ]]  # fmt: skip


class Found(NamedTuple):
    """What somebody finds in an article, in tables as the library has them.

    `expressions` are all that stand for actors, `references` those of them that name nobody.
    """

    expressions: pd.DataFrame
    references: pd.DataFrame
    events: pd.DataFrame
    issues: pd.DataFrame
    stances: pd.DataFrame


def by_machine(case: Case) -> Found:
    """What the library finds."""
    meant = antecedents(case.article, case.mentions)
    found = (method(case.article, mentions=case.mentions) for method in (find_events, find_issues, detect_stance))
    return Found(pd.concat([case.mentions, meant]), meant, *found)


def by_reader(case: Case, annotated: NewsArticle) -> Found:
    """What an annotator found."""
    marked = case.expressions(annotated)
    sentences = list(zip(case.starts, annotated.sentences, strict=True))
    events = [
        (start, category, doer.strip("-"), target.strip("-"))
        for start, sentence in sentences for category, doer, target, _ in sentence.events
    ]  # fmt: skip
    stances = [
        (start, holder, target.removeprefix("#"), side)
        for start, sentence in sentences for (holder, target), side in sentence.stances.items()
    ]  # fmt: skip
    issues = marked[marked["actor"].str.startswith("#")]
    return Found(
        marked[~marked["actor"].str.startswith("#")],
        case.unnamed(marked),
        pd.DataFrame(events, columns=["start", "category", "actor", "target"]),
        issues.assign(actor=issues["actor"].str[1:]),
        pd.DataFrame(stances, columns=["start", "holder", "target", "stance"]),
    )


def those(fits: Callable[[tuple], bool], *counted: Counter) -> list[Counter]:
    return [Counter({key: n for key, n in counts.items() if fits(key)}) for counts in counted]


def references(case: Case, *found: Found) -> Iterator[Counts]:
    """What words that name nobody stand for: (head of the phrase, actor), of each kind."""
    doc = case.article.doc
    both = [Counter(case.heads(each.references)) for each in found]
    quoted = {i for start, end in quotations(case.article.text) for i in range(start, end)}
    yield "references: all", *both
    yield "references: pronoun", *those(lambda key: doc[key[0]].tag_ in PRONOUNS, *both)
    yield "references: noun", *those(lambda key: doc[key[0]].tag_ not in PRONOUNS, *both)
    yield "references: in quotations", *those(lambda key: doc[key[0]].idx in quoted, *both)


def events(case: Case, *found: Found) -> Iterator[Counts]:
    """Events: (sentence, category, doer, target), and sentence and category alone."""
    both = [case.by_sentence(each.events, "category", "actor", "target") for each in found]
    yield "events: whole", *both
    yield "events: category", *(Counter({key[:2] for key in each}) for each in both)


def sides(case: Case, *found: Found) -> Iterator[Counts]:
    """Who is for or against whom: (sentence, holder, target, side)."""
    tables = [each.stances[each.stances["stance"].isin(SIDES)] for each in found]
    both = [case.by_sentence(table, "holder", "target", "stance") for table in tables]
    yield "stances", *both
    yield "stances: the author's", *those(lambda key: key[1] == AUTHOR, *both)
    yield "stances: toward issues", *those(lambda key: key[2] in ISSUES, *both)


def issues(case: Case, *found: Found) -> Iterator[Counts]:
    """What is spoken of besides actors: (sentence, issue)."""
    tables = [each.issues[each.issues["actor"].isin(ISSUES)] for each in found]
    yield "issues", *(Counter(set(case.by_sentence(table, "actor"))) for table in tables)


def names_of_the_annotator(case: Case, found: pd.DataFrame, marked: pd.DataFrame) -> dict[str, str]:
    """What the annotator calls each actor that is found: one to one, by most heads of expressions in common.

    So entities are aligned for CEAF (Luo 2005). Whoever is aligned with nobody keeps the name; where somebody else is
    aligned with whom the annotator calls so, it gets a mark.
    """
    ours, theirs = (pd.DataFrame(case.heads(table), columns=["head", "actor"]) for table in (found, marked))
    both = ours.merge(theirs, on="head", suffixes=("", "_marked"))
    common = pd.crosstab(both["actor"], both["actor_marked"])
    pairs = zip(*linear_sum_assignment(common, maximize=True), strict=True)
    called = {common.index[i]: common.columns[j] for i, j in pairs if common.iloc[i, j]}
    return {actor: f"? {actor}" for actor in called.values()} | called


def measure(
    articles: list[NewsArticle], profile: str = "bundled", second: dict[str, NewsArticle] | None = None
) -> pd.DataFrame:
    """Counts and F1 of each layer: `layer`, `found`, `right`, `wanted`, `precision`, `recall`, `f1`.

    What a profile finds is compared with the annotation; or what a `second` reader found, by the article's name.
    """
    rows = []
    for annotated in articles:
        case = Case(annotated, profile)
        theirs = by_reader(case, annotated)
        ours = by_reader(case, second[annotated.id]) if second else by_machine(case)
        called = names_of_the_annotator(case, ours.expressions, theirs.expressions)
        for count in (references, events, issues, sides):
            for layer, found, wanted in count(case, ours, theirs):
                layers = {layer: found}
                if layer in ANY_NAME:
                    renamed = Counter(tuple(called.get(part, part) for part in key) for key in found.elements())
                    layers[f"{layer}, by any name"] = renamed
                for name, counts in layers.items():
                    rows.append((name, counts.total(), (counts & wanted).total(), wanted.total()))
    table = pd.DataFrame(rows, columns=["layer", "found", "right", "wanted"])
    table = table.groupby("layer", sort=False, as_index=False).sum()
    return table.assign(
        precision=(table["right"] / table["found"]).round(3),
        recall=(table["right"] / table["wanted"]).round(3),
        f1=(2 * table["right"] / (table["found"] + table["wanted"])).round(3),
    )


def write_table(parser: argparse.ArgumentParser, measured: Callable[[str], pd.DataFrame], *others: str) -> None:
    """Measure each profile that is asked for, and `others`; the table is printed, and kept in a file."""
    parser.add_argument("--profile", nargs="+", default=["bundled", "bundled-fast", *others])
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    table = pd.concat({name: measured(name) for name in asked.profile}, names=["profile"]).reset_index("profile")
    print(table.to_string(index=False))
    if asked.out:
        table.to_csv(asked.out, index=False)


def measured(name: str) -> pd.DataFrame:
    """`measure` on the articles that are held out: of a profile by the settled marks, or of the second reader by the
    first's."""
    if name != SECOND:
        return measure(read_news(NEWS / "settled"), name)
    held = [article for article in read_news(NEWS) if article.part == "held out"]
    return measure(held, second={article.id: article for article in read_news(NEWS / "alone")})


if __name__ == "__main__":
    write_table(
        argparse.ArgumentParser(prog="python -m tests.benchmarks.annotation", description=__doc__), measured, SECOND
    )
