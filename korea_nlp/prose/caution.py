"""What a careful reader doubts: where the machine abstains, what hangs on one sentence, what lacks support."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

import pandas as pd

from korea_nlp.prose.actions import told_again
from korea_nlp.prose.markup import ASSETS, STANCES, counted, escaped, listed, numbered, quoted, stands, the, upper
from korea_nlp.stance import AUTHOR, LABELS, SIDES, aggregate_stance

if TYPE_CHECKING:
    from korea_nlp.article import Article
    from korea_nlp.reading import Reading
    from korea_nlp.summary import Summary

CONCERN = tomllib.loads((ASSETS / "doubts.toml").read_text(encoding="utf-8"))["concern"]
UNSURE = 0.75
"""A side of a lower probability is worth a doubt."""
CLOSE = 0.1
"""Support that is nearer to its border might as well be on the other side."""


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
    text = f"The check is right about {int(right.sum())} of {counted(len(checked), 'sentence')}."
    for row in checked[~right].itertuples():
        what = "refuses" if row.true else "lets pass"
        text += f" It {what} the sentence “{row.kind}”, with a support of {row.support:.2f}."
    if len(close := checked[(checked["support"] - 0.5).abs() < CLOSE]):
        text += f" Close to the border of 0.5: {listed(f'“{kind}”' for kind in close['kind'])}."
    return text


def unclear_sentences(stance: pd.DataFrame) -> pd.DataFrame:
    """Where the machine abstains, and between which two answers it wavers.

    Returns
    -------
    DataFrame
        `sentence`, `holder`, `target`, `between` (the two likeliest answers), `text`.
    """
    rows = stance[stance["stance"] == "unclear"].sort_values(["sentence", "holder", "target"])
    ranked = [sorted(LABELS, key=lambda name: -float(getattr(row, name)))[:2] for row in rows.itertuples()]
    torn = [" and ".join(STANCES[name] for name in two) for two in ranked]
    rows = rows.assign(between=pd.Series(torn, index=rows.index, dtype="str"))
    return rows[["sentence", "holder", "target", "between", "text"]].reset_index(drop=True)


def leave_one_out(
    stance: pd.DataFrame, stance_article: pd.DataFrame, disputed: pd.DataFrame | None = None
) -> pd.DataFrame:
    """What becomes of each side of the article when one of the sentences that carry it is left out.

    Returns
    -------
    DataFrame
        One row per pair with a side: `holder`, `target`, `stance`, `carried_by` (sentences that are not
        plainly `none`), `changes` (those without which the side is lost); and, if all readers of ``disputed`` see
        something else in one of the pairs, `readers` (what they see there).
    """
    rows = []
    for pair in stance_article[stance_article["stance"].isin(SIDES)].itertuples():
        group = stance[(stance["holder"] == pair.holder) & (stance["target"] == pair.target)]
        carriers, changes = sorted(set(group.loc[group["stance"] != "none", "sentence"])), []
        for sentence in carriers:
            rest = group[group["sentence"] != sentence]
            if rest.empty or aggregate_stance(rest)["stance"].iloc[0] != pair.stance:
                changes.append(sentence)
        rows.append((pair.holder, pair.target, pair.stance, carriers, changes))
    columns = ["holder", "target", "stance", "carried_by", "changes"]
    table = pd.DataFrame(rows, columns=columns)
    said = {} if disputed is None else corrected(disputed)
    theirs = [said.get((row.holder, row.target), "") for row in table.itertuples()]
    return table.assign(readers=[STANCES.get(name, "") for name in theirs]) if any(theirs) else table


def describe_stability(left_out: pd.DataFrame) -> str:
    """How many of the article's sides rest on one sentence."""
    if left_out.empty:
        return "There is no side whose footing could be tested."
    single = left_out["carried_by"].map(len) == 1
    firm = left_out[~single & (left_out["changes"].map(len) == 0)]
    text = f"**{int(single.sum())}** of {counted(len(left_out), 'side')} {'rests' if single.sum() == 1 else 'rest'} on "
    text += "one sentence."
    if len(firm):
        who = [stands(row.holder, row.stance, row.target) for row in firm.itertuples()]
        text += f" Whichever sentence is left out, {listed(who, write=str)}."
    return text


def describe_author(stance: pd.DataFrame, voices: pd.DataFrame) -> str:
    """How often the writer takes a side, and in which of these sentences others speak too."""
    own = stance[(stance["holder"] == AUTHOR) & stance["stance"].isin(SIDES)]
    if own.empty:
        return "The machine reads no side of the writer in any sentence."
    shared = set(voices.loc[voices["voice"] != AUTHOR, "sentence"]) & set(own["sentence"])
    text = f"The machine reads a side of the writer in {numbered(own['sentence'])}."
    if shared:
        text += f" In {numbered(shared)} somebody else speaks too: the side may be theirs."
    return text


def worry_in(text: str) -> list[str]:
    """The words of worry in a text, in their order."""
    return [word for word in re.findall(r"[\w-]+", text) if word.lower().startswith(tuple(CONCERN))]


def corrected(disputed: pd.DataFrame) -> dict[tuple[str, str], str]:
    """What all readers see in a pair, holder and target, where the machine sees something else.

    Parameters
    ----------
    disputed
        What `agreement.readers.disputes` found.
    """
    readers = _readers(disputed)
    rows = [(row["holder"], row["target"], {row[name] for name in readers}) for row in disputed.to_dict("records")]
    return {(one, other): min(said) for one, other, said in rows if len(said) == 1 and said <= {*STANCES}}


def _readers(disputed: pd.DataFrame) -> list[str]:
    return [name for name in disputed.columns if name not in ("holder", "target", "model")]


def _all_of(readers: list[str], one: str, many: str) -> str:
    who = {1: "the reader", 2: "both readers"}.get(len(readers), f"all {len(readers)} readers")
    return f"{who} of this article {one if len(readers) == 1 else many}"


def describe_disputes(disputed: pd.DataFrame) -> str:
    """On which pairs all readers disagree with the machine: sides that it misses, and sides that it alone sees."""
    readers, said = _readers(disputed), corrected(disputed)
    if not readers:
        return "Nobody has annotated this article: no reader corrects the machine here."
    who = f"{_all_of(readers, 'disagrees', 'disagree')} with the machine"
    if not said:
        return f"There is no pair here on which {who}."
    groups: dict[str, list[str]] = {}
    for row in disputed.itertuples():
        theirs = said.get((row.holder, row.target))
        if theirs in SIDES:
            what = "Read the other way round" if row.model in SIDES else "Not seen by the machine"
            groups.setdefault(what, []).append(f"that {stands(row.holder, theirs, row.target)}")
        elif row.model in SIDES and theirs:
            pair = stands(row.holder, row.model, row.target)
            groups.setdefault("Seen by the machine alone", []).append(f"that {pair}")
        elif theirs:
            groups.setdefault("Unclear to one of them", []).append(f"{the(row.holder)} on {the(row.target)}")
    lines = [f"- **{what}**: {listed(pairs, most=20, write=str)}." for what, pairs in groups.items()]
    return "\n".join([f"{upper(who)} on **{counted(len(said), 'pair')}**.\n", *lines])


def second_look(text: str, holder: str, stance: str, target: str, disputed: pd.DataFrame | None = None) -> str:
    """What speaks against a stance that was read in a sentence: worry, and what all readers say; or nothing."""
    said = []
    if stance == "against" and (worry := worry_in(text)):
        words = listed([f"“{word}”" for word in worry])
        said.append(f"it speaks of worry ({words}), which is not yet opposition")
    theirs = None if disputed is None else corrected(disputed).get((holder, target))
    if theirs not in (None, stance):
        said.append(f"{_all_of(_readers(disputed), 'says', 'say')} “{STANCES[theirs]}”")
    return f"**Look twice**: {'; '.join(said)}." if said else ""


def list_doubts(reading: Reading, disputed: pd.DataFrame) -> str:
    """`find_doubts` as a list."""
    doubts = find_doubts(reading, disputed)
    return "\n".join(f"- {doubt}" for doubt in doubts) or "No check raised a doubt. That is no proof."


def find_doubts(reading: Reading, disputed: pd.DataFrame) -> list[str]:
    """What a careful reader should check by eye: what readers dispute, deeds told again, worry, thin support.

    Parameters
    ----------
    reading
        What was found.
    disputed
        What `agreement.readers.disputes` found: empty where nobody has read the article.
    """
    doubts = []
    readers, said = _readers(disputed), corrected(disputed)
    pairs = list(disputed[["holder", "target"]].itertuples(index=False, name=None))
    who = f"{_all_of(readers, 'disagrees', 'disagree')} with the machine"
    for what, rows in (
        (upper(who), [pair for pair in pairs if pair in said]),
        ("The readers disagree with each other, too", [pair for pair in pairs if pair not in said]),
    ):
        if rows:
            doubts.append(f"**{what}**: {listed([f'{the(one)} on {the(other)}' for one, other in rows], write=str)}.")
    texts = reading.article.sentences.set_index("sentence")["text"]
    worried: dict[int, list[str]] = {}
    for row in reading.strongest.itertuples():
        side = stands(row.holder, row.stance, row.target)
        if row.stance == "against" and worry_in(texts[row.evidence]):
            worried.setdefault(row.evidence, []).append(f"that {side}")
        elif row.probability < UNSURE and not readers:
            doubts.append(f"**Hardly sure**: {side} (probability {row.probability:.2f}, sentence {row.evidence}).")
    for number, sides in sorted(worried.items()):
        words = listed([f"“{word}”" for word in worry_in(texts[number])])
        where = f"sentence {number}, where the machine reads {listed(sides, write=str)}"
        doubts.append(f"**Worry is not yet opposition**: {words} in {where}.")
    for category, target, found in told_again(reading.events):
        deed = f"**{escaped(category)} upon {the(target)}**"
        doubts.append(f"{deed} is told more than once in {numbered(found)}: is it one deed or several?")
    summary = reading.summaries.get("abstractive")
    weak = [] if summary is None else summary.sentences.loc[~summary.sentences["supported"].astype(bool), "text"]
    doubts += [f"**In the summary**: {quoted(text)} is not supported." for text in weak]
    lost = reading.voices.loc[reading.voices["speaker"] == "", "sentence"]
    if len(lost):
        doubts.append(f"**Voices without a speaker** are left in {numbered(lost)}.")
    guessed = sorted(reading.mentions.loc[reading.mentions["found_by"] == "entity", "actor"].unique())
    if guessed:
        doubts.append(f"**Known to the language model alone**: {listed(guessed, write=the)}.")
    return doubts


def count_doubts(
    voices: pd.DataFrame,
    stance: pd.DataFrame,
    events: pd.DataFrame | None = None,
    summary: Summary | None = None,
) -> list[str]:
    """What to doubt in a reading, one plain line for each doubt that there is, with how many of how many."""
    spoken = stance[stance["stance"] != "none"]
    if spoken.empty:
        return ["The machine took a side in no sentence."]
    pairs = spoken.groupby(["holder", "target"])
    sided = pairs["stance"].agg(lambda found: found.isin(SIDES).any())
    single = pairs["sentence"].nunique()[sided] == 1
    own = set(spoken.loc[spoken["holder"] == AUTHOR, "sentence"])
    others = voices[voices["voice"] != AUTHOR]
    rows = pd.DataFrame({"supported": []}) if summary is None else summary.sentences
    events = pd.DataFrame(columns=["actor", "target"]) if events is None else events
    doubts = [
        ("Stances that rest on one sentence", single),
        ("Stances in a sentence that stay unclear", spoken["stance"] == "unclear"),
        ("Sentences in which the writer takes a side, and somebody else speaks too: the side may be theirs",
         pd.Series([sentence in set(others["sentence"]) for sentence in own])),
        ("Quoted or reported parts without a speaker", others["speaker"] == ""),
        ("Events without an actor or without a target", (events["actor"] == "") | (events["target"] == "")),
        ("Sentences of the summary that the article does not support", ~rows["supported"].astype(bool)),
    ]  # fmt: skip
    return [f"{what}: {int(which.sum())} of {len(which)}." for what, which in doubts if which.any()]
