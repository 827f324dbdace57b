"""Train the check on claims on top of a reader: ``python -m korea_nlp.training.checker --help``."""

from __future__ import annotations

import argparse
import json
import random
import time
from itertools import islice
from pathlib import Path

import numpy as np

from korea_nlp.reader import CHECKER, MAX_TOKENS, SETTINGS, WEIGHTS, load_reader
from korea_nlp.summary.claims import beside
from korea_nlp.training.claims import Claim, balanced, read_claims
from korea_nlp.training.examples import read_rows
from korea_nlp.training.finish import fit_calibration
from korea_nlp.training.news import TUNING, NewsArticle, read_news

BATCH = 28
DROPOUT = 0.1


def compared(claims: list[Claim], articles: dict[str, NewsArticle]) -> dict[Claim, list[tuple[int, ...]]]:
    """The sentences, and twos of them, that each claim is compared with by `korea_nlp.support`."""
    from korea_nlp.models import embed

    found = {}
    for name in sorted({claim.article for claim in claims}):
        here = [claim for claim in claims if claim.article == name]
        near = embed([c.claim for c in here]) @ embed([s.text for s in articles[name].sentences]).T
        found |= {claim: beside(row) for claim, row in zip(here, near, strict=True)}
    return found


class Rows:
    """(text, claim, supported) rows as the lower layers, which nothing is learnt in, leave them: read once."""

    def __init__(self, network, tokenizer, rows: list[tuple[str, str, bool]], device: str):
        import torch

        encoded = tokenizer([text for text, *_ in rows], [claim for _, claim, _ in rows], truncation="longest_first",
                            max_length=MAX_TOKENS)["input_ids"]  # fmt: skip
        self.true, self.device = [true for *_, true in rows], device
        self.states: list[torch.Tensor] = [torch.empty(0)] * len(rows)
        order = sorted(range(len(rows)), key=lambda n: len(encoded[n]))
        with torch.inference_mode(), torch.autocast(device, torch.bfloat16):
            for at in range(0, len(order), BATCH):
                chosen = order[at : at + BATCH]
                batch = tokenizer.pad({"input_ids": [encoded[n] for n in chosen]}, return_tensors="pt").to(device)
                states = network.lower(batch["input_ids"], batch["attention_mask"]).to(torch.bfloat16)
                for n, state in zip(chosen, states, strict=True):
                    self.states[n] = state[: len(encoded[n])].clone().cpu()

    def batch(self, chosen: list[int]):
        """States, mask and labels (0 where the text supports the claim)."""
        import torch
        from torch.nn.utils.rnn import pad_sequence

        states = pad_sequence([self.states[n] for n in chosen], batch_first=True).float().to(self.device)
        mask = pad_sequence([torch.ones(len(self.states[n]), dtype=torch.long) for n in chosen], batch_first=True)
        return states, mask.to(self.device), torch.tensor([int(not self.true[n]) for n in chosen], device=self.device)


def train(
    data: Path, articles: Path, claims: Path, base: Path, reader: Path, out: Path, rank: int = 32, layers: int = 6,
    rate: float = 3e-4, minutes: float = 60.0, seed: int = 13, device: str = "cpu",
    posed: int = 12000, inferences: int = 3000,
) -> None:  # fmt: skip
    """Train for so many minutes; write the reader's weights with the checker's to a folder, calibrated.

    A check that the reader has already is gone on from.

    Parameters
    ----------
    claims
        Of `korea_nlp.training.claims`; those about articles whose number ends in 0 are kept out to calibrate on.
    layers
        How many upper layers of the encoder it has for itself.
    posed, inferences
        How many claims beside texts, and how many rows of natural language inference, are learnt from.
    """
    import torch
    from safetensors.torch import load_file, save_file
    from torch.nn.functional import cross_entropy

    from korea_nlp.network import Checker

    torch.manual_seed(seed)
    rng = random.Random(seed)
    news = {article.id: article for article in read_news(articles)}
    written = list(read_claims(claims))
    kept = [claim for claim in written if int(claim.article[-1]) != TUNING]
    tuning = [claim for claim in written if int(claim.article[-1]) == TUNING]
    asked = compared(written, news)
    nearest = {claim: sorted({i for place in places for i in place}) for claim, places in asked.items()}
    rows = list(islice(balanced(kept, news, nearest, rng), posed))
    nli = [(r["premise"], r["hypothesis"], r["label"] == "entailment") for r in read_rows(data / "nli_train.jsonl.gz")]
    rows += rng.sample(nli, min(inferences, len(nli)))
    held = [(" ".join(news[c.article].sentences[i].text for i in sorted(nearest[c])), c.claim, c.true) for c in tuning]

    whole = load_reader(base, reader, device)
    network = Checker(whole.network.encoder, rank, layers)
    begun = {name.removeprefix(CHECKER): values.float() for name, values in load_file(reader / WEIGHTS).items()
             if name.startswith(CHECKER)}  # fmt: skip
    network.load_state_dict(begun, strict=False)
    network.to(device)
    for module in network.above.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = DROPOUT
    learnt = {name: p for name, p in network.named_parameters() if p.requires_grad}
    for name, parameter in network.named_parameters():
        if name not in learnt and parameter.dim() == 2:
            parameter.data = parameter.data.bfloat16()
    print(f"{sum(p.numel() for p in learnt.values()):,} trained parameters, {len(kept)} claims", flush=True)
    began = time.monotonic()
    rows, held = (Rows(network, whole.tokenizer, part, device) for part in (rows, held))
    print(f"read once: {(time.monotonic() - began) / 60:.1f} min", flush=True)

    optimizer = torch.optim.AdamW(learnt.values(), lr=rate, weight_decay=0.01)
    step, losses, began = 0, [], time.monotonic()
    order: list[int] = []
    while (done := (time.monotonic() - began) / 60 / minutes) < 1:
        network.train()
        if len(order) < BATCH:
            order = rng.sample(range(len(rows.true)), len(rows.true))
        states, mask, labels = rows.batch([order.pop() for _ in range(BATCH)])
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1.0, (step + 1) / 40) * max(0.02, 1 - done)
        with torch.autocast(device, torch.bfloat16):
            logits = network.judge(states, mask)
        loss = cross_entropy(logits.float(), labels, label_smoothing=0.02)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(list(learnt.values()), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        losses.append(float(loss.detach()))
        step += 1
        if step % 25 == 0:
            print(f"step {step} loss {np.mean(losses[-50:]):.3f} {60 * minutes * done / step:.1f} s a step", flush=True)
        if step % 150 == 0:
            answers(network, held)
            save_file({n: p.detach().half().cpu().contiguous() for n, p in learnt.items()}, out.with_suffix(".part"))
    answers(network, held)
    out.mkdir(parents=True, exist_ok=True)
    weights = {name: values for name, values in load_file(reader / WEIGHTS).items() if not name.startswith(CHECKER)}
    weights |= {f"{CHECKER}{name}": p.detach().half().cpu().contiguous() for name, p in learnt.items()}
    save_file(weights, out / WEIGHTS)
    settings = json.loads((reader / SETTINGS).read_text())
    (out / SETTINGS).write_text(json.dumps(settings, indent=1) + "\n")
    settings["calibration"]["support"] = calibration(base, out, tuning, news, asked)
    (out / SETTINGS).write_text(json.dumps(settings, indent=1) + "\n")


def calibration(base: Path, reader: Path, claims: list[Claim], articles: dict[str, NewsArticle], asked: dict) -> dict:
    """Temperature and bias for the best of what each claim is compared with."""
    rows = [(claim, " ".join(articles[claim.article].sentences[i].text for i in place))
            for claim in claims for place in asked[claim]]  # fmt: skip
    logits = load_reader(base, reader).claims([text for _, text in rows], [claim.claim for claim, _ in rows])
    best: dict[Claim, np.ndarray] = {}
    for (claim, _), values in zip(rows, logits, strict=True):
        if claim not in best or values[0] - values[1] > best[claim][0] - best[claim][1]:
            best[claim] = values
    return fit_calibration(np.array([best[c] for c in claims]), np.array([int(not c.true) for c in claims]))


def answers(network, rows: Rows) -> None:
    """Say how well true rows are told from false."""
    import torch
    from sklearn.metrics import balanced_accuracy_score, roc_auc_score

    network.eval()
    places = range(len(rows.true))
    with torch.inference_mode(), torch.autocast(rows.device, torch.bfloat16):
        parts = [network.judge(*rows.batch(list(places[n : n + 8]))[:2]).float().cpu().numpy() for n in places[::8]]
    logits = np.concatenate(parts)
    yes = logits[:, 0] - logits[:, 1]
    print(f"kept out: balanced accuracy {balanced_accuracy_score(rows.true, yes > 0):.3f}, "
          f"AUC {roc_auc_score(rows.true, yes):.3f}", flush=True)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m korea_nlp.training.checker", description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--articles", type=Path, default=Path("data/news"))
    parser.add_argument("--claims", type=Path, default=Path("data/claims/train.txt"))
    for name in ("base", "reader", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True, help="a folder")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--rank", type=int, default=32)
    parser.add_argument("--rate", type=float, default=3e-4)
    parser.add_argument("--device", default="cpu")
    train(**vars(parser.parse_args()))


if __name__ == "__main__":
    main()
