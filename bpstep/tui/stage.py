"""The stepper as its parts know it: what lies over it, the player, the command line."""

from __future__ import annotations

from bpstep.debugger.console import Console
from bpstep.tui.pane import Pane
from bpstep.tui.reading import Reading

__all__ = ["Stage"]


class Stage(Reading):
    """A screen on which a run is walked through, and on which covers lie."""

    def __init__(self, session: Console) -> None:
        super().__init__(session)
        #: The commands that were typed, the last one last.
        self.history: list[str] = []

    def redraw_keys(self) -> None:
        """Draw the key line anew, and nothing else."""
        for keys in self.query("#keys").results(Pane):  # a screen that is left has none
            keys.redraw()
