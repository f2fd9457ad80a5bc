"""Returns net of funding, funding itself, longer bars."""

from __future__ import annotations

from ..example import Example, Shown
from ..looks import FIGURE, MOVE, QUOTE, ROWS, SETTLED, WORD, Look
from ..past import Past

__all__ = ["EXAMPLES", "SLIPS"]

COINS = ("BTC", "ETH", "SOL")
A_DAY = Look("0.0", "a day")
A_YEAR = Look("0.00%;[Red]-0.00%", "a year")
TOTAL = Look("0.0000%;[Red]-0.0000%", "sum of 3")

EXAMPLES = (
    Example(
        "PERP_RETURNS",
        inputs={
            "prices": Past("Daily", "BTC close", "SOL close", count=8),
            "funding": Past("Daily", "BTC funding", "SOL funding", count=8),
        },
        shows={"": Shown(MOVE, "Each day's close / close before - 1, less the funding a long paid that day.")},
        across=COINS,
    ),
    Example(
        "PERP_FUNDING_ANNUAL",
        inputs={"rates": Past("Funding", "BTC rate", "SOL rate"), "settlements_per_day": A_DAY(3.0)},
        shows={"": Shown(A_YEAR, "Mean rate x 3 x 365: what a long pays in a year at the pace of these 30 days.")},
        across=COINS,
    ),
    Example(
        "PERP_FUNDING_FORECAST",
        inputs={"rates": Past("Funding", "BTC rate", "SOL rate"), "horizon": ROWS(3.0), "halflife": ROWS(21.0)},
        shows={"": Shown(TOTAL, "What a long is expected to pay over the next three settlements, one day.")},
        across=COINS,
    ),
    Example(
        "PERP_RESAMPLE",
        inputs={
            "times": Past("Hourly", "Time", "Time", count=25),
            "values": Past("Hourly", "BTC close", "ETH close", count=25),
            "interval": WORD("8h"),
            "how": WORD("last"),
        },
        shows={
            "": Shown(QUOTE, "Close of each 8-hour bar. The first column is its time: format it as a date."),
        },
        across=("Time", "BTC", "ETH"),
    ),
)

SLIPS = (
    Example(
        "PERP_RETURNS",
        inputs={"prices": QUOTE.column(61_200.0, 0.0, 60_850.0)},
        shows={"": Shown(FIGURE, "A price of zero is no price: nothing is computed from it.")},
        slip="A price of zero in the second row",
    ),
    Example(
        "PERP_FUNDING_ANNUAL",
        inputs={"rates": SETTLED.column(0.0001, "0,0300%", 0.0003)},
        shows={"": Shown(A_YEAR, "The mean of the two that are numbers: text is missing, not zero, and that is said.")},
        slip="A rate that is text: an answer, with a warning",
    ),
)
