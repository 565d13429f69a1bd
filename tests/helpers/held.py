"""Sessions with a learner's own numbers beside the right ones: of planted mistakes, or wrong at random."""

from __future__ import annotations

from functools import cache
from unittest.mock import patch

import numpy as np

from bpstep.comparison.hypotheses import hypotheses
from bpstep.comparison.report import Report, judged
from bpstep.comparison.search import numbers_of
from bpstep.comparison.sheet import sheet_of
from bpstep.comparison.verdicts import Finding
from bpstep.debugger.console import Console
from bpstep.engine.cells import Cell
from bpstep.engine.run import Run
from bpstep.scenario.loader import load

__all__ = ["MADE", "numbers_of_a_mistake", "report_on", "session_with", "verdicts"]

#: Which mistake is named is another test's affair: here it is not looked for.
MADE = Finding("none")


@cache
def _run(scenario: str) -> Run:
    loaded = load(scenario)
    return Run(loaded.problem, loaded.training)


def numbers_of_a_mistake(run: Run, seed: int) -> dict[tuple[str, int], np.ndarray]:
    """What a learner may have: of one of the known mistakes some arrays, some of whose numbers are left out or wrong
    at random."""
    rng = np.random.default_rng(seed)
    sheet = sheet_of(run)
    numbers = {key: slot.right for key, slot in sheet.slots.items()}
    if sheet.net is not None:
        every = hypotheses(sheet.net)
        numbers |= dict(numbers_of(sheet.net, [every[rng.integers(len(every))]]))
    found = {}
    for key, slot in sheet.slots.items():
        if rng.random() < 0.8:
            yours = np.array(numbers[key], dtype=float).reshape(slot.right.shape)
            yours[~np.isfinite(yours)] = 7.0
            yours[rng.random(yours.shape) < 0.1] += 1.0
            yours[rng.random(yours.shape) < 0.1] = np.nan
            found[key] = yours
    return found


def report_on(run: Run, numbers: dict[tuple[str, int], np.ndarray]) -> Report:
    """The comparison with the first batch of a run."""
    sheet = sheet_of(run)
    sheet.yours.update(numbers)
    with patch("bpstep.comparison.report.found_in", lambda *_: MADE):
        return judged(sheet, relative=1e-6)


def session_with(scenario: str, seed: int) -> Console:
    """A session at its start, with numbers beside those of its first batch."""
    session = Console(load(scenario))
    session.held = report_on(_run(scenario), numbers_of_a_mistake(_run(scenario), seed))
    return session


def verdicts(report: Report) -> dict[tuple[Cell, int], bool]:
    """Whether a number is wrong, by its cell and the row of the batch, as the comparison says."""
    found = {}
    for key, compared in report.disagreeing.items():
        slot = report.sheet.slots[key]
        for index in np.ndindex(slot.right.shape):
            if compared.given[index]:
                rows = [index[0]] if slot.by_sample else range(report.sheet.samples)
                found.update({(slot.cell(index), row): bool(compared.wrong[index]) for row in rows})
    return found
