"""Corrections: kept apart, appended without touching others' rows, refused when stale."""

import datetime

import made_up_reading
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from korea_nlp.agreement.corrections import (
    ABOUT,
    apply_corrections,
    correct,
    load_corrections,
    save_corrections,
)
from korea_nlp.errors import KoreaNLPError

DAY = "2024-11-05"


@pytest.fixture(scope="module")
def voices():
    return made_up_reading.voices(made_up_reading.article())


def fix(voices, number=3, corrected="experts", who="Ada", note="she cites them", when=DAY):
    where = {key: int(voices.loc[number, key]) for key in ("sentence", "start")}
    return correct(voices, where, "speaker", corrected, who, note, when)


def test_a_correction_says_who_when_what_it_was_and_why(voices):
    (row,) = fix(voices).to_dict("records")
    start = int(voices.loc[3, "start"])
    assert row == {"sentence": 4, "start": start, "field": "speaker", "predicted": "author",
                   "corrected": "experts", "who": "Ada", "when": DAY, "note": "she cites them"}  # fmt: skip
    assert fix(voices, when=None)["when"][0] == datetime.date.today().isoformat()
    corrected = apply_corrections(voices, fix(voices))
    assert corrected.loc[3, ["speaker", "corrected_by"]].tolist() == ["experts", "Ada"]
    assert voices.loc[3, "speaker"] == "author"


def test_exactly_one_row_is_meant(voices):
    with pytest.raises(ValueError, match="0 rows fit"):
        correct(voices, {"sentence": 999}, "speaker", "x", "Ada")
    with pytest.raises(ValueError, match=r"\d+ rows fit .*; name the columns"):
        correct(voices, {"voice": "author"}, "speaker", "x", "Ada")
    with pytest.raises(ValueError, match="no column mood"):
        correct(voices, {"sentence": 4}, "mood", "x", "Ada")


def test_what_is_saved_is_what_is_loaded(voices, tmp_path):
    file = tmp_path / "folder" / "voices.csv"
    note = 'he "said", twice,\nand = <script>'
    assert save_corrections(file, fix(voices, note=note)) == 1
    assert save_corrections(file, fix(voices, 4, who="Bo")) == 1
    loaded = load_corrections(file)
    assert loaded["note"].tolist() == [note, "she cites them"]
    assert loaded["who"].tolist() == ["Ada", "Bo"]
    corrected = apply_corrections(voices, loaded)
    assert (corrected["speaker"] == "experts").sum() == (voices["speaker"] == "experts").sum() + 2


def test_appending_leaves_what_is_there_byte_for_byte(voices, tmp_path):
    file = tmp_path / "voices.csv"
    mine = fix(voices)
    others = '\ufeffwho,"field",predicted,start,corrected,sentence,when,note\r\n'
    others += '"Cy",speaker,author,0,Kim,0,,"a ""b"""'
    file.write_bytes(others.encode())
    assert save_corrections(file, mine) == 1
    assert file.read_bytes().startswith(others.encode() + b"\n")
    assert load_corrections(file)["who"].tolist() == ["Cy", "Ada"]
    before = file.read_bytes()
    assert save_corrections(file, mine) == 0  # running a notebook again adds nothing
    assert file.read_bytes() == before


def test_another_table_needs_another_file(voices, tmp_path):
    file = tmp_path / "voices.csv"
    save_corrections(file, fix(voices))
    before = file.read_bytes()
    with pytest.raises(KoreaNLPError, match="a file of its own"):
        save_corrections(file, fix(voices).rename(columns={"start": "holder"}))
    assert file.read_bytes() == before


def test_stale_corrections_are_refused_in_one_line(voices, tmp_path):
    save_corrections(tmp_path / "a.csv", fix(voices))
    loaded = load_corrections(tmp_path / "a.csv")
    newer = voices.copy()
    newer.loc[3, "speaker"] = "KCNA"
    with pytest.raises(ValueError, match="corrects 'author', but 'KCNA' is there now") as problem:
        apply_corrections(newer, loaded)
    assert "\n" not in str(problem.value)
    with pytest.raises(ValueError, match="fits no row"):
        apply_corrections(voices[voices["sentence"] != 4], loaded)


def test_the_later_correction_counts(voices):
    both = pd.concat([fix(voices), fix(voices, corrected="residents", who="Bo")])
    assert apply_corrections(voices, both).loc[3, ["speaker", "corrected_by"]].tolist() == ["residents", "Bo"]


def test_numbers_stay_numbers(voices, tmp_path):
    table = voices.assign(share=0.5)
    where = {"sentence": 4}
    save_corrections(tmp_path / "a.csv", correct(table, where, "share", 0.25, "Ada", when=DAY))
    corrected = apply_corrections(table, load_corrections(tmp_path / "a.csv"))
    assert corrected.loc[3, "share"] == 0.25
    assert corrected["share"].dtype == float
    with pytest.raises(ValueError, match="'many' is no number"):
        apply_corrections(table, correct(table, where, "share", "many", "Ada", when=DAY))


@settings(max_examples=30, deadline=None)
@given(notes=st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")), max_size=4))
def test_any_note_survives(voices, tmp_path_factory, notes):
    file = tmp_path_factory.mktemp("notes") / "a.csv"
    given_notes = [note.replace("\r", " ") for note in notes]
    for number, note in enumerate(given_notes):
        save_corrections(file, fix(voices, note=note, who=f"reader {number}"))
    if notes:
        assert load_corrections(file)["note"].tolist() == given_notes


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (b"", "not a table in CSV"),
        (b"sentence,field\n1,x\n", "no column predicted, corrected, who; corrections need field"),
        (b"sentence,field,predicted,corrected,who\n1,x,a,a,Ada\n1,x,a,b, \n", "row 3 does not say who"),
        (b"\xff\xfe", "not UTF-8"),
    ],
)
def test_wrong_files_are_refused_in_one_line(tmp_path, written, said):
    (tmp_path / "a.csv").write_bytes(written)
    with pytest.raises(KoreaNLPError, match=said) as problem:
        load_corrections(tmp_path / "a.csv")
    assert "\n" not in str(problem.value)
    with pytest.raises(KoreaNLPError, match="cannot read"):
        load_corrections(tmp_path / "missing.csv")
    with pytest.raises(KoreaNLPError, match="no column who"):
        save_corrections(tmp_path / "b.csv", pd.DataFrame(columns=["field", "predicted", "corrected"]))
    with pytest.raises(KoreaNLPError, match="cannot write"):
        save_corrections(tmp_path / "a.csv" / "b.csv", pd.DataFrame(columns=ABOUT))
