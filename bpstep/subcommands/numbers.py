"""Subcommands that print what a run computes: trace, check, diff, work."""

from __future__ import annotations

import sys

from bpstep.subcommands import (
    FAILED,
    OK,
    RUNNING,
    Subcommand,
    UsageError,
    counted_argument,
    json_argument,
    load_scenario,
    looks_arguments,
    looks_of,
    print_json,
    print_lines,
    rule_named,
    scenario_argument,
    tell,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable

    from bpstep.debugger.session import Session
    from bpstep.engine.cells import Cell
    from bpstep.engine.run import Run
    from bpstep.engine.steps import Step
    from bpstep.scenario.model import Scenario

__all__ = ["ROWS"]

#: The looks that a text can have.
_OF_TEXT = ("notation", "glyphs", "digits")


def _names(arguments: Namespace, session: Session) -> Callable[[Cell], str]:
    """How cells are called in a table: as they are typed, or in the letters of the book that was asked for."""
    from bpstep.view.symbols.spelling import symbols_of

    return str if arguments.notation is None else symbols_of(session)


def _looks(arguments: Namespace, session: Session) -> Session:
    """A session that looks as the command line asks for, with the digits of a table, if it asks for no others."""
    from dataclasses import replace

    from bpstep.view.panes.compare import LEAST_DIGITS

    session.options = looks_of(arguments, replace(session.options, digits=LEAST_DIGITS))
    return session


def _trace_arguments(parser: ArgumentParser) -> None:
    scenario_argument(parser)
    parser.add_argument("--format", choices=("jsonl", "text", "csv"), default="jsonl", help="default: jsonl")
    parser.add_argument("--epochs", type=counted_argument, metavar="N", help="instead of the file's")
    parser.add_argument(
        "--last", action="store_true", help="the last epoch only, under the numbers of the whole run"
    )
    parser.add_argument("--rule", default="correct", metavar="RULE", help="back-propagate by a wrong rule")
    parser.add_argument("--mode", choices=("reverse", "forward"), default="reverse", help="default: reverse")
    parser.add_argument("--wrt", metavar="CELL", help="with --mode forward: what tangents are taken by")
    looks_arguments(parser, *_OF_TEXT)


def _trace(arguments: Namespace) -> int:
    scenario = load_scenario(arguments.scenario, arguments.seed)
    from bpstep.engine.run import Run
    from bpstep.view.say.trace import write_trace

    rule = rule_named(arguments.rule, scenario)
    wrt = _wrt(arguments, scenario)
    run = Run(scenario.problem, scenario.training, rule=rule, wrt=wrt, epochs=arguments.epochs)
    if arguments.last:
        from bpstep.debugger.progress import reach
        from bpstep.progress_line import ProgressLine

        with ProgressLine.here() as progress:
            reach(run, run.timeline.batches - run.timeline.batches_per_epoch, progress.show)
    line = _line(arguments, scenario, run)
    broken = write_trace(scenario, run, arguments.format, sys.stdout, last_epoch=arguments.last, line=line)
    if broken is None:
        return OK
    tell(f"step {broken.number}: {broken.formula} is {broken.value}: the first value that is not finite")
    return RUNNING


def _line(arguments: Namespace, scenario: Scenario, run: Run) -> Callable[[Step], str] | None:
    """How a step of a trace in text is written, where looks are asked for; of other traces they are none."""
    given = [name for name in _OF_TEXT if getattr(arguments, name) is not None]
    if not given:
        return None
    if arguments.format != "text":
        raise UsageError(f"--{given[0]} goes with --format text: other traces are for programs")
    from bpstep.debugger.options import Options
    from bpstep.view.drawing.glyphs import GLYPH_SETS
    from bpstep.view.say.trace import TEXT_DIGITS, text_line
    from bpstep.view.symbols.spelling import symbols_for

    options = looks_of(arguments, Options(notation=scenario.notation, digits=TEXT_DIGITS))
    symbols = symbols_for(run, options.notation, options.glyphs) if arguments.notation else None
    write = GLYPH_SETS[options.glyphs].write
    return lambda step: write(text_line(step, options.digits, symbols))


def _wrt(arguments: Namespace, scenario: Scenario) -> Cell | None:
    """The cell of forward mode; None in reverse mode."""
    if arguments.mode == "reverse":
        if arguments.wrt is not None:
            raise UsageError("--wrt goes with --mode forward")
        return None
    if arguments.wrt is None:
        raise UsageError("--mode forward needs --wrt CELL: what tangents are taken by")
    if arguments.rule != "correct":
        raise UsageError("a rule is a way to back-propagate; forward mode has no backward pass")
    from bpstep.debugger.session import Session
    from bpstep.debugger.structure import forward_seed

    return forward_seed(Session(scenario).scope, arguments.wrt, 0)


def _check_arguments(parser: ArgumentParser) -> None:
    scenario_argument(parser)
    parser.add_argument("--rule", default="correct", metavar="RULE", help="check a wrong rule")
    json_argument(parser)
    looks_arguments(parser, *_OF_TEXT)


def _check(arguments: Namespace) -> int:
    scenario = load_scenario(arguments.scenario, arguments.seed)
    from bpstep.debugger.gradients import gradients_checked
    from bpstep.debugger.session import Session
    from bpstep.progress_line import ProgressLine

    session = _looks(arguments, Session(scenario, rule=rule_named(arguments.rule, scenario), epochs=1))
    with ProgressLine.here() as progress:
        rows = gradients_checked(session.moment, report=progress.show)
    ok = all(row.ok for row in rows)
    if arguments.json:
        print_json(
            {
                "ok": ok,
                "worst": max(row.relative for row in rows),
                "rows": [
                    {
                        "cell": str(row.cell), "reverse": row.reverse, "forward": row.forward,
                        "numeric": row.numeric, "relative": row.relative, "verdict": row.verdict,
                    }
                    for row in rows
                ],
            }
        )  # fmt: skip
    else:
        from bpstep.view.panes.compare import check_lines

        options = session.options
        print_lines(check_lines(rows, options.digits, _names(arguments, session)), options.glyphs)
    return OK if ok else FAILED


def _diff_arguments(parser: ArgumentParser) -> None:
    scenario_argument(parser)
    parser.add_argument("--rule", required=True, metavar="RULE", help="the wrong rule")
    json_argument(parser)
    looks_arguments(parser, *_OF_TEXT)


def _diff(arguments: Namespace) -> int:
    scenario = load_scenario(arguments.scenario, arguments.seed)
    from bpstep.debugger.gradients import rules_compared
    from bpstep.debugger.session import Session
    from bpstep.progress_line import ProgressLine

    session, rule = _looks(arguments, Session(scenario)), rule_named(arguments.rule, scenario)
    with ProgressLine.here() as progress:
        session.listener = progress.listener
        found = rules_compared(session, rule)
    if arguments.json:
        first = found.first
        step = first and {
            "step": first.correct.number, "cell": str(first.correct.cell),
            "correct": first.correct.value, "rule": first.rule.value,
        }  # fmt: skip
        table = [
            {"cell": str(row.cell), "correct": row.correct, "rule": row.rule, "ratio": row.ratio}
            for row in found.rows
        ]
        turns = [
            {"layer": turn.layer or None, "degrees": turn.degrees, "length": turn.length}
            for turn in found.turns
        ]
        print_json({"rule": rule.name, "first": step, "rows": table, "turns": turns})
        return OK
    from bpstep.view.panes.compare import diff_lines

    options = session.options
    print_lines(diff_lines(session, found, options.digits, _names(arguments, session)), options.glyphs)
    return OK


def _work_arguments(parser: ArgumentParser) -> None:
    scenario_argument(parser)
    json_argument(parser)
    looks_arguments(parser, "glyphs")


def _work(arguments: Namespace) -> int:
    scenario = load_scenario(arguments.scenario, arguments.seed)
    from bpstep.engine.build import build
    from bpstep.engine.work import work_of

    work = work_of(build(scenario.problem))
    if arguments.json:
        counts = {"by_hand": work.by_hand, "forward": work.forward, "reverse": work.reverse}
        print_json({"parameters": work.parameters, "paths": work.paths, "multiplications": counts})
        return OK
    from bpstep.debugger.options import Options
    from bpstep.view.panes.work import work_lines

    print_lines(work_lines(scenario.problem, work), looks_of(arguments, Options()).glyphs)
    return OK


ROWS = (
    Subcommand("trace", "every step as JSON lines, text or CSV", _trace_arguments, _trace),
    Subcommand("check", "every gradient by three independent ways", _check_arguments, _check),
    Subcommand("diff", "a wrong rule beside the right one", _diff_arguments, _diff),
    Subcommand(
        "work", "multiplications by hand, in forward mode and in reverse mode", _work_arguments, _work
    ),
)
