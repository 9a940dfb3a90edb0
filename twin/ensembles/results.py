"""Read an ensemble: its members as a table, its maps as one lazy dataset, one member whole."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from models.errors import InvalidInputError, StoreError
from scenarios import Sweep
from scenarios.digest import digest_of
from scenarios.loader import read_yaml
from twin.ensembles import lazy, maps, sensitivity, tables
from twin.ensembles.designs import shown
from twin.ensembles.members import parse_stored, stored_scenario
from twin.ensembles.records import PlanRecord
from twin.results.open import Run
from twin.running import LARGEST_STORED_BYTES
from twin.store.writer import parquet_bytes

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import ArrayLike

    from scenarios import Scenario
    from twin.ensembles.store import EnsembleStore

__all__ = ["Ensemble", "collect", "flat_figures"]

#: Columns of the table of members that are no factors and no figures.
INDEX_COLUMNS = ("member", "point", "replication", "seed", "flood", "wall_s")


class Ensemble:
    """
    The members of a sweep that are finished; everything is read when it is first asked for.

    Parameters
    ----------
    store
        Where it lies.
    sweep_id
        Its name there.

    Raises
    ------
    StoreError
        If there is no such sweep, or a newer version wrote it.
    """

    def __init__(self, store: EnsembleStore, sweep_id: str) -> None:
        self.store = store
        self.id = sweep_id
        self.plan = PlanRecord.read(store, sweep_id)

    def __repr__(self) -> str:
        """Return its name."""
        return f"Ensemble({self.id!r})"

    @cached_property
    def sweep(self) -> Sweep:
        """The document."""
        text = self.store.read(f"sweeps/{self.id}/sweep.yaml").decode()
        data = read_yaml(text, name=self.id, limit=LARGEST_STORED_BYTES).data
        return Sweep.from_dict(data)

    @property
    def factors(self) -> list[str]:
        """The names of what varies."""
        return [factor.name for factor in self.sweep.factors]

    @cached_property
    def table(self) -> pd.DataFrame:
        """
        One row for each finished member: factors, seed, flood, and all key figures.

        The name of a figure is its path in the key figures: ``response_time_s/ambulance/p90``.
        """
        with suppress(FileNotFoundError):
            data = self.store.read(f"sweeps/{self.id}/table.parquet")
            return pd.read_parquet(io.BytesIO(data))
        return _table(self.store, self.plan)

    @property
    def figures(self) -> list[str]:
        """The names of the key figures in the table."""
        known = {*INDEX_COLUMNS, *self.factors}
        return [str(name) for name in self.table.columns if name not in known]

    @cached_property
    def failures(self) -> pd.DataFrame:
        """Members that could not be computed: ``member``, ``part``, ``tries``, ``error``."""
        folder = f"sweeps/{self.id}/failed"
        rows = [self.store.read_document(f"{folder}/{n}") for n in self.store.names(folder)]
        return pd.DataFrame(rows, columns=["member", "part", "tries", "error"])

    @property
    def summary(self) -> dict[str, Any]:
        """What was counted when the sweep ended; empty while it has not."""
        with suppress(FileNotFoundError):
            return self.store.read_document(f"sweeps/{self.id}/summary.json")
        return {}

    @property
    def digest(self) -> str:
        """SHA-256 of all results: of the members, and of the floods under them."""
        return str(self.summary.get("digest", ""))

    # Maps

    @cached_property
    def dataset(self) -> xr.Dataset:
        """
        Maps of every member, dimensions (member, y, x), with factors and figures along ``member``.

        Nothing is read before it is needed: one map at a time, and a flood that members share from
        one place. Where a member has no flood its maps are NaN.

        Raises
        ------
        InvalidInputError
            If the members lie on different grids.
        StoreError
            If no member has a flood.
        """
        return lazy.dataset_of(self)

    def exceedance(
        self,
        threshold: float,
        field: str = "max_depth",
        *,
        members: Sequence[int] | None = None,
    ) -> xr.DataArray:
        """
        Return the share of members whose *field* reaches *threshold*, 0 to 1, (y, x).

        Parameters
        ----------
        threshold
            In the unit of the field: m for ``max_depth``.
        field
            A map of the runs: ``max_depth``, ``duration``, ``max_hazard``, …
        members
            Which members count; None takes all that are finished.
        """
        return maps.exceedance(self, threshold, field, members=members)

    def quantiles(
        self,
        probabilities: ArrayLike,
        field: str = "max_depth",
        *,
        members: Sequence[int] | None = None,
    ) -> xr.DataArray:
        """
        Return quantiles of *field* over the members, (quantile, y, x); see :meth:`exceedance`.

        The quantile is a value that a member has, with at least that share of members at or below
        it. A time that never came, NaN, counts as later than all others.
        """
        return maps.quantiles(self, probabilities, field, members=members)

    def streets(
        self, depth_m: float = 0.3, *, members: Sequence[int] | None = None
    ) -> pd.DataFrame:
        """
        Return how likely each street stands under *depth_m*, the likeliest first.

        Columns: ``segment_id``, ``name``, ``length_m``, ``probability``, and ``p50_depth_m``.
        """
        return maps.streets(self, depth_m, members=members)

    # Tables

    def figure_table(
        self,
        figures: Sequence[str] | None = None,
        *,
        by: str | Sequence[str] = (),
        confidence: float = 0.95,
    ) -> pd.DataFrame:
        """
        Return mean, its interval, and quantiles of key figures over members.

        Parameters
        ----------
        figures
            Names of figures; None takes all.
        by
            Factors by whose values members are grouped.
        confidence
            Of the interval of the mean (Student's t).
        """
        return tables.figure_table(self, figures, by=by, confidence=confidence)

    def compare(
        self,
        factor: str,
        first: object,
        second: object,
        figures: Sequence[str] | None = None,
        *,
        confidence: float = 0.95,
    ) -> pd.DataFrame:
        """
        Compare two values of a factor pair by pair: same other factors, same replication.

        Returns
        -------
        pandas.DataFrame
            By figure: ``pairs``, ``unpaired``, means of both, ``difference`` (second less first)
            with its interval, pairs in which it ``rose`` and ``fell``, and ``p_sign``, of the
            two-sided sign test.
        """
        return tables.compare(self, factor, first, second, figures, confidence=confidence)

    def sensitivity(self, figure: str) -> pd.DataFrame:
        """
        Return how much each factor matters for a key figure, by the method of the design.

        Sobol designs give first-order and total indices, Morris designs elementary effects, full
        factorials exact shares of variance, others delta and first-order indices from the given
        data; see the column ``method``.
        """
        return sensitivity.indices(self, figure)

    # One member

    def scenario(self, member: int) -> Scenario:
        """Return the scenario of a member, for :func:`twin.run` to compute with all detail."""
        found = self.plan.member(member)
        return stored_scenario(self.store, self.plan, self._base, found.point, found.seed)

    def flood(self, member: int) -> Run:
        """
        Return the run of the water of a member.

        Raises
        ------
        StoreError
            If it stays dry, or is not finished.
        """
        found = self.plan.member(member)
        digest = found.flood
        if not digest or not self.store.has_flood(digest):
            raise StoreError(
                "this member has no flood" if not digest else "this flood is not finished",
                where=self.id,
                value=member,
            )
        self.store.folder(f"cities/{self.plan.points[found.point].city}")
        return Run(self.store.folder(f"floods/{digest}"))

    def events(self, member: int) -> pd.DataFrame:
        """
        Return the event log of the response of a member; empty where nothing happened.

        Raises
        ------
        StoreError
            If the member is not finished, or its events were not kept.
        """
        name = f"sweeps/{self.id}/members/{self.plan.member(member).index:06d}"
        if not self.store.exists(f"{name}.json"):
            raise StoreError("this member is not finished", where=self.id, value=member)
        if not self.plan.events:
            raise StoreError(
                "the sweep kept no events",
                where=self.id,
                remedy="Run it with `keep: {events: true}`, or run `scenario(member)` alone.",
            )
        with suppress(FileNotFoundError):
            return pd.read_parquet(io.BytesIO(self.store.read(f"{name}.parquet")))
        return pd.DataFrame()

    def chosen(self, members: Sequence[int] | None = None) -> pd.DataFrame:
        """
        Return the rows of some members; of all that are finished where *members* is None.

        Raises
        ------
        InvalidInputError
            If one of them is not finished, or there is none.
        """
        found = self.table
        if members is not None:
            wanted = [int(member) for member in members]
            missing = sorted(set(wanted) - set(found["member"]))
            if missing:
                raise InvalidInputError(
                    "this member is not finished, or does not exist",
                    where=self.id,
                    value=missing[0],
                )
            found = found[found["member"].isin(wanted)]
        if not len(found):
            raise InvalidInputError("no member is finished", where=self.id)
        return found

    @cached_property
    def _base(self) -> Scenario:
        return parse_stored(self.store, f"sweeps/{self.id}/base.yaml")


def flat_figures(kpis: Mapping[str, Any], before: str = "") -> dict[str, float]:
    """Return every number of nested key figures by its path; NaN where there is none."""
    found: dict[str, float] = {}
    for name, value in kpis.items():
        path = f"{before}{name}"
        if isinstance(value, Mapping):
            found |= flat_figures(value, f"{path}/")
        elif value is None:
            found[path] = float("nan")
        elif isinstance(value, int | float):
            found[path] = float(value)
    return found


def _table(store: EnsembleStore, plan: PlanRecord) -> pd.DataFrame:
    folder = f"sweeps/{plan.sweep_id}/members"
    rows = []
    for name in store.names(folder):
        if not name.endswith(".json"):
            continue
        record = store.read_document(f"{folder}/{name}")
        values = plan.points[record["point"]].chosen
        rows.append(
            {
                **{column: record[column] for column in INDEX_COLUMNS},
                **{factor: shown(value) for factor, value in values.items()},
                **flat_figures(record["kpis"]),
            }
        )
    columns = None if rows else [*INDEX_COLUMNS, *(plan.points[0].chosen if plan.points else ())]
    return pd.DataFrame(rows, columns=columns)


def collect(store: EnsembleStore, plan: PlanRecord, spent: Mapping[str, float]) -> None:
    """
    Gather all members in one table, and say what was done.

    *spent* holds what this call added, s: ``wall_s``, ``busy_s`` of all workers, and ``cpu_s``.
    """
    folder = f"sweeps/{plan.sweep_id}"
    table = _table(store, plan)
    names = [n for n in store.names(f"{folder}/members") if n.endswith(".json")]
    results = {n[:-5]: store.read_document(f"{folder}/members/{n}")["digest"] for n in names}
    floods = {
        digest: store.read(f"floods/{digest}/digest.txt").decode().strip()
        for digest in sorted(set(table["flood"]) - {""})
    }
    before: dict[str, Any] = {}
    with suppress(FileNotFoundError):
        before = store.read_document(f"{folder}/summary.json")
    store.write(f"{folder}/table.parquet", parquet_bytes(table))
    summary = {
        "sweep": plan.sweep_id,
        "members": plan.n_members,
        "finished": len(table),
        "failed": len(store.names(f"{folder}/failed")),
        "floods": len(floods),
        "digest": digest_of({"members": results, "floods": floods}),
        **{name: round(before.get(name, 0.0) + value, 3) for name, value in spent.items()},
    }
    store.write_document(f"{folder}/summary.json", summary)
