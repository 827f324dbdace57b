"""Training, stopping, going on and finishing, with a few rows and a random base."""

import gzip
import json
import random
import re
import shutil
import tomllib

import numpy as np
import pandas as pd
import pytest
import tiny

from korea_nlp import score_stance
from korea_nlp.calibration import favour_rare, finish, fit_calibration, fit_screen
from korea_nlp.evaluation import DIRECTED
from korea_nlp.examples import (
    CONTRADICTION,
    ENTAILMENT,
    NEUTRAL,
    UNKNOWN,
    directed_examples,
    directed_stance,
    epoch_examples,
    read_data,
    sentence_examples,
    target_examples,
    template_examples,
    unlabelled_examples,
)
from korea_nlp.models import entailment
from korea_nlp.stance.answers import LABELS, second_opinion
from korea_nlp.training import train
from korea_nlp.weights import ASSETS, Checkpoint

ROWS = {
    "directed_train": [
        {"text": "[Russia] praised [Japan] and talks.", "p": "Russia", "q": "Japan", "label": "p favors q"},
        {"text": "[Japan] was criticized by [Russia].", "p": "Japan", "q": "Russia", "label": "q opposes p"},
        {"text": "[Japan] and [Korea] move.", "p": "Japan", "q": "Korea", "label": "neutral"},
    ],
    "target_train": [
        {"text": "Russia praised the move.", "target": "Russia", "start": 0, "end": 6, "label": label}
        for label in ("favor", "against", "none")
    ],
    "claims_train": [
        {"text": "talks praised", "target": "the talks", "label": "favor"},
        {"text": "talks criticized", "target": "the move", "label": "against"},
    ],
    "reported_opinion_train": [
        {
            "premise": "When asked about the move, Russia said, 'praised'.",
            "hypothesis": "Russia liked the move .",
            "label": "not_entailment",
        },
    ],
    "nli_train": [
        {"premise": "the north", "hypothesis": "the south", "label": label}
        for label in ("entailment", "neutral", "contradiction")
    ],
}  # fmt: skip
ROWS["directed_valid"] = ROWS["directed_train"]
ROWS["claims_valid"] = ROWS["claims_train"]
ROWS["nli_valid"] = ROWS["nli_train"]


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    for name, rows in ROWS.items():
        with gzip.open(folder / f"{name}.jsonl.gz", "wt", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows * 8)
    return folder


def test_labels_follow_the_direction():
    assert directed_stance("q opposes p", "q") == "against"
    assert directed_stance("q opposes p", "p") == "none"
    found = {
        (e.premise, e.hypothesis): e.label
        for e in directed_examples(ROWS["directed_train"][1:2] * 9, ["a", "b"], random.Random(1))
    }
    assert found["# Japan # was criticized by * Russia *.", "Russia supports Japan."] == CONTRADICTION
    assert found["* Japan * was criticized by # Russia #.", "Japan supports Russia."] == NEUTRAL


def test_the_writer_is_asked_about_the_mention_that_was_labelled():
    row = {"text": "Kim met Kim.", "target": "Kim", "start": 8, "end": 11, "label": "favor"}
    example = next(target_examples([row], random.Random(0)))
    assert example.premise == "Kim met # Kim #."
    assert example.label == ENTAILMENT


def test_templates_mark_the_target_and_the_holder_unless_it_is_the_author():
    for example in template_examples(300, ["Ann", "Bob"], random.Random(3)):
        assert example.premise.count("#") == 2
        assert example.premise.count("*") == 0 if "The author" in example.hypothesis else 2
        assert not set("{}[]") & set(example.premise)


def test_sentences_mark_who_is_asked_about_and_nobody_else():
    names = ["Ann", "Bob", "Cem", "Dee"]
    for example in sentence_examples(400, names, random.Random(5)):
        author = example.hypothesis.startswith("The author supports ")
        assert example.premise.count("#") == 2, example
        assert example.premise.count("*") == (0 if author else 2), example
        assert not set("{}[]") & set(example.premise)


def test_every_stance_of_the_sentences_is_about_two_names_in_them():
    file = tomllib.loads((ASSETS / "training_sentences.toml").read_text(encoding="utf-8"))
    for sentence in file["sentences"]:
        for pair, stance in sentence["stances"].items():
            holder, target = pair.split()
            assert {f"{{{target}}}"} | ({f"{{{holder}}}"} - {"{author}"}) <= set(
                re.findall(r"{\w+}", sentence["text"])
            ), sentence
            assert stance in ("favor", "against")


def test_screen_is_as_lax_as_the_figures_allow():
    truth = np.array([0] * 50 + [2] * 50)

    def wrong(found):
        return float((found.argmax(axis=1) != truth).mean())

    knows = np.where(truth[:, None] == 0, [0.96, 0.02, 0.02], [0.02, 0.02, 0.96])
    assert fit_screen(knows, knows, wrong) == {"none": 0.96, "side": 0.96}
    blind = np.tile([0.06, 0.05, 0.89], (100, 1))
    assert fit_screen(blind, knows, wrong)["none"] > 0.89
    fair = np.where(truth[:, None] == 0, [0.05, 0.05, 0.9], [0.02, 0.02, 0.96])
    found = fit_screen(fair, knows, wrong)
    assert 0.9 < found["none"] <= 0.96


def test_biases_that_drown_a_rare_class_are_lessened():
    truth = [DIRECTED.index("p favors q")] * 4 + [0] * 96
    logits = np.tile([0.0, -3.0, 2.0], (200, 1))
    logits[0:8:2] = [2.0, -3.0, 1.0]
    found = favour_rare(logits, {"temperature": 1.0, "bias": [-3.0, -3.0, 0.0]}, truth)
    assert found == {"temperature": 1.0, "bias": [-0.75, -0.75, 0.0]}


def test_a_second_opinion_leaves_the_first_its_share():
    own, first = np.array([[3.0, 0.0, 0.0]]), np.array([[0.0, 0.0, 6.0]])
    np.testing.assert_allclose(second_opinion(own, first, 1 / 3), [[2.0, 0.0, 2.0]])


def test_held_out_rows_are_not_learnt_from(data_dir):
    learnt, held_out = read_data(data_dir)
    for name in learnt:
        assert len(learnt[name]) + len(held_out[name]) == 8 * len(
            ROWS[{"opinion": "reported_opinion_train"}.get(name, f"{name}_train")]
        )
        assert held_out[name]


def test_what_nobody_has_labelled_is_made_of_the_rows_to_learn_from(data_dir):
    learnt = read_data(data_dir)[0]
    examples = list(unlabelled_examples(learnt, random.Random(2)))
    texts = " ".join(str(value) for rows in learnt.values() for row in rows for value in row.values())
    assert {example.label for example in examples} == {UNKNOWN}
    for example in examples:
        assert set(example.premise.replace("#", "").split()) <= set(re.sub(r"[\[\]]", "", texts).split())
    kept = epoch_examples(learnt, 0, 1, 3)
    assert UNKNOWN not in {example.label for example in kept}
    assert UNKNOWN in {e.label for e in epoch_examples(learnt, 0, 1, 3, {"unlabelled": 1.0})}


def test_a_pupil_learns_what_its_teacher_says(data_dir, tmp_path):
    base = tiny.classifier(tmp_path / "base")
    profile = tmp_path / "teacher.toml"
    profile.write_text(f'entailment = "{base.as_posix()}"\n')
    nothing = dict.fromkeys(("directed", "target", "claims", "opinion", "templates", "sentences", "nli"), 0.0)
    out = tmp_path / "pupil"
    train(data_dir, base, out, epochs=12, batch_size=16, rank=4, check_every=4, learning_rate=3e-2,
          shares=nothing | {"unlabelled": 1.0}, teacher=str(profile))  # fmt: skip
    losses = pd.read_csv(out / "log.csv")["loss"]
    assert losses.iloc[-1] < losses.iloc[0]


def test_calibration_recovers_a_temperature():
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(4000, 3)) * 2
    odds = np.exp(logits / 2)
    truth = [rng.choice(3, p=row / row.sum()) for row in odds]
    assert fit_calibration(logits, truth)["temperature"] == pytest.approx(2, rel=0.15)


def test_a_stopped_run_goes_on_and_its_adapter_scores(data_dir, tmp_path):
    base = tiny.classifier(tmp_path / "base")
    out, adapter = tmp_path / "run", tmp_path / "adapter"
    train(data_dir, base, out, epochs=1, batch_size=4, rank=2, minutes=0)
    first = (out / "log.csv").read_text().splitlines()
    assert first[1].startswith("1,")
    train(data_dir, base, out, epochs=1, batch_size=512, rank=2, check_every=1)
    steps = [int(line.split(",")[0]) for line in (out / "log.csv").read_text().splitlines()[1:]]
    assert steps[0] == 1
    assert steps == sorted(set(steps))
    assert len(steps) > 1
    finish(data_dir, base, out, adapter)
    settings = json.loads((adapter / "stance.json").read_text())
    assert set(settings["validation"]) == {"directed_valid", "claims_valid", "nli_valid"}
    assert set(settings["calibration"]) == {"actor", "author", "proposition"}
    profile = tmp_path / "own.toml"
    profile.write_text(f'entailment = {{ base = "{base.as_posix()}", adapter = "{adapter.as_posix()}" }}\n')
    assert entailment(profile).settings["marks"] is True
    pairs = pd.DataFrame({"text": ["Japan was criticized by Russia."] * 2, "holder": ["Russia", "Japan"],
                          "target": ["Japan", "Russia"]})  # fmt: skip
    scored = score_stance(pairs, profile)
    np.testing.assert_allclose(scored[LABELS].sum(axis=1), 1)
    cheap = shutil.copytree(adapter, tmp_path / "cheap")
    finish(data_dir, base, out, adapter, Checkpoint(str(base), str(cheap)))
    dear = json.loads((adapter / "stance.json").read_text())
    assert set(dear["screen"]) == {"actor", "author", "proposition"}
    dear["screen"] = {"actor": {"none": 0.9, "side": 0.9, "share": 0.0}}
    (adapter / "stance.json").write_text(json.dumps(dear))
    for sure, answers in [(50.0, cheap), (0.0, adapter)]:
        stated = json.loads((cheap / "stance.json").read_text())
        stated["calibration"]["actor"] = {"temperature": 1.0, "bias": [0.0, 0.0, sure]}
        (cheap / "stance.json").write_text(json.dumps(stated))
        both, one = tmp_path / f"both{sure}.toml", tmp_path / f"one{sure}.toml"
        here, folder = base.as_posix(), tmp_path / f"cheap{sure}"
        shutil.copytree(cheap, folder)
        alone = (folder if answers is cheap else adapter).as_posix()
        one.write_text(f'entailment = {{ base = "{here}", adapter = "{alone}" }}')
        both.write_text(
            f'entailment = {{ base = "{here}", adapter = "{adapter.as_posix()}", '
            f'screen = {{ base = "{here}", adapter = "{folder.as_posix()}" }} }}'
        )
        np.testing.assert_allclose(score_stance(pairs, both)[LABELS], score_stance(pairs, one)[LABELS])
