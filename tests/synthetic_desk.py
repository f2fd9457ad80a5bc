"""Desks of any number of contracts, from a seeded one-factor market, for whoever draws or tries a desk of 3, 50 or 200.

    book_of(50, Path("desk50.xlsx"))     # drawn, and every job run on it

No price here ever traded. Betas, volatilities and funding have the habits of the sample desk; names are made up but for
the benchmark.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np

from core.arrays import Array
from core.market.panel import Panel
from core.units import HOURS_PER_YEAR
from xladdin.books.file_book import FileBook
from xladdin.books.workbook import CellValue
from xladdin.desk import jobs
from xladdin.desk.layout.sheets import TABLES
from xladdin.desk.template.sample import SampleDesk
from xladdin.desk.template.scenarios import scenario_rows
from xladdin.desk.template.workbook import build

__all__ = ["END", "book_of", "synthetic_desk"]

START = np.datetime64("2025-01-01T00:00:00", "s")
HOURS = 45 * 24
END: datetime = (START + np.timedelta64(HOURS * 3600, "s")).item()
"""Close of the last bar."""

FUNDING_HOURS = 8
MARKET_VOLATILITY = 0.45
HELD = 0.4
"""Share of the contracts that the desk holds something of."""

CONSONANTS, VOWELS = "BCDFGHKLMNPRSTVXZ", "AEIOU"


def synthetic_desk(contracts: int, seed: int = 11, bar_hours: int = 1) -> SampleDesk:
    """A desk of so many contracts with 1,080 bars of history; the first is the benchmark, some are held, few are short.

    Every fourth may be sold short, and the first two may serve as hedges.
    """
    random = np.random.Generator(np.random.PCG64(seed))
    symbols = _symbols(contracts, random)
    betas = np.append(1.0, random.uniform(0.5, 1.8, contracts - 1))
    own = np.append(0.0, random.uniform(0.25, 0.95, contracts - 1))
    bar = np.sqrt(bar_hours / HOURS_PER_YEAR)
    market = MARKET_VOLATILITY * bar * random.standard_t(4, HOURS) / np.sqrt(2)
    noise = own * bar * random.standard_t(4, (HOURS, contracts)) / np.sqrt(2)
    growth = np.vstack([np.ones(contracts), np.cumprod(1 + betas * market[:, None] + noise, axis=0)])
    last = np.append(62_750.0, np.round(10 ** random.uniform(-2, 3, contracts - 1), 4))
    prices = growth / growth[-1] * last
    settled = np.arange(0, HOURS + 1, max(1, FUNDING_HOURS // bar_hours))
    funding = np.full(prices.shape, np.nan)
    funding[settled] = np.round(random.normal(0.0001, 0.00015, (len(settled), contracts)), 6)
    times = START + np.arange(HOURS + 1) * np.timedelta64(3600 * bar_hours, "s")
    return SampleDesk(
        panel=Panel(times=times, symbols=symbols, prices=prices, funding=funding, bar_hours=float(bar_hours)),
        universe=_universe(symbols, last, random),
        scenario_header=(*TABLES["Scenarios"].header, *symbols),
        scenarios=scenario_rows(symbols),
        factor_names=("EquitySynthetic",),
        factors=np.append(np.nan, random.normal(0, 0.0015, HOURS))[:, None],
        source=f"SYNTHETIC: {contracts} contracts of a one-factor market, no price here ever traded",
        settings={"BarHours": float(bar_hours)},
    )


def book_of(contracts: int, path: Path, *, seed: int = 11, bar_hours: int = 1, backtested: bool = True) -> Path:
    """Draw such a desk at `path`, and run rebalance, hedge, stress and (it takes longest) backtest on it."""
    desk = synthetic_desk(contracts, seed, bar_hours)
    build(path, desk)
    with FileBook.open(path) as book:
        for job in (jobs.rebalance, jobs.hedge, jobs.stress, *((jobs.backtest,) if backtested else ())):
            job(book, desk.panel.times[-1].item())
        book.commit()
    return path


def _symbols(contracts: int, random: np.random.Generator) -> tuple[str, ...]:
    """BTCUSDT, then made-up names of three to five letters, none twice."""
    found = {"BTCUSDT": None}
    while len(found) < contracts:
        letters = [*(random.choice(list(kind)) for kind in (CONSONANTS, VOWELS, CONSONANTS, VOWELS, CONSONANTS))]
        found.setdefault("".join(letters[: random.integers(3, 6)]) + "USDT")
    return tuple(found)


def _universe(symbols: tuple[str, ...], last: Array, random: np.random.Generator) -> tuple[tuple[CellValue, ...], ...]:
    rows = []
    for place, (symbol, price) in enumerate(zip(symbols, last.tolist(), strict=True)):
        lot = float(10.0 ** np.floor(np.log10(50 / price)))
        notional = random.normal(300_000, 250_000) if place < 2 or random.random() < HELD else 0.0
        shortable = place % 4 == 3
        position = round(notional / price / lot) * lot if notional > 0 or shortable else 0.0
        cells: dict[str, CellValue] = {
            **dict.fromkeys(TABLES["Universe"].header),
            "Symbol": symbol,
            "Include": "Y",
            "Contract": "linear",
            "Price": price,
            "Lot": lot,
            "Tick": float(f"{price / 10_000:.0e}"),
            "TakerFeeBps": 5.0,
            "SlippageBps": 1.0 + place % 3,
            "DailyVolume": 1e9 / (1 + place),
            "MaxLeverage": 50.0 if place < 2 else 20.0,
            "MaintenanceRate": 0.005 if place < 2 else 0.015,
            "MinWeight": -0.1 if shortable else 0.0,
            "MaxWeight": 0.15,
            "Position": position,
            "EntryPrice": round(price * random.uniform(0.85, 1.15), 4) if position else None,
            "Hedge": "Y" if place < 2 else "N",
            "Assumed": "N",
        }
        rows.append(tuple(cells.values()))
    return tuple(rows)
