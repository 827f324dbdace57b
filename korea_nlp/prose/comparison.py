"""Several articles read for comparison, and sentences that say how they differ."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from korea_nlp.article import Article, read_article
from korea_nlp.errors import ArticleError, KoreaNLPError
from korea_nlp.models.weights import Profile
from korea_nlp.prose.actors import voice_shares
from korea_nlp.prose.events import PLACE
from korea_nlp.prose.markup import STANCES, be, counted, escaped, listed, paragraph, percent, stands, the, upper
from korea_nlp.reading import Reading
from korea_nlp.sources import names_article
from korea_nlp.stance import AUTHOR, SIDES

MOST = 12  # pairs in a list: of more, the first are named


def read_folder(
    folder: str | Path, first: str | Path | None = None, profile: str | Profile = "bundled"
) -> tuple[list[Article], dict[str, str]]:
    """The article ``first`` and those of a folder by file name; and why a file could not be read, by its name.

    Files of other kinds, a README, and articles whose name is there already are left alone.

    Raises
    ------
    KoreaNLPError
        There is no such folder, or no article in it, or `first` cannot be read.
    """
    place = Path(folder)
    if not place.is_dir():
        raise KoreaNLPError(f"{place}: no such folder; name one that holds articles")
    articles = [] if first is None else [read_article(first, profile)]
    refused = {}
    for path in sorted(place.iterdir()):
        if names_article(path):
            try:
                article = read_article(path, profile)
            except ArticleError as problem:
                refused[path.name] = str(problem).removeprefix(f"{path}: ")
                continue
            if article.name not in {known.name for known in articles}:
                articles.append(article)
    if not articles:
        raise KoreaNLPError(f"{place}: holds no article that can be read; put text, Markdown, HTML or PDF there")
    return articles, refused


def names_of(articles: list[Article]) -> dict[str, str]:
    """What to call each article in a figure: its outlet, its title, or how it begins; no two alike."""
    names = {}
    for article in articles:
        name = article.outlet or article.title or f"“{' '.join(article.text.split()[:3])} …”"
        names[article.name] = name if name not in names.values() else f"{name} ({article.name})"
    return names


def with_numbers(articles: list[Article], names: dict[str, str]) -> str:
    """The articles below each other, each sentence behind its number."""
    return "\n\n".join(
        f"**{escaped(names[each.name])}**: "
        + " ".join(f"<sup>{row.sentence}</sup> {escaped(row.text)}" for row in each.sentences.itertuples())
        for each in articles
    )


def shares_of(readings: list[Reading]) -> pd.DataFrame:
    """`voice_shares` of several readings, with a column `article`."""
    return pd.concat([voice_shares(each.voices).assign(article=each.article.name) for each in readings])


def events_of(readings: list[Reading], names: dict[str, str]) -> pd.DataFrame:
    """The events of each, a row for a deed: `article`, `sentence`, `actor` and `target` (all), `text`, `intensity`."""
    rows = pd.concat([each.events.assign(article=names[each.article.name]) for each in readings])
    everybody, once = lambda found: ", ".join(filter(None, dict.fromkeys(found))), "first"
    columns = {"actor": everybody, "text": once, "target": everybody, "intensity": once}
    found = rows.groupby(["article", *PLACE], sort=False, as_index=False).agg(columns)
    return found[["article", "sentence", "actor", "text", "target", "intensity"]]


def summaries_of(readings: list[Reading], names: dict[str, str]) -> pd.DataFrame:
    """The extractive summary of each: `article`, `title`, `text`, where each sentence follows its number."""
    rows = []
    for reading in readings:
        sentences = reading.summaries["extractive"].sentences
        text = " ".join(f"({row.evidence[0]}) {row.text}" for row in sentences.itertuples())
        rows.append((names[reading.article.name], reading.article.title, text))
    return pd.DataFrame(rows, columns=["article", "title", "text"])


def describe_outlets(articles: pd.DataFrame, refused: dict[str, str]) -> str:
    """How many articles and outlets there are, of which days, and what could not be read."""
    outlets, dates = articles["outlet"].dropna(), sorted(articles["date"].dropna())
    text = f"**{counted(len(articles), 'article')}** with {articles['words'].sum():,} words"
    if len(outlets):
        text += f" from {counted(outlets.nunique(), 'outlet')}"
    if unknown := len(articles) - len(outlets):
        text += f"; {counted(unknown, 'article')} {be(unknown, 'names', 'name')} no outlet"
    if dates:
        first, last, some = escaped(dates[0]), escaped(dates[-1]), "They are"
        if len(dates) < len(articles):
            some = f"{counted(len(dates), 'article')} {be(len(dates))}"
        text += f". {some} dated {first if first == last else f'from {first} to {last}'}."
    else:
        text += ". None has a date."
    return text + "".join(f" Passed over: {escaped(name)} ({escaped(why)})." for name, why in refused.items())


def tell_shared(pairs: pd.DataFrame) -> str:
    """How many pairs have a side in several articles, and the same one; without writers, who are others in each."""
    sided = pairs[pairs["stance"].isin(SIDES)]
    writers = sided["holder"] == AUTHOR
    aside = "apart from the writers’ own, " * (sided.loc[writers, "article"].nunique() > 1)
    sided = sided[~writers]
    found = sided.groupby(["holder", "target"]).agg({"article": "nunique", "stance": "nunique"})
    shared = found[found["article"] > 1]
    if shared.empty:
        return upper(f"{aside}no stance is found in more than one article")
    same = int((shared["stance"] == 1).sum())
    told = f"{counted(same, 'stance')} {be(same)}" if same else "no stance is"
    told = upper(f"{aside}{told} found in more than one article")
    torn = len(shared) - same
    return told + f"; {counted(torn, 'pair')} {be(torn, 'takes', 'take')} different sides" * (torn > 0)


def describe_shared(pairs: pd.DataFrame, names: dict[str, str]) -> str:
    """Which pairs have a side in several articles, and whether it is the same; the writers of articles stand apart."""
    sided = pairs[pairs["stance"].isin(SIDES)]
    if sided.empty:
        return "No article was found in which somebody takes a side."
    groups = sided.groupby(["holder", "target"])
    same, torn = {True: [], False: []}, {True: [], False: []}  # of writers, of others
    for (holder, target), rows in groups:
        writer, sides = holder == AUTHOR, rows.groupby("stance")["article"].agg(list)
        if len(sides) > 1:
            who = the(target) if writer else f"{upper(the(holder))} on {the(target)}"
            said = [f"{STANCES[side]} in {listed(map(names.get, found))}" for side, found in sides.items()]
            torn[writer].append(f"- {who}: {'; '.join(said)}.")
        elif len(rows) > 1 and writer:
            same[writer].append(f"in {len(rows)} articles the writer is {STANCES[sides.index[0]]} {the(target)}")
        elif len(rows) > 1:
            same[writer].append(f"{stands(holder, sides.index[0], target)} ({len(rows)} articles)")
    writers = sided.loc[sided["holder"] == AUTHOR, "article"].nunique()
    parts = [paragraph(
        f"The machine finds **{counted(len(groups), 'pair')}** in which one is for or against the other"
        f"{' (all writers are counted as one, “the writer”)' * (writers > 1)}. {tell_shared(pairs)}.",
        same[False] and f"The same side in several articles: {listed(same[False], write=str)}.",
    )]  # fmt: skip
    for title, lines in (("Different sides in different articles", torn[False]),
                         ("As the machine reads them, the writers of the articles differ on", torn[True])):  # fmt: skip
        if lines:
            more = [f"- {len(lines) - MOST} more."] if len(lines) > MOST else []
            parts.append("\n".join([f"{title}:\n", *lines[:MOST], *more]))
    if same[True]:
        parts.append(f"As the machine reads them, {listed(same[True], write=str)}.")
    return "\n\n".join(parts)


def describe_space(shares: pd.DataFrame, mentions: pd.DataFrame, names: dict[str, str]) -> str:
    """Which article lives most on the words of others, and who is named in several and heard in none."""
    own = shares[shares["voice"] == AUTHOR].groupby("article")["share"].sum().reindex(list(names), fill_value=0.0)
    own = own.sort_values(kind="stable").map(percent)
    most, least = (f"in {listed(map(names.get, own.index[own == end]))} ({end})" for end in (own.iloc[-1], own.iloc[0]))
    heard = set(shares.loc[shares["voice"] != AUTHOR, "speaker"])
    where = mentions.groupby("actor")["article"].nunique()
    where = where[(where > 1) & ~where.index.isin(heard)].sort_values(ascending=False, kind="stable")
    silent = [f"{the(name)} ({count} articles)" for name, count in where.items()]
    return paragraph(
        f"The share of the writer’s own words is largest {most}{f' and smallest {least}' * (most != least)}.",
        silent and f"Mentioned in several articles, but never found speaking: {listed(silent, write=str)}.",
    )
