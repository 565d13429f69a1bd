"""A program over arrays as its author wrote it: statements, each with the operations that it is made of.

``h1 = tanh(U @ x1 + W @ h0 + b)`` is five operations, of which the author named the last.  What is drawn of a whole
program has one place for each statement.
"""

from __future__ import annotations

from bpstep.debugger.moment import PARTIAL, UNSET
from bpstep.engine.cells import Cell
from bpstep.engine.specs import ExpressionSpec, Taken
from bpstep.engine.vectors import Vector
from bpstep.lazily import dataclass
from bpstep.scenario.loops import LoopError, written_out
from bpstep.view.scene.frame import Frame
from bpstep.view.scene.planes import Of

__all__ = ["Stated", "dims_text", "shape_text", "statements_of", "written"]


@dataclass(frozen=True)
class Stated:
    """A statement: the variable that it defines, and the variables of others that it reads; ``parts`` are the
    operations that it is made of, by the names of their heads.

    ``text`` is what the author wrote, with the numbers of this pass of its loops; ``template`` the same with its
    braces, and ``values`` what the variables of these loops are here.  All three are empty where the author's words are
    not known.
    """

    name: str
    reads: tuple[str, ...]
    parts: frozenset[str]
    text: str = ""
    template: str = ""
    values: tuple[tuple[str, int], ...] = ()


def statements_of(frame: Frame) -> tuple[Stated, ...]:
    """The statements of a program, in order; where the author's words are not known, an operation each."""
    return frame.drawing("statements", None, lambda: _statements_of(frame))


def _statements_of(frame: Frame) -> tuple[Stated, ...]:
    problem = frame.setup.problem
    assert isinstance(problem, ExpressionSpec)
    named = _named(frame)
    found: list[Stated] = []
    parts: list[str] = []
    reads: list[str] = []
    for operation in problem.operations:
        for operand in operation.operands:
            if not isinstance(operand, float):
                reads += operand.arrays if isinstance(operand, Taken) else (operand,)
        parts.append(operation.name)
        if not named or operation.name in named or operation.name == problem.output:
            outer = dict.fromkeys(name for name in reads if name not in parts)
            said = named.get(operation.name, ("", "", ()))
            found.append(Stated(operation.name, tuple(outer), frozenset(parts), *said))
            parts, reads = [], []
    return tuple(found)


def _named(frame: Frame) -> dict[str, tuple[str, str, tuple[tuple[str, int], ...]]]:
    """What the author wrote, by the variable that it names: as it is here, as it is in the file, and what the
    variables of its loops are."""
    stated = frame.session.scenario.stated
    if stated is None:
        return {}
    try:
        every = [one for k, text in enumerate(stated.define) for one in written_out(k, text)]
    except LoopError:
        return {}
    return {one.name: (_spaced(one.text), _spaced(one.template), one.values) for one in every}


def _spaced(text: str) -> str:
    """A text on one line, however it was broken."""
    return " ".join(text.split())


def shape_text(vector: Vector) -> str:
    """The shape of a variable; "" of a single number."""
    return dims_text(vector.dims)


def dims_text(dims: tuple[int, ...]) -> str:
    """A shape: (3×2); "" of a single number."""
    return f"({'×'.join(map(str, dims))})" if dims else ""


def written(frame: Frame, vector: Vector, of: Of) -> int | None:
    """How many cells of an array have their number now; None where they never get one.

    Cells are written row by row: of most arrays it is all or none, and else the last one is looked for by halves.
    """
    key = of(vector.cell(0)).kind, vector.layer
    if key not in frame.counts:
        frame.counts[key] = _count_written(frame, vector, of)
    return frame.counts[key]


def _count_written(frame: Frame, vector: Vector, of: Of) -> int | None:
    if frame.index.find(of(vector.cell(0))) is None:
        return None
    if not _is_written(frame, of(vector.cell(0))):
        return 0
    if _is_written(frame, of(vector.cell(vector.size - 1))):
        return vector.size
    low, high = 1, vector.size - 1
    while low < high:
        middle = (low + high) // 2
        if _is_written(frame, of(vector.cell(middle))):
            low = middle + 1
        else:
            high = middle
    return low


def _is_written(frame: Frame, cell: Cell) -> bool:
    reading = frame.read(cell)
    return reading is not None and reading.state not in (UNSET, PARTIAL)
