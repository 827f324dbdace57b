import http.server
import io
import json
import os
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from plain import TEXTS, check_sentences, profile

from korea_nlp import sources
from korea_nlp.article import parse_article, read_article
from korea_nlp.errors import ArticleError, ArticleWarning
from korea_nlp.sources import MAX_CHARACTERS, web

SEED = Path(__file__).parent.parent / "seeds" / "000_1217f8f2cf5bd169.txt"
BODY = (
    "South Korea said on Monday that it would answer the “provocation” of the North.\n"
    "The two sides have not spoken to each other since April. Analysts do not expect that to change soon."
)
PAGE = f"""<!DOCTYPE html><html lang="en"><head><title>Seoul answers</title>
<meta name="author" content="Jin Park"><meta property="og:site_name" content="The Example">
<meta property="article:published_time" content="2024-10-18"></head><body><nav>Home</nav><article>
<h1>Seoul answers</h1>{"".join(f"<p>{line}</p>" for line in BODY.splitlines())}</article></body></html>"""
FOREIGN = {
    "Korean": "북한은 남한과의 모든 관계를 끊겠다고 발표했다. 한국 정부는 이를 강하게 비판했다. " * 3,
    "French": "La Corée du Nord a annoncé qu’elle coupait tous les liens avec le Sud. Séoul a condamné la "
    "décision et a demandé à ses alliés de se réunir dans les plus brefs délais.",
    "German": "Nordkorea hat angekündigt, alle Verbindungen in den Süden zu kappen. Die Regierung in Seoul "
    "hat das scharf kritisiert und will sich mit ihren Verbündeten in Washington beraten.",
    "Spanish": "Corea del Norte anunció que cortará todos los lazos con el Sur. Seúl condenó la decisión y "
    "pidió a sus aliados una reunión urgente para tratar la situación en la península.",
}


@pytest.fixture(scope="session")
def plain(tmp_path_factory):
    return profile(tmp_path_factory.mktemp("language"))


def pdf(lines, password=None):
    from pypdf import PdfWriter
    from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

    writer = PdfWriter()
    page = writer.add_blank_page(600, 800)
    stream = DecodedStreamObject()
    shown = " ".join(f"({line}) Tj 0 -14 Td" for line in lines)
    stream.set_data(f"BT /F1 12 Tf 50 750 Td {shown} ET".encode("cp1252"))
    names = {
        "/Type": "/Font",
        "/Subtype": "/Type1",
        "/BaseFont": "/Helvetica",
        "/Encoding": "/WinAnsiEncoding",
    }
    font = DictionaryObject({NameObject(key): NameObject(value) for key, value in names.items()})
    fonts = DictionaryObject({NameObject("/F1"): font})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    page[NameObject("/Contents")] = writer._add_object(stream)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


@pytest.fixture
def server():
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path == "/slow":
                time.sleep(1.5)
            code = {"/moved": 302, "/away": 302, "/missing": 404}.get(self.path, 200)
            self.send_response(code)
            if code == 302:
                self.send_header("Location", "/page" if self.path == "/moved" else "file:///etc/hostname")
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            body = {"/page": PAGE, "/bare": "<html><body></body></html>", "/big": "x" * 300_000}.get(
                self.path, ""
            )
            self.wfile.write(body.encode())

        def log_message(self, *args):
            pass

    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.handle_error = lambda *_: None  # a reader that hangs up is what some of the tests are about
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    httpd.server_close()


def test_seed_is_stored_as_it_is(plain):
    article = read_article(SEED, plain)
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
def test_who_speaks_stands_in_the_paragraph_of_what_is_said(plain, lines, paragraphs):
    for between in ("\n", "\n\n"):
        assert list(parse_article(between.join(lines), profile=plain).paragraphs["text"]) == paragraphs


@pytest.mark.parametrize(
    "line",
    [
        "Read more: Five things to know about the border", "**Also read | Kim’s sister speaks**",
        "Read more about the border here.", "More on this story", "Advertisement", "Update 3", "14:05 GMT",
        "UPDATE 12 · Oct. 18, 2024, 09:05 GMT", "11.42 a.m. KST", "Updated 3 hours ago", "Sign up for our newsletter!",
    ],
)  # fmt: skip
def test_what_belongs_to_the_page_is_left_out(plain, line):
    about = ["Seoul answers", "South Korea protested.", "It was quiet.", "The North fired two, at 11:42 a.m."]
    for between in ("\n", "\n\n"):
        article = parse_article(between.join([*about[:2], line, *about[2:]]), profile=plain)
        assert list(article.paragraphs["text"]) == about[1:]


def linked_data(**more):
    about = {"@type": "NewsArticle", "headline": "Seoul answers", "datePublished": "2024-10-18T09:00:00+09:00"}
    return about | {"author": {"name": "Jin Park"}, "articleBody": BODY} | more


@pytest.mark.parametrize(
    ("data", "author"),
    [
        (linked_data(), "Jin Park"),
        ({"@graph": [{"@type": "WebSite", "name": "x"}, linked_data(author=[{"name": "A"}, "B"])]}, "A; B"),
        ([linked_data(author="Staff writer")], "Staff writer"),
    ],
)
def test_a_page_may_say_all_in_its_data(tmp_path, plain, data, author):
    path = tmp_path / "page.html"
    script = f'<script type="application/ld+json">{json.dumps(data)}</script>'
    path.write_text(f"<!DOCTYPE html><html><head>{script}</head><body><div id='app'></div></body></html>")
    article = read_article(path, plain)
    assert (article.title, article.date, article.author) == ("Seoul answers", "2024-10-18", author)
    assert article.text.split() == BODY.split()


@pytest.mark.weights
@pytest.mark.parametrize("case", [str.upper, str.lower])
def test_a_text_in_one_case_gets_its_capitals_back(case):
    text = (
        "South Korea's army said on Friday that the North had fired shells. \"We will answer,\" said Sato Kenji in "
        "Tokyo. The U.S. and the U.N. condemned it. Beijing told us nothing, and KCNA praised Xi Jinping."
    )
    with pytest.warns(ArticleWarning, match="those that no list has") as said:
        article = parse_article(case(text), title=case("Seoul answers"))
    assert (article.title, article.text) == ("Seoul answers", text)
    assert "\n" not in str(said[0].message)
    check_sentences(article)


def test_to_dict_is_json(plain):
    stored = json.loads(json.dumps(parse_article(BODY, "Seoul answers", profile=plain).to_dict()))
    assert stored["title"] == "Seoul answers"
    assert [len(stored[key]) for key in ("paragraphs", "sentences")] == [2, 3]
    assert set(stored) == {"source", "title", "date", "author", "outlet", "text", "paragraphs", "sentences"}


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "mac_roman"]
)
def test_encodings(tmp_path, plain, encoding):
    path = tmp_path / "article.txt"
    path.write_bytes(BODY.replace("\n", "\r\n").encode(encoding))
    assert read_article(path, plain).text == BODY


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
def test_lines_become_title_and_paragraphs(plain, text, title, paragraphs):
    article = parse_article(text, profile=plain)
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
def test_letters_are_made_ordinary(plain, found, kept):
    article = parse_article(f"{found}.", title=f" {found}\x07\n ", profile=plain)
    assert (article.text, article.title) == (f"{kept}.", kept)
    check_sentences(article)


def test_closing_quotes_stay_with_their_sentence(plain):
    found = list(parse_article("“It is over.” He left. The end.", profile=plain).sentences["text"])
    assert found == ["“It is over.”", "He left.", "The end."]


def test_markdown(tmp_path, plain):
    path = tmp_path / "article.md"
    path.write_text(
        "---\nauthor: Jin Park\ndate: 2024-10-18\n---\n# Seoul *answers*\n\n"
        + BODY.replace("North", "[North](http://example.org)")
        .replace("April", "**April**")
        .replace("\n", "\n\n")
        + "\n\n![map](map.png)\n\n```\ncode\n```\n",
        encoding="utf-8",
    )
    article = read_article(path, plain)
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
def test_front_matter(tmp_path, plain, matter, heading, about, end):
    path = tmp_path / "article.md"
    text = f"---\n{matter}\n---\n{heading}" + BODY.replace("\n", "\n\n")
    path.write_bytes(text.replace("\n", end).encode())
    article = read_article(path, plain)
    assert (article.title, article.date, article.outlet, article.author) == about
    assert article.text == BODY


def test_html(tmp_path, plain):
    path = tmp_path / "page.html"
    path.write_text(PAGE, encoding="utf-8")
    article = read_article(path, plain)
    assert article.text == BODY
    about = (article.title, article.author, article.outlet, article.date)
    assert about == ("Seoul answers", "Jin Park", "The Example", "2024-10-18")


def test_pdf_lines_are_joined(tmp_path, plain):
    lines = [
        "South Korea said on Monday that it would answer the", "provo-", "cation of the North.",
        "The two sides have not spoken to each other since", "April. Analysts do not expect that to change.",
    ]  # fmt: skip
    path = tmp_path / "article.pdf"
    path.write_bytes(pdf(lines))
    article = read_article(path, plain)
    assert "the provocation of the North.\nThe two sides" in article.text
    assert len(article.sentences) == 3


def test_url(server, plain):
    article = read_article(f"{server}/page", plain)
    assert article.text == BODY
    assert article.name == "page"
    assert read_article(f"{server}/moved", plain).text == BODY


@pytest.mark.parametrize(
    ("path", "says"),
    [("/missing", "404"), ("/away", "not allowed"), ("/bare", "no article"), ("/none", "is empty")],
)
def test_bad_pages(server, plain, path, says):
    with pytest.raises(ArticleError, match=says):
        read_article(server + path, plain)


def test_slow_and_large_pages(server, plain, monkeypatch):
    monkeypatch.setattr(web, "TIMEOUT", 0.3)
    with pytest.raises(ArticleError, match="timed out"):
        read_article(f"{server}/slow", plain)
    for module in (sources, web):
        monkeypatch.setattr(module, "MAX_BYTES", 100_000)
    with pytest.raises(ArticleError, match="larger than"):
        read_article(f"{server}/big", plain)


def test_standard_input(plain, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(BODY.encode())))
    article = read_article("-", plain)
    assert (article.text, article.name) == (BODY, "stdin")


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.txt", b"", "is empty"),
        ("blank.txt", b" \n\t\n ", "is empty"),
        ("word.txt", b"Korea", "too short"),
        ("short.txt", b"The North said that it would not come. The South did.", "too short"),
        ("binary.txt", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 4, "binary"),
        ("nul.txt", BODY.encode().replace(b"Monday", b"Mon\x00day"), "binary"),
        ("control.txt", BODY.encode().replace(b"Monday", b"Mon\x07day"), "binary"),
        ("large.txt", b"The North is not the South. " * 10_000, "too long"),
        ("larger.txt", b"The North is not the South. " * 400_000, "larger than 10 MB"),
        ("broken.pdf", b"%PDF-1.7\n" + b"garbage " * 30, "damaged|no text"),
        ("scan.pdf", pdf([]), "no text"),
        ("locked.pdf", pdf(BODY.splitlines(), "secret"), "encrypted"),
        ("menu.html", b"<html><body><nav>Home</nav></body></html>", "no article|too short"),
        ("japanese.txt", ("北朝鮮は韓国との関係を断つと発表した。" * 4).encode(), "English"),
        ("parens.txt", b"(" * 2000, "word of over 1,000"),
        *((f"{name}.txt", text.encode(), "English") for name, text in FOREIGN.items()),
        ("cp949.txt", FOREIGN["Korean"].encode("cp949"), "English"),
    ],
)
def test_bad_files(tmp_path, plain, name, content, says):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ArticleError, match=says) as error:
        read_article(path, plain)
    assert "\n" not in str(error.value)
    assert name in str(error.value)


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("missing.txt", "no such file"),
        ("", "folder|no such file"),
        ("a\0b.txt", "cannot be read"),
        ("x" * 5000, "cannot be read"),
        (".", "folder"),
        ("file:///etc/hostname", "only http"),
        ("ftp://example.org/a.txt", "only http"),
        ("http://127.0.0.1:9/a", "cannot be reached"),
        ("http://[bad/a", "cannot be read|only http"),
        ("https://", "cannot be re"),
    ],
)
def test_bad_sources(plain, source, says):
    with pytest.raises(ArticleError, match=says) as error:
        read_article(source, plain)
    assert "\n" not in str(error.value)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="permissions do not bind this user")
def test_unreadable_file(tmp_path, plain):
    path = tmp_path / "secret.txt"
    path.write_text(BODY, encoding="utf-8")
    path.chmod(0)
    with pytest.raises(ArticleError, match="permission denied"):
        read_article(path, plain)


def test_too_long_string(plain):
    with pytest.raises(ArticleError, match="the limit is 200,000"):
        parse_article("a" * (MAX_CHARACTERS + 1), profile=plain)


@settings(max_examples=150, deadline=None)
@given(text=TEXTS)
def test_offsets_hold_for_any_text(plain, text):
    try:
        article = parse_article(text, profile=plain)
    except ArticleError:
        return
    check_sentences(article)
    assert len(article.sentences) > 0
    again = parse_article(article.text, title="given", profile=plain)
    assert again.text.split() == article.text.split()
