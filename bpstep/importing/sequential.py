"""The layers of an ``nn.Sequential``, known by its attributes: PyTorch itself is not imported.

    nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1), nn.Sigmoid())       2-3-1, tanh and sigmoid

A ``Linear`` begins a layer, and the activation behind it is the layer's; without one the layer is linear.  LogSoftmax
is not an activation of bpstep: what it is, is for the loss to say (`bpstep.importing.losses`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from bpstep.engine.specs import Array
from bpstep.english import counted
from bpstep.importing.networks import ImportedLayer, ModelError
from bpstep.lazily import dataclass
from bpstep.visible import quoted, shortened

__all__ = ["LOG_SOFTMAX", "SUPPORTED", "Module", "numbers_of", "read_modules"]

LOG_SOFTMAX = "log-softmax"

#: What each module is here, by the name of its class.
_ACTIVATIONS = {
    "Sigmoid": "sigmoid", "Tanh": "tanh", "ReLU": "relu", "LeakyReLU": "leaky-relu", "Softplus": "softplus",
    "Softmax": "softmax", "LogSoftmax": LOG_SOFTMAX,
}  # fmt: skip
#: The settings that bpstep's activations have.
_SETTINGS: dict[str, dict[str, float]] = {
    "LeakyReLU": {"negative_slope": 0.01},
    "Softplus": {"beta": 1, "threshold": 20},
}

SUPPORTED = ", ".join(["Sequential", "Linear", *_ACTIVATIONS])


@dataclass(frozen=True, eq=False)
class Module:
    """A module as it was read: its layers, of which the last may have the activation ``log-softmax``; and PyTorch's own
    parameters, those of each layer together: the weight, and the bias or None."""

    layers: tuple[ImportedLayer, ...]
    parameters: tuple[tuple[Any, Any], ...]


def read_modules(module: object) -> Module:
    """The layers of a Sequential, or of a single Linear.  Raises `ModelError` that names what is not supported."""
    if _kind(module) not in ("Sequential", "Linear"):
        raise ModelError(
            f"found {_called('', module)}; expected an nn.Sequential, whose modules may be {SUPPORTED}"
        )
    names: list[str] = []
    linear: list[Any] = []
    activations: list[str] = []
    for name, one in _flat(module, ""):
        kind = _kind(one)
        if kind == "Linear":
            if any(one is other or one.weight is other.weight for other in linear):
                raise ModelError(
                    f"{_called(name, one)} shares its weights with a layer before; expected its own"
                )
            names.append(name)
            linear.append(one)
            activations.append("linear")
        elif kind in _ACTIVATIONS:
            _check_place(name, one, activations)
            activations[-1] = _ACTIVATIONS[kind]
        else:
            raise ModelError(f"{_called(name, one)} is not supported; those that are: {SUPPORTED}")
    if not linear:
        raise ModelError("there is no Linear in it; expected at least one")
    layers = [_layer(*parts) for parts in zip(names, linear, activations, strict=True)]
    _check_sizes(names, layers)
    return Module(tuple(layers), tuple((one.weight, one.bias) for one in linear))


def _kind(module: object) -> str:
    return type(module).__name__


def _called(name: str, module: object) -> str:
    """A module in a message: its place, and its class."""
    return f"module {quoted(name)}, {shortened(_kind(module))}," if name else f"a {shortened(_kind(module))}"


def _flat(module: object, name: str) -> Iterator[tuple[str, Any]]:
    """The modules in order, those of a Sequential within one by names with dots."""
    if _kind(module) != "Sequential":
        yield name, module
        return
    inner: dict[str, object] = getattr(module, "_modules", {})
    for key, one in inner.items():
        yield from _flat(one, f"{name}.{key}" if name else str(key))


def _check_place(name: str, module: Any, activations: Sequence[str]) -> None:
    """An activation stands behind a Linear, with the settings that it has in bpstep."""
    if not activations:
        raise ModelError(f"{_called(name, module)} stands before the first Linear; expected it behind one")
    if activations[-1] != "linear":
        raise ModelError(
            f"{_called(name, module)} stands behind another activation; expected a Linear between them"
        )
    for key, value in _SETTINGS.get(_kind(module), {}).items():
        if getattr(module, key, value) != value:
            raise ModelError(f"{_called(name, module)} has {key}={getattr(module, key)}; expected {value}")
    if getattr(module, "dim", None) not in (None, 1, -1):
        raise ModelError(
            f"{_called(name, module)} has dim={module.dim}; expected 1, over the outputs of a sample"
        )


def _layer(name: str, linear: Any, activation: str) -> ImportedLayer:
    weights = numbers_of(linear.weight)
    bias = None if linear.bias is None else numbers_of(linear.bias)
    tensors = {"weights": linear.weight, "bias": linear.bias}
    frozen = tuple(key for key, tensor in tensors.items() if not getattr(tensor, "requires_grad", True))
    for key, array in (("weight", weights), ("bias", bias)):
        if array is not None and not np.isfinite(array).all():
            raise ModelError(f"the {key} of {_called(name, linear)} is not finite; expected finite numbers")
    return ImportedLayer(name, activation, weights, bias, frozen)


def _check_sizes(names: Sequence[str], layers: Sequence[ImportedLayer]) -> None:
    for k in range(1, len(layers)):
        neurons, sources = len(layers[k - 1].weights), layers[k].weights.shape[1]
        if neurons != sources:
            takes = f"module {quoted(names[k])} takes {counted(sources, 'number')}"
            raise ModelError(f"{takes}, and module {quoted(names[k - 1])} gives {neurons}")


def numbers_of(tensor: Any) -> Array:
    """The numbers of a tensor as doubles; whatever has them as an array will do.  Raises `ModelError`."""
    for step in ("detach", "cpu", "double", "numpy"):  # double: NumPy has no bfloat16
        tensor = getattr(tensor, step)() if hasattr(tensor, step) else tensor
    try:
        return np.array(tensor, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ModelError(
            f"there are no numbers to be read: {shortened(str(error), 80)}; expected a tensor"
        ) from None
