"""The cluster on which a sweep runs: our own on this machine, or one that is there already."""

from __future__ import annotations

import logging
import multiprocessing
import os
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import dask
from distributed import Client, LocalCluster, Security

from models.errors import InvalidInputError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ClusterError", "connect", "workers_here"]

#: Variables that say how many threads a process takes.
_THREADS = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class ClusterError(StoreError):
    """A cluster that is not there, or has gone; nothing that was finished is lost."""


@contextmanager
def connect(
    scheduler: str | None = None,
    *,
    workers: int | None = None,
    threads: int = 1,
    memory_limit: str | None = None,
    patience_s: float = 15.0,
) -> Iterator[Client]:
    """
    Yield a client of a cluster.

    Parameters
    ----------
    scheduler
        Address of a scheduler, ``tcp://host:8786``; None starts a cluster on this machine, whose
        traffic is encrypted with keys of its own, so that no other user can send it work.
    workers, threads
        Of our own cluster: processes, and threads of each for its kernels. Without *workers*, so
        many that all processors are busy.
    memory_limit
        Of each process of our own cluster, such as ``4GiB``; one that needs more is stopped and its
        task tried again. Without it, an even share of the machine's memory.
    patience_s
        How long a scheduler, and its first worker, is waited for, s.

    Raises
    ------
    ClusterError
        If no scheduler answers, or it has no workers.
    InvalidInputError
        If the numbers are not positive, or the caller's script starts itself again.
    """
    if scheduler is not None:
        yield from _their_own(scheduler, patience_s)
        return
    if threads < 1 or (workers is not None and workers < 1):
        raise InvalidInputError(
            "workers and threads are whole numbers from 1",
            where="cluster",
            value={"workers": workers, "threads": threads},
        )
    _refuse_second_start()
    count = workers or workers_here(threads)
    settings = {
        "distributed.scheduler.allowed-failures": 0,  # who tries again is decided here, not there
        "distributed.scheduler.worker-saturation": 1.0,
        "distributed.worker.memory.target": False,  # results are small; nothing is spilled
        "distributed.worker.memory.spill": False,
        "distributed.worker.memory.pause": False,
        "distributed.worker.memory.terminate": 0.95,
        "distributed.admin.tick.limit": "30s",
    }
    with (
        dask.config.set(settings),
        tempfile.TemporaryDirectory(prefix="twin-dask-", ignore_cleanup_errors=True) as scratch,
        _local_cluster(count, threads, memory_limit, scratch) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        yield client


def _local_cluster(
    workers: int, threads: int, memory_limit: str | None, scratch: str
) -> LocalCluster:
    try:
        return LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            memory_limit=memory_limit or "auto",
            security=Security.temporary(),
            local_directory=scratch,
            silence_logs=logging.CRITICAL,
            env=dict.fromkeys(_THREADS, str(threads)),
        )
    except (RuntimeError, OSError, TimeoutError, ValueError) as error:
        reason = " ".join(str(error.__cause__ or error).split())[:200]
        raise ClusterError(
            f"the processes that compute do not start ({reason})",
            where="this machine",
            value={"workers": workers, "memory": memory_limit},
            remedy='In a script, call twin.ensemble below `if __name__ == "__main__":`; else check '
            "the memory limit (such as 4GiB) and the free memory.",
        ) from error


def workers_here(threads: int = 1) -> int:
    """Return how many processes of so many threads keep the processors of this machine busy."""
    return max(1, _processors() // max(1, threads))


def _processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "process_cpu_count"):
        return os.process_cpu_count() or 1
    return len(os.sched_getaffinity(0))


def _their_own(scheduler: str, patience_s: float) -> Iterator[Client]:
    try:
        client = Client(scheduler, timeout=patience_s, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise ClusterError(
            "no scheduler answers here",
            where=scheduler,
            remedy="Start one with `dask scheduler`, or check address and network; without "
            "--scheduler the sweep runs on this machine.",
        ) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=patience_s)
        except TimeoutError as error:
            raise ClusterError(
                "the scheduler has no workers",
                where=scheduler,
                remedy="Start some with `dask worker`, with this program installed.",
            ) from error
        yield client


def _refuse_second_start() -> None:
    process: Any = multiprocessing.current_process()
    if getattr(process, "_inheriting", False):
        raise InvalidInputError(
            "a worker process ran the script that starts the sweep",
            where="twin.ensemble",
            remedy='Put the call below `if __name__ == "__main__":`.',
        )
