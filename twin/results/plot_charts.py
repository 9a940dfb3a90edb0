"""Charts of the response: how soon help arrived, and the course of events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import matplotlib.dates as mdates
import numpy as np
from matplotlib.lines import Line2D

from twin.language import label, number, short_number, text
from twin.results import plot_style as style
from twin.results.kpi import response_kpis
from twin.results.series import flooded_area_m2

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from twin.results.open import Run

__all__ = ["Panel", "draw_panels", "moments", "plot_responses", "plot_timeline"]

_SERVICE_COLOURS = ("#0072b2", "#cc5500", "#117733", "#882255")


def plot_responses(run: Run, path: Path, *, language: str, subtitle: str) -> Path:
    """Draw, for each service, the share of calls reached against the minutes since the call."""
    incidents = run.incidents
    services = sorted(set(incidents["service"])) if len(incidents) else []
    services = [service for service in services if service]
    columns = max(1, len(services))
    figure = style.new_figure(1.2 + 5.4 * columns, 5.6)
    style.heading(figure, text("plot.response", language), subtitle)
    axes = figure.subplots(1, columns, squeeze=False, sharey=True)[0]
    figure.subplots_adjust(left=0.09 / columns + 0.03, right=0.97, top=0.76, bottom=0.13)
    kpis = response_kpis(run.events if len(run.events) else None)
    if not services:
        axes[0].axis("off")
        axes[0].text(0.5, 0.5, text("plot.no_incidents", language), ha="center", size=13)
    for axis, service, colour in zip(axes, services, _SERVICE_COLOURS * 9, strict=False):
        calls = incidents[incidents["service"] == service]
        _draw_share(axis, calls, colour, language)
        _annotate(axis, kpis, service, language)
        axis.set_title(
            label("service", service, language),
            loc="left",
            size=13,
            weight="bold",
            color=colour,
            pad=10,
        )
        axis.set_xlabel(text("plot.response_minutes", language), color=style.MUTED, size=10)
    if services:
        axes[0].set_ylabel(text("plot.response_share", language), color=style.MUTED, size=10)
    return style.save(figure, path)


def _draw_share(axis: Axes, calls: pd.DataFrame, colour: str, language: str) -> None:
    """Draw a curve that stays below 100 % where calls were never reached."""
    minutes = np.sort(calls["response_s"].dropna().to_numpy(np.float64)) / 60.0
    targets = np.unique(calls["target_s"].dropna().to_numpy(np.float64)) / 60.0
    largest = max([*minutes[-1:], *(1.6 * targets), 5.0])
    share = 100.0 * np.arange(1, minutes.size + 1) / len(calls)
    x = np.concatenate([[0.0], minutes, [largest * 1.04]])
    y = np.concatenate([[0.0], share, share[-1:] if share.size else [0.0]])
    axis.fill_between(x, y, step="post", color=colour, alpha=0.13, linewidth=0)
    axis.step(x, y, where="post", color=colour, linewidth=2.2)
    for target in targets:
        axis.axvline(target, color=style.INK, linewidth=1.2, linestyle=(0, (4, 3)))
        note = text("plot.target", language, minutes=short_number(target, language, 1))
        axis.annotate(
            note,
            (target, 97.0),
            xytext=(-3, 0),
            textcoords="offset points",
            size=9.5,
            color=style.INK,
            ha="right",
            va="top",
            rotation=90,
        )
    missing = int(calls["response_s"].isna().sum())
    if missing:
        top = 100.0 * (1.0 - missing / len(calls))
        axis.axhspan(top, 100.0, color=style.NEVER, alpha=0.16, linewidth=0)
        axis.annotate(
            text("plot.never_note", language, count=missing),
            (1.04 * largest, 103.0),
            ha="right",
            va="bottom",
            annotation_clip=False,
            size=9.5,
            color="#8f3a00",
            weight="bold",
        )
    style.quiet(axis, language)
    axis.set_xlim(0.0, largest * 1.04)
    axis.set_ylim(0.0, 102.0)
    axis.set_yticks(range(0, 101, 20))


def _annotate(axis: Axes, kpis: dict[str, Any], service: str, language: str) -> None:
    within, spread = kpis["within_target"][service], kpis["response_time_s"][service]
    lines = []
    if within["share"] is not None:
        lines.append(
            text(
                "plot.within_note",
                language,
                share=number(100 * within["share"], language),
                late=within["n"] - within["count"],
                calls=within["n"],
            )
        )
    if spread["mean"] is not None:
        half = ""
        if spread["ci95"] is not None:
            half = f" ± {number((spread['ci95'][1] - spread['mean']) / 60.0, language, 1)}"
        mean = f"{number(spread['mean'] / 60.0, language, 1)}{half}"
        lines.append(text("plot.mean_note", language, mean=mean, n=spread["n"]))
    axis.text(
        0.975,
        0.05,
        "\n".join(lines),
        transform=axis.transAxes,
        ha="right",
        va="bottom",
        size=10.5,
        color=style.INK,
        linespacing=1.5,
        bbox={"facecolor": "white", "alpha": 0.85, "edgecolor": "none", "pad": 3},
    )


def plot_timeline(run: Run, path: Path, *, language: str, subtitle: str) -> Path:
    """Draw tide, rain, flooded area, closed streets and incidents under one another in time."""
    title = text("plot.timeline", language)
    return draw_panels(
        run, path, _panels(run, language), title=title, subtitle=subtitle, language=language
    )


def draw_panels(
    run: Run, path: Path, panels: Sequence[Panel], *, title: str, subtitle: str, language: str
) -> Path:
    """Draw *panels*, each with its title, under one another in local time."""
    figure = style.new_figure(12.5, 1.75 + 1.75 * len(panels))
    style.heading(figure, title, subtitle)
    axes = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    height = figure.get_size_inches()[1]
    figure.subplots_adjust(
        left=0.06, right=0.79, top=1 - 1.15 / height, bottom=0.62 / height, hspace=0.36
    )
    for axis, (name, draw) in zip(axes, panels, strict=True):
        style.quiet(axis, language)
        draw(axis)
        axis.set_title(name, loc="left", size=11, color=style.INK, pad=5)
        axis.margins(x=0.005)
    zone = run.start.tzinfo
    locator = mdates.AutoDateLocator(tz=zone, minticks=4, maxticks=13)  # type: ignore[no-untyped-call] # matplotlib has none
    axes[-1].xaxis.set_major_locator(locator)
    shown = mdates.DateFormatter("%H:%M\n%d/%m", tz=zone)  # type: ignore[no-untyped-call] # as above
    axes[-1].xaxis.set_major_formatter(shown)
    axes[-1].set_xlabel(text("plot.local_time", language), color=style.MUTED, size=10)
    return style.save(figure, path)


#: A title, and what draws below it.
type Panel = tuple[str, Callable[[Axes], None]]


def _panels(run: Run, language: str) -> list[Panel]:
    panels: list[Panel] = []
    ledger, roads = run.ledger, run.series("roads")
    if "tide_m" in ledger and ledger["tide_m"].notna().any():
        when = moments(run, ledger["time_s"])
        tide = ledger["tide_m"].to_numpy(np.float64)
        panels.append((text("plot.tide", language), lambda axis: _line(axis, when, tide)))
    if "rain_mm_h" in ledger and ledger["rain_mm_h"].any():
        falling = moments(run, ledger["time_s"])
        rain = ledger["rain_mm_h"].to_numpy(np.float64)
        panels.append(
            (text("plot.rain", language), lambda axis: _area(axis, falling, rain, "#56b4e9"))
        )
    if run.has_flood:
        frames = moments(run, run.flood["elapsed_s"].to_series())
        hectares = flooded_area_m2(run, 0.1) / 1e4
        title = text("plot.flooded_axis", language, depth=number(0.1, language, 1))
        panels.append((title, lambda axis: _area(axis, frames, hectares, "#225ea8")))
    if any(str(name).startswith("closed_km_") for name in roads.columns):
        panels.append(
            (
                text("plot.closed_axis", language),
                lambda axis: _closed_lines(axis, run, roads, language),
            )
        )
    if len(run.incidents):
        panels.append(
            (text("plot.arrival_axis", language), lambda axis: _arrivals(axis, run, language))
        )
    return panels or [(text("plot.no_incidents", language), lambda _axis: None)]


def moments(run: Run, elapsed_s: pd.Series[float]) -> NDArray[Any]:
    """Return matplotlib's day numbers of seconds since the start."""
    start: float = mdates.date2num(run.start.to_pydatetime())  # type: ignore[no-untyped-call] # as above
    return np.asarray(start + elapsed_s.to_numpy(np.float64) / 86400.0)


def _line(axis: Axes, when: NDArray[Any], values: NDArray[np.float64]) -> None:
    axis.plot(when, values, color="#0072b2", linewidth=2)


def _area(axis: Axes, when: NDArray[Any], values: NDArray[np.float64], colour: str) -> None:
    axis.fill_between(when, values, color=colour, alpha=0.3, linewidth=0)
    axis.plot(when, values, color=colour, linewidth=1.8)
    axis.set_ylim(bottom=0.0)


def _closed_lines(axis: Axes, run: Run, roads: pd.DataFrame, language: str) -> None:
    """Draw a line for each class, named at its end, classes with the same line together."""
    when = moments(run, roads["time_s"])
    groups: dict[bytes, list[str]] = {}
    for column in roads.columns:
        if str(column).startswith("closed_km_"):
            key = roads[column].to_numpy(np.float64).tobytes()
            name = label("vehicle", str(column).removeprefix("closed_km_"), language)
            groups.setdefault(key, []).append(name)
    drawn = sorted(groups.items(), key=lambda item: float(np.frombuffer(item[0])[-1]))
    widths = np.linspace(4.5, 1.6, len(drawn))  # where lines coincide, both can be seen
    for (values, names), colour, width in zip(drawn, _SERVICE_COLOURS * 9, widths, strict=False):
        axis.plot(
            when,
            np.frombuffer(values),
            color=colour,
            linewidth=width,
            label=", ".join(names),
        )
    axis.set_ylim(bottom=0.0)
    axis.legend(
        loc="upper left",
        bbox_to_anchor=(1.0, 1.08),
        frameon=False,
        fontsize=9,
        labelcolor="linecolor",
        handlelength=1.2,
    )


def _arrivals(axis: Axes, run: Run, language: str) -> None:
    """Draw a dot for each call; those never reached stand on the upper edge."""
    incidents = run.incidents
    when = moments(run, incidents["call_s"])
    minutes = incidents["response_s"].to_numpy(np.float64) / 60.0
    never = np.isnan(minutes)
    within = incidents["within_target"].to_numpy(np.bool_)
    top = max(1.0, float(np.nanmax(minutes)) if (~never).any() else 1.0) * 1.15
    sorts = (
        ("plot.in_time", within & ~never, style.IN_TIME, "o"),
        ("plot.late", ~within & ~never, style.LATE, "^"),
        ("plot.never", never, style.NEVER, "X"),
    )
    handles = []
    for key, chosen, colour, marker in sorts:
        y = np.where(never, top, minutes)[chosen]
        axis.scatter(
            when[chosen],
            y,
            s=34,
            marker=marker,
            color=colour,
            edgecolor="white",
            linewidth=0.6,
            zorder=3,
            clip_on=False,
        )
        handles.append(
            Line2D([], [], marker=marker, color=colour, linestyle="", label=text(key, language))
        )
    axis.set_ylim(0.0, top)
    axis.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(1.0, 1.08), frameon=False, fontsize=9
    )
