"""Who stands where toward whom, sentence by sentence.

Each sentence is read once, in its context, and every ordered pair of those that it speaks of is scored, because
direction matters: "X was criticized by Y" is Y against X and says nothing of X toward Y.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from itertools import product

import numpy as np
import pandas as pd

from korea_nlp.actors import find_actors
from korea_nlp.actors.names import is_opposed
from korea_nlp.actors.references import antecedents
from korea_nlp.article import Article
from korea_nlp.models import entail, has_reader, read_pairs, read_passages
from korea_nlp.models.weights import Profile
from korea_nlp.paths import ASSETS
from korea_nlp.quotes import find_voices
from korea_nlp.reader import AUTHOR as WRITER
from korea_nlp.reader import SENTENCE as WHOLE
from korea_nlp.reader import Passage
from korea_nlp.sources.layout import signatures, turns
from korea_nlp.stance.issues import find_issues

AUTHOR, SENTENCE = "author", "sentence"
"""Holders that are no actors: who wrote the text, and the sentence as a whole, whoever judges in it."""
LABELS = ["favor", "against", "none"]
SIDES = LABELS[:2]
PAIRS = ["sentence", "holder", "target", "stance", *LABELS, "start", "end", "text"]
MOST_ACTORS = 16
"""How many actors of a sentence are paired: pairs grow with the square, and a list of names takes no side."""
CONTEXT = 3
FIRST_PERSON = re.compile(r"\b(?:I|[Mm]e|[Mm]y|[Mm]ine|[Ww]e|[Uu]s|[Oo]urs?|[Oo]urselves|[Mm]yself)\b")
_HYPOTHESES = tomllib.loads((ASSETS / "hypotheses.toml").read_text(encoding="utf-8"))["stance"]
_GENERAL = {AUTHOR: WRITER, SENTENCE: WHOLE}


def score_stance(pairs: pd.DataFrame, profile: str | Profile = "bundled") -> pd.DataFrame:
    """Score the stance of holders toward targets, each from its own text.

    Parameters
    ----------
    pairs
        Columns `text`, `holder`, `target`, and perhaps `context` (what comes before the text). The holder ``author``
        is whoever wrote the text; ``sentence`` asks how it presents the target, whoever judges. A name is found by
        its words; square brackets around one occurrence say which is meant. A target that the text does not name is
        taken for a proposition, of which the readers mostly know nothing: `unclear` is their usual answer.

    Returns
    -------
    pandas.DataFrame
        `pairs`, in their order, with `favor`, `against`, `none` (calibrated probabilities that sum to 1) and `stance`
        (the label with at least half of the probability, else `unclear`).

    Raises
    ------
    ValueError
        If a column is missing.

    Examples
    --------
    >>> from korea_nlp import score_stance
    >>> import pandas as pd
    >>> pairs = pd.DataFrame({"text": ["Tokyo condemned Pyongyang."], "holder": ["Tokyo"], "target": ["Pyongyang"]})
    >>> score_stance(pairs)[["holder", "target", "stance"]]
      holder     target   stance
    0  Tokyo  Pyongyang  against
    """
    if missing := [name for name in ("text", "holder", "target") if name not in pairs]:
        raise ValueError(f"pairs has no column {', '.join(missing)}; it needs text, holder, target")
    columns = pairs.assign(context=pairs.get("context", ""))[["text", "holder", "target", "context"]]
    rows = list(columns.astype(str).itertuples(index=False, name=None))
    passages = [_passage(*row) if has_reader(profile) else None for row in rows]
    named = [n for n, passage in enumerate(passages) if passage]
    others = [n for n, passage in enumerate(passages) if not passage]
    probabilities = np.zeros((len(rows), 3))
    if named:
        probabilities[named] = read_passages([passages[n] for n in named], profile)
    if others and has_reader(profile):
        asked = [proposition_of(*rows[n][1:3]) for n in others]
        probabilities[others] = read_pairs([rows[n][0] for n in others], asked, "proposition", profile)
    elif others:
        probabilities[others] = _by_hypotheses([rows[n][:3] for n in others], profile)
    return pairs.assign(**dict(zip(LABELS, probabilities.T, strict=True)), stance=decide(probabilities))


def proposition_of(holder: str, statement: str) -> str:
    """A statement as the reader is asked about it, with whoever may think so, if that is not the writer."""
    return statement if holder in _GENERAL else f"{holder}: {statement}"


def decide(probabilities: np.ndarray) -> np.ndarray:
    """The label that has at least half of the probability, else `unclear`."""
    best = np.array(LABELS, dtype=object)[probabilities.argmax(axis=1)]
    return np.where(probabilities.max(axis=1) >= 0.5, best, "unclear")


def unbracketed(text: str, names: list[str]) -> tuple[str, list[list[tuple[int, int]]]]:
    """The text without square brackets around names, and where each name stands in it.

    A name in brackets stands there alone; any other wherever its words are.
    """
    spans: list[list[tuple[int, int]]] = [[] for _ in names]
    for n, name in enumerate(names):
        at = text.find(f"[{name}]")
        if at >= 0:
            text = text[:at] + name + text[at + len(name) + 2 :]
            spans = [[(s - 2 * (s > at), e - 2 * (s > at)) for s, e in each] for each in spans]
            spans[n] = [(at, at + len(name))]
    for n, name in enumerate(names):
        words = rf"(?<!\w){re.escape(name)}(?!\w)"
        if not spans[n] and name.strip():
            found = [*re.finditer(words, text)] or [*re.finditer(words, text, re.IGNORECASE)]
            spans[n] = [match.span() for match in found]
    return text, spans


def _passage(text: str, holder: str, target: str, context: str) -> Passage | None:
    """The question as the reader takes it; None if the text does not name the holder or the target."""
    text, (ours, theirs) = unbracketed(text, ["" if holder in _GENERAL else holder, target])
    if not theirs or not (ours or holder in _GENERAL):
        return None
    mentions = [(*span, 0) for span in theirs] + [(*span, 1) for span in ours]
    return Passage(context, text, mentions, [(_GENERAL.get(holder, 1), 0)])


def _by_hypotheses(rows: list[tuple[str, str, str]], profile: str | Profile) -> np.ndarray:
    """Stances by entailment: whether the text says that the holder supports, or opposes, the target."""
    texts = [unbracketed(text, [holder, target])[0] for text, holder, target in rows]
    names = [
        (_HYPOTHESES["author"] if holder in _GENERAL else holder, target.strip().rstrip("."))
        for _, holder, target in rows
    ]
    pro, con = (
        entail(texts, [_HYPOTHESES[side].format(holder=holder, target=target) for holder, target in names], profile)
        for side in ("pro", "con")
    )
    if not (pro[:, 2].any() or con[:, 2].any()):  # a two-way checkpoint
        favor, against = pro[:, 0] * (1 - con[:, 0]), con[:, 0] * (1 - pro[:, 0])
        return np.stack([favor, against, 1 - favor - against], axis=1)
    odds = np.stack([pro[:, 0] * con[:, 2], pro[:, 2] * con[:, 0], pro[:, 1] * con[:, 1]], axis=1).clip(1e-12)
    return np.sqrt(odds) / np.sqrt(odds).sum(axis=1, keepdims=True)


def detect_stance(
    article: Article, targets: list[str] | None = None, mentions: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Find who stands where toward whom in each sentence of an article.

    Parameters
    ----------
    targets
        Only stances toward these: canonical actors, or issues (see `find_issues`). Without it, all
        actors of the article and all of `korea_nlp.reader.linker.ISSUES` that it speaks of.
    mentions
        What `find_actors` found, perhaps corrected by hand.

    Returns
    -------
    pandas.DataFrame
        One row per sentence, holder and target: each ordered pair of those that the sentence names or means by
        a pronoun, a description or a deed ("we" in a quotation is its speaker); each of them toward each issue;
        and the ``author`` toward all; where all is one speaker's words (a quotation, or reported speech that goes
        on), the speaker, if known, takes the author's place. Of whom the sentence does not name, and of issues, the
        probability of a side is that of the side times that of the reference; a reference that is less probable
        than not counts for nothing. Columns `sentence`, `holder`, `target`, `stance` (favor, against, none, unclear),
        `favor`, `against`, `none` (probabilities that sum to 1), `start`, `end` (offsets of the sentence in the
        article), `text` (the evidence sentence).

    Examples
    --------
    >>> from korea_nlp import detect_stance, parse_article
    >>> article = parse_article("Tokyo condemned Pyongyang. The weather was fine.")
    >>> found = detect_stance(article)
    >>> found.loc[found["stance"] != "none", ["sentence", "holder", "target", "stance"]]
       sentence holder       target   stance
    2         1  Japan  North Korea  against
    """
    return detect_stances([article], targets, None if mentions is None else [mentions])[0]


def detect_stances(
    articles: list[Article], targets: list[str] | None = None, mentions: list[pd.DataFrame] | None = None
) -> list[pd.DataFrame]:
    """`detect_stance` of several articles of one profile, whose sentences the model reads together."""
    named = [find_actors(article) for article in articles] if mentions is None else mentions
    asked = [
        (n, *question)
        for n, (article, found) in enumerate(zip(articles, named, strict=True))
        for question in _questions(article, found, targets)
    ]
    if not asked:
        return [pd.DataFrame(columns=PAIRS) for _ in articles]
    rows = [
        (n, sentence, passage.text, names[h], names[t], sure.get(names[h], 1.0) * sure.get(names[t], 1.0))
        for n, sentence, passage, names, sure in asked for h, t in passage.pairs
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["article", "sentence", "words", "holder", "target", "meant"])
    profile = articles[0].profile
    if has_reader(profile):
        probabilities = read_passages([passage for _, _, passage, *_ in asked], profile)
    else:
        probabilities = _by_hypotheses(table[["words", "holder", "target"]].values.tolist(), profile)
    sides = probabilities[:, :2] * table[["meant"]].to_numpy()
    probabilities = np.column_stack([sides, 1 - sides.sum(axis=1)])
    table = table.assign(**dict(zip(LABELS, probabilities.T, strict=True)), stance=decide(probabilities))
    table = table[table["holder"] != table["target"]]
    # of a speaker who is named there, too, what is said of the name counts
    table = table.drop_duplicates(["article", "sentence", "holder", "target"], keep="last")
    return [
        table[table["article"] == n].merge(article.sentences, on="sentence")[PAIRS]
        for n, article in enumerate(articles)
    ]


def _questions(
    article: Article, mentions: pd.DataFrame, targets: list[str] | None
) -> Iterator[tuple[int, Passage, dict[int, str], dict[str, float]]]:
    """Each sentence that has a pair to ask about: its number, the passage, the names of the numbers in it, and how
    probable it is that the sentence speaks of each.
    """
    known = set(mentions["actor"])
    issues = find_issues(article, None if targets is None else [t for t in targets if t not in known], mentions)
    voices = find_voices(article, mentions)
    named = pd.concat([mentions, _first_persons(voices)]).assign(probability=1.0)
    actors = pd.concat([named, antecedents(article, mentions).query("probability >= 0.5")])
    frequency = actors["actor"].value_counts()
    marked = pd.concat([actors.assign(issue=False), issues.assign(issue=True)])
    marked = marked.sort_values(["start", "end"], kind="stable", ignore_index=True)
    starts = article.sentences["start"].to_numpy()
    speakers = _speakers(article, voices)
    for sentence in article.sentences.itertuples():
        first = max(sentence.sentence - CONTEXT, 1)
        near = marked[marked["sentence"].between(first, sentence.sentence)]
        here = near[near["sentence"] == sentence.sentence]
        if here.empty:
            continue
        present = here.loc[~here["issue"], "actor"].drop_duplicates()
        kept = sorted(present, key=lambda actor: -frequency[actor])[:MOST_ACTORS]
        present = [actor for actor in present if actor in kept]
        names = dict(enumerate([*present, *here.loc[here["issue"], "actor"].drop_duplicates()]))
        heard = {row.actor for row in here.itertuples() if not is_opposed(article.text, row.start)}
        speaker = speakers.get(sentence.sentence, AUTHOR)
        holders = [*([WRITER] if speaker else []), *(n for n, actor in enumerate(present) if actor in heard)]
        goals = [n for n, name in names.items() if targets is None or name in targets]
        pairs = [(h, t) for h, t in product(holders, goals) if h != t]
        if pairs:
            numbers = {name: number for number, name in names.items()}
            spans = [
                (row.start - sentence.start, row.end - sentence.start, numbers.setdefault(row.actor, len(numbers)))
                for row in near.itertuples()
            ]
            names[WRITER] = speaker
            context = article.text[starts[first - 1] : sentence.start]
            sure = here.groupby("actor")["probability"].max().to_dict()
            passage = Passage(context, sentence.text, spans, pairs, spoken=speaker != AUTHOR)
            yield sentence.sentence, passage, names, sure


def _first_persons(voices: pd.DataFrame) -> pd.DataFrame:
    """Where "we" and "I" stand for a speaker who is known."""
    quotes = voices[(voices["voice"] == "quote") & (voices["speaker"] != "")]
    rows = [
        (row.sentence, row.start + match.start(), row.start + match.end(), row.speaker)
        for row in quotes.itertuples()
        for match in FIRST_PERSON.finditer(row.text)
    ]
    return pd.DataFrame(rows, columns=["sentence", "start", "end", "actor"])


def _speakers(article: Article, voices: pd.DataFrame) -> dict[int, str]:
    """Who speaks, ``""`` if unknown, in sentences that are one speaker's words, a label and a signature aside."""
    middle = (voices["start"] + voices["end"]) // 2
    beside = [*signatures(article.text), *((start, said) for start, said, _ in turns(article.text))]
    for start, end in beside:
        voices = voices[~middle.loc[voices.index].between(start, end)]
    parts = voices.groupby("sentence")[["voice", "speaker"]]
    alone = parts.nunique().eq(1).all(axis=1) & parts.first()["voice"].ne(AUTHOR)
    return parts.first().loc[alone, "speaker"].to_dict()
