"""Time an article's pairs beside a zero-shot pipeline: ``python -m tests.benchmarks.stance_speed``."""

from __future__ import annotations

import argparse
import os
from functools import partial
from pathlib import Path

import pandas as pd

from korea_nlp import detect_stance, read_article
from korea_nlp.article import Article
from korea_nlp.models.cache import OFF
from korea_nlp.models.weights import Profile, load_profile, locate

from .stance import timed

SEED = Path(__file__).parents[2] / "seeds" / "000_1217f8f2cf5bd169.txt"
OURS = "detect_stance"
RUNS = 3
BATCHES = (1, 32)


def zero_shot(profile: str | Profile):
    """The zero-shot pipeline on the base model of a profile's reader; its head is random, which costs the same."""
    from transformers import AutoModelForSequenceClassification, AutoTokenizer, pipeline

    base = locate(load_profile(profile).entailment)
    labels = dict(enumerate(["entailment", "neutral", "contradiction"]))
    model = AutoModelForSequenceClassification.from_pretrained(
        base, num_labels=3, id2label=labels, label2id={name: n for n, name in labels.items()}
    )
    return pipeline(
        "zero-shot-classification", model=model.eval(), tokenizer=AutoTokenizer.from_pretrained(base), device="cpu"
    )


def compare(article: Article, runs: int = RUNS) -> pd.DataFrame:
    """Time an article's stances with `detect_stance`, and the same pairs with the pipeline.

    The pipeline gets each sentence once, with two hypotheses for each of its pairs, as its documentation has
    it. Of `detect_stance` all is timed: mentions, references and voices as well.

    Returns
    -------
    pandas.DataFrame
        `who`, `pairs`, `seconds` (median), `pairs_a_second`, `times_ours` (how many times as long as
        `detect_stance` it takes: median over the runs).
    """
    claims = {
        text: list(
            dict.fromkeys(
                f"{row.holder} {verb} {row.target}." for row in group.itertuples() for verb in ("supports", "opposes")
            )
        )
        for text, group in detect_stance(article).groupby("text", sort=False)
    }
    count = sum(map(len, claims.values()))
    classify = zero_shot(article.profile)

    def ask(batch: int) -> None:
        for text, labels in claims.items():
            classify(text, labels, hypothesis_template="{}", multi_label=True, batch_size=batch)

    tasks = {OURS: partial(detect_stance, article)}
    tasks |= {f"zero-shot pipeline, batches of {batch}": partial(ask, batch) for batch in BATCHES}
    rows = [{name: timed(task)[1] for name, task in tasks.items()} for _ in range(runs + 1)]
    taken = pd.DataFrame(rows[1:])  # the first is to warm up
    return pd.DataFrame({
        "who": list(tasks),
        "pairs": count,
        "seconds": taken.median().to_numpy(),
        "pairs_a_second": (count / taken.median()).to_numpy(),
        "times_ours": taken.div(taken[OURS], axis=0).median().to_numpy(),
    })  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.stance_speed", description=__doc__)
    parser.add_argument("article", nargs="?", default=str(SEED), help="default: the running example")
    parser.add_argument("--profile", default="bundled", help="bundled, bundled-fast, or a TOML file")
    parser.add_argument("--runs", type=int, default=RUNS, help="timed runs of each, after one to warm up")
    given = parser.parse_args(arguments)
    os.environ[OFF] = "1"  # what is kept from earlier runs would be timed
    import torch

    table = compare(read_article(given.article, profile=given.profile), given.runs)
    print(f"{torch.get_num_threads()} thread(s), median of {given.runs}")
    print(table.round(2).to_string(index=False))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
