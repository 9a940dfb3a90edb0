"""What is lost when a street or a bridge closes, one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.errors import InvalidQuantityError
from models.reach.kernels import close_groups, subtrees

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from models.reach.nearest import Nearest, Network

    type Floats = NDArray[np.float64]

__all__ = ["Closures", "close_each"]


@dataclass(frozen=True, slots=True, eq=False)
class Closures:
    """
    What each closure alone does to the demand that was reached before.

    Attributes
    ----------
    lost
        Demand that falls out of each limit of time, shape (n_groups, n_limits).
    delay
        Sum over the demand that is still reached of demand times added seconds, (n_groups,).
    cut
        Demand that no place reaches any more, (n_groups,).
    """

    lost: Floats
    delay: Floats
    cut: Floats


def close_each(
    network: Network,
    seconds: ArrayLike,
    nearest: Nearest,
    *,
    groups: Sequence[ArrayLike],
    demand: ArrayLike,
    limits_s: Sequence[float],
) -> Closures:
    """
    Close each group of edges alone, and say what is lost.

    Parameters
    ----------
    network, seconds, nearest
        The graph, its seconds, and the answer of :func:`models.reach.nearest_place` on them.
    groups
        Edges, in the order given to ``Network.of``, that close together: both directions of a
        street, or all parts of a bridge.
    demand
        Weight of every node, shape (n_nodes,).
    limits_s
        Limits of time, s, rising.

    Raises
    ------
    InvalidQuantityError
        If a shape or a value is not possible.

    Notes
    -----
    Exact, and cheap: a closure off every shortest way changes nothing; any other changes only the
    nodes behind it, which are searched again from their rim.
    """
    weight = network.weights(seconds)
    need = np.ascontiguousarray(demand, np.float64)
    if need.shape != (network.n_nodes,) or not (np.isfinite(need) & (need >= 0.0)).all():
        raise InvalidQuantityError(
            "demand needs one finite value, not negative, for each node",
            where="closures",
            value=need.shape,
        )
    sizes = [np.size(np.asarray(group)) for group in groups]
    first = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    given = (
        np.concatenate([np.asarray(group, np.int64).reshape(-1) for group in groups])
        if groups
        else np.zeros(0, np.int64)
    )
    if given.size and not (given.min() >= 0 and given.max() < weight.size):
        raise InvalidQuantityError(
            f"a group names an edge outside 0 to {weight.size - 1}", where="closures"
        )
    place = np.empty(weight.size, np.int64)
    place[network.edge] = np.arange(weight.size)
    n = network.n_nodes
    begin, end, order = (np.zeros(n, np.int64) for _ in range(3))
    subtrees(network.tail, nearest.via, begin, end, order)
    limits = np.asarray(limits_s, np.float64).reshape(-1)
    count = len(groups)
    lost, delay, cut = np.zeros((count, limits.size)), np.zeros(count), np.zeros(count)
    close_groups(
        network.first,
        network.head,
        network.first_in,
        network.in_edge,
        network.tail,
        weight,
        nearest.seconds,
        nearest.via,
        begin,
        end,
        order,
        first,
        place[given],
        need,
        limits,
        lost,
        delay,
        cut,
    )
    return Closures(lost, delay, cut)
