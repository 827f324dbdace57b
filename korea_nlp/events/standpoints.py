"""On whose side an article stands: who "our soldiers" and "the government" are that nobody has introduced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korea_nlp.events.deeds import word_lists, words_of

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

    from korea_nlp.events.parties import Parties


def home(doc: Doc) -> str:
    """The state whose press writes so, by the words that only its press uses; ``""`` if that is unclear."""
    words = [token.lower_ for token in doc]
    telling = word_lists()["standpoint"]["words"]
    counts = {state: sum(word in own for word in words) for state, own in telling.items()}
    first, second, *_ = sorted(counts, key=lambda state: -counts[state])
    return first if counts[first] > counts[second] else ""


def ours(phrase: Token, parties: Parties) -> str:
    """Whom "ours" is: the speaker's, else the author's; so is "the government" nobody is named with."""
    if is_ours(phrase):
        return parties.voice(phrase) or parties.home
    return parties.home if at_home(phrase) else described(phrase, parties.home)


def at_home(phrase: Token) -> bool:
    """Whether a noun phrase stands for the state at home: "the government", and "police"."""
    lists = word_lists()["standpoint"]
    articles = [child.lower_ for child in phrase.children if child.dep_ in ("det", "poss")]
    lemma = phrase.lemma_.lower()
    return (lemma in lists["offices"] and articles == ["the"]) or (lemma in lists["forces"] and not articles)


def is_ours(phrase: Token) -> bool:
    """Whether it is "our loudspeakers" or "ours", but not "our friends"."""
    if phrase.lemma_.lower() in word_lists()["standpoint"]["others"]:
        return False
    return phrase.lower_ == "ours" or any(child.lower_ == "our" for child in phrase.children)


def described(phrase: Token, at: str) -> str:
    """Whom words stand for that only one side uses: "the puppets"."""
    names = word_lists()["standpoint"]["names"].get(at, {})
    return next((names[word.lemma_.lower()] for word in (phrase, *phrase.children)
                 if word.lemma_.lower() in names and word.dep_ != "relcl"), "")  # fmt: skip


def across(doer: str, nouns: list[Token]) -> str:
    """To whom balloons, leaflets and loudspeakers speak: the other of the two Koreas."""
    lists = word_lists()["standpoint"]
    sent = any(words_of(noun) & set(lists["across"]) for noun in nouns)
    return lists["other"].get(doer, "") if sent else ""
