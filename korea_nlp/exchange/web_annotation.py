"""The W3C Web Annotation Data Model (https://www.w3.org/TR/annotation-model/), in JSON-LD.

Offsets count code points, as section 4.2.4 of the model demands.
"""

from __future__ import annotations

import base64
import hashlib
import json
import uuid

import pandas as pd

from korea_nlp.article import Article
from korea_nlp.errors import KoreaNLPError

CONTEXT = "http://www.w3.org/ns/anno.jsonld"
TAGS = ["layer", "label", "actor", "target"]
_AROUND = 32  # characters of prefix and suffix


def to_web_annotation(annotations: pd.DataFrame, article: Article) -> dict[str, str]:
    """One AnnotationPage: each annotation is tagged ``layer: ...``, ``label: ...`` and so on.

    The target is the text of the article, named by its hash (RFC 6920), with a TextPositionSelector and a
    TextQuoteSelector.
    """
    text = article.text
    digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode()
    source = f"ni:///sha-256;{digest.rstrip('=')}"
    items = []
    for row in annotations.itertuples():
        tags = [f"{tag}: {getattr(row, tag)}" for tag in TAGS if getattr(row, tag)]
        position = {"type": "TextPositionSelector", "start": row.start, "end": row.end}
        quote = {
            "type": "TextQuoteSelector",
            "exact": row.text,
            "prefix": text[max(0, row.start - _AROUND) : row.start],
            "suffix": text[row.end : row.end + _AROUND],
        }
        items.append({
            "id": _name(source, row.Index, row.start, row.end, *tags),
            "type": "Annotation",
            "motivation": "tagging",
            "body": [{"type": "TextualBody", "purpose": "tagging", "value": tag} for tag in tags],
            "target": {"source": source, "selector": [position, quote]},
        })  # fmt: skip
    name = _name(source, *(item["id"] for item in items))
    page = {"@context": CONTEXT, "id": name, "type": "AnnotationPage", "startIndex": 0, "items": items}
    return {".jsonld": json.dumps(page, ensure_ascii=False, indent=1) + "\n"}


def from_web_annotation(written: str, article: Article, where: str) -> pd.DataFrame:
    """Annotations from an AnnotationPage, an AnnotationCollection with its first page, or a list.

    An annotation without a position is found by its quotation, if that with its prefix and suffix stands
    in the article once.
    """
    try:
        page = json.loads(written)
        page = page.get("first", page) if isinstance(page, dict) else {"items": page}
        items = page["items"]
        rows = [_row(item, article.text, f"{where}: annotation {i}") for i, item in enumerate(items)]
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        what = f"{type(problem).__name__}: {problem}"
        raise KoreaNLPError(f"{where} is not a W3C AnnotationPage in JSON-LD ({what})") from problem
    return pd.DataFrame(rows)


def _name(*parts: object) -> str:
    return uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(parts, default=str)).urn


def _row(item: dict, text: str, where: str) -> dict:
    bodies = item.get("body", [])
    values = [body.get("value", "") for body in (bodies if isinstance(bodies, list) else [bodies])]
    tags = dict(value.split(": ", 1) for value in values if value.split(": ", 1)[0] in TAGS and ": " in value)
    if missing := [tag for tag in TAGS[:2] if tag not in tags]:
        raise KoreaNLPError(f"{where} has no tag '{missing[0]}: ...'")
    selectors = item["target"]["selector"]
    found = {part["type"]: part for part in (selectors if isinstance(selectors, list) else [selectors])}
    quote, position = found.get("TextQuoteSelector"), found.get("TextPositionSelector")
    if not (quote or position):
        raise KoreaNLPError(f"{where} has neither a TextPositionSelector nor a TextQuoteSelector")
    start, end = (position["start"], position["end"]) if position else _find(quote, text, where)
    exact = quote["exact"] if quote else text[start:end]
    return {"start": start, "end": end, "text": exact, "actor": "", "target": "", **tags}


def _find(quote: dict, text: str, where: str) -> tuple[int, int]:
    prefix = quote.get("prefix", "")
    needle = prefix + quote["exact"] + quote.get("suffix", "")
    if (often := text.count(needle)) != 1:
        raise KoreaNLPError(f"{where} quotes {quote['exact'][:40]!r}, which the article has {often} times")
    start = text.index(needle) + len(prefix)
    return start, start + len(quote["exact"])
