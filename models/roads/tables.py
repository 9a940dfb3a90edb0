"""
Ways between a few places and everywhere, kept until the travel times change.

Stations and hospitals are asked for again and again: where they lie, one search over the whole
network answers every later question about them by a look-up and a walk along the way. A search
over everything costs a few searches that stop early, so it is made only for a place that has been
asked for a few times since the last change: on roads that change every minute nothing is lost.
"""

from __future__ import annotations

from bisect import insort
from collections import Counter
from typing import TYPE_CHECKING, Final

import numpy as np

from models.roads.bounded import descend, find_way, least_seconds
from models.roads.routing import Workspace, times_from, times_to

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from models.roads.graph import RoadGraph

    type Floats = NDArray[np.float64]
    type Ints = NDArray[np.int32]
    type Longs = NDArray[np.int64] | NDArray[np.int32]

__all__ = ["PlaceTables"]

#: Early-stopping searches that cost about as much as one over everything.
ASKED_FIRST: Final = 2
#: Memory that the tables may take, bytes.
MOST_BYTES: Final = 512 * 1024**2
#: Tables that guide a search.
LANDMARKS: Final = 8
#: Ways that are remembered.
WAYS: Final = 256

type _Key = tuple[int, int, bool]


class PlaceTables:
    """
    Travel times from and to places that matter, made when they pay.

    Parameters
    ----------
    graph
        The network.
    places
        Nodes of stations, hospitals and the like.

    Notes
    -----
    Every answer is None until the tables for it are there: ask a search then. A table gives the
    same way as a search where that is the only soonest one; seconds may differ in the last bits.
    """

    def __init__(self, graph: RoadGraph, places: Iterable[int]) -> None:
        self._graph = graph
        self._space = Workspace(graph)
        self._bound = np.zeros(graph.n_nodes)
        self._is_place = np.zeros(graph.n_nodes, np.bool_)
        self._is_place[np.fromiter(places, np.int64)] = True
        self._kept: dict[_Key, Floats] = {}
        self._ways: dict[tuple[int, int, int], tuple[float, Ints]] = {}
        self._stacks: dict[int, tuple[Floats, Floats]] = {}
        self._asked: Counter[_Key] = Counter()
        self._asked_all: Counter[tuple[int, bool]] = Counter()
        self._version: object = None
        self._most = max(4, MOST_BYTES // (16 * max(graph.n_nodes, 1)))

    def renew(self, version: object) -> None:
        """Forget everything if *version* is another one than before."""
        if version != self._version:
            self._version = version
            self._kept.clear()
            self._stacks.clear()
            self._ways.clear()
            self._asked.clear()
            self._asked_all.clear()

    def route(
        self, weight_s: Floats, row: int, origin: int, target: int
    ) -> tuple[float, Ints] | None:
        """
        Return seconds and edges of the soonest way, or None if no table answers.

        Parameters
        ----------
        weight_s
            Seconds per edge, shape (n_edges,), that hold since the last :meth:`renew`.
        row
            A number for these weights among others, such as the vehicle class.
        """
        if origin == target:
            return 0.0, np.empty(0, np.int32)
        for node, towards in ((target, True), (origin, False)):
            table = self._table(weight_s, row, node, towards=towards)
            if table is not None:
                return self._walk(weight_s, table, origin, target, towards=towards)
        return self._search(weight_s, row, origin, target)

    def seconds_to(self, weight_s: Floats, row: int, origin: int, targets: Longs) -> Floats | None:
        """Return the seconds to each of some places, shape (n,), or None if a table is missing."""
        if not self._all_there(weight_s, row, targets, towards=True):
            return None
        return np.array([self._kept[row, int(node), True][origin] for node in targets], np.float64)

    def nearest(
        self, travel_time_s: Floats, target: int, origins: Longs, rows: Longs, count: int
    ) -> list[tuple[int, float]] | None:
        """
        Return pairs of (place in *origins*, seconds), soonest first, ties by place.

        Those that stand at a place are looked up. The others have a least time from the tables,
        and only those that could be among the first *count* are searched for.
        """
        for row in np.unique(rows).tolist():
            homes = np.unique(origins[(rows == row) & self._is_place[origins]])
            if not homes.size or not self._all_there(travel_time_s[row], row, homes, towards=False):
                return None
        found: list[tuple[float, int]] = []
        others: list[tuple[float, int]] = []
        for k, (node, row) in enumerate(zip(origins.tolist(), rows.tolist(), strict=True)):
            table = self._kept.get((row, node, False))
            if table is not None:
                found.append((float(table[target]), k))
            else:
                away, back = self._stack(row)
                every = np.arange(away.shape[1] + back.shape[1])
                others.append((float(least_seconds(away, back, every, node, target)), k))
        found.sort()
        for least, k in sorted(others):
            if len(found) >= count and least > found[count - 1][0]:
                break
            row = int(rows[k])
            limit_s = found[count - 1][0] if len(found) >= count else np.inf
            way = self._search(travel_time_s[row], row, int(origins[k]), target, limit_s)
            if way is None:
                return None
            insort(found, (way[0], k))
        return [(k, seconds) for seconds, k in found[:count] if seconds < np.inf]

    def _all_there(self, weight_s: Floats, row: int, nodes: Longs, *, towards: bool) -> bool:
        """Return whether all these tables are there; make them once they have been wanted often."""
        missing = [k for k in nodes.tolist() if (row, k, towards) not in self._kept]
        if not missing:
            return True
        if not self._is_place[missing].all() or len(self._kept) + len(missing) > self._most:
            return False
        self._asked_all[row, towards] += 1
        if self._asked_all[row, towards] <= ASKED_FIRST * len(missing):
            return False
        for node in missing:
            self._make(weight_s, row, node, towards=towards)
        return True

    def _table(self, weight_s: Floats, row: int, node: int, *, towards: bool) -> Floats | None:
        key = (row, node, towards)
        table = self._kept.get(key)
        if table is not None or not self._is_place[node] or len(self._kept) >= self._most:
            return table
        self._asked[key] += 1
        if self._asked[key] <= ASKED_FIRST:
            return None
        return self._make(weight_s, row, node, towards=towards)

    def _make(self, weight_s: Floats, row: int, node: int, *, towards: bool) -> Floats:
        search = times_to if towards else times_from
        table = search(self._graph, weight_s, node, workspace=self._space)
        self._kept[row, node, towards] = table
        self._stacks.pop(row, None)
        return table

    def _stack(self, row: int) -> tuple[Floats, Floats]:
        """Return the tables of a row from places and to places, shape (n_nodes, k) each."""
        if row not in self._stacks:
            empty = np.empty((self._graph.n_nodes, 0))
            away, back = (
                [t for (r, _, way), t in self._kept.items() if r == row and way is towards]
                for towards in (False, True)
            )
            self._stacks[row] = (
                np.column_stack(away) if away else empty,
                np.column_stack(back) if back else empty,
            )
        return self._stacks[row]

    def _search(
        self, weight_s: Floats, row: int, origin: int, target: int, limit_s: float = np.inf
    ) -> tuple[float, Ints] | None:
        """
        Search with the bounds that the tables give, or return None where there are none.

        A way is remembered: whoever is found to be near is soon asked to come.
        """
        known = self._ways.get((row, origin, target))
        if known is not None:
            return known
        away, back = self._stack(row)
        if away.shape[1] + back.shape[1] < LANDMARKS:
            return None
        with np.errstate(invalid="ignore"):
            bounds = np.append(away[target] - away[origin], back[origin] - back[target])
        picked = np.argsort(np.nan_to_num(-bounds), kind="stable")[:LANDMARKS]
        graph, space = self._graph, self._space
        steps, seconds = find_way(
            graph.first_out,
            graph.head,
            graph.tail,
            weight_s,
            origin,
            target,
            limit_s,
            away,
            back,
            picked,
            space.dist,
            self._bound,
            space.via,
            space.touched,
            space.keys,
            space.items,
            space.path,
        )
        if steps < 0:
            return None
        way = float(seconds), space.path[:steps][::-1].copy()
        if seconds < np.inf:
            if len(self._ways) >= WAYS:
                self._ways.clear()
            self._ways[row, origin, target] = way
        return way

    def _walk(
        self, weight_s: Floats, table: Floats, origin: int, target: int, *, towards: bool
    ) -> tuple[float, Ints] | None:
        graph, path = self._graph, self._space.path
        if not np.isfinite(table[origin if towards else target]):
            return np.inf, np.empty(0, np.int32)
        if towards:
            side = (graph.first_out, graph.head, graph.out_edge)
            steps = descend(*side, weight_s, table, origin, target, path)
        else:
            side = (graph.first_in, graph.in_tail, graph.in_edge)
            steps = descend(*side, weight_s, table, target, origin, path)
        if steps < 0:
            return None
        edges = path[:steps].copy() if towards else path[:steps][::-1].copy()
        return float(np.cumsum(weight_s[edges])[-1]), edges
