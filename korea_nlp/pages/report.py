"""The whole reading of an article, written to a folder: tables, figures, and two pages to read."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from markupsafe import Markup

from korea_nlp.agreement.annotators import describe_agreement_held_out, disputes, load_agreement, readings_of, tables_of
from korea_nlp.pages.page import build_page
from korea_nlp.pages.view import write_view
from korea_nlp.prose.actors import actor_table
from korea_nlp.prose.doubts import find_doubts
from korea_nlp.prose.markup import cut
from korea_nlp.prose.quality import describe_reliability

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from korea_nlp.article import Article
    from korea_nlp.reading import Reading


def write_report(reading: Reading, folder: str | Path) -> None:
    """Write a reading into a folder, which is made if need be.

    The folder gets ``article.json``, ``sentences.csv``, ``actors.csv``, ``voices.csv``, ``events.csv``,
    ``summary.json``, ``stance.csv``, ``stance_article.csv``, ``figures/``, ``reading.html`` (the reading
    view) and ``report.html``, which links to it and to the HTML pages that it finds in ``folder/notebooks``.

    Raises
    ------
    OSError
        The folder cannot be written.
    """
    from korea_nlp.plots import png

    folder = Path(folder)
    (folder / "figures").mkdir(parents=True, exist_ok=True)
    summaries = {name: {"text": summary.text, "sentences": _records(summary.sentences)}
                 for name, summary in reading.summaries.items()}  # fmt: skip
    for name, value in (("article", reading.article.to_dict()), ("summary", summaries)):
        text = json.dumps(value, ensure_ascii=False, indent=1, default=str)
        (folder / f"{name}.json").write_text(f"{text}\n", encoding="utf-8")
    for name, table in reading.tables.items():
        table.to_csv(folder / f"{name}.csv", index=False)
    found = reading.article, reading.mentions, reading.voices, reading.stance, reading.events
    write_view(folder / "reading.html", *found, summary=reading.summaries["extractive"])
    images = {}
    for name, figure in draw(reading).items():
        image = png(figure)
        (folder / "figures" / f"{name}.png").write_bytes(image)
        images[name] = {"png": base64.b64encode(image).decode(), "alt": figure.get_label()}
    notebooks = sorted(path.name for path in (folder / "notebooks").glob("*.html"))
    (folder / "report.html").write_text(report_page(reading, images, notebooks), encoding="utf-8")


def draw(reading: Reading) -> dict[str, Figure]:
    """The figures of a reading by name: timeline, stance, network, voices, arc, summary."""
    from korea_nlp import plots

    article, stance = reading.article, reading.stance
    return {
        "timeline": plots.actor_timeline(reading.mentions, article),
        "stance": plots.stance_heatmap(reading.stance_article, stance),
        "network": plots.actor_network(reading.stance_article),
        "voices": plots.voice_strip(reading.voices, article),
        "arc": plots.article_arc(stance, reading.events, article),
        "summary": plots.summary_alignment(reading.summaries["abstractive"], article),
    }


def report_page(reading: Reading, images: dict[str, dict[str, str]], notebooks: Sequence[str] = ()) -> str:
    """The report as one HTML page that needs nothing else.

    ``images`` has ``png`` (base64) and ``alt`` for each name of `draw`; ``notebooks`` are names of HTML pages in
    ``notebooks/`` to link to.
    """
    article, pairs = reading.article, reading.stance_article
    general = [describe_reliability(article.profile), describe_agreement_held_out(load_agreement(article.profile))]
    disputed = disputes(readings_of(article), tables_of(reading))
    texts = article.sentences.set_index("sentence")["text"]
    stances = pd.concat([reading.strongest, pairs[pairs["stance"] == "unclear"]])
    return build_page(
        "report",
        article,
        images=images,
        notebooks=notebooks,
        profile=article.profile.name,
        doubts=[_html(line) for line in [*general, *find_doubts(reading, disputed)]],
        summaries=reading.summaries,
        stances=_records(stances.assign(text=stances["evidence"].map(texts))),
        silent=_records(pairs[pairs["stance"] == "none"]),
        mentioned=_records(actor_table(reading.mentions)),
        voices=_records(reading.voices[reading.voices["voice"] != "author"]),
        events=_records(reading.events),
        paragraphs=_paragraphs(article, reading.mentions),
        actors={},
    )


def _html(line: str) -> Markup:
    """A line of escaped Markdown in HTML, with links to the sentences that it names."""

    def linked(match: re.Match) -> str:
        return re.sub(r"\d+", r'<a class="number" href="#s\g<0>">\g<0></a>', match[0])

    strong = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", line)
    return Markup(re.sub(r"\bsentences? \d+(?:, \d+)*(?: and \d+)?", linked, strong))


def _records(table: pd.DataFrame) -> list[dict]:
    """The rows as plain values, ready for JSON."""
    return json.loads(table.to_json(orient="records"))


def _paragraphs(article: Article, mentions: pd.DataFrame) -> list[list[tuple]]:
    """Paragraphs of sentences: a number, and pieces of text, each with the mention of an actor that it is, or None."""
    named = list(mentions.sort_values("start", kind="stable").itertuples())

    def pieces(start: int, end: int) -> list[tuple]:
        parts = cut(start, end, [(row.start, row.end) for row in named])
        return [(article.text[left:right], named[within[0]] if within else None) for left, right, within in parts]

    return [
        [(row.sentence, pieces(row.start, row.end)) for row in sentences.itertuples()]
        for _, sentences in article.sentences.groupby("paragraph")
    ]
