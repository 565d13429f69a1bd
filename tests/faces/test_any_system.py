"""Any system: what is printed where an encoding is poor, a stream is closed, a shell knows no patterns."""

from __future__ import annotations

import ast
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bpstep import streams
from bpstep.cli import SUBCOMMANDS, main
from bpstep.debugger.console import Console
from bpstep.debugger.topics import TOPICS
from bpstep.debugger.view_names import SHOWN
from bpstep.files import NothingFoundError, expanded, the_one
from bpstep.repl import converse
from bpstep.scenario.loader import load

ROOT = Path(__file__).parent.parent.parent

#: A console of Windows, and a bare C locale, as Python sees them when its output is no terminal.
CONSOLES = {
    "cp1252": {"PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"},
    "C": {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
}


def run(console: str, *argv: str, given: bytes = b"", shell: str = "") -> subprocess.CompletedProcess[bytes]:
    """bpstep in a process of its own, its output read through a pipe."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "LANG", "PYTHON"))}
    command = [sys.executable, "-m", "bpstep", *argv]
    if shell:
        command = ["sh", "-c", f'"$@" {shell}', "sh", *command]
    return subprocess.run(
        command, input=given, capture_output=True, check=False, cwd=ROOT, env={**kept, **CONSOLES[console]}
    )


@pytest.mark.parametrize("console", CONSOLES)
def test_what_a_program_reads_is_utf8(console: str) -> None:
    done = run(console, "list", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout.decode("utf-8"))["scenarios"][0]["title"].startswith("y = e^{sin(x²)}")
    assert b"\r" not in done.stdout


@pytest.mark.parametrize("mark", [b"", "\ufeff".encode()])
def test_a_pipe_is_read_as_utf8_and_answered_so(mark: bytes) -> None:
    lines = "until ∂E/∂w(h1→o1)\nfoo δ\nprint y[h1]\n\udcff\n".encode("utf-8", "surrogateescape")
    done = run("cp1252", "repl", "mazur-2-2-2", given=mark + b"show step\r\n" + lines)
    assert done.returncode == 2
    assert "foo δ\n" in done.stderr.decode("utf-8")
    assert "\\xff\n" in done.stderr.decode("utf-8"), "bytes that are no text are shown, and no command"
    assert "y[h1] = 0.593270" in done.stdout.decode("utf-8"), "what is printed can be typed"
    assert "Traceback" not in done.stderr.decode("utf-8")
    assert "show step" not in done.stderr.decode("utf-8"), "the mark before it is no part of the command"


def test_a_terminal_gets_what_it_can_show() -> None:
    streams.register()
    text = "δ = ∂E/∂e → ½ (y − t)² ▶ ┏━┓ ⠉"
    assert text.encode("ascii", streams.STAND_IN) == b"D = dE/de -> 1/2 (y - t)^2 > +=+ '"
    assert text.encode("cp1252", streams.STAND_IN).decode("cp1252") == "D = dE/de -> ½ (y - t)² > +=+ '"
    assert text.encode("utf-8", streams.STAND_IN).decode("utf-8") == text


@pytest.mark.skipif(os.name != "posix", reason="closes a stream as a shell does it")
@pytest.mark.parametrize(
    ("argv", "shell", "code", "says"),
    [
        (("list",), ">&-", 0, ""),
        (("list",), "2>&-", 0, ""),
        (("repl", "xor"), "<&-", 0, ""),
        (("trace", "xor"), "| head -1", 0, ""),
        (("trace", "no-such"), "2>&1 >&- | true", 0, ""),
        (("trace", "mazur-2-2-2"), "> /dev/full", 3, "bpstep: No space left on device\n"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_stream_may_be_closed_or_full(argv: tuple[str, ...], shell: str, code: int, says: str) -> None:
    if "/dev/full" in shell and not Path("/dev/full").exists():
        pytest.skip("there is no full device here")
    done = run("C", *argv, shell=shell)
    assert (done.returncode, done.stderr.decode()) == (code, says)


def test_windows_calls_a_broken_pipe_an_invalid_argument() -> None:
    assert streams.is_gone(OSError(22, "Invalid argument"))
    assert streams.is_gone(BrokenPipeError())
    assert not streams.is_gone(OSError(22, "Invalid argument", "a<b.toml"))
    assert not streams.is_gone(OSError(28, "No space left on device"))


# --- files that are named --------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Scripts in a folder, one of them below it, one with a name that is itself a pattern."""
    monkeypatch.chdir(tmp_path)
    for name in ("b.bps", "a.bps", "week 2/c.bps", "x[1].bps", "notes.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("load chain-rule\nexpect step = 0\n", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["."], ["./a.bps", "./b.bps", "./week 2/c.bps", "./x[1].bps"]),
        (["week 2"], ["week 2/c.bps"]),
        (["?.bps"], ["a.bps", "b.bps"]),
        (["**/c.bps"], ["week 2/c.bps"]),
        (["week*"], ["week 2/c.bps"]),
        (["x[1].bps"], ["x[1].bps"]),
        (["b.bps", "*.bps"], ["b.bps", "a.bps", "x[1].bps"]),
        (["no-such.bps"], ["no-such.bps"]),
    ],
)
def test_folders_and_patterns(folder: Path, names: list[str], found: list[str]) -> None:
    assert expanded(names, ".bps") == [str(Path(name)) if "./" not in name else name for name in found]


@pytest.mark.parametrize("name", ["empty", "*.nothing"])
def test_what_means_nothing_is_said(folder: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(NothingFoundError):
        expanded([name], ".bps")
    assert main(["replay", name]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_tree_of_folders_that_nobody_means_is_not_walked_to_its_end(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("bpstep.files._MOST_INSIDE", 3)
    assert main(["replay", "."]) == 2
    assert capsys.readouterr().err == "there are more than 3 files below .; expected a folder of few\n"


def test_a_pattern_for_one_file(folder: Path) -> None:
    assert the_one("b*.bps") == "b.bps"
    with pytest.raises(NothingFoundError, match=r"\?\.bps matches 2 files; expected one"):
        the_one("?.bps")


def test_exercises_of_a_folder_or_a_pattern_are_proved(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "mine 1"
    folder.mkdir()
    first = min((ROOT / "scenarios" / "exercises").glob("*.toml"))
    (folder / first.name).write_bytes(first.read_bytes())
    for words in ([str(folder)], ["--path", str(folder)], [str(tmp_path / "mine*")]):
        assert main(["exercises", "check", *words]) == 0
        assert capsys.readouterr().out.startswith("1 exercise, ")
    assert main(["exercises", "check", str(tmp_path / "other*")]) == 2


def test_a_folder_is_replayed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", "."]) == 0
    assert capsys.readouterr().out.count("2 commands, all held") == 4


# --- words that are no commands ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        ("validate x.toml", 'there is no command "validate"; try: bpstep lint x.toml'),
        ("demo.bps", "demo.bps is a script; this carries it out: bpstep replay demo.bps"),
        ("trace demo.bps", "demo.bps is a script; this carries it out: bpstep replay demo.bps"),
        ("replay x.toml", "x.toml is a scenario, not a script; this opens it: bpstep x.toml"),
        ("trase xor", 'did you mean "trace"?'),
        ("mazur-2-2", 'did you mean "mazur-2-2-2"?'),
        ("until", '"until" is a command within a session'),
        ("help zzz", 'unknown command or topic "zzz"'),
    ],
)
def test_the_right_line_is_given(argv: str, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(argv.split(" ")) == 2
    told = capsys.readouterr().err
    assert says in told
    assert told.count("\n") == 1


def test_help_is_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["help"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("usage: bpstep")
    assert re.findall(r"^help (\w+)", told.partition("topics:\n")[2], re.MULTILINE) == [*TOPICS]
    for argv in (["--help"], *(["help", row.name] for row in SUBCOMMANDS)):
        with pytest.raises(SystemExit) as left:
            main(argv)
        assert left.value.code == 0
        assert f"usage: bpstep {argv[1] if len(argv) > 1 else ''}".strip() in capsys.readouterr().out
    assert main(["help", "until"]) == 0
    assert "for example: until delta[h1]" in capsys.readouterr().out


def test_what_the_command_line_repeats_is_visible(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["list", "\x1b[31m\u202e"])
    assert left.value.code == 2
    assert "\\x1b[31m\\u202e" in capsys.readouterr().err


def test_the_help_of_the_prompt_fits_a_terminal() -> None:
    from bpstep.debugger.commands import COMMANDS
    from bpstep.debugger.help import help_text

    lines = help_text(COMMANDS).split("\n")
    assert max(map(len, lines)) <= 80
    assert all(any(line.startswith(name) for line in lines) for name in COMMANDS)


# --- nothing that only one system has ------------------------------------------------------------------------

#: What there is on Unix alone; `signal.SIGHUP` and the like are looked for by name before they are used.
ONLY_UNIX = {"fcntl", "grp", "pty", "pwd", "resource", "termios", "tty"}
ONLY_UNIX_NAMES = {
    "os.fork",
    "os.mkfifo",
    "os.getuid",
    "os.fchmod",
    "os.killpg",
    "signal.SIGHUP",
    "signal.SIGPIPE",
}


def test_the_program_uses_nothing_that_only_unix_has() -> None:
    for path in sorted((ROOT / "bpstep").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                assert not ONLY_UNIX & {alias.name for alias in node.names}, path
            elif isinstance(node, ast.ImportFrom):
                assert node.module not in ONLY_UNIX, path
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                assert f"{node.value.id}.{node.attr}" not in ONLY_UNIX_NAMES, path


def test_every_text_file_is_opened_as_utf8() -> None:
    """The encoding that Python takes where none is stated is that of the system, and not UTF-8 everywhere."""
    for path in sorted((ROOT / "bpstep").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            is_method = isinstance(node.func, ast.Attribute)
            opens = name in (("read_text", "write_text") if is_method else ("open", "fdopen"))
            named = {keyword.arg for keyword in node.keywords}
            in_bytes = any(isinstance(x, ast.Constant) and str(x.value).endswith("b") for x in node.args[1:])
            assert not opens or "encoding" in named or in_bytes, f"{path}:{node.lineno}"


# --- terminals ---------------------------------------------------------------------------------------------


class Terminal(io.StringIO):
    """A terminal that answers with lines, and keeps what is printed."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (["xor"], "on this one, try: bpstep repl xor"),
        (["a b.toml"], 'on this one, try: bpstep repl "a b.toml"'),
        ([], "on this one, try: bpstep list"),
    ],
)
def test_a_terminal_without_a_cursor(
    argv: list[str],
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a b.toml").write_bytes((ROOT / "scenarios" / "xor.toml").read_bytes())
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("sys.stdout", Terminal())
    assert main(argv) == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    ("columns", "width"), [(None, 80), ("200", 200), ("999", 200), ("1", 60), ("0", 80), ("x", 80)]
)
def test_a_prompt_is_as_wide_as_it_is_asked_to_be(
    columns: str | None, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if columns is not None:
        monkeypatch.setenv("COLUMNS", columns)
    to = io.StringIO()
    converse(Console(load("mazur-2-2-2")), io.StringIO("show chain\nshow weights\n"), to)
    assert max(map(len, to.getvalue().splitlines())) == width


def test_what_is_compared_is_the_same_in_every_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "one.bps"
    path.write_text("load mazur-2-2-2\ncmp network g\n-- g --\n", encoding="utf-8")
    assert main(["replay", "--update", "--in-place", str(path)]) == 0
    monkeypatch.setenv("COLUMNS", "120")
    assert converse(Console(load("xor")), io.StringIO(f"source {path}\n"), io.StringIO()) == 0


def test_glyphs_are_chosen_at_the_prompt(tmp_path: Path) -> None:
    to = io.StringIO()
    session = Console(load("mazur-2-2-2"))
    session.folder = tmp_path
    lines = [
        "set glyphs = ascii",
        "until delta[h1]",
        *(f"show {name}" for name in SHOWN if name != "variables"),
    ]
    assert converse(session, io.StringIO("\n".join([*lines, "why", "export chain chain.txt"])), to) == 0
    assert to.getvalue().isascii()
    assert "D(h1)" in to.getvalue()
    assert (tmp_path / "chain.txt").read_text("utf-8").isascii()
