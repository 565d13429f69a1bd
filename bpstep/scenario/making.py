"""The operations of a program as they come to be: named, counted, and each with the passes that it stands in.

`bpstep.scenario.statements` walks over the statements and knows their text; `bpstep.scenario.arrays` knows what a
function of arrays becomes; both make operations here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from math import prod

import numpy as np

from bpstep.engine.specs import Array, Operation, Taken, Window
from bpstep.english import counted
from bpstep.lazily import dataclass
from bpstep.scenario.loops import Passes
from bpstep.scenario.shapes import Shape, ShapeError, Sized, broadcast
from bpstep.scenario.shaping import Cells

__all__ = ["MOST_SCALARS", "Given", "Maker", "Operand", "shape_of"]

#: Scalar operations of a sample: cells times terms.
MOST_SCALARS = 2_000_000

#: What stands in a place of an operation: cells in a shape, or a constant.
Operand = Cells | float


@dataclass(frozen=True)
class Given:
    """What statements need to know of an input: its shape, and its values, (samples, *shape), where they are used."""

    shape: Shape = ()
    values: Array | None = None
    is_parameter: bool = False
    is_by_sample: bool = False


def shape_of(operand: Operand) -> Shape:
    """The shape of an operand; () of a constant."""
    return () if isinstance(operand, float) else operand.shape


class Maker:
    """Makes operations, one behind the other."""

    def __init__(self, inputs: Mapping[str, Given], taken: Collection[str]) -> None:
        self.inputs = inputs
        self.taken = set(taken)
        self.operations: list[Operation] = []
        #: Of each operation, the number of its statement.
        self.statements: list[int] = []
        self.shapes: dict[str, Shape] = {name: one.shape for name, one in inputs.items()}
        #: Inputs that only say which rows are taken.
        self.ids: set[str] = set()
        self.scalars = 0
        self._counter = 0
        self._statement = 0
        self._passes: Passes = ()
        self._made_in: dict[str, Passes] = {}
        self._detached: set[str] = set()

    def begin(self, statement: int, passes: Passes) -> None:
        """The operations that come next are of this statement."""
        self._statement, self._passes = statement, passes

    @property
    def only_counts(self) -> bool:
        """Whether there are so many operations that nothing but their number is wanted any more."""
        return self.scalars > MOST_SCALARS

    # --- operations -------------------------------------------------------------------------------------

    def make(
        self,
        function: str,
        operands: Sequence[Operand],
        shape: Shape,
        *,
        terms: int = 1,
        axis: int | None = None,
        window: Window | None = None,
        is_statistic: bool = False,
    ) -> Cells:
        """An operation with the next free name; ``terms`` are the scalar operations of one of its cells."""
        self.scalars += prod(shape) * terms
        name = self._fresh()
        if not self.only_counts:
            handed_on = tuple(dict.fromkeys(name for one in operands for name in self._handed_on(one)))
            self.operations.append(
                Operation(
                    name,
                    function,
                    tuple(map(self.operand, operands)),
                    shape,
                    axis,
                    window,
                    handed_on,
                    is_statistic,
                )
            )
            self.statements.append(self._statement)
        if function == "detach":
            self._detached.add(name)
        self._add(name, shape)
        return Cells.whole(name, shape)

    def cellwise(self, function: str, *operands: Operand, is_statistic: bool = False) -> Cells:
        """An operation cell by cell on operands that go together."""
        shape = broadcast(*(Sized("", shape_of(operand)) for operand in operands))
        return self.make(function, operands, shape, is_statistic=is_statistic)

    def name_last(self, name: str) -> Cells:
        """Give the operation that was made last the name of its statement; its own is free again."""
        own = self.operations[-1].name if not self.only_counts else f"v{self._counter}"
        shape = self.shapes.pop(own)
        self.taken.discard(own)
        self._counter = int(own[1:]) - 1
        if not self.only_counts:
            self.operations[-1] = replace(self.operations[-1], name=name)
        if own in self._detached:
            self._detached.add(name)
        self._add(name, shape)
        return Cells.whole(name, shape)

    def _add(self, name: str, shape: Shape) -> None:
        self.shapes[name] = shape
        self._made_in[name] = self._passes

    def _fresh(self) -> str:
        """The next free one of v1, v2, ..."""
        while True:
            self._counter += 1
            name = f"v{self._counter}"
            if name not in self.taken:
                self.taken.add(name)
                return name

    def operand(self, operand: Operand) -> str | float | Taken:
        """An operand as the engine knows it."""
        if isinstance(operand, float):
            return operand
        is_all = operand.is_all_of(self.shapes[operand.arrays[0]])
        return operand.arrays[0] if is_all else operand.taken

    def _handed_on(self, operand: Operand) -> list[str]:
        """The arrays of an operand that an earlier pass of a loop hands to this one."""
        arrays = () if isinstance(operand, float) else operand.arrays
        return [name for name in arrays if _is_earlier(self._made_in.get(name, ()), self._passes)]

    def shaped(self, shape: Shape, make: Callable[[], Cells]) -> Cells:
        """Cells in a shape, which is no operation; where only numbers are wanted, just the shape.

        Raises `ShapeError` where they are too many: no operation would have told of them.
        """
        if prod(shape) > MOST_SCALARS and not self.only_counts:
            raise ShapeError(f"it has {counted(prod(shape), 'cell')}; expected at most {MOST_SCALARS:,}")
        return Cells.whole("", shape) if self.only_counts else make()

    # --- what is known of cells -------------------------------------------------------------------------

    def is_learnt_by(self, operand: Operand) -> bool:
        """Whether a derivative goes back to an operand: it is computed, and not detached, or it is a parameter."""
        arrays = () if isinstance(operand, float) else operand.arrays
        return any(
            self.inputs[name].is_parameter if name in self.inputs else name not in self._detached
            for name in arrays
        )

    def values(self, operand: Operand) -> Array | None:
        """The values of an operand of every sample, (samples, *shape); None where they are computed."""
        if isinstance(operand, float):
            return np.full((1,), operand)
        given = [self.inputs[name].values if name in self.inputs else None for name in operand.arrays]
        known = [values for values in given if values is not None]
        if len(known) < len(given):
            return None
        samples = max(len(values) for values in known)
        found = np.empty((samples, *operand.shape))
        for number, values in enumerate(known):
            here = operand.taken.which == number
            found[:, here] = values.reshape(len(values), -1)[:, operand.numbers[here]]
        return found


def _is_earlier(made: Passes, used: Passes) -> bool:
    """Whether something was made in an earlier pass of a loop than the one in which it is used."""
    for (loop, before), (other, now) in zip(made, used, strict=False):
        if loop != other:
            return False
        if before != now:
            return before < now
    return False
