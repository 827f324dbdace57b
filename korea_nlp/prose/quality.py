"""How good the models are: figures that were measured before, and minimal pairs that are asked anew."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd

from korea_nlp.models.weights import Profile, load_profile
from korea_nlp.paths import ASSETS, from_root
from korea_nlp.prose.doubts import name_readers
from korea_nlp.prose.markup import LISTS, be, counted, escaped, listed, paragraph, percent, upper
from korea_nlp.reader import SETTINGS
from korea_nlp.stance import AUTHOR, LABELS, score_stance

TASKS = LISTS["benchmark"]
CHANGES = LISTS["phenomena"]
"""What the phenomena of the minimal pairs are called where people read them."""
NEW_SOURCES = ("seesaw_dev",)
"""The sets of `TASKS` from whose source nothing was learnt; of the others, only these rows were left out."""
ALONE = "data/benchmarks/annotation.csv"
SURE = "accuracy of the surest "
PUBLISHED = 0.677
"""Macro-F1 of the model of Park, Pan and Joo (2021) on the test sentences of their collection."""


def load_benchmark(profile: str | Profile = "bundled") -> pd.DataFrame:
    """What `tests/benchmarks/stance.py` measured of a profile; empty if it was not measured.

    Columns: `data`, `measure`, `value`, `low`, `high` (95% bootstrap interval), `commonest`, `lexicon` (what the two
    baselines reach), `rows`.
    """
    return load_measured("data/benchmarks/stance.csv", profile)


def load_measured(path: str | Path, profile: str | Profile) -> pd.DataFrame:
    """The rows of a table of measurements that are of a profile."""
    kept = pd.read_csv(from_root(path))
    return kept[kept["profile"] == load_profile(profile).name].drop(columns="profile").reset_index(drop=True)


def main_figures(benchmark: pd.DataFrame) -> pd.DataFrame:
    """Macro-F1 on the data sets of `TASKS`: `task`, `same_source`, `rows`, `model` (with its interval), `commonest` (of
    always the commonest answer), `words` (of a list of words of praise and blame, where that was measured)."""
    found = benchmark[(benchmark["measure"] == "macro-F1") & benchmark["data"].isin(TASKS)]
    return pd.DataFrame({
        "task": found["data"].map(TASKS), "same_source": ~found["data"].isin(NEW_SOURCES),
        "rows": found["rows"].astype(int),
        "model": [f"{row.value:.2f} ({row.low:.2f} to {row.high:.2f})" for row in found.itertuples()],
        "commonest": found["commonest"],
        "words": found["lexicon"].astype(object).where(found["lexicon"].notna(), "not measured"),
    }).reset_index(drop=True)  # fmt: skip


def figures_by_profile() -> pd.DataFrame:
    """Macro-F1 of every profile that was measured: `task`, and a column for each profile."""
    kept = pd.read_csv(from_root("data/benchmarks/stance.csv"))
    found = kept[(kept["measure"] == "macro-F1") & kept["data"].isin(TASKS)]
    table = found.pivot(index="data", columns="profile", values="value").loc[found["data"].unique()]
    table.insert(0, "task", table.index.map(TASKS))
    return table.rename_axis(columns=None).reset_index(drop=True)


def from_the_text_alone(profile: str | Profile = "bundled") -> pd.DataFrame:
    """What a profile finds in news that is left out of the training, with nobody's help: `layer`, `wanted` (how many
    annotators marked), `found`, `right` (counts), `f1`, `reader` (F1 of one annotator beside another, who saw the text
    alone); empty if ``tests/benchmarks/annotation.py`` has not measured.
    """
    kept = pd.read_csv(from_root(ALONE)).set_index("layer")
    reader = kept.loc[kept["profile"] == "second reader", "f1"]
    kept = kept[kept["profile"] == load_profile(profile).name].assign(reader=reader).reindex(LISTS["layers"])
    counts = ["wanted", "found", "right"]
    kept = kept.rename(index=LISTS["layers"]).dropna(subset="f1").astype(dict.fromkeys(counts, int))
    kept = kept.assign(f1=2 * kept["right"] / (kept["found"] + kept["wanted"]))  # the file has it rounded
    kept = kept[[*counts, "f1", "reader"]]
    return kept.rename_axis("layer").reset_index()


def published_quality(profile: str | Profile = "bundled") -> list[dict]:
    """The validation figures that come with a profile's entailment checkpoint; empty if it states none.

    For each file: `task` (what was asked), `macro_f1`, `baseline_macro_f1` (of always the commonest class), `rows`,
    and `f1` by class.
    """
    settings = ASSETS / (load_profile(profile).entailment.adapter or "") / SETTINGS
    stated = json.loads(settings.read_text(encoding="utf-8")) if settings.is_file() else {}
    return [{"task": TASKS.get(name, name), **found} for name, found in stated.get("validation", {}).items()]


def coverage(benchmark: pd.DataFrame) -> pd.DataFrame:
    """Accuracy of the surest answers: `data`, `coverage` (share of rows answered), `accuracy`, `commonest` (accuracy
    of always the commonest answer, over all rows)."""
    rows = benchmark[benchmark["measure"].str.startswith(SURE) & benchmark["data"].isin(TASKS)]
    always = benchmark[benchmark["measure"] == "micro-F1"].set_index("data")["commonest"]
    return pd.DataFrame({
        "data": rows["data"].map({name: re.split(r", | \(", task)[0] for name, task in TASKS.items()}),
        "coverage": rows["measure"].str.removeprefix(SURE).str.rstrip("%").astype(float) / 100,
        "accuracy": rows["value"], "commonest": rows["data"].map(always),
    }).reset_index(drop=True)  # fmt: skip


def describe_coverage(curve: pd.DataFrame) -> str:
    """What it gains to drop unsure answers: accuracy of all, of the surer half, and of always the same answer."""
    if curve.empty:
        return "It is not known what it gains to drop unsure answers."
    lines = []
    for name, rows in curve.groupby("data", sort=False):
        by = rows.set_index("coverage")["accuracy"]
        right = f"{percent(by[1.0])} of all answers are right, {percent(by[0.5])} of the surer half"
        always = percent(rows["commonest"].iloc[0])
        lines.append(f"- **{upper(escaped(name))}**: {right}; always the same answer: {always} of all.")
    return "\n".join(lines)


def answer_contrast(profile: str | Profile = "bundled") -> pd.DataFrame:
    """Ask the minimal pairs of ``data/contrast``, on which nothing is ever trained: the file's columns, with `stance`
    called `label`; `answer` (the likeliest of favor, against, none), its `probability`, and `right`."""
    pairs = pd.read_csv(from_root("data/contrast/pairs.csv"), keep_default_na=False)
    scores = score_stance(pairs[["text", "holder", "target"]], profile)[LABELS]
    found = pairs.rename(columns={"stance": "label"})
    found = found.assign(answer=scores.idxmax(axis=1), probability=scores.max(axis=1))
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


def describe_contrast(table: pd.DataFrame) -> str:
    """How many minimal pairs are right, and which changes are answered well or missed."""
    whole = table[table["phenomenon"] == "all"].iloc[0]
    parts = table[table["phenomenon"] != "all"].replace({"phenomenon": CHANGES})
    quotes = parts["phenomenon"].map("“{}”".format)
    well, missed = listed(quotes[parts["pairs_right"] >= 0.75]), listed(quotes[parts["pairs_right"] < 0.5])
    return paragraph(
        f"Of {counted(int(whole['pairs']), 'minimal pair')}, both answers are right in "
        f"**{percent(whole['pairs_right'])}**; of all single answers, {percent(whole['members_right'])} are right. "
        f"Easiest, with both right in at least 75% of the pairs: {well or 'none'}.",
        missed and f"Hardest, with both right in less than half: {missed}.",
    )


def wrong_examples(answers: pd.DataFrame) -> pd.DataFrame:
    """The surest wrong answer of each phenomenon: `changed` (in words), `asked` (whose stance toward whom), `label`,
    `answer`, `probability`, `text`."""
    order = ["phenomenon", "probability", "text"]
    wrong = answers[~answers["right"]].sort_values(order, ascending=[True, False, True]).drop_duplicates("phenomenon")
    wrong = wrong.assign(
        changed=wrong["phenomenon"].replace(CHANGES),
        asked=wrong["holder"].replace({AUTHOR: "the writer"}) + " → " + wrong["target"],
    )
    return wrong[["changed", "asked", "label", "answer", "probability", "text"]].reset_index(drop=True)


def describe_wrong(answers: pd.DataFrame) -> str:
    """Which way the wrong answers go: sides missed, sides seen where there is none, sides turned round."""
    wrong = answers[~answers["right"]]
    if wrong.empty:
        return "Every answer is right."
    missed, made = int((wrong["answer"] == "none").sum()), int((wrong["label"] == "none").sum())
    turned = len(wrong) - missed - made
    return (
        f"Of {counted(len(wrong), 'wrong answer')}, **{missed}** {be(missed, 'misses', 'miss')} a side, **{made}** "
        f"{be(made, 'sees', 'see')} a side where there is none, and **{turned}** {be(turned, 'takes', 'take')} one "
        f"side for the other."
    )


def _measured(benchmark: pd.DataFrame, data: str) -> pd.DataFrame:
    """The rows of a data set, by measure."""
    return benchmark[benchmark["data"] == data].set_index("measure")


def describe_reliability(profile: str | Profile = "bundled") -> str:
    """How many of the sides that are found in news are right, and how many of those that annotators saw are found:
    from the text alone, as in an article of one's own, and told who is mentioned where.
    """
    told = _measured(load_benchmark(profile), "seesaw_dev")["value"]
    alone = load_measured(ALONE, profile).set_index("layer")
    if "precision of the two sides" not in told or "stances" not in alone.index:
        return "**It was not measured how often this profile’s stances in news are right.**"
    row = alone.loc["stances"]
    right, seen = (percent(told[f"{name} of the two sides"]) for name in ("precision", "recall"))
    return (
        "The machine was tested on invented news. It had learnt from other invented news, but not from these texts. "
        "It had to find names and stances by itself. Its answers were compared with those of language models, which "
        "had marked the stances; what they marked counts as right. Of the stances that the machine reports, "
        f"**{percent(row['right'] / row['found'])}** are right. Of the stances that had been marked, it finds "
        f"**{percent(row['right'] / row['wanted'])}**. It was also tested on real American news. There it was told "
        f"which names occur and where, and had to find only the stances: {right} of its stances are right, and it "
        f"finds {seen} of those that people marked. On real news without such help, the machine was not measured."
    )


def describe_accuracy(benchmark: pd.DataFrame) -> str:
    """Why accuracy flatters: how many answers are right, and how many would be if all were the commonest one."""
    found = _measured(benchmark, "seesaw_dev")
    if "micro-F1" not in found.index:
        return "It was not measured how many of this profile’s answers in news are right."
    row = found.loc["micro-F1"]
    return (
        f"Of **all {int(row['rows']):,} answers** on the American news, {percent(row['value'])} are right. A machine "
        f"that always says “no stance” has {percent(row['commonest'])} right, and finds no side at all."
    )


def describe_published(benchmark: pd.DataFrame) -> str:
    """How another model does on sentences of the same collection."""
    found = _measured(benchmark, "directed_valid")
    if "macro-F1" not in found.index:
        return "This profile was not compared with another model."
    ours = found.loc["macro-F1"]
    within = "within" if ours["low"] <= PUBLISHED <= ours["high"] else "outside"
    apart = f"Their figure lies {within} these bounds. The sentences differ, so this does not show which is better."
    return (
        f"Park, Pan and Joo (2021) tested their model on other sentences of their collection. It reached a macro-F1 of "
        f"{PUBLISHED:.2f}. On the single news sentences in the table above, this machine reaches {ours['value']:.2f} "
        f"({ours['low']:.2f} to {ours['high']:.2f}). {apart}"
    )


def describe_unsure(unsure: pd.DataFrame, disputed: pd.DataFrame) -> str:
    """How many of the stances that all readers of an article see otherwise the machine is `unclear` about."""
    readers = disputed.drop(columns=["holder", "target", "model"])
    if readers.columns.empty:
        return "Nobody has annotated this article, so it is not known which errors this list misses."
    against = disputed[readers.ne(disputed["model"], axis=0).all(axis=1)]
    doubted = unsure[["holder", "target"]].drop_duplicates()
    hit = len(against.merge(doubted, on=["holder", "target"]))
    return paragraph(
        f"{upper(name_readers(disputed))} annotated this article, too.",
        f"On **{counted(len(against), 'pair')}** (who, and toward whom), the machine gives an answer that no reader "
        "gives.",
        len(against) and f"The machine was unsure of **{hit}** of these{', so it gave no warning' * (not hit)}.",
    )


def describe_check(profile: str | Profile = "bundled", path: str | Path = "data/benchmarks/claims.csv") -> str:
    """How often `support` was right about claims whose truth is known, and what it catches least."""
    rows = load_measured(path, profile)
    if rows.empty:
        return "**How good the check of this profile is was not measured.**"
    true, false = rows[rows["true"]], rows[~rows["true"]]
    found, caught = (part["right"].sum() / part["claims"].sum() for part in (true, false))
    kinds = false.set_index("kind")
    shares = (kinds["right"] / kinds["claims"]).sort_values(kind="stable").head(3)
    worst = [f"{LISTS['false_claims'][kind]} ({percent(share)})" for kind, share in shares.items()]
    total, right = int(rows["claims"].sum()), rows["right"].sum() / rows["claims"].sum()
    return (
        f"The check was tested on **{counted(int(true['claims'].sum()), 'true claim')}** and "
        f"**{counted(int(false['claims'].sum()), 'false claim')}** about articles that were new to the machine. "
        f"It finds support for **{percent(found)}** of the true ones, and it catches **{percent(caught)}** of the "
        f"false ones. In all, {percent(right)} of its {total} answers are right; a tossed coin would get 50% right. "
        f"It is worst at these kinds of false claim (in brackets, the share that it catches): {listed(worst)}."
    )
