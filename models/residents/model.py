"""
Residents as a Mesa model.

Every household is a :class:`Household`, an agent of Mesa, whose attributes lie in arrays of the
model. What everybody does at every step (hear, notice, decide, move) runs over the arrays at
once; what few do (call for help, be fetched) is a method of the agent, activated through an
``AgentSet``. A researcher replaces the latter by a subclass, and asks anything of any agent with
Mesa's own means: ``model.agents.select(...)``, ``agg``, a ``DataCollector``.

Nothing is drawn at random during a step: each household carries its numbers from the start, and
each warning has a generator of its own. So two runs differ by what was changed alone, and a
restored model goes on as it would have.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import mesa
import numpy as np

from models.errors import InvalidQuantityError
from models.residents.households import (
    ON_THE_WAY,
    RESCUED,
    SAFE,
    STATUS,
    STRANDED,
    TRAPPED,
    VEHICLE_LOST,
    VEHICLE_SAFE,
    Households,
    HouseholdState,
)
from models.residents.kernels import count_people, decide, set_paces, travel
from models.residents.parameters import ADVICE, HAZARD_LIMITS, MOBILITY, Behaviour, Channel
from models.residents.ways import nearest_target

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from models.residents.ways import Ways

    type Floats = NDArray[np.float64]
    type Flags = NDArray[np.bool_]

__all__ = ["Call", "Household", "ResidentsModel", "Water"]

_HAZARDS = len(HAZARD_LIMITS) + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Water:
    """
    What the residents see of the water, and of the roads.

    Parameters
    ----------
    home_depth_m, home_speed_m_s
        At every household, shape (n,).
    edge_depth_m, edge_speed_m_s
        On every edge of the road network, shape (n_edges,).
    closed
        Edges closed to vehicles by an order, shape (n_edges,).
    """

    home_depth_m: Floats
    home_speed_m_s: Floats
    edge_depth_m: Floats
    edge_speed_m_s: Floats
    closed: Flags


@dataclass(slots=True, kw_only=True)
class Call:
    """People at one place who wait for the same help; others there may join them."""

    number: int
    time_s: float
    node: int
    persons: int = 0
    hurt: int = 0
    open: bool = True


class Household(mesa.Agent):  # type: ignore[misc]  # Mesa's classes are generic over each other
    """One household; row ``unique_id - 1`` of the arrays of its model."""

    @property
    def row(self) -> int:
        """Position in the arrays."""
        return int(self.unique_id) - 1

    @property
    def status(self) -> str:
        """Where its people are, one of ``STATUS``."""
        return STATUS[int(self.model.state.status[self.row])]

    @property
    def persons(self) -> int:
        """How many people it has."""
        return int(self.model.households.persons[self.row])

    @property
    def mobility(self) -> str:
        """How its slowest member moves, one of ``MOBILITY``."""
        return MOBILITY[int(self.model.households.mobility[self.row])]

    @property
    def advice(self) -> str:
        """The strongest warning that it acts on, one of ``ADVICE``."""
        return ADVICE[int(self.model.state.advice[self.row])]

    def call_for_help(self) -> None:
        """Call, or join the call of others at the same place that is still open."""
        model: ResidentsModel = self.model
        state, row = model.state, self.row
        state.call_due_s[row] = np.inf
        call = model.call_at(row)
        call.persons += self.persons
        hurt = state.status[row] in {STRANDED, TRAPPED}
        call.hurt += int(hurt and model.households.draws[row, 2] < model.behaviour.hurt_share)
        state.call[row] = call.number

    def be_fetched(self) -> None:
        """Be brought to safety; those who went on by themselves meanwhile are not concerned."""
        state, row = self.model.state, self.row
        state.call[row] = -1
        if state.status[row] not in {ON_THE_WAY, SAFE}:
            state.status[row] = RESCUED

    def be_left(self) -> None:
        """Find that nobody comes, and call again later if there is still need."""
        state, row = self.model.state, self.row
        state.call[row] = -1
        if state.status[row] in {STRANDED, TRAPPED}:
            state.call_due_s[row] = self.model.clock_s + self.model.behaviour.call_again_s


class ResidentsModel(mesa.Model):  # type: ignore[misc]  # as above
    """
    The households of a city, their decisions, and where their people are.

    Attributes
    ----------
    households, state
        What never changes and what does, as arrays.
    calls
        Calls for help, those that are still open among them.
    clock_s
        Time of the last step, s. Mesa's own ``time`` and ``steps`` count the steps.
    datacollector
        One row a step; see :meth:`series`.
    """

    def __init__(
        self,
        households: Households,
        ways: Ways,
        *,
        shelters: Flags,
        high_ground: Flags,
        behaviour: Behaviour,
        channels: Mapping[str, Channel],
        warning_stream: Callable[[int], np.random.Generator],
        household_type: type[Household] = Household,
    ) -> None:
        """
        Put everybody at home.

        Parameters
        ----------
        households, ways
            Who lives where, and the network.
        shelters, high_ground
            Nodes where people are safe, and where a motorbike is, shape (n_nodes,).
        behaviour, channels
            The parameters.
        warning_stream
            Gives the generator of the warning of each number.
        household_type
            The class of the agents.

        Raises
        ------
        InvalidQuantityError
            If there is no shelter, or an array does not fit the network.
        """
        super().__init__(rng=0)  # Mesa's own draws are not used: the households carry theirs
        for name, flags in (("shelters", shelters), ("high_ground", high_ground)):
            if flags.shape != (ways.n_nodes,):
                raise InvalidQuantityError("one flag a node is needed", where=name)
        if not shelters.any():
            raise InvalidQuantityError("residents need a shelter to go to", where="shelters")
        self.households, self.ways = households, ways
        self.behaviour, self.channels = behaviour, dict(channels)
        self.state = HouseholdState.at_home(households, kinds_of_advice=len(ADVICE))
        self.calls: list[Call] = []
        self.clock_s = 0.0
        self.warnings = 0
        self._open: dict[int, Call] = {}
        self._due: list[Call] = []
        self._shelters, self._high = shelters, high_ground
        self._warning_stream = warning_stream
        self._lead_s = behaviour.prepare_median_s * np.exp(
            behaviour.prepare_spread * households.prepare
        )
        self._limit = np.array(
            [behaviour.wade_depth_m, behaviour.wade_product_m2_s], np.float64
        ).T.copy()
        self._numbers = behaviour.numbers()
        self._hazards = np.array(HAZARD_LIMITS, np.float64)
        self._walk = np.array(behaviour.walk_m_s, np.float64)
        self._pace = np.zeros((3, ways.n_arcs))
        self._way_s = np.full((3, ways.n_nodes), np.inf)
        self._next = np.full((3, ways.n_nodes), -1, np.int32)
        self._high_s = np.full(ways.n_nodes, np.inf)
        self._planned_s = -np.inf
        self._reach = np.ones(ways.n_nodes, np.bool_)
        self.by_status = np.zeros(len(STATUS), np.int64)
        self.by_class = np.zeros(_HAZARDS + 1, np.int64)
        self._cut_off = np.zeros(1, np.int64)
        self._water: Water | None = None
        household_type.create_agents(self, len(households))
        self._rows: list[Household] = list(self.agents)
        self.datacollector = mesa.DataCollector(model_reporters=self._reporters())

    # Warnings

    def warn(self, where: Flags, *, advice: str, channel: str) -> int:
        """
        Issue a warning now, and return to how many persons it will come and who believe it.

        Parameters
        ----------
        where
            The households in the area, shape (n,).
        advice, channel
            One of ``ADVICE`` but the first, and a name of the channels.

        Raises
        ------
        InvalidQuantityError
            If the advice or the channel is not known.
        """
        return self.warn_at(self.clock_s, where, advice=advice, channel=channel)

    def warn_at(self, time_s: float, where: Flags, *, advice: str, channel: str) -> int:
        """Issue a warning as :meth:`warn` does, at *time_s*."""
        for value, known, name in (
            (advice, ADVICE[1:], "advice"),
            (channel, tuple(self.channels), "channel"),
        ):
            if value not in known:
                raise InvalidQuantityError(
                    f"there is no such {name} of a warning",
                    where="residents",
                    value=value,
                    remedy=f"Choose from {', '.join(known)}.",
                )
        by = self.channels[channel]
        rng = self._warning_stream(self.warnings)
        self.warnings += 1
        n = len(self.households)
        chance, normal = rng.random((2, n)), rng.standard_normal(n)
        believed = where & (chance[0] < by.reach) & (chance[1] < by.trust)
        heard = time_s + by.delay_median_s * np.exp(by.delay_spread * normal)
        row = self.state.heard_s[ADVICE.index(advice)]
        row[believed] = np.minimum(row[believed], heard[believed])
        return int(self.households.persons[believed].sum())

    # Steps

    def advance(self, until_s: float, water: Water) -> list[Call]:
        """
        Go on to *until_s* under *water*, and return the calls that come in.

        Raises
        ------
        InvalidQuantityError
            If the time lies before that of the last step, or the water does not fit.
        """
        if until_s < self.clock_s:
            raise InvalidQuantityError(
                "residents cannot go back in time", where="until_s", value=until_s
            )
        if water.home_depth_m.shape != (len(self.households),):
            raise InvalidQuantityError(
                "one depth a household is needed",
                where="home_depth_m",
                value=water.home_depth_m.shape,
            )
        self._water, self._until_s = water, until_s
        self._due = []
        self.step()
        self._water = None
        return self._due

    def step(self) -> None:
        """Move, decide, call, count and collect: one step of Mesa, called by :meth:`advance`."""
        water = self._water
        if water is None:
            raise InvalidQuantityError(
                "residents need water to step", remedy="Call advance(until_s, water)."
            )
        elapsed, self.clock_s = self._until_s - self.clock_s, self._until_s
        b, hh, ways, s = self.behaviour, self.households, self.ways, self.state
        set_paces(
            water.edge_depth_m,
            water.edge_speed_m_s,
            water.closed,
            ways.edge,
            ways.walkable,
            ways.rideable,
            self._limit,
            b.wade_speed_share,
            b.ride_m_s,
            b.ride_depth_m,
            self._pace,
        )
        self._plan()
        travel(
            elapsed,
            water.home_depth_m,
            water.edge_depth_m,
            hh.mobility,
            self._walk,
            self._pace,
            self._next,
            self._shelters,
            ways.head,
            ways.length_m,
            ways.edge,
            ways.first_out,
            self._limit,
            b.wade_speed_share,
            s.status,
            s.riding,
            s.node,
            s.arc,
            s.left_m,
            s.vehicle,
        )
        decide(
            self.clock_s,
            water.home_depth_m,
            water.home_speed_m_s,
            hh.mobility,
            hh.upper_floor,
            hh.draws,
            self._lead_s,
            hh.node,
            self._way_s,
            self._high_s,
            np.asarray(b.leave_share),
            np.asarray(b.move_vehicle_share),
            self._limit,
            self._numbers,
            s.status,
            s.heard_s,
            s.advice,
            s.noticed,
            s.depart_s,
            s.riding,
            s.vehicle,
            s.vehicle_s,
            s.call_due_s,
            s.call,
        )
        self._call()
        count_people(
            water.home_depth_m,
            water.home_speed_m_s,
            water.edge_depth_m,
            water.edge_speed_m_s,
            ways.edge,
            hh.persons,
            s.node,
            s.arc,
            self._reach,
            self._hazards,
            b.exposed_depth_m,
            s.status,
            s.worst,
            s.was,
            self.by_status,
            self.by_class,
            self._cut_off,
        )
        self.datacollector.collect(self)

    def _plan(self) -> None:
        """Find the soonest ways anew, where someone may need them and some time has passed."""
        if self.clock_s - self._planned_s < self.behaviour.replan_s:
            return
        self._planned_s = self.clock_s
        for mode in range(3):
            speed = self._pace[mode] * (self._walk[mode] if mode < 2 else 1.0)
            seconds = np.full(speed.size, np.inf)
            np.divide(self.ways.length_m, speed, out=seconds, where=speed > 0.0)
            self._way_s[mode], self._next[mode] = nearest_target(self.ways, seconds, self._shelters)
            if mode == 2:
                self._high_s, _ = nearest_target(self.ways, seconds, self._high)

    def see_access(self, reach: Flags) -> None:
        """Take in from which nodes an ambulance can reach a hospital now, shape (n_nodes,)."""
        self._reach = np.ascontiguousarray(reach, np.bool_)

    # Calls

    def _call(self) -> None:
        state = self.state
        if len(self.calls) and self._open:
            # Who no longer needs help does not hold up the place for others.
            waiting = np.zeros(len(self.calls), np.bool_)
            waiting[state.call[state.call >= 0]] = True
            for node in [n for n, call in self._open.items() if not waiting[call.number]]:
                self._open.pop(node).open = False
        going = (state.status == ON_THE_WAY) | (state.status == SAFE) | (state.status == RESCUED)
        state.call_due_s[going] = np.inf
        stranded = (state.status == STRANDED) & (state.call < 0) & np.isinf(state.call_due_s)
        state.call_due_s[stranded] = self.clock_s + self.behaviour.call_delay_s
        rows = np.flatnonzero((state.call_due_s <= self.clock_s) & (state.call < 0))
        self._some(rows).do("call_for_help")

    def _some(self, rows: NDArray[np.integer] | Sequence[int]) -> Any:  # noqa: ANN401 - Mesa's own set, which has no usable type
        """Return the agents of some rows as a set of Mesa, in the order of the rows."""
        return mesa.agent.AgentSet([self._rows[int(row)] for row in rows], random=self.random)

    def call_at(self, row: int) -> Call:
        """Return the open call at the place of a household, a new one where there is none."""
        node = self.node_of(row)
        call = self._open.get(node)
        if call is None:
            call = Call(number=len(self.calls), time_s=self.clock_s, node=node)
            self.calls.append(call)
            self._open[node] = call
            self._due.append(call)
        return call

    def node_of(self, row: int) -> int:
        """Return the node nearest to the people of a household."""
        arc, node = int(self.state.arc[row]), int(self.state.node[row])
        if arc >= 0 and self.state.left_m[row] < 0.5 * self.ways.length_m[arc]:
            return int(self.ways.head[arc])
        return node

    def answer(self, number: int, *, reached: bool) -> int:
        """
        End a call: help came, or none can; return how many persons were fetched.

        Raises
        ------
        InvalidQuantityError
            If there is no such call.
        """
        if not 0 <= number < len(self.calls):
            raise InvalidQuantityError("there is no such call", where="residents", value=number)
        call = self.calls[number]
        if self._open.get(call.node) is call:
            del self._open[call.node]
        call.open = False
        rows = np.flatnonzero(self.state.call == number)
        before = self._persons(self.state.status == RESCUED)
        self._some(rows).do("be_fetched" if reached else "be_left")
        return self._persons(self.state.status == RESCUED) - before

    # Figures

    def _persons(self, which: Flags) -> int:
        return int(self.households.persons[which].sum())

    def _reporters(self) -> dict[str, Callable[[ResidentsModel], Any]]:
        """Return what Mesa collects at every step."""

        def people(k: int) -> Callable[[ResidentsModel], int]:
            return lambda model: int(model.by_status[k])

        def exposed(k: int) -> Callable[[ResidentsModel], int]:
            return lambda model: int(model.by_class[k])

        return {
            "time_s": lambda model: model.clock_s,
            **{name: people(k) for k, name in enumerate(STATUS)},
            **{f"exposed_h{k}": exposed(k) for k in range(1, _HAZARDS + 1)},
            "cut_off_from_hospital": lambda model: int(model._cut_off[0]),  # noqa: SLF001 - its own
            "warned": lambda model: model._persons(model.state.advice > 0),  # noqa: SLF001 - its own
            "vehicles_safe": lambda model: int((model.state.vehicle == VEHICLE_SAFE).sum()),
            "vehicles_lost": lambda model: int((model.state.vehicle == VEHICLE_LOST).sum()),
            "calls": lambda model: len(model.calls),
            "people_calling": lambda model: model._persons(model.state.call >= 0),  # noqa: SLF001 - its own
        }

    def series(self) -> dict[str, list[Any]]:
        """Return what was collected, one list a column and one entry a step."""
        return {str(k): list(v) for k, v in self.datacollector.model_vars.items()}

    def totals(self) -> dict[str, Any]:
        """Return persons by what ever happened to them."""
        was = {
            name: self._persons((self.state.was & (1 << k)) != 0) for k, name in enumerate(STATUS)
        }
        return {
            "people": self.households.people,
            "households": len(self.households),
            "ever": {name: was[name] for name in STATUS[1:]},
            "worst_hazard": {
                f"H{k}": self._persons(self.state.worst == k) for k in range(1, _HAZARDS + 1)
            },
            "warned": self._persons(self.state.advice > 0),
            "calls": len(self.calls),
            "vehicles_lost": int((self.state.vehicle == VEHICLE_LOST).sum()),
            "vehicles_safe": int((self.state.vehicle == VEHICLE_SAFE).sum()),
        }

    # Checkpoints

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything that the next step depends on."""
        calls = [(c.number, c.time_s, c.node, c.persons, c.hurt, c.open) for c in self.calls]
        rows = self.series()
        return {
            **{f"state.{name}": array for name, array in self.state.to_arrays().items()},
            "calls": np.asarray(calls, np.float64).reshape(-1, 6),
            "open": np.asarray([(n, c.number) for n, c in self._open.items()], np.int64).reshape(
                -1, 2
            ),
            "numbers": np.array([self.clock_s, self.warnings, self._planned_s, self.steps]),
            "way_s": self._way_s.copy(),
            "next": self._next.copy(),
            "high_s": self._high_s.copy(),
            "reach": self._reach.copy(),
            "series": np.array([rows[name] for name in rows], np.float64),
        }

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take over what :meth:`to_arrays` gave."""
        self.state = HouseholdState.from_arrays(
            {
                name.removeprefix("state."): array
                for name, array in arrays.items()
                if name.startswith("state.")
            }
        )
        self.calls = [
            Call(
                number=int(row[0]),
                time_s=float(row[1]),
                node=int(row[2]),
                persons=int(row[3]),
                hurt=int(row[4]),
                open=bool(row[5]),
            )
            for row in arrays["calls"]
        ]
        self._open = {int(node): self.calls[int(number)] for node, number in arrays["open"]}
        clock, warnings, planned, steps = arrays["numbers"].tolist()
        self.clock_s, self.warnings, self._planned_s = clock, int(warnings), planned
        self.steps = int(steps)
        self._way_s, self._next = np.array(arrays["way_s"]), np.array(arrays["next"])
        self._high_s, self._reach = np.array(arrays["high_s"]), np.array(arrays["reach"])
        for name, values in zip(self.datacollector.model_vars, arrays["series"], strict=True):
            whole = name != "time_s"
            self.datacollector.model_vars[name] = [int(v) if whole else float(v) for v in values]
