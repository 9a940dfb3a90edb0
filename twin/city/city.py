"""A city as a folder: ``city.yaml``, ``terrain.nc`` and ``layers.gpkg``."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import uuid
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pyogrio
import xarray as xr
import yaml

from models.errors import CityError
from models.grid import Grid
from scenarios.loader import read_yaml
from twin.city.crs import metric_crs, same_places
from twin.city.provenance import Provenance

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyproj import CRS

    from twin.language import Note

__all__ = ["LAYER_COLUMNS", "WATER_CANAL", "WATER_LAND", "WATER_RIVER", "City", "open_city"]

FORMAT = 1
WATER_LAND, WATER_CANAL, WATER_RIVER = 0, 1, 2

#: Columns that a layer must have, beside its geometry. Further columns are kept.
LAYER_COLUMNS: dict[str, tuple[str, ...]] = {
    "boundary": ("name",),
    "water_areas": ("kind", "name", "width_m"),
    "waterways": ("kind", "name", "width_m"),
    "roads": (
        "segment_id",
        "from_node",
        "to_node",
        "direction",
        "road_class",
        "name",
        "way_id",
        "lanes",
        "max_speed_km_h",
        "is_bridge",
        "is_tunnel",
        "layer",
        "access",
        "deck_level_m",
    ),
    "road_nodes": ("node_id",),
    "bridges": ("bridge_id", "name", "deck_level_m"),
    "buildings": ("building_id", "kind", "name", "levels"),
    "facilities": ("facility_id", "kind", "name", "beds"),
    "hydrants": ("hydrant_id",),
    "structures": ("structure_id", "kind", "name"),
}

#: Columns that commands and runs name rows by.
_KEYS = {"roads": "segment_id", "road_nodes": "node_id", "facilities": "facility_id"}
#: What a damaged or foreign file raises, depending on which library reads it.
_UNREADABLE = (
    *(OSError, RuntimeError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError),
    yaml.YAMLError,
)
_TERRAIN_DEFAULTS = {"water": np.int8, "inside": np.int8}


@dataclass(frozen=True, kw_only=True)
class City:
    """
    A digitised city.

    Parameters
    ----------
    name
        Short identifier, for files and runs.
    title
        What people call it, by language code (``vi``, ``en``).
    crs
        The one projected reference system in metres, as an authority code or WKT.
    terrain
        ``ground_level`` (m above *vertical_datum*, NaN where there is no data), ``manning``
        (s/m^(1/3)), ``water`` (0 land, 1 canal or pond, 2 tidal river), ``inside`` (1 within the
        boundary), and optionally ``imperviousness`` (0 to 1) and ``population`` (persons per
        cell); dimensions (y, x), row 0 north. None for a city of roads alone.
    layers
        GeoDataFrames by name, see ``LAYER_COLUMNS``; any may be absent.
    provenance
        By layer name, and by ``terrain`` variable as ``terrain/ground_level``.
    notes
        What people should know about the city: sentences by language, or as somebody wrote them.
    """

    name: str
    crs: str
    title: Mapping[str, str] = field(default_factory=dict)
    vertical_datum: str = "unknown"
    terrain: xr.Dataset | None = None
    layers: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)
    provenance: Mapping[str, Provenance] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    folder: Path | None = None
    digest: str = ""

    def __post_init__(self) -> None:
        try:
            crs = metric_crs(self.crs)
        except CityError as error:
            raise error.at(f"city {self.name}: crs") from error
        for layer, frame in self.layers.items():
            missing = [c for c in LAYER_COLUMNS.get(layer, ()) if c not in frame.columns]
            if missing:
                raise CityError(
                    f"layer {layer} lacks the columns {', '.join(missing)}",
                    where=f"city {self.name}",
                )
            self._require_one_each(layer, frame)
            self._require_crs(layer, frame, crs)
        if self.terrain is not None and "ground_level" not in self.terrain:
            raise CityError("the terrain has no ground_level", where=f"city {self.name}")

    def _require_one_each(self, layer: str, frame: gpd.GeoDataFrame) -> None:
        key = _KEYS.get(layer)
        if key is None:
            return
        twice = frame[key][frame[key].duplicated()]
        if len(twice):
            raise CityError(
                f"{key} names more than one thing",
                where=f"city {self.name}: layer {layer}, row {int(twice.index[0])}",
                value=str(twice.iloc[0]),
                remedy="Give every row its own.",
            )

    def _require_crs(self, layer: str, frame: gpd.GeoDataFrame, crs: CRS) -> None:
        if not len(frame) or (frame.crs is not None and same_places(frame.crs, crs, frame)):
            return
        raise CityError(
            f"this layer is not in the reference system of the city ({self.crs})",
            where=f"city {self.name}: layer {layer}",
            value="none" if frame.crs is None else frame.crs.to_string()[:60],
            remedy=f"Bring the layer into {self.crs}, or build the city again.",
        )

    @property
    def grid(self) -> Grid | None:
        """The grid of the terrain, or None where there is no terrain."""
        return None if self.terrain is None else terrain_grid(self.terrain)

    def layer(self, name: str) -> gpd.GeoDataFrame:
        """Return a layer, empty (with its columns) where the city does not have it."""
        if name in self.layers:
            return self.layers[name]
        columns: dict[str, list[object]] = {column: [] for column in LAYER_COLUMNS.get(name, ())}
        return gpd.GeoDataFrame(columns, geometry=[], crs=self.crs)

    def save(self, folder: str | Path) -> City:
        """
        Write the city to *folder*, whole or not at all, and return it as it reads from there.

        A file rounds and retypes what memory holds (an absent name, a coordinate); runs use what
        is on the disk, so that a run can be repeated from it.

        Raises
        ------
        CityError
            If the folder exists and holds something that is not a city, or cannot be written.
        """
        target = Path(folder)
        if target.exists() and any(target.iterdir()) and not (target / "city.yaml").exists():
            raise CityError(
                "the folder holds something that is not a city",
                where=str(target),
                remedy="Name an empty folder or another city.",
            )
        partial = target.parent / f".{target.name}.{uuid.uuid4().hex[:8]}.partial"
        try:
            partial.mkdir(parents=True)
            self._write(partial)
            old = target.parent / f".{target.name}.{uuid.uuid4().hex[:8]}.old"
            if target.exists():
                target.rename(old)
            partial.rename(target)
            shutil.rmtree(old, ignore_errors=True)
        except (OSError, RuntimeError) as error:  # geodata libraries raise the latter
            raise CityError(
                f"the city cannot be written ({getattr(error, 'strerror', None) or error})",
                where=str(target),
                remedy="Check the free space and the rights on the folder.",
            ) from error
        finally:
            shutil.rmtree(partial, ignore_errors=True)
        return open_city(target)

    def replace(self, **changes: object) -> City:
        """Return a city with other fields; it is no longer the one in its folder."""
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return City(**{**fields, "folder": None, "digest": "", **changes})

    def _write(self, folder: Path) -> None:
        if self.terrain is not None:
            encoding: dict[str, dict[str, Any]] = {
                str(name): {"zlib": True, "complevel": 4} for name in self.terrain.data_vars
            }
            self.terrain.to_netcdf(folder / "terrain.nc", engine="netcdf4", encoding=encoding)
        for name in sorted(self.layers):
            frame = self.layers[name]
            if len(frame):
                pyogrio.write_dataframe(frame, folder / "layers.gpkg", layer=name, driver="GPKG")
        document = {
            "format": FORMAT,
            "name": self.name,
            "title": dict(self.title),
            "crs": self.crs,
            "vertical_datum": self.vertical_datum,
            "layers": sorted(name for name in self.layers if len(self.layers[name])),
            "provenance": {key: self.provenance[key].as_dict() for key in sorted(self.provenance)},
            "notes": [n if isinstance(n, str) else dict(n) for n in self.notes],
            "content": content_digest(self),
            "files": _checksums(folder),
        }
        text = yaml.safe_dump(document, allow_unicode=True, sort_keys=False)
        path = folder / "city.yaml"
        path.write_text(text, encoding="utf-8")
        for file in folder.iterdir():
            with file.open("rb") as handle:
                os.fsync(handle.fileno())


def terrain_grid(terrain: xr.Dataset) -> Grid:
    """Return the grid of a terrain dataset."""
    size = float(terrain.attrs["cell_size_m"])
    return Grid(
        west_m=float(terrain["x"].values[0]) - size / 2,
        north_m=float(terrain["y"].values[0]) + size / 2,
        cell_size_m=size,
        rows=terrain.sizes["y"],
        columns=terrain.sizes["x"],
    )


def content_digest(city: City) -> str:
    """Return the SHA-256 of the arrays and layers, the same however the files were packed."""
    digest = hashlib.sha256()
    digest.update(f"{FORMAT}|{city.name}|{city.crs}|{city.vertical_datum}".encode())
    if city.terrain is not None:
        for name in sorted(str(v) for v in city.terrain.variables):
            values = np.ascontiguousarray(city.terrain[name].values)
            digest.update(f"|{name}|{values.dtype}|{values.shape}|".encode())
            digest.update(values.tobytes())
    for name in sorted(city.layers):
        frame = city.layers[name]
        if not len(frame):
            continue
        digest.update(f"|{name}|{len(frame)}|".encode())
        for column in sorted(c for c in frame.columns if c != frame.geometry.name):
            digest.update(column.encode())
            text = frame[column].astype("string").fillna("").str.cat(sep="\x1f")
            digest.update(str(text).encode())
        digest.update(b"".join(frame.geometry.to_wkb().to_numpy()))
    return digest.hexdigest()


def _checksums(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of the files of data in *folder*, by name."""
    sums = {}
    for name in ("layers.gpkg", "terrain.nc"):
        if (folder / name).is_file():
            with (folder / name).open("rb") as handle:
                sums[name] = hashlib.file_digest(handle, "sha256").hexdigest()
    return sums


def _digest(city: City, document: Mapping[str, Any]) -> str:
    """
    Return what tells a city from every other, whenever and wherever it was written.

    Where somebody edited a file of a city that was written before, its content is read anew.
    """
    known = {key: value for key, value in document.items() if key not in {"content", "files"}}
    index = json.dumps(known, sort_keys=True, ensure_ascii=False, default=str)
    edited = city.folder is None or document.get("files") != _checksums(city.folder)
    content = content_digest(city) if edited else str(document["content"])
    return hashlib.sha256(index.encode()).hexdigest()[:16] + content[:16]


def open_city(folder: str | Path) -> City:
    """
    Read a city from its folder.

    Raises
    ------
    CityError
        If the folder or one of its files is missing, unreadable or of another format.
    """
    path = Path(folder)
    index = path / "city.yaml"
    if not index.is_file():
        raise CityError(
            "there is no city here (city.yaml is missing)",
            where=str(path),
            remedy="Build one with `twin city build` or make one up with `twin city synth`.",
        )
    try:
        document = read_yaml(index, error=CityError).data
        if document["format"] != FORMAT:
            raise CityError(
                "the city was written in another format",
                where=str(index),
                value=document["format"],
                remedy=f"This version reads format {FORMAT}; build the city again.",
            )
        city = _read(path, document)
        return replace(city, digest=_digest(city, document))
    except CityError as error:
        if str(path) not in (error.where or ""):
            error.at(str(path))
        raise
    except _UNREADABLE as error:
        reason = f"{type(error).__name__}: {error}"
        raise CityError(
            f"the city cannot be read ({' '.join(reason.split())})",
            where=str(path),
            remedy="Build the city again.",
        ) from error


def _read(path: Path, document: Mapping[str, Any]) -> City:
    terrain = None
    if (path / "terrain.nc").is_file():
        with xr.open_dataset(path / "terrain.nc", engine="netcdf4") as dataset:
            terrain = dataset.load()
        for name, kind in _TERRAIN_DEFAULTS.items():
            if name in terrain:
                terrain[name] = terrain[name].astype(kind)
    elif "terrain.nc" in document.get("files", ()):
        raise CityError(
            "the terrain of the city is missing",
            where=str(path / "terrain.nc"),
            remedy="Build the city again.",
        )
    city = City(
        name=str(document["name"]),
        title=dict(document["title"]),
        crs=document["crs"],
        vertical_datum=str(document["vertical_datum"]),
        terrain=terrain,
        layers={
            name: pyogrio.read_dataframe(path / "layers.gpkg", layer=name)
            for name in document["layers"]
        },
        provenance={k: Provenance.from_dict(v) for k, v in document["provenance"].items()},
        notes=tuple(n if isinstance(n, str) else dict(n) for n in document["notes"]),
        folder=path,
    )
    _ = city.grid  # which raises where the coordinates of the terrain are not those of a grid
    return city
