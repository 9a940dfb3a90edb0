"""From lines that share vertices to the segments and nodes of a road graph, in whole arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Segments", "shared_vertices", "split_at_shared_nodes"]

type IntArray = NDArray[np.int64]
type FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Segments:
    """
    Pieces of lines between graph nodes.

    Parameters
    ----------
    line
        Index of the line that each segment is a piece of, shape (n,).
    first, last
        Positions of its first and last vertex in the flat arrays (last included), shape (n,).
    from_node, to_node
        Node identifiers at its ends, shape (n,); never equal.
    """

    line: IntArray
    first: IntArray
    last: IntArray
    from_node: IntArray
    to_node: IntArray

    def __len__(self) -> int:
        return int(self.line.size)

    def take(self, chosen: NDArray[np.bool_]) -> Segments:
        """Return the chosen segments, in order."""
        names = ("line", "first", "last", "from_node", "to_node")
        return Segments(**{name: getattr(self, name)[chosen] for name in names})

    def vertices(self) -> tuple[IntArray, IntArray]:
        """Return the segment and the position of every vertex, segment after segment."""
        counts = self.last - self.first + 1
        owner = np.repeat(np.arange(len(self), dtype=np.int64), counts)
        start = np.repeat(self.first - (np.cumsum(counts) - counts), counts)
        return owner, start + np.arange(owner.size, dtype=np.int64)

    def lines(self, x: FloatArray, y: FloatArray) -> NDArray[np.object_]:
        """Return the segments as LineStrings over the flat coordinates, shape (n,)."""
        owner, position = self.vertices()
        points = np.column_stack([x[position], y[position]])
        return np.asarray(shapely.linestrings(points, indices=owner), dtype=object)


def split_at_shared_nodes(first: IntArray, node_ref: IntArray) -> Segments:
    """
    Split lines where they meet each other or themselves.

    A vertex is a graph node if it ends a line or is used more than once. Vertices used once are
    merged only within their line. A piece that would start and end at the same node (a loop) is
    split at its middle vertex, and a loop of two vertices (there and back) is left out.

    Parameters
    ----------
    first
        Offsets of the lines into *node_ref*, shape (n + 1,); each line has at least two vertices.
    node_ref
        Node of each vertex, shape (m,); neighbours in a line differ.
    """
    total = int(node_ref.size)
    if total == 0:
        empty = np.empty(0, dtype=np.int64)
        return Segments(line=empty, first=empty, last=empty, from_node=empty, to_node=empty)
    _, inverse, counts = np.unique(node_ref, return_inverse=True, return_counts=True)
    broken = counts[inverse] > 1
    start_of_line = np.zeros(total, dtype=np.bool_)
    start_of_line[first[:-1]] = True
    broken[first[:-1]] = True
    broken[first[1:] - 1] = True
    begin, end = _pieces(broken, start_of_line)
    loop = (node_ref[begin] == node_ref[end]) & (end - begin >= 2)
    broken[(begin[loop] + end[loop]) // 2] = True
    begin, end = _pieces(broken, start_of_line)
    proper = node_ref[begin] != node_ref[end]
    begin, end = begin[proper], end[proper]
    line = np.searchsorted(first, begin, side="right") - 1
    return Segments(
        line=line.astype(np.int64),
        first=begin,
        last=end,
        from_node=node_ref[begin],
        to_node=node_ref[end],
    )


def _pieces(
    broken: NDArray[np.bool_], start_of_line: NDArray[np.bool_]
) -> tuple[IntArray, IntArray]:
    """Return the first and last positions of the pieces between neighbouring breaks of a line."""
    at = np.flatnonzero(broken).astype(np.int64)
    begin, end = at[:-1], at[1:]
    same_line = ~start_of_line[end]
    return begin[same_line], end[same_line]


def shared_vertices(x_m: FloatArray, y_m: FloatArray, *, tolerance_m: float = 0.05) -> IntArray:
    """
    Return a node number for each vertex of lines that carry no identifiers, shape (m,).

    Vertices that fall on the same point of a raster of *tolerance_m* are one node, which heals the
    rounding of files but not gaps.
    """
    key = np.column_stack([np.round(x_m / tolerance_m), np.round(y_m / tolerance_m)])
    _, inverse = np.unique(key.astype(np.int64), axis=0, return_inverse=True)
    return np.asarray(inverse, dtype=np.int64).ravel()
