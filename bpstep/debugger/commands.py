"""The command table: everything that can be done to a session, a row each.

The screen's keys and palette, the prompt, the scripts, the help and the README all read this table, so a
command that is added here is there for all of them.  A row's function gets the session and what stood
behind the command's name, and answers with an `Answer`, or raises a `CommandError` that points at a place
in the line.
"""

from __future__ import annotations

from collections.abc import Callable
from textwrap import wrap
from typing import TYPE_CHECKING

from bpstep.debugger import targets
from bpstep.debugger.answers import Answer, Moved, Quit, Said, Show, Value
from bpstep.debugger.command import Command, expect_no_more
from bpstep.debugger.comparing import COMPARING
from bpstep.debugger.errors import CommandError, ExitCode, did_you_mean
from bpstep.debugger.exercising import EXERCISING
from bpstep.debugger.expecting import EXPECTING
from bpstep.debugger.expressions import UnsetError, parse
from bpstep.debugger.folding import FOLDING
from bpstep.debugger.forking import FORKING
from bpstep.debugger.inspecting import INSPECTING
from bpstep.debugger.scripting import SCRIPTING, SHOWN, read_view
from bpstep.debugger.setting import SETTING
from bpstep.debugger.training import TRAINING
from bpstep.engine.schedule import PHASES
from bpstep.engine.timeline import LEVELS

if TYPE_CHECKING:
    from bpstep.debugger.language import Arguments
    from bpstep.debugger.session import Session

__all__ = ["COMMANDS", "SHOWN", "Command", "help_text"]

#: No movement repeats more often than this; nothing has so many steps.
_MOST = 10**12

#: The columns of the help, and where its right part begins.
_HELP_WIDTH, _HELP_MARGIN = 78, 26


# --- moving ------------------------------------------------------------------------------------------


def _level_and_count(arguments: Arguments) -> tuple[str, int]:
    """``[LEVEL] [N]``: op and 1 where they are left out."""
    words = arguments.words
    level, count = "op", 1
    if words and not words[0][0].lstrip("-").isdigit():
        level, column = words.pop(0)
        if level not in LEVELS:
            known = ", ".join(LEVELS)
            raise CommandError(
                f'unknown level "{level}"{did_you_mean(level, LEVELS)} (levels: {known})', column
            )
    if words:
        text, column = words.pop(0)
        if not text.isdigit() or not 1 <= int(text) <= _MOST:
            raise CommandError(f'expected a count from 1 on, found "{text}"', column)
        count = int(text)
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
    text, column = arguments.text, arguments.column
    if not text:
        raise CommandError("expected a step, start, end or epoch N", column)
    session.position = _position(session, text, column)
    return Moved(session.position)


def _position(session: Session, text: str, column: int) -> int:
    if text in ("start", "end"):
        return 0 if text == "start" else session.length
    words = text.split()
    if words[0] == "epoch":
        epochs = session.run.timeline.epochs
        number = _whole("".join(words[1:]), "the number of an epoch", column)
        if not 1 <= number <= epochs:
            raise targets.no_such_place(f"there are epochs 1 to {epochs}, not {number}", column)
        return session.run.timeline.start_of_batch((number - 1) * session.run.timeline.batches_per_epoch)
    number = _whole("".join(words), "a step, start, end or epoch N", column)
    if number > session.length:
        raise targets.no_such_place(f"there are steps 0 to {session.length}, not {number}", column)
    return number


def _whole(text: str, what: str, column: int) -> int:
    """A whole number; digits may be grouped, as they are on the screen."""
    if not text.isdecimal() or len(text) > 12:
        raise CommandError(f'expected {what}, found "{text}"', column)
    return int(text)


def _until(session: Session, arguments: Arguments) -> Answer:
    text, column = arguments.text, arguments.column
    if not text:
        raise CommandError("expected a cell, a phase, note, or a condition", column)
    if text in PHASES:
        found, why = targets.next_phase(session, text, session.position), f"{text} begins"
    elif text == "note":
        found, why = session.next_note(session.position), "a note"
    else:
        expression = parse(session, text, column)
        if expression.cell is not None:
            found = targets.next_final(session, expression.cell, session.position)
            why = f"{expression.cell} is final"
        else:
            found, why = targets.next_true(session, expression, session.position), f"{text}"
    if found is None:
        raise targets.no_such_place(f"no later step: {why}", column)
    session.position = found
    return Moved(found, why)


def _check_level(session: Session, arguments: Arguments) -> None:
    _level_and_count(arguments)


def _check_until(session: Session, arguments: Arguments) -> None:
    if arguments.text not in (*PHASES, "note"):
        parse(session, arguments.text, arguments.column)


def _check_expression(session: Session, arguments: Arguments) -> None:
    parse(session, arguments.text, arguments.column)


def _restart(session: Session, arguments: Arguments) -> Answer:
    expect_no_more(arguments.words)
    session.restart()
    return Moved(0, anew=True)


# --- looking -----------------------------------------------------------------------------------------


def _print(session: Session, arguments: Arguments) -> Answer:
    if not arguments:
        raise CommandError("expected a cell or an expression", arguments.column)
    expression = parse(session, arguments.text, arguments.column)
    try:
        value = expression.value(session.moment)
    except UnsetError as error:
        raise CommandError(str(error), arguments.column, ExitCode.FAILED) from None
    reading = session.read(expression.cell) if expression.cell is not None else None
    return Value(str(expression.cell or arguments.text), value, reading)


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
    raise CommandError(f'unknown command "{word}"{did_you_mean(word, COMMANDS)}', column)


def _help_lines(command: Command) -> list[str]:
    """Usage at the left, what it does at the right; a long usage has lines of its own."""
    usage = wrap(command.usage, _HELP_WIDTH, subsequent_indent="    ", break_on_hyphens=False)
    says = wrap(command.says, _HELP_WIDTH - _HELP_MARGIN)
    beside = len(usage) == 1 and len(usage[0]) < _HELP_MARGIN - 1
    first = f"{usage.pop():<{_HELP_MARGIN}}{says.pop(0)}" if beside else None
    return [*usage, *([first] if first else []), *(" " * _HELP_MARGIN + line for line in says)]


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
        "goto 34", _goto, moves=True,
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
    Command("show", "show VIEW", f"a view as text: {', '.join(SHOWN)}", "show network", _show, check=_check_show),
    Command("explain", "explain", "this step in words, symbols and numbers", "explain", _explain),
    Command("restart", "restart", "begin anew: to the start, without edits and stops", "restart", _restart),
    Command("help", "help [COMMAND]", "the commands, or one of them", "help until", _help, {"?": ""}),
    Command("quit", "quit", "end the session", "quit", _quit, {"q": ""}),
)  # fmt: skip

#: Every command, by name, in the order of the help.
COMMANDS: dict[str, Command] = {
    row.name: row
    for row in (
        *_ROWS[:4],
        *INSPECTING,
        *FOLDING,
        *COMPARING,
        *_ROWS[4:-3],
        *SETTING,
        *TRAINING,
        *FORKING,
        *EXERCISING,
        *EXPECTING,
        *SCRIPTING,
        *_ROWS[-3:],
    )
}
