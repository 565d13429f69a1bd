"""Commands: what they do to a session, and what they say when they can not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpstep.debugger.answers import Moved, Value
from bpstep.debugger.commands import COMMANDS
from bpstep.debugger.completion import complete
from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError, ExitCode
from bpstep.engine.timeline import LEVELS
from bpstep.repl import offered
from bpstep.scenario.loader import load
from bpstep.scenario.parsing import parse_cell


def opened(name: str = "mazur-2-2-2") -> Console:
    return Console(load(name))


@pytest.mark.parametrize(
    ("lines", "position"),
    [
        (["step"], 1),
        (["s", "s"], 2),
        (["step 10"], 10),
        (["step 1000000000"], 59),
        (["n"], 4),
        (["step neuron 2"], 8),
        (["step layer"], 8),
        (["step phase"], 18),
        (["step phase 2"], 47),
        (["step sample"], 59),
        (["goto 37", "back"], 36),
        (["goto 37", "rn"], 33),
        (["goto 36", "back neuron"], 33),
        (["goto end", "back phase"], 47),
        (["goto end", "back epoch"], 0),
        (["goto 3 4"], 34),
        (["until delta[h1]"], 37),
        (["until d(y[h1])"], 35),
        (["until cost"], 18),
        (["until loss"], 18),
        (["until backward"], 19),
        (["until update"], 48),
        (["until w[h1->o1]"], 54),
        (["until w[h1→o1]"], 54),
        (["until d(y[h1]) > 0"], 35),
        (["until e[h1] > 0.3"], 3),
        (["until step == 12"], 12),
        (["until note"], 3),
        (["goto 34", "restart"], 0),
    ],
)
def test_movements(lines: list[str], position: int) -> None:
    session = opened()
    for line in lines:
        assert isinstance(session.execute(line), Moved)
    assert session.position == position


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("print y[h1]", 0.593269992),
        ("p delta[o1] * w[h1->o1]", 0.055399425),
        ("print d(e[o1], y[h1])", 0.4),
        ("print local[h1]", 0.241300709),
        ("print step", 47.0),
        ("print lr", 0.5),
        ("print 2^3^2 - -1", 513.0),
        ("print abs(d(y[o2])) < 0.5 and not cost > 1", 1.0),
    ],
)
def test_values(line: str, value: float) -> None:
    session = opened()
    session.execute("goto 47")
    answer = session.execute(line)
    assert isinstance(answer, Value)
    assert answer.value == pytest.approx(value, abs=5e-10)


@pytest.mark.parametrize(
    ("line", "message", "column", "code"),
    [
        ("stp", 'unknown command "stp"; did you mean "step"?', 0, ExitCode.USAGE),
        ("step laier", 'unknown level "laier"; did you mean "layer"?', 5, ExitCode.USAGE),
        ("step layer x", 'expected a count from 1 on, found "x"', 11, ExitCode.USAGE),
        ("step 0", 'expected a count from 1 on, found "0"', 5, ExitCode.USAGE),
        ("step op 2 3", 'expected nothing more, found "3"', 10, ExitCode.USAGE),
        ("goto 60", "there are steps 0 to 59, not 60", 5, ExitCode.FAILED),
        ("goto epoch 2", "there are epochs 1 to 1, not 2", 5, ExitCode.FAILED),
        ("goto", "expected a step, start, end or epoch N", 4, ExitCode.USAGE),
        ("until delta[h9]", 'there is no cell "delta[h9]"', 6, ExitCode.USAGE),
        ("until e[h1] > 5", "no later step", 6, ExitCode.FAILED),
        ("print y[h1", 'expected "]"', 10, ExitCode.USAGE),
        ("print d(y[h1])", "d(y[h1]) is unset", 6, ExitCode.FAILED),
        ("print __import__('os')", "unexpected character", 17, ExitCode.USAGE),
        ("set digits = 99", "expected 2 to 12 digits", 13, ExitCode.USAGE),
        ("set notation = nielson", 'did you mean "nielsen"?', 15, ExitCode.USAGE),
        ("show netwrok", 'did you mean "network"?', 5, ExitCode.USAGE),
        ("help stepp", 'did you mean "step"?', 5, ExitCode.USAGE),
    ],
)
def test_errors_point_at_the_place(line: str, message: str, column: int, code: ExitCode) -> None:
    session = opened()
    with pytest.raises(CommandError) as caught:
        session.execute(line)
    assert message in caught.value.message
    assert (caught.value.column, caught.value.code) == (column, code)
    assert session.position == 0


def test_a_cell_that_does_not_exist_is_called_as_it_was_and_so_is_what_was_meant() -> None:
    """`delta[h9]` is no cell: that is not told of d(e[h9]), nor is e[h2] meant."""
    session = opened()
    for name in session.scope.known_cells():
        wrong = name.replace("1]", "9]").replace("2]", "9]")
        if wrong == name or name.startswith("d("):
            continue
        with pytest.raises(CommandError) as caught:
            session.execute(f"print {wrong}")
        told, _, meant = caught.value.message.partition(" in this scenario")
        assert told == f'there is no cell "{wrong}"'
        assert f'did you mean "{name.partition("[")[0]}[' in meant


def test_prefixes_work_at_a_prompt_only() -> None:
    session = opened()
    session.execute("unt delta[h1]", at_prompt=True)
    assert session.log == ["until delta[h1]"]
    assert session.position == 37
    with pytest.raises(CommandError, match="unknown command"):
        session.execute("un delta[h1]")


@given(
    st.lists(st.tuples(st.sampled_from(["step", "back"]), st.sampled_from(LEVELS)), max_size=12),
    st.integers(0, 59),
)
@settings(max_examples=100)
def test_back_is_the_inverse_of_step_from_boundary_to_boundary(
    moves: list[tuple[str, str]], start: int
) -> None:
    session = opened()
    session.position = start
    for _, level in moves:
        before = session.position
        session.execute(f"step {level}")
        after = session.position
        session.execute(f"back {level}")
        # From a boundary of the level, back undoes step; from between two it goes to the one before.
        assert session.position <= before
        session.execute(f"step {level}")
        assert session.position == after


def test_every_command_has_help_and_an_example_that_parses() -> None:
    from bpstep.debugger.language import parse_line

    session = opened()
    for command in COMMANDS.values():
        assert command.says
        call = parse_line(command.example)
        assert call is not None
        assert call.command is command
        session.execute(f"help {command.name}")


def test_completion() -> None:
    session = opened()
    assert complete(session.scope, "unt")[0] == "until "
    assert complete(session.scope, "step ne")[0] == "step neuron"
    assert complete(session.scope, "print delta[h1")[0] == "print delta[h1]"
    assert complete(session.scope, "print w[i1")[0] == "print w[i1->h"
    assert complete(session.scope, "zzz") == ("zzz", [])
    assert complete(session.scope, "print 2*delta[h1")[0] == "print 2*delta[h1]"
    assert complete(session.scope, "p 2-sin(d(w[i1->h1")[0] == "p 2-sin(d(w[i1->h1])"
    assert complete(session.scope, "! print δ(o1) - y[o1")[0] == "! print δ(o1) - y[o1]"
    assert complete(session.scope, "set notation = ni")[0] == "set notation = nielsen"
    assert complete(session.scope, "break lo")[1] == [
        "local",
        "local[h1]",
        "local[h2]",
        "local[o1]",
        "local[o2]",
        "log(",
        "loss",
    ]


@pytest.mark.parametrize(
    "line", ["print 2*delta[h1", "unt", "print (si", "! print delta[h", "load ma", "step "]
)
def test_tab_at_the_prompt_replaces_no_more_than_the_word(line: str) -> None:
    """The line editor replaces what follows the last space by one of the choices: what stands before the word stays."""
    session = opened()
    word = line.split(" ")[-1]
    choices = offered(session, line, word)
    assert choices
    assert len(choices) == len(complete(session.scope, line)[1])
    for choice in choices:
        assert choice.startswith(word)


def test_conditions_wait_for_the_whole_sum() -> None:
    session = opened("xor")
    session.execute("until loss < 0.1")
    assert session.step is not None
    assert session.step.op == "reduce"
    assert session.step.is_final


@pytest.mark.parametrize("scenario", ["xor", "batch-or-online", "softmax", "adam", "mazur-2-2-2"])
def test_forward_mode_finds_no_change_within_a_batch(scenario: str) -> None:
    """Whoever changed a value there and went back is asked to take it back first; all can be read either way."""
    session = Console(load(scenario))
    cells = [parse_cell(name, vocabulary=session.scope.vocabulary) for name in session.scope.known_cells()]
    seed = next(cell for cell in cells if cell.kind in ("y", "var"))
    batch = session.run.timeline.start_of_batch(1)
    for position in {*range(1, batch, 5), batch}:
        session.execute("restart")
        session.execute(f"goto {position}")
        session.execute(f"set {seed} = 0.3")
        session.execute("goto start")
        if position < batch:
            with pytest.raises(CommandError, match=f"undo .*after step {position}"):
                session.execute(f"set mode = forward {seed}")
            session.execute("undo")
        session.execute(f"set mode = forward {seed}")
        session.execute("step 2")
        assert all(session.read(cell) is not None or cell.kind == "d" for cell in cells)
