"""The command line: one row at the foot of the screen, with history and completion."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from bpstep.debugger.completion import complete
from bpstep.tui.field import Field
from bpstep.tui.over import Over

if TYPE_CHECKING:
    from bpstep.tui.app import BpstepApp
    from bpstep.tui.stepper import Stepper

__all__ = ["CommandLine"]


class CommandLine(Over[str | None]):
    """Asks for one command; answers with its text, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("up", "recall(-1)", show=False, priority=True),
        Binding("down", "recall(1)", show=False, priority=True),
        Binding("tab", "complete", show=False, priority=True),
    ]
    app: BpstepApp

    def __init__(self, stepper: Stepper, start: str) -> None:
        super().__init__(classes="command-line")
        self.stepper, self.start = stepper, start
        self.at = len(stepper.history)

    def compose(self) -> ComposeResult:
        field = Field(
            self.start, placeholder="a command; Tab completes, ↑ recalls, Esc leaves", select_on_focus=False
        )
        yield field

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter."""
        self.leave_with(event.value.strip() or None)

    def action_leave(self) -> None:
        """Esc."""
        self.leave_with(None)

    def action_recall(self, by: int) -> None:
        """An earlier command, or a later one."""
        history = self.stepper.history
        self.at = max(0, min(len(history), self.at + by))
        self._write(history[self.at] if self.at < len(history) else "")

    def action_complete(self) -> None:
        """Complete the word at the end."""
        field = self.query_one(Input)
        completed, choices = complete(self.stepper.session, field.value)
        self._write(completed)
        if len(choices) > 1:
            self.stepper.tell([("  ".join(choices[:40]), "dim")])

    def _write(self, text: str) -> None:
        field = self.query_one(Input)
        field.value = text
        field.cursor_position = len(text)
