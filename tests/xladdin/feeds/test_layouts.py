"""The files of the venues as they are published: invented numbers, each with its right value worked out by hand.

Every folder holds BTCUSDT closes 101, 102, 103 of the hours that open at 2024-01-01 00:00, 01:00 and 02:00 UTC, so
that they close at 01:00, 02:00 and 03:00.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile

import numpy as np
import pytest

from core.errors import FeedError
from tests.load_panel import load_panel
from tests.xladdin.feeds.conftest import Folders

NAN = float("nan")
FIRST = 1_704_067_200
"""2024-01-01 00:00 UTC."""

KLINES = (
    "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore"
)
MONTH = "BTCUSDT-1h-2024-01"


def kline(hour: int, scale: int = 1000) -> str:
    opens = (FIRST + 3600 * hour) * scale
    return f"{opens},100.5,103.9,99.1,{101 + hour},12.5,{opens + 3600 * scale - 1},1262.5,40,6.2,630.1,0"


def klines(*hours: int, scale: int = 1000, headed: bool = True) -> str:
    return "\n".join([KLINES] * headed + [kline(hour, scale) for hour in hours]) + "\n"


def zipped(name: str, text: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, text)
    return content.getvalue()


CDD = """https://www.CryptoDataDownload.com
Unix,Date,Symbol,Open,High,Low,Close,Volume BTC,Volume USDT,tradecount
1704074400000,2024-01-01 02:00:00,BTCUSDT,102,104,101,103,1,103,5
1704070800000,2024-01-01 01:00:00,BTCUSDT,101,103,100,102,1,102,5
1704067200000,2024-01-01 00:00:00,BTCUSDT,100,102,99,101,1,101,5
"""
OLD_CDD = """https://www.CryptoDataDownload.com
Date,Symbol,Open,High,Low,Close,Volume BTC,Volume USDT
2024-01-01 02-AM,BTCUSDT,102,104,101,103,1,103
2024-01-01 01-AM,BTCUSDT,101,103,100,102,1,102
2024-01-01 12-AM,BTCUSDT,100,102,99,101,1,101
"""
OKX = """instrument_name,open,high,low,close,vol,vol_ccy,vol_quote,open_time,confirm
BTCUSDT,100,102,99,101,10,1,1000,1704067200000,1
BTCUSDT,101,103,100,102,10,1,1000,1704070800000,1
BTCUSDT,102,104,101,103,10,1,1000,1704074400000,1
BTCUSDT,103,104,103,103.5,10,1,1000,1704078000000,0
"""
BYBIT_MT4 = """2024.01.01 00:00,100,102,99,101,1.5
2024.01.01 01:00,101,103,100,102,1.5
2024.01.01 02:00,102,104,101,103,1.5
"""
BYBIT = """startTime,openPrice,highPrice,lowPrice,closePrice,volume,turnover
1704074400000,102,104,101,103,1,103
1704070800000,101,103,100,102,1,102
1704067200000,100,102,99,101,1,101
"""
TRADING_VIEW = """time,open,high,low,close,Volume,Basis,Upper,Lower
1704067200,100,102,99,101,5,,,
1704070800,101,103,100,102,5,100,104,96
1704074400,102,104,101,103,5,100,104,96
"""
TRADING_VIEW_ISO = """time,open,high,low,close
2024-01-01T01:00:00+01:00,100,102,99,101
2024-01-01T02:00:00+01:00,101,103,100,102
2024-01-01T03:00:00+01:00,102,104,101,103
"""
SEMICOLONS = """Date;Open;Close;Volume
2024-01-01 00:00;100,5;101,0;1
2024-01-01 01:00;101;102;1,5
2024-01-01 02:00;102;103;2
"""
DAY_FIRST = """date,close
31/12/2023 23:00,100
01/01/2024 00:00,101
01/01/2024 01:00,102
01/01/2024 02:00,103
"""
PLAIN = "time,close\n2024-01-01 00:00,101\n2024-01-01 01:00,102\n2024-01-01 02:00,103\n"

FOLDERS: dict[str, dict[str, str | bytes]] = {
    "binance vision": {f"{MONTH}.csv": klines(0, 1, 2)},
    "binance vision without headings": {f"{MONTH}.csv": klines(0, 1, 2, headed=False)},
    "binance vision in microseconds": {f"{MONTH}.csv": klines(0, 1, 2, scale=1_000_000)},
    "binance vision by the month, zipped": {
        f"{MONTH}.zip": zipped(f"{MONTH}.csv", klines(0, 1)),
        "BTCUSDT-1h-2024-02.zip": zipped("BTCUSDT-1h-2024-02.csv", klines(2, scale=1_000_000)),
    },
    "binance vision by the day, overlapping": {
        "BTCUSDT-1h-2024-01-01.csv": klines(0, 1),
        "BTCUSDT-1h-2024-01-02.csv": klines(1, 2, headed=False),
    },
    "bybit for metatrader": {"BTCUSDT_60_2024-01-01_2024-01-31.csv.gz": gzip.compress(BYBIT_MT4.encode())},
    "bybit from its interface": {"BTCUSDT.csv": BYBIT},
    "okx": {"BTC-USDT-SWAP-candlesticks-2024-01.csv": OKX},
    "cryptodatadownload": {"Binance_BTCUSDT_1h.csv": CDD},
    "cryptodatadownload of old": {"Binance_BTCUSDT_1h.csv": OLD_CDD},
    "tradingview": {"BINANCE_BTCUSDT.P, 60.csv": TRADING_VIEW},
    "tradingview in a time zone": {"BYBIT_BTCUSDT.P, 60.csv": TRADING_VIEW_ISO},
    "semicolons and decimal commas": {"BTCUSDT.csv": SEMICOLONS},
    "excel's own separator line": {"BTCUSDT.csv": "sep=;\n" + SEMICOLONS},
    "tabs": {"BTCUSDT.tsv": PLAIN.replace(",", "\t")},
    "a comma at the end of each line": {"BTCUSDT.csv": PLAIN.replace("\n", ",\n")},
    "quoted headings": {"BTCUSDT.csv": PLAIN.replace("time,close", '"time","close"')},
    "windows line ends": {"BTCUSDT.csv": PLAIN.replace("\n", "\r\n")},
    "xz": {"BTCUSDT.csv.xz": lzma.compress(PLAIN.encode())},
    "bz2": {"BTCUSDT.csv.bz2": bz2.compress(PLAIN.encode())},
    "lower case and spaces": {"any.csv": "time, symbol ,close\n" + PLAIN[11:].replace(",", ", btcusdt\u00a0,")},
    "slashes, year first": {"BTCUSDT.csv": PLAIN.replace("2024-01-01", "2024/01/01")},
}


@pytest.mark.parametrize("layout", FOLDERS)
def test_a_layout_is_read_as_it_is(folder_of: Folders, layout: str) -> None:
    panel, _ = load_panel(folder_of(FOLDERS[layout]))
    assert panel.symbols == ("BTCUSDT",)
    assert panel.times.tolist() == [np.datetime64(f"2024-01-01T0{hour}", "s").item() for hour in (1, 2, 3)]
    assert panel.prices[:, 0].tolist() == [101, 102, 103]


def test_a_clock_that_nobody_states_is_said_to_be_read_as_utc(folder_of: Folders) -> None:
    _, notes = load_panel(folder_of(FOLDERS["bybit for metatrader"]))
    words = "BTCUSDT: the times have no zone, read as UTC; Bybit's files for MetaTrader were found to be UTC+3"
    assert words in notes
    assert words not in load_panel(folder_of(FOLDERS["okx"]) / "BTC-USDT-SWAP-candlesticks-2024-01.csv")[1]


def test_days_come_first_where_one_of_them_is_above_twelve(folder_of: Folders) -> None:
    panel, _ = load_panel(folder_of({"BTCUSDT.csv": DAY_FIRST}))
    assert panel.times[0] == np.datetime64("2024-01-01T00", "s")
    assert panel.prices[:, 0].tolist() == [100, 101, 102, 103]


DUMP = "calc_time,funding_interval_hours,last_funding_rate\n"
SETTLED = {0: 0.0001, 8: -0.0002, 16: 0.0003}
HOURS = range(-1, 20)
PRICES = "time,close\n" + "".join(f"{FIRST + 3600 * hour},{100 + hour}\n" for hour in HOURS)


def dump(hours: list[int], headed: bool = True, late: int = 7) -> str:
    rows = [f"{(FIRST + 3600 * hour) * 1000 + late},8,{SETTLED[hour]:.8f}" for hour in hours]
    return DUMP * headed + "\n".join(rows) + "\n"


def funding(heading: str, time: str = "time", per_cent: bool = False) -> str:
    shown = {hour: f"{rate:.4%}" if per_cent else repr(rate) for hour, rate in SETTLED.items()}
    return f"{time},{heading}\n" + "".join(f"{FIRST + 3600 * hour},{rate}\n" for hour, rate in shown.items())


FUNDING_FILES: dict[str, dict[str, str | bytes]] = {
    "binance vision": {"BTCUSDT-fundingRate-2024-01.csv": dump([0, 8, 16])},
    "binance vision without headings": {"BTCUSDT-fundingRate-2024-01.csv": dump([0, 8, 16], headed=False)},
    "binance vision by the month": {
        "BTCUSDT-fundingRate-2024-01.zip": zipped("BTCUSDT-fundingRate-2024-01.csv", dump([0, 8])),
        "BTCUSDT-fundingRate-2024-02.zip": zipped("BTCUSDT-fundingRate-2024-02.csv", dump([16], late=40)),
    },
    "its interface": {"funding_BTCUSDT.csv": funding("fundingRate", "fundingTime")},
    "words with spaces": {"BTCUSDT_funding.csv": funding("Funding Rate", "Time (UTC)")},
    "last funding rate": {"funding.csv": funding("last_funding_rate", "timestamp")},
    "per cent": {"BTCUSDT-funding-history.csv": funding("Funding Rate", per_cent=True)},
    "bybit, newest first": {
        "BTCUSDT_rates.csv": "symbol,fundingRate,fundingRateTimestamp\n"
        + "".join(f"BTCUSDT,{SETTLED[hour]},{(FIRST + 3600 * hour) * 1000}\n" for hour in (16, 8, 0))
    },
    "okx, all contracts": {
        "allswap-fundingrates-2024-01-01.csv": "instrument_name,funding_rate,funding_time\n"
        + "".join(
            f"{symbol},{rate * sign},{(FIRST + 3600 * hour) * 1000}\n"
            for hour, rate in SETTLED.items()
            for symbol, sign in (("ETHUSDT", -1), ("BTCUSDT", 1))
        )
    },
    "semicolons": {"funding_BTCUSDT.csv": funding("fundingRate").replace(",", ";").replace("0.000", "0,000")},
}


@pytest.mark.parametrize("layout", FUNDING_FILES)
def test_the_funding_of_a_venue_is_read_beside_its_prices(folder_of: Folders, layout: str) -> None:
    panel, notes = load_panel(folder_of({"BTCUSDT.csv": PRICES, **FUNDING_FILES[layout]}))
    expected = np.full(len(HOURS), NAN)
    for hour, rate in SETTLED.items():
        expected[hour] = rate  # the row that closes at this hour opened one before: row 0 opens at -1
    np.testing.assert_allclose(panel.funding[:, 0], expected, rtol=1e-15)
    assert not any("taken as none" in note for note in notes)


@pytest.mark.parametrize("heading", ["fundingRate", "last_funding_rate", "Funding Rate", "funding_rate", "FUNDING"])
def test_a_rate_beside_the_close_is_read_whatever_its_heading(folder_of: Folders, heading: str) -> None:
    rows = [f"{FIRST + 3600 * hour},{100 + hour},{SETTLED.get(hour, '')}\n" for hour in HOURS]
    panel, _ = load_panel(folder_of({"BTCUSDT.csv": f"time,close,{heading}\n" + "".join(rows)}))
    assert panel.funding[[0, 8, 16], 0].tolist() == list(SETTLED.values())


def test_funding_that_is_not_known_is_refused_and_not_denied(folder_of: Folders) -> None:
    text = PRICES.replace("time,close", "time,close,predicted_funding").replace("00\n", "00,0.0001\n")
    with pytest.raises(FeedError, match="has a column 'predicted_funding' that is not known; head the rates"):
        load_panel(folder_of({"BTCUSDT.csv": text}))


def carried_file(heading: str, days: int = 20) -> tuple[str, float]:
    random = np.random.default_rng(3)
    paid = np.round(random.normal(1e-4, 1e-4, 3 * days), 6)
    rows = "".join(f"{FIRST + 3600 * hour},{100 + hour % 7},{paid[hour // 8]}\n" for hour in range(24 * days))
    return f"time,close,{heading}\n{rows}", float(paid[1:].sum())


@pytest.mark.parametrize("heading", ["funding_rate", "fundingRate", "funding_rate_asof"])
def test_a_rate_that_is_carried_forward_is_counted_once_and_said(folder_of: Folders, heading: str) -> None:
    text, paid = carried_file(heading)
    panel, notes = load_panel(folder_of({"BTCUSDT.csv": text}))
    assert np.nansum(panel.funding[1:, 0]) == pytest.approx(paid, rel=1e-12)
    assert "BTCUSDT: the funding in BTCUSDT.csv is carried forward: one settlement each 8 h was taken" in notes


def test_the_desk_may_say_how_funding_is_read(folder_of: Folders) -> None:
    text, paid = carried_file("funding_rate")
    folder = folder_of({"BTCUSDT.csv": text})
    carried, settled = (load_panel(folder, funding=reading)[0] for reading in ("carried", "settled"))
    assert np.nansum(carried.funding[1:]) == pytest.approx(paid)
    assert np.isfinite(settled.funding[:-1]).all(), "the rate of the last bar settles after its own row"
    with pytest.raises(FeedError, match="funding 'smeared' is not known; choose one of: auto, settled, carried"):
        load_panel(folder, funding="smeared")


def test_a_history_too_short_to_tell_names_both_readings(folder_of: Folders) -> None:
    rows = "".join(f"{FIRST + 3600 * hour},100,0.0001\n" for hour in range(48))
    _, notes = load_panel(folder_of({"BTCUSDT.csv": "time,close,funding_rate\n" + rows}))
    assert (
        "BTCUSDT: the funding in BTCUSDT.csv changes too seldom to tell whether it is carried forward; it was read as "
        "it stands: 87.6% a year if every row settled, 10.9% if one each 8 h did; "
        "--funding settled or --funding carried decides"
    ) in notes
