"""What the engine is asked to run: a network or an expression, and how it is trained.

These records are the door of the engine.  The scenario room fills them in from a file; a test, or a
program of yours, may fill them in by hand:

    >>> import numpy as np
    >>> layer = LayerSpec("out", ("o1",), "sigmoid", ("inputs",), np.array([[0.5, -1.0]]))
    >>> NetworkSpec(("x1", "x2"), (layer,), "half-squared-error",
    ...             x=np.array([[1.0, 2.0]]), t=np.array([[1.0]])).outputs
    ('o1',)

They hold numbers and names, and no behaviour; they are taken to be valid (shapes that fit, names
that are unique), which is what `bpstep.scenario` checks with the author's file and line at hand.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "INPUTS",
    "Array",
    "ExpressionSpec",
    "LayerSpec",
    "NetworkSpec",
    "Operation",
    "OptimizerSpec",
    "TrainingSpec",
]

Array = NDArray[np.float64]

#: The name by which a layer's ``sources`` name the network's inputs.
INPUTS = "inputs"


@dataclass(frozen=True, eq=False)
class LayerSpec:
    """One layer: ``neurons`` that share an activation (see `bpstep.engine.activations`) and their sources.

    ``weights`` has shape (neurons, sources), one row per neuron, the columns in the order of
    ``sources`` (layer names, or `INPUTS`) laid end to end.  ``bias`` has shape (neurons,), or is
    None for a layer without biases.  ``frozen`` holds "weights" and/or "bias".
    """

    name: str
    neurons: tuple[str, ...]
    activation: str
    sources: tuple[str, ...]
    weights: Array
    bias: Array | None = None
    frozen: frozenset[str] = frozenset()


@dataclass(frozen=True, eq=False)
class NetworkSpec:
    """A feed-forward network and its samples: ``x`` (samples, inputs), ``t`` (samples, outputs)."""

    inputs: tuple[str, ...]
    layers: tuple[LayerSpec, ...]
    cost: str
    x: Array
    t: Array
    input_gradients: bool = False

    @property
    def outputs(self) -> tuple[str, ...]:
        """The neurons of the last layer."""
        return self.layers[-1].neurons


@dataclass(frozen=True)
class Operation:
    """``name = function(operands)``, where an operand is a variable's name or a constant."""

    name: str
    function: str
    operands: tuple[str | float, ...]


@dataclass(frozen=True)
class ExpressionSpec:
    """A composite function as a list of single operations, in order of creation.

    ``values`` are the values of ``inputs``, in the same order; ``parameters`` are the inputs that an
    update changes.
    """

    inputs: tuple[str, ...]
    values: tuple[float, ...]
    operations: tuple[Operation, ...]
    output: str
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True)
class OptimizerSpec:
    """An optimizer by ``name`` with its settings, such as ``{"momentum": 0.9}``."""

    name: str = "sgd"
    settings: tuple[tuple[str, float | bool], ...] = ()


@dataclass(frozen=True)
class TrainingSpec:
    """How the parameters are changed.

    No ``learning_rate`` means no update phase.  ``batch`` is the number of samples per update, None
    for all of them.  ``shuffle`` seeds the order of the samples (None: as they stand in the file).
    ``l2`` is the factor of the penalty ``l2/2 * sum of w**2``.
    """

    learning_rate: float | None = None
    batch: int | None = 1
    reduction: str = "mean"
    epochs: int = 1
    shuffle: int | None = None
    l2: float = 0.0
    optimizer: OptimizerSpec = field(default_factory=OptimizerSpec)
