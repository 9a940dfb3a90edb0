"""Whole runs with rain from anywhere, losses and buildings: nothing is lost, nothing forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import twin
from scenarios import Scenario
from twin.city.city import terrain_grid

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from twin.city.city import City
    from twin.results.open import Run

MM_H = 1e-3 / 3600.0
GREEN_AMPT = {"kind": "green_ampt", "conductivity_mm_h": 8, "suction_mm": 90, "deficit": 0.3}
HORTON = {
    "kind": "horton", "initial_mm_h": 60, "final_mm_h": 5, "decay_per_h": 4, "recovery_per_h": 1
}  # fmt: skip


def scenario(**parts: Any) -> Scenario:
    """Return forty minutes with half an hour of rain, changed by *parts*."""
    document = {
        "schema": 1,
        "name": "case",
        "period": {"start": "2025-10-22T00:00+07:00", "duration": "40 min"},
        "rain": {"hyetograph": {"times": ["0 min", "30 min"], "rates_mm_h": [120, 0]}},
        "outputs": {"frame_interval": "20 min", "checkpoint_interval": "20 min"},
        **parts,
    }
    return Scenario.from_dict(document)


def ground_area_m2(city: City) -> float:
    """Return the area on which rain falls: everything, as no level is prescribed."""
    assert city.terrain is not None
    grid = terrain_grid(city.terrain)
    return float((~np.isnan(city.terrain["ground_level"].to_numpy())).sum()) * grid.cell_area_m2


def flood(run: Run) -> xr.Dataset:
    """Return the maps of a run."""
    return xr.open_zarr(run.folder / "flood.zarr", consolidated=False).load()


def last(run: Run) -> pd.Series:
    """Return the last row of the ledger."""
    return pd.read_parquet(run.folder / "ledger.parquet").iloc[-1]


def kinds(run: Run) -> list[str]:
    """Return the kinds of the notes on a run."""
    return [each["kind"] for each in run.manifest["warnings"] if not isinstance(each, str)]


@pytest.mark.parametrize("soil", [GREEN_AMPT, HORTON, {"kind": "curve_number", "number": 75},
                                  {"kind": "constant", "rate_mm_h": 15, "most_mm": 4}],
                         ids=lambda soil: soil["kind"])  # fmt: skip
def test_the_ledger_closes_with_losses(soil: dict[str, Any], small_city: City, store: Path) -> None:
    losses = {"soil": soil, "imperviousness": 0.4, "evaporation_mm_d": 5}
    run = twin.run(scenario(losses=losses), small_city, store=store)
    row, maps = last(run), flood(run)
    assert row["closure"] < 1e-9
    assert row["rain_m3"] == pytest.approx(0.060 * ground_area_m2(small_city), rel=1e-9)
    area_m2 = terrain_grid(small_city.terrain).cell_area_m2
    lost = float((maps["infiltration"] + maps["evaporation"]).sum()) * area_m2
    assert lost == pytest.approx(row["infiltration_m3"], rel=1e-5)
    assert 0.02 * row["rain_m3"] < row["infiltration_m3"] < 0.6 * row["rain_m3"]
    water = maps["water"].to_numpy() > 0
    assert float(maps["infiltration"].where(water).max()) == 0.0
    assert float(maps["evaporation"].where(water).max()) > 0.0
    assert "rain_ends_early" in kinds(run)


def test_the_curve_number_leaves_the_scs_runoff(small_city: City, store: Path) -> None:
    losses = {"soil": {"kind": "curve_number", "number": 75}, "imperviousness": 0.0}
    run = twin.run(scenario(losses=losses), small_city, store=store)
    maps = flood(run)
    retention = 25.4 * (1000 / 75 - 10)
    kept = 60 - (60 - 0.2 * retention) ** 2 / (60 + 0.8 * retention)
    land = (maps["water"] == 0) & ~np.isnan(maps["ground_level"])
    got = maps["infiltration"].where(land).to_numpy() * 1000.0
    assert np.nanmin(got) == pytest.approx(kept, rel=1e-5)
    assert np.nanmax(got) == pytest.approx(kept, rel=1e-5)


@pytest.mark.parametrize("cells", ["blocked", "raised"])
@pytest.mark.parametrize("drains_to", ["canal", "away"])
def test_no_rain_on_roofs_is_lost(
    cells: str, drains_to: str, small_city: City, store: Path
) -> None:
    buildings = {
        "cells": cells, "threshold": 0.4,
        "roofs": {"drain_share": 0.3, "drains_to": drains_to},
    }  # fmt: skip
    run = twin.run(scenario(buildings=buildings), small_city, store=store)
    row = last(run)
    assert row["closure"] < 1e-9
    fallen = 0.060 * ground_area_m2(small_city)
    assert row["rain_m3"] + row["roofs_away_m3"] == pytest.approx(fallen, rel=1e-9)
    assert (row["roofs_away_m3"] > 0.0) == (drains_to == "away")
    assert f"buildings_{cells}" in kinds(run)
    plain = small_city.terrain["ground_level"].to_numpy()
    changed = flood(run)["ground_level"].to_numpy()
    assert np.isnan(changed).sum() > np.isnan(plain).sum() or np.nanmax(changed - plain) > 0.29


def everything(folder: Path, city: City) -> Scenario:
    """Return gauges, soil, evaporation, houses, roofs, drains and commands at once."""
    assert city.terrain is not None
    west, south, east, north = terrain_grid(city.terrain).bounds
    (folder / "a.csv").write_text("t,mm\n0,100\n10,20\n25,160\n33,0\n")
    csv = {"file": "a.csv", "time_column": "t", "value_column": "mm", "time_unit": "min"}
    stations = [
        {"name": "a", "location": {"x_m": west, "y_m": south}, "rain": {"csv": csv}},
        {"name": "b", "location": {"x_m": east, "y_m": north},
         "rain": {"times": ["0 min", "40 min"], "rates_mm_h": [60, 0]}},
    ]  # fmt: skip
    return Scenario.from_dict(
        scenario(
            rain={"gauges": {"stations": stations}, "multiplier": 1.5},
            losses={"soil": HORTON, "imperviousness": 0.3, "evaporation_mm_d": 6},
            buildings={"cells": "blocked", "roofs": {"drain_share": 0.2, "drains_to": "away"}},
            drainage={"inlets": {"rules": [{"name": "all", "capacity_mm_h": 12}],
                                 "interval": "15 s"}},
            tide={"series": {"times": ["0 h", "2 h"], "levels_m": [0.6, 1.8]},
                  "applies_to": ["river", "canal_mouths"]},
            timeline=[{"at": "12 min 30 s", "do": "set_rain", "multiplier": 0.5},
                      {"at": "31 min", "do": "set_rain", "rate_mm_h": 0}],
            outputs={"frame_interval": "10 min", "checkpoint_interval": "10 min"},
        ).to_dict(),
        base=folder,
    )  # fmt: skip


def stopped(at: int) -> Callable[[], bool]:
    """Return a wish to stop that comes with exchange number *at*."""
    count = 0

    def ask() -> bool:
        nonlocal count
        count += 1
        return count == at

    return ask


@pytest.mark.parametrize("at", [7, 25])
def test_a_stopped_run_goes_on_with_the_same_ground(
    at: int, small_city: City, store: Path, tmp_path: Path
) -> None:
    case = everything(tmp_path, small_city)
    whole = twin.run(case, small_city, store=store)
    with pytest.raises(twin.Interrupted) as caught:
        twin.run(case, small_city, store=store, should_stop=stopped(at))
    again = twin.resume(caught.value.run_id, store=store)
    assert again.digest == whole.digest
    assert last(again)["closure"] < 1e-9
    assert last(again)["roofs_away_m3"] > 0.0
    assert last(again)["infiltration_m3"] > 0.0


def test_rain_in_a_file_falls_in_a_run_and_its_checksum_is_kept(
    small_city: City, store: Path, tmp_path: Path
) -> None:
    assert small_city.terrain is not None
    west, south, east, north = terrain_grid(small_city.terrain).bounds
    values = np.random.default_rng(5).random((2, 3, 3)) * 100
    axes = {
        "x": ("x", np.linspace(west, east, 7)[1::2], {"axis": "X"}),
        "y": ("y", np.linspace(south, north, 7)[1::2], {"axis": "Y"}),
        "time": np.array(["2025-10-21T17:00", "2025-10-21T17:20"], "datetime64[ns]"),
    }
    field = xr.DataArray(values, dims=("time", "y", "x"), attrs={"units": "mm/h"})
    xr.Dataset({"rain": field}, coords=axes).to_netcdf(tmp_path / "r.nc", engine="netcdf4")
    gridded = {"files": ["r.nc"], "stamp": "start", "crs": small_city.crs}
    document = scenario(rain={"gridded": gridded}).to_dict()
    run = twin.run(Scenario.from_dict(document, base=tmp_path), small_city, store=store)
    kept = Scenario.load(run.folder / "scenario.yaml")
    assert kept.rain is not None
    assert kept.rain.gridded is not None
    assert kept.rain.gridded.sha256 is not None
    ground = ~np.isnan(small_city.terrain["ground_level"].to_numpy())
    mean_mm = values.mean() * 40 / 60
    # The ground is not the whole grid, so that its mean rain is only near that of the file.
    share = last(run)["rain_m3"] / (ground.sum() * terrain_grid(small_city.terrain).cell_area_m2)
    assert share * 1000.0 == pytest.approx(mean_mm, rel=1e-9 if ground.all() else 0.2)
    assert last(run)["closure"] < 1e-9
    assert kinds(run) == ["channels_burnt"]


def test_classes_of_hazard_are_mapped_and_added_up(small_city: City, store: Path) -> None:
    run = twin.run(scenario(), small_city, store=store)
    maps = flood(run)
    rating = maps["max_hazard"].to_numpy()
    ground = ~np.isnan(maps["ground_level"].to_numpy())
    expected = np.searchsorted([0.75, 1.25, 2.0], rating[ground], side="right")
    assert (maps["hazard_class"].to_numpy()[ground] == expected).mean() > 0.999
    assert (maps["hazard_class"].to_numpy()[~ground] == -1).all()
    assert set(np.unique(maps["aidr_class"].to_numpy()[ground])) <= set(range(7))
    assert (maps["max_product"].to_numpy()[ground] >= 0.0).all()
    kpis = run.kpis
    assert set(kpis["hazard_area_m2"]) == {"danger_for_some", "danger_for_most", "danger_for_all"}
    assert sum(kpis["aidr_area_m2"].values()) <= kpis["land_area_m2"]


def test_parts_that_a_dry_city_does_not_use_are_named(small_city: City, store: Path) -> None:
    run = twin.run(scenario(flood="none", losses={"evaporation_mm_d": 1}), small_city, store=store)
    (found,) = [each for each in run.manifest["warnings"] if each["kind"] == "kept_dry"]
    assert "2 parts on water are not used (rain, losses)" in found["en"]
