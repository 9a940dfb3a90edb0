"""Structures of a scenario on the grid, their rules, orders, failures and what is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest

from models.errors import ScenarioError
from models.flood.links import DYKE, GATE, PUMP, SLUICE
from models.grid import Grid
from scenarios.schema import Scenario
from twin.engine.commands import Command
from twin.engine.devices import Surroundings
from twin.engine.setup_lines import Ground
from twin.engine.setup_structures import set_up_structures
from twin.language import say

if TYPE_CHECKING:
    from models.response import Event
    from twin.engine.places import PlaceFinder
    from twin.engine.structures import StructureControl

#: A canal from west to east, rows 9 to 11, in a plain at 2 m; the river is east of column 25.
GRID = Grid(west_m=0.0, north_m=200.0, cell_size_m=10.0, rows=20, columns=30)


class Places:
    """Knows points in metres alone."""

    def point(self, place: Any, *, where: str) -> tuple[float, float]:
        assert where
        return place.x_m, place.y_m


def ground() -> Ground:
    bed = np.full(GRID.shape, 2.0)
    water = np.zeros(GRID.shape, bool)
    bed[9:12, :25] = -1.0
    bed[:, 25:] = -3.0
    water[9:12, :25] = True
    water[:, 25:] = True
    prescribed = np.zeros(GRID.shape, bool)
    prescribed[:, 25:] = True
    return Ground(grid=GRID, bed_m=bed, water=water, prescribed=prescribed)


def xy(x: float, y: float) -> dict[str, float]:
    return {"x_m": x, "y_m": y}


def gate(**more: object) -> dict[str, object]:
    return {
        "id": "gate", "kind": "gate", "line": {"across": xy(202.0, 95.0)},
        "inside": xy(100.0, 95.0), "top_m": 2.2, **more,
    }  # fmt: skip


def pump(**more: object) -> dict[str, object]:
    return {
        "id": "pump", "kind": "pump", "from_location": xy(195.0, 95.0),
        "to_location": xy(255.0, 95.0), "capacity_m3_s": 2.0, "units": 3, **more,
    }  # fmt: skip


def build(
    *structures: dict[str, Any], events: list[Event] | None = None, **more: object
) -> StructureControl:
    scenario = Scenario.from_dict(
        {
            "schema": 1,
            "name": "test",
            "period": {"start": "2025-01-01T00:00+07:00", "duration": "6 h"},
            "tide": {"series": {"times": [0, "6 h"], "levels_m": [1.0, 1.0]}},
            "structures": list(structures),
            **more,
        }
    )
    log: list[Event] = [] if events is None else events
    control = set_up_structures(scenario, ground(), cast("PlaceFinder", Places()), log=log.append)
    assert control is not None
    return control


def around(
    time_s: float, inside_m: float = 0.0, outside_m: float = 0.0, tide_m: float = 1.0
) -> Surroundings:
    def level_m(cell: int) -> float:
        return inside_m if cell % GRID.columns < 20 else outside_m

    return Surroundings(
        time_s=time_s,
        level_m=level_m,
        quantities={"tide": tide_m, "rain": 0.0, "time": time_s},
    )


def still(control: StructureControl) -> np.ndarray:
    return np.zeros(control.structures.groups + control.structures.links)


# On the grid


def test_gate_across_a_canal_reaches_from_bank_to_bank() -> None:
    control = build(gate())
    s = control.structures
    assert set(s.face_axis.tolist()) == {0}
    assert set(range(9, 12)) <= set(s.face_row.tolist())
    assert len(set(s.face_column.tolist())) == 1
    assert set(s.group_kind.tolist()) == {GATE}
    state = control.controls(0.0)
    assert np.isinf(state.opening_m).all()
    assert state.sill_m == pytest.approx(-1.0)


def test_gate_away_from_water_is_refused() -> None:
    with pytest.raises(ScenarioError, match="does not lie in water; the nearest is 4"):
        build(gate(line={"across": xy(100.0, 150.0)}))
    with pytest.raises(ScenarioError, match="crosses no canal"):
        build(gate(line={"xy_m": [[50.0, 150.0], [50.0, 190.0]]}))


def test_gate_that_ends_in_the_water_is_refused() -> None:
    with pytest.raises(ScenarioError, match="ends in the water"):
        build(gate(line={"xy_m": [[270.0, 100.0], [280.0, 100.0]]}))


def test_gate_between_prescribed_levels_is_refused() -> None:
    with pytest.raises(ScenarioError, match="no effect"):
        build(gate(line={"xy_m": [[270.0, 200.0], [270.0, 0.0]]}))


def test_gate_off_the_grid_is_refused() -> None:
    with pytest.raises(ScenarioError, match=r"structures\[0\] \(gate\).line: point 2 .* off"):
        build(gate(line={"xy_m": [[205.0, 100.0], [205.0, 700.0]]}))


def test_narrow_gate_is_a_sluice_in_a_wall() -> None:
    control = build(gate(width_m=6.0, initial="closed", flap="outward"))
    s = control.structures
    assert set(s.group_kind.tolist()) == {DYKE}
    assert s.link_kind.tolist() == [SLUICE]
    assert s.link_params[0, 1] == 6.0
    assert control.controls(0.0).link_opening.tolist() == [0.0]
    control.apply(order("operate_structure", structure="gate", action="open"))
    control.look(around(60.0), 60.0, still(control))
    assert control.controls(60.0).link_opening[0] == pytest.approx(3.2)


def test_pump_to_nowhere_or_in_the_dry_is_refused() -> None:
    with pytest.raises(ScenarioError, match="no canal or river lies within 20 m"):
        build(pump(from_location=xy(100.0, 150.0)))
    with pytest.raises(ScenarioError, match="off the grid"):
        build(pump(to_location=xy(400.0, 95.0)))
    with pytest.raises(ScenarioError, match="both ends lie in one cell"):
        build(pump(to_location=xy(196.0, 96.0), snap_m=0))
    with pytest.raises(ScenarioError, match="prescribes the level at both ends"):
        build(pump(from_location=xy(275.0, 95.0)))
    assert build(pump(from_location=xy(100.0, 150.0), in_the_dry=True)).structures.links == 1


def test_pump_is_moved_to_the_lowest_water_near_by() -> None:
    control = build(pump(from_location=xy(195.0, 78.0)))
    s = control.structures
    assert (int(s.link_row_a[0]), int(s.link_column_a[0])) == (11, 19)
    assert s.link_kind.tolist() == [PUMP]
    assert s.link_params[0, 6] == 6.0
    assert say(control.notes[0], "en") == "pump: one end is moved 7 m, to the lowest cell near by."


def test_gate_takes_its_faces_from_the_dyke() -> None:
    dyke = {
        "id": "dyke", "kind": "dyke", "crest_m": 3.0,
        "line": {"xy_m": [[200.0, 200.0], [200.0, 0.0]]},
    }  # fmt: skip
    control = build(dyke, gate(line={"xy_m": [[200.0, 120.0], [200.0, 70.0]]}))
    s = control.structures
    kind = s.group_kind[s.face_group]
    assert s.faces == 20
    assert set(s.face_row[kind == GATE].tolist()) == set(range(8, 13))


def test_crest_follows_the_points_of_the_line() -> None:
    dyke = {
        "id": "dyke", "kind": "dyke", "crests_m": [2.0, 4.0],
        "line": {"xy_m": [[200.0, 200.0], [200.0, 0.0]]},
    }  # fmt: skip
    control = build(dyke)
    crest = control.controls(0.0).crest_m[control.structures.face_group]
    assert crest == pytest.approx(2.05 + 0.1 * np.arange(20))


def test_breach_opens_its_width_and_falls_to_its_bottom() -> None:
    # Drawn from north to south, its left, the inside, lies east.
    dyke = {
        "id": "dyke", "kind": "dyke", "crest_m": 3.0,
        "line": {"xy_m": [[200.0, 200.0], [200.0, 0.0]]},
        "breaches": [
            {"location": xy(200.0, 155.0), "width_m": 40, "growth": "20 min", "bottom_m": 2.0,
             "when": "inside > 2.5 m"},
        ],
    }  # fmt: skip
    events: list[Event] = []
    control = build(dyke, events=events)
    control.look(around(600.0, outside_m=2.4, inside_m=2.4), 60.0, still(control))
    assert control.controls(600.0).opening_m.max() == 0.0
    control.look(around(1200.0, inside_m=2.4, outside_m=2.6), 60.0, still(control))
    assert [event.kind for event in events] == ["structure_breached"]
    for age_s, width_m, bottom_m in ((600.0, 20.0, 2.5), (1200.0, 40.0, 2.0), (9e3, 40.0, 2.0)):
        state = control.controls(1200.0 + age_s)
        open_m = 10.0 * state.opening_m[control.structures.face_group].sum()
        assert open_m == pytest.approx(width_m)
        assert state.sill_m[state.opening_m > 0.0] == pytest.approx(bottom_m)


def test_repaired_dyke_stands_until_it_is_breached_by_order() -> None:
    dyke = {
        "id": "dyke", "kind": "dyke", "crest_m": 3.0,
        "line": {"xy_m": [[200.0, 200.0], [200.0, 0.0]]},
        "breaches": [{"location": xy(200.0, 155.0), "width_m": 40, "growth": 0, "at": "5 min"}],
    }  # fmt: skip
    control = build(dyke)
    seen = []
    for n, kind in enumerate([None, None, "repair_structure", None, "fail_structure"]):
        now_s = 240.0 + 60.0 * n
        control.look(around(now_s), 60.0, still(control))
        if kind is not None:
            control.apply(order(kind, now_s, structure="dyke", how="breach"))
        kept = control.to_array()
        control.restore(kept)
        seen.append(bool(control.controls(now_s).opening_m.max() > 0.0))
    assert seen == [False, True, False, False, True]


def test_breach_away_from_its_dyke_is_refused() -> None:
    dyke = {
        "id": "dyke", "kind": "dyke", "crest_m": 3.0,
        "line": {"xy_m": [[200.0, 200.0], [200.0, 0.0]]},
        "breaches": [{"location": xy(20.0, 100.0), "width_m": 40}],
    }  # fmt: skip
    with pytest.raises(ScenarioError, match=r"the breach lies 1\d\d m from its dyke"):
        build(dyke)


# In time

RULES = {"open_when": "inside - outside > 0.05 m", "close_when": "outside > inside"}


def order(kind: str, at_s: float = 0.0, **payload: object) -> Command:
    return Command(time_s=at_s, kind=kind, payload=payload, issuer="test")


def test_gate_follows_its_rules_with_hysteresis() -> None:
    events: list[Event] = []
    control = build(gate(**RULES), events=events)
    seen = []
    for n, (inside, outside) in enumerate(
        [(1.0, 1.2), (1.23, 1.2), (1.3, 1.2), (1.21, 1.2), (1.19, 1.2)]
    ):
        control.look(around(60.0 * n, inside, outside), 60.0, still(control))
        seen.append(control.devices[0].state)
    assert seen == ["closed", "closed", "open", "open", "closed"]
    assert [event.kind for event in events] == [
        "structure_closed", "structure_opened", "structure_closed",
    ]  # fmt: skip
    assert events[1].detail["cause"] == "inside - outside > 0.05 m"
    assert events[1].time_s == 120.0


def test_rules_hold_from_the_first_moment() -> None:
    control = build(gate(**RULES, operating_time="10 min"))
    control.begin(around(0.0, 1.0, 1.5))
    assert control.devices[0].position == 0.0


def test_gate_takes_its_time() -> None:
    control = build(gate(**RULES, operating_time="10 min", initial="open"))
    positions = []
    for n in range(1, 13):
        control.look(around(60.0 * n, 1.0, 1.5), 60.0, still(control))
        positions.append(control.devices[0].position)
    assert positions == pytest.approx([1.0 - min(n, 10) / 10 for n in range(1, 13)])
    opening = control.controls(0.0).opening_m
    assert opening.max() == 0.0


def test_pump_starts_and_stops_by_level_with_hysteresis() -> None:
    control = build(pump(start_level_m=1.0, stop_level_m=0.5))
    seen = []
    for n, level in enumerate([0.8, 1.1, 0.8, 0.4, 0.8]):
        control.look(around(60.0 * n, level), 60.0, still(control))
        seen.append(int(control.controls(0.0).link_running[0]))
    assert seen == [0, 1, 1, 0, 0]


def test_order_holds_until_it_is_given_back_to_the_rules() -> None:
    control = build(gate(**RULES))
    control.apply(order("operate_structure", structure="gate", action="close"))
    control.look(around(60.0, 2.0, 1.0), 60.0, still(control))
    assert control.devices[0].state == "closed"
    control.apply(order("operate_structure", structure="gate", opening=0.5))
    control.look(around(90.0, 2.0, 1.0), 30.0, still(control))
    assert control.devices[0].state == "partly_open"
    assert control.controls(90.0).opening_m.max() == pytest.approx(1.6)
    control.apply(order("operate_structure", structure="gate", action="auto"))
    control.look(around(120.0, 2.0, 1.0), 60.0, still(control))
    assert control.devices[0].state == "open"


@pytest.mark.parametrize(
    ("how", "running"), [("no_power", 0), ("closed", 0), ("stuck", 1), ("open", 1)]
)
def test_pump_that_failed_obeys_nothing_until_it_is_repaired(how: str, running: int) -> None:
    events: list[Event] = []
    control = build(pump(start_level_m=1.0, stop_level_m=0.5), events=events)
    control.look(around(0.0, 1.5), 60.0, still(control))
    control.apply(order("fail_structure", 10.0, structure="pump", how=how))
    level_m = 1.5 if running == 0 else 0.1
    control.look(around(60.0, level_m), 60.0, still(control))
    assert control.controls(0.0).link_running[0] == running
    control.apply(order("operate_structure", 70.0, structure="pump", action="start"))
    assert events[-1].kind == "structure_refused"
    control.apply(order("operate_structure", 70.0, structure="pump", action="auto"))
    control.apply(order("repair_structure", 80.0, structure="pump"))
    control.look(around(120.0, level_m), 60.0, still(control))
    assert control.controls(0.0).link_running[0] == 1 - running


def test_flap_points_outward_on_every_face() -> None:
    line = {"xy_m": [[180.0, 125.0], [200.0, 100.0], [180.0, 65.0]]}
    control = build(gate(line=line, flap="outward"))
    s, state = control.structures, control.controls(0.0)
    way = state.direction[s.face_group]
    assert set(way[s.face_axis == 0].tolist()) == {1}
    north = (s.face_axis == 1) & (s.face_row < 10)
    assert set(way[north].tolist()) <= {-1}
    south = (s.face_axis == 1) & (s.face_row > 10)
    assert set(way[south].tolist()) <= {1}


def test_series_says_how_much_passed_from_the_inside_out() -> None:
    control = build(gate(), pump(initial="open"))
    s = control.structures
    for n in range(1, 3):
        moved = np.zeros(s.groups + s.links)
        moved[: s.groups] = 30.0 / s.groups
        moved[s.groups :] = 360.0
        control.look(around(60.0 * n, 1.0, 0.5), 60.0, moved)
        control.record(around(60.0 * n, 1.0, 0.5))
    table = control.table()
    assert table["structure"].tolist() == ["gate", "pump", "gate", "pump"]
    assert table["discharge_m3_s"].tolist() == pytest.approx([0.5, 6.0, 0.5, 6.0])
    assert table["volume_m3"].tolist() == pytest.approx([30.0, 360.0, 60.0, 720.0])
    assert table["inside_level_m"].tolist() == [1.0] * 4
    assert table["state"].tolist() == ["open", "running"] * 2


def test_control_goes_on_from_a_checkpoint_and_tells_its_past_again() -> None:
    def play(control: StructureControl, first: int, last: int) -> None:
        for n in range(first, last):
            inside = 1.0 + 0.3 * np.sin(n)
            control.look(around(60.0 * n, inside, 1.1), 60.0, still(control))
            if n == 4:
                control.apply(order("fail_structure", 60.0 * n, structure="gate", how="stuck"))
            if n == 7:
                control.apply(order("repair_structure", 60.0 * n, structure="gate"))
            control.record(around(60.0 * n, inside, 1.1))

    whole: list[Event] = []
    one = build(gate(**RULES), events=whole)
    one.begin(around(0.0, 1.0, 1.1))
    play(one, 1, 6)
    kept = one.to_array()
    play(one, 6, 15)

    again: list[Event] = []
    other = build(gate(**RULES), events=again)
    other.begin(around(0.0, 1.0, 1.1))
    other.recall(kept)
    for n in range(1, 6):
        other.repeat_until(60.0 * n)
        if n == 4:
            other.apply(order("fail_structure", 60.0 * n, structure="gate", how="stuck"))
    other.restore(kept)
    play(other, 6, 15)
    assert [(e.time_s, e.kind) for e in again] == [(e.time_s, e.kind) for e in whole]
    assert len(whole) > 4
    assert other.table().equals(one.table())
    assert other.to_array().tobytes() == one.to_array().tobytes()
