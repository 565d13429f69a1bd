"""One line of a program written wrongly: how each mistake looks in NumPy, and what it makes of all numbers.

The mistakes are rows of `bpstep.comparison.table`; here stands which line such a mistake is in and what stands there
instead.  Its numbers are computed there, too, so nothing is run that is read from a file.  A mistake that takes more
than one line, or looks like nothing anyone would write, has no row here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from bpstep.comparison.hypotheses import hypotheses
from bpstep.comparison.mistakes import Hypothesis
from bpstep.comparison.net import Net
from bpstep.comparison.population import Population
from bpstep.engine.specs import Array
from bpstep.exercises.listing import Program, averaged, is_fused, line_of, program_of, stage_line, written
from bpstep.lazily import dataclass

__all__ = ["MISWRITTEN", "Broken", "broken_programs", "differs", "one_entry"]

_Activation = Callable[[str], bool]


@dataclass(frozen=True)
class _Row:
    """A mistake of the table of comparison, the part of a program that it is in, and what stands right of the ``=``.

    ``value`` is which of a mistake's values is meant; ``whose`` which activations the text is for; ``averages``
    whether the text of a cost's derivative is divided by the number of samples as the right one is; ``unfused`` whether
    it needs da of the layer (and the layer behind it, where it reads that one's).
    """

    mistake: str
    part: str
    text: str
    value: Callable[[Net], object] = lambda net: None
    whose: _Activation = lambda activation: True
    averages: bool = True
    unfused: bool = False


def _for(*names: str) -> _Activation:
    return lambda activation: activation in names


def _last(net: Net) -> object:
    return net.samples - 1


def _share(net: Net) -> object:
    return 1.0 / net.samples


_ROWS = (
    _Row("no-bias", "z", "{x} @ {W}.T"),
    _Row("forward-transposed", "z", "{x} @ {W} + {b}"),
    _Row("not-activated", "a", "{z}", whose=_for("sigmoid", "tanh", "relu")),
    _Row("activated-twice", "a", "{f}({f}({z}))", whose=_for("sigmoid", "tanh")),
    _Row("swapped-sign", "cost", "T - {a}"),
    _Row("cost-factor", "cost", "2 * ({a} - T)", value=lambda net: 2.0),
    _Row("cost-factor", "cost", "{a} - T", value=lambda net: float(net.samples), averages=False),
    _Row("target-forgotten", "cost", "{a}", unfused=True),
    _Row("no-derivative", "dz", "{da}", whose=_for("sigmoid", "tanh", "relu"), unfused=True),
    _Row("half-of-slope", "dz", "{da} * (1 - {a})", unfused=True),
    _Row("curve-for-slope", "dz", "{da} * {a}", whose=_for("sigmoid", "tanh", "relu"), unfused=True),
    _Row("slope-of-net", "dz", "{da} * {z} * (1 - {z})", whose=_for("sigmoid"), unfused=True),
    _Row("slope-of-net", "dz", "{da} * (1 - {z}**2)", whose=_for("tanh"), unfused=True),
    _Row("derivative-of-output", "dz", "{da} * {f}({a}) * (1 - {f}({a}))", whose=_for("sigmoid"), unfused=True),
    _Row("derivative-of-output", "dz", "{da} * (1 - {f}({a})**2)", whose=_for("tanh"), unfused=True),
    _Row("logistic-everywhere", "dz", "{da} * {a} * (1 - {a})", whose=_for("tanh", "relu"), unfused=True),
    _Row("tanh-slope-of-output", "dz", "{da} * (1 - {a}**2)", whose=_for("sigmoid", "relu"), unfused=True),
    _Row("article", "da", "{da_next} @ {W_next}", unfused=True),
    _Row("wrong-weights", "da", "{dz_next} @ {W_next}.T"),
    _Row("own-weights", "da", "{dz_next} @ {W}"),
    _Row("overwrite", "da", "{dz_next}[:, [-1]] * {W_next}[-1]", value=lambda net: -1),
    _Row("slope-missing-in-weight-gradients", "dW", "{da}.T @ {x}", unfused=True),
    _Row("net-for-source", "dW", "{dz}.T @ {z_before}"),
    _Row("own-output", "dW", "{dz}.T @ {a}"),
    _Row("inputs-for-source", "dW", "{dz}.T @ X"),
    _Row("gradient-transposed", "dW", "{x}.T @ {dz}"),
    _Row("weight-factor", "dW", "{dz}.T @ {x} / len(X)", value=_share),
    _Row("weights-of-sample", "dW", "{dz}[[-1]].T @ {x}[[-1]]", value=_last),
    _Row("slope-missing-in-bias-gradients", "db", "{da}.sum(axis=0)", unfused=True),
    _Row("bias-factor", "db", "{dz}.mean(axis=0)", value=_share),
    _Row("biases-of-sample", "db", "{dz}[-1]", value=_last),
    _Row("bias-other-axis", "db", "{dz}.sum(axis=1)"),
    _Row("bias-times-output", "db", "({dz} * {a}).sum(axis=0)"),
)  # fmt: skip

#: The names of the mistakes that have a text.
MISWRITTEN = tuple(dict.fromkeys(row.mistake for row in _ROWS))


@dataclass(frozen=True, eq=False)
class Broken:
    """A program with one line written wrongly, and what it gives: ``theirs`` beside ``right``, by the arrays' names."""

    net: Net
    right_program: Program
    program: Program
    number: int
    hypothesis: Hypothesis
    theirs: Mapping[str, Array]
    right: Mapping[str, Array]

    def shows(self, names: Sequence[str]) -> bool:
        """Whether all is finite, and one of some arrays is visibly wrong."""
        finite = all(bool(np.isfinite(array).all()) for array in self.theirs.values())
        return finite and any(differs(self.theirs[name], self.right[name], _VISIBLE) for name in names)

    def is_wrong(self, name: str) -> bool:
        """Whether an array is not the right one."""
        return differs(self.theirs[name], self.right[name])

    def mended(self, number: int) -> bool:
        """Whether all numbers are right where a line is written as it should be, and every other stays as it is."""
        line = self.program.lines[number - 1]
        twists = tuple(
            twist
            for twist in self.hypothesis.program
            if stage_line(self.net, twist.stage, twist.layer) != (line.part, line.layer)
        )
        found = Population(self.net, [twists])
        return not any(
            differs(found.columns[one.key].program(0), self.right[one.name]) for one in self.program.lines
        )

    @cached_property
    def wrong_lines(self) -> tuple[int, ...]:
        """The numbers of the lines that give wrong numbers, whether by themselves or by what they read."""
        lines = enumerate(self.program.lines, 1)
        return tuple(number for number, line in lines if self.is_wrong(line.name))


#: A difference, as a share of an array's greatest number, that is seen; and one that is none.
_VISIBLE, _NONE = 0.02, 1e-9


def differs(theirs: Array, right: Array, share: float = _NONE) -> bool:
    """Whether some number of an array is off, by more than a share of the greatest one."""
    return bool((np.abs(theirs - right) > share * np.abs(right).max(initial=1e-9)).any())


def one_entry(theirs: Array, right: Array) -> tuple[int, ...]:
    """Where two arrays are farthest apart; of equal ones the place of the greatest number."""
    size = np.abs(theirs - right) if differs(theirs, right) else np.abs(right)
    return tuple(int(place) for place in np.unravel_index(int(size.argmax()), right.shape))


def broken_programs(net: Net, names: Sequence[str]) -> list[Broken]:
    """Every program with one of these mistakes in one line of it, with all that it computes; in the order of the table.

    Raises `bpstep.exercises.listing.ListingError` where a net is no short program.
    """
    right, every = program_of(net), hypotheses(net)
    found = [
        (at, text, one)
        for row in _ROWS
        if row.mistake in names
        for one in every
        if one.mistake.name == row.mistake and len(one.layers) < 2  # one line is written wrongly
        for at, text in _texts(net, right, row, one)
    ]
    numbers = Population(net, [(), *(one.program for _, _, one in found)])
    given = [
        {line.name: numbers.columns[line.key].program(k) for line in right.lines}
        for k in range(len(found) + 1)
    ]
    return [
        Broken(net, right, _with_text(right, at, text), at, one, theirs, given[0])
        for (at, text, one), theirs in zip(found, given[1:], strict=True)
    ]


def _texts(net: Net, program: Program, row: _Row, one: Hypothesis) -> list[tuple[int, str]]:
    """The line that a row is about, and its text, where the row is about this mistake at this place."""
    k = one.layers[0] if one.layers else net.last
    if one.value != row.value(net) or not row.whose(net.layers[k].activation):
        return []
    reads_fused = is_fused(net) and k + ("{da_next}" in row.text) >= net.last
    if row.unfused and reads_fused:
        return []
    part, layer = line_of(net, row.part, k)
    line = next((line for line in program.lines if (line.part, line.layer) == (part, layer)), None)
    if line is None:
        return []
    text = written(net, row.text, k)
    text = averaged(net, text) if row.part == "cost" and row.averages else text
    return [(program.number(line), text)] if text != line.text else []


def _with_text(program: Program, number: int, text: str) -> Program:
    lines = program.lines
    wrong = replace(lines[number - 1], text=text)
    return Program((*lines[: number - 1], wrong, *lines[number:]))
