"""A calculator for the texts of steps: what comes out when numbers are put in their places.

A step's text is arithmetic with numbered places, ``{0} * (1 - {0})``, in the grammar of scenario files: Python's
precedence, ``^`` for powers, ``[p]`` for 1 where p holds and 0 where not.  `worked_out` puts numbers in the places:

    >>> worked_out("{0} * (1 - {0})", [0.75]), worked_out("[{0} > 0] + 0.01 * [{0} <= 0]", [-3.0])
    (0.1875, 0.01)

A learner with a pocket calculator does the same with the numbers on the screen, which are rounded.  `digits_for` says
how many digits the screen must show for the learner to get the last digit of the result:

    >>> digits_for("{0} * {1}", [1.2345, 3.4567], 1.2345 * 3.4567, 4)      # 1.234 * 3.457 is 4.266
    5
    >>> f"{1.2345 * 3.4567:.4g}", f"{1.2345 * 3.4567:.6g}"
    ('4.267', '4.2673')

Where nearly equal numbers are subtracted it takes many digits; there are never more than `MOST_DIGITS`, with which a
number reads back to itself.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from bpstep.engine.functions import called

__all__ = ["MOST_DIGITS", "digits_for", "is_sum", "short_texts", "worked_out"]

#: With so many significant digits a number reads back to the same float.
MOST_DIGITS = 17

_Numbers = Sequence[Any]
_Part = Callable[[_Numbers], Any]

_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    # Two constants are numbers of Python's, which raises at 1 / 0.
    ast.Div: lambda a, b: np.float64(a) / b, ast.Pow: lambda a, b: np.float64(a) ** b,
}  # fmt: skip
_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Gt: operator.gt, ast.Lt: operator.lt, ast.GtE: operator.ge, ast.LtE: operator.le, ast.Eq: operator.eq,
}  # fmt: skip
#: What a template is made of that only adds and multiplies.
_PLAIN = (ast.Set, ast.Constant, ast.UnaryOp, ast.USub, ast.Load, ast.BinOp, ast.Add, ast.Sub, ast.Mult)


def worked_out(template: str, numbers: Sequence[float]) -> float:
    """The value of a template with these numbers in its places: IEEE arithmetic, so 1/0 is inf and nothing raises.

    >>> worked_out("1 / 0", []), worked_out("{0} / 0 - {0}", [-2.0])
    (inf, -inf)
    """
    with np.errstate(all="ignore"):
        return float(_compiled(template)([np.float64(number) for number in numbers]))


def digits_for(template: str, numbers: Sequence[float], result: float, digits: int) -> int:
    """How many significant digits the numbers must have for ``result`` to come out in ``digits`` of them.

    Never fewer than ``digits``.  Numbers that are not finite need no more.  A result that is none, of numbers that are,
    may hang on a digit as well as any other:

    >>> digits_for("{0}^{1}", [-1.0, 1721.344], math.nan, 4)      # (-1)^1721 is -1
    5
    """
    return _tried(template, numbers, result, digits)[0]


def short_texts(template: str, numbers: Sequence[float], result: float, digits: int) -> list[str]:
    """The numbers with so many digits.

    >>> short_texts("{0} * {1}", [1.2345, 3.4567], 1.2345 * 3.4567, 4)
    ['1.2345', '3.4567']
    """
    return _tried(template, numbers, result, digits)[1]


def _tried(template: str, numbers: Sequence[float], result: float, digits: int) -> tuple[int, list[str]]:
    """The fewest digits with which the result comes out, and the numbers in these digits."""
    part, wanted = _compiled(template), f"{result + 0.0:.{digits}g}"
    is_plain = _is_plain(template)
    for tried in range(digits, MOST_DIGITS):
        texts = [f"{number + 0.0:.{tried}g}" for number in numbers]
        short = list(map(float, texts))
        found = part(short) if is_plain else worked_out(template, short)
        if f"{found + 0.0:.{digits}g}" == wanted:
            return tried, texts
        if tried == digits and not all(map(math.isfinite, numbers)):
            return digits, texts
    return MOST_DIGITS, [f"{number + 0.0:.{MOST_DIGITS}g}" for number in numbers]


def is_sum(template: str) -> bool:
    """Whether a template is a sum or a difference, which needs parentheses behind a minus.

    >>> is_sum("{0} + {1}"), is_sum("({0} + {1}) * {2}")
    (True, False)
    """
    whole = _tree(template)
    return isinstance(whole, ast.BinOp) and isinstance(whole.op, ast.Add | ast.Sub)


@lru_cache(maxsize=1024)
def _compiled(template: str) -> _Part:
    return _part(_tree(template))


@lru_cache(maxsize=1024)
def _tree(template: str) -> ast.expr:
    """Python can read a template as it stands: a place ``{0}`` is a set of one number, ``[p]`` a list of one
    comparison."""
    return ast.parse(template.replace("^", "**"), mode="eval").body


@lru_cache(maxsize=1024)
def _is_plain(template: str) -> bool:
    """Whether a template only adds and multiplies, which Python's own numbers do faster, and without raising."""
    return all(isinstance(node, _PLAIN) for node in ast.walk(_tree(template)))


def _part(node: ast.expr) -> _Part:
    """A node of the tree as a function of the numbers."""
    if isinstance(node, ast.Constant):
        constant = float(node.value)  # type: ignore[arg-type]
        return lambda numbers: constant
    if isinstance(node, ast.Set):
        place = ast.literal_eval(node.elts[0])
        return lambda numbers: numbers[place]
    if isinstance(node, ast.UnaryOp):
        negated = _part(node.operand)
        return lambda numbers: -negated(numbers)
    if isinstance(node, ast.BinOp):
        return _joined(_OPERATORS[type(node.op)], _part(node.left), _part(node.right))
    if isinstance(node, ast.List):
        return _bracket(node.elts[0])
    if isinstance(node, ast.Call):
        assert isinstance(node.func, ast.Name)
        function, operands = called()[node.func.id].value, [_part(operand) for operand in node.args]
        return lambda numbers: function(*(operand(numbers) for operand in operands))
    raise ValueError(f"a step's text has no {type(node).__name__}")


def _joined(join: Callable[[Any, Any], Any], left: _Part, right: _Part) -> _Part:
    return lambda numbers: join(left(numbers), right(numbers))


def _bracket(node: ast.expr) -> _Part:
    """Iverson's bracket: 1 where the comparison holds, else 0."""
    assert isinstance(node, ast.Compare)
    holds = _joined(_COMPARISONS[type(node.ops[0])], _part(node.left), _part(node.comparators[0]))
    return lambda numbers: np.float64(holds(numbers))
