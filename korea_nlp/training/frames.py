"""Fit how the evidence for frames is weighed: ``python -m korea_nlp.training.frames data/frames_dev.csv``.

It is fitted on one half of sentences labelled for the purpose; what it is worth on the other half is shown
beside what each model is worth alone.
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd

from korea_nlp.frames import EVIDENCE, NONE, THRESHOLD, evidence, frame_names, log_odds
from korea_nlp.weights import Profile


def fit_frames(labelled: pd.DataFrame, profile: str | Profile = "bundled") -> tuple[dict, pd.DataFrame]:
    """Fit how the evidence is weighed, and measure it on sentences that it was not fitted on.

    Parameters
    ----------
    labelled
        Columns `text`, `frame` (or ``none``), `half` (``choose``: to fit on, ``report``: to measure on).

    Returns
    -------
    dict, DataFrame
        What belongs under ``[decision]`` in ``assets/frames.toml``; and for each kind of evidence and for all
        together the share of right answers (`accuracy`: the likeliest frame, or ``none`` below 0.5) and the
        macro-F1 (`macro_f1`, over frames and ``none``) on the sentences of the half `report` (`sentences`).
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import accuracy_score, f1_score

    names = frame_names()
    texts, gold = list(labelled["text"]), labelled["frame"].to_numpy()
    choose = (labelled["half"] == "choose").to_numpy()
    usual = log_odds(texts, profile)[choose].mean(axis=0)
    numbers = evidence(texts, usual, profile)
    wanted = np.stack([gold == name for name in names], axis=1)
    rows, decision = [], {}
    for kind, used in {"embedding": [0, 1], "entailment": [2], "both": [0, 1, 2]}.items():
        spread = numbers[choose].reshape(-1, len(EVIDENCE)).std(axis=0)[used]
        features = numbers[..., used] / spread
        model = LogisticRegression().fit(features[choose].reshape(-1, len(used)), wanted[choose].ravel())
        p = model.predict_proba(features.reshape(-1, len(used)))[:, 1].reshape(wanted.shape)
        answers = np.where(p.max(axis=1) >= THRESHOLD, np.array(names)[p.argmax(axis=1)], NONE)[~choose]
        right = accuracy_score(gold[~choose], answers)
        macro = f1_score(gold[~choose], answers, labels=[*names, NONE], average="macro", zero_division=0)
        rows.append((kind, len(answers), right, macro))
        weights = dict(zip([EVIDENCE[i] for i in used], (model.coef_[0] / spread).tolist(), strict=True))
        decision = {"bias": float(model.intercept_[0]), **weights}
    decision["usual"] = usual.tolist()
    return decision, pd.DataFrame(rows, columns=["evidence", "sentences", "accuracy", "macro_f1"])


if __name__ == "__main__":
    fitted, measured = fit_frames(pd.read_csv(sys.argv[1], keep_default_na=False))
    for key, value in fitted.items():
        print(key, "=", [round(v, 3) for v in value] if isinstance(value, list) else round(value, 3))
    print(measured.round(2).to_string(index=False))
