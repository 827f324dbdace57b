"""Names that no alias covers: which of those that the language model finds are actors, and who they are."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from korea_nlp.cues import VOICES, cue_of, first_of_list, is_subject
from korea_nlp.sources.layout import is_role, turns

if TYPE_CHECKING:
    from spacy.tokens import Span, Token

    from korea_nlp.article import Article

_ASSETS = Path(__file__).parents[1] / "assets"
NAMES = tomllib.loads((_ASSETS / "names.toml").read_text(encoding="utf-8"))
_STATES = tomllib.loads((_ASSETS / "states.toml").read_text(encoding="utf-8"))
_PEOPLES = {name: state for state, names in _STATES["peoples"].items() for name in (state, *names)}
_KINDS = {"PERSON": "person", "ORG": "organisation", "GPE": "state", "NORP": "collective"}
_EDGE = re.compile(r"^(?:the\s+|an?\s+|\W)+|(?:['’]s|[^\w.)])+$", re.IGNORECASE)
_OWNER = re.compile(r"^.*['’]s\s+(?=[A-Z])")
_ORGANISATION = re.compile(rf"\b(?:{'|'.join(NAMES['organisations'])})(?:$| (?:of|for|on)\b)")
_KOREAN = re.compile(rf"(?<![\w-])(?:{'|'.join(NAMES['families'])}) [A-Z][a-z]+-[A-Za-z][a-z]*(?![\w-])")
_OFFICE = re.compile(rf"\b(?:{'|'.join(NAMES['offices'])})\b")
_TITLES = "|".join([*NAMES["titles"], *VOICES["offices"]["members"]])
_TITLE = re.compile(rf"(?:.*\b(?:{_TITLES})\b\.?(?: of \w+)*)? ?", re.IGNORECASE)
_CAPITALS = r"[A-Z][A-Z.’']*[A-Z]"
_DATE = r"(?:[,/][^\n()—–]{1,40}?)?"
_AGENCY = r" ?\([^()\n]{1,40}\)"
_DATELINE = re.compile(
    rf"^(?:{_CAPITALS}(?: {_CAPITALS}){{0,3}}{_DATE}(?:{_AGENCY})?|[A-Z][\w’' ]{{2,20}}{_DATE}{_AGENCY})"
    r"(?:(?: +|(?<=\)))(?:--|-) +| *[—–] *)(?=[\w“\"‘'])",
    re.MULTILINE,
)


class Match(NamedTuple):
    """Where an actor is named; `actor` is None where a name is no actor's."""

    start: int
    end: int
    actor: str | None
    kind: str
    found_by: str


def datelines(text: str) -> list[tuple[int, int]]:
    """Start and end of "SEOUL (Agency) - " at the head of a paragraph."""
    return [match.span() for match in _DATELINE.finditer(text)]


def entities(article: Article) -> list[Match]:
    """Names that the language model finds; those that are no actor's with `actor` None."""
    text = article.text
    labels = list(_labels(text))
    labelled = {i for label in labels for i in range(label.start, label.end)}
    found, spelled, acting = [], {}, set()
    for entity in article.doc.ents:
        kind = _KINDS.get(entity.label_)
        start, end = _trimmed(text, entity.start_char, entity.end_char)
        if kind == "person":
            named = start + _TITLE.match(text[start:end]).end()
            start = named if named < end or " " not in text[start:end] else start  # "Winston Lord" is no title
        name = text[start:end]
        if not kind or len(name) < 2 or "\n" in name or not name[0].isupper():
            continue
        actor = spelled.setdefault(name.casefold(), name)
        if kind in ("person", "organisation") and _acts(entity.root):
            acting.add(actor)
        if labelled.isdisjoint(range(start, end)):
            found.append((Match(start, end, actor, kind, "entity"), entity))
    short = _beginnings(match for match, _ in found)
    acting |= {short[name] for name in acting if name in short}
    found = [
        (match._replace(actor=short[match.actor], kind="organisation") if match.actor in short else match, entity)
        for match, entity in found
    ]
    korean = [Match(*name.span(), name[0], "person", "entity") for name in _KOREAN.finditer(text)]
    return [*korean, *labels, *(_judged(match, entity, acting) for match, entity in found)]


def _beginnings(matches: Iterable[Match]) -> dict[str, str]:
    """What stands for an organisation by the beginning of its name: "Calderon" for the Calderon Chemical of before."""
    whole: dict[str, str] = {}
    short: dict[str, str] = {}
    for match in sorted(matches):
        name = match.actor
        # "Ford" after the Ford Foundation is a person
        firm = match.kind == "person" and " " not in name and not is_organisation(whole.get(name, ""))
        if name in whole and (firm or match.kind == "organisation"):
            short[name] = whole[name]
        if match.kind == "organisation":
            words = name.split()
            whole = {" ".join(words[:n]): name for n in range(1, len(words))} | whole
    return short


def _labels(text: str) -> Iterator[Match]:
    """The persons in the labels of a transcript: "MR. PARK: ..."."""
    for start, end, _ in turns(text):
        label = re.match(r"[^(:]*\w", text[start:end])[0]
        name = label[_TITLE.match(label).end() :]
        if len(name) > 1 and not is_role(label):
            named = name.title() if name.isupper() else name
            kind = "organisation" if is_organisation(named) else "person"
            yield Match(start + len(label) - len(name), start + len(label), named, kind, "entity")


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Without an article, a possessive ending and an owner ("Seoul's" in "Seoul's Kookmin Bank")."""
    while edge := _EDGE.search(text[start:end]) or _OWNER.search(text[start:end]):
        start, end = (start + edge.end(), end) if edge.start() == 0 else (start, start + edge.start())
    return start, end


def _judged(match: Match, entity: Span, acting: set[str]) -> Match:
    """The match with the actor whom it names, or with None."""
    name, root = match.actor, entity.root
    if (state := _PEOPLES.get(name) or _PEOPLES.get(name.title())) and (match.kind != "person" or " " in name):
        return match._replace(actor=state, kind="state")
    if state := _STATES["seats"].get(name):
        kind = "organisation" if state == "European Union" else "state"
        return match._replace(actor=None if is_place(entity) else state, kind=kind)
    if root.head.lower_ == "of" and root.head.head.lemma_.lower() in NAMES["places"]:
        is_actor = False  # "the town of Paju"
    elif match.kind == "state":
        is_actor = root.dep_ == "nsubj" and cue_of(root.head)
    elif match.kind == "collective":
        is_actor = root.tag_ in ("NNPS", "NNS")
    elif match.kind == "organisation":
        is_actor = is_organisation(name) or (name in acting and not _OFFICE.search(name))
    else:
        is_actor = " " in name or name in acting
    return match if is_actor else match._replace(actor=None)


def is_organisation(name: str) -> bool:
    """Whether a name says that it is an organisation's."""
    return bool(_ORGANISATION.search(name))


def is_opposed(text: str, start: int) -> bool:
    """Whether a name only says whom others are for or against: "Japan" in "anti-Japan group"."""
    return text[max(start - 5, 0) : start].lower().endswith(("anti-", "pro-"))


def is_place(name: Span, organisations: set[int] = frozenset()) -> bool:
    """Whether a capital is only where something is: "a summit in Beijing", but not "the cabinet in Tokyo".

    `organisations` are the tokens of organisations that are actors, whose seat the capital can say.
    """
    first = first_of_list(name.root)
    if first.dep_ != "pobj":
        return False
    preposition = first.head
    while preposition.dep_ in ("prep", "conj") and preposition.head.dep_ == "prep":
        preposition = preposition.head
    near = {preposition.head, preposition.doc[max(preposition.i - 1, 0)]}
    if preposition.lower_ in NAMES["locative"]:
        return not any(_is_seated(word) or word.i in organisations for word in near)
    return any(word.lemma_.lower() in NAMES["travel"] for word in near)


def _is_seated(word: Token) -> bool:
    return word.lemma_.lower() in NAMES["seated"] or (word.pos_ == "PROPN" and word.text in NAMES["offices"])


def _acts(token: Token) -> bool:
    return is_subject(token) or token.dep_ == "poss"


def acts(token: Token) -> bool:
    """Whether a noun speaks, acts or is acted upon; who is only told something is not."""
    first = first_of_list(token)
    upon = first.dep_ in ("dobj", "dative") and not cue_of(first.head)
    return upon or _acts(token)


def short_names(text: str, matches: list[Match]) -> list[Match]:
    """With later, shorter mentions of organisations: "the Joint Chiefs", "the Institute", "ABC"."""
    found = sorted(matches)
    for match in sorted(matches):
        name = text[match.start : match.end]
        if match.kind != "organisation" or " " not in name:
            continue
        for form in _shorter(name, text[match.end : match.end + 16]):
            before = r"(?<!\w)" if form.isupper() else r"(?<=[Tt]he )"
            pattern = re.compile(rf"{before}{re.escape(form)}(?!\w)(?! (?:[A-Z]|of [A-Z]))")
            for again in pattern.finditer(text, match.end):
                start, end = again.span()
                there = [other for other in found if other.start < end and start < other.end]
                if all(other.found_by == "entity" and other[:2] == (start, end) for other in there):
                    found = [other for other in found if other not in there]
                    found.append(match._replace(start=start, end=end))
    return found


def _shorter(name: str, after: str) -> list[str]:
    """Short forms of the name of an organisation, longest first."""
    abbreviation = re.match(r" \(([A-Z]{2,8})\)", after)
    head = re.split(r" (?:of|for|on) ", name)[0]
    words = head.split()
    starts = [i for i, word in enumerate(words) if i == 0 or word[0].isupper()] if len(words) > 1 else []
    forms = {" ".join(words[i:]) for i in starts} - {name}
    return [*([abbreviation[1]] if abbreviation else []), *sorted(forms, key=len, reverse=True)]
