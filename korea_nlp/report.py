"""The whole reading of an article, written to a folder: tables, figures, and a page to read."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from markupsafe import Markup

from korea_nlp.agreement.readers import describe_agreement_held_out, disputes, load_agreement, readings_of, tables_of
from korea_nlp.evaluation import published_quality
from korea_nlp.evaluation.quality import describe_reliability, load_benchmark
from korea_nlp.prose.caution import find_doubts
from korea_nlp.prose.interpretation import actor_table
from korea_nlp.prose.markup import cut, render
from korea_nlp.reading import Reading
from korea_nlp.view import title_of, write_view

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from korea_nlp.article import Article

VIEW = "reading.html"


def write_reading(reading: Reading, folder: str | Path) -> None:
    """Write a reading into a folder, which is made if need be.

    The folder gets ``article.json``, ``sentences.csv``, ``actors.csv``, ``voices.csv``, ``events.csv``,
    ``summary.json``, ``stance.csv``, ``stance_article.csv``, ``figures/``, ``reading.html`` (the reading
    view) and ``report.html``, which links to it and to the HTML pages that it finds in ``folder/notebooks``.

    Raises
    ------
    OSError
        The folder cannot be written.
    """
    folder = Path(folder)
    (folder / "figures").mkdir(parents=True, exist_ok=True)
    _write_json(reading.article.to_dict(), folder / "article.json")
    summaries = {
        method: {"text": summary.text, "sentences": _records(summary.sentences)}
        for method, summary in reading.summaries.items()
    }
    _write_json(summaries, folder / "summary.json")
    for name, table in reading.tables.items():
        table.to_csv(folder / f"{name}.csv", index=False)
    write_view(
        folder / VIEW, reading.article, reading.mentions, reading.voices, reading.stance,
        reading.events, summary=reading.summaries["extractive"],
    )  # fmt: skip
    figures = draw(reading)
    images = {}
    for name, figure in figures.items():
        image = _png(figure)
        (folder / "figures" / f"{name}.png").write_bytes(image)
        images[name] = {"png": base64.b64encode(image).decode(), "alt": figure.get_label()}
    notebooks = sorted(path.name for path in (folder / "notebooks").glob("*.html"))
    (folder / "report.html").write_text(page(reading, images, notebooks, VIEW), encoding="utf-8")


def draw(reading: Reading) -> dict[str, Figure]:
    """The figures of a reading by name: timeline, stance, network, voices, arc, summary."""
    from korea_nlp import plots

    return {
        "timeline": plots.actor_timeline(reading.mentions, reading.article),
        "stance": plots.stance_heatmap(reading.stance_article, reading.stance),
        "network": plots.actor_network(reading.stance_article),
        "voices": plots.voice_strip(reading.voices, reading.article),
        "arc": plots.article_arc(reading.stance, reading.events, reading.article),
        "summary": plots.summary_alignment(reading.summaries["abstractive"], reading.article),
    }


def page(
    reading: Reading, images: dict[str, dict[str, str]], notebooks: list[str] = (), view: str | None = None
) -> str:
    """The report as one HTML page that needs nothing else.

    Parameters
    ----------
    reading
        What to report.
    images
        For each name of `draw`, ``png`` (base64) and ``alt``.
    notebooks
        Names of HTML pages in ``notebooks/`` to link to.
    view
        Name of the page of the reading view, to link to.
    """
    article, pairs = reading.article, reading.stance_article
    measured = published_quality(article.profile)
    evidence = article.sentences.set_index("sentence")["text"]
    unclear = pairs[pairs["stance"] == "unclear"]
    stances = pd.concat([reading.strongest, unclear])
    return render(
        "report.html.j2",
        article=article,
        title=title_of(article),
        link=article.source if re.match(r"https?://", article.source) else None,
        words=len(article.text.split()),
        brief=reading.summaries["abstractive"],
        doubts=[_html(line) for line in _doubts(reading)],
        summaries=[reading.summaries[method] for method in ("extractive", "abstractive")],
        stances=_records(stances.assign(text=stances["evidence"].map(evidence))),
        silent=_records(pairs[pairs["stance"] == "none"]),
        actors=_records(actor_table(reading.mentions)),
        voices=_records(reading.voices[reading.voices["voice"] != "author"]),
        events=_records(reading.events),
        view=view,
        paragraphs=_paragraphs(article, reading.mentions),
        images=images,
        measured=measured[measured["class"] == "macro"].to_dict("records"),
        profile=getattr(article.profile, "name", None),
        notebooks=notebooks,
    )


def _doubts(reading: Reading) -> list[str]:
    """What to doubt, in Markdown: how often such readings are right, then what is doubtful in this one."""
    profile, readers = reading.article.profile, readings_of(reading.article)
    general = [describe_reliability(load_benchmark(profile)), describe_agreement_held_out(load_agreement(profile))]
    return [*general, *find_doubts(reading, disputes(readers, tables_of(reading)))]


def _html(line: str) -> Markup:
    """A line of escaped Markdown in HTML, with links to the sentences that it names."""
    strong = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", line)

    def linked(match: re.Match) -> str:
        return re.sub(r"\d+", r'<a class="at" href="#s\g<0>">\g<0></a>', match[0])

    return Markup(re.sub(r"\bsentences? \d+(?:, \d+)*(?: and \d+)?", linked, strong))


def _png(figure: Figure) -> bytes:
    from korea_nlp.plots import png

    return png(figure)


def _records(table: pd.DataFrame) -> list[dict]:
    return json.loads(table.to_json(orient="records"))


def _write_json(value: object, path: Path) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1, default=str) + "\n", encoding="utf-8")


def _paragraphs(article: Article, mentions: pd.DataFrame) -> list[list[dict]]:
    """Paragraphs of sentences, each cut into pieces of text that are mentions of an actor or not."""
    paragraphs = []
    for _, sentences in article.sentences.groupby("paragraph"):
        rows = []
        for sentence in sentences.itertuples():
            inside = mentions[(mentions["start"] >= sentence.start) & (mentions["end"] <= sentence.end)]
            named = inside.sort_values("start").to_dict("records")
            pieces = [
                {"text": article.text[start:end]}
                | ({key: named[within[0]][key] for key in ("actor", "kind")} if within else {})
                for start, end, within in cut(
                    sentence.start, sentence.end, [(row["start"], row["end"]) for row in named]
                )
            ]
            rows.append({"sentence": int(sentence.sentence), "pieces": pieces})
        paragraphs.append(rows)
    return paragraphs
