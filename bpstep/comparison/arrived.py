"""What arrived: of what a wrong number is made, told from its own contributions.

Before any rule is named, it can be said what is *in* a number: the upstream without the local derivative, one of two
contributions, the sum with the other sign.  That needs the steps that write the cell, and the number itself.

    yours = d(y[h1]): f′(e[h1]) = 0.2413 is missing
    of d(x)'s two contributions only the one via v1, 3, is in it
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import combinations

from bpstep.comparison.mistakes import said_constant
from bpstep.engine.cells import Cell
from bpstep.engine.steps import Step
from bpstep.english import listed

__all__ = ["arrived"]

#: Of more contributions than this, no selections are tried: one of them would fit by accident.
_MOST_PARTS = 6
Near = Callable[[float], bool]
_WORDS = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}


def arrived(steps: Sequence[Step], yours: float, relative: float, before: Sequence[Step] = ()) -> str:
    """What a learner's number is made of; "" where that cannot be seen.

    ``steps`` are those that write the cell; ``before`` those that write the upstream of its only contribution.
    """
    right = steps[-1].value

    def is_near(number: float) -> bool:
        return abs(number - yours) <= relative * max(abs(number), abs(yours))

    if yours == 0.0:
        return "nothing has arrived: yours is 0"
    if steps[-1].op != "contribute":
        return _ratio(right, yours, is_near)
    if len(steps) == 1:
        said = _sent_again(steps[0], before, is_near) or _alone(steps[0], is_near)
        return said or _ratio(right, yours, is_near)
    return _selection(steps, is_near) or _ratio(right, yours, is_near)


def _alone(step: Step, is_near: Near) -> str:
    upstream, local = step.upstream, step.local
    if upstream is None or local is None or local.value == 1.0:
        return ""
    if is_near(upstream.value):
        return f"yours = {upstream.cell}: {_slope_name(local.cell)} = {local.value:.4g} is missing"
    if is_near(local.value):
        return f"yours = {local.cell}: {upstream.cell} = {upstream.value:.4g} is missing"
    if is_near(upstream.value * local.value**2):
        return f"{_slope_name(local.cell)} = {local.value:.4g} is in it twice"
    return ""


def _slope_name(cell: Cell) -> str:
    """A local derivative as it is spoken of: f′(e[h1]) for d(y[h1], e[h1])."""
    if isinstance(cell.of, Cell) and isinstance(cell.by, Cell) and (cell.of.kind, cell.by.kind) == ("y", "e"):
        return f"f′({cell.by})"
    return str(cell)


def _sent_again(step: Step, before: Sequence[Step], is_near: Near) -> str:
    """Whether the sum of the upstream was sent on while it grew."""
    local = step.local
    if len(before) < 2 or local is None:
        return ""
    products = [one.product for one in before if one.product is not None]
    for order in (products, products[::-1]):
        sums = [sum(order[: k + 1]) for k in range(len(order))]
        if is_near(sum(sums) * local.value):
            sent = " and ".join(f"{local.value:.4g} × {number:.4g}" for number in sums)
            return f"yours = {sent}: the sum {before[-1].cell} was sent on each time that something arrived"
        if is_near(order[0] * local.value):
            return f"of {before[-1].cell} only what arrived first, {order[0]:.4g}, was sent on"
    return ""


def _selection(steps: Sequence[Step], is_near: Near) -> str:
    parts = [step.product for step in steps if step.product is not None]
    if len(parts) != len(steps) or len(parts) > _MOST_PARTS:
        return ""
    many = _WORDS[len(parts)]
    of = f"of {steps[0].cell}'s {many} contributions"
    for size in range(1, len(parts)):
        for chosen in combinations(range(len(parts)), size):
            if is_near(sum(parts[k] for k in chosen)):
                if size == 1:
                    return f"{of} only the one {_via(steps[chosen[0]])}, {parts[chosen[0]]:.4g}, is in it"
                left = [k for k in range(len(parts)) if k not in chosen]
                without = listed([f"the one {_via(steps[k])}, {parts[k]:.4g}" for k in left])
                return f"{of} {without}, {'is' if len(left) == 1 else 'are'} not in it"
    for k, part in enumerate(parts):
        if is_near(sum(parts) + part):
            return f"{of} the one {_via(steps[k])}, {part:.4g}, is in it twice"
    return ""


def _via(step: Step) -> str:
    """Which of several contributions one is: the variable it comes from, or the sample."""
    upstream = step.upstream
    if step.cell.kind == "d" and isinstance(step.cell.of, Cell) and step.cell.of.kind in ("w", "b"):
        decays = upstream is not None and str(upstream.cell) == "d(loss)"
        return "of l2" if decays else f"of sample {step.when.sample}"
    return f"via {upstream.cell.of}" if upstream is not None else ""


def _ratio(right: float, yours: float, is_near: Near) -> str:
    if is_near(-right):
        return "the sign is the other one"
    for factor in _simple():
        if is_near(right * factor):
            times = f"{said_constant(factor)} times" if factor > 1.0 else f"{said_constant(factor)} of"
            return f"yours is {times} the right one"
    return ""


def _simple() -> Iterable[float]:
    for whole in range(2, 11):
        yield float(whole)
        yield 1.0 / whole
