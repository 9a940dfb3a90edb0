"""All pictures of a run, for planners."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from models.errors import InvalidInputError
from twin.language import text
from twin.results.plot_charts import plot_responses, plot_timeline
from twin.results.plot_fields import field_names, plot_field
from twin.results.plot_maps import plot_closures, plot_depth
from twin.results.plot_series import CHARTS, plot_chart
from twin.results.series import peak_frame, vehicle_classes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from twin.results.open import Run

__all__ = ["MAIN", "PICTURES", "plot_run", "run_title"]

#: What a planner looks at first.
MAIN = ("depth", "closures", "responses", "timeline")
#: All pictures, or groups of them.
PICTURES = (*MAIN, "hazard", "speed", "times", "losses", "limits", *CHARTS)
_FIELDS = {
    "hazard": ("hazard_class", "aidr_class", "max_hazard", "max_product"),
    "speed": ("max_speed",),
    "times": ("arrival_time", "duration", "time_of_max"),
    "losses": ("infiltration", "evaporation"),
    "limits": ("limiting_steps",),
}


def plot_run(
    run: Run,
    folder: Path,
    *,
    language: str = "en",
    at_s: float | None = None,
    vehicle: str | None = None,
    only: Sequence[str] = MAIN,
) -> list[Path]:
    """
    Write the pictures that the run allows, and return the files.

    Parameters
    ----------
    run, folder
        What to draw, and where to write it.
    language
        ``vi`` or ``en``.
    at_s
        Seconds from the start of the map of depth at a time; by default the time of the largest
        flooded area.
    vehicle
        Class of the map of closures; by default the ambulance, or the first that was recorded.
    only
        Some of ``PICTURES``.

    Raises
    ------
    InvalidInputError
        If there is no such picture.
    StoreError
        If the time or the class is not in the run, or a picture cannot be written.
    """
    for name in only:
        if name not in PICTURES:
            raise InvalidInputError(
                "there is no such picture",
                where="plot",
                value=name,
                remedy=f"Choose from {', '.join(PICTURES)}.",
            )
    about = run_title(run, language)
    written: list[Path] = []
    if run.has_flood and "depth" in only:
        written += _depth_maps(run, folder, language=language, about=about, at_s=at_s)
    if "closures" in only:
        written += _closure_maps(run, folder, vehicle, language=language, about=about)
    if len(run.incidents) and "responses" in only:
        path = folder / "response-times.png"
        written.append(plot_responses(run, path, language=language, subtitle=about))
    if "timeline" in only:
        path = folder / "timeline.png"
        written.append(plot_timeline(run, path, language=language, subtitle=about))
    written += _field_maps(run, folder, only, language=language, about=about)
    for chart in CHARTS:
        if chart in only:
            path = folder / f"{chart.replace('_', '-')}.png"
            drawn = plot_chart(run, chart, path, language=language, subtitle=about)
            written += [] if drawn is None else [drawn]
    return written


def _closure_maps(
    run: Run, folder: Path, vehicle: str | None, *, language: str, about: str
) -> list[Path]:
    names = vehicle_classes(run) if run.has_roads else []
    if not names:
        return []
    chosen = vehicle or ("ambulance" if "ambulance" in names else names[0])
    path = folder / f"closures-{chosen}.png"
    return [plot_closures(run, path, vehicle=chosen, language=language, subtitle=about)]


def _field_maps(
    run: Run, folder: Path, only: Sequence[str], *, language: str, about: str
) -> list[Path]:
    """Draw the fields of the groups that are asked for; durations over depths are times."""
    group = {name: key for key, names in _FIELDS.items() for name in names}
    return [
        plot_field(
            run, name, folder / f"{name.replace('_', '-')}.png", language=language, subtitle=about
        )
        for name in field_names(run)
        if group.get(name, "times") in only
    ]


def run_title(run: Run, language: str) -> str:
    """Return city, scenario and period in one line."""
    names = [_title(run.manifest.get(part), language) for part in ("city", "scenario")]
    start = run.start
    end = start + pd.Timedelta(seconds=_length_s(run))
    last = f"{end:%H:%M}" if end.date() == start.date() else f"{end:%H:%M %d/%m/%Y}"
    period = f"{start:%H:%M %d/%m/%Y} \N{EN DASH} {last}"
    return "  ·  ".join([*[name for name in names if name], period])


def _title(part: Any, language: str) -> str:  # noqa: ANN401 - a part of a JSON document
    if not isinstance(part, dict):
        return str(part or "")
    title = part.get("title") or {}
    if isinstance(title, str):
        return title
    return str(title.get(language) or next(iter(title.values()), "") or part.get("name", ""))


def _length_s(run: Run) -> float:
    given = run.summary.get("simulated_s")
    if given is not None:
        return float(given)
    data = run.flood if run.has_flood else run.roads
    return float(np.asarray(data["elapsed_s"])[-1])


def _depth_maps(
    run: Run, folder: Path, *, language: str, about: str, at_s: float | None
) -> list[Path]:
    depth = run.flood["depth"]
    frame = depth.isel(time=peak_frame(run)) if at_s is None else run.frame_at(at_s)
    written = []
    if "max_depth" in run.flood:
        written.append(
            plot_depth(
                run,
                folder / "max-depth.png",
                depth_m=np.asarray(run.flood["max_depth"].values),
                title=text("plot.max_depth", language),
                language=language,
                subtitle=about,
            )
        )
    elapsed = float(frame["elapsed_s"].values)
    moment = run.start + pd.Timedelta(seconds=elapsed)
    written.append(
        plot_depth(
            run,
            folder / f"depth-{moment:%Y%m%d-%H%M}.png",
            depth_m=np.asarray(frame.values),
            title=text("plot.depth_at", language, time=f"{moment:%H:%M %d/%m/%Y}"),
            language=language,
            subtitle=about,
        )
    )
    return written
