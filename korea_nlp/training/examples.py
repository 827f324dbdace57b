"""What the reader learns from: passages and sentence pairs with their labels, from public sets and annotated news."""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from korea_nlp.reader import AUTHOR, SENTENCE, Passage
from korea_nlp.stance import LABELS, proposition_of
from korea_nlp.training.evaluation import DIRECTED, NLI
from korea_nlp.training.news import PARTS, NewsArticle, in_view, is_named, labelled_pairs, read_news

EVERY = 12
"""One row in so many is kept out of the training, to calibrate on."""
PASSAGES = {"news": 17, "pairs": 18, "directed": 4, "target": 2, "opinion": 1}
PAIRS = {"nli": 6, "claims": 3, "propositions": 16}
"""How many of each source are in a step."""
UNSEEN, MISTAKEN = 0.2, 0.06
"""How many expressions that name nobody are left out of a passage, and how many are taken for somebody else's."""
DIRECTIONS = dict(zip(DIRECTED, [(2, 2), (0, 2), (2, 0), (1, 2), (2, 1)], strict=True))
"""What p thinks of q, and q of p, as places in `LABELS`."""
_BRACKETS = re.compile(r"\[(.*?)\]")
OPINION = re.compile(r"(?P<holder>.+?) (?P<verb>liked|did not like) (?P<target>the \w+) ?\.")


@dataclass
class Labelled:
    """A passage, where it comes from, and the labels of its pairs as places in `LABELS`."""

    passage: Passage
    source: str
    labels: list[int] = field(default_factory=list)


def read_rows(file: Path) -> list[dict]:
    """Rows of a gzipped file of one JSON object per line."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def split_rows(rows: list) -> tuple[list, list]:
    """Rows to learn from, and those kept out."""
    return [row for n, row in enumerate(rows) if n % EVERY], rows[::EVERY]


def directed(row: dict) -> Labelled:
    """Both directions between two names of a news sentence (Park et al. 2021)."""
    one, other = _BRACKETS.finditer(row["text"])
    text = _BRACKETS.sub(r"\1", row["text"])
    spans = [(one.start(), one.end() - 2), (other.start() - 2, other.end() - 4)]
    if one[1].strip() != row["p"].strip('" '):
        spans.reverse()
    mentions = [(*span, side) for side, span in enumerate(spans)]
    return Labelled(Passage("", text, mentions, [(0, 1), (1, 0)]), "directed", list(DIRECTIONS[row["label"]]))


def target(row: dict) -> Labelled:
    """A sentence's polarity toward a name in it (NewsMTSC)."""
    passage = Passage("", row["text"], [(row["start"], row["end"], 0)], [(SENTENCE, 0)])
    return Labelled(passage, "target", [LABELS.index(row["label"])])


def opinion(row: dict) -> Labelled | None:
    """What a quoted person thinks of a thing (DNC); None where the sentence lacks one of the two."""
    said = OPINION.fullmatch(row["hypothesis"].strip())
    if not said:
        return None
    text, mentions = row["premise"], []
    for number, name in enumerate((said["holder"], said["target"])):
        found = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE)
        if not found:
            return None
        mentions.append((*found.span(), number))
    favors = (said["verb"] == "liked") == (row["label"] == "entailment")
    return Labelled(Passage("", text, mentions, [(0, 1), (1, 0)]), "opinion", [0 if favors else 1, 2])


def all_news(articles: Iterable[NewsArticle], source: str = "news") -> list[Labelled]:
    """`news` of all sentences of some articles."""
    return [news(article, place, source) for article in articles for place in range(len(article.sentences))]


def news(article: NewsArticle, place: int, source: str = "news") -> Labelled:
    """The stances of a sentence of an article: every ordered pair that is marked in it."""
    sentence = article.sentences[place]
    context, text, marked = in_view(article.sentences, place)
    numbers: dict[str, int] = {}
    for *_, actor in sorted(marked, key=lambda m: (m[0] < 0, m[0])):
        numbers.setdefault(actor, len(numbers))
    mentions = [(start, end, numbers[actor]) for start, end, actor in marked]
    pairs, labels = [], []
    for holder, goal, label in labelled_pairs(sentence):
        pairs.append((AUTHOR if holder == "author" else numbers[holder], numbers[goal]))
        labels.append(LABELS.index(label))
    return Labelled(Passage(context, text, mentions, pairs, spoken=sentence.spoken), source, labels)


def seesaw(row: dict) -> Labelled | None:
    """The pairs of actors that a sentence of the SEESAW set names; None where it names no pair."""
    context = row["context"] + " " if row["context"] and not row["context"].endswith(" ") else row["context"]
    mentions = [(start, end, n) for n, spans in enumerate(row["actors"]) for start, end in spans]
    here = {n for start, _, n in mentions if start >= 0}
    pairs = {(h, t): LABELS.index(label) for h, t, label in row["pairs"] if h in here and t in here}
    return Labelled(Passage(context, row["text"], mentions, [*pairs]), "seesaw", [*pairs.values()]) if pairs else None


def read_data(data: Path, articles: Path) -> tuple[dict[str, list], dict[str, list]]:
    """What to learn from, and what is kept out of it to calibrate on, by source.

    Parameters
    ----------
    data
        Folder of the public sets (``*_train.jsonl.gz``).
    articles
        Folder of annotated news.

    Returns
    -------
    tuple of dict
        Lists of `Labelled` under directed, target, opinion, news and, nothing kept out, pairs; lists of (premise,
        hypothesis, label) under nli, claims and propositions.
    """
    files = {
        "directed": ("directed_train", directed),
        "target": ("target_train", target),
        "opinion": ("reported_opinion_train", opinion),
        "nli": ("nli_train", lambda row: (row["premise"], row["hypothesis"], NLI.index(row["label"]))),
        "claims": ("claims_train", lambda row: (row["text"], row["target"], LABELS.index(row["label"]))),
    }
    kept: dict[str, list] = {}
    held: dict[str, list] = {}
    for source, (file, make) in files.items():
        for found, rows in zip((kept, held), split_rows(read_rows(data / f"{file}.jsonl.gz")), strict=True):
            found[source] = [made for row in rows if (made := make(row)) is not None]
    kept["propositions"], held["propositions"] = read_propositions(articles / "propositions.jsonl")
    everything = read_news(articles)
    kept["news"] = all_news([article for article in everything if article.part == "train"])
    held["news"] = all_news([article for article in everything if article.part == "tune"])
    kept["pairs"] = all_news([*read_news(articles / "pairs"), *read_news(articles / "wordings")], "pairs")
    return kept, held


def read_propositions(file: Path) -> tuple[list[tuple], list[tuple]]:
    """(text, proposition with its holder, label): those to learn from, and those of the texts to calibrate on."""
    parts: tuple[list, list] = [], []
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else []:
        row = json.loads(line)
        asked = (row["text"], proposition_of(row["holder"], row["proposition"]), LABELS.index(row["stance"]))
        parts[row["id"][-2] in PARTS].append(asked)
    return parts


def varied(item: Labelled, rng: random.Random, names: list[str]) -> Labelled:
    """An example as it is seen once: less of the context, other names, some mentions or names unseen."""
    passage = item.passage
    if item.source == "directed" and rng.random() < 0.3:
        return replace(item, passage=_renamed(passage, rng.sample(names, 2)))
    if passage.context and rng.random() < 0.3:
        cut = rng.choice([m.end() for m in re.finditer(r"[.!?”\"] ", passage.context)] or [0])
        passage = replace(
            passage, context=passage.context[cut:],
            mentions=[m for m in passage.mentions if m[0] >= cut - len(passage.context)],
        )  # fmt: skip
    whole, shift = passage.context + passage.text, len(passage.context)
    mentions = []
    for start, end, actor in passage.mentions:
        words = whole[start + shift : end + shift]
        if item.source in {"news", "pairs"} and not is_named(words):
            if rng.random() < UNSEEN:
                continue
            if rng.random() < MISTAKEN:
                actor = rng.choice(passage.mentions)[2]
        if " " in words and rng.random() < 0.3:
            core = [m for m in re.finditer(r"[\w.\-]+", words) if is_named(m[0])]
            if core:
                start, end = start + core[0].start(), start + core[-1].end()
        mentions.append((start, end, actor))
    present = {actor for start, _, actor in mentions if start >= 0}
    used = [n for n, (h, t) in enumerate(passage.pairs) if (h < 0 or h in present) and t in present]
    hidden = frozenset(actor for actor in present if rng.random() < (0.1 if item.source != "opinion" else 0))
    passage = replace(passage, mentions=mentions, pairs=[passage.pairs[n] for n in used], hidden=hidden)
    return replace(item, passage=passage, labels=[item.labels[n] for n in used])


def _renamed(passage: Passage, names: list[str]) -> Passage:
    """The same sentence about two other names, so that nobody's reputation is learnt."""
    text, mentions = passage.text, list(passage.mentions)
    for n in sorted(range(len(mentions)), key=lambda n: -mentions[n][0]):
        start, end, actor = mentions[n]
        text = text[:start] + names[actor] + text[end:]
        grown = len(names[actor]) - (end - start)
        mentions = [(s + grown * (s > start), e + grown * (s > start), k) for s, e, k in mentions]
        mentions[n] = (start, start + len(names[actor]), actor)
    return replace(passage, text=text, mentions=mentions)


def steps_of(
    kept: dict[str, list], rng: random.Random, size: int = 1
) -> Iterator[tuple[list[Labelled], list[tuple[str, str, int, int]]]]:
    """What each step learns from, without end: passages as `varied`, and pairs of texts; `size` times as many of each.

    Pairs are (one, other, label, task): 0 for entailment, 1 for what the one thinks of the other. Some of the
    claims have a proposition of another text, of which theirs says nothing.
    """
    names = sorted({item.passage.text[s:e] for item in kept["directed"] for s, e, _ in item.passage.mentions})
    streams = {source: _endless(examples, rng) for source, examples in kept.items() if examples}
    while True:
        passages = [
            varied(next(streams[source]), rng, names)
            for source, count in PASSAGES.items() if source in streams for _ in range(size * count)
        ]  # fmt: skip
        pairs = [(*next(streams["nli"]), 0) for _ in range(size * PAIRS["nli"])]
        for _ in range(size * PAIRS["claims"]):
            text, proposition, label = next(streams["claims"])
            if rng.random() < 0.2:
                proposition, label = rng.choice(kept["claims"])[1], 2
            pairs.append((text, proposition, label, 1))
        if "propositions" in streams:
            pairs += [(*next(streams["propositions"]), 1) for _ in range(size * PAIRS["propositions"])]
        yield passages, pairs


def _endless(examples: list, rng: random.Random) -> Iterator:
    """The examples again and again, each time in another order."""
    while True:
        yield from rng.sample(examples, len(examples))
