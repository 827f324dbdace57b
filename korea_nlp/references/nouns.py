"""For whom nouns stand: offices ("the foreign ministry"), events ("the launch"), countries and groups."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from korea_nlp.actors.aliases import seats
from korea_nlp.actors.names import NAMES
from korea_nlp.cues import SUBJECTS, VOICES, cue_of, subject_of
from korea_nlp.references.discourse import EVENT_NOUNS, Discourse

if TYPE_CHECKING:
    from spacy.tokens import Token

OFFICES = VOICES["offices"]
BODIES = {word: group[0] for group in OFFICES["bodies"] for word in group}
OWNERS = ("poss", "compound", "amod", "nmod")
_ALWAYS = {*OFFICES["always"].values()}
_LINKS = ("of", "for", "from", "in", "at", "by", "with", "inside", "within")
_POINTING = ("the", "this", "that", "these", "those", "such")
_DONE = VOICES["definite"]["done"]


def meant_by(found: Discourse, noun: Token) -> list[str]:
    """The actors for whom a common noun stands, alone or together; none if that is not clear."""
    for child in noun.children:
        actor = VOICES["descriptions"].get(f"{child.lower_} {noun.lemma_}", "")  # "its southern neighbor"
        if actor and child.dep_ == "amod" and owner(found, noun) != actor:
            return [actor]
    one = _office(found, noun)
    return [one] if one else _behind(found, noun) or _both(found, noun) or _country(found, noun)


def _state_of(found: Discourse, actor: str) -> str:
    """The state for a person's ministers and armies; nobody if it is not known."""
    return found.states.get(actor, "") if found.kinds.get(actor) == "person" else actor


# Offices: a ministry, a spokesman, a statement


def office_words(noun: Token) -> frozenset[str]:
    """What tells an office from another: "foreign" and "ministry", also of the foreign minister."""
    words = {noun.lemma_.lower()}
    for child in noun.children:
        if child.dep_ in ("compound", "amod", "nmod") and child.ent_type_ not in ("GPE", "NORP", "PERSON"):
            words |= {word.lemma_.lower() for word in child.subtree}
    words = {word.replace("defense", "defence") for word in words if word.isalpha() or "-" in word}
    return bodies(words - {*OFFICES["indistinct"]})


def bodies(words: Iterable[str]) -> frozenset[str]:
    """The words, with one word for all that are one office: a minister is of a ministry."""
    return frozenset(BODIES.get(word, word) for word in words)


def owner(found: Discourse, noun: Token) -> str:
    """Whom a noun phrase says it belongs to: "South Korea's", "its", "U.S.", "of", "for", "in"."""
    near = [child for child in noun.children if child.dep_ in OWNERS]
    for child in sorted(near, key=lambda child: child.dep_ != "poss"):
        if actor := found.actor_of(child) or owner(found, child):
            return actor
    for link in noun.children:
        if link.dep_ in ("prep", "agent") and link.lower_ in _LINKS:
            for child in link.children:
                if child.dep_ == "pobj" and (actor := found.named.get(child.i) or _through(found, child)):
                    return actor
        taken = link.dep_ == "acl" and link.tag_ == "VBN"  # "the move, taken by the military"
        if taken and (actor := owner(found, link)):
            return actor
    return ""


def _through(found: Discourse, noun: Token) -> str:
    """As `owner`, of an office that comes later in the text: "a spokesman for the North's ministry"."""
    if noun.lemma_.lower() in (*BODIES, *OFFICES["members"]):
        return owner(found, noun) or _known_office(found, noun, True, False)
    return owner(found, noun) if noun.pos_ == "PROPN" else ""  # "Ministry of Defence of the DPRK"


def _office(found: Discourse, noun: Token) -> str:
    """Whom a ministry, a spokesman or a statement belongs to."""
    lemma, children = noun.lemma_.lower(), {child.lower_ for child in noun.children}
    if lemma in OFFICES["heads"] and children == {"the"}:
        rulers = (who for _, who, kind in found.before(noun) if kind == "person" and who in found.states)
        return _known_office(found, noun, False, True) or next(rulers, "")
    named = noun.pos_ == "PROPN" and noun.text in NAMES["offices"]  # "National Intelligence Service"
    body, member = named or lemma in BODIES, lemma in OFFICES["members"]
    if not (body or member or lemma in OFFICES["texts"]):
        return ""
    for child in noun.children:  # "a spokesman, Koo Byoung-sam,"
        if child.dep_ == "appos" and found.is_person(child):
            return found.named[child.i]
    if (noun.dep_ == "appos" and found.is_person(noun.head)) or "former" in children:
        return ""
    if actor := owner(found, noun):
        leads = lemma == "leader" and noun.tag_ == "NN"
        return (VOICES["leaders"].get(actor) if leads else None) or _state_of(found, actor)
    if lemma in OFFICES["texts"] and noun.head.lower_ == "in" and cue_of(noun.head.head):
        subject = subject_of(noun.head.head)  # "said in a statement"
        return found.actor_of(subject) if subject is not None else ""
    charged = noun.head.lemma_ in ("accuse", "suspect") and noun.dep_ == "dobj"  # "of spying"
    if children & {"another", "other", "any", "every", "both", "two", "no", "'s", "’s"}:
        return ""
    return "" if "of" in children and not charged else _known_office(found, noun, body, member)


def _known_office(found: Discourse, noun: Token, body: bool, member: bool) -> str:
    """The last office of that name; for an unnamed spokesman the last institution that spoke."""
    asked, lemma = office_words(noun), noun.lemma_.lower()
    for word, actor in OFFICES["always"].items():
        if word in asked and (actor in found.kinds or _ALWAYS & found.kinds.keys()):
            return actor
    role = bodies([lemma])
    details = asked - role if member else asked
    definite = any(child.lower_ in ("the", "this", "that") for child in noun.children)
    if details or definite:
        for words, actor, _ in reversed(found.owned):
            person = found.kinds.get(actor) == "person"
            if (details or role) <= words and (member or not person):
                return actor
    speaks = lemma in OFFICES["spokesmen"] or (definite and body and not member)
    known_by_another_name = details and (member or len(details) > 1)
    speaks = speaks and not known_by_another_name and cue_of(noun.head) and noun.dep_ in SUBJECTS
    if spoke := found.last_institution(noun) if speaks else "":
        return spoke
    if not definite or asked - role or BODIES.get(lemma) != "government":
        return ""
    before = noun.doc[noun.sent.start : noun.i]  # "Defectors in Seoul accuse the government"
    states = {seats()[word.text] for word in before if word.text in seats()}
    return states.pop() if len(states) == 1 else found.home


# Countries and groups


def _country(found: Discourse, noun: Token) -> list[str]:
    """The state that "the country" is: the only one named before it, here or a sentence earlier."""
    if noun.tag_ != "NN" or noun.lemma_ not in VOICES["definite"]["countries"]:
        return []
    owners = (found.actor.get(child.i, "") for child in noun.children if child.dep_ == "poss")
    if actor := next(owners, ""):
        state = _state_of(found, actor)  # "his country"
        return [state] if state else []
    if [child.lower_ for child in noun.children if child.dep_ in ("det", "amod", "nummod")] != ["the"]:
        return []
    here = found.first(noun, 1)
    for first, last in ((here, noun.i), (found.first(noun, 2), here)):
        near = {_state_of(found, found.named[i]) for i in range(first, last) if i in found.named}
        states = [who for who in near if found.kinds.get(who) == "state" or who in found.states.values()]
        if states:
            return states if len(states) == 1 else []
    return []


def _both(found: Discourse, noun: Token) -> list[str]:
    """The two states, or the enemies, that a plural stands for; nobody if it could be others as well."""
    if noun.tag_ not in ("NNS", "NNPS"):
        return []
    lemma, children = noun.lemma_.lower(), {child.lower_ for child in noun.children}
    if found.home == "North Korea" and lemma in VOICES["epithets"]:
        meant = [actor for actor in VOICES["epithets"][lemma] if actor in found.kinds]
        return [] if owner(found, noun) in meant else meant
    charged = noun.head.lemma_ in ("accuse", "suspect")  # "of spying"
    detailed = any(child.dep_ == "amod" or (child.dep_ == "prep" and not charged) for child in noun.children)
    part = noun.dep_ == "pobj" and noun.head.lower_ in ("of", "in", "between")  # "the leaders of both sides"
    if lemma not in VOICES["groups"]["nouns"] or not children & {"both", "two"} or detailed or part:
        return []
    judge = _judge(found, noun)
    for sentences in (1, 2, 3):
        near = [found.named.get(i) or found.actor.get(i, "") for i in range(found.first(noun, sentences), noun.i)]
        states = [who for who in dict.fromkeys(near) if found.kinds.get(who) == "state" and who != judge]
        if len(states) > 1:
            return states if len(states) == 2 else []
    return []


# Events


def _behind(found: Discourse, noun: Token) -> list[str]:
    """Who is behind "the move": its owner, that of the last event, or who alone or together acts before it.

    Whoever the sentence says judges it, as in "Tokyo condemned the launch", is not behind it. Behind what
    is said is who spoke before, and behind what is done who is told to have done it.
    """
    lemma, children = noun.lemma_.lower(), [child.lower_ for child in noun.children]
    if lemma not in EVENT_NOUNS:
        return []
    if actor := owner(found, noun):
        return [actor]
    if "every" in children or "each" in children:
        told = {actor for words, actor, _ in found.owned if lemma in words}
        return [*told] if len(told) == 1 else []
    if not any(word in _POINTING for word in children) or any(map(_tells_which, noun.children)):
        return []
    judge = _judge(found, noun)
    first, here = found.first(noun, 2), found.first(noun, 1)
    known = [(words, actor, at.i) for words, actor, at in found.owned
             if first <= at.i < noun.i and words & EVENT_NOUNS]  # fmt: skip
    same = {actor for words, actor, i in known if i >= here or lemma in words} - {judge}
    if lemma in _DONE:
        return [*same] if len(same) == 1 else _told_before(found, noun, judge)
    acting = {actor for subject, actor, _ in found.subjects if first <= subject.i < noun.i}
    candidates = same or ({actor for _, actor, _ in known} | acting) - {judge, ""}
    if len(candidates) == 1:
        return [*candidates]
    done = {actor for words, actor, _ in known if words & {*_DONE}} - {judge}
    if lemma in VOICES["definite"]["general"] and len(done) == 1:
        return [*done]
    if not here or lemma not in VOICES["definite"]["told"]:
        return []
    doers = _doers(found, noun.doc[here - 1].sent.root)
    return [] if judge in doers else doers


def _told_before(found: Discourse, noun: Token, judge: str) -> list[str]:
    """Who "launched" or "began a launch" where that was last told, in a sentence before or this one."""
    lemma = noun.lemma_.lower()
    verbs, clause = _DONE[lemma], []
    for above in noun.ancestors:
        clause.append(above)
        if above.dep_ == "conj" and above.pos_ in ("VERB", "AUX"):
            break
    for verb in reversed(noun.doc[: noun.i]):
        if verb.pos_ != "VERB" or verb in clause:
            continue
        objects = {child.lemma_.lower() for child in verb.children if child.dep_ in ("dobj", "nsubjpass")}
        if verb.lemma_ in verbs or (objects & {lemma, *verbs} and not cue_of(verb)):
            doers = _doers(found, verb)
            return [] if judge in doers else doers
    enemies = VOICES["epithets"].get(lemma, []) if found.home == "North Korea" else []
    return [actor for actor in enemies if actor in found.kinds and actor != judge]


def judged(found: Discourse, pronoun: Token) -> list[str]:
    """Who did what "That is nonsense" judges: the subject of the sentence before."""
    verb = pronoun.head
    judges = verb.lemma_ == "be" and any(child.dep_ in ("attr", "acomp") for child in verb.children)
    if not judges or pronoun.dep_ not in SUBJECTS or pronoun.sent.start != pronoun.i or not pronoun.i:
        return []
    return _doers(found, pronoun.doc[found.first(pronoun, 1) - 1].sent.root)


def event_before(found: Discourse, pronoun: Token) -> Token | None:
    """The event that "it" is in "Russia deplored the decision, and China called it unhelpful"."""
    if pronoun.lower_ != "it" or pronoun.tag_ != "PRP" or pronoun.dep_ in SUBJECTS:
        return None
    first, here = found.first(pronoun, 2), found.first(pronoun, 1)
    words = [*reversed(pronoun.doc[here : pronoun.i])]
    words += [word for word in pronoun.doc[first:here] if word.dep_ in SUBJECTS]
    parts = ("dobj", *SUBJECTS)
    return next((w for w in words if w.tag_ == "NN" and w.lemma_ in EVENT_NOUNS and w.dep_ in parts), None)


def _tells_which(child: Token) -> bool:
    """Whether a word under a noun tells which event is meant, "the move to close the road"; a date does not."""
    dated = child.dep_ == "prep" and all(word.ent_type_ in ("DATE", "TIME") for word in child.children)
    return child.dep_ in ("amod", "compound", "prep", "acl", "relcl") and not dated and child.lower_ != "such"


def _judge(found: Discourse, noun: Token) -> str:
    """The actor of the verb whose object a noun is."""
    if noun.dep_ in SUBJECTS:
        return ""
    for verb in noun.ancestors:
        if verb.pos_ == "VERB" and (subject := _subject(verb)) is not None:
            return "" if subject.dep_ == "nsubjpass" else found.actor_of(subject)
    return ""


def _subject(verb: Token) -> Token | None:
    while (subject := subject_of(verb)) is None and verb.dep_ == "conj":
        verb = verb.head
    return subject


def _doers(found: Discourse, verb: Token) -> list[str]:
    """The actors who do or say what a verb tells: its subject, or the agent of a passive."""
    doer = _subject(verb)
    if doer is None or doer.dep_ == "nsubjpass":
        by = (word for link in verb.children if link.dep_ == "agent" for word in link.children)
        doer = next(by, None)
    if doer is None or doer.lemma_.lower() in EVENT_NOUNS:
        return []
    every = [doer, *(word for word in doer.children if word.dep_ == "conj")]
    return [*dict.fromkeys(actor for word in every if (actor := found.actor_of(word)))]
