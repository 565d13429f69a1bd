"""Whose number is this?  From the names that learners use to the slots of a sheet.

    delta[h1]  d(w[i1->h1])  δ(h1)                 cells, as they are typed everywhere in bpstep
    W1 b1 z1 a1  dW1 db1 dz1 da1  delta1           the usual arrays; 1 is the first layer
    W0 b0 …                                        where they begin with 0, 0 is the first layer
    W1_grad  W1.grad  grad_W1  dL_dW1              gradients by other names
    0.weight  fc1.bias.grad                        PyTorch's; modules and layers in order
    dW_hidden  hidden.weight                       by the name of the layer
    dW  nabla_w  deltas                            a list, one array a layer
    grads.W1  grads.dW1  params.W1                 in a dictionary
    X  T  y_hat  loss                              inputs, targets, outputs, loss

In an expression a variable's name is its value, ``d(x)``, ``dx``, ``x.grad`` the derivative by it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from bpstep.comparison.net import THE_INPUTS, Net
from bpstep.comparison.population import Key
from bpstep.comparison.sheet import Sheet
from bpstep.engine import cells
from bpstep.engine.cells import Cell
from bpstep.lazily import dataclass
from bpstep.scenario.arithmetic import ArithmeticSyntaxError, CellArray, Vocabulary, parse_array, parse_cell
from bpstep.scenario.notations import NOTATIONS

__all__ = [
    "ArrayName", "Parameter", "array_named", "array_names", "cell_named", "derivative_named", "modules_in_order",
    "parameter_named", "without_number",
]  # fmt: skip

_BASES = {
    "w": "w", "weight": "w", "weights": "w", "theta": "w",
    "b": "b", "bias": "b", "biases": "b",
    "z": "e", "e": "e", "net": "e",
    "a": "y", "y": "y", "h": "y", "o": "y", "out": "y",
    "delta": "delta", "deltas": "delta", "δ": "delta",
}  # fmt: skip
_ALONE: dict[str, Callable[[Net], Key]] = {
    "x": lambda net: ("y", THE_INPUTS), "inputs": lambda net: ("y", THE_INPUTS),
    "t": lambda net: ("t", 0), "target": lambda net: ("t", 0), "targets": lambda net: ("t", 0),
    "y_hat": lambda net: ("y", net.last), "yhat": lambda net: ("y", net.last),
    "y_pred": lambda net: ("y", net.last), "output": lambda net: ("y", net.last),
    "out": lambda net: ("y", net.last), "pred": lambda net: ("y", net.last),
    "predictions": lambda net: ("y", net.last), "probs": lambda net: ("y", net.last),
    "cost": lambda net: ("cost", 0), "loss": lambda net: ("loss", 0), "l": lambda net: ("loss", 0),
    "j": lambda net: ("loss", 0),
}  # fmt: skip

_BEFORE = r"(?:d[LEJC]_?/?d_?|d_?|∂|grad_?|nabla_?|g_)"
_BEHIND = r"(?:[._]?grad(?:ient)?)"
_NUMBERED = re.compile(
    rf"(?P<before>{_BEFORE})?(?P<base>{'|'.join(sorted(_BASES, key=len, reverse=True))})_?\[?(?P<number>\d{{1,4}})\]?"
    rf"(?P<behind>{_BEHIND})?",
    re.IGNORECASE,
)
_LETTERS = re.compile(rf"(?P<before>{_BEFORE})?(?P<base>W|b|z|a|delta)(?P<behind>{_BEHIND})?", re.IGNORECASE)
_BY_LAYER = re.compile(
    rf"(?P<before>{_BEFORE})?(?P<base>{'|'.join(sorted(_BASES, key=len, reverse=True))})[_\[(](?P<layer>\w+)[\])]?"
    rf"(?P<behind>{_BEHIND})?",
    re.IGNORECASE,
)
_UNNUMBERED = re.compile(
    rf"{_BEFORE}?(?:w|weights?|theta|b|bias|biases|z|a|deltas?|δ){_BEHIND}?", re.IGNORECASE
)
#: Dictionaries of a program, which say what is in them: ``grads["W1"]``.
_DICTIONARY = re.compile(
    r"(?P<gradients>grad(?:ient)?s?)\.|(?:params?|parameters|caches?|activations)\.", re.IGNORECASE
)
_MODULE = re.compile(r"(?P<module>\S*?)\.(?P<what>weight|bias)(?P<behind>\.grad|_grad)?")


@dataclass(frozen=True)
class ArrayName:
    """What an array's name says: a quantity, and the number of a layer from 0; or why there is none such."""

    key: Key | None
    problem: str = ""


@dataclass(frozen=True)
class Parameter:
    """What a name says of an array that needs no network to be read: weights (``w``) or biases (``b``), and whose: a
    number, or a module of PyTorch."""

    kind: str
    number: int = 0
    module: str = ""


@dataclass(frozen=True)
class _Read:
    """A name, read: the quantity and how its layer is named: a number, the layer's name or a module."""

    kind: str
    number: int | None = None
    layer: str = ""
    module: str = ""
    key: Key | None = None


def parameter_named(name: str) -> Parameter | None:
    """The weights or biases of this name: ``W1``, ``bias_2``, ``fc1.weight``; None where it is the name of none.

    >>> parameter_named("W_2"), parameter_named("0.bias"), parameter_named("dW1")
    (Parameter(kind='w', number=2, module=''), Parameter(kind='b', number=0, module='0'), None)
    """
    name = name.strip()
    if found := _NUMBERED.fullmatch(name):
        kind = _kind(found)
        return Parameter(kind, int(found["number"])) if kind in ("w", "b") else None
    if (found := _MODULE.fullmatch(name)) and not found["behind"]:
        return Parameter("w" if found["what"] == "weight" else "b", module=found["module"])
    return None


def without_number(name: str) -> bool:
    """Whether a name says a quantity and no layer: of a list with one array a layer.

    >>> without_number("nabla_w"), without_number("dW"), without_number("dW1")
    (True, True, False)
    """
    return _UNNUMBERED.fullmatch(name.strip()) is not None


def modules_in_order(modules: Sequence[str]) -> list[str]:
    """Each module once: by their numbers, if they all have some, or as they come."""
    every = list(dict.fromkeys(modules))
    numbers = [[int(number) for number in re.findall(r"\d+", module)[:8]] for module in every]
    if all(numbers):
        every = [module for _, module in sorted(zip(numbers, every, strict=True))]
    return every


def cell_named(text: str, sheet: Sheet, notation: str) -> Cell | None:
    """The cell of this name; None where it is the name of no cell."""
    try:
        return parse_cell(text, vocabulary=_words(sheet, notation))
    except ArithmeticSyntaxError:
        return None


def _words(sheet: Sheet, notation: str) -> Vocabulary:
    return Vocabulary(sheet.variables, notation=NOTATIONS[notation], arrays=sheet.shapes)


def array_named(text: str, sheet: Sheet, notation: str) -> CellArray | None:
    """The array of an expression, or the derivatives by one: ``U``, ``d(U)``, ``dU``, ``U.grad``; None where there is
    no such array."""
    for name in (text, *(f"d({name})" for name in _without_derivative(text))):
        try:
            found = parse_array(name, _words(sheet, notation))
        except ArithmeticSyntaxError:
            continue
        if found.shape:
            return found
    return None


def derivative_named(text: str, sheet: Sheet) -> Cell | None:
    """The derivative of an expression by a variable under another name: ``dx``, ``dz/dx``, ``x.grad``, ``grad_x``."""
    for name in _without_derivative(text):
        if cells.d(cells.var(name)) in sheet.find:
            return cells.d(cells.var(name))
    return None


def _without_derivative(text: str) -> Iterator[str]:
    """By which variable a name may say that it is the derivative."""
    for pattern in (
        rf"(?P<name>\w+?){_BEHIND}",
        r"grad_?(?P<name>\w+)",
        r"d_?\w*/d_?(?P<name>\w+)",
        r"d_?(?P<name>\w+)",
    ):
        found = re.fullmatch(pattern, text)
        if found:
            yield found["name"]


def array_names(names: Sequence[str], net: Net) -> list[ArrayName]:
    """What the names of a file's arrays say.  They are read together, for whether 0 or 1 is the first layer, and which
    module is which layer, shows in all of them."""
    read = [_read(name.strip(), net) for name in names]
    numbers = [item.number for item in read if item and item.number is not None and item.kind != "y"]
    outputs = [item.number for item in read if item and item.number is not None and item.kind == "y"]
    first = 0 if 0 in numbers or (not numbers and 0 in outputs and net.last + 1 not in outputs) else 1
    first_output = 1 if net.last + 1 in outputs else first
    modules = _modules([item.module for item in read if item and item.module], net)
    found = []
    for item in read:
        if item is not None and item.number is not None:
            item = replace(item, number=item.number - (first_output if item.kind == "y" else first))
        found.append(_resolved(item, net, modules))
    return found


def _read(name: str, net: Net) -> _Read | None:
    if found := _DICTIONARY.match(name):
        inner = _read(name[found.end() :], net)
        if inner is not None and found["gradients"] and inner.kind in ("w", "b"):
            return replace(inner, kind=f"d({inner.kind})")
        if inner is not None:
            return inner
    if name.lower() in _ALONE:
        return _Read("", key=_ALONE[name.lower()](net))
    if found := _NUMBERED.fullmatch(name):
        return _Read(_kind(found), number=int(found["number"]))
    if found := _MODULE.fullmatch(name):
        kind = "w" if found["what"] == "weight" else "b"
        return _Read(f"d({kind})" if found["behind"] else kind, module=found["module"])
    if (found := _BY_LAYER.fullmatch(name)) and found["layer"] in (layer.name for layer in net.layers):
        return _Read(_kind(found), layer=found["layer"])
    if (found := _LETTERS.fullmatch(name)) and len(net.layers) == 1:
        return _Read(_kind(found), layer=net.layers[0].name)
    return None


def _kind(found: re.Match[str]) -> str:
    kind = _BASES[found["base"].lower()]
    if kind == "delta":
        return "d(e)"
    return f"d({kind})" if found["before"] or found["behind"] else kind


def _modules(modules: Sequence[str], net: Net) -> dict[str, int]:
    """Which layer a module of PyTorch is: by name, or all of them in order (by their numbers, if they have some)."""
    names = {layer.name: k for k, layer in enumerate(net.layers)}
    every = modules_in_order(modules)
    if all(module in names for module in every):
        return {module: names[module] for module in every}
    return dict(zip(every, range(len(net.layers)), strict=False)) if len(every) == len(net.layers) else {}


def _resolved(item: _Read | None, net: Net, modules: dict[str, int]) -> ArrayName:
    if item is None:
        return ArrayName(
            None, "no name of a cell or an array; expected names such as dW1, db1, a1, delta[h1]"
        )
    if item.key is not None:
        return ArrayName(item.key)
    layers = {layer.name: k for k, layer in enumerate(net.layers)}
    if item.module or not (item.layer or item.number is not None):
        at = modules.get(item.module)
        if at is None:
            return ArrayName(
                None, f"no layer of this name; expected {len(net.layers)} modules, one a layer, in order"
            )
    else:
        at = layers[item.layer] if item.layer else item.number
    if item.kind == "y" and at == THE_INPUTS:
        return ArrayName(("y", THE_INPUTS))
    if at is None or not 0 <= at <= net.last:
        return ArrayName(None, f"there is no such layer; the network has {len(net.layers)}")
    if item.kind in ("b", "d(b)") and net.layers[at].bias is None:
        return ArrayName(None, f"layer {net.layers[at].name} has no biases")
    return ArrayName((item.kind, at))
