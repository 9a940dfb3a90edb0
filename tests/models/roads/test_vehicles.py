"""Vehicles as data: every class has its figures, and impossible ones are refused."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest

from models.errors import InvalidQuantityError
from models.roads import AT_WATER, VEHICLE_CLASSES

PAGE = Path(__file__).resolve().parents[3] / "docs" / "features" / "roads.md"
WANTED = (
    *("ambulance", "two_wheel_ambulance", "fire_engine", "four_wheel_drive", "high_water_truck"),
    *("boat", "car", "motorbike"),
)
_ROW = re.compile(r"^\| `(?P<name>\w+)` \| (?P<cells>.+) \|$", re.MULTILINE)
_DOES = {"turn_back": "turns back", "wait": "waits 10 min", "stall": "stalls"}


def test_every_class_is_there_and_says_where_its_depth_comes_from() -> None:
    assert set(VEHICLE_CLASSES) >= set(WANTED)
    for vehicle in VEHICLE_CLASSES.values():
        assert "depth" in vehicle.source or vehicle.afloat is not None
        assert vehicle.at_water in AT_WATER


@pytest.mark.parametrize("name", [name for name in WANTED if name != "boat"])
def test_the_table_of_the_page_holds_the_figures_of_the_models(name: str) -> None:
    rows = {
        row["name"]: row["cells"].split(" | ") for row in _ROW.finditer(PAGE.read_text("utf-8"))
    }
    vehicle = VEHICLE_CLASSES[name]
    depth, product, head, top, sirens, share, does, _source = rows[name]
    assert float(depth) == vehicle.wading_limit_m
    assert float(product) == vehicle.depth_velocity_limit_m2_s
    assert float(head) == vehicle.total_head_limit_m
    assert float(top) == pytest.approx(vehicle.max_speed_m_s * 3.6)
    assert (1.0 if sirens == "–" else float(sirens)) == vehicle.emergency_speed_factor  # noqa: RUF001 - as in the page
    assert float(share) == vehicle.congestion_share
    assert does == _DOES[vehicle.at_water]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"at_water": "swim"}, "at_water names what is not known"),
        ({"wait_at_water_s": -1.0}, "wait_at_water_s"),
        ({"wait_at_water_s": float("inf")}, "wait_at_water_s"),
        ({"congestion_share": 1.1}, "congestion_share"),
    ],
)
def test_a_driver_who_does_the_impossible_is_refused(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidQuantityError, match=says):
        dataclasses.replace(VEHICLE_CLASSES["car"], **wrong)
