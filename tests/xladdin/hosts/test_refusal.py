"""Every door tells the page of a refusal: the terminal, a message box, and each of several problems."""

from __future__ import annotations

from core.errors import BookError, FeedError, InfeasibleError
from tests.command_line import perpdesk
from xladdin.desk.read.problems import BookProblemsError
from xladdin.hosts.command_line.told.console import refusals
from xladdin.hosts.jobs import in_one_message
from xladdin.hosts.refusal import refusal

BLANK = "Settings!C30 is blank and HedgeMode is needed; fill it in"


def raising(error):
    def work():
        raise error

    return work


def test_a_sentence_ends_with_its_page():
    assert refusal(BLANK, BookError) == f"{BLANK} (see docs/settings.md#HedgeMode)"
    assert refusal("desk.xlsx does not exist", BookError) == "desk.xlsx does not exist"


def test_each_of_several_problems_has_its_own():
    lost = "sheet 'Universe': there is no column Lot"
    assert refusals(BookProblemsError([BLANK, lost])) == [
        f"{BLANK} (see docs/settings.md#HedgeMode)",
        f"{lost} (see docs/sheets.md#universe)",
    ]


def test_a_message_box_names_it():
    said, well = in_one_message("rebalance", raising(InfeasibleError("gross_max 0.5 and net 1 cannot hold together")))
    assert (well, said) == (
        False,
        "Rebalance stopped, nothing was written: gross_max 0.5 and net 1 cannot hold together "
        "(see docs/limits.md#gross_max)",
    )
    assert in_one_message("refresh", raising(FeedError("x.csv has no time")))[0].endswith("(see docs/files.md)")


def test_the_terminal_names_it(tmp_path):
    desk = tmp_path / "desk.xlsx"
    perpdesk("new", desk)
    said = perpdesk("refresh", desk, "--from", tmp_path / "nowhere")
    assert said.exit_code == 1
    assert said.stderr.endswith("(see docs/files.md)\n")
