"""A program's own numbers beside the right ones: which is the first wrong one, and which mistake makes them all.

>>> from bpstep.library.opening import load
>>> run = load("mazur-2-2-2")
>>> report = compare(run, {"delta[h1]": 0.0363503064, "delta[h2]": 0.0413703269})
>>> report.ok, report.first[0].name, report.mistake
(False, 'delta[h1]', 'no-derivative, in layer hidden only')
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from bpstep.comparison.entries import Entry, NumbersError, entries_of
from bpstep.comparison.reading import read_numbers
from bpstep.comparison.report import Report, compare_numbers
from bpstep.comparison.telling import WrongNumber
from bpstep.comparison.training import TrainingReport, compare_training, is_about_training
from bpstep.comparison.training_words import training_document, training_lines
from bpstep.comparison.wording import report_document, report_lines
from bpstep.library.arrays import kind_of, plain
from bpstep.library.run import Run
from bpstep.visible import visible

__all__ = ["Comparison", "compare"]

#: Names and what stands for them (numbers, lists, arrays), or the path of a file of them.
Numbers = Mapping[str, Any] | str | os.PathLike[str]


class Comparison:
    """What came of holding numbers against a run.  ``print(report)`` tells it as `bpstep compare` does."""

    #: What the run is called in the program, as far as one can say.
    _shows = "run"

    def __init__(self, report: Report | TrainingReport, run: Run) -> None:
        self._report, self._of = report, run

    @property
    def ok(self) -> bool:
        """Whether all that was read agrees."""
        return self._report.ok

    @property
    def read(self) -> int:
        """How many numbers were read."""
        report = self._report
        return report.losses + report.parameters if isinstance(report, TrainingReport) else report.read

    @property
    def wrong(self) -> int:
        """How many of them disagree."""
        return self._report.wrong

    @property
    def unread(self) -> tuple[str, ...]:
        """What fits no name or shape, each with what was expected."""
        return self._report.unread

    @property
    def first(self) -> tuple[WrongNumber, ...]:
        """The wrong numbers that everything agrees with that they are made of, in the order of the steps.

        Each has a ``name``, a ``step`` (0 where none writes it), ``yours``, ``right``, their ``ratio`` and, in words,
        what has ``arrived`` in it.
        """
        return () if isinstance(self._report, TrainingReport) else self._report.first

    @property
    def first_epoch(self) -> int:
        """Of a training, the first epoch whose loss disagrees; 0 where none does."""
        return self._report.first_epoch if isinstance(self._report, TrainingReport) else 0

    @property
    def mistake(self) -> str:
        """The mistake that gives all of the wrong numbers, and where it was made; "" where none of the known does."""
        if isinstance(self._report, TrainingReport):
            return next((mistake.name for mistake in self._report.mistakes), "")
        return self._report.mistake

    def to_dict(self) -> dict[str, Any]:
        """The whole report, as `bpstep compare --json` prints it."""
        report = self._report
        return training_document(report) if isinstance(report, TrainingReport) else report_document(report)

    def open(self) -> None:
        """Show the run on the screen, your numbers beside the right ones, at the first that is wrong; for this a
        terminal is needed."""
        step = self.first[0].step if self.first else 0
        held = None if isinstance(self._report, TrainingReport) else self._report
        self._of._show(step or self._of.position, held)

    @property
    def lines(self) -> list[tuple[str, str]]:
        """The report, line by line: (text, what it is)."""
        if isinstance(self._report, TrainingReport):
            lines = training_lines(self._report)
        else:
            step = self.first[0].step if self.first else 0
            lines = report_lines(self._report, f"print({self._shows}.step({step}))" if step else "")
        head = "strong" if self.ok else "alarm"
        return [(line, "text" if k else head) for k, line in enumerate(lines)]

    def __str__(self) -> str:
        return "\n".join(visible(line) for line, _ in self.lines)

    def _repr_html_(self) -> str:
        """The report in a notebook."""
        from bpstep.view.formats.html import of_lines

        return of_lines(self.lines)

    def __repr__(self) -> str:
        return f"<Comparison: {visible(self.lines[0][0])}>"


def compare(
    run: Run,
    numbers: Numbers,
    *,
    layout: str = "",
    relative: float | None = None,
    epoch: int | None = None,
) -> Comparison:
    """Hold numbers of one's own against the pass in which a run stands.

    ``numbers`` are names and what stands for them (``{"dW1": dW1, "delta[h1]": 0.036}``), or the path of a file that
    `bpstep compare` reads.  ``layout`` ("out,in" or "in,out") says how square weights lie; ``relative`` the relative
    difference that is let pass, where it shall not follow from how exact the numbers are.  A list ``loss`` has the loss
    of every epoch of a training; with ``epoch`` the parameters are those after it.

    Raises `ValueError` for what holds no numbers, or none that the run has.
    """
    if not isinstance(run, Run):
        raise ValueError(f"expected a run, such as bpstep.load gives; found {kind_of(run)}")
    if layout not in ("", "out,in", "in,out"):
        raise ValueError(f"layout: found {kind_of(layout)}; expected out,in or in,out")
    relative, epoch = plain(relative), plain(epoch)
    if relative is not None and not (isinstance(relative, int | float) and 0.0 < relative < 1.0):
        raise ValueError(f"relative: found {kind_of(relative)}; expected a number between 0 and 1")
    if epoch is not None and (not isinstance(epoch, int) or isinstance(epoch, bool) or epoch < 1):
        raise ValueError(f"epoch: found {kind_of(epoch)}; expected a whole number from 1 on")
    try:
        return Comparison(_report(run, numbers, layout, relative, epoch), run)
    except NumbersError as error:
        raise ValueError(str(error)) from None


def _report(
    run: Run, numbers: Numbers, layout: str, relative: float | None, epoch: int | None
) -> Report | TrainingReport:
    entries, scenario = _entries(numbers), run._scenario
    source = os.fspath(numbers) if isinstance(numbers, str | os.PathLike) else "numbers"
    if is_about_training(entries, epoch):
        return compare_training(
            scenario.problem, scenario.training, entries, epoch, source=source, notation=scenario.notation,
            layout=layout, relative=relative,
        )  # fmt: skip
    return compare_numbers(
        run._run, entries, scenario=scenario.name, source=source, notation=scenario.notation, layout=layout,
        relative=relative, batch=run._batch,
    )  # fmt: skip


def _entries(numbers: Numbers) -> list[Entry]:
    if isinstance(numbers, str | os.PathLike):
        return read_numbers(os.fspath(numbers))
    if not isinstance(numbers, Mapping):
        raise ValueError(f"expected a dictionary of names and numbers, or a file; found {kind_of(numbers)}")
    if not numbers:
        raise ValueError('there are no numbers; expected some, such as {"dW1": dW1}')
    return entries_of((str(name), value) for name, value in numbers.items())
