"""What is kept: once, in versions, as it was known at any time; against a plain dictionary of everything ever read."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import FeedError
from tests.xladdin.feeds.store.conftest import FUNDING, HOURLY, START, candles, hours, span
from xladdin.feeds.store import store as room
from xladdin.feeds.store.key import SeriesKey
from xladdin.feeds.store.spans import missing, united
from xladdin.feeds.store.store import Store


def keep(store: Store, first: int, count: int, now: int = 1000, seed: int = 0) -> tuple[int, int]:
    return store.append(HOURLY, hours(first, count), candles(first, count, seed), span(first, count), now)


def test_what_is_kept_is_read_back_to_the_digit(store: Store) -> None:
    assert keep(store, 0, 50) == (50, 0)
    rows = store.read(HOURLY)
    assert (rows.times == hours(0, 50)).all()
    assert (rows.values == candles(0, 50)).all()
    assert (store.read(HOURLY, columns=("close", "volume")).values == candles(0, 50)[:, 3:]).all()


def test_the_same_rows_again_change_no_file(store: Store) -> None:
    keep(store, 0, 50)
    before = {path: path.read_bytes() for path in store.root.rglob("*") if path.is_file()}
    assert keep(store, 0, 50, now=9000) == (0, 0)
    assert keep(store, 10, 5, now=9000) == (0, 0)
    assert {path: path.read_bytes() for path in store.root.rglob("*") if path.is_file()} == before


def test_a_revision_is_a_version_and_the_old_one_is_known_as_of_then(store: Store) -> None:
    keep(store, 0, 50)
    revised = candles(48, 2)
    revised[0, 3] = 7.5
    assert store.append(HOURLY, hours(48, 2), revised, span(48, 2), 2000) == (0, 1)
    assert store.read(HOURLY).values[48, 3] == 7.5
    assert store.read(HOURLY, as_of=2000).values[48, 3] == 7.5
    assert (store.read(HOURLY, as_of=1999).values == candles(0, 50)).all()
    assert len(store.read(HOURLY, as_of=999).times) == 0


def test_a_value_that_goes_missing_is_a_revision_and_a_missing_one_is_itself(store: Store) -> None:
    values = np.array([[0.0001], [np.nan]])
    store.append(FUNDING, hours(0, 2), values, span(0, 2), 1)
    assert store.append(FUNDING, hours(0, 2), values, span(0, 2), 2) == (0, 0)
    assert store.append(FUNDING, hours(0, 1), np.array([[np.nan]]), span(0, 1), 3) == (0, 1)
    assert np.isnan(store.read(FUNDING).values).all()


def test_a_clock_that_goes_back_makes_no_version_older_than_the_one_it_replaces(store: Store) -> None:
    keep(store, 0, 3, now=5000)
    store.append(HOURLY, hours(1, 1), candles(1, 1, seed=9), span(1, 1), 10)
    assert (store.read(HOURLY).values[1] == candles(1, 1, seed=9)).all()
    assert (np.diff(store.versions(HOURLY).seen) >= 0).all()


def test_rows_in_any_order_are_kept_in_order(store: Store) -> None:
    order = np.random.default_rng(1).permutation(30)
    store.append(HOURLY, hours(0, 30)[order], candles(0, 30)[order], span(0, 30), 1)
    assert (store.read(HOURLY).values == candles(0, 30)).all()


def test_a_long_history_is_several_files_and_reads_as_one(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "SEGMENT_ROWS", 40)
    for first in range(0, 200, 20):
        keep(store, first, 20, now=first)
    files = sorted(store.folder(HOURLY).glob("*.parquet"))
    assert len(files) == 5
    assert (store.read(HOURLY).values == candles(0, 200)).all()
    assert len(store.read(HOURLY, as_of=100).times) == 120


def test_each_file_bears_the_hash_of_its_content(store: Store) -> None:
    import hashlib

    keep(store, 0, 5)
    (file,) = store.folder(HOURLY).glob("*.parquet")
    assert file.stem.endswith(hashlib.sha256(file.read_bytes()).hexdigest()[:16])
    assert store.manifest(HOURLY).segments[0].sha256 == hashlib.sha256(file.read_bytes()).hexdigest()


def test_only_what_nobody_has_read_is_missing(store: Store) -> None:
    assert store.missing(HOURLY, span(0, 10)) == [span(0, 10)]
    keep(store, 2, 3)
    store.append(HOURLY, hours(0, 0), np.empty((0, 5)), span(7, 1), 1)  # read, and the venue had nothing
    assert store.missing(HOURLY, span(0, 10)) == [span(0, 2), span(5, 2), span(8, 2)]
    assert store.missing(HOURLY, span(3, 1)) == []


def test_series_are_listed_with_strange_symbols_too(store: Store) -> None:
    keys = [SeriesKey("kraken", "BTCUSD:BTC", "mark", 4), SeriesKey("okx", "1000PEPE-USD.X", "funding"), HOURLY]
    for key in keys:
        store.append(key, hours(0, 1), np.ones((1, len(key.columns))), span(0, 1), 1)
    assert store.series() == sorted(keys)


def test_a_store_that_is_not_there_is_empty_and_is_not_made_by_reading(store: Store) -> None:
    assert store.series() == []
    assert len(store.read(HOURLY).times) == 0
    assert not store.root.exists()


def test_a_store_of_a_newer_perpdesk_is_told_and_left_alone(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as newer:
        newer.setattr("xladdin.feeds.store.manifest.FORMAT", 2)
        keep(store, 0, 1)
    before = (store.folder(HOURLY) / "series.json").read_bytes()
    with pytest.raises(FeedError, match="was written by a newer PerpDesk; update this one or give --store"):
        keep(store, 1, 1)
    assert (store.folder(HOURLY) / "series.json").read_bytes() == before


def test_a_folder_that_is_none_of_the_store_is_named(store: Store) -> None:
    with pytest.raises(FeedError, match="is no series of the store"):
        SeriesKey.of(Path("bybit", "BTCUSDT", "candles-1h"))


Pieces = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 25), st.integers(0, 2)), max_size=8)


@settings(max_examples=30)
@given(Pieces)
def test_versions_are_those_of_a_dictionary_of_all_that_was_read(pieces: list[tuple[int, int, int]]) -> None:
    import tempfile

    known: dict[int, dict[int, np.ndarray]] = {0: {}}
    with tempfile.TemporaryDirectory() as place:
        store = Store(Path(place))
        for now, (first, count, seed) in enumerate(pieces, 1):
            new, revised = keep(store, first, count, now, seed)
            before = known[now - 1]
            read = {first + row: values for row, values in enumerate(candles(first, count, seed))}
            assert new == len(read.keys() - before.keys())
            assert revised == sum((before[hour] != read[hour]).any() for hour in read.keys() & before.keys())
            known[now] = before | read
        for now, wanted in known.items():
            rows = store.read(HOURLY, as_of=now)
            assert ((rows.times.astype(np.int64) - START) // 3600).tolist() == sorted(wanted)
            assert rows.values.tolist() == [wanted[hour].tolist() for hour in sorted(wanted)]


Spans = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=6)


@given(Spans, st.tuples(st.integers(0, 40), st.integers(0, 40)))
def test_spans_are_the_seconds_in_them(spans: list[tuple[int, int]], wanted: tuple[int, int]) -> None:
    covered = {second for start, end in spans for second in range(start, end)}
    assert {second for start, end in united(spans) for second in range(start, end)} == covered
    gaps = missing(wanted, spans)
    assert {second for start, end in gaps for second in range(start, end)} == set(range(*wanted)) - covered
    for found in (gaps, united(spans)):
        assert all(first[1] < second[0] for first, second in pairwise(found))
