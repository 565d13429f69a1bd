"""Commands that begin a session and write it down: load, save."""

from __future__ import annotations

import math

from bpstep.debugger.answers import Answer, Moved, Said
from bpstep.debugger.arguments import Arguments, as_word, file_name
from bpstep.debugger.command import Command
from bpstep.debugger.desk import Desk
from bpstep.debugger.errors import CommandError
from bpstep.debugger.files import write_file
from bpstep.debugger.loading import what_to_load
from bpstep.debugger.session import Session
from bpstep.debugger.session_log import reads_beyond, session_log
from bpstep.debugger.view_names import Names
from bpstep.scenario.catalogue import builtin_names
from bpstep.scenario.loader import load
from bpstep.scenario.problems import ScenarioError
from bpstep.writing import gives

__all__ = ["SCRIPTING"]


def _load(desk: Desk, arguments: Arguments) -> Answer:
    wanted = what_to_load(arguments, desk.options)
    try:
        scenario = load(wanted.name, seed=wanted.seed, reach=desk.reach)
    except ScenarioError as error:
        raise CommandError(str(error), arguments.column) from None
    desk.options = wanted.options
    desk.open(scenario)
    return Moved(0, scenario.title, anew=True, warnings=tuple(map(str, scenario.warnings)))


def _save(desk: Desk, arguments: Arguments) -> Answer:
    name, wanted, force = _where_to_save(arguments)
    path = desk.to_write(name, arguments.column)
    text = session_log(desk, path.parent, expect=_expectations if wanted else None)
    force = force or path in desk.saved
    write_file(path, name, arguments.column, gives([text]), force=force)
    desk.saved.add(path)
    trust = " --trust" if reads_beyond(desk, path.parent) else ""
    return Said(f"{name} is written; replay it with: bpstep replay {as_word(name)}{trust}", logged=False)


def _where_to_save(arguments: Arguments) -> tuple[str, bool, bool]:
    """``FILE [--expect] [--force]``: the name, and whether each option is there."""
    words = [word for word, _ in arguments.words]
    names = [word for word in words if word not in ("--expect", "--force")]
    if len(names) != 1:
        message = "expected one file name (and perhaps --expect, --force); one with spaces stands in quotation marks"
        raise CommandError(message, arguments.column)
    return file_name(names[0], arguments.column), "--expect" in words, "--force" in words


def _check_save(desk: Desk, arguments: Arguments) -> None:
    desk.to_write(_where_to_save(arguments)[0], arguments.column)


def _expectations(session: Session) -> list[str]:
    """What the session shows now, as expectations."""
    lines = [f"expect step = {session.position}"]
    step = session.step
    if step is not None and math.isfinite(step.value):
        lines.append(f"expect {step.cell} ~ {step.value:.6g} rel=0.1% abs=1e-12")
    return lines


SCRIPTING = (
    Command(
        "load", "load SCENARIO [seed=N] [OPTION=VALUE]",
        "open another scenario; an option is digits, notation, glyphs, theme or layout", "load xor", _load,
        offers=Names(builtin_names), takes_cells=False,
    ),
    Command(
        "save", "save FILE [--expect] [--force]", "write the session so far as a script", "save mine.bps", _save,
        check=_check_save,
    ),
)  # fmt: skip
