"""From target weights to orders: contracts in whole lots, what they cost and the margin they lock.

    position_i = weight_i equity / value_i      rounded toward zero to the lot, so that rounding breaks no limit
    order_i    = position_i - held_i            none where it is worth less than the smallest order
    cost_i     = |order_i| value_i cost_rate_i
    margin_i   = |position_i| value_i initial_margin_rate_i

`value_i` is the notional of one contract in quote currency: its price (linear) or its face value (inverse).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array, Mask
from ...checks import as_vector, finite, number
from ...errors import ArgumentError
from ...market.contract import round_to_lot
from ...records import dataclass
from ...tolerances import ROUNDING

__all__ = ["Orders", "is_dust", "orders_for"]


@dataclass(frozen=True)
class Orders:
    """Orders that turn the book held into the target book, one entry a contract, all `(N,)`.

    Weights are notional / equity, contracts are signed (positive = buy or long), the rest is in quote currency.
    `dust` are the contracts of orders that were left out as too small.
    """

    current_weights: Array
    weights: Array
    contracts: Array
    positions: Array
    notionals: Array
    costs: Array
    initial_margins: Array
    dust: Array

    @property
    def trades(self) -> Array:
        """Change of each weight."""
        return self.weights - self.current_weights


def orders_for(
    weights: ArrayLike,
    held: ArrayLike,
    contract_values: ArrayLike,
    equity: float,
    lot_sizes: ArrayLike = 0.0,
    cost_rates: ArrayLike = 0.0,
    initial_margin_rates: ArrayLike = 0.05,
    traded: ArrayLike = True,
    smallest: float = 0.0,
) -> Orders:
    """Orders from the positions held to the target weights, in whole lots.

    Args:
        weights: `(N,)` target notional / equity; negative = short.
        held: `(N,)` contracts held now.
        contract_values: `(N,)` notional of one contract.
        equity: of the account, above zero.
        lot_sizes: `(N,)` or one; 0 = any size.
        cost_rates: `(N,)` or one; cost of trading one unit of notional.
        initial_margin_rates: `(N,)` or one; share of notional that the venue locks.
        traded: `(N,)` or one; where false, what is held stays, to the last contract.
        smallest: notional below which an order is left out, and what is held stays.

    Raises:
        ArgumentError: lengths differ, or a value, a lot or the equity is out of range.
        MissingDataError: a weight, position or value is missing.
    """
    target = finite(as_vector(weights, "weights"), "weights")
    size = target.size
    held = finite(as_vector(held, "held", size), "held")
    values = finite(as_vector(contract_values, "contract_values", size), "contract_values")
    if (values <= 0).any():
        raise ArgumentError("contract_values must be above zero; check the prices")
    equity = number(equity, "equity", above=0)
    cost_rates = as_vector(cost_rates, "cost_rates", size)
    margin_rates = as_vector(initial_margin_rates, "initial_margin_rates", size)
    wanted = round_to_lot(target * equity / values, as_vector(lot_sizes, "lot_sizes", size))
    asked = np.where(np.asarray(traded, dtype=np.bool_), wanted, held) - held
    dust = np.where(is_dust(asked * values, smallest), asked, 0.0)
    positions = np.where((asked != 0) & (dust == 0), wanted, held)
    contracts = positions - held
    notionals = positions * values
    return Orders(
        current_weights=held * values / equity,
        weights=notionals / equity,
        contracts=contracts,
        positions=positions,
        notionals=notionals,
        costs=np.abs(contracts) * values * cost_rates,
        initial_margins=np.abs(notionals) * margin_rates,
        dust=dust,
    )


def is_dust(notionals: ArrayLike, smallest: float) -> Mask:
    """Where an order is worth less than the smallest, `(N,)`; no order is none. Raises ArgumentError.

    At the smallest itself it is given: a venue takes an order of its least notional.
    """
    sizes = np.abs(as_vector(notionals, "notionals"))
    return np.asarray((sizes > 0) & (sizes < number(smallest, "smallest", at_least=0) * (1 - ROUNDING)))
