"""The whole comparison, from a file's entries to a `Report`: what agrees, what is wrong first, and which mistake it is.

A report is a record of facts; `bpstep.comparison.wording` writes it.  What is found is told by its ``verdict``:

    right     all numbers agree
    given     the numbers that the scenario gives (weights, inputs, targets) are not the learner's
    mistake   one mistake gives all of them (or several do: ``mistakes`` has them all)
    pair      two mistakes at once do
    part      a mistake gives some of them, and spoils nothing; the others have another cause
    none      none of the known mistakes does, and no two of them
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bpstep.comparison.arrived import arrived
from bpstep.comparison.first import first_wrong
from bpstep.comparison.placing import place
from bpstep.comparison.population import Key
from bpstep.comparison.precision import Precision, Tolerance, precision_of
from bpstep.comparison.reading import Entry
from bpstep.comparison.search import Wanted, wanted_of
from bpstep.comparison.sheet import Place, Sheet, sheet_of
from bpstep.comparison.verdicts import Finding, found_in
from bpstep.engine.cells import Cell
from bpstep.engine.run import Run
from bpstep.engine.steps import Step

__all__ = ["Report", "WrongNumber", "compare_numbers", "judged", "wrong_steps"]

#: So many first wrong numbers are told with all that is known of them.
MOST_TOLD = 5
#: What a number is made of is followed so far back, and in batches of so many steps.
_MOST_GENERATIONS, _MOST_STEPS = 3, 20_000


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
        return None if self.right == 0.0 else self.yours / self.right


@dataclass(frozen=True, eq=False)
class Report:
    """A comparison.  ``first`` are the wrong numbers that everything agrees with that they are made of, as far as it is
    given; ``more_first`` how many of them are not told; ``followers`` the other wrong numbers."""

    scenario: str
    source: str
    read: int
    wrong: int
    precision: Precision
    tolerance: Tolerance
    taken: tuple[str, ...]
    unread: tuple[str, ...]
    gradients_alone: bool
    first: tuple[WrongNumber, ...]
    more_first: tuple[str, ...]
    followers: tuple[str, ...]
    finding: Finding
    sheet: Sheet
    disagreeing: Mapping[Key, Wanted]

    @property
    def ok(self) -> bool:
        """Whether all that was read agrees."""
        return self.wrong == 0

    @property
    def mistake(self) -> str:
        """The name and place of the mistake that is believed, the first of them where several are; "" where none is."""
        return self.finding.matches[0].title if self.finding.matches else ""


def compare_numbers(
    run: Run,
    entries: Sequence[Entry],
    *,
    scenario: str = "",
    source: str = "numbers",
    notation: str = "bpstep",
    layout: str = "",
    relative: float | None = None,
    batch: int = 0,
    tell: Callable[[str, int, int], None] = lambda what, done, of: None,
) -> Report:
    """Hold what a learner's program has computed against a batch of a run.

    ``relative`` is the difference that is let pass; where it is None it follows from how exact the numbers are.
    Raises `bpstep.comparison.reading.NumbersError` where nothing fits.
    """
    sheet = sheet_of(run, batch)
    placed = place(sheet, entries, source, notation, layout)
    return judged(sheet, scenario, source, relative, tuple(placed.taken), tuple(placed.unread), tell)


def judged(
    sheet: Sheet,
    scenario: str = "",
    source: str = "numbers",
    relative: float | None = None,
    taken: tuple[str, ...] = (),
    unread: tuple[str, ...] = (),
    tell: Callable[[str, int, int], None] = lambda what, done, of: None,
) -> Report:
    """The report on a sheet that a learner's numbers stand in."""
    given = {key: sheet.given(key) for key in sheet.yours}
    precision = precision_of(
        np.concatenate([sheet.yours[key][mask] for key, mask in given.items()]),
        np.concatenate([sheet.slots[key].right[mask] for key, mask in given.items()]),
    )
    tolerance = Tolerance(relative, 0.0) if relative else Tolerance(precision.relative, precision.absolute)
    wanted = wanted_of(sheet, tolerance)
    wrong = {key: slot.wrong for key, slot in wanted.items()}
    places = first_wrong(sheet, wrong)
    told = places[:MOST_TOLD]
    first = _told(sheet, told, wanted, tolerance)
    known = set(places)
    every = [
        (key, tuple(index))
        for key in sheet.slots
        if key in wrong
        for index in np.argwhere(wrong[key]).tolist()
    ]
    return Report(
        scenario, source,
        read=sum(int(mask.sum()) for mask in given.values()), wrong=len(every),
        precision=precision, tolerance=tolerance, taken=taken, unread=unread,
        gradients_alone=sheet.is_network and all(sheet.slots[key].is_gradient for key in wanted),
        first=tuple(first), more_first=tuple(sheet.name(one) for one in places[MOST_TOLD:]),
        followers=tuple(sheet.name(one) for one in every if one not in known),
        finding=found_in(sheet, wanted, tolerance, tell), sheet=sheet, disagreeing=wanted,
    )  # fmt: skip


def _told(
    sheet: Sheet, places: Sequence[Place], wanted: Mapping[Key, Wanted], tolerance: Tolerance
) -> list[WrongNumber]:
    """Wrong numbers with the steps that write them."""
    steps = _steps_of(sheet, places)
    upstreams = [
        (own[0].upstream.cell, own[0].when.sample)
        for own in steps.values()
        if len(own) == 1 and own[0].upstream
    ]
    before = _written(sheet, set(upstreams))
    found = []
    for one in places:
        key, index = one
        own = steps[one]
        yours, right = float(sheet.yours[key][index]), float(sheet.slots[key].right[index])
        earlier = (
            before.get((own[0].upstream.cell, own[0].when.sample), []) if own and own[0].upstream else []
        )
        near = max(tolerance.relative, 1e-9)
        says = arrived(own, yours, near, earlier) if own else ""
        agreeing = _agreeing(sheet, own, index, wanted)
        number = own[-1].number if own else 0
        found.append(WrongNumber(sheet.name(one), number, yours, right, agreeing, says, key))
    return found


def _steps_of(sheet: Sheet, places: Sequence[Place]) -> dict[Place, list[Step]]:
    """The steps that write some numbers: of each number its own."""
    rows = sheet.run.rows(sheet.batch) if sheet.is_network else (0,)
    wanted: dict[tuple[Cell, int], Place] = {}
    for key, index in places:
        slot = sheet.slots[key]
        sample = rows[index[0]] + 1 if slot.by_sample else 0
        wanted[slot.cell(index), sample] = key, index
    written = _written(sheet, set(wanted)) if wanted else {}
    return {place: written.get(cell, []) for cell, place in wanted.items()}


def _written(sheet: Sheet, wanted: set[tuple[Cell, int]]) -> dict[tuple[Cell, int], list[Step]]:
    """The steps of the batch that write some cells, each in one of its samples (0: in any)."""
    found: dict[tuple[Cell, int], list[Step]] = {}
    for step in sheet.steps() if wanted else ():
        if step.op in ("state", "update"):
            break
        for which in ((step.cell, step.when.sample), (step.cell, 0)):
            if which in wanted:
                found.setdefault(which, []).append(step)
    return found


def _agreeing(
    sheet: Sheet, steps: Sequence[Step], index: tuple[int, ...], wanted: Mapping[Key, Wanted]
) -> tuple[str, ...]:
    """The given numbers that a number is made of, each by its nearest given ancestors; they agree, or it would not be a
    first wrong one."""
    names: dict[str, None] = {}
    waiting, seen = list(steps), set()
    for _ in range(_MOST_GENERATIONS):
        behind: set[tuple[Cell, int]] = set()
        for step in waiting:
            for factor in step.inputs:
                place = sheet.find.get(factor.cell)
                if factor.cell == step.cell or factor.cell in seen:
                    continue
                seen.add(factor.cell)
                if place is not None and _is_given(sheet, place, index, wanted):
                    names[_short(factor.cell)] = None
                else:
                    behind.add((factor.cell, step.when.sample))
        written = _written(sheet, behind) if sheet.length <= _MOST_STEPS else {}
        waiting = [step for own in written.values() for step in own]
    return tuple(names)


def _is_given(sheet: Sheet, place: Place, index: tuple[int, ...], wanted: Mapping[Key, Wanted]) -> bool:
    key, at = place
    if key not in wanted:
        return False
    if sheet.slots[key].by_sample and index:
        at = (min(index[0], sheet.samples - 1), *at[1:])
    return bool(wanted[key].given[at])


def _short(cell: Cell) -> str:
    """A cell, where it has a short name by that: delta[h1]."""
    text = str(cell)
    return f"delta[{text[4:-2]}]" if text.startswith("d(e[") else text


def wrong_steps(report: Report) -> tuple[int, ...]:
    """The numbers of the steps that make a number final which disagrees, in order."""
    places = [
        (key, tuple(index))
        for key, slot in report.disagreeing.items()
        for index in np.argwhere(slot.wrong).tolist()
    ]
    steps = _steps_of(report.sheet, places)
    return tuple(sorted({own[-1].number for own in steps.values() if own}))
