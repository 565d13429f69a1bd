"""Arithmetic as people type it: one safe parser for formulas and for expressions over cells.

    y = exp(sin(x^2))                    a definition in a scenario file
    w[h1->o1] * delta[o1] < 0.01         an expression over cells, at the prompt or in a script

Nothing here is ever evaluated by Python.  The text is cut into tokens (`bpstep.scenario.tokens`), the tokens become a
tree (`parsing`; the names of cells are read by `cellnames`), and `evaluate` walks that tree (`nodes`).  Precedence
and associativity are Python's (``-x^2`` is ``-(x^2)``, ``a^b^c`` is ``a^(b^c)``).  A text may have at most 20,000
characters and nest 100 levels deep; a long chain such as ``1 + 1 + 1 + ...`` is one level.

    >>> evaluate(parse_expression("e^x · 2x² ≤ 3", cells=True, names=["x"]), lambda cell: 0.5)
    1.0

Every error knows its column, and says what was expected there.
"""

from __future__ import annotations

from bpstep.scenario.cellnames import CellArray
from bpstep.scenario.functions import CONSTANTS, function_names, is_reserved
from bpstep.scenario.nodes import (
    Call,
    CellRef,
    Compare,
    Indexed,
    Name,
    Node,
    Number,
    cells_of,
    evaluate,
    evaluate_all,
    first_value,
    postorder,
)
from bpstep.scenario.parsing import parse_array, parse_cell, parse_cells, parse_expression
from bpstep.scenario.tokens import ArithmeticSyntaxError
from bpstep.scenario.vocabulary import STEP_KINDS, Vocabulary

__all__ = [
    "CONSTANTS",
    "STEP_KINDS",
    "ArithmeticSyntaxError",
    "Call",
    "CellArray",
    "CellRef",
    "Compare",
    "Indexed",
    "Name",
    "Node",
    "Number",
    "Vocabulary",
    "cells_of",
    "evaluate",
    "evaluate_all",
    "first_value",
    "function_names",
    "is_reserved",
    "parse_array",
    "parse_cell",
    "parse_cells",
    "parse_expression",
    "postorder",
]
