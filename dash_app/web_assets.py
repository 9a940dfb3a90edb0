"""What the browser runs of ours: built from ``web/`` into ``web/dist``, served under ``/web/``."""

from __future__ import annotations

from pathlib import Path

__all__ = ["MAP_STYLES", "is_built", "web_folder"]

#: Style sheets of every page with a map.
MAP_STYLES = (
    "/web/vendor/maplibre/maplibre-gl.css",
    "/web/vendor/noto-sans/noto-sans.css",
    "/web/map.css",
)


def web_folder() -> Path:
    """Return the folder with the built files; it may be absent."""
    return Path(__file__).parent / "web" / "dist"


def is_built() -> bool:
    """
    Return whether the files have been built.

    A page that needs them shows ``shell.message_page(context, "not_built")`` where they are not.
    """
    return web_folder().is_dir() and any(web_folder().iterdir())
