"""Settings that stay: what the command line says, what the file says, and what a session keeps there."""

from __future__ import annotations

import io
from dataclasses import fields
from pathlib import Path

import pytest

from bpstep.cli import main
from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError
from bpstep.debugger.looks import LOOKS
from bpstep.debugger.options import Options
from bpstep.debugger.settings import Settings, config_file, read_settings
from bpstep.scenario.loader import load


def written(text: str) -> None:
    config_file().write_text(text, encoding="utf-8")


def sitting(settings: Settings | None = None) -> Console:
    console = Console(load("one-neuron"))
    (settings or read_settings()).attend(console)
    return console


def test_every_look_is_a_field_of_the_options() -> None:
    assert set(LOOKS) == {field.name for field in fields(Options)}
    for name, look in LOOKS.items():
        usual = str(getattr(Options(), name))
        assert getattr(look(Options(), usual, 0), name) == getattr(Options(), name)


def test_the_command_line_comes_first_then_the_file_then_the_scenario() -> None:
    written('digits = 7\ntheme = "light"\n')
    options = read_settings({"digits": "3"}).options(Options(notation="nielsen"))
    assert options == Options(3, "nielsen", "full", "light")


@pytest.mark.parametrize("name", LOOKS)
def test_what_is_kept_is_read_by_the_next_session(name: str) -> None:
    written('# mine\ndigits = 9 # many\n[keys]\nneuron = "j"\n')
    value = list(LOOKS[name].choices)[-1] if LOOKS[name].choices else str(LOOKS[name].within[0])
    console = sitting()
    console.execute(f"set {name} = {value} --keep")
    assert str(getattr(console.options, name)) == str(getattr(sitting().options, name)) == value
    assert read_settings().keys == {"neuron": "j"}
    assert "# mine" in config_file().read_text()
    assert console.log == [f"set {name} = {value}"]  # a script keeps nothing, whoever carries it out


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("thme = 3", 'unknown setting thme; did you mean "theme"?'),
        ("digits = 99", "digits = 99: expected 2 to 12 digits"),
        ("digits = true", "expected 2 to 12 digits"),
        ("theme = []", "expected one of dark, light"),
        ('keys = "x"', "unknown setting keys"),
        ("[keys]\nneuron = 3", "keys.neuron: expected a text"),
        ("digits = ", "Invalid value"),
        ("\udcff", "can't decode"),
    ],
)
def test_what_is_wrong_in_the_file_is_one_line_and_the_rest_holds(text: str, says: str) -> None:
    config_file().write_bytes(f'glyphs = "safe"\n{text}\n'.encode(errors="surrogateescape"))
    settings = read_settings()
    (fault,) = settings.faults
    assert fault.startswith(f"{config_file()}: ")
    assert says in fault
    assert "\n" not in fault
    whole = "none of its settings holds" in fault
    assert settings.options(Options()).glyphs == ("full" if whole else "safe")


def test_a_file_that_is_broken_is_not_written_to() -> None:
    written("digits = \n")
    with pytest.raises(CommandError, match="Invalid value"):
        sitting(Settings()).execute("set digits = 5 --keep")
    assert config_file().read_text() == "digits = \n"


def test_only_looks_are_kept_and_only_where_somebody_sits(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="--keep is for how it looks"):
        sitting().execute("set lr = 0.5 --keep")
    with pytest.raises(CommandError, match="--keep is for the screen and the prompt"):
        Console(load("one-neuron")).execute("set digits = 5 --keep")
    script = tmp_path / "theirs.bps"
    script.write_text("load one-neuron\nset digits = 5 --keep\n", encoding="utf-8")
    with pytest.raises(CommandError, match="--keep is for the screen and the prompt"):
        sitting().execute(f"source {script}")
    assert main(["replay", str(script)]) == 2
    assert not config_file().exists()


def test_a_prompt_starts_with_a_broken_file(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("quit\n"))
    written("digits = 7\nwrong = 1\n")
    assert main(["repl", "one-neuron", "--theme", "light"]) == 0
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "unknown setting wrong" in said


def test_a_look_that_is_none_is_refused_before_anything_opens(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--theme", "lite", "repl", "one-neuron"]) == 2
    assert "--theme: expected one of" in capsys.readouterr().err
