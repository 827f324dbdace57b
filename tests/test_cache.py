"""What was asked once is not asked again, unless something that matters has changed."""

import os
from pathlib import Path

import pytest
import tiny_models

from korea_nlp import models
from korea_nlp.models import cache, generator
from korea_nlp.models.weights import Checkpoint, load_profile


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """An empty cache that is in use."""
    monkeypatch.setenv("KOREA_NLP_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv(cache.OFF, raising=False)
    yield tmp_path / "cache" / "results"
    cache._open.cache_clear()


@pytest.fixture
def checkpoint(tmp_path):
    folder = tmp_path / "checkpoint"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(b"weights")
    return Checkpoint(str(folder))


class Model:
    """Answers in upper case, and notes what it was asked."""

    def __init__(self):
        self.asked = []

    def __call__(self, questions):
        self.asked += questions
        return [question.upper() for question in questions]


def test_only_what_is_new_is_asked(kept, checkpoint):
    model = Model()
    assert cache.remember("case", checkpoint, ["a", "b"], model) == ["A", "B"]
    assert cache.remember("case", checkpoint, ["b", "c", "a"], model) == ["B", "C", "A"]
    assert model.asked == ["a", "b", "c"]


def test_another_task_or_checkpoint_is_another_question(kept, checkpoint):
    model = Model()
    cache.remember("case", checkpoint, ["a"], model)
    cache.remember("other", checkpoint, ["a"], model)
    (Path(checkpoint.location) / "model.safetensors").write_bytes(b"other weights")
    cache.remember("case", checkpoint, ["a"], model)
    assert model.asked == ["a", "a", "a"]


def test_a_changed_adapter_is_another_checkpoint(kept, checkpoint, tmp_path):
    adapter = tmp_path / "adapter"
    adapter.mkdir()
    model, adapted = Model(), Checkpoint(checkpoint.location, str(adapter))
    cache.remember("case", adapted, ["a"], model)
    (adapter / "stance.json").write_text("{}")  # how answers are calibrated, not what they are
    cache.remember("case", adapted, ["a"], model)
    assert model.asked == ["a"]
    (adapter / "adapter_model.safetensors").write_bytes(b"trained longer")
    cache.remember("case", adapted, ["a"], model)
    assert model.asked == ["a", "a"]


def test_it_can_be_switched_off(kept, checkpoint, monkeypatch):
    model = Model()
    monkeypatch.setenv(cache.OFF, "1")
    for _ in range(2):
        assert cache.remember("case", checkpoint, ["a"], model) == ["A"]
    assert model.asked == ["a", "a"]
    assert not kept.exists()


def test_a_damaged_entry_is_asked_again(kept, checkpoint):
    import sqlite3

    model = Model()
    cache.remember("case", checkpoint, ["a"], model)
    with sqlite3.connect(kept / "cache.db") as base:
        base.execute("UPDATE Cache SET value = X'00'")
    assert cache.remember("case", checkpoint, ["a"], model) == ["A"]
    assert cache.remember("case", checkpoint, ["a"], model) == ["A"]
    assert model.asked == ["a", "a"]


@pytest.mark.parametrize("spoil", ["garbage", "file in the way"])
def test_a_cache_that_cannot_be_used_costs_nothing_but_time(kept, checkpoint, spoil):
    if spoil == "garbage":
        kept.mkdir(parents=True)
        (kept / "cache.db").write_bytes(os.urandom(5000))
    else:
        kept.parent.mkdir(parents=True)
        kept.write_text("")
    model = Model()
    for _ in range(2):
        assert cache.remember("case", checkpoint, ["a"], model) == ["A"]


def test_models_need_not_even_be_loaded_for_what_is_kept(kept, tmp_path, monkeypatch):
    profile = load_profile(tiny_models.profile(tmp_path / "models"))
    pairs = ["Korea praised Russia."], ["Korea supports Russia."]
    first = models.entail(*pairs, profile), generator.generate("the talks", profile, max_new_tokens=8)
    for module, name in ((models, "_classifier"), (generator, "_sequence_to_sequence")):
        monkeypatch.setattr(module, name, None)
    again = models.entail(*pairs, profile), generator.generate("the talks", profile, max_new_tokens=8)
    assert (again[0] == first[0]).all()
    assert again[1] == first[1]
