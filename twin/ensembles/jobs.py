"""Tasks as a worker of a dask cluster runs them: with its threads, and stopped when it stops."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from distributed import Event, get_worker

from twin.ensembles.tasks import compute_flood, compute_member

if TYPE_CHECKING:
    from collections.abc import Callable

    from twin.engine.engine import Progress

__all__ = ["TOPIC", "flood_job", "member_job"]

#: What workers tell of floods that are being computed, by digest.
TOPIC = "twin-ensemble"
_EVERY_S = 2.0


def flood_job(
    url: str, sweep_id: str, digest: str, stop: str, threads: int | None
) -> dict[str, Any]:
    """
    Compute a flood.

    *stop* names the event that ends it; without *threads* kernels use those of the worker.
    """
    worker = get_worker()
    last = 0.0

    def tell(progress: Progress) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _EVERY_S:
            last = now
            share = progress.simulated_s / progress.end_s
            worker.log_event(TOPIC, {"flood": digest, "share": share})

    return compute_flood(
        url,
        sweep_id,
        digest,
        threads=threads or max(1, int(worker.state.nthreads)),
        on_progress=tell,
        should_stop=_stop_by(stop),
    )


def member_job(url: str, sweep_id: str, index: int, stop: str) -> dict[str, Any]:
    """Run a member; see :func:`flood_job`."""
    return compute_member(url, sweep_id, index, should_stop=_stop_by(stop))


def _stop_by(name: str) -> Callable[[], bool]:
    """Return what says, every other second, whether the sweep was stopped or the worker closes."""
    worker = get_worker()
    last, stopped = time.monotonic(), False

    def ask() -> bool:
        nonlocal last, stopped
        if worker.status.name not in {"running", "paused", "init"}:
            return True
        now = time.monotonic()
        if not stopped and now - last >= _EVERY_S:
            last = now
            with suppress(OSError, TimeoutError):  # the scheduler is busy, or has gone
                stopped = bool(Event(name).is_set())
        return stopped

    return ask
