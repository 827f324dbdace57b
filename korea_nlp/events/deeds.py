"""Which deed a verb or a noun tells, by the word lists of ``assets/events.toml``."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from spacy.tokens import Token

_ASSET = Path(__file__).parents[1] / "assets" / "events.toml"
_MODIFIERS = ("compound", "amod", "nmod", "conj", "appos", "nummod")


class Deed(NamedTuple):
    """What is done, as one entry of the word lists has it."""

    category: str
    intensity: float
    verb: str  # the words that told it
    objects: frozenset[frozenset[str]] = frozenset()  # it needs one of these among the words of its object
    subjects: frozenset[frozenset[str]] = frozenset()  # or among the words of its subject
    kinds: frozenset[str] = frozenset()  # of actors who do it; empty: any
    mutual: bool = False  # what one does with the other, the other does with the one
    reversed: bool = False  # its subject is to whom it will be done
    directed: bool = False  # only if somebody is named to whom it is done
    clause: str = ""  # which side, cooperation or conflict, the clause under it must tell; empty: any

    @property
    def quad(self) -> str:
        """Verbal or material, cooperation or conflict."""
        return word_lists()["quads"][self.category]


@lru_cache(maxsize=1)
def word_lists() -> dict:
    """The lists of ``assets/events.toml``."""
    return tomllib.loads(_ASSET.read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def _entries() -> tuple[dict[str, list[Deed]], dict[str, list[Deed]]]:
    """The deeds by the first word of their verb, and by the last of their noun."""
    verbs, nouns = defaultdict(list), defaultdict(list)
    for entry in word_lists()["deeds"]:
        same = {name: entry[name] for name in ("mutual", "reversed", "directed", "clause") if name in entry}
        kinds = frozenset(entry.get("kinds", []))
        base = Deed(entry["category"], entry["intensity"], "", kinds=kinds, **same)
        acts = [{"verbs": entry.get("verbs", []), "objects": []}, *entry.get("acts", [])]
        for act in acts:
            needed = {part: _spelled_out(act.get(part, ())) for part in ("objects", "subjects")}
            for verb in act["verbs"]:
                verbs[verb.split()[0]].append(base._replace(verb=verb, **needed))
        for noun in entry.get("nouns", []):
            for words in _spellings(noun):
                nouns[words[-1]].append(base._replace(verb=noun, objects=frozenset({frozenset(words)})))
    return dict(verbs), dict(nouns)


def _spelled_out(words: Iterable[str]) -> frozenset[frozenset[str]]:
    groups = word_lists()["words"]
    spelled = [each for word in words for each in (groups[word[1:]] if word.startswith("@") else [word])]
    return frozenset(frozenset(words) for each in spelled for words in _spellings(each))


def _spellings(words: str) -> list[list[str]]:
    """The words apart; the language model takes "cease-fire" for one word or for two."""
    return [words.split(), words.replace("-", " ").split()][: 1 + ("-" in words)]


@lru_cache(maxsize=1)
def _gerunds() -> dict[str, str]:
    """Base forms of the verbs of the lists by what may be their "-ing" form."""
    forms = {}
    for verb in _entries()[0]:
        stem = verb[:-1] if verb.endswith("e") else verb
        forms |= {f"{stem}ing": verb, f"{stem}{stem[-1]}ing": verb}
    return forms


def base_form(token: Token) -> str:
    """The base form of a verb; of a gerund also where the parser took it for a noun ("planting mines")."""
    if token.pos_ == "VERB":
        return lemma(token)
    if token.lemma_ == "be" and any(
        child.lower_ in word_lists()["telling"]["ready"] for child in token.rights
    ):
        return "be"
    if token.tag_ == "JJ" and any(child.dep_ == "dobj" for child in token.rights):  # "armed Ukraine"
        stem = token.lower_.removesuffix("ed")
        return next((each for each in (stem, f"{stem}e") if each in _entries()[0]), "")
    before_noun = token.dep_ == "compound" and token.head.i > token.i
    gerund = token.tag_ == "NN" and (before_noun or any(child.dep_ == "dobj" for child in token.children))
    return _gerunds().get(token.lower_, "") if gerund else ""


def lemma(token: Token) -> str:
    """The base form of a word, put right where the language model is known to err."""
    return word_lists()["misread"].get(token.lemma_.lower(), token.lemma_.lower())


def words_of(noun: Token) -> frozenset[str]:
    """Base forms of a noun, of what modifies it, and of what follows its "of" or "by"."""
    words, heads = {lemma(noun)}, [noun]
    through = ("of", "by", "in") if noun.pos_ == "NUM" else ("of", "by")  # "$10 million in aid"
    while heads:
        for child in heads.pop().children:
            inner = child.dep_ in ("prep", "agent") and child.lower_ in through
            if child.dep_ in _MODIFIERS or inner or (child.dep_ == "pobj" and child.head.lower_ in through):
                words.add(lemma(child))
                heads.append(child)
    return frozenset(words)


def verb_deeds(base: str, beside: frozenset[str], objects: Mapping[str, list[Token]]) -> list[Deed]:
    """The deeds that a verb can tell, the most particular first.

    Parameters
    ----------
    base
        Base form of the verb.
    beside
        Its particles, prepositions and adverbs.
    objects
        Its objects, and under each preposition what follows it; its plain objects under ``""``, its subject
        under ``"nsubj"``.
    """
    found = []
    for deed in _entries()[0].get(base, ()):
        _, *more = deed.verb.split()
        if not beside.issuperset(more):
            continue
        fit = 0
        if needed := deed.objects or deed.subjects:
            nouns = [*objects.get("", ()), *(noun for word in more for noun in objects.get(word, ()))]
            nouns = nouns if deed.objects else objects.get("nsubj", ())
            fit = max((_fit(needed, noun) for noun in nouns), default=0)
            if not fit:
                continue
        found.append(("together" in more, fit, len(more), deed.clause != "", deed))
    return [deed for *_, deed in sorted(found, key=lambda row: row[:-1], reverse=True)]


def noun_deed(noun: Token) -> Deed | None:
    """The deed that a noun tells if somebody does it; the entry with most words counts."""
    fits = [deed for deed in _entries()[1].get(lemma(noun), ()) if _fit(deed.objects, noun)]
    return max(fits, key=lambda deed: len(deed.verb.split()), default=None)


def _fit(phrases: frozenset[frozenset[str]], noun: Token) -> int:
    """How well a noun fits: by itself better than by its modifiers, and two words better than one."""
    words, own = words_of(noun), lemma(noun)
    if own in word_lists()["persons"]["nouns"]:
        words = frozenset(word for needed in phrases if own in needed for word in needed) & words
    fits = [2 * len(needed) + (own in needed) for needed in phrases if needed <= words]
    return max(fits, default=0)
