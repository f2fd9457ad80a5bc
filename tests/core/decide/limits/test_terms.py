"""What a term declares is what the class, the parser and the feasible set do with it."""

from __future__ import annotations

import numpy as np
import pytest

from core.checks import numbers
from core.decide.limits.aim import Aim
from core.decide.limits.book_limits import BookLimits
from core.decide.limits.costs import Costs
from core.decide.limits.declared import BOX_LIMITS, FOLDED_AT_ZERO, PARTS, Limits
from core.decide.limits.feasible_set import feasible_set
from core.decide.limits.terms import INSIDE, Term
from core.decide.portfolio.impact import trading_cost
from core.errors import ArgumentError

TERMS = tuple(Limits.TERMS.values())
OUTSIDE = {"at_least": -1e-9, "above": 0.0, "below": 0.0, "at_most": 1e-9}
"""What, added to a bound, is outside of it."""


def beside(term: Term) -> dict[str, float]:
    """What must be stated beside a term, and what that needs in turn."""
    return {term.needs: INSIDE} if term.needs else {}


def test_the_block_is_its_three_parts_and_nothing_twice() -> None:
    names = [name for part in PARTS for name in part.TERMS]
    assert names == list(Limits.TERMS)
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.name)
def test_a_value_past_its_range_is_refused_by_name(term: Term) -> None:
    for side, bound in term.within.items():
        with pytest.raises(ArgumentError, match=f"{term.name} is "):
            Limits(**{**beside(term), term.name: bound + OUTSIDE[side]})


@pytest.mark.parametrize("term", [term for term in TERMS if term.kind == "each"], ids=lambda term: term.name)
def test_the_value_that_stands_in_for_gaps_is_in_every_range(term: Term) -> None:
    assert numbers([INSIDE], term.name, **term.within).tolist() == [INSIDE]


@pytest.mark.parametrize("term", [term for term in TERMS if term.needs], ids=lambda term: term.name)
def test_a_term_that_stands_alone_asks_for_what_it_needs(term: Term) -> None:
    with pytest.raises(ArgumentError, match=f"{term.name} needs {term.needs}, .*; add a row '{term.needs}'"):
        Limits.from_rows([(term.name, INSIDE)], 2)


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.name)
def test_a_row_takes_as_many_values_as_its_kind_says(term: Term) -> None:
    companion = [(name, value) for name, value in beside(term).items()]
    value = 1.0 if term.kind == "switch" else INSIDE
    assert np.all(getattr(Limits.from_rows([(term.name, value), *companion], 2), term.name) == value)
    two = [(term.name, value, value), *companion]
    if term.kind == "each":
        assert Limits.from_rows(two, 2).vector(term.name, 2).tolist() == [value, value]
    else:
        with pytest.raises(ArgumentError, match=f"limits row '{term.name}' takes one value"):
            Limits.from_rows(two, 2)


@pytest.mark.parametrize("term", [term for term in TERMS if term.gap is not None], ids=lambda term: term.name)
def test_a_gap_is_the_default_of_its_contract(term: Term) -> None:
    whole = Limits().vector(term.name, 2)
    holed = Limits(**{term.name: [INSIDE, np.nan]}).vector(term.name, 2)
    assert holed.tolist() == [INSIDE, whole[1]] == [INSIDE, term.gap]


def test_terms_bound_the_part_of_the_feasible_set_that_they_say() -> None:
    stated = dict.fromkeys((*BOX_LIMITS, *FOLDED_AT_ZERO), INSIDE)
    needed = {term.needs: INSIDE for term in TERMS if term.name in stated and term.needs}
    bare = feasible_set(Limits(net=None, min_weight=-1), 2)
    for name in BOX_LIMITS:
        own = {name: stated[name]} | {key: value for key, value in needed.items() if key == Limits.TERMS[name].needs}
        allowed = feasible_set(Limits(**{"net": None, "min_weight": -1, **own}), 2)
        assert (allowed.lower != bare.lower).any() or (allowed.upper != bare.upper).any(), name
        assert len(allowed.rows) == len(bare.rows)
    for name in FOLDED_AT_ZERO:
        own = {name: stated[name]} | {key: value for key, value in needed.items() if key == Limits.TERMS[name].needs}
        allowed = feasible_set(Limits(**{"net": None, "min_weight": -1, **own}), 2)
        assert allowed.names == ("", "", name), "one kink at zero a contract, and the row"


def test_each_part_stands_alone() -> None:
    assert BookLimits(gross_max=2).net_range() == (1.0, 1.0)
    costs = Costs(turnover_cost=0.01, current_weights=[0.5, 0.5])
    assert trading_cost(costs, np.array([1.0, 0.0])) == pytest.approx(0.01)
    assert Aim(risk_aversion=3).risk_aversion == 3.0
    with pytest.raises(TypeError, match="gross_max"):
        Costs(gross_max=2)  # type: ignore[call-arg]


def test_every_term_is_explained_in_the_docstring_of_its_part_and_of_the_block() -> None:
    for part in (*PARTS, Limits):
        for term in part.TERMS.values():
            assert f"    {term.name}: {term.meaning}\n" in (part.__doc__ or "")


@pytest.mark.parametrize(
    "term", [term for term in TERMS if isinstance(term.default, float)], ids=lambda term: term.name
)
def test_a_default_is_in_its_range(term: Term) -> None:
    assert numbers([term.default], term.name, **term.within).tolist() == [term.default]


def test_a_changed_term_is_checked_and_the_others_stay() -> None:
    before = Limits(max_weight=0.4, risk_free=0.03, turnover_cost=[0.1, 0.2])
    after = before.changed(risk_free=0.05, current_weights=[0.1, 0.2])
    assert (after.risk_free, before.risk_free) == (0.05, 0.03)
    assert after.vector("current_weights", 2).tolist() == [0.1, 0.2]
    assert before.current_weights is None
    assert after.turnover_cost is before.turnover_cost
    assert after.changed(current_weights=None).current_weights is None
    with pytest.raises(ArgumentError, match="turnover_cost"):
        before.changed(turnover_cost=-1.0)
