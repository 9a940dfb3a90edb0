"""
A pipe network in EPA SWMM, stepped together with the streets above it.

In every routing step the exchange at each manhole follows from the level in the street and the
head in the manhole (:mod:`models.drainage.kernels`), and is given to SWMM as a lateral inflow.
SWMM lets a lateral inflow run straight from its last value to the new one, so that over a step
the mean of the two passes. With the routing step fixed, that mean is the volume booked here, and
what leaves the street is what enters SWMM's books, to rounding. The same holds for outfalls,
whose flow SWMM books by the same rule.

SWMM keeps one network per process, and its own continuity error: it is measured, not hidden.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from models.drainage.coupling import AS_IN_FILE, AT_TIDE, SewerLedger, WindowResult
from models.drainage.inp import FOOT_M
from models.drainage.kernels import exchange_discharges
from models.errors import InvalidInputError, NumericalError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from models.drainage.coupling import Coupling, SewerParameters

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

__all__ = ["Sewer"]

#: Head that a coupled manhole may reach above its rim, m: its water leaves by the exchange alone.
_SURCHARGE_M = 100.0
#: Factors from cubic feet a second to the units of a file, as SWMM has them.
_FLOW_FACTOR = {
    "CFS": 1.0, "GPM": 448.831, "MGD": 0.64632, "CMS": 0.02832, "LPS": 28.317, "MLD": 2.4466,
}  # fmt: skip
_VOLUME_FACTOR_SI = 0.02832
#: A network that made or lost this share of its water, and this much, has run away.
_LARGEST_ERROR, _NOTABLE_M3 = 0.5, 1000.0
#: A manhole whose head lies this far below its crest, with a dry street above, is at rest.
_NEAR_M = 0.5
#: Depth below which a cell does not stand before an outfall, m.
_SHALLOW_M = 0.01


@dataclass(kw_only=True)
class Sewer:
    """
    A network that runs in this process; only one can, so see that it has a process of its own.

    Parameters
    ----------
    text
        What SWMM shall run, from :meth:`models.drainage.inp.InpNetwork.run_text`.
    folder
        An empty folder for the files that SWMM insists on.
    flow_units
        Of the file.
    name
        Path of the user's file, for messages.
    coupling, parameters
        Nodes and cells, and numbers.

    Raises
    ------
    InvalidInputError
        If SWMM does not take the text; every message of it is quoted, with its line.
    """

    text: str
    folder: Path
    flow_units: str
    name: str
    coupling: Coupling
    parameters: SewerParameters
    time_s: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        solver = _solver()
        self._solver = solver
        self._length_m = 1.0 if self.flow_units in {"CMS", "LPS", "MLD"} else FOOT_M
        cubic = FOOT_M**3
        self._flow_m3 = cubic / _FLOW_FACTOR[self.flow_units]
        self._volume_m3 = cubic / (_VOLUME_FACTOR_SI if self._length_m == 1.0 else 1.0)
        self._open()
        try:
            self._find()
            self._solver.swmm_start(False)  # noqa: FBT003 - the signature of the library
        except InvalidInputError:
            raise
        except Exception as error:
            raise self._complaint(error) from error
        self.ledger = SewerLedger()
        self.ledger.initial_m3 = self.ledger.stored_m3 = self._stored()

    # Opening

    def _open(self) -> None:
        paths = [self.folder / f"network.{ending}" for ending in ("inp", "rpt", "out")]
        paths[0].write_text(self.text, encoding="utf-8")
        try:
            self._solver.swmm_open(*(str(path) for path in paths))
        except Exception as error:
            raise self._complaint(error) from error

    def _complaint(self, error: Exception) -> InvalidInputError:
        """Return SWMM's own words, with the lines of the user's file."""
        with contextlib.suppress(Exception):
            self._solver.swmm_close()  # else the report is not on the disk yet
        report = self.folder / "network.rpt"
        text = report.read_text("utf-8", errors="replace") if report.is_file() else ""
        lines = [line.strip() for line in text.splitlines()]
        found: list[str] = []
        for index, line in enumerate(lines):
            if line.startswith("ERROR"):
                quoted = lines[index + 1] if line.endswith(":") and index + 1 < len(lines) else ""
                found.append(f"{line} {quoted}".strip())
        what = "; ".join(found[:5]) or str(error).strip()
        more = f" (and {len(found) - 5} more)" if len(found) > 5 else ""
        return InvalidInputError(
            f"SWMM does not take the network: {what}{more}",
            where=self.name,
            remedy="The lines are those of the file.",
        )

    def _find(self) -> None:
        from swmm.toolkit.shared_enum import (  # noqa: PLC0415 - an optional package
            LinkResult,
            NodeProperty,
            NodeResult,
            ObjectType,
        )

        solver, coupling = self._solver, self.coupling
        index = {
            solver.project_get_id(ObjectType.NODE, i): i
            for i in range(solver.project_get_count(ObjectType.NODE))
        }
        self._node = [index[name] for name in coupling.nodes]
        self._outfall = [index[name] for name in coupling.outfalls]
        self._nodes = len(index)
        self._links = solver.project_get_count(ObjectType.LINK)
        self._invert_m = np.asarray(
            [self._length_m * solver.node_get_parameter(i, NodeProperty.INVERT_ELEVATION)
             for i in self._outfall], np.float64,
        ) + self.parameters.datum_m  # fmt: skip
        for i in self._node:
            solver.node_set_parameter(
                i, NodeProperty.SURCHARGE_DEPTH, _SURCHARGE_M / self._length_m
            )
        ends = [solver.link_get_connections(i) for i in range(self._links)]
        self._outfall_links = [
            [(j, 1.0 if end == i else -1.0) for j, (begin, end) in enumerate(ends)
             if i in {begin, end}]
            for i in self._outfall
        ]  # fmt: skip
        self._key = {
            "head": NodeResult.HEAD.value,
            "inflow": NodeResult.TOTAL_INFLOW.value,
            "outflow": NodeResult.TOTAL_OUTFLOW.value,
            "lateral": NodeResult.LATERAL_INFLOW.value,
            "volume": NodeResult.VOLUME.value,
            "link_flow": LinkResult.FLOW.value,
            "link_volume": LinkResult.VOLUME.value,
        }
        self._share = np.bincount(coupling.cell, minlength=coupling.cell_bed_m.size).astype(float)
        self._q = np.zeros(len(self._node))
        self._outflow = np.zeros(len(self._outfall))
        self._stage = np.full(len(self._outfall), np.nan)

    # One window

    def advance(
        self, steps: int, depth_m: FloatArray, owed_m3: FloatArray, zone_m: FloatArray
    ) -> WindowResult:
        """
        Advance by *steps* routing steps.

        Parameters
        ----------
        steps
            How many.
        depth_m
            Depth on every cell at the start, m, shape (cells,).
        owed_m3
            What the cell has still to give for water that the drains took before, m³, (cells,).
        zone_m
            Levels of the zones at the start and the end, m, shape (2, zones).

        Raises
        ------
        NumericalError
            If SWMM stops or a head is not finite.
        """
        c, p = self.coupling, self.parameters
        dt = p.routing_step_s
        computed = c.cell_zone == 0
        level = c.cell_bed_m + depth_m
        area = np.where(computed, c.cell_area_m2, 1.0e30)
        spare = np.where(computed, depth_m * c.cell_area_m2 - owed_m3, 1.0e30)
        node_area = p.damping * c.node_area_m2
        node_m3, outfall_m3 = np.zeros(self._q.size), np.zeros(self._outflow.size)
        for step in range(steps):
            share = (step + 1) / steps
            if zone_m.size:
                zones = zone_m[0] + share * (zone_m[1] - zone_m[0])
                level = np.where(computed, level, zones[np.maximum(c.cell_zone, 1) - 1])
                level = np.maximum(level, c.cell_bed_m)
            self._set_stages(level, owed_m3, zone_m, share)
            q, head, links, active = self._look(level)
            exchange_discharges(
                active, level, spare, head, links, self._q, c.cell, self._share, c.crest_m,
                c.weir_m, c.opening_m2, p.weir_coefficient, p.orifice_coefficient,
                p.gravity_m_s2, area, node_area, dt, q,
            )  # fmt: skip
            for i in np.flatnonzero(q != self._q).tolist():
                self._solver.node_set_total_inflow(self._node[i], float(q[i] / self._flow_m3))
            first = self.time_s == 0.0
            self._step()
            if first:
                self._begin_books()
            passed = 0.5 * dt * (self._q + q)
            self._q = q
            node_m3 += passed
            taken = np.bincount(c.cell, weights=passed, minlength=level.size)
            spare -= taken
            level = np.where(computed, level - taken / c.cell_area_m2, level)
            level = np.maximum(level, c.cell_bed_m)
            outflow = self._outflows()
            outfall_m3 += 0.5 * dt * (self._outflow + outflow)
            self._outflow = outflow
        self._book(node_m3, outfall_m3)
        return WindowResult(
            node_m3=node_m3,
            outfall_m3=outfall_m3,
            head_m=self._heads_m(),
            ledger=self.ledger,
        )

    def _set_stages(
        self, level: FloatArray, owed_m3: FloatArray, zone_m: FloatArray, share: float
    ) -> None:
        """Let the water before every outfall stand as high as it does outside."""
        c, datum = self.coupling, self.parameters.datum_m
        for k, cell in enumerate(c.outfall_cell.tolist()):
            if cell == AS_IN_FILE:
                continue
            if cell == AT_TIDE:
                stage = zone_m[0, 0] + share * (zone_m[1, 0] - zone_m[0, 0])
            else:
                dry = level[cell] - c.cell_bed_m[cell] < _SHALLOW_M
                owing = owed_m3[cell] > _SHALLOW_M * c.cell_area_m2[cell]
                stage = self._invert_m[k] if dry or owing else level[cell]
            stage = max(float(stage), float(self._invert_m[k]))
            if stage != self._stage[k]:
                self._solver.outfall_set_stage(self._outfall[k], (stage - datum) / self._length_m)
                self._stage[k] = stage

    def _look(self, level: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, IntArray]:
        """Return room for the exchange, heads, net flows from the pipes, and who is not at rest."""
        c = self.coupling
        head = self._heads_m()
        surface = level[c.cell]
        active = np.flatnonzero(
            (surface > c.crest_m) | (head > c.crest_m - _NEAR_M) | (self._q != 0.0)
        )
        links = np.zeros(head.size)
        if active.size:
            places = active.tolist()
            links[active] = self._flow_m3 * (
                self._get(places, "inflow")
                - self._get(places, "lateral")
                - self._get(places, "outflow")
            )
        if not np.isfinite(head).all():
            bad = int(np.flatnonzero(~np.isfinite(head))[0])
            raise NumericalError(
                "the head in a manhole is not finite",
                where=f"{self.name}: node {c.nodes[bad]} at {self.time_s:.1f} s",
                value=float(head[bad]),
                remedy="Take a shorter drainage.network.routing_step.",
            )
        return np.zeros(head.size), head, links, active

    def _heads_m(self) -> FloatArray:
        heads = self._get(range(len(self._node)), "head")
        return heads * self._length_m + self.parameters.datum_m

    def _get(self, places: range | list[int], what: str) -> FloatArray:
        get, key, node = self._solver.node_get_result, self._key[what], self._node
        return np.asarray([get(node[i], key) for i in places], np.float64)

    def _step(self) -> None:
        expected = self.time_s + self.parameters.routing_step_s
        try:
            reached = float(self._solver.swmm_step()) * 86_400.0
        except Exception as error:
            raise NumericalError(
                f"SWMM stopped: {str(error).strip()}", where=f"{self.name} at {self.time_s:.1f} s"
            ) from error
        if abs(reached - expected) > 0.01:
            raise NumericalError(
                f"SWMM stands at {reached:.3f} s instead of {expected:.3f} s",
                where=self.name,
                remedy="Take a routing_step that divides a second, or is a whole number of them.",
            )
        self.time_s = expected

    def _outflows(self) -> FloatArray:
        flow = self._solver.link_get_result
        lateral, key = self._solver.node_get_result, self._key
        return self._flow_m3 * np.asarray(
            [
                sum(sign * flow(link, key["link_flow"]) for link, sign in links)
                + lateral(node, key["lateral"])
                for node, links in zip(self._outfall, self._outfall_links, strict=True)
            ],
            np.float64,
        ).reshape(-1)

    # Books

    def _stored(self) -> float:
        solver, key = self._solver, self._key
        nodes = sum(solver.node_get_result(i, key["volume"]) for i in range(self._nodes))
        links = sum(solver.link_get_result(i, key["link_volume"]) for i in range(self._links))
        return float(nodes + links) * self._volume_m3

    def _begin_books(self) -> None:
        """
        Count what stands in the pipes after the first step as there from the start.

        SWMM fills the pipes before a standing outfall in that step, out of nothing: no error of
        its flows, and no water of the surface.
        """
        totals = self._solver.system_get_routing_totals()
        came = totals.exInflow - totals.outflow + totals.dwInflow - totals.flooding
        self.ledger.initial_m3 = max(0.0, self._stored() - self._volume_m3 * came)

    def _book(self, node_m3: FloatArray, outfall_m3: FloatArray) -> None:
        ledger = self.ledger
        ledger.from_streets_m3 += float(np.maximum(node_m3, 0.0).sum())
        ledger.to_streets_m3 += float(np.maximum(-node_m3, 0.0).sum())
        ledger.to_outfalls_m3 += float(np.maximum(outfall_m3, 0.0).sum())
        ledger.from_outfalls_m3 += float(np.maximum(-outfall_m3, 0.0).sum())
        totals = self._solver.system_get_routing_totals()
        exchange = ledger.from_streets_m3 - ledger.to_streets_m3
        through = ledger.to_outfalls_m3 - ledger.from_outfalls_m3
        dry = totals.dwInflow + totals.wwInflow + totals.gwInflow + totals.iiInflow
        # SWMM books what comes in through outfalls as external inflow, and so do we not.
        net = self._volume_m3 * (totals.exInflow - totals.outflow + dry)
        ledger.own_inflow_m3 = _rounded(net - exchange + through, exchange, through)
        ledger.lost_m3 = self._volume_m3 * (totals.flooding + totals.evapLoss + totals.seepLoss)
        ledger.stored_m3 = self._stored()
        if ledger.continuity > _LARGEST_ERROR and abs(ledger.residual_m3) > _NOTABLE_M3:
            raise NumericalError(
                f"the equations of the network made {ledger.residual_m3:.0f} m³ of water by "
                "themselves, which makes its results worthless",
                where=f"{self.name} at {self.time_s:.0f} s",
                value=f"{100.0 * ledger.continuity:.0f} % of what it was given",
                remedy="Take a shorter drainage.network.routing_step, and look for very short or "
                "steep pipes.",
            )

    def close(self) -> None:
        """Let SWMM end, and free what it holds."""
        for end in (self._solver.swmm_end, self._solver.swmm_close):
            end()


def _rounded(value: float, *terms: float) -> float:
    """Return 0 for a difference that is rounding alone."""
    return 0.0 if abs(value) <= 1e-9 * max(1.0, *(abs(term) for term in terms)) else value


def _solver() -> Any:  # noqa: ANN401 - a compiled module without types
    try:
        from swmm.toolkit import solver  # noqa: PLC0415 - an optional package
    except ImportError as error:
        raise InvalidInputError(
            "a network of drains needs the package pyswmm, which is not installed",
            where="drainage.network",
            remedy="Install it with: pip install 'city-twin[drainage]'",
        ) from error
    return solver
