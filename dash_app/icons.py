"""Icons, drawn here so that none is fetched: 24 by 24 paths with round strokes of width 2."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from dash import html

if TYPE_CHECKING:
    from dash.development.base_component import Component

__all__ = ["PATHS", "icon"]

PATHS = {
    "home": "M4 11.5 12 4l8 7.5M6 10v10h12V10M10 20v-6h4v6",
    "edit": "M4 20h4L19 9l-4-4L4 16v4M13.5 6.5l4 4",
    "runs": "M4 6h16M4 12h16M4 18h10",
    "play": "M7 5v14l12-7z",
    "compare": "M12 3v18M4 7h5v10H4zM15 7h5v10h-5z",
    "water": "M12 3s6 7 6 11a6 6 0 0 1-12 0c0-4 6-11 6-11z",
    "wave": "M2 9c2.5-3 5-3 7.5 0s5 3 7.5 0 3-2.5 5-2M2 16c2.5-3 5-3 7.5 0s5 3 7.5 0 3-2.5 5-2",
    "replay": "M4 5v5h5M5 15a8 8 0 1 0 1-8.500L4 10M12 8v4l3 2",
    "siren": "M7 18v-5a5 5 0 0 1 10 0v5M5 18h14v3H5zM12 3v2M4.5 6l1.5 1.500M19.5 6 18 7.5",
    "sun": "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.4 1.400M17.6 "
    "17.6 19 19M5 19l1.4-1.400M17.6 6.4 19 5",
    "moon": "M20 14.500A8 8 0 0 1 9.5 4a8 8 0 1 0 10.5 10.500z",
    "user": "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4 21c1-4 4-6 8-6s7 2 8 6",
    "keyboard": "M3 7h18v11H3zM7 11h.01M11 11h.01M15 11h.01M8 15h8",
    "trash": "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5",
    "archive": "M3 5h18v4H3zM5 9v11h14V9M10 13h4",
    "tag": "M4 4h8l8 8-8 8-8-8zM8 8h.01",
    "stop": "M6 6h12v12H6z",
    "arrow": "M5 12h14M13 6l6 6-6 6",
    "warning": "M12 4 2.5 20h19zM12 10v4M12 17h.01",
    "city": "M4 21V9l6-3v15M10 21V4l10 4v13M14 11h2M14 15h2M2 21h20",
    "out": "M14 4h5v16h-5M10 8l-4 4 4 4M6 12h9",
}


def icon(name: str, *, size: int = 18, label: str = "") -> Component:
    """
    Return an icon in the colour of the text around it.

    Parameters
    ----------
    name
        A key of ``PATHS``, or a path of one's own.
    size
        Width and height, px.
    label
        What it means, for those who do not see it; without one it is decoration.
    """
    path = PATHS.get(name, name)
    picture = (
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='none' stroke='#000' "
        f"stroke-width='2' stroke-linecap='round' stroke-linejoin='round'><path d='{path}'/></svg>"
    )
    said = {"role": "img", "aria-label": label} if label else {"aria-hidden": "true"}
    return html.Span(
        className="icon",
        style={
            "--icon": f'url("data:image/svg+xml,{quote(picture)}")',
            "width": f"{size}px",
            "height": f"{size}px",
        },
        **said,
    )
