"""Small hand-made OpenStreetMap extracts, drawn in metres."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

import pytest
from pyproj import Transformer

if TYPE_CHECKING:
    from pathlib import Path

WEST_M, SOUTH_M = 687_000.0, 1_187_000.0
_TO_DEGREES = Transformer.from_crs("EPSG:32648", "EPSG:4326", always_xy=True)


def _tags(tags: dict[str, str]) -> str:
    return "".join(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in tags.items())


@dataclass
class Drawing:
    """An extract under construction; places are metres east and north of a corner."""

    nodes: dict[int, str] = field(default_factory=dict)
    ways: dict[int, str] = field(default_factory=dict)
    relations: dict[int, str] = field(default_factory=dict)
    _next: int = 1000

    def node(self, number: int, x_m: float, y_m: float, **tags: str) -> int:
        lon, lat = _TO_DEGREES.transform(WEST_M + x_m, SOUTH_M + y_m)
        named = {key.replace("__", ":"): value for key, value in tags.items()}
        self.nodes[number] = (
            f'<node id="{number}" version="1" lon="{lon:.9f}" lat="{lat:.9f}">{_tags(named)}</node>'
        )
        return number

    def line(self, number: int, places: list[tuple[float, float]], tags: dict[str, str]) -> int:
        """Draw a way over new nodes; a last place equal to the first closes it."""
        refs: list[int] = []
        for place in places:
            if refs and place == places[0]:
                refs.append(refs[0])
            else:
                self._next += 1
                refs.append(self.node(self._next, *place))
        return self.way(number, refs, tags)

    def way(self, number: int, refs: list[int], tags: dict[str, str]) -> int:
        text = "".join(f'<nd ref="{ref}"/>' for ref in refs)
        self.ways[number] = f'<way id="{number}" version="1">{text}{_tags(tags)}</way>'
        return number

    def relation(self, number: int, members: list[tuple[int, str]], tags: dict[str, str]) -> None:
        text = "".join(f'<member type="way" ref="{r}" role="{role}"/>' for r, role in members)
        self.relations[number] = (
            f'<relation id="{number}" version="1">{text}{_tags(tags)}</relation>'
        )

    def write(self, path: Path) -> Path:
        parts = [
            table[number]
            for table in (self.nodes, self.ways, self.relations)
            for number in sorted(table)
        ]
        text = f'<osm version="0.6" generator="test">{"".join(parts)}</osm>'
        path.write_text(f'<?xml version="1.0" encoding="UTF-8"?>{text}', encoding="utf-8")
        return path


@pytest.fixture
def drawing() -> Drawing:
    return Drawing()


@pytest.fixture
def corner() -> tuple[float, float]:
    """Return easting and northing of the place from which drawings are measured."""
    return WEST_M, SOUTH_M
