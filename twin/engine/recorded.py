"""
A response over water that was recorded before.

The flood does not depend on who drives where, so many responses can run over one flood. They see
the very numbers that a coupled run sees, since that one rounds the water on the roads to the single
precision in which it is recorded (``docs/adr/0002``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import zarr

from models.errors import StoreError
from twin.engine.assembly import assemble
from twin.engine.engine import Engine
from twin.engine.recorder import Recorder, events_table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray
    from zarr.abc.store import Store

    from models.response import Event
    from twin.engine.assembly import Setting
    from twin.engine.engine import Progress
    from twin.engine.roads import Roads

__all__ = ["RecordedWater", "respond"]


class RecordedWater:
    """
    The water on every directed edge at every exchange of a run, read block by block.

    Parameters
    ----------
    store
        Of a run's ``roads.zarr``, or its path.
    keep
        Whether blocks stay in memory once they are read, for many responses over one flood.
        Exchanges that do not differ from the one before them are kept once.

    Raises
    ------
    StoreError
        If there are no recorded roads.
    """

    def __init__(self, store: Store | str, *, keep: bool = False) -> None:
        try:
            group = zarr.open_group(store, mode="r")
            self._arrays = [_array(group, name) for name in ("depth", "velocity")]
        except (OSError, KeyError, ValueError) as error:
            raise StoreError(
                "the water on the roads was not recorded here",
                where=str(store),
                remedy="Compute the flood again.",
            ) from error
        self.n_exchanges, self.n_edges = (int(n) for n in self._arrays[0].shape)
        self._keep = keep
        self._states: dict[int, tuple[NDArray[np.float32], NDArray[np.float32]]] = {}

    def put_on(self, roads: Roads, exchange: int) -> None:
        """
        Put the water of exchange number *exchange* on *roads*.

        Raises
        ------
        StoreError
            If the record has other edges, or ends before.
        """
        if roads.graph.n_edges != self.n_edges or exchange >= self.n_exchanges:
            raise StoreError(
                "the recorded water does not fit these roads or this period",
                where=f"exchange {exchange} of {self.n_exchanges}",
                value={"recorded edges": self.n_edges, "edges": roads.graph.n_edges},
            )
        if exchange not in self._states:
            self._read(exchange)
        roads.depth_m, roads.velocity_m_s = self._states[exchange]

    def _read(self, exchange: int) -> None:
        step = int(self._arrays[0].chunks[0])
        first = exchange // step * step
        last = min(first + step, self.n_exchanges)
        depth, velocity = (np.asarray(array[first:last]) for array in self._arrays)
        before = self._states.get(first - 1)
        if not self._keep:
            self._states.clear()
        for row in range(last - first):
            now = depth[row], velocity[row]
            same = before is not None and all(
                np.array_equal(a, b, equal_nan=True) for a, b in zip(before, now, strict=True)
            )
            if not same or before is None:
                before = (now[0].copy(), now[1].copy())
            self._states[first + row] = before


def _array(group: zarr.Group, name: str) -> zarr.Array[Any]:
    found = group[name]
    if not isinstance(found, zarr.Array):
        raise KeyError(name)
    return found


class _Listener(Recorder):
    """Keeps what a response over recorded water adds: its events, and what roads it found shut."""

    def __init__(self) -> None:
        self.road_rows: list[dict[str, float]] = []

    def restore(self) -> None:
        """Find no checkpoint: a response always starts from the start."""

    def road_state(self, index: int, roads: Roads, row: Mapping[str, float]) -> None:  # noqa: ARG002 - as the base class is called
        """Keep how much was closed."""
        self.road_rows.append(dict(row))

    def checkpoint(self, *_given: object, **_more: object) -> None:
        """Keep nothing: a response is cheap, and is repeated."""


def respond(
    setting: Setting,
    water: RecordedWater | None,
    *,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> dict[str, pd.DataFrame]:
    """
    Run the response of a scenario over recorded water.

    Parameters
    ----------
    setting
        Scenario and city.
    water
        What the flood of the same scenario left on the roads; None where all stays dry.
    on_progress, should_stop
        As in :class:`~twin.engine.engine.Engine`.

    Returns
    -------
    dict
        ``events``, the log of the response as a coupled run keeps it, but for what happens to
        structures, and ``roads``, the kilometres closed over time.

    Raises
    ------
    ScenarioError
        If anything in the scenario does not fit the city.
    StoreError
        If the recorded water does not fit.
    """
    events: list[Event] = []
    assembly = assemble(setting, events.append, water=False)
    listener = _Listener()
    Engine(assembly, listener, on_progress=on_progress, should_stop=should_stop, water=water).run()
    return {"events": events_table(events), "roads": pd.DataFrame(listener.road_rows)}
