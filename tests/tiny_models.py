"""Checkpoints of the real architectures with a few random weights, made in a second."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

WORDS = [
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "a", "of", "and", "to", "in", "is", "was", "by", "north",
    "south", "korea", "russia", "japan", "experts", "author", "supports", "opposes", "praised", "criticized",
    "dialogue", "talks", "move", ".", ",", "*", "#", "'", '"', "?", "!",
]  # fmt: skip


def tokenizer(folder: Path) -> None:
    """A word-level tokenizer, enough to tell one pair of sentences from another."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    fast = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
    fast.normalizer = normalizers.Lowercase()
    fast.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Whitespace(), pre_tokenizers.Punctuation()])
    fast.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    PreTrainedTokenizerFast(
        tokenizer_object=fast, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]",
        mask_token="?", bos_token="[CLS]", eos_token="[SEP]", model_max_length=128,
    ).save_pretrained(folder)  # fmt: skip


def classifier(folder: Path, architecture: str = "bert", labels=("entailment", "neutral", "contradiction")) -> Path:
    """A sequence-pair classifier: ``bert`` or ``deberta``."""
    import torch
    from transformers import (
        BertConfig,
        BertForSequenceClassification,
        DebertaV2Config,
        DebertaV2ForSequenceClassification,
    )

    torch.manual_seed(0)
    kind, config = {
        "bert": (BertForSequenceClassification, BertConfig),
        "deberta": (DebertaV2ForSequenceClassification, DebertaV2Config),
    }[architecture]
    names = dict(enumerate(labels))
    model = kind(config(
        vocab_size=len(WORDS), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=16, max_position_embeddings=130, id2label=names,
        label2id={v: k for k, v in names.items()}, pad_token_id=0, initializer_range=1.0,
    ))  # fmt: skip
    model.save_pretrained(folder)
    tokenizer(folder)
    return folder


def encoder(folder: Path) -> Path:
    """A small BERT without a head."""
    import torch
    from transformers import BertConfig, BertModel

    torch.manual_seed(0)
    BertModel(BertConfig(
        vocab_size=len(WORDS), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=16, max_position_embeddings=260, initializer_range=0.5,
    )).save_pretrained(folder)  # fmt: skip
    tokenizer(folder)
    return folder


def reader(folder: Path, base: Path) -> Path:
    """What training would have saved: random additions to a base, and no calibration."""
    import json

    import torch
    from safetensors.torch import save_file

    from korea_nlp.reader.network import build, load_encoder
    from korea_nlp.training.loop import learnt

    torch.manual_seed(0)
    folder.mkdir(parents=True)
    weights = {name: torch.randn_like(p) * 0.2 for name, p in learnt(build(load_encoder(base)[1], 2)).items()}
    save_file(weights, folder / "reader.safetensors")
    (folder / "reader.json").write_text(json.dumps({"calibration": {}}))
    return folder


def linking(adapter: Path, base: Path) -> None:
    """What training references and events would have saved, beside the weights of a reader."""
    import torch
    from safetensors.torch import save_file

    from korea_nlp.reader import LINKS, load_reader
    from korea_nlp.reader.linker import SIZES
    from korea_nlp.reader.network import Linking, load_encoder
    from korea_nlp.training.loop import learnt

    torch.manual_seed(0)
    plain = load_encoder(base)[1].encoder.layer
    network = Linking(load_reader(base, adapter).network.encoder, plain, 2, 1, SIZES)
    save_file({name: torch.randn_like(p) * 0.5 for name, p in learnt(network).items()}, adapter / LINKS)


@cache
def words_tokenizer():
    """The tokenizer of the tiny checkpoints."""
    from transformers import AutoTokenizer

    with TemporaryDirectory() as folder:
        tokenizer(Path(folder))
        return AutoTokenizer.from_pretrained(folder)


def embedding(folder: Path) -> Path:
    """A sentence-transformers model over a small BERT."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer import modules
    from transformers import BertConfig, BertModel

    torch.manual_seed(0)
    inner = folder.parent / f"{folder.name}-bert"
    BertModel(BertConfig(
        vocab_size=len(WORDS), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=16, max_position_embeddings=130,
    )).save_pretrained(inner)  # fmt: skip
    tokenizer(inner)
    word = modules.Transformer(str(inner), max_seq_length=64)
    SentenceTransformer(modules=[word, modules.Pooling(16)], device="cpu").save(str(folder))
    return folder


def generator(folder: Path) -> Path:
    """A text generator, sequence to sequence."""
    import torch
    from transformers import BartConfig, BartForConditionalGeneration

    torch.manual_seed(0)
    BartForConditionalGeneration(BartConfig(
        vocab_size=len(WORDS), d_model=16, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2,
        decoder_attention_heads=2, encoder_ffn_dim=16, decoder_ffn_dim=16, max_position_embeddings=130,
        pad_token_id=0, bos_token_id=2, eos_token_id=3, decoder_start_token_id=3, forced_eos_token_id=3,
    )).save_pretrained(folder)  # fmt: skip
    tokenizer(folder)
    return folder


def language(folder: Path) -> Path:
    """A blank English pipeline that splits sentences at full stops."""
    import spacy

    pipeline = spacy.blank("en")
    pipeline.add_pipe("sentencizer")
    pipeline.to_disk(folder)
    return folder


def profile(folder: Path, entailment: Path | str | None = None) -> Path:
    """A profile file of four tiny checkpoints; `entailment` is a folder, or a value as TOML has it."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = {
        "language": language(folder / "language"),
        "embedding": embedding(folder / "embedding"),
        "generator": generator(folder / "generator"),
        "entailment": entailment or classifier(folder / "entailment"),
    }
    file = folder / "tiny.toml"
    inline = {role: path if isinstance(path, str) else f'"{path.as_posix()}"' for role, path in parts.items()}
    file.write_text("".join(f"{role} = {value}\n" for role, value in inline.items()))
    return file
