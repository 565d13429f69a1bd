"""Mistakes in the order in which a graph is walked: a neuron sends on before everything has arrived.

A recursive ``backward`` that does not wait sends what it has at each arrival.  In a layered network that can be
followed without recursion: what is sent in a layer is a sequence of messages, each from one neuron; every message
arrives at all neurons of the layer before, in order, and each arrival there is a message again.

    resend       at each arrival the whole sum so far is sent on        1, then 1 + 5: 1·4 + 6·4 = 28 for 24
    first-only   only the first arrival is sent on                      1·4 = 4

The number of messages is the number of paths, so this is followed in small networks only.
"""

from __future__ import annotations

import math

import numpy as np

from bpstep.comparison.net import THE_INPUTS, Net, is_coupled
from bpstep.comparison.population import Key, Population, Rows
from bpstep.engine.specs import Array

__all__ = ["can_be_followed", "first_arrival_only", "resent", "resent_backwards"]

#: More messages than this in one layer are not followed.
_MOST_MESSAGES = 20_000


def resent(net: Net) -> dict[Key, Array]:
    """All quantities under *resend*, of a network that `can_be_followed`."""
    return _followed(net, once=False, order=1)


def resent_backwards(net: Net) -> dict[Key, Array]:
    """The same where the last operand is visited first."""
    return _followed(net, once=False, order=-1)


def first_arrival_only(net: Net) -> dict[Key, Array]:
    """All quantities where a neuron's backward runs once, at the first arrival."""
    return _followed(net, once=True, order=1)


def can_be_followed(net: Net) -> bool:
    """Whether a network is a plain chain of layers, without softmax, and its messages are not too many."""
    if any(layer.sources != (k - 1,) or is_coupled(layer.activation) for k, layer in enumerate(net.layers)):
        return False
    return len(net.layers) > 1 and math.prod(layer.size for layer in net.layers) <= _MOST_MESSAGES


def _followed(net: Net, *, once: bool, order: int) -> dict[Key, Array]:
    right = {key: column.values[0] for key, column in Population(net, [()]).columns.items()}
    found = dict(right)
    outputs = np.arange(net.outputs)[::order]
    # One message after the other: which neuron sends it, and what for each sample: (messages, samples).
    senders, sent = outputs, right["d(e)", net.last].T[outputs]
    for k in range(net.last, -1, -1):
        if k < net.last:
            arrived = sent[:, :, np.newaxis] * net.layers[k + 1].weights[senders][:, np.newaxis, :]
            sums = np.cumsum(arrived, axis=0)
            found["d(y)", k] = sums[-1]
            passed_on = sums[:1] if once else sums
            own = np.arange(net.layers[k].size)[::order]
            sent = (passed_on * right["local", k])[:, :, own].transpose(0, 2, 1).reshape(-1, net.samples)
            senders = np.tile(own, len(passed_on))
        _gather(net, k, senders, sent, found)
    return found


def _gather(net: Net, k: int, senders: Rows, sent: Array, found: dict[Key, Array]) -> None:
    """The gradients of a layer: each message adds to those of its neuron."""
    delta = np.zeros((net.layers[k].size, net.samples))
    np.add.at(delta, senders, sent)
    found["d(e)", k] = delta.T
    source = net.layers[k].sources[0]
    found["d(w)", k] = delta @ found["y", THE_INPUTS if source == THE_INPUTS else source]
    found["d(w)", k] = found["d(w)", k] + net.l2 * net.layers[k].weights
    if net.layers[k].bias is not None:
        found["d(b)", k] = delta.sum(axis=1)
