"""
What is known of a job, and how it lies on the disk.

::

    jobs/<job>/job.json       what is to be computed; never changed
    jobs/<job>/scenario.yaml  the scenario as it was given
    jobs/<job>/status.json    how far it has come; written by the process that computes
    jobs/<job>/lock           held by that process as long as it lives
    jobs/<job>/cancel         there if it was asked to stop
    jobs/<job>/log.txt        what the process wrote to the screen
    jobs/slot-<n>             held by a process that computes: as many as may at once
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from models.errors import StoreError
from twin.store.files import write_whole
from twin.store.layout import MANIFEST, SUMMARY, Layout, canonical_json
from twin.store.locks import is_held

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["ENDED", "Job", "Order", "Places", "read_job", "read_order", "write_status"]

#: States in which nothing is computed any more.
ENDED = frozenset({"finished", "failed", "cancelled", "interrupted"})


@dataclass(frozen=True, slots=True)
class Places:
    """The paths of the jobs of the store in *root*."""

    root: Path

    @property
    def folder(self) -> Path:
        """The folder of all jobs."""
        return self.root / "jobs"

    def job(self, job_id: str) -> Path:
        """Return the folder of a job."""
        return self.folder / job_id

    def lock(self, job_id: str) -> Path:
        """Return the lock of a job."""
        return self.job(job_id) / "lock"

    def cancel(self, job_id: str) -> Path:
        """Return the file that asks a job to stop."""
        return self.job(job_id) / "cancel"

    def slot(self, number: int) -> Path:
        """Return the lock of one of the places in which jobs compute."""
        return self.folder / f"slot-{number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """
    What a job is to compute.

    Parameters
    ----------
    job_id, name, created, stamp
        Its id, the name of the scenario, when it was asked for (ISO time), and its place in the
        queue, which grows.
    by
        Who asked.
    city
        Folder of the city; empty takes what the scenario names.
    base
        Folder from which the paths in the scenario start; empty takes the job's own.
    confined
        Whether the scenario may read no file outside *base* and run no code of its own.
    run_id
        The interrupted run to take up; empty begins a new one.
    slots, threads
        How many jobs may compute at once, and threads for each.
    """

    job_id: str
    name: str
    created: str
    stamp: int
    by: str = ""
    city: str = ""
    base: str = ""
    confined: bool = False
    run_id: str = ""
    slots: int = 1
    threads: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """
    A job, as it was when it was looked at.

    Parameters
    ----------
    job_id, name, created, by
        As in :class:`Order`.
    state
        ``waiting`` for others to end, ``preparing``, ``computing``; then ``finished``, ``failed``,
        ``cancelled`` (on demand) or ``interrupted`` (its process died).
    fraction
        Share of the period that is simulated, 0 to 1.
    simulated_s, end_s
        The same in seconds; 0 until it is known.
    wall_s, remaining_s
        Seconds since it began to compute, and about as many to come; NaN-free: -1 where unknown.
    wet_cells, max_depth_m, open_incidents
        Of the moment.
    run_id
        The run, once it has begun; it can be opened when the job is finished.
    resumable
        Whether :meth:`Jobs.resume` goes on where it stopped, instead of beginning anew.
    error
        Why it failed: ``kind``, ``what``, ``where``, ``value``, ``remedy``.
    """

    job_id: str
    name: str
    created: str
    by: str = ""
    state: str = "waiting"
    fraction: float = 0.0
    simulated_s: float = 0.0
    end_s: float = 0.0
    wall_s: float = 0.0
    remaining_s: float = -1.0
    wet_cells: int = 0
    max_depth_m: float = 0.0
    open_incidents: int = 0
    run_id: str = ""
    resumable: bool = False
    error: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ended(self) -> bool:
        """Whether nothing is computed any more."""
        return self.state in ENDED

    def as_dict(self) -> dict[str, Any]:
        """Return the job as plain data."""
        return {**asdict(self), "ended": self.ended}


_STATUS = (
    *("state", "simulated_s", "end_s", "wall_s", "wet_cells", "max_depth_m"),
    *("open_incidents", "run_id", "error"),
)


def write_status(places: Places, job_id: str, status: Mapping[str, Any], *, last: bool) -> None:
    """Write how far a job has come; the *last* word survives a loss of power."""
    data = canonical_json(dict(status)).encode()
    write_whole(places.job(job_id) / "status.json", data, durable=last)


def read_order(places: Places, job_id: str) -> Order:
    """
    Return what a job is to compute.

    Raises
    ------
    StoreError
        If there is no such job, or its file is damaged.
    """
    path = places.job(job_id) / "job.json"
    try:
        return Order(**json.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        raise StoreError(
            "there is no such job",
            where=str(places.folder),
            value=job_id,
            remedy="It may have been removed; list the jobs that there are.",
        ) from None
    except (OSError, ValueError, TypeError) as error:
        raise StoreError(
            "what the job was to compute cannot be read",
            where=str(path),
            remedy="Remove the job, and run the scenario again.",
        ) from error


def read_job(places: Places, job_id: str) -> Job:
    """
    Return a job as it is now, however its process ended.

    Raises
    ------
    StoreError
        As :func:`read_order`.
    """
    order = read_order(places, job_id)
    alive = is_held(places.lock(job_id))  # asked first: its last word is written before it ends
    status = _status(places, job_id)
    job = Job(job_id=job_id, name=order.name, created=order.created, by=order.by)
    job = replace(job, **{"run_id": order.run_id, **status})
    if not job.ended and not alive:
        job = replace(job, state="interrupted")
    layout = Layout(places.root)
    if job.run_id and job.ended and (layout.runs / job.run_id / SUMMARY).is_file():
        job = replace(job, state="finished", error={})  # by this job, or by someone afterwards
    stopped = job.state in {"cancelled", "interrupted", "failed"}
    partial = layout.partial / job.run_id / MANIFEST
    share = job.simulated_s / job.end_s if job.end_s > 0 else 0.0
    return replace(
        job,
        resumable=stopped and bool(job.run_id) and partial.is_file(),
        fraction=1.0 if job.state == "finished" else min(share, 1.0),
        remaining_s=_remaining(job),
    )


def _status(places: Places, job_id: str) -> dict[str, Any]:
    path = places.job(job_id) / "status.json"
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}  # not written yet
    return {key: found[key] for key in _STATUS if key in found}


def _remaining(job: Job) -> float:
    if job.state != "computing" or job.simulated_s <= 0.0 or job.end_s <= 0.0:
        return -1.0
    return job.wall_s * (job.end_s - job.simulated_s) / job.simulated_s
