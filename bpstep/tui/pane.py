"""A pane: a canvas on the screen that repaints only the rows that changed.

A pane has a function that draws it.  On a step it draws anew, compares the rows with those that stand on the
screen, and asks Textual to repaint the ones that differ.  No layout runs, and no widget is made.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from bpstep.view.canvas import Canvas, Row, changed_rows

if TYPE_CHECKING:
    from textual.events import Click

    from bpstep.tui.app import BpstepApp

__all__ = ["Pane"]

Draw = Callable[[int, int], Canvas]


class Pane(Widget):
    """Shows what ``draw(width, height)`` draws."""

    class Clicked(Message):
        """A part of the picture that stands for a command was clicked."""

        def __init__(self, line: str) -> None:
            super().__init__()
            self.line = line

    app: BpstepApp

    def __init__(self, draw: Draw, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.drawer = draw
        self._rows: list[Row] = []
        self._strips: dict[int, Strip] = {}
        self._canvas: Canvas | None = None
        self._look: object = None

    def redraw(self) -> None:
        """Draw anew; repaint what differs."""
        if not self.size.width or not self.size.height or not self.display:
            return
        self._canvas = self.drawer(self.size.width, self.size.height)
        rows = self._canvas.rows(self.app.glyphs)
        look = self.app.look
        if look != self._look:
            self._rows, self._look = [], look
        changed = changed_rows(self._rows, rows)
        self._rows = rows
        for y in changed:
            self._strips.pop(y, None)
        if len(changed) > len(rows) // 2:
            self.refresh()
        else:
            for y in changed:
                self.refresh(Region(0, y, self.size.width, 1))

    def on_resize(self) -> None:
        """Draw for the new size."""
        self._rows = []
        self._strips.clear()
        self.redraw()

    def render_line(self, y: int) -> Strip:
        """One row of the pane."""
        strip = self._strips.get(y)
        if strip is None:
            strip = self._strips[y] = self._strip(y)
        return strip

    def _strip(self, y: int) -> Strip:
        styles, base = self.app.role_styles, self.app.base_style
        if y >= len(self._rows):
            return Strip.blank(self.size.width, base)
        segments = [Segment(text, base + styles.get(role, Style.null())) for text, role in self._rows[y]]
        return Strip(segments, self.size.width)

    def on_click(self, event: Click) -> None:
        """What stands for a command submits it."""
        line = self._canvas.target_at(event.x, event.y) if self._canvas is not None else None
        if line is not None:
            self.post_message(self.Clicked(line))
