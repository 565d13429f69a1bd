"""Where a transpose, a sum or a mask comes from, going back through an operation over arrays, in sentences.

Each says how the cell was used going forward, for that is why its derivative looks as it does:

    Going forward x1[2] was multiplied by each cell of column 2 of U, a product for each row. So what comes back meets
    that column, which is row 2 of Uᵀ: ∂E/∂x1 = Uᵀ · ∂E/∂v1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from bpstep.engine.costs import COSTS
from bpstep.engine.functions import FUNCTIONS
from bpstep.english import counted, times
from bpstep.view.scene.planes import name_of, transposed
from bpstep.view.scene.product import MatrixProduct
from bpstep.view.scene.statements import shape_text
from bpstep.view.words.meeting import Met
from bpstep.view.words.met_forward import largest_of

__all__ = ["back_as_arrays", "met_back"]


def met_back(met: Met) -> str:
    """How the cell was used, and what comes of it going back; of a contribution, what it is."""
    said = [_sort(met).words(met), _statistic(met), _taken(met)]
    if met.step.op == "contribute":
        said.append(f"This contribution is {met.product}.")
    return " ".join(text for text in said if text)


def back_as_arrays(met: Met) -> str:
    """What comes back to an operand, as books write it: in whole arrays."""
    tail = met.by(name_of(met.source(met.focus.source)))
    return f"{tail} {met.sign} {_sort(met).formula(met)}"


# --- products -------------------------------------------------------------------------------------------


def _matmul(met: Met) -> str:
    p = MatrixProduct.of(met.focus)
    return _to_right(met, p) if met.focus.source == 1 else _to_left(met, p)


def _to_right(met: Met, p: MatrixProduct) -> str:
    tail, head = met.name(met.tail), met.by(p.cross.name)
    if p.left.rows == 1:
        alone = f"{met.name(p.left.cell(0, p.k))}, and went into {met.name(met.result)} alone"
        return f"Going forward {tail} was multiplied by {alone}."
    column = f"column {p.k + 1} of {p.left.name}"
    which = head if p.cross.columns == 1 else f"column {p.j + 1} of {head}"
    turned = f"which is row {p.k + 1} of {transposed(p.left.name)}: {_of_product(met)}"
    return (
        f"Going forward {tail} was multiplied by each cell of {column}, a product for each row. "
        f"So {which} meets that column, {turned}."
    )


def _to_left(met: Met, p: MatrixProduct) -> str:
    tail, head, right = met.name(met.tail), met.by(p.cross.name), p.right.name
    if p.right.columns > 1:
        which = f"row {p.i + 1} of {head}" if p.cross.rows > 1 else head
        turned = f"which is column {p.k + 1} of {transposed(right)}: {_of_product(met)}"
        return (
            f"Going forward {tail} was multiplied by each cell of row {p.k + 1} of {right}, a product for each column. "
            f"So {which} meets that row, {turned}."
        )
    alone = f"{met.name(p.right.cell(p.k, 0))}, and went into {met.name(met.result)} alone: one product comes back"
    outer = f"All of these, a row for each cell of {head} and a column for each cell of {right}, are an outer product"
    outer = f" {outer}, {_of_product(met)}." if p.left.rows > 1 else ""
    return f"Going forward {tail} was multiplied by {alone}.{outer}"


def _of_product(met: Met) -> str:
    a, b = map(name_of, met.sources)
    head = met.by(met.head.layer)
    return f"{transposed(a)} · {head}" if met.focus.source == 1 else f"{head} · {transposed(b)}"


def _conv(met: Met) -> str:
    picture, kernel = map(name_of, met.sources)
    tail, uses = met.name(met.tail), met.edge.uses_of(met.focus.j)
    used = counted(uses, "product")
    if met.focus.source == 0:
        if uses == 1:
            return f"Going forward {tail} stood in one product only, with this cell of {kernel}: one share comes back."
        return (
            f"Going forward {tail} stood in {used}, each with another cell of {kernel}, as the window moved over it: "
            "from each of them something comes back."
        )
    same = f"{kernel} is one and the same in every place of the window"
    if uses == 1:
        return f"{same}, but {tail} met a cell of {picture} in one place only: one share comes back."
    return f"{same}: {tail} stood in {used}, each with another cell of {picture}, and the gradient adds up over them."


def _of_conv(met: Met) -> str:
    other = name_of(met.source(1 - met.focus.source))
    return f"Σ {met.by(met.head.layer)} · {other}, over the places of the window"


# --- sums, shares, the largest, masks ---------------------------------------------------------------------


def _sum(met: Met) -> str:
    others = len(met.cells_of(0)) - 1
    like = f", like the {counted(others, 'other cell')} of this sum" if others else ""
    tail, head = met.name(met.tail), met.name(met.result)
    return f"{tail} went into {head} as it is, so the local derivative is 1: it gets what {head} got{like}."


def _softmax(met: Met) -> str:
    n, count = met.focus.number, len(met.cells_of(0))
    score, share = met.name(met.tail), met.told(met.result)
    if met.step.op == "local":
        if n == met.focus.i:
            return (
                f"{score} is the share's own score: when it grows, p, which is {share}, grows by p · (1 − p). "
                "This stands on the diagonal of the Jacobian."
            )
        other = met.told(met.head.cell(n))
        return (
            f"{score} is the score of another share, q, which is {other}. When it grows, p, which is {share}, "
            "shrinks by p · q, for the shares add up to 1. This stands beside the diagonal of the Jacobian."
        )
    return (
        f"All {counted(count, 'share')} hear of the score {score}, so each of them sends something back: a column of "
        f"the Jacobian meets {met.by(met.head.layer)}, and a column of J is a row of Jᵀ."
    )


def _largest(met: Met) -> str:
    found, tail, head = largest_of(met), met.tail, met.name(met.result)
    if not found:
        return ""
    among = f"the largest of {counted(len(met.cells_of(0)), 'cell')}"
    shares = len(found) > 1 and not met.spec.window
    if tail not in (found if shares else found[:1]):
        why = f"{met.name(tail)} is not, so {head} does not change with it"
        return f"{met.told(found[0])} is {among}. {why}."
    if shares:
        return f"{met.told(tail)} is one of {len(found)} that are {among}: they share what {head} got."
    return f"{met.told(tail)} is {among}, and {head} is that number: what {head} got goes there, whole."


def _where(met: Met) -> str:
    mask = met.cells_of(0)[0]
    is_set = bool(met.value(mask))
    side = "not 0" if is_set else "0"
    head, tail = met.name(met.result), met.name(met.tail)
    leads_to_first = met.focus.source == 1 and not isinstance(met.spec.operands[1], float)
    if is_set == leads_to_first:
        return f"{met.told(mask)} is {side}, so {head} took {tail}: what {head} got goes there as it is."
    return f"{met.told(mask)} is {side}, so {head} did not take {tail}: nothing comes back to it."


# --- cell by cell -----------------------------------------------------------------------------------------


def _cost(met: Met) -> str:
    return f"{met.name(met.tail)} stands in one term of {met.name(met.result)}, and in no other."


def _cell_by_cell(met: Met) -> str:
    used = met.times_read(met.focus.source, met.focus.number)
    tail, head = met.name(met.tail), f"{met.head.layer} {shape_text(met.head)}".strip()
    if used > 1:
        back = "so from each of them something comes back, and adds up"
        rule = "where going forward a value is spread, going back there is a sum"
        return f"{tail} was spread over {counted(used, 'cell')} of {head}, {back}: {rule}."
    if met.head.size == 1:
        return ""
    return f"Cell by cell: going forward {tail} went into {met.name(met.result)}, and into no other cell of {head}."


def _several(met: Met) -> str:
    """Of a function of arrays that nothing is said of in particular."""
    used = met.edge.uses_of(met.focus.j)
    went = f"Going forward {met.name(met.tail)} went into {counted(used, 'cell')} of {met.head.layer}"
    return f"{went}: {'from each of them something comes back, and adds up' if used > 1 else 'one thing comes back'}."


def _of_several(met: Met) -> str:
    return f"Jᵀ · {met.by(met.head.layer)}, J = {_slopes(met)}"


def _of_cells(met: Met) -> str:
    spread = ", added up over what it was spread over" if _is_spread(met) else ""
    return f"{met.by(met.head.layer)} ∘ {_slopes(met)}{spread}"


def _is_spread(met: Met) -> bool:
    return met.source(met.focus.source).size < met.head.size


def _slopes(met: Met) -> str:
    return met.frame.symbols.ratio(met.head.layer, name_of(met.source(met.focus.source)))


# --- what else there is to say ------------------------------------------------------------------------------


def _statistic(met: Met) -> str:
    if not met.spec.is_statistic:
        return ""
    return f"{met.head.layer} is a statistic of many cells: through it each of them acts on all."


def _taken(met: Met) -> str:
    """Of an operand that is made of cells of others: that taking them is no step."""
    source = met.source(met.focus.source)
    if source.places is None:
        return ""
    name, tail = name_of(source), met.name(met.tail)
    _, places = source.taken_from(met.edge.tail)
    often = int(np.count_nonzero(places == met.focus.j))
    if often > 1:
        return f"{tail} was looked up {times(often)}: each time is a use of its own."
    return f"The cells of {name} are those of {met.edge.tail.layer}: taking them computes nothing, and has no step."


class _Sort(NamedTuple):
    """What is said of a sort of operation: in words, and as a formula of whole arrays."""

    words: Callable[[Met], str]
    formula: Callable[[Met], str]


_CELLS, _SEVERAL = _Sort(_cell_by_cell, _of_cells), _Sort(_several, _of_several)
_COST = _Sort(_cost, lambda met: f"{met.by(met.head.layer)} · {_slopes(met)}")
_SORTS = {
    "matmul": _Sort(_matmul, _of_product),
    "conv": _Sort(_conv, _of_conv),
    "sum": _Sort(_sum, lambda met: f"{met.by(met.head.layer)}, for each cell of the sum"),
    "sum-pool": _Sort(_sum, lambda met: f"{met.by(met.head.layer)}, for each cell of the window"),
    "softmax": _Sort(_softmax, lambda met: f"Jᵀ · {met.by(met.head.layer)}"),
    "largest": _Sort(_largest, lambda met: f"{met.by(met.head.layer)}, where the largest is"),
    "max-pool": _Sort(_largest, lambda met: f"{met.by(met.head.layer)}, where the largest of a window is"),
    "where": _Sort(_where, lambda met: f"{met.by(met.head.layer)}, where it was taken"),
}


def _sort(met: Met) -> _Sort:
    if met.spec.function in COSTS:
        return _COST
    return _SORTS.get(met.spec.function, _CELLS if met.spec.function in FUNCTIONS else _SEVERAL)
