"""Commands that change a run or its looks: `set`, `undo`, `edits`.

    set w[i1->h1] = 0.3             a value: acts from here on; what was computed from it becomes stale
    set lr = lr / 2
    set cost = cross-entropy        structure: acts from the start of the next batch, or now if none of this
    set activation hidden = tanh    batch's steps has been done
    set digits = 6                  looks: no number changes
    set digits = 6 --keep           and so for the sessions to come

A row of `STRUCTURE` or `LOOKS` is all that another setting takes.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np

from bpstep.debugger.answers import Answer, Said
from bpstep.debugger.arguments import Arguments, expect_no_more
from bpstep.debugger.command import Command
from bpstep.debugger.desk import Desk
from bpstep.debugger.errors import CommandError, ExitCode, did_you_mean
from bpstep.debugger.expressions import Expression, UnsetError, parse
from bpstep.debugger.looks import LOOKS
from bpstep.debugger.session import Session
from bpstep.debugger.structure import STRUCTURE, Change, refuse_targets
from bpstep.engine.edits import LEARNING_RATE, Edit
from bpstep.engine.setup import Setup
from bpstep.engine.specs import NetworkSpec
from bpstep.scenario.ill_posed import doubts
from bpstep.visible import shortened

__all__ = ["CHANGING", "changes_cells", "set_look"]

#: What is set so stays.
_KEEP = "--keep"

_ASSIGNMENT = re.compile(r"^(?P<name>[^=]*)=(?!=)\s*(?P<value>.*)$", re.DOTALL)


def _split(arguments: Arguments) -> tuple[str, str, int]:
    """The name, the value, and the column of the value; only looks are kept."""
    found = _ASSIGNMENT.match(arguments.text)
    if found is None or not found["name"].strip() or not found["value"]:
        raise CommandError("expected NAME = VALUE", arguments.column)
    name, value, at = found["name"].strip(), found["value"], arguments.column + found.start("value")
    if _KEEP in value and name not in LOOKS:
        known = ", ".join(LOOKS)
        raise CommandError(f"{_KEEP} is for how it looks: {known}", at + value.index(_KEEP))
    return name, value, at


def _set(session: Desk, arguments: Arguments) -> Answer:
    name, value, at = _split(arguments)
    first, _, rest = name.partition(" ")
    if first in LOOKS and not rest:
        return _set_look(session, first, value, at)
    session.refuse_changes(arguments.column)
    before = session.run.edits, session.options
    if first in STRUCTURE and first not in session.scope.names:
        answer = _set_structure(session, first, rest.strip(), value, (arguments.column, at))
    else:
        answer = _set_value(session, name, value, (arguments.column, at))
    session.undoable.append(before)
    return answer


def _set_look(desk: Desk, name: str, text: str, column: int) -> Answer:
    """Change how the session looks, and keep it where that is asked for."""
    value, kept = _kept(desk, text, column)
    if not kept:
        return set_look(desk, name, value, column)
    assert desk.keep is not None
    after = LOOKS[name](desk.options, value, column)
    where = desk.keep(name, getattr(after, name))
    set_look(desk, name, value, column)
    return Said(f"{name} = {value}; {where}", instead=f"set {name} = {value}")


def _kept(desk: Desk, text: str, column: int) -> tuple[str, bool]:
    """The value of a look, and whether it is to be kept: only where somebody sits, for a script may be a stranger's."""
    value, found, rest = text.partition(_KEEP)
    if not found or rest.strip():
        return text, False
    if desk.keep is None or desk.sourcing or desk.reach.is_limited:
        who = "whoever sits at this machine" if desk.reach.is_closed else "the screen and the prompt"
        raise CommandError(f"{_KEEP} is for {who}", column + text.index(_KEEP))
    return value.rstrip(), True


def set_look(session: Session, name: str, value: str, column: int) -> Answer:
    """Change how the session looks; `undo` takes it back."""
    before = session.run.edits, session.options
    session.options = LOOKS[name](session.options, value, column)
    session.undoable.append(before)
    return Said(f"{name} = {value}")


def _check(session: Desk, arguments: Arguments) -> None:
    """What can be wrong with it before anything runs."""
    name, value, at = _split(arguments)
    first, _, rest = name.partition(" ")
    if first in LOOKS and not rest:
        LOOKS[first](session.options, _kept(session, value, at)[0], at)
    elif first in STRUCTURE and first not in session.scope.names:
        STRUCTURE[first].change(session.scope, rest.strip(), value, (arguments.column, at))
    else:
        _settable(session, name, arguments.column)
        parse(session.scope, value, at)


def changes_cells(arguments: Arguments) -> bool:
    """Whether a `set` may change which cells there are, or how they are called: a value of a cell does not."""
    first = arguments.text.partition("=")[0].split()[:1]
    return first != [] and first[0] in (*STRUCTURE, *LOOKS, "lr")


def _undo(session: Session, arguments: Arguments) -> Answer:
    expect_no_more(arguments.words)
    if not session.undoable:
        raise CommandError("there is nothing to take back", arguments.column, ExitCode.FAILED)
    edits, options = session.undoable.pop()
    gone = [edit.text for edit in session.run.edits if edit not in edits]
    session.options = options
    if edits != session.run.edits:
        session.revise(edits)
    return Said(f"taken back: {gone[0] if gone else 'the last set'}")


def _edits(session: Session, arguments: Arguments) -> Answer:
    expect_no_more(arguments.words)
    if not session.run.edits:
        return Said("nothing was changed by hand", logged=False)
    starts = [session.run.timeline.start_of_batch(edit.batch) + edit.offset for edit in session.run.edits]
    rows = zip(starts, session.run.edits, strict=True)
    return Said("\n".join(f"after step {step}: {edit.text}" for step, edit in rows), logged=False)


# --- values ------------------------------------------------------------------------------------------


def _settable(session: Session, name: str, column: int) -> Expression:
    """The cell that a name means, if it is one that can be set."""
    try:
        expression = parse(session.scope, name, column)
    except CommandError as error:
        word = name.partition(" ")[0]
        near = did_you_mean(word, [*LOOKS, *STRUCTURE, "lr"])
        raise CommandError(error.message + ("" if ";" in error.message else near), column) from None
    cell = expression.cell
    if cell is None:
        raise CommandError("expected a cell, or the name of a setting, before =", column)
    spot = session.index.find(cell)
    if cell != LEARNING_RATE and (spot is None or spot.kind not in ("given", "parameter")):
        raise CommandError(
            f"{cell} can not be set: it is computed; set a weight, a bias, an input, a target or lr", column
        )
    return expression


def _set_value(session: Session, name: str, text: str, columns: tuple[int, int]) -> Answer:
    cell = _settable(session, name, columns[0]).cell
    assert cell is not None
    try:
        value = parse(session.scope, text, columns[1]).value(session.moment)
    except UnsetError as error:
        raise CommandError(str(error), columns[1], ExitCode.FAILED) from None
    if not math.isfinite(value):
        raise CommandError(
            f"{shortened(text)} is {value:g}; expected a finite number", columns[1], ExitCode.FAILED
        )
    _refuse(session, name, value, columns[1])
    if cell == LEARNING_RATE and session.setup.training.learning_rate is None:
        return _change_structure(session, lambda s: _with_rate(s, value), f"lr = {value!r}")
    moment = session.moment
    if session.setup.wrt is not None and session.position and moment.done < moment.place.schedule.length:
        message = "in forward mode a value is set before a batch: go to its end, or set mode = reverse"
        raise CommandError(message, columns[0], ExitCode.FAILED)
    batch, offset = (moment.place.batch, moment.done) if session.position else (0, 0)
    sample = session.run.rows(batch)[moment.place.sample]
    before = session.read(cell)
    edit = Edit(batch, offset, f"set {cell} = {value!r}", cell, value, sample)
    session.revise([*session.run.edits, edit])
    was = "" if before is None or before.value is None else f" (it was {before.value:.6g})"
    return Said(f"{cell} = {value:.6g} from here on{was}{_nothing_follows(session)}")


_NOTHING_FOLLOWS = "; no step is left to feel it: train more, or undo, goto start, and set it there"


def _nothing_follows(session: Session) -> str:
    """What somebody should know who changes something at the end of a run, where no step is left to feel it."""
    return _NOTHING_FOLLOWS if session.position == session.length else ""


def _refuse(session: Session, name: str, value: float, column: int) -> None:
    """What no value can be."""
    cell = parse(session.scope, name).cell
    problem = session.setup.problem
    if cell == LEARNING_RATE and value <= 0.0:
        raise CommandError(f"expected a learning rate above 0, found {value:g}", column, ExitCode.FAILED)
    if cell is not None and cell.kind == "t" and isinstance(problem, NetworkSpec):
        refuse_targets(problem.cost, np.array([value]), column)


def _with_rate(setup: Setup, rate: float) -> Setup:
    return replace(setup, training=replace(setup.training, learning_rate=rate))


# --- structure ---------------------------------------------------------------------------------------


def _set_structure(session: Session, what: str, which: str, value: str, columns: tuple[int, int]) -> Answer:
    change = STRUCTURE[what].change(session.scope, which, value, columns)
    before, after = session.setup, change(session.setup)
    answer = _change_structure(session, change, f"{what} {which}".strip() + f" = {value}")
    known = doubts(before.problem, before.training)
    fresh = [doubt for doubt in doubts(after.problem, after.training) if doubt not in known]
    return Said("\n".join([answer.text, *(f"warning: {doubt.message}" for doubt in fresh)]))


def _change_structure(session: Session, change: Change, text: str) -> Said:
    """From the start of the next batch on, or from here if none of this batch's steps has been done."""
    batch = session.moment.place.batch + 1 if session.position else 0
    session.revise([*session.run.edits, Edit(batch, 0, f"set {text}", change=change)])
    if batch == 0 or session.moment.done == session.moment.place.schedule.length:
        return Said(f"{text} from here on{_nothing_follows(session)}")
    step = session.run.timeline.start_of_batch(batch)
    ends = _NOTHING_FOLLOWS if step == session.length else ""
    return Said(f"{text} from the next update on, after step {step}{ends}")


CHANGING = (
    Command(
        "set", "set NAME = VALUE [--keep]",
        "change a weight, a bias, an input, a target, lr (from here on); "
        f"{', '.join(part.usage for part in STRUCTURE.values())} (from the next batch on); "
        f"{', '.join(LOOKS)} (--keep: in the sessions to come, too)",
        "set lr = 0.1", _set, check=_check,
        offers=(*LOOKS, *STRUCTURE), values={name: row.choices for name, row in (LOOKS | STRUCTURE).items()},
    ),
    Command("undo", "undo", "take the last set back", "undo", _undo),
    Command("edits", "edits", "what was changed by hand, and where", "edits", _edits),
)  # fmt: skip
