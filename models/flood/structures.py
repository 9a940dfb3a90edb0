"""Structures in the water: what stands where, and the state that a window of time finds it in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from models.errors import InvalidQuantityError
from models.flood.links import (
    BRIDGE,
    CULVERT_BOX,
    CULVERT_ROUND,
    DYKE,
    GATE,
    PARAMETERS,
    PUMP,
    SIPHON,
    SLUICE,
    WALL,
    WEIR,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.flood.domain import FloodDomain

__all__ = ["Controls", "Structures", "link_parameters"]

_WALLS = (DYKE, WALL, GATE, BRIDGE)
_LINKS = (CULVERT_ROUND, CULVERT_BOX, PUMP, WEIR, SLUICE, SIPHON)


def _integers() -> NDArray[np.int64]:
    return np.empty(0, np.int64)


def _rows() -> NDArray[np.float64]:
    return np.empty((0, PARAMETERS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Structures:
    """
    Walled faces and links of a domain; what they are does not change during a run.

    Parameters
    ----------
    face_row, face_column, face_axis
        Faces, shape (faces,): axis 0 is the western face of the cell, 1 its northern face. Row
        and column may be one past the end of the grid along the axis.
    face_group
        Group of each face, from 0: faces of one group are in the same state.
    group_kind
        ``DYKE``, ``WALL``, ``GATE`` or ``BRIDGE`` of :mod:`models.flood.links`, shape (groups,).
    link_row_a, link_column_a, link_row_b, link_column_b
        Cells that each link joins, shape (links,); row and column -1 are outside the domain.
    link_kind
        Kind of each link, of :mod:`models.flood.links`.
    link_params
        Parameters of each link, shape (links, 16).
    group_names, link_names
        Names for messages, one for each group and link.

    Raises
    ------
    InvalidQuantityError
        If shapes differ, an index is out of range, a face stands twice, or a kind is unknown.
    """

    face_row: NDArray[np.int64] = field(default_factory=_integers)
    face_column: NDArray[np.int64] = field(default_factory=_integers)
    face_axis: NDArray[np.int64] = field(default_factory=_integers)
    face_group: NDArray[np.int64] = field(default_factory=_integers)
    group_kind: NDArray[np.int64] = field(default_factory=_integers)
    link_row_a: NDArray[np.int64] = field(default_factory=_integers)
    link_column_a: NDArray[np.int64] = field(default_factory=_integers)
    link_row_b: NDArray[np.int64] = field(default_factory=_integers)
    link_column_b: NDArray[np.int64] = field(default_factory=_integers)
    link_kind: NDArray[np.int64] = field(default_factory=_integers)
    link_params: NDArray[np.float64] = field(default_factory=_rows)
    group_names: tuple[str, ...] = ()
    link_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self._check_shapes()
        if self.faces and not (0 <= self.face_group.min() <= self.face_group.max() < self.groups):
            raise InvalidQuantityError(
                f"must lie between 0 and {self.groups - 1}",
                where="face_group",
                value=(int(self.face_group.min()), int(self.face_group.max())),
            )
        _known(self.group_kind, _WALLS, self.group_names)
        _known(self.link_kind, _LINKS, self.link_names)
        where = np.stack([self.face_row, self.face_column, self.face_axis])
        if np.unique(where, axis=1).shape[1] != self.faces:
            raise InvalidQuantityError(
                "one face carries two structures",
                where="walled faces",
                remedy="Give each face to the higher of them.",
            )
        bad = np.flatnonzero(np.isnan(self.link_params).any(axis=1))
        if bad.size:
            raise InvalidQuantityError(
                "a parameter is not a number",
                where=f"link {self.link_names[int(bad[0])]}",
                value=self.link_params[int(bad[0])].tolist(),
            )

    def _check_shapes(self) -> None:
        sizes = {
            "face": (self.face_row, self.face_column, self.face_axis, self.face_group),
            "group": (self.group_kind, self.group_names),
            "link": (
                self.link_row_a, self.link_column_a, self.link_row_b, self.link_column_b,
                self.link_kind, self.link_names,
            ),
        }  # fmt: skip
        for what, arrays in sizes.items():
            if len({len(array) for array in arrays}) > 1:
                raise InvalidQuantityError(
                    "the arrays differ in length",
                    where=f"structures, {what}",
                    value=[len(array) for array in arrays],
                )
        if self.link_params.shape != (self.links, PARAMETERS):
            raise InvalidQuantityError(
                f"needs the shape {(self.links, PARAMETERS)}",
                where="link_params",
                value=self.link_params.shape,
            )

    @property
    def faces(self) -> int:
        """Number of walled faces."""
        return self.face_row.size

    @property
    def groups(self) -> int:
        """Number of groups of faces."""
        return self.group_kind.size

    @property
    def links(self) -> int:
        """Number of links."""
        return self.link_kind.size

    def check(self, domain: FloodDomain) -> None:
        """
        Check the structures against *domain*.

        Raises
        ------
        InvalidQuantityError
            If a face or a link does not lie between cells that have ground.
        """
        rows, columns = domain.grid.shape
        ground = np.zeros((rows + 2, columns + 2), bool)
        ground[1:-1, 1:-1] = ~np.isnan(domain.bed_m)
        row, column, down = self.face_row + 1, self.face_column + 1, self.face_axis == 1
        inside = (row >= 1) & (column >= 1) & (row <= rows + down) & (column <= columns + ~down)
        row, column = np.where(inside, row, 0), np.where(inside, column, 0)
        good = inside & ground[row, column] & ground[row - down, column - ~down]
        if not good.all():
            face = int(np.argmin(good))
            raise InvalidQuantityError(
                "a walled face does not lie between two cells with ground",
                where=f"structure {self.group_names[int(self.face_group[face])]}",
                value=(int(self.face_row[face]), int(self.face_column[face])),
            )
        for end, r, c in (
            ("a", self.link_row_a, self.link_column_a),
            ("b", self.link_row_b, self.link_column_b),
        ):
            outside = (r == -1) & (c == -1)
            inside = (r >= 0) & (r < rows) & (c >= 0) & (c < columns)
            good = outside | (
                inside & ground[np.where(inside, r + 1, 0), np.where(inside, c + 1, 0)]
            )
            if not good.all():
                link = int(np.argmin(good))
                raise InvalidQuantityError(
                    f"end {end} of a link lies on no cell with ground",
                    where=f"structure {self.link_names[link]}",
                    value=(int(r[link]), int(c[link])),
                )


def _known(kinds: NDArray[np.int64], known: tuple[int, ...], names: tuple[str, ...]) -> None:
    for kind, name in zip(kinds.tolist(), names, strict=True):
        if kind not in known:
            raise InvalidQuantityError(
                "no such kind of structure", where=f"structure {name}", value=kind
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Controls:
    """
    The state of all structures during one exchange window.

    Parameters
    ----------
    crest_m, opening_m, sill_m
        By group: top of the wall, opening, and sill, as its kind takes them; shape (groups,).
    direction
        By group: 0 both ways, +1 only east or south, -1 only west or north.
    link_opening
        By link: lift or share, as its kind takes it; shape (links,).
    link_running
        By link: 1 running, 0 shut.

    Raises
    ------
    InvalidQuantityError
        If a value is NaN, or a share or lift is negative.
    """

    crest_m: NDArray[np.float64]
    opening_m: NDArray[np.float64]
    sill_m: NDArray[np.float64]
    direction: NDArray[np.int64]
    link_opening: NDArray[np.float64]
    link_running: NDArray[np.int64]

    def __post_init__(self) -> None:
        for name in ("crest_m", "sill_m", "opening_m", "link_opening"):
            values = getattr(self, name)
            low = 0.0 if "opening" in name else -np.inf
            if not (values >= low).all():
                raise InvalidQuantityError(
                    "must be a number" + (", and not negative" if low == 0.0 else ""),
                    where=f"controls, {name}",
                    value=float(values[int(np.argmin(values >= low))]),
                )

    def check(self, structures: Structures) -> None:
        """
        Check the controls against *structures*.

        Raises
        ------
        InvalidQuantityError
            If an array has another length than there are groups or links.
        """
        for name in ("crest_m", "opening_m", "sill_m", "direction", "link_opening", "link_running"):
            count = structures.links if name.startswith("link") else structures.groups
            if getattr(self, name).shape != (count,):
                raise InvalidQuantityError(
                    f"needs {count} values",
                    where=f"controls, {name}",
                    value=getattr(self, name).shape,
                )


def link_parameters(kind: int, **values: float) -> NDArray[np.float64]:
    """
    Return the row of parameters of a link of *kind* from values by name.

    Names left out are 0, but for losses of exit and the number of barrels (1), the top of a leaf
    (infinite), and the level outside (0).

    Raises
    ------
    InvalidQuantityError
        If a name does not belong to the kind.
    """
    names = _NAMES[kind]
    row = np.zeros(PARAMETERS)
    for name, value in {**_DEFAULTS, **values}.items():
        if name in names:
            row[names[name]] = value
        elif name in values:
            raise InvalidQuantityError(
                "a link of this kind has no such parameter",
                where=f"link of kind {kind}",
                value=name,
                remedy=f"Known are {', '.join(names)}.",
            )
    return row


_DEFAULTS = {"exit_loss": 1.0, "barrels": 1.0, "top_m": np.inf, "points": 1.0}
_BARREL = (
    "invert_a_m", "invert_b_m", "height_m", "width_m", "length_m", "manning", "entrance_loss",
    "exit_loss", "barrels", "inlet_k", "inlet_m", "inlet_c", "inlet_y", "inlet_form", "direction",
    "outside_level_m",
)  # fmt: skip
_CULVERT = {name: n for n, name in enumerate(_BARREL)}
_COMMON = {"direction": 14, "outside_level_m": 15}
_NAMES: dict[int, dict[str, int]] = {
    CULVERT_ROUND: _CULVERT,
    CULVERT_BOX: _CULVERT,
    PUMP: {
        "points": 0,
        **{f"head_{n}_m": n for n in range(1, 6)},
        **{f"flow_{n}_m3_s": n + 5 for n in range(1, 6)},
        "suction_level_m": 11,
        "outlet_level_m": 12,
        "outside_level_m": 15,
    },
    WEIR: {"crest_m": 0, "width_m": 1, "thin": 2, **_COMMON},
    SLUICE: {"sill_m": 0, "width_m": 1, "height_m": 2, "top_m": 3, **_COMMON},
    SIPHON: {
        **{name: n for n, name in enumerate(_BARREL[:9]) if name != "width_m"},
        "summit_m": 9,
        **_COMMON,
    },
}
