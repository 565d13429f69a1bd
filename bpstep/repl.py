"""`bpstep repl`: the same session at a plain prompt, or from a pipe.

It is the accessible face, equal in power to the screen: every view is text (`show network`), nothing needs colour,
and a blank line repeats the last movement.  Input that is no terminal is read to its end, without a prompt.
"""

from __future__ import annotations

import sys
import textwrap
from typing import TextIO

from bpstep.debugger.answering import as_answer
from bpstep.debugger.answers import Answer, Graded, Quit
from bpstep.debugger.completion import completion
from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError, ExitCode, ExpectationError, pointed_at
from bpstep.debugger.language import Call, parse_line
from bpstep.english import counted
from bpstep.exercises.store import Store
from bpstep.progress_line import ProgressLine
from bpstep.streams import columns
from bpstep.unexpected import told
from bpstep.view.say.exports import attach
from bpstep.view.say.plain import plain_lines

__all__ = ["converse", "offered"]

#: What one has to know to go through the path of exercises at a prompt.
_HOW = """\
An answer is typed as it is. hint helps, reveal shows the answer, and next goes
on without one. print CELL reads a number, show nodes all that is known, show
chain and back what led here. help lists all commands, quit leaves."""

_HOW_IN_AN_EXAM = """\
An answer is typed as it is, and taken once; next passes a question over for
good. print CELL reads a number, show nodes all that is known. Nothing
is judged and nothing helps. quit leaves, and what was taken is kept."""


def converse(session: Console, source: TextIO, to: TextIO, begin: str = "") -> int:
    """Read commands until the end or `quit`; the exit code is that of the worst error.

    ``begin`` is a command to begin with: then this is the path of exercises, and says how to go along it.
    """
    interactive = source.isatty()
    width = session.columns = columns(interactive)
    attach(session, Store())
    how = _HOW if session.tutor is None or session.tutor.helps else _HOW_IN_AN_EXAM
    if interactive:
        _complete_with_tab(session)
    if begin:
        _, lines = _carried_out(session, begin, width)
        said = how.split("\n")  # above a question, and below a list, which is longer than the screen
        parts = [*lines, "", *said] if begin == "exercises" else [*said, "", *lines]
        print("\n".join([*_folded(parts, width), ""]), file=to, flush=interactive)
    elif interactive:
        print(
            f"{session.scenario.title}\n{counted(session.length, 'step')}; help lists the commands, quit leaves",
            file=to,
        )
    last, worst = "", ExitCode.OK
    while True:
        line = _read(source, interactive)
        if line is None:
            return int(worst) if not interactive else int(ExitCode.OK)
        line = line.strip() or last
        if not line or line.startswith("#"):
            continue
        try:
            line = as_answer(session, line)
            call = parse_line(line, at_prompt=True)
            answer, lines = _carried_out(session, call or line, width)
        except CommandError as error:
            worst = max(worst, error.code)
            _tell_error(line, error)
            continue
        except KeyboardInterrupt:
            if not interactive:
                raise
            print("stopped; the session is as it was", file=sys.stderr)
            continue
        except Exception as error:
            worst = ExitCode.RUNNING
            print(told(error), file=sys.stderr)
            continue
        if isinstance(answer, Quit):
            return int(worst) if not interactive else int(ExitCode.OK)
        if isinstance(answer, Graded) and answer.verdict == "wrong":
            worst = max(worst, ExitCode.FAILED)
        last = line if call is not None and call.command.moves else ""
        print("\n".join(_folded(lines, width) if interactive else lines), file=to, flush=interactive)


def _carried_out(session: Console, line: str | Call, width: int) -> tuple[Answer, list[str]]:
    """The answer to a command and its text; what takes long says how far it is."""
    with ProgressLine(width) as progress:
        session.listener = progress.listener
        try:
            answer = session.execute(line, at_prompt=True)
            return answer, plain_lines(session, answer, width)
        finally:
            session.listener = None


def _folded(lines: list[str], width: int) -> list[str]:
    """Lines that are too long for the terminal, broken between words."""
    folded: list[str] = []
    for line in lines:
        indent = line[: len(line) - len(line.lstrip())] + "    "
        whole = len(line) <= width
        folded += (
            [line] if whole else textwrap.wrap(line, width, subsequent_indent=indent, break_on_hyphens=False)
        )
    return folded


def _read(source: TextIO, interactive: bool) -> str | None:
    """The next line; None at the end."""
    if interactive:
        try:
            return input("bpstep> ")
        except EOFError:
            print()
            return None
    line = source.readline()
    return line if line else None


def _complete_with_tab(session: Console) -> None:
    """Let the line editor complete words, where the platform has one."""
    if sys.platform == "win32":
        return
    try:
        import readline
    except ImportError:
        return

    choices: list[str] = []

    def offer(text: str, state: int) -> str | None:
        if state == 0:  # one Tab asks for all choices in turn
            choices[:] = offered(session, readline.get_line_buffer()[: readline.get_endidx()], text)
        return choices[state] if state < len(choices) else None

    readline.set_completer(offer)
    readline.set_completer_delims(" ")
    is_libedit = "libedit" in (readline.__doc__ or "")
    readline.parse_and_bind("bind ^I rl_complete" if is_libedit else "tab: complete")


def offered(session: Console, line: str, text: str) -> list[str]:
    """What may stand in the place of ``text``, the end of a line: the word is a part of it, and the rest stays."""
    found = completion(session.scope, line)
    kept = line[len(line) - len(text) : found.start]
    return [kept + choice for choice in found.choices]


def _tell_error(line: str, error: CommandError) -> None:
    details = error.details if isinstance(error, ExpectationError) else []
    print("\n".join([*pointed_at(line, error.column), error.message, *details]), file=sys.stderr)
