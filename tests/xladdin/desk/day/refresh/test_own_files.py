"""Positions, margin tiers and factors from files, and what they say no to."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.errors import AccountError, FeedError
from tests.xladdin.desk.conftest import NOW
from tests.xladdin.desk.day.refresh.test_own_data import SYMBOLS, history, rows
from xladdin.desk import jobs
from xladdin.desk.day.refresh.own_files import OwnFiles
from xladdin.desk.read.desk import read_desk
from xladdin.desk.write.runlog import heard_warnings


@pytest.fixture
def source(tmp_path):
    return history(tmp_path / "history.csv")


def refresh(book, source, **files):
    return jobs.refresh(book, source, SYMBOLS, bars=150, now=NOW, own_files=OwnFiles(**files))


def written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


class TestPositions:
    def test_a_file_is_all_that_is_held(self, book, source, tmp_path):
        file = written(tmp_path / "held.csv", "symbol,quantity,entry\nBTCUSDT,-1.5,101.25\nAVAX/USDT:USDT,20,\n")
        report = refresh(book, source, positions=file)
        universe = rows(book)
        assert [universe[symbol]["Position"] for symbol in SYMBOLS] == [-1.5, None, 20.0]
        assert [universe[symbol]["EntryPrice"] for symbol in SYMBOLS] == [101.25, None, None]
        assert "positions are those of held.csv: BTCUSDT, AVAXUSDT; nothing else is held" in report.warnings

    def test_collateral_of_another_position_is_asked_for(self, book, source, tmp_path):
        block = book.table("Universe")
        mode = block.index("MarginMode")
        book.write_table("Universe", [[*row[:mode], "Isolated", *row[mode + 1 :]] for row in block.rows])
        file = written(tmp_path / "held.csv", "symbol,quantity,entry\nBTCUSDT,60,101.25\nETHUSDT,20,\n")
        report = refresh(book, source, positions=file)
        assert {
            f"{symbol}: its Collateral is as it was typed; enter what is posted for it now"
            for symbol in ("BTCUSDT", "ETHUSDT")
        } <= set(report.warnings)
        assert rows(book)["BTCUSDT"]["MarginMode"] == "Isolated"

    def test_headings_of_venues_are_known(self, book, source, tmp_path):
        refresh(
            book, source, positions=written(tmp_path / "p.csv", "Symbol;positionAmt;entryPrice\nETHUSDT;2,5;99,5\n")
        )
        assert (rows(book)["ETHUSDT"]["Position"], rows(book)["ETHUSDT"]["EntryPrice"]) == (2.5, 99.5)

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("symbol,quantity\nXRPUSDT,5\n", "held.csv: XRPUSDT is not on Universe; refresh with its history"),
            ("symbol,quantity\nBTCUSDT,5\nBTCUSDT,5\n", "held.csv line 3 says of BTCUSDT what held.csv line 2 says"),
            ("symbol,contracts\nBTCUSDT,5\n", "held.csv line 2 counts contracts of BTCUSDT"),
            ("symbol,quantity\nBTCUSDT,\n", "held.csv line 2 has no quantity"),
            ("symbol,quantity\nBTCUSDT,many\n", "held.csv line 2 has 'many' as quantity, not a number"),
            ("symbol,entry\nBTCUSDT,5\n", "held.csv has no column 'quantity'"),
            ("quantity,entry\n3,5\n", "held.csv has no column 'symbol'"),
            ("symbol,side,quantity\nBTCUSDT,long,-5\n", "held.csv line 2 is long and has a negative quantity"),
            ("symbol,quantity\nBTCUSDT,1e308\n", "held.csv line 2 has no quantity of BTCUSDT that can be held"),
            ("symbol,quantity,entry\nBTCUSDT,5,-1\n", "held.csv line 2: the entry price is -1"),
        ],
    )
    def test_what_cannot_be_a_position_is_refused_by_file_and_line(self, book, source, tmp_path, text, said):
        with pytest.raises(AccountError, match=said):
            refresh(book, source, positions=written(tmp_path / "held.csv", text))

    def test_an_export_of_a_venue_is_read_as_by_the_job_positions(self, book, source, tmp_path):
        """Sides, hedge mode, contracts with their size, isolated margin: what `perpdesk positions --file` reads."""
        text = (
            "symbol,side,contracts,contractSize,entryPrice,marginMode,collateral\n"
            "BTC/USDT:USDT,long,30,0.1,100,cross,\nBTC/USDT:USDT,short,10,0.1,110,cross,\n"
            "ETH/USDT:USDT,short,4,1,90,isolated,50\n"
        )
        report = refresh(book, source, positions=written(tmp_path / "held.csv", text))
        universe = rows(book)
        assert [universe[symbol]["Position"] for symbol in SYMBOLS[:2]] == [2.0, -4.0]
        assert universe["BTCUSDT"]["EntryPrice"] == 95.0
        assert (universe["ETHUSDT"]["MarginMode"], universe["ETHUSDT"]["Collateral"]) == ("isolated", 50.0)
        assert "BTCUSDT stands in 2 lines of held.csv, netted to 2" in report.warnings

    def test_the_overlay_book_stays_and_that_is_told(self, book, source, tmp_path):
        block = book.table("Universe")
        place = block.index("OverlayPosition")
        book.write_table("Universe", [[*row[:place], 3.0, *row[place + 1 :]] for row in block.rows])
        report = refresh(book, source, positions=written(tmp_path / "held.csv", "symbol,quantity\nBTCUSDT,5\n"))
        assert rows(book)["BTCUSDT"]["Position"] == 5.0
        assert any("but for the overlay book, which is taken to lie apart" in note for note in report.warnings)


class TestTiers:
    def test_those_of_the_contracts_on_universe_are_read(self, book, source, shared_data):
        report = refresh(book, source, tiers=shared_data / "specs" / "binance_leverage_tiers_8coins.csv")
        table = pd.read_csv(shared_data / "specs" / "binance_leverage_tiers_8coins.csv")
        expected = table[table["symbol"] == "BTC/USDT:USDT"]
        block = book.table("Tiers")
        ours = [row for row in block.rows if row[0] == "BTCUSDT"]
        assert [row[3] for row in ours] == expected["mmr"].tolist()
        assert [row[4] for row in ours] == expected["maint_amount"].tolist()
        assert set(block.column("Symbol")) <= set(SYMBOLS)
        assert any("tiers from binance_leverage_tiers_8coins.csv: " in note for note in report.warnings)
        with heard_warnings():
            tiers = read_desk(book).tiers[0]
        assert tiers is not None
        first = expected.iloc[0]
        assert tiers.maintenance(first["max_notional"] / 2) == pytest.approx(first["max_notional"] / 2 * first["mmr"])

    def test_a_file_of_other_contracts_is_refused(self, book, source, tmp_path):
        text = "symbol,min_notional,max_notional,mmr,max_leverage\nXRPUSDT,0,1e6,0.01,50\n"
        with pytest.raises(FeedError, match="no tier of a contract on Universe; it has: XRPUSDT"):
            refresh(book, source, tiers=written(tmp_path / "tiers.csv", text))

    @pytest.mark.parametrize(
        ("second", "said"),
        [
            ("BTCUSDT,1e6,2e6,0.4,20", "maintenance_rate is 0.4 in tier row 2, above the initial margin 1 / 20"),
            ("BTCUSDT,1e6,2e6,1.5,20", "maintenance_rate is 1.5 in tier row 2; write it as a decimal below 1"),
            ("BTCUSDT,2e6,3e6,0.02,20", "tiers have a gap: row 1 ends at 1000000 and row 2 starts at 2000000"),
            ("BTCUSDT,5e5,3e6,0.02,20", "tiers have an overlap"),
            ("BTCUSDT,1e6,2e6,0.001,20", "maintenance_rate falls to 0.001 in tier row 2"),
            ("BTCUSDT,1e6,2e6,0.02,100", "max_leverage|maintenance_rate is 0.02 in tier row 2, above"),
            ("BTCUSDT,1e6,2e6,0.02,0.5", "MaxLeverage is 0.5 where a value lies between 1 and 200"),
            ("ETHUSDT,1e6,2e6,0.02,20", "min_notional is 1e\\+06 in tier row 1; the first tier must start at 0"),
        ],
    )
    def test_what_rebalance_could_not_read_is_refused_by_file_and_line_and_not_written(
        self, book, source, tmp_path, second, said
    ):
        before = book.table("Tiers").rows
        lines = [
            "symbol,min_notional,max_notional,mmr,max_leverage",
            "XRPUSDT,7,6,9,0",
            "BTCUSDT,0,1e6,0.01,50",
            second,
        ]
        with pytest.raises(FeedError, match=f"tiers.csv line 4: {second[:7]}: .*({said})"):
            refresh(book, source, tiers=written(tmp_path / "tiers.csv", "\n".join(lines)))
        assert book.table("Tiers").rows == before

    def test_tiers_in_order_are_written(self, book, source, tmp_path):
        text = "symbol,min_notional,max_notional,mmr,max_leverage\nBTCUSDT,0,1e6,0.01,50\nBTCUSDT,1e6,2e6,0.02,25\n"
        refresh(book, source, tiers=written(tmp_path / "tiers.csv", text))
        ours = [row for row in book.table("Tiers").rows if row[0] == "BTCUSDT"]
        assert ours == [("BTCUSDT", 0.0, 1e6, 0.01, None, 50.0), ("BTCUSDT", 1e6, 2e6, 0.02, None, 25.0)]


class TestFactors:
    def daily(self, path: Path, first: str, days: int, seed: int) -> Path:
        """Levels on working days."""
        dates = np.arange(np.datetime64(first), np.datetime64(first) + np.timedelta64(days, "D"))
        dates = dates[np.is_busday(dates)]
        levels = 100 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.01, len(dates))))
        lines = [f"{day},{level}" for day, level in zip(dates, levels, strict=True)]
        return written(path, "date,close\n" + "\n".join(lines) + "\n")

    def test_their_returns_stand_on_the_days_they_share_and_contracts_are_compounded_over_them(self, book, tmp_path):
        source = history(tmp_path / "hourly.csv", rows=24 * 60)
        files = [
            self.daily(tmp_path / f"{name}.csv", "2024-05-20", 90, seed) for seed, name in enumerate(("spy", "oil"))
        ]
        jobs.refresh(book, source, SYMBOLS, bars=24 * 59, now=NOW, own_files=OwnFiles(factors=files))
        block = book.table("Factors")
        assert block.header == ("Time", "spy", "oil")
        levels = pd.read_csv(files[0], index_col="date", parse_dates=True)["close"]
        days = [time - pd.Timedelta(days=1) for time in block.column("Time")]
        moved = levels.loc[days].pct_change().to_numpy()
        np.testing.assert_allclose(np.array(block.column("spy")[1:], dtype=float), moved[1:], rtol=1e-12)
        with heard_warnings():
            desk = read_desk(book)
            prices = dict(zip(book.table("Prices").column("Time"), book.table("Prices").column("BTCUSDT"), strict=True))
        closes = np.array([prices[time] for time in block.column("Time")], dtype=float)
        stretches = (
            np.multiply.reduceat(1 + desk.benchmark_returns[: desk.factors.rows[-1]], desk.factors.rows[:-1]) - 1
        )
        np.testing.assert_allclose(stretches, (closes[1:] / closes[:-1] - 1), rtol=1e-9)

    def test_a_factor_hedge_runs_on_them(self, book, edit, tmp_path):
        source = history(tmp_path / "hourly.csv", rows=24 * 60)
        files = [self.daily(tmp_path / "spy.csv", "2024-05-20", 90, 3)]
        held = written(tmp_path / "held.csv", "symbol,quantity\nETHUSDT,20000\n")
        own = OwnFiles(positions=held, factors=files)
        jobs.refresh(book, source, SYMBOLS, bars=24 * 59, now=NOW, own_files=own)
        edit("Universe", 0, "Hedge", "Y")
        edit("Universe", 2, "Hedge", "Y")
        book.write_value("HedgeMode", "factor")
        book.write_value("BookBasis", "current")
        jobs.hedge(book, NOW)
        assert book.table("HedgeFactors").column("Factor") == ["BTCUSDT", "spy"]

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("date,close\n1999-01-01,5\n1999-01-02,6\n", "spy has no two values between 2024"),
            ("date,open\n2024-01-01,5\n", "has no column of values beside 'date'"),
            ("x,close\n5,6\n", "no heading that is known as a time"),
            ("date,close\n2024-06-03,5\n2024-06-02,6\n", "spy is not later in row|sort the"),
        ],
    )
    def test_what_does_not_fit_the_history_is_refused(self, book, source, tmp_path, text, said):
        with pytest.raises(FeedError, match=said):
            refresh(book, source, factors=[written(tmp_path / "spy.csv", text)])

    def levels(self, path: Path, values) -> Path:
        """A level a day from 2024-06-01."""
        dates = np.datetime64("2024-06-01") + np.arange(len(values)).astype("timedelta64[D]")
        lines = [f"{date},{value}" for date, value in zip(dates, values, strict=True)]
        return written(path, "date,oil\n" + "\n".join(lines) + "\n")

    def notes(self, book, tmp_path, values) -> list[str]:
        source = history(tmp_path / "hourly.csv", rows=24 * 60)
        own = OwnFiles(factors=[self.levels(tmp_path / "macro.csv", values)])
        return list(jobs.refresh(book, source, SYMBOLS, bars=24 * 59, now=NOW, own_files=own).warnings)

    @pytest.mark.parametrize(
        ("values", "said"),
        [
            ([100.0] * 58, r"macro.csv: macro has the same return, 0.0000%, in all \d+ rows; leave it out"),
            (100 * 1.01 ** np.arange(58), r"macro.csv: macro has the same return, 1.0000%, in all \d+ rows"),
            ([-0.01, 0.02] * 29, "macro.csv: macro has no return in the history; give prices or levels above zero"),
        ],
    )
    def test_one_that_never_moves_or_has_no_return_is_refused_by_file_and_column(self, book, tmp_path, values, said):
        with pytest.raises(FeedError, match=said):
            self.notes(book, tmp_path, values)
        assert "macro" not in book.table("Factors").header

    def test_a_level_at_or_below_zero_is_said_by_file_and_column(self, book, tmp_path):
        values = 100 + np.random.default_rng(1).normal(0, 1, 58)
        values[20:22] = -36.98, 0.0
        notes = self.notes(book, tmp_path, values)
        assert any(
            "macro.csv: macro is not above zero in 2 of 58 rows, first -36.98: the returns beside" in n for n in notes
        )
        assert sum("not above zero" in note for note in notes) == 1

    @pytest.mark.parametrize(("days", "few"), [(4, True), (30, True), (31, False)])
    def test_few_returns_are_said(self, book, tmp_path, days, few):
        values = 100 + np.random.default_rng(1).normal(0, 1, days)
        notes = self.notes(book, tmp_path, values)
        assert (
            any(f"macro.csv: macro has {days - 1} returns in the history, and betas" in note for note in notes) is few
        )
