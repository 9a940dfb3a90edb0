"""A small network of drains in SWMM, and the cells above it."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from models.drainage.coupling import Coupling, SewerParameters
from models.drainage.inp import read_inp
from twin.engine.sewer_process import SewerProcess

TWO_PIPES = """[OPTIONS]
FLOW_UNITS CMS
FLOW_ROUTING DYNWAVE
START_DATE 01/01/2000
[JUNCTIONS]
A  0.0 2 0 0 0
B -0.1 2 0 0 0
[OUTFALLS]
O -0.2 FREE NO
[CONDUITS]
P1 A B 50 0.013 0 0 0 0
P2 B O 50 0.013 0 0 0 0
[XSECTIONS]
P1 CIRCULAR 0.6 0 0 0 1
P2 CIRCULAR 0.6 0 0 0 1
[COORDINATES]
A 5 5
B 15 5
O 25 5
"""


@pytest.fixture
def two_pipes() -> str:
    """Return the input file of two manholes, two pipes and an outfall."""
    return TWO_PIPES


@pytest.fixture(name="coupling")
def coupling_of() -> Callable[..., Coupling]:
    """Return a function that joins the network to three cells, with changes."""
    return coupling


def coupling(**changes: object) -> Coupling:
    """Return the two manholes under streets of 100 m² at 2 m, and the outfall in zone 1."""
    given: dict[str, object] = {
        "nodes": ("A", "B"),
        "cell": np.asarray([0, 1]),
        "crest_m": np.full(2, 2.0),
        "weir_m": np.full(2, 3.83),
        "opening_m2": np.full(2, 1.167),
        "node_area_m2": np.full(2, 1.167),
        "outfalls": ("O",),
        "outfall_cell": np.asarray([2]),
        "cell_bed_m": np.asarray([2.0, 2.0, -2.0]),
        "cell_area_m2": np.full(3, 100.0),
        "cell_zone": np.asarray([0, 0, 1]),
    }
    return Coupling(**{**given, **changes})  # type: ignore[arg-type]  # changes are of the same kinds


@pytest.fixture
def start() -> Iterator[Callable[..., SewerProcess]]:
    """Return a function that starts a network, and end all of them after the test."""
    started: list[SewerProcess] = []

    def begin(
        text: str = TWO_PIPES,
        joined: Coupling | None = None,
        parameters: SewerParameters | None = None,
        more: str = "",
    ) -> SewerProcess:
        network = read_inp(text, name="drains.inp")
        numbers = parameters or SewerParameters()
        process = SewerProcess(
            text=network.run_text(
                start=network.start, duration_s=86_400.0, routing_step_s=numbers.routing_step_s
            )
            + more,
            flow_units=network.options["FLOW_UNITS"],
            name="drains.inp",
            coupling=joined or coupling(),
            parameters=numbers,
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.close()
