"""A picture of a reach, of an exposure and of a plan of sites."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib import colormaps
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from twin.analysis.show import place_name, state_name
from twin.city.provenance import Basis
from twin.language import label, short_number, text
from twin.results import plot_style as style
from twin.results.cityplot import add_lines, north_arrow, scale_bar
from twin.results.plot_maps import draw_city

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import geopandas as gpd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from twin.analysis.exposure import Exposure
    from twin.analysis.reach import Reach
    from twin.analysis.siting import SitingPlan
    from twin.city.city import City
    from twin.results.mapsheet import Language

__all__ = ["plot_exposure", "plot_reach", "plot_siting"]

#: Colours of H1 to H6, from pale to dark.
_HAZARD: Final = ("#fdd49e", "#fdbb84", "#fc8d59", "#ef6548", "#d7301f", "#7f0000")
_NEVER: Final = "#4b0033"


def plot_reach(reach: Reach, path: Path, *, language: str) -> Path:
    """
    Draw the streets by minutes: on dry roads, and at the time with the most people cut off.

    Parameters
    ----------
    reach, path, language
        What to draw, where to write it, and in which language.
    """
    states = [0]
    if len(reach.states) > 1:
        worst = reach.table.iloc[1:].sort_values(["cut_off", "mean_min"], kind="stable").index[-1]
        states.append(int(worst))
    city, place = reach.streets.city, place_name(reach.kind, language)
    heading = text(
        "reach.title",
        language,
        place=place,
        vehicle=label("vehicle", reach.streets.vehicle.name, language).lower(),
        way=text(f"direction.{reach.direction}", language, place=place),
    )
    figure, panels = _maps(city, len(states), heading, language)
    limits = reach.minutes
    steps = np.linspace(0.12, 0.82, len(limits) + 1)
    colours = [colormaps["viridis_r"](step) for step in steps]
    for axes, state in zip(panels, states, strict=True):
        frame = reach.on_streets(state)
        minutes, lines = frame["minutes"].to_numpy(), frame.geometry.to_numpy()
        bounds = (-1.0, *limits, np.inf)
        for k, colour in enumerate(colours):
            chosen = (minutes > bounds[k]) & (minutes <= bounds[k + 1]) & np.isfinite(minutes)
            add_lines(axes, lines[chosen], colors=[colour], linewidths=1.2, zorder=5)
        never = ~np.isfinite(minutes) & reach.streets.usable
        add_lines(axes, lines[never], colors=_NEVER, linewidths=1.2, zorder=5.1)
        _mark(axes, reach.facilities, "P", "#b2182b")
        name = state_name(reach.states[state].label, language)
        key = "reach.map_from" if reach.direction == "from" else "reach.map"
        axes.set_title(text(key, language, place=place, state=name), fontsize=11, loc="left")
    handles: list[Any] = [
        Line2D([], [], color=colour, linewidth=3, label=name)
        for colour, name in zip(colours, _bands(limits, language), strict=True)
    ]
    never_name = text("reach.not_reached", language)
    handles.append(Line2D([], [], color=_NEVER, linewidth=3, label=never_name))
    handles.append(_marker("P", "#b2182b", label("facility", reach.kind, language)))
    _legend(figure, text("reach.minutes", language), handles)
    _say_what_is_assumed(figure, city, wet=len(reach.states) > 1, language=language)
    return style.save(figure, path)


def plot_siting(plan: SitingPlan, path: Path, *, language: str) -> Path:
    """Draw candidates, kept and chosen sites over the streets by minutes from the nearest."""
    minutes = short_number(plan.within_min, language)
    problem = text(f"site.{plan.problem}", language, minutes=minutes)
    count = int(plan.answer.units.sum())
    city = plan.streets.city
    title = text("site.title", language, problem=problem, count=count)
    figure, (axes,) = _maps(city, 1, title, language)
    state, graph = plan.states[-1], plan.streets.graph
    nodes = plan.sites["node"].to_numpy(np.int64)
    seconds = plan.streets.nearest(state, nodes, "from").seconds
    near = np.full(len(city.layer("roads")), np.inf)
    usable = np.isfinite(state.seconds)
    both = np.minimum(seconds[graph.tail], seconds[graph.head])
    np.minimum.at(near, graph.segment[usable], both[usable])
    lines = city.layer("roads").geometry.to_numpy()
    within = near <= 60.0 * plan.within_min
    usable_dry = plan.streets.usable
    sorts = (
        (within, style.IN_TIME, text("reach.up_to", language, minutes=minutes)),
        (~within & np.isfinite(near), style.LATE, text("reach.more", language, minutes=minutes)),
        (~np.isfinite(near) & usable_dry, _NEVER, text("reach.not_reached", language)),
    )
    handles: list[Any] = []
    for chosen, colour, name in sorts:
        add_lines(axes, lines[chosen], colors=colour, linewidths=1.0, zorder=5)
        handles.append(Line2D([], [], color=colour, linewidth=3, label=name))
    points = plan.candidates.geometry
    axes.scatter(points.x, points.y, s=14, color="#66727d", zorder=5.5)
    _mark(axes, plan.sites[~plan.sites["kept"]], "*", "#2166ac", size=190)
    _mark(axes, plan.sites[plan.sites["kept"]], "s", style.INK)
    handles.append(_marker("*", "#2166ac", text("site.map", language)))
    handles.append(_marker("s", style.INK, text("site.kept", language)))
    axes.set_title(state_name(state.label, language), fontsize=11, loc="left")
    _legend(figure, text("reach.minutes", language), handles)
    _say_what_is_assumed(figure, city, wet=len(plan.states) > 1, language=language)
    return style.save(figure, path)


def plot_exposure(exposure: Exposure, path: Path, *, language: str) -> Path:
    """Draw how many people, or homes where people are not known, stand in water over time."""
    group = "people" if exposure.has_people else "homes"
    rows = exposure.exposed[exposure.exposed["group"] == group]
    figure = style.new_figure(10.0, 5.6)
    subtitle = exposure.run.id
    style.heading(figure, text("exposure.picture", language), subtitle)
    axes = figure.add_axes((0.09, 0.2, 0.74, 0.62))
    floor = np.zeros(len(rows))
    names = [state_name(str(state), language) for state in rows["state"]]
    places = np.arange(len(rows))
    for k, colour in enumerate(_HAZARD, start=1):
        values = rows[f"H{k}"].to_numpy(np.float64)
        axes.bar(places, values, bottom=floor, color=colour, width=0.8)
        floor = floor + values
    style.quiet(axes, language)
    axes.set_xticks(places, [name.split(" ")[-1] if ":" in name else name for name in names])
    axes.tick_params(axis="x", labelrotation=45)
    axes.set_ylabel(text(f"group.{group}", language))
    handles = [Patch(color=c, label=f"H{k}") for k, c in enumerate(_HAZARD, start=1)]
    axes.legend(handles=handles[::-1], loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False)
    if "terrain/ground_level" in exposure.run.assumed:
        style.assumed_note(figure, text("plot.assumed_ground", language))
    return style.save(figure, path)


def _maps(city: City, count: int, title: str, language: str) -> tuple[Figure, list[Axes]]:
    """Return a figure with *count* maps of the city side by side, and room for a legend."""
    frame = city.layer("boundary") if len(city.layer("boundary")) else city.layer("roads")
    west, south, east, north = frame.total_bounds
    margin = 0.03 * max(east - west, north - south)
    tall = (north - south + 2 * margin) / (east - west + 2 * margin)
    width = 6.4
    height = min(max(width * tall, 3.6), 9.0)
    total_w, total_h = count * (width + 0.25) + 2.2, height + 1.6
    figure = style.new_figure(total_w, total_h)
    style.heading(figure, title, city.title.get(language, city.name))
    panels = []
    spoken: Language = "vi" if language == "vi" else "en"
    for k in range(count):
        left = (0.2 + k * (width + 0.25)) / total_w
        axes = figure.add_axes(
            (left, 0.5 / total_h, width / total_w, height / total_h), facecolor=style.LAND
        )
        axes.set_xlim(west - margin, east + margin)
        axes.set_ylim(south - margin, north + margin)
        axes.set_aspect("equal")
        axes.set_xticks([])
        axes.set_yticks([])
        draw_city(axes, city)
        scale_bar(axes, language=spoken)
        north_arrow(axes, language=spoken)
        panels.append(axes)
    return figure, panels


def _say_what_is_assumed(figure: Figure, city: City, *, wet: bool, language: str) -> None:
    """Say what faint streets are, and that the ground is assumed where the water stands on it."""
    width, height = figure.get_size_inches()
    figure.text(
        0.2 / width, 0.33 / height, text("reach.not_open", language), size=9, color=style.MUTED
    )
    ground = city.provenance.get("terrain/ground_level")
    if wet and ground is not None and ground.basis == Basis.ASSUMED:
        style.assumed_note(figure, text("plot.assumed_ground", language))


def _mark(
    axes: Axes, places: gpd.GeoDataFrame, marker: str, colour: str, *, size: float = 60
) -> None:
    points = places.geometry
    axes.scatter(
        points.x, points.y, marker=marker, s=size, color=colour, edgecolor="white", zorder=6
    )


def _marker(marker: str, colour: str, name: str) -> Line2D:
    return Line2D([], [], marker=marker, color=colour, linestyle="", markersize=9, label=name)


def _bands(limits: Sequence[float], language: str) -> list[str]:
    shown = [short_number(limit, language) for limit in limits]
    names = [text("reach.up_to", language, minutes=minutes) for minutes in shown]
    return [*names, text("reach.more", language, minutes=shown[-1])]


def _legend(figure: Figure, title: str, handles: list[Any]) -> None:
    width = float(figure.get_size_inches()[0])
    legend = figure.legend(
        handles=handles,
        title=title,
        loc="upper left",
        bbox_to_anchor=(1.0 - 2.05 / width, 0.86),
        frameon=False,
        fontsize=10,
        alignment="left",
    )
    legend.get_title().set_fontweight("bold")
