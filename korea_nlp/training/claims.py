"""Claims about annotated articles, true and false, and the texts that they are checked against in training."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from korea_nlp.training.news import WORDS, NewsArticle, Sentence, is_named

BINS = 5
_CLAIM = re.compile(r"(?P<label>[+-]) (?P<kind>\w+) \| (?P<places>\d+(?:, ?\d+)*) \| (?P<claim>.+)")
_SAYING = re.compile(
    r"(?P<who>.{3,80}?) (?:said|says|warned|claimed|argued|insisted|charged|acknowledged|announced|told \w+)"
    r"(?: on \w+day)?(?: that)? (?P<what>(?!to |in |at |on |of |it would)[^\"“”]{30,}\.)"
)
_NUMBER = re.compile(rf"\b(?:\d+|{'|'.join(WORDS['numbers'])})\b")


@dataclass(frozen=True)
class Claim:
    """A claim about an article: `places` are the sentences, from 0, that decide whether it is true."""

    article: str
    true: bool
    kind: str
    places: tuple[int, ...]
    claim: str


def read_claims(file: Path) -> Iterator[Claim]:
    """The claims of a file.

    Raises
    ------
    ValueError
        A line is no claim.
    """
    for block in file.read_text(encoding="utf-8").strip().split("\n\n"):
        head, *lines = block.splitlines()
        for line in lines:
            if not (found := _CLAIM.fullmatch(line)):
                raise ValueError(f"{file.name}: no claim: {line!r}")
            places = tuple(int(place) - 1 for place in found["places"].split(","))
            yield Claim(head.removeprefix("# "), found["label"] == "+", found["kind"], places, found["claim"])


def claim_files(folder: Path) -> list[Path]:
    """The files of a folder that claims are learnt from: all but ``held_out.txt``."""
    return sorted(file for file in folder.glob("*.txt") if file.name != "held_out.txt")


def novelty(claim: str, premise: str) -> float:
    """Share of a claim's longer words whose beginnings the premise lacks."""
    new, known = ({word[:5] for word in re.findall(r"\w+", text.lower()) if len(word) > 3} for text in (claim, premise))
    return len(new - known) / max(len(new), 1)


def balanced(
    claims: list[Claim], articles: dict[str, NewsArticle], nearest: dict[Claim, list[int]], rng: random.Random
) -> Iterator[tuple[str, str, bool]]:
    """(text, claim, whether the one supports the other) again and again.

    As many true as false ones among the claims with as many new words. Written claims alternate with an article's own
    sentences, as they are or altered in one respect.
    """
    shares = [novelty(c.claim, articles[c.article].passage(c.places)) for c in claims]
    limits = sorted(shares)[:: -(-len(shares) // BINS)][1:]
    groups: dict[tuple, list[Claim]] = {}
    for claim, share in zip(claims, shares, strict=True):
        groups.setdefault((sum(share >= limit for limit in limits), claim.true), []).append(claim)
    names = sorted({c.article for c in claims})
    both = [place for place, true in groups if true and (place, False) in groups]
    while True:
        for _ in range(3):
            chosen = rng.choice(groups[rng.choice(both), rng.random() < 0.5])
            yield posed(chosen, articles[chosen.article], nearest[chosen], rng)
        article = articles[rng.choice(names)]
        yield made(article.sentences[rng.randrange(len(article.sentences))], rng)


def posed(claim: Claim, article: NewsArticle, nearest: list[int], rng: random.Random) -> tuple[str, str, bool]:
    """A claim beside its evidence, or beside more or less of the article."""
    places, true, draw = set(claim.places), claim.true, rng.random()
    others = [i for i in nearest if i not in places]
    if draw < 0.3 and others:
        places.add(rng.choice(others))
    elif draw < 0.4:
        places |= {i + step for i in places for step in (-1, 1) if 0 <= i + step < len(article.sentences)}
    elif draw < 0.5 and others and claim.kind != "generalisation":
        places, true = set(others), False
    elif draw < 0.65 and claim.kind == "fusion" and len(places) > 1:
        places, true = {rng.choice(sorted(places))}, False
    return article.passage(sorted(places)), claim.claim, true


def made(sentence: Sentence, rng: random.Random) -> tuple[str, str, bool]:
    """A sentence as a claim about itself: as it is, or with two names exchanged, a number or the speaker gone."""
    text = sentence.text
    named = [m for m in sorted(sentence.mentions) if m[2][0] != "#" and is_named(text[m[0] : m[1]])]
    pairs = [(a, b) for a in named for b in named if a[1] <= b[0] and a[2] != b[2]]
    altered = []
    if pairs:
        (s1, e1, _), (s2, e2, _) = rng.choice(pairs)
        swapped = text[:s1] + text[s2:e2] + text[e1:s2] + text[s1:e1] + text[e2:]
        altered.append(swapped[:1].upper() + swapped[1:])
    if numbers := list(_NUMBER.finditer(text)):
        at = rng.choice(numbers)
        other = str(int(at[0]) + rng.randint(1, 9)) if at[0].isdigit() else rng.choice(WORDS["numbers"])
        if other != at[0]:
            altered.append(text[: at.start()] + other + text[at.end() :])
    if said := _SAYING.fullmatch(text):
        altered.append(said["what"][:1].upper() + said["what"][1:])
    return (text, rng.choice(altered), False) if altered and rng.random() < 0.6 else (text, text, True)
