"""
Every figure of the response, with its default and where the default comes from.

``sources(ResponseParameters)`` lists them for people. *Assumed* means that no publication is
behind the value, and that a planner should replace it with their own.
"""

# ruff: noqa: RUF009 - every call in a default makes a frozen value
from __future__ import annotations

import math
from dataclasses import MISSING, dataclass, field, fields
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from models.errors import InvalidQuantityError
from models.response.alarms import Alarm, require_card
from models.response.distributions import Constant, Distribution, Exponential, LogNormal
from models.response.incidents import AMBULANCE, FIRE, INCIDENT_KINDS, RESCUE, IncidentKind
from models.response.turnout import TurnoutSpan, require_apart

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.response.fuel import Refuelling
    from models.response.mishaps import Breakdowns, WaterLoss

__all__ = ["FireParameters", "ResponseParameters", "Source", "sources"]

JEMSS: Final = "JEMSS Auckland model (Ridler, Mason & Raith 2022)"
NFPA_1710: Final = "NFPA 1710 (2020), 4.1.2.1"
ASSUMED: Final = "assumed"


@dataclass(frozen=True, slots=True)
class Source:
    """One parameter, its default, its unit and where the default comes from."""

    name: str
    default: object
    unit: str
    source: str


def _given[T](default: T, source: str, unit: str = "") -> T:
    """Return a dataclass field with *default*, and its source beside it."""
    notes = {"source": source, "unit": unit}
    if getattr(default, "__hash__", None) is None or isinstance(default, MappingProxyType):
        built: Any = field(default_factory=lambda: default, metadata=notes)
    else:
        built = field(default=default, metadata=notes)
    return built  # type: ignore[no-any-return]  # dataclasses.field lies about its type, so do we


def _by_service(
    ambulance: Distribution, fire: Distribution, rescue: Distribution
) -> Mapping[str, Distribution]:
    return MappingProxyType({AMBULANCE: ambulance, FIRE: fire, RESCUE: rescue})


def _require(
    name: str, value: float, *, above: float | None = None, most: float = math.inf
) -> None:
    low = value >= 0.0 if above is None else value > above
    if not (math.isfinite(value) and low and value <= most):
        limit = "zero or more" if above is None else f"above {above:g}"
        most_text = "" if most == math.inf else f" and at most {most:g}"
        raise InvalidQuantityError(
            f"{name} must be {limit}{most_text}", where="response parameters", value=value
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FireParameters:
    """
    How fires are put out.

    The work of extinguishing is a drawn duration, longer for larger fires, and it goes on at the
    rate at which water flows relative to the flow that the fire needs.
    """

    engines_by_area: tuple[tuple[float, int], ...] = _given(
        ((50.0, 1), (200.0, 2), (500.0, 3), (1500.0, 4), (math.inf, 6)),
        f"{ASSUMED}; run card: engines up to this floor area",
        "m2, engines",
    )
    work: Distribution = _given(
        LogNormal(7.046, 0.701), "time of a resource at fires in a US department's log of 2019", "s"
    )
    reference_area_m2: float = _given(150.0, f"{ASSUMED}; the area at which work is as drawn", "m2")
    area_exponent: float = _given(0.5, f"{ASSUMED}; work grows with area to this power")
    growth_kw_s2: float = _given(
        0.0, "off; heat release grows by this times the time squared (NFPA 204, t-squared fires)"
    )
    heat_kw_m2: float = _given(
        250.0, "heat release of dwellings and offices by floor area, EN 1991-1-2 table E.5", "kW/m2"
    )
    most_area_m2: float = _given(1e4, f"{ASSUMED}; no fire grows beyond this", "m2")
    involvement: float = _given(0.5, f"{ASSUMED}; share of the area on fire")
    set_up_s: float = _given(60.0, f"{ASSUMED}; from arrival to the first water", "s")
    hose_lay_m_s: float = _given(1.0, f"{ASSUMED}; speed of laying hose from a source", "m/s")
    hose_detour: float = _given(1.3, f"{ASSUMED}; hose laid per metre as the crow flies")
    hydrant_credit: tuple[tuple[float, float], ...] = _given(
        ((91.4, 63.1), (182.9, 42.3), (304.8, 15.8)),
        "ISO Fire Suppression Rating Schedule: 1000, 670 and 250 gpm within 300, 600 and 1000 ft "
        "of hose; open water is credited alike (assumed)",
        "m, l/s",
    )
    look_again_s: float = _given(
        300.0, f"{ASSUMED}; while water is shuttled, sources are looked for this often", "s"
    )
    shuttle_rate: float = _given(
        0.5, f"{ASSUMED}; least rate of work where sources give too little or nothing"
    )

    def __post_init__(self) -> None:
        for name in (
            *("reference_area_m2", "hose_lay_m_s", "hose_detour", "look_again_s"),
            *("heat_kw_m2", "most_area_m2"),
        ):
            _require(name, getattr(self, name), above=0.0)
        _require("growth_kw_s2", self.growth_kw_s2)
        _require("area_exponent", self.area_exponent)
        _require("set_up_s", self.set_up_s)
        _require("involvement", self.involvement, above=0.0, most=1.0)
        _require("shuttle_rate", self.shuttle_rate, above=0.0, most=1.0)
        if not self.engines_by_area or self.engines_by_area[-1][0] != math.inf:
            raise InvalidQuantityError(
                "the run card must end with an area without limit",
                where="engines_by_area",
                value=self.engines_by_area,
            )
        for name in ("engines_by_area", "hydrant_credit"):
            rows = getattr(self, name)
            limits = [limit for limit, _ in rows]
            if any(b <= a for a, b in pairwise(limits)) or any(value <= 0 for _, value in rows):
                raise InvalidQuantityError(
                    "the limits must rise, and what they give must be above 0",
                    where=name,
                    value=rows,
                )

    def engines(self, area_m2: float) -> int:
        """Return how many engines the run card sends to a fire of this floor area, m2."""
        return next(count for limit, count in self.engines_by_area if area_m2 <= limit)

    def area_m2(self, first_m2: float, burning_s: float) -> float:
        """Return the floor area on fire after a time without water, m2."""
        grown_m2 = first_m2 + self.growth_kw_s2 * burning_s * burning_s / self.heat_kw_m2
        return max(first_m2, min(grown_m2, self.most_area_m2))

    def burning_s(self, first_m2: float, area_m2: float) -> float:
        """Return after which time without water a fire has this area, s; inf for never."""
        if area_m2 <= first_m2:
            return 0.0
        if self.growth_kw_s2 == 0.0 or area_m2 > self.most_area_m2:
            return math.inf
        return math.sqrt((area_m2 - first_m2) * self.heat_kw_m2 / self.growth_kw_s2)

    def needed_flow_l_s(self, area_m2: float) -> float:
        """
        Return the flow that a fire needs, l/s.

        Notes
        -----
        National Fire Academy: floor area in ft2 / 3 x involvement gives gpm.
        """
        return area_m2 * 10.7639 / 3.0 * self.involvement * 0.0630902

    @property
    def hose_length_m(self) -> float:
        """The longest hose with any credit, m."""
        return max((limit for limit, _ in self.hydrant_credit), default=0.0)

    def credited_flow_l_s(self, hose_m: float) -> float:
        """Return the flow that a source gives through this length of hose, l/s."""
        return next((flow for limit, flow in self.hydrant_credit if hose_m <= limit), 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseParameters:
    """Everything about the response that is not a place, a unit or an incident."""

    kinds: Mapping[str, IncidentKind] = _given(
        INCIDENT_KINDS, f"{ASSUMED}; see models.response.incidents"
    )
    dispatch_policy: str = _given("nearest_suitable", "the nearest suitable unit by present time")
    queue_policy: str = _given("priority_then_time", "priority, then time of the call")
    hospital_policy: str = _given(
        "soonest_with_bed", f"{ASSUMED}; soonest reachable with a free bed, else soonest reachable"
    )
    move_up_policy: str = _given("stay", "units wait at their own stations")
    move_up_target_s: float = _given(
        600.0, f"{ASSUMED}; travel time within which a station covers a point", "s"
    )
    busy_share: float = _given(0.3, f"{ASSUMED}; probability that an ambulance is busy")
    compliance_table: tuple[tuple[str, ...], ...] = _given(
        (), "none; stations wanted with 1, 2, 3 … free ambulances"
    )
    queue_capacity: int | None = _given(
        None, "no limit; 0 loses an incident for which no unit is free"
    )
    call_takers: int | None = _given(None, "no limit: every call is answered at once")
    call_taking: Distribution = _given(
        LogNormal.of_mean(60.0, 0.5), f"{ASSUMED}; mean as the 60 s of NFPA 1225", "s"
    )
    patience: Distribution | None = _given(
        None, "no limit: a caller waits until the call is answered", "s"
    )
    dispatch_delay: Distribution = _given(Constant(50.0), JEMSS, "s")
    divert_for_priority: int | None = _given(
        None, "off; calls of this priority or a higher one may take a unit from a lower one"
    )
    diversion_gain_s: float = _given(
        120.0, f"{ASSUMED}; a unit under way is taken only if it is there sooner by this", "s"
    )
    triage_queue: int | None = _given(
        None, "off; from so many incidents waiting for an ambulance on, triage begins"
    )
    triage_end_queue: int = _given(0, f"{ASSUMED}; it ends when no more than these wait")
    advice_from_priority: int = _given(
        3, f"{ASSUMED}; under triage, calls of this priority or a lower one get advice by phone"
    )
    turnout: Mapping[str, Distribution] = _given(
        _by_service(Constant(60.0), Constant(80.0), Constant(180.0)),
        f"{NFPA_1710}; rescue: {ASSUMED}",
        "s",
    )
    turnout_hours: tuple[TurnoutSpan, ...] = _given(
        (), "none: turnout is the same all day; hours of the day with a turnout of their own"
    )
    midnight_s: float = _given(0.0, "time of the local day when the scenario starts", "s")
    on_scene: Mapping[str, Distribution] = _given(
        _by_service(Exponential(720.0), Exponential(1800.0), Exponential(300.0)),
        f"ambulance: {JEMSS}; fire, where nothing burns, and rescue, until people are found: "
        f"{ASSUMED}",
        "s",
    )
    loading: Distribution = _given(Constant(0.0), "within the time on scene", "s")
    transport_probability: float = _given(0.8, JEMSS)
    handover: Distribution = _given(Exponential(720.0), JEMSS, "s")
    clearing: Distribution = _given(Constant(120.0), ASSUMED, "s")
    bed_stay: Distribution = _given(
        LogNormal.of_mean(4.0 * 3600.0, 1.0), f"{ASSUMED}; stay in an emergency bed", "s"
    )
    bed_decontamination_s: float = _given(
        3600.0, f"{ASSUMED}; of an isolation bed after each patient", "s"
    )
    unit_decontamination_s: float = _given(
        1800.0, f"{ASSUMED}; of an ambulance after a patient who needs isolation", "s"
    )
    beds_without_power: float = _given(
        0.3, f"{ASSUMED}; share of its beds that a hospital keeps up on its generators"
    )
    transport_wait_limit_s: float = _given(
        7200.0, f"{ASSUMED}; after this a patient whom no hospital can take is treated on scene"
    )
    boarding_s: float = _given(30.0, f"{ASSUMED}; taking one person out of the water", "s")
    ashore_s: float = _given(60.0, f"{ASSUMED}; letting people ashore", "s")
    shore_wait_s: float = _given(
        1800.0,
        f"{ASSUMED}; a rescue unit stays so long with patients until an ambulance comes",
        "s",
    )
    stranding_recovery_s: float = _given(
        900.0, f"{ASSUMED}; from passable road to a vehicle that drives again", "s"
    )
    breakdowns: Breakdowns | None = _given(None, "off; how often vehicles break down")
    refuelling: Refuelling | None = _given(None, "off; when vehicles refuel")
    water_loss: WaterLoss | None = _given(
        None, "off: every stranded vehicle drives again when the water falls"
    )
    replan_growth_s: float = _given(
        15.0, f"{ASSUMED}; growth of the remaining time at which a driver looks for another way"
    )
    record_routes: bool = _given(default=True, source="edges driven are written to the log")
    targets_s: Mapping[str, Mapping[int, float]] = _given(
        MappingProxyType(
            {
                AMBULANCE: MappingProxyType({1: 900.0, 2: 900.0, 3: 900.0}),
                FIRE: MappingProxyType({1: 380.0, 2: 380.0, 3: 380.0}),
                RESCUE: MappingProxyType({}),
            }
        ),
        "from call to arrival; ambulance: Vietnam's 115 plans for 15 min; fire: 60 s alarm "
        f"handling, 80 s turnout and 240 s travel of the first engine, {NFPA_1710}",
        "s",
    )
    fire: FireParameters = _given(FireParameters(), "see FireParameters")
    run_cards: Mapping[str, tuple[Alarm, ...]] = _given(
        MappingProxyType({}), "none; by kind of incident, the units of each alarm"
    )

    def __post_init__(self) -> None:
        _require("busy_share", self.busy_share, most=1.0)
        _require("move_up_target_s", self.move_up_target_s, above=0.0)
        _require("transport_probability", self.transport_probability, most=1.0)
        _require("beds_without_power", self.beds_without_power, most=1.0)
        for name in (
            "transport_wait_limit_s",
            "stranding_recovery_s",
            "bed_decontamination_s",
            "unit_decontamination_s",
            "boarding_s",
            "ashore_s",
            "shore_wait_s",
            "replan_growth_s",
            "diversion_gain_s",
            "triage_end_queue",
        ):
            _require(name, getattr(self, name))
        _require("advice_from_priority", self.advice_from_priority, above=0.0)
        if self.divert_for_priority is not None:
            _require("divert_for_priority", self.divert_for_priority, above=0.0)
        if self.triage_queue is not None and self.triage_queue <= self.triage_end_queue:
            raise InvalidQuantityError(
                "triage must begin at a longer queue than the one at which it ends",
                where="response parameters",
                value=(self.triage_queue, self.triage_end_queue),
            )
        if self.call_takers is not None:
            _require("call_takers", self.call_takers, above=0.0)
        _require("midnight_s", self.midnight_s, most=86400.0)
        require_apart(self.turnout_hours)
        for kind, card in self.run_cards.items():
            require_card(kind, card)
        if self.queue_capacity is not None:
            _require("queue_capacity", self.queue_capacity)
        for service, targets in self.targets_s.items():
            for priority, target_s in targets.items():
                _require(f"targets_s of {service}, priority {priority}", target_s, above=0.0)

    def target_s(self, service: str, priority: int) -> float:
        """Return the target from call to arrival, s; NaN where none is set."""
        return self.targets_s.get(service, {}).get(priority, math.nan)


def sources(parameters: type[ResponseParameters | FireParameters]) -> tuple[Source, ...]:
    """Return every parameter with its default, its unit and its source."""
    table = []
    for item in fields(parameters):
        default = item.default
        if default is MISSING and item.default_factory is not MISSING:
            default = item.default_factory()
        notes = item.metadata
        table.append(Source(item.name, default, notes.get("unit", ""), notes.get("source", "")))
    return tuple(table)
