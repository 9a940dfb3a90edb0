"""The drains of a run: what they take from the surface and give back, window by window."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd

from models.errors import NumericalError
from twin.language import note

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from models.drainage.coupling import Coupling
    from models.drainage.inlets import InletDrains
    from models.flood import Forcing
    from twin.engine.sewer_process import SewerProcess

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

__all__ = ["LEDGER_TERMS", "Drainage", "InletPart", "SewerPart"]

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
        self, forcing: Forcing, depth_m: FloatArray, start_s: float, end_s: float
    ) -> Forcing:
        """Return *forcing* with the exchange of the window from *start_s* to *end_s*."""
        zone_m = np.stack([forcing.level_start_m, forcing.level_end_m])
        flat = depth_m.ravel()
        cells, flows = [forcing.inflow_cells], [forcing.inflow_m3_s]
        self._used = []
        for part in self.parts.values():
            give = part.before(flat[part.cells], zone_m, end_s, end_s - start_s)
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
        network = self.parts.get("network")
        if not isinstance(network, SewerPart) or network.continuity < WARNED_CONTINUITY:
            return []
        return [note("drainage_continuity", share=100.0 * network.continuity)]

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


class SewerPart:
    """
    A network of pipes, run by SWMM beside the surface.

    The network decides in its own short steps what passes, from the water that stood in the
    street at the start of the window. Where the street has less by the time, it owes the rest and
    gives it later. Every window's question to the network is kept, in the single precision in
    which it is asked: a run that is resumed asks them all again, and SWMM, which cannot save its
    state to the last digit, comes back to the identical one.
    """

    def __init__(
        self,
        process: SewerProcess,
        coupling: Coupling,
        flat_cells: IntArray,
        *,
        routing_step_s: float,
    ) -> None:
        self._process = process
        self._coupling = coupling
        self._step_s = routing_step_s
        self._computed = np.flatnonzero(coupling.cell_zone == 0)
        self.cells = flat_cells[self._computed]
        self._depth = np.zeros(flat_cells.size)
        self._owed = np.zeros(flat_cells.size)
        self._time_s = 0.0
        self._zones = 0
        self._asked: list[NDArray[np.float32]] = []
        self._packed: list[bytes] = []
        self._node_m3 = np.zeros(len(coupling.nodes))
        self._outfall_m3 = np.zeros(len(coupling.outfalls))
        self._head_m = np.full(len(coupling.nodes), np.nan)
        self._taken_m3 = self._given_m3 = 0.0
        self._left_m3 = self._entered_m3 = 0.0

    def before(
        self, depth_m: FloatArray, zone_m: FloatArray, end_s: float, window_s: float
    ) -> FloatArray:
        """Let the network run up to *end_s*, and return what the surface shall get."""
        del window_s  # the network has its own steps
        steps = int(np.floor((end_s - self._time_s) / self._step_s + 1e-6))
        if steps > 0:
            self._zones = zone_m.shape[1]
            self._depth[self._computed] = depth_m
            question = np.concatenate(
                ([float(steps)], self._depth, self._owed, zone_m.ravel())
            ).astype(np.float32)
            self._asked.append(question)
            result = self._process.advance([self._window(question)])
            self._time_s += steps * self._step_s
            self._head_m = result.head_m
            self._book(result.node_m3, result.outfall_m3)
        return -self._owed[self._computed]

    def _window(self, question: NDArray[np.float32]) -> tuple[int, FloatArray, FloatArray, Any]:
        count, asked = self._depth.size, question.astype(np.float64)
        return (
            int(asked[0]),
            asked[1 : 1 + count],
            asked[1 + count : 1 + 2 * count],
            asked[1 + 2 * count :].reshape(2, -1),
        )

    def _book(self, node_m3: FloatArray, outfall_m3: FloatArray) -> None:
        """Count what passed, and owe it to the cells."""
        c = self._coupling
        self._node_m3 += node_m3
        self._outfall_m3 += outfall_m3
        drained = np.bincount(c.cell, weights=node_m3, minlength=self._owed.size)
        here = c.outfall_cell >= 0
        drained -= np.bincount(
            c.outfall_cell[here], weights=outfall_m3[here], minlength=self._owed.size
        )
        self._owed[self._computed] += drained[self._computed]
        away = -drained[c.cell_zone > 0]
        away = np.concatenate((away, outfall_m3[~here]))
        self._left_m3 += float(np.maximum(away, 0.0).sum())
        self._entered_m3 += float(np.maximum(-away, 0.0).sum())

    def after(self, given_m3: FloatArray) -> None:
        """Settle what the surface gave or took."""
        self._owed[self._computed] += given_m3
        self._given_m3 += float(np.maximum(given_m3, 0.0).sum())
        self._taken_m3 += float(np.maximum(-given_m3, 0.0).sum())

    def terms(self) -> dict[str, float]:
        """Return the volumes of the ledger."""
        sewer, owed = self._process.ledger, float(self._owed.sum())
        surface = self._taken_m3 - self._given_m3 + self._entered_m3 - self._left_m3 + owed
        pipes = (
            sewer.from_streets_m3 - sewer.to_streets_m3
            + sewer.from_outfalls_m3 - sewer.to_outfalls_m3
        )  # fmt: skip
        return {
            "drain_taken_m3": self._taken_m3,
            "drain_given_m3": self._given_m3,
            "drain_left_m3": self._left_m3,
            "drain_entered_m3": self._entered_m3,
            "drain_own_m3": sewer.own_inflow_m3,
            "drain_lost_m3": sewer.lost_m3,
            "drain_stored_m3": sewer.stored_m3,
            "drain_initial_m3": sewer.initial_m3,
            "drain_owed_m3": owed,
            "drain_mismatch_m3": surface - pipes,
            "drain_made_m3": sewer.residual_m3,
        }

    @property
    def continuity(self) -> float:
        """Share of the water that the network's equations made or lost."""
        return self._process.ledger.continuity

    def columns(self) -> dict[str, float]:
        """Return exchange since the start and head of every manhole, and outflow of outfalls."""
        c = self._coupling
        row: dict[str, float] = {}
        for name, volume, head in zip(c.nodes, self._node_m3, self._head_m, strict=True):
            row[f"drained_m3_{name}"] = float(volume)
            row[f"head_m_{name}"] = float(head)
        for name, volume in zip(c.outfalls, self._outfall_m3, strict=True):
            row[f"outfall_m3_{name}"] = float(volume)
        return row

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return what :meth:`restore` needs."""
        if self._asked:
            self._packed.append(zlib.compress(np.concatenate(self._asked).tobytes(), 1))
            self._asked.clear()
        return {
            "asked": np.frombuffer(b"".join(self._packed), np.uint8),
            "sizes": np.asarray([len(block) for block in self._packed], np.int64),
            "owed_m3": self._owed.copy(),
            "sums_m3": np.asarray(
                [self._taken_m3, self._given_m3, self._left_m3, self._entered_m3]
            ),
            "node_m3": self._node_m3.copy(),
            "outfall_m3": self._outfall_m3.copy(),
            "head_m": self._head_m.copy(),
            "zones": np.asarray([self._zones], np.int64),
        }

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """
        Ask the network again all that it was asked.

        Raises
        ------
        NumericalError
            If it does not come back to the same heads.
        """
        self._packed, at, data = [], 0, arrays["asked"].tobytes()
        for size in arrays["sizes"].tolist():
            self._packed.append(data[at : at + size])
            at += size
        questions = [zlib.decompress(block) for block in self._packed]
        self._owed = arrays["owed_m3"].copy()
        sums = arrays["sums_m3"].tolist()
        self._taken_m3, self._given_m3, self._left_m3, self._entered_m3 = sums
        self._node_m3 = arrays["node_m3"].copy()
        self._outfall_m3 = arrays["outfall_m3"].copy()
        self._head_m = arrays["head_m"].copy()
        flat = np.frombuffer(b"".join(questions), np.float32)
        if flat.size == 0:
            return
        self._zones = int(arrays["zones"][0])
        width = 1 + 2 * self._depth.size + 2 * self._zones
        windows = [self._window(question) for question in flat.reshape(-1, width)]
        result = self._process.advance(windows)
        self._time_s = sum(window[0] for window in windows) * self._step_s
        if not np.array_equal(result.head_m, self._head_m, equal_nan=True):
            raise NumericalError(
                "the network of drains did not come back to where it was",
                where="drainage.network",
                remedy="Run the scenario anew; was SWMM exchanged for another version?",
            )


class InletPart:
    """
    Inlets of given capacity.

    Parameters
    ----------
    drains
        The inlets and outlets.
    inlet_cells, outlet_cells
        Flat positions of the cells, (inlets,) and (outlets,); -1 for an outlet out of the model.
    outlet_bed_m
        Ground at the outlets, m, shape (outlets,).
    outlet_zone
        Zone that prescribes the level at an outlet, 0 where it is computed.
    names
        Names of the outlets that are recorded, by number.
    """

    def __init__(
        self,
        drains: InletDrains,
        *,
        inlet_cells: IntArray,
        outlet_cells: IntArray,
        outlet_bed_m: FloatArray,
        outlet_zone: IntArray,
        names: Mapping[str, int],
    ) -> None:
        self._drains = drains
        self._bed_m = outlet_bed_m
        self._zone = outlet_zone
        self._names = names
        self._real = np.flatnonzero(drains.outlets.computed)
        self._inlets = inlet_cells.size
        self.cells = np.concatenate((inlet_cells, outlet_cells[self._real]))
        self._wanted = np.zeros(self._inlets)
        self._brought = np.zeros(self.cells.size)
        self._asked_back = np.zeros(outlet_cells.size)
        self._passed_m3 = np.zeros(outlet_cells.size)
        self._given_m3 = self._taken_m3 = 0.0

    def before(
        self, depth_m: FloatArray, zone_m: FloatArray, end_s: float, window_s: float
    ) -> FloatArray:
        """Return what is on its way to the cells, less what the drains ask of them."""
        del end_s
        outside = self._outside_m(depth_m[self._inlets :], zone_m)
        self._wanted = self._drains.discharge_m3_s(depth_m[: self._inlets], outside, window_s)
        to_cells, to_outlets = self._drains.hand_over()
        self._passed_m3 += to_outlets
        self._asked_back = window_s * np.bincount(
            self._drains.outlet, weights=np.maximum(-self._wanted, 0.0), minlength=outside.size
        )
        self._brought = np.concatenate((to_cells, to_outlets[self._real]))
        ask = np.concatenate(
            (np.maximum(self._wanted, 0.0) * window_s, self._asked_back[self._real])
        )
        # A cell either gets or gives in one window, so that the surface limits each alone.
        give = self._brought - ask
        return np.asarray(give, np.float64)

    def _outside_m(self, depth_m: FloatArray, zone_m: FloatArray) -> FloatArray:
        outside = np.full(self._bed_m.size, -np.inf)
        outside[self._real] = self._bed_m[self._real] + depth_m
        tidal = self._zone > 0
        if tidal.any():
            level = zone_m.mean(axis=0)[self._zone[tidal] - 1]
            outside[tidal] = np.maximum(level, self._bed_m[tidal])
        return outside

    def after(self, given_m3: FloatArray) -> None:
        """Book what the surface really gave."""
        taken = self._brought - given_m3
        back = self._asked_back.copy()
        back[self._real] = taken[self._inlets :]
        self._drains.take(self._wanted, taken[: self._inlets], back)
        self._passed_m3 -= back
        self._given_m3 += float(np.maximum(given_m3, 0.0).sum())
        self._taken_m3 += float(np.maximum(-given_m3, 0.0).sum())

    def terms(self) -> dict[str, float]:
        """Return the volumes of the ledger."""
        ledger = self._drains.ledger
        waiting = self._drains.waiting_cell_m3.sum() + self._drains.waiting_outlet_m3.sum()
        return {
            "drain_taken_m3": self._taken_m3,
            "drain_given_m3": self._given_m3,
            "drain_left_m3": ledger.left_m3,
            "drain_entered_m3": ledger.entered_m3,
            "drain_stored_m3": float(waiting),
            "drain_mismatch_m3": ledger.in_pipes_m3 - float(waiting),
        }

    def columns(self) -> dict[str, float]:
        """Return what passed the named outlets since the start, m³, positive out of the drains."""
        return {f"outlet_m3_{n}": float(self._passed_m3[k]) for n, k in self._names.items()}

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return what :meth:`restore` needs."""
        d = self._drains
        names = d.ledger.__slots__
        return {
            "waiting_cell_m3": d.waiting_cell_m3,
            "waiting_outlet_m3": d.waiting_outlet_m3,
            "passed_m3": self._passed_m3.copy(),
            "sums_m3": np.asarray([self._given_m3, self._taken_m3]),
            "ledger_m3": np.asarray([getattr(d.ledger, name) for name in names]),
        }

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Go on from *arrays*."""
        d = self._drains
        d.waiting_cell_m3 = arrays["waiting_cell_m3"].copy()
        d.waiting_outlet_m3 = arrays["waiting_outlet_m3"].copy()
        self._passed_m3 = arrays["passed_m3"].copy()
        self._given_m3, self._taken_m3 = arrays["sums_m3"].tolist()
        for name, value in zip(d.ledger.__slots__, arrays["ledger_m3"].tolist(), strict=True):
            setattr(d.ledger, name, value)
