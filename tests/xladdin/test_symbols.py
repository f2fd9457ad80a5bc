"""Symbols are read the same way everywhere; nothing from outside moves a cursor or becomes a formula."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ArgumentError
from xladdin.symbols import as_cell_text, printable, read_symbol


@pytest.mark.parametrize(
    ("given_", "symbol"),
    [
        (" ETHUSDT ", "ETHUSDT"),
        ("\u00a0ethusdt\u00a0", "ETHUSDT"),
        ("\ufeffbtc-usdt-swap", "BTC-USDT-SWAP"),
        ("ＢＴＣ", "BTC"),
        ("BTC/USDT:USDT", "BTC/USDT:USDT"),
        ("btc\u200busdt", "BTCUSDT"),
        ("1000PEPEUSDT", "1000PEPEUSDT"),
        ("btcusdt.p", "BTCUSDT.P"),
    ],
)
def test_a_symbol_is_upper_case_without_what_nobody_sees(given_: str, symbol: str) -> None:
    assert read_symbol(given_) == symbol
    assert read_symbol(symbol) == symbol


@pytest.mark.parametrize("bad", ["=BTC", "+BTC", "-BTC", "@BTC", "BTC USDT", "BTC\x1b[2J", "BTC\nETH", "é", "A" * 41])
def test_other_text_is_no_symbol(bad: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        read_symbol(bad)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("blank", ["", "  ", None, "\u00a0", "\u200b"])
def test_a_blank_symbol_is_said_to_be_blank(blank: object) -> None:
    with pytest.raises(ArgumentError, match="a symbol is blank"):
        read_symbol(blank)


@given(st.text())
def test_what_is_shown_is_one_printable_line(text: str) -> None:
    assert printable(text).isprintable()
    assert len(printable(text)) <= 63


@given(st.text())
def test_no_text_becomes_a_formula(text: str) -> None:
    assert as_cell_text(text).lstrip()[:1] not in ("=", "+", "-", "@")
    assert as_cell_text(text).endswith(text)
