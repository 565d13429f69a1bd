"""Commands about the session as a whole: load, save, export, source; and what there is to show."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bpstep.debugger.answers import Answer, Moved, Said
from bpstep.debugger.command import Command, whole_number
from bpstep.debugger.errors import CommandError, did_you_mean
from bpstep.debugger.exporting import EXPORTING, write_file
from bpstep.debugger.options import Options
from bpstep.debugger.shown import EXPORTED, SHOWN
from bpstep.english import counted
from bpstep.visible import quoted

if TYPE_CHECKING:
    from bpstep.debugger.language import Arguments
    from bpstep.debugger.session import Session

__all__ = ["EXPORTED", "SCRIPTING", "SHOWN", "ToLoad", "read_view", "what_to_load"]


def read_view(arguments: Arguments) -> str:
    """The view that the first word names; where nobody draws, there is nothing to say of the name."""
    words = arguments.words
    if not words or (SHOWN and words[0][0] not in SHOWN):
        word, column = words[0] if words else ("", arguments.column)
        raise CommandError(f"expected one of {', '.join(SHOWN)}{did_you_mean(word, SHOWN)}", column)
    return words[0][0]


@dataclass(frozen=True)
class ToLoad:
    """``SCENARIO [seed=N] [digits=N] ...``: what is opened, and how it shall look."""

    name: str
    seed: int | None
    options: Options


def what_to_load(arguments: Arguments, options: Options) -> ToLoad:
    """What a `load` asks for; ``options`` are those of now, which stay where it says nothing."""
    from bpstep.debugger.language import file_name
    from bpstep.debugger.setting import LOOKS

    words = arguments.words
    if not words:
        raise CommandError("expected a scenario's name, or a file", arguments.column)
    seed = None
    for word, column in words[1:]:
        name, equals, text = word.partition("=")
        at = column + len(name) + 1
        if name == "seed" and equals:
            seed = whole_number(text, at, "seed=N, N a whole number")
        elif name in LOOKS and equals:
            options = LOOKS[name](options, text, at)
        else:
            known = ", ".join(f"{look}=" for look in LOOKS)
            raise CommandError(f"expected seed=N or one of {known}; found {quoted(word)}", column)
    return ToLoad(file_name(*words[0]), seed, options)


def _load(session: Session, arguments: Arguments) -> Answer:
    from bpstep.debugger.script import resolved
    from bpstep.scenario.loader import load
    from bpstep.scenario.problems import ScenarioError

    wanted = what_to_load(arguments, session.options)
    try:
        scenario = load(resolved(wanted.name, session.folder), seed=wanted.seed)
    except ScenarioError as error:
        raise CommandError(str(error), arguments.column) from None
    session.options = wanted.options
    session.open(scenario)
    return Moved(0, scenario.title, anew=True, warnings=tuple(map(str, scenario.warnings)))


def _save(session: Session, arguments: Arguments) -> Answer:
    from bpstep.debugger.language import as_word
    from bpstep.debugger.script import session_log

    name, wanted, force = _where_to_save(arguments)
    path = session.folder / name
    text = session_log(session, path.parent, expect=_expectations if wanted else None)
    force = force or path in session.saved
    write_file(path, name, arguments.column, lambda to: to.write(text), force=force)
    session.saved.add(path)
    return Said(f"{name} is written; replay it with: bpstep replay {as_word(name)}", logged=False)


def _where_to_save(arguments: Arguments) -> tuple[str, bool, bool]:
    """``FILE [--expect] [--force]``: the name, and whether each option is there."""
    from bpstep.debugger.language import file_name

    words = [word for word, _ in arguments.words]
    names = [word for word in words if word not in ("--expect", "--force")]
    if len(names) != 1:
        message = "expected one file name (and perhaps --expect, --force); one with spaces stands in quotation marks"
        raise CommandError(message, arguments.column)
    return file_name(names[0], arguments.column), "--expect" in words, "--force" in words


def _check_save(session: Session, arguments: Arguments) -> None:
    _where_to_save(arguments)


def _expectations(session: Session) -> list[str]:
    """What the session shows now, as expectations."""
    lines = [f"expect step = {session.position}"]
    step = session.step
    if step is not None and math.isfinite(step.value):
        lines.append(f"expect {step.cell} ~ {step.value:.6g} rel=0.1% abs=1e-12")
    return lines


def _check_source(session: Session, arguments: Arguments) -> None:
    """Its lines are checked with those of the script that sources it."""
    from bpstep.debugger.script import read_script

    read_script(_script_path(session, arguments), arguments.name)


def _script_path(session: Session, arguments: Arguments) -> Path:
    try:
        return (session.folder / arguments.name).resolve()
    except (OSError, ValueError) as error:  # a name that no file can have
        raise CommandError(f"can not read {arguments.name}: {error}", arguments.column) from None


def _source(session: Session, arguments: Arguments) -> Answer:
    from bpstep.debugger.script import MOST_SOURCED, read_script

    path, name = _script_path(session, arguments), arguments.name
    if path in session.sourcing:
        raise CommandError(f"{name} sources itself", arguments.column)
    if len(session.sourcing) >= MOST_SOURCED:
        raise CommandError(f"scripts source each other more than {MOST_SOURCED} deep", arguments.column)
    script = read_script(path, name)
    session.sourcing.append(path)
    try:
        for failure in script.run(session):
            raise CommandError(str(failure), arguments.column, failure.code)
    finally:
        session.sourcing.pop()
    return Said(f"{name}: {counted(len(script.lines), 'command')}", logged=False)


SCRIPTING = (
    Command(
        "load",
        "load SCENARIO [seed=N] [OPTION=VALUE]",
        "open another scenario; an option is digits, notation, glyphs or theme",
        "load xor",
        _load,
    ),
    Command(
        "save",
        "save FILE [--expect] [--force]",
        "write the session so far as a script",
        "save mine.bps",
        _save,
        check=_check_save,
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
