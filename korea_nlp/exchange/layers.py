"""Annotations of all kinds in one table: what is exchanged with other people's tools."""

from __future__ import annotations

import re
from itertools import groupby

import pandas as pd

from korea_nlp import actors, quotes
from korea_nlp.article import Article
from korea_nlp.errors import KoreaNLPError
from korea_nlp.events import CATEGORIES
from korea_nlp.frames import frame_names
from korea_nlp.stance import AUTHOR

LABELS: dict[str, list[str]] = {
    "mention": ["state", "person", "organisation", "collective"],
    "voice": ["quote", "reported"],
    "event": list(CATEGORIES),
    "stance": ["favor", "against", "unclear"],
    "frame": frame_names(),
}
"""The layers, each with the labels that an annotator is offered."""

_SPAN = ["start", "end", "text"]
COLUMNS = ["layer", *_SPAN, "label", "actor", "target"]

_LABEL = re.compile(r"[^\W_]+(?:[ -][^\W_]+)*")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_TABLES = {
    "mention": ("mentions", actors.COLUMNS),
    "voice": ("voices", ["sentence", *_SPAN, "voice", "speaker"]),
    "event": ("events", ["sentence", *_SPAN, "actor", "category", "target"]),
    "stance": ("stance", ["sentence", "holder", "target", "stance", *_SPAN]),
    "frame": ("frames", ["sentence", "frame", *_SPAN]),
}
"""The table of results that each layer comes from, and its columns that can be exchanged."""

_EXCHANGED = dict.fromkeys(["kind", "voice", "category", "stance", "frame"], "label")
_EXCHANGED |= dict.fromkeys(["speaker", "holder"], "actor")


def to_annotations(article: Article, **tables: pd.DataFrame) -> pd.DataFrame:
    """Put tables of results into the one form that is exchanged.

    Parameters
    ----------
    article
        The article that they were found in.
    **tables
        Any of `mentions`, `voices`, `events`, `stance`, `frames`, from the models or by hand. Where one has
        no `start` and `end`, the whole `sentence` is meant.

    Returns
    -------
    DataFrame
        One row per annotation: `layer` (mention, voice, event, stance, frame), `start`, `end`, `text`,
        `label` (the kind of the actor, the voice, the category of the event, the stance, or the frame),
        `actor` (who is mentioned, speaks, acts, or holds the stance) and `target`, ``""`` where there is
        none. What says nothing is left out: the author's own words, the stance and the frame ``"none"``.

    Raises
    ------
    KoreaNLPError
        There is no such table, or a row does not fit the article.
    """
    layers = {table: layer for layer, (table, _) in _TABLES.items()}
    if unknown := sorted(set(tables) - set(layers)):
        raise KoreaNLPError(f"no table {', '.join(unknown)} to exchange; there are: {', '.join(layers)}")
    parts = []
    for name, table in tables.items():
        layer = layers[name]
        if "start" not in table:
            places = article.sentences.set_index("sentence")[_SPAN]
            table = table.drop(columns="text", errors="ignore").join(places, on="sentence")
        part = table[table.columns.intersection(_TABLES[layer][1])].rename(columns=_EXCHANGED).assign(layer=layer)
        if "label" not in part:
            part["label"] = layer
        parts.append(part[~part["label"].isin([AUTHOR, "none"])])
    rows = pd.concat(parts) if parts else pd.DataFrame(columns=COLUMNS)
    return checked(rows.reindex(columns=COLUMNS).fillna({"actor": "", "target": ""}), article, "annotations")


def from_annotations(annotations: pd.DataFrame, article: Article) -> dict[str, pd.DataFrame]:
    """Tables of results, as this package's functions return them, from exchanged annotations.

    Returns
    -------
    dict
        `mentions`, `voices`, `events`, `stance`, `frames`, each with the columns that an annotation can
        fill. `voices` covers every sentence: what is in no annotation is the author's, and of two voices
        that overlap the narrower has the last word. `found_by` of a mention is ``"import"``.
    """
    rows = checked(annotations, article, "annotations").assign(found_by="import")
    rows["sentence"] = rows["start"].map(article.sentence_at)
    rows["paragraph"] = rows["sentence"].map(article.sentences.set_index("sentence")["paragraph"])
    tables = {}
    for layer, (table, columns) in _TABLES.items():
        names = {_EXCHANGED[column]: column for column in columns if column in _EXCHANGED}
        tables[table] = rows[rows["layer"] == layer].rename(columns=names)[columns].reset_index(drop=True)
    return tables | {"voices": _covering(tables["voices"], article)}


def checked(annotations: pd.DataFrame, article: Article, where: str) -> pd.DataFrame:
    """The annotations in order, if each of them fits the article; an error that begins with `where` if not."""
    if missing := [column for column in COLUMNS if column not in annotations]:
        raise KoreaNLPError(f"{where}: no column {', '.join(missing)}; there must be {', '.join(COLUMNS)}")
    rows = annotations[COLUMNS].to_dict("records")
    for number, row in enumerate(rows):
        if problem := _problem(row, article.text):
            raise KoreaNLPError(f"{where}: annotation {number} {problem}")
    kinds = dict.fromkeys(COLUMNS, "str") | dict.fromkeys(["start", "end"], "int64")
    return pd.DataFrame(sorted(rows, key=_place), columns=COLUMNS).astype(kinds)


def _place(row: dict) -> tuple:
    """What annotations are ordered by."""
    words = [str(row[name]) for name in ("label", "actor", "target")]
    return int(row["start"]), int(row["end"]), [*LABELS].index(row["layer"]), *words


def _problem(row: dict, text: str) -> str:
    """What is wrong with an annotation, or ``""``."""
    if row["layer"] not in LABELS:
        return f"is of the layer {row['layer']!r}; there are: {', '.join(LABELS)}"
    try:
        start, end = int(row["start"]), int(row["end"])
        whole = (start, end) == (float(row["start"]), float(row["end"]))
    except (ValueError, TypeError):
        whole = False
    if not whole:
        return f"has start {row['start']!r} and end {row['end']!r}, which are not whole numbers"
    if not 0 <= start < end <= len(text):
        return f"spans {start} to {end}, but the text of the article has {len(text):,} characters"
    if problem := misquoted(start, end, row["text"], text):
        return problem
    if text[start] == "\n" or text[end - 1] == "\n":
        return f"({start} to {end}) starts or ends with a line break; leave that out"
    if not _LABEL.fullmatch(str(row["label"])):
        return f"has the label {row['label']!r}; a label is words of letters and digits, such as 'favor'"
    for column in ("actor", "target"):
        name = row[column]
        if not isinstance(name, str) or name != " ".join(name.split()) or _CONTROL.search(name):
            return f"has the {column} {name!r}; a name is one line of text with single spaces, or empty"
    return ""


def misquoted(start: int, end: int, quoted: object, text: str) -> str:
    """Says so if a span of a text does not read as it is quoted; otherwise ``""``."""
    found = text[start:end]
    said, reads = (repr(words if len(words) <= 40 else f"{words[:39]}…") for words in (str(quoted), found))
    return f"quotes {said}, but from {start} to {end} the article reads {reads}" if found != quoted else ""


def offered_labels(annotations: pd.DataFrame) -> dict[str, list[str]]:
    """`LABELS`, and the labels that are there already."""
    used = dict([*annotations.groupby("layer")["label"]])
    return {layer: [*dict.fromkeys([*labels, *used.get(layer, [])])] for layer, labels in LABELS.items()}


def arrows(annotations: pd.DataFrame, article: Article) -> dict[int, tuple[int, int]]:
    """Which stances (by row) can be drawn as an arrow from a mention of the holder to one of the target (by row).

    Both stand in the sentence of the stance. The others, such as those of the author, are marked on the sentence.
    """
    sentences = annotations["start"].map(article.sentence_at)
    first: dict[tuple[int, str], int] = {}
    for row in annotations[(annotations["layer"] == "mention") & (annotations["actor"] != "")].itertuples():
        first.setdefault((sentences[row.Index], row.actor), row.Index)
    found = {}
    for row in annotations[annotations["layer"] == "stance"].itertuples():
        at = sentences[row.Index]
        evidence = article.sentences.iloc[at - 1]
        ends = [first.get((at, name)) for name in (row.actor, row.target)]
        if (row.start, row.end) == (evidence["start"], evidence["end"]) and None not in ends:
            found[row.Index] = tuple(ends)
    return found


def from_arrow(article: Article, holder: dict, target: dict, label: str) -> dict:
    """The stance that an arrow between two mentions stands for; its evidence is the holder's sentence."""
    place = article.sentences.iloc[article.sentence_at(holder["start"]) - 1]
    span = place[_SPAN].to_dict()
    return {"layer": "stance", **span, "label": label, "actor": holder["actor"], "target": target["actor"]}


def _covering(voices: pd.DataFrame, article: Article) -> pd.DataFrame:
    """Voices without gap or overlap in every sentence."""
    labels = [(AUTHOR, AUTHOR)] * len(article.text)
    for row in sorted(voices.itertuples(), key=lambda row: row.start - row.end):  # the widest first
        labels[row.start : row.end] = [(row.voice, row.speaker)] * (row.end - row.start)
    rows = []
    for sentence in article.sentences.itertuples():
        for label, run in groupby(range(sentence.start, sentence.end), key=labels.__getitem__):
            at = [*run]
            rows.append((sentence.sentence, at[0], at[-1] + 1, article.text[at[0] : at[-1] + 1], *label, ""))
    return pd.DataFrame(rows, columns=quotes.COLUMNS)
