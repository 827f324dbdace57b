"""The article, its actors, and whose words it is made of: tables, and sentences on them."""

from __future__ import annotations

import re
from collections import Counter

import pandas as pd

from korea_nlp.article import Article
from korea_nlp.prose.markup import LISTS, be, counted, listed, numbered, paragraph, percent, quoted, the, times, upper
from korea_nlp.stance import AUTHOR


def describe_article(article: Article) -> str:
    """Its length, and what its source says about itself."""
    numbers = article.sentences["sentence"]
    about = {"title": article.title, "author": article.author, "outlet": article.outlet, "date": article.date}
    known = [f"the {key} {quoted(value)}" for key, value in about.items() if value]
    missing = [key for key, value in about.items() if not value]
    return paragraph(
        f"The article has {counted(len(article.text.split()), 'word')} in {counted(len(numbers), 'sentence')} and "
        f"{counted(len(article.paragraphs), 'paragraph')}. The first sentence is number {numbers.min()}, the "
        f"last is number {numbers.max()}.",
        known and f"The file gives {', '.join(known)}.",
        missing and f"It does not say its {listed(missing, last='or')}: note these down from where you found it.",
    )


def actor_table(mentions: pd.DataFrame) -> pd.DataFrame:
    """The actors, those named most first: `actor`, `kind`, `mentions`, `sentences` (list), `named_as` (list of the
    words for it), `found_by`."""
    found = mentions.groupby("actor", as_index=False).agg(
        kind=("kind", "first"), mentions=("text", "size"), sentences=("sentence", lambda s: sorted(set(map(int, s)))),
        named_as=("text", lambda words: list(dict.fromkeys(words))), found_by=("found_by", "first"),
    )  # fmt: skip
    return found.sort_values(["mentions", "actor"], ascending=[False, True]).reset_index(drop=True)


def describe_actors(mentions: pd.DataFrame, article: Article) -> str:
    """How many actors, who is named most and only once, and where no actor was found."""
    if mentions.empty:
        return "No actor was found: what follows about actors and their stances is empty for this article."
    total = mentions["actor"].value_counts()
    top = sorted(total.index[total == total.max()])
    reach = mentions.loc[mentions["actor"].isin(top), "sentence"].nunique()
    once = sorted(total.index[total == 1])
    silent = set(article.sentences["sentence"]) - set(mentions["sentence"])
    return paragraph(
        f"The machine found **{counted(len(total), 'actor')}**, named {counted(len(mentions), 'time')} in all.",
        f"{upper(listed(top, write=the))} {be(top)} named most often: {counted(total.max(), 'time')}"
        f"{' each' if len(top) > 1 else ''}, in {reach} of {counted(len(article.sentences), 'sentence')}.",
        once and len(total) > 1 and f"Named only once: {listed(once, write=the)}.",
        silent and f"In {numbered(silent)}, the machine found no actor.",
    )


def describe_names(mentions: pd.DataFrame) -> str:
    """Which actor goes by most names, how often by each, and which were found by the language model alone."""
    if mentions.empty:
        return "There are no names to compare."
    forms = mentions.groupby("actor")["text"].agg(Counter).sort_values(key=lambda f: -f.map(len), kind="stable")
    who, words = forms.index[0], [f"{quoted(form)} ({times(count)})" for form, count in forms.iloc[0].items()]
    several = f"{upper(the(who))} {be(who, 'has', 'have')} the most names: {listed(words, write=str)}."
    guessed = guessed_actors(mentions)
    return paragraph(
        several if len(words) > 1 else "Every actor goes by one name.",
        guessed and f"Known to the language model alone: {listed(guessed, write=the)}. Check these first.",
    )


def guessed_actors(mentions: pd.DataFrame) -> list[str]:
    """The actors whom only the language model takes for such."""
    return sorted(mentions.loc[mentions["found_by"] == "entity", "actor"].unique())


def other_names(article: Article, mentions: pd.DataFrame) -> pd.DataFrame:
    """Names in the article that were not taken for actors, in order of first appearance: `text`, `taken_for` (what
    the language model makes of it: place, event, ... or a name of some kind), `times`, `sentences` (list)."""
    kinds = LISTS["entities"]
    names = {(e.start_char, e.end_char): e.label_ for e in article.doc.ents if e.label_ in kinds}
    entities = {at for e in article.doc.ents for at in range(e.start_char, e.end_char)}
    for run in re.finditer(r"\b(?:[\w-]*[A-Z]\w+)(?:[ ](?:[\w-]*[A-Z]\w+))*", article.text):
        tokens = article.doc.char_span(*run.span(), alignment_mode="expand")
        if entities.isdisjoint(range(*run.span())) and any(token.pos_ == "PROPN" for token in tokens):
            names[run.span()] = ""
    actors = {at for row in mentions.itertuples() for at in range(row.start, row.end)}
    rows = [
        (article.text[start:end], kinds[label], article.sentence_at(start))
        for (start, end), label in sorted(names.items())
        if actors.isdisjoint(range(start, end))
    ]
    found = pd.DataFrame(rows, columns=["text", "taken_for", "sentence"])
    grouped = found.groupby(["text", "taken_for"], sort=False)["sentence"]
    return grouped.agg(times="size", sentences=lambda s: sorted(set(s))).reset_index()


def words_in(part: str) -> int:
    """Words of a part of a sentence: what stands between white space, unless it is a mark alone."""
    return sum(bool(re.search(r"\w", word)) for word in part.split())


def voice_shares(voices: pd.DataFrame) -> pd.DataFrame:
    """How many words each speaker gets, and in which voice, most words first: `speaker` (``""`` where none was
    found), `voice`, `words`, `share` (of all words, 0 to 1)."""
    shares = voices.assign(words=voices["text"].map(words_in)).groupby(["speaker", "voice"], as_index=False)
    shares = shares[["words"]].sum()
    shares["share"] = shares["words"] / max(int(shares["words"].sum()), 1)
    order = ["words", "speaker", "voice"]
    return shares.sort_values(order, ascending=[False, True, True]).reset_index(drop=True)


def describe_voices(shares: pd.DataFrame, mentions: pd.DataFrame) -> str:
    """Whose words the article is made of, who speaks, and who is talked about only."""
    parts = shares.groupby("voice")["share"].sum()
    own, reported, quotes = (percent(parts.get(voice, 0.0)) for voice in (AUTHOR, "reported", "quote"))
    others = shares[shares["voice"] != AUTHOR].groupby("speaker")["words"].sum()
    named = others.drop("", errors="ignore").sort_values(ascending=False, kind="stable")
    spoken = [f"{the(name)} ({counted(words, 'word')})" for name, words in named.items()]
    silent = [name for name in mentions["actor"].unique() if name not in named]
    return paragraph(
        f"**{own}** of the words stand in the writer’s own voice, {reported} report others in the writer’s words, "
        f"and {quotes} quote them.",
        others.empty and "Nobody but the writer was found to speak.",
        spoken and f"Those who speak: {listed(spoken, write=str)}.",
        "" in others and f"For {counted(others[''], 'word')} no speaker was found.",
        len(others) and silent and f"Named, but not found to speak: {listed(silent, write=the)}.",
    )
