"""A script reads and writes nothing outside its own folder, and a visitor nothing at all: whatever the command, and
wherever a name leads."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

import bpstep.debugger.commands
from bpstep.debugger.answers import Answer
from bpstep.debugger.command import Command
from bpstep.debugger.commands import COMMANDS
from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError, ExitCode
from bpstep.debugger.language import parse_line
from bpstep.debugger.script import Script
from bpstep.debugger.view_names import OTHERS, PICTURE
from bpstep.reach import WRITTEN, OutOfReachError, Reach
from bpstep.scenario.loader import ScenarioError, load
from bpstep.view.say.exports import attach
from bpstep.writing import write_whole
from tests.helpers.strangers import SECRETS, World, world_in
from tests.helpers.watched import tree, watched

#: The commands that take the name of a file, as the table says.
NAMING = [row for row in COMMANDS.values() if "FILE" in row.usage or "SCENARIO" in row.usage]

NET = """\
format = 1
title = "t"
samples = {samples}
[network]
inputs = ["x1", "x2"]
cost = "half-squared-error"
[[network.layer]]
neurons = ["o1"]
activation = "sigmoid"
weights = [[1, 2]]
"""

EXPRESSION = """\
format = 1
title = "t"
samples = {samples}
[expression]
define = "y = x1 * x2 * o1"
"""


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    made = world_in(tmp_path)
    monkeypatch.chdir(made.elsewhere)
    return made


def session_of(scenario: str = "xor") -> Console:
    session = Console(load(scenario))
    attach(session)
    return session


def naming(row: Command, name: str) -> str:
    """A line of a command that takes a file, with a name."""
    return f"{row.name} {'network ' if row.name == 'export' else ''}{name}"


def carried_out(session: Console, script: Script, line: str) -> Answer | CommandError:
    """What comes of a line of a script, as text wherever it may stand."""
    try:
        with script.reading(session):
            return session.execute(line)
    except CommandError as error:
        return error


def lines_with(name: str) -> Iterator[str]:
    """Lines of every command, each with a name in the places where a command may take one."""
    for row in COMMANDS.values():
        words = [*row.names][:2]
        yield f"{row.name} {name}"
        yield f"{row.name} {name} --force"
        yield f"{row.name} {name} --trust"
        yield f"! {row.name} {name}"
        for word in (*words, "x"):
            yield f"{row.name} {word} {name}"
        yield f"{row.name} x = {name}"


# --- every command ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["secret.toml", "secret.bps", "secret.json", "secret", "new.bps", "new.svg"])
def test_no_command_of_a_script_reads_or_writes_outside_its_folder(name: str, world: World) -> None:
    """Of all commands, those included that come into the table hereafter."""
    script, session, before = world.script(), session_of(), tree(world.root)
    for named in world.names_of(name):
        for line in lines_with(named):
            with watched() as seen:
                carried_out(session, script, line)
            assert not seen.outside(world.ground, world.root), line
    after = tree(world.root)
    assert {key for key in after if after[key] != before.get(key)} <= {f"ground/{name}", "ground/x"}


def test_the_folder_of_what_is_open_is_no_way_out(world: World) -> None:
    """A person may play a script on a scenario that lies elsewhere."""
    script, session = world.script(), session_of(str(world.outside / "secret.toml"))
    for name in SECRETS:
        for line in (*lines_with(name), "restart"):
            with watched() as seen:
                carried_out(session, script, line)
            assert not seen.outside(world.ground, world.root), line


@pytest.mark.parametrize("row", NAMING, ids=[row.name for row in NAMING])
def test_what_is_out_of_reach_is_refused_in_a_line_before_anything_runs(row: Command, world: World) -> None:
    script, session = world.script(), session_of()
    for name in (
        ("new.svg",) if row.name == "export" else ("secret.toml", "secret.bps", "new.svg", "new.toml")
    ):
        for named in world.names_of(name):
            line = naming(row, named)
            told = carried_out(session, script, line)
            assert isinstance(told, CommandError), line
            assert told.code == ExitCode.USAGE
            assert named in told.message
            assert "--trust" in told.message
            assert "\n" not in told.message
            call = parse_line(line)
            assert call is not None
            if call.command.check is not None:
                with script.reading(session), pytest.raises(CommandError) as caught:
                    call.command.find_faults(session, call.arguments)
                assert caught.value.message == told.message


@pytest.mark.parametrize("row", NAMING, ids=[row.name for row in NAMING])
def test_nobody_learns_from_a_refusal_what_is_there(row: Command, world: World) -> None:
    script, session = world.script(), session_of()
    for there, not_there in (
        ("secret.bps", "seczet.bps"),
        ("secret", "seczet"),
        ("secret.toml", "seczet.toml"),
    ):
        for one, other in zip([*world.names_of(there)][:8], [*world.names_of(not_there)][:8], strict=True):
            told = [str(carried_out(session, script, naming(row, name))) for name in (one, other)]
            assert told[0].replace(there, not_there) == told[1]


def test_no_command_of_a_visitor_reads_or_writes_a_file(world: World) -> None:
    session, before = session_of(), tree(world.root)
    for name in (
        *world.names_of("secret.toml"),
        *world.names_of("new.svg"),
        "mine.toml",
        "mine.bps",
        "mine.json",
        "secret",
    ):
        for line in lines_with(name):
            session.reach = Reach(world.ground, is_closed=True)
            with watched() as seen, suppress(CommandError):
                session.execute(line)
            assert not seen.outside(world.root / "nowhere", world.root), line
        for row in NAMING if name.endswith(".svg") else []:
            with pytest.raises(CommandError, match=r"no file is (read|written) here|there is no built-in"):
                session.execute(naming(row, name))
    assert tree(world.root) == before
    session.execute("load chain-rule")


def test_a_command_has_no_way_to_a_file_but_the_one() -> None:
    folder = Path(bpstep.debugger.commands.__path__[0])
    for path in folder.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        for way in (
            " open(",
            "(open(",
            ".folder",
            "reach.to_",
            "Reach(",
            "ANYWHERE",
            "getcwd",
            "absolute()",
            ".resolve(",
        ):
            assert way not in text, (
                f"{path.name}: a file is named by desk.to_read or desk.to_write, not by {way}"
            )


# --- where names lead -----------------------------------------------------------------------------------------


def test_what_may_be_read_is_what_lies_below(world: World) -> None:
    """Held against the files themselves: one that is opened is one of those that are found below without links."""
    chance = random.Random(7)
    ours = {identity(path) for path in below(world.ground)}
    pieces = [
        "..", ".", "sub", "link", "around", "up", "groundless", "ground", "mine.toml", "secret.toml", "to-secret.toml",
        "twice-secret", "mine.json", "secret", str(world.outside), str(world.ground), "",
    ]  # fmt: skip
    reach = Reach.below(world.ground)
    found = {True: 0, False: 0}
    for _ in range(20_000):
        name = "/".join(chance.choice(pieces) for _ in range(chance.randint(1, 6)))
        path = world.ground / name
        if not path.is_file():
            continue
        is_ours = identity(path) in ours
        found[is_ours] += 1
        try:
            assert identity(reach.to_read(name)) in ours, name
            assert is_ours, name
        except OutOfReachError:
            assert not is_ours, name
    assert min(found.values()) > 100, "names of both sorts were tried"


def test_what_is_written_is_written_below(world: World) -> None:
    chance = random.Random(8)
    pieces = [
        "..", ".", "sub", "link", "around", "up", "groundless", "ground", "to-new.svg", "twice-new.bps", "new.svg",
        ".hidden.svg", ".git", "Makefile", str(world.outside), "to-secret.toml",
    ]  # fmt: skip
    reach, before = Reach.below(world.ground), tree(world.root)
    written = 0
    for _ in range(3_000):
        name = "/".join(chance.choice(pieces) for _ in range(chance.randint(1, 5)))
        try:
            path = reach.to_write(name)
        except OutOfReachError:
            continue
        try:
            write_whole(path, lambda to: to.write("x"), replace=True)
        except OSError:
            continue
        written += 1
        made = [key for key, text in tree(world.root).items() if text != before.get(key)]
        assert all(key.startswith("ground/") and key.endswith((".svg", ".bps")) for key in made), name
        assert not any(part.startswith(".") for key in made for part in key.split("/")), name
        path.unlink()
        assert tree(world.root) == before
    assert written > 20


def below(folder: Path) -> Iterator[Path]:
    for here, _, files in os.walk(folder):
        yield from (path for name in files if not (path := Path(here, name)).is_symlink())


def identity(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino


@pytest.mark.parametrize(
    "name",
    [".bashrc.bps", ".git/hooks.bps", "sub/.x.svg", "../ground/.x.svg", "Makefile", "run.sh", "x.py", "x"],
)
def test_a_script_writes_no_hidden_file_and_nothing_that_others_obey(name: str, world: World) -> None:
    told = carried_out(session_of(), world.script(), f"save {name}")
    assert isinstance(told, CommandError)
    assert told.message.startswith(f"can not write {name}: ")
    assert "--trust" in told.message


@pytest.mark.parametrize("row", NAMING, ids=[row.name for row in NAMING])
def test_a_script_does_not_wait_at_a_pipe(row: Command, world: World) -> None:
    os.mkfifo(world.ground / "pipe.svg")
    told = carried_out(session_of(), world.script(), naming(row, "pipe.svg"))
    assert isinstance(told, CommandError)
    assert "it is no plain file" in told.message


def test_the_endings_of_what_a_script_writes_are_those_of_save_and_export() -> None:
    assert set(WRITTEN) == {
        ".bps",
        *PICTURE.endings,
        *(end for row in OTHERS.values() for end in row.endings),
    }


@pytest.mark.parametrize("text", [NET, EXPRESSION], ids=["network", "expression"])
@pytest.mark.parametrize("samples", ['"{}"', '{{ file = "{}" }}'])
def test_a_scenario_that_a_script_loads_reads_no_samples_outside(
    text: str, samples: str, world: World
) -> None:
    reach = Reach.below(world.ground)
    path = world.ground / "net.toml"
    for name in world.names_of("secret.csv"):
        path.write_text(text.format(samples=samples.format(name)), encoding="utf-8")
        with (
            watched() as seen,
            pytest.raises(ScenarioError, match=r"samples: .*leads out of the script's folder"),
        ):
            load("net.toml", reach=reach)
        assert not seen.outside(world.ground, world.root)
        with watched() as seen, pytest.raises(ScenarioError, match="no file is read here"):
            load("net.toml", reach=Reach(world.ground, is_closed=True))
        assert not seen.outside(world.root / "nowhere", world.root)
        if "not-there" not in name:
            load(path)  # whoever opens it himself may
    path.write_text(text.format(samples=samples.format("sub/../mine.csv")), encoding="utf-8")
    load("net.toml", reach=reach)
