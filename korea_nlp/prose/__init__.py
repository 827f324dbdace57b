"""Plain English from tables: the sentences of the notebooks that state numbers, for any article.

Each function returns Markdown; names and quotations are escaped.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pandas as pd

from korea_nlp.prose.interpretation import SIDES, count_words
from korea_nlp.prose.markup import counted, escaped, listed, numbered, percent, quoted
from korea_nlp.stance import AUTHOR

if TYPE_CHECKING:
    from korea_nlp.article import Article
    from korea_nlp.summary import Summary


def describe_article(article: Article) -> str:
    """Its length, and what its source says about itself."""
    lengths = article.sentences["text"].map(count_words)
    longest = article.sentences.loc[lengths.idxmax(), "sentence"]
    about = {"title": article.title, "author": article.author, "outlet": article.outlet, "date": article.date}
    known = [f"the {key} {quoted(value)}" for key, value in about.items() if value]
    missing = [key for key, value in about.items() if not value]
    size = f"{counted(count_words(article.text), 'word')} in {counted(len(lengths), 'sentence')}"
    text = (
        f"The article has {size} and {counted(len(article.paragraphs), 'paragraph')}. "
        f"The median sentence has {lengths.median():g} words; "
        f"the longest, sentence {longest}, has {lengths.max()}."
    )
    if known:
        text += f" The source gives {', '.join(known)}."
    if missing:
        text += f" No {listed(missing, last='or')} was found in the file: take that from elsewhere."
    return text


def describe_actors(mentions: pd.DataFrame, article: Article) -> str:
    """How many actors, who is named most, first and only once, and where nobody is."""
    if mentions.empty:
        return "No actor was found: what follows about actors and their stances is empty for this article."
    total = mentions["actor"].value_counts()
    top = sorted(total.index[total == total.max()])
    reach = mentions[mentions["actor"].isin(top)]["sentence"].nunique()
    once = sorted(total.index[total == 1])
    ordered = mentions.sort_values("start")["actor"]
    silent = set(article.sentences["sentence"]) - set(mentions["sentence"])
    text = (
        f"**{counted(len(total), 'actor')}** {'is' if len(total) == 1 else 'are'} named in "
        f"{counted(len(mentions), 'mention')}. Most often: {listed(top)}, "
        f"{counted(int(total.max()), 'mention')}{' each' if len(top) > 1 else ''}, in {reach} of "
        f"{counted(len(article.sentences), 'sentence')}. The first to be named is {escaped(ordered.iloc[0])}."
    )
    if once:
        text += f" Named only once: {listed(once)}."
    where = "Every sentence names an actor" if not silent else f"No listed name stands in {numbered(silent)}"
    return f"{text} {where}."


def describe_names(mentions: pd.DataFrame) -> str:
    """Which actors go by several names, and which were found by the language model alone."""
    if mentions.empty:
        return "There are no names to compare."
    forms = mentions.groupby("actor")["text"].nunique().sort_values(ascending=False, kind="stable")
    many = forms[forms > 1]
    guessed = sorted(mentions.loc[mentions["found_by"] == "entity", "actor"].unique())
    text = "Every actor goes by a single name."
    if len(many):
        most = [name for name in many.index if many[name] == many.max()]
        go = "goes" if len(many) == 1 else "go"
        text = f"{len(many)} of {counted(len(forms), 'actor')} {go} by more than one name; "
        text += f"{listed(most)} by the most ({many.max()})."
    if guessed:
        text += f" Not in the table of names, but found by the model: {listed(guessed)}. Check these first."
    return text


def describe_support(summary: Summary) -> str:
    """How many sentences of a summary the article supports, and which it does not."""
    rows = summary.sentences
    weak = rows[~rows["supported"].astype(bool)]
    if rows.empty:
        return f"The {summary.method} summary is empty: no sentence could be made for this article."
    supported = f"{len(rows) - len(weak)} of {counted(len(rows), 'sentence')}"
    text = f"The article supports {supported} of the {summary.method} summary."
    written = int((rows["origin"] == "written").sum())
    if summary.method == "abstractive":
        text += (
            f" The model wrote {written}; {counted(len(rows) - written, 'sentence')} of the article stand"
            f"{'s' * (len(rows) - written == 1)} as written there, because no rewriting passed the check."
            if written < len(rows)
            else " The model wrote all of them."
        )
    for row in weak.itertuples():
        text += f"\n- **Not supported** (support {row.support:.2f}): {quoted(row.text)}"
    return text


def describe_comparison(compared: pd.DataFrame) -> str:
    """How summaries differ in length, copying and words."""
    lines = [
        f"- **{escaped(row.method)}**: {counted(row.words, 'word')}, {percent(row.share_of_article)} of the "
        f"article’s length; {row.copied} of {counted(row.sentences, 'sentence')} copied word for word; "
        f"{row.supported} supported."
        for row in compared.itertuples()
    ]
    pairs = [
        (row[f"shared_with_{other}"], row["method"], other)
        for i, row in enumerate(compared.to_dict("records"))
        for other in compared["method"].iloc[i + 1 :]
    ]
    if pairs:
        (high, *alike), (low, *apart) = max(pairs), min(pairs)
        lines.append(
            f"\nThe two most alike are {listed(alike)} ({percent(high)} of their words in common), "
            f"the least alike {listed(apart)} ({percent(low)})."
        )
    return "\n".join(lines)


def describe_voices(shares: pd.DataFrame, mentions: pd.DataFrame) -> str:
    """Whose words the article is made of, who is given the word, and who is talked about only."""
    parts = shares.groupby("voice")["share"].sum()
    text = (
        f"The writer’s own words make up **{percent(parts.get(AUTHOR, 0.0))}** of the article, reported "
        f"speech {percent(parts.get('reported', 0.0))}, quotations {percent(parts.get('quote', 0.0))}."
    )
    others = shares[shares["voice"] != AUTHOR].groupby("speaker")["words"].sum()
    others = others.sort_values(ascending=False, kind="stable")
    named = others[others.index != ""]
    if others.empty:
        return f"{text} Nobody but the writer was found to speak."
    if len(named):
        said = [f"{name} ({counted(int(words), 'word')})" for name, words in named.items()]
        text += f" Given the word: {listed(said)}."
    if "" in others.index:
        text += f" {counted(int(others['']), 'word').capitalize()} of speech could be given to no speaker."
    if silent := [name for name in dict.fromkeys(mentions["actor"]) if name not in named.index]:
        text += f" Named, but never given the word: {listed(silent)}."
    return text


def describe_sides(stance_article: pd.DataFrame) -> str:
    """For how many pairs the model reads a side, abstains, or reads none."""
    counts = stance_article["stance"].value_counts()
    favor, against, unclear, none = (int(counts.get(name, 0)) for name in (*SIDES, "unclear", "none"))
    if not len(stance_article):
        return "No sentence names anybody or anything to take a side on: there is no pair to ask about."
    return (
        f"The model was asked about {counted(len(stance_article), 'pair')} of holder and target. "
        f"It reads a side in **{favor + against}** ({favor} in favor, {against} against), "
        f"abstains in {unclear}, and reads no stance in {none}."
    )


def describe_evidence(
    stance_article: pd.DataFrame, stance: pd.DataFrame, most: int = 5, holder: str | None = None
) -> str:
    """The surest stances, each with the sentences that take it and the one that shows it best."""
    sided = stance_article[stance_article["stance"].isin(SIDES)]
    if holder is not None:
        sided = sided[sided["holder"] == holder]
    if sided.empty:
        return "No side was found" + (f" that the {escaped(holder)} takes." if holder else ".")
    lines = []
    for row in sided.head(most).itertuples():
        group = stance[(stance["holder"] == row.holder) & (stance["target"] == row.target)]
        best = group[group["sentence"] == row.evidence].iloc[0]
        other = row.favor_sentences + row.against_sentences - row.count
        sure = {name: float(best[name]) for name in (*SIDES, "none")}
        likely = max(sure, key=sure.get)
        lines.append(
            f"- **{escaped(row.holder)} → {escaped(row.target)}: {row.stance}**, in {row.count} "
            f"({row.low} to {row.high}) of {counted(row.sentences, 'sentence')}"
            f"{f', the other way in {other}' if other else ''}; that it is so at all has the probability "
            f"{row.probability:.2f}. "
            f"Sentence {row.evidence} ({likely}, probability {sure[likely]:.2f}): {quoted(best.text)}"
        )
    return "\n".join(lines)


def describe_roles(counts: pd.DataFrame, actors: Iterable[str]) -> str:
    """Who of the actors takes the most sides, on whom or what the most are taken, and who takes none."""
    if counts.empty:
        return "Nobody in the article was found to take a side."
    text = ""
    for word, what in (
        ("holds", "As the model reads it, most sides are taken by"),
        ("meets", "Most are taken on"),
    ):
        favor, against = counts[f"{word}_favor"], counts[f"{word}_against"]
        top = counts[favor + against == (favor + against).max()]
        split = (
            f" ({favor[top.index[0]]} in favor, {against[top.index[0]]} against)"
            if len(top) == 1
            else " each"
        )
        text += f"{what} **{listed(top['name'])}**: {counted(int((favor + against).max()), 'pair')}{split}. "
    holders = set(counts.loc[counts["holds_favor"] + counts["holds_against"] > 0, "name"])
    silent = [name for name in dict.fromkeys(actors) if name not in holders]
    return text + (f"Actors without a side: {listed(silent)}." if silent else "Every actor takes a side.")


def describe_parts(parts: pd.DataFrame) -> str:
    """How opening, middle and closing of an article differ."""
    if len(parts) < 3:
        return "The article is too short to compare its opening, middle and closing."
    opening, middle, closing = (row for row in parts.itertuples())
    edges = [name for name in dict.fromkeys([*opening.actors, *closing.actors]) if name not in middle.actors]
    inside = [name for name in middle.actors if name not in {*opening.actors, *closing.actors}]
    text = (
        f"From opening over middle to closing, {opening.favor}, {middle.favor} and {closing.favor} answers "
        f"are in favor, {opening.against}, {middle.against} and {closing.against} against. "
        f"What others say makes up {percent(opening.others_words)}, {percent(middle.others_words)} and "
        f"{percent(closing.others_words)} of the words. "
    )
    if not (inside or edges):
        return f"{text}The same actors are named in the middle and around it."
    text += f"Only named in the middle: {listed(inside)}. " if inside else ""
    return text + (f"Not named in the middle: {listed(edges)}." if edges else "")
