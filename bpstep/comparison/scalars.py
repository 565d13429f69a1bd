"""The mistakes that are looked for in an expression: its graph, walked wrongly.

The operations, the local derivatives and the order of the contributions are the run's own steps; a mistake is another
local derivative on some edges, another way to gather at some variables, or another way to walk.

    b = 4a, c = b + 3, d = 5b, e = c + d        d(b) = 1 + 5 = 6, d(a) = 24
    resend: 1 is sent on as 4, then the sum 6 as 24        d(a) = 28
    first-only: what arrives second is not sent on         d(a) = 4
    overwrite: the last contribution replaces the sum      d(a) = 4 or 20
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from bpstep.comparison.mistakes import Hypothesis, Mistake
from bpstep.comparison.sheet import Sheet
from bpstep.comparison.slopes import local_changes
from bpstep.comparison.walk import Local, Walk
from bpstep.engine.specs import Array

__all__ = ["scalar_hypotheses"]

#: In larger expressions only what is the same everywhere is looked for, not what is so at one place.
_MOST_PLACES = 200


def scalar_hypotheses(sheet: Sheet) -> list[tuple[Hypothesis, Array]]:
    """Every mistake that makes sense in an expression, with the derivatives that it gives."""
    walk = Walk(sheet)
    with np.errstate(all="ignore"):
        return [*_of_the_sum(walk), *_of_the_walk(walk), *_of_the_locals(walk)]


def _row(name: str, says: str, numbers: Array, where: str = "") -> tuple[Hypothesis, Array]:
    return Hypothesis(Mistake(name, says, ()), "", None, (), not where, where, ()), numbers


def _of_the_sum(walk: Walk) -> Iterator[tuple[Hypothesis, Array]]:
    shared = walk.shared
    ways: tuple[tuple[str, str, Callable[[list[float]], float]], ...] = (
        ("overwrite", "the last contribution replaces the sum (= for +=)", lambda p: p[-1]),
        (
            "overwrite-in-other-order",
            "one contribution alone, as where the last replaces the sum and they arrive in the formula's order",
            lambda p: p[0],
        ),
        ("averaged", "the contributions are averaged instead of added", lambda p: sum(p) / len(p)),
        ("subtracted", "the later contributions are subtracted", lambda p: 2.0 * p[0] - sum(p)),
    )
    for name, says, gather in ways:
        if shared:
            yield _row(name, says, walk.back(gather=lambda _, p, gather=gather: gather(p)))  # type: ignore[misc]
        for one in shared if 1 < len(shared) <= _MOST_PLACES else ():
            numbers = walk.back(
                gather=lambda n, p, one=one, gather=gather: gather(p) if n == one else sum(p)  # type: ignore[misc]
            )
            yield _row(name, says, numbers, f"at {one} only")


def _of_the_walk(walk: Walk) -> Iterator[tuple[Hypothesis, Array]]:
    yield _row("seed-forgotten", "the derivative of the output by itself is 0, not 1", walk.back(seed=0.0))
    value = walk.values.get(walk.root, 1.0)
    yield _row(
        "seed-is-output", "the derivative of the output by itself is the output, not 1", walk.back(seed=value)
    )
    yield _row("no-upstream", "the local derivatives are not multiplied by what comes from behind",
               walk.back(upstream=False))  # fmt: skip
    resent = "each arrival is added, and the whole sum so far is sent on again"
    for name, says, numbers in (
        ("resend", resent, walk.resend()),
        ("resend-from-the-last", f"{resent}; the last operand comes first", walk.resend(last_first=True)),
        ("resend-in-rounds", f"{resent}, once for each arrival", walk.resend_in_rounds()),
    ):
        if numbers is not None:
            yield _row(name, says, numbers)
    only = "a variable's backward runs once: what arrives later is not sent on"
    yield _row("first-only", only, walk.once())
    yield _row(
        "first-only-from-the-last", f"{only}; the last operand comes first", walk.once(last_first=True)
    )


def _of_the_locals(walk: Walk) -> Iterator[tuple[Hypothesis, Array]]:
    for name, says, change in local_changes(walk):
        yield from _everywhere_and_at(walk, name, says, change)


def _everywhere_and_at(walk: Walk, name: str, says: str, change: Local) -> Iterator[tuple[Hypothesis, Array]]:
    """A change of local derivatives: in all operations, in all of one function, on one edge."""
    if name != "zero":
        yield _row(name, says, walk.back(change))
    for function in dict.fromkeys(edge.function for edge in walk.edges):
        numbers = walk.back(lambda e, f=function: change(e) if e.function == f else e.local)  # type: ignore[misc]
        yield _row(name, says, numbers, f"in {function} only")
    if len(walk.edges) > _MOST_PLACES:
        return
    for one in walk.edges:
        numbers = walk.back(lambda e, one=one: change(e) if e is one else e.local)  # type: ignore[misc]
        yield _row(name, says, numbers, f"from {one.head} to {one.tail} only")
