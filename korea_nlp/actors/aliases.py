"""The table of actors: which words stand for whom, read and checked."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from korea_nlp.errors import ArticleError

KINDS = ("state", "person", "organisation", "collective")
FORMS = ("in_office", "aliases", "places", "seats", "acting", "patterns")
_SHIPPED = Path(__file__).parents[1] / "assets" / "actors.toml"
_KEYS = {"kind", "pronoun", "state", "terms", "heads", *FORMS}
_TERM = re.compile(r"\d{4}-\d\d-\d\d/(?:\d{4}-\d\d-\d\d)?")
_NOT_NOW = r"(?<!ormer )(?<!then-)(?<!then )(?<!next )(?<!late )(?<!ex-)(?<!uture )"
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


def pronouns() -> dict[str, str]:
    """The pronoun, ``"he"`` or ``"she"``, of the persons for whom the shipped alias table has one."""
    return _column("pronoun")


def states_of_actors() -> dict[str, str]:
    """The state of the persons and bodies for whom the shipped alias table has one."""
    return _column("state")


@lru_cache(maxsize=1)
def seats() -> dict[str, str]:
    """The states of the capitals of the shipped alias table."""
    entries = _read_table(_SHIPPED)["actors"].items()
    return {form: actor for actor, entry in entries for form in entry.get("seats", [])}


def _column(key: str) -> dict[str, str]:
    actors = _read_table(_SHIPPED)["actors"]
    return {actor: entry[key] for actor, entry in actors.items() if key in entry}


def read_rules(path: str | None) -> tuple[list[Rule], dict[str, str]]:
    """The rules of the shipped alias table and of that at `path`, and the kinds of the actors.

    Raises
    ------
    ArticleError
        The alias file cannot be read or is not of that form.
    """
    changed = Path(path).stat().st_mtime_ns if path and Path(path).is_file() else 0
    return _rules(path, changed)


@lru_cache(maxsize=8)
def _rules(path: str | None, changed: int) -> tuple[list[Rule], dict[str, str]]:
    tables = [_read_table(_SHIPPED)] + ([_read_table(Path(path).expanduser())] if path else [])
    rules: list[Rule] = []
    kinds: dict[str, str] = {}
    own = {form.casefold() for table in tables[1:] for entry in table["actors"].values()
           for key in FORMS[:-1] for form in entry.get(key, [])}  # fmt: skip
    entries = [item for table in tables for item in table["actors"].items()]
    heads = {state: entry["heads"] for state, entry in entries if "heads" in entry}
    for number, table in enumerate(tables):
        excluded = [form for form in table["exclude"] if number or form.casefold() not in own]
        rules += [Rule(_pattern(form), None, "", "exclude", _word(form)) for form in excluded]
        for actor, entry in table["actors"].items():
            kinds[actor] = entry["kind"] if "kind" in entry else kinds[actor]
            leads = heads.get(entry.get("state"), []) if "terms" in entry else []
            for key in FORMS:
                for form in [*entry.get(key, []), *(leads if key == "in_office" else [])]:
                    if number == 0 and form.casefold() in own:
                        continue
                    place = key in ("places", "seats", "in_office")
                    pattern = re.compile(form) if key == "patterns" else _pattern(form, place)
                    if key == "in_office":
                        either = re.sub(r"(?<=\\ )[a-z]", lambda c: f"[{c[0]}{c[0].upper()}]", pattern.pattern)
                        pattern = re.compile(_NOT_NOW + either + "(?!-)")  # "president-elect"
                    word = _word(form) if key != "patterns" else ""
                    rules.append(Rule(pattern, actor, kinds[actor], key, word, tuple(entry.get("terms", []))))
    return rules, kinds


def _read_table(path: Path) -> dict:
    """An alias table whose form has been checked."""
    if path == _SHIPPED:
        return _shipped()
    return _read(path)


@lru_cache(maxsize=1)
def _shipped() -> dict:
    return _read(_SHIPPED)


def _read(path: Path) -> dict:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
        advice = "see korea_nlp/assets/actors.toml"
        raise ArticleError(f"{path}: the alias file cannot be read ({reason}); {advice}") from None
    actors, exclude = table.get("actors", {}), table.get("exclude", [])
    known = {} if path == _SHIPPED else _shipped()["actors"]
    problem = None
    if unknown := set(table) - {"actors", "exclude"}:
        problem = f"unknown key {min(unknown)!r}; the keys are actors and exclude"
    elif not _is_list(exclude) or not isinstance(actors, dict):
        problem = "'exclude' must be a list of texts and 'actors' a table"
    for actor, entry in actors.items() if problem is None else ():
        if not isinstance(entry, dict) or set(entry) - _KEYS:
            problem = f"{actor!r} may only have {', '.join(sorted(_KEYS))}"
        elif entry.get("kind", KINDS[0]) not in KINDS or ("kind" not in entry and actor not in known):
            problem = f"{actor!r} needs a kind: {', '.join(KINDS)}"
        elif not all(_is_list(entry.get(key, [])) for key in (*FORMS, "heads")):
            problem = f"{', '.join(FORMS[:-1])} and patterns of {actor!r} must be lists of texts"
        elif not _is_list(entry.get("terms", [])) or not all(map(_TERM.fullmatch, entry.get("terms", []))):
            problem = f"terms of {actor!r} must be like '2017-05-10/2022-05-10'"
        elif bad := [form for form in entry.get("patterns", []) if not _compiles(form)]:
            problem = f"{bad[0]!r} of {actor!r} is not a regular expression"
    if problem:
        raise ArticleError(f"{path}: {problem}")
    return {"actors": actors, "exclude": exclude}


def _is_list(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) and item.strip() for item in value)


def _compiles(form: str) -> bool:
    try:
        re.compile(form)
    except re.error:
        return False
    return True


def _pattern(form: str, place: bool = False) -> re.Pattern:
    before = r"(?<!\w)"
    if form.startswith("the "):
        before, form = _THE, form[4:]
    words = _words(form)
    if form == form.lower():
        words = f"(?i:{words})"
    elif form != form.upper():
        words = f"(?:{words}|{_words(form.upper())})"
    after = r"(?!\w)(?! [A-Z]| of\b)" if place else r"(?!\w)"
    return re.compile(before + words + after)


def _word(form: str) -> str:
    return max(re.findall(r"\w+", form.lower()), key=len, default="")


def _words(form: str) -> str:
    """A pattern of what is written: with either apostrophe, and initials with or without a space."""
    return re.sub(r"(?<=\b\w\\\.)(?=\w)", " ?", re.escape(form).replace("'", "['’]"))
