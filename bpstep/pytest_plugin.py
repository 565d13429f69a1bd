"""pytest collects ``*.bps``: a folder of scripts is a test suite.

Each script is one item.  It is checked and replayed like `bpstep replay` does, and a failure prints what that
prints.  Scripts share nothing, so they run in parallel under pytest-xdist.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

__all__ = ["ScriptFile", "ScriptItem", "pytest_addoption", "pytest_collect_file"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """What `bpstep replay --trust` says, for scripts that pytest collects."""
    parser.addoption(
        "--bpstep-trust",
        action="store_true",
        help="let scripts (*.bps) reach files outside their own folders",
    )


def pytest_collect_file(parent: pytest.Collector, file_path: Path) -> pytest.Collector | None:
    """Collect scripts."""
    if file_path.suffix == ".bps":
        return ScriptFile.from_parent(parent, path=file_path)
    return None


class ScriptFile(pytest.File):
    """A script."""

    def collect(self) -> Iterator[pytest.Item]:
        yield ScriptItem.from_parent(self, name=self.path.stem)


class ScriptError(Exception):
    """What a script expected in vain."""


class ScriptItem(pytest.Item):
    """The replay of a script."""

    def runtest(self) -> None:
        from bpstep.replay import replay_script

        trusted = bool(self.config.getoption("bpstep_trust"))
        _, failures = replay_script(self.path, self.path.name, keep_going=True, trusted=trusted)
        if failures:
            raise ScriptError("\n".join(str(failure) for failure in failures))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str:
        if isinstance(excinfo.value, ScriptError):
            return str(excinfo.value)
        return str(super().repr_failure(excinfo, style))

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, f"script {self.name}"
