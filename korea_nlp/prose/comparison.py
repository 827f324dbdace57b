"""Several articles read for comparison, and sentences that say how they differ."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from korea_nlp.article import Article, read_article
from korea_nlp.errors import ArticleError, KoreaNLPError
from korea_nlp.prose.interpretation import voice_shares
from korea_nlp.prose.markup import STANCES, counted, escaped, listed, percent, stands, the, upper
from korea_nlp.reading import Reading
from korea_nlp.stance import AUTHOR, SIDES
from korea_nlp.weights import Profile

SUFFIXES = (".txt", ".md", ".markdown", ".html", ".htm", ".pdf")
MOST = 12  # pairs in a list: of more, the first are named
_NO_ARTICLE = "readme"  # files of this name describe a folder


def read_folder(
    folder: str | Path, first: str | Path | None = None, profile: str | Profile = "bundled"
) -> tuple[list[Article], dict[str, str]]:
    """Read the articles of a folder, in the order of their file names.

    Parameters
    ----------
    folder
        Where they are; files of other kinds, and a README, are left alone.
    first
        An article to be read before them.

    Returns
    -------
    tuple
        The articles, each with a name of its own; and by file name, why a file could not be read.

    Raises
    ------
    KoreaNLPError
        There is no such folder, or no article in it.
    ArticleError
        `first` cannot be read.
    """
    place = Path(folder)
    if not place.is_dir():
        raise KoreaNLPError(f"{place}: no such folder; name one that holds articles")
    articles = [] if first is None else [read_article(first, profile)]
    refused = {}
    for path in sorted(place.iterdir()):
        if path.suffix.lower() in SUFFIXES and path.stem.lower() != _NO_ARTICLE:
            try:
                article = read_article(path, profile)
            except ArticleError as problem:
                refused[path.name] = str(problem).removeprefix(f"{path}: ")
                continue
            if article.name not in {known.name for known in articles}:
                articles.append(article)
    if not articles:
        raise KoreaNLPError(
            f"{place}: holds no article that can be read; put text, Markdown, HTML or PDF there"
        )
    return articles, refused


def shares_of(readings: list[Reading]) -> pd.DataFrame:
    """`voice_shares` of several readings, with a column `article`."""
    return pd.concat([voice_shares(each.voices).assign(article=each.article.name) for each in readings])


def with_numbers(articles: list[Article], names: dict[str, str]) -> str:
    """The articles below each other, each sentence behind its number."""
    return "\n\n".join(
        f"**{escaped(names[each.name])}**: "
        + " ".join(f"<sup>{row.sentence}</sup> {escaped(row.text)}" for row in each.sentences.itertuples())
        for each in articles
    )


def deeds_of(readings: list[Reading], names: dict[str, str]) -> pd.DataFrame:
    """The events of each: `article`, `sentence`, `actor`, `text`, `target` (all of them), `intensity`."""
    rows = pd.concat([each.events.assign(article=names[each.article.name]) for each in readings])
    keys = ["article", "sentence", "actor", "text", "intensity"]
    found = rows.groupby(keys, sort=False, as_index=False)["target"].agg(", ".join)
    return found[["article", "sentence", "actor", "text", "target", "intensity"]]


def in_short(readings: list[Reading], names: dict[str, str]) -> pd.DataFrame:
    """The extractive summary of each: `article`, `title`, `text`, where each sentence follows its number."""
    summaries = [each.summaries["extractive"].sentences for each in readings]
    texts = [
        " ".join(f"({evidence[0]}) {text}" for evidence, text in zip(rows["evidence"], rows["text"], strict=True))
        for rows in summaries
    ]
    titles = [each.article.title for each in readings]
    return pd.DataFrame({"article": [names[each.article.name] for each in readings], "title": titles, "text": texts})


def names_of(articles: list[Article]) -> dict[str, str]:
    """What to call each article in a figure: its outlet, its title, or how it begins; no two alike."""
    names: dict[str, str] = {}
    for article in articles:
        name = article.outlet or article.title or f"“{' '.join(article.text.split()[:3])} …”"
        names[article.name] = name if name not in names.values() else f"{name} ({article.name})"
    return names


def describe_outlets(articles: pd.DataFrame, refused: dict[str, str] | None = None) -> str:
    """How many articles and outlets there are, of which days, and what could not be read."""
    outlets = articles["outlet"].dropna()
    text = f"**{counted(len(articles), 'article')}** with {int(articles['words'].sum()):,} words"
    if len(outlets):
        text += f" from {counted(outlets.nunique(), 'outlet')}"
    unknown = len(articles) - len(outlets)
    text += f"; {counted(unknown, 'article')} {'names' if unknown == 1 else 'name'} no outlet" if unknown else ""
    dates = sorted(articles["date"].dropna())
    days = "".join(map(escaped, dates[:1]))
    days = f"from {days} to {escaped(dates[-1])}" if len(set(dates)) > 1 else days
    some = "They are" if len(dates) == len(articles) else f"{len(dates)} of them {'is' if len(dates) == 1 else 'are'}"
    text += f". {some} dated {days}." if dates else ". None has a date."
    for name, why in (refused or {}).items():
        text += f" Passed over: {escaped(name)} ({escaped(why)})."
    return text


def describe_shared(pairs: pd.DataFrame, names: dict[str, str]) -> str:
    """Which pairs have a side in several articles, and whether it is the same; the writers of articles stand apart."""
    sided = pairs[pairs["stance"].isin(SIDES)]
    if sided.empty:
        return "No article was found in which somebody takes a side."
    groups = sided.groupby(["holder", "target"])
    same, torn, alike, apart = [], [], [], []
    for (holder, target), rows in groups:
        writers, side = holder == AUTHOR, rows["stance"].iloc[0]
        if rows["stance"].nunique() > 1:
            said = [
                f"{STANCES[side]} in {listed([names[a] for a in part['article']])}"
                for side, part in rows.groupby("stance")
            ]
            who = "" if writers else f"{upper(the(holder))} on "
            (apart if writers else torn).append(f"- {who}{the(target)}: {'; '.join(said)}.")
        elif len(rows) > 1:
            who = f"{STANCES[side]} {the(target)}" if writers else stands(holder, side, target)
            (alike if writers else same).append(f"{who} ({len(rows)} articles)")
    text = f"The machine finds **{counted(len(groups), 'pair')}** in which one is for or against the other, "
    text += f"{int((groups.size() == 1).sum())} of them in one article only."
    parts = [text + (f" The same side in several articles: {listed(same, write=str)}." if same else "")]
    for what, lines in (("Different sides in different articles", torn),
                        ("Each article has its own writer, and the writers differ on", apart)):  # fmt: skip
        if lines:
            more = [f"- {len(lines) - MOST} more."] if len(lines) > MOST else []
            parts.append("\n".join([f"{what}:\n", *lines[:MOST], *more]))
    if alike:
        parts.append(f"Several writers, each of another article, are {listed(alike, write=str)}.")
    return "\n\n".join(parts)


def describe_space(shares: pd.DataFrame, mentions: pd.DataFrame, names: dict[str, str]) -> str:
    """Which article lives most on the words of others, and who is named in several and heard in none."""
    if shares.empty:
        return "There are no words to share out."
    own = (
        shares[shares["voice"] == AUTHOR]
        .groupby("article")["share"]
        .sum()
        .reindex(list(names), fill_value=0.0)
    )
    most, least = own.idxmax(), own.idxmin()
    text = f"The writer’s own words make up {percent(own[most])} of {escaped(names[most])}"
    text += f" and {percent(own[least])} of {escaped(names[least])}." if most != least else "."
    heard = set(shares.loc[shares["voice"] != AUTHOR, "speaker"])
    where = mentions.groupby("actor")["article"].nunique()
    silent = sorted(
        where.index[(where > 1) & ~where.index.isin(heard)], key=lambda name: (-where[name], name)
    )
    if silent:
        said = [f"{the(name)} (in {where[name]} articles)" for name in silent]
        text += " Named in several articles and heard in none, as far as the machine finds speakers: "
        text += f"{listed(said, write=str)}."
    return text
