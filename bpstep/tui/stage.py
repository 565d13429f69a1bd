"""The stepper as what lies over it knows it: a cover, a command line.

A cover reads the session, submits commands, and asks to be taken away; which covers there are is known to the stepper
alone.
"""

from __future__ import annotations

from textual.widget import Widget

from bpstep.debugger.console import Console
from bpstep.tui.reading import Reading

__all__ = ["Stage"]


class Stage(Reading):
    """A screen on which a run is walked through, and on which covers lie."""

    def __init__(self, session: Console) -> None:
        super().__init__(session)
        #: The commands that were typed, the last one last.
        self.history: list[str] = []

    @property
    def covered_by(self) -> Widget | None:
        """The cover that lies on it, if there is one."""
        raise NotImplementedError

    def uncover(self) -> None:
        """Take the cover away."""
        raise NotImplementedError

    def turn_view(self, by: int) -> None:
        """Another view of the strip, so many further on."""
        raise NotImplementedError

    def action_help(self) -> None:
        """Every key and every command."""
        raise NotImplementedError
