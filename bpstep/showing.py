"""Scripts to be shown: as slides, as a recording, or as the stops of a page.

A script is carried out as `bpstep replay` does it, expectations included; one that fails is not shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bpstep.debugger.answers import Answer, Moved, Play, Quit, Show
from bpstep.debugger.commands.exporting import said_of_looks
from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError
from bpstep.debugger.files import write_file, write_files
from bpstep.debugger.script import Failure, Line
from bpstep.lazily import dataclass
from bpstep.reach import Reach
from bpstep.replay import perform
from bpstep.view.formats.cast import cast
from bpstep.view.formats.svg import svg
from bpstep.view.say.answers import answer_lines
from bpstep.view.say.views import view
from bpstep.visible import visible
from bpstep.writing import gives

__all__ = ["Shown", "of_script", "record", "slides"]

#: The columns of slides and recordings: room for the program beside the network.
_WIDTH = 120
#: The rows of a recording; those at its end that are for what a command answers, or the more that a long answer gets.
_HEIGHT, _ANSWER, _LONG = 44, 6, 28
#: What part of a command's time it is shown before it is carried out.
_TYPED = 0.4

Rows = list[Sequence[tuple[str, str]]]


@dataclass(frozen=True)
class Shown:
    """A session to show, and where the script halted that led to it; None where that failed."""

    session: Console | None
    stops: tuple[tuple[int, str], ...] = ()
    failures: tuple[Failure, ...] = ()


def of_script(
    file: str,
    tell: Callable[[Console, Line, Answer], None] = lambda session, line, answer: None,
    *,
    trusted: bool = False,
) -> Shown:
    """The session that a script leaves, and the positions at which it halted, each with the command that led there."""
    stops: dict[int, str] = {}

    def note(session: Console, line: Line, answer: Answer) -> None:
        if isinstance(answer, Moved) and answer.anew:
            stops.clear()
        elif isinstance(answer, Moved):
            stops.setdefault(session.position, line.text)
        tell(session, line, answer)

    _, session, failures = perform(Path(file), file, note, trusted=trusted)
    return Shown(None if failures else session, tuple(stops.items()), tuple(failures))


@contextmanager
def _looking(session: Console, looks: Sequence[str]) -> Iterator[int]:
    """The width that is asked for, while the session looks as is asked for."""
    before = session.options
    _, width, session.options = said_of_looks([(word, 0) for word in looks], before)
    try:
        yield width or _WIDTH
    finally:
        session.options = before


# --- slides -------------------------------------------------------------------------------------------


def slides(
    file: str, folder: str, looks: Sequence[str], *, force: bool, trusted: bool = False
) -> tuple[Shown, list[str]]:
    """A picture of the screen wherever a script halts by `until`, or at a note; the names of the files.

    Nothing is written if the script fails; `CommandError` where a file can not be written.
    """
    pictures: list[tuple[str, str]] = []

    def draw(session: Console, line: Line, answer: Answer) -> None:
        if not isinstance(answer, Moved) or answer.anew:
            return
        if line.text.split()[0] == "until" or session.note is not None:
            with _looking(session, looks) as width:
                title = f"{session.scenario.title}: step {session.position} of {session.length}"
                drawn = svg(view(session, "screen", width).rows(), session.options.theme, title)
            pictures.append((_file_name(len(pictures) + 1, line.text), drawn))

    shown = of_script(file, draw, trusted=trusted)
    files = [(Path(folder, name), drawn) for name, drawn in pictures if shown.session is not None]
    for path, _ in files:
        if not Reach.below(Path(folder)).holds(path):
            raise CommandError(f"{path} is a link that leads out of the folder, and is left as it is")
    write_files(Path(folder), [(path, gives([drawn])) for path, drawn in files], force=force)
    return shown, [str(path) for path, _ in files]


def _file_name(number: int, command: str) -> str:
    """What a slide is called: its number, and the command that led there.

    >>> _file_name(3, "until delta[h1]")
    '03-until-delta-h1.svg'
    """
    words = re.sub(r"[^a-z0-9]+", "-", command.lower())[:40].strip("-")
    return f"{number:02}-{words}.svg"


# --- recordings ---------------------------------------------------------------------------------------


def record(
    file: str, out: str, looks: Sequence[str], speed: float, *, force: bool, trusted: bool = False
) -> tuple[Shown, int]:
    """A script as a recording: before each command what is typed, after it the screen with its answer; how many
    commands there were.

    ``speed`` is how many commands there are a second.  Nothing is written if the script fails.
    """
    frames: list[tuple[float, Rows]] = []
    looked: list[tuple[int, str, str]] = []

    def draw(session: Console, line: Line, answer: Answer) -> None:
        if isinstance(answer, Quit):
            return
        second = len(frames) / 2 / speed
        prompt = (("bpstep> ", "dim"), (visible(line.text), "strong"))
        with _looking(session, looks) as width:
            frames.append(
                (second, [*(frames[-1][1][: _HEIGHT - 1] if frames else _blank(_HEIGHT - 1)), prompt])
            )
            frames.append((second + _TYPED / speed, [*_screen(session, answer, width), prompt]))
            looked.append((width, session.options.theme, session.scenario.title))

    shown = of_script(file, draw, trusted=trusted)
    if shown.session is not None and looked:
        lines = cast(frames, looked[0][0], _HEIGHT, looked[0][1], looked[-1][2])
        write_file(Path(out), out, 0, gives(lines), force=force)
    return shown, len(looked)


def _screen(session: Console, answer: Answer, width: int) -> Rows:
    """The screen, and below it what a command answers; a long answer takes the place of the lower panes."""
    told = _told(session, answer, width)
    room = _LONG if len(told) > _ANSWER else _ANSWER
    if len(told) > room:
        told = [*told[: room - 1], ((f"… {len(told) - room + 1} more lines", "dim"),)]
    rows: Rows = list(view(session, "screen", width).rows())
    kept = _HEIGHT - 1 - room
    return [*rows[:kept], *_blank(kept - len(rows) + room - len(told)), *told]


def _told(session: Console, answer: Answer, width: int) -> Rows:
    if isinstance(answer, Show):
        return list(view(session, answer.view, width).rows())
    if isinstance(answer, Play):
        return []
    return [((visible(text), role),) for text, role in answer_lines(session, answer, min(width, 100))]


def _blank(rows: int) -> Rows:
    return [()] * rows
