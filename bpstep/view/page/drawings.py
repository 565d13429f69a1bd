"""A store of drawings, in which nothing stands twice.

From one step to the next a picture changes in a row or two.  So a row of text in roles is kept once, under a number; a
drawing is the numbers of its rows, and is kept once, too.  A row is one string: its runs, each after the letter of its
role, with line ends between them.  A character that stands many times in a row is followed by how often, as a character
of the private use area, which no text has (`bpstep.visible`).

    >>> store = Drawings()
    >>> store.add([[("net ", "dim"), ("0.5", "value")], [], [("net ", "dim"), ("0.5", "value")]])
    0
    >>> store.rows, store.drawings, store.roles
    (['Anet \\nB0.5', ''], [(0, 1, 0)], ['dim', 'value'])
    >>> shortened("a" + 9 * "─"), lengthened(shortened("a" + 9 * "─"))
    ('a─\\ue009', 'a─────────')
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from string import ascii_letters, digits

from bpstep.view.drawing.canvas import Canvas
from bpstep.view.formats.html import Rows
from bpstep.visible import visible

__all__ = ["LETTERS", "Drawings", "lengthened", "shortened"]

#: The letters that stand for roles, in the order in which the roles come up.
LETTERS = ascii_letters[26:] + ascii_letters[:26] + digits

#: How often a character stands in a row is said from here on, where it is this often or more.
_COUNTS, _OFTEN = 0xE000, 5
_REPEATED = re.compile(rf"(.)\1{{{_OFTEN - 1},254}}")
_COUNTED = re.compile("(.)([\ue000-\ue0ff])")


def shortened(text: str) -> str:
    """A text with the number of times instead of a character that stands many times in a row."""
    return _REPEATED.sub(lambda found: found[1] + chr(_COUNTS + len(found[0])), text)


def lengthened(text: str) -> str:
    """The text that was `shortened`."""
    return _COUNTED.sub(lambda found: found[1] * (ord(found[2]) - _COUNTS), text)


class Drawings:
    """Rows and drawings by number, and the roles that there are."""

    def __init__(self) -> None:
        self._rows: dict[str, int] = {}
        self._drawings: dict[tuple[int, ...], int] = {}
        self._letters: dict[str, str] = {}
        self._known: dict[tuple[tuple[str, str], ...], int] = {}
        self._standing: dict[Hashable, tuple[Canvas, list[int]]] = {}

    def add(self, rows: Rows) -> int:
        """The number of a drawing; blank rows at its end are left out."""
        return self._numbered([self._row(row) for row in rows])

    def _numbered(self, rows: Sequence[int]) -> int:
        end, blank = len(rows), self._rows.get("")
        while end and rows[end - 1] == blank:
            end -= 1
        return self._drawings.setdefault(tuple(rows[:end]), len(self._drawings))

    def follow(self, place: Hashable, canvas: Canvas) -> int:
        """The number of the drawing that stands in a place now; only rows unlike those that stood there are new."""
        before = self._standing.get(place)
        if before is None or (before[0].width, before[0].height) != (canvas.width, canvas.height):
            numbers = [self._row(row) for row in canvas.rows()]
        else:
            numbers = before[1].copy()
            for y in canvas.rows_unlike(before[0]):
                numbers[y] = self._row(canvas.row(y))
        self._standing[place] = canvas, numbers
        return self._numbered(numbers)

    @property
    def rows(self) -> list[str]:
        """The rows, in the order of their numbers."""
        return list(self._rows)

    @property
    def drawings(self) -> list[tuple[int, ...]]:
        """The drawings, in the order of their numbers: the numbers of their rows."""
        return list(self._drawings)

    @property
    def roles(self) -> list[str]:
        """The roles, in the order of their letters."""
        return list(self._letters)

    def _row(self, row: Sequence[tuple[str, str]]) -> int:
        key = tuple(row)
        if key not in self._known:
            self._known[key] = self._new(row)
        return self._known[key]

    def _new(self, row: Sequence[tuple[str, str]]) -> int:
        runs = [(visible(text), role) for text, role in row]
        while runs and not runs[-1][0].strip():  # a chip ends with its number, never with blanks
            runs.pop()
        if runs:
            runs[-1] = runs[-1][0].rstrip(), runs[-1][1]
        text = "\n".join(self._letter(role) + shortened(text) for text, role in runs)
        return self._rows.setdefault(text, len(self._rows))

    def _letter(self, role: str) -> str:
        return self._letters.setdefault(role, LETTERS[len(self._letters)])
