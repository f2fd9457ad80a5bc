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
meanwhile, for more of them may bind than there are variables between ends. Where it circles all the same, pulls under
which it settles lead to weaker ones, and in the end to none. What has not settled then is left to others.

The greatest ratio e(w) / sqrt(w'P w) of a gain e(w) = e - q'w - sum c_k max(w_i - a_k, 0) is the optimum for q and c
times p, at the p at which p e(w) = w'P w. On the pieces w = w0 + p w1, and w1'P w0 = 0 as w0 has the least variance
there: so p = w0'P w0 / e(w0), and p is found with the pieces, in the same steps.

Sources: Hintermüller, Ito and Kunisch, SIAM Journal on Optimization 13 (2002), for the primal-dual active set;
Dinkelbach, Management Science 13 (1967), for the ratio.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ...arrays import Array
from ...records import dataclass
from ...tolerances import SOLVED
from ..compiled import compiled, worth_compiling
from .linear_set import row_sizes
from .loops import settled_states
from .program import QuadraticProgram, layers

__all__ = ["Candidate", "by_pieces", "ratio_by_pieces"]

States = NDArray[np.int64]
Settled = tuple[Array, Array, Array, States, float]
"""Weights, multipliers of the rows, forces, states, and the p by which q and c count."""

FADING = np.array([1.0, 0.3, 0.1, 0.03, 0.01, 0.0])
"""The pulls towards zero, in units of the mean variance: one correction at each, all the others without a pull."""

STAGES, STAGE = 20, 8
"""How many pulls are tried where that does not settle, and how many corrections each may take."""

FIRST_STAGE, FALL = 0.1, 4.0
"""The first of these pulls, in the same units, and the factor to the next: weaker than what settles, else stronger."""

GIVE = 1e-2
"""How far binding rows of size one give way for a multiplier of one, in units of the pull."""

LEAST_PULL = 1e-3
"""The pull, in the same units, of a step without one in which more rows bind than variables are between ends."""

GENTLE = np.geomspace(10.0, 1e-4, 18)
"""The pulls where P is singular: the last of them stays."""

STRIDE = 3.0
"""How many times the last p the next may be."""

STEPS = 16
"""Corrections under the last pull after which it counts as not settled; six are usual."""

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
    upper bound. On the piece between two ends the linear part of the objective and the m rows are, for each variable,
    `slopes` w + `offsets`, `(n, L + 1, 1 + m)` each.
    """

    P: Array
    ends: Array
    top: States
    slopes: Array
    offsets: Array
    row_lower: Array
    row_upper: Array

    @property
    def mean_variance(self) -> float:
        """The unit of a pull."""
        return float(self.P.diagonal().mean()) or 1.0

    def drawn_to(self, centre: Array, pull: float) -> _Pieces:
        """The same whose objective has a pull towards `centre` `(n,)`, as far as it is linear."""
        slopes = self.slopes.copy()
        slopes[:, :, 0] -= pull * centre[:, np.newaxis]
        return replace(self, slopes=slopes)


@dataclass
class _Standing:
    """Where a search stands: the states `(n,)`, how rows bind `(m,)` (1 above, -1 below, 0 not), and p."""

    states: States
    binding: States
    p: float = 1.0

    @classmethod
    def at(cls, pieces: _Pieces, states: States) -> _Standing:
        """At these states, as long as no row binds but those that always do."""
        return cls(states.copy(), np.where(pieces.row_lower == pieces.row_upper, 1, 0))

    @classmethod
    def first(cls, pieces: _Pieces) -> _Standing:
        """Every variable between ends, on the side of zero to which the objective draws it."""
        start = np.minimum(np.maximum(-1e-3 * np.sign(pieces.slopes[:, 0, 0]), pieces.ends[:, 0]), pieces.ends[:, -1])
        passed = (pieces.ends[:, :-1] <= start[:, np.newaxis]).sum(axis=1)
        return cls.at(pieces, np.minimum(np.maximum(2 * passed - 1, 1), pieces.top - 1))

    def copy(self) -> _Standing:
        """One that stays where it is while this one moves on."""
        return _Standing(self.states.copy(), self.binding.copy(), self.p)


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
    most = int(layer.max(initial=-1)) + 1
    ends = np.repeat(problem.upper[:plain, None], most + 2, axis=1)
    ends[:, 0] = problem.lower[:plain]
    ends[folded, layer + 1] = problem.row_upper[: folded.size]
    every = np.vstack([problem.q / q_size, stated / sizes[:, None]])
    slopes, offsets = np.zeros((plain, most + 1, len(every))), np.zeros((plain, most + 1, len(every)))
    slopes[:, 0] = every[:, :plain].T
    slopes[folded, layer + 1] = every[:, plain:].T
    offsets[:, 1:] = -slopes[:, 1:] * ends[:, 1:-1, np.newaxis]
    return _Pieces(
        P=problem.P / risk_size,
        ends=ends,
        top=2 * (np.bincount(folded, minlength=plain) + 1),
        slopes=slopes.cumsum(axis=1),
        offsets=offsets.cumsum(axis=1),
        row_lower=problem.row_lower[folded.size :] / sizes,
        row_upper=problem.row_upper[folded.size :] / sizes,
    )


def _direct(pieces: _Pieces, constant: float | None = None) -> Settled | None:
    """The optimum once the pulls have faded to nothing; the greatest ratio for a gain with that constant."""
    at = _Standing.first(pieces)
    if pieces.slopes.shape[1] == 1 and not pieces.slopes[:, :, 0].any():
        return _search(pieces, at, np.zeros(1))
    answer = _search(pieces, at, FADING * pieces.mean_variance, give=GIVE, constant=constant)
    return answer or (_in_stages(pieces, at) if constant is None else None)


def _in_stages(pieces: _Pieces, at: _Standing) -> Settled | None:
    """The optimum by way of pulls under which the pieces settle, each weaker than the last.

    From each of them it is tried without a pull, and where that circles, with a weaker one; where that circles as well,
    with one between the two.
    """
    pull, fall = FIRST_STAGE * pieces.mean_variance, FALL
    settled_under, there = 0.0, at
    for _ in range(STAGES):
        answer = _search(pieces, at, np.array([pull]), give=GIVE, steps=STAGE)
        if answer is not None and pull == 0:
            return answer
        if answer is not None:
            settled_under, there, pull = pull, at.copy(), 0.0
        elif settled_under == 0:
            pull *= FALL
        else:
            fall = math.sqrt(settled_under / pull) if pull else fall
            pull, at = settled_under / fall, there.copy()
    return None


def _proximal(pieces: _Pieces) -> Settled | None:
    """The same for a singular P, whose optimum may not be unique: a small pull towards the last weights stays.

    Each round solves a regular program; once the weights stand still, the pull is nothing (Rockafellar, 1976).
    """
    answer = _search(pieces, _Standing.first(pieces), GENTLE * pieces.mean_variance)
    return None if answer is None else _held_still(pieces, answer[0], answer[3], NEAR * pieces.mean_variance)


def _from_near(pieces: _Pieces, w: Array) -> Settled | None:
    """The same from weights near the optimum: on the pieces they stand on, without a pull and then with a small one."""
    distances = np.abs(pieces.ends[:, :-1] - w[:, None])
    passed = (pieces.ends[:, :-1] <= w[:, None]).sum(axis=1)
    states = np.where(distances.min(axis=1) <= MEETS, 2 * distances.argmin(axis=1), np.maximum(2 * passed - 1, 1))
    states = np.where(np.abs(pieces.ends[:, -1] - w) <= MEETS, pieces.top, np.minimum(states, pieces.top - 1))
    return _search(pieces, _Standing.at(pieces, states), np.zeros(1)) or _held_still(pieces, w, states, HOLD)


def _held_still(pieces: _Pieces, centre: Array, states: States, pull: float) -> Settled | None:
    """The weights that a pull towards themselves leaves where they are, sought from `centre` as the pull fades."""
    least = NEAR * pieces.mean_variance
    answer: Settled | None = None
    softer = SOFTER
    for _ in range(ROUNDS):
        following = _search(pieces.drawn_to(centre, pull), _Standing.at(pieces, states), np.array([pull]))
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


def _search(
    pieces: _Pieces,
    at: _Standing,
    pulls: Array,
    *,
    give: float = 0.0,
    constant: float | None = None,
    steps: int = STEPS,
) -> Settled | None:
    """The optimum where the pieces settle under the last of the pulls; `at` moves on with each correction."""
    run = compiled(settled_states) if worth_compiling(pieces.P.size * STEPS) else _settled_states
    variance = pieces.mean_variance
    try:
        found, w, y, force, at.p = run(
            pieces.P, pieces.ends, pieces.top, pieces.slopes, pieces.offsets, pieces.row_lower, pieces.row_upper,
            at.states, at.binding, at.p, pulls, give / variance, LEAST_PULL * variance, steps, SOLVED, STRIDE,
            np.nan if constant is None else constant,
        )  # fmt: skip
    except np.linalg.LinAlgError:
        return None
    return (w, y, force, at.states, at.p) if found and np.isfinite(force).all() else None


def _settled_states(
    P: Array, ends: Array, top: States, slopes: Array, offsets: Array, row_lower: Array, row_upper: Array,
    states: States, binding: States, p: float, pulls: Array, give: float, least_pull: float, steps: int,
    rounding: float, stride: float, constant: float,
) -> tuple[bool, Array, Array, Array, float]:  # fmt: skip
    """`loops.settled_states` in numpy."""
    last, sums = slopes.shape[1] - 1, 1 + len(row_lower)
    first_piece, first_end = np.arange(len(P)) * (last + 1), np.arange(len(P)) * (last + 2)
    slopes, offsets, ends = slopes.reshape(-1, sums), offsets.reshape(-1, sums), ends.ravel()
    equation = row_lower == row_upper
    balances = not math.isnan(constant)
    for step in range(len(pulls) - 1 + steps):
        pull = pulls[min(step, len(pulls) - 1)]
        between, position = states & 1 == 1, states >> 1
        piece = first_piece + (np.maximum(states - 1, 0) >> 1)
        end = first_end + position
        below, above = ends.take(end), ends.take(end + between)
        on, zero = slopes.take(piece, axis=0), offsets.take(piece, axis=0).sum(axis=0)
        free, bound = between.nonzero()[0], binding.nonzero()[0]
        if give and not pull and bound.size > free.size:
            pull = least_pull
        largest, count, size = max(1.0, p), free.size, free.size + bound.size
        system, target = np.zeros((size, size)), np.zeros((size, 2))
        of_free = on.take(free, axis=0)
        system[:count, :count] = P.take(free, axis=0).take(free, axis=1)
        system[:count, count:] = of_free.take(1 + bound, axis=1)
        system[count:, :count] = system[:count, count:].T
        if pull:
            system.flat[: count * (size + 1) : size + 1] += pull
            system.flat[count * (size + 1) :: size + 1] = -give * pull / largest
        w = np.where(between, 0.0, below)
        values = zero + w @ on
        target[:count, 0], target[:count, 1] = -(P @ w).take(free), -of_free[:, 0]
        target[count:, 0] = (np.where(binding > 0, row_upper, row_lower) - values[1:]).take(bound)
        answer = np.linalg.solve(system, target)
        near = True
        if balances and step > 1:
            w[free] = answer[:count, 0]
            earned, variance = constant - float(zero[0] + w @ on[:, 0]), float(w @ (P @ w))
            root = variance / earned if earned > 0 else math.inf
            p = min(max(root, p / stride), p * stride)
            near, largest = p == root, max(1.0, p)
        whole = answer[:, 0] + p * answer[:, 1]
        w[free], price = whole[:count], np.zeros(sums)
        price[0], price[1 + bound] = p, whole[count:]

        gradient, pushed = P @ w + pull * w, slopes @ price
        left = gradient + pushed.take(piece)
        right = gradient + pushed.take(first_piece + np.minimum(position, last))
        rises = np.where(between, w - above > rounding, right < -rounding * largest) & (states < top)
        falls = np.where(between, below - w > rounding, left > rounding * largest) & (states > 0) & ~rises
        y, values = price[1:], (zero + w @ on)[1:]
        wrong = (binding * y < -rounding * largest) & ~equation
        breaks = np.where(values > row_upper + rounding, 1, np.where(values < row_lower - rounding, -1, 0))
        breaks[binding != 0] = 0
        settled = near and not (rises.any() or falls.any() or wrong.any() or breaks.any())
        if settled and pull == pulls[-1]:
            return True, w, y, -left, p
        states += rises
        states -= falls
        binding += breaks
        binding[wrong] = 0
    return False, w, y, -left, p


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
