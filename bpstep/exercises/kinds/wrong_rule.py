"""A run made by a wrong rule: which rule, and the first cell that is wrong."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

from bpstep.debugger.errors import CommandError
from bpstep.debugger.session import Session
from bpstep.engine.cells import Cell
from bpstep.engine.compare import Difference, first_difference
from bpstep.engine.rules import CORRECT, RULES
from bpstep.exercises.asked import cell_named, last_write
from bpstep.exercises.grade import CORRECT_ANSWER, NOT_GRADED, WRONG, Grade
from bpstep.exercises.kind import BLANK, ZERO, Kind, Mistake, OnPaper, Posed, go, the_answer
from bpstep.exercises.kinds.drawn_rule import drawn_rule
from bpstep.scenario.model import Scenario

__all__ = ["WRONG_RULE"]

_HINTS = (
    "Go to the first backward step, and work out each value by hand from the ones before it.",
    "Three things can be got wrong: the upstream that is used, the local derivative, and the sum.",
    "A wrong value that is made from right ones is the first; one that is made from wrong ones is not.",
)


def _stand(posed: Posed) -> None:
    name = drawn_rule(posed)
    posed.session.open(posed.scenario, rule=RULES[name])
    if posed.item.at or posed.item.ask:
        go(posed)
    else:
        posed.session.position = posed.session.length


def _names(posed: Posed) -> list[str]:
    return list(posed.item.wrong or [name for name in RULES if name != "correct"])


def _prompt(posed: Posed) -> str:
    usual = "This run was made by a wrong rule. Which, and which cell is the first that is wrong?"
    return posed.item.prompt or usual


def _on_paper(posed: Posed) -> OnPaper:
    """The rules are told, since nobody can be asked for them."""
    rules = (f"{name}: {RULES[name].says}" for name in _names(posed))
    rule = drawn_rule(posed)
    found = [_first_wrong(posed.scenario, rule, slopes=slopes) for slopes in (True, False)]
    parted = ". ".join(
        dict.fromkeys(_told_difference(posed, one.correct.cell) for one in found if one is not None)
    )
    how = f"{rule}: {RULES[rule].says}. {parted}"
    lines = (
        _prompt(posed),
        "The numbers above are those of this run. Answer a rule and a cell; the rules:",
        *rules,
    )
    return OnPaper(lines, how)


def _told_difference(posed: Posed, cell: Cell) -> str:
    """What all that arrived at a cell comes to, and what it should."""
    runs = [posed.session, Session(posed.scenario)]
    wrong, right = (session.run.step(last_write(session, cell)).value + 0.0 for session in runs)
    return f"{cell} is {wrong:.4g} and should be {right:.4g}".replace(" -", " −")


def _question(posed: Posed) -> list[str]:
    names, prompt = _names(posed), _prompt(posed)
    return [prompt, f"Answer RULE CELL; the rules: {', '.join(names)}. Step back and forth, and use print."]


def _wants(posed: Posed) -> str:
    return "a rule and a cell: RULE CELL"


@lru_cache(maxsize=2)
def _same_rules(scenario: Scenario, played: str) -> list[str]:
    """The rules that give the same run, to the last bit."""
    right = Session(scenario).run
    run = Session(scenario, rule=RULES[played]).run
    last = min(run.length, 400)
    found = []
    for name, rule in RULES.items():
        if rule is CORRECT or rule.refuses(right.setup.problem, right.setup.training):
            continue
        other = run if name == played else Session(scenario, rule=rule).run
        if all(other.step(n).value == run.step(n).value for n in range(1, last + 1)):
            found.append(name)
    return found


@lru_cache(maxsize=4)
def _first_wrong(scenario: Scenario, played: str, *, slopes: bool = True) -> Difference | None:
    """The first step that gives another number than by the right rule (0 and −0 are one), local derivatives left out
    unless ``slopes`` count."""
    right, wrong = Session(scenario, epochs=1).run, Session(scenario, rule=RULES[played], epochs=1).run
    found = first_difference(right, wrong)
    if found is None:
        return None
    behind = range(found.correct.number, right.length + 1)
    both = (Difference(right.step(number), wrong.step(number)) for number in behind)
    return next((one for one in both if _differ(one) and (slopes or one.correct.cell.kind != "local")), None)


def _differ(found: Difference) -> bool:
    one, other = found.correct.value, found.rule.value
    return one != other and not (math.isnan(one) and math.isnan(other))


def _first_of(posed: Posed) -> Cell | None:
    found = _first_wrong(posed.scenario, drawn_rule(posed))
    return None if found is None else found.correct.cell


def _grade(posed: Posed, text: str) -> Grade:
    name, _, rest = text.strip().partition(" ")
    if name not in RULES or not rest.strip():
        return Grade(NOT_GRADED, ("Answer RULE CELL, such as article d(y[h1]); this costs no try.",))
    try:
        cell = cell_named(posed.session, rest.strip())
    except CommandError as error:
        return Grade(NOT_GRADED, (f"{error.message}; this costs no try.",))
    rules, first = _same_rules(posed.scenario, drawn_rule(posed)), _first_of(posed)
    if name in rules and cell == first:
        return Grade(CORRECT_ANSWER, (f"right: {RULES[name].says}",), text.strip())
    if name in rules:
        return Grade(WRONG, (f"The rule is right. But before {cell}, another cell is wrong already, or {cell} is not "
                             "wrong at all.",), text.strip())  # fmt: skip
    if cell == first:
        return Grade(
            WRONG, (f"{cell} is the first wrong one. But {name} would not make it so.",), text.strip()
        )
    return Grade(WRONG, ("Neither. Go through the backward steps and work each out by hand until one is off.",),
                 text.strip())  # fmt: skip


def _solution(posed: Posed) -> str:
    return f"{drawn_rule(posed)} {_first_of(posed)}"


def _bad(posed: Posed) -> list[Mistake]:
    same = _same_rules(posed.scenario, drawn_rule(posed))
    others = [name for name in _names(posed) if name not in same]
    first = _first_of(posed)
    return [BLANK, ZERO, *(Mistake(f"{name} {first}", "it is another rule") for name in others)]


def _hints(posed: Posed) -> Sequence[str]:
    return _HINTS


WRONG_RULE = Kind(
    "wrong-rule", _stand, _question, _grade, _solution, _bad, _wants, _hints, the_answer, conceals=True, is_drawn=True,
    on_paper=_on_paper, is_apart=True,
)  # fmt: skip
