"""What the README and the model card state is what the package computes."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest

from korea_nlp.models.weights import load_profile
from korea_nlp.paths import ASSETS

ROOT = Path(__file__).parent.parent
ADAPTERS = {profile: ASSETS / load_profile(profile).entailment.adapter for profile in ("bundled", "bundled-fast")}


def rows(text, header):
    """Cells of the Markdown table under a header row."""
    lines = text[text.index(header) :].splitlines()[2:]
    table = []
    for line in lines:
        if not line.startswith("|"):
            break
        table.append([cell.strip() for cell in line.strip("|").split("|")])
    return table


@pytest.fixture(scope="module")
def readme():
    return (ROOT / "README.md").read_text(encoding="utf-8")


def test_links_lead_somewhere(readme):
    for link in re.findall(r"\]\(([^)#:]+)\)", readme):
        assert (ROOT / link).exists(), link


def test_its_commands_exist(readme):
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"^    make (\w+)", readme, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def measured(profile):
    return json.loads((ADAPTERS[profile] / "reader.json").read_text())["validation"]


def benchmark(profile):
    kept = pd.read_csv(ROOT / "data" / "benchmarks" / "stance.csv")
    return kept[kept["profile"] == profile].set_index("measure")


def card(profile):
    return (ADAPTERS[profile] / "README.md").read_text(encoding="utf-8")


def test_quality_is_what_was_measured(readme):
    found = rows(readme, "| data | rows | `bundled` | `bundled-fast` | commonest answer |")
    both = zip(found, measured("bundled").values(), measured("bundled-fast").values(), strict=True)
    for (_, count, ours, fast, baseline), figures, smaller in both:
        assert int(count.replace(",", "")) == figures["rows"]
        assert ours == f"{figures['macro_f1']:.2f}"
        assert fast == f"{smaller['macro_f1']:.2f}"
        assert baseline == f"{figures['baseline_macro_f1']:.2f}"


@pytest.mark.parametrize("profile", ADAPTERS)
def test_the_card_states_what_was_measured(profile):
    found = rows(card(profile), "| data | rows | macro-F1 | commonest answer |")
    for (_, count, ours, baseline), figures in zip(found, measured(profile).values(), strict=True):
        assert int(count.replace(",", "")) == figures["rows"]
        assert ours == f"{figures['macro_f1']:.2f}"
        assert baseline == f"{figures['baseline_macro_f1']:.2f}"


def test_minimal_pairs_are_as_kept(readme):
    row = benchmark("bundled").loc["pairs right: all"]
    assert f"-->{row['value']:.0%} of {int(row['rows'])} pairs<!--" in readme


def speeds(name):
    kept = pd.read_csv(ROOT / "data" / "benchmarks" / name, comment="#")
    return kept.assign(each=kept["cpu_seconds"] / kept["articles"])


def test_speed_is_as_kept(readme):
    header = "| system | articles | workers | processor seconds an article | articles a minute, by the clock |"
    names = {"korea_nlp": "this package", "pipelines": "plain pipelines"}
    assert rows(readme, header) == [
        [names[row.system], str(row.articles), str(row.workers), f"{row.each:.2f}",
         f"{row.articles_per_minute:.0f}"]
        for row in speeds("corpus_speed.csv").itertuples()
    ]  # fmt: skip


def test_memory_is_as_kept(readme):
    kept = speeds("corpus_speed.csv").query("system == 'korea_nlp'").set_index("articles")["peak_memory_mb"]
    said = ", ".join(f"{peak:,} MB for {count}" for count, peak in kept.items())
    assert f"<!-- memory -->{said}<!-- -->" in readme


def test_sides_in_american_news_are_as_measured(readme):
    found = benchmark("bundled").query("data == 'seesaw_dev'")["value"]
    right, seen = (found[f"{name} of the two sides"] for name in ("precision", "recall"))
    said = f"{found['F1 of the two sides']:.2f} ({right:.0%} are right, {seen:.0%} of those that people saw are found)"
    assert f"<!-- seesaw -->{said}<!-- -->" in readme


def alone(profile):
    kept = pd.read_csv(ROOT / "data" / "benchmarks" / "annotation.csv")
    return kept[kept["profile"] == profile].set_index("layer")


def test_what_is_found_from_the_text_alone_is_as_kept(readme):
    row = alone("bundled").loc["stances"]
    right = f"{row['precision']:.0%} ({row['right']:.0f} of {row['found']:.0f})"
    assert f"<!-- right -->{right}<!-- --> are right" in readme
    assert f"<!-- seen -->{row['recall']:.0%}<!-- -->" in readme
    reader = alone("second reader").loc["stances"]
    assert f"<!-- machine -->{row['f1']:.2f}<!-- -->" in readme
    assert f"<!-- reader -->{reader['f1']:.2f}<!-- -->" in readme


@pytest.mark.parametrize("profile", ADAPTERS)
def test_the_card_states_references_and_events(profile):
    found = rows(card(profile), "| layer | precision | recall | F1 |")
    kept = alone(profile)[["precision", "recall", "f1"]]
    assert found == [[layer, *(f"{value:.2f}" for value in row)] for layer, *row in kept.itertuples(name=None)]


@pytest.mark.parametrize("profile", ADAPTERS)
def test_the_card_states_sides_by_the_way_they_are_told(profile):
    kept = pd.read_csv(ROOT / "data" / "benchmarks" / "passages.csv", dtype=str, keep_default_na=False)
    kept = kept.loc[kept["profile"] == profile, ["kind", "wanted", "right", "found"]]
    assert rows(card(profile), "| kind | wanted | right | found |") == kept.to_numpy().tolist() != []


def test_passages_to_test_on_are_counted():
    page = (ROOT / "data" / "passages" / "README.md").read_text(encoding="utf-8")
    kinds = pd.read_json(ROOT / "data" / "passages" / "passages.jsonl", lines=True)["kind"].value_counts()
    assert f"<!-- passages -->{kinds.sum()}<!-- -->" in page
    said = {kind.strip("`"): int(count.split()[0]) for kind, count, _ in rows(page, "| `kind` | passages |")}
    assert {*kinds.drop([kind for kind in said if kind in kinds])} == {said.pop("the others")}
    assert said == kinds[[*said]].to_dict()
    articles = pd.read_json(ROOT / "data" / "passages" / "articles.jsonl", lines=True)["sentences"]
    sides = [
        {(n, m, *side) for n, each in enumerate(articles) for m, row in enumerate(each) for side in row[reader]}
        for reader in ("stances", "second")
    ]
    count = f"{len(articles)} whole articles with {articles.map(len).sum()} sentences and {len(sides[0])} sides"
    assert f"<!-- articles -->{count}<!-- -->" in page
    agree = 2 * len(sides[0] & sides[1]) / (len(sides[0]) + len(sides[1]))
    assert f"<!-- second -->F1 of their sides {agree:.2f}<!-- -->" in page
    asked = pd.read_json(ROOT / "data" / "passages" / "statements.jsonl", lines=True)
    assert f"<!-- statements -->{len(asked)} questions on {asked['text'].nunique()} short texts<!-- -->" in page


def test_statements_to_learn_from_are_counted():
    page = (ROOT / "data" / "news" / "README.md").read_text(encoding="utf-8")
    rows = pd.read_json(ROOT / "data" / "news" / "propositions.jsonl", lines=True)
    count = rows["stance"].value_counts()
    said = f"{len(rows):,} questions on {rows['text'].nunique()} short texts, {count['favor']} of them favor, "
    assert f"<!-- propositions -->{said}{count['against']} against, {count['none']} none<!-- -->" in page
    tested = pd.read_json(ROOT / "data" / "passages" / "statements.jsonl", lines=True)
    assert not {*rows["text"]} & {*tested["text"]}


def test_sides_in_plain_passages_and_articles_are_as_kept(readme):
    kept = pd.read_csv(ROOT / "data" / "benchmarks" / "passages.csv").query("profile == 'bundled'").set_index("kind")
    others = ["quotations", "figures", "arms", "speech that goes on", "whole articles"]
    others += [kind for kind in kept.index if kind.startswith("statements")]
    for mark, found in (("passages", kept.drop(others).sum()), ("articles", kept.loc["whole articles"])):
        right, seen = found["right"] / found["found"], found["right"] / found["wanted"]
        said = f"{right:.0%} of {found['found']:.0f} are right, and it finds {seen:.0%}"
        assert f"<!-- {mark} -->{said}<!-- -->" in readme


def test_stances_toward_statements_are_as_kept(readme):
    kept = pd.read_csv(ROOT / "data" / "benchmarks" / "passages.csv").query("profile == 'bundled'")
    found = kept[kept["kind"].str.startswith("statements")].sum(numeric_only=True).astype(int)
    asked = len(pd.read_json(ROOT / "data" / "passages" / "statements.jsonl", lines=True))
    said = f"{asked} other statements, asked of the writer or of somebody else, `bundled` says a side in "
    assert f"<!-- statements -->{said}{found['found']}, {found['right']} of them right<!-- -->" in readme


def test_agreement_with_a_reader_is_as_kept(readme):
    kept = pd.read_csv(ROOT / "data" / "benchmarks" / "agreement.csv").query("profile == 'bundled'").set_index("layer")
    for mark, layer, measure in (("agreement", "stance over the article", "kappa"), ("events", "events", "F1")):
        row, said = kept.loc[layer], re.search(rf"<!-- {mark} -->(.+?)<!-- -->", readme)[1]
        assert row["measure"] == measure
        assert said.startswith(f"{row['model']:.2f} ({measure}")
        assert said.endswith(f"two readers: {row['readers']:.2f})")


def test_notebook_7_finds_the_agreement_that_is_kept():
    kept = pd.read_csv(ROOT / "data" / "benchmarks" / "agreement.csv").query("profile == 'bundled'").set_index("layer")
    book = json.loads((ROOT / "notebooks" / "07_checking_the_models.ipynb").read_text(encoding="utf-8"))
    said = " ".join(
        "".join(output["data"].get("text/markdown", ""))
        for cell in book["cells"] for output in cell.get("outputs", []) if "data" in output
    )  # fmt: skip
    found = re.search(r"who is for.+?it is \*\*([\d.]+)\*\*.+?who did what.+?it is \*\*([\d.]+)\*\*", said)
    assert found.groups() == tuple(f"{kept.loc[name, 'model']:.2f}" for name in ("stance over the article", "events"))


@pytest.mark.parametrize("profile", ADAPTERS)
def test_the_card_states_the_minimal_pairs(profile):
    kept = benchmark(profile)
    found = rows(card(profile), "| change | both members right | pairs |")
    assert len(found) == kept.index.str.startswith("pairs right: ").sum()
    for change, share, count in found:
        row = kept.loc[f"pairs right: {change}"]
        assert share == f"{row['value']:.2f} ({row['low']:.2f} to {row['high']:.2f})"
        assert int(count) == row["rows"]


@pytest.mark.parametrize("profile", ADAPTERS)
def test_the_card_states_every_class(profile):
    figures = measured(profile)["directed_valid"]["f1"]
    assert rows(card(profile), "| class | F1 |") == [[name, f"{f1:.2f}"] for name, f1 in figures.items()]


@pytest.mark.weights
def test_stances_shown_are_those_found(readme):
    from korea_nlp import aggregate_stance, detect_stance, read_article
    from korea_nlp.agreement.annotators import readings_of
    from korea_nlp.stance import SIDES

    article = read_article(ROOT / "seeds" / "000_1217f8f2cf5bd169.txt")
    found = aggregate_stance(detect_stance(article)).set_index(["holder", "target"])
    shown = rows(readme, "| who | stands | toward whom or what | probability | evidence |")
    assert len(shown) >= 5
    for who, stands, target, probability, evidence in shown:
        row = found.loc[(who.replace("the writer", "author"), target)]
        assert (stands.replace("for", "favor"), float(probability)) == (row["stance"], round(row["probability"], 2))
        quoted = re.search(r"“(.*)”", evidence)[1]
        for part in quoted.split(" … "):
            assert part in article.sentences["text"].iloc[row["evidence"] - 1]
    both = [
        {(row.holder, row.target, row.stance) for row in tables["stance_article"].itertuples() if row.stance in SIDES}
        for tables in readings_of(article).values()
    ]
    names = [(who.replace("the writer", "author"), target, stands.replace("for", "favor"))
             for who, stands, target, *_ in shown]  # fmt: skip
    disputed = [place for place, name in enumerate(names, 1) if name not in set.union(*both)]
    assert disputed == [1, 7], "the page says of the first and the seventh that both readers see it otherwise"
    seen = set.intersection(*both)
    missed = sum(found["stance"].get((holder, target)) != side for holder, target, side in seen)
    assert f"<!-- missed -->{missed} of the {len(seen)}<!-- -->" in readme


def test_chosen_sentences_are_as_measured(readme):
    kept = pd.read_csv(ROOT / "data" / "benchmarks" / "salience.csv").set_index("method")
    said = re.search(r"<!-- salient -->(.*?)<!-- -->", readme, re.DOTALL)[1]
    methods = ["machine", "first sentences", "second reader"]
    assert [int(n) for n in re.findall(r"(\d+)%", said)] == [round(100 * share) for share in kept["agreement"][methods]]
    assert f"({kept['articles'].iloc[0]} held-out articles" in readme


def test_the_card_of_the_writer_counts_the_headlines():
    card = (ASSETS / "writer-qwen" / "README.md").read_text(encoding="utf-8")
    said = re.search(r"<!-- headlines -->(.*?)<!-- -->", card, re.DOTALL)[1]
    rows = pd.read_csv(ROOT / "data" / "benchmarks" / "headlines.csv")
    counts = []
    for _, here in reversed(list(rows.groupby("by"))):
        counts += [here["right"].sum(), len(here), (here["right"] & here["main"]).sum()]
    assert sorted(map(int, re.findall(r"\d+", said))) == sorted(counts)
