from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest

from core.choices import SIMULATIONS
from core.decide.limits.declared import Limits
from core.decide.portfolio.frontier import efficient_frontier
from core.decide.portfolio.optimize import optimize
from core.errors import InfeasibleError
from core.estimate.beta.rolling import rolling_beta
from core.estimate.covariance.methods import covariance
from core.numeric import one_thread as room
from core.numeric.compiled import loops
from core.numeric.one_thread import SETTINGS, one_thread
from core.verify.path.book import as_book
from core.verify.simulate.monte_carlo import monte_carlo


class Library:
    """What threadpoolctl gives for each library."""

    user_api = "blas"

    def __init__(self, threads: int) -> None:
        self.num_threads = threads
        self.told: list[int] = []

    def set_num_threads(self, threads: int) -> None:
        self.num_threads = threads
        self.told.append(threads)


@pytest.fixture
def libraries(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Library, ...]]:
    found = Library(8), Library(4)
    monkeypatch.setattr(room, "_libraries", lambda: found)
    yield found
    assert [library.num_threads for library in found] == [8, 4]


def test_each_library_has_one_thread_inside_and_its_own_again_afterwards(libraries: tuple[Library, ...]) -> None:
    with one_thread(100):
        assert [library.num_threads for library in libraries] == [1, 1]


def test_whoever_leaves_first_leaves_the_others_with_one(libraries: tuple[Library, ...]) -> None:
    first, second = one_thread(100), one_thread(100)
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert [library.num_threads for library in libraries] == [1, 1]
    second.__exit__(None, None, None)


def test_an_error_gives_them_back(libraries: tuple[Library, ...]) -> None:
    with pytest.raises(InfeasibleError):
        optimize(np.zeros(80), np.eye(80), "min_variance", Limits(max_weight=0.001))
    assert libraries[0].told == [1, 8]


def test_what_is_shared_out_by_nobody_is_left_alone(libraries: tuple[Library, ...]) -> None:
    optimize(np.zeros(5), np.eye(5), "min_variance")
    assert libraries[0].told == []


def test_an_optimum_and_a_frontier_of_many_contracts_are_held_to_one(libraries: tuple[Library, ...]) -> None:
    covariance = np.eye(70) + 0.2
    optimize(np.zeros(70), covariance, "min_variance")
    assert libraries[1].told == [1, 4]
    efficient_frontier(np.linspace(0, 1, 70), covariance, 3)
    assert libraries[1].told == [1, 4, 1, 4]


def test_covariances_and_betas_of_many_contracts_are_held_to_one(
    libraries: tuple[Library, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loops, "there", False)
    returns = np.random.default_rng(4).normal(0, 0.01, (400, 70))
    covariance(returns)
    assert libraries[1].told == [1, 4]
    rolling_beta(returns, returns[:, 0], 50)
    assert libraries[1].told == [1, 4, 1, 4]


@pytest.mark.parametrize("method", SIMULATIONS)
def test_paths_that_are_drawn_from_a_history_are_held_to_one(libraries: tuple[Library, ...], method: str) -> None:
    returns = np.random.default_rng(3).normal(0, 0.01, (400, 2))
    held: list[int] = []
    monte_carlo(
        as_book(np.array([1.0, -1.0]), np.array([100.0, 50.0]), 300.0),
        returns,
        20,
        3,
        method=method,
        progress=lambda done, of: held.append(libraries[0].num_threads),
    )
    assert held
    assert set(held) == {1}


def test_a_process_of_one_thread_holds_nothing(libraries: tuple[Library, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_holders", room._Holders())
    room.alone()
    with one_thread(100):
        assert libraries[0].told == []


def _printed(program: str, **environment: str) -> str:
    kept = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    run = subprocess.run(
        [sys.executable, "-c", program], env={**kept, **environment}, check=True, capture_output=True, text=True
    )
    return run.stdout.strip()


THREADS = """
import numpy
from threadpoolctl import threadpool_info
from core.numeric.one_thread import one_thread
def threads(): return [each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"]
before = threads()
with one_thread(100): print(set(threads()) <= {1}, end=" ")
print(threads() == before)
"""

SOUGHT = """
import sys
import xladdin.hosts
from core.numeric.one_thread import one_thread
with one_thread(100): print("threadpoolctl" in sys.modules)
"""


def test_the_library_that_is_there_does_as_it_is_told() -> None:
    assert _printed(THREADS) == "True True"


def test_a_host_does_not_look_for_libraries() -> None:
    assert _printed(SOUGHT) == "False"


@pytest.mark.parametrize(("stated", "threads"), [({}, "1"), ({"OMP_NUM_THREADS": "3"}, None)])
def test_a_host_has_one_thread_unless_its_environment_says_otherwise(
    stated: dict[str, str], threads: str | None
) -> None:
    assert _printed("import os, xladdin.hosts; print(os.environ.get('OPENBLAS_NUM_THREADS'))", **stated) == str(threads)
