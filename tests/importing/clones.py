"""Scalar automatic differentiators as learners write them after the first lecture, from memory, each in its own way.

`made` writes the source of one: what its attributes are called, in what it keeps its operands, whether it says its
operation, and which mistake is in it.  Nothing of bpstep is in them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["LAYOUTS", "MISTAKES", "keeping_slopes", "made", "recursive"]

_SOURCE = """
import math

class {cls}:
    def __init__(self, data, kids=(), op="", label=""):
        self.{data} = data
        self.{grad} = 0.0
        self.{kids} = {group}(kids)
        {keep_op}
        self.label = label
        self._backward = lambda: None

    def __add__(self, other):
        other = other if isinstance(other, {cls}) else {cls}(other)
        out = {cls}(self.{data} + other.{data}, (self, other), "+")
        def _backward():
            self.{grad} {plus} out.{grad}
            other.{grad} {plus} out.{grad}
        out._backward = _backward
        return out

    def __mul__(self, other):
        other = other if isinstance(other, {cls}) else {cls}(other)
        out = {cls}(self.{data} * other.{data}, (self, other), "*")
        def _backward():
            self.{grad} {plus} {mul_self} * out.{grad}
            other.{grad} {plus} {mul_other} * out.{grad}
        out._backward = _backward
        return out

    def __sub__(self, other):
        other = other if isinstance(other, {cls}) else {cls}(other)
        out = {cls}(self.{data} - other.{data}, (self, other), "-")
        def _backward():
            self.{grad} {plus} out.{grad}
            other.{grad} {plus} {sub_sign}out.{grad}
        out._backward = _backward
        return out

    def __truediv__(self, other):
        other = other if isinstance(other, {cls}) else {cls}(other)
        out = {cls}(self.{data} / other.{data}, (self, other), "/")
        def _backward():
            self.{grad} {plus} out.{grad} / other.{data}
            other.{grad} {plus} -out.{grad} * self.{data} / other.{data} ** 2
        out._backward = _backward
        return out

    def __pow__(self, k):
        out = {cls}(self.{data} ** k, (self,), "**" + str(k))
        def _backward():
            self.{grad} {plus} {power} * out.{grad}
        out._backward = _backward
        return out

    def tanh(self):
        x = self.{data}
        t = (math.exp(2 * x) - 1) / (math.exp(2 * x) + 1) {tanh_value}
        out = {cls}(t, (self,), "tanh")
        def _backward():
            self.{grad} {plus} {tanh} * out.{grad}
        out._backward = _backward
        return out

    def relu(self):
        out = {cls}(max(0.0, self.{data}), (self,), "ReLU")
        def _backward():
            self.{grad} {plus} {relu} * out.{grad}
        out._backward = _backward
        return out

    def exp(self):
        out = {cls}(math.exp(self.{data}), (self,), "exp")
        def _backward():
            self.{grad} {plus} {exp} * out.{grad}
        out._backward = _backward
        return out

    __radd__ = __add__
    __rmul__ = __mul__

    def backward(self):
        topo, seen = [], set()
        def build(v):
            if id(v) not in seen:
                seen.add(id(v))
                for child in v.{kids}:
                    build(child)
                topo.append(v)
        build(self)
        self.{grad} = {seed}
        for v in {order}:
            v._backward()
"""

#: What a clone calls things, and in what it keeps its operands.
LAYOUTS: dict[str, dict[str, str]] = {
    "micrograd": {"kids": "_prev", "group": "set"},
    "tuple": {"kids": "_children", "group": "tuple", "cls": "Scalar"},
    "list": {"kids": "prev", "group": "list", "data": "value", "cls": "Node"},
    "parents": {"kids": "_parents", "group": "frozenset", "grad": "_grad", "cls": "Var"},
    "no_op": {"kids": "_prev", "group": "set", "keep_op": "pass"},
    "op": {"kids": "_prev", "group": "tuple", "keep_op": "self.op = op"},
}

#: One mistake each, as the source of the place where it is made.
MISTAKES: dict[str, dict[str, str]] = {
    "overwrite": {"plus": "="},
    "tanh-derivative": {"tanh": "(1 - t)"},
    "tanh-of-input": {"tanh": "(1 - x ** 2)"},
    "tanh-of-logistic": {"tanh": "(t * (1 - t))"},
    "tanh-twice": {"tanh": "(1 - math.tanh(t) ** 2)"},
    "tanh-value": {"tanh_value": "+ 0.01"},
    "relu-of-derivative": {"relu": "(self.{data} < 0)"},
    "power-rule": {"power": "(k * self.{data} ** k)"},
    "power-factor": {"power": "(self.{data} ** (k - 1))"},
    "exp-derivative": {"exp": "self.{data}"},
    "swapped-operands": {"mul_self": "self.{data}", "mul_other": "other.{data}"},
    "minus": {"sub_sign": ""},
    "no-seed": {"seed": "0.0"},
    "not-reversed": {"order": "topo"},
}

_USUAL = {
    "cls": "Value", "data": "data", "grad": "grad", "keep_op": "self._op = op", "plus": "+=",
    "mul_self": "other.{data}", "mul_other": "self.{data}", "sub_sign": "-", "power": "(k * self.{data} ** (k - 1))",
    "tanh": "(1 - t ** 2)", "tanh_value": "", "relu": "(out.{data} > 0)", "exp": "out.{data}", "seed": "1.0",
    "order": "reversed(topo)",
}  # fmt: skip


def made(layout: str = "micrograd", mistake: str = "", *, methods: bool = True) -> Callable[..., Any]:
    """The class that a learner wrote; without ``methods`` nothing tells in which method a backward was made."""
    parts = {**_USUAL, **LAYOUTS[layout], **(MISTAKES[mistake] if mistake else {})}
    text = _SOURCE
    for _ in range(2):  # some parts have places in them
        for name, part in parts.items():
            text = text.replace(f"{{{name}}}", part)
    if not methods:
        text = text.replace(
            "out._backward = _backward", '_backward.__qualname__ = "f"; out._backward = _backward'
        )
    scope: dict[str, Any] = {}
    exec(compile(text, "clone.py", "exec"), scope)
    found: Callable[..., Any] = scope[parts["cls"]]
    return found


def recursive() -> Callable[..., Any]:
    """A class whose backward calls that of its operands, and sends the whole sum so far on at each arrival."""
    text = """
class Value:
    def __init__(self, data, _children=(), _op=""):
        self.data, self.grad = data, 0.0
        self._prev, self._op = list(_children), _op
    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, (self, other), "+")
    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data * other.data, (self, other), "*")
    __radd__, __rmul__ = __add__, __mul__
    def backward(self, arrives=1.0):
        self.grad += arrives
        if self._op == "+":
            for child in self._prev:
                child.backward(self.grad)
        if self._op == "*":
            a, b = self._prev
            a.backward(self.grad * b.data)
            b.backward(self.grad * a.data)
"""
    scope: dict[str, Any] = {}
    exec(compile(text, "clone.py", "exec"), scope)
    found: Callable[..., Any] = scope["Value"]
    return found


def keeping_slopes(*, pairs: bool = False, power: str = "k * self.data ** (k - 1)") -> Callable[..., Any]:
    """A class without _op and _backward: it keeps the derivatives by its operands, beside them or in pairs."""
    text = """
import math

class Value:
    __slots__ = ("data", "grad", "_children", "_local_grads")
    def __init__(self, data, children=(), local_grads=()):
        self.data, self.grad = data, 0
        self._children = KEPT
        self._local_grads = local_grads
    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, (self, other), (1, 1))
    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data * other.data, (self, other), (other.data, self.data))
    def __pow__(self, k): return Value(self.data ** k, (self,), (POWER,))
    def exp(self): return Value(math.exp(self.data), (self,), (math.exp(self.data),))
    def tanh(self): return Value(math.tanh(self.data), (self,), (1 - math.tanh(self.data) ** 2,))
    def relu(self): return Value(max(0, self.data), (self,), (float(self.data > 0),))
    def __neg__(self): return self * -1
    def __sub__(self, other): return self + (-other)
    def __truediv__(self, other): return self * other ** -1
    __radd__, __rmul__ = __add__, __mul__
    def backward(self):
        topo, seen = [], set()
        def build(v):
            if v not in seen:
                seen.add(v)
                for child in v._children:
                    build(NODE)
                topo.append(v)
        build(self)
        self.grad = 1
        for v in reversed(topo):
            for child, slope in zip(v._children, v._local_grads):
                NODE.grad += slope * v.grad
"""
    text = text.replace("KEPT", "tuple(zip(children, local_grads))" if pairs else "children").replace(
        "POWER", power
    )
    scope: dict[str, Any] = {}
    exec(compile(text.replace("NODE", "child[0]" if pairs else "child"), "clone.py", "exec"), scope)
    found: Callable[..., Any] = scope["Value"]
    return found
