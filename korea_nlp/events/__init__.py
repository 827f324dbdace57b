"""Who did what to whom, where the article says so: verbal or material, cooperation or conflict."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd

from korea_nlp.actors import find_actors
from korea_nlp.article import Article
from korea_nlp.events.arguments import Arguments
from korea_nlp.events.factuality import is_negated, is_none, is_to_come, is_told, is_told_by_noun, is_unreal
from korea_nlp.events.triggers import (
    LISTS,
    EventType,
    Trigger,
    base_form,
    conjoined,
    forms,
    noun_type,
    objects_of,
    verb_types,
    words_of,
)
from korea_nlp.quotes import find_voices

if TYPE_CHECKING:
    from spacy.tokens import Span, Token

COLUMNS = [
    "sentence", "start", "end", "text", "actor", "category", "quad", "target", "verb", "intensity", "date",
    "voice", "speaker",
]  # fmt: skip

_UNDONE = LISTS["undone"]
_COMPLEMENTS = ("dobj", "dative", "nsubjpass", "agent", "prt", "oprd", "attr", "acomp", "prep")
_BEFORE_NOUN = ("poss", "amod", "compound", "nmod")
_ASIDE = ("relcl", "advcl", "parataxis", "appos")


def find_events(
    article: Article, mentions: pd.DataFrame | None = None, voices: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Find the events that an article states as done, being done, or announced.

    A verb, with its object where that decides ("cut ties" is not "cut tariffs"), or a noun with its doer
    ("exercises by the South") triggers an event by the lists of ``assets/events.toml``; the parse says who
    does it and to whom. What is negated, imagined, asked for or only alleged is no event; a refusal is one.

    Parameters
    ----------
    mentions, voices
        What `find_actors` and `find_voices` returned; found anew if left out.

    Returns
    -------
    DataFrame
        One row per event, doer and target, in order of `start`: `sentence` (number from 1), `start`, `end`,
        `text` (the evidence: the verb with its object), `actor` and `target` (``""`` if the sentence does not
        say; one of the two is there), `category` (of PLOVER), `quad` (verbal or material cooperation or
        conflict), `verb` (the words that told it), `intensity` (-10, conflict, to 10, cooperation: Goldstein
        1992, see the file), `date` (as written, or ``""``), `voice` and `speaker` of the words (see
        `find_voices`). What two do with each other has a row for each. Without a parse there are no rows.
    """
    mentions = find_actors(article) if mentions is None else mentions
    voices = find_voices(article, mentions) if voices is None else voices
    arguments = Arguments(article.doc, mentions, voices)
    triggers = sorted(_triggers(article, arguments), key=lambda trigger: trigger.word.i)
    words = {trigger.word.i for trigger in triggers}
    dates = [span for span in article.doc.ents if span.label_ in ("DATE", "TIME") and _is_date(span)]
    rows: list[dict] = []
    for trigger in triggers:
        event, (start, end) = trigger.type, _evidence(trigger)
        voice, speaker = arguments.voice(trigger.word)
        row = {"sentence": article.sentence_at(trigger.word.idx), "start": start, "end": end}
        row |= {"text": article.text[start:end], "date": _date(trigger.word, dates, words)}
        row |= {name: getattr(event, name) for name in ("category", "quad", "verb", "intensity")}
        row |= {"voice": voice, "speaker": speaker}
        doers, targets = arguments.of(trigger, rows)
        rows += [row | {"actor": actor, "target": target} for actor, target in _pairs(event, doers, targets)]
    return _without_repeats(pd.DataFrame(rows, columns=COLUMNS))


def _triggers(article: Article, arguments: Arguments) -> Iterator[Trigger]:
    """The triggers, verbs first: a noun that is the object of a verb's entry is none of its own."""
    taken: set[int] = set()
    for token in article.doc:
        if base_form(token) and (trigger := _verb_trigger(token, arguments, taken)) is not None:
            yield trigger
    for token in article.doc:
        if token.pos_ != "NOUN" or token.dep_ in ("compound", "amod") or token.i in taken or base_form(token):
            continue
        event = noun_type(token)
        if event and is_told_by_noun(token) and arguments.doers_of_noun(token):
            yield Trigger(token, event, [token], is_noun=True)


def _verb_trigger(verb: Token, arguments: Arguments, taken: set[int]) -> Trigger | None:
    """What a verb tells, if anything; words of its entry are put among those `taken`."""
    if verb.dep_ == "amod":
        return None
    nouns, kinds = objects_of(verb), {arguments.kinds.get(doer) for doer in arguments.doers_of_verb(verb)}
    event = next((entry for entry in verb_types(verb) if not entry.kinds or kinds <= entry.kinds), None)
    if event is None or not (event.objects or event.clause):
        event = _by_light_verb(verb, nouns) or event
    if event is None:
        return _undone(verb, None) if is_negated(verb) else None
    if any(noun.lower_ in ("other", "another") and noun.nbor(-1).lower_ in ("each", "one") for noun in nouns if noun.i):
        event = event._replace(mutual=True)
    elif event.mutual and not event.objects and any(child.dep_ == "nsubjpass" for child in verb.lefts):
        return None  # "was met with silence"
    own = [noun for noun in nouns if any(needed <= words_of(noun) for needed in event.objects)]
    taken.update(token.i for token in conjoined(own))
    if own and all(is_none(noun) for noun in own):
        return None
    to_come = is_to_come(verb)
    if is_negated(verb):
        return _undone(verb, event)
    if (event.reversed and not to_come) or arguments.by_author(verb):
        return None
    if to_come and (event.category in _UNDONE["threatened"] or base_form(verb) in _UNDONE["threatening"]):
        event = event._replace(**_UNDONE["threat"])
        if verb.dep_ == "ccomp" and arguments.doers_of_verb(verb) == arguments.doers_of_verb(verb.head):
            return Trigger(verb, event, nouns)  # also "would", of whoever says what he would do
    return Trigger(verb, event, nouns) if is_told(verb) else None


def _by_light_verb(verb: Token, nouns: list[Token]) -> EventType | None:
    """What an object tells that a verb says was done: "held talks"."""
    if forms(verb).isdisjoint(LISTS["factuality"]["light"]):
        return None
    for noun in nouns:
        if noun.pos_ != "PROPN" and not is_unreal(noun) and (found := noun_type(noun)):
            word = noun.lemma_.lower()
            return found._replace(verb=f"{base_form(verb)} {word}", objects=frozenset({frozenset({word})}))
    return None


def _undone(verb: Token, event: EventType | None) -> Trigger | None:
    """What it is not to do something: to refuse it, or to promise to forgo it."""
    quad = event.quad if event is not None and is_to_come(verb) else ""
    if quad.endswith("cooperation") or not forms(verb).isdisjoint(_UNDONE["refused"]):
        kind = _UNDONE["refusal"]
    elif quad == "material conflict":
        kind = _UNDONE["forbearance"]
    else:
        return None
    told = is_told(verb, negation=False)
    return Trigger(verb, EventType(**kind, verb=f"not {base_form(verb)}"), objects_of(verb)) if told else None


def _evidence(trigger: Trigger) -> tuple[int, int]:
    """Start and end of the verb with its object, or of the noun with its doer."""
    word = trigger.word
    tokens = [word, word.head] if word.dep_ == "compound" else [word]  # a gerund taken for a noun
    belonging = (*_COMPLEMENTS, *_BEFORE_NOUN) if trigger.is_noun else _COMPLEMENTS
    for child in word.children:
        if child.dep_ in belonging and (trigger.is_noun or child.i > word.i):
            tokens += [token for token in child.subtree if not _is_aside(token, child)]
        elif child.dep_ in ("xcomp", "ccomp") and child.i > word.i:
            tokens += child.subtree
    tokens = sorted(token for token in tokens if token.sent == word.sent and not token.is_space)
    first, last = tokens[0], tokens[-1]
    while last.is_punct and last.text not in '”"' and last.i > word.i:
        last = last.nbor(-1)
    text, end = word.doc.text, last.idx + len(last)
    quoted, after = text[first.idx : end], text[end : end + 2]
    if quoted.count("“") > quoted.count("”") or quoted.count('"') % 2:
        end += after.find("”") + 1 or after.find('"') + 1
    return first.idx, end


def _is_aside(token: Token, top: Token) -> bool:
    while token != top and token.dep_ not in _ASIDE:
        token = token.head
    return token != top


def _date(word: Token, dates: list[Span], triggers: set[int]) -> str:
    """The date that depends on a trigger; else on a verb above it that is no other trigger."""
    for date in dates:
        if date.sent == word.sent:
            nearest = next((token for token in (date.root, *date.root.ancestors) if token.i in triggers), word)
            if nearest == word or nearest.is_ancestor(word):
                return date.text
    return ""


def _is_date(span: Span) -> bool:
    """Not a length of time ("for decades") nor a frequency ("annual")."""
    root = span.root
    adjective = root.dep_ in ("amod", "compound", "poss", "advmod")
    return not adjective and root.head.lower_ not in ("for", "over", "within")


def _pairs(event: EventType, doers: list[str], targets: list[str]) -> Iterator[tuple[str, str]]:
    """Doer and target of each row."""
    if event.directed and not targets and len(doers) < 2:
        return
    mutual = event.mutual or event.category in LISTS["arguments"]["mutual"]
    if not targets and len(doers) > 1 and (mutual or (event.category == "SUPPORT" and event.objects)):
        yield from ((one, other) for one in doers for other in doers if one != other)
        return
    for doer in doers or [""]:
        for target in targets or [""]:
            if doer or target:
                yield doer, target
            if doer and target and event.mutual:
                yield target, doer


def _without_repeats(events: pd.DataFrame) -> pd.DataFrame:
    """One row for an event that a sentence tells twice: with the same words, or in words within each other.

    Of "bolstered its defenses by planting mines" the narrower is kept.
    """
    kept: list[int] = []
    spans = defaultdict(list)
    for row in sorted(events.itertuples(), key=lambda row: (row.end - row.start, row.start)):
        same = spans[row.sentence, row.actor, row.category, row.target]
        if not any(row.start < end and start < row.end for start, end in same):
            same.append((row.start, row.end))
            kept.append(row.Index)
    return events.loc[sorted(kept)].sort_values("start", kind="stable", ignore_index=True)
