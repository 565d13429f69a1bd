"""`why` and `info` as text: a tree with columns, and what there is to say of a cell."""

from __future__ import annotations

from collections.abc import Iterator

from bpstep.debugger.session import Session
from bpstep.debugger.why import Info, WhyNode
from bpstep.engine.cells import Cell
from bpstep.engine.steps import Step
from bpstep.view.formula import Symbols, kind_of, prettified
from bpstep.view.layout import cut
from bpstep.view.numbers import NumberFormat, group
from bpstep.view.step import symbols_of

__all__ = ["info_lines", "why_lines"]

Lines = list[tuple[str, str]]

_NAME = 24


def why_lines(session: Session, tree: WhyNode, width: int = 84) -> Lines:
    """The tree of a number: cell, value, how it is made, step."""
    s, numbers = symbols_of(session), NumberFormat(session.options.digits)
    lines: Lines = [(f"{'cell':<{_NAME}} {'value':<10}   {'made of':<{width - _NAME - 22}} step", "dim")]
    for prefix, node in _rows(tree, "", ""):
        name = f"{prefix}{_name(node, s)}"
        value = numbers.show(kind_of(node.reading.cell), node.reading.value).rstrip()
        made = _made_of(session, node, s, numbers)
        step = group(node.step.number) if node.step is not None else ""
        text = f"{cut(name, _NAME):<{_NAME}} {value:<10} {'=' if made else ' '} "
        room = width - len(text) - len(step) - 1
        lines.append((f"{text}{cut(made, room):<{room}} {step}".rstrip(), "text"))
    return lines


def _rows(node: WhyNode, prefix: str, below: str) -> Iterator[tuple[str, WhyNode]]:
    yield prefix, node
    last = len(node.children) - 1
    for place, child in enumerate(node.children):
        end = place == last and not node.left_out
        yield from _rows(child, f"{below}{'╰─ ' if end else '├─ '}", f"{below}{'   ' if end else '│  '}")
    if node.left_out:
        yield f"{below}╰─ … {node.left_out} more ", WhyNode(node.reading, via=True)


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
    if step.upstream is not None and step.local is not None:
        known = step.inputs[1].cell if len(step.inputs) > 1 else None
        local = s.local_name(known) if known is not None else "1"
        kind = kind_of(known) if known is not None else "value"
        up = numbers.deriv(step.upstream.value).strip()
        return f"{s(step.upstream.cell)} {up}  ×  {local} {numbers.show(kind, step.local.value).strip()}"
    names = [s.local_name(factor.cell) for factor in step.inputs]
    values = [numbers.show(kind_of(f.cell), f.value).strip() for f in step.inputs]
    text = prettified(step.template)
    if len(step.inputs) > 4:
        return text.format(*names)
    return f"{text.format(*names)} = {text.replace('·', '×').format(*values)}"


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
    for step in info.done:
        text = f"  {group(step.number):>9}  {step.formula}"
        lines.append((f"{cut(text, 58):<58} = {numbers.show(kind, step.value).strip()}", "text"))
    return lines
