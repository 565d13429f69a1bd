"""A row is all it takes: activations, costs, optimizers, notations and views that only this file knows are loaded from
TOML, stepped through, traced, checked, explained and shown, and are offered wherever the others are."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bpstep.cli import main
from bpstep.debugger.answers import Answer, Moved
from bpstep.debugger.arguments import Arguments, whole_number
from bpstep.debugger.choices import LISTS
from bpstep.debugger.command import Command
from bpstep.debugger.commands import COMMANDS
from bpstep.debugger.completion import complete
from bpstep.debugger.console import Console
from bpstep.debugger.expressions import parse
from bpstep.debugger.session import Session
from bpstep.debugger.view_names import SHOWN
from bpstep.engine.check import check_gradients
from bpstep.engine.costs import COSTS, Cost
from bpstep.engine.functions import FUNCTIONS, Function
from bpstep.engine.optimizers import OPTIMIZERS, Optimizer
from bpstep.engine.rule import Mistake, Rule
from bpstep.engine.rules import RULES
from bpstep.engine.specs import Array, NetworkSpec
from bpstep.exercises.slips import slips_of
from bpstep.repl import converse
from bpstep.scenario.functions import ARRAY_FUNCTIONS, COST_FUNCTIONS
from bpstep.scenario.loader import load
from bpstep.scenario.notations import NOTATIONS, Notation
from bpstep.scenario.schema import json_schema
from bpstep.view.drawing.canvas import Canvas
from bpstep.view.panes import tables
from bpstep.view.say.exports import attach
from bpstep.view.say.help import help_lines
from bpstep.view.say.views import VIEWS, View, lines_of
from bpstep.view.scene.frame import Frame
from bpstep.view.symbols.spelling import symbols_of
from bpstep.view.words.cases import general_formula
from bpstep.view.words.narrate import sentence
from tests.engine.test_equations import holds
from tests.helpers.screens import opened, text_of

#: x / (1 + |x|), a sigmoid without exp.
SOFTSIGN = Function(
    "oursign", "ss", lambda a: a / (1.0 + np.abs(a)), "oursign({a})",
    (lambda y, a: 1.0 / ((1.0 + np.abs(a)) * (1.0 + np.abs(a))),), ("1 / (1 + abs({a}))^2",),
    says="the soft sign", is_activation=True, definition="{a} / (1 + abs({a}))",
)  # fmt: skip

#: It has a kink at both ends, and is made of functions of two operands.
HARD_TANH = Function(
    "hard-tanh", "ht", lambda a: np.clip(a, -1.0, 1.0), "hard_tanh({a})",
    (lambda y, a: (np.abs(a) < 1.0) * 1.0,), ("[abs({a}) < 1]",),
    at_kinks=(lambda a: np.abs(a) == 1.0,), convention="hard-tanh′(±1) = 0",
    says="the hard tanh", is_activation=True, definition="max(-1, min(1, {a}))",
)  # fmt: skip

#: It is made of one that languages have to be told, too.
SWISH = Function(
    "swish", "sw", lambda a: a / (1.0 + np.exp(-a)), "swish({a})",
    (lambda y, a: (1.0 + np.exp(-a) + a * np.exp(-a)) / (1.0 + np.exp(-a)) ** 2,),
    ("(1 + exp(-{a}) + {a} * exp(-{a})) / (1 + exp(-{a}))^2",), definition="{a} * sigmoid({a})",
)  # fmt: skip

QUARTIC = Cost(
    "quartic-error", "Σk ({y} − {t})⁴",
    lambda y, t, outputs: (y - t) ** 4, lambda y, t, outputs: 4.0 * (y - t) ** 3,
    lambda t: ("({y} - {t})^4", "4 * ({y} - {t})^3"),
)  # fmt: skip


def _squares(states: list[Array], g: Array, s: dict[str, float]) -> list[Array]:
    return [s["decay"] * states[0] + (1.0 - s["decay"]) * (g * g)]


RMSPROP = Optimizer(
    "ourprop", {"decay": 0.9, "epsilon": 1e-8}, ("q",),
    _squares, lambda w, g, states, lr, t, s: w - lr * g / (np.sqrt(states[0]) + s["epsilon"]),
    (("{decay} * {q}", "(1 - {decay}) * {g}^2"),), lambda s: "{lr} * {g} / (sqrt({q}) + {epsilon})",
)  # fmt: skip


def _deltas(states: list[Array], g: Array, s: dict[str, float]) -> list[Array]:
    sq = s["rho"] * states[0] + (1.0 - s["rho"]) * (g * g)
    step = np.sqrt(states[2] + s["epsilon"]) / np.sqrt(sq + s["epsilon"]) * g
    return [sq, step, s["rho"] * states[2] + (1.0 - s["rho"]) * (step * step)]


#: Three states, with longer names, of which one reads another that is new, and one that is not; one keeps nothing.
ADADELTA = Optimizer(
    "adadelta", {"rho": 0.9, "epsilon": 1e-6}, ("sq", "move", "acc"),
    _deltas, lambda w, g, states, lr, t, s: w - lr * states[1],
    (
        ("{rho} * {sq}", "(1 - {rho}) * {g}^2"),
        ("", "sqrt({acc} + {epsilon}) / sqrt({sq} + {epsilon}) * {g}"),
        ("{rho} * {acc}", "(1 - {rho}) * {move}^2"),
    ),
    lambda s: "{lr} * {move}",
)  # fmt: skip


def _signs(states: list[Array], g: Array, s: dict[str, float]) -> list[Array]:
    m = states[1]
    return [s["alpha"] * m + (1.0 - s["alpha"]) * g, s["beta2"] * m + (1.0 - s["beta2"]) * g]


#: A state that is made of another one as it was; its setting has the name of a letter of a book.
LION = Optimizer(
    "lion", {"alpha": 0.9, "beta2": 0.99}, ("c", "m"),
    _signs, lambda w, g, states, lr, t, s: w - lr * np.sign(states[0]),
    (("{alpha} * {m}", "(1 - {alpha}) * {g}"), ("{beta2} * {m}", "(1 - {beta2}) * {g}")),
    lambda s: "{lr} * ([{c} > 0] - [{c} < 0])",
)  # fmt: skip

BOOK = Notation("my-book", "n", "x", "β", "h", "h", "d", "Q", "ρ")

SCENARIO = """format = 1
title = "Rows that only a test knows"
notation = "my-book"
[network]
inputs = 2
cost = "quartic-error"
[[network.layer]]
neurons = ["h1", "h2"]
activation = "oursign"
weights = [[0.3, -0.7], [0.9, 0.2]]
bias = [0.1, -0.2]
[[network.layer]]
neurons = ["o"]
activation = "oursign"
weights = [[1.1, -0.4]]
[[sample]]
input = [0.5, -1.0]
target = [0.3]
[[sample]]
input = [-0.25, 2.0]
target = [-0.6]
[training]
learning_rate = 0.1
batch = "full"
epochs = 2
optimizer = { name = "ourprop", decay = 0.8 }
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A scenario that uses every new row, while the rows are there."""
    monkeypatch.setitem(FUNCTIONS, SOFTSIGN.name, SOFTSIGN)
    monkeypatch.setitem(COSTS, QUARTIC.name, QUARTIC)
    monkeypatch.setitem(COST_FUNCTIONS, "quartic_error", QUARTIC.name)  # type: ignore[arg-type]  # of its rows when
    monkeypatch.setitem(ARRAY_FUNCTIONS, "quartic_error", ARRAY_FUNCTIONS["squared_error"])  # type: ignore[arg-type]
    for row in (RMSPROP, ADADELTA, LION):
        monkeypatch.setitem(OPTIMIZERS, row.name, row)
    for function in (HARD_TANH, SWISH):
        monkeypatch.setitem(FUNCTIONS, function.name, function)
    monkeypatch.setitem(NOTATIONS, BOOK.name, BOOK)
    path = tmp_path / "new.toml"
    path.write_text(SCENARIO, encoding="utf-8")
    return path


def test_it_is_loaded_and_stepped_through(file: Path) -> None:
    session = Console(load(str(file)))
    assert session.options.notation == "my-book"
    e = 0.3 * 0.5 + 0.7 + 0.1
    session.execute("until y[h1]")
    assert session.step is not None
    assert session.step.value == pytest.approx(e / (1 + e))
    for _ in range(session.length - session.position):
        session.execute("step")
    assert session.run.epoch_loss(1) < session.run.epoch_loss(0)


def test_it_is_trained(file: Path) -> None:
    session = Console(load(str(file)))
    session.execute("train 300")
    assert session.run.epoch_loss(299) < 1e-3 * session.run.epoch_loss(0)


def test_it_is_traced_and_checked(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", str(file)]) == 0
    _, *steps = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert any(step["formula"].startswith("y[h1] = oursign(e[h1])") for step in steps)
    assert any(step["op"] == "state" and "decay" in json.dumps(step["inputs"]) for step in steps)
    assert main(["check", str(file)]) == 0
    assert all(row.ok for row in check_gradients(Console(load(str(file))).run))
    assert main(["diff", str(file), "--rule", "no-derivative"]) == 0


def test_its_formulas_are_read_where_they_are_printed(file: Path) -> None:
    session = Console(load(str(file)))
    for _ in range(session.length):
        session.execute("step")
        step = session.step
        assert step is not None
        if step.op == "apply":
            session.execute(f"expect {step.formula.partition(' = ')[2]} == {step.cell}")


def test_it_is_explained_and_shown(file: Path) -> None:
    lines = []
    for place in (3, 7, 20, 30, "end"):
        lines += [f"goto {place}", "explain", "why", "info"]
        lines += [f"show {name}" for name in SHOWN if name not in ("variables", "decision")]
    lines += ["goto start", "until delta[h1]", "explain"]
    to = io.StringIO()
    session = Console(load(str(file)))
    assert converse(session, io.StringIO("\n".join(lines)), to) == 0
    text = to.getvalue()
    assert "oursign" in text
    assert "β(h1)" in text
    assert "∂Q/∂" in text
    assert "δ" not in text.replace("delta", "")


def test_a_state_is_read_by_the_name_that_its_row_gives_it(file: Path) -> None:
    session = Console(load(str(file)))
    session.execute("goto end")
    session.execute("expect state q(w[x1->h1]) final")
    session.execute("expect q(w[x1->h1]) > 0 and (1 - decay) * d(w[x1->h1])^2 < q(w[x1->h1])")
    session.execute("goto start")
    session.execute("until q(b[h2])")
    step = session.step
    assert step is not None
    assert (step.op, str(step.cell)) == ("state", "q(b[h2])")
    text = "\n".join(
        line for name in ("step", "legend", "matrix") for line, _ in lines_of(session, name, 100)
    )
    assert "state of the optimizer ourprop" in text


@pytest.mark.parametrize("optimizer", [ADADELTA, LION], ids=lambda row: row.name)
def test_every_state_is_told_truly(file: Path, tmp_path: Path, optimizer: Optimizer) -> None:
    """What a step says is what it did; it is a case of its own rule, and each of its names is that of one cell."""
    text = SCENARIO.replace('name = "ourprop", decay = 0.8', f'name = "{optimizer.name}"')
    path = tmp_path / "states.toml"
    path.write_text(text, encoding="utf-8")
    session = Console(load(str(path)))
    steps = [step for step in session.run.steps() if step.op in ("state", "update")]
    assert {step.cell.kind for step in steps} == {*optimizer.states, "w", "b"}
    for step in steps:
        holds(step)
    last = [max(s.number for s in steps if s.cell.kind == kind) for kind in (*optimizer.states, "w")]
    for notation, glyphs in (("ng", "ascii"), ("ng", "full"), ("my-book", "full")):
        session.options = replace(session.options, notation=notation, glyphs=glyphs)
        for session.position in last:
            step = session.step
            assert step is not None
            assert general_formula(Frame.of(session), step).startswith(
                f"{step.cell.kind}(" if step.op == "state" else "w "
            )
            for factor in step.inputs:
                told = symbols_of(session)(factor.cell)
                assert parse(session.scope, told).cell == factor.cell, told
            told = sentence(Frame.of(session), step)
            heard = "gradient" if any(factor.cell.kind == "d" for factor in step.inputs) else "move("
            assert step.op == "update" or heard in told.partition("takes in")[2]
    step = session.run.step(last[0])
    slips = [slip.text for slip in slips_of(session, step.cell, [step])]
    assert len(slips) >= 2
    assert not [text for text in slips if "beta1" in text or "momentum" in text]
    for text in slips:
        parse(session.scope, text)


@pytest.mark.parametrize("language", ["numpy", "python", "torch", "matlab", "julia"])
def test_it_is_written_in_every_language(
    file: Path,
    tmp_path: Path,
    language: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A skeleton defines the functions that are rows alone, as an activation and in an expression."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "call.toml"
    define = 'define = ["u = hard_tanh(x) + oursign(x) * swish(x)", "y = quartic_error(u, t)"]'
    path.write_text(
        f'format = 1\ntitle = "t"\n[expression]\n{define}\n[expression.inputs]\nx = 0.4\nt = 1\n', "utf-8"
    )
    for one, names in ((file, ["oursign"]), (path, ["hard_tanh", "oursign", "swish"])):
        assert main(["stub", str(one), "--lang", language]) == 0
        text = capsys.readouterr().out
        assert all(len(re.findall(rf"^(def )?{name}\b", text, re.MULTILINE)) == 1 for name in names)
        if language in ("numpy", "python"):
            exec(compile(text, "mine.py", "exec"), {})
            assert main(["compare", str(one), "mine.json"]) == 0
            assert "agree" in capsys.readouterr().out


def test_a_mistake_with_it_has_its_name(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What `compare` knows of activations it knows of this one, as far as it makes sense."""
    monkeypatch.chdir(tmp_path)
    assert main(["mutants", str(file), "-o", "all"]) == 0
    made = {path.stem for path in (tmp_path / "all").iterdir()}
    for mistake in ("derivative-of-output", "logistic-everywhere", "activated-twice", "tanh-slope-of-output"):
        (name, *_) = sorted(name for name in made if name.startswith(f"{mistake}-in"))
        capsys.readouterr()
        assert main(["compare", str(file), f"all/{name}.json"]) == 1
        assert mistake in capsys.readouterr().out
    assert not [name for name in made if name.startswith("slope-of-net")], (
        "its f′ is no formula of its output"
    )


def test_it_is_chosen_in_a_session(file: Path) -> None:
    session = Console(load("mazur-2-2-2"))
    attach(session)
    for line in (
        "set activation hidden = oursign",
        "set cost = quartic-error",
        "set optimizer = ourprop decay=0.5",
        "set notation = my-book",
        "goto end",
        "print oursign(2)",
        "expect oursign(-1) = -0.5",
        "show step",
        "check",
    ):
        session.execute(line)
    offered = [choice.line for _, rows in LISTS.values() for choice in rows(session.scope)]
    assert {"set cost = quartic-error", "set optimizer = ourprop", "set notation = my-book"} <= set(offered)
    schema = json.dumps(json_schema())
    assert all(name in schema for name in ("oursign", "quartic-error", "ourprop", "my-book", "decay"))


def test_it_is_called_in_an_expression(file: Path, tmp_path: Path) -> None:
    path = tmp_path / "call.toml"
    path.write_text(
        'format = 1\ntitle = "t"\n[expression]\ndefine = "y = oursign(x^2)"\n[expression.inputs]\nx = 2\n',
        encoding="utf-8",
    )
    session = Console(load(str(path)))
    session.execute("goto end")
    session.execute("expect y = 0.8")
    session.execute("expect d(x) = 0.16")


def test_a_rule_is_a_row(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Feedback through the signs of the weights: traced, held beside the right one, set, offered, explained."""
    row = Rule(
        "sign-feedback", "a delta goes back through the signs of the weights",
        Mistake("weights", lambda edge, sofar: np.sign(edge.local(sofar.values)),
                weight=lambda edge, i, j: ("[{w} > 0] - [{w} < 0]", i, j)),
        refuses=lambda problem, training: "" if isinstance(problem, NetworkSpec) else "it has no weights",
    )  # fmt: skip
    monkeypatch.setitem(RULES, row.name, row)
    session = Console(load("mazur-2-2-2"))
    attach(session)
    session.execute("set rule = sign-feedback")
    for step in session.run.steps():
        holds(step)
    session.execute("until delta[h1]")
    session.execute("expect d(y[h1]) == d(e[o1]) + d(e[o2])")
    shown = " ".join(text for text, _ in lines_of(session, "explain", 200))
    assert "rule sign-feedback: a delta goes back through the signs" in shown
    assert complete(session.scope, "set rule = sign-f")[1] == ["sign-feedback"]
    assert "set rule = sign-feedback" in [choice.line for choice in LISTS["rules"][1](session.scope)]
    for words, code in (
        (["diff", "mazur-2-2-2"], 0),
        (["check", "mazur-2-2-2"], 1),
        (["trace", "mazur-2-2-2"], 0),
    ):
        assert main([*words, "--rule", row.name]) == code
    assert "[w[h1->o1] > 0] - [w[h1->o1] < 0]" in capsys.readouterr().out
    assert main(["diff", "mazur-2-2-2", "--rule", "sign-fedback"]) == 2
    assert main(["diff", "chain-rule", "--rule", row.name]) == 2
    told = capsys.readouterr().err
    assert 'did you mean "sign-feedback"?' in told
    assert "does not apply to chain-rule: it has no weights" in told
    assert main(["help", "rules"]) == 0
    assert row.says in " ".join(capsys.readouterr().out.split())


def test_a_view_is_a_row(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def lines(session: Console, width: int) -> list[tuple[str, str]]:
        return [(f"at {session.position} of {session.length}", "text")]

    monkeypatch.setitem(VIEWS, "milestone", View("milestone", lines=lines))
    session = Console(load("mazur-2-2-2"))
    session.folder = tmp_path
    to = io.StringIO()
    given = "goto 7\nshow milestone\nexport milestone m.txt\nhelp show\nhelp export\n"
    assert converse(session, io.StringIO(given), to) == 0
    assert to.getvalue().splitlines()[3] == "at 7 of 59"
    assert (tmp_path / "m.txt").read_text() == "at 7 of 59\n"
    assert to.getvalue().count("milestone") == 2, "in both helps"
    assert complete(session.scope, "show mil") == ("show milestone", ["milestone"])
    session.blocks["g"] = "at 7 of 59"
    session.execute("cmp milestone g")


async def test_a_table_beside_the_step_is_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its tab is there where it has something to show, and Tab leads to it; a question hides what lies ahead."""

    def draw(frame: Frame, canvas: Canvas, top: int, first: int | None) -> None:
        canvas.put(2, top, f"stands at {frame.session.position}")

    row = tables.Table("milestone", ("network",), draw, looks_ahead=True,
                       is_there=lambda frame: frame.session.position > 2)  # fmt: skip
    monkeypatch.setitem(tables.TABLES, row.name, row)
    session = Console(load("mazur-2-2-2"))
    attach(session)
    for position, asks in ((2, False), (3, False), (4, True)):
        session.position = position
        session.execute(f"predict {'on' if asks else 'off'}")
        shown = [table.name for table in tables.tables_of(Frame.of(session))]
        assert ("milestone" in shown) == (position > 2 and not asks)
    async with opened("mazur-2-2-2", (80, 24)) as pilot:
        await pilot.press("right", "right", "right")
        for _ in tables.TABLES:
            if "stands at 3" in text_of(pilot):
                return
            await pilot.press("tab")
    raise AssertionError("no Tab leads to it")


def test_a_command_is_a_row(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def skip(session: Session, arguments: Arguments) -> Answer:
        session.position += whole_number(arguments.text, arguments.column, "how many steps")
        return Moved(session.position, "skipped")

    def check(session: Session, arguments: Arguments) -> None:
        whole_number(arguments.text, arguments.column, "how many steps")

    row = Command(
        "leap", "leap N", "over N steps at once", "leap 3", skip, {"lp": ""}, moves=True, check=check,
        offers=("3", "33"), takes_cells=False,
    )  # fmt: skip
    monkeypatch.setitem(COMMANDS, row.name, row)
    session = Console(load("mazur-2-2-2"))
    to = io.StringIO()
    given = "leap 3\n\nlp 1\nlea 2\nprint step\nhelp leap\nsave s.bps\n"
    session.folder = tmp_path
    assert converse(session, io.StringIO(given), to) == 0
    told = to.getvalue().splitlines()
    assert session.position == 9, "a blank line repeats what moves"
    assert "over N steps at once" in told
    assert complete(session.scope, "lea") == ("leap ", ["leap"])
    assert complete(session.scope, "leap 3") == ("leap 3", ["3", "33"])
    assert (tmp_path / "s.bps").read_text().splitlines()[1:] == [
        "leap 3",
        "leap 3",
        "leap 1",
        "leap 2",
        "print step",
    ]
    assert main(["replay", str(tmp_path / "s.bps")]) == 0
    (tmp_path / "s.bps").write_text("load xor\nleap far\n")
    assert main(["replay", str(tmp_path / "s.bps")]) == 2, "found before anything runs"
    lines = [line for line, _ in help_lines([])]
    assert f"{row.usage}  (lp)" in lines


def test_where_nobody_draws_the_debugger_takes_a_name_as_it_is() -> None:
    code = (
        "from bpstep.debugger.console import Console\nfrom bpstep.scenario.loader import load\n"
        "import sys\nprint(Console(load('xor')).execute('show work').view, 'bpstep.view.say.views' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "work False\n"


def test_without_the_row_it_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "new.toml"
    path.write_text(SCENARIO, encoding="utf-8")
    assert main(["trace", str(path)]) == 2
    errors = capsys.readouterr().err.splitlines()
    assert len(errors) == 5, "two activations, a cost, an optimizer and a notation"
    assert all(
        f'found "{name}"' in "\n".join(errors) for name in ("oursign", "quartic-error", "ourprop", "my-book")
    )
