"""Who reads: this process, others on this machine, or a Dask cluster. The results are the same."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from typing import TYPE_CHECKING
from uuid import uuid4

from korea_nlp.corpus.batches import Settings, fingerprint, read_batch, tables_of
from korea_nlp.corpus.collection import Item
from korea_nlp.errors import KoreaNLPError, reason

if TYPE_CHECKING:
    import pyarrow as pa
    from distributed import Client, Future

AHEAD = 2  # batches per thread that are handed out: what waits in memory does not grow
PATIENCE = 30  # seconds to wait for a cluster's answer

Batches = Iterator[tuple[str, list[Item]]]  # a name, and articles that are read together
Results = Generator[tuple[str, list[Item], dict[str, "pa.Table"]], None, None]


def read_here(batches: Batches, settings: Settings) -> Results:
    """Read one batch after the other in this process."""
    for name, items in batches:
        yield name, items, read_batch(items, settings, fingerprint(settings))


def read_elsewhere(
    batches: Batches, settings: Settings, workers: int, scheduler: str | None, lost_workers: list[str]
) -> Results:
    """Read batches on the workers of a Dask cluster, and yield their results as they come.

    The cluster is that of a `scheduler`, whose workers need the same version of this package, or `workers`
    processes on this machine. A batch whose worker is lost is given to another one; articles that lose four
    workers are recorded as errors. `lost_workers` gets the addresses of the workers that were lost. Raises
    `KoreaNLPError` if the cluster cannot be reached, has no workers, or its scheduler is lost.
    """
    from distributed import as_completed

    first = next(batches, None)
    if first is None:
        return
    batches = chain([first], batches)
    prefix = f"korea-nlp-{uuid4().hex}"
    with _client(workers, scheduler) as client:
        begun: dict[Future, tuple[str, list[Item]]] = {}
        coming = as_completed(loop=client.loop)

        def hand_out() -> None:
            most = AHEAD * max(sum(client.nthreads().values()), 1)
            for name, items in islice(batches, max(most - len(begun), 0)):
                future = _submit(client, f"{prefix}-{name}", items, settings)
                begun[future] = name, items
                coming.add(future)

        hand_out()
        for future in coming:
            name, items = begun.pop(future)
            tables = _result(client, future, items, settings)
            hand_out()
            yield name, items, tables
        lost_workers += _lost_workers(client, prefix)


def _submit(client: Client, key: str, items: list[Item], settings: Settings) -> Future:
    return client.submit(read_batch, items, settings, fingerprint(settings), key=key, pure=False)


def _result(client: Client, future: Future, items: list[Item], settings: Settings) -> dict[str, pa.Table]:
    """The tables of a batch; if it lost too many workers, those of its articles one by one."""
    import pyarrow as pa
    from distributed import KilledWorker

    if future.status in ("cancelled", "lost"):
        raise KoreaNLPError("the Dask scheduler was lost; the same command goes on once it is back")
    try:
        return future.result()
    except KilledWorker:
        if len(items) == 1:
            why = "every worker that began to read it was lost, perhaps for want of memory"
            return tables_of({}, [(items[0].article, "WorkerLost", why)])
    alone = []
    for number, item in enumerate(items):
        again = _submit(client, f"{future.key}-{number}", [item], settings)
        alone.append(_result(client, again, [item], settings))
    return {name: pa.concat_tables([tables[name] for tables in alone]) for name in alone[0]}


def _lost_workers(client: Client, prefix: str) -> Iterator[str]:
    """The addresses of workers that were lost while they had batches of ours."""
    for _, event in client.get_events("all"):
        if isinstance(event, dict) and event.get("action") == "remove-worker" and not event.get("expected"):
            begun = [*event.get("processing-tasks", ()), *event.get("lost-computed-tasks", ())]
            if any(str(key).startswith(prefix) for key in begun):
                yield event["worker"]


@contextmanager
def _client(workers: int, scheduler: str | None) -> Iterator[Client]:
    import dask
    from distributed import Client
    from distributed.comm import get_address_host_port

    silent = logging.CRITICAL + 1  # of a worker that is lost we tell in one line
    quiet = {"logging.distributed": silent, "distributed.nanny.environ.PYTHONWARNINGS": "ignore"}
    logging.getLogger("distributed").setLevel(silent)
    of_own = {"n_workers": workers, "threads_per_worker": 1, "processes": True, "memory_limit": None}
    of_own |= {"dashboard_address": None, "silence_logs": silent}
    with dask.config.set(quiet):
        try:
            if scheduler is not None:
                get_address_host_port(scheduler)  # a wrong address leaves a client that cannot be closed
            client = Client(scheduler, timeout=PATIENCE, set_as_default=False, **({} if scheduler else of_own))
        except (OSError, ValueError) as problem:  # TimeoutError among them
            where = scheduler or "this machine"
            raise KoreaNLPError(f"no Dask cluster at {where} ({reason(problem)[:200]}); check the address") from None
        with client:
            try:
                client.wait_for_workers(1, timeout=PATIENCE)
            except TimeoutError:
                raise KoreaNLPError(
                    f"the Dask scheduler at {scheduler} has no workers; start some with 'dask worker {scheduler}'"
                ) from None
            yield client
