"""Sentence compression: which words can be left out of a sentence without saying anything else.

Deleting subtrees of the parse is the classical form of it (Knight and Marcu 2000; Filippova and Strube 2008). Which of
them go is the generator's choice: it gets a grammar that admits the article's words in their order, with or
without each of these parts, and nothing else.
"""

from __future__ import annotations

import json
import tomllib
from itertools import chain, pairwise
from typing import TYPE_CHECKING

from korea_nlp.article import Article
from korea_nlp.cues import cue_of
from korea_nlp.paths import ASSETS

if TYPE_CHECKING:
    from spacy.tokens import Span, Token

DATED = {"DATE", "TIME"}
NAMED = {"PERSON", "GPE", "ORG", "NORP", "LOC", "FAC"}
_COMMAS = {",", "–", "—"}
_OBJECTS = {"acomp", "agent", "attr", "ccomp", "dobj", "oprd", "prep", "xcomp"}
_QUOTES = set('“”"')
SETTINGS = tomllib.loads((ASSETS / "summary.toml").read_text(encoding="utf-8"))
"""Prompts and word lists."""


def sentence_span(article: Article, sentence: int) -> Span:
    """The analysed words of a sentence."""
    row = article.sentences.iloc[sentence]
    return article.doc.char_span(row["start"], row["end"], alignment_mode="expand")


def omissible(sentence: Span) -> list[tuple[int, int]]:
    """Parts of a sentence that can be left out, as (first token, last token + 1) of its document.

    Parts can lie within each other. None begins or ends within a quotation, says what somebody named does, or who
    says it.
    """
    parts = [part for token in sentence if (part := _part(sentence, token))]
    found = {_with_commas(sentence, *part) for part in parts if not _reports(sentence.doc[slice(*part)])}
    kept: list[tuple[int, int]] = []
    for start, end in sorted(found, key=lambda part: (part[0], -part[1])):
        quotes = [_quote_marks(sentence.doc[at:to]) % 2 for at, to in ((sentence.start, start), (start, end))]
        crossing = any(before < start < until < end for before, until in kept)
        if not any(quotes) and not crossing and start < end and end - start < len(sentence) - 1:
            kept.append((start, end))
    return kept


def _reports(part: Span) -> bool:
    """Whether it names somebody and what is done, or has a verb of saying."""
    named = {"VERB", "PROPN"} <= {token.pos_ for token in part if token.ent_type_ not in DATED}
    return named or any(token.pos_ == "VERB" and cue_of(token) for token in part)


def _quote_marks(tokens: Span) -> int:
    return sum(token.text in _QUOTES for token in tokens)


def _part(sentence: Span, token: Token) -> tuple[int, int] | None:
    """The part that begins with a token's subtree, if it can go."""
    lists, doc = SETTINGS["compression"], sentence.doc
    start, end = token.left_edge.i, token.right_edge.i + 1
    part, head, word = doc[start:end], token.head, token.lower_
    if start < sentence.start or end > sentence.end or head == token:
        return None
    first, parted = start == sentence.start, start > sentence.start and doc[start - 1].text in _COMMAS | {"("}
    dated = any(word.ent_type_ in DATED for word in (token, *token.children))
    elsewhen = dated and not any(word.lower_ in lists["days"] for word in part)
    negated = any(child.dep_ == "neg" or child.lower_ in ("no", "never", "only") for child in head.subtree)
    conditional = not {word.lower_ for word in part[:3]}.isdisjoint(lists["conditions"])
    match token.dep_:
        case "relcl" | "acl" | "appos":
            can_go = parted
        case "advcl":
            compared = any(word.lower_ in ("so", "too", "enough") for word in head.subtree if word.i < start)
            can_go = (first or parted or part[0].lower_ in lists["circumstances"]) and not conditional and not compared
        case "advmod":
            can_go = word in lists["adverbs"]
        case "npadvmod":
            can_go = dated and not elsewhen and len(part) < 4 and not negated
        case "prep":
            apart = first or parted or word in lists["circumstances"]
            can_go = not (negated or conditional or elsewhen) and (dated or apart) and word in lists["prepositions"]
        case "cc":
            can_go = first
        case "conj":
            return _second_verb(sentence, token)
        case _:
            can_go = False
    return (start, end) if can_go else None


def _second_verb(sentence: Span, token: Token) -> tuple[int, int] | None:
    """Of "said this and did that", "and did that"."""
    head = token.head
    links = [child for child in head.children if child.dep_ == "cc" and child.i < token.i]
    verbs = token.pos_ in ("VERB", "AUX") and head.pos_ in ("VERB", "AUX")
    telling = any(child.dep_ == "ccomp" for child in token.children)
    if not verbs or telling or not links or links[-1].lower_ not in ("and", "but") or head.dep_ == "conj":
        return None
    whole = any(child.dep_ in _OBJECTS and head.i < child.i < links[-1].i for child in head.children)
    chain = sum(child.dep_ == "conj" for child in head.children)
    return (links[-1].i, token.right_edge.i + 1) if whole and chain == 1 else None


def _with_commas(sentence: Span, start: int, end: int) -> tuple[int, int]:
    """A part with the commas or brackets that set it off."""
    doc = sentence.doc
    before = doc[start - 1].text if start > sentence.start else ""
    after = doc[end].text if end < sentence.end else ""
    if before == "(" and after == ")":
        return start - 1, end + 1
    end = min(end, sentence.end - 1)  # the full stop stays
    if before in _COMMAS:
        return start - 1, end + (after == before)
    return start, end + (start == sentence.start and after == ",")


def grammar(sentence: Span) -> str:
    """What the generator may write of a sentence: its words, with or without its omissible parts, in GBNF."""
    doc, parts = sentence.doc, omissible(sentence)
    rules = []
    for start, end in pairwise(sorted({sentence.start, sentence.end, *chain(*parts)})):
        space = doc[start - 1].whitespace_ if start > sentence.start else ""
        words = json.dumps(space + doc[start:end].text, ensure_ascii=False)
        opened, closed = sum(part[0] == start for part in parts), sum(part[1] == end for part in parts)
        rules.append("(" * opened + words + ")?" * closed)
    return f"root ::= {' '.join(rules)}"


def lowered(sentence: Span, text: str) -> str:
    """What was made of a sentence, to follow an "and"."""
    first = next((token for token in sentence if text.lower().startswith(token.lower_)), sentence[0])
    named = first.pos_ == "PROPN" or (first.ent_type_ in NAMED and first.pos_ != "DET") or first.text == "I"
    return text if named else text[:1].lower() + text[1:]
