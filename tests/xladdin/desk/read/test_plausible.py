"""What cannot be is refused by its cell, what is only unlikely is noted, and a number typed as text is called so."""

from __future__ import annotations

import pytest

from core.errors import BookError, DataWarning
from xladdin.desk.layout.sheets import SETTINGS, TABLES
from xladdin.desk.read.cells import checked
from xladdin.desk.read.desk import read_desk
from xladdin.desk.read.doubts.plausible import USUAL
from xladdin.desk.write.runlog import heard_warnings


def test_every_doubt_is_about_a_declared_input():
    declared = {setting.name for setting in SETTINGS} | {column.name for t in TABLES.values() for column in t.columns}
    assert set(USUAL) <= declared


def test_the_sample_is_not_doubted(book):
    with heard_warnings() as said:
        read_desk(book)
    assert not [message for message in said if "unusual" in message]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("Universe", 1, "View", 5.0), r"Universe!\w+8 holds 5, unusual for View"),
        (("Universe", 1, "MaxWeight", 50.0), r"Universe!\w+8 holds 50, unusual for MaxWeight"),
        (("Universe", 0, "ImpliedVol", 6.0), r"Universe!\w+7 holds 6, unusual for ImpliedVol"),
        (("MarketReturn", 5.0), r"Settings!C\d+ holds 5, unusual for MarketReturn"),
    ],
)
def test_what_is_unlikely_is_noted_with_its_cell(edit, change, said):
    book = edit(*change)
    with pytest.warns(DataWarning, match=said):
        read_desk(book)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("Prices", 5, "SOLUSDT", 1e308), r"Prices!E12 holds 1e\+308 where a value lies between 0 and 1e\+12"),
        (
            ("Funding", 8, "SOLUSDT", 50.0),
            r"Funding!E15 holds 50 where a value lies between -1 and 1, a rate of 0.01 %",
        ),
        (("Universe", 1, "View", 50.0), r"Universe!\w+8 holds 50; View must lie between -10 and 10"),
        (("Universe", 1, "MaxWeight", 500.0), r"Universe!\w+8 holds 500; MaxWeight must lie between"),
        (("MarketReturn", 500.0), r"Settings!C\d+ holds 500; MarketReturn must lie between"),
        (
            ("Universe", 1, "Position", "1,000"),
            r"holds the text '1,000' where Position must be a number; type it again",
        ),
        (("Universe", 1, "MaxWeight", "50%"), r"holds the text '50%' where MaxWeight must be a number; type it"),
        (("Window", "720"), r"Settings!C\d+ holds the text '720' where Window must be a number; type it"),
        (("Universe", 1, "Position", "many"), r"holds 'many' where Position must be a number; correct it"),
        (("Prices", 5, "SOLUSDT", "146.5"), r"Prices!E12 holds the text '146.5' where a number is needed"),
    ],
)
def test_what_cannot_be_is_refused_with_its_cell(edit, change, said):
    book = edit(*change)
    with pytest.raises(BookError, match=said):
        read_desk(book)


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan")])
def test_an_infinite_setting_is_refused(value):
    position = TABLES["Universe"].column("Position")
    with pytest.raises(BookError, match=r"Universe!Q7 holds .* Position must be a finite number"):
        checked(value, position, "Universe!Q7")
