"""Every line that is typed gets its line: an answer, or what is wrong, where, and what was expected."""

from __future__ import annotations

import random
import shlex
import sys
from functools import cache
from pathlib import Path

import pytest

from bpstep.cli import main
from bpstep.debugger.answers import Said
from bpstep.debugger.arguments import as_word, without_comment
from bpstep.debugger.commands import COMMANDS
from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError, ExitCode
from bpstep.debugger.language import parse_line
from bpstep.scenario.catalogue import scenario_folder
from bpstep.scenario.loader import load
from bpstep.view.say.exports import attach
from tests.helpers.mangled import EXPRESSIONS, LINES, mangled_line, what_is_wrong

loaded = cache(load)


def opened(scenario: str = "mazur-2-2-2", folder: Path = Path()) -> Console:
    session = Console(loaded(scenario))
    attach(session)
    session.folder = folder
    return session


def test_every_command_is_mangled() -> None:
    first = {line.split()[0] for line in LINES}
    assert {name for name in COMMANDS if name not in first} == {"train"}, "training may take its time"


@pytest.mark.parametrize("scenario", ["mazur-2-2-2", "chain-rule", "batch-or-online"])
def test_whatever_is_typed_gets_its_line(scenario: str, tmp_path: Path) -> None:
    chance = random.Random(scenario)
    session = opened(scenario, tmp_path)
    session.blocks = {"golden": "nothing like it"}
    for number in range(300):
        line = mangled_line(chance)
        problem = what_is_wrong(session, line)
        assert not problem, f"{line[:300]!r}: {problem}"
        if number % 40 == 39:
            session = opened(scenario, tmp_path)


@pytest.mark.parametrize("line", [line for line in LINES if "{}" in line])
def test_hundreds_of_anything_are_a_line_wherever_an_expression_stands(line: str) -> None:
    session = opened()
    depth = sys.getrecursionlimit()
    sys.setrecursionlimit(depth_now() + 120)  # as much as is left when a deep screen carries out a command
    try:
        for piece in ("(", "-", "sin(", "2^", "d("):
            for times in (99, 5_000):
                assert not what_is_wrong(session, line.replace("{}", piece * times + "1"))
    finally:
        sys.setrecursionlimit(depth)


def depth_now() -> int:
    """How deep Python's stack is here."""
    frame, depth = sys._getframe(), 0
    while frame is not None:
        frame, depth = frame.f_back, depth + 1  # type: ignore[assignment]
    return depth


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_what_is_mangled_is_right_before(expression: str) -> None:
    session = opened("batch-or-online" if "loss" in expression else "mazur-2-2-2")
    if expression.startswith("dot"):
        session.execute("set mode = forward w[i1->h1]")
    elif expression.startswith("m("):
        session.execute("set optimizer = momentum")
    session.execute(f"watch {expression} + step")


@pytest.mark.parametrize(
    ("line", "message", "column", "code"),
    [
        ("step ²", "expected a count from 1 on", 5, ExitCode.USAGE),
        ("step -1", "expected a count from 1 on", 5, ExitCode.USAGE),
        ("step ٣", "expected a count from 1 on", 5, ExitCode.USAGE),
        ("step " + "1" * 5_000, "expected a count from 1 on", 5, ExitCode.USAGE),
        ("back layer 0", "expected a count from 1 on", 11, ExitCode.USAGE),
        ("n 0", "expected a count from 1 on", 2, ExitCode.USAGE),
        ("goto ²", "expected a step, start, end or epoch N", 5, ExitCode.USAGE),
        ("goto epoch", "expected the number of an epoch, found nothing", 5, ExitCode.USAGE),
        ("delete ²", "expected the number of a stop", 7, ExitCode.USAGE),
        ("train ²", "expected a number of epochs", 6, ExitCode.USAGE),
        ("play 0", "expected steps a second", 5, ExitCode.USAGE),
        ("exercise seed=²", "expected seed=N", 14, ExitCode.USAGE),
        ("load xor seed=1e3", "expected seed=N", 14, ExitCode.USAGE),
        ("stops now", 'expected nothing more, found "now"', 6, ExitCode.USAGE),
        ("quit now", 'expected nothing more, found "now"', 5, ExitCode.USAGE),
        ("expect cost -3", "this is a value, no condition", 12, ExitCode.USAGE),
        ("expect step", "this is a value, no condition", 7, ExitCode.USAGE),
        ("expect step > 1 and cost -3", "this is a value, no condition", 25, ExitCode.USAGE),
        ("expect not cost", "this is a value, no condition", 11, ExitCode.USAGE),
        ("until cost -3", "this is a value, no condition; expected a cell or a comparison", 11, ExitCode.USAGE),
        ("break local if value - 2", "this is a value, no condition; expected a comparison", 21, ExitCode.USAGE),
        ("expect step = 2 * 3", 'two expressions are compared with "=="', 16, ExitCode.USAGE),
        ("expect step = y[h1]", 'two expressions are compared with "=="', 14, ExitCode.USAGE),
        ("expect step =", 'expected a number behind "=", found the end', 13, ExitCode.USAGE),
        ("expect = 3", 'expected an expression before "="', 7, ExitCode.USAGE),
        ("expect step ~", 'expected a number behind "~"', 13, ExitCode.USAGE),
        ("expect step = 3 rel=1%", 'a tolerance goes with "~"', 16, ExitCode.USAGE),
        ("expect step ~ 3 rel=10", "rel=10 is 1000 %; expected rel=10% or a fraction under 1", 16, ExitCode.USAGE),
        ("expect step ~ 3 rel=1% rel=2%", "rel is given twice", 23, ExitCode.USAGE),
        ("expect step ~ 3 abs=1%", "abs is a distance", 16, ExitCode.USAGE),
        ("expect step ~ 3 rel = 1%", "expected rel=1% or abs=1e-6", 16, ExitCode.USAGE),
        ("expect step ~ 3 abs=-1", "expected rel=1% or abs=1e-6", 16, ExitCode.USAGE),
        ("expect step = 1e999", "is too large", 14, ExitCode.USAGE),
        ("expect state y[h1] finale", 'did you mean "final"?', 19, ExitCode.USAGE),
        ("print 2*delta[h7]", 'there is no cell "delta[h7]"', 8, ExitCode.USAGE),
        ("print h1", '"h1" is a neuron; expected one of its cells, such as y[h1]', 6, ExitCode.USAGE),
        ("print delta", "expected delta[NEURON]", 6, ExitCode.USAGE),
        ("print y[h1] = 3", 'expected "==" between two values', 12, ExitCode.USAGE),
        ("why y[h1] + 1", "expected one cell", 4, ExitCode.USAGE),
        ("paths y[h1] y[h2] y[o1]", "expected one cell or two, found 3", 6, ExitCode.USAGE),
        ('save "a b.bps', 'expected a second "', 5, ExitCode.USAGE),
        ("save a b.bps", "one with spaces stands in quotation marks", 5, ExitCode.USAGE),
        ("load 'x", "expected a second '", 5, ExitCode.USAGE),
        ("! " * 9 + "step", "more than 8 times !", 2, ExitCode.USAGE),
        ("print " + "1+" * 12_000 + "1", "a command has at most 20200 characters", 20_200, ExitCode.USAGE),
        ("print " + "x" * 10_000, "there is nothing called", 6, ExitCode.USAGE),
        ("x" * 10_000, "unknown command", 0, ExitCode.USAGE),
    ],
)  # fmt: skip
def test_what_is_wrong_where_and_what_was_expected(
    line: str, message: str, column: int, code: ExitCode
) -> None:
    with pytest.raises(CommandError) as caught:
        opened().execute(line)
    assert message in caught.value.message
    assert "\n" not in caught.value.message
    assert len(caught.value.message) < 300
    assert (caught.value.column, caught.value.code) == (column, code)


@pytest.mark.parametrize(
    "line",
    [
        "step ²", "goto ²", "expect cost -3", "expect step = y[h1]", "expect step ~ 3 rel=10", "delete ²", "stops now",
        "expect state y[nobody] final", "expect state y[h1] finale", "fork 1", "play 0", "help nothing", "save",
        "print " + "(" * 200, "break local if " + "(" * 200, "until " + "-" * 200, "train ²", 'source "', "undo 1",
    ],
)  # fmt: skip
def test_a_script_with_such_a_line_is_refused_before_anything_runs(
    line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = tmp_path / "s.bps"
    script.write_text(f"load mazur-2-2-2\nprint lr\n{line}\n", encoding="utf-8")
    assert main(["replay", str(script)]) == 2
    shown = capsys.readouterr()
    assert "lr = " not in shown.out
    assert shown.err.startswith(f"{script}:3:")


@pytest.mark.parametrize(
    "line",
    [
        "expect step = 0", "expect step ~ 0 abs=0", "expect lr = 0.5", "expect lr ~ 0.505", "expect η = 0.5",
        "expect lr ~ 0.51 rel=0.02",
        "expect lr ~ .52 rel=10% abs=1e-9", "expect -lr = −0.5", "expect lr = 5e-1", "expect lr == 1/2",
        "expect not lr < 0.1 and step == 0", "expect finite(lr)", "expect [lr = 0.5] = 1", "expect state y[h1] unset",
        "expect lr >= 0.5 # so far", "! expect y[h1] > 0", "! ! step", "! expect lr = 0.6",
    ],
)  # fmt: skip
def test_what_holds_holds(line: str) -> None:
    opened().execute(line)


def test_a_variable_may_have_the_name_of_a_kind_of_expectation(tmp_path: Path) -> None:
    text = 'format = 1\ntitle = "t"\n[expression]\ndefine = "state = verdict^2"\n[expression.inputs]\nverdict = 3\n'
    (tmp_path / "x.toml").write_text(text, encoding="utf-8")
    session = opened(str(tmp_path / "x.toml"))
    session.execute("step")
    session.execute("expect state = 9")
    session.execute("expect verdict < state")


# --- words, names, comments ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('save "a b.bps" --expect', ["a b.bps", "--expect"]),
        ("save 'a \"b\".bps'", ['a "b".bps']),
        ("save d'où.bps", ["d'où.bps"]),
        ('save "a # b" # a comment', ["a # b"]),
        ("save a#b # a comment", ["a#b"]),
        ("save ''", [""]),
        ("# nothing", None),
        ("  #nothing", None),
        ("save a #", ["a"]),
    ],
)
def test_words_stand_between_spaces_or_in_quotation_marks(line: str, words: list[str] | None) -> None:
    call = parse_line(line)
    assert (None if call is None else [word for word, _ in call.arguments.words]) == words


@pytest.mark.parametrize(
    "name", ["a.bps", "a b", "a#b", "#a", "it's", '"', "'x", 'a "b" c', "", "é\u00a0x", "a\\b c"]
)
def test_a_name_as_a_word_is_read_back(name: str) -> None:
    call = parse_line(f"save {as_word(name)} # and a comment")
    assert call is not None
    assert [word for word, _ in call.arguments.words] == [name]
    assert without_comment(f"save {as_word(name)}") == f"save {as_word(name)}"


@pytest.mark.parametrize("name", ["a 'b' \"c\"", "a\nb"])
def test_a_name_that_no_command_can_hold_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="can not be written"):
        as_word(name)


@pytest.mark.parametrize("where", ["x.bps", "out/x.bps", "a b/x y.bps", "../x.bps"])
@pytest.mark.parametrize("scenario", ["mine.toml", "sp ace/it's mine.toml", "./sp ace/mine"])
def test_what_is_saved_can_be_replayed_from_where_it_lies(
    where: str,
    scenario: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    home = tmp_path / "home"
    for folder in ("sp ace", "out", "a b"):
        (home / folder).mkdir(parents=True)
    (home / scenario).write_bytes((scenario_folder() / "xor.toml").read_bytes())
    monkeypatch.chdir(home)
    session = opened("mazur-2-2-2")
    answer = None
    for line in (f"load {as_word(scenario)}", "until δ(h1)", "set notation = nielsen", "print a(h1)  # so far",
                 "expect y(o1) < a(o1)", '! load "not there.toml"', f"save {as_word(where)} --expect"):  # fmt: skip
        answer = session.execute(line)
    assert isinstance(answer, Said)
    _, *words = shlex.split(answer.text.partition("replay it with: ")[2])
    assert words[:2] == ["replay", where]
    assert main(words) == 0, capsys.readouterr().err
    monkeypatch.chdir(tmp_path)
    words[1] = str(home / where)
    assert main(words) == 0, capsys.readouterr().err
    assert ("--trust" in words) == (Path(where).parts[0] in ("out", "a b")), (
        "only what leads out of its folder needs it"
    )
    assert main(words[:2]) == (2 if "--trust" in words else 0)


def test_source_and_export_take_names_in_quotation_marks(tmp_path: Path) -> None:
    (tmp_path / "a b").mkdir()
    (tmp_path / "a b" / "s 1.bps").write_text("load xor\nstep 3\n", encoding="utf-8")
    session = opened(folder=tmp_path)
    session.execute('source "a b/s 1.bps"')
    session.execute("source a b/s 1.bps")
    assert (session.scenario.name, session.position) == ("xor", 3)
    session.execute('export weights "a b/out put.txt"')
    assert (tmp_path / "a b" / "out put.txt").exists()


def test_a_script_is_checked_in_the_letters_that_will_be_in_force(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = ["load mazur-2-2-2", "notation nielsen", "until z(h1)", "expect y(o1) < 0.02", "load xor", "step 12",
             "print z(h1)", "set notation = pdp", "print net(h1)", "undo", "print z(h1)"]  # fmt: skip
    script = tmp_path / "s.bps"
    script.write_text("\n".join(lines), encoding="utf-8")
    assert main(["replay", str(script)]) == 0, capsys.readouterr().err


def test_a_block_is_no_part_of_a_session_that_is_saved(tmp_path: Path) -> None:
    (tmp_path / "s.bps").write_text(
        "load xor\n! cmp legend golden\nstep\n-- golden --\nno\n", encoding="utf-8"
    )
    session = opened(folder=tmp_path)
    session.execute("source s.bps")
    session.execute("save t.bps")
    assert (tmp_path / "t.bps").read_text(encoding="utf-8") == "load xor\nstep\n"


@pytest.mark.parametrize("gap", ["\r", "\x0b", "\x0c", "\x85", "\u2028"])
def test_what_is_typed_is_one_line_of_the_log(gap: str) -> None:
    """Blanks that end a line elsewhere do not cut a command in two when it is saved."""
    console = Console(load("mazur-2-2-2"))
    console.execute(f"set glyphs ={gap} safe")
    assert [len(line.splitlines()) for line in console.log] == [1]
    other = Console(load("mazur-2-2-2"))
    for line in console.log:
        other.execute(line)
    assert other.options.glyphs == "safe"


def test_what_does_not_move_computes_nothing_when_it_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else an interruption could come behind a file that is written already, and the command be called undone."""
    console = Console(load("xor"))
    console.execute("goto end")

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("bpstep.debugger.console.reach", interrupted)
    console.execute("print loss")
    with pytest.raises(KeyboardInterrupt):
        console.execute("goto start")
