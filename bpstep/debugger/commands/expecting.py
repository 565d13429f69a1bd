"""Expectations: what a script claims, and how a claim that fails is told.

    expect delta[h1] = 0.00877          within half a unit of the last digit written
    expect loss ~ 0.29 rel=2%           within a tolerance that is stated
    expect abs(delta[h1]) < 0.01        a condition
    expect state d(y[h1]) partial       the state of a cell
    ! goto 60                           holds if the command fails

The message of a failure is meant to be enough to find the mistake: what was expected, what was there, how far
off and how far off was allowed, the step, its op, and the factors that it read.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import zip_longest

from bpstep.debugger.answers import Answer, Said
from bpstep.debugger.arguments import Arguments
from bpstep.debugger.claims import claim_of
from bpstep.debugger.command import Command
from bpstep.debugger.commands.naming import every_cell, read_view, tutor_of
from bpstep.debugger.desk import Desk
from bpstep.debugger.errors import CommandError, ExitCode, ExpectationError, did_you_mean
from bpstep.debugger.expressions import Expression, UnsetError, only, parse, parse_condition
from bpstep.debugger.moment import STATES, UNSET
from bpstep.debugger.session import Session
from bpstep.debugger.view_names import SHOWN
from bpstep.debugger.why import writers
from bpstep.engine.rules import RULES
from bpstep.scenario.arithmetic import CellArray
from bpstep.visible import quoted, shortened

__all__ = ["EXPECTING"]

#: A command that is negated more often than this is no claim any more.
_MOST_NEGATIONS = 8
#: Commands that name a file, or a block of their script.
_FILES = re.compile(r"\b(?:load|save|export|source|cmp)\b")


def _expect(session: Session, arguments: Arguments) -> Answer:
    column = arguments.column
    special = _special(session, arguments)
    if special is not None:
        return special(session, arguments)
    claim = claim_of(arguments.text, column)
    if claim is None:
        return _expect_condition(session, arguments)
    expression = parse(session.scope, claim.text, column)
    found = _value(session, expression, column)
    off, said = abs(found - claim.value), shortened(claim.text, 60)
    if not off <= claim.tolerance:
        details = [
            f"expected  {claim.number}",
            f"found     {found:.12g}",
            f"off by    {off:.3g}, allowed {claim.tolerance:.3g}",
            *_where(session, expression),
        ]
        raise ExpectationError(f"{said} is {found:.10g}, not {claim.number}", column, details)
    return Said(f"{said} = {found:.10g}")


def _special(session: Session, arguments: Arguments) -> Callable[[Session, Arguments], Answer] | None:
    """What is expected that is no number: a state, a verdict; where no variable has that name."""
    word = _FIRST.match(arguments.text)
    found = word.group() if word is not None else ""
    return _SPECIAL.get(found) if found not in session.scope.names else None


def _expect_condition(session: Session, arguments: Arguments) -> Answer:
    expression, said = _condition(session, arguments), shortened(arguments.text, 60)
    if not expression.holds(session.moment):
        details = [*_readings(session, expression), *_where(session, expression)]
        raise ExpectationError(f"{said} does not hold", arguments.column, details)
    return Said(f"{said} holds")


def _condition(session: Session, arguments: Arguments) -> Expression:
    instead = '"= NUMBER", "~ NUMBER" or a comparison'
    return parse_condition(session.scope, arguments.text, arguments.column, instead)


_VERDICTS = ("correct", "carried-forward", "wrong", "not-graded")


def _wanted_verdict(arguments: Arguments) -> tuple[str, str]:
    """What about the last answer is expected, and of which name."""
    words = arguments.words
    known = _VERDICTS if words[0][0] == "verdict" else tuple(name for name in RULES if name != "correct")
    if len(words) != 2 or words[1][0] not in known:
        name, column = words[1] if len(words) > 1 else ("", arguments.column)
        raise CommandError(f"expected one of {', '.join(known)}{did_you_mean(name, known)}", column)
    return words[0][0], words[1][0]


def _expect_verdict(session: Session, arguments: Arguments) -> Answer:
    what, wanted = _wanted_verdict(arguments)
    tutor = tutor_of(session, arguments.column)
    found = tutor.verdict if what == "verdict" else ", ".join(tutor.diagnoses)
    held = wanted == found if what == "verdict" else wanted in tutor.diagnoses
    if not held:
        details = [f"expected  {wanted}", f"found     {found or 'nothing'}"]
        raise ExpectationError(f"the {what} of the last answer is {found or 'nothing'}, not {wanted}",
                               arguments.column, details)  # fmt: skip
    return Said(f"{what} {wanted}")


def _value(session: Session, expression: Expression, column: int) -> float:
    try:
        return expression.value(session.moment)
    except UnsetError as error:
        raise ExpectationError(str(error), column, _where(session, expression)) from None


def _wanted_state(session: Session, arguments: Arguments) -> tuple[str, CellArray, str]:
    """The name of a cell or an array as it is written, the cells, and the state that is expected of them."""
    words = arguments.words
    if len(words) < 3:
        raise CommandError("expected: state CELL STATE", arguments.column)
    state, column = words[-1]
    if state not in STATES:
        raise CommandError(f"expected one of {', '.join(STATES)}{did_you_mean(state, STATES)}", column)
    first = words[1][1]
    text = arguments.text[first - arguments.column : column - arguments.column].strip()
    return text, every_cell(session, text, first), state


def _expect_state(session: Session, arguments: Arguments) -> Answer:
    text, array, state = _wanted_state(session, arguments)
    for cell in array.cells:
        reading = session.read(cell)
        found = reading.state if reading is not None else UNSET
        if found != state:
            name = str(cell) if array.shape else text
            details = [f"expected  {state}", f"found     {found}", *_where(session, only(cell))]
            raise ExpectationError(f"{name} is {found}, not {state}", arguments.words[1][1], details)
    return Said(f"{text} is {state}")


#: What may be expected besides numbers and conditions, by its first word.
_SPECIAL: dict[str, Callable[[Session, Arguments], Answer]] = {
    "state": _expect_state,
    "verdict": _expect_verdict,
    "diagnosis": _expect_verdict,
}
_FIRST = re.compile(r"[a-z]+(?=\s|$)")


def _readings(session: Session, expression: Expression) -> list[str]:
    lines = []
    for cell in dict.fromkeys(expression.cells):
        value = session.moment.value(cell)
        lines.append(f"          {cell} = {'unset' if value is None else f'{value:.12g}'}")
    return lines


def _where(session: Session, expression: Expression) -> list[str]:
    """The step at which the session stands, and the step that made the number, with their factors."""
    lines = [f"at step   {session.position} of {session.length}"]
    for cell in list(dict.fromkeys(expression.cells))[:4]:
        done = writers(session.moment, cell)
        if not done:
            continue
        step = session.run.step(done[-1])
        part = f" ({step.part[0]} of {step.part[1]})" if step.part is not None and step.part[1] > 1 else ""
        lines.append(f"made by   step {step.number}, {step.op}{part}: {step.formula}")
        lines += [f"          {factor.cell} = {factor.value:.12g}" for factor in step.inputs[:8]]
    return lines


def _check_expect(session: Session, arguments: Arguments) -> None:
    """What can be wrong with an expectation before anything runs: its form, and its cells."""
    special = _special(session, arguments)
    if special is _expect_state:
        _wanted_state(session, arguments)
    elif special is not None:
        _wanted_verdict(arguments)
    else:
        claim = claim_of(arguments.text, arguments.column)
        if claim is None:
            _condition(session, arguments)
        else:
            parse(session.scope, claim.text, arguments.column)


def _not(desk: Desk, arguments: Arguments) -> Answer:
    if not arguments:
        raise CommandError("expected a command behind !", arguments.column)
    if arguments.text.replace(" ", "").startswith("!" * _MOST_NEGATIONS):
        raise CommandError(f"more than {_MOST_NEGATIONS} times !", arguments.column)
    position, bring_back = desk.position, desk.checkpoint()
    if desk.tutor is not None:
        desk.tutor.off_the_record = True
    try:
        desk.carry_out(arguments.text)
    except CommandError as error:
        return Said(f"fails, as expected: {error.message}", logged=_is_at_home_anywhere(arguments))
    finally:
        bring_back()
    message = f"{quoted(arguments.text)} was expected to fail, and did not"
    raise ExpectationError(message, arguments.column, [f"at step   {position} of {desk.length}"])


def _is_at_home_anywhere(arguments: Arguments) -> bool:
    """Whether a command means the same in a script that lies elsewhere: it names no file, and no block."""
    return _FILES.search(arguments.text) is None


def _what_to_compare(desk: Desk, arguments: Arguments) -> tuple[str, str, int]:
    """The view, the block, and where the block's name stands."""
    words = arguments.words
    if len(words) != 2:
        raise CommandError("expected: cmp VIEW NAME", arguments.column)
    block, column = words[1]
    if block not in desk.blocks:
        known = ", ".join(desk.blocks) or "none"
        message = f"there is no block {quoted(block)} at the end of this script (there are: {known})"
        raise CommandError(message, column)
    return read_view(arguments), block, column


def _check_cmp(desk: Desk, arguments: Arguments) -> None:
    _what_to_compare(desk, arguments)


def _cmp(desk: Desk, arguments: Arguments) -> Answer:
    name, block, column = _what_to_compare(desk, arguments)
    if desk.render is None:
        raise CommandError("there is no view here to compare with", column, ExitCode.FAILED)
    shown, wanted = desk.render(name).rstrip(), desk.blocks[block].rstrip()
    if shown == wanted:
        return Said(f"{name} is as in {block}", logged=False)  # a script that is saved has no blocks
    pairs = list(zip_longest(shown.split("\n"), wanted.split("\n"), fillvalue=""))
    line = next(k for k, (found, expected) in enumerate(pairs) if found != expected)
    details = [f"line {line + 1} of {block}", f"expected  {pairs[line][1]}", f"found     {pairs[line][0]}"]
    raise ExpectationError(f"the view {name} differs from {block}", column, details)


EXPECTING = (
    Command(
        "expect",
        "expect EXPR = NUMBER | ~ NUMBER [rel=1%] [abs=X] | CONDITION | state CELL STATE | verdict V | diagnosis R",
        "hold the run to a number (within half a unit of its last digit), a condition, or a state",
        "expect y[h1] ~ 0.6 rel=2%", _expect, check=_check_expect, offers=("state", *STATES),
    ),
    Command("!", "! COMMAND", "holds if the command fails", "! goto 999999999", _not),
    Command(
        "cmp", "cmp VIEW NAME", "the text of a view equals the block -- NAME -- of the script",
        "cmp chain golden", _cmp, check=_check_cmp, offers=SHOWN, takes_cells=False,
    ),
)  # fmt: skip
