"""What an HTML or PDF document says, read in a process of its own.

A small document can ask for hours or for all memory. The process may take ``SECONDS`` and ``MEMORY``, and whatever
happens in it ends with it. It runs this file as a script, which is why nothing of the package is imported here.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import subprocess
import sys

MAX_CHARACTERS = 200_000
SECONDS = 30
MEMORY = 2_000_000_000  # bytes
_SAVE = "save its text as a .txt file"
_NAMES = {"html": "page", "pdf": "PDF"}


def extract(data: bytes, kind: str, url: str | None = None) -> dict[str, str | None]:
    """Text of a document (``"html"`` in UTF-8, or ``"pdf"``), and what it says about itself.

    The result has `text`, of a PDF at most one page more than ``MAX_CHARACTERS``, and `title`, `date`, `author`,
    `outlet` as far as they are known; or, if the document cannot be read, only `problem`: why, in one line.
    """
    command = [sys.executable, "-P", __file__, kind, url or ""]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=SECONDS, check=False)
        return json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        return {"problem": f"the {_NAMES[kind]} takes over {SECONDS} seconds to read; {_SAVE}"}
    except ValueError:  # the process was killed
        return {"problem": f"the {_NAMES[kind]} is damaged, or needs too much memory; {_SAVE}"}


def _read_html(data: bytes, url: str) -> dict[str, str | None]:
    import trafilatura

    found = trafilatura.bare_extraction(
        data, url=url or None, with_metadata=True, include_comments=False, include_tables=False
    )
    if found is None or not (found.text or "").strip():
        return {"problem": "the page holds no article; save the article's text as a .txt file"}
    title = " ".join((found.title or "").split()) or None
    lines = found.text.split("\n")
    if lines[0].strip() == title:
        lines = lines[1:]
    about = {"title": title, "date": found.date, "author": found.author, "outlet": found.sitename}
    return {"text": "\n\n".join(lines)} | about


def _read_pdf(data: bytes) -> dict[str, str | None]:
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
            if size > MAX_CHARACTERS:
                break
        author = (reader.metadata or {}).get("/Author")
    except (FileNotDecryptedError, DependencyError):
        return {"problem": "the PDF is encrypted; save a copy without a password"}
    if not "".join(pages).strip():
        return {"problem": f"the PDF holds no text (a scan?); {_SAVE}"}
    return {"text": "\n".join(pages), "author": str(author) if author else None}


def read(data: bytes, kind: str, url: str) -> dict[str, str | None]:
    """What `extract` returns, read in this process."""
    try:
        return _read_html(data, url) if kind == "html" else _read_pdf(data)
    except MemoryError:
        return {"problem": f"the {_NAMES[kind]} needs over {MEMORY // 10**9} GB of memory to read; {_SAVE}"}
    except Exception as error:  # a broken document can fail anywhere in the parser
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        return {"problem": f"the {_NAMES[kind]} is damaged ({reason}); {_SAVE}"}


def _bound() -> None:
    """Bound the memory and computing time of this process, where the system can bound them."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS + 1, SECONDS + 1))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


if __name__ == "__main__":
    _bound()
    logging.disable()
    with contextlib.redirect_stdout(sys.stderr):
        answer = read(sys.stdin.buffer.read(), *sys.argv[1:])
    print(json.dumps(answer))
