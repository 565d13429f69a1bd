"""What lies over the step: no cover, or one; a cover that comes takes the place of the one that was there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical

from bpstep.tui.stage import Stage

if TYPE_CHECKING:
    from bpstep.tui.ask_cover import AskCover
    from bpstep.tui.cover import Cover

__all__ = ["Covers"]


class Covers:
    """The place of covers in the main column of a stepper."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.top: Cover | AskCover | None = None

    def lay(self, cover: Cover | AskCover) -> None:
        """Let a cover stand in the place of step, chain and tables."""
        self.lift()
        self.top = cover
        self._set_classes(True, cover.covers_all, cover.leaves_tables)
        self.stage.query_one("#main", Vertical).mount(cover, before="#table")
        cover.focus()
        self.stage.call_after_refresh(self.stage.redraw)

    def lift(self) -> None:
        """Back to the step."""
        if self.top is None:
            return
        self.top.is_lifted = True
        self.top.remove()
        self.top = None
        self._set_classes(False, False, False)
        self.stage.call_after_refresh(self.stage.redraw)

    def _set_classes(self, covered: bool, all_of_it: bool, but_tables: bool) -> None:
        self.stage.set_class(covered, "-covered")
        self.stage.set_class(all_of_it, "-covered-all")
        self.stage.set_class(but_tables, "-covered-but-tables")
