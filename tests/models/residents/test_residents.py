"""People are never lost or doubled, act by what they know, and are stopped by water alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from models.errors import InvalidQuantityError
from models.residents import (
    ADVICE,
    CHANNELS,
    STATUS,
    Behaviour,
    Channel,
    Household,
    Households,
    PeopleShares,
    ResidentsModel,
    Water,
    Ways,
    draw_households,
    nearest_target,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

NODES = 21
SPACING_M = 100.0
SURE = Channel(reach=1.0, trust=1.0, delay_median_s=0.0, delay_spread=0.0)
PROMPT = Behaviour(
    leave_share=(0.0, 0.0, 0.0, 1.0),
    move_vehicle_share=(0.0, 0.0, 0.0, 0.0),
    prepare_median_s=0.0,
    hasty_prepare_s=1e9,
)


def street(*, inwards: bool = False) -> Ways:
    """Return one street of 2 km: one-way, away from the shelter at node 0 or towards it."""
    near = np.arange(NODES - 1)
    ends = (near + 1, near) if inwards else (near, near + 1)
    return Ways.of(NODES, *ends, np.full(NODES - 1, SPACING_M))


def town(
    behaviour: Behaviour = PROMPT,
    *,
    seed: int = 0,
    people: int = 2000,
    household_type: type[Household] = Household,
    inwards: bool = False,
    **fixed: Any,
) -> ResidentsModel:
    """Return households along the street, all of one kind where *fixed* says so."""
    x = np.arange(1, NODES) * SPACING_M
    drawn = draw_households(
        people,
        x_m=x,
        y_m=np.zeros(x.size),
        weight=np.ones(x.size),
        spread_m=0.0,
        upper_floor=np.full(x.size, np.nan),
        shares=PeopleShares(),
        rng=np.random.default_rng(seed),
    )
    for name, value in fixed.items():
        drawn[name] = np.full(drawn["persons"].size, value)
    shelters = np.zeros(NODES, np.bool_)
    shelters[0] = True
    return ResidentsModel(
        Households(
            **drawn,
            node=(drawn["x_m"] / SPACING_M).astype(np.int64),
            snap_m=np.zeros(drawn["x_m"].size),
        ),
        street(inwards=inwards),
        shelters=shelters,
        high_ground=shelters,
        behaviour=behaviour,
        channels={**CHANNELS, "sure": SURE},
        warning_stream=lambda number: np.random.default_rng((seed, number)),
        household_type=household_type,
    )


def water(
    model: ResidentsModel, home_m: float | NDArray[Any], edge_m: float | NDArray[Any]
) -> Water:
    homes, edges = len(model.households), NODES - 1
    return Water(
        home_depth_m=np.broadcast_to(np.asarray(home_m, np.float64), homes).copy(),
        home_speed_m_s=np.full(homes, 0.1),
        edge_depth_m=np.broadcast_to(np.asarray(edge_m, np.float64), edges).copy(),
        edge_speed_m_s=np.full(edges, 0.1),
        closed=np.zeros(edges, np.bool_),
    )


def everybody(model: ResidentsModel) -> NDArray[np.bool_]:
    return np.ones(len(model.households), np.bool_)


def rising(model: ResidentsModel, *, warned_at_s: float) -> dict[str, Any]:
    """Let the water rise from hour 2 to 1.5 m at hour 4, and warn once."""
    for k in range(300):
        now = 60.0 * k
        if now == warned_at_s:
            model.warn_at(now, everybody(model), advice="evacuate", channel="sms")
        depth = 1.5 * min(1.0, max(0.0, now - 7200.0) / 7200.0)
        model.advance(now, water(model, depth, depth))
    return {**model.totals(), **model.totals()["ever"]}


@settings(max_examples=15, deadline=None)
@given(
    levels=st.lists(st.tuples(st.floats(0, 3), st.floats(0, 3)), min_size=2, max_size=12),
    step_s=st.floats(1.0, 1800.0),
    answers=st.lists(st.booleans(), min_size=12, max_size=12),
    seed=st.integers(0, 50),
)
def test_no_person_is_lost_or_doubled(
    levels: list[tuple[float, float]], step_s: float, answers: list[bool], seed: int
) -> None:
    model = town(Behaviour(prepare_median_s=300.0, call_delay_s=0.0), seed=seed, people=300)
    model.warn(everybody(model), advice="evacuate", channel="siren")
    for k, (home, edge) in enumerate(levels):
        for call in [call for call in model.calls if call.open][:3]:
            model.answer(call.number, reached=answers[k])
        model.advance((k + 1) * step_s, water(model, home, edge))
        assert model.by_status.sum() == model.households.people == 300
        assert model.by_class.sum() <= 300
    arcs = model.state.arc
    assert ((arcs >= -2) & (arcs < model.ways.n_arcs)).all()


@settings(max_examples=30, deadline=None)
@given(people=st.integers(1, 3000), seed=st.integers(0, 1000))
def test_households_hold_exactly_the_people_asked_for(people: int, seed: int) -> None:
    drawn = draw_households(
        people,
        x_m=np.zeros(1),
        y_m=np.zeros(1),
        weight=np.ones(1),
        spread_m=10.0,
        upper_floor=np.array([1.0]),
        shares=PeopleShares(),
        rng=np.random.default_rng(seed),
    )
    assert drawn["persons"].sum() == people
    assert drawn["persons"].min() >= 1
    assert (drawn["children"] + drawn["elderly"] <= drawn["persons"]).all()
    assert drawn["upper_floor"].all()


def test_shares_of_ages_are_those_given() -> None:
    model = town(people=60_000)
    people = model.households
    assert people.children.sum() / people.people == pytest.approx(0.243, abs=0.01)
    assert people.elderly.sum() / people.people == pytest.approx(0.077, abs=0.01)


def test_the_same_seed_gives_the_same_people_and_fate() -> None:
    first, again, other = (town(Behaviour(), seed=seed) for seed in (3, 3, 4))
    for model in (first, again, other):
        rising(model, warned_at_s=600.0)
    assert first.series() == again.series()
    assert first.series() != other.series()


def test_a_restored_model_goes_on_as_it_would_have() -> None:
    whole, stopped = town(Behaviour()), town(Behaviour())
    for model in (whole, stopped):
        model.warn(everybody(model), advice="evacuate", channel="siren")
        for k in range(40):
            model.advance(60.0 * k, water(model, 0.02 * k, 0.02 * k))
    fresh = town(Behaviour())
    fresh.restore(stopped.to_arrays())
    for model in (whole, fresh):
        model.warn_at(2400.0, everybody(model), advice="shelter", channel="sms")
        for k in range(40, 90):
            model.advance(60.0 * k, water(model, 0.02 * k, 0.02 * k))
            for call in [call for call in model.calls if call.open][:2]:
                model.answer(call.number, reached=True)
    assert fresh.series() == whole.series()
    left, right = fresh.to_arrays(), whole.to_arrays()
    assert all(np.array_equal(left[name], right[name], equal_nan=True) for name in right)


def test_an_earlier_warning_leaves_fewer_people_in_the_water() -> None:
    caught = []
    for warned_at_s in (0.0, 3600.0, 7200.0):
        fate = rising(town(Behaviour(), people=8000), warned_at_s=warned_at_s)
        caught.append(fate["stranded"] + fate["trapped"])
    never = rising(town(Behaviour(), people=8000), warned_at_s=-1.0)
    assert 0 < caught[0] < caught[1] < caught[2]
    assert caught[1] < never["stranded"] + never["trapped"]


def test_people_walk_at_their_speed_on_dry_ground() -> None:
    model = town(people=200, mobility=0, motorbike=False)
    model.warn(everybody(model), advice="evacuate", channel="sure")
    model.advance(0.0, water(model, 0.0, 0.0))
    arrival = model.households.x_m / 1.3
    for k in range(1, 40):
        now = 60.0 * k
        model.advance(now, water(model, 0.0, 0.0))
        safe = model.state.status == STATUS.index("safe")
        assert (safe == (arrival <= now + 1e-6)).all()


def test_water_slows_walkers_and_strands_them_until_it_falls() -> None:
    model = town(people=200, mobility=0, motorbike=False)
    model.warn(everybody(model), advice="evacuate", channel="sure")
    model.advance(0.0, water(model, 0.0, 0.0))
    model.advance(60.0, water(model, 0.0, 0.6))
    left_m = model.state.left_m[model.state.status == STATUS.index("on_the_way")]
    # Half the depth of the limit takes half of what wading takes at the limit.
    assert left_m == pytest.approx(SPACING_M - 60.0 * 1.3 * (1.0 - 0.7 * 0.5))
    model.advance(120.0, water(model, 0.0, 1.3))
    assert model.by_status[STATUS.index("stranded")] == 200
    model.advance(180.0, water(model, 0.0, 0.0))
    assert model.by_status[STATUS.index("stranded")] == 0


def test_swift_water_strands_where_deep_still_water_does_not() -> None:
    for speed, stranded in ((0.1, 0), (2.0, 200)):
        model = town(people=200, mobility=0, motorbike=False)
        model.warn(everybody(model), advice="evacuate", channel="sure")
        model.advance(0.0, water(model, 0.0, 0.0))
        model.advance(10.0, water(model, 0.0, 0.0))
        swift = replace(water(model, 0.0, 0.5), edge_speed_m_s=np.full(NODES - 1, speed))
        model.advance(20.0, swift)
        assert model.by_status[STATUS.index("stranded")] == stranded


def test_a_rider_leaves_the_motorbike_in_the_water_and_walks_on() -> None:
    model = town(people=200, mobility=0, motorbike=True, inwards=True)
    model.warn(everybody(model), advice="evacuate", channel="sure")
    model.advance(0.0, water(model, 0.0, 0.0))
    assert model.state.riding.all()
    model.advance(10.0, water(model, 0.0, 0.0))
    model.advance(20.0, water(model, 0.0, 0.3))
    assert not model.state.riding.any()
    assert model.series()["vehicles_lost"][-1] == len(model.households)
    assert model.by_status[STATUS.index("stranded")] == 0
    for k in range(1, 60):
        model.advance(60.0 * k, water(model, 0.0, 0.3))
    assert model.by_status[STATUS.index("safe")] == 200


def test_nobody_rides_against_a_one_way_street_but_people_walk_there() -> None:
    model = town(people=200, mobility=0, motorbike=True)
    model.warn(everybody(model), advice="evacuate", channel="sure")
    model.advance(0.0, water(model, 0.0, 0.0))
    assert not model.state.riding.any()
    assert model.by_status[STATUS.index("on_the_way")] == 200


def test_people_with_an_upper_floor_go_up_and_others_are_trapped() -> None:
    for upper, status in ((True, "upstairs"), (False, "trapped")):
        model = town(people=100, mobility=0, upper_floor=upper)
        for k in range(3):
            model.advance(60.0 * k, water(model, 1.5, 1.5))
        assert model.by_status[STATUS.index(status)] == 100


def test_those_at_one_place_share_a_call_and_are_fetched_together() -> None:
    model = town(replace(PROMPT, call_delay_s=0.0), people=400, mobility=0, upper_floor=False)
    everyone = model.advance(0.0, water(model, 1.5, 1.5))
    assert everyone == model.calls
    assert len({call.node for call in everyone}) == len(everyone) <= NODES
    assert sum(call.persons for call in everyone) == 400
    assert model.answer(everyone[0].number, reached=True) == everyone[0].persons
    model.advance(120.0, water(model, 1.5, 1.5))
    assert model.by_status[STATUS.index("rescued")] == everyone[0].persons


def test_a_call_that_nobody_answers_is_made_again() -> None:
    model = town(
        replace(PROMPT, call_delay_s=0.0, call_again_s=600.0),
        people=50,
        mobility=0,
        upper_floor=False,
    )
    model.advance(0.0, water(model, 1.5, 1.5))
    model.advance(60.0, water(model, 1.5, 1.5))
    first = len(model.calls)
    for call in list(model.calls):
        model.answer(call.number, reached=False)
    model.advance(120.0, water(model, 1.5, 1.5))
    assert len(model.calls) == first
    model.advance(720.0, water(model, 1.5, 1.5))
    assert len(model.calls) == 2 * first


def test_those_who_need_help_call_when_told_to_leave() -> None:
    model = town(replace(PROMPT, call_delay_s=60.0), people=100, mobility=2)
    model.warn(everybody(model), advice="evacuate", channel="sure")
    for k in range(4):
        model.advance(60.0 * k, water(model, 0.0, 0.0))
    assert model.by_status[STATUS.index("on_the_way")] == 0
    assert sum(call.persons for call in model.calls) == 100


def test_a_weaker_warning_does_not_undo_a_stronger_one() -> None:
    model = town(people=100)
    model.warn(everybody(model), advice="evacuate", channel="sure")
    model.advance(0.0, water(model, 0.0, 0.0))
    model.warn(everybody(model), advice="move_vehicles", channel="sure")
    model.advance(60.0, water(model, 0.0, 0.0))
    assert (model.state.advice == ADVICE.index("evacuate")).all()


def test_households_are_agents_of_mesa_that_can_be_asked_and_replaced() -> None:
    heard: list[int] = []

    class Neighbour(Household):
        def call_for_help(self) -> None:
            heard.append(self.row)
            super().call_for_help()

    model = town(
        replace(PROMPT, call_delay_s=0.0),
        people=100,
        mobility=0,
        upper_floor=False,
        household_type=Neighbour,
    )
    for k in range(3):
        model.advance(60.0 * k, water(model, 1.5, 1.5))
    trapped = model.agents.select(lambda each: each.status == "trapped")
    assert len(trapped) == len(model.households) == len(heard)
    assert trapped.agg("persons", sum) == 100
    frame = model.datacollector.get_model_vars_dataframe()
    assert list(frame["time_s"]) == [0.0, 60.0, 120.0]
    assert model.steps == 3


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_nearest_target_is_that_of_scipy(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, m = 30, 80
    tail, head = rng.integers(0, n, m), rng.integers(0, n, m)
    ways = Ways.of(n, tail, head, rng.uniform(1.0, 50.0, m))
    seconds = np.where(rng.random(ways.n_arcs) < 0.3, np.inf, rng.uniform(0.5, 9.0, ways.n_arcs))
    targets = rng.random(n) < 0.1
    targets[0] = True
    found, first = nearest_target(ways, seconds, targets)
    weight = np.full((n, n), np.inf)
    np.minimum.at(weight, (ways.head, ways.tail), seconds)
    backward = csr_array(np.where(np.isfinite(weight), weight, 0.0))
    reference = dijkstra(backward, indices=np.flatnonzero(targets), min_only=True)
    np.testing.assert_allclose(found, reference, rtol=1e-12)
    going = np.isfinite(found) & ~targets
    arcs = first[going]
    np.testing.assert_allclose(found[going], seconds[arcs] + found[ways.head[arcs]], rtol=1e-12)
    assert (first[~going] == -1).all()


@pytest.mark.parametrize(
    "wrong",
    [
        lambda model: model.warn(everybody(model), advice="flee", channel="sms"),
        lambda model: model.warn(everybody(model), advice="evacuate", channel="pigeon"),
        lambda model: model.answer(7, reached=True),
        lambda model: model.advance(-1.0, water(model, 0.0, 0.0)),
        lambda model: model.step(),
        lambda _: Behaviour(walk_m_s=(0.0, 1.0)),
        lambda _: Behaviour(leave_share=(0.0, 0.0, 0.0, 1.2)),
        lambda _: PeopleShares(household_size=(0.5, 0.4)),
        lambda _: Channel(reach=1.0, trust=2.0, delay_median_s=0.0, delay_spread=0.0),
    ],
)
def test_nonsense_is_refused(wrong: Callable[[ResidentsModel], object]) -> None:
    with pytest.raises(InvalidQuantityError):
        wrong(town(people=20))
