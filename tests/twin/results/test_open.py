from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import rioxarray  # noqa: F401 - gives datasets their .rio

from models.errors import InvalidInputError, StoreError
from twin.results import Run, open_run
from twin.results.series import closures, flooded_area_m2, peak_frame, seconds_of
from twin.store import RunStore

from .conftest import START

if TYPE_CHECKING:
    from pathlib import Path


def test_a_run_opens_by_name_beginning_folder_and_latest(run: Run) -> None:
    root = run.folder.parent.parent
    for name in (run.id, run.id[:5], "latest"):
        assert open_run(name, store=root).id == run.id
    assert open_run(run.folder).id == run.id


def test_a_store_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no store of runs"):
        open_run("latest", store=tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_an_unfinished_run_says_how_to_go_on(tmp_path: Path) -> None:
    writer = RunStore(tmp_path).begin({"scenario": "x", "created": START.isoformat()})
    writer.abandon("test")
    with pytest.raises(StoreError, match="twin resume"):
        open_run(writer.run_id, store=tmp_path)


def test_everything_of_a_run_reads_back(run: Run) -> None:
    assert run.flood.rio.crs.to_epsg() == 32648
    assert run.flood.sizes == {"time": 5, "y": 20, "x": 20}
    assert run.roads["depth"].shape == (9, 3)
    assert len(run.events) == 14
    assert run.kpis["unserved"] == 2
    assert run.scenario == {"schema": 1, "name": "cloudburst"}
    assert run.city.name == "tiny"
    assert run.commands == [{"time_s": 0.0, "kind": "close_road"}]
    assert run.start == START
    assert set(run.assumed) == {"terrain/ground_level"}
    assert run.gauges.empty
    assert run.digest == run.summary["digest"]


def test_a_part_that_the_run_does_not_have_is_named(dry: Run, flood_only: Run) -> None:
    with pytest.raises(StoreError, match="no flood"):
        _ = dry.flood
    with pytest.raises(StoreError, match="no roads"):
        _ = flood_only.roads
    assert flood_only.incidents.empty


def test_flooded_area_follows_the_frames(run: Run) -> None:
    np.testing.assert_array_equal(flooded_area_m2(run, 0.1), [0, 0, 1500, 0, 0])
    np.testing.assert_array_equal(flooded_area_m2(run, 0.5), [0, 0, 500, 0, 0])
    assert peak_frame(run) == 2


def test_closures_have_a_start_an_end_and_hours(run: Run) -> None:
    ambulance = closures(run, "ambulance")
    np.testing.assert_allclose(ambulance.hours * 3600.0, [1200.0, 1200.0, 2100.0])
    np.testing.assert_array_equal(ambulance.first_closed_s, [600.0, 600.0, 600.0])
    np.testing.assert_array_equal(ambulance.reopened_s, [1800.0, 1800.0, np.nan])
    assert ambulance.edge_count.tolist() == [0, 0, 3, 3, 3, 3, 1, 1, 1]
    engine = closures(run, "fire_engine")
    assert np.isnan(engine.first_closed_s[:2]).all()
    with pytest.raises(StoreError, match="ambulance, fire_engine"):
        closures(run, "boat")


def test_times_are_understood_as_people_write_them(run: Run) -> None:
    assert seconds_of(run, "600") == 600.0
    assert seconds_of(run, "12:30") == 1800.0
    assert seconds_of(run, "11:00") == 23 * 3600.0
    assert seconds_of(run, "2025-10-22T12:10") == 600.0
    assert seconds_of(run, "2025-10-22T05:10:00+00:00") == 600.0
    with pytest.raises(InvalidInputError, match="not a time"):
        seconds_of(run, "noon")


def test_a_time_outside_the_run_is_refused(run: Run) -> None:
    assert float(run.frame_at(1300.0)["elapsed_s"]) == 1200.0
    with pytest.raises(StoreError, match="outside the run"):
        run.frame_at(9999.0)
