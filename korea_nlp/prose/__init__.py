"""Plain English from tables: the sentences of the notebooks that state numbers, for any article.

Each function returns Markdown; names and quotations are escaped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from korea_nlp.prose.interpretation import count_words
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
    """How many actors, who is named most, first and only once, and where nobody is."""
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
    return f"{text} In {numbered(silent)}, nobody is named." if silent else text


def describe_names(mentions: pd.DataFrame) -> str:
    """Which actor goes by most names, and which were found by the language model alone."""
    if mentions.empty:
        return "There are no names to compare."
    forms = mentions.groupby("actor")["text"].unique().sort_values(key=lambda f: -f.map(len), kind="stable")
    guessed = sorted(mentions.loc[mentions["found_by"] == "entity", "actor"].unique())
    text = "Every actor goes by one name."
    if len(forms.iloc[0]) > 1:
        who, words = forms.index[0], [f"“{form}”" for form in forms.iloc[0]]
        text = f"{upper(the(who))} {be(who, 'goes', 'go')} by most names: {listed(words)}."
    if guessed:
        text += f" Not in the table of names, but found by the model: {listed(guessed, write=the)}. Check these first."
    return text


def describe_support(summary: Summary) -> str:
    """How many sentences of a summary the article supports, and which it does not."""
    rows = summary.sentences
    weak = rows[~rows["supported"].astype(bool)]
    written = int((rows["origin"] == "written").sum())
    if rows.empty:
        return "The summary is empty: no sentence could be made for this article."
    who = f"The machine shortened or joined {counted(written, 'sentence')} of the {len(rows)}"
    if written < len(rows):
        rest = "the other stands" if len(rows) - written == 1 else "the others stand"
        who += f"; {rest} in the article just so"
    text = f"{who}. The check finds support for {'all' if weak.empty else len(rows) - len(weak)} of them."
    if not written:
        text = "No sentence was changed by a machine: all stand in the article just so."
    return text + "".join(f"\n- **Not supported**: {quoted(row.text)}" for row in weak.itertuples())


def describe_comparison(compared: pd.DataFrame) -> str:
    """How summaries differ in length, copying and words."""
    names = {"lead": "first sentences", "extractive": "central sentences", "abstractive": "shortened sentences"}
    lines = [
        f"- **{upper(names.get(row.method, escaped(row.method)))}**: {counted(row.words, 'word')}, "
        f"{percent(row.share_of_article)} of the article; {row.copied} of {counted(row.sentences, 'sentence')} copied."
        for row in compared.itertuples()
    ]
    pairs = [
        (row[f"shared_with_{other}"], row["method"], other)
        for i, row in enumerate(compared.to_dict("records"))
        for other in compared["method"].iloc[i + 1 :]
    ]
    if pairs:
        share, *alike = max(pairs)
        who = listed([f"the {names.get(name, name)}" for name in alike])
        lines.append(f"\n{upper(who)} are most alike: they share {percent(share)} of their words.")
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
        text += f" Named, but never heard: {listed(silent, write=the)}."
    return text


def describe_sides(stance_article: pd.DataFrame) -> str:
    """How many pairs have a side, and how many stay open."""
    counts = stance_article["stance"].value_counts()
    favor, against, unclear = (int(counts.get(name, 0)) for name in (*SIDES, "unclear"))
    if not len(stance_article):
        return "No sentence names two sides: there is nobody to be for or against anybody."
    text = f"Of {counted(len(stance_article), 'pair')}, the model reads **{against}** as against and **{favor}** as for"
    open_ = f"; {counted(unclear, 'pair')} {'stays' if unclear == 1 else 'stay'} unclear" if unclear else ""
    return f"{text}{open_}."


def describe_evidence(
    stance_article: pd.DataFrame, stance: pd.DataFrame, most: int = 5, holder: str | None = None
) -> str:
    """The surest stances, each with the sentence that shows it best."""
    sided = stance_article[stance_article["stance"].isin(SIDES)]
    if holder is not None:
        sided = sided[sided["holder"] == holder]
    if sided.empty:
        return f"No side was found that {the(holder)} takes." if holder else "No side was found."
    lines = []
    for row in sided.head(most).itertuples():
        group = stance[(stance["holder"] == row.holder) & (stance["target"] == row.target)]
        best = group[group["sentence"] == row.evidence].iloc[0]
        lines.append(
            f"- **{upper(stands(row.holder, row.stance, row.target))}** (probability {row.probability:.2f}; "
            f"{row.count} of {counted(row.sentences, 'sentence')}). "
            f"Sentence {row.evidence}: {quoted(best.text)}"
        )
    return "\n".join(lines)


def describe_both_ways(scores: pd.DataFrame) -> str:
    """What a model reads of two in one sentence, in the one direction and in the other."""
    said = [stands(row.holder, row.stance, row.target) for row in scores.itertuples()]
    if not said:
        return "No sentence of this article names two actors."
    same = scores["stance"].nunique() == 1 and scores["stance"].iloc[0] != "none"
    text = f"{quoted(scores['text'].iloc[0])}\n\nAs the model reads it, {', and '.join(said)}."
    return text + (" It gives the same answer both ways: is that what the sentence says?" if same else "")


def describe_roles(counts: pd.DataFrame, mentions: pd.DataFrame, events: pd.DataFrame, voices: pd.DataFrame) -> str:
    """Who takes most sides, on whom the most are taken, and who takes none though acting or speaking."""
    if counts.empty:
        return "Nobody in the article was found to take a side."
    takes, meets = ((counts[f"{role}_favor"] + counts[f"{role}_against"]) for role in ("holds", "meets"))
    (who, most), (whom, met) = ((list(counts.loc[n == n.max(), "name"]), int(n.max())) for n in (takes, meets))
    text = (
        f"{upper(listed(who, write=the))} {verb(who, 'takes', 'take')} the most sides "
        f"({most}{' each' if len(who) > 1 else ''}). Most stances are about {listed(whom, write=the)} "
        f"({met}{' each' if len(whom) > 1 else ''}). "
    )
    holders = set(counts.loc[counts["holds_favor"] + counts["holds_against"] > 0, "name"])
    silent = [name for name in dict.fromkeys(mentions["actor"]) if name not in holders]
    if not silent:
        return f"{text}Every actor takes a side."
    text += f"No side was read for {listed(silent, write=the, last='or')}."
    busy = [name for name in silent if name in {*events["actor"], *voices["speaker"]}]
    if busy:
        where = set(events.loc[events["actor"].isin(busy), "sentence"])
        where |= set(voices.loc[voices["speaker"].isin(busy), "sentence"])
        text += f" Of these, {listed(busy, write=the)} {verb(busy, 'acts or speaks', 'act or speak')} in "
        text += f"{numbered(where)}: {verb(busy, 'does it', 'do they')} take no side there?"
    return text


def describe_parts(parts: pd.DataFrame) -> str:
    """How opening, middle and closing of an article differ in stances, deeds and voices."""
    if len(parts) < 3:
        return "The article is too short to compare its opening, middle and closing."
    lines = [
        f"- **{upper(row.part)}** (sentences {row.sentences}): {counted(row.against, 'stance')} against and "
        f"{row.favor or 'none'} for, {counted(row.conflict, 'hostile deed')}, {percent(row.others_words)} of the words "
        "from others."
        for row in parts.itertuples()
    ]
    opening, middle, closing = (set(row.actors) for row in parts.itertuples())
    last = sorted((opening | middle) - closing)
    return "\n".join(lines) + (f"\n\nThe closing no longer names {listed(last, write=the, last='or')}." if last else "")
