"""Makes PerpDesk's private environment, once, and runs a command in it.

    python3 install/bootstrap.py demo     the main job on the sample desk
    python3 install/bootstrap.py test     the tests; whatever follows goes to pytest
    python3 install/bootstrap.py check    linter, formatting and types
    python3 install/bootstrap.py calc     the extension for LibreOffice: install, uninstall, status, doctor
    python3 install/bootstrap.py excel    the add-in for Excel: install, uninstall, status (see excel.py)

All it needs is Python 3.11 or newer with pip. The environment lies in `.perpdesk` at the top of the project and holds
the exact versions of the lock file. A stamp in it says that it is complete and for which lock, so a second run begins
at once and one that was interrupted is made anew. To remove everything, delete `.perpdesk`.

Only the standard library is used, in words that Python 3.8 can read, so that an old Python can say that it is old.
"""

from __future__ import annotations

import errno
import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
RUNTIME = ROOT / "install" / "requirements.lock"
DEVELOPMENT = ROOT / "install" / "requirements-dev.lock"

OLDEST_PYTHON = (3, 11)
NEWER_PYTHONS = ("python3.13", "python3.12", "python3.11")

GIGABYTE = 1e9
SPACE_NEEDED = {RUNTIME: 1.5 * GIGABYTE, DEVELOPMENT: 2.0 * GIGABYTE}
"""Bytes that an environment and its downloads take at most."""

STARTED = time.monotonic()


class Command(NamedTuple):
    """What one word on the command line runs: a lock to have installed, then modules of Python one after the other."""

    lock: Path
    modules: tuple[tuple[str, ...], ...]
    folder: Path | None
    """Where the modules run; None is where the user stands."""
    notice: str = ""
    """What a person should know while they run."""


COMMANDS = {
    "demo": Command(RUNTIME, (("xladdin.hosts.command_line.cli", "demo"),), None),
    "calc": Command(RUNTIME, (("xladdin.hosts.command_line.cli", "calc"),), None),
    "test": Command(
        DEVELOPMENT,
        (("pytest", "--numprocesses=auto", "--dist=worksteal"),),
        ROOT,
        "All tests take about twenty minutes on two processors: half a minute to collect them, then a dot for each",
    ),
    "check": Command(
        DEVELOPMENT, (("ruff", "check", "--output-format=concise"), ("ruff", "format", "--check"), ("mypy",)), ROOT
    ),
}


EXCEL = "excel"
"""The word that install/excel.py answers: PerpDesk for Excel lies in a folder of its own, not in the project's."""


class CannotStartError(Exception):
    """The environment cannot be made; the message says why and what to do."""


# What pip says when it fails, in the order in which to look for it, and what that means to a person.
DISK_FULL = "the disk is full; free some space and run the same command again"
NOT_WRITABLE = (
    "copy the PerpDesk folder to a place of your own, close other programs that use it, and run the command there"
)
PIP_FAILURES = (
    (("No space left on device", "[Errno 28]", "not enough space on the disk"), DISK_FULL),
    (
        ("CERTIFICATE_VERIFY_FAILED", "SSLError"),
        "the package index shows a certificate that pip does not trust; "
        "on a company network set PIP_CERT to the company's certificate file and run the same command again",
    ),
    (
        (
            "Failed to establish a new connection",
            "NewConnectionError",
            "NameResolutionError",
            "ProxyError",
            "Connection refused",
            "Connection reset",
            "Connection aborted",
            "timed out",
            "IncompleteRead",
        ),
        "pip cannot reach its package index; check the network (behind a proxy set HTTPS_PROXY, "
        "for a company's own index set PIP_INDEX_URL) and run the same command again",
    ),
    (("Permission denied", "[Errno 13]", "Access is denied"), f"pip may not write here; {NOT_WRITABLE}"),
    (
        ("No matching distribution found", "Failed building wheel", "Failed to build", "exited-with-error"),
        f"the package index has no ready-made build of a package for Python {platform.python_version()} on "
        f"{platform.system()} {platform.machine()}; use a 64-bit Python 3.11, 3.12 or 3.13",
    ),
)


class Environment:
    """The private environment in one folder: virtual environment, stamp and the log of the last installation."""

    def __init__(self, home: Path, project: Path = ROOT) -> None:
        self.home = home
        self.project = project
        self.venv = home / "venv"
        self.python = self.venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        self.stamp = self.venv / "perpdesk-complete"
        self.log = home / "install.log"

    def ensure(self, lock: Path) -> None:
        """Have everything in `lock` installed. Raises CannotStartError."""
        if self.holds(lock):
            say(f"Using the environment in {self.home}")
            return
        try:
            if not self.holds(RUNTIME):
                self.make_room(lock)
                self.create()
            self.install(lock)
        except OSError as error:
            raise CannotStartError(self._explain_system(error)) from error

    def holds(self, lock: Path) -> bool:
        """Whether the environment is whole and has what `lock` names; the development lock has all of it."""
        try:
            stamp = self.stamp.read_text(encoding="utf-8")
            return any(stamp == self.complete(each) for each in (lock, DEVELOPMENT))
        except (OSError, subprocess.CalledProcessError):
            return False

    def complete(self, lock: Path) -> str:
        """What the stamp says once `lock` is installed: its hash, and the Python that answers in the environment."""
        answer = subprocess.run(
            [str(self.python), "-I", "-S", "-c", "import sys; print(*sys.version_info[:2], sep='.')"],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return f"{lock.name} {hashlib.sha256(lock.read_bytes()).hexdigest()} Python {answer.stdout}"

    def make_room(self, lock: Path) -> None:
        """Clear away what is half made or old. Raises CannotStartError when the disk is too full for `lock`."""
        if self.venv.exists():
            say("Clearing away an environment that is unfinished or out of date")
            shutil.rmtree(self.venv)
        self.home.mkdir(parents=True, exist_ok=True)
        free, needed = shutil.disk_usage(self.home).free, SPACE_NEEDED[lock]
        if free < needed:
            raise CannotStartError(
                f"the disk has {free / GIGABYTE:.1f} GB free and {needed / GIGABYTE:.1f} GB are needed in {self.home}; "
                "free some space and run the same command again"
            )

    def create(self) -> None:
        """Make the virtual environment, with pip in it and nothing else."""
        check_tools()
        say(f"Making a private environment in {self.home}")
        made = subprocess.run(
            [sys.executable, "-m", "venv", str(self.venv)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if made.returncode:
            self.log.write_text(made.stdout, encoding="utf-8")
            raise CannotStartError(self._explain_pip(made.stdout))

    def install(self, lock: Path) -> None:
        """Let pip install `lock`, then leave the stamp. Raises CannotStartError."""
        if self.stamp.exists():
            self.stamp.unlink()  # from here on an interruption leaves an environment that is known to be unfinished
        pins = [line for line in lock.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
        say(f"Installing up to {len(pins)} packages with pip")
        # Modules are compiled when they are first imported: most never are, and compiling doubles the time.
        options = ["--no-compile", "--no-input", "--disable-pip-version-check", "--progress-bar", "off"]
        pip = subprocess.Popen(
            [*self.pip(), "install", *options, *self.target(), "--requirement", str(lock)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env=child_environment(self.project),
        )
        fetched = 0
        with pip, self.log.open("w", encoding="utf-8") as log:
            for line in pip.stdout or ():
                log.write(line)
                if line.startswith(("Collecting ", "Processing ", "Requirement already satisfied")):
                    fetched += 1
                    if fetched % 10 == 0:
                        say(f"  {fetched} packages fetched")
                elif line.startswith("Installing collected packages"):
                    say("  unpacking them")
        if pip.returncode:
            raise CannotStartError(self._explain_pip(self.log.read_text(encoding="utf-8")))
        self.add_command()
        self.stamp.write_text(self.complete(lock), encoding="utf-8")

    def pip(self) -> list[str]:
        """How pip is started."""
        return [str(self.python), "-m", "pip"]

    def target(self) -> list[str]:
        """What tells pip where packages go; its own environment needs no telling."""
        return []

    def add_command(self) -> None:
        """Put the project on the environment's path, and a `perpdesk` command beside its Python."""
        version = "python{}.{}".format(*sys.version_info[:2])
        packages = self.venv / ("Lib" if os.name == "nt" else f"lib/{version}") / "site-packages"
        packages.mkdir(parents=True, exist_ok=True)
        (packages / "perpdesk.pth").write_text(f"{self.project}\n", encoding="utf-8")
        if os.name == "nt":
            command = self.python.with_name("perpdesk.cmd")
            command.write_text('@"%~dp0python.exe" -P -m xladdin.hosts.command_line.cli %*\n', encoding="utf-8")
        else:
            command = self.python.with_name("perpdesk")
            command.write_text(
                f'#!/bin/sh\nexec "{self.python}" -P -m xladdin.hosts.command_line.cli "$@"\n', encoding="utf-8"
            )
            command.chmod(0o755)
        say(f"The command line is {command}")

    def run(self, command: Command, arguments: list[str]) -> int:
        """Run the modules of `command`, all of them; the exit code of the first that fails, or 0."""
        codes = []
        if command.notice:
            say(command.notice)
        for module, *options in command.modules:
            say(" ".join(["Running", module, *options, *arguments]))
            # -P: what lies in the user's folder must not stand in for a package of ours.
            line = [str(self.python), "-P", "-m", module, *options, *arguments]
            code = subprocess.call(line, cwd=command.folder, env=child_environment(ROOT))
            codes.append(code if code >= 0 else 128 - code)
        return next(filter(None, codes), 0)

    def _explain_pip(self, output: str) -> str:
        """What pip's output, from the last package that went well, means to a person."""
        end = output[max(output.rfind("\nCollecting "), 0) :]
        for signs, meaning in PIP_FAILURES:
            if any(sign in end for sign in signs):
                return f"{meaning}\npip's own words are in {self.log}"
        return f"the environment could not be made; what was said is in {self.log}"

    def _explain_system(self, error: OSError) -> str:
        """What an error of the operating system means to a person."""
        if error.errno == errno.ENOSPC:
            return DISK_FULL
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            return f"{error.filename or self.home} cannot be written; {NOT_WRITABLE}"
        return f"{error.filename or self.home}: {error.strerror or error}"


def check_python(version: tuple[int, ...], command: str) -> None:
    """Nothing when `version` is new enough. Raises CannotStartError that names a newer Python if there is one."""
    if version[:2] >= OLDEST_PYTHON:
        return
    message = "PerpDesk needs Python 3.11 or newer and this is Python {}.{}".format(*version[:2])
    for newer in NEWER_PYTHONS:
        if shutil.which(newer) and subprocess.call([newer, "-c", ""], stderr=subprocess.DEVNULL) == 0:
            raise CannotStartError(f"{message}; run: {newer} install/bootstrap.py {command}")
    raise CannotStartError(f"{message}; install a newer one from python.org or with your package manager")


def check_tools() -> None:
    """Nothing when this Python can make environments. Raises CannotStartError that says what to install."""
    missing = [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]
    if missing:
        package = "python{}.{}-venv".format(*sys.version_info[:2])
        raise CannotStartError(
            f"this Python cannot make private environments without {' and '.join(missing)}; "
            f"on Debian or Ubuntu run: sudo apt install {package}"
        )


def child_environment(project: Path) -> dict[str, str]:
    """Environment variables of what runs inside: the project first, nothing from another Python."""
    variables = {name: value for name, value in os.environ.items() if name not in ("PYTHONHOME", "PYTHONPATH")}
    return {**variables, "PYTHONPATH": str(project), "PYTHONUTF8": "1"}


def say(message: str) -> None:
    """One step and the seconds since the start."""
    print(f"[{time.monotonic() - STARTED:5.1f} s] {message}", flush=True)


def main(arguments: list[str], environment: Environment | None = None) -> int:
    """Run one command; its exit code."""
    if not arguments or arguments[0] not in (*COMMANDS, EXCEL):
        print(__doc__)
        return 0 if arguments and arguments[0] in ("-h", "--help") else 2
    name, *rest = arguments
    if name == EXCEL:
        return subprocess.call([sys.executable, str(ROOT / "install" / "excel.py"), *rest])
    environment = environment or Environment(ROOT / ".perpdesk")
    try:
        check_python(sys.version_info[:3], name)
        environment.ensure(COMMANDS[name].lock)
        return environment.run(COMMANDS[name], rest)
    except CannotStartError as error:
        print(f"PerpDesk cannot start: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. Run the same command again; what is half made will be made anew.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
