"""The environment of an allocation, with the interface of gymnasium: a state, an action, a reward, a day further.

Whoever brings an algorithm of his own learns in it; ours learn in `rollouts`, which are this environment taken by many
accounts at once. It needs no gymnasium: `gymnasium_environment` dresses it for whoever has that.

Source: Brockman et al. (2016) and Towers et al. (2024) for the interface.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...arrays import Array
from ...checks import whole
from ...errors import ArgumentError, NotInstalledError
from .accounts import Accounts, advanced
from .market import Market, Stakes
from .state import LARGEST_WEIGHT, Scales, observed, scales_of
from .tilt import tilted

__all__ = ["Allocation", "gymnasium_environment"]

REPORT = dict[str, Any]


class Allocation:
    """An account that tilts a base, decision by decision, over an episode of `length` decisions; None: all of them.

    The state is that of `state`, scaled by `scales`, None: by those of the market; the action lies in [-1, 1], one a
    contract. An episode begins with what the base holds, at a decision drawn at random. Raises ArgumentError (length).
    """

    metadata: dict[str, Any] = {"render_modes": []}  # noqa: RUF012  as gymnasium has it
    render_mode = None

    def __init__(
        self,
        market: Market,
        stakes: Stakes | None = None,
        length: int | None = None,
        scales: Scales | None = None,
    ) -> None:
        self.market, self.stakes = market, stakes or Stakes()
        self.length = len(market) if length is None else whole(length, "length", at_least=1, at_most=len(market))
        self.scales = scales or scales_of(market.figures, market.regimes)
        self._figures = self.scales.of_contracts(market.figures)
        self._regimes = self.scales.of_regimes(market.regimes)
        self._generator = np.random.default_rng()
        self._row = self._end = 0
        self._accounts = Accounts.at(market.base[0], 1)

    @property
    def contracts(self) -> int:
        """N."""
        return int(self.market.base.shape[1])

    @property
    def state_bounds(self) -> Array:
        """The largest size of each number of the state, `(6 N + 2,)`."""
        return np.full(6 * self.contracts + 2, LARGEST_WEIGHT)

    @property
    def equity(self) -> float:
        """Of 1 at the start of the episode."""
        return float(self._accounts.equity[0])

    @property
    def weights(self) -> Array:
        """What is held before the decision that is due, `(N,)`."""
        return np.asarray(self._accounts.held[0])

    def wanted(self, action: Array) -> Array:
        """Weights that an action asks for at the decision that is due, inside the limits, `(N,)`."""
        market, row = self.market, self._row
        cap = self.stakes.cap if market.tilts[row] else 0.0
        limits = market.lower[row], market.upper[row]
        return np.asarray(tilted(market.base[row], action[np.newaxis], cap, *limits)[0])

    def reset(self, *, seed: int | None = None, options: REPORT | None = None) -> tuple[Array, REPORT]:
        """Begin an episode; the same seed begins the same one. `options` may name the `start`, a row of the market."""
        if seed is not None:
            self._generator = np.random.default_rng(seed)
        last = len(self.market) - self.length
        chosen = (options or {}).get("start")
        if chosen is None:
            self._row = int(self._generator.integers(0, last + 1))
        else:
            self._row = whole(chosen, "start", at_least=0, at_most=last)
        self._end = self._row + self.length
        self._accounts = Accounts.at(self.market.base[self._row], 1)
        return self._state(), {}

    def step(self, action: Array) -> tuple[Array, float, bool, bool, REPORT]:
        """State, reward, whether it was liquidated, whether the episode is over, and the equity.

        Raises ArgumentError (an action of another size, or not finite; an episode that is over).
        """
        wanted = np.asarray(action, dtype=np.float64)
        if wanted.shape != (self.contracts,) or not np.isfinite(wanted).all():
            raise ArgumentError(f"action must be {self.contracts} finite numbers, one a contract")
        if self._row >= self._end or self.equity == 0:
            raise ArgumentError("the episode is over; reset it first")
        self._accounts, reward = advanced(self.market, self._row, self._accounts, wanted[np.newaxis], self.stakes)
        self._row += 1
        lost = self.equity == 0
        return self._state(), float(reward[0]), lost, self._row >= self._end and not lost, {"equity": self.equity}

    def render(self) -> None:
        """Nothing is drawn."""

    def close(self) -> None:
        """Nothing is held open."""

    def _state(self) -> Array:
        """What is known at the decision that is due; after the last one, that of the last."""
        row = min(self._row, len(self.market) - 1)
        accounts, base = self._accounts, self.market.base[row]
        drawdown = float(accounts.drawdown[0])
        return observed(accounts.held[0], base, self._figures[row], float(self._regimes[row]), drawdown)


def gymnasium_environment(environment: Allocation) -> Any:
    """The same as an environment of gymnasium, with its spaces and its random numbers. Raises NotInstalledError."""
    try:
        import gymnasium
    except ImportError:
        raise NotInstalledError(
            'an environment of gymnasium needs that package; run: pip install "perpdesk[learn]"'
        ) from None

    class _Allocation(gymnasium.Env[Array, Array]):
        """`Allocation` in gymnasium's dress."""

        metadata = environment.metadata

        def __init__(self) -> None:
            bounds = environment.state_bounds
            self.observation_space = gymnasium.spaces.Box(-bounds, bounds, dtype=np.float64)
            self.action_space = gymnasium.spaces.Box(-1.0, 1.0, (environment.contracts,), dtype=np.float64)

        def reset(self, *, seed: int | None = None, options: REPORT | None = None) -> tuple[Array, REPORT]:
            super().reset(seed=seed)
            return environment.reset(seed=seed, options=options)

        def step(self, action: Array) -> tuple[Array, float, bool, bool, REPORT]:
            return environment.step(action)

    return _Allocation()
