"""What the desk infers, beside its peers and the floor: one table of times, then how good the forecasts are."""

from __future__ import annotations

from .estimate_beta import beta_rows
from .estimate_covariance import Row, covariance_rows, funding_table
from .estimate_volatility import volatility_rows


def main() -> None:
    """Print the tables."""
    print(f"\n{'estimate':44}{'ours':>12}  {'peer':28}{'its time':>12}{'ratio':>9}{'floor':>9}  bar")
    for row in (*beta_rows(), *volatility_rows(), *covariance_rows()):
        _print(row)
    funding_table()


def _print(row: Row) -> None:
    work, ours, peers, floor, bar = row
    above_floor = "" if floor is None else f"{ours / floor:.1f}x"
    for peer, seconds in peers or [("", float("nan"))]:
        its = f"{seconds * 1e3:>9.3f} ms" if peers else ""
        ratio = f"{seconds / ours:.1f}x" if peers else ""
        print(f"{work:44}{ours * 1e3:>9.3f} ms  {peer:28}{its:>12}{ratio:>9}{above_floor:>9}  {bar}")
        work = bar = above_floor = ""
