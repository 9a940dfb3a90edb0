"""
The text of a SWMM input file: what the coupling must know of it, and the text that is run.

SWMM itself reads the hydraulics. Here the nodes are read, with their places, and every number
that the coupling uses is checked with its line, because a fault there would otherwise show late
or not at all. Lines are never added or dropped before the end, so that the line numbers of SWMM's
own messages are those of the user's file.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from models.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

__all__ = ["FOOT_M", "InpNetwork", "read_inp"]

FOOT_M = 0.3048

#: Sections by the letters by which SWMM knows them, longer ones first where one begins another.
_SECTIONS = (
    "INLET_USAGE", "INLET", "LID_CONTROL", "LID_USAGE", "SUBCATCHMENT", "SUBAREA", "TITLE",
    "OPTION", "FILE", "RAINGAGE", "TEMP", "EVAP", "INFIL", "AQUIF", "GROUND", "SNOW",
    "JUNC", "OUTFALL", "STORAGE", "DIVIDER", "CONDUIT", "PUMP", "ORIFICE", "WEIR", "OUTLET",
    "XSECT", "TRANSECT", "LOSS", "CONTROL", "POLLUT", "LANDUSE", "BUILDUP", "WASHOFF", "COVERAGE",
    "INFLOW", "DWF", "PATTERN", "RDII", "HYDROGRAPH", "LOADING", "TREATMENT", "CURVE",
    "TIMESERIES", "REPORT", "COORDINATE", "VERTICES", "POLYGON", "SYMBOL", "LABEL", "BACKDROP",
    "TAG", "PROFILE", "MAP", "GWF", "ADJUST", "EVENT", "STREET",
)  # fmt: skip
#: What does not bear on the flow in the pipes, or would write files beside the run.
_LEFT_OUT = frozenset({
    "TITLE", "FILE", "TEMP", "EVAP", "ADJUST", "EVENT", "REPORT", "VERTICES", "POLYGON", "SYMBOL",
    "LABEL", "BACKDROP", "TAG", "PROFILE", "MAP",
})  # fmt: skip
#: Fewest words on a line, by kind of node.
_NODES = {"JUNC": ("junction", 2), "STORAGE": ("storage", 5), "OUTFALL": ("outfall", 3),
          "DIVIDER": ("divider", 4)}  # fmt: skip
_FLOW_UNITS = {"CFS": False, "GPM": False, "MGD": False, "CMS": True, "LPS": True, "MLD": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class InpNetwork:
    """
    A network of drains as its input file describes it.

    Parameters
    ----------
    name
        File, for messages.
    text
        The file, without drawings and comments; the lines keep their numbers.
    node_name, node_kind
        Name and kind (``junction``, ``storage``, ``outfall``, ``divider``) of every node.
    invert_m, max_depth_m
        Level of the bottom and depth up to the rim, m, shape (nodes,); the depth of an outfall
        is 0, and so is one that SWMM takes from the pipes.
    x, y
        Coordinates as the file has them, NaN where it has none, shape (nodes,).
    metric
        Whether lengths are in metres; in feet otherwise.
    options
        The options of the file, in capitals.
    start
        Date and time at which the series of the file begin.
    routing_step_s
        Routing step of the file, s; 20 s where it has none, as in SWMM.
    smallest_area_m2
        Surface area of a manhole, m²: MIN_SURFAREA, 12.566 square feet where it is 0.
    counts
        Number of lines in every section that holds any, by the name of :data:`_SECTIONS`.
    """

    name: str
    text: str
    node_name: tuple[str, ...]
    node_kind: tuple[str, ...]
    invert_m: NDArray[np.float64]
    max_depth_m: NDArray[np.float64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    metric: bool
    options: Mapping[str, str]
    start: datetime
    routing_step_s: float
    smallest_area_m2: float
    counts: Mapping[str, int]

    @property
    def rim_m(self) -> NDArray[np.float64]:
        """Level of the rim of every node, m."""
        return self.invert_m + self.max_depth_m

    def run_text(self, *, start: datetime, duration_s: float, routing_step_s: float) -> str:
        """
        Return the text that SWMM runs: dynamic wave at a fixed step, without rain of its own.

        Full pipes are computed with a slot. SWMM's older way of surcharge (EXTRAN) solves heads
        by iteration, without storage; beside an exchange that depends on the head it makes water
        by the pool: in the test of this module it ended with nine times what it was given.

        Parameters
        ----------
        start
            Date and time in SWMM at the start of the run.
        duration_s, routing_step_s
            How long, and in which steps.
        """
        end = start + timedelta(seconds=duration_s + 86_400.0)
        settings = {
            "FLOW_ROUTING": "DYNWAVE",
            "START_DATE": f"{start:%m/%d/%Y}",
            "START_TIME": f"{start:%H:%M:%S}",
            "REPORT_START_DATE": f"{start:%m/%d/%Y}",
            "REPORT_START_TIME": f"{start:%H:%M:%S}",
            "END_DATE": f"{end:%m/%d/%Y}",
            "END_TIME": f"{end:%H:%M:%S}",
            "REPORT_STEP": "24:00:00",
            "RULE_STEP": "00:00:00",
            "ROUTING_STEP": f"{routing_step_s:g}",
            "VARIABLE_STEP": "0",
            "SKIP_STEADY_STATE": "NO",
            "ALLOW_PONDING": "NO",
            "SURCHARGE_METHOD": "SLOT",
            "THREADS": "1",
            "IGNORE_RAINFALL": "YES",
            "IGNORE_SNOWMELT": "YES",
            "IGNORE_GROUNDWATER": "YES",
            "IGNORE_RDII": "YES",
            "IGNORE_QUALITY": "YES",
        }
        lines = [f"{key} {value}" for key, value in settings.items()]
        return "\n".join([self.text, "[OPTIONS]", *lines, ""])


def read_inp(text: str, *, name: str) -> InpNetwork:
    """
    Read the nodes and the options of a SWMM input file.

    Parameters
    ----------
    text
        Content of the file.
    name
        Its path, for messages.

    Raises
    ------
    InvalidInputError
        If a section is not known, a line holds too little or no number where one must stand, a
        name stands twice, or the file has no nodes; the message names file and line.
    """
    kept: list[str] = []
    rows: dict[str, list[tuple[int, list[str]]]] = {}
    for number, section, line, words in _lines(text, name):
        kept.append("" if section in _LEFT_OUT else _renewed(section, line, words))
        if words:
            rows.setdefault(section, []).append((number, words))
    options = {words[0].upper(): " ".join(words[1:]).upper() for _, words in rows.get("OPTION", [])}
    unit = options.get("FLOW_UNITS", "CFS")
    if unit not in _FLOW_UNITS:
        raise InvalidInputError(
            "these units of flow are not known",
            where=_line_of(rows, "OPTION", "FLOW_UNITS", name),
            value=unit,
            remedy=f"SWMM knows {', '.join(_FLOW_UNITS)}.",
        )
    metric = _FLOW_UNITS[unit]
    _no_files(rows, name)
    names, kinds, levels = _nodes(rows, name, FOOT_M if not metric else 1.0)
    x, y = _coordinates(rows, names, name)
    return InpNetwork(
        name=name,
        text="\n".join(kept).rstrip(),
        node_name=names,
        node_kind=kinds,
        invert_m=levels[:, 0].copy(),
        max_depth_m=levels[:, 1].copy(),
        x=x,
        y=y,
        metric=metric,
        options=options,
        start=_start(options, _line_of(rows, "OPTION", "START_DATE", name)),
        routing_step_s=_step(
            options.get("ROUTING_STEP", "20"), _line_of(rows, "OPTION", "ROUTING_STEP", name)
        ),
        smallest_area_m2=_area(
            options.get("MIN_SURFAREA", "0"),
            _line_of(rows, "OPTION", "MIN_SURFAREA", name),
            1.0 if metric else FOOT_M**2,
        ),
        counts={key: len(value) for key, value in rows.items() if key},
    )


def _lines(text: str, name: str) -> Iterator[tuple[int, str, str, list[str]]]:
    """Yield number, section, text without comment, and words of every line."""
    section = ""
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.split(";", 1)[0].rstrip()
        stripped = line.strip()
        if stripped.startswith("["):
            section = _section(stripped, f"{name}: line {number}")
            yield number, section, line, []
            continue
        if stripped and not section:
            raise InvalidInputError(
                "there is text before the first section",
                where=f"{name}: line {number}",
                value=stripped,
                remedy="A SWMM input file begins with a section such as [OPTIONS].",
            )
        # A title is free text, and no place for words in quotes.
        quoted = section not in {"TITLE", "CONTROL"}
        yield number, section, line, _words(stripped) if quoted else stripped.split()
    if not section:
        raise InvalidInputError(
            "the file holds no section", where=name, remedy="Is it a SWMM input file?"
        )


def _renewed(section: str, line: str, words: list[str]) -> str:
    """Return a line as SWMM 5.2 reads it: before 5.1 this option was yes (slope) or no (Froude)."""
    old = {"YES": "SLOPE", "NO": "FROUDE"}
    if section == "OPTION" and len(words) > 1 and words[0].upper() == "NORMAL_FLOW_LIMITED":
        return f"{words[0]} {old.get(words[1].upper(), words[1])}"
    return line


def _section(text: str, where: str) -> str:
    word = text[1:].partition("]")[0].strip().upper()
    for known in _SECTIONS:
        if word.startswith(known):
            return known
    raise InvalidInputError(
        "this section is not known to SWMM", where=where, value=text, remedy="Check its name."
    )


def _words(line: str) -> list[str]:
    return [first or second for first, second in re.findall(r'"([^"]*)"|(\S+)', line)]


def _line_of(
    rows: Mapping[str, list[tuple[int, list[str]]]], section: str, key: str, name: str
) -> str:
    for number, words in rows.get(section, []):
        if words[0].upper() == key:
            return f"{name}: line {number}"
    return name


def _no_files(rows: Mapping[str, list[tuple[int, list[str]]]], name: str) -> None:
    """Refuse series in other files: a stored run must stand alone."""
    for number, words in rows.get("TIMESERIES", []):
        if len(words) > 1 and words[1].upper() == "FILE":
            raise InvalidInputError(
                "the series is in another file, which would not be kept with the run",
                where=f"{name}: line {number}",
                value=" ".join(words),
                remedy="Write its values into [TIMESERIES].",
            )


def _nodes(
    rows: Mapping[str, list[tuple[int, list[str]]]], name: str, unit_m: float
) -> tuple[tuple[str, ...], tuple[str, ...], NDArray[np.float64]]:
    names: list[str] = []
    seen: dict[str, int] = {}
    kinds: list[str] = []
    levels: list[tuple[float, float]] = []
    for section, (kind, fewest) in _NODES.items():
        for number, words in rows.get(section, []):
            where = f"{name}: line {number}"
            if len(words) < fewest:
                raise InvalidInputError(
                    f"a {kind} needs at least {fewest} items", where=where, value=" ".join(words)
                )
            key = words[0].upper()  # SWMM does not tell capitals apart
            if key in seen:
                raise InvalidInputError(
                    f"another node has this name, on line {seen[key]}", where=where, value=words[0]
                )
            seen[key] = number
            names.append(words[0])
            deep = kind in {"junction", "storage"} and len(words) > 2
            depth = _number(words[2], where, "depth") if deep else 0.0
            if depth < 0.0:
                raise InvalidInputError("a depth is negative", where=where, value=words[2])
            levels.append((_number(words[1], where, "invert") * unit_m, depth * unit_m))
            kinds.append(kind)
    if not names:
        raise InvalidInputError(
            "the network has no nodes", where=name, remedy="Look for [JUNCTIONS] and [OUTFALLS]."
        )
    return tuple(names), tuple(kinds), np.asarray(levels, np.float64)


def _coordinates(
    rows: Mapping[str, list[tuple[int, list[str]]]], names: tuple[str, ...], name: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    places: dict[str, tuple[float, float]] = {}
    for number, words in rows.get("COORDINATE", []):
        where = f"{name}: line {number}"
        if len(words) < 3:
            raise InvalidInputError(
                "a coordinate needs a node, x and y", where=where, value=" ".join(words)
            )
        places[words[0].upper()] = (_number(words[1], where, "x"), _number(words[2], where, "y"))
    nowhere = (math.nan, math.nan)
    array = np.asarray([places.get(node.upper(), nowhere) for node in names], np.float64)
    return array[:, 0].copy(), array[:, 1].copy()


def _number(text: str, where: str, what: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InvalidInputError(f"the {what} is not a number", where=where, value=text)
    return value


def _step(text: str, where: str) -> float:
    try:
        step = _seconds(text)
    except ValueError:
        step = 0.0
    if not step > 0.0:
        raise InvalidInputError(
            "this is not a step of time", where=where, value=text, remedy="Write seconds."
        )
    return step


def _area(text: str, where: str, unit_m2: float) -> float:
    area = _number(text or "0", where, "area")
    return area * unit_m2 if area > 0.0 else 12.566 * FOOT_M**2


def _seconds(text: str) -> float:
    """Return a time that SWMM writes as seconds or as hours:minutes:seconds."""
    parts = text.strip().split(":")
    if len(parts) == 1:
        return float(parts[0])
    return sum(float(p) * f for p, f in zip(parts, (3600.0, 60.0, 1.0), strict=False))


def _start(options: Mapping[str, str], where: str) -> datetime:
    date = options.get("START_DATE", "01/01/2000").replace("-", "/")
    clock = options.get("START_TIME", "00:00:00")
    try:
        month, day, year = (int(part) for part in date.split("/"))
        return datetime(year, month, day) + timedelta(seconds=_seconds(clock))  # noqa: DTZ001 - SWMM knows no zones
    except ValueError as error:
        raise InvalidInputError(
            "this is not a date and time as SWMM writes them",
            where=where,
            value=f"{date} {clock}",
            remedy="Write START_DATE as month/day/year and START_TIME as hour:minute:second.",
        ) from error
