"""Straight-line code for small networks: the same arithmetic, written out one number after the other.

For a network of ten weights NumPy spends its time on overhead: an array of two numbers takes as long as one of
two hundred.  Training such a network for 20,000 epochs is faster in plain Python floats.  But a second copy of
back-propagation would be a second truth, and its bits would have to be kept equal by hand.

So the code is not written, it is *recorded*.  `record` runs the very pass of `bpstep.engine.passes` and the very
update of the optimizer once, on arrays whose elements are not numbers but `Symbol`s.  A symbol that is added,
multiplied or put through exp notes down what was done and stands for the result.  What comes out is the list of
all operations in the order in which they were done; as Python source, compiled, it is the same batch for other
parameters: the same operations on the same numbers in the same order, so the same bits.

    >>> tape = Tape()
    >>> a, b = tape.leaf("a"), tape.leaf("b")
    >>> 2.0 * a + b * b
    Symbol(2)
    >>> tape.source([tape.last], "f", ["a", "b"]).split("\\n")[1:]
    ['    t0 = 2.0 * a', '    t1 = b * b', '    t2 = t0 + t1', '    return (t2,)']

An operation that was noted down before, on the same operands, is not noted again: it has the same result.

exp and its like are the one thing that plain Python must not do (its last bits may differ from NumPy's): all
calls that can be made at the same time go to NumPy together, through a piece of memory that both sides see, for to
make an array takes longer than all that is done with it.  Hence a piece of code is run by one caller at a time, like
the `bpstep.engine.run.Run` that owns it.  What can not be recorded, such as a choice that
depends on a number (relu), raises `CanNotRecordError`, and the caller computes with arrays.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Sequence
from dataclasses import field
from typing import Any

import numpy as np

from bpstep.engine.passes import compute
from bpstep.engine.rules import CORRECT
from bpstep.engine.setup import Setup
from bpstep.engine.specs import Array
from bpstep.engine.update import update
from bpstep.lazily import dataclass

__all__ = ["CanNotRecordError", "Straight", "Symbol", "Tape", "record"]

#: No more operations than this are written out: above it, arrays are faster.
MOST_OPERATIONS = 3000


class CanNotRecordError(TypeError):
    """Something was asked of a symbol that depends on its value."""


@dataclass(frozen=True, slots=True)
class _Operation:
    """``text`` has a place for each of ``operands``; ``depth`` counts the calls of NumPy on the way to it."""

    text: str
    operands: tuple[Symbol | float, ...]
    depth: int
    call: str = ""


@dataclass
class Tape:
    """The operations, in the order in which they were done."""

    operations: list[_Operation] = field(default_factory=list)
    noted: dict[tuple[str, ...], Symbol] = field(default_factory=dict)

    def leaf(self, name: str) -> Symbol:
        """A number that the code is given."""
        return Symbol(self, -1, name, 0)

    @property
    def last(self) -> Symbol:
        """The result of the last operation."""
        return Symbol(self, len(self.operations) - 1, "", self.operations[-1].depth)

    def note(self, text: str, *operands: Symbol | float, call: str = "") -> Symbol:
        """Note an operation down, if it is a new one; the symbol of its result."""
        key = (text or call, *map(_text, operands))
        if key in self.noted:
            return self.noted[key]
        if len(self.operations) >= MOST_OPERATIONS:
            raise CanNotRecordError("too many operations to write out")
        depth = max((o.depth for o in operands if isinstance(o, Symbol)), default=0) + bool(call)
        self.operations.append(_Operation(text, operands, depth, call))
        self.noted[key] = symbol = self.last
        return symbol

    def source(self, results: Sequence[Symbol | float], name: str, arguments: Sequence[str]) -> str:
        """Python source of a function of ``arguments`` (comma-separated names are unpacked) with these results."""
        needed = self._needed(results)
        memories: list[str] = []
        lines = [f"def {name}({', '.join(f'a{k}' if ',' in a else a for k, a in enumerate(arguments))}):"]
        lines += [f"    {a} = a{k}" for k, a in enumerate(arguments) if "," in a]
        for depth in range(max((self.operations[k].depth for k in needed), default=0) + 1):
            for call, members in self._calls(needed, depth).items():
                lines += self._together(call, members, len(memories))
                memories.append(
                    "room{0}, array{0}, into{0}, out_of{0} = memory({1})".format(len(memories), len(members))
                )
            for k in needed:
                found = self.operations[k]
                if found.depth == depth and not found.call:
                    lines.append(f"    t{k} = {found.text.format(*map(_text, found.operands))}")
        lines.append(f"    return ({', '.join(_text(r) for r in results)},)")
        return "\n".join([*memories, *lines])

    def function(self, results: Sequence[Symbol | float], name: str, arguments: Sequence[str]) -> Any:
        """That function."""
        known = {"memory": _memory, "exp": np.exp, "log": np.log, "tanh": np.tanh, "sqrt": np.sqrt}
        # Its names and numbers are ours, none is from a file.
        exec(compile(self.source(results, name, arguments), "<straight-line code>", "exec"), known)
        return known[name]

    def _needed(self, results: Sequence[Symbol | float]) -> list[int]:
        """The operations that the results depend on, in order."""
        found: set[int] = set()
        waiting = [r.index for r in results if isinstance(r, Symbol) and r.index >= 0]
        while waiting:
            k = waiting.pop()
            if k not in found:
                found.add(k)
                operands = self.operations[k].operands
                waiting += [o.index for o in operands if isinstance(o, Symbol) and o.index >= 0]
        return sorted(found)

    def _calls(self, needed: Sequence[int], depth: int) -> dict[str, list[int]]:
        """The calls of one depth, by their functions: all of one function together, for a call takes long."""
        groups: dict[str, list[int]] = {}
        for k in needed:
            if self.operations[k].depth == depth and self.operations[k].call:
                groups.setdefault(self.operations[k].call, []).append(k)
        return groups

    def _together(self, name: str, members: Sequence[int], place: int) -> list[str]:
        """One call for all of them: into a piece of memory, through NumPy, and out of it."""
        given = ", ".join(_text(self.operations[k].operands[0]) for k in members)
        return [
            f"    into{place}(room{place}, 0, {given})",
            f"    {name}(array{place}, array{place})",
            f"    {', '.join(f't{k}' for k in members)}, = out_of{place}(room{place})",
        ]


def _memory(count: int) -> tuple[bytearray, Array, Callable[..., None], Callable[..., tuple[float, ...]]]:
    """A piece of memory for so many numbers, the same as an array, and how they get into it and out of it."""
    room, layout = bytearray(8 * count), struct.Struct(f"{count}d")
    return room, np.frombuffer(room), layout.pack_into, layout.unpack_from


class Symbol:
    """A number that is not known yet: an argument of the code, or the result of an operation."""

    __slots__ = ("depth", "index", "name", "tape")

    def __init__(self, tape: Tape, index: int, name: str, depth: int) -> None:
        self.tape, self.index, self.name, self.depth = tape, index, name, depth

    def __repr__(self) -> str:
        return f"Symbol({self.name or self.index})"

    # NumPy asks its elements for these where an array of objects is added, multiplied, and so on.

    def _with(self, text: str, other: Any, turned: bool = False) -> Any:
        if isinstance(other, np.ndarray):
            return NotImplemented  # the array does it, element by element
        known = other if isinstance(other, Symbol) else float(other)
        return self.tape.note(text, known, self) if turned else self.tape.note(text, self, known)

    def __add__(self, other: Any) -> Any:
        return self._with("{} + {}", other)

    def __radd__(self, other: Any) -> Any:
        # -0.0 + x is x in every bit; ordered sums begin with it.
        return self if _is(other, -0.0) else self._with("{} + {}", other, turned=True)

    def __sub__(self, other: Any) -> Any:
        return self if _is(other, 0.0) else self._with("{} - {}", other)

    def __rsub__(self, other: Any) -> Any:
        return self._with("{} - {}", other, turned=True)

    def __mul__(self, other: Any) -> Any:
        return self if _is(other, 1.0) else self._with("{} * {}", other)

    def __rmul__(self, other: Any) -> Any:
        return self if _is(other, 1.0) else self._with("{} * {}", other, turned=True)

    def __truediv__(self, other: Any) -> Any:
        return self if _is(other, 1.0) else self._with("{} / {}", other)

    def __rtruediv__(self, other: Any) -> Any:
        return self._with("{} / {}", other, turned=True)

    def __rpow__(self, base: Any) -> Any:
        return self._with("{} ** {}", base, turned=True)

    def __neg__(self) -> Any:
        return self.tape.note("-{}", self)

    def exp(self) -> Any:
        return self.tape.note("", self, call="exp")

    def log(self) -> Any:
        return self.tape.note("", self, call="log")

    def tanh(self) -> Any:
        return self.tape.note("", self, call="tanh")

    def sqrt(self) -> Any:
        return self.tape.note("", self, call="sqrt")

    def _refuse(self, *others: Any) -> Any:
        raise CanNotRecordError("this depends on the value of a number")

    __bool__ = __float__ = __int__ = __pow__ = __abs__ = _refuse
    __lt__ = __le__ = __gt__ = __ge__ = __eq__ = __ne__ = _refuse
    __hash__ = object.__hash__


def _is(other: Any, number: float) -> bool:
    """Whether an operand is exactly this number, its sign included."""
    plain = isinstance(other, int | float)
    return plain and other == number and math.copysign(1.0, other) == math.copysign(1.0, number)


def _text(operand: Symbol | float) -> str:
    if isinstance(operand, Symbol):
        return operand.name or f"t{operand.index}"
    if not math.isfinite(operand):
        return f'float("{operand}")'
    return repr(operand) if math.copysign(1.0, operand) > 0.0 else f"({operand!r})"


@dataclass(frozen=True)
class Straight:
    """The code of one batch: ``run(before, rate, t)`` is what the batch makes of what was there before.

    Both are flat tuples of Python floats: the parameters, the optimizer's states one after the other, and the loss of
    the batch (of the one before; nobody reads it).  So a run through many batches hands on what it was given.
    """

    run: Callable[[tuple[float, ...], float, int], tuple[float, ...]]


def record(setup: Setup, rows: tuple[int, ...], given: list[Array]) -> Straight:
    """The code of the batch of these samples, whose inputs and targets become constants of it.

    Raises `CanNotRecordError` where the pass can not be written out.
    """
    tape, count = Tape(), setup.graph.parameter_count
    if not count or not setup.updates or setup.rule is not CORRECT:
        raise CanNotRecordError("only training by the right rule is written out")
    names = [f"p{k}" for k in range(count)]
    parameters = _symbols(tape, names)
    state_names = [[f"s{k}_{n}" for n in range(count)] for k in range(len(setup.optimizer.states))]
    states = [_symbols(tape, row) for row in state_names]
    rate, t = tape.leaf("rate"), tape.leaf("t")
    try:
        with np.errstate(all="ignore"):
            numbers = compute(setup, rate, rows, parameters, given)  # type: ignore[arg-type]
            made = update(setup, t, parameters, states, numbers.gradient, rate)  # type: ignore[arg-type]
            loss = numbers.loss_number
    except (TypeError, AttributeError) as error:
        raise CanNotRecordError(str(error)) from None
    results = [*made.parameters.tolist(), *(x for row in made.new_states for x in row.tolist()), loss]
    before = ", ".join([*names, *(name for row in state_names for name in row), "_"])
    return Straight(tape.function(results, "run", [before, "rate", "t"]))


def _symbols(tape: Tape, names: Sequence[str]) -> Array:
    found = np.empty(len(names), dtype=object)
    found[:] = [tape.leaf(name) for name in names]
    return found
