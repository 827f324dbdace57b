"""Pages on an article that need nothing else: its text with notes beside it, and a report on the whole reading."""

from korea_nlp.pages.report import write_report
from korea_nlp.pages.view import reading_view, write_view

__all__ = ["reading_view", "write_report", "write_view"]
