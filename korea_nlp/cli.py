"""The command line: weights, read, notebooks, corpus."""

from __future__ import annotations

import os
import signal
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from korea_nlp import __version__
from korea_nlp.errors import ArticleWarning, KoreaNLPError, reason
from korea_nlp.output import whole_folder

if TYPE_CHECKING:
    from korea_nlp.article import Article
    from korea_nlp.reading import Reading

app = typer.Typer(
    help="Read a news article on Korea: what it says, who speaks, who stands where toward whom.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Source = Annotated[
    str,
    typer.Argument(metavar="ARTICLE", help="A text, Markdown, HTML or PDF file, a URL, or - for standard input."),
]
Out = Annotated[Path, typer.Option(metavar="DIR", help="Folder for the results; an earlier result is replaced.")]
ProfileName = Annotated[
    str, typer.Option(metavar="NAME", help="Models to use: bundled, bundled-fast, hub, or a TOML file.")
]
Length = Annotated[int, typer.Option(metavar="N", min=1, help="Length of the summaries.")]
Cache = Annotated[bool, typer.Option("--cache/--no-cache", help="Keep what models answer, and do not ask it again.")]


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"korea-nlp {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


def _say(message: str) -> None:
    """Progress, for a person who waits."""
    if sys.stderr.isatty():
        typer.echo(message, err=True)


@contextmanager
def _one_line(cache: bool = True, stopped: str = "nothing was written") -> Iterator[None]:
    """Let what goes wrong end in one line and exit status 2 (130 if stopped); keep libraries quiet."""
    if not cache:
        os.environ["KOREA_NLP_NO_CACHE"] = "1"  # also for the notebooks' kernels
    for name, value in {
        "TOKENIZERS_PARALLELISM": "false",
        "TRANSFORMERS_VERBOSITY": "error",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "MPLBACKEND": "agg",
    }.items():
        os.environ.setdefault(name, value)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except KeyboardInterrupt:
        typer.echo(f"korea-nlp: stopped; {stopped}", err=True)
        raise typer.Exit(130) from None
    except KoreaNLPError as problem:
        typer.echo(f"korea-nlp: {reason(problem)}", err=True)
        raise typer.Exit(2) from None
    except OSError as problem:
        where = f"{problem.filename}: " if problem.filename else ""
        typer.echo(f"korea-nlp: {where}{problem.strerror or problem}", err=True)
        raise typer.Exit(2) from None
    finally:
        signal.signal(signal.SIGTERM, before)


def _read(article: str, profile: str) -> Article:
    """The article; what it warns of is said in a line of its own."""
    from korea_nlp.article import read_article

    with warnings.catch_warnings(record=True, action="always", category=ArticleWarning) as told:
        source = read_article(article, profile)
    for each in told:
        typer.echo(f"korea-nlp: {each.message}", err=True)
    return source


@app.command()
def weights(profile: ProfileName = "bundled") -> None:
    """Download and verify the models that a profile needs."""
    with _one_line():
        from korea_nlp.models.weights import cache_dir, fetch, load_profile

        chosen = load_profile(profile)
        fetch(chosen)
        typer.echo(f"The models of the profile {chosen.name} are ready; downloads are kept in {cache_dir()}")


@app.command()
def read(
    article: Source,
    out: Out,
    notebooks: Annotated[
        bool, typer.Option("--notebooks/--no-notebooks", help="Run the notebooks on the article, too.")
    ] = True,
    profile: ProfileName = "bundled",
    sentences: Length = 5,
    cache: Cache = True,
) -> None:
    """Analyse an article, run the notebooks on it, and write a report."""
    with _one_line(cache):
        with whole_folder(out) as folder:
            _say("reading the article")
            source = _read(article, profile)
            from korea_nlp.pages import write_report
            from korea_nlp.pages.notebooks import run_notebooks
            from korea_nlp.reading import analyse

            found = []

            def look() -> None:
                _say("looking for actors, voices and stances, and summarising")
                found.append(analyse(source, sentences))
                _say("running the notebooks" if notebooks else "writing the report")

            if notebooks:
                (folder / "notebooks").mkdir()
                run_notebooks(source, folder / "notebooks", profile, sentences, out / "notebooks", _say, look)
            else:
                look()
            reading = found[0]
            write_report(reading, folder)
        typer.echo(f"The report is {out / 'report.html'}")
        for line in _main_results(reading):
            typer.echo(line)


@app.command(name="notebooks")
def run(article: Source, out: Out, profile: ProfileName = "bundled", cache: Cache = True) -> None:
    """Run the notebooks on an article, and keep them as .ipynb and .html in DIR/notebooks."""
    with _one_line(cache):
        home = out / "notebooks"
        with whole_folder(home) as folder:
            from korea_nlp.pages.notebooks import run_notebooks

            _say("reading the article")
            source = _read(article, profile)
            _say("running the notebooks")
            done = run_notebooks(source, folder, profile, home=home, progress=_say)
        typer.echo(f"{len(done)} notebooks are in {home}")


@app.command()
def corpus(
    source: Annotated[
        str,
        typer.Argument(metavar="SOURCE", help="A folder of articles, or a CSV, JSONL or Parquet file of them."),
    ],
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder for the tables; a run that was stopped goes on there.")
    ],
    text_column: Annotated[
        str | None, typer.Option(metavar="NAME", help="Column of the text; else text, body or content.")
    ] = None,
    id_column: Annotated[
        str | None, typer.Option(metavar="NAME", help="Column that names articles; else id, or the row.")
    ] = None,
    workers: Annotated[int, typer.Option(metavar="N", min=1, help="Processes to read with.")] = 1,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Read on the Dask cluster of this scheduler.")
    ] = None,
    abstractive: Annotated[
        bool, typer.Option("--abstractive", help="Let the generator write a summary, too; this is slow.")
    ] = False,
    profile: ProfileName = "bundled",
    sentences: Length = 5,
    cache: Cache = False,
) -> None:
    """Read many articles into Parquet tables; if stopped, the same command goes on where it was."""
    with _one_line(cache, f"what is done is kept in {out}, and the same command goes on from there"):
        from korea_nlp.corpus.collection import open_collection

        _say("looking through the articles")
        collection = open_collection(source, text_column, id_column)
        from korea_nlp.corpus import read_corpus
        from korea_nlp.corpus.batches import Settings
        from korea_nlp.models.weights import load_profile

        settings = Settings(load_profile(profile), sentences, abstractive, cache)
        done = read_corpus(collection, out, settings, workers, scheduler)
        typer.echo(f"{done.articles:,} of {len(collection):,} articles were read; the tables are in {out}")
        if done.errors:
            why = out / "errors.parquet"
            typer.echo(f"korea-nlp: {done.errors:,} could not be read; {why} says why", err=True)
        if done.lost_workers:
            lost = f"{done.lost_workers:,} workers were lost"
            typer.echo(f"korea-nlp: {lost}; what they had begun was read again", err=True)


def _main_results(reading: Reading) -> list[str]:
    """The three surest stances, each with the sentences in which it was found."""
    lines = []
    for row in reading.strongest.head(3).itertuples():
        found = reading.stance.query("holder == @row.holder and target == @row.target and stance == @row.stance")
        numbers = sorted(found["sentence"]) or [row.evidence]
        where = f"{'sentences' if len(numbers) > 1 else 'sentence'} {', '.join(map(str, numbers))}"
        side = "in favor of" if row.stance == "favor" else "against"
        lines.append(f"  {row.holder} is {side} {row.target} ({row.probability:.2f}, {where})")
    return lines or ["  No sentence was found in which someone takes a side."]
