"""How fast are many articles read, where does the time go, and how much faster is it than plain pipelines?

    python tests/benchmarks/corpus_speed.py data/benchmarks/corpus_speed.csv [--counts 1 10 100 1000]

Articles are made of the sentences in seeds/ and data/articles/, drawn anew for each, with the states in them
exchanged, so that hardly a question to the model occurs twice (column `repeated`). Each row is a process of
its own, with one thread; `start` is what it takes until the first article (imports, loading models), and is
not part of `seconds`. Stages are shares of `seconds`.

The baseline, `pipelines`, is what one would write with the libraries alone on the same checkpoints: spaCy for
sentences and names; for each sentence and ordered pair of names in it the zero-shot-classification pipeline
of transformers with "{holder} supports {target}." and "{holder} opposes {target}.", one call per pair (its
documentation advises against batches on a CPU); the embedding of each sentence, one by one, for an extractive
summary. It gets the cheaper question: only names of persons, places and organisations that stand in the same
sentence are paired, and neither issues, nor voices, events, offsets or files are asked of it. `all_pairs` is
the same with every pair of names of the article put to every sentence. Where other processes share the
machine, `cpu_seconds` says more than `seconds`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from itertools import permutations
from pathlib import Path

STARTED = time.perf_counter()
ROOT = Path(__file__).resolve().parents[2]
STATES = ["North Korea", "South Korea", "Japan", "China", "Russia", "Washington", "Seoul", "Pyongyang", "Moscow"]
LENGTH = 13  # sentences, as in the running example


def articles(count: int) -> list[str]:
    """Articles of sentences drawn with a fixed seed, with states exchanged."""
    pool = []
    for path in [*sorted((ROOT / "seeds").glob("*.txt")), *sorted((ROOT / "data/articles").glob("0*.md"))]:
        body = re.sub(r"\A---\n.*?\n---\n", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        lines = [line for line in body.splitlines() if len(line.split()) > 20 or path.suffix == ".md"]
        pool += [s for line in lines for s in re.split(r"(?<=[.!?][”\"])\s+|(?<=[.!?])\s+(?=[A-Z“\"])", line)]
    pool = [sentence.strip() for sentence in pool if 6 <= len(sentence.split()) <= 60]
    rng, made = random.Random(0), []
    for _ in range(count):
        others = dict(zip(STATES, rng.sample(STATES, len(STATES)), strict=True))
        text = " ".join(rng.sample(pool, LENGTH))
        made.append(re.sub(rf"\b({'|'.join(STATES)})\b", lambda match, to=others: to[match[0]], text))
    return made


def cpu_seconds() -> float:
    """Of this process and of those that it started and that have ended."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in spent)


class Stages:
    """Time spent in functions, less what is spent in others of them."""

    def __init__(self):
        self.seconds: Counter[str] = Counter()
        self.inner = [0.0]

    def timed(self, function: Callable, stage: str) -> Callable:
        def watched(*args, **kwargs):
            began = time.perf_counter()
            self.inner.append(0.0)
            try:
                return function(*args, **kwargs)
            finally:
                spent = time.perf_counter() - began
                self.seconds[stage] += spent - self.inner.pop()
                self.inner[-1] += spent

        return watched


def read_with_korea_nlp(texts: list[str], workers: int) -> dict:
    from korea_nlp import corpus, reader, reading, stance, summary
    from korea_nlp.corpus import batches
    from korea_nlp.corpus.collection import Item, open_collection
    from korea_nlp.models.weights import load_profile

    stages, questions = Stages(), 0
    answer = reader.Reader.stances

    def count(self, passages):
        nonlocal questions
        questions += sum(len(passage.pairs) for passage in passages)
        return answer(self, passages)

    reader.Reader.stances = count
    with tempfile.TemporaryDirectory() as folder:
        settings = batches.Settings(load_profile("bundled"))
        if workers == 1:
            batches.read_batch([Item("warm", texts[0])], settings, batches.fingerprint(settings))
        questions = 0
        for home, name, stage in [
            (batches, "article_from", "parsing"),
            (stance, "read_passages", "entailment"),
            (stance, "antecedents", "pairs"),
            (stance, "find_issues", "pairs"),
            (stance, "find_voices", "voices"),
            (reading, "detect_stances", "stance"),
            (reading, "aggregate_stance", "stance"),
            (reading, "find_voices", "voices"),
            (reading, "find_actors", "actors"),
            (reading, "find_events", "events"),
            (summary, "find_actors", "actors"),
            (summary, "embed", "embedding"),
            (reading, "summarize", "summaries"),
            (batches, "tables_of", "writing"),
            (corpus, "_write_part", "writing"),
            (corpus, "_write_table", "writing"),
        ]:
            setattr(home, name, stages.timed(getattr(home, name), stage))
        source = Path(folder) / "articles.jsonl"
        source.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
        start, began, cpu = time.perf_counter() - STARTED, time.perf_counter(), cpu_seconds()
        done = corpus.read_corpus(open_collection(source), Path(folder) / "out", settings, workers)
        seconds = time.perf_counter() - began
    assert done.errors == 0, done
    return {
        "start": start, "seconds": seconds, "cpu_seconds": cpu_seconds() - cpu, "questions": questions,
        "stages": stages.seconds if workers == 1 else {},
    }  # fmt: skip


def read_with_pipelines(texts: list[str], _: int, everywhere: bool = False) -> dict:
    import numpy as np
    import spacy
    from sentence_transformers import SentenceTransformer

    from korea_nlp.models.weights import load_profile, locate
    from tests.benchmarks.stance_speed import zero_shot

    profile = load_profile("bundled")
    stages, questions = Stages(), 0
    parse = stages.timed(spacy.load(locate(profile.language)), "parsing")
    classify = stages.timed(zero_shot(profile), "entailment")
    embed = stages.timed(SentenceTransformer(locate(profile.embedding), device="cpu").encode, "embedding")

    def read(text: str) -> None:
        nonlocal questions
        doc = parse(text)
        kinds = ("PERSON", "ORG", "GPE", "NORP")
        vectors = []
        for sentence in doc.sents:
            vectors.append(embed(sentence.text))
            found = (doc if everywhere else sentence).ents
            names = list(dict.fromkeys(name.text for name in found if name.label_ in kinds))
            for holder, target in permutations(names, 2):
                claims = [f"{holder} supports {target}.", f"{holder} opposes {target}."]
                classify(sentence.text, claims, hypothesis_template="{}", multi_label=True)
                questions += 2
        centrality = np.array(vectors) @ np.array(vectors).T
        centrality.sum(axis=1).argsort()[-5:]

    if not everywhere:
        read(texts[0])
    stages.seconds.clear()
    questions = 0
    start, began, cpu = time.perf_counter() - STARTED, time.perf_counter(), cpu_seconds()
    for text in texts:
        read(text)
    return {
        "start": start, "seconds": time.perf_counter() - began, "cpu_seconds": cpu_seconds() - cpu,
        "questions": questions, "stages": stages.seconds,
    }  # fmt: skip


SYSTEMS = {
    "korea_nlp": read_with_korea_nlp,
    "pipelines": read_with_pipelines,
    "all_pairs": partial(read_with_pipelines, everywhere=True),
}


def measure(system: str, count: int, workers: int) -> dict:
    """One row, from this process."""
    import torch

    torch.set_num_threads(1)
    found = SYSTEMS[system](articles(count), workers)
    who = resource.RUSAGE_SELF if workers == 1 else resource.RUSAGE_CHILDREN
    peak = resource.getrusage(who).ru_maxrss  # of the largest process
    stages = Counter({name: round(spent / found["seconds"], 3) for name, spent in found["stages"].items()})
    if stages:
        stages["rest"] = round(1 - stages.total(), 3)
    return {
        "system": system,
        "articles": count,
        "workers": workers,
        "start": round(found["start"], 1),
        "seconds": round(found["seconds"], 2),
        "cpu_seconds": round(found["cpu_seconds"], 2),
        "seconds_per_article": round(found["seconds"] / count, 3),
        "articles_per_minute": round(60 * count / found["seconds"], 1),
        "peak_memory_mb": round(peak / (2**20 if sys.platform == "darwin" else 2**10)),
        "questions": found["questions"],
        "repeated": 0,
        "stages": " ".join(f"{name}={share}" for name, share in stages.most_common()),
    }


def machine() -> str:
    import torch

    cpuinfo = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*: (.*)", cpuinfo.read_text()) if cpuinfo.exists() else None
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "?"
    return (
        f"# {found[1] if found else platform.processor()}, {os.cpu_count()} cores, "
        f"{torch.backends.cpu.get_cpu_capability()}, load {load} at the start; "
        f"{platform.system()}, Python {platform.python_version()}, torch {torch.__version__}"
    )


def main() -> None:
    import pandas as pd

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", nargs="?", type=Path, help="CSV to write")
    parser.add_argument("--counts", type=int, nargs="+", default=[1, 10, 100], help="of articles")
    parser.add_argument("--all-pairs", action="store_true", help="also the slower baseline: minutes")
    parser.add_argument("--workers", type=int, default=1, help="also with so many workers")
    parser.add_argument("--one", nargs=3, metavar=("SYSTEM", "ARTICLES", "WORKERS"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        system, count, workers = chosen.one
        print(json.dumps(measure(system, int(count), int(workers))))
        return
    if chosen.out is None:
        parser.error("name the CSV to write")
    plan = [("pipelines", 1, 1), ("pipelines", 10, 1), *([("all_pairs", 1, 1)] if chosen.all_pairs else [])]
    plan += [("korea_nlp", count, 1) for count in chosen.counts]
    plan += [("korea_nlp", 100, chosen.workers)] if chosen.workers > 1 else []
    quiet = {"OMP_NUM_THREADS": "1", "KOREA_NLP_NO_CACHE": "1", "TOKENIZERS_PARALLELISM": "false"}
    first, rows = machine(), []
    for case in plan:
        command = [sys.executable, __file__, "--one", *map(str, case)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=os.environ | quiet)
        rows.append(json.loads(done.stdout.splitlines()[-1]))
        print(rows[-1], flush=True)
    table = pd.DataFrame(rows)
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    with chosen.out.open("w", encoding="utf-8", newline="") as file:
        file.write(f"{first}\n")
        table.to_csv(file, index=False, lineterminator="\n")
    last = table[table["workers"] == 1].groupby("system").last()
    per_article = last["cpu_seconds"] / last["articles"]
    for name, ratio in (per_article / per_article["korea_nlp"]).drop("korea_nlp").items():
        print(f"{name}: {ratio:.1f} times the processor time per article")


if __name__ == "__main__":
    main()
