"""A sheet to draw a map on: figure, collections of lines and polygons, scale bar, north arrow."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, PatchCollection, PathCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.path import Path as Outline
from matplotlib.patheffects import withStroke

from models.errors import InvalidInputError
from twin.language import short_number
from twin.results.mapstyle import STYLE, TEXT, MapStyle

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

__all__ = [
    "Bounds",
    "Language",
    "add_lines",
    "add_polygons",
    "new_map",
    "north_arrow",
    "points_per_metre",
    "save_map",
    "scale_bar",
]

type Language = Literal["vi", "en"]
type Bounds = tuple[float, float, float, float]

_DPI = 100
_POINT_PER_INCH = 72.0


def new_map(
    bounds: Bounds, *, size_px: int = 1600, panel_px: int = 0, title_px: int = 0
) -> tuple[Figure, Axes]:
    """Return a figure whose map is *size_px* on its longer side, with room for a side panel."""
    west, south, east, north = bounds
    scale = size_px / max(east - west, north - south)
    wide, high = max((east - west) * scale, 1.0), max((north - south) * scale, 1.0)
    total_wide, total_high = wide + panel_px, high + title_px
    figure = Figure(figsize=(total_wide / _DPI, total_high / _DPI), dpi=_DPI)
    FigureCanvasAgg(figure)
    figure.set_facecolor("white")
    axes = figure.add_axes((0.0, 0.0, wide / total_wide, high / total_high))
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    axes.set_aspect("equal")
    axes.set_axis_off()
    return figure, axes


def save_map(figure: Figure, path: str | Path) -> Path:
    """
    Write the figure as PNG and return its path.

    Raises
    ------
    InvalidInputError
        If the file cannot be written.
    """
    target = Path(path)
    try:
        figure.savefig(target, dpi=_DPI, format="png", metadata={"Software": None})
    except OSError as error:
        raise InvalidInputError(
            f"the picture cannot be written ({error.strerror})",
            where=str(target),
            remedy="Check the folder and the rights on it.",
        ) from error
    return target


def points_per_metre(axes: Axes) -> float:
    """Return the scale of the map, points of paper for a metre on the ground."""
    west, east = axes.get_xlim()
    figure = axes.get_figure()
    inches = axes.get_position().width * (figure.get_figwidth() if figure is not None else 1.0)  # type: ignore[union-attr]  # a sub-figure has no width of its own, and we make none
    return float(inches * _POINT_PER_INCH / (east - west))


def add_lines(axes: Axes, geometry: NDArray[Any], **style: Any) -> LineCollection:  # noqa: ANN401 - passed on to matplotlib
    """Draw LineStrings (or the parts of MultiLineStrings) as one collection."""
    parts = shapely.get_parts(np.asarray(geometry, dtype=object))
    parts = parts[~shapely.is_empty(parts)]
    xy, index = shapely.get_coordinates(parts, return_index=True)
    lines = np.split(xy, np.flatnonzero(np.diff(index)) + 1) if len(xy) else []
    style.setdefault("capstyle", "round")
    style.setdefault("joinstyle", "round")
    collection = LineCollection(lines, **style)
    axes.add_collection(collection, autolim=False)
    return collection


def add_polygons(axes: Axes, geometry: NDArray[Any], **style: Any) -> PathCollection:  # noqa: ANN401 - passed on to matplotlib
    """Draw polygons, holes left open, as one collection."""
    parts = shapely.get_parts(np.asarray(geometry, dtype=object))
    parts = shapely.orient_polygons(parts[shapely.get_type_id(parts) == 3])
    rings, owner = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    codes = np.full(len(xy), Outline.LINETO, np.uint8)
    starts = np.flatnonzero(np.r_[True, np.diff(ring) != 0]) if len(xy) else np.array([], int)
    codes[starts] = Outline.MOVETO
    cuts = starts[np.flatnonzero(np.diff(owner[ring[starts]])) + 1] if len(xy) else starts
    paths = [
        Outline(vertices, code)
        for vertices, code in zip(np.split(xy, cuts), np.split(codes, cuts), strict=True)
        if len(vertices)
    ]
    collection = PathCollection(paths, **style)
    collection.set_transform(axes.transData)
    axes.add_collection(collection, autolim=False)
    return collection


def scale_bar(axes: Axes, *, language: Language = "en", style: MapStyle = STYLE) -> None:
    """Draw a scale bar of a round length at the lower left."""
    west, east = axes.get_xlim()
    south, north = axes.get_ylim()
    span = 0.24 * (east - west)
    power = 10.0 ** np.floor(np.log10(span))
    length = max(step * power for step in (1.0, 2.0, 5.0) if step * power <= span)
    x, y = west + 0.035 * (east - west), south + 0.03 * (north - south)
    high = 0.006 * (north - south)
    pieces = [Rectangle((x + k * length / 4, y), length / 4, high) for k in range(4)]
    axes.add_collection(
        PatchCollection(
            pieces,
            facecolors=[style.ink, "white", style.ink, "white"],
            edgecolors=style.ink,
            linewidths=0.8,
            zorder=9,
        ),
        autolim=False,
    )
    unit, divisor = ("km", 1000.0) if length >= 1000.0 else ("m", 1.0)
    for share in (0.0, 0.5, 1.0):
        text = short_number(share * length / divisor, language)
        text += f" {unit}" if share == 1.0 else ""
        axes.text(
            x + share * length, y + 1.8 * high, text, ha="center", va="bottom", fontsize=9,
            color=style.ink, zorder=9, path_effects=[withStroke(linewidth=3, foreground="white")],
        )  # fmt: skip


def north_arrow(axes: Axes, *, language: Language = "en", style: MapStyle = STYLE) -> None:
    """Draw a north arrow at the upper left."""
    axes.annotate(
        TEXT[language]["north"],
        xy=(0.04, 0.97),
        xytext=(0.04, 0.915),
        xycoords="axes fraction",
        ha="center",
        va="center",
        fontsize=12,
        fontweight="bold",
        color=style.ink,
        arrowprops={"arrowstyle": "-|>", "color": style.ink, "linewidth": 1.6},
        zorder=9,
    )
