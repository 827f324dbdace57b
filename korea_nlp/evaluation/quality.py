"""How good the models are: figures that were measured before, and minimal pairs that are asked anew."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from korea_nlp.errors import KoreaNLPError
from korea_nlp.plots.panels import CHANGES
from korea_nlp.prose.interpretation import from_root
from korea_nlp.prose.markup import counted, escaped, listed, percent, upper
from korea_nlp.stance import score_stance
from korea_nlp.weights import Profile, load_profile

SURE = "accuracy of the surest "
TASKS = {
    "seesaw_dev": "American news, who is for or against whom (Zhang et al. 2022)",
    "directed_valid": "single news sentences, who is for or against whom (Park et al. 2021)",
    "news held out": "news on conflicts written for this package, left out of the training",
    "claims_valid": "for or against a claim (Chen et al. 2019)",
    "nli_valid": "does one sentence follow from another (Bowman et al. 2015)",
    "contrast": "minimal pairs on Korea",
}
"""What the data sets of the benchmark ask; those that are not here are not shown."""

FALSE = {
    "who": "another doer", "whom": "another target", "number": "another number", "date": "another date",
    "negation": "a statement turned round", "possibility": "a possibility told as a fact",
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
        `task` (in words), `rows`, `model`, `interval`, `commonest` (what always the commonest answer reaches),
        `words` (what a list of words of praise and blame reaches).
    """
    found = benchmark[(benchmark["measure"] == measure) & benchmark["data"].isin(TASKS)]
    between = found["low"].map("{:.2f}".format) + " to " + found["high"].map("{:.2f}".format)
    return pd.DataFrame({
        "task": found["data"].map(TASKS), "rows": found["rows"].astype(int), "model": found["value"],
        "interval": between, "commonest": found["commonest"], "words": found["lexicon"],
    }).reset_index(drop=True)  # fmt: skip


def figures_by_profile(path: str | Path = "data/benchmarks/stance.csv") -> pd.DataFrame:
    """Macro-F1 of every profile that was measured: `task`, and a column for each profile."""
    found = pd.read_csv(from_root(str(path))).query("measure == 'macro-F1'")
    found = found[found["data"].isin(TASKS)]
    table = found.pivot(index="data", columns="profile", values="value").loc[found["data"].unique()]
    table.insert(0, "task", [TASKS[name] for name in table.index])
    return table.rename_axis(columns=None).reset_index(drop=True)


def coverage(benchmark: pd.DataFrame) -> pd.DataFrame:
    """Accuracy of the surest answers: `data`, `coverage` (share of rows answered), `accuracy`."""
    rows = benchmark[benchmark["measure"].str.startswith(SURE) & benchmark["data"].isin(TASKS)]
    share = rows["measure"].str.removeprefix(SURE).str.rstrip("%").astype(float) / 100
    short = {name: re.split(r", | \(", task)[0] for name, task in TASKS.items()}
    found = {"data": rows["data"].map(short), "coverage": share, "accuracy": rows["value"]}
    return pd.DataFrame(found).reset_index(drop=True)


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
        `changed` (the phenomenon), `holder`, `target`, `label`, `answer`, `text`.
    """
    order = ["phenomenon", "probability", "text"]
    wrong = answers[~answers["right"]].sort_values(order, ascending=[True, False, True])
    wrong = wrong.groupby("phenomenon").head(each).rename(columns={"phenomenon": "changed"})
    return wrong[["changed", "holder", "target", "label", "answer", "text"]].reset_index(drop=True)


def describe_contrast(table: pd.DataFrame) -> str:
    """How many minimal pairs are right, and which changes are answered well or missed."""
    whole = table[table["phenomenon"] == "all"].iloc[0]
    parts = table[table["phenomenon"] != "all"].replace({"phenomenon": CHANGES})
    well = parts[parts["pairs_right"] >= 0.75]["phenomenon"]
    missed = parts[parts["pairs_right"] < 0.5]["phenomenon"]
    text = (
        f"Of {counted(int(whole['pairs']), 'minimal pair')}, both members are right in "
        f"**{percent(whole['pairs_right'])}**; of single members, {percent(whole['members_right'])}."
    )
    few = " No kind of change is answered well in three pairs of four."
    text += f" Answered well (in three pairs of four or more): {listed(well)}." if len(well) else few
    return text + (f" Missed in more than half of the pairs: {listed(missed)}." if len(missed) else "")


def describe_reliability(benchmark: pd.DataFrame, data: str = "seesaw_dev") -> str:
    """How many of the sides that are found in news are right, and how many of those that annotators saw are found."""
    found = benchmark[benchmark["data"] == data].set_index("measure")
    measures = ["precision of the two sides", "recall of the two sides"]
    if not set(measures) <= set(found.index):
        return "**It was not measured how often this profile’s stances in news are right.**"
    right, seen = (found.loc[name, "value"] for name in measures)
    return (
        f"In American news that it was not trained on, **{percent(right)}** of the stances that the model finds are "
        f"right, and it finds **{percent(seen)}** of those that annotators saw."
    )


def describe_coverage(curve: pd.DataFrame, half: float = 0.5) -> str:
    """What abstaining gains: accuracy of all answers, and of the surer half."""
    if curve.empty:
        return "It is not known what abstaining gains."
    lines = []
    for name, rows in curve.groupby("data", sort=False):
        by = rows.set_index("coverage")["accuracy"]
        right = f"{percent(by[1.0])} of all answers are right, {percent(by[half])} of the surer half"
        lines.append(f"- **{upper(escaped(name))}**: {right}.")
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
    worst = [f"{FALSE[kind]} ({percent(share)})" for kind, share in shares.sort_values(kind="stable").head(3).items()]
    total, right = int(rows["claims"].sum()), rows["right"].sum() / rows["claims"].sum()
    return (
        f"On **{counted(total, 'claim')}** about articles that nothing was learnt from, half of them true, the check "
        f"finds support for **{percent(found)}** of the true ones and lets **{percent(1 - caught)}** of the false ones "
        f"pass. It is right in {percent(right)}, where a coin is in half. It catches least: {listed(worst)}."
    )
