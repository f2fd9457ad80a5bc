"""A history as Germans, Swiss, French and British write it is the same one; what is in doubt is settled or refused."""

from __future__ import annotations

import gzip

import numpy as np
import pytest

from core.errors import FeedError
from tests.load_panel import load_panel
from tests.xladdin.feeds.conftest import Folders
from xladdin.feeds.files import FileFeed
from xladdin.feeds.panel import collect
from xladdin.feeds.small_tables import load_factors, load_tiers

PRICES = [998.5, 61250.0, 61300.25, 1234567.5, 60900.0, 61000.75]
RATES = [0.0001, -0.00025, 0.0, 0.0003, 0.0001, 0.00005]
VOLUMES = [1500.0, 0.0, 12345.0, 250.5, 1000000.0, 3.0]

STYLES = {
    "German": (";", ".", ","),
    "German, nothing between thousands": (";", "", ","),
    "Swiss": ("\t", "'", "."),
    "Swiss, the curved mark": (";", "\u2019", "."),
    "Swiss with a decimal comma": (";", "'", ","),
    "French, the narrow space": (";", "\u202f", ","),
    "French, the space that does not break": ("\t", "\u00a0", ","),
    "a plain space": ("|", " ", ","),
    "English": ("\t", ",", "."),
    "English in quotes": (",", ",", "."),
    "German in quotes": (",", ".", ","),
    "a program's": (";", "", "."),
}


def written(value: float, between: str, decimal: str, digits: int = 2) -> str:
    """A number as Python's own format groups it, with other signs."""
    return f"{value:,.{digits}f}".translate({ord(","): between, ord("."): decimal})


def table(rows: list[list[str]], headings: list[str], separator: str) -> str:
    quoted = [[f'"{cell}"' if separator in cell else cell for cell in row] for row in [headings, *rows]]
    return "".join(separator.join(row) + "\n" for row in quoted)


def hours(count: int) -> list[str]:
    return [f"2024-01-01 {hour:02d}:00" for hour in range(count)]


def closes(texts: list[str], separator: str = ";") -> str:
    return table([list(row) for row in zip(hours(len(texts)), texts, strict=True)], ["time", "close"], separator)


@pytest.mark.parametrize("style", STYLES)
def test_a_history_is_the_same_however_it_is_written(folder_of: Folders, style: str) -> None:
    separator, between, decimal = STYLES[style]
    rows = [
        [
            time,
            written(price, between, decimal),
            written(rate, between, decimal, 5),
            written(volume, between, decimal, 1),
        ]
        for time, price, rate, volume in zip(hours(6), PRICES, RATES, VOLUMES, strict=True)
    ]
    source = folder_of({"BTC.csv": table(rows, ["time", "close", "funding", "turnover"], separator)})
    feed = FileFeed(source, "settled")
    panel, notes = collect(feed)
    np.testing.assert_array_equal(panel.prices[:, 0], PRICES)
    np.testing.assert_array_equal(panel.funding[:, 0], [*RATES[1:], np.nan])
    assert feed.daily_volumes(panel) == {"BTC": pytest.approx(sum(VOLUMES) / 6 * 24, rel=1e-15)}
    assert not any("is read as" in note for note in notes)


@pytest.mark.parametrize("layout", ["wide", "long"])
def test_one_contract_settles_the_figures_of_another(folder_of: Folders, layout: str) -> None:
    bitcoin, doge = ["61.250", "61.300", "61.275"], ["0,15", "0,16", "0,17"]
    if layout == "wide":
        text = table([list(row) for row in zip(hours(3), bitcoin, doge, strict=True)], ["time", "BTC", "DOGE"], ";")
    else:
        rows = [
            [time, name, price]
            for name, prices in (("BTC", bitcoin), ("DOGE", doge))
            for time, price in zip(hours(3), prices, strict=True)
        ]
        text = table(rows, ["time", "symbol", "close"], ";")
    panel, _ = load_panel(folder_of({"all.csv": text}))
    np.testing.assert_array_equal(panel.prices, [[61250, 0.15], [61300, 0.16], [61275, 0.17]])


@pytest.mark.parametrize("beside", ["61000,5", "61000.5"])
def test_a_column_that_is_not_read_settles_the_closes(folder_of: Folders, beside: str) -> None:
    rows = [[time, beside, "61.250"] for time in hours(3)]
    text = table(rows, ["time", "open", "close"], ";")
    panel, _ = load_panel(folder_of({"BTC.csv": text}))
    assert panel.prices[0, 0] == (61250.0 if "," in beside else 61.25)


def test_a_figure_far_down_settles_those_above(folder_of: Folders) -> None:
    texts = ["61.250"] * 20_000 + ["61.250,5"]
    times = np.datetime64("2020-01-01T00", "h") + np.arange(len(texts))
    text = table([[str(time), cell] for time, cell in zip(times, texts, strict=True)], ["time", "close"], ";")
    panel, _ = load_panel(folder_of({"BTC.csv.gz": gzip.compress(text.encode())}))
    assert panel.prices[0, 0] == 61250.0
    assert panel.prices[-1, 0] == 61250.5


@pytest.mark.parametrize(("texts", "prices"), [(["998", "1.001"], [998, 1001]), (["1", "1,001"], [1, 1.001])])
def test_prices_that_would_jump_settle_it_and_that_is_told(folder_of: Folders, texts, prices) -> None:
    panel, notes = load_panel(folder_of({"ETH.csv": closes(texts)}))
    assert panel.prices[:, 0].tolist() == prices
    told = f"ETH.csv: '{texts[1]}' is read as {prices[1]:g}, as its prices would jump a thousandfold otherwise"
    assert any(told in note for note in notes)


@pytest.mark.parametrize(
    ("mark", "desk", "price"), [(".", 48_000.0, 61250), (",", 70.0, 61.25), (".", 500_000.0, 61250)]
)
def test_the_price_on_the_desk_settles_it_and_that_is_told(folder_of: Folders, mark, desk, price) -> None:
    source = folder_of({"BTC.csv": closes([f"61{mark}250", f"61{mark}300"])})
    panel, notes = collect(FileFeed(source, prices={"BTC": desk, "ETH": 3.0}))
    assert panel.prices[0, 0] == price
    told = f"BTC.csv: '61{mark}250' is read as {price:g}, as the price of BTC on the desk is {desk:g}"
    assert any(told in note for note in notes)


@pytest.mark.parametrize("known", [{}, {"ETH": 3000.0}, {"BTC": 1900.0}, {"BTC": 1e9}])
@pytest.mark.parametrize(("mark", "separator"), [(".", ";"), (",", ";"), (".", "\t"), (",", "|"), (",", ",")])
def test_what_nothing_settles_is_refused_with_the_way_out(folder_of: Folders, mark, separator, known) -> None:
    doubtful = f"61{mark}250"
    source = folder_of({"BTC.csv": closes([doubtful, "61300"], separator)})
    if separator != ",":
        source = folder_of({"BTC.csv": closes([doubtful, f"61{mark}300"], separator)})
    with pytest.raises(FeedError) as caught:
        collect(FileFeed(source, prices=known))
    assert f"BTC.csv line 2 has '{doubtful}' as " in str(caught.value)
    assert f"write 61250, or {doubtful}0 if those are decimals" in str(caught.value)


@pytest.mark.parametrize("way_out", ["61250", "61.2500"])
def test_the_way_out_leads_out(folder_of: Folders, way_out: str) -> None:
    panel, _ = load_panel(folder_of({"BTC.csv": closes([way_out, way_out])}))
    assert panel.prices[0, 0] == float(way_out)


def test_a_month_that_another_program_wrote_is_refused_by_its_line(folder_of: Folders) -> None:
    """A stablecoin with decimal commas, then with points: 1.002 would be 1002."""
    with pytest.raises(FeedError) as caught:
        load_panel(folder_of({"USDC.csv": closes(["0,998", "1,0005", "1.002", "1.001"])}))
    assert (
        "USDC.csv line 4 has '1.002' as the close of USDC: 1002 as the other figures are written, 1.002 beside"
        in str(caught.value)
    )


def test_two_ways_of_writing_in_one_column_are_refused(folder_of: Folders) -> None:
    with pytest.raises(FeedError, match=r"BTC\.csv line 4 has '61\.300\.5' as the close of BTC, not a number"):
        load_panel(folder_of({"BTC.csv": closes(["61.250,5", "61.300,5", "61.300.5"])}))


def test_a_cell_of_two_lines_is_no_number(folder_of: Folders) -> None:
    text = 'time;close\n2024-01-01;"1,5\n2,5"\n2024-01-02;1,5\n'
    with pytest.raises(FeedError, match=r"BTC\.csv line 2 has '1,5.2,5' as the close of BTC, not a number"):
        load_panel(folder_of({"BTC.csv": text}))


def test_funding_in_per_cent_settles_it_too(folder_of: Folders) -> None:
    rows = [[time, "61.250", "0,0100%"] for time in hours(3)]
    panel, _ = load_panel(folder_of({"BTC.csv": table(rows, ["time", "close", "funding"], ";")}), funding="settled")
    np.testing.assert_array_equal(panel.prices[:, 0], [61250.0] * 3)
    np.testing.assert_allclose(panel.funding[:2, 0], 0.0001, rtol=1e-15)


def test_margin_tiers_are_read_the_same_way(folder_of: Folders) -> None:
    text = (
        "symbol;min_notional;max_notional;mmr;max_leverage\n"
        "BTCUSDT;0;50.000;0,004;125\n"
        "BTCUSDT;50.000;250.000;0,005;100\n"
    )
    doubtful = text.replace("0,004", "4%").replace("0,005", "5%")
    source = folder_of({"German.csv": text, "doubtful.csv": doubtful})
    rows = load_tiers(source / "German.csv", ["BTCUSDT"])
    assert rows.figures[:, :3].tolist() == [[0, 50_000, 0.004], [50_000, 250_000, 0.005]]
    with pytest.raises(
        FeedError, match=r"doubtful\.csv line 3 has '50\.000' as min_notional, which may be 50000 or have"
    ):
        load_tiers(source / "doubtful.csv", ["BTCUSDT"])


def test_factors_are_read_the_same_way(folder_of: Folders) -> None:
    source = folder_of(
        {"SP500.csv": "date;close\n2024-01-02;4.742,83\n2024-01-03;4.704\n", "DAX.csv": closes(["16.769"])}
    )
    [factor] = load_factors(source / "SP500.csv")
    assert factor.values.tolist() == [4742.83, 4704]
    with pytest.raises(FeedError, match=r"DAX\.csv line 2 has '16\.769' as close, which may be 16769 or have decimals"):
        load_factors(source / "DAX.csv")
