"""Pictures of an evaluation: the map with the reports, and curves."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from twin.evaluation.score import records
from twin.language import label, short_number, text
from twin.results import plot_style as style
from twin.results.plot_maps import draw_city, finish, sheet_of
from twin.results.series import dry_land

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from twin.evaluation.evaluate import Evaluation
    from twin.evaluation.score import Part
    from twin.results.open import Run

__all__ = ["draw_levels", "draw_quantiles", "draw_report_curves", "draw_report_map", "png_of"]

_SIMULATED, _NEAREST, _OBSERVED = "#0b5fa5", "#7fb2dd", "#d55e00"
_MARKS = {
    (True, True): ("hit", style.IN_TIME, "o"),
    (True, False): ("miss", style.NEVER, "X"),
    (False, False): ("dry_ok", style.IN_TIME, "s"),
    (False, True): ("false", style.LATE, "^"),
}


def png_of(figure: Figure) -> bytes:
    """Return the picture as PNG."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110, metadata={"Software": "City twin"})
    return buffer.getvalue()


def show_depth(axes: Axes, run: Run, depth_m: NDArray[np.float64], language: str) -> list[Any]:
    """Draw depths of land that was dry, and return what a legend shows of them."""
    steps = np.linspace(0.16, 1.0, len(style.DEPTHS_M))
    colours = ListedColormap([colormaps["YlGnBu"](step) for step in steps])
    shown = np.where(dry_land(run) & (depth_m >= style.DEPTHS_M[0]), depth_m, np.nan)
    axes.imshow(
        shown,
        extent=extent_of(run),
        cmap=colours,
        norm=BoundaryNorm([*style.DEPTHS_M, 1e9], len(style.DEPTHS_M)),
        interpolation="nearest",
        zorder=4.95,
        alpha=0.86,
    )
    return [
        Patch(color=colours(k), label=f"≥ {short_number(style.DEPTHS_M[k], language)} m")
        for k in reversed(range(len(style.DEPTHS_M)))
    ]


def extent_of(run: Run) -> tuple[float, float, float, float]:
    """Return west, east, south, north of the grid, m, as pictures take them."""
    half = float(run.flood.attrs["cell_size_m"]) / 2.0
    x, y = run.flood["x"].to_numpy(), run.flood["y"].to_numpy()
    return float(x[0] - half), float(x[-1] + half), float(y[-1] - half), float(y[0] + half)


def draw_report_map(found: Evaluation, part: Part, language: str) -> Figure:
    """Draw the greatest depths with every report, by whether it was met."""
    run = found.run
    subtitle = text("evaluate.subtitle", language, run=run.id, start=f"{run.start:%H:%M %d/%m/%Y}")
    sheet = sheet_of(run, text("evaluate.map", language), subtitle)
    draw_city(sheet.axes, run.city)
    depth = run.flood["max_depth"].to_numpy().astype(np.float64)
    blocks = [(text("plot.depth_axis", language), show_depth(sheet.axes, run, depth, language))]
    blocks.append((text("evaluate.marks", language), mark_reports(sheet.axes, part, language)))
    finish(sheet, run, blocks, [], language)
    return sheet.figure


def mark_reports(axes: Axes, part: Part, language: str) -> list[Any]:
    """Mark every report with its number, and return what a legend shows of them."""
    handles = []
    for (said, wet), (name, colour, marker) in _MARKS.items():
        rows = part.table[(part.table["said_wet"] == said) & (part.table["wet"] == wet)]
        if not len(rows):
            continue
        axes.scatter(
            rows["x_m"],
            rows["y_m"],
            marker=marker,
            s=110,
            color=colour,
            edgecolor="white",
            linewidth=1.0,
            zorder=7,
        )
        handles.append(
            Line2D(
                [],
                [],
                marker=marker,
                color=colour,
                linestyle="",
                label=text(f"evaluate.{name}", language),
            )
        )
    shared: dict[tuple[float, float], list[str]] = {}
    for row in records(part.table):
        shared.setdefault((row["x_m"], row["y_m"]), []).append(str(row["number"]))
    for (x_m, y_m), numbers in shared.items():
        axes.annotate(
            ", ".join(numbers),
            (x_m, y_m),
            xytext=(7, 7),
            textcoords="offset points",
            size=11,
            weight="bold",
            color=style.INK,
            zorder=8,
        )
    return handles


def draw_report_curves(found: Evaluation, part: Part, language: str) -> Figure:
    """Draw depth over time near every report, with the stated range at the stated time."""
    shown = part.table[part.table["number"].astype(str).isin(list(part.series))].head(24)
    rows = math.ceil(len(shown) / 2)
    figure = style.new_figure(11.0, 0.8 + 2.5 * rows)
    style.heading(figure, text("evaluate.curves", language), "")
    for place, report in enumerate(records(shown), start=1):
        axes = figure.add_subplot(rows, 2, place)
        curve = part.series[str(report["number"])]
        hours = _clock(found.run, curve["time_s"])
        axes.plot(hours, curve["deepest_m"], color=_SIMULATED, linewidth=2)
        axes.plot(hours, curve["nearest_m"], color=_NEAREST, linewidth=1.4)
        _stated(axes, found.run, report)
        axes.set_title(f"{report['number']}. {report['place'][:56]}", size=10.5, loc="left")
        axes.set_ylabel(text("evaluate.depth_axis", language), size=9)
        axes.set_ylim(bottom=0.0)
        style.quiet(axes, language)
        _hours(axes)
    figure.legend(
        handles=[
            Line2D([], [], color=_SIMULATED, linewidth=2, label=text("evaluate.deepest", language)),
            Line2D([], [], color=_NEAREST, label=text("evaluate.nearest", language)),
            Patch(color=_OBSERVED, alpha=0.45, label=text("evaluate.stated", language)),
        ],
        loc="upper right",
        ncols=3,
        frameon=False,
        fontsize=9.5,
    )
    figure.subplots_adjust(
        left=0.07, right=0.98, top=1 - 0.75 / (0.8 + 2.5 * rows), bottom=0.08, hspace=0.5
    )
    return figure


def _stated(axes: Axes, run: Run, report: dict[str, Any]) -> None:
    known = [
        t
        for t in (report["said_from_s"], report["said_peak_s"], report["said_until_s"])
        if not math.isnan(t)
    ]
    if not known:
        return
    first, last = _clock(run, pd.Series([min(known), max(known)]))
    last = max(last, first + 0.25)
    low_m, high_m = report["low_m"], report["high_m"]
    if math.isnan(low_m):
        axes.axvspan(first, last, color=_OBSERVED, alpha=0.18)
    else:
        axes.fill_between([first, last], low_m, high_m, color=_OBSERVED, alpha=0.45)


def _clock(run: Run, time_s: pd.Series[float]) -> NDArray[np.float64]:
    """Return hours of the first day."""
    start_h = run.start.hour + run.start.minute / 60.0
    return np.asarray(start_h + time_s.to_numpy(np.float64) / 3600.0, np.float64)


def _hours(axes: Axes) -> None:
    axes.xaxis.set_major_formatter(
        lambda value, _: f"{int(value) % 24}:{round(value % 1 * 60):02d}"
    )


def draw_levels(found: Evaluation, part: Part, language: str) -> Figure:
    """Draw observed and simulated levels of every station."""
    stations = list(part.series)[:12]
    figure = style.new_figure(11.0, 0.8 + 2.7 * len(stations))
    style.heading(figure, text("evaluate.levels_title", language), "")
    for place, station in enumerate(stations, start=1):
        axes = figure.add_subplot(len(stations), 1, place)
        series = part.series[station]
        rows = part.table[part.table["station"] == station]
        axes.plot(
            _clock(found.run, series["time_s"]),
            series["level_m"],
            color=_SIMULATED,
            linewidth=2,
            label=text("evaluate.simulated", language),
        )
        axes.plot(
            _clock(found.run, rows["time_s"]),
            rows["observed_m"],
            "o",
            markersize=4,
            color=_OBSERVED,
            label=text("evaluate.observed", language),
        )
        axes.set_title(station, size=11, loc="left")
        axes.set_ylabel(text("evaluate.level_axis", language), size=9)
        axes.legend(frameon=False, fontsize=9.5)
        style.quiet(axes, language)
        _hours(axes)
    figure.subplots_adjust(
        left=0.07, right=0.98, top=1 - 0.75 / (0.8 + 2.7 * len(stations)), bottom=0.1, hspace=0.4
    )
    return figure


def draw_quantiles(part: Part, language: str) -> Figure:
    """Draw quantiles of response times of the run over those of the log."""
    figure = style.new_figure(5.2 * max(len(part.series), 1), 5.0)
    style.heading(figure, text("evaluate.quantiles", language), "")
    for place, (service, table) in enumerate(part.series.items(), start=1):
        axes = figure.add_subplot(1, len(part.series), place)
        log_min, run_min = table["logged_s"] / 60.0, table["simulated_s"] / 60.0
        most = 1.1 * float(np.nanmax([log_min.max(), run_min.max()]))
        axes.plot([0, most], [0, most], color=style.MUTED, label=text("evaluate.equal", language))
        axes.plot(log_min, run_min, "o-", color=_SIMULATED)
        points = (log_min.tolist(), run_min.tolist(), table["quantile"].tolist())
        for log, run, share in zip(*points, strict=True):
            axes.annotate(f"{share:.0%}", (log, run), xytext=(5, -10), textcoords="offset points")
        axes.set_xlabel(text("evaluate.logged_axis", language))
        axes.set_ylabel(text("evaluate.run_axis", language))
        axes.set_title(label("service", service, language), size=11, loc="left")
        axes.legend(frameon=False, fontsize=9.5)
        style.quiet(axes, language)
    figure.subplots_adjust(left=0.12, right=0.97, top=0.84, bottom=0.12)
    return figure
