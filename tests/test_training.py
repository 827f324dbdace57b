"""Training, stopping, going on and finishing, with a few rows and a random base."""

import gzip
import json
import random
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import tiny_models
import torch
from safetensors.torch import load_file
from sklearn.metrics import roc_auc_score

from korea_nlp import score_stance
from korea_nlp.models import check_claims
from korea_nlp.reader import AUTHOR, LINKS, SENTENCE, load_reader
from korea_nlp.reader.linker import CATEGORIES, ISSUES
from korea_nlp.stance import LABELS
from korea_nlp.training import checker, heads, linker, loop, salience, writer
from korea_nlp.training.__main__ import train
from korea_nlp.training.claims import Claim, balanced, claim_files, made, novelty, read_claims
from korea_nlp.training.examples import directed, news, opinion, read_data, read_propositions, seesaw, target, varied
from korea_nlp.training.finish import finish, fit_calibration
from korea_nlp.training.news import Sentence, is_named, labelled_pairs, read_news

DATA = Path(__file__).parents[1] / "data"
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
NEWS = """# {id}
@kind: wire
@date: 2001-02
[Japan|Japan] praised [Russia|Russia] and [its|Russia] move.
- Japan favor Russia
* SUPPORT Japan > Russia | praised Russia

[It|Japan] was criticized by [experts|experts] for [talks|#dialogue].
- experts against Japan
- author against #dialogue
"""


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    for name, rows in ROWS.items():
        with gzip.open(folder / f"{name}.jsonl.gz", "wt", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows * 8)
    return folder


@pytest.fixture(scope="module")
def articles(tmp_path_factory):
    folder = tmp_path_factory.mktemp("news")
    (folder / "wire.txt").write_text("".join(NEWS.format(id=f"wire-{n:03}") for n in range(1, 13)), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def annotated():
    """The annotated news of the project, by their ids."""
    return {article.id: article for article in read_news(DATA / "news")}


def words(passage):
    return [(passage.text[start:end], actor) for start, end, actor in passage.mentions if start >= 0]


def test_labels_follow_the_direction():
    found = directed(ROWS["directed_train"][1])
    assert found.passage.text == "Japan was criticized by Russia."
    assert words(found.passage) == [("Japan", 0), ("Russia", 1)]
    assert dict(zip(found.passage.pairs, found.labels, strict=True)) == {(0, 1): 2, (1, 0): 1}
    turned = directed({"text": "[Japan] left [Russia].", "p": "Russia", "q": "Japan", "label": "p opposes q"})
    assert sorted(words(turned.passage), key=lambda word: word[1]) == [("Russia", 0), ("Japan", 1)]


def test_a_sentence_s_polarity_and_a_quoted_opinion_have_holders_of_their_own():
    assert target(ROWS["target_train"][1]).passage.pairs == [(SENTENCE, 0)]
    found = opinion(ROWS["reported_opinion_train"][0])
    assert words(found.passage) == [("Russia", 0), ("the move", 1)]
    assert found.labels == [1, 2]
    assert opinion({"premise": "x", "hypothesis": "y", "label": "entailment"}) is None


def test_annotated_news_labels_every_ordered_pair(articles):
    article = read_news(articles)[0]
    found = news(article, 1)
    names = ["Japan", "experts", "#dialogue"]
    assert [found.passage.text[s:e] for s, e, _ in found.passage.mentions if s >= 0] == ["It", "experts", "talks"]
    said = {
        ("author" if h == AUTHOR else names[h], names[t]): label
        for (h, t), label in zip(found.passage.pairs, found.labels, strict=True)
    }
    assert said["experts", "Japan"] == 1
    assert said["author", "#dialogue"] == 1
    assert said["Japan", "experts"] == 2
    assert not any(holder == "#dialogue" for holder, _ in said)
    whole = found.passage.context + found.passage.text
    length = len(found.passage.context)
    assert [whole[s + length : e + length] for s, e, _ in found.passage.mentions][:3] == ["Japan", "Russia", "its"]
    assert article.sentences[1].paragraph == 1
    assert article.sentences[0].events == [("SUPPORT", "Japan", "Russia", "praised Russia")]


def test_names_are_told_from_what_only_stands_for_them():
    assert all(map(is_named, ["Japan", "the North", "U.S. officials", "Its General Staff"]))
    assert not any(map(is_named, ["It", "the regime", "Those", "her", "Their bombers"]))


def test_variation_keeps_words_and_labels_together(articles):
    rng, item = random.Random(1), news(read_news(articles)[0], 0)
    for _ in range(30):
        seen = varied(item, rng, ["Korea", "China"])
        assert len(seen.labels) == len(seen.passage.pairs)
        assert {word for word, _ in words(seen.passage)} <= {"Japan", "Russia", "its"}
    renamed = [varied(directed(ROWS["directed_train"][0]), rng, ["Korea", "the North"]) for _ in range(30)]
    assert {tuple(words(item.passage)) for item in renamed} >= {(("Russia", 0), ("Japan", 1))}
    assert all(item.passage.text[s:e] in ("Russia", "Japan", "Korea", "the North")
               for item in renamed for s, e, _ in item.passage.mentions)  # fmt: skip


def test_held_out_rows_and_articles_are_not_learnt_from(data_dir, articles):
    learnt, held_out = read_data(data_dir, articles)
    for name in ("directed", "target", "claims", "nli"):
        assert len(learnt[name]) + len(held_out[name]) == 8 * len(ROWS[f"{name}_train"])
        assert held_out[name]
    parts = [article.part for article in read_news(articles)]
    assert (parts.count("train"), parts.count("tune"), parts.count("held out")) == (10, 1, 1)
    assert (len(learnt["news"]), len(held_out["news"])) == (20, 2)


def test_rows_of_seesaw_are_asked_about_those_named_in_the_sentence():
    row = {"context": "Japan left.", "text": "Russia praised the North.", "actors": [[[0, 6]], [[15, 24]], [[-12, -7]]],
           "pairs": [[0, 1, "favor"], ["author", 1, "none"], [0, 2, "none"]]}  # fmt: skip
    found = seesaw(row)
    assert found.passage.pairs == [(0, 1)]
    assert found.passage.context == "Japan left. "


def test_calibration_recovers_a_temperature():
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(4000, 3)) * 2
    odds = np.exp(logits / 2)
    truth = np.array([rng.choice(3, p=row / row.sum()) for row in odds])
    assert fit_calibration(logits, truth)["temperature"] == pytest.approx(2, rel=0.15)
    few = fit_calibration(np.array([[0.0, 0.0, 3.0]] * 3), np.array([2, 2, 2]))
    assert 0.3 < few["temperature"] < 3
    assert max(map(abs, few["bias"])) < 1


def test_a_stopped_run_goes_on_and_its_weights_score(data_dir, articles, tmp_path):
    base = tiny_models.encoder(tmp_path / "base")
    out, adapter = tmp_path / "run", tmp_path / "adapter"
    settings = {"rank": 2, "dropout": 0.0, "check_every": 2, "rate": 1e-2}
    train(data_dir, base, out, articles, steps=6, minutes=0, **settings)
    train(data_dir, base, out, articles, steps=6, **settings)
    log = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
    assert [row["step"] for row in log] == [1, 2, 4, 6]
    assert {"directed", "target", "news", "claims", "nli"} <= set(log[-1])
    train(data_dir, base, tmp_path / "larger", articles, steps=1, size=2, start=out / "reader.safetensors", **settings)
    train(data_dir, base, tmp_path / "upper", articles, steps=1, frozen=1, start=out / "reader.safetensors", **settings)
    before, after = (load_file(folder / "reader.safetensors") for folder in (out, tmp_path / "upper"))
    assert before.keys() == after.keys()
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed
    assert not any(name.startswith("slot") or ".layer.0." in name for name in changed)
    finish(data_dir, base, out, adapter, articles)
    stated = json.loads((adapter / "reader.json").read_text())
    assert set(stated["calibration"]) == {"actor", "author", "sentence", "proposition", "entailment"}
    assert set(stated["validation"]) == {"directed_valid", "claims_valid", "nli_valid"}
    profile = tmp_path / "own.toml"
    profile.write_text(f'entailment = {{ base = "{base.as_posix()}", adapter = "{adapter.as_posix()}" }}\n')
    pairs = pd.DataFrame({"text": ["Japan was criticized by Russia."] * 2, "holder": ["Russia", "Japan"],
                          "target": ["Japan", "Russia"]})  # fmt: skip
    scored = score_stance(pairs, profile)
    np.testing.assert_allclose(scored[LABELS].sum(axis=1), 1)
    assert not np.allclose(scored.loc[0, LABELS].astype(float), scored.loc[1, LABELS].astype(float))


@pytest.mark.weights
def test_a_check_on_claims_is_learnt_on_top_of_a_reader(data_dir, articles, tmp_path):
    base = tiny_models.encoder(tmp_path / "base")
    reader = tiny_models.reader(tmp_path / "reader", base)
    written = tmp_path / "claims.txt"
    written.write_text("\n\n".join(
        f"# wire-{n:03}\n+ paraphrase | 1 | Japan praised Russia.\n- whom | 1 | Russia praised Japan."
        for n in range(1, 13)
    ))  # fmt: skip
    out = tmp_path / "out"
    checker.train(data_dir, base, reader, out, articles, [written], rank=2, layers=1, minutes=0.01, posed=30,
                  inferences=4)  # fmt: skip
    assert "support" in json.loads((out / "reader.json").read_text())["calibration"]
    profile = tmp_path / "own.toml"
    profile.write_text(f'entailment = {{ base = "{base.as_posix()}", adapter = "{out.as_posix()}" }}\n')
    found = check_claims(["Japan praised Russia.", "Talks."], ["Japan praised Russia."] * 2, profile)
    assert found.shape == (2,)
    assert ((found >= 0) & (found <= 1)).all()
    pairs = pd.DataFrame({"text": ["Japan praised Russia."], "holder": ["Japan"], "target": ["Russia"]})
    before = score_stance(pairs, profile)
    profile.write_text(profile.read_text().replace(out.as_posix(), reader.as_posix()))
    after = score_stance(pairs, profile)
    np.testing.assert_allclose(before[LABELS].astype(float), after[LABELS].astype(float), atol=2e-3)


@pytest.fixture
def tiny_writer(monkeypatch, articles):
    """A random language model with additions, and examples of an article with four sentences in view."""
    from transformers import Qwen2Config, Qwen2ForCausalLM

    monkeypatch.setattr(writer, "FIRST", 0)
    torch.manual_seed(0)
    sizes = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2}
    tokenizer = tiny_models.words_tokenizer()
    config = Qwen2Config(vocab_size=len(tokenizer), num_key_value_heads=2, initializer_range=0.5, **sizes)
    network = writer.Writer(Qwen2ForCausalLM(config)).float()
    news = {article.id: article for article in read_news(articles)}
    claims = [Claim("wire-001", true, "who", (place,), text) for true, place, text in
              ((True, 0, "Japan praised Russia."), (False, 1, "Russia praised experts."))]  # fmt: skip
    lines = [writer.Line("wire-001", (0, 1), "Japan praised the move."), writer.Line("wire-001", (), "Russia praised")]
    return network, writer.Examples(tokenizer, claims, lines, news)


def test_what_is_asked_of_a_passage_is_answered_as_if_it_were_asked_alone(tiny_writer):
    network, examples = tiny_writer
    asked = [examples.judged(claim, [0, 1], claim.places, claim.true) for claim in examples.claims["wire-001"]]
    asked += [examples.written(line, [0, 1]) for line in examples.lines["wire-001"]]
    with torch.inference_mode():
        together = network(*examples.pack("wire-001", [0, 1], asked))[0]
        alone = [network(*examples.pack("wire-001", [0, 1], [one]))[0] for one in asked]
    torch.testing.assert_close(together, torch.cat(alone), atol=1e-4, rtol=1e-4)


def test_a_writer_is_taught_and_saved_as_llama_cpp_reads_it(tiny_writer, tmp_path):
    from gguf import GGUFReader

    network, examples = tiny_writer
    rng, losses = random.Random(0), []

    def step():
        logits, tokens, weights = network(*examples.lines_pack("wire-001", rng))
        losses.append((torch.nn.functional.cross_entropy(logits, tokens, reduction="none") * weights).sum())
        return losses[-1:]

    loop.learn(network, step, lambda step: None, 50, 2e-2, warm_up=5, steps=50)
    assert torch.stack(losses[-9:]).mean() < 0.8 * torch.stack(losses[:9]).mean()
    writer.save(network, tmp_path / "writer.gguf")
    names = {tensor.name for tensor in GGUFReader(tmp_path / "writer.gguf").tensors}
    assert {"blk.0.attn_q.weight.lora_a", "blk.1.ffn_down.weight.lora_b"} <= names
    before = {name: values.clone() for name, values in loop.halved(network).items()}
    for values in loop.learnt(network).values():
        values.data.zero_()
    writer.go_on_from(network, tmp_path / "writer.gguf")
    torch.testing.assert_close(loop.halved(network), before)


def test_summary_sentences_to_learn_from_are_of_articles_to_learn_from(annotated):
    lines = list(writer.read_lines(DATA / "summaries" / "train.txt"))
    assert len(lines) > 2000
    for line in lines:
        assert annotated[line.article].part == "train"
        assert all(0 <= place < len(annotated[line.article].sentences) for place in line.places)
        assert 4 <= len(line.text.split()) <= 40


def test_training_teaches(data_dir, articles, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(loop, "TOLD", 8)
    base = tiny_models.encoder(tmp_path / "base")
    train(data_dir, base, tmp_path / "run", articles, steps=24, rank=4, dropout=0.0, rate=2e-2, check_every=24)
    said = [float(line.split("loss ")[1].split()[0]) for line in capsys.readouterr().out.splitlines() if "loss" in line]
    assert said[-1] < 0.8 * said[0]


@pytest.mark.weights
def test_the_linker_learns_from_what_is_marked(articles, tmp_path, capsys):
    base = tiny_models.encoder(tmp_path / "base")
    adapter = tiny_models.reader(tmp_path / "adapter", base)
    tokenizer = tiny_models.words_tokenizer()
    example = linker.example_of(read_news(articles)[0], tokenizer, "bundled")
    meant = {example.words.text[word]: actors for word, actors in example.meant.items()}
    assert meant["its"] == {"Russia"}
    assert {example.words.text[head]: actor for *_, head, actor, _ in example.words.names}["Japan"] == "Japan"
    assert all(category in CATEGORIES for category, *_ in example.triggers.values())

    linker.train(base, adapter, adapter / LINKS, articles, layers=1, rank=2, rate=1e-2, steps=60)
    said = re.findall(r"(?:loss|tune on) ([0-9.]+)", capsys.readouterr().out)
    assert float(said[-1]) < 0.9 * float(said[0])
    reader = load_reader(base, adapter)
    assert reader.links(example.words) == reader.links(example.words)
    before = load_file(adapter / LINKS)
    assert {"dialogue"} in example.issues.values()
    heads.main("issue", base, adapter, articles)
    after = load_file(adapter / LINKS)
    assert {name.split(".")[0] for name in before if not torch.equal(before[name], after[name])} == {"issue"}
    passage = "# talk-001\nRussia said it was late.\nThe act was piracy.\n~\nTokyo lied, Moscow said.\n"
    (tmp_path / "pairs").mkdir()
    (tmp_path / "pairs" / "talk.txt").write_text(passage, encoding="utf-8")
    heads.main("speech", base, adapter, tmp_path)
    last = load_file(adapter / LINKS)
    assert {name.split(".")[0] for name in after if not torch.equal(after[name], last[name])} == {"speech"}
    whole = load_reader(base, tiny_models.reader(tmp_path / "other", base))
    assert whole.links(example.words).meant == {}

    unmarked = linker.example_of(read_news(articles)[0], tokenizer, "bundled", events=False)
    network = reader.network.linking
    states = torch.ones(len(unmarked.words.text), network.word.out_features)
    of_events = [linker.losses_of(network, each, states)[2:] for each in (example, unmarked)]
    assert [bool(sum(losses) > 0) for losses in of_events] == [True, False]


@pytest.mark.weights
def test_salience_is_fitted_and_measured_as_kept():
    chosen = salience.read_chosen("bundled")
    held = chosen["part"] == "held out"
    kept = pd.read_csv(DATA / "benchmarks" / "salience.csv")
    found = salience.measure(chosen[held])
    assert list(found["method"]) == list(kept["method"])
    assert np.allclose(found["agreement"], kept["agreement"], atol=0.02)
    assert salience.fit_salience(chosen[~held]) == pytest.approx(json.loads(salience.WEIGHTS.read_text()), abs=0.1)


def test_chosen_sentences_are_different_ones_of_their_articles(annotated):
    chosen = pd.read_csv(DATA / "news" / "summaries.csv")
    for row in chosen.itertuples():
        numbers, length = [int(number) for number in row.sentences.split()], len(annotated[row.article].sentences)
        assert len(set(numbers)) == len(numbers) == (4 if length < 12 else 5)
        assert set(numbers) <= set(range(1, length + 1))
    counts = chosen["article"].map(lambda name: annotated[name].part).value_counts()
    held = sum(article.part == "held out" for article in annotated.values())
    assert counts["held out"] == 2 * held
    page = (DATA / "news" / "README.md").read_text(encoding="utf-8")
    said = f"of {counts['train']} articles to learn from, and of the {held} that are held out"
    assert f"<!-- chosen -->{said}<!-- -->" in page


def test_where_all_is_quoted_the_words_are_the_speakers(tmp_path):
    text = """# talk-001
[Japan|Japan]'s envoy said: "The year was long.
[Russia|Russia] has kept [its|Russia] word to [us|Japan].
- Japan favor Russia
[North Korea|North Korea] has not.
- author against North Korea
[China|China] and [Russia|Russia] were told."
[He|Japan] thanked [China|China].
- Japan favor China
"""
    (tmp_path / "talk.txt").write_text(text, encoding="utf-8")
    [talk] = read_news(tmp_path)
    assert [sentence.spoken for sentence in talk.sentences] == [False, True, True, True, False]
    said = [{(h, t): side for h, t, side in labelled_pairs(each) if side != "none"} for each in talk.sentences]
    assert said[1] == {("author", "Russia"): "favor", ("Japan", "Russia"): "favor"}
    assert said[2:] == [{("author", "North Korea"): "against"}, {}, {("Japan", "China"): "favor"}]


def test_where_reported_speech_goes_on_the_words_are_the_speakers(tmp_path):
    text = """# talk-001
[Russia|Russia] said [a freighter|Japan] had carried arms.
[The act|Japan] was piracy.
~
- Russia against Japan
[Russia|Russia] has no proof.
- author against Russia
"""
    (tmp_path / "talk.txt").write_text(text, encoding="utf-8")
    [talk] = read_news(tmp_path)
    assert [sentence.goes_on for sentence in talk.sentences] == [False, True, False]
    said = [[pair for pair in labelled_pairs(each) if pair[2] != "none"] for each in talk.sentences]
    assert said == [[], [("author", "Japan", "against")], [("author", "Russia", "against")]]


def test_statements_are_asked_for_their_holder(tmp_path):
    labels = (("001", "author", "favor"), ("005", "Japan", "against"), ("012", "Japan", "none"))
    rows = [
        {"id": f"talk-{number}a", "text": "Fine.", "holder": holder, "proposition": "It works.", "stance": stance}
        for number, holder, stance in labels
    ]
    file = tmp_path / "propositions.jsonl"
    assert read_propositions(file) == ([], [])
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    learnt, kept_out = read_propositions(file)
    assert learnt == [("Fine.", "It works.", 0), ("Fine.", "Japan: It works.", 2)]
    assert kept_out == [("Fine.", "Japan: It works.", 1)]


def test_annotated_news_is_what_its_page_says(annotated):
    folder, everything = DATA / "news", list(annotated.values())

    def count(part):
        return len(part), sum(len(a.sentences) for a in part), sum(len(s.stances) for a in part for s in a.sentences)

    whole, held = count(everything), count([article for article in everything if article.part == "held out"])
    said = re.search(r"<!-- counts -->(.*?)<!-- -->", (folder / "README.md").read_text(encoding="utf-8"), re.DOTALL)[1]
    assert [int(n.replace(",", "")) for n in re.findall(r"[\d,]*\d", said)] == [*whole, *held]
    pairs = read_news(folder / "pairs")
    said = re.search(r"<!-- pairs -->(.*?)<!-- -->", (folder / "README.md").read_text(encoding="utf-8"))[1]
    assert [int(n.replace(",", "")) for n in re.findall(r"[\d,]*\d", said)] == [*count(pairs)]
    assert len({article.id for article in [*everything, *pairs]}) == len([*everything, *pairs])
    for article in [*everything, *pairs]:
        marked: set[str] = set()
        for sentence in article.sentences:
            # in `reports.txt` speech goes on of somebody who is marked before
            marked = {*sentence.actors} | (marked if article.id.startswith("reports") else set())
            assert all(sentence.text[start:end].strip() for start, end, _ in sentence.mentions)
            for holder, goal in sentence.stances:
                assert holder == "author" or holder in marked, (article.id, sentence.text)
                assert goal in sentence.actors, (article.id, sentence.text)


def test_a_second_reader_agrees_as_the_page_says(annotated):
    from sklearn.metrics import cohen_kappa_score

    folder, labels = DATA / "news", []
    for article in read_news(folder / "second"):
        for ours, theirs in zip(annotated[article.id].sentences, article.sentences, strict=True):
            assert ours.text == theirs.text
            given = {(holder, target): label for holder, target, label in labelled_pairs(ours)}
            labels += [(given[holder, target], label) for holder, target, label in labelled_pairs(theirs)]
    said = re.search(r"<!-- kappa -->(.*?)<!-- -->", (folder / "README.md").read_text(encoding="utf-8"))[1]
    assert f"{cohen_kappa_score(*zip(*labels, strict=True)):.2f}" == said


def test_those_who_saw_the_text_alone_agree_as_the_page_says(annotated):
    folder = DATA / "news"
    page = (folder / "README.md").read_text(encoding="utf-8")
    again = read_news(folder / "alone")
    assert all(article.texts == annotated[article.id].texts for article in again)
    assert {article.id for article in again} == {name for name, a in annotated.items() if a.part == "held out"}
    kept = pd.read_csv(folder.parent / "benchmarks" / "annotation.csv").query("profile == 'second reader'")
    found = kept.set_index("layer")["f1"]
    said = re.search(r"<!-- alone F1 -->(.*?)<!-- -->", page, re.DOTALL)[1]
    layers = [f"{layer}, by any name" for layer in ("references: all", "events: whole", "stances")]
    assert re.findall(r"\d\.\d+", said) == [f"{found[layer]:.2f}" for layer in layers]


def test_what_was_settled_is_as_the_page_says(annotated):
    folder = DATA / "news"
    page = (folder / "README.md").read_text(encoding="utf-8")
    settled = {article.id: article for article in read_news(folder / "settled")}
    first = {name: article for name, article in annotated.items() if article.part == "held out"}
    second = {article.id: article for article in read_news(folder / "alone") if article.id in settled}
    assert settled.keys() == first.keys() == second.keys()
    assert all(article.texts == first[name].texts for name, article in settled.items())
    stances = [
        {(name, place, *side) for name, article in by.items() for place, sentence in enumerate(article.sentences)
         for side in sentence.stances.items()} for by in (settled, first, second)
    ]  # fmt: skip

    def count(by, marked):
        return sum(len(marked(sentence)) for article in by.values() for sentence in article.sentences)

    of_settled, of_first = (
        [count(by, lambda s: set(s.mentions)), count(by, lambda s: {e[:3] for e in s.events}), len(sides)]
        for by, sides in ((settled, stances[0]), (first, stances[1]))
    )
    agreed = [2 * len(stances[0] & sides) / (len(stances[0]) + len(sides)) for sides in stances[1:]]
    said = re.search(r"<!-- settled -->(.*?)<!-- -->", page, re.DOTALL)[1]
    numbers = [float(n.replace(",", "")) for n in re.findall(r"(?<!F)\b\d[\d,.]*\d", said)]
    assert numbers == [*of_settled, *of_first, *(round(f1, 2) for f1 in agreed)]


def test_a_second_reader_finds_the_issues_that_the_page_says(annotated):
    folder = DATA / "news"
    rows = pd.read_csv(folder / "second" / "issues.csv")
    theirs = {*rows.dropna().itertuples(index=False, name=None)}
    ours = {
        (name, number, actor[1:])
        for name in rows["article"].unique()
        for number, sentence in enumerate(annotated[name].sentences, 1)
        for actor in sentence.actors if actor[1:] in ISSUES
    }  # fmt: skip
    page = (folder / "README.md").read_text(encoding="utf-8")
    said = re.search(r"<!-- issues -->(.*?)<!-- -->", page, re.DOTALL)[1]
    shared = 2 * len(ours & theirs) / (len(ours) + len(theirs))
    assert [float(n) for n in re.findall(r"(?<!F)[\d.]*\d", said)] == [rows["article"].nunique(), round(shared, 2)]


@pytest.mark.parametrize(("name", "count"), [("train.txt", 2360), ("pairs.txt", 12244), ("held_out.txt", 240)])
def test_claims_are_half_true_and_of_the_right_articles(annotated, name, count):
    claims, file = [], DATA / "claims" / name
    for claim in read_claims(file):
        article = annotated[claim.article]
        assert (article.part == "held out") == (file not in claim_files(DATA / "claims"))
        assert claim.true == (claim.kind in ("paraphrase", "fusion", "generalisation"))
        assert all(place < len(article.sentences) for place in claim.places)
        claims.append(claim)
    assert (len(claims), sum(claim.true for claim in claims)) == (count, count / 2)


def test_new_words_do_not_tell_which_held_out_claims_are_true(annotated):
    claims = list(read_claims(DATA / "claims" / "held_out.txt"))
    new = [novelty(claim.claim, annotated[claim.article].passage(claim.places)) for claim in claims]
    assert 0.4 < roc_auc_score([claim.true for claim in claims], new) < 0.6


def test_claims_to_learn_from_are_as_often_true_as_false(articles):
    news = {article.id: article for article in read_news(articles)}
    claims = [Claim(name, true, "who", (0,), text) for name in news for true, text in
              ((True, "Japan praised Russia."), (False, "Russia praised Japan.")) for _ in range(3)]  # fmt: skip
    drawn = balanced(claims, news, {claim: [0, 1] for claim in claims}, random.Random(0))
    seen = [next(drawn) for _ in range(400)]
    assert 0.35 < np.mean([true for *_, true in seen]) < 0.65
    texts = {s.text for article in news.values() for s in article.sentences}
    for premise, claim, true in seen:
        if claim in texts:
            assert (claim in premise) == true


def test_an_altered_sentence_is_another_one(articles):
    sentence = Sentence("Russia said that Japan had sold three ships to its neighbour in the north last year.", 0,
                        [(0, 6, "Russia"), (17, 22, "Japan")])  # fmt: skip
    rng = random.Random(0)
    seen = {made(sentence, rng) for _ in range(200)}
    assert all((premise == claim) == true for premise, claim, true in seen)
    claims = {claim for _, claim, true in seen if not true}
    assert "Japan said that Russia had sold three ships to its neighbour in the north last year." in claims
    assert "Japan had sold three ships to its neighbour in the north last year." in claims
    assert any("four ships" in claim for claim in claims)
