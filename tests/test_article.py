import io
import json
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from invariants import TEXTS, check_sentences
from malformed import BODY, PAGE, pdf

from korea_nlp.article import parse_article, read_article
from korea_nlp.errors import ArticleError, ArticleWarning
from korea_nlp.sources import MAX_CHARACTERS

SEED = Path(__file__).parent.parent / "seeds" / "000_1217f8f2cf5bd169.txt"


def test_seed_is_stored_as_it_is(blank_profile):
    article = read_article(SEED, blank_profile)
    assert article.text == SEED.read_text(encoding="utf-8").strip()
    assert len(article.paragraphs) == 6
    assert article.title is None
    assert article.name == SEED.stem
    check_sentences(article)


@pytest.mark.weights
def test_seed_has_thirteen_sentences():
    article = read_article(SEED)
    assert len(article.sentences) == 13
    assert article.sentences["text"].str.endswith("“main enemy.”").sum() == 1
    check_sentences(article)


@pytest.mark.weights
def test_sentences_of_speech():
    text = '“We reject it. It is bad,” said Kim. (He spoke on Monday.) "Odd." He left the U.S. on Tuesday.'
    found = list(parse_article(text).sentences["text"])
    assert found == ["“We reject it.", "It is bad,” said Kim.", "(He spoke on Monday.)", '"Odd."',
                     "He left the U.S. on Tuesday."]  # fmt: skip


@pytest.mark.weights
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("U.S.-South Korean exercises end on Friday, the anti-North Korea group said.", 1),
        ("The U.K.-South Korea pact was signed. Tokyo was silent.", 2),
        ("“The North must answer for the launch.” — Foreign Minister Cho Tae-min", 1),
        ("A summit failed.\n„Washington is our friend. It will help.“ – President Lee Jae-myung, in a speech", 3),
        ("It began.\nQUESTION: Has Pyongyang answered your letter?\nSECRETARY RUBIO: We have heard nothing.", 3),
        ("Q: Will you respond to the launch?\nMR. PARK: Japan stands with us. We condemn it.", 3),
    ],
)
def test_labels_signatures_and_joined_names_are_no_sentences(text, expected):
    article = parse_article(text)
    assert len(article.sentences) == expected
    check_sentences(article)


@pytest.mark.parametrize(
    ("lines", "paragraphs"),
    [
        (["It met.", "“It must answer.”", "— Foreign Minister Cho Tae-min"],
         ["It met.", "“It must answer.” — Foreign Minister Cho Tae-min"]),
        (["It met.", '"We were deceived."', "-- Mike Pompeo, former U.S. secretary of state"],
         ["It met.", '"We were deceived." -- Mike Pompeo, former U.S. secretary of state']),
        (["It began.", "MR. PARK:", "Japan stands with us."], ["It began.", "MR. PARK: Japan stands with us."]),
        (["It met.", "He said “no.”", "- Farmers wept."], ["It met.", "He said “no.”", "- Farmers wept."]),
    ],
)  # fmt: skip
def test_who_speaks_stands_in_the_paragraph_of_what_is_said(blank_profile, lines, paragraphs):
    for between in ("\n", "\n\n"):
        assert list(parse_article(between.join(lines), profile=blank_profile).paragraphs["text"]) == paragraphs


@pytest.mark.parametrize(
    "line",
    [
        "Read more: Five things to know about the border", "**Also read | Kim’s sister speaks**",
        "Read more about the border here.", "More on this story", "Advertisement", "Update 3", "14:05 GMT",
        "UPDATE 12 · Oct. 18, 2024, 09:05 GMT", "11.42 a.m. KST", "Updated 3 hours ago", "Sign up for our newsletter!",
    ],
)  # fmt: skip
def test_what_belongs_to_the_page_is_left_out(blank_profile, line):
    about = ["Seoul answers", "South Korea protested.", "It was quiet.", "The North fired two, at 11:42 a.m."]
    for between in ("\n", "\n\n"):
        article = parse_article(between.join([*about[:2], line, *about[2:]]), profile=blank_profile)
        assert list(article.paragraphs["text"]) == about[1:]


def linked_data(**more):
    about = {"@context": "https://schema.org", "@type": "NewsArticle"}
    about |= {"headline": "Seoul answers", "datePublished": "2024-10-18T09:00:00+09:00"}
    return about | {"author": {"name": "Jin Park"}, "articleBody": BODY} | more


@pytest.mark.parametrize(
    ("data", "author"),
    [
        (linked_data(), "Jin Park"),
        ({"@context": "https://schema.org", "@graph": [linked_data(author=[{"name": "A"}, "B"])]}, "A; B"),
        ([linked_data(author="Staff writer")], "Staff writer"),
    ],
)
@pytest.mark.usefixtures("documents_here")
def test_a_page_may_say_all_in_its_data(tmp_path, blank_profile, data, author):
    path = tmp_path / "page.html"
    script = f'<script type="application/ld+json">{json.dumps(data)}</script>'
    path.write_text(f"<!DOCTYPE html><html><head>{script}</head><body><div id='app'></div></body></html>")
    article = read_article(path, blank_profile)
    assert (article.title, article.date, article.author) == ("Seoul answers", "2024-10-18", author)
    assert article.text.split() == BODY.split()


@pytest.mark.weights
@pytest.mark.parametrize("case", [str.upper, str.lower])
def test_a_text_in_one_case_gets_its_capitals_back(case):
    text = (
        'South Korea\'s army said on Friday that the North had fired shells. "We will answer," said Sato Kenji in '
        "Tokyo. The U.S. and the U.N. condemned it. Beijing told us nothing, and KCNA praised Xi Jinping."
    )
    with pytest.warns(ArticleWarning, match="those that no list has") as said:
        article = parse_article(case(text), title=case("Seoul answers"))
    assert (article.title, article.text) == ("Seoul answers", text)
    assert "\n" not in str(said[0].message)
    check_sentences(article)


def test_to_dict_is_json(blank_profile):
    stored = json.loads(json.dumps(parse_article(BODY, "Seoul answers", profile=blank_profile).to_dict()))
    assert stored["title"] == "Seoul answers"
    assert [len(stored[key]) for key in ("paragraphs", "sentences")] == [2, 3]
    assert set(stored) == {"source", "title", "date", "author", "outlet", "text", "paragraphs", "sentences"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "mac_roman"])
def test_encodings(tmp_path, blank_profile, encoding):
    path = tmp_path / "article.txt"
    path.write_bytes(BODY.replace("\n", "\r\n").encode(encoding))
    assert read_article(path, blank_profile).text == BODY


@pytest.mark.parametrize(
    ("text", "title", "paragraphs"),
    [
        ("Seoul answers\n" + BODY, "Seoul answers", 2),
        ("Seoul answers\n\n" + BODY.replace("\n", "\n\n"), "Seoul answers", 2),
        ("Seoul answers\n\n" + BODY, "Seoul answers", 2),
        (BODY.replace(" ", "\n").replace("North.\nThe", "North.\n\nThe"), None, 2),
        (
            "The North has said it would\nnot come back to the table.\nThe South is waiting for it\nto call.",
            None,
            1,
        ),
        (BODY.replace("Korea said", "\u200bKorea\u00a0 said\t"), None, 2),
    ],
)
def test_lines_become_title_and_paragraphs(blank_profile, text, title, paragraphs):
    article = parse_article(text, profile=blank_profile)
    assert article.title == title
    assert len(article.paragraphs) == paragraphs
    assert article.text.split() == text.removeprefix(title or "").replace("\u200b", "").split()
    check_sentences(article)


@pytest.mark.parametrize(
    ("found", "kept"),
    [
        ("o\ufb03cials con\ufb01rmed a con\ufb02ict", "officials confirmed a conflict"),
        ("a cease\u2011fire of co\u2010operation", "a cease-fire of co-operation"),
        ("Ｎｏｒｔｈ Ｋｏｒｅａ（ＤＰＲＫ）", "North Korea(DPRK)"),
        ("the\u3164North\u2800and\u00a0\u2009the South", "the North and the South"),
        ("inter\u00adnational \u202eev\u200bil\u202c \u2066x\u2069", "international evil x"),
        ("Coree\u0301 said e\u200d\u0301", "Coreé said é"),
        ("peace\ufe0f \U000e0041talks", "peace talks"),
        ("“one” — ‘two’ … 3–4", "“one” — ‘two’ … 3–4"),
    ],
)
def test_letters_are_made_ordinary(blank_profile, found, kept):
    article = parse_article(f"{found}.", title=f" {found}\x07\n ", profile=blank_profile)
    assert (article.text, article.title) == (f"{kept}.", kept)
    check_sentences(article)


def test_closing_quotes_stay_with_their_sentence(blank_profile):
    found = list(parse_article("“It is over.” He left. The end.", profile=blank_profile).sentences["text"])
    assert found == ["“It is over.”", "He left.", "The end."]


def test_markdown(tmp_path, blank_profile):
    path = tmp_path / "article.md"
    path.write_text(
        "---\nauthor: Jin Park\ndate: 2024-10-18\n---\n# Seoul *answers*\n\n"
        + BODY.replace("North", "[North](http://example.org)").replace("April", "**April**").replace("\n", "\n\n")
        + "\n\n![map](map.png)\n\n```\ncode\n```\n",
        encoding="utf-8",
    )
    article = read_article(path, blank_profile)
    assert (article.title, article.author, article.date) == ("Seoul answers", "Jin Park", "2024-10-18")
    assert article.text == BODY


@pytest.mark.parametrize(
    ("matter", "heading", "about"),
    [
        (
            "title: Seoul: no talks\ndate: 2024-11-05\noutlet: 'The Example'\nauthor: \"Jin Park\"\nnote: x",
            "",
            ("Seoul: no talks", "2024-11-05", "The Example", "Jin Park"),
        ),
        ("title: The “main enemy”", "# Seoul answers\n\n", ("Seoul answers", None, None, None)),
        ('title: The "main enemy"\nauthor:\nsubtitle: no', "", ('The "main enemy"', None, None, None)),
        ("nothing here", "", (None, None, None, None)),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_front_matter(tmp_path, blank_profile, matter, heading, about, end):
    path = tmp_path / "article.md"
    text = f"---\n{matter}\n---\n{heading}" + BODY.replace("\n", "\n\n")
    path.write_bytes(text.replace("\n", end).encode())
    article = read_article(path, blank_profile)
    assert (article.title, article.date, article.outlet, article.author) == about
    assert article.text == BODY


def test_html(tmp_path, blank_profile):
    path = tmp_path / "page.html"
    path.write_text(PAGE, encoding="utf-8")
    article = read_article(path, blank_profile)
    assert article.text == BODY
    about = (article.title, article.author, article.outlet, article.date)
    assert about == ("Seoul answers", "Jin Park", "The Example", "2024-10-18")


def test_pdf_lines_are_joined(tmp_path, blank_profile):
    lines = [
        "South Korea said on Monday that it would answer the", "provo-", "cation of the North.",
        "The two sides have not spoken to each other since", "April. Analysts do not expect that to change.",
    ]  # fmt: skip
    path = tmp_path / "article.pdf"
    path.write_bytes(pdf(lines))
    article = read_article(path, blank_profile)
    assert "the provocation of the North.\nThe two sides" in article.text
    assert len(article.sentences) == 3


def test_standard_input(blank_profile, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(BODY.encode())))
    article = read_article("-", blank_profile)
    assert (article.text, article.name) == (BODY, "stdin")


def test_too_long_string(blank_profile):
    with pytest.raises(ArticleError, match="the limit is 200,000"):
        parse_article("a" * (MAX_CHARACTERS + 1), profile=blank_profile)


@settings(max_examples=150, deadline=None)
@given(text=TEXTS)
def test_offsets_hold_for_any_text(blank_profile, text):
    try:
        article = parse_article(text, profile=blank_profile)
    except ArticleError:
        return
    check_sentences(article)
    assert len(article.sentences) > 0
    again = parse_article(article.text, title="given", profile=blank_profile)
    assert again.text.split() == article.text.split()
