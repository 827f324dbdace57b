"""Which words trigger an event, by the lists of ``assets/events.toml``, and which words go with them."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from spacy.tokens import Token

LISTS = tomllib.loads((Path(__file__).parents[1] / "assets" / "events.toml").read_text(encoding="utf-8"))
"""The lists of ``assets/events.toml``."""

_MODIFIERS = ("compound", "amod", "nmod", "conj", "appos", "nummod")


class EventType(NamedTuple):
    """What an entry of the lists says of an event: see the file."""

    category: str
    intensity: float
    verb: str  # the words that trigger it
    objects: frozenset[frozenset[str]] = frozenset()  # of each set all words are needed, of the sets one
    subjects: frozenset[frozenset[str]] = frozenset()
    kinds: frozenset[str] = frozenset()
    mutual: bool = False
    reversed: bool = False
    directed: bool = False
    clause: str = ""

    @property
    def quad(self) -> str:
        """Verbal or material, cooperation or conflict."""
        return LISTS["quads"][self.category]


class Trigger(NamedTuple):
    """A verb or a noun of the text that tells an event."""

    word: Token
    type: EventType
    nouns: list[Token]  # the objects of the verb, or the noun itself
    is_noun: bool = False


def _read_types() -> tuple[dict[str, list[EventType]], dict[str, list[EventType]]]:
    """The event types by the first word of their verb, and by the last of their noun."""
    verbs, nouns = defaultdict(list), defaultdict(list)
    for entry in LISTS["events"]:
        same = {name: entry[name] for name in EventType._fields if name in entry}
        base = EventType(**{**same, "kinds": frozenset(entry.get("kinds", ())), "verb": ""})
        for act in ({"verbs": entry.get("verbs", ())}, *entry.get("acts", ())):
            needed = {part: _phrases(act.get(part, ())) for part in ("objects", "subjects")}
            for verb in act["verbs"]:
                verbs[verb.split()[0]].append(base._replace(verb=verb, **needed))
        for noun in entry.get("nouns", ()):
            for form in {noun, noun.replace("-", " ")}:
                nouns[form.split()[-1]].append(base._replace(verb=noun, objects=_phrases([noun])))
    return dict(verbs), dict(nouns)


def _phrases(words: Iterable[str]) -> frozenset[frozenset[str]]:
    """The words of each phrase; the language model takes "cease-fire" for one word or for two."""
    groups = LISTS["words"]
    phrases = [each for word in words for each in (groups[word[1:]] if word.startswith("@") else [word])]
    return frozenset(frozenset(form.split()) for each in phrases for form in (each, each.replace("-", " ")))


_VERBS, _NOUNS = _read_types()


def lemma(token: Token) -> str:
    """The base form of a word, put right where the language model is known to err."""
    return LISTS["misread"].get(token.lemma_.lower(), token.lemma_.lower())


def base_form(token: Token) -> str:
    """The base form of a verb; of a gerund also where the parser took it for a noun ("planting mines")."""
    if token.pos_ == "VERB":
        return lemma(token)
    if token.lemma_ == "be" and any(child.lower_ in LISTS["factuality"]["ready"] for child in token.rights):
        return "be"
    governs = any(child.dep_ == "dobj" for child in token.children)
    before_noun = token.dep_ == "compound" and token.head.i > token.i
    if token.tag_ == "JJ" and governs:  # "armed Ukraine"
        stem = token.lower_.removesuffix("ed")
    elif token.tag_ == "NN" and token.lower_.endswith("ing") and (governs or before_noun):
        stem = token.lower_.removesuffix("ing")
    else:
        return ""
    doubled = stem[:-1] if stem[-2:] == 2 * stem[-1:] else ""
    return next((form for form in (stem, f"{stem}e", doubled) if form in _VERBS), "")


def forms(verb: Token) -> set[str]:
    """A verb alone, and with each of its particles, prepositions and adverbs."""
    return {base_form(verb), *(f"{base_form(verb)} {word}" for word in _particles(verb))}


def _particles(verb: Token) -> set[str]:
    words = [child for child in verb.rights if child.dep_ in ("prt", "prep", "agent")]
    words += [inner for word in words for inner in word.children if inner.dep_ == "prep"]  # "pulled out of"
    words += [child for child in verb.children if child.dep_ == "advmod"]
    words += [inner for word in words for inner in word.children if inner.dep_ == "advmod"]  # "together with"
    return {word.lower_ for word in words}


def agents(verb: Token) -> list[Token]:
    """The subject, or what follows "by" in the passive; without one, that of the verb it belongs to."""
    if any(child.dep_ in ("agent", "nsubjpass") for child in verb.children):
        by = [child for child in verb.children if child.dep_ == "agent"]
        return [noun for word in by for noun in word.children if noun.dep_ == "pobj"]
    subjects = _children(verb, "nsubj")
    if subjects or verb.dep_ not in ("conj", "xcomp", "pcomp", "advcl"):
        return subjects
    above = next((token for token in verb.ancestors if token.pos_ == "VERB"), None)
    controlled = above is None or (verb.dep_ == "xcomp" and _children(above, "dobj", "nsubjpass"))
    return [] if controlled else agents(above)


def _children(verb: Token, *deps: str) -> list[Token]:
    """The words that depend on a verb so; for "which" and "who" the noun before them."""
    nouns = [child for child in verb.children if child.dep_ in deps]
    return [verb.head] if nouns and nouns[0].tag_ in ("WDT", "WP") and verb.dep_ == "relcl" else nouns


def subjects_of(verb: Token) -> list[Token]:
    """The grammatical subjects among the agents of a verb."""
    return [noun for noun in agents(verb) if noun.dep_ == "nsubj"]


def objects_of(verb: Token) -> list[Token]:
    """Whatever a verb takes, after its prepositions too."""
    return [noun for nouns in _objects(verb).values() for noun in nouns]


def _objects(verb: Token) -> dict[str, list[Token]]:
    """The objects of a verb under ``""``, and what follows its prepositions under each.

    In "called the move desperate" and "said that the move was a threat" also the predicate is an object.
    """
    plain, after = _children(verb, "dobj", "nsubjpass"), {}
    if verb.dep_ == "compound":  # a gerund taken for a noun: "by planting mines"
        plain = [verb.head]
    elif verb.dep_ == "acl" and verb.tag_ == "VBN":  # "an agreement signed in May"
        plain = [*plain, verb.head]
    for child in verb.children:
        if child.dep_ in ("oprd", "attr", "acomp", "dative"):
            plain.append(child)
        elif child.dep_ in ("prep", "agent"):
            for leading in (child, *(inner for inner in child.children if inner.dep_ == "prep")):  # "out of"
                nouns = [noun for noun in leading.children if noun.dep_ in ("pobj", "amod", "pcomp")]
                after.setdefault(leading.lower_, []).extend(nouns)
        elif child.dep_ in ("ccomp", "xcomp") and child.lemma_ == "be":
            plain += [noun for noun in child.children if noun.dep_ in ("nsubj", "attr", "acomp")]
        elif child.dep_ == "ccomp" and child.pos_ in ("ADJ", "NOUN"):
            plain.append(child)
        elif child.dep_ == "ccomp" and child.i > verb.i and child.tag_ in ("VB", "VBP"):  # "allowed X to enter"
            finite = any(word.dep_ in ("mark", "auxpass") or word.tag_ == "MD" for word in child.children)
            plain += [word for word in child.lefts if word.dep_ == "nsubj" and not finite]
    return {"": [each for noun in plain for each in (noun, *noun.conjuncts)], **after}


def conjoined(words: Iterable[Token]) -> list[Token]:
    """Words and those joined to each after it with "and"; in "President X and Minister Y" also X."""
    found = []
    for word in words:
        titles = (child for child in word.lefts if child.dep_ == "nmod")
        found += [title for title in titles if any(child.dep_ == "cc" for child in title.children)]
        found += [word, *(other for other in word.conjuncts if other.i > word.i)]
    return found


def words_of(noun: Token) -> set[str]:
    """Base forms of a noun, of what modifies it, and of what follows its "of" or "by"."""
    words, heads = {lemma(noun)}, [noun]
    through = ("of", "by", "in") if noun.pos_ == "NUM" else ("of", "by")  # "$10 million in aid"
    while heads:
        for child in heads.pop().children:
            inner = child.dep_ in ("prep", "agent") and child.lower_ in through
            if child.dep_ in _MODIFIERS or inner or (child.dep_ == "pobj" and child.head.lower_ in through):
                words.add(lemma(child))
                heads.append(child)
    return words


def verb_types(verb: Token) -> list[EventType]:
    """The event types that a verb can trigger with its particles and objects, the most particular first."""
    beside, objects, sides = _particles(verb), _objects(verb), _sides(verb)
    found = []
    for entry in _VERBS.get(base_form(verb), ()):
        _, *more = entry.verb.split()
        needed = entry.objects or entry.subjects
        nouns = [noun for word in ("", *more) for noun in objects.get(word, ())]
        fit = max((_fit(needed, noun) for noun in (subjects_of(verb) if entry.subjects else nouns)), default=0)
        alone = verb.dep_ == "compound" and not entry.objects  # "warning shots"
        if beside.issuperset(more) and (fit or not needed) and entry.clause in sides and not alone:
            found.append(("together" in more, fit, len(more), entry.clause != "", entry))
    return [entry for *_, entry in sorted(found, key=lambda row: row[:-1], reverse=True)]


def _sides(verb: Token) -> set[str]:
    """What the clause under a verb tells (cooperation, conflict), whether it is an infinitive, and ``""``."""
    sides = {""}
    ready = [child for child in verb.children if child.dep_ == "acomp"]
    for clause in (child for head in (verb, *ready) for child in head.children):
        if clause.dep_ in ("xcomp", "ccomp") and clause.pos_ == "VERB":
            sides.update(entry.quad.split()[1] for entry in verb_types(clause)[:1])
            words = {lemma(word) for word in (clause, *objects_of(clause), *subjects_of(clause))}
            if words & {*LISTS["undone"]["hostile"]}:
                sides.add("conflict")
            if any(word.lower_ == "to" and word.dep_ == "aux" for word in clause.lefts):
                sides.add("infinitive")
    return sides


def noun_type(noun: Token) -> EventType | None:
    """The event type that a noun triggers if somebody does it; the entry with most words counts."""
    fitting = [entry for entry in _NOUNS.get(lemma(noun), ()) if _fit(entry.objects, noun)]
    return max(fitting, key=lambda entry: len(entry.verb.split()), default=None)


def _fit(phrases: frozenset[frozenset[str]], noun: Token) -> int:
    """How well a noun fits: by itself better than by its modifiers, and two words better than one."""
    words, own = words_of(noun), lemma(noun)
    if own in LISTS["persons"]["nouns"]:
        words = {word for needed in phrases if own in needed for word in needed} & words
    return max((2 * len(needed) + (own in needed) for needed in phrases if needed <= words), default=0)
