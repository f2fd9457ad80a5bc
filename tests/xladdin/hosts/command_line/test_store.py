"""`perpdesk store`: what is kept is listed, held against its hashes, repaired and pruned."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from xladdin.feeds.store.key import SeriesKey
from xladdin.feeds.store.place import store_folder
from xladdin.feeds.store.store import Store

KEY = SeriesKey("bybit", "BTCUSDT", "funding")


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    store = Store(tmp_path / "kept")
    times = np.arange("2024-01-01T00", "2024-01-03T00", 8, dtype="datetime64[h]").astype("datetime64[s]")
    span = (int(times[0].astype(np.int64)), int(times[-1].astype(np.int64)) + 60)
    store.append(KEY, times, np.full((len(times), 1), 0.0001), span, 1)
    store.append(KEY, times[:1], np.array([[0.0002]]), span, 2)
    return store.root


def test_status_lists_each_series(run, kept: Path) -> None:
    code, said, _ = run("store", "status", "--store", str(kept))
    assert code == 0
    (line,) = [line for line in said.splitlines() if line.startswith("bybit")]
    assert line.split()[:8] == ["bybit", "BTCUSDT", "funding", "6", "2024-01-01", "00:00", "2024-01-02", "16:00"]
    assert line.split()[8] == "1", "revised"
    assert "1 series" in said


def test_status_is_a_document_for_programs(run, kept: Path) -> None:
    said = json.loads(run("store", "status", "--json", "--store", str(kept))[1])
    (series,) = said["series"]
    assert series["bytes"] > 0
    assert {**series, "bytes": 0} == {
        "venue": "bybit",
        "contract": "BTCUSDT",
        "series": "funding",
        "bar_hours": None,
        "rows": 6,
        "first": "2024-01-01T00:00:00Z",
        "last": "2024-01-02T16:00:00Z",
        "revised": 1,
        "bytes": 0,
    }


def test_status_of_no_store_says_so(run, tmp_path: Path) -> None:
    code, said, _ = run("store", "status", "--store", str(tmp_path / "none"))
    assert code == 0
    assert "nothing is kept there yet" in said


def test_verify_finds_what_was_changed_and_repair_sets_it_aside(run, kept: Path) -> None:
    assert "is sound" in run("store", "verify", "--store", str(kept))[1]
    (file,) = kept.rglob("*.parquet")
    file.write_bytes(b"PAR1")
    code, said, _ = run("store", "verify", "--store", str(kept))
    assert code == 1
    assert "has another content than was written" in said
    assert run("store", "verify", "--repair", "--store", str(kept))[0] == 1
    assert run("store", "verify", "--store", str(kept))[0] == 0


def test_prune_says_what_it_dropped(run, kept: Path) -> None:
    assert "dropped 1 rows and 1 files" in run("store", "prune", "--store", str(kept))[1]
    assert "dropped 3 rows" in run("store", "prune", "--before", "2024-01-02", "--store", str(kept))[1]
    code, _, refused = run("store", "prune", "--before", "soon", "--store", str(kept))
    assert code == 1
    assert "'soon' is no date" in refused


def test_the_store_lies_where_the_option_the_environment_or_the_system_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PERPDESK_STORE", str(tmp_path / "named"))
    assert store_folder(tmp_path / "asked") == tmp_path / "asked"
    assert store_folder() == tmp_path / "named"
    monkeypatch.delenv("PERPDESK_STORE")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    monkeypatch.setenv("HOME", str(tmp_path))
    for system, place in (
        ("linux", tmp_path / "data" / "PerpDesk" / "store"),
        ("darwin", tmp_path / "Library" / "Application Support" / "PerpDesk" / "store"),
        ("win32", tmp_path / "local" / "PerpDesk" / "store"),
    ):
        monkeypatch.setattr("sys.platform", system)
        assert store_folder() == place


def test_an_export_of_what_is_not_there_is_refused(run, kept: Path, tmp_path: Path) -> None:
    code, _, refused = run("store", "export", "--venue", "okx", "--to", str(tmp_path / "x"), "--store", str(kept))
    assert code == 1
    assert "has no such series; perpdesk store status lists what it has" in refused
    assert not (tmp_path / "x").exists()
    assert run("store", "export", "--venue", "Bybit", "--to", str(tmp_path / "x"), "--store", str(kept))[0] == 0
    first = (tmp_path / "x" / "funding_BTCUSDT_bybit.csv").read_text().splitlines()[:2]
    assert first == ["funding_time,symbol,funding_rate", "2024-01-01T00:00:00Z,BTCUSDT,0.0002"]
