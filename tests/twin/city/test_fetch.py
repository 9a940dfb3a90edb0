from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import rasterio
import yaml
from rasterio.io import MemoryFile
from rasterio.transform import from_origin

from models.errors import CityError, InvalidInputError
from twin.city.fetch import fetch_city, find_place, tile_names
from twin.city.transport import Answer, OnlineTransport

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PLACES = [
    {
        "osm_type": "node",
        "osm_id": 5,
        "name": "Quận 7",
        "display_name": "Quận 7, a bus stop",
        "boundingbox": ["10.7399", "10.7401", "106.7199", "106.7201"],
    },
    {
        "osm_type": "relation",
        "osm_id": 77,
        "name": "Quận 7",
        "display_name": "Quận 7, Thành phố Hồ Chí Minh, Việt Nam",
        "boundingbox": ["10.730", "10.740", "106.720", "106.730"],
    },
]

MAP = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6" generator="Overpass API">
<note>The data included in this document is from www.openstreetmap.org.</note>
<meta osm_base="2026-05-04T08:00:00Z"/>
<node id="1" lat="10.730" lon="106.720"/>
<node id="2" lat="10.730" lon="106.730"/>
<node id="3" lat="10.740" lon="106.730"/>
<node id="4" lat="10.740" lon="106.720"/>
<node id="11" lat="10.735" lon="106.721"/>
<node id="12" lat="10.735" lon="106.729"/>
<node id="21" lat="10.731" lon="106.725"/>
<node id="22" lat="10.739" lon="106.725"/>
<node id="30" lat="10.7351" lon="106.7221">
 <tag k="amenity" v="hospital"/><tag k="name" v="Bệnh viện Thử"/>
</node>
<way id="100"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="1"/></way>
<way id="101"><nd ref="11"/><nd ref="12"/>
 <tag k="highway" v="residential"/><tag k="name" v="Đường số 1"/></way>
<way id="102"><nd ref="21"/><nd ref="22"/><tag k="waterway" v="canal"/></way>
<relation id="77"><member type="way" ref="100" role="outer"/>
 <tag k="type" v="boundary"/><tag k="boundary" v="administrative"/>
 <tag k="name" v="Quận 7"/></relation>
</osm>
"""


def tile() -> bytes:
    """Return a small stand-in for a tile of one degree: a plane at 3 m."""
    with MemoryFile() as memory:
        with memory.open(
            driver="GTiff", width=120, height=120, count=1, dtype="float32", crs="EPSG:4326",
            transform=from_origin(106.0, 11.0, 1 / 120, 1 / 120),
        ) as dataset:  # fmt: skip
            dataset.write(np.full((120, 120), 3.0, np.float32), 1)
        return bytes(memory.read())


class Recorded:
    """Answers as the services give them, and what was asked."""

    nominatim_url = "https://nominatim.test/search"
    overpass_url = "https://overpass.test/interpreter"

    def __init__(self, **answers: Answer) -> None:
        self.answers = {
            "places": Answer(200, json.dumps(PLACES).encode()),
            "map": Answer(200, MAP.encode()),
            "tile": Answer(200, tile()),
            **answers,
        }
        self.asked: list[tuple[str, dict[str, str]]] = []

    def ask(self, url: str, form: Mapping[str, str], *, post: bool, timeout_s: float) -> Answer:
        assert timeout_s > 0.0
        self.asked.append((url, dict(form)))
        if url == self.nominatim_url:
            return self.answers["places"]
        if url == self.overpass_url:
            assert post
            return self.answers["map"]
        return self.answers["tile"]


def test_a_fetched_place_becomes_a_city_with_a_recipe_beside_it(tmp_path: Path) -> None:
    transport = Recorded()
    city = fetch_city("Quận 7, Hồ Chí Minh", output=tmp_path / "q7", transport=transport)
    assert city.crs.endswith("32648") or "48N" in city.crs
    assert len(city.layer("roads")) >= 1
    assert list(city.layer("facilities")["name"]) == ["Bệnh viện Thử"]
    assert city.terrain is not None
    level, land = city.terrain["ground_level"].to_numpy(), city.terrain["land_level"].to_numpy()
    assert np.nanmax(level) == pytest.approx(3.0)
    assert np.nanmin(level) < 2.0  # the canal is cut in
    assert np.nanmin(land) == pytest.approx(3.0)
    assert city.provenance["terrain/ground_level"].source == "Copernicus GLO-30"
    recipe = yaml.safe_load((tmp_path / "q7.sources" / "recipe.yaml").read_text(encoding="utf-8"))
    assert recipe["extent"]["boundary"]["osm_relation"] == 77
    assert recipe["sources"]["osm"]["date"] == "2026-05-04"
    assert recipe["name"] == "quan-7"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["q7", "q7.sources"]


def test_the_question_names_the_relation_and_the_box_with_its_margin(tmp_path: Path) -> None:
    transport = Recorded(map=Answer(200, b"<?xml version='1.0'?><osm></osm>"))
    with pytest.raises(CityError):
        fetch_city("Quận 7", output=tmp_path / "q7", transport=transport, margin_m=1000.0)
    query = dict(transport.asked)[transport.overpass_url]["data"]
    assert "relation(77);" in query
    south, west, north, east = (
        float(v) for v in query.split('way["highway"](')[1].split(")")[0].split(",")
    )
    assert south < 10.730 - 1000.0 / 111_200.0
    assert east > 106.730 + 1000.0 / 111_200.0
    assert west < 106.72 < north + 100.0


def test_ground_may_be_assumed_without_any_tile(tmp_path: Path) -> None:
    transport = Recorded(tile=Answer(404, b""))
    city = fetch_city(
        "Quận 7", output=tmp_path / "q7", transport=transport, ground="assumed", mean_level_m=2.0
    )
    assert all("copernicus" not in url for url, _ in transport.asked)
    assert city.provenance["terrain/ground_level"].basis == "assumed"


def test_a_place_without_a_relation_is_taken_by_its_box() -> None:
    transport = Recorded(places=Answer(200, json.dumps(PLACES[:1]).encode()))
    place = find_place("Quận 7", transport=transport, timeout_s=1.0)
    assert place.relation is None
    assert place.bounds == (106.7199, 10.7399, 106.7201, 10.7401)


@pytest.mark.parametrize(
    ("answers", "match"),
    [
        ({"places": Answer(200, b"[]")}, "not found"),
        ({"places": Answer(200, b"<html>sign in</html>")}, "not understood"),
        ({"places": Answer(200, b'[{"osm_type": "relation"}]')}, "not understood"),
        ({"places": Answer(200, b'{"error": "x"}')}, "not understood"),
        ({"places": Answer(429, b"")}, "busy"),
        ({"places": Answer(418, b"")}, "refuses"),
        ({"map": Answer(504, b"")}, "busy"),
        ({"map": Answer(200, b"<html></html>")}, "not understood"),
        ({"map": Answer(200, MAP[:900].encode())}, "broke off"),
        (
            {"map": Answer(200, b"<osm><remark>runtime error: out of memory</remark></osm>")},
            "out of memory",
        ),
        ({"tile": Answer(404, b"")}, "no tile of the ground"),
        ({"tile": Answer(200, b"<Error>slow down</Error>")}, "cannot be had"),
    ],
)
def test_a_bad_answer_is_a_typed_error_and_leaves_nothing(
    tmp_path: Path, answers: dict[str, Answer], match: str
) -> None:
    with pytest.raises(InvalidInputError, match=match):
        fetch_city("Quận 7", output=tmp_path / "q7", transport=Recorded(**answers))
    assert list(tmp_path.iterdir()) == []


def test_a_place_larger_than_a_city_is_refused() -> None:
    wide = [{**PLACES[1], "boundingbox": ["8.0", "23.0", "102.0", "110.0"]}]
    transport = Recorded(places=Answer(200, json.dumps(wide).encode()))
    with pytest.raises(CityError, match="at most 2 degrees"):
        find_place("Việt Nam", transport=transport, timeout_s=1.0)


def test_a_folder_of_other_things_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "q7.sources").mkdir()
    (tmp_path / "q7.sources" / "thesis.txt").write_text("mine")
    with pytest.raises(CityError, match="holds something else"):
        fetch_city("Quận 7", output=tmp_path / "q7", transport=Recorded())
    assert (tmp_path / "q7.sources" / "thesis.txt").read_text() == "mine"


def test_tiles_are_named_by_their_south_western_corner() -> None:
    assert tile_names((106.3, 10.3, 106.9, 11.1)) == [
        "Copernicus_DSM_COG_10_N10_00_E106_00_DEM",
        "Copernicus_DSM_COG_10_N11_00_E106_00_DEM",
    ]
    assert tile_names((-0.5, -0.5, -0.4, -0.4)) == ["Copernicus_DSM_COG_10_S01_00_W001_00_DEM"]


def test_without_the_extra_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "osmnx", None)
    with pytest.raises(InvalidInputError, match=r"pip install 'city-twin\[fetch\]'"):
        OnlineTransport()


def test_without_internet_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("osmnx", reason="the extra `fetch` is not installed")
    requests: Any = pytest.importorskip("requests")

    def refuse(*_: object, **__: object) -> None:
        raise requests.exceptions.ConnectionError

    monkeypatch.setattr(requests, "request", refuse)
    transport = OnlineTransport()
    with pytest.raises(InvalidInputError, match="build from files"):
        find_place("Quận 7", transport=transport, timeout_s=1.0)


def test_the_stand_in_tile_is_a_raster() -> None:
    with MemoryFile(tile()) as memory, memory.open() as dataset:
        assert dataset.crs == rasterio.CRS.from_epsg(4326)
