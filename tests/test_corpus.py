"""Many articles: every one once and only once, whatever happens on the way."""

import builtins
import io
import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import filelock
import pandas as pd
import pyarrow as pa
import pytest
from typer.testing import CliRunner

from korea_nlp import corpus, read_article, reading
from korea_nlp.cli import app
from korea_nlp.corpus import batches, read_corpus, workers
from korea_nlp.corpus.batches import DECIDING, TABLES, Settings, fingerprint, schema, tables_of
from korea_nlp.corpus.collection import open_collection
from korea_nlp.errors import KoreaNLPError
from korea_nlp.events import find_events
from korea_nlp.models.weights import load_profile
from korea_nlp.reading import analyse

ROOT = Path(__file__).parent.parent
ACTORS = ["North Korea", "Japan", "Russia", "China", "experts"]
BATCH = 2
COUNT = 3 * BATCH + 1


def text(number: int) -> str:
    one, other = ACTORS[number % 5], ACTORS[(number // 5 + number + 1) % 5]
    return (
        f"{one} criticized {other} after the launch of {number} rockets in the morning of that day. "
        f"The move was praised by {one}, and {other} called for talks with all of the others."
    )


@pytest.fixture(autouse=True, scope="module")
def _small_batches():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(corpus, "BATCH", BATCH)
        yield


@pytest.fixture(scope="module")
def table():
    return pd.DataFrame({
        "id": [f"a{number}" for number in range(COUNT)],
        "body": [text(number) for number in range(COUNT)],
        "title": [f"Number {number}" for number in range(COUNT)],
        "date": "2024-11-05",
        "outlet": "The Test",
    })  # fmt: skip


@pytest.fixture(scope="module")
def source(table, tmp_path_factory):
    path = tmp_path_factory.mktemp("source") / "articles.csv"
    table.to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def settings(tiny_models_profile):
    return Settings(load_profile(tiny_models_profile), sentences=1)


@pytest.fixture(scope="module")
def whole(source, settings, tmp_path_factory):
    """The folder of a run that nothing happened to."""
    out = tmp_path_factory.mktemp("whole") / "out"
    read_corpus(open_collection(source), out, settings)
    return out


def tables(out) -> dict[str, pd.DataFrame]:
    return {name: pd.read_parquet(out / f"{name}.parquet") for name in TABLES}


def written(out) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()}


def times(out) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in (out / "parts").iterdir()}


def run(*arguments):
    return CliRunner().invoke(app, ["corpus", *map(str, arguments)])


def test_the_tables_hold_what_reading_each_article_alone_finds(whole, table, settings, tmp_path):
    found = tables(whole)
    assert found["articles"]["article"].tolist() == table["id"].tolist()
    assert found["articles"]["title"].tolist() == table["title"].tolist()
    assert set(found["articles"]["outlet"]) == {"The Test"}
    assert found["errors"].empty
    for number in (0, COUNT - 1):
        file = tmp_path / "article.txt"
        file.write_text(text(number))
        alone = analyse(read_article(file, settings.profile), 1)
        here = {name: rows[rows["article"] == f"a{number}"] for name, rows in found.items()}
        assert here["articles"]["text"].item() == alone.article.text
        for name, expected in {
            "sentences": alone.article.sentences, "actors": alone.mentions, "voices": alone.voices,
            "events": find_events(alone.article),
            "stance": alone.stance, "stance_article": alone.stance_article,
            "summaries": pd.concat([alone.summaries[m].sentences for m in ("lead", "extractive")]),
        }.items():  # fmt: skip
            got = here[name][expected.columns].reset_index(drop=True)
            got = got.assign(evidence=got["evidence"].map(list)) if name == "summaries" else got
            wanted = expected.reset_index(drop=True)
            pd.testing.assert_frame_equal(got, wanted, check_dtype=False, rtol=0, atol=1e-6)


@pytest.mark.parametrize("form", ["jsonl", "parquet", "semicolons"])
def test_every_kind_of_table_holds_the_same_articles(form, table, source, tmp_path):
    if form == "jsonl":
        path = tmp_path / "source.jsonl"
        table.to_json(path, orient="records", lines=True)
    elif form == "parquet":
        path = tmp_path / "source.parquet"
        table.assign(date=pd.to_datetime(table["date"])).to_parquet(path, row_group_size=5)
    else:
        path = tmp_path / "source.csv"
        table.to_csv(path, sep=";", index=False)
    assert list(open_collection(path)) == list(open_collection(source))


def test_a_folder_gives_the_same_tables(table, whole, settings, tmp_path):
    for row in table.itertuples():
        file = tmp_path / "source" / row.id[:2] / f"{row.id}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"---\ntitle: {row.title}\ndate: {row.date}\noutlet: {row.outlet}\n---\n{row.body}\n")
    (tmp_path / "source" / "README.md").write_text("About these files.")
    (tmp_path / "source" / "a1" / "notes.docx").write_text("No article.")
    read_corpus(open_collection(tmp_path / "source"), tmp_path / "out", settings)
    for name, rows in tables(tmp_path / "out").items():
        rows["article"] = rows["article"].str.extract(r"(a\d+)\.md$")[0]
        order = ["article", *[column for column in ("sentence", "start") if column in rows]]
        both = rows, pd.read_parquet(whole / f"{name}.parquet")
        found, expected = (each.sort_values(order, kind="stable").reset_index(drop=True) for each in both)
        pd.testing.assert_frame_equal(found, expected, rtol=0, atol=1e-6)


def _without_models(items, settings, expected):
    """Reading without models: the text of each article, and what its row says of it."""
    rows = pd.DataFrame([{"article": item.article, "text": item.data, **item.about} for item in items])
    tables = {name: schema(name).empty_table() for name in TABLES}
    columns = schema("articles")
    rows = rows.reindex(columns=columns.names).assign(words=1)
    return tables | {"articles": pa.Table.from_pandas(rows, columns, preserve_index=False)}


@pytest.fixture
def undisturbed(source, settings, monkeypatch, tmp_path):
    """The folder of a run without models that nothing happened to, and with which others are compared."""
    monkeypatch.setattr(workers, "read_batch", _without_models)
    read_corpus(open_collection(source), tmp_path / "undisturbed", settings)
    return tmp_path / "undisturbed"


def test_a_run_that_is_killed_goes_on_where_it_was(source, undisturbed, settings, tiny_models_profile, tmp_path):
    out = tmp_path / "out"
    slowly = (
        "import sys, time\n"
        f"sys.path.insert(0, {str(ROOT / 'tests')!r})\n"
        "from test_corpus import BATCH, _without_models\n"
        "from korea_nlp import corpus\nfrom korea_nlp.corpus import workers\n"
        "write = corpus._write_part\n"
        "def slow(part, tables):\n"
        "    write(part, tables)\n"
        "    print(part.name, flush=True); time.sleep(60 if part.name.startswith('0000001') else 0)\n"
        "corpus.BATCH, corpus._write_part, workers.read_batch = BATCH, slow, _without_models\n"
        "from korea_nlp.cli import app; app()\n"
    )
    command = [sys.executable, "-c", slowly, "corpus", source, "--out", out, "--profile", tiny_models_profile]
    running = subprocess.Popen([*map(str, command), "--sentences", "1"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert running.stdout.readline().startswith("0000000")
    assert running.stdout.readline().startswith("0000001")
    running.kill()
    running.communicate()
    before = times(out)
    assert len(before) == 2
    assert not (out / "articles.parquet").exists()
    (out / "parts" / f"{max(before)}.new").write_bytes(b"half of it")
    read_corpus(open_collection(source), out, settings)
    assert written(out) == written(undisturbed)
    assert before.items() <= times(out).items()
    assert all(name.endswith(".zip") for name in times(out))


def test_an_interrupted_run_says_that_it_goes_on(source, undisturbed, tiny_models_profile, monkeypatch, tmp_path):
    write, out = corpus._write_part, tmp_path / "out"

    def stop(part, found):
        if part.name.startswith("0000002"):
            raise KeyboardInterrupt
        write(part, found)

    arguments = [source, "--out", out, "--profile", tiny_models_profile, "--sentences", 1]
    with monkeypatch.context() as patch:
        patch.setattr(corpus, "_write_part", stop)
        done = run(*arguments)
    assert done.exit_code == 130
    assert done.stderr == (
        f"korea-nlp: stopped; what is done is kept in {out}, and the same command goes on from there\n"
    )
    assert run(*arguments).exit_code == 0
    assert written(out) == written(undisturbed)


def test_a_damaged_part_is_read_again(source, undisturbed, settings, tmp_path):
    out = tmp_path / "out"
    read_corpus(open_collection(source), out, settings)
    second = sorted((out / "parts").iterdir())[1]
    good = second.read_bytes()
    for damaged in (good[:-1], b"", good.replace(b"PAR1", b"RAP1")):
        second.write_bytes(damaged)
        before = times(out)
        read_corpus(open_collection(source), out, settings)
        after = times(out)
        assert {name for name in before if before[name] != after[name]} == {second.name}
        assert written(out) == written(undisturbed)


def test_only_what_changed_is_read_again(table, settings, monkeypatch, tmp_path):
    source, out = tmp_path / "articles.jsonl", tmp_path / "out"
    changed = table.copy()
    changed.loc[BATCH, "title"] = "Another title"
    with monkeypatch.context() as patch:
        patch.setattr(workers, "read_batch", _without_models)
        table.to_json(source, orient="records", lines=True)
        read_corpus(open_collection(source), out, settings)
        before = times(out)
        changed.to_json(source, orient="records", lines=True)
        read_corpus(open_collection(source), out, settings)
    assert tables(out)["articles"]["title"].tolist() == changed["title"].tolist()
    assert len(before.items() & times(out).items()) == len(before) - 1
    assert len(times(out)) == len(before)
    read_corpus(open_collection(source), out, replace(settings, sentences=2))
    assert set(tables(out)["summaries"]["position"]) == {1, 2}
    assert not before.items() & times(out).items()


def test_bad_articles_are_recorded_and_passed_over(table, whole, tiny_models_profile, tmp_path):
    source, out = tmp_path / "articles.jsonl", tmp_path / "out"
    rows = table.to_dict("records")
    rows[1] = {"id": "short", "body": "Too short."}
    rows[4] = {"id": "null", "body": None}
    rows[5] = {"id": "half \ud800", "body": "\ud800 " + text(1)}
    lines = [json.dumps(row) for row in rows]
    lines[6] = '{"id": "a6", "body": '
    source.write_text("\n".join(lines))
    done = run(source, "--out", out, "--profile", tiny_models_profile, "--sentences", 1)
    assert done.exit_code == 0, done.output
    assert done.stdout == f"{COUNT - 4} of {COUNT} articles were read; the tables are in {out}\n"
    assert done.stderr == f"korea-nlp: 4 could not be read; {out / 'errors.parquet'} says why\n"
    found = tables(out)
    errors = found["errors"].set_index("article")["message"]
    assert set(errors.index) == {"short", "null", "half ?", "6"}
    assert errors["short"].startswith("too short to read")
    assert errors["null"] == "has no text in the column 'body'"
    assert errors["6"] == "is not JSON"
    good = pd.read_parquet(whole / "stance.parquet")
    good = good[~good["article"].isin(["a1", "a4", "a5", "a6"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(found["stance"], good, rtol=0, atol=1e-6)


def test_what_fails_for_one_article_leaves_its_neighbours(source, whole, settings, monkeypatch, tmp_path):
    together = reading.detect_stances

    def fail(articles, mentions):
        if any("4 rockets" in article.text for article in articles):
            raise RuntimeError("a number\nthat nobody likes")
        return together(articles, mentions=mentions)

    monkeypatch.setattr(reading, "detect_stances", fail)
    done = read_corpus(open_collection(source), tmp_path / "out", settings)
    assert (done.articles, done.errors) == (COUNT - 1, 1)
    found, expected = tables(tmp_path / "out"), tables(whole)
    assert found["errors"].to_dict("records") == [
        {"article": "a4", "error": "RuntimeError", "message": "a number that nobody likes"}
    ]
    for name in set(TABLES) - {"errors"}:
        rows = expected[name]
        rows = rows[~rows["article"].isin(found["errors"]["article"])].reset_index(drop=True)
        pd.testing.assert_frame_equal(found[name], rows, rtol=0, atol=1e-6)


def _slowly(items, settings, expected):
    time.sleep(0.3)
    return _without_models(items, settings, expected)


@pytest.mark.long
def test_workers_find_the_same_though_one_is_killed(source, undisturbed, settings, monkeypatch, tmp_path):
    out = tmp_path / "out"
    monkeypatch.setattr(workers, "read_batch", _slowly)

    def kill():
        while not list(out.glob("parts/*.zip")):
            time.sleep(0.01)
        os.kill(multiprocessing.active_children()[0].pid, signal.SIGKILL)

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    done = read_corpus(open_collection(source), out, settings, workers=2)
    killer.join(timeout=1)
    assert written(out) == written(undisturbed)
    assert done.lost_workers == 1


def _poisoned(items, settings, expected):
    """Reading that ends the process at one of the articles."""
    if any(item.article == "a4" for item in items):
        os._exit(1)
    return tables_of({}, [(item.article, "Read", "read") for item in items])


def test_an_article_that_kills_its_workers_is_recorded(source, settings, monkeypatch):
    import dask
    import distributed  # noqa: F401 - it brings its settings, of which one is changed

    monkeypatch.setattr(workers, "read_batch", _poisoned)
    items = list(open_collection(source))[3:6]
    gone = []
    with dask.config.set({
        "distributed.scheduler.allowed-failures": 0,
        "distributed.worker.multiprocessing-method": "forkserver",  # which loads the libraries once
    }):  # fmt: skip
        ((_, _, found),) = workers.read_elsewhere(iter([("one", items)]), settings, 1, None, gone)
    messages = found["errors"].to_pandas().set_index("article")["message"]
    assert messages.index.tolist() == [item.article for item in items]
    assert "was lost" in messages.pop("a4")
    assert set(messages) == {"read"}
    assert len(gone) == 2


def test_a_scheduler_elsewhere_gives_the_same(source, whole, tiny_models_profile, tmp_path):
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, protocol="tcp://", dashboard_address=None
    ) as cluster:
        address = cluster.scheduler_address
        arguments = ["--profile", tiny_models_profile, "--sentences", 1, "--scheduler", address]
        done = run(source, "--out", tmp_path / "out", *arguments)
    assert done.exit_code == 0, done.output
    assert done.stderr == ""
    assert written(tmp_path / "out") == written(whole)


def test_a_worker_that_would_read_otherwise_is_refused(source, settings):
    items = list(open_collection(source))[:1]
    with pytest.raises(KoreaNLPError, match="install the same everywhere"):
        batches.read_batch(items, settings, "another fingerprint")


@contextmanager
def loaded_anew():
    """The library as a new process has it: its modules read their lists when they are loaded."""
    before = {name: module for name, module in sys.modules.items() if name.split(".")[0] == "korea_nlp"}
    for name in before:
        del sys.modules[name]
    try:
        yield
    finally:
        for name in [name for name in sys.modules if name.split(".")[0] == "korea_nlp"]:
            del sys.modules[name]
        sys.modules.update(before)


def test_only_what_decides_what_is_found_is_in_the_fingerprint(
    whole, settings, tiny_models_profile, tmp_path, monkeypatch
):
    really, opened = open, set()

    def noted(file, *arguments, **more):
        opened.add(Path(str(file)))
        return really(file, *arguments, **more)

    with loaded_anew(), monkeypatch.context() as patch:
        for module in (builtins, io):
            patch.setattr(module, "open", noted)
        import korea_nlp

        korea_nlp.analyse(korea_nlp.parse_article(text(1), profile=tiny_models_profile), 1)
    used = {path.name for path in opened if path.parent.name == "assets"}
    assert used - {"profiles.toml", "proposals.toml"} == set(DECIDING)  # whose checkpoints count; what is only loaded
    assets = tmp_path / "assets"
    shutil.copytree(batches.ASSETS, assets, ignore=shutil.ignore_patterns("reader-*", "writer-*"))
    monkeypatch.setattr(batches, "ASSETS", assets)
    before = fingerprint.__wrapped__(settings)
    for path in assets.iterdir():
        path.write_bytes(path.read_bytes() + b"\n# edited\n")
        changed = fingerprint.__wrapped__(settings) != before
        assert changed == (path.name in DECIDING), path.name
        before = fingerprint.__wrapped__(settings)


def test_no_more_articles_are_in_memory_than_a_batch(source, settings):
    taken = []

    def articles():
        for item in open_collection(source):
            taken.append(item.article)
            yield item

    parts = []
    unread = corpus._unread(articles(), settings, Path("nowhere"), parts, bar=None)
    results = workers.read_here(unread, settings)
    next(results)
    assert len(taken) == BATCH
    assert len(parts) == 1


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", "id,words\n1,hi\n", "has no column 'text', 'body', 'content'; name one of these with --text-column"),
        ("a.csv", "id,text\n1,x\n1,y\n", "the id '1' occurs twice"),
        ("a.csv", "id,text\n", "holds no rows"),
        ("a.csv", b"id,text\n1,\xff\xfe\n", "is not UTF-8 text"),
        ("a.parquet", "no", "is not a Parquet file"),
        ("a.txt", "One article.", "is neither a folder nor a table"),
        ("folder/a.docx", "", "holds no article"),
    ],
)
def test_a_wrong_source_is_one_line(name, content, said, tmp_path):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    source = path.parent if name.startswith("folder") else path
    done = run(source, "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert done.stderr.count("\n") == 1
    assert said in done.stderr
    assert not (tmp_path / "out").exists()


def test_missing_sources_and_columns_are_one_line(source, tmp_path):
    for arguments, said in [
        (["nowhere.csv"], "nowhere.csv: no such folder or file"),
        ([source, "--text-column", "story"], "has no column 'story'"),
        ([source, "--id-column", "key"], "has no column 'key'"),
    ]:
        done = run(*arguments, "--out", tmp_path / "out")
        assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
        assert said in done.stderr


def test_columns_can_be_named_and_rows_name_themselves(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("text,story,key\nno,This one.,k1\nno,That one.,k2\n")
    named = open_collection(path, "story", "key")
    assert [(item.article, item.data) for item in named] == [("k1", "This one."), ("k2", "That one.")]
    assert [item.article for item in open_collection(path)] == ["0", "1"]


def test_nothing_that_could_be_read_is_status_2(tiny_models_profile, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("text\nToo short.\nThis, too.\n")
    done = run(path, "--out", tmp_path / "out", "--profile", tiny_models_profile)
    assert done.exit_code == 2
    assert done.stderr.startswith("korea-nlp: none of the 2 articles could be read; the first: 0: too short")
    assert done.stderr.count("\n") == 1


def test_a_folder_of_other_files_is_refused(source, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    done = run(source, "--out", tmp_path)
    assert done.exit_code == 2
    assert "holds files that korea-nlp did not write (mine.txt)" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_two_runs_at_once_are_refused(source, tiny_models_profile, tmp_path):
    with filelock.FileLock(tmp_path / "corpus.lock"):
        done = run(source, "--out", tmp_path, "--profile", tiny_models_profile)
    assert done.exit_code == 2
    assert done.stderr.startswith(f"korea-nlp: another run is writing to {tmp_path}")


def test_no_cluster_is_one_line(source, tiny_models_profile, monkeypatch, tmp_path):
    monkeypatch.setattr(workers, "PATIENCE", 0.5)
    for address in ("tcp://127.0.0.1:1", "no address"):
        done = run(source, "--out", tmp_path / "out", "--profile", tiny_models_profile, "--scheduler", address)
        assert (done.exit_code, done.stderr.count("\n")) == (2, 1), done.stderr
        assert f"no Dask cluster at {address}" in done.stderr
