"""Scripts: a session written down, checked whole before any of it runs.

    # the delta of a hidden neuron
    load mazur-2-2-2
    until delta[h1]
    expect delta[h1] = 0.008771
    -- golden --
    text of a view, for cmp

One command a line, ``#`` begins a comment, blocks stand at the end.  Paths are relative to the script.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from bpstep.debugger.checking import Variants
from bpstep.debugger.errors import CommandError, ExitCode, pointed_at
from bpstep.debugger.expecting import ExpectationError
from bpstep.debugger.language import Call, as_word, parse_line, without_comment
from bpstep.debugger.options import Options
from bpstep.debugger.session import Session
from bpstep.scenario.catalogue import builtin_names
from bpstep.scenario.loader import load
from bpstep.scenario.problems import ScenarioError
from bpstep.unexpected import told
from bpstep.visible import visible_lines

if TYPE_CHECKING:
    from bpstep.debugger.answers import Answer

__all__ = [
    "MOST_SOURCED",
    "Failure",
    "Line",
    "Script",
    "block_name",
    "lines_of",
    "read_script",
    "session_log",
]

_BLOCK = re.compile(r"^-- (\S+) --$")
_MOST_BYTES = 4 * 2**20

#: Scripts may source scripts, but not endlessly.
MOST_SOURCED = 8


@dataclass(frozen=True)
class Line:
    """A command of a script: where it stands, and its text."""

    number: int
    text: str


@dataclass(frozen=True)
class Failure:
    """What is wrong with a line, or what it expected in vain."""

    file: str
    line: int
    column: int
    text: str
    message: str
    code: ExitCode
    details: tuple[str, ...] = ()

    def __str__(self) -> str:
        head = visible_lines(f"{self.file}:{self.line}:{self.column + 1}: {self.message}")
        return "\n".join(
            [head, *(f"    {line}" for line in (*pointed_at(self.text, self.column), *self.details))]
        )


@dataclass
class Script:
    """The lines and blocks of a file."""

    file: str
    folder: Path
    lines: list[Line]
    blocks: dict[str, str] = field(default_factory=dict)

    # --- before anything runs -------------------------------------------------------------------------

    def check(self) -> list[Failure]:
        """Everything that is wrong with it and can be known without running it."""
        return self._check(Variants(), (self.folder / Path(self.file).name,))

    def _check(self, variants: Variants, sourcing: tuple[Path, ...]) -> list[Failure]:
        failures: list[Failure] = []
        with variants.reading(self.folder, self.blocks):
            for line in self.lines:
                try:
                    call = parse_line(line.text)
                    assert call is not None
                    if call.command.name == "load":
                        variants.begin(self._opened(call, variants.options))
                        continue
                    variants.check(call)
                    variants.follow(call, line.text)
                    if call.command.name == "source":
                        failures += self._check_sourced(call, variants, sourcing)
                except CommandError as error:
                    failures.append(self._failure(line, error))
        return failures

    def _check_sourced(self, call: Call, variants: Variants, sourcing: tuple[Path, ...]) -> list[Failure]:
        """What is wrong with a script that this one sources, which goes on where this one stands."""
        path = (self.folder / call.arguments.name).resolve()
        if path in sourcing:
            raise CommandError(f"{call.arguments.name} sources itself", call.arguments.column)
        if len(sourcing) > MOST_SOURCED:
            message = f"scripts source each other more than {MOST_SOURCED} deep"
            raise CommandError(message, call.arguments.column)
        return read_script(path, call.arguments.name)._check(variants, (*sourcing, path))

    def _opened(self, call: Call, options: Options | None) -> Session:
        """A session of what a line loads; it leaves the options as they are, but those that it names."""
        from bpstep.debugger.scripting import what_to_load

        wanted = what_to_load(call.arguments, Options())
        try:
            session = Session(load(resolved(wanted.name, self.folder), seed=wanted.seed))
        except ScenarioError as error:
            raise CommandError(str(error).split("\n")[0], call.arguments.column) from None
        session.options = what_to_load(call.arguments, options or session.options).options
        return session

    def _failure(self, line: Line, error: CommandError) -> Failure:
        details = tuple(error.details) if isinstance(error, ExpectationError) else ()
        return Failure(self.file, line.number, error.column, line.text, error.message, error.code, details)

    # --- running --------------------------------------------------------------------------------------

    def run(self, session: Session, tell: Callable[[Answer], None] | None = None) -> Iterator[Failure]:
        """Carry out the lines; yields each that fails, and goes on if the caller does.  ``tell`` gets every answer."""
        before = session.folder, session.blocks
        session.folder, session.blocks = self.folder, self.blocks
        try:
            for line in self.lines:
                try:
                    answer = session.execute(line.text)
                    if tell is not None:
                        tell(answer)
                except CommandError as error:
                    yield self._failure(line, error)
                except Exception as error:
                    yield self._failure(line, CommandError(told(error), 0, ExitCode.RUNNING))
        finally:
            session.folder, session.blocks = before


def resolved(name: str, folder: Path) -> str:
    """A scenario's name as it is, a file's path relative to the script."""
    return str(folder / name) if name.endswith(".toml") or "/" in name or os.sep in name else name


def read_script(path: Path, shown: str | None = None) -> Script:
    """The script in a file; `CommandError` where it can not be read."""
    name = shown or str(path)
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise CommandError(f"{name} is larger than {_MOST_BYTES >> 20} MB; expected a script")
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise CommandError(f"{name} is not UTF-8 (byte {error.start}); expected a text file") from None
    except (OSError, ValueError) as error:
        raise CommandError(f"can not read {name}: {getattr(error, 'strerror', None) or error}") from None
    return parse_script(text, name, path.parent)


def block_name(row: str) -> str | None:
    """The name of the block that a row of a script begins."""
    found = _BLOCK.match(row.rstrip())
    return None if found is None else found[1]


def lines_of(text: str) -> list[str]:
    """The lines of a script, each with its end as it is: LF, CR LF or CR, and nothing else ends a line."""
    return list(StringIO(text, newline=""))


def parse_script(text: str, file: str, folder: Path) -> Script:
    """A script from its text."""
    lines: list[Line] = []
    blocks: dict[str, list[str]] = {}
    current: list[str] | None = None
    for number, raw in enumerate(lines_of(text), 1):
        name = block_name(raw)
        if name is not None:
            current = blocks.setdefault(name, [])
        elif current is not None:
            current.append(raw.rstrip("\r\n"))
        elif raw.strip() and not raw.lstrip().startswith("#"):
            lines.append(Line(number, without_comment(raw)))
    return Script(file, folder, lines, {name: "\n".join(rows) for name, rows in blocks.items()})


def session_log(
    session: Session, folder: Path, *, expect: Callable[[Session], list[str]] | None = None
) -> str:
    """The session so far as a script of meaning, to lie in a folder: repeats merged, no keys."""
    lines = [_load_line(session, folder) + _options(session)]
    for line in session.log:
        merged = _merged(lines[-1], line)
        if merged is None:
            lines.append(line)
        else:
            lines[-1] = merged
    if expect is not None:
        lines += expect(session)
    return "\n".join(lines) + "\n"


def _load_line(session: Session, folder: Path) -> str:
    """How a script in a folder loads what is open."""
    scenario = session.scenario
    name = scenario.name
    if scenario.path is not None and name not in builtin_names():
        name = _beside(scenario.path, folder)
    try:
        name = as_word(name)
    except ValueError as error:
        raise CommandError(f"no script can load this scenario: {error}") from None
    return f"load {name}" + (f" seed={scenario.seed}" if scenario.seed is not None else "")


def _beside(path: Path, folder: Path) -> str:
    """A file's path as a script in a folder writes it: with slashes on every system, relative where it can be."""
    try:
        name = Path(os.path.relpath(path, folder)).as_posix()
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
