"""Commands that hold one way to a number against another: check, compare, diff, by-hand."""

from __future__ import annotations

import math
import os
from pathlib import Path

from bpstep.debugger.answers import Answer, Checked, Compared, Hand, Held
from bpstep.debugger.arguments import Arguments
from bpstep.debugger.by_hand import by_hand
from bpstep.debugger.command import Command
from bpstep.debugger.commands.naming import cell_or_current, check_array, check_cell, every_cell, example_of
from bpstep.debugger.desk import Desk
from bpstep.debugger.errors import CommandError, ExitCode, ExpectationError, did_you_mean
from bpstep.debugger.folding import fold_of
from bpstep.debugger.gradients import gradients_checked, rules_compared
from bpstep.debugger.paths import is_told
from bpstep.debugger.session import Session
from bpstep.engine.rule import Rule
from bpstep.engine.rules import CORRECT, RULES
from bpstep.english import agreed
from bpstep.visible import quoted

__all__ = ["COMPARING"]


def _check(session: Session, arguments: Arguments) -> Answer:
    named = every_cell(session, arguments.text, arguments.column) if arguments else None
    rows = gradients_checked(session.moment, named, arguments.column, session.report)
    bad = [row for row in rows if not row.ok]
    if bad:
        details = [
            f"{row.cell}: reverse {row.reverse:.8g}, forward {row.forward:.8g}, numeric {row.numeric:.8g}, "
            f"relative difference {row.relative:.2g}: {row.verdict}"
            for row in bad[:12]
        ]
        verdict = agreed(len(bad), len(rows), lost=sum(row.is_lost for row in rows))
        raise ExpectationError(f"gradients: {verdict}", arguments.column, details)
    return Checked(tuple(rows))


def rule_named(session: Session, name: str, column: int) -> Rule:
    """The rule of this name, if it applies here."""
    if name not in RULES:
        known = ", ".join(RULES)
        raise CommandError(f"unknown rule {quoted(name)}{did_you_mean(name, RULES)} (rules: {known})", column)
    rule = RULES[name]
    reason = rule.refuses(session.setup.problem, session.setup.training)
    if reason:
        raise CommandError(f'the rule "{name}" does not apply here: {reason}', column)
    return rule


def _diff(session: Session, arguments: Arguments) -> Answer:
    if not arguments:
        raise CommandError(f"expected a rule ({', '.join(RULES)})", arguments.column)
    if arguments.text == "off":
        session.compared_with = None
        return Compared(None)
    rule = rule_named(session, arguments.text, arguments.column)
    if session.setup.wrt is not None:
        raise CommandError("there is no backward pass in forward mode", arguments.column)
    session.refuse_judging(arguments.column)
    session.compared_with = rule
    now = session.moment.place.batch  # in forward mode a batch has no gradients; this one is not
    batch = 0 if session.run.setup_of(0).wrt is None else now
    found = rules_compared(session, rule, batch)
    if found.first is not None:
        session.position = found.first.correct.number
    return Compared(found)


def _check_rule(session: Session, arguments: Arguments) -> None:
    if arguments.text != "off":
        rule_named(session, arguments.text, arguments.column)


def _compare(desk: Desk, arguments: Arguments) -> Answer:
    """The numbers of a file beside those of the batch at the cursor; the cursor goes to the first wrong one."""
    from bpstep.comparison.entries import NumbersError
    from bpstep.comparison.reading import read_numbers
    from bpstep.comparison.report import compare_numbers

    if desk.setup.wrt is not None:
        raise CommandError("there is no backward pass in forward mode", arguments.column)
    desk.refuse_comparing(arguments.column)
    if desk.is_veiled:
        raise CommandError(
            "the right numbers lie ahead: answer, hint or reveal first", arguments.column, ExitCode.FAILED
        )
    file = _numbers_file(desk, arguments)
    try:
        report = compare_numbers(
            desk.run_under(CORRECT), read_numbers(file), scenario=desk.scenario.name,
            source=arguments.name, notation=desk.options.notation, batch=desk.moment.place.batch, tell=desk.report,
        )  # fmt: skip
    except NumbersError as error:
        raise CommandError(str(error), arguments.column) from None
    desk.held = report
    if report.first and report.first[0].step:
        desk.position = report.first[0].step
    return Held(report, Path(file))


def _numbers_file(desk: Desk, arguments: Arguments) -> str:
    """The file that is meant: one of the session's folder or else, where that may be read, one beside the scenario."""
    if not arguments:
        raise CommandError("expected a file of numbers", arguments.column)
    if arguments.name == "-":
        raise CommandError("a session reads numbers from a file: its input is for commands", arguments.column)
    here, scenario = desk.to_read(arguments.name, arguments.column), desk.scenario.path
    if scenario is None or os.path.isfile(here):
        return str(here)
    beside = scenario.parent / arguments.name
    return str(beside if desk.reach.holds(beside) and os.path.isfile(beside) else here)


def _check_compare(desk: Desk, arguments: Arguments) -> None:
    name = _numbers_file(desk, arguments)
    if not os.path.isfile(name):
        raise CommandError(f"there is no file {quoted(arguments.name)}", arguments.column)


def _by_hand(session: Session, arguments: Arguments) -> Answer:
    cell = cell_or_current(session, arguments)
    if session.is_veiled and math.isnan(
        session.moment.batch.numbers.values[session.setup.graph.root.id].min()
    ):
        message = "the cost lies ahead, and what it is made of: answer, hint or reveal first"
        raise CommandError(message, 0, ExitCode.FAILED)
    found = by_hand(session.moment, cell)
    if found is None:
        raise CommandError(
            f'"{cell}" is computed; name an input or a parameter, such as {example_of(session)}',
            arguments.column,
        )
    return Hand(
        found, fold_of(session.moment, cell, session.folded) if is_told(session.moment, cell) else None
    )


COMPARING = (
    Command(
        "by-hand", "by-hand [CELL]",
        "the cost as a function of this one number, all else already a number; its derivative path by path",
        "by-hand w[i1->h1]", _by_hand, check=check_cell,
    ),
    Command(
        "check", "check [CELL]", "every gradient by reverse mode, forward mode and central differences",
        "check w[i1->h1]", _check, check=check_array,
    ),
    Command(
        "compare", "compare FILE",
        "your own numbers (JSON, CSV, NPZ …) beside the right ones: stop at the first wrong one, and name the mistake",
        "compare mine.json", _compare, check=_check_compare, takes_cells=False,
    ),
    Command(
        "diff", "diff RULE|off", "a wrong rule beside the right one: stop where they first differ",
        "diff article", _diff, check=_check_rule, offers=(*RULES, "off"), takes_cells=False,
    ),
)  # fmt: skip
