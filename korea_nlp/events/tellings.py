"""Is a deed told as done, or announced? What hangs on "could", "if", "refused to" or "the risk of" is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korea_nlp.events.deeds import lemma, word_lists
from korea_nlp.events.phrases import agents, patients

if TYPE_CHECKING:
    from spacy.tokens import Token

_CLAUSES = ("ccomp", "xcomp")


def objects_of(verb: Token) -> dict[str, list[Token]]:
    """The objects of a verb under ``""``, what follows its prepositions under each, its subject apart.

    In "called the move desperate" and "said that the move was a threat" also the predicate is an object.
    """
    found: dict[str, list[Token]] = {"": patients(verb)}
    found["nsubj"] = [noun for noun in agents(verb) if noun.dep_ == "nsubj"]
    if verb.dep_ == "acl" and verb.tag_ == "VBN":  # "an agreement signed in May"
        found[""] = [*found[""], verb.head]
    if verb.dep_ == "compound":  # a gerund taken for a noun: "by planting mines"
        found[""] = [verb.head]
    for child in verb.children:
        if child.dep_ in ("oprd", "attr", "acomp", "dative"):
            found[""].append(child)
        elif child.dep_ in ("prep", "agent"):
            for leading in (child, *(inner for inner in child.children if inner.dep_ == "prep")):  # "out of"
                found.setdefault(leading.lower_, []).extend(
                    c for c in leading.children if c.dep_ in ("pobj", "amod", "pcomp")
                )
        elif child.dep_ in _CLAUSES and child.lemma_ == "be":
            found[""].extend(c for c in child.children if c.dep_ in ("nsubj", "attr", "acomp"))
        elif child.dep_ == "ccomp" and child.pos_ in ("ADJ", "NOUN"):
            found[""].append(child)
        elif _is_small_clause(child):  # "allowed X to enter"
            found[""].extend(word for word in child.lefts if word.dep_ == "nsubj")
    found[""] = [noun for each in found[""] for noun in (each, *each.conjuncts)]
    return found


def _is_small_clause(clause: Token) -> bool:
    finite = any(child.dep_ in ("mark", "auxpass") or child.tag_ == "MD" for child in clause.children)
    return clause.dep_ == "ccomp" and clause.i > clause.head.i and clause.tag_ in ("VB", "VBP") and not finite


def negated(verb: Token) -> bool:
    """Whether the verb is said not to be done: "did not attack", "neither fired nor moved"."""
    negations = word_lists()["telling"]["negations"]
    while True:
        words = [child for child in verb.children if child.dep_ != "det" and child.lower_ in negations]
        if any(not _before_to(word) for word in words):
            return True
        if any(none(child) for child in verb.children if child.dep_ in ("nsubj", "nsubjpass")):
            return True
        if verb.dep_ != "conj" or verb.head.pos_ not in ("VERB", "AUX") or _has_subject(verb):
            return False
        verb = verb.head


def _before_to(negation: Token) -> bool:
    """Whether it negates what follows it: "urged China not to deport them"."""
    verb = negation.head
    return (
        verb.i < negation.i + 1 < len(negation.doc) and negation.nbor().lower_ == "to" and verb.i < negation.i
    )


def none(noun: Token) -> bool:
    """Whether there is none: "no soldier", "neither side"."""
    return any(child.lower_ in ("no", "neither") for child in noun.children if child.dep_ == "det")


def outlook(verb: Token) -> bool:
    """Whether it is said of the time to come: "will", or "would" after a verb of announcing."""
    modals = {child.lower_ for child in verb.children if child.tag_ == "MD"}
    if verb.dep_ == "conj" and not modals and not _has_subject(verb):
        return outlook(verb.head)
    return bool(modals & set(word_lists()["telling"]["announced"]))


def told(verb: Token, negation: bool = True) -> bool:
    """Whether a verb tells what was done, is being done, or is announced."""
    lists = word_lists()["telling"]
    own = True  # whether auxiliaries and negations at this verb reach the one asked about
    while True:
        if _is_imperative(verb):
            return False
        if own and (_is_modal(verb) or (negation and negated(verb))):
            return False
        if any(
            child.lower_ in lists["conditions"] for child in verb.children if child.dep_ in ("mark", "advmod")
        ):
            return False
        infinitive = any(child.dep_ == "aux" and child.lower_ == "to" for child in verb.children)
        head, dep = verb.head, verb.dep_
        if dep == "conj" and head.pos_ in ("VERB", "AUX"):
            own = own and not _has_subject(verb) and not any(c.dep_ == "aux" for c in verb.children)
        elif dep in _CLAUSES or (dep == "advcl" and infinitive):
            steps = any(child.lemma_ in lists["steps"] for child in head.children if child.dep_ == "dobj")
            finite = dep == "ccomp" and not infinitive and verb.tag_ != "VBG"
            listed = lists["imagined_clauses"] if finite else lists["imagined"]
            fact = any(c.lower_ in lists["factual"] for c in (head, *head.children) if c.dep_ == "acomp")
            if _forms(head) & set(listed) or (dep == "advcl" and not steps and not fact):
                return False
            own = not finite
        elif dep in ("acl", "relcl"):
            claimed = head.lemma_ in lists["imagined_nouns"] and any(c.dep_ == "mark" for c in verb.children)
            steps = head.lemma_ in lists["steps"] and told_noun(head)
            return steps if infinitive and dep == "acl" else not claimed
        elif dep == "compound" and head.dep_ != "pobj":  # "considered lifting sanctions"
            return not _forms(head.head) & set(lists["imagined"])
        elif dep in ("pcomp", "compound") or (dep == "prep" and verb.tag_ == "VBG"):
            preposition = verb.head if dep == "pcomp" else verb.head.head
            if dep != "prep" and preposition.dep_ == "prep":
                above = preposition.head
                if preposition.lower_ not in lists["asserting"] or _forms(above) & set(lists["imagined"]):
                    return False
                if above.pos_ in ("NOUN", "PROPN"):
                    of = preposition.lower_ == "of" and above.dep_ in ("dobj", "nsubjpass")
                    return above.lemma_ not in lists["imagined_nouns"] and not (
                        of and _forms(above.head) & set(lists["imagined"])
                    )
                if preposition.lower_ not in ("by", "in", "through"):
                    return True
                head, own = above, True
            else:
                return True
        elif dep in ("csubj", "csubjpass"):  # "sending arms would be a mistake"
            return not any(child.tag_ == "MD" for child in head.children)
        elif dep == "advcl" and verb.tag_ == "VBG":
            own = False
        else:
            return True
        if head.i == verb.i or head.pos_ not in ("VERB", "AUX", "ADJ", "NOUN"):
            return True
        if head.pos_ in ("ADJ", "NOUN") and infinitive and head.lower_ not in lists["factual"]:
            return False  # "ready to talk", "it is imperative to talk"
        verb = head


def unreal(noun: Token) -> bool:
    """Whether a word before a noun says that it was not done: "no talks", "a possible attack"."""
    lists = word_lists()["telling"]
    before = {
        child.lower_ for word in (noun, _first_joined(noun)) for child in word.subtree if child.i < word.i
    }
    return bool(before & {*lists["unreal"], *lists["conditions"]})


def _first_joined(noun: Token) -> Token:
    while noun.dep_ == "conj":
        noun = noun.head
    return noun


def told_noun(noun: Token) -> bool:
    """Whether a noun that tells a deed stands for one that was done: not in "avoid war", "no talks"."""
    lists = word_lists()["telling"]
    if unreal(noun):
        return False
    top = _first_joined(noun)
    head = top.head
    if top.dep_ in ("dobj", "nsubjpass"):
        return not _forms(head) & set(lists["imagined"])
    if top.dep_ == "nsubj":
        undone = _is_modal(head) or negated(head)  # "the talks did not take place"
        return not (undone and _forms(head) & set(lists["light"]))
    if top.dep_ == "pobj":
        above = head.head
        return above.lemma_ not in lists["imagined_nouns"] and not _forms(above) & set(lists["imagined"])
    return True


def _forms(verb: Token) -> set[str]:
    """A verb alone, and with each of its particles and prepositions."""
    if verb.pos_ not in ("VERB", "AUX"):
        return set()
    beside = [child.lower_ for child in verb.children if child.dep_ in ("prt", "prep")]
    return {lemma(verb), *(f"{lemma(verb)} {word}" for word in beside)}


def _is_modal(verb: Token) -> bool:
    lists = word_lists()["telling"]
    modals = {child.lower_ for child in verb.children if child.tag_ == "MD"}
    if "would" in modals:
        announced = any(
            above.lemma_ in lists["announcing"] for above in verb.ancestors if above.pos_ in ("VERB", "NOUN")
        )
        conditional = any(
            c.dep_ == "advcl" and any(m.lower_ in lists["conditions"] for m in c.children)
            for c in verb.children
        )
        return not announced or conditional
    return bool(modals & set(lists["modals"]))


def _is_imperative(verb: Token) -> bool:
    """Whether it is an order: "Offer the North a way back", "Let him offer ..."."""
    top = verb.head if verb.dep_ == "conj" and not _has_subject(verb) else verb
    helped = any(child.dep_ == "aux" for word in (verb, top) for child in word.children)
    bare = top.tag_ == "VB" and not _has_subject(top) and not helped
    return bare and top.dep_ not in (*_CLAUSES, "advcl", "acl", "relcl", "pcomp")


def _has_subject(verb: Token) -> bool:
    return any(child.dep_ in ("nsubj", "nsubjpass", "csubj") for child in verb.children)
