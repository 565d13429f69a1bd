"""A screen over the screen: it asks for something, or is read, and goes away once.

A page and a chooser leave the stepper's key line in sight, and what it offers works: a key that they have no use for
takes them away, and is the stepper's (`with_keys_behind`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, TypeVar

from textual.binding import Binding, BindingType
from textual.events import Click
from textual.screen import ModalScreen

from bpstep.tui.careful import Careful
from bpstep.tui.keys import KEYS
from bpstep.tui.pane import Pane
from bpstep.tui.running import Running

__all__ = ["Over", "with_keys_behind"]

Result = TypeVar("Result")


def with_keys_behind(own: Iterable[Binding]) -> list[BindingType]:
    """The bindings of a screen over the stepper: its own, and every other key of the stepper."""
    own = list(own)
    taken = {key for binding in own for key in binding.key.split(",")}
    free = [(row, [name for name in row.keys.split(",") if name not in taken]) for row in KEYS]
    return [
        *own,
        *(
            Binding(",".join(names), f"behind('{row.id}')", show=False, id=row.id)
            for row, names in free
            if names
        ),
    ]


class Over(Careful, ModalScreen[Result], Generic[Result]):
    """A modal screen that leaves with a result."""

    def leave_with(self, result: Result | None) -> None:
        """Go away.  A second key may be on its way when the first has done so, and must not take the screen behind."""
        if self.is_current:
            self.dismiss(result)

    def cover_panes(self, pane: Pane, rows: int, width: int = 0) -> None:
        """Put a pane over whole panes of the screen behind, so that no half of one is seen: over those below the
        network where that is room enough, else over the main column, or all columns where it is wider."""
        stepper = next(screen for screen in reversed(self.app.screen_stack) if screen.query("#main"))
        main = stepper.query("#main").first().region
        network = stepper.query("#network")
        below = network.first().region.bottom if network and network.first().display else main.y
        top = below if rows <= main.bottom - below else main.y
        pane.styles.margin = (top, 0, 0, 0)
        pane.styles.height = main.bottom - top
        pane.styles.width = main.width if width <= main.width else self.size.width

    def on_click(self, event: Click) -> None:
        """The key line of the screen behind stays in sight: a key there is pressed, and this has it first."""
        for pane in self.app.screen_stack[-2].query("#keys").results(Pane):
            region = pane.region
            if region.contains(*event.screen_offset):
                pane.take_click(*(event.screen_offset - region.offset))

    async def action_behind(self, key: str) -> None:
        """Away with this, and on with the key at the stepper."""
        behind = self.app.screen_stack[-2]
        if self.is_current and isinstance(behind, Running):
            row = next(row for row in KEYS if row.id == key)
            self.leave_with(None)
            await behind.run_action(row.does)
