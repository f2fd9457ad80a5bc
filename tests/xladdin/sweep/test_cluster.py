"""A Dask cluster by its address: the same table as here, with a worker killed in the middle and with others joining."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest
import threadpoolctl
from distributed import Client, LocalCluster

from core.errors import DeskError
from tests.xladdin.sweep.test_places import swept
from xladdin.sweep import task
from xladdin.sweep.places import Here
from xladdin.sweep.sweep import place_named

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")


@pytest.fixture(autouse=True)
def _however_busy_the_machine_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xladdin.sweep.cluster.PATIENCE", 300.0)


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, worker_dashboard_address=None) as two:
        yield two


def test_a_worker_killed_in_the_middle_leaves_the_same_table(plan, cluster, tmp_path) -> None:
    here = swept(plan, tmp_path / "here.parquet", Here())
    killed = []

    def kill_one(doing: str, done: int, of: int) -> None:
        if 0 < done < of and not killed:
            killed.append(next(iter(cluster.workers.values())).pid)
            os.kill(killed[0], signal.SIGKILL)

    place = place_named(cluster.scheduler_address)
    assert place.name == f"2 workers at {cluster.scheduler_address}"
    try:
        assert swept(plan, tmp_path / "cluster.parquet", place, kill_one).equals(here)
    finally:
        place.close()
    assert killed


def _pretend() -> None:
    task.__version__ = "0.0.1"


def _stop_pretending(version: str) -> None:
    task.__version__ = version


def test_a_worker_of_another_version_is_named_and_nothing_runs(plan, cluster, tmp_path) -> None:
    with Client(cluster.scheduler_address, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=300)
        other = next(iter(client.scheduler_info()["workers"]))
        client.run(_pretend, workers=[other])
        place = place_named(cluster.scheduler_address)
        try:
            with pytest.raises(DeskError) as refusal:
                swept(plan, tmp_path / "mixed.parquet", place)
        finally:
            place.close()
            client.run(_stop_pretending, task.__version__, workers=[other])
    assert f"{other} has perpdesk 0.0.1 and not {task.__version__}" in str(refusal.value)
    assert str(refusal.value).count("perpdesk 0.0.1") == 1


def test_the_kind_of_processor_is_that_of_numpys_own_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another package, loaded before or after numpy, may have brought a library that is made for an older one."""
    other = {"user_api": "blas", "filepath": "/site-packages/other.libs/libopenblas.so", "architecture": "Prescott"}
    own = {"user_api": "blas", "filepath": "/site-packages/numpy.libs/libopenblas.so", "architecture": "SkylakeX"}
    for found, kind in (([other, own], "SkylakeX"), ([own, other], "SkylakeX"), ([other], "Prescott"), ([], "unknown")):
        monkeypatch.setattr(threadpoolctl, "threadpool_info", lambda found=found: found)
        assert task.processor() == kind
