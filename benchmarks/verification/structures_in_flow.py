"""Structures while water flows: what passes them in a run, against hand formulae."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.verification.case import INERTIAL, Case, Figure, Outcome, Panel, line
from benchmarks.verification.formulae import G
from benchmarks.verification.setups import domain_over
from models.flood import FloodParameters, Forcing
from models.flood.links import CULVERT_ROUND, DYKE, GATE, PUMP, WALL
from models.flood.structures import Controls, Structures, link_parameters

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from benchmarks.verification.solvers import Maker, Solver

    FloatArray = NDArray[np.float64]

__all__ = ["CASES"]

_CELLS = 40
_SIZE_M = 10.0
_BED_M = -3.0
_FACE = 20
_HIGH = 10.0
_SETTLE_S = 3600.0
_WINDOW_S = 60.0


def _solver(make: Maker, structures: Structures, levels: tuple[float, float]) -> Solver:
    """Return two basins 200 m long, held at *levels* at their far ends, wall between them."""
    zone = np.zeros((1, _CELLS), np.int16)
    zone[0, 0], zone[0, -1] = 1, 2
    depth = np.where(np.arange(_CELLS) < _FACE, levels[0], levels[1])[np.newaxis, :] - _BED_M
    return make(
        domain_over(
            np.full((1, _CELLS), _BED_M), cell_size_m=_SIZE_M, manning=0.02, level_zone=zone
        ),
        FloodParameters(cell_size_m=_SIZE_M, max_time_step_s=10.0),
        initial_depth_m=np.maximum(depth, 0.0),
        structures=structures,
    )


def _passed(
    make: Maker, structures: Structures, controls: Controls, levels: tuple[float, float]
) -> FloatArray:
    """Return what passes every group and link when the flow is steady, m³/s."""
    solver = _solver(make, structures, levels)
    held = np.array(levels)
    forcing = Forcing(level_start_m=held, level_end_m=held, controls=controls)
    solver.advance(_SETTLE_S, forcing)
    solver.advance(_SETTLE_S + _WINDOW_S, forcing)
    return np.array(solver.structure_m3) / _WINDOW_S


def _wall(kind: int) -> Structures:
    one = np.zeros(1, np.int64)
    return Structures(
        face_row=one, face_column=one + _FACE, face_axis=one, face_group=one,
        group_kind=one + kind, group_names=("wall",),
    )  # fmt: skip


def _linked(kind: int, **values: float) -> Structures:
    """Return a link from the middle of one basin to that of the other, over a high wall."""
    one = np.zeros(1, np.int64)
    return Structures(
        face_row=one, face_column=one + _FACE, face_axis=one, face_group=one,
        group_kind=one + DYKE, group_names=("wall",),
        link_row_a=one, link_column_a=one + _FACE // 2, link_row_b=one,
        link_column_b=one + _FACE + _FACE // 2, link_kind=one + kind,
        link_params=link_parameters(kind, **values)[np.newaxis, :], link_names=("link",),
    )  # fmt: skip


def _state(
    *, crest: float = _HIGH, opening: float = 0.0, sill: float = 0.0, direction: int = 0,
    links: int = 0, share: float = 1.0, running: int = 1,
) -> Controls:  # fmt: skip
    return Controls(
        crest_m=np.array([crest]), opening_m=np.array([opening]), sill_m=np.array([sill]),
        direction=np.array([direction], np.int64), link_opening=np.full(links, share),
        link_running=np.full(links, running, np.int64),
    )  # fmt: skip


def _figure(name: str, found: float, by_hand: float, share: float, how: str) -> Figure:
    gap = share * abs(by_hand) if by_hand else 1e-9
    return Figure(
        name=name, value=float(found), unit="m³/s", at_least=by_hand - gap, at_most=by_hand + gap,
        source=f"{how}; {100.0 * share:g} %" if by_hand else how,
    )  # fmt: skip


def _structures(make: Maker) -> Outcome:
    crest = 1.0
    heads = np.array([0.1, 0.2, 0.35, 0.5, 0.8, 1.2])
    broad = np.array(
        [_passed(make, _wall(DYKE), _state(crest=crest), (crest + h, -1.0))[0] for h in heads]
    )
    thin = np.array(
        [_passed(make, _wall(WALL), _state(crest=crest), (crest + h, -1.0))[0] for h in heads]
    )
    by_broad = 1.705 * heads**1.5 * _SIZE_M
    rehbock = 0.611 + 0.075 * heads / (crest - _BED_M)
    by_thin = 2.0 / 3.0 * rehbock * np.sqrt(2.0 * G) * heads**1.5 * _SIZE_M
    gate = _state(opening=0.5, sill=-1.0)
    jet = 0.61 * 0.5
    by_gate = 2.0 * jet * np.sqrt(2.0 * G / (2.0 + jet)) * _SIZE_M
    flap = _state(opening=0.5, sill=-1.0, direction=1)
    pipe = _linked(
        CULVERT_ROUND, invert_a_m=-2.5, invert_b_m=-2.5, height_m=1.2, width_m=1.2, length_m=30.0,
        manning=0.012, entrance_loss=0.5,
    )  # fmt: skip
    losses = 1.5 + 19.63 * 0.012**2 * 30.0 / 0.3 ** (4.0 / 3.0)
    by_pipe = np.pi * 0.36 * np.sqrt(2.0 * G * 0.5 / losses)
    pump = _linked(PUMP, flow_1_m3_s=2.0, suction_level_m=-2.5, outlet_level_m=0.0)
    return Outcome(
        figures=(
            _figure("dyke overtopped by 0.5 m", broad[3], float(by_broad[3]), 0.02,
                    "1.705 H^1.5 b"),
            _figure("thin wall overtopped by 0.5 m", thin[3], float(by_thin[3]), 0.02, "Rehbock"),
            _figure("gate lifted by 0.5 m, free jet",
                    _passed(make, _wall(GATE), gate, (1.0, -1.5))[0], float(by_gate), 0.02,
                    "y1 Cc a √(2 g / (y1 + Cc a)) b"),
            _figure("flap against the tide", _passed(make, _wall(GATE), flap, (0.0, 1.0))[0], 0.0,
                    0.02, "nothing passes"),
            _figure("pipe that flows full, head 0.5 m",
                    _passed(make, pipe, _state(links=1), (0.5, 0.0))[1], float(by_pipe), 0.02,
                    "HDS-5, eq. 3.6"),
            _figure("pump of 2 m³/s",
                    _passed(make, pump, _state(links=1), (0.0, 0.5))[1], 2.0, 1e-6, "its capacity"),
            _figure("pump that has failed",
                    _passed(make, pump, _state(links=1, running=0), (0.0, 0.5))[1], 0.0, 0.02,
                    "nothing passes"),
        ),
        panels=(
            Panel(title="crests in a run, 10 m wide", x_label="head, m", y_label="m³/s",
                  lines=(line("1.705 H^1.5 b", heads, by_broad, "reference"),
                         line("Rehbock", heads, by_thin, "reference"),
                         line("dyke", heads, broad), line("thin wall", heads, thin))),
        ),
    )  # fmt: skip


CASES = (
    Case(
        name="structures-in-flow",
        title="Structures in a run",
        what=(
            "Two basins of 3 m and more, 200 m long, held at levels of their own, and a structure "
            "between them: the steady discharge that the run reports. Velocity heads and slopes of "
            "the water in the basins are left out of the hand formulae."
        ),
        source="Henderson (1966); Rehbock (1929); FHWA (2012), HDS-5",
        run=_structures,
        solvers=(INERTIAL,),
        misses={
            INERTIAL: "a link follows the levels before its own water of the step has moved: for "
            "2.7 m³/s between cells of 100 m² they lie 3 cm apart from those shown, on each side"
        },
    ),
)
