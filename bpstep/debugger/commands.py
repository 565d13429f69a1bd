"""The command table: everything that can be done to a session, a row each.

The screen's keys and command line, the prompt, the scripts, the help and the README all read this table, so a
command that is added here is there for all of them.  A row's function gets the session and what stood
behind the command's name, and answers with an `Answer`, or raises a `CommandError` that points at a place
in the line.
"""

from __future__ import annotations

from collections.abc import Callable
from textwrap import wrap
from typing import TYPE_CHECKING

from bpstep.debugger import destinations
from bpstep.debugger.answers import Answer, Moved, Quit, Said, Show, Value
from bpstep.debugger.command import Command, expect_no_more, whole_number
from bpstep.debugger.comparing import COMPARING
from bpstep.debugger.deriving import DERIVING
from bpstep.debugger.errors import CommandError, ExitCode, did_you_mean
from bpstep.debugger.exercising import EXERCISING
from bpstep.debugger.expecting import EXPECTING
from bpstep.debugger.expressions import Expression, UnsetError, parse, parse_condition
from bpstep.debugger.folding import FOLDING
from bpstep.debugger.forking import FORKING
from bpstep.debugger.inspecting import INSPECTING
from bpstep.debugger.notating import NOTATING
from bpstep.debugger.scripting import SCRIPTING, SHOWN, read_view
from bpstep.debugger.setting import SETTING
from bpstep.debugger.training import TRAINING
from bpstep.engine.schedule import PHASES
from bpstep.engine.timeline import LEVELS
from bpstep.visible import quoted, shortened

if TYPE_CHECKING:
    from bpstep.debugger.language import Arguments
    from bpstep.debugger.session import Session

__all__ = ["COMMANDS", "SHOWN", "Command", "help_text"]

#: The columns of the help, and where its right part begins.
_HELP_WIDTH, _HELP_MARGIN = 78, 26


# --- moving ------------------------------------------------------------------------------------------


def _level_and_count(arguments: Arguments) -> tuple[str, int]:
    """``[LEVEL] [N]``: op and 1 where they are left out."""
    words = arguments.words
    level, count = "op", 1
    if words and not words[0][0].lstrip("+-−")[:1].isdigit():
        level, column = words.pop(0)
        if level not in LEVELS:
            known = ", ".join(LEVELS)
            near = did_you_mean(level, LEVELS)
            raise CommandError(f"unknown level {quoted(level)}{near} (levels: {known})", column)
    if words:
        text, column = words.pop(0)
        count = whole_number(text, column, "a count from 1 on", least=1)
    expect_no_more(words)
    return level, count


def _step(session: Session, arguments: Arguments) -> Answer:
    level, count = _level_and_count(arguments)
    return _move_by(session, level, count, session.run.timeline.next_boundary, session.length)


def _back(session: Session, arguments: Arguments) -> Answer:
    level, count = _level_and_count(arguments)
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
        expression = _awaited(session, arguments)
        if expression.cell is not None:
            found = destinations.next_final(session.run, expression.cell, session.position)
            why = f"{expression.cell} is final"
        else:
            found, why = (
                destinations.next_true(session.run, expression, session.position, session.report),
                shortened(text, 60),
            )
    if found is None:
        raise destinations.no_such_place(f"no later step: {why}", column)
    session.position = found
    return Moved(found, why)


def _awaited(session: Session, arguments: Arguments) -> Expression:
    """What `until` waits for: a cell, or a condition."""
    text, column = arguments.text, arguments.column
    expression = parse(session.scope, text, column)
    if expression.cell is not None:
        return expression
    return parse_condition(session.scope, text, column, "a cell or a comparison")


def _check_level(session: Session, arguments: Arguments) -> None:
    _level_and_count(arguments)


def _check_until(session: Session, arguments: Arguments) -> None:
    if arguments.text not in (*PHASES, "note"):
        _awaited(session, arguments)


def _check_expression(session: Session, arguments: Arguments) -> None:
    parse(session.scope, arguments.text, arguments.column)


def _restart(session: Session, arguments: Arguments) -> Answer:
    expect_no_more(arguments.words)
    question = session.tutor.again() if session.tutor is not None else None
    if question is not None:
        return question
    session.restart()
    return Moved(0, anew=True)


# --- looking -----------------------------------------------------------------------------------------


def _print(session: Session, arguments: Arguments) -> Answer:
    if not arguments:
        raise CommandError("expected a cell or an expression", arguments.column)
    expression = parse(session.scope, arguments.text, arguments.column)
    try:
        value = expression.value(session.moment)
    except UnsetError as error:
        raise CommandError(str(error), arguments.column, ExitCode.FAILED) from None
    reading = session.read(expression.cell) if expression.cell is not None else None
    return Value(str(expression.cell or shortened(arguments.text, 200)), value, reading)


def _show(session: Session, arguments: Arguments) -> Answer:
    return Show(read_view(arguments), " ".join(word for word, _ in arguments.words[1:]))


def _check_show(session: Session, arguments: Arguments) -> None:
    read_view(arguments)


def _explain(session: Session, arguments: Arguments) -> Answer:
    expect_no_more(arguments.words)
    return Show("explain")


# --- the session itself ------------------------------------------------------------------------------


def _help(session: Session, arguments: Arguments) -> Answer:
    words = arguments.words
    expect_no_more(words[1:])
    return Said(help_text(*(words[0] if words else ("", 0))), logged=False)


def help_text(word: str = "", column: int = 0) -> str:
    """The commands, or one of them, in lines that fit a terminal of 80 columns; `CommandError` for another word."""
    if not word:
        return "\n".join(line for command in COMMANDS.values() for line in _help_lines(command))
    for command in COMMANDS.values():
        if word == command.name or word in command.aliases:
            also = f"\nalso: {', '.join(command.aliases)}" if command.aliases else ""
            says = "\n".join(wrap(command.says, _HELP_WIDTH))
            return f"{command.usage}\n{says}\nfor example: {command.example}{also}"
    raise CommandError(f"unknown command {quoted(word)}{did_you_mean(word, COMMANDS)}", column)


def _help_lines(command: Command) -> list[str]:
    """Usage at the left, what it does at the right; a long usage has lines of its own."""
    usage = wrap(command.usage, _HELP_WIDTH, subsequent_indent="    ", break_on_hyphens=False)
    says = wrap(command.says, _HELP_WIDTH - _HELP_MARGIN)
    beside = len(usage) == 1 and len(usage[0]) < _HELP_MARGIN - 1
    first = f"{usage.pop():<{_HELP_MARGIN}}{says.pop(0)}" if beside else None
    return [*usage, *([first] if first else []), *(" " * _HELP_MARGIN + line for line in says)]


def _check_help(session: Session, arguments: Arguments) -> None:
    _help(session, arguments)


def _quit(session: Session, arguments: Arguments) -> Answer:
    return Quit()


_ROWS = (
    Command(
        "step", "step [LEVEL] [N]", "forward in time by N ops (neurons, layers, phases, samples, epochs)",
        "step layer", _step, {"s": "", "n": "neuron"}, moves=True, check=_check_level,
    ),
    Command(
        "back", "back [LEVEL] [N]", "back in time, the exact inverse of step",
        "back neuron 2", _back, {"rs": "", "rn": "neuron"}, moves=True, check=_check_level,
    ),
    Command(
        "goto", "goto STEP|start|end|epoch N", "jump to the state right after a step",
        "goto 34", _goto, moves=True, check=_check_goto,
    ),
    Command(
        "until", "until CELL|PHASE|note|EXPR",
        "forward to the next step that makes the cell final, begins the phase, or makes it true",
        "until delta[h1]", _until, moves=True, check=_check_until,
    ),
    Command(
        "print", "print EXPR", "the value of an expression over cells",
        "print w[h1->o1] * delta[o1]", _print, {"p": ""}, check=_check_expression,
    ),
    Command("show", "show VIEW", "a view as text", "show network", _show, check=_check_show, names=SHOWN),
    Command("explain", "explain", "this step in words, symbols and numbers", "explain", _explain),
    Command(
        "restart", "restart",
        "begin anew: to the start, without edits, stops and options; in an exercise, the question", "restart", _restart,
    ),
    Command(
        "help", "help [COMMAND]", "the commands, or one of them", "help until", _help, {"?": ""}, check=_check_help,
    ),
    Command("quit", "quit", "end the session", "quit", _quit, {"q": ""}),
)  # fmt: skip

#: Every command, by name, in the order of the help.
COMMANDS: dict[str, Command] = {
    row.name: row
    for row in (
        *_ROWS[:4],
        *INSPECTING,
        *FOLDING,
        *NOTATING,
        *COMPARING,
        *_ROWS[4:-3],
        *SETTING,
        *TRAINING,
        *FORKING,
        *EXERCISING,
        *DERIVING,
        *EXPECTING,
        *SCRIPTING,
        *_ROWS[-3:],
    )
}
