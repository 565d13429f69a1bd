"""`why` and `info` as text: a tree with columns, and what there is to say of a cell."""

from __future__ import annotations

import math
import re
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace

from bpstep.debugger.session import Session
from bpstep.debugger.why import Info, WhyNode
from bpstep.engine.cells import COST, LOSS, Cell, dot
from bpstep.engine.specs import NetworkSpec
from bpstep.engine.steps import Factor, Step
from bpstep.view.canvas import Canvas
from bpstep.view.formula import Symbols, kind_of, prettified
from bpstep.view.layout import cut, number_run
from bpstep.view.numbers import NumberFormat, exact_enough, group, shortest
from bpstep.view.roles import on_cursor_line
from bpstep.view.spelling import symbols_of

__all__ = ["Arrived", "WhyRow", "arrived", "draw_bars", "draw_rows", "info_lines", "why_lines", "why_rows"]

Lines = list[tuple[str, str]]

#: Where the columns of the tree begin: the name, the sign of the value, the signs before what it is made of.
_NAME, _VALUE, _MADE, _LOCAL = 2, 25, 36, 58
#: A longer prefix leaves no room for a name.
_DEEPEST = 14
#: In fewer columns upstream and local are numbers only.
_ROOM_FOR_SYMBOLS = 76


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


def draw_rows(
    session: Session, rows: Sequence[WhyRow], canvas: Canvas, top: int, height: int, at: int | None = None
) -> None:
    """Draw the rows under their heads, in a window around the row ``at``, which is the current line."""
    s, numbers = symbols_of(session), NumberFormat(session.options.digits)
    width = canvas.width
    for x, head in (
        (_NAME, "cell"),
        (_VALUE + 1, "value"),
        (_MADE + 2, "upstream"),
        (_LOCAL + 2 if width >= _ROOM_FOR_SYMBOLS else _MADE + 11, "local"),
    ):
        canvas.put(x, top, head, "dim")
    canvas.put(width - 6, top, "step", "dim")
    room = height - 1
    first = 0 if at is None else min(max(0, at - room * 2 // 3), max(0, len(rows) - room))
    for y, row in enumerate(rows[first : first + room], top + 1):
        _draw_row(session, canvas, y, row, s, numbers)
        if at is not None and row is rows[at]:
            canvas.restyle(0, y, width, on_cursor_line)
            canvas.put(0, y, "▶", "cursor")


def _draw_row(
    session: Session, canvas: Canvas, y: int, row: WhyRow, s: Symbols, numbers: NumberFormat
) -> None:
    node, lead = row.node, row.lead
    canvas.put(_NAME, y, lead, "dim")
    name = f"… {node.left_out} more" if row.is_rest else _name(node, s) + (" …" if row.folded else "")
    canvas.put(_NAME + len(lead), y, cut(name, _VALUE - _NAME - len(lead)), "text")
    kind = kind_of(node.reading.cell)
    if row.is_rest:
        if node.rest is not None:
            canvas.put(_VALUE, y, numbers.show(kind, node.rest), "dim")
        return
    shown = number_run(numbers, kind, node.reading.value, node.reading.state)
    canvas.put(_VALUE, y, shown.text, shown.role)
    end = canvas.width - 3
    if node.step is not None:
        text = group(node.step.number)
        canvas.put(canvas.width - 2 - len(text), y, text, "step-number")
        end -= len(text)
    if _is_product(node):
        _draw_product(canvas, y, node, s, numbers, end)
        return
    made = _made_of(node, s, numbers, end - _MADE - 2)
    if made:
        canvas.put(_MADE, y, "=", "dim")
        canvas.put(_MADE + 2, y, cut(made, end - _MADE - 2), "dim")


def _is_product(node: WhyNode) -> bool:
    """Whether a row is upstream times one number that has a name: two columns of their own."""
    step = node.step
    is_one = node.via or not (node.is_sum or node.seen)
    return is_one and node.slope is None and step is not None and step.is_product


def _draw_product(canvas: Canvas, y: int, node: WhyNode, s: Symbols, numbers: NumberFormat, end: int) -> None:
    """Upstream and local derivative, with as many digits as it takes for the row's value to come out."""
    step = node.step
    assert step is not None
    assert step.upstream is not None
    exact = exact_enough(step.template, [factor.value for factor in step.inputs], node.reading.value, numbers)
    known = step.known
    local = s.local_name(known.cell) if known is not None else "1"
    local_kind = kind_of(known.cell) if known is not None else "value"
    number = exact.show(local_kind, known.value).rstrip() if known is not None else ""
    up = exact.deriv(step.upstream.value).rstrip()
    if canvas.width < _ROOM_FOR_SYMBOLS:
        runs = [("= ", "dim"), (up.strip(), "deriv"), (" × ", "dim")]
        canvas.put_runs(_MADE, y, [*runs, (number.strip() or "1", local_kind)])
        return
    canvas.put(_MADE, y, "= ", "dim")
    room = _LOCAL - 1 - _MADE - 2 - len(up)
    name = cut(s(step.upstream.cell), room - 1) + " "
    at = canvas.put(_MADE + 2, y, name.ljust(10)[: max(room, 1)], "dim")
    canvas.put(at, y, up, "deriv")
    # Where the name and the number do not fit behind their column, they begin before it.
    gap = not number.startswith(" ")
    x = max(at + len(up) + 1, min(_LOCAL, end - 2 - len(local) - gap - len(number)))
    room = end - x - 2 - len(number) - gap
    canvas.put(x, y, "× ", "dim")
    canvas.put(x + 2, y, cut(local, room), "dim")
    canvas.put(min(max(x + 10, x + 2 + len(local) + gap), end - len(number)), y, number, local_kind)


# --- what arrived ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Arrived:
    """What came together in a sum: the cell, the contributions by name, and a sentence or two about them."""

    cell: Cell
    pulls: tuple[tuple[str, float], ...]
    total: float
    says: tuple[str, ...]


def arrived(session: Session, tree: WhyNode) -> Arrived | None:
    """The sum at the root of a tree or right below it; None where nothing comes together."""
    node = tree
    while len([child for child in node.children if child.via]) < 2:
        below = [child for child in node.children if child.reading.cell.kind == "d"]
        if len(below) != 1:
            return None
        node = below[0]
    vias = [child for child in node.children if child.via and child.step is not None]
    if node.left_out or node.reading.value is None or node.reading.cell.kind != "d":
        return None
    s, numbers = symbols_of(session), NumberFormat(session.options.digits)
    pulls = tuple(
        (_via(child.step, s), child.reading.value or 0.0) for child in vias if child.step is not None
    )
    of = node.reading.cell.of
    assert isinstance(of, Cell)
    is_cost = isinstance(session.setup.problem, NetworkSpec)
    says = _sentences(s(of), pulls, node.reading.value, None if is_cost else s.root)
    step = tree.step
    if node is not tree and step is not None and step.known is not None:
        slope = numbers.deriv(step.known.value).strip().lstrip("+")
        name = s.local_name(step.known.cell)
        target = tree.reading.cell.of
        says = (
            *says,
            f"{name} = {slope} then scales what reaches {s(target) if isinstance(target, Cell) else ''}.",
        )
    return Arrived(node.reading.cell, pulls, node.reading.value, says)


def _sentences(
    name: str, pulls: Sequence[tuple[str, float]], total: float, output: str | None
) -> tuple[str, ...]:
    """Who pulls which way.  A positive derivative of a cost wants the value smaller; of an ``output`` it says only
    that the two rise together."""
    up = [who.removeprefix("via ") for who, value in pulls if value > 0]
    down = [who.removeprefix("via ") for who, value in pulls if value < 0]
    if not up and not down:
        return (f"Nothing comes back to {name}: every contribution is 0.",)
    if not (up and down):
        way = "smaller" if up else "larger"
        if output is not None:
            return (
                f"All contributions have one sign: as {name} grows, {output} {'grows' if up else 'falls'}.",
            )
        return (f"All agree about {name}: {way} would lower the cost; the pulls add up.",)
    first = f"They disagree about {name}: {_some(up)} {_want(up)} it smaller (+), {_some(down)} larger (−)."
    if output is not None:
        first = f"As {name} grows, {output} grows by way of {_some(up)} (+) and falls by way of {_some(down)} (−)."
    if abs(total) < 1e-3 * max(abs(value) for _, value in pulls):
        return first, "The contributions all but cancel: little is left to pass back."
    return first, f"The {'positive' if total > 0 else 'negative'} side is the stronger."


def _some(names: Sequence[str]) -> str:
    if len(names) > 4:
        return f"{len(names)} of them"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _want(names: Sequence[str]) -> str:
    return "wants" if len(names) == 1 else "want"


def draw_bars(session: Session, pulls: Arrived, canvas: Canvas, top: int, most: int) -> int:
    """Signed bars of what arrived, the sum last; the rows that were used."""
    numbers = NumberFormat(session.options.digits)
    rows = [*pulls.pulls[:most], ("sum", pulls.total)]
    left = 26
    half = (canvas.width - left - 4) // 2
    axis = left + half
    largest = max(abs(value) for _, value in rows) or 1.0
    for y, (name, value) in enumerate(rows, top):
        canvas.put(2, y, cut(name, 9), "text" if name != "sum" else "strong")
        canvas.put(11, y, numbers.deriv(value).rstrip(), "deriv")
        length = round(abs(value) / largest * half) if math.isfinite(value) else 0
        canvas.put(axis if value >= 0 else axis - length, y, "█" * length, "deriv")
        canvas.put(axis - (0 if value < 0 else 1), y, "│", "edge")
    return len(rows)


def _name(node: WhyNode, s: Symbols) -> str:
    if node.via and node.step is not None:
        return _via(node.step, s)
    return s.local_name(node.reading.cell)


def _via(step: Step, s: Symbols) -> str:
    """What a contribution came through: the neuron, the variable, the sample."""
    if step.upstream is not None:
        return _via_upstream(step, step.upstream.cell)
    if step.op in ("bias", "local"):
        return "bias" if step.op == "bias" else s.local_name(step.cell)
    if step.op == "term":
        return f"via {step.inputs[1].cell.of}"
    arriving = step.inputs[-1].cell
    if step.cell in (LOSS, dot(LOSS)):
        return f"sample {step.when.sample}" if arriving in (COST, dot(COST)) else "l2"
    if step.op == "tangent" and isinstance(arriving.of, Cell):
        return f"via {s(arriving.of)}"
    return f"via {step.when.node}"


def _via_upstream(step: Step, upstream: Cell) -> str:
    if upstream.of == LOSS:
        return "l2"
    target, of = step.cell.of, upstream.of
    if isinstance(target, Cell) and target.kind in ("w", "b"):
        return f"sample {step.when.sample}"
    return f"via {of.of}" if isinstance(of, Cell) and of.of else "via the cost"


def _made_of(node: WhyNode, s: Symbols, numbers: NumberFormat, room: int) -> str:
    """What a row's value is made of: in symbols and numbers, in numbers where that is too long."""
    step = node.step
    if step is None:
        return {"unset": "not computed yet", "overridden": "set by hand"}.get(node.reading.state, "as given")
    if node.seen:
        return f"unfolded above (step {group(step.number)})"
    if node.is_sum and not node.via:
        return _told_sum(step)
    template, factors = (node.slope or step).share if node.via or node.slope else step.whole
    result = node.reading.value if node.slope is None else node.slope.value
    exact = exact_enough(template, [factor.value for factor in factors], result, numbers)
    text = prettified(template)
    symbols = text.format(*(s.local_name(factor.cell) for factor in factors))
    spaced = re.sub(r"(?<=\d)(?=\{)", " × ", text).replace("·", "×")
    filled = _bare(spaced.format(*(_number(factor, exact) for factor in factors)))
    if symbols == filled:
        return symbols
    return next((told for told in (f"{symbols} = {filled}", filled) if len(told) <= room), symbols)


def _bare(text: str) -> str:
    """Numbers without the parentheses that a minus does not need: at the beginning, and inside others."""
    text = re.sub(r"^\((−[^()]*)\)(?!\^|²)", r"\1", text)
    return re.sub(r"\((\(−[^()]*\))\)", r"\1", text)


def _told_sum(step: Step) -> str:
    """Of how many contributions a sum is made."""
    if step.part is None:
        return "sum of the uses"
    k, n = step.part
    if step.sign == "=":
        return f"the last of {k} contributions"
    return f"sum of {n} contributions" if k == n else f"sum of {k} of {n} contributions so far"


def _number(factor: Factor, numbers: NumberFormat) -> str:
    """A number behind an operator; what somebody chose is written as they wrote it."""
    if factor.cell.kind in ("t", "setting"):
        text = shortest(factor.value)
    else:
        text = numbers.show(kind_of(factor.cell), factor.value).strip()
    return f"({text})" if factor.value < 0 else text


def info_lines(session: Session, info: Info) -> Lines:
    """What there is to say of a cell."""
    s, numbers = symbols_of(session), NumberFormat(max(6, session.options.digits))
    reading = info.reading
    kind = kind_of(reading.cell)
    part = f", {reading.part[0]} of {reading.part[1]} contributions" if reading.part is not None else ""
    value = "no value yet" if reading.value is None else numbers.show(kind, reading.value).strip()
    lines: Lines = [
        (f"{reading.cell}   {s(reading.cell)}", "strong"),
        (f"{value}   {reading.state}{part}", "text"),
    ]
    if info.writes:
        first, last = info.writes[0], info.writes[-1]
        where = f"step {group(first)}" if first == last else f"steps {group(first)} to {group(last)}"
        lines.append((f"written by {where} ({len(info.writes)} in all)", "dim"))
    for after, text in info.by_hand:
        lines.append((f"set by hand after step {group(after)}: {text}", "text"))
    for step in info.done:
        lines.append((f"  {group(step.number):>9}  {step.formula}", "text"))
        lines.append((f"  {'':>9}  in numbers {_typed(step, numbers.digits)}", "dim"))
    return lines


def _typed(step: Step, digits: int) -> str:
    """A step in numbers, in the signs of the screen."""
    return step.equation(digits).replace("*", "×").replace("-", "−")
