"""From rows to hypotheses: every mistake, wherever it could have been made in a network."""

from __future__ import annotations

import numpy as np

from bpstep.comparison import twists as do
from bpstep.comparison import twists_back as back
from bpstep.comparison.mistakes import Hypothesis, Mistake, Part
from bpstep.comparison.net import Net
from bpstep.comparison.population import Program, Stage, Twist
from bpstep.comparison.table import MISTAKES
from bpstep.engine.specs import Array

__all__ = ["hypotheses"]


def hypotheses(net: Net) -> list[Hypothesis]:
    """All that can be believed of a network: every row at every place where it makes sense, with each of its values."""
    found: list[Hypothesis] = []
    for row in MISTAKES:
        for words, value in row.values(net):
            found += _of_row(row, net, words, value)
    return found


def _of_row(row: Mistake, net: Net, words: str, value: do.Value) -> list[Hypothesis]:
    if row.once:
        at = net.last if any(part[0] == "cost slope" for part in row.parts) else 0
        twists = tuple(_twist(part, at, value) for part in row.parts)
        return [Hypothesis(row, words, value, (), True, "", twists)] if row.fits(net, net.last) else []
    layers = [k for k in range(len(net.layers)) if row.fits(net, k) and _has(row, net, k, value)]
    by_layer = {k: _twists(row, net, k, value) for k in layers}
    found = [
        Hypothesis(row, words, value, (k,), False, _where(net, k), twists) for k, twists in by_layer.items()
    ]
    hidden = [k for k in layers if k < net.last]
    if 1 < len(hidden) < len(layers):
        some = tuple(twist for k in hidden for twist in by_layer[k])
        found.insert(0, Hypothesis(row, words, value, tuple(hidden), False, "in all hidden layers", some))
    if len(layers) > 1:
        every = tuple(twist for k in layers for twist in by_layer[k])
        found.insert(0, Hypothesis(row, words, value, tuple(layers), True, "in all layers", every))
    return found


def _twists(row: Mistake, net: Net, k: int, value: do.Value) -> Program:
    parts = [part for part in row.parts if not part[0].startswith("db") or net.layers[k].bias is not None]
    return tuple(_twist(part, k, value) for part in parts)


def _has(row: Mistake, net: Net, k: int, value: do.Value) -> bool:
    """Whether a value means something in a layer: there is such a neuron behind it, it is another activation."""
    if row.name == "dropped":
        behind = net.layers[net.consumers(k)[0]].size
        return behind > 2 and int(value) < behind
    if row.name == "skip-dropped":
        return int(value) < len(net.consumers(k))
    return not row.name.startswith("other-") or value != net.layers[k].activation


def _twist(part: Part, layer: int, value: do.Value) -> Twist:
    stage, change, *needs = part

    def changed(right: Array, at: Stage) -> Array:
        found = change(right, at, value)
        return np.asarray(found)

    rank = back.RANKS.get(change, 0)
    return Twist(stage, layer, changed, needs[0], rank) if needs else Twist(stage, layer, changed, rank=rank)


def _where(net: Net, k: int) -> str:
    if len(net.layers) == 1:
        return ""
    return "in the output layer only" if k == net.last else f"in layer {net.layers[k].name} only"
