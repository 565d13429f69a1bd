"""Softmax: the one activation that looks at its whole layer.

    y_k = exp(e_k) / sum_i exp(e_i)

Every output depends on every net input, so where the other activations have one local derivative a
neuron, softmax has a whole matrix of them, its Jacobian:

    d(y_k)/d(e_j) = y_k * (1 - y_k)  for j = k,   -y_k * y_j  otherwise

The largest net input is subtracted before exp is taken: it cancels in the fraction, and keeps exp
from overflowing.  Source: Bridle 1990; Goodfellow, Bengio, Courville, *Deep Learning*, 4.1 and 6.2.2.
"""

from __future__ import annotations

import numpy as np

from bpstep.engine.specs import Array
from bpstep.engine.sums import ordered_sum

__all__ = ["SOFTMAX", "jacobian", "softmax"]

#: The name of the activation in scenario files.
SOFTMAX = "softmax"


def softmax(e: Array) -> Array:
    """The outputs of a layer, shape (samples, neurons), from its net inputs of the same shape."""
    powers = np.exp(e - np.max(e, axis=1, keepdims=True))
    total = ordered_sum(np.ascontiguousarray(powers.T))
    y: Array = powers / total[:, np.newaxis]
    return y


def jacobian(y: Array) -> Array:
    """d(y_k)/d(e_j) at [sample, k, j], from the outputs ``y`` of shape (samples, neurons)."""
    matrix = -y[:, :, np.newaxis] * y[:, np.newaxis, :]
    every = np.arange(y.shape[1])
    matrix[:, every, every] = y * (1.0 - y)
    return matrix
