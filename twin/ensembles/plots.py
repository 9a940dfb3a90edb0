"""Pictures of an ensemble: chances on a map, and what the result depends on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.patches import Patch

from models.errors import InvalidInputError
from twin.ensembles.show import main_figures
from twin.language import number, short_number, text
from twin.results import plot_style as style
from twin.results.compare import figure_name, figure_of, figure_scale
from twin.results.plot_maps import draw_city, finish, plot_depth, sheet_of
from twin.results.series import dry_land

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from twin.ensembles.results import Ensemble
    from twin.results.open import Run

__all__ = ["plot_ensemble", "plot_exceedance", "plot_quantile", "plot_scatter", "plot_tornado"]

#: Lower bounds of the classes of chance; below the first nothing is drawn.
_CHANCES = (0.01, 0.1, 0.25, 0.5, 0.75, 0.9)
_LOW, _HIGH = "#4393c3", "#d6604d"
_MOST_FACTORS = 24


def plot_ensemble(
    ensemble: Ensemble,
    folder: Path,
    *,
    language: str,
    thresholds_m: Sequence[float] = (0.1, 0.3),
    figures: Sequence[str] = (),
) -> list[Path]:
    """
    Draw what an ensemble can show, and return the files.

    Parameters
    ----------
    ensemble, folder, language
        What, where to, and for whom.
    thresholds_m
        Depths whose chance is mapped, m.
    figures
        Key figures for tornado, scatter and spread; none takes the first that vary.
    """
    written: list[Path] = []
    if set(ensemble.table["flood"]) - {""}:
        for depth in thresholds_m:
            name = f"chance-{depth:g}m.png"
            written.append(
                plot_exceedance(ensemble, folder / name, depth_m=depth, language=language)
            )
        for share in (0.5, 0.95):
            name = f"depth-{100 * share:.0f}-percent.png"
            written.append(
                plot_quantile(ensemble, folder / name, probability=share, language=language)
            )
    chosen = list(figures) or main_figures(ensemble, varying=True)[:4]
    for name in chosen:
        slug = name.replace("/", "-").replace("_", "-")
        written.append(plot_spread(ensemble, folder / f"spread-{slug}.png", name, language))
        if ensemble.factors:
            written.append(plot_tornado(ensemble, folder / f"tornado-{slug}.png", name, language))
            written.append(plot_scatter(ensemble, folder / f"scatter-{slug}.png", name, language))
    return written


def _subtitle(ensemble: Ensemble, language: str) -> str:
    table = ensemble.table
    name = ensemble.sweep.title.in_language(language) or ensemble.sweep.name
    told = text(
        "sweep.chance_note",
        language,
        members=number(len(table), language),
        floods=number(len(set(table["flood"]) - {""}), language),
    )
    return f"{name}: {told}"


def _first_run(ensemble: Ensemble) -> Run:
    table = ensemble.chosen()
    wet = table[table["flood"] != ""]
    if not len(wet):
        raise InvalidInputError("no member has a flood", where=ensemble.id)
    return ensemble.flood(int(wet["member"].iloc[0]))


# Maps


def plot_exceedance(ensemble: Ensemble, path: Path, *, depth_m: float, language: str) -> Path:
    """Draw the share of members in which land stands under *depth_m* or more."""
    run = _first_run(ensemble)
    shown_depth = short_number(depth_m, language)
    sheet = sheet_of(
        run,
        text("sweep.exceedance", language, depth=shown_depth),
        _subtitle(ensemble, language),
    )
    draw_city(sheet.axes, run.city)
    chance = ensemble.exceedance(depth_m)
    land = dry_land(run)
    values = chance.to_numpy()
    shown = np.where(land & (values >= _CHANCES[0]), values, np.nan)
    size = float(run.flood.attrs["cell_size_m"]) / 2.0
    x, y = chance["x"].to_numpy(), chance["y"].to_numpy()
    colours = ListedColormap([colormaps["viridis_r"](v) for v in np.linspace(0.05, 1, 6)])
    sheet.axes.imshow(
        shown,
        extent=(x[0] - size, x[-1] + size, y[-1] - size, y[0] + size),
        cmap=colours,
        norm=BoundaryNorm([*_CHANCES, 1.0 + 1e-9], len(_CHANCES)),
        interpolation="nearest",
        zorder=4.95,
        alpha=0.86,
    )
    ends = [*_CHANCES[1:], 1.0]
    handles: list[Any] = [
        Patch(
            color=colours(k),
            label=text(
                "sweep.chance_between",
                language,
                low=f"{100 * _CHANCES[k]:.0f}",
                high=f"{100 * ends[k]:.0f}",
            ),
        )
        for k in reversed(range(len(_CHANCES)))
    ]
    notes = _wrapped(text("sweep.not_probability", language))
    finish(sheet, run, [(text("sweep.chance", language), handles)], notes, language)
    return style.save(sheet.figure, path)


def _wrapped(sentence: str, width: int = 34) -> list[str]:
    lines = [""]
    for word in sentence.split():
        if len(lines[-1]) + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def plot_quantile(ensemble: Ensemble, path: Path, *, probability: float, language: str) -> Path:
    """Draw the largest depth that the share *probability* of members does not exceed."""
    run = _first_run(ensemble)
    depth = ensemble.quantiles([probability]).isel(quantile=0).to_numpy()
    title = text("sweep.quantile", language, percent=f"{100 * probability:g}")
    return plot_depth(
        run,
        path,
        depth_m=depth,
        title=title,
        language=language,
        subtitle=_subtitle(ensemble, language),
    )


# Charts


def _axis_of(figure: str, language: str) -> tuple[str, float]:
    """Return name and unit of a figure, and the factor to what people read."""
    known = figure_of(figure)
    scale, unit, _ = figure_scale(known)
    name = figure_name(known, language)
    return f"{name}{f', {unit}' if unit else ''}", scale


def plot_spread(ensemble: Ensemble, path: Path, figure: str, language: str) -> Path:
    """Draw how a key figure is spread over the members, as the share that reaches each value."""
    label_, scale = _axis_of(figure, language)
    values = np.sort(ensemble.table[figure].dropna().to_numpy(np.float64)) * scale
    drawn = style.new_figure(7.4, 4.4)
    style.heading(drawn, text("sweep.spread", language), _subtitle(ensemble, language))
    axes = drawn.add_axes((0.1, 0.16, 0.86, 0.62))
    share = 100.0 * np.arange(1, values.size + 1) / max(1, values.size)
    axes.step(values, share, where="post", color=style.INK, linewidth=1.8)
    axes.set_xlabel(label_, color=style.MUTED)
    axes.set_ylabel(text("sweep.share_of_members", language), color=style.MUTED)
    axes.set_ylim(0, 101)
    style.quiet(axes, language)
    return style.save(drawn, path)


def _by_point(ensemble: Ensemble, figure: str, scale: float) -> pd.DataFrame:
    """Return places in the unit interval, values, and the mean figure of every point."""
    means = ensemble.chosen().groupby("point")[figure].mean() * scale
    points = [ensemble.plan.points[int(k)] for k in means.index]
    table = pd.DataFrame({"figure": means.to_numpy(np.float64)})
    for column, name in enumerate(ensemble.factors):
        table[f"unit/{name}"] = [point.unit[column] for point in points]
        table[name] = pd.Series([point.chosen[name] for point in points], dtype=object)
    return table.loc[np.isfinite(table["figure"].to_numpy())]


def _ends(table: pd.DataFrame, name: str) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which points lie at the low and at the high end of a factor."""
    place = table[f"unit/{name}"].to_numpy(np.float64)
    if np.isnan(place).any():
        codes = pd.Categorical(table[name].astype(str)).codes.astype(np.float64)
        numbers = pd.to_numeric(table[name], errors="coerce").to_numpy(np.float64)
        place = codes if np.isnan(numbers).any() else numbers
    if np.unique(place).size <= 5:
        return place == place.min(), place == place.max()
    low, high = np.quantile(place, (0.2, 0.8))
    return place <= low, place >= high


def plot_tornado(ensemble: Ensemble, path: Path, figure: str, language: str) -> Path:
    """
    Draw the mean of a key figure at the low and the high end of each factor.

    The ends are the lowest and the highest level, or the outer fifths of the points where a factor
    has more than five. The factors stand by the size of the change.
    """
    label_, scale = _axis_of(figure, language)
    table = _by_point(ensemble, figure, scale)
    mean = float(table["figure"].mean())
    bars = []
    for name in ensemble.factors:
        low, high = (float(table.loc[end, "figure"].mean()) for end in _ends(table, name))
        bars.append((abs(high - low), name, low, high))
    bars = sorted(bars)[-_MOST_FACTORS:]
    drawn = style.new_figure(8.4, 2.1 + 0.42 * len(bars))
    style.heading(drawn, text("sweep.tornado", language), _subtitle(ensemble, language))
    height = drawn.get_size_inches()[1]
    axes = drawn.add_axes((0.24, 0.75 / height, 0.72, 1.0 - 1.85 / height))
    for row, (_, name, low, high) in enumerate(bars):
        axes.barh(row, low - mean, left=mean, color=_LOW, height=0.62)
        axes.barh(row, high - mean, left=mean, color=_HIGH, height=0.62)
        del name
    axes.axvline(mean, color=style.INK, linewidth=1.0)
    axes.set_xlabel(label_, color=style.MUTED)
    style.quiet(axes, language)
    axes.set_yticks(range(len(bars)), [_named(ensemble, b[1], language) for b in bars])
    axes.grid(visible=True, axis="x", color="#e3e7ea", linewidth=0.8)
    axes.legend(
        handles=[
            Patch(color=_LOW, label=text("sweep.tornado_low", language)),
            Patch(color=_HIGH, label=text("sweep.tornado_high", language)),
        ],
        loc="lower right",
        bbox_to_anchor=(1.0, 1.0),
        ncols=2,
        frameon=False,
        fontsize=9.5,
    )
    return style.save(drawn, path)


def _named(ensemble: Ensemble, factor: str, language: str) -> str:
    found = next(f for f in ensemble.sweep.factors if f.name == factor)
    name = found.title.in_language(language) or found.name
    return f"{name}, {found.unit}" if found.unit not in {None, "1"} else name


def plot_scatter(ensemble: Ensemble, path: Path, figure: str, language: str) -> Path:
    """Draw a key figure of every point against each factor."""
    label_, scale = _axis_of(figure, language)
    table = _by_point(ensemble, figure, scale)
    names = ensemble.factors[:_MOST_FACTORS]
    columns = min(3, len(names))
    rows = -(-len(names) // columns)
    high = 1.1 + 2.7 * rows
    drawn = style.new_figure(1.0 + 3.3 * columns, high)
    style.heading(drawn, text("sweep.scatter", language), _subtitle(ensemble, language))
    grid = drawn.add_gridspec(
        rows, columns, left=0.09, right=0.98, top=1 - 1.0 / high, bottom=0.6 / high,
        hspace=0.5, wspace=0.28,
    )  # fmt: skip
    for place, name in enumerate(names):
        axes = drawn.add_subplot(grid[place // columns, place % columns])
        _scatter(axes, table, name, language)
        axes.set_xlabel(_named(ensemble, name, language), color=style.MUTED)
        if place % columns == 0:
            axes.set_ylabel("\n".join(_wrapped(label_, 28)), color=style.MUTED)
    return style.save(drawn, path)


def _scatter(axes: Axes, table: pd.DataFrame, name: str, language: str) -> None:
    values = table[name]
    words = not all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
    known = sorted({str(v) for v in values}) if words else []
    x = [known.index(str(v)) if words else float(v) for v in values]
    axes.scatter(x, table["figure"], s=14, color=style.INK, alpha=0.55, linewidths=0)
    style.quiet(axes, language)
    if words:
        axes.set_xticks(range(len(known)), [k[:14] for k in known])
        axes.set_xlim(-0.5, len(known) - 0.5)
