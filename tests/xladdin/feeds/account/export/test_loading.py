"""Open positions from files: each venue's columns, units and signs; what is not sure is refused by its line."""

from __future__ import annotations

import pytest

from core.errors import AccountError
from tests.xladdin.feeds.account.export.conftest import Load, sides

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


@pytest.mark.parametrize("venue", EXPORTS)
def test_the_columns_of_venues_say_the_same_two_positions(load: Load, venue: str) -> None:
    found = sides(load(EXPORTS[venue]))
    assert {symbol: side.quantity for symbol, side in found.items()} == pytest.approx({"BTCUSDT": 0.25, "ETHUSDT": -3})
    assert [side.entry for side in found.values()] == [61000, 3400]


def test_contracts_have_the_size_that_the_store_knows(load: Load) -> None:
    text = "instId,posSide,pos,avgPx\nBTC-USDT-SWAP,net,25,61000\nETH-USDT-SWAP,short,30,3400\n"
    found = sides(load(text, SIZES))
    assert {symbol: side.quantity for symbol, side in found.items()} == pytest.approx({"BTCUSDT": 0.25, "ETHUSDT": -3})
    inverse = sides(load("symbol,positionAmt,entryPrice\nBTCUSD_PERP,-12,60000\n", SIZES))
    assert inverse["BTCUSD"].quantity == -1200


@pytest.mark.parametrize(
    "text",
    [
        "instId,pos,avgPx\nBTC-USDT-SWAP,25,61000\n",
        "contract,size,entry_price\nBTC_USDT,2500,61000\n",
        "symbol,contract,size,entry_price\nBTCUSDT,BTC_USDT,2500,61000\n",
        "symbol,positionAmt\nBTCUSD_PERP,-12\n",
        "symbol,contracts\nBTC/USDT:USDT,5\n",
    ],
)
def test_contracts_of_no_known_size_are_refused(load: Load, text: str) -> None:
    with pytest.raises(AccountError, match=r"line 2 counts contracts of .*--venue, .* or add a column contractSize"):
        load(text)


def test_long_and_short_lines_of_one_contract_are_netted_and_told(load: Load) -> None:
    text = "symbol,positionSide,positionAmt,entryPrice\nSOLUSDT,LONG,50,90\nSOLUSDT,SHORT,-20,105\n"
    account = load(text)
    assert sides(account)["SOLUSDT"].quantity == 30
    assert account.notes == ("SOLUSDT stands in 2 lines of positions.csv, netted to 30",)


def test_isolated_lines_bring_what_is_posted(load: Load) -> None:
    text = (
        "symbol,side,size,avgPrice,marginMode,collateral,markPrice,unrealizedPnl\n"
        "SOLUSDT,Buy,5,90,isolated,45.5,91,5\nETHUSDT,Buy,1,3000,cross,9,3001,1\nBTCUSD,Sell,600,60000,Isolated,0.001,50000,0.002\n"
    )
    found = sides(load(text))
    assert (found["SOLUSDT"].isolated, found["SOLUSDT"].posted, found["SOLUSDT"].profit) == (True, 45.5, 5)
    assert not found["ETHUSDT"].isolated
    assert (found["BTCUSD"].posted, found["BTCUSD"].profit) == pytest.approx((50.0, 100.0)), "coins at the price now"


def test_lines_without_a_position_are_none(load: Load) -> None:
    assert load("symbol,positionAmt,entryPrice\nBTCUSDT,0.000,0.0\n").positions == ()
    assert load("symbol,positionAmt,entryPrice\n").positions == ()


def test_a_contract_that_the_desk_does_not_have_keeps_its_name(load: Load) -> None:
    found = sides(load("symbol,size\nXRP/USDT:USDT,5\nPF_XBTUSD,2\nSOMETHING,1\nBTCPERP,3\nETH-PERPETUAL,4\n"))
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
def test_what_is_not_sure_is_refused_by_its_line(load: Load, text: str, said: str) -> None:
    with pytest.raises(AccountError, match=said):
        load(text)


def test_a_contract_that_the_venue_does_not_have_in_the_store_is_refused(load: Load) -> None:
    with pytest.raises(AccountError, match="the store has no contract XRP-USDT-SWAP of that venue"):
        load("instId,pos\nXRP-USDT-SWAP,5\n", SIZES)


def test_the_same_line_twice_is_refused_and_two_of_one_side_are_added_up(load: Load) -> None:
    with pytest.raises(
        AccountError, match=r"line 3 says of BTCUSDT what positions.csv line 2 says; delete one of them"
    ):
        load("symbol,quantity,entry\nBTCUSDT,1,60000\nBTCUSDT,1,60000\n")
    account = load("symbol,quantity,entry\nBTCUSDT,1,60000\nBTCUSDT,3,64000\n")
    assert (sides(account)["BTCUSDT"].quantity, sides(account)["BTCUSDT"].entry) == (4, 63000)
    assert account.notes == ("BTCUSDT stands in 2 lines of positions.csv, netted to 4",)


@pytest.mark.parametrize(
    ("name", "symbol", "inverse"),
    [
        ("BTCUSD_PERP", "BTCUSD", True),
        ("PI_XBTUSD", "BTCUSD", True),
        ("BTC-USD-SWAP", "BTCUSD", True),
        ("BTC-PERPETUAL", "BTCUSD", True),
        ("BTC/USD:BTC", "BTCUSD", True),
        ("PF_XBTUSD", "BTCUSD", False),
        ("BTC/USD:USD", "BTCUSD", False),
        ("BTC-USDT-SWAP", "BTCUSDT", False),
        ("BTC_USDC-PERPETUAL", "BTCUSDC", False),
        ("BTCPERP", "BTCUSDC", False),
        ("ETH", "ETHUSDT", False),
        ("BTCUSD", "BTCUSD", None),
        ("BTC/USDT:USDT-260327", "BTC/USDT:USDT-260327", None),
    ],
)
def test_a_name_says_whose_coin_settles(load: Load, name: str, symbol: str, inverse: bool | None) -> None:
    [found] = load(f"symbol,quantity,contractSize\n{name},5,1\n").positions
    assert (found.symbol, found.inverse) == (symbol, inverse)


def test_two_contracts_that_the_desk_calls_alike_and_that_count_otherwise_are_refused(load: Load) -> None:
    with pytest.raises(AccountError, match="has PF_XBTUSD and PI_XBTUSD, which are both BTCUSD on the desk"):
        load("symbol,side,size,price\nPF_XBTUSD,long,0.25,61000\nPI_XBTUSD,short,500,61000\n")


def test_how_a_position_is_margined_is_not_made_up(load: Load) -> None:
    found = sides(load("symbol,quantity\nBTCUSDT,1\n"))
    assert found["BTCUSDT"].isolated is None
    bybit = sides(load("symbol,side,size,tradeMode,positionBalance\nBTCUSDT,Buy,1,1,50\nETHUSDT,Buy,1,0,40\n"))
    assert [bybit[symbol].isolated for symbol in ("BTCUSDT", "ETHUSDT")] == [True, None]
    assert bybit["BTCUSDT"].posted == 50
    binance = sides(load("symbol,positionAmt,isolatedWallet\nBTCUSDT,1,50\nETHUSDT,1,0.0\n"))
    assert [binance[symbol].isolated for symbol in ("BTCUSDT", "ETHUSDT")] == [True, False]


def test_a_quantity_in_dollars_is_seen_by_what_the_line_is_worth(load: Load) -> None:
    with pytest.raises(
        AccountError, match=r"line 2: 15,250 of BTCUSDT at 61,000 are worth 9.3\d*e\+08, and it says 15,250"
    ):
        load("symbol,size,markPrice,notional\nBTCUSDT,15250,61000,15250\n")
    with pytest.raises(AccountError, match="its quantity counts something else"):
        load("symbol,quantity,entryPrice,notionalUsd\nBTCUSD,-0.25,61000,15250\n")


@pytest.mark.parametrize(
    "line",
    [
        "BTCUSDT,0.25,61000,62000,15500",
        "BTCUSDT,-0.25,31000,62000,-7750",
        "BTCUSDT,0.25,,62000,0",
        "BTCUSDT,0.25,,,15250",
        "BTCUSD,15250,61000,62000,0.246",
        "BTCUSD,15250,61000,62000,15250",
        "XRPUSDT,5,2,2,1",
    ],
)
def test_a_line_that_is_worth_what_it_says_is_read(load: Load, line: str) -> None:
    """At the price now or at the entry, of an inverse contract in coin or in dollars; if the desk has it."""
    assert len(load(f"symbol,quantity,entryPrice,markPrice,notional\n{line}\n").positions) == 1


def test_a_spreadsheets_file_is_read_with_its_mark_and_its_separators(load: Load) -> None:
    german = "\ufeffsep=;\r\nSymbol;Quantity;Entry\r\nBTCUSDT;-0,25;61.000,5\r\nSOLUSDT;1.500;0,12\r\n"
    found = sides(load(german))
    assert [(side.quantity, side.entry) for side in found.values()] == [(-0.25, 61000.5), (1500, 0.12)]


def test_a_line_of_nothing_is_not_looked_at(load: Load) -> None:
    assert load("symbol,side,size,marginMode,entry\nBTCUSDT,flat,0,weird,-1\n").positions == ()
