"""What came together in a sum: who pulls which way, in sentences and as signed bars."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from bpstep.debugger.moment import PARTIAL
from bpstep.debugger.session import Session
from bpstep.debugger.why import WhyNode
from bpstep.engine.cells import COST, LOSS, Cell, dot
from bpstep.engine.specs import NetworkSpec
from bpstep.engine.steps import Step
from bpstep.lazily import dataclass
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.drawing.numbers import NumberFormat
from bpstep.view.symbols.formula import Symbols
from bpstep.view.symbols.spelling import symbols_of
from bpstep.view.words.narrate import as_the_rule_has_it

__all__ = ["Arrived", "arrived", "draw_bars", "via_name"]

#: The columns of the names beside bars, at least.
_NAMES = 9


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
        (via_name(child.step, s), child.reading.value or 0.0) for child in vias if child.step is not None
    )
    of = node.reading.cell.of
    assert isinstance(of, Cell)
    is_cost = isinstance(session.setup.problem, NetworkSpec)
    meeting = _Meeting(s(of), pulls, node.reading.value, s.root_in_words, is_cost)
    says = (_as_of_now(session, node) + meeting.who_pulls_which_way(), *meeting.outcome())
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


@dataclass(frozen=True)
class _Meeting:
    """Contributions that come together at ``name``: who pulls which way.

    A positive derivative of a cost wants the value smaller; of another ``root`` it says only that both rise together.
    """

    name: str
    pulls: tuple[tuple[str, float], ...]
    total: float
    root: str
    is_cost: bool

    def who_pulls_which_way(self) -> str:
        """What may be said of them, in a sentence."""
        if not all(math.isfinite(value) for _, value in self.pulls):
            return f"What comes back to {self.name} is no finite number: who pulls which way can not be said."
        up, down = self._sides
        if not up and not down:
            return f"Nothing comes back to {self.name}: every contribution is 0."
        if up and down:
            return self._against_each_other(up, down)
        return self._one_way(up or down, "grows" if up else "falls")

    def outcome(self) -> tuple[str, ...]:
        """Which side is the stronger, where there are two."""
        if not all(self._sides) or not math.isfinite(self.total):
            return ()
        if abs(self.total) < 1e-3 * max(abs(value) for _, value in self.pulls):
            return ("The contributions all but cancel: little is left to pass back.",)
        return (f"The {'positive' if self.total > 0 else 'negative'} side is the stronger.",)

    @property
    def _sides(self) -> tuple[list[str], list[str]]:
        """Who brings a positive number, and who a negative one."""
        return self._names(lambda value: value > 0), self._names(lambda value: value < 0)

    def _names(self, is_one: Callable[[float], bool]) -> list[str]:
        return list(dict.fromkeys(who.removeprefix("via ") for who, value in self.pulls if is_one(value)))

    def _one_way(self, names: list[str], way: str) -> str:
        """All that is not 0 pulls the same way: one alone, or several."""
        silent = sum(value == 0 for _, value in self.pulls)
        rest = (
            f"; what comes over {'the other way' if silent == 1 else 'the other ways'} is 0" if silent else ""
        )
        if not self.is_cost:
            return f"As {self.name} grows, {self.root} {way} by way of {_some(names)}{rest}."
        wanted = "smaller" if way == "grows" else "larger"
        if len(names) == 1:
            return f"{names[0]} wants {self.name} {wanted}{rest}."
        agree = "All" if not silent else _some(names)
        return f"{agree} agree about {self.name}: {wanted} would lower {self._cost}; the pulls add up{rest}."

    @property
    def _cost(self) -> str:
        return self.root if " " in self.root else "the cost"

    def _against_each_other(self, up: list[str], down: list[str]) -> str:
        if not self.is_cost:
            grows, falls = f"grows by way of {_some(up)} (+)", f"falls by way of {_some(down)} (−)"
            return f"As {self.name} grows, {self.root} {grows} and {falls}."
        return f"They disagree about {self.name}: {_some(up)} {_want(up)} it smaller (+), {_some(down)} larger (−)."


def _as_of_now(session: Session, node: WhyNode) -> str:
    """Before what is said of a sum: by which rule it is made, and that it is not yet complete."""
    prefix = as_the_rule_has_it(session)
    so_far = "So far: " if node.reading.state == PARTIAL else ""
    return prefix + (so_far.lower() if prefix else so_far)


def _some(names: Sequence[str]) -> str:
    if len(names) > 4:
        return f"{len(names)} of them"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _want(names: Sequence[str]) -> str:
    return "wants" if len(names) == 1 else "want"


def draw_bars(session: Session, pulls: Arrived, canvas: Canvas, top: int, most: int) -> int:
    """Signed bars of what arrived, the sum last; the rows that were used."""
    numbers = NumberFormat(session.options.digits)
    s, rows = symbols_of(session), [*pulls.pulls[:most], ("sum", pulls.total)]
    names = max(_NAMES, min(max(len(name) for name, _ in rows) + 1, canvas.width // 4))
    left = names + 17
    half = (canvas.width - left - 4) // 2
    axis = left + half
    largest = max((abs(value) for _, value in rows if math.isfinite(value)), default=0.0) or 1.0
    for y, (name, value) in enumerate(rows, top):
        canvas.put(2, y, s.fitted(name, names - 1), "text" if name != "sum" else "strong")
        canvas.put(2 + names, y, numbers.deriv(value).rstrip(), "deriv")
        length = round(abs(value) / largest * half) if math.isfinite(value) else 0
        canvas.put(axis if value >= 0 else axis - length, y, "█" * length, "deriv")
        canvas.put(axis - (0 if value < 0 else 1), y, "│", "edge")
    return len(rows)


def via_name(step: Step, s: Symbols) -> str:
    """What a contribution came through: the neuron, the variable, the sample."""
    if step.upstream is not None:
        return _via_upstream(step, step.upstream.cell)
    if step.op in ("bias", "local"):
        return "bias" if step.op == "bias" else s.local_name(step.cell)
    if step.op == "term":
        return f"via {step.inputs[-1].cell.of}"
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
