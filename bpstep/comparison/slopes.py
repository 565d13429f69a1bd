"""Wrong local derivatives, as people write them into the backward of one operation.

    tanh      1 - y        the square is forgotten            1 - x^2    x stands where y belongs
    x ^ n     n x^n        the exponent is not lowered        x^(n-1)    its factor is forgotten
    a - b     +1 for b     the minus is forgotten             relu       [x < 0]    turned round

Each row says what stands on an edge instead; where it leaves an edge as it is, the mistake can not be made there.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bpstep.comparison.net import is_coupled
from bpstep.comparison.walk import Edge, Local, Walk, array_of
from bpstep.engine.functions import FUNCTIONS

__all__ = ["local_changes"]

_FACTORS = (-1.0, 2.0, 0.5)


def local_changes(walk: Walk) -> Sequence[tuple[str, str, Local]]:
    """Each mistake with its sentence, and the local derivative that it puts on an edge."""
    others = {
        (head, edge.tail): [x.local for x in edges if x is not edge]
        for head, edges in walk.operands.items()
        for edge in edges
    }

    def swapped(edge: Edge) -> float:
        other = others[edge.head, edge.tail]
        return other[0] if other and edge.function in ("mul", "div", "pow") else edge.local

    def plain(edge: Edge) -> float:
        if edge.function in ("add", "sub", "mul", "neg"):
            return edge.local
        # Of softmax, each of whose cells hears from all of the operand, what is left without it is the identity.
        return _same_place(edge) if is_coupled(edge.function) else 1.0

    def unmultiplied(edge: Edge) -> float:
        of_parameter = array_of(edge.tail) in walk.leaves
        return edge.local if edge.function != "matmul" or of_parameter else _same_place(edge)

    return (
        *_of_curves(walk),
        *_of_arithmetic(walk),
        ("no-derivative", "the local derivative is left out (taken as 1)", plain),
        ("value-for-derivative", "the function itself stands where its derivative should be",
         lambda edge: walk.values[edge.head]),
        ("swapped-operands", "the derivatives by the two operands are swapped", swapped),
        *(
            (f"factor {factor:g}", f"the local derivative is multiplied by {factor:g}",
             lambda edge, factor=factor: factor * edge.local)
            for factor in _FACTORS
        ),
        ("derivative-twice", "the local derivative is multiplied in twice", lambda edge: edge.local**2),
        ("not-multiplied", "what comes back is passed on as it is, not multiplied by the matrix", unmultiplied),
        ("zero", "nothing is passed on", lambda edge: 0.0),
    )  # fmt: skip


def _same_place(edge: Edge) -> float:
    """The identity: 1 between cells that have the same place in their arrays, else 0."""
    return float(edge.head.partition("[")[2] == edge.tail.partition("[")[2])


def _is_curve(edge: Edge) -> bool:
    """Whether an operation is a curved function of one variable."""
    row = FUNCTIONS.get(edge.function)
    return row is not None and row.arity == 1 and not row.linear


def _of_curves(walk: Walk) -> Sequence[tuple[str, str, Local]]:
    """Of functions of one variable: f′ of the wrong number, or not quite f′."""

    def partial(edge: Edge, y: float, x: float) -> float:
        return float(FUNCTIONS[edge.function].partials[0](np.array([y]), np.array([x]))[0])

    def at_output(edge: Edge) -> float:
        if not _is_curve(edge):
            return edge.local
        y = walk.values[edge.head]
        return partial(edge, float(FUNCTIONS[edge.function].value(np.array([y]))[0]), y)

    def operand_for_output(edge: Edge) -> float:
        x = walk.values[edge.tail]
        return partial(edge, x, x) if _is_curve(edge) else edge.local

    def square_forgotten(edge: Edge) -> float:
        return 1.0 - walk.values[edge.head] if edge.function == "tanh" else edge.local

    def logistic(edge: Edge) -> float:
        y = walk.values[edge.head]
        return y * (1.0 - y) if _is_curve(edge) else edge.local

    def turned(edge: Edge) -> float:
        return 1.0 - edge.local if edge.function == "relu" else edge.local

    def operand(edge: Edge) -> float:
        return walk.values[edge.tail] if _is_curve(edge) else edge.local

    return (
        ("derivative-of-output", "f′ is taken at the output instead of the operand", at_output),
        ("operand-in-formula", "the operand stands in the formula of f′ where the output belongs: 1 − x² for 1 − y²",
         operand_for_output),
        ("square-forgotten", "1 − y stands for 1 − y²", square_forgotten),
        ("logistic-everywhere", "y(1 − y) is used, which is the logistic function's", logistic),
        ("turned-round", "what is below 0 is let through, not what is above", turned),
        ("operand-for-derivative", "the operand itself stands where the derivative should be", operand),
    )  # fmt: skip


def _of_arithmetic(walk: Walk) -> Sequence[tuple[str, str, Local]]:
    """Of powers, differences and quotients."""

    def power(edge: Edge) -> tuple[float, float] | None:
        """The base and a constant exponent."""
        exponent = walk.operands_of(edge.head)[-1]
        if edge.function != "pow" or not isinstance(exponent, float):
            return None
        return walk.values[edge.tail], exponent

    def not_lowered(edge: Edge) -> float:
        found = power(edge)
        return edge.local if found is None else found[1] * walk.values[edge.head]

    def factor_forgotten(edge: Edge) -> float:
        found = power(edge)
        return edge.local if found is None else edge.local / found[1] if found[1] else 0.0

    def minus_forgotten(edge: Edge) -> float:
        first = walk.operands_of(edge.head)[0]
        return -edge.local if edge.function in ("sub", "div") and array_of(edge.tail) != first else edge.local

    return (
        ("exponent-not-lowered", "n·xⁿ stands for n·xⁿ⁻¹", not_lowered),
        ("factor-of-power-forgotten", "xⁿ⁻¹ stands for n·xⁿ⁻¹", factor_forgotten),
        (
            "minus-forgotten",
            "the derivative by what is subtracted, or divided by, lacks its minus",
            minus_forgotten,
        ),
    )
