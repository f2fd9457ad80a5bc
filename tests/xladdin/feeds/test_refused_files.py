"""What cannot be right in a file is refused by its name and line, with the way out; nothing ends in a traceback."""

from __future__ import annotations

import gzip
import io
import lzma
import os
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import FeedError
from tests.load_panel import load_panel
from tests.xladdin.feeds.conftest import Folders, fill
from tests.xladdin.feeds.test_layouts import FIRST, FOLDERS, FUNDING_FILES, MONTH, PLAIN, PRICES, klines

REFUSED: dict[str, tuple[dict[str, str | bytes], str]] = {
    "an unquoted decimal comma": (
        {"SOL.csv": "time,close,volume\n2024-01-01,1.2,5\n2024-01-02,1,2904,5\n"},
        "SOL.csv line 3 has 4 fields where there are 3 headings: a comma inside a number, perhaps",
    ),
    "a thousands comma": (
        {"SOL.csv": 'time,close\n2024-01-01,"1.2"\n2024-01-02,1,234\n'},
        "SOL.csv line 3 has 3 fields where there are 2 headings",
    ),
    "a decimal comma beside a column that is blank": (
        {"SOL.csv": "time,close,volume\n2024-01-01,1.2,\n2024-01-02,1,2904,\n2024-01-03,1.3,\n"},
        "SOL.csv line 3 has 4 fields where there are 3 headings",
    ),
    "a thousands comma in quotes": (
        {"SOL.csv": 'time,close\n2024-01-01,1\n2024-01-02,"1,234"\n'},
        "SOL.csv line 3 has '1,234' as the close of SOL, which may be 1234 or have decimals, and no other figure "
        "tells; write 1234, or 1,2340 if those are decimals",
    ),
    "a thousands point beside decimal commas": (
        {"SOL.csv": "time;close\n2024-01-01;1,5\n2024-01-02;1.234\n"},
        "SOL.csv line 3 has '1.234' as the close of SOL: 1234 as the other figures are written, 1.234 beside its "
        "neighbour 1.5; write it as they are",
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
def test_what_cannot_be_right_is_refused_by_file_and_line(folder_of: Folders, name: str) -> None:
    files, words = REFUSED[name]
    with pytest.raises(FeedError) as caught:
        load_panel(folder_of(files))
    message = str(caught.value)
    assert words in message
    assert message.isprintable()


def test_a_file_is_refused_by_what_it_unpacks_to(folder_of: Folders, monkeypatch) -> None:
    monkeypatch.setattr("xladdin.feeds.tables.unpack.MOST_BYTES", 100_000)
    bomb = b"time,close\n" + b"2024-01-01,1\n" * 100_000
    for name, content in {"BTC.csv.gz": gzip.compress(bomb), "BTC.csv.xz": lzma.compress(bomb)}.items():
        assert len(content) < 10_000
        path = folder_of({name: content}) / name
        with pytest.raises(FeedError, match=rf"{name} unpacks to more than 0 MB; split it"):
            load_panel(path)
        path.unlink()
        path.parent.rmdir()


@pytest.mark.parametrize("name", ["BTC.csv.gz", "BTC.csv"])
def test_a_file_of_nothing_but_lines_is_refused_before_it_becomes_a_table(folder_of: Folders, name: str) -> None:
    lines = b"time,close\n2024-01-01,1\n" + b"\n" * 3_000_000
    content = gzip.compress(lines) if name.endswith("gz") else lines
    with pytest.raises(FeedError, match=rf"{name} holds [1-2],\d+,\d+ lines .* as no table of prices"):
        load_panel(folder_of({name: content}) / name)


def test_a_file_that_swells_is_refused_by_its_ratio(folder_of: Folders) -> None:
    content = gzip.compress(b"time,close\n" + b"2024-01-01T00:00:00,100.0000\n" * 1_300_000)
    with pytest.raises(FeedError, match=r"BTC.csv.gz holds .* in its first 33 MB and has 0.\d MB itself"):
        load_panel(folder_of({"BTC.csv.gz": content}) / "BTC.csv.gz")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_refused_and_not_waited_for(folder_of: Folders) -> None:
    path = folder_of({"ETH.csv": b"time,close\n2024-01-01,1\n"}) / "BTC.csv"
    os.mkfifo(path)
    with pytest.raises(FeedError, match=r"BTC.csv is no ordinary file"):
        load_panel(path)


def test_a_zip_of_several_tables_says_what_to_do(folder_of: Folders) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in ("a.csv", "b.csv"):
            archive.writestr(name, PLAIN)
    with pytest.raises(FeedError, match=r"BTC\.zip holds 2 files of text and one is read; unpack it into the folder"):
        load_panel(folder_of({"BTC.zip": content.getvalue()}))


def test_rates_that_look_like_per_cent_are_noted(folder_of: Folders) -> None:
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
