"""Texts in one case of letters, all capitals or none: with capitals where names and sentences begin."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from typing import TYPE_CHECKING

from korea_nlp.weights import ASSETS

if TYPE_CHECKING:
    from spacy.language import Language

_LEAST = 8  # words in two sentences; less can be a headline
_CAPITALS, _NONE = 0.95, 0.005  # share of capitals among the letters: at least, at most
_FORMS = ("aliases", "places", "seats")
_START = re.compile(r"(?:^|(?<!\b\w)[.!?…][\"'”’»)]* )[^\w\s]*(?=\w)", re.MULTILINE)


def letter_case(text: str) -> str:
    """``"capitals"`` or ``"lower case"`` if (nearly) all of a text is written so, else ``""``."""
    letters = [letter for letter in text if letter.isupper() or letter.islower()]
    if len(text.split()) < _LEAST or len(re.findall(r"[.!?](?:\W|$)", text)) < 2:
        return ""
    capitals = sum(letter.isupper() for letter in letters)
    if capitals >= _CAPITALS * len(letters):
        return "capitals"
    return "lower case" if capitals <= _NONE * len(letters) else ""


def recased(text: str, nlp: Language) -> str:
    """The text with capitals where sentences begin and in names: those of the lists, and those that grammar shows."""
    letters = list(text.lower())
    low = "".join(letters)
    doc = nlp(low)
    tags = {token.idx: token.tag_ for token in doc}
    proper = {token.idx for token in doc if token.tag_ in ("NNP", "NNPS") and token.ent_type_}
    for start in {match.end() for match in _START.finditer(low)} | proper:
        letters[start] = letters[start].upper()
    listed = [(*found.span("form"), _names()[found["form"]], found["title"]) for found in _pattern().finditer(low)]
    families = {form.split()[-1] for *_, form, _ in listed if " " in form}
    for start, end, form, title in listed:
        side = form in ("North", "South", "West") and low[:start].endswith("the ") and low[end : end + 4] != " of "
        named = tags.get(start) in ("NNP", "NNPS") or (tags.get(start) == "JJ" and len(form) > 2)
        if title or named or side or form in families or re.search("[ .-]", form):
            letters[start:end] = form
    return re.sub(r"\bi\b", "I", "".join(letters))


@cache
def _names() -> dict[str, str]:
    """The names that the lists have capitals in, by what they are in lower case."""
    actors, states = (
        tomllib.loads((ASSETS / name).read_text(encoding="utf-8")) for name in ("actors.toml", "states.toml")
    )
    entries = actors["actors"].values()
    forms = [form.removeprefix("the ") for entry in entries for key in _FORMS for form in entry.get(key, [])]
    forms += [form for name, others in states["peoples"].items() for form in (name, *others)]
    forms += [*states["seats"], *actors["exclude"]]
    return {form.lower(): form for form in reversed(forms) if form != form.lower()}


@cache
def _pattern() -> re.Pattern:
    names = tomllib.loads((ASSETS / "names.toml").read_text(encoding="utf-8"))
    titles = "|".join(title.lower() for title in names["titles"])
    forms = "|".join(re.escape(form) for form in sorted(_names(), key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?P<title>(?:{titles})\.? )?(?P<form>{forms})(?!\w)")
