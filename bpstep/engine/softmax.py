"""Softmax: the one activation that looks at its whole layer.

    y_k = exp(e_k) / sum_i exp(e_i)

Every output depends on every net input, so where the other activations have one local derivative a
neuron, softmax has a whole matrix of them, its Jacobian:

    d(y_k)/d(e_j) = y_k * (1 - y_k)  for j = k,   -y_k * y_j  otherwise

The largest net input is subtracted before exp is taken: it cancels in the fraction, and keeps exp
from overflowing.  Source: Bridle 1990; Goodfellow, Bengio, Courville, *Deep Learning*, 4.1 and 6.2.2.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bpstep.engine import cells
from bpstep.engine.functions import enclosed
from bpstep.engine.specs import Array
from bpstep.engine.steps import Factor
from bpstep.engine.sums import ordered_sum, running_sum
from bpstep.engine.vectors import Reader, Vector

__all__ = [
    "FAR_APART", "SOFTMAX", "WRITTEN_OUT", "exponents", "jacobian", "powers_and_total", "share_of",
    "softmax",
]  # fmt: skip

#: The name of the activation in scenario files.
SOFTMAX = "softmax"


def softmax(e: Array) -> Array:
    """The outputs of a layer, shape (samples, neurons), from its net inputs of the same shape."""
    powers, total = powers_and_total(e)
    y: Array = powers / total[..., np.newaxis]
    return y


def powers_and_total(e: Array) -> tuple[Array, Array]:
    """exp of each number, less the largest along the last axis, in the shape of ``e``; and their sum along it."""
    powers = np.exp(e - np.max(e, axis=-1, keepdims=True))
    return powers, ordered_sum(np.ascontiguousarray(powers.transpose(-1, *range(powers.ndim - 1))))


def jacobian(y: Array) -> Array:
    """d(y_k)/d(e_j) at [sample, k, j], from the outputs ``y`` of shape (samples, neurons)."""
    matrix = -y[:, :, np.newaxis] * y[:, np.newaxis, :]
    every = np.arange(y.shape[1])
    matrix[:, every, every] = y * (1.0 - y)
    return matrix


#: A formula with up to this many places is written out in full.
WRITTEN_OUT = 12

#: exp of more than 709 is no number any more.
_LARGEST_EXPONENT = 700.0


#: Cells further apart than this have shares too far apart to be told by one another.
FAR_APART = 300.0


def exponents(net: Vector, read: Reader, j: int) -> tuple[str, dict[str, Factor]]:
    """exp(e_j) over the sum of all net inputs of a layer: `share_of`."""
    if net.size > WRITTEN_OUT:
        return _share_of_many(read.row(net), read(net, j))
    return share_of([read(net, k) for k in range(net.size)], j)


def share_of(group: Sequence[Factor], j: int) -> tuple[str, dict[str, Factor]]:
    """exp(e_j) over the sum of all, as a text over names, and the factors of these names.

    Of many cells the sum is one number.  Where exp would overflow, the largest cell is subtracted everywhere,
    as `softmax` does.
    """
    e = np.array([cell.value for cell in group])
    if len(group) > WRITTEN_OUT:
        return _share_of_many(e, group[j])
    less = _subtracted(e)
    names = {f"e{k}": cell for k, cell in enumerate(group)}
    powers = " + ".join(f"exp({{{name}}}{less})" for name in names)
    return f"exp({{e{j}}}{less}) / ({powers})", names


def _share_of_many(e: Array, own: Factor) -> tuple[str, dict[str, Factor]]:
    less = _subtracted(e)
    with np.errstate(all="ignore"):
        total = running_sum(np.exp(e - np.max(e) if less else e))[-1]
    names = {"e": own, "all": Factor(cells.total(f"exp(e{less})"), float(total))}
    return f"exp({{e}}{less}) / {{all}}", names


def _subtracted(e: Array) -> str:
    """The text of what is subtracted in every exponent, where there is need of it."""
    largest = float(np.max(e))
    return f" - {enclosed(largest)}" if _LARGEST_EXPONENT <= abs(largest) < np.inf else ""
