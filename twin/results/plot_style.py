"""How pictures look: colours that colour-blind readers tell apart, sizes, files."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from twin.language import short_number
from twin.store import files

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes

__all__ = [
    "CLOSED_COLOURS",
    "DEPTHS_M",
    "INK",
    "IN_TIME",
    "LATE",
    "MUTED",
    "NEVER",
    "PAPER",
    "STREET",
    "WATER",
    "WATER_EDGE",
    "assumed_note",
    "heading",
    "new_figure",
    "quiet",
    "save",
]

DPI = 130
INK, MUTED, PAPER = "#23303b", "#66727d", "#ffffff"
LAND, STREET = "#f7f5f0", "#b9b4a9"
WATER, WATER_EDGE = "#c6ced6", "#98a6b3"
#: Okabe & Ito (2008): told apart with every common colour blindness.
IN_TIME, LATE, NEVER = "#009e73", "#e69f00", "#d55e00"
#: Lower bounds of the classes of depth, m; the first is where a map begins to show water.
DEPTHS_M = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5)
#: Lower bounds, h, and colours of the classes of closure.
CLOSED_COLOURS = {0.0: "#e7a6cf", 1.0: "#dd3f95", 3.0: "#a1065f", 6.0: "#4b0033"}


def new_figure(width_in: float, height_in: float) -> Figure:
    """Return an empty figure that no global state knows of."""
    figure = Figure(figsize=(width_in, height_in), dpi=DPI, facecolor=PAPER)
    FigureCanvasAgg(figure)
    return figure


def heading(figure: Figure, title: str, subtitle: str) -> None:
    """Write the title and what it is about at the top left."""
    height = figure.get_size_inches()[1]
    figure.text(
        0.02, 1 - 0.13 / height, title, size=17, weight="bold", color=INK, va="top", ha="left"
    )
    figure.text(0.02, 1 - 0.47 / height, subtitle, size=10.5, color=MUTED, va="top", ha="left")


def assumed_note(figure: Figure, note: str) -> None:
    """Write a warning at the bottom, where nobody can overlook it."""
    figure.text(
        0.02,
        0.1 / figure.get_size_inches()[1],
        f"⚠ {note}",
        size=10,
        weight="bold",
        color="#8a3b00",
        va="bottom",
        ha="left",
    )


def quiet(axes: Axes, language: str) -> None:
    """Take away what is not data, and write numbers as the language does."""
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: short_number(value, language)))
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color("#b5bcc3")
    axes.tick_params(colors=MUTED, labelsize=9.5, length=3)
    axes.grid(visible=True, axis="y", color="#e3e7ea", linewidth=0.8)
    axes.set_axisbelow(True)


def save(figure: Figure, path: Path) -> Path:
    """Write the picture, whole or not at all, and return *path*."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=DPI, metadata={"Software": "City twin"})
    with files.guarded(path):
        files.make_folder(path.parent)
        files.write_whole(path, buffer.getvalue(), durable=False)
    return path
