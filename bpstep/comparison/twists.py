"""What can go wrong at one stage of a pass, each as a small function: what comes out, and what comes out instead.

Every function takes what came out at its stage (right, or twisted already by another mistake), the `Stage` with all
that was computed before, and the value of its row, if the row has several (a factor, the neuron that is dropped).
Arrays have the programs as their first axis: net inputs, outputs and their derivatives are (programs, samples,
neurons), the gradients of weights (programs, neurons, sources), of biases (programs, neurons).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpstep.comparison.net import THE_INPUTS, Net, curve, is_coupled, slope
from bpstep.comparison.population import Key, Population, Stage
from bpstep.engine.costs import COSTS
from bpstep.engine.specs import Array

#: The value of a row: a factor, a neuron, the name of a cost.
Value = Any


def scaled(right: Array, at: Stage, factor: Value) -> Array:
    """A constant too many."""
    return right * float(factor)


def opposite(right: Array, at: Stage, value: Value) -> Array:
    """The other sign."""
    return -right


def zero(right: Array, at: Stage, value: Value) -> Array:
    """Not computed at all."""
    return np.zeros_like(right)


# --- forward ------------------------------------------------------------------------------------------


def t_shifted(right: Array, at: Stage, places: Value) -> Array:
    """The targets of the neighbour in the file."""
    return (at.net.t_after if places > 0 else at.net.t_before)[np.newaxis]


def t_next_class(right: Array, at: Stage, places: Value) -> Array:
    """Classes counted from the wrong number."""
    return np.roll(right, places, axis=-1)


def t_complement(right: Array, at: Stage, value: Value) -> Array:
    """1 − t."""
    return 1.0 - right


def e_without_bias(right: Array, at: Stage, value: Value) -> Array:
    """The weighted sum alone."""
    bias = at.net.layers[at.index].bias
    assert bias is not None
    return right - bias


def e_across(right: Array, at: Stage, value: Value) -> Array:
    """W for Wᵀ going forward."""
    layer = at.net.layers[at.index]
    found: Array = at.source @ layer.weights
    return found if layer.bias is None else found + layer.bias


def activated_again(right: Array, at: Stage, value: Value) -> Array:
    """f(f(e))."""
    return curve(at.net.layers[at.index].activation, right)


def not_activated(right: Array, at: Stage, value: Value) -> Array:
    """y = e."""
    return at.at("e")


def activated_as(right: Array, at: Stage, activation: Value) -> Array:
    """Another activation."""
    return curve(activation, at.at("e"))


def softmax_over_samples(right: Array, at: Stage, value: Value) -> Array:
    """The sum of softmax over the wrong axis."""
    e = at.at("e")
    powers = np.exp(e - e.max(axis=-2, keepdims=True))
    found: Array = powers / powers.sum(axis=-2, keepdims=True)
    return found


# --- at the cost --------------------------------------------------------------------------------------


def slope_of_cost(right: Array, at: Stage, cost: Value) -> Array:
    """The derivative of another cost."""
    slopes = COSTS[cost].slope(at.at("y"), at.at("t", 0), at.net.outputs)
    found: Array = at.at("d(cost)", 0)[..., np.newaxis] * slopes
    return found


def output_minus_target(right: Array, at: Stage, value: Value) -> Array:
    """δ = y − t, whatever the cost and the activation are."""
    found: Array = (at.at("y") - at.at("t", 0)) * at.at("d(cost)", 0)[..., np.newaxis]
    return found


def needs_output(net: Net, layer: int) -> list[Key]:
    """What `output_minus_target` looks at."""
    return [("y", layer), ("t", 0), ("d(cost)", 0)]


# --- the slope of an activation -----------------------------------------------------------------------


def one(right: Array, at: Stage, value: Value) -> Array:
    """f′ = 1."""
    return np.ones_like(right)


def no_softmax_slope(right: Array, at: Stage, value: Value) -> Array:
    """The Jacobian of softmax left out; nothing of another activation."""
    return at.at("d(y)") + 0.0 if is_coupled(at.net.layers[at.index].activation) else right


def slope_at_output(right: Array, at: Stage, value: Value) -> Array:
    """f′(y)."""
    activation, y = at.net.layers[at.index].activation, at.at("y")
    return slope(activation, curve(activation, y), y)


def slope_by_net(right: Array, at: Stage, value: Value) -> Array:
    """The formula that wants y, given e: e(1 − e), 1 − e²."""
    return slope(at.net.layers[at.index].activation, at.at("e"), at.at("e"))


def slope_of_inner(right: Array, at: Stage, value: Value) -> Array:
    """f′(e) from e alone, whatever has become of y."""
    activation, e = at.net.layers[at.index].activation, at.at("e")
    return slope(activation, curve(activation, e), e)


def slope_of_both(right: Array, at: Stage, value: Value) -> Array:
    """(f∘f)′ = f′(f(e)) · f′(e)."""
    activation, e = at.net.layers[at.index].activation, at.at("e")
    y = curve(activation, e)
    return slope(activation, curve(activation, y), y) * slope(activation, y, e)


def slope_from_output(right: Array, at: Stage, activation: Value) -> Array:
    """y(1 − y) or 1 − y², with the outputs of another activation."""
    y = at.at("y")
    return slope(activation, y, y)


def slope_of(right: Array, at: Stage, activation: Value) -> Array:
    """The derivative of another activation, at e."""
    e = at.at("e")
    return slope(activation, curve(activation, e), e)


def squared(right: Array, at: Stage, value: Value) -> Array:
    """f′ twice."""
    return right * right


def curve_for_slope(right: Array, at: Stage, value: Value) -> Array:
    """f instead of f′."""
    return at.at("y") + np.zeros_like(right)


def half_of_logistic(right: Array, at: Stage, value: Value) -> Array:
    """1 − y instead of y(1 − y)."""
    return 1.0 - at.at("y")


def other_side(right: Array, at: Stage, value: Value) -> Array:
    """The mask of ReLU the wrong way round."""
    return np.where(at.at("e") > 0.0, 0.0, 1.0)


def at_zero_too(right: Array, at: Stage, value: Value) -> Array:
    """ReLU's [e ≥ 0]."""
    return np.where(at.at("e") >= 0.0, 1.0, 0.0)


def softmax_diagonal(right: Array, at: Stage, value: Value) -> Array:
    """y(1 − y) alone."""
    y = at.at("y")
    found: Array = at.at("d(y)") * y * (1.0 - y)
    return found


def softmax_plus(right: Array, at: Stage, value: Value) -> Array:
    """The entries beside the diagonal with a plus."""
    y, dy = at.at("y"), at.at("d(y)")
    both = (dy * y).sum(axis=-1, keepdims=True)
    found: Array = y * (dy + both) - 2.0 * dy * y * y
    return found


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
