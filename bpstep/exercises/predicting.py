"""Predict mode: the next value of a run is asked for before its step is shown."""

from __future__ import annotations

import math

from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError, ExitCode
from bpstep.engine.steps import Step
from bpstep.english import group
from bpstep.exercises.grade import Grade, in_six_digits, named, tolerance_text, truth_of
from bpstep.exercises.grading import grade_value, rule_values
from bpstep.exercises.hints import hints_about

__all__ = ["Prediction"]

_REL = 0.01


class Prediction:
    """The question what the next step of a session gives."""

    def __init__(self, session: Console) -> None:
        self.session = session

    @property
    def step(self) -> Step:
        """The step that is to be predicted, with its numbers."""
        if self.session.position == self.session.length:
            raise CommandError("this is the end: there is nothing to predict", 0, ExitCode.FAILED)
        return self.session.whole_run.step(self.session.position + 1)

    @property
    def terms(self) -> str:
        """How near an answer must be."""
        return tolerance_text(_REL, None)

    @property
    def where(self) -> str:
        """Which step is asked for, in a few words."""
        step = self.session.upcoming
        return f"step {group(step.number)} · {step.op}" if step is not None else ""

    def lines(self) -> tuple[str, ...]:
        """The question."""
        step = self.session.upcoming
        if step is None:
            return ("This is the end: there is nothing to predict.",)
        part = f", contribution {step.part[0]} of {step.part[1]}" if step.part and step.part[1] > 1 else ""
        head = f"step {step.number}, {step.op}{part}: what is {named(step.cell)}?   {self.terms}"
        return (head, *_so_far(step))

    def grade(self, text: str) -> Grade:
        """The grade of an answer."""
        step = self.step
        right = truth_of(step.cell, [step], _REL, None)
        with self.session.unveiled():
            rules = rule_values(self.session, step.cell, step.number) if step.when.phase != "forward" else {}
            return grade_value(
                self.session, right, text, rules=rules, hidden=None if step.was is not None else step.cell
            )

    def hints(self) -> list[str]:
        """Three hints."""
        step = self.step
        with self.session.unveiled():
            return hints_about(self.session, step.cell, [step])


def _so_far(step: Step) -> tuple[str, ...]:
    """What the cell of a step is before it: whoever shall say the sum must know what has arrived."""
    many = step.part is not None and step.part[1] > 1
    if step.was is None or not math.isfinite(step.was):
        return ("the sum so far, with this contribution",) if many else ()
    then = "what is it with this contribution?" if many else "what is it after this step?"
    return (f"So far it is {in_six_digits(step.was + 0.0)}: {then}",)
