"""Where an article comes from: a text, Markdown, HTML or PDF file, a web page, or standard input."""

from __future__ import annotations

import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from korea_nlp.errors import ArticleError

MAX_BYTES = 10_000_000
TIMEOUT = 10  # seconds without an answer
DEADLINE = 30  # seconds for the whole download
_ENCODINGS = ["cp1252", "cp949", "mac_roman", "utf_16", "utf_16_le", "utf_16_be"]
_MATTER = re.compile(r"---[ \t]*\n(.*?\n)---[ \t]*(?:\n|$)", re.DOTALL)
_FIELD = re.compile(r"^(title|date|author|outlet):[ \t]*(\S.*?)[ \t]*$", re.MULTILINE)
_HTML = re.compile(rb"\s*(<!doctype html|<html|<head|<\?xml[^>]*>\s*<(!doctype )?html)", re.IGNORECASE)


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
        return _interpret(sys.stdin.buffer.read(MAX_BYTES + 1), "standard input", "")
    if re.match(r"\w[\w+.-]*://", source):
        data, content_type = _download(source)
        return _interpret(data, source, content_type, url=source)
    return _interpret(_read_file(Path(source).expanduser()), source, Path(source).suffix.lower())


def _read_file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise ArticleError(f"{path}: no such file; check the path") from None
    except IsADirectoryError:
        raise ArticleError(f"{path}: is a folder; name one article in it") from None
    except PermissionError:
        raise ArticleError(f"{path}: permission denied; make the file readable") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ArticleError(f"{str(path)[:200]!r}: cannot be read ({reason}); check the path") from None


class _WebOnly(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, req, fp, code, msg, headers, newurl):
        if urllib.parse.urlsplit(newurl).scheme not in ("http", "https"):
            raise ArticleError(
                f"{req.full_url}: leads to {newurl}, which is no web page; pass a file instead"
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _download(url: str) -> tuple[bytes, str]:
    """The bytes of a web page and its content type."""
    if url.split("://")[0].lower() not in ("http", "https"):
        raise ArticleError(f"{url}: only http and https addresses can be read; pass a file instead")
    advice = "check the address, or save the page and pass the file"
    started, chunks, size = time.monotonic(), [], 0
    try:
        request = urllib.request.Request(url, headers={"User-Agent": "Mozilla/5.0 (compatible; korea-nlp)"})
        with urllib.request.build_opener(_WebOnly).open(request, timeout=TIMEOUT) as answer:
            content_type = answer.headers.get_content_type()
            while chunk := answer.read1(65536):
                chunks.append(chunk)
                size += len(chunk)
                if size > MAX_BYTES:
                    break
                if time.monotonic() - started > DEADLINE:
                    raise TimeoutError(f"not complete after {DEADLINE} seconds")
    except urllib.error.HTTPError as error:
        raise ArticleError(f"{url}: the server answered {error.code} {error.reason}; {advice}") from None
    except urllib.error.URLError as error:
        raise ArticleError(f"{url}: cannot be reached ({_reason(error.reason)}); {advice}") from None
    except ArticleError:
        raise
    except Exception as error:  # http.client, ssl, socket and url parsing each have their own
        raise ArticleError(f"{url}: cannot be read ({_reason(error)}); {advice}") from None
    return b"".join(chunks), content_type


def _reason(error: object) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _interpret(data: bytes, name: str, kind: str, url: str | None = None) -> Source:
    """Bytes as text; ``kind`` is a file suffix or a content type; how the bytes begin counts too."""
    if len(data) > MAX_BYTES:
        limit = f"{MAX_BYTES // 1_000_000} MB"
        raise ArticleError(f"{name}: larger than {limit}; pass one article, not a collection")
    if not data.strip():
        raise ArticleError(f"{name}: is empty; pass an article with some text")
    if data.startswith(b"%PDF") or kind in (".pdf", "application/pdf"):
        return _from_pdf(data, name)
    if kind in (".html", ".htm", ".xhtml", "text/html", "application/xhtml+xml") or _HTML.match(data[:1000]):
        return _from_html(data, name, url)
    text = _decode(data, name)
    return _from_markdown(text) if kind in (".md", ".markdown", "text/markdown") else Source(text)


def _decode(data: bytes, name: str) -> str:
    if b"\0" not in data:
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError:
            pass
    from charset_normalizer import from_bytes

    best = from_bytes(data, cp_isolation=_ENCODINGS).best()
    if best is None:
        advice = "save it as UTF-8 text, Markdown, HTML or PDF"
        raise ArticleError(f"{name}: is binary, or its encoding is unknown; {advice}")
    return str(best)


def _from_html(data: bytes, name: str, url: str | None) -> Source:
    import logging

    import trafilatura

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    try:
        found = trafilatura.bare_extraction(
            data,
            url=url,
            with_metadata=True,
            include_comments=False,
            include_tables=False,
            include_images=False,
        )
    except Exception as error:  # a broken page can fail anywhere in the parser
        raise ArticleError(
            f"{name}: the page cannot be read ({_reason(error)}); save its text as a .txt file"
        ) from None
    if found is None or not (found.text or "").strip():
        raise ArticleError(f"{name}: the page holds no article; save the article's text as a .txt file")
    lines = found.text.split("\n")
    title = " ".join((found.title or "").split()) or None
    if title and lines[0].strip() == title:
        lines = lines[1:]
    return Source("\n\n".join(lines), title, found.date, found.author, found.sitename)


def _from_pdf(data: bytes, name: str) -> Source:
    import io
    import logging

    from pypdf import PdfReader
    from pypdf.errors import DependencyError, FileNotDecryptedError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise FileNotDecryptedError
        text = "\n".join(page.extract_text() for page in reader.pages)
        about = reader.metadata or {}
    except (FileNotDecryptedError, DependencyError):
        raise ArticleError(f"{name}: the PDF is encrypted; save a copy without a password") from None
    except Exception as error:  # a damaged file can fail anywhere in the parser
        advice = "save its text as a .txt file"
        raise ArticleError(f"{name}: the PDF is damaged ({_reason(error)}); {advice}") from None
    if not text.strip():
        raise ArticleError(f"{name}: the PDF holds no text (a scan?); save its text as a .txt file")
    author = about.get("/Author")
    return Source(text, author=str(author) if author else None, layout="pages")


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
