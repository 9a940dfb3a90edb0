"""Seconds to or from the nearest of several places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.errors import InvalidQuantityError
from models.reach.kernels import search

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    type Floats = NDArray[np.float64]
    type Ints = NDArray[np.int64]

__all__ = ["Nearest", "Network", "nearest_place"]


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """
    A directed graph: edges sorted by tail, and by head.

    Make one with :meth:`of`; ``edge`` says which edge was given at each place, so that results by
    edge can be put back into the caller's order.
    """

    tail: Ints
    head: Ints
    first: Ints
    first_in: Ints
    in_edge: Ints
    edge: Ints

    @classmethod
    def of(
        cls, tail: ArrayLike, head: ArrayLike, n_nodes: int, *, backward: bool = False
    ) -> Network:
        """
        Return the network of edges from *tail* to *head*, (n_edges,), or of their reverse.

        Parameters
        ----------
        backward
            Turn every edge, so that seconds **to** the nearest place are found as seconds from it.

        Raises
        ------
        InvalidQuantityError
            If an end is not a node.
        """
        start, stop = np.asarray(tail, np.int64), np.asarray(head, np.int64)
        if start.shape != stop.shape or start.ndim != 1:
            raise InvalidQuantityError(
                "every edge needs two ends", where="network", value=(start.shape, stop.shape)
            )
        for ends in (start, stop):
            if ends.size and not (ends.min() >= 0 and ends.max() < n_nodes):
                raise InvalidQuantityError(
                    f"an edge ends at no node from 0 to {n_nodes - 1}",
                    where="network",
                    value=int(ends.min() if ends.min() < 0 else ends.max()),
                )
        if backward:
            start, stop = stop, start
        order = np.argsort(start, kind="stable")
        start, stop = start[order], stop[order]
        rows = np.arange(n_nodes + 1)
        back = np.argsort(stop, kind="stable")
        return cls(
            tail=np.ascontiguousarray(start),
            head=np.ascontiguousarray(stop),
            first=np.searchsorted(start, rows).astype(np.int64),
            first_in=np.searchsorted(stop[back], rows).astype(np.int64),
            in_edge=back.astype(np.int64),
            edge=order.astype(np.int64),
        )

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return int(self.first.size) - 1

    def weights(self, seconds: ArrayLike) -> Floats:
        """
        Return *seconds*, (n_edges,) in the order that was given to :meth:`of`, in our own order.

        Raises
        ------
        InvalidQuantityError
            If a value is NaN, or not positive: an edge that takes no time has no direction.
        """
        given = np.asarray(seconds, np.float64)
        if given.shape != self.edge.shape:
            raise InvalidQuantityError(
                "travel times need one value for each edge", where="reach", value=given.shape
            )
        if not (given > 0.0).all():
            edge = int(np.argmin(given > 0.0))
            raise InvalidQuantityError(
                "a travel time is NaN or not positive",
                where=f"reach, edge {edge}",
                value=float(given[edge]),
                remedy="Write infinity where an edge is closed.",
            )
        return np.ascontiguousarray(given[self.edge])


@dataclass(frozen=True, slots=True, eq=False)
class Nearest:
    """
    Which place is the nearest to every node.

    Attributes
    ----------
    seconds
        Shape (n_nodes,), infinite where no place is reached.
    place
        Which of the given nodes, -1 where none.
    via
        Edge by which each node is reached, in the network's order; -1 at a place, -2 unreached.
    """

    seconds: Floats
    place: Ints
    via: Ints


def nearest_place(network: Network, seconds: ArrayLike, places: ArrayLike) -> Nearest:
    """
    Search from all *places* at once (Dijkstra 1959).

    Parameters
    ----------
    network, seconds
        The graph, and the seconds of its edges as given to :meth:`Network.of`, infinite where
        closed.
    places
        Nodes, shape (n,); none reach nothing.

    Raises
    ------
    InvalidQuantityError
        If a place is not a node, or a travel time is not possible.
    """
    n = network.n_nodes
    sources = np.asarray(places, np.int64).reshape(-1)
    if sources.size and not (sources.min() >= 0 and sources.max() < n):
        raise InvalidQuantityError(
            f"a place must be a node from 0 to {n - 1}", where="reach", value=sources.tolist()
        )
    found = Nearest(np.full(n, np.inf), np.full(n, -1, np.int64), np.full(n, -2, np.int64))
    weight = network.weights(seconds)
    search(network.first, network.head, weight, sources, found.seconds, found.via, found.place)
    return found
