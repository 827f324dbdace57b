"""How good the models are: figures that were measured before, and minimal pairs that are asked anew."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from korea_nlp.errors import KoreaNLPError
from korea_nlp.plots.panels import CHANGES
from korea_nlp.prose.interpretation import from_root
from korea_nlp.prose.markup import counted, escaped, listed, percent, upper
from korea_nlp.stance import AUTHOR, score_stance
from korea_nlp.weights import Profile, load_profile

SURE = "accuracy of the surest "
TASKS = {
    "seesaw_dev": "American news, who is for or against whom (Zhang et al. 2022)",
    "directed_valid": "single news sentences, who is for or against whom (Park et al. 2021)",
    "news held out": "news on conflicts written for this package, left out of the training",
    "claims_valid": "for or against a claim (Chen et al. 2019)",
    "nli_valid": "does one sentence follow from another (Bowman et al. 2015)",
    "contrast": "minimal pairs written for this package",
}
"""What the data sets of the benchmark ask; those that are not here are not shown."""
UNTOUCHED = ("seesaw_dev", "news held out")
"""Of these, the sets by whose figures no model was trained or chosen."""
PUBLISHED = 0.677
"""Macro-F1 of the model of Park, Pan and Joo (2021) on the test sentences of their collection."""

FALSE = {
    "who": "somebody else does it", "whom": "it is done to somebody else", "number": "another number",
    "date": "another date", "negation": "a statement turned round", "possibility": "a possibility told as a fact",
    "saying": "a saying told as a fact", "wish": "a wish told as done", "cause": "a cause that nobody states",
    "invented": "an invention",
}  # fmt: skip
"""In which respect the false claims of ``data/claims`` are false."""


def load_benchmark(
    profile: str | Profile = "bundled", path: str | Path = "data/benchmarks/stance.csv"
) -> pd.DataFrame:
    """What `tests/benchmarks/stance.py` measured of a profile; empty if it was not measured.

    Returns
    -------
    DataFrame
        `data`, `measure`, `value`, `low`, `high` (95% bootstrap interval), `commonest`, `lexicon` (what
        the two baselines reach), `rows`.
    """
    found = pd.read_csv(from_root(str(path)))
    return (
        found[found["profile"] == load_profile(profile).name].drop(columns="profile").reset_index(drop=True)
    )


def main_figures(benchmark: pd.DataFrame, measure: str = "macro-F1") -> pd.DataFrame:
    """One measure of the data sets of `TASKS`.

    Returns
    -------
    DataFrame
        `task` (in words), `untouched` (no model was trained or chosen by it), `rows`, `model` (with the interval, in
        words), `commonest` (what always the commonest answer reaches), `words` (what a list of words of praise and
        blame reaches, where that was measured).
    """
    found = benchmark[(benchmark["measure"] == measure) & benchmark["data"].isin(TASKS)]
    value, low, high = (found[name].map("{:.2f}".format) for name in ("value", "low", "high"))
    return pd.DataFrame({
        "task": found["data"].map(TASKS), "untouched": found["data"].isin(UNTOUCHED), "rows": found["rows"].astype(int),
        "model": value + " (" + low + " to " + high + ")", "commonest": found["commonest"],
        "words": found["lexicon"].astype(object).where(found["lexicon"].notna(), "not measured"),
    }).reset_index(drop=True)  # fmt: skip


def figures_by_profile(path: str | Path = "data/benchmarks/stance.csv") -> pd.DataFrame:
    """Macro-F1 of every profile that was measured: `task`, and a column for each profile."""
    found = pd.read_csv(from_root(str(path))).query("measure == 'macro-F1'")
    found = found[found["data"].isin(TASKS)]
    table = found.pivot(index="data", columns="profile", values="value").loc[found["data"].unique()]
    table.insert(0, "task", [TASKS[name] for name in table.index])
    return table.rename_axis(columns=None).reset_index(drop=True)


def coverage(benchmark: pd.DataFrame) -> pd.DataFrame:
    """Accuracy of the surest answers, and of those of a machine that always says the same.

    Returns
    -------
    DataFrame
        `data`, `coverage` (share of rows answered), `accuracy`, `commonest` (accuracy of always the commonest answer,
        over all rows).
    """
    rows = benchmark[benchmark["measure"].str.startswith(SURE) & benchmark["data"].isin(TASKS)]
    share = rows["measure"].str.removeprefix(SURE).str.rstrip("%").astype(float) / 100
    short = {name: re.split(r", | \(", task)[0] for name, task in TASKS.items()}
    always = benchmark[benchmark["measure"] == "micro-F1"].set_index("data")["commonest"]
    found = {"data": rows["data"].map(short), "coverage": share, "accuracy": rows["value"]}
    return pd.DataFrame(found | {"commonest": rows["data"].map(always)}).reset_index(drop=True)


def answer_contrast(
    profile: str | Profile = "bundled", path: str | Path = "data/contrast/pairs.csv"
) -> pd.DataFrame:
    """Ask the minimal pairs of ``data/contrast``, on which nothing is ever trained.

    Returns
    -------
    DataFrame
        One row per member: the file's columns, with `stance` called `label`; `answer` (the likeliest of
        favor, against, none), its `probability`, and `right`.
    """
    pairs = pd.read_csv(from_root(str(path)), keep_default_na=False)
    if not len(pairs):
        raise KoreaNLPError(f"{path} holds no pairs")
    labels = ["favor", "against", "none"]
    scores = score_stance(pairs[["text", "holder", "target"]], profile)[labels]
    found = pairs.rename(columns={"stance": "label"})
    found["answer"] = scores.idxmax(axis=1)
    found["probability"] = scores.max(axis=1)
    return found.assign(right=found["answer"] == found["label"])


def contrast_by_phenomenon(answers: pd.DataFrame) -> pd.DataFrame:
    """`phenomenon`, `pairs`, `members_right`, `pairs_right` (0 to 1); the hardest last, then ``"all"``."""
    whole = answers.groupby(["phenomenon", "pair"])["right"].agg(["mean", "all"])
    table = whole.groupby("phenomenon").agg(
        pairs=("all", "size"), members_right=("mean", "mean"), pairs_right=("all", "mean")
    )
    table = table.sort_values(["pairs_right", "members_right"], ascending=False).reset_index()
    total = ("all", len(whole), whole["mean"].mean(), whole["all"].mean())
    return pd.concat([table, pd.DataFrame([total], columns=table.columns)], ignore_index=True)


def wrong_examples(answers: pd.DataFrame, each: int = 1) -> pd.DataFrame:
    """The surest wrong answers of each phenomenon.

    Returns
    -------
    DataFrame
        `changed` (in words), `asked` (whose stance toward whom), `label`, `answer`, `probability`, `text`.
    """
    order = ["phenomenon", "probability", "text"]
    wrong = answers[~answers["right"]].sort_values(order, ascending=[True, False, True])
    wrong = wrong.groupby("phenomenon").head(each).rename(columns={"phenomenon": "changed"})
    who = wrong["holder"].replace({AUTHOR: "the writer"})
    wrong = wrong.replace({"changed": CHANGES}).assign(asked=who + " → " + wrong["target"])
    return wrong[["changed", "asked", "label", "answer", "probability", "text"]].reset_index(drop=True)


def describe_wrong(answers: pd.DataFrame) -> str:
    """Which way the wrong answers go: sides missed, sides seen where there is none, sides turned round."""
    wrong = answers[~answers["right"]]
    if wrong.empty:
        return "Every answer is right."
    missed, made = int((wrong["answer"] == "none").sum()), int((wrong["label"] == "none").sum())
    turned = len(wrong) - missed - made
    return (
        f"Of {counted(len(wrong), 'wrong answer')}, **{missed}** {'misses' if missed == 1 else 'miss'} a side, "
        f"**{made}** {'sees' if made == 1 else 'see'} a side where there is none, and **{turned}** "
        f"{'takes' if turned == 1 else 'take'} one side for the other."
    )


def describe_contrast(table: pd.DataFrame) -> str:
    """How many minimal pairs are right, and which changes are answered well or missed."""
    whole = table[table["phenomenon"] == "all"].iloc[0]
    parts = table[table["phenomenon"] != "all"].replace({"phenomenon": CHANGES})
    well = parts[parts["pairs_right"] >= 0.75]["phenomenon"]
    missed = parts[parts["pairs_right"] < 0.5]["phenomenon"]
    text = (
        f"Of {counted(int(whole['pairs']), 'minimal pair')}, both sentences are right in "
        f"**{percent(whole['pairs_right'])}**; of the single sentences, {percent(whole['members_right'])} are right."
    )
    few = " In no kind of change are both right in at least 75% of the pairs."
    text += f" Both are right in at least 75% of the pairs: {listed(well)}." if len(well) else few
    return text + (f" Both are right in less than half of the pairs: {listed(missed)}." if len(missed) else "")


def describe_reliability(benchmark: pd.DataFrame, data: str = "seesaw_dev") -> str:
    """How many of the sides that are found in news are right, and how many of those that annotators saw are found."""
    found = benchmark[benchmark["data"] == data].set_index("measure")
    measures = ["precision of the two sides", "recall of the two sides"]
    if not set(measures) <= set(found.index):
        return "**It was not measured how often this profile’s stances in news are right.**"
    right, seen = (found.loc[name, "value"] for name in measures)
    return (
        f"In American news that it was not trained on, **{percent(right)}** of the stances that the machine finds are "
        f"right, and it finds **{percent(seen)}** of those that annotators saw."
    )


def describe_accuracy(benchmark: pd.DataFrame, data: str = "seesaw_dev") -> str:
    """Why accuracy flatters: how many answers are right, and how many would be if all were the commonest one."""
    found = benchmark[(benchmark["data"] == data) & (benchmark["measure"] == "micro-F1")]
    if found.empty:
        return "It was not measured how many of this profile’s answers in news are right."
    row = found.iloc[0]
    return (
        f"Of **all {int(row['rows']):,} answers** in that news, {percent(row['value'])} are right. A machine that "
        f"always says “no stance” is right in {percent(row['commonest'])}, and finds no side at all."
    )


def describe_published(benchmark: pd.DataFrame, data: str = "directed_valid") -> str:
    """How another model does on sentences of the same collection."""
    found = benchmark[(benchmark["data"] == data) & (benchmark["measure"] == "macro-F1")]
    if found.empty:
        return "This profile was not compared with another model."
    ours = found["value"].iloc[0]
    than = "better" if ours < PUBLISHED else "no better"
    return (
        f"On other sentences of the same collection, the model of Park, Pan and Joo (2021) reached {PUBLISHED}: "
        f"{than} than this one, with {ours:.2f}."
    )


def describe_unsure(unsure: pd.DataFrame, disputed: pd.DataFrame) -> str:
    """How many of the stances that all readers of an article see otherwise the machine's doubt points to.

    Parameters
    ----------
    unsure
        What `prose.caution.unclear_sentences` found.
    disputed
        What `agreement.readers.disputes` found.
    """
    readers = [name for name in disputed.columns if name not in ("holder", "target", "model")]
    if not readers:
        return "Nobody has annotated this article, so it is not known which errors this list misses."
    against = disputed[disputed[readers].ne(disputed["model"], axis=0).all(axis=1)]
    who = {1: "The reader sees", 2: "Both readers see"}.get(len(readers), f"All {len(readers)} readers see")
    text = f"{who} **{counted(len(against), 'pair')}** of this article otherwise than the machine."
    doubted = set(zip(unsure["holder"], unsure["target"], strict=True))
    hit = sum(pair in doubted for pair in zip(against["holder"], against["target"], strict=True))
    return text + (f" The list of unsure answers points to **{hit}** of them." if len(against) else "")


def describe_coverage(curve: pd.DataFrame, half: float = 0.5) -> str:
    """What it gains to drop unsure answers: accuracy of all, of the surer half, and of always the same answer."""
    if curve.empty:
        return "It is not known what it gains to drop unsure answers."
    lines = []
    for name, rows in curve.groupby("data", sort=False):
        by = rows.set_index("coverage")["accuracy"]
        right = f"{percent(by[1.0])} of all answers are right, {percent(by[half])} of the surer half"
        always = percent(rows["commonest"].iloc[0])
        lines.append(f"- **{upper(escaped(name))}**: {right}; always the same answer: {always} of all.")
    return "\n".join(lines)


def describe_check(profile: str | Profile = "bundled", path: str | Path = "data/benchmarks/claims.csv") -> str:
    """How often `support` was right about claims whose truth is known, and what it catches least."""
    kept = pd.read_csv(from_root(str(path)))
    rows = kept[kept["profile"] == load_profile(profile).name]
    if rows.empty:
        return "**How good the check of this profile is was not measured.**"
    true, false = rows[rows["true"]], rows[~rows["true"]]
    found, caught = (part["right"].sum() / part["claims"].sum() for part in (true, false))
    shares = false.set_index("kind")["right"] / false.set_index("kind")["claims"]
    worst = [f"{FALSE[kind]} ({percent(share)} caught)"
             for kind, share in shares.sort_values(kind="stable").head(3).items()]  # fmt: skip
    total, right = int(rows["claims"].sum()), rows["right"].sum() / rows["claims"].sum()
    return (
        f"The check was tried on **{counted(int(true['claims'].sum()), 'true claim')}** and "
        f"**{counted(int(false['claims'].sum()), 'false claim')}** about articles that were new to the machine. "
        f"It finds support for **{percent(found)}** of the true ones and lets **{percent(1 - caught)}** of the false "
        f"ones pass. Of all {total} it is right about {percent(right)}; tossing a coin would be right about 50%. "
        f"Of these false claims it catches least: {listed(worst)}."
    )
