"""Train the check on claims on top of a reader: ``python -m korea_nlp.training.checker --help``."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import torch
import typer
from safetensors.torch import load_file, save_file
from sklearn.metrics import balanced_accuracy_score, roc_auc_score
from torch.nn.functional import cross_entropy
from torch.nn.utils.rnn import pad_sequence
from typer import Argument, Option

from korea_nlp.models import embed
from korea_nlp.reader import CHECKER, MAX_TOKENS, SETTINGS, WEIGHTS, load_reader
from korea_nlp.reader.network import Checker
from korea_nlp.summary.claims import premises
from korea_nlp.training.claims import Claim, balanced, claim_files, read_claims
from korea_nlp.training.examples import read_rows
from korea_nlp.training.finish import fit_calibration, write_settings
from korea_nlp.training.loop import SEED, batches, halved, learn, lower_states, on_top_of
from korea_nlp.training.news import NewsArticle, read_news

CLAIMS = Path("data/claims")
BATCH = 28
KEPT_OUT = 400  # claims to calibrate on
RATE = 3e-4
SMOOTHING = 0.02
WARM_UP = 40


def compared(claims: list[Claim], news: dict[str, NewsArticle]) -> dict[Claim, list[tuple[int, ...]]]:
    """The sentences, and twos of them, that each claim is compared with by `korea_nlp.support`."""
    found = {}
    for name in sorted({claim.article for claim in claims}):
        here = [claim for claim in claims if claim.article == name]
        near = embed([claim.claim for claim in here]) @ embed(news[name].texts).T
        found |= {claim: premises(row) for claim, row in zip(here, near, strict=True)}
    return found


class Inputs:
    """Texts, claims, and whether the one supports the other; read once as far as the layers are not learnt."""

    def __init__(self, network: Checker, tokenizer, examples: list[tuple[str, str, bool]]):
        self.network = network
        texts, claims, true = (list(column) for column in zip(*examples, strict=True))
        encoded = tokenizer(texts, claims, truncation="longest_first", max_length=MAX_TOKENS)["input_ids"]
        self.states = lower_states(network, encoded, tokenizer.pad_token_id, BATCH)
        self.device = network.below.device
        self.labels = 1 - torch.tensor(true, dtype=torch.long, device=self.device)

    def logits(self, chosen: Sequence[int]) -> torch.Tensor:
        """Of yes and no, shape (examples, 2), of some examples."""
        states = pad_sequence([self.states[n] for n in chosen], batch_first=True).float()
        mask = pad_sequence([torch.ones(len(self.states[n]), dtype=torch.long) for n in chosen], batch_first=True)
        with torch.autocast(self.device.type, torch.bfloat16):
            return self.network.judge(states.to(self.device), mask.to(self.device)).float()

    def quality(self) -> str:
        """How well true claims are told from false."""
        places = range(len(self.states))
        with torch.inference_mode():
            logits = torch.cat([self.logits(places[n : n + 8]) for n in places[::8]])
        yes, true = (logits[:, 0] - logits[:, 1]).cpu().numpy(), self.labels.cpu().numpy() == 0
        accuracy, auc = balanced_accuracy_score(true, yes > 0), roc_auc_score(true, yes)
        return f"kept out: balanced accuracy {accuracy:.3f}, AUC {auc:.3f}"


def train(
    data: Annotated[Path, Argument(help="folder of the public sets")],
    base: Annotated[Path, Option(help="folder of the base encoder")],
    reader: Annotated[Path, Option(help="folder of the reader; a check that it has already is gone on from")],
    out: Annotated[Path, Option(help="folder for the reader's weights with the check's")],
    articles: Annotated[Path, Option(help="folder of annotated news")] = Path("data/news"),
    claims: Annotated[list[Path] | None, Option(help="default: data/claims/*.txt but held_out.txt")] = None,
    layers: Annotated[int, Option(help="how many upper layers of the encoder the check has for itself")] = 6,
    rank: Annotated[int, Option(help="of the low-rank additions; to go on, as it was")] = 32,
    minutes: float = 60.0,
    posed: Annotated[int, Option(help="how many claims beside texts are learnt from")] = 12000,
    inferences: Annotated[int, Option(help="how many rows of natural language inference are learnt from")] = 3000,
    device: str = "cpu",
) -> None:
    """Train the check on claims for so many minutes, and calibrate it on claims about articles that are kept out."""
    torch.manual_seed(SEED)
    rng = random.Random(SEED)
    news = {article.id: article for article in read_news(articles)}
    written = [claim for file in claims or claim_files(CLAIMS) for claim in read_claims(file)]
    kept = [claim for claim in written if news[claim.article].part != "tune"]
    tuning = [claim for claim in written if news[claim.article].part == "tune"]
    tuning = rng.sample(tuning, min(KEPT_OUT, len(tuning)))  # each is compared with ten texts
    asked = compared(written, news)
    nearest = {claim: sorted(set().union(*places)) for claim, places in asked.items()}
    examples = list(islice(balanced(kept, news, nearest, rng), posed))
    nli = [(r["premise"], r["hypothesis"], r["label"] == "entailment") for r in read_rows(data / "nli_train.jsonl.gz")]
    examples += rng.sample(nli, min(inferences, len(nli)))
    held = [(news[claim.article].passage(nearest[claim]), claim.claim, claim.true) for claim in tuning]
    print(f"{len(kept)} claims, {len(examples)} examples", flush=True)

    whole = load_file(reader / WEIGHTS)
    begun = {name.removeprefix(CHECKER): values for name, values in whole.items() if name.startswith(CHECKER)}
    rest = {name: values for name, values in whole.items() if not name.startswith(CHECKER)}
    tokenizer, network = on_top_of(base, reader, Checker, rank, layers, begun, device)
    inputs, kept_out = (Inputs(network, tokenizer, part) for part in (examples, held))
    chosen = batches(range(len(examples)), BATCH, rng)
    out.mkdir(parents=True, exist_ok=True)

    def losses() -> list[torch.Tensor]:
        places = next(chosen)
        return [cross_entropy(inputs.logits(places), inputs.labels[places], label_smoothing=SMOOTHING)]

    def check(step: int) -> None:
        print(kept_out.quality(), flush=True)
        save_file(rest | {f"{CHECKER}{name}": values for name, values in halved(network).items()}, out / WEIGHTS)

    learn(network, losses, check, 150, RATE, WARM_UP, minutes)
    settings = json.loads((reader / SETTINGS).read_text())
    settings["calibration"]["support"] = calibration(base, out, tuning, news, asked)
    write_settings(settings, out)


def calibration(
    base: Path, reader: Path, claims: list[Claim], news: dict[str, NewsArticle], asked: dict[Claim, list]
) -> dict:
    """Temperature and bias for the best of what each claim is compared with."""
    pairs = [(n, news[claim.article].passage(places)) for n, claim in enumerate(claims) for places in asked[claim]]
    logits = load_reader(base, reader).claims([(text, claims[n].claim) for n, text in pairs])
    best = pd.Series(logits[:, 0] - logits[:, 1]).groupby([n for n, _ in pairs]).idxmax()
    return fit_calibration(logits[best], np.array([int(not claim.true) for claim in claims]))


if __name__ == "__main__":
    typer.run(train)
