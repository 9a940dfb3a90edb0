"""Two runs side by side: the same figures, and what changes from the first to the second."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table
from rich.text import Text

from twin.language import known, label, number, short_number, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from twin.results.open import Run

__all__ = [
    "Figure",
    "compare_notes",
    "compare_runs",
    "compare_table",
    "figure_name",
    "figure_of",
    "figure_scale",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """
    One figure of two runs.

    Parameters
    ----------
    key
        Its path among the KPIs, such as ``response_time_s/ambulance/mean``.
    unit
        Of the values, SI.
    first, second
        Values of the two runs; None where a run has no such figure, or no case behind it.
    worse
        1 where more is worse, -1 where less is worse, 0 where neither is.
    """

    key: str
    unit: str
    first: float | None
    second: float | None
    worse: int

    @property
    def difference(self) -> float | None:
        """Second less first; None where either is missing."""
        if self.first is None or self.second is None:
            return None
        return self.second - self.first


def compare_runs(first: Run, second: Run) -> list[Figure]:
    """Return the figures that either run has, in the order in which people read them."""
    sides = [dict(_figures(run.kpis)) for run in (first, second)]
    found = {key: (unit, worse) for side in sides for key, (_, unit, worse) in side.items()}
    figures = []
    for key in sorted(found, key=_rank):
        unit, worse = found[key]
        values = [side[key][0] if key in side else None for side in sides]
        figures.append(Figure(key=key, unit=unit, first=values[0], second=values[1], worse=worse))
    return figures


_ORDER = (
    *("max_depth_m", "flooded_area_m2", "road_km_closed", "incidents", "served", "unserved"),
    *("stranded", "units_lost", "response_time_s", "within_target"),
)
_SPREAD = ("n", "mean", "p50", "p90")


def _rank(key: str) -> tuple[int, str, float, int]:
    """Sort by figure, then by depth, vehicle or service, then by what is told of it."""
    name, *rest = key.split("/")
    depth = float(rest[0]) if name == "flooded_area_m2" else 0.0
    middle = rest[0] if rest and not depth else ""
    return _ORDER.index(name), middle, depth, _SPREAD.index(rest[1]) if len(rest) > 1 else 0


def _figures(kpis: Mapping[str, Any]) -> Iterator[tuple[str, tuple[float | None, str, int]]]:
    if kpis.get("max_depth_m") is not None:
        yield "max_depth_m", (kpis["max_depth_m"], "m", 1)
    for depth, area in kpis.get("flooded_area_m2", {}).items():
        yield f"flooded_area_m2/{depth}", (area, "m2", 1)
    for vehicle, km in kpis.get("road_km_closed", {}).items():
        yield f"road_km_closed/{vehicle}", (km, "km", 1)
    if kpis.get("incidents"):
        for name, worse in (("incidents", 0), ("served", -1), ("unserved", 1), ("stranded", 1)):
            yield name, (kpis.get(name), "", worse)
        if "units_lost" in kpis:
            yield "units_lost", (kpis["units_lost"], "", 1)
    for service, spread in kpis.get("response_time_s", {}).items():
        for part in _SPREAD:
            unit, worse = ("", 0) if part == "n" else ("s", 1)
            yield f"response_time_s/{service}/{part}", (spread.get(part), unit, worse)
    for service, share in kpis.get("within_target", {}).items():
        yield f"within_target/{service}", (share.get("share"), "1", -1)


def compare_notes(first: Run, second: Run, language: str) -> list[str]:
    """Return what makes the two runs hard to compare."""
    notes = []
    one, other = first.manifest, second.manifest
    for key, part, field in (
        ("compare.other_city", "city", "digest"),
        ("compare.other_period", "scenario", "duration_s"),
    ):
        if (one.get(part) or {}).get(field) != (other.get(part) or {}).get(field):
            notes.append(text(key, language))
    if one.get("seed") != other.get("seed"):
        notes.append(text("compare.other_seed", language))
    if one.get("cell_size_m") != other.get("cell_size_m"):
        notes.append(text("compare.other_grid", language))
    if first.digest == second.digest:
        notes.append(text("compare.same", language))
    return notes


def compare_table(first: Run, second: Run, language: str) -> Table:
    """Return the figures as a table; a change for the worse stands in red, else in green."""
    table = Table(box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
    table.title, table.title_style = text("compare.title", language), "bold"
    table.add_column(text("compare.figure", language))
    for run in (first, second):
        table.add_column(run.id, justify="right", overflow="fold")
    table.add_column(text("compare.difference", language), justify="right", no_wrap=True)
    for figure in compare_runs(first, second):
        scale, unit, decimals = figure_scale(figure)
        cells = [
            number(None if value is None else value * scale, language, decimals)
            for value in (figure.first, figure.second)
        ]
        table.add_row(
            f"{figure_name(figure, language)}{f', {unit}' if unit else ''}",
            *cells,
            _change(figure, language, scale, decimals),
        )
    return table


def figure_scale(figure: Figure) -> tuple[float, str, int]:
    """Return factor, unit and decimals with which people read a figure."""
    match figure.unit:
        case "m2":
            return 1e-4, "ha", 1
        case "s":
            return 1.0 / 60.0, "min", 1
        case "1":
            return 100.0, "%", 0
        case "m":
            return 1.0, "m", 2
        case "km":
            return 1.0, "km", 1
        case _:
            return 1.0, "", 0


def figure_of(key: str, value: float | None = None) -> Figure:
    """Return what is known of the figure *key*: its unit, and whether more of it is worse."""
    name, *rest = key.split("/")
    unit, worse = "", 0
    match name:
        case "max_depth_m":
            unit, worse = "m", 1
        case "flooded_area_m2" | "hazard_area_m2" | "aidr_area_m2":
            unit, worse = "m2", 1
        case "road_km_closed":
            unit, worse = "km", 1
        case "unserved" | "stranded" | "units_lost" | "abandoned":
            worse = 1
        case "served":
            worse = -1
        case "response_time_s" if rest[-1:] != ["n"] and rest[-1:] != ["not_reached"]:
            unit, worse = "s", 1
        case "within_target" if rest[-1:] == ["share"]:
            unit, worse = "1", -1
    return Figure(key=key, unit=unit, first=value, second=None, worse=worse)


def figure_name(figure: Figure, language: str) -> str:
    """Return what people call a figure; its key where there is no name for it."""
    name, *rest = figure.key.split("/")
    match name:
        case "max_depth_m":
            return text("show.max_depth", language)
        case "flooded_area_m2":
            depth = short_number(float(rest[0]), language)
            return text("show.flooded", language, depth=depth)
        case "road_km_closed":
            vehicle = label("vehicle", rest[0], language)
            return f"{text('show.closed', language)}: {vehicle}"
        case "response_time_s":
            part = {"n": "reached", "mean": "mean_only"}.get(rest[1], rest[1])
            told = label("show", part, language)
            return f"{label('service', rest[0], language)}: {told}"
        case "within_target" if rest[-1] == "share":
            return f"{label('service', rest[0], language)}: {text('show.within', language)}"
        case _:
            return text(f"show.{name}", language) if known(f"show.{name}") else figure.key


def _change(figure: Figure, language: str, scale: float, decimals: int) -> Text:
    change = figure.difference
    if change is None:
        return Text("\N{EN DASH}")
    shown = number(abs(change * scale), language, decimals)
    if not any(digit in shown for digit in "123456789"):
        return Text("0")
    worse = figure.worse * change
    style = "bold red" if worse > 0 else "green" if worse < 0 else ""
    sign = "+" if change > 0 else "\N{MINUS SIGN}"
    return Text(f"{sign}{shown}", style)
