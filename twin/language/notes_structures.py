"""The notes on structures of a run: kind, Vietnamese, English."""

from __future__ import annotations

__all__ = ["STRUCTURE_NOTES"]

STRUCTURE_NOTES: dict[str, tuple[str, str]] = {
    "note.structure_moved": (
        "{name}: một đầu được dời {distance} m đến ô thấp nhất gần đó.",
        "{name}: one end is moved {distance} m, to the lowest cell near by.",
    ),
}
