"""A pane: a canvas on the screen that repaints only the rows that changed.

A pane has a function that draws it.  On a step it draws anew, compares the picture with the one that stands on the
screen, and asks Textual to repaint the rows that differ; only these become text in colours again.  No layout runs, and
no widget is made.  For a new size it draws when its first row is asked for, so the first frame of a screen is complete.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.geometry import Region, Size
from textual.message import Message
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from bpstep.tui.careful import Careful
from bpstep.unexpected import told
from bpstep.view.canvas import Canvas
from bpstep.view.layout import cut

if TYPE_CHECKING:
    from textual.events import Click

    from bpstep.tui.app import BpstepApp

__all__ = ["Draw", "Pane", "careful", "fitted"]

_LEAST = 20

Draw = Callable[[int, int], Canvas]


def fitted(screen: Screen[None]) -> None:
    """Give a screen that is being made the classes of its breakpoints: Textual does it after the first frame, which
    would jump."""
    size = screen.app.size
    for length, breakpoints in (
        (size.width, screen.HORIZONTAL_BREAKPOINTS),
        (size.height, screen.VERTICAL_BREAKPOINTS),
    ):
        reached = [name for least, name in sorted(breakpoints or []) if length >= least]
        screen.add_class(*reached[-1:], update=False)


def careful(draw: Draw, width: int, height: int) -> Canvas:
    """What is drawn; where that fails, the place says so and the others stay."""
    try:
        return draw(width, height)
    except Exception as error:
        canvas = Canvas(width, height)
        canvas.put(0, 0, cut(told(error), width), "alarm")
        return canvas


class Pane(Careful, Widget):
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
        self._canvas: Canvas | None = None
        self._strips: dict[int, Strip] = {}
        self._look: object = None
        self._drawn_for = Size()

    def redraw(self) -> None:
        """Draw anew; repaint what differs."""
        if self.size.width and self.size.height and self.display and (changed := self._draw()):
            self.refresh(*(Region(0, y, self.size.width, 1) for y in changed))

    def _draw(self) -> list[int]:
        """Draw for the size and look of this moment; the rows that differ from what was drawn before."""
        width, height = self.size
        before = self._canvas
        # While a screen is being resized a pane can be narrower than anything fits in, for one frame.
        canvas = self._canvas = (
            careful(self.drawer, width, height) if width >= _LEAST else Canvas(width, height)
        )
        if before is not None and (self._drawn_for, self._look) == (self.size, self.app.look):
            changed = canvas.rows_unlike(before)
        else:
            changed = list(range(height))
            self._drawn_for, self._look = self.size, self.app.look
        for y in changed:
            self._strips.pop(y, None)
        return changed

    def on_resize(self) -> None:
        """Shown, or of another size: what happened while it was hidden is drawn now."""
        self.redraw()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Some rows of the pane: it has no border and no padding, whose upkeep costs more than its rows."""
        filters, background = self.get_line_filters(), self.background_colors[1]
        strips = [self.render_line(y) for y in crop.line_range]
        for one in filters:
            strips = [strip.apply_filter(one, background) for strip in strips]
        whole = crop.column_span == (0, self.size.width)
        return strips if whole else [strip.crop(*crop.column_span) for strip in strips]

    def render_line(self, y: int) -> Strip:
        """One row of the pane."""
        if self._drawn_for != self.size:
            self._draw()
        strip = self._strips.get(y)
        if strip is None:
            strip = self._strips[y] = self._strip(y)
        return strip

    def _strip(self, y: int) -> Strip:
        looks, canvas, width = self.app.looks, self._canvas, self.size.width
        if canvas is None or y >= canvas.height:
            return Strip.blank(width, looks[""])
        runs = canvas.row(y, self.app.glyphs)
        strip = Strip([Segment(text, looks.get(role, looks[""])) for text, role in runs], canvas.width)
        return strip if canvas.width == width else strip.adjust_cell_length(width, looks[""])

    def on_click(self, event: Click) -> None:
        """What stands for a command submits it."""
        line = self._canvas.target_at(event.x, event.y) if self._canvas is not None else None
        if line is not None:
            self.post_message(self.Clicked(line))
