"""A run of a program's own arrays.

    >>> import numpy as np
    >>> run = network(weights=[np.array([[0.5, -1.0]])], activations="sigmoid", x=[1.0, 2.0], t=[1.0])
    >>> round(run["y[l1_1]"], 6), round(run["delta[l1_1]"], 6)
    (0.182426, -0.121938)

Shapes are judged here, for a program wants to hear of both; everything else is judged as in a scenario file, by the
same words, and a problem is told by the argument that it lies in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from bpstep.engine.specs import Array
from bpstep.english import counted
from bpstep.library.arrays import array_of, kind_of, plain
from bpstep.library.run import Run
from bpstep.scenario import loader
from bpstep.scenario.model import Scenario
from bpstep.scenario.problems import ScenarioError
from bpstep.visible import visible

__all__ = ["network"]

LAYOUTS = ("out,in", "in,out")

_AXES = {"out,in": "(neurons, sources)", "in,out": "(sources, neurons)"}

#: What a program hands over, and NumPy makes an array of: arrays, lists, tensors on the CPU.
Numbers = Any


def network(
    weights: Sequence[Numbers],
    biases: Sequence[Numbers] | None = None,
    activations: str | Sequence[str] = "sigmoid",
    *,
    x: Numbers,
    t: Numbers,
    cost: str = "half-squared-error",
    layout: str = "out,in",
    names: Sequence[str] | None = None,
    learning_rate: float | None = None,
    batch: int | str = "full",
    reduction: str = "mean",
    epochs: int = 1,
    shuffle: int | None = None,
    l2: float = 0.0,
    optimizer: str | Mapping[str, Any] = "sgd",
    title: str = "A network",
) -> Run:
    """A run of a network of a program's own numbers.

    ``weights`` are one array a layer, (neurons, sources), or with ``layout="in,out"`` (sources, neurons); ``biases``
    one of (neurons,) a layer, or None for a layer without; ``activations`` one name for all layers, or one each.  ``x``
    is (samples, inputs) or one sample, ``t`` (samples, outputs).  All samples make one batch, whose loss is the mean of
    their costs, unless ``batch`` and ``reduction`` say otherwise.  ``names`` are those of the layers (l1, l2, …), after
    which their neurons are called; inputs are x1, x2, …

    The other arguments are what a scenario file says under the same names.  Raises `ValueError` that says what does not
    fit, with both shapes.
    """
    matrices = _matrices(weights, layout)
    offsets = [None] * len(matrices) if biases is None else _several("biases", biases)
    curves = (
        [activations] * len(matrices)
        if isinstance(activations, str)
        else _several("activations", activations)
    )
    called = [f"l{k + 1}" for k in range(len(matrices))] if names is None else _several("names", names)
    for name, items in (("biases", offsets), ("activations", curves), ("names", called)):
        if len(items) != len(matrices):
            raise ValueError(f"{name}: found {len(items)}; expected {len(matrices)}, one a layer")
    layers = [
        {"name": called[k], "neurons": len(matrix), "activation": curves[k], "weights": matrix.tolist(),
         "bias": False if offsets[k] is None else _bias(f"biases[{k}]", offsets[k], len(matrix))}
        for k, matrix in enumerate(matrices)
    ]  # fmt: skip
    training = {"learning_rate": learning_rate, "batch": batch, "reduction": reduction, "epochs": epochs,
                "shuffle": shuffle, "l2": l2, "optimizer": _optimizer(optimizer)}  # fmt: skip
    document = {
        "format": 1, "title": title,
        "network": {"inputs": matrices[0].shape[1], "cost": cost, "layer": layers},
        "sample": _samples(x, t, matrices[0].shape[1], len(matrices[-1])),
        "training": {key: plain(value) for key, value in training.items() if value is not None},
    }  # fmt: skip
    return Run(_stated(document))


def _optimizer(optimizer: str | Mapping[str, Any]) -> str | dict[str, Any]:
    if isinstance(optimizer, Mapping):
        return {str(name): plain(value) for name, value in optimizer.items()}
    return optimizer


def _matrices(weights: Sequence[Numbers], layout: str) -> list[Array]:
    """Weights, (neurons, sources) each; every layer has a column for each neuron of the layer before."""
    if layout not in LAYOUTS:
        raise ValueError(f"layout: found {visible(repr(layout))}; expected one of {' or '.join(LAYOUTS)}")
    matrices = [_matrix(f"weights[{k}]", one, layout) for k, one in enumerate(_several("weights", weights))]
    if not matrices:
        raise ValueError("weights: found no array; expected one a layer")
    turn = 1 if layout == "out,in" else -1
    for k, (before, here) in enumerate(pairwise(matrices), 1):
        if here.shape[1] != len(before):
            wanted = (len(here), len(before))[::turn]
            other = LAYOUTS[1 - LAYOUTS.index(layout)]
            turned = all(a.shape[1] == b.shape[0] for a, b in pairwise(matrices))
            hint = f'; with layout="{other}" all of them fit' if turned else ""
            raise ValueError(
                f"weights[{k}] has the shape {here.shape[::turn]}; expected {wanted}, {_AXES[layout]}, "
                f"for weights[{k - 1}] has {counted(len(before), 'neuron')}{hint}"
            )
    return matrices


def _several(name: str, values: Sequence[Numbers]) -> list[Numbers]:
    try:
        return list(values)
    except TypeError:
        raise ValueError(f"{name}: found {kind_of(values)}; expected a list, one a layer") from None


def _matrix(name: str, value: Numbers, layout: str) -> Array:
    array = array_of(name, value)
    if array.ndim != 2 or 0 in array.shape:
        raise ValueError(f"{name} has the shape {array.shape}; expected two axes, {_AXES[layout]}")
    return array if layout == "out,in" else array.T


def _bias(name: str, value: Numbers, neurons: int) -> list[float]:
    array = array_of(name, value)
    if array.size != neurons or max(array.shape, default=1) != neurons:
        raise ValueError(f"{name} has the shape {array.shape}; expected ({neurons},), one a neuron")
    bias: list[float] = array.ravel().tolist()
    return bias


def _samples(x: Numbers, t: Numbers, inputs: int, outputs: int) -> list[dict[str, list[float]]]:
    given, targets = _table("x", x, inputs), _table("t", t, outputs)
    if len(given) != len(targets):
        raise ValueError(f"t has {counted(len(targets), 'sample')}; expected {len(given)}, as many as x")
    return [{"input": a.tolist(), "target": b.tolist()} for a, b in zip(given, targets, strict=True)]


def _table(name: str, value: Numbers, width: int) -> Array:
    """Samples, (samples, width); a single one may come without its axis, and so may samples of one number each."""
    array = array_of(name, value)
    shape = array.shape
    if array.ndim < 2:
        array = array.reshape(-1, 1) if width == 1 else array.reshape(1, -1)
    if array.ndim != 2 or array.shape[1] != width or not len(array):
        turned = f"; {name}.T would fit" if array.ndim == 2 and len(array) == width else ""
        raise ValueError(f"{name} has the shape {shape}; expected (samples, {width}){turned}")
    return array


#: Where a problem of a scenario lies in the arguments of `network`.
_ARGUMENTS = (
    (r"^network\.layer\[(\d+)\]\.weights", r"weights[\1]"),
    (r"^network\.layer\[(\d+)\]\.bias", r"biases[\1]"),
    (r"^network\.layer\[(\d+)\]\.activation", r"activations[\1]"),
    (r"^network\.layer\[(\d+)\]\.name", r"names[\1]"),
    (r"^sample\[(\d+)\]\.input", r"x[\1]"),
    (r"^sample\[(\d+)\]\.target", r"t[\1]"),
    (r"^(network|training)\.", ""),
)


def _stated(document: dict[str, Any]) -> Scenario:
    """The scenario that a document states; what is wrong with it in the words of whoever called `network`."""
    try:
        return loader.stated(document, "network")
    except ScenarioError as error:
        told = []
        for problem in error.problems:
            message = problem.message
            for pattern, argument in _ARGUMENTS:
                message = re.sub(pattern, argument, message)
            told.append(visible(message))
        raise ValueError("\n".join(dict.fromkeys(told))) from None
