"""What nobody expected: an error of bpstep's own becomes one line, and the program goes on.

What a user gets wrong has an exception of its own (`CommandError`, `ScenarioError`) and a line that says what was
expected.  Anything else is a fault of the program.  It must not cost anybody their session, so a face that meets one
asks here for the line to show instead of a traceback:

    bpstep itself failed here (KeyError: 'tangent', engine/values.py:27); please report it

Where ``BPSTEP_RAISE`` is set it is raised on: the tests set it, so that no fault hides behind its line.
"""

from __future__ import annotations

import os
import traceback
from pathlib import Path

from bpstep.visible import visible

__all__ = ["is_raised", "told"]

_HOME = Path(__file__).parent


def is_raised() -> bool:
    """Whether what nobody expects is raised on instead of told."""
    return bool(os.environ.get("BPSTEP_RAISE"))


def told(error: Exception) -> str:
    """The line for an error that nobody expected; where ``BPSTEP_RAISE`` is set, the error itself."""
    if is_raised():
        raise error
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    fault = f"{visible(what[:200])}{_where(error)}"
    return f"bpstep itself failed here ({fault}); please report it"


def _where(error: Exception) -> str:
    """The innermost place in bpstep."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).is_relative_to(_HOME)]
    return f", {Path(own[-1].filename).relative_to(_HOME).as_posix()}:{own[-1].lineno}" if own else ""
