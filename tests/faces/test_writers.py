"""Whatever writes a file under a name that a user gives leaves what is there as it is, unless that was said: every
subcommand and every command of a session, and against whoever writes there at that very moment."""

from __future__ import annotations

import os
import re
from argparse import ArgumentParser
from pathlib import Path
from typing import TextIO

import pytest

import bpstep
from bpstep.cli import SUBCOMMANDS, main
from bpstep.debugger.commands import COMMANDS
from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError
from bpstep.exercises.store import Store
from bpstep.scenario.loader import load
from bpstep.view.say.exports import attach
from bpstep.writing import gives, write_all, write_whole
from tests.helpers.watched import tree

#: A line of each subcommand that writes, with all names of files that it takes.
LINES = {
    "new": "new mine.toml",
    "import": "import arrays.json --activations sigmoid -o net.toml",
    "export": "export network fan-out -o net.svg",
    "slides": "slides script.bps -o slides",
    "record": "record script.bps -o demo.cast",
    "worksheet": "worksheet fan-out -o sheet.md --key key.md --scenarios variants",
    "mutants": "mutants one-neuron -o mutants",
    "progress": "progress export mine.json",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which these lines are typed, with the files that they read."""
    monkeypatch.chdir(tmp_path)
    Path("arrays.json").write_text('{"W1": [[1, 2]], "b1": [0]}', "utf-8")
    Path("script.bps").write_text("load fan-out\nuntil backward\nuntil d(x)\n", "utf-8")
    return tmp_path


def options(row: object) -> set[str]:
    parser = ArgumentParser()
    row.arguments(parser)  # type: ignore[attr-defined]
    return {word for action in parser._actions for word in action.option_strings}


def test_every_subcommand_that_writes_is_tried_here_and_can_be_forced() -> None:
    writing = {row.name for row in SUBCOMMANDS if options(row) & {"--out", "-o", "--force"}}
    assert writing <= LINES.keys()
    assert {row.name for row in SUBCOMMANDS if "--force" in options(row)} == LINES.keys()


@pytest.mark.parametrize("line", LINES.values(), ids=LINES.keys())
def test_a_subcommand_writes_over_nothing_unless_it_is_told_to(
    line: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each file that it writes, there before it alone: then nothing at all is written, and one line says why."""
    given = tree(folder)
    assert main(line.split()) == 0
    made = [name for name in tree(folder) if name not in given and Path(name).is_file()]
    assert made
    for name in (made[0], made[-1]):
        for other in made:
            Path(other).unlink()
        Path(name).write_text("mine", "utf-8")
        before = tree(folder)
        capsys.readouterr()
        assert main(line.split()) == 2, "it is found before anything is done"
        out, err = capsys.readouterr()
        assert tree(folder) == before
        assert not out
        assert re.fullmatch(
            rf"(bpstep: )?.*{re.escape(name)}: it exists already, and is left as it is; .*--force.*\n", err
        )
        assert main([*line.split(), "--force"]) == 0
        assert tree(folder)[name] != b"mine"


@pytest.mark.parametrize("line", LINES.values(), ids=LINES.keys())
def test_what_can_not_be_written_is_no_usage_and_a_stream_no_name(
    line: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Below a file there is no folder: exit 3, whatever it is that is written.  ``-`` made a file of this name."""
    before, words = tree(folder), line.split()
    place = words.index("-o") + 1 if "-o" in words else len(words) - 1
    for name, code in ((f"arrays.json/{words[place]}", 3), ("-", 2)):
        try:
            found = main([*words[:place], name, *words[place + 1 :]])
        except SystemExit as ended:
            found = ended.code
        assert found == code
        out, err = capsys.readouterr()
        assert not out
        assert name in err.splitlines()[-1]
        assert tree(folder)["arrays.json"] == before["arrays.json"]
        assert not Path("-").exists()


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    """What /dev/stdout leads to where a pipe stands behind it has no path of its own."""
    read, write = os.pipe()
    write_whole(Path(f"/dev/fd/{write}"), gives(["as it is"]), replace=False)
    os.close(write)
    with open(read, encoding="utf-8") as pipe:
        assert pipe.read() == "as it is"


def test_a_command_of_a_session_writes_over_nothing_unless_it_is_told_to(tmp_path: Path) -> None:
    rows = [row for row in COMMANDS.values() if "--force" in row.usage]
    assert {row.name for row in rows} == {"save", "export"}
    for row in rows:
        session = Console(load("fan-out"))
        attach(session)
        session.folder = tmp_path
        (tmp_path / "mine.txt").write_text("mine")
        line = f"{row.name} {'chain ' if row.name == 'export' else ''}mine.txt"
        with pytest.raises(CommandError, match="it exists already, and is left as it is; with --force"):
            session.execute(line)
        assert tree(tmp_path) == {"mine.txt": b"mine"}
        session.execute(f"{line} --force")
        assert tree(tmp_path)["mine.txt"] != b"mine"


def test_an_export_takes_the_place_of_one_by_the_same_learner_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = tmp_path / "mine.json"
    for learner in ("ada", "bob"):
        monkeypatch.setenv("BPSTEP_STATE", str(tmp_path / learner))
        Store().change(lambda document: None)
    assert main(["progress", "export", str(mine)]) == 0
    assert main(["progress", "export", str(mine), "--name", "Bob"]) == 0
    before = mine.read_text("utf-8")
    monkeypatch.setenv("BPSTEP_STATE", str(tmp_path / "ada"))
    assert main(["progress", "export", str(mine)]) == 2
    assert mine.read_text("utf-8") == before


@pytest.mark.parametrize("has_links", [True, False], ids=["links", "no links"])
def test_who_writes_there_meanwhile_keeps_what_he_wrote(
    has_links: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a file system with links and in one without."""

    def refused(*_: object) -> None:
        raise PermissionError(1, "no links here")

    if not has_links:
        monkeypatch.setattr(os, "link", refused)
    path = tmp_path / "file.txt"

    def beaten(to: TextIO) -> None:
        to.write("ours")
        path.write_text("theirs", "utf-8")

    with pytest.raises(FileExistsError, match="exists already"):
        write_whole(path, beaten, replace=False)
    assert tree(tmp_path) == {"file.txt": b"theirs"}
    write_whole(path, beaten, replace=True)
    assert tree(tmp_path) == {"file.txt": b"ours"}
    write_whole(tmp_path / "new.txt", lambda to: to.write("new"), replace=False)
    assert tree(tmp_path) == {"file.txt": b"ours", "new.txt": b"new"}
    with pytest.raises(FileExistsError):
        write_all(
            [(tmp_path / name, lambda to: to.write("x")) for name in ("a.txt", "new.txt")], replace=False
        )
    assert tree(tmp_path) == {"file.txt": b"ours", "new.txt": b"new"}


def test_files_are_written_in_one_place() -> None:
    """And the progress file in its own, under a lock."""
    folder = Path(bpstep.__path__[0])
    write = re.compile(
        r"""open\([^)\n]*["'][wxa]b?\+?["']|\.write_text\(|\.write_bytes\(|os\.O_CREAT|os\.fdopen\("""
    )
    found = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*.py")
        if any(write.search(line) for line in path.read_text("utf-8").splitlines())
    }
    others = {
        "comparison/languages.py",
        "web/wall.py",
    }  # programs that learners run; what a visitor's may not do
    assert found - others == {"writing.py", "exercises/store.py"}
