"""The page of the replay of District 7, in English and Vietnamese, from its figures alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.colors import BoundaryNorm
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from PIL import Image

from benchmarks._replay_texts import TEXTS
from twin.evaluation.certainty import flooded_share
from twin.evaluation.draw import extent_of
from twin.language import number
from twin.observed import read_observed
from twin.results import plot_style as style
from twin.results.plot_maps import draw_city
from twin.results.series import dry_land

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from benchmarks.replay_district7 import Replayed
    from twin.evaluation import Evaluation
    from twin.results.open import Run

__all__ = ["write_pages"]

EVENT = "2025-10-22"
DEPTH_M = 0.1
#: Streets of the table: the longest stretches among those that most members flood.
STREETS = 15
LEAST_STREET_M = 500.0
#: Colours of a picture, so that it stays below 300 kB.
COLOURS = 64
_SHARES = (0.001, 0.2, 0.4, 0.6, 0.8, 0.999)
_LINE, _BAND, _OTHER, _STATED = "#0b5fa5", "#7fb2dd", "#8a8f94", "#d55e00"


def write_pages(done: Replayed, docs: Path) -> list[Path]:
    """Write the pages and their pictures into the folder *docs*; return the pages."""
    written = []
    for language in ("en", "vi"):
        end = "" if language == "en" else ".vi"
        images = docs / "images"
        names = {
            name: f"replay-district7-{name}{end}.png" for name in ("share", "patterns", "curves")
        }
        _draw_shares(done, images / names["share"], language)
        _draw_patterns(done, images / names["patterns"], language)
        _draw_curves(done, images / names["curves"], language)
        for name in names.values():
            _shrink(images / name)
        path = docs / f"replay-district7{end}.md"
        path.write_text(_page(done, names, language), "utf-8")
        written.append(path)
    return written


# Pictures


def _shrink(path: Path) -> None:
    """Keep as few colours as readers tell apart, so that the page is small."""
    with Image.open(path) as picture:
        few = picture.convert("RGB").quantize(COLOURS, Image.Quantize.FASTOCTREE)
    few.save(path, optimize=True)


def _draw_shares(done: Replayed, path: Path, language: str) -> None:
    figure = style.new_figure(12.0, 6.6)
    style.heading(figure, _say("share.title", language), _say("share.subtitle", language))
    for place, event in enumerate((EVENT, "2025-11-06")):
        runs = list(done.runs[event].values())
        axes = figure.add_axes((0.01 + 0.42 * place, 0.05, 0.41, 0.75))
        _show_share(axes, runs)
        axes.set_title(_event(event, runs[0]), size=11, loc="left")
    _legend(figure.legend, language)
    style.assumed_note(figure, _say("assumed", language))
    style.save(figure, path)


def _draw_patterns(done: Replayed, path: Path, language: str) -> None:
    """Draw the share of members beside that of the other patterns of ground."""
    figure = style.new_figure(12.0, 6.6)
    style.heading(figure, _say("patterns.title", language), _say("patterns.subtitle", language))
    table = done.evaluations[EVENT][0.0].parts[0].table
    sides = (
        ("heights", list(done.runs[EVENT].values())),
        ("grounds", list(done.patterns.values())),
    )
    for place, (name, runs) in enumerate(sides):
        axes = figure.add_axes((0.01 + 0.42 * place, 0.05, 0.41, 0.75))
        _show_share(axes, runs)
        axes.scatter(table["x_m"], table["y_m"], marker="*", s=170, color=_STATED, zorder=9)
        axes.set_title(_say(f"patterns.{name}", language), size=11, loc="left")
    _legend(figure.legend, language, reports=True)
    style.assumed_note(figure, _say("assumed", language))
    style.save(figure, path)


def _show_share(axes: Axes, runs: Sequence[Run]) -> None:
    west, south, east, north = runs[0].city.layer("boundary").total_bounds
    axes.set_facecolor(style.LAND)
    axes.set_xlim(west - 200, east + 200)
    axes.set_ylim(south - 200, north + 200)
    axes.set_aspect("equal")
    draw_city(axes, runs[0].city)
    share = flooded_share(runs, DEPTH_M)
    shown = np.where(dry_land(runs[0]) & (share > 0.0), share, np.nan)
    axes.imshow(
        shown,
        extent=extent_of(runs[0]),
        cmap="YlGnBu",
        norm=BoundaryNorm([*_SHARES, 1.5], 256),
        interpolation="nearest",
        zorder=4.95,
        alpha=0.88,
    )
    axes.set_xticks([])
    axes.set_yticks([])


def _legend(add: Callable[..., Any], language: str, *, reports: bool = False) -> None:
    from matplotlib import colormaps  # noqa: PLC0415 - the one place

    bounds = [*_SHARES, 1.5]
    norm, colours = BoundaryNorm(bounds, 256), colormaps["YlGnBu"]
    names = ["1 - 20 %", "20 - 40 %", "40 - 60 %", "60 - 80 %", "80 - 99 %", "100 %"]
    handles: list[Any] = [
        Patch(color=colours(norm(0.5 * (low + high))), label=name)
        for low, high, name in zip(bounds[:-1], bounds[1:], names, strict=True)
    ][::-1]
    if reports:
        label = _say("reported", language)
        handles.append(Line2D([], [], marker="*", linestyle="", color=_STATED, label=label))
    add(
        handles=handles,
        title=_say("share.legend", language),
        loc="upper left",
        bbox_to_anchor=(0.84, 0.8),
        frameon=False,
        alignment="left",
    )


def _draw_curves(done: Replayed, path: Path, language: str) -> None:
    members = done.evaluations[EVENT]
    table = members[0.0].parts[0].table
    figure = style.new_figure(12.0, 4.4)
    style.heading(figure, _say("curves.title", language), _say("curves.subtitle", language))
    for place, report in enumerate(table.to_dict(orient="records"), start=1):
        axes = figure.add_subplot(1, len(table), place)
        key = str(report["number"])
        run = members[0.0].run
        heights = np.array([one.parts[0].series[key]["deepest_m"] for one in members.values()])
        hours = _hours(run, members[0.0].parts[0].series[key]["time_s"])
        axes.fill_between(hours, heights.min(axis=0), heights.max(axis=0), color=_BAND, alpha=0.45)
        for one in done.of_patterns.values():
            axes.plot(hours, one.parts[0].series[key]["deepest_m"], color=_OTHER, linewidth=0.9)
        axes.plot(hours, members[0.0].parts[0].series[key]["deepest_m"], color=_LINE, linewidth=2)
        times = (report["said_from_s"], report["said_peak_s"], report["said_until_s"])
        said = _hours(run, pd.Series(times).dropna())
        if np.isnan(report["low_m"]):
            axes.axvspan(said.min(), said.max(), color=_STATED, alpha=0.16)
        else:
            axes.fill_between(
                [said.min(), said.max()],
                report["low_m"],
                report["high_m"],
                color=_STATED,
                alpha=0.45,
            )
        axes.set_title(f"{report['number']}. {_cut(report['place'])}", size=10, loc="left")
        axes.set_ylim(0.0, 1.0)
        style.quiet(axes, language)
        axes.xaxis.set_major_formatter(lambda value, _: f"{int(value)}:00")
    figure.axes[0].set_ylabel(_say("curves.depth", language))
    figure.legend(
        handles=[
            Line2D([], [], color=_LINE, linewidth=2, label=_say("curves.base", language)),
            Patch(color=_BAND, alpha=0.45, label=_say("curves.heights", language)),
            Line2D([], [], color=_OTHER, label=_say("curves.grounds", language)),
            Patch(color=_STATED, alpha=0.45, label=_say("curves.stated", language)),
        ],
        loc="lower center",
        ncols=4,
        frameon=False,
        fontsize=9.5,
    )
    figure.subplots_adjust(left=0.05, right=0.99, top=0.76, bottom=0.17, wspace=0.15)
    style.save(figure, path)


def _hours(run: Run, time_s: pd.Series[float]) -> NDArray[np.float64]:
    """Return hours of the first day."""
    return run.start.hour + run.start.minute / 60.0 + np.asarray(time_s, np.float64) / 3600.0


# Words


def _cut(name: str) -> str:
    return name if len(name) <= 38 else f"{name[:36]} …"


def _say(key: str, language: str, **values: object) -> str:
    return TEXTS[key][0 if language == "vi" else 1].format(**values)


def _event(event: str, run: Run) -> str:
    day = pd.Timestamp(event)
    return f"{day:%d/%m/%Y}, {run.start:%H:%M}"


def _page(done: Replayed, names: dict[str, str], language: str) -> str:
    def picture(name: str) -> str:
        return f"![{_say(f'{name}.title', language)}](images/{names[name]})"

    parts = [
        f"# {_say('title', language)}",
        _say("intro", language),
        f"## {_say('short', language)}",
        *_short(done, language),
        f"## {_say('water', language)}",
        _say("water.text", language),
        _events(done, language),
        picture("share"),
        f"## {_say('streets', language)}",
        _say("streets.text", language, least=number(LEAST_STREET_M, language)),
        _streets(done, language),
        picture("patterns"),
        f"## {_say('press', language)}",
        _say("press.text", language),
        _reports(done, language),
        picture("curves"),
        _say("press.other", language),
        f"## {_say('meaning', language)}",
        _say("meaning.text", language),
        f"## {_say('again', language)}",
        _say("again.text", language),
    ]
    return "\n\n".join(parts) + "\n"


def _short(done: Replayed, language: str) -> list[str]:
    base = done.evaluations[EVENT][0.0].parts[0].table
    heights = _hits(done.evaluations[EVENT].values())
    grounds = _hits(done.of_patterns.values())
    chance = np.mean([one.parts[0].table["chance"].mean() for one in done.of_patterns.values()])
    area = _areas(done.runs[EVENT].values())
    share = sum(grounds) / (len(base) * len(grounds))
    return [
        _say(
            "short.text",
            language,
            count=len(base),
            base=int(base["wet"].sum()),
            heights=_range(heights),
            grounds=_range(grounds),
            share=number(100 * share, language),
            chance=number(100 * float(chance), language),
            low=number(min(area), language),
            middle=number(float(np.median(area)), language),
            high=number(max(area), language),
        )
    ]


def _hits(found: Iterable[Evaluation]) -> list[int]:
    return [int(one.parts[0].table["wet"].sum()) for one in found]


def _range(values: Sequence[int]) -> str:
    low, high = min(values), max(values)
    return str(low) if low == high else f"{low} - {high}"


def _areas(runs: Iterable[Run], depth: str = "0.1") -> list[float]:
    return [run.kpis["flooded_area_m2"][depth] / 1e4 for run in runs]


def _events(done: Replayed, language: str) -> str:
    from benchmarks.replay_district7 import SOURCES  # noqa: PLC0415 - that module reads this one

    tide = read_observed(SOURCES / "tide.yaml").table
    rows = []
    for event, members in sorted(done.runs.items()):
        runs = list(members.values())
        end = runs[0].start + pd.Timedelta(seconds=float(runs[0].flood["elapsed_s"][-1]))
        inside = tide[tide["time"].between(runs[0].start, end)]
        top = inside.loc[inside["level_m"].idxmax()]
        when = top["time"].tz_convert(runs[0].start.tz)
        closed = [run.kpis["road_km_closed"]["ambulance"] for run in runs]
        rows.append(
            (
                f"{pd.Timestamp(event):%d/%m/%Y}",
                f"{number(float(top['level_m']), language, 2)} m, {when:%H:%M}",
                _spread(_areas(runs), language),
                _spread(_areas(runs, "0.3"), language),
                _spread(closed, language),
            )
        )
    return _table([_say(f"events.{k}", language) for k in range(1, 6)], rows)


def _spread(values: Sequence[float], language: str, decimals: int = 0) -> str:
    """Return the median and, in brackets, the least and the most."""
    low, middle, high = (
        number(float(v), language, decimals) for v in (min(values), np.median(values), max(values))
    )
    return f"{middle} ({low} - {high})"


def _streets(done: Replayed, language: str) -> str:
    streets = done.streets[EVENT]
    streets = streets[streets["length_m"] >= LEAST_STREET_M]
    other = done.streets_of_patterns.set_index("street")
    wet_m = streets["flooded"] * streets["length_m"]
    order = streets.assign(wet_m=wet_m).sort_values(
        ["members", "wet_m", "street"], ascending=[False, False, True]
    )
    start = next(iter(done.runs[EVENT].values())).start
    rows = []
    for row in order.head(STREETS).to_dict(orient="records"):
        shares = [100 * row[k] for k in ("flooded", "flooded_low", "flooded_high")]
        shown = [number(value, language) for value in shares]
        depths = [number(row[f"deepest{k}_m"], language, 2) for k in ("", "_low", "_high")]
        begin, end = (start + pd.Timedelta(seconds=row[k]) for k in ("from_s", "until_s"))
        last = end >= start + pd.Timedelta(hours=10)
        rows.append(
            (
                str(row["street"]),
                number(row["length_m"], language),
                f"{number(100 * row['members'], language)} %",
                f"{number(100 * float(other.loc[row['street'], 'members']), language)} %",
                f"{shown[0]} % ({shown[1]} - {shown[2]})",
                f"{depths[0]} ({depths[1]} - {depths[2]})",
                f"{begin:%H:%M} - {'>' if last else ''}{end:%H:%M}",
            )
        )
    return _table([_say(f"streets.{k}", language) for k in range(1, 8)], rows)


def _reports(done: Replayed, language: str) -> str:
    rows = []
    for event in sorted(done.evaluations):
        members = done.evaluations[event]
        for k, report in enumerate(members[0.0].parts[0].table.to_dict(orient="records")):
            heights = [one.parts[0].table.iloc[k] for one in members.values()]
            grounds = [one.parts[0].table.iloc[k] for one in done.of_patterns.values()]
            stated = "?"
            if not np.isnan(report["low_m"]):
                ends = (number(report[name], language, 2) for name in ("low_m", "high_m"))
                stated = " - ".join(ends)
            rows.append(
                (
                    f"{pd.Timestamp(event):%d/%m}",
                    str(report["place"]),
                    stated,
                    _spread([row["depth_m"] for row in heights], language, 2),
                    f"{sum(bool(row['wet']) for row in heights)}/{len(heights)}",
                    f"{sum(bool(row['wet']) for row in grounds)}/{len(grounds)}"
                    if event == EVENT
                    else "",
                    _spread([row["wet_at_m"] for row in heights], language),
                    f"{number(100 * float(np.mean([r['chance'] for r in heights])), language)} %",
                )
            )
    return _table([_say(f"press.{k}", language) for k in range(1, 9)], rows)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])
