"""Who did what to whom, where the article says so: verbal or material, cooperation or conflict."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from korea_nlp.actors import find_actors
from korea_nlp.annotation import find_voices
from korea_nlp.article import Article
from korea_nlp.events.deeds import Deed, base_form, lemma, noun_deed, verb_deeds, word_lists, words_of
from korea_nlp.events.earlier import known_for, told_beside
from korea_nlp.events.parties import Parties
from korea_nlp.events.passages import Places, extent
from korea_nlp.events.phrases import conjoined, reached, reciprocal, unique
from korea_nlp.events.rows import pairs, without_repeats
from korea_nlp.events.standpoints import across
from korea_nlp.events.tellings import negated, none, objects_of, outlook, told, told_noun, unreal

if TYPE_CHECKING:
    from spacy.tokens import Token

COLUMNS = [
    "sentence", "start", "end", "text", "actor", "category", "quad", "target", "verb", "intensity", "date",
    "voice", "speaker",
]  # fmt: skip


class _Telling(NamedTuple):
    """A word that tells a deed."""

    word: Token  # the verb or the noun
    verb: Token | None  # the verb that the doers are looked up at
    deed: Deed
    nouns: list[Token]  # what the deed is done to, or the noun that tells it


def find_events(
    article: Article, mentions: pd.DataFrame | None = None, voices: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Find the deeds that an article states as done, being done, or announced.

    A verb, with its object where that decides ("cut ties" is not "cut tariffs"), or a noun with its doer
    ("exercises by the South") tells a deed by the lists of ``assets/events.toml``; the parse says who does
    it and to whom. What is negated, imagined, asked for or only alleged is no event; a refusal is one.

    Parameters
    ----------
    mentions, voices
        What `find_actors` and `find_voices` returned; found anew if left out.

    Returns
    -------
    DataFrame
        One row per event, doer and target, in order of `start`: `sentence`, `start`, `end`, `text` (the
        evidence: the verb with its object), `actor` and `target` (``""`` if the sentence does not say; one of
        the two is there), `category` (of PLOVER), `quad` (verbal or material cooperation or conflict), `verb`
        (the words that told it), `intensity` (-10, conflict, to 10, cooperation: Goldstein 1992, see the
        file), `date` (as written, or ``""``), `voice` and `speaker` of the words (see `find_voices`). What
        two do with each other has a row for each.
    """
    mentions = find_actors(article) if mentions is None else mentions
    voices = find_voices(article, mentions) if voices is None else voices
    parties = Parties(article.doc, mentions, voices)
    rows: list[tuple] = []
    tellings = sorted(_tellings(article, parties), key=lambda telling: telling.word.i)
    words = {telling.word.i for telling in tellings}
    places = Places(article, voices)
    for telling in tellings:
        deed, (doers, targets) = telling.deed, _doers_and_targets(telling, rows, parties)
        start, end = extent(telling.word, telling.verb is None, article.text)
        about = (places.date(telling.word, words), *places.voice(telling.word.idx))
        for actor, target in pairs(deed, doers, targets):
            place = (article.sentence_at(telling.word.idx), start, end, article.text[start:end])
            rows.append((*place, actor, deed.category, deed.quad, target, deed.verb, deed.intensity, *about))
    return without_repeats(pd.DataFrame(rows, columns=COLUMNS))


def _doers_and_targets(telling: _Telling, rows: list[tuple], parties: Parties) -> tuple[list[str], list[str]]:
    deed = telling.deed
    doers = parties.of_verb(telling.verb) if telling.verb is not None else parties.of_noun(telling.word)
    if deed.reversed:
        return [speaker for speaker in [parties.voice(telling.word)] if speaker], doers
    if deed.kinds and doers:
        doers = [doer for doer in doers if parties.kind(doer) in deed.kinds]
        if not doers:
            return [], []
    roles = word_lists()["roles"]
    joint = deed.category in roles["joint"]
    if deed.verb.split()[0] in roles["joining"]:
        doers = unique([*doers, *(name for noun in telling.nouns for name in parties.of_noun(noun))])
    if deed.category == "AID" and not doers:
        return [], []
    if joint and doers:
        doers += [other for other in parties.partners(telling.word, telling.nouns) if other not in doers]
    nouns = [each for noun in telling.nouns for each in (reached(noun) if joint else [noun])]
    targets = parties.targets(telling.word, telling.verb, nouns, doers, bool(deed.objects))
    targets = [target for target in targets if not joint or target not in parties.unlisted]
    if not targets and deed.quad.startswith("verbal"):
        targets = known_for(
            telling.word, telling.nouns, rows, {own for doer in doers for own in parties.own(doer)}
        )
    aside = telling.word.dep_ in ("acl", "relcl")  # "those abducted by the North met the president"
    facing = deed.quad == "verbal conflict" or (deed.category in roles["facing"] and not aside)
    if not targets and doers and facing:
        targets = parties.only_other(telling.word, doers)
    if not targets and deed.quad == "verbal conflict":
        targets = told_beside(telling.word, deed.quad, rows, doers)
    if not targets and deed.subjects:
        targets = [name for name in parties.below(telling.word) if name not in doers]
    if not targets and deed.category in ("MOBILIZE", "PROTEST"):
        others = [across(doer, [*telling.nouns, *objects_of(telling.word)["nsubj"]]) for doer in doers]
        targets = [other for other in others[:1] if other]
    active = telling.verb is not None and deed.quad != "material conflict"
    if not doers and active and any(c.dep_ == "nsubj" for c in telling.verb.children):
        return [], []  # somebody who is no actor does it
    if deed.mutual and deed.objects and not doers and not targets:
        doers = parties.two_states(telling.word)
    return doers, targets


def _tellings(article: Article, parties: Parties) -> Iterator[_Telling]:
    """The words that tell deeds, those of verbs first: a noun that a verb took does not tell it again."""
    taken: set[int] = set()
    tellings = [_of_verb(token, parties, taken) for token in article.doc if base_form(token)]
    yield from (telling for telling in tellings if telling is not None)
    for token in article.doc:
        if token.pos_ == "NOUN" and token.i not in taken and not base_form(token):
            deed = noun_deed(token)
            if (
                deed
                and token.dep_ not in ("compound", "amod")
                and told_noun(token)
                and parties.of_noun(token)
            ):
                yield _Telling(token, None, deed, [token])


def _of_verb(verb: Token, parties: Parties, taken: set[int]) -> _Telling | None:
    if verb.dep_ == "amod":
        return None
    base, objects = base_form(verb), objects_of(verb)
    beside = _beside(verb)
    nouns = [noun for part, each in objects.items() if part != "nsubj" for noun in each]
    kinds = {parties.kind(doer) for doer in parties.of_verb(verb)}
    deeds = [deed for deed in verb_deeds(base, beside, objects) if not (deed.kinds and kinds - deed.kinds)]
    deeds = [deed for deed in deeds if not deed.clause or deed.clause in _sides(verb)]
    if verb.dep_ == "compound":
        deeds = [deed for deed in deeds if deed.objects]  # not "warning shots"
    deed = deeds[0] if deeds else None
    if deed is None or not deed.objects:
        light = {base, *(f"{base} {word}" for word in beside)} & set(word_lists()["telling"]["light"])
        common = [noun for noun in nouns if light and noun.pos_ != "PROPN" and not unreal(noun)]
        named = [(noun, found) for noun in common if (found := noun_deed(noun))]
        if named and not (deed and deed.clause):
            noun, found = named[0]
            deed = found._replace(
                verb=f"{base} {noun.lemma_.lower()}", objects=frozenset({frozenset({noun.lemma_.lower()})})
            )
    if deed is None:
        return None if not negated(verb) else _undone(verb, base, beside, None)
    if reciprocal(nouns):
        deed = deed._replace(mutual=True)
    elif deed.mutual and not deed.objects and any(child.dep_ == "nsubjpass" for child in verb.lefts):
        return None  # "was met with silence"
    if deed.objects:
        own = [noun for noun in nouns if any(needed <= words_of(noun) for needed in deed.objects)]
        taken.update(token.i for noun in own for token in conjoined(noun))
        if own and all(none(noun) for noun in own):
            return None
    if negated(verb):
        return _undone(verb, base, beside, deed)
    lists = word_lists()["undone"]
    if (deed.reversed and not outlook(verb)) or parties.by_author(verb):
        return None
    threat = outlook(verb) and (deed.category in lists["threatened"] or base in lists["threatening"])
    if threat:
        deed = deed._replace(**lists["threat"])
    own = threat and verb.dep_ == "ccomp" and parties.of_verb(verb) == parties.of_verb(verb.head)
    return _Telling(verb, verb, deed, nouns) if own or told(verb) else None


def _beside(verb: Token) -> frozenset[str]:
    """The particles, prepositions and adverbs of a verb."""
    words = [child for child in verb.rights if child.dep_ in ("prt", "prep", "agent")]
    words += [inner for word in words for inner in word.children if inner.dep_ == "prep"]  # "pulled out of"
    words += [child for child in verb.children if child.dep_ == "advmod"]
    words += [inner for word in words for inner in word.children if inner.dep_ == "advmod"]  # "together with"
    return frozenset(word.lower_ for word in words)


def _sides(verb: Token) -> set[str]:
    """What the clause under a verb tells (cooperation, conflict), and whether it is an infinitive."""
    sides = set()
    ready = [child for child in verb.children if child.dep_ == "acomp"]
    for child in (child for head in (verb, *ready) for child in head.children):
        if child.dep_ in ("xcomp", "ccomp") and child.pos_ == "VERB":
            objects = objects_of(child)
            found = verb_deeds(lemma(child), _beside(child), objects)
            sides.update(deed.quad.split()[1] for deed in found[:1])
            nouns = {lemma(noun) for each in objects.values() for noun in each}
            if ({lemma(child)} | nouns) & set(word_lists()["undone"]["hostile"]):
                sides.add("conflict")
            if any(word.dep_ == "aux" and word.lower_ == "to" for word in child.lefts):
                sides.add("infinitive")
    return sides


def _undone(verb: Token, base: str, beside: frozenset[str], deed: Deed | None) -> _Telling | None:
    """What it is not to do something: to refuse it, or to promise to forgo it."""
    lists = word_lists()["undone"]
    refused = {base, *(f"{base} {word}" for word in beside)} & set(lists["refused"])
    side = deed.quad.split()[1] if deed and outlook(verb) else ""
    if refused or side == "cooperation":
        kind = lists["refusal"]
    elif side == "conflict" and deed.quad.startswith("material"):
        kind = lists["forbearance"]
    else:
        return None
    if not told(verb, negation=False):
        return None
    return _Telling(
        verb,
        verb,
        Deed(**kind, verb=f"not {base}"),
        [noun for part, each in objects_of(verb).items() if part != "nsubj" for noun in each],
    )
