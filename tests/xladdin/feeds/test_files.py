"""CSV and Parquet as people have them: layouts, opens that become closes, funding at its instants, every bad file."""

from __future__ import annotations

import gzip
import importlib.util
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.errors import FeedError
from tests.load_panel import load_panel
from xladdin.feeds.feed import Feed
from xladdin.feeds.files import FileFeed
from xladdin.feeds.tables.unpack import text_of

LONG = """timestamp,symbol,close
2024-06-01 00:00:00+00:00,BTC,100
2024-06-01 08:00:00+00:00,BTC,101
2024-06-01 16:00:00+00:00,BTC,102
2024-06-01 08:00:00+00:00,ETH,11
2024-06-01 16:00:00+00:00,ETH,
2024-06-02 00:00:00+00:00,ETH,13
"""
FUNDING = """symbol,timestamp,funding_rate
BTC,2024-06-01 08:00:00+00:00,0.001
BTC,2024-06-01 12:00:00+00:00,0.002
BTC,2024-06-01 16:00:00+00:00,0.004
ETH,2024-06-02 00:00:00+00:00,0.5
"""
NAN = float("nan")


def write(path: Path, text: str) -> Path:
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, encoding="utf-8")
    return path


def at(text: str) -> np.datetime64:
    return np.datetime64(text, "s")


def refusal(source: Path | str, **options: object) -> str:
    with pytest.raises(FeedError) as caught:
        load_panel(source, **options)  # type: ignore[arg-type]
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_a_file_feed_is_a_feed(tmp_path: Path) -> None:
    feed: Feed = FileFeed(write(tmp_path / "long.csv", LONG))
    assert (feed.name, feed.symbols()) == ("long.csv", ("BTC", "ETH"))


@pytest.mark.parametrize("name", ["long.csv", "long.csv.gz"])
def test_opens_become_closes_on_the_union_of_the_clocks(tmp_path: Path, name: str) -> None:
    panel, _ = load_panel(write(tmp_path / name, LONG))
    closes = ["2024-06-01T08", "2024-06-01T16", "2024-06-02T00", "2024-06-02T08"]
    assert panel.times.tolist() == [at(time).item() for time in closes]
    np.testing.assert_array_equal(panel.prices, [[100, NAN], [101, 11], [102, NAN], [NAN, 13]])
    assert (panel.symbols, panel.bar_hours) == (("BTC", "ETH"), 8.0)


def test_a_rate_belongs_to_the_bar_that_ends_when_it_settles(tmp_path: Path) -> None:
    write(tmp_path / "funding.csv", FUNDING)
    panel, notes = load_panel(write(tmp_path / "long.csv", LONG))
    np.testing.assert_allclose(panel.funding[:, 0], [0.001, 0.006, NAN, NAN])
    np.testing.assert_array_equal(panel.funding[:, 1], [NAN, NAN, 0.5, NAN])
    assert "BTC, ETH: funding from funding.csv" in notes


def test_a_funding_file_of_another_data_set_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path / "funding_bybit.csv", FUNDING)
    write(tmp_path / "funding_other.csv", "no table at all")
    _, notes = load_panel(write(tmp_path / "perp_8h_binance.csv", LONG))
    assert (
        "BTC, ETH: no funding in the files (funding_bybit.csv belongs to other data by its name), taken as none"
        in notes
    )
    _, notes = load_panel(write(tmp_path / "perp_8h_bybit.csv", LONG))
    assert "BTC, ETH: funding from funding_bybit.csv" in notes


def test_funding_in_the_file_itself_comes_first(tmp_path: Path) -> None:
    write(tmp_path / "funding.csv", FUNDING)
    text = "time,symbol,close,funding\n2024-06-01,BTC,1,0.001\n2024-06-02,BTC,2,0.002\n2024-06-03,BTC,3,\n"
    panel, notes = load_panel(write(tmp_path / "bars.csv", text))
    np.testing.assert_array_equal(panel.funding[:, 0], [0.002, NAN, NAN])
    assert notes == ("BTC: its funding ends 2024-06-02 00:00 and its prices 2024-06-04 00:00",)


def test_funding_summed_by_bar_is_taken_where_there_are_no_instants(tmp_path: Path) -> None:
    text = "date,symbol,close,funding_sum\n2024-06-01,BTC,1,0.1\n2024-06-02,BTC,2,0.2\n2024-06-03,BTC,3,0.3\n"
    panel, _ = load_panel(write(tmp_path / "daily.csv", text))
    np.testing.assert_array_equal(panel.funding[:, 0], [0.1, 0.2, 0.3])
    write(tmp_path / "funding.csv", "symbol,timestamp,funding_rate\nBTC,2024-06-02T00:00,0.5\n")
    panel, _ = load_panel(tmp_path / "daily.csv")
    np.testing.assert_array_equal(panel.funding[:, 0], [0.5, NAN, NAN])


def test_a_wide_file_has_a_contract_in_each_column(tmp_path: Path) -> None:
    write(tmp_path / "funding.csv", "time,BTC\n2024-06-01T02:00,0.01\n")
    text = "time,BTC,ETH\n2024-06-01T00:00,1,10\n2024-06-01T01:00,2,\n2024-06-01T02:00,3,30\n"
    panel, notes = load_panel(write(tmp_path / "wide.csv", text))
    np.testing.assert_array_equal(panel.prices, [[1, 10], [2, NAN], [3, 30]])
    np.testing.assert_array_equal(panel.funding[:, 0], [NAN, 0.01, NAN])
    assert panel.bar_hours == 1.0
    assert "ETH: 1 of 3 bars have no price" in notes


def test_a_wide_file_is_read_once_for_all_its_contracts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Path] = []

    def noting(path: Path, *, head: bool = False) -> str:
        read.extend([] if head else [path])
        return text_of(path, head=head)

    monkeypatch.setattr("xladdin.feeds.tables.table.text_of", noting)
    text = "time,BTC,ETH,SOL\n2024-06-01T00:00,1,10,5\n2024-06-01T01:00,2,20,6\n"
    panel, _ = load_panel(write(tmp_path / "wide.csv", text))
    np.testing.assert_array_equal(panel.prices, [[1, 10, 5], [2, 20, 6]])
    assert read == [tmp_path / "wide.csv"]


def test_a_row_without_a_time_is_no_row_of_the_contracts_that_have_no_price_there(tmp_path: Path) -> None:
    text = "time,BTC,ETH\n2024-06-01T00:00,1,10\n,,20\n2024-06-01T01:00,2,20\n"
    feed = FileFeed(write(tmp_path / "wide.csv", text))
    np.testing.assert_array_equal(feed.history("BTC").close, [1, 2])
    with pytest.raises(FeedError, match=r"^wide\.csv line 3 has no time; correct that row$"):
        feed.history("ETH")


def frame(count: int = 5, hours: int = 1, **columns: object) -> pd.DataFrame:
    index = pd.date_range("2024-06-01", periods=count, freq=f"{hours}h", tz="UTC", name="timestamp")
    return pd.DataFrame({"close": np.arange(1.0, count + 1), **columns}, index=index)


def test_a_folder_of_parquet_files_has_a_contract_in_each(tmp_path: Path) -> None:
    frame(funding_settle=[NAN, 0.1, NAN, NAN, 0.2], funding_rate_asof=9.0).to_parquet(tmp_path / "BTCUSDT_x_1h.parquet")
    frame().to_parquet(tmp_path / "eth-usdt.parquet")
    write(tmp_path / ".hidden.csv", "nothing")
    write(tmp_path / "README.md", "about")
    panel, _ = load_panel(tmp_path)
    assert panel.symbols == ("BTCUSDT", "ETH-USDT")
    np.testing.assert_array_equal(panel.funding[:, 0], [0.1, NAN, NAN, 0.2, NAN])
    assert panel.times[0] == at("2024-06-01T01:00")


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_times_since_1970_are_read_in_any_unit(tmp_path: Path, unit: str) -> None:
    stamps = frame().index.as_unit(unit).asi8
    table = pd.DataFrame({"timestamp": stamps, "symbol": "BTC", "close": 1.0})
    table.to_csv(tmp_path / "long.csv", index=False)
    assert load_panel(tmp_path / "long.csv")[0].times[0] == at("2024-06-01T01:00")


@pytest.mark.parametrize(
    "first", ["2024-06-01", "2024-06-01T00:00:00Z", "2024-06-01 02:00:00+02:00", "2024-05-31T23:59:59.9996"]
)
def test_times_are_utc_to_the_second(tmp_path: Path, first: str) -> None:
    text = f"time,BTC\n{first},1\n2024-06-01T01:00,2\n2024-06-01T02:00,2\n"
    assert load_panel(write(tmp_path / "wide.csv", text))[0].times[0] == at("2024-06-01T01:00")


def test_a_column_of_close_times_is_taken_as_it_is(tmp_path: Path) -> None:
    text = "close_time,BTC\n2024-06-01T01:00,1\n2024-06-01T02:00,2\n"
    assert load_panel(write(tmp_path / "wide.csv", text))[0].times[0] == at("2024-06-01T01:00")


def test_an_index_without_name_is_a_time(tmp_path: Path) -> None:
    table = frame().rename_axis(None)
    table.to_csv(tmp_path / "BTC.csv")
    table.to_parquet(tmp_path / "ETH.parquet")
    assert load_panel(tmp_path)[0].prices.shape == (5, 2)


def test_dates_in_parquet_are_times(tmp_path: Path) -> None:
    days = [date(2024, 6, 1) + timedelta(days=n) for n in range(3)]
    pd.DataFrame({"date": days, "close": 1.0}).to_parquet(tmp_path / "BTC.parquet")
    assert load_panel(tmp_path)[0].times[0] == at("2024-06-02")


@pytest.mark.parametrize(
    ("end", "last"),
    [
        ("2024-06-02", "2024-06-03T00"),
        (date(2024, 6, 2), "2024-06-03T00"),
        (np.datetime64("2024-06-02"), "2024-06-03T00"),
        ("2024-06-02T05:30", "2024-06-02T05"),
        ("2024-06-02 05:00", "2024-06-02T05"),
        (datetime(2024, 6, 2), "2024-06-02T00"),
        (datetime(2024, 6, 2, 7, tzinfo=timezone(timedelta(hours=2))), "2024-06-02T05"),
        (np.datetime64("2024-06-02T05:30"), "2024-06-02T05"),
        ("2030-01-01", "2024-06-05T04"),
        (None, "2024-06-05T04"),
    ],
)
def test_a_date_means_through_its_end_and_a_time_means_itself(tmp_path: Path, end: object, last: str) -> None:
    frame(100).to_parquet(tmp_path / "BTC.parquet")
    panel, _ = load_panel(tmp_path, end=end)  # type: ignore[arg-type]
    assert panel.times[-1] == at(last)


def test_bars_are_returns_so_there_is_one_row_more(tmp_path: Path) -> None:
    frame(100).to_parquet(tmp_path / "BTC.parquet")
    panel, _ = load_panel(tmp_path, end="2024-06-02", bars=24)
    assert panel.returns().shape == (24, 1)
    assert panel.times[0] == at("2024-06-02T00")


def test_symbols_come_in_the_order_asked_whatever_their_case(tmp_path: Path) -> None:
    assert load_panel(write(tmp_path / "long.csv", LONG), [" eth", "BTC"])[0].symbols == ("ETH", "BTC")


def test_the_same_row_twice_is_dropped_with_a_note(tmp_path: Path) -> None:
    text = "time,BTC,ETH\n2024-06-01T00:00,1,\n2024-06-01T00:00,1,\n2024-06-01T01:00,2,5\n2024-06-01T02:00,3,6\n"
    panel, notes = load_panel(write(tmp_path / "wide.csv", text))
    assert len(panel.times) == 3
    assert "BTC, ETH: 1 repeated rows dropped" in notes


def test_gaps_are_told_and_no_bar_is_invented(tmp_path: Path) -> None:
    frame(10).drop(frame(10).index[[4, 5]]).to_parquet(tmp_path / "BTC.parquet")
    frame(10).iloc[2:9].drop(frame(10).index[[4, 5, 6]]).to_parquet(tmp_path / "ETH.parquet")
    panel, notes = load_panel(tmp_path)
    assert len(panel.times) == 8
    assert notes == (
        "BTC, ETH: no funding in the files, taken as none",
        "ETH: first bar closes 2024-06-01 03:00, 2 bars after the window begins",
        "ETH: last bar closes 2024-06-01 09:00, 1 bars before the window ends",
        "ETH: 1 bars are absent between its first and last",
        "all contracts: 2 bars are absent from the data",
    )
    assert np.isnan(panel.returns()[3]).all(), "no return spans the hole"


BAD_FILES = {
    "text in a number cell": (
        "time,BTC\n2024-06-01,1\n2024-06-02,n.a.?\n2024-06-03,1\n",
        "wide.csv line 3 has 'n.a.?' as the close of BTC, not a number; correct or clear it",
    ),
    "an infinite price": ("time,BTC\n2024-06-01,1\n2024-06-02,inf\n", "line 3 has 'inf' as the close of BTC"),
    "a zero price": (
        "time,BTC\n2024-06-01,1\n2024-06-02,0\n",
        "wide.csv line 3 (2024-06-02 00:00): the close of BTC is 0; a price must be above zero",
    ),
    "a negative price": (
        "time,BTC\n2024-06-01,-36.98\n2024-06-02,1\n",
        "line 2 (2024-06-01 00:00): the close of BTC is -36.98",
    ),
    "a blank column": ("time,BTC\n2024-06-01,\n2024-06-02,\n", "wide.csv has no price of BTC in any row"),
    "times that go back": (
        "time,BTC\n2024-06-03,1\n2024-06-02,1\n2024-06-05,1\n",
        "line 3: BTC goes back from 2024-06-03 00:00 to 2024-06-02 00:00; sort the file by time, oldest first",
    ),
    "a time with two prices": (
        "time,BTC\n2024-06-01,1\n2024-06-02,1\n2024-06-02,2\n",
        "line 4: BTC comes twice at 2024-06-02 00:00 with different values; keep one of the rows",
    ),
    "a time in another form": (
        "time,BTC\n2024-06-01,1\n02/06/2024,1\n",
        "line 3 has the time '02/06/2024', which is not in the form 2024-06-30 23:00; correct that row",
    ),
    "a day as a number": ("date,BTC\n20240601,1\n20240602,1\n", "line 2 has the time '20240601'"),
    "a missing time": ("time,BTC\n2024-06-01,1\n\n,1\n", "line 4 has no time"),
    "no column of times": (
        "when,BTC\n1,2\n",
        "wide.csv has no heading that is known as a time; head that column 'time' (it has: when, BTC; separated by",
    ),
    "no prices": ("time,\n2024-06-01,\n", "wide.csv has times but no prices"),
    "one column": ("time BTC\n2024-06-01 1\n", "no separator was found in its line 1, 'time BTC'; separate"),
    "long without closes": (
        "time,symbol,last\n2024-06-01,BTC,1\n",
        "no column 'close'; add it or rename one (it has: time, symbol, last; separated",
    ),
    "single without closes": ("time,funding\n2024-06-01,0.1\n", "no column 'close'"),
    "long without a symbol": ("time,symbol,close\n2024-06-01,BTC,1\n2024-06-02,,1\n", "line 3 has no symbol"),
    "one row": ("time,BTC\n2024-06-01,1\n", "wide.csv has 1 rows of BTC and 2 are needed"),
    "no rows": ("time,symbol,close\n", "holds no contract"),
    "a row between the bars": (
        "time,BTC\n2024-06-01T00:00,1\n2024-06-01T01:00,1\n2024-06-01T02:00,1\n2024-06-01T02:30,1\n",
        "BTC has a row at 2024-06-01 02:30, between its bars of 1 h",
    ),
    "nothing": ("", "wide.csv is empty; give it a line of headings and rows under it"),
    "text in the funding": (
        "time,symbol,close,funding\n2024-06-01,BTC,1,x\n2024-06-02,BTC,1,\n",
        "line 2 has 'x' as the funding of BTC",
    ),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_named_with_its_line_and_a_remedy(tmp_path: Path, name: str) -> None:
    text, words = BAD_FILES[name]
    assert words in refusal(write(tmp_path / "wide.csv", text))


def test_an_unknown_symbol_is_told_with_the_known_ones(tmp_path: Path) -> None:
    message = refusal(write(tmp_path / "long.csv", LONG), symbols=["BTX"])
    assert message == "long.csv has no 'BTX' (did you mean 'BTC'?); it has: BTC, ETH"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"symbols": []}, "no symbols were asked for; long.csv has: BTC, ETH"),
        ({"symbols": ["BTC", "btc"]}, "BTC was asked for twice"),
        ({"end": "yesterday"}, "the end 'yesterday' is no date; write it as 2024-06-30"),
        ({"end": "2020-01-01"}, "the end 2020-01-01 lies before the first close of the data, 2024-06-01 08:00"),
        ({"bars": 0}, "bars is 0; ask for at least 1"),
        ({"bars": 4}, "there are 3 bars up to 2024-06-02 08:00 and 4 were asked for"),
        ({"end": "2024-06-01T08:00"}, "there are 0 bars up to 2024-06-01 08:00 and 1 were asked for"),
        ({"end": "2024-06-01T20:00", "bars": 1, "symbols": ["BTC", "ETH"]}, ""),
    ],
)
def test_a_window_that_is_not_there_is_refused(tmp_path: Path, options: dict[str, object], words: str) -> None:
    source = write(tmp_path / "long.csv", LONG)
    if words:
        assert words in refusal(source, **options)
    else:
        assert load_panel(source, **options)[0].prices.shape == (2, 2)  # type: ignore[arg-type]


def test_a_contract_without_price_in_the_window_is_refused(tmp_path: Path) -> None:
    frame(10).to_parquet(tmp_path / "BTC.parquet")
    late = frame(10)
    late.iloc[:6, 0] = NAN
    late.to_parquet(tmp_path / "NEW.parquet")
    assert "NEW has no price between 2024-06-01 01:00 and 2024-06-01 05:00; leave it out" in refusal(
        tmp_path, end="2024-06-01T05:00"
    )


def test_a_contract_that_begins_after_the_window_is_refused(tmp_path: Path) -> None:
    frame(10).to_parquet(tmp_path / "BTC.parquet")
    frame(10).iloc[7:].to_parquet(tmp_path / "NEW.parquet")
    assert "NEW has no price between" in refusal(tmp_path, end="2024-06-01T05:00")


def test_bars_of_two_lengths_are_not_mixed(tmp_path: Path) -> None:
    frame(10).to_parquet(tmp_path / "BTC.parquet")
    frame(10, hours=8).to_parquet(tmp_path / "ETH.parquet")
    assert "BTC has bars of 1 h and ETH of 8 h" in refusal(tmp_path)


def test_clocks_that_never_meet_are_not_mixed(tmp_path: Path) -> None:
    frame(10).to_parquet(tmp_path / "BTC.parquet")
    shifted = frame(10)
    shifted.index += pd.Timedelta(minutes=30)
    shifted.to_parquet(tmp_path / "ETH.parquet")
    assert "the histories do not share a clock" in refusal(tmp_path)


def test_a_symbol_in_two_files_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", LONG)
    write(tmp_path / "b.csv", LONG)
    assert "BTC stands both in a.csv and in b.csv; name the file" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("BTC.parquet", b"not parquet", "BTC.parquet cannot be read"),
        ("BTC.csv.gz", b"not gzip", "BTC.csv.gz cannot be read"),
        ("BTC.csv", b"time,close\n\xff\xfe,1\n", "BTC.csv cannot be read (it is not UTF-8 text)"),
        ("BTC.json", b"{}", "BTC.json is not a table of market data; give a file of .csv, .csv.gz, .csv.xz, .zip"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert words in refusal(tmp_path / name)


def test_an_absent_path_and_an_empty_folder_are_told_apart(tmp_path: Path) -> None:
    assert "does not exist; check the path" in refusal(tmp_path / "absent")
    write(tmp_path / "funding.csv", FUNDING)
    assert "has no .csv, .csv.gz, .csv.xz, .zip, .parquet file with prices" in refusal(tmp_path)


def test_parquet_without_pyarrow_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frame().to_parquet(tmp_path / "BTC.parquet")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert "needs pyarrow; install it: pip install pyarrow" in refusal(tmp_path)


def test_a_byte_order_mark_is_no_part_of_a_heading(tmp_path: Path) -> None:
    assert load_panel(write(tmp_path / "long.csv", "\ufeff" + LONG))[0].symbols == ("BTC", "ETH")


def test_numbers_are_read_to_the_last_digit(tmp_path: Path) -> None:
    closes = [0.1 + 0.2, 1 / 3, 63_123.456789012345, 4.9e-7]
    text = "time,BTC\n" + "".join(f"2024-06-0{n},{value!r}\n" for n, value in enumerate(closes, 1))
    assert load_panel(write(tmp_path / "wide.csv", text))[0].prices[:, 0].tolist() == closes
