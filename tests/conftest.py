"""What all tests share."""

import gc
import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from bpstep.engine import setup

#: What nobody expected is seen by the tests, and not told in a line.
os.environ["BPSTEP_RAISE"] = "1"

settings.register_profile("bpstep", deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
settings.register_profile(
    "explore", deadline=None, max_examples=1000, suppress_health_check=list(HealthCheck)
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "bpstep"))


@pytest.fixture(autouse=True)
def any_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test depends on the terminal that the tests are run in."""
    for name in ("COLUMNS", "LINES", "NO_COLOR", "CI"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def nothing_planted_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """The graphs that the engine keeps are those of one test: another one may have planted a wrong derivative."""
    monkeypatch.setattr(setup, "_recent", ())


@pytest.fixture(scope="session")
def states(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Folders for the state of one test each: numbered here, as the factory would look at all there are for each."""
    under = tmp_path_factory.mktemp("states")
    return (under / str(number) for number in count())


@pytest.fixture(autouse=True)
def nobodys_progress(states: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test reads or writes progress or settings of whoever runs the tests; here is where both are kept instead."""
    folder = next(states)
    folder.mkdir()
    monkeypatch.setenv("BPSTEP_STATE", str(folder))
    monkeypatch.setenv("BPSTEP_CONFIG", str(folder))
    return folder


def pytest_collection_finish() -> None:
    """What was collected is there to the end: whoever looks for garbage need not go through it each time."""
    gc.collect()
    gc.freeze()
