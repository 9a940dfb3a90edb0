"""Maps: how deep, where and when, and which streets could not be driven."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.collections import LineCollection
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from twin.language import label, number, short_number, text
from twin.results import plot_style as style
from twin.results.cityplot import (
    MapStyle,
    add_lines,
    add_polygons,
    draw_base,
    north_arrow,
    scale_bar,
)
from twin.results.series import closures, dry_land

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from twin.city.city import City
    from twin.results.mapsheet import Language
    from twin.results.open import Run

__all__ = ["Sheet", "draw_city", "finish", "plot_closures", "plot_depth", "sheet_of"]

_PANEL_IN = 3.0
_MAIN_ROADS = ("motorway", "trunk", "primary", "secondary")
_FACILITIES = {
    "hospital": ("P", "#b2182b", 80),
    "ambulance_station": ("s", "#2166ac", 46),
    "fire_station": ("D", "#23303b", 42),
}


_GREY = MapStyle(
    paper=style.LAND,
    beyond="#eceae5",
    water=style.WATER,
    river=style.WATER,
    shore=style.WATER_EDGE,
    casing=style.STREET,
    bridge="#8d8a84",
    boundary=style.INK,
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A figure with a map on the left and room for the legend on the right."""

    figure: Figure
    axes: Axes
    right: float


def plot_depth(
    run: Run,
    path: Path,
    *,
    depth_m: NDArray[np.floating[Any]],
    title: str,
    language: str,
    subtitle: str,
) -> Path:
    """
    Draw the depth of water on land over the city.

    Parameters
    ----------
    run, path
        What to draw, and where to write the picture.
    depth_m
        Shape (ny, nx), in the grid of the run.
    title, subtitle, language
        What stands above the map.
    """
    sheet = sheet_of(run, title, subtitle)
    city = run.city
    draw_city(sheet.axes, city)
    colours = _depth_colours()
    shown = np.where(dry_land(run) & (depth_m >= style.DEPTHS_M[0]), depth_m, np.nan)
    size = float(run.flood.attrs["cell_size_m"]) / 2.0
    x, y = run.flood["x"].to_numpy(), run.flood["y"].to_numpy()
    sheet.axes.imshow(
        shown,
        extent=(x[0] - size, x[-1] + size, y[-1] - size, y[0] + size),
        cmap=colours,
        norm=BoundaryNorm([*style.DEPTHS_M, 1e9], len(style.DEPTHS_M)),
        interpolation="nearest",
        zorder=4.95,
        alpha=0.86,
    )
    handles: list[Any] = [
        Patch(color=colours(k), label=_depth_label(k, language))
        for k in reversed(range(len(style.DEPTHS_M)))
    ]
    handles.append(
        Patch(
            facecolor=style.WATER,
            edgecolor=style.WATER_EDGE,
            label=text("plot.water_body", language),
        )
    )
    main = city.layer("roads")
    main = main[main["road_class"].isin(_MAIN_ROADS)]
    add_lines(sheet.axes, main.geometry.to_numpy(), colors="#3c4650", linewidths=0.6, zorder=5)
    blocks = [(text("plot.depth_axis", language), handles)]
    finish(sheet, run, blocks, _depth_notes(run, depth_m, language), language)
    return style.save(sheet.figure, path)


def plot_closures(run: Run, path: Path, *, vehicle: str, language: str, subtitle: str) -> Path:
    """Draw for how long each street was closed to a class of vehicle, and what became of calls."""
    title = text("plot.closures", language, vehicle=label("vehicle", vehicle, language))
    sheet = sheet_of(run, title, subtitle)
    city = run.city
    draw_city(sheet.axes, city)
    found = closures(run, vehicle)
    hours = _hours_by_segment(run, found.hours, len(city.layer("roads")))
    bounds = [*style.CLOSED_COLOURS, np.inf]
    lines = _street_lines(city)
    handles: list[Any] = []
    for low, high, colour in zip(
        bounds[:-1], bounds[1:], style.CLOSED_COLOURS.values(), strict=True
    ):
        chosen = np.flatnonzero((hours > low if low == 0 else hours >= low) & (hours < high))
        sheet.axes.add_collection(
            LineCollection(
                [lines[k] for k in chosen],
                colors=colour,
                linewidths=1.9,
                zorder=4,
                capstyle="round",
            ),
            autolim=False,
        )
        text_ = _hours_label(low, high, language)
        handles.append(Line2D([], [], color=colour, linewidth=3, label=text_))
    never = text("plot.closed_never", language)
    handles.append(Line2D([], [], color=style.STREET, linewidth=1.5, label=never))
    calls = _draw_incidents(sheet.axes, run, language)
    count = run.incidents["incident"].nunique() if calls else 0
    blocks = [
        (text("plot.closed_for", language), handles),
        (text("plot.calls", language, count=count), calls),
        (text("plot.places", language), _draw_facilities(sheet.axes, city, language)),
    ]
    finish(sheet, run, blocks, _closure_notes(run, vehicle, language), language)
    return style.save(sheet.figure, path)


def sheet_of(run: Run, title: str, subtitle: str) -> Sheet:
    """Return an empty map of the extent of the run, headed."""
    west, south, east, north = _extent(run)
    tall = (north - south) / (east - west)
    width = 9.0 if tall < 1.0 else 7.6
    height = min(max(width * tall, 4.2), 10.0)
    width = height / tall
    total_w, total_h = width + _PANEL_IN + 0.5, height + 1.35
    figure = style.new_figure(total_w, total_h)
    style.heading(figure, title, subtitle)
    axes = figure.add_axes(
        (0.2 / total_w, 0.42 / total_h, width / total_w, height / total_h), facecolor=style.LAND
    )
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    axes.set_aspect("equal")
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_color("#c9cfd4")
    return Sheet(figure, axes, (0.35 + width) / total_w)


def draw_city(axes: Axes, city: City) -> None:
    """Draw the city in greys, so that the colours belong to the results."""
    boundary = city.layer("boundary")
    if len(boundary):
        add_polygons(axes, boundary.geometry.to_numpy(), facecolors=style.LAND, zorder=0.9)
    draw_base(axes, city, ground=False, buildings=False, muted=True, style=_GREY)


def _extent(run: Run) -> tuple[float, float, float, float]:
    """Return west, south, east, north, m: the boundary with a margin, or the whole grid."""
    boundary = run.city.layer("boundary")
    if len(boundary):
        west, south, east, north = boundary.total_bounds
    elif run.has_flood:
        x, y = run.flood["x"].to_numpy(), run.flood["y"].to_numpy()
        west, south, east, north = x[0], y[-1], x[-1], y[0]
    else:
        west, south, east, north = run.city.layer("roads").total_bounds
    margin = 0.025 * max(east - west, north - south)
    return west - margin, south - margin, east + margin, north + margin


def finish(
    sheet: Sheet,
    run: Run,
    blocks: Sequence[tuple[str, list[Any]]],
    notes: Sequence[str],
    language: str,
) -> None:
    """Add legends under one another, notes below them, scale, north and the warning."""
    high = float(sheet.figure.get_size_inches()[1])
    top = sheet.axes.get_position().y1
    for title, handles in blocks:
        if not handles:
            continue
        legend = sheet.figure.legend(
            handles=handles,
            title=title,
            loc="upper left",
            bbox_to_anchor=(sheet.right, top),
            frameon=False,
            fontsize=10.5,
            labelspacing=0.5,
            handlelength=1.7,
            borderaxespad=0.0,
            alignment="left",
        )
        legend.get_title().set_fontsize(11)
        legend.get_title().set_fontweight("bold")
        top -= (0.42 + 0.235 * len(handles)) / high
    sheet.figure.text(
        sheet.right + 0.006,
        top - 0.1 / high,
        "\n".join(notes),
        size=11,
        color=style.INK,
        va="top",
        linespacing=1.55,
    )
    spoken: Language = "vi" if language == "vi" else "en"
    scale_bar(sheet.axes, language=spoken)
    north_arrow(sheet.axes, language=spoken)
    if "terrain/ground_level" in run.assumed:
        style.assumed_note(sheet.figure, text("plot.assumed_ground", language))


def _depth_notes(run: Run, depth_m: NDArray[np.floating[Any]], language: str) -> list[str]:
    land = dry_land(run)
    if "inside" in run.flood:
        land &= run.flood["inside"].to_numpy() != 0
    depth = depth_m[land]
    if not depth.size:
        return []
    hectare = float(run.flood.attrs["cell_size_m"]) ** 2 / 1e4
    notes = [text("plot.deepest", language, depth=number(float(np.nanmax(depth)), language, 2))]
    for threshold in (0.1, 0.3, 0.5):
        area = number(float(np.count_nonzero(depth >= threshold)) * hectare, language)
        shown = short_number(threshold, language)
        notes.append(text("plot.area_flooded", language, depth=shown, area=area))
    return [*notes, f"({text('plot.land_note', language)})"]


def _closure_notes(run: Run, vehicle: str, language: str) -> list[str]:
    roads, column = run.series("roads"), f"closed_km_{vehicle}"
    if column not in roads or not roads[column].any():
        return []
    row = int(roads[column].argmax())
    moment = run.start + pd.Timedelta(seconds=float(roads["time_s"].iloc[row]))
    longest = number(float(roads[column].iloc[row]), language, 1)
    return [text("plot.peak_note", language, km=longest, time=f"{moment:%H:%M %d/%m/%Y}")]


def _depth_colours() -> ListedColormap:
    steps = np.linspace(0.16, 1.0, len(style.DEPTHS_M))
    return ListedColormap([colormaps["YlGnBu"](step) for step in steps])


def _depth_label(k: int, language: str) -> str:
    low = short_number(style.DEPTHS_M[k], language)
    if k + 1 == len(style.DEPTHS_M):
        return text("plot.flooded_more", language, depth=low)
    return text(
        "plot.depth_between", language, low=low, high=short_number(style.DEPTHS_M[k + 1], language)
    )


def _hours_label(low: float, high: float, language: str) -> str:
    if low == 0:
        return text("plot.closed_less", language, hours=short_number(high, language))
    if high == np.inf:
        return text("plot.closed_more", language, hours=short_number(low, language))
    return text(
        "plot.closed_between",
        language,
        low=short_number(low, language),
        high=short_number(high, language),
    )


def _street_lines(city: City) -> list[NDArray[np.float64]]:
    return [np.asarray(line.coords)[:, :2] for line in city.layer("roads").geometry]


def _hours_by_segment(run: Run, hours: NDArray[np.float64], segments: int) -> NDArray[np.float64]:
    longest = np.zeros(segments)
    np.maximum.at(longest, np.asarray(run.roads["segment"].values, np.int64), hours)
    return longest


def _draw_facilities(axes: Axes, city: City, language: str) -> list[Any]:
    facilities = city.layer("facilities")
    handles = []
    for kind, (marker, colour, size) in _FACILITIES.items():
        places = facilities[facilities["kind"] == kind]
        if not len(places):
            continue
        points = places.geometry.centroid
        axes.scatter(
            points.x,
            points.y,
            marker=marker,
            s=size,
            color=colour,
            edgecolor="white",
            linewidth=0.9,
            zorder=6,
        )
        handles.append(
            Line2D(
                [],
                [],
                marker=marker,
                color=colour,
                linestyle="",
                markersize=size**0.5,
                label=text(f"plot.{kind}", language),
            )
        )
    return handles


def _draw_incidents(axes: Axes, run: Run, language: str) -> list[Any]:
    """Mark every call by the worst of the services that it needed."""
    if not len(run.incidents):
        return []
    worst = run.incidents.assign(
        never=run.incidents["response_s"].isna(), late=~run.incidents["within_target"]
    )
    calls = worst.groupby("incident", sort=False).agg(
        x_m=("x_m", "first"), y_m=("y_m", "first"), never=("never", "max"), late=("late", "max")
    )
    never, late = calls["never"].to_numpy(bool), calls["late"].to_numpy(bool)
    sorts = (
        ("plot.in_time", ~never & ~late, style.IN_TIME, "o"),
        ("plot.late", ~never & late, style.LATE, "^"),
        ("plot.never", never, style.NEVER, "X"),
    )
    handles = []
    for key, chosen, colour, marker in sorts:
        axes.scatter(
            calls["x_m"][chosen],
            calls["y_m"][chosen],
            marker=marker,
            s=70 if marker == "X" else 40,
            color=colour,
            edgecolor="white",
            linewidth=0.7,
            zorder=5,
        )
        name = f"{text(key, language)} ({int(chosen.sum())})"
        handles.append(Line2D([], [], marker=marker, color=colour, linestyle="", label=name))
    return handles
