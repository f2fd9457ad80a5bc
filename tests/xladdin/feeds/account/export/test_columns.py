"""Columns that may say the same: they agree, one is known to be something else, which is told, or they are refused."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from core.errors import AccountError
from tests.xladdin.feeds.account.export.conftest import KNOWN, sides
from xladdin.feeds.account.export.loading import load_account


@pytest.mark.parametrize(
    ("text", "quantity"),
    [
        ("symbol,side,size,contracts,contractSize\nBTCUSDT,short,0.25,25,0.01\n", -0.25),
        ("symbol,side,contracts,size,contractSize\nBTCUSDT,long,25,25,0.01\n", 0.25),
        ("symbol,size,positionAmt\nBTCUSDT,-0.25,-0.25\n", -0.25),
        ("symbol,side,size,positionAmt\nBTCUSDT,sell,0.25,-0.25\n", -0.25),
        ("symbol,quantity,size\nBTCUSDT,,0.25\n", 0.25),
        ("symbol,quantity,position\nBTCUSDT,0.25,Short\n", -0.25),
        ("symbol,side,positionSide,quantity\nBTCUSDT,SELL,BOTH,0.25\n", -0.25),
    ],
)
def test_columns_that_say_the_same_are_one(load, text, quantity) -> None:
    account = load(text)
    assert sides(account)["BTCUSDT"].quantity == quantity
    assert all("contracts, of these sizes" in note or "not of contracts" in note for note in account.notes)


@pytest.mark.parametrize(
    ("headings", "row"),
    [
        ("size,contracts,contractSize", "0.25,25,0.01"),
        ("contracts,amount,contractSize", "25,0.25,0.01"),  # contracts stand before amount in the list of words
        ("contracts,size,contractSize", "25,0.25,0.01"),
    ],
)
def test_coins_are_taken_where_contracts_of_their_size_say_the_same_and_that_is_told(load, headings, row) -> None:
    account = load(f"symbol,side,{headings}\nBTCUSDT,short,{row}\n")
    assert sides(account)["BTCUSDT"].quantity == -0.25
    coins = "amount" if "amount" in headings else "size"
    assert account.notes == (
        f"quantities are those of {coins}, not of contracts (positions.csv line 2: 0.25 as {coins} and 25 as "
        "contracts, of 0.01 each)",
    )


def test_the_sizes_that_the_source_of_a_desk_lists_tell_whether_two_columns_say_the_same(tmp_path) -> None:
    path = tmp_path / "positions.csv"
    path.write_text("symbol,size,contracts\nBTCUSDT,0.25,25\n", encoding="utf-8")
    account = load_account(path, KNOWN, None, {"BTCUSDT": 0.01})
    assert sides(account)["BTCUSDT"].quantity == 0.25
    assert "not of contracts" in account.notes[0]
    with pytest.raises(AccountError, match=r"0\.25 as size and 25 as contracts of 0\.1 each; leave out the column"):
        load_account(path, KNOWN, None, {"BTCUSDT": 0.1})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("symbol,size,contracts\nBTCUSDT,0.25,25\n", "line 2 has 0.25 as size and 25 as contracts, and nothing says"),
        (
            "symbol,size,contracts,contractSize\nBTCUSDT,0.3,25,0.01\n",
            "line 2 has 0.3 as size and 25 as contracts of 0.01 each; leave",
        ),
        ("symbol,size,amount\nBTCUSDT,1,1\nETHUSDT,2,6000\n", "line 3 has 2 as size and 6000 as amount"),
        ("symbol,size,positionAmt\nBTCUSDT,1,-1\n", "line 2 has -1 as positionAmt and 1 as size"),
        (
            "symbol,qty,entryPrice,avgPrice\nBTCUSDT,1,6,7\n",
            "line 2 has 6 as entryPrice and 7 as avgPrice; .* the entry",
        ),
        ("symbol,qty,markPrice,mark\nBTCUSDT,1,6,7\n", "line 2 has 6 as markPrice and 7 as mark"),
        ("symbol,qty,upl,unrealizedPnl\nBTCUSDT,1,6,7\n", "line 2 has 7 as unrealizedPnl and 6 as upl"),
        ("symbol,qty,ctVal,multiplier\nBTCUSDT,1,0.1,1\n", "line 2 has 0.1 as ctVal and 1 as multiplier"),
        (
            "symbol,qty,marginMode,collateral,isolatedWallet\nBTCUSDT,1,isolated,6,7\n",
            "line 2 has 6 as collateral and 7 as isolatedWallet",
        ),
        ("symbol,qty,marginMode,marginType\nBTCUSDT,1,isolated,cross\n", "line 2 is isolated by one column and cross"),
        ("symbol,side,positionSide,qty\nBTCUSDT,SELL,LONG,1\n", "line 2 is long by one column and short by another"),
        (
            "symbol,contract,qty\nBTCUSDT,BTCUSDT-260327,1\n",
            "line 2 has BTCUSDT as symbol and BTCUSDT-260327 as contract",
        ),
        ("symbol,size,size\nBTCUSDT,1,1\n", "positions.csv has two columns 'size'"),
        ("symbol,size,Entry Price,entryPrice\nBTCUSDT,1,2,3\n", "line 2 has 2 as Entry Price and 3 as entryPrice"),
        ("symbol,position\nBTCUSDT,Short\n", "positions.csv has no column 'quantity'"),
    ],
)
def test_columns_that_contradict_each_other_are_refused_by_the_line(load, text, said) -> None:
    with pytest.raises(AccountError, match=said):
        load(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "symbol,qty,entryPrice,price\nBTCUSDT,1,60000,61000\n",
            "the entry is that of entryPrice, not of price (positions.csv line 2: 60000 as entryPrice and 61000 as pri",
        ),
        (
            "symbol,qty,price\nBTCUSDT,1,60000\n",
            "the column price is taken for the entry; leave it out if it is the price",
        ),
        (
            "symbol,qty,entryPrice,marginMode,collateral,margin\nBTCUSDT,1,60000,isolated,100,90\n",
            "the collateral is that of collateral, not of margin",
        ),
        (
            "symbol,pair,qty,entry\nBTCUSDT,ETHUSDT,1,60000\n",
            "contracts are those of symbol, not of pair (positions.csv line 2: BTCUSDT, ETHUSDT)",
        ),
    ],
)
def test_a_column_that_gives_way_is_told(load, text, told) -> None:
    account = load(text)
    assert [note for note in account.notes if note.startswith(told)], account.notes
    side = sides(account)["BTCUSDT"]
    assert (side.quantity, side.entry) == (1, 60000)
    assert side.posted == 100 or math.isnan(side.posted)


@pytest.mark.parametrize(
    "text",
    [
        "symbol,qty,entryPrice,price\nBTCUSDT,1,60000,60000\n",
        "symbol,side,size,price\nPF_XBTUSDT,long,1,60000\n",
        "symbol,pair,coin,qty,entry\nBTCUSDT,BTC/USDT:USDT,USDT,1,60000\n",
        "symbol,qty,entry,collateral,margin\nBTCUSDT,1,60000,100,90\n",
        "symbol,qty,entryPrice,avgPrice\nBTCUSDT,1,60000,\nETHUSDT,0,1,2\n",
    ],
)
def test_nothing_is_told_where_nothing_was_left_aside(load, text) -> None:
    account = load(text)
    assert account.notes == ()
    assert (sides(account)["BTCUSDT"].quantity, sides(account)["BTCUSDT"].entry) == (1, 60000)


def test_figures_that_may_be_two_numbers_are_refused_or_told(load) -> None:
    with pytest.raises(
        AccountError, match=r"has '1\.500', which may be 1500 or have decimals, .* write 1500, or 1\.5000"
    ):
        load("symbol;quantity;entry\nSOLUSDT;1.500;101.250\n")
    with pytest.raises(AccountError, match=r"has '1,500', which may be 1500 or have decimals"):
        load("symbol\tquantity\nSOLUSDT\t1,500\n")
    account = load("symbol,quantity,entry\nSOLUSDT,1.500,101.250\n")
    assert sides(account)["SOLUSDT"].quantity == 1.5
    assert account.notes == (
        "positions.csv is read with decimal points, which no figure in it proves ('1.500' is not 1500)",
    )


@pytest.mark.parametrize(("notional", "quantity"), [("150", 1.5), ("150000", 1500.0)])
def test_what_a_line_is_worth_settles_how_its_quantity_is_written(load, notional, quantity) -> None:
    text = f"symbol;quantity;mark;notional\nSOLUSDT;1.500;100;{notional}\n"
    assert sides(load(text))["SOLUSDT"].quantity == quantity


def test_what_fits_both_ways_settles_nothing(load) -> None:
    with pytest.raises(AccountError, match="may be 1500 or have decimals"):
        load("symbol;quantity;mark;notional\nSOLUSDT;1.500;100;150.000\n")


GERMAN = "symbol;quantity;entry\nBTCUSDT;1.500;61.250\n"


@pytest.mark.parametrize(("price", "quantity"), [(60_900.0, 1500.0), (58.0, 1.5)])
@pytest.mark.parametrize("separator", [";", "\t", ","])
def test_prices_of_the_desk_settle_how_a_quantity_is_written(tmp_path, separator, price, quantity) -> None:
    path = tmp_path / "positions.csv"
    path.write_text(GERMAN.replace(";", separator), encoding="utf-8")
    account = load_account(path, KNOWN, prices={"BTCUSDT": price, "SOLUSDT": 0.06})
    assert sides(account)["BTCUSDT"].quantity == quantity
    (note,) = account.notes
    assert note == f"positions.csv: '1.500' is read as {quantity:g}, as the price of BTCUSDT on the desk is {price:g}"


def test_prices_that_are_near_both_ways_or_of_other_contracts_settle_nothing(tmp_path) -> None:
    path = tmp_path / "positions.csv"
    path.write_text(GERMAN, encoding="utf-8")
    for prices in ({"BTCUSDT": 2000.0}, {"SOLUSDT": 61_000.0}, {}):
        with pytest.raises(AccountError, match="may be 1500 or have decimals"):
            load_account(path, KNOWN, prices=prices)


def test_numbers_of_a_parquet_file_are_in_no_doubt(tmp_path) -> None:
    path = tmp_path / "positions.parquet"
    pd.DataFrame({"symbol": ["SOLUSDT"], "quantity": [1.125]}).to_parquet(path)
    account = load_account(path, KNOWN)
    assert (sides(account)["SOLUSDT"].quantity, account.notes) == (1.125, ())
