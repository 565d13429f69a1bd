"""`why` and `info` as text: a tree with columns, and what there is to say of a cell."""

from __future__ import annotations

import math
import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

from bpstep.debugger.session import Session
from bpstep.debugger.why import Info, WhyNode
from bpstep.engine.cells import Cell
from bpstep.engine.specs import NetworkSpec
from bpstep.engine.steps import Step
from bpstep.view.canvas import Canvas
from bpstep.view.formula import Symbols, kind_of, prettified
from bpstep.view.layout import cut, number_run
from bpstep.view.numbers import NumberFormat, group
from bpstep.view.roles import on_cursor_line
from bpstep.view.spelling import symbols_of

__all__ = ["Arrived", "WhyRow", "arrived", "draw_bars", "draw_rows", "info_lines", "why_lines", "why_rows"]

Lines = list[tuple[str, str]]

#: Where the columns of the tree begin: the name, the sign of the value, the signs before what it is made of.
_NAME, _VALUE, _MADE, _LOCAL = 2, 25, 36, 58
#: In fewer columns upstream and local are numbers only.
_ROOM_FOR_SYMBOLS = 76


@dataclass(frozen=True)
class WhyRow:
    """A row of the tree: what stands before its name, and its place among the branches (`()` is the root)."""

    prefix: str
    node: WhyNode
    place: tuple[int, ...] = ()
    folded: bool = False


def why_rows(tree: WhyNode, folded: Container[tuple[int, ...]] = ()) -> list[WhyRow]:
    """The tree in rows, without the branches that hang under folded places."""
    return list(_rows(tree, "", "", (), folded))


def _rows(
    node: WhyNode, prefix: str, below: str, place: tuple[int, ...], folded: Container[tuple[int, ...]]
) -> Iterator[WhyRow]:
    closed = bool(node.children) and place in folded
    yield WhyRow(prefix, node, place, closed)
    if closed:
        return
    last = len(node.children) - 1
    for number, child in enumerate(node.children):
        end = number == last and not node.left_out
        first, rest = ("╰─ ", "   ") if end else ("├─ ", "│  ")
        yield from _rows(child, below + first, below + rest, (*place, number), folded)
    if node.left_out:
        text = f"{below}╰─ … {node.left_out} more"
        yield WhyRow(text, WhyNode(node.reading, via=True), (*place, last + 1))


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
    node = row.node
    canvas.put(_NAME, y, row.prefix, "dim")
    name = _name(node, s) + (" …" if row.folded else "")
    canvas.put(_NAME + len(row.prefix), y, cut(name, _VALUE - _NAME - len(row.prefix)), "text")
    if node.via and node.step is None:
        return
    kind = kind_of(node.reading.cell)
    shown = number_run(numbers, kind, node.reading.value, node.reading.state)
    canvas.put(_VALUE, y, shown.text, shown.role)
    if node.step is not None:
        text = group(node.step.number)
        canvas.put(canvas.width - 2 - len(text), y, text, "step-number")
    end = canvas.width - 3 - (len(group(node.step.number)) if node.step is not None else 0)
    step = node.step
    if (
        step is not None
        and not node.seen
        and node.slope is None
        and step.upstream is not None
        and step.local is not None
        and (node.via or step.part is None or step.part[1] == 1)
    ):
        known = step.inputs[1].cell if len(step.inputs) > 1 else None
        local = s.local_name(known) if known is not None else "1"
        local_kind = kind_of(known) if known is not None else "value"
        number = numbers.show(local_kind, step.local.value).rstrip() if known is not None else ""
        if canvas.width < _ROOM_FOR_SYMBOLS:
            runs = [("= ", "dim"), (numbers.deriv(step.upstream.value).strip(), "deriv"), ("×", "dim")]
            canvas.put_runs(_MADE, y, [*runs, (number.strip() or "1", local_kind)])
            return
        middle = _LOCAL
        canvas.put(_MADE, y, "= ", "dim")
        up = numbers.deriv(step.upstream.value)
        room = middle - 1 - _MADE - 2 - len(up.rstrip())
        at = canvas.put(_MADE + 2, y, f"{cut(s(step.upstream.cell), room):<10}"[: max(room, 1)], "dim")
        canvas.put(at, y, up.rstrip(), "deriv")
        canvas.put(middle, y, "× ", "dim")
        room = end - middle - 2 - len(number)
        at = canvas.put(middle + 2, y, f"{cut(local, room):<8}"[: max(room, 1)], "dim")
        canvas.put(at, y, number, local_kind)
        return
    made = _made_of(session, node, s, numbers)
    if made:
        canvas.put(_MADE, y, "=", "dim")
        canvas.put(_MADE + 2, y, cut(made, end - _MADE - 2), "dim")


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
    pulls = tuple((_via(child.step), child.reading.value or 0.0) for child in vias if child.step is not None)
    of = node.reading.cell.of
    assert isinstance(of, Cell)
    is_cost = isinstance(session.setup.problem, NetworkSpec)
    says = _sentences(s(of), pulls, node.reading.value, None if is_cost else s.root)
    step = tree.step
    if node is not tree and step is not None and step.local is not None and len(step.inputs) > 1:
        slope = numbers.deriv(step.local.value).strip().lstrip("+")
        name = s.local_name(step.inputs[1].cell)
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
    if node.via and node.step is None:
        return ""
    if node.via and node.step is not None:
        return _via(node.step)
    return s.local_name(node.reading.cell)


def _via(step: Step) -> str:
    """What a contribution came through: the neuron, the variable, the sample."""
    if step.upstream is not None:
        of = step.upstream.cell.of
        if isinstance(of, Cell):
            target = step.cell.of
            if isinstance(target, Cell) and target.kind in ("w", "b"):
                return f"sample {step.when.sample}"
            return f"via {of.of}" if of.of else "via the cost"
    if step.op == "term":
        return f"via {step.inputs[1].cell.of}"
    return "bias" if step.op == "bias" else f"via {step.when.node}"


def _made_of(session: Session, node: WhyNode, s: Symbols, numbers: NumberFormat) -> str:
    step = node.step
    if step is None:
        return "" if node.reading.value is not None else "not computed yet"
    if node.seen:
        return f"unfolded above (step {group(step.number)})"
    if not node.via and step.part is not None and step.part[1] > 1:
        k, n = step.part
        return f"sum of {n} contributions" if k == n else f"sum of {k} of {n} contributions so far"
    step = node.slope or step
    names = [s.local_name(factor.cell) for factor in step.inputs]
    values = [numbers.show(kind_of(f.cell), f.value).strip() for f in step.inputs]
    text = prettified(step.template)
    if len(step.inputs) > 4:
        return text.format(*names)
    filled = re.sub(r"(?<=\d)(?=\{)", " × ", text).replace("·", "×").format(*values)
    symbols = text.format(*names)
    return symbols if symbols == filled else f"{symbols} = {filled}"


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
        text = f"  {group(step.number):>9}  {step.formula}"
        lines.append((f"{cut(text, 58):<58} = {numbers.show(kind, step.value).strip()}", "text"))
    return lines
