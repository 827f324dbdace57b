"""Any text and any bytes: a reading with exact offsets, or one line that says why not."""

import made_up_reading
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invariants import TEXTS, check_mentions, check_sentences, check_voices
from test_report import IMAGES, Page, reading

from korea_nlp import plots
from korea_nlp.actors import find_actors
from korea_nlp.article import article_from, parse_article
from korea_nlp.errors import ArticleError, shown
from korea_nlp.pages.report import report_page
from korea_nlp.plots.figures import MOST
from korea_nlp.quotes import find_voices
from korea_nlp.sources import Source, interpret
from korea_nlp.sources.layout import one_line, title_and_text
from korea_nlp.stance import MOST_ACTORS, detect_stance

ENCODINGS = ["utf-8", "utf-16", "utf-16-le", "cp949", "latin-1", "utf-32"]
MARKUP = [
    "<script>alert(1)</script>", "<img src=x onerror=go()>", "</title>", "</span>", "<!--", "-->", "]]>",
    "&lt;b&gt;", "<svg/onload=go()>", "\"'><i>", "{{ 7*7 }}", "{% raw %}", "<a href=javascript:go()>",
    "&#x3c;b&#x3e;", "<b", "North Korea", "Experts", " said. ", "$x^{", "\\", "</style>", "<p>", ">",
]  # fmt: skip
EVIL = st.lists(st.sampled_from(MARKUP) | st.text(max_size=3), min_size=1, max_size=24).map("".join)


def unless_refused(make):
    """What `make` makes, or None if it says in one line why not."""
    try:
        return make()
    except ArticleError as problem:
        line = str(problem)
    assert line.isprintable()
    assert len(line) < 600
    return None


@settings(max_examples=150, deadline=None)
@given(
    data=st.binary(max_size=200) | st.builds(str.encode, TEXTS, st.sampled_from(ENCODINGS), st.just("replace")),
    kind=st.sampled_from(["", ".txt", ".md", "text/blank_profile", ".json"]),
)
def test_any_bytes_are_an_article_or_one_line(blank_profile, data, kind):
    article = unless_refused(lambda: article_from(interpret(data, "it", kind), "it", blank_profile))
    if article is not None:
        check_sentences(article)


@settings(max_examples=300, deadline=None)
@given(text=TEXTS | st.text(st.characters(), max_size=80))
def test_cleaning_is_done_once(text):
    found = unless_refused(lambda: title_and_text(Source(text, "a title"), "it"))
    if found is not None:
        once = found[1]
        assert title_and_text(Source("\n\n".join(once.split("\n")), "a title"), "it")[1] == once
        assert " ".join(once.split()) == once.replace("\n", " ")


@given(value=st.text(st.characters(), max_size=500) | st.none())
def test_what_a_source_says_of_itself_is_one_line(value):
    line = one_line(value)
    assert line is None or (line.strip() == line != "" and "\n" not in line and len(line) <= 301)
    assert value is None or (shown(value).isprintable() and shown(value))


@pytest.mark.weights
@settings(max_examples=60, deadline=None)
@given(text=TEXTS | st.text(max_size=60))
def test_whatever_is_found_is_quoted_exactly(text):
    article = unless_refused(lambda: parse_article(text))
    if article is None:
        return
    check_sentences(article)
    mentions = find_actors(article)
    check_mentions(article, mentions)
    check_voices(article, find_voices(article, mentions))


@pytest.fixture(scope="module")
def plainly():
    """The report on an article without markup."""
    return Page(report_page(reading("It is so."), IMAGES))


@settings(max_examples=25, deadline=None)
@given(text=EVIL, about=EVIL, actor=EVIL)
def test_no_tag_of_an_article_is_a_tag_of_its_report(plainly, text, about, actor):
    kinds = made_up_reading.KINDS | {actor: ("person", "said")}
    found = reading(f"It is so. {text}", kinds, title=about, author=about, outlet=about, date=about, source=about)
    html = report_page(found, IMAGES)
    page = Page(html)
    allowed = {tag for tag, _ in plainly.tags} | {"a", "br", "caption", "mark", "q", "strong"}
    allowed |= {"table", "thead", "tbody", "tr", "th", "td"}
    assert {tag for tag, _ in page.tags} <= allowed
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    assert not [link for link in page.all("a") if link.get("href", "").startswith("javascript")]
    assert html.count("<img") == len(IMAGES)
    assert html.count("<script") == html.count("<svg") == html.count("<!--") == 0
    words = "".join(page.words.split())
    for sentence in found.article.sentences["text"]:
        assert "".join(sentence.split()) in words or "\0" in sentence or "\r" in sentence


def test_a_list_of_names_makes_few_pairs(tiny_models_profile):
    names = [f"Person{n}" for n in range(300)]
    article = parse_article(f"{', '.join(names)} met.", profile=tiny_models_profile)
    rows = [("person", *names_at(article, name)) for name in names]
    mentions = pd.DataFrame(rows, columns=["kind", "actor", "sentence", "start", "end", "text"])
    mentions = pd.concat([mentions, mentions[mentions["actor"] == "Person250"]]).sort_values("start")
    pairs = detect_stance(article, mentions=mentions)
    assert 0 < len(pairs) <= MOST_ACTORS * MOST_ACTORS
    assert set(pairs["holder"]) <= {*names[: MOST_ACTORS - 1], "Person250", "author"}


def names_at(article, name):
    start = article.text.index(name)
    return name, 1, start, start + len(name), name


def test_a_crowd_is_drawn_in_part():
    crowd = MOST + 60
    article = made_up_reading.article(" ".join(f"Person{n} spoke." for n in range(crowd)))
    mentions = made_up_reading.mentions(article, {f"Person{n}": ("person", rf"Person{n}\b") for n in range(crowd)})
    figure = plots.actor_timeline(mentions, article)
    assert figure.get_figheight() < 20
    assert f"Timeline of {MOST} actors" in figure.get_label()
    assert "60 more are not drawn" in figure.get_label()
    rows = [(f"Person{n}", f"Person{n + 1}", "against", 0.9, 1, 0, 1, 1, n) for n in range(crowd)]
    columns = ["holder", "target", "stance", "probability", "count", "low", "high", "sentences", "evidence"]
    pairs = pd.DataFrame(rows, columns=columns)
    heat = plots.stance_heatmap(pairs)
    assert heat.get_figheight() < 40
    assert f"{MOST} holders by {MOST} targets" in heat.get_label()
    assert any("for want of room" in text.get_text() for text in heat.texts)
