"""Quadratic programs with absolute values, solved on the pieces in which they are smooth.

    minimise  w'Pw/2 + q'w + sum c_k max(w_i - a_k, 0)
    subject to  row_lower <= A w + sum C_k max(w_i - a_k, 0) <= row_upper,   lower <= w <= upper

Between two neighbours among its ends (lower bound, kinks a_k, upper bound) each fold is either zero or w_i - a_k. So
each variable is in one of the states

    0: at the lower bound,  1: below the first kink,  2: at it,  3: above it,  ...,  top: at the upper bound

and once the states and the binding rows are guessed, the optimum solves one linear system in the variables between
ends (F) and the multipliers y of the binding rows:

    | P_FF  A_F' | | w_F |   | -q_F - P_FX w_X |
    | A_F    0   | |  y  | = |   b - A_X w_X   |         q and A with the folds that are on, w_X at their ends

Its answer corrects the guess, all variables at once: one that has left its piece stops at the end it passed, one at
an end leaves it where the force -(P w + q + A'y)_i is not held by the kink (0 <= force <= c_k + C_k'y), a binding row
with a multiplier of the wrong sign is let go, a broken one binds. When nothing changes, the optimum is found: a few
linear systems instead of one change at a time. The method may circle, so P is first made heavier by a pull towards
zero that fades from stage to stage (a heavy diagonal makes it settle), and what has not settled is left to others.

Source: Hintermüller, Ito and Kunisch, SIAM Journal on Optimization 13 (2002), for the primal-dual active set.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...arrays import Array
from ...tolerances import SOLVED
from ..compiled import compiled, worth_compiling
from .linear_set import row_sizes
from .loops import settled_states
from .program import QuadraticProgram, layers

__all__ = ["Candidate", "by_pieces"]

States = NDArray[np.int64]
Settled = tuple[Array, Array, Array, States]

FADING = np.array([1.0, 0.2, 0.04, 0.0])
"""The pulls towards zero, in units of the mean variance: one correction at each, all the others without a pull."""

GENTLE = np.geomspace(10.0, 1e-4, 18)
"""The pulls where P is singular: the last of them stays."""

STEPS = 25
"""Corrections of the program itself after which it counts as not settled; six are usual."""

NEAR, ROUNDS, STILL = 1e-4, 30, 1e-14
"""That last pull, how often the weights may move under it, and when they stand still."""

HOLD, SOFTER = 1.0, 10.0
"""The pull towards weights that are near the optimum already, and by what it is divided from round to round."""

MEETS = 1e-7
"""Distance of a weight from an end up to which weights near an optimum are thought to stand on it."""


@dataclass(frozen=True)
class Candidate:
    """What may be the optimum: `x` `(n,)` with its folds, and the multipliers of rows `(m,)` and bounds `(n,)`."""

    x: Array
    row_multipliers: Array
    bound_multipliers: Array


@dataclass(frozen=True)
class _Pieces:
    """The program without its folds and with objective and rows of size one.

    `ends` is `(n, L + 2)`, a row's last one repeated where it has fewer than L kinks; `top` `(n,)` is the state at the
    upper bound; `costs` `(L, n)` and `slopes` `(L, m, n)` are what the folds add to q and A once they are on.
    """

    P: Array
    q: Array
    A: Array
    row_lower: Array
    row_upper: Array
    ends: Array
    top: States
    costs: Array
    slopes: Array


def by_pieces(problem: QuadraticProgram, near: Array | None = None) -> Candidate | None:
    """A candidate for the optimum of `problem`, for the caller to certify; None where the pieces did not settle.

    `near` `(n,)` is a point that is thought to be near the optimum; its pieces then are the first guess.
    """
    objective_size = max(float(problem.P.diagonal().max()), float(np.abs(problem.q).max()))
    if objective_size == 0:
        return None
    sizes = row_sizes(problem.stated())
    layer = layers(problem.folded)
    pieces = _pieces(problem, layer, objective_size, sizes)
    answer = _direct(pieces) or _proximal(pieces) if near is None else _from_near(pieces, near[: problem.plain])
    if answer is None:
        return None
    w, y, force, states = answer
    return _unfolded(problem, layer, w, y / sizes * objective_size, force * objective_size, states)


def _pieces(problem: QuadraticProgram, layer: NDArray[np.intp], objective_size: float, sizes: Array) -> _Pieces:
    plain, folded, stated = problem.plain, problem.folded, problem.stated() / sizes[:, None]
    layers = int(layer.max(initial=-1)) + 1
    ends = np.repeat(problem.upper[:plain, None], layers + 2, axis=1)
    ends[:, 0] = problem.lower[:plain]
    ends[folded, layer + 1] = problem.row_upper[: folded.size]
    costs, slopes = np.zeros((layers, plain)), np.zeros((layers, len(stated), plain))
    costs[layer, folded] = problem.q[plain:] / objective_size
    slopes[layer, :, folded] = stated[:, plain:].T
    return _Pieces(
        P=problem.P / objective_size,
        q=problem.q[:plain] / objective_size,
        A=np.ascontiguousarray(stated[:, :plain]),
        row_lower=problem.row_lower[folded.size :] / sizes,
        row_upper=problem.row_upper[folded.size :] / sizes,
        ends=ends,
        top=2 * (np.bincount(folded, minlength=plain) + 1),
        costs=costs,
        slopes=slopes,
    )


def _direct(pieces: _Pieces) -> Settled | None:
    """Weights, multipliers of the rows, forces and states once the pulls have faded to nothing."""
    bends = bool(pieces.q.any() or pieces.costs.size)
    pulls = FADING * (pieces.P.trace() / len(pieces.P)) if bends else np.zeros(1)
    return _search(pieces, pieces.q, _first_states(pieces), pulls)


def _proximal(pieces: _Pieces) -> Settled | None:
    """The same for a singular P, whose optimum may not be unique: a small pull towards the last weights stays.

    Each round solves a regular program; once the weights stand still, the pull is nothing (Rockafellar, 1976).
    """
    answer = _search(pieces, pieces.q, _first_states(pieces), GENTLE * _mean_variance(pieces))
    return None if answer is None else _held_still(pieces, answer[0], answer[3], NEAR * _mean_variance(pieces))


def _mean_variance(pieces: _Pieces) -> float:
    return float(pieces.P.diagonal().mean()) or 1.0


def _from_near(pieces: _Pieces, w: Array) -> Settled | None:
    """The same from weights near the optimum: on the pieces they stand on, without a pull and then with a small one."""
    distances = np.abs(pieces.ends[:, :-1] - w[:, None])
    passed = (pieces.ends[:, :-1] <= w[:, None]).sum(axis=1)
    states = np.where(distances.min(axis=1) <= MEETS, 2 * distances.argmin(axis=1), np.maximum(2 * passed - 1, 1))
    states = np.where(np.abs(pieces.ends[:, -1] - w) <= MEETS, pieces.top, np.minimum(states, pieces.top - 1))
    return _search(pieces, pieces.q, states, np.zeros(1)) or _held_still(pieces, w, states, HOLD)


def _held_still(pieces: _Pieces, centre: Array, states: States, pull: float) -> Settled | None:
    """The weights that a pull towards themselves leaves where they are, sought from `centre` as the pull fades."""
    least = NEAR * _mean_variance(pieces)
    answer: Settled | None = None
    softer = SOFTER
    for _ in range(ROUNDS):
        following = _search(pieces, pieces.q - pull * centre, states, np.array([pull]))
        if following is None:
            if answer is None or softer == 1.0:
                return answer
            pull, softer = pull * softer, 1.0  # too weak a pull to settle: the last one stays
            continue
        answer = following
        if float(np.abs(answer[0] - centre).max()) <= STILL * float(np.abs(centre).max()):
            return answer
        centre, states, pull = answer[0], answer[3], max(pull / softer, min(pull, least))
    return answer


def _first_states(pieces: _Pieces) -> States:
    """Every variable between ends, on the side of zero to which the objective draws it."""
    start = np.minimum(np.maximum(-1e-3 * np.sign(pieces.q), pieces.ends[:, 0]), pieces.ends[:, -1])
    passed = np.zeros(start.size, dtype=np.int64)
    for end in pieces.ends.T[:-1]:
        passed += end <= start
    return np.minimum(np.maximum(2 * passed - 1, 1), pieces.top - 1)


def _search(pieces: _Pieces, q: Array, states: States, pulls: Array) -> Settled | None:
    run = compiled(settled_states) if worth_compiling(pieces.P.size * STEPS) else _settled_states
    try:
        found, w, y, force, states = run(
            pieces.P, q, pieces.A, pieces.row_lower, pieces.row_upper, pieces.ends, pieces.top, pieces.costs,
            pieces.slopes, states, pulls, STEPS, SOLVED,
        )  # fmt: skip
    except np.linalg.LinAlgError:
        return None
    return (w, y, force, states) if found and np.isfinite(force).all() else None


def _settled_states(
    P: Array, q: Array, A: Array, row_lower: Array, row_upper: Array, ends: Array, top: States, costs: Array,
    slopes: Array, states: States, pulls: Array, steps: int, rounding: float,
) -> tuple[bool, Array, Array, Array, States]:  # fmt: skip
    """`loops.settled_states` in numpy."""
    each, kinks = np.arange(len(P)), ends[:, 1:-1].T
    equation = row_lower == row_upper
    binding = np.where(equation, 1, 0)
    for step in range(len(pulls) - 1 + steps):
        pull = pulls[min(step, len(pulls) - 1)]
        between = states & 1 == 1
        position = states >> 1
        q_on, rows_on, shift = q, A, 0.0
        for layer in range(len(costs)):
            on = states > 2 * (layer + 1)
            q_on = q_on + costs[layer] * on
            rows_on = rows_on + slopes[layer] * on
            shift = shift + slopes[layer] @ np.where(on, kinks[layer], 0.0)
        w = np.where(between, 0.0, ends[each, position])
        free, bound = between.nonzero()[0], binding.nonzero()[0]
        limit = np.where(binding > 0, row_upper, row_lower) + shift
        system = np.zeros((free.size + bound.size,) * 2)
        corner = system[: free.size, : free.size]
        corner[:] = P[free[:, None], free]
        if pull:
            corner.flat[:: free.size + 1] += pull
        system[free.size :, : free.size] = rows_on[bound[:, None], free]
        system[: free.size, free.size :] = system[free.size :, : free.size].T
        target = np.concatenate([-(q_on + P @ w)[free], (limit - rows_on @ w)[bound]])
        answer = np.linalg.solve(system, target)
        w[free] = answer[: free.size]
        y = np.zeros(len(A))
        y[bound] = answer[free.size :]

        force = -(P @ w + q_on + y @ rows_on) - pull * w
        held = np.zeros(len(P))
        for layer in range(len(costs)):
            at = states == 2 * (layer + 1)
            held = np.where(at, costs[layer] + y @ slopes[layer], held)
        rises = np.where(between, w - ends[each, np.minimum(position + 1, ends.shape[1] - 1)], force - held)
        falls = np.where(between, ends[each, position] - w, -force)
        rises, falls = (rises > rounding) & (states < top), (falls > rounding) & (states > 0)
        values = rows_on @ w - shift
        wrong = (binding * y < -rounding) & ~equation
        breaks = np.where(values > row_upper + rounding, 1, np.where(values < row_lower - rounding, -1, 0))
        breaks = np.where(binding == 0, breaks, 0)
        settled = not (rises.any() or falls.any() or wrong.any() or breaks.any())
        if settled and step >= len(pulls) - 1:
            return True, w, y, force, states
        states = states + rises - (falls & ~rises)
        binding = np.where(wrong, 0, binding + breaks)
    return False, w, y, force, states


def _unfolded(
    problem: QuadraticProgram, layer: NDArray[np.intp], w: Array, y: Array, force: Array, states: States
) -> Candidate:
    """The folds and the multipliers of their ties and bounds, which follow from the states and the forces."""
    folded, kinks = problem.folded, problem.row_upper[: problem.folded.size]
    at_bound = (states == 0) | (states == 2 * (np.bincount(folded, minlength=w.size) + 1))
    bounds = np.where(at_bound, force, 0.0)
    if not folded.size:
        return Candidate(w, y, bounds)
    state, kink_state = states[folded], 2 * (layer + 1)
    cost = (problem.q + y @ problem.stated())[problem.plain :]
    ties = np.where(state > kink_state, cost, np.where(state == kink_state, force[folded], 0.0))
    ties = np.minimum(np.maximum(ties, 0.0), cost)
    folds = np.where(state > kink_state, w[folded] - kinks, 0.0)
    return Candidate(np.concatenate([w, folds]), np.concatenate([ties, y]), np.concatenate([bounds, ties - cost]))
