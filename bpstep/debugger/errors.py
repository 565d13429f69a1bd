"""What can be wrong with a command: one clear line, the place in it, and an exit code."""

from __future__ import annotations

from enum import IntEnum

from bpstep.scenario.problems import did_you_mean
from bpstep.visible import visible, visible_lines

__all__ = [
    "NOT_COMPARED",
    "NOT_JUDGED",
    "CommandError",
    "ExitCode",
    "ExpectationError",
    "ForbiddenError",
    "did_you_mean",
    "pointed_at",
]


#: So much of a line is shown around the trouble.
_SHOWN_BEFORE, _SHOWN_AFTER = 60, 18


#: What is answered to whoever wants to hold a run against another, while it is asked whether it is right.
NOT_JUDGED = "whether this run is right is what is asked: nothing is held against it until that is answered"
NOT_COMPARED = "where these numbers went wrong is what is asked: they are compared when that is answered"


class ExitCode(IntEnum):
    """How bpstep ends (formats, section 5)."""

    OK = 0
    FAILED = 1
    USAGE = 2
    RUNNING = 3
    INTERRUPTED = 130


class CommandError(Exception):
    """A command that can not be carried out.

    ``column`` is the place of the trouble in the line, from 0.  ``code`` is USAGE for what could have been
    known before anything ran, FAILED for what only turned out (a place that does not exist, an
    expectation that does not hold).  The message may quote what was typed: it is made safe for a terminal here.
    """

    def __init__(self, message: str, column: int = 0, code: ExitCode = ExitCode.USAGE) -> None:
        self.message, self.column, self.code = visible_lines(message), column, code
        super().__init__(self.message)


class ForbiddenError(CommandError):
    """A command that names a file which whoever gives it may not have, in whatever state the session is."""


class ExpectationError(CommandError):
    """An expectation that does not hold; ``details`` are the lines that help to find out why."""

    def __init__(self, message: str, column: int, details: list[str]) -> None:
        super().__init__(message, column, ExitCode.FAILED)
        self.details = [visible(line) for line in details]


def pointed_at(line: str, column: int) -> tuple[str, str]:
    """A line as it is shown, and below it a caret at the trouble.

    What is shown as an escape pushes the caret aside, and of a long line only the part around the trouble is shown.

    >>> pointed_at("print foo", 6)
    ('print foo', '      ^')
    """
    column, room = max(0, column), _SHOWN_BEFORE + _SHOWN_AFTER
    before, behind = visible(line[:column]), visible(line[column:])
    if len(before) + len(behind) > room and len(before) > _SHOWN_BEFORE:
        before = "…" + before[-_SHOWN_BEFORE:]
    if len(before) + len(behind) > room:
        behind = behind[: room - len(before)] + "…"
    return before + behind, " " * len(before) + "^"
