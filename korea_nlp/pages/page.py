"""What the pages on an article share: the template around them, their policy, and what the article is called."""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from typing import TYPE_CHECKING

from markupsafe import Markup

from korea_nlp.prose.markup import render
from korea_nlp.prose.quality import published_quality
from korea_nlp.summary import headline

if TYPE_CHECKING:
    from korea_nlp.article import Article

BEGINNING = 9  # words of a text without a title that stand for it


def build_page(name: str, article: Article, look: dict | None = None, **values: object) -> str:
    """One HTML page from ``assets/NAME.html.j2`` and, with ``look`` for its values, ``assets/NAME.css.j2``.

    All values are escaped. The page's policy allows its own style and no script.
    """
    style = render(f"{name}.css.j2", **(look or {}))
    return render(
        f"{name}.html.j2",
        style=Markup(style),
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        title=plain(title_of(article)),
        about=[plain(part) for part in (article.author, article.outlet, article.date) if part],
        source="standard input" if article.source == "-" else plain(article.source),
        link=article.source if re.match(r"https?://", article.source) else None,
        words=len(article.text.split()),
        measured=published_quality(article.profile),
        **values,
    )


def plain(value: object) -> str:
    """Text without control characters, which may be invisible or turn the direction of writing."""
    return "".join(letter for letter in str(value or "") if unicodedata.category(letter) not in ("Cc", "Cf"))


def title_of(article: Article) -> str:
    """What a page on an article is called: its title, else a headline that the machine wrote, else its first words."""
    if article.title:
        return article.title
    if made := headline(article):
        return f"{made} (the machine’s headline: often wrong in a detail)"
    words = plain(article.text[:200].replace("\n", " ")).split(" ")
    return f"“{' '.join(words[:BEGINNING])}{' …' if len(words) > BEGINNING else ''}”"
