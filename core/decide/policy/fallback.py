"""Fallback: the best model that answers, and why the better ones did not.

    enhanced  ->  classical mean-variance  ->  current weights

A model may fail to be estimated (too little history) or to be solved (limits in conflict, no positive premium, no
certified optimum); then the next one answers, and the reason is kept. A wrong argument is no such failure: it would
fail every model alike, or hide a mistake, so it is raised at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from ...errors import ArgumentError, MissingDataError, SolveError

__all__ = ["Answer", "first_that_answers"]

Value = TypeVar("Value")


@dataclass(frozen=True)
class Answer(Generic[Value]):
    """What the first model that could answered, its name, and (model, reason) of each that was asked before it."""

    value: Value
    model: str
    reasons: tuple[tuple[str, str], ...] = ()

    @property
    def explanation(self) -> str:
        """The model and why the others did not answer, in one line."""
        return "; ".join([self.model, *(f"{model} did not answer: {reason}" for model, reason in self.reasons)])


def first_that_answers(steps: Sequence[tuple[str, Callable[[], Value]]]) -> Answer[Value]:
    """The answer of the first of `steps`, each a model's name and a call without arguments, best model first.

    Caught: MissingDataError (cannot be estimated) and SolveError (infeasible, undefined, not certified). Everything
    else passes through. Raises ArgumentError (no steps) and, when none answers, SolveError with the reason of each.
    """
    if not steps:
        raise ArgumentError("steps is empty; name at least one model")
    reasons: list[tuple[str, str]] = []
    for model, answer in steps:
        try:
            return Answer(answer(), model, tuple(reasons))
        except (MissingDataError, SolveError) as error:
            reasons.append((model, str(error)))
    raise SolveError("no model answered: " + "; ".join(f"{model}: {reason}" for model, reason in reasons))
