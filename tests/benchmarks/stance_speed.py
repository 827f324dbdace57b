"""Time an article's pairs beside a zero-shot pipeline: ``python -m tests.benchmarks.stance_speed``."""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from korea_nlp import detect_stance, read_article
from korea_nlp.cache import OFF
from korea_nlp.models import entailment, load_classifier
from korea_nlp.stance import score_stance
from korea_nlp.stance.pairs import hypothesis
from korea_nlp.weights import Profile

SEED = Path(__file__).parents[2] / "seeds" / "000_1217f8f2cf5bd169.txt"
RUNS = 3
BATCHES = (1, 32)


def seconds(tasks: dict[str, Callable[[], object]], runs: int = RUNS) -> pd.DataFrame:
    """Seconds of each task (columns) in each of some runs, in turn, after one run of all to warm up."""
    rows = []
    for _ in range(runs + 1):
        row = {}
        for name, task in tasks.items():
            began = time.perf_counter()
            task()
            row[name] = time.perf_counter() - began
        rows.append(row)
    return pd.DataFrame(rows[1:])


def compare(pairs: pd.DataFrame, profile: str | Profile = "bundled", runs: int = RUNS) -> pd.DataFrame:
    """Time the same sentences and hypotheses with `score_stance` and with the pipeline.

    The pipeline gets each sentence once, with all of its hypotheses, as its documentation has it.

    Parameters
    ----------
    pairs
        `text`, `holder`, `target`.

    Returns
    -------
    pandas.DataFrame
        `who`, `pairs` (of sentence and hypothesis), `seconds` (median), `pairs_a_second`, `times_ours` (how
        many times as long as `score_stance` it takes: median over the runs).
    """
    from transformers import AutoModelForSequenceClassification, AutoTokenizer, pipeline

    model = entailment(profile)
    pairs = pairs.drop_duplicates(["text", "holder", "target"])
    claims = {
        text: list(dict.fromkeys(
            hypothesis(side, row.holder, row.target)
            for side in model.settings["hypotheses"] for row in group.itertuples()
        ))
        for text, group in pairs.groupby("text", sort=False)
    }  # fmt: skip
    count = sum(map(len, claims.values()))
    tasks = {"score_stance": lambda: score_stance(pairs, profile)}
    tokenizer, merged = load_classifier(model.checkpoint)
    with tempfile.TemporaryDirectory() as folder:
        tokenizer.save_pretrained(folder)
        merged.save_pretrained(folder)
        classify = pipeline(
            "zero-shot-classification",
            model=AutoModelForSequenceClassification.from_pretrained(folder).eval(),
            tokenizer=AutoTokenizer.from_pretrained(folder),
            device="cpu",
        )
    for batch in BATCHES:

        def run(batch: int = batch) -> None:
            for text, labels in claims.items():
                classify(text, labels, hypothesis_template="{}", multi_label=True, batch_size=batch)

        tasks[f"zero-shot pipeline, batches of {batch}"] = run
    taken = seconds(tasks, runs)
    return pd.DataFrame({
        "who": list(tasks),
        "pairs": count,
        "seconds": taken.median().to_numpy(),
        "pairs_a_second": (count / taken.median()).to_numpy(),
        "times_ours": taken.div(taken["score_stance"], axis=0).median().to_numpy(),
    })  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.stance_speed", description=__doc__)
    parser.add_argument("article", nargs="?", default=str(SEED), help="default: the running example")
    parser.add_argument("--profile", default="bundled", help="bundled, bundled-fast, hub, or a TOML file")
    parser.add_argument("--runs", type=int, default=RUNS, help="timed runs of each, after one to warm up")
    given = parser.parse_args(arguments)
    os.environ[OFF] = "1"  # what is kept from earlier runs would be timed
    import torch

    pairs = detect_stance(read_article(given.article, profile=given.profile))[["text", "holder", "target"]]
    table = compare(pairs, given.profile, given.runs)
    print(f"{torch.get_num_threads()} thread(s), median of {given.runs}")
    print(table.round(2).to_string(index=False))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
