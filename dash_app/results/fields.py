"""
Grids as pictures: quantised to one or two bytes a cell, and compressed.

Code 0 stands for nothing: outside, dry, never. The other codes rise with the value, on a square
root where most of what matters is shallow (streets) and some is deep (canals):
``value = ((code - 1) / (codes - 2))² maximum``. Pictures are for the eye; a value that somebody
asks for is read from the stored data.

Grids beyond :data:`MOST_CELLS` a side are shown by overviews: level L takes blocks of 2^L cells a
side, each with the most severe of its cells on land, so that a narrow flooded street stays visible.
"""

from __future__ import annotations

import zlib
from collections import OrderedDict
from dataclasses import asdict, dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from models.errors import InvalidInputError, StoreError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dash_app.results.opened import OpenRun

__all__ = ["MOST_CELLS", "FieldSpec", "Packed", "field_specs", "level_of", "pack_field"]

#: Cells a side that a picture holds at most.
MOST_CELLS = 1500
#: Depth that is drawn, m; less is a wet street.
SHOWN_FROM_M = 0.02
#: Depth from which all is drawn in the deepest colour, m.
SHOWN_TO_M = 1.5
_HELD_BYTES = 96 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSpec:
    """
    How a field is coded and drawn.

    Parameters
    ----------
    name, unit
        As stored.
    width, height
        Cells of the picture at *level*, the one to ask for.
    level
        Cells are taken together by 2^level a side.
    bits
        8 or 16 a cell.
    scale, maximum
        ``sqrt`` or ``linear``; the value of the largest code.
    floor, top
        Values between which the colours run.
    classes, shown_from
        Number of classes that are drawn, and the first; 0 for what is not a class. The code of
        class c is c + 1.
    over_land
        Whether water on the map may be left out of the picture.
    reverse
        Whether the smallest value is the most severe.
    times
        Seconds of the frames; empty for what does not change.
    """

    name: str
    unit: str
    width: int
    height: int
    level: int
    bits: int = 8
    scale: str = "sqrt"
    maximum: float = 1.0
    floor: float = 0.0
    top: float = 1.0
    classes: int = 0
    shown_from: int = 0
    over_land: bool = True
    reverse: bool = False
    times: tuple[float, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Packed:
    """A compressed picture (zlib) of *width* by *height* cells, row 0 north."""

    data: bytes
    width: int
    height: int


def level_of(rows: int, columns: int) -> int:
    """Return the smallest level at which a grid fits into a picture."""
    level = 0
    while max(rows, columns) > MOST_CELLS << level:
        level += 1
    return level


def field_specs(opened: OpenRun) -> dict[str, FieldSpec]:
    """Return the fields of a run that can be shown, by name."""
    grid = opened.grid
    if grid is None:
        return {}
    level = level_of(grid.rows, grid.columns)
    width, height = (-(-n // (1 << level)) for n in (grid.columns, grid.rows))
    deepest = _largest(opened, "max_depth")
    depth: dict[str, Any] = {
        "unit": "m",
        "maximum": deepest,
        "floor": SHOWN_FROM_M,
        "top": SHOWN_TO_M,
    }
    seconds: dict[str, Any] = {"unit": "s", "scale": "linear", "maximum": opened.end_s}
    known: dict[str, dict[str, Any]] = {
        "depth": {**depth, "times": tuple(opened.frame_times_s.tolist())},
        "max_depth": depth,
        "hazard_class": {"unit": "1", "classes": 3, "shown_from": 1},
        "aidr_class": {"unit": "1", "classes": 6, "shown_from": 1},
        "max_speed": {
            "unit": "m s-1",
            "maximum": _largest(opened, "max_speed"),
            "floor": 0.05,
            "top": 2.0,
        },
        "arrival_time": {**seconds, "top": opened.end_s, "reverse": True},
        "duration": {**seconds, "floor": 1.0, "top": opened.end_s},
        "water": {"unit": "1", "classes": 2, "shown_from": 1, "over_land": False},
    }
    return {
        name: FieldSpec(name=name, level=level, width=width, height=height, **rest)
        for name, rest in known.items()
        if opened.has(name)
    }


def _largest(opened: OpenRun, name: str) -> float:
    """Return the largest value of a field over the run, never 0."""
    if not opened.has(name):
        return 1.0
    values = opened.values(name)
    finite = values[np.isfinite(values)]
    return max(float(finite.max()), 0.1) if finite.size else 1.0


class _Pictures:
    """The pictures that were asked for last, up to so many bytes."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._bytes = 0
        self._held: OrderedDict[tuple[Any, ...], Packed] = OrderedDict()
        self._lock = Lock()

    def get(self, key: tuple[Any, ...]) -> Packed | None:
        with self._lock:
            found = self._held.get(key)
            if found is not None:
                self._held.move_to_end(key)
            return found

    def put(self, key: tuple[Any, ...], packed: Packed) -> None:
        with self._lock:
            if key not in self._held:
                self._bytes += len(packed.data)
            self._held[key] = packed
            while self._bytes > self._most and len(self._held) > 1:
                self._bytes -= len(self._held.popitem(last=False)[1].data)


_PICTURES = _Pictures(_HELD_BYTES)


def pack_field(
    opened: OpenRun,
    name: str,
    frame: int,
    *,
    level: int,
    bits: int = 8,
    window: tuple[int, int, int, int] | None = None,
    maximum: float | None = None,
) -> Packed:
    """
    Return one frame of a field, coded and compressed.

    Parameters
    ----------
    opened, name, frame
        Which; a field that does not change has the one frame 0.
    level, bits
        See :class:`FieldSpec`.
    window
        First row and column and number of rows and columns, in cells of the level; None takes
        the whole grid.
    maximum
        Value of the largest code, so that two runs can be coded alike; None takes that of the run.

    Raises
    ------
    StoreError
        If the run has no such field or frame.
    InvalidInputError
        If level, bits or window are not possible.
    """
    spec = field_specs_of(opened).get(name)
    if spec is None:
        raise StoreError("there is no such field in the run", where=opened.run.id, value=name)
    if bits not in {8, 16}:
        raise InvalidInputError("a cell takes 8 or 16 bits", where="bits", value=bits)
    if not 0 <= level <= 12:
        raise InvalidInputError("the level must be 0 to 12", where="level", value=level)
    if not 0 <= frame < max(1, len(spec.times)):
        raise StoreError(
            "there is no such frame in the run",
            where=f"{opened.run.id}: {name}",
            value=frame,
            remedy=f"It has frames 0 to {max(1, len(spec.times)) - 1}.",
        )
    if maximum is not None and not spec.classes:
        spec = replace(spec, maximum=maximum)
    key = (opened.digest, opened.run.id, name, frame, level, bits, window, spec.maximum)
    held = _PICTURES.get(key)
    if held is None:
        codes = _codes(opened, spec, frame, level=level, bits=bits, window=window)
        data = zlib.compress(codes.tobytes(), 1)
        held = Packed(data, codes.shape[1], codes.shape[0])
        _PICTURES.put(key, held)
    return held


def field_specs_of(opened: OpenRun) -> dict[str, FieldSpec]:
    """Return the fields of a run, worked out once."""
    with opened.lock:
        known: dict[str, FieldSpec] | None = getattr(opened, "_field_specs", None)
        if known is None:
            known = field_specs(opened)
            opened._field_specs = known  # type: ignore[attr-defined]  # noqa: SLF001 - kept beside the run
    return known


def _codes(
    opened: OpenRun,
    spec: FieldSpec,
    frame: int,
    *,
    level: int,
    bits: int,
    window: tuple[int, int, int, int] | None,
) -> NDArray[Any]:
    array = opened.array(spec.name)
    cells: Any = slice(None), slice(None)
    if window is not None:
        cells = _window(array.shape[-2:], level, window)
    values = np.asarray(array[(frame, *cells)] if spec.times else array[cells])
    largest = (1 << bits) - 1
    dtype = np.uint8 if bits == 8 else np.dtype("<u2")
    if spec.classes:
        codes = np.where((values >= 0) & (values < largest), values + 1, 0).astype(dtype)
    else:
        codes = _quantise(values, spec, largest).astype(dtype)
    if level:
        wet = np.asarray(opened.array("water")[cells]) > 0 if opened.has("water") else None
        codes = _overview(codes, spec, level, wet)
    return np.ascontiguousarray(codes)


def _quantise(values: NDArray[Any], spec: FieldSpec, largest: int) -> NDArray[np.float32]:
    share = np.nan_to_num(values.astype(np.float32), nan=0.0, posinf=spec.maximum)
    share /= np.float32(spec.maximum)
    np.clip(share, 0.0, 1.0, out=share)
    if spec.scale == "sqrt":
        np.sqrt(share, out=share)
    share *= largest - 1
    share += 1.5  # so that cutting rounds
    none = ~np.isfinite(values) if spec.scale == "linear" else ~(values > 5e-4)
    share[none] = 0.0
    return share


def _window(
    shape: tuple[int, ...], level: int, window: tuple[int, int, int, int]
) -> tuple[slice, slice]:
    row, column, rows, columns = (value << level for value in window)
    if min(window) < 0 or min(rows, columns) < 1 or row >= shape[0] or column >= shape[1]:
        raise InvalidInputError(
            "the window lies outside the grid", where="window", value=list(window)
        )
    if max(window[2], window[3]) > 2 * MOST_CELLS:
        raise InvalidInputError(
            "the window is too large",
            where="window",
            value=list(window),
            remedy=f"Ask for {2 * MOST_CELLS} cells a side at most, or for a higher level.",
        )
    return slice(row, row + rows), slice(column, column + columns)


def _overview(
    codes: NDArray[Any], spec: FieldSpec, level: int, wet: NDArray[np.bool_] | None
) -> NDArray[Any]:
    """Take the most severe cell on land of every block; a block that is all water is water."""
    block = 1 << level
    rows, columns = (-(-n // block) for n in codes.shape)
    pad = ((0, rows * block - codes.shape[0]), (0, columns * block - codes.shape[1]))
    if wet is not None and spec.over_land:
        codes = np.where(wet & ~_whole(wet, block), 0, codes).astype(codes.dtype)
    blocks = np.pad(codes, pad).reshape(rows, block, columns, block)
    if spec.name == "water":
        inner = np.pad(codes, pad, mode="edge").reshape(rows, block, columns, block)
        return np.asarray(inner.min(axis=(1, 3)))
    if spec.reverse:
        limit = np.iinfo(codes.dtype).max
        least = np.where(blocks == 0, limit, blocks).min(axis=(1, 3))
        return np.where(blocks.any(axis=(1, 3)), least, 0).astype(codes.dtype)
    return np.asarray(blocks.max(axis=(1, 3)))


def _whole(wet: NDArray[np.bool_], block: int) -> NDArray[np.bool_]:
    """Return, cell by cell, whether the block around it is all water."""
    rows, columns = (-(-n // block) for n in wet.shape)
    pad = ((0, rows * block - wet.shape[0]), (0, columns * block - wet.shape[1]))
    every = np.pad(wet, pad, mode="edge").reshape(rows, block, columns, block).all(axis=(1, 3))
    return np.asarray(every.repeat(block, 0).repeat(block, 1)[: wet.shape[0], : wet.shape[1]])
