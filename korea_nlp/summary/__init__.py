"""Summaries of an article whose every sentence shows the evidence that it rests on."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from korea_nlp.actors import find_actors
from korea_nlp.annotation import find_voices
from korea_nlp.article import Article, parse_article
from korea_nlp.models import embed, generate
from korea_nlp.summary.claims import support
from korea_nlp.summary.wording import content_words, sentence_span, settings

__all__ = ["METHODS", "Summary", "central_sentences", "summarize", "support"]

METHODS = ("lead", "extractive", "abstractive")
COLUMNS = ["position", "text", "support", "supported", "origin", "evidence", "evidence_text"]
CANDIDATES = 4
LONGEST = 150  # words; a longer sentence is not rewritten
MOST_NEW = 0.15  # share of content words that a rewriting may bring in
REDUNDANCY = 0.5  # weight of likeness to what is chosen already, against centrality
VAGUE = 0.5  # how much a sentence without an actor or a number counts
OPENING = 1.2  # how much the first sentence counts: news puts its point there
QUOTATION = 1.1  # how much a sentence with a quotation counts


@dataclass(frozen=True)
class Summary:
    """A summary.

    Attributes
    ----------
    method
        ``lead``, ``extractive`` or ``abstractive``.
    sentences
        One row per sentence, in the order of the article: `position` (0-based), `text`, `support` (0 to 1,
        see the function), `supported` (`support` of 0.5 or more), `origin` (``extracted``: word for word from
        the article, ``written``: by the generator), `evidence` (indices of article sentences, best first),
        `evidence_text` (the one or two sentences that `support` rests on).
    """

    method: str
    sentences: pd.DataFrame = field(repr=False, compare=False)

    @property
    def text(self) -> str:
        """The summary as one paragraph."""
        return " ".join(self.sentences["text"])

    def to_dict(self) -> dict:
        """The summary as plain values, ready for JSON."""
        return {"method": self.method, "text": self.text, "sentences": self.sentences.to_dict("records")}


def summarize(article: Article, sentences: int = 3, method: str = "extractive") -> Summary:
    """Summarize an article in a number of sentences.

    Parameters
    ----------
    sentences
        How many sentences; an article that has fewer is given whole.
    method
        ``lead``: the first sentences, a baseline that is hard to beat on news. ``extractive``: central
        sentences that do not repeat each other. ``abstractive``: the same sentences, each rewritten by the
        generator; the rewriting is taken that has most support and keeps most of the sentence, and the
        sentence itself where none is supported with few new words. A rewriting that gives as a fact what
        the article says that somebody says is not taken.

    Raises
    ------
    ValueError
        If `sentences` is less than 1, or there is no such method.
    """
    if method not in METHODS:
        raise ValueError(f"no summary method {method!r}: valid methods are {', '.join(METHODS)}")
    if sentences < 1:
        raise ValueError(f"a summary has at least 1 sentence, not {sentences}")
    count = min(int(sentences), len(article.sentences))
    chosen = list(range(count)) if method == "lead" else _choose(article, count)
    if method == "abstractive":
        return Summary(method, _rewritten(article, chosen))
    return Summary(method, _table(_extracted(article, i) for i in chosen))


def central_sentences(article: Article) -> pd.DataFrame:
    """How near each sentence is to the rest of the article.

    Degree centrality in the graph of sentence similarities (Erkan and Radev, 2004, "LexRank: Graph-based
    lexical centrality as salience in text summarization", JAIR 22): the mean cosine to the other sentences.

    Returns
    -------
    DataFrame
        One row per sentence: `sentence`, `centrality` (0 to 1), `text`.
    """
    return pd.DataFrame({
        "sentence": article.sentences["sentence"],
        "centrality": _centrality(_similarities(article)),
        "text": article.sentences["text"],
    })  # fmt: skip


def _similarities(article: Article) -> np.ndarray:
    vectors = embed(list(article.sentences["text"]), article.profile).astype(float)
    return vectors @ vectors.T


def _centrality(similarities: np.ndarray) -> np.ndarray:
    others = len(similarities) - 1
    if not others:
        return np.ones(1)
    return np.clip((similarities.sum(axis=1) - similarities.diagonal()) / others, 0, 1)


def _choose(article: Article, count: int) -> list[int]:
    """Central sentences unlike each other: maximal marginal relevance (Carbonell and Goldstein, 1998).

    Conclusions of the writer's own come last.
    """
    similarities = _similarities(article)
    worth = _centrality(similarities) * _weights(article)
    phrases = settings()["selection"]["commentary"]
    late = [any(phrase in text.lower() for phrase in phrases) for text in article.sentences["text"]]
    chosen: list[int] = []
    while len(chosen) < count:
        left = [i for i in range(len(worth)) if i not in chosen]
        likeness = similarities[:, chosen].max(axis=1) if chosen else np.zeros(len(worth))
        gain = (1 - REDUNDANCY) * worth - REDUNDANCY * likeness
        chosen.append(max(left, key=lambda i: (not late[i], round(float(gain[i]), 6), -i)))
    return sorted(chosen)


def _weights(article: Article) -> np.ndarray:
    """Less for a sentence that names nobody and counts nothing; more for the opening and for quoted words."""
    named = set(find_actors(article)["sentence"])
    weights = []
    for row in article.sentences.itertuples():
        particular = row.sentence in named or any(map(str.isdigit, row.text))
        emphasis = OPENING if row.sentence == 0 else QUOTATION if set(row.text) & set('“”"') else 1.0
        weights.append(emphasis * (1.0 if particular else VAGUE))
    return np.array(weights)


def _extracted(article: Article, i: int) -> tuple:
    text = article.sentences["text"].iloc[i]
    return text, 1.0, True, "extracted", [i], text


def _table(rows) -> pd.DataFrame:
    return pd.DataFrame([(n, *row) for n, row in enumerate(rows)], columns=COLUMNS)


def _rewritten(article: Article, chosen: list[int]) -> pd.DataFrame:
    """The best rewriting of each chosen sentence, or the sentence itself."""
    texts, voices = article.sentences["text"], find_voices(article)
    written = [
        (i, text)
        for i in chosen
        for text in _candidates(article, texts.iloc[i])
        if _keeps_speakers(article, voices[voices["sentence"] == i], text)
    ]
    scores = support([text for _, text in written], article)
    scores["source"] = [i for i, _ in written]
    scores["coverage"] = [_coverage(article, i, text) for i, text in written]
    rows = []
    for i in chosen:
        usable = scores[(scores["source"] == i) & scores["supported"].astype(bool)]
        usable = usable[usable["novelty"] <= MOST_NEW]
        usable = usable[~usable["claim"].isin([row[0] for row in rows])]
        if usable.empty:
            rows.append(_extracted(article, i))
            continue
        merit = usable["support"] * usable["coverage"]
        best = usable.loc[merit.astype(float).idxmax()]
        text, score, evidence = best["claim"], float(best["support"]), best["evidence"]
        rows.append((text, score, True, "written", evidence, best["evidence_text"]))
    return _table(rows)


def _candidates(article: Article, source: str) -> list[str]:
    """Rewritings of one sentence that are one whole sentence, shorter, and say something."""
    words = len(source.split())
    if words > LONGEST:
        return []
    prompt = settings()["rewrite"]
    texts = generate(
        source, article.profile, candidates=CANDIDATES, max_new_tokens=min(12 + int(1.6 * words), 96),
        system=prompt["system"],
    )  # fmt: skip
    filler = [phrase for phrase in prompt["filler"] if phrase not in source.lower()]
    kept = []
    for text in texts:
        for short in _shortenings(article, text):
            size = len(short.split())
            if 4 <= size < words and not any(phrase in short.lower() for phrase in filler) and not _we(short):
                kept.append(short)
    return list(dict.fromkeys(kept))


def _keeps_speakers(article: Article, parts: pd.DataFrame, text: str) -> bool:
    """Whether the rewriting of a sentence names everybody whose words it gives as the author's."""
    others = parts[parts["voice"] != "author"]
    if others.empty:
        return True
    read = parse_article(text, profile=article.profile)
    mentions = find_actors(read)
    voices = find_voices(read, mentions)
    own = _words_of(read, voices[voices["voice"] == "author"])
    left_out = _words_of(article, others[~others["speaker"].isin(mentions["actor"])])
    return own.isdisjoint(left_out - _words_of(article, parts[parts["voice"] == "author"]))


def _words_of(article: Article, parts: pd.DataFrame) -> set[str]:
    spans = [
        article.doc.char_span(*at, alignment_mode="expand")
        for at in zip(parts["start"], parts["end"], strict=True)
    ]
    return {word for span in spans for word in content_words(span)}


def _we(text: str) -> bool:
    """Whether it speaks as someone who was quoted, without the quotation marks."""
    own = re.sub('[“"][^”"]*[”"]', "", text).lower()
    return not set(settings()["rewrite"]["first_person"]).isdisjoint(re.findall(r"\w+", own))


def _shortenings(article: Article, text: str) -> list[str]:
    """The first sentence of a text if it is whole, and each clause that ends with one of its commas."""
    text = " ".join(text.split())
    if not text:
        return []
    read = parse_article(text, profile=article.profile)
    first = read.sentences["text"].iloc[0]
    found = [first] if first.rstrip("\"'”’)").endswith((".", "!", "?")) else []
    for token in read.doc[1:]:
        before = read.doc[: token.i]
        quotes = sum(word.text in '“”"' for word in before)
        if token.text == "," and token.idx < len(first) and quotes % 2 == 0 and _is_clause(before):
            found.append(before.text.rstrip(" ,.") + ".")
    return found


def _is_clause(span) -> bool:
    """Whether the main verb of the sentence and its subject are in the span."""
    roots = {token for token in span if token.dep_ == "ROOT" and token.pos_ in ("VERB", "AUX")}
    subject = any(token.dep_ in ("nsubj", "nsubjpass") and token.head in roots for token in span)
    return subject and span[-1].pos_ not in ("ADP", "ADV", "AUX", "CCONJ", "DET", "SCONJ")


def _coverage(article: Article, i: int, text: str) -> float:
    """How much of a sentence its rewriting keeps: mean of the words kept and the cosine, 0 to 1."""
    source = content_words(sentence_span(article, i))
    kept = content_words(parse_article(text, profile=article.profile).doc[:])
    recall = len(source & kept) / len(source) if source else 0.0
    one, other = embed([article.sentences["text"].iloc[i], text], article.profile)
    return (recall + max(float(one @ other), 0.0)) / 2
