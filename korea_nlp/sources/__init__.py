"""Where an article comes from: a text, Markdown, HTML or PDF file, a web page, or standard input."""

from __future__ import annotations

import codecs
import json
import re
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

from korea_nlp.errors import ArticleError, shown
from korea_nlp.sources.documents import DocumentError, extract
from korea_nlp.sources.web import MAX_BYTES, download

MAX_CHARACTERS = 200_000
_LIMIT = f"the limit is {MAX_CHARACTERS:,} characters; pass one article, not a collection"
_SAVE = "save it as UTF-8 text, Markdown, HTML or PDF"
_ENCODINGS = ["cp1252", "cp949", "mac_roman", "utf_16", "utf_16_le", "utf_16_be", "utf_32"]
_MATTER = re.compile(r"---[ \t]*\n(.*?\n)---[ \t]*(?:\n|$)", re.DOTALL)
_FIELD = re.compile(r"^(title|date|author|outlet):[ \t]*(\S.*?)[ \t]*$", re.MULTILINE)
_HTML = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype html|html|head|body|article|div|p)\b",
    re.IGNORECASE | re.DOTALL,
)
_XML = re.compile(r"\s*<(\?xml|rss|feed|!doctype|svg)\b", re.IGNORECASE)
_CHARSET = re.compile(rb"""<(?:meta|\?xml)[^>]*?(?:charset|encoding)\s*=\s*["']?([\w-]+)""", re.IGNORECASE)
_KINDS = {
    ".pdf": "pdf",
    "application/pdf": "pdf",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    "text/html": "html",
    "application/xhtml+xml": "html",
    ".md": "markdown",
    ".markdown": "markdown",
    "text/markdown": "markdown",
}
_NOT_TEXT = {
    b"PK\x03\x04": "a zip archive or an office document",
    b"\xd0\xcf\x11\xe0": "an office document",
    b"{\\rtf": "a rich text document",
    b"\x1f\x8b": "a compressed file",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
    b"GIF8": "an image",
}


@dataclass(frozen=True)
class Source:
    """Text as it was found, with what the page or file says about itself.

    ``layout`` tells how lines are meant: ``"lines"`` (as typed) or ``"pages"`` (broken at the edge of a
    printed page).
    """

    text: str
    title: str | None = None
    date: str | None = None
    author: str | None = None
    outlet: str | None = None
    layout: str = "lines"


def read_source(source: str) -> Source:
    """Read a path, a URL or ``"-"`` (standard input) as text.

    Raises
    ------
    ArticleError
        It is missing, unreadable, too large, not text, or a page without an article.
    """
    if source == "-":
        return interpret(_read_input(), "standard input", "")
    if re.match(r"\w[\w+.-]*://", source):
        answer = download(source)
        if not re.match(r"text/|application/(pdf|xhtml\+xml|json|xml|octet-stream)", answer.content_type):
            raise ArticleError(
                f"{shown(source)}: is {answer.content_type}, not an article; pass the address of a page"
            )
        return interpret(answer.data, shown(source), answer.content_type, answer.charset, url=source)
    return interpret(_read_file(source), shown(source), Path(source).suffix.lower())


def _read_input() -> bytes:
    try:
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    except AttributeError:
        raise ArticleError("standard input: is closed; pass a file, or text through a pipe") from None
    except OSError as error:
        raise ArticleError(f"standard input: cannot be read ({error.strerror}); pass a file") from None


def _read_file(source: str) -> bytes:
    name = shown(source)
    try:
        path = Path(source).expanduser()
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
            raise ArticleError(f"{name}: is a device or a pipe, not a file; pass - to read standard input")
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise ArticleError(f"{name}: no such file; check the path") from None
    except IsADirectoryError:
        raise ArticleError(f"{name}: is a folder; name one article in it") from None
    except PermissionError:
        raise ArticleError(f"{name}: permission denied; make the file readable") from None
    except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: no such user's home
        reason = getattr(error, "strerror", None) or error
        raise ArticleError(f"{name}: cannot be read ({reason}); check the path") from None


def interpret(
    data: bytes, name: str, kind: str, charset: str | None = None, url: str | None = None
) -> Source:
    """Bytes as text; ``kind`` is a file suffix or a content type; how the bytes begin counts too.

    Raises
    ------
    ArticleError
        They are too many, none, not text, or a page without an article.
    """
    if len(data) > MAX_BYTES:
        limit = f"{MAX_BYTES // 1_000_000} MB"
        raise ArticleError(f"{name}: larger than {limit}; pass one article, not a collection")
    if not data.strip():
        raise ArticleError(f"{name}: is empty; pass an article with some text")
    kind = "pdf" if data.startswith(b"%PDF") else _KINDS.get(kind, kind)
    if kind == "pdf":
        return Source(**_extract(name, data, "pdf"), layout="pages")
    for start, what in _NOT_TEXT.items():
        if data.startswith(start):
            raise ArticleError(f"{name}: is {what}, not text; {_SAVE}")
    declared = _CHARSET.search(data[:2000])
    text = _decode(data, name, charset or (declared[1].decode() if declared else None))
    if kind == "html" or (kind != "markdown" and _HTML.match(text[:2000])):
        return Source(**_extract(name, text.encode("utf-8", "replace"), "html", url))
    if kind in (".json", "application/json") or _is_json(text):
        raise ArticleError(f"{name}: is JSON data, not an article; save the article's text as a .txt file")
    if _XML.match(text):
        raise ArticleError(f"{name}: is XML, not an article; save the article's text as a .txt file")
    if len(text) > MAX_CHARACTERS:
        raise ArticleError(f"{name}: too long ({len(text):,} characters); {_LIMIT}")
    return _from_markdown(text) if kind == "markdown" or _has_matter(text) else Source(text)


def _extract(name: str, data: bytes, kind: str, url: str | None = None) -> dict[str, str | None]:
    try:
        return extract(data, kind, MAX_CHARACTERS, url)
    except DocumentError as problem:
        raise ArticleError(f"{name}: {problem}") from None


def _decode(data: bytes, name: str, charset: str | None) -> str:
    if b"\0" not in data:
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            tried = data.decode("utf-8", "replace")
            damage, place = tried.count("\ufffd"), error.start
        try:
            if charset and codecs.lookup(charset).name != "utf-8":
                return data.decode(charset)
        except (LookupError, ValueError):
            pass
        if b"\xe2\x80" in data or damage < sum(not letter.isascii() for letter in tried) / 2:
            raise ArticleError(f"{name}: is damaged UTF-8 text (at byte {place}); save it again as UTF-8")
    from charset_normalizer import from_bytes

    best = from_bytes(data, cp_isolation=_ENCODINGS).best()
    if best is None:
        raise ArticleError(f"{name}: is binary, or its encoding is unknown; {_SAVE}")
    return str(best)


def _is_json(text: str) -> bool:
    if not text.lstrip().startswith(("{", "[")):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _has_matter(text: str) -> bool:
    matter = _MATTER.match(re.sub("\r\n?", "\n", text[:10_000]))
    return matter is not None and _FIELD.search(matter[1]) is not None


def _from_markdown(text: str) -> Source:
    """The words of a Markdown text, block by block; a heading in its first line is the title.

    Front matter between lines of ``---`` may say title, date, author and outlet.
    """
    from markdown_it import MarkdownIt

    text = re.sub("\r\n?", "\n", text)
    matter = _MATTER.match(text)
    about = {key: _unquote(value) for key, value in _FIELD.findall(matter[1])} if matter else {}
    tokens = MarkdownIt("commonmark").parse(text[matter.end() :] if matter else text)
    title, blocks = None, []
    for token, before in zip(tokens, [None, *tokens], strict=False):
        if token.type != "inline":
            continue
        words = "".join(_inline(child) for child in token.children or [])
        if before is not None and before.type == "heading_open" and title is None and not blocks:
            title = " ".join(words.split())
        else:
            blocks.append(words)
    return Source("\n\n".join(blocks), **(about | ({"title": title} if title else {})))


def _unquote(value: str) -> str:
    quote = value[0]
    return value[1:-1] if quote in "\"'" and len(value) > 2 and value[-1] == quote else value


def _inline(token) -> str:
    if token.type in ("softbreak", "hardbreak"):
        return "\n"
    return token.content if token.type in ("text", "code_inline") else ""
