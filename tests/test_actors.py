import dataclasses
from pathlib import Path

import pytest
from hypothesis import given, settings
from invariants import TEXTS, check_mentions

from korea_nlp.actors import COLUMNS, find_actors
from korea_nlp.article import parse_article
from korea_nlp.errors import ArticleError

SEED = Path(__file__).parent.parent / "seeds" / "000_1217f8f2cf5bd169.txt"
NORTH, SOUTH, US, KIM = "North Korea", "South Korea", "United States", "Kim Jong Un"


def actors(text, language, aliases=None):
    article = parse_article(text, profile=language)
    mentions = find_actors(article, aliases)
    check_mentions(article, mentions)
    return list(zip(mentions["text"], mentions["actor"], strict=True))


@pytest.mark.weights
def test_seed():
    article = parse_article(SEED.read_text(encoding="utf-8"))
    mentions = find_actors(article)
    check_mentions(article, mentions)
    assert set(mentions["actor"]) == {
        NORTH, SOUTH, KIM, US, "Russia", "experts", "international community", "Western world",
        "General Staff",
    }  # fmt: skip
    counts = mentions["actor"].value_counts()
    assert (counts[NORTH], counts[SOUTH], counts[KIM]) == (11, 6, 2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ties between North and South Korea are bad.", [("North", NORTH), ("South Korea", SOUTH)]),
        ("South and North Koreans met.", [("South", SOUTH), ("North Koreans", NORTH)]),
        ("Roads join the North and South now.", [("North", NORTH), ("South", SOUTH)]),
        ("Pyongyang told the South’s army and the DPRK's.",
         [("Pyongyang", NORTH), ("South", SOUTH), ("DPRK", NORTH)]),
        ("The US told us that the U.S. is here.", [("US", US), ("U.S.", US)]),
        ("SOUTH KOREA WARNS THE NORTH", [("SOUTH KOREA", SOUTH), ("NORTH", NORTH)]),
        ("US-South Korea drills", [("US", US), ("South Korea", SOUTH)]),
        ("Kim Jong-un met Kim Yo Jong. Kim smiled.",
         [("Kim Jong-un", KIM), ("Kim Yo Jong", "Kim Yo Jong"), ("Kim", "Kim Yo Jong")]),
        ("The North Korean leader left. Kim flew.", [("North Korean leader", KIM), ("Kim", KIM)]),
        ("North Korean leader Kim Jong Un left.", [("North Korean", NORTH), ("Kim Jong Un", KIM)]),
        ("the General Staff of the North Korean People’s Army",
         [("General Staff of the North Korean People’s Army", "General Staff")]),
        ("Experts, Activists and residents in the Western world",
         [("Experts", "experts"), ("Activists", "activists"), ("residents", "residents"),
          ("Western world", "Western world")]),
        ("They accused the South of lying and the North of theft.", [("South", SOUTH), ("North", NORTH)]),
        ("Beijing accused Pyongyang Monday of theft.", [("Beijing", "China"), ("Pyongyang", NORTH)]),
        ("The Republic is strong. south Korea is not.", [("Republic", NORTH), ("south Korea", SOUTH)]),
        ("Kim Sun-hee waved. Kim laughed.", [("Kim Sun-hee", "Kim Sun-hee"), ("Kim", "Kim Sun-hee")]),
        ("SEOUL, May 3 (Agency) -- Kim left.\nTOKYO — Kim came.", [("Kim", KIM), ("Kim", KIM)]),
        ("N.K. media praised Putin. The U. S. said nothing.",
         [("N.K.", NORTH), ("Putin", "Vladimir Putin"), ("U. S.", US)]),
        ("The D. P. R. K. met the U.\u202fN. and N. K. troops.",
         [("D. P. R. K.", NORTH), ("U. N.", "United Nations"), ("N. K.", NORTH)]),
        ("NKorea fired, and the U.S protested.", [("NKorea", NORTH), ("U.S", US)]),
        ("The People Power Party told Yonhap and Rodong Sinmun so. The CIA and the Unification Ministry denied it.",
         [("People Power Party", "People Power Party"), ("Yonhap", "Yonhap"), ("Rodong Sinmun", "Rodong Sinmun"),
          ("CIA", "CIA"), ("Unification Ministry", SOUTH)]),
        ("Roh Moo Hyun, Jiang Zemin and Condoleezza Rice met Zelenskyy.",
         [("Roh Moo Hyun", "Roh Moo-hyun"), ("Jiang Zemin", "Jiang Zemin"),
          ("Condoleezza Rice", "Condoleezza Rice"), ("Zelenskyy", "Volodymyr Zelensky")]),
        ("The Kremlin and the White House spoke to the United Nations.",
         [("Kremlin", "Russia"), ("White House", US), ("United Nations", "United Nations")]),
    ],
)  # fmt: skip
def test_aliases(blank_profile, text, expected):
    assert actors(text, blank_profile) == expected


@pytest.mark.parametrize(
    "text",
    [
        "The Korean Peninsula, Korea, the two Koreas and inter-Korean relations",
        "In the South China Sea and in North America",
        "He lives in the south of the country, or the South of it.",
        "The Washington Post and Seoul National University, the West Bank",
        "It told us so; a kim, an un and a northern wind, the Southern states",
    ],
)
def test_what_is_no_actor(blank_profile, text):
    assert actors(text, blank_profile) == []


def test_no_actor_gives_the_columns_even_so(blank_profile):
    mentions = find_actors(parse_article("Nothing is here.", profile=blank_profile))
    assert list(mentions.columns) == COLUMNS
    assert mentions.empty


@pytest.mark.weights
def test_names_beyond_the_table():
    text = (
        "Moon Chung-in of Yonsei University met Robert Carlin in Paju. Moon’s friends were late, "
        "Mr. Carlin said. The Washington Post was there. Two million people live in Korea."
    )
    article = parse_article(text)
    mentions = find_actors(article)
    check_mentions(article, mentions)
    assert mentions.set_index("text")["actor"].to_dict() == {
        "Moon Chung-in": "Moon Chung-in", "Moon": "Moon Chung-in", "Yonsei University": "Yonsei University",
        "Robert Carlin": "Robert Carlin", "Carlin": "Robert Carlin",
        "Washington Post": "Washington Post",
    }  # fmt: skip
    assert set(mentions.loc[mentions["actor"] == "Moon Chung-in", "kind"]) == {"person"}


@pytest.mark.weights
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A summit in Beijing failed, and shoppers in Moscow shrugged. The train to Moscow left.",
         [("shoppers", "shoppers")]),
        ("The cabinet in Tokyo and generals in Pyongyang pleased nobody in Washington.",
         [("Tokyo", "Japan"), ("Pyongyang", NORTH), ("Washington", US)]),
        ("The Joint Chiefs of Staff in Seoul saw it. The Joint Chiefs said so.",
         [("Joint Chiefs of Staff", "Joint Chiefs of Staff"), ("Seoul", SOUTH),
          ("Joint Chiefs", "Joint Chiefs of Staff")]),
        ("Hanoi offered help, Mongolia’s president said. Mongolian herders waved near Wonsan.",
         [("Hanoi", "Vietnam"), ("Mongolia", "Mongolia"), ("Mongolian", "Mongolia")]),
        ("One fisherman wept. The mayor, a fisherman, told fishermen to wait.", [("fisherman", "fishermen")]),
        ("The International Committee of the Red Cross (ICRC) sent rice. The ICRC said it would send more.",
         [("International Committee of the Red Cross", "International Committee of the Red Cross"),
          ("ICRC", "International Committee of the Red Cross"),
          ("ICRC", "International Committee of the Red Cross")]),
        ("South Korea's Unification Ministry met the South Korean Red Cross.",
         [("South Korea", SOUTH), ("South Korean Red Cross", "South Korean Red Cross")]),
    ],
)  # fmt: skip
def test_who_is_an_actor_depends_on_the_sentence(text, expected):
    mentions = find_actors(parse_article(text))
    assert list(zip(mentions["text"], mentions["actor"], strict=True)) == expected


@pytest.mark.weights
@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("Sakie Yokota, 83, whose daughter Megumi Yokota was abducted by North Korean agents, met the minister. "
         "Yokota wept.", "Sakie Yokota"),
        ("Lee Jong-ho, a teacher whose son Lee Min-jae was shot by guards, spoke. Lee wept.", "Lee Jong-ho"),
        ("President Lee Myung-bak announced it. President Lee wept.", "Lee Myung-bak"),
        ("Winston Lord met Mayor Ham Eun-seo. Lord wept.", "Winston Lord"),
        ("Mayor Ham Eun-seo met Bong Mi-seon. Mayor Ham wept.", "Ham Eun-seo"),
        ("Fred Warmbier spoke in Seoul. His son Otto Warmbier died in 2017. Warmbier wept.", "Fred Warmbier"),
        ("North Korea freed Kim Hak-song. His wife Kim Mi-ok wept. Kim was tired.", "Kim Hak-song"),
        ("Fred Warmbier spoke in Seoul. Cindy Warmbier was silent. Warmbier wept.", "Cindy Warmbier"),
        ("Biden met Jill Biden in Seoul. Biden wept.", "Joe Biden"),
        ("Hunter Biden was in Seoul. Biden wept.", "Hunter Biden"),
        ("Hunter Biden was in Seoul. President Biden wept.", "Joe Biden"),
        ("Lawmaker Yoon Ki-tae wept.", "Yoon Ki-tae"),
        ("Donald J. Trump wept.", "Donald Trump"),
    ],
)  # fmt: skip
def test_a_family_name_stands_for_its_bearer(text, speaker):
    assert find_actors(parse_article(text))["actor"].iloc[-1] == speaker


@pytest.mark.weights
def test_the_beginning_of_its_name_stands_for_an_organisation():
    text = "The jury heard the case against Calderon Chemical on Monday. Calderon denied that its wells were bad."
    found = find_actors(parse_article(text)).query("kind == 'organisation'")
    assert found[["text", "actor"]].to_numpy().tolist() == [
        ["Calderon Chemical", "Calderon Chemical"], ["Calderon", "Calderon Chemical"]
    ]  # fmt: skip
    text = "The Henry Ford Museum opened a new hall on Monday. Henry Ford said that it was a gift."
    assert {"Henry Ford Museum", "Henry Ford"} <= {*find_actors(parse_article(text))["actor"]}


@pytest.mark.weights
def test_a_noun_before_a_name_is_no_group():
    text = "The economist Josphat Mwangi spoke. Algiers warned Rabat. Economists wept. The Free Democrats left."
    found = find_actors(parse_article(text))["actor"].tolist()
    assert found == ["Josphat Mwangi", "Algeria", "Morocco", "economists", "Free Democrats"]


TITLES = (
    "The South Korean president called the North Korean leader. Kim met Japan's Prime Minister and President Bush. "
    "Former South Korean president Cho and the Russian president-elect slept."
)


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("2005-06-03",
         ["Roh Moo-hyun", "Kim Jong Il", "Kim Jong Il", "Junichiro Koizumi", "George W. Bush", SOUTH, "Russia"]),
        ("1992-05",
         ["Roh Tae-woo", "Kim Il Sung", "Kim Il Sung", "Kiichi Miyazawa", "George H. W. Bush", SOUTH, "Russia"]),
        ("2016", ["Park Geun-hye", KIM, KIM, "Shinzo Abe", SOUTH, "Russia"]),
        ("2017", [SOUTH, KIM, KIM, "Shinzo Abe", SOUTH, "Russia"]),
        (None, [SOUTH, KIM, KIM, "Japan", SOUTH, "Russia"]),
    ],
)  # fmt: skip
def test_a_title_means_who_was_in_office(blank_profile, date, expected):
    article = parse_article(TITLES, profile=blank_profile)
    assert list(find_actors(dataclasses.replace(article, date=date))["actor"]) == expected


def test_an_outlet_of_the_table_is_no_actor_in_its_own_articles(blank_profile):
    article = parse_article("Seoul told Yonhap. Yonhap told TASS.", profile=blank_profile)
    found = find_actors(dataclasses.replace(article, outlet="Yonhap"))
    assert list(found["actor"]) == [SOUTH, "TASS"]


@pytest.mark.weights
def test_the_outlet_is_no_actor():
    text = "SEOUL (Meridian) - The North called. “No comment,” the official told Meridian. Meridian waited."
    assert set(find_actors(parse_article(text))["actor"]) == {NORTH}


def test_own_aliases(tmp_path, blank_profile):
    path = tmp_path / "own.toml"
    path.write_text(
        'exclude = ["Tokyo"]\n[actors."unions"]\nkind = "collective"\naliases = ["unions", "KCTU"]\n'
        '[actors."North Korea"]\naliases = ["the Hermit Kingdom"]\n[actors."shamans"]\nkind = "collective"\n'
        'aliases = ["Kim"]\npatterns = ["mudang(?=s)"]\n',
        encoding="utf-8",
    )
    text = "Unions, the Hermit Kingdom, Tokyo, Kim and two mudangs met Japan in Pyongyang."
    assert [actor for _, actor in actors(text, blank_profile, path)] == [
        "unions", NORTH, "shamans", "shamans", "Japan", NORTH,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "cannot be read"),
        ("[actors", "cannot be read"),
        ("[people]", "unknown key"),
        ('actors = "x"', "must be"),
        ("exclude = [1]", "must be"),
        ("[actors.x]\naliases = ['y']", "needs a kind"),
        ("[actors.x]\nkind = 'planet'", "needs a kind"),
        ("[actors.x]\nkind = 'state'\nalias = ['y']", "may only have"),
        ("[actors.x]\nkind = 'state'\naliases = 'y'", "must be lists"),
        ("[actors.x]\nkind = 'state'\naliases = ['']", "must be lists"),
        ("[actors.x]\nkind = 'state'\npatterns = ['(']", "not a regular expression"),
        ("[actors]\nx = 1", "may only have"),
        ("[actors.x]\nkind = 'person'\nterms = ['2017']", "must be like"),
        ("[actors.x]\nkind = 'state'\nheads = 'president'", "must be lists"),
    ],
)
def test_bad_alias_files(tmp_path, blank_profile, content, says):
    path = tmp_path / "own.toml"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(ArticleError, match=says) as error:
        actors("Seoul.", blank_profile, path)
    assert "\n" not in str(error.value)


@settings(max_examples=150, deadline=None)
@given(text=TEXTS)
def test_offsets_hold_for_any_text(blank_profile, text):
    try:
        article = parse_article(text, profile=blank_profile)
    except ArticleError:
        return
    check_mentions(article, find_actors(article))
