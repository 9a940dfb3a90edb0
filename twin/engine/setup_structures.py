"""From the structures of a scenario to what the solver and the rules need."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from models.errors import InvalidQuantityError, ScenarioError
from models.flood.links import BRIDGE, DYKE, GATE, WALL
from models.flood.structures import Structures
from scenarios.schema.rules import parse_rule
from twin.engine.devices import Device, Group
from twin.engine.setup_breaches import breach_groups
from twin.engine.setup_lines import Ground, line_faces
from twin.engine.setup_links import Pipes
from twin.engine.structures import Hydraulics, StructureControl
from twin.language import note

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.flood.faces import LineFaces
    from models.response import Event
    from scenarios.schema.rules import Rule
    from scenarios.schema.scenario import Scenario
    from twin.engine.places import PlaceFinder

__all__ = ["set_up_structures"]

#: Which structure has a face that two of them claim: the first of these.
_PRIORITY = {"gate": 3, "bridge": 2, "barrier": 1, "dyke": 0, "wall": 0}
#: A gate narrower than this share of its faces is a link, in a wall.
_NARROW = 0.75


def set_up_structures(
    scenario: Scenario, ground: Ground, places: PlaceFinder, *, log: Callable[[Event], None]
) -> StructureControl | None:
    """
    Lay the structures of *scenario* on the grid; None where it has none.

    Raises
    ------
    ScenarioError
        If one lies off the grid, a gate away from water, a link in the dry, a pump leads nowhere,
        or a structure could not have any effect.
    """
    if not scenario.structures:
        return None
    layout = _Layout(ground=ground, places=places)
    devices: dict[str, Device] = {}
    numbered = list(enumerate(scenario.structures))
    for index, each in sorted(numbered, key=lambda one: -_PRIORITY.get(one[1].kind, -1)):
        devices[each.id] = layout.add(each, f"structures[{index}] ({each.id})")
    try:
        hydraulics = layout.finish()
    except InvalidQuantityError as error:
        raise ScenarioError(
            error.what, where="structures", value=error.value, remedy=error.remedy
        ) from error
    control = StructureControl(
        [devices[each.id] for each in scenario.structures], hydraulics, log=log
    )
    control.notes.extend(
        note("structure_moved", name=name, distance=round(distance_m))
        for name, distance_m in layout.pipes.snaps
    )
    return control


@dataclass(kw_only=True)
class _Layout:
    """Faces, groups and links as they come."""

    ground: Ground
    places: PlaceFinder
    faces: dict[tuple[int, int, int], tuple[int, float, int]] = field(default_factory=dict)
    groups: list[Group] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    pipes: Pipes = field(init=False)

    def __post_init__(self) -> None:
        self.pipes = Pipes(ground=self.ground, places=self.places)

    def finish(self) -> Hydraulics:
        """Return all of it; faces lie in the order of rows."""
        keys = sorted(self.faces)
        where = np.asarray(keys, np.int64).reshape(-1, 3)
        structures = Structures(
            face_row=where[:, 0].copy(),
            face_column=where[:, 1].copy(),
            face_axis=where[:, 2].copy(),
            face_group=np.asarray([self.faces[key][2] for key in keys], np.int64),
            group_kind=np.asarray([group.kind for group in self.groups], np.int64),
            group_names=tuple(self.names),
            **self.pipes.arrays(),
        )
        return Hydraulics(
            structures=structures,
            groups=tuple(self.groups),
            link_lift=np.asarray(self.pipes.lifts, np.float64),
        )

    def add(self, each: Any, where: str) -> Device:  # noqa: ANN401 - any of the kinds
        """Lay out one structure."""
        match each.kind:
            case "dyke" | "wall":
                return self._dyke(each, where)
            case "barrier":
                return self._barrier(each, where)
            case "gate":
                return self._gate(each, where)
            case "bridge":
                return self._bridge(each, where)
            case _:
                return self.pipes.add(each, where)

    # Walls

    def _dyke(self, each: Any, where: str) -> Device:  # noqa: ANN401 - a dyke or a wall
        faces, points = line_faces(each.line, self.ground, self.places, f"{where}.line")
        floor = self.ground.floor_m(faces)
        if each.crests_m is not None:
            if len(each.crests_m) != len(points):
                raise ScenarioError(
                    f"the line has {len(points)} points",
                    where=f"{where}.crests_m",
                    value=len(each.crests_m),
                    remedy="Give one level for each point.",
                )
            lengths = np.hypot(*np.diff(points, axis=0).T)
            along = np.concatenate([[0.0], np.cumsum(lengths)])
            crest = np.interp(faces.along_m, along, each.crests_m)
        elif each.crest_m is not None:
            crest = np.full(len(faces), float(each.crest_m))
        else:
            crest = floor + each.height_m
        kind = DYKE if each.kind == "dyke" else WALL
        device = self._device(each, faces, left_inside=True)
        sites, numbers = breach_groups(
            each, faces, (crest, floor), ground=self.ground, places=self.places, where=where
        )
        device.breaches = sites
        device.begun_s = [np.nan] * len(sites)
        parts = [
            Group(
                kind=kind,
                crest_m=float(crest[n]),
                floor_m=float(crest[n]),
                sill_m=float(crest[n]),
                inside_is_a=bool(faces.left_is_a[n]),
                **numbers.get(n, {}),
            )
            for n in range(len(faces))
        ]
        self._claim(device, faces, parts)
        return device

    def _barrier(self, each: Any, where: str) -> Device:  # noqa: ANN401 - a barrier
        faces, points = line_faces(each.line, self.ground, self.places, f"{where}.line")
        floor = self.ground.floor_m(faces)
        crest = (
            np.full(len(faces), float(each.crest_m))
            if each.crest_m is not None
            else floor + each.height_m
        )
        lowest = float(floor.min())
        left = self._inner_side(each, points, where)
        device = self._device(each, faces, left_inside=left)
        parts = [
            Group(
                kind=WALL,
                crest_m=float(crest[n]),
                floor_m=lowest,
                sill_m=lowest,
                inside_is_a=bool(faces.left_is_a[n]) == left,
            )
            for n in range(len(faces))
        ]
        self._claim(device, faces, parts)
        return device

    def _gate(self, each: Any, where: str) -> Device:  # noqa: ANN401 - a gate
        faces, points = line_faces(
            each.line, self.ground, self.places, f"{where}.line", in_water=True
        )
        floor = self.ground.floor_m(faces)
        wet = self.ground.between_water(faces)
        self.ground.must_matter(faces, wet, where)
        left = self._inner_side(each, points, where)
        sill = float(floor[wet].min()) if each.sill_m is None else float(each.sill_m)
        if sill >= each.top_m:
            raise ScenarioError(
                f"the gate's top does not stand above its sill, {sill:.2f} m",
                where=f"{where}.top_m",
                value=each.top_m,
            )
        way = {"none": 0, "outward": 1, "inward": -1}[each.flap]
        device = self._device(each, faces, left_inside=left)
        device.lift_m = np.inf if each.lift_m is None else float(each.lift_m)
        width_m = float(wet.sum()) * self.ground.grid.cell_size_m
        narrow = each.width_m is not None and each.width_m < _NARROW * width_m
        parts = [
            Group(
                kind=DYKE if narrow else GATE,
                crest_m=float(each.top_m),
                floor_m=sill,
                sill_m=sill,
                inside_is_a=bool(faces.left_is_a[n]) == left,
                way=way,
            )
            for n in range(len(faces))
        ]
        self._claim(device, faces, parts)
        if narrow:
            device.links = (self.pipes.narrow_gate(each, device, sill, way),)
        return device

    def _bridge(self, each: Any, where: str) -> Device:  # noqa: ANN401 - a bridge
        faces, _ = line_faces(each.line, self.ground, self.places, f"{where}.line", in_water=True)
        self.ground.must_matter(faces, self.ground.between_water(faces), where)
        device = self._device(each, faces, left_inside=True)
        parts = [
            Group(
                kind=BRIDGE,
                crest_m=float(each.deck_m),
                floor_m=float(each.soffit_m),
                sill_m=float(each.soffit_m),
                inside_is_a=bool(faces.left_is_a[n]),
            )
            for n in range(len(faces))
        ]
        self._claim(device, faces, parts)
        return device

    # Parts of them

    def _device(self, each: Any, faces: LineFaces, *, left_inside: bool) -> Device:  # noqa: ANN401 - any of the walls
        """Return a device without groups, with the cells beside its deepest face."""
        deepest = int(np.argmin(self.ground.floor_m(faces)))
        cells = [self.ground.flat(*(int(i[deepest]) for i in pair)) for pair in (
            faces.cells_a(), faces.cells_b())]  # fmt: skip
        if bool(faces.left_is_a[deepest]) != left_inside:
            cells.reverse()
        x, y = self.ground.centre(cells[0])
        rules = [_rule(getattr(each, name, None)) for name in ("open_when", "close_when")]
        initial = getattr(each, "initial", None)
        closed = initial == "closed" or (initial is None and each.kind == "barrier")
        return Device(
            name=each.id,
            kind=each.kind,
            x_m=x,
            y_m=y,
            open_rule=rules[0],
            close_rule=rules[1],
            travel_s=getattr(each, "operating_time", 0.0),
            rest_s=getattr(each, "least_interval", 0.0),
            inside_cell=cells[0],
            outside_cell=cells[1],
            position=0.0 if closed else 1.0,
        )

    def _inner_side(self, each: Any, points: Any, where: str) -> bool:  # noqa: ANN401 - a line of points
        """Return whether the inner side is the left of the line."""
        if each.inside is None:
            return True
        x, y = self.places.point(each.inside, where=f"{where}.inside")
        start, step = points[:-1], np.diff(points, axis=0)
        length2 = np.maximum((step**2).sum(axis=1), 1e-12)
        offset = np.array([x, y]) - start
        share = np.clip((offset * step).sum(axis=1) / length2, 0.0, 1.0)
        apart = np.hypot(*(offset - share[:, None] * step).T)
        n = int(np.argmin(apart))
        return bool(step[n, 0] * offset[n, 1] - step[n, 1] * offset[n, 0] > 0.0)

    def _claim(self, device: Device, faces: LineFaces, parts: list[Group]) -> None:
        """Give every face to *device* that no structure of a higher claim has."""
        priority = _PRIORITY[device.kind]
        known: dict[Group, int] = {}
        for n, group in enumerate(parts):
            key = (int(faces.row[n]), int(faces.column[n]), int(faces.axis[n]))
            claim = (priority, group.crest_m)
            held = self.faces.get(key)
            if held is not None and held[:2] >= claim:
                continue
            if group not in known:
                known[group] = len(self.groups)
                self.groups.append(group)
                self.names.append(device.name)
            self.faces[key] = (*claim, known[group])
        device.groups = tuple(known.values())


def _rule(text: str | None) -> Rule | None:
    return None if text is None else parse_rule(text)
