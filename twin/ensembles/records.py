"""The plan of a sweep as it is stored: what every worker and every reader needs to know of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from models.errors import InvalidInputError, StoreError
from twin.engine.streams import Streams
from twin.ensembles.store import FORMAT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue

    from twin.ensembles.store import EnsembleStore

__all__ = ["FloodRecord", "Member", "PlanRecord", "PointRecord"]

_LARGEST_SEED = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class PointRecord:
    """
    A combination of values, with what it needs.

    Parameters
    ----------
    chosen
        By factor: a value, or the name of a case.
    unit
        By factor: its place in the unit interval; NaN where a list gave the value.
    changes
        What it changes in the base scenario, by path, in order.
    floods
        Digest of the flood of all replications, or of each where they do not share it; empty where
        all stays dry.
    city
        Digest of the city.
    own
        Whether its scenario is stored as a document of its own.
    """

    chosen: dict[str, JsonValue]
    unit: tuple[float, ...]
    changes: tuple[tuple[str, JsonValue], ...]
    floods: tuple[str, ...]
    city: str
    own: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FloodRecord:
    """From which point a flood comes, and from which seed where it depends on one."""

    point: int
    seed: int | None
    city: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One run of an ensemble: a replication of a point."""

    index: int
    point: int
    replication: int
    seed: int
    flood: str


@dataclass(frozen=True, kw_only=True)
class PlanRecord:
    """
    What a sweep computes.

    Parameters
    ----------
    sweep_id, name
        Its name in the store, and in its document.
    created
        When it was planned first, with a zone.
    code
        Version of the program that planned it.
    seed, common
        From which the seeds of members follow, and whether points share those of replications.
    replications
        Members of each point.
    points, floods
        In order of the design; and by digest.
    whole
        Whether every member is run as a whole, since its residents look at the water.
    frames, events
        What is kept.
    """

    sweep_id: str
    name: str
    created: datetime
    code: str
    seed: int
    common: bool
    replications: int
    points: tuple[PointRecord, ...]
    floods: Mapping[str, FloodRecord]
    whole: bool
    frames: bool
    events: bool

    @property
    def n_members(self) -> int:
        """Number of members."""
        return len(self.points) * self.replications

    def seed_of(self, point: int, replication: int) -> int:
        """Return the seed of a replication: the same at every point with common numbers."""
        return member_seed(self.seed, point, replication, of=self.replications, common=self.common)

    def member(self, index: int) -> Member:
        """
        Return a member by its number.

        Raises
        ------
        InvalidInputError
            If there is none of that number.
        """
        if not 0 <= index < self.n_members:
            raise InvalidInputError(
                "there is no such member",
                where=self.sweep_id,
                value=index,
                remedy=f"Choose from 0 to {self.n_members - 1}.",
            )
        point, replication = divmod(index, self.replications)
        shared = self.points[point].floods
        return Member(
            index=index,
            point=point,
            replication=replication,
            seed=self.seed_of(point, replication),
            flood=shared[replication] if len(shared) > 1 else shared[0],
        )

    def write(self, store: EnsembleStore) -> None:
        """Write it to ``plan.json`` of the sweep."""
        document = {
            "format": FORMAT, "sweep": self.sweep_id, "name": self.name, "code": self.code,
            "created": self.created.isoformat(), "seed": self.seed, "common": self.common,
            "replications": self.replications, "whole": self.whole, "frames": self.frames,
            "events": self.events,
            "points": [
                {
                    "values": p.chosen,
                    "unit": [None if u != u else u for u in p.unit],  # noqa: PLR0124 - NaN is the one value unlike itself
                    "changes": [list(change) for change in p.changes],
                    "floods": list(p.floods),
                    "city": p.city,
                    "own": p.own,
                }
                for p in self.points
            ],
            "floods": {
                digest: {"point": f.point, "seed": f.seed, "city": f.city}
                for digest, f in self.floods.items()
            },
        }  # fmt: skip
        store.write_document(f"sweeps/{self.sweep_id}/plan.json", document)

    @classmethod
    def read(cls, store: EnsembleStore, sweep_id: str) -> PlanRecord:
        """
        Read the plan of a sweep.

        Raises
        ------
        StoreError
            If there is no such sweep, or a newer version wrote it, or it is damaged.
        """
        name = f"sweeps/{sweep_id}/plan.json"
        try:
            found = store.read_document(name)
        except FileNotFoundError as error:
            raise StoreError(
                "there is no such sweep",
                where=store.url,
                value=sweep_id,
                remedy="`twin sweep list` shows those that are there.",
            ) from error
        if found.get("format") != FORMAT:
            raise StoreError(
                "the sweep was written by another version of this program",
                where=f"{store.url}/{name}",
                value=f"format {found.get('format')}",
                remedy=f"This version reads format {FORMAT}; update it.",
            )
        try:
            return cls._from(found)
        except (KeyError, TypeError, ValueError) as error:
            raise StoreError(
                "the plan of the sweep is damaged",
                where=f"{store.url}/{name}",
                remedy="Remove the sweep and start it again; its floods are kept.",
            ) from error

    @classmethod
    def _from(cls, found: Mapping[str, Any]) -> PlanRecord:
        return cls(
            sweep_id=found["sweep"],
            name=found["name"],
            created=datetime.fromisoformat(found["created"]),
            code=found["code"],
            seed=found["seed"],
            common=found["common"],
            replications=found["replications"],
            points=tuple(
                PointRecord(
                    chosen=dict(p["values"]),
                    unit=tuple(float("nan") if u is None else u for u in p["unit"]),
                    changes=tuple((path, value) for path, value in p["changes"]),
                    floods=tuple(p["floods"]),
                    city=p["city"],
                    own=p["own"],
                )
                for p in found["points"]
            ),
            floods={digest: FloodRecord(**f) for digest, f in found["floods"].items()},
            whole=found["whole"],
            frames=found["frames"],
            events=found["events"],
        )


def member_seed(seed: int, point: int, replication: int, *, of: int, common: bool) -> int:
    """Return the seed of a replication, out of *of*, from that of the sweep."""
    index = replication if common else point * of + replication
    return int(Streams(seed)("replication", index).integers(0, _LARGEST_SEED))
