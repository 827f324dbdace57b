"""Which language an article is in, told by its commonest words and its letters."""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module

_NAMES = {
    "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "pt": "Portuguese", "nl": "Dutch",
    "sv": "Swedish", "da": "Danish", "nb": "Norwegian", "fi": "Finnish", "pl": "Polish", "cs": "Czech",
    "hu": "Hungarian", "ro": "Romanian", "tr": "Turkish", "id": "Indonesian",
}  # fmt: skip
_SCRIPTS = {
    "Korean": "[가-힣]",
    "Japanese": "[ぁ-ヿ]",
    "Chinese": "[一-鿿]",
    "Russian": "[Ѐ-ӿ]",
    "Arabic": "[؀-ۿ]",
}
_LATIN_SHARE = 0.85  # of the letters, at least: an English article may give names in Hangul, too
_ENGLISH_SHARE = 0.06  # of the words are stop words, at least: about 0.4 in prose, 0.1 in headlines
_FOREIGN_SHARE = 0.3  # of the words are stop words of a language in a piece that is written in it
_MOST_FOREIGN = 0.25  # of the words may stand in such pieces
_PIECE_WORDS = 8  # shorter pieces tell too little


def foreign_language(text: str) -> str | None:
    """The language of a text that is not English as a whole, or None if it is.

    Counts letters by script and stop words by language (the lists are spaCy's), over the text and in each
    of its sentences: more than a quarter of the words in sentences of another language is too much.

    Returns
    -------
    str or None
        The name of a language, ``"another language"``, or None.
    """
    letters = [letter for letter in text if letter.isalpha()]
    if sum(letter.isascii() for letter in letters) < _LATIN_SHARE * len(letters):
        counts = {name: len(re.findall(script, text)) for name, script in _SCRIPTS.items()}
        if counts["Japanese"]:
            counts["Japanese"] += counts.pop("Chinese")
        most = max(counts, key=counts.get)
        if counts[most] > (1 - _LATIN_SHARE) / 2 * len(letters):
            return most
    words = _words(text)
    pieces = [_words(piece) for piece in re.split(r"(?<=[.!?…])\W|\n", text)]
    pieces = [piece for piece in pieces if len(piece) >= _PIECE_WORDS] or [words]
    other: dict[str, int] = {}
    for piece in pieces:
        name, share = _most_like(piece)
        if share >= _FOREIGN_SHARE and share > 1.5 * _share(piece, "en"):
            other[name] = other.get(name, 0) + len(piece)
    if sum(other.values()) > _MOST_FOREIGN * sum(map(len, pieces)):
        return max(other, key=other.get)
    english = _share(words, "en")
    return None if english >= _ENGLISH_SHARE and english > _most_like(words)[1] / 2 else "another language"


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", text.lower())


def _most_like(words: list[str]) -> tuple[str, float]:
    """The language other than English whose stop words are most frequent, and their share."""
    code = max(_NAMES, key=lambda code: _share(words, code))
    return _NAMES[code], _share(words, code)


def _share(words: list[str], code: str) -> float:
    return sum(word in _stop_words(code) for word in words) / max(len(words), 1)


@cache
def _stop_words(code: str) -> set[str]:
    return import_module(f"spacy.lang.{code}.stop_words").STOP_WORDS
