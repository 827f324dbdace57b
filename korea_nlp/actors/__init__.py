"""Who is in an article: states, persons, organisations and collectives, by alias table and by name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from korea_nlp.actors.aliases import Rule, read_rules
from korea_nlp.actors.names import NAMES, Match, acts, datelines, entities, is_organisation, is_place, short_names
from korea_nlp.article import Article

if TYPE_CHECKING:
    from spacy.tokens import Span

IN_OFFICE = tuple(f"{title} " for title in NAMES["in_office"])
COLUMNS = ["actor", "kind", "sentence", "paragraph", "start", "end", "text", "found_by"]


def find_actors(article: Article, aliases: str | Path | None = None) -> pd.DataFrame:
    """Find every mention of an actor.

    A name in the alias table stands for its actor: "Pyongyang", "the North" and the adjective "North
    Korean" for North Korea. Capitals that are only a place ("a summit in Beijing") and datelines name
    nobody; people in general ("farmers") count where they speak, act or are acted upon. "The South Korean
    president" and "President Bush" are whoever was in office at the article's date, if it has one. Other names that
    the language model finds are actors under their own name, if they are persons, states, or organisations
    by name or deed, or speak in a transcript; a family name stands for the person last named with it, unless as
    somebody's relative, "the Institute" for the institute named before. Longest match wins.

    Parameters
    ----------
    aliases
        A TOML file of the form of ``assets/actors.toml`` whose entries are added to it.

    Returns
    -------
    DataFrame
        One row per mention in order of `start`: `actor`, `kind` (state, person, organisation,
        collective), `sentence`, `paragraph`, `start`, `end`, `text`, `found_by` (alias, entity). Mentions
        do not overlap, and hold neither an article nor a possessive ending. The outlet is not an actor.

    Raises
    ------
    ArticleError
        The alias file cannot be read or is not of that form.

    Examples
    --------
    >>> from korea_nlp import find_actors, parse_article
    >>> article = parse_article("Seoul criticized the launch. Kim Jong Un said nothing.")
    >>> find_actors(article)[["sentence", "text", "actor", "kind"]]
       sentence         text        actor    kind
    0         1        Seoul  South Korea   state
    1         2  Kim Jong Un  Kim Jong Un  person
    """
    rules, kinds = read_rules(aliases)
    text = article.text
    named = entities(article)
    whole = [match for match in named if match.actor and match.kind == "organisation" and is_organisation(match.actor)]
    found = _longest([*_aliased(article, rules), *whole])
    first = {match for match in found if match.actor is not None} - _namesakes(text, found, named)
    found = _longest([*found, *named], first)
    found = _family_names(article, [match for match in found if match.actor is not None])
    rows, paragraphs, outlet = [], article.sentences["paragraph"], _outlet(article)
    for match in sorted(short_names(text, found)):
        name = text[match.start : match.end]
        if (match.found_by == "entity" or match.kind == "organisation") and name.casefold() in outlet:
            continue
        sentence = article.sentence_at(match.start)
        place = (sentence, int(paragraphs.iloc[sentence - 1]), match.start, match.end)
        rows.append((match.actor, kinds.get(match.actor, match.kind), *place, name, match.found_by))
    return pd.DataFrame(rows, columns=COLUMNS)


def _aliased(article: Article, rules: list[Rule]) -> Iterator[Match]:
    """What the alias table covers; capitals that are places, and all in a dateline, with `actor` None."""
    text, lowered = article.text, article.text.lower()
    yield from (Match(start, end, None, "", "alias") for start, end in datelines(text))
    organisations: set[int] = set()
    rules = [rule for rule in rules if rule.word in lowered and rule.holds(article.date)]
    for rule in sorted(rules, key=lambda rule: (rule.form == "seats", rule.form != "in_office")):
        for found in rule.pattern.finditer(text):
            place = found.span("actor" if "actor" in rule.pattern.groupindex else 0)
            if place[0] == place[1]:
                continue
            span = article.doc.char_span(*place, alignment_mode="expand")
            if rule.kind == "organisation":
                organisations.update(token.i for token in span)
            if rule.form == "acting" and not (acts(span.root) and _alone(span)):
                continue
            nobody = rule.form == "seats" and is_place(span, organisations)
            yield Match(*place, None if nobody else rule.actor, rule.kind, "alias")


def _alone(span: Span) -> bool:
    """Whether no name follows that a noun goes with: "the economist Josphat Mwangi"."""
    return span.end == len(span.doc) or span.doc[span.end].ent_type_ not in ("PERSON", "ORG")


def _namesakes(text: str, listed: list[Match], named: list[Match]) -> set[Match]:
    """Family names of listed persons that stand in the name of somebody else: "Hunter Biden", "Yoon Ki-tae"."""
    persons = [match for match in named if match.actor and match.kind == "person"]
    found = set()
    for match in listed:
        if match.kind == "person" and match.actor and " " not in text[match.start : match.end]:
            around = [other for other in persons if other.start <= match.start and match.end <= other.end]
            given = [f"{text[other.start : match.start]} {text[match.end : other.end]}".split()[:1] for other in around]
            if any(name and name[0].casefold() not in re.split(r"\W", match.actor.casefold()) for name in given):
                found.add(match)
    return found


def _longest(matches: Iterable[Match], first: Set[Match] = frozenset()) -> list[Match]:
    """Of overlapping matches the longest, then the first; those in ``first`` before all others."""
    chosen: list[Match] = []
    taken: set[int] = set()
    for match in sorted(matches, key=lambda m: (m not in first, m.start - m.end, m.start, m.actor is not None)):
        span = range(match.start, match.end)
        if taken.isdisjoint(span):
            taken.update(span)
            chosen.append(match)
    return chosen


def _outlet(article: Article) -> set[str]:
    """What the outlet calls itself: its name, the first word of it, and the agency in the dateline."""
    names = re.findall(r"^[^\n()]{2,60}\(([^()\n]{1,40})\) *[-—–]", article.text)
    outlet = re.sub(r"^[Tt]he ", "", article.outlet or "")
    words = outlet.split()
    names += [outlet, words[0]] if len(words) > 1 and words[0][0].isupper() else [outlet]
    return {name.casefold() for name in names if name}


def _family_names(article: Article, matches: list[Match]) -> list[Match]:
    """A first or last name alone stands for the person last named in full with it."""
    taken = {i for match in matches for i in range(match.start, match.end)}
    free = [match for match in _lone_names(article) if taken.isdisjoint(range(match.start, match.end))]
    bearers: dict[str, Match] = {}
    resolved: list[Match] = []
    there: set[str | None] = set()
    for match in sorted([*matches, *free]):
        name = article.text[match.start : match.end]
        bearer = bearers.get(name.casefold())
        if match.found_by == "alias" and bearer and bearer.found_by == "entity":
            # a listed person who was there before, or has an office here, keeps the family name
            keeps = match.actor in there or article.text.endswith(IN_OFFICE, 0, match.start)
            bearer = None if keeps else bearer
        if bearer is not None and (match.kind != "state" or match.found_by == "entity"):
            match = match._replace(actor=bearer.actor, kind="person")
        elif not match.actor:
            continue
        elif match.kind == "person" and " " in name and name[0].isupper():
            first, *_, last = name.casefold().split()
            for part in {first, last}:
                if part not in bearers or not _is_relative(article, match, bearers[part]):
                    bearers[part] = match
        resolved.append(match)
        there.add(match.actor)
    return resolved


def _is_relative(article: Article, match: Match, bearer: Match) -> bool:
    """Whether somebody is named as the relative of who bears the name: "whose daughter Megumi", "mother of Min"."""
    span, earlier = (article.doc.char_span(m.start, m.end, alignment_mode="expand") for m in (match, bearer))
    name, other = span.root, earlier.root
    above = [name, *name.ancestors]
    near = [*above, *name.children, article.doc[max(span.start - 1, 0)]]
    kin = [word for word in near if word.lemma_.lower() in NAMES["kin"]]
    owners = {child.tag_ for word in [*kin, name] for child in word.children if child.dep_ == "poss"}
    below = name.sent == other.sent and len(above) > len([other, *other.ancestors])
    return bool(kin) and (below or bool(owners & {"PRP$", "WP$"}))


def _lone_names(article: Article) -> list[Match]:
    """Capitalised nouns of one word, also what was taken for one ("Oh"), for nobody yet; titles ("Dr") aside."""
    doc, titles = article.doc, NAMES["titles"]
    name = [token.tag_ == "NNP" and token.text.rstrip(".") not in titles for token in doc] + [False]
    like = ("NNP", "NNPS", "NN", "NNS", "JJ", "UH")
    return [
        Match(token.idx, token.idx + len(token), "", "", "entity")
        for i, token in enumerate(doc)
        if token.tag_ in like and token.text[0].isupper() and not name[i - 1] and not name[i + 1]
    ]
