"""The component that LibreOffice loads: the functions in cells, and the commands of the menu.

It computes nothing. What Calc hands over goes to the worker, trimmed and packed, and what comes back goes into the
cell. Nothing here raises into Calc: a cell shows `#VALUE!`, and `PERP_WHY()` tells why.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import unohelper
from com.sun.star.awt import XCallback
from com.sun.star.frame import DispatchResultEvent, XDispatchProvider, XNotifyingDispatch
from com.sun.star.frame.DispatchResultState import FAILURE, SUCCESS
from com.sun.star.lang import XInitialization, XServiceInfo
from org.perpdesk.calc import XFunctions

from .document import Document
from .messages import ERRORS, Block, RefusedError
from .process import LostError, Worker
from .ranges import trimmed

__all__ = ["Commands", "Functions", "g_ImplementationHelper"]

FUNCTIONS = json.loads(Path(__file__).with_name("functions.json").read_text(encoding="utf-8"))
"""Methods of the interface by name, and the sheet function that each is."""

ADDIN, COMMANDS = "org.perpdesk.calc.Functions", "org.perpdesk.calc.Commands"
PROTOCOL = "org.perpdesk.calc:"

WHY, SAYS_NOTHING_NEW = "PERP_WHY", ("PERP_WHY", "PERP_VERSION")

_documents: list[Document] = []
"""The documents of the jobs that run, the innermost last."""


def _ask(verb: str, *needed: Any) -> Any:
    return _documents[-1].answer(verb, *needed)


def _progress(doing: str) -> bool:
    return _documents[-1].progress(doing)


_worker = Worker({"ask": _ask, "progress": _progress})

_trouble = [""]
"""Why the last function had no answer from the worker; empty where it had one."""


def _answer(name: str, cells: Sequence[Any]) -> tuple[tuple[Any, ...], ...]:
    """What the cell shows, in rows."""
    if name == WHY and _trouble[0] and not any(cells):
        return ((_trouble[0],),)
    try:
        block = _worker.call(name, [Block.of(each) if isinstance(each, tuple) else each for each in trimmed(cells)])
    except (LostError, RefusedError) as error:
        _trouble[0] = str(error)
    except Exception as error:  # the last guard: Calc would show the same, and nobody would know why
        _trouble[0] = f"{name} failed inside PerpDesk ({type(error).__name__}: {error}); please report it"
    else:
        if name not in SAYS_NOTHING_NEW:
            _trouble[0] = ""
        return tuple(block.cells())
    return ((ERRORS["#VALUE!"],),)


def _method(name: str) -> Callable[..., tuple[tuple[Any, ...], ...]]:
    return lambda self, *cells: _answer(name, cells)


class _Service(XServiceInfo):
    """What LibreOffice asks of every component."""

    NAMES: tuple[str, ...] = ()

    def getImplementationName(self) -> str:
        """The name of the component."""
        return self.NAMES[0]

    def getSupportedServiceNames(self) -> tuple[str, ...]:
        """The services that it is."""
        return self.NAMES

    def supportsService(self, name: str) -> bool:
        """Whether it is a service."""
        return name in self.NAMES


class _Functions(_Service):
    """All sheet functions; the methods are made from the list that the extension carries."""

    NAMES = (ADDIN, "com.sun.star.sheet.AddIn")

    def __init__(self, context: Any, *_: Any) -> None:
        self._context = context


Functions = type(
    "Functions", (unohelper.Base, _Functions, XFunctions), {method: _method(name) for method, name in FUNCTIONS.items()}
)


class Commands(unohelper.Base, _Service, XInitialization, XDispatchProvider, XNotifyingDispatch, XCallback):
    """The commands of the menu, `org.perpdesk.calc:rebalance`: each runs a job on the document of its window.

    A job runs when the office is idle next, on its main thread, so that no other thread of the office can wait for
    what this one holds. Whoever listens is told when it has ended, with its sentence; else a box shows it.
    """

    NAMES = (COMMANDS, "com.sun.star.frame.ProtocolHandler")

    def __init__(self, context: Any, *_: Any) -> None:
        self._context = context
        self._frame: Any = None
        self._waiting: list[tuple[str, Any]] = []

    def initialize(self, arguments: Sequence[Any]) -> None:
        """Take the window that the commands belong to."""
        self._frame = arguments[0] if arguments else None

    def queryDispatch(self, url: Any, target: str, flags: int) -> Any:
        """Itself for its own commands."""
        return self if url.Protocol == PROTOCOL else None

    def queryDispatches(self, requests: Sequence[Any]) -> tuple[Any, ...]:
        """Itself for each of its own commands."""
        return tuple(self.queryDispatch(each.FeatureURL, each.FrameName, each.SearchFlags) for each in requests)

    def dispatch(self, url: Any, arguments: Sequence[Any]) -> None:
        """Run a job, and show in a box what came of it."""
        self.dispatchWithNotification(url, arguments, None)

    def dispatchWithNotification(self, url: Any, arguments: Sequence[Any], listener: Any) -> None:
        """Run a job, and tell a listener what came of it."""
        self._waiting.append((url.Path, listener))
        self._service("com.sun.star.awt.AsyncCallback").addCallback(self, None)

    def addStatusListener(self, listener: Any, url: Any) -> None:
        """A command is always there."""

    def removeStatusListener(self, listener: Any, url: Any) -> None:
        """A command is always there."""

    def notify(self, data: Any) -> None:
        """Run the job that waits longest."""
        name, listener = self._waiting.pop(0)
        document = Document(self._context, self._frame)
        _documents.append(document)
        try:
            said, well = _worker.job(name, document.path)
        except Exception as error:
            said, well = f"{name.capitalize()} stopped: {error}", False
        finally:
            _documents.pop()
            document.close()
        if listener is None:
            document.show(said, well=well)
            return
        event = DispatchResultEvent()
        event.Source, event.State, event.Result = self, SUCCESS if well else FAILURE, said
        listener.dispatchFinished(event)

    def _service(self, name: str) -> Any:
        return self._context.ServiceManager.createInstanceWithContext(name, self._context)


g_ImplementationHelper = unohelper.ImplementationHelper()  # noqa: N816 (LibreOffice looks for it under this name)
g_ImplementationHelper.addImplementation(Functions, ADDIN, _Functions.NAMES)
g_ImplementationHelper.addImplementation(Commands, COMMANDS, Commands.NAMES)
