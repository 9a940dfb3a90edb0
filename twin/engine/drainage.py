"""The drains of a run: what they take from the surface and give back, window by window."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd

from twin.language import note

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from models.flood import Forcing

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

__all__ = ["LEDGER_TERMS", "Drainage", "Part", "channel_beds_m", "channel_depth_m"]

#: A run warns when SWMM made or lost this share of the water in the pipes.
WARNED_CONTINUITY = 0.05
#: Volumes of the drains since the start, m³, as they stand in the ledger of a run.
LEDGER_TERMS = {
    "drain_taken_m3": "taken from the computed surface",
    "drain_given_m3": "given to the computed surface, by surcharge and at outfalls",
    "drain_left_m3": "out of the model, or into water of a prescribed level",
    "drain_entered_m3": "from water of a prescribed level",
    "drain_own_m3": "from the network's own inflows",
    "drain_lost_m3": "lost in the network: overflow of sealed nodes, evaporation, seepage",
    "drain_stored_m3": "in the pipes now",
    "drain_initial_m3": "in the pipes at the start",
    "drain_owed_m3": "taken by the drains, not yet by the surface",
    "drain_mismatch_m3": "between the books of surface and drains; rounding",
    "drain_made_m3": "made (positive) or lost by the equations of the network",
}


class Part(Protocol):
    """One kind of drains."""

    cells: IntArray
    #: Whether a cell is looked at for the water on it, and not for that in a channel within it.
    is_street: NDArray[np.bool_]

    @property
    def continuity(self) -> float:
        """Share of the water in the drains that their equations made or lost."""
        ...

    def before(
        self, depth_m: FloatArray, zone_m: FloatArray, end_s: float, window_s: float
    ) -> FloatArray:
        """Return what to give to every one of *cells*, m³, negative to take it."""
        ...

    def after(self, given_m3: FloatArray) -> None:
        """Hear what was really given to every one of *cells*."""
        ...

    def terms(self) -> dict[str, float]:
        """Return its volumes for the ledger, m³."""
        ...

    def columns(self) -> dict[str, float]:
        """Return its values for the series of nodes and outlets."""
        ...

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return what a checkpoint must hold."""
        ...

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Go on from what a checkpoint held."""
        ...


@dataclass(kw_only=True)
class Drainage:
    """
    All drains of a run.

    Parameters
    ----------
    parts
        The kinds of drains, by name.
    interval_s
        Time between exchanges with the surface.
    notes
        What a reader of the results must know, in every language.
    """

    parts: Mapping[str, Part]
    interval_s: float
    notes: Sequence[Mapping[str, str]] = ()
    rows: list[dict[str, float]] = field(default_factory=list, init=False)
    _used: list[NDArray[np.bool_]] = field(default_factory=list, init=False)

    def stops(self, start_s: float, end_s: float) -> list[float]:
        """Return the ends of the windows from *start_s* to *end_s*."""
        first = int(np.floor(start_s / self.interval_s + 1e-9)) + 1
        last = int(np.ceil(end_s / self.interval_s - 1e-9))
        return [k * self.interval_s for k in range(first, last)] + [end_s]

    def add_to(
        self,
        forcing: Forcing,
        depth_m: FloatArray,
        start_s: float,
        end_s: float,
        *,
        channels: tuple[IntArray, FloatArray] | None = None,
    ) -> Forcing:
        """
        Return *forcing* with the exchange of the window from *start_s* to *end_s*.

        *channels* holds the flat cells with a channel narrower than they are, and the depth above
        the bed of that channel, m: outfalls and outlets stand against it.
        """
        zone_m = np.stack([forcing.level_start_m, forcing.level_end_m])
        flat = outside = depth_m.ravel()
        if channels is not None:
            outside = flat.copy()
            outside[channels[0]] = channels[1]
        cells, flows = [forcing.inflow_cells], [forcing.inflow_m3_s]
        self._used = []
        for part in self.parts.values():
            street = np.maximum(flat[part.cells], 0.0)
            depth = np.where(part.is_street, street, outside[part.cells])
            give = part.before(depth, zone_m, end_s, end_s - start_s)
            # Cells to which nothing happens are left out: dry ground must stay out of the work.
            used = give != 0.0
            self._used.append(used)
            cells.append(part.cells[used])
            flows.append(give[used] / (end_s - start_s))
        return replace(
            forcing,
            inflow_cells=np.concatenate(cells),
            inflow_m3_s=np.concatenate(flows),
        )

    def settle(self, inflow_m3: FloatArray) -> None:
        """Hear what really passed, m³, for every cell of the forcing."""
        at = inflow_m3.size - sum(int(used.sum()) for used in self._used)
        for part, used in zip(self.parts.values(), self._used, strict=True):
            given = np.zeros(used.size)
            count = int(used.sum())
            given[used] = inflow_m3[at : at + count]
            part.after(given)
            at += count

    def ledger_row(self) -> dict[str, float]:
        """Return the volumes of :data:`LEDGER_TERMS` over all parts."""
        row = dict.fromkeys(LEDGER_TERMS, 0.0)
        for part in self.parts.values():
            for name, value in part.terms().items():
                row[name] += value
        return row

    def final_notes(self) -> list[dict[str, str]]:
        """Say how much water the equations of the network made or lost, where it is much."""
        worst = max(part.continuity for part in self.parts.values())
        if worst < WARNED_CONTINUITY:
            return []
        return [note("drainage_continuity", share=100.0 * worst)]

    def record(self, time_s: float) -> None:
        """Keep a row of the series of nodes and outlets."""
        row = {"time_s": time_s}
        for part in self.parts.values():
            row |= part.columns()
        self.rows.append(row)

    def table(self) -> pd.DataFrame:
        """Return the series of nodes and outlets."""
        return pd.DataFrame(self.rows)

    # Checkpoints

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything that a checkpoint must hold."""
        arrays: dict[str, NDArray[Any]] = {"rows": self.table().to_numpy(np.float64)}
        for name, part in self.parts.items():
            arrays |= {f"{name}.{key}": value for key, value in part.to_arrays().items()}
        return arrays

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Go on from *arrays*."""
        names = ["time_s", *(name for part in self.parts.values() for name in part.columns())]
        self.rows = [dict(zip(names, row, strict=True)) for row in arrays["rows"].tolist()]
        for name, part in self.parts.items():
            start = f"{name}."
            part.restore(
                {k.removeprefix(start): v for k, v in arrays.items() if k.startswith(start)}
            )


def channel_beds_m(solver: Any) -> tuple[IntArray, FloatArray] | None:  # noqa: ANN401 - any solver
    """Return the flat cells with a channel narrower than they are, and its bed, m, or None."""
    kept = _own_channels(solver)
    if kept is None:
        return None
    channels = solver.channels
    cells = channels.node_row * solver.domain.grid.columns + channels.node_column
    return np.asarray(cells[kept], np.int64), np.asarray(channels.node_bed_m[kept], np.float64)


def channel_depth_m(solver: Any) -> tuple[IntArray, FloatArray] | None:  # noqa: ANN401 - any solver
    """Return the flat cells with such a channel, and the depth above its bed, m, or None."""
    beds, kept = channel_beds_m(solver), _own_channels(solver)
    if beds is None:
        return None
    return beds[0], np.asarray(solver.channel_level_m[kept] - beds[1], np.float64)


def _own_channels(solver: Any) -> NDArray[np.bool_] | None:  # noqa: ANN401 - any solver
    """Return which nodes hold a channel in a computed cell; None where there are no channels."""
    channels = getattr(solver, "channels", None)
    if channels is None or channels.node_row.size == 0:
        return None
    own = ~np.isnan(channels.node_bed_m)
    zone = solver.domain.level_zone
    if zone is not None:
        own &= zone[channels.node_row, channels.node_column] == 0
    return np.asarray(own, np.bool_)
