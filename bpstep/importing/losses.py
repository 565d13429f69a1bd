"""A loss of PyTorch as a cost of bpstep: what it takes from the last layer, and over what it is averaged.

    loss                 last of the module          here                       ``mean``          ``sum``
    MSELoss              any                         the same                   over all numbers  squared-error, sum
    BCELoss              values in 0 … 1             the same                   over all numbers  …-entropy, sum
    BCEWithLogitsLoss    Linear                      sigmoid                    as BCELoss
    CrossEntropyLoss     Linear, or LogSoftmax       softmax and cross-entropy  over samples      sum
    NLLLoss              LogSoftmax                  softmax and cross-entropy  over samples      sum

PyTorch's mean of squares and of binary cross-entropies is over samples *and* outputs: a mean over the samples of a
cost that is a mean over the outputs.  Cross-entropy's is over the samples alone.  Softmax and cross-entropy here are
two operations where PyTorch has one of the logits; values and derivatives are the same.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from bpstep.engine.specs import Array
from bpstep.importing.networks import ImportedLayer, ModelError
from bpstep.importing.sequential import LOG_SOFTMAX
from bpstep.lazily import dataclass
from bpstep.visible import shortened

__all__ = ["Goal", "read_loss"]

_FUNCTIONS = {
    "mse_loss": "MSELoss", "binary_cross_entropy": "BCELoss", "binary_cross_entropy_with_logits": "BCEWithLogitsLoss",
    "cross_entropy": "CrossEntropyLoss", "nll_loss": "NLLLoss",
}  # fmt: skip
_LOSSES = tuple(_FUNCTIONS.values())
_OF_CLASSES = ("CrossEntropyLoss", "NLLLoss")


@dataclass(frozen=True, eq=False)
class Goal:
    """What is minimized: the activation of the last layer, the cost, the reduction, and targets (samples, outputs)."""

    activation: str
    cost: str
    reduction: str
    t: Array


def read_loss(loss: Any, last: ImportedLayer, target: Array, samples: int) -> Goal:
    """What a loss is, of outputs of the last layer.  ``target`` is as PyTorch has it; a single sample may come without
    its axis, as ``samples`` 0.  Raises `ModelError`."""
    name = _name(loss)
    reduction = getattr(loss, "reduction", "mean")
    if reduction not in ("mean", "sum"):
        raise ModelError(
            f"{name} has reduction={reduction!r}; expected 'mean' or 'sum': one number to go back from"
        )
    for key in ("weight", "pos_weight"):
        if getattr(loss, key, None) is not None:
            raise ModelError(f"{name} has a {key}; expected none: bpstep's costs weigh all outputs alike")
    outputs = len(last.weights)
    activation = _activation(name, last.activation)
    if name in _OF_CLASSES:
        t = _of_classes(name, target, samples, outputs)
        smoothing = float(getattr(loss, "label_smoothing", 0.0))
        return Goal(activation, "cross-entropy", reduction, (1.0 - smoothing) * t + smoothing / outputs)
    shape = (samples, outputs) if samples else (outputs,)
    if target.shape != shape:
        raise ModelError(
            f"target has the shape {target.shape}, and the outputs {shape}; expected the same: "
            "PyTorch would stretch one over the other, and average over pairs"
        )
    cost = "squared-error" if name == "MSELoss" else "binary-cross-entropy"
    is_averaged = reduction == "mean" and (outputs > 1 or name == "MSELoss")
    return Goal(activation, f"mean-{cost}" if is_averaged else cost, reduction, target.reshape(-1, outputs))


def _name(loss: Any) -> str:
    """The name of a loss's class; of a function, that of the class that does the same."""
    kind = type(loss).__name__
    name = kind if kind in _LOSSES else _FUNCTIONS.get(getattr(loss, "__name__", ""), "")
    if not name:
        called = getattr(loss, "__name__", kind)
        raise ModelError(
            f"the loss {shortened(str(called))} is not supported; those that are: {', '.join(_LOSSES)}"
        )
    return name


def _activation(loss: str, last: str) -> str:
    """The activation of the last layer, with what the loss adds to it."""
    if loss == "CrossEntropyLoss" and last in ("linear", LOG_SOFTMAX):
        return "softmax"
    if loss == "NLLLoss" and last == LOG_SOFTMAX:
        return "softmax"
    if loss == "BCEWithLogitsLoss" and last == "linear":
        return "sigmoid"
    if loss == "CrossEntropyLoss":
        raise ModelError(
            f"CrossEntropyLoss takes the softmax itself, and {last} stands before it; expected Linear last"
        )
    if loss == "BCEWithLogitsLoss":
        raise ModelError(
            f"BCEWithLogitsLoss takes the sigmoid itself, and {last} stands before it; expected Linear last"
        )
    if loss == "NLLLoss":
        raise ModelError(
            f"NLLLoss takes logarithms, and {last} gives none; expected LogSoftmax last, or CrossEntropyLoss"
        )
    if last == LOG_SOFTMAX:
        raise ModelError(f"{loss} does not go with LogSoftmax; expected NLLLoss")
    return last


def _of_classes(name: str, target: Array, samples: int, outputs: int) -> Array:
    """A row of probabilities for each sample, from the numbers of its class or from probabilities."""
    if target.shape == ((samples, outputs) if samples else (outputs,)) and name == "CrossEntropyLoss":
        return target.reshape(-1, outputs)
    if target.shape != ((samples,) if samples else ()):
        wanted = f"({samples},)" if samples else "a single number"
        raise ModelError(
            f"target has the shape {target.shape}; expected {wanted}, the number of a class for each sample"
        )
    classes = target.reshape(-1)
    wrong = np.flatnonzero((classes < 0) | (classes >= outputs) | (classes != np.rint(classes)))
    if len(wrong):
        k = int(wrong[0])
        raise ModelError(
            f"target {k + 1} is {classes[k]:g}; expected the number of a class, 0 to {outputs - 1}"
        )
    t: Array = np.eye(outputs)[classes.astype(int)]
    return t
