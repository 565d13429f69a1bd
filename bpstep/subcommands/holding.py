"""Subcommands for those who wrote back-propagation themselves: compare, stub, mutants."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from bpstep.subcommands import (
    FAILED,
    OK,
    Subcommand,
    UsageError,
    json_argument,
    load_scenario,
    print_json,
    scenario_argument,
    typed,
)
from bpstep.visible import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bpstep.comparison.report import Report
    from bpstep.scenario.model import Scenario

__all__ = ["ROWS"]


def _compare_arguments(parser: ArgumentParser) -> None:
    scenario_argument(parser)
    parser.add_argument(
        "numbers", metavar="NUMBERS", nargs="*",
        help="what your program computed: JSON, CSV, NPZ, NPY, MAT or a trace; - reads standard input",
    )  # fmt: skip
    parser.add_argument("--layout", choices=("out,in", "in,out"), default="", help="how square weights lie")
    parser.add_argument("--rel", type=_relative, metavar="R", help="the relative difference that is let pass")
    parser.add_argument(
        "--update", type=_counted, metavar="N", default=1, help="the pass before the Nth update"
    )
    parser.add_argument(
        "--format", choices=("text", "json", "gradescope"), default="text", help="default: text"
    )
    json_argument(parser)


def _relative(text: str) -> float:
    number = float(text)
    if not 0.0 < number < 1.0:
        raise ValueError(text)
    return number


def _counted(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 10**9:
        raise ValueError(text)
    return int(text)


_relative.__name__ = "number between 0 and 1"
_counted.__name__ = "whole number from 1 on"


def _compare(arguments: Namespace) -> int:
    scenario = load_scenario(arguments.scenario, arguments.seed)
    if not arguments.numbers:
        raise UsageError("expected a file of numbers; bpstep stub SCENARIO prints a program that writes one")
    report = _report(arguments, scenario)
    from bpstep.comparison.wording import gradescope, report_document, report_lines

    if arguments.json or arguments.format == "json":
        print_json(report_document(report))
    elif arguments.format == "gradescope":
        print_json(gradescope(report))
    else:
        print("\n".join(visible(line) for line in report_lines(report, _look(report, arguments.scenario))))
    return OK if report.ok else FAILED


def _report(arguments: Namespace, scenario: Scenario) -> Report:
    from bpstep.comparison.reading import NumbersError, read_numbers
    from bpstep.comparison.report import compare_numbers
    from bpstep.engine.run import Run
    from bpstep.files import expanded

    run = Run(scenario.problem, scenario.training)
    if arguments.update > run.timeline.batches:
        raise UsageError(f"there is no update {arguments.update}; the run has {run.timeline.batches}")
    names = [name for word in arguments.numbers for name in ([word] if word == "-" else expanded([word], ""))]
    try:
        entries = [entry for name in names for entry in read_numbers(name)]
        return compare_numbers(
            run, entries, scenario=scenario.name, source=", ".join(names), notation=scenario.notation,
            layout=arguments.layout, relative=arguments.rel, batch=arguments.update - 1,
        )  # fmt: skip
    except NumbersError as error:
        raise UsageError(str(error)) from None


def _look(report: Report, scenario: str) -> str:
    """The command that shows the first wrong number's step."""
    if not report.first or not report.first[0].step:
        return ""
    return f"echo 'goto {report.first[0].step}\nexplain' | bpstep repl {typed(scenario)}".replace("\n", "\\n")


ROWS = (
    Subcommand(
        "compare", "your own numbers beside the right ones: the first wrong one, and the mistake",
        _compare_arguments, _compare,
    ),
)  # fmt: skip
