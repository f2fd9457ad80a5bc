"""Many configurations of the desk over its backtest."""

from __future__ import annotations

from argparse import Namespace

from ..typed.arguments import BOOK, DRY_RUN, FORCE, OUT, SET, STEPS_ONLY, TOLD, as_path
from ..typed.declared import argument, command
from ..typed.known import setting_assignments

__all__ = ["sweep"]


@command(
    BOOK,
    argument(
        "--try",
        metavar="NAME=V1,V2",
        dest="tries",
        action="append",
        default=[],
        completes=setting_assignments,
        help="Values of a setting, of a column of Universe for all contracts (TakerFeeBps, MaxWeight ...) or of a row "
        "of Limits; give it once a name: all combinations are run.",
    ),
    argument(
        "--configurations",
        metavar="FILE",
        type=as_path,
        help="Further ones: .csv with names in its first row, or .json, a list of objects.",
    ),
    argument(
        "--on",
        metavar="WHERE",
        help="serial, a number of processes, or a running Dask cluster by address (tcp://host:8786); by default all "
        "processors, once there is work for them.",
    ),
    argument(
        "--results",
        metavar="FILE.parquet",
        type=as_path,
        help="Where all rows go; by default NAME.sweep.parquet beside BOOK. What it holds is not run again.",
    ),
    OUT,
    FORCE,
    SET,
    STEPS_ONLY,
    *(each for each in TOLD if each is not DRY_RUN),
)
def sweep(given: Namespace) -> bool:
    """Backtest many configurations of the desk, and say what choosing the best of them is worth.

    One that was stopped or killed goes on where it was when the same command is given again. docs/sweep.md tells more.
    """
    from ..runs.sweeping import run_sweep

    return run_sweep(given)
