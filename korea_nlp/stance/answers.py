"""What the entailment model says of pairs of holder and target, as probabilities."""

from __future__ import annotations

import numpy as np
import pandas as pd

from korea_nlp.models import Entailment
from korea_nlp.stance.pairs import AUTHOR, hypothesis, mark, mention_span

LABELS = ["favor", "against", "none"]
PROPOSITION = "proposition"


def stance_logits(pro: np.ndarray, con: np.ndarray | None = None) -> np.ndarray:
    """Unscaled log-evidence for favor, against and none from both hypotheses.

    Parameters
    ----------
    pro, con
        Arrays of shape (n, 3): entailment, neutral, contradiction of the pro and con hypothesis.
        The bundled checkpoint is asked the pro hypothesis alone.

    Returns
    -------
    numpy.ndarray
        Shape (n, 3). A checkpoint without a contradiction label (two-way) is read by entailment alone:
        favor where only the pro hypothesis is entailed, against where only the con hypothesis is.
    """
    if con is None:
        return np.log(pro[:, [0, 2, 1]].clip(1e-6))
    if not (pro[:, 2].any() or con[:, 2].any()):
        favor, against = pro[:, 0] * (1 - con[:, 0]), con[:, 0] * (1 - pro[:, 0])
        return np.log(np.stack([favor, against, 1 - favor - against], axis=1).clip(1e-6))
    p, c = np.log(pro.clip(1e-6)), np.log(con.clip(1e-6))
    return np.stack([p[:, 0] + c[:, 2], p[:, 2] + c[:, 0], p[:, 1] + c[:, 1]], axis=1) / 2


def calibrate(logits: np.ndarray, settings: dict | None) -> np.ndarray:
    """Probabilities from logits by vector scaling (Guo et al. 2017): one temperature, three biases."""
    if settings:
        logits = logits / settings["temperature"] + np.array(settings["bias"])
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)


def decide(probabilities: np.ndarray) -> np.ndarray:
    """The label that has at least half of the probability, else `unclear`."""
    best = probabilities.argmax(axis=1)
    sure = probabilities.max(axis=1) >= 0.5
    return np.where(sure, np.array(LABELS, dtype=object)[best], "unclear")


def pair_logits(pairs: pd.DataFrame, model: Entailment) -> np.ndarray:
    """`stance_logits` of the rows of `pairs` (columns `text`, `holder`, `target`)."""
    rows = list(pairs[["text", "holder", "target"]].astype(str).itertuples(index=False, name=None))
    premises = [mark(*row, marks=model.settings["marks"]) for row in rows]
    sides = model.settings["hypotheses"]
    claims = [hypothesis(side, holder, target) for side in sides for _, holder, target in rows]
    return stance_logits(*np.split(model(premises * len(sides), claims), len(sides)))


def second_opinion(own: np.ndarray, first: np.ndarray, share: float | np.ndarray) -> np.ndarray:
    """Logits of a model and of the one that was asked before it, which has this share in the answer."""
    return (1 - share) * own + share * first


def is_sure(probabilities: np.ndarray, sure: dict) -> np.ndarray:
    """Whether the likeliest label has as much as `sure` asks of it: `none`, or `side` (favor, against)."""
    none = probabilities.argmax(axis=1) == LABELS.index("none")
    return probabilities.max(axis=1) >= np.where(none, sure["none"], sure["side"])


def stance_probabilities(pairs: pd.DataFrame, model: Entailment) -> np.ndarray:
    """Calibrated probabilities of `LABELS`.

    Where a model has a screen, that is asked first; what it is sure of is not asked again.
    """
    kinds = kinds_of(pairs)
    if model.screen is None:
        return _scaled(pair_logits(pairs, model), kinds, model.settings["calibration"])
    screen = model.settings["screen"]
    first = pair_logits(pairs, model.screen)
    found = _scaled(first, kinds, model.screen.settings["calibration"])
    again = np.ones(len(pairs), dtype=bool)
    for kind in set(kinds):
        again[(kinds == kind) & is_sure(found, screen[kind])] = False
    if again.any():
        shares = np.array([[screen[kind]["share"]] for kind in kinds[again]])
        both = second_opinion(pair_logits(pairs[again], model), first[again], shares)
        found[again] = _scaled(both, kinds[again], model.settings["calibration"])
    return found


def kinds_of(pairs: pd.DataFrame) -> np.ndarray:
    """What each row of `pairs` asks, which is calibrated apart.

    `actor`: a holder's stance; `author`: the text's, toward a target that it names; `proposition`: its
    stance toward what it does not name in these words, such as a whole claim.
    """
    asked = pairs[["text", "holder", "target"]].astype(str).itertuples(index=False, name=None)
    return np.array([
        "actor" if holder != AUTHOR else AUTHOR if mention_span(text, target) else PROPOSITION
        for text, holder, target in asked
    ], dtype=object)  # fmt: skip


def _scaled(logits: np.ndarray, kinds: np.ndarray, settings: dict) -> np.ndarray:
    """`calibrate`, with the settings of each row's kind."""
    found = np.empty_like(logits)
    for kind in set(kinds):
        found[kinds == kind] = calibrate(logits[kinds == kind], settings.get(kind))
    return found
