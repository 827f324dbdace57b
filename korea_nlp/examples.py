"""Training examples for the stance checkpoint, from public data sets and from templates.

Every labelled row becomes one or more (premise, hypothesis, label) triples of natural language
inference, so that one small cross-encoder learns stance between actors, stance of the writer, and
plain entailment together.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from korea_nlp.evaluation import opinion_pairs, read_rows
from korea_nlp.stance.pairs import AUTHOR, hypothesis, mark
from korea_nlp.weights import ASSETS

ENTAILMENT, NEUTRAL, CONTRADICTION = 0, 1, 2
NLI_LABELS = {"entailment": ENTAILMENT, "neutral": NEUTRAL, "contradiction": CONTRADICTION}
FILES = {
    "directed": "directed_train",
    "target": "target_train",
    "claims": "claims_train",
    "opinion": "reported_opinion_train",
    "nli": "nli_train",
}


UNKNOWN = -1
"""The label of what only a teacher answers."""


class Example(NamedTuple):
    """One training triple and the data set that it comes from."""

    premise: str
    hypothesis: str
    label: int
    source: str


def stance_example(text: str, holder: str, target: str, stance: str, source: str) -> Example:
    """Ask whether the holder supports the target: entailed, contradicted, or left open.

    Only the pro hypothesis is asked. With both, the model has to learn the exclusive-or of the
    sentence's polarity and the hypothesis's before it learns anything else, and hardly starts to.
    """
    label = {"favor": ENTAILMENT, "none": NEUTRAL, "against": CONTRADICTION}[stance]
    return Example(mark(text, holder, target), hypothesis("pro", holder, target), label, source)


def directed_stance(label: str, holder: str) -> str:
    """Stance of ``holder`` (``"p"`` or ``"q"``) toward the other one in a five-way label."""
    if label.startswith(f"{holder} favors"):
        return "favor"
    if label.startswith(f"{holder} opposes"):
        return "against"
    return "none"


def rename(row: dict, names: list[str], rng: random.Random) -> dict:
    """The same sentence about two other names, so that nobody's reputation is learnt."""
    p, q = rng.sample(names, 2)
    text = row["text"].replace(f"[{row['p']}]", f"[{p}]").replace(f"[{row['q']}]", f"[{q}]")
    return row | {"text": text, "p": p, "q": q}


def directed_examples(rows: list[dict], names: list[str], rng: random.Random) -> Iterator[Example]:
    """Both directions of the pairs that hold a stance, one direction of those that do not.

    The rare labels are repeated: `q favors p` and `q opposes p` three times, `p favors q` twice.
    """
    repeats = {"q favors p": 3, "q opposes p": 3, "p favors q": 2}
    for row in rows:
        for _ in range(repeats.get(row["label"], 1)):
            seen = rename(row, names, rng) if rng.random() < 0.3 else row
            ways = [("p", "q"), ("q", "p")]
            if row["label"] == "neutral":
                ways = [rng.choice(ways)]
            for holder, target in ways:
                stance = directed_stance(row["label"], holder)
                if stance == "none" and row["label"] != "neutral" and rng.random() < 0.4:
                    continue
                yield stance_example(seen["text"], seen[holder], seen[target], stance, "directed")


def target_examples(rows: list[dict], rng: random.Random) -> Iterator[Example]:
    """The writer's stance toward a name in the sentence, and none toward one that is not there."""
    for row in rows:
        text, start, end = row["text"], row["start"], row["end"]
        bracketed = f"{text[:start]}[{text[start:end]}]{text[end:]}"
        yield stance_example(bracketed, AUTHOR, text[start:end], row["label"], "target")
        if rng.random() < 0.1:
            other = rng.choice(rows)["target"]
            if other.lower() not in row["text"].lower():
                yield stance_example(row["text"], AUTHOR, other, "none", "target")


def claim_examples(rows: list[dict], rng: random.Random) -> Iterator[Example]:
    """The writer's stance toward a proposition, and none toward somebody else's proposition."""
    for row in rows:
        yield stance_example(row["text"], AUTHOR, row["target"], row["label"], "claims")
        if rng.random() < 0.25:
            other = rng.choice(rows)["target"]
            if other != row["target"]:
                yield stance_example(row["text"], AUTHOR, other, "none", "claims")


def opinion_examples(rows: list[dict]) -> Iterator[Example]:
    """What a quoted person thinks of the thing that the quotation is about."""
    for row in opinion_pairs(rows).itertuples(index=False):
        yield stance_example(row.text, row.holder, row.target, row.stance, "opinion")


def template_examples(count: int, names: list[str], rng: random.Random) -> Iterator[Example]:
    """Sentences whose grammar is turned round, about names or topics drawn at random."""
    file = tomllib.loads((ASSETS / "training_templates.toml").read_text(encoding="utf-8"))
    slots = file["slots"]
    for _ in range(count):
        kind = rng.choice(["actors", "actors", "topics"])
        stance = rng.choice(["favor", "against", "against" if kind == "actors" else "favor", "none"])
        holder, target = rng.sample(slots["countries"] if rng.random() < 0.7 else names, 2)
        if kind == "topics":
            target = rng.choice(slots["topics"])
        h = holder if kind == "topics" else f"[{holder}]"
        drawn = {name: rng.choice(values) for name, values in slots.items()}
        template = rng.choice(file[kind][stance])
        text = template.format(h=h, t=f"[{target}]", **drawn)
        text = drawn["before"] + text + drawn["after"]
        if kind == "topics":
            holder = AUTHOR
        elif rng.random() < 0.35:  # the other direction holds nothing
            holder, target, stance = target, holder, "none"
        yield stance_example(text, holder, target, stance, "templates")


def sentence_examples(count: int, names: list[str], rng: random.Random) -> Iterator[Example]:
    """Sentences about up to three names, asked of any two of them: most pairs hold nothing."""
    file = tomllib.loads((ASSETS / "training_sentences.toml").read_text(encoding="utf-8"))
    slots = tomllib.loads((ASSETS / "training_templates.toml").read_text(encoding="utf-8"))["slots"]
    for _ in range(count):
        sentence = rng.choice(file["sentences"])
        actors = dict(
            zip("hts", rng.sample(slots["countries"] if rng.random() < 0.6 else names, 3), strict=True)
        )
        drawn = {name: rng.choice(values) for name, values in file["slots"].items()}
        here = [side for side in "hts" if f"{{{side}}}" in sentence["text"]]
        ways = [f"{a} {b}" for a in [*here, AUTHOR] for b in here if a != b]
        asked = rng.choice(list(sentence["stances"]) if sentence["stances"] and rng.random() < 0.65 else ways)
        holder, target = (side if side == AUTHOR else actors[side] for side in asked.split())
        bracketed = {s: f"[{name}]" if name in (holder, target) else name for s, name in actors.items()}
        before = rng.choice(slots["before"]) if holder != AUTHOR else ""
        text = before + sentence["text"].format(**bracketed, **drawn) + rng.choice(slots["after"])
        yield stance_example(text, holder, target, sentence["stances"].get(asked, "none"), "sentences")


def unlabelled_examples(data: dict[str, list[dict]], rng: random.Random) -> Iterator[Example]:
    """Questions that nobody has answered, made of the same texts, for a pupil to learn from its teacher.

    What two sentences about the same premise say of each other, or a sentence of what it was read
    out of; what a perspective says of another claim; what a news sentence says of the names in it.
    """
    about: dict[str, list[str]] = {}
    for row in data["nli"]:
        about.setdefault(row["premise"], []).append(row["hypothesis"])
    for premise, said in about.items():
        one, other = rng.choice(said), rng.choice([premise, *said])
        if one != other:
            yield Example(one, other, UNKNOWN, "unlabelled")
    claims = [row["target"] for row in data["claims"]]
    for place, row in enumerate(data["claims"]):
        near = claims[max(place + rng.randrange(-60, 60), 0) % len(claims)]
        yield Example(row["text"], hypothesis("pro", AUTHOR, near), UNKNOWN, "unlabelled")
    for row in data["directed"]:
        target, other = rng.sample([row["p"], row["q"]], 2)
        premise = mark(row["text"].replace(f"[{other}]", other), AUTHOR, target)
        yield Example(premise, hypothesis("pro", AUTHOR, target), UNKNOWN, "unlabelled")


def epoch_examples(
    data: dict[str, list[dict]], epoch: int, epochs: int, seed: int, shares: dict[str, float] | None = None
) -> list[Example]:
    """All examples of one epoch; the plain entailment data are spread over the epochs.

    Of a source that `shares` names only that share is kept, drawn at random; without a share, all of what is
    labelled and nothing of what is not (`unlabelled_examples`).
    """
    rng = random.Random(f"{seed}-{epoch}")
    names = sorted({row[side] for row in data["directed"] for side in "pq"})
    examples = [
        *directed_examples(data["directed"], names, rng),
        *target_examples(data["target"], rng),
        *claim_examples(data["claims"], rng),
        *opinion_examples(rng.sample(data["opinion"], min(1200, len(data["opinion"])))),
        *template_examples(6000, names, rng),
        *sentence_examples(12000, names, rng),
        *(
            Example(row["premise"], row["hypothesis"], NLI_LABELS[row["label"]], "nli")
            for row in data["nli"][epoch::epochs]
        ),
    ]
    shares = {"unlabelled": 0.0} | (shares or {})
    examples += unlabelled_examples(data, rng) if shares["unlabelled"] else []
    examples = [e for e in examples if rng.random() < shares.get(e.source, 1.0)]
    rng.shuffle(examples)
    return examples


def batches(examples: list[Example], size: int, rng: random.Random) -> list[list[Example]]:
    """Batches of similar length in random order (less padding, same data)."""
    pools = [examples[i : i + 40 * size] for i in range(0, len(examples), 40 * size)]
    cut = []
    for pool in pools:
        pool = sorted(pool, key=lambda e: len(e.premise) + len(e.hypothesis))
        cut += [pool[i : i + size] for i in range(0, len(pool), size)]
    rng.shuffle(cut)
    return cut


def split_rows(rows: list[dict], every: int = 12) -> tuple[list[dict], list[dict]]:
    """Keep every n-th row out of the training, for checkpoint choice and calibration."""
    return [r for i, r in enumerate(rows) if i % every], rows[::every]


def read_data(data_dir: Path) -> tuple[dict[str, list[dict]], dict[str, list[dict]]]:
    """The rows to learn from, and those held out of them, by data set."""
    split = {name: split_rows(read_rows(data_dir / f"{file}.jsonl.gz")) for name, file in FILES.items()}
    return {n: s[0] for n, s in split.items()}, {n: s[1] for n, s in split.items()}
