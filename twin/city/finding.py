"""One finding of a check, and the limits from which on something counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import geopandas as gpd
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import shapely
    from numpy.typing import NDArray

__all__ = ["SEVERITIES", "CheckLimits", "Finding", "Found", "Severity", "places"]

type Severity = Literal["error", "warning", "info"]
#: The worst first.
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckLimits:
    """
    From when on something counts.

    Parameters
    ----------
    connected_share
        Least share of the road nodes in the largest strongly connected part.
    snap_distance_m
        Largest distance from a facility to the network.
    wet_road_m
        Length of a road over water that needs a bridge.
    duplicate_distance_m
        Distance within which two of one kind and name are duplicates.
    sink_depth_m, sink_area_m2
        Least depth and area of a depression.
    spike_m
        Difference to the median of the 3 x 3 surroundings.
    flat_share
        Share of the land whose neighbours are exactly as high.
    """

    connected_share: float = 0.95
    snap_distance_m: float = 100.0
    wet_road_m: float = 5.0
    duplicate_distance_m: float = 300.0
    sink_depth_m: float = 0.1
    sink_area_m2: float = 400.0
    spike_m: float = 5.0
    flat_share: float = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """
    One thing that is likely to be wrong.

    Parameters
    ----------
    kind
        What it is, as an identifier.
    severity
        ``error``: results will be wrong; ``warning``: they may be; ``info``: good to know.
    count
        How many places.
    message
        One sentence, by language code (``vi``, ``en``).
    places
        Where, with a column ``detail``; may be empty.
    value
        The figure of the message (a share, a distance, a volume), if there is one.
    """

    kind: str
    severity: Severity
    count: int
    message: Mapping[str, str]
    places: gpd.GeoDataFrame
    value: float | None = None


type Found = tuple[list[Finding], dict[str, str]]


def places(
    crs: str,
    geometry: Sequence[shapely.Geometry] | NDArray[np.object_] | gpd.GeoSeries | None = None,
    **columns: Sequence[object] | NDArray[np.generic],
) -> gpd.GeoDataFrame:
    """Return a frame of places with *columns*; ``detail`` is always there."""
    geometry = [] if geometry is None else np.asarray(geometry, dtype=np.object_)
    if "detail" not in columns:
        columns["detail"] = [""] * len(geometry)
    return gpd.GeoDataFrame(dict(columns), geometry=list(geometry), crs=crs)
