"""Texts in one case of letters, all capitals or none: with capitals where names and sentences begin."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from typing import TYPE_CHECKING

from korea_nlp.paths import ASSETS

if TYPE_CHECKING:
    from spacy.language import Language

_LEAST = 8  # words in two sentences; less can be a headline
_CAPITALS, _NONE = 0.95, 0.005  # share of capitals among the letters: at least, at most
_START = re.compile(r"(?:^|(?<!\b\w)[.!?…][\"'”’»)]* )[^\w\s]*(?=\w)", re.MULTILINE)


def letter_case(text: str) -> str:
    """``"capitals"`` or ``"lower case"`` if (nearly) all of a text is written so, else ``""``."""
    if len(text.split()) < _LEAST or len(re.findall(r"[.!?](?:\W|$)", text)) < 2:
        return ""
    letters = sum(letter.isupper() or letter.islower() for letter in text)
    capitals = sum(map(str.isupper, text))
    if capitals >= _CAPITALS * letters:
        return "capitals"
    return "lower case" if capitals <= _NONE * letters else ""


def truecased(text: str, nlp: Language) -> str:
    """The text with capitals where sentences begin and in names: those of the lists, and those that grammar shows."""
    low = text.lower()
    letters = list(low)
    doc = nlp(low)
    tags = {token.idx: token.tag_ for token in doc}
    proper = {token.idx for token in doc if token.tag_ in ("NNP", "NNPS") and token.ent_type_}
    for start in {match.end() for match in _START.finditer(low)} | proper:
        letters[start] = letters[start].upper()
    names, pattern = _names()
    listed = [(*found.span("form"), names[found["form"]], found["title"]) for found in pattern.finditer(low)]
    families = {form.split()[-1] for *_, form, _ in listed if " " in form}
    for start, end, form, title in listed:
        side = form in ("North", "South", "West") and low[:start].endswith("the ") and low[end : end + 4] != " of "
        named = tags.get(start) in ("NNP", "NNPS") or (tags.get(start) == "JJ" and len(form) > 2)
        if title or named or side or form in families or re.search("[ .-]", form):
            letters[start:end] = form
    return re.sub(r"\bi\b", "I", "".join(letters))


@cache
def _names() -> tuple[dict[str, str], re.Pattern]:
    """The listed names by what they are in lower case, and a pattern of them, perhaps with a title before."""
    actors, states, titles = (
        tomllib.loads((ASSETS / f"{name}.toml").read_text(encoding="utf-8")) for name in ("actors", "states", "names")
    )
    entries = actors["actors"].values()
    forms = [
        form.removeprefix("the ")
        for entry in entries
        for key in ("aliases", "places", "seats")
        for form in entry.get(key, [])
    ]
    forms += [form for name, others in states["peoples"].items() for form in (name, *others)]
    forms += [*states["seats"], *actors["exclude"]]
    names = {form.lower(): form for form in reversed(forms) if form != form.lower()}
    title = "|".join(titles["titles"]).lower()
    listed = "|".join(re.escape(form) for form in sorted(names, key=len, reverse=True))
    return names, re.compile(rf"(?<!\w)(?P<title>(?:{title})\.? )?(?P<form>{listed})(?!\w)")
