"""The process that computes one job: ``python -m twin.jobs.worker STORE JOB LOCK``."""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import StoreError, TwinError
from twin.jobs.job import Order, Places, read_job, read_order, write_status
from twin.store.locks import RunLock

if TYPE_CHECKING:
    from twin.engine.engine import Progress
    from twin.results.open import Run

__all__ = ["main"]

#: Between two looks at whether it is this job's turn, or two notes of how far it is, s.
INTERVAL_S = 0.5


class _Cancelled(Exception):  # noqa: N818 - not an error: someone asked for it
    """The job was asked to stop before its run began."""


class _Worker:
    """Carries out one order, and keeps its status."""

    def __init__(self, places: Places, order: Order) -> None:
        self._places = places
        self._order = order
        self._status: dict[str, Any] = {"state": "waiting", "run_id": order.run_id}
        self._began = time.monotonic()
        self._noted = 0.0
        self._terminated = False
        self._slot: RunLock | None = None

    def work(self) -> None:
        """Wait for a turn, compute, and leave a last word whatever happens."""
        signal.signal(signal.SIGTERM, self._terminate)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        try:
            self._wait()
            self._note(state="preparing")
            run = self._compute()
            self._note(last=True, state="finished", run_id=run.id)
        except _Cancelled:
            self._note(last=True, state="interrupted" if self._terminated else "cancelled")
        except TwinError as error:
            self._fail(error)
        except MemoryError:
            self._fail(
                StoreError(
                    "there is not enough memory",
                    remedy="Choose a coarser cell, a smaller extent, or fewer runs at once.",
                )
            )
        except Exception as error:  # noqa: BLE001 - the last net: whoever asked must hear of it
            traceback.print_exception(error)
            self._fail(error)

    def _wait(self) -> None:
        """Wait until all who came before have a slot, and one is free."""
        while True:
            self._raise_if_asked()
            if not self._is_behind():
                for number in range(self._order.slots):
                    try:
                        self._slot = RunLock(self._places.slot(number))
                    except StoreError:
                        continue
                    return
            time.sleep(INTERVAL_S)

    def _is_behind(self) -> bool:
        """Return whether somebody waits who came earlier."""
        for path in self._places.folder.iterdir():
            if path.name == self._order.job_id or not (path / "job.json").is_file():
                continue
            try:
                earlier = read_order(self._places, path.name).stamp < self._order.stamp
                if earlier and read_job(self._places, path.name).state == "waiting":
                    return True
            except StoreError:
                continue
        return False

    def _compute(self) -> Run:
        import twin  # noqa: PLC0415 - heavy, and of no use to a process that waits
        from scenarios import Scenario  # noqa: PLC0415 - as above

        order, root = self._order, self._places.root
        self._began = time.monotonic()
        threads = self._threads()
        try:
            if order.run_id:
                return twin.resume(
                    order.run_id,
                    store=root,
                    threads=threads,
                    on_progress=self._tell,
                    should_stop=self._asked,
                )
            folder = self._places.job(order.job_id)
            base = Path(order.base) if order.base else folder
            text = (folder / "scenario.yaml").read_text("utf-8")
            scenario = Scenario.parse(text, name=order.name, base=base)
            return twin.run(
                scenario.resolve(confined=order.confined),
                order.city or None,
                store=root,
                threads=threads,
                on_begin=lambda run_id: self._note(run_id=run_id),
                on_progress=self._tell,
                should_stop=self._asked,
            )
        except twin.Interrupted as stopped:
            self._status["run_id"] = stopped.run_id
            raise _Cancelled from stopped

    def _threads(self) -> int:
        import numba  # noqa: PLC0415 - as in _compute

        return min(self._order.threads, int(numba.config.NUMBA_NUM_THREADS))  # type: ignore[attr-defined]  # set when numba is imported

    def _tell(self, progress: Progress) -> None:
        now = time.monotonic()
        if now - self._noted < INTERVAL_S and progress.simulated_s < progress.end_s:
            return
        self._noted = now
        self._note(
            state="computing",
            simulated_s=progress.simulated_s,
            end_s=progress.end_s,
            wall_s=round(now - self._began, 1),
            wet_cells=int(progress.wet_cells),
            max_depth_m=round(float(progress.max_depth_m), 3),
            open_incidents=int(progress.open_incidents),
        )

    def _asked(self) -> bool:
        return self._terminated or self._places.cancel(self._order.job_id).exists()

    def _raise_if_asked(self) -> None:
        if self._asked():
            raise _Cancelled

    def _terminate(self, _signal: int, _frame: object) -> None:
        self._terminated = True

    def _fail(self, error: Exception) -> None:
        told = error if isinstance(error, TwinError) else None
        value = None if told is None or told.value is None else repr(told.value)[:200]
        self._note(
            last=True,
            state="failed",
            error={
                "kind": type(error).__name__,
                "what": told.what if told else f"a fault of ours: {error}"[:300],
                "where": told.where if told else None,
                "value": value,
                "remedy": told.remedy if told else "Please report it, with the log of the job.",
            },
        )

    def _note(self, *, last: bool = False, **changes: object) -> None:
        self._status |= changes
        write_status(self._places, self._order.job_id, self._status, last=last)


def main(arguments: list[str]) -> None:
    """Carry out the job that *arguments* name: store, job, and the number of its held lock."""
    root, job_id, lock = arguments
    os.set_inheritable(int(lock), False)  # noqa: FBT003 - the system's own call
    places = Places(Path(root))
    _Worker(places, read_order(places, job_id)).work()


if __name__ == "__main__":
    main(sys.argv[1:])
