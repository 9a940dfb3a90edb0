"""Charts over time: the water balance, gauges, sections, boundaries, structures, residents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from twin.language import label, text
from twin.results.plot_charts import draw_panels, moments

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from twin.results.open import Run

__all__ = ["CHARTS", "plot_chart"]

#: Okabe & Ito (2008), and two greys: told apart with every common colour blindness.
_COLOURS = (
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#7f7f7f",
)  # fmt: skip
#: Lines that one panel can show so that they are told apart.
_MOST = 16
#: Structures, of which each has a panel of its own.
_MOST_PANELS = 6
_IN = ("rain_m3", "level_in_m3", "inflow_m3", "structures_in_m3")
_OUT = (
    "level_out_m3", "outflow_edges_m3", "infiltration_m3", "abstraction_m3", "structures_out_m3",
    "roofs_away_m3",
)  # fmt: skip
_DRAINS = ("drain_taken_m3", "drain_given_m3", "drain_left_m3", "drain_entered_m3")

#: The charts, in the order in which they are drawn, and the table of each.
CHARTS = ("ledger", "gauges", "cross_sections", "boundaries", "structures", "residents")

#: Where residents may be, but for at home.
_AWAY = ("upstairs", "on_the_way", "safe", "stranded", "trapped", "rescued")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """A line of a panel: its name, seconds and values; dashed where it is the second of a pair."""

    name: str
    time_s: pd.Series[float]
    values: NDArray[np.float64]
    dashed: bool = False


def plot_chart(run: Run, chart: str, path: Path, *, language: str, subtitle: str) -> Path | None:
    """
    Draw one of ``CHARTS``; None where the run has nothing for it.

    Parameters
    ----------
    run, chart, path
        What to draw, and where to write it.
    language, subtitle
        How it is headed.
    """
    lines = _ledger(run, language) if chart == "ledger" else _series(run, chart, language)
    panels = [(title, _drawn(run, found, language)) for title, found in lines if found]
    if not panels:
        return None
    title = text(f"plot.{chart}", language)
    return draw_panels(run, path, panels, title=title, subtitle=subtitle, language=language)


def _drawn(run: Run, lines: Sequence[_Line], language: str) -> Callable[[Axes], None]:
    def draw(axis: Axes) -> None:
        shown = lines[:_MOST]
        for n, line in enumerate(shown):
            pairs = any(each.dashed for each in shown)
            colour = _COLOURS[(n // 2 if pairs else n) % len(_COLOURS)]
            axis.plot(
                moments(run, line.time_s),
                line.values,
                color=colour,
                linewidth=1.7,
                linestyle="--" if line.dashed or (not pairs and n >= len(_COLOURS)) else "-",
                label=line.name,
            )
        if len(lines) > _MOST:
            more = text("plot.more_lines", language, count=len(lines) - _MOST)
            axis.plot([], [], " ", label=more)
        if [line.name for line in lines] == [""]:
            return
        axis.legend(
            loc="upper left", bbox_to_anchor=(1.0, 1.08), frameon=False, fontsize=8.5,
            handlelength=1.8, labelspacing=0.3,
        )  # fmt: skip

    return draw


def _ledger(run: Run, language: str) -> list[tuple[str, list[_Line]]]:
    """Return the terms of the water balance: in, out, through drains, stored, unaccounted for."""
    table = run.ledger
    if not len(table) or "stored_m3" not in table:
        return []

    def lines(names: Sequence[str]) -> list[_Line]:
        return [
            _Line(
                name=label("ledger", name, language),
                time_s=table["time_s"],
                values=table[name].to_numpy(np.float64) / 1e3,
            )
            for name in names
            if name in table and table[name].abs().max() > 0.0
        ]

    largest = float(table["residual_m3"].abs().max())
    unit_m3 = 1.0 if largest >= 0.1 or largest == 0.0 else 10.0 ** np.floor(np.log10(largest))
    return [
        (text("plot.ledger_in", language), lines(_IN)),
        (text("plot.ledger_out", language), lines(_OUT)),
        (text("plot.ledger_drains", language), lines(_DRAINS)),
        (text("plot.ledger_stored", language), [_alone(table, "stored_m3", 1e3)]),
        (
            text("plot.ledger_residual", language, unit=_power(unit_m3)),
            [_alone(table, "residual_m3", unit_m3)],
        ),
    ]


def _alone(table: pd.DataFrame, name: str, unit_m3: float) -> _Line:
    """Return the one line of a panel, which needs no name."""
    values = table[name].to_numpy(np.float64) / unit_m3
    return _Line(name="", time_s=table["time_s"], values=values)


def _power(unit_m3: float) -> str:
    if unit_m3 == 1.0:
        return "m³"
    raised = str(round(float(np.log10(unit_m3)))).translate(
        str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
    )
    return f"10{raised} m³"


def _series(run: Run, chart: str, language: str) -> list[tuple[str, list[_Line]]]:
    table = run.series(chart)
    if not len(table):
        return []
    level, depth = text("plot.level_axis", language), text("plot.gauge_depth_axis", language)
    flow, opening = text("plot.discharge_axis", language), text("plot.opening_axis", language)
    match chart:
        case "gauges":
            return [(level, _wide(table, "level_m_")), (depth, _wide(table, "depth_m_"))]
        case "cross_sections":
            return [
                (flow, _long(table, "section", "discharge_m3_s")),
                (level, _long(table, "section", "level_m")),
            ]
        case "boundaries":
            return [
                (flow, _long(table, "boundary", "discharge_m3_s")),
                (level, _long(table, "boundary", "level_m")),
            ]
        case "residents":
            return _residents(table, language)
    return [
        (flow, _long(table, "structure", "discharge_m3_s")),
        (opening, _long(table, "structure", "opening")),
        *_both_sides(table, language),
    ]


def _residents(table: pd.DataFrame, language: str) -> list[tuple[str, list[_Line]]]:
    """Return where people are, in what water, cut off from hospitals, and waiting for help."""

    def lines(names: Mapping[str, str]) -> list[_Line]:
        return [
            _Line(name=name, time_s=table["time_s"], values=table[column].to_numpy(np.float64))
            for column, name in names.items()
            if column in table and table[column].any()
        ]

    where = {name: label("resident", name, language) for name in _AWAY}
    classes = {f"exposed_h{k}": f"H{k}" for k in range(1, 7)}
    return [
        (text("plot.residents_where", language), lines(where)),
        (text("plot.residents_exposed", language), lines(classes)),
        (text("plot.residents_cut_off", language), lines({"cut_off_from_hospital": ""})),
        (text("plot.residents_calls", language), lines({"people_calling": ""})),
    ]


def _wide(table: pd.DataFrame, prefix: str) -> list[_Line]:
    """Return a line for each column of a quantity; gauges have intervals of their own."""
    found = []
    for column in table.columns:
        if str(column).startswith(prefix):
            kept = table[table[column].notna()]
            name = str(column).removeprefix(prefix)
            values = kept[column].to_numpy(np.float64)
            found.append(_Line(name=name, time_s=kept["time_s"], values=values))
    return found


def _long(table: pd.DataFrame, key: str, quantity: str) -> list[_Line]:
    """Return a line for each name of *key* that has the quantity."""
    found = []
    for name, part in table.groupby(key, sort=False):
        kept = part[part[quantity].notna()]
        if len(kept):
            values = kept[quantity].to_numpy(np.float64)
            found.append(_Line(name=str(name), time_s=kept["time_s"], values=values))
    return found


def _both_sides(table: pd.DataFrame, language: str) -> list[tuple[str, list[_Line]]]:
    """Return a panel for each of the first structures with the levels on both of its sides."""
    panels = []
    for name, part in list(table.groupby("structure", sort=False))[:_MOST_PANELS]:
        lines = [
            _Line(
                name=text(f"plot.{side}", language),
                time_s=part["time_s"],
                values=part[f"{side}_level_m"].to_numpy(np.float64),
                dashed=side == "outside",
            )
            for side in ("inside", "outside")
            if part[f"{side}_level_m"].notna().any()
        ]
        panels.append((text("plot.levels_at", language, name=str(name)), lines))
    return panels
