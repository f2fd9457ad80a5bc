"""The results file: nothing that was written is lost, no row is there twice, and rows of other sweeps are refused."""

from __future__ import annotations

import pytest

from core.errors import BookError
from xladdin.sweep.store import Header, opened_store
from xladdin.sweep.verdict import BLOCKS, FIGURES, JUDGED

HEADER = Header("a1b2c3", 240, (("perpdesk", "1"), ("numpy", "2")))


def row(key: str) -> dict:
    figures = {name: float(place) for place, name in enumerate((*FIGURES, *JUDGED))}
    return figures | {
        "key": key,
        "configuration": f"Window={key}",
        "sums": [0.1] * BLOCKS,
        "squares": [0.2] * BLOCKS,
        "reason": None,
    }


@pytest.fixture
def path(tmp_path):
    return tmp_path / "desk.sweep.parquet"


def test_rows_are_added_once_and_read_back_as_they_were(path) -> None:
    with opened_store(path, HEADER) as store:
        store.add([row("a"), row("b")])
        store.add([row("b"), row("c"), row("c")])
        table = store.table()
    assert table["Key"].to_pylist() == ["a", "b", "c"]
    assert table["Sums"].to_pylist()[0] == [0.1] * BLOCKS
    assert table["TotalReturn"].to_pylist() == [0.0] * 3


def test_a_kill_at_any_byte_loses_no_row_that_was_whole(path) -> None:
    lengths, part = [], path.with_name(f"{path.name}.part")
    with opened_store(path, HEADER) as store:
        lengths.append(part.stat().st_size)
        for key in "abc":
            store.add([row(key)])
            lengths.append(part.stat().st_size)
    whole = part.read_bytes()
    for cut in [*range(0, lengths[0], 97), *range(lengths[0], len(whole), 211), *lengths]:
        part.write_bytes(whole[:cut])
        kept = [key for key, end in zip("abc", lengths[1:], strict=True) if end <= cut]
        with opened_store(path, HEADER) as store:
            assert sorted(store.keys) == kept, cut
            store.add([row(key) for key in "abcd"])
        with opened_store(path, HEADER) as store:
            assert sorted(store.table()["Key"].to_pylist()) == list("abcd")


def test_zeros_that_a_power_cut_leaves_behind_the_last_row_are_cut_off(path) -> None:
    part = path.with_name(f"{path.name}.part")
    with opened_store(path, HEADER) as store:
        store.add([row("a")])
    part.write_bytes(part.read_bytes() + b"\0" * 4096)
    with opened_store(path, HEADER) as store:
        store.add([row("b")])
        assert store.table()["Key"].to_pylist() == ["a", "b"]


def test_a_finished_file_goes_on_and_a_kill_between_its_two_steps_leaves_no_row_twice(path) -> None:
    part = path.with_name(f"{path.name}.part")
    with opened_store(path, HEADER) as store:
        store.add([row("a"), row("b")])
        before = part.read_bytes()
        store.finish(store.table())
    assert not part.exists()
    part.write_bytes(before)
    with opened_store(path, HEADER) as store:
        store.add([row("b"), row("c")])
        assert store.table()["Key"].to_pylist() == ["a", "b", "c"]
        store.finish(store.table())
    with opened_store(path, HEADER) as store:
        assert sorted(store.keys) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (Header("ffffff", 240, HEADER.versions), "holds configurations of other inputs"),
        (Header("a1b2c3", 240, (("perpdesk", "2"), ("numpy", "2"))), "was computed by perpdesk 1, numpy 2"),
        (Header("a1b2c3", 720, HEADER.versions), "some of these decide first in row 721"),
    ],
)
@pytest.mark.parametrize("finished", [True, False])
def test_rows_of_another_sweep_are_refused_and_kept(path, other, said, finished) -> None:
    with opened_store(path, HEADER) as store:
        store.add([row("a")])
        if finished:
            store.finish(store.table())
    with pytest.raises(BookError, match=said), opened_store(path, other):
        pass
    with opened_store(path, HEADER) as store:
        assert store.keys == {"a"}


def test_configurations_that_begin_sooner_are_judged_from_where_the_file_is(path) -> None:
    with opened_store(path, HEADER) as store:
        store.add([row("a")])
    with opened_store(path, Header("a1b2c3", 100, HEADER.versions)) as store:
        assert store.header.first == 240


def test_a_file_that_is_none_of_a_sweep_is_refused_and_stays(path) -> None:
    path.write_text("my table")
    said = "is no results file of a sweep; name another file with --results"
    with pytest.raises(BookError, match=said), opened_store(path, HEADER):
        pass
    assert path.read_text() == "my table"


def test_a_part_that_is_none_of_a_sweep_is_refused_and_stays(path) -> None:
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(b"my own notes " * 2000)
    with pytest.raises(BookError, match="is no results file of a sweep"), opened_store(path, HEADER):
        pass
    assert part.read_bytes() == b"my own notes " * 2000


def test_two_sweeps_do_not_write_to_one_file(path) -> None:
    refused = pytest.raises(BookError, match="is in use by another PerpDesk job")
    with opened_store(path, HEADER), refused, opened_store(path, HEADER):
        pass


def test_a_folder_that_is_not_there_is_refused(tmp_path) -> None:
    refused = pytest.raises(BookError, match="the folder does not exist")
    with refused, opened_store(tmp_path / "none" / "a.parquet", HEADER):
        pass
