"""What the checks say of doubtful histories: a typo, a stale price, a young contract, a book too quiet for its beta."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import BookError
from tests.xladdin.desk.conftest import NOW
from xladdin.desk import jobs


def found(book, name):
    jobs.check(book, NOW)
    block = book.table("Checks")
    row = block.rows[block.column("Check").index(name)]
    return dict(zip(block.header, row, strict=True))


def price_column(book, symbol, change):
    """Types other prices of one contract into the desk."""
    block = book.table("Prices")
    place = block.index(symbol)
    rows = [list(row) for row in block.rows]
    for row, value in zip(rows, change([row[place] for row in rows]), strict=True):
        row[place] = value
    book.write_table("Prices", rows, block.header)
    book.commit()
    return block.column("Time")


def returns_of(book, symbol):
    prices = book.table("Prices").column(symbol)
    funding = book.table("Funding").column(symbol)
    closes = np.array([np.nan if value is None else value for value in prices[-721:]], dtype=np.float64)
    paid = np.array([value or 0.0 for value in funding[-720:]])
    return closes[1:] / closes[:-1] - 1 - paid


class TestJump:
    NAME = "No price jumped and came back"

    def test_the_sample_has_none(self, book):
        assert found(book, self.NAME)["Status"] == "OK"

    @pytest.mark.parametrize("factor", [10.0, 0.1, 1.1])
    def test_a_typo_in_one_cell_is_named_with_its_contract_and_time(self, book, factor):
        times = price_column(book, "ETHUSDT", lambda all_: [*all_[:-300], all_[-300] * factor, *all_[-299:]])
        check = found(book, self.NAME)
        assert (check["Status"], check["Limit"]) == ("WARN", 10.0)
        assert check["Value"] > 10
        assert check["Remedy"].startswith(f"ETHUSDT at {times[-300]} moved ")

    def test_a_move_that_stays_is_none(self, book):
        price_column(book, "ETHUSDT", lambda all_: [*all_[:-300], *(value and value * 10 for value in all_[-300:])])
        assert found(book, self.NAME)["Status"] == "OK"

    def test_a_market_that_falls_and_recovers_is_none(self, book):
        for symbol in book.table("Prices").header[1:]:
            price_column(book, symbol, lambda all_: [*all_[:-300], all_[-300] * 0.8, *all_[-299:]])
        assert found(book, self.NAME)["Status"] == "OK"


class TestJumpInTheLastBar:
    NAME = "No price jumped in the last bar"

    def test_the_sample_has_none(self, book):
        assert found(book, self.NAME)["Status"] == "OK"

    @pytest.mark.parametrize("factor", [10.0, 0.1, 1.15])
    def test_a_typo_in_the_last_row_is_named_with_its_contract_and_time(self, book, factor):
        times = price_column(book, "ETHUSDT", lambda all_: [*all_[:-1], all_[-1] * factor])
        check = found(book, self.NAME)
        assert (check["Status"], check["Limit"]) == ("WARN", 10.0)
        assert check["Value"] > 10
        assert check["Remedy"].startswith(f"ETHUSDT at {times[-1]} moved ")
        assert check["Remedy"].endswith("in the last bar: see whether it is a slip")

    def test_the_same_jump_a_bar_earlier_is_none(self, book):
        price_column(book, "ETHUSDT", lambda all_: [*all_[:-2], all_[-2] * 10, all_[-1] * 10])
        assert found(book, self.NAME)["Status"] == "OK"

    def test_a_market_that_falls_at_the_end_is_none(self, book):
        for symbol in book.table("Prices").header[1:]:
            price_column(book, symbol, lambda all_: [*all_[:-1], all_[-1] * 0.8])
        assert found(book, self.NAME)["Status"] == "OK"

    def test_a_contract_without_a_last_price_hides_no_other(self, book):
        price_column(book, "SOLUSDT", lambda all_: [*all_[:-1], None])
        times = price_column(book, "ETHUSDT", lambda all_: [*all_[:-1], all_[-1] * 10])
        check = found(book, self.NAME)
        assert check["Status"] == "WARN"
        assert check["Remedy"].startswith(f"ETHUSDT at {times[-1]} moved ")


class TestBreak:
    NAME = "No price broke in one bar"

    def test_the_sample_has_none(self, book):
        assert found(book, self.NAME)["Status"] == "OK"

    @pytest.mark.parametrize("factor", [1000.0, 0.001, 3.2])
    @pytest.mark.parametrize("bars", [2, 4, 300])
    def test_a_price_in_another_unit_is_named_whether_it_comes_back_or_not(self, book, factor, bars):
        scaled = lambda all_: [*all_[:-400], *(value and value * factor for value in all_[-400 : bars - 400])]  # noqa: E731
        times = price_column(book, "ETHUSDT", lambda all_: [*scaled(all_), *all_[bars - 400 :]])
        check = found(book, self.NAME)
        assert check["Status"] == "WARN"
        assert check["Value"] == pytest.approx(max(factor, 1 / factor), rel=0.1)
        assert check["Remedy"].startswith(("ETHUSDT at " + str(times[-400]), "ETHUSDT at " + str(times[bars - 400])))

    def test_a_break_before_the_window_counts_where_a_backtest_walked_through_it(self, book):
        price_column(book, "ETHUSDT", lambda all_: [*(v and v * 1000 for v in all_[:1000]), *all_[1000:]])
        assert found(book, self.NAME)["Status"] == "OK"
        jobs.backtest(book, NOW)
        assert found(book, self.NAME)["Status"] == "WARN"

    def test_stress_names_the_price_that_no_day_can_be_drawn_from(self, book):
        times = price_column(book, "ETHUSDT", lambda all_: [*all_[:-300], *(v and v * 1000 for v in all_[-300:])])
        with pytest.raises(
            BookError, match=rf"ETHUSDT at {times[-300]:%Y-%m-%d %H:%M} is 1,00\d times the price before"
        ):
            jobs.stress(book, NOW)


class TestOldPrice:
    NAME = "Every price is of the last bar"

    def test_the_sample_has_none(self, book):
        assert found(book, self.NAME)["Status"] == "OK"

    @pytest.mark.parametrize(("bars", "status"), [(1, "WARN"), (24, "WARN"), (25, "FAIL"), (300, "FAIL")])
    def test_a_contract_that_stopped_trading_is_named(self, book, bars, status):
        price_column(book, "SOLUSDT", lambda all_: [*all_[:-bars], *[None] * bars])
        check = found(book, self.NAME)
        assert (check["Status"], check["Value"]) == (status, float(bars))
        assert check["Remedy"].startswith(f"SOLUSDT has had no price for {bars} bars")


class TestStill:
    NAME = "Every price moves"

    def test_the_sample_moves(self, book):
        assert found(book, self.NAME)["Status"] == "OK"

    def test_a_stale_price_is_named_with_the_time_since_when(self, book):
        times = price_column(book, "SOLUSDT", lambda all_: [*all_[:-100], *[all_[-100]] * 60, *all_[-40:]])
        check = found(book, self.NAME)
        assert (check["Status"], check["Value"]) == ("WARN", 59.0)
        assert f"SOLUSDT stands at one price for 59 bars from {times[-100]}" in check["Remedy"]


class TestYoungContract:
    @pytest.fixture
    def before(self, book):
        jobs.rebalance(book, NOW)
        return book.table("Estimates")

    def test_it_changes_nothing_of_the_others_and_is_marked(self, book, before):
        price_column(book, "LINKUSDT", lambda all_: [*[None] * (len(all_) - 38), *all_[-38:]])
        report = jobs.rebalance(book, NOW)
        after = book.table("Estimates")
        young = after.column("Symbol").index("LINKUSDT")
        for column in ("Beta", "Volatility", "Observations"):
            others = [value for row, value in enumerate(after.column(column)) if row != young]
            assert others == pytest.approx([value for row, value in enumerate(before.column(column)) if row != young])
        assert after.column("Volatility")[young] == pytest.approx(
            np.nanstd(returns_of(book, "LINKUSDT"), ddof=1) * np.sqrt(8760), rel=1e-12
        )
        times = book.table("Prices").column("Time")
        assert after.column("FirstReturn")[young] == times[-37]
        assert f"young: 37 of 720 returns, since {times[-37]:%Y-%m-%d %H:%M}" in after.column("Note")[young]
        assert "its volatility is known to about 12%" in after.column("Note")[young]
        assert report.passed, report.verdict

        check = found(book, "Rows behind the covariance")
        assert (check["Status"], check["Value"], check["Limit"]) == ("WARN", 37.0, 100.0)
        assert check["Remedy"].startswith(f"LINKUSDT has fewest, since {times[-37]}")

    def test_what_needs_all_contracts_at_once_says_on_how_many_bars(self, book):
        price_column(book, "SOLUSDT", lambda all_: [*[None] * (len(all_) - 121), *all_[-121:]])
        book.write_value("Objective", "cvar")
        said = jobs.rebalance(book, NOW).warnings
        assert any(
            "objective cvar looks at bars that all contracts have, 120 of 720; SOLUSDT lacks most" in each
            for each in said
        ), said

    def test_a_simulated_day_says_on_how_many_bars_it_stands(self, book):
        price_column(book, "SOLUSDT", lambda all_: [*[None] * (len(all_) - 121), *all_[-121:]])
        said = jobs.stress(book, NOW).warnings
        assert any(
            "a simulated day looks at bars that all contracts have, 120 of 720; SOLUSDT" in each for each in said
        )

    def test_with_every_return_there_nothing_is_said(self, book):
        jobs.rebalance(book, NOW)
        assert found(book, "Rows behind the covariance")["Status"] == "OK"


class TestVolatilityAndBeta:
    NAME = "Volatility of the book is at least |beta| x market's"

    def test_the_sample_holds_it(self, book):
        jobs.rebalance(book, NOW)
        check = found(book, self.NAME)
        assert check["Status"] == "OK"
        block = book.table("WeightsSummary")
        beta = block.column("Value")[block.column("Measure").index("Beta")]
        market = np.nanstd(returns_of(book, "BTCUSDT"), ddof=1) * np.sqrt(8760)
        assert check["Limit"] == pytest.approx(abs(beta) * market, rel=1e-9)

    def test_a_book_too_quiet_for_its_beta_warns(self, book):
        jobs.rebalance(book, NOW)
        block = book.table("WeightsSummary")
        rows = [list(row) for row in block.rows]
        rows[block.column("Measure").index("Volatility")][1] = 0.12
        book.write_table("WeightsSummary", rows)
        check = found(book, self.NAME)
        assert (check["Status"], check["Value"]) == ("WARN", 0.12)
        assert "different rows" in check["Remedy"]
