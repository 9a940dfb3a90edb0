from __future__ import annotations

import io
import time
import zipfile
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import requests

from dash_app.results.fields import field_specs, level_of, pack_field
from dash_app.results.opened import OpenRuns
from dash_app.results.places import place_of, profile_of
from dash_app.results.prepared import THRESHOLDS_M, Preparer
from dash_app.results.scene import scene_of
from dash_app.results.streets import street_states, streets_of
from dash_app.results.tracks import incidents_of, mission_of, units_of
from models.errors import InvalidInputError, StoreError
from twin.results.series import closures, flooded_area_m2
from twin.store import RunStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dash_app.results.opened import OpenRun


@pytest.fixture(scope="module")
def runs(stored_run: Path) -> OpenRuns:
    return OpenRuns(RunStore(stored_run))


@pytest.fixture(scope="module")
def opened(runs: OpenRuns) -> OpenRun:
    return runs.get("latest")


def _decoded(opened: OpenRun, name: str, frame: int, bits: int, **options: Any) -> Any:
    packed = pack_field(opened, name, frame, level=0, bits=bits, **options)
    dtype = np.uint8 if bits == 8 else np.dtype("<u2")
    codes = np.frombuffer(zlib.decompress(packed.data), dtype).reshape(packed.height, packed.width)
    spec = field_specs(opened)[name]
    most = options.get("maximum", spec.maximum)
    share = np.maximum(codes.astype(float) - 1.0, 0.0) / ((1 << bits) - 2)
    return codes, share**2 * most if spec.scale == "sqrt" else share * most


@pytest.mark.parametrize(("bits", "tolerance"), [(8, 0.5 / 254), (16, 0.5 / 65534)])
def test_a_picture_gives_back_the_stored_depth(
    opened: OpenRun, bits: int, tolerance: float
) -> None:
    frame = opened.frame_times_s.size - 1
    stored = np.nan_to_num(np.asarray(opened.array("depth")[frame], np.float64))
    codes, shown = _decoded(opened, "depth", frame, bits)
    wet = stored > 5e-4
    assert wet.any()
    assert ((codes > 0) == wet).all()
    most = field_specs(opened)["depth"].maximum
    roots = np.abs(np.sqrt(shown[wet] / most) - np.sqrt(stored[wet] / most))
    assert roots.max() <= tolerance * 1.01


def test_two_runs_can_be_coded_alike(opened: OpenRun) -> None:
    own = _decoded(opened, "depth", 5, 16)[1]
    wider = _decoded(opened, "depth", 5, 16, maximum=40.0)[1]
    assert np.allclose(own, wider, atol=0.002)


def test_a_window_is_a_part_of_the_whole(opened: OpenRun) -> None:
    whole = _decoded(opened, "depth", 6, 8)[0]
    part = _decoded(opened, "depth", 6, 8, window=(5, 7, 10, 12))[0]
    assert (part == whole[5:15, 7:19]).all()


def test_an_overview_loses_no_flooded_street(opened: OpenRun) -> None:
    codes = _decoded(opened, "max_depth", 0, 8)[0]
    land = opened.values("water") == 0
    packed = pack_field(opened, "max_depth", 0, level=2)
    small = np.frombuffer(zlib.decompress(packed.data), np.uint8)
    small = small.reshape(packed.height, packed.width)
    for row, column in zip(*np.nonzero(land & (codes > 0)), strict=True):
        assert small[row // 4, column // 4] >= codes[row, column]


def test_a_large_grid_is_shown_by_an_overview() -> None:
    assert level_of(1500, 900) == 0
    assert level_of(1501, 10) == 1
    assert level_of(4000, 4000) == 2


def test_land_within_a_block_of_an_overview_is_not_masked_as_water(opened: OpenRun) -> None:
    packed = pack_field(opened, "water", 0, level=2)
    small = np.frombuffer(zlib.decompress(packed.data), np.uint8)
    small = small.reshape(packed.height, packed.width)
    land = opened.values("water") == 0
    for row, column in zip(*np.nonzero(land), strict=True):
        assert small[row // 4, column // 4] == 1


def test_the_mesh_lies_on_the_grid(opened: OpenRun) -> None:
    scene = scene_of(opened)
    mesh, grid = scene["mesh"], opened.grid
    assert grid is not None
    x, y = opened.metres(mesh["lon"][0], mesh["lat"][0])
    assert (x, y) == pytest.approx((grid.west_m, grid.north_m), abs=0.02)
    x, y = opened.metres(mesh["lon"][-1], mesh["lat"][-1])
    assert (x, y) == pytest.approx((grid.east_m, grid.south_m), abs=0.02)
    middle = mesh["rows"] // 2 * mesh["columns"] + mesh["columns"] // 2
    x, y = opened.metres(mesh["lon"][middle], mesh["lat"][middle])
    assert x == pytest.approx((grid.west_m + grid.east_m) / 2, abs=0.02)


def test_a_place_tells_the_stored_depths_prepared_or_not(opened: OpenRun, tmp_path: Path) -> None:
    depth = np.asarray(opened.array("depth")[...])
    row, column = np.unravel_index(np.nanargmax(depth[-1]), depth.shape[1:])
    grid = opened.grid
    assert grid is not None
    lon, lat = opened.degrees(
        grid.west_m + (column + 0.5) * grid.cell_size_m,
        grid.north_m - (row + 0.5) * grid.cell_size_m,
    )
    preparer = Preparer(tmp_path / "cache")
    slow = place_of(opened, preparer, float(lon), float(lat))
    assert slow["depth_m"] == pytest.approx(depth[:, row, column].tolist(), abs=1e-4)
    _prepare(preparer, opened)
    assert place_of(opened, preparer, float(lon), float(lat)) == slow


def _prepare(preparer: Preparer, opened: OpenRun) -> None:
    preparer.begin(opened)
    until = time.monotonic() + 60.0
    while preparer.over_time(opened) is None and time.monotonic() < until:
        assert preparer.fraction(opened) is not None
        time.sleep(0.02)


def test_flooded_ground_over_time_is_that_of_the_results(opened: OpenRun, tmp_path: Path) -> None:
    preparer = Preparer(tmp_path / "cache")
    _prepare(preparer, opened)
    found = preparer.over_time(opened)
    assert found is not None
    for depth_m, areas in zip(THRESHOLDS_M, found["flooded_area_m2"], strict=True):
        assert areas == pytest.approx(flooded_area_m2(opened.run, depth_m).tolist())


def test_a_place_outside_says_so_and_nothing_else(opened: OpenRun, tmp_path: Path) -> None:
    found = place_of(opened, Preparer(tmp_path), 2.35, 48.86)
    assert found == {"lon": 2.35, "lat": 48.86, "inside": False}


def test_a_profile_follows_the_ground(opened: OpenRun) -> None:
    grid = opened.grid
    assert grid is not None
    row = grid.rows // 2
    y = grid.north_m - (row + 0.5) * grid.cell_size_m
    x = grid.west_m + np.array([2.5, grid.columns - 2.5]) * grid.cell_size_m
    lon, lat = opened.degrees(x, [y, y])
    found = profile_of(opened, (lon[0], lat[0]), (lon[1], lat[1]), opened.end_s)
    stored = opened.values("ground_level")[row]
    known = np.array([value for value in found["ground_m"] if value is not None])
    apart = np.abs(known[:, None] - stored[np.isfinite(stored)][None, :]).min(axis=1)
    assert known.size > grid.columns
    assert apart.max() < 1e-3
    assert found["length_m"] == pytest.approx(x[1] - x[0], rel=1e-6)
    with pytest.raises(InvalidInputError, match="two places"):
        profile_of(opened, (lon[0], lat[0]), (lon[0], lat[0]), None)


def test_states_of_streets_agree_with_the_hours_of_closure(opened: OpenRun) -> None:
    streets = streets_of(opened)
    count, times = len(streets["first"]) - 1, len(streets["times"])
    for vehicle in opened.vehicles:
        raw = zlib.decompress(street_states(opened, vehicle))
        states = np.frombuffer(raw, np.uint8).reshape(times, count)
        shut = closures(opened.run, vehicle).hours > 0
        segment = opened.run.roads["segment"].to_numpy()
        expected = np.zeros(count, np.bool_)
        expected[segment[shut]] = True
        assert ((states >= 2).any(axis=0) == expected).all()
    assert (states == 3).any(), "the bridge was closed by order"


def test_a_unit_is_at_the_scene_when_it_arrives(opened: OpenRun) -> None:
    units = {unit["id"]: unit for unit in units_of(opened)}
    events = opened.run.events
    arrivals = events[events["kind"] == "unit_arrived"]
    assert len(arrivals)
    for event in arrivals.itertuples():
        unit = units[event.unit]
        lon, lat = opened.degrees(event.x_m, event.y_m)
        here = [np.interp(event.time_s, unit["t"], unit[key]) for key in ("lon", "lat")]
        assert here == pytest.approx([lon, lat], abs=2e-5)
        assert any(t == pytest.approx(event.time_s, abs=0.1) for t, s, _ in unit["states"])


def test_time_never_runs_backwards_on_a_track(opened: OpenRun) -> None:
    for unit in units_of(opened):
        assert (np.diff(unit["t"]) >= 0.0).all()
        assert len(unit["t"]) == len(unit["lon"]) == len(unit["lat"]) > 0


def test_every_call_is_an_incident_once(opened: OpenRun) -> None:
    found = incidents_of(opened)
    assert len(found) == opened.run.kpis["incidents"]
    for one in found:
        assert one["reached_s"] is None or one["reached_s"] >= one["call_s"]


def test_an_unknown_unit_is_refused_and_a_known_one_has_a_log(opened: OpenRun) -> None:
    with pytest.raises(StoreError, match="no such unit"):
        mission_of(opened, "spaceship-1")
    assert isinstance(mission_of(opened, "ambulance-1"), list)


def test_a_deleted_run_is_let_go(stored_run: Path, tmp_path: Path) -> None:
    import shutil  # noqa: PLC0415 - one test copies a store

    shutil.copytree(stored_run, tmp_path / "store")
    store = RunStore(tmp_path / "store")
    runs = OpenRuns(store)
    name = runs.get("latest").run.id
    store.delete(name)
    with pytest.raises(StoreError):
        runs.get(name)


@pytest.fixture(scope="module")
def base(serve: Callable[..., Any], stored_run: Path, opened: OpenRun) -> str:
    return f"{serve(stored_run).url}/api/v1/runs/{opened.run.id}"


def test_a_frame_is_kept_for_good_and_asked_for_once(base: str, opened: OpenRun) -> None:
    answer = requests.get(f"{base}/fields/depth/3", timeout=30)
    assert answer.headers["content-encoding"] == "deflate"
    assert "immutable" in answer.headers["cache-control"]
    assert opened.digest[:24] in answer.headers["etag"]
    grid = opened.grid
    assert grid is not None
    assert len(answer.content) == grid.rows * grid.columns
    known = {"If-None-Match": answer.headers["etag"]}
    assert requests.get(f"{base}/fields/depth/3", headers=known, timeout=30).status_code == 304
    plain = requests.get(f"{base}/fields/depth/3", headers={"Accept-Encoding": ""}, timeout=30)
    assert plain.content == answer.content


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/fields/depth/9999", 404),
        ("/fields/nothing/0", 404),
        ("/fields/depth/0?bits=7", 422),
        ("/fields/depth/0?window=1,2", 422),
        ("/fields/depth/0?window=100000,0,5,5", 422),
        ("/point?lon=999&lat=0", 422),
        ("/point?lon=106", 422),
        ("/roads/submarine", 404),
        ("/units/spaceship-1", 404),
        ("/export/exe", 404),
    ],
)
def test_what_cannot_be_had_is_refused_with_a_reason(base: str, path: str, status: int) -> None:
    answer = requests.get(base + path, timeout=30)
    assert answer.status_code == status
    assert answer.json()["what"]


def test_tables_leave_as_a_zip(base: str) -> None:
    answer = requests.get(f"{base}/export/csv", timeout=60)
    names = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert {"events.csv", "incidents.csv", "kpis.csv"} <= set(names)
