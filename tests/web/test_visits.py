"""A visitor's session touches no file: what would do so for a person is refused in a line, whatever command it is.

No list says which commands these are.  Every command of the table is tried with all sorts of files, by a person and by
a visitor, and Python tells what is done to files meanwhile.
"""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bpstep.debugger.commands import COMMANDS
from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError
from bpstep.debugger.settings import Settings, keep
from bpstep.exercises.store import Fleeting, Store
from bpstep.reach import Reach
from bpstep.scenario.catalogue import scenario_folder
from bpstep.scenario.loader import load
from bpstep.tui.app import BpstepApp
from bpstep.tui.keys import KEYS
from bpstep.view.say.exports import attach
from bpstep.web.wall import folders_of_the_program, refuses
from tests.helpers.audited import touched
from tests.helpers.commands import GENERATORS, Lines, carried_out
from tests.helpers.commands import opened as with_files
from tests.helpers.screens import running

REFUSED = refuses(folders_of_the_program(scenario_folder()))

#: What commands that touch files have in common with others: a name behind theirs, or behind a word of theirs.
SHAPES = ("{0} {1}", "{0} {1} --force", "{0} {1} --trust", "{0} network {1}", "{0} text {1}")

#: Those that are known to touch files, so that the test can be seen to find some.
KNOWN = {"compare", "export", "load", "save", "set", "source"}


@pytest.fixture(autouse=True)
def nothing_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """A module that is loaded late is not written as bytes."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)


def persons(folder: Path) -> Console:
    session = with_files("mazur-2-2-2", folder)
    (folder / "net.toml").write_bytes((scenario_folder() / "fan-out.toml").read_bytes())
    (folder / "some.svg").write_text("a picture that is there")
    attach(session, Store())
    session.keep = keep
    return session


def visitors(folder: Path) -> Console:
    session = Console(load("mazur-2-2-2"))
    Settings(reach=Reach.closed()).attend(session)
    attach(session, Fleeting())
    return session


def lines(folder: Path) -> Iterator[str]:
    """Every command with all sorts of files, and as it is used."""
    chance = random.Random(7)
    drawn = Lines(chance, Console(load("mazur-2-2-2")))
    files = [
        *folder.iterdir(),
        folder / "new.bps",
        folder / "new.svg",
        folder / "new.jsonl",
        folder / "new.txt",
    ]
    for name in COMMANDS:
        yield name
        for file in files:
            yield from (shape.format(name, f'"{file}"') for shape in SHAPES)
            yield f"{name} {file.name}"
        yield from (f"{name} {look} --keep" for look in ("digits = 5", "theme = light"))
        yield from (f"{name} {GENERATORS[name](drawn)}" for _ in range(2))


def test_what_touches_a_file_for_a_person_is_refused_for_a_visitor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    person, visitor = persons(tmp_path), visitors(tmp_path)
    touching = set()
    for line in list(lines(tmp_path)):
        with touched(REFUSED) as by_a_person:
            carried_out(person, line)
        with touched(REFUSED) as by_a_visitor:
            said = carried_out(visitor, line)
        assert by_a_visitor == [], line
        if any(str(tmp_path) in what or "config" in what for what in by_a_person):
            touching.add(line.split()[0])
            assert isinstance(said, CommandError), line
            assert "\n" not in said.message
    assert touching >= KNOWN


@pytest.mark.parametrize("scenario", ["mazur-2-2-2", None])
async def test_no_key_of_the_screen_touches_a_file(
    scenario: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is a session, and on the home screen."""
    monkeypatch.chdir(tmp_path)
    app = BpstepApp(Console(load(scenario)) if scenario else None, Settings(reach=Reach.closed()))
    app.kept, app.tells_story = Fleeting(), False
    with touched(REFUSED) as found:
        async with running(app, (100, 36)) as pilot:
            for key in KEYS if scenario else ():
                if key.action and key.id != "quit":  # the commands of the others are tried above
                    await pilot.press(key.keys.partition(",")[0])
                    assert found == [], key.says
                    await pilot.press("escape")
            for keys in (
                () if scenario else ("e enter escape escape", "n escape escape", "s escape", "o e t c enter")
            ):
                await pilot.press(*keys.split())
                assert found == [], keys
    assert found == []


#: What is tried in a program with a wall around it.
TRIED = """
import os, subprocess, sys, tempfile
from pathlib import Path
from bpstep.web.wall import raise_wall
raise_wall()
folder = Path(sys.argv[1])
there = folder / "there"
ours = Path(sys.modules["bpstep"].__file__)  # may be read
def refused(do, *arguments):
    try:
        do(*arguments)
    except PermissionError as error:
        return bool(error.strerror)
    return False
for try_it in (
    (open, there), (open, folder / "new", "w"), (open, ours, "r+"), (open, bytes(there)), (Path.touch, folder / "new"),
    (os.open, ours, os.O_RDWR), (os.open, ours, os.O_WRONLY), (os.listdir, folder), (os.scandir, folder),
    (os.mkdir, folder / "new"), (os.remove, there), (os.rename, there, folder / "new"),
    (os.symlink, there, folder / "new"), (os.system, "exit"), (tempfile.mkstemp, "", "", folder),
    (tempfile.mkdtemp, "", "", folder), (os.listdir,), (subprocess.run, [sys.executable, "-c", ""]),
):
    assert refused(*try_it), try_it
import bpstep.tui.visiting
"""


def test_nothing_gets_over_the_wall(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("a secret")
    done = subprocess.run(
        [sys.executable, "-P", "-B", "-c", TRIED, str(tmp_path)], capture_output=True, text=True, cwd=tmp_path
    )
    assert (done.stderr, done.returncode) == ("", 0)
    assert [file.name for file in tmp_path.iterdir()] == ["there"]
