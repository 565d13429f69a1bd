"""The command line: one row at the foot of the screen, with history and completion."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Input

from bpstep.debugger.completion import complete
from bpstep.tui.field import Field
from bpstep.tui.keys import bound_in
from bpstep.tui.over import Over

if TYPE_CHECKING:
    from bpstep.tui.host import Host
    from bpstep.tui.stage import Stage

__all__ = ["CommandLine"]


class CommandLine(Over[str | None]):
    """Asks for one command; answers with its text, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bound_in(
            "line",
            {
                "escape": "leave",
                "up": "recall(-1)",
                "down": "recall(1)",
                "tab": "complete",
            },
            priority=True,
        ),
    ]
    app: Host

    def __init__(self, stepper: Stage, start: str) -> None:
        super().__init__(classes="command-line")
        self.stepper, self.start = stepper, start
        self.at = len(stepper.history)
        self.early: list[events.Key] = []

    def compose(self) -> ComposeResult:
        field = Field(
            self.start, placeholder="a command; Tab completes, ↑ recalls, Esc leaves", select_on_focus=False
        )
        yield field

    def take(self, event: events.Key) -> None:
        """A key that came before the field could have it."""
        if not self.query(Input):
            self.early.append(event)
            return
        field = self.query_one(Input)
        if event.key == "enter":
            self.leave_with(field.value.strip() or None)
        elif event.key == "backspace":
            field.action_delete_left()
        elif event.is_printable and event.character is not None:
            field.insert_text_at_cursor(event.character)
        else:
            return
        event.prevent_default()

    def on_mount(self) -> None:
        """The field is there."""
        for event in self.early:
            self.take(event)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter."""
        self.leave_with(event.value.strip() or None)

    def action_leave(self) -> None:
        """Esc."""
        self.leave_with(None)

    def action_recall(self, by: int) -> None:
        """An earlier command, or a later one."""
        if not self.query(Input):
            return
        history = self.stepper.history
        self.at = max(0, min(len(history), self.at + by))
        self._write(history[self.at] if self.at < len(history) else "")

    def action_complete(self) -> None:
        """Complete the word before the cursor."""
        if not self.query(Input):
            return
        field = self.query_one(Input)
        before, behind = field.value[: field.cursor_position], field.value[field.cursor_position :]
        completed, choices = complete(self.stepper.session.scope, before)
        self._write(completed, behind)
        if len(choices) > 1:
            self.stepper.tell([("  ".join(choices[:40]), "dim")])

    def _write(self, text: str, behind: str = "") -> None:
        field = self.query_one(Input)
        field.value = text + behind
        field.cursor_position = len(text)
