"""What a run keeps while it goes on, and what it needs to go on after a stop."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from twin.store.writer import RoadStates

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from models.response.events import Event
    from twin.engine.commands import Command
    from twin.engine.roads import Roads
    from twin.store.writer import RunWriter

__all__ = ["BLOCK", "Recorder", "events_table"]

BLOCK = 60


class Recorder:
    """
    Writes the results of one run as they come.

    Nothing here can change a result: the engine hands over, and reads back only on resume.
    Rows that describe the flood are part of the checkpoint; what describes roads and response
    is made again on resume.
    """

    def __init__(
        self, writer: RunWriter, *, gauges: Sequence[str], events: Sequence[Event]
    ) -> None:
        self._writer = writer
        self._events = events
        self._gauges = tuple(gauges)
        self._flood_rows: list[dict[str, float]] = []
        self._gauge_rows: list[tuple[float, ...]] = []
        self._road_rows: list[dict[str, float]] = []
        self._block: list[RoadStates] = []
        self._block_start = 0
        self._written_until = 0

    # While the run goes on

    def frame(self, index: int, depth_m: NDArray[np.float64]) -> None:
        """Write the depth, m, shape (rows, columns), of one frame."""
        self._writer.write_frame(index, depth_m)

    def flood_row(self, row: Mapping[str, float]) -> None:
        """Keep one row of the ledger."""
        self._flood_rows.append(dict(row))

    def gauge_row(
        self, time_s: float, depth_m: NDArray[np.float64], level_m: NDArray[np.float64]
    ) -> None:
        """Keep depth and level, m, at every gauge."""
        self._gauge_rows.append((time_s, *depth_m.tolist(), *level_m.tolist()))

    def road_state(self, index: int, roads: Roads, row: Mapping[str, float]) -> None:
        """Keep the water and the orders on every edge at one exchange."""
        self._road_rows.append(dict(row))
        if index < self._written_until:
            return
        if not self._block:
            self._block_start = index
        self._block.append(
            RoadStates(
                depth_m=roads.depth_m.copy(),
                velocity_m_s=roads.velocity_m_s.copy(),
                closed=roads.closed,
                impassable=roads.impassable,
            )
        )
        if (index + 1) % BLOCK == 0:
            self._flush_roads()

    def road_states(self, first: int, last: int) -> RoadStates:
        """Read back the states of every edge at exchanges *first* to *last* (exclusive)."""
        return self._writer.read_roads(first, last)

    def begin_commands(self, commands: Sequence[Command]) -> None:
        """Write the commands that are known at the start, all of them or none."""
        lines = [json.dumps(c.as_dict(), ensure_ascii=False, sort_keys=True) for c in commands]
        self._writer.write_text("commands.jsonl", "".join(f"{line}\n" for line in lines))

    def command(self, command: Command) -> None:
        """Append one further command to the durable log."""
        self._writer.append_command(command.as_dict())

    def _flush_roads(self) -> None:
        if self._block:
            self._writer.write_roads(
                self._block_start,
                np.stack([state.depth_m for state in self._block]),
                velocity_m_s=np.stack([state.velocity_m_s for state in self._block]),
                closed=np.stack([state.closed for state in self._block]),
                impassable=np.stack([state.impassable for state in self._block]),
            )
            self._block.clear()

    # Checkpoints

    def checkpoint(
        self,
        exchange: int,
        time_s: float,
        flood: Mapping[str, NDArray[Any]] | None,
        *,
        residents: Mapping[str, NDArray[Any]] | None = None,
    ) -> None:
        """Make durable what is needed to go on from exchange number *exchange*."""
        self._flush_roads()
        arrays = {f"flood/{name}": array for name, array in (flood or {}).items()}
        arrays |= {f"residents/{name}": array for name, array in (residents or {}).items()}
        rows = pd.DataFrame(self._flood_rows)
        arrays |= {f"ledger/{name}": rows[name].to_numpy(np.float64) for name in rows}
        arrays["gauges"] = np.asarray(self._gauge_rows, np.float64)
        meta = {"exchange": exchange, "time_s": time_s, "ledger": [str(name) for name in rows]}
        self._writer.write_checkpoint(arrays, meta)

    def restore(
        self,
    ) -> tuple[int, dict[str, NDArray[Any]] | None, dict[str, NDArray[Any]] | None] | None:
        """
        Take over the newest checkpoint.

        Returns
        -------
        tuple or None
            The number of its exchange, the arrays of the flood, and those of the residents; None
            where there is none.
        """
        found = self._writer.read_checkpoint()
        if found is None:
            return None
        arrays, meta = found
        parts: dict[str, dict[str, NDArray[Any]]] = {
            "flood": {},
            "ledger": {},
            "residents": {},
        }
        for name, array in arrays.items():
            family, _, key = name.partition("/")
            if key:
                parts[family][key] = array
        ledger = pd.DataFrame({name: parts["ledger"][name] for name in meta["ledger"]})
        self._flood_rows = [
            {str(k): float(v) for k, v in row.items()} for row in ledger.to_dict("records")
        ]
        self._gauge_rows = [tuple(row) for row in arrays["gauges"].tolist()]
        exchange = int(meta["exchange"])
        self._written_until = exchange + 1
        return exchange, parts["flood"] or None, parts["residents"] or None

    # The end

    def tables(self, series: Mapping[str, pd.DataFrame] | None = None) -> dict[str, pd.DataFrame]:
        """
        Write what is still held, and return ``events``, ``ledger``, ``gauges``, ``roads``.

        Further *series* are written by their names.
        """
        self._flush_roads()
        names = [
            f"{quantity}_{name}" for quantity in ("depth_m", "level_m") for name in self._gauges
        ]
        tables = {
            "events": events_table(self._events),
            "ledger": pd.DataFrame(self._flood_rows),
            "gauges": pd.DataFrame(self._gauge_rows, columns=["time_s", *names]),
            "roads": pd.DataFrame(self._road_rows),
        }
        self._writer.write_events(tables["events"])
        self._writer.write_ledger(tables["ledger"])
        for name, table in (series or {}).items():
            self._writer.write_series(name, table)
        for name in ("gauges", "roads"):
            self._writer.write_series(name, tables[name])
        return tables


def events_table(events: Sequence[Event]) -> pd.DataFrame:
    """Return the log as a table, one row an event, in the order in which they happened."""
    columns = {
        "time_s": np.asarray([e.time_s for e in events], np.float64),
        "kind": [e.kind for e in events],
        "incident": [e.incident for e in events],
        "unit": [e.unit for e in events],
        "facility": [e.facility for e in events],
        "service": [e.service for e in events],
        "node": np.asarray([e.node for e in events], np.int64),
        "x_m": np.asarray([e.x_m for e in events], np.float64),
        "y_m": np.asarray([e.y_m for e in events], np.float64),
        "value": np.asarray([e.value for e in events], np.float64),
        "detail": [dict(e.detail) for e in events],
    }
    table = pd.DataFrame(columns)
    table.insert(0, "seq", np.arange(len(table), dtype=np.int64))
    return table
