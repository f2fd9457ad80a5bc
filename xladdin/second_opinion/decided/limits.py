"""The limits of the desk, from Settings, Universe and the sheet Limits, as constraints of cvxpy.

Each is written for y = k w, with k = 1 for weights w as they are: a ratio of two sums is then a programme without the
ratio (Schaible 1976; Charnes and Cooper 1962).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ..inferred.estimates import Estimates
from ..inputs import Inputs
from ..tables import Series, Vector

__all__ = ["OF_SETTINGS", "Stated", "stated_for"]

SIZED_BY_THE_MODEL = ("volatility_target", "beta_neutral")

OF_SETTINGS = {
    "net": "NetTarget",
    "gross_max": "GrossMax",
    "max_step": "MaxStep",
    "risk_free": "RiskFree",
    "risk_aversion": "RiskAversion",
    "semivariance_alpha": "SemivarianceAlpha",
    "target_beta": "PortfolioBeta",
    "margin_buffer": "MarginBuffer",
    "turnover_cost": "TurnoverCost",
}


@dataclass(frozen=True)
class Stated:
    """What may be held of these contracts, and what they are expected to do. One entry a contract, `(N,)`."""

    symbols: list[str]
    said: dict[str, Any]
    premium: Vector
    risk: Vector
    betas: Vector
    current: Vector
    past: Vector

    def one(self, name: str, otherwise: float | None = None) -> Any:
        """A limit of one value."""
        value = self.said.get(name)
        return otherwise if value is None else float(value)

    def each(self, name: str, otherwise: float = 0.0) -> Vector:
        """A limit of one value a contract; a gap counts as `otherwise`."""
        import numpy as np

        value = self.said.get(name)
        vector = np.broadcast_to(np.asarray(otherwise if value is None else value, dtype=float), len(self.symbols))
        return np.where(np.isnan(vector), otherwise, vector)

    @property
    def net_is_free(self) -> bool:
        """Whether nothing fixes the sum of the weights."""
        net, low, high = (self.one(name) for name in ("net", "net_min", "net_max"))
        return net is None and (low is None or low != high)

    @property
    def trading_is_free(self) -> bool:
        """Whether no trade away from what is held costs anything."""
        return not (self.each("turnover_cost").any() and self.current.any())

    def cost(self, y: Any, k: Any = 1.0) -> Any:
        """What the trades cost."""
        import cvxpy as cp

        moved = cp.abs(y - k * self.current)
        paid = self.each("turnover_cost") @ moved
        impact = self.each("market_impact")
        return paid + impact @ cp.power(moved, 1.5) if impact.any() else paid

    def excess(self, y: Any, k: Any = 1.0) -> Any:
        """Expected return above the risk-free rate, net of cost."""
        return self.premium @ y - self.cost(y, k)

    def constraints(self, y: Any, k: Any = 1.0, earning: bool = True) -> list[Any]:
        """What y must keep; `earning` with the least return, where Limits state one."""
        import cvxpy as cp

        net, low, high = (self.one(name) for name in ("net", "net_min", "net_max"))
        kept = [y >= self.each("min_weight") * k, y <= self.each("max_weight", 1.0) * k]
        kept += [cp.sum(y) == net * k] if net is not None else []
        kept += [cp.sum(y) >= low * k] if low is not None else []
        kept += [cp.sum(y) <= high * k] if high is not None else []
        kept += self._sizes(y, k) + self._trades(y, k) + self._exposures(y, k)
        least = self.one("target_return")
        if earning and least is not None:
            kept.append(self.excess(y, k) >= (least - (self.one("risk_free") or 0.0)) * k)
        worst = self.one("cvar_max")
        if worst is not None:
            kept.append(self.tail(y) <= worst * k)
        return kept

    def tail(self, y: Any) -> Any:
        """Mean loss in the worst 1 - cvar_level of the past."""
        import cvxpy as cp

        rows = len(self.past) * (1 - self.one("cvar_level", 0.95))
        losses, whole = -self.past @ y, int(rows)
        # A part of a row more is that part of the way to the next whole number of rows.
        total = (rows - whole) * cp.sum_largest(losses, whole + 1)
        return (total + (1 - rows + whole) * cp.sum_largest(losses, whole) if whole else total) / rows

    def _sizes(self, y: Any, k: Any) -> list[Any]:
        import cvxpy as cp

        size, kept = cp.abs(y), []
        gross, upkeep = self.one("gross_max"), self.one("maintenance_max")
        locked, free = self.each("initial_margin_rates") @ size, 1 - (self.one("margin_buffer") or 0.0)
        if gross is not None:
            kept.append(cp.sum(size) <= gross * k)
        days = self.one("funding_buffer_days")
        if days is not None:
            locked = locked + days / 365 * cp.sum(cp.pos(cp.multiply(self.each("funding_rates"), y)))
        if self.one("margin_buffer") is not None or days is not None:
            kept.append(locked <= free * k)
        if upkeep is not None:
            kept.append(self.each("maintenance_rates") @ size <= upkeep * k)
        return kept

    def _trades(self, y: Any, k: Any) -> list[Any]:
        import cvxpy as cp
        import numpy as np

        moved, kept = cp.abs(y - k * self.current), []
        step = self.each("max_step", np.inf)
        if np.isfinite(step).any():
            kept.append(moved[np.isfinite(step)] <= step[np.isfinite(step)] * k)
        share, most = self.one("max_volume_share"), self.one("max_turnover")
        if share is not None:
            kept.append(moved <= share * self.each("daily_volumes") * k)
        if most is not None:
            kept.append(cp.sum(moved) <= most * k)
        return kept

    def _exposures(self, y: Any, k: Any) -> list[Any]:
        import cvxpy as cp

        kept: list[Any] = []
        target = self.one("target_beta")
        if target is not None:
            slopes = self.said.get("betas")
            exposure = (self.betas if slopes is None else self.each("betas")) @ y
            room = self.one("beta_tolerance") or 0.0
            kept += [cp.abs(exposure - target * k) <= room * k] if room else [exposure == target * k]
        for name in self.said:
            if not re.fullmatch(r"(group|factor)_\d+", name):
                continue
            exposure = self.each(name) @ y
            sides = {side: self.one(f"{name}_{side}") for side in ("max", "min", "target")}
            kept += [exposure <= sides["max"] * k] if sides["max"] is not None else []
            kept += [exposure >= sides["min"] * k] if sides["min"] is not None else []
            kept += [exposure == sides["target"] * k] if sides["target"] is not None else []
        return kept


def stated_for(inputs: Inputs, estimates: Estimates) -> Stated:
    """What Settings, Universe and Limits say of the contracts that are included, or held, and known."""
    import numpy as np

    universe = inputs.universe
    symbols = [s for s in estimates.known if universe.at[s, "Include"] == "y" or universe.at[s, "Position"] != 0]
    terms, equity = universe.loc[symbols], inputs.number("Equity")
    values = inputs.contract_values.loc[symbols]
    costs = (terms["TakerFeeBps"] + terms["SlippageBps"]) / 10_000
    said: dict[str, Any] = {name: inputs.numbers[setting] for name, setting in OF_SETTINGS.items()}
    if inputs.words["Model"] in SIZED_BY_THE_MODEL:
        said["net"] = None
    if said["turnover_cost"] is None:
        said["turnover_cost"] = costs.to_numpy()
    said |= {
        "min_weight": terms["MinWeight"].to_numpy(),
        "max_weight": terms["MaxWeight"].to_numpy(),
        "initial_margin_rates": (1 / terms["MaxLeverage"]).to_numpy(),
    }
    own = {name: _among(value, symbols) for name, value in inputs.limits.items()}
    beside = {
        "max_volume_share": ("daily_volumes", (terms["DailyVolume"] / equity).to_numpy()),
        "funding_buffer_days": ("funding_rates", estimates.of("FundingAnnual").loc[symbols].to_numpy()),
        "maintenance_max": ("maintenance_rates", terms["MaintenanceRate"].to_numpy()),
    }
    said |= dict(needed for name, needed in beside.items() if name in own)
    said |= own
    risk = inputs.numbers["RiskPerTrade"]
    if risk is not None:
        # No more of a contract than loses that much at its stop.
        most = (risk / terms["Stop"]).fillna(np.inf).to_numpy()
        said["min_weight"] = np.maximum(np.nan_to_num(said["min_weight"], nan=0.0), -most)
        said["max_weight"] = np.minimum(np.nan_to_num(said["max_weight"], nan=1.0), most)
    current = (terms["Position"] * values / equity).to_numpy()
    traded = (terms["Include"] == "y").to_numpy()
    if not traded.all():
        # What is held and not included stays what it is.
        for name in ("min_weight", "max_weight"):
            said[name] = np.where(traded, said[name], current)
    needed = {"target_return": "TargetReturn", "target_volatility": "VolTarget"}
    for name, setting in needed.items():
        if name not in own and inputs.words["Objective"] == name:
            said[name] = inputs.numbers[setting]
    covariance = estimates.covariance
    assert covariance is not None
    return Stated(
        symbols=symbols,
        said=said,
        premium=(estimates.of("ExpectedReturn").loc[symbols] - float(said["risk_free"])).to_numpy(),
        risk=covariance.loc[symbols, symbols].to_numpy(),
        betas=estimates.of("Beta").loc[symbols].to_numpy(),
        current=current,
        past=estimates.returns[symbols].dropna().to_numpy(),
    )


def _among(value: Series | float, symbols: list[str]) -> Any:
    return value if isinstance(value, float) else value.loc[symbols].to_numpy()
