"""The name of every number.

A run is full of numbers, and each has exactly one name: a *cell*.  The screen, the prompt, scripts,
exercises and traces all say it the same way, so a student can read ``d(e[h1])`` in a trace, type it
at the prompt and find it on the screen.

    >>> str(w("i1", "h1"))
    'w[i1->h1]'
    >>> str(d(e("h1")))                     # a derivative of the root (the cost, or the output)
    'd(e[h1])'
    >>> str(local(y("h1"), e("h1")))        # a local derivative: one edge of the graph
    'd(y[h1], e[h1])'

A cell is only a name.  What stands in it at a moment is the business of `bpstep.engine.run`.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = [
    "CLOCK_KINDS",
    "COST",
    "LOSS",
    "Cell",
    "b",
    "clock",
    "d",
    "dot",
    "e",
    "local",
    "setting",
    "state",
    "t",
    "total",
    "var",
    "w",
    "y",
]

#: Cells that say where and how we stand; they are read, never written by a step.
CLOCK_KINDS = ("lr", "step", "epoch", "sample", "update")

_INDEXED = frozenset({"y", "e", "b", "t"})
#: Kinds of cells that belong to another cell; whatever else does is the state that an optimizer keeps of it.
_DERIVATIVES = frozenset({"d", "dot", "local"})


class Cell(NamedTuple):
    """The name of one number: a tuple, because names are made, compared and looked up at every turn.

    ``kind`` says what it is, ``of`` (and ``by``) of what:

    ============  =======================  =========================
    kind          of, by                   printed
    ============  =======================  =========================
    ``var``       name                     ``x``
    ``y e b t``   neuron                   ``y[h1]``
    ``w``         source, target           ``w[i1->h1]``
    ``cost loss``                          ``cost``
    ``d``         cell                     ``d(e[h1])``
    ``local``     cell A, cell B           ``d(A, B)``, that is dA/dB
    ``dot``       cell                     ``dot(y[h1])``
    ``m v ...``   parameter                ``m(w[i1->h1])``, state of an optimizer
    clock         --                       ``lr``, ``step``, ...
    ``setting``   name                     ``beta1``, ``t``, ...
    ``sum``       text                     ``sum(w^2)``
    ============  =======================  =========================
    """

    kind: str
    of: str | Cell = ""
    by: str | Cell = ""
    place: int = 0

    def __str__(self) -> str:
        kind = self.kind
        if kind in _INDEXED:
            return f"{kind}[{self.of}]"
        if kind == "w":
            return f"w[{self.of}->{self.by}]"
        if kind == "local":
            return f"d({self.of}, {self.by}{f', {self.place}' if self.place else ''})"
        if isinstance(self.of, Cell):
            return f"{kind}({self.of})"
        if kind in ("var", "setting"):
            return str(self.of)
        if kind == "sum":
            return f"sum({self.of})"
        return kind

    @property
    def short(self) -> str:
        """The short name, where there is one.

        >>> d(e("h1")).short, local(y("h1"), e("h1")).short, d(y("h1")).short
        ('delta[h1]', 'local[h1]', 'd(y[h1])')
        """
        if isinstance(self.of, Cell) and self.kind == "d" and self.of.kind == "e":
            return f"delta[{self.of.of}]"
        if (
            isinstance(self.of, Cell)
            and self.kind == "local"
            and self.of.kind == "y"
            and self.by == e(str(self.of.of))
        ):
            return f"local[{self.of.of}]"
        return str(self)

    @property
    def owner(self) -> Cell:
        """The cell that this one belongs to: what a derivative is by, what a state is kept of, the A of dA/dB."""
        assert isinstance(self.of, Cell), self
        return self.of

    @property
    def is_state(self) -> bool:
        """Whether it is what an optimizer remembers of a parameter."""
        return isinstance(self.of, Cell) and self.kind not in _DERIVATIVES


COST = Cell("cost")
LOSS = Cell("loss")


def var(name: str) -> Cell:
    """A variable of an expression."""
    return Cell("var", name)


def y(neuron: str) -> Cell:
    """The output of a neuron, or the value of an input."""
    return Cell("y", neuron)


def e(neuron: str) -> Cell:
    """The net input of a neuron: weighted sum plus bias."""
    return Cell("e", neuron)


def w(source: str, target: str) -> Cell:
    """The weight on the wire from ``source`` to ``target``."""
    return Cell("w", source, target)


def b(neuron: str) -> Cell:
    """The bias of a neuron."""
    return Cell("b", neuron)


def t(neuron: str) -> Cell:
    """The target of an output neuron."""
    return Cell("t", neuron)


def d(cell: Cell) -> Cell:
    """The derivative of the root by ``cell``: what back-propagation computes."""
    return Cell("d", cell)


def local(head: Cell, tail: Cell, place: int = 0) -> Cell:
    """The local derivative d(head)/d(tail): one edge of the graph.

    Where the tail stands in several places of the head, as in x*x, each ``place`` (from 1) is an edge of its own;
    without it the cell is their sum.
    """
    return Cell("local", head, tail, place)


def dot(cell: Cell) -> Cell:
    """The tangent of ``cell`` in forward mode."""
    return Cell("dot", cell)


def state(name: str, cell: Cell) -> Cell:
    """What an optimizer remembers of a parameter, by the name that its row in `bpstep.engine.optimizers` gives it."""
    return Cell(name, cell)


def clock(kind: str) -> Cell:
    """``lr``, ``step``, ``epoch``, ``sample`` or ``update``."""
    return Cell(kind)


def setting(name: str) -> Cell:
    """A setting of the optimizer, such as ``beta1``; or ``t``, the number of its update."""
    return Cell("setting", name)


def total(of: str) -> Cell:
    """The sum of more terms than a formula can write out, such as ``sum(w^2)``: a number that a step reads."""
    return Cell("sum", of)
