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

from bpstep.view.drawing.glyphs import FULL, HEAVY, LIGHT, STROKES, GlyphSet, arms, printable

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


# Or-ing two packed arms gives 3 where light meets heavy: heavy wins.
_HEAVIER = tuple(arms(*(min(packed >> shift & 3, HEAVY) for shift in (0, 2, 4, 6))) for packed in range(256))
_ARROWS: dict[Direction, str] = {"right": "▶", "left": "◀", "up": "↑", "down": "↓"}


#: What a canvas looks like; the weights only decide which role a stroke gets.
_LAYERS = ("_chars", "_roles", "_packed", "_stroke_roles")


class Canvas:
    """A grid of `width` × `height` cells; (0, 0) is the upper left one."""

    __slots__ = (
        "_chars", "_links", "_packed", "_roles", "_stroke_roles", "_weights", "height", "width",
    )  # fmt: skip

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = max(width, 0), max(height, 0)
        cells = self.width * self.height
        self._chars = [""] * cells  # labels; "" lets the strokes through
        self._roles = [""] * cells
        # Strokes; made with the first, for many canvases have labels alone, and go the quicker way.
        self._packed: list[int] = []
        self._weights: list[int] = []
        self._stroke_roles: list[str] = []
        self._links: list[_Link] = []

    # -- drawing ---------------------------------------------------------------------------------------------

    def put(self, x: int, y: int, text: str, role: str = "text") -> int:
        """Write a label over whatever is there, blanks included; give the column after it.

        Characters that a terminal must not get are shown as `?` (see `glyphs.printable`).
        """
        end = x + len(text)
        first, last = max(x, 0), min(end, self.width)
        if 0 <= y < self.height and first < last:
            start = y * self.width
            self._chars[start + first : start + last] = printable(text)[first - x : last - x]
            self._roles[start + first : start + last] = [role] * (last - first)
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
        for column in range(max(low, 0), min(high, self.width - 1) + 1):
            shape = right if column == low else both if column < high else both - right
            self._stroke(y * self.width + column, shape, weight, role)

    def vline(self, x: int, y: int, to: int, role: str = "edge", *, heavy: bool = False) -> None:
        """Draw a vertical stroke from the middle of row `y` to the middle of row `to`."""
        low, high = sorted((y, to))
        if not 0 <= x < self.width or low == high:
            return
        weight = HEAVY if heavy else LIGHT
        down, both = arms(down=weight), arms(up=weight, down=weight)
        for row in range(max(low, 0), min(high, self.height - 1) + 1):
            shape = down if row == low else both if row < high else both - down
            self._stroke(row * self.width + x, shape, weight, role)

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
            self._stroke(y * self.width + x, shape, weight, role)

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

    def clear(self, x: int, y: int, width: int, height: int) -> None:
        """Take away labels and strokes in a rectangle."""
        first, last = max(x, 0), min(x + width, self.width)
        for row in range(max(y, 0), min(y + height, self.height)):
            part = slice(row * self.width + first, row * self.width + max(first, last))
            count = part.stop - part.start
            self._chars[part], self._roles[part] = [""] * count, [""] * count
            if self._packed:
                self._packed[part], self._weights[part] = [0] * count, [0] * count
                self._stroke_roles[part] = [""] * count

    def blit(self, x: int, y: int, other: Canvas) -> None:
        """Draw another canvas on this one: its strokes join those here, its labels cover, its links hold."""
        if other._packed:
            self._take_strokes()
        left, right = max(0, -x), min(other.width, self.width - x)
        top, bottom = max(0, -y), min(other.height, self.height - y)
        if x == 0 and self.width == other.width:  # as one block, where it is as wide as this
            spans = [(top, bottom)] if top < bottom else []
        else:
            spans = [(row, row + 1) for row in range(top, bottom)] if left < right else []
        for row, end in spans:
            here = slice((y + row) * self.width + x + left, (y + end - 1) * self.width + x + right)
            there = slice(row * other.width + left, (end - 1) * other.width + right)
            if self._is_blank(here):
                self._chars[here], self._roles[here] = other._chars[there], other._roles[there]
                if other._packed:
                    self._packed[here], self._weights[here] = other._packed[there], other._weights[there]
                    self._stroke_roles[here] = other._stroke_roles[there]
            else:
                self._join(other, here, there)
        self._links += [_Link(one.x + x, one.y + y, *one[2:]) for one in other._links]

    def top(self, height: int) -> Canvas:
        """The upper rows of the picture, to be drawn on."""
        twin = Canvas(0, 0)
        twin.width, twin.height, twin._links = self.width, height, self._links.copy()
        for layer in (*_LAYERS, "_weights"):
            setattr(twin, layer, getattr(self, layer)[: height * self.width])
        return twin

    def scroll(self, rows: int) -> None:
        """Move everything up by so many rows; the uppermost go, and below come empty ones."""
        for layer in (*_LAYERS, "_weights"):
            cells = getattr(self, layer)
            kept = cells[rows * self.width :]
            empty = type(cells[0])() if cells else ""
            setattr(self, layer, kept + [empty] * (len(cells) - len(kept)))
        self._links = [link._replace(y=link.y - rows) for link in self._links]

    def _is_blank(self, cells: slice) -> bool:
        """Whether nothing is drawn in some cells: nothing to join, and nothing to cover."""
        return not any(self._chars[cells]) and not any(self._packed[cells])

    def _join(self, other: Canvas, here: slice, there: slice) -> None:
        """Draw cells of another canvas over cells of this one."""
        by = here.start - there.start
        for source, char in enumerate(other._chars[there], there.start):
            if char:
                self._chars[source + by], self._roles[source + by] = char, other._roles[source]
        for source, shape in enumerate(other._packed[there], there.start):
            if shape:
                self._stroke(source + by, shape, other._weights[source], other._stroke_roles[source])

    def restyle(self, x: int, y: int, width: int, change: Callable[[str], str]) -> None:
        """Change the roles of what is drawn in part of a row, blanks too (the current line of a list).

        `change` gets the role of a cell ("" where nothing is drawn) and gives the new one.
        """
        for index in self._indices(x, y, width, 1):
            if not self._chars[index] and not any(self._packed[index : index + 1]):
                self._chars[index] = " "
            self._roles[index] = change(self._roles[index])
            if self._packed:
                self._stroke_roles[index] = change(self._stroke_roles[index])

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
        line, roles = self._line(y)
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
        if self._packed or other._packed:
            self._take_strokes()
            other._take_strokes()
        pairs = [(getattr(self, layer), getattr(other, layer)) for layer in _LAYERS]
        pairs = [pair for pair in pairs if pair[0] != pair[1]]
        rows = [slice(y * self.width, (y + 1) * self.width) for y in range(self.height)] if pairs else []
        return [y for y, row in enumerate(rows) if any(a[row] != b[row] for a, b in pairs)]

    def text(self, glyphs: GlyphSet = FULL) -> str:
        """Give the picture as plain text, without blanks at the ends of lines."""
        return "\n".join(glyphs.translate(self._line(y)[0]).rstrip() for y in range(self.height))

    # -- inside ----------------------------------------------------------------------------------------------

    def _take_strokes(self) -> None:
        """Have room for strokes."""
        if not self._packed:
            cells = self.width * self.height
            self._packed, self._weights, self._stroke_roles = [0] * cells, [0] * cells, [""] * cells

    def _stroke(self, index: int, shape: int, weight: int, role: str) -> None:
        if not self._packed:
            self._take_strokes()
        self._packed[index] = _HEAVIER[self._packed[index] | shape]
        if weight >= self._weights[index]:  # the heaviest stroke gives the role, of equals the last
            self._weights[index], self._stroke_roles[index] = weight, role

    def _line(self, y: int) -> tuple[str, list[str]]:
        part = slice(y * self.width, (y + 1) * self.width)
        chars, packed = self._chars[part], self._packed[part]
        if not any(packed):  # labels alone, as in most rows
            return "".join([char or " " for char in chars]), self._roles[part]
        line = "".join([char or STROKES[shape] for char, shape in zip(chars, packed, strict=True)])
        labelled = zip(chars, self._roles[part], self._stroke_roles[part], strict=True)
        return line, [role if char else stroke for char, role, stroke in labelled]

    def _indices(self, x: int, y: int, width: int, height: int) -> Iterable[int]:
        columns = range(max(x, 0), min(x + width, self.width))
        for row in range(max(y, 0), min(y + height, self.height)):
            for column in columns:
                yield row * self.width + column
