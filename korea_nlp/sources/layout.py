"""How a text is laid out: its title, its paragraphs, and letters in their ordinary forms."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from itertools import pairwise

from korea_nlp.errors import ArticleError
from korea_nlp.paths import ASSETS
from korea_nlp.sources import Source, check_length

_LISTS = tomllib.loads((ASSETS / "layout.toml").read_text(encoding="utf-8"))
_TITLES = {title.casefold() for title in tomllib.loads((ASSETS / "names.toml").read_text(encoding="utf-8"))["titles"]}
_MAX_TITLE_WORDS = 15
_WRAP_WIDTH = 120  # no line of a hard-wrapped text is longer
_LONGEST_WORD = 1000  # characters
_LONGEST_LINE = 300

_BREAKS = re.compile("\r\n?|[\v\f\x1c\x1d\x1e\x85\u2028\u2029]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
_VARIANT = re.compile("[\u2010\u2011\ufb00-\ufb06\uff01-\uff5e]")  # hyphens, ligatures, full-width letters
_BLANK = re.compile("[\u115f\u1160\u2800\u3164\uffa0]")  # letters that show nothing
_SELECTOR = re.compile("[\u034f\ufe00-\ufe0f]")
_ENDS = re.compile(r"[.!?…][\"'”’»)\]]*$")

_POINTER = re.compile(
    rf"(?:(?:{'|'.join(_LISTS['pointers'])})(?: ?(?:[:|▶►→»>]| [-–—]).{{0,160}}|[….]*)"
    rf"|(?:{'|'.join(_LISTS['openings'])})\b.{{0,160}})$",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"\d{1,2}[:.]\d\d(?::\d\d)?(?:\s?[ap]\.?m\b\.?)?|\d{1,2}\s?[ap]\.?m\b\.?", re.IGNORECASE)
_POST = frozenset(_LISTS["posts"] + _LISTS["zones"] + _LISTS["dates"])
_POSTED = frozenset(_LISTS["posted"])
_DASH = r"(?:[—–―]+ ?|-{1,2} )"
_STOP = r"\.(?<!\b[A-Z]\.)(?<!\b[A-Z][a-z]\.)(?<!\b[A-Z][a-z]{2}\.)(?: |$)"  # no abbreviation's
_SIGNATURE = rf"{_DASH}(?:(?:[Tt]he|[Aa]n?) )?[A-Z](?:(?!{_STOP})[^\n!?]){{1,120}}$"
_SIGNED = re.compile(rf"^[“\"„«‘'][^\n]*[”\"»’“'] ?({_SIGNATURE})", re.MULTILINE)
_QUOTATION = re.compile(r"[“\"„«‘'].*[”\"»’“']$")
_LABEL = re.compile(
    r"^(?:(?P<name>(?:[Tt]he |THE )?[A-Z][\w.’'-]*(?: (?:of|for|[A-Z][\w.’'-]*)){0,6})(?: \([^()\n]{1,60}\))?"
    r":(?: (?=\S)|$)|(?P<asks>Q)\.? (?=[A-Z]))",
    re.MULTILINE,
)
_ROLES = frozenset(role.casefold() for role in _LISTS["roles"])


def title_and_text(found: Source, name: str) -> tuple[str | None, str]:
    """Title of an article, or None, and its paragraphs separated by one newline.

    An `ArticleError` says that there is too much text or none, or control characters or an endless word in it.
    """
    check_length(found.text, name)
    text = _normalised(_BREAKS.sub("\n", found.text))
    if _CONTROL.search(text):
        raise ArticleError(f"{name}: is binary, not text; save it as UTF-8 text, Markdown, HTML or PDF")
    lines = [" ".join(line.split()) for line in text.split("\n")]
    if found.layout == "pages":
        lines = [line for line in lines if line]
    blocks = [block.split("\n") for block in re.split("\n{2,}", "\n".join(lines).strip("\n"))]
    title = found.title
    if title is None and _is_title(blocks) and not _is_boilerplate(blocks[0][0]):
        title = blocks[0].pop(0)
        blocks = [block for block in blocks if block]
    blocks = [part for block in blocks for part in _without_boilerplate(block, len(blocks) > 1)] or [[""]]
    if len(blocks) > 1:
        paragraphs = [" ".join(block) for block in blocks]
    elif found.layout == "pages" or _is_wrapped(blocks[0]):
        paragraphs = _unwrap(blocks[0])
    else:
        paragraphs = blocks[0]
    text = "\n".join(_with_speakers(paragraphs))
    if not text.strip():
        raise ArticleError(f"{name}: is empty; pass an article with some text")
    if max(map(len, text.split())) > _LONGEST_WORD:
        raise ArticleError(f"{name}: holds a word of over {_LONGEST_WORD:,} characters; pass an article in English")
    return title, text


def _without_boilerplate(lines: list[str], broken: bool) -> list[list[str]]:
    """The lines between those that belong to the page; apart where lines are broken, else together."""
    parts: list[list[str]] = [[]]
    for line in lines:
        if not _is_boilerplate(line):
            parts[-1].append(line)
        elif broken:
            parts.append([])
    return [part for part in parts if part]


def _is_boilerplate(line: str) -> bool:
    """Whether a line leads to other pages ("Read more: ...") or stands above a post ("Update 3, 14:05 GMT")."""
    line = line.strip("*_ ")  # bold in Markdown
    if _POINTER.match(line):
        return True
    clock = _CLOCK.search(line)
    words = re.findall(r"[^\W\d]+(?:['’][^\W\d]+)?", _CLOCK.sub(" ", line).casefold())
    return bool(clock or _POSTED & {*words}) and _POST.issuperset(words)


def _with_speakers(paragraphs: list[str]) -> list[str]:
    """With the line that says who speaks joined to what it is about: a signature, or the label of a turn."""
    found: list[str] = []
    for line in paragraphs:
        signs = found and re.match(_SIGNATURE, line) and _QUOTATION.match(found[-1])
        labelled = found and (label := _LABEL.fullmatch(found[-1])) and _is_label(label["name"])
        if signs or labelled:
            found[-1] += f" {line}"
        else:
            found.append(line)
    return found


def signatures(text: str) -> list[tuple[int, int]]:
    """Start and end of what stands after a quotation on a line of its own: "— Foreign Minister Cho Tae-min"."""
    return [match.span(1) for match in _SIGNED.finditer(text)]


def turns(text: str) -> list[tuple[int, int, int]]:
    """The turns of a transcript: where the label starts ("MR. PARK: "), where it ends, and where the turn ends.

    A transcript has two labels at least, of which one is a role or has a title, or stands there twice.
    """
    labels = [match for match in _LABEL.finditer(text) if match.end() < len(text)]
    names = [match["name"] or match["asks"] for match in labels]
    if len(names) < 2 or not (any(map(_is_label, names)) or len({*names}) < len(names)):
        return []
    labels = [
        match
        for match, name in zip(labels, names, strict=True)
        if _is_label(name) or name.isupper() or " " in name or names.count(name) > 1
    ]
    ends = [*(match.start() for match in labels[1:]), len(text)]
    return [(match.start(), match.end(), end) for match, end in zip(labels, ends, strict=True)]


def _is_label(name: str) -> bool:
    """Whether it can only say who speaks: a role, or a title before a name."""
    first = name.casefold().removeprefix("the ").split()[0].rstrip(".")
    return is_role(name) or (" " in name and first in _TITLES)


def is_role(name: str) -> bool:
    """Whether a label names nobody: "Q", "Reporter"."""
    return name.casefold().rstrip(".0123456789") in _ROLES


def _normalised(text: str) -> str:
    """Letters in their ordinary, composed forms, without marks that show nothing."""
    text = _VARIANT.sub(lambda found: unicodedata.normalize("NFKC", found[0]).replace("\u2010", "-"), text)
    seen = "".join(letter for letter in _BLANK.sub(" ", text) if unicodedata.category(letter) != "Cf")
    return unicodedata.normalize("NFC", _SELECTOR.sub("", seen))


def one_line(value: str | None) -> str | None:
    """What a source says about itself, as one short line; None if that is nothing."""
    words = " ".join(_CONTROL.sub(" ", _normalised(value or "")).split())
    return (words if len(words) <= _LONGEST_LINE else f"{words[:_LONGEST_LINE]}…") or None


def _breaks_early(line: str, following: str, width: int) -> bool:
    """Whether the next word would have fitted on the line: its end was meant."""
    return len(line) + 1 + len(following.split(" ")[0]) <= 0.8 * width


def _is_title(blocks: list[list[str]]) -> bool:
    first = blocks[0][0]
    if not first or _ENDS.search(first) or len(first.split()) > _MAX_TITLE_WORDS:
        return False
    if len(blocks[0]) == 1:
        return len(blocks) > 1
    return _breaks_early(first, blocks[0][1], max(map(len, blocks[0])))


def _is_wrapped(lines: list[str]) -> bool:
    """Whether the lines of a text without blank lines were broken at the edge of a page or window."""
    inner = [line for line in lines[:-1] if not _ENDS.search(line)]
    return len(lines) > 1 and max(map(len, lines)) <= _WRAP_WIDTH and len(inner) * 2 >= len(lines) - 1


def _unwrap(lines: list[str]) -> list[str]:
    """Join lines; a paragraph ends with a line that is complete and shorter than it need be."""
    width = max(map(len, lines))
    paragraphs = [lines[0]]
    for before, line in pairwise(lines):
        if _ENDS.search(before) and _breaks_early(before, line, width):
            paragraphs.append(line)
        elif re.search(r"[a-z]-$", before) and re.match("[a-z]", line):
            paragraphs[-1] = paragraphs[-1][:-1] + line
        else:
            paragraphs[-1] += " " + line
    return paragraphs
