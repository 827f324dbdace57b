from pathlib import Path

import malformed
import pytest

from korea_nlp.sources import read_source
from korea_nlp.sources.languages import foreign_language

ROOT = Path(__file__).parent.parent
ARTICLES = [*sorted(ROOT.glob("seeds/*.txt")), *sorted(ROOT.glob("data/articles/0*.md"))]
SEED = ARTICLES[0].read_text(encoding="utf-8")
FOREIGN = {
    "Korean": "북한은 남한과의 모든 관계를 끊겠다고 발표했다. 한국 정부는 이를 강하게 비판했다. " * 3,
    "French": "La Corée du Nord a annoncé qu’elle coupait tous les liens avec le Sud. Séoul a condamné la "
    "décision et a demandé à ses alliés de se réunir dans les plus brefs délais.",
    "German": "Nordkorea hat angekündigt, alle Verbindungen in den Süden zu kappen. Die Regierung in Seoul "
    "hat das scharf kritisiert und will sich mit ihren Verbündeten in Washington beraten.",
    "Spanish": "Corea del Norte anunció que cortará todos los lazos con el Sur. Seúl condenó la decisión y "
    "pidió a sus aliados una reunión urgente para tratar la situación en la península.",
}
NAMES = (
    "Kim Jong Un met Choe Son Hui, Kim Yo Jong, Pak Jong Chon and Ri Pyong Chol in Pyongyang. Kim Yong Hyun, "
    "Cho Tae Yul and Shin Won Sik of South Korea spoke with Lim Soo Suk in Seoul. Yoon Suk Yeol called Han "
    "Duck Soo. Lee Jae Myung and Kim Dong Yeon did not answer."
)
HEADLINES = (
    "North Korea fires missiles. South Korea condemns launches. Japan lodges protest. Washington urges "
    "restraint. Beijing calls for calm. Moscow blames US drills. UN Security Council meets Friday."
)
HANGUL = (
    "Kim Jong Un (김정은) met Choe Son Hui (최선희) and Kim Yo Jong (김여정) in Pyongyang (평양) on Monday. "
    "They said that the talks with South Korea (한국) had failed. Yoon Suk Yeol (윤석열) did not answer."
)


@pytest.mark.parametrize("path", ARTICLES, ids=lambda path: path.stem)
def test_the_articles_are_english(path):
    assert foreign_language(read_source(str(path)).text) is None


@pytest.mark.parametrize(
    "text",
    [
        NAMES,
        HEADLINES,
        HANGUL,
        f"{SEED} “La Corée du Nord a annoncé qu’elle coupait tous les liens avec le Sud.”",
        f"{SEED}\n“북한은 남한과의 모든 관계를 끊겠다고 발표했다.”",
    ],
    ids=["names", "headlines", "names in Hangul", "a French quotation", "a Korean quotation"],
)
def test_unusual_english_is_english(text):
    assert foreign_language(text) is None


@pytest.mark.parametrize(
    ("text", "language"),
    [
        *((text, name) for name, text in FOREIGN.items()),
        (malformed.RUSSIAN, "Russian"),
        (malformed.CHINESE, "Chinese"),
        (malformed.JAPANESE, "Japanese"),
        (malformed.ROMANISED, "another language"),
        ("Η Βόρεια Κορέα ανακοίνωσε ότι θα διακόψει κάθε δεσμό με τον Νότο.", "another language"),
        (f"{NAMES}\n{malformed.KOREAN}", "Korean"),
        (f"{NAMES}\n{FOREIGN['French']}", "French"),
        (
            "Noord-Korea heeft aangekondigd dat het alle banden met het Zuiden zal verbreken. De regering in "
            "Seoul heeft het besluit scherp veroordeeld en wil overleggen met haar bondgenoten.",
            "Dutch",
        ),
    ],
)
def test_other_languages_are_named(text, language):
    assert foreign_language(text) == language
