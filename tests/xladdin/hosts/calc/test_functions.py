"""The sheet functions in a real LibreOffice: known by their names and helps, and the same figure as Python's."""

from __future__ import annotations

import pytest

import xladdin
from tests.calc_office import Office
from xladdin import catalog
from xladdin.hosts.calc.names import joined

RETURNS = [[0.01, 0.02], [-0.02, -0.01], [0.005, 0.01], [0.015, 0.04], [-0.01, -0.03]]
MARKET = [[0.011], [-0.015], [0.004], [0.02], [-0.012]]


def test_no_two_names_join_into_one() -> None:
    specs = catalog.functions()
    assert len({joined(spec.name) for spec in specs}) == len(specs)
    assert all(len({joined(each.name) for each in spec.args}) == len(spec.args) for spec in specs)


@pytest.mark.calc
def test_every_function_is_known_with_its_help(calc_office: Office) -> None:
    known = calc_office.described()
    for spec in catalog.functions():
        _, description, arguments = known[spec.name]
        assert description == f"{spec.category}: {spec.summary}"
        assert arguments == [[each.name, each.help, each.optional] for each in spec.args]


@pytest.mark.calc
def test_a_block_a_row_and_a_number(calc_office: Office) -> None:
    document = calc_office.new()
    document.write("Sheet1", "A1", RETURNS)
    document.write("Sheet1", "C1", MARKET)
    betas = document.array_formula("Sheet1", "E1:F1", "=PERP_BETA(A1:B5;C1:C5)")
    assert betas == xladdin.call("PERP_BETA", RETURNS, MARKET)
    assert document.array_formula("Sheet1", "E3:F4", "=PERP_COV(A1:B5)") == xladdin.call("PERP_COV", RETURNS)
    assert document.formula("Sheet1", "E6", "=PERP_BETA_PORTFOLIO({0.5;0.5};{1;1.4})") == 1.2
    assert document.formula("Sheet1", "E7", "=PERP_VERSION()") == xladdin.__version__
    document.close()


@pytest.mark.calc
def test_an_argument_left_out_in_the_middle_has_its_default(calc_office: Office) -> None:
    document = calc_office.new()
    document.write("Sheet1", "A1", MARKET)
    assert document.formula("Sheet1", "E1", "=PERP_VOL(A1:A5;;8760)") == xladdin.call("PERP_VOL", MARKET, None, 8760.0)
    document.close()
