"""Is an event told as done, or announced? What hangs on "could", "if", "refused to" or "the risk of" is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korea_nlp.events.triggers import LISTS, lemma

if TYPE_CHECKING:
    from spacy.tokens import Token

_LISTS = LISTS["factuality"]
_CLAUSES = ("ccomp", "xcomp")
_VERBAL = ("VERB", "AUX")


def is_told(verb: Token, negation: bool = True) -> bool:
    """Whether a verb tells what was done, is being done, or is announced.

    The way goes up from the verb to whatever it depends on; without `negation` a "not" does not matter.
    """
    own = True  # whether auxiliaries and negations at this verb reach the one asked about
    while True:
        if _is_imperative(verb) or _is_conditional(verb):
            return False
        if own and (_is_modal(verb) or (negation and is_negated(verb))):
            return False
        infinitive = any(child.dep_ == "aux" and child.lower_ == "to" for child in verb.children)
        head, dep = verb.head, verb.dep_
        if dep == "conj" and head.pos_ in _VERBAL:
            own = own and not _has_subject(verb) and not any(child.dep_ == "aux" for child in verb.children)
        elif dep in _CLAUSES or (dep == "advcl" and infinitive):
            finite = dep == "ccomp" and not infinitive and verb.tag_ != "VBG"
            if _imagines(head, "imagined_clauses" if finite else "imagined"):
                return False
            if dep == "advcl" and not _is_carried_out(head):
                return False
            own = not finite
        elif dep in ("acl", "relcl"):
            if infinitive and dep == "acl":
                return head.lemma_ in _LISTS["steps"] and is_told_by_noun(head)
            return head.lemma_ not in _LISTS["imagined_nouns"] or not any(c.dep_ == "mark" for c in verb.children)
        elif dep == "compound" and head.dep_ != "pobj":  # "considered lifting sanctions"
            return not _imagines(head.head)
        elif dep in ("pcomp", "compound"):
            preposition = head if dep == "pcomp" else head.head
            if preposition.dep_ != "prep":
                return True
            if not _is_told_after(preposition):
                return False
            head, own = preposition.head, True
            if head.pos_ in ("NOUN", "PROPN") or preposition.lower_ not in ("by", "in", "through"):
                return True
        elif dep in ("csubj", "csubjpass"):  # "sending arms would be a mistake"
            return not any(child.tag_ == "MD" for child in head.children)
        elif dep == "advcl" and verb.tag_ == "VBG":
            own = False
        else:
            return True
        if head.pos_ in ("ADJ", "NOUN"):
            if infinitive and head.lower_ not in _LISTS["factual"]:
                return False  # "ready to talk", "it is imperative to talk"
        elif head.pos_ not in _VERBAL:
            return True
        verb = head


def is_told_by_noun(noun: Token) -> bool:
    """Whether a noun that triggers an event stands for one that was done: not in "avoid war", "no talks"."""
    top = _first_joined(noun)
    head = top.head
    if is_unreal(noun):
        return False
    if top.dep_ in ("dobj", "nsubjpass"):
        return not _imagines(head)
    if top.dep_ == "nsubj":  # "the talks did not take place"
        return not (_imagines(head, "light") and (_is_modal(head) or is_negated(head)))
    return top.dep_ != "pobj" or not (head.head.lemma_ in _LISTS["imagined_nouns"] or _imagines(head.head))


def is_unreal(noun: Token) -> bool:
    """Whether a word before a noun says that it was not done: "no talks", "a possible attack"."""
    tops = (noun, _first_joined(noun))
    before = {child.lower_ for word in tops for child in word.subtree if child.i < word.i}
    return bool(before & {*_LISTS["unreal"], *_LISTS["conditions"]})


def is_negated(verb: Token) -> bool:
    """Whether the verb is said not to be done: "did not attack", "neither fired nor moved"."""
    for child in verb.children:
        if child.dep_ in ("nsubj", "nsubjpass") and is_none(child):
            return True
        before_to = child.i > verb.i and child.i + 1 < len(child.doc) and child.nbor().lower_ == "to"
        if child.dep_ != "det" and child.lower_ in _LISTS["negations"] and not before_to:  # "urged Seoul not to go"
            return True
    return verb.dep_ == "conj" and verb.head.pos_ in _VERBAL and not _has_subject(verb) and is_negated(verb.head)


def is_none(noun: Token) -> bool:
    """Whether there is none: "no soldier", "neither side"."""
    return any(child.lower_ in ("no", "neither") for child in noun.children if child.dep_ == "det")


def is_to_come(verb: Token) -> bool:
    """Whether it is said of the time to come: "will", or "would" after a verb of announcing."""
    modals = _modals(verb)
    if verb.dep_ == "conj" and not modals and not _has_subject(verb):
        return is_to_come(verb.head)
    return bool(modals & set(_LISTS["announced"]))


def _is_told_after(preposition: Token) -> bool:
    """Whether the gerund after a preposition is done: "by planting mines", not "without" or "the risk of"."""
    above = preposition.head
    if preposition.lower_ not in _LISTS["asserting"] or _imagines(above):
        return False
    if above.pos_ not in ("NOUN", "PROPN"):
        return True
    imagined = preposition.lower_ == "of" and above.dep_ in ("dobj", "nsubjpass") and _imagines(above.head)
    return above.lemma_ not in _LISTS["imagined_nouns"] and not imagined


def _is_carried_out(head: Token) -> bool:
    """Whether the infinitive beside a verb is done: "took steps to", "was right to"."""
    steps = any(child.lemma_ in _LISTS["steps"] for child in head.children if child.dep_ == "dobj")
    return steps or any(c.lower_ in _LISTS["factual"] for c in (head, *head.children) if c.dep_ == "acomp")


def _imagines(verb: Token, which: str = "imagined") -> bool:
    """Whether a verb is in a list, alone or with one of its particles and prepositions."""
    beside = [child.lower_ for child in verb.children if child.dep_ in ("prt", "prep")]
    forms = {lemma(verb), *(f"{lemma(verb)} {word}" for word in beside)}
    return verb.pos_ in _VERBAL and not forms.isdisjoint(_LISTS[which])


def _modals(verb: Token) -> set[str]:
    return {child.lower_ for child in verb.children if child.tag_ == "MD"}


def _is_conditional(verb: Token) -> bool:
    markers = (child.lower_ for child in verb.children if child.dep_ in ("mark", "advmod"))
    return any(word in _LISTS["conditions"] for word in markers)


def _is_modal(verb: Token) -> bool:
    """Whether a modal says that it is not done; "would" after a verb of announcing does not, without an "if"."""
    modals = _modals(verb)
    if "would" not in modals:
        return bool(modals & set(_LISTS["modals"]))
    above = (token for token in verb.ancestors if token.pos_ in ("VERB", "NOUN"))
    announced = any(token.lemma_ in _LISTS["announcing"] for token in above)
    clauses = (child for child in verb.children if child.dep_ == "advcl")
    return not announced or any(word.lower_ in _LISTS["conditions"] for c in clauses for word in c.children)


def _is_imperative(verb: Token) -> bool:
    """Whether it is an order: "Offer the North a way back", "Let him offer ..."."""
    top = verb.head if verb.dep_ == "conj" and not _has_subject(verb) else verb
    helped = any(child.dep_ == "aux" for word in (verb, top) for child in word.children)
    bare = top.tag_ == "VB" and not _has_subject(top) and not helped
    return bare and top.dep_ not in (*_CLAUSES, "advcl", "acl", "relcl", "pcomp")


def _has_subject(verb: Token) -> bool:
    return any(child.dep_ in ("nsubj", "nsubjpass", "csubj") for child in verb.children)


def _first_joined(noun: Token) -> Token:
    while noun.dep_ == "conj":
        noun = noun.head
    return noun
