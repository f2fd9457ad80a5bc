"""What bars of a venue traded, in quote currency: coins at the close, or contracts by their size."""

from __future__ import annotations

import numpy as np

from core.arrays import Array

from .store.documents import kept_document
from .store.store import Store
from .store.versions import Versions
from .venue.declared import Venue
from .venue.terms import TERMS

__all__ = ["quote_volumes"]


def quote_volumes(store: Store, venue: Venue, symbol: str, rows: Versions, as_of: int | None = None) -> Array:
    """The volume of each bar in quote currency, (M,); NaN where the venue gave none.

    `rows` have the columns close and volume. An inverse contract is worth its size in quote currency. Raises FeedError.
    """
    closes, volumes = rows.values[:, 0], rows.values[:, 1]
    if venue.volume == "coin":
        return np.asarray(volumes * closes)
    kept = kept_document(store, venue.name, TERMS, as_of)
    terms = (kept[0] if kept else {}).get(symbol, {})
    amounts = volumes * terms.get("size", 1.0)
    return np.asarray(amounts if terms.get("settled") == "inverse" else amounts * closes)
