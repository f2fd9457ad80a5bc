from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.errors import ArgumentError, MissingDataError
from core.learn.allocation.market import Stakes
from core.learn.allocation.search import ALGORITHMS, FEWEST_DECISIONS, Found, parts_of, searched
from tests.allocation_market import allocation_market

PLANTED, NOTHING = allocation_market(240, planted=0.02), allocation_market(240, seed=1)


@pytest.fixture(scope="module")
def found() -> dict[str, Found]:
    return {name: searched(PLANTED, Stakes(), name, seed=3) for name in ALGORITHMS}


@pytest.mark.parametrize("name", ALGORITHMS)
def test_an_algorithm_climbs_to_the_top_of_a_hill(name: str) -> None:
    """From zero to a place 1.2 away, by ranks and elites of a paraboloid."""
    top = np.linspace(-0.5, 0.5, 15)
    search, generator = ALGORITHMS[name](15), np.random.default_rng(0)
    for _ in range(200):
        candidates = search.ask(generator)
        search.tell(-((candidates - top) ** 2).sum(axis=1))
    assert np.abs(search.best - top).max() < 0.1


@pytest.mark.parametrize("name", ALGORITHMS)
def test_what_was_planted_is_found(name: str, found: dict[str, Found]) -> None:
    """The moves lean to the side of momentum, figure 4 of 6: its number is the one that counts."""
    theta = found[name].rule.theta[:, 0]
    assert int(np.abs(theta[2:]).argmax()) == 1
    assert theta[3] > 0.5
    assert max(found[name].looks) > 0.1


@pytest.mark.parametrize("name", ALGORITHMS)
def test_the_same_seed_finds_the_same_rule_bit_for_bit(name: str, found: dict[str, Found]) -> None:
    again, first = searched(PLANTED, Stakes(), name, seed=3), found[name]
    assert (again.rule.theta == first.rule.theta).all()
    assert (again.rounds, again.taken, again.looks) == (first.rounds, first.taken, first.looks)


@pytest.mark.parametrize("name", ALGORITHMS)
def test_when_it_ended_follows_from_what_was_looked_at(name: str, found: dict[str, Found]) -> None:
    for each in (found[name], searched(NOTHING, Stakes(), name, seed=3)):
        best = int(np.argmax(each.looks))
        assert len(each.looks) == each.rounds // 20
        assert each.taken == (20 * (best + 1) if each.looks[best] > 0 else 0)
        assert each.rounds == min(each.taken + 160, 400)
        assert (each.rule.theta.any()) == (each.taken > 0)
        assert "8 looks without a better one" in each.stopped_by


def test_the_rows_that_it_will_be_judged_on_change_nothing(found: dict[str, Found]) -> None:
    judged = parts_of(len(PLANTED)).judged
    returns = PLANTED.returns.copy()
    returns[judged.start - 10 :] *= -3.0
    other = searched(replace(PLANTED, returns=returns), Stakes(), seed=3)
    assert (other.rule.theta == found["evolution"].rule.theta).all()


@pytest.mark.parametrize("decisions", [200, 333, 1000])
def test_parts_follow_each_other_with_gaps(decisions: int) -> None:
    parts = parts_of(decisions)
    assert parts.learned.start == 0
    assert parts.looked.start - parts.learned.stop == 10
    assert parts.judged.start - parts.looked.stop == 10
    assert parts.judged.stop == decisions
    assert (parts.judged.stop - parts.judged.start) / decisions == pytest.approx(0.3, abs=0.01)


def test_progress_is_told_and_may_stop_it() -> None:
    told: list[tuple[int, int]] = []

    def stop(done: int, of: int) -> None:
        told.append((done, of))
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        searched(PLANTED, Stakes(), moved=stop)
    assert told == [(0, 400), (1, 400), (2, 400), (3, 400)]


def test_bad_input_is_refused() -> None:
    with pytest.raises(ArgumentError, match="algorithm"):
        searched(PLANTED, Stakes(), "evolutoin")
    with pytest.raises(ArgumentError, match="seed"):
        searched(PLANTED, Stakes(), seed=-1)
    with pytest.raises(MissingDataError, match=f"{FEWEST_DECISIONS} are needed"):
        searched(PLANTED.part(slice(0, 199)), Stakes())
