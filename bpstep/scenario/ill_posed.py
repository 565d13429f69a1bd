"""What can be computed but is hardly meant: a cost that does not fit the outputs, targets that no output can reach.

Such a scenario runs, every step of it is right, and `check` agrees; only nothing useful is learnt.  So these are
warnings and not errors, each with its remedy.  They follow from the problem and the training alone:

    >>> from bpstep.scenario.loader import load
    >>> from dataclasses import replace
    >>> xor = load("xor")
    >>> doubts(xor.problem, xor.training)
    []
    >>> doubt, = doubts(replace(xor.problem, cost="cross-entropy"), xor.training)
    >>> doubt.path
    ('network', 'cost')
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bpstep.engine.costs import COSTS
from bpstep.engine.functions import FUNCTIONS
from bpstep.engine.optimizers import settings_of
from bpstep.engine.softmax import SOFTMAX
from bpstep.engine.specs import Array, ExpressionSpec, NetworkSpec, TrainingSpec
from bpstep.english import counted
from bpstep.lazily import dataclass
from bpstep.scenario.positions import Path

__all__ = ["Doubt", "doubts"]

#: Settings of optimizers that weigh the past against the present: at 1 the past never fades.
_FADING = ("momentum", "beta1", "beta2")
#: Targets that are written as 0.333 are meant to sum to 1.
_ROUNDING = 0.02


@dataclass(frozen=True)
class Doubt:
    """Something that is hardly meant: the key it is about, and what is wrong; what is expected."""

    path: Path
    message: str


def doubts(problem: NetworkSpec | ExpressionSpec, training: TrainingSpec) -> list[Doubt]:
    """Everything about a scenario that its author should think about again."""
    of_problem = (
        _of_network(problem) if isinstance(problem, NetworkSpec) else _of_expression(problem, training)
    )
    return [*of_problem, *_of_training(training)]


def _of_network(net: NetworkSpec) -> Iterator[Doubt]:
    for place, layer in enumerate(net.layers):
        if layer.activation == SOFTMAX and len(layer.neurons) == 1:
            says = (
                'softmax of one neuron is always 1, and its derivative 0; expected "sigmoid", or more neurons'
            )
            yield Doubt(("network", "layer", place, "activation"), says)
    yield from _of_cost(net.cost, net.layers[-1].activation)
    yield from _of_targets(net.t, net.cost, net.layers[-1].activation)


def _of_cost(cost: str, activation: str) -> Iterator[Doubt]:
    row = COSTS[cost]
    low, high = _range(activation)
    if not (row.domain[0] <= low and high <= row.domain[1]):
        where = "above 0" if np.isinf(row.domain[1]) else "between 0 and 1"
        says = f"{cost} takes the logarithm of the outputs, which must lie {where}, and {activation} outputs need not"
        yield Doubt(("network", "cost"), f"{says}; expected {row.goes_with} outputs")
    elif row.goes_with == SOFTMAX != activation:
        says = f"{cost} does not see an output whose target is 0: the others are pulled up, and nothing pulls it down"
        binary = '"binary-cross-entropy" (which Nielsen calls cross-entropy)'
        other = f"the cost {binary}" if (low, high) == (0.0, 1.0) else f"sigmoid outputs and {binary}"
        yield Doubt(("network", "cost"), f"{says}; expected softmax outputs, or {other}")


def _of_targets(t: Array, cost: str, activation: str) -> Iterator[Doubt]:
    low, high = _range(activation)
    sums = t.sum(axis=1)
    outside = np.logical_or(t < low, t > high)
    if activation == SOFTMAX and t.shape[1] > 1 and (off := np.abs(sums - 1.0) > _ROUNDING).any():
        k = int(off.argmax())
        says = f"the targets of sample {k + 1} sum to {sums[k]:g}, and softmax outputs to 1: they can not be reached"
        yield Doubt(
            ("sample", k, "target"), f"{says}{_and_more(int(off.sum()))}; expected targets that sum to 1"
        )
    elif COSTS[cost].goes_with == SOFTMAX and (off := (t < 0.0).any(axis=1)).any():
        k = int(off.argmax())
        says = f"a target of sample {k + 1} is below 0, so that {cost} falls without end"
        yield Doubt(
            ("sample", k, "target"), f"{says}{_and_more(int(off.sum()))}; expected targets from 0 to 1"
        )
    elif (off := outside.any(axis=1)).any():
        k = int(off.argmax())
        target = t[k][outside[k]][0]
        bounds = f"between {low:g} and {high:g}" if np.isfinite(high) else f"above {low:g}"
        says = (
            f"{activation} outputs lie {bounds}: the target {target:g} of sample {k + 1} can not be reached"
        )
        yield Doubt(
            ("sample", k, "target"),
            f"{says}{_and_more(int(off.sum()))}; expected targets {bounds}, or linear outputs",
        )


def _and_more(samples: int) -> str:
    more = samples - 1
    return f" (the same holds of {counted(more, 'more sample')})" if more else ""


def _of_expression(expression: ExpressionSpec, training: TrainingSpec) -> Iterator[Doubt]:
    if training.learning_rate is not None and not expression.parameters:
        says = "there is nothing to update; expected expression.parameters, the names of the inputs that are learnt"
        yield Doubt(("training", "learning_rate"), says)


def _of_training(training: TrainingSpec) -> Iterator[Doubt]:
    rate = training.learning_rate
    if rate is None:
        return
    if rate <= 0.0:
        what = "nothing changes" if rate == 0.0 else "every update goes uphill"
        yield Doubt(("training", "learning_rate"), f"with {rate:g} {what}; expected a number above 0")
    for name, value in settings_of(training.optimizer).items():
        if name in _FADING and not 0.0 <= value < 1.0:
            says = f"with {value:g} what is past never fades; expected a number from 0 to below 1"
            yield Doubt(("training", "optimizer", name), says)


def _range(activation: str) -> tuple[float, float]:
    """Between which values the outputs of an activation lie."""
    return (0.0, 1.0) if activation == SOFTMAX else FUNCTIONS[activation].range
