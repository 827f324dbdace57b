"""What all tests share: no hub, no windows, no chatter from tokenizers."""

import os

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # read when transformers is imported
os.environ.setdefault("MPLBACKEND", "Agg")
os.environ.setdefault("KOREA_NLP_NO_CACHE", "1")  # models answer, not what they said before
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import pytest


@pytest.fixture(scope="session")
def tiny_models_profile(tmp_path_factory):
    """A profile of random checkpoints: it runs everything and knows nothing."""
    import tiny_models

    return tiny_models.profile(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def reader_profile(tmp_path_factory):
    """`tiny_models_profile` with a reader in place of a plain classifier."""
    import tiny_models

    folder = tmp_path_factory.mktemp("reader")
    base = tiny_models.encoder(folder / "base")
    adapter = tiny_models.reader(folder / "adapter", base)
    return tiny_models.profile(
        folder / "profile", f'{{ base = "{base.as_posix()}", adapter = "{adapter.as_posix()}" }}'
    )


@pytest.fixture(scope="session")
def blank_profile(tmp_path_factory):
    """A profile that splits sentences, and has no other models."""
    import invariants

    return invariants.profile(tmp_path_factory.mktemp("blank"))


@pytest.fixture
def documents_here(monkeypatch):
    """HTML and PDF are read in this process, as the one that is started for each document reads them."""
    from korea_nlp import sources
    from korea_nlp.sources.documents import read

    monkeypatch.setattr(sources, "extract", lambda data, kind, url=None: read(data, kind, url or ""))


@pytest.fixture(scope="session")
def written_report(tmp_path_factory):
    """The folder of a report on the made-up reading."""
    from test_report import reading

    from korea_nlp.pages import report

    folder = tmp_path_factory.mktemp("report")
    report.write_report(reading(title="Two Koreas"), folder)
    return folder
