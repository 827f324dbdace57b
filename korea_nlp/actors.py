"""Who is in an article: states, persons, organisations and collectives, by alias table and by name."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Set
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from korea_nlp.article import Article
from korea_nlp.errors import ArticleError

KINDS = ("state", "person", "organisation", "collective")
COLUMNS = ["actor", "kind", "sentence", "paragraph", "start", "end", "text", "found_by"]
_SHIPPED = Path(__file__).parent / "assets" / "actors.toml"
_FORMS = ("aliases", "places", "patterns")
_ENTITY_KINDS = {"PERSON": "person", "ORG": "organisation", "GPE": "state", "NORP": "collective"}
_THE = r"(?:(?<=\bthe )|(?<=\bThe )|(?<=\bTHE ))"
_EDGE = re.compile(r"^(?:the\s+|an?\s+|\W)+|(?:['’]s|[^\w.)])+$", re.IGNORECASE)


class _Match(NamedTuple):
    start: int
    end: int
    actor: str | None  # None: excluded
    kind: str
    found_by: str


def find_actors(article: Article, aliases: str | Path | None = None) -> pd.DataFrame:
    """Find every mention of an actor.

    A name in the alias table stands for its actor: "Pyongyang", "the North" and the adjective "North
    Korean" for North Korea. Other names that the language model finds are actors under their own name;
    a family name stands for the person last named with it. Longest match wins.

    Parameters
    ----------
    aliases
        A TOML file of the form of ``assets/actors.toml`` whose entries are added to it.

    Returns
    -------
    DataFrame
        One row per mention in order of `start`: `actor`, `kind` (state, person, organisation,
        collective), `sentence`, `paragraph`, `start`, `end`, `text`, `found_by` (alias, entity). Mentions
        do not overlap, and hold neither an article nor a possessive ending.

    Raises
    ------
    ArticleError
        The alias file cannot be read or is not of that form.
    """
    path = str(aliases) if aliases is not None else None
    changed = Path(path).stat().st_mtime_ns if path and Path(path).is_file() else 0
    rules, kinds = _rules(path, changed)
    text = article.text
    found = _longest(
        _Match(*match.span(), actor, kind, "alias")
        for pattern, actor, kind in rules
        for match in pattern.finditer(text)
        if match.group()
    )
    aliased = {match for match in found if match.actor is not None}
    found = _longest([*found, *_entities(article)], keep=aliased)
    named = _family_names(article, [match for match in found if match.actor is not None])
    rows, sentences = [], article.sentences
    starts = sentences["start"].to_numpy()
    for match in sorted(named):
        index = max(int(starts.searchsorted(match.start, side="right")) - 1, 0)
        place = (index, int(sentences["paragraph"].iloc[index]), match.start, match.end)
        kind = kinds.get(match.actor, match.kind)
        rows.append((match.actor, kind, *place, text[match.start : match.end], match.found_by))
    return pd.DataFrame(rows, columns=COLUMNS)


def pronouns() -> dict[str, str]:
    """The pronoun, ``"he"`` or ``"she"``, of the persons for whom the shipped alias table has one."""
    actors = tomllib.loads(_SHIPPED.read_text(encoding="utf-8"))["actors"]
    return {actor: entry["pronoun"] for actor, entry in actors.items() if "pronoun" in entry}


@lru_cache(maxsize=8)
def _rules(path: str | None, changed: int) -> tuple[list[tuple[re.Pattern, str | None, str]], dict[str, str]]:
    """Patterns with their actors (None: excluded), and the kinds of the actors."""
    tables = [_read_table(_SHIPPED)] + ([_read_table(Path(path).expanduser())] if path else [])
    rules: list[tuple[re.Pattern, str | None, str]] = []
    kinds: dict[str, str] = {}
    own = {form.casefold() for table in tables[1:] for entry in table["actors"].values()
           for form in (*entry.get("aliases", []), *entry.get("places", []))}  # fmt: skip
    for number, table in enumerate(tables):
        excluded = [form for form in table["exclude"] if number or form.casefold() not in own]
        rules += [(_pattern(form), None, "") for form in excluded]
        for actor, entry in table["actors"].items():
            kinds[actor] = entry["kind"] if "kind" in entry else kinds[actor]
            for key in _FORMS:
                for form in entry.get(key, []):
                    if number == 0 and form.casefold() in own:
                        continue
                    pattern = re.compile(form) if key == "patterns" else _pattern(form, place=key == "places")
                    rules.append((pattern, actor, kinds[actor]))
    return rules, kinds


def _read_table(path: Path) -> dict:
    """An alias table whose form has been checked."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
        advice = "see korea_nlp/assets/actors.toml"
        raise ArticleError(f"{path}: the alias file cannot be read ({reason}); {advice}") from None
    actors, exclude = table.get("actors", {}), table.get("exclude", [])
    known = {} if path == _SHIPPED else _read_table(_SHIPPED)["actors"]
    problem = None
    if unknown := set(table) - {"actors", "exclude"}:
        problem = f"unknown key {min(unknown)!r}; the keys are actors and exclude"
    elif not _is_list(exclude) or not isinstance(actors, dict):
        problem = "'exclude' must be a list of texts and 'actors' a table"
    for actor, entry in actors.items() if problem is None else ():
        if not isinstance(entry, dict) or set(entry) - {"kind", "pronoun", *_FORMS}:
            problem = f"{actor!r} may only have kind, pronoun, aliases, places and patterns"
        elif entry.get("kind", KINDS[0]) not in KINDS or ("kind" not in entry and actor not in known):
            problem = f"{actor!r} needs a kind: {', '.join(KINDS)}"
        elif not all(_is_list(entry.get(key, [])) for key in _FORMS):
            problem = f"aliases, places and patterns of {actor!r} must be lists of texts"
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
    words = re.escape(form).replace("'", "['’]")
    if form == form.lower():
        words = f"(?i:{words})"
    elif form != form.upper():
        words = f"(?:{words}|{re.escape(form.upper()).replace(chr(39), '[’' + chr(39) + ']')})"
    after = r"(?!\w)(?! [A-Z]| of\b)" if place else r"(?!\w)"
    return re.compile(before + words + after)


def _longest(matches: Iterable[_Match], keep: Set[_Match] = frozenset()) -> list[_Match]:
    """Of overlapping matches the longest, then the first; those in ``keep`` before all others."""
    chosen: list[_Match] = []
    taken: set[int] = set()

    def rank(m: _Match) -> tuple:
        return m not in keep, m.start - m.end, m.start, m.actor is not None

    for match in sorted(matches, key=rank):
        span = range(match.start, match.end)
        if span and taken.isdisjoint(span):
            taken.update(span)
            chosen.append(match)
    return chosen


def _entities(article: Article) -> list[_Match]:
    """Names that the language model finds and no alias covers."""
    matches, spelled = [], {}
    for entity in article.doc.ents:
        kind = _ENTITY_KINDS.get(entity.label_)
        start, end = entity.start_char, entity.end_char
        while edge := _EDGE.search(article.text[start:end]):
            start, end = (start + edge.end(), end) if edge.start() == 0 else (start, start + edge.start())
        name = article.text[start:end]
        if kind and len(name) > 1 and "\n" not in name and name[0].isupper():
            matches.append(_Match(start, end, spelled.setdefault(name.casefold(), name), kind, "entity"))
    return matches


def _family_names(article: Article, matches: list[_Match]) -> list[_Match]:
    """A first or last name alone stands for the person last named in full with it."""
    taken = {i for match in matches for i in range(match.start, match.end)}
    free = [
        _Match(start, end, "", "", "entity")
        for start, end in _lone_names(article)
        if taken.isdisjoint(range(start, end))
    ]
    bearers: dict[str, _Match] = {}
    resolved = []
    for match in sorted([*matches, *free]):
        name = article.text[match.start : match.end]
        bearer = bearers.get(name)
        if bearer is not None and (match.kind != "state" or match.found_by == "entity"):
            match = match._replace(actor=bearer.actor, kind="person")
        elif not match.actor:
            continue
        elif match.kind == "person" and " " in name and name[0].isupper():
            bearers[name.split()[0]] = bearers[name.split()[-1]] = match
        resolved.append(match)
    return resolved


def _lone_names(article: Article) -> list[tuple[int, int]]:
    """Proper nouns of one word, a title with a full stop ("Mr.") aside."""
    doc = article.doc
    name = [token.tag_ == "NNP" and not token.text.endswith(".") for token in doc] + [False]
    alone = [token for i, token in enumerate(doc) if name[i] and not name[i - 1] and not name[i + 1]]
    return [(token.idx, token.idx + len(token)) for token in alone]
