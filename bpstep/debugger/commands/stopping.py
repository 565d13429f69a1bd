"""Commands about where a run halts: break, watch, stops, delete."""

from __future__ import annotations

import re

from bpstep.debugger.answers import Answer, Said, Stopped, Stops
from bpstep.debugger.arguments import Arguments, expect_no_more, whole_number
from bpstep.debugger.command import Command
from bpstep.debugger.commands.naming import every_cell
from bpstep.debugger.errors import CommandError, ExitCode
from bpstep.debugger.events import EVENTS
from bpstep.debugger.expressions import Expression, array_named, only, parse, parse_condition
from bpstep.debugger.marking import WRONG
from bpstep.debugger.session import Session
from bpstep.engine.blocks import PHASES
from bpstep.engine.index import Index
from bpstep.engine.steps import OPS
from bpstep.engine.timeline import Segment
from bpstep.english import counted, group
from bpstep.visible import quoted

__all__ = ["STOPPING"]

#: An array of more cells is not watched whole.
_MOST_WATCHED = 1000
_IF = re.compile(r"\sif\s")
_NO_STOP = "expected a cell, an op or a phase; a condition goes behind if, or to watch"


def _break(session: Session, arguments: Arguments) -> Answer:
    facts = _what_stops(session, arguments)
    _refuse_what_never_matches(session, facts, arguments.column)
    if facts["kind"] == "steps":
        facts["steps"] = _wrong_steps(session, arguments.column)
    stop = session.stops.add(**facts)
    return Stopped(stop.number, stop.text)


def _check_break(session: Session, arguments: Arguments) -> None:
    if arguments:
        _refuse_what_never_matches(session, _what_stops(session, arguments), arguments.column)


def _what_stops(session: Session, arguments: Arguments) -> dict[str, object]:
    """What a new stop stands on: a cell, an op or a phase, and a condition."""
    text, column = arguments.text, arguments.column
    if not text:
        step = session.step
        if step is None:
            raise CommandError("expected a cell, an op or a phase (there is no step yet to stop at)", column)
        text = str(step.cell)
    parts = _IF.split(text, maxsplit=1)
    what, condition = parts[0].strip(), None
    if len(parts) == 2:
        condition = parse_condition(session.scope, parts[1], column + text.index(parts[1], len(parts[0])))
    facts: dict[str, object] = {"text": text, "condition": condition}
    if what in OPS and what not in session.scope.names:
        facts |= {"kind": "op", "what": what}
    elif what in EVENTS and what not in session.scope.names:
        facts |= {"kind": "event", "what": what}
        if condition is not None:
            raise CommandError(f'"{what}" takes no condition', column)
    elif what == WRONG and what not in session.scope.names:
        facts |= {"kind": "steps", "what": what}
    elif what in PHASES and what not in session.scope.names:
        facts |= {"kind": "phase", "what": what}
    else:
        facts |= {"kind": "cell", "cells": every_cell(session, what, column, _NO_STOP).cells}
    return facts


def _wrong_steps(session: Session, column: int) -> tuple[int, ...]:
    """The steps whose numbers a learner has otherwise."""
    if session.held is None:
        message = 'nothing has been compared yet; expected "compare FILE" before "break wrong"'
        raise CommandError(message, column, ExitCode.FAILED)
    if session.held.ok:
        raise CommandError(
            f"all numbers of {session.held.source} agree, so this can never match", column, ExitCode.FAILED
        )
    from bpstep.comparison.report import wrong_steps

    return wrong_steps(session.held)


def _refuse_what_never_matches(session: Session, facts: dict[str, object], column: int) -> None:
    """A stop that could never match, whatever structure the run has later on, would only be waited for."""
    if facts["kind"] in ("event", "steps") or any(_matches(part, facts) for part in session.stretches):
        return
    what = str(facts["text"]).partition(" if ")[0].strip()
    why = (
        f"no step ever writes {quoted(what)}"
        if "cells" in facts
        else f"no step of this run is {quoted(what)}"
    )
    raise CommandError(f"{why}, so this can never match", column, ExitCode.FAILED)


def _matches(segment: Segment, facts: dict[str, object]) -> bool:
    """Whether a step of a stretch of the run may be what a stop stands on."""
    plan, setup = segment.full, segment.setup
    blocks = (*plan.sample.blocks, *plan.tail.blocks)
    if facts["kind"] == "phase":
        return any(block.phase == facts["what"] for block in blocks)
    if facts["kind"] == "op":
        return any(facts["what"] in piece.ops for block in blocks for piece in block.pieces)
    cells, index = facts["cells"], Index(setup)
    assert isinstance(cells, tuple)
    spots = [index.find(cell) for cell in cells]
    return all(spot is not None and not index.writes(plan, spot).are_never for spot in spots)


def _watch(session: Session, arguments: Arguments) -> Answer:
    stop = session.stops.add(
        kind="watch", text=f"watch {arguments.text}", watched=_watched(session, arguments)
    )
    return Stopped(stop.number, stop.text)


def _check_watch(session: Session, arguments: Arguments) -> None:
    _watched(session, arguments)


def _watched(session: Session, arguments: Arguments) -> tuple[Expression, ...]:
    """The expression to watch; of an array, its cells."""
    if not arguments:
        raise CommandError("expected an expression over cells", arguments.column)
    array = array_named(session.scope, arguments.text, arguments.column)
    if array is not None and len(array.cells) > _MOST_WATCHED:
        message = f"{array.name} has {counted(len(array.cells), 'cell')}; at most {group(_MOST_WATCHED)} can be watched"
        raise CommandError(message, arguments.column, ExitCode.FAILED)
    if array is not None:
        return tuple(only(cell) for cell in array.cells)
    watched: Expression = parse(session.scope, arguments.text, arguments.column)
    if not watched.cells:
        raise CommandError("this is a constant, so it can never change", arguments.column, ExitCode.FAILED)
    return (watched,)


def _stops(session: Session, arguments: Arguments) -> Answer:
    expect_no_more(arguments.words)
    return Stops(tuple((stop.number, stop.text) for stop in session.stops.stops))


def _delete(session: Session, arguments: Arguments) -> Answer:
    number = _stop_number(arguments)
    if not session.stops.remove(number):
        known = ", ".join(str(stop.number) for stop in session.stops.stops) or "none"
        raise CommandError(
            f"there is no stop {number} (there are: {known})", arguments.column, ExitCode.FAILED
        )
    return Said(f"stop {number} is deleted")


def _stop_number(arguments: Arguments) -> int:
    return whole_number(arguments.text, arguments.column, "the number of a stop")


def _check_delete(session: Session, arguments: Arguments) -> None:
    _stop_number(arguments)


STOPPING = (
    Command(
        "break", f"break CELL|OP|PHASE|{'|'.join(EVENTS)}|{WRONG} [if EXPR]",
        "stop right after a step that makes the cell final, is an op, or begins a phase; where the event happens; or "
        "where your number disagrees (compare)",
        "break local if value < 0.2", _break, {"b": ""}, check=_check_break, offers=(*OPS, *PHASES, *EVENTS, WRONG),
    ),
    Command("watch", "watch EXPR", "stop when the value of an expression changes", "watch e[h1]", _watch,
        check=_check_watch),
    Command("stops", "stops", "the stops there are", "stops", _stops),
    Command("delete", "delete N", "delete a stop", "delete 1", _delete, check=_check_delete),
)  # fmt: skip
