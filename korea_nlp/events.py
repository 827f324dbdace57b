"""Who did what to whom, where the article says so: verbal or material, cooperation or conflict."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from typing import TYPE_CHECKING

import pandas as pd

from korea_nlp.actors import find_actors
from korea_nlp.actors.references import references
from korea_nlp.article import Article
from korea_nlp.paths import ASSETS
from korea_nlp.quotes import find_voices

if TYPE_CHECKING:
    from spacy.tokens import Span, Token

COLUMNS = [
    "sentence", "start", "end", "text", "actor", "category", "quad", "target", "verb", "intensity", "date",
    "voice", "speaker",
]  # fmt: skip
CATEGORIES = tomllib.loads((ASSETS / "events.toml").read_text(encoding="utf-8"))["categories"]
"""Each category with its `quad` and its `intensity`: see the file."""
_AFTER_VERB = ("dobj", "dative", "nsubjpass", "agent", "prt", "oprd", "attr", "acomp", "prep")
_AROUND_NOUN = (*_AFTER_VERB, "poss", "amod", "compound", "nmod")
_ASIDE = ("relcl", "advcl", "parataxis", "appos")


def find_events(
    article: Article, mentions: pd.DataFrame | None = None, voices: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Find the events that an article states as done, being done, or announced.

    The profile's reader has learnt from annotated news which words tell an event, of which category, and which
    of the actors of the sentence does it and to whom. What is denied, wished or merely alleged is no event there; a
    refusal, a demand and a threat are events of their own. A profile without such a reader finds none.

    Parameters
    ----------
    mentions, voices
        What `find_actors` and `find_voices` returned; found anew if left out.

    Returns
    -------
    DataFrame
        One row per event, doer and target, in order of `start`: `sentence` (number from 1), `start`, `end`,
        `text` (the evidence: the verb with its object), `actor` and `target` (``""`` if the sentence does not
        say; one of the two is there), `category` (of PLOVER), `quad` (verbal or material cooperation or
        conflict), `verb` (the base form of the word that told it), `intensity` (of the category, -10, conflict, to
        10, cooperation: Goldstein 1992, see ``assets/events.toml``), `date` (as written, or ``""``), `voice` and
        `speaker` of the words (see `find_voices`). What two do with each other has a row for each.

    Examples
    --------
    >>> from korea_nlp import find_events, parse_article
    >>> article = parse_article("North Korea fired two missiles at Japan. Talks are planned.")
    >>> find_events(article)[["sentence", "actor", "category", "target"]]
       sentence        actor  category target
    0         1  North Korea  MOBILIZE  Japan
    """
    mentions = find_actors(article) if mentions is None else mentions
    voices = find_voices(article, mentions) if voices is None else voices
    told = references(article, mentions).events
    words = {word for word, *_ in told}
    dates = [span for span in article.doc.ents if span.label_ in ("DATE", "TIME") and _is_date(span)]
    rows = []
    for i, category, _, doers, targets in told:
        word = article.doc[i]
        start, end = _evidence(word)
        part = voices.iloc[max(int(voices["start"].searchsorted(word.idx, side="right")) - 1, 0)]
        pairs = [(doer, target) for doer in doers or [""] for target in targets or [""] if doer != target]
        sides = pairs or [(doer, "") for doer in doers]
        rows += [
            (article.sentence_at(word.idx), start, end, article.text[start:end], doer, category,
             CATEGORIES[category]["quad"], target, _base_form(word), CATEGORIES[category]["intensity"],
             _date(word, dates, words), part["voice"], part["speaker"])
            for doer, target in sides
        ]  # fmt: skip
    return _without_repeats(pd.DataFrame(rows, columns=COLUMNS))


def _base_form(word: Token) -> str:
    """The base form of a word, with its particle: "cut off"."""
    particle = (child.lower_ for child in word.rights if child.dep_ == "prt")
    return " ".join([word.lemma_.lower(), *particle])


def _evidence(word: Token) -> tuple[int, int]:
    """Start and end of the verb with its object, or of the noun with its doer."""
    noun = word.pos_ == "NOUN"
    tokens = [word]
    for child in word.children:
        if child.dep_ in (_AROUND_NOUN if noun else _AFTER_VERB) and (noun or child.i > word.i):
            tokens += [token for token in child.subtree if not _is_aside(token, child)]
        elif child.dep_ in ("xcomp", "ccomp") and child.i > word.i:
            tokens += child.subtree
    tokens = sorted(token for token in tokens if token.sent == word.sent and not token.is_space)
    first, last = tokens[0], tokens[-1]
    while last.is_punct and last.text not in '”"' and last.i > word.i:
        last = last.nbor(-1)
    text, end = word.doc.text, last.idx + len(last)
    quoted, after = text[first.idx : end], text[end : end + 2]
    if quoted.count("“") > quoted.count("”") or quoted.count('"') % 2:
        end += after.find("”") + 1 or after.find('"') + 1
    return first.idx, end


def _is_aside(token: Token, top: Token) -> bool:
    while token != top and token.dep_ not in _ASIDE:
        token = token.head
    return token != top


def _date(word: Token, dates: list[Span], triggers: set[int]) -> str:
    """The date that depends on a trigger; else on a verb above it that is no other trigger."""
    for date in dates:
        if date.sent == word.sent:
            nearest = next((token for token in (date.root, *date.root.ancestors) if token.i in triggers), word)
            if nearest == word or nearest.is_ancestor(word):
                return date.text
    return ""


def _is_date(span: Span) -> bool:
    """Not a length of time ("for decades") nor a frequency ("annual")."""
    root = span.root
    adjective = root.dep_ in ("amod", "compound", "poss", "advmod")
    return not adjective and root.head.lower_ not in ("for", "over", "within")


def _without_repeats(events: pd.DataFrame) -> pd.DataFrame:
    """One row for an event that a sentence tells twice: with the same words, or in words within each other.

    Of "bolstered its defenses by planting mines" the narrower is kept.
    """
    kept: list[int] = []
    spans = defaultdict(list)
    for row in sorted(events.itertuples(), key=lambda row: (row.end - row.start, row.start)):
        same = spans[row.sentence, row.actor, row.category, row.target]
        if not any(row.start < end and start < row.end for start, end in same):
            same.append((row.start, row.end))
            kept.append(row.Index)
    return events.loc[sorted(kept)].sort_values("start", kind="stable", ignore_index=True)
