"""What an HTML or PDF document says, read in a process of its own.

Documents come from anywhere, and a small one can ask for hours or for all memory. The process may take
``SECONDS`` and ``MEMORY``; whatever happens in it ends with it. It runs this file as a script, which is why
nothing of the package is imported here.
"""

from __future__ import annotations

import contextlib
import html
import io
import json
import logging
import re
import subprocess
import sys

SECONDS = 30
MEMORY = 2_000_000_000  # bytes
_SAVE = "save its text as a .txt file"


class DocumentError(Exception):
    """What is wrong with a document, and what to do, in one line."""


def extract(data: bytes, kind: str, most: int, url: str | None = None) -> dict[str, str | None]:
    """Text of a document, and what it says about itself.

    Parameters
    ----------
    data
        The document; HTML in UTF-8.
    kind
        ``"html"`` or ``"pdf"``.
    most
        After so many characters the rest of a PDF is left unread.
    url
        Where a page comes from.

    Returns
    -------
    dict
        `text`, and `title`, `date`, `author`, `outlet` as far as they are known.

    Raises
    ------
    DocumentError
        It is damaged, encrypted, holds no article, or takes too much time or memory.
    """
    command = [sys.executable, "-P", __file__, kind, str(most), url or ""]
    name = {"html": "page", "pdf": "PDF"}[kind]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise DocumentError(f"the {name} takes over {SECONDS} seconds to read; {_SAVE}") from None
    try:
        found = json.loads(done.stdout)
    except ValueError:  # the process was killed
        raise DocumentError(f"the {name} is damaged, or needs too much memory; {_SAVE}") from None
    if "problem" in found:
        raise DocumentError(found["problem"])
    return found


def _limit() -> None:
    """Bound memory and computing time, where the system can."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS + 1, SECONDS + 1))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _html(data: bytes, most: int, url: str | None) -> dict[str, str | None]:
    import trafilatura

    try:
        found = trafilatura.bare_extraction(
            data,
            url=url,
            with_metadata=True,
            include_comments=False,
            include_tables=False,
            include_images=False,
        )
    except MemoryError:
        raise
    except Exception as error:  # a broken page can fail anywhere in the parser
        raise DocumentError(f"the page cannot be read ({_reason(error)}); {_SAVE}") from None
    if found is None or not (found.text or "").strip():
        raise DocumentError("the page holds no article; save the article's text as a .txt file")
    lines = found.text.split("\n")
    title = " ".join((found.title or "").split()) or None
    if title and lines[0].strip() == title:
        lines = lines[1:]
    about = {"title": title, "date": found.date, "author": found.author, "outlet": found.sitename}
    data_of = _linked_data(data)
    return {"text": "\n\n".join(lines)} | {key: value or data_of.get(key) for key, value in about.items()}


def _linked_data(page: bytes) -> dict[str, str | None]:
    """What the article in a page's JSON-LD says about itself."""
    found = []
    for script in re.findall(rb"<script[^>]*application/ld\+json[^>]*>(.*?)</script", page, re.IGNORECASE | re.DOTALL):
        with contextlib.suppress(ValueError, RecursionError):
            found.append(json.loads(html.unescape(script.decode("utf-8", "replace")), strict=False))
    for entry in found:
        if isinstance(entry, list):
            found += entry
        elif isinstance(entry, dict) and ("articleBody" in entry or "headline" in entry):
            title, date = (entry.get(key) for key in ("headline", "datePublished"))
            return {
                "title": " ".join(title.split()) if isinstance(title, str) else None,
                "date": date[:10] if isinstance(date, str) else None,
                "author": _name(entry.get("author")),
                "outlet": _name(entry.get("publisher")),
            }
        elif isinstance(entry, dict):
            found += entry.values()  # "@graph", "mainEntity"
    return {}


def _name(who: object) -> str | None:
    """The name of a person or an organisation in JSON-LD, or of several."""
    if isinstance(who, list):
        return "; ".join(name for each in who if (name := _name(each))) or None
    name = who.get("name") if isinstance(who, dict) else who
    return name.strip() or None if isinstance(name, str) else None


def _pdf(data: bytes, most: int, url: str | None) -> dict[str, str | None]:
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, FileNotDecryptedError

    pages, size = [], 0
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise FileNotDecryptedError
        for page in reader.pages:
            pages.append(page.extract_text())
            size += len(pages[-1])
            if size > most:
                break
        author = (reader.metadata or {}).get("/Author")
    except MemoryError:
        raise
    except (FileNotDecryptedError, DependencyError):
        raise DocumentError("the PDF is encrypted; save a copy without a password") from None
    except Exception as error:  # a damaged file can fail anywhere in the parser
        raise DocumentError(f"the PDF is damaged ({_reason(error)}); {_SAVE}") from None
    if not size or not "".join(pages).strip():
        raise DocumentError(f"the PDF holds no text (a scan?); {_SAVE}")
    return {"text": "\n".join(pages), "author": str(author) if author else None}


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


def _main(kind: str, most: str, url: str) -> dict[str, str | None]:
    _limit()
    logging.disable()
    try:
        return {"html": _html, "pdf": _pdf}[kind](sys.stdin.buffer.read(), int(most), url or None)
    except DocumentError as problem:
        return {"problem": str(problem)}
    except MemoryError:
        needs = f"the document needs over {MEMORY // 10**9} GB of memory to read"
        return {"problem": f"{needs}; {_SAVE}"}


if __name__ == "__main__":
    with contextlib.redirect_stdout(sys.stderr):
        answer = _main(*sys.argv[1:])
    print(json.dumps(answer))
