"""What meets in an operation over arrays, going forward, in sentences: a function for each sort of operation.

Row 2 of U meets x1: 2 products add up to v1[2]. This one is U[2,1] = 0.2000 times x1[1] = 1.000.
"""

from __future__ import annotations

from collections.abc import Callable

from bpstep.engine.cells import Cell
from bpstep.engine.costs import COSTS
from bpstep.engine.functions import FUNCTIONS
from bpstep.engine.specs import Window
from bpstep.english import counted, listed
from bpstep.view.scene.planes import name_of
from bpstep.view.scene.product import MatrixProduct
from bpstep.view.scene.statements import shape_text
from bpstep.view.words.meeting import Met

__all__ = ["largest_of", "met_forward"]


def met_forward(met: Met) -> str:
    """Which cells the cell of this step is computed from, and how they meet."""
    if met.spec.function in COSTS:
        return _cost(met)
    usual = _cell_by_cell if met.spec.function in FUNCTIONS else _of_several
    return _SORTS.get(met.spec.function, usual)(met)


def _matmul(met: Met) -> str:
    p = MatrixProduct.of(met.focus)
    row = f"Row {p.i + 1} of {p.left.name}" if p.left.rows > 1 else p.left.name
    column = f"column {p.j + 1} of {p.right.name}" if p.right.columns > 1 else p.right.name
    added = f"{counted(p.left.columns, 'product')} add up to" if p.left.columns > 1 else "one product is"
    return f"{row} meets {column}: {added} {met.name(met.result)}. This one is {met.product}."


def _conv(met: Met) -> str:
    picture, kernel = map(name_of, met.sources)
    inside, all_of = len(met.cells_of(0)), len(met.focus.meeting.index[0][met.focus.i])
    outside = ""
    if inside < all_of:
        outside = (
            f" What lies outside {picture} counts as 0, and has no term: {counted(all_of - inside, 'cell')}."
        )
    meets = f"The window of {picture} that belongs to {met.name(met.result)} meets {kernel} cell by cell"
    return f"{meets}: {counted(inside, 'product')} add up.{outside} This one is {met.product}."


def _sum(met: Met) -> str:
    count = counted(len(met.cells_of(0)), "cell")
    where = " of the window" if isinstance(met.spec.window, Window) else f" of {name_of(met.source(0))}"
    return f"{count}{where} add up to {met.name(met.result)}. This one is {met.product}."


def _softmax(met: Met) -> str:
    vector, own = met.source(0).cell(met.focus.i)
    count = counted(len(met.cells_of(0)), "score")
    return (
        f"Softmax makes shares of {count}: e to the power of each, over the sum of all these. "
        f"{met.name(met.result)} is the share of {met.told(vector.cell(own))}."
    )


def largest_of(met: Met) -> list[Cell]:
    """Of the cells that one is the largest of: those that are as large as any; none while one is not known."""
    cells = met.cells_of(0)
    known = [value for cell in cells if (value := met.value(cell)) is not None]
    if len(known) < len(cells):
        return []
    most = max(known)
    return [cell for cell, value in zip(cells, known, strict=True) if value == most]


def _largest(met: Met) -> str:
    found, count = largest_of(met), len(met.cells_of(0))
    if not found:
        return ""
    result = met.name(met.result)
    if len(found) == 1:
        told, alone = met.told(found[0]), "Going back, that cell alone gets a derivative."
        return f"The largest of {counted(count, 'cell')} is {told}: {result} is that number. {alone}"
    many = f"{len(found)} of {counted(count, 'cell')} are the largest, the first of them {met.told(found[0])}"
    gets = "the first of them gets the derivative" if met.spec.window else "they share the derivative"
    return f"{many}: {result} is that number. Going back, {gets}."


def _where(met: Met) -> str:
    mask = met.cells_of(0)[0]
    value = met.value(mask)
    if value is None:
        return ""
    side = met.spec.operands[1 if value else 2]
    place = sum(not isinstance(one, float) for one in met.spec.operands[: 1 if value else 2])
    takes = "the constant" if isinstance(side, float) else met.told(met.cells_of(place)[0])
    which = "not 0, so it takes the first side" if value else "0, so it takes the second side"
    return f"{met.name(met.result)} looks at {met.told(mask)}: that is {which}, {takes}."


def _detach(met: Met) -> str:
    return f"{met.name(met.result)} hands on the number of {met.product}; no derivative comes back over it."


def _cost(met: Met) -> str:
    output, target = map(name_of, met.sources)
    count = counted(len(met.cells_of(0)), "term")
    return (
        f"Each cell of {output} stands beside its cell of {target}: {count} add up to {met.name(met.result)}."
    )


def _of_several(met: Met) -> str:
    """Of a function of arrays that nothing is said of in particular."""
    read = [
        f"{counted(len(met.cells_of(place)), 'cell')} of {name_of(source)}"
        for place, source in enumerate(met.sources)
    ]
    this = f" This one is {met.product}." if met.step.op == "term" else ""
    return f"{met.name(met.result)} is computed from {listed(read)}.{this}"


def _cell_by_cell(met: Met) -> str:
    if met.head.size == 1:
        return ""
    spread = [_spread(met, place) for place in range(len(met.sources))]
    said = [text for text in spread if text]
    if said:
        return " ".join(said)
    return f"Cell by cell: {met.name(met.result)} hears of no cell but what stands in its own place."


def _spread(met: Met, place: int) -> str:
    """Of an operand that is broadcast: what that means for the cell that is read."""
    number = int(met.focus.meeting.index[place][met.focus.i, 0])
    used = met.times_read(place, number)
    if used < 2:
        return ""
    vector, j = met.source(place).cell(number)
    head = f"{met.head.layer} {shape_text(met.head)}"
    return f"{met.with_shape(place)} is spread over {head}: {met.told(vector.cell(j))} is used for {used} of its cells."


_SORTS: dict[str, Callable[[Met], str]] = {
    "matmul": _matmul,
    "conv": _conv,
    "sum": _sum,
    "sum-pool": _sum,
    "softmax": _softmax,
    "largest": _largest,
    "max-pool": _largest,
    "where": _where,
    "detach": _detach,
}
