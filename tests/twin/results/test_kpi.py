from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.results.kpi import (
    KPI_DEFINITIONS,
    compute_kpis,
    flood_kpis,
    mean_interval,
    response_kpis,
    road_kpis,
)

from .conftest import call, event, make_events


def test_every_call_counts_once_and_in_one_outcome() -> None:
    kpis = response_kpis(make_events())
    assert (kpis["incidents"], kpis["served"], kpis["unserved"], kpis["open"]) == (4, 2, 2, 0)
    assert kpis["stranded"] == 1


def test_response_time_is_that_of_the_first_unit_of_the_service() -> None:
    times = response_kpis(make_events())["response_time_s"]
    assert times["ambulance"]["n"] == 3
    assert times["ambulance"]["mean"] == pytest.approx(800.0)
    assert times["ambulance"]["p50"] == 600.0
    assert times["ambulance"]["p90"] == pytest.approx(1320.0)


def test_calls_that_were_never_reached_are_late() -> None:
    kpis = response_kpis(make_events())
    assert kpis["within_target"]["ambulance"] == {
        "n": 3,
        "count": 2,
        "share": 2 / 3,
        "undecided": 0,
    }
    assert kpis["within_target"]["fire"]["share"] == 0.0
    assert kpis["response_time_s"]["fire"]["mean"] is None
    assert kpis["response_time_s"]["fire"]["not_reached"] == 2


def test_calls_just_before_the_end_are_neither_late_nor_in_time() -> None:
    last = call(2500.0, "e", {"ambulance": 1})
    lost = event(3000.0, "incident_unserved", incident="e")
    events = pd.concat([make_events(), pd.DataFrame([last, lost])], ignore_index=True)
    within = response_kpis(events)["within_target"]["ambulance"]
    assert within == {"n": 3, "count": 2, "share": 2 / 3, "undecided": 1}


def test_nothing_happened_gives_no_figures_and_no_nan() -> None:
    for events in (None, make_events().head(0)):
        kpis = compute_kpis(events=events)
        assert kpis["incidents"] == 0
        assert kpis["max_depth_m"] is None
        json.dumps(kpis, allow_nan=False)


def test_a_call_without_an_end_is_open() -> None:
    kpis = response_kpis(pd.DataFrame([call(0.0, "x", {"fire": 1})]))
    assert (kpis["served"], kpis["unserved"], kpis["open"]) == (0, 0, 1)


def test_only_dry_land_inside_the_boundary_floods() -> None:
    depth = np.array([[5.0, 0.3, 0.3], [0.3, 0.3, np.nan]])
    initial = np.array([[5.0, 0.0, 0.3], [0.0, 0.0, np.nan]])
    kpis = flood_kpis(
        max_depth_m=depth,
        initial_depth_m=initial,
        cell_area_m2=25.0,
        thresholds_m=(0.1, 0.3, 0.31),
        water=np.array([[2, 0, 0], [1, 0, 0]]),
        inside=np.array([[1, 1, 1], [1, 1, 1]]),
    )
    assert kpis["flooded_area_m2"] == {"0.1": 50.0, "0.3": 50.0, "0.31": 0.0}
    assert kpis["max_depth_m"] == 0.3
    assert kpis["land_area_m2"] == 50.0


def test_land_is_added_up_by_class_of_hazard() -> None:
    depth = np.array([[5.0, 0.3, 0.3], [0.3, 0.3, np.nan]])
    kpis = flood_kpis(
        max_depth_m=depth,
        initial_depth_m=np.zeros((2, 3)),
        cell_area_m2=25.0,
        thresholds_m=(0.1,),
        water=np.array([[2, 0, 0], [0, 0, 0]]),
        hazard_class=np.array([[3, 1, 1], [3, 0, -1]], np.int8),
        aidr_class=np.array([[6, 1, 4], [0, 4, -1]], np.int8),
    )
    areas = {"danger_for_some": 50.0, "danger_for_most": 0.0, "danger_for_all": 25.0}
    assert kpis["hazard_area_m2"] == areas
    assert kpis["aidr_area_m2"] == {
        **dict.fromkeys(("H2", "H3", "H5", "H6"), 0.0),
        "H1": 25.0,
        "H4": 50.0,
    }


def test_a_city_of_water_has_no_largest_depth() -> None:
    ones = np.ones((2, 2))
    kpis = flood_kpis(max_depth_m=ones, initial_depth_m=ones, cell_area_m2=1.0, thresholds_m=(0.1,))
    assert kpis["max_depth_m"] is None
    assert kpis["flooded_area_m2"] == {"0.1": 0.0}


def test_closures_are_measured_at_their_worst() -> None:
    table = pd.DataFrame({"time_s": [0.0, 60.0, 120.0], "closed_km_car": [0.0, 3.0, 1.0]})
    assert road_kpis(table) == {
        "road_km_closed": {"car": 3.0},
        "road_km_closed_at_s": {"car": 60.0},
    }
    table["closed_km_car"] = 0.0
    assert road_kpis(table)["road_km_closed_at_s"] == {"car": None}


@given(st.lists(st.floats(0.0, 1e5), min_size=2, max_size=50))
def test_the_mean_lies_in_its_interval(values: list[float]) -> None:
    interval = mean_interval(values)
    assert interval is not None
    low, high = interval
    assert low - 1e-6 <= float(np.mean(values)) <= high + 1e-6


def test_one_value_has_no_interval() -> None:
    assert mean_interval([3.0]) is None


def test_every_headline_figure_is_defined_in_both_languages() -> None:
    kpis = compute_kpis(events=make_events())
    headline = "incidents served unserved stranded response_time_s within_target"
    for name in [*headline.split(), "max_depth_m", "flooded_area_m2", "road_km_closed"]:
        assert name in kpis
        assert all(KPI_DEFINITIONS[name][language] for language in ("vi", "en"))
