"""The help: every command and every topic, true to the tables, as wide as there are columns; and what shells read."""

from __future__ import annotations

import re
import shutil
import subprocess
from contextlib import suppress

import pytest

from bpstep.cli import SUBCOMMANDS, main
from bpstep.debugger.commands import COMMANDS
from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError
from bpstep.debugger.events import EVENTS
from bpstep.debugger.help import help_text
from bpstep.debugger.language import parse_line
from bpstep.debugger.looks import LOOKS
from bpstep.debugger.topics import TOPICS, text_of, title_of
from bpstep.debugger.topics.made import STEPS
from bpstep.engine.activations import ACTIVATIONS
from bpstep.engine.costs import COSTS
from bpstep.engine.optimizers import OPTIMIZERS
from bpstep.engine.rules import RULES
from bpstep.engine.steps import OPS
from bpstep.exercises.kinds import KINDS
from bpstep.exercises.loading import load_path
from bpstep.scenario.catalogue import builtin_names
from bpstep.scenario.functions import ARRAY_FUNCTIONS
from bpstep.scenario.loader import load
from bpstep.scenario.notations import NOTATIONS
from bpstep.view.say.help import help_lines
from bpstep.view.say.views import VIEWS
from bpstep.worksheets.sheets import MOST_PARAMETERS

#: What a topic has to name, row by row.
LISTED = {
    "steps": OPS, "rules": RULES, "notations": NOTATIONS, "arrays": ARRAY_FUNCTIONS,
    "scenarios": [*ACTIVATIONS, *COSTS], "training": [*OPTIMIZERS, *EVENTS],
    "exercises": [word for kind in KINDS for word in [kind.partition("-")[0]]],
}  # fmt: skip


@pytest.mark.parametrize("columns", [60, 80, 200])
@pytest.mark.parametrize("word", ["", *TOPICS, *COMMANDS])
def test_no_line_is_wider_than_the_terminal(word: str, columns: int) -> None:
    lines = help_text(COMMANDS, word, columns=columns).split("\n")
    assert max(map(len, lines)) <= columns
    assert columns < 200 or word not in TOPICS or max(map(len, lines)) > 100


@pytest.mark.parametrize("word", LISTED)
def test_a_topic_lists_what_its_table_has(word: str) -> None:
    text = help_text(COMMANDS, word)
    assert [name for name in LISTED[word] if not re.search(rf"\b{name}\b", text)] == []


def test_every_row_of_a_table_has_its_words() -> None:
    assert tuple(STEPS) == OPS
    assert all(form.says for form in ARRAY_FUNCTIONS.values())


def test_the_topic_of_commands_has_every_command_and_show_every_view() -> None:
    told = " ".join(help_text(COMMANDS, "commands").split())
    assert [row.name for row in COMMANDS.values() if " ".join(row.usage.split()) not in told] == []
    assert all(name in told for name in VIEWS)


def test_the_help_on_the_screen_names_every_topic_and_what_it_is_about() -> None:
    lines = [line for line, _ in help_lines([])]
    listed = {line.split()[1]: line.split(maxsplit=2)[2] for line in lines if line.startswith("help ")}
    assert {name: listed.get(name) for name in TOPICS} == {name: title_of(name) for name in TOPICS}


def test_the_topic_of_worksheets_says_what_has_no_room_on_paper() -> None:
    told = text_of("worksheets").partition("A net of more than ")[2]
    kinds = set(re.findall(r"`([a-z-]+)`", told.partition("are not for paper")[0]))
    assert kinds == {name for name, kind in KINDS.items() if not kind.is_on_paper}
    assert told.startswith(f"{MOST_PARAMETERS} parameters")


@pytest.mark.parametrize("name", LOOKS)
def test_the_topic_of_settings_has_every_look(name: str) -> None:
    assert f"--{name} " in help_text(COMMANDS, "settings", columns=10_000)


@pytest.mark.parametrize("word", TOPICS)
def test_a_topic_can_be_read_wherever_there_is_help(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(load("one-neuron"))
    told = console.execute(f"help {word}").text  # type: ignore[attr-defined]
    with suppress(SystemExit):  # which is how the help of a subcommand ends, where a word is both
        main(["help", word])
    assert told in capsys.readouterr().out
    assert parse_line(f"help {word}") is not None


def test_what_is_no_topic_is_told_what_is_near() -> None:
    with pytest.raises(CommandError, match=r'unknown command or topic "notation"|did you mean "notations"'):
        help_text(COMMANDS, "notatons")


def completed(*words: str) -> set[str]:
    """What bash offers for the last of these words."""
    script = subprocess.run(
        ["bash", "-c", f"source /dev/stdin; COMP_WORDS=({' '.join(words)}''); COMP_CWORD={len(words) - 1}; "
         "_shtab_bpstep bpstep; printf '%s\\n' \"${COMPREPLY[@]}\""],
        input=SCRIPT[0], capture_output=True, text=True, check=True,
    )  # fmt: skip
    return {line.strip() for line in script.stdout.split("\n") if line}


SCRIPT: list[str] = []


@pytest.fixture
def bash(capsys: pytest.CaptureFixture[str]) -> None:
    if shutil.which("bash") is None:
        pytest.skip("there is no bash")
    if not SCRIPT:
        assert main(["completion", "bash"]) == 0
        SCRIPT.append(capsys.readouterr().out)


@pytest.mark.usefixtures("bash")
def test_a_shell_completes_commands_scenarios_exercises_and_looks() -> None:
    names = set(builtin_names())
    assert {row.name for row in SUBCOMMANDS} | names <= completed("bpstep", "")
    assert names <= completed("bpstep", "trace", "")
    assert {one.id for one in load_path(None)[0]} <= completed("bpstep", "exercise", "")
    assert set(TOPICS) <= completed("bpstep", "help", "")
    assert {"light", "high-contrast"} <= completed("bpstep", "repl", "xor", "--theme", "")


@pytest.mark.parametrize("shell", ["zsh", "tcsh"])
def test_other_shells_know_the_scenarios(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    said = capsys.readouterr().out
    assert all(name in said for name in builtin_names())
