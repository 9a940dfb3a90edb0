"""The cities of a store, as the app needs them: names, places and layers."""

from __future__ import annotations

import gzip
import re
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pyogrio
import shapely
import xarray as xr
from pyproj import Transformer

from dash_app.api.errors import NotFoundError
from models.errors import CityError
from scenarios.loader import read_yaml
from twin.store import files

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

    from twin.store import RunStore

__all__ = ["LAYERS", "CityEntry", "city_folder", "find_city", "layer_geojson", "list_cities"]

#: Layers for the map: the layer of the city, columns that are kept, and by how much lines and
#: outlines may be simplified, m.
LAYERS: dict[str, tuple[str, tuple[str, ...], float]] = {
    "boundary": ("boundary", ("name",), 2.0),
    "water": ("water_areas", ("kind", "name"), 1.0),
    "waterways": ("waterways", ("kind", "name", "width_m"), 1.0),
    "roads": (
        "roads",
        ("segment_id", "road_class", "name", "direction", "is_bridge", "is_tunnel"),
        0.5,
    ),
    "bridges": ("bridges", ("bridge_id", "name", "deck_level_m"), 0.0),
    "buildings": ("buildings", ("building_id", "kind", "name", "levels"), 0.3),
    "facilities": ("facilities", ("facility_id", "kind", "name", "beds"), 0.0),
    "hydrants": ("hydrants", ("hydrant_id",), 0.0),
    "structures": ("structures", ("structure_id", "kind", "name"), 0.0),
}
_DIGEST = re.compile(r"[0-9a-f]{8,64}")
#: Grows when what is kept of a layer changes.
_FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CityEntry:
    """
    One city of the store.

    Parameters
    ----------
    digest, name, title, crs, vertical_datum, notes, provenance
        As in its folder.
    bounds
        West, south, east and north, degrees (WGS 84).
    cell_size_m, rows, columns
        Of its terrain; None where it has none.
    layers
        Names under which layers can be asked for.
    """

    digest: str
    name: str
    title: dict[str, str]
    crs: str
    vertical_datum: str
    bounds: tuple[float, float, float, float] | None
    cell_size_m: float | None
    rows: int | None
    columns: int | None
    layers: tuple[str, ...]
    notes: tuple[Any, ...]
    provenance: dict[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """Return the entry as plain data."""
        return asdict(self)

    @property
    def area_m2(self) -> float | None:
        """Area of the terrain's rectangle, m²; None without terrain."""
        if self.cell_size_m is None or self.rows is None or self.columns is None:
            return None
        return self.rows * self.columns * self.cell_size_m**2

    def title_in(self, language: str) -> str:
        """Return the title in *language*, or in another, or the name."""
        return self.title.get(language) or next(iter(self.title.values()), "") or self.name


def list_cities(store: RunStore) -> list[CityEntry]:
    """Return the cities of a store, by name; those that cannot be read are left out."""
    found = []
    for folder in sorted(store.layout.cities.iterdir()):
        try:
            found.append(_entry(folder))
        except CityError:
            continue  # damaged, which `twin verify` says
    return sorted(found, key=lambda entry: (entry.name, entry.digest))


def find_city(store: RunStore, digest: str) -> CityEntry:
    """
    Return a city by its digest.

    Raises
    ------
    NotFoundError
        If the store has none of that digest.
    CityError
        If it cannot be read.
    """
    return _entry(city_folder(store, digest))


def city_folder(store: RunStore, digest: str) -> Path:
    """
    Return the folder of a city.

    Raises
    ------
    NotFoundError
        If the store has none of that digest.
    """
    folder = store.layout.cities / digest
    if not _DIGEST.fullmatch(digest) or not (folder / "city.yaml").is_file():
        raise NotFoundError(
            "there is no such city",
            where="cities",
            value=digest,
            remedy="List the cities that there are.",
        )
    return folder


def layer_geojson(store: RunStore, digest: str, layer: str) -> bytes:
    """
    Return a layer as GeoJSON in WGS 84, packed with gzip; kept in the store once it is made.

    Raises
    ------
    NotFoundError
        If there is no such city or layer.
    """
    folder = city_folder(store, digest)
    if layer not in LAYERS:
        raise NotFoundError(
            "there is no such layer",
            where=f"city {digest}",
            value=layer,
            remedy=f"Choose from {', '.join(LAYERS)}.",
        )
    kept = store.root / "cache" / "cities" / digest / f"{layer}-{_FORMAT}.geojson.gz"
    if kept.is_file():
        return kept.read_bytes()
    packed = gzip.compress(_geojson(folder, layer), compresslevel=6, mtime=0)
    with files.guarded(store.root):
        files.make_folder(kept.parent)
        files.write_whole(kept, packed, durable=False)
    return packed


def _geojson(folder: Path, layer: str) -> bytes:
    name, columns, tolerance_m = LAYERS[layer]
    path = folder / "layers.gpkg"
    if not path.is_file() or name not in {str(row[0]) for row in pyogrio.list_layers(path)}:
        return b'{"type":"FeatureCollection","features":[]}'
    frame: gpd.GeoDataFrame = pyogrio.read_dataframe(path, layer=name)
    frame = frame[[c for c in columns if c in frame.columns] + [frame.geometry.name]]
    shapes = frame.geometry.to_numpy()
    if tolerance_m > 0.0:
        shapes = shapely.simplify(shapes, tolerance_m)
    frame = frame.set_geometry(list(shapes), crs=frame.crs).to_crs("EPSG:4326")
    frame = frame[~(frame.geometry.isna() | frame.geometry.is_empty)]
    rounded = shapely.transform(frame.geometry.to_numpy(), lambda xy: np.round(xy, 6))
    frame = frame.set_geometry(list(rounded), crs="EPSG:4326")
    text: str = frame.to_json(drop_id=True, na="drop", show_bbox=False, separators=(",", ":"))
    return text.encode()


@lru_cache(maxsize=256)
def _entry(folder: Path) -> CityEntry:
    """Read what a city says of itself; the folder of a digest never changes."""
    document: Any = read_yaml(folder / "city.yaml", error=CityError).data
    has = {str(name) for name in document.get("layers", ())}
    size, shape, corners = _terrain(folder)
    if corners is None:
        corners = _extent(folder)
    bounds = None
    if corners is not None:
        to_degrees = Transformer.from_crs(document["crs"], "EPSG:4326", always_xy=True)
        bounds = tuple(round(v, 7) for v in to_degrees.transform_bounds(*corners))
    return CityEntry(
        digest=folder.name,
        name=str(document["name"]),
        title={key: str(value) for key, value in (document.get("title") or {}).items()},
        crs=str(document["crs"]),
        vertical_datum=str(document.get("vertical_datum", "")),
        bounds=bounds,  # type: ignore[arg-type]  # four of them
        cell_size_m=size,
        rows=shape[0],
        columns=shape[1],
        layers=tuple(key for key, (layer, _, _) in LAYERS.items() if layer in has),
        notes=tuple(document.get("notes") or ()),
        provenance=dict(document.get("provenance") or {}),
    )


def _terrain(
    folder: Path,
) -> tuple[float | None, tuple[int | None, int | None], tuple[float, float, float, float] | None]:
    path = folder / "terrain.nc"
    if not path.is_file():
        return None, (None, None), None
    with xr.open_dataset(path, engine="netcdf4") as terrain:
        size = float(terrain.attrs["cell_size_m"])
        x, y = terrain["x"].values, terrain["y"].values
        half = size / 2.0
        corners = (x.min() - half, y.min() - half, x.max() + half, y.max() + half)
        return size, (int(y.size), int(x.size)), tuple(float(v) for v in corners)  # type: ignore[return-value]  # four of them


def _extent(folder: Path) -> tuple[float, float, float, float] | None:
    """Return the extent of the roads of a city without terrain."""
    path = folder / "layers.gpkg"
    if not path.is_file():
        return None
    info = pyogrio.read_info(path, layer="roads", force_total_bounds=True)
    bounds = info.get("total_bounds")
    return None if bounds is None else tuple(float(v) for v in bounds)  # type: ignore[return-value]  # as above
