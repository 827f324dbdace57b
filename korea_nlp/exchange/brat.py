"""The brat annotation tool: a text, and annotations that stand off from it, in lines T, A and R.

The format is described at https://brat.nlplab.org/standoff.html. Offsets count characters (code points).
A text-bound annotation (T) must not hold a line break: one that does is split there into fragments. Types and
values hold no space: an underscore stands for it, and ``%5F`` for an underscore.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

import pandas as pd

from korea_nlp.article import Article
from korea_nlp.errors import KoreaNLPError
from korea_nlp.exchange.layers import arrows, from_arrow, offered_labels

_LINES = {
    "T": re.compile(r"(?P<id>T\d+)\t(?P<type>\S+) (?P<spans>\d+ \d+(?:;\d+ \d+)*)\t(?P<text>.+)"),
    "A": re.compile(r"A\d+\t(?P<name>\S+) (?P<of>\S+)(?: (?P<value>.+))?"),
    "R": re.compile(r"R\d+\t(?P<type>\S+) Arg1:(?P<holder>\S+) Arg2:(?P<target>\S+)\s*"),
}


def to_brat(annotations: pd.DataFrame, article: Article) -> dict[str, str]:
    """The files that brat reads: `.txt`, `.ann`, and what it may be configured with, `.annotation.conf`.

    The type of an annotation is its layer and label (``voice_quote``), its attributes are `actor` and
    `target`. A stance is a relation where `arrows` has one, and otherwise an annotation of the sentence.
    """
    if strange := [label for label in annotations["label"] if not label.isascii()]:
        raise KoreaNLPError(f"brat takes ASCII letters and digits only as a label, and not {strange[0]!r}")
    drawn = arrows(annotations, article)
    names, spans, attributes, relations = {}, [], [], []
    for number, row in enumerate(annotations.drop(index=[*drawn]).itertuples(), 1):
        names[row.Index] = name = f"T{number}"
        lines = [*re.finditer("[^\n]+", row.text)]
        places = ";".join(f"{row.start + line.start()} {row.start + line.end()}" for line in lines)
        words = " ".join(line[0] for line in lines)
        spans.append(f"{name}\t{_type(row.layer, row.label)} {places}\t{words}")
        for column in ("actor", "target"):
            if value := getattr(row, column):
                attributes.append(f"A{len(attributes) + 1}\t{column} {name} {_written(value)}")
    for number, (row, (holder, target)) in enumerate(drawn.items(), 1):
        label = annotations.loc[row, "label"].replace(" ", "_")
        relations.append(f"R{number}\t{label} Arg1:{names[holder]} Arg2:{names[target]}")
    lines = [f"{line}\n" for line in (*spans, *attributes, *relations)]
    return {".txt": article.text, ".ann": "".join(lines), ".annotation.conf": _configuration(annotations)}


def from_brat(written: str, article: Article, where: str) -> pd.DataFrame:
    """Annotations from the text of an `.ann` file.

    A discontinuous annotation becomes one row per fragment, except across a line break. Notes and other
    lines that this package does not write (E, N, M, ``#``, ``*``) are passed over.
    """
    lines: dict[str, list[tuple[str, re.Match]]] = {sign: [] for sign in _LINES}
    for number, line in enumerate(written.split("\n"), 1):
        if line[:1] in _LINES:
            found = _LINES[line[0]].fullmatch(line.removesuffix("\r"))
            if found is None:
                raise KoreaNLPError(f"{where}: line {number} is not as brat writes it: {line[:60]!r}")
            lines[line[0]].append((f"{where}: line {number}", found))
    rows = {found["id"]: _rows(found, article.text, at) for at, found in lines["T"]}
    for at, found in lines["A"]:
        for row in _known(rows, found["of"], at) if found["name"] in ("actor", "target") else []:
            row[found["name"]] = unquote((found["value"] or "").replace("_", " "))
    drawn = []
    for at, found in lines["R"]:
        holder, target = (_known(rows, found[end], at)[0] for end in ("holder", "target"))
        drawn.append(from_arrow(article, holder, target, found["type"].replace("_", " ")))
    return pd.DataFrame([row for group in (*rows.values(), drawn) for row in group])


def _type(layer: str, label: str) -> str:
    return layer if layer == label else f"{layer}_{label.replace(' ', '_')}"


def _written(name: str) -> str:
    """A name as a value: what brat's configuration takes apart is escaped."""
    return re.sub("[%_,|]", lambda sign: f"%{ord(sign[0]):02X}", name).replace(" ", "_")


def _rows(found: re.Match, text: str, where: str) -> list[dict]:
    pieces = [tuple(map(int, piece.split(" "))) for piece in found["spans"].split(";")]
    words = " ".join(text[start:end] for start, end in pieces)
    if words != found["text"] or max(end for _, end in pieces) > len(text):
        raise KoreaNLPError(
            f"{where} quotes {found['text'][:40]!r}, but there the article reads {words[:40]!r}; "
            "is it the annotation of another text?"
        )
    joined = [pieces[0]]
    for start, end in pieces[1:]:
        if text[joined[-1][1] : start].strip("\n"):
            joined.append((start, end))
        else:
            joined[-1] = (joined[-1][0], end)
    layer, _, label = found["type"].partition("_")
    about = {"layer": layer, "label": label.replace("_", " ") or layer, "actor": "", "target": ""}
    return [{"start": start, "end": end, "text": text[start:end], **about} for start, end in joined]


def _known(rows: dict[str, list[dict]], name: str, where: str) -> list[dict]:
    if name not in rows:
        raise KoreaNLPError(f"{where} speaks of {name}, which is no annotation of the text")
    return rows[name]


def _configuration(annotations: pd.DataFrame) -> str:
    """What annotators can choose from: the usual labels, and the names that are there already."""
    offered = offered_labels(annotations)
    types = [_type(layer, label) for layer, labels in offered.items() for label in labels]
    stances = [f"{label.replace(' ', '_')}\tArg1:<ENTITY>, Arg2:<ENTITY>" for label in offered["stance"]]
    names = "|".join(sorted({_written(name) for name in (*annotations["actor"], *annotations["target"]) if name}))
    values = [f"{column}\tArg:<ENTITY>, Value:{names}" for column in ("actor", "target")]
    sections = {
        "entities": types,
        "relations": [*stances, "<OVERLAP>\tArg1:<ENTITY>, Arg2:<ENTITY>, <OVL-TYPE>:<ANY>"],
        "events": [],
        "attributes": values if names else [],
    }
    return "\n".join("\n".join([f"[{name}]", *lines, ""]) for name, lines in sections.items())
