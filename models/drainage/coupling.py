"""What a network of drains and the surface tell each other: who meets whom, and how much passed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.errors import InvalidQuantityError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

__all__ = ["AS_IN_FILE", "AT_TIDE", "Coupling", "SewerLedger", "SewerParameters", "WindowResult"]

#: Where an outfall without a cell discharges: as its file says, or at the level of zone 1.
AS_IN_FILE, AT_TIDE = -1, -2


@dataclass(frozen=True, slots=True, kw_only=True)
class SewerParameters:
    """
    Numbers that steer the exchange.

    Parameters
    ----------
    weir_coefficient, orifice_coefficient
        After Rubinato et al. (2017), 0.54 and 0.167.
    routing_step_s
        Step of SWMM and of the exchange, s.
    gravity_m_s2
        Acceleration of gravity.
    datum_m
        Height of the network's zero above that of the surface, m.
    damping
        Share of the manhole's area that a step may fill, in (0, 1]: smaller is calmer.

    Raises
    ------
    InvalidQuantityError
        If a number is not positive, or the damping exceeds 1.
    """

    weir_coefficient: float = 0.54
    orifice_coefficient: float = 0.167
    routing_step_s: float = 1.0
    gravity_m_s2: float = 9.81
    datum_m: float = 0.0
    damping: float = 0.5

    def __post_init__(self) -> None:
        for name in (
            "weir_coefficient", "orifice_coefficient", "routing_step_s", "gravity_m_s2", "damping",
        ):  # fmt: skip
            value = getattr(self, name)
            if not 0.0 < value < np.inf or (name == "damping" and value > 1.0):
                raise InvalidQuantityError("must be positive", where=f"sewer {name}", value=value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coupling:
    """
    Which nodes meet which cells.

    Parameters
    ----------
    nodes
        Names of the manholes.
    cell
        For each, its place in the list of cells, shape (nodes,).
    crest_m, weir_m, opening_m2
        Level, length and area of the openings, shape (nodes,).
    node_area_m2
        Surface of the water in a manhole, shape (nodes,).
    outfalls
        Names of the outfalls.
    outfall_cell
        For each, its place in the list of cells, :data:`AS_IN_FILE` or :data:`AT_TIDE`.
    cell_bed_m, cell_area_m2
        Ground and area of the cells, shape (cells,).
    cell_zone
        0 where the level is computed, else the number of the zone that prescribes it.
    """

    nodes: tuple[str, ...]
    cell: IntArray
    crest_m: FloatArray
    weir_m: FloatArray
    opening_m2: FloatArray
    node_area_m2: FloatArray
    outfalls: tuple[str, ...]
    outfall_cell: IntArray
    cell_bed_m: FloatArray
    cell_area_m2: FloatArray
    cell_zone: IntArray


@dataclass(slots=True, kw_only=True)
class SewerLedger:
    """
    Volumes since the start, m³, as the network saw them; all are non-negative.

    Parameters
    ----------
    from_streets_m3, to_streets_m3
        Through manholes.
    to_outfalls_m3, from_outfalls_m3
        Through outfalls, out of the pipes and back into them.
    own_inflow_m3
        From the inflows that the file itself describes, positive into the pipes.
    lost_m3
        Overflow of nodes without exchange, evaporation and seepage.
    initial_m3, stored_m3
        In pipes and nodes at the start and now.
    """

    from_streets_m3: float = 0.0
    to_streets_m3: float = 0.0
    to_outfalls_m3: float = 0.0
    from_outfalls_m3: float = 0.0
    own_inflow_m3: float = 0.0
    lost_m3: float = 0.0
    initial_m3: float = 0.0
    stored_m3: float = 0.0

    @property
    def residual_m3(self) -> float:
        """Water that SWMM stores and no flow explains, m³; positive if it was made."""
        gained = self.from_streets_m3 + self.from_outfalls_m3 + self.own_inflow_m3
        lost = self.to_streets_m3 + self.to_outfalls_m3 + self.lost_m3
        return self.stored_m3 - self.initial_m3 - gained + lost

    @property
    def continuity(self) -> float:
        """The residual over all water that entered or was there; 0 in a dry network."""
        scale = (
            self.initial_m3 + self.from_streets_m3 + self.from_outfalls_m3
            + abs(self.own_inflow_m3)
        )  # fmt: skip
        return abs(self.residual_m3) / scale if scale > 0.0 else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowResult:
    """
    What passed in one window.

    Parameters
    ----------
    node_m3
        Through each manhole, positive into the drains, shape (nodes,).
    outfall_m3
        Out of each outfall, negative where water came in, shape (outfalls,).
    head_m
        In each manhole at the end, shape (nodes,).
    ledger
        Volumes since the start.
    """

    node_m3: FloatArray
    outfall_m3: FloatArray
    head_m: FloatArray
    ledger: SewerLedger
