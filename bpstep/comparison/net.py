"""A network as the programs of learners see it: matrices, one a layer, and one batch of samples.

The engine walks over edges, cell by cell, in an order that can be stepped through.  To ask *what would come out if f′
were forgotten in layer 2, or the delta were passed back through the wrong weights*, a few hundred times in a
second, another shape is better: whole layers as arrays.  A `Net` is that shape; `bpstep.comparison.population`
computes with it, and the tests hold it to the engine.
"""

from __future__ import annotations

import numpy as np

from bpstep.engine.activations import ACTIVATIONS
from bpstep.engine.functions import FUNCTIONS
from bpstep.engine.run import Run
from bpstep.engine.softmax import SOFTMAX
from bpstep.engine.specs import INPUTS, Array, NetworkSpec
from bpstep.lazily import dataclass

__all__ = [
    "THE_INPUTS",
    "Layer",
    "Net",
    "curve",
    "is_coupled",
    "net_of",
    "parameters_of",
    "slope",
    "slope_reads",
]

#: The number by which a layer's ``sources`` name the inputs of the network.
THE_INPUTS = -1


@dataclass(frozen=True, eq=False)
class Layer:
    """A layer: ``weights`` (neurons, sources), ``bias`` (neurons,) or None; ``sources`` are numbers of layers."""

    name: str
    neurons: tuple[str, ...]
    activation: str
    sources: tuple[int, ...]
    weights: Array
    bias: Array | None

    @property
    def size(self) -> int:
        """The number of its neurons."""
        return len(self.neurons)


@dataclass(frozen=True, eq=False)
class Net:
    """A network and one batch: ``x`` (samples, inputs), ``t`` (samples, outputs).

    ``share`` is d(loss)/d(cost) of one sample: 1/m where a batch of m is averaged.  ``rate`` is the learning rate, None
    where nothing is updated.  ``t_after`` and ``t_before`` are the targets of the samples that stand behind and before
    these in the file.  ``earlier`` is the batch before this one.
    """

    inputs: tuple[str, ...]
    layers: tuple[Layer, ...]
    cost: str
    x: Array
    t: Array
    share: float
    l2: float
    rate: float | None
    t_after: Array
    t_before: Array
    earlier: Net | None = None

    @property
    def samples(self) -> int:
        """The number of samples of the batch."""
        return len(self.x)

    @property
    def last(self) -> int:
        """The number of the output layer."""
        return len(self.layers) - 1

    @property
    def outputs(self) -> int:
        """The number of outputs."""
        return self.layers[-1].size

    def width(self, source: int) -> int:
        """The number of cells of a source."""
        return len(self.inputs) if source == THE_INPUTS else self.layers[source].size

    def columns(self, layer: int, source: int) -> slice:
        """The columns of a layer's weights that belong to one of its sources."""
        start = 0
        for before in self.layers[layer].sources:
            if before == source:
                return slice(start, start + self.width(source))
            start += self.width(before)
        raise KeyError(source)

    def consumers(self, source: int) -> list[int]:
        """The layers that read the outputs of a layer, in order."""
        return [k for k, layer in enumerate(self.layers) if source in layer.sources]


def net_of(run: Run, batch: int, *, alone: bool = False) -> Net:
    """The network of a run as one of its batches finds it; the run must be one of a network.  ``alone``: nothing is
    wanted of the batch before."""
    setup = run.setup_of(batch)
    problem, training = setup.problem, setup.training
    assert isinstance(problem, NetworkSpec), "an expression has no layers"
    numbers = {INPUTS: THE_INPUTS} | {layer.name: k for k, layer in enumerate(problem.layers)}
    layers = tuple(
        Layer(
            spec.name, spec.neurons, spec.activation, tuple(numbers[s] for s in spec.sources), weights, bias
        )
        for spec, (weights, bias) in zip(
            problem.layers, parameters_of(problem, run.snapshot(batch).parameters), strict=True
        )
    )
    rows = np.array(run.rows(batch))
    rate = None if training.learning_rate is None else run.rate_at(batch, 0)
    share = 1.0 / len(rows) if training.reduction == "mean" else 1.0
    every = len(problem.t)
    return Net(
        problem.inputs, layers, problem.cost, problem.x[rows], problem.t[rows], share, training.l2, rate,
        problem.t[(rows + 1) % every], problem.t[(rows - 1) % every],
        net_of(run, batch - 1, alone=True) if batch and not alone else None,
    )  # fmt: skip


def parameters_of(problem: NetworkSpec, flat: Array) -> list[tuple[Array, Array | None]]:
    """Weights and bias of every layer, from the flat array that an engine keeps: row by row, then the bias."""
    found: list[tuple[Array, Array | None]] = []
    at = 0
    for spec in problem.layers:
        size = spec.weights.size
        weights = flat[at : at + size].reshape(spec.weights.shape)
        at += size
        bias = None
        if spec.bias is not None:
            bias = flat[at : at + len(spec.bias)]
            at += len(spec.bias)
        found.append((weights, bias))
    return found


def is_coupled(activation: str) -> bool:
    """Whether every output of a layer hears every net input: of softmax."""
    return activation == SOFTMAX


def curve(activation: str, e: Array) -> Array:
    """f(e), the last axis being the neurons of a layer."""
    if is_coupled(activation):
        powers = np.exp(e - e.max(axis=-1, keepdims=True))
        found: Array = powers / powers.sum(axis=-1, keepdims=True)
        return found
    assert activation in ACTIVATIONS
    return FUNCTIONS[activation].value(e)


def slope(activation: str, y: Array, e: Array) -> Array:
    """f′(e), from the outputs where the usual formula has them: y(1 − y), 1 − y²; not for softmax."""
    return FUNCTIONS[activation].partials[0](y, e)


def slope_reads(activation: str) -> str:
    """What the usual formula of f′ is one in: ``y``, ``e``, or "" where it is a constant."""
    text = FUNCTIONS[activation].partial_texts[0]
    return "y" if "{y}" in text else "e" if "{a}" in text else ""
