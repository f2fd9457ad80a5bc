from __future__ import annotations

import numpy as np
import pytest

from core.learn.allocation.state import Scales, contract_figures, observed, regime_of, scales_of

RNG = np.random.default_rng(4)
RETURNS = RNG.normal(0.001, [0.01, 0.02, 0.03], (600, 3))


def test_figures_are_what_they_say() -> None:
    figures = contract_figures(RETURNS, np.array([0.8, 1.0, 1.3]), np.array([0.1, 0.2, -0.1]))
    assert figures[:, 0].tolist() == [0.8, 1.0, 1.3]
    assert figures[:, 2].tolist() == [0.1, 0.2, -0.1]
    t = RETURNS.mean(axis=0) / RETURNS.std(axis=0, ddof=1) * np.sqrt(600)
    assert figures[:, 1] == pytest.approx(t)
    ratio = np.log(RETURNS[-100:].std(axis=0, ddof=1) / RETURNS.std(axis=0, ddof=1))
    assert figures[:, 3] == pytest.approx(ratio)
    assert regime_of(RETURNS[:, 1]) == pytest.approx(ratio[1])


def test_a_gap_is_left_out_and_what_cannot_be_had_is_missing() -> None:
    gaps = RETURNS.copy()
    gaps[::7, 0], gaps[:, 1], gaps[:, 2] = np.nan, np.nan, 0.0
    figures = contract_figures(gaps, np.full(3, np.nan), np.zeros(3))
    known = gaps[~np.isnan(gaps[:, 0]), 0]
    assert figures[0, 1] == pytest.approx(known.mean() / known.std(ddof=1) * np.sqrt(known.size))
    assert np.isnan(figures[1:, [1, 3]]).all()


def test_figures_are_told_about_the_mean_of_the_contracts_in_deviations() -> None:
    figures = RNG.normal(3.0, 2.0, (500, 3, 4))
    scales = scales_of(figures, RNG.normal(0.2, 0.5, 500))
    told = scales.of_contracts(figures)
    assert np.abs(told.mean(axis=1)).max() < 1e-12
    assert told.std(axis=(0, 1)) == pytest.approx(np.ones(4))
    assert scales.of_regimes(np.array([0.2 + 5.0])) == pytest.approx([5.0])
    assert float(scales.of_regimes(np.array(scales.usual_regime))) == 0.0


def test_a_level_that_all_contracts_share_tells_nothing() -> None:
    scales = Scales(np.ones(5), 0.0)
    figures = RNG.normal(size=(3, 4))
    assert scales.of_contracts(figures + 7.0) == pytest.approx(scales.of_contracts(figures))


def test_what_is_missing_stands_at_the_mean_and_what_is_wild_at_five_deviations() -> None:
    scales = Scales(np.ones(5), 0.0)
    figures = np.zeros((3, 4))
    figures[0, 0], figures[1, 1] = np.nan, 100.0
    told = scales.of_contracts(figures)
    assert (told[0, 0], told[1, 1]) == (0.0, 5.0)
    assert scales.of_regimes(np.array([np.nan, -np.inf])).tolist() == [0.0, -5.0]


def test_a_figure_that_does_not_vary_is_left_as_it_is() -> None:
    assert scales_of(np.zeros((10, 3, 4)), np.full(10, np.nan)) == (pytest.approx(np.ones(5)), 0.0)


def test_a_state_is_one_row_figure_by_figure_and_bounded() -> None:
    state = observed(np.array([0.1, 99.0]), np.array([0.3, 0.4]), np.arange(8.0).reshape(2, 4), 1.5, 0.25)
    assert state.tolist() == [0.1, 10.0, 0.3, 0.4, 0.0, 4.0, 1.0, 5.0, 2.0, 6.0, 3.0, 7.0, 1.5, 0.25]
