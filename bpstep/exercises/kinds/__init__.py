"""The kinds of questions, a file each: where the run stands, what is asked, how an answer is graded.

    value        a number before it is revealed
    formula      an expression over cells, that must hold with other numbers, too
    order        which of these cells comes first; any order that respects the graph
    wrong-rule   a run made by a wrong rule: which rule, and the first cell that is wrong
    check        is this gradient right?  Choose h, look at the difference quotient, decide
    count        how many sweeps or multiplications it takes in a net that is described
    code         the numbers of a broken program: which of its lines is it
    train        bring the loss under a bound in so many updates

Whoever asks, reads files, plays or grades anew goes by this table, so another kind is a file and its name here.
"""

from __future__ import annotations

from bpstep.exercises.kind import Kind
from bpstep.exercises.kinds.check import CHECK
from bpstep.exercises.kinds.code import CODE
from bpstep.exercises.kinds.count import COUNT
from bpstep.exercises.kinds.formula import FORMULA
from bpstep.exercises.kinds.order import ORDER
from bpstep.exercises.kinds.train import TRAIN
from bpstep.exercises.kinds.value import VALUE
from bpstep.exercises.kinds.wrong_rule import WRONG_RULE

__all__ = ["KINDS"]

_ROWS = (
    VALUE,
    FORMULA,
    ORDER,
    WRONG_RULE,
    CHECK,
    COUNT,
    CODE,
    TRAIN,
)

#: The kinds, by name.
KINDS: dict[str, Kind] = {row.name: row for row in _ROWS}
