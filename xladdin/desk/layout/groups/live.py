"""Where Refresh reads: the settings under the heading Live data."""

from __future__ import annotations

from typing import ClassVar

from core.records import dataclass

from ....feeds.venue.declared import PUBLISHER, VENUES
from ..fields import TEXT, setting

__all__ = ["LiveData"]


@dataclass(frozen=True)
class LiveData:
    """Where Refresh reads."""

    heading: ClassVar[str] = "Live data"

    venue: str | None = setting(
        "Venue",
        "Exchange that Refresh reads, without a key. Blank: the files beside the workbook.",
        None,
        TEXT,
        (),
        choices=tuple(VENUES),
    )
    implied_vol_source: str | None = setting(
        "Implied volatility",
        "Exchange whose index fills ImpliedVol of BTC and ETH at a Refresh from a venue. Blank: none but at Deribit.",
        None,
        TEXT,
        (),
        choices=(PUBLISHER,),
    )
