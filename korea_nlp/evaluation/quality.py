"""How good the models are: figures that were measured before, and minimal pairs that are asked anew."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from korea_nlp.errors import KoreaNLPError
from korea_nlp.plots.panels import CHANGES
from korea_nlp.prose.interpretation import from_root
from korea_nlp.prose.markup import counted, escaped, listed, percent
from korea_nlp.stance import score_stance
from korea_nlp.weights import Profile, load_profile

SURE = "accuracy of the surest "
ALIKE = 0.01
"""Two macro-F1 that differ by less are called alike."""


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
    """One measure of every data set: `data`, `value`, `low`, `high`, `commonest`, `lexicon`, `rows`."""
    return benchmark[benchmark["measure"] == measure].drop(columns="measure").reset_index(drop=True)


def figures_by_profile(path: str | Path = "data/benchmarks/stance.csv") -> pd.DataFrame:
    """Macro-F1 of every profile that was measured: `data`, and a column for each profile."""
    found = pd.read_csv(from_root(str(path))).query("measure == 'macro-F1'")
    table = found.pivot(index="data", columns="profile", values="value").loc[found["data"].unique()]
    return table.rename_axis(columns=None).reset_index()


def coverage(benchmark: pd.DataFrame) -> pd.DataFrame:
    """Accuracy of the surest answers: `data`, `coverage` (share of rows answered), `accuracy`."""
    rows = benchmark[benchmark["measure"].str.startswith(SURE)]
    share = rows["measure"].str.removeprefix(SURE).str.rstrip("%").astype(float) / 100
    return pd.DataFrame({"data": rows["data"], "coverage": share, "accuracy": rows["value"]}).reset_index(
        drop=True
    )


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
        `phenomenon`, `holder`, `target`, `label`, `answer`, `probability`, `text`.
    """
    order = ["phenomenon", "probability", "text"]
    wrong = answers[~answers["right"]].sort_values(order, ascending=[True, False, True])
    columns = ["phenomenon", "holder", "target", "label", "answer", "probability", "text"]
    return wrong.groupby("phenomenon").head(each)[columns].reset_index(drop=True)


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


def describe_direction(benchmark: pd.DataFrame) -> str:
    """Which is harder, whether there is a stance at all or which way it points: a line for each data set.

    Data sets that lack one of the two measures are left out.
    """
    measures = ["stance or none: macro-F1", "direction: macro-F1"]
    values = benchmark.pivot(index="data", columns="measure", values="value")
    both = values.reindex(index=benchmark["data"].unique(), columns=measures).dropna()
    if both.empty:
        return "It was not measured which is harder: whether there is a stance, or which way it points."
    lines = []
    for name, (stance, direction) in zip(both.index, both.to_numpy(), strict=True):
        whether = f"whether there is a stance at all (`stance or none`, macro-F1 {stance:.2f})"
        whither = f"which way it points (`direction`, macro-F1 {direction:.2f})"
        said = f"{whether} is harder than {whither}"
        if direction < stance:
            said = f"{whither} is harder than {whether}"
        if abs(direction - stance) < ALIKE:
            said = f"{whether} and {whither} are about equally hard"
        lines.append(f"- **{escaped(name)}**: {said}.")
    return "\n".join(lines)


def describe_figures(figures: pd.DataFrame) -> str:
    """Each data set's macro-F1 with its interval, beside the two baselines."""
    if figures.empty:
        return "**This profile has not been measured.** Nothing is known of how often its answers are right."
    lines = []
    for row in figures.to_dict("records"):
        low, high = f"{row['low']:.2f}", f"{row['high']:.2f}"
        line = f"- **{escaped(row['data'])}** ({counted(int(row['rows']), 'row')}): "
        line += f"macro-F1 **{row['value']:.2f}**, interval {low} to {high}; "
        line += f"the commonest class alone reaches {row['commonest']:.2f}"
        line += f", a list of words {row['lexicon']:.2f}" if pd.notna(row["lexicon"]) else ""
        lines.append(f"{line}.")
    return "\n".join(lines)


def describe_reliability(benchmark: pd.DataFrame, data: str = "seesaw_dev") -> str:
    """How many of the sides that are found in news are right, and how many of those that annotators saw are found."""
    found = benchmark[benchmark["data"] == data].set_index("measure")
    names = ["precision of the two sides", "recall of the two sides"]
    if not set(names) <= set(found.index):
        return "**It was not measured how often this profile's stances in news are right.**"
    right, seen = (found.loc[name] for name in names)
    between = [f"{percent(row['low'])} to {percent(row['high'])}" for row in (right, seen)]
    return (
        f"In American news that the model was not trained on, **{percent(right['value'])}** of the sides that it "
        f"takes are right (interval {between[0]}), and it finds **{percent(seen['value'])}** of those that annotators "
        f"saw ({between[1]})."
    )


def describe_coverage(curve: pd.DataFrame, half: float = 0.5) -> str:
    """What abstaining gains: accuracy of all answers, and of the surer half."""
    if curve.empty:
        return "It is not known what abstaining gains."
    lines = []
    for name, rows in curve.groupby("data", sort=False):
        by = rows.set_index("coverage")["accuracy"]
        lines.append(
            f"{escaped(name)}: {percent(by[1.0])} of all answers, {percent(by[half])} of the surer half"
        )
    return f"Right are, by data set: {'; '.join(lines)}."
