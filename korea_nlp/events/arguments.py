"""Who does it to whom: the actors that the words around a trigger name."""

from __future__ import annotations

from collections import deque
from collections.abc import Container, Iterable, Iterator
from typing import TYPE_CHECKING

import pandas as pd

from korea_nlp.events.triggers import LISTS, Trigger, agents, conjoined, noun_type, subjects_of, words_of
from korea_nlp.quotes.attribution import Speakers

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

_LISTS = LISTS["arguments"]
_HOME = LISTS["home"]
_OWNERS = ("poss", "compound", "amod", "nmod")
_MEANS = {word for group in _LISTS["means"] for word in LISTS["words"][group]}


class Arguments:
    """The doers and targets of events, by the parse and the mentions of actors."""

    def __init__(self, doc: Doc, mentions: pd.DataFrame, voices: pd.DataFrame) -> None:
        self._speakers = Speakers(doc, mentions)
        self._named, self._meant = self._speakers.actor, self._speakers.meant.actor
        self._voices = voices[["start", "voice", "speaker"]]
        self.kinds = dict(zip(mentions["actor"], mentions["kind"], strict=True))
        self._names_of = set(zip(mentions["actor"], mentions["text"], strict=True))
        states = mentions.loc[mentions["kind"] == "state", "actor"].value_counts()
        self._two = list(states.index[:2]) if len(states) > 1 and states.iloc[1] > 1 else []
        self._unlisted = {*states.index} - {*mentions.loc[mentions["found_by"] == "alias", "actor"]}
        words = [token.lower_ for token in doc]
        counts = pd.Series({state: sum(word in own for word in words) for state, own in _HOME["words"].items()})
        self._home = counts.idxmax() if (counts == counts.max()).sum() == 1 else ""  # whose press writes so

    def voice(self, word: Token) -> tuple[str, str]:
        """Whose words a word belongs to: voice and speaker."""
        part = max(int(self._voices["start"].searchsorted(word.idx, side="right")) - 1, 0)
        return self._voices["voice"].iloc[part], self._voices["speaker"].iloc[part]

    def by_author(self, verb: Token) -> bool:
        """Whether "we" do it, and are nobody who is quoted: the author is no actor."""
        return any(_is_first_person(word) and not self._speaker(word) for word in agents(verb))

    def of(self, trigger: Trigger, before: list[dict]) -> tuple[list[str], list[str]]:
        """Doers and targets, both empty if there is no event; `before` are the events told before it."""
        word, event = trigger.word, trigger.type
        doers = self.doers_of_noun(word) if trigger.is_noun else self.doers_of_verb(word)
        if event.reversed:
            return self._speaker(word), doers
        fitting = [doer for doer in doers if not event.kinds or self.kinds.get(doer) in event.kinds]
        if doers and not fitting:
            return [], []
        doers, joint = fitting, event.category in _LISTS["joint"]
        if event.verb.split()[0] in _LISTS["joining"]:
            doers = _unique([*doers, *(name for noun in trigger.nouns for name in self.doers_of_noun(noun))])
        if event.category == "AID" and not doers:
            return [], []
        if joint and doers:  # "drills with the United States"
            withs = [child for head in (word, *trigger.nouns) for child in head.children if child.lower_ == "with"]
            beside = [noun for child in withs if not _is_after_place(child) for noun in child.children]
            doers = _unique([*doers, *self._all_names(beside)])
        targets = self._targets(trigger, doers, joint) or self._unsaid_targets(trigger, doers, before)
        active = not trigger.is_noun and event.quad != "material conflict"
        if not doers and active and any(child.dep_ == "nsubj" for child in word.children):
            return [], []  # somebody who is no actor does it
        if event.mutual and event.objects and not doers and not targets:
            states = [name for name in self._named_beside(word) if self.kinds.get(name) == "state"]
            doers = states if len(states) == 2 else []
        return doers, targets

    def doers_of_verb(self, verb: Token) -> list[str]:
        """Who does what a verb says; empty if it is not said."""
        if verb.dep_ == "compound":  # a gerund taken for a noun: "by planting mines"
            above = next((token for token in verb.ancestors if token.pos_ == "VERB"), None)
            return self.doers_of_verb(above) if above is not None else []
        heads = conjoined(agents(verb)[-1:])  # the first of two can be a dateline
        named = _unique(name for head in heads for name in self._names(head) or self._owner(head))
        if forced := self._all_names(_controllers(verb)):
            return forced
        active = any(child.dep_ in ("nsubj", "agent") for child in verb.children)
        passive = any(child.dep_ == "nsubjpass" for child in verb.children)
        if active or passive or (verb.dep_ == "acl" and verb.tag_ == "VBN"):
            factuality = LISTS["factuality"]
            if named or verb.dep_ != "ccomp" or verb.head.lemma_ not in factuality["announcing"]:
                return named
            if active:  # "Russia said it was ready to talk"
                announced = any(child.dep_ == "nsubj" and child.lower_ == "it" for child in verb.lefts)
            else:  # "Russia said that the line would be cut"
                announced = any(child.lower_ in factuality["announced"] for child in verb.children)
            return self.doers_of_verb(verb.head) if announced else []
        shared = self._speakers.of(verb)
        return [shared] if shared and shared not in named else named

    def doers_of_noun(self, noun: Token) -> list[str]:
        """Who does what a noun says: "the South's", "North Korean", "by", "from", "between ... and ..."."""
        found, leading = [], {*_LISTS["doer"]}
        if noun.lemma_.lower() in _LISTS["doer_of"] and not any(child.lower_ == "by" for child in noun.children):
            leading.add("of")
        for child in noun.children:
            if child.dep_ == "poss":
                found += self._all_names([child])
            elif child.dep_ in _OWNERS:  # "US-South Korean drills"
                found += [self._named.get(word.i, "") for word in child.subtree]
            elif child.dep_ in ("prep", "agent") and child.lower_ in leading:
                found += self._all_names(child.children)
        return _unique(found) or self._owner(noun)

    def _targets(self, trigger: Trigger, doers: list[str], joint: bool) -> list[str]:
        """To whom it is done, but for the doers: the objects, else what follows a preposition.

        Objects that are words of the entry lead on: "sanctions on Russia".
        """
        nouns, mine = [], self._own(doers)
        for noun in trigger.nouns:  # what a weapon goes to, not whose make it is: "American bombers to Guam"
            sent = joint and words_of(noun) & _MEANS
            nouns += [each for group in _after_prepositions(noun) for each in group] if sent else [noun]
        through = _LISTS["target" if trigger.type.objects else "within"]
        but = mine | self._unlisted if joint else mine
        for group in _candidates(trigger, nouns):
            names = _unique(name for head in group for name in self._names(head, through, mine) if name not in mine)
            if names or any(head.dep_ == "dobj" and head.tag_ == "PRP" for head in group):
                return [name for name in names if name not in but]
        for noun in nouns:  # "its shells": of the last named in the sentence before them
            if any(child.tag_ == "PRP$" for child in noun.children):
                before = [word for word in noun.sent if word.i < noun.i and word.i in self._named]
                before = [word for word in before if word.dep_ in ("nsubj", "nsubjpass", "dobj")]
                if before and (name := self._named[before[-1].i]) not in but:
                    return [name]
        return []

    def _unsaid_targets(self, trigger: Trigger, doers: list[str], before: list[dict]) -> list[str]:
        """To whom it is done where no object says so, by the events before and by who else is named."""
        word, event, mine = trigger.word, trigger.type, self._own(doers)
        found = _doers_before(trigger, mine, before) if event.quad.startswith("verbal") else []
        verbal = event.quad == "verbal conflict"
        aside = word.dep_ in ("acl", "relcl")  # "those abducted by the North met the president"
        if not found and doers and (verbal or (event.category in _LISTS["facing"] and not aside)):
            others = [name for name in self._named_beside(word) if name not in mine | self._unlisted]
            others = [name for name in others if self.kinds.get(name) in ("state", "person")]
            found = others if len(others) == 1 else []
        if not found and verbal and word.dep_ == "conj":  # "condemned Tokyo and vowed countermeasures"
            joined = [row for row in before if row["start"] == word.head.idx and row["quad"] == event.quad]
            found = _unique(row["target"] for row in joined if row["actor"] in doers)
        if not found and event.subjects:  # where it comes down: "landed in Japan"
            places = (child for child in word.children if child.lower_ in _LISTS["below"])
            found = [name for place in places for name in self._all_names(place.children) if name not in doers]
        if not found and doers and event.category in ("MOBILIZE", "PROTEST"):
            means = (*trigger.nouns, *subjects_of(word))  # leaflets and loudspeakers speak to the other side
            if any(words_of(noun) & {*_HOME["across"]} for noun in means):
                found = _unique([_HOME["other"].get(doers[0], "")])
        return found

    def _speaker(self, word: Token) -> list[str]:
        """Who says a word, if it is not the author and known."""
        _, speaker = self.voice(word)
        return [] if speaker in ("", "author") else [speaker]

    def _own(self, actors: list[str]) -> frozenset[str]:
        """Actors, and those whom their own names name: the North Korean General Staff is North Korea's."""
        names = [text for actor, text in self._names_of if actor in actors]
        return frozenset({*actors, *(actor for actor, text in self._names_of if any(text in name for name in names))})

    def _named_beside(self, word: Token) -> list[str]:
        """The actors that the sentence of a word names."""
        return _unique(self._named.get(token.i, "") for token in word.sent)

    def _owner(self, noun: Token) -> list[str]:
        """Whose it is by a pronoun: "its foreign ministry"."""
        owners = [word for word in noun.children if word.tag_ == "PRP$"]
        found = [name for word in owners if (name := self._speakers.antecedent(word))]
        return found or [name for word in owners for name in self._subjects_before(word)]

    def _subjects_before(self, pronoun: Token) -> list[str]:
        """Who acts in the sentence before, for "they", "their" and "its" that stand for nobody named."""
        first = pronoun.sent.start
        if pronoun.lower_ not in ("they", "their", "its") or not first:
            return []
        subjects = [word for word in pronoun.doc[first - 1].sent.root.children if word.dep_ == "nsubj"]
        return [name for word in subjects if word.pos_ != "PRON" for name in self._names(word)]

    def _all_names(self, words: Iterable[Token]) -> list[str]:
        return _unique(name for word in conjoined(words) for name in self._names(word))

    def _names(self, phrase: Token, through: list[str] | None = None, but: Container[str] = ()) -> list[str]:
        """The actors that a noun phrase stands for: its head, else the mention closest to the head.

        `through` are the prepositions that lead on (else all but those of `aside`), `but` whoever is passed over.
        """
        named, meant = self._named, self._meant
        if but:
            named, meant = ({i: name for i, name in words.items() if name not in but} for words in (named, meant))
        if name := named.get(phrase.i) or meant.get(phrase.i):
            return [name, *_joined_to(phrase, name, named)]
        if _is_first_person(phrase):
            return self._speaker(phrase)
        if phrase.pos_ == "PRON" or phrase.tag_ in ("WP", "WDT"):
            return _unique([self._speakers.named(phrase) or self._ours(phrase)]) or self._subjects_before(phrase)
        if through is not None:
            if between := _linked(phrase, self._named):
                return between
            if phrase.lemma_.lower() in _LISTS["places"]:
                return self._all_names(child for child in phrase.lefts if child.dep_ in _OWNERS)
        near = list(_closest(phrase, through))
        for token in near:
            if name := named.get(token.i):
                return [name, *_joined_to(phrase, name, named)]
            if token.text in _LISTS["both"]:
                return _LISTS["both"][token.text]
            words = {child.lower_ for child in token.children}
            if token.lemma_.lower() in _LISTS["two"] and words & {*_LISTS["two_words"]}:
                return self._two
        found = [meant[token.i] for token in near if token.i in meant] or [
            name for token in near if (name := self._ours(token)) not in but
        ]
        return _unique(found)[:1] or self._all_names(_belonging(phrase))

    def _ours(self, phrase: Token) -> str:
        """Whom "our soldiers", "the government", "police" or "the puppets" stand for if nobody is named with them."""
        lemma, words = phrase.lemma_.lower(), [child.lower_ for child in phrase.children]
        if lemma not in _HOME["others"] and (phrase.lower_ == "ours" or "our" in words):
            return (self._speaker(phrase) or [self._home])[0]
        articles = [child.lower_ for child in phrase.children if child.dep_ in ("det", "poss")]
        if (lemma in _HOME["offices"] and articles == ["the"]) or (lemma in _HOME["forces"] and not articles):
            return self._home
        names = _HOME["names"].get(self._home, {})
        beside = [child.lemma_.lower() for child in phrase.children if child.dep_ != "relcl"]
        return next((names[word] for word in (lemma, *beside) if word in names), "")


def _unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(name for name in names if name))


def _doers_before(trigger: Trigger, mine: frozenset[str], before: list[dict]) -> list[str]:
    """Who did what "the move" or "the complaint" stands for: the last told before that did such a thing."""
    nouns = [noun for noun in trigger.nouns if noun.i != trigger.word.i]
    leading = [child for noun in trigger.nouns for child in noun.children if child.lower_ in _LISTS["target"]]
    for noun in [*nouns, *(child for preposition in leading for child in preposition.children)]:
        words, lemma, event = {child.lower_ for child in noun.children}, noun.lemma_.lower(), noun_type(noun)
        same = [row for row in before if lemma in row["verb"].split()]
        known = event is not None or same or lemma in _LISTS["anaphora"]
        if not (words & {"this", "these", "such"} or (known and "the" in words)):
            continue
        fitting = [row for row in same or before if row["actor"] and row["actor"] not in mine]
        if not same and event:
            fitting = [row for row in fitting if row["category"] == event.category]
        elif not same:
            fitting = [row for row in fitting if row["quad"].startswith("material")]
        if fitting:
            last = fitting[-1]
            return [row["actor"] for row in fitting if row["start"] == last["start"] and row["end"] == last["end"]]
    return []


def _candidates(trigger: Trigger, nouns: list[Token]) -> Iterator[list[Token]]:
    """Groups of words that may name the target, the likeliest first."""
    word = trigger.word
    if not trigger.is_noun:
        after = ("pobj", "pcomp")
        yield conjoined(noun for noun in nouns if noun.dep_ not in after or noun.head.head.pos_ == "NOUN")
    yield from _after_prepositions(word)
    if trigger.is_noun or word.dep_ == "compound":
        return
    told = (child for noun in nouns for child in noun.children if child.dep_ == "acl")  # "the lie that"
    for clause in (*word.children, *told):
        if clause.dep_ in ("ccomp", "xcomp", "acl"):
            for dep in ("dobj", "nsubjpass", "nsubj"):
                inner = [child for child in clause.children if child.dep_ == dep]
                yield conjoined(inner)
                yield [each for noun in inner for group in _after_prepositions(noun) for each in group]
            yield from _after_prepositions(clause)


def _after_prepositions(word: Token) -> list[list[Token]]:
    """What follows each preposition of a word that leads to a target, in the order of the list."""
    order = _LISTS["target"]
    leading = [child for child in word.children if child.dep_ in ("prep", "dative")]
    leading += [inner for child in leading for inner in child.children if inner.dep_ == "prep"]  # "out of"
    leading = [child for child in leading if child.lower_ in order and not _is_after_place(child)]
    leading.sort(key=lambda child: order.index(child.lower_))
    return [conjoined(preposition.children) for preposition in leading]


def _is_after_place(preposition: Token) -> bool:
    """Whether it goes on from a place: "along the border with the South"."""
    return preposition.i > 0 and preposition.nbor(-1).lemma_.lower() in _LISTS["places"]


def _is_first_person(word: Token) -> bool:
    return word.pos_ == "PRON" and word.lower_ in _LISTS["first_person"]


def _controllers(verb: Token) -> list[Token]:
    """Whose deed it is by a verb above: who was made to, was blamed for it, or "was right to" do it."""
    if any(child.dep_ in ("nsubj", "nsubjpass", "agent") for child in verb.children):
        return []
    head, above = verb.head, verb.head.head
    if verb.dep_ == "xcomp" and head.lemma_ in _LISTS["making"]:
        return [child for child in head.children if child.dep_ == "dobj" and child.i < verb.i]
    if verb.dep_ == "pcomp" and head.lower_ in ("for", "of", "from"):
        return [child for child in above.children if child.dep_ in ("dobj", "nsubjpass")]
    right = above if head.dep_ == "acomp" else head
    if verb.dep_ in ("advcl", "xcomp") and right.pos_ == "AUX":
        return [child for child in right.children if child.dep_ == "nsubj"]
    return []


def _linked(phrase: Token, named: dict[int, str]) -> list[str]:
    """Whom "roads linking the North and the South" link."""
    clauses = [child for noun in (phrase, *phrase.conjuncts) for child in noun.children
               if child.dep_ in ("acl", "relcl") and child.lemma_ in _LISTS["linking"]]  # fmt: skip
    return _unique(named.get(word.i, "") for clause in clauses for word in clause.subtree)


def _belonging(phrase: Token) -> list[Token]:
    """Those that a participle says somebody belongs to: "hackers linked to Pyongyang"."""
    clauses = [child for child in phrase.children if child.dep_ == "acl" and child.lemma_ in _LISTS["belonging"]]
    leading = [child for clause in clauses for child in clause.children if child.dep_ in ("prep", "agent")]
    return [noun for each in leading for noun in each.children if each.lower_ in ("to", "by", "with", "from")]


def _joined_to(phrase: Token, name: str, named: dict[int, str]) -> list[str]:
    """Who is named beside somebody where several are: "Korean and Chinese ships", "envoys of A and B"."""
    if phrase.tag_ not in ("NNS", "NNPS"):
        return []
    first = next((token for token in _closest(phrase, None) if named.get(token.i) == name), phrase)
    others = [named.get(word.i, "") for word in conjoined([first])[1:]] if first.i != phrase.i else []
    return [other for other in _unique(others) if other != name]


def _closest(phrase: Token, through: list[str] | None) -> Iterator[Token]:
    """The words of a noun phrase, the closest to its head first, but not what is in a place."""
    queue = deque([phrase])
    while queue:
        token = queue.popleft()
        if token.i != phrase.i and token.lemma_.lower() in _LISTS["places"]:
            continue
        yield token
        for child in token.children:
            aside = child.lower_ in _LISTS["aside"] if through is None else child.lower_ not in through
            if child.dep_ in (*_OWNERS, "pobj", "agent", "appos") or (child.dep_ == "prep" and not aside):
                queue.append(child)
