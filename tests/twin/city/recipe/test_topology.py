from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from twin.city.topology import Segments, shared_vertices, split_at_shared_nodes

lines = st.lists(
    st.lists(st.integers(0, 12), min_size=2, max_size=8).filter(
        lambda refs: all(a != b for a, b in pairwise(refs))
    ),
    min_size=1,
    max_size=8,
)


def flat(drawn: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    first = np.concatenate([[0], np.cumsum([len(line) for line in drawn])]).astype(np.int64)
    return first, np.asarray([ref for line in drawn for ref in line], dtype=np.int64)


def split(drawn: list[list[int]]) -> tuple[Segments, np.ndarray]:
    first, refs = flat(drawn)
    return split_at_shared_nodes(first, refs), refs


@given(lines)
def test_every_stretch_of_every_line_is_in_exactly_one_segment(drawn: list[list[int]]) -> None:
    segments, _ = split(drawn)
    owner, position = segments.vertices()
    inner = owner[1:] == owner[:-1]
    stretches = Counter(position[:-1][inner].tolist())
    first, _ = flat(drawn)
    wanted = {p for a, b in pairwise(first.tolist()) for p in range(a, b - 1)}
    assert set(stretches) == wanted
    assert set(stretches.values()) == {1}


@given(lines)
def test_segments_meet_only_at_their_ends(drawn: list[list[int]]) -> None:
    segments, refs = split(drawn)
    used = Counter(refs.tolist())
    for first, last in zip(segments.first, segments.last, strict=True):
        assert all(used[int(ref)] == 1 for ref in refs[first + 1 : last])


@given(lines)
def test_no_segment_starts_where_it_ends(drawn: list[list[int]]) -> None:
    segments, refs = split(drawn)
    assert (segments.from_node != segments.to_node).all()
    np.testing.assert_array_equal(refs[segments.first], segments.from_node)
    np.testing.assert_array_equal(refs[segments.last], segments.to_node)


def test_a_bend_is_merged_within_a_line_but_two_lines_end_where_they_touch() -> None:
    segments, _ = split([[1, 2, 3], [3, 4, 5]])
    assert list(zip(segments.from_node, segments.to_node, strict=True)) == [(1, 3), (3, 5)]


def test_a_loop_becomes_two_segments() -> None:
    segments, _ = split([[1, 2, 3, 4, 1]])
    assert list(zip(segments.from_node, segments.to_node, strict=True)) == [(1, 3), (3, 1)]


def test_nothing_gives_nothing() -> None:
    empty = np.empty(0, dtype=np.int64)
    assert len(split_at_shared_nodes(np.zeros(1, dtype=np.int64), empty)) == 0


def test_vertices_that_differ_by_rounding_are_one_node() -> None:
    node = shared_vertices(np.array([0.0, 100.0, 100.001]), np.array([0.0, 5.0, 5.001]))
    assert node[1] == node[2]
    assert node[0] != node[1]
