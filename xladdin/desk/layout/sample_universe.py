"""The contracts of the sample desk: how each behaves and trades, and its row of Universe.

They stand here so that Refresh can tell what is still the sample's from what the analyst has typed since.
"""

from __future__ import annotations

from datetime import datetime

from core.records import dataclass

from ...books.workbook import CellValue
from .input_tables import UNIVERSE

__all__ = ["CONTRACTS", "SAMPLE_FACTORS", "SAMPLE_SOURCE", "SAMPLE_UNIVERSE", "SampleContract"]

SAMPLE_SOURCE = "SYNTHETIC sample: generated, no price here ever traded"
"""Data source of a desk whose history is the sample's; every sheet shows it, and Refresh replaces it."""

SAMPLE_FACTORS = ("EquitySynthetic", "DollarSynthetic")

TAKER_FEE_BPS = 5.0
"""Default taker fee of USDT perpetuals on the largest venues."""


@dataclass(frozen=True)
class SampleContract:
    """How one synthetic contract behaves and trades."""

    symbol: str
    beta: float
    own_volatility: float
    last_price: float
    tick: float
    lot: float
    slippage_bps: float
    daily_volume: float
    max_leverage: float
    maintenance_rate: float
    implied_volatility: float | None = None
    position: float = 0.0
    entry_price: float | None = None
    hedge: str = "N"
    max_weight: float = 0.15
    entry_time: datetime | None = None


CONTRACTS = (
    SampleContract(
        *("BTCUSDT", 1.00, 0.00, 62_750.0, 0.1, 0.001, 1.0, 15.2e9, 50, 0.005, 0.48, 60.0, 61_200.0, "Y", 0.5),
        datetime(2025, 3, 10, 9),
    ),
    SampleContract(
        *("ETHUSDT", 0.95, 0.31, 3_430.0, 0.01, 0.001, 1.0, 7.4e9, 50, 0.005, 0.57, 900.0, 3_515.0, "Y", 0.5),
        datetime(2025, 2, 18, 14),
    ),
    SampleContract("SOLUSDT", 1.42, 0.74, 146.5, 0.001, 1.0, 2.0, 2.7e9, 25, 0.010, None, 12_000.0, 138.4, "N", 0.5),
    SampleContract("BNBUSDT", 0.85, 0.38, 575.0, 0.01, 0.01, 2.0, 0.6e9, 25, 0.010),
    SampleContract("XRPUSDT", 1.05, 0.58, 0.4750, 0.0001, 0.1, 2.0, 0.5e9, 25, 0.010),
    SampleContract("ADAUSDT", 1.17, 0.54, 0.3900, 0.0001, 1.0, 3.0, 0.24e9, 20, 0.015),
    SampleContract("DOGEUSDT", 1.60, 0.72, 0.12400, 0.00001, 1.0, 3.0, 0.8e9, 20, 0.015),
    SampleContract("LINKUSDT", 1.03, 0.65, 14.300, 0.001, 0.01, 3.0, 0.29e9, 20, 0.015),
)


def _universe_row(contract: SampleContract) -> tuple[CellValue, ...]:
    cells: dict[str, CellValue] = {
        "Symbol": contract.symbol,
        "Include": "Y",
        "Contract": "linear",
        "Price": contract.last_price,
        "Lot": contract.lot,
        "Tick": contract.tick,
        "TakerFeeBps": TAKER_FEE_BPS,
        "SlippageBps": contract.slippage_bps,
        "DailyVolume": contract.daily_volume,
        "MaxLeverage": float(contract.max_leverage),
        "MaintenanceRate": contract.maintenance_rate,
        "MaintenanceAmount": 0.0,
        "MinWeight": 0.0,
        "MaxWeight": contract.max_weight,
        "ImpliedVol": contract.implied_volatility,
        "View": None,
        "Position": contract.position,
        "EntryPrice": contract.entry_price,
        "MarginMode": "cross",
        "Collateral": None,
        "Stop": None,
        "Hedge": contract.hedge,
        "OverlayPosition": None,
        "OverlayEntry": None,
        "EntryTime": contract.entry_time,
        "Assumed": "N",
    }
    return tuple(cells[name] for name in UNIVERSE.header)


SAMPLE_UNIVERSE = tuple(_universe_row(contract) for contract in CONTRACTS)
"""The rows of Universe that a desk with the sample begins with."""
