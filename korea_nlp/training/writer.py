"""Teach the generator to write: ``python -m korea_nlp.training.writer --help``.

It learns headlines, sentences that sum others up, and whether a claim is true. Only headlines are asked of it so far.
A passage is read once for all that is asked of it: each question sees the passage and itself, and no other. Low-rank
additions (LoRA, Hu et al. 2021) to the upper layers are learnt, and saved in GGUF as llama.cpp reads them.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from sklearn.metrics import roc_auc_score
from torch.nn.functional import cross_entropy
from typer import Option

from korea_nlp.models.generator import ADDITION, HEADLINE, numbered
from korea_nlp.models.weights import load_profile, locate
from korea_nlp.training.claims import Claim, claim_files, read_claims
from korea_nlp.training.loop import SEED, batches, halved, learn, learnt, take_up
from korea_nlp.training.news import NewsArticle, read_news

ALPHA, RANK, FIRST = 16, 8, 12  # FIRST: the layers below it stay as they are
RATE, WARM_UP, PACKS = 4e-4, 15, 2
SUMMARY, CLAIM, VERDICT, YES, NO = "Summary of {}:", "Claim: {}\nSentences:", "\nTrue:", " yes", " no"
QUESTIONS = 20  # of a passage at most
EVIDENCE, WORDS = 0.1, 0.15  # how much a token of them counts beside a verdict
PARTS = {
    "q_proj": "attn_q", "k_proj": "attn_k", "v_proj": "attn_v", "o_proj": "attn_output",
    "gate_proj": "ffn_gate", "up_proj": "ffn_up", "down_proj": "ffn_down",
}  # fmt: skip
"""Matrices by their names in transformers and in GGUF."""


@dataclass(frozen=True)
class Line:
    """A sentence that sums up the sentences `places` (from 0) of an article; of none, a headline."""

    article: str
    places: tuple[int, ...]
    text: str


def read_lines(file: Path) -> Iterator[Line]:
    """The summary sentences of a file."""
    for block in file.read_text(encoding="utf-8").strip().split("\n\n"):
        head, *lines = block.splitlines()
        for line in lines:
            places, text = line.split(" | ", 1)
            numbers = () if places == "headline" else tuple(int(place) - 1 for place in places.split(","))
            yield Line(head.removeprefix("# "), numbers, text)


class Examples:
    """Passages with what is asked of them, in tokens."""

    def __init__(self, tokenizer, claims: Sequence[Claim], lines: Sequence[Line], news: dict[str, NewsArticle]):
        self.tokenizer, self.news = tokenizer, news
        self.claims, self.lines = ({item.article: [] for item in items} for items in (claims, lines))
        for item in claims:
            self.claims[item.article].append(item)
        for item in lines:
            self.lines[item.article].append(item)

    def tokens(self, text: str) -> list[int]:
        """A text in tokens."""
        return self.tokenizer(text, add_special_tokens=False)["input_ids"]

    def judged(self, claim: Claim, view: list[int], places: Sequence[int], true: bool) -> tuple[list, list]:
        """Tokens of a claim with its verdict, and how much is to be learnt from each."""
        named = " " + ", ".join(str(view.index(i) + 1) for i in places)
        parts = (("\n" + CLAIM.format(claim.claim), 0.0), (named, EVIDENCE), (VERDICT, 0.0), (YES if true else NO, 1.0))
        return self._joined(parts)

    def written(self, line: Line, view: list[int]) -> tuple[list, list]:
        """Tokens of a summary sentence or headline, and how much is to be learnt from each."""
        wanted = SUMMARY.format(", ".join(str(view.index(i) + 1) for i in line.places)) if line.places else HEADLINE
        return self._joined((("\n" + wanted, 0.0), (f" {line.text}\n", WORDS)))

    def _joined(self, parts) -> tuple[list, list]:
        cut = [(self.tokens(text), weight) for text, weight in parts]
        return [t for tokens, _ in cut for t in tokens], [weight for tokens, weight in cut for _ in tokens]

    def pack(self, name: str, view: list[int], asked: list[tuple[list, list]]) -> tuple[torch.Tensor, ...]:
        """Tokens, their places and weights, and what each may see, shape (1, 1, tokens, tokens)."""
        tokens = self.tokens(numbered([self.news[name].texts[i] for i in view]))
        length = len(tokens)
        places, whose, weights = list(range(length)), [0] * length, [0.0] * length
        for n, (more, each) in enumerate(asked, 1):
            tokens, weights = tokens + more, weights + each
            places += range(length, length + len(more))
            whose += [n] * len(more)
        mine = torch.tensor(whose)
        seen = torch.ones(len(mine), len(mine)).tril().bool() & ((mine == 0) | (mine == mine[:, None]))
        return torch.tensor([tokens]), torch.tensor([places]), torch.tensor(weights), seen[None, None]

    def claims_pack(self, name: str, rng: random.Random) -> tuple[torch.Tensor, ...]:
        """An article, or some sentences of it, with its claims; what only others support is not supported."""
        number, claims = len(self.news[name].texts), self.claims[name]
        view = list(range(number))
        if rng.random() > 0.45 and number > 5:
            must = set(rng.choice(claims).places)
            others = [i for i in view if i not in must]
            view = sorted(must | set(rng.sample(others, max(0, min(len(others), rng.randint(1, 7) - len(must))))))
        asked = []
        for claim in claims:
            there = [i for i in claim.places if i in view]
            if len(there) == len(claim.places):
                asked.append(self.judged(claim, view, there, claim.true))
            elif there and claim.kind == "fusion" and rng.random() < 0.5:
                asked.append(self.judged(claim, view, there, False))
            elif not there and claim.kind != "generalisation" and rng.random() < 0.12:
                asked.append(self.judged(claim, view, [rng.choice(view)], False))
        asked += [self.written(line, view) for line in self.lines.get(name, []) if self._fits(line, view)]
        return self.pack(name, view, rng.sample(asked, min(QUESTIONS, len(asked))))

    def lines_pack(self, name: str, rng: random.Random) -> tuple[torch.Tensor, ...]:
        """An article, or some sentences that end with those of a line, with all that can be asked of them."""
        number, lines = len(self.news[name].texts), self.lines[name]
        view = list(range(number))
        if rng.random() > 0.35:
            places = rng.choice(lines).places or (0, 3)
            view = list(range(max(0, min(places) - rng.choice([0, 3])), min(number, max(places) + 1)))
        asked = [self.written(line, view) for line in lines if self._fits(line, view)]
        claims = [claim for claim in self.claims.get(name, []) if set(claim.places) <= set(view)]
        asked += [self.judged(c, view, c.places, c.true) for c in rng.sample(claims, min(8, len(claims)))]
        return self.pack(name, view, asked)

    def _fits(self, line: Line, view: list[int]) -> bool:
        return set(line.places) <= set(view) if line.places else view[:3] == [0, 1, 2]


class Writer(torch.nn.Module):
    """A language model with additions to its upper layers."""

    def __init__(self, model):
        super().__init__()
        from peft import LoraConfig, get_peft_model

        layers = list(range(FIRST, model.config.num_hidden_layers))
        settings = LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=list(PARTS), layers_to_transform=layers)
        get_peft_model(model, settings)
        self.model = model

    def forward(self, tokens, places, weights, seen) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Logits of the tokens that are learnt from, these tokens, and their weights."""
        states = self.model.model(input_ids=tokens, position_ids=places, attention_mask=seen, use_cache=False)
        at = weights.nonzero()[:, 0]
        return self.model.lm_head(states.last_hidden_state[0, at - 1]).float(), tokens[0, at], weights[at]


def odds(network: Writer, examples: Examples, claims: Sequence[Claim], rng: random.Random) -> np.ndarray:
    """Log odds of yes for claims beside up to four sentences, when told which decide; columns: odds, whether true."""
    yes, no = (examples.tokens(word)[0] for word in (YES, NO))
    found = []
    for claim in claims:
        number = len(examples.news[claim.article].texts)
        others = [i for i in range(number) if i not in claim.places]
        more = rng.sample(others, min(len(others), 4 - min(4, len(claim.places))))
        view = sorted([*claim.places, *more])
        asked = [examples.judged(claim, view, claim.places, claim.true)]
        with torch.inference_mode():
            logits = network(*examples.pack(claim.article, view, asked))[0][-1]
        found.append((float(logits[yes] - logits[no]), claim.true))
    return np.array(found)


def save(network: Writer, file: Path) -> None:
    """Write additions as llama.cpp reads them."""
    import gguf

    writer = gguf.GGUFWriter(file, "qwen2")
    writer.add_string("general.type", "adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", ALPHA)
    for name, values in halved(network).items():
        writer.add_tensor(_in_gguf(name), values.numpy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def go_on_from(network: Writer, file: Path) -> None:
    """Begin with additions that were saved."""
    import gguf

    kept = {tensor.name: torch.from_numpy(tensor.data.copy()) for tensor in gguf.GGUFReader(file).tensors}
    take_up(network, {name: kept[_in_gguf(name)] for name in learnt(network)})


def _in_gguf(name: str) -> str:
    """The name of an addition in GGUF."""
    layer, part, side = re.search(r"layers\.(\d+)\.\w+\.(\w+)\.lora_([AB])\.", name).groups()
    return f"blk.{layer}.{PARTS[part]}.weight.lora_{side.lower()}"


def train(
    out: Annotated[Path, Option(help="folder for the additions")],
    news: Annotated[Path, Option(help="folder of annotated news")] = Path("data/news"),
    claims: Annotated[Path, Option(help="folder of claims")] = Path("data/claims"),
    lines: Annotated[Path, Option(help="summary sentences")] = Path("data/summaries/train.txt"),
    start: Annotated[Path | None, Option(help="additions to go on from")] = None,
    kept: Annotated[int, Option(help="claims about articles that are kept out, to measure with")] = 100,
    minutes: float = 60.0,
) -> None:
    """Teach the generator of the profile `bundled` for so many minutes."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    torch.manual_seed(SEED)
    rng = random.Random(SEED)
    folder = Path(locate(load_profile().generator))
    file = {"pretrained_model_name_or_path": folder, "gguf_file": next(folder.glob("*.gguf")).name}
    tokenizer = AutoTokenizer.from_pretrained(**file)
    network = Writer(AutoModelForCausalLM.from_pretrained(**file, dtype=torch.bfloat16))
    if start:
        go_on_from(network, start)
    articles = {article.id: article for article in read_news(news)}
    known = [claim for part in claim_files(claims) for claim in read_claims(part)]
    parts = {part: [claim for claim in known if articles[claim.article].part == part] for part in ("train", "tune")}
    tuning = rng.sample(parts["tune"], min(kept, len(parts["tune"])))
    examples = Examples(tokenizer, parts["train"], list(read_lines(lines)), articles)
    begun = Examples(tokenizer, tuning, [], articles)
    names, writing = (batches(sorted(items), 1, rng) for items in (examples.claims, examples.lines))

    def losses() -> Iterator[torch.Tensor]:
        for _ in range(PACKS):
            written = rng.random() < 0.45
            [name] = next(writing if written else names)
            pack = examples.lines_pack if written else examples.claims_pack
            logits, tokens, weights = network(*pack(name, rng))
            yield (cross_entropy(logits, tokens, reduction="none") * weights).sum() / (12 * PACKS)

    def check(step: int) -> None:
        found = odds(network, begun, tuning, random.Random(SEED))
        print(f"step {step}, kept out: AUC {roc_auc_score(found[:, 1], found[:, 0]):.3f}", flush=True)
        save(network, out / ADDITION)

    out.mkdir(parents=True, exist_ok=True)
    learn(network, losses, check, 75, RATE, WARM_UP, minutes)


if __name__ == "__main__":
    typer.run(train)
