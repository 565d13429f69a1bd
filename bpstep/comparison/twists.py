"""What can go wrong at one stage of a pass, each as a small function: what comes out, and what comes out instead.

Every function takes what came out at its stage (right, or twisted already by another mistake), the `Stage` with all
that was computed before, and the value of its row, if the row has several (a factor, the neuron that is dropped).
Arrays have the programs as their first axis: net inputs, outputs and their derivatives are (programs, samples,
neurons), the gradients of weights (programs, neurons, sources), of biases (programs, neurons).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from bpstep.comparison.net import Net, curve, is_coupled, slope
from bpstep.comparison.population import Key, Stage
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
    """1 − y instead of y(1 − y), or of 1 − y²."""
    return 1.0 - at.at("y")


def slope_with_plus(right: Array, at: Stage, value: Value) -> Array:
    """y(1 + y), 1 + y²."""
    y = at.at("y")
    return y * (1.0 + y) if at.net.layers[at.index].activation == "sigmoid" else 1.0 + y * y


def above_zero(right: Array, at: Stage, value: Value) -> Array:
    """What comes back, where it is above 0 itself."""
    return np.maximum(at.at("d(y)"), 0.0)


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
