"""The trained reader: a sentence goes in once, in its context, and who stands where comes out for all pairs."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from scipy.special import softmax

from korea_nlp.reader.linker import SIZES, Links, read_links
from korea_nlp.reader.words import Words

AUTHOR, SENTENCE = -1, -2
"""Holders beside the actors of a passage: the writer, and the sentence's polarity as a whole."""
WEIGHTS, LINKS, SETTINGS = "reader.safetensors", "linker.safetensors", "reader.json"
CHECKER = "checker."
"""How the names of weights begin that check claims."""
MAX_TOKENS = 256
MAX_CONTEXT = 64
BATCH = 8
STEP = 8  # tokens by which batches differ in length: of few shapes, kernels keep little
_NOWHERE = (10**9, -1)  # the span of a token that stands for no characters


@dataclass
class Passage:
    """A sentence, what comes before it, and what is asked about it.

    `mentions` are (start, end, actor): characters of `text`, negative ones of `context` counted from its end, and a
    number from 0. `pairs` are (holder, target), such numbers; the holder can be `AUTHOR` or `SENTENCE`. The words of
    `hidden` actors the model does not get to see. Where all is quoted, it is `spoken`: `AUTHOR` is whoever speaks.
    """

    context: str
    text: str
    mentions: list[tuple[int, int, int]] = field(default_factory=list)
    pairs: list[tuple[int, int]] = field(default_factory=list)
    hidden: frozenset[int] = frozenset()
    spoken: bool = False


@dataclass
class Encoded:
    """Token ids of a passage, its mentions as (first, last + 1, actor) of them, and where its sentence begins."""

    ids: list[int]
    mentions: list[tuple[int, int, int]]
    offset: int


def encode(tokenizer, passages: Sequence[Passage], most: int = MAX_TOKENS) -> list[Encoded]:
    """Tokens of passages; of a long context the end is kept, of a long sentence the beginning."""
    texts, contexts = (
        tokenizer(part, add_special_tokens=False, return_offsets_mapping=True)
        for part in ([p.text for p in passages], [p.context for p in passages])
    )
    found = []
    for n, passage in enumerate(passages):
        ids, spans = texts["input_ids"][n][: most - 3], texts["offset_mapping"][n][: most - 3]
        context, length = contexts["input_ids"][n], len(passage.context)
        cut = len(context) - min(MAX_CONTEXT, most - 3 - len(ids), len(context))
        whole, places = [tokenizer.cls_token_id, *context[cut:]], [_NOWHERE]
        places += [(start - length, end - length) for start, end in contexts["offset_mapping"][n][cut:]]
        if context[cut:]:
            whole.append(tokenizer.sep_token_id)
            places.append(_NOWHERE)
        offset = len(whole)
        whole += [*ids, tokenizer.sep_token_id]
        starts, ends = np.array([*places, *spans, _NOWHERE]).T
        mentions = []
        for start, end, actor in passage.mentions:
            inside = np.flatnonzero((ends > start) & (starts < end))
            if len(inside):
                first, last = int(inside[0]), int(inside[-1]) + 1
                mentions.append((first, last, actor))
                if actor in passage.hidden:
                    whole[first:last] = [tokenizer.mask_token_id] * (last - first)
        found.append(Encoded(whole, mentions, offset))
    return found


def collate(
    encoded: Sequence[Encoded], pad: int, slots: Sequence[dict[int, int]] | None = None
) -> tuple[dict, dict[tuple[int, int], int]]:
    """Tensors of a batch, as `Network.forward` takes them, and the place of each (passage, actor) among its actors.

    `slots` says which slot each actor of a passage gets; without it, by their numbers. An actor that has no
    mention in the sentence itself is read from its mentions in the context.
    """
    import torch

    from korea_nlp.reader.network import SLOTS

    length = -(-max(len(e.ids) for e in encoded) // STEP) * STEP
    ids, mask, marks = np.full((len(encoded), length), pad), *np.zeros((2, len(encoded), length), dtype=int)
    mentions, of, place = [], [], {}
    for row, each in enumerate(encoded):
        ids[row, : len(each.ids)] = each.ids
        mask[row, : len(each.ids)] = 1
        here = {actor for first, _, actor in each.mentions if first >= each.offset}
        for first, last, actor in each.mentions:
            marks[row, first:last] = slots[row][actor] if slots else 1 + actor % SLOTS
            if first >= each.offset or actor not in here:
                mentions.append((row, first, last))
                of.append(place.setdefault((row, actor), len(place)))
    arrays = {"ids": ids, "mask": mask, "slots": marks, "mentions": np.reshape(mentions, (-1, 3)), "of": of}
    return {name: torch.as_tensor(np.asarray(values, dtype=np.int64)) for name, values in arrays.items()}, place


def readable_pairs(passages: Sequence[Passage], place: dict[tuple[int, int], int]) -> list[tuple[int, int, int, int]]:
    """The pairs of passages of which both have tokens.

    (passage, number of the pair in it, holder, target), the last two as places among the batch's actors.
    """
    return [
        (row, n, holder if holder < 0 else place[row, holder], place[row, target])
        for row, passage in enumerate(passages)
        for n, (holder, target) in enumerate(passage.pairs)
        if (holder < 0 or (row, holder) in place) and (row, target) in place
    ]


def in_batches(
    tokenizer, model: Callable, pairs: Sequence[tuple[str, str]], size: int = BATCH, device: str = "cpu",
    most: int = MAX_TOKENS,
) -> np.ndarray:  # fmt: skip
    """What a model says of pairs of texts, a row for each pair, asked in batches of like length.

    `model` gets the tensors of a batch by name and returns one tensor, a row for each pair.
    """
    import torch

    premises, hypotheses = (list(texts) for texts in zip(*pairs, strict=True))
    encoded = tokenizer(premises, hypotheses, truncation="longest_first", max_length=most)
    order = sorted(range(len(pairs)), key=lambda n: len(encoded["input_ids"][n]))
    answers = []
    with torch.inference_mode():
        for start in range(0, len(order), size):
            chosen = order[start : start + size]
            batch = {name: [values[n] for n in chosen] for name, values in encoded.items()}
            batch = tokenizer.pad(batch, pad_to_multiple_of=STEP, return_tensors="pt").to(device)
            answers.append(model(**batch).cpu().numpy())
    return np.concatenate(answers)[np.argsort(order)]


def kind_of(holder: int, spoken: bool = False) -> str:
    """What kind of question a holder makes: ``actor``, ``author`` or ``sentence``; each is calibrated by itself.

    Who speaks is an actor.
    """
    return {AUTHOR: "actor" if spoken else "author", SENTENCE: "sentence"}.get(holder, "actor")


class Reader:
    """Tokenizer and network, ready to be asked."""

    def __init__(self, tokenizer, network, device: str = "cpu"):
        self.tokenizer, self.network, self.device = tokenizer, network, device
        self.size = BATCH if device == "cpu" else 8 * BATCH

    def stances(self, passages: Sequence[Passage]) -> list[np.ndarray]:
        """Logits of favor, against, none of each passage's pairs, shape (pairs, 3) each.

        Whoever is mentioned only beyond `MAX_TOKENS` takes no side.
        """
        import torch

        found = [np.tile([0.0, 0.0, 9.0], (len(p.pairs), 1)) for p in passages]
        encoded = encode(self.tokenizer, passages)
        order = sorted(range(len(encoded)), key=lambda n: len(encoded[n].ids))
        for start in range(0, len(order), self.size):
            chosen = order[start : start + self.size]
            batch, place = collate([encoded[n] for n in chosen], self.tokenizer.pad_token_id)
            asked = readable_pairs([passages[n] for n in chosen], place)
            if not asked:
                continue
            batch["pairs"] = torch.tensor([(row, holder, target) for row, _, holder, target in asked])
            with torch.inference_mode():
                batch = {name: values.to(self.device) for name, values in batch.items()}
                logits = self.network(**batch).cpu().numpy()
            for (row, n, *_), values in zip(asked, logits, strict=True):
                found[chosen[row]][n] = values
        return found

    def sentence_pairs(self, pairs: Sequence[tuple[str, str]]) -> np.ndarray:
        """Logits of pairs of sentences, shape (pairs, 6): see `Network.sentence_pair`."""
        return self._ask(self.network.sentence_pair, pairs)

    def claims(self, pairs: Sequence[tuple[str, str]]) -> np.ndarray:
        """Logits of whether a text supports a claim, yes and no, shape (pairs, 2): see `Checker`."""
        return self._ask(self.network.checker, pairs)

    def links(self, words: Words) -> Links:
        """Whom the words of an article stand for, and its events; nobody where this was not learnt."""
        linking = getattr(self.network, "linking", None)
        return read_links(linking, self.tokenizer, words, self.device) if linking is not None else Links()

    def _ask(self, model: Callable, pairs: Sequence[tuple[str, str]]) -> np.ndarray:
        def answer(input_ids, attention_mask, **_):
            return model(input_ids, attention_mask)

        return in_batches(self.tokenizer, answer, pairs, self.size, self.device)


def load_reader(base: Path, adapter: Path, device: str = "cpu") -> Reader:
    """The reader whose additions to a base encoder lie in a folder."""
    from safetensors.torch import load_file

    from korea_nlp.reader.network import Checker, Linking, build, build_on, load_encoder

    weights = {name: values.float() for name, values in load_file(adapter / WEIGHTS).items()}
    checking = {name.removeprefix(CHECKER): weights.pop(name) for name in list(weights) if name.startswith(CHECKER)}
    rank = next(values.shape[0] for name, values in weights.items() if "lora_A" in name)
    tokenizer, encoder = load_encoder(base)
    plain = copy.deepcopy(encoder.encoder.layer)
    network = build(encoder, rank)
    network.load_state_dict(weights, strict=False)
    network.encoder = network.encoder.merge_and_unload()
    if checking:
        network.checker = build_on(Checker, network.encoder, plain, checking)
    if (adapter / LINKS).exists():
        network.linking = build_on(Linking, network.encoder, plain, load_file(adapter / LINKS), sizes=SIZES)
    return Reader(tokenizer, network.eval().to(device), device)


def scaled(logits: np.ndarray, kinds: Sequence[str], settings: dict[str, dict]) -> np.ndarray:
    """Probabilities by vector scaling (Guo et al. 2017): one temperature and three biases for each kind."""
    kinds = np.asarray(kinds, dtype=object)
    found = np.array(logits, dtype=float)
    for kind in set(kinds):
        here = settings.get(kind, {"temperature": 1.0, "bias": [0.0, 0.0, 0.0]})
        found[kinds == kind] = found[kinds == kind] / here["temperature"] + np.array(here["bias"])
    return softmax(found, axis=1)
