"""The minimal pairs are minimal, balanced, and ask about names that are in the text."""

import re
from pathlib import Path

import pandas as pd
import pytest

FOLDER = Path(__file__).parent.parent / "data" / "contrast"
PAIRS = pd.read_csv(FOLDER / "pairs.csv", keep_default_na=False)
PHENOMENA = ["who", "whom", "verb", "voice", "negation", "quotation", "attribution", "third", "neutral"]
LONGEST_EDIT = 9


def edits(one: str, other: str) -> int:
    """Words and signs to insert, delete or replace (Levenshtein)."""
    one, other = (re.findall(r"\w+|[^\w\s]", text) for text in (one, other))
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, right in enumerate(other, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (left != right))
    return row[-1]


def members():
    """Both members of each pair, side by side."""
    a, b = (PAIRS[PAIRS["member"] == member].set_index("pair") for member in "ab")
    return a.add_suffix("_a").join(b.add_suffix("_b"), validate="1:1")


def test_columns_and_values():
    assert [*PAIRS.columns] == [
        "pair",
        "member",
        "phenomenon",
        "text",
        "holder",
        "target",
        "stance",
        "expect",
    ]
    assert set(PAIRS["stance"]) == {"favor", "against", "none"}
    assert set(PAIRS["phenomenon"]) == set(PHENOMENA)
    assert not (PAIRS == "").to_numpy().any()
    assert not PAIRS.duplicated(["text", "holder", "target"]).any()


def test_each_pair_has_two_members():
    assert (PAIRS.groupby("pair")["member"].agg("".join) == "ab").all()
    assert len(members()) >= 220


def test_counts_are_about_equal():
    phenomena = members()["phenomenon_a"].value_counts()
    assert phenomena.max() - phenomena.min() <= 2
    assert PAIRS["stance"].value_counts(normalize=True).between(0.30, 0.37).all()
    assert 0.15 <= (PAIRS["holder"] == "author").mean() <= 0.25


def test_a_pair_differs_in_the_text_or_in_the_question_but_not_in_both():
    both = members()
    text = both["text_a"] != both["text_b"]
    question = (both["holder_a"] != both["holder_b"]) | (both["target_a"] != both["target_b"])
    assert (text ^ question).all()


@pytest.mark.parametrize("row", list(members().itertuples()), ids=lambda row: row.Index)
def test_the_edit_is_small_and_the_expectation_is_told(row):
    assert row.phenomenon_a == row.phenomenon_b
    assert edits(row.text_a, row.text_b) <= LONGEST_EDIT
    assert row.expect_a == row.expect_b == ("same" if row.stance_a == row.stance_b else "changed")


def test_names_are_in_the_text_once_as_whole_words():
    for row in PAIRS.itertuples():
        for name in {row.holder, row.target} - {"author"}:
            found = re.findall(rf"(?<!\w){re.escape(name)}(?!\w)", row.text)
            assert len(found) == 1, (row.pair, row.member, name)
    assert (PAIRS["target"] != "author").all()


def test_only_active_and_passive_and_their_like_keep_their_stance():
    same = members().query("expect_a == 'same'")["phenomenon_a"].value_counts()
    assert set(same.index) <= {"voice", "negation", "quotation", "attribution", "third"}
    assert same.idxmax() == "voice"


def test_the_readme_counts_right():
    text = " ".join((FOLDER / "README.md").read_text(encoding="utf-8").split())
    stated = {name: int(count) for name, count in re.findall(r"\| `(\w+)` \| (\d+) \|", text)}
    assert stated == members()["phenomenon_a"].value_counts().to_dict()
    labels = PAIRS["stance"].value_counts()
    assert f"{len(members())} pairs, {len(PAIRS)} members" in text
    assert all(f"{count} `{label}`" in text for label, count in labels.items())
    assert f"{(PAIRS['holder'] == 'author').sum()} with the holder `author`" in text
    same = members().query("expect_a == 'same'")
    assert f"{len(same)} pairs expect the same" in text
    assert f"({(same['phenomenon_a'] == 'voice').sum()} pairs)" in text


def test_the_pairs_are_no_training_data():
    """Nothing that trains reads them, and no annotated article holds one of them."""
    root = FOLDER.parent.parent
    assert not any("contrast" in file.read_text() for file in (root / "korea_nlp" / "training").glob("*.py"))
    articles = " ".join(file.read_text(encoding="utf-8") for file in (root / "data" / "news").glob("*.txt"))
    written = re.sub(r"\[([^\[\]|]+)\|[^\[\]|]+\]", r"\1", articles)
    assert not any(text in written for text in PAIRS["text"])
