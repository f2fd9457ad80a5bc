"""The pins of install/requirements.lock that hold for Windows' own Python of the version given, one a line."""

from __future__ import annotations

import sys
from pathlib import Path

from packaging.requirements import Requirement

LOCK = Path(__file__).parents[2] / "install" / "requirements.lock"


def windows_pins(python: str) -> list[str]:
    place = {
        "sys_platform": "win32",
        "platform_system": "Windows",
        "os_name": "nt",
        "python_version": python,
        "python_full_version": f"{python}.9",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    lines = LOCK.read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return [f"{pin.name}{pin.specifier}" for pin in pins if pin.marker is None or pin.marker.evaluate(place)]


if __name__ == "__main__":
    print(*windows_pins(sys.argv[1]), sep="\n")
