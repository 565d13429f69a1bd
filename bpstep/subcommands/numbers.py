"""Subcommands that print what a run computes: trace, check, diff, work."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

from bpstep.subcommands import (
    FAILED,
    OK,
    RUNNING,
    Subcommand,
    UsageError,
    json_argument,
    load_scenario,
    print_json,
    print_lines,
    rule_named,
    scenario_argument,
    tell,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bpstep.engine.cells import Cell
    from bpstep.scenario.model import Scenario

__all__ = ["ROWS"]


def _trace_arguments(parser: ArgumentParser) -> None:
    scenario_argument(parser)
    parser.add_argument("--format", choices=("jsonl", "text", "csv"), default="jsonl", help="default: jsonl")
    parser.add_argument("--epochs", type=_positive, metavar="N", help="instead of the file's")
    parser.add_argument(
        "--last", action="store_true", help="the last epoch only, under the numbers of the whole run"
    )
    parser.add_argument("--rule", default="correct", metavar="NAME", help="back-propagate by a wrong rule")
    parser.add_argument("--mode", choices=("reverse", "forward"), default="reverse", help="default: reverse")
    parser.add_argument("--wrt", metavar="CELL", help="with --mode forward: what tangents are taken by")


def _positive(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 10**9:
        raise ValueError(text)
    return int(text)


_positive.__name__ = "whole number from 1 on"


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
    broken = write_trace(scenario, run, arguments.format, sys.stdout, last_epoch=arguments.last)
    if broken is None:
        return OK
    tell(f"step {broken.number}: {broken.formula} is {broken.value}: the first value that is not finite")
    return RUNNING


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
    parser.add_argument("--rule", default="correct", metavar="NAME", help="check a wrong rule")
    json_argument(parser)


def _check(arguments: Namespace) -> int:
    scenario = load_scenario(arguments.scenario, arguments.seed)
    from bpstep.debugger.gradients import gradients_checked
    from bpstep.debugger.session import Session
    from bpstep.progress_line import ProgressLine

    session = Session(scenario, rule=rule_named(arguments.rule, scenario), epochs=1)
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

        print_lines(check_lines(rows))
    return OK if ok else FAILED


def _diff_arguments(parser: ArgumentParser) -> None:
    scenario_argument(parser)
    parser.add_argument("--rule", required=True, metavar="NAME", help="the wrong rule")
    json_argument(parser)


def _diff(arguments: Namespace) -> int:
    scenario = load_scenario(arguments.scenario, arguments.seed)
    from bpstep.debugger.gradients import rules_compared
    from bpstep.debugger.session import Session
    from bpstep.progress_line import ProgressLine

    session, rule = Session(scenario), rule_named(arguments.rule, scenario)
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

    print_lines(diff_lines(session, found))
    return OK


def _work_arguments(parser: ArgumentParser) -> None:
    scenario_argument(parser)
    json_argument(parser)


def _work(arguments: Namespace) -> int:
    scenario = load_scenario(arguments.scenario, arguments.seed)
    from bpstep.engine.build import build
    from bpstep.engine.work import work_of

    work = work_of(build(scenario.problem))
    if arguments.json:
        counts = {"by_hand": work.by_hand, "forward": work.forward, "reverse": work.reverse}
        print_json({"parameters": work.parameters, "paths": work.paths, "multiplications": counts})
        return OK
    from bpstep.view.panes.work import work_lines

    print_lines(work_lines(scenario.problem, work))
    return OK


ROWS = (
    Subcommand("trace", "every step as JSON lines, text or CSV", _trace_arguments, _trace),
    Subcommand("check", "every gradient by three independent ways", _check_arguments, _check),
    Subcommand("diff", "a wrong rule beside the right one", _diff_arguments, _diff),
    Subcommand(
        "work", "multiplications by hand, in forward mode and in reverse mode", _work_arguments, _work
    ),
)
