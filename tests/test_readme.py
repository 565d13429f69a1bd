"""The README and the topics of the help say what the tables say, and what they show can be done."""

from __future__ import annotations

import doctest
import io
import re
from pathlib import Path

import numpy as np
import pytest

from bpstep.cli import SUBCOMMANDS, main
from bpstep.debugger import topics
from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError
from bpstep.debugger.language import parse_line
from bpstep.debugger.settings import Settings
from bpstep.debugger.topics import TOPICS, text_of
from bpstep.exercises.loading import exercise_folder, load_path
from bpstep.scenario.catalogue import scenario_folder
from bpstep.scenario.loader import load, loads
from bpstep.tui.keys import KEYS

README = Path(__file__).parent.parent / "README.md"
SHORT = README.read_text(encoding="utf-8")
#: What a user reads: the README, and the topics of the help.
TEXT = "\n".join([SHORT, *map(text_of, TOPICS)])
PROSE = re.sub(r"^```.*?^```$", "", TEXT, flags=re.DOTALL | re.MULTILINE)
#: A command in the prose.
USES = r"`((?:print|until|train|goto|set|show|break|info|watch|check|derive|expect) [^`|A-Z]+)`"
CODE = [" ".join(code.split()) for code in re.findall(r"`([^`]+)`", PROSE)]


def test_the_readme_is_a_page_that_is_read_in_three_minutes() -> None:
    """What a newcomer reads of it: all but how it is built."""
    first = SHORT.partition("## How it is built")[0]
    assert len(first.split()) < 900
    assert len(SHORT.splitlines()) < 180


def test_the_readme_leads_to_every_topic() -> None:
    rows = re.findall(
        r"^\|.*\|(.*)\|$", SHORT.partition("## Where the rest is")[2].partition("## ")[0], re.MULTILINE
    )
    assert sorted(name for row in rows for name in re.findall(r"`(\w+)`", row)) == sorted({*TOPICS})


@pytest.mark.parametrize("name", TOPICS)
def test_a_topic_leads_to_topics_that_are_there(name: str) -> None:
    assert text_of(name).startswith(f"# {name}: ")
    leads = re.findall(r"`(?:bpstep )?help (\w+)`", text_of(name))
    assert set(leads) <= {*TOPICS, "COMMAND"}


def test_a_page_is_a_topic() -> None:
    pages = Path(topics.__file__).parent.glob("*.md")
    assert {page.stem for page in pages} == set(TOPICS)


def test_the_topic_of_keys_has_every_key_and_that_of_settings_every_name() -> None:
    told = re.findall(r"^\| (.*?) \|", text_of("keys"), re.MULTILINE)
    shown = {name for row in told for name in re.findall(r"`([^`]+)`", row)}
    assert {key.shown for key in KEYS} == shown
    names = text_of("settings").partition("keys are called ")[2].partition(".")[0]
    listed = re.sub(r" \(.*?\)", "", names).replace(" and ", ", ").split(", ")
    assert listed == [key.id for key in KEYS]


#: What stands for the words in capitals of a command line.
MEANT = {
    "SCENARIO": "mazur-2-2-2",
    "FILE…": str(scenario_folder() / "chain-rule.bps"),
    "NAME": "article",
    "NUMBERS": "trace.jsonl",
    "[FOLDER]": ".",
    "FOLDER": ".",
    "[ID]": "first-chain-rule",
    " ID": " first-chain-rule",
    "bpstep COMMAND --help": "bpstep trace --help",
    "[COMMAND]": "until",
    "[export\\|import FILE\\|reset]": "export mine.json",
    "FILE.bps": "demo.bps",
    "DIR": "slides",
    "FILE.toml": str(scenario_folder() / "xor.toml"),
    "FILE": "new.toml",
}


SCENARIOS = re.findall(r"^```toml\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("block", SCENARIOS)
def test_a_scenario_of_the_readme_loads(block: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(block, encoding="utf-8")
    session = Console(load(str(path)))
    if "[[note]]" in block:
        session.execute("until note")
    session.execute("goto end")


def test_what_the_readme_types_in_python_is_answered_so() -> None:
    blocks = re.findall(r"^```python\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
    examples = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, "README", "README.md", 0)
    assert len(examples.examples) > 10
    assert doctest.DocTestRunner(verbose=False).run(examples).failed == 0


@pytest.mark.parametrize("line", sorted({code for code in CODE if code.startswith("bpstep ")}))
def test_a_command_line_of_the_readme_runs(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    (tmp_path / "demo.bps").write_text("load mazur-2-2-2\nuntil delta[h1]\n", encoding="utf-8")
    first = min(exercise_folder().glob("*.toml"))
    (tmp_path / first.name).write_bytes(first.read_bytes())
    if line.startswith("bpstep exercises"):  # that all are proved is what test_path sees to
        monkeypatch.setattr("bpstep.exercises.loading.exercise_folder", lambda: tmp_path)
    if line.startswith("bpstep serve"):  # which waits for visitors
        monkeypatch.setattr("bpstep.web.server.Server.run", lambda server, begun: 0)
    if line.endswith("--difference 0.2851"):  # on its own it is a wrong gradient's
        line = line.replace("0.2851", "0")
    if "NUMBERS" in line:
        main(["trace", "mazur-2-2-2"])
        (tmp_path / "trace.jsonl").write_text(capsys.readouterr().out, encoding="utf-8")
    if "weights.npz" in line:
        np.savez(tmp_path / "weights.npz", W1=np.ones((3, 2)), b1=np.ones(3), W2=np.ones((1, 3)))
    if "grade" in line:
        main(["progress", "export", "mine.json"])
        line = line.replace("FILE…", "mine.json")
    for word, stands_for in MEANT.items():
        line = line.replace(word, stands_for)
    assert not re.search(r"[A-Z]{4}", line.replace(str(scenario_folder()), "")), (
        "a word that nothing stands for"
    )
    words = line.partition(" > ")[0].split()[1:]
    try:
        code = main(words)
    except SystemExit as end:  # which is how --help ends
        code = int(end.code or 0)
    told = capsys.readouterr().err
    if words[0] in {row.name for row in SUBCOMMANDS}:
        assert (code, told) == ("--rule" in words and words[0] == "check", "")
    else:
        assert told.startswith("bpstep: the screen needs a terminal"), "it opens on the screen"


def test_the_readme_shows_what_compare_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The three commands, with the f′ of the hidden layer forgotten."""
    monkeypatch.chdir(tmp_path)
    main(["stub", "mazur-2-2-2"])
    rows = {
        "dz2": "(a2 - T) * a2 * (1 - a2)", "dW2": "dz2.T @ a1", "db2": "dz2.sum(axis=0)",
        "dz1": "dz2 @ W2", "dW1": "dz1.T @ X", "db1": "dz1.sum(axis=0)",
    }  # fmt: skip
    text = re.sub(
        r"    (\w+) = None.*", lambda row: f"    {row[1]} = {rows[row[1]]}", capsys.readouterr().out
    )
    exec(compile(text, "mine.py", "exec"), {})
    assert main(["compare", "mazur-2-2-2", "mine.json"]) == 1
    shown = TEXT.partition("$ bpstep compare mazur-2-2-2 mine.json\n")[2].partition("…\n")[0]
    assert capsys.readouterr().out.startswith(shown)


def test_the_readme_lists_every_subcommand() -> None:
    listed = {code.split()[1] for code in CODE if code.startswith("bpstep ")}
    assert {row.name for row in SUBCOMMANDS} - {"open"} <= listed


@pytest.mark.parametrize("line", sorted(set(re.findall(USES, " ".join(PROSE.split())))))
def test_a_command_of_the_prose_can_be_given(line: str) -> None:
    """In a net, or in the README's own program over arrays."""
    call = parse_line(line)
    assert call is not None
    if call.command.check is None:
        return
    arrays = next(block for block in SCENARIOS if "for t in" in block)
    net, program = Console(load("xor")), Console(loads(arrays, "mine"))
    for session in (net, program):
        Settings().attend(session)  # as somebody has one who sits there
    try:
        call.command.check(net, call.arguments)
    except CommandError:
        call.command.check(program, call.arguments)


@pytest.mark.parametrize("path", sorted(set(re.findall(r"\b(?:bpstep|tests)/[\w/.]+(?=[`)])", TEXT))))
def test_a_file_that_the_readme_names_is_there(path: str) -> None:
    assert (README.parent / path).exists()


def test_the_readme_counts_right() -> None:
    count = len(load_path()[0])
    assert re.search(rf"\b{count}\s+exercises", TEXT), f"{count} exercises"
