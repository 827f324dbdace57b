"""Who is for or against whom: tables of the answers, and sentences on them and on how firm they are."""

from __future__ import annotations

import pandas as pd

from korea_nlp.article import Article
from korea_nlp.prose.doubts import corrected, describe_doubt
from korea_nlp.prose.markup import STANCES, be, counted, listed, numbered, paragraph, quoted, stands, the
from korea_nlp.stance import AUTHOR, LABELS, SIDES
from korea_nlp.stance.overall import aggregate_stance

_AGAIN = "as above"


def both_ways(article: Article, mentions: pd.DataFrame, words: str = "") -> pd.DataFrame:
    """A sentence that names two actors, to be asked in both directions: `text`, `holder`, `target`.

    It is the one with these ``words``, or else the first that names just two, or else the first that names more; where
    no sentence names two, there are no rows.
    """
    named = mentions.drop_duplicates(["sentence", "actor"]).groupby("sentence")["actor"].agg(list)
    named = named[named.map(len) > 1]
    texts = article.sentences.set_index("sentence")["text"]
    rows = []
    if len(named):
        number = min(named.index, key=lambda number: (words not in texts[number], len(named[number]) > 2, number))
        one, other = named[number][:2]
        rows = [(texts[number], other, one), (texts[number], one, other)]
    return pd.DataFrame(rows, columns=["text", "holder", "target"])


def describe_both_ways(scores: pd.DataFrame) -> str:
    """What a model reads of two in one sentence, in the one direction and in the other."""
    if scores.empty:
        return "No sentence of this article names two actors."
    said = [
        f"{the(row.holder)} {be(row.holder, 'takes', 'take')} no stance toward {the(row.target)}"
        if row.stance == "none" else stands(row.holder, row.stance, row.target) for row in scores.itertuples()
    ]  # fmt: skip
    same = scores["stance"].nunique() == 1 and scores["stance"].iloc[0] != "none"
    return paragraph(
        f"{quoted(scores['text'].iloc[0])}\n\nIn this sentence the machine reads that {', and that '.join(said)}.",
        same and "It gives the same answer both ways: is that what the sentence says?",
    )


def sided_sentences(stance: pd.DataFrame) -> pd.DataFrame:
    """The answers that take a side, in the order of the text: `sentence`, `holder`, `stance`, `target`, `probability`,
    `text` (once for each sentence)."""
    sided = stance[stance["stance"].isin(SIDES)].sort_values("sentence", kind="stable")
    text = sided["text"].mask(sided["sentence"].duplicated(), _AGAIN)
    sided = sided.assign(probability=sided[list(SIDES)].max(axis=1), text=text)
    return sided[["sentence", "holder", "stance", "target", "probability", "text"]]


def unclear_sentences(stance: pd.DataFrame) -> pd.DataFrame:
    """Where the machine abstains: `sentence`, `holder`, `target`, `between` (the two likeliest answers), `text`."""
    rows = stance[stance["stance"] == "unclear"].sort_values(["sentence", "holder", "target"], ignore_index=True)
    ranked = [sorted(LABELS, key=lambda name: -row[name]) for row in rows.to_dict("records")]
    between = pd.Series([f"{STANCES[first]} and {STANCES[second]}" for first, second, _ in ranked], dtype="str")
    return rows.assign(between=between)[["sentence", "holder", "target", "between", "text"]]


def describe_sides(stance_article: pd.DataFrame) -> str:
    """How many pairs have a side, and how many stay open."""
    if stance_article.empty:
        return "There is no pair: nobody to be for or against anybody."
    favor, against, unclear = (int((stance_article["stance"] == name).sum()) for name in (*SIDES, "unclear"))
    text = f"Of {counted(len(stance_article), 'pair')}, "
    text += f"the machine reads **{against or 'none'}** as against and **{favor or 'none'}** as for"
    return text + (f"; {counted(unclear, 'pair')} {be(unclear, 'stays', 'stay')} unclear." if unclear else ".")


def over_the_article(stance_article: pd.DataFrame, article: Article) -> pd.DataFrame:
    """The pairs with a stance for reading: `holder`, `stance`, `target`, `probability` (of a side; unclear pairs have
    none), `found in` ("2 of 7"), `text` (of the sentence, unless it stands in the row above)."""
    found = stance_article[stance_article["stance"] != "none"]
    unclear, numbers = found["stance"] == "unclear", found["evidence"]
    texts = numbers.map(article.sentences.set_index("sentence")["text"]).mask(numbers == numbers.shift(), _AGAIN)
    count = found["count"].mask(unclear, 0)
    return pd.DataFrame({
        "holder": found["holder"], "stance": found["stance"], "target": found["target"],
        "probability": found["probability"].mask(unclear),
        "found in": [f"{n} of {of}" if n else "" for n, of in zip(count, found["sentences"], strict=True)],
        "text": [f"{number}: {text}" for number, text in zip(numbers, texts, strict=True)],
    })  # fmt: skip


def describe_evidence(
    stance_article: pd.DataFrame, stance: pd.DataFrame, most: int = 5, holder: str | None = None,
    disputed: pd.DataFrame | None = None,
) -> str:  # fmt: skip
    """The surest stances, each with the sentence of which the machine is surest, and what speaks against it."""
    sided = stance_article[stance_article["stance"].isin(SIDES)]
    if holder is not None:
        sided = sided[sided["holder"] == holder]
    if sided.empty:
        whose = f" that {the(holder)} {be(holder, 'takes', 'take')}" if holder else ""
        return f"Over the whole article, the machine finds no side{whose}."
    lines, groups = [], stance.groupby(["holder", "target"])
    for row in sided.head(most).itertuples():
        group = groups.get_group((row.holder, row.target))
        text = group.loc[group["sentence"] == row.evidence, "text"].iloc[0]
        lines.append(paragraph(
            f"- The machine reads that {stands(row.holder, row.stance, row.target)} (probability "
            f"{row.probability:.2f}; found in {numbered(group.loc[group['stance'] == row.stance, 'sentence'])}).",
            f"Sentence {row.evidence}: {quoted(text)}",
            describe_doubt(row, text, disputed),
        ))  # fmt: skip
    return "\n".join(lines)


def leave_one_out(
    stance: pd.DataFrame, stance_article: pd.DataFrame, disputed: pd.DataFrame | None = None
) -> pd.DataFrame:
    """What becomes of each side of the article when one of the sentences that carry it is left out.

    Columns: `holder`, `target`, `stance`, `carried_by` (sentences that are not `none`), `changes` (those without which
    the side is lost); and, if all readers of ``disputed`` see something else somewhere, `readers` (what they see).
    """
    rows, said, groups = [], corrected(disputed), stance.groupby(["holder", "target"])
    for pair in stance_article[stance_article["stance"].isin(SIDES)].itertuples():
        group = groups.get_group((pair.holder, pair.target))
        carriers = sorted(set(group.loc[group["stance"] != "none", "sentence"]))
        changes = [
            number
            for number in carriers
            if aggregate_stance(group[group["sentence"] != number])["stance"].tolist() != [pair.stance]
        ]
        theirs = STANCES.get(said.get((pair.holder, pair.target)), "")
        rows.append((pair.holder, pair.target, pair.stance, carriers, changes, theirs))
    table = pd.DataFrame(rows, columns=["holder", "target", "stance", "carried_by", "changes", "readers"])
    return table if (table["readers"] != "").any() else table.drop(columns="readers")


def describe_stability(left_out: pd.DataFrame) -> str:
    """How many of the article's sides rest on one sentence, by the table of `leave_one_out`."""
    if left_out.empty:
        return "There is no side whose footing could be tested."
    alone = left_out["carried_by"].map(len) == 1
    firm = left_out[~alone & (left_out["changes"].map(len) == 0)]
    who = [stands(row.holder, row.stance, row.target) for row in firm.itertuples()]
    count = int(alone.sum())
    return paragraph(
        f"Of {counted(len(left_out), 'stance')}, **{count}** {be(count, 'rests', 'rest')} on one sentence only.",
        who and f"Whichever sentence is left out, {listed(who, write=str)}.",
    )


def describe_author(stance: pd.DataFrame, voices: pd.DataFrame) -> str:
    """How often the writer takes a side, and in which of these sentences others speak too."""
    own = stance[(stance["holder"] == AUTHOR) & stance["stance"].isin(SIDES)]
    if own.empty:
        return "In no sentence does the machine find the writer taking a side."
    shared = set(voices.loc[voices["voice"] != AUTHOR, "sentence"]) & set(own["sentence"])
    return paragraph(
        f"The machine finds the writer taking a side in {numbered(own['sentence'])}.",
        shared and f"In {numbered(shared)} somebody else speaks too: the side may be theirs.",
    )


def describe_roles(
    stance_article: pd.DataFrame, mentions: pd.DataFrame, events: pd.DataFrame, voices: pd.DataFrame
) -> str:
    """For whom no side was read, and where they act or speak."""
    holders = set(stance_article.loc[stance_article["stance"].isin(SIDES), "holder"])
    silent = [name for name in dict.fromkeys(mentions["actor"]) if name not in holders]
    if not silent:
        return "The machine reads a side for every actor." if holders else "There is no actor who could take a side."
    busy = [name for name in silent if name in {*events["actor"], *voices["speaker"]}]
    where = {*events.loc[events["actor"].isin(busy), "sentence"], *voices.loc[voices["speaker"].isin(busy), "sentence"]}
    return paragraph(
        f"As the machine reads it, {listed(silent, write=the)} {be(silent, 'takes', 'take')} no side.",
        busy and f"But it finds {listed(busy, write=the)} acting or speaking in {numbered(where)}: is a side missed?",
    )
