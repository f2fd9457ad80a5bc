"""The exception tree: what can be caught by what, and what each class shows in a cell."""

import inspect

import pytest

from core import errors
from core.decide.hedge.beta import hedge_beta
from core.errors import listed

ALL = [value for name in errors.__all__ if inspect.isclass(value := getattr(errors, name))]
RAISED = [cls for cls in ALL if issubclass(cls, errors.PerpDeskError)]


@pytest.mark.parametrize("cls", RAISED)
def test_every_error_is_caught_as_a_perpdesk_error(cls):
    with pytest.raises(errors.PerpDeskError):
        raise cls("why")


@pytest.mark.parametrize(
    ("cls", "cell"),
    [
        (errors.PerpDeskError, "#VALUE!"),
        (errors.ArgumentError, "#VALUE!"),
        (errors.NotInstalledError, "#VALUE!"),
        (errors.MissingDataError, "#N/A"),
        (errors.SolveError, "#NUM!"),
        (errors.InfeasibleError, "#NUM!"),
        (errors.NotConvergedError, "#NUM!"),
        (errors.UndefinedError, "#NUM!"),
        (errors.DeskError, "#VALUE!"),
        (errors.BookError, "#VALUE!"),
        (errors.FeedError, "#VALUE!"),
    ],
)
def test_each_error_knows_its_cell(cls, cell):
    assert cls.cell_error == cell


def test_the_drawing_in_the_docstring_names_every_error():
    assert all(cls.__name__ in errors.__doc__ for cls in ALL)


def test_all_lists_every_class_of_the_module():
    defined = {name for name, cls in inspect.getmembers(errors, inspect.isclass) if cls.__module__ == errors.__name__}
    assert defined == {cls.__name__ for cls in ALL}


def test_a_data_warning_is_no_error():
    assert issubclass(errors.DataWarning, UserWarning)
    assert not issubclass(errors.DataWarning, errors.PerpDeskError)


def test_a_word_to_the_user_points_at_the_line_that_called_perpdesk():
    with pytest.warns(errors.DataWarning, match="passed over") as heard:
        hedge_beta([1.0], [1.0], 0.0, [1.0, 1e-9])
    assert heard[0].filename == __file__


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([], ""),
        (["A"], "A"),
        (list("ABCDEFGH"), "A, B, C, D, E, F, G, H"),
        (list("ABCDEFGHI"), "A, B, C, D, E, F, G, H, I"),
        (list("ABCDEFGHIJ"), "A, B, C, D, E, F, G, H and 2 more"),
        ([f"S{i}" for i in range(538)], "S0, S1, S2, S3, S4, S5, S6, S7 and 530 more"),
    ],
)
def test_a_list_of_names_is_cut_to_what_helps_and_says_how_many_are_left(names: list[str], said: str) -> None:
    assert listed(names) == said
