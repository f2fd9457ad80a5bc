from __future__ import annotations

import pytest

from core.decide.policy.fallback import first_that_answers
from core.errors import (
    ArgumentError,
    InfeasibleError,
    MissingDataError,
    NotConvergedError,
    NotInstalledError,
    SolveError,
    UndefinedError,
)


def fails(error: Exception):
    def model():
        raise error

    return model


def test_the_best_model_answers_when_it_can() -> None:
    answer = first_that_answers([("hybrid", lambda: 1), ("classical", lambda: 2)])
    assert (answer.value, answer.model, answer.reasons, answer.explanation) == (1, "hybrid", (), "hybrid")


def test_what_comes_after_the_answer_is_not_asked() -> None:
    assert first_that_answers([("a", lambda: 1), ("b", fails(ArgumentError("asked")))]).value == 1


@pytest.mark.parametrize("kind", [InfeasibleError, UndefinedError, NotConvergedError, SolveError, MissingDataError])
def test_each_failure_is_passed_on_with_its_reason(kind: type[Exception]) -> None:
    answer = first_that_answers(
        [("hybrid", fails(kind("first"))), ("classical", fails(kind("second"))), ("current weights", lambda: 3)]
    )
    assert (answer.value, answer.model) == (3, "current weights")
    assert answer.reasons == (("hybrid", "first"), ("classical", "second"))
    assert answer.explanation == "current weights; hybrid did not answer: first; classical did not answer: second"


@pytest.mark.parametrize("error", [ArgumentError("cap"), NotInstalledError("cvxpy"), ValueError("a mistake")])
def test_a_wrong_argument_or_a_mistake_is_never_swallowed(error: Exception) -> None:
    with pytest.raises(type(error), match=str(error)):
        first_that_answers([("hybrid", fails(error)), ("classical", lambda: 2)])


def test_when_none_answers_every_reason_is_told() -> None:
    with pytest.raises(SolveError, match="no model answered: hybrid: no premium; classical: in conflict"):
        first_that_answers(
            [("hybrid", fails(UndefinedError("no premium"))), ("classical", fails(InfeasibleError("in conflict")))]
        )


def test_there_must_be_a_model() -> None:
    with pytest.raises(ArgumentError, match="steps is empty"):
        first_that_answers([])
