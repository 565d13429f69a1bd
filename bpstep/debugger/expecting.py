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
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import zip_longest
from typing import TYPE_CHECKING

from bpstep.debugger.answers import Answer, Said
from bpstep.debugger.command import Command
from bpstep.debugger.errors import CommandError, ExitCode, did_you_mean
from bpstep.debugger.exercising import tutor_of
from bpstep.debugger.expressions import Expression, UnsetError, parse
from bpstep.debugger.readings import STATES, UNSET
from bpstep.engine.rules import RULES
from bpstep.visible import visible

if TYPE_CHECKING:
    from bpstep.debugger.language import Arguments
    from bpstep.debugger.session import Session

__all__ = ["EXPECTING", "ExpectationError", "Measured", "measured"]

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_EQUALS = re.compile(rf"^(?P<expr>.*[^<>=!~])=\s*(?P<number>{_NUMBER})\s*$")
_ABOUT = re.compile(rf"^(?P<expr>.*?)~\s*(?P<number>{_NUMBER})(?P<options>(?:\s+(?:rel|abs)=\S+)*)\s*$")
_OPTION = re.compile(rf"(?P<name>rel|abs)=(?P<number>{_NUMBER})(?P<percent>%?)(?=\s|$)")


class ExpectationError(CommandError):
    """An expectation that does not hold; ``details`` are the lines that help to find out why."""

    def __init__(self, message: str, column: int, details: list[str]) -> None:
        super().__init__(message, column, ExitCode.FAILED)
        self.details = [visible(line) for line in details]


@dataclass(frozen=True)
class Measured:
    """``expect EXPR = NUMBER`` or ``~ NUMBER``, parsed: the expression, the number as written, the tolerance."""

    text: str
    number: str
    value: float
    tolerance: float
    start: int


def measured(text: str) -> Measured | None:
    """An expectation about a number; None where the text is another kind."""
    about = _ABOUT.match(text)
    if about is not None:
        value = float(about["number"])
        return Measured(
            about["expr"], about["number"], value, _tolerance(about["options"], value), about.start("number")
        )
    equals = _EQUALS.match(text)
    if equals is None:
        return None
    number = equals["number"]
    return Measured(equals["expr"], number, float(number), _half_a_unit(number), equals.start("number"))


def _half_a_unit(number: str) -> float:
    """Half a unit of the last digit written."""
    try:
        exponent = Decimal(number).as_tuple().exponent
    except InvalidOperation:
        return 0.0
    assert isinstance(exponent, int)
    return float(Decimal(5).scaleb(exponent - 1)) * (1 + 1e-9)


def _tolerance(options: str, value: float) -> float:
    found = {m["name"]: float(m["number"]) / (100 if m["percent"] else 1) for m in _OPTION.finditer(options)}
    if not found:
        found = {"rel": 0.01}
    return max(found.get("rel", 0.0) * abs(value), found.get("abs", 0.0))


def _expect(session: Session, arguments: Arguments) -> Answer:
    text, column = arguments.text, arguments.column
    words = arguments.words
    if words and words[0][0] == "state":
        return _expect_state(session, arguments)
    if words and words[0][0] in ("verdict", "diagnosis"):
        return _expect_verdict(session, arguments)
    about = measured(text)
    if about is not None:
        expression = parse(session, about.text.strip(), column)
        found = _value(session, expression, column)
        off = abs(found - about.value)
        if not off <= about.tolerance:
            details = [
                f"expected  {about.number}",
                f"found     {found:.12g}",
                f"off by    {off:.3g}, allowed {about.tolerance:.3g}",
                *_where(session, expression),
            ]
            raise ExpectationError(
                f"{about.text.strip()} is {found:.10g}, not {about.number}", column, details
            )
        return Said(f"{about.text.strip()} = {found:.10g}")
    expression = parse(session, text, column)
    if not expression.holds(session.moment):
        details = [*_readings(session, expression), *_where(session, expression)]
        raise ExpectationError(f"{text} does not hold", column, details)
    return Said(f"{text} holds")


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


def _expect_state(session: Session, arguments: Arguments) -> Answer:
    words = arguments.words
    if len(words) < 3:
        raise CommandError("expected: state CELL STATE", arguments.column)
    state, column = words[-1]
    if state not in STATES:
        raise CommandError(f"expected one of {', '.join(STATES)}{did_you_mean(state, STATES)}", column)
    first = words[1][1]
    text = arguments.text[first - arguments.column : column - arguments.column].strip()
    expression = parse(session, text, first)
    if expression.cell is None:
        raise CommandError("expected a cell", first)
    reading = session.read(expression.cell)
    found = reading.state if reading is not None else UNSET
    if found != state:
        details = [f"expected  {state}", f"found     {found}", *_where(session, expression)]
        raise ExpectationError(f"{text} is {found}, not {state}", first, details)
    return Said(f"{text} is {state}")


def _readings(session: Session, expression: Expression) -> list[str]:
    lines = []
    for cell in dict.fromkeys(expression.cells):
        value = session.moment.value(cell)
        lines.append(f"          {cell} = {'unset' if value is None else f'{value:.12g}'}")
    return lines


def _where(session: Session, expression: Expression) -> list[str]:
    """The step at which the session stands, and the step that made the number, with their factors."""
    from bpstep.debugger.why import writers

    lines = [f"at step   {session.position} of {session.length}"]
    for cell in list(dict.fromkeys(expression.cells))[:4]:
        done = writers(session, cell)
        if not done:
            continue
        step = session.run.step(done[-1])
        part = f" ({step.part[0]} of {step.part[1]})" if step.part is not None and step.part[1] > 1 else ""
        lines.append(f"made by   step {step.number}, {step.op}{part}: {step.formula}")
        lines += [f"          {factor.cell} = {factor.value:.12g}" for factor in step.inputs[:8]]
    return lines


def _check_expect(session: Session, arguments: Arguments) -> None:
    """What can be wrong with an expectation before anything runs: its form, and its cells."""
    words = arguments.words
    if words and words[0][0] == "state":
        return
    if words and words[0][0] in ("verdict", "diagnosis"):
        _wanted_verdict(arguments)
        return
    about = measured(arguments.text)
    parse(session, about.text.strip() if about is not None else arguments.text, arguments.column)


def _not(session: Session, arguments: Arguments) -> Answer:
    from bpstep.debugger.language import carry_out

    if not arguments:
        raise CommandError("expected a command behind !", arguments.column)
    position, bring_back = session.position, session.checkpoint()
    if session.tutor is not None:
        session.tutor.off_the_record = True
    try:
        carry_out(session, arguments.text)
    except CommandError as error:
        return Said(f"fails, as expected: {error.message}")
    finally:
        bring_back()
    message = f'"{arguments.text}" was expected to fail, and did not'
    raise ExpectationError(message, arguments.column, [f"at step   {position} of {session.length}"])


def _what_to_compare(session: Session, arguments: Arguments) -> tuple[str, str, int]:
    """The view, the block, and where the block's name stands."""
    from bpstep.debugger.scripting import read_view

    words = arguments.words
    if len(words) != 2:
        raise CommandError("expected: cmp VIEW NAME", arguments.column)
    block, column = words[1]
    if block not in session.blocks:
        known = ", ".join(session.blocks) or "none"
        raise CommandError(
            f'there is no block "-- {block} --" at the end of this script (there are: {known})', column
        )
    return read_view(arguments), block, column


def _check_cmp(session: Session, arguments: Arguments) -> None:
    _what_to_compare(session, arguments)


def _cmp(session: Session, arguments: Arguments) -> Answer:
    name, block, column = _what_to_compare(session, arguments)
    if session.render is None:
        raise CommandError("there is no view here to compare with", column, ExitCode.FAILED)
    shown, wanted = session.render(name).rstrip(), session.blocks[block].rstrip()
    if shown == wanted:
        return Said(f"{name} is as in {block}")
    pairs = list(zip_longest(shown.split("\n"), wanted.split("\n"), fillvalue=""))
    line = next(k for k, (found, expected) in enumerate(pairs) if found != expected)
    details = [f"line {line + 1} of {block}", f"expected  {pairs[line][1]}", f"found     {pairs[line][0]}"]
    raise ExpectationError(f"the view {name} differs from {block}", column, details)


EXPECTING = (
    Command(
        "expect",
        "expect EXPR = NUMBER | ~ NUMBER [rel=1%] [abs=X] | CONDITION | state CELL STATE | verdict V | diagnosis R",
        "hold the run to a number (within half a unit of its last digit), a condition, or a state",
        "expect y[h1] ~ 0.6 rel=2%", _expect, check=_check_expect,
    ),
    Command("!", "! COMMAND", "holds if the command fails", "! goto 999999999", _not),
    Command(
        "cmp", "cmp VIEW NAME", "the text of a view equals the block -- NAME -- of the script",
        "cmp chain golden", _cmp, check=_check_cmp,
    ),
)  # fmt: skip
