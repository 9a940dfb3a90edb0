"""Walled faces and links, stepped by a plain local inertial scheme in numpy."""

# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import InvalidQuantityError
from models.flood import links
from models.flood.structures import Controls, Structures, link_parameters

if TYPE_CHECKING:
    from numpy.typing import NDArray

G = 9.81
DX = 10.0


@dataclass
class Canal:
    """A row of cells with a wall on one face, and links; frictional local inertial scheme."""

    z: NDArray[np.float64]
    h: NDArray[np.float64]
    walls: dict[int, tuple[int, float, float, float, int]] = field(default_factory=dict)
    links: list[tuple[int, int, int, NDArray[np.float64]]] = field(default_factory=list)
    manning: float = 0.03
    q: NDArray[np.float64] = field(init=False)
    through: float = 0.0
    moved: float = 0.0

    def __post_init__(self) -> None:
        self.q = np.zeros(self.z.size + 1)

    def step(self) -> float:
        dt = 0.6 * DX / math.sqrt(G * max(float(self.h.max()), 0.01))
        e = self.h + self.z
        for f in range(1, self.z.size):
            a, b = f - 1, f
            hf = max(e[a], e[b]) - max(self.z[a], self.z[b])
            q = 0.0
            if hf > 1e-3:
                push = G * hf * dt * (e[a] - e[b]) / DX
                drag = 1 + G * dt * self.manning**2 * abs(self.q[f]) / hf ** (7 / 3)
                q = (self.q[f] + push) / drag
            if f in self.walls:
                q = links.wall_flow(*self.walls[f], e[a], self.z[a], e[b], self.z[b], q, G)
            donor = self.h[a] if q > 0 else self.h[b]
            self.q[f] = math.copysign(min(abs(q), 0.5 * donor * DX / dt), q)
            if f in self.walls:
                self.through += self.q[f] * dt * DX
        self.h = self.h + dt / DX * (self.q[:-1] - self.q[1:])
        for kind, a, b, row in self.links:
            self._link(kind, a, b, row, dt)
        return dt

    def _link(self, kind: int, a: int, b: int, row: NDArray[np.float64], dt: float) -> None:
        area = DX * DX
        ea, eb = self.h[a] + self.z[a], (self.h[b] + self.z[b] if b >= 0 else row[15])
        zb, hb = (self.z[b], self.h[b]) if b >= 0 else (row[15], 0.0)
        flow = links.link_flow(kind, row, 1.0, 1, ea, self.z[a], eb, zb, G)
        volume = links.limited_volume(
            kind, flow, dt, area, ea, self.h[a], 1, eb, hb, 1 if b >= 0 else 0
        )
        self.h[a] -= volume / area
        if b >= 0:
            self.h[b] += volume / area
        self.moved += volume

    def run(self, seconds: float) -> None:
        t = 0.0
        while t < seconds:
            t += self.step()


def canal(west_m: float, east_m: float, cells: int = 20) -> Canal:
    h = np.full(cells, west_m)
    h[cells // 2 :] = east_m
    return Canal(z=np.zeros(cells), h=h)


def test_wall_above_the_water_holds_everything_back() -> None:
    c = canal(2.0, 0.5)
    c.walls[10] = (links.DYKE, 2.001, 0.0, 0.0, 0)
    c.run(600.0)
    assert c.h[:10] == pytest.approx(2.0, abs=1e-12)
    assert c.h[10:] == pytest.approx(0.5, abs=1e-12)


def test_overtopped_dyke_carries_the_discharge_of_its_weir() -> None:
    q = links.wall_flow(links.DYKE, 1.5, 0.0, 0.0, 0, 2.0, 0.0, 0.5, 0.0, 50.0, G)
    assert q == pytest.approx(1.705 * 0.5**1.5, rel=1e-3)
    back = links.wall_flow(links.DYKE, 1.5, 0.0, 0.0, 0, 0.5, 0.0, 2.0, 0.0, -50.0, G)
    assert back == -q


def test_overtopped_dyke_stops_at_its_crest() -> None:
    c = canal(2.0, 0.2)
    c.walls[10] = (links.WALL, 1.5, 0.0, 0.0, 0)
    c.run(4 * 3600.0)
    assert c.h[:10] == pytest.approx(1.5, abs=0.02)
    assert c.h.sum() * DX * DX == pytest.approx((2.0 + 0.2) * 10 * DX * DX, rel=1e-12)


def test_drowned_dyke_does_not_make_the_water_ripple() -> None:
    c = canal(2.02, 2.0)
    c.walls[10] = (links.DYKE, 1.0, 0.0, 0.0, 0)
    c.run(3600.0)
    before = c.h.copy()
    c.run(600.0)
    assert c.h == pytest.approx(2.01, abs=1e-3)
    assert np.abs(c.h - before).max() < 1e-4


def test_wall_below_the_ground_is_not_there() -> None:
    assert links.wall_flow(links.DYKE, 0.4, 0.0, 0.0, 0, 1.0, 0.5, 0.9, 0.0, 0.123, G) == 0.123


def test_breach_opens_its_share_of_the_face() -> None:
    whole = links.wall_flow(links.DYKE, 3.0, 1.0, 1.0, 0, 2.0, 0.0, 0.0, 0.0, 50.0, G)
    half = links.wall_flow(links.DYKE, 3.0, 0.5, 1.0, 0, 2.0, 0.0, 0.0, 0.0, 50.0, G)
    assert half == pytest.approx(0.5 * whole)
    assert whole == pytest.approx(1.705, rel=1e-3)


def test_open_gate_is_the_open_channel() -> None:
    for q in (0.7, -0.7):
        assert links.wall_flow(links.GATE, 3.0, np.inf, -9.0, 0, 1.1, 0.0, 1.0, 0.0, q, G) == q


def test_closed_gate_is_overtopped_above_its_top() -> None:
    shut = links.wall_flow(links.GATE, 3.0, 0.0, 0.0, 0, 2.9, 0.0, 0.0, 0.0, 9.0, G)
    over = links.wall_flow(links.GATE, 3.0, 0.0, 0.0, 0, 3.5, 0.0, 0.0, 0.0, 9.0, G)
    assert shut == 0.0
    assert over == pytest.approx(1.705 * 0.5**1.5, rel=1e-3)


@given(st.floats(0.0, 3.0), st.floats(0.0, 3.0), st.sampled_from([-1, 1]))
@settings(max_examples=100, deadline=None)
def test_flap_lets_water_pass_one_way_alone(ea: float, eb: float, direction: int) -> None:
    q_open = 5.0 * (ea - eb)
    q = links.wall_flow(links.GATE, 9.0, np.inf, -9.0, direction, ea, 0.0, eb, 0.0, q_open, G)
    assert q * direction >= 0.0
    assert q == (q_open if (ea - eb) * direction > 0 else 0.0)


@given(
    st.integers(0, 3), st.floats(-1.0, 3.0), st.sampled_from([0.0, 0.3, 1.0, np.inf]),
    st.floats(-1.0, 2.0), st.sampled_from([-1, 0, 1]), st.floats(0.0, 3.0), st.floats(0.0, 3.0),
    st.floats(-5.0, 5.0),
)  # fmt: skip
@settings(max_examples=500, deadline=None)
def test_no_wall_carries_more_than_the_open_face(  # noqa: PLR0917 - hypothesis draws them
    kind: int, crest: float, opening: float, sill: float, way: int, ea: float, eb: float, q0: float
) -> None:
    q = links.wall_flow(kind, crest, opening, sill, way, ea, 0.0, eb, 0.0, q0, G)
    assert abs(q) <= abs(q0)
    assert q * q0 >= 0.0


def test_bridge_is_open_until_its_soffit_is_under_water() -> None:
    free = links.wall_flow(links.BRIDGE, 3.0, 0.0, 2.0, 0, 1.9, 0.0, 1.5, 0.0, 4.0, G)
    drowned = links.wall_flow(links.BRIDGE, 3.0, 0.0, 2.0, 0, 2.6, 0.0, 2.4, 0.0, 40.0, G)
    over = links.wall_flow(links.BRIDGE, 3.0, 0.0, 2.0, 0, 3.4, 0.0, 2.4, 0.0, 40.0, G)
    assert free == 4.0
    assert drowned == pytest.approx(0.8 * 2.0 * math.sqrt(2 * G * 0.2))
    assert over == pytest.approx(0.8 * 2.0 * math.sqrt(2 * G * 1.0) + 1.705 * 0.4**1.5, rel=1e-3)


CULVERT = link_parameters(
    links.CULVERT_ROUND, invert_a_m=0.0, invert_b_m=0.0, height_m=0.8, length_m=20.0,
    manning=0.013, entrance_loss=0.5, inlet_k=0.0098, inlet_m=2.0, inlet_c=0.0398, inlet_y=0.67,
    inlet_form=1.0,
)  # fmt: skip


def test_culvert_levels_two_ponds_and_rests() -> None:
    c = canal(1.5, 0.3)
    c.walls[10] = (links.DYKE, 9.0, 0.0, 0.0, 0)
    c.links.append((links.CULVERT_ROUND, 9, 10, CULVERT))
    c.run(6 * 3600.0)
    assert c.h == pytest.approx(0.9, abs=5e-3)
    assert c.moved == pytest.approx(0.6 * 10 * DX * DX, rel=1e-2)
    assert c.h.sum() == pytest.approx(18.0, rel=1e-12)


@given(st.floats(0.0, 3.0), st.floats(0.0, 3.0), st.floats(1.0, 60.0), st.integers(0, 5))
@settings(max_examples=300, deadline=None)
def test_gravity_link_never_overshoots_the_levels(
    ea: float, eb: float, dt: float, kind: int
) -> None:
    row = {
        links.CULVERT_ROUND: CULVERT,
        links.CULVERT_BOX: link_parameters(
            links.CULVERT_BOX, height_m=1.0, width_m=3.0, length_m=9.0, manning=0.02
        ),
        links.WEIR: link_parameters(links.WEIR, crest_m=0.2, width_m=5.0, thin=1.0),
        links.SLUICE: link_parameters(links.SLUICE, sill_m=0.1, width_m=4.0, height_m=1.0),
        links.SIPHON: link_parameters(
            links.SIPHON, invert_a_m=0.1, invert_b_m=0.1, height_m=1.0, length_m=9.0,
            manning=0.02, summit_m=4.0,
        ),
        links.PUMP: link_parameters(links.PUMP, flow_1_m3_s=3.0),
    }[kind]  # fmt: skip
    q = links.link_flow(kind, row, 1.0, 1, ea, 0.0, eb, 0.0, G)
    volume = links.limited_volume(kind, q, dt, 100.0, ea, ea, 1, eb, eb, 1)
    after_a, after_b = ea - volume / 100.0, eb + volume / 100.0
    assert min(after_a, after_b) >= -1e-12
    if kind != links.PUMP:
        assert (after_a - after_b) * (ea - eb) >= -1e-9
        assert q * (ea - eb) >= 0.0


def test_flap_on_a_culvert_shuts_it_one_way() -> None:
    row = CULVERT.copy()
    row[14] = 1.0
    assert links.link_flow(0, row, 1.0, 1, 1.5, 0.0, 0.5, 0.0, G) > 0.0
    assert links.link_flow(0, row, 1.0, 1, 0.5, 0.0, 1.5, 0.0, G) == 0.0


PUMP = link_parameters(
    links.PUMP, points=2, head_1_m=0.0, flow_1_m3_s=2.0, head_2_m=4.0, flow_2_m3_s=1.0,
    suction_level_m=0.3, outlet_level_m=1.0, outside_level_m=0.0,
)  # fmt: skip


def test_pump_lifts_against_its_outlet_or_the_level_there() -> None:
    assert links.link_flow(links.PUMP, PUMP, 1.0, 1, 1.0, 0.0, 0.0, 0.0, G) == pytest.approx(2.0)
    assert links.link_flow(links.PUMP, PUMP, 1.0, 1, 1.0, 0.0, 3.0, 0.0, G) == pytest.approx(1.5)
    assert links.link_flow(links.PUMP, PUMP, 0.5, 1, 1.0, 0.0, 3.0, 0.0, G) == pytest.approx(0.75)
    assert links.link_flow(links.PUMP, PUMP, 1.0, 0, 1.0, 0.0, 3.0, 0.0, G) == 0.0


def test_pump_to_the_outside_takes_the_level_there() -> None:
    outside = links.link_flow(links.PUMP, PUMP, 1.0, 1, 1.0, 0.0, np.nan, np.nan, G)
    assert outside == pytest.approx(2.0)


def test_pump_dries_its_pond_to_the_end_of_suction_and_no_further() -> None:
    c = canal(1.0, 1.0)
    c.links.append((links.PUMP, 3, -1, PUMP))
    c.run(2 * 3600.0)
    assert c.h.min() >= 0.0
    assert c.h == pytest.approx(0.3, abs=0.05)
    assert c.moved == pytest.approx((20.0 - c.h.sum()) * DX * DX, rel=1e-9)


def test_siphon_breaks_above_the_height_that_air_pressure_carries() -> None:
    row = link_parameters(
        links.SIPHON, invert_a_m=0.0, invert_b_m=0.0, height_m=0.5, length_m=20.0, manning=0.012,
        entrance_loss=0.5, summit_m=8.0,
    )  # fmt: skip
    assert links.link_flow(links.SIPHON, row, 1.0, 1, 1.5, 0.0, 0.5, 0.0, G) > 0.0
    assert links.link_flow(links.SIPHON, row, 1.0, 1, 0.9, 0.0, 0.5, 0.0, G) == 0.0


def test_sluice_at_rest_is_shut_and_overtopped_above_its_leaf() -> None:
    row = link_parameters(links.SLUICE, sill_m=0.0, width_m=4.0, height_m=1.5, top_m=1.5)
    assert links.link_flow(links.SLUICE, row, 0.0, 1, 1.4, 0.0, 0.2, 0.0, G) == 0.0
    over = links.link_flow(links.SLUICE, row, 0.0, 1, 1.9, 0.0, 0.2, 0.0, G)
    assert over == pytest.approx(4.0 * 1.705 * 0.4**1.5, rel=1e-3)


def ints(*values: int) -> NDArray[np.int64]:
    return np.asarray(values, np.int64)


def test_structures_refuse_a_face_with_two_walls() -> None:
    with pytest.raises(InvalidQuantityError, match="two structures"):
        Structures(
            face_row=ints(1, 1), face_column=ints(2, 2), face_axis=ints(0, 0),
            face_group=ints(0, 1), group_kind=ints(0, 0), group_names=("a", "b"),
        )  # fmt: skip


def test_controls_refuse_an_opening_that_is_no_number() -> None:
    with pytest.raises(InvalidQuantityError, match="not negative"):
        Controls(
            crest_m=np.zeros(1), opening_m=np.array([np.nan]), sill_m=np.zeros(1),
            direction=ints(0), link_opening=np.zeros(0), link_running=ints(),
        )  # fmt: skip


def test_unknown_parameter_of_a_link_is_named() -> None:
    with pytest.raises(InvalidQuantityError, match="no such parameter"):
        link_parameters(links.WEIR, diameter_m=1.0)
