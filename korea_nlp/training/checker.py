"""Train the check on claims on top of a reader: ``python -m korea_nlp.training.checker --help``."""

from __future__ import annotations

import argparse
import json
import random
import time
from pathlib import Path

import numpy as np

from korea_nlp.reader import SETTINGS, WEIGHTS, load_reader
from korea_nlp.training.claims import Claim, balanced, read_claims
from korea_nlp.training.examples import endless, read_rows
from korea_nlp.training.finish import fit_calibration
from korea_nlp.training.news import TUNING, NewsArticle, read_news

MAX_TOKENS = 256
NEAREST = 4
MIX = {"claims": 20, "nli": 8}
"""How many of each are in a step."""


def nearest_sentences(claims: list[Claim], articles: dict[str, NewsArticle]) -> dict[Claim, list[int]]:
    """The sentences of its article that are nearest to each claim, as `korea_nlp.support` finds them."""
    from korea_nlp.models import embed

    found = {}
    for name in sorted({claim.article for claim in claims}):
        here = [claim for claim in claims if claim.article == name]
        near = embed([c.claim for c in here]) @ embed([s.text for s in articles[name].sentences]).T
        found |= {c: [int(i) for i in np.argsort(-row)[:NEAREST]] for c, row in zip(here, near, strict=True)}
    return found


def train(
    data: Path, articles: Path, claims: Path, base: Path, reader: Path, out: Path, rank: int = 32, layers: int = 6,
    rate: float = 3e-4, minutes: float = 60.0, seed: int = 13, dropout: float = 0.1, device: str = "cpu",
) -> None:  # fmt: skip
    """Train for so many minutes; write the reader's weights with the checker's to a folder, calibrated."""
    import torch
    from safetensors.torch import load_file, save_file
    from torch.nn.functional import cross_entropy

    from korea_nlp.network import Checker

    torch.manual_seed(seed)
    rng, began = random.Random(seed), time.monotonic()
    news = {article.id: article for article in read_news(articles)}
    written = list(read_claims(claims))
    kept = [claim for claim in written if int(claim.article[-1]) != TUNING]
    tuning = [claim for claim in written if int(claim.article[-1]) == TUNING]
    nearest = nearest_sentences(written, news)
    stream = balanced(kept, news, nearest, rng)
    inference = endless([(r["premise"], r["hypothesis"], r["label"] == "entailment")
                         for r in read_rows(data / "nli_train.jsonl.gz")], rng)  # fmt: skip
    whole = load_reader(base, reader, device)
    tokenizer, network = whole.tokenizer, Checker(whole.network.encoder, rank, layers).to(device)
    for module in network.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = dropout
    learnt = {name: p for name, p in network.named_parameters() if "lora_" in name or name.startswith("head")}
    for name, parameter in network.named_parameters():
        parameter.requires_grad_(name in learnt)
        if name not in learnt and parameter.dim() == 2:
            parameter.data = parameter.data.bfloat16()
    optimizer = torch.optim.AdamW(learnt.values(), lr=rate, weight_decay=0.01)
    print(f"{sum(p.numel() for p in learnt.values()):,} trained parameters, {len(kept)} claims", flush=True)

    def ask(rows):
        encoded = tokenizer([text for text, *_ in rows], [claim for _, claim, _ in rows], truncation="longest_first",
                            max_length=MAX_TOKENS, padding=True, return_tensors="pt").to(device)  # fmt: skip
        with torch.autocast(device, torch.bfloat16):
            return network(encoded["input_ids"], encoded["attention_mask"]).float()

    asked = [
        (" ".join(news[c.article].sentences[i].text for i in sorted(nearest[c])), c.claim, c.true) for c in tuning
    ]
    step, losses = 0, []
    network.train()
    while (done := (time.monotonic() - began) / 60 / minutes) < 1:
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1.0, (step + 1) / 40) * max(0.02, 1 - done)
        for source, count in MIX.items():
            rows = [next(stream if source == "claims" else inference) for _ in range(count)]
            labels = torch.tensor([int(not true) for *_, true in rows], device=device)
            loss = cross_entropy(ask(rows), labels, label_smoothing=0.02) * count / sum(MIX.values())
            loss.backward()
            losses.append((source, float(loss.detach()) * sum(MIX.values()) / count))
        torch.nn.utils.clip_grad_norm_(list(learnt.values()), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        step += 1
        if step % 25 == 0:
            means = {s: round(float(np.mean([v for name, v in losses[-100:] if name == s])), 3) for s in MIX}
            print(f"step {step} loss {means} {(time.monotonic() - began) / 60:.1f} min", flush=True)
        if step % 200 == 0:
            report(network, ask, asked)
            save_file({n: p.detach().half().cpu() for n, p in learnt.items()}, out.with_suffix(".part"))
    logits = report(network, ask, asked)
    out.mkdir(parents=True, exist_ok=True)
    weights = load_file(reader / WEIGHTS)
    weights |= {f"checker.{name}": p.detach().half().cpu().contiguous() for name, p in learnt.items()}
    save_file(weights, out / WEIGHTS)
    settings = json.loads((reader / SETTINGS).read_text())
    settings["calibration"]["support"] = fit_calibration(logits, np.array([int(not true) for *_, true in asked]))
    (out / SETTINGS).write_text(json.dumps(settings, indent=1) + "\n")


def report(network, ask, rows) -> np.ndarray:
    """Logits of claims kept out of the training; says how well they are told apart."""
    import torch
    from sklearn.metrics import balanced_accuracy_score, roc_auc_score

    network.eval()
    with torch.inference_mode():
        logits = np.concatenate([ask(rows[n : n + 8]).numpy() for n in range(0, len(rows), 8)])
    network.train()
    yes, true = logits[:, 0] - logits[:, 1], [true for *_, true in rows]
    print(f"kept out: balanced accuracy {balanced_accuracy_score(true, yes > 0):.3f}, "
          f"AUC {roc_auc_score(true, yes):.3f}", flush=True)  # fmt: skip
    return logits


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
