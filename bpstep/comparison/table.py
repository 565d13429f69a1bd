"""The table of mistakes that are looked for in a network, one row each.

Where a mistake is known from the public, the row has its source.  The first ones are those of `bpstep.engine.rules`,
under the same names.  Every row is planted by the tests in a program that shares no code with bpstep.
"""

from __future__ import annotations

from collections.abc import Callable

from bpstep.comparison import twists as do
from bpstep.comparison import twists_back as back
from bpstep.comparison.mistakes import Mistake, said_constant
from bpstep.comparison.net import Net, is_coupled
from bpstep.comparison.resending import can_be_followed, first_arrival_only, resent, resent_backwards
from bpstep.engine.costs import COSTS
from bpstep.engine.functions import FUNCTIONS

__all__ = ["MISTAKES"]

#: So many neurons are dropped one by one.
_MOST_DROPPED = 8


# --- where a row makes sense --------------------------------------------------------------------------


def _pointwise(net: Net, k: int) -> bool:
    return not is_coupled(net.layers[k].activation)


def _curved(net: Net, k: int) -> bool:
    return net.layers[k].activation != "linear"


def _bent(net: Net, k: int) -> bool:
    return _curved(net, k) and _pointwise(net, k)


def _coupled(net: Net, k: int) -> bool:
    return not _pointwise(net, k)


def _is(*names: str) -> Callable[[Net, int], bool]:
    return lambda net, k: net.layers[k].activation in names


def _other_than(*names: str) -> Callable[[Net, int], bool]:
    """An activation of single numbers that is none of these."""
    return lambda net, k: _pointwise(net, k) and net.layers[k].activation not in names


#: What is the same at its own output, or nearly so: f(f(x)) and f′(f(x)) tell nothing.
_STRAIGHT = ("linear", "relu", "leaky-relu")


def _formula_of_output(net: Net, k: int) -> bool:
    """Whether f′ has a formula in terms of the output, as y(1 − y) is."""
    return _pointwise(net, k) and "{y}" in FUNCTIONS[net.layers[k].activation].partial_texts[0]


def _hidden(net: Net, k: int) -> bool:
    return k < net.last


def _through_bend(net: Net, k: int) -> bool:
    return _hidden(net, k) and any(_curved(net, c) for c in net.consumers(k))


def _square_behind(net: Net, k: int) -> bool:
    sizes = [net.layers[c].size for c in net.consumers(k)]
    return _hidden(net, k) and net.layers[k].size > 1 and net.layers[k].size in sizes


def _square(net: Net, k: int) -> bool:
    rows, columns = net.layers[k].weights.shape
    return bool(rows == columns > 1)


def _biased(net: Net, k: int) -> bool:
    return net.layers[k].bias is not None


def _batch(net: Net, k: int) -> bool:
    return net.samples > 1


def _biased_batch(net: Net, k: int) -> bool:
    return _batch(net, k) and _biased(net, k)


def _decays(net: Net, k: int) -> bool:
    return net.l2 > 0.0


def _one_consumer(net: Net, k: int) -> bool:
    return _hidden(net, k) and len(net.consumers(k)) == 1


def _same_behind(net: Net, k: int) -> bool:
    return _one_consumer(net, k) and net.layers[net.consumers(k)[0]].size in (1, net.layers[k].size)


def _equal_behind(net: Net, k: int) -> bool:
    return _one_consumer(net, k) and net.layers[net.consumers(k)[0]].size == net.layers[k].size


def _after_layers(net: Net, k: int) -> bool:
    return min(net.layers[k].sources) >= 0


def _followed(net: Net, k: int) -> bool:
    return can_be_followed(net)


# --- values -------------------------------------------------------------------------------------------


def _constants(net: Net) -> list[tuple[str, float]]:
    """The factors that are too many, or missing: each number once, with all that it may stand for."""
    m, outputs = net.samples, net.outputs
    meanings: dict[float, list[str]] = {-1.0: [], 2.0: [], 0.5: [], 4.0: [], 0.25: []}
    for number, what in ((m, "m, the samples"), (outputs, "K, the outputs")):
        if number > 1:
            meanings.setdefault(float(number), []).append(what)
            meanings.setdefault(1.0 / number, []).append(f"1 / {what}")
    return [(said_constant(value, tuple(what)), value) for value, what in meanings.items()]


def _one_fewer(net: Net) -> list[tuple[str, float]]:
    """The mean over m samples, divided by m − 1."""
    m = net.samples
    return [(f"{m}/{m - 1} (the mean is divided by m − 1)", m / (m - 1))] if m > 2 and net.share < 1.0 else []


def _other_costs(net: Net) -> list[tuple[str, str]]:
    return [(name, name) for name in COSTS if name != net.cost and _is_other(net, name)]


def _is_other(net: Net, name: str) -> bool:
    """Whether a cost's derivative is another one, and no multiple of the right one: that is a factor's row."""
    if "binary-cross-entropy" in name and "binary-cross-entropy" in net.cost:
        return False
    families = {"half-squared-error", "squared-error", "mean-squared-error"}
    is_multiple = net.cost in families and name in families - {"half-squared-error"}
    return not is_multiple and name != "mean-binary-cross-entropy"  # which is a multiple of its like


def _other_activations(*names: str) -> Callable[[Net], list[tuple[str, str]]]:
    return lambda net: [(name, name) for name in names]


def _neurons(net: Net) -> list[tuple[str, int]]:
    most = max((layer.size for layer in net.layers[1:]), default=0)
    return [(str(k + 1), k) for k in range(min(most, _MOST_DROPPED))] if most > 2 else []


def _samples(net: Net) -> list[tuple[str, int]]:
    return [("last", net.samples - 1), ("first", 0)]


def _ends(net: Net) -> list[tuple[str, int]]:
    return [("last", -1), ("first", 0)]


# --- the table ----------------------------------------------------------------------------------------

_GIT = "reported in public threads about student and hobby implementations"

MISTAKES: tuple[Mistake, ...] = (
    Mistake("no-derivative", "f′ is left out (taken as 1)",
            (("slope", do.one), ("delta", do.no_softmax_slope)), _curved),
    Mistake(
        "article", "what goes back is d(y), not d(e): f′ enters only in a neuron's own gradients",
        (("back", back.back_without_slope, back.upstream_outputs),), _through_bend,
        source="Bernacki and Włodarczyk, Principles of training multi-layer neural network using backpropagation",
    ),
    Mistake("derivative-of-output", "f′ is taken at the output y instead of the net input e",
            (("slope", do.slope_at_output),), _other_than(*_STRAIGHT)),
    Mistake("logistic-everywhere", "y(1 − y) is used, though the activation is another one",
            (("slope", lambda r, at, v: do.slope_from_output(r, at, "sigmoid")),),
            _other_than("sigmoid")),
    Mistake("overwrite", "the {v} contribution alone instead of the sum over the neurons behind",
            (("back", back.back_from),),
            lambda net, k: _one_consumer(net, k) and net.layers[net.consumers(k)[0]].size > 1, _ends),
    Mistake("overwrite-samples", "the {v} sample alone instead of the sum over the batch",
            (("dw", back.dw_of_sample), ("db left", back.db_of_sample)), _batch, _samples),
    Mistake("swapped-sign", "the cost derivative is t − y", (("cost slope", do.opposite),)),
    Mistake("early-update", "deltas are passed back through weights that are already updated",
            (("back", back.back_updated, back.weight_gradients_after),),
            lambda net, k: _hidden(net, k) and bool(net.rate)),
    Mistake("wrong-weights", "the delta is passed back through the weights transposed (W for Wᵀ)",
            (("back", back.back_across),), _square_behind),
    Mistake("bias-forgotten", "bias gradients stay 0", (("db", do.zero),), _biased),
    # -- the seed and the cost
    Mistake("seed-forgotten", "the derivative of the loss by itself is 0, not 1", (("seed", do.zero),)),
    Mistake("cost-factor", "the derivative of the cost is multiplied by {v}", (("cost slope", do.scaled),),
            values=lambda net: [c for c in _constants(net) if c[1] != -1.0] + _one_fewer(net)),
    Mistake("other-cost", "the derivative is that of {v}", (("cost slope", do.slope_of_cost),),
            values=_other_costs),
    Mistake("output-minus-target", "δ = y − t, which is right only for a cost that goes with the activation",
            (("delta", do.output_minus_target, do.needs_output),), lambda net, k: k == net.last),
    Mistake("target-forgotten", "the targets are taken as 0", (("targets", do.zero),)),
    Mistake("targets-shifted", "the targets are those of the {v} sample in the file",
            (("targets", do.t_shifted),), values=lambda net: [("next", 1), ("previous", -1)]),
    Mistake("wrong-class", "the targets stand {v} output too far: the log of the wrong class",
            (("targets", do.t_next_class),), lambda net, k: net.outputs > 1,
            lambda net: [("one", 1), ("minus one", -1)][: 1 + (net.outputs > 2)]),
    Mistake("complement", "1 − t is used for t", (("targets", do.t_complement),)),
    # -- forward
    Mistake("no-bias", "the bias is left out going forward", (("net", do.e_without_bias),), _biased),
    Mistake("forward-transposed", "the weights are used transposed going forward",
            (("net", do.e_across, back.sources),), _square),
    Mistake("not-activated", "the activation is left out going forward", (("activate", do.not_activated),), _curved),
    Mistake("not-activated-once-back", "the activation is left out going forward, f′ is taken at the net input",
            (("activate", do.not_activated), ("slope", do.slope_of_inner)), _bent),
    Mistake("not-activated-at-all", "the activation is left out, forward and backward",
            (("activate", do.not_activated), ("slope", do.one)), _bent),
    Mistake("other-activation", "the layer is a {v} layer, forward and backward",
            (("activate", do.activated_as), ("slope", do.slope_of)), _bent,
            _other_activations("sigmoid", "tanh", "relu")),
    Mistake("other-activation-forward", "the activation going forward is {v}, its derivative the right one",
            (("activate", do.activated_as), ("slope", do.slope_of_inner)), _bent,
            _other_activations("sigmoid", "tanh", "relu")),
    Mistake("activated-twice", "the activation is applied twice, f′ computed from what comes out",
            (("activate", do.activated_again),), lambda net, k: net.layers[k].activation not in _STRAIGHT, source=_GIT),
    Mistake("activated-twice-once-back", "the activation is applied twice, f′ taken at the net input",
            (("activate", do.activated_again), ("slope", do.slope_of_inner)), _other_than(*_STRAIGHT),
            source=_GIT),
    Mistake("activated-twice-both-ways", "the activation is applied twice, and differentiated twice",
            (("activate", do.activated_again), ("slope", do.slope_of_both)), _other_than(*_STRAIGHT),
            source=_GIT),
    Mistake("softmax-over-samples", "softmax is summed over the samples instead of the outputs",
            (("activate", do.softmax_over_samples),), lambda net, k: _coupled(net, k) and _batch(net, k),
            source=_GIT),
    # -- f′
    Mistake("slope-of-net", "the formula of f′ in terms of y is given the net input e",
            (("slope", do.slope_by_net),), _formula_of_output),
    Mistake("other-slope", "f′ is that of {v}, at e", (("slope", do.slope_of),), _pointwise,
            _other_activations("sigmoid", "tanh", "relu")),
    Mistake("tanh-slope-of-output", "1 − y² is used, though the activation is another one",
            (("slope", lambda r, at, v: do.slope_from_output(r, at, "tanh")),),
            _other_than("tanh")),
    Mistake("slope-twice", "f′ is multiplied in twice", (("slope", do.squared),), _bent),
    Mistake("curve-for-slope", "the activation itself stands where f′ should be", (("slope", do.curve_for_slope),),
            _pointwise),
    Mistake("half-of-slope", "1 − y instead of y(1 − y)", (("slope", do.half_of_logistic),), _is("sigmoid")),
    Mistake("square-forgotten", "1 − y instead of 1 − y²", (("slope", do.half_of_logistic),), _is("tanh")),
    Mistake("slope-with-plus", "a plus stands for the minus in f′: y(1 + y), 1 + y²", (("slope", do.slope_with_plus),),
            _is("sigmoid", "tanh")),
    Mistake("relu-mask-of-derivative", "ReLU lets through what is above 0 of d(y), not where e is",
            (("delta", do.above_zero),), _is("relu")),
    Mistake("relu-mask-inverted", "the mask of ReLU is the wrong way round", (("slope", do.other_side),),
            _is("relu")),
    Mistake("relu-at-zero", "ReLU's derivative at 0 is taken as 1 (≥ for >)", (("slope", do.at_zero_too),),
            _is("relu"), source=_GIT),
    Mistake("softmax-diagonal", "of softmax's Jacobian only the diagonal y(1 − y) is used",
            (("delta", do.softmax_diagonal),), _coupled, source=_GIT),
    Mistake("softmax-sign", "beside the diagonal of softmax's Jacobian the minus is missing",
            (("delta", do.softmax_plus),), _coupled),
    # -- back
    Mistake("dropped", "the contribution of neuron {v} behind is not in the sum", (("back", back.back_but),),
            _one_consumer, _neurons),
    Mistake("skip-dropped", "of the layers that read this one, number {v} is not in the sum",
            (("back", back.back_but_layer),), lambda net, k: _hidden(net, k) and len(net.consumers(k)) > 1,
            lambda net: [("1", 0), ("2", 1)], source=_GIT),
    Mistake("no-weights", "what goes back is not multiplied by the weights", (("back", back.back_without_weights),),
            _hidden),
    Mistake("bias-fed-back", "the biases are passed back along with the weights", (("back", back.back_with_bias),),
            lambda net, k: _hidden(net, k) and any(_biased(net, c) for c in net.consumers(k))),
    Mistake("stale-upstream", "the derivative by the outputs behind is used again: one dA for every layer",
            (("back", back.back_stale, back.upstream_outputs),), _same_behind, source=_GIT),
    Mistake("averaged-delta", "every sample gets the mean of what goes back", (("back", back.back_averaged),),
            lambda net, k: _hidden(net, k) and _batch(net, k)),
    Mistake("own-weights", "what goes back goes through the weights of the layer itself, not those behind it",
            (("back", back.back_through_own),),
            lambda net, k: _one_consumer(net, k)
            and net.layers[k].weights.shape == net.layers[net.consumers(k)[0]].weights.shape),
    Mistake("back-factor", "what goes back is multiplied by {v}", (("back", do.scaled),), _hidden, _constants),
    Mistake("delta-factor", "the delta is multiplied by {v}", (("delta", do.scaled),), values=_constants),
    # -- gradients
    Mistake("gradient-factor", "the gradients of weights and biases are multiplied by {v}",
            (("decay", do.scaled), ("db", do.scaled)), values=_constants),
    Mistake("weight-factor", "the weight gradients are multiplied by {v}", (("decay", do.scaled),),
            values=_constants),
    Mistake("weight-factor-before-decay", "the weight gradients are multiplied by {v}, but not their l2 term",
            (("dw", do.scaled),), _decays, _constants),
    Mistake("bias-factor", "the bias gradients are multiplied by {v}", (("db", do.scaled),), _biased, _constants),
    Mistake("slope-missing-in-gradients", "the gradients use d(y) instead of d(e); what goes back is right",
            (("dw left", back.upstream_for_delta, back.own_upstream),
             ("db left", back.upstream_for_delta, back.own_upstream)), _curved),
    Mistake("slope-missing-in-weight-gradients", "the weight gradients use d(y) instead of d(e)",
            (("dw left", back.upstream_for_delta, back.own_upstream),), _curved),
    Mistake("slope-missing-in-bias-gradients", "the bias gradients use d(y) instead of d(e)",
            (("db left", back.upstream_for_delta, back.own_upstream),), _curved),
    Mistake("gradient-transposed", "the weight gradients are transposed", (("decay", back.dw_across),), _square),
    Mistake("weights-of-sample", "the weight gradients are those of the {v} sample alone",
            (("dw", back.dw_of_sample),), _batch, _samples),
    Mistake("biases-of-sample", "the bias gradients are those of the {v} sample alone",
            (("db left", back.db_of_sample),), _biased_batch, _samples),
    Mistake("product-of-means", "the weight gradients are made of the means over the samples",
            (("dw", back.dw_of_means),), _batch),
    Mistake("net-for-source", "the weight gradients use the net inputs of the layer before, not its outputs",
            (("dw right", back.nets_for_source, back.net_sources),),
            lambda net, k: _after_layers(net, k) and any(_curved(net, s) for s in net.layers[k].sources)),
    Mistake("own-output", "the weight gradients use the layer's own outputs instead of its sources'",
            (("dw right", back.own_for_source, back.own_output),), _square),
    Mistake("inputs-for-source", "the weight gradients use the network's inputs instead of the layer before",
            (("dw right", back.inputs_for_source, lambda net, k: [("y", -1)]),),
            lambda net, k: _after_layers(net, k) and net.layers[k].weights.shape[1] == len(net.inputs)),
    Mistake("next-delta", "the gradients use the deltas of the layer behind",
            (("dw left", back.next_for_delta, back.next_delta), ("db left", back.next_for_delta, back.next_delta)),
            _equal_behind),
    Mistake("weights-not-computed", "the weight gradients stay 0", (("decay", do.zero),)),
    Mistake("bias-summed-over-layer", "the bias gradients are summed over the neurons, too (a sum without an axis)",
            (("db", back.db_of_layer),), lambda net, k: _biased(net, k) and net.layers[k].size > 1),
    Mistake("bias-other-axis", "the bias gradients are summed over the neurons instead of the samples",
            (("db", back.db_other_axis),),
            lambda net, k: _biased(net, k) and net.samples == net.layers[k].size > 1, source=_GIT),
    Mistake("bias-times-inputs", "the bias gradients are multiplied by the sum of the layer's inputs",
            (("db left", back.db_times_inputs, back.sources),), _biased, source=_GIT),
    Mistake("bias-times-first-input", "the bias gradients are multiplied by the layer's first input",
            (("db left", back.db_times_first_input, back.sources),), _biased),
    Mistake("bias-times-bias", "the bias gradients are multiplied by the biases",
            (("db left", back.db_times_bias),), _biased),
    Mistake("bias-times-output", "the bias gradients are multiplied by the layer's outputs",
            (("db left", back.db_times_output, back.own_output),), _biased),
    # -- l2, and what was there before
    Mistake("no-l2", "the l2 term is missing", (("decay", back.dw_not_decayed),), _decays),
    Mistake("l2-times", "the l2 term is {v}", (("decay", back.dw_decayed),), _decays,
            lambda net: [("doubled", 1.0), ("halved", -0.5), ("subtracted", -2.0)]
            + ([("divided by m", 1.0 / net.samples - 1.0)] if net.samples > 2 else [])),
    Mistake("l2-on-biases", "the biases decay, too", (("db", back.db_decayed),),
            lambda net, k: _decays(net, k) and _biased(net, k)),
    Mistake("not-reset", "the gradients are added to those of the batch before",
            (("decay", back.dw_kept), ("db", back.db_kept)), lambda net, k: net.earlier is not None),
    # -- the order of the graph
    Mistake("resend", "each arrival is added, and the whole sum so far is sent on again", (),
            whole=resent, fits=_followed, source=_GIT),
    Mistake("resend-from-the-last", "each arrival, the last operand's first, sends on the whole sum so far", (),
            whole=resent_backwards, fits=_followed, source=_GIT),
    Mistake("first-only", "a neuron's backward runs once: what arrives later is not sent on", (),
            whole=first_arrival_only, fits=_followed, source=_GIT),
)  # fmt: skip
