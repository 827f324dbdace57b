"""What goes out to other tools is what their formats demand, and what comes back is what went out."""

import json
import re
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import made_up_reading
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from invariants import TEXTS
from invariants import profile as blank_profile

from korea_nlp.article import parse_article
from korea_nlp.errors import ArticleError, KoreaNLPError
from korea_nlp.exchange import FORMATS, export_annotations, import_annotations
from korea_nlp.exchange.layers import COLUMNS, LABELS, checked, from_annotations, to_annotations

SCHEMAS = Path(__file__).parent / "schemas"
ODD = ["𝕂im 🇰🇷", "<script>alert(1)</script>", 'a "b", c', "e\u0301", "\\n", "=1+1", "NA", "]]>", "a|b"]
NAMES = st.sampled_from(["", "North Korea", "author", *ODD]) | st.text(max_size=6).map(
    lambda name: " ".join(re.sub("[\x00-\x1f\x7f-\x9f]", "", name).split())
)


@pytest.fixture(scope="module")
def profile(tmp_path_factory):
    return blank_profile(tmp_path_factory.mktemp("language"))


@pytest.fixture(scope="module")
def article():
    return made_up_reading.article()


@pytest.fixture(scope="module")
def tables(article):
    start = int(article.sentences["start"][7])
    events = pd.DataFrame(
        [(8, start, start + 20, article.text[start : start + 20], "South Korea", "ACCUSE", "North Korea")],
        columns=["sentence", "start", "end", "text", "actor", "category", "target"],
    )
    return {
        "mentions": made_up_reading.mentions(article),
        "voices": made_up_reading.voices(article),
        "events": events,
        "stance": made_up_reading.stance(article),
        "frames": pd.DataFrame({"sentence": [1, 2], "frame": ["security threat", "none"]}),
    }


@pytest.fixture(scope="module")
def annotations(article, tables):
    return to_annotations(article, **tables)


def there_and_back(annotations, article, folder, format):
    """Through a file of another tool; everything that was written."""
    files = export_annotations(annotations, article, folder / "a", format)
    (file,) = [file for file in files if file.suffix == FORMATS[format].suffix]
    return import_annotations(file, article, format), {file.suffix: file.read_text("utf-8") for file in files}


def one(article, start, end, layer="mention", label="state", actor="", target="", text=None):
    row = (layer, start, end, article.text[start:end] if text is None else text, label, actor, target)
    return pd.DataFrame([row], columns=COLUMNS)


@st.composite
def annotated(draw, profile):
    """An article of odd characters with spans that overlap, cross sentences and repeat."""
    parts = draw(st.lists(TEXTS | st.sampled_from(ODD), min_size=1, max_size=6))
    text = draw(st.sampled_from([" ", ". ", "\n\n"])).join(parts)
    try:
        article = parse_article(text, profile=profile)
    except ArticleError:
        assume(False)
    rows = []
    for _ in range(draw(st.integers(0, 6))):
        start = draw(st.integers(0, len(article.text) - 1))
        end = draw(st.integers(start + 1, len(article.text)))
        layer = draw(st.sampled_from(list(LABELS)))
        if layer == "stance" and draw(st.booleans()):
            sentence = article.sentences.iloc[draw(st.integers(0, len(article.sentences) - 1))]
            start, end = int(sentence["start"]), int(sentence["end"])
        words = article.text[start:end]
        if words.strip("\n") == words:
            label = draw(st.sampled_from([*LABELS[layer], "une étiquette", "l-2"]))
            rows.append((layer, start, end, words, label, draw(NAMES), draw(NAMES)))
    return article, pd.DataFrame(rows, columns=COLUMNS)


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_what_comes_back_is_what_went_out_and_voices_cover_each_sentence(profile, tmp_path_factory, data):
    article, rows = data.draw(annotated(profile))
    for format in sorted(FORMATS, key="brat".__eq__):  # last: it knows no accents
        if format == "brat":
            rows["label"] = rows["label"].str.replace("é", "e")
        back, _ = there_and_back(rows, article, tmp_path_factory.getbasetemp(), format)
        pd.testing.assert_frame_equal(back, checked(rows, article, "rows"))
    voices = from_annotations(rows, article)["voices"]
    for sentence, parts in voices.groupby("sentence"):
        assert "".join(parts["text"]) == article.sentences["text"].iloc[sentence - 1]
    assert set(voices["sentence"]) == set(article.sentences["sentence"])


@pytest.mark.parametrize("format", FORMATS)
def test_tables_survive(article, tables, annotations, tmp_path, format):
    back, _ = there_and_back(annotations, article, tmp_path, format)
    found = from_annotations(back, article)
    mentions = tables["mentions"].assign(found_by="import")
    by = ["start", "end", "actor"]
    pd.testing.assert_frame_equal(
        found["mentions"].sort_values(by, ignore_index=True), mentions.sort_values(by, ignore_index=True)
    )
    pd.testing.assert_frame_equal(found["voices"], tables["voices"].assign(cue=""))
    pd.testing.assert_frame_equal(found["events"], tables["events"])
    sides = tables["stance"][tables["stance"]["stance"] != "none"]
    key = ["sentence", "holder", "target", "stance"]
    assert sorted(found["stance"][key].itertuples(index=False, name=None)) == sorted(
        sides[key].itertuples(index=False, name=None)
    )
    assert list(found["frames"]["frame"]) == ["security threat"]
    assert list(found["frames"]["text"]) == [article.sentences["text"][0]]


def test_web_annotations_are_as_the_model_demands(article, annotations, tmp_path):
    _, files = there_and_back(annotations, article, tmp_path, "web-annotation")
    page = json.loads(files[".jsonld"])
    jsonschema.validate(page, json.loads((SCHEMAS / "web_annotation.schema.json").read_text("utf-8")))
    names = [item["id"] for item in page["items"]]
    assert len(set(names)) == len(names) == len(annotations)
    for item in page["items"]:
        position, quote = item["target"]["selector"]
        assert article.text[position["start"] : position["end"]] == quote["exact"]
        assert quote["prefix"] + quote["exact"] + quote["suffix"] in article.text


def test_web_annotations_are_found_by_their_quotation(article, tmp_path):
    rows = one(article, 0, 11)
    _, files = there_and_back(rows, article, tmp_path, "web-annotation")
    page = json.loads(files[".jsonld"])
    del page["items"][0]["target"]["selector"][0]
    collection = {"type": "AnnotationCollection", "first": page}
    (tmp_path / "a.jsonld").write_text(json.dumps(collection), encoding="utf-8")
    back = import_annotations(tmp_path / "a.jsonld", article, "web-annotation")
    pd.testing.assert_frame_equal(back, checked(rows, article, "rows"))
    page["items"][0]["target"]["selector"] = [{"type": "TextQuoteSelector", "exact": "the"}]
    (tmp_path / "a.jsonld").write_text(json.dumps(page), encoding="utf-8")
    with pytest.raises(KoreaNLPError, match=r"annotation 0 quotes 'the', which the article has \d+ times"):
        import_annotations(tmp_path / "a.jsonld", article, "web-annotation")


def test_label_studio_takes_task_and_configuration(article, annotations, tmp_path):
    _, files = there_and_back(annotations, article, tmp_path, "label-studio")
    tasks = json.loads(files[".json"])
    jsonschema.validate(tasks, json.loads((SCHEMAS / "label_studio.schema.json").read_text("utf-8")))
    view = ElementTree.fromstring(files[".xml"])
    controls = {tag.get("name"): tag for tag in view if tag.get("toName")}
    assert view.find("Text").get("value") == "$text"
    regions = set()
    for result in tasks[0]["predictions"][0]["result"]:
        if result["type"] == "relation":
            assert {result["from_id"], result["to_id"]} <= regions
            assert set(result["labels"]) <= {tag.get("value") for tag in view.iter("Relation")}
            continue
        control = controls[result["from_name"]]
        assert control.tag.lower() == result["type"]
        assert result["to_name"] == control.get("toName") == view.find("Text").get("name")
        if result["type"] == "labels":
            regions.add(result["id"])
            assert set(result["value"]["labels"]) <= {tag.get("value") for tag in control}
        else:
            assert control.get("perRegion") == "true"
    assert {"relation", "labels", "textarea"} == {r["type"] for r in tasks[0]["predictions"][0]["result"]}


def label_studio_export(article, *results, **more):
    return json.dumps([{"data": {"text": article.text}, "annotations": [{"result": [*results], **more}]}])


def region(start, end, text, name="r1", layer="mention", label="state"):
    value = {"start": start, "end": end, "text": text, "labels": [label]}
    return {"id": name, "from_name": layer, "to_name": "text", "type": "labels", "value": value}


@pytest.mark.parametrize(
    ("text", "start", "end", "quoted", "expected"),
    [
        ("🐱 Now:\n🐱 This is a test.", 2, 23, "Now:\\n🐱 This is a test", "Now:\n🐱 This is a test"),
        ("💩This is an annotation. ", 13, 23, "annotation", "annotation"),  # as older releases count
        ("💩This is an annotation. ", 12, 22, "annotation", "annotation"),
    ],
)
def test_label_studio_counts_code_points_and_once_counted_units(tmp_path, text, start, end, quoted, expected):
    article = made_up_reading.article(text)
    (tmp_path / "export.json").write_text(label_studio_export(article, region(start, end, quoted)), encoding="utf-8")
    back = import_annotations(tmp_path / "export.json", article, "label-studio")
    assert list(back["text"]) == [expected]


def test_people_come_before_predictions_and_draw_arrows(article, tmp_path):
    results = []
    for name, actor in (("a", "North Korea"), ("b", "South Korea")):
        mention = made_up_reading.mentions(article).query("actor == @actor").iloc[0]
        marked = region(int(mention.start), int(mention.end), mention.text, name)
        typed = {"from_name": "actor", "type": "textarea", "value": {"text": [actor]}}
        results += [marked, marked | typed]
    arrow = {"type": "relation", "from_id": "a", "to_id": "b", "direction": "left"}
    results.append(arrow | {"labels": ["against"]})
    tasks = json.loads(label_studio_export(article, *results))
    tasks[0]["annotations"].append({"was_cancelled": True, "result": []})
    tasks[0]["predictions"] = [{"result": [region(0, 5, article.text[:5])]}]
    file = tmp_path / "export.json"
    file.write_text(json.dumps([{"data": {"text": "another"}}, *tasks]), encoding="utf-8")
    found = from_annotations(import_annotations(file, article, "label-studio"), article)
    assert len(found["mentions"]) == 2
    (stance,) = found["stance"].to_dict("records")
    assert (stance["holder"], stance["target"], stance["stance"]) == ("South Korea", "North Korea", "against")
    assert stance["text"] == article.sentences["text"].iloc[stance["sentence"] - 1]


def test_brat_lines_are_as_its_grammar_demands(article, annotations, tmp_path):
    _, files = there_and_back(annotations, article, tmp_path, "brat")
    grammar = tomllib.loads((SCHEMAS / "brat.toml").read_text("utf-8"))
    lines = files[".ann"].splitlines()
    assert {line[0] for line in lines} == set("TAR")
    assert [line for line in lines if not re.fullmatch(grammar[line[0]], line)] == []
    names = [line.split("\t")[0] for line in lines]
    assert len(set(names)) == len(names)
    assert files[".txt"] == article.text
    configured = files[".conf"]
    assert [line for line in configured.split("\n") if not re.fullmatch(grammar["conf"], line)] == []
    for line in lines:
        if line[0] in "TR":
            type = re.escape(re.split("[\t ]", line)[1])
            assert re.search(rf"^{type}(\t|$)", configured, re.MULTILINE)


def test_brat_gets_names_that_its_configuration_can_list(tmp_path):
    article = made_up_reading.article("One line here.\nAnother one there.")
    rows = one(article, 0, 3, actor="a_b, c|100%", target="North Korea")
    back, files = there_and_back(rows, article, tmp_path, "brat")
    assert "A1\tactor T1 a%5Fb%2C_c%7C100%25\nA2\ttarget T1 North_Korea\n" in files[".ann"]
    assert "Value:North_Korea|a%5Fb%2C_c%7C100%25\n" in files[".conf"]
    assert back[["actor", "target"]].values.tolist() == [["a_b, c|100%", "North Korea"]]
    with pytest.raises(KoreaNLPError, match="ASCII letters and digits only as a label, and not 'état'"):
        there_and_back(rows.assign(label="état"), article, tmp_path, "brat")


def test_brat_never_breaks_a_line(tmp_path):
    article = made_up_reading.article("One line here.\nAnother one there.")
    rows = one(article, 4, 22, "voice", "quote", "Kim")
    back, files = there_and_back(rows, article, tmp_path, "brat")
    pd.testing.assert_frame_equal(back, checked(rows, article, "rows"))
    assert files[".ann"] == "T1\tvoice_quote 4 14;15 22\tline here. Another\nA1\tactor T1 Kim\n"


def test_brat_fragments_are_rows_of_their_own(tmp_path):
    article = made_up_reading.article("“We,” he said, “will win.” So he went.")
    (tmp_path / "a.ann").write_text(
        "T7\tvoice_quote 0 5;15 26\t“We,” “will win.”\n#1\tAnnotatorNotes T7\tsure?\nA1\tactor T7 Kim\nA2\tsure T7\n",
        encoding="utf-8",
    )
    back = import_annotations(tmp_path / "a.ann", article, "brat")
    assert list(back["text"]) == ["“We,”", "“will win.”"]
    assert set(back["actor"]) == {"Kim"}
    voices = from_annotations(back, article)["voices"]
    assert list(voices["voice"]) == ["quote", "author", "quote", "author"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"end": 10**6}, r"annotation 0 spans 0 to 1000000, but the text of the article has [\d,]+ char"),
        ({"start": -1}, "annotation 0 spans -1 to"),
        ({"start": 5, "end": 5}, "annotation 0 spans 5 to 5"),
        ({"start": "2.5"}, "not whole numbers"),
        ({"start": "x"}, "not whole numbers"),
        ({"text": "other words"}, "annotation 0 quotes 'other words', but from 0 to 11 the article reads"),
        ({"layer": "sentiment"}, "layer 'sentiment'; there are: mention, voice, event, stance, frame"),
        ({"label": ""}, "has the label ''"),
        ({"label": "a_b"}, "has the label 'a_b'"),
        ({"actor": "two\nlines"}, "a name is one line"),
        ({"target": None}, "a name is one line"),
    ],
)
def test_what_does_not_fit_is_said_in_one_line(article, tmp_path, change, said):
    rows = one(article, 0, 11).astype(object).assign(**change)
    with pytest.raises(KoreaNLPError, match=said) as problem:
        export_annotations(rows, article, tmp_path / "a")
    assert "\n" not in str(problem.value)
    if None not in change.values():
        rows.to_csv(tmp_path / "a.csv", index=False)
        with pytest.raises(KoreaNLPError, match=said):
            import_annotations(tmp_path / "a.csv", article)


@pytest.mark.parametrize(
    ("format", "written", "said"),
    [
        ("csv", "", "is not a table in CSV"),
        ("csv", "start,end\n1,2\n", "no column layer, text, label"),
        ("csv", 'layer,"start\n', "is not a table in CSV"),
        ("jsonl", "{}\nnonsense\n", "line 2 is not a JSON object"),
        ("jsonl", "[1]\n", "line 1 is not a JSON object"),
        ("web-annotation", "{", "not a W3C AnnotationPage"),
        ("web-annotation", "{}", "not a W3C AnnotationPage"),
        ("web-annotation", "[1]", "not a W3C AnnotationPage"),
        ("web-annotation", '[{"body": [], "target": {}}]', "annotation 0 has no tag 'layer"),
        ("label-studio", "{", "not an export of Label Studio"),
        ("label-studio", "7", "not an export of Label Studio"),
        ("label-studio", '[{"data": {"text": "x"}}]', "none of the 1 tasks has the text of the article"),
        ("brat", "T1 mention 0 5 text\n", "line 1 is not as brat writes it"),
        ("brat", "T1\tmention 0 5\twrong\n", "line 1 quotes 'wrong', but there the article reads"),
        ("brat", "T1\tmention 0 99999\twrong\n", "line 1 quotes 'wrong'"),
        ("brat", "A1\tactor T1 Kim\n", "line 1 speaks of T1"),
        ("brat", "R1\tagainst Arg1:T1 Arg2:T2\t\n", "line 1 speaks of T1"),
    ],
)
def test_wrong_files_are_refused_in_one_line(article, tmp_path, format, written, said):
    file = tmp_path / "wrong"
    file.write_text(written, encoding="utf-8")
    with pytest.raises(KoreaNLPError, match=said) as problem:
        import_annotations(file, article, format)
    assert str(problem.value).startswith(str(file))
    assert "\n" not in str(problem.value)


def test_label_studio_refuses_what_it_cannot_place(article, tmp_path):
    file = tmp_path / "export.json"
    two = json.loads(label_studio_export(article, region(0, 5, article.text[:5])))
    two[0]["annotations"] *= 2
    arrow = {"type": "relation", "from_id": "r1", "to_id": "r1", "direction": "right"}
    words = article.text[:5]
    for written, said in [
        (json.dumps(two), "was annotated 2 times"),
        (label_studio_export(article, region(0, 5, words, layer="ner")), "there is no layer 'ner'"),
        (label_studio_export(article, region(0, 5, words), arrow), "from r1 to r1 has no label"),
        (label_studio_export(article, region(0, 5, "other")), "annotation 0 quotes 'other'"),
    ]:
        file.write_text(written, encoding="utf-8")
        with pytest.raises(KoreaNLPError, match=said):
            import_annotations(file, article, "label-studio")


def test_names_of_formats_and_tables_are_listed(article, tmp_path):
    for call in (export_annotations, lambda *given: import_annotations(tmp_path / "a", article, given[-1])):
        with pytest.raises(KoreaNLPError, match="no format 'xml'; there are: csv, jsonl, web-annotation"):
            call(one(article, 0, 5), article, tmp_path / "a", "xml")
    with pytest.raises(KoreaNLPError, match="no table sentences to exchange; there are: mentions, voices"):
        to_annotations(article, sentences=article.sentences)


def test_files_that_cannot_be_read_or_written(article, tmp_path):
    with pytest.raises(KoreaNLPError, match="cannot read"):
        import_annotations(tmp_path / "missing.csv", article)
    (tmp_path / "a.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(KoreaNLPError, match="not UTF-8"):
        import_annotations(tmp_path / "a.csv", article)
    with pytest.raises(KoreaNLPError, match="cannot write"):
        export_annotations(one(article, 0, 5), article, tmp_path / "a.csv" / "b.csv")


def test_nothing_found_is_exchanged_too(article, tmp_path):
    nothing = to_annotations(article)
    for format in FORMATS:
        back, _ = there_and_back(nothing, article, tmp_path, format)
        assert list(back.columns) == COLUMNS
        assert back.empty
    assert set(from_annotations(nothing, article)["voices"]["voice"]) == {"author"}
