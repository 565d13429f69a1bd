"""Commands about the session as a whole: load, save, export, source; and what there is to show."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from bpstep.debugger.answers import Answer, Moved, Said
from bpstep.debugger.command import Command
from bpstep.debugger.errors import CommandError, ExitCode, did_you_mean

if TYPE_CHECKING:
    from bpstep.debugger.language import Arguments
    from bpstep.debugger.session import Session

__all__ = ["EXPORTED", "LOSS_VIEWS", "SCRIPTING", "SHOWN", "load_arguments", "read_view"]

#: The views of training.
LOSS_VIEWS = ("loss", "gradients", "decision")

#: What `show` can show, and `cmp` compare.
SHOWN = (
    "network", "nodes", "weights", "variables", "program", "chain", "step", "story", "work", "check", "diff",
    *LOSS_VIEWS, "algorithm", "legend", "explain",
)  # fmt: skip

#: What `export` can write: the views, and the run as a trace.
EXPORTED = (*SHOWN, "jsonl", "csv", "text")

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
    return Moved(0, session.scenario.title, anew=True)


def _save(session: Session, arguments: Arguments) -> Answer:
    from bpstep.debugger.script import session_log

    words = [word for word, _ in arguments.words]
    wanted = "--expect" in words
    names = [word for word in words if word != "--expect"]
    if len(names) != 1:
        raise CommandError("expected one file name (and perhaps --expect)", arguments.column)
    path = session.folder / names[0]
    text = session_log(session, expect=_expectations if wanted else None)
    _write(path, names[0], arguments.column, lambda to: to.write(text))
    return Said(f"{names[0]} is written; replay it with: bpstep replay {names[0]}", logged=False)


def _write(path: Path, shown: str, column: int, fill: Callable[[TextIO], object]) -> None:
    """Write a file whole or not at all."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".bpstep-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as to:
                fill(to)
            os.replace(name, path)
        except BaseException:
            os.unlink(name)
            raise
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have, such as one with a NUL
        reason = getattr(error, "strerror", None) or error
        raise CommandError(f"can not write {shown}: {reason}", column, ExitCode.RUNNING) from None


def _what_to_export(arguments: Arguments) -> tuple[str, str]:
    """The kind and the file's name."""
    words = arguments.words
    if len(words) != 2:
        raise CommandError("expected: export KIND FILE", arguments.column)
    (kind, column), (name, _) = words
    if kind not in EXPORTED:
        raise CommandError(f"expected one of {', '.join(EXPORTED)}{did_you_mean(kind, EXPORTED)}", column)
    return kind, name


def _check_export(session: Session, arguments: Arguments) -> None:
    _what_to_export(arguments)


def _export(session: Session, arguments: Arguments) -> Answer:
    kind, name = _what_to_export(arguments)
    write = session.write_out
    if write is None:
        raise CommandError("there is no view here to export", arguments.column, ExitCode.FAILED)
    _write(session.folder / name, name, arguments.column, lambda to: write(kind, to))
    return Said(f"{name} is written", logged=False)


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
    return Said(f"{arguments.text}: {len(script.lines)} commands", logged=False)


SCRIPTING = (
    Command("load", "load SCENARIO [seed=N]", "open another scenario", "load xor", _load),
    Command("save", "save FILE [--expect]", "write the session so far as a script", "save mine.bps", _save),
    Command(
        "export",
        "export KIND FILE",
        f"write a view as text, or the run as a trace: {', '.join(EXPORTED)}",
        "export jsonl run.jsonl",
        _export,
        check=_check_export,
    ),
    Command(
        "source",
        "source FILE",
        "carry out the commands of a script",
        "source mine.bps",
        _source,
        check=_check_source,
    ),
)
