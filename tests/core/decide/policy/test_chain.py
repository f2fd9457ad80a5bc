from __future__ import annotations

import numpy as np
import pytest

from core.decide.policy.chain import Chain
from core.decide.policy.models import CurrentWeights, EqualWeight
from core.decide.policy.outlook import Outlook
from core.decide.policy.past import Past
from core.decide.policy.protocol import Holding, Target
from core.errors import ArgumentError, InfeasibleError, MissingDataError, PerpDeskError, SolveError, UndefinedError

OUTLOOK = Outlook(Past(np.zeros((3, 2))))
HOLDING = Holding([0.7, 0.3])


class Refuses:
    """A policy that has no answer."""

    def __init__(self, name: str, error: Exception) -> None:
        self.name, self.error = name, error

    def __call__(self, outlook: Outlook, holding: Holding) -> Target:
        raise self.error


def test_the_best_that_answers_does() -> None:
    target = Chain((EqualWeight(), Refuses("worse", SolveError("never asked"))))(OUTLOOK, HOLDING)
    assert (target.model, target.reasons) == ("equal weight", ())


@pytest.mark.parametrize("error", [MissingDataError, SolveError, InfeasibleError, UndefinedError])
def test_the_reason_of_each_that_could_not_is_kept(error: type[PerpDeskError]) -> None:
    chain = Chain((Refuses("first", error("no rows")), Refuses("second", error("no optimum")), CurrentWeights()))
    target = chain(OUTLOOK, HOLDING)
    assert (chain.name, target.model, target.weights.tolist()) == ("first", "current weights", [0.7, 0.3])
    assert target.reasons == (("first", "no rows"), ("second", "no optimum"))


def test_a_chain_in_a_chain_tells_its_reasons_too() -> None:
    inner = Chain((Refuses("second", SolveError("b")), CurrentWeights()))
    assert Chain((Refuses("first", SolveError("a")), inner))(OUTLOOK, HOLDING).reasons == (
        ("first", "a"),
        ("second", "b"),
    )


@pytest.mark.parametrize("error", [ArgumentError("wrong"), ZeroDivisionError("a mistake")])
def test_a_wrong_argument_is_raised_at_once(error: Exception) -> None:
    with pytest.raises(type(error), match=str(error)):
        Chain((Refuses("first", error), CurrentWeights()))(OUTLOOK, HOLDING)


def test_where_none_answers_the_error_gives_the_reason_of_each() -> None:
    chain = Chain((Refuses("first", SolveError("a")), Refuses("second", SolveError("b"))))
    with pytest.raises(SolveError, match="no model answered: first: a; second: b"):
        chain(OUTLOOK, HOLDING)


def test_an_empty_chain_is_refused() -> None:
    with pytest.raises(ArgumentError, match="policies is empty"):
        Chain(())
