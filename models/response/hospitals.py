"""Hospitals: beds that are free, kept, or taken, and the queue at the door."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from models.errors import InternalError, InvalidQuantityError, ScenarioError
from models.response.context import wake
from models.response.policies import HospitalView, soonest

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    import simpy

    from models.response.context import Context
    from models.response.policies import HospitalPolicy
    from models.response.units import Unit

__all__ = ["GENERAL", "ISOLATION", "FacilitySpec", "Hospital", "Hospitals"]

#: Emergency beds of all kinds.
GENERAL: Final = "general"
#: Beds that are decontaminated after each patient.
ISOLATION: Final = "isolation"


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilitySpec:
    """
    A place that units belong to or bring patients to.

    Parameters
    ----------
    id
        Unique name.
    kind
        ``hospital``, or any kind of station.
    node
        Road node at its door.
    x_m, y_m
        Where it is, m.
    beds
        Emergency beds of a hospital; None means that beds do not limit it (or are not known).
    wards
        Beds of further kinds, such as ``intensive`` and ``isolation``. A patient who needs a kind
        that no hospital has goes to an emergency bed.
    """

    id: str
    kind: str
    node: int
    x_m: float = math.nan
    y_m: float = math.nan
    beds: int | None = None
    wards: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        where = f"facility {self.id!r}"
        if not self.id:
            raise InvalidQuantityError("a facility needs a name", remedy="Give it an id.")
        if self.node < 0:
            raise InvalidQuantityError(
                "the facility has no road node",
                where=where,
                value=self.node,
                remedy="Snap it to the nearest node, or leave it out.",
            )
        if GENERAL in self.wards or min(self.wards.values(), default=0) < 0:
            raise InvalidQuantityError(
                "wards are of further kinds, with zero or more beds",
                where=where,
                value=dict(self.wards),
            )
        if self.beds is not None and self.beds < 0:
            raise InvalidQuantityError("beds must be zero or more", where=where, value=self.beds)


@dataclass(slots=True, eq=False)
class Hospital:
    """
    A hospital, or one kind of its beds, while the run lasts.

    Every bed is free, kept for a patient on the way, or taken. ``queue`` holds the doors at which
    units wait: events that succeed with True for a bed, with False where the hospital closes.
    """

    index: int
    spec: FacilitySpec
    beds: int | None
    ward: str = GENERAL
    is_open: bool = True
    kept: int = 0
    taken: int = 0
    power: bool = True
    with_power: int | None = field(init=False)
    queue: deque[simpy.Event] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self.with_power = self.beds

    @property
    def free_beds(self) -> float:
        """Beds neither kept nor taken; inf where beds do not limit; negative after beds went."""
        return math.inf if self.beds is None else float(self.beds - self.kept - self.taken)


@dataclass(slots=True)
class Hospitals:
    """All hospitals of a run, and the choice among them."""

    context: Context
    hospitals: tuple[Hospital, ...]
    policy: HospitalPolicy
    coming: dict[int, tuple[Unit, Hospital]] = field(default_factory=dict)

    def choose(
        self, vehicle_class: int, origin: int, barred: Container[int] = (), bed: str = GENERAL
    ) -> tuple[Hospital, float] | None:
        """
        Return the hospital for a patient at *origin* with the seconds to it, or None.

        *barred* are the indices of hospitals to which the way turned out to be closed, *bed* is
        the kind of bed that the patient needs.
        """
        ward = bed if any(h.ward == bed for h in self.hospitals) else GENERAL
        usable = [
            h
            for h in self.hospitals
            if h.ward == ward and h.is_open and h.beds != 0 and h.index not in barred
        ]
        if not usable:
            return None
        seconds = self.context.network.times_from(
            vehicle_class, origin, np.array([h.spec.node for h in usable], dtype=np.int64)
        )
        view = HospitalView(
            seconds=seconds,
            free_beds=np.array([h.free_beds for h in usable]),
            queue_length=np.array([len(h.queue) for h in usable], dtype=np.int64),
        )
        choice = soonest(view) if self.context.triage else self.policy(view)
        if choice < 0:
            return None
        if choice >= len(usable) or not math.isfinite(seconds[choice]):
            raise ScenarioError(
                "a hospital policy must choose a reachable hospital or -1",
                where=f"hospital policy {self.context.parameters.hospital_policy!r}",
                value=choice,
                remedy="Return the place of a finite travel time in the view.",
            )
        return usable[choice], float(seconds[choice])

    def keep(self, hospital: Hospital) -> bool:
        """Keep a bed for a patient on the way, if one is free."""
        if hospital.beds is None or hospital.free_beds < 1.0:
            return False
        hospital.kept += 1
        return True

    def release(self, hospital: Hospital) -> None:
        """Give up a kept bed; whoever waits at the door gets it."""
        _require_positive(hospital, "kept", hospital.kept)
        hospital.kept -= 1
        self._serve_queue(hospital)

    def enter(self, hospital: Hospital, *, kept: bool) -> simpy.Event | None:
        """Take a bed; return None if that worked, else an event to wait for at the door."""
        if kept:
            _require_positive(hospital, "kept", hospital.kept)
            hospital.kept -= 1
        elif hospital.free_beds < 1.0:
            door = self.context.env.event()
            hospital.queue.append(door)
            return door
        self._take(hospital)
        return None

    def stay(self, hospital: Hospital, stay_s: float) -> None:
        """Let a patient who took a bed leave it after a time; then it may be decontaminated."""
        if hospital.ward == ISOLATION:
            stay_s += self.context.parameters.bed_decontamination_s
        timeout = self.context.env.timeout(stay_s)
        timeout.callbacks.append(lambda _: self._free(hospital))

    def set_ward(
        self, ward: Hospital, *, is_open: bool | None, beds: int | None, power: bool | None
    ) -> None:
        """Open or close beds of one kind, give their number, or cut their power."""
        if beds is not None:
            ward.with_power = beds
        if power is not None:
            ward.power = power
        if ward.with_power is not None and (beds is not None or power is not None):
            share = 1.0 if ward.power else self.context.parameters.beds_without_power
            beds = math.floor(ward.with_power * share)
        self.change(ward, is_open=is_open, beds=beds)

    def change(self, hospital: Hospital, *, is_open: bool | None, beds: int | None) -> None:
        """Open or close a hospital, or change its beds; those at a closed door turn away."""
        if is_open is not None:
            hospital.is_open = is_open
        if beds is not None:
            hospital.beds = beds
        self.context.emit(
            "hospital_changed",
            facility=hospital.spec.id,
            value=hospital.free_beds,
            detail={"open": hospital.is_open, "beds": hospital.beds, "ward": hospital.ward},
        )
        if hospital.is_open and hospital.beds != 0:
            self._serve_queue(hospital)
        else:
            while hospital.queue:
                hospital.queue.popleft().succeed(value=False)
            for unit, goal in self.coming.values():
                if goal is hospital:
                    unit.redirected = True
                    wake(unit)

    def _take(self, hospital: Hospital) -> None:
        hospital.taken += 1
        if hospital.beds is not None:
            self._tell("bed_taken", hospital)

    def _free(self, hospital: Hospital) -> None:
        _require_positive(hospital, "taken", hospital.taken)
        hospital.taken -= 1
        if hospital.beds is not None:
            self._tell("bed_freed", hospital)
        self._serve_queue(hospital)

    def _tell(self, kind: str, hospital: Hospital) -> None:
        self.context.emit(
            kind,
            facility=hospital.spec.id,
            value=hospital.free_beds,
            detail={"ward": hospital.ward},
        )

    def _serve_queue(self, hospital: Hospital) -> None:
        while hospital.queue and hospital.free_beds >= 1.0:
            self._take(hospital)
            hospital.queue.popleft().succeed(value=True)


def _require_positive(hospital: Hospital, what: str, count: int) -> None:
    if count < 1:
        raise InternalError(
            f"a bed is given up that was not {what}",
            where=f"hospital {hospital.spec.id!r}",
            value=count,
            remedy="Report this, with the scenario.",
        )


def hospitals_of(facilities: Sequence[FacilitySpec]) -> tuple[Hospital, ...]:
    """Return the beds of each kind of the hospitals among the facilities, in their order."""
    chosen = [facility for facility in facilities if facility.kind == "hospital"]
    kinds = [
        (spec, beds, ward)
        for spec in chosen
        for ward, beds in ((GENERAL, spec.beds), *sorted(spec.wards.items()))
    ]
    return tuple(Hospital(index, *kind) for index, kind in enumerate(kinds))
