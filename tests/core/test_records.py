"""A record behaves as the standard library's dataclass of the same body does; its `__init__` waits to be used."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from collections.abc import Callable
from dataclasses import KW_ONLY, asdict, field, fields, replace
from types import FunctionType
from typing import Any, ClassVar, Generic, TypeVar

import pytest

from core.records import dataclass

T = TypeVar("T")
Decorator = Callable[..., Any]


def one_and_two() -> tuple[int, ...]:
    return (1, 2)


def frozen(decorate: Decorator) -> Any:
    @decorate(frozen=True)
    class Frozen:
        """Plain."""

        a: float
        b: tuple[int, ...] = ()
        kind: ClassVar[str] = "none of its fields"
        c: str = "c"

        @property
        def twice(self) -> float:
            return 2 * self.a

    return Frozen


def identical(decorate: Decorator) -> Any:
    @decorate(frozen=True, eq=False)
    class Identical:
        """Equal to itself alone."""

        a: float
        b: float = 1

    return Identical


def changing(decorate: Decorator) -> Any:
    @decorate
    class Changing:
        """Not frozen, so not hashed."""

        a: float
        b: list[float] = field(default_factory=list)
        c: int = 3

    return Changing


def by_name(decorate: Decorator) -> Any:
    @decorate(frozen=True, kw_only=True)
    class ByName:
        """Taken by name."""

        a: float
        b: float = 2

    return ByName


def mixed(decorate: Decorator) -> Any:
    @decorate(frozen=True)
    class Mixed:
        """Some by name, hidden, not compared, not taken, made."""

        a: float
        b: str = field(default="secret", repr=False)
        c: float = field(default=0.5, compare=False)
        d: str = field(default="fixed", init=False)
        e: dict[str, int] = field(default_factory=dict, init=False, compare=False)
        f: tuple[int, ...] = field(default_factory=one_and_two)
        _: KW_ONLY
        g: float = 7
        h: float = field(default=8, hash=None)

    return Mixed


def checked(decorate: Decorator) -> Any:
    @decorate(frozen=True)
    class Base:
        """Looks at what it is given."""

        a: float
        b: float = 0

        def __post_init__(self) -> None:
            if self.a < 0:
                raise ValueError("a is negative")
            object.__setattr__(self, "seen", 1)

    @decorate(frozen=True)
    class Checked(Base):
        """As its base does, and more."""

        c: float = 1
        b: float = 5

        def __post_init__(self) -> None:
            super().__post_init__()
            object.__setattr__(self, "total", self.a + self.b + self.c)

    return Checked


def own_methods(decorate: Decorator) -> Any:
    @decorate(frozen=True)
    class Own:
        """What it has itself stays."""

        a: float

        def __init__(self, a: float, more: float = 0) -> None:
            object.__setattr__(self, "a", a + more)

        def __repr__(self) -> str:
            return f"<{self.a}>"

        def __hash__(self) -> int:
            return 17

    return Own


def generic(decorate: Decorator) -> Any:
    @decorate(frozen=True)
    class Many(Generic[T]):
        """Of any kind."""

        a: T
        b: T | None = None

    return Many


def empty(decorate: Decorator) -> Any:
    @decorate(frozen=True)
    class Empty:
        """Nothing in it."""

    return Empty


def undecorated(decorate: Decorator) -> Any:
    class Below(frozen(decorate)):  # type: ignore[misc]
        """A class below, which is no dataclass itself."""

    return Below


BODIES = (*(frozen, identical, changing, by_name, mixed, checked, own_methods, generic, empty, undecorated),)
CALLS: tuple[tuple[tuple[Any, ...], dict[str, Any]], ...] = (
    ((), {}),
    ((1.0,), {}),
    ((-1.0,), {}),
    ((1.0, 2.0), {}),
    ((1.0, 2.0, "x"), {}),
    ((1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0), {}),
    ((), {"a": 1.0}),
    ((1.0,), {"b": 4.0}),
    ((1.0,), {"g": 4.0}),
    ((1.0,), {"a": 4.0}),
    ((1.0,), {"no_such": 4.0}),
)


def both(body: Callable[[Decorator], Any]) -> tuple[Any, Any]:
    return body(dataclass), body(dataclasses.dataclass)


def outcome(act: Callable[..., Any], *given: Any, **named: Any) -> Any:
    """What comes of it, or the error in its words."""
    try:
        return act(*given, **named)
    except Exception as error:
        return type(error), str(error)


def made(body: Callable[[Decorator], Any]) -> list[tuple[Any, Any]]:
    """The records that can be made of a body, ours and the standard library's."""
    ours, theirs = both(body)
    pairs = [(outcome(ours, *given, **named), outcome(theirs, *given, **named)) for given, named in CALLS]
    assert not all(isinstance(mine, tuple) for mine, _ in pairs)
    return [(mine, same) for mine, same in pairs if not isinstance(same, tuple)]


@pytest.mark.parametrize("body", BODIES)
def test_it_takes_and_refuses_the_same_words(body):
    ours, theirs = both(body)
    for given, named in CALLS:
        mine, same = outcome(ours, *given, **named), outcome(theirs, *given, **named)
        if isinstance(same, tuple):
            assert mine == same
        else:
            assert list(vars(mine).items()) == list(vars(same).items())


@pytest.mark.parametrize("body", BODIES)
def test_it_is_shown_alike(body):
    for mine, same in made(body):
        assert repr(mine) == repr(same)


@pytest.mark.parametrize("body", BODIES)
def test_it_is_compared_and_hashed_alike(body):
    pairs = made(body)
    by_value = body is not identical
    for mine, same in pairs:
        assert mine != same
        if by_value:
            assert outcome(hash, mine) == outcome(hash, same)
        for other_mine, other_same in pairs:
            assert (mine == other_mine) is (same == other_same)
            assert (mine != other_mine) is (same != other_same)


def test_one_that_changes_has_no_hash():
    mine, same = (body(1.0) for body in both(changing))
    assert [outcome(hash, each)[0] for each in (mine, same)] == [TypeError, TypeError]


@pytest.mark.parametrize("body", BODIES)
def test_what_is_frozen_stays_in_the_same_words(body):
    for mine, same in made(body):
        for act in (lambda it: setattr(it, "a", 9.0), lambda it: delattr(it, "a")):
            assert outcome(act, mine) == outcome(act, same)
        assert vars(mine) == vars(same)


def parameters(cls: Any) -> list[tuple[str, Any, bool]]:
    return [(each.name, each.kind, each.default is each.empty) for each in inspect.signature(cls).parameters.values()]


@pytest.mark.parametrize("body", BODIES)
def test_the_standard_library_reads_it_alike(body):
    ours, theirs = both(body)
    assert [str(each) for each in fields(ours)] == [str(each) for each in fields(theirs)]
    assert ours.__match_args__ == theirs.__match_args__
    assert ours.__doc__ == theirs.__doc__
    assert parameters(ours) == parameters(theirs)
    for mine, same in made(body):
        assert asdict(mine) == asdict(same)
        assert vars(copy.deepcopy(mine)) == vars(copy.deepcopy(same))
        changed, also = outcome(replace, mine, a=3.5), outcome(replace, same, a=3.5)
        assert changed == also if isinstance(also, tuple) else vars(changed) == vars(also)


@dataclass(frozen=True)
class Kept:
    """One that can be pickled."""

    a: float
    b: tuple[int, ...] = ()


def test_it_is_pickled():
    assert pickle.loads(pickle.dumps(Kept(1.0, (2,)))) == Kept(1.0, (2,))


def test_what_is_made_for_a_field_is_made_anew():
    changing_class = changing(dataclass)
    first, second = changing_class(1), changing_class(1)
    first.b.append(3.0)
    assert second.b == []


def test_one_that_holds_itself_is_shown_all_the_same():
    mine, theirs = (body(1) for body in both(changing))
    for each in (mine, theirs):
        each.b.append(each)
    assert repr(mine) == repr(theirs)
    assert "..." in repr(mine)


def test_a_default_that_all_would_share_is_refused():
    def body(decorate: Decorator) -> Any:
        @decorate(frozen=True)
        class Shared:
            """A list of all."""

            a: list[float] = []  # noqa: RUF012

        return Shared

    assert outcome(body, dataclass) == outcome(body, dataclasses.dataclass)


def test_init_is_written_at_the_first_record():
    cls = frozen(dataclass)
    assert not isinstance(vars(cls)["__init__"], FunctionType)
    cls(1.0)
    written = vars(cls)["__init__"]
    assert isinstance(written, FunctionType)
    cls(2.0)
    assert vars(cls)["__init__"] is written


def test_a_class_below_may_call_the_init_above():
    base = frozen(dataclass)

    @dataclass(frozen=True)
    class Below(base):  # type: ignore[misc,valid-type]
        """With an `__init__` of its own."""

        d: float = 0

        def __init__(self, a: float) -> None:
            super().__init__(a, c="above")
            object.__setattr__(self, "d", a)

    assert vars(Below(2.0)) == {"a": 2.0, "b": (), "c": "above", "d": 2.0}
