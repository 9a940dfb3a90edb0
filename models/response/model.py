"""The response as the engine sees it: report, tell of roads and units, look, finish."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from models.errors import InternalError, InvalidQuantityError
from models.response.calls import Calls, Streams, by_time
from models.response.context import Context, Steps, wake
from models.response.dispatch import Dispatcher
from models.response.driving import settle
from models.response.fire import WaterMap
from models.response.hospitals import (
    GENERAL,
    FacilitySpec,
    Hospital,
    Hospitals,
    hospitals_of,
)
from models.response.incidents import AMBULANCE
from models.response.lifecycle import Lifecycle
from models.response.moveup import Mover, demand_of
from models.response.network import MeetsTruth
from models.response.parameters import ResponseParameters
from models.response.policies import Policies, named
from models.response.roster import muster
from models.response.trips import Change
from models.response.units import OFF_DUTY, Unit, UnitSpec, UnitState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import simpy
    from numpy.typing import NDArray

    from models.response.alarms import Aid
    from models.response.events import Event, Json
    from models.response.incidents import IncidentSpec
    from models.response.network import FloatArray, IntArray, Network

__all__ = ["UNIT_STATES", "ResponseModel", "UnitPositions"]

#: The states of a unit in the order of their codes in :class:`UnitPositions`.
UNIT_STATES: Final = tuple(UnitState)

_STATE_CODE: Final = {state: code for code, state in enumerate(UNIT_STATES)}
_BEFORE_SCENE: Final = (UnitState.TURNOUT, UnitState.TO_SCENE)
_NO_NODES: Final = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitPositions:
    """
    Where all units are; arrays of shape (n,), in the order of the fleet.

    Parameters
    ----------
    x_m, y_m
        Place, m; between two nodes on the straight line.
    node
        Node stood at or driven to.
    edge
        Edge driven on, -1 at a node.
    fraction
        Part of the edge driven, 0 at a node.
    state
        Place in :data:`UNIT_STATES`.
    """

    x_m: FloatArray
    y_m: FloatArray
    node: IntArray
    edge: IntArray
    fraction: FloatArray
    state: NDArray[np.int8]


@dataclass(slots=True)
class ResponseModel:
    """
    Emergency services on a road network, as processes of a SimPy environment.

    Parameters
    ----------
    env
        The clock, s since the scenario's start.
    network
        The roads; call :meth:`roads_changed` after each change of its travel times.
    units
        The fleet; may be empty.
    facilities
        Stations and hospitals; hospitals are those of kind ``hospital``.
    hydrant_nodes, open_water_nodes
        Road nodes at which a fire engine can draw water.
    parameters
        Durations, probabilities, targets and the names of the policies.
    streams
        Gives the generator of a purpose and an index in [0, 2**63). Every draw of an incident
        comes from ``streams("incident", incident_index(id))``, in an order that depends on
        nothing but what the incident needs.
    log
        Takes the events, in order of time.
    policies
        The functions that the parameters may name.
    aid
        Units of neighbours, out of service until they are called and have arrived.
    demand_nodes, demand_weight
        Road nodes near which calls are expected, and their weights (all alike without); a move-up
        policy needs them.

    Raises
    ------
    InvalidQuantityError
        If a unit names a station that is not there, a service without times, or a name is double.
    ScenarioError
        If a policy does not exist.
    """

    env: simpy.Environment
    network: Network
    units: Sequence[UnitSpec]
    facilities: Sequence[FacilitySpec]
    streams: Streams
    log: Callable[[Event], None]
    hydrant_nodes: IntArray = field(default_factory=_NO_NODES.copy)
    open_water_nodes: IntArray = field(default_factory=_NO_NODES.copy)
    parameters: ResponseParameters = field(default_factory=ResponseParameters)
    policies: Policies = field(default_factory=Policies)
    demand_nodes: IntArray = field(default_factory=_NO_NODES.copy)
    demand_weight: FloatArray | None = None
    aid: Sequence[Aid] = ()
    fleet: tuple[Unit, ...] = field(init=False)
    _context: Context = field(init=False, repr=False)
    _hospitals: Hospitals = field(init=False, repr=False)
    _dispatcher: Dispatcher = field(init=False, repr=False)
    _calls: Calls = field(init=False, repr=False)
    _finished: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        parameters, policies = self.parameters, self.policies
        self._context = Context(self.env, self.network, parameters, self.log)
        self.fleet = muster(self.units, self.facilities, parameters)
        self._hospitals = Hospitals(
            self._context,
            hospitals_of(self.facilities),
            named(policies.hospital, parameters.hospital_policy, "hospital"),
        )
        self._dispatcher = Dispatcher(
            self._context,
            self.fleet,
            named(policies.dispatch, parameters.dispatch_policy, "dispatch"),
            named(policies.queue, parameters.queue_policy, "queue"),
        )
        self._dispatcher.mover = self._mover()
        self._dispatcher.aid = list(self.aid)
        self._dispatcher.bring_aid = lambda aid: self._start(self._bring_aid(aid))
        self._calls = Calls(self._context, self._dispatcher, self.streams)
        lifecycle = Lifecycle(
            self._context, self._dispatcher, self._calls, self._hospitals, self._water()
        )
        for unit in self.fleet:
            self._dispatcher.refresh(unit)
            unit.process = self.env.process(lifecycle.live(unit))
            if unit.spec.on_duty:
                self.env.process(self._keep_shifts(unit))

    def _start(self, steps: Steps[None]) -> None:
        self.env.process(steps)

    def _bring_aid(self, aid: Aid) -> Steps[None]:
        """Put the units of a neighbour in service when they have arrived."""
        yield self.env.timeout(aid.delay_s)
        for unit_id in aid.units:
            if not self._finished:
                self.set_unit_service(unit_id, in_service=True)

    def _keep_shifts(self, unit: Unit) -> Steps[None]:
        """Put a unit in service when a shift begins, and out of it when it ends."""
        for start_s, end_s in unit.spec.on_duty:
            for moment_s, in_service in ((start_s, True), (end_s, False)):
                if not self.env.now < moment_s < math.inf:
                    continue
                yield self.env.timeout(moment_s - self.env.now)
                if self._finished:
                    return
                self.set_unit_service(unit.spec.id, in_service=in_service)

    def _mover(self) -> Mover:
        """Return what moves ambulances between the stations at which some have their home."""
        parameters = self.parameters
        homes = {unit.spec.station for unit in self.fleet if unit.spec.service == AMBULANCE}
        homes |= {name for row in parameters.compliance_table for name in row}
        points, weight = demand_of(self.demand_nodes, self.demand_weight)
        return Mover(
            self._context,
            named(self.policies.move_up, parameters.move_up_policy, "move-up"),
            tuple(facility for facility in self.facilities if facility.id in homes),
            points,
            weight,
        )

    def _water(self) -> WaterMap:
        node = np.concatenate([self.hydrant_nodes, self.open_water_nodes]).astype(np.int64)
        places = np.array([self.network.node_xy(int(n)) for n in node]).reshape(-1, 2)
        is_hydrant = np.arange(node.size) < len(self.hydrant_nodes)
        return WaterMap(node, places[:, 0], places[:, 1], is_hydrant)

    # What happens to it

    def report(self, incident: IncidentSpec) -> None:
        """
        Take the call about an incident now.

        Raises
        ------
        InvalidQuantityError
            If its name was used before, or its kind or a service it needs is unknown.
        """
        self._require_running()
        self._calls.report(incident)

    def schedule(self, incidents: Iterable[IncidentSpec]) -> None:
        """Report each incident at its own time; those whose time is past are reported at once."""
        self._require_running()
        self.env.process(self._report_each(by_time(list(incidents))))

    def _report_each(self, incidents: Sequence[IncidentSpec]) -> Steps[None]:
        for incident in incidents:
            if incident.time_s > self.env.now:
                yield self.env.timeout(incident.time_s - self.env.now)
            self.report(incident)

    def roads_changed(self) -> None:
        """
        Take in new travel times of the network, which hold from now on.

        Moving units get new times for the way ahead; those for which it matters re-plan, strand
        or turn back, stranded and waiting ones try again, and waiting requests are served anew.
        """
        self._require_running()
        context, now_s = self._context, float(self.env.now)
        growth_s = self.parameters.replan_growth_s
        network = self.network
        told = network if isinstance(network, MeetsTruth) and not network.knows_all else None
        for unit in context.moving.values():
            trip = unit.trip
            if trip is None:
                continue
            change = trip.review(self.network, now_s, growth_s, context.flooded)
            if change is not Change.NONE or (told is not None and trip.heed(told, now_s)):
                wake(unit)
        for unit in (*context.stranded.values(), *context.waiting.values()):
            wake(unit)
        self._dispatcher.dispatch_all()
        self._calls.more.review_boats()

    def set_unit_service(self, unit_id: str, in_service: bool) -> None:
        """
        Put a unit in or out of service.

        A unit on its way to a scene is called off and another is looked for; one at work
        finishes first; both drive home and are out of service there. One that water has ruined
        stays out of service.

        Raises
        ------
        InvalidQuantityError
            If there is no such unit.
        """
        self._require_running()
        unit = self._unit(unit_id)
        if in_service:
            self._put_in_service(unit)
        else:
            self._put_out_of_service(unit)

    def _unit(self, unit_id: str) -> Unit:
        unit = next((unit for unit in self.fleet if unit.spec.id == unit_id), None)
        if unit is None:
            raise InvalidQuantityError("there is no such unit", value=unit_id)
        return unit

    def _put_in_service(self, unit: Unit) -> None:
        if unit.state is UnitState.OUT_OF_SERVICE:
            self._context.enter(unit, UnitState.IDLE, "unit_in_service")
        elif unit.withdrawn and unit.state is not UnitState.WRITTEN_OFF:
            unit.withdrawn = False
            self._context.emit("unit_in_service", unit=unit)
        else:
            return
        self._dispatcher.unit_free(unit)

    def _put_out_of_service(self, unit: Unit) -> None:
        if unit.withdrawn or unit.state in OFF_DUTY:
            return
        if unit.state is UnitState.IDLE:
            self._context.enter(unit, UnitState.OUT_OF_SERVICE, "unit_out_of_service")
            self._dispatcher.refresh(unit)
            return
        unit.withdrawn = True
        self._context.emit("unit_withdrawn", unit=unit)
        self._dispatcher.refresh(unit)
        slot = unit.task
        if slot is not None and unit.state in _BEFORE_SCENE:
            self._calls.stand_down(slot, "out of service")
            self._dispatcher.resubmit(slot, "unit out of service")

    def order(self, unit_id: str, incident_id: str) -> None:
        """
        Send a unit to an incident, whatever the policy says; see :class:`Orders`.

        An incident that is over, or that wants no more units of this service, makes the order
        void, and the log says so.

        Raises
        ------
        InvalidQuantityError
            If there is no such unit, or no such incident was reported.
        """
        self._require_running()
        unit = self._unit(unit_id)
        if incident_id not in self._calls.reported:
            raise InvalidQuantityError(
                "no such incident was reported so far",
                where=f"order to unit {unit_id!r} at {self.env.now:.3f} s",
                value=incident_id,
                remedy="Order units after the call.",
            )
        incident = self._calls.incidents.get(incident_id)
        if incident is None:
            self._context.emit(
                "order_refused", unit=unit, detail={"reason": "over", "incident": incident_id}
            )
            return
        self._dispatcher.orders.give(unit, incident)

    def dispatch_by(self, *, orders_only: bool) -> None:
        """Send units by order only from now on, or by the policy again."""
        self._require_running()
        self._dispatcher.orders.stand_alone(alone=orders_only)

    def set_hospital(
        self,
        hospital_id: str,
        *,
        is_open: bool | None = None,
        beds: int | None = None,
        power: bool | None = None,
    ) -> None:
        """
        Open or close a hospital, change its emergency beds, or cut its power; None: as it is.

        Without power it keeps a share of its beds of every kind, until power comes back.

        Raises
        ------
        InvalidQuantityError
            If there is no such hospital, or beds are negative.
        """
        self._require_running()
        wards = [h for h in self.hospitals if h.spec.id == hospital_id]
        if not wards:
            raise InvalidQuantityError("there is no such hospital", value=hospital_id)
        if beds is not None and beds < 0:
            raise InvalidQuantityError(
                "beds must be zero or more", where=f"hospital {hospital_id!r}", value=beds
            )
        for ward in wards:
            count = beds if ward.ward == GENERAL else None
            self._hospitals.set_ward(ward, is_open=is_open, beds=count, power=power)
        for unit in self._context.waiting.values():
            wake(unit)

    # What can be seen of it

    @property
    def hospitals(self) -> tuple[Hospital, ...]:
        """All hospitals, in the order of the facilities, each kind of bed by itself."""
        return self._hospitals.hospitals

    def snapshot(self) -> dict[str, Json]:
        """Return figures of now: open incidents, missing units by service, units by state."""
        units = {str(state): 0 for state in UNIT_STATES}
        for unit in self.fleet:
            units[unit.state] += 1
        missing: dict[str, Json] = {
            service: sum(len(request.waiting) for request in queue)
            for service, queue in self._dispatcher.queues.items()
        }
        resting = units[UnitState.IDLE] + sum(units[state] for state in OFF_DUTY)
        return {
            "time_s": float(self.env.now),
            "reported": len(self._calls.reported),
            "open_incidents": len(self._calls.incidents),
            "missing_units": missing,
            "units": dict(units),
            "busy_units": len(self.fleet) - resting - units[UnitState.RETURNING],
            "stranded_units": units[UnitState.STRANDED],
        }

    def unit_positions(self) -> UnitPositions:
        """Return where all units are now; looking changes nothing."""
        places = [self._context.place(unit) for unit in self.fleet]
        on_road = [self._context.position(unit) for unit in self.fleet]
        return UnitPositions(
            x_m=np.array([x_m for _, x_m, _ in places], dtype=np.float64),
            y_m=np.array([y_m for _, _, y_m in places], dtype=np.float64),
            node=np.array([node for node, _, _ in on_road], dtype=np.int64),
            edge=np.array([edge for _, edge, _ in on_road], dtype=np.int64),
            fraction=np.array([part for _, _, part in on_road], dtype=np.float64),
            state=np.array([_STATE_CODE[unit.state] for unit in self.fleet], dtype=np.int8),
        )

    def finish(self) -> None:
        """Close the log: legs under way, units still stranded, incidents still open."""
        self._require_running()
        self._finished = True
        context = self._context
        for unit in self.fleet:
            settle(context, unit, "run_end")
            if unit.state is UnitState.STRANDED:
                context.emit("unit_lost", unit=unit, value=self.env.now - unit.since_s)
        self._calls.finish()

    def _require_running(self) -> None:
        if self._finished:
            raise InternalError(
                "the response was finished before",
                where=f"at {self.env.now:.3f} s",
                remedy="Make a new model for a new run.",
            )
