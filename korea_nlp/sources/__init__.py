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
from korea_nlp.sources.documents import MAX_CHARACTERS, extract
from korea_nlp.sources.web import MAX_BYTES, download

_SAVE = "save it as UTF-8 text, Markdown, HTML or PDF"
_ENCODINGS = ["cp1252", "cp949", "mac_roman", "utf_16", "utf_16_le", "utf_16_be", "utf_32"]
_MATTER = re.compile(r"---[ \t]*\n(.*?\n)---[ \t]*(?:\n|$)", re.DOTALL)
_FIELD = re.compile(r"^(title|date|author|outlet):[ \t]*(\S.*?)[ \t]*$", re.MULTILINE)
_QUOTED = re.compile(r"""(["'])(.+)\1""")
_HTML = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype html|html|head|body|article|div|p)\b",
    re.IGNORECASE | re.DOTALL,
)
_XML = re.compile(r"\s*<(\?xml|rss|feed|!doctype|svg)\b", re.IGNORECASE)
_CHARSET = re.compile(rb"""<(?:meta|\?xml)[^>]*?(?:charset|encoding)\s*=\s*["']?([\w-]+)""", re.IGNORECASE)
_WEB_TYPES = re.compile(r"text/|application/(pdf|xhtml\+xml|json|xml|octet-stream)")
_KINDS = {
    "pdf": (".pdf", "application/pdf"),
    "html": (".html", ".htm", ".xhtml", "text/html", "application/xhtml+xml"),
    "markdown": (".md", ".markdown", "text/markdown"),
    "JSON": (".json", "application/json"),
}
SUFFIXES = (".txt", ".md", ".markdown", ".html", ".htm", ".pdf")
_NOT_TEXT = {
    b"PK\x03\x04": "a zip archive or an office document",
    b"\xd0\xcf\x11\xe0": "an office document",
    b"{\\rtf": "a rich text document",
    b"\x1f\x8b": "a compressed file",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
    b"GIF8": "an image",
}


def names_article(path: Path) -> bool:
    """Whether a file of a folder is an article by its name: text, Markdown, HTML or PDF, and no README."""
    return path.suffix.lower() in SUFFIXES and path.stem.lower() != "readme"


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
    """Read a path, a URL or ``"-"`` (standard input) as text; an `ArticleError` says why it cannot be read."""
    name = shown(source)
    if source == "-":
        return interpret(_read_input(), "standard input", "")
    if re.match(r"\w[\w+.-]*://", source):
        data, content_type, charset = download(source)
        if not _WEB_TYPES.match(content_type):
            raise ArticleError(f"{name}: is {content_type}, not an article; pass the address of a page")
        return interpret(data, name, content_type, charset, url=source)
    return interpret(_read_file(source, name), name, Path(source).suffix.lower())


def _read_input() -> bytes:
    try:
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    except AttributeError:
        raise ArticleError("standard input: is closed; pass a file, or text through a pipe") from None
    except OSError as error:
        raise ArticleError(f"standard input: cannot be read ({error.strerror}); pass a file") from None


def _read_file(source: str, name: str) -> bytes:
    try:
        path = Path(source).expanduser()
        mode = path.stat().st_mode
        if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
            with path.open("rb") as file:
                return file.read(MAX_BYTES + 1)
        problem = "is a device or a pipe, not a file; pass - to read standard input"
    except FileNotFoundError:
        problem = "no such file; check the path"
    except IsADirectoryError:
        problem = "is a folder; name one article in it"
    except PermissionError:
        problem = "permission denied; make the file readable"
    except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: no such user's home
        problem = f"cannot be read ({getattr(error, 'strerror', None) or error}); check the path"
    raise ArticleError(f"{name}: {problem}")


def interpret(data: bytes, name: str, kind: str, charset: str | None = None, url: str | None = None) -> Source:
    """Bytes as text; ``kind`` is a file suffix or a content type; how the bytes begin counts too.

    An `ArticleError` says that they are too many, none, not text, or a page without an article.
    """
    if len(data) > MAX_BYTES:
        limit = f"{MAX_BYTES // 1_000_000} MB"
        raise ArticleError(f"{name}: larger than {limit}; pass one article, not a collection")
    if not data.strip():
        raise ArticleError(f"{name}: is empty; pass an article with some text")
    kind = next((each for each, names in _KINDS.items() if kind in names), "")
    if kind == "pdf" or data.startswith(b"%PDF"):
        return _from_document(name, data, "pdf")
    if what := next((what for start, what in _NOT_TEXT.items() if data.startswith(start)), None):
        raise ArticleError(f"{name}: is {what}, not text; {_SAVE}")
    declared = _CHARSET.search(data[:2000])
    text = _decode(data, name, charset or (declared[1].decode() if declared else None))
    if kind == "html" or (kind != "markdown" and _HTML.match(text[:2000])):
        return _from_document(name, text.encode("utf-8", "replace"), "html", url)
    if what := "JSON data" if kind == "JSON" or _is_json(text) else "XML" if _XML.match(text) else None:
        raise ArticleError(f"{name}: is {what}, not an article; save the article's text as a .txt file")
    check_length(text, name)
    text = re.sub("\r\n?", "\n", text)
    matter = _MATTER.match(text[:10_000])
    if kind == "markdown" or (matter and _FIELD.search(matter[1])):
        return _from_markdown(text)
    return Source(text)


def check_length(text: str, name: str) -> None:
    """Refuse a text that is longer than an article."""
    if len(text) > MAX_CHARACTERS:
        limit = f"the limit is {MAX_CHARACTERS:,} characters"
        raise ArticleError(f"{name}: too long; {limit}; pass one article, not a collection")


def _from_document(name: str, data: bytes, kind: str, url: str | None = None) -> Source:
    found = extract(data, kind, url)
    if "problem" in found:
        raise ArticleError(f"{name}: {found['problem']}")
    return Source(**found, layout="pages" if kind == "pdf" else "lines")


def _decode(data: bytes, name: str, charset: str | None) -> str:
    if b"\0" not in data:
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            place = error.start
        try:
            if charset and codecs.lookup(charset).name != "utf-8":
                return data.decode(charset)
        except (LookupError, ValueError):
            pass
        tried = data.decode("utf-8", "replace")
        mostly = tried.count("\ufffd") < sum(not letter.isascii() for letter in tried) / 2
        if mostly or b"\xe2\x80" in data:
            raise ArticleError(f"{name}: is damaged UTF-8 text (at byte {place}); save it again as UTF-8")
    from charset_normalizer import from_bytes

    best = from_bytes(data, cp_isolation=_ENCODINGS).best()
    if best is None:
        raise ArticleError(f"{name}: is binary, or its encoding is unknown; {_SAVE}")
    return str(best)


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict | list)
    except (ValueError, RecursionError):
        return False


def _from_markdown(text: str) -> Source:
    """The words of a Markdown text, block by block; a heading in its first line is the title.

    Front matter between lines of ``---`` may say title, date, author and outlet.
    """
    from markdown_it import MarkdownIt

    matter = _MATTER.match(text)
    fields = _FIELD.findall(matter[1]) if matter else []
    about = {key: quoted[2] if (quoted := _QUOTED.fullmatch(value)) else value for key, value in fields}
    tokens = MarkdownIt("commonmark").parse(text[matter.end() :] if matter else text)
    inline = [i for i, token in enumerate(tokens) if token.type == "inline"]
    blocks = ["".join(map(_inline, tokens[i].children)) for i in inline]
    if inline and tokens[inline[0] - 1].type == "heading_open":
        about["title"] = " ".join(blocks.pop(0).split()) or about.get("title")
    return Source("\n\n".join(blocks), **about)


def _inline(token) -> str:
    if token.type in ("softbreak", "hardbreak"):
        return "\n"
    return token.content if token.type in ("text", "code_inline") else ""
