"""`bpstep replay`: scripts, carried out and held to what they expect."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from difflib import unified_diff
from pathlib import Path

from bpstep.debugger.answers import Answer, Moved, Play, Quit, Said, Stopped
from bpstep.debugger.claims import claim_of
from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError, ExitCode
from bpstep.debugger.expressions import UnsetError, parse
from bpstep.debugger.language import parse_line
from bpstep.debugger.loading import what_to_load
from bpstep.debugger.options import Options
from bpstep.debugger.script import Failure, Line, Script, block_name, lines_of, read_script
from bpstep.debugger.script_check import faults_of
from bpstep.documents import json_text
from bpstep.engine.progress import Listener
from bpstep.english import counted
from bpstep.reach import ANYWHERE
from bpstep.scenario.loader import load
from bpstep.streams import complain
from bpstep.view.say.exports import attach
from bpstep.visible import visible
from bpstep.writing import gives, write_whole

__all__ = ["new_session", "perform", "replay", "replay_script"]

_WIDTH = 80
_STILL = (Moved, Play, Quit, Said, Stopped)


def new_session(script: Script) -> Console:
    """A session for a script that has been checked: its first command says what to load."""
    first = parse_line(script.lines[0].text)
    assert first is not None
    session = Console(load(what_to_load(first.arguments, Options()).name, reach=script.reach))
    attach(session)
    return session


def replay_script(
    path: Path,
    shown: str | None = None,
    *,
    keep_going: bool = False,
    aloud: bool = False,
    trusted: bool = False,
) -> tuple[int, list[Failure]]:
    """Check and run one script: how many commands it has, and what failed.  ``aloud``, it prints what the script asks
    for (print, why, show and the like), and keeps still about where it goes; one that is ``trusted`` may read and write
    outside its own folder."""

    def tell(session: Console, line: Line, answer: Answer) -> None:
        for warning in answer.warnings if isinstance(answer, Moved) else ():
            complain(f"warning: {warning}")
        if aloud and not isinstance(answer, _STILL):
            from bpstep.view.say.plain import plain_lines

            print("\n".join(plain_lines(session, answer, _WIDTH)))

    count, _, failures = perform(path, shown, tell, keep_going=keep_going, trusted=trusted)
    return count, failures


def perform(
    path: Path,
    shown: str | None,
    tell: Callable[[Console, Line, Answer], None],
    *,
    keep_going: bool = False,
    trusted: bool = False,
) -> tuple[int, Console | None, list[Failure]]:
    """Check and run one script, and ``tell`` every line with its answer.

    How many commands it has, the session that it leaves (None where nothing was run), and what failed.
    """
    try:
        script = read_script(path, shown, ANYWHERE.of_script(path, trusted=trusted))
    except CommandError as error:
        return 0, None, [Failure(shown or str(path), 1, 0, "", error.message, ExitCode.USAGE)]
    failures = faults_of(script)
    if failures or not script.lines:
        return len(script.lines), None, failures
    session = new_session(script)
    for failure in script.run(session, lambda line, answer: tell(session, line, answer)):
        failures.append(failure)
        if not keep_going:
            break
    return len(script.lines), session, failures


def replay(files: Sequence[str], *, keep_going: bool, as_json: bool, trusted: bool = False) -> int:
    """Replay scripts and say what came of it; the exit code."""
    worst = ExitCode.OK
    results = []
    for file in files:
        count, failures = replay_script(
            Path(file), file, keep_going=keep_going, aloud=not as_json, trusted=trusted
        )
        results.append({"file": file, "commands": count, "failures": [_as_record(f) for f in failures]})
        for failure in failures:
            worst = max(worst, failure.code)
            if not as_json:
                print(failure, file=sys.stderr)
        if not as_json:
            came = "all held" if not failures else f"{len(failures)} failed"
            print(visible(f"{file}: {counted(count, 'command')}, {came}"))
        if failures and not keep_going:
            break
    if as_json:
        print(json_text({"ok": worst == ExitCode.OK, "scripts": results}))
    return int(worst)


def _as_record(failure: Failure) -> dict[str, object]:
    return {
        "line": failure.line,
        "column": failure.column + 1,
        "command": failure.text,
        "message": failure.message,
        "details": list(failure.details),
    }


# --- --update ----------------------------------------------------------------------------------------


def update(files: Sequence[str], *, in_place: bool, trusted: bool = False) -> int:
    """Rewrite the numbers of ``expect ... =`` and the blocks of ``cmp``, and nothing else."""
    if os.environ.get("CI"):
        print("bpstep: --update is refused in continuous integration (CI is set)", file=sys.stderr)
        return int(ExitCode.USAGE)
    for file in files:
        path = Path(file)
        try:
            script = read_script(path, file, ANYWHERE.of_script(path, trusted=trusted))
        except CommandError as error:
            print(f"bpstep: {error.message}", file=sys.stderr)
            return int(ExitCode.USAGE)
        failures = faults_of(script)
        if failures:
            print("\n".join(map(str, failures)), file=sys.stderr)
            return int(ExitCode.USAGE)
        before = path.read_bytes().decode("utf-8")
        after = _updated(script, before) if script.lines else before
        if after == before:
            print(visible(f"{file}: nothing to update"))
            continue
        target = path if in_place else path.with_name(path.name + ".new")
        if not script.reach.holds(target):
            print(
                visible(f"bpstep: {target} is a link that leads out of the script's folder"), file=sys.stderr
            )
            return int(ExitCode.USAGE)
        write_whole(target, gives([after]), replace=True)
        if not in_place:
            changes = unified_diff(before.splitlines(), after.splitlines(), file, target.name, lineterm="")
            print("\n".join(map(visible, changes)))
    return int(ExitCode.OK)


def _updated(script: Script, text: str) -> str:
    """The text of a script with the numbers and blocks of this run, which says how far it is."""
    from bpstep.progress_line import ProgressLine

    with ProgressLine.here() as progress:
        return _run_anew(script, text, progress.listener)


def _run_anew(script: Script, text: str, listener: Listener | None) -> str:
    session = new_session(script)
    session.listener = listener
    session.reach, session.blocks = script.reach, dict(script.blocks)
    rows = lines_of(text)
    for line in script.lines:
        call = parse_line(line.text)
        assert call is not None
        if call.command.name == "expect":
            rows[line.number - 1] = _with_new_number(session, line, rows[line.number - 1])
            continue
        if call.command.name == "cmp" and session.render is not None:
            name, block = (word for word, _ in call.arguments.words)
            session.blocks[block] = session.render(name)
            continue
        session.execute(line.text)
    return "".join(_with_new_blocks(rows, script.blocks, session.blocks))


def _with_new_blocks(rows: list[str], before: dict[str, str], after: dict[str, str]) -> Iterator[str]:
    """The rows of a script with the blocks that have changed in the place of the old ones; line ends stay."""
    end = "\r\n" if rows and rows[0].endswith("\r\n") else "\n"
    name: str | None = None
    written: set[str] = set()
    for row in rows:
        name = block_name(row) or name
        if name is None or before[name] == after[name]:
            yield row
        elif name not in written:
            written.add(name)
            yield row
            yield from (line + end for line in after[name].split("\n"))
    for added in after.keys() - before.keys():
        yield from (line + end for line in (f"-- {added} --", *after[added].split("\n")))


def _with_new_number(session: Console, line: Line, row: str) -> str:
    """An ``expect EXPR = NUMBER`` with the number of this run, in as many digits as were written."""
    call = parse_line(line.text)
    assert call is not None
    about = claim_of(call.arguments.text)
    if about is None or not about.exact:
        return row
    try:
        found = parse(session.scope, about.text).value(session.moment)
    except UnsetError:
        return row
    if abs(found - about.value) <= about.tolerance:
        return row
    mantissa, e, _ = about.number.lower().partition("e")
    decimals = len(mantissa.partition(".")[2])
    digits = f"{found:z.{decimals}e}" if e else f"{found:z.{decimals}f}"
    start = call.arguments.column + about.start
    return row[:start] + digits + row[start + len(about.number) :]
