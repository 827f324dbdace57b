"""Running the notebooks on an article."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import TYPE_CHECKING

from korea_nlp.errors import KoreaNLPError
from korea_nlp.paths import ASSETS

if TYPE_CHECKING:
    from korea_nlp.article import Article

FOLDER = Path(__file__).parents[2] / "notebooks"
AT_ONCE = 2  # each kernel loads the models: about 1.5 GB of memory


def run_notebooks(
    article: Article,
    folder: str | Path,
    profile: str = "bundled",
    summary_sentences: int = 5,
    home: str | Path | None = None,
    progress: Callable[[str], None] = lambda message: None,
    meanwhile: Callable[[], object] = lambda: None,
) -> list[Path]:
    """Run notebooks 01 to 05 on an article, two at a time, and keep them as .ipynb and .html.

    Parameters
    ----------
    article
        What to read. Unless it came from a file, its text is saved as ``article.txt`` for the notebooks.
    folder
        An existing folder, into which the notebooks are written.
    profile
        Name or path of the profile that the notebooks use.
    summary_sentences
        Length of the summaries, for the notebooks that have a parameter ``SENTENCES``.
    home
        Where ``folder`` will stand in the end, if it is still to be moved.
    progress
        Called with a short message whenever a notebook is finished.
    meanwhile
        Called while the first notebook runs, which asks few models, and before the others, which find kept answers.

    Returns
    -------
    list of Path
        The executed notebooks, in order.

    Raises
    ------
    KoreaNLPError
        The notebooks are not there, or a cell fails: the message names notebook and error.
    """
    sources = sorted(FOLDER.glob("0[1-5]_*.ipynb"))
    if not sources:
        raise KoreaNLPError(
            f"no notebooks in {FOLDER}; run korea-nlp from a checkout of the project, or pass --no-notebooks"
        )
    folder = Path(folder)
    given = Path(article.source)
    if article.source in ("-", "text") or not given.is_file():
        given = folder / "article.txt"
        given.write_text(_rereadable(article), encoding="utf-8")
    if Path(profile).is_file():
        profile = str(Path(profile).resolve())
    parameters = {"ARTICLE": given.resolve(), "PROFILE": profile, "SENTENCES": summary_sentences}
    processes = []

    def run(source: Path) -> tuple[Path, int, str]:
        target = folder / source.name
        process = subprocess.Popen(_command(source, target, parameters), env=_environment(), text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)  # fmt: skip
        processes.append(process)
        said, _ = process.communicate()
        return target, process.returncode, said

    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        runs = [pool.submit(run, sources[0])]
        meanwhile()
        runs += [pool.submit(run, source) for source in sources[1:]]
        for count, done in enumerate(as_completed(runs), 1):
            target, status, said = done.result()
            _finish(target, status, said, home)
            progress(f"notebook {target.stem} done ({count} of {len(sources)})")
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:  # a kernel ends itself when the process that started it is gone
            process.terminate()
        pool.shutdown()
    return [folder / source.name for source in sources]


def _rereadable(article: Article) -> str:
    """An article's text such that reading it again gives the same offsets, and the title if possible."""
    from korea_nlp.article import parse_article

    plain = "\n\n".join(article.text.split("\n"))
    if article.title:
        titled = f"{article.title}\n\n{plain}"
        again = parse_article(titled, profile=article.profile)
        if (again.title, again.text) == (article.title, article.text):
            return titled
    return plain


def _command(source: Path, target: Path, parameters: dict[str, object]) -> list[str]:
    """Papermill, as a process of its own, in the notebooks' folder, where their relative paths hold."""
    command = [sys.executable, "-m", "papermill", str(source), str(target), "--kernel", "python3"]
    command += ["--cwd", str(source.parent), "--no-progress-bar", "--no-log-output"]
    text = source.read_text(encoding="utf-8")
    for name, value in parameters.items():
        if f"{name} = " in text:
            command += ["-p" if isinstance(value, int) else "-r", name, str(value)]
    return command


def _environment() -> dict[str, str]:
    """For the kernels: this interpreter, this package, and no more threads than cores."""
    return os.environ | {
        "PYTHONPATH": os.pathsep.join(filter(None, [str(FOLDER.parent), os.environ.get("PYTHONPATH")])),
        "OMP_NUM_THREADS": str(max(1, (os.cpu_count() or 1) // AT_ONCE)),
        "TOKENIZERS_PARALLELISM": "false",
        "JUPYTER_PREFER_ENV_PATH": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }


def _finish(target: Path, status: int, said: str, home: str | Path | None) -> None:
    """Check that a notebook ran, drop the traces of the run, and write it as HTML too."""
    import nbformat

    notebook = nbformat.read(target, as_version=4) if target.exists() else None
    if status:
        raise KoreaNLPError(f"the notebook {target.stem} failed: {_why(notebook, said)}")
    for part in [notebook, *notebook.cells]:
        part.metadata.pop("papermill", None)
    text = nbformat.writes(notebook)
    if home is not None:
        text = text.replace(str(target.parent.resolve()), str(Path(home).resolve()))
    target.write_text(text, encoding="utf-8")
    target.with_suffix(".html").write_text(_html(target), encoding="utf-8")


def _why(notebook, said: str) -> str:
    """The error of the cell that failed, or else the last line that papermill wrote."""
    for cell in notebook.cells if notebook else []:
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                words = " ".join(re.sub(r"\x1b\[[\d;]*m", "", output.evalue).split())
                return f"{output.ename}: {words[:300]}"
    return (said.strip() or "papermill gave no reason").split("\n")[-1].strip()


def _html(path: Path) -> str:
    """A notebook as one page that loads nothing from elsewhere."""
    from jinja2 import FileSystemLoader
    from nbconvert import HTMLExporter

    loaders, template = [FileSystemLoader(ASSETS)], "notebook.html.j2"
    exporter = HTMLExporter(extra_loaders=loaders, template_file=template, embed_images=True)
    return exporter.from_filename(str(path))[0]
