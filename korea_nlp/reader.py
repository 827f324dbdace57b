"""The trained reader: a sentence goes in once, in its context, and who stands where comes out for all pairs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

AUTHOR, SENTENCE = -1, -2
"""Holders beside the actors of a passage: the writer, and the sentence's polarity as a whole."""
WEIGHTS, SETTINGS = "reader.safetensors", "reader.json"
CHECKER = "checker."
"""How the names of the weights begin that check claims."""
MAX_TOKENS = 256
MAX_CONTEXT = 64
BATCH = 8
STEP = 8  # tokens by which batches differ in length: of few shapes, kernels keep little


@dataclass
class Passage:
    """A sentence, what comes before it, and what is asked about it.

    Attributes
    ----------
    context, text
        The sentences before it, and the sentence.
    mentions
        (start, end, actor): characters of `text`, negative ones of `context` counted from its end; `actor` is a
        number from 0.
    pairs
        (holder, target): numbers of actors; the holder can be `AUTHOR` or `SENTENCE`.
    hidden
        Actors whose words the model does not get to see.
    """

    context: str
    text: str
    mentions: list[tuple[int, int, int]] = field(default_factory=list)
    pairs: list[tuple[int, int]] = field(default_factory=list)
    hidden: frozenset[int] = frozenset()


@dataclass
class Encoded:
    """Token ids of a passage, its mentions as (first, last + 1, actor) of them, and where its sentence begins."""

    ids: list[int]
    mentions: list[tuple[int, int, int]]
    offset: int


def encode(tokenizer, passages: Sequence[Passage], most: int = MAX_TOKENS) -> list[Encoded]:
    """Tokens of passages; of a long context the end is kept, of a long sentence the beginning."""
    texts = tokenizer([p.text for p in passages], add_special_tokens=False, return_offsets_mapping=True)
    before = tokenizer([p.context for p in passages], add_special_tokens=False, return_offsets_mapping=True)
    found = []
    for n, passage in enumerate(passages):
        ids, offsets = texts["input_ids"][n][: most - 3], texts["offset_mapping"][n][: most - 3]
        room = max(min(MAX_CONTEXT, most - 3 - len(ids)), 0)
        length = len(passage.context)
        context = before["input_ids"][n][-room:] if room else []
        places = [(s - length, e - length) for s, e in before["offset_mapping"][n][-room:]] if room else []
        beginning = [tokenizer.cls_token_id, *context, *([tokenizer.sep_token_id] if context else [])]
        whole = [*beginning, *ids, tokenizer.sep_token_id]
        starts = np.array([s for s, _ in places] + [s for s, _ in offsets], dtype=int)
        ends = np.array([e for _, e in places] + [e for _, e in offsets], dtype=int)
        cut = len(places)

        def tokens(start: int, end: int, starts=starts, ends=ends, cut=cut, context=context):
            inside = np.flatnonzero((ends > start) & (starts < end))
            if not len(inside):
                return None
            shift = 1 if inside[0] < cut else 1 + bool(context)
            return int(inside[0]) + shift, int(inside[-1]) + shift + 1

        mentions = [(*place, actor) for s, e, actor in passage.mentions if (place := tokens(s, e))]
        for first, last, actor in mentions:
            if actor in passage.hidden:
                whole[first:last] = [tokenizer.mask_token_id] * (last - first)
        found.append(Encoded(whole, mentions, len(beginning)))
    return found


def collate(encoded: Sequence[Encoded], pad: int, slots: Sequence[dict[int, int]] | None = None) -> dict:
    """Tensors of a batch: ids, mask, slots, and the mentions of each sentence's actors.

    `slots` says which slot each actor of a passage gets; without it, by their numbers. An actor that has no
    mention in the sentence itself is read from its mentions in the context.
    """
    import torch

    from korea_nlp.network import SLOTS

    length = -(-max(len(e.ids) for e in encoded) // STEP) * STEP
    ids = np.full((len(encoded), length), pad)
    mask = np.zeros((len(encoded), length), dtype=int)
    marks = np.zeros((len(encoded), length), dtype=int)
    mentions, of, place = [], [], {}
    for row, each in enumerate(encoded):
        ids[row, : len(each.ids)] = each.ids
        mask[row, : len(each.ids)] = 1
        here = {actor for first, _, actor in each.mentions if first >= each.offset}
        for first, last, actor in each.mentions:
            slot = slots[row][actor] if slots else 1 + actor % SLOTS
            marks[row, first:last] = slot
            if first >= each.offset or actor not in here:
                if (row, actor) not in place:
                    place[row, actor] = len(place)
                mentions.append((row, first, last))
                of.append(place[row, actor])
    tensors = {
        "ids": ids,
        "mask": mask,
        "slots": marks,
        "mentions": np.reshape(mentions, (-1, 3)),
        "of": of,
    }
    batch = {name: torch.as_tensor(np.asarray(values, dtype=np.int64)) for name, values in tensors.items()}
    return batch | {"place": place}


class Reader:
    """Tokenizer and network, ready to be asked."""

    def __init__(self, tokenizer, network, device: str = "cpu", batch: int = BATCH):
        self.tokenizer, self.network, self.device, self.batch = tokenizer, network, device, batch

    def _batches(self, passages: Sequence[Passage]) -> Iterator[tuple[list[int], list[Encoded], dict]]:
        """Passages in batches of like length: their places, tokens and tensors."""
        encoded = encode(self.tokenizer, passages)
        order = sorted(range(len(encoded)), key=lambda n: len(encoded[n].ids))
        for i in range(0, len(order), self.batch):
            chosen = order[i : i + self.batch]
            here = [encoded[n] for n in chosen]
            batch = collate(here, self.tokenizer.pad_token_id)
            yield chosen, here, {k: v.to(self.device) if k != "place" else v for k, v in batch.items()}

    def _read(self, batch: dict):
        states = self.network.states(batch["ids"], batch["mask"], batch["slots"]).float()
        actors = self.network.actors(self.network.pooled(states, batch["mentions"]), batch["of"], len(batch["place"]))
        return states, actors

    def stances(self, passages: Sequence[Passage]) -> list[np.ndarray]:
        """Logits of favor, against, none of each passage's pairs, shape (pairs, 3) each."""
        import torch

        found = [np.tile([0.0, 0.0, 9.0], (len(p.pairs), 1)) for p in passages]
        with torch.inference_mode():
            for chosen, _, batch in self._batches(passages):
                place = batch["place"]
                asked = [
                    (row, n, at)
                    for row, n in enumerate(chosen)
                    for at, (h, t) in enumerate(passages[n].pairs)
                    if (h < 0 or (row, h) in place) and (row, t) in place
                ]
                if not asked:
                    continue
                states, actors = self._read(batch)
                pairs = [(h if h < 0 else place[row, h], place[row, t], row)
                         for row, n, at in asked for h, t in [passages[n].pairs[at]]]  # fmt: skip
                columns = torch.as_tensor(pairs, device=self.device).T
                logits = self.network.stances(states, batch["mask"], actors, *columns).cpu().numpy()
                for (_, n, at), values in zip(asked, logits, strict=True):
                    found[n][at] = values
        return found

    def sentence_pairs(self, premises: Sequence[str], hypotheses: Sequence[str]) -> np.ndarray:
        """Logits of pairs of sentences, shape (pairs, 6): see `Network.sentence_pair`."""
        return self._pairs(self.network.sentence_pair, premises, hypotheses)

    def claims(self, texts: Sequence[str], claims: Sequence[str]) -> np.ndarray:
        """Logits of whether each text supports its claim, yes and no, shape (pairs, 2): see `Checker`."""
        return self._pairs(self.network.checker, texts, claims)

    def _pairs(self, ask: Callable, premises: Sequence[str], hypotheses: Sequence[str]) -> np.ndarray:
        import torch

        encoded = self.tokenizer(list(premises), list(hypotheses), truncation="longest_first", max_length=MAX_TOKENS)
        order = sorted(range(len(premises)), key=lambda n: len(encoded["input_ids"][n]))
        found: list = [None] * len(order)
        with torch.inference_mode():
            for i in range(0, len(order), self.batch):
                chosen = order[i : i + self.batch]
                batch = {name: [encoded[name][n] for n in chosen] for name in ("input_ids", "attention_mask")}
                batch = self.tokenizer.pad(batch, pad_to_multiple_of=STEP, return_tensors="pt").to(self.device)
                logits = ask(batch["input_ids"], batch["attention_mask"]).cpu().numpy()
                for n, values in zip(chosen, logits, strict=True):
                    found[n] = values
        return np.array(found)


def load_reader(base: Path, adapter: Path, device: str = "cpu", batch: int = BATCH) -> Reader:
    """The reader whose additions to a base encoder lie in a folder."""
    from safetensors.torch import load_file

    from korea_nlp.network import build, build_checker

    weights = {name: values.float() for name, values in load_file(adapter / WEIGHTS).items()}
    checking = {name.removeprefix(CHECKER): weights.pop(name) for name in list(weights) if name.startswith(CHECKER)}
    rank = next(values.shape[0] for name, values in weights.items() if "lora_A" in name)
    tokenizer, network = build(base, rank)
    network.load_state_dict(weights, strict=False)
    network.encoder = network.encoder.merge_and_unload()
    if checking:
        network.checker = build_checker(network.encoder, checking)
    return Reader(tokenizer, network.eval().to(device), device, batch)


def scaled(logits: np.ndarray, kinds: Sequence[str], settings: dict[str, dict]) -> np.ndarray:
    """Probabilities by vector scaling (Guo et al. 2017): one temperature and three biases for each kind."""
    kinds = np.asarray(kinds, dtype=object)
    found = np.array(logits, dtype=float)
    for kind in set(kinds):
        here = settings.get(kind, {"temperature": 1.0, "bias": [0.0, 0.0, 0.0]})
        found[kinds == kind] = found[kinds == kind] / here["temperature"] + np.array(here["bias"])
    odds = np.exp(found - found.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)
