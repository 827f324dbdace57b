"""A commentary that somebody wrote on an article, with links from its quotations to their sentences."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from korea_nlp.article import Article
from korea_nlp.paths import from_root
from korea_nlp.prose.markup import STANCES, be, escaped_html, listed, show_html, the, upper

if TYPE_CHECKING:
    from IPython.display import HTML

FOLDER = "notebooks/readings"
_QUOTED = re.compile(r"“([^”]+)”")
_JUDGED = re.compile(r"- (.+?) > (.+?): (\w+)\. (.+)")
_SAYS = {"favor": "for", "against": "against", "none": "neither for nor against"}


def load_commentary(article: Article, folder: str | Path = FOLDER) -> list[str]:
    """The paragraphs of ``NAME.md`` in a folder, where NAME is the article's name; none where there is no such file.

    Raises
    ------
    ValueError
        A quotation in it does not stand in the article, or a stance is none.
    """
    path = Path(from_root(folder)) / f"{article.name}.md"
    if not path.is_file():
        return []
    text = re.sub(r"\A(By: .+)", r"\1\n", path.read_text(encoding="utf-8").strip())
    paragraphs = [" ".join(block.split()) for block in re.split(r"\n\s*\n|\n(?=- )", text)]
    for paragraph in paragraphs:
        for words in _QUOTED.findall(paragraph):
            if words not in article.text:
                raise ValueError(f"{path.name}: “{words}” does not stand in the article")
        if (judged := _JUDGED.fullmatch(paragraph)) and judged[3] not in _SAYS:
            raise ValueError(f"{path.name}: {judged[3]!r} is no stance; valid ones are {', '.join(_SAYS)}")
    return paragraphs


def show_commentary(
    article: Article,
    stance_article: pd.DataFrame,
    readers: dict[str, dict[str, pd.DataFrame]],
    folder: str | Path = FOLDER,
) -> HTML:
    """The commentary as a page: who wrote it, each quotation with a link to its sentence, and who reads otherwise.

    In the file, the first line ``By: WHO`` says who wrote it, and a line ``- HOLDER > TARGET: STANCE. REASON`` is a
    judgement: it is shown only if the machine or one of the `readers` (`agreement.annotators.readings_of`) judges
    otherwise over the article.
    """
    paragraphs = load_commentary(article, folder)
    if not paragraphs:
        return show_html("commentary.html.j2", author=None, folder=folder, name=article.name)
    pairs = {"the machine": stance_article}
    pairs |= {f"the {name} reader": tables["stance_article"] for name, tables in readers.items()}
    stances = {who: table.set_index(["holder", "target"])["stance"].to_dict() for who, table in pairs.items()}
    author = "somebody who is not named"
    if paragraphs[0].startswith("By: "):
        author = paragraphs.pop(0).removeprefix("By: ")
    texts, differing = [], []
    for paragraph in paragraphs:
        if not (judged := _JUDGED.fullmatch(paragraph)):
            texts.append(_linked(paragraph, article))
            continue
        holder, target, ours, reason = judged.groups()
        theirs = {who: said.get((holder, target), "none") for who, said in stances.items()}
        if {*theirs.values()} != {ours}:
            pair = f"{upper(the(holder))} {be(holder)} {_SAYS[ours]} {the(target)}"
            answers = upper("; ".join(f"{who}: {STANCES[stance]}" for who, stance in theirs.items()))
            differing.append((pair, _linked(reason, article), answers, ours not in theirs.values()))
    return show_html(
        "commentary.html.j2",
        author=author,
        paragraphs=texts,
        differing=differing,
        others=listed(stances, last="or"),
        sentences=article.sentences.to_dict("records"),
    )


def _linked(text: str, article: Article) -> str:
    """Text in HTML: two stars are bold, and a quotation has the number of its sentence in brackets, which is a link."""
    parts = _QUOTED.split(text)
    written = [escaped_html(part) for part in parts]
    for place in range(1, len(parts), 2):  # every second one is a quotation
        number = article.sentence_at(article.text.index(parts[place]))
        written[place] = f'“{written[place]}” <a href="#s{number}">[{number}]</a>'
    return re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", "".join(written))
