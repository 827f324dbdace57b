"""A reading of the seed article made up by hand, so that figures and pages are checked without models."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from korea_nlp import Article, aggregate_stance
from korea_nlp.models.weights import Profile, load_profile

SEED = Path(__file__).parent.parent / "seeds" / "000_1217f8f2cf5bd169.txt"
KINDS = {
    "North Korea": ("state", r"North(?:ern)? Korean?|Pyongyang"),
    "South Korea": ("state", r"South Korea|the South"),
    "United States": ("state", r"US"),
    "Russia": ("state", r"Russia"),
    "Kim Jong Un": ("person", r"Kim Jong Un"),
    "General Staff": ("organisation", r"General Staff"),
    "experts": ("collective", r"Experts"),
    "international community": ("collective", r"international community"),
    "Western world": ("collective", r"Western world"),
}


@dataclass(frozen=True)
class MadeUpArticle:
    text: str
    sentences: pd.DataFrame
    title: str | None = None
    source: str = "seeds/000_1217f8f2cf5bd169.txt"
    date: str | None = None
    author: str | None = None
    outlet: str | None = None
    name: str = "seed"
    profile: Profile = field(default_factory=lambda: load_profile("hub"))
    sentence_at = Article.sentence_at

    def to_dict(self):
        return {"text": self.text, "title": self.title, "source": self.source}


@dataclass(frozen=True)
class MadeUpSummary:
    method: str
    sentences: pd.DataFrame

    @property
    def text(self):
        return " ".join(self.sentences["text"])


def article(text=None, **more):
    text = SEED.read_text(encoding="utf-8") if text is None else text
    rows = []
    for paragraph, line in enumerate(re.finditer(r"[^\n]+", text), 1):
        for found in re.finditer(r"\S.*?[.!?][”\"]?(?=\s|$)|\S.*\S", line.group()):
            start = line.start() + found.start()
            rows.append((len(rows) + 1, paragraph, start, line.start() + found.end(), found.group()))
    columns = ["sentence", "paragraph", "start", "end", "text"]
    return MadeUpArticle(text, pd.DataFrame(rows, columns=columns), **more)


def mentions(article, kinds=KINDS):
    rows = []
    for row in article.sentences.itertuples():
        for actor, (kind, pattern) in kinds.items():
            for found in re.finditer(pattern, row.text):
                start = row.start + found.start()
                end = row.start + found.end()
                rows.append((actor, kind, row.sentence, row.paragraph, start, end, found.group(), "alias"))
    columns = ["actor", "kind", "sentence", "paragraph", "start", "end", "text", "found_by"]
    return pd.DataFrame(rows, columns=columns).sort_values("start", ignore_index=True)


def summary(article, method="abstractive"):
    texts = [
        "North Korea is cutting its ties with South Korea and strengthening the border.",
        "South Korea called the move desperate and warned that it would isolate the North further.",
        "The United States has signed a peace treaty with both countries.",
    ]
    said = list(article.sentences["text"])
    rows = [
        (1, texts[0], 0.91, True, [1, 2, 5], said[0]),
        (2, texts[1], 0.97, True, [8], said[7 % len(said)]),
        (3, texts[2], 0.04, False, [6, 10], said[5 % len(said)]),
    ]
    columns = ["position", "text", "support", "supported", "evidence", "evidence_text"]
    return MadeUpSummary(method, pd.DataFrame(rows, columns=columns))


def stance(article):
    made = [
        (1, "North Korea", "South Korea", "against", 0.03, 0.90),
        (1, "international community", "North Korea", "unclear", 0.05, 0.50),
        (4, "Kim Jong Un", "South Korea", "against", 0.01, 0.96),
        (4, "South Korea", "Kim Jong Un", "none", 0.04, 0.20),
        (5, "North Korea", "South Korea", "against", 0.02, 0.71),
        (6, "North Korea", "United States", "against", 0.03, 0.80),
        (6, "North Korea", "South Korea", "against", 0.03, 0.78),
        (7, "North Korea", "Russia", "favor", 0.88, 0.02),
        (7, "Western world", "North Korea", "against", 0.02, 0.69),
        (7, "Western world", "Russia", "none", 0.05, 0.35),
        (8, "South Korea", "North Korea", "against", 0.01, 0.97),
        (8, "North Korea", "South Korea", "none", 0.02, 0.30),
        (9, "experts", "Kim Jong Un", "against", 0.03, 0.77),
        (11, "author", "dialogue", "favor", 0.93, 0.01),
        (13, "General Staff", "North Korea", "none", 0.20, 0.02),
    ]
    columns = ["sentence", "holder", "target", "stance", "favor", "against"]
    table = pd.DataFrame(made, columns=columns)
    table = table[table["sentence"] <= len(article.sentences)]
    table["none"] = 1 - table["favor"] - table["against"]
    sentences = article.sentences.set_index("sentence")
    for column in ("start", "end", "text"):
        table[column] = table["sentence"].map(sentences[column])
    table["hypothesis"] = table["holder"] + " opposes " + table["target"] + "."
    return table


def stance_article(stance):
    return aggregate_stance(stance)


def voices(article):
    rows = []
    for row in article.sentences.itertuples():
        voice = "reported" if "Experts" in row.text else "author"
        speaker = "experts" if voice == "reported" else "author"
        cue = "point" if voice == "reported" else ""
        rows.append((row.sentence, row.start, row.end, row.text, voice, speaker, cue))
    return pd.DataFrame(rows, columns=["sentence", "start", "end", "text", "voice", "speaker", "cue"])


def events(article):
    made = [
        (3, "North Korea", "MOBILIZE", "material conflict", "", "plant", -7.6, "planting landmines"),
        (7, "North Korea", "COOPERATE", "material cooperation", "Russia", "strengthen ties", 5.4,
         "strengthening ties with Russia"),
        (8, "South Korea", "ACCUSE", "verbal conflict", "North Korea", "criticize", -2.2, "criticized"),
    ]  # fmt: skip
    rows = []
    for sentence, actor, category, quad, target, verb, intensity, text in made:
        start = article.text.find(text)
        if start >= 0:
            about = (actor, category, quad, target, verb, intensity, "", "author", "author")
            rows.append((sentence, start, start + len(text), text, *about))
    return pd.DataFrame(rows, columns=[
        "sentence", "start", "end", "text", "actor", "category", "quad", "target", "verb", "intensity",
        "date", "voice", "speaker",
    ])  # fmt: skip
