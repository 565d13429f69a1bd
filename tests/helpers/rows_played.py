"""Plays what `tests.test_rows` has written into a copy of bpstep, and prints all that it said, as JSON."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from pathlib import Path

from bpstep.cli import main
from bpstep.debugger.completion import complete
from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError
from bpstep.debugger.settings import keep, read_settings
from bpstep.engine.check import check_gradients
from bpstep.engine.run import Run
from bpstep.scenario.loader import load
from bpstep.scenario.restating import expression_document
from bpstep.view.say.exports import attach
from bpstep.view.say.plain import plain_lines
from tests.engine.test_equations import holds

EXERCISE = """format = 1
id = "which-sign"
title = "Which sign"
scenario = "mazur-2-2-2"
[[item]]
kind = "sign"
ask = "delta[h1]"
"""

PROGRAM = """format = 1
title = "Products and sums"
[expression]
define = [
  "h = tanh(U @ backwards(x))", "c = sofar(h)", "P = U + 2", "p = timesall(P, axis=2)", "E = timesall(c + 2) + sum(p)",
]
parameters = ["U"]
[expression.inputs]
x = [1.2, 0.5]
U = [[0.5, -0.2], [0.3, 0.9], [0.1, 0.7]]
[training]
learning_rate = 0.1
"""


def ran(*words: str, given: str = "") -> str:
    """What a command line prints, behind its exit code."""
    out, was = io.StringIO(), sys.stdin
    sys.stdin = io.StringIO(given)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            code = main(list(words))
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        sys.stdin = was
    return f"{code} {out.getvalue()}"


def opened(name: str) -> Console:
    """A session at a prompt."""
    session = Console(load(name))
    attach(session)
    session.folder = Path.cwd()
    return session


def said(session: Console, line: str) -> str:
    """What a command answers, or what is wrong with it."""
    try:
        return "\n".join(plain_lines(session, session.execute(line), 80))
    except CommandError as error:
        return error.message


def saved(session: Console) -> dict[str, str]:
    """The session as a script, and how that ends when it is carried out."""
    session.execute("save s.bps --force")
    return {"saved": Path("s.bps").read_text(), "replayed": ran("replay", "s.bps").partition(" ")[0]}


def look() -> dict[str, str]:
    session = opened("xor")
    found = {
        line: said(session, line)
        for line in ("help set", "set sign = never", "set sign = nevr", "set sgn = never")
    }
    found["completed"] = " ".join(complete(session.scope, "set sign = ")[1])
    keep("sign", "never")
    found["kept"] = read_settings().looks["sign"]
    Path("l.bps").write_text("load xor sign=never\nstep\n")
    session = Console(load("xor"))
    session.options = session.options_at_start = read_settings().options(session.options)
    found |= saved(session)
    found["--help"], found["help settings"] = ran("--help"), ran("help", "settings")
    found["completion"], found["--sign nvr"] = ran("completion", "bash"), ran("repl", "xor", "--sign", "nvr")
    assert ran("replay", "l.bps").startswith("0")
    return found


def structure() -> dict[str, str]:
    session = opened("batch-or-online")
    lines = ("help set", "set reduction = summ", "set reduction = sum")
    found = {line: said(session, line) for line in lines}
    session.execute("break seed")
    session.execute("continue")
    assert session.step is not None
    found["seed"] = repr(session.step.value)
    found["completed"] = " ".join(complete(session.scope, "set reduction = ")[1])
    return found | saved(session)


def subcommand() -> dict[str, str]:
    words = (["outline", "xor"], ["--help"], ["help", "outline"], ["outlin", "xor"])
    return {" ".join(one): ran(*one) for one in words} | {"completion": ran("completion", "bash")}


def kind() -> dict[str, str]:
    Path("mine").mkdir()
    file = Path("mine/sign.toml")
    file.write_text(EXERCISE.replace('"sign"', '"sgn"'))
    found = {"lint typo": ran("lint", str(file))}
    file.write_text(EXERCISE)
    found["exercises check"] = ran("exercises", "check", "mine")
    found["help exercises"] = " ".join(ran("help", "exercises").split())
    found["schema"] = ran("schema", "--for", "exercise")
    found["worksheet"] = ran("worksheet", str(file))
    answers = "minus\nzero\nhint\nplus\nminus\n"
    found["exercise"] = ran("exercise", "which-sign", "--path", "mine", "--plain", given=answers)
    return found


def functions() -> dict[str, str]:
    file = Path("program.toml")
    file.write_text(PROGRAM.replace("timesall(c", "timesal(c"))
    found = {"typo": ran("lint", str(file))}
    file.write_text(PROGRAM.replace("axis=2", "axis=3"))
    found["axis"] = ran("lint", str(file))
    file.write_text(PROGRAM)
    found["check"], found["stub"] = ran("check", str(file)), ran("stub", str(file))
    found["worksheet"] = ran("worksheet", str(file))
    found["help arrays"] = " ".join(ran("help", "arrays").split())
    session = opened(str(file))
    told = []
    for step in session.run.steps():
        holds(step)
        met = step.op in ("term", "apply", "contribute") and str(step.cell).startswith(("c[", "p[", "d(h["))
        if met or str(step.cell).startswith("d(p["):
            session.position = step.number
            told.append(" ".join(said(session, "explain").split()))
    found["equations"], found["explain"] = "True", "\n".join(told)
    cell = next(cell for vector in session.setup.graph.parameters for cell in vector.cells())
    forward = Run(session.scenario.problem, session.scenario.training, wrt=cell)
    last = [step.value for step in forward.steps() if str(step.cell) == "dot(E)"][-1]
    right = next(
        row.reverse for row in check_gradients(session.run) if row.cell.of == cell or row.cell == cell
    )
    found["forward"] = str(abs(last - right) < 1e-12 * abs(right))
    found["toml"] = repr(expression_document(session.scenario.problem, None))
    return found


if __name__ == "__main__":
    parts = (look, structure, subcommand, kind, functions)
    document = {part.__name__: part() for part in parts}
    print(json.dumps(document))
