"""
Who computes what, when, and what happens where something fails.

No more tasks are in flight than there are workers, so that a worker that dies takes one task with
it. A task whose worker died is tried again, at most one such task at a time, so that a task that
kills its worker is found out alone.
"""

from __future__ import annotations

import queue
import time
import uuid
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from distributed import CancelledError, Event, KilledWorker

from models.errors import StoreError, TwinError
from twin.ensembles.cluster import ClusterError
from twin.ensembles.jobs import TOPIC, flood_job, member_job
from twin.running import Interrupted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from distributed import Client, Future

    from twin.ensembles.records import PlanRecord
    from twin.ensembles.store import EnsembleStore

__all__ = ["Conductor", "Failure", "SweepProgress"]

_TICK_S = 0.25
#: How long running tasks are given to write their checkpoints when the sweep is stopped, s.
_GRACE_S = 20.0
#: How long a cluster may be without any worker, s.
_LONELY_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepProgress:
    """
    How far a sweep has come.

    Parameters
    ----------
    members, finished, failed
        How many there are, are done (earlier times included), and could not be done.
    floods, floods_finished
        How many floods there are, and are done.
    running
        Share done of the floods that are being computed, by digest.
    elapsed_s
        Since this process took the sweep up.
    """

    members: int
    finished: int
    failed: int
    floods: int
    floods_finished: int
    running: Mapping[str, float]
    elapsed_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a member could not be computed."""

    member: int
    error: str
    tries: int
    part: str


@dataclass(kw_only=True)
class _Task:
    """A flood or a member, and how often it was tried."""

    kind: str
    name: str | int
    tries: int = 0
    #: Whether a worker died while it ran.
    suspect: bool = False


@dataclass(kw_only=True)
class Conductor:
    """
    Runs the tasks of a sweep on a cluster until all of them are done or have failed.

    Parameters
    ----------
    client, store, plan
        The cluster, where everything goes, and what is to be done.
    tries
        How often a task is tried.
    threads
        For the kernels of each worker; None takes those of the worker.
    on_progress, should_stop
        Hears how far things are; is asked several times a second.
    """

    client: Client
    store: EnsembleStore
    plan: PlanRecord
    tries: int = 3
    threads: int | None = None
    on_progress: Callable[[SweepProgress], None] = lambda _progress: None
    should_stop: Callable[[], bool] = lambda: False
    failures: list[Failure] = field(default_factory=list)
    finished: set[int] = field(default_factory=set)
    #: Time that the tasks took in their workers, and of processors, s, of all of them together.
    busy_s: float = 0.0
    cpu_s: float = 0.0
    _floods_done: set[str] = field(default_factory=set)
    _shares: dict[str, float] = field(default_factory=dict)
    _waiting: dict[str, list[int]] = field(default_factory=dict)
    _ready: deque[_Task] = field(default_factory=deque)
    _floods: deque[_Task] = field(default_factory=deque)
    _suspects: deque[_Task] = field(default_factory=deque)
    _flying: dict[str, tuple[_Task, Future[Any]]] = field(default_factory=dict)
    _done: queue.SimpleQueue[str] = field(default_factory=queue.SimpleQueue)
    _began: float = field(default_factory=time.monotonic)
    _seen: float = 0.0
    _workers: int = 1
    _crowd: float = field(default_factory=time.monotonic)

    def run(self) -> None:
        """
        Run to the end.

        Raises
        ------
        Interrupted
            If *should_stop* said so; what is done is kept.
        StoreError
            If the store fails again and again, or the cluster has gone.
        """
        stop = Event(f"twin-stop-{uuid.uuid4().hex[:12]}", client=self.client)
        self._line_up()
        self.client.subscribe_topic(TOPIC, self._hear)
        try:
            while self._flying or self._ready or self._floods or self._suspects:
                self._look_round()
                self._send(stop.name)
                self._tell()
                if self.should_stop():
                    raise Interrupted(self.plan.sweep_id)
                self._take()
            self._tell()
        except BaseException:
            self._halt(stop)
            raise
        finally:
            self.client.unsubscribe_topic(TOPIC)

    def _line_up(self) -> None:
        """Find what is left to do."""
        kept = set(self.store.names(f"sweeps/{self.plan.sweep_id}/members"))
        floods: dict[str, bool] = dict.fromkeys(self.plan.floods, False)
        there = set(self.store.names("floods"))
        for digest in floods:
            if digest in there and self.store.has_flood(digest):
                self._floods_done.add(digest)
        for index in range(self.plan.n_members):
            if f"{index:06d}.json" in kept:
                self.finished.add(index)
                continue
            digest = self.plan.member(index).flood
            if not digest or digest in self._floods_done:
                self._ready.append(_Task(kind="member", name=index))
                continue
            if digest not in self._waiting:
                self._waiting[digest] = []
                self._floods.append(_Task(kind="flood", name=digest))
            self._waiting[digest].append(index)

    def _hear(self, event: tuple[float, Mapping[str, Any]]) -> None:
        _, told = event
        self._shares[str(told["flood"])] = float(told["share"])

    def _look_round(self) -> None:
        """Count the workers now and then, and give up on a cluster that has lost them all."""
        now = time.monotonic()
        if now - self._seen < 2.0:
            return
        self._seen = now
        if self.client.status not in {"running", "connecting"}:
            raise self._gone("the scheduler has gone")
        try:
            self._workers = len(self.client.scheduler_info(n_workers=-1)["workers"])
        except (OSError, TimeoutError, ValueError) as error:
            raise self._gone("the scheduler has gone") from error
        if self._workers:
            self._crowd = now
        elif now - self._crowd > _LONELY_S:
            raise self._gone(f"the cluster has had no workers for {_LONELY_S:.0f} s")

    def _gone(self, what: str) -> ClusterError:
        return ClusterError(
            what,
            where=str(self.client.scheduler.address if self.client.scheduler else "cluster"),
            remedy="Start the sweep again when there is a cluster; finished members are kept.",
        )

    def _send(self, stop: str) -> None:
        """Hand out tasks while there are workers that have none."""
        while len(self._flying) < max(1, self._workers):
            task = self._next()
            if task is None:
                return
            key = f"{task.kind}-{task.name}-{task.tries}-{uuid.uuid4().hex[:6]}"
            place = self.store.url, self.plan.sweep_id, task.name, stop
            if task.kind == "flood":
                future = self.client.submit(
                    flood_job, *place, self.threads, key=key, pure=False, retries=0
                )
            else:
                future = self.client.submit(member_job, *place, key=key, pure=False, retries=0)
            self._flying[key] = task, future
            future.add_done_callback(lambda done: self._done.put(done.key))

    def _next(self) -> _Task | None:
        quarantined = any(task.suspect for task, _ in self._flying.values())
        if self._suspects and not quarantined:
            return self._suspects.popleft()
        for line in (self._ready, self._floods):
            if line:
                return line.popleft()
        return None

    def _take(self) -> None:
        """Take what is done, and wait a moment where nothing is."""
        try:
            key = self._done.get(timeout=_TICK_S)
        except queue.Empty:
            return
        while True:
            task, future = self._flying.pop(key)
            self._settle(task, future)
            future.release()
            try:
                key = self._done.get_nowait()
            except queue.Empty:
                return

    def _settle(self, task: _Task, future: Future[Any]) -> None:
        if future.status == "finished":
            told = future.result()
            self.busy_s += float(told["wall_s"])
            self.cpu_s += float(told["cpu_s"])
            self._finish(task)
            return
        task.tries += 1
        error = future.exception() if future.status == "error" else CancelledError(future.key)
        if isinstance(error, KilledWorker):
            task.suspect = True
            task.tries = max(task.tries, int(error.allowed_failures) + 1)
        if isinstance(error, StoreError) and (
            "disk is full" in error.what or task.tries >= self.tries
        ):
            raise error
        hopeless = isinstance(error, TwinError) and not isinstance(error, StoreError)
        if hopeless or task.tries >= self.tries:
            self._fail(task, _reason(error))
        elif task.suspect:
            self._suspects.append(task)
        else:
            (self._ready if task.kind == "member" else self._floods).append(task)

    def _finish(self, task: _Task) -> None:
        if task.kind == "member":
            self.finished.add(int(task.name))
            return
        digest = str(task.name)
        self._floods_done.add(digest)
        self._shares.pop(digest, None)
        members = self._waiting.pop(digest, [])
        self._ready.extend(_Task(kind="member", name=index) for index in members)

    def _fail(self, task: _Task, reason: str) -> None:
        members = (
            [int(task.name)] if task.kind == "member" else self._waiting.pop(str(task.name), [])
        )
        self._shares.pop(str(task.name), None)
        for index in members:
            part = "response" if task.kind == "member" else "flood"
            failure = Failure(member=index, error=reason, tries=task.tries, part=part)
            self.failures.append(failure)
            self.store.write_document(
                f"sweeps/{self.plan.sweep_id}/failed/{index:06d}.json",
                {"member": index, "error": reason, "tries": task.tries, "part": part},
            )

    def _tell(self) -> None:
        self.on_progress(
            SweepProgress(
                members=self.plan.n_members,
                finished=len(self.finished),
                failed=len(self.failures),
                floods=len(self.plan.floods),
                floods_finished=len(self._floods_done),
                running=dict(self._shares),
                elapsed_s=time.monotonic() - self._began,
            )
        )

    def _halt(self, stop: Event) -> None:
        """Ask the running tasks to stop, and give them a moment to write what they have."""
        futures = [future for _, future in self._flying.values()]
        if not futures or self.client.status != "running":
            return
        try:
            stop.set()
            until = time.monotonic() + _GRACE_S
            while time.monotonic() < until and not all(future.done() for future in futures):
                time.sleep(_TICK_S)
            self.client.cancel(futures)
        except (OSError, TimeoutError, KeyboardInterrupt):
            return


def _reason(error: BaseException | None) -> str:
    if isinstance(error, KilledWorker):
        return "the process that computed it died each time; it may need more memory"
    if isinstance(error, TwinError):
        return str(error)
    return " ".join(f"{type(error).__name__}: {error}".split())[:500]
