"""The four models of a profile, on random checkpoints of the real architectures."""

import numpy as np
import pytest
import tiny_models

from korea_nlp.errors import WeightsError
from korea_nlp.models import embed, entail, generator, language
from korea_nlp.models.generator import generate, write_headline
from korea_nlp.models.weights import load_profile

PREMISES = ["Korea praised Russia.", "Experts criticized the move.", "Korea praised Russia."]
HYPOTHESES = ["Korea supports Russia.", "Korea opposes Russia.", "Korea supports Russia."]


def profile_of(folder, *settings, **more):
    """A profile whose own part is the entailment model alone."""
    model, file = tiny_models.classifier(folder / "nli", *settings, **more), folder / "own.toml"
    file.write_text(f'entailment = "{model.as_posix()}"\n')
    return file


def test_embeddings_have_length_one_and_keep_the_order(tiny_models_profile):
    vectors = embed(["the north", "talks", "the north"], tiny_models_profile)
    assert vectors.shape == (3, 16)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(vectors[0], vectors[2], atol=1e-5)
    assert abs(vectors[0] @ vectors[1]) < 0.9999


def test_nothing_to_embed(tiny_models_profile):
    assert embed([], tiny_models_profile).shape == (0, 16)


@pytest.mark.parametrize("architecture", ["bert", "deberta"])
def test_entailment_rows_are_probabilities_in_the_order_asked(tmp_path, architecture):
    profile = profile_of(tmp_path, architecture)
    scores = entail(PREMISES, HYPOTHESES, profile)
    assert scores.shape == (3, 3)
    np.testing.assert_allclose(scores.sum(axis=1), 1)
    np.testing.assert_allclose(scores[0], scores[2])
    assert not np.allclose(scores[0], scores[1])
    np.testing.assert_allclose(entail(PREMISES[::-1], HYPOTHESES[::-1], profile), scores[::-1], atol=1e-5)


def test_weights_laid_out_for_speed_answer_as_the_libraries_do(tiny_models_profile):
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    where = load_profile(tiny_models_profile).entailment.location
    tokenizer, model = (kind.from_pretrained(where) for kind in (AutoTokenizer, AutoModelForSequenceClassification))
    with torch.inference_mode():
        logits = model(**tokenizer(PREMISES, HYPOTHESES, padding=True, return_tensors="pt")).logits
    expected = torch.softmax(logits, -1).numpy()
    np.testing.assert_allclose(entail(PREMISES, HYPOTHESES, tiny_models_profile), expected, atol=1e-5)


def test_texts_of_any_length_make_batches_of_few_lengths(tiny_models_profile):
    from torch.nn import Embedding
    from torch.nn.modules.module import register_module_forward_pre_hook

    lengths = set()

    def note(module, given):
        if isinstance(module, Embedding):
            lengths.add(given[0].shape[-1])

    hook = register_module_forward_pre_hook(note)
    try:
        for words in range(1, 33):
            entail(["Korea " * words], ["Korea opposes Russia."], tiny_models_profile)
    finally:
        hook.remove()
    assert 1 < len(lengths) <= 6


def test_labels_are_read_by_name_not_by_place(tmp_path, tiny_models_profile):
    turned = profile_of(tmp_path, labels=("CONTRADICTION", "Entailment", "neutral"))
    one, other = (entail(PREMISES, HYPOTHESES, p) for p in (tiny_models_profile, turned))
    np.testing.assert_allclose(other, one[:, [1, 2, 0]], atol=1e-6)


def test_a_two_way_checkpoint_leaves_contradiction_empty(tmp_path):
    scores = entail(PREMISES, HYPOTHESES, profile_of(tmp_path, "deberta", ("entailment", "not_entailment")))
    assert (scores[:, 2] == 0).all()
    np.testing.assert_allclose(scores.sum(axis=1), 1)


def test_a_classifier_of_something_else_is_refused(tmp_path):
    with pytest.raises(WeightsError, match="entailment"):
        entail(PREMISES, HYPOTHESES, profile_of(tmp_path, labels=("sad", "calm", "glad")))


def test_a_generator_writes_the_same_again(tiny_models_profile):
    texts = [generate("the talks", tiny_models_profile, max_new_tokens=12) for _ in range(2)]
    assert texts[0] == texts[1]
    assert generator.has_generator(tiny_models_profile)
    assert not generator.follows_grammar(tiny_models_profile)


def test_a_profile_can_do_without_a_generator(tmp_path):
    file = tmp_path / "own.toml"
    file.write_text('generator = "none"\n')
    assert not generator.has_generator(file)
    with pytest.raises(WeightsError, match="has no generator"):
        generate("the talks", file)


def test_a_machine_that_cannot_run_it_says_so_in_one_line(tmp_path, monkeypatch):
    (tmp_path / "chat").mkdir()
    (tmp_path / "chat" / "model.gguf").write_bytes(b"")
    (tmp_path / "own.toml").write_text('generator = "chat"\n')
    monkeypatch.setattr(generator, "find_spec", lambda name: None)
    generator._has_llama.cache_clear()
    with pytest.warns(UserWarning, match="xllamacpp is not installed"):
        assert not generator.has_generator(tmp_path / "own.toml")
    generator._has_llama.cache_clear()


def test_a_broken_chat_model_is_one_clear_line(tmp_path):
    (tmp_path / "chat").mkdir()
    (tmp_path / "chat" / "model.gguf").write_bytes(b"not weights")
    (tmp_path / "own.toml").write_text('generator = "chat"\n')
    with pytest.raises(WeightsError, match=r"the generator checkpoint .* cannot be loaded"):
        generate("the talks", tmp_path / "own.toml")


class Answering:
    """A stand-in of llama.cpp's server, with one answer."""

    def __init__(self, monkeypatch, **given):
        self.asked, self.given = [], given
        monkeypatch.setenv("KOREA_NLP_NO_CACHE", "1")
        monkeypatch.setattr(generator, "_chat", lambda checkpoint: self)

    def handle_completions(self, question):
        self.asked.append(question)
        return self.given


def test_a_writer_reads_numbered_sentences_and_no_control_words(monkeypatch):
    server = Answering(monkeypatch, choices=[{"text": " Seoul and Tokyo meet ", "finish_reason": "stop"}])
    assert write_headline(["Seoul\ncame.", "Tokyo <|im_end|> came."]) == "Seoul and Tokyo meet"
    passage, _, wanted = server.asked[0]["prompt"]
    assert (passage, wanted) == ("1. Seoul came.\n2. Tokyo < |im_end|> came.\n", "Headline:")


@pytest.mark.parametrize("given", [
    {"error": {"type": "exceed_context_size_error"}}, {"choices": [{"text": "Seoul and", "finish_reason": "length"}]},
])  # fmt: skip
def test_what_is_too_long_for_a_writer_has_no_headline(monkeypatch, given):
    Answering(monkeypatch, **given)
    assert write_headline(["Seoul came."]) == ""


def test_a_writer_that_fails_is_one_clear_line(monkeypatch):
    Answering(monkeypatch, error={"type": "server_error"})
    with pytest.raises(WeightsError, match="gave no answer"):
        write_headline(["Seoul came."])


def test_only_a_generator_with_an_addition_is_a_writer(tiny_models_profile, monkeypatch):
    monkeypatch.setattr(generator, "_has_llama", lambda: True)
    assert generator.has_writer("bundled")
    assert not generator.has_writer("bundled-fast")
    assert not generator.has_writer(tiny_models_profile)


def test_a_broken_checkpoint_is_one_clear_line(tmp_path):
    file = profile_of(tmp_path)
    file.write_text(f'{file.read_text()}language = "{tiny_models.language(tmp_path / "language").as_posix()}"\n')
    (tmp_path / "nli" / "model.safetensors").write_bytes(b"not weights")
    (tmp_path / "language" / "config.cfg").write_text("[nlp")
    for load in (lambda profile: entail(PREMISES, HYPOTHESES, profile), language):
        with pytest.raises(WeightsError) as caught:
            load(file)
        assert "\n" not in str(caught.value)
        assert str(tmp_path) in str(caught.value)
