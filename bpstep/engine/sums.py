"""Sums in the order of the steps.

Floating-point addition is not associative: a sum's last bits depend on the order.  bpstep promises
that a step has the same bits whether it was stepped to, jumped to or trained to, so every sum here is
added up in the order in which a student sees it grow, one contribution after the other.

NumPy's own ``sum`` does not promise that (it adds in pairs, for accuracy), and neither does ``@``.
But ``np.add.reduce(axis=0)`` on a C-contiguous array with at least two columns has nothing to pair
up: it adds whole rows, one after the other.  `ordered_sum` uses that where it holds, because it is
many times faster, and falls back on ``np.add.accumulate``, whose definition is the running sum.
"""

from __future__ import annotations

import numpy as np

from bpstep.engine.specs import Array

__all__ = ["MOST_AT_ONCE", "ordered_sum", "running_sum"]

#: Above this many products at once, samples are taken one by one: same bits, less memory.
MOST_AT_ONCE = 1 << 22


def ordered_sum(terms: Array) -> Array:
    """The sum of ``terms`` over its first axis, added in order: ((t0 + t1) + t2) + ..."""
    count = terms.shape[0]
    total: Array
    if count == 1:
        total = terms[0].copy()
    elif terms.flags.c_contiguous and terms.size >= 2 * count:
        # The identity of addition is -0.0: starting from 0.0, a sum of negative zeros would lose its sign.
        total = np.add.reduce(terms, axis=0, initial=-0.0)
    else:
        total = running_sum(terms)[-1].copy()
    return total


def running_sum(terms: Array) -> Array:
    """Every partial sum of ``terms`` over its first axis, in the same order and with the same bits."""
    sums: Array = np.add.accumulate(terms, axis=0)
    return sums
