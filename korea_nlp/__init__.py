"""Read, annotate and interpret news on the two Koreas: summaries and stances with their evidence."""

import importlib

__version__ = "0.1.0"

_HOMES = {
    "article": ["Article", "parse_article", "read_article"],
    "actors": ["find_actors"],
    "quotes": ["find_voices"],
    "events": ["find_events"],
    "frames": ["find_frames"],
    "summary": ["score_salience", "summarize", "support"],
    "actors.references": ["antecedents"],
    "stance.issues": ["find_issues", "propose_issues"],
    "stance": ["detect_stance", "score_stance"],
    "stance.overall": ["aggregate_stance"],
    "reading": ["analyse", "analyse_all", "gather"],
    "pages": ["reading_view", "write_view"],
    "models.weights": ["Profile", "load_profile"],
    "errors": ["ArticleError", "KoreaNLPError"],
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}
__all__ = sorted(_HOME)


def __getattr__(name: str):
    """Import a module only when one of its names is first used: the models' libraries are heavy."""
    if name in _HOME:
        return getattr(importlib.import_module(f"korea_nlp.{_HOME[name]}"), name)
    raise AttributeError(f"module 'korea_nlp' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *__all__]
