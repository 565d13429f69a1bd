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
        self.fit()
        self.stage.query_one("#main", Vertical).mount(cover, before="#table")
        cover.focus()
        self.stage.call_after_refresh(self.stage.redraw)

    def fit(self) -> None:
        """Give the cover the room that it needs now: what it shows may be another page."""
        top = self.top
        for name, holds in (
            ("-covered", top is not None),
            ("-covered-all", top is not None and top.covers_all),
            ("-covered-but-tables", top is not None and top.leaves_tables and not top.is_page),
            ("-covered-by-page", top is not None and top.is_page),
        ):
            self.stage.set_class(holds, name)

    def lift(self) -> None:
        """Back to the step."""
        if self.top is None:
            return
        self.top.is_lifted = True
        if self.top.has_focus_within or self.top.has_focus:
            self.stage.set_focus(None)  # it goes away in its own time, and no key shall be its any more
        self.top.remove()
        self.top = None
        self.fit()
        self.stage.call_after_refresh(self.stage.redraw)
