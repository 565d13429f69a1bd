"""Commands about the session as a whole: load, save, export, source; and what there is to show."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bpstep.debugger.answers import Answer, Moved, Said
from bpstep.debugger.command import Command
from bpstep.debugger.errors import CommandError, did_you_mean
from bpstep.debugger.exporting import EXPORTED, EXPORTING, LOSS_VIEWS, SHOWN, write_file
from bpstep.english import counted

if TYPE_CHECKING:
    from bpstep.debugger.language import Arguments
    from bpstep.debugger.session import Session

__all__ = ["EXPORTED", "LOSS_VIEWS", "SCRIPTING", "SHOWN", "load_arguments", "read_view"]

#: Scripts may source scripts, but not endlessly.
_DEEPEST = 8


def read_view(arguments: Arguments) -> str:
    """The view that the first word names."""
    words = arguments.words
    if not words or words[0][0] not in SHOWN:
        word, column = words[0] if words else ("", arguments.column)
        raise CommandError(f"expected one of {', '.join(SHOWN)}{did_you_mean(word, SHOWN)}", column)
    return words[0][0]


def load_arguments(arguments: Arguments) -> tuple[str, int | None]:
    """``SCENARIO [seed=N]``."""
    words = arguments.words
    if not words:
        raise CommandError("expected a scenario's name, or a file", arguments.column)
    seed = None
    for word, column in words[1:]:
        name, equals, number = word.partition("=")
        if name != "seed" or not equals or not number.isdecimal():
            raise CommandError(f'expected seed=N, found "{word}"', column)
        seed = int(number)
    return words[0][0], seed


def _load(session: Session, arguments: Arguments) -> Answer:
    from bpstep.debugger.script import resolved
    from bpstep.scenario.loader import load
    from bpstep.scenario.problems import ScenarioError

    name, seed = load_arguments(arguments)
    try:
        session.open(load(resolved(name, session.folder), seed=seed))
    except ScenarioError as error:
        raise CommandError(str(error), arguments.column) from None
    scenario = session.scenario
    return Moved(0, scenario.title, anew=True, warnings=tuple(map(str, scenario.warnings)))


def _save(session: Session, arguments: Arguments) -> Answer:
    from bpstep.debugger.script import session_log

    words = [word for word, _ in arguments.words]
    wanted, force = "--expect" in words, "--force" in words
    names = [word for word in words if word not in ("--expect", "--force")]
    if len(names) != 1:
        raise CommandError("expected one file name (and perhaps --expect, --force)", arguments.column)
    path = session.folder / names[0]
    text = session_log(session, expect=_expectations if wanted else None)
    force = force or path in session.saved
    write_file(path, names[0], arguments.column, lambda to: to.write(text), force=force)
    session.saved.add(path)
    return Said(f"{names[0]} is written; replay it with: bpstep replay {names[0]}", logged=False)


def _expectations(session: Session) -> list[str]:
    """What the session shows now, as expectations."""
    lines = [f"expect step = {session.position}"]
    step = session.step
    if step is not None:
        lines.append(f"expect {step.cell} ~ {step.value:.6g} rel=0.1% abs=1e-12")
    return lines


def _check_source(session: Session, arguments: Arguments) -> None:
    """A script that is sourced is checked with the script that sources it."""
    from bpstep.debugger.script import read_script

    if not arguments:
        raise CommandError("expected a script", arguments.column)
    read_script(_script_path(session, arguments), arguments.text)


def _script_path(session: Session, arguments: Arguments) -> Path:
    try:
        return (session.folder / arguments.text).resolve()
    except (OSError, ValueError) as error:  # a name that no file can have
        raise CommandError(f"can not read {arguments.text}: {error}", arguments.column) from None


def _source(session: Session, arguments: Arguments) -> Answer:
    from bpstep.debugger.script import read_script

    if not arguments:
        raise CommandError("expected a script", arguments.column)
    path = _script_path(session, arguments)
    if path in session.sourcing:
        raise CommandError(f"{arguments.text} sources itself", arguments.column)
    if len(session.sourcing) >= _DEEPEST:
        raise CommandError(f"scripts source each other more than {_DEEPEST} deep", arguments.column)
    script = read_script(path, arguments.text)
    session.sourcing.append(path)
    try:
        for failure in script.run(session):
            raise CommandError(str(failure), arguments.column, failure.code)
    finally:
        session.sourcing.pop()
    return Said(f"{arguments.text}: {counted(len(script.lines), 'command')}", logged=False)


SCRIPTING = (
    Command("load", "load SCENARIO [seed=N]", "open another scenario", "load xor", _load),
    Command(
        "save",
        "save FILE [--expect] [--force]",
        "write the session so far as a script",
        "save mine.bps",
        _save,
    ),
    *EXPORTING,
    Command(
        "source",
        "source FILE",
        "carry out the commands of a script",
        "source mine.bps",
        _source,
        check=_check_source,
    ),
)
