"""Whom words name together: "both sides", "the two allies", and the enemies of the writer's side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korea_nlp.actors.aliases import seats
from korea_nlp.annotation.deeds import teller_of
from korea_nlp.cues import VOICES

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

    from korea_nlp.annotation.references import References

_GROUPS = VOICES["groups"]
_HOME = VOICES["home"]


def home_state(doc: Doc, quoted: set[int], named: dict[int, str]) -> str:
    """The state whose side a writer takes: "the puppets", "our Republic"; "our schoolyards".

    Who writes "our" and calls North Korea "the North" writes in the South.
    """
    words = [token for token in doc if token.idx not in quoted]
    text = f" {' '.join(token.lower_ for token in words)} "
    if any(f" {phrase} " in text for phrase in _HOME["North Korea"]):
        return "North Korea"
    north = any(named.get(token.i) == "North Korea" and token.text == "North" for token in words)
    return "South Korea" if north and any(token.lower_ in ("our", "ours") for token in words) else ""


def members(found: References, token: Token) -> list[str]:
    """The actors that a plural stands for; nobody if it could be others as well."""
    lemma, children = token.lemma_.lower(), {child.lower_ for child in token.children}
    if found.home == "North Korea" and lemma in VOICES["epithets"] and token.tag_ in ("NNS", "NNPS"):
        meant = [actor for actor in VOICES["epithets"][lemma] if actor in found.kinds]
        return [] if found.owner(token) in meant else meant
    if token.tag_ not in ("NNS", "NNPS") or lemma not in _GROUPS["nouns"]:
        return []
    charged = token.head.lemma_ in ("accuse", "suspect")  # "of spying"
    detailed = any(child.dep_ == "amod" or (child.dep_ == "prep" and not charged) for child in token.children)
    if detailed or not children & {"both", "two"} or not _takes_part(token):
        return []
    return _two(found, token)


def _takes_part(token: Token) -> bool:
    """Whether a plural acts or is acted upon itself; not so in "the leaders of both countries"."""
    return not (token.dep_ == "pobj" and token.head.lower_ in ("of", "in", "between"))


def _two(found: References, token: Token) -> list[str]:
    """The only two states named or meant before, here or up to two sentences earlier."""
    teller = teller_of(found, token)
    for sentences in (1, 2, 3):
        first = found.subjects.first(token, sentences)
        near = [found.named.get(i) or found.actor.get(i, "") for i in range(first, token.i)]
        states = [actor for actor in dict.fromkeys(near) if found.kinds.get(actor, "") == "state"]
        states = [state for state in states if state != teller]
        if len(states) > 1:
            return states if len(states) == 2 else []
    return []


def seat_beside(token: Token) -> str:
    """The state whose capital alone comes before: "Defectors in Seoul accuse the government"."""
    before = token.doc[token.sent.start : token.i]
    states = {state for word in before if (state := seats().get(word.text))}
    return states.pop() if len(states) == 1 else ""
