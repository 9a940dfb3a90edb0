"""One picture for each case: curves of every solver beside the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.figure import Figure as Canvas

from benchmarks.verification.case import FINITE_VOLUME, INERTIAL

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matplotlib.axes import Axes

    from benchmarks.verification.case import Line, Panel
    from benchmarks.verification.record import Record

__all__ = ["draw"]

#: Colours that colour-blind readers tell apart (Okabe & Ito 2008).
_COLOURS = {INERTIAL: "#0072B2", FINITE_VOLUME: "#D55E00", "": "#0072B2"}
_STYLES: dict[str, dict[str, Any]] = {
    "model": {"linewidth": 1.2},
    "reference": {"color": "black", "linewidth": 1.0, "linestyle": "--", "zorder": 3},
    "measured": {"color": "#009E73", "linewidth": 1.0, "linestyle": "-"},
    "ground": {"color": "#8C6D46", "linewidth": 1.0, "linestyle": "-"},
}


def _draw_line(axes: Axes, entry: Line, solver: str, taken: set[str | bytes]) -> None:
    """Draw a line once, and name each label once: two solvers bring the same reference."""
    model = entry.role == "model"
    label = ", ".join(part for part in (solver if model else "", entry.label) if part) or "computed"
    if not model:
        same = entry.x.tobytes() + entry.y.tobytes()
        if same in taken:
            return
        taken.add(same)
    style: dict[str, Any] = dict(_STYLES[entry.role])
    if model:
        style["color"] = _COLOURS[solver]
    if entry.x.size < 6:
        style |= {"marker": "o", "markersize": 3}
    axes.plot(entry.x, entry.y, label="_" if label in taken else label, **style)
    taken.add(label)


def _draw_panel(axes: Axes, panel: Panel, solver: str, taken: set[str | bytes]) -> None:
    for entry in panel.lines:
        _draw_line(axes, entry, solver, taken)
    axes.set(title=panel.title, xlabel=panel.x_label, ylabel=panel.y_label)
    if panel.logarithmic:
        axes.set(xscale="log", yscale="log")


def draw(records: Sequence[Record], path: Path) -> bool:
    """
    Draw the panels of all *records*, which belong to one case, to *path*.

    Returns
    -------
    bool
        Whether there was anything to draw.
    """
    drawn = [
        (record.solver, panel)
        for record in records
        if record.outcome is not None
        for panel in record.outcome.panels
    ]
    titles = list(dict.fromkeys(panel.title for _, panel in drawn))
    if not titles:
        return False
    with mpl.rc_context({"font.size": 8.0, "axes.grid": True, "grid.alpha": 0.3}):
        canvas = Canvas(figsize=(4.0 * len(titles), 2.9), layout="constrained")
        every = canvas.subplots(1, len(titles), squeeze=False)[0]
        for axes, title in zip(every, titles, strict=True):
            taken: set[str | bytes] = set()
            for solver, panel in drawn:
                if panel.title == title:
                    _draw_panel(axes, panel, solver, taken)
            axes.legend(frameon=False)
        path.parent.mkdir(parents=True, exist_ok=True)
        canvas.savefig(path, dpi=90, metadata={"Software": None})
    return True
