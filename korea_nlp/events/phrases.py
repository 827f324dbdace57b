"""How words hang together in a noun phrase: what is joined to it, and where its prepositions lead."""

from __future__ import annotations

from collections import deque
from collections.abc import Container, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from korea_nlp.events.deeds import word_lists, words_of

if TYPE_CHECKING:
    from spacy.tokens import Token

_WITHIN = ("poss", "compound", "amod", "nmod", "prep", "pobj", "agent", "appos")


def first_person(word: Token) -> bool:
    return word.pos_ == "PRON" and word.lower_ in word_lists()["roles"]["first_person"]


def leads_on(word: Token, through: list[str] | None) -> bool:
    if word.dep_ != "prep":
        return True
    return word.lower_ not in word_lists()["roles"]["aside"] if through is None else word.lower_ in through


def conjoined(word: Token) -> list[Token]:
    """A word and those joined to it after it with "and"; in "President X and Minister Y" also X."""
    before = [child for child in word.lefts if child.dep_ == "nmod" and _joins(child)]
    return [*before, word, *(other for other in word.conjuncts if other.i > word.i)]


def _joins(word: Token) -> bool:
    return any(child.dep_ == "cc" for child in word.children)


def all_conjoined(words: Iterable[Token]) -> list[Token]:
    return [other for word in words for other in conjoined(word)]


def leading_to_target(word: Token) -> list[Token]:
    """The prepositions of a word that lead to a target, in the order of the list."""
    order = word_lists()["roles"]["target"]
    children = [child for child in word.children if child.dep_ in ("prep", "dative")]
    children += [inner for child in children for inner in child.children if inner.dep_ == "prep"]  # "out of"
    found = [child for child in children if child.lower_ in order]
    found = [child for child in found if not after_place(child)]
    return sorted(found, key=lambda child: order.index(child.lower_))


def after_place(preposition: Token) -> bool:
    """Whether it goes on from a place: "along the border with the South"."""
    before = preposition.nbor(-1) if preposition.i else preposition
    return before.lemma_.lower() in word_lists()["roles"]["places"]


def linked(phrase: Token, named: Mapping[int, str]) -> list[str]:
    """Whom "roads linking the North and the South" link."""
    linking = word_lists()["roles"]["linking"]
    inner = [child for noun in (phrase, *phrase.conjuncts) for child in noun.children]
    clauses = [child for child in inner if child.dep_ in ("acl", "relcl") and child.lemma_ in linking]
    return unique(named.get(word.i, "") for clause in clauses for word in clause.subtree)


def belonging(phrase: Token) -> list[Token]:
    """Those that a participle says somebody belongs to: "hackers linked to Pyongyang"."""
    roles = word_lists()["roles"]
    clauses = [
        child for child in phrase.children if child.dep_ == "acl" and child.lemma_ in roles["belonging"]
    ]
    leading = [child for clause in clauses for child in clause.children if child.dep_ in ("prep", "agent")]
    return [
        child for each in leading for child in each.children if each.lower_ in ("to", "by", "with", "from")
    ]


def controller(verb: Token) -> list[Token]:
    """Whose deed it is by a verb above: who was made to, was blamed for it, or "was right to" do it."""
    if any(child.dep_ in ("nsubj", "nsubjpass", "agent") for child in verb.children):
        return []
    head, above = verb.head, verb.head.head
    if verb.dep_ == "xcomp" and head.lemma_ in word_lists()["roles"]["making"]:
        return [child for child in head.children if child.dep_ == "dobj" and child.i < verb.i]
    if verb.dep_ == "pcomp" and head.lower_ in ("for", "of", "from") and above.pos_ == "VERB":
        return [child for child in above.children if child.dep_ in ("dobj", "nsubjpass")]
    right = above if head.dep_ == "acomp" else head
    if verb.dep_ in ("advcl", "xcomp") and right.pos_ == "AUX":
        return [child for child in right.children if child.dep_ == "nsubj"]
    return []


def joined_to(phrase: Token, name: str, named: Mapping[int, str], but: Container[str] = ()) -> list[str]:
    """Who is named beside somebody where several are: "Korean and Chinese ships", "envoys of A and B"."""
    if phrase.tag_ not in ("NNS", "NNPS"):
        return []
    first = next((token for token in closest(phrase, None) if named.get(token.i) == name), phrase)
    others = [named.get(word.i, "") for word in conjoined(first)[1:]] if first.i != phrase.i else []
    return [other for other in unique(others) if other != name and other not in but]


def closest(phrase: Token, through: list[str] | None) -> Iterator[Token]:
    """The words of a noun phrase, the closest to its head first, but not what is in a place."""
    places = word_lists()["roles"]["places"]
    queue = deque([phrase])
    while queue:
        token = queue.popleft()
        if token.i == phrase.i or token.lemma_.lower() not in places:
            yield token
            inner = (child for child in token.children if child.dep_ in _WITHIN)
            queue.extend(child for child in inner if leads_on(child, through))


def reciprocal(nouns: Iterable[Token]) -> bool:
    """Whether it is done to "each other" or "one another"."""
    return any(
        noun.lower_ in ("other", "another") and noun.i and noun.nbor(-1).lower_ in ("each", "one")
        for noun in nouns
    )


def reached(noun: Token) -> list[Token]:
    """What a weapon goes to, not whose make it is: "American bombers to Guam"."""
    groups = word_lists()["words"]
    means = {word for group in word_lists()["roles"]["means"] for word in groups[group]}
    if not words_of(noun) & means:
        return [noun]
    return [child for preposition in leading_to_target(noun) for child in preposition.children]


def unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(name for name in names if name))


def agents(verb: Token) -> list[Token]:
    """Who does it: the subject, or after "by" in the passive.

    A verb without a subject ("by planting mines") has that of the verb that it belongs to.
    """
    passive = [child for child in verb.children if child.dep_ in ("agent", "nsubjpass")]
    if passive:
        return [
            noun for word in passive if word.dep_ == "agent" for noun in word.children if noun.dep_ == "pobj"
        ]
    subjects = [child for child in verb.children if child.dep_ == "nsubj"]
    if subjects or verb.dep_ not in ("conj", "xcomp", "pcomp", "advcl"):
        return _resolved(subjects, verb)
    above = next((token for token in verb.ancestors if token.pos_ == "VERB"), None)
    if above is None or (verb.dep_ == "xcomp" and patients(above)):
        return []
    return agents(above)


def patients(verb: Token) -> list[Token]:
    """Whom or what it is done to: the object, or the subject in the passive."""
    return _resolved([child for child in verb.children if child.dep_ in ("dobj", "nsubjpass")], verb)


def _resolved(nouns: list[Token], verb: Token) -> list[Token]:
    """ "Which" and "who" stand for the noun before them."""
    if nouns and nouns[0].tag_ in ("WDT", "WP") and verb.dep_ == "relcl":
        return [verb.head]
    return nouns
