"""Commands that move the cursor: step, back, goto, until, continue, rcontinue."""

from __future__ import annotations

from collections.abc import Callable

from bpstep.debugger import destinations
from bpstep.debugger.answers import Answer, Moved
from bpstep.debugger.arguments import Arguments, expect_no_more, whole_number
from bpstep.debugger.command import Command
from bpstep.debugger.errors import CommandError, did_you_mean
from bpstep.debugger.expressions import Expression, array_named, parse, parse_condition
from bpstep.debugger.marking import WRONG, next_wrong
from bpstep.debugger.session import Session
from bpstep.engine.blocks import PHASES
from bpstep.engine.timeline import LEVELS
from bpstep.scenario.arithmetic import CellArray
from bpstep.visible import quoted, shortened

__all__ = ["MOVING"]


#: Beside the levels of a run: to the next number that a learner has otherwise (`compare`).
_LEVELS = (*LEVELS, WRONG)


def _level_and_count(arguments: Arguments) -> tuple[str, int]:
    """``[LEVEL] [N]``: op and 1 where they are left out."""
    words = arguments.words
    level, count = "op", 1
    if words and not words[0][0].lstrip("+-−")[:1].isdigit():
        level, column = words.pop(0)
        if level not in _LEVELS:
            known = ", ".join(_LEVELS)
            near = did_you_mean(level, _LEVELS)
            raise CommandError(f"unknown level {quoted(level)}{near} (levels: {known})", column)
    if words:
        text, column = words.pop(0)
        count = whole_number(text, column, "a count from 1 on", least=1)
    expect_no_more(words)
    return level, count


def _step(session: Session, arguments: Arguments) -> Answer:
    level, count = _level_and_count(arguments)
    if level == WRONG:
        return _move_to_wrong(session, count, arguments.column)
    return _move_by(session, level, count, session.run.timeline.next_boundary, session.length)


def _back(session: Session, arguments: Arguments) -> Answer:
    level, count = _level_and_count(arguments)
    if level == WRONG:
        return _move_to_wrong(session, -count, arguments.column)
    return _move_by(session, level, count, session.run.timeline.previous_boundary, 0)


def _move_by(
    session: Session, level: str, count: int, boundary: Callable[[int, str], int], limit: int
) -> Answer:
    position = session.position
    if level == "op":
        position = min(max(position + (count if limit else -count), 0), session.length)
    else:
        for _ in range(count):
            if position == limit:
                break
            position = boundary(position, level)
    session.position = position
    return Moved(position)


def _move_to_wrong(session: Session, count: int, column: int) -> Answer:
    """Forward, or back where ``count`` is negative, by so many numbers that a learner has otherwise."""
    at = session.position
    for _ in range(abs(count)):
        at = next_wrong(session, at, column, back=count < 0)
    session.position = at
    return Moved(at)


def _goto(session: Session, arguments: Arguments) -> Answer:
    what, number, column = _place(arguments)
    timeline = session.run.timeline
    if what == "epoch" and not 1 <= number <= timeline.epochs:
        raise destinations.no_such_place(f"there are epochs 1 to {timeline.epochs}, not {number}", column)
    if what == "step" and number > session.length:
        raise destinations.no_such_place(f"there are steps 0 to {session.length}, not {number}", column)
    if what == "epoch":
        number = timeline.start_of_batch((number - 1) * timeline.batches_per_epoch)
    session.position = session.length if what == "end" else number
    return Moved(session.position)


def _place(arguments: Arguments) -> tuple[str, int, int]:
    """Where to go: ``start``, ``end``, an ``epoch`` or a ``step``; its number, which may be grouped as it is on the
    screen (103 444), and the column of that."""
    text, column = arguments.text, arguments.column
    if text in ("start", "end"):
        return text, 0, column
    word, *rest = text.split() or [""]
    if word == "epoch":
        return "epoch", whole_number("".join(rest), column, "the number of an epoch"), column
    return "step", whole_number("".join((word, *rest)), column, "a step, start, end or epoch N"), column


def _check_goto(session: Session, arguments: Arguments) -> None:
    _place(arguments)


def _until(session: Session, arguments: Arguments) -> Answer:
    text, column = arguments.text, arguments.column
    if not text:
        raise CommandError("expected a cell, a phase, note, or a condition", column)
    if text in PHASES:
        found, why = destinations.next_phase(session.run, text, session.position), f"{text} begins"
    elif text == "note":
        found, why = session.next_note(session.position), "a note"
    else:
        awaited = _awaited(session, arguments)
        if isinstance(awaited, CellArray):
            found = destinations.next_final(session.run, awaited.cells, session.position)
            why = f"{awaited.name} is final"
        else:
            found = destinations.next_true(session.run, awaited, session.position, session.report)
            why = shortened(text, 60)
    if found is None:
        raise destinations.no_such_place(f"no later step: {why}", column)
    session.position = found
    return Moved(found, why)


def _awaited(session: Session, arguments: Arguments) -> CellArray | Expression:
    """What `until` waits for: a cell, an array, or a condition."""
    text, column = arguments.text, arguments.column
    array = array_named(session.scope, text, column)
    if array is not None:
        return array
    expression = parse(session.scope, text, column)
    if expression.cell is not None:
        return CellArray(expression.cell, (), (expression.cell,))
    return parse_condition(session.scope, text, column, "a cell or a comparison")


def _check_level(session: Session, arguments: Arguments) -> None:
    _level_and_count(arguments)


def _check_until(session: Session, arguments: Arguments) -> None:
    if arguments.text not in (*PHASES, "note"):
        _awaited(session, arguments)


def _continue(session: Session, arguments: Arguments) -> Answer:
    expect_no_more(arguments.words)
    found = session.stops.next(session.run, session.position, report=session.report)
    session.position = session.length if found is None else found[0]
    return Moved(session.position, "the end" if found is None else f"stop {found[1].number}: {found[1].text}")


def _rcontinue(session: Session, arguments: Arguments) -> Answer:
    expect_no_more(arguments.words)
    found = session.stops.previous(session.run, session.position, session.report)
    session.position = 0 if found is None else found[0]
    return Moved(
        session.position, "the start" if found is None else f"stop {found[1].number}: {found[1].text}"
    )


MOVING = (
    Command(
        "step", "step [LEVEL] [N]",
        "forward in time by N ops (neurons, layers, phases, samples, epochs), or to the next number that you have "
        "otherwise (step wrong)",
        "step layer", _step, {"s": "", "n": "neuron"}, moves=True, check=_check_level,
        offers=_LEVELS, takes_cells=False,
    ),
    Command(
        "back", "back [LEVEL] [N]", "back in time, the exact inverse of step",
        "back neuron 2", _back, {"rs": "", "rn": "neuron"}, moves=True, check=_check_level,
        offers=_LEVELS, takes_cells=False,
    ),
    Command(
        "goto", "goto STEP|start|end|epoch N", "jump to the state right after a step",
        "goto 34", _goto, moves=True, check=_check_goto, offers=("start", "end", "epoch"), takes_cells=False,
    ),
    Command(
        "until", "until CELL|PHASE|note|EXPR",
        "forward to the next step that makes the cell final, begins the phase, or makes it true",
        "until delta[h1]", _until, moves=True, check=_check_until, offers=(*PHASES, "note"),
    ),
    Command(
        "continue", "continue", "on to the next stop, else to the end", "continue", _continue, {"c": ""}, moves=True,
    ),
    Command(
        "rcontinue", "rcontinue", "back to the last stop, else to the start",
        "rcontinue", _rcontinue, {"rc": ""}, moves=True,
    ),
)  # fmt: skip
