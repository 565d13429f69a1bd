"""A backward pass as a short program: the lines that a learner would write in NumPy for a net, numbered.

    1  z1 = X @ W1.T + b1          6  dz2 = da2 * a2 * (1 - a2)
    2  a1 = sigmoid(z1)            7  dW2 = dz2.T @ a1
    ...                            9  da1 = dz2 @ W2

The names and the layout are those of `bpstep stub`: a row of an array is a sample, a row of ``W1`` a neuron.  Every
line is one or more stages of a pass (`bpstep.comparison.population`), so what a mistake makes of it is computed there.
The text is never run by bpstep; the tests run it, and hold its numbers to the engine's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from bpstep.comparison.languages import LANGUAGES
from bpstep.comparison.net import THE_INPUTS, Net
from bpstep.comparison.population import Key
from bpstep.engine.costs import COSTS
from bpstep.english import counted
from bpstep.lazily import dataclass

__all__ = [
    "MOST_LINES", "ListingError", "Program", "ProgramLine", "averaged", "is_fused", "line_of", "program_of",
    "stage_line", "written",
]  # fmt: skip

#: A longer program is nothing to look through.
MOST_LINES = 18

#: f′ as a factor, over the names of a layer; a linear layer has none.
_SLOPES = {"sigmoid": " * {a} * (1 - {a})", "tanh": " * (1 - {a}**2)", "relu": " * ({z} > 0)", "linear": ""}

#: The cost whose derivative is y − t; of any other, y − t is the delta of the activation that it goes with.
_PLAIN_COST = "half-squared-error"

#: Which line a stage of a pass is in.
_PARTS = {
    "net": "z", "activate": "a", "targets": "cost", "seed": "cost", "cost slope": "cost", "back": "da", "slope": "dz",
    "delta": "dz", "dw left": "dW", "dw right": "dW", "dw": "dW", "decay": "dW", "db left": "db", "db": "db",
}  # fmt: skip
_KINDS = {"z": "e", "a": "y", "cost": "d(y)", "da": "d(y)", "dz": "d(e)", "dW": "d(w)", "db": "d(b)"}

_NAME = re.compile(r"[A-Za-z_]\w*")
_IN_PARENTHESES = re.compile(r"\([^()]*\)")


class ListingError(ValueError):
    """A net that is no short program; the message says what was expected."""


@dataclass(frozen=True)
class ProgramLine:
    """A line: ``name = text``.  ``part`` is what it is in its layer (z, a, cost, da, dz, dW or db), ``layer`` counts
    from 0, ``key`` is the quantity that it gives."""

    part: str
    layer: int
    key: Key
    name: str
    text: str

    def __str__(self) -> str:
        return f"{self.name} = {self.text}"


@dataclass(frozen=True)
class Program:
    """The lines in the order in which they are run; line 1 is the first."""

    lines: tuple[ProgramLine, ...]

    def named(self, name: str) -> ProgramLine | None:
        """The line that gives an array."""
        return next((line for line in self.lines if line.name == name), None)

    def number(self, line: ProgramLine) -> int:
        """The number of a line, from 1."""
        return next(n for n, other in enumerate(self.lines, 1) if other.name == line.name)

    def reads(self, number: int) -> list[ProgramLine]:
        """The lines whose arrays a line reads."""
        words = dict.fromkeys(_NAME.findall(self.lines[number - 1].text))
        return [line for word in words if (line := self.named(word)) is not None]

    def behind(self, number: int) -> set[int]:
        """The numbers of all lines that a line hears of, itself among them."""
        found, waiting = {number}, [number]
        while waiting:
            for line in self.reads(waiting.pop()):
                if (other := self.number(line)) not in found:
                    found.add(other)
                    waiting.append(other)
        return found


def program_of(net: Net) -> Program:
    """The right program; `ListingError` where a net is no plain stack of layers that have a text here."""
    _refuse_others(net)
    lines = [line for k in range(len(net.layers)) for line in (_line(net, "z", k), _line(net, "a", k))]
    for k in reversed(range(len(net.layers))):
        if k < net.last:
            lines.append(_line(net, "da", k))
        elif not is_fused(net):
            lines.append(_line(net, "cost", k))
        lines += [_line(net, "dz", k), _line(net, "dW", k)]
        lines += [] if net.layers[k].bias is None else [_line(net, "db", k)]
    if len(lines) > MOST_LINES:
        raise ListingError(f"its program has {counted(len(lines), 'line')}; expected at most {MOST_LINES}")
    return Program(tuple(lines))


def _refuse_others(net: Net) -> None:
    for k, layer in enumerate(net.layers):
        if layer.sources != (k - 1 if k else THE_INPUTS,):
            raise ListingError(f"layer {layer.name} does not read the layer before it alone")
        if layer.activation not in _SLOPES and not (k == net.last and is_fused(net)):
            raise ListingError(f"layer {layer.name} is {layer.activation}; expected {', '.join(_SLOPES)}")
    if net.cost != _PLAIN_COST and not is_fused(net):
        raise ListingError(
            f"the cost is {net.cost}; expected {_PLAIN_COST}, or one that goes with the output's activation"
        )
    if net.layers[-1].activation == "softmax" and not np.allclose(net.t.sum(axis=1), 1.0):
        raise ListingError("the targets of a sample do not add up to 1, so the delta is not y − t")
    if net.l2 > 0.0:
        raise ListingError("it has an l2 term")


def is_fused(net: Net) -> bool:
    """Whether the delta of the output is y − t, as for a cost that goes with the activation: ``dz2 = a2 - T``."""
    return COSTS[net.cost].goes_with == net.layers[-1].activation


def line_of(net: Net, part: str, layer: int) -> tuple[str, int]:
    """Where what belongs to a part of a layer is written: of a fused output the cost's line is that of dz."""
    return ("dz", net.last) if part == "cost" and is_fused(net) else (part, layer)


def stage_line(net: Net, stage: str, layer: int) -> tuple[str, int] | None:
    """Part and layer of the line that a stage of a pass is in; None where no line is about it."""
    part = _PARTS.get(stage)
    return None if part is None else line_of(net, part, net.last if part == "cost" else layer)


def words_of(net: Net, k: int) -> Mapping[str, str]:
    """The names in layer k, for the places of a text: ``{a}`` is a2 in the second layer, ``{x}`` what it reads,
    ``{W_next}`` and ``{dz_next}`` belong to the layer behind."""
    layer, numpy = net.layers[k], LANGUAGES["numpy"]
    own = {name: f"{name}{k + 1}" for name in ("z", "a", "da", "dz", "dW", "db", "W", "b")}
    behind = {f"{name}_next": f"{name}{k + 2}" for name in ("da", "dz", "W")}
    before = {"x": f"a{k}" if k else "X", "z_before": f"z{k}"}
    call = numpy.calls.get(layer.activation, layer.activation.replace("-", "_"))
    return {**own, **behind, **before, "f": call}


def written(net: Net, template: str, k: int) -> str:
    """A text with the names of layer k in its places."""
    return template.format_map(words_of(net, k))


def averaged(net: Net, text: str) -> str:
    """A text of what begins at the cost, divided by the number of samples where the loss is their mean."""
    if net.share == 1.0:
        return text
    is_sum = " - " in _IN_PARENTHESES.sub("", text)
    return f"({text}) / len(X)" if is_sum else f"{text} / len(X)"


def _line(net: Net, part: str, k: int) -> ProgramLine:
    name = f"{'da' if part == 'cost' else part}{k + 1}"
    return ProgramLine(part, k, (_KINDS[part], k), name, written(net, _right(net, part, k), k))


def _right(net: Net, part: str, k: int) -> str:
    layer = net.layers[k]
    if part == "cost" or (part == "dz" and k == net.last and is_fused(net)):
        return averaged(net, "{a} - T")
    return {
        "z": "{x} @ {W}.T" + ("" if layer.bias is None else " + {b}"),
        "a": "{z}" if layer.activation == "linear" else "{f}({z})",
        "da": "{dz_next} @ {W_next}",
        "dz": "{da}" + _SLOPES.get(layer.activation, ""),
        "dW": "{dz}.T @ {x}",
        "db": "{dz}.sum(axis=0)",
    }[part]
