"""
Maps of a city, and the parts from which other maps are composed.

:func:`plot_city` draws the whole map; a map of results starts with :func:`draw_base`, draws over
it, and ends with :func:`scale_bar`, :func:`north_arrow` and :func:`legend`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.patheffects import Normal, Stroke

from models.errors import CityError
from twin.results.mapsheet import (
    Bounds,
    Language,
    add_lines,
    add_polygons,
    new_map,
    north_arrow,
    points_per_metre,
    save_map,
    scale_bar,
)
from twin.results.mapstyle import (
    BUILDING_COLOURS,
    LAND_USE_COLOURS,
    MARKERS,
    ROADS,
    STYLE,
    TEXT,
    MapStyle,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import geopandas as gpd
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage

    from twin.city.city import City

__all__ = [
    "STYLE",
    "MapStyle",
    "add_lines",
    "add_polygons",
    "city_bounds",
    "draw_base",
    "draw_buildings",
    "draw_facilities",
    "draw_ground",
    "draw_roads",
    "draw_water",
    "legend",
    "new_map",
    "north_arrow",
    "plot_city",
    "save_map",
    "scale_bar",
]


def city_bounds(city: City) -> Bounds:
    """
    Return the box of the map: the grid's, else the boundary's, else the roads'.

    Raises
    ------
    CityError
        If the city has none of them.
    """
    grid = city.grid
    if grid is not None:
        return grid.bounds
    for name in ("boundary", "roads", "road_nodes", "facilities"):
        frame = city.layer(name)
        if len(frame):
            west, south, east, north = (float(v) for v in frame.total_bounds)
            margin = 0.03 * max(east - west, north - south, 100.0)
            return west - margin, south - margin, east + margin, north + margin
    raise CityError("the city has nothing to draw", where=f"city {city.name}")


def draw_ground(axes: Axes, city: City, *, style: MapStyle = STYLE) -> AxesImage | None:
    """Draw the ground level of dry land, low to high; None where there is no terrain."""
    terrain, grid = city.terrain, city.grid
    if terrain is None or grid is None:
        return None
    level = np.asarray(terrain["ground_level"].values, float)
    if "water" in terrain:
        level = np.where(terrain["water"].values > 0, np.nan, level)
    if not np.isfinite(level).any():
        return None
    low, high = np.nanpercentile(level, [2.0, 98.0])
    colours = LinearSegmentedColormap.from_list("ground", [style.low, style.high], bad=(0, 0, 0, 0))
    west, south, east, north = grid.bounds
    return axes.imshow(
        np.ma.masked_invalid(level),
        extent=(west, east, south, north),
        origin="upper",
        cmap=colours,
        vmin=float(low),
        vmax=float(max(high, low + 0.01)),
        interpolation="nearest",
        zorder=1,
        aspect="equal",
    )


def draw_water(axes: Axes, city: City, *, style: MapStyle = STYLE, zorder: float = 2.0) -> None:
    """Draw water areas and, where they are too narrow to show or missing, centre lines."""
    areas = city.layer("water_areas")
    scale = points_per_metre(axes)
    lines = city.layer("waterways")
    if len(lines):
        width = np.nan_to_num(lines["width_m"].to_numpy(float), nan=6.0)
        river = (lines["kind"] == "river").to_numpy()
        shown = ~river | (len(areas) == 0)
        add_lines(
            axes,
            lines.geometry.to_numpy()[shown],
            colors=style.water,
            linewidths=np.maximum(width[shown] * scale, 0.55),
            zorder=zorder,
            capstyle="butt",
        )
    if len(areas):
        river = areas["kind"].isin(["river", "sea"]).to_numpy()
        shapes = areas.geometry.to_numpy()
        edge = min(0.5, 14.0 * scale)
        for chosen, colour in ((~river, style.water), (river, style.river)):
            add_polygons(
                axes, shapes[chosen], facecolors=colour, edgecolors=colour, linewidths=edge,
                zorder=zorder + 0.1,
            )  # fmt: skip


def draw_buildings(axes: Axes, city: City, *, style: MapStyle = STYLE, zorder: float = 3.0) -> None:
    """Draw footprints, coloured by kind."""
    frame = city.layer("buildings")
    if not len(frame):
        return
    colours = frame["kind"].map(BUILDING_COLOURS).fillna(style.building).tolist()
    edge = 0.15 if points_per_metre(axes) > 0.1 else 0.0
    add_polygons(
        axes,
        frame.geometry.to_numpy(),
        facecolors=colours,
        edgecolors=style.building_edge if edge else "none",
        linewidths=edge,
        zorder=zorder,
    )


def _base_class(road_class: str) -> str:
    plain = road_class.removesuffix("_link")
    return plain if plain in ROADS else "service"


def draw_roads(
    axes: Axes,
    city: City,
    *,
    style: MapStyle = STYLE,
    zorder: float = 4.0,
    muted: bool = False,
) -> None:
    """
    Draw roads by class, narrow ones below, with bridges marked across the water.

    *muted* draws them all in grey, for a map on which something else has the colours.
    """
    frame = city.layer("roads")
    if not len(frame):
        return
    scale = points_per_metre(axes)
    plain = frame["road_class"].astype(str).map(_base_class).to_numpy()
    lines = frame.geometry.to_numpy()
    bridge = frame["is_bridge"].to_numpy(bool)

    def width_of(name: str) -> float:
        _, metres, least, _, _ = ROADS[name]
        return max(metres * scale, least * (0.75 if scale < 0.06 else 1.0))

    for name in sorted(ROADS, key=lambda k: ROADS[k][3]):
        chosen = plain == name
        if not chosen.any():
            continue
        colour, _, _, order, cased = ROADS[name]
        width = width_of(name)
        where = zorder + 0.1 * order
        if cased:
            faint = width < 0.6
            add_lines(
                axes, lines[chosen], colors=style.casing,
                linewidths=width + (0.15 if faint else 0.7), zorder=where - 0.05,
            )  # fmt: skip
        add_lines(
            axes,
            lines[chosen],
            colors="#ffffff" if muted else colour,
            linewidths=width,
            zorder=where,
        )
    for name in sorted(set(plain[bridge].tolist()), key=lambda k: ROADS[k][3]):
        chosen = bridge & (plain == name)
        width = width_of(name)
        add_lines(
            axes, lines[chosen], colors=style.bridge, linewidths=width + 1.3, capstyle="butt",
            zorder=zorder + 0.8,
        )  # fmt: skip
        add_lines(
            axes, lines[chosen], colors="#ffffff" if muted else ROADS[name][0], linewidths=width,
            capstyle="butt", zorder=zorder + 0.9,
        )  # fmt: skip


def draw_facilities(
    axes: Axes, city: City, *, kinds: Sequence[str] | None = None, zorder: float = 6.0
) -> list[str]:
    """Draw facilities, hydrants and gates, and return the kinds that were drawn."""
    drawn = []
    for kind in MARKERS if kinds is None else kinds:
        frame = _points(city, kind)
        if not len(frame):
            continue
        marker, colour, size = MARKERS[kind]
        centre = shapely.get_coordinates(shapely.centroid(frame.geometry.to_numpy()))
        axes.plot(
            centre[:, 0], centre[:, 1], marker, color=colour, markersize=size,
            markeredgecolor="white", markeredgewidth=0.6, zorder=zorder, linestyle="none",
        )  # fmt: skip
        drawn.append(kind)
    return drawn


def _points(city: City, kind: str) -> gpd.GeoDataFrame:
    if kind == "hydrant":
        return city.layer("hydrants")
    frame = city.layer("structures" if kind == "tidal_gate" else "facilities")
    return frame[frame["kind"] == kind]


def draw_base(
    axes: Axes,
    city: City,
    *,
    ground: bool = True,
    buildings: bool = True,
    roads: bool = True,
    muted: bool = False,
    style: MapStyle = STYLE,
) -> AxesImage | None:
    """Draw ground, land use, water, buildings, roads and boundary; return the ground's image."""
    west, east = axes.get_xlim()
    south, north = axes.get_ylim()
    axes.add_patch(
        Rectangle((west, south), east - west, north - south, facecolor=style.beyond, zorder=0.5)
    )
    boundary = city.layer("boundary")
    if city.terrain is None and len(boundary):
        add_polygons(axes, boundary.geometry.to_numpy(), facecolors=style.paper, zorder=0.8)
    image = draw_ground(axes, city, style=style) if ground else None
    if "land_use" in city.layers:
        land = city.layers["land_use"]
        for kind, colour in LAND_USE_COLOURS.items():
            chosen = land.geometry.to_numpy()[(land["kind"] == kind).to_numpy()]
            order = 1.4 if kind == "industrial" else 1.6
            add_polygons(axes, chosen, facecolors=colour, edgecolors="none", zorder=order)
    draw_water(axes, city, style=style)
    if buildings:
        draw_buildings(axes, city, style=style)
    if roads:
        draw_roads(axes, city, style=style, muted=muted)
    if len(boundary):
        add_lines(
            axes, shapely.boundary(boundary.geometry.to_numpy()), colors=style.boundary,
            linewidths=1.1, linestyles=(0, (6, 2, 1, 2)), alpha=0.8, zorder=5.5, capstyle="butt",
        )  # fmt: skip
    return image


def _entries(city: City, drawn: Sequence[str], text: Mapping[str, str]) -> list[Artist]:
    entries: list[Artist] = []
    roads = city.layer("roads")
    present = set(roads["road_class"].astype(str).map(_base_class)) if len(roads) else set()
    for name in ("motorway", "trunk", "primary", "secondary", "tertiary", "residential", "alley"):
        if name in present:
            colour, _, least, _, cased = ROADS[name]
            entries.append(
                Line2D(
                    [], [], color=colour if cased else "#cdbb9f", linewidth=1.5 + 1.4 * least,
                    label=text[name],
                    path_effects=[Stroke(linewidth=2.9 + 1.4 * least, foreground=STYLE.casing),
                                  Normal()] if cased else None,
                )
            )  # fmt: skip
    if len(roads) and roads["is_bridge"].any():
        entries.append(Line2D([], [], color=STYLE.bridge, linewidth=4.0, label=text["bridge"]))
    kinds = set(city.layer("water_areas")["kind"]) | set(city.layer("waterways")["kind"])
    if kinds & {"river", "sea"}:
        entries.append(Patch(facecolor=STYLE.river, label=text["river"]))
    if kinds & {"canal", "drain", "stream"}:
        entries.append(Patch(facecolor=STYLE.water, label=text["canal"]))
    land = set(city.layers["land_use"]["kind"]) if "land_use" in city.layers else set()
    entries += [
        Patch(facecolor=colour, label=text[kind])
        for kind, colour in LAND_USE_COLOURS.items()
        if kind in land
    ]
    houses = city.layer("buildings")
    if len(houses):
        entries.append(Patch(facecolor=STYLE.building, label=text["building"]))
        if (houses["kind"] == "apartments").any():
            colour = BUILDING_COLOURS["apartments"]
            entries.append(Patch(facecolor=colour, label=text["apartments"]))
    for kind in reversed(drawn):
        marker, colour, size = MARKERS[kind]
        entries.append(
            Line2D(
                [], [], marker=marker, color=colour, markersize=size + 1, linestyle="none",
                markeredgecolor="white", label=text[kind],
            )
        )  # fmt: skip
    if len(city.layer("boundary")):
        entries.append(
            Line2D(
                [], [], color=STYLE.boundary, linestyle=(0, (6, 2, 1, 2)), label=text["boundary"]
            )
        )
    return entries


def legend(
    figure: Figure,
    axes: Axes,
    city: City,
    *,
    drawn: Sequence[str] = (),
    extra: Sequence[Artist] = (),
    language: Language = "en",
) -> None:
    """Put the legend beside the map; *drawn* are kinds of points, *extra* entries of results."""
    entries = [*extra, *_entries(city, drawn, TEXT[language])]
    right = axes.get_position().x1
    figure.legend(
        handles=entries,
        loc="upper left",
        bbox_to_anchor=(right + 0.01, axes.get_position().y1 - 0.01),
        frameon=False,
        fontsize=10,
        labelspacing=0.75,
        handlelength=2.2,
        borderaxespad=0.0,
    )


def plot_city(
    city: City, path: str | Path, *, language: Language = "en", size_px: int = 1600
) -> Path:
    """
    Draw the city with legend, scale bar and north arrow, and return the path of the PNG.

    Parameters
    ----------
    city
        Any city; what it lacks is left out.
    path
        Of the picture.
    language
        ``vi`` or ``en``.
    size_px
        Longer side of the map, pixels; the legend comes on top of it.

    Raises
    ------
    CityError
        If the city has nothing to draw.
    InvalidInputError
        If the picture cannot be written.
    """
    text = TEXT[language]
    panel = 250
    figure, axes = new_map(city_bounds(city), size_px=size_px, panel_px=panel, title_px=56)
    image = draw_base(axes, city)
    drawn = draw_facilities(axes, city)
    scale_bar(axes, language=language)
    north_arrow(axes, language=language)
    legend(figure, axes, city, drawn=drawn, language=language)
    place = axes.get_position()
    title = city.title.get(language) or city.title.get("en") or city.name
    figure.text(0.012, 0.5 + place.y1 / 2, title, fontsize=17, va="center", color=STYLE.ink)
    if image is not None:
        bar = figure.add_axes((place.x1 + 0.02, 0.085, (1 - place.x1) * 0.72, 0.012))
        figure.colorbar(image, cax=bar, orientation="horizontal")
        bar.tick_params(labelsize=8)
        basis = city.provenance.get("terrain/ground_level")
        label = text["ground"] + (f" ({text[str(basis.basis)]})" if basis is not None else "")
        bar.set_title(label, fontsize=9.5, color=STYLE.ink, loc="left")
    return save_map(figure, path)
