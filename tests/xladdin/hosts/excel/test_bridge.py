"""The add-in's VBA, run by an interpreter against a server that says what a test wants."""

from __future__ import annotations

import pytest
from pyopenvba.interpreter import MISSING

from tests.xladdin.hosts.excel import vba_runner
from tests.xladdin.hosts.excel.vba_runner import BROKE_OFF, GONE, NOBODY_THERE, AddIn, Server
from xladdin.hosts.excel.identity import PROGRAM_ID

UDFS, BUTTONS = "xladdin.hosts.excel.udfs", "xladdin.hosts.excel.buttons"


def put(addin: AddIn, address: str, value: object) -> None:
    addin.range(address).vba_set("Value", value, [], {}, by_ref=False)


def test_cells_go_out_as_bare_values_with_the_cell_that_asks() -> None:
    server = Server(lambda *_: 1.25)
    addin = AddIn(server)
    put(addin, "A1:A3", 5.0)
    put(addin, "A2", "n/a")
    assert addin.formula("C1", "PERP_VOL", addin.range("A1:A3"), "ewma", MISSING, addin.range("B1")) == 1.25
    ((module, function, sent),) = server.asked
    assert (module, function) == (UDFS, "answer")
    assert sent[:3] == ["[Book1]Sheet1!$C$1", "PERP_VOL", [[5.0], ["n/a"], [5.0]]]
    assert sent[3:] == ["ewma", MISSING, None]


@pytest.mark.parametrize(
    ("answer", "cell"),
    [
        (1.5, 1.5),
        ("simple", "simple"),
        ("#N/A", "error 2042"),
        ("#NUM!", "error 2036"),
        ("#VALUE!", "error 2015"),
        ("#hashtag", "#hashtag"),
        ([1.0, "#N/A", "text"], [1.0, "error 2042", "text"]),
        (
            [[1.0, "#DIV/0!"], ["", "#REF!"], ["#NULL!", "#NAME?"]],
            [[1.0, "error 2007"], ["", "error 2023"], ["error 2000", "error 2029"]],
        ),
    ],
)
def test_figures_come_back_and_errors_are_errors(answer: object, cell: object) -> None:
    assert AddIn(Server(lambda *_: answer)).formula("A1", "PERP_VERSION") == cell


def test_whole_columns_end_with_the_last_row_in_use_all_of_them_alike() -> None:
    server = Server(lambda *_: 1.0)
    addin = AddIn(server)
    put(addin, "A1:A4", 1.0)
    put(addin, "B1:B6", 2.0)
    addin.formula("D1", "PERP_BETA", addin.range("A:A"), addin.range("B:B"))
    assets, market = server.asked[0][2][2:4]
    assert assets == [[1.0]] * 4 + [[None]] * 2
    assert market == [[2.0]] * 6
    addin.formula("D1", "PERP_VOL", addin.range("A3:A5"))
    assert len(server.asked[1][2][2]) == 3, "a block that says where it ends is sent as it is"
    addin.formula("D1", "PERP_VOL", addin.range("C20:C1048576"))
    assert server.asked[2][2][2] is None, "below all that is in use one cell is left"


def test_one_connection_serves_all_and_a_dead_server_is_started_once_more() -> None:
    dead, fresh = Server(lambda *_: GONE), Server(lambda *_: 2.0)
    addin = AddIn(dead, fresh)
    assert addin.formula("A1", "PERP_VERSION") == 2.0
    assert addin.formula("A2", "PERP_VERSION") == 2.0
    assert addin.started == [PROGRAM_ID, PROGRAM_ID]
    assert len(dead.asked) == 1
    assert [sent[0] for _, _, sent in fresh.asked] == ["[Book1]Sheet1!$A$1", "[Book1]Sheet1!$A$2"]


@pytest.mark.parametrize("number", [GONE, BROKE_OFF, NOBODY_THERE])
def test_a_call_that_fails_twice_shows_an_error_and_why(number: int) -> None:
    addin = AddIn(Server(lambda *_: number), Server(lambda *_: number))
    assert addin.formula("B2", "PERP_VERSION") == "error 2015"
    assert addin.formula("C2", "PERP_WHY", addin.range("B2")) == "the server is gone"


def test_another_failure_is_not_asked_again() -> None:
    server = Server(lambda *_: 13)
    addin = AddIn(server, Server(lambda *_: 1.0))
    assert addin.formula("B2", "PERP_VERSION") == "error 2015"
    assert len(server.asked) == 1


def test_a_server_that_does_not_start_is_not_asked_for_again_by_the_next_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    addin = AddIn("class not registered", "no script either", Server(lambda *_: 3.0))
    assert addin.formula("A1", "PERP_VERSION") == "error 2015"
    assert addin.started == [PROGRAM_ID, "WScript.Shell"]
    assert addin.formula("A2", "PERP_VERSION") == "error 2015"
    assert len(addin.started) == 2
    why = addin.formula("B1", "PERP_WHY", addin.range("A2"))
    assert why.startswith("PerpDesk's Python does not start (class not registered; no script either).")
    addin.excel.interpreter.run("PerpReconnect", [])
    assert addin.formula("A1", "PERP_VERSION") == 3.0


def test_the_reason_kept_here_is_forgotten_once_the_cell_is_well() -> None:
    answers = iter([13, 1.0, "what Python knows"])
    server = Server(lambda *_: next(answers))
    addin = AddIn(server)
    assert addin.formula("A1", "PERP_VERSION") == "error 2015"
    assert addin.formula("A1", "PERP_VERSION") == 1.0
    assert addin.formula("B1", "PERP_WHY", addin.range("A1")) == "what Python knows"
    assert server.asked[-1][2] == ["[Book1]Sheet1!$B$1", "PERP_WHY", "[Book1]Sheet1!$A$1"]


@pytest.mark.parametrize(
    ("given", "asked"),
    [(MISSING, ""), ("B7", "[Book1]Sheet1!$B$7"), ("no address", "no address")],
)
def test_the_cell_to_explain_may_be_typed_or_left_out(given: object, asked: str) -> None:
    server = Server(lambda *_: "because")
    assert AddIn(server).formula("C1", "PERP_WHY", given) == "because"
    assert server.asked[0][2][2] == asked


def test_several_blocks_in_one_argument_are_refused_with_the_reason() -> None:
    server = Server(lambda *_: 1.0)
    addin = AddIn(server)
    assert addin.formula("D1", "PERP_VOL", addin.range("A1:A3,C1:C3")) == "error 2015"
    assert server.asked == []
    assert addin.formula("D2", "PERP_WHY", addin.range("D1")) == "an argument is 2 blocks of cells; select one block"


def test_nothing_is_computed_in_the_function_wizard() -> None:
    server = Server(lambda *_: 1.0)
    addin = AddIn(server)
    vba_runner.Button.on = False
    assert addin.formula("A1", "PERP_VERSION") is None
    assert (addin.started, server.asked) == ([], [])


def test_a_job_runs_on_the_workbook_in_front_and_says_what_came_of_it() -> None:
    server = Server(lambda job, book: f"{job} of {book.vba_get('Name', [])}: done")
    addin = AddIn(server)
    addin.excel.interpreter.run("PerpRunJob", ["rebalance"])
    assert [(module, name) for module, name, _ in server.asked] == [(BUTTONS, "job")]
    assert [dialog[1:3] for dialog in addin.excel.dialogs] == [("rebalance of Book1: done", "PerpDesk")]


@pytest.mark.parametrize(("number", "asked"), [(GONE, 1), (NOBODY_THERE, 1), (BROKE_OFF, 0)])
def test_a_job_that_broke_off_half_way_is_not_run_again(number: int, asked: int) -> None:
    fresh = Server(lambda *_: "done")
    addin = AddIn(Server(lambda *_: number), fresh)
    addin.excel.interpreter.run("PerpRunJob", ["hedge"])
    assert len(fresh.asked) == asked
    assert addin.excel.dialogs[0][1] == ("done" if asked else "the server is gone")


def test_a_long_message_is_cut_to_what_a_box_holds() -> None:
    addin = AddIn(Server(lambda *_: "x" * 5000))
    addin.excel.interpreter.run("PerpRunJob", ["check"])
    assert addin.excel.dialogs[0][1] == "x" * 1000


def test_excel_learns_what_every_function_and_argument_is_for() -> None:
    from xladdin.catalog import functions

    addin = AddIn()
    addin.excel.interpreter.run("PerpDescribeFunctions", [])
    described = {macro.partition("!")[2]: rest for macro, *rest in vba_runner.Excel.described}
    assert described == {
        spec.name: [spec.summary, spec.category, *(each.help for each in spec.args)] for spec in functions()
    }
