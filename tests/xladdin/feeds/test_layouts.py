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
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import FeedError
from xladdin.feeds.files import load_panel

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


def fill(folder: Path, files: dict[str, str | bytes]) -> Path:
    """The folder with these files in it."""
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


@pytest.fixture
def folder_of(tmp_path: Path) -> Callable[[dict[str, str | bytes]], Path]:
    return lambda files: fill(tmp_path / "data", files)


@pytest.mark.parametrize("layout", FOLDERS)
def test_a_layout_is_read_as_it_is(folder_of: Callable[..., Path], layout: str) -> None:
    panel, _ = load_panel(folder_of(FOLDERS[layout]))
    assert panel.symbols == ("BTCUSDT",)
    assert panel.times.tolist() == [np.datetime64(f"2024-01-01T0{hour}", "s").item() for hour in (1, 2, 3)]
    assert panel.prices[:, 0].tolist() == [101, 102, 103]


def test_days_come_first_where_one_of_them_is_above_twelve(folder_of: Callable[..., Path]) -> None:
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
def test_the_funding_of_a_venue_is_read_beside_its_prices(folder_of: Callable[..., Path], layout: str) -> None:
    panel, notes = load_panel(folder_of({"BTCUSDT.csv": PRICES, **FUNDING_FILES[layout]}))
    expected = np.full(len(HOURS), NAN)
    for hour, rate in SETTLED.items():
        expected[hour] = rate  # the row that closes at this hour opened one before: row 0 opens at -1
    np.testing.assert_allclose(panel.funding[:, 0], expected, rtol=1e-15)
    assert not any("taken as none" in note for note in notes)


@pytest.mark.parametrize("heading", ["fundingRate", "last_funding_rate", "Funding Rate", "funding_rate", "FUNDING"])
def test_a_rate_beside_the_close_is_read_whatever_its_heading(folder_of: Callable[..., Path], heading: str) -> None:
    rows = [f"{FIRST + 3600 * hour},{100 + hour},{SETTLED.get(hour, '')}\n" for hour in HOURS]
    panel, _ = load_panel(folder_of({"BTCUSDT.csv": f"time,close,{heading}\n" + "".join(rows)}))
    assert panel.funding[[0, 8, 16], 0].tolist() == list(SETTLED.values())


def test_funding_that_is_not_known_is_refused_and_not_denied(folder_of: Callable[..., Path]) -> None:
    text = PRICES.replace("time,close", "time,close,predicted_funding").replace("00\n", "00,0.0001\n")
    with pytest.raises(FeedError, match="has a column 'predicted_funding' that is not known; head the rates"):
        load_panel(folder_of({"BTCUSDT.csv": text}))


def carried_file(heading: str, days: int = 20) -> tuple[str, float]:
    random = np.random.default_rng(3)
    paid = np.round(random.normal(1e-4, 1e-4, 3 * days), 6)
    rows = "".join(f"{FIRST + 3600 * hour},{100 + hour % 7},{paid[hour // 8]}\n" for hour in range(24 * days))
    return f"time,close,{heading}\n{rows}", float(paid[1:].sum())


@pytest.mark.parametrize("heading", ["funding_rate", "fundingRate", "funding_rate_asof"])
def test_a_rate_that_is_carried_forward_is_counted_once_and_said(folder_of: Callable[..., Path], heading: str) -> None:
    text, paid = carried_file(heading)
    panel, notes = load_panel(folder_of({"BTCUSDT.csv": text}))
    assert np.nansum(panel.funding[1:, 0]) == pytest.approx(paid, rel=1e-12)
    assert "BTCUSDT: the funding in BTCUSDT.csv is carried forward: one settlement each 8 h was taken" in notes


def test_the_desk_may_say_how_funding_is_read(folder_of: Callable[..., Path]) -> None:
    text, paid = carried_file("funding_rate")
    folder = folder_of({"BTCUSDT.csv": text})
    carried, settled = (load_panel(folder, funding=reading)[0] for reading in ("carried", "settled"))
    assert np.nansum(carried.funding[1:]) == pytest.approx(paid)
    assert np.isfinite(settled.funding[:-1]).all(), "the rate of the last bar settles after its own row"
    with pytest.raises(FeedError, match="funding 'smeared' is not known; choose one of: auto, settled, carried"):
        load_panel(folder, funding="smeared")


def test_a_history_too_short_to_tell_names_both_readings(folder_of: Callable[..., Path]) -> None:
    rows = "".join(f"{FIRST + 3600 * hour},100,0.0001\n" for hour in range(48))
    _, notes = load_panel(folder_of({"BTCUSDT.csv": "time,close,funding_rate\n" + rows}))
    assert (
        "BTCUSDT: the funding in BTCUSDT.csv changes too seldom to tell whether it is carried forward; it was read as "
        "it stands: 87.6% a year if every row settled, 10.9% if one each 8 h did; "
        "--funding settled or --funding carried decides"
    ) in notes


REFUSED: dict[str, tuple[dict[str, str | bytes], str]] = {
    "an unquoted decimal comma": (
        {"SOL.csv": "time,close,volume\n2024-01-01,1.2,5\n2024-01-02,1,2904,5\n"},
        "SOL.csv line 3 has 4 fields where there are 3 headings: a comma inside a number, perhaps",
    ),
    "a thousands comma": (
        {"SOL.csv": 'time,close\n2024-01-01,"1.2"\n2024-01-02,1,234\n'},
        "SOL.csv line 3 has 3 fields where there are 2 headings",
    ),
    "a thousands comma in quotes": (
        {"SOL.csv": 'time,close\n2024-01-01,1\n2024-01-02,"1,234"\n'},
        "SOL.csv line 3 has '1,234' as the close of SOL, not a number",
    ),
    "a thousands point beside decimal commas": (
        {"SOL.csv": "time;close\n2024-01-01;1,5\n2024-01-02;1.234\n"},
        "SOL.csv line 3 has '1.234' as the close of SOL, not a number",
    ),
    "a close that is no price": (
        {"SOL.csv": "time,close\n2024-01-01,1\n2024-01-02,1e308\n"},
        "SOL.csv line 3 (2024-01-02 00:00): the close of SOL is 1e+308; that is no price",
    ),
    "an infinite close": (
        {"SOL.csv": "time,close\n2024-01-01,1\n2024-01-02,-inf\n"},
        "SOL.csv line 3 has '-inf' as the close of SOL, not a number",
    ),
    "funding in per cent points": (
        {"SOL.csv": "time,close,funding\n2024-01-01,1,0.0001\n2024-01-02,1,50\n"},
        "SOL.csv line 3: the funding of SOL is 50, 5000% in one settlement; give rates as decimals (0.0001 = 0.01 %)",
    ),
    "days and months that cannot be told apart": (
        {"SOL.csv": "time,close\n01/02/2024,1\n02/02/2024,1\n"},
        "SOL.csv line 2 has the time '01/02/2024', and day and month cannot be told apart in that column",
    ),
    "days in both places": (
        {"SOL.csv": "time,close\n13/02/2024,1\n02/14/2024,1\n"},
        "SOL.csv line 3 has the time '02/14/2024', and the days stand in both places in that column",
    ),
    "no headings": (
        {"SOL.csv": "1704067200,1,2,3,4\n"},
        "SOL.csv has no headings and its 5 columns are no layout that is known; its first line is '1704067200,1,2,3,4'",
    ),
    "six columns that are no candles": (
        {"SOL.csv": "1704067200,5,2,3,4,1\n"},
        "SOL.csv has no headings and its 6 columns are no layout that is known",
    ),
    "another layout": (
        {"SOL.csv": "time,open,high,low,last,volume\n2024-01-01,1,1,1,1,1\n"},
        "SOL.csv has no column 'close'; head the closing prices so (it has: time, open, high, low, last, volume; "
        "separated by commas)",
    ),
    "an unknown time": (
        {"SOL.csv": "Zeit;close\n2024-01-01;1\n"},
        "SOL.csv has no heading that is known as a time; head that column 'time' "
        "(it has: Zeit, close; separated by semicolons)",
    ),
    "parts that contradict each other": (
        {f"{MONTH}.csv": klines(0, 1), "BTCUSDT-1h-2024-02.csv": klines(1, 2).replace(",102,", ",102.5,")},
        "the close of BTCUSDT at 2024-01-01 01:00 differs in BTCUSDT-1h-2024-01.csv and BTCUSDT-1h-2024-02.csv",
    ),
    "two data sets of a contract": (
        {"BTCUSDT-1h-2024-01.csv": klines(0, 1), "BTCUSDT-4h-2024-01.csv": klines(0, 1)},
        "BTCUSDT stands both in BTCUSDT-1h-2024-01.csv and in BTCUSDT-4h-2024-01.csv",
    ),
    "a zip of two tables": (
        {"BTC.zip": b""},
        "BTC.zip cannot be read",
    ),
    "a symbol with control characters": (
        {"all.csv": "time,symbol,close\n2024-01-01,BTC\x1b[2J,1\n2024-01-02,BTC,1\n"},
        "all.csv: 'BTC?[2J' is no symbol; it begins with a letter or digit",
    ),
    "a symbol that is a formula": (
        {"all.csv": "time,symbol,close\n2024-01-01,=1+1,1\n2024-01-02,BTC,1\n"},
        "all.csv: '=1+1' is no symbol",
    ),
    "a name that says no contract": (
        {"2024-01.csv": "time,close\n2024-01-01,1\n"},
        "the name of 2024-01.csv does not say which contract it is; name it like BTCUSDT_1h.csv",
    ),
    "predicted rates by the minute": (
        {
            "SOL.csv": "time,close,fundingRate\n"
            + "".join(f"{FIRST + 60 * row},1,{1e-4 + 1e-6 * (row % 13)}\n" for row in range(300))
        },
        "the funding in SOL.csv changes at irregular times less than an hour apart",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_right_is_refused_by_file_and_line(folder_of: Callable[..., Path], name: str) -> None:
    files, words = REFUSED[name]
    with pytest.raises(FeedError) as caught:
        load_panel(folder_of(files))
    message = str(caught.value)
    assert words in message
    assert message.isprintable()


def test_a_file_is_refused_by_what_it_unpacks_to(folder_of: Callable[..., Path], monkeypatch) -> None:
    monkeypatch.setattr("xladdin.feeds.tables.unpack.MOST_BYTES", 100_000)
    bomb = b"time,close\n" + b"2024-01-01,1\n" * 100_000
    for name, content in {"BTC.csv.gz": gzip.compress(bomb), "BTC.csv.xz": lzma.compress(bomb)}.items():
        assert len(content) < 10_000
        path = folder_of({name: content}) / name
        with pytest.raises(FeedError, match=rf"{name} unpacks to more than 0 MB; split it"):
            load_panel(path)
        path.unlink()
        path.parent.rmdir()


def test_a_zip_of_several_tables_says_what_to_do(folder_of: Callable[..., Path]) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in ("a.csv", "b.csv"):
            archive.writestr(name, PLAIN)
    with pytest.raises(FeedError, match=r"BTC\.zip holds 2 files of text and one is read; unpack it into the folder"):
        load_panel(folder_of({"BTC.zip": content.getvalue()}))


def test_rates_that_look_like_per_cent_are_noted(folder_of: Callable[..., Path]) -> None:
    rows = "".join(f"{FIRST + 28_800 * row},100,{0.01 + row / 1000}\n" for row in range(30))
    _, notes = load_panel(folder_of({"BTCUSDT.csv": "time,close,funding\n" + rows}))
    assert "a funding of 2.45% a settlement is usual in BTCUSDT.csv; if they are per cent" in " ".join(notes)


BROKEN = (
    *(b",", b";", b"\n", b"\r", b"\x00", b"\x1b[2J", b'"', b"nan", b"1e400", b"-", b"inf", b"%", b"\xff", b"\xc2\xa0"),
    *(b"9" * 30, b"2024-01-01", b"time", b"sep=", b"#", b"0x10"),
)
EVERY_FOLDER = [*FOLDERS.values(), *({"BTCUSDT.csv": PRICES, **files} for files in FUNDING_FILES.values())]


@settings(max_examples=200)
@given(
    files=st.sampled_from(EVERY_FOLDER),
    wounds=st.lists(
        st.tuples(st.integers(0, 10_000), st.integers(0, 20), st.sampled_from((b"", *BROKEN))), min_size=1, max_size=4
    ),
)
def test_whatever_a_file_holds_it_is_read_or_refused_in_one_line(tmp_path_factory, files, wounds) -> None:
    broken: dict[str, str | bytes] = {}
    for name, content in files.items():
        hurt = bytearray(content if isinstance(content, bytes) else content.encode())
        for place, cut, put in wounds:
            start = place % (len(hurt) + 1)
            hurt[start : start + cut] = put
        broken[name] = bytes(hurt)
    said = ""
    try:
        load_panel(fill(tmp_path_factory.mktemp("broken") / "data", broken))
    except FeedError as error:
        said = str(error)
    assert said.isprintable()
