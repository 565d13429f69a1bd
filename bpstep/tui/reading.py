"""What is read on the stepper: notes, and the step in words, in the rows that the other panes leave.

Nothing that is written for the learner is cut for good: a note, and a step, get the rows that they need as far as the
chain and the tables can give some; what has no room of its own stands in the place of the chain, and Tab reads on.
"""

from __future__ import annotations

from typing import NamedTuple

from textual.containers import Vertical

from bpstep.debugger.console import Console
from bpstep.tui.column import Part
from bpstep.tui.running import Running
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.drawing.layout import hairline
from bpstep.view.panes import network, step
from bpstep.view.scene.frame import Frame
from bpstep.view.words import notes

__all__ = ["Reading", "network_rows"]

#: On a screen from this many rows on, a note up to this long has rows of its own.
_ROOM_FOR_NOTES, _LONGEST_NOTE = 32, 6
#: From so many rows on the tables have a pane of their own.
_ROOMY = 36
#: The rows of the tables, and those that a note leaves them.
_TABLE, _LEAST_TABLE = 8, 3
#: The rows that the chain keeps where a step needs more than usual.
_LEAST_CHAIN = 4
#: The rows of title, timeline and keys; those of the network and, as a rule, of the step, on a screen of at least so
#: many rows (bpstep.tcss says the same of the network).
_AROUND = 3
_NETWORK = ((32, 12), (24, 10), (0, 9))
_STEP = ((32, 6), (24, 5), (0, 4))
#: The rows that are allotted below the network; what a higher screen has beyond them is for whoever needs it.
_ALLOTTED = 25


class Rows(NamedTuple):
    """How many rows the parts of the main column have."""

    step: int
    note: int
    chain: int
    table: int


def _rows(frame: Frame, width: int, height: int) -> Rows:
    """The rows of the main column, of so many columns, on a screen of so many rows."""
    above = network_rows(frame, height)
    room = height - _AROUND - above
    note = _rows_of_note(frame, width) if height >= _ROOM_FOR_NOTES else 0
    spare = max(0, room - _ALLOTTED) // 2  # half of what is beyond is the chain's, half the tables'
    table = max(_LEAST_TABLE, _TABLE - note) + spare if height >= _ROOMY else 0
    usual = next(rows for least, rows in _STEP if height >= least)
    wanted = step.rows_wanted(frame, width)
    high = max(usual, min(wanted, room - note - table - _LEAST_CHAIN))
    return Rows(high, note, max(0, room - high - note - table), table)


def network_rows(frame: Frame, height: int) -> int:
    """The rows of the network on a screen of so many: on a high one, as many as its cards need, as far as the rest can
    spare them."""
    usual = next(rows for least, rows in _NETWORK if height >= least)
    spare = height - _AROUND - usual - _ALLOTTED
    return max(usual, min(network.rows_wanted(frame), usual + spare)) if spare > 0 else usual


def _rows_of_note(frame: Frame, width: int) -> int:
    """The rows that the note has for itself, or 0."""
    rows = 0 if frame.note is None else len(notes.note_lines(frame, frame.note, width))
    return rows if rows <= _LONGEST_NOTE else 0


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
        return self.size.height >= _ROOMY

    @property
    def rows(self) -> Rows:
        """The rows of each part of the main column.

        Where there is height a note has rows of its own; else it stands in the place of the chain.  A step that needs
        more rows than usual takes them from the chain, as far as that has rows to give.
        """
        return self.frame.once(_rows, self._main_width, self.size.height)

    def parts(self, height: int) -> list[Part]:
        """What stands in the main column below the network."""
        rows = self.rows
        return [
            Part("step", lambda w, h: step.draw(self.frame, w, h), rows.step),
            Part("note", self.draw_note, rows.note),
            Part("chain", self.draw_chain, rows.chain),
            Part("table", self.draw_table, rows.table),
        ]

    def draw_chain(self, width: int, height: int) -> Canvas:
        """The chain, or the view that is chosen in its place."""
        raise NotImplementedError

    def draw_table(self, width: int, height: int) -> Canvas:
        """The tables, where they have rows of their own."""
        raise NotImplementedError

    @property
    def holds_words(self) -> bool:
        """Whether the words of the step stand in its pane."""
        return step.holds_words(self.frame, self._main_width, self.rows.step)

    @property
    def _main_width(self) -> int:
        """The width of the main column: a pane that is not shown yet has none."""
        return self.query_one("#main", Vertical).size.width or self.size.width

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
            and not self.rows.note
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
        note, first = self.frame.note, (self.note_from or 0) + self.rows.chain - 1
        is_all = note is None or first >= len(notes.note_lines(self.frame, note, self._main_width))
        self.note_from = None if is_all else first
        self.redraw()

    def draw_words(self, width: int, height: int) -> Canvas:
        """The step in words."""
        canvas = Canvas(width, height)
        hairline(canvas, 0, 0, width, [("in words", "strong")], right=[("Tab next view", "dim")])
        for y, line in enumerate(step.in_words(self.frame, width), 1):
            canvas.put(2, y, line, "text")
        return canvas
