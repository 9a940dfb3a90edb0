"""Surface water on a regular grid: solver, forcing, hazard and the volume ledger."""

from __future__ import annotations

from models.flood.domain import FloodDomain, FloodParameters, Forcing
from models.flood.inertial import AdvanceReport, FloodSolver
from models.flood.ledger import Ledger
from models.flood.state import FloodState

__all__ = [
    "AdvanceReport",
    "FloodDomain",
    "FloodParameters",
    "FloodSolver",
    "FloodState",
    "Forcing",
    "Ledger",
]
