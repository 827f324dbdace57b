import base64
import colorsys
import hashlib
import html
import json
import os
import re
import shutil
import subprocess
import unicodedata
from collections import Counter
from html.parser import HTMLParser
from itertools import combinations, pairwise

import made_up_reading
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_report import IMAGES, reading

from korea_nlp.pages import reading_view, report, write_view
from korea_nlp.pages.view import LOOK

EVENT = ["sentence", "start", "end", "text", "actor", "category", "quad", "target", "verb", "intensity",
         "date", "voice", "speaker"]  # fmt: skip
EVIL = '<script>document.title="owned"</script><img src=x onerror="document.title=\'owned\'">" onmouseover="x'
CRITICIZED = "sharply criticized by South Korea"
TURN = "\u202e"  # what follows is shown from right to left


class Page(HTMLParser):
    """Elements and words of a page, as a browser would read them; ``text`` is the article's column."""

    VOID = ("meta", "img", "br", "rect", "path", "link", "input")

    def __init__(self, source):
        super().__init__()
        self.elements, self.open, self.words, self.text, self.marked = [], [], "", "", []
        self.feed(source)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.elements.append((tag, attributes))
        if tag not in self.VOID:
            self.open.append((tag, (attributes.get("class") or "").split()))

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop()[0] == tag

    def handle_data(self, data):
        self.words += "" if self.open and self.open[-1][0] == "style" else data
        if any(tag == "p" and "text" in classes for tag, classes in self.open):
            tags = [classes for tag, classes in self.open if tag in ("mark", "span")]
            where = len(self.text)
            if any(tag == "mark" for tag, _ in self.open):
                self.marked += range(where, where + len(data))
            assert len(tags) <= 1
            self.text += data

    def all(self, *classes):
        return [values for _, values in self.elements if {*classes} <= {*(values.get("class") or "").split()}]

    def tags(self, tag):
        return [values for name, values in self.elements if name == tag]


def events(article):
    """Two events of the running example, one of them without a target."""
    rows = []
    for sentence, words, *what, intensity in [
        (3, "North Korea has bolstered its border", "North Korea", "MOBILIZE", "material conflict", "", -7.2),
        (8, CRITICIZED, "South Korea", "ACCUSE", "verbal conflict", "North Korea", -2.0),
    ]:
        start = article.text.index(words)
        told = (*what, "verb", intensity, "", "reported", "experts")
        rows.append((sentence, start, start + len(words), words, *told))
    return pd.DataFrame(rows, columns=EVENT)


def frames():
    rows = [(1, "security threat", 0.82), (2, "none", 0.7), (9, "domestic legitimacy", 0.91)]
    return pd.DataFrame(rows, columns=["sentence", "frame", "probability"])


def view(article=None, **more):
    article = article or made_up_reading.article(title="Two Koreas", outlet="The Han Courier", date="2024-10-10")
    made = {
        "mentions": made_up_reading.mentions,
        "voices": made_up_reading.voices,
        "stance": made_up_reading.stance,
        "events": events,
        "frames": lambda article: frames(),
        "summary": made_up_reading.summary,
    }
    parts = {name: more[name] if name in more else make(article) for name, make in made.items()}
    return reading_view(article, **parts)


def evil_view():
    """An article in which every name, word and number of text tries to break out of the page."""
    text = f"{EVIL} said Kim. </style><b>It</b> went & {TURN}on. javascript:go() </p></main> ended."
    about = {"title": f"{EVIL}</title>{TURN}", "outlet": EVIL, "author": EVIL, "date": f"{EVIL}--&gt;"}
    article = made_up_reading.article(text, source="javascript:go()", **about)
    names = made_up_reading.mentions(article, {EVIL: (EVIL, "Kim"), f"</style>{TURN}": (EVIL, "It")})
    said = made_up_reading.voices(article).assign(voice="quote", speaker=EVIL, cue=EVIL)
    stance = pd.DataFrame([(1, EVIL, "</details>", "favor", 0.9, 0.05, 0.05, 0, 30, text[:30])]).set_axis(
        ["sentence", "holder", "target", "stance", "favor", "against", "none", "start", "end", "text"], axis=1
    )
    made = [(2, 100, 110, EVIL, EVIL, EVIL, EVIL, EVIL, EVIL, -1.0, EVIL, EVIL, EVIL)]
    tags = pd.DataFrame([(1, EVIL, 0.5)], columns=["sentence", "frame", "probability"])
    summary = made_up_reading.summary(article)
    summary.sentences["text"] = EVIL
    deeds = pd.DataFrame(made, columns=EVENT)
    return article, reading_view(article, names, said, stance, deeds, tags, summary)


# What stands on the page


def test_page_says_who_wrote_it_where_and_when():
    words = Page(view()).words
    for part in ("Two Koreas", "The Han Courier", "2024-10-10", "000_1217f8f2cf5bd169.txt"):
        assert part in words


def test_text_without_a_title_is_called_by_its_first_words():
    page = Page(view(made_up_reading.article()))
    assert "“Escalating tensions between North and South Korea continue to …”" in page.words


def test_notes_stand_beside_their_sentence_with_what_they_rest_on():
    article = made_up_reading.article()
    page = view(article)
    row = page[page.index('id="s8"') : page.index('id="s9"')]
    words = " ".join(Page(f"<div {row}").words.split())
    assert "South Korea →toward North Korea− against 0.97" in words
    assert "South Korea →toward North Korea verb ACCUSE verbal conflict −2.0" in words
    assert "in the voice of experts (reported) evidence " + CRITICIZED in words
    lit = re.findall(r'<(?:mark|span) class="([^"]*)"[^>]*>([^<]*)<', row.split("</p>")[0])
    number = re.search(r"card event k(\d+)", row)[1]
    assert "".join(text for names, text in lit if f"e{number}" in names.split()) == CRITICIZED


def test_unclear_is_shown_as_unclear_and_none_is_not_shown():
    page = Page(view())
    stance = made_up_reading.stance(made_up_reading.article())
    assert len(page.all("card", "stance")) == (stance["stance"] != "none").sum()
    assert len(page.all("card", "unclear")) == 1
    assert "? unclear" in page.words
    assert "≤ 0.50" in page.words


def test_frames_are_tags_and_no_frame_is_none():
    page = view()
    row = page[page.index('id="s1"') : page.index('id="s2"')]
    assert "security threat 0.82" in Page(f"<div {row}").words
    assert "domestic legitimacy 0.91" in Page(page).words
    assert "none 0.70" not in Page(page).words
    assert "Frames" not in Page(view(frames=None)).words


def test_events_without_a_doer_say_so():
    found = events(made_up_reading.article()).assign(actor="")
    assert Page(view(events=found)).words.count("doer not found") == len(found)
    assert "doer not found" not in Page(view()).words
    assert "Events without an actor or without a target: 2 of 2." in Page(view(events=found)).words


def test_cautions_are_counted():
    words = Page(view()).words
    stance = made_up_reading.stance(made_up_reading.article())
    spoken = stance[stance["stance"].isin(["favor", "against"])]
    pairs = spoken.groupby(["holder", "target"])["sentence"].nunique()
    single = f"{(pairs == 1).sum()} of {len(pairs)}"
    assert f"Stances that rest on one sentence: {single}." in words
    assert "Sentences of the summary that the article does not support: 1 of 3." in words
    assert "a model’s reading, not a finding" in words
    none = Page(view(stance=stance.iloc[:0], events=None, frames=None, summary=None))
    assert "The machine took a side in no sentence." in none.words
    assert none.text == made_up_reading.article().text


def test_sentences_that_the_summary_rests_on_are_flagged():
    page = view()
    assert [i for i in range(1, 14) if "◆1" in page.split(f'id="s{i}"')[1].split('class="text"')[0]] == [1, 2, 5]
    assert "◆3" not in page  # nothing supports it


def test_voices_stand_in_the_margin_with_their_speaker():
    page = view()
    margin = page[page.index('id="s9"') :].split("</p>")[0]
    assert re.search(r'class="part reported w12"><b><bdi>experts</bdi></b> reported: <bdi>point', margin)
    assert 'class="part author' in page.split('id="s10"')[1]


def test_the_most_mentioned_actors_get_the_colours_and_all_get_a_code_of_their_own():
    page = Page(view())
    key = [row for row in page.all("code") if "title" not in row]
    assert key[0] == {"class": "a0 c0 code", "data-code": "NK"}
    codes = [row["data-code"] for row in key]
    assert len(set(codes)) == len(codes) == len(made_up_reading.KINDS)
    alike = ("North Korea", "Northern Korea", "Nauru Kiribati", "Nepal", "Ne")
    many = {name: ("state", rf"\b{name}\b") for name in alike}
    article = made_up_reading.article("North Korea met Northern Korea, Nauru Kiribati, Nepal and Ne. So it was.")
    none = made_up_reading.stance(article).iloc[:0]
    page = Page(view(article, mentions=made_up_reading.mentions(article, many), stance=none, events=None))
    codes = [row["data-code"] for row in page.all("code") if "title" not in row]
    assert sorted(codes) == ["NK", "NK2", "NK3", "Ne", "Ne2"]


def test_tables_that_were_read_from_a_file_have_gaps(tmp_path):
    article = made_up_reading.article()
    found = events(article).assign(speaker="", target="")
    found.to_csv(tmp_path / "events.csv", index=False)
    assert view(article, events=pd.read_csv(tmp_path / "events.csv")) == view(article, events=found)


def test_write_view_writes_the_page(tmp_path):
    article = made_up_reading.article()
    parts = made_up_reading.mentions(article), made_up_reading.voices(article), made_up_reading.stance(article)
    write_view(tmp_path / "view.html", article, *parts)
    assert (tmp_path / "view.html").read_text(encoding="utf-8") == reading_view(article, *parts)


# The text is the article's, whatever is marked in it

LETTERS = st.sampled_from([*"abcde .,\n<>&\"'“”", "script", "&amp;", "<!--", "é", "한", "😀", TURN, "\u200b"])


@st.composite
def marked_articles(draw):
    text = draw(st.lists(LETTERS, min_size=1, max_size=60).map(lambda found: "".join(found).strip() or "a"))
    ends = sorted(draw(st.sets(st.integers(1, len(text)), max_size=5)) | {len(text)})
    rows = [(i, i // 2, start, end, text[start:end]) for i, (start, end) in enumerate(pairwise([0, *ends]))]
    sentences = pd.DataFrame(rows, columns=["sentence", "paragraph", "start", "end", "text"])
    places = st.lists(st.integers(0, len(text)), min_size=2, max_size=2, unique=True)
    spans = st.lists(places.map(sorted), max_size=6)
    numbers = st.integers(0, len(rows) - 1)
    found = [
        pd.DataFrame([(draw(numbers), *span) for span in draw(spans)], columns=["sentence", "start", "end"])
        for _ in range(4)
    ]
    names = draw(st.lists(st.sampled_from(["Kim", "<b>", "North Korea", EVIL]), min_size=6, max_size=6))
    return made_up_reading.MadeUpArticle(text, sentences), found, names


@settings(max_examples=40, deadline=None)
@given(marked_articles())
def test_text_of_the_page_is_the_article_whatever_overlaps(made):
    article, (mentions, voices, stance, events), names = made
    mentions = mentions.assign(actor=names[: len(mentions)], kind="state")
    voices = voices.assign(voice="quote", speaker="", cue="say")
    stance = stance.assign(holder="author", target="Kim", stance="against", favor=0.1, against=0.8, none=0.1)
    events = events.assign(text="", actor=names[: len(events)], category="AID", quad="material cooperation",
                           target="", verb="", intensity=7.0, date="", voice="quote", speaker="")  # fmt: skip
    page = Page(reading_view(article, mentions, voices, stance, events))
    assert page.text == article.text
    assert set(page.marked) == {at for row in mentions.itertuples() for at in range(row.start, row.end)}
    assert len(page.all("card")) == len(stance) + len(events)


# Nothing from outside acts


def test_page_needs_nothing_from_elsewhere_and_runs_nothing():
    for page in (Page(view()), Page(evil_view()[1])):
        assert not page.tags("script")
        assert not page.tags("link")
        assert not page.tags("img")
        assert not [values for _, values in page.elements if {"style", "src"} & set(values)]
        assert not [name for _, values in page.elements for name in values if name.startswith("on")]
        assert all(values["href"].startswith("#") for values in page.tags("a"))


def test_policy_allows_the_own_style_alone():
    for source in (view(), evil_view()[1]):
        style = re.search("<style>(.*?)</style>", source, re.DOTALL)[1]
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        policy = Page(source).tags("meta")[1]["content"]
        assert policy == (f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'")
        assert source.count("<style") == 1


def test_text_from_outside_is_shown_as_text():
    article, source = evil_view()
    page = Page(source)
    assert page.text == article.text
    assert page.words.count(EVIL) > 10
    assert not page.tags("b") or all("class" not in values or "x" not in values for values in page.tags("b"))


def test_marks_that_turn_the_direction_are_shown_in_the_text_and_dropped_from_names():
    _, source = evil_view()
    assert source.count(TURN) == 1  # in the text, which stays as it is
    assert re.search(f'<span class="[^"]*control"[^>]* data-code="U\\+202E">{TURN}</span>', source)


def test_only_web_addresses_become_links():
    source = "https://example.org/news?a=1&b=2"
    hrefs = [values["href"] for values in Page(view(made_up_reading.article(source=source))).tags("a")]
    assert source in hrefs
    assert "javascript:go()" not in [values["href"] for values in Page(evil_view()[1]).tags("a")]


# Colours


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    light = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2]


def contrast(one, other):
    """Contrast ratio by WCAG 2.2."""
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


def mixed(colour, ground, share):
    parts = [(int(colour[i : i + 2], 16), int(ground[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(share * a + (1 - share) * b):02x}" for a, b in parts)


@pytest.mark.parametrize("shade", ["light", "dark"])
def test_contrast_is_enough_to_read(shade):
    page = LOOK["page"][shade]
    pairs = [(page[name], page[ground]) for name in ("ink", "muted", "link", "favor", "against", "voice")
             for ground in ("paper", "shade")]  # fmt: skip
    pairs += [(page["ink"], page["lit"]), (page["ink"], page["warning"]), (page["against"], page["warning"])]
    for actor in [*LOOK["actors"], LOOK["rest"]]:
        tint = mixed(actor["hue"], page["paper"], LOOK["tint"])
        pairs += [(actor[shade], ground) for ground in (page["paper"], page["lit"], tint)]
        pairs.append((page["ink"], tint))
    assert [(a, b, contrast(a, b)) for a, b in pairs if contrast(a, b) < 4.5] == []


def test_actors_are_told_apart_without_colour_and_by_colour():
    lines = [actor["line"] for actor in LOOK["actors"]]
    assert len(set(lines)) == len(lines)
    for shade in ("hue", "light", "dark"):
        parts = [[int(actor[shade][i : i + 2], 16) for i in (1, 3, 5)] for actor in LOOK["actors"]]
        hues = [colorsys.rgb_to_hsv(*part)[0] for part in parts]
        assert min(min(abs(a - b), 1 - abs(a - b)) for a, b in combinations(hues, 2)) > 0.03


# In a browser

CHROMIUM = os.environ.get("CHROMIUM") or next(
    filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome", "chrome"])), None
)
needs_browser = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium was found (apt install chromium, or set CHROMIUM to its path)"
)
MEASURE = """<script>addEventListener('load', () => {
const row = document.querySelector('.row:has(details.event)') || document.querySelector('.row');
const note = row.querySelector('details.event') || row.querySelector('details');
const number = [...note.classList].find(name => /^k[0-9]/.test(name)).slice(1);
const ground = () => getComputedStyle(row.querySelector('.e' + number)).backgroundColor;
const before = ground();
note.open = true;
const boxes = [...document.body.querySelectorAll('*')].filter(one => !one.closest('.skip, .unseen, .pattern'))
  .map(one => [one.getBoundingClientRect(), one.outerHTML.slice(0, 80)]).filter(([box]) => box.width);
const [text, notes] = ['.text', '.notes'].map(name => row.querySelector(name).getBoundingClientRect());
parent.document.getElementById(frameElement.name).textContent = JSON.stringify({
  width: innerWidth,
  scroll: document.documentElement.scrollWidth,
  boxes: boxes.length,
  wide: boxes.filter(([box]) => box.right > innerWidth + 1 || box.left < -1).map(([, what]) => what),
  beside: text.right <= notes.left,
  below: text.bottom <= notes.top,
  before: before,
  after: ground(),
  focusable: [...document.querySelectorAll('summary, .key [tabindex]')].every(one => one.tabIndex === 0),
});
});</script>"""


@pytest.fixture(scope="module")
def browse(tmp_path_factory):
    """Run Chromium on a page, given as text, with some options; returns what it says."""
    home = tmp_path_factory.mktemp("chromium")

    def run(page, *options):
        path = home / "page.html"
        path.write_text(page, encoding="utf-8")
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=2000"]
        done = subprocess.run(
            [CHROMIUM, *flags, f"--user-data-dir={home / 'profile'}", *options, path.as_uri()],
            capture_output=True, timeout=120, check=False, encoding="utf-8",
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    return run


def report_page(**about):
    return report.report_page(reading(**about), IMAGES)


def framed(browse, pages, script=""):
    """What is in the element of each name, after each page has been shown in a frame of its name and width."""
    frames = "".join(
        f'<pre id="{name}"></pre><iframe name="{name}" width="{width}" srcdoc="{html.escape(page)}"></iframe>'
        for name, (page, width) in pages.items()
    )
    found = browse(f"{frames}{script}", "--dump-dom")
    return {name: html.unescape(re.search(f'<pre id="{name}">(.*?)</pre>', found, re.DOTALL)[1]) for name in pages}


RAW = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
PAGES = {
    "view": lambda: view(made_up_reading.article()),
    "evil-view": lambda: evil_view()[1],
    "evil-report": lambda: report_page(
        text=f"{EVIL} said Kim. It went on & on.", kinds={EVIL: ("state", "Kim")}, title=f"{EVIL}</title>"
    ),
    "raw-view": lambda: view().replace("</body>", f"{RAW}</body>"),
    "raw-report": lambda: report_page(title="Two Koreas").replace("</body>", f"{RAW}</body>"),
    "free-view": lambda: re.sub("<meta http-equiv=[^>]*>", "", PAGES["raw-view"]()),
}
DUMP = """<script>addEventListener('load', () => document.querySelectorAll('iframe').forEach(frame =>
document.getElementById(frame.name).textContent = frame.contentDocument.documentElement.outerHTML));</script>"""


@pytest.fixture(scope="module")
def shown(browse):
    """The pages as a browser has them after it has shown them."""
    found = framed(browse, {name: (make(), 1280) for name, make in PAGES.items()}, DUMP)
    return {name: Page(page) for name, page in found.items()}


def titled(page):
    return page.words.strip().split("\n")[0]


@needs_browser
def test_browser_shows_the_whole_page(shown):
    article, page = made_up_reading.article(), shown["view"]
    assert page.text == article.text
    assert len(page.all("row")) == len(article.sentences)
    assert len(page.all("card", "stance")) == (made_up_reading.stance(article)["stance"] != "none").sum()
    assert len(page.all("card", "event")) == 2
    assert len(page.tags("mark")) == len(made_up_reading.mentions(article)) + len(made_up_reading.KINDS)


@needs_browser
@pytest.mark.parametrize("name", ["evil-view", "evil-report"])
def test_nothing_in_an_article_runs_in_the_browser(shown, name):
    page = shown[name]
    assert titled(page).startswith(EVIL)
    assert Counter(tag for tag, _ in page.elements) == Counter(tag for tag, _ in Page(PAGES[name]()).elements)
    assert not page.tags("script")


@needs_browser
@pytest.mark.parametrize("name", ["raw-view", "raw-report"])
def test_a_script_that_got_into_the_page_would_not_run(shown, name):
    assert titled(shown[name]).startswith("Two")


@needs_browser
def test_the_policy_is_what_stops_a_script(shown):
    assert titled(shown["free-view"]) == "owned"


def page_of_long_words():
    long = "Donaudampfschifffahrt" * 9
    article = made_up_reading.article(f"{long} met {long}. It went on.", title=long, outlet=long)
    names = made_up_reading.mentions(article, {long: ("state", long)})
    stance = made_up_reading.stance(article).assign(holder=long, target=long)
    said = made_up_reading.voices(article).assign(voice="quote", speaker=long)
    return view(article, mentions=names, stance=stance, voices=said, events=None)


@pytest.fixture(scope="module")
def measured(browse):
    """What a script in copies of pages measures; a copy's policy admits scripts, but no other style."""
    pages = {"wide": (view(), 1280), "narrow": (view(), 420), "long": (page_of_long_words(), 420)}
    for name, (page, width) in pages.items():
        open_to_scripts = page.replace("default-src 'none';", "default-src 'none'; script-src 'unsafe-inline';")
        assert "unsafe-inline" in open_to_scripts
        pages[name] = open_to_scripts.replace("</body>", f"{MEASURE}</body>"), width
    return {name: json.loads(found) for name, found in framed(browse, pages).items()}


@needs_browser
@pytest.mark.parametrize(("name", "width", "place"), [("wide", 1280, "beside"), ("narrow", 420, "below")])
def test_nothing_is_wider_than_the_window(measured, name, width, place):
    found = measured[name]
    assert found["width"] == width
    assert found["boxes"] > 50
    assert found["wide"] == []
    assert found["scroll"] <= width
    assert found[place]  # the notes stand beside the text, or below it
    assert found["focusable"]
    assert found["before"] != found["after"] == "rgb(255, 239, 173)"  # the evidence lights up


@needs_browser
def test_long_words_are_broken_in_a_narrow_window(measured):
    found = measured["long"]
    assert found["boxes"] > 50
    assert found["wide"] == []
    assert found["scroll"] <= 420


def printed_pages(browse, page, out):
    from pypdf import PdfReader

    browse(page, "--no-pdf-header-footer", f"--print-to-pdf={out}")
    return PdfReader(out).pages


@needs_browser
def test_report_prints_with_the_article_in_it(browse, written_report, tmp_path):
    page = (written_report / "report.html").read_text(encoding="utf-8")
    sheets = printed_pages(browse, page, tmp_path / "report.pdf")
    assert len(sheets) > 1
    words = unicodedata.normalize("NFKC", " ".join(sheet.extract_text() for sheet in sheets)).split()
    assert " ".join(made_up_reading.article().text.split()[:9]) in " ".join(words)
    assert sum(len(sheet.images) for sheet in sheets) >= len(IMAGES)


@needs_browser
def test_print_holds_the_whole_text_on_the_paper(browse, tmp_path):
    article = made_up_reading.article(title="Two Koreas")
    sheets, printed, places = printed_pages(browse, view(article), tmp_path / "view.pdf"), "", []

    def keep(text, user, matrix, font, size):
        if text.strip():
            x, y = matrix[4:6]
            places.append((user[0] * x + user[2] * y + user[4], user[1] * x + user[3] * y + user[5]))

    for sheet in sheets:
        printed += sheet.extract_text(visitor_text=keep)
    printed = unicodedata.normalize("NFKC", printed)  # some fonts join "fi" to one letter
    width, height = map(float, sheets[0].mediabox[2:])
    assert all(0 < x < width and 0 < y < height for x, y in places)
    missing = {
        word: count for word, count in Counter(re.findall(r"\w+", article.text)).items() if printed.count(word) < count
    }
    assert missing == {}
    assert "sharply criticized by South Korea" in " ".join(printed.split())
    assert printed.count("− against") == (made_up_reading.stance(article)["stance"] == "against").sum() + 1
