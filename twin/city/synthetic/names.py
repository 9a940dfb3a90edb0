"""Names of roads, alleys and waters: generic or invented, none of a real place."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

import numpy as np
import shapely

from twin.city.synthetic.network import RANK, end_nodes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from twin.city.synthetic.network import Edges
    from twin.city.synthetic.waters import Waters

__all__ = ["name_roads", "name_waters"]

type Ints = NDArray[np.int64]

_AVENUES = (
    "Đại lộ Bình Minh", "Đại lộ Ven Sông", "Đại lộ Hòa Bình", "Đường Vành Đai", "Đường Phù Sa",
    "Đường Cánh Buồm", "Đường Dừa Nước", "Đường Hoa Sen", "Đường Sao Mai", "Đường Hải Đăng",
    "Đường Bến Đò", "Đường Cầu Vồng", "Đường Gió Đồng", "Đường Bằng Lăng", "Đường Phượng Vĩ",
    "Đường Chim Én", "Đường Thủy Triều", "Đường Bông Súng", "Đường Mái Chèo", "Đường Hừng Đông",
    "Đường Cây Bàng", "Đường Lúa Vàng", "Đường Trăng Rằm", "Đường Con Nước", "Đường Bờ Tre",
)  # fmt: skip
_BANK = -2


def _own_chains(edges: Edges) -> Ints:
    """Return the chains, with each stretch of road along a bank as a chain of its own."""
    chain = edges.chain.copy()
    bank = np.flatnonzero(chain == _BANK)
    if not bank.size:
        return chain
    tail, head, nodes = end_nodes(edges.lines[bank])
    root = np.arange(len(nodes))
    for _ in range(64):  # label propagation: stretches are short
        low = np.minimum(root[tail], root[head])
        before = root.copy()
        np.minimum.at(root, tail, low)
        np.minimum.at(root, head, low)
        if np.array_equal(before, root):
            break
    chain[bank] = int(chain.max()) + 1 + root[tail]
    return chain


def _split(chain: Ints, groups: list[tuple[float, int]], count: int, edges: Edges) -> Ints:
    """Cut the longest chains in two until there are *count* of them."""
    chain = chain.copy()
    fresh = int(chain.max()) + 1
    length = shapely.length(edges.lines)
    middle = shapely.get_coordinates(shapely.centroid(edges.lines))
    heapq.heapify(groups)
    members = {key: np.flatnonzero(chain == key) for _, key in groups}
    made = len(groups)
    while made < count and groups:
        _, key = heapq.heappop(groups)
        own = members[key]
        if own.size < 2:
            continue
        offset = middle[own] - middle[own].mean(axis=0)
        _, _, axes = np.linalg.svd(offset, full_matrices=False)
        order = own[np.argsort(offset @ axes[0], kind="stable")]
        halves = (order[: order.size // 2], order[order.size // 2 :])
        for half, name in zip(halves, (key, fresh), strict=True):
            chain[half] = name
            members[name] = half
            heapq.heappush(groups, (-float(length[half].sum()), name))
        fresh += 1
        made += 1
    return chain


def name_roads(edges: Edges, parent: dict[int, int], roads: int) -> NDArray[np.object_]:
    """
    Return a name for each segment: exactly *roads* street names, and one for each alley.

    Wide and long roads are named first; what is left are access roads without a name.
    """
    alley = edges.road_class == RANK.index("alley")
    bank = edges.chain == _BANK
    chain = _own_chains(edges)
    length = shapely.length(edges.lines)
    street = edges.take(~alley)
    total = np.bincount(chain[~alley], length[~alley])
    groups = [(-float(total[k]), int(k)) for k in np.flatnonzero(total)]
    if len(groups) < roads:
        chain[~alley] = _split(chain[~alley], groups, roads, street)
        total = np.bincount(chain[~alley], length[~alley])
    present = np.flatnonzero(total)
    rank = np.full(len(total), len(RANK))
    np.minimum.at(rank, chain[~alley], edges.road_class[~alley])
    on_bank = np.zeros(len(total), bool)
    on_bank[chain[bank]] = True
    weight = np.where(rank[present] <= RANK.index("secondary"), 1e6, 0.0) + total[present]
    named = present[np.lexsort((present, -weight))][:roads]
    number = {"bank": 0, "industrial": 0, "street": 0, "avenue": 0}
    names: dict[int, str] = {}
    for key in named.tolist():
        if on_bank[key]:
            kind, form = "bank", "Đường Bờ Kè {}"
        elif rank[key] <= RANK.index("secondary"):
            kind, form = "avenue", "Đường Trục {}"
        elif rank[key] == RANK.index("unclassified"):
            kind, form = "industrial", "Đường Nội Khu {}"
        else:
            kind, form = "street", "Đường số {}"
        number[kind] += 1
        count = number[kind]
        names[key] = (
            _AVENUES[count - 1]
            if kind == "avenue" and count <= len(_AVENUES)
            else form.format(count)
        )
    # Alleys are numbered along the street that they leave: even and odd, as house numbers are.
    along: dict[str, int] = {}
    old_name: dict[int, str] = {}
    for original, now in zip(edges.chain[~alley].tolist(), chain[~alley].tolist(), strict=True):
        if now in names:
            old_name.setdefault(original, names[now])
    for key in sorted(set(chain[alley].tolist())):
        street_name = old_name.get(parent.get(key, -1), "")
        along[street_name] = along.get(street_name, 0) + 1
        count = along[street_name]
        house = 3 * count + count % 2
        if street_name:
            names[key] = f"Hẻm {house} {street_name}"
        else:
            names[key] = f"Hẻm {2 * (count // 9) + 15}/{count % 9 + 1} Khu phố {count // 45 + 1}"
    return np.array([names.get(key, "") for key in chain.tolist()], dtype=object)


def name_waters(waters: Waters) -> list[str]:
    """Return a name for each watercourse."""
    forms = {1: "Kênh số {}", 2: "Rạch số {}", 3: "Rạch số {}", 4: "Mương số {}"}
    rivers = iter(("Sông Mẫu", "Sông Nhánh"))
    count: dict[str, int] = {}
    names = []
    for order in waters.order:
        if order == 0:
            names.append(next(rivers))
            continue
        form = forms[order]
        count[form] = count.get(form, 0) + 1
        names.append(form.format(count[form]))
    return names
