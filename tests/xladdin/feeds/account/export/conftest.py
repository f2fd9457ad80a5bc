"""An export of a few lines, read for a desk of linear contracts and an inverse one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from xladdin.feeds.account.export.loading import load_account
from xladdin.feeds.account.positions import Account, Side

KNOWN = {"BTCUSDT": False, "ETHUSDT": False, "SOLUSDT": False, "BTCUSD": True, "1000PEPEUSDT": False}

Load = Callable[..., Account]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def loaded(text: str, sizes: dict[str, float] | None = None) -> Account:
        path = tmp_path / "positions.csv"
        path.write_text(text, encoding="utf-8")
        return load_account(path, KNOWN, sizes)

    return loaded


def sides(account: Account) -> dict[str, Side]:
    """What is held, by the desk's symbol."""
    return {each.symbol: each.held for each in account.positions}
