"""Liquidation prices against a root finder that knows only equity and maintenance, on the venue's own tiers."""

import csv

import numpy as np
import pytest
from scipy.optimize import brentq

from core.market.contract import pnl, settled_value
from core.market.liquidation import tiered_liquidation_price
from core.market.liquidation_cross import tiered_cross_liquidation_prices
from core.market.tiers import Tiers


@pytest.fixture
def tables(shared_data):
    """Binance's tiers of eight coins, October 2024."""
    path = shared_data / "specs" / "binance_leverage_tiers_8coins.csv"
    rows = {}
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            names = ("min_notional", "max_notional", "mmr", "maint_amount", "max_leverage")
            rows.setdefault(row["symbol"], []).append([float(row[name]) for name in names])
    return [Tiers.from_rows(each) for each in rows.values()]


def income_tax(table, value):
    """Maintenance as the sum over tiers of rate x the part of the value inside: no amounts, no lookup."""
    ends = np.append(table.max_notional[:-1], np.inf)
    inside = np.clip(value, table.min_notional, ends) - table.min_notional
    return float((inside * table.maintenance_rate).sum())


def root(surplus, mark, is_long):
    """The nearest price on the losing side at which the surplus is gone, NaN where there is none."""
    far = mark * (1e-9 if is_long else 1e6)
    if surplus(far) > 0:
        return np.nan
    return brentq(surplus, min(mark, far), max(mark, far), xtol=1e-13, rtol=1e-14, maxiter=500)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("kind", ["linear", "inverse"])
def test_isolated_on_real_tiers(tables, seed, kind):
    rng = np.random.default_rng(seed)
    size = len(tables)
    entry = 10 ** rng.uniform(-1, 5, size)
    value = 10 ** rng.uniform(2, 7.5, size)
    side = rng.choice([-1.0, 1.0], size)
    quantity = side * value * (entry if kind == "inverse" else 1 / entry)
    collateral = value * rng.uniform(0.6, 0.9, size)
    found = tiered_liquidation_price(quantity, entry, collateral, tables, kind)
    for k, table in enumerate(tables):

        def surplus(price, k=k, table=table):
            equity = collateral[k] + float(pnl(quantity[k], entry[k], price, kind))
            return equity - income_tax(table, abs(float(settled_value(quantity[k], price, kind))))

        assert found[k] == pytest.approx(root(surplus, entry[k], side[k] > 0), rel=1e-9)


@pytest.mark.parametrize("seed", range(20))
def test_cross_on_real_tiers(tables, seed):
    rng = np.random.default_rng(seed)
    size = len(tables)
    mark = 10 ** rng.uniform(-1, 5, size)
    entry = mark * rng.uniform(0.9, 1.1, size)
    quantity = rng.choice([-1.0, 1.0], size) * 10 ** rng.uniform(3, 7, size) / mark
    needed = sum(income_tax(*each) for each in zip(tables, np.abs(quantity * mark), strict=True))
    wallet = needed - (quantity * (mark - entry)).sum() + rng.uniform(0.05, 0.5) * np.abs(quantity * mark).sum()
    found = tiered_cross_liquidation_prices(quantity, entry, mark, wallet, tables)
    for k in range(size):

        def surplus(price, k=k):
            there = np.where(np.arange(size) == k, price, mark)
            held = sum(income_tax(*each) for each in zip(tables, np.abs(quantity * there), strict=True))
            return float(wallet + (quantity * (there - entry)).sum() - held)

        assert found[k] == pytest.approx(root(surplus, mark[k], quantity[k] > 0), rel=1e-8, nan_ok=True)
