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

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from bpstep.comparison.entries import Entry
from bpstep.comparison.first import first_wrong
from bpstep.comparison.placing import place
from bpstep.comparison.population import Key
from bpstep.comparison.precision import Precision, Tolerance, precision_of
from bpstep.comparison.search import Wanted, wanted_of
from bpstep.comparison.sheet import Sheet, sheet_of
from bpstep.comparison.telling import WrongNumber, writing, wrong_numbers
from bpstep.comparison.verdicts import Finding, found_in
from bpstep.engine.progress import Listener, unheard
from bpstep.engine.run import Run
from bpstep.lazily import dataclass

__all__ = ["Report", "compare_numbers", "judged", "wrong_steps"]

#: So many first wrong numbers are told with all that is known of them.
MOST_TOLD = 5


@dataclass(frozen=True, eq=False)
class Report:
    """A comparison.  ``first`` are the wrong numbers that everything agrees with that they are made of, as far as it is
    given; ``more_first`` how many of them are not told; ``followers`` the other wrong numbers.
    ``misshapen`` counts the arrays of a known name whose shape does not fit: they are among the ``unread``."""

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
    misshapen: int = 0

    @property
    def ok(self) -> bool:
        """Whether all that was read agrees, and nothing of a known name has a shape that does not fit."""
        return self.wrong == 0 and not self.misshapen

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
    tell: Listener = unheard,
) -> Report:
    """Hold what a learner's program has computed against a batch of a run.

    ``relative`` is the difference that is let pass; where it is None it follows from how exact the numbers are.
    Raises `bpstep.comparison.reading.NumbersError` where nothing fits.
    """
    sheet = sheet_of(run, batch)
    placed = place(sheet, entries, source, notation, layout)
    report = judged(sheet, scenario, source, relative, tuple(placed.taken), tuple(placed.unread), tell)
    return replace(report, misshapen=placed.misshapen)


def judged(
    sheet: Sheet,
    scenario: str = "",
    source: str = "numbers",
    relative: float | None = None,
    taken: tuple[str, ...] = (),
    unread: tuple[str, ...] = (),
    tell: Listener = unheard,
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
    first = wrong_numbers(sheet, told, wanted, tolerance)
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
        finding=found_in(sheet, wanted, tolerance, places, tell), sheet=sheet, disagreeing=wanted,
    )  # fmt: skip


def wrong_steps(report: Report) -> tuple[int, ...]:
    """The numbers of the steps that make a number final which disagrees, in order."""
    sheet = report.sheet
    places = [
        (key, tuple(index))
        for key, slot in report.disagreeing.items()
        for index in np.argwhere(slot.wrong).tolist()
    ]
    written = (writing(sheet, place) for place in places)
    return tuple(sorted({numbers[-1] for numbers in written if numbers}))
