"""Is a claim in the article?"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd

from korea_nlp.article import Article
from korea_nlp.models import check_claims, embed

THRESHOLD = 0.5
NEAREST = 4
SECOND = 0.05  # what a second sentence has to add
COLUMNS = ["claim", "support", "supported", "evidence", "evidence_text"]
_QUOTES = str.maketrans("“”„«»‘’", '"""""\'\'')


def support(claims: list[str], article: Article) -> pd.DataFrame:
    """How far the article supports each claim.

    A claim is compared with the four article sentences nearest to it, and with every two of them together, by
    `korea_nlp.models.check_claims`; `support` is the best of the ten. Two sentences are named as evidence only where
    they score 0.05 more than one. A claim that is word for word a sentence of the article has support 1.

    Returns
    -------
    DataFrame
        One row per claim: `claim`; `support` (0 to 1); `supported` (`support` of 0.5 or more);
        `evidence` (numbers of article sentences, best first, never empty); `evidence_text` (the one or two
        sentences that `support` rests on).

    Raises
    ------
    ValueError
        If a claim is empty.

    Examples
    --------
    >>> from korea_nlp import parse_article, support
    >>> article = parse_article("Seoul cut its aid to the North in May. Tokyo did not.")
    >>> claims = ["In May, Seoul reduced what it gives the North.", "Tokyo cut its aid."]
    >>> support(claims, article)[["supported", "evidence"]]
       supported evidence
    0       True      [1]
    1      False      [2]
    """
    claims = list(claims)
    if not all(claim.strip() for claim in claims):
        raise ValueError("a claim is empty; pass sentences")
    texts = list(article.sentences["text"])
    near = embed(claims, article.profile) @ embed(texts, article.profile).T
    same = {normalised(text): i for i, text in reversed(list(enumerate(texts)))}
    scores: list[dict[tuple[int, ...], float]] = [
        {(same[text],): 1.0} if (text := normalised(claim)) in same else {} for claim in claims
    ]
    asked = [(n, places) for n, own in enumerate(scores) if not own for places in premises(near[n])]
    given = [" ".join(texts[i] for i in places) for _, places in asked]
    found = check_claims(given, [claims[n] for n, _ in asked], article.profile)
    for (n, places), score in zip(asked, found, strict=True):
        scores[n][places] = float(score)
    rows = []
    for claim, own in zip(claims, scores, strict=True):
        best = max(own, key=lambda places: own[places] - SECOND * len(places))
        alone = sorted((places[0] for places in own if len(places) == 1), key=lambda i: -own[i,])
        evidence = [i for i in alone if i in best] + [i for i in alone if i not in best and own[i,] >= THRESHOLD]
        score = max(own.values())
        rows.append((claim, score, score >= THRESHOLD, [i + 1 for i in evidence], " ".join(texts[i] for i in best)))
    return pd.DataFrame(rows, columns=COLUMNS)


def premises(similarities: np.ndarray) -> list[tuple[int, ...]]:
    """What a claim is compared with: each of the sentences nearest to it, and every two of them."""
    nearest = sorted(int(i) for i in np.argsort(-similarities, kind="stable")[:NEAREST])
    return [(i,) for i in nearest] + list(combinations(nearest, 2))


def normalised(text: str) -> str:
    """The text with straight quotation marks and single spaces."""
    return " ".join(text.translate(_QUOTES).split())
