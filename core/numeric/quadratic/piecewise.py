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
zero that fades from step to step (a heavy diagonal makes it settle); binding rows give way by as much as y is large
meanwhile, for more of them may bind than there are variables between ends. What has not settled is left to others.

The greatest ratio e(w) / sqrt(w'P w) of a gain e(w) = e - q'w - sum c_k max(w_i - a_k, 0) is the optimum for q and c
times p, at the p at which p e(w) = w'P w. On the pieces w = w0 + p w1, and w1'P w0 = 0 as w0 has the least variance
there: so p = w0'P w0 / e(w0), and p is found with the pieces, in the same steps.

Sources: Hintermüller, Ito and Kunisch, SIAM Journal on Optimization 13 (2002), for the primal-dual active set;
Dinkelbach, Management Science 13 (1967), for the ratio.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ...arrays import Array
from ...tolerances import SOLVED
from ..compiled import compiled, worth_compiling
from .linear_set import row_sizes
from .loops import settled_states
from .program import QuadraticProgram, layers

__all__ = ["Candidate", "by_pieces", "ratio_by_pieces"]

States = NDArray[np.int64]
Settled = tuple[Array, Array, Array, States, float]
"""Weights, multipliers of the rows, forces, states, and the p by which q and c count."""

FADING = (np.array([1.0, 0.2, 0.04, 0.0]), np.append(np.geomspace(10.0, 1e-5, 40), 0.0))
"""The pulls towards zero, in units of the mean variance: one correction at each, all the others without a pull. The
second way down is for what does not settle by the first."""

FEW = 40
"""Variables up to which other routes are quicker than the second way down."""

GIVE = 1e-2
"""How far binding rows of size one give way for a multiplier of one, in units of the pull."""

LEAST_PULL = 1e-3
"""The pull, in the same units, of a step without one in which more rows bind than variables are between ends."""

GENTLE = np.geomspace(10.0, 1e-4, 18)
"""The pulls where P is singular: the last of them stays."""

STRIDE = 3.0
"""How many times the last p the next may be."""

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
    size = max(float(problem.P.diagonal().max()), float(np.abs(problem.q).max()))
    if size == 0:
        return None
    pieces = _pieces(problem, size, size)
    answer = _direct(pieces) or _proximal(pieces) if near is None else _from_near(pieces, near[: problem.plain])
    return None if answer is None else _unfolded(problem, answer, size)


def ratio_by_pieces(problem: QuadraticProgram, constant: float) -> tuple[Candidate, float] | None:
    """Where (constant - q'x) / sqrt(w'P w) is greatest over the rows and bounds of `problem`, and the p there.

    x is the optimum of the program whose linear part is p q, as which the caller certifies it. None where the pieces
    did not settle, or nothing that was met earns anything.
    """
    variance, gain = float(problem.P.diagonal().max()), float(np.abs(problem.q).max())
    if variance == 0 or gain == 0:
        return None
    answer = _direct(_pieces(problem, variance, gain), constant / gain)
    if answer is None:
        return None
    p = answer[-1] * variance / gain
    return _unfolded(replace(problem, q=p * problem.q), answer, variance), p


def _pieces(problem: QuadraticProgram, risk_size: float, q_size: float) -> _Pieces:
    plain, folded, stated = problem.plain, problem.folded, problem.stated()
    layer, sizes = layers(folded), row_sizes(stated)
    stated = stated / sizes[:, None]
    most = int(layer.max(initial=-1)) + 1
    ends = np.repeat(problem.upper[:plain, None], most + 2, axis=1)
    ends[:, 0] = problem.lower[:plain]
    ends[folded, layer + 1] = problem.row_upper[: folded.size]
    costs, slopes = np.zeros((most, plain)), np.zeros((most, len(stated), plain))
    costs[layer, folded] = problem.q[plain:] / q_size
    slopes[layer, :, folded] = stated[:, plain:].T
    return _Pieces(
        P=problem.P / risk_size,
        q=problem.q[:plain] / q_size,
        A=np.ascontiguousarray(stated[:, :plain]),
        row_lower=problem.row_lower[folded.size :] / sizes,
        row_upper=problem.row_upper[folded.size :] / sizes,
        ends=ends,
        top=2 * (np.bincount(folded, minlength=plain) + 1),
        costs=costs,
        slopes=slopes,
    )


def _direct(pieces: _Pieces, constant: float | None = None) -> Settled | None:
    """The optimum once the pulls have faded to nothing; the greatest ratio for a gain with that constant."""
    states = _first_states(pieces)
    if not (pieces.q.any() or pieces.costs.size):
        return _search(pieces, pieces.q, states, np.zeros(1))
    for pulls in FADING if len(pieces.P) > FEW else FADING[:1]:
        answer = _search(pieces, pieces.q, states, pulls * _mean_variance(pieces), give=GIVE, constant=constant)
        if answer is not None:
            return answer
    return None


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


def _search(
    pieces: _Pieces, q: Array, states: States, pulls: Array, *, give: float = 0.0, constant: float | None = None
) -> Settled | None:
    run = compiled(settled_states) if worth_compiling(pieces.P.size * STEPS) else _settled_states
    variance = _mean_variance(pieces)
    try:
        found, w, y, force, states, p = run(
            pieces.P, q, pieces.A, pieces.row_lower, pieces.row_upper, pieces.ends, pieces.top, pieces.costs,
            pieces.slopes, states, pulls, give / variance, LEAST_PULL * variance, STEPS, SOLVED,
            STRIDE, np.nan if constant is None else constant,
        )  # fmt: skip
    except np.linalg.LinAlgError:
        return None
    return (w, y, force, states, p) if found and np.isfinite(force).all() else None


def _settled_states(
    P: Array, q: Array, A: Array, row_lower: Array, row_upper: Array, ends: Array, top: States, costs: Array,
    slopes: Array, states: States, pulls: Array, give: float, least_pull: float, steps: int, rounding: float,
    stride: float, constant: float,
) -> tuple[bool, Array, Array, Array, States, float]:  # fmt: skip
    """`loops.settled_states` in numpy."""
    each, kinks = np.arange(len(P)), ends[:, 1:-1].T
    equation = row_lower == row_upper
    binding = np.where(equation, 1, 0)
    p, balances = 1.0, not math.isnan(constant)
    for step in range(len(pulls) - 1 + steps):
        pull = pulls[min(step, len(pulls) - 1)]
        between = states & 1 == 1
        position = states >> 1
        q_on, rows_on, shift, saved = q, A, 0.0, 0.0
        for layer in range(len(costs)):
            on = states > 2 * (layer + 1)
            q_on = q_on + costs[layer] * on
            rows_on = rows_on + slopes[layer] * on
            past = np.where(on, kinks[layer], 0.0)
            shift = shift + slopes[layer] @ past
            saved += float(costs[layer] @ past)
        free, bound = between.nonzero()[0], binding.nonzero()[0]
        least = np.where(between, 0.0, ends[each, position])  # w0, and beside it w1
        drawn = np.zeros(len(P))
        if give and not pull and bound.size > free.size:
            pull = least_pull
        largest = max(1.0, p)
        system = np.zeros((free.size + bound.size,) * 2)
        system[: free.size, : free.size] = P[free[:, None], free]
        system[free.size :, : free.size] = rows_on[bound[:, None], free]
        system[: free.size, free.size :] = system[free.size :, : free.size].T
        if pull:
            system.flat[: free.size * (len(system) + 1) : len(system) + 1] += pull
            system.flat[free.size * (len(system) + 1) :: len(system) + 1] = -give * pull / largest
        limit = np.where(binding > 0, row_upper, row_lower) + shift
        target = np.zeros((len(system), 2))
        target[: free.size, 0], target[: free.size, 1] = -(P @ least)[free], -q_on[free]
        target[free.size :, 0] = (limit - rows_on @ least)[bound]
        answer = np.linalg.solve(system, target)
        least[free], drawn[free] = answer[: free.size].T
        near = True
        if balances and step > 1:
            earned, variance = constant + saved - float(q_on @ least), float(least @ (P @ least))
            root = variance / earned if earned > 0 else math.inf
            p = min(max(root, p / stride), p * stride)
            near, largest = p == root, max(1.0, p)
        w, y = least + p * drawn, np.zeros(len(A))
        y[bound] = answer[free.size :, 0] + p * answer[free.size :, 1]

        force = -(P @ w + p * q_on + y @ rows_on) - pull * w
        held = np.zeros(len(P))
        for layer in range(len(costs)):
            at = states == 2 * (layer + 1)
            held = np.where(at, p * costs[layer] + y @ slopes[layer], held)
        rises = np.where(between, w - ends[each, np.minimum(position + 1, ends.shape[1] - 1)], (force - held) / largest)
        falls = np.where(between, ends[each, position] - w, -force / largest)
        rises, falls = (rises > rounding) & (states < top), (falls > rounding) & (states > 0)
        values = rows_on @ w - shift
        wrong = (binding * y < -rounding * largest) & ~equation
        breaks = np.where(values > row_upper + rounding, 1, np.where(values < row_lower - rounding, -1, 0))
        breaks = np.where(binding == 0, breaks, 0)
        settled = near and not (rises.any() or falls.any() or wrong.any() or breaks.any())
        if settled and pull == pulls[-1]:
            return True, w, y, force, states, p
        states = states + rises - (falls & ~rises)
        binding = np.where(wrong, 0, binding + breaks)
    return False, w, y, force, states, p


def _unfolded(problem: QuadraticProgram, answer: Settled, size: float) -> Candidate:
    """The folds and the multipliers of their ties and bounds, which follow from the states and the forces."""
    w, y, force, states, _ = answer
    y, force = y / row_sizes(problem.stated()) * size, force * size
    folded, kinks = problem.folded, problem.row_upper[: problem.folded.size]
    at_bound = (states == 0) | (states == 2 * (np.bincount(folded, minlength=w.size) + 1))
    bounds = np.where(at_bound, force, 0.0)
    if not folded.size:
        return Candidate(w, y, bounds)
    state, kink_state = states[folded], 2 * (layers(folded) + 1)
    cost = (problem.q + y @ problem.stated())[problem.plain :]
    ties = np.where(state > kink_state, cost, np.where(state == kink_state, force[folded], 0.0))
    ties = np.minimum(np.maximum(ties, 0.0), cost)
    folds = np.where(state > kink_state, w[folded] - kinks, 0.0)
    return Candidate(np.concatenate([w, folds]), np.concatenate([ties, y]), np.concatenate([bounds, ties - cost]))
