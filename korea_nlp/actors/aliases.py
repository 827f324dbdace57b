"""The table of actors: which words stand for whom, read and checked."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from korea_nlp.errors import ArticleError, reason

KINDS = ("state", "person", "organisation", "collective")
FORMS = ("in_office", "aliases", "places", "seats", "acting", "patterns")
_SHIPPED = Path(__file__).parents[1] / "assets" / "actors.toml"
_KEYS = {"kind", "state", "terms", "heads", *FORMS}
_TERM = re.compile(r"\d{4}-\d\d-\d\d/(?:\d{4}-\d\d-\d\d)?")
_NOT_NOW = r"(?<!ormer )(?<!then-)(?<!then )(?<!next )(?<!late )(?<!ex-)(?<!uture )"
_DAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b"
_OF = {"places": r" (?:the |it\b|[A-Z])", "seats": " [A-Z]", "in_office": r"\b"}
"""What may not follow "of": "the North of England"; but "accused the North of lying"."""
_THE = r"(?:(?<=\bthe )|(?<=\bThe )|(?<=\bTHE ))"


class Rule(NamedTuple):
    """What stands for an actor (None: for no actor), in which of `FORMS` it is written, and at what times it does.

    `word` is in every text, in lower case, that the pattern matches.
    """

    pattern: re.Pattern
    actor: str | None
    kind: str
    form: str
    word: str = ""
    terms: tuple[str, ...] = ()

    def holds(self, date: str | None) -> bool:
        """Whether it stands for the actor in an article of that date (a day, a month or a year)."""
        found = re.search(r"\d{4}(?:-\d\d(?:-\d\d)?)?", date or "")
        if self.form != "in_office" or not found:
            return self.form != "in_office"
        first, last = (found[0] + rest[len(found[0]) - 4 :] for rest in ("-01-01", "-12-31"))
        terms = (term.split("/") for term in self.terms)
        return any(start <= first and last <= (end or "9") for start, end in terms)


def read_rules(path: str | Path | None) -> tuple[list[Rule], dict[str, str]]:
    """The rules of the shipped alias table and of that at `path`, and the kinds of the actors."""
    path = Path(path).expanduser() if path is not None else None
    return _rules(path, path.stat().st_mtime_ns if path is not None and path.is_file() else 0)


@lru_cache(maxsize=8)
def _rules(path: Path | None, changed: int) -> tuple[list[Rule], dict[str, str]]:
    tables = [_shipped()] if path is None else [_shipped(), _read(path)]
    entries = [item for table in tables for item in table["actors"].items()]
    heads = {state: entry["heads"] for state, entry in entries if "heads" in entry}
    kinds = {actor: entry["kind"] for actor, entry in entries if "kind" in entry}
    replaced = {
        form.casefold()
        for table in tables[1:]
        for entry in table["actors"].values()
        for key in FORMS[:-1]
        for form in entry.get(key, [])
    }
    rules: list[Rule] = []
    for table in tables:
        rules += [_rule(form, "exclude", None, "") for form in table["exclude"] if form.casefold() not in replaced]
        for actor, entry in table["actors"].items():
            terms = tuple(entry.get("terms", []))
            titles = heads.get(entry.get("state"), []) if terms else []
            for key in FORMS:
                forms = [*entry.get(key, []), *(titles if key == "in_office" else [])]
                rules += [
                    _rule(form, key, actor, kinds[actor], terms) for form in forms if form.casefold() not in replaced
                ]
        replaced = set()  # a reader's own table is taken whole
    return rules, kinds


def _rule(form: str, key: str, actor: str | None, kind: str, terms: tuple[str, ...] = ()) -> Rule:
    if key == "patterns":
        return Rule(re.compile(form), actor, kind, key)
    word = max(re.findall(r"\w+", form.lower()), key=len, default="")
    before, after = r"(?<!\w)", r"(?!\w)"
    if form.startswith("the "):
        before, form = _THE, form[4:]
    words = _spelled(form)
    if form == form.lower():
        words = f"(?i:{words})"
    elif form != form.upper():
        words = f"(?:{words}|{_spelled(form.upper())})"
    if key in ("places", "seats", "in_office"):
        after += rf"(?! (?!{_DAY})[A-Z]| of{_OF[key]})"
    if key == "in_office":  # its words may begin with capitals; "president-elect" is nobody yet
        words = re.sub(r"(?<=\\ )[a-z]", lambda letter: f"[{letter[0]}{letter[0].upper()}]", words)
        before, after = _NOT_NOW + before, after + "(?!-)"
    return Rule(re.compile(before + words + after), actor, kind, key, word, terms)


def _spelled(form: str) -> str:
    """A pattern of what is written: with either apostrophe, and initials with or without a space."""
    return re.sub(r"(?<=\b\w\\\.)(?=\w)", " ?", re.escape(form).replace("'", "['’]"))


@lru_cache(maxsize=1)
def _shipped() -> dict:
    return _read(_SHIPPED)


def _read(path: Path) -> dict:
    """An alias table whose form has been checked."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or reason(error)
        raise ArticleError(f"{path}: the alias file cannot be read ({why}); see korea_nlp/assets/actors.toml") from None
    if problem := _problem(table, {} if path == _SHIPPED else _shipped()["actors"]):
        raise ArticleError(f"{path}: {problem}")
    return {"actors": {}, "exclude": []} | table


def _problem(table: dict, known: dict) -> str | None:
    """What is wrong with the form of an alias table, if anything; actors that are `known` need no kind."""
    actors = table.get("actors", {})
    if unknown := set(table) - {"actors", "exclude"}:
        return f"unknown key {min(unknown)!r}; the keys are actors and exclude"
    if not _is_list(table.get("exclude", [])) or not isinstance(actors, dict):
        return "'exclude' must be a list of texts and 'actors' a table"
    for actor, entry in actors.items():
        if not isinstance(entry, dict) or set(entry) - _KEYS:
            return f"{actor!r} may only have {', '.join(sorted(_KEYS))}"
        if entry.get("kind", KINDS[0]) not in KINDS or ("kind" not in entry and actor not in known):
            return f"{actor!r} needs a kind: {', '.join(KINDS)}"
        if not all(_is_list(entry.get(key, [])) for key in (*FORMS, "heads")):
            return f"{', '.join(FORMS[:-1])} and patterns of {actor!r} must be lists of texts"
        if not _is_list(entry.get("terms", [])) or not all(map(_TERM.fullmatch, entry.get("terms", []))):
            return f"terms of {actor!r} must be like '2017-05-10/2022-05-10'"
        for form in entry.get("patterns", []):
            try:
                re.compile(form)
            except re.error:
                return f"{form!r} of {actor!r} is not a regular expression"
    return None


def _is_list(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) and item.strip() for item in value)
