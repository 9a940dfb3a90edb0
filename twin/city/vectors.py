"""Tables and vector files into layers: CSV, GeoJSON, GeoPackage, shapefile, FlatGeobuf."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError
from pyproj import CRS
from pyproj.exceptions import CRSError

from models.errors import CityError
from twin.city import osm_tags

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["LAYER_SCHEMAS", "Column", "LayerSchema", "VectorFile", "read_shapes", "read_vector"]

_SUFFIXES: Final = frozenset({".csv", ".geojson", ".json", ".gpkg", ".shp", ".fgb"})
_MAGIC: Final = {
    ".gpkg": b"SQLite format 3\0",
    ".shp": b"\0\0\x27\x0a",
    ".fgb": b"fgb",
    ".json": b"{",
    ".geojson": b"{",
}
_DRIVERS: Final = frozenset(
    {"GeoJSON", "GeoJSONSeq", "TopoJSON", "ESRIJSON", "GPKG", "ESRI Shapefile", "FlatGeobuf"}
)
_TRUE: Final = frozenset({"1", "true", "yes", "t", "y"})
_FALSE: Final = frozenset({"0", "false", "no", "f", "n", ""})
_MOST_ROWS: Final = 5_000_000


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a layer: its kind (text, number, whole, flag) and what stands where it lacks."""

    kind: str
    default: object = None
    lowest: float = -math.inf
    required: bool = False
    identifier: bool = False


@dataclass(frozen=True, slots=True)
class LayerSchema:
    """The columns of a layer, and its geometry: 0 points, 1 lines, 2 polygons, None any."""

    dimension: int | None
    columns: Mapping[str, Column] = field(default_factory=dict)


_ID: Final = Column("text", identifier=True)
_NAME: Final = Column("text", default="")
_KIND: Final = Column("text", required=True)
_POSITIVE: Final = Column("number", default=math.nan, lowest=0.0)

#: What each layer takes from a file. Identifiers are made up where the file has none.
LAYER_SCHEMAS: Final[dict[str, LayerSchema]] = {
    "roads": LayerSchema(
        1,
        {
            "road_class": _KIND,
            "name": _NAME,
            "direction": Column("text", default="both"),
            "lanes": _POSITIVE,
            "max_speed_km_h": _POSITIVE,
            "is_bridge": Column("flag", default=False),
            "is_tunnel": Column("flag", default=False),
            "layer": Column("whole", default=0),
            "access": Column("text", default="yes"),
            "deck_level_m": Column("number", default=math.nan),
        },
    ),
    "water_areas": LayerSchema(2, {"kind": _KIND, "name": _NAME, "width_m": _POSITIVE}),
    "waterways": LayerSchema(1, {"kind": _KIND, "name": _NAME, "width_m": _POSITIVE}),
    "buildings": LayerSchema(
        2,
        {
            "building_id": _ID,
            "kind": Column("text", default="yes"),
            "name": _NAME,
            "levels": _POSITIVE,
        },
    ),
    "facilities": LayerSchema(
        0, {"facility_id": _ID, "kind": _KIND, "name": _NAME, "beds": _POSITIVE}
    ),
    "hydrants": LayerSchema(0, {"hydrant_id": _ID}),
    "structures": LayerSchema(0, {"structure_id": _ID, "kind": _KIND, "name": _NAME}),
    "population": LayerSchema(
        None, {"persons": Column("number", lowest=0.0, required=True), "name": _NAME}
    ),
    "units": LayerSchema(0, {"unit_id": _ID, "kind": _KIND, "name": _NAME}),
}
#: Columns that may be mapped though a layer need not have them.
_OPTIONAL: Final = {
    "residents": Column("number", default=math.nan, lowest=0.0),
    "tidal": Column("flag", default=False),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorFile:
    """A vector file and how to read it; see ``recipe.LayerSource``."""

    path: Path
    layer: str | None = None
    crs: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, object] = field(default_factory=dict)
    keep: tuple[str, ...] = ()


def read_vector(file: VectorFile, *, into: str, crs: CRS) -> gpd.GeoDataFrame:
    """
    Read *file* as the layer *into*, with its mandatory columns, in the system *crs*.

    Raises
    ------
    CityError
        If the file is missing, unreadable, has no reference system, lacks a column, or holds a
        value or a position that cannot be; naming file, row, column and value.
    """
    schema = LAYER_SCHEMAS[into]
    raw = read_shapes(file, crs=crs)
    table: dict[str, object] = {}
    wanted = {**schema.columns, **{k: v for k, v in _OPTIONAL.items() if k in file.columns}}
    extra = set(file.columns) - set(wanted) - {"x", "y"}
    wanted.update({name: Column("as_is") for name in sorted(extra)})
    for name, column in wanted.items():
        table[name] = _column(raw, name, column, file)
    for name in file.keep:
        _need(raw, name, file)
        table[name] = raw[name].to_numpy()
    frame = gpd.GeoDataFrame(table, geometry=raw.geometry.to_numpy(), crs=crs)
    return _with_dimension(frame, schema.dimension, into, file.path)


def read_shapes(file: VectorFile, *, crs: CRS) -> gpd.GeoDataFrame:
    """Return the rows of *file* as they are, with valid geometries in the system *crs*."""
    path = file.path
    if not path.is_file():
        raise CityError("the file is missing", where=str(path), remedy="Check the path.")
    if path.suffix.lower() not in _SUFFIXES:
        raise CityError(
            "this kind of file is not read",
            where=str(path),
            value=path.suffix,
            remedy=f"Give one of {', '.join(sorted(_SUFFIXES))}.",
        )
    _check_magic(path)
    frame = _read_csv(file) if path.suffix.lower() == ".csv" else _read_ogr(file)
    if not len(frame):
        raise CityError("the file holds no rows", where=str(path))
    shapes = frame.geometry.to_numpy()
    lost = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    if lost.any():
        raise CityError("a row has no geometry", where=_row(path, int(np.argmax(lost))))
    _check_numbers(shapes, frame.crs, path)
    placed = frame.to_crs(crs)
    bad = ~np.isfinite(shapely.bounds(placed.geometry.to_numpy())).all(axis=1)
    if bad.any():
        row = int(np.argmax(bad))
        raise CityError(
            "a position cannot be brought into the city's reference system",
            where=_row(path, row),
            value=shapely.to_wkt(shapes[row], rounding_precision=6)[:80],
            remedy="Check crs, and the order of x and y.",
        )
    return placed


def _check_magic(path: Path) -> None:
    """Refuse a file whose first bytes are not of its suffix: the name does not choose a driver."""
    magic = _MAGIC.get(path.suffix.lower())
    if magic is None:
        return
    with path.open("rb") as handle:
        head = handle.read(64)
    if not head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(magic):
        raise CityError(
            "the file cannot be read (its content is not what its name says)",
            where=str(path),
            value=head[:12],
            remedy="Give the file as it was written, with its own suffix.",
        )


def _row(path: Path, row: int) -> str:
    """Return where row *row* (from 0) stands: the line of a CSV, the feature of another file."""
    return f"{path}, {'line' if path.suffix.lower() == '.csv' else 'feature'} " + str(
        row + (2 if path.suffix.lower() == ".csv" else 1)
    )


def _system(text: str, path: Path) -> CRS:
    try:
        return CRS.from_user_input(text)
    except CRSError as error:
        raise CityError(
            "the reference system is not known",
            where=f"{path}: crs",
            value=text,
            remedy="Give an authority code such as EPSG:4326.",
        ) from error


def _read_csv(file: VectorFile) -> gpd.GeoDataFrame:
    path = file.path
    if file.crs is None:
        raise CityError(
            "a CSV file does not say its reference system",
            where=str(path),
            remedy="Add crs, such as EPSG:4326 for longitude and latitude.",
        )
    system = _system(file.crs, path)
    try:
        frame = pd.read_csv(
            path, dtype=str, keep_default_na=False, encoding="utf-8-sig", nrows=_MOST_ROWS
        )
    except (OSError, ValueError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else "it is empty"
        raise CityError(
            f"the table cannot be read ({reason})",
            where=str(path),
            remedy="Give CSV in UTF-8 with one line of column names.",
        ) from error
    axes = []
    for axis in ("x", "y"):
        source = file.columns.get(axis, axis)
        _need(frame, source, file)
        axes.append(_numbers(frame[source], source, Column("number"), path))
    return gpd.GeoDataFrame(frame, geometry=shapely.points(axes[0], axes[1]), crs=system)


def _read_ogr(file: VectorFile) -> gpd.GeoDataFrame:
    path = file.path
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what matters of it is checked below
            info = pyogrio.read_info(path, layer=file.layer)
            if info["driver"] not in _DRIVERS:
                raise CityError("this kind of file is not read", where=str(path),
                                value=info["driver"])  # fmt: skip
            frame = pyogrio.read_dataframe(
                path, layer=file.layer, max_features=_MOST_ROWS, on_invalid="fix", force_2d=True
            )
    except (DataSourceError, DataLayerError, FeatureError, FieldError, OSError, ValueError,
            RuntimeError, IndexError, shapely.errors.ShapelyError) as error:  # fmt: skip
        raise CityError(
            f"the file cannot be read ({str(error).splitlines()[0]})",
            where=str(path),
            remedy="Check that the file is whole, and the name of its layer.",
        ) from error
    if not isinstance(frame, gpd.GeoDataFrame):
        raise CityError("the file holds a table without geometry", where=str(path))
    if file.crs is not None:
        return frame.set_crs(_system(file.crs, path), allow_override=True)
    if frame.crs is None:
        raise CityError(
            "the file does not say its reference system", where=str(path), remedy="Add crs."
        )
    return frame


def _check_numbers(shapes: NDArray[np.object_], system: CRS, path: Path) -> None:
    """Refuse coordinates that cannot be of the declared system."""
    bounds = shapely.bounds(shapes)
    within = (np.abs(bounds[:, 0::2]).max(axis=1) <= 180.0) & (
        np.abs(bounds[:, 1::2]).max(axis=1) <= 90.0
    )
    if system.is_geographic and not within.all():
        row = int(np.argmin(within))
        raise CityError(
            "a position is beyond ±180° and ±90°",
            where=_row(path, row),
            value=tuple(float(v) for v in bounds[row, :2]),
            remedy=f"Check crs ({system.to_string()}): are these metres? And the order of x and y.",
        )
    if system.is_projected and within.all():
        raise CityError(
            "these look like degrees, though the reference system counts in metres",
            where=str(path),
            value=tuple(float(v) for v in bounds[0, :2]),
            remedy="Set crs: EPSG:4326 for longitude and latitude.",
        )


def _need(frame: pd.DataFrame, name: str, file: VectorFile) -> None:
    if name not in frame.columns:
        known = ", ".join(str(c) for c in frame.columns if c != "geometry")
        raise CityError(
            "the column is missing",
            where=str(file.path),
            value=name,
            remedy=f"The file has {known or 'none'}; map it under columns.",
        )


def _column(
    frame: gpd.GeoDataFrame, name: str, column: Column, file: VectorFile
) -> NDArray[Any] | pd.Series:
    """Return the values of one column of the layer."""
    count = len(frame)
    source = file.columns.get(name, name)
    if name in file.columns:
        _need(frame, source, file)
    if name in file.constants:
        series = pd.Series([file.constants[name]] * count)
    elif source in frame.columns:
        series = frame[source]
    elif column.identifier:
        return pd.Series([f"{file.path.stem}-{i + 1}" for i in range(count)], dtype="str")
    elif column.required:
        known = ", ".join(str(c) for c in frame.columns if c != "geometry")
        raise CityError(
            f"the layer needs {name}",
            where=str(file.path),
            remedy=f"Map a column of the file ({known or 'it has none'}) under columns, or give "
            f"one value for all under values.",
        )
    else:
        series = pd.Series([column.default] * count)
    if column.kind == "as_is":
        return series.to_numpy()
    if column.kind == "text":
        return _texts(series, source, column, file.path)
    if column.kind == "flag":
        return _flags(series, source, file.path)
    values = _numbers(series, source, column, file.path)
    if column.kind == "whole":
        return np.nan_to_num(values).astype(np.int64)
    return values


def _texts(series: pd.Series, name: str, column: Column, path: Path) -> pd.Series:
    texts = ["" if pd.isna(v) else osm_tags.clean_text(_plain(v)) for v in series]
    if column.required or column.identifier:
        empty = [not text for text in texts]
        if any(empty):
            raise CityError(f"{name} is empty", where=_row(path, empty.index(True)))
    if column.identifier:
        twice = pd.Series(texts).duplicated()
        if twice.any():
            row = int(np.argmax(twice.to_numpy()))
            raise CityError(f"{name} stands twice", where=_row(path, row), value=texts[row])
    return pd.Series(texts, dtype="str")


def _plain(value: object) -> str:
    """Return a number without the ``.0`` that a file format may have added."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _flags(series: pd.Series, name: str, path: Path) -> NDArray[np.bool_]:
    flags = np.zeros(len(series), dtype=np.bool_)
    for i, value in enumerate(series):
        text = "" if pd.isna(value) else _plain(value).strip().casefold()
        if text not in _TRUE | _FALSE:
            raise CityError(f"{name} is neither yes nor no", where=_row(path, i), value=value)
        flags[i] = text in _TRUE
    return flags


def _numbers(series: pd.Series, name: str, column: Column, path: Path) -> NDArray[np.float64]:
    blank = series.isna() | (series.astype("str").str.strip() == "")
    values = pd.to_numeric(series.where(~blank), errors="coerce").to_numpy(
        np.float64, na_value=np.nan
    )
    wrong = ~blank.to_numpy(bool) & ~np.isfinite(values)
    if column.default is None:  # x, y and what a layer cannot do without
        wrong |= blank.to_numpy(bool)
    wrong |= values < column.lowest
    if wrong.any():
        row = int(np.argmax(wrong))
        limit = f" of at least {column.lowest:g}" if np.isfinite(column.lowest) else ""
        raise CityError(
            f"{name} is not a number{limit}",
            where=_row(path, row),
            value=str(series.iloc[row]),
            remedy="Write a decimal point, no unit and no thousands separator.",
        )
    return np.asarray(values, dtype=np.float64)


def _with_dimension(
    frame: gpd.GeoDataFrame, dimension: int | None, into: str, path: Path
) -> gpd.GeoDataFrame:
    """Return *frame* with the geometry that its layer takes; areas may stand for points."""
    shapes = frame.geometry.to_numpy()
    found = shapely.get_dimensions(shapes)
    if dimension is None:
        return frame
    fits = found == dimension if dimension else np.isin(found, (0, 2))
    if not fits.all():
        row = int(np.argmin(fits))
        raise CityError(
            f"{into} need {('points', 'lines', 'polygons')[dimension]}",
            where=_row(path, row),
            value=shapes[row].geom_type,
        )
    if dimension == 0:
        return frame.set_geometry(shapely.point_on_surface(shapes), crs=frame.crs)
    return frame.explode(index_parts=False, ignore_index=True)
