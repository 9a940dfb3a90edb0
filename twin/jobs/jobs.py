"""Ask for runs, look at them, and stop them; each is computed in a process of its own."""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
import sys
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import InvalidInputError, StoreError
from twin.jobs.job import Job, Order, Places, read_job, read_order
from twin.store import files
from twin.store.layout import Layout, canonical_json
from twin.store.locks import RunLock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scenarios import Scenario

__all__ = ["Jobs"]

#: So many jobs that ended are kept.
_MOST_ENDED = 200
_RUN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,127}")


class Jobs:
    """
    The jobs of a store.

    A job goes on when whoever asked for it ends, and when its process dies it is seen as
    ``interrupted``; a run of which a part is kept can then be resumed.

    Parameters
    ----------
    root
        Folder of the store.
    slots
        How many may compute at once; the processors are shared among them.
    most_waiting
        How many may wait beside them.
    """

    def __init__(self, root: Path, *, slots: int = 1, most_waiting: int = 20) -> None:
        if slots < 1:
            raise InvalidInputError("at least one job must run", where="slots", value=slots)
        self._places = Places(root)
        self._slots = slots
        self._most = slots + most_waiting
        self._children: list[subprocess.Popen[bytes]] = []

    def submit(
        self,
        scenario: Scenario,
        city: str | Path | None = None,
        *,
        text: str | None = None,
        by: str = "",
        base: Path | None = None,
        confined: bool = False,
        now: datetime | None = None,
    ) -> Job:
        """
        Have *scenario* run on *city*, and return the job at once.

        Parameters
        ----------
        scenario
            A valid scenario.
        city
            Folder of the city; None takes what the scenario names.
        text
            The scenario as it was written, with its comments; None writes it anew.
        by
            Who asks.
        base
            Folder from which the paths in the scenario start; None takes that of its file.
        confined
            Refuse files outside *base*, and policies in files: for scenarios of other people.
        now
            The time; None takes the machine's clock.

        Raises
        ------
        InvalidInputError
            If too many jobs are waiting.
        StoreError
            If the store cannot be written.
        """
        folder = base or scenario.base
        order = self._order(scenario.name, by=by, now=now)
        fields = {
            "city": "" if city is None else str(Path(city).absolute()),
            "base": "" if folder is None else str(folder.absolute()),
            "confined": confined,
        }
        return self._start(Order(**{**asdict(order), **fields}), text or scenario.to_yaml())

    def resume(self, job_id: str, *, by: str = "", now: datetime | None = None) -> Job:
        """
        Go on with a job that stopped, where it stopped if its run can be resumed; a new job.

        Raises
        ------
        InvalidInputError
            If the job has not stopped, or too many are waiting.
        StoreError
            If there is no such job.
        """
        job = self.get(job_id)
        if not job.ended or job.state == "finished":
            raise InvalidInputError(
                "only a job that stopped can be resumed",
                where=f"job {job_id}",
                value=job.state,
                remedy="Cancel it first, or look at its run.",
            )
        before = read_order(self._places, job_id)
        text = (self._places.job(job_id) / "scenario.yaml").read_text("utf-8")
        fresh = self._order(before.name, by=by or before.by, now=now)
        fields = {
            "city": before.city,
            "base": before.base,
            "confined": before.confined,
            "run_id": job.run_id if job.resumable else "",
        }
        return self._start(Order(**{**asdict(fresh), **fields}), text)

    def take_up(self, run_id: str, *, by: str = "", now: datetime | None = None) -> Job:
        """
        Go on with a run that stopped, whoever began it.

        Raises
        ------
        InvalidInputError
            If a job computes it already, or too many are waiting.
        StoreError
            If there is no such unfinished run.
        """
        folder = Layout(self._places.root).partial / run_id
        if not _RUN.fullmatch(run_id) or not (folder / "scenario.yaml").is_file():
            raise StoreError(
                "there is no such unfinished run",
                where="partial",
                value=run_id,
                remedy="List the runs that there are.",
            )
        if any(job.run_id == run_id and not job.ended for job in self.list()):
            raise InvalidInputError("a job computes this run already", where=run_id)
        name = str(json.loads((folder / "manifest.json").read_text("utf-8"))["scenario"]["name"])
        order = Order(**{**asdict(self._order(name, by=by, now=now)), "run_id": run_id})
        return self._start(order, (folder / "scenario.yaml").read_text("utf-8"))

    def get(self, job_id: str) -> Job:
        """
        Return a job as it is now.

        Raises
        ------
        StoreError
            If there is no such job.
        """
        return read_job(self._places, self._checked(job_id))

    def list(self) -> list[Job]:
        """Return all jobs, newest first."""
        self._children = [child for child in self._children if child.poll() is None]
        folder = self._places.folder
        names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
        found = []
        for name in names:
            try:
                order = read_order(self._places, name)
                found.append((order.stamp, read_job(self._places, name)))
            except StoreError:
                continue  # a slot, or a job that is being made or removed this moment
        return [job for _, job in sorted(found, key=lambda pair: pair[0], reverse=True)]

    def cancel(self, job_id: str) -> Job:
        """
        Ask a job to stop at its next exchange; what it computed is kept, and can be resumed.

        Raises
        ------
        StoreError
            If there is no such job.
        """
        job = self.get(job_id)
        if not job.ended:
            with files.guarded(self._places.root):
                files.write_whole(self._places.cancel(job_id), b"")
        return self.get(job_id)

    def remove(self, job_id: str) -> None:
        """
        Forget a job that ended; its run stays.

        Raises
        ------
        InvalidInputError
            If it has not ended.
        StoreError
            If there is no such job.
        """
        job = self.get(job_id)
        if not job.ended:
            raise InvalidInputError(
                "the job has not ended",
                where=f"job {job_id}",
                value=job.state,
                remedy="Cancel it first.",
            )
        files.remove(self._places.job(job_id))

    def follow(self, job_id: str, *, interval_s: float = 0.5) -> Iterator[Job]:
        """Yield a job whenever it has changed, until it has ended."""
        before: Job | None = None
        while before is None or not before.ended:
            job = self.get(job_id)
            if job != before:
                yield job
            before = job
            if not job.ended:
                time.sleep(interval_s)

    def is_full(self) -> bool:
        """Return whether no further job is taken for now."""
        return sum(1 for job in self.list() if not job.ended) >= self._most

    def _checked(self, job_id: str) -> str:
        if not _ID.fullmatch(job_id):
            raise StoreError("there is no such job", where="job", value=job_id)
        return job_id

    def _order(self, name: str, *, by: str, now: datetime | None) -> Order:
        if self.is_full():
            raise InvalidInputError(
                f"{self._most} jobs are computing or waiting already",
                where="jobs",
                remedy="Wait for one to end, or cancel one.",
            )
        moment = now or datetime.now(UTC).astimezone()
        slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "job"
        return Order(
            job_id=f"{slug}-{moment:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}",
            name=name,
            created=moment.isoformat(timespec="seconds"),
            stamp=time.time_ns(),
            by=by,
            slots=self._slots,
            threads=max(1, _processors() // self._slots),
        )

    def _forget_old(self) -> None:
        """Forget the oldest of the jobs that ended, beyond as many as anybody looks at."""
        for job in [job for job in self.list() if job.ended][_MOST_ENDED:]:
            files.remove(self._places.job(job.job_id))

    def _start(self, order: Order, scenario: str) -> Job:
        """Write the order down, and start the process that carries it out."""
        self._forget_old()
        folder = self._places.job(order.job_id)
        with files.guarded(self._places.root):
            files.make_folder(folder, new=True)
            files.write_whole(folder / "scenario.yaml", scenario.encode())
            # The process inherits the lock, so that there is no moment at which nobody holds it.
            lock = RunLock(self._places.lock(order.job_id))
            try:
                text = canonical_json(asdict(order), indent=2) + "\n"
                files.write_whole(folder / "job.json", text.encode())
                self._children.append(
                    _spawn(self._places.root, order.job_id, lock.fileno(), folder)
                )
            except BaseException:
                files.remove(folder)
                raise
            finally:
                lock.release()
        return self.get(order.job_id)


def _spawn(root: Path, job_id: str, lock: int, folder: Path) -> subprocess.Popen[bytes]:
    """Start a process that outlives this one."""
    command = [sys.executable, "-m", "twin.jobs.worker", str(root), job_id, str(lock)]
    with (folder / "log.txt").open("wb") as log:
        return subprocess.Popen(  # noqa: S603 - our own module, with arguments that we made
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=(lock,),
        )


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
