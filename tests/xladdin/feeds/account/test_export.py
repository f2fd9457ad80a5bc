"""Open positions from files: each venue's columns, units and signs; what is not sure is refused by its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import FeedError
from xladdin.feeds.account.export.loading import load_account
from xladdin.feeds.account.positions import Account, Side

KNOWN = {"BTCUSDT": False, "ETHUSDT": False, "SOLUSDT": False, "BTCUSD": True, "1000PEPEUSDT": False}
SIZES = {"BTC-USDT-SWAP": 0.01, "ETH-USDT-SWAP": 0.1, "BTC_USDT": 0.0001, "BTCUSD_PERP": 100.0}

EXPORTS = {
    "own": "symbol,quantity,entry\nBTCUSDT,0.25,61000\nETHUSDT,-3,3400\n",
    "Binance": (
        "symbol,positionSide,positionAmt,entryPrice,markPrice,unRealizedProfit,marginType\n"
        "BTCUSDT,BOTH,0.25,61000.0,62000.0,250,cross\nETHUSDT,BOTH,-3.000,3400.0,3300,300,cross\n"
    ),
    "Bybit": (
        "symbol,side,size,avgPrice,markPrice,unrealisedPnl\nBTCUSDT,Buy,0.25,61000,62000,250\n"
        "ETHUSDT,Sell,3,3400,3300,300\n"
    ),
    "OKX with a size": (
        "instId,posSide,pos,avgPx,ctVal,mgnMode\nBTC-USDT-SWAP,net,25,61000,0.01,cross\n"
        "ETH-USDT-SWAP,short,30,3400,0.1,cross\n"
    ),
    "Gate with a size": (
        "contract,size,entry_price,quanto_multiplier\nBTC_USDT,2500,61000,0.0001\nETH_USDT,-300,3400,0.01\n"
    ),
    "Kraken": "symbol,side,size,price\nPF_XBTUSDT,long,0.25,61000\nPF_ETHUSDT,short,3,3400\n",
    "ccxt": (
        "symbol,side,contracts,contractSize,entryPrice\nBTC/USDT:USDT,long,25,0.01,61000\n"
        "ETH/USDT:USDT,short,3,1,3400\n"
    ),
    "Hyperliquid": "coin;szi;entryPx\nBTCUSDT;0,25;61000\nETH;-3;3400\n",
}


def loaded(tmp_path: Path, text: str, sizes: dict[str, float] | None = None) -> Account:
    path = tmp_path / "positions.csv"
    path.write_text(text)
    return load_account(path, KNOWN, sizes)


def sides(account: Account) -> dict[str, Side]:
    return {each.symbol: each.held for each in account.positions}


@pytest.mark.parametrize("venue", EXPORTS)
def test_the_columns_of_venues_say_the_same_two_positions(tmp_path: Path, venue: str) -> None:
    found = sides(loaded(tmp_path, EXPORTS[venue]))
    assert {symbol: side.quantity for symbol, side in found.items()} == pytest.approx({"BTCUSDT": 0.25, "ETHUSDT": -3})
    assert [side.entry for side in found.values()] == [61000, 3400]


def test_contracts_have_the_size_that_the_store_knows(tmp_path: Path) -> None:
    text = "instId,posSide,pos,avgPx\nBTC-USDT-SWAP,net,25,61000\nETH-USDT-SWAP,short,30,3400\n"
    found = sides(loaded(tmp_path, text, SIZES))
    assert {symbol: side.quantity for symbol, side in found.items()} == pytest.approx({"BTCUSDT": 0.25, "ETHUSDT": -3})
    inverse = sides(loaded(tmp_path, "symbol,positionAmt,entryPrice\nBTCUSD_PERP,-12,60000\n", SIZES))
    assert inverse["BTCUSD"].quantity == -1200


@pytest.mark.parametrize(
    "text",
    [
        "instId,pos,avgPx\nBTC-USDT-SWAP,25,61000\n",
        "contract,size,entry_price\nBTC_USDT,2500,61000\n",
        "symbol,positionAmt\nBTCUSD_PERP,-12\n",
        "symbol,contracts\nBTC/USDT:USDT,5\n",
    ],
)
def test_contracts_of_no_known_size_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(FeedError, match=r"line 2 counts contracts of .*--venue, .* or add a column contractSize"):
        loaded(tmp_path, text)


def test_long_and_short_lines_of_one_contract_are_netted_and_told(tmp_path: Path) -> None:
    text = "symbol,positionSide,positionAmt,entryPrice\nSOLUSDT,LONG,50,90\nSOLUSDT,SHORT,-20,105\n"
    account = loaded(tmp_path, text)
    assert sides(account)["SOLUSDT"].quantity == 30
    assert account.notes == ("SOLUSDT stands in 2 lines of positions.csv, netted to 30",)


def test_isolated_lines_bring_what_is_posted(tmp_path: Path) -> None:
    text = (
        "symbol,side,size,avgPrice,marginMode,collateral,markPrice,unrealizedPnl\n"
        "SOLUSDT,Buy,5,90,isolated,45.5,91,5\nETHUSDT,Buy,1,3000,cross,9,3001,1\nBTCUSD,Sell,600,60000,Isolated,0.001,50000,0.002\n"
    )
    found = sides(loaded(tmp_path, text))
    assert (found["SOLUSDT"].isolated, found["SOLUSDT"].posted, found["SOLUSDT"].profit) == (True, 45.5, 5)
    assert not found["ETHUSDT"].isolated
    assert (found["BTCUSD"].posted, found["BTCUSD"].profit) == pytest.approx((50.0, 100.0)), "coins at the price now"


def test_lines_without_a_position_are_none(tmp_path: Path) -> None:
    assert loaded(tmp_path, "symbol,positionAmt,entryPrice\nBTCUSDT,0.000,0.0\n").positions == ()
    assert loaded(tmp_path, "symbol,positionAmt,entryPrice\n").positions == ()


def test_a_contract_that_the_desk_does_not_have_keeps_its_name(tmp_path: Path) -> None:
    found = sides(
        loaded(tmp_path, "symbol,size\nXRP/USDT:USDT,5\nPF_XBTUSD,2\nSOMETHING,1\nBTCPERP,3\nETH-PERPETUAL,4\n")
    )
    assert set(found) == {"XRPUSDT", "BTCUSD", "SOMETHING", "BTCUSDC", "ETHUSD"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("symbol,entry\nBTCUSDT,5\n", r"positions.csv has no column 'quantity'"),
        ("quantity,entry\n5,5\n", r"positions.csv has no column 'symbol'"),
        ("symbol,quantity\nBTCUSDT,\n", r"line 2 has no quantity of BTCUSDT that can be held"),
        ("symbol,quantity\nBTCUSDT,1e300\n", r"line 2 has no quantity of BTCUSDT that can be held"),
        ("symbol,quantity\nBTCUSDT,five\n", r"line 2 has 'five' as quantity, not a number"),
        ("symbol,side,size\nBTCUSDT,up,5\n", r"line 2 has 'up' as its side"),
        ("symbol,side,size\nBTCUSDT,long,-5\n", r"line 2 is long and has a negative quantity"),
        ("symbol,size,avgPrice\nBTCUSDT,5,-1\n", r"line 2: the entry price is -1"),
        ("symbol,size,marginMode\nBTCUSDT,5,spot\n", r"line 2 has 'spot' as its margin mode"),
        ("symbol,size\n=BTC(),5\n", r"line 2: '=BTC\(\)' is no symbol"),
    ],
)
def test_what_is_not_sure_is_refused_by_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(FeedError, match=said):
        loaded(tmp_path, text)


def test_a_contract_that_the_venue_does_not_have_in_the_store_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="the store has no contract XRP-USDT-SWAP of that venue"):
        loaded(tmp_path, "instId,pos\nXRP-USDT-SWAP,5\n", SIZES)
