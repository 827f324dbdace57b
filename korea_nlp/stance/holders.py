"""Who can hold a stance in a sentence, and toward whom it would make no sense to ask."""

from __future__ import annotations

import tomllib

from korea_nlp.actors.aliases import states_of_actors
from korea_nlp.annotation.deeds import POINTING
from korea_nlp.article import Article
from korea_nlp.cues import SUBJECTS, VOICES
from korea_nlp.weights import ASSETS

AUTHOR = "author"
ANTECEDENT = "antecedent"
"""Where `found_by` says so, a mention is a pronoun or description that stands for the actor."""
TOGETHER = "together"
"""And here it stands for several: "both sides"."""
LONG = 5
"""Sentences from which an article shows whether its author judges all along."""
_EVALUATIVE = tomllib.loads((ASSETS / "evaluative.toml").read_text(encoding="utf-8"))
_FIRST_PERSON = set(_EVALUATIVE.pop("first_person"))
_JUDGING = {word for words in _EVALUATIVE.values() for word in words}


def can_hold(article: Article, group: list) -> bool:
    """Whether an actor is more in a sentence than whose deed others speak of, or whose envoy somebody is, who
    carries the words of others, or with whom or between whom there is something."""
    parts = (_is_object, _describes, _carries, _is_partner, is_between)
    return any(not any(part(article, mention) for part in parts) for mention in group)


def _is_partner(article: Article, mention) -> bool:
    """Whether somebody else does something with it: "an exercise with the United States"."""
    word = article.doc.char_span(mention.start, mention.end, alignment_mode="expand").root
    link = word.head
    deed = article.doc[max(link.i - 1, 0)]
    return link.lower_ == "with" and deed.lemma_.lower() in VOICES["definite"]["deeds"]


def _carries(article: Article, mention) -> bool:
    """Whether it only passes on what others say: "a dispatch carried by the agency"."""
    word = article.doc.char_span(mention.start, mention.end, alignment_mode="expand").root
    while word.dep_ in ("appos", "compound", "nmod"):
        word = word.head
    verb = word.head.head
    return word.head.dep_ == "agent" and verb.dep_ == "acl" and verb.lemma_ in VOICES["carrying"]


def _describes(article: Article, mention) -> bool:
    """Whether it only tells who a person is: "an analyst at the Institute", "a former EU envoy"."""
    word = article.doc.char_span(mention.start, mention.end, alignment_mode="expand").root
    while word.pos_ in ("NOUN", "PROPN", "ADP", "ADJ") and word.head.i != word.i:
        if word.dep_ == "appos":
            return word.head.ent_type_ == "PERSON"
        word = word.head
    return False


def are_one(holder: str, target: str) -> bool:
    """Whether one is the other's state: a leader, an army, a news agency."""
    states = states_of_actors()
    return states.get(holder) == target or states.get(target) == holder


def behind_whom_stands_another(article: Article, here: dict[str, list]) -> set[str]:
    """The states that a sentence brings in by "the move" or "the country" alone, naming their ruler."""
    states = states_of_actors()

    def is_general(mention) -> bool:
        return getattr(mention, "found_by", "") == ANTECEDENT and any(
            _points_to(article, mention.start, mention.end, kind) for kind in ("deeds", "countries")
        )

    general = {actor for actor, group in here.items() if all(map(is_general, group))}
    rulers = {actor for actor, group in here.items() if group[0].kind == "person"}
    return general & {states.get(ruler) for ruler in rulers}


def is_spoken_of(holder: list, target: list, words: list) -> bool:
    """Whether a holder is only in the words of others than states, who do not speak of themselves there."""
    if not words or not all(mention.kind != "state" for mention in target):
        return False

    inside = [[_is_within(mention, words) for mention in group] for group in (holder, target)]
    return all(inside[0]) and not any(inside[1])


def are_apart(holder: str, here: list, target: str, there: list, spoken: dict[str, list]) -> bool:
    """Whether only one of two is in what a third says: "A waited, while B said of C that ..."."""
    words = [
        part
        for speaker, parts in spoken.items()
        if speaker not in ("", AUTHOR, holder, target)
        and not (are_one(holder, speaker) or are_one(target, speaker))
        for part in parts
    ]
    inside = [{_is_within(mention, words) for mention in group} for group in (here, there)]
    return inside in ([{True}, {False}], [{False}, {True}])


def _is_within(mention, words: list) -> bool:
    return any(part.start <= mention.start < part.end for part in words)


def named_apart(article: Article, here: dict[str, list]) -> dict[str, list]:
    """The mentions of each actor, less those where several are meant alike: "urged both sides", "the tension
    between North and South"."""

    def is_apart(mention) -> bool:
        return not (_asked_together(article, mention) or is_between(article, mention))

    apart = {actor: [*filter(is_apart, group)] for actor, group in here.items()}
    return {actor: group for actor, group in apart.items() if group}


def _asked_together(article: Article, mention) -> bool:
    if getattr(mention, "found_by", "") != TOGETHER:
        return False
    word = article.doc.char_span(mention.start, mention.end, alignment_mode="expand").root
    above = [word.head, word.head.head, word.head.head.head]
    return any({verb.lemma_, f"{verb.lemma_} {word.head.lower_}"} & {*VOICES["asking"]} for verb in above)


def is_between(article: Article, mention) -> bool:
    """Whether it is one of two who are named for what there is between them."""
    word = article.doc.char_span(mention.start, mention.end, alignment_mode="expand").root
    while word.dep_ in ("conj", "nmod", "compound", "poss", "amod"):
        word = word.head
    return word.dep_ == "pobj" and word.head.lower_ == "between"


def _is_object(article: Article, mention) -> bool:
    if getattr(mention, "found_by", "") not in (ANTECEDENT, TOGETHER):
        return False
    noun = article.doc.char_span(mention.start, mention.end, alignment_mode="expand").root
    return noun.lemma_.lower() in VOICES["definite"]["deeds"] and noun.dep_ not in SUBJECTS


def is_deed(article: Article, start: int, end: int) -> bool:
    """Whether a phrase comes back to a deed without a word of whose it is: "the veto"."""
    return _points_to(article, start, end, "deeds")


def _points_to(article: Article, start: int, end: int, kind: str) -> bool:
    noun = article.doc.char_span(start, end, alignment_mode="expand").root
    pointing = any(child.i < noun.i and child.lower_ in POINTING for child in noun.children)
    return pointing and noun.lemma_.lower() in VOICES["definite"][kind]


def is_partial(article: Article, spoken: dict[int, dict[str, list]]) -> bool:
    """Whether the author's own words judge, or speak of "us", in half of the sentences that have any."""
    own = [parts[AUTHOR] for parts in spoken.values() if AUTHOR in parts]
    taking = sum(judges(article, parts) or _is_personal(article, parts) for parts in own)
    return len(own) >= LONG and 2 * taking >= len(own)


def _is_personal(article: Article, parts: list) -> bool:
    """Whether parts of a sentence are told in the first person."""
    words = (article.doc.char_span(part.start, part.end, alignment_mode="expand") for part in parts)
    return any(word.lower_ in _FIRST_PERSON and word.pos_ == "PRON" for part in words for word in part)


def judges(article: Article, parts: list) -> bool:
    """Whether parts of a sentence hold a word or phrase of ``assets/evaluative.toml``."""
    for start, end in ((part.start, part.end) for part in parts):
        words = article.doc.char_span(start, end, alignment_mode="expand")
        if any({word.lower_, word.lemma_.lower()} & _JUDGING for word in words):
            return True
        if any(f" {phrase} " in f" {words.text.lower()} " for phrase in _JUDGING if {" ", "-"} & {*phrase}):
            return True
    return False
