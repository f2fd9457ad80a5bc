from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from core.errors import ArgumentError, MissingDataError
from core.learn.allocation.environment import Allocation, gymnasium_environment
from core.learn.allocation.market import Market, Stakes
from core.learn.allocation.rollouts import Course
from core.learn.allocation.state import scales_of
from core.learn.allocation.tilt import PARAMETERS, RULE_SHAPE, TiltRule
from tests.allocation_market import COST, allocation_market
from tests.source_tree import ROOT

MARKET = allocation_market()
SCALES = scales_of(MARKET.figures, MARKET.regimes)


@pytest.mark.filterwarnings("ignore:.*:UserWarning")
def test_gymnasium_finds_nothing_wrong_with_it() -> None:
    check_env(gymnasium_environment(Allocation(MARKET, length=50)), skip_render_check=True)


def test_it_steps_without_gymnasium_and_names_what_to_install() -> None:
    script = (
        "import sys; sys.modules['gymnasium'] = None\n"
        "import numpy as np\n"
        "from core.learn.allocation.environment import Allocation, gymnasium_environment\n"
        "from tests.allocation_market import allocation_market\n"
        "env = Allocation(allocation_market(50)); env.reset(seed=1); env.step(np.zeros(3))\n"
        "try: gymnasium_environment(env)\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("NotInstalledError an environment of gymnasium needs that package")


@pytest.mark.parametrize("short", [False, True])
def test_rollouts_by_machine_and_by_numpy_are_its_steps(short: bool) -> None:
    market = allocation_market(contracts=4, seed=3, short=short)
    scales = scales_of(market.figures, market.regimes)
    rules = np.random.default_rng(1).normal(0, 1, (5, PARAMETERS))
    starts, length = np.array([0, 57, 200]), 150
    course = Course(market, Stakes(), scales)
    machine, numpy = (course.rollouts(rules, starts, length, by_loop=by_loop) for by_loop in (True, False))
    assert np.abs(machine.rewards - numpy.rewards).max() < 1e-12
    assert np.abs(machine.equity - numpy.equity).max() < 1e-12
    env, rule = Allocation(market, length=length, scales=scales), TiltRule(rules[2].reshape(RULE_SHAPE), scales)
    for place, start in enumerate(starts.tolist()):
        state, _ = env.reset(options={"start": start})
        total, over = 0.0, False
        while not over:
            state, reward, lost, over, told = env.step(rule.action(state))
            total += reward
            assert not lost
        assert total == pytest.approx(machine.rewards[2, place], abs=1e-12)
        assert told["equity"] == pytest.approx(machine.equity[2, place], abs=1e-12)


def test_the_loop_read_as_python_gives_the_numbers_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """With bounds so near that tilts are clipped, and a book that is liquidated on its way."""
    near = replace(MARKET, lower=MARKET.base - 0.02, upper=MARKET.base + 0.03)
    levered = replace(near, base=25 * near.base, lower=25 * near.lower, upper=25 * near.upper)
    rules = np.random.default_rng(5).normal(0, 1, (2, PARAMETERS))
    for market in (near, levered):
        course = Course(market, Stakes(), SCALES)
        machine = course.rollouts(rules, np.array([0, 100]), 40, by_loop=True)
        monkeypatch.setattr("core.learn.allocation.rollouts.compiled", lambda loop: loop)
        python = course.rollouts(rules, np.array([0, 100]), 40, by_loop=True)
        monkeypatch.undo()
        numpy = course.rollouts(rules, np.array([0, 100]), 40, by_loop=False)
        for other in (python, numpy):
            assert machine.rewards == pytest.approx(other.rewards, abs=1e-12)
            assert machine.equity == pytest.approx(other.equity, abs=1e-12)
    assert (machine.equity == 0).any()


def flat(base: float = 0.5, **changed: float) -> Market:
    """Two contracts, as much of each, in a market that does not move but as it is told."""
    block = np.zeros((3, 2))
    own = {name: block + changed.get(name, 0.0) for name in ("moves", "returns", "lows", "highs")}
    return Market(
        base=block + base, figures=np.zeros((3, 2, 4)), regimes=np.zeros(3), lower=block - 3, upper=block + 3,
        tilts=np.ones(3, dtype=bool), costs=np.full(2, COST), maintenance=np.full(2, 0.01), **own,
    )  # fmt: skip


def test_a_step_is_growth_less_the_cost_of_the_tilt() -> None:
    env = Allocation(flat(moves=0.05, returns=0.04, highs=0.05))
    env.reset(options={"start": 0})
    _, reward, *_ = env.step(np.array([1.0, -1.0]))
    growth = 1 - 0.4 * COST + 0.04
    assert reward == pytest.approx(np.log(growth))
    assert env.equity == pytest.approx(growth)
    assert env.weights == pytest.approx([0.7 * 1.05 / growth, 0.3 * 1.05 / growth])


def test_the_rise_of_a_drawdown_beyond_ten_percent_is_charged_by_half() -> None:
    env = Allocation(flat(moves=-0.08, returns=-0.08, lows=-0.08))
    env.reset(options={"start": 0})
    nothing = np.zeros(2)
    assert env.step(nothing)[1] == pytest.approx(np.log(0.92))
    _, second, *_ = env.step(nothing)
    assert second == pytest.approx(np.log(0.92) - 0.5 * (1 - 0.92**2 - 0.1))


@pytest.mark.parametrize(
    "changed",
    [{"lows": -0.25}, {"highs": 0.25, "base": -2.0}, {"moves": -0.25, "returns": -0.25}, {"returns": -0.25}],
    ids=["at its lows", "short at its highs", "at the end", "by funding"],
)
def test_a_liquidation_ends_the_episode_and_costs_its_penalty(changed: dict[str, float]) -> None:
    market = flat(**({"base": 2.0} | changed))
    env = Allocation(market)
    env.reset(options={"start": 0})
    _, reward, lost, over, _ = env.step(np.zeros(2))
    assert (reward, lost, over, env.equity) == (-10.0, True, False, 0.0)
    with pytest.raises(ArgumentError, match="the episode is over"):
        env.step(np.zeros(2))
    course = Course(market, Stakes(), SCALES)
    for by_loop in (True, False):
        found = course.rollouts(np.zeros((1, PARAMETERS)), np.array([0]), 3, by_loop=by_loop)
        assert (found.rewards[0, 0], found.equity[0, 0]) == (-10.0, 0.0)


def test_a_hedged_book_is_not_liquidated_by_lows_and_highs_of_one_bar_together() -> None:
    wide = np.full((3, 2), 3.0)
    market = replace(flat(lows=-0.9, highs=1.0), base=np.tile([2.0, -2.0], (3, 1)), lower=-wide, upper=wide)
    env = Allocation(market)
    env.reset(options={"start": 0})
    assert not env.step(np.zeros(2))[2]


def test_where_the_base_was_no_model_nothing_is_tilted() -> None:
    market = replace(MARKET, tilts=np.zeros(len(MARKET), dtype=bool))
    env = Allocation(market, length=30)
    env.reset(options={"start": 5})
    assert env.wanted(np.array([1.0, 0.0, -1.0])).tolist() == market.base[5].tolist()


def test_the_same_seed_begins_the_same_episode() -> None:
    env, other = Allocation(MARKET, length=30), Allocation(MARKET, length=30)
    assert env.reset(seed=7)[0].tolist() == other.reset(seed=7)[0].tolist()
    assert env.reset()[0].tolist() == other.reset()[0].tolist()


@pytest.mark.parametrize("action", [[0.1, 0.2], [0.1, np.nan, 0.2], [[0.1, 0.2, 0.3]]])
def test_an_action_of_another_form_is_refused(action: list[float]) -> None:
    env = Allocation(MARKET)
    env.reset(seed=1)
    with pytest.raises(ArgumentError, match="action must be 3 finite numbers"):
        env.step(np.array(action))


def test_a_market_that_does_not_fit_together_is_refused() -> None:
    with pytest.raises(ArgumentError, match="moves has shape"):
        replace(MARKET, moves=MARKET.moves[:-1])
    with pytest.raises(MissingDataError, match="returns has a gap"):
        replace(MARKET, returns=np.full_like(MARKET.returns, np.nan))
    with pytest.raises(ArgumentError, match="cap"):
        Stakes(cap=1.5)
    with pytest.raises(ArgumentError, match="length"):
        Allocation(MARKET, length=0)
    with pytest.raises(ArgumentError, match="start"):
        Allocation(MARKET, length=30).reset(options={"start": 390})
