"""The catalogue: each spreadsheet function is declared once, and every door calls it the same way.

    @sheet_function("Perp Beta", returns=Vector())
    def PERP_BETA(
        asset_returns: Annotated[Array, Block("Returns of the contracts, T x N.")],
        market_returns: Annotated[Array, kinds.Vector("Returns of the market, T x 1.")],
        method: Annotated[str, Choice("How beta is estimated.", METHODS)] = "ols",
    ) -> Array:
        \"\"\"Beta of each contract against the market.\"\"\"
        return estimate_beta(asset_returns, market_returns, method)

Name, arguments, kinds, defaults, help and category are read from that declaration and checked when it is registered.
`call` runs a function with values as a spreadsheet sends them. It never raises: it returns what the cell shows.
"""

from __future__ import annotations

import importlib
import inspect
import re
import typing
import warnings
from collections.abc import Callable, Iterable
from typing import Annotated, Any

from core.checks import nearest
from core.errors import ArgumentError, DataWarning, PerpDeskError
from core.records import dataclass

from . import cells
from .cells import CellResult
from .kinds import Kind
from .reasons import reasons
from .results import Result
from .see_also import limit_page, with_page

__all__ = [
    "Argument",
    "DeclarationError",
    "FunctionSpec",
    "call",
    "declared_in",
    "function",
    "functions",
    "register",
    "sheet_function",
]

HELP_LENGTH = 128
"""Longest help text that every host shows whole."""

_NAME = re.compile(r"PERP_[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")
_registry: dict[str, FunctionSpec] = {}

_declared_in: dict[str, str] = {}
"""The module that declares each function, in the order of the contract; it is imported when it is first asked for."""

CONTRACT = f"{__package__}.functions"
"""The package that tells where each function is declared."""


class DeclarationError(TypeError):
    """A sheet function is declared against the rules; raised when it is registered, never at a call."""


@dataclass(frozen=True)
class Argument:
    """One argument of a sheet function."""

    name: str
    kind: Kind
    optional: bool
    default: Any = None

    @property
    def help(self) -> str:
        """What a person reads about it."""
        return self.kind.help

    def read(self, value: object) -> Any:
        """The Python value of a cell; the default where the cell is blank or was left out."""
        if not cells.is_blank(value):
            return self.kind.read(value, self.name)
        if not self.optional:
            raise ArgumentError(f"{self.name} is missing; select the cells that hold it")
        return self.default


@dataclass(frozen=True)
class FunctionSpec:
    """One sheet function: how it is called, what it says of itself, and the body that calls the core."""

    name: str
    category: str
    summary: str
    args: tuple[Argument, ...]
    returns: Result
    body: Callable[..., Any]
    keeps_reason: bool

    @property
    def signature(self) -> str:
        """`PERP_BETA(asset_returns, market_returns, [method="ols"], [halflife=60])`, as the contract writes it."""
        return f"{self.name}({', '.join(_written(argument) for argument in self.args)})"

    def run(self, cells_sent: tuple[object, ...]) -> tuple[CellResult, bool]:
        """What the cell shows for these cells, and whether an infinity is among it. Raises PerpDeskError."""
        if len(cells_sent) > len(self.args):
            raise ArgumentError(
                f"{self.name} takes {len(self.args)} arguments and got {len(cells_sent)}: {self.signature}"
            )
        sent = cells_sent + (None,) * (len(self.args) - len(cells_sent))
        values = [argument.read(value) for argument, value in zip(self.args, sent, strict=True)]
        return cells.shown(self.returns.lay_out(self.body(*values), cells_sent))


def sheet_function(
    category: str, *, returns: Result, keeps_reason: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare a Python function as a spreadsheet function and add it to the catalogue.

    The docstring's first line is the summary, each argument is `Annotated[type, Kind(help)]`, its default is the
    sheet's default. `keeps_reason` leaves the last reason standing (for PERP_WHY itself). Raises DeclarationError.
    """

    def declare(body: Callable[..., Any]) -> Callable[..., Any]:
        register(_spec(body, category, returns, keeps_reason))
        return body

    return declare


def register(spec: FunctionSpec) -> None:
    """Check a declaration and add it to the catalogue. Raises DeclarationError that says which rule it breaks."""
    if not _NAME.fullmatch(spec.name):
        raise DeclarationError(f"{spec.name}: a sheet function is named PERP_ and words in capitals, joined by _")
    if spec.name in _registry:
        raise DeclarationError(f"{spec.name} is declared twice")
    if not spec.category.startswith("Perp "):
        raise DeclarationError(f"{spec.name}: the category '{spec.category}' must begin with 'Perp '")
    _check_help(spec.name, "summary", spec.summary)
    for argument, before in zip(spec.args, (None, *spec.args), strict=False):
        _check_help(spec.name, argument.name, argument.help)
        if before is not None and before.optional and not argument.optional:
            raise DeclarationError(
                f"{spec.name}: {argument.name} is required and stands after the optional {before.name}"
            )
        if argument.default is not None:
            _check_default(spec.name, argument)
    _registry[spec.name] = spec


def declared_in(module: str, names: Iterable[str]) -> None:
    """Tell where functions are declared: a process that is asked for one loads its file and not the whole house."""
    _declared_in.update(dict.fromkeys(names, module))


def functions() -> tuple[FunctionSpec, ...]:
    """All sheet functions, in the order of the contract."""
    importlib.import_module(CONTRACT)
    in_order = [function(name) for name in _declared_in]
    return (*in_order, *(spec for spec in _registry.values() if spec.name not in _declared_in))


def function(name: str) -> FunctionSpec:
    """The sheet function of that name, in any case. Raises ArgumentError that gives the nearest known one."""
    importlib.import_module(CONTRACT)
    wanted = str(name).strip().upper()
    if wanted in _declared_in and wanted not in _registry:
        importlib.import_module(_declared_in[wanted])
    if wanted not in _registry:
        known = {**_declared_in, **_registry}
        raise ArgumentError(f"there is no function {wanted}{nearest(wanted, known)}; `perpdesk functions` lists all")
    return _registry[wanted]


def call(name: str, *cells_sent: object, caller: str | None = None) -> CellResult:
    """What a cell shows for `=NAME(cells...)`: a number, a text, rows of them, or "#N/A", "#VALUE!", "#NUM!".

    Takes values as a spreadsheet sends them (see `xladdin.cells`) and never raises. The reason of a failure or warning
    is kept under `caller` (the address of the calling cell, when the host knows it) for PERP_WHY.
    """
    reason, keep, spec, too_large = "", False, None, False
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", DataWarning)
        try:
            spec = function(name)
            keep = spec.keeps_reason
            with reasons.asked_from(caller):
                result, too_large = spec.run(cells_sent)
        except PerpDeskError as error:
            result, reason = error.cell_error, _refusal(error, spec)
        except Exception as error:  # the last line of defence: a cell never sees a traceback
            result = PerpDeskError.cell_error
            reason = (
                f"{name} failed inside PerpDesk ({type(error).__name__}: {error}); please report it with the inputs"
            )
    reason = reason or "; ".join(dict.fromkeys(str(warning.message) for warning in caught))
    if not keep:
        reasons.record(reason or _unsaid(result, too_large=too_large), caller)
    return result


def _refusal(error: PerpDeskError, spec: FunctionSpec | None) -> str:
    """The sentence of a refusal; where it is about limits, with the page of the guide that has them."""
    takes_limits = spec is not None and any(argument.name == "limits" for argument in spec.args)
    return with_page(str(error), limit_page(str(error), type(error)) if takes_limits else "")


def _unsaid(result: CellResult, *, too_large: bool) -> str:
    """A reason for errors that no part of the core put into words: a lone one, or a number too large."""
    if too_large:
        return "the answer is too large for a number; check the size of what goes in"
    if cells.is_error(result):
        return "the answer is not defined for these data; check that they vary and that none is blank"
    return ""


def _spec(body: Callable[..., Any], category: str, returns: Result, keeps_reason: bool) -> FunctionSpec:
    name = body.__name__
    hints = typing.get_type_hints(body, include_extras=True)
    arguments = []
    for parameter in inspect.signature(body).parameters.values():
        if parameter.kind is not parameter.POSITIONAL_OR_KEYWORD:
            raise DeclarationError(f"{name}: {parameter.name} must be a plain positional argument")
        kind = _kind_of(hints.get(parameter.name))
        if kind is None:
            raise DeclarationError(
                f"{name}: {parameter.name} is not annotated with a kind; write Annotated[type, Kind(help)]"
            )
        optional = parameter.default is not parameter.empty
        arguments.append(Argument(parameter.name, kind, optional, parameter.default if optional else None))
    summary = (inspect.getdoc(body) or "").partition("\n")[0]
    return FunctionSpec(name, category, summary, tuple(arguments), returns, body, keeps_reason)


def _kind_of(hint: Any) -> Kind | None:
    if typing.get_origin(hint) is not Annotated:
        return None
    return next((extra for extra in typing.get_args(hint)[1:] if isinstance(extra, Kind)), None)


def _check_help(name: str, what: str, text: str) -> None:
    if not text.endswith(".") or len(text) > HELP_LENGTH:
        raise DeclarationError(
            f"{name}: the help of {what} must be a sentence of at most {HELP_LENGTH} characters (it has {len(text)})"
        )


def _check_default(name: str, argument: Argument) -> None:
    try:
        read = argument.kind.read(argument.default, argument.name)
    except PerpDeskError as error:
        raise DeclarationError(f"{name}: the default of {argument.name} is not valid: {error}") from None
    if getattr(read, "size", 1) != 1 or read != argument.default:
        raise DeclarationError(f"{name}: the default of {argument.name} reads as {read!r}, not {argument.default!r}")


def _written(argument: Argument) -> str:
    if not argument.optional:
        return argument.name
    if argument.default is None:
        return f"[{argument.name}]"
    default = argument.default
    if isinstance(default, bool):
        text = str(default).upper()
    elif isinstance(default, str):
        text = f'"{default}"'
    else:
        text = f"{default:g}"
    return f"[{argument.name}={text}]"
