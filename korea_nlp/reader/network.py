"""The reader's network: one encoder, and small heads for what is read in a sentence or of two sentences."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import nn

SLOTS = 24
"""Actors and issues of a passage that the encoder can tell apart; further ones share a slot."""
WIDTH, ISSUE_WIDTH, SPEECH_WIDTH = 256, 128, 64
HEADS = 8
EMPTY = -1e4
LINEAR = r".*layer\.\d+\..*(query|key|value|dense|\.[qkvo])"
"""The layers of BERT and of MPNet that get low-rank additions."""


class Attention(nn.Module):
    """Queries, one for each pair, attend over the tokens of their passage (Vaswani et al. 2017)."""

    def __init__(self, width: int):
        super().__init__()
        self.before, self.after = nn.LayerNorm(width), nn.LayerNorm(width)
        self.query, self.key, self.value, self.out = (nn.Linear(width, width) for _ in range(4))
        self.inner, self.outer = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)

    def forward(self, queries, tokens, mask):
        """`queries` (passages, pairs, width), `tokens` (passages, length, width), `mask` (passages, length)."""
        q = _by_head(self.query(self.before(queries)))
        k, v = _by_head(self.key(tokens)), _by_head(self.value(tokens))
        heard = nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=mask[:, None, None])
        queries = queries + self.out(heard.transpose(1, 2).reshape(queries.shape))
        return queries + self.outer(nn.functional.gelu(self.inner(self.after(queries))))


def _by_head(values):
    """Shape (passages, heads, values, width / heads)."""
    return values.unflatten(-1, (HEADS, -1)).transpose(1, 2)


class Network(nn.Module):
    """Encoder and heads.

    A passage is a sentence with what comes before it. Each actor or issue of it has a slot, whose embedding is
    added to the tokens of its mentions, so that the encoder knows which words mean the same one. A mention is
    the mean of its tokens, an actor the logsumexp of its mentions (Zhou et al. 2021); a pair of them asks the
    tokens, and is scored as favor, against or none.
    """

    def __init__(self, encoder: nn.Module):
        super().__init__()
        size = encoder.config.hidden_size
        self.encoder = encoder
        self.words = encoder.get_input_embeddings()
        self.slot = nn.Embedding(SLOTS + 1, size, padding_idx=0)
        nn.init.normal_(self.slot.weight, std=0.02)
        self.general = nn.Parameter(torch.randn(2, size) * 0.02)  # the author, and the sentence as a whole
        self.token, self.holder, self.target, self.both = (nn.Linear(size, WIDTH) for _ in range(4))
        self.layers = nn.ModuleList(Attention(WIDTH) for _ in range(2))
        self.stance = nn.Sequential(nn.LayerNorm(WIDTH), nn.Linear(WIDTH, 3))
        self.two = nn.Sequential(nn.Linear(size, WIDTH), nn.Tanh(), nn.Linear(WIDTH, 6))

    def forward(self, ids, mask, slots, mentions, of, pairs):
        """Logits of favor, against, none, shape (pairs, 3).

        `ids`, `mask` and `slots` are of shape (passages, length). `mentions` are (passage, first token, last
        token + 1), `of` the actor of each. `pairs` are (passage, holder, target), by passage, the last two actors; a
        holder of -1 is the author, of -2 the sentence as a whole.
        """
        states = self._states(ids, mask, slots)
        actors = _actors(states, mentions, of)
        row, holder, target = pairs.T.contiguous()
        first = states[:, 0].float()[row]
        others = first + self.general[(-1 - holder).clamp(0, 1)]
        h = torch.where((holder >= 0)[:, None], actors[holder.clamp_min(0)], others)
        t = actors[target]
        asked = self.holder(h) + self.target(t) + self.both(h * t)
        nth = torch.arange(len(row), device=row.device) - torch.searchsorted(row, row)
        queries = asked.new_zeros(len(states), int(nth.max()) + 1, WIDTH).index_put((row, nth), asked)
        tokens = self.token(states)
        for layer in self.layers:
            queries = layer(queries, tokens, mask.bool())
        return self.stance(queries[row, nth]).float()

    def sentence_pair(self, ids, mask):
        """Logits of two sentences, shape (batch, 6).

        Three of entailment, neutral, contradiction; three of what the first thinks of the second: favor,
        against, none.
        """
        return self.two(self._states(ids, mask)[:, 0]).float()

    def _states(self, ids, mask, slots=None):
        """Token states, shape (batch, length, size)."""
        embedded = self.words(ids).float()
        if slots is not None:
            embedded = embedded + self.slot(slots)
        return self.encoder(inputs_embeds=embedded, attention_mask=mask).last_hidden_state


def _actors(states, mentions, of):
    """Each actor as the logsumexp of its mentions, and those as the mean of their tokens."""
    return logsumexp(_means(states, mentions), of, int(of.max()) + 1)


def logsumexp(values, group, count: int):
    """Of the rows of each group, shape (count, columns)."""
    index = group[:, None].expand_as(values)
    top = torch.full((count, values.shape[1]), EMPTY, device=values.device)
    top = top.scatter_reduce(0, index, values, "amax").detach()
    total = torch.zeros_like(top).scatter_add(0, index, torch.exp(values - top[group]))
    return top + torch.log(total.clamp_min(1e-9))


def _means(states, spans):
    """Means of token states, shape (spans, size); `spans` are (row, first token, last token + 1)."""
    sums = torch.cumsum(nn.functional.pad(states.float(), (0, 0, 1, 0)), dim=1)
    row, first, last = spans.T
    return (sums[row, last] - sums[row, first]) / (last - first)[:, None]


class Given(nn.Module):
    """In place of embeddings: states that lower layers have made."""

    def forward(self, inputs_embeds, **_):
        return inputs_embeds


def _with_layers_of(encoder: nn.Module) -> nn.Module:
    """Another encoder of the same parts, of which each can be exchanged."""
    other = copy.copy(encoder)
    other._modules = dict(encoder._modules, encoder=copy.copy(encoder.encoder))
    other.encoder._modules = dict(encoder.encoder._modules)
    return other


class Parted(nn.Module):
    """The reader's lower layers, in the same memory, and upper ones: the base's, with low-rank additions."""

    def __init__(self, encoder: nn.Module, plain: nn.ModuleList, rank: int, layers: int):
        super().__init__()
        self.below, above = (_with_layers_of(encoder) for _ in range(2))
        self.below.encoder.layer = encoder.encoder.layer[:-layers]
        self.below.requires_grad_(False)
        above.encoder.layer = copy.deepcopy(plain[-layers:])
        above.embeddings = Given()
        self.above = with_additions(above, rank)

    def lower(self, ids, mask):
        """Token states after the lower layers, shape (batch, length, size)."""
        return self.below(input_ids=ids, attention_mask=mask).last_hidden_state


class Checker(Parted):
    """Whether a claim follows from a text: the reader's lower layers, upper layers of its own, and a head."""

    def __init__(self, encoder: nn.Module, plain: nn.ModuleList, rank: int, layers: int):
        super().__init__(encoder, plain, rank, layers)
        size = encoder.config.hidden_size
        self.head = nn.Sequential(nn.Linear(2 * size, WIDTH), nn.Tanh(), nn.Linear(WIDTH, 2))

    def judge(self, states, mask):
        """Logits of yes and no, shape (batch, 2)."""
        states = self.above(inputs_embeds=states, attention_mask=mask).last_hidden_state.float()
        mean = (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        return self.head(torch.cat([states[:, 0], mean], -1))

    def forward(self, ids, mask):
        return self.judge(self.lower(ids, mask), mask)


def with_additions(encoder: nn.Module, rank: int) -> nn.Module:
    """The encoder, frozen, with low-rank additions (LoRA, Hu et al. 2021) that can be learnt."""
    from peft import LoraConfig, get_peft_model

    return get_peft_model(encoder, LoraConfig(r=rank, lora_alpha=rank, target_modules=LINEAR))


def build_on(kind: type, encoder: nn.Module, plain: nn.ModuleList, weights: dict[str, torch.Tensor], **more):
    """A trained `Checker` or `Linking`, on the lower layers of a reader's encoder and the upper ones of its base."""
    lora = [name for name in weights if "lora_A" in name]
    layers = len({re.search(r"layer\.(\d+)", name)[1] for name in lora})
    network = kind(encoder, plain, weights[lora[0]].shape[0], layers, **more)
    network.load_state_dict({name: values.float() for name, values in weights.items()}, strict=False)
    network.above = network.above.merge_and_unload()
    return network


class Pairs(nn.Module):
    """Scores of two words of an article, from their states and whole-number features of the two."""

    def __init__(self, features: Sequence[int], out: int, dropout: float):
        super().__init__()
        self.one, self.other, self.both = (nn.Linear(WIDTH, WIDTH) for _ in range(3))
        self.features = nn.ModuleList(nn.Embedding(size, WIDTH) for size in features)
        for embedding in self.features:
            nn.init.normal_(embedding.weight, std=0.02)
        self.out = nn.Sequential(
            nn.GELU(), nn.Dropout(dropout), nn.Linear(WIDTH, WIDTH), nn.GELU(), nn.Linear(WIDTH, out)
        )
        nn.init.constant_(self.out[-1].bias, -3.0)

    def forward(self, states, one, other, features):
        """Logits, shape (pairs, out), of words `one` and `other`, places in `states`; `features` (pairs, kinds)."""
        mixed = self.one(states)[one] + self.other(states)[other] + self.both(states[one] * states[other])
        for column, embedding in zip(features.T, self.features, strict=True):
            mixed = mixed + embedding(column)
        return self.out(mixed).float()


class Linking(Parted):
    """Heads that read the words of a whole article, on the reader's lower layers and upper layers of their own.

    The words of a name get the embedding of its actor's slot between the two, so that the upper layers know which
    names are one actor's. `sizes` says how many there are: tags, relations, categories, issues, and values of each
    feature.
    """

    def __init__(
        self, encoder: nn.Module, plain: nn.ModuleList, rank: int, layers: int, sizes: Mapping, dropout: float = 0.0
    ):
        super().__init__(encoder, plain, rank, layers)
        size = encoder.config.hidden_size
        self.slot = nn.Embedding(SLOTS + 1, size)  # the first: no name
        self.tag, self.relation = (nn.Embedding(sizes[kind] + 1, WIDTH) for kind in ("tags", "relations"))
        for embedding in (self.slot, self.tag, self.relation):
            nn.init.normal_(embedding.weight, std=0.02)
        self.word, self.norm, self.drop = nn.Linear(size, WIDTH), nn.LayerNorm(WIDTH), nn.Dropout(dropout)
        self.mention, self.trigger = (
            nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.GELU(), nn.Linear(WIDTH, out)) for out in (1, sizes["categories"])
        )
        self.link, self.argument = (Pairs(sizes["features"], out, dropout) for out in (1, 2))
        self.issue = nn.Sequential(
            nn.LayerNorm(size + WIDTH), nn.Dropout(dropout), nn.Linear(size + WIDTH, ISSUE_WIDTH), nn.GELU(),
            nn.Dropout(dropout), nn.Linear(ISSUE_WIDTH, sizes["issues"]),
        )  # fmt: skip
        self.speech = nn.Sequential(
            nn.LayerNorm(size + WIDTH), nn.Dropout(dropout), nn.Linear(size + WIDTH, SPEECH_WIDTH), nn.GELU(),
            nn.Dropout(dropout), nn.Linear(SPEECH_WIDTH, 1),
        )  # fmt: skip
        nn.init.constant_(self.issue[-1].bias, -5.0)
        nn.init.constant_(self.speech[-1].bias, -5.0)

    def forward(self, lower, mask, slots, words, tags, relations):
        """States of words, shape (words, WIDTH).

        `lower`, `mask` and `slots` are of shape (windows, length); `words` are (window, first token, last + 1).
        """
        states = self.above(inputs_embeds=lower + self.slot(slots).to(lower.dtype), attention_mask=mask)
        means = _means(states.last_hidden_state, words)
        return self.drop(self.norm(self.word(means) + self.tag(tags) + self.relation(relations)))

    def both(self, lower, words, states):
        """What `issue` and `speech` read of each word: its state after the lower layers beside that of `forward`."""
        return torch.cat([_means(lower, words), states.float()], -1)


def load_encoder(base: Path, dropout: float = 0.0):
    """Tokenizer and encoder of a base."""
    from transformers import AutoModel, AutoTokenizer

    encoder = AutoModel.from_pretrained(
        base, add_pooling_layer=False, use_safetensors=True, dtype="float32",
        hidden_dropout_prob=dropout, attention_probs_dropout_prob=dropout,
    )  # fmt: skip
    return AutoTokenizer.from_pretrained(base), encoder


def build(encoder: nn.Module, rank: int) -> Network:
    """A base encoder with low-rank additions, and fresh heads."""
    network = Network(with_additions(encoder, rank))
    network.words.requires_grad_(False)
    return network
