"""One question, one row: what to open."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Input

from bpstep.tui.field import Field
from bpstep.tui.keys import bound_in
from bpstep.tui.over import Over

__all__ = ["Ask"]


class Ask(Over[str | None]):
    """Asks for a line of text; answers with it, or None where one leaves."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bound_in(
            "ask",
            {
                "escape": "leave",
            },
            priority=True,
        )
    ]

    def __init__(self, what: str) -> None:
        super().__init__(classes="command-line")
        self.what = what

    def compose(self) -> ComposeResult:
        yield Field(placeholder=f"{self.what}; Esc leaves")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter."""
        self.leave_with(event.value.strip())

    def action_leave(self) -> None:
        """Esc."""
        self.leave_with(None)
