"""Expressions: in the definitions of a scenario, and wherever the command language takes one.

Some are right, some nearly, some are what a parser stumbles over: hundreds of parentheses, twenty thousand characters,
letters of other scripts.  What a right one is worth is worked out by `equations`, which shares no code with bpstep.
"""

from __future__ import annotations

import random

from bpstep.debugger.answers import Value
from bpstep.debugger.console import Console
from bpstep.scenario.loader import loads
from bpstep.scenario.parsing import parse_cell
from bpstep.scenario.problems import ScenarioError
from tests.fuzz.case import FALSE, Case
from tests.fuzz.equations import NotAFormulaError, evaluated, holds
from tests.fuzz.intervals import Interval, exactly
from tests.fuzz.mangling import NASTY_CHARACTERS, NASTY_NUMBERS, NASTY_WORDS, mangled
from tests.fuzz.talking import any_session, opened, say
from tests.fuzz.truths import check_step
from tests.fuzz.worlds import formula

__all__ = ["SIZE", "play"]

SIZE = 20
_PI = exactly(3.141592653589793)
_STEPS = 30
_REPEATED = (
    "(", "-", "+", "not ", "abs(", "2^", "1+", "x*", "d(", "exp(-(", "max(x,", "[", "x^-", "finite(", "dot(", "x<",
)  # fmt: skip
#: As people write, and as the program prints.
_WRITTEN = (
    "e^x", "x²", "x·y", "σ(x)", "2x", "x y", "|x|", "√x", "x!", "1,5", "x ÷ 2", "x × 2", "−x", "½x", "s(x)", "sin x",
    "δ(h1)", "w(h1→o1)", "∂E/∂w(h1→o1)", "f′(h1)", "y(h1)", "e[h1]²", "w[h1 → o1]", "delta [h1]", "π", "x^2^3",
    "w[h1->o1", "y[]", "d()", "d(y[o1],)", "d(cost, cost)", "d(w[h1->o1], lr)", "local[cost]", "m(m(x))", "dot(dot(x))",
    "d(d(x))", "part", "value > was", "step ² 2", "1 < 2 < 3", "1 == 1 and", "and", "not", "finite()", "max(1)", "()",
    "lr lr", "pi pi", "1e400", "0x10", "1_0", "1..2", "1e", "e", "e[e]", "w", "y[h1].real", "__import__('os')",
)  # fmt: skip


def play(case: Case) -> None:
    """Twenty expressions: half of them in definitions, half at the prompt of one session."""
    for _ in range(SIZE // 2):
        _in_a_definition(case)
    session = any_session(case)
    _somewhere(case, session)
    for _ in range(SIZE // 2):
        _at_the_prompt(case, session)


def _somewhere(case: Case, session: Console) -> None:
    if session.length:
        session.position = case.chance.randint(0, min(session.length, 10**6))


def _text(chance: random.Random, names: list[str]) -> tuple[str, bool]:
    """An expression, and whether it was made to be right."""
    what = chance.random()
    if what < 0.45:
        return formula(chance, names), True
    if what < 0.75:
        return mangled(formula(chance, names), chance, values=False).replace("\n", " "), False
    if what < 0.85:
        return chance.choice(_REPEATED) * chance.choice((3, 49, 51, 90, 101, 400, 5000)) + chance.choice(
            ("1", "x", "")
        ), False
    if what < 0.95:
        written = chance.choice(_WRITTEN)
        return (
            written
            if chance.random() < 0.6
            else f"{formula(chance, names)} {chance.choice('+-*/^<')} {written}"
        ), False
    pieces = [*names, *NASTY_WORDS, *NASTY_NUMBERS, *NASTY_CHARACTERS, *"+-*/^()[],<>=", "exp(", "and", "->"]
    return "".join(chance.choice(pieces) for _ in range(chance.randint(1, 12))).replace("\n", " "), False


# --- in a definition ------------------------------------------------------------------------------------


def _in_a_definition(case: Case) -> None:
    chance = case.chance
    text, is_right = _text(chance, ["x", "z"])
    x, z = round(chance.gauss(0, 1), 3), chance.choice((0.0, 1.0, round(chance.gauss(0, 2), 2)))
    quoted = f"y = {text} + 0 * x + 0 * z".replace("\\", "\\\\").replace('"', '\\"')
    safe = "".join(
        char if char.isprintable() else f"\\u{ord(char):04X}" for char in quoted if ord(char) < 0x10000
    )
    file = (
        f'format = 1\ntitle = "t"\n[expression]\ndefine = "{safe}"\n[expression.inputs]\nx = {x}\nz = {z}\n'
    )
    with case.input(file):
        try:
            scenario = loads(file, "fuzz.toml")
        except ScenarioError as error:
            case.hold_safe("message of a definition", str(error))
            if is_right and "constant is" not in str(error):
                case.found(FALSE, "a right definition is refused", str(error))
            return
        run = opened(case, scenario).run
        for number in range(1, min(run.length, _STEPS) + 1):
            check_step(case, run.step(number))
        forward = (
            [step for step in run.steps(1, run.length) if step.when.phase == "forward"]
            if run.length < 400
            else []
        )
        if forward and str(forward[-1].cell) == "y":
            names = {"x": exactly(x), "z": exactly(z), "pi": _PI}
            _compare(case, f"{text} + 0 * x + 0 * z", forward[-1].value, names, "value of a definition")


def _compare(case: Case, text: str, value: float, names: dict[str, Interval], where: str) -> None:
    """The program's value of an expression against the other evaluator's."""
    try:
        found = evaluated(text, names)
    except (NotAFormulaError, RecursionError):
        return  # it has more in it than that evaluator knows: cells, comparisons
    if not holds(value, found):
        case.found(FALSE, where, f"{text} is {found}, the program says {value!r} ({names})")


# --- at the prompt --------------------------------------------------------------------------------------


def _at_the_prompt(case: Case, session: Console) -> None:
    chance = case.chance
    cells = [name for name in session.scope.known_cells() if len(name) < 40]
    names = [chance.choice(cells) for _ in range(3)] + [chance.choice(("lr", "step", "cost", "epoch"))]
    text, is_right = _text(chance, names)
    if is_right and chance.random() < 0.6:
        _printed(case, session, text, names)
        return
    line = chance.choice(
        ("print {}", "p {}", "until {} > 0.1", "until {}", "break {}", "break local if {} < 0.2", "watch {}",
         "expect {} = 0.5", "expect {} ~ 1 rel=5%", "expect {} < 1", "expect state {} final", "set {} = 0.5",
         "set lr = {}", "why {}", "info {}", "paths {}", "by-hand {}", "check {}", "answer {}", "! print {}",
         "until note {}", "goto {}", "delete {}", "step {}", "paths {0} {0}", "{}")
    ).format(text)  # fmt: skip
    say(case, session, line.replace("\x00", ""))
    if len(session.stops.stops) > 3:
        say(case, session, f"delete {session.stops.stops[0].number}")
        say(case, session, "continue")
        _somewhere(case, session)


def _printed(case: Case, session: Console, text: str, names: list[str]) -> None:
    answer, _ = say(case, session, f"print {text}")
    if not isinstance(answer, Value):
        return
    values = {
        name: session.moment.value(parse_cell(name, vocabulary=session.scope.vocabulary)) for name in names
    }
    known = {name: exactly(value) for name, value in values.items() if value is not None} | {"pi": _PI}
    _compare(case, text, answer.value, known, "value at the prompt")
