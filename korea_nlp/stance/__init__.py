"""Who stands where toward whom, sentence by sentence and over the article.

The entailment model is asked whether a sentence says that a holder supports (`pro`) or opposes
(`con`) a target, for every ordered pair, because direction matters: "X was criticized by Y" is
Y against X and says nothing of X toward Y.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from korea_nlp.actors import find_actors
from korea_nlp.annotation import find_voices
from korea_nlp.annotation.antecedents import antecedents
from korea_nlp.article import Article
from korea_nlp.models import entailment
from korea_nlp.stance.answers import LABELS, decide, stance_probabilities
from korea_nlp.stance.holders import is_between, is_deed
from korea_nlp.stance.pairs import ANTECEDENT, AUTHOR, TOGETHER, find_issues, pairs_of
from korea_nlp.weights import Profile

PAIRS = ["sentence", "holder", "target", "stance", *LABELS, "start", "end", "text"]
OVERALL = ["holder", "target", "stance", "score", "low", "high", "sentences",
           "favor_sentences", "against_sentences", "unclear_sentences", "evidence"]  # fmt: skip
DRAWS = 2000


def score_stance(pairs: pd.DataFrame, profile: str | Profile = "bundled") -> pd.DataFrame:
    """Score the stance of holders toward targets, each from its own text.

    Parameters
    ----------
    pairs
        Columns `text`, `holder`, `target` (strings). The holder `author` means the stance of the text
        itself. A target may be a name, an issue or a whole proposition. Where a name occurs more than
        once, square brackets around one occurrence say which is meant.
    profile
        Whose entailment checkpoint is asked.

    Returns
    -------
    pandas.DataFrame
        `pairs` with `favor`, `against`, `none` (calibrated probabilities that sum to 1) and `stance`
        (the label with at least half of the probability, else `unclear`). Same rows, same order.

    Raises
    ------
    ValueError
        If a column is missing.
    """
    missing = [name for name in ("text", "holder", "target") if name not in pairs.columns]
    if missing:
        raise ValueError(f"pairs has no column {', '.join(missing)}; it needs text, holder, target")
    scored = pairs.copy()
    if pairs.empty:
        return scored.assign(**dict.fromkeys(LABELS, 0.0), stance="")
    probabilities = stance_probabilities(pairs, entailment(profile))
    return scored.assign(**dict(zip(LABELS, probabilities.T, strict=True)), stance=decide(probabilities))


def _without_attributed(found: pd.DataFrame) -> pd.DataFrame:
    """Take from the author what somebody named in the sentence says: their stance explains the words away.

    The author's probability of a side is multiplied by the probability that no other holder takes this side
    toward the same target in the same sentence; what is lost goes to none.
    """
    sides = LABELS[:2]
    named = found[found["holder"] != AUTHOR].groupby(["sentence", "target"])[sides].max().reset_index()
    taken = (
        found[["sentence", "target"]].merge(named, how="left", on=["sentence", "target"])[sides].fillna(0.0)
    )
    left = found[sides].to_numpy() * np.where(
        (found["holder"] == AUTHOR).to_numpy()[:, None], 1 - taken.to_numpy(), 1
    )
    probabilities = np.column_stack([left, 1 - left.sum(axis=1)])
    return found.assign(**dict(zip(LABELS, probabilities.T, strict=True)), stance=decide(probabilities))


def detect_stance(
    article: Article, targets: list[str] | None = None, mentions: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Find who stands where toward whom in each sentence of an article.

    What a holder is reported to say of a target ("Experts say that ...") is also asked about by itself, as
    their own words, and the mean of the two answers counts: the clearer one takes more sides than there are.

    Parameters
    ----------
    article
        The article; its profile says which models are asked.
    targets
        Only stances toward these: canonical actors, or issues (see `find_issues`). Without it, all
        actors of the article and all issues of ``assets/issues.toml`` that it names.
    mentions
        What `find_actors` found, perhaps corrected by hand.

    Returns
    -------
    pandas.DataFrame
        One row per sentence, holder and target that are named together, and per target named, with
        the holder `author`: what the sentence itself says of the target, less what a holder named in it
        says (see `pairs_of` for whom the author is asked about). Columns `sentence`, `holder`, `target`,
        `stance` (favor, against, none, unclear), `favor`, `against`, `none` (probabilities that sum to
        1), `start`, `end` (offsets of the sentence in the article), `text` (the evidence sentence).
    """
    return detect_stances([article], targets, None if mentions is None else [mentions])[0]


def detect_stances(
    articles: list[Article], targets: list[str] | None = None, mentions: list[pd.DataFrame] | None = None
) -> list[pd.DataFrame]:
    """`detect_stance` of several articles of one profile, whose questions the model answers together."""
    if not articles:
        return []
    mentions = [find_actors(article) for article in articles] if mentions is None else mentions
    pairs = [ask_pairs(article, targets, found) for article, found in zip(articles, mentions, strict=True)]
    asked = pd.concat(pairs, ignore_index=True)
    scored = score_pairs(asked, articles[0].profile)
    ends = np.cumsum([len(asked) for asked in pairs])[:-1]
    return [
        _without_attributed(scored.iloc[rows]).merge(
            article.sentences[["sentence", "start", "end", "text"]], on="sentence"
        )[PAIRS]
        if len(rows)
        else pd.DataFrame(columns=PAIRS)
        for article, rows in zip(articles, np.split(np.arange(len(scored)), ends), strict=True)
    ]


def ask_pairs(article: Article, targets: list[str] | None, mentions: pd.DataFrame) -> pd.DataFrame:
    """`pairs_of` an article and these targets."""
    actors = set(mentions["actor"])
    wanted = None if targets is None else [target for target in targets if target not in actors]
    everybody = _with_antecedents(article, mentions)
    pairs = pairs_of(article, everybody, find_issues(article, wanted), find_voices(article, mentions))
    return pairs if targets is None else pairs[pairs["target"].isin(targets)]


def _with_antecedents(article: Article, mentions: pd.DataFrame) -> pd.DataFrame:
    """The mentions, the pronouns and descriptions of actors whom their sentence does not name, and deeds.

    "The veto" stands for who cast it also where they are named: it is the deed that is judged.
    """
    kinds = mentions.drop_duplicates("actor").set_index("actor")["kind"]
    named = {(row.sentence, row.actor) for row in mentions.itertuples() if not is_between(article, row)}
    found = antecedents(article, mentions, joint=True)
    free = [
        (row.sentence, row.actor) not in named or is_deed(article, row.start, row.end)
        for row in found.itertuples()
    ]
    found = found[np.array(free, dtype=bool)]
    if found.empty:
        return mentions
    together = found.duplicated(["start", "end"], keep=False)
    found = found.assign(
        found_by=np.where(together, TOGETHER, ANTECEDENT), kind=found["actor"].map(kinds).fillna("state")
    )
    return pd.concat([mentions, found]).sort_values("start", kind="stable", ignore_index=True)


def score_pairs(pairs: pd.DataFrame, profile: str | Profile) -> pd.DataFrame:
    """`pairs` with the stance that each sentence tells: the mean of it and of what the holder says in it."""
    named = entailment(profile).settings["marks"]
    prefix = "named_" if named else ""
    asked = pd.DataFrame({
        "text": pairs["bracketed"], "holder": pairs[f"{prefix}holder"], "target": pairs[f"{prefix}target"],
    })  # fmt: skip
    spoken = pairs["reported"] != ""
    reports = asked[spoken].assign(text=pairs.loc[spoken, "reported"], holder=AUTHOR)
    if named:  # they may name the target in another way than the words around them
        reports["target"] = pairs.loc[spoken, "reported_target"]
    answers = score_stance(pd.concat([asked, reports], ignore_index=True), profile)[LABELS]
    scored, said = answers.iloc[: len(asked)].copy(), answers.iloc[len(asked) :].set_index(reports.index)
    alone = (pairs.loc[spoken, "bracketed"] == "").to_numpy()[:, None]
    scored.loc[said.index] = np.where(alone, said, (scored.loc[said.index] + said) / 2)
    return pairs[["sentence", "holder", "target"]].join(scored)


def aggregate_stance(stance: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    """The article's stances from those of its sentences.

    A pair's `score` is the mean of `favor` minus `against` over the sentences that are not plainly
    `none`. Its interval (90%) comes from a bootstrap that draws sentences with replacement and, for
    each, a label from its probabilities: it holds both the few sentences and the unsure model.

    Parameters
    ----------
    stance
        What `detect_stance` returns.
    seed
        Seed of the bootstrap.

    Returns
    -------
    pandas.DataFrame
        One row per holder and target: `holder`, `target`, `stance`, `score`, `low`, `high` (each in
        [-1, 1]), `sentences` (in which the pair was asked about), `favor_sentences`,
        `against_sentences`, `unclear_sentences`, `evidence` (the sentence with the strongest stance).
        `stance` is `none` where no sentence says otherwise, `unclear` where sentences are unsure or
        stand against each other and the interval holds zero. Strongest first.
    """
    rows = []
    sides, labels = stance[LABELS].to_numpy(float), stance["stance"].to_numpy(object)
    sentences = stance["sentence"].to_numpy()
    pairs = sorted(stance.groupby(["holder", "target"]).indices.items())
    for number, ((holder, target), here) in enumerate(pairs):
        favor, against, unclear = (
            int((labels[here] == name).sum()) for name in ("favor", "against", "unclear")
        )
        spoken = here[labels[here] != "none"]
        used = sides[spoken if len(spoken) else here]
        score = float((used[:, 0] - used[:, 1]).mean())
        rng = np.random.default_rng([seed, number])
        drawn = used[rng.integers(len(used), size=(DRAWS, len(used)))]
        at = rng.random((DRAWS, len(used)))
        signs = np.where(at < drawn[..., 0], 1, np.where(at < drawn[..., 0] + drawn[..., 1], -1, 0))
        low, high = np.quantile(signs.mean(axis=1), [0.05, 0.95])
        label = "none"
        if favor or against:
            label = "favor" if score > 0 else "against"
            if favor and against and low <= 0 <= high:
                label = "unclear"
        elif unclear:
            label = "unclear"
        strongest = sentences[here[np.abs(sides[here, 0] - sides[here, 1]).argmax()]]
        rows.append((holder, target, label, score, min(low, score), max(high, score), len(here),
                     favor, against, unclear, int(strongest)))  # fmt: skip
    table = pd.DataFrame(rows, columns=OVERALL)
    rank = table["stance"].map({"favor": 0, "against": 0, "unclear": 1, "none": 2})
    order = table.assign(rank=rank, size=-table["score"].abs().round(6)).sort_values(
        ["rank", "size", "holder", "target"])  # fmt: skip
    return order[OVERALL].reset_index(drop=True)
