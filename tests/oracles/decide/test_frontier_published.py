# ruff: noqa: E501  (published tables keep their rows)
"""Frontiers that were published with their data: turning points, their returns, volatilities and lambdas."""

from __future__ import annotations

import numpy as np
import pytest

from core.decide.limits.declared import Limits
from core.decide.limits.exposure import Factor
from core.decide.portfolio.frontier import efficient_frontier

BAILEY_MEANS = np.array([1.175, 1.19, 0.396, 1.12, 0.346, 0.679, 0.089, 0.73, 0.481, 1.08])
BAILEY_COVARIANCE = np.array(
    [
        [0.40755159, 0.03175842, 0.05183923, 0.05663904, 0.0330226, 0.00827775, 0.02165938, 0.01332419, 0.0343476, 0.02249903],
        [0.03175842, 0.9063047, 0.03136385, 0.02687256, 0.01917172, 0.00934384, 0.02495043, 0.00761036, 0.02874874, 0.01336866],
        [0.05183923, 0.03136385, 0.19490901, 0.04408485, 0.03006772, 0.01322738, 0.03525971, 0.0115493, 0.0427563, 0.02057303],
        [0.05663904, 0.02687256, 0.04408485, 0.19528471, 0.02777345, 0.00526665, 0.01375808, 0.00780878, 0.02914176, 0.01640377],
        [0.0330226, 0.01917172, 0.03006772, 0.02777345, 0.34059105, 0.00777055, 0.02067844, 0.00736409, 0.02542657, 0.01284075],
        [0.00827775, 0.00934384, 0.01322738, 0.00526665, 0.00777055, 0.15983874, 0.02105575, 0.00518686, 0.01723737, 0.00723779],
        [0.02165938, 0.02495043, 0.03525971, 0.01375808, 0.02067844, 0.02105575, 0.68056711, 0.01377882, 0.04627027, 0.01926088],
        [0.01332419, 0.00761036, 0.0115493, 0.00780878, 0.00736409, 0.00518686, 0.01377882, 0.95526918, 0.0106553, 0.00760955],
        [0.0343476, 0.02874874, 0.0427563, 0.02914176, 0.02542657, 0.01723737, 0.04627027, 0.0106553, 0.31681584, 0.01854318],
        [0.02249903, 0.01336866, 0.02057303, 0.01640377, 0.01284075, 0.00723779, 0.01926088, 0.00760955, 0.01854318, 0.11079287],
    ]
)  # fmt: skip
BAILEY_TURNING_POINTS = np.array(
    [
        [0, 1, 0, 0, 0, 0, 0, 0, 0, 0],
        [0.6493694070931811, 0.3506305929068189, 0, 0, 0, 0, 0, 0, 0, 0],
        [0.4339841341086239, 0.23124750065448754, 0, 0.334768365236889, 0, 0, 0, 0, 0, 0],
        [0.12688785385570883, 0.07234334721032556, 0, 0.28125374926334057, 0, 0, 0, 0, 0, 0.5195150496706249],
        [0.12320100405906734, 0.07044407130753655, 0, 0.2789935668090118, 0, 0, 0, 0.006435564362887149, 0, 0.5209257934614971],
        [0.0869215492990579, 0.050451042268558385, 0, 0.22359401742288823, 0, 0.17383161507156486, 0, 0.03017301555135618, 0, 0.4350287603865743],
        [0.0846709411996219, 0.049253858741118525, 0, 0.21963390336360733, 0, 0.18003923464176064, 0, 0.03102980185535347, 0.006485702415438152, 0.42888655778310003],
        [0.07378925302280315, 0.043828660769718863, 0, 0.19897560805881487, 0.026158159857441972, 0.19815187227970524, 0, 0.03341958639919798, 0.027902966026643668, 0.3977738935856743],
        [0.06834400480527462, 0.041387026820649334, 0.015215259551836627, 0.18813443107045838, 0.03416248599274816, 0.20231943214747125, 0, 0.0339293235595669, 0.03363264959172938, 0.38287538646026537],
        [0.03696858147921504, 0.02690083780081047, 0.0949424305647986, 0.1257759521946726, 0.0767460810325476, 0.21935567131616898, 0.029987096882220312, 0.035963284621386274, 0.06134983772972688, 0.29201022637845325],
    ]
)  # fmt: skip
BAILEY_RETURNS = [1.18999999999995, 1.1802594588936, 1.16005645242179, 1.11126226427996, 1.10836023837479]
BAILEY_RETURNS += [1.02248388944319, 1.01530592052246, 0.972720434034985, 0.949936815755027, 0.803215359876534]
BAILEY_VOLATILITIES = [0.952000367646947, 0.545656874268239, 0.41725565037332, 0.266719614211323, 0.265016995301471]
BAILEY_VOLATILITIES += [0.229680073596095, 0.22798274842085, 0.219554880082679, 0.216024571686891, 0.205237619813865]
BAILEY_LAMBDAS = [58.30308533333371, 4.1742728458857385, 1.9455661414558894, 0.16458117494477595, 0.1473887508934171]
BAILEY_LAMBDAS += [0.056172204002751545, 0.05204819067458028, 0.03652161374727064, 0.030971168861678777, 0.0]


def test_ten_assets_of_bailey_and_lopez_de_prado() -> None:
    """Bailey and Lopez de Prado, An open-source implementation of the critical-line algorithm for portfolio
    optimization, Algorithms 6 (2013), Table 2: ten assets, weights between zero and one."""
    frontier = efficient_frontier(BAILEY_MEANS, BAILEY_COVARIANCE)
    points = frontier.turning_weights[::-1]  # the published list begins at the greatest return
    assert points == pytest.approx(BAILEY_TURNING_POINTS, abs=1e-11)
    assert frontier.turning_lambdas[::-1] == pytest.approx(BAILEY_LAMBDAS, rel=1e-10, abs=1e-13)
    assert points @ BAILEY_MEANS == pytest.approx(BAILEY_RETURNS, abs=1e-12)
    assert np.sqrt(np.diag(points @ BAILEY_COVARIANCE @ points.T)) == pytest.approx(BAILEY_VOLATILITIES, abs=1e-6)
    assert frontier.returns[[0, -1]] == pytest.approx([BAILEY_RETURNS[-1], BAILEY_RETURNS[0]], abs=1e-12)
    sharpe = frontier.tangency @ BAILEY_MEANS / np.sqrt(frontier.tangency @ BAILEY_COVARIANCE @ frontier.tangency)
    assert sharpe == pytest.approx(4.4535334766464025, rel=1e-9)  # their snippet 13, getMaxSR


def test_three_securities_of_markowitz() -> None:
    """Markowitz, Portfolio Selection (1959), chapter VIII, "The computing procedure"."""
    means = [0.062, 0.146, 0.128]
    covariance = [[0.0146, 0.0187, 0.0145], [0.0187, 0.0854, 0.0104], [0.0145, 0.0104, 0.0289]]
    frontier = efficient_frontier(means, covariance, 3)
    assert frontier.turning_weights[::-1] == pytest.approx(
        np.array(
            [
                [0, 1, 0],
                [0, 0.22496808316614988, 0.7750319168338501],
                [0.8414051841746248, 0, 0.15859481582537516],
                [0.9931034482758623, 0, 0.006896551724137813],
            ]
        ),
        abs=1e-12,
    )
    assert frontier.turning_lambdas[::-1] == pytest.approx(
        [4.16666666666667, 0.1408064320019454, 0.03332764893133244, 0], abs=1e-12
    )


def test_the_same_assets_under_caps_and_two_inequalities() -> None:
    """The example of EfficientFrontier.jl (PharosAbad, after Markowitz and Todd 2000, chapter 13): weights up to 0.3,
    the first and fifth at least 0.1, two rows; its first critical line ends at L = 2.494839663636366."""
    rows = np.zeros((2, 10))
    rows[0, :4] = -1.0, -1.0, -1.0, -0.5
    rows[1, 3:7] = 0.5, 1.0, 1.0, 1.0
    limits = Limits(
        min_weight=[0.1, 0, 0, 0, 0.1, 0, 0, 0, 0, 0],
        max_weight=0.3,
        factors=(Factor("factor_1", rows[0], maximum=-0.2), Factor("factor_2", rows[1], maximum=0.5)),
    )
    frontier = efficient_frontier(BAILEY_MEANS, BAILEY_COVARIANCE, limits=limits)
    assert np.abs(frontier.turning_lambdas - 2.494839663636366).min() == pytest.approx(0, abs=1e-12)
