"""A reading of an article by eye: prose whose every quotation is tied to its sentence, beside the machine's."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from korea_nlp.prose.interpretation import from_root
from korea_nlp.prose.markup import STANCES, _plain, be, listed, the, upper

if TYPE_CHECKING:
    from IPython.display import HTML

    from korea_nlp.article import Article

PLACE = "notebooks/readings"
_QUOTED = re.compile(r"“([^”]+)”")
_BY = re.compile(r"By: (.+)")
_JUDGED = re.compile(r"- (.+?) > (.+?): (\w+)\. (.+)")
_SAYS = {"favor": "for", "against": "against", "none": "neither for nor against"}


def read_by_eye(article: Article, folder: str | Path = PLACE) -> str | None:
    """What somebody has written of an article, a paragraph a line: ``NAME.md`` in a folder; None without one.

    Raises
    ------
    ValueError
        A quotation in it does not stand in the article, or a stance is none.
    """
    path = Path(from_root(str(folder))) / f"{article.name}.md"
    if not path.is_file():
        return None
    blocks = re.split(r"\n\s*\n|\n(?=- )", re.sub(r"\A(By: .+)", r"\1\n", path.read_text(encoding="utf-8").strip()))
    text = "\n".join(" ".join(block.split()) for block in blocks)
    for words in _QUOTED.findall(text):
        if words not in article.text:
            raise ValueError(f"{path.name}: “{words}” does not stand in the article")
    for line in _JUDGED.findall(text):
        if line[2] not in _SAYS:
            raise ValueError(f"{path.name}: {line[2]!r} is no stance; valid ones are {', '.join(_SAYS)}")
    return text


def reading_by_eye(
    article: Article,
    stance_article: pd.DataFrame,
    readers: dict[str, dict[str, pd.DataFrame]] | None = None,
    folder: str | Path = PLACE,
) -> HTML:
    """The reading as a page: who wrote it, each quotation with a link to its sentence, and who reads otherwise.

    In the file, the first line ``By: WHO`` says who wrote it, and a line ``- HOLDER > TARGET: STANCE. REASON`` is a
    judgement: it is shown only if the machine or one of the `readers` (`agreement.readers.readings_of`) judges
    otherwise over the article.
    """
    from IPython.display import HTML

    text = read_by_eye(article, folder)
    if text is None:
        return HTML(
            "<p><em>Nobody has written a reading of this article yet. Write one: "
            f"<code>{_plain(folder)}/{_plain(article.name)}.md</code>. Begin with a line “By:” and your name, and put "
            "every quotation between “ and ”.</em></p>"
        )
    found = {"the machine": stance_article} | {
        f"the {name} reader": tables["stance_article"] for name, tables in (readers or {}).items()
    }
    said = {who: pairs.set_index(["holder", "target"])["stance"].to_dict() for who, pairs in found.items()}
    by, *lines = text.split("\n")
    if not (author := _BY.fullmatch(by)):
        lines = [by, *lines]
    paragraphs = [f"<p><strong>Written by {_plain(author[1]) if author else 'somebody who is not named'}.</strong></p>"]
    others = []
    for line in lines:
        if judged := _JUDGED.fullmatch(line):
            holder, target, ours, reason = judged.groups()
            theirs = {who: stances.get((holder, target), "none") for who, stances in said.items()}
            if {*theirs.values()} != {ours}:
                pair = f"{upper(the(holder))} {be(holder)} {_SAYS[ours]} {the(target)}"
                answers = "; ".join(f"{who}: {STANCES[stance]}" for who, stance in theirs.items())
                alone = " <strong>Nobody else reads it so.</strong>" if ours not in theirs.values() else ""
                others.append(f"<li>{pair}. {_linked(reason, article)} {upper(answers)}.{alone}</li>")
        else:
            paragraphs.append(f"<p>{_linked(line, article)}</p>")
    against = listed(found, last="or")
    differ = f"<p>On the stances that it judges, this reading does not differ from {against}.</p>"
    if others:
        differ = f"<p><strong>Where this reading differs from {against}.</strong></p><ul>{''.join(others)}</ul>"
    rows = "".join(
        f'<p id="s{row.sentence}" style="margin: 0.2em 0">[{row.sentence}] {_plain(row.text)}</p>'
        for row in article.sentences.itertuples()
    )
    return HTML("\n".join([*paragraphs, differ, f'<hr>\n<div style="font-size: 85%">{rows}</div>']))


def _linked(text: str, article: Article) -> str:
    """Text in HTML: two stars are bold, and a quotation has the number of its sentence in brackets, which is a link."""

    def link(match: re.Match) -> str:
        at = article.text.index(match[1])
        row = article.sentences[article.sentences["start"] <= at].iloc[-1]
        return f'“{_plain(match[1])}” <a href="#s{row.sentence}">[{row.sentence}]</a>'

    parts = []
    for number, part in enumerate(text.split("**")):
        done, last = "", 0
        for match in _QUOTED.finditer(part):
            done += _plain(part[last : match.start()]) + link(match)
            last = match.end()
        done += _plain(part[last:])
        parts.append(f"<strong>{done}</strong>" if number % 2 else done)
    return "".join(parts)
