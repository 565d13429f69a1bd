"""A pane: a canvas on the screen that repaints only the rows that changed.

A pane has a function that draws it.  On a step it draws anew, compares the picture with the one that stands on the
screen, and asks Textual to repaint the rows that differ; only these become text in colours again.  No layout runs, and
no widget is made.  For a new size it draws when its first row is asked for, so the first frame of a screen is complete.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual.geometry import Region, Size
from textual.message import Message
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from bpstep.tui.careful import Careful
from bpstep.tui.look import Look
from bpstep.unexpected import told
from bpstep.view.drawing.canvas import Canvas, Press, Row
from bpstep.view.drawing.layout import cut

if TYPE_CHECKING:
    from textual.events import Click

    from bpstep.tui.host import Host

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


def _stretches(rows: Sequence[int]) -> list[tuple[int, int]]:
    """Rows in ascending order, as stretches of neighbours: the first of each and how many they are."""
    found: list[tuple[int, int]] = []
    for y in rows:
        first, count = found[-1] if found else (y, 0)
        if first + count == y and found:
            found[-1] = first, count + 1
        else:
            found.append((y, 1))
    return found


class Pane(Careful, Widget):
    """Shows what ``draw(width, height)`` draws."""

    class Clicked(Message):
        """A part of the picture that stands for a command was clicked."""

        def __init__(self, line: str) -> None:
            super().__init__()
            self.line = line

    class Pressed(Message):
        """A key that is shown was clicked."""

        def __init__(self, shown: str) -> None:
            super().__init__()
            self.shown = shown

    app: Host

    def __init__(self, draw: Draw, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.drawer = draw
        self._canvas: Canvas | None = None
        #: The rows that stand on the screen, as they were drawn and as Textual has them.
        self._rows: dict[int, Row] = {}
        self._strips: dict[int, Strip] = {}
        self._look: Look | None = None
        self._drawn_for = Size()

    def redraw(self, look: Look | None = None) -> None:
        """Draw anew, in the look of this moment; repaint what differs."""
        size = self.size
        if size and self.display and (changed := self._draw(look or self.app.look, size)):
            self.refresh(*(Region(0, y, size.width, rows) for y, rows in _stretches(changed)))

    def _draw(self, look: Look, size: Size) -> Sequence[int]:
        """Draw for the size of this moment; the rows that differ from what was drawn before."""
        (width, height), before = size, self._canvas
        # While a screen is being resized a pane can be narrower than anything fits in, for one frame.
        fits = width >= _LEAST
        canvas = self._canvas = careful(self.drawer, width, height) if fits else Canvas(width, height)
        if before is None or self._look is not look or self._drawn_for != size:
            self._drawn_for, self._look = size, look
            self._rows.clear()
            self._strips.clear()
            return range(height)
        changed = []
        for y in canvas.rows_unlike(before):
            row = canvas.row(y, look.glyphs)
            if row != self._rows.get(y):
                self._rows[y] = row
                self._strips.pop(y, None)
                changed.append(y)
        return changed

    def on_resize(self) -> None:
        """Shown, or of another size: what happened while it was hidden is drawn now."""
        self.redraw()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Some rows of the pane: it has no border and no padding, whose upkeep costs more than its rows."""
        size = self.size
        if self._drawn_for != size or self._look is None:
            self._draw(self.app.look, size)
        known = self._strips
        strips = [known[y] if y in known else self.render_line(y) for y in crop.line_range]
        whole = crop.column_span == (0, size.width)
        return strips if whole else [strip.crop(*crop.column_span) for strip in strips]

    def render_line(self, y: int) -> Strip:
        """One row of the pane."""
        strip, canvas, look = self._strips.get(y), self._canvas, self._look or self.app.look
        if strip is None:
            row = self._rows.get(y)
            if row is None:
                row = canvas.row(y, look.glyphs) if canvas is not None and y < canvas.height else ()
            self._rows[y] = row
            cells = canvas.width if canvas is not None and row else 0
            strip = self._strips[y] = look.strip(row, cells, self._drawn_for.width)
        return strip

    def on_click(self, event: Click) -> None:
        """What stands for a command submits it, and a key is pressed."""
        self.take_click(event.x, event.y)

    def take_click(self, x: int, y: int) -> None:
        """A click on a cell of the picture."""
        target = self._canvas.target_at(x, y) if self._canvas is not None else None
        if isinstance(target, Press):
            self.post_message(self.Pressed(target))
        elif target is not None:
            self.post_message(self.Clicked(target))
