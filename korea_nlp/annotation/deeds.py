"""Who is behind what an article comes back to: "the launch", "such threats", "That is nonsense"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korea_nlp.cues import SUBJECTS, VOICES, cue_of, subject_of

if TYPE_CHECKING:
    from spacy.tokens import Token

    from korea_nlp.annotation.references import References

_DEFINITE = VOICES["definite"]
_DEEDS = frozenset(_DEFINITE["deeds"])
POINTING = ("the", "this", "that", "these", "those", "such")


def doers(found: References, token: Token) -> list[str]:
    """Who is behind "the move": its owner, that of the last deed, or who alone or together acts before it.

    Whoever the sentence says judges it, as in "Tokyo condemned the launch", is not behind it. Behind what
    is said is who spoke before, and behind what is done who is told to have done it.
    """
    lemma = token.lemma_.lower()
    if lemma not in _DEEDS:
        return []
    if owner := found.owner(token):
        return [owner]
    if any(child.lower_ in ("every", "each") for child in token.children):
        told = {actor for words, actor, _ in found.known if lemma in words}
        return [*told] if len(told) == 1 else []
    if not any(child.lower_ in POINTING for child in token.children) or _is_detailed(token):
        return []
    teller = teller_of(found, token)
    first, here = found.subjects.first(token, 2), found.subjects.first(token, 1)
    acting = found.subjects.between(first, token.i)
    known = [(words, actor, at.i) for words, actor, at in found.known
             if first <= at.i < token.i and words & _DEEDS]  # fmt: skip
    same = {actor for words, actor, i in known if i >= here or lemma in words} - {teller}
    candidates = same or ({actor for _, actor, _ in known} | acting) - {teller, ""}
    if lemma in _DEFINITE["done"]:
        return [*same] if len(same) == 1 else _told_earlier(found, token, lemma, teller)
    if len(candidates) == 1:
        return [*candidates]
    done = {actor for words, actor, _ in known if words & {*_DEFINITE["done"]}} - {teller}
    if lemma in _DEFINITE["general"] and len(done) == 1:
        return [*done]
    if not here or lemma not in _DEFINITE["told"]:
        return []
    main = _main(found, token.doc[here - 1].sent.root)
    return [] if teller in main else main


def _told_earlier(found: References, token: Token, lemma: str, teller: str) -> list[str]:
    """Who "launched" or "began a launch" where that was last told, in a sentence before or this one."""
    clause = _clause_of(token)
    for verb in reversed(token.doc[: token.i]):
        if verb.pos_ != "VERB" or verb in clause:
            continue
        words = (lemma, *_DEFINITE["done"][lemma])
        held = any(c.dep_ in ("dobj", "nsubjpass") and c.lemma_.lower() in words for c in verb.children)
        if verb.lemma_ in _DEFINITE["done"][lemma] or (held and not cue_of(verb)):
            actors = _main(found, verb)
            return [] if teller in actors else actors
    enemies = VOICES["epithets"].get(lemma, []) if found.home == "North Korea" else []
    return [actor for actor in enemies if actor in found.kinds and actor != teller]


def _clause_of(token: Token) -> list[Token]:
    """The words above a word, up to the verb of its clause or of the one that this depends on."""
    above = [token]
    while above[-1].dep_ not in ("ROOT", "conj") or above[-1].pos_ not in ("VERB", "AUX"):
        if above[-1].head == above[-1]:
            break
        above.append(above[-1].head)
    return above


def behind_it(found: References, token: Token) -> list[str]:
    """Who did what "That is nonsense" judges: the subject of the sentence before."""
    here = found.subjects.first(token, 1)
    first = token.sent.start == token.i and here
    if token.lower_ not in ("this", "that") or token.dep_ not in SUBJECTS or not first:
        return []
    judged = token.head.lemma_ == "be" and any(c.dep_ in ("attr", "acomp") for c in token.head.children)
    return _main(found, token.doc[here - 1].sent.root) if judged else []


def _is_detailed(token: Token) -> bool:
    """Whether it is told which deed is meant: "the move to close the road"; a date does not tell it."""
    for child in token.children:
        dated = child.dep_ == "prep" and all(word.ent_type_ in ("DATE", "TIME") for word in child.children)
        if (
            child.dep_ in ("amod", "compound", "prep", "acl", "relcl")
            and not dated
            and child.lower_ != "such"
        ):
            return True
    return False


def teller_of(found: References, token: Token) -> str:
    """The actor of the verb whose object a deed is."""
    if token.dep_ in SUBJECTS:
        return ""
    for verb in token.ancestors:
        if verb.pos_ == "VERB" and (subject := _subject(verb)) is not None:
            passive = subject.dep_ == "nsubjpass"
            return "" if passive else found.named.get(subject.i) or found.actor.get(subject.i, "")
    return ""


def _subject(verb: Token) -> Token | None:
    while (subject := subject_of(verb)) is None and verb.dep_ == "conj":
        verb = verb.head
    return subject


def _main(found: References, verb: Token) -> list[str]:
    """The actors who do or say what a verb tells: its subject, or the agent of a passive."""
    doer = _subject(verb)
    if doer is None or doer.dep_ == "nsubjpass":
        by = (word for link in verb.children if link.dep_ == "agent" for word in link.children)
        doer = next(by, None)
    if doer is None or doer.lemma_.lower() in _DEEDS:
        return []
    every = [doer, *(word for word in doer.subtree if word.dep_ == "conj" and word.head == doer)]
    actors = [found.named.get(word.i) or found.actor.get(word.i, "") for word in every]
    return list(dict.fromkeys(actor for actor in actors if actor))
