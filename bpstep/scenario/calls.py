"""A call of a function of arrays: its operands, what they are called, and its settings, with what is asked of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bpstep.lazily import dataclass
from bpstep.scenario.making import Operand, shape_of
from bpstep.scenario.shapes import ShapeError, Sized
from bpstep.scenario.shaping import Cells

__all__ = ["Called", "MeaningError", "constants", "whole_number"]


class MeaningError(ValueError):
    """Something that has no meaning, whatever the shapes are."""


@dataclass(frozen=True)
class Called:
    """A call: its operands with their words, and its settings."""

    function: str
    operands: Sequence[Operand]
    words: Sequence[str]
    settings: Mapping[str, float]

    def cells(self, place: int = 0) -> Cells:
        """An operand that must be an array, of one cell at least."""
        operand = self.operands[place]
        if isinstance(operand, float):
            raise MeaningError(f"expected a variable, not the constant {self.words[place]}")
        return operand

    def sized(self, place: int = 0) -> Sized:
        """An operand with its shape."""
        return Sized(self.words[place], shape_of(self.operands[place]))

    def all(self) -> tuple[list[Cells], list[Sized]]:
        """All operands, which must be arrays."""
        places = range(len(self.operands))
        return [self.cells(place) for place in places], [self.sized(place) for place in places]

    def axis(self, default: int | None, axes: int | None = None) -> int | None:
        """The axis that is set, from 0; it is one of ``axes``, or of those of the first operand."""
        if "axis" not in self.settings:
            return default
        axes = len(self.sized().shape) if axes is None else axes
        number = self.settings["axis"]
        if not (number.is_integer() and 1 <= number <= axes):
            has = f"axes 1 to {axes}" if axes > 1 else "axis 1 only" if axes else "no axis"
            raise ShapeError(f"there is no axis {number:g}; {self.words[0]} has {has}")
        return int(number) - 1

    def last_axis(self) -> int:
        """The axis that is set, or the last one."""
        axes = len(self.sized().shape)
        axis = self.axis(axes - 1)
        if axis is None or not axes:
            raise ShapeError(f"{self.words[0]} is one number; expected an array")
        return axis

    def whole(self, setting: str, default: int, least: int) -> int:
        """A setting that is a whole number."""
        value = self.settings.get(setting, float(default))
        return whole_number(value, setting, least)


def whole_number(value: float, what: str, least: int) -> int:
    """A constant as the whole number that ``what`` must be.  Raises `MeaningError`."""
    if not value.is_integer() or not least <= value <= 10**9:
        raise MeaningError(f"{what} is {value:g}; expected a whole number from {least} on")
    return int(value)


def constants(call: Called, first: int) -> list[float]:
    """The operands from a place on, which must be constants.  Raises `MeaningError`."""
    found = [operand for operand in call.operands[first:] if isinstance(operand, float)]
    if len(found) < len(call.operands) - first:
        raise MeaningError("expected whole numbers behind the array")
    return found
