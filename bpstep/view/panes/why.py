"""`why` as text: a tree with columns, in which every row is an equation."""

from __future__ import annotations

import re
from collections.abc import Container, Hashable, Sequence
from dataclasses import replace
from textwrap import wrap
from typing import TYPE_CHECKING

from bpstep.debugger.moment import FINAL, GIVEN
from bpstep.debugger.session import Session
from bpstep.debugger.why import WhyNode
from bpstep.lazily import dataclass
from bpstep.view.drawing.canvas import Canvas, Row
from bpstep.view.drawing.layout import number_run
from bpstep.view.drawing.numbers import FIELD, NumberFormat, group
from bpstep.view.drawing.roles import on_cursor_line
from bpstep.view.scene.yours import Yours, state_of, your_run
from bpstep.view.symbols.formula import Symbols, kind_of
from bpstep.view.symbols.spelling import symbols_of
from bpstep.view.words.arrived import arrived
from bpstep.view.words.made_of import is_product, made_of, name_of, product_of, whole

if TYPE_CHECKING:
    from bpstep.comparison.marked import Mark

__all__ = ["WhyRow", "draw_rows", "tree_rows", "why_lines", "why_rows"]

Lines = list[tuple[str, str]]

#: Where the columns of the tree begin: the name, the sign of the value, the signs before what it is made of (with four
#: digits; each digit more moves them on).
_NAME, _VALUE, _MADE, _LOCAL = 2, 25, 36, 58
#: A longer prefix leaves no room for a name.
_DEEPEST = 14
#: In fewer columns upstream and local are numbers only.
_ROOM_FOR_SYMBOLS = 76
#: In fewer columns the names take no more than they need, and what is left is for what a number is made of.
_ROOM_FOR_ALL = 100
#: The least that the symbols of an upstream and a local derivative take when their names are short.
_ROOM_FOR_TWO = 36
#: From so many columns on a learner's numbers stand beside the right ones.
_ROOM_FOR_BOTH = 84
#: In so many rows there is room for the current row as a sentence below the tree; nearly all have so many lines.
_ROOM_TO_TELL, _LINES_TOLD = 8, 2
#: The least that names take.
_SHORTEST = 18
#: What the columns behind the names need at least: a value, two numbers with their sign, the number of a step.
_BEHIND_NAMES = 46


@dataclass(frozen=True)
class _Columns:
    """Where the columns of a tree begin; ``yours`` is 0 where a learner's numbers have no column.  A tree is ``tight``
    where names do not have the room that they need."""

    value: int
    made: int
    local: int
    width: int
    tight: bool
    yours: int = 0

    @classmethod
    def of(
        cls, rows: Sequence[WhyRow], s: Symbols, numbers: NumberFormat, width: int, *, beside: bool = False
    ) -> _Columns:
        """The columns that these rows need: of a deep tree, and of long names, the names need more; ``beside``: a
        learner's numbers stand beside the right ones, where there is room."""
        value, more = _VALUE, numbers.field - FIELD
        needed = _NAME + max(len(row.lead) + len(_label(row, s)) for row in rows) + 2
        if width < _ROOM_FOR_ALL:
            value = max(_NAME + _SHORTEST, min(needed, width - _BEHIND_NAMES - 2 * more))
        else:
            value = max(_VALUE, min(needed, width // 3))
        made, local = value + _MADE - _VALUE + more, value + _LOCAL - _VALUE + 2 * more
        if not beside or width < _ROOM_FOR_BOTH + 3 * more:
            return cls(value, made, local, width, needed > value)
        wider = numbers.field + 1
        return cls(value, made + wider, local + wider, width, needed > value, made)


@dataclass(frozen=True)
class WhyRow:
    """A row of the tree: what stands before its name, and its place among the branches (`()` is the root).

    ``is_rest`` marks the row for what is not shown of its ``node``.
    """

    prefix: str
    node: WhyNode
    place: tuple[int, ...] = ()
    folded: bool = False
    is_rest: bool = False

    @property
    def lead(self) -> str:
        """The prefix, short enough for a name behind it: a deep row says how deep it stands."""
        if len(self.prefix) <= _DEEPEST:
            return self.prefix
        return f"{len(self.place):>3} ┄{self.prefix[-6:]}"

    @property
    def says(self) -> Hashable:
        """All that is drawn of it, besides what the whole tree decides."""
        node = self.node
        steps = tuple([step and step.number for step in (node.step, node.slope)])
        facts = (node.via, node.left_out, node.rest, node.seen, node.is_sum)
        return self.lead, self.folded, self.is_rest, node.reading, steps, facts

    @property
    def tight_lead(self) -> str:
        """The same with branches of two columns each, not three."""
        return re.sub(r"([ │├╰][ ─]) ", r"\1", self.lead)


def why_rows(tree: WhyNode, folded: Container[tuple[int, ...]] = ()) -> list[WhyRow]:
    """The tree in rows, without the branches that hang under folded places."""
    rows: list[WhyRow] = []
    waiting: list[tuple[WhyRow, str]] = [(WhyRow("", tree), "")]
    while waiting:
        row, below = waiting.pop()
        node = row.node
        row = replace(row, folded=bool(node.children) and row.place in folded)
        rows.append(row)
        if row.folded or row.is_rest:
            continue
        hanging: list[tuple[WhyRow, str]] = []
        last = len(node.children) - 1
        for number, child in enumerate(node.children):
            end = number == last and not node.left_out
            first, rest = ("╰─ ", "   ") if end else ("├─ ", "│  ")
            hanging.append((WhyRow(below + first, child, (*row.place, number)), below + rest))
        if node.left_out:
            hanging.append((WhyRow(below + "╰─ ", node, (*row.place, last + 1), is_rest=True), ""))
        waiting += reversed(hanging)
    return rows


def why_lines(session: Session, tree: WhyNode, width: int = 84) -> Lines:
    """The tree of a number as text: cell, value, how it is made, step; and what arrived there."""
    rows = why_rows(tree)
    canvas = Canvas(width, len(rows) + 1)
    draw_rows(session, rows, canvas, 0, len(rows) + 1)
    lines = [(line[_NAME:], "text") for line in canvas.text().split("\n")]
    pulls = arrived(session, tree)
    if pulls is not None:
        lines += [("", ""), *((text, "text") for text in pulls.says)]
    return lines


def tree_rows(session: Session, rows: Sequence[WhyRow], width: int, known: dict[Hashable, Row]) -> list[Row]:
    """The rows under their heads, as they leave a canvas.

    Who draws many trees of one run, with nobody's numbers beside them, keeps in ``known`` what was drawn: what hangs on
    a row hangs on it in every tree.
    """
    s, numbers = symbols_of(session), NumberFormat(session.options.digits)
    columns = _Columns.of(rows, s, numbers, width)
    found = []
    for row in (None, *rows):
        key = (columns, None if row is None else row.says)
        if key not in known:
            canvas = Canvas(width, 1)
            if row is None:
                _draw_heads(canvas, 0, columns, numbers)
            else:
                _draw_row(session, canvas, 0, row, columns)
            known[key] = canvas.row(0)
        found.append(known[key])
    return found


def draw_rows(
    session: Session, rows: Sequence[WhyRow], canvas: Canvas, top: int, height: int, at: int | None = None
) -> None:
    """Draw the rows under their heads, in a window around the row ``at``, which is the current line."""
    s, numbers = symbols_of(session), NumberFormat(session.options.digits)
    width = canvas.width
    columns = _Columns.of(rows, s, numbers, width, beside=session.marks is not None)
    _draw_heads(canvas, top, columns, numbers)
    told = _told(session, rows[at], columns) if at is not None and height >= _ROOM_TO_TELL else []
    for y, text in enumerate(told, top + height - len(told)):
        canvas.put(_NAME, y, text, "dim")
    room = height - 1 - len(told) - bool(told)
    first = 0 if at is None else min(max(0, at - room * 2 // 3), max(0, len(rows) - room))
    for y, row in enumerate(rows[first : first + room], top + 1):
        _draw_row(session, canvas, y, row, columns)
        if at is not None and row is rows[at]:
            canvas.restyle(0, y, width, on_cursor_line)
            canvas.put(0, y, "▶", "cursor")


def _draw_heads(canvas: Canvas, top: int, columns: _Columns, numbers: NumberFormat) -> None:
    width = canvas.width
    local = columns.made + 11 if _is_narrow(canvas, numbers) else columns.local + 2
    for x, head in (
        (_NAME, "cell"),
        (columns.value + 1, "value"),
        (columns.yours + 1, "yours" if columns.yours else ""),
        (columns.made + 2, "upstream"),
        (min(local, width - len("local  step  ")), "local"),
        (width - 6, "step"),
    ):
        canvas.put(x, top, head, "dim")


def _told(session: Session, row: WhyRow, columns: _Columns) -> list[str]:
    """A row as a sentence, where columns have no room for all that it says: so many lines at least, so
    that the tree stays where it is."""
    if not (columns.tight or columns.width < _ROOM_FOR_SYMBOLS):
        return []
    lines = [] if row.is_rest else wrap(whole(session, row.node), columns.width - _NAME - 1)
    return lines + [""] * (_LINES_TOLD - len(lines))


def _draw_row(session: Session, canvas: Canvas, y: int, row: WhyRow, columns: _Columns) -> None:
    s, numbers = symbols_of(session), NumberFormat(session.options.digits)
    node, lead = row.node, row.tight_lead if columns.tight else row.lead
    canvas.put(_NAME, y, lead, "dim")
    room = columns.value - 1 - _NAME - len(lead)
    canvas.put(_NAME + len(lead), y, s.fitted(_label(row, s), room), "text")
    kind = kind_of(node.reading.cell)
    if row.is_rest:
        if node.rest is not None:
            canvas.put(columns.value, y, numbers.show(kind, node.rest), "dim")
        return
    mark = _mark(session, node)
    shown = number_run(numbers, kind, node.reading.value, state_of(mark, node.reading.state))
    canvas.put(columns.value, y, shown.text, shown.role)
    if columns.yours:
        canvas.put(columns.yours, y, *your_run(mark, kind, numbers))
    end = canvas.width - 3
    if node.step is not None:
        text = group(node.step.number)
        canvas.put(canvas.width - 2 - len(text), y, text, "step-number")
        end -= len(text)
    if is_product(node):
        _draw_product(canvas, y, node, session, columns, end)
        return
    left = columns.made
    end -= 1  # behind a formula two blanks: beside one, the number of the step reads as a factor
    made = made_of(session, node, s, numbers, end - left - 2)
    if made:
        canvas.put(left, y, "=", "dim")
        canvas.put(left + 2, y, s.fitted(made, end - left - 2), "dim")


def _mark(session: Session, node: WhyNode) -> Mark | None:
    """The mark of a row's number; what has come by one way only is no cell, and has none."""
    if node.via or session.marks is None or node.reading.state not in (FINAL, GIVEN):
        return None
    if node.step is not None:
        return session.marks.of_step(session.run, node.step)
    return Yours(session.moment, session.marks).of(node.reading)


def _label(row: WhyRow, s: Symbols) -> str:
    """What a row is called."""
    if row.is_rest:
        return f"… {row.node.left_out} more"
    return name_of(row.node, s) + (" …" if row.folded else "")


def _is_narrow(canvas: Canvas, numbers: NumberFormat) -> bool:
    """Whether upstream and local are numbers only."""
    return canvas.width < _ROOM_FOR_SYMBOLS + 2 * (numbers.field - FIELD)


def _draw_product(
    canvas: Canvas, y: int, node: WhyNode, session: Session, columns: _Columns, end: int
) -> None:
    """Upstream and local derivative, with as many digits as it takes for the row's value to come out.

    Each stands behind its symbol, in a column of its own; where the symbols do not fit, numbers are all there is; where
    they do not fit either, the step has them.
    """
    s, numbers = symbols_of(session), NumberFormat(session.options.digits)
    found = product_of(session, node)
    up, number = found.up, found.number
    start = columns.made + 2
    canvas.put(columns.made, y, "= ", "dim")
    signed = number if number.startswith(" ") or not number else f" {number}"
    rest = 1 + len(up) + len(" × ") + len(signed)
    upstream, local = _both_fitted(found.upstream, found.local, end - start - rest, s)
    least = len(upstream) + len(local) + rest
    if _is_narrow(canvas, numbers) or start + least > end:
        runs = [(up.strip(), "deriv"), (" × ", "dim"), (number.strip() or "1", found.kind)]
        if start + sum(len(text) for text, _ in runs) > end:
            runs = [(f"see step {group(node.step.number if node.step else 0)}", "dim")]
        canvas.put_runs(start, y, runs)
        return
    spare = end - start - least
    gap = min(max(0, 10 - len(upstream) - 1), spare)
    at = canvas.put(start, y, upstream + " " * (gap + 1), "dim")
    at = canvas.put(at, y, up, "deriv")
    # Where the local derivative does not fit behind its column it begins before it.
    x = max(at + 1, min(columns.local, end - 2 - len(local) - len(signed)))
    canvas.put(x, y, "× ", "dim")
    canvas.put(x + 2, y, local, "dim")
    # Signs stand below each other: the blank before a sign is not a part of the column.
    column = x + 10 - (number != signed)
    canvas.put(min(max(column, x + 2 + len(local)), end - len(signed)), y, signed, found.kind)


def _both_fitted(upstream: str, local: str, room: int, s: Symbols) -> tuple[str, str]:
    """The two symbols of a product, their names shortened where there is room for that only."""
    if len(upstream) + len(local) <= room or room < _ROOM_FOR_TWO:
        return upstream, local
    first = s.fitted(upstream, max(room // 3, room - len(local)))
    return first, s.fitted(local, room - len(first))
