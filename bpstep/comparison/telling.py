"""What is known of a wrong number: its steps, what it is made of, and what of that is in the learner's number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bpstep.comparison.arrived import arrived
from bpstep.comparison.population import Key
from bpstep.comparison.precision import Tolerance
from bpstep.comparison.search import Wanted
from bpstep.comparison.sheet import Place, Sheet
from bpstep.engine.cells import Cell
from bpstep.engine.steps import Step
from bpstep.lazily import dataclass

__all__ = ["WrongNumber", "writing", "wrong_numbers"]

#: What a number is made of is followed so far back, and over so many numbers that are not given.
_MOST_GENERATIONS, _MOST_FOLLOWED = 3, 20


@dataclass(frozen=True)
class WrongNumber:
    """A wrong number: its step (0 where no step writes it), both values, the given numbers that it is made of (they
    agree), and what is in it, in words.  ``slot`` is the same for numbers of one kind and layer."""

    name: str
    step: int
    yours: float
    right: float
    agreeing: tuple[str, ...] = ()
    arrived: str = ""
    slot: Key = ("", 0)

    @property
    def ratio(self) -> float | None:
        """yours / right; None where right is 0."""
        return None if self.right == 0.0 else self.yours / self.right + 0.0


def writing(sheet: Sheet, place: Place) -> list[int]:
    """The numbers of the steps that write a number."""
    key, index = place
    return sheet.writing(sheet.slots[key].cell(index), _row(sheet, place))


def _row(sheet: Sheet, place: Place) -> int | None:
    """The sample of the batch that a number belongs to, if it belongs to one."""
    return place[1][0] if sheet.slots[place[0]].by_sample else None


def wrong_numbers(
    sheet: Sheet, places: Sequence[Place], wanted: Mapping[Key, Wanted], tolerance: Tolerance
) -> list[WrongNumber]:
    """Wrong numbers, each with all that is known of it."""
    found = []
    for place in places:
        key, index = place
        steps = [sheet.run.step(number) for number in writing(sheet, place)]
        # What is added turns -0 into 0, which is how it is written.
        yours, right = float(sheet.yours[key][index]) + 0.0, float(sheet.slots[key].right[index]) + 0.0
        says, number = "", 0
        agreeing: tuple[str, ...] = ()
        if steps:
            number = steps[-1].number
            before = _upstream_steps(sheet, place, steps)
            says = arrived(steps, yours, max(tolerance.relative, 1e-9), before)
            agreeing = _agreeing(sheet, place, steps, wanted)
        found.append(WrongNumber(sheet.name(place), number, yours, right, agreeing, says, key))
    return found


def _upstream_steps(sheet: Sheet, place: Place, steps: Sequence[Step]) -> list[Step]:
    """The steps that write the upstream of the only contribution to a number."""
    upstream = steps[0].upstream if len(steps) == 1 else None
    return [] if upstream is None else _written(sheet, upstream.cell, _row(sheet, place))


def _written(sheet: Sheet, cell: Cell, row: int | None) -> list[Step]:
    return [sheet.run.step(number) for number in sheet.writing(cell, row)]


def _agreeing(
    sheet: Sheet, place: Place, steps: Sequence[Step], wanted: Mapping[Key, Wanted]
) -> tuple[str, ...]:
    """The given numbers that a number is made of, each by its nearest given ancestors; they agree, or it would not be a
    first wrong one."""
    names: dict[str, None] = {}
    seen: set[Cell] = set()
    waiting = list(steps)
    for _ in range(_MOST_GENERATIONS):
        behind: list[Cell] = []
        for factor in (factor for step in waiting for factor in step.inputs if factor.cell != step.cell):
            if factor.cell in seen:
                continue
            seen.add(factor.cell)
            if _is_given(sheet, factor.cell, _row(sheet, place), wanted):
                names[factor.cell.short] = None
            else:
                behind.append(factor.cell)
        waiting = [
            step for cell in behind[:_MOST_FOLLOWED] for step in _written(sheet, cell, _row(sheet, place))
        ]
    return tuple(names)


def _is_given(sheet: Sheet, cell: Cell, row: int | None, wanted: Mapping[Key, Wanted]) -> bool:
    found = sheet.find.get(cell)
    if found is None or found[0] not in wanted:
        return False
    key, at = found
    index = (row, *at[1:]) if row is not None and sheet.slots[key].by_sample else at
    return bool(wanted[key].given[index])
