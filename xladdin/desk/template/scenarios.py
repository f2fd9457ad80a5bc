"""The scenarios that every desk ships with: fast moves, funding and correlation shocks, and the historical falls.

A historical fall is measured on Binance USDT perpetuals, hourly closes, from 00:00 UTC of its date to the benchmark's
lowest close (BTC, ETH, SOL); ADA and LINK to the 8-hour close within two hours of it, blank where there is none.
Its volatility multiple is BTC's hourly volatility in the fall over that of the 30 days before. The fast moves are what
risk desks ask for, not history; the funding spike is three settlements at BTC's record rate (0.30 %, 2020-02-12).
"""

from __future__ import annotations

from dataclasses import field

from core.records import dataclass

from ...books.workbook import CellValue

__all__ = ["SCENARIOS", "Scenario", "scenario_rows"]


@dataclass(frozen=True)
class Scenario:
    """One row of the Scenarios table; `moves` are the contracts' own returns where they are known."""

    name: str
    market_shock: float
    horizon_hours: float
    volatility_multiplier: float = 1.0
    funding_shock: float = 0.0
    beta_shift: float = 0.0
    correlation_to_one: float = 0.0
    moves: dict[str, float] = field(default_factory=dict)


SCENARIOS: tuple[Scenario, ...] = (
    Scenario("Market -10 % in one hour", -0.10, 1, 2.0),
    Scenario("Market -7.5 % in one hour", -0.075, 1, 1.75),
    Scenario("Market -5 % in one hour", -0.05, 1, 1.5),
    Scenario("Market +5 % in one hour", 0.05, 1, 1.5),
    Scenario("Market +10 % in one hour", 0.10, 1, 2.0),
    Scenario("Funding spike: 3 x 0.30 % in a day", 0.0, 24, 1.0, funding_shock=0.009),
    Scenario("Market -10 %, every beta 0.3 higher", -0.10, 4, 2.0, beta_shift=0.3),
    Scenario("Market -10 %, all correlations one", -0.10, 4, 2.0, correlation_to_one=1.0),
    Scenario(
        "2020-03-12 Covid crash",
        -0.488,
        26,
        9.9,
        moves={"BTCUSDT": -0.488, "ETHUSDT": -0.509, "ADAUSDT": -0.413, "LINKUSDT": -0.478},
    ),
    Scenario("2021-05-19 China ban", -0.182, 13, 3.2, moves={"BTCUSDT": -0.182, "ETHUSDT": -0.309, "SOLUSDT": -0.437}),
    Scenario(
        "2021-12-04 Leverage flush", -0.133, 12, 2.9, moves={"BTCUSDT": -0.133, "ETHUSDT": -0.082, "SOLUSDT": -0.111}
    ),
    Scenario(
        "2022-05-09 to 05-12 LUNA",
        -0.204,
        79,
        3.5,
        moves={"BTCUSDT": -0.204, "ETHUSDT": -0.268, "SOLUSDT": -0.462, "ADAUSDT": -0.381, "LINKUSDT": -0.384},
    ),
    Scenario(
        "2022-06-13 Celsius",
        -0.216,
        26,
        2.3,
        moves={"BTCUSDT": -0.216, "ETHUSDT": -0.232, "SOLUSDT": -0.144, "ADAUSDT": -0.053, "LINKUSDT": -0.055},
    ),
    Scenario(
        "2022-11-08 FTX",
        -0.237,
        46,
        4.1,
        moves={"BTCUSDT": -0.237, "ETHUSDT": -0.295, "SOLUSDT": -0.662, "ADAUSDT": -0.215, "LINKUSDT": -0.304},
    ),
)


def scenario_rows(symbols: tuple[str, ...]) -> tuple[tuple[CellValue, ...], ...]:
    """The shipped scenarios, each to be survived, as rows of the Scenarios table with a further column a symbol."""
    return tuple(
        (
            scenario.name,
            scenario.market_shock,
            float(scenario.horizon_hours),
            scenario.volatility_multiplier,
            scenario.funding_shock,
            scenario.beta_shift,
            scenario.correlation_to_one,
            None,
            "Y",
            *(scenario.moves.get(symbol) for symbol in symbols),
        )
        for scenario in SCENARIOS
    )
