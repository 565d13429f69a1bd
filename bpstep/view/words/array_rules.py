"""The rules of a program over arrays, for the operations that it has: how each goes back, in whole arrays.

    C = A @ B        ∂E/∂A += ∂E/∂C · Bᵀ,   ∂E/∂B += Aᵀ · ∂E/∂C
    p = softmax(e)   ∂E/∂e += Jᵀ · ∂E/∂p

The letters are those of no variable of the program.
"""

from __future__ import annotations

from collections.abc import Callable

from bpstep.engine.costs import COSTS
from bpstep.engine.functions import FUNCTIONS
from bpstep.view.scene.frame import Frame
from bpstep.view.scene.statements import statements_of
from bpstep.view.symbols.formula import Symbols
from bpstep.view.words.equations import stated_operations

__all__ = ["rules_back", "statements_told"]

#: So many statements are written out.
_MOST_STATEMENTS = 7


def statements_told(frame: Frame) -> list[str]:
    """The statements of the program, those of a loop once; of many the first and the last."""
    stated = statements_of(frame)
    texts = list(dict.fromkeys(_told(frame, one.template, one.values) or one.name for one in stated))
    if len(texts) <= _MOST_STATEMENTS:
        return texts
    shown = texts[: _MOST_STATEMENTS - 2]
    return [*shown, f"… {len(texts) - len(shown) - 1} more", texts[-1]]


def _told(frame: Frame, template: str, values: tuple[tuple[str, int], ...]) -> str:
    if not values:
        return template
    spans: dict[str, list[int]] = {}
    for one in statements_of(frame):
        if one.template == template:
            for name, value in one.values:
                spans.setdefault(name, []).append(value)
    over = ", ".join(f"{name} = {min(each)}..{max(each)}" for name, each in spans.items())
    return f"{template}, {over}"


def rules_back(frame: Frame) -> list[str]:
    """How it goes back through the operations of this program, a line or two for each sort that there is."""
    s = frame.symbols
    sorts = dict.fromkeys(_sort_of(one.function) for one in stated_operations(frame).values())
    letters = _Letters(s)
    told = [line for sort in _RULES if sort in sorts for line in _RULES[sort](letters)]
    told += [_other(letters, sort) for sort in sorts if sort not in _RULES]
    return [s.glyphs.spell(line) for line in told]


def _sort_of(function: str) -> str:
    if function in COSTS:
        return "cells"
    if function in FUNCTIONS:
        return "cells"
    return {"sum-pool": "sum", "max-pool": "largest"}.get(function, function)


class _Letters:
    """Letters for arrays, and the derivatives by them."""

    def __init__(self, symbols: Symbols) -> None:
        self.symbols = symbols

    def __call__(self, letter: str) -> str:
        return self.symbols.free_letter(letter)

    def by(self, letter: str) -> str:
        return self.symbols.derivative(self(letter))

    def local(self, over: str, under: str) -> str:
        return self.symbols.ratio(self(over), self(under))


def _matmul(of: _Letters) -> list[str]:
    a, b, c = of("A"), of("B"), of("C")
    return [f"{c} = {a} @ {b}:  {of.by('A')} += {of.by('C')} · {b}ᵀ,  {of.by('B')} += {a}ᵀ · {of.by('C')}"]


def _conv(of: _Letters) -> list[str]:
    c, x, k = of("C"), of("X"), of("K")
    back = f"{of.by('X')} += Σ {of.by('C')} · {k},  {of.by('K')} += Σ {of.by('C')} · {x}"
    return [f"{c} = conv({x}, {k}), Σ over its places:", f"  {back}"]


def _sum(of: _Letters) -> list[str]:
    return [f"{of('C')} = sum({of('A')}):  {of.by('A')} += {of.by('C')}, for each cell of it"]


def _softmax(of: _Letters) -> list[str]:
    c, a = of("C"), of("A")
    return [f"{c} = softmax({a}):  {of.by('A')} += Jᵀ · {of.by('C')},  J = {of.local('C', 'A')}"]


def _largest(of: _Letters) -> list[str]:
    return [f"{of('C')} = max({of('A')}):  {of.by('A')} += {of.by('C')}, where the largest is"]


def _where(of: _Letters) -> list[str]:
    c, a, b, m = of("C"), of("A"), of("B"), of("M")
    return [f"{c} = where({m}, {a}, {b}):  {of.by('A')} += {of.by('C')}, where taken"]


def _cells(of: _Letters) -> list[str]:
    c, a = of("C"), of("A")
    back = f"{of.by('A')} += {of.by('C')} ∘ {of.local('C', 'A')}"
    return [f"{c} = f({a}), cell by cell:  {back}", f"  what was spread over {c} gathers a sum"]


def _other(of: _Letters, function: str) -> str:
    """A function of arrays that nothing is said of in particular."""
    name, c, a = function.replace("-", "_"), of("C"), of("A")
    return f"{c} = {name}({a}):  {of.by('A')} += Jᵀ · {of.by('C')},  J = {of.local('C', 'A')}"


def _detach(of: _Letters) -> list[str]:
    return [f"{of('C')} = detach({of('A')}):  nothing comes back to {of('A')}"]


_RULES: dict[str, Callable[[_Letters], list[str]]] = {
    "matmul": _matmul,
    "conv": _conv,
    "softmax": _softmax,
    "sum": _sum,
    "largest": _largest,
    "where": _where,
    "detach": _detach,
    "cells": _cells,
}
