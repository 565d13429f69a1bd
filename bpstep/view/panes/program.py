"""The program: the sweep as source code, with the values that its lines have computed.

     ◀ backward
        o1 ──────────────────────────
     20 ∂E/∂y  = y−t      +0.7414        executed: the value stands at the line's end
   ▶ 22 f′ = y·(1−y)      +0.1868        the cursor
     23 δ  = ∂y·f′                       to come

A line is written relative to its block: in the block of o1, `f′` is f′(o1).  The listing has as many lines as the
run has steps, and heads between the blocks; no list of lines is ever made.  The cursor moves, not the page: the
page turns only when the cursor comes near its edge, and then by half (`page`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from bpstep.engine.blocks import BACKWARD, FORWARD
from bpstep.engine.steps import Step
from bpstep.engine.timeline import Place
from bpstep.lazily import dataclass
from bpstep.view.drawing.canvas import Canvas, Run
from bpstep.view.drawing.canvas import Row as CanvasRow
from bpstep.view.drawing.layout import number_run
from bpstep.view.drawing.numbers import NumberFormat, group
from bpstep.view.drawing.roles import PHASE_KINDS, on_cursor_line
from bpstep.view.scene.focus import has_arrays
from bpstep.view.scene.frame import Frame
from bpstep.view.scene.yours import state_of, your_run
from bpstep.view.symbols.formula import Symbols, kind_of
from bpstep.view.words.brief import brief
from bpstep.view.words.equations import equations_of

__all__ = ["Row", "brief", "draw", "page", "rows_from", "shows_both", "whole"]

_HEADS = {"forward": "▶ forward", "backward": "◀ backward", "update": "Δ update"}
_EDGE = 3

#: So many steps of the whole listing are drawn at a time.
_PAGE = 500

#: From this width on a learner's numbers have a column of their own.
_WITH_YOURS = 52

#: Step numbers of so many characters take a column from the gutter.
_LONG = 7


class Row(NamedTuple):
    """A row of the listing: a step, or the head of a phase or block that stands before it."""

    step: int
    head: str = ""
    phase: str = ""


def heads_before(frame: Frame, step: int) -> list[Row]:
    """The heads that stand right before a step."""
    return frame.drawing(("heads", step), None, lambda: _heads_before(frame, step))


def _heads_before(frame: Frame, step: int) -> list[Row]:
    place = frame.run.place(step)
    block, heads = place.block, []
    first_of_row = place.offset == block.row_start(place.offset)
    before = frame.run.place(step - 1) if step > 1 else None
    if before is None or before.block.phase != block.phase:
        sample = frame.run.rows(place.batch)[place.sample] + 1
        which = f" · sample {sample}" if frame.run.timeline.samples > 1 and not place.in_tail else ""
        heads.append(Row(step, _HEADS[block.phase] + which, block.phase))
    if has_arrays(frame):
        opens = before is None or (before.block.phase, before.block.layer) != (block.phase, block.layer)
        if opens and block.phase != "update":
            heads.append(Row(step, _array_name(frame, place), ""))
        return heads
    if not frame.setup.is_network and block.phase == "forward":
        return heads
    if first_of_row and block.phase != "update" and _opens(before, place):
        heads.append(Row(step, _block_name(frame, place), ""))
    return heads


def _array_name(frame: Frame, place: Place) -> str:
    """What heads the cells of an array: how it is computed, or what gathers."""
    name = place.block.layer
    if place.block.phase == "forward":
        return equations_of(frame).get(name, name)
    return f"{name} · gradients" if _is_gradients(place) else name


def _opens(before: Place | None, place: Place) -> bool:
    """Whether a step begins a block of its own: another node, or another kind of row."""
    if before is None or before.block is not place.block:
        old = before and (before.block.phase, before.block.nodes[-1], _is_gradients(before))
        row = place.block.locate(place.offset)[0]
        return old != (place.block.phase, place.block.node(row), _is_gradients(place))
    return place.block.pieces[0].op != "cost"


def _is_gradients(place: Place) -> bool:
    return place.block.pieces[0].vector.is_parameter


#: The steps that are the cost's, whatever their node.
_OF_ROOT = ((FORWARD, "cost"), (FORWARD, "reduce"), (BACKWARD, "seed"))


def _block_name(frame: Frame, place: Place) -> str:
    block = place.block
    row = block.locate(place.offset)[0]
    if (block.phase, block.pieces[0].op) in _OF_ROOT:
        root = frame.setup.graph.root
        return root.names[0] if root.kind == "var" else frame.symbols.notation.cost
    name = block.node(row)
    return f"{name} · gradients" if _is_gradients(place) else name


def rows_from(frame: Frame, step: int, count: int) -> list[Row]:
    """``count`` rows of the listing, beginning with the heads before ``step``."""
    return frame.drawing(("rows", step, count), None, lambda: _rows_from(frame, step, count))


def _rows_from(frame: Frame, step: int, count: int) -> list[Row]:
    rows: list[Row] = []
    while len(rows) < count and step <= frame.length:
        rows += [*heads_before(frame, step), Row(step)]
        step += 1
    return rows[:count]


def page(frame: Frame, top: int, height: int) -> int:
    """The step at the top of the page, given the one that was there: it stays while the cursor is well inside."""
    current = max(1, frame.position)
    rows = frame.once(rows_from, max(1, top), height)
    shown = [row.step for row in rows if not row.head]
    if shown and shown[0] <= current <= shown[-1]:
        at = next(place for place, row in enumerate(rows) if row.step == current and not row.head)
        near_top = at < _EDGE and top > 1
        near_end = at >= height - _EDGE and shown[-1] < frame.length
        if not near_top and not near_end:
            return max(1, top)
        return _turned(frame, current, height, height // 2)
    return _turned(frame, current, height, height // 2)


def _turned(frame: Frame, current: int, height: int, above: int) -> int:
    """A top that leaves about ``above`` rows above the cursor, without blank rows at the end."""
    top = current
    rows = 0
    while top > 1 and rows < above:
        top -= 1
        rows += 1 + len(heads_before(frame, top))
    while top > 1 and len(rows_from(frame, top, height)) < height:
        top -= 1
    return top


def draw(
    frame: Frame,
    width: int,
    height: int,
    top: int = 1,
    stops: frozenset[int] = frozenset(),
    *,
    ruled: bool = False,
) -> Canvas:
    """The listing from the step ``top`` on; ``stops`` are the steps with a stop.  ``ruled`` is with a line at its left.

    A row that looks as in the frame before is not drawn anew: of a page these are all but two or three.  Below the page
    the rows of the next one are drawn, one with each frame, so that none has to draw half a page when it turns.
    """
    place = ("program", width, height, frame.asked, ruled)
    sheet: _Sheet | None = frame.drawn.get(place)
    if sheet is None:
        sheet = frame.drawn[place] = _Sheet([], Canvas(width, height + height // 2), ruled)
        sheet.rule()
    rows = sheet.rows(frame, rows_from(frame, top, height))
    here, cursor = frame.position, frame.position + (frame.asked is not None)
    # How a row looks follows from this: what it is, whether it is executed, is at the cursor, has a stop.
    keys = [(row, here >= row.step, cursor == row.step, row.step in stops) for row in rows]
    before, canvas = sheet.keys, sheet.canvas
    for y in range(max(len(keys), len(before))):
        if keys[y : y + 1] != before[y : y + 1]:
            canvas.clear(ruled, y, width - ruled, 1)
            canvas.blit(ruled, y, _draw_rows(frame, width - ruled, 1, rows[y : y + 1], stops))
    sheet.keys = keys
    return canvas.top(height)


_Key = tuple[Row, bool, bool, bool]


@dataclass
class _Sheet:
    """Rows of the listing as they are drawn, and what each of them looks like that for; longer than a page."""

    keys: list[_Key]
    canvas: Canvas
    ruled: bool

    def rule(self, first: int = 0) -> None:
        """Draw the line at the left, from a row on, if there is one."""
        for y in range(first, self.canvas.height if self.ruled else 0):
            self.canvas.stub(0, y, "up", "down", role="hairline")

    def rows(self, frame: Frame, page: list[Row]) -> list[Row]:
        """The rows to draw now: those of the page, those below it that are drawn already, and the next; what is drawn
        of them moves to its place."""
        drawn = [key[0] for key in self.keys]
        if page[:1] != drawn[:1] and page and page[0] in drawn:
            by = drawn.index(page[0])
            self.keys, drawn = self.keys[by:], drawn[by:]
            self.canvas.scroll(by)
            self.rule(self.canvas.height - by)
        if drawn[: len(page)] != page:
            return page
        if len(drawn) == self.canvas.height:
            return drawn
        ahead = _rows_from(frame, drawn[-1].step, 4)  # its heads, the step itself, and what comes then
        after = ahead.index(drawn[-1]) + 1
        return drawn + ahead[after : after + 1]


def whole(frame: Frame, width: int) -> Iterator[CanvasRow]:
    """All rows of the listing of the epoch at the cursor; the first says which part of the run it is."""
    epoch = frame.moment.place.epoch
    each = frame.run.timeline.batches_per_epoch
    first, end = (frame.run.timeline.start_of_batch(batch * each) + 1 for batch in (epoch, epoch + 1))
    yield (
        Run(f"epoch {group(epoch + 1)}: steps {group(first)} to {group(end - 1)} of {group(frame.length)}"),
    )
    for start in range(first, end, _PAGE):
        steps = range(start, min(start + _PAGE, end))
        rows = [row for step in steps for row in (*heads_before(frame, step), Row(step))]
        yield from _draw_rows(frame, width, len(rows), rows).rows()


def _draw_rows(
    frame: Frame, width: int, height: int, rows: list[Row], stops: frozenset[int] = frozenset()
) -> Canvas:
    canvas = Canvas(width, height)
    symbols = frame.symbols
    numbers = frame.numbers
    digits = max(3, len(group(frame.length)))
    left = 1 if digits >= _LONG else 2
    twin = frame.twin
    for y, row in enumerate(rows):
        if row.phase:
            done = row.step <= frame.position
            kind = PHASE_KINDS[row.phase]
            canvas.put(2, y, row.head, f"{kind}-read" if done else "strong")
        elif row.head:
            at = left + digits + 1
            at = canvas.put(at, y, f"{symbols.fitted(row.head, width - at - 1)} ", "dim")
            canvas.put(at, y, "─" * (width - at), "hairline")
        else:
            step = frame.step_at(row.step)
            _draw_step(frame, canvas, y, step, symbols, numbers, (left, digits))
            if row.step <= frame.position and twin.differs(step):
                canvas.put(width - 1, y, "!", "alarm")
            if row.step in stops:
                canvas.put(0, y, "●", "stop")
    return canvas


def shows_both(frame: Frame, width: int) -> bool:
    """Whether a listing of this width has a column for a learner's own numbers."""
    return bool(frame.yours) and width >= _WITH_YOURS


def _draw_step(
    frame: Frame,
    canvas: Canvas,
    y: int,
    step: Step,
    symbols: Symbols,
    numbers: NumberFormat,
    gutter: tuple[int, int],
) -> None:
    executed, current = step.number <= frame.position, step.number == frame.position
    asked = frame.asked
    hidden = frame.hides(step)
    if asked is not None:
        current = hidden and step.number == frame.position + 1
    left, digits = gutter
    canvas.put(left, y, f"{group(step.number):>{digits}}", "step-number")
    both = shows_both(frame, canvas.width)
    right = canvas.width - (numbers.field + 2 if both else 0)
    room = right - left - digits - 1 - (numbers.field + 1) - 1  # and a space, so that no two numbers are one
    formula = brief(step, symbols)
    if hidden:
        formula = re.split(r" (?:\+=|−=|=) ", formula)[0]
    if len(formula) > room:
        formula = re.sub(rf"(?<=·)(w|{re.escape(symbols.notation.output)})\([^)]*\)", r"\1", formula)
        formula = re.sub(r"\((∂[^()]*)\)", r"\1", formula)
    if len(formula) > room and step.cell.kind in ("var", "d"):  # the head says of which array the cell is
        formula = re.sub(r"^(∂?)[^\W\d]\w*(\[[^]]*\]) (\+?=) ", r"\1\2\3", formula)
    if len(formula) > room and step.op == "local":
        # Which slope it is tells more than the beginning of its formula.
        formula = formula.partition(" = ")[0]
    canvas.put(left + digits + 1, y, symbols.fitted(formula, room), "text" if executed else "dim")
    if hidden and current and step.cell == asked:
        canvas.put(right - numbers.field, y, "?", f"{kind_of(step.cell)}-chip")
    if executed:
        kind, mark = kind_of(step.cell), frame.yours.of_step(step)
        state = state_of(mark, "final" if step.is_final else "partial")
        shown = number_run(numbers, kind, step.value, state, part="written" if current else "known")
        canvas.put(right - numbers.field - 1, y, *shown)
        if both:
            canvas.put(right + 1, y, *your_run(mark, kind, numbers))
    if current:
        canvas.restyle(0, y, canvas.width, on_cursor_line)
        canvas.put(left - 1, y, "▶", "cursor")
