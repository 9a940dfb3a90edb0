"""Rain from a scenario: storms, gauges and files, and what of the data stays unused."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import rasterio
import xarray as xr
from pyproj import Transformer
from rasterio.transform import from_origin

from models.errors import ScenarioError
from scenarios import Scenario
from twin.engine.setup_rain import set_up_rain

if TYPE_CHECKING:
    from pathlib import Path

    from models.flood.rainfields import RainSource
    from models.grid import Grid
    from twin.engine.places import PlaceFinder

MM_H = 1e-3 / 3600.0
HOUR = 3600.0
type Made = Callable[..., Scenario]
type Written = Callable[..., str]


def rain_of(
    scenario: Scenario, grid: Grid, places: PlaceFinder
) -> tuple[RainSource, dict[str, str]]:
    """Return the rain, and its notes by kind in English."""
    needed = np.ones(grid.shape, np.bool_)
    source, notes = set_up_rain(scenario, grid=grid, needed=needed, places=places)
    assert source is not None
    return source, {note["kind"]: note["en"] for note in notes if not isinstance(note, str)}


# Storms


def test_a_storm_takes_its_depth_from_a_curve(
    grid: Grid, places: PlaceFinder, scenario_of: Made
) -> None:
    curve = {"a": 5000, "c": 0.6, "b_min": 20, "n": 0.8, "unit": "l_s_ha",
             "return_period_years": 10}  # fmt: skip
    depth_m = 5000 * 1.6 / 140.0**0.8 * 1e-7 * 7200
    for pattern in ("constant", "triangular", "chicago", "alternating_block"):
        storm = {"pattern": pattern, "duration": "2 h", "step": "10 min", "idf": curve}
        source, notes = rain_of(scenario_of(rain={"design_storm": storm}), grid, places)
        assert source.mean_rate_m_s(0.0, 3 * HOUR) * 3 * HOUR == pytest.approx(depth_m, rel=1e-9)
        assert notes == {}


def test_a_curve_with_a_depth_gives_the_shape_alone(
    grid: Grid, places: PlaceFinder, scenario_of: Made
) -> None:
    curve = {"a": 1000, "b_min": 20, "n": 0.8, "unit": "mm_h"}
    storm = {"pattern": "alternating_block", "duration": "1 h", "step": "20 min", "depth_mm": 90}
    source, _ = rain_of(scenario_of(rain={"design_storm": {**storm, "idf": curve}}), grid, places)
    assert source.mean_rate_m_s(0.0, HOUR) * HOUR == pytest.approx(0.090)
    share = (20 / 40**0.8) / (60 / 80**0.8)
    heaviest = max(source.mean_rate_m_s(1200.0 * k, 1200.0 * (k + 1)) for k in range(3))
    assert heaviest * 1200.0 == pytest.approx(0.090 * share)


@pytest.mark.parametrize(
    ("storm", "said"),
    [
        ({"pattern": "chicago", "duration": "1 h"}, "needs depth_mm or idf"),
        (
            {"pattern": "chicago", "duration": "1 h", "idf_exponent": 0.8,
             "idf": {"a": 1, "b_min": 1, "n": 0.5, "unit": "mm_h"}},
            "idf_exponent stands for a curve",
        ),
        (
            {"pattern": "chicago", "duration": "1 h",
             "idf": {"a": 1, "b_min": 1, "n": 0.5, "unit": "mm_h", "c": 0.5}},
            "needs return_period_years",
        ),
        (
            {"pattern": "constant", "duration": "1 h",
             "idf": {"a": 1, "b_min": 1, "n": 0.5, "unit": "l/s/ha"}},
            "must be mm_h, mm_min or l_s_ha",
        ),
    ],
)  # fmt: skip
def test_an_unclear_storm_is_refused(storm: dict[str, Any], said: str, scenario_of: Made) -> None:
    with pytest.raises(ScenarioError) as caught:
        scenario_of(rain={"design_storm": storm})
    assert said in str(caught.value)


def test_a_storm_longer_than_its_curve_holds_is_refused(
    grid: Grid, places: PlaceFinder, scenario_of: Made
) -> None:
    curve = {"a": 1000, "b_min": 10, "n": 1.2, "unit": "mm_h"}
    storm = {"pattern": "chicago", "duration": "2 h", "idf": curve}
    with pytest.raises(ScenarioError, match="a longer rain brings less"):
        rain_of(scenario_of(rain={"design_storm": storm}), grid, places)


# Data that do not cover the period


def test_rain_that_ends_early_is_told_with_hours_and_windows(
    grid: Grid, places: PlaceFinder, scenario_of: Made
) -> None:
    rain = {"hyetograph": {"times": ["30 min", "90 min"], "rates_mm_h": [10, 0]}}
    source, notes = rain_of(scenario_of(rain=rain, flood={"exchange_interval": "30 s"}), grid,
                            places)  # fmt: skip
    assert source.mean_rate_m_s(2 * HOUR, 3 * HOUR) == 0.0
    assert "last 1.5 h (180 exchange windows)" in notes["rain_ends_early"]
    assert "first 0.5 h (60 exchange windows)" in notes["rain_starts_late"]


def test_rain_that_ends_early_may_be_refused(
    grid: Grid, places: PlaceFinder, scenario_of: Made
) -> None:
    rain = {
        "hyetograph": {"times": ["0 h", "90 min"], "rates_mm_h": [10, 0]},
        "after_end": "error",
    }
    with pytest.raises(
        ScenarioError, match=r"from 0\.00 h to 1\.50 h, the period from 0 to 3\.00 h"
    ):
        rain_of(scenario_of(rain=rain), grid, places)


def test_rain_over_the_whole_period_is_no_news(
    grid: Grid, places: PlaceFinder, scenario_of: Made
) -> None:
    rain = {
        "hyetograph": {"times": ["0 h", "3 h"], "rates_mm_h": [10, 0]},
        "after_end": "error",
    }
    assert rain_of(scenario_of(rain=rain), grid, places)[1] == {}


def test_rows_outside_the_period_are_counted(
    tmp_path: Path, grid: Grid, places: PlaceFinder, scenario_of: Made
) -> None:
    rows = "".join(f"{hour},{hour % 5}\n" for hour in range(-4, 12)) + "12,0\n"
    (tmp_path / "rain.csv").write_text("t,mm\n" + rows)
    csv = {"file": "rain.csv", "time_column": "t", "value_column": "mm", "time_unit": "h"}
    source, notes = rain_of(
        scenario_of(rain={"hyetograph": {"csv": csv, "csv_quantity": "depth_mm"}}), grid, places
    )
    assert source.mean_rate_m_s(0.0, 3 * HOUR) * 3 * HOUR == pytest.approx(0.003)
    assert notes["entries_outside"].startswith("13 entries of rain.hyetograph")


# Gauges


def station(name: str, x: float, y: float, rate: float, end: str = "3 h") -> dict[str, Any]:
    """Return a gauge of one rate."""
    place = {"x_m": x, "y_m": y}
    rain = {"times": ["0 h", end], "rates_mm_h": [rate, 0]}
    return {"name": name, "location": place, "rain": rain}


def test_gauges_rain_on_the_cells_nearest_to_them(
    grid: Grid, places: PlaceFinder, scenario_of: Made
) -> None:
    stations = [
        station("west", 688_100, 1_186_500, 10),
        station("east", 689_100, 1_186_500, 30),
        station("far", 750_000, 1_186_500, 99),
    ]
    gauges = {"stations": stations, "interpolation": "nearest"}
    source, notes = rain_of(scenario_of(rain={"gauges": gauges}), grid, places)
    field = source.mean_rate_m_s(0.0, 60.0)
    assert np.unique(field[:, :6]).tolist() == [10 * MM_H]
    assert np.unique(field[:, 6:]).tolist() == [30 * MM_H]
    assert notes["rain_gauges_unused"].startswith("1 rain gauges are nearest to no cell")
    assert "far" in notes["rain_gauges_outside"]


def test_a_gauge_in_degrees_outside_the_city_counts(
    grid: Grid, places: PlaceFinder, scenario_of: Made
) -> None:
    gauge = {**station("a", 0, 0, 12), "location": {"lon": 106.5, "lat": 10.9}}
    source, notes = rain_of(scenario_of(rain={"gauges": {"stations": [gauge]}}), grid, places)
    assert source.mean_rate_m_s(0.0, 60.0) == pytest.approx(np.full(grid.shape, 12 * MM_H))
    assert set(notes) == {"rain_gauges_outside"}


def test_the_gauge_that_ends_first_ends_the_data(
    grid: Grid, places: PlaceFinder, scenario_of: Made
) -> None:
    stations = [
        station("a", 688_100, 1_186_500, 10),
        station("b", 689_100, 1_186_500, 10, end="2 h"),
    ]
    _, notes = rain_of(scenario_of(rain={"gauges": {"stations": stations}}), grid, places)
    assert "last 1 h (60 exchange windows)" in notes["rain_ends_early"]


def test_gauges_may_stand_in_files(
    tmp_path: Path, grid: Grid, places: PlaceFinder, scenario_of: Made
) -> None:
    (tmp_path / "a.csv").write_text("t,mm\n0,6\n3,0\n")
    csv = {"file": "a.csv", "time_column": "t", "value_column": "mm", "time_unit": "h"}
    gauge = station("a", 688_100, 1_186_500, 0) | {"rain": {"csv": csv, "csv_quantity": "depth_mm"}}
    scenario = scenario_of(rain={"gauges": {"stations": [gauge]}})
    assert "csv" not in scenario.to_yaml()
    source, notes = rain_of(scenario, grid, places)
    assert source.mean_rate_m_s(0.0, 60.0)[0, 0] == pytest.approx(2 * MM_H)
    assert notes == {}


# Grids


def gridded(name: str, **options: Any) -> dict[str, Any]:
    """Return rain of one file whose times begin their intervals."""
    return {"gridded": {"files": [name], "stamp": "start", **options}}


def test_rain_of_a_file_falls_where_and_when_it_says(
    grid: Grid, places: PlaceFinder, scenario_of: Made, write_rain: Written
) -> None:
    values = np.arange(3 * 2 * 3, dtype=float).reshape(3, 2, 3)
    source, notes = rain_of(scenario_of(rain=gridded(write_rain(values))), grid, places)
    assert notes == {}
    for hour in range(3):
        field = source.mean_rate_m_s(hour * HOUR, (hour + 1) * HOUR) / MM_H
        # Row 0 of the file is its south, row 0 of the grid its north.
        assert field[-1, 0] == pytest.approx(values[hour, 0, 0])
        assert field[0, -1] == pytest.approx(values[hour, 1, 2])
        assert field.mean() == pytest.approx(values[hour].mean(), rel=1e-12)
    mixed = source.mean_rate_m_s(0.5 * HOUR, 1.5 * HOUR) / MM_H
    assert mixed.mean() == pytest.approx(0.5 * (values[0].mean() + values[1].mean()), rel=1e-12)


def test_north_up_files_and_times_at_the_end_of_intervals_mean_the_same(
    grid: Grid, places: PlaceFinder, scenario_of: Made, write_rain: Written
) -> None:
    values = np.random.default_rng(1).random((3, 4, 5)) * 20
    plain, _ = rain_of(scenario_of(rain=gridded(write_rain(values))), grid, places)
    north = np.linspace(1_187_000.0, 1_186_000.0, 9)[1::2]
    times = [f"2025-10-22T{hour:02d}:00" for hour in (1, 2, 3)]
    turned = write_rain(values[:, ::-1], name="turned.nc", y=north, times=times)
    options = {"stamp": "end", "time_zone": "+07:00"}
    other, _ = rain_of(scenario_of(rain=gridded(turned, **options)), grid, places)
    for hour in range(3):
        one, two = (s.mean_rate_m_s(hour * HOUR, (hour + 1) * HOUR) for s in (plain, other))
        assert two == pytest.approx(one, rel=1e-9)


@pytest.mark.parametrize(
    ("units", "options", "factor"),
    [
        ("kg m-2 s-1", {}, 3600.0), ("mm", {}, 1.0), (None, {"quantity": "depth_mm"}, 1.0),
        ("mm/hr", {"quantity": "rate_mm_h"}, 1.0), ("m s-1", {}, 3.6e6),
    ],
)  # fmt: skip
def test_units_of_a_file_are_honoured(  # noqa: PLR0917 - fixtures
    units: str | None, options: dict[str, Any], factor: float,
    grid: Grid, places: PlaceFinder, scenario_of: Made, write_rain: Written,
) -> None:  # fmt: skip
    name = write_rain(np.full((3, 2, 2), 6.0 / factor), units=units)
    source, _ = rain_of(scenario_of(rain=gridded(name, **options)), grid, places)
    assert source.mean_rate_m_s(0.0, HOUR) == pytest.approx(np.full(grid.shape, 6 * MM_H))


def test_rain_in_degrees_keeps_its_mean_on_the_grid(
    grid: Grid, places: PlaceFinder, scenario_of: Made, write_rain: Written
) -> None:
    lon, lat = np.arange(106.70, 106.75, 0.002), np.arange(10.71, 10.75, 0.002)
    values = np.random.default_rng(2).random((3, lat.size, lon.size)) * 30
    name = write_rain(values, x=lon, y=lat, crs="degrees")
    source, _ = rain_of(scenario_of(rain=gridded(name)), grid, places)
    # By brute force: many points in each cell, each in its own pixel.
    fine = (np.arange(1200) + 0.5) * 1.0
    x, y = np.meshgrid(688_000.0 + fine, 1_187_000.0 - fine[:1000])
    east, north = Transformer.from_crs("EPSG:32648", "EPSG:4326", always_xy=True).transform(x, y)
    column = np.rint((east - lon[0]) / 0.002).astype(int)
    row = np.rint((north - lat[0]) / 0.002).astype(int)
    sampled = values[0][row, column].reshape(10, 100, 12, 100).mean(axis=(1, 3))
    field = source.mean_rate_m_s(0.0, HOUR) / MM_H
    assert field.mean() == pytest.approx(sampled.mean(), rel=1e-4)
    assert np.abs(field - sampled).max() < 0.5


def test_steps_outside_the_period_are_counted(
    grid: Grid, places: PlaceFinder, scenario_of: Made, write_rain: Written
) -> None:
    times = [f"2025-10-21T{hour:02d}:00" for hour in range(12, 24)]
    name = write_rain(np.ones((12, 2, 2)), times=times)
    _, notes = rain_of(scenario_of(rain=gridded(name)), grid, places)
    assert notes == {
        "rain_steps_outside": "9 time steps of the gridded rain lie outside the period and are "
        "not used."
    }


def test_missing_values_stop_the_run_or_count_as_dry(
    grid: Grid, places: PlaceFinder, scenario_of: Made, write_rain: Written
) -> None:
    values = np.ones((3, 2, 2))
    values[1, 0, 1] = np.nan
    name = write_rain(values)
    with pytest.raises(ScenarioError, match="1 of 3 intervals have no value") as caught:
        rain_of(scenario_of(rain=gridded(name)), grid, places)
    assert "from 1.00 h to 2.00 h" in str(caught.value)
    source, notes = rain_of(scenario_of(rain=gridded(name, gaps="zero")), grid, places)
    assert "1 time steps" in notes["rain_values_without"]
    assert source.mean_rate_m_s(HOUR, 2 * HOUR).mean() == pytest.approx(0.75 * MM_H)


def test_a_missing_time_step_is_a_gap_and_not_a_longer_rain(
    grid: Grid, places: PlaceFinder, scenario_of: Made, write_rain: Written
) -> None:
    times = [f"2025-10-21T{hour}" for hour in ("17:00", "17:30", "18:00", "19:00", "19:30")]
    name = write_rain(np.full((5, 2, 2), 6.0), times=times)
    with pytest.raises(ScenarioError, match="1 of 6 intervals"):
        rain_of(scenario_of(rain=gridded(name)), grid, places)
    source, _ = rain_of(scenario_of(rain=gridded(name, gaps="zero")), grid, places)
    assert source.mean_rate_m_s(0.0, 3 * HOUR)[0, 0] * 3 == pytest.approx(6 * MM_H * 2.5)


def test_rain_that_does_not_cover_the_city_stops_the_run_or_is_counted(
    grid: Grid, places: PlaceFinder, scenario_of: Made, write_rain: Written
) -> None:
    name = write_rain(np.ones((3, 2, 2)), x=np.array([688_000.0, 688_400.0]))
    with pytest.raises(ScenarioError, match="does not cover 60 of 120 cells"):
        rain_of(scenario_of(rain=gridded(name)), grid, places)
    _, notes = rain_of(scenario_of(rain=gridded(name, gaps="zero")), grid, places)
    assert "60 of 120 cells" in notes["rain_cells_without"]


def test_time_bounds_need_no_stamp(
    tmp_path: Path, grid: Grid, places: PlaceFinder, scenario_of: Made, write_rain: Written
) -> None:
    name = write_rain(np.arange(2.0).reshape(2, 1, 1) * np.ones((2, 2, 2)))
    with xr.open_dataset(tmp_path / name) as opened:
        dataset = opened.load()
    ends = np.array([["17:00", "17:30"], ["17:30", "20:00"]])
    moments = np.array([[f"2025-10-21T{t}" for t in row] for row in ends], "datetime64[ns]")
    dataset["bounds"] = (("time", "side"), moments)
    dataset["time"].attrs["bounds"] = "bounds"
    dataset.to_netcdf(tmp_path / "bounded.nc", engine="netcdf4")
    source, _ = rain_of(scenario_of(rain={"gridded": {"files": ["bounded.nc"]}}), grid, places)
    assert source.mean_rate_m_s(0.0, 1800.0).max() == 0.0
    assert source.mean_rate_m_s(1800.0, 3 * HOUR).min() == pytest.approx(MM_H)


@pytest.mark.parametrize(
    ("write", "options", "said"),
    [
        ({"units": None}, {}, "the unit of the rain is not known"),
        ({"units": "furlong"}, {}, "the unit of the rain is not known"),
        ({"units": "mm"}, {"quantity": "rate_mm_h"}, "states the unit mm"),
        ({}, {"stamp": None}, "begin or end their intervals"),
        ({}, {"variable": "snow"}, "there is no such variable"),
        ({}, {"crs": "EPSG:0"}, "reference system is not known"),
        ({"crs": None}, {}, "names no reference system"),
        ({}, {"time_zone": "Mars"}, "time zone is not known"),
        ({"times": ["2025-10-21T17", "2025-10-21T18", "2025-10-21T18:10"]}, {}, "evenly spaced"),
        ({"times": ["2020-01-01", "2020-01-02", "2020-01-03"]}, {}, "falls in the period"),
        ({"times": ["2020-01-01", "2020-01-01", "2020-01-03"]}, {}, "stands there twice"),
    ],
)
def test_a_file_that_does_not_say_what_it_holds_is_refused(  # noqa: PLR0917 - fixtures
    write: dict[str, Any], options: dict[str, Any], said: str,
    grid: Grid, places: PlaceFinder, scenario_of: Made, write_rain: Written,
) -> None:  # fmt: skip
    rain = gridded(write_rain(np.ones((3, 2, 2)), **write))
    rain["gridded"] = {k: v for k, v in (rain["gridded"] | options).items() if v is not None}
    with pytest.raises(ScenarioError) as caught:
        rain_of(scenario_of(rain=rain), grid, places)
    assert said in str(caught.value)
    assert caught.value.remedy


@pytest.mark.parametrize("value", [-5.0, 9e9])
def test_impossible_rates_of_a_file_are_refused(
    value: float, grid: Grid, places: PlaceFinder, scenario_of: Made, write_rain: Written
) -> None:
    name = write_rain(np.full((3, 2, 2), value))
    with pytest.raises(ScenarioError, match="a rain rate must lie between"):
        rain_of(scenario_of(rain=gridded(name)), grid, places)


def test_files_that_are_missing_torn_or_changed_are_refused(
    tmp_path: Path, grid: Grid, places: PlaceFinder, scenario_of: Made, write_rain: Written
) -> None:
    with pytest.raises(ScenarioError, match="there is no such file"):
        scenario_of(rain=gridded("none.nc"))
    (tmp_path / "torn.nc").write_bytes(b"\x89HDF\r\n\x1a\n torn")
    with pytest.raises(ScenarioError, match="cannot be read"):
        rain_of(scenario_of(rain=gridded("torn.nc")), grid, places)
    scenario = scenario_of(rain=gridded(write_rain(np.ones((3, 2, 2)))))
    write_rain(np.ones((3, 2, 2)) * 2)
    with pytest.raises(ScenarioError, match="has changed since"):
        rain_of(scenario, grid, places)


def test_the_digest_follows_the_file_and_not_its_place(
    tmp_path: Path, scenario_of: Made, write_rain: Written
) -> None:
    name = write_rain(np.ones((3, 2, 2)))
    (tmp_path / "copy.nc").write_bytes((tmp_path / name).read_bytes())
    first = scenario_of(rain=gridded(name))
    assert first.digest == scenario_of(rain=gridded("copy.nc")).digest
    assert Scenario.parse(first.to_yaml()).digest == first.digest
    write_rain(np.ones((3, 2, 2)) * 2)
    assert scenario_of(rain=gridded(name)).digest != first.digest


def write_tif(path: Path, bands: np.ndarray, *, west: float = 688_000.0) -> None:
    """Write bands of rain of 400 m pixels, row 0 north."""
    profile = {
        "driver": "GTiff", "height": bands.shape[1], "width": bands.shape[2],
        "count": bands.shape[0], "dtype": "float32", "crs": "EPSG:32648", "nodata": -1.0,
        "transform": from_origin(west, 1_187_000.0, 400.0, 500.0),
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as dataset:
        dataset.write(bands.astype(np.float32))


def test_a_stack_of_geotiffs_follows_in_time(
    tmp_path: Path, grid: Grid, places: PlaceFinder, scenario_of: Made
) -> None:
    values = np.random.default_rng(3).random((3, 2, 3)).astype(np.float32) * 10
    write_tif(tmp_path / "all.tif", values)
    for k in range(3):
        write_tif(tmp_path / f"{k}.tif", values[k : k + 1])
    timing = {"first": "2025-10-22T00:00+07:00", "step": "1 h", "quantity": "depth_mm"}
    one, _ = rain_of(scenario_of(rain={"gridded": {"files": ["all.tif"], **timing}}), grid, places)
    many, _ = rain_of(
        scenario_of(rain={"gridded": {"files": ["0.tif", "1.tif", "2.tif"], **timing}}),
        grid, places,
    )  # fmt: skip
    for k in range(3):
        field = one.mean_rate_m_s(k * HOUR, (k + 1) * HOUR)
        assert (field == many.mean_rate_m_s(k * HOUR, (k + 1) * HOUR)).all()
        assert field[0, 0] / MM_H == pytest.approx(values[k, 0, 0], rel=1e-6)
        assert field[-1, -1] / MM_H == pytest.approx(values[k, 1, 2], rel=1e-6)


def test_geotiffs_that_do_not_fit_together_are_refused(
    tmp_path: Path, grid: Grid, places: PlaceFinder, scenario_of: Made
) -> None:
    write_tif(tmp_path / "a.tif", np.ones((2, 2, 3)))
    write_tif(tmp_path / "b.tif", np.ones((2, 2, 3)), west=0.0)
    timing = {"first": "0 h", "step": "1 h", "quantity": "depth_mm"}
    for options, said in (
        ({"files": ["a.tif", "b.tif"], **timing}, "lies elsewhere"),
        ({"files": ["a.tif"], "first": "0 h", "step": "1 h"}, "does not say what its values are"),
        ({"files": ["a.tif"], "first": "0 h"}, "first and step together"),
        ({"files": ["a.tif", "b.tif"]}, "need first and step"),
    ):
        with pytest.raises(ScenarioError) as caught:
            rain_of(scenario_of(rain={"gridded": options}), grid, places)
        assert said in str(caught.value)


def test_no_depth_of_a_file_is_lost_between_windows(
    grid: Grid, places: PlaceFinder, scenario_of: Made, write_rain: Written
) -> None:
    values = np.random.default_rng(4).random((3, 2, 2)) * 50
    source, _ = rain_of(scenario_of(rain=gridded(write_rain(values))), grid, places)
    ends = [0.0, 7.0, 60.0, 1800.0, 4000.0, 4001.0, 3 * HOUR]
    depth = sum(source.mean_rate_m_s(a, b) * (b - a) for a, b in pairwise(ends))
    assert depth.mean() == pytest.approx(values.sum(axis=0).mean() / 1000.0, rel=1e-12)
