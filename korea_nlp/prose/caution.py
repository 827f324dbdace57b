"""What a careful reader doubts: where the model abstains, what hangs on one sentence, what lacks support."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from korea_nlp.prose.interpretation import SIDES
from korea_nlp.prose.markup import counted, escaped, listed, numbered
from korea_nlp.stance import AUTHOR, aggregate_stance

if TYPE_CHECKING:
    from korea_nlp.article import Article
    from korea_nlp.summary import Summary

UNSURE = 0.75
"""A side of a lower probability is worth a doubt."""


def invent(article: Article, mentions: pd.DataFrame) -> pd.DataFrame:
    """Sentences to try a check of support with: one that the article holds, and some that it does not.

    Returns
    -------
    DataFrame
        `kind` (as it stands, denied, actors exchanged, about something else), `true` (whether the article
        says it), `text`. Made of the shortest sentence that names two actors of one kind, or else of the
        shortest; only of the former, actors are exchanged.
    """
    from spacy.lang.en.stop_words import STOP_WORDS

    named = mentions[mentions["text"] == mentions["actor"]].drop_duplicates(["sentence", "actor"])
    two = [group.head(2) for _, group in named.groupby(["sentence", "kind"]) if len(group) > 1]
    sentences = article.sentences.set_index("sentence", drop=False)
    chosen = sentences.loc[[group["sentence"].iloc[0] for group in two]] if two else sentences
    row = chosen.loc[chosen["text"].str.len().idxmin()]
    first = row.text.split()[0]
    rest = row.text[0].lower() + row.text[1:] if first.lower() in STOP_WORDS and first != "I" else row.text
    made = [("as it stands", True, row.text), ("denied", False, f"It is not true that {rest}")]
    for group in two:
        if group["sentence"].iloc[0] == row.sentence and len(made) == 2:
            (one, other), text = group.itertuples(), article.text
            parts = [text[row.start : one.start], other.text, text[one.end : other.start], one.text]
            made.append(("actors exchanged", False, "".join([*parts, text[other.end : row.end]])))
    made.append(("about something else", False, "The lighthouse keeper painted her boat yellow last spring."))
    return pd.DataFrame(made, columns=["kind", "true", "text"])


def describe_caught(checked: pd.DataFrame) -> str:
    """How many of the sentences of `invent` a check of support (column `supported`) got right."""
    right = checked["supported"].astype(bool) == checked["true"].astype(bool)
    wrong = checked[~right]
    text = f"The check is right about {int(right.sum())} of {len(checked)} sentences."
    for row in wrong.itertuples():
        what = "finds no support for what the article says" if row.true else "lets pass what is invented"
        text += f" It {what} ({escaped(row.kind)}, support {row.support:.2f})."
    return text


def unclear_sentences(stance: pd.DataFrame) -> pd.DataFrame:
    """Where the model abstains, and between which two answers it wavers.

    Returns
    -------
    DataFrame
        `sentence`, `holder`, `target`, `between` (the two likeliest labels), `favor`, `against`, `none`,
        `text`.
    """
    labels = [*SIDES, "none"]
    rows = stance[stance["stance"] == "unclear"].sort_values(["sentence", "holder", "target"])
    ranked = [sorted(labels, key=lambda name: -float(getattr(row, name)))[:2] for row in rows.itertuples()]
    rows = rows.assign(between=pd.Series([" or ".join(two) for two in ranked], index=rows.index, dtype="str"))
    return rows[["sentence", "holder", "target", "between", *labels, "text"]].reset_index(drop=True)


def leave_one_out(stance: pd.DataFrame, stance_article: pd.DataFrame) -> pd.DataFrame:
    """What becomes of each side of the article when one of the sentences that carry it is left out.

    Returns
    -------
    DataFrame
        One row per pair with a side: `holder`, `target`, `stance`, `probability`, `carried_by`
        (sentences that are not plainly `none`), `changes` (those without which the stance is another:
        "3: none"; "3: gone" where no sentence is left).
    """
    rows = []
    for pair in stance_article[stance_article["stance"].isin(SIDES)].itertuples():
        group = stance[(stance["holder"] == pair.holder) & (stance["target"] == pair.target)]
        carriers, changes = sorted(set(group.loc[group["stance"] != "none", "sentence"])), []
        for sentence in carriers:
            rest = group[group["sentence"] != sentence]
            becomes = "gone" if rest.empty else aggregate_stance(rest)["stance"].iloc[0]
            if becomes != pair.stance:
                changes.append(f"{sentence}: {becomes}")
        rows.append((pair.holder, pair.target, pair.stance, pair.probability, carriers, changes))
    columns = ["holder", "target", "stance", "probability", "carried_by", "changes"]
    return pd.DataFrame(rows, columns=columns)


def describe_unclear(unclear: pd.DataFrame, stance_article: pd.DataFrame) -> str:
    """Where the model abstains, in sentences and over the article."""
    pairs = stance_article[stance_article["stance"] == "unclear"]
    if unclear.empty and pairs.empty:
        return "The model abstains nowhere: some answer always has at least half of the probability."
    text = "In every sentence some answer has at least half of the probability."
    if len(unclear):
        text = f"In {counted(len(unclear), 'case')} no answer has half of the probability."
        between = unclear["between"].map(lambda two: tuple(sorted(two.split(" or ")))).value_counts()
        text += f" Most often the model wavers between {listed(between.index[0])} ({between.iloc[0]})."
    torn = pairs[(pairs["favor_sentences"] > 0) & (pairs["against_sentences"] > 0)]
    stay = "stays" if len(pairs) == 1 else "stay"
    text += f" Over the article, {counted(len(pairs), 'pair')} {stay} unclear"
    return f"{text}, {len(torn)} because sentences stand against each other." if len(torn) else f"{text}."


def describe_quality(quality: pd.DataFrame) -> str:
    """How well the model did on labelled texts, beside always giving the commonest answer."""
    if quality.empty:
        return (
            "No quality has been published for this profile: its answers have not been compared with "
            "labelled texts. Do so before you use them."
        )
    lines = []
    for task, rows in quality.groupby("task", sort=False):
        macro = rows[rows["class"] == "macro"].iloc[0]
        classes = rows[rows["class"] != "macro"].sort_values("f1")
        weakest, strongest = (
            f"{escaped(row['class'])} ({row['f1']:.2f})" for _, row in classes.iloc[[0, -1]].iterrows()
        )
        lines.append(
            f"- **{escaped(task)}** ({counted(int(macro.rows), 'held-out row')}): "
            f"macro-F1 **{macro.f1:.2f}**, where always giving the commonest answer "
            f"reaches {macro.baseline_f1:.2f}. Weakest class: {weakest}; strongest: {strongest}."
        )
    return "\n".join(lines)


def describe_stability(left_out: pd.DataFrame) -> str:
    """How many of the article's sides would change without one of its sentences."""
    if left_out.empty:
        return "There is no side whose footing could be tested."
    single = left_out["carried_by"].map(len) == 1
    moved = left_out["changes"].map(len) > 0
    text = (
        f"Of {counted(len(left_out), 'pair')} with a side, **{int(single.sum())}** "
        f"{'rests' if single.sum() == 1 else 'rest'} on one sentence only. "
    )
    more = left_out[~single]
    if more.empty:
        return f"{text}None rests on more."
    held = more[~moved[~single]]
    names = [f"{row.holder} {row.stance} {row.target}" for row in held.itertuples()]
    keep = "keeps its" if len(held) == 1 else "keep their"
    text += f"Of the {len(more)} with more than one, {len(held) or 'none'} {keep} side "
    text += "whichever sentence is left out"
    return f"{text}: {listed(names)}." if names else f"{text}."


def describe_author(stance: pd.DataFrame, voices: pd.DataFrame) -> str:
    """How many of the author's stances come from sentences that also hold the words of others."""
    own = stance[(stance["holder"] == AUTHOR) & stance["stance"].isin(SIDES)]
    if own.empty:
        return "The model reads no stance of the author in any sentence."
    shared = set(voices.loc[voices["voice"] != AUTHOR, "sentence"])
    mixed = own[own["sentence"].isin(shared)]
    text = (
        f"The author’s stances come from {counted(len(own), 'reading')} in "
        f"{counted(own['sentence'].nunique(), 'sentence')}."
    )
    if mixed.empty:
        return f"{text} None of these sentences holds anybody else’s words."
    hold = "holds" if mixed["sentence"].nunique() == 1 else "hold"
    return (
        f"{text} **{len(mixed)}** of these readings {'is' if len(mixed) == 1 else 'are'} of "
        f"{numbered(mixed['sentence'])}, which also {hold} what others say: there the model may have "
        "taken their stance for the author’s."
    )


def list_doubts(
    article: Article, mentions: pd.DataFrame, voices: pd.DataFrame, left_out: pd.DataFrame, summary: Summary
) -> str:
    """What a careful reader should check by eye, as a list; each item counts and names what it means."""
    pairs = [f"{row.holder} {row.stance} {row.target}" for row in left_out.itertuples()]
    names = pd.Series(pairs, index=left_out.index, dtype="str")
    single = names[left_out["carried_by"].map(len) == 1]
    unsure = names[left_out["probability"] < UNSURE]
    rows = summary.sentences
    weak = [f"“{text}”" for text in rows.loc[~rows["supported"].astype(bool), "text"]]
    written = [f"“{text}”" for text in rows.loc[rows["origin"] == "written", "text"]]
    nobody = sorted(set(article.sentences["sentence"]) - set(mentions["sentence"]))
    lost = [f"in sentence {sentence}" for sentence in voices.loc[voices["speaker"] == "", "sentence"]]
    guessed = sorted(mentions.loc[mentions["found_by"] == "entity", "actor"].unique())
    doubts = [
        ("Stances that rest on one sentence", single, len(names)),
        (f"Stances with a probability below {UNSURE:g}: the article may not take them", unsure, len(names)),
        (f"Sentences of the {summary.method} summary that the article does not support", weak, len(rows)),
        ("Sentences of it that the model wrote, to be read against their evidence", written, len(rows)),
        ("Quoted or reported parts without a speaker", lost, int((voices["voice"] != AUTHOR).sum())),
        ("Actors that only the language model knows", guessed, mentions["actor"].nunique()),
        ("Sentences that name no actor, where only the author’s stance on issues can be read",
         nobody, len(article.sentences)),
    ]  # fmt: skip
    return "\n".join(
        f"- {what}: **{len(which)}** of {whole}{f' ({listed(which, most=5)})' if len(which) else ''}."
        for what, which, whole in doubts
    )


def count_doubts(
    voices: pd.DataFrame,
    stance: pd.DataFrame,
    events: pd.DataFrame | None = None,
    summary: Summary | None = None,
) -> list[str]:
    """What to doubt in a reading, one plain line for each doubt that there is, with how many of how many."""
    spoken = stance[stance["stance"] != "none"]
    if spoken.empty:
        return ["The model took a side in no sentence."]
    pairs = spoken.groupby(["holder", "target"])
    sided = pairs["stance"].agg(lambda found: found.isin(SIDES).any())
    single = pairs["sentence"].nunique()[sided] == 1
    own = set(spoken.loc[spoken["holder"] == AUTHOR, "sentence"])
    others = voices[voices["voice"] != AUTHOR]
    rows = pd.DataFrame({"supported": []}) if summary is None else summary.sentences
    events = pd.DataFrame(columns=["actor", "target"]) if events is None else events
    doubts = [
        ("Pairs (who is for or against whom) whose side rests on one sentence", single),
        ("Stances in a sentence that stay unclear", spoken["stance"] == "unclear"),
        ("Sentences in which the author takes a side, and somebody else speaks too: the side may be theirs",
         pd.Series([sentence in set(others["sentence"]) for sentence in own])),
        ("Quoted or reported parts without a speaker", others["speaker"] == ""),
        ("Events without an actor or without a target", (events["actor"] == "") | (events["target"] == "")),
        ("Sentences of the summary that the article does not support", ~rows["supported"].astype(bool)),
    ]  # fmt: skip
    return [f"{what}: {int(which.sum())} of {len(which)}." for what, which in doubts if which.any()]
