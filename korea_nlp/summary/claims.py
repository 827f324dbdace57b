"""Is a claim in the article? By entailment, and by what entailment at this size overlooks.

A small entailment model is easily led by shared words. So its probability is lowered by a plain reading of
the words: how many of the claim's the evidence has, and whether names, numbers, quotations, negations and
who does what agree.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from korea_nlp.actors import find_actors
from korea_nlp.article import Article, parse_article
from korea_nlp.models import embed, entail
from korea_nlp.summary.wording import Wording, plain, read_wording

THRESHOLD = 0.5
CONFLICT_CAP = 0.25
NEAREST = 4
SECOND = 0.05  # what a second sentence has to add
COLUMNS = ["claim", "support", "supported", "evidence", "evidence_text", "entailment", "novelty", "problem"]
_QUOTED = re.compile(r'"([^"]+)"')


def support(claims: list[str], article: Article) -> pd.DataFrame:
    """How far the article supports each claim.

    A claim is scored against the four article sentences nearest to it, and against the best two of them
    together. Against each of these, its score is the probability of entailment times 1 - `novelty`, and at
    most 0.25 if there is a `problem`; `support` is the best score (two sentences count only where they score
    0.05 more than one). A claim that is word for word a sentence of the article has support 1.

    Returns
    -------
    DataFrame
        One row per claim: `claim`; `support` (0 to 1); `supported` (`support` of 0.5 or more);
        `evidence` (indices of article sentences, best first, never empty); `evidence_text` (the one or two
        sentences that `support` rests on); `entailment` (0 to 1); `novelty` (the share of the claim's
        content words that the evidence lacks, 0 to 1); `problem` (what the evidence contradicts or lacks:
        ``name``, ``number``, ``quotation``, ``negation``, ``role``; or empty).

    Raises
    ------
    ValueError
        If a claim is empty.
    """
    claims = list(claims)
    if not all(claim.strip() for claim in claims):
        raise ValueError("a claim is empty; pass sentences")
    if not claims:
        return pd.DataFrame(columns=COLUMNS)
    texts = list(article.sentences["text"])
    near = embed(claims, article.profile) @ embed(texts, article.profile).T
    nearest = [[int(i) for i in np.argsort(-row, kind="stable")[:NEAREST]] for row in near]
    asked = [(n, (i,)) for n, found in enumerate(nearest) for i in found]
    heard = [_read_claim(claim, article) for claim in claims]
    scores = _score(asked, claims, heard, article)
    pairs = []
    for n, found in enumerate(nearest):
        best = sorted(found, key=lambda i: (-scores[n, (i,)][0], -near[n, i], i))[:2]
        if len(best) == 2:
            pairs.append((n, tuple(sorted(best))))
    scores |= _score(pairs, claims, heard, article)
    places: dict[int, list[tuple[int, ...]]] = {}
    for n, place in scores:
        places.setdefault(n, []).append(place)
    same = {plain(text): i for i, text in reversed(list(enumerate(texts)))}
    rows = []
    for n, claim in enumerate(claims):
        if (i := same.get(plain(claim))) is not None:
            rows.append((claim, 1.0, True, [i], texts[i], 1.0, 0.0, ""))
            continue
        place = max(places[n], key=lambda p: scores[n, p][0] - SECOND * len(p))
        alone = {p[0]: scores[n, p][0] for p in places[n] if len(p) == 1}
        others = [i for i, score in alone.items() if i not in place and score >= THRESHOLD]
        evidence = [*sorted(place, key=lambda i: -alone[i]), *sorted(others, key=lambda i: -alone[i])]
        score, text = scores[n, place], " ".join(texts[i] for i in place)
        rows.append((claim, score[0], score[0] >= THRESHOLD, evidence, text, *score[1:]))
    return pd.DataFrame(rows, columns=COLUMNS)


def _read_claim(claim: str, article: Article) -> Wording:
    read = parse_article(claim, profile=article.profile)
    return read_wording(read, find_actors(read), read.sentences["sentence"])


def _problem(claim: Wording, evidence: Wording) -> str:
    """The first thing that the claim says and the evidence does not."""
    strangers = [words for actor, words in claim.actors.items() if actor not in evidence.actors]
    if not claim.names.union(*strangers) <= evidence.words:
        return "name"
    if not claim.numbers <= evidence.words:
        return "number"
    said = evidence.text.lower()
    if any(quote.strip(" ,.").lower() not in said for quote in _QUOTED.findall(claim.text)):
        return "quotation"
    shared = [(act, evidence.acts[verb]) for verb, act in claim.acts.items() if verb in evidence.acts]
    if claim.negated > evidence.negated or any(not act.negated & known.negated for act, known in shared):
        return "negation"
    roles = [pair for act, known in shared for pair in ((act[0], known[0]), (act[1], known[1]))]
    if any(actors and known is not None and not actors & known for actors, known in roles):
        return "role"
    return ""


def _novelty(claim: Wording, evidence: Wording) -> float:
    known = {w for actor, words in claim.actors.items() if actor in evidence.actors for w in words}
    new = [word for word in claim.content - evidence.words - known if not _is_related(word, evidence.content)]
    return len(new) / len(claim.content) if claim.content else 0.0


def _is_related(word: str, others: frozenset[str]) -> bool:
    """Whether one of the others, less a final e or y, begins it, or it one of them: isolation, isolate."""
    pairs = (sorted((word, other), key=len) for other in others)
    return any(len(stem := short.rstrip("ey")) >= 4 and long.startswith(stem) for short, long in pairs)


def _score(asked: list, claims: list[str], heard: list[Wording], article: Article) -> dict:
    """(support, entailment, novelty, problem) by (claim, places)."""
    if not asked:
        return {}
    texts = list(article.sentences["text"])
    premises = [" ".join(texts[i] for i in place) for _, place in asked]
    entailed = entail(premises, [claims[n] for n, _ in asked], article.profile)[:, 0]
    mentions = find_actors(article)
    said = {place: read_wording(article, mentions, place) for _, place in asked}
    scores = {}
    for (n, place), probability in zip(asked, entailed, strict=True):
        novelty, problem = _novelty(heard[n], said[place]), _problem(heard[n], said[place])
        probability = float(np.clip(probability, 0, 1))
        bound = min(probability * (1 - novelty), CONFLICT_CAP if problem else 1.0)
        scores[n, place] = (bound, probability, novelty, problem)
    return scores
