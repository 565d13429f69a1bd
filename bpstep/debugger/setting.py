"""`set`: change a value, the structure, or how it looks; `undo` takes it back, `edits` lists what was changed.

    set w[i1->h1] = 0.3             a value: acts from here on; what was computed from it becomes stale
    set lr = lr / 2
    set cost = cross-entropy        structure: acts from the start of the next batch, or now if none of this
    set activation hidden = tanh    batch's steps has been done
    set digits = 6                  looks: no number changes

A row of `_STRUCTURE` or `LOOKS` is all that another setting takes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from bpstep.debugger.answers import Answer, Said
from bpstep.debugger.command import Command, expect_no_more, whole_number
from bpstep.debugger.errors import CommandError, ExitCode, did_you_mean
from bpstep.debugger.expressions import Expression, UnsetError, cells_named, parse
from bpstep.debugger.options import Options
from bpstep.engine.activations import ACTIVATIONS
from bpstep.engine.cells import Cell
from bpstep.engine.costs import COSTS
from bpstep.engine.edits import LEARNING_RATE, Edit
from bpstep.engine.optimizers import OPTIMIZERS
from bpstep.engine.passes import Setup
from bpstep.engine.rules import RULES
from bpstep.engine.specs import Array, NetworkSpec, OptimizerSpec
from bpstep.scenario.ill_posed import doubts
from bpstep.scenario.notations import NOTATIONS
from bpstep.visible import quoted, shortened

if TYPE_CHECKING:
    from bpstep.debugger.language import Arguments
    from bpstep.debugger.session import Session

__all__ = ["CHOICES", "SETTING"]

_ASSIGNMENT = re.compile(r"^(?P<name>[^=]*)=(?!=)\s*(?P<value>.*)$", re.DOTALL)

Change = Callable[[Setup], Setup]


def _split(arguments: Arguments) -> tuple[str, str, int]:
    """The name, the value, and the column of the value."""
    found = _ASSIGNMENT.match(arguments.text)
    if found is None or not found["name"].strip() or not found["value"]:
        raise CommandError("expected NAME = VALUE", arguments.column)
    return found["name"].strip(), found["value"], arguments.column + found.start("value")


def _set(session: Session, arguments: Arguments) -> Answer:
    name, value, at = _split(arguments)
    first, _, rest = name.partition(" ")
    before = session.run.edits, session.options
    if first in LOOKS and not rest:
        session.options = LOOKS[first](session.options, value, at)
        answer: Answer = Said(f"{name} = {value}")
        session.undoable.append(before)
        return answer
    session.refuse_changes(arguments.column)
    if first in _STRUCTURE and first not in session.scope.names:
        answer = _set_structure(session, first, rest.strip(), value, (arguments.column, at))
    else:
        answer = _set_value(session, name, value, (arguments.column, at))
    session.undoable.append(before)
    return answer


def _check(session: Session, arguments: Arguments) -> None:
    """What can be wrong with it before anything runs."""
    name, value, at = _split(arguments)
    first, _, rest = name.partition(" ")
    if first in LOOKS and not rest:
        LOOKS[first](session.options, value, at)
    elif first in _STRUCTURE and first not in session.scope.names:
        _STRUCTURE[first](session, rest.strip(), value, (arguments.column, at))
    else:
        _settable(session, name, arguments.column)
        parse(session.scope, value, at)


def changes_cells(arguments: Arguments) -> bool:
    """Whether a `set` may change which cells there are, or how they are called: a value of a cell does not."""
    first = arguments.text.partition("=")[0].split()[:1]
    return first != [] and first[0] in (*_STRUCTURE, *LOOKS, "lr")


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
        near = did_you_mean(word, [*LOOKS, *_STRUCTURE, "lr"])
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
        _refuse_targets(problem.cost, np.array([value]), column)


def _with_rate(setup: Setup, rate: float) -> Setup:
    return replace(setup, training=replace(setup.training, learning_rate=rate))


# --- structure ---------------------------------------------------------------------------------------


def _set_structure(session: Session, what: str, which: str, value: str, columns: tuple[int, int]) -> Answer:
    change = _STRUCTURE[what](session, which, value, columns)
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


def _network(setup: Setup, what: str, column: int) -> NetworkSpec:
    if not isinstance(setup.problem, NetworkSpec):
        raise CommandError(f"an expression has no {what}", column)
    return setup.problem


def _one_of(text: str, known: Iterable[str], column: int) -> str:
    names = tuple(known)
    if text not in names:
        raise CommandError(f"expected one of {', '.join(names)}{did_you_mean(text, names)}", column)
    return text


def _cost(session: Session, which: str, value: str, columns: tuple[int, int]) -> Change:
    if which:
        raise CommandError('expected "cost = NAME"', columns[0])
    problem = _network(session.setup, "cost of its own", columns[0])
    name = _one_of(value, COSTS, columns[1])
    _refuse_targets(name, problem.t, columns[1])
    return lambda s: replace(s, problem=replace(_network(s, "cost", 0), cost=name))


def _refuse_targets(cost: str, targets: Array, column: int) -> None:
    reason = COSTS[cost].refuses(targets)
    if reason:
        raise CommandError(reason, column)


def _activation(session: Session, which: str, value: str, columns: tuple[int, int]) -> Change:
    problem = _network(session.setup, "layers", columns[0])
    layers = [layer.name for layer in problem.layers]
    if not which:
        raise CommandError(f'expected "activation LAYER = NAME" (layers: {", ".join(layers)})', columns[0])
    _one_of(which, layers, columns[0])
    name = _one_of(value, ACTIVATIONS, columns[1])

    def change(setup: Setup) -> Setup:
        spec = _network(setup, "layers", 0)
        changed = tuple(replace(x, activation=name) if x.name == which else x for x in spec.layers)
        return replace(setup, problem=replace(spec, layers=changed))

    return change


def _optimizer(session: Session, which: str, value: str, columns: tuple[int, int]) -> Change:
    words = value.split()
    name = _one_of(words[0], OPTIMIZERS, columns[1])
    known, settings = OPTIMIZERS[name].defaults, []
    for word in words[1:]:
        key, equals, number = word.partition("=")
        at = columns[1] + value.index(word)
        if key not in known or not equals:
            says = f"it has {', '.join(known)}" if known else "it has no settings"
            raise CommandError(f'the optimizer "{name}" does not know {quoted(key)}; {says}', at)
        settings.append((key, _setting(number, at)))
    spec = OptimizerSpec(name, tuple(settings))
    return lambda s: replace(s, training=replace(s.training, optimizer=spec))


def _setting(text: str, column: int) -> float | bool:
    if text in ("true", "false"):
        return text == "true"
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise CommandError(f"expected a number, found {quoted(text)}", column)
    return found


def _mode(session: Session, which: str, value: str, columns: tuple[int, int]) -> Change:
    words = value.split(maxsplit=1)
    if words[0] == "reverse" and len(words) == 1:
        return lambda s: replace(s, wrt=None)
    if words[0] != "forward" or len(words) != 2:
        raise CommandError("expected reverse, or forward CELL", columns[1])
    if session.setup.rule is not RULES["correct"]:
        raise CommandError("a rule is a way to back-propagate; set rule = correct first", columns[1])
    seed = forward_seed(session, words[1], columns[1] + len(value) - len(words[1]))
    _refuse_edits_within(session, columns[0])
    return lambda s: replace(s, wrt=seed)


def _refuse_edits_within(session: Session, column: int) -> None:
    """In forward mode no value changes within a batch; who goes back may have such changes ahead."""
    first = session.moment.place.batch + 1 if session.position else 0
    timeline = session.run.timeline
    for edit in session.run.edits:
        length = timeline.segment_of_batch(edit.batch).schedule_of(edit.batch).length
        if edit.cell is None or edit.batch < first or not 0 < edit.offset < length:
            continue
        where = f"after step {timeline.start_of_batch(edit.batch) + edit.offset}"
        message = f'in forward mode a value is set before a batch; undo "{edit.text}" ({where}) first'
        raise CommandError(message, column, ExitCode.FAILED)


def forward_seed(session: Session, text: str, column: int) -> Cell:
    """The cell that a text names as what forward mode takes tangents by; `CommandError` where it can not."""
    found = cells_named(session.scope, text, column)
    if len(found) > 1:
        raise CommandError(f"expected one cell, found {len(found)}", column)
    spot = session.index.find(found[0])
    if spot is None or spot.kind not in ("given", "parameter") or spot.at.kind == "t":
        raise CommandError(f"tangents are taken by an input or a parameter; {found[0]} is neither", column)
    return found[0]


def _rule(session: Session, which: str, value: str, columns: tuple[int, int]) -> Change:
    setup = session.setup
    rule = RULES[_one_of(value, RULES, columns[1])]
    reason = rule.refuses(setup.problem, setup.training)
    if setup.wrt is not None:
        reason = "forward mode has no backward pass"
    if reason:
        raise CommandError(f'the rule "{rule.name}" does not apply here: {reason}', columns[1])
    return lambda s: replace(s, rule=rule)


#: The parts of a structure: from what was written to a change, or to a `CommandError`.
_STRUCTURE: dict[str, Callable[[Session, str, str, tuple[int, int]], Change]] = {
    "cost": _cost,
    "activation": _activation,
    "optimizer": _optimizer,
    "rule": _rule,
    "mode": _mode,
}


# --- looks -------------------------------------------------------------------------------------------


def _digits(options: Options, text: str, column: int) -> Options:
    return replace(options, digits=whole_number(text, column, "2 to 12 digits", 2, 12))


#: What the settings that are no numbers may be.
CHOICES: dict[str, Iterable[str]] = {
    "cost": COSTS,
    "activation": ACTIVATIONS,
    "optimizer": OPTIMIZERS,
    "rule": RULES,
    "mode": ("reverse", "forward"),
    "notation": NOTATIONS,
    "glyphs": ("full", "safe", "ascii"),
    "theme": ("dark", "light", "mono", "ansi"),
}

#: How each text becomes other options.
LOOKS: dict[str, Callable[[Options, str, int], Options]] = {
    "digits": _digits,
    "notation": lambda o, text, at: replace(o, notation=_one_of(text, NOTATIONS, at)),
    "glyphs": lambda o, text, at: replace(o, glyphs=_one_of(text, CHOICES["glyphs"], at)),
    "theme": lambda o, text, at: replace(o, theme=_one_of(text, CHOICES["theme"], at)),
}


SETTING = (
    Command(
        "set", "set NAME = VALUE",
        "change a weight, a bias, an input, a target, lr (from here on); cost, activation LAYER, optimizer, rule, mode "
        f"(from the next batch on); {', '.join(LOOKS)}",
        "set lr = 0.1", _set, check=_check,
    ),
    Command("undo", "undo", "take the last set back", "undo", _undo),
    Command("edits", "edits", "what was changed by hand, and where", "edits", _edits),
)  # fmt: skip
