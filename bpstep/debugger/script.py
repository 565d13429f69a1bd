"""Scripts: a session written down, read and carried out.

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
from contextlib import contextmanager
from dataclasses import field
from io import StringIO
from pathlib import Path

from bpstep.debugger.answers import Answer
from bpstep.debugger.arguments import without_comment
from bpstep.debugger.desk import Desk
from bpstep.debugger.errors import CommandError, ExitCode, ExpectationError, pointed_at
from bpstep.lazily import dataclass
from bpstep.reach import Reach
from bpstep.unexpected import told
from bpstep.visible import visible_lines

__all__ = [
    "Failure",
    "Line",
    "Script",
    "block_name",
    "lines_of",
    "parse_script",
    "read_script",
]

_BLOCK = re.compile(r"^-- (\S+) --$")
_MOST_BYTES = 4 * 2**20


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
        # Of a file that is not read there is no line.
        shown = pointed_at(self.text, self.column) if self.text else ()
        return "\n".join([head, *(f"    {line}" for line in (*shown, *self.details))])


@dataclass
class Script:
    """The lines and blocks of a file: ``file`` is what messages call it, ``reach`` where the names in its lines begin,
    and how far they lead."""

    file: str
    reach: Reach
    lines: list[Line]
    blocks: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """Where it lies, whatever links lead there."""
        return os.path.realpath(self.reach.folder / Path(self.file).name)

    def failure(self, line: Line, error: CommandError) -> Failure:
        """What is wrong with a line, as an error says."""
        details = tuple(error.details) if isinstance(error, ExpectationError) else ()
        return Failure(self.file, line.number, error.column, line.text, error.message, error.code, details)

    def run(self, desk: Desk, tell: Callable[[Line, Answer], None] | None = None) -> Iterator[Failure]:
        """Carry out the lines; yields each that fails, and goes on if the caller does.  ``tell`` gets every line that
        was carried out, with its answer."""
        for line in self.lines:
            try:
                with self.reading(desk):
                    answer = desk.execute(line.text)
                if tell is not None:
                    tell(line, answer)
            except CommandError as error:
                yield self.failure(line, error)
            except Exception as error:
                yield self.failure(line, CommandError(told(error), 0, ExitCode.RUNNING))

    @contextmanager
    def reading(self, desk: Desk) -> Iterator[None]:
        """While this lasts, a command that the desk is given is one of this script's."""
        before = desk.reach, desk.blocks
        desk.reach, desk.blocks = self.reach, self.blocks
        try:
            yield
        finally:
            desk.reach, desk.blocks = before


def read_script(path: Path, shown: str | None = None, reach: Reach | None = None) -> Script:
    """The script in a file, which may be a stranger's unless a ``reach`` says how far it leads; `CommandError` where it
    can not be read."""
    name = shown or str(path)
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise CommandError(f"{name} is larger than {_MOST_BYTES >> 20} MB; expected a script")
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise CommandError(f"{name} is not UTF-8 (byte {error.start}); expected a text file") from None
    except (OSError, ValueError) as error:
        raise CommandError(f"can not read {name}: {getattr(error, 'strerror', None) or error}") from None
    return parse_script(text, name, reach or Reach.below(path.parent))


def block_name(row: str) -> str | None:
    """The name of the block that a row of a script begins."""
    found = _BLOCK.match(row.rstrip())
    return None if found is None else found[1]


def lines_of(text: str) -> list[str]:
    """The lines of a script, each with its end as it is: LF, CR LF or CR, and nothing else ends a line."""
    return list(StringIO(text, newline=""))


def parse_script(text: str, file: str, reach: Reach) -> Script:
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
    return Script(file, reach, lines, {name: "\n".join(rows) for name, rows in blocks.items()})
