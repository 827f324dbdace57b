"""What "it" stands for where that is no subject before: in quotations, and after a deed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korea_nlp.cues import SUBJECTS, VOICES

if TYPE_CHECKING:
    from spacy.tokens import Token

    from korea_nlp.annotation.references import References


def deed_before(found: References, token: Token) -> Token | None:
    """What "it" stands for in "Russia deplored the decision, and China called it unhelpful"."""
    here = found.subjects.first(token, 1)
    near = next((word for word in reversed(token.doc[here : token.i]) if _is_deed(word)), None)
    earlier = (word for word in token.doc[found.subjects.first(token, 2) : here] if word.dep_ in SUBJECTS)
    return near or next(filter(_is_deed, earlier), None)


def _is_deed(word: Token) -> bool:
    deed = word.tag_ == "NN" and word.lemma_ in VOICES["definite"]["deeds"]
    return deed and word.dep_ in ("dobj", *SUBJECTS)


def in_quotation(found: References, token: Token, quotations: list[tuple[int, int]]) -> str:
    """The one state or organisation that a quotation and the one before it, close by, speak of."""
    mine = next(at for at, (start, end) in enumerate(quotations) if start <= token.idx < end)
    if token.lower_ != "it" or token.dep_ not in SUBJECTS:
        return ""
    first, last = quotations[max(mine - 1, 0)]
    if "\n" in token.doc.text[last : token.idx].strip():
        first = quotations[mine][0]
    words = token.doc.char_span(first, token.idx, alignment_mode="expand")
    told = {found.named[word.i] for word in words if word.i in found.named and word.dep_ in SUBJECTS}
    fitting = {actor for actor in told if found.kinds[actor] in ("state", "organisation")}
    return fitting.pop() if len(fitting) == 1 else ""
