"""Label Studio: a task with predictions, and the labeling configuration that fits it.

The formats are described at https://labelstud.io/guide/task_format and https://labelstud.io/tags/. In plain
text, `start` and `end` count code points (its own test suite: "Should calculate offsets by code points in
text"); older releases counted UTF-16 code units (issue 1347), which is told from the quotation. Within a
quotation, it writes a line break as a backslash and an n.
"""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pandas as pd

from korea_nlp.article import Article
from korea_nlp.errors import KoreaNLPError
from korea_nlp.exchange.layers import LABELS, arrows, from_arrow, offered_labels

FIELDS = ["actor", "target"]


def to_label_studio(annotations: pd.DataFrame, article: Article) -> dict[str, str]:
    """The files to import: `.json`, one task with its predictions, and `.xml`, the labeling configuration.

    A stance is a relation where `arrows` has one, and otherwise a label of the sentence. Names stand in the
    text areas `actor` and `target` of each region.
    """
    drawn = arrows(annotations, article)
    results: list[dict] = []
    for row in annotations.drop(index=[*drawn]).itertuples():
        about, span = {"id": f"r{row.Index}", "to_name": "text"}, {"start": row.start, "end": row.end}
        value = {**span, "text": row.text, "labels": [row.label]}
        results.append({**about, "from_name": row.layer, "type": "labels", "value": value})
        for field in FIELDS:
            if name := getattr(row, field):
                value = {**span, "text": [name]}
                results.append({**about, "from_name": field, "type": "textarea", "value": value})
    for row, (holder, target) in drawn.items():
        ends = {"from_id": f"r{holder}", "to_id": f"r{target}", "direction": "right"}
        results.append({"type": "relation", **ends, "labels": [annotations.loc[row, "label"]]})
    about = {key: getattr(article, key) or "" for key in ("title", "date", "outlet")}
    prediction = {"model_version": "korea_nlp", "result": results}
    task = {"data": {"text": article.text, **about}, "predictions": [prediction]}
    written = json.dumps([task], ensure_ascii=False, indent=1) + "\n"
    return {".json": written, ".xml": _configuration(annotations)}


def from_label_studio(written: str, article: Article, where: str) -> pd.DataFrame:
    """Annotations from an export in the format "JSON": of the task that has the text of the article.

    What a person annotated counts; without that, the predictions.
    """
    try:
        tasks = json.loads(written)
        tasks = tasks if isinstance(tasks, list) else [tasks]
        mine = [task for task in tasks if article.text in task["data"].values()]
        if not mine:
            raise KoreaNLPError(f"{where}: none of the {len(tasks)} tasks has the text of the article")
        done = [one for task in mine for one in task.get("annotations", []) if not one.get("was_cancelled")]
        done = done or [one for task in mine for one in task.get("predictions", [])]
        if len(done) != 1:
            raise KoreaNLPError(f"{where}: the text was annotated {len(done)} times; keep one annotation")
        return pd.DataFrame(_rows(done[0]["result"], article, where))
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        what = f"{type(problem).__name__}: {problem}"
        raise KoreaNLPError(f"{where} is not an export of Label Studio in JSON ({what})") from problem


def _rows(results: list[dict], article: Article, where: str) -> list[dict]:
    names: dict[str, dict] = {}
    for result in results:
        if result["type"] == "textarea" and result["from_name"] in FIELDS:
            value = result["value"]["text"]
            name = value if isinstance(value, str) else "".join(value[-1:])
            names.setdefault(result["id"], {})[result["from_name"]] = name
    regions: dict[str, list[dict]] = {}
    for result in results:
        if result["type"] == "labels":
            layer, region = result["from_name"], result["id"]
            if layer not in LABELS:
                raise KoreaNLPError(f"{where}: there is no layer {layer!r}; there are: {', '.join(LABELS)}")
            about = {"layer": layer, "actor": "", "target": "", **names.get(region, {})}
            about |= _span(result["value"], article.text)
            labels = result["value"]["labels"]
            regions.setdefault(region, []).extend({**about, "label": label} for label in labels)
    drawn = []
    for result in results:
        if result["type"] == "relation":
            ends = [result["from_id"], result["to_id"]]
            ends = ends[::-1] if result.get("direction") == "left" else ends
            if not result.get("labels"):
                raise KoreaNLPError(f"{where}: the relation from {ends[0]} to {ends[1]} has no label")
            holder, target = (regions[end][0] for end in ends)
            drawn += [from_arrow(article, holder, target, label) for label in result["labels"]]
    return [row for group in (*regions.values(), drawn) for row in group]


def _span(value: dict, text: str) -> dict:
    """Start, end and text; the text as it stands in the file where it does not fit."""
    start, end = value["start"], value["end"]
    quoted = value.get("text", text[start:end])
    units = text.encode("utf-16-le")
    before, within = units[: 2 * start], units[2 * start : 2 * end]
    older = len(before.decode("utf-16-le", "ignore")), within.decode("utf-16-le", "ignore")
    for at, found in ((start, text[start:end]), older):
        if quoted in (found, found.replace("\n", "\\n")):
            return {"start": at, "end": at + len(found), "text": found}
    return {"start": start, "end": end, "text": quoted}


def _configuration(annotations: pd.DataFrame) -> str:
    view = ElementTree.Element("View")
    relations = ElementTree.SubElement(view, "Relations")
    for layer, labels in offered_labels(annotations).items():
        group = ElementTree.SubElement(view, "Labels", name=layer, toName="text", showInline="true")
        for label in labels:
            ElementTree.SubElement(group, "Label", value=label)
            if layer == "stance":
                ElementTree.SubElement(relations, "Relation", value=label)
    ElementTree.SubElement(view, "Text", name="text", value="$text")
    for field in FIELDS:
        hint = {"placeholder": field, "editable": "true", "maxSubmissions": "1", "perRegion": "true"}
        ElementTree.SubElement(view, "TextArea", name=field, toName="text", **hint)
    ElementTree.indent(view)
    return ElementTree.tostring(view, encoding="unicode") + "\n"
