from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from models.errors import InvalidInputError, StoreError
from twin.results.series import flooded_area_m2

if TYPE_CHECKING:
    from twin.results import Run


def test_opening_a_run_is_enough_to_have_the_accessor(run: Run) -> None:
    assert run.flood.twin.start == run.start


def test_the_largest_depth_is_that_of_the_run_or_of_its_frames(run: Run) -> None:
    kept = run.flood.twin.max()
    of_frames = run.flood.drop_vars("max_depth").twin.max()
    np.testing.assert_array_equal(kept, of_frames)
    assert of_frames.name == "max_depth"


@pytest.mark.parametrize(
    "moment",
    [1200.0, 1200, "12:20", "2025-10-22T12:20", pd.Timestamp("2025-10-22T05:20", tz="UTC")],
)
def test_a_moment_is_found_however_it_is_said(run: Run, moment: float | str) -> None:
    found = run.flood.twin.at(moment)
    assert float(found["elapsed_s"]) == 1200.0
    assert float(found.where(run.flood.twin.land).max()) == pytest.approx(3.0)


@pytest.mark.parametrize("moment", [-1.0, 9999.0, "11:59", "soon"])
def test_a_moment_outside_the_run_is_refused(run: Run, moment: float | str) -> None:
    with pytest.raises(InvalidInputError, match=r"ds\.twin\.at"):
        run.flood.twin.at(moment)


def test_the_flooded_area_is_that_of_the_figures(run: Run) -> None:
    area = run.flood.twin.flooded_area(0.3)
    np.testing.assert_array_equal(area, flooded_area_m2(run, 0.3))
    assert float(area.max()) == 500.0
    assert area.attrs["units"] == "m2"


def test_a_run_exceeds_or_does_not_and_members_by_their_share(run: Run) -> None:
    alone = run.flood.twin.exceedance(0.3)
    assert set(np.unique(alone)) == {0.0, 1.0}
    deepest = run.flood["max_depth"]
    members = xr.concat([deepest, xr.zeros_like(deepest), deepest * np.nan, deepest], "member")
    shares = xr.Dataset({"max_depth": members, "ground_level": run.flood["ground_level"]})
    found = shares.twin.exceedance(0.3)
    assert float(found.isel(y=3, x=11)) == 0.5
    assert float(found.isel(y=19, x=19)) == 0.0
    no_ground = shares.assign(ground_level=shares["ground_level"].where(shares["x"] > 600_100))
    assert np.isnan(no_ground.twin.exceedance(0.3).isel(y=0, x=0))


def test_a_hazard_that_was_not_recorded_is_not_made_up(run: Run) -> None:
    with pytest.raises(StoreError, match="aidr_class"):
        run.flood.twin.hazard()
    with pytest.raises(InvalidInputError, match="defra, aidr"):
        run.flood.twin.hazard("best")
    classes = run.flood.assign(hazard_class=run.flood["max_depth"].astype("int8"))
    assert classes.twin.hazard("defra").name == "hazard_class"


def test_a_picture_shows_flood_on_land_only(run: Run) -> None:
    axes = FigureCanvasAgg(Figure()).figure.subplots()
    shown = run.flood.twin.plot(ax=axes, from_m=0.3).get_array()
    assert np.ma.count(np.ma.masked_invalid(shown)) == 6  # 5 inside the boundary, 1 beyond it
    with pytest.raises(InvalidInputError, match="one map"):
        run.flood.twin.plot(run.flood["depth"], ax=axes)


def test_a_dataset_that_is_no_flood_says_so() -> None:
    with pytest.raises(StoreError, match="depth"):
        xr.Dataset().twin.at(0.0)
    with pytest.raises(InvalidInputError, match="above zero"):
        xr.Dataset({"max_depth": (("y", "x"), np.zeros((1, 1)))}).twin.exceedance(0.0)
