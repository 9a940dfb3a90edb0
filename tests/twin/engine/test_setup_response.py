"""Every figure of the response that a scenario can name reaches the models."""

from __future__ import annotations

import math
from typing import Any

import pytest

from models.errors import ScenarioError
from models.response import FireParameters, ResponseParameters
from models.roads import VEHICLE_CLASSES
from scenarios import Scenario
from scenarios.schema.response import FireResponse, Response
from twin.engine.setup_response import response_parameters, vehicle_classes

#: A value of every field that differs from the default, and where it is found again.
RESPONSE: dict[str, tuple[Any, Any]] = {
    "queue_policy": ("first_come_first_served", "first_come_first_served"),
    "hospital_policy": ("soonest", "soonest"),
    "move_up_policy": ("dmexclp", "dmexclp"),
    "queue_capacity": (3, 3),
    "call_takers": (2, 2),
    "transport_probability": (0.25, 0.25),
    "transport_wait_limit": ("10 min", 600.0),
    "stranding_recovery": ("2 min", 120.0),
    "replan_growth": ("33 s", 33.0),
    "boarding": ("7 s", 7.0),
    "ashore": ("8 s", 8.0),
    "shore_wait": ("9 min", 540.0),
    "bed_decontamination": ("11 min", 660.0),
    "unit_decontamination": ("12 min", 720.0),
    "beds_without_power": (0.7, 0.7),
}
DURATIONS = (
    "call_taking",
    "dispatch_delay",
    "patience",
    "loading",
    "handover",
    "clearing",
    "bed_stay",
)
FIRE: dict[str, tuple[Any, str, Any]] = {
    "reference_area_m2": (77.0, "reference_area_m2", 77.0),
    "area_exponent": (0.9, "area_exponent", 0.9),
    "involvement": (0.2, "involvement", 0.2),
    "set_up": ("2 min", "set_up_s", 120.0),
    "hose_lay_m_s": (0.4, "hose_lay_m_s", 0.4),
    "hose_detour": (1.7, "hose_detour", 1.7),
    "look_again": ("1 min", "look_again_s", 60.0),
    "shuttle_rate": (0.1, "shuttle_rate", 0.1),
    "growth_kw_s2": (0.0117, "growth_kw_s2", 0.0117),
    "heat_kw_m2": (500.0, "heat_kw_m2", 500.0),
    "most_area_m2": (900.0, "most_area_m2", 900.0),
    "run_card": (
        [{"up_to_m2": 100, "engines": 2}, {"engines": 5}],
        "engines_by_area",
        ((100.0, 2), (math.inf, 5)),
    ),
    "hydrant_credit": (
        [{"up_to_m": 50, "flow_l_s": 30}, {"up_to_m": 90, "flow_l_s": 10}],
        "hydrant_credit",
        ((50.0, 30.0), (90.0, 10.0)),
    ),
}


def parameters(**response: Any) -> ResponseParameters:
    document = {
        "schema": 1,
        "name": "figures",
        "period": {"start": "2025-01-01T00:00Z", "duration": "1 h"},
        "response": response,
    }
    return response_parameters(Scenario.from_dict(document).response)


def test_what_is_not_given_stays_at_the_default() -> None:
    assert parameters() == ResponseParameters()


@pytest.mark.parametrize("field", sorted(RESPONSE))
def test_a_figure_of_the_response_reaches_the_models(field: str) -> None:
    value, wanted = RESPONSE[field]
    made = parameters(**{field: value})
    name = field if hasattr(made, field) else f"{field}_s"
    assert getattr(made, name) == wanted
    assert getattr(ResponseParameters(), name) != wanted


@pytest.mark.parametrize("field", DURATIONS)
def test_a_duration_reaches_the_models(field: str) -> None:
    made = parameters(**{field: {"constant": "77 s"}})
    assert getattr(made, field).at(0.3) == 77.0


@pytest.mark.parametrize("field", sorted(FIRE))
def test_a_figure_of_fires_reaches_the_models(field: str) -> None:
    value, name, wanted = FIRE[field]
    assert getattr(parameters(fire={field: value}).fire, name) == wanted
    assert getattr(FireParameters(), name) != wanted


def test_diversion_and_triage_reach_the_models() -> None:
    made = parameters(
        diversion={"for_priority": 2, "gain": "3 min"},
        triage={"queue": 7, "end_queue": 2, "advice_from_priority": 2},
    )
    assert (made.divert_for_priority, made.diversion_gain_s) == (2, 180.0)
    assert (made.triage_queue, made.triage_end_queue, made.advice_from_priority) == (7, 2, 2)


def test_run_cards_and_kinds_of_beds_reach_the_models() -> None:
    card = [{"fire": 2}, {"ambulance": 1, "after": "10 min", "fire_area_m2": 300}]
    document = {
        "schema": 1,
        "name": "cards",
        "period": {"start": "2025-01-01T00:00Z", "duration": "1 h"},
        "fleet": {"ambulances": 1, "fire_engines": 2},
        "response": {
            "run_cards": {"house_fire": card},
            "incident_kinds": {"trauma": {"bed": "isolation"}},
        },
    }
    made = response_parameters(Scenario.from_dict(document).response)
    first, second = made.run_cards["house_fire"]
    assert (dict(first.needs), first.after_s, first.area_m2) == ({"fire": 2}, math.inf, math.inf)
    assert (dict(second.needs), second.after_s, second.area_m2) == ({"ambulance": 1}, 600.0, 300.0)
    assert made.kinds["trauma"].bed == "isolation"


def test_a_boat_of_the_scenario_reaches_the_models() -> None:
    document = {
        "schema": 1,
        "name": "boats",
        "period": {"start": "2025-01-01T00:00Z", "duration": "1 h"},
        "fleet": {
            "rescue_units": 1,
            "rescue_class": "dinghy",
            "vehicle_classes": {
                "dinghy": {
                    "based_on": "boat",
                    "draught_m": 0.2,
                    "water_speed_km_h": 18,
                    "launch": "1 min",
                    "max_current_m_s": 1.5,
                }
            },
        },
    }
    classes = {c.name: c for c in vehicle_classes(Scenario.from_dict(document).fleet)}
    afloat = classes["dinghy"].afloat
    assert afloat is not None
    assert (afloat.draught_m, afloat.speed_m_s, afloat.launch_s, afloat.max_current_m_s) == (
        0.2,
        5.0,
        60.0,
        1.5,
    )
    assert "boat" not in classes


def test_what_moving_goes_by_reaches_the_models() -> None:
    made = parameters(move_up={"target": "8 min", "busy_share": 0.4, "table": [["a"], ["a", "b"]]})
    assert (made.move_up_target_s, made.busy_share) == (480.0, 0.4)
    assert made.compliance_table == (("a",), ("a", "b"))


def test_triage_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ScenarioError, match="end_queue must be smaller"):
        parameters(triage={"queue": 2, "end_queue": 2})


def test_no_field_of_the_document_is_forgotten_here() -> None:
    others = {"dispatch_policy", "default_beds", "targets", "fire", "incident_kinds"}
    others |= {"diversion", "triage", "move_up", "run_cards", "hospitals", "turnout_hours"}
    others |= {"breakdowns", "lost_to_water", "refuelling"}
    by_service = {"turnout", "on_scene"}
    known = {*RESPONSE, *DURATIONS, *others, *by_service}
    assert set(Response.model_fields) <= known | {"policies"}
    assert set(FireResponse.model_fields) == {*FIRE, "work"}


def test_the_run_card_sends_as_many_as_it_says() -> None:
    card = [{"up_to_m2": 100, "engines": 2}, {"engines": 5}]
    fire = parameters(fire={"run_card": card}).fire
    assert [fire.engines(area) for area in (10.0, 100.0, 100.1, 1e6)] == [2, 2, 5, 5]


@pytest.mark.parametrize(
    ("fire", "says"),
    [
        ({"run_card": [{"up_to_m2": 100, "engines": 2}]}, "the last none"),
        ({"run_card": [{"engines": 1}, {"engines": 2}]}, "but the last gives up_to_m2"),
        (
            {
                "run_card": [
                    {"up_to_m2": 9, "engines": 1},
                    {"up_to_m2": 8, "engines": 2},
                    {"engines": 3},
                ]
            },
            "run_card must rise",
        ),
        ({"run_card": [{"engines": 0}]}, "at least 1"),
        (
            {"hydrant_credit": [{"up_to_m": 9, "flow_l_s": 1}, {"up_to_m": 9, "flow_l_s": 1}]},
            "hydrant_credit must rise",
        ),
    ],
)
def test_a_table_that_makes_no_sense_is_refused(fire: dict[str, Any], says: str) -> None:
    with pytest.raises(ScenarioError, match=says):
        parameters(fire=fire)


def test_a_vehicle_crawls_as_slowly_as_the_scenario_says() -> None:
    document = {
        "schema": 1,
        "name": "crawl",
        "period": {"start": "2025-01-01T00:00Z", "duration": "1 h"},
        "fleet": {"vehicle_classes": {"ambulance": {"crawl_speed_km_h": 5.4}}},
    }
    classes = {c.name: c for c in vehicle_classes(Scenario.from_dict(document).fleet)}
    assert classes["ambulance"].crawl_speed_m_s == pytest.approx(1.5)
    assert classes["fire_engine"].crawl_speed_m_s == VEHICLE_CLASSES["fire_engine"].crawl_speed_m_s


def test_what_drivers_do_at_water_reaches_the_models() -> None:
    given = {"at_water": "wait", "wait_at_water": "3 min", "congestion_share": 0.25}
    document = {
        "schema": 1,
        "name": "drivers",
        "period": {"start": "2025-01-01T00:00Z", "duration": "1 h"},
        "fleet": {"vehicle_classes": {"ambulance": given}},
    }
    classes = {c.name: c for c in vehicle_classes(Scenario.from_dict(document).fleet)}
    ambulance = classes["ambulance"]
    assert (ambulance.at_water, ambulance.wait_at_water_s) == ("wait", 180.0)
    assert ambulance.congestion_share == 0.25
    assert classes["fire_engine"].at_water == VEHICLE_CLASSES["fire_engine"].at_water
