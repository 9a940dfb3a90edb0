"""Beds, doors and queues; engines, tanks and hydrants."""

from __future__ import annotations

import math
from typing import Any

import pytest

from models.errors import InvalidQuantityError
from models.response import Constant, FacilitySpec, FireParameters


def test_a_patient_goes_past_a_full_hospital_to_one_with_a_bed(line: Any, run: Any) -> None:
    r = run(line, ambulances=[0, 0], hospitals={3: 1, 5: 1})
    r.call("first", 2)
    r.until(1.0)
    r.call("second", 2)
    r.until(20_000.0)
    assert r.one("hospital_reached", incident="first").facility == "H3"
    assert r.one("hospital_reached", incident="second").facility == "H5"


def test_units_wait_at_the_door_of_a_full_hospital_in_order(line: Any, run: Any) -> None:
    r = run(line, ambulances=[0, 0, 0], hospitals={3: 1}, bed_stay=Constant(1_000.0))
    for name in ("a", "b", "c"):
        r.call(name, 2)
        r.until(r.env.now + 1.0)
    r.until(20_000.0)
    started = {event.incident: event for event in r.of("handover_started")}
    assert [e.incident for e in r.of("hospital_full")] == ["b", "c"]
    assert started["a"].value == 0.0
    # The bed is taken from the start of the handover (300 s) to the end of the stay after it.
    assert started["b"].time_s == pytest.approx(started["a"].time_s + 1_300.0)
    assert started["c"].time_s == pytest.approx(started["b"].time_s + 1_300.0)
    assert r.model.hospitals[0].taken == 0


def test_a_kept_bed_is_not_given_to_somebody_else(line: Any, run: Any) -> None:
    r = run(line, ambulances=[0, 5], hospitals={4: 1})
    r.call("far", 0)
    r.call("near", 5, kind="trauma")
    r.until(601.0)  # both leave their scenes now; the far one chooses first
    assert r.one("hospital_chosen", incident="far").detail["bed"] is True
    assert r.one("hospital_chosen", incident="near").detail["bed"] is False
    r.until(20_000.0)
    assert r.one("handover_started", incident="far").value == 0.0
    assert r.one("handover_started", incident="near").value > 0.0


def test_a_hospital_that_closes_turns_away_those_coming_and_those_at_its_door(
    line: Any, run: Any
) -> None:
    r = run(line, ambulances=[0, 0, 0], hospitals={2: 1, 5: None}, hospital_policy="soonest")
    r.call("inside", 1)
    r.until(50.0)
    r.call("door", 1)
    r.until(100.0)
    r.call("coming", 1)
    r.until(790.0)
    assert r.one("hospital_full").incident == "door"
    r.model.set_hospital("H2", is_open=False)
    r.until(20_000.0)
    done = {event.incident: event.facility for event in r.of("handover_done")}
    assert done == {"inside": "H2", "door": "H5", "coming": "H5"}
    assert r.one("hospital_changed").detail == {
        "open": False,
        "beds": 1,
        "ward": "general",
    }


def test_a_hospital_that_opens_takes_a_waiting_patient(line: Any, run: Any) -> None:
    r = run(line, ambulances=[0], hospitals={2: 1})
    r.model.set_hospital("H2", is_open=False)
    r.call("c", 1)
    r.until(1_000.0)
    assert r.one("unit_waiting").detail["reason"] == "no hospital can be reached"
    r.model.set_hospital("H2", is_open=True)
    r.until(5_000.0)
    assert r.one("handover_done").facility == "H2"


def test_a_hospital_out_of_reach_is_passed_over(line: Any, run: Any) -> None:
    r = run(line, ambulances=[2], hospitals={0: None, 5: None})
    line.close((1, 0), (0, 1))
    r.call("c", 1)
    r.until(5_000.0)
    assert r.one("hospital_reached").facility == "H5"


def test_more_beds_let_those_at_the_door_in(line: Any, run: Any) -> None:
    r = run(line, ambulances=[0, 0], hospitals={2: 1}, bed_stay=Constant(90_000.0))
    r.call("a", 1)
    r.call("b", 1)
    r.until(2_000.0)
    assert len(r.of("handover_done")) == 1
    r.model.set_hospital("H2", beds=2)
    r.until(5_000.0)
    assert len(r.of("handover_done")) == 2
    with pytest.raises(InvalidQuantityError, match="beds"):
        r.model.set_hospital("H2", beds=-1)
    with pytest.raises(InvalidQuantityError, match="no such hospital"):
        r.model.set_hospital("H9", beds=1)


def test_a_facility_off_the_network_is_refused() -> None:
    with pytest.raises(InvalidQuantityError, match="no road node"):
        FacilitySpec(id="H", kind="hospital", node=-1)


def test_the_run_card_sends_more_engines_to_larger_fires() -> None:
    card = FireParameters()
    assert [card.engines(area) for area in (10.0, 100.0, 400.0, 1_000.0, 9_000.0)] == [
        1,
        2,
        3,
        4,
        6,
    ]


def test_needed_flow_is_that_of_the_fire_academy() -> None:
    area_ft2 = 1_200.0
    flow = FireParameters(involvement=1.0).needed_flow_l_s(area_ft2 / 10.7639)
    assert flow == pytest.approx(400.0 * 0.0630902, rel=1e-6)  # 1200 / 3 = 400 gpm


def fire_run(run: Any, line: Any, **more: Any) -> Any:
    card = FireParameters(
        work=Constant(1_000.0),
        set_up_s=60.0,
        reference_area_m2=100.0,
        engines_by_area=((math.inf, 1),),
        shuttle_rate=0.5,
    )
    return run(line, engines=[0], fire=card, **more)


def test_a_fire_with_a_hydrant_near_is_out_after_its_work(line: Any, run: Any) -> None:
    r = fire_run(run, line, hydrants=[2])
    r.call("f", 1, kind="house_fire", x_m=150.0, y_m=0.0)
    r.until(20_000.0)
    source = r.one("water_source")
    assert source.detail["kind"] == "hydrant"
    assert source.detail["nodes"] == [2]
    assert source.detail["distance_m"] == pytest.approx(1.3 * 50.0)
    assert r.one("water_applied").value == pytest.approx(60.0 + 60.0)
    # 65 m of hose take 65 s, for which the tank lasts.
    assert r.one("fire_out").value == pytest.approx(60.0 + 60.0 + 1_000.0)
    assert r.of("water_exhausted") == []
    assert r.one("on_scene_done").value == pytest.approx(1_060.0)


def test_without_a_hydrant_the_tank_runs_dry_and_the_fire_takes_longer(line: Any, run: Any) -> None:
    r = fire_run(run, line)
    r.call("f", 1, kind="house_fire")
    r.until(20_000.0)
    assert r.one("water_source").detail["kind"] == "tank"
    needed_l_s = FireParameters().needed_flow_l_s(100.0)
    tank_s = 3_000.0 / needed_l_s
    dry = r.one("water_exhausted")
    assert dry.time_s == pytest.approx(120.0 + tank_s)
    assert dry.value == pytest.approx(3_000.0)
    assert r.one("fire_out").value == pytest.approx(120.0 + tank_s + (1_000.0 - tank_s) / 0.5)


def test_open_water_serves_where_there_is_no_hydrant(line: Any, run: Any) -> None:
    r = fire_run(run, line, water=[2])
    r.call("f", 1, kind="house_fire")
    r.until(20_000.0)
    assert r.one("water_source").detail["kind"] == "open_water"
    assert r.one("fire_out").value == pytest.approx(1_120.0)


def test_a_hydrant_behind_water_is_of_no_use_until_the_road_opens(line: Any, run: Any) -> None:
    r = fire_run(run, line, hydrants=[2])
    line.close((1, 2), (2, 1))
    r.call("f", 1, kind="house_fire")
    r.until(600.0)
    assert r.one("water_source").detail["kind"] == "tank"
    r.change("open", (1, 2), (2, 1))
    r.until(20_000.0)
    assert [e.detail["kind"] for e in r.of("water_source")] == ["tank", "hydrant"]
    assert r.one("fire_out").detail["source"] == "hydrant"
    assert 1_120.0 < r.one("fire_out").value < 1_600.0


def test_larger_fires_take_longer_and_engines_leave_together(line: Any, run: Any) -> None:
    def out_s(area_m2: float) -> float:
        r = run(line, engines=[0, 0, 5, 5], hydrants=[1, 2])
        r.call("f", 1, kind="apartment_fire", fire_area_m2=area_m2)
        r.until(50_000.0)
        out = r.one("fire_out")
        assert {event.time_s for event in r.of("on_scene_done")} == {out.time_s}
        return float(out.value)

    assert out_s(40.0) < out_s(160.0) < out_s(640.0)


def test_engines_that_would_come_too_late_are_called_off(graph: Any, run: Any) -> None:
    r = run(
        graph([(0, 1, 60.0), (1, 2, 5_000.0)]),
        engines=[0, 2],
        hydrants=[1],
        fire=FireParameters(work=Constant(300.0), engines_by_area=((math.inf, 3),)),
    )
    r.call("f", 1, kind="house_fire")
    r.until(20_000.0)
    assert r.one("unit_stood_down").detail["reason"] == "fire out"
    assert r.one("incident_queued").value == 1.0
    closed = r.one("incident_closed")
    assert closed.detail["arrived"] == {"fire": 1}
    assert closed.detail["cancelled"] == 2
    assert len(r.of("unit_idle")) == 2


def test_a_fire_with_casualties_takes_both_services(line: Any, run: Any) -> None:
    r = run(line, ambulances=[0, 0], engines=[0, 0], hydrants=[1], hospitals={5: None})
    r.call("f", 1, kind="house_fire", casualties=2)
    r.until(20_000.0)
    assert r.one("call_received").detail["needs"] == {"ambulance": 2, "fire": 2}
    closed = r.one("incident_closed")
    assert closed.detail["arrived"] == {"ambulance": 2, "fire": 2}
    assert closed.detail["transported"] == 2


def test_a_fire_without_an_engine_asked_for_is_refused(line: Any, run: Any) -> None:
    r = run(line, ambulances=[0])
    with pytest.raises(InvalidQuantityError, match="fire engine"):
        r.call("f", 1, kind="house_fire", needs={"ambulance": 1})
