"""Bring the loss under a bound in so many updates."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bpstep.debugger.errors import CommandError
from bpstep.debugger.session import Session
from bpstep.engine.passes import compute
from bpstep.english import counted
from bpstep.exercises.grade import CORRECT_ANSWER, NOT_GRADED, WRONG, Grade
from bpstep.exercises.kind import BLANK, Kind, Mistake, Posed

__all__ = ["TRAIN"]

_HINTS = (
    "A larger rate goes farther with each update, until it goes too far.",
    "Double the rate until the loss rises or jumps, then go back by half.",
    "set lr = … at the start, train, look with show loss; set optimizer = adam is another way.",
)

#: So many numbers are worked out for a question at most: the updates, times the parameters, times the samples.
_MOST_WORK = 20_000_000


def _stand(posed: Posed) -> None:
    graph, run = posed.session.setup.graph, posed.session.run
    if posed.item.updates * graph.parameter_count * run.timeline.samples > _MOST_WORK:
        raise CommandError(
            f"{counted(posed.item.updates, 'update')} of a net of this size are too many to grade"
        )
    posed.session.position = 0


def _question(posed: Posed) -> list[str]:
    item = posed.item
    prompt = (
        item.prompt
        or f"Bring the loss under {item.loss_below:g} in at most {counted(item.updates, 'update')}."
    )
    return [
        prompt,
        "set lr = …, set optimizer = …, train N; then answer alone: the run is the answer. goto start begins anew. "
        "Weights to begin with, samples and cost are those of the file.",
    ]


def _wants(posed: Posed) -> str:
    return "a command: set lr = …, train N; then answer"


def _best_loss(posed: Posed) -> tuple[float, int]:
    """The smallest loss within the updates allowed, over all samples, by the scenario's own cost; and when."""
    run, original = posed.learner.whole_run, Session(posed.scenario).run
    everything = tuple(range(original.timeline.samples))
    best, when = math.inf, 0
    last = min(posed.item.updates, run.timeline.batches)
    for update in range(1, last + 1):
        posed.learner.report("update", update, last)
        loss = compute(original.setup, 0.0, everything, run.snapshot(update).parameters, original.given).loss
        if loss < best:
            best, when = loss, update
        if best < posed.item.loss_below:
            break
    return best, when


def _grade(posed: Posed, text: str) -> Grade:
    learner = posed.learner
    edits = [edit for edit in learner.whole_run.edits if edit.cell is not None and edit.cell.kind != "lr"]
    if edits:
        return Grade(
            NOT_GRADED, (f"Weights, inputs and targets stay as they are: undo {edits[0].text!r} first.",)
        )
    if not learner.setup.updates or learner.whole_run.trained == 0:
        return Grade(NOT_GRADED, ("Nothing is trained yet: train N first; this costs no try.",))
    best, when = _best_loss(posed)
    if best < posed.item.loss_below:
        return Grade(
            CORRECT_ANSWER, (f"right: the loss is {best:.4g} after {counted(when, 'update')}",), value=best
        )
    done = min(posed.item.updates, learner.whole_run.timeline.batches)
    if done < posed.item.updates:
        return Grade(WRONG, (f"After {counted(done, 'update')} it is {best:.4g} at best; "
                             f"{posed.item.updates} are allowed: train on.",), value=best)  # fmt: skip
    return Grade(WRONG, (f"In {counted(posed.item.updates, 'update')} it comes down to {best:.4g}, not under "
                         f"{posed.item.loss_below:g}. goto start, change lr or optimizer, and train again.",),
                 value=best)  # fmt: skip


def _solution(posed: Posed) -> str:
    """Some rate and optimizer that reach it; the empty text where none is found."""
    session = posed.learner
    for line in (
        "",
        *(f"set lr = {rate:g}" for rate in (0.01, 0.03, 0.1, 0.3, 1, 2, 4, 8, 16)),
        "set optimizer = adam",
    ):
        session.restart()
        if line:
            session.execute(line)
        per_epoch = session.run.timeline.batches_per_epoch
        session.execute(f"train {max(1, math.ceil(posed.item.updates / per_epoch))}")
        if _best_loss(posed)[0] < posed.item.loss_below:
            return "answer"
    return ""


def _bad(posed: Posed) -> list[Mistake]:
    return [BLANK]


def _hints(posed: Posed) -> Sequence[str]:
    return _HINTS


def _told(posed: Posed) -> list[str]:
    return ["Any run that reaches it is an answer; the hints say how to look for one."]


TRAIN = Kind(
    "train", _stand, _question, _grade, _solution, _bad, _wants, _hints, _told, is_training=True, is_on_paper=False,
)  # fmt: skip
