"""Reading SWMM input files: what is taken, and how faults are named."""

from datetime import datetime

import numpy as np
import pytest

from models.drainage.inp import FOOT_M, read_inp
from models.errors import InvalidInputError

SMALL = """[TITLE]
A network; with [brackets]

[OPTIONS]
FLOW_UNITS           CFS
START_DATE           03/04/2001
START_TIME           06:30:00
ROUTING_STEP         0:00:05
;; a comment
[JUNCTIONS]
;;Name Elev MaxDepth
J1     10   5    0 0 0 ; beside it
[STORAGE]
S1     8    6    0 FUNCTIONAL 100 0 0
[OUTFALLS]
O1     7    FREE NO
[COORDINATES]
J1     100.5  200
S1     1e3    2e3
[Polygons]
X 1 2
"""


def test_nodes_keep_their_kind_and_come_in_metres() -> None:
    network = read_inp(SMALL, name="small.inp")
    assert network.node_name == ("J1", "S1", "O1")
    assert network.node_kind == ("junction", "storage", "outfall")
    assert network.invert_m == pytest.approx(np.array([10, 8, 7]) * FOOT_M)
    assert network.rim_m[:2] == pytest.approx(np.array([15, 14]) * FOOT_M)
    assert network.x[:2].tolist() == [100.5, 1000.0]
    assert np.isnan(network.x[2])
    assert not network.metric
    assert network.start == datetime(2001, 3, 4, 6, 30)  # noqa: DTZ001 - SWMM knows no zones
    assert network.routing_step_s == 5.0
    assert network.smallest_area_m2 == pytest.approx(12.566 * FOOT_M**2)


def test_the_text_that_is_run_keeps_the_line_numbers_and_drops_drawings() -> None:
    network = read_inp(SMALL, name="small.inp")
    before, after = SMALL.splitlines(), network.text.splitlines()
    assert after[11].split() == before[11].split(";")[0].split()
    assert "[Polygons]" not in network.text
    assert "comment" not in network.text
    run = network.run_text(start=network.start, duration_s=3600.0, routing_step_s=0.5)
    assert run.startswith(network.text)
    for line in ("IGNORE_RAINFALL YES", "FLOW_ROUTING DYNWAVE", "ROUTING_STEP 0.5", "THREADS 1"):
        assert line in run.splitlines()


def test_what_was_read_reads_the_same_again() -> None:
    once = read_inp(SMALL, name="small.inp")
    again = read_inp(once.text, name="kept")
    assert again.text == once.text
    assert again.node_name == once.node_name
    assert np.array_equal(again.x, once.x, equal_nan=True)


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("J1     10   5", "J1     1O   5", 12, "invert is not a number"),
        ("J1     10   5    0 0 0", "J1", 12, "at least 2 items"),
        ("O1     7 ", "J1     7 ", 16, "another node has this name, on line 12"),
        ("S1     1e3    2e3", "S1     1e3", 19, "needs a node, x and y"),
        ("[OUTFALLS]", "[OUTFLAWS]", 15, "not known to SWMM"),
        ("03/04/2001", "2001-03-04", 6, "not a date and time"),
        ("CFS", "M3S", 5, "units of flow are not known"),
        ("0:00:05", "quick", 8, "not a step of time"),
    ],
)
def test_a_fault_is_named_with_file_line_and_value(
    old: str, new: str, line: int, words: str
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_inp(SMALL.replace(old, new), name="small.inp")
    assert caught.value.where == f"small.inp: line {line}"
    assert words in str(caught.value)


@pytest.mark.parametrize("text", ["", "hello", "[OPTIONS]\nFLOW_UNITS CMS\n", "[TITLE]\n"])
def test_a_file_without_a_network_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        read_inp(text, name="other.txt")


def test_a_series_in_another_file_is_refused_because_a_run_must_stand_alone() -> None:
    text = SMALL + '[TIMESERIES]\nflow FILE "flow.dat"\n'
    with pytest.raises(InvalidInputError, match="another file"):
        read_inp(text, name="small.inp")


def test_capitals_do_not_tell_nodes_apart_as_in_swmm() -> None:
    network = read_inp(SMALL.replace("J1     100.5", "j1     100.5"), name="small.inp")
    assert network.x[0] == 100.5
    with pytest.raises(InvalidInputError, match="another node has this name"):
        read_inp(SMALL.replace("O1     7 ", "j1     7 "), name="small.inp")


def test_an_option_of_old_files_is_renewed() -> None:
    old = SMALL.replace("FLOW_UNITS", "NORMAL_FLOW_LIMITED  NO\nFLOW_UNITS")
    assert "NORMAL_FLOW_LIMITED FROUDE" in read_inp(old, name="small.inp").text
