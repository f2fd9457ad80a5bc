"""A refusal of the desk names the cell that states the limit."""

from __future__ import annotations

import pytest

from core.decide.limits.declared import Limits
from xladdin.desk.layout.settings import SETTINGS
from xladdin.desk.layout.sheets import TABLES
from xladdin.desk.read.limits import COLUMN_OF, SETTING_OF, where_stated


def test_every_cell_and_every_limit_exists() -> None:
    assert set(SETTING_OF) | set(COLUMN_OF) <= set(Limits.TERMS)
    assert set(SETTING_OF.values()) <= {setting.name for setting in SETTINGS}
    assert set(COLUMN_OF.values()) <= {column.name for column in TABLES["Universe"].columns}


@pytest.mark.parametrize(
    ("message", "own", "cells"),
    [
        (
            "max_weight 0.2 x 3 contracts = 0.6 cannot reach net 1; net 0.6 would do",
            (),
            "Universe column MaxWeight, Settings NetTarget",
        ),
        (
            "max_weight 0.2 and net 1 cannot hold together",
            ("max_weight",),
            "Limits row 'max_weight', Settings NetTarget",
        ),
        ("group_1_max 0.1 and net_min 1 cannot hold", ("group_1_max",), "Limits row 'group_1_max'"),
        ("target_return 0.35 is above 0.2, the most net of cost", (), "Settings TargetReturn"),
        ("a best contract has a net premium of -0.1", (), ""),
        (
            "limits row 'max_wieght' is not known (did you mean 'max_weight'?); the names are: net, gross_max",
            ("max_wieght",),
            "Limits row 'max_wieght'",
        ),
        ("gross_max is -1; it must be at least 0", (), "Settings GrossMax"),
    ],
)
def test_the_limits_of_a_message_are_found_where_they_are_stated(
    message: str, own: tuple[str, ...], cells: str
) -> None:
    assert where_stated(message, own) == cells
