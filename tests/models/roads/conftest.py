"""Small road graphs for the tests of this folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from models.roads import RoadGraph, build_graph

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(scope="session")
def random_graph() -> Callable[..., RoadGraph]:
    def make(seed: int, nodes: int = 12, segments: int = 24) -> RoadGraph:
        rng = np.random.default_rng(seed)
        return build_graph(
            node_id=rng.permutation(10 * nodes)[:nodes],
            node_x_m=rng.uniform(0, 1000, nodes),
            node_y_m=rng.uniform(0, 1000, nodes),
            **_segments(rng, nodes, segments, seed),
        )

    def _segments(
        rng: np.random.Generator, nodes: int, segments: int, seed: int
    ) -> dict[str, object]:
        ids = np.random.default_rng(seed).permutation(10 * nodes)[:nodes]
        return {
            "from_node": rng.choice(ids, segments),
            "to_node": rng.choice(ids, segments),
            "direction": rng.choice(["both", "forward", "backward"], segments).tolist(),
            "road_class": rng.choice(["residential", "alley", "primary"], segments).tolist(),
            "length_m": rng.integers(1, 6, segments) * 25.0,
        }

    return make


@pytest.fixture(scope="session")
def chain() -> Callable[..., RoadGraph]:
    """Nodes 0 to n in a line, 100 m apart, joined by streets of both directions."""

    def make(streets: int = 3, **columns: object) -> RoadGraph:
        defaults: dict[str, object] = {
            "node_id": np.arange(streets + 1),
            "node_x_m": np.arange(streets + 1) * 100.0,
            "node_y_m": np.zeros(streets + 1),
            "from_node": np.arange(streets),
            "to_node": np.arange(streets) + 1,
            "direction": ["both"] * streets,
            "road_class": ["residential"] * streets,
            "length_m": np.full(streets, 100.0),
        }
        return build_graph(**(defaults | columns))  # type: ignore[arg-type]  # columns vary

    return make
