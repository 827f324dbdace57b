"""What sentences say, word by word: who is named, what is counted, and who does what to whom."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from korea_nlp.article import Article

if TYPE_CHECKING:
    from spacy.tokens import Span, Token

_ASSET = Path(__file__).parents[1] / "assets" / "summary.toml"
_CONTENT = {"NOUN", "VERB", "ADJ", "ADV", "PROPN", "NUM"}
_QUOTES = str.maketrans("“”„«»‘’", '"""""\'\'')


class Act(NamedTuple):
    """What is said of one verb. `None` in place of actors: who it is, is not said, or said with a pronoun."""

    agents: frozenset[str] | None
    patients: frozenset[str] | None
    negated: frozenset[bool]


@dataclass(frozen=True)
class Wording:
    """What one or more sentences say."""

    text: str
    words: frozenset[str]  # in lower case, and lemmas
    content: frozenset[str]  # lemmas
    names: frozenset[str]  # in lower case, actors aside
    numbers: frozenset[str]
    actors: dict[str, frozenset[str]]  # the words that each is named with
    negated: bool
    acts: dict[str, Act]  # by the lemma of the verb


@lru_cache(maxsize=1)
def settings() -> dict:
    """Prompt and word lists of ``assets/summary.toml``."""
    return tomllib.loads(_ASSET.read_text(encoding="utf-8"))


def plain(text: str) -> str:
    """The text with straight quotation marks and single spaces."""
    return " ".join(text.translate(_QUOTES).split())


def sentence_span(article: Article, sentence: int) -> Span:
    """The analysed words of a sentence."""
    row = article.sentences.iloc[sentence]
    return article.doc.char_span(row["start"], row["end"], alignment_mode="expand")


def content_words(tokens: Iterable[Token]) -> set[str]:
    """Lemmas of nouns, verbs, adjectives, adverbs, names and numbers, stop words aside."""
    return {
        _lemma(token)
        for token in tokens
        if token.text[0].isalnum() and not token.is_stop and (not token.pos_ or token.pos_ in _CONTENT)
    }


def read_wording(article: Article, mentions: pd.DataFrame, sentences: Iterable[int]) -> Wording:
    """Read some of the sentences of an article, and the actors mentioned in them, as one."""
    places = list(sentences)
    tokens = [token for i in places for token in sentence_span(article, i)]
    rows = mentions[mentions["sentence"].isin(places)]
    at = {i: row.actor for row in rows.itertuples() for i in range(row.start, row.end)}
    spelled: dict[str, set[str]] = {}
    for token in tokens:
        if token.idx in at and token.is_alpha:
            spelled.setdefault(at[token.idx], set()).update({token.lower_, _lemma(token)})
    lists = settings()["claims"]
    negations = set(lists["negations"])
    return Wording(
        text=plain(" ".join(article.sentences["text"].iloc[places])),
        words=frozenset(word for token in tokens for word in (token.lower_, _lemma(token))),
        content=frozenset(content_words(tokens)),
        names=frozenset(token.lower_ for token in tokens if token.idx not in at and _is_name(token)),
        numbers=frozenset(_lemma(token) for token in tokens if token.like_num) - set(lists["vague"]),
        actors={actor: frozenset(words) for actor, words in spelled.items()},
        negated=any(_lemma(token) in negations for token in tokens),
        acts=_acts(tokens, at, negations),
    )


def _lemma(token: Token) -> str:
    word = (token.lemma_ or token.text).lower()
    return settings()["claims"]["numbers"].get(word, word)


def _is_name(token: Token) -> bool:
    """A capital that does not come from the start of a sentence."""
    capital = token.is_alpha and token.text[0].isupper() and not token.is_stop
    return capital and (token.pos_ == "PROPN" or not token.is_sent_start)


def _acts(tokens: list[Token], at: dict[int, str], negations: set[str]) -> dict[str, Act]:
    acts: dict[str, Act] = {}
    for verb in tokens:
        if verb.pos_ != "VERB":
            continue
        beside = [_lemma(child) for child in verb.children if child.dep_ in ("neg", "advmod")]
        doers, done_to = _actors(agents(verb), at), _actors(patients(verb), at)
        act = Act(doers, done_to, frozenset({not negations.isdisjoint(beside)}))
        if known := acts.get(verb.lemma_):
            act = Act(*(None if a is None or b is None else a | b for a, b in zip(known, act, strict=True)))
        acts[verb.lemma_] = act
    return acts


def _actors(heads: list[Token], at: dict[int, str]) -> frozenset[str] | None:
    """The actors in the words up to each head; None if there is no head or only a pronoun."""
    if not heads or any(head.pos_ in ("PRON", "DET") for head in heads):
        return None
    return frozenset(at[word.idx] for head in heads for word in _before(head) if word.idx in at)


def _before(head: Token) -> list[Token]:
    """The words of a noun phrase up to its head, and the heads joined to it with "and"."""
    joined = [noun for noun in head.conjuncts if noun.i > head.i]
    return [word for noun in (head, *joined) for word in noun.subtree if word.i <= noun.i]


def agents(verb: Token) -> list[Token]:
    """Who does it: the subject, or after "by" in the passive.

    A verb without a subject ("by planting mines") has that of the verb that it belongs to.
    """
    passive = [child for child in verb.children if child.dep_ in ("agent", "nsubjpass")]
    if passive:
        return [
            noun for word in passive if word.dep_ == "agent" for noun in word.children if noun.dep_ == "pobj"
        ]
    subjects = [child for child in verb.children if child.dep_ == "nsubj"]
    if subjects or verb.dep_ not in ("conj", "xcomp", "pcomp", "advcl"):
        return _resolved(subjects, verb)
    above = next((token for token in verb.ancestors if token.pos_ == "VERB"), None)
    if above is None or (verb.dep_ == "xcomp" and patients(above)):
        return []
    return agents(above)


def patients(verb: Token) -> list[Token]:
    """Whom or what it is done to: the object, or the subject in the passive."""
    return _resolved([child for child in verb.children if child.dep_ in ("dobj", "nsubjpass")], verb)


def _resolved(nouns: list[Token], verb: Token) -> list[Token]:
    """ "Which" and "who" stand for the noun before them."""
    if nouns and nouns[0].tag_ in ("WDT", "WP") and verb.dep_ == "relcl":
        return [verb.head]
    return nouns
