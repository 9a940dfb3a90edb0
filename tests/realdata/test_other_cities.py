"""Cities that are not the example: another country's map, and roads without any ground."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import twin

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.realdata.conftest import Twin

pytestmark = pytest.mark.realdata

HELSINKI = """\
recipe: 1
name: helsinki
crs: EPSG:32635
cell_size_m: 10
extent: {bounds: [24.935, 60.16, 24.955, 60.172], crs: EPSG:4326, margin_m: 100}
sources: {osm: {file: "${TWIN_DATA}/response/helsinki/Helsinki.osm.pbf"}}
layers:
  roads: {source: osm}
  water: {source: osm}
  buildings: {source: osm}
  facilities: {source: osm}
  hydrants: {source: osm}
terrain: {ground: {assumed: {mean_level_m: 3, low_ground: {share: 0.1, level_m: 2.2}}}}
"""

RESPONSE = """\
fleet:
  ambulances: 3
  fire_engines: 2
  stations: [{id: central, location: {lon: 24.945, lat: 60.166}}]
incidents: {generated: {count: 25}}
"""

DRY = f"""\
schema: 1
name: dry
period: {{start: 2024-06-01T00:00+03:00, duration: 8 h}}
{RESPONSE}"""

RAIN = f"""\
schema: 1
name: rain
period: {{start: 2024-06-01T00:00+03:00, duration: 90 min}}
rain: {{design_storm: {{pattern: chicago, depth_mm: 120, duration: 1 h}}}}
{RESPONSE}"""

CALLS = """\
schema: 1
name: calls
period: {start: 2025-06-01T00:00+07:00, duration: 24 h}
fleet: {ambulances: 40, fire_engines: 20}
incidents: {generated: {count: 300}}
"""


@pytest.fixture(scope="module")
def helsinki(twin_command: Twin, tmp_path_factory: Any) -> Path:
    folder: Path = tmp_path_factory.mktemp("helsinki")
    for name, text in (("city", HELSINKI), ("dry", DRY), ("rain", RAIN)):
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    twin_command("city", "build", folder / "city.yaml", "-o", folder / "city")
    return folder


def test_a_city_elsewhere_answers_every_call_on_a_dry_day(
    twin_command: Twin, helsinki: Path
) -> None:
    result = twin_command("run", helsinki / "dry.yaml", "--city", helsinki / "city")
    assert (result["incidents"], result["served"]) == (25, 25)
    assert result["stranded"] == 0
    # A square of 1.5 km: minutes, most of them the call, the dispatch and the turnout.
    assert 120.0 < result["response_time_s"]["ambulance"]["p50"] < 600.0


def test_the_same_city_and_run_to_the_byte_for_any_hash_seed_and_number_of_threads(
    twin_command: Twin, helsinki: Path
) -> None:
    built = [
        twin_command(
            "city", "build", helsinki / "city.yaml", "-o", helsinki / f"seed-{seed}", hash_seed=seed
        )["digest"]
        for seed in (0, 1)
    ]
    assert built[0] == built[1]
    runs = [
        twin_command(
            *("run", helsinki / "rain.yaml", "--city", helsinki / f"seed-{seed}"),
            *("--threads", threads),
            hash_seed=seed,
        )
        for seed, threads in ((0, 1), (1, 2))
    ]
    assert runs[0]["digest"] == runs[1]["digest"]
    assert runs[0]["flooded_area_m2"]["0.1"] > 0.0
    assert runs[0]["volume_error"] < 1e-9


def test_roads_alone_answer_the_calls_of_a_whole_city(
    twin_command: Twin, docs_recipe: Callable[[str], Path], tmp_path: Path
) -> None:
    (tmp_path / "calls.yaml").write_text(CALLS, encoding="utf-8")
    twin_command("city", "build", docs_recipe("ho_chi_minh_roads"), "-o", tmp_path / "city")
    result = twin_command("run", tmp_path / "calls.yaml", "--city", tmp_path / "city")
    assert result["incidents"] == 300
    assert result["served"] >= 290
    assert result["stranded"] == 0
    events = twin.open_run(result["folder"]).events
    assigned = events[events["kind"] == "unit_assigned"]
    assert float(assigned["value"].max()) < 3.0 * 3600.0
