"""Cross-sections: how much water passes a line, and in what shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from models.errors import ScenarioError
from twin.engine.setup_lines import line_faces
from twin.language import note

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from models.flood.faces import LineFaces
    from models.flood.solver import Solver
    from scenarios.schema.scenario import Scenario
    from twin.engine.places import PlaceFinder
    from twin.engine.setup_lines import Ground
    from twin.language import Note

    type F8 = NDArray[np.float64]

__all__ = ["Section", "Sections", "face_discharges", "set_up_sections"]

#: Depth from which a face counts as wet, m.
_WET_M = 1e-3
_COLUMNS = ("discharge_m3_s", "level_m", "area_m2", "width_m", "speed_m_s")


def face_discharges(solver: Solver) -> tuple[F8, F8]:
    """
    Return the discharges per unit width, m²/s, through western and northern faces now.

    Their shapes are (rows, columns + 1) and (rows + 1, columns); eastward and southward count
    positive. What channels narrower than a cell carry is part of it. The finite-volume solver
    knows cells alone: there a face has the mean of the two cells beside it.
    """
    state: Any = solver.state
    if hasattr(state, "discharge_x_m2_s"):
        x, y = state.discharge_x_m2_s, state.discharge_y_m2_s
        _add_channels(solver, x, y)
        return x, y
    depth = state.depth_m
    x = np.pad(depth * state.velocity_x_m_s, ((0, 0), (1, 1)), mode="edge")
    y = np.pad(depth * state.velocity_y_m_s, ((1, 1), (0, 0)), mode="edge")
    return 0.5 * (x[:, :-1] + x[:, 1:]), 0.5 * (y[:-1] + y[1:])


def _add_channels(solver: Any, x: F8, y: F8) -> None:  # noqa: ANN401 - one that has channels
    """Put what channels carry in place of what their width carries as ground."""
    channels = solver.channels
    a, b = channels.reach_a, channels.reach_b
    row, column = channels.node_row, channels.node_column
    flow = solver.channel_discharge_m3_s
    size_m = solver.domain.grid.cell_size_m
    # A face is stored with the eastern or southern of its cells.
    sign = np.where((row[b] > row[a]) | (column[b] > column[a]), 1.0, -1.0)
    at = np.maximum(row[a], row[b]), np.maximum(column[a], column[b])
    for face, chosen in ((x, row[a] == row[b]), (y, column[a] == column[b])):
        where = at[0][chosen], at[1][chosen]
        share = channels.width_m[chosen] / size_m
        face[where] += (sign * flow)[chosen] / size_m - share * face[where]


@dataclass(frozen=True, kw_only=True)
class Section:
    """
    A line through which the discharge is recorded.

    Parameters
    ----------
    name
        As in the scenario.
    faces
        Its faces on the grid.
    share
        Width over cell size of each face, which makes a stair as long as the line that it stands
        for; discharges need none of it.
    """

    name: str
    faces: LineFaces
    share: float

    def measure(self, x: F8, y: F8, depth_m: F8, bed_m: F8, cell_m: float) -> tuple[float, ...]:
        """
        Return discharge, level, wet area, wet width and mean speed.

        Parameters
        ----------
        x, y
            As of :func:`face_discharges`.
        depth_m, bed_m
            Of all cells.
        cell_m
            Size of a cell.
        """
        faces = self.faces
        west = faces.axis == 0
        flow = np.zeros(len(faces))
        flow[west] = x[faces.row[west], faces.column[west]]
        flow[~west] = y[faces.row[~west], faces.column[~west]]
        total = float((np.where(faces.left_is_a, flow, -flow) * cell_m).sum())
        a, b = faces.cells_a(), faces.cells_b()
        level = np.maximum(
            np.where(depth_m[a] > _WET_M, depth_m[a] + bed_m[a], -np.inf),
            np.where(depth_m[b] > _WET_M, depth_m[b] + bed_m[b], -np.inf),
        )
        deep = np.maximum(level - np.maximum(bed_m[a], bed_m[b]), 0.0)
        wet = deep > _WET_M
        if not wet.any():
            return total, np.nan, 0.0, 0.0, 0.0
        area = float(deep[wet].sum()) * cell_m * self.share
        mean_level = float((level[wet] * deep[wet]).sum() / deep[wet].sum())
        return total, mean_level, area, float(wet.sum()) * cell_m * self.share, total / area


class Sections:
    """
    The cross-sections of a run, and what was recorded of them.

    Parameters
    ----------
    sections
        The sections.
    bed_m
        Ground level, m, shape (rows, columns).
    """

    def __init__(self, sections: Sequence[Section], bed_m: F8) -> None:
        self.sections = tuple(sections)
        self._bed_m = bed_m
        self._rows: list[tuple[float, ...]] = []

    def record(self, now_s: float, solver: Solver, due: NDArray[np.bool_]) -> None:
        """Keep a row for every section that is *due*."""
        if not due.any():
            return
        x, y = face_discharges(solver)
        depth_m, cell_m = solver.depth_m, solver.domain.grid.cell_size_m
        for n, section in enumerate(self.sections):
            if due[n]:
                found = section.measure(x, y, depth_m, self._bed_m, cell_m)
                self._rows.append((now_s, float(n), *found))

    def table(self) -> pd.DataFrame:
        """Return the series: values at the moment, discharge positive from left to right."""
        rows = np.asarray(self._rows, np.float64).reshape(-1, 2 + len(_COLUMNS))
        names = [self.sections[n].name for n in rows[:, 1].astype(np.int64).tolist()]
        columns = {name: rows[:, 2 + n] for n, name in enumerate(_COLUMNS)}
        return pd.DataFrame({"time_s": rows[:, 0], "section": names, **columns})

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything that a checkpoint must hold."""
        return {"rows": np.asarray(self._rows, np.float64).reshape(-1, 2 + len(_COLUMNS))}

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Go on from what :meth:`to_arrays` returned."""
        self._rows = [tuple(row) for row in arrays["rows"].tolist()]


def set_up_sections(
    scenario: Scenario, ground: Ground, places: PlaceFinder
) -> tuple[Sections | None, list[Note]]:
    """
    Lay the cross-sections on the grid; None where there are none.

    Raises
    ------
    ScenarioError
        If one lies off the grid, or where every level is prescribed.
    """
    found: list[Section] = []
    notes: list[Note] = []
    for index, each in enumerate(scenario.cross_sections):
        where = f"cross_sections[{index}] ({each.name})"
        faces, points = line_faces(each.line, ground, places, f"{where}.line")
        a, b = faces.cells_a(), faces.cells_b()
        held = ground.prescribed[a] & ground.prescribed[b]
        if held.all():
            raise ScenarioError(
                "the level is prescribed on both sides, so that no discharge is computed there",
                where=where,
                remedy="Move it to where the water is computed.",
            )
        if ground.water is not None and not (ground.water[a] | ground.water[b]).any():
            notes.append(note("section_dry", place=where))
        length_m = float(np.hypot(*np.diff(points, axis=0).T).sum())
        share = min(length_m / (len(faces) * ground.grid.cell_size_m), 1.0)
        found.append(Section(name=each.name, faces=faces, share=share))
    return (Sections(found, ground.bed_m) if found else None), notes
