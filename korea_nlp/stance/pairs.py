"""Pairs of holder and target: which there are in an article, and how the entailment model is asked."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect
from itertools import product

import pandas as pd

from korea_nlp.article import Article
from korea_nlp.cues import VOICES
from korea_nlp.models import embed
from korea_nlp.stance.holders import (
    ANTECEDENT,
    AUTHOR,
    TOGETHER,
    are_apart,
    are_one,
    behind_whom_stands_another,
    can_hold,
    is_partial,
    is_spoken_of,
    judges,
    named_apart,
)
from korea_nlp.weights import ASSETS

ABOUT = 0.4
"""Cosine from which a sentence is about a target that it does not name."""
MOST_ACTORS = 12
"""How many actors of a sentence are paired: pairs grow with the square, and a list of names takes no side."""

FAR = 1000
"""Characters from which two mentions stand too far apart to be paired: a model would not see both."""
_QUOTES = "“”„«»\"‘’'"
_DOUBLE = re.compile('[“”„«»"]')
_WORDS = tomllib.loads((ASSETS / "hypotheses.toml").read_text(encoding="utf-8"))

_POSSESSIVES = {"its", "his", "her", "their"}
_OURS = {"our", "ours", "us"}


def mention_span(text: str, name: str) -> tuple[int, int] | None:
    """Where `name` stands in `text`: ``[name]`` in square brackets, else as whole words."""
    at = text.find(f"[{name}]")
    if at >= 0:
        return at, at + len(name) + 2
    words = rf"(?<!\w){re.escape(name)}(?!\w)"
    found = re.search(words, text) or re.search(words, text, re.IGNORECASE)
    return found.span() if found else None


def mark(text: str, holder: str, target: str, marks: bool = True) -> str:
    """The premise: `text` with the first mentions of holder and target marked.

    Square brackets around a mention say which one is meant, and are taken away. With `marks` false
    that is all: for checkpoints that have not learnt the marks.
    """
    spans: list[tuple[int, int, str]] = []
    for role, name in (("holder", holder), ("target", target)):
        span = mention_span(text, name) if (role, name) != ("holder", AUTHOR) else None
        if span and not any(span[0] < end and start < span[1] for start, end, _ in spans):
            spans.append((*span, _WORDS["marks"][role]))
    for start, end, sign in sorted(spans, reverse=True):
        name = text[start:end]
        if name.startswith("[") and name.endswith("]"):
            name = name[1:-1]
        marked = f"{sign} {name} {sign}" if marks else name
        text = f"{text[:start]}{marked}{text[end:]}"
    return text


def hypothesis(side: str, holder: str, target: str) -> str:
    """The sentence that says that `holder` is for (`pro`) or against (`con`) `target`."""
    if holder == AUTHOR:
        holder = _WORDS["stance"]["author"]
    return _WORDS["stance"][side].format(holder=holder, target=target.strip().rstrip("."))


def find_issues(article: Article, issues: list[str] | None = None) -> pd.DataFrame:
    """Where the article speaks of issues: dialogue, sanctions, and the like.

    Parameters
    ----------
    article
        The article.
    issues
        Names of issues. One that ``assets/issues.toml`` lists is found by its words there, any other by
        its own words; if it is nowhere named, by sentences about it (cosine of embeddings of at least
        0.4), whose mention is then the whole sentence. Without this, all issues of the file.

    Returns
    -------
    pandas.DataFrame
        `actor` (the issue), `sentence`, `start`, `end`, `text`; the longest naming in each sentence counts.
    """
    known = tomllib.loads((ASSETS / "issues.toml").read_text(encoding="utf-8"))
    rows = []
    for issue in known if issues is None else issues:
        words = sorted(known.get(issue, [issue]), key=len, reverse=True)
        nouns = VOICES["issues"].get(issue, [])
        form = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, words))})(?![\w-])", re.IGNORECASE)
        found = []
        for row in article.sentences.itertuples():
            if match := max(form.finditer(row.text), key=lambda named: len(named[0]), default=None):
                found.append((issue, row.sentence, row.start + match.start(), row.start + match.end()))
            elif place := _noun_of_issue(article, row, nouns):
                found.append((issue, row.sentence, *place))
        if not found and issue not in known:
            vectors = embed([issue, *article.sentences["text"]], article.profile)
            for row, cosine in zip(article.sentences.itertuples(), vectors[1:] @ vectors[0], strict=True):
                if cosine >= ABOUT:
                    found.append((issue, row.sentence, row.start, row.end))
        rows += found
    table = pd.DataFrame(rows, columns=["actor", "sentence", "start", "end"])
    table["text"] = pd.Series(
        [article.text[s:e] for s, e in zip(table["start"], table["end"], strict=True)], dtype="str"
    )
    return table


def _noun_of_issue(article: Article, sentence, nouns: list[str]) -> tuple[int, int] | None:
    """Where a sentence comes back to an issue by one noun: "the drill"."""
    words = article.doc.char_span(sentence.start, sentence.end, alignment_mode="expand") if nouns else []
    for word in words or []:
        if word.pos_ in ("NOUN", "PROPN") and word.lemma_.lower() in nouns:
            return word.idx, word.idx + len(word)
    return None


def _nearest(holders: list, targets: list):
    """The mention of the holder and the mention of the target that stand closest together."""
    starts = [target.start for target in targets]
    places = [(holder, bisect(starts, holder.start)) for holder in holders]
    near = [(holder, target) for holder, at in places for target in targets[max(at - 1, 0) : at + 1]]
    return min(near, key=lambda two: (abs(two[0].start - two[1].start), two[0].start))


def _clauses(article: Article, sentence) -> list:
    """Relative clauses of a sentence: ", which has caused growing concern"."""
    doc, clauses = article.doc, []
    for token in doc.char_span(sentence.start, sentence.end, alignment_mode="expand"):
        if token.dep_ == "relcl":
            first = token.left_edge.i - (doc[token.left_edge.i - 1].text == ",")
            clauses.append(doc[first : token.right_edge.i + 1])
    return clauses


def _asides(clauses: list, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The clauses that hold none of the spans."""
    from spacy.util import filter_spans

    def is_free(clause) -> bool:
        return not any(start < clause.end_char and clause.start_char < end for start, end in spans)

    free = filter(is_free, clauses)
    return [(clause.start_char, clause.end_char) for clause in filter_spans(free)]


def _said(article: Article, parts: list, other) -> str:
    """What somebody says around a mention, which gets square brackets; nothing if they do not say it."""
    holds = [part.start <= other.start and other.end <= part.end for part in parts]
    if not any(holds):
        return ""
    first = last = holds.index(True)
    while first and _go_on(article, parts[first - 1], parts[first]):
        first -= 1
    while last + 1 < len(parts) and _go_on(article, parts[last], parts[last + 1]):
        last += 1
    said = []
    for part in parts[first : last + 1]:
        words = article.text[part.start : part.end]
        if part is parts[holds.index(True)]:
            start, end = other.start - part.start, other.end - part.start
            words = f"{words[:start]}[{shown(other)}]{words[end:]}"
        said.append(_DOUBLE.sub("", words).strip().strip(_QUOTES).strip())
    return " ".join(said)


def _report(article: Article, parts: list, mentions: list) -> tuple[str, str]:
    """What somebody says of an actor or issue, and how they name it; nothing if they do not speak of it."""
    for mention in mentions:
        if words := _said(article, parts, mention):
            return words, shown(mention)
    return "", ""


def _go_on(article: Article, part, following) -> bool:
    """Whether a part is the rest of the one before: right after it, or after "..., she says, ..."."""
    between = article.text[part.end : following.start].strip()
    inserted = between.startswith(",") and between.endswith(",")
    return not between or inserted or part.voice == following.voice == "quote"


def shown(mention) -> str:
    """A mention as the model gets to see it: a pronoun or description gives way to the name."""
    if getattr(mention, "found_by", "") not in (ANTECEDENT, TOGETHER):
        return mention.text
    return f"{mention.actor}’s" if mention.text.lower() in _POSSESSIVES else mention.actor


def _premise(article: Article, sentence, marked: list, asides: list[tuple[int, int]]) -> str:
    """The sentence, or as much as is near, with the mentions in square brackets and without the asides."""
    names = {(mention.start, mention.end): shown(mention) for mention in marked}
    first = max(sentence.start, min(names)[0] - FAR)
    last = min(sentence.end, max(names)[1] + FAR)
    text = article.text[first:last]
    for place in sorted([*names, *asides], reverse=True):
        start, end = max(place[0] - first, 0), place[1] - first
        if place in names:
            text = f"{text[:start]}[{names[place]}]{text[end:]}"
        else:
            text = text[:start].rstrip() + text[max(end, 0) :]
    return text


def pairs_of(
    article: Article, mentions: pd.DataFrame, issues: pd.DataFrame, voices: pd.DataFrame
) -> pd.DataFrame:
    """The ordered pairs that can hold a stance: both named in the sentence, a speaker toward whom they
    speak of, or the author toward whom the author's own words name.

    The author is asked only where their own words judge (``assets/evaluative.toml``), or everywhere if they
    judge in half of the sentences: a model of this size takes grim facts for blame. Who is only behind what
    others judge ("condemned the launch") holds nothing there, whom experts, other people and bodies speak
    of holds nothing toward them, and a state and its ruler or its army are one. Two of whom only one is in
    what a third says have nothing to do with each other. Who is asked something together with others
    ("urged both sides"), or named for what there is between two, is not a target, nor is a state that is only
    meant by a deed where its ruler is named. Of a sentence that names more than ``MOST_ACTORS``, those are
    paired that the article names most often.

    Returns
    -------
    pandas.DataFrame
        `sentence`, `holder`, `target` (canonical), `named_holder`, `named_target` (as the sentence says
        it, or their names, where it says "its" or "the regime"), `bracketed` (the sentence with both
        mentions in square brackets, for two actors without the
        relative clauses that name neither: what follows from a deed is not who it is done to; for the
        author without what others say; empty for a speaker whom the sentence does not name), `reported`
        (what the holder says of the target, in quotation or reported speech, in the same form, or empty),
        `reported_target` (how they name it there).
    """
    rows, names = [], mentions["actor"].value_counts()
    tables = _grouped(mentions), _grouped(issues), _grouped(voices, "speaker")
    partial = is_partial(article, tables[2])
    for sentence in article.sentences.itertuples():
        here, topics, spoken = (table.get(sentence.sentence, {}) for table in tables)
        if len(here) > MOST_ACTORS:
            most = sorted(here, key=lambda actor: -names[actor])[:MOST_ACTORS]
            here = {actor: group for actor, group in here.items() if actor in most}
        clauses = _clauses(article, sentence)
        said = {speaker: parts for speaker, parts in spoken.items() if speaker not in ("", AUTHOR)}
        own = spoken.get(AUTHOR, [])
        holders = {actor: group for actor, group in here.items() if can_hold(article, group)}
        others = [span for speaker, parts in spoken.items() if speaker != AUTHOR for span in _spans(parts)]
        hidden = behind_whom_stands_another(article, here)
        targets = {a: g for a, g in named_apart(article, here).items() if a not in hidden} | topics
        asked = targets if partial or judges(article, own) else {}
        for target, group in asked.items():
            for other in group:
                if _said(article, own, other) and other.text.lower().split()[0] not in _OURS:
                    rows.append(_row(article, sentence, AUTHOR, None, target, other, others, ("", "")))
                    break
        for holder, target in product(holders, targets):
            if (
                holder == target
                or are_one(holder, target)
                or is_spoken_of(here[holder], targets[target] if target in here else [], said.get(target, []))
                or are_apart(holder, here[holder], target, targets[target], spoken)
            ):
                continue
            one, other = _nearest(here[holder], targets[target])
            apart = max(one.start, other.start) - min(one.end, other.end)
            if 0 <= apart <= FAR:
                reported = _report(article, said.get(holder, []), targets[target])
                asides = _asides(clauses, _spans([one, other]))
                rows.append(_row(article, sentence, holder, one, target, other, asides, reported))
        for holder, target in product(said, targets):
            words, name = _report(article, said[holder], targets[target])
            if words and holder not in here and holder != target:
                rows.append((sentence.sentence, holder, target, holder, name, "", words, name))
    columns = [
        "sentence", "holder", "target", "named_holder", "named_target", "bracketed", "reported",
        "reported_target",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _grouped(table: pd.DataFrame, column: str = "actor") -> dict[int, dict[str, list]]:
    """The rows of a table by sentence and by what is in a column, in their order."""
    groups: dict[int, dict[str, list]] = {}
    for row in table.itertuples():
        groups.setdefault(row.sentence, {}).setdefault(getattr(row, column), []).append(row)
    return groups


def _spans(rows: list) -> list[tuple[int, int]]:
    return [(row.start, row.end) for row in rows]


def _row(article: Article, sentence, holder, one, target, other, left_out, reported: tuple) -> tuple:
    whole = (other.start, other.end) == (sentence.start, sentence.end)
    return (
        sentence.sentence, holder, target,
        shown(one) if one is not None else AUTHOR,
        target if whole else shown(other),
        sentence.text if whole else _premise(article, sentence, [m for m in (one, other) if m], left_out),
        *(("", "") if whole else reported),
    )  # fmt: skip
