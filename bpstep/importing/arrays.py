"""Arrays by their names, ``W1 b1 W2 b2 …`` or ``0.weight 0.bias …``, as the layers of a network.

Which array is whose is said by its name; how it lies, by its shape.  Weights may be (neurons, sources) or (sources,
neurons), the same way in all layers: the way in which every layer has as many sources as the one before has neurons,
and as many biases as neurons.  Where both ways do, the first is taken, and that is said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field

import numpy as np

from bpstep.comparison.entries import Entry
from bpstep.comparison.fitting import LAYOUTS
from bpstep.comparison.naming import Parameter, modules_in_order, parameter_named
from bpstep.engine.activations import ACTIVATIONS
from bpstep.engine.costs import COSTS
from bpstep.engine.specs import Array
from bpstep.english import counted, listed
from bpstep.importing.networks import ImportedLayer, ModelError, network_document, sizes_text
from bpstep.lazily import dataclass
from bpstep.scenario.problems import did_you_mean
from bpstep.scenario.writing import Document
from bpstep.visible import quoted, shortened

__all__ = ["Imported", "activation_named", "imported"]

_SAMPLES = {"x": "x", "inputs": "x", "t": "t", "y": "t", "target": "t", "targets": "t"}
#: What other programs call an activation of ours.
_ALSO = {"identity": "linear", "none": "linear", "logistic": "sigmoid", "leakyrelu": "leaky-relu"}


@dataclass(frozen=True)
class Imported:
    """The tables of a scenario, and in words how the arrays were taken."""

    document: Document
    taken: tuple[str, ...]


@dataclass(eq=False)
class _Layer:
    """What a file has for a layer, as it lies there."""

    called: str
    weights: Entry | None = None
    bias: Entry | None = None


@dataclass(eq=False)
class _Sorted:
    """The arrays of a file by what they are."""

    layers: list[_Layer] = field(default_factory=list)
    samples: dict[str, Entry] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)


def imported(
    entries: Sequence[Entry],
    title: str,
    activations: Sequence[str],
    cost: str | None = None,
    layout: str = "",
) -> Imported:
    """The scenario that some arrays make with these activations, one a layer.  Raises `ModelError`."""
    found = _sorted(entries)
    names = [activation_named(name) for name in activations]
    if len(names) != len(found.layers):
        weights = listed([one.called for one in found.layers[:6]] + ["…"] * (len(found.layers) > 6))
        raise ModelError(
            f"{counted(len(names), 'activation')} for {counted(len(found.layers), 'layer')} ({weights}); "
            "expected one for each layer"
        )
    chosen = cost or ("cross-entropy" if names[-1] == "softmax" else "half-squared-error")
    if chosen not in COSTS:
        near = did_you_mean(chosen, COSTS)
        raise ModelError(f"{quoted(chosen)} is no cost; expected one of {', '.join(COSTS)}{near}")
    taken: list[str] = []
    layers = _laid(found.layers, names, layout, taken)
    x, t = _samples(found.samples, layers, taken)
    words = listed([layer.activation for layer in layers])
    head = f"{sizes_text(layers)}, {words}; {chosen}{'' if cost else ', as no --cost is given'}"
    taken += [f"not read: {text}" for text in found.unread]
    return Imported(network_document(title, layers, chosen, x, t), (head, *taken))


def activation_named(text: str) -> str:
    """An activation as people write it: ``ReLU``, ``leaky_relu``, ``identity``.  Raises `ModelError`.

    >>> activation_named("LeakyReLU"), activation_named(" Tanh "), activation_named("leaky_relu")
    ('leaky-relu', 'tanh', 'leaky-relu')
    """
    name = text.strip().lower().replace("_", "-")
    name = _ALSO.get(name, name)
    if name not in ACTIVATIONS:
        near = did_you_mean(name, ACTIVATIONS)
        raise ModelError(f"{quoted(text)} is no activation{near}; expected one of {', '.join(ACTIVATIONS)}")
    return name


# --- by their names -----------------------------------------------------------------------------------


def _sorted(entries: Sequence[Entry]) -> _Sorted:
    found = _Sorted()
    read: list[tuple[Entry, Parameter]] = []
    for entry in entries:
        which = parameter_named(entry.name)
        if which is not None:
            read.append((entry, which))
        elif entry.name.lower() in _SAMPLES:
            what = _SAMPLES[entry.name.lower()]
            if what in found.samples:
                raise ModelError(
                    f"{found.samples[what].name} and {entry.name} are both samples; expected one of them"
                )
            found.samples[what] = entry
        else:
            found.unread.append(f"{shortened(entry.name)} {entry.numbers.shape}")
    numbered, modules = [w.number for _, w in read if not w.module], [w.module for _, w in read if w.module]
    if numbered and modules:
        raise ModelError(
            f"layers by numbers and by modules ({quoted(modules[0])}); expected W1 b1 … or NAME.weight NAME.bias …"
        )
    places: Sequence[object] = modules_in_order(modules) if modules else sorted(set(numbered))
    by_place = {place: _Layer("") for place in places}
    for entry, which in read:
        _enter(by_place[which.module or which.number], entry, which.kind)
    found.layers = list(by_place.values())
    if not found.layers:
        names = ", ".join(found.unread[:4])
        raise ModelError(
            f"there are no weights in it: {names}; expected W1, b1, W2, … or 0.weight, 0.bias, …"
        )
    for one in found.layers:
        if one.weights is None:
            assert one.bias is not None
            raise ModelError(f"{shortened(one.bias.name)} has no weights beside it; expected both of a layer")
    return found


def _enter(layer: _Layer, entry: Entry, kind: str) -> None:
    before = layer.weights if kind == "w" else layer.bias
    if before is not None:
        raise ModelError(
            f"{shortened(before.name)} and {shortened(entry.name)} are both of one layer; expected one"
        )
    if kind == "w":
        layer.weights, layer.called = entry, shortened(entry.name)
    else:
        layer.bias = entry


# --- by their shapes ----------------------------------------------------------------------------------


def _laid(
    found: Sequence[_Layer], activations: Sequence[str], layout: str, taken: list[str]
) -> list[ImportedLayer]:
    """The layers with a row of weights for each neuron."""
    ways: dict[str, list[ImportedLayer]] = {}
    problems: dict[str, str] = {}
    for way in LAYOUTS:
        made = [_layer(one, activation, way) for one, activation in zip(found, activations, strict=True)]
        problems[way] = _problem(found, made)
        if not problems[way]:
            ways[way] = [layer for layer in made if layer is not None]
    wanted = [layout] if layout else list(LAYOUTS)
    fitting = [way for way in wanted if way in ways]
    if not fitting:
        raise ModelError("; ".join(f"taken as {way}, {problems[way]}" for way in wanted))
    if len(fitting) > 1:
        taken.append(
            f"weights taken as {fitting[0]}: the shapes leave it open (--layout {fitting[1]} takes them the other way)"
        )
    elif not layout:
        taken.append(f"weights taken as {fitting[0]}, by their shapes")
    return ways[fitting[0]]


def _layer(one: _Layer, activation: str, way: str) -> ImportedLayer:
    assert one.weights is not None
    weights = one.weights.numbers
    if weights.ndim > 2 or weights.size == 0:
        raise ModelError(f"{one.called} has the shape {weights.shape}; expected a matrix")
    weights = np.atleast_2d(weights)
    bias = one.bias
    if bias is not None and sum(length > 1 for length in bias.numbers.shape) > 1:
        raise ModelError(
            f"{shortened(bias.name)} has the shape {bias.numbers.shape}; expected one number a neuron"
        )
    name = one.weights.name.rpartition(".")[0]
    return ImportedLayer(
        name,
        activation,
        weights if way == LAYOUTS[0] else weights.T,
        None if bias is None else bias.numbers.reshape(-1),
    )


def _problem(found: Sequence[_Layer], layers: Sequence[ImportedLayer]) -> str:
    """Why the layers do not fit each other; "" where they do."""
    for k, (one, layer) in enumerate(zip(found, layers, strict=True)):
        neurons, sources = layer.weights.shape
        if k and sources != len(layers[k - 1].weights):
            before = f"{counted(len(layers[k - 1].weights), 'neuron')} of {found[k - 1].called} {_shape(found[k - 1])}"
            return f"{one.called} {_shape(one)} has {counted(sources, 'source')} for the {before}"
        if layer.bias is not None and one.bias is not None and len(layer.bias) != neurons:
            return (
                f"{shortened(one.bias.name)} {one.bias.numbers.shape} does not fit {one.called} {_shape(one)}"
            )
    return ""


def _shape(one: _Layer) -> str:
    assert one.weights is not None
    return f"{one.weights.numbers.shape}"


def _samples(
    found: Mapping[str, Entry], layers: Sequence[ImportedLayer], taken: list[str]
) -> tuple[Array, Array]:
    """Inputs and targets: those of the file, or one made-up sample."""
    inputs, outputs = layers[0].weights.shape[1], len(layers[-1].weights)
    if len(found) == 1:
        (one,) = found.values()
        raise ModelError(
            f"{one.name} is there, and its counterpart is not; expected both X and T, or neither"
        )
    if not found:
        taken.append(
            "no samples X and T in it: one stands in that is made up; write your own below [[sample]]"
        )
        target = np.zeros((1, outputs))
        target[0, 0] = 1.0
        return np.ones((1, inputs)), target
    x, t = (_rows(found[what], width) for what, width in (("x", inputs), ("t", outputs)))
    if len(x) != len(t):
        raise ModelError(
            f"{found['x'].name} has {counted(len(x), 'sample')} and {found['t'].name} {len(t)}; expected as many"
        )
    return x, t


def _rows(entry: Entry, width: int) -> Array:
    """A row a sample."""
    array = entry.numbers
    if array.ndim < 2:
        array = array.reshape(1, -1) if array.size == width else array.reshape(-1, 1)
    if array.ndim == 2 and array.shape[1] == width and len(array):
        return array
    if array.ndim == 2 and array.shape[0] == width and array.size:
        return array.T
    raise ModelError(
        f"{entry.name} has the shape {entry.numbers.shape}; expected {counted(width, 'number')} for each sample"
    )
