"""Train the check on claims on top of a reader: ``python -m korea_nlp.training.checker --help``."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from safetensors.torch import load_file, save_file
from torch.nn.functional import cross_entropy
from torch.nn.utils.rnn import pad_sequence
from typer import Argument, Option

from korea_nlp.models import embed
from korea_nlp.network import Checker, load_encoder
from korea_nlp.reader import CHECKER, MAX_TOKENS, SETTINGS, WEIGHTS, load_reader
from korea_nlp.summary.claims import premises
from korea_nlp.training.claims import Claim, balanced, claim_files, read_claims
from korea_nlp.training.examples import read_rows
from korea_nlp.training.finish import fit_calibration
from korea_nlp.training.news import TUNING, NewsArticle, read_news
from korea_nlp.training.optimiser import Optimiser, halve_the_rest, halved, lower_states, set_dropout

CLAIMS = Path("data/claims")
BATCH = 28
DROPOUT = 0.1
KEPT_OUT = 400  # claims to calibrate on
RATE = 3e-4
SEED = 13
SMOOTHING = 0.02
WARM_UP = 40
Example = tuple[str, str, bool]  # a text, a claim, and whether the one supports the other


def compared(claims: list[Claim], news: dict[str, NewsArticle]) -> dict[Claim, list[tuple[int, ...]]]:
    """The sentences, and twos of them, that each claim is compared with by `korea_nlp.support`."""
    found = {}
    for name in sorted({claim.article for claim in claims}):
        here = [claim for claim in claims if claim.article == name]
        near = embed([claim.claim for claim in here]) @ embed(news[name].texts).T
        found |= {claim: premises(row) for claim, row in zip(here, near, strict=True)}
    return found


class Inputs:
    """Examples as `lower_states` leaves them."""

    def __init__(self, network: Checker, tokenizer, examples: list[Example], device: str):
        texts, claims, self.true = (list(column) for column in zip(*examples, strict=True))
        encoded = tokenizer(texts, claims, truncation="longest_first", max_length=MAX_TOKENS)["input_ids"]
        self.device, self.states = device, lower_states(network, encoded, tokenizer.pad_token_id, device, BATCH)

    def batch(self, chosen: Sequence[int]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """States, mask and labels (0 where the text supports the claim)."""
        states = pad_sequence([self.states[n] for n in chosen], batch_first=True).float()
        mask = pad_sequence([torch.ones(len(self.states[n]), dtype=torch.long) for n in chosen], batch_first=True)
        labels = torch.tensor([int(not self.true[n]) for n in chosen])
        return states.to(self.device), mask.to(self.device), labels.to(self.device)


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
    kept = [claim for claim in written if int(claim.article[-1]) != TUNING]
    tuning = [claim for claim in written if int(claim.article[-1]) == TUNING]
    tuning = rng.sample(tuning, min(KEPT_OUT, len(tuning)))  # each is compared with ten texts
    asked = compared(written, news)
    nearest = {claim: sorted(set().union(*places)) for claim, places in asked.items()}
    examples = list(islice(balanced(kept, news, nearest, rng), posed))
    nli = [(r["premise"], r["hypothesis"], r["label"] == "entailment") for r in read_rows(data / "nli_train.jsonl.gz")]
    examples += rng.sample(nli, min(inferences, len(nli)))
    held = [(news[claim.article].passage(nearest[claim]), claim.claim, claim.true) for claim in tuning]

    tokenizer, network = begin(base, reader, rank, layers, device)
    print(f"{len(kept)} claims, {len(examples)} examples", flush=True)
    states, held_states = (Inputs(network, tokenizer, part, device) for part in (examples, held))
    print("read once", flush=True)
    learn(network, states, held_states, minutes, rng, out.with_suffix(".part"))
    write(network, reader, out)
    settings = json.loads((reader / SETTINGS).read_text())
    settings["calibration"]["support"] = calibration(base, out, tuning, news, asked)
    (out / SETTINGS).write_text(json.dumps(settings, indent=1) + "\n")


def begin(base: Path, reader: Path, rank: int, layers: int, device: str):
    """The tokenizer, and a new checker on top of the reader, or the one that the reader has."""
    whole = load_reader(base, reader, device)
    network = Checker(whole.network.encoder, load_encoder(base)[1].encoder.layer, rank, layers)
    begun = {name.removeprefix(CHECKER): values.float() for name, values in load_file(reader / WEIGHTS).items()
             if name.startswith(CHECKER)}  # fmt: skip
    network.load_state_dict(begun, strict=False)
    network.to(device)
    set_dropout(network.above, DROPOUT)
    halve_the_rest(network)
    return whole.tokenizer, network


def learn(network: Checker, states: Inputs, held: Inputs, minutes: float, rng: random.Random, part: Path) -> None:
    """Learn for so many minutes; the weights are kept in the file `part` now and then."""
    optimiser, began = Optimiser(network, RATE, WARM_UP), time.monotonic()
    order: list[int] = []
    while (done := (time.monotonic() - began) / 60 / minutes) < 1:
        network.train()
        if len(order) < BATCH:
            order = rng.sample(range(len(states.true)), len(states.true))
        inputs, mask, labels = states.batch([order.pop() for _ in range(BATCH)])
        with torch.autocast(states.device, torch.bfloat16):
            logits = network.judge(inputs, mask)
        optimiser.step([cross_entropy(logits.float(), labels, label_smoothing=SMOOTHING)], done)
        if optimiser.steps % 25 == 0:
            pace = 60 * minutes * done / optimiser.steps
            print(f"step {optimiser.steps} loss {optimiser.mean_loss(50):.3f} {pace:.1f} s a step", flush=True)
        if optimiser.steps % 150 == 0:
            print(quality(network, held), flush=True)
            save_file(halved(network), part)
    print(quality(network, held), flush=True)


def quality(network: Checker, held: Inputs) -> str:
    """How well true claims are told from false."""
    from sklearn.metrics import balanced_accuracy_score, roc_auc_score

    network.eval()
    places = range(len(held.true))
    with torch.inference_mode(), torch.autocast(held.device, torch.bfloat16):
        parts = [network.judge(*held.batch(places[n : n + 8])[:2]).float().cpu().numpy() for n in places[::8]]
    logits = np.concatenate(parts)
    yes = logits[:, 0] - logits[:, 1]
    accuracy, auc = balanced_accuracy_score(held.true, yes > 0), roc_auc_score(held.true, yes)
    return f"kept out: balanced accuracy {accuracy:.3f}, AUC {auc:.3f}"


def write(network: Checker, reader: Path, out: Path) -> None:
    """The reader's weights, with the checker's in place of those that it had."""
    out.mkdir(parents=True, exist_ok=True)
    weights = {name: values for name, values in load_file(reader / WEIGHTS).items() if not name.startswith(CHECKER)}
    weights |= {f"{CHECKER}{name}": values for name, values in halved(network).items()}
    save_file(weights, out / WEIGHTS)


def calibration(
    base: Path, reader: Path, claims: list[Claim], news: dict[str, NewsArticle], asked: dict[Claim, list]
) -> dict:
    """Temperature and bias for the best of what each claim is compared with."""
    pairs = [(claim, news[claim.article].passage(places)) for claim in claims for places in asked[claim]]
    logits = load_reader(base, reader).claims([(text, claim.claim) for claim, text in pairs])
    best: dict[Claim, np.ndarray] = {}
    for (claim, _), values in zip(pairs, logits, strict=True):
        if claim not in best or values[0] - values[1] > best[claim][0] - best[claim][1]:
            best[claim] = values
    return fit_calibration(np.array([best[c] for c in claims]), np.array([int(not c.true) for c in claims]))


if __name__ == "__main__":
    typer.run(train)
