"""What can go wrong on the way back: what is passed to a layer, and the gradients of its parameters.

The functions are like those of `bpstep.comparison.twists`, which are about what comes before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpstep.comparison.net import THE_INPUTS, Net
from bpstep.comparison.population import Key, Population, Stage
from bpstep.comparison.twists import Value, opposite, scaled, squared, zero
from bpstep.engine.specs import Array

__all__ = ["RANKS"]

# --- on the way back ----------------------------------------------------------------------------------


def upstream_outputs(net: Net, layer: int) -> list[Key]:
    """d(y) of the layers that read this one."""
    return [("d(y)", k) for k in net.consumers(layer)]


def back_without_slope(right: Array, at: Stage, value: Value) -> Array:
    """d(y) passed back instead of d(e): the article's procedure."""
    return _passed_back(at, "d(y)")


def back_across(right: Array, at: Stage, value: Value) -> Array:
    """W for Wᵀ going backward."""
    return _passed_back(at, "d(e)", lambda w, k: w.T if w.shape[0] == w.shape[1] else w)


def back_updated(right: Array, at: Stage, value: Value) -> Array:
    """Through weights that are updated already: w − η·d(w)."""
    net, found = at.net, np.zeros_like(right)
    for k in net.consumers(at.index):
        columns = net.columns(k, at.index)
        weights = net.layers[k].weights - (net.rate or 0.0) * at.at("d(w)", k)
        found = found + at.at("d(e)", k) @ weights[..., columns]
    return found


def weight_gradients_after(net: Net, layer: int) -> list[Key]:
    """The weight gradients of the layers that read this one."""
    return [("d(w)", k) for k in net.consumers(layer)]


def back_without_weights(right: Array, at: Stage, value: Value) -> Array:
    """The weights taken as 1."""
    return _passed_back(at, "d(e)", lambda w, k: np.ones_like(w))


def back_with_bias(right: Array, at: Stage, value: Value) -> Array:
    """The bias passed back as if it were a weight of every source."""
    for k in at.net.consumers(at.index):
        bias = at.net.layers[k].bias
        if bias is not None:
            right = right + (at.at("d(e)", k) @ bias)[..., np.newaxis]
    return right


def back_from(right: Array, at: Stage, neuron: Value) -> Array:
    """One contribution alone: that of the first neuron, or the last."""
    net = at.net
    k = net.consumers(at.index)[neuron]
    weights = net.layers[k].weights[neuron, net.columns(k, at.index)]
    found: Array = at.at("d(e)", k)[..., neuron, np.newaxis] * weights
    return found


def back_but(right: Array, at: Stage, neuron: Value) -> Array:
    """One contribution dropped."""
    net = at.net
    k = net.consumers(at.index)[0]
    weights = net.layers[k].weights[neuron, net.columns(k, at.index)]
    return right - at.at("d(e)", k)[..., neuron, np.newaxis] * weights


def back_but_layer(right: Array, at: Stage, consumer: Value) -> Array:
    """One of the layers that read this one dropped."""
    net = at.net
    k = net.consumers(at.index)[consumer]
    found: Array = right - at.at("d(e)", k) @ net.layers[k].weights[:, net.columns(k, at.index)]
    return found


def back_stale(right: Array, at: Stage, value: Value) -> Array:
    """The d(y) of the layer behind, once more."""
    return at.at("d(y)", at.net.consumers(at.index)[0]) + np.zeros_like(right)


def back_averaged(right: Array, at: Stage, value: Value) -> Array:
    """The mean over the samples for each of them."""
    return np.broadcast_to(right.mean(axis=-2, keepdims=True), right.shape)


def back_through_own(right: Array, at: Stage, value: Value) -> Array:
    """The weights of the layer itself instead of those behind it."""
    own = at.net.layers[at.index].weights
    return _passed_back(at, "d(e)", lambda w, k: own if own.shape == w.shape else w)


def _passed_back(at: Stage, upstream: str, weights: Any = lambda w, k: w) -> Array:
    net = at.net
    parts: list[Array] = [
        at.at(upstream, k) @ weights(net.layers[k].weights[:, net.columns(k, at.index)], k)
        for k in net.consumers(at.index)
    ]
    return sum(parts[1:], parts[0])


# --- the gradients of parameters ----------------------------------------------------------------------


def own_upstream(net: Net, layer: int) -> list[Key]:
    """d(y) of the layer itself."""
    return [("d(y)", layer)]


def own_output(net: Net, layer: int) -> list[Key]:
    """The outputs of the layer itself."""
    return [("y", layer)]


def sources(net: Net, layer: int) -> list[Key]:
    """The outputs that a layer reads."""
    return [("y", k) for k in net.layers[layer].sources]


def net_sources(net: Net, layer: int) -> list[Key]:
    """The net inputs of the layers that a layer reads."""
    return [("e", k) for k in net.layers[layer].sources]


def next_delta(net: Net, layer: int) -> list[Key]:
    """The deltas of the layer that reads this one."""
    return [("d(e)", net.consumers(layer)[0])]


def _product(left: Array, right: Array) -> Array:
    found: Array = np.swapaxes(left, -1, -2) @ right
    return found


def upstream_for_delta(right: Array, at: Stage, value: Value) -> Array:
    """d(y) instead of d(e), in a layer's own gradients."""
    return at.at("d(y)")


def dw_across(right: Array, at: Stage, value: Value) -> Array:
    """The gradient transposed."""
    return np.swapaxes(right, -1, -2)


def dw_of_sample(right: Array, at: Stage, sample: Value) -> Array:
    """One sample alone."""
    return _product(at.at("dw left")[..., [sample], :], at.at("dw right")[..., [sample], :])


def db_of_sample(right: Array, at: Stage, sample: Value) -> Array:
    """One sample alone: nothing from the others."""
    alone = np.zeros((at.net.samples, 1))
    alone[sample] = 1.0
    return right * alone


def nets_for_source(right: Array, at: Stage, value: Value) -> Array:
    """The sources' net inputs instead of their outputs."""
    nets = [at.at("e", k) for k in at.net.layers[at.index].sources]
    return np.concatenate(nets, axis=-1)


def own_for_source(right: Array, at: Stage, value: Value) -> Array:
    """The outputs of the layer itself instead of its sources'."""
    return at.at("y")


def inputs_for_source(right: Array, at: Stage, value: Value) -> Array:
    """The inputs of the network instead of the layer before."""
    return at.at("y", THE_INPUTS)


def next_for_delta(right: Array, at: Stage, value: Value) -> Array:
    """The deltas of the layer behind."""
    return at.at("d(e)", at.net.consumers(at.index)[0])


def dw_of_means(right: Array, at: Stage, value: Value) -> Array:
    """The product of the means instead of the mean of the products."""
    source = at.at("dw right").mean(axis=-2)
    found: Array = at.at("dw left").sum(axis=-2)[..., np.newaxis] * source[..., np.newaxis, :]
    return found


def db_of_layer(right: Array, at: Stage, value: Value) -> Array:
    """Summed over the neurons as well: `np.sum` without an axis."""
    return np.broadcast_to(right.sum(axis=-1, keepdims=True), right.shape)


def db_other_axis(right: Array, at: Stage, value: Value) -> Array:
    """Summed over the neurons instead of the samples."""
    found: Array = at.at("db left").sum(axis=-1)
    return found


def db_times_inputs(right: Array, at: Stage, value: Value) -> Array:
    """Times the sum of the sources, as if 1 were no input."""
    found: Array = right * at.source.sum(axis=-1, keepdims=True)
    return found


def db_times_first_input(right: Array, at: Stage, value: Value) -> Array:
    """Times the first source, as if it were a weight."""
    return right * at.source[..., [0]]


def db_times_bias(right: Array, at: Stage, value: Value) -> Array:
    """Times the bias itself."""
    bias = at.net.layers[at.index].bias
    assert bias is not None
    return right * bias


def db_times_output(right: Array, at: Stage, value: Value) -> Array:
    """Times the neuron's own output."""
    return right * at.at("y")


def dw_decayed(right: Array, at: Stage, times: Value) -> Array:
    """So many times λw more than there should be."""
    return right + float(times) * at.net.l2 * at.net.layers[at.index].weights


def dw_not_decayed(right: Array, at: Stage, value: Value) -> Array:
    """Without λw."""
    return right - at.net.l2 * at.net.layers[at.index].weights


def db_decayed(right: Array, at: Stage, value: Value) -> Array:
    """λb, though biases do not decay."""
    bias = at.net.layers[at.index].bias
    assert bias is not None
    return right + at.net.l2 * bias


def dw_kept(right: Array, at: Stage, value: Value) -> Array:
    """Added to the gradient of the batch before."""
    return right + _earlier(at, "d(w)")


def db_kept(right: Array, at: Stage, value: Value) -> Array:
    """Added to the gradient of the batch before."""
    return right + _earlier(at, "d(b)")


def _earlier(at: Stage, kind: str) -> Array:
    assert at.net.earlier is not None
    return Population(at.net.earlier, [()]).columns[kind, at.index].values


#: Which of several changes to one stage comes first, where it is not all the same: what is computed otherwise (0),
#: before what is changed afterwards.
RANKS: dict[Callable[[Array, Stage, Value], Array], int] = {
    db_of_sample: 1, db_times_inputs: 2, db_times_first_input: 2, db_times_bias: 2, db_times_output: 2,
    back_but: 1, back_with_bias: 1, back_averaged: 3, squared: 3,
    dw_decayed: 1, dw_not_decayed: 1, db_decayed: 2, scaled: 4, opposite: 4,
    dw_across: 5, zero: 6, dw_kept: 7, db_kept: 7,
}  # fmt: skip
