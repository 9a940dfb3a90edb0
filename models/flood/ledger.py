"""The volume ledger: where every cubic metre came from and went."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Ledger"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """
    Volumes since the start, m³; all are non-negative.

    Parameters
    ----------
    initial_m3
        Stored in computed cells at the start.
    stored_m3
        Stored in computed cells now.
    rain_m3
        Rain on computed cells.
    level_in_m3, level_out_m3
        Exchanged with cells of a prescribed level, by the discharges through their faces.
    inflow_m3, abstraction_m3
        Given to and taken from single cells.
    outflow_edges_m3
        Out of open edges.
    structures_in_m3, structures_out_m3
        Through culverts, pumps and other links, exchanged with cells of a prescribed level and
        with what lies outside the domain.
    infiltration_m3
        Lost to the ground and the air.
    """

    initial_m3: float
    stored_m3: float
    rain_m3: float = 0.0
    level_in_m3: float = 0.0
    level_out_m3: float = 0.0
    inflow_m3: float = 0.0
    outflow_edges_m3: float = 0.0
    infiltration_m3: float = 0.0
    abstraction_m3: float = 0.0
    structures_in_m3: float = 0.0
    structures_out_m3: float = 0.0

    @property
    def gained_m3(self) -> float:
        """All that came in since the start, m³."""
        return self.rain_m3 + self.level_in_m3 + self.inflow_m3 + self.structures_in_m3

    @property
    def lost_m3(self) -> float:
        """All that left since the start, m³."""
        return (
            self.level_out_m3
            + self.outflow_edges_m3
            + self.infiltration_m3
            + self.abstraction_m3
            + self.structures_out_m3
        )

    @property
    def residual_m3(self) -> float:
        """Stored water that the flows do not explain, m³; positive if water was made."""
        return (self.stored_m3 - self.initial_m3) - (self.gained_m3 - self.lost_m3)

    @property
    def throughput_m3(self) -> float:
        """All water that the model ever held or moved, m³: the scale of an error."""
        return self.initial_m3 + self.gained_m3 + self.lost_m3

    @property
    def closure(self) -> float:
        """Size of the residual over the throughput; 0 in a dry model."""
        scale = self.throughput_m3
        return abs(self.residual_m3) / scale if scale > 0.0 else 0.0
