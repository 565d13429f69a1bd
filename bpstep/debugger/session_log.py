"""A session so far, written down as a script."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

from bpstep.debugger.answers import Reads
from bpstep.debugger.arguments import as_word
from bpstep.debugger.desk import Desk
from bpstep.debugger.errors import CommandError
from bpstep.debugger.options import Options
from bpstep.debugger.session import Session
from bpstep.reach import Reach
from bpstep.scenario.catalogue import builtin_names
from bpstep.scenario.loader import load
from bpstep.scenario.problems import ScenarioError

__all__ = ["reads_beyond", "session_log"]


def session_log(desk: Desk, folder: Path, *, expect: Callable[[Session], list[str]] | None = None) -> str:
    """The session so far as a script of meaning, to lie in a folder: repeats merged, no keys."""
    lines = [_load_line(desk, folder) + _options(desk)]
    for entry in desk.log:
        line = entry if isinstance(entry, str) else _reading_line(entry, folder)
        merged = _merged(lines[-1], line)
        if merged is None:
            lines.append(line)
        else:
            lines[-1] = merged
    if expect is not None:
        lines += expect(desk)
    return "\n".join(lines) + "\n"


def reads_beyond(desk: Desk, folder: Path) -> bool:
    """Whether a script of this session that lies in a folder reads files elsewhere than below it, so that whoever
    replays it has to trust it; what the scenario names in its turn included."""
    ground, scenario = Reach.below(folder), desk.scenario
    if not all(ground.holds(entry.path) for entry in desk.log if not isinstance(entry, str)):
        return True
    if scenario.path is None or scenario.name in builtin_names():
        return False
    if not ground.holds(scenario.path):
        return True
    return not _loads(scenario.path, ground) and _loads(scenario.path, desk.reach)


def _loads(path: Path, reach: Reach) -> bool:
    try:
        load(path.resolve(), reach=reach)
    except ScenarioError:
        return False
    return True


def _load_line(session: Session, folder: Path) -> str:
    """How a script in a folder loads what is open."""
    scenario = session.scenario
    name = scenario.name
    if scenario.path is not None and name not in builtin_names():
        name = _beside(scenario.path, folder)
    return f"load {_as_word(name)}" + (f" seed={scenario.seed}" if scenario.seed is not None else "")


def _reading_line(entry: Reads, folder: Path) -> str:
    """How a script in a folder reads a file."""
    return f"{entry.command} {_as_word(_beside(entry.path, folder))}"


def _as_word(name: str) -> str:
    try:
        return as_word(name)
    except ValueError as error:
        raise CommandError(f"no script can read this file: {error}") from None


def _beside(path: Path, folder: Path) -> str:
    """A file's path as a script in a folder writes it: with slashes on every system, relative where it can be."""
    try:
        name = Path(os.path.relpath(path.parent.resolve() / path.name, folder.resolve())).as_posix()
    except ValueError:  # on Windows no path leads from one drive to another
        return path.resolve().as_posix()
    return name if "/" in name else f"./{name}"


def _options(session: Session) -> str:
    """The options with which the session began, where they are not those of every session of this scenario."""
    began, usual = session.options_at_start, Options(notation=session.scenario.notation)
    names = [field.name for field in fields(Options)]
    other = [
        f"{name}={getattr(began, name)}" for name in names if getattr(began, name) != getattr(usual, name)
    ]
    return "".join(f" {text}" for text in other)


_COUNTED = re.compile(r"^(step|back)(?: (op|neuron|layer|phase|sample|epoch))?(?: (\d+))?$")


def _merged(before: str, now: str) -> str | None:
    """Two equal movements as one with a count."""
    first, second = _COUNTED.match(before), _COUNTED.match(now)
    if first is None or second is None or (first[1], first[2]) != (second[1], second[2]):
        return None
    count = int(first[3] or 1) + int(second[3] or 1)
    return " ".join(part for part in (first[1], first[2], str(count)) if part)
