"""The scenarios that come with the package."""

from __future__ import annotations

from pathlib import Path

__all__ = ["library"]


def library() -> dict[str, Path]:
    """Return the files of the shipped scenarios by name, in order of the names."""
    folder = Path(__file__).parent / "library"
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}
