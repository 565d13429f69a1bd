"""Which operation is this?  From what a learner's value says of itself, or from the numbers alone.

    says "+", made of a set {a}      a + a, where that gives the value (a set has everything once)
    says "-", made of {a, b}         a - b or b - a, whichever gives the value
    says "**3"                       a ^ 3
    says nothing, 0.7616 of (1)      tanh, for nothing else gives it

What a value says is believed, even where its number is another one: then the number is wrong, and that is what the
learner wants to see.  Where nothing is said, the first operation of a list that gives the number is taken; where
several do (2 + 2 and 2 * 2), the one by which the learner's own derivatives follow from each other.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from bpstep.engine.functions import FUNCTIONS
from bpstep.importing.networks import ModelError
from bpstep.importing.values import Value
from bpstep.lazily import dataclass
from bpstep.visible import quoted

__all__ = ["Choice", "choice_of"]

#: So near is the same number, computed in another way: tanh from exponentials.
_NEAR = 1e-9
_SOLVED_DIGITS = 12

_SIGNS = {"+": "add", "-": "sub", "−": "sub", "*": "mul", "×": "mul", "·": "mul", "/": "div", "÷": "div",
          "**": "pow", "^": "pow"}  # fmt: skip
_WORDS = {"truediv": "div", "divide": "div", "power": "pow", "plus": "add", "times": "mul", "multiply": "mul",
          "minus": "sub", "subtract": "sub", "negative": "neg", "log": "ln", "logistic": "sigmoid",
          "identity": "linear", "leakyrelu": "leaky-relu", "absolute": "abs", "maximum": "max", "minimum": "min",
          "square": "pow", "sum": "add", "prod": "mul"}  # fmt: skip
_POWER = re.compile(r"(?:\*\*|\^|pow_?)\(?(?P<exponent>[-+]?[\d.]+(?:e[-+]?\d+)?)\)?", re.IGNORECASE)

#: What is tried where nothing is said, the usual ones first.
_OF_ONE = ("tanh", "relu", "exp", "sigmoid", "ln", "neg", "sqrt", "sin", "cos", "tan", "abs", "softplus", "leaky-relu",
           "sinh", "cosh")  # fmt: skip
_OF_TWO = ("add", "mul", "sub", "div", "pow", "max", "min")
_EXPONENTS = (2.0, 3.0, -1.0, 0.5, -2.0, -0.5, 4.0)

Operand = int | float


@dataclass(frozen=True)
class Choice:
    """An operation: its row of the function table, and its operands: places of values, or constants.

    ``gives``: it gives the value's number.  ``open``: nothing but a guess says that it is this one and no other.
    """

    function: str
    operands: tuple[Operand, ...]
    gives: bool = True
    open: bool = False


def choice_of(value: Value, before: Sequence[Value], uses: Sequence[int]) -> Choice:
    """The operation that made a value; ``before`` are all values by their places, ``uses`` how many use each of them.

    Raises `ModelError` where nothing is said, and nothing that is known gives the number.
    """
    function, exponent = _said(value)
    if function:
        return _by_name(value, before, function, exponent)
    matching = [one for one in _every(value, before) if _gives(one, value, before)]
    matching = matching or list(_with_any_constant(value, before))
    if not matching:
        operands = ", ".join(f"{_data(one, before):.6g}" for one in value.operands[:4])
        said = (
            f"its operation {quoted(value.op)} is not known"
            if value.op
            else "nothing says by which operation"
        )
        raise ModelError(
            f"the value {value.data:.6g} is made of {operands}, and {said}; "
            "expected an _op such as + - * / ** neg relu tanh exp log sigmoid"
        )
    following = [one for one in matching if _follows(one, value, before, uses)]
    chosen, *others = following or matching
    alike = all(_same(_locals(chosen, value, before), _locals(other, value, before)) for other in others)
    return Choice(chosen.function, chosen.operands, open=not alike)


# --- what is said -------------------------------------------------------------------------------------


def _said(value: Value) -> tuple[str, float | None]:
    """The function that a value's sign or method names, and an exponent where the sign has it; "" where none does."""
    for text in (value.op, value.method):
        text = text.strip()
        if found := _POWER.fullmatch(text):
            return "pow", float(found["exponent"])
        name = _SIGNS.get(text) or text.lower().strip("_ ").replace("_", "-")
        for word in (name, name.replace("-", ""), name.removeprefix("r")):
            word = _WORDS.get(word, word)
            if word in FUNCTIONS:
                return ("neg" if word == "sub" and _alone(value) else word), None
    return "", None


def _alone(value: Value) -> bool:
    """A sign before one operand, and no constant that it could be taken from."""
    return len(value.operands) == 1 and not value.constants


def _by_name(value: Value, before: Sequence[Value], function: str, exponent: float | None) -> Choice:
    if exponent is not None and len(value.operands) == 1:
        ways = [Choice("pow", (value.operands[0], exponent))]
    else:
        ways = list(_ways(function, value, before))
    if not ways:
        raise ModelError(
            f"the value {value.data:.6g} is made by {quoted(value.op or value.method)} of {len(value.operands)} "
            f"values; expected {FUNCTIONS[function].arity}"
        )
    fitting = (one for one in ways if _gives(one, value, before))
    return next(fitting, Choice(ways[0].function, ways[0].operands, gives=False))


def _ways(function: str, value: Value, before: Sequence[Value]) -> Iterator[Choice]:
    """The ways in which a function can have these operands; the author's own first."""
    operands = value.operands
    if FUNCTIONS[function].arity == 1:
        if len(operands) == 1:
            yield Choice(function, operands)
    elif len(operands) == 1:
        (one,) = operands
        for constant in value.constants:
            yield from (Choice(function, (one, constant)), Choice(function, (constant, one)))
        if function == "pow":
            yield from (Choice("pow", (one, exponent)) for exponent in _EXPONENTS)
        yield Choice(function, (one, one))
        yield from _with_constant(function, one, value, before)
    elif len(operands) == 2:
        yield from (Choice(function, operands), Choice(function, operands[::-1]))
    elif function in ("add", "mul") and operands:
        yield Choice(function, operands)


_SOLVED: dict[str, tuple[Callable[[float, float], float], ...]] = {
    # from the value v and the operand a: the constant behind a, and the one before it
    "add": (lambda v, a: v - a,),
    "mul": (lambda v, a: v / a,),
    "sub": (lambda v, a: a - v, lambda v, a: v + a),
    "div": (lambda v, a: a / v, lambda v, a: v * a),
    "pow": (lambda v, a: math.log(v) / math.log(a), lambda v, a: v ** (1.0 / a)),
}


def _with_constant(
    function: str, operand: Operand, value: Value, before: Sequence[Value]
) -> Iterator[Choice]:
    """A function of one value and a constant that is no value of its own: it follows from the numbers."""
    a = _data(operand, before)
    for place, solve in enumerate(_SOLVED.get(function, ())):
        try:
            constant = float(f"{solve(value.data, a):.{_SOLVED_DIGITS}g}")
        except (ArithmeticError, ValueError, TypeError):
            continue
        if math.isfinite(constant):
            yield Choice(function, (operand, constant) if place == 0 else (constant, operand))


# --- what the numbers say -----------------------------------------------------------------------------


def _every(value: Value, before: Sequence[Value]) -> Iterator[Choice]:
    """Everything that could have made a value of which nothing is said."""
    operands = value.operands
    if len(operands) == 1:
        (one,) = operands
        yield from (Choice(function, operands) for function in _OF_ONE)
        yield from (Choice("pow", (one, exponent)) for exponent in _EXPONENTS)
        yield Choice("add", (one, one))
        yield from (Choice("pow", (one, constant)) for constant in value.constants)
        yield Choice("linear", operands)
        return
    for function in _OF_TWO:
        yield from _ways(function, value, before)


def _with_any_constant(value: Value, before: Sequence[Value]) -> Iterator[Choice]:
    """What could have made a value of one other and a constant that nobody kept."""
    if len(value.operands) == 1:
        for function in ("mul", "add"):
            ways = _with_constant(function, value.operands[0], value, before)
            yield from (one for one in ways if _gives(one, value, before))


def _data(operand: Operand, before: Sequence[Value]) -> float:
    return before[operand].data if isinstance(operand, int) else operand


def _gives(choice: Choice, value: Value, before: Sequence[Value]) -> bool:
    numbers = [np.array([_data(one, before)]) for one in choice.operands]
    function = FUNCTIONS[choice.function]
    with np.errstate(all="ignore"):
        made = numbers[0] if len(numbers) > function.arity else function.value(*numbers)
        for more in numbers[1:] if len(numbers) > function.arity else ():
            made = function.value(made, more)
    return _is_near(float(made[0]), value.data)


def _is_near(a: float, b: float) -> bool:
    return abs(a - b) <= _NEAR * max(abs(a), abs(b)) or a == b


def _locals(choice: Choice, value: Value, before: Sequence[Value]) -> dict[int, float]:
    """The derivative of an operation by each value that is an operand, all its places together."""
    function = FUNCTIONS[choice.function]
    numbers = [np.array([_data(one, before)]) for one in choice.operands]
    found: dict[int, float] = {}
    with np.errstate(all="ignore"):
        for one, partial in zip(choice.operands, function.partials, strict=True):
            if isinstance(one, int):
                found[one] = found.get(one, 0.0) + float(partial(np.array([value.data]), *numbers)[0])
    return found


def _same(a: dict[int, float], b: dict[int, float]) -> bool:
    return a.keys() == b.keys() and all(_is_near(a[one], b[one]) for one in a)


def _follows(choice: Choice, value: Value, before: Sequence[Value], uses: Sequence[int]) -> bool:
    """Whether the learner's derivatives say that it is this operation: those by the operands, where they are kept, or
    else those of operands that are used nowhere else."""
    local = _locals(choice, value, before)
    if value.slopes:
        kept = dict.fromkeys(local, 0.0)
        for one, slope in zip(value.operands, value.slopes, strict=True):
            if isinstance(one, int):
                kept[one] = kept.get(one, 0.0) + slope
        return _same(kept, local)
    told = [
        _is_near(value.grad * slope, grad)
        for one, slope in local.items()
        if value.grad is not None and (grad := before[one].grad) is not None and uses[one] == 1
    ]
    return bool(told) and all(told)
