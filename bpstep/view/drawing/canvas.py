"""The canvas: one grid of (character, role) that every pane is drawn on.

There are two layers.  Below lie the *strokes*, kept as four arms per cell (see `glyphs`); above lie the
*labels*, text that covers the strokes under it.  A stroke runs from the middle of one cell to the middle of
another, so a wire that ends on a lane, a frame or another wire joins it, and one that ends under a label
disappears there.  Draw light wires first, the heavy one last, labels after that:

    >>> canvas = Canvas(14, 3)
    >>> canvas.box(0, 0, 5, 3)
    >>> canvas.hline(4, 1, 9)
    >>> canvas.vline(9, 0, 2)
    >>> canvas.path([(4, 1), (9, 1), (9, 0), (13, 0)], "edge-active-deriv", heavy=True)
    >>> _ = canvas.put(6, 1, "◀", "edge-active-deriv")
    >>> print(canvas.text())
    ╭───╮    ┏━━━╸
    │   ┝━◀━━┩
    ╰───╯    ╵

What leaves the canvas is text (`text`), or rows of runs for the screen (`row`), which asks for those alone that
may look unlike those of the picture before (`rows_unlike`).  Whatever lies outside is clipped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import compress, pairwise
from operator import ne
from typing import Literal, NamedTuple

from bpstep.view.drawing.glyphs import FULL, HEAVY, LIGHT, GlyphSet, arms, printable
from bpstep.view.drawing.line import Line, blank_line

__all__ = ["Canvas", "Direction", "Press", "Row", "Run", "row_text"]

Direction = Literal["up", "right", "down", "left"]


class Run(NamedTuple):
    """A text in one role: what the layouts are given to draw."""

    text: str
    role: str = "text"


#: A row as it leaves the canvas: texts, each in one role.
Row = tuple[tuple[str, str], ...]


def row_text(row: Iterable[tuple[str, str]]) -> str:
    """The text of a row, without the blanks at its end."""
    return "".join(text for text, _ in row).rstrip()


class Press(str):
    """The key that a click stands for, by the name that it is shown with: no command, for only a screen has keys."""

    __slots__ = ()


#: The command or the key that a click stands for; or what tells it, if there is one, from the place within a link.
Target = str | Callable[[int, int], str | None]


class _Link(NamedTuple):
    x: int
    y: int
    width: int
    height: int
    target: Target


_ARROWS: dict[Direction, str] = {"right": "▶", "left": "◀", "up": "↑", "down": "↓"}


class Canvas:
    """A grid of `width` × `height` cells; (0, 0) is the upper left one."""

    __slots__ = ("_beneath", "_lines", "_links", "height", "width")

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = max(width, 0), max(height, 0)
        self._lines = [blank_line(self.width)] * self.height
        self._links: list[_Link] = []
        self._beneath = False  # whether what is drawn comes below what is there

    # -- drawing ---------------------------------------------------------------------------------------------

    def put(self, x: int, y: int, text: str, role: str = "text") -> int:
        """Write a label over whatever is there, blanks included; give the column after it.

        Characters that a terminal must not get are shown as `?` (see `glyphs.printable`).
        """
        end = x + len(text)
        first, last = max(x, 0), min(end, self.width)
        if 0 <= y < self.height and first < last:
            self._own(y).put(first, printable(text)[first - x : last - x], role, beneath=self._beneath)
        return end

    def put_runs(self, x: int, y: int, runs: Iterable[tuple[str, str]]) -> int:
        """Write labels one after the other; give the column after the last."""
        for text, role in runs:
            x = self.put(x, y, text, role)
        return x

    def hline(self, x: int, y: int, to: int, role: str = "edge", *, heavy: bool = False) -> None:
        """Draw a horizontal stroke from the middle of column `x` to the middle of column `to`."""
        low, high = sorted((x, to))
        if not 0 <= y < self.height or low == high:
            return
        weight = HEAVY if heavy else LIGHT
        right, both = arms(right=weight), arms(right=weight, left=weight)
        stroke = self._own(y).stroke
        for column in range(max(low, 0), min(high, self.width - 1) + 1):
            shape = right if column == low else both if column < high else both - right
            stroke(column, shape, weight, role, beneath=self._beneath)

    def vline(self, x: int, y: int, to: int, role: str = "edge", *, heavy: bool = False) -> None:
        """Draw a vertical stroke from the middle of row `y` to the middle of row `to`."""
        low, high = sorted((y, to))
        if not 0 <= x < self.width or low == high:
            return
        weight = HEAVY if heavy else LIGHT
        down, both = arms(down=weight), arms(up=weight, down=weight)
        for row in range(max(low, 0), min(high, self.height - 1) + 1):
            shape = down if row == low else both if row < high else both - down
            self._own(row).stroke(x, shape, weight, role, beneath=self._beneath)

    def path(self, points: Sequence[tuple[int, int]], role: str = "edge", *, heavy: bool = False) -> None:
        """Draw strokes through the points (column, row); each must share a row or a column with the next."""
        for (x, y), (next_x, next_y) in pairwise(points):
            if y == next_y:
                self.hline(x, y, next_x, role, heavy=heavy)
            elif x == next_x:
                self.vline(x, y, next_y, role, heavy=heavy)
            else:
                raise ValueError(f"({x}, {y}) and ({next_x}, {next_y}) share neither a row nor a column")

    def stub(self, x: int, y: int, *directions: Direction, role: str = "edge", heavy: bool = False) -> None:
        """Draw arms in one cell only: from its middle to its edge (`stub(x, y, "up", "right")` is `╰`)."""
        if 0 <= x < self.width and 0 <= y < self.height:
            weight = HEAVY if heavy else LIGHT
            shape = arms(**dict.fromkeys(directions, weight))
            self._own(y).stroke(x, shape, weight, role, beneath=self._beneath)

    def box(
        self, x: int, y: int, width: int, height: int, role: str = "edge", *, heavy: bool = False
    ) -> None:
        """Draw a frame whose outer size is `width` × `height`; what is inside stays."""
        right, bottom = x + width - 1, y + height - 1
        self.path([(x, y), (right, y), (right, bottom), (x, bottom), (x, y)], role, heavy=heavy)

    def brackets(self, x: int, y: int, width: int, height: int) -> None:
        """Draw what holds an array together, at both sides of a place whose outer size is `width` × `height`."""
        right, bottom = x + width - 1, y + height - 1
        if height == 1:
            self.put(x, y, "[", "edge")
            self.put(right, y, "]", "edge")
            return
        self.vline(x, y, bottom)
        self.vline(right, y, bottom)
        for row in (y, bottom):
            self.stub(x, row, "right")
            self.stub(right, row, "left")

    def arrow(self, x: int, y: int, direction: Direction, role: str = "edge") -> None:
        """Put an arrow head on a stroke."""
        self.put(x, y, _ARROWS[direction], role)

    def beneath(self) -> Canvas:
        """The same picture, to be drawn on from below: labels that are there cover what comes now, and strokes keep
        their role beside others of their weight."""
        twin = Canvas(0, 0)
        twin.width, twin.height, twin._lines, twin._links = self.width, self.height, self._lines, self._links
        twin._beneath = True
        return twin

    def clear(self, x: int, y: int, width: int, height: int) -> None:
        """Take away labels, strokes and links in a rectangle."""
        first, last = max(x, 0), min(x + width, self.width)
        for row in range(max(y, 0), min(y + height, self.height)):
            if first < last and self._lines[row] is not blank_line(self.width):
                self._own(row).clear(slice(first, last))
        self._links = [
            link
            for link in self._links
            if not (
                x <= link.x
                and link.x + link.width <= x + width
                and y <= link.y
                and link.y + link.height <= y + height
            )
        ]

    def blit(self, x: int, y: int, other: Canvas) -> None:
        """Draw another canvas on this one: its strokes join those here, its labels cover, its links hold."""
        left, right = max(0, -x), min(other.width, self.width - x)
        here, there = slice(x + left, x + right), slice(left, right)
        whole = x == 0 and self.width == other.width
        empty, empty_there = blank_line(self.width), blank_line(other.width)
        for row in range(max(0, -y), min(other.height, self.height - y) if left < right else 0):
            line = other._lines[row]
            if line is empty_there:
                continue
            if whole and self._lines[y + row] is empty:
                line.shared = True
                self._lines[y + row] = line
            else:
                self._own(y + row).draw(line, here, there, beneath=self._beneath)
        self._links += [_Link(one.x + x, one.y + y, *one[2:]) for one in other._links]

    def top(self, height: int) -> Canvas:
        """The upper rows of the picture, to be drawn on."""
        twin = Canvas(self.width, min(height, self.height))
        twin._lines, twin._links = self._lines[: twin.height], self._links.copy()
        for line in twin._lines:
            line.shared = True
        return twin

    def scroll(self, rows: int) -> None:
        """Move everything up by so many rows; the uppermost go, and below come empty ones."""
        kept = self._lines[rows:]
        self._lines = kept + [blank_line(self.width)] * (self.height - len(kept))
        self._links = [link._replace(y=link.y - rows) for link in self._links]

    def restyle(self, x: int, y: int, width: int, change: Callable[[str], str]) -> None:
        """Change the roles of what is drawn in part of a row, blanks too (the current line of a list).

        `change` gets the role of a cell ("" where nothing is drawn) and gives the new one.
        """
        if 0 <= y < self.height:
            self._own(y).restyle(slice(max(x, 0), max(0, min(x + width, self.width))), change)

    def link(self, x: int, y: int, width: int, height: int, target: Target) -> None:
        """Say what a click on a rectangle means: a command, or a key (`Press`)."""
        self._links.append(_Link(x, y, width, height, target))

    # -- emitting --------------------------------------------------------------------------------------------

    def target_at(self, x: int, y: int) -> str | None:
        """Find the command, or the key, of the last link that covers a cell."""
        for link in reversed(self._links):
            if link.x <= x < link.x + link.width and link.y <= y < link.y + link.height:
                target = link.target
                return target if isinstance(target, str) else target(x - link.x, y - link.y)
        return None

    def row(self, y: int, glyphs: GlyphSet = FULL) -> Row:
        """Give one row as runs that together are exactly as wide as the canvas; "" is the role of nothing."""
        if not self.width:
            return ()
        line, roles = self._lines[y].shown()
        line = glyphs.translate(line)
        changes = compress(range(1, self.width), map(ne, roles, roles[1:]))
        return tuple([(line[at:end], roles[at]) for at, end in pairwise((0, *changes, self.width))])

    def rows(self, glyphs: GlyphSet = FULL) -> list[Row]:
        """Give all rows as runs."""
        return [self.row(y, glyphs) for y in range(self.height)]

    def rows_unlike(self, other: Canvas) -> list[int]:
        """List the rows that were not drawn as those of another canvas of the same size; under their labels they may
        look the same all the same."""
        assert (self.width, self.height) == (other.width, other.height)
        pairs = enumerate(zip(self._lines, other._lines, strict=True))
        return [y for y, (line, before) in pairs if line is not before and not line.is_drawn_as(before)]

    def text(self, glyphs: GlyphSet = FULL) -> str:
        """Give the picture as plain text, without blanks at the ends of lines."""
        return "\n".join(glyphs.translate(line.shown()[0]).rstrip() for line in self._lines)

    # -- inside ----------------------------------------------------------------------------------------------

    def _own(self, y: int) -> Line:
        """A row, to be drawn on."""
        line = self._lines[y]
        if line.shared:
            line = self._lines[y] = line.copy()
        return line
