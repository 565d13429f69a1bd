"""Layout: formulas as tables with three rows, where the number stands under its symbol.

A formula is a row of *terms* with *operators* between them.  Each term is a column: symbol, number and label
start in the same place, and a sign hangs in the column before, so the digits start under the first letter.
A column is as wide as its widest row.  A text that opens with a sign or a blank is taken for a number with
its sign column, as `numbers.NumberFormat.show` writes it:

    >>> from bpstep.view.drawing.canvas import Canvas
    >>> table = FormulaTable(
    ...     Term(Run(" ∂E/∂y(h1)", "deriv"), Run(" 0", "deriv"), Run("so far", "dim"), signed=False),
    ...     Operator("+=", "+"),
    ...     Term(Run("δ(o1)", "deriv"), Run("+0.1385", "deriv-read"), Run("upstream", "dim")),
    ...     Operator("·", "×"),
    ...     Term(Run("w(h1→o1)", "param"), Run(" 0.4000", "param-read"), Run("local", "dim")),
    ...     Operator("", "="),
    ...     Term(Run(""), Run("+0.05540… ", "deriv-chip"), Run("1 of 2 arrived", "dim")),
    ... )
    >>> canvas = Canvas(85, 3)
    >>> table.draw(canvas, 2, 0, width=82)
    3
    >>> print(canvas.text())
       ∂E/∂y(h1)  +=   δ(o1)     ·   w(h1→o1)
       0          +   +0.1385    ×   0.4000    =  +0.05540…
      so far           upstream      local         1 of 2 arrived

(The first term is not `signed`: its texts are placed as they are, and so its label starts where the pane's
other lines do.)  Where the row does not fit, the gaps shrink from two columns to one, long names are
shortened, the gaps go, and last the row folds at an operator.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from textwrap import TextWrapper

from bpstep.lazily import dataclass
from bpstep.view.drawing.canvas import Canvas, Press, Run
from bpstep.view.drawing.hints import keys_in
from bpstep.view.drawing.naming import cut, lengths, shortened
from bpstep.view.drawing.numbers import MINUS, NumberFormat
from bpstep.view.drawing.roles import Kind, Part, role_for

__all__ = [
    "NOTHING",
    "FormulaTable",
    "Operator",
    "Term",
    "Track",
    "cut",
    "fitting",
    "folded_lines",
    "hairline",
    "number_role",
    "number_run",
]

NOTHING = Run("")


@dataclass(frozen=True)
class Track:
    """Where a column stands: its sign at `x`, first digits and letters at `at`; it ends before `end`."""

    x: int
    at: int
    end: int

    @property
    def width(self) -> int:
        """Columns from the sign to the end."""
        return self.end - self.x

    def start(self, text: str) -> int:
        """Find the column where a text starts: numbers bring their sign column with them."""
        return self.x if text.startswith((" ", "+", MINUS)) else self.at

    def put(self, canvas: Canvas, y: int, run: Run) -> None:
        """Write a symbol, a number or a label in its place."""
        canvas.put(self.start(run.text), y, *run)

    def moved(self, by: int) -> Track:
        """The same track, so many columns further to the right."""
        return Track(self.x + by, self.at + by, self.end + by)

    @classmethod
    def holding(cls, x: int, texts: Sequence[str], *, signed: bool = True, least: int = 0) -> Track:
        """Make a track at `x` that is as wide as its widest text, and at least `least`."""
        track = cls(x, x + signed, x)
        widest = max((track.start(text) + len(text) for text in texts if text), default=x)
        return cls(x, x + signed, max(widest, x + least))


@dataclass(frozen=True)
class Term:
    """A column of a formula: symbol over number over label; `yours` is what a learner has for the number, and stands
    below it."""

    symbol: Run
    number: Run
    label: Run = NOTHING
    signed: bool = True
    yours: Run = NOTHING

    def shown(self, symbol: Run, *, with_yours: bool = False) -> tuple[Run, ...]:
        """Give the rows, with the symbol as it is shortened."""
        return (
            (symbol, self.number, self.yours, self.label) if with_yours else (symbol, self.number, self.label)
        )


@dataclass(frozen=True)
class Operator:
    """What stands between two columns: `· += −=` in the row of symbols, `× + −` in the row of numbers."""

    symbol: str
    number: str
    role: str = "dim"

    @property
    def width(self) -> int:
        """Columns of the wider of the two."""
        return max(len(self.symbol), len(self.number))


_Placed = tuple[int, Operator | None, Track, tuple[Run, ...]]


class FormulaTable:
    """Terms and operators in turn, beginning and ending with a term; a row more where a learner has numbers of it.
    ``names`` may be shortened in symbols."""

    ROWS = 3

    def __init__(self, *items: Term | Operator, names: tuple[str, ...] = ()) -> None:
        terms, operators = items[::2], items[1::2]
        self._terms = [item for item in terms if isinstance(item, Term)]
        self._operators = [item for item in operators if isinstance(item, Operator)]
        if len(items) % 2 == 0 or len(self._terms) + len(self._operators) != len(items):
            raise ValueError("a formula is terms with one operator between each two")
        self._with_yours = any(term.yours.text for term in self._terms)
        self._names = names
        #: The lines in widths that were asked for: how many rows there are is asked before they are drawn.
        self._known_lines: dict[int, list[list[_Placed]]] = {}

    @property
    def _height(self) -> int:
        """The rows of a line of the formula."""
        return self.ROWS + self._with_yours

    def rows(self, width: int) -> int:
        """Say how many rows `draw` needs: those of every line of a folded formula."""
        return self._height * len(self._lines(width))

    def draw(self, canvas: Canvas, x: int, y: int, width: int) -> int:
        """Draw the table within `width` columns from (x, y); give the number of rows used."""
        lines = self._lines(width)
        for number, line in enumerate(lines):
            for place, operator, track, rows in line:
                top = y + self._height * number
                if operator:
                    canvas.put(x + place, top, operator.symbol, operator.role)
                    canvas.put(x + place, top + 1, operator.number, operator.role)
                shifted = track.moved(x)
                for row, run in enumerate(rows):
                    shifted.put(canvas, top + row, run)
        return self._height * len(lines)

    def _lines(self, width: int) -> list[list[_Placed]]:
        """The lines of a formula that begins in column 0."""
        if width not in self._known_lines:
            self._known_lines[width] = self._found_lines(width)
        return self._known_lines[width]

    def _found_lines(self, width: int) -> list[list[_Placed]]:
        least = 0
        for gap, least in self._ways():
            line = self._placed(math.inf, gap, least)[0]
            if line[-1][2].end <= width:
                return [line]
        return self._placed(width, 1, least)

    def _ways(self) -> Iterator[tuple[int, int]]:
        """The ways to lay it in one row, from the widest on: the gap, and how long names may be (0: as they are)."""
        yield from ((2, 0), (1, 0))
        least = 0
        for least in lengths([term.symbol.text for term in self._terms], self._names):
            yield 1, least
        yield 0, least

    def _placed(self, limit: float, gap: int, most: int = 0) -> list[list[_Placed]]:
        """Place column after column, names at ``most`` so long; one that would pass the limit begins a new line, with
        its operator."""
        lines: list[list[_Placed]] = [[]]
        place = 0
        for term, operator in zip(self._terms, [None, *self._operators], strict=True):
            text, role = term.symbol
            symbol = Run(shortened(text, self._names, most), role) if most else term.symbol
            rows = term.shown(symbol, with_yours=self._with_yours)
            placed = self._column(place, operator, rows, gap, signed=term.signed)
            if lines[-1] and placed[2].end > limit:
                lines.append([])
                placed = self._column(0, operator, rows, gap, signed=term.signed)
            lines[-1].append(placed)
            place = placed[2].end + gap
        return lines

    @staticmethod
    def _column(
        place: int, operator: Operator | None, rows: tuple[Run, ...], gap: int, *, signed: bool
    ) -> _Placed:
        start = place + operator.width + gap if operator else place
        track = Track.holding(start, [run.text for run in rows], signed=signed)
        return place, operator, track, rows


def number_run(
    numbers: NumberFormat,
    kind: Kind,
    x: float | None,
    state: str = "final",
    *,
    part: Part = "known",
    width: int | None = None,
) -> Run:
    """Write a number in the role that its kind, its state and its part in this step give it.

    Of what this step does not write, an unset or stale number is dim, one set by hand bold, one that is not
    finite in the alarm colour; so is one that a learner has otherwise, unless this step reads it.

        >>> number_run(NumberFormat(), "deriv", 0.0554, "partial", part="written")
        Run(text='+0.05540…', role='deriv-chip')
    """
    return Run(numbers.show(kind, x, state, width), number_role(kind, x, state, part))


def number_role(kind: Kind, x: float | None, state: str, part: Part) -> str:
    """The role of a number, as `number_run` gives it."""
    if part == "written" or state == "asked":
        return role_for(kind, "written")
    if x is None or state in ("unset", "stale"):
        return "dim"
    if not math.isfinite(x):
        return "not-finite"
    if state == "disagrees" and part == "known":
        return "alarm"
    return role_for(kind, "read" if state == "overridden" else part)


def fitting(texts: Sequence[str], width: int) -> str:
    """The first of some texts that has room; the last one, cut, where none has.

    >>> fitting(["output · 3 · softmax", "output · softmax", "output"], 16)
    'output · softmax'
    """
    return next((text for text in texts if len(text) <= width), cut(texts[-1], width))


#: A label: words, and more than a blank before what it stands for.
_LABEL = re.compile(r" *\S+(?: \S+)* {2,}(?=\S)")


def folded_lines(lines: Sequence[tuple[str, str]], width: int) -> list[tuple[str, str]]:
    """Lines of a text with its role, in a place `width` columns wide: what is longer goes on in the next row, where
    the line above began; of a label and a text, where the text began.

    >>> folded_lines([("  one and two", "text")], 9)
    [('  one and', 'text'), ('  two', 'text')]
    >>> folded_lines([("one  two and three", "text")], 15)
    [('one  two and', 'text'), ('     three', 'text')]
    """
    found: list[tuple[str, str]] = []
    for text, role in lines:
        label = _LABEL.match(text)
        start = label.end() if label is not None and label.end() <= width // 2 else 0
        indent = " " * (start or min(len(text) - len(text.lstrip()), width // 2))
        fold = TextWrapper(max(1, width), subsequent_indent=indent, break_on_hyphens=False)
        wrapped = [text] if len(text) <= width else fold.wrap(text)
        found += [(line, role) for line in wrapped]
    return found


def hairline(
    canvas: Canvas,
    x: int,
    y: int,
    width: int,
    *labels: Sequence[tuple[str, str]],
    right: Sequence[tuple[str, str]] = (),
) -> None:
    """Draw the title line of a pane: a hairline with labels in it, each of one or more runs.

    What stands at the right is cut, or left out where there is no room for a few letters of it.

        >>> canvas = Canvas(40, 1)
        >>> title = [("step 2", "strong"), ("  term", "value-read")]
        >>> hairline(canvas, 0, 0, 40, title, right=[("next", "dim")])
        >>> print(canvas.text())
        ─ step 2  term ────────────────── next ─
    """
    canvas.put(x, y, "─" * width, "hairline")
    place = x + 1
    for label in labels:
        place = _framed(canvas, place, y, label, x + width - 1 - place) + 1
    room = x + width - 1 - place
    length = sum(len(text) for text, _ in right) + 2
    if right and room >= min(length, 10):
        start = x + width - 1 - min(length, room)
        _framed(canvas, start, y, right, room)
        for at, count, key in keys_in("".join(text for text, _ in right)):
            canvas.link(start + 1 + at, y, min(count, x + width - 2 - start - at), 1, Press(key))


def _framed(canvas: Canvas, x: int, y: int, runs: Sequence[tuple[str, str]], room: int) -> int:
    """Write runs with a blank before and after them, in at most `room` columns; give the column after."""
    left = room - 2
    if left <= 0:
        return x
    x = canvas.put(x, y, " ", "")
    for text, role in runs:
        shown = cut(text, left)
        x = canvas.put(x, y, shown, role)
        left -= len(shown)
    return canvas.put(x, y, " ", "")
