"""
What the dispatcher knows of the roads, which is not what is true of them.

The water on a street, and whether it is closed, becomes known when somebody sees it and says so: a
sensor, people who report, a patrol, a driver who meets it. Each tells what was so at the moment of
seeing it, and a later sight always stands against an earlier one. A street that is open again
becomes known in the same ways. Between two stops of the engine nothing is learnt but what drivers
tell.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from models.response import Event

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from models.response import Distribution
    from models.roads import RoadConditions
    from twin.engine.streams import Streams

    type Longs = NDArray[np.int64]

__all__ = ["SOURCES", "Channels", "Knowledge"]

#: Who tells; the positions are codes.
SOURCES: Final = ("sensor", "report", "patrol", "driver", "order")
_SENSOR, _REPORT, _PATROL, _DRIVER, _ORDER = range(5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Channels:
    """
    How the state of the roads becomes known.

    Parameters
    ----------
    monitored, patrolled
        Streets, as rows of the layer ``roads``, that a sensor sees and that patrols pass.
    sensor_delay_s
        From what a sensor sees to the dispatcher, s.
    report_probability
        Probability that anybody reports a change of what can pass a street.
    report_delay
        From the change to the dispatcher; None: nobody reports.
    patrol_interval_s, patrol_delay_s
        Time between two passes of a street, and from the pass to the dispatcher, s.
    orders_known
        Whether closing orders are known at once.
    """

    monitored: Longs
    patrolled: Longs
    sensor_delay_s: float = 0.0
    report_probability: float = 0.0
    report_delay: Distribution | None = None
    patrol_interval_s: float = 3600.0
    patrol_delay_s: float = 0.0
    orders_known: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class _Sight:
    """The state of some edges."""

    depth_m: NDArray[np.float64]
    velocity_m_s: NDArray[np.float64]
    closed: NDArray[np.bool_]

    def at(self, edges: Longs | NDArray[np.bool_] | slice) -> _Sight:
        return _Sight(self.depth_m[edges], self.velocity_m_s[edges], self.closed[edges])

    def differs(self, other: _Sight) -> NDArray[np.bool_]:
        wet = (self.depth_m != other.depth_m) | (self.velocity_m_s != other.velocity_m_s)
        found: NDArray[np.bool_] = wet | (self.closed != other.closed)
        return found

    def copy(self) -> _Sight:
        return _Sight(self.depth_m.copy(), self.velocity_m_s.copy(), self.closed.copy())


@dataclass(order=True, slots=True)
class _News:
    """What somebody saw, on its way to the dispatcher."""

    due_s: float
    number: int
    seen_s: float = field(compare=False)
    source: int = field(compare=False)
    edges: Longs = field(compare=False)
    sight: _Sight = field(compare=False)


class Knowledge:
    """
    Keeps what is known, and news on their way.

    Parameters
    ----------
    conditions
        The roads, whose known travel times follow.
    segment_ids
        ``segment_id`` by row of the layer ``roads``.
    channels
        How anything becomes known.
    streams
        Random streams; reports draw by street and change, so that they are the same whatever
        anybody does about them.
    log
        Takes the events.
    fleet
        Vehicle classes, by row, whose streets the events tell of.
    """

    def __init__(
        self,
        conditions: RoadConditions,
        segment_ids: Longs,
        channels: Channels,
        streams: Streams,
        log: Callable[[Event], None],
        *,
        fleet: NDArray[np.bool_],
    ) -> None:
        graph = conditions.graph
        self._conditions, self._channels = conditions, channels
        self._ids, self._streams, self._log = segment_ids, streams, log
        self._fleet = np.uint32(sum(1 << row for row in np.flatnonzero(fleet).tolist()))
        self._row = np.asarray(graph.segment, np.int64)
        self._order = np.argsort(self._row, kind="stable").astype(np.int64)
        self._starts = np.searchsorted(self._row[self._order], np.arange(segment_ids.size + 1))
        self._monitored = self._edges_of(channels.monitored)
        self._phase_s = channels.patrol_interval_s * streams("patrols").random(segment_ids.size)
        self._draws: dict[int, np.random.Generator] = {}
        self._news: list[_News] = []
        self._count = 0
        n = graph.n_edges
        self._truth = _Sight(np.zeros(n), np.zeros(n), np.zeros(n, np.bool_))
        self._known = self._truth.copy()
        self._read = self._truth.at(self._monitored)
        self._seen_s = np.full(n, -np.inf)
        self._since_s = np.zeros(n)
        self._source = np.full(n, _ORDER, np.int8)
        self._bits = self._passable(conditions.travel_time_s)
        self._known_bits = self._bits.copy()
        self._last_s = -np.inf
        self._told = False

    def learn(
        self,
        now_s: float,
        depth_m: NDArray[np.float64],
        velocity_m_s: NDArray[np.float64],
        closed: NDArray[np.bool_],
    ) -> bool:
        """
        Take in what is true now, and let what is due become known; return if anything was news.

        What is true at the first call is known.
        """
        first = not np.isfinite(self._last_s)
        self._truth = _Sight(depth_m.copy(), velocity_m_s.copy(), closed.copy())
        bits = self._passable(self._conditions.travel_time_s)
        changed = np.flatnonzero(bits != self._bits)
        self._since_s[changed] = now_s
        self._bits = bits
        if first:
            self._known = self._truth.copy()
            self._source[:] = _ORDER
        else:
            self._report(now_s, changed)
            self._patrol(now_s)
        self._watch(now_s)
        due = []
        while self._news and self._news[0].due_s <= now_s:
            due.append(heapq.heappop(self._news))
        self._take(due)
        if self._channels.orders_known:
            ordered = np.flatnonzero(self._known.closed != closed)
            self._known.closed[ordered] = closed[ordered]
            self._source[ordered] = _ORDER
        self._last_s = now_s
        told, self._told = self._told, False
        return self._make_known(now_s, quiet=first) or told

    def meet(self, edge: int, now_s: float) -> bool:
        """Let a driver tell what is true of an edge and the other direction; return if news."""
        other = int(self._conditions.graph.reverse_edge[edge])
        edges = np.array([edge] if other < 0 else [edge, other], np.int64)
        if (self._bits[edges] == self._known_bits[edges]).all():
            return False
        self._take([_News(now_s, 0, now_s, _DRIVER, edges, self._truth.at(edges))])
        self._told = True
        self._make_known(now_s)
        return True

    # Who sees what

    def _report(self, now_s: float, changed: Longs) -> None:
        """Let people report each street on which something changed, sooner or later or never."""
        delay = self._channels.report_delay
        if delay is None:
            return
        told: list[int] = []
        after_s: list[float] = []
        for row in np.unique(self._row[changed]).tolist():
            draws = self._draws.get(row)
            if draws is None:
                draws = self._draws[row] = self._streams("road_reports", int(self._ids[row]))
            chance, when = draws.random(2).tolist()
            if chance < self._channels.report_probability:
                told.append(row)
                after_s.append(delay.at(when))
        rows = np.array(told, np.int64)
        edges = self._edges_of(rows)
        sight = self._truth.at(edges)
        ends = np.cumsum(self._starts[rows + 1] - self._starts[rows]).tolist()
        for start, end, later_s in zip([0, *ends], ends, after_s, strict=False):
            part = slice(start, end)
            self._send(now_s, later_s, _REPORT, edges[part], sight.at(part))

    def _patrol(self, now_s: float) -> None:
        """Let patrols see the streets that they have passed since the last stop."""
        rows, every_s = self._channels.patrolled, self._channels.patrol_interval_s
        phase = self._phase_s[rows]
        passes = np.floor((now_s - phase) / every_s) > np.floor((self._last_s - phase) / every_s)
        if passes.any():
            edges = self._edges_of(rows[passes])
            delay_s = self._channels.patrol_delay_s
            self._send(now_s, delay_s, _PATROL, edges, self._truth.at(edges))

    def _watch(self, now_s: float) -> None:
        """Let sensors see what differs from what they saw last."""
        if not self._monitored.size:
            return
        sight = self._truth.at(self._monitored)
        differs = sight.differs(self._read)
        self._read = sight
        if differs.any():
            edges = self._monitored[differs]
            delay_s = self._channels.sensor_delay_s
            self._send(now_s, delay_s, _SENSOR, edges, sight.at(differs))

    def _send(self, now_s: float, delay_s: float, source: int, edges: Longs, sight: _Sight) -> None:
        news = _News(now_s + delay_s, self._count, now_s, source, edges, sight)
        heapq.heappush(self._news, news)
        self._count += 1

    # What becomes of it

    def _take(self, news: list[_News]) -> None:
        """Let news become known; of each edge, the latest sight."""
        if not news:
            return
        sizes = [each.edges.size for each in news]
        seen_s = np.repeat([each.seen_s for each in news], sizes)
        edges = np.concatenate([each.edges for each in news])
        sources = np.repeat([each.source for each in news], sizes)
        order = np.argsort(seen_s, kind="stable")
        order = order[seen_s[order] >= self._seen_s[edges[order]]]
        # The last one of each edge: the latest, and of one moment the last to arrive.
        _, last = np.unique(edges[order][::-1], return_index=True)
        chosen = order[order.size - 1 - last]
        fresh = edges[chosen]
        for name in ("depth_m", "velocity_m_s", "closed"):
            values = np.concatenate([getattr(each.sight, name) for each in news])
            getattr(self._known, name)[fresh] = values[chosen]
        self._seen_s[fresh] = seen_s[chosen]
        self._source[fresh] = sources[chosen]

    def _make_known(self, now_s: float, *, quiet: bool = False) -> bool:
        known = self._known
        changed = self._conditions.update_known(
            known.depth_m, known.closed, edge_velocity_m_s=known.velocity_m_s
        )
        if not changed:
            return False
        bits = self._passable(self._conditions.known_travel_time_s)
        before, self._known_bits = self._known_bits, bits
        if not quiet:
            self._tell("road_known_closed", now_s, bits & ~before)
            self._tell("road_known_open", now_s, before & ~bits)
        return True

    def _tell(self, kind: str, now_s: float, gained: NDArray[np.uint32]) -> None:
        """Write which streets became known as closed or open, by source."""
        edges = np.flatnonzero(gained & self._fleet)
        for source in np.unique(self._source[edges]).tolist():
            told = edges[self._source[edges] == source]
            rows = np.unique(self._row[told])
            graph = self._conditions.graph
            tail = int(graph.tail[told[0]])
            self._log(
                Event(
                    time_s=now_s,
                    kind=kind,
                    x_m=float(graph.x_m[tail]),
                    y_m=float(graph.y_m[tail]),
                    value=float(rows.size),
                    detail={
                        "source": SOURCES[source],
                        "segments": self._ids[rows].tolist(),
                        "delay_s": float((now_s - self._since_s[told]).mean()),
                    },
                )
            )

    def _passable(self, travel_time_s: NDArray[np.float64]) -> NDArray[np.uint32]:
        """Return by edge which classes, as bits, cannot drive it and could if it were dry."""
        shut = np.isinf(travel_time_s) & np.isfinite(self._conditions.dry_travel_time_s)
        bits = np.zeros(shut.shape[1], np.uint32)
        for row, each in enumerate(shut):
            bits |= each.astype(np.uint32) << np.uint32(row)
        return bits

    def _edges_of(self, rows: Longs) -> Longs:
        """Return the edges of some rows of the layer ``roads``."""
        parts = [self._order[self._starts[row] : self._starts[row + 1]] for row in rows.tolist()]
        return np.concatenate([np.empty(0, np.int64), *parts])
