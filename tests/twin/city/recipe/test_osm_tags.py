from __future__ import annotations

import math

import pytest

from twin.city import osm_tags


@pytest.mark.parametrize(
    ("text", "speed"),
    [
        ("50", 50.0),
        ("50 km/h", 50.0),
        ("50 mph", 80.4672),
        ("30mph", 48.28032),
        ("60;40", 40.0),
        ("7,5", 7.5),
    ],
)
def test_speed_limits_are_read_in_km_h(text: str, speed: float) -> None:
    assert osm_tags.max_speed_km_h({"maxspeed": text}) == pytest.approx(speed)


@pytest.mark.parametrize(
    "text", ["", "none", "VN:urban", "-50", "0", "5000", "fast", "50 m/s", "nan"]
)
def test_a_speed_limit_that_is_no_speed_is_unknown(text: str) -> None:
    assert math.isnan(osm_tags.max_speed_km_h({"maxspeed": text}))


@pytest.mark.parametrize(
    ("tags", "direction"),
    [
        ({"oneway": "yes"}, "forward"),
        ({"oneway": "1"}, "forward"),
        ({"oneway": "-1"}, "backward"),
        ({"oneway": "reverse"}, "backward"),
        ({}, "both"),
        ({"oneway": "no"}, "both"),
        ({"oneway": "alternating"}, "both"),
        ({"junction": "roundabout"}, "forward"),
        ({"junction": "circular"}, "forward"),
        ({"junction": "roundabout", "oneway": "-1"}, "backward"),
        ({"highway": "motorway"}, "forward"),
        ({"highway": "motorway", "oneway": "no"}, "both"),
        ({"oneway": "yes", "oneway:motor_vehicle": "no"}, "both"),
    ],
)
def test_direction_follows_the_tags_and_what_they_imply(
    tags: dict[str, str], direction: str
) -> None:
    assert osm_tags.direction(tags) == direction


@pytest.mark.parametrize(
    ("tags", "kept_as"),
    [
        ({"highway": "residential"}, "residential"),
        ({"highway": "service"}, "service"),
        ({"highway": "service", "service": "alley"}, "alley"),
        ({"highway": "trunk_link"}, "trunk_link"),
        ({"highway": "road"}, "unclassified"),
        ({"highway": "path", "width": "3 m"}, "alley"),
        ({"highway": "path", "width": "3", "motor_vehicle": "no"}, ""),
        ({"highway": "footway", "motor_vehicle": "yes"}, "alley"),
        ({"highway": "footway"}, ""),
        ({"highway": "steps"}, ""),
        ({"highway": "cycleway"}, ""),
        ({"highway": "construction"}, ""),
        ({"highway": "proposed"}, ""),
        ({"highway": "pedestrian", "area": "yes"}, ""),
        ({}, ""),
    ],
)
def test_ways_are_kept_by_class(tags: dict[str, str], kept_as: str) -> None:
    assert osm_tags.road_class(tags) == kept_as


@pytest.mark.parametrize(
    ("tags", "access"),
    [
        ({}, "yes"),
        ({"access": "private"}, "private"),
        ({"access": "no", "motor_vehicle": "yes"}, "yes"),
        ({"access": "customers"}, "destination"),
        ({"access": "no", "emergency": "yes"}, "emergency"),
        ({"motor_vehicle": "no"}, "no"),
    ],
)
def test_the_most_specific_right_of_way_counts(tags: dict[str, str], access: str) -> None:
    assert osm_tags.access(tags) == access


def test_bridges_and_tunnels_have_an_order_even_without_a_layer() -> None:
    assert osm_tags.layer({"bridge": "viaduct"}) == 1
    assert osm_tags.layer({"tunnel": "yes"}) == -1
    assert osm_tags.layer({"layer": "2", "bridge": "yes"}) == 2
    assert osm_tags.layer({"layer": "ground"}) == 0
    assert not osm_tags.is_tunnel({"tunnel": "building_passage"})
    assert not osm_tags.is_bridge({"bridge": "no"})


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"waterway": "riverbank"}, "river"),
        ({"natural": "water", "water": "river"}, "river"),
        ({"natural": "water", "water": "canal"}, "canal"),
        ({"natural": "water", "water": "lake"}, "pond"),
        ({"landuse": "reservoir"}, "pond"),
        ({"natural": "water"}, "water"),
        ({"natural": "water", "tunnel": "culvert"}, ""),
        ({"natural": "wood"}, ""),
    ],
)
def test_water_areas_have_the_kind_that_is_said(tags: dict[str, str], kind: str) -> None:
    assert osm_tags.area_kind(tags) == kind


def test_names_are_composed_and_otherwise_left_alone() -> None:
    decomposed = "Qua\u0323\u0302n 7"
    assert osm_tags.clean_text(decomposed) == "Quận 7"
    assert osm_tags.clean_text("virus ") == "virus"
    assert osm_tags.clean_text(None) == ""


def test_lanes_and_lengths_that_are_nonsense_are_unknown() -> None:
    assert osm_tags.lanes({"lanes": "2;3"}) == 2.0
    assert math.isnan(osm_tags.lanes({"lanes": "many"}))
    assert math.isnan(osm_tags.lanes({"lanes": "-2"}))
    assert osm_tags.metres("10'") == pytest.approx(3.048)
    assert math.isnan(osm_tags.metres("wide"))
