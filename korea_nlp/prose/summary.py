"""What a summary keeps, changes and loses, and whether the check of support works."""

from __future__ import annotations

import re
from collections import Counter
from difflib import SequenceMatcher

import pandas as pd

from korea_nlp.article import Article
from korea_nlp.paths import from_root
from korea_nlp.prose.markup import be, counted, escaped, listed, numbered, paragraph, percent, quoted, the, upper
from korea_nlp.stance import AUTHOR
from korea_nlp.summary import Summary

METHODS = {
    "lead": "first sentences (lead)", "extractive": "chosen sentences (extractive)",
    "abstractive": "shortened or joined (abstractive)",
}  # fmt: skip
MADE = {
    (True, True): "joined and shortened", (True, False): "only joined", (False, True): "only shortened",
    (False, False): "copied unchanged",
}  # fmt: skip
"""What a sentence of a summary is called that was joined from two, or not, and shortened, or not."""
CLOSE = 0.1
"""Support that is nearer to 0.5 might as well be on the other side of it."""


def describe_support(summary: Summary) -> str:
    """Of how many sentences of the article a summary is made, what was done to them, and what lacks support."""
    rows = summary.sentences
    if rows.empty:
        return "The summary is empty: no sentence could be made for this article."
    weak = rows.loc[~rows["supported"].astype(bool), "text"]
    shorter = summary_changes(summary)["left_out"].map(bool)
    counts = Counter(zip(rows["evidence"].map(len) > 1, shorter, strict=True))
    done = [f"{counts[how]} {be(counts[how])} {kind}" for how, kind in MADE.items() if counts[how]]
    close = [n for n, support in enumerate(rows["support"], 1) if abs(support - 0.5) < CLOSE]
    text = paragraph(
        f"The summary has **{counted(len(rows), 'sentence')}**, made of **{len(_used(summary))}** of the article. "
        f"Of its sentences, {listed(done, write=str)}.",
        f"The check finds support for {'all' if weak.empty else len(rows) - len(weak)} of them.",
        close and f"Close to the limit of 0.5: {numbered(close)} of the summary.",
    )
    return text + "".join(f"\n- **Not supported**: {quoted(sentence)}" for sentence in weak)


def summary_changes(summary: Summary) -> pd.DataFrame:
    """What each sentence of a summary left out of its evidence, and what it put in; capitals do not count: `evidence`,
    `text`, `left_out`, `put_in` (lists of stretches of words), `support`."""
    rows = []
    for row in summary.sentences.itertuples():
        old, new = row.evidence_text.split(), row.text.split()
        bare = [[re.sub(r"^\W+|\W+$", "", word).lower() for word in words] for words in (old, new)]
        edits = [edit for edit in SequenceMatcher(None, *bare, autojunk=False).get_opcodes() if edit[0] != "equal"]
        left_out = [" ".join(old[start:end]).strip(",;.") for _, start, end, _, _ in edits if start < end]
        put_in = [" ".join(new[start:end]).strip(",;.") for _, _, _, start, end in edits if start < end]
        rows.append((row.evidence, row.text, left_out, put_in, row.support))
    return pd.DataFrame(rows, columns=["evidence", "text", "left_out", "put_in", "support"])


def describe_choice() -> str:
    """How many of a reader's sentences other ways to choose have, as `korea_nlp.training.salience` measured."""
    measured = pd.read_csv(from_root("data/benchmarks/salience.csv")).set_index("method")
    share = measured["agreement"].map(percent)
    return (
        f"Two readers chose sentences from **{measured['articles'].iloc[0]} invented articles** that were new to the "
        f"machine. They agreed on **{share['second reader']}** of their choices. The machine agreed with one of "
        f"them, on average, on **{share['machine']}**. (The first sentences of each article would have given "
        f"{share['first sentences']}, the longest ones {share['longest sentences']}.)"
    )


def describe_losses(summary: Summary, mentions: pd.DataFrame, voices: pd.DataFrame) -> str:
    """Whom the words name that a summary leaves out of its sentences, and where joining mixes two voices."""
    lines = []
    for number, row in enumerate(summary_changes(summary).itertuples(), 1):
        at, here = f"Sentence {number} of the summary", mentions[mentions["sentence"].isin(row.evidence)]
        for part in row.left_out:
            if who := _named(part, here):
                lost = [name for name in who if name not in _named(row.text, here)]
                after = f"It no longer names {listed(lost, write=the)}." if lost else "Does it still say who acts?"
                lines.append(f"- {at} leaves out {quoted(part)}. {after}")
        first, *second = (voices[voices["sentence"] == place] for place in row.evidence[:2])
        said = first[first["text"].str.contains(r"\w")].tail(1)
        if second and (said["voice"] != AUTHOR).any() and second[0]["voice"].iloc[0] == AUTHOR:
            who = said["speaker"].iloc[0] or "somebody"
            lines.append(
                f"- {at} joins {numbered(row.evidence)} of the article: the first ends with what {the(who)} "
                f"{be(who, 'says', 'say')}, the second is the writer’s own. Now that the two are one "
                f"sentence, a reader may take both for the words of {the(who)}."
            )
    none = "No words that name an actor were left out, and no words of others are joined to the writer’s."
    return "\n".join(lines) or none


def describe_comparison(
    summaries: list[Summary], article: Article, mentions: pd.DataFrame, voices: pd.DataFrame
) -> str:
    """How long summaries are, what of the article they use, and whom they no longer name or let speak."""
    speakers = voices[~voices["speaker"].isin([AUTHOR, ""])]
    lines, used = [], [_used(summary) for summary in summaries]
    for summary, numbers in zip(summaries, used, strict=True):
        named = set()
        for row in summary.sentences.itertuples():
            named.update(_named(row.text, mentions[mentions["sentence"].isin(row.evidence)]))
        heard = set(speakers.loc[speakers["sentence"].isin(numbers), "speaker"])
        size = len(summary.text.split())
        line = (
            f"- **{upper(METHODS.get(summary.method, escaped(summary.method)))}**: {counted(size, 'word')}, "
            f"{percent(size / max(len(article.text.split()), 1))} of the article, made of {numbered(numbers)}."
        )
        for what, who, kept in (("named", mentions["actor"], named), ("heard", speakers["speaker"], heard)):
            lost = [name for name in who.unique() if name not in kept]
            line += f" No longer {what}: {listed(lost, write=the)}." if lost else f" All are still {what}."
        lines.append(line)
    if len(used) > 1:
        unused = set(article.sentences["sentence"]) - set.union(*used)
        common = f"\nAll of them use {numbered(set.intersection(*used))}."
        lines.append(paragraph(common, unused and f"None uses {numbered(unused)}."))
    return "\n".join(lines)


def _used(summary: Summary) -> set[int]:
    """The numbers of the sentences that a summary is made of."""
    return {int(number) for numbers in summary.sentences["evidence"] for number in numbers}


def _named(text: str, mentions: pd.DataFrame) -> list[str]:
    """The actors for whom a text has one of the words that mention them, as a whole word."""
    found = {row.actor for row in mentions.itertuples() if re.search(rf"(?<!\w){re.escape(row.text)}(?!\w)", text)}
    return [name for name in mentions["actor"].unique() if name in found]


def invented_claims(article: Article, mentions: pd.DataFrame) -> pd.DataFrame:
    """Claims to try a check of support with: one that the article makes, and some that it does not.

    They are made of the shortest sentence that names two actors of one kind, or else of the shortest; only in the
    former, actors are exchanged. Columns: `kind` (of change), `true` (whether the article says it), `text`.
    """
    from spacy.lang.en.stop_words import STOP_WORDS

    named = mentions[mentions["text"] == mentions["actor"]].drop_duplicates(["sentence", "actor"])
    two = {}
    for (number, _), group in named.groupby(["sentence", "kind"]):
        if len(group) > 1:
            two.setdefault(number, list(group.head(2).itertuples()))
    sentences = article.sentences.set_index("sentence", drop=False)
    chosen = sentences.loc[list(two)] if two else sentences
    row = chosen.loc[chosen["text"].str.len().idxmin()]
    first = row.text.split()[0]
    rest = row.text[0].lower() + row.text[1:] if first.lower() in STOP_WORDS and first != "I" else row.text
    made = [("as it stands", True, row.text), ("denied", False, f"It is not true that {rest}")]
    if two:
        (one, other), text = two[row.sentence], article.text
        parts = [text[row.start : one.start], other.text, text[one.end : other.start], one.text]
        made.append(("names exchanged", False, "".join([*parts, text[other.end : row.end]])))
    made.append(("about something else", False, "The lighthouse keeper painted her boat yellow last spring."))
    return pd.DataFrame(made, columns=["kind", "true", "text"])


def describe_caught(checked: pd.DataFrame) -> str:
    """How many of the `invented_claims` a check of support (columns `supported`, `support`) got right."""
    right = checked["supported"].astype(bool) == checked["true"].astype(bool)
    text = f"The check judges {int(right.sum())} of {counted(len(checked), 'sentence')} rightly."
    for row in checked[~right].itertuples():
        what = "refuses a true" if row.true else "accepts a false"
        text += f" It {what} sentence: “{row.kind}” (support {row.support:.2f})."
    close = [f"“{kind}”" for kind in checked.loc[right & ((checked["support"] - 0.5).abs() < CLOSE), "kind"]]
    return paragraph(text, close and f"Close to the limit of 0.5: {listed(close)}.")
