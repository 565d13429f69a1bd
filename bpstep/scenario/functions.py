"""What may be called in arithmetic: the rows of the function table, and in definitions the functions of arrays.

A row of the function table works cell by cell.  A function of arrays looks at several cells at once, or only at
shapes; here stands how each is called, and what it becomes is the business of `bpstep.scenario.arrays`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from bpstep.engine.cells import CLOCK_KINDS
from bpstep.engine.costs import COSTS
from bpstep.engine.functions import FUNCTIONS, called
from bpstep.lazily import dataclass

__all__ = [
    "ARRAY_FUNCTIONS",
    "CONSTANTS",
    "COST_FUNCTIONS",
    "WORDS",
    "Form",
    "array_form",
    "function_names",
    "is_reserved",
    "name_problem",
]

#: Other names of rows of the function table than the one in their text.
_ALSO = {"log": "ln"}
CONSTANTS = {"pi": math.pi, "π": math.pi}
#: What joins conditions.
WORDS = ("and", "or", "not")

#: Names that a scenario may not use for its variables, besides those of functions.
_RESERVED = frozenset([*_ALSO, "pi", *CLOCK_KINDS, "loss", "cost", *WORDS])
#: Functions that came when files with variables of these names were already about.
_NOT_RESERVED = frozenset({"gelu", "silu", "erf"})


_NAME = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True)
class Form:
    """How a function of arrays is called: ``text`` shows it, with ``least`` to ``most`` operands (None: any number).

    ``says`` is what it gives, in the help.  ``settings`` are what may be given by name.
    """

    text: str
    says: str
    least: int = 1
    most: int | None = 1
    settings: tuple[str, ...] = ()

    def fits(self, operands: int, settings: Sequence[tuple[str, float]]) -> bool:
        """Whether so many operands and these settings are what it takes."""
        most = math.inf if self.most is None else self.most
        return self.least <= operands <= most and all(name in self.settings for name, _ in settings)


def _costs() -> dict[str, str]:
    return {name.replace("-", "_"): name for name in COSTS}


#: The rows of the cost table by the names that call them.
COST_FUNCTIONS: Mapping[str, str] = _costs()

_AXIS = ("axis",)
_EPS = ("eps",)
_POOL = ("size", "stride")
ARRAY_FUNCTIONS: Mapping[str, Form] = {
    "sum": Form("sum(A, axis=k)", "the sum of all cells, or over an axis", settings=_AXIS),
    "mean": Form("mean(A, axis=k)", "their mean", settings=_AXIS),
    "max": Form(
        "max(A, axis=k) or max(a, b)",
        "the greatest over an axis; of two operands, the greater, cell by cell",
        settings=_AXIS,
    ),
    "var": Form("var(A, axis=k)", "their variance, divided by how many they are", settings=_AXIS),
    "softmax": Form("softmax(A, axis=k)", "over the last axis, or over one that is named", settings=_AXIS),
    "log_softmax": Form("log_softmax(A, axis=k)", "its logarithm", settings=_AXIS),
    "conv": Form(
        "conv(X, K, stride=1, padding=0)",
        "a kernel moves over an array, which is not flipped",
        2,
        2,
        ("stride", "padding"),
    ),
    "max_pool": Form("max_pool(X, size, stride=size)", "the greatest of each window", 1, 3, _POOL),
    "mean_pool": Form("mean_pool(X, size, stride=size)", "the mean of each window", 1, 3, _POOL),
    "sum_pool": Form("sum_pool(X, size, stride=size)", "the sum of each window", 1, 3, _POOL),
    "reshape": Form("reshape(A, 2, 3)", "the same cells in another shape", 2, 5),
    "concat": Form(
        "concat(A, B, axis=1)", "arrays one behind the other, along an axis that they have", 1, None, _AXIS
    ),
    "stack": Form("stack(a, b, axis=1)", "arrays one behind the other, along a new axis", 1, None, _AXIS),
    "rows": Form("rows(E, ids)", "rows of a table, by their numbers: an embedding", 2, 2),
    "where": Form("where(mask, A, B)", "A where the mask is not 0, else B", 3, 3),
    "detach": Form("detach(A)", "the same values, through which nothing flows back"),
    "layer_norm": Form(
        "layer_norm(A, gain, shift, eps=1e-5)",
        "each row with mean 0 and deviation 1, then scaled and shifted",
        3,
        3,
        _EPS,
    ),
    "batch_norm": Form("batch_norm(A, gain, shift, eps=1e-5)", "the same for each column", 3, 3, _EPS),
    **{name: Form(f"{name}(y, t)", "a cost, summed over all cells", 2, 2) for name in COST_FUNCTIONS},
}


def array_form(name: str, operands: int, settings: Sequence[tuple[str, float]] = ()) -> Form | None:
    """How a function of arrays is called; None for one that works cell by cell, such as ``max(a, b)``."""
    cell_by_cell = name == "max" and operands == 2 and not settings
    return None if cell_by_cell else ARRAY_FUNCTIONS.get(name)


def function_names() -> dict[str, str]:
    """What may be called on numbers, and the row of the function table that it means."""
    return {**{call: row.name for call, row in called().items()}, **_ALSO}


def is_reserved(name: str) -> bool:
    """Whether a scenario may not use a name for a variable: the names of functions, and of what every run has."""
    if name in _NOT_RESERVED:
        return False
    return name in _RESERVED or (name in FUNCTIONS and FUNCTIONS[name].call == name)


def name_problem(name: str) -> str:
    """Why a name can not be used, or "".  What can be a name can be typed in an expression."""
    if not (name.isidentifier() and _NAME.fullmatch(name)):
        return f'"{name}" is no name; a name is letters, digits and _, not starting with a digit'
    if is_reserved(name):
        return f'"{name}" is reserved for bpstep\'s own use; another name is needed'
    return ""
