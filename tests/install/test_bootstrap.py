"""The first thing a person runs: it says clearly what is wrong, and it never trusts a half-made environment.

A stand-in plays pip and the virtual environment's Python: it says what the real ones say and leaves what they leave.
"""

from __future__ import annotations

import ast
import errno
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.source_tree import ROOT

SCRIPT = ROOT / "install" / "bootstrap.py"

PipSays = Callable[..., list[Path]]


@pytest.fixture
def bootstrap(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The script as a module, with small locks of its own."""
    spec = importlib.util.spec_from_file_location("bootstrap", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in ("RUNTIME", "DEVELOPMENT"):
        lock = tmp_path / f"{name}.lock"
        lock.write_text(f"# {name}\nnumpy==2.4.6\n", encoding="utf-8")
        monkeypatch.setattr(module, name, lock)
    monkeypatch.setattr(module, "SPACE_NEEDED", {module.RUNTIME: 1.0, module.DEVELOPMENT: 1.0})
    return module


@pytest.fixture
def environment(bootstrap: ModuleType, tmp_path: Path) -> Any:
    return bootstrap.Environment(tmp_path / ".perpdesk")


@pytest.fixture
def pip_says(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> PipSays:
    """Let pip print some lines and end with a code; the list fills with the locks that it was asked to install."""

    def stand_in(*lines: str, code: int = 0) -> list[Path]:
        asked: list[Path] = []

        def popen(command: list[str], **options: object) -> subprocess.Popen[str]:
            asked.append(Path(command[-1]))
            script = f"import sys; print({chr(10).join(lines)!r}); sys.exit({code})"
            return real_popen([sys.executable, "-c", script], **options)

        def run(command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
            if command[1:3] == ["-m", "venv"]:
                python = Path(command[3]) / "bin" / "python"
                python.parent.mkdir(parents=True)
                python.symlink_to(sys.executable)
                return subprocess.CompletedProcess(command, 0, "")
            return real_run(command, **options)

        real_popen, real_run = subprocess.Popen, subprocess.run
        seam = ModuleType("subprocess")
        seam.__dict__.update(vars(subprocess), Popen=popen, run=run)
        monkeypatch.setattr(bootstrap, "subprocess", seam)
        return asked

    return stand_in


pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-in environment is laid out as on POSIX")


# ---- what it needs


def test_every_python_since_3_8_can_read_the_script() -> None:
    ast.parse(SCRIPT.read_text(encoding="utf-8"), feature_version=(3, 8))


def test_only_the_standard_library_is_imported() -> None:
    tree = ast.parse(SCRIPT.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names


def test_old_python_is_told_which_newer_one_to_use(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "NEWER_PYTHONS", ("python-that-is-absent", sys.executable))
    with pytest.raises(
        bootstrap.CannotStartError, match=r"needs Python 3\.11 or newer and this is Python 3\.8"
    ) as told:
        bootstrap.check_python((3, 8, 18), "demo")
    assert str(told.value).endswith(f"run: {sys.executable} install/bootstrap.py demo")


def test_old_python_alone_is_told_to_install_one(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "NEWER_PYTHONS", ("python-that-is-absent",))
    with pytest.raises(bootstrap.CannotStartError, match=r"install a newer one from python\.org"):
        bootstrap.check_python((3, 10, 0), "demo")


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 13, 1), (4, 0, 0)])
def test_new_python_is_accepted(bootstrap: ModuleType, version: tuple[int, int, int]) -> None:
    bootstrap.check_python(version, "demo")


def test_python_without_venv_is_told_the_debian_package(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ensurepip" else object())
    with pytest.raises(bootstrap.CannotStartError, match=r"without ensurepip.* apt install python3\.\d+-venv"):
        bootstrap.check_tools()


@pytest.mark.parametrize(("arguments", "code"), [([], 2), (["dmeo"], 2), (["--help"], 0)])
def test_without_a_known_command_the_usage_is_shown(
    bootstrap: ModuleType, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int
) -> None:
    assert bootstrap.main(arguments) == code
    assert "install/bootstrap.py demo" in capsys.readouterr().out


# ---- reuse


def test_second_run_reuses_the_environment(bootstrap: ModuleType, environment: Any, pip_says: PipSays) -> None:
    asked = pip_says()
    environment.ensure(bootstrap.RUNTIME)
    environment.ensure(bootstrap.RUNTIME)
    assert asked == [bootstrap.RUNTIME]


def test_the_environment_has_the_command_line(
    bootstrap: ModuleType, environment: Any, pip_says: PipSays, capsys: pytest.CaptureFixture[str]
) -> None:
    pip_says()
    environment.ensure(bootstrap.RUNTIME)
    command = environment.venv / "bin" / "perpdesk"
    assert os.access(command, os.X_OK)
    assert f'exec "{environment.python}" -P -m xladdin.hosts.command_line.cli "$@"' in command.read_text(
        encoding="utf-8"
    )
    assert str(command) in capsys.readouterr().out
    (path_file,) = environment.venv.glob("lib/*/site-packages/perpdesk.pth")
    assert path_file.read_text(encoding="utf-8") == f"{ROOT}\n"


def test_development_lock_adds_to_a_finished_environment_and_serves_both(
    bootstrap: ModuleType, environment: Any, pip_says: PipSays
) -> None:
    asked = pip_says()
    environment.ensure(bootstrap.RUNTIME)
    kept = environment.venv / "kept"
    kept.touch()
    environment.ensure(bootstrap.DEVELOPMENT)
    environment.ensure(bootstrap.RUNTIME)
    assert asked == [bootstrap.RUNTIME, bootstrap.DEVELOPMENT]
    assert kept.exists()


def test_changed_lock_makes_the_environment_anew(bootstrap: ModuleType, environment: Any, pip_says: PipSays) -> None:
    asked = pip_says()
    environment.ensure(bootstrap.RUNTIME)
    left_over = environment.venv / "left-over"
    left_over.touch()
    bootstrap.RUNTIME.write_text("numpy==2.5.5\n", encoding="utf-8")
    environment.ensure(bootstrap.RUNTIME)
    assert len(asked) == 2
    assert not left_over.exists()


def test_half_made_environment_is_made_anew(bootstrap: ModuleType, environment: Any, pip_says: PipSays) -> None:
    half = environment.venv / "lib" / "half-a-package"
    half.mkdir(parents=True)
    pip_says()
    environment.ensure(bootstrap.RUNTIME)
    assert not half.exists()
    assert environment.holds(bootstrap.RUNTIME)


def test_failed_addition_leaves_no_stamp(bootstrap: ModuleType, environment: Any, pip_says: PipSays) -> None:
    pip_says()
    environment.ensure(bootstrap.RUNTIME)
    pip_says("ERROR: interrupted", code=1)
    with pytest.raises(bootstrap.CannotStartError):
        environment.ensure(bootstrap.DEVELOPMENT)
    assert not environment.holds(bootstrap.RUNTIME)


def test_environment_whose_python_is_gone_is_not_trusted(
    bootstrap: ModuleType, environment: Any, pip_says: PipSays
) -> None:
    pip_says()
    environment.ensure(bootstrap.RUNTIME)
    environment.python.unlink()
    assert not environment.holds(bootstrap.RUNTIME)


# ---- when it goes wrong


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            "WARNING: Retrying (Retry(total=4)) after connection broken by 'NewConnectionError(': Failed to establish "
            "a new connection: [Errno -3] Temporary failure in name resolution')'\n"
            "ERROR: No matching distribution found for numpy==2.4.6",
            "cannot reach its package index; check the network",
        ),
        ("pip._vendor.urllib3.exceptions.ReadTimeoutError: Read timed out.", "cannot reach its package index"),
        ("SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]", "set PIP_CERT"),
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "disk is full"),
        ("OSError: [WinError 112] There is not enough space on the disk", "disk is full"),
        (
            "ERROR: Could not install packages due to an OSError: [Errno 13] Permission denied: '/x'",
            "may not write here",
        ),
        ("ERROR: No matching distribution found for numpy==2.4.6", "no ready-made build of a package for Python"),
        ("ERROR: Failed building wheel for llvmlite", "use a 64-bit Python 3.11, 3.12 or 3.13"),
        ("something nobody has seen before", "could not be made; what was said is in"),
    ],
)
def test_what_pip_says_is_put_into_words(
    bootstrap: ModuleType, environment: Any, pip_says: PipSays, words: str, told: str
) -> None:
    pip_says("Collecting numpy==2.4.6", words, code=1)
    with pytest.raises(bootstrap.CannotStartError) as caught:
        environment.ensure(bootstrap.RUNTIME)
    assert told in str(caught.value)
    assert str(environment.log) in str(caught.value)
    assert words in environment.log.read_text(encoding="utf-8")


def test_a_hiccup_that_pip_got_over_is_not_blamed(bootstrap: ModuleType, environment: Any, pip_says: PipSays) -> None:
    hiccup = "WARNING: Retrying (Retry(total=4)) after connection broken by 'NewConnectionError('"
    pip_says("Collecting numpy==2.4.6", hiccup, "Collecting llvmlite", "ERROR: Failed building wheel", code=1)
    with pytest.raises(bootstrap.CannotStartError, match="no ready-made build"):
        environment.ensure(bootstrap.RUNTIME)


def test_too_little_space_is_said_before_anything_is_made(
    bootstrap: ModuleType, environment: Any, pip_says: PipSays, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = pip_says()
    monkeypatch.setattr(bootstrap, "SPACE_NEEDED", {bootstrap.RUNTIME: 1e18})
    with pytest.raises(bootstrap.CannotStartError, match=r"GB free and 1000000000\.0 GB are needed"):
        environment.ensure(bootstrap.RUNTIME)
    assert asked == []
    assert not environment.venv.exists()


@pytest.mark.parametrize(
    ("number", "told"),
    [(errno.ENOSPC, "disk is full"), (errno.EACCES, "cannot be written"), (errno.EROFS, "cannot be written")],
)
def test_errors_of_the_system_are_put_into_words(
    bootstrap: ModuleType, environment: Any, monkeypatch: pytest.MonkeyPatch, number: int, told: str
) -> None:
    def refuse(self: Path, **_: object) -> None:
        raise OSError(number, "refused", str(self))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(bootstrap.CannotStartError, match=told):
        environment.ensure(bootstrap.RUNTIME)


def test_failed_virtual_environment_is_put_into_words(
    bootstrap: ModuleType, environment: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap.sys, "executable", shutil.which("false"))
    with pytest.raises(bootstrap.CannotStartError, match=r"could not be made; what was said is in .*install\.log"):
        environment.ensure(bootstrap.RUNTIME)


def test_a_problem_is_one_message_and_no_traceback(
    bootstrap: ModuleType,
    environment: Any,
    pip_says: PipSays,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(bootstrap, "COMMANDS", {"demo": bootstrap.Command(bootstrap.RUNTIME, (), None)})
    pip_says("Collecting numpy", "[Errno 28] No space left on device", code=1)
    assert bootstrap.main(["demo"], environment) == 1
    error = capsys.readouterr().err
    assert error.startswith("PerpDesk cannot start: the disk is full")
    assert "Traceback" not in error


def test_interruption_is_one_message(
    bootstrap: ModuleType, environment: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(_: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(environment, "ensure", interrupt)
    assert bootstrap.main(["demo"], environment) == 130
    assert "Run the same command again" in capsys.readouterr().err


# ---- what it runs


@pytest.mark.parametrize(("script", "code"), [("", 0), ("raise SystemExit(5)", 5)])
def test_exit_code_and_arguments_pass_through(
    bootstrap: ModuleType,
    environment: Any,
    pip_says: PipSays,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    script: str,
    code: int,
) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "job.py").write_text(f"import sys; assert sys.argv[1:] == ['fixed', '-q', 'x']; {script}\n", "utf-8")
    monkeypatch.setattr(bootstrap, "ROOT", project)
    monkeypatch.setattr(
        bootstrap, "COMMANDS", {"test": bootstrap.Command(bootstrap.DEVELOPMENT, (("job", "fixed"),), None)}
    )
    pip_says()
    assert bootstrap.main(["test", "-q", "x"], environment) == code


def test_every_module_of_a_command_runs_and_the_first_failure_counts(
    bootstrap: ModuleType, environment: Any, pip_says: PipSays, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "job.py").write_text("import sys; open(sys.argv[1], 'w'); sys.exit(int(sys.argv[1]))\n", "utf-8")
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    jobs = (("job", "0"), ("job", "3"), ("job", "4"))
    monkeypatch.setattr(bootstrap, "COMMANDS", {"check": bootstrap.Command(bootstrap.DEVELOPMENT, jobs, tmp_path)})
    pip_says()
    assert bootstrap.main(["check"], environment) == 3
    assert [(tmp_path / name).exists() for name in "034"] == [True, True, True]


def test_a_file_in_the_users_folder_does_not_stand_in_for_ours(
    bootstrap: ModuleType, environment: Any, pip_says: PipSays, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    for folder, code in ((ours, 0), (theirs, 9)):
        folder.mkdir()
        (folder / "job.py").write_text(f"raise SystemExit({code})\n", "utf-8")
    monkeypatch.setattr(bootstrap, "ROOT", ours)
    monkeypatch.setattr(bootstrap, "COMMANDS", {"demo": bootstrap.Command(bootstrap.RUNTIME, (("job",),), None)})
    monkeypatch.setenv("PYTHONPATH", str(theirs))
    monkeypatch.chdir(theirs)
    pip_says()
    assert bootstrap.main(["demo"], environment) == 0


def test_the_notice_of_a_command_comes_before_its_modules(
    bootstrap: ModuleType,
    environment: Any,
    pip_says: PipSays,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    command = bootstrap.Command(bootstrap.DEVELOPMENT, (("platform",),), None, "takes a while")
    monkeypatch.setattr(bootstrap, "COMMANDS", {"test": command})
    pip_says()
    assert bootstrap.main(["test"], environment) == 0
    said = capsys.readouterr().out
    assert 0 < said.index("takes a while") < said.index("Running platform")


def test_the_tests_say_how_long_they_take_and_options_go_to_pytest(bootstrap: ModuleType) -> None:
    command = bootstrap.COMMANDS["test"]
    assert [module for module, *_ in command.modules] == ["pytest"]
    assert "minutes" in command.notice
    assert command.folder == ROOT
