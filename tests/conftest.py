"""What all tests share."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

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
def nobodys_progress(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test reads or writes progress or settings of whoever runs the tests; here is where both are kept instead."""
    folder = tmp_path_factory.mktemp("state")
    monkeypatch.setenv("BPSTEP_STATE", str(folder))
    monkeypatch.setenv("BPSTEP_CONFIG", str(folder))
    return folder
