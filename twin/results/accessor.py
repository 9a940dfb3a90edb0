"""
What is asked of every flood, as ``ds.twin``: an accessor of xarray.

It is there as soon as a run was opened.

>>> flood = twin.open_run("latest").flood                  # doctest: +SKIP
>>> flood.twin.max().plot()                                # doctest: +SKIP
>>> flood.twin.at("17:30")                                 # doctest: +SKIP
>>> flood.twin.flooded_area(0.3).max()                     # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from models.errors import InvalidInputError, StoreError
from twin.results.series import dry_land_of, flooded_area_of, seconds_after

if TYPE_CHECKING:
    from datetime import datetime

    from matplotlib.axes import Axes

__all__ = ["FloodAccessor"]

_HAZARDS = {"defra": "hazard_class", "aidr": "aidr_class"}


@xr.register_dataset_accessor("twin")  # type: ignore[no-untyped-call]  # xarray types it not
class FloodAccessor:
    """
    Questions to the dataset of a flood, of a run or of an ensemble.

    Parameters
    ----------
    dataset
        With some of ``depth`` (time, y, x), ``max_depth`` (y, x) or (member, y, x),
        ``ground_level``, ``water``, ``inside``.
    """

    def __init__(self, dataset: xr.Dataset) -> None:
        self._flood = dataset

    @property
    def start(self) -> pd.Timestamp:
        """The moment of second 0, with its time zone."""
        if "start" not in self._flood.attrs:
            raise StoreError("the dataset does not say when it starts", where="attribute start")
        return pd.Timestamp(str(self._flood.attrs["start"]))

    @property
    def land(self) -> xr.DataArray:
        """Land on the map that was dry at the start, (y, x): where water is a flood."""
        self._require("ground_level")
        return self._map(dry_land_of(self._flood), "land", "dry land", "1")

    def max(self) -> xr.DataArray:
        """Return the largest depth, m: of every step where it was kept, else of the frames."""
        if "max_depth" in self._flood:
            return self._flood["max_depth"]
        self._require("depth")
        found: xr.DataArray = self._flood["depth"].max("time", keep_attrs=True)
        return found.rename("max_depth")

    def at(self, time: float | str | datetime | pd.Timestamp) -> xr.DataArray:
        """
        Return the recorded depth, m, (y, x), nearest to a time.

        Parameters
        ----------
        time
            Seconds from the start, local time as ``17:30``, a date and time as text, or a moment;
            one without a time zone is in that of the run.

        Raises
        ------
        InvalidInputError
            If it is no time, or lies outside the run.
        """
        self._require("depth")
        elapsed = np.asarray(self._flood["elapsed_s"].values, np.float64)
        if isinstance(time, int | float):
            at_s = float(time)
        else:
            said = time if isinstance(time, str) else pd.Timestamp(time).isoformat()
            at_s = seconds_after(self.start, said, where="ds.twin.at")
        if not elapsed[0] <= at_s <= elapsed[-1]:
            raise InvalidInputError(
                "the time lies outside the run",
                where="ds.twin.at",
                value=time,
                remedy=f"Choose from {elapsed[0]:g} to {elapsed[-1]:g} s after {self.start}.",
            )
        return self._flood["depth"].isel(time=int(np.abs(elapsed - at_s).argmin()))

    def hazard(self, scheme: str = "aidr") -> xr.DataArray:
        """
        Return the largest class of hazard: ``aidr``, 1 to 6, or ``defra``, 0 to 3.

        Raises
        ------
        InvalidInputError
            If there is no such scheme.
        StoreError
            If the run did not record it: of depths alone it would be too low.
        """
        if scheme not in _HAZARDS:
            raise InvalidInputError(
                "there is no such scheme of hazard",
                where="ds.twin.hazard",
                value=scheme,
                remedy=f"Choose from {', '.join(_HAZARDS)}.",
            )
        self._require(_HAZARDS[scheme])
        return self._flood[_HAZARDS[scheme]]

    def flooded_area(self, depth_m: float = 0.1) -> xr.DataArray:
        """Return the area, m², of dry land inside the boundary under *depth_m*, along time."""
        self._require("depth", "ground_level")
        area = flooded_area_of(self._flood, _depth(depth_m))
        return xr.DataArray(
            area,
            dims="time",
            coords={"time": self._flood["time"]},
            name="flooded_area",
            attrs={"units": "m2", "long_name": f"land flooded {depth_m:g} m or deeper"},
        )

    def exceedance(self, depth_m: float) -> xr.DataArray:
        """
        Return the share of members whose largest depth reaches *depth_m*, 0 to 1, (y, x).

        A run is a single member: it has 0 and 1, and no chances. A member that stays dry reaches
        nothing; where there is no ground the share is NaN.
        """
        deepest = self.max()
        reached = deepest >= _depth(depth_m)
        share = reached.mean("member") if "member" in deepest.dims else reached.astype(np.float64)
        if "ground_level" in self._flood:
            ground = self._flood["ground_level"].notnull()  # noqa: PD004 - of xarray
        else:
            ground = deepest.notnull()  # noqa: PD004 - as above
        if "member" in ground.dims:
            ground = ground.any("member")
        return (
            share.where(ground)
            .rename("exceedance")
            .assign_attrs(units="1", long_name=f"share of members {depth_m:g} m or deeper")
        )

    def plot(
        self,
        field: xr.DataArray | None = None,
        *,
        ax: Axes | None = None,
        from_m: float = 0.05,
        **options: Any,  # noqa: ANN401 - those of xarray's imshow
    ) -> Any:  # noqa: ANN401 - what xarray's imshow returns
        """
        Draw depths on dry land in the colours of depth; by default the largest.

        Parameters
        ----------
        field
            Depths, m, (y, x), such as ``ds.twin.at("17:30")``.
        ax
            Where to draw; None takes the current axes of pyplot.
        from_m
            Depth below which a cell is left blank, m.
        options
            For :meth:`xarray.DataArray.plot.imshow`.
        """
        shown = self.max() if field is None else field
        if shown.ndim != 2:
            raise InvalidInputError(
                "a picture shows one map",
                where="ds.twin.plot",
                value=shown.dims,
                remedy="Choose a time or a member first.",
            )
        if "ground_level" in self._flood:
            shown = shown.where(self.land)
        drawn = shown.where(shown >= from_m).plot.imshow(
            ax=ax, **{"cmap": "YlGnBu", "vmin": 0.0, **options}
        )
        drawn.axes.set_aspect("equal")
        return drawn

    def _map(self, values: Any, name: str, long_name: str, units: str) -> xr.DataArray:  # noqa: ANN401 - an array
        return xr.DataArray(
            values,
            dims=("y", "x"),
            coords={name: self._flood[name] for name in ("y", "x")},
            name=name,
            attrs={"units": units, "long_name": long_name},
        )

    def _require(self, *names: str) -> None:
        missing = [name for name in names if name not in self._flood]
        if missing:
            raise StoreError(
                "the dataset does not hold what this needs",
                where="ds.twin",
                value=missing[0],
                remedy="Take that of a run with a flood, as `run.flood`.",
            )


def _depth(depth_m: float) -> float:
    if not depth_m > 0.0:
        raise InvalidInputError("a depth is above zero", where="ds.twin", value=depth_m)
    return depth_m
