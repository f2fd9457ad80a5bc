"""Betas beside pandas, bottleneck, numbagg, statsmodels and a loop over numpy; PERP_BETA through the door of a cell."""

from __future__ import annotations

import importlib.util
import itertools
import statistics
import time
import warnings
from collections.abc import Callable

import numpy as np

import xladdin
from core.estimate.beta.kalman import kalman_beta
from core.estimate.beta.rolling import RollingBeta, rolling_beta
from core.numeric.compiled import loaded

Row = tuple[str, float, list[tuple[str, float]], float | None, str]
"""Work, our seconds, the peers' seconds, the floor in seconds where there is one, and the bar."""

ROWS, COLUMNS, WINDOW = 8760, 100, 720
BETA_RATIO, ALPHA_RATIO = 1e-3, 1e-5
REST = 0.2
"""Seconds between contenders, in which the threads of the one before come to rest."""

FEW = 3
"""Assets that statsmodels filters; its time for all is that of these times as many."""


def beta_rows() -> list[Row]:
    """Rolling and Kalman betas of a hundred contracts over a year of hours, one more bar, and one cell."""
    loaded()  # a desk that has worked for a second has it loaded

    rng = np.random.default_rng(1)
    market = rng.normal(0, 0.01, ROWS)
    assets = np.outer(market, rng.uniform(0.5, 1.5, COLUMNS)) + rng.normal(0, 0.01, (ROWS, COLUMNS))
    return [_rolling(assets, market), *_bars(assets, market), *_kalman(assets, market), _cell(assets, market)]


def _rolling(assets: np.ndarray, market: np.ndarray) -> Row:
    import pandas as pd

    frame, series = pd.DataFrame(assets), pd.Series(market)
    contenders: dict[str, Callable[[], object]] = {
        "ours": lambda: rolling_beta(assets, market, WINDOW),
        "pandas": lambda: frame.rolling(WINDOW).cov(series).div(series.rolling(WINDOW).var(), axis=0),
        "copy": assets.copy,
    }
    if importlib.util.find_spec("bottleneck") is not None:
        import bottleneck as bn

        def by_bottleneck() -> np.ndarray:
            mean = bn.move_mean(market, WINDOW)[:, np.newaxis]
            product = bn.move_mean(assets * market[:, np.newaxis], WINDOW, axis=0)
            covariance = product - mean * bn.move_mean(assets, WINDOW, axis=0)
            return covariance / bn.move_var(market, WINDOW)[:, np.newaxis]

        contenders["bottleneck (inexact)"] = by_bottleneck
    if importlib.util.find_spec("numbagg") is not None:
        import numbagg

        turned = np.ascontiguousarray(assets.T)
        markets = np.broadcast_to(market, turned.shape)

        def by_numbagg() -> np.ndarray:
            return numbagg.move_cov(turned, markets, window=WINDOW) / numbagg.move_var(market, window=WINDOW)

        contenders["numbagg (inexact, all cores)"] = by_numbagg
    medians = _medians(contenders, turns=5, repeats=10)
    bar = "20x pandas, 10x bottleneck or numbagg"
    return (f"rolling beta {COLUMNS} x {ROWS}, window {WINDOW}", medians.pop("ours"), *_peers(medians, "copy"), bar)


def _bars(assets: np.ndarray, market: np.ndarray) -> list[Row]:
    """One more bar and its betas: the median of a year's end, whose slowest bar lays the tails out anew."""
    states = [RollingBeta.start(assets[:-800], market[:-800], WINDOW)]
    rolling = []
    for row, market_return in zip(assets[-800:], market[-800:], strict=True):
        start = time.perf_counter()
        states[0] = states[0].update(row, market_return)
        _ = states[0].beta
        rolling.append(time.perf_counter() - start)
    kalman, state = [], kalman_beta(assets, market, BETA_RATIO, ALPHA_RATIO).state
    for row, market_return in zip(assets[-200:], market[-200:], strict=True):
        start = time.perf_counter()
        state = state.update(row, market_return)
        _ = state.beta
        kalman.append(time.perf_counter() - start)
    slowest = [("its slowest bar, one in 720", max(rolling))]
    return [
        (f"rolling beta, one new bar of {COLUMNS}", statistics.median(rolling), slowest, None, "20 us"),
        (f"Kalman beta, one new bar of {COLUMNS}", statistics.median(kalman), [], None, ""),
    ]


def _kalman(assets: np.ndarray, market: np.ndarray) -> list[Row]:
    scaled = market / np.sqrt(np.mean(market**2))
    contenders: dict[str, Callable[[], object]] = {
        "ours": lambda: kalman_beta(assets, market, BETA_RATIO, ALPHA_RATIO),
        "numpy loop": lambda: _numpy_loop(assets, scaled),
    }
    if importlib.util.find_spec("statsmodels") is not None:
        from statsmodels.tsa.statespace.mlemodel import MLEModel

        def by_statsmodels() -> None:
            for column in range(FEW):
                model = MLEModel(assets[:, column], k_states=2, initialization="diffuse")
                model["design"] = np.vstack([np.ones(ROWS), scaled])[np.newaxis]
                model["transition"] = model["selection"] = np.eye(2)
                model["obs_cov"], model["state_cov"] = np.eye(1), np.diag([ALPHA_RATIO, BETA_RATIO])
                model.ssm.filter()

        contenders["statsmodels"] = by_statsmodels
    medians = _medians(contenders, turns=5, repeats=2)
    ours = medians.pop("ours")
    peers = [
        (f"{name} (x{COLUMNS / FEW:.0f} from {FEW})", taken * COLUMNS / FEW) if name == "statsmodels" else (name, taken)
        for name, taken in medians.items()
    ]
    likely = _medians({"ours": lambda: kalman_beta(assets, market)}, turns=2, repeats=1)["ours"]
    size = f"{COLUMNS} x {ROWS}"
    return [
        (f"Kalman beta {size}, ratios given", ours, peers, None, "50x statsmodels, 20x numpy loop"),
        (f"Kalman beta {size}, ratios most likely", likely, [], None, ""),
    ]


def _numpy_loop(assets: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The filter as a textbook writes it, all assets at once: what one would have without compiled loops."""
    rows, columns = assets.shape
    a, b, p12, log_likelihood = np.zeros((4, columns))
    p11 = p22 = np.full(columns, 1e7)
    betas, variances = np.empty((2, rows, columns))
    for t in range(rows):
        p11, p22 = p11 + ALPHA_RATIO, p22 + BETA_RATIO
        first, second = p11 + p12 * x[t], p12 + p22 * x[t]
        variance = 1 + first + second * x[t]
        surprise = assets[t] - a - b * x[t]
        gain_a, gain_b = first / variance, second / variance
        a, b = a + gain_a * surprise, b + gain_b * surprise
        p11, p12, p22 = p11 - gain_a * first, p12 - gain_a * second, p22 - gain_b * second
        log_likelihood = log_likelihood - np.log(variance) / 2 - surprise**2 / variance / 2
        betas[t], variances[t] = b, p22
    return betas, variances


def _cell(assets: np.ndarray, market: np.ndarray) -> Row:
    asset, benchmark = (tuple((float(value),) for value in block[-720:]) for block in (assets[:, 0], market))
    medians = _medians({"ours": lambda: xladdin.call("PERP_BETA", asset, benchmark)}, turns=3, repeats=50)
    return ("PERP_BETA through xladdin.call, 720 x 2", medians["ours"], [], None, "1 ms")


def _peers(medians: dict[str, float], floor: str) -> tuple[list[tuple[str, float]], float]:
    floor_seconds = medians.pop(floor)
    return list(medians.items()), floor_seconds


def _medians(contenders: dict[str, Callable[[], object]], turns: int, repeats: int) -> dict[str, float]:
    """Median seconds of each; they take turns, so that whatever else the machine does falls on all."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _, (name, contender) in itertools.product(range(turns), contenders.items()):
            time.sleep(REST)
            contender()  # not timed: it fills the caches
            for _ in range(repeats):
                start = time.perf_counter()
                contender()
                times[name].append(time.perf_counter() - start)
    return {name: statistics.median(taken) for name, taken in times.items()}
