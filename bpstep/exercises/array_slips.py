"""The slips at a variable of an expression: one factor left out, some of its uses, and a factor from the wrong place.

asked:  d(h[2])  =  d(v[1]) * W[1,2] + d(v[2]) * W[2,2]        the column that h[2] is multiplied with
slip:   d(v[1]) * W[2,1] + d(v[2]) * W[2,2]                    the row: the transpose is forgotten

asked:  d(X[2])  =  d(v[1]) * K[2] + d(v[2]) * K[1]            each output with the entry that lay over X[2]
slip:   d(v[1]) * K[1] + d(v[2]) * K[2]                        the kernel the wrong way round
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bpstep.engine.cells import Cell
from bpstep.engine.steps import Step
from bpstep.exercises.slip import Slip

__all__ = ["factors_of", "of_variable"]

#: Of more contributions none is looked at by itself.
_MOST_USES = 32

_ARRAY_CELL = re.compile(r"(?P<array>\w+)\[(?P<place>[\d,]+)\]")


def factors_of(step: Step) -> tuple[Cell, Cell] | None:
    """Upstream and local of a contribution: of one through a weight or a factor, that is its local derivative."""
    if step.upstream is None or step.local is None:
        return None
    is_product = len(step.inputs) == 2 and step.op == "contribute"
    return step.upstream.cell, step.inputs[1].cell if is_product else step.local.cell


def of_variable(steps: Sequence[Step]) -> Iterator[Slip]:
    """An expression's variable, whose derivative these steps gather."""
    if len(steps) == 1:
        yield from _of_product(steps[0])
    elif len(steps) <= _MOST_USES:
        yield from _of_uses([step.right for step in steps])
        yield from _of_places(steps)


def _of_product(step: Step) -> Iterator[Slip]:
    """One contribution: a factor left out, or a plus for the times."""
    pair = factors_of(step)
    if pair is None:
        return
    upstream, local = pair
    yield Slip(str(upstream), f"That is what you get without {local}.")
    yield Slip(str(local), f"That is {local} alone: what comes back, {upstream}, is missing.")
    yield Slip(f"{upstream} + {local}", "That adds upstream and local; they are multiplied.")


def _of_uses(products: Sequence[str]) -> Iterator[Slip]:
    """Several contributions: one alone, all but one, the mean."""
    count = len(products)
    for place, alone in enumerate(products, 1):
        yield Slip(alone, f"That is contribution {place} of {count} alone; all of them add up.")
    for place in range(count) if count > 2 else ():
        others = [product for other, product in enumerate(products) if other != place]
        yield Slip(" + ".join(others), f"That is what you get without contribution {place + 1} of {count}.")
    yield Slip(f"({' + '.join(products)}) / {count}", "That is the mean of what comes back; it is the sum.")


def _of_places(steps: Sequence[Step]) -> Iterator[Slip]:
    """Contributions through the cells of one array: those of a row for those of a column, a kernel turned round."""
    pairs = [factors_of(step) for step in steps]
    cells = [(pair[0], _ARRAY_CELL.fullmatch(str(pair[1]))) for pair in pairs if pair is not None]
    found = [
        (upstream, match["array"], [int(k) for k in match["place"].split(",")])
        for upstream, match in cells
        if match
    ]
    if len(found) != len(steps) or len({array for _, array, _ in found}) != 1:
        return
    array, places = found[0][1], [place for _, _, place in found]
    if places == sorted(places) and any(len(set(index)) == 1 for index in zip(*places, strict=True)):
        turned = [place[::-1] for place in places]
        says = "a row for a column, or the other way round: the transpose is forgotten."
    else:  # under a window the entries come in the other order
        turned = places[::-1]
        says = "each output comes with the entry that lay there when it was computed."
    if turned != places:
        at = next(k for k, place in enumerate(places) if place != turned[k])
        wrong, right = (_named(array, place[at]) for place in (turned, places))
        text = " + ".join(
            f"{upstream} * {_named(array, place)}"
            for (upstream, _, _), place in zip(found, turned, strict=True)
        )
        yield Slip(text, f"That takes {wrong} in the place of {right}: {says}")


def _named(array: str, place: Sequence[int]) -> str:
    return f"{array}[{','.join(map(str, place))}]"
