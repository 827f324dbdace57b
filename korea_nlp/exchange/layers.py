"""Annotations of all kinds in one table: what is exchanged with other people's tools."""

from __future__ import annotations

import re
import tomllib
from itertools import groupby
from pathlib import Path

import pandas as pd

from korea_nlp.article import Article
from korea_nlp.errors import KoreaNLPError
from korea_nlp.stance import AUTHOR


def _listed(name: str) -> dict:
    return tomllib.loads((Path(__file__).parents[1] / "assets" / f"{name}.toml").read_text(encoding="utf-8"))


LABELS: dict[str, list[str]] = {
    "mention": ["state", "person", "organisation", "collective"],
    "voice": ["quote", "reported"],
    "event": list(_listed("events")["quads"]),
    "stance": ["favor", "against", "unclear"],
    "frame": list(_listed("frames")["frames"]),
}
"""The layers, each with the labels that an annotator is offered."""

COLUMNS = ["layer", "start", "end", "text", "label", "actor", "target"]

_LABEL = re.compile(r"[^\W_]+(?:[ -][^\W_]+)*")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_TABLES = {
    "mention": ("mentions", {"label": "kind", "actor": "actor"}),
    "voice": ("voices", {"label": "voice", "actor": "speaker"}),
    "event": ("events", {"actor": "actor", "label": "category", "target": "target"}),
    "stance": ("stance", {"actor": "holder", "target": "target", "label": "stance"}),
    "frame": ("frames", {"label": "frame"}),
}


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
            places = article.sentences.set_index("sentence")[["start", "end", "text"]]
            table = table.drop(columns="text", errors="ignore").join(places, on="sentence")
        part = table.reindex(columns=["start", "end", "text"]).assign(layer=layer, label=layer)
        for column, field in _TABLES[layer][1].items():
            if field in table:
                part[column] = table[field]
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
    rows = checked(annotations, article, "annotations")
    rows["sentence"] = rows["start"].map(article.sentence_at)
    rows["paragraph"] = rows["sentence"].map(article.sentences.set_index("sentence")["paragraph"])
    tables = {}
    for layer, (table, fields) in _TABLES.items():
        part = rows[rows["layer"] == layer].rename(columns=fields)
        columns = ["sentence", "start", "end", "text", *fields.values()]
        if layer == "mention":
            part = part.assign(found_by="import")
            columns = ["actor", "kind", "sentence", "paragraph", "start", "end", "text", "found_by"]
        elif layer in ("stance", "frame"):
            columns = ["sentence", *fields.values(), "start", "end", "text"]
        tables[table] = part[columns].reset_index(drop=True)
    tables["voices"] = _covering(tables["voices"], article)
    return tables


def checked(annotations: pd.DataFrame, article: Article, where: str) -> pd.DataFrame:
    """The annotations in order, if each of them fits the article.

    Raises
    ------
    KoreaNLPError
        A column is missing, there is no such layer, a span lies outside the text, is not the text that it
        quotes, or starts or ends with a line break, or a name is not one line of plain text. The message
        begins with `where`.
    """
    if missing := [column for column in COLUMNS if column not in annotations]:
        raise KoreaNLPError(f"{where}: no column {', '.join(missing)}; there must be {', '.join(COLUMNS)}")
    rows = annotations[COLUMNS].copy()
    for number, row in enumerate(rows.to_dict("records")):
        if problem := _problem(row, article.text):
            raise KoreaNLPError(f"{where}: annotation {number} {problem}")
    rows[["start", "end"]] = rows[["start", "end"]].astype("int64")
    others = [column for column in COLUMNS if column not in ("start", "end")]
    rows[others] = rows[others].astype("str")
    order = {layer: i for i, layer in enumerate(LABELS)}
    by = ["start", "end", "layer", "label", "actor", "target"]
    return rows.sort_values(by, key=lambda c: c.map(order) if c.name == "layer" else c, ignore_index=True)


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
    found = text[start:end]
    if found != row["text"]:
        return f"quotes {_short(row['text'])}, but from {start} to {end} the article reads {_short(found)}"
    if found != found.strip("\n"):
        return f"({start} to {end}) starts or ends with a line break; leave that out"
    if not _LABEL.fullmatch(str(row["label"])):
        return f"has the label {row['label']!r}; a label is words of letters and digits, such as 'favor'"
    for column in ("actor", "target"):
        name = row[column]
        if not isinstance(name, str) or name != " ".join(name.split()) or _CONTROL.search(name):
            return f"has the {column} {name!r}; a name is one line of text with single spaces, or empty"
    return ""


def _short(text: object) -> str:
    words = str(text)
    return repr(words if len(words) <= 40 else f"{words[:39]}…")


def arrows(annotations: pd.DataFrame, article: Article) -> dict[int, tuple[int, int]]:
    """Which stances can be drawn as an arrow from a mention of the holder to one of the target.

    Returns
    -------
    dict
        The row of the stance, to the rows of the first mention of either in the evidence sentence. The
        others, such as those of the author, can only be marked on the sentence.
    """
    first: dict[tuple[int, str], int] = {}
    for row in annotations[annotations["layer"] == "mention"].itertuples():
        first.setdefault((article.sentence_at(row.start), row.actor), row.Index)
    spans = list(zip(article.sentences["start"], article.sentences["end"], strict=True))
    found = {}
    for row in annotations[annotations["layer"] == "stance"].itertuples():
        at = article.sentence_at(row.start)
        ends = [first.get((at, name)) for name in (row.actor, row.target)]
        if spans[at - 1] == (row.start, row.end) and "" not in (row.actor, row.target) and None not in ends:
            found[row.Index] = tuple(ends)
    return found


def from_arrow(article: Article, holder: dict, target: dict, label: str) -> dict:
    """The stance that an arrow between two mentions stands for; its evidence is the holder's sentence."""
    place = article.sentences.iloc[article.sentence_at(holder["start"]) - 1]
    span = {key: place[key] for key in ("start", "end", "text")}
    return {"layer": "stance", **span, "label": label, "actor": holder["actor"], "target": target["actor"]}


def _covering(voices: pd.DataFrame, article: Article) -> pd.DataFrame:
    """Voices without gap or overlap in every sentence."""
    labels = [(AUTHOR, AUTHOR)] * len(article.text)
    widest = voices.assign(width=voices["start"] - voices["end"]).sort_values("width", kind="stable")
    for row in widest.itertuples():
        labels[row.start : row.end] = [(row.voice, row.speaker)] * (row.end - row.start)
    rows = []
    for sentence in article.sentences.itertuples():
        for label, run in groupby(range(sentence.start, sentence.end), key=labels.__getitem__):
            at = [*run]
            rows.append((sentence.sentence, at[0], at[-1] + 1, article.text[at[0] : at[-1] + 1], *label, ""))
    return pd.DataFrame(rows, columns=["sentence", "start", "end", "text", "voice", "speaker", "cue"])
