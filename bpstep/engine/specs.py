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

from collections.abc import Mapping
from dataclasses import field

import numpy as np
from numpy.typing import NDArray

from bpstep.lazily import dataclass

__all__ = [
    "INPUTS",
    "Array",
    "ExpressionSpec",
    "LayerSpec",
    "NetworkSpec",
    "Operand",
    "Operation",
    "OptimizerSpec",
    "Taken",
    "TrainingSpec",
    "Window",
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


#: Numbers of cells within their arrays, row by row from 0.
Places = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Taken:
    """Cells of earlier arrays in a shape: all that ``A[2]``, ``A.T``, ``reshape``, ``concat``, ``stack`` and ``rows``
    leave of them, since no number is computed by them.

    Of each cell, ``which`` is the place in ``arrays`` of the array that it is taken from, and ``places`` its number
    there; both have the shape of the operand.
    """

    arrays: tuple[str, ...]
    which: Places
    places: Places

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the operand."""
        return self.places.shape


#: What an operation is computed from: a variable by its name (all of its cells), some cells of variables, a constant.
Operand = str | float | Taken


@dataclass(frozen=True)
class Window:
    """How a window moves over the last axes of a picture: its ``size``, ``stride`` and ``padding``, an axis each."""

    size: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]


@dataclass(frozen=True)
class Operation:
    """``name = function(operands)``.

    ``function`` is a row of the function table, applied cell by cell with NumPy's broadcasting; a row of the cost
    table (of outputs and targets); or one of ``matmul``, ``sum``, ``largest``, ``softmax``, ``conv``, ``max-pool``,
    ``sum-pool``, ``where``, ``detach``.  ``shape`` is that of the array which it computes, () of a single number.
    ``axis`` is what ``sum`` and ``largest`` (None: all axes) and ``softmax`` go over, from 0; ``window`` that of
    ``conv`` and the pools.  ``handed_on`` are the arrays among its operands that an earlier pass of a ``for`` made;
    ``is_statistic`` marks the mean and the variance of a normalisation.
    """

    name: str
    function: str
    operands: tuple[Operand, ...]
    shape: tuple[int, ...] = ()
    axis: int | None = None
    window: Window | None = None
    handed_on: tuple[str, ...] = ()
    is_statistic: bool = False


@dataclass(frozen=True)
class ExpressionSpec:
    """A composite function as a list of single operations, in order of creation.

    ``values`` are the values of ``inputs``, in the same order, numbers or arrays of up to four axes; ``parameters`` are
    the inputs that an update changes.  ``by_sample`` are the inputs that each sample brings along, (samples, *shape):
    of these, ``values`` holds those of the first sample.  Where there are none, there is one sample and no loss beside
    the output.  ``labels`` are words for the cells along the first axis of a variable, ``aliases`` other names for
    cells of variables, which a definition that only takes cells (``q = X[2]``) gives them.
    """

    inputs: tuple[str, ...]
    values: tuple[float | Array, ...]
    operations: tuple[Operation, ...]
    output: str
    parameters: tuple[str, ...] = ()
    by_sample: Mapping[str, Array] = field(default_factory=dict)
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    aliases: Mapping[str, Taken] = field(default_factory=dict)

    @property
    def samples(self) -> int:
        """The number of samples."""
        return min((len(array) for array in self.by_sample.values()), default=1)

    def has_square_factor(self, operation: Operation) -> bool:
        """Whether an operation is ``W @ x`` of a square matrix W, as it stands."""
        if operation.function != "matmul" or not isinstance(operation.operands[0], str):
            return False
        shapes = {name: np.shape(value) for name, value in zip(self.inputs, self.values, strict=True)}
        shapes |= {one.name: one.shape for one in self.operations}
        shape = shapes[operation.operands[0]]
        return len(shape) == 2 and shape[0] == shape[1]

    @property
    def has_arrays(self) -> bool:
        """Whether a variable has several cells, or some cells of a variable are taken."""
        operands = (operand for one in self.operations for operand in one.operands)
        return (
            any(isinstance(value, np.ndarray) for value in self.values)
            or any(one.shape for one in self.operations)
            or any(isinstance(operand, Taken) for operand in operands)
        )


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
