"""For whom words stand that name nobody: "he", "its foreign ministry", "the official", "the move"."""

from __future__ import annotations

from functools import lru_cache
from itertools import takewhile
from typing import TYPE_CHECKING

import pandas as pd

from korea_nlp.cues import VOICES, is_subject
from korea_nlp.references.discourse import Discourse
from korea_nlp.references.nouns import OFFICES, OWNERS, bodies, event_before, judged, meant_by, office_words

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

    from korea_nlp.article import Article

COLUMNS = ["sentence", "start", "end", "text", "actor"]
_PERSONS = {*OFFICES["private"], *OFFICES["members"]}


def antecedents(article: Article, mentions: pd.DataFrame, joint: bool = False) -> pd.DataFrame:
    """Find out for which actors pronouns and definite nouns stand.

    Pronouns of the third person stand for a subject before them; offices and their members ("the foreign
    ministry", "a spokesman") for the state or organisation they speak for; events ("the move") for who is
    behind them; and a few descriptions ("its southern neighbor") for what the word lists say. What is
    unclear is left out, and so are the pronouns in quotations but for an "it" that only one can be.

    Parameters
    ----------
    mentions
        What `find_actors` returned.
    joint
        Whether phrases that stand for several together ("both sides") are among them, a row for each.

    Returns
    -------
    DataFrame
        One row per phrase, in order and, unless joint, without overlap: `sentence`, `start`, `end`,
        `text`, `actor`. A phrase runs from its article or possessive to its noun.
    """
    found = references(article.doc, mentions)
    spans: list[tuple[int, int, list[str]]] = []
    for i, actors in found.meant.items():
        noun = article.doc[i]
        parts = [child.left_edge.i for child in noun.lefts if child.dep_ in (*OWNERS, "det", "nummod")]
        first = article.doc[min(parts, default=i)]
        naming = noun.pos_ == "PROPN" and any(at in found.named for at in range(first.i, i))
        if naming or (len(actors) > 1 and not joint):
            continue
        while spans and spans[-1][1] > first.idx:
            spans.pop()
        spans.append((first.idx, noun.idx + len(noun), actors))
    rows = [(article.sentence_at(start), start, end, article.text[start:end], actor)
            for start, end, actors in spans for actor in actors]  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)


def references(doc: Doc, mentions: pd.DataFrame) -> Discourse:
    """What the words of an article stand for: read once for the same mentions, and not to be changed."""
    return _read(doc, tuple(mentions[["actor", "kind", "start", "end"]].itertuples(index=False, name=None)))


@lru_cache(maxsize=8)  # articles whose stances are asked about together: see `korea_nlp.corpus`
def _read(doc: Doc, mentions: tuple[tuple[str, str, int, int], ...]) -> Discourse:
    """Read the words in order: a noun phrase that says whom it belongs to explains later ones that do not."""
    found = Discourse(doc, mentions)
    for token in doc:
        if token.i in found.heads:
            _remember_name(found, token)
        elif token.i not in found.named and (meant := _meant(found, token)):
            found.meant[token.i] = meant
        if len(found.meant.get(token.i, [])) == 1:
            _remember(found, token)
        elif token.i not in found.heads and token.lemma_.lower() in _PERSONS and is_subject(token):
            found.subjects.append((token, "", "member"))  # "a woman", whom "she" then stands for
    return found


def _meant(found: Discourse, token: Token) -> list[str]:
    """The actors for whom a word stands, alone or together."""
    if token.pos_ != "PRON" and token.tag_ != "PRP$":
        noun = token.pos_ in ("NOUN", "PROPN") and token.dep_ != "compound"
        return meant_by(found, token) if noun else []
    if token.idx in found.quoted:
        one = found.in_quotation(token)
    elif token.lower_ in ("our", "ours", "us") and found.home == "North Korea":
        one = found.home
    elif token.lower_ in ("this", "that"):
        return judged(found, token)
    elif (event := event_before(found, token)) is not None:
        return found.meant.get(event.i, [])
    else:
        one = found.pronoun(token)
    return [one] if one else []


def _remember_name(found: Discourse, token: Token) -> None:
    """A subject that pronouns can stand for, and what a person is said to be ("Kim, a spokesman")."""
    actor = found.named[token.i]
    kind = found.kinds[actor]
    if is_subject(token.head if token.dep_ == "appos" and kind == "person" else token):
        one = kind == "collective" and token.tag_ == "NN"  # "one fisherman"
        found.subjects.append((token, actor, "member" if one else kind))
    if kind == "organisation":
        words = (word.lower_ for word in token.subtree if word.i in found.named)
        found.owned.append((bodies(words), actor, token))
    if kind == "person":
        beside = [child for child in token.children if child.dep_ in ("appos", "compound", "nmod")]
        beside += [token.head] if token.dep_ == "appos" else []
        words = [word for word in beside if word.i not in found.named and word.pos_ in ("NOUN", "PROPN")]
        found.owned += [(office_words(word), actor, token) for word in words]
        start = token.i
        while start and found.named.get(start - 1) == actor:
            start -= 1
        title = token.doc[start - 1].text.rstrip(".") if start else ""
        if title in VOICES["titles"]:
            found.pronouns.setdefault(actor, VOICES["titles"][title])
        before = reversed(token.doc[:start])
        titles = [word.lower_ for word in takewhile(_is_title, before)]  # "Vice-Minister of Foreign Affairs Kim"
        found.owned.append((bodies(titles), actor, token))


def _is_title(token: Token) -> bool:
    name = token.tag_ in ("NNP", "NNPS") and token.ent_type_ != "GPE"
    return name or token.text in ("-", "of", "for")


def _remember(found: Discourse, token: Token) -> None:
    """An office or an event whose actor is known, and a subject that pronouns can stand for."""
    [actor] = found.meant[token.i]
    found.actor[token.i] = actor
    if token.pos_ == "PRON" or token.tag_ == "PRP$":
        return
    found.owned.append((office_words(token), actor, token))
    if is_subject(token):
        member = token.lemma_.lower() in OFFICES["members"]
        plural = token.tag_ in ("NNS", "NNPS")
        kind = ("members" if plural else "member") if member else found.kinds.get(actor, "")
        found.subjects.append((token, actor, kind))
