"""A screen over the screen: it asks for something, or is read, and goes away once."""

from __future__ import annotations

from typing import Generic, TypeVar

from textual.screen import ModalScreen

from bpstep.tui.careful import Careful

__all__ = ["Over"]

Result = TypeVar("Result")


class Over(Careful, ModalScreen[Result], Generic[Result]):
    """A modal screen that leaves with a result."""

    def leave_with(self, result: Result) -> None:
        """Go away.  A second key may be on its way when the first has done so, and must not take the screen behind."""
        if self.is_current:
            self.dismiss(result)
