"""Fetching a page from the web: http and https only, within limits of size and time."""

from __future__ import annotations

import http.cookiejar
import ipaddress
import queue
import socket
import threading
import urllib.error
import urllib.parse
import urllib.request
import zlib

from korea_nlp.errors import ArticleError, reason, shown

MAX_BYTES = 10_000_000
TIMEOUT = 10  # seconds without an answer
DEADLINE = 30  # seconds for the whole download
_ADVICE = "check the address, or save the page and pass the file"


def download(url: str) -> tuple[bytes, str, str | None]:
    """Fetch a page: its data (at most one byte more than ``MAX_BYTES``), content type, and charset if it is told.

    A redirect is followed to another web address only, and not from a public one to one on this machine
    or its network. An `ArticleError` says that it is no web address, cannot be reached, or is not complete after
    ``DEADLINE`` seconds.
    """
    name = shown(url)
    if url.split("://")[0].lower() not in ("http", "https"):
        raise ArticleError(f"{name}: only http and https addresses can be read; pass a file instead")
    outcome: queue.SimpleQueue = queue.SimpleQueue()

    def fetch() -> None:
        try:
            outcome.put(_fetch(url))
        except Exception as error:  # http.client, ssl, socket and url parsing each have their own
            outcome.put(error)

    # in a thread of its own, as no timeout ends a look-up or a server that sends a byte now and then
    threading.Thread(target=fetch, daemon=True).start()
    try:
        found = outcome.get(timeout=DEADLINE)
    except queue.Empty:
        raise ArticleError(f"{name}: not complete after {DEADLINE} seconds; {_ADVICE}") from None
    match found:
        case tuple():
            return found
        case ArticleError():
            raise found
        case urllib.error.HTTPError() if found.code // 100 == 3:
            problem = f"is redirected to where it cannot be read ({reason(found.reason)})"
        case urllib.error.HTTPError():
            problem = f"the server answered {found.code} {reason(found.reason)}"
        case urllib.error.URLError():
            problem = f"cannot be reached ({reason(found.reason)})"
        case _:
            problem = f"cannot be read ({reason(found)})"
    raise ArticleError(f"{name}: {problem}; {_ADVICE}")


def _fetch(url: str) -> tuple[bytes, str, str | None]:
    cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    agent = {"User-Agent": "Mozilla/5.0 (compatible; korea-nlp)"}
    request = urllib.request.Request(_ascii(url), headers=agent)
    with urllib.request.build_opener(_WebOnly, cookies).open(request, timeout=TIMEOUT) as answer:
        data = b""
        while len(data) <= MAX_BYTES and (chunk := answer.read1(MAX_BYTES + 1 - len(data))):
            data += chunk
        if len(data) <= MAX_BYTES and answer.length:
            raise ConnectionError("the answer breaks off")
        if answer.headers.get("Content-Encoding", "").lower() in ("gzip", "deflate"):
            data = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32).decompress(data, MAX_BYTES + 1)
        return data, answer.headers.get_content_type(), answer.headers.get_content_charset()


def _ascii(url: str) -> str:
    """An address as it is sent: letters beyond ASCII are escaped."""
    parts = urllib.parse.urlsplit(url)
    server = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode()
    path, query = (urllib.parse.quote(part, safe="%/:=&?~+!$,;'@()*[]") for part in (parts.path, parts.query))
    return urllib.parse.urlunsplit((parts.scheme, server, path, query, ""))


class _WebOnly(urllib.request.HTTPRedirectHandler):
    inf_msg = "it goes on without end; "

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        target = urllib.parse.urlsplit(newurl)
        leads = f"{shown(req.full_url)}: leads to {shown(newurl)}, which is"
        if target.scheme not in ("http", "https"):
            raise ArticleError(f"{leads} no web page; pass a file instead")
        if is_local(target.hostname) and not is_local(req.origin_req_host):
            raise ArticleError(f"{leads} not public; {_ADVICE}")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def is_local(host: str | None) -> bool:
    """Whether a host is this machine, on its network, or otherwise not public; false if it is not known."""
    try:
        found = socket.getaddrinfo((host or "").strip("[]"), None)
    except (OSError, UnicodeError):
        return False
    addresses = [ipaddress.ip_address(place[0].partition("%")[0]) for *_, place in found]
    return any(not (getattr(each, "ipv4_mapped", None) or each).is_global for each in addresses)
