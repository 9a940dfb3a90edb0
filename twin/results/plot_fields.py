"""Maps of what a run leaves behind: speed, hazard, times, durations, and what made it slow."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.patches import Patch

from twin.language import number, short_number, text
from twin.results import plot_style as style
from twin.results.plot_maps import draw_city, finish, sheet_of
from twin.results.series import dry_land, durations_over
from twin.store.grids import DURATION_OVER

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from twin.results.open import Run

__all__ = ["FIELD_MAPS", "field_names", "plot_field"]

#: Least depth at which a cell is drawn, m.
_SHOWN_M = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """
    How a field is drawn.

    Parameters
    ----------
    bounds
        Lower bounds of the classes, in the unit that is shown; the last is open.
    unit
        Shown unit.
    factor
        From the stored unit to the shown one.
    colours
        Name of a colour map, or one colour a class.
    land
        Whether only land is drawn that was dry at the start.
    words
        Family of texts that name the classes; without it, their bounds.
    """

    bounds: tuple[float, ...]
    unit: str = ""
    factor: float = 1.0
    colours: str | tuple[str, ...] = "YlOrRd"
    land: bool = True
    words: str = ""


_HOURS = _Look(bounds=(0.0, 0.5, 1, 2, 4, 8, 12, 24), unit="h", factor=1 / 3600, colours="YlGnBu")
#: Times since the start; their classes depend on the length of the run.
_WHEN = _Look(bounds=(0.0,), unit="h", factor=1 / 3600, colours="plasma")
_STEPS_H = (1 / 12, 0.25, 0.5, 1, 2, 3, 6, 12, 24, 48, 96)
_MM = _Look(bounds=(0.1, 1, 2, 5, 10, 20, 50), unit="mm", factor=1e3, colours="YlGn", land=False)
_DANGER = ("#fff3b0", "#f9c74f", "#f3722c", "#9d0208")
_AIDR = ("#d9f0f7", "#9bd3e6", "#fee391", "#fe9929", "#d7301f", "#67000d")

#: The maps, by the name of their field.
FIELD_MAPS: dict[str, _Look] = {
    "hazard_class": _Look(bounds=(0, 1, 2, 3), colours=_DANGER, words="hazard"),
    "aidr_class": _Look(bounds=(1, 2, 3, 4, 5, 6), colours=_AIDR, words="aidr"),
    "max_hazard": _Look(bounds=(0.0, 0.75, 1.25, 2, 3, 5), unit="m²/s"),
    "max_product": _Look(bounds=(0.05, 0.1, 0.3, 0.6, 1.2, 2, 4), unit="m²/s"),
    "max_speed": _Look(bounds=(0.05, 0.1, 0.25, 0.5, 1, 2, 3), unit="m/s", land=False),
    "arrival_time": _WHEN,
    "time_of_max": _WHEN,
    "duration": _HOURS,
    "infiltration": _MM,
    "evaporation": _MM,
    "limiting_steps": _Look(bounds=(0.0, 0.1, 1, 5, 20), unit="%", colours="RdPu", land=False),
}


def field_names(run: Run) -> list[str]:
    """Return the fields of a run that can be drawn, durations over depths last."""
    if not run.has_flood:
        return []
    return [name for name in FIELD_MAPS if name in run.flood] + durations_over(run)


def plot_field(run: Run, name: str, path: Path, *, language: str, subtitle: str) -> Path:
    """
    Draw one field over the city.

    Parameters
    ----------
    run, name, path
        What to draw, and where to write the picture.
    language, subtitle
        What stands above the map.
    """
    look = _HOURS if name.startswith(DURATION_OVER) else FIELD_MAPS[name]
    if look is _WHEN:
        look = replace(look, bounds=_times(float(run.flood["elapsed_s"].to_numpy()[-1]) / 3600.0))
    values = run.flood[name].to_numpy().astype(np.float64) * look.factor
    if name == "limiting_steps":
        values *= 100.0 / max(float(np.nansum(np.maximum(values, 0.0))), 1.0)
    shown = np.where(_drawn(run, name, look, values), values, np.nan)
    if name in {"limiting_steps", "duration", "evaporation"} or name.startswith(DURATION_OVER):
        shown[shown <= 0.0] = np.nan
    sheet = sheet_of(run, _title(run, name, language), subtitle)
    draw_city(sheet.axes, run.city)
    colours = _colours(look)
    size = float(run.flood.attrs["cell_size_m"]) / 2.0
    x, y = run.flood["x"].to_numpy(), run.flood["y"].to_numpy()
    sheet.axes.imshow(
        shown,
        extent=(x[0] - size, x[-1] + size, y[-1] - size, y[0] + size),
        cmap=colours,
        norm=BoundaryNorm([*look.bounds, 1e12], len(look.bounds)),
        interpolation="nearest",
        zorder=4.95,
        alpha=0.88,
    )
    used = np.digitize(shown[np.isfinite(shown)], look.bounds) - 1
    handles: list[Any] = [
        Patch(color=colours(k), label=_class_name(look, k, language))
        for k in reversed(range(len(look.bounds)))
        if look.words or not used.size or k <= used.max()
    ]
    axis_name = text(f"field.{'duration' if name.startswith(DURATION_OVER) else name}", language)
    blocks = [(f"{axis_name}, {look.unit}" if look.unit else axis_name, handles)]
    finish(sheet, run, blocks, _notes(run, name, look, shown, language), language)
    return style.save(sheet.figure, path)


def _times(length_h: float) -> tuple[float, ...]:
    """Return lower bounds of up to eight even classes over the length of a run, h."""
    step = next((each for each in _STEPS_H if 8.0 * each >= length_h), _STEPS_H[-1])
    return tuple((step * np.arange(max(1, int(np.ceil(length_h / step - 1e-9))))).tolist())


def _drawn(run: Run, name: str, look: _Look, values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return the cells that are drawn: flooded land, or all water, by what the field is."""
    chosen: NDArray[np.bool_] = np.isfinite(values) & (values >= look.bounds[0])
    if look.land:
        chosen &= dry_land(run)
    if name not in {"infiltration", "evaporation", "limiting_steps"} and "max_depth" in run.flood:
        chosen &= run.flood["max_depth"].to_numpy() >= _SHOWN_M
    return chosen


def _title(run: Run, name: str, language: str) -> str:
    if name.startswith(DURATION_OVER):
        depth = float(name.removeprefix(DURATION_OVER).removesuffix("m"))
        return text("plot.duration_over", language, depth=short_number(depth, language, 3))
    flood = run.scenario.get("flood")
    given = flood if isinstance(flood, dict) else {}
    if name in {"arrival_time", "duration"}:
        key = "arrival_depth_m" if name == "arrival_time" else "duration_depth_m"
        depth = float(given.get(key, 0.1))
        return text(f"plot.{name}", language, depth=short_number(depth, language, 3))
    return text(f"plot.{name}", language)


def _colours(look: _Look) -> ListedColormap:
    if isinstance(look.colours, tuple):
        return ListedColormap(list(look.colours))
    steps = np.linspace(0.18, 1.0, len(look.bounds))
    return ListedColormap([colormaps[look.colours](step) for step in steps])


def _class_name(look: _Look, k: int, language: str) -> str:
    if look.words:
        return text(f"{look.words}.{int(look.bounds[k])}", language)
    low = short_number(look.bounds[k], language)
    if k + 1 == len(look.bounds):
        return text("plot.class_more", language, low=low)
    return text("plot.class_between", language, low=low,
                high=short_number(look.bounds[k + 1], language))  # fmt: skip


def _notes(
    run: Run, name: str, look: _Look, shown: NDArray[np.float64], language: str
) -> Sequence[str]:
    """Return what stands below the legend: the largest value, areas of classes, how it is known."""
    notes = []
    hectare = float(run.flood.attrs["cell_size_m"]) ** 2 / 1e4
    if look.words:
        found = shown[np.isfinite(shown)]
        for bound in reversed(look.bounds):
            area = float((found == bound).sum()) * hectare
            word = text(f"{look.words}_short.{int(bound)}", language)
            notes.append(f"{word}: {number(area, language, 1)} ha")
    elif np.isfinite(shown).any():
        largest = number(float(np.nanmax(shown)), language, 2)
        notes.append(text("plot.largest", language, value=f"{largest} {look.unit}"))
    if name == "limiting_steps":
        notes.append(text("plot.limiting_note", language))
    if name.startswith(DURATION_OVER):
        notes.append(text("plot.sampled_note", language))
    if name in {"arrival_time", "time_of_max"}:
        start = pd.Timestamp(run.start)
        notes.append(text("plot.since_note", language, time=f"{start:%H:%M %d/%m/%Y}"))
    if look.land:
        notes.append(f"({text('plot.land_everywhere_note', language)})")
    return notes
