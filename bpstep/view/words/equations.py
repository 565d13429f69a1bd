"""Operations over arrays in words: each as an equation, and the uses of a variable that several operations read.

    v1 = U @ x1            an operation, its operands by their names
    use 2 of 3 of W        the use over which a step goes back
    W is used 3 times: …   all of them, in the order in which W hears of them

Each is said in the title of the operation's picture, in the table of arrays, or at the head of a block of the program.
"""

from __future__ import annotations

from collections.abc import Sequence

from bpstep.engine.arrays import Source
from bpstep.engine.edge import Edge
from bpstep.engine.operation import Operation as Computed
from bpstep.engine.specs import ExpressionSpec, Operation
from bpstep.english import times
from bpstep.view.drawing.numbers import NumberFormat, shortest
from bpstep.view.scene.focus import Focus
from bpstep.view.scene.frame import Frame
from bpstep.view.scene.planes import name_of

__all__ = [
    "SIGNS",
    "equation",
    "equations_of",
    "gathering_sign",
    "named",
    "stated",
    "stated_operations",
    "use_of",
    "uses_of",
]

#: The signs of operations that are written between their operands; a convolution has one only in pictures.
SIGNS = {"conv": "⋆", "add": "+", "sub": "−", "mul": "·", "div": "/", "pow": "^"}

#: A constant that is longer loses digits: the root of 2, say.
_LONGEST_CONSTANT = 8

#: So many uses of a variable are listed.
_MOST_USES = 4


def stated_operations(frame: Frame) -> dict[str, Operation]:
    """The operations of the program as it states them, by the names of their heads."""
    problem = frame.setup.problem
    assert isinstance(problem, ExpressionSpec)
    return frame.drawing("by name", None, lambda: {one.name: one for one in problem.operations})


def stated(frame: Frame, operation: Computed) -> Operation | None:
    """What the program states of an operation; None of the loss, which is behind all that it states."""
    if operation is frame.setup.graph.loss:
        return None
    return stated_operations(frame).get(operation.head.layer)


def named(sources: Sequence[Source]) -> list[str]:
    """Operands by their names."""
    return [name_of(source) for source in sources]


def equation(spec: Operation, head: str, names: Sequence[str]) -> str:
    """The operation in one line: its operands by name, its constants, its settings."""
    each = iter(names)
    operands = [_constant(one) if isinstance(one, float) else next(each) for one in spec.operands]
    if spec.function == "matmul":
        return f"{head} = {operands[0]} @ {operands[1]}"
    if spec.function == "pow":
        return f"{head} = {operands[0]}^{operands[1]}"
    if spec.function in SIGNS and spec.function != "conv" and len(operands) == 2:
        return f"{head} = {operands[0]} {SIGNS[spec.function]} {operands[1]}"
    name = "max" if spec.function == "largest" else spec.function.replace("-", "_")
    return f"{head} = {name}({', '.join([*operands, *_settings(spec)])})"


def _constant(value: float) -> str:
    """A constant as it is typed, if that is short."""
    text = shortest(value)
    return text if len(text) <= _LONGEST_CONSTANT else NumberFormat().bare(value)


def _settings(spec: Operation) -> list[str]:
    """What is said of an operation besides its operands: the axis that it goes over, from 1, and its window."""
    found = [] if spec.axis is None else [f"axis={spec.axis + 1}"]
    if spec.window is None:
        return found
    window = spec.window
    size, stride, padding = (_axes(one) for one in (window.size, window.stride, window.padding))
    if spec.function != "conv":
        return [size] if stride == size else [size, f"stride={stride}"]
    found += [f"stride={stride}"] if stride != "1" else []
    return [*found, *([f"padding={padding}"] if padding != "0" else [])]


def _axes(counts: Sequence[int]) -> str:
    """A number for each axis; one for all of them where they are alike."""
    return str(counts[0]) if len(set(counts)) == 1 else f"({', '.join(map(str, counts))})"


def equations_of(frame: Frame) -> dict[str, str]:
    """Of each variable that is computed, how, by its name."""
    return frame.drawing("equations", None, lambda: _equations_of(frame))


def _equations_of(frame: Frame) -> dict[str, str]:
    specs = stated_operations(frame)
    found: dict[str, str] = {}
    for operation in frame.setup.graph.operations:
        name = operation.head.layer
        if name in specs:
            found[name] = equation(specs[name], name, named(Focus(operation, 0).meeting.sources))
    return found


def use_of(frame: Frame, edge: Edge) -> str:
    """Which use of a variable an edge leads back over, where it has several."""
    consumers = frame.setup.graph.consumers[edge.tail.id]
    if len(consumers) < 2:
        return ""
    return f"use {consumers.index(edge) + 1} of {len(consumers)} of {edge.tail.layer}"


def uses_of(frame: Frame, edge: Edge) -> list[tuple[str, str]]:
    """All uses of a variable that has several, in the order in which it hears of them, and which is heard now."""
    consumers = frame.setup.graph.consumers[edge.tail.id]
    if len(consumers) < 2:
        return []
    at = consumers.index(edge)
    first = min(max(0, at - 2), max(0, len(consumers) - _MOST_USES))
    lines = [(f"{edge.tail.layer} is used {times(len(consumers))}:", "dim")]
    equations = equations_of(frame)
    for place, one in list(enumerate(consumers))[first : first + _MOST_USES]:
        mark, role = ("◀", "deriv-read") if place == at else (" ", "dim")
        lines.append((f"{mark} {equations.get(one.head.layer, one.head.layer)}", role))
    return lines


def gathering_sign(frame: Frame, edge: Edge) -> str:
    """How what comes back over an edge is written into its tail: one use of several is added."""
    return "=" if len(frame.setup.graph.consumers[edge.tail.id]) == 1 else "+="
