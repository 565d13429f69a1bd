"""What is read on the stepper: notes, and the step in words, in the rows that the other panes leave.

Nothing that is written for the learner is cut for good: a note, and a step, get the rows that they need as far as the
chain and the tables can give some; what has no room of its own stands in the place of the chain, and Tab reads on.
"""

from __future__ import annotations

from textual.containers import Vertical

from bpstep.debugger.console import Console
from bpstep.tui.pane import Pane
from bpstep.tui.running import Running
from bpstep.view import notes, step
from bpstep.view.canvas import Canvas
from bpstep.view.frame import Frame
from bpstep.view.layout import hairline

__all__ = ["Reading"]

#: On a screen from this many rows on, a note up to this long has rows of its own.
_ROOM_FOR_NOTES, _LONGEST_NOTE = 32, 6
#: The rows of the tables, and those that a note leaves them.
_TABLE, _LEAST_TABLE = 8, 3
#: The rows that the chain keeps where a step needs more than usual.
_LEAST_CHAIN = 4
#: The rows of title, timeline and keys.
_AROUND = 3


class Reading(Running):
    """A stepper whose words can be read, whatever its size."""

    #: The line from which on a note that stands in the place of the chain is read; None where it has been read.
    note_from: int | None = 0
    #: The view of the strip that is chosen; "" is the first.
    view_name = ""

    def __init__(self, session: Console) -> None:
        super().__init__(session)
        #: What all panes are drawn from.
        self.frame = Frame.of(session)

    @property
    def roomy(self) -> bool:
        """Whether the tables have a pane of their own."""
        return self.size.height >= 36

    def place_note(self) -> None:
        """Where there is height a note has rows of its own; else it stands in the place of the chain."""
        pane, rows = self.query_one("#note", Pane), self._rows_of_note
        if rows:
            pane.styles.height = rows
        if self.roomy:
            self.query_one("#table", Pane).styles.height = max(_LEAST_TABLE, _TABLE - rows)
        pane.display = rows > 0

    def place_step(self) -> None:
        """A step that needs more rows than usual takes them from the chain, as far as that has rows to give."""
        tables = self._rows_of("#table") if self.roomy else 0
        taken = _AROUND + self._rows_of("#network") + self._rows_of_note + tables + _LEAST_CHAIN
        wanted = step.rows_wanted(self.frame, self._main_width)
        self.query_one("#step", Pane).styles.min_height = max(0, min(wanted, self.size.height - taken))

    def _rows_of(self, name: str) -> int:
        """The rows that a pane is given: it may not have been laid out yet."""
        styles = self.query_one(name, Pane).styles
        return max(int(length.value) for length in (styles.height, styles.min_height) if length is not None)

    @property
    def holds_words(self) -> bool:
        """Whether the words of the step stand in its pane."""
        return step.holds_words(self.frame, self._main_width, self._rows_of("#step"))

    @property
    def _main_width(self) -> int:
        """The width of the main column: a pane that is not shown yet has none."""
        return self.query_one("#main", Vertical).size.width or self.size.width

    @property
    def _rows_of_note(self) -> int:
        """The rows that the note has for itself, or 0."""
        note = self.frame.note
        if note is None or self.size.height < _ROOM_FOR_NOTES:
            return 0
        rows = len(notes.note_lines(self.frame, note, self._main_width))
        return rows if rows <= _LONGEST_NOTE else 0

    def draw_note(self, width: int, height: int) -> Canvas:
        """The note in its own rows."""
        note = self.frame.note
        return notes.draw(self.frame, note, width, height) if note is not None else Canvas(width, height)

    @property
    def note_covers(self) -> bool:
        """Whether a note stands in the place of the chain."""
        return (
            self.frame.note is not None
            and self.note_from is not None
            and not self._rows_of_note
            and (self.roomy or not self.view_name)
        )

    def draw_note_in_part(self, width: int, height: int) -> Canvas:
        """A note in the place of the chain, from the line on to which one has read."""
        note, first = self.frame.note, self.note_from or 0
        canvas = Canvas(width, height)
        if note is None:
            return canvas
        is_all = first + height - 1 >= len(notes.note_lines(self.frame, note, width))
        then = "Tab chain rule" if is_all else "Tab to read on"
        hairline(canvas, 0, 0, width, [("note", "strong")], right=[(then, "dim" if is_all else "key")])
        canvas.blit(0, 1, notes.draw(self.frame, note, width, height - 1, first))
        return canvas

    def read_on(self) -> None:
        """The next lines of the note, or the chain that it covers."""
        pane, note = self.query_one("#chain", Pane), self.frame.note
        first = (self.note_from or 0) + pane.size.height - 1
        is_all = note is None or first >= len(notes.note_lines(self.frame, note, pane.size.width))
        self.note_from = None if is_all else first
        self.redraw()

    def draw_words(self, width: int, height: int) -> Canvas:
        """The step in words."""
        canvas = Canvas(width, height)
        hairline(canvas, 0, 0, width, [("in words", "strong")], right=[("Tab next view", "dim")])
        for y, line in enumerate(step.in_words(self.frame, width), 1):
            canvas.put(2, y, line, "text")
        return canvas
