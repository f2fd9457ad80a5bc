"""Formulas are read by openpyxl's own tokenizer and list, and the rest of openpyxl stays where it is."""

from __future__ import annotations

import subprocess
import sys

import pytest
from openpyxl.utils import FORMULAE

from tests.source_tree import ROOT
from xladdin.books.xlsx.formulas.excel_2007 import EXCEL_2007
from xladdin.books.xlsx.formulas.tokens import Tokenizer

SHOW = "print([(token.value, token.type, token.subtype) for token in Tokenizer('=SUM(Universe[Price],B2:C3)*2').items])"
ALONE = "import sys; from xladdin.books.xlsx.formulas.tokens import Tokenizer; "


def said(script: str) -> str:
    return subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(
    "before",
    ["", "import openpyxl; ", "import importlib.util; importlib.util.find_spec = lambda name: None; "],
    ids=["alone", "loaded already", "laid out otherwise"],
)
def test_it_reads_formulas_as_openpyxl_does(before: str) -> None:
    assert said(before + ALONE + SHOW) == said("from openpyxl.formula.tokenizer import Tokenizer; " + SHOW)


def test_nothing_else_of_openpyxl_is_loaded() -> None:
    assert (
        said(ALONE + "from xladdin.books.xlsx.formulas import gathered; print('openpyxl' in sys.modules)").strip()
        == "False"
    )


def test_the_list_of_functions_is_that_tokens() -> None:
    assert EXCEL_2007 == FORMULAE


def test_its_errors_are_its_own() -> None:
    with pytest.raises(Exception, match="Reached end of formula"):
        Tokenizer('="open')
