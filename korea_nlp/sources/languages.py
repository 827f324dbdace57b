"""Which language an article is in, told by its commonest words and its letters."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from runpy import run_path

_NAMES = {
    "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "pt": "Portuguese", "nl": "Dutch",
    "sv": "Swedish", "da": "Danish", "nb": "Norwegian", "fi": "Finnish", "pl": "Polish", "cs": "Czech",
    "hu": "Hungarian", "ro": "Romanian", "tr": "Turkish", "id": "Indonesian",
}  # fmt: skip
_SCRIPTS = {"Korean": "[가-힣]", "Japanese": "[ぁ-ヿ]", "Chinese": "[一-鿿]", "Russian": "[Ѐ-ӿ]", "Arabic": "[؀-ۿ]"}
_LATIN_SHARE = 0.85  # of the letters, at least: an English article may give names in Hangul, too
_ENGLISH_SHARE = 0.06  # of the words are stop words, at least: about 0.4 in prose, 0.1 in headlines
_FOREIGN_SHARE = 0.3  # of the words are stop words of a language in a sentence that is written in it
_MOST_FOREIGN = 0.25  # of the words may stand in such sentences
_SENTENCE_WORDS = 8  # shorter sentences tell too little


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
    sentences = [_words(sentence) for sentence in re.split(r"(?<=[.!?…])\W|\n", text)]
    sentences = [sentence for sentence in sentences if len(sentence) >= _SENTENCE_WORDS] or [words]
    other: Counter[str] = Counter()
    for sentence in sentences:
        share, code = _most_like(sentence)
        if share >= _FOREIGN_SHARE and share > 1.5 * _share(sentence, "en"):
            other[_NAMES[code]] += len(sentence)
    if other.total() > _MOST_FOREIGN * sum(map(len, sentences)):
        return max(other, key=other.get)
    english = _share(words, "en")
    return None if english >= _ENGLISH_SHARE and english > _most_like(words)[0] / 2 else "another language"


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", text.lower())


def _most_like(words: list[str]) -> tuple[float, str]:
    """The largest share of stop words of a language other than English, and which language it is."""
    return max((_share(words, code), code) for code in _NAMES)


def _share(words: list[str], code: str) -> float:
    return sum(word in _stop_words(code) for word in words) / max(len(words), 1)


@cache
def _stop_words(code: str) -> set[str]:
    """From the file itself: to import it would load the language's tokenizer, which takes seconds for some."""
    return run_path(str(Path(find_spec("spacy.lang").origin).parent / code / "stop_words.py"))["STOP_WORDS"]
