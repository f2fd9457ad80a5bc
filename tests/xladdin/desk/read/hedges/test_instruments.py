"""Rows of the sheet Hedges: what a blank stands for, and what is refused, cell by cell."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

from core.errors import BookError, DataWarning
from core.market.black_76 import black_76_price
from xladdin.desk.layout.sheets import TABLES
from xladdin.desk.read.desk import read_desk
from xladdin.desk.read.problems import BookProblemsError, read_whole_desk

SPOT = {"Instrument": "BTC spot", "Kind": "spot", "Underlying": "BTCUSDT", "FeeBps": 10.0}
CALL = {
    **{"Instrument": "BTC call", "Kind": "option", "Underlying": "BTCUSDT", "FeeBps": 4.0, "Strike": 65_000.0},
    **{"Expiry": datetime(2025, 5, 1), "OptionType": "call", "ImpliedVol": 0.6},
}
BTC, YEARS = 62_750.0, 30 / 365


@pytest.fixture
def hedges(book):
    def typed(*rows):
        book.write_table("Hedges", [[row.get(name) for name in TABLES["Hedges"].header] for row in rows])
        return book

    return typed


def test_a_blank_price_is_that_of_the_underlying_one_or_the_model(hedges):
    book = hedges(SPOT, {"Instrument": "USDC", "Kind": "stablecoin", "FeeBps": 1.0}, CALL)
    found = read_desk(book).instruments
    assert found.prices[:2].tolist() == [BTC, 1.0]
    assert found.prices[2] == pytest.approx(float(black_76_price(BTC, 65_000, YEARS, 0.6, 1, 0.05)))
    assert found.years[2] == pytest.approx(YEARS)
    assert np.isnan(found.carries).all()


def test_a_blank_volatility_is_that_of_the_price(hedges):
    price = float(black_76_price(BTC * np.exp(0.1 * YEARS), 65_000, YEARS, 0.72, 1, 0.05))
    book = hedges({**CALL, "ImpliedVol": None, "Price": price, "CarryAnnual": 0.1})
    assert read_desk(book).instruments.implied_vols[0] == pytest.approx(0.72)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({**SPOT, "Kind": "future"}, r"Hedges!C7 holds 'future'; Kind is one of: perp, spot, option, stablecoin"),
        ({**SPOT, "FeeBps": None}, r"Hedges!G7 is blank and FeeBps is needed"),
        ({**SPOT, "Price": "cheap"}, r"Hedges!E7 holds 'cheap' where Price must be a number"),
        ({**SPOT, "Price": 0.0}, r"Hedges!E7 is 0; enter what BTC spot costs"),
        ({**SPOT, "Underlying": "BTCUSD"}, r"Hedges!D7: 'BTCUSD' is no symbol of Universe \(did you mean 'BTCUSDT'"),
        ({**SPOT, "Underlying": None}, r"Hedges!D7: is blank; enter the contract that BTC spot moves with"),
        ({**SPOT, "Instrument": "ETHUSDT"}, r"Hedges!B7: ETHUSDT stands on Universe too"),
        ({**SPOT, "Instrument": "ethusdt"}, r"Hedges!B7: ethusdt stands on Universe too"),
        ({**SPOT, "Position": -1.0}, r"Hedges!M7 is negative: only a perp can be held short"),
        ({**CALL, "Position": -1.0}, r"Hedges!M7 is negative: a sold option needs margin by rules of its venue"),
        ({**SPOT, "Strike": 1.0}, r"Hedges!I7: BTC spot is a spot, and only an option has that"),
        ({**CALL, "Strike": None}, r"Hedges!I7 is needed of the option BTC call"),
        ({**CALL, "Expiry": None}, r"Hedges!J7 is needed of the option BTC call"),
        ({**CALL, "Expiry": 45_000.0}, r"Hedges!J7 holds '45000.0' where Expiry must be a time"),
        ({**CALL, "OptionType": None}, r"Hedges!K7 is needed of the option BTC call"),
        ({**CALL, "ImpliedVol": None}, r"Hedges!L7: BTC call has neither Price nor ImpliedVol"),
        ({**CALL, "ImpliedVol": 60.0}, r"Hedges!L7 holds 60; ImpliedVol must lie between 0.001 and 10"),
        ({**CALL, "Expiry": datetime(2025, 3, 1)}, r"Hedges!J7: BTC call has expired by the last close, 2025-04-01"),
        ({**CALL, "ImpliedVol": None, "Price": 70_000.0}, r"Hedges!E7: no volatility explains a price of 70000"),
        ({**CALL, "Kind": "stablecoin"}, r"Hedges!D7: a stablecoin has no underlying; clear BTCUSDT"),
    ],
)
def test_what_is_wrong_is_named_with_its_cell(hedges, row, message):
    with pytest.raises(BookError, match=message):
        read_desk(hedges(row))


@pytest.mark.parametrize("volatility", [None, 0.6])
def test_a_premium_in_the_coin_is_refused_with_what_it_is_in_quote(hedges, volatility):
    premium = float(black_76_price(BTC, 65_000, YEARS, 0.6, 1, 0.05)) / BTC
    message = rf"Hedges!E7: {premium:g} reads as the premium of BTC call in the coin.*enter it in USDT, 3,3"
    with pytest.raises(BookError, match=message):
        read_desk(hedges({**CALL, "Price": premium, "ImpliedVol": volatility}))


def test_a_price_far_from_the_model_is_told(hedges):
    with pytest.warns(DataWarning, match=r"Hedges!E7: BTC call costs 6,000 and is worth 3,"):
        read_desk(hedges({**CALL, "Price": 6_000.0}))


def test_all_that_is_wrong_is_told_at_once(hedges):
    book = hedges({**SPOT, "Position": -1.0}, SPOT, {**CALL, "Strike": None})
    with pytest.raises(BookProblemsError) as told:
        read_whole_desk(book)
    assert [each.split(":")[0].split(" ")[0] for each in told.value.problems] == ["Hedges!M7", "Hedges!B8", "Hedges!I9"]


def test_inputs_have_the_same_hash_without_rows_and_another_with(hedges):
    book = hedges()
    before = read_desk(book).fingerprint("stress")
    assert read_desk(hedges(SPOT)).fingerprint("stress") != before
    assert read_desk(hedges(SPOT)).fingerprint("backtest") == read_desk(hedges()).fingerprint("backtest")
