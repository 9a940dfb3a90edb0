"""Moving free ambulances to where they are wanted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from models.errors import InvalidQuantityError, ScenarioError
from models.response import Policies, ResponseModel
from models.response.moveup import MoveUpView, compliance_table, dmexclp


def view(**more: Any) -> MoveUpView:
    given: dict[str, Any] = {
        "covers": np.array([[1, 1, 0], [0, 1, 1], [0, 0, 1]], dtype=bool),
        "demand": np.array([0.5, 0.2, 0.3]),
        "home": np.array([0, 2]),
        "freed": 1,
        "busy_share": 0.3,
        "table": (),
    }
    return MoveUpView(**(given | more))


def test_dmexclp_adds_most_expected_coverage() -> None:
    # Station 0 is staffed: going there adds .7 (.5 + .2) .3, station 1: .7 (.2 .3 + .3), 2: .7 .3.
    assert dmexclp(view()) == [(1, 1)]
    assert dmexclp(view(home=np.array([2, 0]))) == [(1, 0)]
    assert dmexclp(view(freed=-1)) == []


def test_a_compliance_table_moves_only_who_must_move() -> None:
    table = ((1,), (0, 1), (0, 1, 2))
    assert compliance_table(view(table=table)) == [(1, 1)]
    assert compliance_table(view(table=table, home=np.array([1, 0]))) == []
    assert compliance_table(view(table=table, home=np.array([0]))) == [(0, 1)]
    assert compliance_table(view(table=table, home=np.array([0, 0, 0, 0]))) == []


def test_idle_units_fill_the_station_that_the_table_wants(run: Any, line: Any) -> None:
    r = run(
        line, ambulances=[0, 5], move_up_policy="compliance_table",
        compliance_table=(("S5",), ("S0", "S5")),
    )  # fmt: skip
    r.call("far", 5)
    r.until(5_000.0)
    moved = r.of("unit_moved_up")
    assert [(e.unit, e.facility) for e in moved] == [("A0", "S5"), ("A1", "S0")]
    assert r.model.fleet[0].node == 5
    assert r.model.fleet[1].node == 0
    r.call("near", 5)
    r.until(10_000.0)
    assert r.one("unit_arrived", incident="near").unit == "A0"


def test_a_freed_unit_goes_where_dmexclp_wants_it(run: Any, line: Any) -> None:
    r = run(line, ambulances=[0, 0, 5], move_up_policy="dmexclp", move_up_target_s=130.0)
    model = ResponseModel(
        r.env, line, units=r.model.units, facilities=r.model.facilities, streams=r.model.streams,
        log=r.model.log, parameters=r.model.parameters, demand_nodes=np.array([0, 4, 5]),
    )  # fmt: skip
    r.model = model
    r.call("x", 1)
    r.until(10_000.0)
    # Nodes 4 and 5 are covered once, node 0 by the unit that stayed: 2 q > q.
    assert r.one("unit_moved_up").facility == "S5"
    assert sorted(unit.node for unit in model.fleet) == [0, 5, 5]
    assert all(unit.task is None for unit in model.fleet)


def test_a_unit_on_its_way_to_another_station_can_be_sent(run: Any, line: Any) -> None:
    r = run(line, ambulances=[0, 5], move_up_policy="compliance_table", compliance_table=(("S5",),))
    r.call("far", 5)
    r.until(90.0).call("on_the_way", 3)
    r.until(5_000.0)
    assert r.one("unit_arrived", incident="on_the_way").unit == "A0"
    assert len(r.of("incident_closed")) == 2


@pytest.mark.parametrize("answer", [[(9, 0)], [(0, 9)], [(0, 0), (0, 1)], None, [(0.5, 0)], ["x"]])
def test_a_move_up_policy_that_returns_nonsense_is_refused(
    run: Any, line: Any, answer: Any
) -> None:
    r = run(line, ambulances=[0, 5])
    model = ResponseModel(
        r.env, line, units=r.model.units, facilities=r.model.facilities, streams=r.model.streams,
        log=r.model.log, policies=Policies(move_up={"own": lambda _: answer}),
        parameters=type(r.model.parameters)(move_up_policy="own"),
    )  # fmt: skip
    r.model = model
    r.call("x", 1)
    with pytest.raises(ScenarioError, match="move-up policy"):
        r.until(5_000.0)


def test_a_table_with_an_unknown_station_is_refused(run: Any, line: Any) -> None:
    with pytest.raises(InvalidQuantityError, match="compliance table"):
        run(line, ambulances=[0], move_up_policy="compliance_table", compliance_table=(("S9",),))
