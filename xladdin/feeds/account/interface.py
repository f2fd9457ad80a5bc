"""How a venue answers questions about an account, in words that are the same for all of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import Any

from core.records import dataclass

from ..venue.contracts import Contracts
from .keyed import KeyedClient
from .positions import Leg

__all__ = ["Equity", "Interface", "Worth", "number"]


@dataclass(frozen=True)
class Equity:
    """What an account is worth, in USD, profit that is not realised included; and what to know of that."""

    worth: float
    notes: Sequence[str] = ()


Worth = Callable[[str], float]
"""The price of a coin in USD. Raises FeedError where the venue has none."""


@dataclass(frozen=True)
class Interface:
    """The questions about an account that a venue is asked.

    reads      what may be sent, as patterns of "METHOD path" (and the type of question where all go to one path)
    may_do     what the key may do beside reading
    legs       every open position, in contracts or in coins (of an inverse contract in its quote currency)
    equity     what the account is worth
    in_contracts  whether amounts count contracts, of the size that the venue lists
    access     addresses that ccxt does not have, in the words of its own description
    """

    reads: tuple[str, ...]
    may_do: Callable[[KeyedClient], tuple[str, ...]]
    legs: Callable[[KeyedClient, Contracts], list[Leg]]
    equity: Callable[[KeyedClient, Contracts, Worth], Equity]
    in_contracts: bool = True
    access: Mapping[str, Any] = field(default_factory=dict)


def number(row: Mapping[str, Any], *names: str) -> float:
    """The first of these fields that says something, NaN where none does. Raises ValueError for text."""
    for name in names:
        value = row.get(name)
        if value is not None and value != "":
            return float(value)
    return math.nan
