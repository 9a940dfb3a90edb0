"""The scene of a run: all that a map must know before it draws anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dash_app.results.fields import field_specs_of

if TYPE_CHECKING:
    from dash_app.results.opened import OpenRun
    from models.grid import Grid

__all__ = ["MESH", "bounds_of", "scene_of"]

#: Points a side of the lattice over the grid: 32 by 32 quadrilaterals.
MESH = 33


def scene_of(opened: OpenRun) -> dict[str, Any]:
    """Return the scene: grid, times, fields, bounds, the city's address and what is assumed."""
    run, grid = opened.run, opened.grid
    city = run.manifest.get("city") or {}
    scenario = run.manifest.get("scenario")
    named: dict[str, Any] = (
        scenario if isinstance(scenario, dict) else {"name": str(scenario or "")}
    )
    return {
        "run": run.id,
        "digest": opened.digest,
        "name": str(named.get("name", "")),
        "title": dict(named.get("title") or {}),
        "city": {
            key: city.get(key) for key in ("name", "title", "digest", "crs", "vertical_datum")
        },
        "city_url": f"/api/v1/cities/{city['digest']}" if city.get("digest") else None,
        "start": run.start.isoformat(),
        "start_s": 0.0,
        "end_s": opened.end_s,
        "bounds": bounds_of(opened),
        "grid": None
        if grid is None
        else {"rows": grid.rows, "columns": grid.columns, "cell_size_m": grid.cell_size_m},
        "mesh": None if grid is None else _mesh(opened, grid),
        "frames": opened.frame_times_s.tolist(),
        "fields": {name: spec.as_dict() for name, spec in field_specs_of(opened).items()},
        "vehicles": opened.vehicles,
        "assumed": sorted(run.assumed),
    }


def _mesh(opened: OpenRun, grid: Grid) -> dict[str, Any]:
    x, y = np.meshgrid(
        np.linspace(grid.west_m, grid.east_m, MESH), np.linspace(grid.north_m, grid.south_m, MESH)
    )
    lon, lat = opened.degrees(x.ravel(), y.ravel())
    return {
        "rows": MESH,
        "columns": MESH,
        "lon": np.round(lon, 8).tolist(),
        "lat": np.round(lat, 8).tolist(),
    }


def bounds_of(opened: OpenRun) -> list[float]:
    """Return west, south, east and north, degrees, of the boundary, or of what else there is."""
    grid = opened.grid
    if grid is not None and opened.has("inside"):
        rows, columns = np.nonzero(opened.values("inside") > 0)
        if rows.size:
            x = grid.west_m + np.array([columns.min(), columns.max() + 1]) * grid.cell_size_m
            y = grid.north_m - np.array([rows.max() + 1, rows.min()]) * grid.cell_size_m
            return _box(opened, x, y)
    if grid is not None:
        return _box(
            opened,
            np.array([grid.west_m, grid.east_m]),
            np.array([grid.south_m, grid.north_m]),
        )
    west, south, east, north = opened.run.city.layer("roads").total_bounds
    return _box(opened, np.array([west, east]), np.array([south, north]))


def _box(opened: OpenRun, x: Any, y: Any) -> list[float]:  # noqa: ANN401 - arrays of two
    lon, lat = opened.degrees(x[[0, 0, 1, 1]], y[[0, 1, 0, 1]])
    return [float(v) for v in np.round([lon.min(), lat.min(), lon.max(), lat.max()], 7)]
