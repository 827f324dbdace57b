"""Plain English from tables: the sentences of the notebooks that state numbers, for any article.

Each function returns Markdown; names and quotations are escaped.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pandas as pd

from korea_nlp.prose.caution import second_look
from korea_nlp.prose.interpretation import count_words, names_any, summary_changes
from korea_nlp.prose.markup import be, counted, escaped, listed, numbered, percent, quoted, stands, the, upper, verb
from korea_nlp.stance import AUTHOR, SIDES

if TYPE_CHECKING:
    from korea_nlp.article import Article
    from korea_nlp.summary import Summary


def describe_article(article: Article) -> str:
    """Its length, and what its source says about itself."""
    sentences = article.sentences
    about = {"title": article.title, "author": article.author, "outlet": article.outlet, "date": article.date}
    known = [f"the {key} {quoted(value)}" for key, value in about.items() if value]
    missing = [key for key, value in about.items() if not value]
    text = (
        f"The article has {counted(count_words(article.text), 'word')} in {counted(len(sentences), 'sentence')} and "
        f"{counted(len(article.paragraphs), 'paragraph')}. The first sentence has the number "
        f"{int(sentences['sentence'].min())}, the last {int(sentences['sentence'].max())}."
    )
    if known:
        text += f" The file gives {', '.join(known)}."
    if missing:
        text += f" It does not say its {listed(missing, last='or')}: note these down from where you found it."
    return text


def describe_actors(mentions: pd.DataFrame, article: Article) -> str:
    """How many actors, who is named most and only once, and where no actor was found."""
    if mentions.empty:
        return "No actor was found: what follows about actors and their stances is empty for this article."
    total = mentions["actor"].value_counts()
    top, most = sorted(total.index[total == total.max()]), int(total.max())
    reach = mentions[mentions["actor"].isin(top)]["sentence"].nunique()
    once = sorted(total.index[total == 1])
    silent = set(article.sentences["sentence"]) - set(mentions["sentence"])
    text = (
        f"The article names **{counted(len(total), 'actor')}**, {counted(len(mentions), 'time')} in all. "
        f"{upper(listed(top, write=the))} {verb(top, 'is', 'are')} named most often: "
        f"{counted(most, 'time')}{' each' if len(top) > 1 else ''}, in {reach} of "
        f"{counted(len(article.sentences), 'sentence')}."
    )
    if once and len(total) > 1:
        text += f" Named only once: {listed(once, write=the)}."
    return f"{text} In {numbered(silent)}, the machine found no actor." if silent else text


def describe_names(mentions: pd.DataFrame) -> str:
    """Which actor goes by most names, how often by each, and which were found by the language model alone."""
    if mentions.empty:
        return "There are no names to compare."
    forms = mentions.groupby("actor")["text"].agg(Counter).sort_values(key=lambda f: -f.map(len), kind="stable")
    guessed = sorted(mentions.loc[mentions["found_by"] == "entity", "actor"].unique())
    text = "Every actor goes by one name."
    if len(forms.iloc[0]) > 1:
        who = forms.index[0]
        words = [f"{quoted(form)} ({counted(times, 'time')})" for form, times in forms.iloc[0].items()]
        text = f"{upper(the(who))} {be(who, 'goes', 'go')} by most names: {listed(words, write=str)}."
    if guessed:
        text += f" Known to the language model alone: {listed(guessed, write=the)}. Check these first."
    return text


def describe_support(summary: Summary) -> str:
    """Of how many sentences of the article a summary is made, what was done to them, and what lacks support."""
    rows = summary.sentences
    if rows.empty:
        return "The summary is empty: no sentence could be made for this article."
    used = {number for numbers in rows["evidence"] for number in numbers}
    written = rows[rows["origin"] == "written"]
    joined = int((written["evidence"].map(len) > 1).sum())
    shorter = int((summary_changes(summary)["left_out"].map(len) > 0).sum())
    done = [
        f"{number} {one if number == 1 else many}"
        for number, one, many in (
            (joined, "is made by joining", "are made by joining"),
            (shorter, "has lost words", "have lost words"),
            (len(rows) - len(written), "stands in the article just so", "stand in the article just so"),
        )
        if number
    ]
    text = (
        f"The summary has **{counted(len(rows), 'sentence')}**, made of **{len(used)}** of the article: "
        f"{listed(done, write=str)}."
    )
    weak = rows[~rows["supported"].astype(bool)]
    text += f" The check finds support for {'all' if weak.empty else len(rows) - len(weak)} of them."
    return text + "".join(f"\n- **Not supported**: {quoted(row.text)}" for row in weak.itertuples())


def describe_losses(summary: Summary, mentions: pd.DataFrame, voices: pd.DataFrame) -> str:
    """Whom the words name that a summary leaves out of its sentences, and where joining mixes two voices."""
    lines = []
    for number, row in enumerate(summary_changes(summary).itertuples(), 1):
        at, here = f"Sentence {number} of the summary", mentions[mentions["sentence"].isin(row.evidence)]
        for part in row.left_out:
            if who := [name for name, words in here.groupby("actor", sort=False)["text"] if names_any(part, words)]:
                lines.append(f"- {at} leaves out {quoted(part)}, and with it a mention of {listed(who, write=the)}.")
        first, *second = (voices[voices["sentence"] == place] for place in row.evidence[:2])
        said = first[first["text"].str.contains(r"\w")].tail(1)
        if second and (said["voice"] != AUTHOR).any() and second[0]["voice"].iloc[0] == AUTHOR:
            who = said["speaker"].iloc[0] or "somebody"
            lines.append(
                f"- {at} joins {numbered(row.evidence)} of the article: the first ends in what {the(who)} "
                f"{be(who, 'says', 'say')}, the second is the writer’s own. Together they can be read as said by "
                f"{the(who)}."
            )
    none = "No words that name an actor were left out, and no words of others are joined to the writer’s."
    return "\n".join(lines) or none


def describe_comparison(compared: pd.DataFrame, article: Article) -> str:
    """How long summaries are, what of the article they use, and whom they no longer name or let speak."""
    called = {"lead": "first sentences", "extractive": "chosen sentences", "abstractive": "shortened or joined"}
    lines = []
    for row in compared.itertuples():
        line = (
            f"- **{upper(called.get(row.method, escaped(row.method)))}**: {counted(row.words, 'word')}, "
            f"{percent(row.share_of_article)} of the article, made of {numbered(row.used)}."
        )
        for lost, what in ((row.unnamed, "named"), (row.unheard, "heard")):
            line += f" No longer {what}: {listed(lost, write=the)}." if lost else ""
        lines.append(line)
    used = [set(numbers) for numbers in compared["used"]]
    if len(used) > 1:
        common = set.intersection(*used)
        none = set(article.sentences["sentence"]) - set.union(*used)
        lines.append(f"\nAll of them use {numbered(common)}. None uses {numbered(none)}." if none else
                     f"\nAll of them use {numbered(common)}.")  # fmt: skip
    return "\n".join(lines)


def describe_voices(shares: pd.DataFrame, mentions: pd.DataFrame) -> str:
    """Whose words the article is made of, who speaks, and who is talked about only."""
    parts = shares.groupby("voice")["share"].sum()
    text = (
        f"**{percent(parts.get(AUTHOR, 0.0))}** of the words are the writer’s own, "
        f"{percent(parts.get('reported', 0.0))} report what others say, and {percent(parts.get('quote', 0.0))} "
        "quote them."
    )
    others = shares[shares["voice"] != AUTHOR].groupby("speaker")["words"].sum()
    named = others[others.index != ""].sort_values(ascending=False, kind="stable")
    if others.empty:
        return f"{text} Nobody but the writer was found to speak."
    if len(named):
        spoken = [f"{the(name)} ({counted(int(words), 'word')})" for name, words in named.items()]
        text += f" Those who speak: {listed(spoken, write=str)}."
    if "" in others.index:
        text += f" For {counted(int(others['']), 'word')} no speaker was found."
    if silent := [name for name in dict.fromkeys(mentions["actor"]) if name not in named.index]:
        text += f" Named, but not found to speak: {listed(silent, write=the)}."
    return text


def describe_sides(stance_article: pd.DataFrame) -> str:
    """How many pairs have a side, and how many stay open."""
    counts = stance_article["stance"].value_counts()
    favor, against, unclear = (int(counts.get(name, 0)) for name in (*SIDES, "unclear"))
    if not len(stance_article):
        return "There is no pair: nobody to be for or against anybody."
    text = f"Of {counted(len(stance_article), 'pair')}, "
    text += f"the machine reads **{against}** as against and **{favor}** as for"
    open_ = f"; {counted(unclear, 'pair')} {'stays' if unclear == 1 else 'stay'} unclear" if unclear else ""
    return f"{text}{open_}."


def describe_evidence(
    stance_article: pd.DataFrame, stance: pd.DataFrame, most: int = 5, holder: str | None = None,
    disputed: pd.DataFrame | None = None,
) -> str:  # fmt: skip
    """The surest stances, each with the sentence of which the machine is surest, and what speaks against it.

    Parameters
    ----------
    disputed
        What `agreement.readers.disputes` found, if readers are to be heard.
    """
    sided = stance_article[stance_article["stance"].isin(SIDES)]
    if holder is not None:
        sided = sided[sided["holder"] == holder]
    if sided.empty:
        return f"No side was found that {the(holder)} takes." if holder else "No side was found."
    lines = []
    for row in sided.head(most).itertuples():
        group = stance[(stance["holder"] == row.holder) & (stance["target"] == row.target)]
        best = group[group["sentence"] == row.evidence].iloc[0]
        doubt = second_look(best.text, row.holder, row.stance, row.target, disputed)
        lines.append(
            f"- The machine reads that {stands(row.holder, row.stance, row.target)} (probability "
            f"{row.probability:.2f}; found in {numbered(group.loc[group['stance'] == row.stance, 'sentence'])}). "
            f"Sentence {row.evidence}: {quoted(best.text)} {doubt}".rstrip()
        )
    return "\n".join(lines)


def describe_both_ways(scores: pd.DataFrame) -> str:
    """What a model reads of two in one sentence, in the one direction and in the other."""
    said = [stands(row.holder, row.stance, row.target) for row in scores.itertuples()]
    if not said:
        return "No sentence of this article names two actors."
    same = scores["stance"].nunique() == 1 and scores["stance"].iloc[0] != "none"
    text = f"{quoted(scores['text'].iloc[0])}\n\nAs the machine reads it, {', and '.join(said)}."
    return text + (" It gives the same answer both ways: is that what the sentence says?" if same else "")


def describe_roles(
    stance_article: pd.DataFrame, mentions: pd.DataFrame, events: pd.DataFrame, voices: pd.DataFrame
) -> str:
    """For whom no side was read, and where they act or speak."""
    holders = set(stance_article.loc[stance_article["stance"].isin(SIDES), "holder"])
    silent = [name for name in dict.fromkeys(mentions["actor"]) if name not in holders]
    if not silent:
        return "The machine reads a side for every actor." if holders else "There is no actor who could take a side."
    text = f"The machine reads no side for {listed(silent, write=the, last='or')}."
    busy = [name for name in silent if name in {*events["actor"], *voices["speaker"]}]
    if busy:
        where = set(events.loc[events["actor"].isin(busy), "sentence"])
        where |= set(voices.loc[voices["speaker"].isin(busy), "sentence"])
        text += f" Of these, {listed(busy, write=the)} {verb(busy, 'acts or speaks', 'act or speak')} in "
        text += f"{numbered(where)}: read whether {verb(busy, 'it takes', 'they take')} a side there."
    return text


def describe_parts(parts: pd.DataFrame) -> str:
    """How opening, middle and closing of an article differ in stances, deeds and voices."""
    if len(parts) < 3:
        return "The article is too short to compare its opening, middle and closing."
    lines = [
        f"- **{upper(row.part)}** (sentence{'s' * (' to ' in row.sentences)} {row.sentences}): "
        f"{counted(row.against, 'stance')} against and "
        f"{row.favor or 'none'} for, {counted(row.conflict, 'hostile deed')}, {percent(row.others_words)} of the words "
        "from others."
        for row in parts.itertuples()
    ]
    opening, middle, closing = (set(row.actors) for row in parts.itertuples())
    last = sorted((opening | middle) - closing)
    return "\n".join(lines) + (f"\n\nThe closing no longer names {listed(last, write=the, last='or')}." if last else "")
