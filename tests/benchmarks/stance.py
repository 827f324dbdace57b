"""Measure profiles' stances: ``python -m tests.benchmarks.stance DATA_DIR [--contrast]``.

DATA_DIR holds the validation files (``directed_valid.jsonl.gz`` and others, see README.md beside this
file); those that are there are measured. With ``--contrast`` the minimal pairs of ``data/contrast`` and the
annotated articles that were held out are, too, with the marks that were settled after two readings.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import confusion_matrix

from korea_nlp.models import entail, has_reader, read_passages
from korea_nlp.models.cache import OFF
from korea_nlp.models.weights import Profile, load_profile
from korea_nlp.reader import AUTHOR
from korea_nlp.stance import LABELS, SIDES
from korea_nlp.training.evaluation import (
    DIRECTED,
    Answers,
    answer_directed,
    answer_entailment,
    answer_stances,
    author_pairs,
    both_directions,
)
from korea_nlp.training.examples import DIRECTIONS, OPINION, Labelled, all_news, read_rows, seesaw, split_rows
from korea_nlp.training.news import read_news

from .lexicon import lexicon_scores
from .measures import (
    accuracy,
    calibration_error,
    class_f1,
    coverage_curve,
    direction_table,
    interval,
    macro,
    neutrality_table,
)

CONTRAST = Path(__file__).parents[2] / "data" / "contrast" / "pairs.csv"
NEWS = Path(__file__).parents[2] / "data" / "news"
FILES = ("seesaw_dev", "directed_valid", "target_train", "claims_valid", "reported_opinion_valid", "nli_valid")
SPEED = "pairs a second"
COLUMNS = ["profile", "data", "measure", "value", "low", "high", "commonest", "lexicon", "rows"]
OF_SIDES = {  # favor and against together, from a confusion table: a side counts where it is the same
    "F1": lambda t: 2 * hits(t) / np.maximum(t[..., :2].sum((-2, -1)) + t[..., :2, :].sum((-2, -1)), 1),
    "precision": lambda t: hits(t) / np.maximum(t[..., :2].sum((-2, -1)), 1),
    "recall": lambda t: hits(t) / np.maximum(t[..., :2, :].sum((-2, -1)), 1),
}
Baselines = dict[str, Answers]


def hits(table: np.ndarray) -> np.ndarray:
    """How often favor or against is answered, and right."""
    return table[..., 0, 0] + table[..., 1, 1]


def opinion_pairs(rows: list[dict]) -> pd.DataFrame:
    """Pairs with their `stance` of rows that say whether a quoted person liked something.

    Those whose hypothesis is not "NAME liked (or did not like) the THING." are left out.
    """
    found = [(row, said) for row in rows if (said := OPINION.fullmatch(row["hypothesis"].strip()))]
    favors = [(said["verb"] == "liked") == (row["label"] == "entailment") for row, said in found]
    return pd.DataFrame({
        "text": [row["premise"] for row, _ in found],
        "holder": [said["holder"] for _, said in found],
        "target": [said["target"] for _, said in found],
        "stance": np.where(favors, *SIDES),
    })  # fmt: skip


def answer_news(items: list[Labelled], profile: str | Profile = "bundled") -> tuple[Answers, np.ndarray]:
    """What a profile's reader says of all pairs of passages, and whether each pair's holder is the author."""
    found = read_passages([item.passage for item in items], profile)
    holders = np.array([holder for item in items for holder, _ in item.passage.pairs])
    truth = np.array([label for item in items for label in item.labels], dtype=int)
    return Answers(LABELS, truth, found), holders == AUTHOR


def commonest(answers: Answers) -> Answers:
    """Always the commonest class: neutral, where there is such a class in these data."""
    guess = np.full(len(answers.truth), np.bincount(answers.truth).argmax())
    return answers._replace(probabilities=np.eye(len(answers.names))[guess])


def lexicon(answers: Answers, pairs: pd.DataFrame) -> Answers:
    """What the words of praise and blame say; where none is not a choice, and there are none, favor."""
    return answers._replace(probabilities=lexicon_scores(pairs)[:, : len(answers.names)])


def measures(answers: Answers, baselines: Baselines, seconds: float | None = None) -> pd.DataFrame:
    """All measures of one data set: `COLUMNS` without `profile` and `data`.

    `value` is the profile's, `low` and `high` its bootstrap interval (95%), `commonest` and `lexicon` what
    the baselines get; empty where that makes no sense. `seconds` is how long it took to answer.
    """
    names = answers.names
    rows: list[dict] = []

    def add(name: str, table: Callable[[Answers], np.ndarray], score: Callable, size: int | None = None):
        counts = table(answers)
        value, low, high = interval(counts, score)
        others = {who: float(score(table(said))) for who, said in baselines.items()}
        size = int(counts.sum()) if size is None else size
        rows.append({"measure": name, "value": value, "low": low, "high": high, **others, "rows": size})

    def whole(said: Answers) -> np.ndarray:
        return confusion_matrix(said.truth, said.guess, labels=range(len(names)))

    add("macro-F1", whole, macro)
    add("micro-F1", whole, accuracy)
    for n, name in enumerate(names):
        add(f"F1 of {name}", whole, lambda table, n=n: class_f1(table)[..., n], int((answers.truth == n).sum()))
    if names == LABELS:
        for name, score in OF_SIDES.items():
            add(f"{name} of the two sides", whole, score)
    if names in (LABELS, DIRECTED):
        neutral = 2 if names == LABELS else 0
        add("stance or none: macro-F1", partial(neutrality_table, neutral=neutral), macro)
        add("stance or none: F1 of stance", partial(neutrality_table, neutral=neutral), lambda t: class_f1(t)[..., 1])
    if names == DIRECTED:
        add("direction: accuracy", direction_table, accuracy)
        add("direction: macro-F1", direction_table, macro)
    sure = answers.probabilities.max(axis=1) >= 0.5
    right = (answers.guess == answers.truth)[sure]
    total = len(sure)
    others = [
        (f"accuracy of the surest {share:.0%}", accurate, size)
        for share, accurate, size in coverage_curve(answers).itertuples(index=False)
    ]
    others += [
        ("answered (not unclear)", sure.mean(), total),
        ("accuracy where answered", right.mean() if len(right) else np.nan, len(right)),
        ("calibration error, 15 bins", calibration_error(answers), total),
        ("calibration error, adaptive", calibration_error(answers, adaptive=True), total),
        *([(SPEED, total / seconds, total)] if seconds else []),
    ]
    rows += [{"measure": name, "value": value, "rows": size} for name, value, size in others]
    return pd.DataFrame(rows).reindex(columns=COLUMNS[2:])


def contrast_measures(pairs: pd.DataFrame, answers: Answers, baselines: Baselines) -> pd.DataFrame:
    """Share of members and of whole pairs that are right, of all and by phenomenon, as `measures` has it."""
    everyone = {"value": answers, **baselines}
    right = pd.DataFrame({who: said.guess == said.truth for who, said in everyone.items()}, index=pairs.index)
    rows = []
    for what, group in [("all", pairs), *pairs.groupby("phenomenon", sort=False)]:
        members = right.loc[group.index]
        for unit, table in (("members", members), ("pairs", members.groupby(group["pair"]).all())):
            good = int(table["value"].sum())
            _, low, high = interval(np.diag([len(table) - good, good]), lambda t: t[..., 1, 1] / t.sum(axis=(-2, -1)))
            rows.append({"measure": f"{unit} right: {what}", **table.mean(), "low": low, "high": high,
                         "rows": len(table)})  # fmt: skip
    return pd.DataFrame(rows).reindex(columns=COLUMNS[2:])


def timed(task: Callable, *given) -> tuple:
    """What a task returns, and the seconds that it took."""
    began = time.perf_counter()
    result = task(*given)
    return result, time.perf_counter() - began


def measure_directed(rows: list[dict], profile: str | Profile) -> dict[str, pd.DataFrame]:
    """Five classes of pairs, and the three stances that each of the two is asked about."""
    pairs = both_directions(rows).assign(stance=[LABELS[n] for row in rows for n in DIRECTIONS[row["label"]]])
    three, seconds = timed(answer_stances, pairs, profile)
    five = answer_directed(rows, three.probabilities)
    said = lexicon(three, pairs)
    words = answer_directed(rows, said.probabilities)
    apart = {"commonest": commonest(three), "lexicon": said}
    return {
        "directed_valid": measures(five, {"commonest": commonest(five), "lexicon": words}),
        "directed_valid, each direction": measures(three, apart, seconds),
    }


def measure_pairs(pairs: pd.DataFrame, profile: str | Profile, contrast: bool = False) -> pd.DataFrame:
    """`measures` of pairs whose stance is known, and of minimal pairs `contrast_measures` before them."""
    answers, seconds = timed(answer_stances, pairs, profile)
    baselines = {"commonest": commonest(answers), "lexicon": lexicon(answers, pairs)}
    table = measures(answers, baselines, seconds)
    first = [contrast_measures(pairs, answers, baselines)] if contrast else []
    return pd.concat([*first, table], ignore_index=True)


def measure_entailment(rows: list[dict], profile: str | Profile) -> pd.DataFrame:
    """`measures` of premises and hypotheses; there is no lexicon for these."""
    answers, seconds = timed(answer_entailment, rows, profile)
    return measures(answers, {"commonest": commonest(answers)}, seconds)


def target_pairs(rows: list[dict]) -> pd.DataFrame:
    """Pairs of the rows of a training file that were held out of it, but for sentences that are in it as well."""
    learnt, rest = split_rows(rows)
    known = {row["text"] for row in learnt}
    return author_pairs([row for row in rest if row["text"] not in known])


def measure_news(items: list[Labelled], profile: str | Profile, name: str) -> dict[str, pd.DataFrame]:
    """`measures` of the ordered pairs of actors in passages, and of the author's stances where there are any."""
    answers, writer = answer_news(items, profile)
    tables = {}
    for what, here in ((name, ~writer), (f"{name}, author", writer)):
        if (answers.truth[here] < 2).any():
            part = Answers(LABELS, answers.truth[here], answers.probabilities[here])
            tables[what] = measures(part, {"commonest": commonest(part)})
    return tables


def held_out_news() -> list[Labelled]:
    """The passages of the annotated articles that nothing is learnt from or tuned on."""
    return [passage for passage in all_news(read_news(NEWS / "settled")) if passage.labels]


def measure_file(name: str, rows: list[dict], profile: str | Profile) -> dict[str, pd.DataFrame]:
    """The tables of the rows of one of `FILES`."""
    match name:
        case "seesaw_dev":
            return measure_news([item for row in rows if (item := seesaw(row))], profile, name)
        case "directed_valid":
            return measure_directed(rows, profile)
        case "target_train":
            return {"target, rows held out": measure_pairs(target_pairs(rows), profile)}
        case "nli_valid":
            return {name: measure_entailment(rows, profile)}
    pairs = opinion_pairs if name == "reported_opinion_valid" else author_pairs
    return {name: measure_pairs(pairs(rows), profile)}


def measure(data_dir: Path | None, profile: str | Profile, contrast: Path | None = None) -> pd.DataFrame:
    """One table with `COLUMNS` of the validation files in a folder, and of a file of minimal pairs."""
    entail(["Seoul praised Tokyo."], ["Seoul supports Tokyo."], profile)  # loading is not timed
    tables = {}
    for name in FILES if data_dir else ():
        file = data_dir / f"{name}.jsonl.gz"
        if file.is_file():
            tables |= measure_file(name, read_rows(file), profile)
    if contrast and has_reader(profile):
        tables |= measure_news(held_out_news(), profile, "news held out")
    if contrast:
        pairs = pd.read_csv(contrast, keep_default_na=False)
        tables["contrast"] = measure_pairs(pairs, profile, contrast=True)
    if not tables:
        raise FileNotFoundError(f"{data_dir} holds none of {', '.join(f'{n}.jsonl.gz' for n in FILES)}")
    found = pd.concat([table.assign(data=name) for name, table in tables.items()], ignore_index=True)
    return found.assign(profile=load_profile(profile).name)[COLUMNS]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.stance", description=__doc__)
    parser.add_argument("data_dir", type=Path, nargs="?", help="folder of the validation files")
    parser.add_argument("--profile", nargs="+", default=["bundled"], help="bundled, bundled-fast, hub, or TOML files")
    parser.add_argument("--out", type=Path, metavar="CSV", help="write the table there as well")
    parser.add_argument("--contrast", action="store_true", help="measure the minimal pairs, too")
    given = parser.parse_args(arguments)
    if not (given.data_dir or given.contrast):
        parser.error("give DATA_DIR, --contrast, or both")
    os.environ[OFF] = "1"  # what is kept from earlier runs would be timed
    try:
        contrast = CONTRAST if given.contrast else None
        table = pd.concat([measure(given.data_dir, profile, contrast) for profile in given.profile])
    except FileNotFoundError as problem:
        parser.error(str(problem))
    print(table.round(3).to_string(index=False, na_rep=""))
    if given.out:
        given.out.parent.mkdir(parents=True, exist_ok=True)
        kept = table[table["measure"] != SPEED]  # of this machine at this hour
        kept.round(4).to_csv(given.out, index=False, lineterminator="\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
