"""What the drains see of the surface: streets by the water on them, outlets by that before them."""

from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.flood import Forcing
from models.grid import Grid
from twin.engine.drainage import Drainage, channel_beds_m, channel_depth_m


class Looking:
    """A part that looks at a street and at an outlet in one cell, and asks for nothing."""

    continuity = 0.0

    def __init__(self, give: list[float]) -> None:
        self.cells = np.asarray([3, 3, 5])
        self.is_street = np.asarray([True, False, False])
        self.give = np.asarray(give)
        self.seen: Any = None
        self.got: Any = None

    def before(self, depth_m: NDArray[np.float64], *_rest: object) -> NDArray[np.float64]:
        self.seen = depth_m
        return self.give

    def after(self, given_m3: NDArray[np.float64]) -> None:
        self.got = given_m3


def canal() -> Any:
    """Return a solver with a channel in cells 3 and 4, of which the tide rules the second."""
    return SimpleNamespace(
        channels=SimpleNamespace(
            node_row=np.asarray([1, 1, 1]),
            node_column=np.asarray([0, 1, 2]),
            node_bed_m=np.asarray([-1.0, -1.0, np.nan]),
        ),
        channel_level_m=np.asarray([0.4, 0.5, 0.6]),
        domain=SimpleNamespace(
            grid=Grid(west_m=0.0, north_m=0.0, cell_size_m=1.0, rows=2, columns=3),
            level_zone=np.asarray([[0, 0, 0], [0, 1, 0]]),
        ),
    )


def test_an_outlet_stands_against_the_channel_and_a_street_does_not() -> None:
    part = Looking([0.0, 0.0, 0.0])
    drains = Drainage(parts={"one": part}, interval_s=10.0)  # type: ignore[dict-item]  # a part of a part
    depth = np.full((2, 3), 0.1)
    drains.add_to(Forcing(), depth, 0.0, 10.0, channels=channel_depth_m(canal()))
    assert part.seen.tolist() == [0.1, 1.4, 0.1]


def test_only_channels_of_computed_cells_count() -> None:
    found = channel_beds_m(canal())
    assert found is not None
    assert found[0].tolist() == [3]
    assert found[1].tolist() == [-1.0]
    assert channel_beds_m(SimpleNamespace()) is None


def test_cells_to_which_nothing_happens_stay_out_of_the_work() -> None:
    part = Looking([0.0, -5.0, 2.0])
    drains = Drainage(parts={"one": part}, interval_s=10.0)  # type: ignore[dict-item]  # as above
    forcing = drains.add_to(
        Forcing(inflow_cells=np.asarray([1]), inflow_m3_s=np.asarray([9.0])),
        np.full((2, 3), 0.1), 0.0, 10.0,
    )  # fmt: skip
    assert forcing.inflow_cells.tolist() == [1, 3, 5]
    assert forcing.inflow_m3_s.tolist() == [9.0, -0.5, 0.2]
    drains.settle(np.asarray([90.0, -4.0, 2.0]))
    assert part.got.tolist() == [0.0, -4.0, 2.0]


def test_windows_end_on_multiples_of_the_interval_and_at_the_stop() -> None:
    drains = Drainage(parts={}, interval_s=5.0)
    assert drains.stops(0.0, 12.0) == [5.0, 10.0, 12.0]
    assert drains.stops(12.0, 20.0) == [15.0, 20.0]
    assert drains.stops(20.0, 21.5) == [21.5]
